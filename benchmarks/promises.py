"""Coverage of pledges: 5,000 organizations of 30 workers, last year's and this year's pledges, in one statement."""

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
from partner_compliance.library.pledges import Occasion
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Center, LegalForm, Organization, Worker, WorkerKind
from partner_compliance.people.models import JoiningRecord, JoiningStep, Manner
from partner_compliance.pledges import measures
from partner_compliance.pledges.models import OwnWording, Pledge, PledgeText
from partner_compliance.pledges.words import Way

ORGANIZATIONS, WORKERS = 5_000, 30
#: What the bare SQL of the readiness of as many organizations takes, ms (DESIGN §10).
BUDGET = {"sqlite": 750.0, "postgresql": 600.0}
_TODAY = local_date(NOON)


def _id(kind: int, number: int) -> UUID:
    return UUID(int=((kind << 40 | number) * 0x9E3779B97F4A7C15F39CC0605CEDC835 + 11) % (1 << 128))


def fill(database: Scratch) -> None:
    """The organizations with their people; two of thirty have not signed this year, one organization in ten has
    changed its text materially."""
    for start in range(0, ORGANIZATIONS, 500):
        rows: Rows = {}
        for number in range(start, start + 500):
            _organization(rows, number)
        write_rows(database, rows)


def _organization(rows: Rows, number: int) -> None:
    organization, center, digest = _id(11, number), _id(12, number), f"{number:064x}"

    def add(model: type[Base], **facts: Any) -> None:
        rows.setdefault(model, []).append({"organization_id": organization, **facts})

    rows.setdefault(Organization, []).append({
        "id": organization, "name": f"誓約の団体{number}", "legal_form": LegalForm.NPO, "representative_name": "",
        "submission_business_day": 5, "sign_off_business_day": 10, "first_month": "2026-01", "created_at": NOON,
    })  # fmt: skip
    add(Center, id=center, name="本部", opened_on=date(2024, 4, 1))
    add(PledgeText, digest=digest, text={"title": "誓約書"})
    if number % 10 == 0:
        add(
            OwnWording, id=_id(13, number), key="annual", number=1, paragraphs=["約束"], from_on=_TODAY,
            is_material=True, sign_again_by=_TODAY + timedelta(days=30), reason="理由", made_at=NOON, made_on=_TODAY,
            by_id=None, by_name="責任者",
        )  # fmt: skip
    for at in range(WORKERS):
        worker = _id(14, number * WORKERS + at)
        add(
            Worker, id=worker, center_id=center, user_id=None, name=f"従事者{at}", name_kana="",
            kind=WorkerKind.VOLUNTEER if at % 3 == 0 else WorkerKind.REGULAR, is_handler=at % 2 == 0,
            files_sheets=True, joined_on=date(2024, 4, 1), left_on=None, registered_at=NOON,
        )  # fmt: skip
        add(
            JoiningRecord, id=_id(19, number * WORKERS + at), worker_id=worker, step=JoiningStep.PLEDGE,
            done_on=date(2024, 4, 1), manner=Manner.PAPER, subject="誓約書", by_whom="責任者", replaces_id=None,
            is_withdrawal=False, reason="", recorded_at=NOON, recorded_on=date(2024, 4, 1), recorded_by_id=None,
            recorded_by_name="",
        )  # fmt: skip
        for year in (2025, 2026) if at > 1 else (2025,):
            signed_on = yearly.opens_on(year, yearly.APRIL) + timedelta(days=at)
            add(
                Pledge, id=_id(15 + year % 2, number * WORKERS + at), worker_id=worker, center_id=center,
                occasion=Occasion.ANNUAL, engagement_id=None, key="annual", edition="2026", own_number=0,
                text_digest=digest, signed_on=signed_on, counts_until=yearly.counts_until(signed_on, yearly.APRIL),
                way=Way.OWN_DEVICE, name=f"従事者{at}", typed_name=f"従事者{at}", post="常勤職員", told_on=None,
                told_how=None, told_by=None, joining_record_id=None,
                request_key=_id(17 + year % 2, number * WORKERS + at), recorded_at=NOON, recorded_on=signed_on,
                recorded_by_id=None, recorded_by_name="", recorded_by_role=None, kiosk_id=None,
            )  # fmt: skip


def coverage(database: Scratch, library: Library) -> Iterator[Measured]:
    """Both measures for all organizations at once, and for one of them."""
    with open_session(database.engine) as session:
        for what, measured in (
            ("coverage of pledges, 5,000 organizations × 30 workers", measures.workers_pledged),
            ("the same of handlers", measures.handlers_pledged),
        ):

            def ask(measured: Any = measured) -> int:
                session.rollback()
                return len(session.execute(measured(_TODAY, library)).all())

            statements = counted(database.engine, ask)
            spent = measure(ask, 5, warm_up=1, server=database.server)
            yield Measured(
                "pledges", what, spent.all_cpu, budget=BUDGET[database.kind], best=spent.best_cpu,
                sql=bare(database, statements, 5), statements=len(statements), more=spent.as_more(),
            )  # fmt: skip
        one = [_id(11, 17)]

        def of_one() -> None:
            session.rollback()
            session.execute(measures.workers_pledged(_TODAY, library, one)).all()

        statements = counted(database.engine, of_one)
        spent = measure(of_one, 20, server=database.server)
        yield Measured(
            "pledges", "coverage of one organization", spent.all_cpu, budget=20.0, best=spent.best_cpu,
            sql=bare(database, statements, 20), statements=len(statements), more=spent.as_more(),
        )  # fmt: skip
