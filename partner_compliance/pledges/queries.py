"""What can be read of pledges: what counts for whom and until when, who is missing, and every record."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from partner_compliance import clock, yearly
from partner_compliance.engagements.models import Assignment
from partner_compliance.engagements.queries import agreed_variant, terms_in_force
from partner_compliance.library.pledges import OWN_BUSINESS, Occasion, Text, Wording
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import (
    Center,
    Engagement,
    EngagementBasis,
    Municipality,
    Organization,
    Worker,
    WorkerKind,
)
from partner_compliance.organizations.queries import is_valid_on
from partner_compliance.people.models import JoiningRecord, JoiningStep
from partner_compliance.people.queries import latest_steps
from partner_compliance.pledges.models import (
    Briefing,
    BriefingPerson,
    OwnWording,
    Pledge,
    PledgeCancellation,
    PledgeScan,
    PledgeSettings,
    PledgeText,
)
from partner_compliance.pledges.words import Standing, Told
from partner_compliance.roster.models import Post, PostHolding, WorkerCenter, WorkerProject
from partner_compliance.roster.queries import is_held_on

#: Occasions whose pledge counts as this year's.
YEARLY = (Occasion.JOINING, Occasion.ANNUAL)
#: So long before an engagement begins, its pledges are asked for.
BEFORE_ENGAGEMENT = timedelta(days=60)
#: So long before the last day, the pledge on leaving is asked for.
BEFORE_LEAVING = timedelta(days=14)
#: The clause of a contract that says whether the municipality gets the list (rules/clauses).
CLAUSE = "pledges"

Where = Iterable[UUID] | None


def record_number(pledge: Pledge) -> str:
    """The number under which a pledge can be found again, on screens and on paper."""
    return f"PL-{pledge.id.hex[:10].upper()}"


# --- wordings ---------------------------------------------------------------------------------------------------


def months_of(session: Session, organization_ids: Iterable[UUID]) -> dict[UUID, int]:
    """In which month each organization's year of pledges begins."""
    wanted = sorted(set(organization_ids))
    chosen = {
        row.organization_id: row.anniversary_month
        for row in session.scalars(select(PledgeSettings).where(PledgeSettings.organization_id.in_(wanted)))
    }
    return {each: chosen.get(each, yearly.APRIL) for each in wanted}


def month_of(session: Session, organization_id: UUID) -> int:
    """In which month an organization's year of pledges begins."""
    return months_of(session, [organization_id])[organization_id]


def own_wordings(session: Session, organization_ids: Iterable[UUID]) -> dict[tuple[UUID, str], list[OwnWording]]:
    """What organizations have added to which pledge, by (organization, key), the oldest first."""
    found: dict[tuple[UUID, str], list[OwnWording]] = {}
    for row in session.scalars(
        select(OwnWording)
        .where(OwnWording.organization_id.in_(sorted(set(organization_ids))))
        .order_by(OwnWording.organization_id, OwnWording.key, OwnWording.number)
    ):
        found.setdefault((row.organization_id, row.key), []).append(row)
    return found


def own_in_force(wordings: Sequence[OwnWording], day: date) -> OwnWording | None:
    """The additions that hold on a day, out of those of one pledge."""
    return next((each for each in reversed(wordings) if each.from_on <= day), None)


@dataclass(frozen=True)
class Asked:
    """Which pledge is meant: the occasion, and the engagement where it is about one."""

    occasion: Occasion
    engagement: Engagement | None = None


@dataclass(frozen=True)
class Wanted:
    """The text that somebody signs on a day, and where it comes from."""

    wording: Wording
    own_number: int
    text: Text


def text_for(
    session: Session, library: Library, organization: Organization, kind: WorkerKind, asked: Asked, day: date
) -> Wanted:
    """The text that a worker of some kind signs on a day; raises UnknownEdition before there is any."""
    wording = library.wording_for(asked.occasion, day, is_volunteer=kind is WorkerKind.VOLUNTEER)
    own = own_in_force(own_wordings(session, [organization.id]).get((organization.id, wording.key), []), day)
    month = month_of(session, organization.id)
    names = {"organization": organization.name}
    if asked.occasion is Occasion.ANNUAL:
        names["year"] = yearly.year_label(yearly.year_signed_for(day, month), month)
    if asked.engagement is not None:
        names["engagement"] = asked.engagement.title
        names["municipality"] = session.get_one(Municipality, asked.engagement.municipality_id).name
    law = law_for(session, library, organization.id, asked.engagement, day)
    return Wanted(wording, own.number if own else 0, wording.text(names, own=own.paragraphs if own else (), law=law))


def law_for(
    session: Session, library: Library, organization_id: UUID, engagement: Engagement | None, day: date
) -> list[str]:
    """What the law says to those who work on an engagement, or on all that hold on a day (DOMAIN §4a–4c)."""
    if engagement is not None:
        engagements = [engagement]
    else:
        engagements = list(
            session.scalars(
                select(Engagement)
                .where(Engagement.organization_id == organization_id, is_valid_on(day))
                .order_by(Engagement.starts_on, Engagement.id)
            )
        )
    bases, categories, notes = {OWN_BUSINESS}, set(), []
    for each in engagements:
        row = terms_in_force(session, each)
        bases |= {row.basis.value, *getattr(row, "further_bases", ())}
        if category := getattr(row, "council_category", None):
            categories.add(category.value)
        if note := getattr(row, "basis_note", ""):
            notes.append(f"この連携についての記録（{each.title}）：{note}")
    said = library.law_for(day).references(bases, day, categories=categories)
    return [*said, *(notes if EngagementBasis.STATUTORY_SECRECY.value in bases else ())]


# --- what counts ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Signature:
    """A pledge that counts as this year's from its day to `ends_on`, both included."""

    signed_on: date
    #: As far as the year goes.
    counts_until: date
    #: The same, or earlier where a material change asks to sign again by a day.
    ends_on: date
    pledge: Pledge | None

    def holds_on(self, day: date) -> bool:
        """Whether the person is pledged on a day by this."""
        return self.signed_on <= day <= self.ends_on


def deadline(
    library: Library, own: Sequence[OwnWording], key: str, edition: str, own_number: int, *, on: date
) -> date | None:
    """By when those who signed a text have to sign again since it has changed materially; None while they need not.

    A change counts once it is in force on the day. A volunteers' text and everyone's change apart from each other.
    """
    days = [each.sign_again_by for each in own if each.number > own_number and each.is_material and each.from_on <= on]
    editions = library.editions_of(key, on)
    mine = next((each for each in editions if each.edition == edition), None)
    days += [
        each.valid_from + timedelta(days=each.change.sign_again_days or 0)
        for each in editions
        if each.is_material and each.change is not None and (mine is None or each.valid_from > mine.valid_from)
    ]
    return min((day for day in days if day is not None), default=None)


def not_cancelled() -> Any:
    """The condition that a pledge was not recorded by mistake."""
    return (
        ~select(PledgeCancellation.id)
        .where(PledgeCancellation.organization_id == Pledge.organization_id, PledgeCancellation.pledge_id == Pledge.id)
        .correlate(Pledge)
        .exists()
    )


def pledges_of(session: Session, workers: Sequence[Worker]) -> dict[UUID, list[Pledge]]:
    """Every pledge of these people that counts, by person, the oldest first."""
    found: dict[UUID, list[Pledge]] = {}
    if not workers:
        return found
    for pledge in session.scalars(
        select(Pledge)
        .where(
            Pledge.organization_id.in_(sorted({worker.organization_id for worker in workers})),
            Pledge.worker_id.in_(sorted(worker.id for worker in workers)),
            not_cancelled(),
        )
        .order_by(Pledge.signed_on, Pledge.recorded_at, Pledge.id)
    ):
        found.setdefault(pledge.worker_id, []).append(pledge)
    return found


def recorded_elsewhere(session: Session, workers: Sequence[Worker]) -> dict[UUID, JoiningRecord]:
    """Pledges that were recorded as a step of joining without their text, by person."""
    steps = latest_steps(session, [(worker.organization_id, worker.id) for worker in workers])
    return {worker_id: found[JoiningStep.PLEDGE] for worker_id, found in steps.items() if JoiningStep.PLEDGE in found}


class Cover:
    """What a number of people has signed, read once in a number of statements that does not grow."""

    def __init__(self, session: Session, library: Library, workers: Sequence[Worker], *, on: date) -> None:
        self.on = on
        self._library = library
        organization_ids = {worker.organization_id for worker in workers}
        self._months = months_of(session, organization_ids)
        self._own = own_wordings(session, organization_ids)
        self.pledges = pledges_of(session, workers)
        self.elsewhere = recorded_elsewhere(session, workers)

    def month(self, worker: Worker) -> int:
        """In which month the year of the person's organization begins."""
        return self._months[worker.organization_id]

    def signatures(self, worker: Worker) -> list[Signature]:
        """What counts, or counted, as a year's pledge of somebody, in order."""
        found = []
        linked = set()
        for pledge in self.pledges.get(worker.id, []):
            linked.add(pledge.joining_record_id)
            if pledge.occasion in YEARLY and pledge.counts_until is not None:
                ends_on = min(pledge.counts_until, self.must_sign_again_by(pledge) or pledge.counts_until)
                found.append(Signature(pledge.signed_on, pledge.counts_until, ends_on, pledge))
        record = self.elsewhere.get(worker.id)
        if record is not None and record.id not in linked:
            until = yearly.counts_until(record.done_on, self.month(worker), joined_on=worker.joined_on)
            found.append(Signature(record.done_on, until, until, None))
        return sorted(found, key=lambda each: each.signed_on)

    def must_sign_again_by(self, pledge: Pledge) -> date | None:
        """By when somebody has to sign again, since the text has changed materially."""
        own = self._own.get((pledge.organization_id, pledge.key), [])
        return deadline(self._library, own, pledge.key, pledge.edition, pledge.own_number, on=self.on)

    def holding(self, worker: Worker) -> Signature | None:
        """The signature by which somebody is pledged on the day; the one that lasts longest."""
        held = [each for each in self.signatures(worker) if each.holds_on(self.on)]
        return max(held, key=lambda each: each.ends_on, default=None)

    def standing(self, worker: Worker) -> Standing:
        """Where somebody stands on the day with the year's pledge."""
        signatures = self.signatures(worker)
        held = self.holding(worker)
        if held is None:
            outdated = any(each.signed_on <= self.on <= each.counts_until for each in signatures)
            return Standing.OUTDATED if outdated else Standing.MISSING
        month = self.month(worker)
        begun = yearly.year_signed_for(self.on, month)
        current = begun if yearly.begins_on(begun, month) <= self.on else begun - 1
        return Standing.SIGNED if held.counts_until >= yearly.lapses_on(current, month) else Standing.LAST_YEARS

    def missing_since(self, worker: Worker) -> date | None:
        """The first day on which somebody was not pledged, of those that go on to the day; None for the pledged."""
        if self.holding(worker) is not None:
            return None
        ended = [each.ends_on for each in self.signatures(worker) if each.ends_on < self.on]
        return max([worker.joined_on, *(each + timedelta(days=1) for each in ended)])

    def asks(self, worker: Worker) -> tuple[Occasion, date] | None:
        """Which year's pledge is asked of somebody now, and by when; None while nothing is.

        For who has just joined it is the one on joining, due on the first day; for others the year's, as soon as its
        campaign is open, and whenever a material change asks for it.
        """
        signatures, month = self.signatures(worker), self.month(worker)
        held = self.holding(worker)
        if held is None:
            is_new = not signatures and worker.joined_on >= yearly.earliest_that_counts(self.on, month)
            known_on = max(worker.joined_on, clock.local_date(worker.registered_at))
            ended = [each.ends_on for each in signatures if each.ends_on < self.on]
            return Occasion.JOINING if is_new else Occasion.ANNUAL, max(ended, default=known_on)
        year = yearly.year_signed_for(self.on, month)
        if held.ends_on >= yearly.lapses_on(year, month):
            return None
        if held.counts_until >= yearly.lapses_on(year, month):
            return Occasion.ANNUAL, held.ends_on
        return Occasion.ANNUAL, min(held.ends_on, yearly.due_on(year, month))


# --- engagements ------------------------------------------------------------------------------------------------


def current_engagements(session: Session, organization_ids: Iterable[UUID], *, today: date) -> list[Engagement]:
    """Accepted engagements that hold, or begin soon enough for their pledges to be asked."""
    return list(
        session.scalars(
            select(Engagement)
            .where(
                Engagement.organization_id.in_(sorted(set(organization_ids))),
                Engagement.accepted_at.is_not(None),
                Engagement.starts_on <= today + BEFORE_ENGAGEMENT,
                Engagement.ends_on >= today,
                or_(Engagement.cancelled_on.is_(None), Engagement.cancelled_on > today),
            )
            .order_by(Engagement.starts_on, Engagement.title, Engagement.id)
        )
    )


def _newest_assignments(session: Session, engagements: Sequence[Engagement]) -> dict[UUID, Assignment]:
    rows = session.scalars(
        select(Assignment)
        .where(
            Assignment.organization_id.in_(sorted({each.organization_id for each in engagements})),
            Assignment.engagement_id.in_(sorted(each.id for each in engagements)),
        )
        .order_by(Assignment.number)
    )
    return {row.engagement_id: row for row in rows}


def named_for(
    session: Session, engagements: Sequence[Engagement], *, on: date, workers: Sequence[Worker] | None = None
) -> dict[UUID, list[Worker]]:
    """Who works on each engagement: {engagement: people, by name}; of all its organization, or out of some people.

    Those on its project, or, where it names none, the handlers of personal data at its centers; and those who hold one
    of its posts. Who works on it is what the organization assigned (engagements); without an assignment nobody does.
    """
    found: dict[UUID, list[Worker]] = {each.id: [] for each in engagements}
    assignments = _newest_assignments(session, engagements) if engagements else {}
    if not assignments:
        return found
    ids = sorted({each.organization_id for each in assignments.values()})
    if workers is None:
        workers = list(
            session.scalars(
                select(Worker)
                .where(Worker.organization_id.in_(ids), Worker.joined_on <= on, _has_not_left(on))
                .order_by(Worker.name_kana, Worker.name, Worker.id)
            )
        )
    centers, projects, posts = _where_they_work(session, assignments.values(), workers, on=on)
    for engagement_id, assignment in assignments.items():
        for worker in workers:
            if worker.organization_id != assignment.organization_id:
                continue
            if assignment.project_id is not None:
                works_on_it = (worker.id, assignment.project_id) in projects
            else:
                works_on_it = worker.is_handler and bool(centers[worker.id] & set(assignment.centers))
            if works_on_it or any((worker.id, post) in posts for post in assignment.posts):
                found[engagement_id].append(worker)
    return found


def _where_they_work(
    session: Session, assignments: Collection[Assignment], workers: Sequence[Worker], *, on: date
) -> tuple[dict[UUID, set[str]], set[tuple[UUID, UUID]], set[tuple[UUID, str]]]:
    """The centers, projects and posts of people on a day, as far as the assignments ask for them."""
    ids, mine = sorted({each.organization_id for each in assignments}), [worker.id for worker in workers]
    centers: dict[UUID, set[str]] = {worker.id: {str(worker.center_id)} for worker in workers}
    projects: set[tuple[UUID, UUID]] = set()
    posts: set[tuple[UUID, str]] = set()
    if any(each.project_id is None for each in assignments):
        for worker_id, center_id in session.execute(
            select(WorkerCenter.worker_id, WorkerCenter.center_id).where(
                WorkerCenter.organization_id.in_(ids), WorkerCenter.worker_id.in_(mine), _goes_on(WorkerCenter, on)
            )
        ):
            centers[worker_id].add(str(center_id))
    if any(each.project_id is not None for each in assignments):
        rows = session.execute(
            select(WorkerProject.worker_id, WorkerProject.project_id).where(
                WorkerProject.organization_id.in_(ids), WorkerProject.worker_id.in_(mine), _goes_on(WorkerProject, on)
            )
        )
        projects = {(worker_id, project_id) for worker_id, project_id in rows}
    if any(each.posts for each in assignments):
        held = session.execute(
            select(PostHolding.worker_id, PostHolding.post).where(
                PostHolding.organization_id.in_(ids), PostHolding.worker_id.in_(mine), is_held_on(on)
            )
        )
        posts = {(worker_id, post.value) for worker_id, post in held}
    return centers, projects, posts


def _has_not_left(day: date) -> Any:
    return or_(Worker.left_on.is_(None), Worker.left_on >= day)


def _goes_on(model: type[WorkerCenter] | type[WorkerProject], day: date) -> Any:
    return and_(model.from_on <= day, or_(model.until_on.is_(None), model.until_on >= day))


def municipality_gets(session: Session, engagement: Engagement) -> str:
    """What the contract says of the list of pledges: `handed-in`, `responsible-only`, or nothing to hand in."""
    variant = agreed_variant(session, engagement, CLAUSE)
    return variant if variant in ("handed-in", "responsible-only") else ""


# --- what is asked of somebody ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """A pledge that is asked of somebody, by when, and whether that has passed."""

    worker: Worker
    asked: Asked
    due_on: date
    is_overdue: bool


def dues_of(session: Session, library: Library, workers: Sequence[Worker], *, today: date) -> dict[UUID, list[Due]]:
    """Every pledge that is asked of these people now, in a number of statements that does not grow."""
    found: dict[UUID, list[Due]] = {worker.id: [] for worker in workers}
    present = [each for each in workers if each.left_on is None or each.left_on >= today]
    if not present:
        return found
    cover = Cover(session, library, present, on=today)
    engagements = current_engagements(session, {each.organization_id for each in present}, today=today)
    named = named_for(session, engagements, on=today, workers=present)
    for worker in present:
        mine = found[worker.id]
        signed = cover.pledges.get(worker.id, [])
        leaves = worker.left_on is not None and worker.left_on - BEFORE_LEAVING <= today
        if (asks := cover.asks(worker)) is not None and not leaves:
            mine.append(_due(worker, Asked(asks[0]), asks[1], today))
        for engagement in engagements:
            if worker not in named[engagement.id] or leaves:
                continue
            of_it = [each for each in signed if each.engagement_id == engagement.id]
            again = cover.must_sign_again_by(of_it[-1]) if of_it else None
            if not of_it or again is not None:
                due = again or max(engagement.starts_on, worker.joined_on)
                mine.append(_due(worker, Asked(Occasion.ENGAGEMENT, engagement), due, today))
        if leaves and worker.left_on is not None and not any(each.occasion is Occasion.LEAVING for each in signed):
            mine.append(_due(worker, Asked(Occasion.LEAVING), worker.left_on, today))
    return found


def _due(worker: Worker, asked: Asked, due_on: date, today: date) -> Due:
    return Due(worker, asked, due_on, due_on < today)


@dataclass(frozen=True)
class ToldOf:
    """That somebody was told what a pledge means."""

    on: date
    how: Told
    by: str


def told_of(session: Session, worker: Worker, asked: Asked, *, since: date) -> ToldOf | None:
    """The last briefing for a pledge since a day, recorded with it or as a step of joining."""
    wanted = [
        Briefing.organization_id == worker.organization_id,
        BriefingPerson.worker_id == worker.id,
        Briefing.occasion == asked.occasion,
        Briefing.held_on >= since,
    ]
    if asked.engagement is not None:
        wanted.append(Briefing.engagement_id == asked.engagement.id)
    row = session.scalar(
        select(Briefing)
        .join(
            BriefingPerson,
            and_(BriefingPerson.organization_id == Briefing.organization_id, BriefingPerson.briefing_id == Briefing.id),
        )
        .where(*wanted)
        .order_by(Briefing.held_on.desc(), Briefing.recorded_at.desc())
        .limit(1)
    )
    if row is not None:
        return ToldOf(row.held_on, row.how, row.told_by or "")
    if asked.occasion is not Occasion.JOINING:
        return None
    step = latest_steps(session, [(worker.organization_id, worker.id)]).get(worker.id, {}).get(JoiningStep.BRIEFING)
    if step is None:
        return None
    return ToldOf(step.done_on, Told.GROUP if step.manner.value == "group" else Told.ALONE, step.by_whom or "")


# --- one record -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """A pledge with the text that was read, and whether it was cancelled or has a scan."""

    pledge: Pledge
    text: Text
    organization: Organization
    center: str
    engagement: Engagement | None
    cancellation: PledgeCancellation | None
    scan: PledgeScan | None


def record_of(session: Session, pledge: Pledge) -> Record:
    """A pledge with all that belongs to it."""
    key = (pledge.organization_id, pledge.text_digest)
    of_it = {"organization_id": pledge.organization_id, "pledge_id": pledge.id}
    return Record(
        pledge,
        Text.model_validate(session.get_one(PledgeText, key).text),
        session.get_one(Organization, pledge.organization_id),
        session.get_one(Center, (pledge.organization_id, pledge.center_id)).name,
        session.get(Engagement, (pledge.organization_id, pledge.engagement_id)) if pledge.engagement_id else None,
        session.scalar(select(PledgeCancellation).filter_by(**of_it)),
        session.scalar(select(PledgeScan).filter_by(**of_it)),
    )


def pledge_of_request(session: Session, organization_id: UUID, request_key: UUID) -> Pledge | None:
    """The pledge that an earlier sending of the same form has made."""
    return session.scalar(
        select(Pledge).where(Pledge.organization_id == organization_id, Pledge.request_key == request_key)
    )


def all_of(session: Session, workers: Iterable[tuple[UUID, UUID]]) -> list[tuple[Pledge, bool]]:
    """Every pledge of some (organization, worker), and whether it was cancelled, the latest first."""
    wanted = sorted(set(workers))
    rows = session.execute(
        select(Pledge, PledgeCancellation.id)
        .outerjoin(
            PledgeCancellation,
            and_(
                PledgeCancellation.organization_id == Pledge.organization_id, PledgeCancellation.pledge_id == Pledge.id
            ),
        )
        .where(
            Pledge.organization_id.in_(sorted({organization for organization, _ in wanted})),
            Pledge.worker_id.in_([worker for _, worker in wanted]),
        )
        .order_by(Pledge.signed_on.desc(), Pledge.recorded_at.desc(), Pledge.id)
    )
    return [(pledge, cancelled is not None) for pledge, cancelled in rows]


def _signed_between(
    query: Select[*tuple[Any, ...]], organization_id: UUID, first: date, last: date, municipality_id: UUID
) -> Select[*tuple[Any, ...]]:
    of_others = select(Engagement.id).where(
        Engagement.organization_id == organization_id, Engagement.municipality_id != municipality_id
    )
    return query.where(
        Pledge.organization_id == organization_id,
        Pledge.signed_on.between(first, last),
        or_(Pledge.engagement_id.is_(None), Pledge.engagement_id.not_in(of_others)),
        not_cancelled(),
    )


def how_many_signed_between(
    session: Session, organization_id: UUID, first: date, last: date, *, municipality_id: UUID
) -> int:
    """How many pledges `signed_between` finds."""
    query = _signed_between(
        select(func.count()).select_from(Pledge), organization_id, first, last, municipality_id
    )  # fmt: skip
    return session.scalar(query) or 0


def signed_between(
    session: Session,
    organization_id: UUID,
    first: date,
    last: date,
    *,
    municipality_id: UUID,
    limit: int,
    offset: int = 0,
) -> list[Pledge]:
    """The pledges signed in a period, the latest first, without those for engagements with other municipalities."""
    query = _signed_between(select(Pledge), organization_id, first, last, municipality_id)
    query = query.order_by(Pledge.signed_on.desc(), Pledge.recorded_at.desc(), Pledge.id)
    return list(session.scalars(query.limit(limit).offset(offset)))


# --- who is missing ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A person in the list of who has signed."""

    worker: Worker
    center: Center
    standing: Standing
    since: date | None
    ends_on: date | None
    #: Whether nothing is asked: the year whose campaign is open has been signed for, in the text that holds.
    is_signed_for_next: bool


def rows_of(
    session: Session, library: Library, organization_id: UUID, centers: Where = None, *, today: date
) -> list[Row]:
    """Everyone active in an organization (or at some of its centers) with their standing, the missing first."""
    query = (
        select(Worker, Center)
        .join(Center, and_(Center.organization_id == Worker.organization_id, Center.id == Worker.center_id))
        .where(Worker.organization_id == organization_id, Worker.joined_on <= today, _has_not_left(today))
        .order_by(Center.name, Worker.name_kana, Worker.name, Worker.id)
    )
    if centers is not None:
        query = query.where(Worker.center_id.in_(sorted(centers)))
    people = session.execute(query).all()
    cover = Cover(session, library, [worker for worker, _ in people], on=today)
    found = []
    for worker, center in people:
        held = cover.holding(worker)
        month = cover.month(worker)
        wanted = yearly.lapses_on(yearly.year_signed_for(today, month), month)
        found.append(
            Row(
                worker, center, cover.standing(worker), cover.missing_since(worker), held.ends_on if held else None,
                any(each.ends_on >= wanted for each in cover.signatures(worker)),
            )
        )  # fmt: skip
    order = {Standing.MISSING: 0, Standing.OUTDATED: 1, Standing.LAST_YEARS: 2, Standing.SIGNED: 3}
    return sorted(found, key=lambda row: order[row.standing])


@dataclass(frozen=True)
class Covered:
    """How many of how many are pledged."""

    signed: int
    people: int


def by_center_and_kind(rows: Sequence[Row]) -> list[tuple[str, dict[WorkerKind, Covered], Covered]]:
    """Coverage by center, and in each by kind of worker, with the center's total."""
    found: dict[str, dict[WorkerKind, list[Row]]] = {}
    for row in rows:
        found.setdefault(row.center.name, {}).setdefault(row.worker.kind, []).append(row)
    return [
        (name, {kind: covered(each) for kind, each in kinds.items()}, covered([r for k in kinds.values() for r in k]))
        for name, kinds in sorted(found.items())
    ]


def covered(rows: Sequence[Row]) -> Covered:
    """How many of these people hold a pledge that counts."""
    return Covered(sum(1 for row in rows if row.standing in (Standing.SIGNED, Standing.LAST_YEARS)), len(rows))


def who_signed(session: Session, organization_id: UUID, engagement_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """Who has signed the pledges of engagements: {engagement: people}."""
    found: dict[UUID, set[UUID]] = {each: set() for each in engagement_ids}
    for engagement_id, worker_id in session.execute(
        select(Pledge.engagement_id, Pledge.worker_id).where(
            Pledge.organization_id == organization_id, Pledge.engagement_id.in_(engagement_ids), not_cancelled()
        )
    ):
        if engagement_id is not None:
            found[engagement_id].add(worker_id)
    return found


def people_of(
    session: Session, organization_id: UUID, centers: Where = None, *, today: date
) -> list[tuple[Worker, Center]]:
    """Everyone on the roster of an organization or of some centers, those who are about to begin too, by name."""
    query = (
        select(Worker, Center)
        .join(Center, and_(Center.organization_id == Worker.organization_id, Center.id == Worker.center_id))
        .where(Worker.organization_id == organization_id, _has_not_left(today))
        .order_by(Center.name, Worker.name_kana, Worker.name, Worker.id)
    )
    if centers is not None:
        query = query.where(Worker.center_id.in_(sorted(centers)))
    return list(session.execute(query))


def signed_for(
    session: Session, engagement: Engagement, people: Sequence[Worker], *, on: date
) -> list[tuple[Worker, Pledge | None, str]]:
    """Who of an engagement's people has signed its pledge, with the post of that day, by name."""
    signed = {
        pledge.worker_id: pledge
        for pledge in session.scalars(
            select(Pledge)
            .where(
                Pledge.organization_id == engagement.organization_id,
                Pledge.engagement_id == engagement.id,
                not_cancelled(),
            )
            .order_by(Pledge.signed_on, Pledge.recorded_at)
        )
    }
    posts = posts_on(session, people, on=on)
    return [(worker, signed.get(worker.id), posts[worker.id]) for worker in people]


def posts_on(session: Session, workers: Sequence[Worker], *, on: date) -> dict[UUID, str]:
    """What each of these people is on a day: the posts, or the kind of worker."""
    held: dict[UUID, list[str]] = {}
    if workers:
        for worker_id, post in session.execute(
            select(PostHolding.worker_id, PostHolding.post).where(
                PostHolding.organization_id.in_(sorted({worker.organization_id for worker in workers})),
                PostHolding.worker_id.in_(sorted(worker.id for worker in workers)),
                is_held_on(on),
            )
        ):
            held.setdefault(worker_id, []).append(post.label)
    return {worker.id: "・".join(sorted(set(held.get(worker.id, [])))) or worker.kind.label for worker in workers}


#: Posts that a contract means with 責任者.
RESPONSIBLE = (Post.REPRESENTATIVE, Post.PRIVACY_OFFICER, Post.PRIVACY_OFFICER_DEPUTY, Post.CENTER_HEAD)


def responsible_people(session: Session, engagement: Engagement, *, on: date) -> Collection[UUID]:
    """Who holds a post of responsibility in the organization of an engagement."""
    return frozenset(
        session.scalars(
            select(PostHolding.worker_id).where(
                PostHolding.organization_id == engagement.organization_id,
                PostHolding.post.in_(RESPONSIBLE),
                is_held_on(on),
            )
        )
    )


def briefings_of(
    session: Session, organization_id: UUID, centers: Where = None, *, limit: int = 20
) -> list[tuple[Briefing, int]]:
    """The last briefings with how many were there, the latest first; for a head those of the own centers."""
    query = (
        select(Briefing, func.count(BriefingPerson.worker_id))
        .join(
            BriefingPerson,
            and_(BriefingPerson.organization_id == Briefing.organization_id, BriefingPerson.briefing_id == Briefing.id),
        )
        .where(Briefing.organization_id == organization_id)
        .group_by(Briefing.organization_id, Briefing.id)
        .order_by(Briefing.held_on.desc(), Briefing.recorded_at.desc())
        .limit(limit)
    )
    if centers is not None:
        query = query.where(Briefing.center_id.in_(sorted(centers)))
    return [(briefing, count) for briefing, count in session.execute(query)]


def engagements_with_names(session: Session, engagements: Sequence[Engagement]) -> Mapping[UUID, str]:
    """The name of each engagement's municipality."""
    return {
        row.id: row.name
        for row in session.execute(
            select(Municipality.id, Municipality.name).where(
                Municipality.id.in_(sorted({each.municipality_id for each in engagements}))
            )
        )
    }
