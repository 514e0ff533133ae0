"""What can be done with take-outs, and when the rules refuse it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
from partner_compliance.organizations.models import Center, Worker
from partner_compliance.takeouts import contents, policy, queries
from partner_compliance.takeouts.derivation import Standing, derive
from partner_compliance.takeouts.models import (
    LedgerLine,
    LossReport,
    StandingPermit,
    TakeOut,
    TakeOutEvent,
    TakeOutLabel,
)
from partner_compliance.takeouts.words import (
    ENTRUSTED,
    KEPT_INSIDE,
    MOST,
    ON_LEAVING,
    ON_RETURN,
    EventKind,
    Medium,
    Origin,
    Protection,
    Reason,
    State,
)

#: How far ahead a take-out is asked for, and how long it may last.
AHEAD = timedelta(days=92)
LONGEST = timedelta(days=92)
#: How far back something that was not written down can still be entered.
AFTERWARDS = timedelta(days=366)
#: A planned departure may have passed by so much while somebody was typing.
_TYPING = timedelta(minutes=30)


# --- refusals ---------------------------------------------------------------------------------------------------


class WrongEntry(InvalidInput):
    """Something typed that cannot be; `field` says which field of its form it is."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotYourDecision(NotAllowed):
    message = "この持ち出しを許可する立場にありません。自分の持ち出しを自分で許可することはできません。"
    what_to_do = "センター長の持ち出しは個人情報責任者が、個人情報責任者の持ち出しは別の責任者か代表者が許可します。"


class TakeOutsForbidden(RuleBroken):
    message = "この団体では、持ち出しを禁止しています。"
    what_to_do = (
        "どうしても必要なときは、個人情報責任者か代表者に相談してください。例外の許可は、その方だけが出せます。"
    )


class NotOnRoster(RuleBroken):
    message = "いま活動している方として名簿に登録されていないため、持ち出しを記録できません。"
    what_to_do = "活動の期間を、個人情報責任者に確認してください。"


class AlreadyDecided(RuleBroken):
    message = "この申請は、すでに許可または不許可の記録が済んでいます。"
    what_to_do = "最新の状態を確認してください。"


class NothingToDecide(RuleBroken):
    message = "この持ち出しは、いま許可を待っていません。"
    what_to_do = "最新の状態を確認してください。"


class AlreadyOut(RuleBroken):
    message = "この持ち出しは、すでに出発の記録が済んでいます。"
    what_to_do = "戻ったときに「戻りました」を押してください。"


class NotPermitted(RuleBroken):
    message = "この持ち出しは許可されていないため、出発の記録はできません。"
    what_to_do = "必要なときは、理由を書いて新しく申請してください。"


class PlanIsOver(RuleBroken):
    message = "返却予定を過ぎた申請のため、出発の記録はできません。"
    what_to_do = "新しい予定で申請し直してください。"


class AlreadyReturned(RuleBroken):
    message = "この持ち出しは、すでに返却の記録が済んでいます。"
    what_to_do = "最新の状態を確認してください。"


class NotOut(RuleBroken):
    message = "この持ち出しは、まだ出発の記録がないため、返却の記録はできません。"
    what_to_do = (
        "先に「持ち出します」を記録してください。記録せずに持ち出していたときは「事後の記入」を使ってください。"
    )


class TooLateToExtend(RuleBroken):
    message = "返却の期限を過ぎているため、延長できません。"
    what_to_do = "すぐに返却してください。返却できない事情は、センター長に伝えて「説明を書き足す」に残してください。"


class NotOpen(RuleBroken):
    message = "この持ち出しは終わっているため、変更できません。"
    what_to_do = "最新の状態を確認してください。"


class NotCovered(RuleBroken):
    """A standing permission does not hold for this person, day or thing."""

    message = "この継続許可では、この持ち出しはできません。"
    what_to_do = "「持ち出しの申請」から、今回の許可を申請してください。"


class WitnessIsOther(RuleBroken):
    message = "立ち会いの確認は、持ち出した本人とは別の方が行います。"
    what_to_do = "近くにいる方に、ご自分の端末か共用端末で確認してもらってください。"


class NothingToWitness(RuleBroken):
    message = "この持ち出しは、いま立ち会いの確認を待っていません。"
    what_to_do = "最新の状態を確認してください。"


class LabelRetired(RuleBroken):
    message = "このラベルは、使わなくなったものとして登録されています。"
    what_to_do = "「持ち出しの申請」から申請するか、センター長に新しいラベルを作ってもらってください。"


# --- what is asked for ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """A take-out as somebody asks for it: moments are UTC; texts are tidy; no name of a child or family in any."""

    medium: Medium
    count: int
    data_class: DataClass
    description: str
    reason: Reason
    purpose: str
    destination: str
    leaves_at: datetime
    returns_at: datetime
    route: str = ""
    companions: str = ""
    alone_reason: str = ""
    protections: frozenset[Protection] = field(default_factory=frozenset)


def needs_company(medium: Medium, data_class: DataClass) -> bool:
    """Whether it is carried by two, or with a reason why not: media that hold entrusted data."""
    return medium.is_electronic and data_class in ENTRUSTED


def refuse_wrong(facts: Facts) -> None:
    """Raise WrongEntry for the first thing that cannot be, whenever it was or will be."""
    if facts.data_class.is_refused:
        raise WrongEntry("data_class", f"「{facts.data_class.label}」は、このシステムでは扱いません。")
    if not 1 <= facts.count <= MOST:
        raise WrongEntry("count", f"数は1から{MOST}までの数字で入力してください。")
    if not facts.description:
        raise WrongEntry("description", "何を持ち出すかを書いてください（例: 訪問記録 3件）。")
    if not facts.purpose:
        raise WrongEntry("purpose", "何のために使うかを書いてください。")
    if not facts.destination:
        raise WrongEntry("destination", "持っていく先を書いてください。")
    if facts.medium.is_electronic and not facts.protections:
        raise WrongEntry("protections", "データの守り方を1つ以上選んでください。守られていないものは持ち出せません。")
    if needs_company(facts.medium, facts.data_class) and not facts.companions and not facts.alone_reason:
        raise WrongEntry(
            "companions",
            "預かった個人情報が入った機器・媒体は、2人で運びます。いっしょに行く方を書くか、1人で運ぶ理由を書いてください。",
        )
    if facts.returns_at <= facts.leaves_at:
        raise WrongEntry("returns", "戻る予定は、出発より後の日時にしてください。")
    if facts.returns_at - facts.leaves_at > LONGEST:
        raise WrongEntry("returns", "戻る予定は、出発から3か月（92日）以内にしてください。")


def ask(
    session: Session,
    worker: Worker,
    facts: Facts,
    *,
    by: Principal,
    now: datetime,
    request_key: UUID,
    label: TakeOutLabel | None = None,
) -> TakeOut:
    """Ask for permission to take something out (DOMAIN E17: ledger and permission come before leaving).

    The same `request_key` finds the row of an earlier sending, and so does an open request of the same thing for the
    same moments, as when an answer got lost and somebody typed it all again. Raises WrongEntry, NotOnRoster,
    LabelRetired.
    """
    if (found := queries.row_of_request(session, worker.organization_id, request_key)) is not None:
        return found
    refuse_wrong(facts)
    if facts.leaves_at < now - _TYPING:
        raise WrongEntry(
            "leaves",
            "出発の予定が過ぎています。すでに持ち出したものは「事後の記入」から書いてください。",
        )
    if facts.leaves_at > now + AHEAD:
        raise WrongEntry("leaves", "出発の予定は、今日から3か月（92日）以内にしてください。")
    _refuse_absent(worker, now)
    if (twin := queries.twin_of(session, worker, facts.leaves_at, facts.returns_at, facts.description)) is not None:
        return twin
    return _add(session, worker, facts, Origin.ASKED, by=by, now=now, request_key=request_key, label=label)


def write_afterwards(
    session: Session,
    worker: Worker,
    facts: Facts,
    *,
    returned_at: datetime | None,
    returned_count: int | None = None,
    explanation: str,
    by: Principal,
    now: datetime,
    request_key: UUID,
) -> TakeOut:
    """Write down what has left already without a row: shown for ever as what it is, permitted afterwards at best.

    `facts.leaves_at` is when it left and `returned_at` when it came back as somebody says; None while it is outside.
    Raises WrongEntry for a departure to come, a return before it or to come, or nothing said about why.
    """
    if (found := queries.row_of_request(session, worker.organization_id, request_key)) is not None:
        return found
    refuse_wrong(facts)
    if facts.leaves_at > now:
        raise WrongEntry(
            "leaves", "出発の日時が、いまより後になっています。これから出るときは「持ち出しの申請」を使ってください。"
        )
    if facts.leaves_at < now - AFTERWARDS:
        raise WrongEntry("leaves", "書けるのは、1年前までの持ち出しです。")
    if returned_at is not None and returned_at <= facts.leaves_at:
        raise WrongEntry("returned", "戻った日時は、出発より後にしてください。")
    if returned_at is not None and returned_at > now:
        raise WrongEntry("returned", "戻った日時が、いまより後になっています。")
    if not explanation:
        raise WrongEntry("explanation", "前もって申請できなかった事情を書いてください。")
    left = clock.local_date(facts.leaves_at)
    if left < worker.joined_on or (worker.left_on is not None and left > worker.left_on):
        raise NotOnRoster
    take_out = _add(session, worker, facts, Origin.AFTERWARDS, by=by, now=now, request_key=request_key, label=None)
    _append(
        session, take_out, EventKind.DEPARTED, by=by, now=now, said_at=facts.leaves_at, count=facts.count,
        comment=explanation, role=_role_for(by, take_out),
    )  # fmt: skip
    if returned_at is not None:
        _come_back(
            session, take_out, facts.count if returned_count is None else returned_count, (), by=by, now=now,
            said_at=returned_at, comment="",
        )  # fmt: skip
    return take_out


def take_with_standing(
    session: Session,
    worker: Worker,
    permit: queries.Permit,
    *,
    count: int,
    purpose: str,
    checks: Collection[str],
    by: Principal,
    now: datetime,
    request_key: UUID,
    label: TakeOutLabel | None = None,
) -> TakeOut:
    """Leave with a standing permission: the row, its permission and the departure in one step.

    Raises NotCovered when it does not hold for this person, day or number, WrongEntry for a check that is missing.
    """
    if (found := queries.row_of_request(session, worker.organization_id, request_key)) is not None:
        return found
    standing = permit.permit
    _refuse_uncovered(permit, worker, count, now)
    _refuse_absent(worker, now)
    _refuse_unchecked(ON_LEAVING[standing.medium], checks)
    back_on = clock.local_date(now) + timedelta(days=standing.back_after_days)
    facts = Facts(
        standing.medium, count, standing.data_class, standing.description or "", standing.reason,
        purpose or "継続許可による持ち出し", standing.destination or "", now,
        clock.start_of(back_on + timedelta(days=1)) - timedelta(minutes=1),
        companions=standing.companions or "", alone_reason=standing.alone_reason or "",
        protections=frozenset(Protection(each) for each in standing.protections),
    )  # fmt: skip
    take_out = _add(
        session, worker, facts, Origin.ASKED, by=by, now=now, request_key=request_key, label=label, standing=standing
    )
    _append(
        session, take_out, EventKind.PERMITTED, by=by, now=now, role=standing.granted_by_role,
        granted_by=(standing.granted_by_id, standing.granted_by_name),
        comment=f"継続許可（{clock.era_date(standing.from_on)}から{clock.era_date(standing.until_on)}まで）による",
    )  # fmt: skip
    _append(
        session, take_out, EventKind.DEPARTED, by=by, now=now, count=count, checks=checks,
        role=_role_for(by, take_out),
    )  # fmt: skip
    return take_out


def _refuse_uncovered(permit: queries.Permit, worker: Worker, count: int, now: datetime) -> None:
    standing, today = permit.permit, clock.local_date(now)
    if permit.end is not None:
        raise NotCovered(f"この継続許可は、{clock.screen_moment(permit.end.at)}に取り消されています。")
    if today > standing.until_on:
        raise NotCovered(f"この継続許可は、{clock.era_date(standing.until_on)}で期限が切れています。")
    if today < standing.from_on:
        raise NotCovered(f"この継続許可は、{clock.era_date(standing.from_on)}から使えます。")
    if worker.id not in permit.people:
        raise NotCovered("この継続許可には、この方の名前が入っていません。")
    if str(today.weekday()) not in standing.weekdays:
        raise NotCovered("今日の曜日は、この継続許可に入っていません。")
    if not 1 <= count <= standing.most:
        raise NotCovered(f"この継続許可で持ち出せるのは、1回に{standing.most}{standing.medium.unit}までです。")


def _refuse_absent(worker: Worker, now: datetime) -> None:
    today = clock.local_date(now)
    if worker.joined_on > today or (worker.left_on is not None and worker.left_on < today):
        raise NotOnRoster


def _role_for(by: Principal, take_out: TakeOut) -> Role | None:
    """In which role somebody writes for the worker; None for the worker."""
    if policy.is_own(by, take_out):
        return None
    return policy.decides_at(by, take_out.organization_id, take_out.center_id)


def _add(
    session: Session,
    worker: Worker,
    facts: Facts,
    origin: Origin,
    *,
    by: Principal,
    now: datetime,
    request_key: UUID,
    label: TakeOutLabel | None,
    standing: StandingPermit | None = None,
) -> TakeOut:
    if label is not None and label.retired_at is not None:
        raise LabelRetired
    take_out = TakeOut(
        organization_id=worker.organization_id, id=uuid4(), center_id=worker.center_id, worker_id=worker.id,
        origin=origin, medium=facts.medium, count=facts.count, data_class=facts.data_class, reason=facts.reason,
        description=facts.description, purpose=facts.purpose, destination=facts.destination, route=facts.route,
        companions=facts.companions, alone_reason=facts.alone_reason,
        protections=sorted(each.value for each in facts.protections),
        leaves_at=facts.leaves_at, returns_at=facts.returns_at, standing_id=standing.id if standing else None,
        label_id=label.id if label else None, request_key=request_key, asked_at=now, asked_on=clock.local_date(now),
        asked_by_id=by.user_id, asked_by_name=by.name, kiosk_id=by.kiosk_id,
    )  # fmt: skip
    take_out.asked_by_role = _role_for(by, take_out)
    session.add(take_out)
    try:
        session.flush()
    except IntegrityError:  # the same form, sent twice at the same moment
        raise AlreadyOut(
            "同じ内容が、ちょうど同時に送られました。", "一覧で、記録が1件あることを確かめてください。"
        ) from None
    acts.record(
        session,
        Act(
            take_out.organization_id,
            "take_out.asked" if origin is Origin.ASKED else "take_out.written_afterwards",
            now,
            by.actor,
            subject_id=worker.id,
            object_kind="take_out",
            object_id=take_out.id,
            content=contents.take_out_content(take_out),
            details={"medium": facts.medium.value, "pieces": facts.count, "class": facts.data_class.value},
        ),
    )
    refresh_line(session, take_out, [])
    return take_out


# --- what happens to a row --------------------------------------------------------------------------------------


def permit(
    session: Session, take_out: TakeOut, *, comment: str, by: Principal, now: datetime, substituted: Any = ()
) -> TakeOutEvent:
    """Permit a take-out; after the departure it is kept and shown as a permission after the departure.

    Raises NotYourDecision, TakeOutsForbidden, AlreadyDecided (naming who), NothingToDecide, and WrongEntry where what
    is kept inside as a rule is permitted without a reason.
    """
    if take_out.data_class in KEPT_INSIDE and not comment:
        raise WrongEntry(
            "comment",
            f"「{take_out.data_class.label}」は、原則として持ち出しません。許可する理由を書いてください。",
        )
    return _decide(session, take_out, EventKind.PERMITTED, comment=comment, by=by, now=now, substituted=substituted)


def refuse(
    session: Session, take_out: TakeOut, *, comment: str, by: Principal, now: datetime, substituted: Any = ()
) -> TakeOutEvent:
    """Refuse a take-out with a reason; what is outside already stays outside until it is back. Raises as `permit`."""
    if not comment:
        raise WrongEntry("comment", "許可しない理由を書いてください。ご本人に表示されます。")
    return _decide(session, take_out, EventKind.REFUSED, comment=comment, by=by, now=now, substituted=substituted)


def _decide(
    session: Session,
    take_out: TakeOut,
    kind: EventKind,
    *,
    comment: str,
    by: Principal,
    now: datetime,
    substituted: policy.Substituted,
) -> TakeOutEvent:
    role = policy.permits(by, take_out, substituted)
    if role is None:
        raise NotYourDecision
    if queries.settings_of(session, take_out.organization_id).is_forbidden and not policy.permits_while_forbidden(role):
        raise TakeOutsForbidden
    events = _lock(session, take_out)
    decided = next((each for each in events if each.kind in (EventKind.PERMITTED, EventKind.REFUSED)), None)
    if decided is not None:
        raise AlreadyDecided(
            f"この申請は、{clock.screen_moment(decided.at)}に{decided.by_name}さんが「{decided.kind.label}」と記録しています。"
        )
    if derive(take_out, events).state is State.WITHDRAWN:
        raise NothingToDecide
    is_substitute = role is Role.CENTER_HEAD and not by.heads(take_out.organization_id, take_out.center_id)
    return _append(
        session, take_out, kind, by=by, now=now, comment=comment, role=role, events=events, as_substitute=is_substitute
    )


def withdraw(session: Session, take_out: TakeOut, *, comment: str, by: Principal, now: datetime) -> TakeOutEvent:
    """Take back a request before anything has left; raises NotOpen."""
    events = _lock(session, take_out)
    if derive(take_out, events).state not in (State.ASKED, State.PERMITTED):
        raise NotOpen
    return _append(
        session, take_out, EventKind.WITHDRAWN, by=by, now=now, comment=comment, events=events,
        role=_role_for(by, take_out),
    )  # fmt: skip


def depart(
    session: Session,
    take_out: TakeOut,
    *,
    count: int,
    checks: Collection[str],
    comment: str,
    by: Principal,
    now: datetime,
) -> TakeOutEvent:
    """Record that the things leave now, with what was made sure of at the door.

    Leaving before the permission needs a word on why, and is kept as what it is. Raises AlreadyOut for a second tap,
    NotPermitted, PlanIsOver, WrongEntry for a missing check, too large a number or a missing reason.
    """
    events = _lock(session, take_out)
    state = derive(take_out, events).state
    if state is State.OUT:
        left = next(each for each in reversed(events) if each.kind is EventKind.DEPARTED)
        raise AlreadyOut(f"この持ち出しは、{clock.screen_moment(left.at)}に出発の記録が済んでいます。")
    if state is State.RETURNED:
        raise AlreadyReturned
    if state in (State.REFUSED, State.WITHDRAWN):
        raise NotPermitted
    if take_out.returns_at < now:
        raise PlanIsOver
    if not 1 <= count <= take_out.count:
        raise WrongEntry(
            "count",
            f"申請した数（{take_out.count}{take_out.medium.unit}）までにしてください。多く持ち出すときは、新しく申請してください。",
        )
    if state is State.ASKED and not comment:
        raise WrongEntry("comment", "まだ許可が出ていません。待てない事情を書いてください。記録に残ります。")
    _refuse_absent(session.get_one(Worker, (take_out.organization_id, take_out.worker_id)), now)
    _refuse_unchecked(ON_LEAVING[take_out.medium], checks)
    return _append(
        session, take_out, EventKind.DEPARTED, by=by, now=now, count=count, checks=checks, comment=comment,
        events=events, role=_role_for(by, take_out),
    )  # fmt: skip


def _refuse_unchecked(wanted: Sequence[Any], checks: Collection[str]) -> None:
    if missing := [each for each in wanted if each.key not in checks]:
        raise WrongEntry("checks", f"確かめて、印を付けてください: {missing[0].text}")


def come_back(
    session: Session,
    take_out: TakeOut,
    *,
    count: int,
    checks: Collection[str],
    comment: str,
    by: Principal,
    now: datetime,
    said_at: datetime | None = None,
) -> tuple[TakeOutEvent, LossReport | None]:
    """Record that the things are back, counted against what left (DOMAIN E18).

    What counts is the server's clock; `said_at` is kept beside it when somebody writes it down later. A number that
    differs opens the draft of an incident; nothing that was typed is lost. Raises NotOut, AlreadyReturned for a second
    tap, WrongEntry for a return before the departure or to come, or a check that is neither ticked nor explained.
    """
    events = _lock(session, take_out)
    standing = derive(take_out, events)
    if standing.state is State.RETURNED:
        back = next(each for each in reversed(events) if each.kind is EventKind.RETURNED)
        raise AlreadyReturned(f"この持ち出しは、{clock.screen_moment(back.at)}に返却の記録が済んでいます。")
    if standing.state is not State.OUT:
        raise NotOut
    if not 0 <= count <= MOST:
        raise WrongEntry("count", f"戻った数は0から{MOST}までの数字で入力してください。")
    if said_at is not None and standing.departed_at is not None and said_at < standing.departed_at:
        raise WrongEntry("returned", "戻った日時は、出発より後にしてください。")
    if said_at is not None and said_at > now:
        raise WrongEntry("returned", "戻った日時が、いまより後になっています。")
    unticked = [each for each in ON_RETURN[take_out.medium] if each.key not in checks]
    if unticked and not comment and count == standing.count:
        raise WrongEntry(
            "checks", f"確かめて、印を付けてください: {unticked[0].text}。確かめられないときは、事情を書いてください。"
        )
    return _come_back(session, take_out, count, checks, by=by, now=now, said_at=said_at, comment=comment, events=events)


def _come_back(
    session: Session,
    take_out: TakeOut,
    count: int,
    checks: Collection[str],
    *,
    by: Principal,
    now: datetime,
    said_at: datetime | None,
    comment: str,
    events: list[TakeOutEvent] | None = None,
) -> tuple[TakeOutEvent, LossReport | None]:
    events = queries.events_of(session, take_out) if events is None else events
    expected = derive(take_out, events).count
    event = _append(
        session, take_out, EventKind.RETURNED, by=by, now=now, count=count, checks=checks, comment=comment,
        said_at=said_at, events=events, role=_role_for(by, take_out),
    )  # fmt: skip
    if count == expected:
        return event, None
    report = LossReport(
        organization_id=take_out.organization_id, id=uuid4(), take_out_id=take_out.id, center_id=take_out.center_id,
        worker_id=take_out.worker_id, expected=expected, found=count, opened_at=now, opened_by_id=by.user_id,
        opened_by_name=by.name, note=comment,
    )  # fmt: skip
    session.add(report)
    session.flush()
    acts.record(
        session,
        Act(
            take_out.organization_id, "take_out.loss_opened", now, by.actor, subject_id=take_out.worker_id,
            object_kind="loss_report", object_id=report.id, content=contents.loss_content(report),
            details={"expected": expected, "found": count},
        ),
    )  # fmt: skip
    return event, report


def witness(session: Session, take_out: TakeOut, *, by: Principal, now: datetime) -> TakeOutEvent:
    """A second person saw the things come back; raises WitnessIsOther, NothingToWitness."""
    if policy.is_own(by, take_out):
        raise WitnessIsOther
    events = _lock(session, take_out)
    standing = derive(take_out, events)
    if standing.state is not State.RETURNED or standing.is_witnessed:
        raise NothingToWitness
    return _append(session, take_out, EventKind.WITNESSED, by=by, now=now, events=events, role=_role_for(by, take_out))


def extend(
    session: Session, take_out: TakeOut, *, until: datetime, comment: str, by: Principal, now: datetime
) -> TakeOutEvent:
    """Move the planned return to a later moment, with a reason and before it is overdue.

    Raises NotOpen, TooLateToExtend, and WrongEntry without a reason, for an earlier moment or one too far away.
    """
    events = _lock(session, take_out)
    standing = derive(take_out, events)
    if standing.state not in (State.PERMITTED, State.OUT):
        raise NotOpen
    if standing.due_on < clock.local_date(now):
        raise TooLateToExtend
    if not comment:
        raise WrongEntry("comment", "延長する理由を書いてください。")
    if until <= standing.returns_at or until <= now:
        raise WrongEntry("until", f"いまの返却予定（{clock.screen_moment(standing.returns_at)}）より後にしてください。")
    if until - (standing.departed_at or take_out.leaves_at) > LONGEST:
        raise WrongEntry("until", "返却予定は、出発から3か月（92日）以内にしてください。")
    return _append(
        session, take_out, EventKind.EXTENDED, by=by, now=now, comment=comment, until_at=until, events=events,
        role=_role_for(by, take_out),
    )  # fmt: skip


def explain(session: Session, take_out: TakeOut, *, comment: str, by: Principal, now: datetime) -> TakeOutEvent:
    """Add to a row what it does not say yet; nothing that stands there changes. Raises WrongEntry, NotOpen."""
    if not comment:
        raise WrongEntry("comment", "書き足す内容を入力してください。")
    events = _lock(session, take_out)
    if derive(take_out, events).state not in queries.LEFT:
        raise NotOpen(
            "まだ出発していないため、説明は書き足せません。", "必要なときは、申請を取り下げて出し直してください。"
        )
    return _append(
        session, take_out, EventKind.EXPLAINED, by=by, now=now, comment=comment, events=events,
        role=_role_for(by, take_out),
    )  # fmt: skip


# --- shared -----------------------------------------------------------------------------------------------------


def record_look(session: Session, take_out: TakeOut, *, by: Principal, now: datetime) -> None:
    """Note that somebody else than the worker looked at an individual row."""
    if policy.is_own(by, take_out):
        return
    acts.record(
        session,
        Act(
            take_out.organization_id, "take_out.viewed", now, by.actor, subject_id=take_out.worker_id,
            object_kind="take_out", object_id=take_out.id, is_look=True,
        ),
    )  # fmt: skip


def _lock(session: Session, take_out: TakeOut) -> list[TakeOutEvent]:
    """Hold the row until the commit, and read what has happened to it by now."""
    session.execute(
        select(TakeOut.id)
        .where(TakeOut.organization_id == take_out.organization_id, TakeOut.id == take_out.id)
        .with_for_update()
    )
    return queries.events_of(session, take_out)


def _append(
    session: Session,
    take_out: TakeOut,
    kind: EventKind,
    *,
    by: Principal,
    now: datetime,
    role: Role | None = None,
    comment: str = "",
    count: int | None = None,
    checks: Collection[str] = (),
    said_at: datetime | None = None,
    until_at: datetime | None = None,
    events: list[TakeOutEvent] | None = None,
    as_substitute: bool = False,
    granted_by: tuple[UUID | None, str] | None = None,
) -> TakeOutEvent:
    events = queries.events_of(session, take_out) if events is None else events
    before = derive(take_out, events)
    by_id, by_name = granted_by or (by.user_id, by.name)
    event = TakeOutEvent(
        organization_id=take_out.organization_id, id=uuid4(), take_out_id=take_out.id,
        number=events[-1].number + 1 if events else 1, kind=kind, at=now, happened_on=clock.local_date(now),
        said_at=said_at, by_id=by_id, by_name=by_name, by_role=role, as_substitute=as_substitute, count=count,
        checks=sorted(set(checks)), until_at=until_at, comment=comment, kiosk_id=by.kiosk_id,
    )  # fmt: skip
    session.add(event)
    session.flush()
    events.append(event)
    after = refresh_line(session, take_out, events)
    details: dict[str, str | int | bool | None] = {"medium": take_out.medium.value}
    if count is not None:
        details["pieces"] = count
    if kind in (EventKind.DEPARTED, EventKind.PERMITTED):
        details["permission"] = after.permission.value
    acts.record(
        session,
        Act(
            take_out.organization_id, f"take_out.{kind.value}", now, by.actor, subject_id=take_out.worker_id,
            object_kind="take_out_event", object_id=event.id, content=contents.event_content(event),
            before=before.state.value, details=details,
        ),
    )  # fmt: skip
    return event


def facts_of_line(take_out: TakeOut, standing: Standing) -> dict[str, Any]:
    """What the ledger's line holds of a row that stands so."""
    return {
        "center_id": take_out.center_id,
        "worker_id": take_out.worker_id,
        "medium": take_out.medium,
        "data_class": take_out.data_class,
        "reason": take_out.reason,
        "origin": take_out.origin,
        "state": standing.state,
        "permission": standing.permission,
        "began_on": standing.began_on,
        "departed_at": standing.departed_at,
        "returns_at": standing.returns_at,
        "due_on": standing.due_on,
        "returned_on": standing.returned_on,
        "differs": standing.differs,
        "is_explained": standing.is_explained,
        "is_witnessed": standing.is_witnessed,
        "count": standing.count,
    }


def refresh_line(session: Session, take_out: TakeOut, events: Sequence[TakeOutEvent]) -> Standing:
    """Write down anew where a row stands."""
    standing = derive(take_out, events)
    facts = facts_of_line(take_out, standing)
    line = session.get(LedgerLine, (take_out.organization_id, take_out.id))
    if line is None:
        session.add(LedgerLine(organization_id=take_out.organization_id, take_out_id=take_out.id, **facts))
    else:
        for name, value in facts.items():
            setattr(line, name, value)
    session.flush()
    return standing


def center_of(session: Session, take_out: TakeOut) -> Center:
    """The center from which the things leave."""
    return session.get_one(Center, (take_out.organization_id, take_out.center_id))
