"""Writing the demo down, in two ways that leave the same rows: in bulk, and step by step through the operations.

People would take the steps one by one, which is too slow for a hundred thousand sheets; a test compares the two.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine, func, insert, inspect, select
from sqlalchemy.orm import Session

from partner_compliance import acts, clock
from partner_compliance.access import Principal, Role
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts import queries as account_queries
from partner_compliance.accounts.models import User
from partner_compliance.accounts.passwords import hash_password
from partner_compliance.acts import PLATFORM_LOG, SYSTEM, Act, Actor
from partner_compliance.database import Base, open_session, writing
from partner_compliance.demo import comings, courses, posts, promises, rules, sharing, take_outs
from partner_compliance.demo.cast import MUNICIPALITIES, PASSWORD, Partner, Person, cast
from partner_compliance.demo.plot import Kind, Step, joins_at, opens_at, steps_of, year_of
from partner_compliance.engagements import operations as engagements
from partner_compliance.engagements import places
from partner_compliance.engagements import queries as queries_of_engagements
from partner_compliance.engagements.words import NoticeReply, PlaceKind
from partner_compliance.history.models import LogLeaf, LogState
from partner_compliance.history.operations import open_log, write_acts
from partner_compliance.library.checklists import Answer, Checklist
from partner_compliance.library.shelf import Library
from partner_compliance.organizations import operations as organizations
from partner_compliance.organizations.models import Center, Engagement, Municipality, Organization, Worker
from partner_compliance.roster import operations as roster
from partner_compliance.roster import queries as roster_queries
from partner_compliance.sheets import contents, mending, policy, queries
from partner_compliance.sheets import operations as sheets
from partner_compliance.sheets.models import (
    CheckSheet,
    CorrectiveAction,
    EventKind,
    MonthClosure,
    SheetDraft,
    SheetEvent,
    SheetState,
    SheetVersion,
)

Progress = Callable[[int, int], None]

#: The officers of the municipalities: name, login name.
_OFFICERS = (("小川 千尋", "shiomi"), ("藤原 慶", "midorigahara"))
#: The partners whose engagements come with clauses, a place and its notices: those with a story.
_WITH_PAPERS = 6
_CLAUSES = {
    "basic-duty": "agreed", "law-compliance": "agreed", "secrecy": "also-after-end", "purpose-limit": "with-approval",
    "collection-limit": "agreed", "due-care": "agreed", "inform-workers": "with-record", "pledges": "kept",
    "roster": "handed-in", "training": "yearly", "work-places": "report", "locked-storage": "with-record",
    "take-out": "with-plan-and-log", "copies": "with-approval", "re-entrustment": "with-approval",
    "inspection": "any-time", "incident-report": "also-after-end", "return-and-destruction": "with-report",
    "backups": "none",
}  # fmt: skip


class Size(StrEnum):
    """How much demo data: a first look, a municipality's everyday, or what one machine has to carry."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"

    @property
    def partners(self) -> int:
        """How many partner organizations there are."""
        return {Size.SMALL: 6, Size.MEDIUM: 30, Size.LARGE: 300}[self]

    @property
    def people(self) -> int | None:
        """How many people each partner beyond the first six has; None for 8 to 22."""
        return 30 if self is Size.LARGE else None


class DatabaseNotEmpty(Exception):
    """Demo data goes into an empty database only."""


@dataclass(frozen=True)
class Loaded:
    """What was written: how many of each."""

    municipalities: int
    partners: int
    workers: int
    sheets: int
    entries: int


def is_empty(session: Session) -> bool:
    """Whether nobody has used the database yet."""
    return all(session.scalar(select(model.id).limit(1)) is None for model in (User, Organization, Municipality))


def load_demo(
    engine: Engine,
    library: Library,
    *,
    size: Size,
    now: datetime,
    seed: int = 1,
    progress: Progress | None = None,
) -> Loaded:
    """Fill an empty database with a year that ends at `now`; raises DatabaseNotEmpty.

    A small demo is one transaction; a larger one commits the first six partners together, then one by one.
    """
    teller = Teller(engine, library, size, now, seed)
    teller.tell_in_bulk(progress or (lambda _done, _total: None))
    return teller.loaded()


@dataclass
class _House:
    """A partner as it stands in the database."""

    partner: Partner
    organization: Organization
    centers: list[Center]
    workers: list[Worker | None]
    users: list[User | None]
    #: When each person joins, and their place among the people; those who are still to come, the last one first.
    arrivals: list[tuple[datetime, int]]
    #: One for each title of an engagement; people work on them in turn.
    projects: list[UUID]
    #: The same for those who leave; only of partners who have a story.
    departures: list[tuple[datetime, int]]
    #: What is taken out, brought back and handed over; what is still to come, the last one first.
    moves: list[take_outs.Move] = field(default_factory=list)

    @property
    def scene(self) -> take_outs.Scene:
        """Where the moves take place."""
        return take_outs.Scene(self.partner, self.organization, self.centers, self.workers, self.users)

    @property
    def has_story(self) -> bool:
        """Whether it is one of the first six, whose coming and going is told in full."""
        return self.partner.number < Size.SMALL.partners

    @property
    def officer(self) -> int:
        """The place of the protection officer among the people."""
        return next(at for at, who in enumerate(self.partner.people) if Role.PROTECTION_OFFICER in who.posts)


class Teller:
    """Tells the story of one demo to one database."""

    def __init__(self, engine: Engine, library: Library, size: Size, now: datetime, seed: int) -> None:
        self.engine, self.library, self.now, self.seed = engine, library, now, seed
        self.months = year_of(now)
        self.begins = clock.start_of(clock.first_day(self.months[0])) - timedelta(days=40) + timedelta(hours=9)
        self.partners = list(
            cast(partners=size.partners, size=size.people, months=self.months, today=clock.local_date(now), seed=seed)
        )
        self.password_hash = hash_password(PASSWORD)
        self.operator = SYSTEM
        self.municipalities: list[Municipality] = []
        #: Of each partner that has a part in the council's papers, by number.
        self.scenes: dict[int, take_outs.Scene] = {}
        self._principals: dict[tuple[UUID, bool], Principal] = {}

    def checklist(self, month: str) -> Checklist:
        return self.library.edition_for(sheets.CHECKLIST_KEY, month)

    def loaded(self) -> Loaded:
        with open_session(self.engine) as session:
            counts = [
                session.scalar(select(func.count()).select_from(table)) or 0
                for table in (Municipality, Organization, Worker, CheckSheet, LogLeaf)
            ]
        return Loaded(*counts)

    # --- the two ways

    def tell_step_by_step(self) -> None:
        """Everything in the order in which it happened, by the operations that the pages use."""
        with writing(self.engine, write_acts=write_acts) as session:
            _refuse_unless_empty(session)
            self.set_the_stage(session)
            houses = [self.found(session, partner) for partner in self.partners]
            for month in self.months:
                for house in houses:
                    self.join(session, house, before=opens_at(month))
                    self.confirm_roster(session, house, month)
                sheets.open_months(session, self.library, now=opens_at(month))
                opened = {
                    sheet.worker_id: sheet
                    for sheet in session.scalars(select(CheckSheet).where(CheckSheet.month == month))
                }
                for house in houses:
                    for step in self.steps(house.partner, month):
                        self.join(session, house, before=step.at)
                        self.do(session, house, step, opened)
            for house in houses:
                self.join(session, house, before=self.now)
            self.sit_together(session)

    def tell_in_bulk(self, progress: Progress) -> None:
        """Partner by partner, the rows of all months at once; the first six in one transaction."""
        first, later = self.partners[: Size.SMALL.partners], self.partners[Size.SMALL.partners :]
        with writing(self.engine, write_acts=write_acts) as session:
            _refuse_unless_empty(session)
            self.set_the_stage(session)
            for partner in first:
                self.tell_of(session, partner)
            if not later:
                self.sit_together(session)
        for done, partner in enumerate(later, start=len(first)):
            progress(done, len(self.partners))
            with writing(self.engine, write_acts=write_acts) as session:
                self.tell_of(session, partner)
        if later:
            with writing(self.engine, write_acts=write_acts) as session:
                self.sit_together(session)
        progress(len(self.partners), len(self.partners))

    def sit_together(self, session: Session) -> None:
        """The papers of a council, with the first two partners at the table."""
        if {0, 1} <= self.scenes.keys():
            promises.sit_together(session, self.library, self.scenes[0], self.scenes[1], now=self.now)
            rules.hand_on(session, self.library, self.scenes[0], self.scenes[1], now=self.now)
            sharing.share(session, self.library, self.scenes[0], now=self.now)
            sharing.look_after(session, self.library, self.scenes[0], self.scenes[1], now=self.now)

    def tell_of(self, session: Session, partner: Partner) -> None:
        """All months of one partner, in bulk."""
        house = self.found(session, partner)
        bulk = _Bulk(session, house)
        for month in self.months:
            self.join(session, house, before=opens_at(month))
            self.confirm_roster(session, house, month)
            bulk.open(month, self.checklist(month))
            for step in self.steps(partner, month):
                self.join(session, house, before=step.at)
                bulk.do(step, self.principal(session, house, step), self.checklist(month))
        self.join(session, house, before=self.now)
        bulk.write()
        self._principals.clear()

    def steps(self, partner: Partner, month: str) -> list[Step]:
        return steps_of(partner, month, self.checklist(month), now=self.now, seed=self.seed)

    # --- who there is

    def set_the_stage(self, session: Session) -> None:
        """The operator, the municipalities, and their officers."""
        if session.get(LogState, PLATFORM_LOG) is None:
            open_log(session, PLATFORM_LOG, "platform", now=self.begins)
        operator = self._user(session, "中村 航", "operator", "運営", at=9)
        accounts.grant_operator_role(session, operator, by=SYSTEM, now=self.begins)
        self.operator = Actor(operator.id, operator.name, "operator")
        for at, ((code, name), (person, login)) in enumerate(zip(MUNICIPALITIES, _OFFICERS, strict=True)):
            made = organizations.create_municipality(session, code=code, name=name, by=self.operator, now=self.begins)
            officer = self._user(session, person, login, f"自治体担当者（{name}）", at=7 + at)
            accounts.grant_municipality_role(session, officer, made.id, by=self.operator, now=self.begins)
            self.municipalities.append(made)

    def found(self, session: Session, partner: Partner) -> _House:
        """A partner with its centers, engagements, and everyone who was there from the beginning."""
        organization = organizations.create_organization(
            session,
            name=partner.name,
            legal_form=partner.legal_form,
            corporate_number=partner.corporate_number,
            representative_name=partner.representative,
            first_month=partner.first_month,
            by=self.operator,
            now=self.begins,
        )
        centers = [
            organizations.add_center(
                session, organization, name=name, by=self.operator, now=self.begins,
                opened_on=clock.local_date(self.begins) - timedelta(days=900 + 30 * at),
            )
            for at, name in enumerate(partner.centers)
        ]  # fmt: skip
        pacts = [
            organizations.start_engagement(
                session, self.municipalities[pact.municipality], organization, basis=pact.basis, title=pact.title,
                starts_on=pact.starts_on, ends_on=pact.ends_on, by=self.operator, now=self.begins,
            )
            for pact in partner.pacts
        ]  # fmt: skip
        if partner.number < _WITH_PAPERS:
            self._papers(session, partner, organization, centers[0], pacts)
        size = len(partner.people)
        arrivals = sorted(
            ((max(joins_at(who), self.begins), -at) for at, who in enumerate(partner.people)), reverse=True
        )
        projects = [
            roster.project_named(session, organization.id, title, by=self.operator, now=self.begins).id
            for title in dict.fromkeys(pact.title for pact in partner.pacts)
        ]
        house = _House(
            partner, organization, centers, [None] * size, [None] * size, arrivals, projects=projects, departures=[]
        )
        if house.has_story:
            leavers = [(comings.leaves_at(who), -at) for at, who in enumerate(partner.people) if who.left_on]
            house.departures = sorted((each for each in leavers if each[0] <= self.now), reverse=True)
            told = [step for month in self.months[-take_outs.MONTHS :] for step in self.steps(partner, month)]
            moves = [
                *take_outs.moves_of(partner, told, now=self.now, seed=self.seed),
                *promises.moves_of(partner, self.library, begins=self.begins, now=self.now, seed=self.seed),
                *rules.moves_of(partner, self.library, begins=self.begins, now=self.now, seed=self.seed),
                *courses.moves_of(partner, self.library, begins=self.begins, now=self.now, seed=self.seed),
                *posts.moves_of(partner, begins=self.begins, now=self.now),
            ]
            house.moves = sorted(moves, key=lambda move: move[0], reverse=True)
        self.scenes[partner.number] = house.scene
        self.join(session, house, before=self.begins)
        return house

    def _papers(
        self, session: Session, partner: Partner, organization: Organization, center: Center, pacts: list[Engagement]
    ) -> None:
        """What belongs to the engagements of a partner with a story: clauses, a locked place, its notices."""
        cities = {
            municipality.id: Actor(None, name, "demo")
            for municipality, (name, _) in zip(self.municipalities, _OFFICERS, strict=True)
        }
        officer = Actor(None, partner.people[1].name, "demo")
        listed = self.library.clauses_for(self.months[0])
        for pact in pacts:
            city = cities[pact.municipality_id]
            engagements.record_clauses(session, pact, listed, _CLAUSES, based_on=0, by=city, now=self.begins)
        begins = clock.local_date(self.begins)
        facts = places.PlaceFacts(
            PlaceKind.BOTH, f"{center.name} 事務室", f"潮見市中央{partner.number + 1}-2-3", True, begins,
            "鍵付きの書庫に入れ、部屋の扉にも鍵をかける", "センター長", center.id, frozenset(each.id for each in pacts),
        )  # fmt: skip
        place = places.add_place(session, organization, facts, by=officer, now=self.begins)
        for row in queries_of_engagements.notices_about(session, place):
            city = cities[row.notice.municipality_id]
            places.answer_notice(session, row.notice, NoticeReply.RECEIVED, by=city, now=self.begins)

    def join(self, session: Session, house: _House, *, before: datetime) -> None:
        """Put everyone on the roster who has joined by a moment and is not on it yet, in the order of joining; take out
        and bring back; and close everything for those who have left by then."""
        while True:
            nexts = [each[-1][0] if each else None for each in (house.arrivals, house.moves, house.departures)]
            due = [moment for moment in nexts if moment is not None and moment <= before]
            if not due:
                return
            comes, moves, _ = nexts
            if comes == min(due):
                joined, at = house.arrivals.pop()
                self._add(session, house, -at, house.partner.people[-at], joined)
            elif moves == min(due):
                _, act = house.moves.pop()
                act(session, house.scene)
            else:
                left, at = house.departures.pop()
                self._let_go(session, house, -at, left)

    def _let_go(self, session: Session, house: _House, at: int, now: datetime) -> None:
        worker, officer = house.workers[at], house.users[house.officer]
        if worker is None or officer is None:
            raise ValueError(f"{house.partner.people[at].name} cannot leave yet")
        by = account_queries.principal_of(session, officer, strength="password", today=clock.local_date(now))
        comings.let_go(session, worker, house.partner.people[at], by=by, now=now)

    def _add(self, session: Session, house: _House, at: int, person: Person, now: datetime) -> None:
        user = None
        if person.login is not None:
            user = self._user(session, person.name, person.login, person.demo_label, at=_ORDER.get(person.login, 0))
        center = house.centers[person.center]
        facts = roster.WorkerFacts(
            name=person.name, name_kana=person.kana, kind=person.kind, center_id=center.id,
            is_handler=person.is_handler, joined_on=person.joined_on, left_on=person.left_on,
            projects=frozenset({house.projects[at % len(house.projects)]} if house.projects else ()),
        )  # fmt: skip
        worker = roster.add_worker(
            session, center.organization_id, facts, user_id=user.id if user else None, by=self.operator, now=now
        )
        house.workers[at], house.users[at] = worker, user
        if house.has_story:
            officer = house.partner.people[house.officer].name
            comings.take_in(session, worker, person, at, officer=officer, by=self.operator, now=now)
        if user is not None:
            session.flush()
            for role in (Role.WORKER, *person.posts):
                headed = center if role is Role.CENTER_HEAD else None
                accounts.grant_role(session, worker, role, center=headed, by=self.operator, now=now)

    def confirm_roster(self, session: Session, house: _House, month: str) -> None:
        """Every third month, counted back from the last, the officer of a careful partner confirms the roster."""
        months_ago = len(self.months) - 1 - self.months.index(month)
        if months_ago not in (0, 3) or house.partner.care < _CAREFUL:
            return
        for user, person in zip(house.users, house.partner.people, strict=True):
            if user is not None and Role.PROTECTION_OFFICER in person.posts:
                today = clock.local_date(opens_at(month))
                by = account_queries.principal_of(session, user, strength="password", today=today)
                seen = roster_queries.state_of(session, house.organization.id)
                roster.confirm_roster(session, house.organization, seen=seen, by=by, now=opens_at(month))
                return

    def _user(self, session: Session, name: str, login: str, demo_label: str | None, *, at: int) -> User:
        user = accounts.create_user(
            session, name=name, login_name=login, demo_label=demo_label, now=self.begins + timedelta(seconds=at)
        )
        # One hash for all: a thousand of their own would take minutes, and the password is public anyway.
        user.password_hash = self.password_hash
        user.password_changed_at = self.begins
        return user

    def principal(self, session: Session, house: _House, step: Step) -> Principal:
        """Whoever takes a step, as the door would know them on that day."""
        user = house.users[step.by]
        if user is None:
            raise ValueError(f"{house.partner.people[step.by].name} has no account")
        left_on = house.partner.people[step.by].left_on
        today = clock.local_date(step.at)
        key = (user.id, left_on is not None and left_on < today)
        if key not in self._principals:
            self._principals[key] = account_queries.principal_of(session, user, strength="password", today=today)
        return self._principals[key]

    # --- step by step

    def do(self, session: Session, house: _House, step: Step, opened: dict[UUID, CheckSheet]) -> None:
        """Take one step by the operation that a page would call."""
        by, now = self.principal(session, house, step), step.at
        if step.kind is Kind.CLOSE:
            take_outs.spot_check(session, house.centers[step.center], step.month, by=by, now=now)
            sheets.close_month(session, house.centers[step.center], step.month, by=by, now=now)
            return
        worker = house.workers[step.whose]
        sheet = opened[worker.id] if worker else None
        if sheet is None:
            raise ValueError(f"no sheet for {step}")
        checklist = self.checklist(step.month)
        match step.kind:
            case Kind.DRAFT:
                sheets.save_draft(session, sheet, step.filled, by=by, based_on=0, now=now)
            case Kind.SUBMIT:
                sheets.submit(session, sheet, checklist, step.filled, by=by, now=now)
            case Kind.PAPER:
                signed_on = step.signed_on or clock.local_date(now)
                sheets.enter_from_paper(session, sheet, checklist, step.filled, signed_on=signed_on, by=by, now=now)
            case Kind.VIEW:
                sheets.record_look(session, sheet, by=by, now=now, name="sheet.viewed")
            case Kind.SIGN_OFF:
                sheets.sign_off(session, sheet, version_number=_version_of(session, sheet), by=by, now=now)
            case Kind.RETURN:
                sheets.return_for_changes(
                    session, sheet, version_number=_version_of(session, sheet), comment=step.text, by=by, now=now
                )
            case Kind.EXCUSE if step.excuse is not None:
                sheets.excuse(session, sheet, reason=step.excuse, text=step.text, by=by, now=now)
            case Kind.MEND:
                mending.mend(session, _action_of(session, sheet, step.item), outcome=step.text, by=by, now=now)


#: Partners with less care than this forget to confirm their roster.
_CAREFUL = 0.7

#: The order of the buttons on the sign-in page; the officers of municipalities and the operator follow.
_ORDER = {"worker": 1, "volunteer": 2, "head": 3, "officer": 4, "representative": 5}


def _refuse_unless_empty(session: Session) -> None:
    if not is_empty(session):
        raise DatabaseNotEmpty


def _version_of(session: Session, sheet: CheckSheet) -> int:
    version = queries.last_version(session, sheet)
    return version.number if version else 0


def _action_of(session: Session, sheet: CheckSheet, item: str) -> CorrectiveAction:
    return session.scalars(
        select(CorrectiveAction)
        .where(
            CorrectiveAction.organization_id == sheet.organization_id,
            CorrectiveAction.sheet_id == sheet.id,
            CorrectiveAction.item == item,
        )
        .order_by(CorrectiveAction.opened_at.desc())
        .limit(1)
    ).one()


# --- in bulk ----------------------------------------------------------------------------------------------------


@dataclass
class _Course:
    """How far a sheet has come."""

    sheet: CheckSheet
    event: SheetEvent | None = None
    version: SheetVersion | None = None
    has_draft: bool = False

    @property
    def state(self) -> SheetState:
        if self.event is not None:
            return self.event.kind.state
        return SheetState.DRAFT if self.has_draft else SheetState.NOT_BEGUN


class _Bulk:
    """Makes the rows and acts that the operations would make, and writes them table by table."""

    def __init__(self, session: Session, house: _House) -> None:
        self.session, self.house = session, house
        self.organization_id = house.organization.id
        self.courses: dict[tuple[int, str], _Course] = {}
        self.actions: dict[tuple[UUID, str], CorrectiveAction] = {}
        self.rows: dict[type[Base], list[Base]] = {
            model: [] for model in (CheckSheet, SheetDraft, SheetVersion, SheetEvent, CorrectiveAction, MonthClosure)
        }
        self.tallies: dict[tuple[UUID, str], None] = {}

    def open(self, month: str, checklist: Checklist) -> None:
        """As `open_months` does on the opening day."""
        if month < self.house.partner.first_month:
            return
        after = clock.month_after(month)
        counts: dict[UUID, int] = {}
        for at, person in enumerate(self.house.partner.people):
            worker = self.house.workers[at]
            if worker is None or not person.files_in(month):
                continue
            sheet = CheckSheet(
                organization_id=self.organization_id,
                id=uuid4(),
                center_id=worker.center_id,
                worker_id=worker.id,
                month=month,
                checklist_key=checklist.key,
                edition=checklist.edition,
                opened_at=opens_at(month),
                due_on=clock.nth_business_day(after, self.house.organization.submission_business_day),
                sign_off_due_on=clock.nth_business_day(after, self.house.organization.sign_off_business_day),
            )
            self.rows[CheckSheet].append(sheet)
            self.courses[at, month] = _Course(sheet)
            counts[worker.center_id] = counts.get(worker.center_id, 0) + 1
        for center_id, count in sorted(counts.items()):
            self.tallies[center_id, month] = None
            self._record(
                "month.opened", opens_at(month), SYSTEM, "center", center_id,
                details={"month": month, "sheets": count},
            )  # fmt: skip

    def do(self, step: Step, by: Principal, checklist: Checklist) -> None:
        """As the step's operation does."""
        if step.kind is Kind.CLOSE:
            self._close(step, by)
            return
        course = self.courses[step.whose, step.month]
        match step.kind:
            case Kind.DRAFT:
                self._draft(course, step)
            case Kind.SUBMIT | Kind.PAPER:
                self._submit(course, step, by, checklist)
            case Kind.VIEW:
                self._record(
                    "sheet.viewed", step.at, by.actor, "check_sheet", course.sheet.id,
                    subject_id=course.sheet.worker_id, details={"month": step.month},
                )  # fmt: skip
            case Kind.SIGN_OFF | Kind.RETURN | Kind.EXCUSE:
                self._confirm(course, step, by)
            case Kind.MEND:
                self._mend(course, step, by)

    def _draft(self, course: _Course, step: Step) -> None:
        course.has_draft = True
        self.rows[SheetDraft].append(
            SheetDraft(
                organization_id=self.organization_id,
                sheet_id=course.sheet.id,
                answers=step.filled.as_kept(),
                no_take_out=step.filled.no_take_out,
                reason=step.filled.reason,
                revision=1,
                saved_at=step.at,
            )
        )

    def _submit(self, course: _Course, step: Step, by: Principal, checklist: Checklist) -> None:
        sheet, previous, before = course.sheet, course.version, course.state
        head = Role.CENTER_HEAD in self.house.partner.people[step.whose].posts
        settled = sheets.settle(step.filled, checklist, head=head)
        is_correction = before in (SheetState.SUBMITTED, SheetState.SIGNED_OFF)
        if sheets.shortcomings(settled, checklist, head=head) or (is_correction and not step.filled.reason):
            raise ValueError(f"cannot be submitted: {step}")
        version = SheetVersion(
            organization_id=self.organization_id,
            id=uuid4(),
            sheet_id=sheet.id,
            number=previous.number + 1 if previous else 1,
            with_head_section=head,
            no_take_out=settled.no_take_out,
            answers=settled.as_kept(),
            submitted_at=step.at,
            submitted_by_id=by.user_id,
            submitted_by_name=by.name,
            paper_signed_on=step.signed_on,
            reason=step.filled.reason if is_correction else "",
        )
        course.version = version
        self.rows[SheetVersion].append(version)
        for (of_sheet, _), earlier in self.actions.items():
            if of_sheet == sheet.id and earlier.closed_at is None and version.number > 1:
                earlier.closed_at, earlier.closed_by_name = step.at, by.name
                earlier.outcome = f"第{version.number}版が提出され、置き換わりました。"
        for item, given in settled.answers.items():
            if given.answer in (Answer.NOT_OK, Answer.UNSURE):
                action = CorrectiveAction(
                    organization_id=self.organization_id, id=uuid4(), sheet_id=sheet.id, version_id=version.id,
                    item=item, opened_at=step.at, closed_at=None, closed_by_name="", outcome="",
                )  # fmt: skip
                self.actions[sheet.id, item] = action
                self.rows[CorrectiveAction].append(action)
        self._event(course, step, EventKind.SUBMITTED, by, version=version)
        name = "sheet.corrected" if is_correction else "sheet.resubmitted" if previous else "sheet.submitted"
        self._record(
            "sheet.entered_from_paper" if step.signed_on else name, step.at, by.actor, "sheet_version", version.id,
            subject_id=sheet.worker_id, content=contents.version_content(version), before=before.value,
            details={
                "month": sheet.month, "version": version.number, "late": clock.local_date(step.at) > sheet.due_on
            },
        )  # fmt: skip

    def _confirm(self, course: _Course, step: Step, by: Principal) -> None:
        kind = {Kind.SIGN_OFF: EventKind.SIGNED_OFF, Kind.RETURN: EventKind.RETURNED, Kind.EXCUSE: EventKind.EXCUSED}[
            step.kind
        ]
        role = policy.confirms(by, course.sheet, self.house.partner.people[step.whose].posts)
        if role is None:
            raise ValueError(f"not their line: {step}")
        before = course.state
        version = course.version if step.kind is not Kind.EXCUSE else None
        event = self._event(course, step, kind, by, version=version, role=role)
        details: dict[str, str | int | bool | None] = {"month": step.month}
        if version is not None:
            details["version"] = version.number
        if step.excuse is not None:
            details["reason"] = step.excuse.value
        self._record(
            f"sheet.{kind.value}", step.at, by.actor, "sheet_event", event.id, subject_id=course.sheet.worker_id,
            content=contents.event_content(event), before=before.value, details=details,
        )  # fmt: skip

    def _event(
        self,
        course: _Course,
        step: Step,
        kind: EventKind,
        by: Principal,
        *,
        version: SheetVersion | None,
        role: Role | None = None,
    ) -> SheetEvent:
        course.event = SheetEvent(
            organization_id=self.organization_id,
            id=uuid4(),
            sheet_id=course.sheet.id,
            number=course.event.number + 1 if course.event else 1,
            kind=kind,
            version_id=version.id if version else None,
            at=step.at,
            happened_on=clock.local_date(step.at),
            by_id=by.user_id,
            by_name=by.name,
            by_role=role,
            comment=step.text if kind in (EventKind.RETURNED, EventKind.EXCUSED) else "",
            excuse=step.excuse,
        )
        self.rows[SheetEvent].append(course.event)
        return course.event

    def _mend(self, course: _Course, step: Step, by: Principal) -> None:
        action = self.actions[course.sheet.id, step.item]
        action.closed_at, action.closed_by_name, action.outcome = step.at, by.name, step.text
        self._record(
            "action.closed", step.at, by.actor, "corrective_action", action.id, subject_id=course.sheet.worker_id,
            details={"item": step.item, "month": step.month},
        )  # fmt: skip

    def _close(self, step: Step, by: Principal) -> None:
        center = self.house.centers[step.center]
        courses = [
            course
            for (_, month), course in self.courses.items()
            if month == step.month and course.sheet.center_id == center.id
        ]
        if not all(course.state.is_accounted_for for course in courses):
            raise ValueError(f"not everyone is accounted for: {step}")
        if self.house.partner.number < _WITH_PAPERS:  # the others have neither a place nor a ledger to look at
            take_outs.spot_check(self.session, center, step.month, by=by, now=step.at)
        closure = MonthClosure(
            organization_id=self.organization_id, id=uuid4(), center_id=center.id, month=step.month,
            closed_at=step.at, closed_by_id=by.user_id, closed_by_name=by.name,
        )  # fmt: skip
        self.rows[MonthClosure].append(closure)
        excused = sum(course.state is SheetState.EXCUSED for course in courses)
        self._record(
            "month.closed", step.at, by.actor, "month_closure", closure.id, content=contents.closure_content(closure),
            details={"month": step.month, "sheets": len(courses), "excused": excused},
        )  # fmt: skip

    def _record(self, name: str, at: datetime, actor: Actor, object_kind: str, object_id: UUID, **more: Any) -> None:
        acts.record(
            self.session,
            Act(self.organization_id, name, at, actor, object_kind=object_kind, object_id=object_id, **more),
        )

    def write(self) -> None:
        """All rows, table by table, then the counts from the facts."""
        self.session.flush()
        for model, rows in self.rows.items():
            if rows:
                names = [column.key for column in inspect(model).column_attrs]
                self.session.execute(insert(model), [{name: getattr(row, name) for name in names} for row in rows])
        for center_id, month in self.tallies:
            sheets.refresh_tally(self.session, self.organization_id, center_id, month)
