"""What can be done about joining, things in hands, moving and coming back; leaving has a file of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Principal, Role
from partner_compliance.accounts import closing
from partner_compliance.accounts import operations as accounts
from partner_compliance.acts import Act, Actor
from partner_compliance.clock import local_date
from partner_compliance.errors import InvalidInput, RuleBroken
from partner_compliance.organizations.models import Center, Worker
from partner_compliance.people import queries
from partner_compliance.people.models import (
    Fate,
    JoiningRecord,
    JoiningStep,
    LentEvent,
    LentItem,
    Manner,
    Rejoining,
    ThingKind,
)
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import ChangeSource, Post, PostHolding

#: How long before joining a step may have been done: people are briefed before their first day.
EARLIEST_STEP = timedelta(days=90)


class WrongEntry(InvalidInput):
    """Something typed that cannot be; `field` says which field of its form it is."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class StepAlreadyDone(InvalidInput):
    message = "この手続きは、すでに記録されています。"
    what_to_do = "内容を直すときは、訂正の理由を入力してください。"


class RecordReplaced(RuleBroken):
    message = "この記録は、すでにほかの方が訂正したか、取り消しています。"
    what_to_do = "最新の内容を確認してください。"


class NobodyChosen(InvalidInput):
    message = "記録する方を1人以上選んでください。"


class AlreadySettled(RuleBroken):
    message = "この貸与品は、すでに返却などの記録が済んでいます。"
    what_to_do = "最新の内容を確認してください。"


class HasLeft(RuleBroken):
    message = "この方は、すでに活動を終えています。"
    what_to_do = "戻ってきた方は「もう一度加入する」から登録してください。"


class StillHere(RuleBroken):
    message = "この方は、まだ活動中です。"
    what_to_do = "活動を終えた方だけ、もう一度加入の登録ができます。"


class AlreadyBack(RuleBroken):
    message = "この方は、すでにもう一度加入しています。"
    what_to_do = "新しい登録のページを確認してください。"


def record_look(session: Session, worker: Worker, *, by: Principal, now: datetime) -> None:
    """Note that someone looked at another person's page; looking at the own one is nobody's business."""
    if worker.id in by.worker_ids:
        return
    acts.record(
        session,
        Act(
            worker.organization_id, "worker.viewed", now, by.actor, subject_id=worker.id, object_kind="worker",
            object_id=worker.id, is_look=True,
        ),
    )  # fmt: skip


def refuse_left(worker: Worker, *, today: date) -> None:
    """Raise HasLeft for someone whose last day has passed."""
    if worker.left_on is not None and worker.left_on < today:
        raise HasLeft


# --- joining ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StepFacts:
    """A step of joining as somebody records it."""

    step: JoiningStep
    done_on: date
    manner: Manner
    subject: str = ""
    by_whom: str = ""
    #: Why the record before was wrong; needed only where there is one.
    reason: str = ""


def record_step(
    session: Session, worker: Worker, facts: StepFacts, *, seen: UUID | None = None, by: Actor, now: datetime
) -> JoiningRecord:
    """Record that a step of someone's joining is done (DOMAIN E03, E05, E06, E08).

    A step that has a record is corrected by the new one, which needs a reason; `seen` is the record that the page
    showed. Raises InvalidInput for a day to come or long before joining, for a briefing or course without a word on
    who gave it, StepAlreadyDone without a reason, and RecordReplaced when somebody else was faster.
    """
    today = local_date(now)
    refuse_left(worker, today=today)
    _refuse_day(worker, facts.done_on, today=today)
    if facts.step is JoiningStep.BRIEFING and not facts.by_whom:
        raise WrongEntry("by_whom", "説明した方の氏名を入力してください。")
    if facts.step is JoiningStep.COURSE and not facts.subject:
        raise WrongEntry("subject", "研修の名前を入力してください。")
    session.refresh(worker, with_for_update=True)
    present = queries.steps_of(session, worker).get(facts.step)
    if present is not None and seen != present.id and facts.reason:
        raise RecordReplaced
    if present is not None and not facts.reason:
        raise StepAlreadyDone
    return _keep_step(session, worker, facts, replaces=present, is_withdrawal=False, by=by, now=now)


def withdraw_step(session: Session, record: JoiningRecord, *, reason: str, by: Actor, now: datetime) -> JoiningRecord:
    """Say that a record of a step was a mistake: the step is open again, both stay readable.

    Raises InvalidInput without a reason, and RecordReplaced when the record does not count any more.
    """
    if not reason:
        raise WrongEntry("reason", "取り消す理由を入力してください。")
    worker = session.get_one(Worker, (record.organization_id, record.worker_id))
    session.refresh(worker, with_for_update=True)
    present = queries.steps_of(session, worker).get(record.step)
    if present is None or present.id != record.id:
        raise RecordReplaced
    facts = StepFacts(record.step, record.done_on, record.manner, reason=reason)
    return _keep_step(session, worker, facts, replaces=record, is_withdrawal=True, by=by, now=now)


def record_steps(
    session: Session, workers: Sequence[Worker], facts: StepFacts, *, by: Actor, now: datetime
) -> tuple[list[Worker], list[Worker]]:
    """Record one step for many at once, as after a meeting; returns for whom, and who had it already.

    Raises NobodyChosen, and what `record_step` raises about the day and the words.
    """
    if not workers:
        raise NobodyChosen
    done = queries.latest_steps(session, [(worker.organization_id, worker.id) for worker in workers])
    new, had = [], []
    for worker in sorted(workers, key=lambda each: each.id):
        if facts.step in done.get(worker.id, {}):
            had.append(worker)
            continue
        try:
            record_step(session, worker, replace(facts, reason=""), by=by, now=now)
        except WrongEntry as refusal:
            raise WrongEntry(refusal.field, f"{worker.name}さん: {refusal.message}") from refusal
        new.append(worker)
    return new, had


def _refuse_day(worker: Worker, day: date, *, today: date) -> None:
    if day > today:
        raise WrongEntry("done_on", "行った日は、今日までの日付にしてください。")
    if day < worker.joined_on - EARLIEST_STEP:
        raise WrongEntry("done_on", "行った日が、活動を始めた日より3か月以上前です。日付を確かめてください。")


def _keep_step(
    session: Session,
    worker: Worker,
    facts: StepFacts,
    *,
    replaces: JoiningRecord | None,
    is_withdrawal: bool,
    by: Actor,
    now: datetime,
) -> JoiningRecord:
    made = JoiningRecord(
        organization_id=worker.organization_id,
        id=uuid4(),
        worker_id=worker.id,
        step=facts.step,
        done_on=facts.done_on,
        manner=facts.manner,
        subject=facts.subject,
        by_whom=facts.by_whom,
        replaces_id=replaces.id if replaces else None,
        is_withdrawal=is_withdrawal,
        reason=facts.reason,
        recorded_at=now,
        recorded_on=local_date(now),
        recorded_by_id=by.user_id,
        recorded_by_name=by.name,
    )
    session.add(made)
    session.flush()
    name = "joining.withdrawn" if is_withdrawal else "joining.corrected" if replaces else "joining.recorded"
    acts.record(
        session,
        Act(
            worker.organization_id, name, now, by, subject_id=worker.id, object_kind="joining_record",
            object_id=made.id, content=queries.joining_content(made),
            details={"step": facts.step.value, "on": facts.done_on.isoformat()},
        ),
    )  # fmt: skip
    return made


# --- things in hands --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ThingFacts:
    """A thing as it is handed to someone."""

    kind: ThingKind
    label: str
    handed_on: date
    count: int = 1
    due_on: date | None = None


def lend(session: Session, worker: Worker, facts: ThingFacts, *, by: Actor, now: datetime) -> LentItem:
    """Note that someone has got a thing; raises InvalidInput for days or counts that cannot be, and HasLeft."""
    today = local_date(now)
    refuse_left(worker, today=today)
    if not facts.label:
        raise WrongEntry("label", "名前や番号を入力してください。")
    if facts.handed_on > today or facts.handed_on.year < 1990:
        raise WrongEntry("handed_on", "渡した日は、今日までの日付にしてください。")
    if facts.due_on is not None and facts.due_on < facts.handed_on:
        raise WrongEntry("due_on", "返却の予定日は、渡した日以降にしてください。")
    if not 1 <= facts.count <= 9999:
        raise WrongEntry("count", "数は1から9999までにしてください。")
    made = LentItem(
        organization_id=worker.organization_id,
        id=uuid4(),
        worker_id=worker.id,
        kind=facts.kind,
        label=facts.label,
        count=facts.count,
        handed_on=facts.handed_on,
        due_on=facts.due_on,
        recorded_at=now,
        recorded_by_id=by.user_id,
        recorded_by_name=by.name,
    )
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            worker.organization_id, "thing.lent", now, by, subject_id=worker.id, object_kind="lent_item",
            object_id=made.id, content=queries.item_content(made),
            details={"kind_of_thing": facts.kind.value, "pieces": facts.count},
        ),
    )  # fmt: skip
    return made


def settle(
    session: Session, item: LentItem, fate: Fate, *, on: date, note: str = "", by: Actor, now: datetime
) -> LentEvent:
    """Note what became of a thing. What was lost may come back later; anything else is settled once.

    Raises InvalidInput for a day to come or before it was handed out, for wiping what holds no data, for a loss or
    damage without a word on it, and AlreadySettled.
    """
    if on > local_date(now):
        raise WrongEntry("happened_on", "日付は、今日までにしてください。")
    if on < item.handed_on:
        raise WrongEntry("happened_on", "日付は、渡した日以降にしてください。")
    if fate is Fate.ERASED and not item.kind.may_hold_data:
        raise WrongEntry("fate", "「消去・廃棄」は、書類・パソコン・スマートフォン・媒体のときだけ選べます。")
    if fate in (Fate.LOST, Fate.DAMAGED, Fate.MISTAKE) and not note:
        raise WrongEntry("note", "どのような状況か、メモに書いてください。")
    session.refresh(item, with_for_update=True)
    last = queries.last_event(session, item)
    if last is not None and (last.fate is not Fate.LOST or fate is Fate.LOST):
        raise AlreadySettled
    made = LentEvent(
        organization_id=item.organization_id,
        id=uuid4(),
        item_id=item.id,
        number=last.number + 1 if last else 1,
        fate=fate,
        happened_on=on,
        note=note,
        recorded_at=now,
        recorded_by_id=by.user_id,
        recorded_by_name=by.name,
    )
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            item.organization_id, "thing.lost" if fate is Fate.LOST else "thing.settled", now, by,
            subject_id=item.worker_id, object_kind="lent_event", object_id=made.id,
            content=queries.lent_event_content(made),
            details={"kind_of_thing": item.kind.value, "fate": fate.value, "pieces": item.count},
        ),
    )  # fmt: skip
    return made


# --- posts ------------------------------------------------------------------------------------------------------


def appoint(
    session: Session, worker: Worker, post: Post, *, center: Center | None, from_on: date, by: Actor, now: datetime
) -> PostHolding:
    """Appoint someone to a post; raises HasLeft, and what `accounts.appoint` raises."""
    refuse_left(worker, today=local_date(now))
    return accounts.appoint(session, worker, post, center=center, from_on=from_on, by=by, now=now)


def dismiss(session: Session, holding: PostHolding, *, until_on: date, by: Actor, now: datetime) -> None:
    """End a post on a day up to today; raises LastOfficer, which says whom to appoint first, and InvalidInput."""
    today = local_date(now)
    if until_on > today:
        raise WrongEntry("until_on", "退任日は、今日までの日付にしてください。")
    if until_on < holding.from_on:
        raise WrongEntry("until_on", "退任日は、就任日以降にしてください。")
    worker = session.get_one(Worker, (holding.organization_id, holding.worker_id))
    if holding.post.role is Role.PROTECTION_OFFICER:
        closing.refuse_to_lose_last_officer(session, worker, after=today, now=now)
    accounts.dismiss(session, holding, until_on=until_on, by=by, now=now)


# --- moving -----------------------------------------------------------------------------------------------------


def move(
    session: Session,
    worker: Worker,
    center: Center,
    *,
    on: date,
    keeps_posts: bool,
    based_on: int | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Let someone work at another center from a day on; what was recorded at the old one stays there.

    The posts of head at the old center end on the day before, unless they are kept. Raises WrongEntry for the
    same or a closed center and for a day to come or before joining, HasLeft, and what `roster.change_worker` raises.
    """
    today = local_date(now)
    refuse_left(worker, today=today)
    if center.id == worker.center_id:
        raise WrongEntry("center", "いまと同じ拠点です。異動先の拠点を選んでください。")
    if center.closed_on is not None and center.closed_on < on:
        raise WrongEntry("center", "この拠点は閉所しています。別の拠点を選んでください。")
    if on > today:
        raise WrongEntry("moved_on", "異動日は、今日までにしてください。先の異動は、その日になってから登録できます。")
    if on < worker.joined_on:
        raise WrongEntry("moved_on", "異動日は、活動を始めた日以降にしてください。")
    old = worker.center_id
    facts = replace(roster.facts_of(session, worker), center_id=center.id)
    facts = replace(facts, other_centers=facts.other_centers - {center.id})
    roster.change_worker(
        session, worker, facts, based_on=based_on, source=ChangeSource.MOVE, needs_kana=False, on=on, by=by, now=now
    )
    if keeps_posts:
        return
    for holding in roster.posts_of(session, worker, on=today):
        if holding.post is Post.CENTER_HEAD and holding.center_id == old and holding.until_on is None:
            last = max(holding.from_on, on - timedelta(days=1))
            accounts.dismiss(session, holding, until_on=last, by=by, now=now)


# --- coming back ------------------------------------------------------------------------------------------------


def rejoin(
    session: Session, worker: Worker, facts: roster.WorkerFacts, *, by: Actor, now: datetime
) -> Worker:  # fmt: skip
    """Put someone who had left on the roster again, under a new row that names the old one.

    The account and the staff number go over to the new row; what was recorded stays with the old one, and the steps
    of joining are asked anew. Raises StillHere, AlreadyBack, WrongEntry for a day within the time before or to come,
    and what `roster.add_worker` raises.
    """
    today = local_date(now)
    session.refresh(worker, with_for_update=True)
    if worker.left_on is None or worker.left_on >= today:
        raise StillHere
    if queries.next_row_of(session, worker) is not None:
        raise AlreadyBack
    if facts.joined_on <= worker.left_on:
        raise WrongEntry("joined_on", "新しく活動を始める日は、前に活動を終えた日より後にしてください。")
    if facts.joined_on > today:
        raise WrongEntry(
            "joined_on", "活動を始める日は、今日までにしてください。先の日付は、その日になってから登録できます。"
        )
    user_id = worker.user_id
    closing.close_access(session, worker, by=by, now=now)  # nothing of the old row may open a door
    if facts.staff_number and facts.staff_number == worker.staff_number:
        old = replace(roster.facts_of(session, worker), staff_number=None)
        roster.change_worker(session, worker, old, source=ChangeSource.JOINING, needs_kana=False, by=by, now=now)
    worker.user_id = None
    session.flush()
    made = roster.add_worker(
        session, worker.organization_id, facts, user_id=user_id, source=ChangeSource.JOINING, by=by, now=now
    )
    kept = Rejoining(
        organization_id=worker.organization_id,
        id=uuid4(),
        worker_id=made.id,
        previous_worker_id=worker.id,
        recorded_at=now,
        recorded_by_id=by.user_id,
        recorded_by_name=by.name,
    )
    session.add(kept)
    session.flush()
    acts.record(
        session,
        Act(
            worker.organization_id, "worker.rejoined", now, by, subject_id=made.id, object_kind="rejoining",
            object_id=kept.id, content=queries.rejoining_content(kept),
            details={"on": facts.joined_on.isoformat()},
        ),
    )  # fmt: skip
    if user_id is not None:
        closing.reopen_access(session, made, by=by, now=now)
    return made
