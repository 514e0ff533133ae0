"""The log and the months: appending, verifying, opening, counting anew."""

from collections.abc import Iterator
from time import perf_counter, process_time
from uuid import UUID

from benchmarks.databases import Scratch
from benchmarks.filling import LATEST, NOON, OPENING, Filled
from benchmarks.report import Measured
from benchmarks.timing import Spent, collect, measure
from partner_compliance.access import Principal
from partner_compliance.acts import Act, Actor, record
from partner_compliance.clock import local_date
from partner_compliance.database import begin_writing, open_session, writing
from partner_compliance.documents.tables import to_xlsx
from partner_compliance.history.operations import open_log, write_acts
from partner_compliance.history.verification import verify_log
from partner_compliance.imports import operations as imports
from partner_compliance.imports.columns import as_table
from partner_compliance.imports.operations import MOST_ROWS
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Center
from partner_compliance.sheets.operations import open_months, refresh_tally

#: Budget of DESIGN.md §10, in ms.
APPENDING = 0.5
ENTRIES = 10_000


def log(database: Scratch, times: int) -> Iterator[Measured]:
    """Appending to a log, and verifying it from its first entry."""
    log_id = UUID(int=1)
    with writing(database.engine) as session:
        open_log(session, log_id, "organization", now=NOON)
    many = _appending(database, log_id, 100, ENTRIES // 100)
    one = _appending(database, log_id, 1, times * 3)
    yield Measured(
        "log", "log append, one act", one.all_cpu, budget=APPENDING, best=one.best_cpu, statements=3, more=one.as_more()
    )
    yield Measured("log", "log append, each of 100 acts", many.all_cpu / 100, budget=APPENDING, more=many.as_more())

    def verify() -> None:
        with open_session(database.engine) as session:
            verdict = verify_log(session, log_id, {})
        if not verdict.ok:
            raise RuntimeError(str(verdict.problems[:3]))

    spent = measure(verify, 3, server=database.server, warm_up=1)
    yield Measured("log", f"verifying a log of {ENTRIES:,} entries", spent.all_cpu, more=spent.as_more())


def _appending(database: Scratch, log_id: UUID, size: int, times: int) -> Spent:
    """What `write_acts` costs, without the beginning of the transaction and its commit."""
    actor = Actor(UUID(int=2), "計測 花子", "password")
    details: dict[str, str | int | bool | None] = {"month": LATEST, "version": 1}
    content = {
        "sheet": str(log_id),
        "number": 1,
        "answers": {f"1-{at}": {"answer": "ok", "note": ""} for at in range(14)},
    }

    def append() -> tuple[float, float]:
        with open_session(database.engine, write_acts=write_acts) as session:
            begin_writing(session)
            for at in range(size):
                record(
                    session,
                    Act(
                        log_id, "sheet.submitted", NOON, actor, subject_id=UUID(int=3), object_kind="check_sheet",
                        object_id=UUID(int=at), content=content, before="draft", details=details,
                    ),
                )  # fmt: skip
            clock, cpu = perf_counter(), process_time()
            write_acts(session)
            spent = process_time() - cpu, perf_counter() - clock
            session.commit()
        return spent

    return collect(append, times, server=database.server)


def months(database: Scratch, filled: Filled, library: Library, times: int) -> Iterator[Measured]:
    """Counting a center's month anew, and opening a month for everyone."""
    for name in ("30 workers", "100 workers", "1,000 workers in one center"):
        house = filled.houses[name]

        def count() -> None:
            with open_session(database.engine) as session:
                begin_writing(session)
                refresh_tally(session, house.organization_id, house.centers[0], LATEST)  # noqa: B023
                session.commit()

        spent = measure(count, times, server=database.server)
        size = f"{house.measure.workers:,}"
        yield Measured("months", f"counting a center's month of {size} anew", spent.all_cpu, more=spent.as_more())
    opened = 0

    def open_all() -> None:
        nonlocal opened
        with writing(database.engine, write_acts=write_acts) as session:
            opened = open_months(session, library, now=OPENING)

    once = measure(open_all, 1, server=database.server, warm_up=0)
    yield Measured("months", f"opening a month, {opened:,} sheets", once.all_cpu / 1000, "s", more=once.as_more())
    again = measure(open_all, max(3, times // 8), server=database.server, warm_up=1)
    yield Measured("months", "the same when all are open (every minute)", again.all_cpu, more=again.as_more())


def roster(database: Scratch, filled: Filled) -> Iterator[Measured]:
    """Taking in a roster from a workbook, from the bytes of the file to the commit."""
    house = filled.houses["30 workers"]
    by = Principal(UUID(int=4), "計測 花子")
    with open_session(database.engine) as session:
        center = session.get_one(Center, (house.organization_id, house.centers[0])).name
    rows = [
        {
            "staff_number": f"{at:05d}", "name": f"従事 者{at}", "name_kana": "ジュウジシャ", "kind": "ボランティア",
            "center": center, "other_centers": "", "projects": "見守り、学習支援", "is_handler": "はい",
            "files_sheets": "はい", "joined_on": "2026-04-01", "left_on": "", "id": "",
        }
        for at in range(MOST_ROWS)
    ]  # fmt: skip
    content = to_xlsx(as_table("名簿", rows))

    def take_in() -> None:
        with writing(database.engine, write_acts=write_acts) as session:
            examined = imports.examine(
                session, house.organization_id, content, leave_on=None, uploader_id=by.user_id, today=local_date(NOON)
            )
            upload = imports.keep_upload(
                session, house.organization_id, examined, filename="名簿.xlsx", leave_on=None, by=by, now=NOON
            )
            imports.confirm(session, upload, based_on=examined.digest, at_once=True, by=by.actor, now=NOON)

    once = measure(take_in, 1, server=database.server, warm_up=0)
    yield Measured("roster", f"import of {MOST_ROWS:,} rows", once.all_cpu / 1000, "s", budget=5.0, more=once.as_more())
