"""What a scratch database holds: two municipalities, 500 partners, and a year of sheets in five of these.

Everything is made of running numbers, so that two runs measure the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.accounts.models import MunicipalityRole, OrganizationRole, User
from partner_compliance.acts import PLATFORM_LOG
from partner_compliance.database import Base, writing
from partner_compliance.history.models import LogState
from partner_compliance.history.operations import open_log
from partner_compliance.library.checklists import Answer, Checklist
from partner_compliance.organizations.models import (
    Center,
    Engagement,
    EngagementBasis,
    LegalForm,
    Municipality,
    Organization,
    Worker,
    WorkerKind,
)
from partner_compliance.sheets.models import CheckSheet, EventKind, MonthClosure, MonthTally, SheetEvent, SheetVersion
from partner_compliance.sheets.operations import refresh_tally

#: The moment at which everything is measured: a Monday at noon in Japan, after October's sign-off day.
NOON = datetime(2026, 11, 17, 3, 0, tzinfo=UTC)
MONTHS = clock.months_between("2025-11", "2026-10")
LATEST = MONTHS[-1]
#: The moment at which the next month's sheets open.
OPENING = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)

PARTNERS = 500
FEW_PARTNERS = 50
WORKERS = 30
NOTE = "持ち出し簿に書き忘れた日がありました。次から当日に書きます。"
#: Of each measured organization: these have filed nothing yet, in no month ...
IDLE = range(4)
#: ... this one has filed all but the latest, and these have posts.
USUAL, HEAD, OFFICER = 4, 5, 6
PEOPLE_WITH_ACCOUNT = 7


@dataclass(frozen=True)
class Measure:
    """An organization whose pages are measured: how many workers, in how many centers."""

    name: str
    workers: int
    centers: int = 1


MEASURED = (
    Measure("10 workers", 10),
    Measure("30 workers", 30),
    Measure("100 workers", 100),
    Measure("1,000 workers in 25 centers", 1000, 25),
    Measure("1,000 workers in one center", 1000),
)


@dataclass
class House:
    """One measured organization: ids of its centers, people with account, and of the sheets of these."""

    measure: Measure
    organization_id: UUID
    centers: list[UUID] = field(default_factory=list)
    workers: list[UUID] = field(default_factory=list)
    users: dict[int, UUID] = field(default_factory=dict)
    sheets: dict[tuple[int, str], UUID] = field(default_factory=dict)


@dataclass
class Filled:
    """What the measurements need to know of the contents."""

    houses: dict[str, House]
    #: (municipality, its officer) with 50 and with 500 partners.
    few: tuple[UUID, UUID]
    many: tuple[UUID, UUID]
    rows: int


class _Rows:
    """Rows on their way into the database, table by table."""

    def __init__(self) -> None:
        self._rows: dict[type[Base], list[dict[str, Any]]] = {}
        self._number = 0
        self.count = 0

    def id(self) -> UUID:
        """The next id: scattered as random ones are, and the same in every run."""
        self._number += 1
        return UUID(int=(self._number * 0x9E3779B97F4A7C15F39CC0605CEDC835) % (1 << 128))

    def add(self, model: type[Base], **values: Any) -> None:
        """Remember a row."""
        self._rows.setdefault(model, []).append(values)

    def write(self, session: Session, order: Sequence[type[Base]]) -> None:
        """Insert all, parents first."""
        for model in order:
            rows = self._rows.pop(model, [])
            table = model.__table__
            assert isinstance(table, Table)
            for start in range(0, len(rows), 5000):
                session.execute(insert(table), rows[start : start + 5000])
            self.count += len(rows)
        if self._rows:
            raise RuntimeError(f"not written: {', '.join(model.__name__ for model in self._rows)}")


_ORDER = (
    User, Municipality, MunicipalityRole, Organization, LogState, Center, Engagement, Worker, OrganizationRole,
    CheckSheet, SheetVersion, SheetEvent, MonthClosure, MonthTally,
)  # fmt: skip


def fill(engine: Any, checklist: Checklist, *, password_hash: str) -> Filled:
    """Put everything into an empty database, in one transaction."""
    rows = _Rows()
    few, many = (_a_municipality(rows, number, password_hash) for number in (1, 2))
    houses = {}
    first_measured = PARTNERS - len(MEASURED)
    for number in range(PARTNERS):
        measure = MEASURED[number - first_measured] if number >= first_measured else None
        house = _an_organization(rows, number, measure, checklist, password_hash)
        # The list of 50 is one of usual partners: 49 of the others, and the measured one that is as large as they are.
        is_among_few = number < FEW_PARTNERS - 1 or (measure is not None and measure.workers == WORKERS)
        for municipality_id, _ in (few, many) if is_among_few else (many,):
            rows.add(
                Engagement, organization_id=house.organization_id, id=rows.id(), municipality_id=municipality_id,
                basis=EngagementBasis.OUTSOURCING, title="見守り強化事業", starts_on=date(2025, 4, 1),
                ends_on=date(2027, 3, 31), accepted_at=NOON, accepted_by_name="開設者",
            )  # fmt: skip
        if measure:
            houses[measure.name] = house
    with writing(engine) as session:
        if session.get(LogState, PLATFORM_LOG) is None:
            open_log(session, PLATFORM_LOG, "platform", now=NOON)
        rows.write(session, _ORDER)
        for house in houses.values():
            for center_id in house.centers:
                for month in MONTHS:
                    refresh_tally(session, house.organization_id, center_id, month)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return Filled(houses, few, many, rows.count)


def _an_account(rows: _Rows, name: str, login: str, password_hash: str) -> UUID:
    user_id = rows.id()
    rows.add(
        User, id=user_id, name=name, login_name=login, login_key=login, password_hash=password_hash, created_at=NOON,
    )  # fmt: skip
    return user_id


def _a_municipality(rows: _Rows, number: int, password_hash: str) -> tuple[UUID, UUID]:
    municipality_id = rows.id()
    rows.add(Municipality, id=municipality_id, code=f"{number:06d}", name=f"計測{number}市", created_at=NOON)
    _open_log(rows, municipality_id, "municipality")
    officer_id = _an_account(rows, "市役所 太郎", f"officer-{number}", password_hash)
    rows.add(
        MunicipalityRole, municipality_id=municipality_id, id=rows.id(), user_id=officer_id, granted_at=NOON,
    )  # fmt: skip
    return municipality_id, officer_id


def _open_log(rows: _Rows, log_id: UUID, kind: str) -> None:
    rows.add(LogState, log_id=log_id, kind=kind, origin=f"{kind}/{log_id}", size=0, range=[], opened_at=NOON)


def _an_organization(
    rows: _Rows, number: int, measure: Measure | None, checklist: Checklist, password_hash: str
) -> House:
    size = measure or Measure("", WORKERS)
    house = House(size, rows.id())
    rows.add(
        Organization, id=house.organization_id, name=f"計測団体{number:03d}", legal_form=list(LegalForm)[number % 9],
        submission_business_day=5, sign_off_business_day=10,
        # Of the others no past month is missing, so that opening the next one opens just that.
        first_month=MONTHS[0] if measure else clock.month_after(LATEST), created_at=NOON,
    )  # fmt: skip
    _open_log(rows, house.organization_id, "organization")
    for at in range(size.centers):
        house.centers.append(rows.id())
        rows.add(
            Center, organization_id=house.organization_id, id=house.centers[-1], name=f"拠点{at:02d}",
            opened_on=date(2024, 4, 1),
        )  # fmt: skip
    for at in range(size.workers):
        _a_worker(rows, house, at, has_account=bool(measure) and at < PEOPLE_WITH_ACCOUNT, password_hash=password_hash)
    if measure:
        _a_year_of_sheets(rows, house, checklist)
    else:
        _a_year_of_tallies(rows, house, number)
    return house


def _center_of(house: House, at: int) -> UUID:
    """People with an account are all in the first center."""
    return house.centers[0 if at < PEOPLE_WITH_ACCOUNT else at % len(house.centers)]


def _a_worker(rows: _Rows, house: House, at: int, *, has_account: bool, password_hash: str) -> None:
    worker_id = rows.id()
    house.workers.append(worker_id)
    name = f"計測 {at:04d}"
    if has_account:
        login = f"{house.organization_id.hex[:12]}-{at}"
        house.users[at] = _an_account(rows, name, login, password_hash)
        for role in (Role.WORKER, {HEAD: Role.CENTER_HEAD, OFFICER: Role.PROTECTION_OFFICER}.get(at)):
            if role:
                rows.add(
                    OrganizationRole, organization_id=house.organization_id, id=rows.id(), user_id=house.users[at],
                    worker_id=worker_id, role=role, granted_at=NOON,
                    center_id=_center_of(house, at) if role is Role.CENTER_HEAD else None,
                )  # fmt: skip
    rows.add(
        Worker, organization_id=house.organization_id, id=worker_id, center_id=_center_of(house, at),
        user_id=house.users.get(at), name=name, kind=WorkerKind.REGULAR, joined_on=date(2024, 4, 1),
        registered_at=datetime(2024, 4, 1, tzinfo=UTC),
    )  # fmt: skip


def _a_year_of_sheets(rows: _Rows, house: House, checklist: Checklist) -> None:
    answers = answers_of(checklist)
    for at, worker_id in enumerate(house.workers):
        for month in MONTHS:
            sheet_id = rows.id()
            due, sign_off_due = days_of(month)
            if at < PEOPLE_WITH_ACCOUNT:
                house.sheets[at, month] = sheet_id
            rows.add(
                CheckSheet, organization_id=house.organization_id, id=sheet_id, center_id=_center_of(house, at),
                worker_id=worker_id, month=month, checklist_key=checklist.key, edition=checklist.edition,
                opened_at=clock.start_of(date(int(month[:4]), int(month[5:]), 25)), due_on=due,
                sign_off_due_on=sign_off_due,
            )  # fmt: skip
            if at in IDLE or (month == LATEST and at % 7 == USUAL):
                continue
            version_id, sent_at = rows.id(), clock.start_of(due)
            rows.add(
                SheetVersion, organization_id=house.organization_id, id=version_id, sheet_id=sheet_id, number=1,
                with_head_section=False, no_take_out=False, answers=answers, submitted_at=sent_at,
                submitted_by_name=f"計測 {at:04d}",
            )  # fmt: skip
            kinds = [EventKind.SUBMITTED, EventKind.SIGNED_OFF]
            for index, kind in enumerate(kinds[: 1 if month == LATEST and at % 3 == 0 else 2]):
                rows.add(
                    SheetEvent, organization_id=house.organization_id, id=rows.id(), sheet_id=sheet_id,
                    number=index + 1, kind=kind, version_id=version_id, at=sent_at, happened_on=due,
                    by_name=f"計測 {at:04d}", comment="",
                )  # fmt: skip


def _a_year_of_tallies(rows: _Rows, house: House, number: int) -> None:
    asked = house.measure.workers
    for at, month in enumerate(MONTHS):
        due, sign_off_due = days_of(month)
        missing = (number * 7 + at * 3) % 11 if (number + at) % 4 == 0 else 0
        closed = not missing and month != LATEST
        rows.add(
            MonthTally, organization_id=house.organization_id, center_id=house.centers[0], month=month, sheets=asked,
            excused=number % 3, submitted=asked - number % 3 - missing, on_time=asked - number % 3 - missing - at % 3,
            awaiting=0 if closed else 5, returned=0, signed_off=asked - number % 3 - missing - (0 if closed else 5),
            signed_off_on_time=0, is_closed=closed, due_on=due, sign_off_due_on=sign_off_due,
        )  # fmt: skip
        if closed:
            rows.add(
                MonthClosure, organization_id=house.organization_id, id=rows.id(), center_id=house.centers[0],
                month=month, closed_at=clock.start_of(sign_off_due), closed_by_name="計測",
            )  # fmt: skip


def days_of(month: str) -> tuple[date, date]:
    """The due days of a month, for submission and sign-off."""
    after = clock.month_after(month)
    return clock.nth_business_day(after, 5), clock.nth_business_day(after, 10)


def answers_of(checklist: Checklist, *, head: bool = False) -> Mapping[str, Mapping[str, str]]:
    """A complete sheet as the database keeps it, with one item that needs improvement."""
    answers = {number: {"answer": Answer.OK.value, "note": ""} for number in checklist.items_for(head)}
    first = next(iter(answers))
    answers[first] = {
        "answer": Answer.NOT_OK.value,
        "note": "持ち出し簿に書き忘れた日がありました。次から当日に書きます。",
    }
    return answers
