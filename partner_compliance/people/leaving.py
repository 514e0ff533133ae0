"""Leaving: one act closes everything, and what stays open is looked after until it is closed too."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Principal, Role
from partner_compliance.accounts import closing
from partner_compliance.accounts.models import OrganizationRole
from partner_compliance.acts import Act, Actor
from partner_compliance.clock import business_days, local_date
from partner_compliance.errors import InvalidInput, NotAllowed, RuleBroken
from partner_compliance.organizations.models import Worker
from partner_compliance.people import operations, queries
from partner_compliance.people.models import (
    Fate,
    Leaving,
    LeavingCheck,
    LeavingEntry,
    LeavingReason,
    LentItem,
    Outcome,
)
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import ChangeSource, PostHolding

#: How far ahead a last day can be registered.
FURTHEST = timedelta(days=366)

#: What else closes when someone's access does (a PIN, an open invitation): rooms below this one bring it along.
Closer = Callable[[Session, Worker, Actor, datetime], None]


class NotLeaving(RuleBroken):
    message = "この方の退職・活動終了は、登録されていません。"


class NotAHeadsToClose(NotAllowed):
    message = "役職についている方の退職・活動終了は、個人情報責任者が登録します。"
    what_to_do = "個人情報責任者に依頼してください。"


class ChangedMeanwhile(RuleBroken):
    message = "この方の退職・活動終了の手続きは、画面を開いたあとに、ほかの方が変更しました。"
    what_to_do = "最新の内容を確認してから、もう一度入力してください。"


@dataclass(frozen=True)
class LeavingFacts:
    """What is said when someone leaves, or later about what was still open: only what is named is recorded."""

    last_on: date
    reason: LeavingReason
    note: str = ""
    #: The day on which things and checks were looked at.
    checked_on: date | None = None
    #: What became of each thing in hand; one that is left out is still out.
    things: Mapping[UUID, Fate] = field(default_factory=dict)
    checks: Mapping[LeavingCheck, Outcome] = field(default_factory=dict)
    #: When what is still open will be done; needed where something is.
    open_note: str = ""
    pledged_on: date | None = None
    #: Stop the access at once, although the last day has not passed.
    closes_now: bool = False


def leave(
    session: Session,
    worker: Worker,
    facts: LeavingFacts,
    *,
    seen: int = 0,
    closers: Collection[Closer] = (),
    by: Principal,
    now: datetime,
) -> Leaving:
    """Close everything for someone who leaves; also changes the last day, and takes down what was still open.

    The roster gets the last day, posts end on it, access ends with it: at once when it has passed or when that is
    wished, at midnight in Japan otherwise. `seen` is the number of the leaving that the page showed. Raises LastOfficer
    (which says whom to appoint first), NotAHeadsToClose, ChangedMeanwhile, and InvalidInput for days that cannot be.
    """
    today = local_date(now)
    actor = by.actor
    session.refresh(worker, with_for_update=True)
    story = queries.leaving_of(session, worker)
    if seen != (story.number if story else 0):
        raise ChangedMeanwhile
    _refuse_facts(worker, facts, today=today)
    refuse_beyond_head(session, worker, by=by)
    closing.refuse_to_lose_last_officer(session, worker, after=facts.last_on, now=now)
    current = story.leaving if story is not None and story.is_open else None
    if current is not None and current.last_on < today <= facts.last_on:
        raise operations.WrongEntry(
            "last_on",
            "最終日を過ぎて、利用はすでに止まっています。今日以降に延ばすときは、いったん手続きを取り消してください。",
        )
    is_same = current is not None and (current.last_on, current.reason, current.note) == (
        facts.last_on,
        facts.reason,
        facts.note,
    )
    if current is None or not is_same:
        current = _keep_leaving(session, worker, facts, story, by=actor, now=now)
        _write_last_day(session, worker, facts.last_on, by=actor, now=now)
    for item_id, fate in facts.things.items():
        _settle(session, worker, item_id, fate, facts, by=actor, now=now)
    for check, outcome in facts.checks.items():
        _keep_entry(session, worker, current.begun, check, outcome, facts, by=actor, now=now)
    if facts.last_on < today or facts.closes_now:
        close_everything(session, worker, closers=closers, by=actor, now=now)
    return current


def _refuse_facts(worker: Worker, facts: LeavingFacts, *, today: date) -> None:
    if facts.last_on < worker.joined_on:
        raise operations.WrongEntry("last_on", "最終日は、活動を始めた日以降にしてください。")
    if facts.last_on > today + FURTHEST:
        raise operations.WrongEntry("last_on", "最終日は、1年先までの日付にしてください。")
    if facts.reason is LeavingReason.OTHER and not facts.note:
        raise operations.WrongEntry("note", "「その他」のときは、メモに理由を書いてください。")
    checked_on = facts.checked_on or today
    if checked_on > today:
        raise operations.WrongEntry("checked_on", "確認した日は、今日までの日付にしてください。")
    pledge = facts.checks.get(LeavingCheck.PLEDGE)
    if pledge in (Outcome.DONE, Outcome.POSTED):
        if facts.pledged_on is None:
            raise operations.WrongEntry("pledged_on", "誓約の日付（署名した日、または郵送した日）を入力してください。")
        if facts.pledged_on > today:
            raise operations.WrongEntry("pledged_on", "誓約の日付は、今日までにしてください。")
    if Outcome.OPEN in facts.checks.values() and not facts.open_note:
        raise operations.WrongEntry(
            "open_note", "「まだ」のものがあります。いつ、どのように済ませるかを書いてください。"
        )


def refuse_beyond_head(session: Session, worker: Worker, *, by: Principal) -> None:
    """Raise NotAHeadsToClose when a head would close the access of someone who holds a post or another role."""
    if by.is_(Role.PROTECTION_OFFICER, worker.organization_id):
        return
    has_role = session.scalar(
        select(OrganizationRole.id)
        .where(
            OrganizationRole.organization_id == worker.organization_id,
            OrganizationRole.worker_id == worker.id,
            OrganizationRole.role != Role.WORKER,
            OrganizationRole.ended_at.is_(None),
        )
        .limit(1)
    )
    has_post = session.scalar(
        select(PostHolding.id)
        .where(
            PostHolding.organization_id == worker.organization_id,
            PostHolding.worker_id == worker.id,
            PostHolding.until_on.is_(None),
        )
        .limit(1)
    )
    if has_role or has_post:
        raise NotAHeadsToClose


def close_by(last_on: date) -> date:
    """By when access, keys and devices of a leaver are closed: one business day after the last day (ladder 3f)."""
    return next(islice(business_days(last_on + timedelta(days=1)), 1))


def _keep_leaving(
    session: Session,
    worker: Worker,
    facts: LeavingFacts,
    story: queries.LeavingStory | None,
    *,
    is_cancelled: bool = False,
    by: Actor,
    now: datetime,
) -> Leaving:
    number = (story.number if story else 0) + 1
    goes_on = story is not None and story.is_open
    made = Leaving(
        organization_id=worker.organization_id,
        id=uuid4(),
        worker_id=worker.id,
        number=number,
        begun=story.leaving.begun if story is not None and goes_on else number,
        is_cancelled=is_cancelled,
        last_on=facts.last_on,
        close_by_on=close_by(facts.last_on),
        reason=facts.reason,
        note=facts.note,
        recorded_at=now,
        recorded_on=local_date(now),
        recorded_by_id=by.user_id,
        recorded_by_name=by.name,
    )
    session.add(made)
    session.flush()
    name = "leaving.cancelled" if is_cancelled else "leaving.changed" if goes_on else "leaving.recorded"
    acts.record(
        session,
        Act(
            worker.organization_id, name, now, by, subject_id=worker.id, object_kind="leaving", object_id=made.id,
            content=queries.leaving_content(made),
            details={"on": facts.last_on.isoformat(), "leaving_reason": facts.reason.value},
        ),
    )  # fmt: skip
    return made


def _write_last_day(session: Session, worker: Worker, last_on: date, *, by: Actor, now: datetime) -> None:
    """Put the last day on the roster and on every post held then; posts that ended earlier stay as they are."""
    before = worker.left_on
    facts = replace(roster.facts_of(session, worker), left_on=last_on)
    roster.change_worker(session, worker, facts, source=ChangeSource.LEAVING, needs_kana=False, by=by, now=now)
    if before is not None and before != last_on and before >= local_date(now):
        _reopen_posts(session, worker, ended_on=before)
    for holding in _open_posts(session, worker):
        roster.end_post(session, holding, until_on=max(last_on, holding.from_on), by=by, now=now)


def _open_posts(session: Session, worker: Worker) -> Sequence[PostHolding]:
    return session.scalars(
        select(PostHolding)
        .where(
            PostHolding.organization_id == worker.organization_id,
            PostHolding.worker_id == worker.id,
            PostHolding.until_on.is_(None),
        )
        .order_by(PostHolding.from_on, PostHolding.id)
    ).all()


def _reopen_posts(session: Session, worker: Worker, *, ended_on: date) -> None:
    """Posts that were to end with a last day which does not hold any more go on, unless the role went before."""
    roles = {
        (role, center_id)
        for role, center_id in session.execute(
            select(OrganizationRole.role, OrganizationRole.center_id).where(
                OrganizationRole.organization_id == worker.organization_id,
                OrganizationRole.worker_id == worker.id,
                OrganizationRole.ended_at.is_(None),
            )
        )
    }
    for holding in session.scalars(
        select(PostHolding).where(
            PostHolding.organization_id == worker.organization_id,
            PostHolding.worker_id == worker.id,
            PostHolding.until_on == ended_on,
        )
    ).all():
        if holding.post.role is None or worker.user_id is None or (holding.post.role, holding.center_id) in roles:
            holding.until_on = holding.ended_at = None
    session.flush()


def _settle(
    session: Session, worker: Worker, item_id: UUID, fate: Fate, facts: LeavingFacts, *, by: Actor, now: datetime
) -> None:
    item = session.get(LentItem, (worker.organization_id, item_id))
    if item is None or item.worker_id != worker.id:
        raise InvalidInput("この方の貸与品ではないものが送られました。ページを開き直してください。")
    day = facts.checked_on or local_date(now)
    note = "退職・活動終了の手続きで確認" if fate in (Fate.LOST, Fate.DAMAGED) else ""
    operations.settle(session, item, fate, on=max(day, item.handed_on), note=note, by=by, now=now)


def _keep_entry(
    session: Session,
    worker: Worker,
    begun: int,
    check: LeavingCheck,
    outcome: Outcome,
    facts: LeavingFacts,
    *,
    by: Actor,
    now: datetime,
) -> None:
    last = queries.entries_of(session, worker, begun).get(check)
    note = facts.open_note if outcome is Outcome.OPEN else ""
    if last is not None and (last.outcome, last.note) == (outcome, note):
        return
    is_pledge = check is LeavingCheck.PLEDGE
    if outcome in (Outcome.POSTED, Outcome.UNREACHABLE, Outcome.DIED) and not is_pledge:
        raise InvalidInput("この選択肢は、誓約のときだけ選べます。")
    if outcome is Outcome.NONE and is_pledge:
        raise InvalidInput("誓約は、「済み」「まだ」か、できない理由を選んでください。")
    dated = is_pledge and outcome in (Outcome.DONE, Outcome.POSTED)
    made = LeavingEntry(
        organization_id=worker.organization_id,
        id=uuid4(),
        worker_id=worker.id,
        begun=begun,
        item=check,
        number=last.number + 1 if last else 1,
        outcome=outcome,
        checked_on=(facts.pledged_on if dated else None) or facts.checked_on or local_date(now),
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
            worker.organization_id, "leaving.checked", now, by, subject_id=worker.id, object_kind="leaving_entry",
            object_id=made.id, content=queries.entry_content(made),
            details={"check": check.value, "outcome": outcome.value},
        ),
    )  # fmt: skip


def settle_pledge(session: Session, worker: Worker, *, on: date, by: Actor, now: datetime) -> None:
    """Note that someone who leaves has pledged; the room that keeps pledges says so. Nothing without a leaving."""
    _keep_pledge(session, worker, Outcome.DONE, "", on=on, by=by, now=now)


def reopen_pledge(session: Session, worker: Worker, *, note: str, by: Actor, now: datetime) -> None:
    """Note that someone's pledge on leaving was a mistake, and is open again."""
    _keep_pledge(session, worker, Outcome.OPEN, note, on=None, by=by, now=now)


def _keep_pledge(
    session: Session, worker: Worker, outcome: Outcome, note: str, *, on: date | None, by: Actor, now: datetime
) -> None:
    story = queries.leaving_of(session, worker)
    if story is None or not story.is_open:
        return
    facts = LeavingFacts(story.leaving.last_on, story.leaving.reason, open_note=note, pledged_on=on)
    _keep_entry(session, worker, story.leaving.begun, LeavingCheck.PLEDGE, outcome, facts, by=by, now=now)


def close_everything(
    session: Session, worker: Worker, *, closers: Collection[Closer] = (), by: Actor, now: datetime
) -> None:
    """End every way into the organization: roles, sign-ins, links, and what other rooms brought along."""
    closing.close_access(session, worker, by=by, now=now)
    for closer in closers:
        closer(session, worker, by, now)


def cancel(session: Session, worker: Worker, *, reason: str, by: Actor, now: datetime) -> None:
    """Undo a leaving that was a mistake: the person is on the roster as before, with the access of a worker.

    Posts that were to end with a last day still to come go on; others have to be given anew. Raises InvalidInput
    without a reason, NotLeaving, and AlreadyBack when the person has joined again since.
    """
    if not reason:
        raise operations.WrongEntry("reason", "取り消す理由を入力してください。")
    session.refresh(worker, with_for_update=True)
    story = queries.leaving_of(session, worker)
    if story is None or not story.is_open:
        raise NotLeaving
    if queries.next_row_of(session, worker) is not None:
        raise operations.AlreadyBack
    last_on = story.leaving.last_on
    facts = LeavingFacts(last_on, story.leaving.reason, reason)
    _keep_leaving(session, worker, facts, story, is_cancelled=True, by=by, now=now)
    kept = replace(roster.facts_of(session, worker), left_on=None)
    roster.change_worker(session, worker, kept, source=ChangeSource.LEAVING, needs_kana=False, by=by, now=now)
    if last_on >= local_date(now):
        _reopen_posts(session, worker, ended_on=last_on)
    closing.reopen_access(session, worker, by=by, now=now)
