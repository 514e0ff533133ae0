"""What can be read of sharing: what is required, whether it is met today, what was decided and what is due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.engagements.models import EngagementVersion
from partner_compliance.engagements.words import DataClass, EngagementState, Mode, state_on
from partner_compliance.gate.checking import Answer, Ground, Question, Recipient, Required, Rules, check
from partner_compliance.gate.models import (
    AcceptanceEnd,
    DecisionEvent,
    InterimAcceptance,
    OwnCriterion,
    Requirement,
    ShareDecision,
    SharingHold,
)
from partner_compliance.gate.words import EventKind, Holding, Outcome, Purpose, State, Subject
from partner_compliance.library.readiness import Measure
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Engagement, Municipality, Organization, Worker
from partner_compliance.organizations.queries import is_valid_on
from partner_compliance.people import queries as people
from partner_compliance.readiness.queries import assessments_with_figures
from partner_compliance.readiness.standing import ReadinessStanding
from partner_compliance.receipts.models import ReceiptLine
from partner_compliance.receipts.words import State as ReceiptState
from partner_compliance.roster.models import RosterSubmission
from partner_compliance.roster.submissions import NAME


def decision_number(decision: ShareDecision) -> str:
    """The number under which a decision can be found again, on screens and on paper."""
    return f"SD-{decision.id.hex[:10].upper()}"


# --- what is required -------------------------------------------------------------------------------------------


def rules_of(session: Session, library: Library, municipality_ids: Iterable[UUID], day: date) -> dict[UUID, Rules]:
    """Everything that municipalities require, announced by a day: two statements, whatever their number."""
    ids = sorted(municipality_ids)
    rows: dict[UUID, list[Requirement]] = {each: [] for each in ids}
    for row in session.scalars(
        select(Requirement)
        .where(Requirement.municipality_id.in_(ids), Requirement.announced_on <= day)
        .order_by(Requirement.effective_on, Requirement.made_at, Requirement.id)
    ):
        rows[row.municipality_id].append(row)
    own: dict[UUID, dict[str, OwnCriterion]] = {each: {} for each in ids}
    for criterion in session.scalars(
        select(OwnCriterion)
        .where(OwnCriterion.municipality_id.in_(ids))
        .order_by(OwnCriterion.made_at, OwnCriterion.id)
    ):
        own[criterion.municipality_id][str(criterion.id)] = criterion
    criteria, suggestions = library.ladder_for(day).criteria, library.suggestions_for(day)
    return {each: Rules(rows[each], own[each], suggestions, criteria) for each in ids}


def requirement_of_request(session: Session, municipality_id: UUID, request_key: UUID) -> Requirement | None:
    """The requirement that an earlier sending of the same form made."""
    return session.scalar(
        select(Requirement).where(
            Requirement.municipality_id == municipality_id, Requirement.request_key == request_key
        )
    )


def how_many_requirements(session: Session, municipality_id: UUID) -> int:
    """How many requirements a municipality has ever set."""
    return (
        session.scalar(
            select(func.count()).select_from(Requirement).where(Requirement.municipality_id == municipality_id)
        )
        or 0
    )


def requirements_of(session: Session, municipality_id: UUID, *, limit: int, offset: int = 0) -> list[Requirement]:
    """What a municipality has ever set, the newest first."""
    return list(
        session.scalars(
            select(Requirement)
            .where(Requirement.municipality_id == municipality_id)
            .order_by(Requirement.made_at.desc(), Requirement.id)
            .limit(limit)
            .offset(offset)
        )
    )


# --- what is known of partners ----------------------------------------------------------------------------------


def grounds(
    session: Session, library: Library, municipality_id: UUID, organization_ids: Iterable[UUID], day: date
) -> dict[UUID, Ground]:
    """What is known of some organizations, as one municipality may know it on a day (Japan).

    In a number of statements that does not grow with the organizations. Raises UnknownEdition without a ladder.
    """
    ids = sorted(set(organization_ids))
    rules = rules_of(session, library, [municipality_id], day)[municipality_id]
    assessed = assessments_with_figures(session, library, day, ids, {*rules.measures, Measure.HANDLERS_CLEARED})
    engagements = _engagements(session, municipality_id, ids)
    valid = {key: tuple(each for each in found if _holds(each, day)) for key, found in engagements.items()}
    foreseen = _foreseen(session, [each for found in valid.values() for each in found])
    holds = _holds_between(session, municipality_id, ids)
    acceptances = _acceptances(session, municipality_id, ids, day)
    known = _known(session, municipality_id, valid, day)
    return {
        each: Ground(
            day, rules, *assessed[each], valid.get(each, ()),
            None if valid.get(each) else _nearest(engagements.get(each, []), day), foreseen.get(each),
            holds.get(each), acceptances.get(each, ()), known.get(each),
        )
        for each in ids
    }  # fmt: skip


def answer(
    session: Session, library: Library, municipality_id: UUID, organization_id: UUID, question: Question, day: date
) -> Answer:
    """What the gate says today (or on a day) about one partner; raises UnknownEdition without a ladder."""
    return check(question, grounds(session, library, municipality_id, [organization_id], day)[organization_id])


def _holds(engagement: Engagement, day: date) -> bool:
    return state_on(engagement, day) is EngagementState.CURRENT


def _engagements(session: Session, municipality_id: UUID, ids: Sequence[UUID]) -> dict[UUID, list[Engagement]]:
    found: dict[UUID, list[Engagement]] = {}
    for each in session.scalars(
        select(Engagement)
        .where(Engagement.organization_id.in_(ids), Engagement.municipality_id == municipality_id)
        .order_by(Engagement.starts_on, Engagement.id)
    ):
        found.setdefault(each.organization_id, []).append(each)
    return found


def _nearest(engagements: Sequence[Engagement], day: date) -> Engagement | None:
    """The engagement to speak of where none is in force: one that is coming, else the last one that was."""
    states = {each.id: state_on(each, day) for each in engagements}
    coming = [each for each in engagements if states[each.id] is EngagementState.COMING]
    if coming:
        return coming[0]
    over = [each for each in engagements if states[each.id] in (EngagementState.ENDED, EngagementState.CANCELLED)]
    if over:
        return max(over, key=lambda each: each.ends_on)
    return next((each for each in engagements if states[each.id] is EngagementState.PROPOSED), None)


def _foreseen(session: Session, valid: Sequence[Engagement]) -> dict[UUID, frozenset[tuple[str, str]]]:
    """{organization: (class, mode) that its terms in force foresee}; those whose terms say nothing are left out."""
    versions = session.execute(
        select(EngagementVersion.organization_id, EngagementVersion.engagement_id, EngagementVersion.number,
               EngagementVersion.shares)
        .where(
            EngagementVersion.organization_id.in_(sorted({each.organization_id for each in valid})),
            EngagementVersion.engagement_id.in_(sorted(each.id for each in valid)),
        )
    )  # fmt: skip
    in_force = {(each.id, each.terms_number): each.organization_id for each in valid}
    found: dict[UUID, set[tuple[str, str]]] = {}
    for organization_id, engagement_id, number, shares in versions:
        if (engagement_id, number) in in_force and shares:
            pairs = {(str(key), str(mode)) for key, modes in shares.items() for mode in modes}
            found.setdefault(organization_id, set()).update(pairs)
    return {key: frozenset(pairs) for key, pairs in found.items()}


def _holds_between(session: Session, municipality_id: UUID, ids: Sequence[UUID]) -> dict[UUID, SharingHold]:
    found: dict[UUID, SharingHold] = {}
    for each in session.scalars(
        select(SharingHold)
        .where(SharingHold.organization_id.in_(ids), SharingHold.municipality_id == municipality_id)
        .order_by(SharingHold.number)
    ):
        found[each.organization_id] = each
    return {key: each for key, each in found.items() if each.kind is Holding.PLACED}


def holds_of(session: Session, municipality_id: UUID, organization_id: UUID) -> list[SharingHold]:
    """Every stop of sharing between the two and every lifting, the newest first."""
    return list(
        session.scalars(
            select(SharingHold)
            .where(SharingHold.organization_id == organization_id, SharingHold.municipality_id == municipality_id)
            .order_by(SharingHold.number.desc())
        )
    )


def _end_of(acceptance: Any = InterimAcceptance) -> Any:
    return and_(
        AcceptanceEnd.organization_id == acceptance.organization_id, AcceptanceEnd.acceptance_id == acceptance.id
    )


def _acceptances(
    session: Session, municipality_id: UUID, ids: Sequence[UUID], day: date
) -> dict[UUID, tuple[InterimAcceptance, ...]]:
    found: dict[UUID, list[InterimAcceptance]] = {}
    for each in session.scalars(
        select(InterimAcceptance)
        .outerjoin(AcceptanceEnd, _end_of())
        .where(
            InterimAcceptance.organization_id.in_(ids),
            InterimAcceptance.municipality_id == municipality_id,
            InterimAcceptance.starts_on <= day,
            InterimAcceptance.ends_on >= day,
            or_(AcceptanceEnd.id.is_(None), AcceptanceEnd.ended_on > day),
        )
        .order_by(InterimAcceptance.ends_on)
    ):
        found.setdefault(each.organization_id, []).append(each)
    return {key: tuple(each) for key, each in found.items()}


@dataclass(frozen=True)
class AcceptanceRow:
    """An interim acceptance, and its early end if it had one."""

    acceptance: InterimAcceptance
    end: AcceptanceEnd | None

    def holds_on(self, day: date) -> bool:
        """Whether it counts on a day."""
        last = self.acceptance.ends_on
        return self.acceptance.starts_on <= day <= last and (self.end is None or self.end.ended_on > day)


def acceptances_between(session: Session, municipality_id: UUID, organization_id: UUID) -> list[AcceptanceRow]:
    """Every interim acceptance that a municipality gave an organization, the newest first."""
    found = session.execute(
        select(InterimAcceptance, AcceptanceEnd)
        .outerjoin(AcceptanceEnd, _end_of())
        .where(
            InterimAcceptance.organization_id == organization_id, InterimAcceptance.municipality_id == municipality_id
        )
        .order_by(InterimAcceptance.made_at.desc(), InterimAcceptance.id)
        .limit(100)
    )
    return [AcceptanceRow(row[0], row[1]) for row in found]


def _known(
    session: Session, municipality_id: UUID, valid: dict[UUID, tuple[Engagement, ...]], day: date
) -> dict[UUID, tuple[Recipient, ...]]:
    """{organization: those whom it named to the municipality, with whether they may receive data on the day}.

    From the newest roster handed over under each engagement in force, and nothing else of the roster: no name is told
    that the organization did not tell itself (DOMAIN B04).
    """
    under = {each.id: key for key, found in valid.items() for each in found}
    newest = (
        select(
            RosterSubmission.organization_id, RosterSubmission.engagement_id,
            func.max(RosterSubmission.number).label("number"),
        )
        .where(
            RosterSubmission.organization_id.in_(sorted(valid)), RosterSubmission.engagement_id.in_(sorted(under))
        )
        .group_by(RosterSubmission.organization_id, RosterSubmission.engagement_id)
        .subquery()
    )  # fmt: skip
    names: dict[UUID, dict[UUID, str]] = {}
    for organization_id, rows in session.execute(
        select(RosterSubmission.organization_id, RosterSubmission.rows).join(
            newest,
            and_(
                RosterSubmission.organization_id == newest.c.organization_id,
                RosterSubmission.engagement_id == newest.c.engagement_id,
                RosterSubmission.number == newest.c.number,
            ),
        )
    ):
        for key, line in (rows or {}).items():
            names.setdefault(organization_id, {})[UUID(key)] = str(line.get(NAME, ""))
    wanted = sorted({key for found in names.values() for key in found})
    workers = (
        list(
            session.scalars(
                select(Worker)
                .where(Worker.organization_id.in_(sorted(names)), Worker.id.in_(wanted))
                .order_by(Worker.name_kana, Worker.name, Worker.id)
            )
        )
        if wanted
        else []
    )
    clear = people.clearances(session, workers, on=day)
    found: dict[UUID, list[Recipient]] = {each: [] for each in names}
    for worker in workers:
        if (name := names.get(worker.organization_id, {}).get(worker.id)) is not None:
            is_cleared = worker.is_handler and clear[worker.id].is_cleared
            found[worker.organization_id].append(Recipient(worker.id, name, is_cleared))
    return {key: tuple(each) for key, each in found.items()}


# --- what a partner sees ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RequiredOf:
    """What one municipality requires of a partner for a class in some modes alike, and what will change."""

    data_class: DataClass
    modes: tuple[Mode, ...]
    required: Required
    answer: Answer
    #: What was announced and binds later, the nearest first.
    coming: tuple[Requirement, ...]


@dataclass(frozen=True)
class MunicipalRules:
    """What one municipality requires of a partner."""

    municipality: Municipality
    engagement: Engagement
    rules: Rules
    lines: tuple[RequiredOf, ...]


def required_of(session: Session, library: Library, organization_id: UUID, day: date) -> list[MunicipalRules]:
    """What each municipality requires of an organization that is engaged with it, or will be, for every class and mode
    that is shared at all; and whether it is met. Municipalities that differ stand side by side.
    """
    pairs = session.execute(
        select(Engagement, Municipality)
        .join(Municipality, Municipality.id == Engagement.municipality_id)
        .where(
            Engagement.organization_id == organization_id, Engagement.accepted_at.is_not(None),
            Engagement.ends_on >= day, or_(Engagement.cancelled_on.is_(None), Engagement.cancelled_on > day),
        )
        .order_by(Municipality.name, Engagement.starts_on, Engagement.id)
    ).all()  # fmt: skip
    first: dict[UUID, tuple[Engagement, Municipality]] = {}
    for engagement, municipality in pairs:
        first.setdefault(municipality.id, (engagement, municipality))
    every = rules_of(session, library, first, day)
    measures = {Measure.HANDLERS_CLEARED, *(measure for rules in every.values() for measure in rules.measures)}
    assessment, figures = assessments_with_figures(session, library, day, [organization_id], measures)[organization_id]
    found = []
    for key, (engagement, municipality) in first.items():
        ground = Ground(day, every[key], assessment, figures, (engagement,))
        found.append(MunicipalRules(municipality, engagement, every[key], tuple(_lines(ground))))
    return found


def _lines(ground: Ground) -> Iterable[RequiredOf]:
    for data_class in DataClass:
        alike: dict[Any, list[RequiredOf]] = {}
        for mode in Mode:
            # Purposes of which the municipality asks something of its own stand in the list of changes.
            required = ground.rules.required(data_class, mode, Purpose.PU1, ground.day)
            coming = tuple(
                each
                for each in ground.rules.rows
                if each.data_class is data_class and each.mode in (None, mode) and each.effective_on > ground.day
            )
            if required.level is None and not coming:
                continue
            said = check(Question(data_class, mode, Purpose.PU1), ground)
            same = (required.level, required.criteria, coming, said.blocking)
            alike.setdefault(same, []).append(RequiredOf(data_class, (mode,), required, said, coming))
        for lines in alike.values():
            first = lines[0]
            modes = tuple(mode for line in lines for mode in line.modes)
            yield RequiredOf(data_class, modes, first.required, first.answer, first.coming)


# --- decisions --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Story:
    """A decision, what happened to it, and where what was handed over stands."""

    decision: ShareDecision
    organization: str
    municipality: str
    events: tuple[DecisionEvent, ...]
    #: Whether what was handed over has ended on the receipt; None where nothing was.
    is_returned: bool | None

    @property
    def state(self) -> State:
        """Where the decision stands."""
        if not self.decision.outcome.gives:
            return State.REFUSED
        kinds = [each.kind for each in self.events]
        if EventKind.ENDED in kinds or self.is_returned:
            return State.ENDED
        moved = [kind for kind in kinds if kind in (EventKind.PAUSED, EventKind.RESUMED)]
        return State.PAUSED if moved and moved[-1] is EventKind.PAUSED else State.CURRENT

    @property
    def review(self) -> DecisionEvent | None:
        """The look at an emergency afterwards."""
        return next((each for each in self.events if each.kind.is_review), None)

    @property
    def is_seen(self) -> bool:
        """Whether the partner has taken note."""
        return any(each.kind is EventKind.SEEN for each in self.events)

    @property
    def number(self) -> str:
        """The number under which it can be found again."""
        return decision_number(self.decision)

    def needs_review(self) -> bool:
        """Whether an emergency still waits for somebody else's look."""
        return self.decision.outcome is Outcome.EMERGENCY and self.review is None

    def is_overdue(self, today: date) -> bool:
        """Whether the day of return, destruction or end has passed."""
        until = self.decision.until_on
        return self.state.is_open and until is not None and until < today


def _receipt_state() -> Any:
    """1 where all of a receipt has ended, 0 while some of it has not, None without a receipt."""
    return (
        select(func.min(case((ReceiptLine.state == ReceiptState.ENDED, 1), else_=0)))
        .where(
            ReceiptLine.organization_id == ShareDecision.organization_id,
            ReceiptLine.receipt_id == ShareDecision.receipt_id,
        )
        .correlate(ShareDecision)
        .scalar_subquery()
    )


def _stories(session: Session, query: Select[*tuple[Any, ...]]) -> list[Story]:
    rows = session.execute(query).all()
    events: dict[UUID, list[DecisionEvent]] = {}
    if rows:
        for event in session.scalars(
            select(DecisionEvent)
            .where(
                DecisionEvent.organization_id.in_(sorted({row[0].organization_id for row in rows})),
                DecisionEvent.decision_id.in_(sorted(row[0].id for row in rows)),
            )
            .order_by(DecisionEvent.number)
        ):
            events.setdefault(event.decision_id, []).append(event)
    return [
        Story(row[0], row[1], row[2], tuple(events.get(row[0].id, ())), None if row[3] is None else bool(row[3]))
        for row in rows
    ]


def _decisions() -> Select[*tuple[Any, ...]]:
    return (
        select(ShareDecision, Organization.name, Municipality.name, _receipt_state())
        .join(Organization, Organization.id == ShareDecision.organization_id)
        .join(Municipality, Municipality.id == ShareDecision.municipality_id)
    )


def story_of(session: Session, decision: ShareDecision) -> Story:
    """One decision with what became of it."""
    [found] = _stories(
        session,
        _decisions().where(ShareDecision.organization_id == decision.organization_id, ShareDecision.id == decision.id),
    )
    return found


def _has(*kinds: EventKind) -> Any:
    return (
        select(literal(1))
        .where(
            DecisionEvent.organization_id == ShareDecision.organization_id,
            DecisionEvent.decision_id == ShareDecision.id,
            DecisionEvent.kind.in_(kinds),
        )
        .correlate(ShareDecision)
        .exists()
    )


def _is_open() -> Any:
    """The condition that something was shared and has not ended."""
    return and_(
        ShareDecision.outcome != Outcome.REFUSE, ~_has(EventKind.ENDED), func.coalesce(_receipt_state(), 0) == 0
    )


def _waits_for_review() -> Any:
    return and_(ShareDecision.outcome == Outcome.EMERGENCY, ~_has(EventKind.REVIEWED_FIT, EventKind.REVIEWED_UNFIT))


#: What can be asked for: {word in the address: its name}.
CHOICES = {
    "": "すべて", "open": "共有中", "due": "30日以内に期限が来るもの", "overdue": "期限を過ぎたもの",
    "review": "事後の確認を待つもの", "refused": "共有しなかったもの",
}  # fmt: skip
SOON = timedelta(days=30)


def _chosen(choice: str, today: date) -> Any:
    return {
        "open": _is_open(),
        "due": and_(_is_open(), ShareDecision.until_on <= today + SOON),
        "overdue": and_(_is_open(), ShareDecision.until_on < today),
        "review": _waits_for_review(),
        "refused": ShareDecision.outcome == Outcome.REFUSE,
    }.get(choice, literal(1) == 1)


def _whose(municipality_id: UUID | None, organization_id: UUID | None) -> list[Any]:
    return [
        *([ShareDecision.municipality_id == municipality_id] if municipality_id else []),
        *([ShareDecision.organization_id == organization_id] if organization_id else []),
    ]


def how_many_decisions(
    session: Session,
    *,
    municipality_id: UUID | None = None,
    organization_id: UUID | None = None,
    choice: str = "",
    today: date,
) -> int:
    """How many decisions of a municipality, or about an organization."""
    query = select(func.count()).select_from(ShareDecision)
    return session.scalar(query.where(*_whose(municipality_id, organization_id), _chosen(choice, today))) or 0


def decisions(
    session: Session,
    *,
    municipality_id: UUID | None = None,
    organization_id: UUID | None = None,
    choice: str = "",
    today: date,
    limit: int,
    offset: int = 0,
) -> list[Story]:
    """Decisions of a municipality, or about an organization: the newest first, those that end soon by their day."""
    order = (
        (ShareDecision.until_on, ShareDecision.id)
        if choice in ("due", "overdue")
        else (ShareDecision.decided_at.desc(), ShareDecision.id)
    )
    query = _decisions().where(*_whose(municipality_id, organization_id), _chosen(choice, today))
    return _stories(session, query.order_by(*order).limit(limit).offset(offset))


def open_decisions(session: Session, municipality_id: UUID, today: date, *, limit: int) -> list[Story]:
    """What a municipality shares now, the oldest first."""
    query = _decisions().where(ShareDecision.municipality_id == municipality_id, _is_open())
    return _stories(session, query.order_by(ShareDecision.decided_at, ShareDecision.id).limit(limit))


# --- lapses -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lapse:
    """Something is shared although the gate says no today: a person decides about it, nothing ends by itself."""

    story: Story
    answer: Answer
    #: The last time somebody decided to keep on, or stopped it.
    last: DecisionEvent | None

    @property
    def waits(self) -> bool:
        """Whether somebody still has to decide: nobody has yet, or the time for which it was kept on is over."""
        if self.story.state is State.PAUSED:
            return False
        return self.last is None or self.last.until_on is None or self.last.until_on < self.answer.ground.day


#: So many decisions are looked through for lapses at most; more than any municipality shares at a time.
MOST_OPEN = 2000


def lapses(session: Session, library: Library, municipality_id: UUID, day: date) -> list[Lapse]:
    """What is shared although level, engagement, hold or a recipient's clearance no longer allow it on a day.

    What stood in the way when it was decided, with a reason, is no lapse until more is added. In a number of statements
    that does not grow. Those about which nobody has decided yet come first.
    """
    stories = open_decisions(session, municipality_id, day, limit=MOST_OPEN)
    known = grounds(session, library, municipality_id, {each.decision.organization_id for each in stories}, day)
    found = []
    for story in stories:
        decision = story.decision
        people = tuple(UUID(each) for each in decision.recipients or ())
        question = Question(decision.data_class, decision.mode, decision.purpose, people or None)
        said = check(question, known[decision.organization_id])
        if not _has_lapsed(decision, said):
            continue
        moves = [each for each in story.events if each.kind in _MOVES]
        found.append(Lapse(story, said, moves[-1] if moves else None))
    return sorted(found, key=lambda each: (not each.waits, each.story.organization, each.story.decision.decided_at))


def _has_lapsed(decision: ShareDecision, said: Answer) -> bool:
    """Whether more stands in the way than when it was decided."""
    then = {each["subject"] for each in decision.reasons if each["blocks"]}
    now = {each.subject for each in said.blocking}
    of_level = {Subject.LEVEL, Subject.CRITERION}
    if {each.value for each in now - of_level} - then:
        return True
    if Subject.LEVEL in now:
        return said.ground.assessment.level < decision.level or Subject.LEVEL.value not in then
    return Subject.CRITERION in now and Subject.CRITERION.value not in then


_MOVES = (EventKind.KEPT, EventKind.PAUSED, EventKind.RESUMED)


# --- what is due ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """How many decisions of a municipality wait for something."""

    municipality_id: UUID
    reviews: int
    review_by: datetime | None
    overdue: int
    ending: int
    #: Shared, and nobody has decided since about a level that is lower than then or an engagement that is over.
    fallen: int


def due_of(session: Session, municipality_ids: Iterable[UUID], user_id: UUID, today: date) -> list[Due]:
    """What waits in municipalities for an officer: emergencies that somebody else decided, what is not back, what ends.

    One statement. Emergencies that the officer decided wait for a colleague and are not counted.
    """
    review = and_(_waits_for_review(), or_(ShareDecision.by_id.is_(None), ShareDecision.by_id != user_id))
    overdue = and_(_is_open(), ShareDecision.until_on < today)
    ending = and_(_is_open(), ShareDecision.until_on.between(today, today + timedelta(days=7)))
    # Levels as they were counted since midnight; the page of lapses counts anew, and looks at people too.
    engaged = select(literal(1)).where(
        Engagement.organization_id == ShareDecision.organization_id,
        Engagement.municipality_id == ShareDecision.municipality_id,
        is_valid_on(today),
    )
    fallen = and_(
        _is_open(),
        ~_has(*_MOVES),
        or_(ReadinessStanding.level < ShareDecision.level, ~engaged.correlate(ShareDecision).exists()),
    )
    found = session.execute(
        select(
            ShareDecision.municipality_id,
            func.sum(case((review, 1), else_=0)),
            func.min(case((review, ShareDecision.review_due_at))),
            func.sum(case((overdue, 1), else_=0)),
            func.sum(case((ending, 1), else_=0)),
            func.sum(case((fallen, 1), else_=0)),
        )
        .outerjoin(
            ReadinessStanding,
            and_(ReadinessStanding.organization_id == ShareDecision.organization_id, ReadinessStanding.as_of == today),
        )
        .where(ShareDecision.municipality_id.in_(sorted(municipality_ids)), ShareDecision.outcome != Outcome.REFUSE)
        .group_by(ShareDecision.municipality_id)
    )
    return [Due(row[0], int(row[1]), row[2], int(row[3]), int(row[4]), int(row[5])) for row in found]


def unseen_by(session: Session, organization_ids: Iterable[UUID], *, limit: int = 20) -> list[Story]:
    """What was decided to share with organizations and they have not taken note of, the oldest first."""
    query = _decisions().where(
        ShareDecision.organization_id.in_(sorted(organization_ids)), _is_open(), ~_has(EventKind.SEEN)
    )
    return _stories(session, query.order_by(ShareDecision.decided_at, ShareDecision.id).limit(limit))


def is_late(review_due_at: datetime | None, now: datetime) -> bool:
    """Whether the time for the look at an emergency is over."""
    return review_due_at is not None and review_due_at < now


def differing(
    found: Sequence[MunicipalRules], day: date
) -> list[tuple[DataClass, tuple[Mode, ...], list[tuple[str, Required]]]]:
    """Classes and modes for which municipalities require different things of the same partner, with what each says."""
    differ = []
    for data_class in DataClass:
        alike: dict[Any, tuple[list[Mode], list[tuple[str, Required]]]] = {}
        for mode in Mode:
            said = [(each.municipality.name, each.rules.required(data_class, mode, Purpose.PU1, day)) for each in found]
            wanted = tuple((each.level, tuple(one.id for one in each.criteria)) for _, each in said)
            if len(set(wanted)) > 1:
                alike.setdefault(wanted, ([], said))[0].append(mode)
        differ += [(data_class, tuple(modes), said) for modes, said in alike.values()]
    return differ


def decisions_of_month(session: Session, municipality_id: UUID, month: str, *, limit: int) -> list[Story]:
    """What a municipality decided in a month `YYYY-MM`, in its order."""
    first, last = clock.first_day(month), clock.last_day(month)
    query = _decisions().where(
        ShareDecision.municipality_id == municipality_id, ShareDecision.decided_on.between(first, last)
    )
    return _stories(session, query.order_by(ShareDecision.decided_at, ShareDecision.id).limit(limit))


def decisions_after(session: Session, municipality_id: UUID, since: int, *, limit: int) -> list[Story]:
    """A municipality's decisions in the order in which they were made, without the first `since` of them."""
    query = _decisions().where(ShareDecision.municipality_id == municipality_id)
    return _stories(session, query.order_by(ShareDecision.decided_at, ShareDecision.id).offset(since).limit(limit))
