"""Acts that count: what an operation did, waiting in the session until the history writes it down.

An operation says `record(session, Act(…))`; the history room appends every waiting act to its log
as the last thing before the transaction commits, so that the act and its entry stand or fall together
and the log is locked as briefly as possible. A session whose acts nobody would write refuses to commit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Actor:
    """Who acts: the account, the name it bore at that moment, and how it proved itself.

    `strength` is `password`, `password+totp`, `password+recovery`, `password+passkey`, `passkey`, `demo`, `link`
    (one-time link), `kiosk` (PIN at a shared tablet), `token` (a municipality's system), `system` (the scheduler) or
    `operator` (command line).
    """

    user_id: UUID | None
    name: str
    strength: str


SYSTEM = Actor(None, "システム", "system")

#: The log of the platform itself, for acts that belong to no organization and no municipality.
PLATFORM_LOG = UUID(int=0)


@dataclass(frozen=True)
class Act:
    """One act for one log.

    `log_id` is the id of the organization, municipality or platform whose log it goes into, `name` a dotted
    word such as `sheet.signed_off`, `at` the moment (UTC), `subject_id` the worker or account whose record was
    touched, `content` the facts that the entry's digest binds, `before` the state it replaced,
    `details` plain words and counts to show (never answers, notes or other personal data).
    """

    log_id: UUID
    name: str
    at: datetime
    actor: Actor
    subject_id: UUID | None = None
    object_kind: str = ""
    object_id: UUID | None = None
    content: Mapping[str, Any] | None = None
    before: str = ""
    details: Mapping[str, str | int | bool | None] = field(default_factory=dict)
    #: Somebody looked at a record: that stays true when the page they asked for ends in a refusal.
    is_look: bool = False


def record(session: Session, act: Act) -> None:
    """Let an act wait for the commit that makes it history."""
    session.info.setdefault("acts", []).append(act)


def waiting(session: Session) -> list[Act]:
    """The acts that wait in a session, in the order in which they happened."""
    return session.info.get("acts", [])  # type: ignore[no-any-return]


def take_waiting(session: Session) -> list[Act]:
    """Empty the session's waiting acts into the caller's hands."""
    return session.info.pop("acts", [])  # type: ignore[no-any-return]


class Contents:
    """Reads the facts behind log entries, for the verification that tables and log still agree."""

    def __init__(self, model: Any, content: Any, covered: Any = None) -> None:
        self._model = model
        #: The log of a row is that of its tenant.
        self._log = getattr(model, model.tenant_column)
        self._content = content
        self._covered = covered

    def __call__(self, session: Session, log_id: UUID, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, Any] | None]:
        """The content of each row with one of the ids; None where it was erased, no key where the row is gone."""
        rows = session.scalars(
            select(self._model).where(self._log == log_id, self._model.id.in_(ids)),
            execution_options={"populate_existing": True},
        )
        return {row.id: self._content(row) for row in rows}

    def ids(self, session: Session, log_id: UUID) -> Iterable[UUID]:
        """Every row of the tenant that some log entry has to cover."""
        query = select(self._model.id).where(self._log == log_id)
        if self._covered is not None:
            query = query.where(self._covered)
        return session.scalars(query)
