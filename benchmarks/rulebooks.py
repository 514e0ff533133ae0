"""Rules of 5,000 organizations, three versions each, read by 30 workers: what is in force, and who knows it."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from benchmarks.databases import Rows, Scratch, bare, counted, write_rows
from benchmarks.filling import NOON
from benchmarks.report import Measured
from benchmarks.timing import measure
from partner_compliance.clock import local_date
from partner_compliance.database import Base, open_session
from partner_compliance.organizations.models import Center, LegalForm, Organization, Worker, WorkerKind
from partner_compliance.rulebooks import measures
from partner_compliance.rulebooks.models import Acknowledgement, Rulebook, RuleVersion
from partner_compliance.rulebooks.words import DecidedBy, Way

ORGANIZATIONS, WORKERS = 5_000, 30
#: What the bare SQL of the readiness of as many organizations takes, ms (DESIGN §10).
BUDGET = {"sqlite": 750.0, "postgresql": 600.0}
_TODAY = local_date(NOON)


def _id(kind: int, number: int) -> UUID:
    return UUID(int=((kind << 40 | number) * 0x9E3779B97F4A7C15F39CC0605CEDC835 + 13) % (1 << 128))


def fill(database: Scratch) -> None:
    """Both rules in two versions, the second a material change with days left; two of thirty have read neither."""
    for start in range(0, ORGANIZATIONS, 250):
        rows: Rows = {}
        for number in range(start, start + 250):
            _organization(rows, number)
        write_rows(database, rows)


def _organization(rows: Rows, number: int) -> None:
    organization, center = _id(31, number), _id(32, number)

    def add(model: type[Base], **facts: Any) -> None:
        rows.setdefault(model, []).append({"organization_id": organization, **facts})

    rows.setdefault(Organization, []).append({
        "id": organization, "name": f"規程の団体{number}", "legal_form": LegalForm.NPO, "representative_name": "",
        "submission_business_day": 5, "sign_off_business_day": 10, "first_month": "2026-01", "created_at": NOON,
    })  # fmt: skip
    add(Center, id=center, name="本部", opened_on=date(2024, 4, 1))
    for at in range(WORKERS):
        add(
            Worker, id=_id(33, number * WORKERS + at), center_id=center, user_id=None, name=f"従事者{at}", name_kana="",
            kind=WorkerKind.REGULAR, is_handler=True, files_sheets=True, joined_on=date(2024, 4, 1), left_on=None,
            registered_at=NOON,
        )  # fmt: skip
    for place, key in enumerate(measures.BOTH):
        book = _id(34, number * 2 + place)
        add(Rulebook, id=book, key=key, code=f"{number:027x}{place:05x}", begun_at=NOON)
        for version in (1, 2):
            decided = _TODAY - timedelta(days=200 if version == 1 else 10)
            made = _id(35 + version, number * 2 + place)
            add(
                RuleVersion, id=made, rulebook_id=book, key=key, number=version, title="規程", answers={}, articles=[],
                digest="0" * 64, is_complete=True, decided_by=DecidedBy.BOARD, decided_on=decided,
                in_force_from=decided, review_due_on=decided + timedelta(days=365), is_material=True,
                acknowledge_by=None if version == 1 else _TODAY + timedelta(days=20), change="変更", recorded_at=NOON,
                recorded_on=decided, recorded_by_id=None, recorded_by_name="責任者",
            )  # fmt: skip
            for at in range(2, WORKERS if version == 1 else WORKERS // 2):
                add(
                    Acknowledgement, id=_id(40 + version, (number * 2 + place) * WORKERS + at), rulebook_id=book,
                    version_id=made, key=key, version_number=version, worker_id=_id(33, number * WORKERS + at),
                    center_id=center, acknowledged_on=decided + timedelta(days=5), way=Way.SCREEN, name=f"従事者{at}",
                    asked=3, right_at_first=3, recorded_at=NOON, recorded_on=decided + timedelta(days=5),
                    recorded_by_id=None, recorded_by_name="", kiosk_id=None,
                )  # fmt: skip


def counts(database: Scratch) -> Iterator[Measured]:
    """Each measure for all organizations at once, and for one of them."""
    with open_session(database.engine) as session:
        for what, measured in (
            ("both rules in force, 5,000 organizations", measures.rules_adopted),
            ("rules reviewed within a year", measures.rules_reviewed),
            ("who knows the rules, 5,000 organizations × 30 workers", measures.rules_acknowledged),
        ):
            yield _one(database, what, lambda measured=measured: measured(_TODAY), session, 5, BUDGET[database.kind])
        one = [_id(31, 17)]
        yield _one(
            database, "who knows the rules of one organization", lambda: measures.rules_acknowledged(_TODAY, one),
            session, 20, 20.0,
        )  # fmt: skip


def _one(database: Scratch, what: str, statement: Any, session: Any, times: int, budget: float) -> Measured:
    def ask() -> None:
        session.rollback()
        session.execute(statement()).all()

    statements = counted(database.engine, ask)
    spent = measure(ask, times, warm_up=1, server=database.server)
    return Measured(
        "rules", what, spent.all_cpu, budget=budget, best=spent.best_cpu, sql=bare(database, statements, times),
        statements=len(statements), more=spent.as_more(),
    )  # fmt: skip
