"""What can be done with a roster in a file: see what it would change, keep it for a while, take it in, forget it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Principal
from partner_compliance.acts import Act, Actor
from partner_compliance.clock import local_date
from partner_compliance.documents.spreadsheets import read_table
from partner_compliance.errors import RuleBroken
from partner_compliance.imports import queries
from partner_compliance.imports.columns import FileRow, is_header, rows_in
from partner_compliance.imports.models import RosterUpload
from partner_compliance.imports.planning import Change, Plan, State, plan
from partner_compliance.roster import operations as roster
from partner_compliance.roster.bulk import write_many
from partner_compliance.roster.models import ChangeSource, PostHolding
from partner_compliance.roster.operations import WorkerFacts

#: Rows of one file, and up to how many rows are taken in while the reader waits.
MOST_ROWS = 5_000
AT_ONCE = 300
#: How long an upload is kept that nobody takes in, and what is told of one that was.
KEPT = timedelta(days=7)


class RosterChanged(RuleBroken):
    message = "内容を確認していただいたあとに、名簿が変更されました。まだ何も取り込んでいません。"
    what_to_do = "いまの名簿と比べ直した下の内容を確かめて、もう一度「取り込む」を押してください。"


class NothingToTakeIn(RuleBroken):
    message = "このファイルは、すでに取り込みが終わっているか、取り消されています。"
    what_to_do = "取り込みの画面から、ファイルを選び直してください。"


@dataclass(frozen=True)
class Examined:
    """A file that was looked at: its rows, what it would change, and the state of the roster it was compared with."""

    rows: Sequence[FileRow]
    plan: Plan
    notices: Sequence[str]
    digest: str


def examine(
    session: Session,
    organization_id: UUID,
    content: bytes,
    *,
    leave_on: date | None,
    uploader_id: UUID,
    today: date,
) -> Examined:
    """Read a file and compare it with the roster; nothing is written.

    `leave_on` is the last day of those who are not in the file (None: they stay). Raises UnreadableTable and
    TooManyRows for the file as a whole; what is wrong in its rows is all in the plan's faults.
    """
    table = read_table(content, is_header=is_header, most_rows=MOST_ROWS)
    rows, faults = rows_in(table)
    state = queries.state_of(session, organization_id, today=today)
    found = plan(rows, state, faults=faults, leave_on=leave_on, uploader_id=uploader_id, today=today)
    return Examined(rows, found, table.notices, state.digest)


def keep_upload(
    session: Session,
    organization_id: UUID,
    examined: Examined,
    *,
    filename: str,
    leave_on: date | None,
    by: Principal,
    now: datetime,
) -> RosterUpload:
    """Keep what a file says until its uploader confirms it; an earlier one that they left unconfirmed is forgotten."""
    session.execute(
        delete(RosterUpload).where(
            RosterUpload.organization_id == organization_id,
            RosterUpload.uploaded_by_id == by.user_id,
            RosterUpload.confirmed_at.is_(None),
        ),
        execution_options={"synchronize_session": False},
    )
    made = RosterUpload(
        organization_id=organization_id,
        id=uuid4(),
        uploaded_at=now,
        uploaded_by_id=by.user_id,
        uploaded_by_name=by.name,
        uploaded_by_strength=by.strength,
        filename=filename,
        content=[[row.number, dict(row.cells)] for row in examined.rows],
        notices=list(examined.notices),
        total=len(examined.rows),
        leave_on=leave_on,
        roster_digest=examined.digest,
        done=0,
    )
    session.add(made)
    session.flush()
    return made


def compare(
    upload: RosterUpload, state: State, *, today: date, progress: Callable[[int], None] = lambda _done: None
) -> Plan:
    """What an upload would change on the roster as it is now."""
    rows = [FileRow(number, cells) for number, cells in queries.content_of(upload)]
    return plan(
        rows, state, leave_on=upload.leave_on, uploader_id=upload.uploaded_by_id, today=today, progress=progress
    )


def confirm(
    session: Session, upload: RosterUpload, *, based_on: str, at_once: bool = False, by: Actor, now: datetime
) -> None:
    """Take in what the uploader has looked at: a small file now, a large one by the scheduler; again does nothing.

    `based_on` is the state of the roster that the page showed, `at_once` takes in a large file now as well. Raises
    RosterChanged when the roster has another state by now, and NothingToTakeIn.
    """
    session.refresh(upload, with_for_update=True)
    if upload.finished_at is not None:
        return
    if upload.content is None:
        raise NothingToTakeIn
    if upload.confirmed_at is None:
        upload.roster_digest = based_on[:64]
        upload.confirmed_at = now
        upload.failure = None
        upload.done = 0
    elif not at_once:
        return
    if at_once or upload.total <= AT_ONCE:
        take_in(session, upload, by=by, now=now)
        return
    state = queries.state_of(session, upload.organization_id, today=local_date(now))
    if state.digest != upload.roster_digest:
        raise RosterChanged


def take_in(session: Session, upload: RosterUpload, *, by: Actor, now: datetime) -> None:
    """Write a confirmed upload onto the roster, all of it or nothing, and forget what the file said.

    Raises RosterChanged when the roster is not as it was confirmed. The caller holds the upload's row.
    """
    organization_id, today = upload.organization_id, local_date(now)
    state = queries.state_of(session, organization_id, today=today, lock=True)
    if state.digest != upload.roster_digest:
        raise RosterChanged
    found = compare(upload, state, today=today)
    if found.faults:
        raise RosterChanged
    made = {
        name: roster.project_named(session, organization_id, name, by=by, now=now).id for name in found.new_projects
    }

    def whole(facts: WorkerFacts, names: Iterable[str]) -> WorkerFacts:
        return replace(facts, projects=facts.projects | {made[name] for name in names})

    write_many(
        session,
        organization_id,
        new=[whole(each.facts, each.new_projects) for each in found.added],
        changed=[(each.row, whole(each.facts, each.new_projects)) for each in (*found.changed, *found.ended)],
        source=ChangeSource.IMPORT,
        needs_kana=False,  # the comparison has asked for it where it was not missing before
        on=today,
        by=by,
        now=now,
    )
    _end_posts(session, organization_id, found.ended, by=by, now=now)
    upload.content = None
    upload.finished_at, upload.done, upload.failure = now, upload.total, None
    upload.added, upload.changed = len(found.added), len(found.changed)
    upload.ended, upload.unchanged = len(found.ended), len(found.unchanged)
    acts.record(
        session,
        Act(
            organization_id, "roster.imported", now, by, object_kind="roster_upload", object_id=upload.id, details={
                "added": upload.added, "changed": upload.changed, "ended": upload.ended,
            },
        ),
    )  # fmt: skip


def _end_posts(session: Session, organization_id: UUID, ended: Iterable[Change], *, by: Actor, now: datetime) -> None:
    """Who leaves holds no post after the last day."""
    last_days = {change.row.worker.id: change.facts.left_on for change in ended}
    held = session.scalars(
        select(PostHolding)
        .where(PostHolding.organization_id == organization_id, PostHolding.until_on.is_(None))
        .order_by(PostHolding.from_on, PostHolding.id)
    ).all()
    for holding in held:
        last_day = last_days.get(holding.worker_id)
        if last_day is not None:
            roster.end_post(session, holding, until_on=max(last_day, holding.from_on), by=by, now=now)


def discard(session: Session, upload: RosterUpload) -> None:
    """Forget an upload that its uploader does not want; one that is confirmed or done is left as it is."""
    session.refresh(upload, with_for_update=True)
    if upload.confirmed_at is None:
        session.delete(upload)


def record_export(session: Session, organization_id: UUID, *, rows: int, form: str, by: Actor, now: datetime) -> None:
    """Record that the roster was given out as a file."""
    acts.record(
        session,
        Act(
            organization_id, "export.made", now, by, object_kind="organization", object_id=organization_id,
            details={"exported": "roster", "form": form, "rows": rows},
        ),
    )  # fmt: skip


def forget_uploads(session: Session, *, now: datetime) -> None:
    """Throw away uploads a week after they came, done or not: they hold what a whole roster says."""
    session.execute(
        delete(RosterUpload).where(RosterUpload.uploaded_at < now - KEPT),
        execution_options={"synchronize_session": False},
    )
