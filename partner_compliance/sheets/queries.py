"""What can be read about sheets: one statement per question, whatever the number of rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Date, Select, and_, bindparam, case, func, literal, not_, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.accounts.models import OrganizationRole, User
from partner_compliance.accounts.queries import has_own_way_in, is_kiosk_only
from partner_compliance.organizations.models import Center, Organization, Worker
from partner_compliance.organizations.networks import Network, NetworkMembership
from partner_compliance.sheets.models import (
    BinderJob,
    CheckSheet,
    CorrectiveAction,
    EventKind,
    MonthClosure,
    MonthTally,
    SheetDraft,
    SheetEvent,
    SheetState,
    SheetVersion,
)

# --- one sheet --------------------------------------------------------------------------------------------------

# The statements of the page that everyone opens are put together once: doing so costs more than running them.
_events = (
    select(SheetEvent)
    .where(
        SheetEvent.organization_id == bindparam("organization_id"),
        SheetEvent.sheet_id == bindparam("sheet_id"),
    )
    .order_by(SheetEvent.number)
)
_last_event = _events.order_by(None).order_by(SheetEvent.number.desc()).limit(1)
_versions = (
    select(SheetVersion)
    .where(
        SheetVersion.organization_id == bindparam("organization_id"),
        SheetVersion.sheet_id == bindparam("sheet_id"),
    )
    .order_by(SheetVersion.number)
)
_last_version = _versions.order_by(None).order_by(SheetVersion.number.desc()).limit(1)
_posts = select(OrganizationRole.role).where(
    OrganizationRole.organization_id == bindparam("organization_id"),
    OrganizationRole.worker_id == bindparam("worker_id"),
    OrganizationRole.ended_at.is_(None),
)
_people_and_draft = (
    select(Worker, Center, Organization, SheetDraft, has_own_way_in())
    .select_from(Worker)
    .outerjoin(User, User.id == Worker.user_id)
    .join(Organization, Organization.id == Worker.organization_id)
    .join(Center, and_(Center.organization_id == Worker.organization_id, Center.id == bindparam("center_id")))
    .outerjoin(
        SheetDraft,
        and_(SheetDraft.organization_id == Worker.organization_id, SheetDraft.sheet_id == bindparam("sheet_id")),
    )
    .where(Worker.organization_id == bindparam("organization_id"), Worker.id == bindparam("worker_id"))
)


def _of(sheet: CheckSheet) -> dict[str, Any]:
    return {"organization_id": sheet.organization_id, "sheet_id": sheet.id}


def last_event(session: Session, sheet: CheckSheet) -> SheetEvent | None:
    """What happened last to a sheet."""
    return session.scalars(_last_event, _of(sheet)).first()


def last_version(session: Session, sheet: CheckSheet) -> SheetVersion | None:
    """The version submitted last."""
    return session.scalars(_last_version, _of(sheet)).first()


def state_of(session: Session, sheet: CheckSheet) -> SheetState:
    """Where a sheet stands."""
    event = last_event(session, sheet)
    if event is not None:
        return event.kind.state
    draft = session.get(SheetDraft, (sheet.organization_id, sheet.id))
    return SheetState.DRAFT if draft else SheetState.NOT_BEGUN


def posts_of(session: Session, organization_id: UUID, worker_id: UUID) -> frozenset[Role]:
    """The roles that a worker of the roster holds today."""
    return frozenset(session.scalars(_posts, {"organization_id": organization_id, "worker_id": worker_id}))


def has_account(session: Session, worker: Worker) -> bool:
    """Whether a worker can sign in on a device of their own, and not at a shared tablet alone."""
    user = session.get(User, worker.user_id) if worker.user_id else None
    return user is not None and not is_kiosk_only(user)


@dataclass(frozen=True)
class SheetStory:
    """All that is known of one sheet: events and versions in the order in which they came."""

    sheet: CheckSheet
    worker: Worker
    center: Center
    organization: Organization
    draft: SheetDraft | None
    versions: Sequence[SheetVersion]
    events: Sequence[SheetEvent]
    #: Whether the worker can sign in on a device of their own.
    has_account: bool
    #: The network's name for each account of a network's office that acted for the organization.
    networks: Mapping[UUID, str] = field(default_factory=dict)

    def role_of(self, event: SheetEvent) -> str:
        """In which role somebody acted, in words; for a network's office with the network's name."""
        if event.by_role is None:
            return ""
        network = self.networks.get(event.by_id, "") if event.by_id and event.by_role is Role.NETWORK_OFFICE else ""
        return f"{network} {event.by_role.label}".strip()

    @property
    def state(self) -> SheetState:
        """Where the sheet stands."""
        if self.events:
            return self.events[-1].kind.state
        return SheetState.DRAFT if self.draft else SheetState.NOT_BEGUN

    @property
    def version(self) -> SheetVersion | None:
        """The version submitted last."""
        return self.versions[-1] if self.versions else None

    @property
    def first_submitted_on(self) -> date | None:
        """The day of the first submission."""
        return next((event.happened_on for event in self.events if event.kind is EventKind.SUBMITTED), None)

    def is_late(self, today: date) -> bool:
        """Whether it came, or still is to come, after the due day; late stays late."""
        if self.state is SheetState.EXCUSED:
            return False
        return (self.first_submitted_on or today) > self.sheet.due_on

    def event_of(self, version: SheetVersion, kind: EventKind) -> SheetEvent | None:
        """What happened to one of the versions."""
        return next((e for e in self.events if e.version_id == version.id and e.kind is kind), None)


def story_of(session: Session, sheet: CheckSheet) -> SheetStory:
    """The story of one sheet, in at most three statements."""
    worker, center, organization, draft, has_account = session.execute(
        _people_and_draft, {**_of(sheet), "worker_id": sheet.worker_id, "center_id": sheet.center_id}
    ).one()
    events = session.scalars(_events, _of(sheet)).all()
    versions = session.scalars(_versions, _of(sheet)).all() if events else ()
    networks = offices_among(session, sheet.organization_id, events)
    return SheetStory(sheet, worker, center, organization, draft, versions, events, bool(has_account), networks)


def offices_among(session: Session, organization_id: UUID, events: Iterable[SheetEvent]) -> dict[UUID, str]:
    """The networks whose office acted in these events, by account; asks nothing when there is none."""
    acted = {event.by_id for event in events if event.by_role is Role.NETWORK_OFFICE and event.by_id is not None}
    if not acted:
        return {}
    found = session.execute(
        select(OrganizationRole.user_id, Network.name)
        .join(Network, Network.organization_id == OrganizationRole.organization_id)
        .join(NetworkMembership, NetworkMembership.network_id == Network.organization_id)
        .where(
            OrganizationRole.user_id.in_(sorted(acted)),
            OrganizationRole.role == Role.NETWORK_OFFICE,
            NetworkMembership.organization_id == organization_id,
        )
        .order_by(NetworkMembership.joined_at)
    )
    return {row.user_id: row.name for row in found}


# --- a center's month -------------------------------------------------------------------------------------------

_Last = aliased(SheetEvent)
_Any = aliased(SheetEvent)


def last_number() -> Any:
    """The number of the last event of a sheet, within a query for sheets."""
    return (
        select(func.max(_Any.number))
        .where(_Any.organization_id == CheckSheet.organization_id, _Any.sheet_id == CheckSheet.id)
        .correlate(CheckSheet)
        .scalar_subquery()
    )


def _first_submitted_on() -> Any:
    return (
        select(func.min(_Any.happened_on))
        .where(
            _Any.organization_id == CheckSheet.organization_id,
            _Any.sheet_id == CheckSheet.id,
            _Any.kind == EventKind.SUBMITTED,
        )
        .correlate(CheckSheet)
        .scalar_subquery()
    )


def _last_event_join() -> Any:
    return and_(
        _Last.organization_id == CheckSheet.organization_id,
        _Last.sheet_id == CheckSheet.id,
        _Last.number == last_number(),
    )


@dataclass(frozen=True)
class MatrixRow:
    """One worker's line in the head's month."""

    sheet: CheckSheet
    worker: Worker
    state: SheetState
    has_draft: bool
    first_submitted_on: date | None
    last: SheetEvent | None
    #: Whether the worker can sign in on a device of their own.
    has_account: bool

    def is_late(self, today: date) -> bool:
        """Whether it came, or still is to come, after the due day."""
        if self.state is SheetState.EXCUSED:
            return False
        return (self.first_submitted_on or today) > self.sheet.due_on

    #: The urgency of the last state in which something is still awaited from someone.
    LAST_OPEN: ClassVar[int] = 3

    @property
    def is_waiting(self) -> bool:
        """Whether the sheet waits for its sign-off."""
        return self.state is SheetState.SUBMITTED

    @property
    def urgency(self) -> int:
        """Exceptions first: waiting for the head, then for the worker, then done."""
        return [
            SheetState.SUBMITTED,
            SheetState.NOT_BEGUN,
            SheetState.DRAFT,
            SheetState.RETURNED,
            SheetState.EXCUSED,
            SheetState.SIGNED_OFF,
        ].index(self.state)


def _sheets_with_state() -> Select[Any]:
    return (
        select(CheckSheet, Worker, _Last, SheetDraft.revision, _first_submitted_on(), has_own_way_in())
        .join(Worker, and_(Worker.organization_id == CheckSheet.organization_id, Worker.id == CheckSheet.worker_id))
        .outerjoin(User, User.id == Worker.user_id)
        .outerjoin(_Last, _last_event_join())
        .outerjoin(
            SheetDraft,
            and_(SheetDraft.organization_id == CheckSheet.organization_id, SheetDraft.sheet_id == CheckSheet.id),
        )
    )


def _matrix_rows(session: Session, query: Select[Any]) -> list[MatrixRow]:
    rows = []
    for sheet, worker, last, draft_revision, first_on, has_account in session.execute(query):
        state = last.kind.state if last else SheetState.DRAFT if draft_revision else SheetState.NOT_BEGUN
        rows.append(MatrixRow(sheet, worker, state, bool(draft_revision), _as_date(first_on), last, bool(has_account)))
    return rows


def _as_date(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def matrix(session: Session, center: Center, month: str) -> list[MatrixRow]:
    """Every worker's sheet of a center's month with its state, exceptions first, then by reading of the name."""
    rows = _matrix_rows(
        session,
        _sheets_with_state().where(
            CheckSheet.organization_id == center.organization_id,
            CheckSheet.center_id == center.id,
            CheckSheet.month == month,
        ),
    )
    return sorted(rows, key=lambda row: (row.urgency, row.worker.name_kana or row.worker.name, row.worker.name))


def sheets_of_workers(
    session: Session, organization_ids: Iterable[UUID], workers: Iterable[UUID], *, limit: int = 24
) -> list[MatrixRow]:
    """The latest sheets of the given roster rows (one person's) of some organizations, newest month first."""
    return _matrix_rows(
        session,
        _sheets_with_state()
        .where(
            # Both, for the index that finds them begins with the organization.
            CheckSheet.organization_id.in_(sorted(organization_ids)),
            CheckSheet.worker_id.in_(sorted(workers)),
        )
        .order_by(CheckSheet.month.desc())
        .limit(limit),
    )


def how_many_of_month(session: Session, organization_id: UUID, month: str) -> int:
    """How many sheets of a month there are in an organization."""
    query = select(func.count()).select_from(CheckSheet)
    return session.scalar(query.where(CheckSheet.organization_id == organization_id, CheckSheet.month == month)) or 0


def sheets_of_month(
    session: Session, organization_id: UUID, month: str, *, limit: int, offset: int = 0
) -> list[MatrixRow]:
    """The sheets of a month of a whole organization with their states, by reading of the name."""
    return _matrix_rows(
        session,
        _sheets_with_state()
        .where(CheckSheet.organization_id == organization_id, CheckSheet.month == month)
        .order_by(Worker.name_kana, Worker.name, Worker.id)
        .limit(limit)
        .offset(offset),
    )


def sheets_of_officers(
    session: Session, organization_ids: Iterable[UUID], *, role: Role, but: Role | None = None
) -> list[MatrixRow]:
    """The sheets that wait for sign-off by the line above: those of everyone who holds `role` today, and not `but`."""
    ids = sorted(organization_ids)
    holders = select(OrganizationRole.organization_id, OrganizationRole.worker_id).where(
        OrganizationRole.organization_id.in_(ids),
        OrganizationRole.role == role,
        OrganizationRole.ended_at.is_(None),
    )
    query = _sheets_with_state()
    if but is not None:
        held = select(OrganizationRole.id).where(
            OrganizationRole.organization_id == CheckSheet.organization_id,
            OrganizationRole.worker_id == CheckSheet.worker_id,
            OrganizationRole.role == but,
            OrganizationRole.ended_at.is_(None),
        )
        query = query.where(~held.exists())
    return _matrix_rows(
        session,
        query.where(
            tuple_(CheckSheet.organization_id, CheckSheet.worker_id).in_(holders),
            _Last.kind == EventKind.SUBMITTED,
        )
        .order_by(CheckSheet.month)
        .limit(50),
    )


def months_of_center(session: Session, center: Center, *, newest: int = 24) -> list[str]:
    """The months for which sheets of a center were opened, newest first."""
    return list(
        session.scalars(
            select(MonthTally.month)
            .where(MonthTally.organization_id == center.organization_id, MonthTally.center_id == center.id)
            .order_by(MonthTally.month.desc())
            .limit(newest)
        )
    )


def tallies(session: Session, organization_id: UUID, *, newest: int = 12) -> list[tuple[Center, MonthTally]]:
    """The counts of every center's last months of an organization, newest month first, centers by name."""
    newest_months = (
        select(MonthTally.month)
        .where(MonthTally.organization_id == organization_id)
        .group_by(MonthTally.month)
        .order_by(MonthTally.month.desc())
        .limit(newest)
    )
    query = (
        select(Center, MonthTally)
        .join(
            MonthTally,
            and_(MonthTally.organization_id == Center.organization_id, MonthTally.center_id == Center.id),
        )
        .where(Center.organization_id == organization_id, MonthTally.month.in_(newest_months))
        .order_by(MonthTally.month.desc(), Center.name)
    )
    return [(center, tally) for center, tally in session.execute(query)]


def open_tallies(session: Session, centers: Iterable[tuple[UUID, UUID]]) -> list[tuple[Center, MonthTally]]:
    """The months not yet closed of the given (organization, center) pairs, oldest first."""
    wanted = set(centers)
    if not wanted:
        return []
    rows = session.execute(
        select(Center, MonthTally)
        .join(
            MonthTally,
            and_(MonthTally.organization_id == Center.organization_id, MonthTally.center_id == Center.id),
        )
        .where(
            Center.organization_id.in_(sorted({organization for organization, _ in wanted})),
            not_(MonthTally.is_closed),
        )
        .order_by(MonthTally.month, Center.name)
    )
    return [(center, tally) for center, tally in rows if (center.organization_id, center.id) in wanted]


def closure_of(session: Session, center: Center, month: str) -> MonthClosure | None:
    """How and when a center's month was closed."""
    return session.scalar(
        select(MonthClosure).where(
            MonthClosure.organization_id == center.organization_id,
            MonthClosure.center_id == center.id,
            MonthClosure.month == month,
        )
    )


def head_section_is_answered(session: Session, center: Center, month: str) -> bool:
    """Whether a head of the center has submitted a sheet with section 5 for the month.

    A head of several centers answers it once, on the own sheet. Who counts as head is who holds the post today.
    """
    return (
        session.scalar(
            select(SheetVersion.id)
            .join(
                CheckSheet,
                and_(
                    CheckSheet.organization_id == SheetVersion.organization_id, CheckSheet.id == SheetVersion.sheet_id
                ),
            )
            .join(
                OrganizationRole,
                and_(
                    OrganizationRole.organization_id == CheckSheet.organization_id,
                    OrganizationRole.worker_id == CheckSheet.worker_id,
                ),
            )
            .where(
                CheckSheet.organization_id == center.organization_id,
                CheckSheet.month == month,
                SheetVersion.with_head_section,
                OrganizationRole.role == Role.CENTER_HEAD,
                OrganizationRole.center_id == center.id,
                OrganizationRole.ended_at.is_(None),
            )
            .limit(1)
        )
        is not None
    )


def tally_counts(organization_id: UUID, center_id: UUID, month: str) -> Select[Any]:
    """The counts of a center's month from the facts, as one row."""
    return _tally_counts().params(organization_id=organization_id, center_id=center_id, month=month)


def counts_anew(session: Session, organization_id: UUID, center_id: UUID, month: str) -> dict[str, Any]:
    """The same counts by name; asked with every event, so the statement is put together once."""
    wanted = {"organization_id": organization_id, "center_id": center_id, "month": month}
    return session.execute(_tally_counts(), wanted).one()._asdict()


@cache
def _tally_counts() -> Select[Any]:
    organization_id: Any = bindparam("organization_id")
    center_id: Any = bindparam("center_id")
    month: Any = bindparam("month")
    first_on = _first_submitted_on()
    facts = (
        select(
            CheckSheet.due_on,
            CheckSheet.sign_off_due_on,
            _Last.kind.label("kind"),
            _Last.happened_on.label("last_on"),
            first_on.label("first_on"),
        )
        .outerjoin(_Last, _last_event_join())
        .where(
            CheckSheet.organization_id == organization_id,
            CheckSheet.center_id == center_id,
            CheckSheet.month == month,
        )
        .subquery()
    )

    def count(*conditions: Any) -> Any:
        return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)

    kind = facts.c.kind
    counted = or_(kind.is_(None), kind != EventKind.EXCUSED)
    closed = (
        select(MonthClosure.id)
        .where(
            MonthClosure.organization_id == organization_id,
            MonthClosure.center_id == center_id,
            MonthClosure.month == month,
        )
        .exists()
    )
    return select(
        func.count().label("sheets"),
        count(kind == EventKind.EXCUSED).label("excused"),
        count(facts.c.first_on.is_not(None), counted).label("submitted"),
        count(facts.c.first_on <= facts.c.due_on, counted).label("on_time"),
        count(kind == EventKind.SUBMITTED).label("awaiting"),
        count(kind == EventKind.RETURNED).label("returned"),
        count(kind == EventKind.SIGNED_OFF).label("signed_off"),
        count(kind == EventKind.SIGNED_OFF, facts.c.last_on <= facts.c.sign_off_due_on).label("signed_off_on_time"),
        case((closed, literal(True)), else_=literal(False)).label("is_closed"),
        func.max(facts.c.due_on, type_=Date()).label("due_on"),
        func.max(facts.c.sign_off_due_on, type_=Date()).label("sign_off_due_on"),
    ).select_from(facts)


def workers_without_sheet(month: str) -> Select[UUID, UUID, UUID, datetime, int, int]:
    """Workers obliged to file for a month, and of whom no sheet was opened yet.

    Obliged is who files sheets and belonged to the organization on some day of the month, from the organization's
    first month on; a center's month that is closed takes nobody in any more.
    """
    first, last = clock.first_day(month), clock.last_day(month)
    has_sheet = select(CheckSheet.id).where(
        CheckSheet.organization_id == Worker.organization_id,
        CheckSheet.worker_id == Worker.id,
        CheckSheet.month == month,
    )
    is_closed = select(MonthClosure.id).where(
        MonthClosure.organization_id == Worker.organization_id,
        MonthClosure.center_id == Worker.center_id,
        MonthClosure.month == month,
    )
    return (
        select(
            Worker.organization_id,
            Worker.id,
            Worker.center_id,
            Worker.registered_at,
            Organization.submission_business_day,
            Organization.sign_off_business_day,
        )
        .join(Organization, Organization.id == Worker.organization_id)
        .where(
            Worker.files_sheets,
            Worker.joined_on <= last,
            or_(Worker.left_on.is_(None), Worker.left_on >= first),
            Organization.first_month <= month,
            ~has_sheet.exists(),
            ~is_closed.exists(),
        )
        .order_by(Worker.organization_id, Worker.center_id, Worker.id)
    )


def bindable_sheets(session: Session, center: Center, month: str) -> list[MatrixRow]:
    """The sheets of a center's month that were submitted, by reading of the name: what a binder holds."""
    return [
        row
        for row in sorted(matrix(session, center, month), key=lambda row: row.worker.name_kana or row.worker.name)
        if row.first_submitted_on is not None
    ]


def open_actions(
    session: Session, center: Center, *, limit: int = 100
) -> list[tuple[CorrectiveAction, CheckSheet, str]]:
    """What still has to be mended at a center: (action, its sheet, the worker's name), oldest first."""
    rows = session.execute(
        select(CorrectiveAction, CheckSheet, Worker.name)
        .join(
            CheckSheet,
            and_(
                CheckSheet.organization_id == CorrectiveAction.organization_id,
                CheckSheet.id == CorrectiveAction.sheet_id,
            ),
        )
        .join(Worker, and_(Worker.organization_id == CheckSheet.organization_id, Worker.id == CheckSheet.worker_id))
        .where(
            CheckSheet.organization_id == center.organization_id,
            CheckSheet.center_id == center.id,
            CorrectiveAction.closed_at.is_(None),
        )
        .order_by(CorrectiveAction.opened_at, CorrectiveAction.item)
        .limit(limit)
    )
    return [(action, sheet, name) for action, sheet, name in rows]


def newest_binder(session: Session, center: Center, month: str) -> BinderJob | None:
    """The binder of a center's month that was asked for last, without its pages."""
    return session.scalars(
        select(BinderJob)
        .where(
            BinderJob.organization_id == center.organization_id,
            BinderJob.center_id == center.id,
            BinderJob.month == month,
        )
        .order_by(BinderJob.requested_at.desc())
        .limit(1)
    ).first()


def stories_of_month(session: Session, center: Center, month: str) -> list[SheetStory]:
    """The stories of all sheets of a center's month, by reading of the name, in four statements."""
    organization = session.get_one(Organization, center.organization_id)
    here = and_(
        CheckSheet.organization_id == center.organization_id,
        CheckSheet.center_id == center.id,
        CheckSheet.month == month,
    )
    people = session.execute(
        select(CheckSheet, Worker, SheetDraft, has_own_way_in())
        .join(Worker, and_(Worker.organization_id == CheckSheet.organization_id, Worker.id == CheckSheet.worker_id))
        .outerjoin(User, User.id == Worker.user_id)
        .outerjoin(
            SheetDraft,
            and_(SheetDraft.organization_id == CheckSheet.organization_id, SheetDraft.sheet_id == CheckSheet.id),
        )
        .where(here)
    ).all()
    versions: dict[UUID, list[SheetVersion]] = {}
    for version in session.scalars(
        select(SheetVersion)
        .join(
            CheckSheet,
            and_(CheckSheet.organization_id == SheetVersion.organization_id, CheckSheet.id == SheetVersion.sheet_id),
        )
        .where(here)
        .order_by(SheetVersion.number)
    ):
        versions.setdefault(version.sheet_id, []).append(version)
    events: dict[UUID, list[SheetEvent]] = {}
    for event in session.scalars(
        select(SheetEvent)
        .join(
            CheckSheet,
            and_(CheckSheet.organization_id == SheetEvent.organization_id, CheckSheet.id == SheetEvent.sheet_id),
        )
        .where(here)
        .order_by(SheetEvent.number)
    ):
        events.setdefault(event.sheet_id, []).append(event)
    networks = offices_among(session, center.organization_id, (one for each in events.values() for one in each))
    stories = [
        SheetStory(
            sheet,
            worker,
            center,
            organization,
            draft,
            versions.get(sheet.id, []),
            events.get(sheet.id, []),
            bool(has_account),
            networks,
        )
        for sheet, worker, draft, has_account in people
    ]
    return sorted(stories, key=lambda story: (story.worker.name_kana or story.worker.name, story.worker.name))


def posts_in(session: Session, organization_id: UUID) -> dict[UUID, frozenset[Role]]:
    """The roles that each worker of an organization holds today; who holds none but the worker's is left out."""
    found: dict[UUID, set[Role]] = {}
    for worker_id, role in session.execute(
        select(OrganizationRole.worker_id, OrganizationRole.role).where(
            OrganizationRole.organization_id == organization_id,
            OrganizationRole.role != Role.WORKER,
            OrganizationRole.ended_at.is_(None),
        )
    ):
        found.setdefault(worker_id, set()).add(role)
    return {worker_id: frozenset(roles) for worker_id, roles in found.items()}


def waiting_for_heads(session: Session, centers: Iterable[tuple[UUID, UUID]]) -> dict[tuple[UUID, str], int]:
    """How many submitted sheets wait for the heads of these centers: {(center, month): count}.

    The heads' and the protection officers' own sheets wait for somebody else.
    """
    wanted = set(centers)
    other_line = select(OrganizationRole.worker_id).where(
        OrganizationRole.organization_id == CheckSheet.organization_id,
        OrganizationRole.worker_id == CheckSheet.worker_id,
        OrganizationRole.role.in_((Role.CENTER_HEAD, Role.PROTECTION_OFFICER)),
        OrganizationRole.ended_at.is_(None),
    )
    rows: Iterable[tuple[UUID, UUID, str, int]] = session.execute(
        select(CheckSheet.organization_id, CheckSheet.center_id, CheckSheet.month, func.count())
        .join(
            MonthTally,
            and_(
                MonthTally.organization_id == CheckSheet.organization_id,
                MonthTally.center_id == CheckSheet.center_id,
                MonthTally.month == CheckSheet.month,
            ),
        )
        .join(_Last, _last_event_join())
        .where(
            CheckSheet.organization_id.in_(sorted({organization for organization, _ in wanted})),
            CheckSheet.center_id.in_(sorted({center for _, center in wanted})),
            MonthTally.awaiting > 0,
            _Last.kind == EventKind.SUBMITTED,
            ~other_line.exists(),
        )
        .group_by(CheckSheet.organization_id, CheckSheet.center_id, CheckSheet.month)
    )
    return {(center, month): count for organization, center, month, count in rows if (organization, center) in wanted}
