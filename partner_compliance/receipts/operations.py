"""What can be done with hand-over receipts, and when the rules refuse it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from partner_compliance import acts, clock
from partner_compliance.access import Principal, Role
from partner_compliance.acts import Act
from partner_compliance.engagements.words import DataClass
from partner_compliance.errors import InvalidInput, NotAllowed, RuleBroken
from partner_compliance.organizations.models import Engagement, Organization, Worker
from partner_compliance.organizations.queries import is_valid_on
from partner_compliance.receipts import contents, policy, queries
from partner_compliance.receipts.derivation import confirmed_sides, derive, state_of
from partner_compliance.receipts.models import Receipt, ReceiptEvent, ReceiptItem, ReceiptLine
from partner_compliance.receipts.words import Direction, Ending, EventKind, Method, Side, State
from partner_compliance.takeouts.words import MOST, Medium

#: How far back a hand-over can still be written down, and how far ahead its end can lie.
EARLIEST = timedelta(days=366)
LATEST = timedelta(days=366 * 10)


class WrongEntry(InvalidInput):
    """Something typed that cannot be; `field` says which field, `position` of which thing (0: of the receipt)."""

    def __init__(self, field: str, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.field = field
        self.position = position


class NotYourSide(NotAllowed):
    message = "この授受について、確認や記録をする立場にありません。"
    what_to_do = "渡した側と受け取った側の、それぞれの方が行います。"


class NotEngaged(RuleBroken):
    message = "この自治体との連携関係は、いま有効ではないため、新しい授受を記録できません。"
    what_to_do = "連携関係の期間を確かめてください。すでに預かっているものの返却・廃棄は、いつでも記録できます。"


class AlreadyConfirmed(RuleBroken):
    message = "この授受は、すでに確認が済んでいます。"
    what_to_do = "最新の状態を確認してください。"


class NoLongerOpen(RuleBroken):
    message = "この授受は、すでに終わっているか、取り下げられています。"
    what_to_do = "最新の状態を確認してください。"


class NotHeld(RuleBroken):
    message = "この授受は、まだ両方の確認が済んでいないか、すでに返却・廃棄が済んでいます。"
    what_to_do = "先に、渡した側と受け取った側の両方が確認してください。"


class NothingToAcknowledge(RuleBroken):
    message = "確認を待っている返却・廃棄の記録はありません。"
    what_to_do = "最新の状態を確認してください。"


@dataclass(frozen=True)
class Item:
    """One kind of thing as somebody writes it down; days are days in Japan."""

    medium: Medium
    data_class: DataClass
    count: int
    description: str
    ending: Ending
    end_by_on: date
    keep_until_on: date | None = None


@dataclass(frozen=True)
class Facts:
    """A hand-over as somebody writes it down."""

    direction: Direction
    handed_on: date
    purpose: str
    items: Sequence[Item]
    giver: Worker | None = None
    receiver: Worker | None = None
    engagement: Engagement | None = None


def write(
    session: Session,
    organization: Organization,
    facts: Facts,
    *,
    side: Side,
    by: Principal,
    now: datetime,
    request_key: UUID,
) -> Receipt:
    """Write down that something was handed over; `side` is the writer's, and counts as confirmed with it.

    The same `request_key` finds the receipt of an earlier sending. Raises WrongEntry, NotYourSide for a side that the
    writer does not speak for, NotEngaged without an engagement in force on the day.
    """
    if (found := queries.receipt_of_request(session, organization.id, request_key)) is not None:
        return found
    _refuse_wrong(facts, today=clock.local_date(now))
    if facts.direction is not Direction.INSIDE:
        _refuse_unengaged(session, organization, facts)
    person = facts.receiver if facts.direction is Direction.FROM_MUNICIPALITY else facts.giver or facts.receiver
    receipt = Receipt(
        organization_id=organization.id, id=uuid4(), direction=facts.direction,
        municipality_id=facts.engagement.municipality_id if facts.engagement else None,
        engagement_id=facts.engagement.id if facts.engagement else None,
        giver_id=facts.giver.id if facts.giver else None, receiver_id=facts.receiver.id if facts.receiver else None,
        center_id=person.center_id if person else None, handed_on=facts.handed_on, purpose=facts.purpose,
        request_key=request_key, written_at=now, written_on=clock.local_date(now), written_by_id=by.user_id,
        written_by_name=by.name, written_side=side,
        items=[
            ReceiptItem(
                organization_id=organization.id, position=position, medium=item.medium, data_class=item.data_class,
                count=item.count, description=item.description, keep_until_on=item.keep_until_on, ending=item.ending,
                end_by_on=item.end_by_on,
            )
            for position, item in enumerate(facts.items, 1)
        ],
    )  # fmt: skip
    if side not in policy.sides_of(by, receipt):
        raise NotYourSide
    session.add(receipt)
    try:
        session.flush()
    except IntegrityError:  # the same form, sent twice at the same moment
        raise AlreadyConfirmed(
            "同じ内容が、ちょうど同時に送られました。", "一覧で、記録が1件あることを確かめてください。"
        ) from None
    acts.record(
        session,
        Act(
            organization.id, "receipt.written", now, by.actor, object_kind="receipt", object_id=receipt.id,
            subject_id=receipt.receiver_id or receipt.giver_id, content=contents.receipt_content(receipt),
            details={"direction": facts.direction.value, "things": len(facts.items)},
        ),
    )  # fmt: skip
    _append(session, receipt, EventKind.CONFIRMED, side=side, by=by, now=now, events=[])
    return receipt


def _refuse_wrong(facts: Facts, *, today: date) -> None:
    if facts.handed_on > today:
        raise WrongEntry("handed_on", "渡した日は、今日か、今日より前にしてください。")
    if facts.handed_on < today - EARLIEST:
        raise WrongEntry("handed_on", "書けるのは、1年前までの授受です。")
    if not facts.purpose:
        raise WrongEntry("purpose", "何のために渡したかを書いてください。")
    if facts.direction is Direction.INSIDE:
        if facts.giver is None or facts.receiver is None:
            raise WrongEntry("person", "渡した方と受け取った方の両方を選んでください。")
        if facts.giver.id == facts.receiver.id:
            raise WrongEntry("person", "渡した方と受け取った方は、別の方にしてください。")
    if not facts.items:
        raise WrongEntry("description", "渡したものを1つ以上書いてください。", 1)
    for position, item in enumerate(facts.items, 1):
        _refuse_wrong_item(item, position, facts.handed_on)


def _refuse_wrong_item(item: Item, position: int, handed_on: date) -> None:
    if item.data_class.is_refused:
        raise WrongEntry("data_class", f"「{item.data_class.label}」は、このシステムでは扱いません。", position)
    if not 1 <= item.count <= MOST:
        raise WrongEntry("count", f"数は1から{MOST}までの数字で入力してください。", position)
    if not item.description:
        raise WrongEntry("description", "内容を書いてください（例: 訪問記録 3件）。", position)
    if not handed_on <= item.end_by_on <= handed_on + LATEST:
        raise WrongEntry("end_by_on", "返却・廃棄の期日は、渡した日から10年以内の日にしてください。", position)
    if item.keep_until_on is not None and item.keep_until_on < item.end_by_on:
        raise WrongEntry("keep_until_on", "保存の期限は、返却・廃棄の期日か、それより後にしてください。", position)


def _refuse_unengaged(session: Session, organization: Organization, facts: Facts) -> None:
    engagement = facts.engagement
    if engagement is None or engagement.organization_id != organization.id:
        raise WrongEntry("engagement", "連携関係を選んでください。")
    holds = session.scalar(
        select(Engagement.id).where(
            Engagement.organization_id == organization.id, Engagement.id == engagement.id, is_valid_on(facts.handed_on)
        )
    )
    if holds is None:
        raise NotEngaged


# --- the other side's word --------------------------------------------------------------------------------------


def confirm(session: Session, receipt: Receipt, *, by: Principal, now: datetime) -> ReceiptEvent:
    """Confirm the own side; raises NotYourSide, AlreadyConfirmed (naming who), NoLongerOpen."""
    events = _lock(session, receipt)
    side = _side_to_answer(receipt, events, by)
    return _append(session, receipt, EventKind.CONFIRMED, side=side, by=by, now=now, events=events)


def confirm_on_paper(session: Session, receipt: Receipt, *, note: str, by: Principal, now: datetime) -> ReceiptEvent:
    """Enter that the other side has confirmed on paper; kept as what it is. Raises WrongEntry, AlreadyConfirmed."""
    if not note:
        raise WrongEntry("note", "紙の預かり証の日付と、どこに保管しているかを書いてください。")
    if not policy.may_confirm_on_paper(by, receipt):
        raise NotYourSide
    events = _lock(session, receipt)
    _refuse_settled(events)
    side = next(side for side in Side if side not in confirmed_sides(events))
    return _append(
        session, receipt, EventKind.CONFIRMED, side=side, by=by, now=now, events=events, on_paper=True, comment=note
    )


def refuse(session: Session, receipt: Receipt, *, reason: str, by: Principal, now: datetime) -> ReceiptEvent:
    """Say that what is written is not what was handed over; it is written anew then. Raises as `confirm`."""
    if not reason:
        raise WrongEntry("reason", "違うところを書いてください。")
    events = _lock(session, receipt)
    side = _side_to_answer(receipt, events, by)
    return _append(session, receipt, EventKind.REFUSED, side=side, by=by, now=now, events=events, comment=reason)


def withdraw(session: Session, receipt: Receipt, *, by: Principal, now: datetime) -> ReceiptEvent:
    """Take back what was written while the other side has not confirmed it; raises NotYourSide, AlreadyConfirmed."""
    if receipt.written_side not in policy.sides_of(by, receipt):
        raise NotYourSide
    events = _lock(session, receipt)
    _refuse_settled(events)
    return _append(session, receipt, EventKind.WITHDRAWN, side=receipt.written_side, by=by, now=now, events=events)


def _side_to_answer(receipt: Receipt, events: Sequence[ReceiptEvent], by: Principal) -> Side:
    sides = policy.sides_of(by, receipt)
    if not sides:
        raise NotYourSide
    _refuse_settled(events)
    open_sides = sides - confirmed_sides(events).keys()
    if not open_sides:
        raise NotYourSide("相手の側の確認を待っています。ご自分の側の確認は済んでいます。")
    return next(iter(open_sides))


def _refuse_settled(events: Sequence[ReceiptEvent]) -> None:
    state = state_of(events)
    if state is State.HELD:
        last = next(event for event in reversed(events) if event.kind is EventKind.CONFIRMED)
        raise AlreadyConfirmed(
            f"この授受は、{clock.screen_moment(last.at)}に{last.by_name}さんの確認で、両方の確認が済んでいます。"
        )
    if state is not State.WAITING:
        raise NoLongerOpen


# --- until it ends ----------------------------------------------------------------------------------------------


def extend(
    session: Session, receipt: Receipt, position: int, *, until_on: date, reason: str, by: Principal, now: datetime
) -> ReceiptEvent:
    """Move the day of a thing's end to a later one, with a reason and before it is overdue.

    Raises NotYourSide, NotHeld, WrongEntry for an earlier day, one after the end of retention, or no reason.
    """
    if not policy.may_end(by, receipt) and not policy.may_acknowledge(by, receipt):
        raise NotYourSide
    events = _lock(session, receipt)
    item = _item(receipt, position)
    standing = derive(item, events)
    if standing.state is not State.HELD:
        raise NotHeld
    if standing.due_on < clock.local_date(now):
        raise NotHeld(
            "期日を過ぎているため、延長できません。", "すぐに返却・廃棄するか、渡した側に事情を伝えてください。"
        )
    if not reason:
        raise WrongEntry("reason", "延長する理由を書いてください。")
    if until_on <= standing.end_by_on:
        raise WrongEntry("until_on", f"いまの期日（{clock.era_date(standing.end_by_on)}）より後にしてください。")
    if item.keep_until_on is not None and until_on > item.keep_until_on:
        raise WrongEntry("until_on", f"保存の期限（{clock.era_date(item.keep_until_on)}）を越えて延長できません。")
    side = Side.RECEIVER if policy.may_end(by, receipt) else Side.GIVER
    return _append(
        session, receipt, EventKind.EXTENDED, side=side, by=by, now=now, events=events, position=position,
        until_on=until_on, comment=reason,
    )  # fmt: skip


@dataclass(frozen=True)
class End:
    """How a thing, or a part of it, was returned or destroyed."""

    count: int
    method: Method
    done_on: date
    witness: str
    backups_gone: bool
    note: str = ""


def end(session: Session, receipt: Receipt, position: int, facts: End, *, by: Principal, now: datetime) -> ReceiptEvent:
    """Record that a thing, or a part of it, was returned or destroyed (DOMAIN A17, A18).

    Raises NotYourSide, NotHeld, WrongEntry for more than is left, a day before the hand-over or to come, no witness,
    electronic media whose copies are still there without a word on why.
    """
    if not policy.may_end(by, receipt):
        raise NotYourSide
    events = _lock(session, receipt)
    item = _item(receipt, position)
    standing = derive(item, events)
    if standing.state is not State.HELD:
        raise NotHeld
    if not 1 <= facts.count <= standing.left:
        raise WrongEntry("count", f"残っている数（{standing.left}{item.medium.unit}）までの数字で入力してください。")
    if not receipt.handed_on <= facts.done_on <= clock.local_date(now):
        raise WrongEntry("done_on", "返却・廃棄した日は、渡した日から今日までの日にしてください。")
    if not facts.witness:
        raise WrongEntry("witness", "立ち会った方か、受け取った方の氏名を書いてください。")
    if not facts.backups_gone and not facts.note:
        raise WrongEntry("note", "写しやバックアップが残っているときは、どうするかを書いてください。")
    if facts.method is Method.OTHER and not facts.note:
        raise WrongEntry("note", "「その他」のときは、方法を書いてください。")
    return _append(
        session, receipt, EventKind.ENDED, side=Side.RECEIVER, by=by, now=now, events=events, position=position,
        count=facts.count, method=facts.method, done_on=facts.done_on, witness=facts.witness,
        backups_gone=facts.backups_gone, comment=facts.note,
    )  # fmt: skip


def acknowledge(session: Session, receipt: Receipt, *, by: Principal, now: datetime) -> ReceiptEvent:
    """The giver has read how the things ended; raises NotYourSide, NothingToAcknowledge."""
    if not policy.may_acknowledge(by, receipt):
        raise NotYourSide
    events = _lock(session, receipt)
    if not any(derive(item, events).unacknowledged for item in receipt.items):
        raise NothingToAcknowledge
    return _append(session, receipt, EventKind.ACKNOWLEDGED, side=Side.GIVER, by=by, now=now, events=events)


# --- shared -----------------------------------------------------------------------------------------------------


def record_look(session: Session, receipt: Receipt, *, by: Principal, now: datetime) -> None:
    """Note that somebody who is neither giver nor receiver looked at a receipt."""
    if {receipt.giver_id, receipt.receiver_id} & set(by.worker_ids):
        return
    acts.record(
        session,
        Act(
            receipt.organization_id, "receipt.viewed", now, by.actor, object_kind="receipt", object_id=receipt.id,
            subject_id=receipt.receiver_id or receipt.giver_id, is_look=True,
        ),
    )  # fmt: skip


def _item(receipt: Receipt, position: int) -> ReceiptItem:
    return next(item for item in receipt.items if item.position == position)


def _lock(session: Session, receipt: Receipt) -> list[ReceiptEvent]:
    """Hold the receipt's row until the commit, and read what has happened to it by now."""
    session.execute(
        select(Receipt.id)
        .where(Receipt.organization_id == receipt.organization_id, Receipt.id == receipt.id)
        .with_for_update()
    )
    return queries.events_of(session, receipt)


def _role_of(by: Principal, receipt: Receipt, side: Side) -> Role | None:
    """In which role somebody acts; None for a person who stands on the side themselves."""
    if (receipt.giver_id if side is Side.GIVER else receipt.receiver_id) in by.worker_ids:
        return None
    if receipt.municipality_id in by.municipality_ids:
        return Role.MUNICIPAL_OFFICER
    for role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE, Role.CENTER_HEAD):
        if by.is_(role, receipt.organization_id):
            return role
    return None


def _append(
    session: Session,
    receipt: Receipt,
    kind: EventKind,
    *,
    side: Side,
    by: Principal,
    now: datetime,
    events: list[ReceiptEvent],
    position: int | None = None,
    comment: str = "",
    **facts: Any,
) -> ReceiptEvent:
    event = ReceiptEvent(
        organization_id=receipt.organization_id, id=uuid4(), receipt_id=receipt.id,
        number=events[-1].number + 1 if events else 1, kind=kind, side=side, position=position, at=now,
        happened_on=clock.local_date(now), by_id=by.user_id, by_name=by.name, by_role=_role_of(by, receipt, side),
        comment=comment, kiosk_id=by.kiosk_id, **{"on_paper": False, **facts},
    )  # fmt: skip
    session.add(event)
    session.flush()
    events.append(event)
    refresh_lines(session, receipt, events)
    details: dict[str, str | int | bool | None] = {"side": side.value}
    if event.count is not None:
        details["pieces"] = event.count
    if event.method is not None:
        details["method"] = event.method.value
    act = Act(
        receipt.organization_id, f"receipt.{kind.value}", now, by.actor,
        subject_id=receipt.receiver_id or receipt.giver_id, object_kind="receipt_event", object_id=event.id,
        content=contents.event_content(event), details=details,
    )  # fmt: skip
    acts.record(session, act)
    return event


def facts_of_line(receipt: Receipt, item: ReceiptItem, events: Sequence[ReceiptEvent]) -> dict[str, Any]:
    """What the register's line holds of a thing after the events of its receipt."""
    standing = derive(item, events)
    return {
        "municipality_id": receipt.municipality_id,
        "direction": receipt.direction,
        "giver_id": receipt.giver_id,
        "receiver_id": receipt.receiver_id,
        "center_id": receipt.center_id,
        "medium": item.medium,
        "data_class": item.data_class,
        "handed_on": receipt.handed_on,
        "state": standing.state,
        "count": item.count,
        "left": standing.left,
        "end_by_on": standing.end_by_on,
        "due_on": standing.due_on,
        "confirmed_on": standing.confirmed_on,
        "ended_on": standing.ended_on,
        "unacknowledged": standing.unacknowledged,
    }


def refresh_lines(session: Session, receipt: Receipt, events: Sequence[ReceiptEvent]) -> None:
    """Write down anew where each thing of a receipt stands."""
    for item in receipt.items:
        facts = facts_of_line(receipt, item, events)
        key = (receipt.organization_id, receipt.id, item.position)
        line = session.get(ReceiptLine, key)
        if line is None:
            session.add(
                ReceiptLine(
                    organization_id=receipt.organization_id, receipt_id=receipt.id, position=item.position, **facts
                )
            )
            continue
        for name, value in facts.items():
            setattr(line, name, value)
    session.flush()
