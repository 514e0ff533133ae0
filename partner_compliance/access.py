"""The door of every room: who is asking, for what, and may they?

`Principal` is what the house knows of the reader, read once a request; `scope()` and `load()` are the one
place that decides what lies within a reader's reach: anything outside it does not exist for them (404).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, current_app, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from partner_compliance.acts import Actor
from partner_compliance.database import Base
from partner_compliance.errors import NotAllowed, NotFound
from partner_compliance.web import SAFE_METHODS, database_session

View = Callable[..., Any]
Rule = Callable[..., bool]
Row = TypeVar("Row", bound=Base)


class Role(StrEnum):
    """What a person may be in an organization, in a municipality, or for the platform."""

    WORKER = "worker"
    CENTER_HEAD = "center_head"
    PROTECTION_OFFICER = "protection_officer"
    REPRESENTATIVE = "representative"
    MUNICIPAL_OFFICER = "municipal_officer"
    OPERATOR = "operator"
    #: Office staff of a network; in a member organization only as far as that member's mandate goes.
    NETWORK_OFFICE = "network_office"

    @property
    def label(self) -> str:
        """The role's name on screens."""
        return _ROLE_LABELS[self]


_ROLE_LABELS = {
    Role.WORKER: "従事者",
    Role.CENTER_HEAD: "センター長",
    Role.PROTECTION_OFFICER: "個人情報責任者",
    Role.REPRESENTATIVE: "代表者",
    Role.MUNICIPAL_OFFICER: "自治体担当者",
    Role.OPERATOR: "運営",
    Role.NETWORK_OFFICE: "ネットワーク事務局",
}

#: Whoever holds one of these can see or change what many people entered, and signs in with a second factor.
NEEDS_FACTOR = frozenset({Role.PROTECTION_OFFICER, Role.MUNICIPAL_OFFICER, Role.OPERATOR})
#: Strengths of a sign-in that hold two factors, or (a passkey on a device that knows its owner) stand for two.
TWO_FACTORS = frozenset({"password+totp", "password+recovery", "password+passkey", "passkey"})
#: One click in a demo; nothing there is anybody's.
DEMO = "demo"
#: A shared tablet, where a short number says who is there: never a proof.
KIOSK = "kiosk"


class Entrusted(StrEnum):
    """What a member of a network can let the network's office do for it."""

    PAPER = "paper"
    HEADS = "heads"

    @property
    def label(self) -> str:
        """The task's name on screens."""
        return {
            Entrusted.PAPER: "紙のシートを入力する",
            Entrusted.HEADS: "センター長のシートを確認する",
        }[self]


@dataclass(frozen=True)
class Standing:
    """One role a person holds today, and where: in an organization (as which roster row, for which center) or
    in a municipality.

    With `network_id` it is a network's office acting for the organization: as far as `entrusted` says, no further.
    """

    role: Role
    organization_id: UUID | None = None
    worker_id: UUID | None = None
    center_id: UUID | None = None
    municipality_id: UUID | None = None
    network_id: UUID | None = None
    network_name: str = ""
    entrusted: frozenset[Entrusted] = frozenset()


@dataclass(frozen=True)
class Principal:
    """The reader: account, roles held today, and a select of the partners whose engagement is valid today."""

    user_id: UUID
    name: str
    strength: str = "password"
    standings: tuple[Standing, ...] = ()
    partners: Select[UUID] | None = None
    #: The shared tablet at which the reader is; only pages marked `opens_at_kiosks` open there.
    kiosk_id: UUID | None = None
    #: Whether the reader has proved within the last minutes who they are (at signing in, or since).
    proved_lately: bool = False

    @property
    def needs_factor(self) -> bool:
        """Whether the reader holds a role that asks for a second factor."""
        return any(held.role in NEEDS_FACTOR for held in self.standings)

    @property
    def lacks_factor(self) -> bool:
        """Whether the reader has to set up a second factor before anything else."""
        return self.needs_factor and self.strength not in TWO_FACTORS and self.strength != DEMO

    @property
    def is_at_kiosk(self) -> bool:
        """Whether the reader stands at a shared tablet."""
        return self.strength.startswith(KIOSK)

    @property
    def actor(self) -> Actor:
        """The reader as the history names them."""
        return Actor(self.user_id, self.name, self.strength)

    @property
    def organization_ids(self) -> frozenset[UUID]:
        """The organizations in which the reader holds a role."""
        return frozenset(
            held.organization_id for held in self.standings if held.organization_id and not held.network_id
        )

    @property
    def entrusting_ids(self) -> frozenset[UUID]:
        """The members of a network whose mandate lets the reader act for them today."""
        return frozenset(held.organization_id for held in self.standings if held.organization_id and held.network_id)

    def is_entrusted(self, organization_id: UUID, *tasks: Entrusted) -> bool:
        """Whether the reader may do any of these for that member of a network; any task at all when none is named."""
        return any(
            held.network_id is not None
            and held.organization_id == organization_id
            and bool(held.entrusted & frozenset(tasks or Entrusted))
            for held in self.standings
        )

    def network_in(self, organization_id: UUID) -> str:
        """The name of the network for which the reader may act in that organization; empty when there is none."""
        held = [each for each in self.standings if each.network_id and each.organization_id == organization_id]
        return held[0].network_name if held else ""

    @property
    def municipality_ids(self) -> frozenset[UUID]:
        """The municipalities for which the reader works."""
        return frozenset(held.municipality_id for held in self.standings if held.municipality_id)

    @property
    def worker_ids(self) -> frozenset[UUID]:
        """The roster rows that are the reader."""
        return frozenset(held.worker_id for held in self.standings if held.worker_id)

    def is_(self, role: Role, organization_id: UUID | None = None) -> bool:
        """Whether the reader holds a role, in that organization when one is named."""
        return any(
            held.role is role
            and (organization_id is None or (held.organization_id == organization_id and not held.network_id))
            for held in self.standings
        )

    @property
    def spoken_for(self) -> frozenset[UUID]:
        """The organizations for which the reader speaks: as protection officer or as representative."""
        return frozenset(
            held.organization_id
            for held in self.standings
            if held.role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE)
            and held.organization_id
            and not held.network_id
        )

    def heads(self, organization_id: UUID, center_id: UUID) -> bool:
        """Whether the reader is the head of that center."""
        return any(
            held.role is Role.CENTER_HEAD and (held.organization_id, held.center_id) == (organization_id, center_id)
            for held in self.standings
        )

    @property
    def headed_centers(self) -> frozenset[tuple[UUID, UUID]]:
        """(organization, center) of every center the reader heads."""
        return frozenset(
            (held.organization_id, held.center_id)
            for held in self.standings
            if held.role is Role.CENTER_HEAD and held.organization_id and held.center_id
        )


def scope(query: Select[*tuple[Any, ...]], model: type[Base], principal: Principal) -> Select[*tuple[Any, ...]]:
    """The query, narrowed to the rows of `model` within the reader's reach.

    An organization's rows are reached through a role in it, or, where the model is `seen_by_partners`, through an
    engagement valid today; a municipality's rows through a role in it; a row between the two (`counterpart_column`)
    through a role in either; the operator reaches the tenants themselves; a person's own things are reached by that
    person alone. A network's office reaches of its members what is `reached_by_networks`, while their mandate holds.
    """
    if model.owner_column:
        return query.where(getattr(model, model.owner_column) == principal.user_id)
    if principal.is_(Role.OPERATOR) and model.__tablename__ in ("organization", "municipality"):
        return query
    column = getattr(model, model.tenant_column)
    if model.tenant_column == "municipality_id" or model.__tablename__ == "municipality":
        return query.where(column.in_(sorted(principal.municipality_ids)))
    within = column.in_(sorted(principal.organization_ids))
    if model.seen_by_partners and principal.partners is not None:
        within = or_(within, column.in_(principal.partners))
    if model.counterpart_column:
        counterpart = getattr(model, model.counterpart_column)
        within = or_(within, counterpart.in_(sorted(principal.municipality_ids)))
    if model.reached_by_networks and principal.entrusting_ids:
        within = or_(within, column.in_(sorted(principal.entrusting_ids)))
    return query.where(within)


def load(session: Session, model: type[Row], row_id: UUID, principal: Principal) -> Row:
    """The row with that id within the reader's reach; raises NotFound otherwise."""
    found: Row | None = session.scalar(scope(select(model).where(model.id == row_id), model, principal))  # type: ignore[attr-defined]
    if found is None:
        raise NotFound
    return found


class SignInNeeded(Exception):
    """Nobody is signed in; the accounts room sends the reader to its door."""


class NotAtKiosks(NotAllowed):
    message = "この画面は、共用端末では開けません。"
    what_to_do = "ホームに戻るか、「終了する」を押してください。"


def opens_at_kiosks(view: View) -> View:
    """Let a page open at a shared tablet too: the worker's own tasks do, nothing else."""
    view.opens_at_kiosks = True  # type: ignore[attr-defined]  # functions take attributes; their type does not say so
    return view


class FactorNeeded(Exception):
    """The reader's role asks for a second factor, and they have none; the accounts room leads them to set one up."""


def anyone(principal: Principal) -> bool:
    """The rule of pages that every signed-in person may open."""
    return True


def guarded(rule: Rule, /, **subject: type[Base]) -> Callable[[View], View]:
    """Open the view only if `rule(principal, *subject)` says yes, and hand it both.

    `sheet=CheckSheet` turns `<uuid:sheet_id>` in the URL into a `sheet` argument. A stranger is sent to sign in,
    someone whose role asks for a second factor and who has none to set one up; a row outside the reader's reach is
    404, a rule that says no is 403.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def door(**url_values: Any) -> Any:
            principal: Principal | None = g.get("principal")
            if principal is None:
                raise SignInNeeded
            if principal.kiosk_id is not None and not getattr(door, "opens_at_kiosks", False):
                raise NotAtKiosks
            if principal.lacks_factor and not getattr(view, "without_factor", False):
                raise FactorNeeded
            found = {
                name: load(database_session(), model, url_values.pop(f"{name}_id"), principal)
                for name, model in subject.items()
            }
            if not rule(principal, *found.values()):
                raise NotAllowed
            return view(principal, **found, **url_values)

        door.rule = rule  # type: ignore[attr-defined]  # functions take attributes; their type does not say so
        door.subject = subject  # type: ignore[attr-defined]  # functions take attributes; their type does not say so
        return door

    return decorate


def without_factor(view: View) -> View:
    """Say that a view is also for those who still have to set up their second factor: it is part of doing so."""
    view.without_factor = True  # type: ignore[attr-defined]  # functions take attributes; their type does not say so
    return view


def proved_lately(view: View) -> View:
    """Let the view do its act only for someone who has proved within the last minutes who they are.

    Stands below `guarded`, so that the rule is asked first. Others are shown a page that asks for the proof and carries
    along what they sent, so that the act happens as soon as they have given it. Reading the page needs no proof.
    """
    return _proved(view, also_to_read=False)


def proved_lately_to_read(view: View) -> View:
    """The same for a view whose reading is the act: a download of personal data, a secret that is shown."""
    return _proved(view, also_to_read=True)


def proof_asked_of(principal: Principal) -> ResponseReturnValue | None:
    """The page that asks for a proof, for a view where only some of what is sent needs one; None when it is there."""
    # The accounts room looks for a proof in the request; it answers with its page while there is none.
    page: ResponseReturnValue | None = current_app.extensions["ask_for_proof"](principal)
    return page


def _proved(view: View, *, also_to_read: bool) -> View:
    @wraps(view)
    def asked(principal: Principal, **values: Any) -> Any:
        if also_to_read or request.method not in SAFE_METHODS:
            page = proof_asked_of(principal)
            if page is not None:
                return page
        return view(principal, **values)

    # Which views ask is what a test holds fast.
    asked.proved = True  # type: ignore[attr-defined]  # functions take attributes; their type does not say so
    return asked


def public(view: View) -> View:
    """Say out loud that this view is for everyone, signed in or not."""
    view.rule = public  # type: ignore[attr-defined]  # functions take attributes; their type does not say so
    return view


def by_token(view: View) -> View:
    """Say that a view is for machines that show a token: no cookie opens it, and its `scope` says what a token needs.

    The room of the API makes such doors (`with_token`); here is only what the house knows them by.
    """
    view.rule = by_token  # type: ignore[attr-defined]  # functions take attributes; their type does not say so
    return view


def check_every_door(app: Flask) -> None:
    """Refuse to start if any view forgot to say who may enter, or one for machines which token opens it."""
    views = {name: view for name, view in app.view_functions.items() if name != "static"}
    open_doors = sorted(
        name
        for name, view in views.items()
        if not hasattr(view, "rule") or (view.rule is by_token and not hasattr(view, "scope"))
    )
    if open_doors:
        raise RuntimeError(f"views without @guarded, @public or @with_token: {', '.join(open_doors)}")
