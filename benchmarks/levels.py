"""Levels of 5,000 organizations of 30 workers: twelve months of sheets, each submitted and signed off, and pledges."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from benchmarks import promises
from benchmarks.databases import Rows, Scratch, bare, counted, write_rows
from benchmarks.filling import NOON
from benchmarks.report import Measured
from benchmarks.timing import measure
from partner_compliance import clock
from partner_compliance.clock import local_date
from partner_compliance.database import Base, open_session
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Organization
from partner_compliance.readiness.queries import assessments
from partner_compliance.sheets.models import CheckSheet, EventKind, SheetEvent, SheetVersion

MONTHS = 12
_TODAY = local_date(NOON)


def _id(kind: int, number: int) -> UUID:
    return UUID(int=((kind << 40 | number) * 0x9E3779B97F4A7C15F39CC0605CEDC835 + 19) % (1 << 128))


def fill(database: Scratch) -> None:
    """Twelve months of sheets for the organizations of the pledges; one in ten organizations misses one sheet."""
    with open_session(database.engine) as session:
        first = session.scalar(select(Organization.id).where(Organization.id == promises._id(11, 0)))
    if first is None:
        promises.fill(database)
    last = clock.month_after(clock.month_of(_TODAY), -1)
    months = clock.months_between(clock.month_after(last, 1 - MONTHS), last)
    due = {month: clock.nth_business_day(clock.month_after(month), 5) for month in months}
    for start in range(0, promises.ORGANIZATIONS, 100):
        rows: Rows = {}
        for number in range(start, start + 100):
            for place, month in enumerate(months):
                day = due[month] - timedelta(days=1)
                at = clock.start_of(day) + timedelta(hours=9)
                for worker in range(promises.WORKERS):
                    is_missing = number % 10 == 0 and worker == 0 and place == MONTHS - 1
                    _sheet(rows, number, worker, place, month, at, is_missing=is_missing)
        write_rows(database, rows)


def _sheet(
    rows: Rows, number: int, worker: int, place: int, month: str, at: datetime, *,
    is_missing: bool,
) -> None:  # fmt: skip
    one = (number * promises.WORKERS + worker) * MONTHS + place
    organization, sheet, version = promises._id(11, number), _id(61, one), _id(62, one)

    def add(model: type[Base], **facts: Any) -> None:
        rows.setdefault(model, []).append({"organization_id": organization, **facts})

    add(
        CheckSheet, id=sheet, center_id=promises._id(12, number),
        worker_id=promises._id(14, number * promises.WORKERS + worker), month=month, checklist_key="take-out",
        edition="2026", opened_at=at - timedelta(days=10), due_on=clock.nth_business_day(clock.month_after(month), 5),
        sign_off_due_on=clock.nth_business_day(clock.month_after(month), 10),
    )  # fmt: skip
    if is_missing:
        return
    add(
        SheetVersion, id=version, sheet_id=sheet, number=1, with_head_section=False, no_take_out=False, answers=None,
        submitted_at=at, submitted_by_id=None, submitted_by_name="", paper_signed_on=None, reason="", kiosk_id=None,
    )  # fmt: skip
    for place_of_event, kind in enumerate((EventKind.SUBMITTED, EventKind.SIGNED_OFF), start=1):
        add(
            SheetEvent, id=_id(62 + place_of_event, one), sheet_id=sheet, number=place_of_event, kind=kind,
            version_id=version, at=at, happened_on=local_date(at), by_id=None, by_name="", by_role=None, comment=None,
            excuse=None,
        )  # fmt: skip


def levels(database: Scratch, library: Library) -> Iterator[Measured]:
    """All levels, those of a tenth of the organizations, and one organization's, each beside its own bare SQL."""
    ids = [promises._id(11, number) for number in range(promises.ORGANIZATIONS)]
    with open_session(database.engine) as session:
        for what, some, times, budget in (
            ("levels of all organizations, 1.8 million sheets", None, 3, None),
            ("levels of 500 of them", ids[:500], 3, None),
            ("one organization's level", ids[17:18], 20, 20.0),
        ):

            def ask(some: list[UUID] | None = some) -> int:
                session.rollback()
                return len(assessments(session, library, _TODAY, some))

            statements = counted(database.engine, ask)
            spent = measure(ask, times, warm_up=1, server=database.server)
            yield Measured(
                "levels", what, spent.all_cpu, budget=budget, best=spent.best_cpu,
                sql=bare(database, statements, times), statements=len(statements), more=spent.as_more(),
            )  # fmt: skip
