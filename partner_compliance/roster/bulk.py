"""The roster as a whole: everyone at once, read and written in a number of statements that does not grow with them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.acts import Actor
from partner_compliance.clock import local_date
from partner_compliance.database import Base
from partner_compliance.organizations.models import Center, Worker
from partner_compliance.roster.models import ChangeSource, Project, WorkerCenter, WorkerProject, WorkerVersion
from partner_compliance.roster.operations import (
    StaffNumberTaken,
    WorkerFacts,
    WrongFacts,
    assign,
    differing,
    faults_in,
    record_added,
    record_changed,
    values_of_version,
    write_down,
)


@dataclass(frozen=True)
class RosterRow:
    """Someone on the roster: the row, what it says, and the number of its newest version (0 when none was kept)."""

    worker: Worker
    facts: WorkerFacts
    number: int


def whole_roster(session: Session, organization_id: UUID, *, lock: bool = False) -> list[RosterRow]:
    """Everyone who stands or stood on an organization's roster, by reading of the name.

    `lock` keeps the rows from being changed by anybody else until the transaction ends.
    """
    query = select(Worker).where(Worker.organization_id == organization_id)
    if lock:
        # Locked in one order, so that two who lock them wait for each other and do not deadlock.
        query = query.order_by(Worker.id).with_for_update().execution_options(populate_existing=True)
    workers = sorted(session.scalars(query), key=lambda worker: (worker.search_key, worker.name, worker.id))
    numbers: dict[UUID, int] = {
        row[0]: row[1]
        for row in session.execute(
            select(WorkerVersion.worker_id, func.max(WorkerVersion.number))
            .where(WorkerVersion.organization_id == organization_id)
            .group_by(WorkerVersion.worker_id)
        )
    }
    centers, projects = _open(session, organization_id, WorkerCenter), _open(session, organization_id, WorkerProject)
    return [
        RosterRow(
            worker,
            WorkerFacts(
                name=worker.name,
                name_kana=worker.name_kana,
                staff_number=worker.staff_number,
                kind=worker.kind,
                center_id=worker.center_id,
                is_handler=worker.is_handler,
                files_sheets=worker.files_sheets,
                joined_on=worker.joined_on,
                left_on=worker.left_on,
                other_centers=frozenset(row.center_id for row in centers.get(worker.id, ())),
                projects=frozenset(row.project_id for row in projects.get(worker.id, ())),
            ),
            numbers.get(worker.id, 0),
        )
        for worker in workers
    ]


def _open(
    session: Session, organization_id: UUID, model: type[WorkerCenter] | type[WorkerProject]
) -> dict[UUID, list[Any]]:
    """The assignments without an end, by worker."""
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in session.scalars(
        select(model).where(model.organization_id == organization_id, model.until_on.is_(None)).order_by(model.id)
    ):
        found[row.worker_id].append(row)  # type: ignore[attr-defined]  # the common base of both has no columns
    return found


def write_many(
    session: Session,
    organization_id: UUID,
    *,
    new: Sequence[WorkerFacts] = (),
    changed: Sequence[tuple[RosterRow, WorkerFacts]] = (),
    source: ChangeSource,
    needs_kana: bool = True,
    on: date | None = None,
    by: Actor,
    now: datetime,
) -> list[Worker]:
    """Put many people on the roster and change many rows at once; returns those put on it, in their order.

    Leaves the same rows, versions and acts as `add_worker` and `change_worker` do one by one, and raises the same
    StaffNumberTaken and WrongFacts. `changed` holds rows as `whole_roster` has read them, locked, in this transaction;
    staff numbers may change hands among them. `on` is the day from which assignments begin or before which they end.
    """
    settled = [facts.settled() for facts in new]
    moved = [(row, facts.settled()) for row, facts in changed]
    moved = [(row, facts) for row, facts in moved if differing(row.facts, facts)]
    for facts in (*settled, *(facts for _, facts in moved)):
        if faults := faults_in(facts, needs_kana=needs_kana):
            raise WrongFacts(faults)
    names = _places(session, organization_id, [*settled, *(facts for _, facts in moved)])
    _refuse_taken_numbers(session, organization_id, settled, moved)
    centers, projects = _open(session, organization_id, WorkerCenter), _open(session, organization_id, WorkerProject)

    made = [
        Worker(organization_id=organization_id, id=uuid4(), center_id=facts.center_id, user_id=None, registered_at=now)
        for facts in settled
    ]
    _let_go_of_numbers(session, moved)
    for worker, facts in zip(made, settled, strict=True):
        write_down(worker, facts)
    for row, facts in moved:
        write_down(row.worker, facts)
    session.add_all(made)
    session.flush()

    versions: list[dict[str, Any]] = []

    def keep(
        worker: Worker, facts: WorkerFacts, number: int, source: ChangeSource, by: Actor, now: datetime
    ) -> WorkerVersion:
        values = values_of_version(worker, facts, number, source=source, by=by, now=now)
        versions.append(values)
        # A model's instance for each of thousands costs more than its insertion; only its attributes are read.
        return cast(WorkerVersion, SimpleNamespace(**values))

    for worker, facts in zip(made, settled, strict=True):
        record_added(session, keep(worker, facts, 1, source, by, now), names[facts.center_id], by=by)
    _assign_all_new(session, made, settled)
    for row, facts in moved:
        number = row.number
        if number == 0:  # a row from before versions were kept
            keep(row.worker, row.facts, 1, ChangeSource.SETUP, acts.SYSTEM, row.worker.registered_at)
            number = 1
        day = on or local_date(now)
        assign(
            session, WorkerCenter, "center_id", row.worker, facts.other_centers, day,
            present=centers.get(row.worker.id, ()),
        )  # fmt: skip
        assign(
            session, WorkerProject, "project_id", row.worker, facts.projects, day,
            present=projects.get(row.worker.id, ()),
        )  # fmt: skip
        version = keep(row.worker, facts, number + 1, source, by, now)
        record_changed(session, version, differing(row.facts, facts), by=by)
    session.flush()
    _insert(session, WorkerVersion, versions)
    return made


def _assign_all_new(session: Session, made: Sequence[Worker], settled: Sequence[WorkerFacts]) -> None:
    """Open the assignments of people who have none yet."""
    centers: list[dict[str, Any]] = []
    projects: list[dict[str, Any]] = []
    for worker, facts in zip(made, settled, strict=True):
        row = {"organization_id": worker.organization_id, "worker_id": worker.id, "from_on": facts.joined_on}
        centers += [{**row, "id": uuid4(), "center_id": each} for each in sorted(facts.other_centers)]
        projects += [{**row, "id": uuid4(), "project_id": each} for each in sorted(facts.projects)]
    _insert(session, WorkerCenter, centers)
    _insert(session, WorkerProject, projects)


def _insert(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(model.__table__), rows)  # type: ignore[arg-type]  # a Table, of which the type says less


def _places(session: Session, organization_id: UUID, all_facts: Iterable[WorkerFacts]) -> dict[UUID, str]:
    """The names of the organization's centers; raises WrongFacts for a center or project that is not its own."""
    names = {
        row.id: row.name
        for row in session.execute(select(Center.id, Center.name).where(Center.organization_id == organization_id))
    }
    projects = set(session.scalars(select(Project.id).where(Project.organization_id == organization_id)))
    for facts in all_facts:
        if facts.center_id not in names or not facts.other_centers <= names.keys():
            raise WrongFacts({"center_id": "拠点を、この団体の拠点の中から選んでください。"})
        if not facts.projects <= projects:
            raise WrongFacts({"projects": "事業を、この団体の事業の中から選んでください。"})
    return names


def _refuse_taken_numbers(
    session: Session, organization_id: UUID, new: Iterable[WorkerFacts], moved: Iterable[tuple[RosterRow, WorkerFacts]]
) -> None:
    held: dict[UUID, str | None] = {
        row[0]: row[1]
        for row in session.execute(
            select(Worker.id, Worker.staff_number).where(
                Worker.organization_id == organization_id, Worker.staff_number.is_not(None)
            )
        )
    }
    held |= {row.worker.id: facts.staff_number for row, facts in moved}
    numbers = [number for number in (*held.values(), *(facts.staff_number for facts in new)) if number]
    if len(numbers) != len(set(numbers)):
        raise StaffNumberTaken


def _let_go_of_numbers(session: Session, moved: Iterable[tuple[RosterRow, WorkerFacts]]) -> None:
    """Numbers that change hands are let go of first: the database holds each once at any moment."""
    for row, facts in moved:
        if row.worker.staff_number != facts.staff_number:
            row.worker.staff_number = None
    session.flush()
