"""What can be read about tokens and their use, and what the API answers with."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session
from stdnum.jp import cn

from partner_compliance.accounts.models import MunicipalityRole, Throttle
from partner_compliance.api.models import ApiCall, ApiToken, ApiTokenEnd
from partner_compliance.history.entries import Entry, parse
from partner_compliance.history.models import LogLeaf, LogState
from partner_compliance.organizations.models import Engagement, Municipality, Organization
from partner_compliance.organizations.queries import is_valid_on, partners_on

_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_NUMBER = re.compile(r"[0-9]{13}")
#: How often a token may ask within how long.
MOST_CALLS, WITHIN = 120, timedelta(minutes=1)


# --- tokens -----------------------------------------------------------------------------------------------------


class TokenState(StrEnum):
    """Whether a token opens anything."""

    USABLE = "usable"
    EXPIRED = "expired"
    REVOKED = "revoked"

    @property
    def label(self) -> str:
        """The state's name on screens."""
        return {TokenState.USABLE: "使えます", TokenState.EXPIRED: "期限切れ", TokenState.REVOKED: "取り消し済み"}[self]

    @property
    def badge(self) -> str:
        """The look of the state's badge."""
        return {TokenState.USABLE: "signed_off", TokenState.EXPIRED: "late", TokenState.REVOKED: "excused"}[self]


def state_of(token: ApiToken, is_revoked: bool, today: date) -> TokenState:
    """Whether a token opens anything on a day."""
    if is_revoked:
        return TokenState.REVOKED
    return TokenState.EXPIRED if token.expires_on < today else TokenState.USABLE


class Known(NamedTuple):
    """A token that was shown: whose it is, and what speaks against it."""

    token: ApiToken
    municipality: Municipality
    is_revoked: bool
    #: Whether anybody is in post who answers for the municipality's tokens.
    has_officer: bool


_IN_POST = (
    exists()
    .where(MunicipalityRole.municipality_id == ApiToken.municipality_id, MunicipalityRole.ended_at.is_(None))
    .correlate(ApiToken)
)
_IS_REVOKED = (
    exists()
    .where(ApiTokenEnd.municipality_id == ApiToken.municipality_id, ApiTokenEnd.token_id == ApiToken.id)
    .correlate(ApiToken)
)
_KNOWN = (
    select(ApiToken, Municipality, _IS_REVOKED, _IN_POST)
    .join(Municipality, Municipality.id == ApiToken.municipality_id)
    .where(ApiToken.digest == bindparam("digest"))
)


def token_with(session: Session, digest: str) -> Known | None:
    """The token whose secret has that digest."""
    found = session.execute(_KNOWN, {"digest": digest}).one_or_none()
    return Known._make(found) if found is not None else None


def end_of(session: Session, token: ApiToken) -> ApiTokenEnd | None:
    """When and by whom a token was taken back."""
    return session.scalar(
        select(ApiTokenEnd).where(
            ApiTokenEnd.municipality_id == token.municipality_id, ApiTokenEnd.token_id == token.id
        )
    )


@dataclass(frozen=True)
class Shown:
    """A token as the officers see it."""

    token: ApiToken
    state: TokenState
    last_used_at: datetime | None
    #: Whether whoever made it is still an officer of the municipality.
    maker_in_post: bool


def how_many(session: Session, municipality_id: UUID) -> int:
    """How many tokens a municipality has ever made."""
    return session.scalar(select(func.count()).where(ApiToken.municipality_id == municipality_id)) or 0


def how_many_usable(session: Session, municipality_id: UUID, *, today: date) -> int:
    """How many tokens of a municipality open something on a day."""
    query = select(func.count()).where(
        ApiToken.municipality_id == municipality_id, ApiToken.expires_on >= today, ~_IS_REVOKED
    )
    return session.scalar(query) or 0


def tokens_of(session: Session, municipality_id: UUID, *, today: date, limit: int, offset: int = 0) -> list[Shown]:
    """A municipality's tokens, newest first."""
    rows = session.execute(
        _shown().where(ApiToken.municipality_id == municipality_id)
        .order_by(ApiToken.made_at.desc(), ApiToken.id).limit(limit).offset(offset)
    )  # fmt: skip
    return [_as_shown(row, today) for row in rows]


def shown(session: Session, token: ApiToken, *, today: date) -> Shown:
    """One token as the officers see it."""
    query = _shown().where(ApiToken.municipality_id == token.municipality_id, ApiToken.id == token.id)
    return _as_shown(session.execute(query).one(), today)


def _shown() -> Any:
    last_used = (
        select(func.max(ApiCall.at))
        .where(ApiCall.municipality_id == ApiToken.municipality_id, ApiCall.token_id == ApiToken.id)
        .correlate(ApiToken)
        .scalar_subquery()
    )
    maker_in_post = (
        exists()
        .where(
            MunicipalityRole.municipality_id == ApiToken.municipality_id,
            MunicipalityRole.user_id == ApiToken.by_id,
            MunicipalityRole.ended_at.is_(None),
        )
        .correlate(ApiToken)
    )
    return select(ApiToken, _IS_REVOKED, last_used, maker_in_post)


def _as_shown(row: Any, today: date) -> Shown:
    token, is_revoked, last_used_at, maker_in_post = row
    return Shown(token, state_of(token, is_revoked, today), last_used_at, maker_in_post)


# --- use --------------------------------------------------------------------------------------------------------


def counter_of(token_id: UUID) -> str:
    """Under which key the uses of a token are counted."""
    return f"api:{token_id.hex}"


def uses_and_wait(session: Session, token_id: UUID, *, now: datetime) -> tuple[int, timedelta]:
    """How often a token was used in the minute that runs, and how long that still lasts."""
    row = session.execute(
        select(Throttle.count, Throttle.blocked_until).where(Throttle.key == counter_of(token_id))
    ).one_or_none()
    if row is None:
        return 0, timedelta()
    uses, until = row
    # A later end than we ever set comes from a clock that ran ahead and was put right.
    return (uses, until - now) if until is not None and now < until <= now + WITHIN else (0, timedelta())


class Call(NamedTuple):
    """One use, with the name of the partner it was about."""

    call: ApiCall
    organization: str | None


def calls_of(session: Session, token: ApiToken, *, before: UUID | None = None, limit: int = 50) -> list[Call]:
    """The uses of a token, newest first; from the one after `before` on."""
    query = (
        select(ApiCall, Organization.name)
        .outerjoin(Organization, Organization.id == ApiCall.organization_id)
        .where(ApiCall.municipality_id == token.municipality_id, ApiCall.token_id == token.id)
        .order_by(ApiCall.at.desc(), ApiCall.id.desc())
        .limit(limit)
    )
    if before is not None:
        last = select(ApiCall.at, ApiCall.id).where(
            ApiCall.municipality_id == token.municipality_id, ApiCall.token_id == token.id, ApiCall.id == before
        )
        found = session.execute(last).one_or_none()
        if found is None:
            return []
        query = query.where(ApiCall.at <= found.at, or_(ApiCall.at < found.at, tuple_(ApiCall.id) < tuple_(found.id)))
    return [Call._make(row) for row in session.execute(query)]


# --- partners ---------------------------------------------------------------------------------------------------


def partners_named(session: Session, municipality_id: UUID, name: str, *, today: date) -> list[Organization]:
    """The partners of today that a UUID or a 法人番号 (13 digits with the right check digit) names: one, or none.

    Two only where two groups are registered under one number.
    """
    if _UUID.fullmatch(name):
        is_meant = Organization.id == UUID(name)
    elif _NUMBER.fullmatch(name) and cn.is_valid(name):
        is_meant = Organization.corporate_number == name
    else:
        return []
    query = select(Organization).where(Organization.id.in_(partners_on([municipality_id], today)), is_meant)
    return list(session.scalars(query.limit(2)))


class Partner(NamedTuple):
    """A partner of today with the engagements that make it one."""

    organization: Organization
    engagements: list[Engagement]


def partners_after(
    session: Session, municipality_id: UUID, after: UUID | None, *, today: date, limit: int
) -> list[Partner]:
    """The partners of today in the order of their ids, from the one after `after` on."""
    query = select(Organization).where(Organization.id.in_(partners_on([municipality_id], today)))
    if after is not None:
        query = query.where(Organization.id > after)
    found = list(session.scalars(query.order_by(Organization.id).limit(limit)))
    engagements: dict[UUID, list[Engagement]] = {}
    for each in session.scalars(
        select(Engagement)
        .where(
            Engagement.municipality_id == municipality_id,
            Engagement.organization_id.in_([one.id for one in found]),
            is_valid_on(today),
        )
        .order_by(Engagement.starts_on, Engagement.id)
    ):
        engagements.setdefault(each.organization_id, []).append(each)
    return [Partner(one, engagements.get(one.id, [])) for one in found]


# --- changes ----------------------------------------------------------------------------------------------------

#: Acts in a municipality's log that its systems are told of. None of them names a person in what is passed on.
TOLD_ACTS = (
    "engagement.proposed",
    "engagement.accepted",
    "engagement.declined",
    "engagement.withdrawn",
    "engagement.started",
    "engagement.change_proposed",
    "engagement.changed",
    "engagement.ended",
    "clauses.recorded",
    "place.notice_sent",
    "place.notice_received",
    "place.notice_approved",
    "place.notice_refused",
)


class About(NamedTuple):
    """The organization that something is about, and the engagement where it is about one."""

    organization_id: UUID
    engagement: Engagement | None = None


def _about_engagements(session: Session, municipality_id: UUID, ids: Sequence[UUID]) -> dict[UUID, About]:
    rows = session.scalars(
        select(Engagement).where(Engagement.municipality_id == municipality_id, Engagement.id.in_(ids))
    )
    return {each.id: About(each.organization_id, each) for each in rows}


#: For each kind of object in those acts: (session, municipality, ids) → {id: what it is about}.
FINDERS: Mapping[str, Callable[[Session, UUID, Sequence[UUID]], dict[UUID, About]]] = {
    "engagement": _about_engagements,
}


class Change(NamedTuple):
    """Something that happened between a municipality and an organization."""

    entry: Entry
    about: About | None
    #: The organization, where it is a partner today; of others only the id is told.
    partner: Organization | None


@dataclass(frozen=True)
class Changes:
    """What happened from a place in the log on, and the place to go on from."""

    changes: list[Change]
    next: int
    more: bool


def size_of_log(session: Session, municipality_id: UUID) -> int:
    """How many entries a municipality's log has."""
    return session.scalar(select(LogState.size).where(LogState.log_id == municipality_id)) or 0


def changes_since(
    session: Session, municipality_id: UUID, since: int, *, size: int, today: date, limit: int
) -> Changes:
    """What happened from entry `since` of the municipality's log on, oldest first, up to entry `size`."""
    rows = session.execute(
        select(LogLeaf.idx, LogLeaf.entry)
        .where(
            LogLeaf.log_id == municipality_id,
            LogLeaf.idx >= since,
            LogLeaf.idx < size,
            LogLeaf.act.in_(TOLD_ACTS),
        )
        .order_by(LogLeaf.idx)
        .limit(limit + 1)
    ).all()
    entries = [parse(row.entry) for row in rows[:limit] if row.entry is not None]
    about = _about(session, municipality_id, entries)
    partners = _partners_among(session, municipality_id, {each.organization_id for each in about.values()}, today)
    changes = []
    for entry in entries:
        found = about.get(entry.object_id) if entry.object_id is not None else None
        changes.append(Change(entry, found, partners.get(found.organization_id) if found else None))
    more = len(rows) > limit
    return Changes(changes, rows[limit - 1].idx + 1 if more else size, more)


def _about(session: Session, municipality_id: UUID, entries: Iterable[Entry]) -> dict[UUID, About]:
    ids: dict[str, set[UUID]] = {}
    for entry in entries:
        if entry.object_id is not None:
            ids.setdefault(entry.object_kind, set()).add(entry.object_id)
    found: dict[UUID, About] = {}
    for kind, of_kind in ids.items():
        if kind in FINDERS:
            found |= FINDERS[kind](session, municipality_id, sorted(of_kind))
    return found


def _partners_among(
    session: Session, municipality_id: UUID, ids: Iterable[UUID], today: date
) -> dict[UUID, Organization]:
    query = select(Organization).where(
        Organization.id.in_(sorted(ids)), Organization.id.in_(partners_on([municipality_id], today))
    )
    return {each.id: each for each in session.scalars(query)}
