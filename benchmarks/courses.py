"""Courses of 5,000 organizations of 30 workers: four passes each in two fiscal years, and some on joining."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from benchmarks.databases import Rows, Scratch, bare, counted, write_rows
from benchmarks.filling import NOON
from benchmarks.report import Measured
from benchmarks.timing import measure
from partner_compliance import yearly
from partner_compliance.clock import local_date
from partner_compliance.database import Base, open_session
from partner_compliance.organizations.models import Center, LegalForm, Organization, Worker, WorkerKind
from partner_compliance.training import measures
from partner_compliance.training.models import CourseAttempt, CourseCancellation, CourseResult
from partner_compliance.training.words import Way

ORGANIZATIONS, WORKERS = 5_000, 30
#: What the bare SQL of the readiness of as many organizations takes, ms (DESIGN §10).
BUDGET = {"sqlite": 750.0, "postgresql": 600.0}
_TODAY = local_date(NOON)
#: The course on joining and one more.
KEYS = ("secrecy-basics", "take-out")


def _id(kind: int, number: int) -> UUID:
    return UUID(int=((kind << 40 | number) * 0x9E3779B97F4A7C15F39CC0605CEDC835 + 17) % (1 << 128))


def fill(database: Scratch) -> None:
    """Two courses in two fiscal years; two of thirty took none this year, one organization in ten cancelled one."""
    for start in range(0, ORGANIZATIONS, 250):
        rows: Rows = {}
        for number in range(start, start + 250):
            _organization(rows, number)
        write_rows(database, rows)


def _organization(rows: Rows, number: int) -> None:
    organization, center = _id(51, number), _id(52, number)

    def add(model: type[Base], **facts: Any) -> None:
        rows.setdefault(model, []).append({"organization_id": organization, **facts})

    rows.setdefault(Organization, []).append({
        "id": organization, "name": f"研修の団体{number}", "legal_form": LegalForm.NPO, "representative_name": "",
        "submission_business_day": 5, "sign_off_business_day": 10, "first_month": "2026-01", "created_at": NOON,
    })  # fmt: skip
    add(Center, id=center, name="本部", opened_on=date(2024, 4, 1))
    for at in range(WORKERS):
        worker = number * WORKERS + at
        add(
            Worker, id=_id(53, worker), center_id=center, user_id=None, name=f"従事者{at}", name_kana="",
            kind=WorkerKind.REGULAR, is_handler=at % 2 == 0, files_sheets=True, joined_on=date(2025, 4, 1),
            left_on=None, registered_at=NOON,
        )  # fmt: skip
        for year in (2025, 2026) if at > 1 else (2025,):
            done_on = yearly.opens_on(year, yearly.APRIL) + timedelta(days=at)
            for place, key in enumerate(KEYS):
                one = (worker * 2 + place) * 2 + year % 2
                add(
                    CourseAttempt, id=_id(54, one), worker_id=_id(53, worker), session_id=None, course_key=key,
                    edition="2026", digest=f"{place:064x}", asked=["a", "b"], lessons_read=2, begun_at=NOON,
                    begun_on=done_on, ended_at=NOON,
                )  # fmt: skip
                add(
                    CourseResult, id=_id(55, one), attempt_id=_id(54, one), worker_id=_id(53, worker),
                    center_id=center, session_id=None, number=f"KZ{one:012d}", course_key=key, edition="2026",
                    title="講座", asked=6, right_at_first=6, is_passed=True, done_on=done_on,
                    ends_on=yearly.counts_until(done_on, yearly.APRIL), recorded_at=NOON, recorded_on=done_on,
                    name=f"従事者{at}", counts_as=key, is_entry=key == KEYS[0], way=Way.SCREEN, recorded_by_id=None,
                    recorded_by_name="", kiosk_id=None,
                )  # fmt: skip
                if number % 10 == 0 and at == WORKERS - 1 and year == _TODAY.year:
                    add(
                        CourseCancellation, id=_id(56, one), result_id=_id(55, one), reason="別の方", at=NOON,
                        happened_on=_TODAY, by_id=None, by_name="責任者",
                    )  # fmt: skip


def coverage(database: Scratch) -> Iterator[Measured]:
    """Each measure for all organizations at once, and the one that readiness asks most for a single organization."""
    one = [_id(51, 17)]
    with open_session(database.engine) as session:
        for what, query, times, budget in (
            ("course on joining, 5,000 organizations × 30 workers", measures.entry_course(_TODAY), 5, None),
            ("a pass of one course", measures.course_passes(_TODAY, KEYS[1]), 5, None),
            ("a course within the fiscal year", measures.yearly_course(_TODAY), 5, None),
            ("the course before first access", measures.entry_before_access(_TODAY), 5, None),
            ("course on joining of one organization", measures.entry_course(_TODAY, one), 20, 20.0),
        ):

            def ask(query: measures.Measure = query) -> int:
                session.rollback()
                return len(session.execute(query).all())

            statements = counted(database.engine, ask)
            spent = measure(ask, times, warm_up=1, server=database.server)
            yield Measured(
                "courses", what, spent.all_cpu, budget=budget or BUDGET[database.kind], best=spent.best_cpu,
                sql=bare(database, statements, times), statements=len(statements), more=spent.as_more(),
            )  # fmt: skip
