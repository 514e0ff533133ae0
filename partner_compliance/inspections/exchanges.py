"""What is asked of a partner and answered, what a partner objects to, and when the rules refuse it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Principal
from partner_compliance.errors import NotAllowed, RuleBroken, WrongEntry
from partner_compliance.inspections import contents, policy, queries
from partner_compliance.inspections.models import (
    Demand,
    DemandEvent,
    Inspection,
    LevelObjection,
    ObjectionEvent,
)
from partner_compliance.inspections.operations import (
    AlreadyClosed,
    refuse_names,
    refuse_without_engagement,
    tell_both,
)
from partner_compliance.inspections.queries import DemandLine
from partner_compliance.inspections.words import DemandEventKind, DemandState, ObjectionEventKind
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Municipality, Organization

#: An answer can be asked for so many days ahead at most.
MOST_AHEAD = timedelta(days=366)
#: A level of so long ago can be objected to.
LONGEST_AGO = timedelta(days=366)

#: More findings than any inspection has; a page shows them all.
MOST_FINDINGS = 50


class Done(RuleBroken):
    message = "これはすでに完了しているか、取り下げられています。入力した内容は、まだ記録していません。"
    what_to_do = "下の経過で、最新の状態を確認してください。"


class TooManyFindings(RuleBroken):
    message = f"1つの調査に書ける指摘は{MOST_FINDINGS}件までです。入力した内容は、まだ記録していません。"
    what_to_do = "すでにある指摘とまとめて書くか、調査を終了して、新しい調査を開いてください。"


class PageIsStale(RuleBroken):
    message = "画面を開いた後に、新しい動きがありました。入力した内容は、まだ記録していません。"
    what_to_do = "下の経過を読んでから、必要なら、もう一度送信してください。入力した内容は残してあります。"


class WaitsForMunicipality(RuleBroken):
    message = "すでに回答しています。自治体の確認を待っています。入力した内容は、まだ記録していません。"
    what_to_do = "付け加えたいことがあるときは、自治体の担当者に差し戻してもらってください。"


class NothingToDecide(RuleBroken):
    message = "団体の回答がまだないため、確認できません。"
    what_to_do = "回答が届くまでお待ちください。不要になったときは、取り下げることができます。"


class AlreadyAnswered(RuleBroken):
    message = "この申出は、すでに回答されているか、取り下げられています。入力した内容は、まだ記録していません。"
    what_to_do = "申出の画面で、最新の状態を確認してください。"


# --- findings and improvement requests --------------------------------------------------------------------------


@dataclass(frozen=True)
class DemandFacts:
    """What is asked, why, on what it rests, and by when it has to be answered."""

    what: str
    reason: str
    article: str
    criterion: str
    due_on: date | None


def find(
    session: Session,
    library: Library,
    inspection: Inspection,
    facts: DemandFacts,
    *,
    by: Principal,
    now: datetime,
    request_key: UUID,
) -> Demand:
    """Write a finding of an inspection that is not closed; it rests on an article or a criterion.

    The same `request_key` finds the finding of an earlier sending. Raises NotAllowed, AlreadyClosed, TooManyFindings,
    and WrongEntry for what is missing or cannot be.
    """
    if not policy.may_look(by, inspection):
        raise NotAllowed
    if (found := _sent_before(session, inspection.organization_id, request_key)) is not None:
        return found
    today = clock.local_date(now)
    session.refresh(inspection, with_for_update=True)
    if queries.standing_of(session, inspection, today=today).closing is not None:
        raise AlreadyClosed("この調査は、すでに終了しています。入力した内容は、まだ記録していません。")
    if facts.what and not facts.article and not facts.criterion:
        raise WrongEntry("article", "もとになる条文か、準備度の基準の、どちらかを入力してください。")
    last = session.scalar(
        select(func.max(Demand.number)).where(
            Demand.organization_id == inspection.organization_id, Demand.inspection_id == inspection.id
        )
    )
    if last is not None and last >= MOST_FINDINGS:
        raise TooManyFindings
    return _demand(
        session, library, inspection.organization_id, inspection.municipality_id, facts, inspection.id,
        (last or 0) + 1, "demand.found", by=by, now=now, request_key=request_key,
    )  # fmt: skip


def ask_for_improvement(
    session: Session,
    library: Library,
    municipality: Municipality,
    organization: Organization,
    facts: DemandFacts,
    *,
    by: Principal,
    now: datetime,
    request_key: UUID,
) -> Demand:
    """Ask a partner for something by a day, with a reason, outside of an inspection.

    The same `request_key` finds the request of an earlier sending. Raises NotAllowed, NotEngaged, and WrongEntry for
    what is missing or cannot be.
    """
    if not policy.may_inspect(by, municipality):
        raise NotAllowed
    if (found := _sent_before(session, organization.id, request_key)) is not None:
        return found
    refuse_without_engagement(session, organization.id, municipality.id, clock.local_date(now))
    if facts.what and not facts.reason:
        raise WrongEntry("reason", "お願いする理由を入力してください。")
    return _demand(
        session, library, organization.id, municipality.id, facts, None, 1, "demand.asked", by=by, now=now,
        request_key=request_key,
    )  # fmt: skip


def _sent_before(session: Session, organization_id: UUID, request_key: UUID) -> Demand | None:
    return session.scalar(
        select(Demand).where(Demand.organization_id == organization_id, Demand.request_key == request_key)
    )


def _demand(
    session: Session,
    library: Library,
    organization_id: UUID,
    municipality_id: UUID,
    facts: DemandFacts,
    inspection_id: UUID | None,
    number: int,
    act: str,
    *,
    by: Principal,
    now: datetime,
    request_key: UUID,
) -> Demand:
    today = clock.local_date(now)
    if not facts.what:
        raise WrongEntry("what", "内容を入力してください。")
    due_on = _due(facts.due_on, today)
    if inspection_id is not None:
        refuse_names(session, organization_id, what=facts.what, article=facts.article)
    made = Demand(
        organization_id=organization_id, id=uuid4(), municipality_id=municipality_id, inspection_id=inspection_id,
        number=number, what=facts.what, reason=facts.reason, article=facts.article, criterion=facts.criterion,
        criterion_title=_title_of(library, facts.criterion, today), due_on=due_on, request_key=request_key,
        made_at=now, made_on=today, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    tell_both(
        session, organization_id, municipality_id, act, "demand", made.id, contents.demand_content(made),
        {"paper": queries.demand_number(made)}, by=by.actor, now=now,
    )  # fmt: skip
    return made


def _due(due_on: date | None, today: date) -> date:
    if due_on is None:
        raise WrongEntry("due_on", "回答の期限を入力してください。")
    if due_on < today:
        raise WrongEntry("due_on", "回答の期限は、今日か、それより後の日にしてください。")
    if due_on > today + MOST_AHEAD:
        raise WrongEntry("due_on", "回答の期限は、1年以内の日にしてください。")
    return due_on


def _title_of(library: Library, criterion: str, day: date) -> str:
    """The title of a criterion on a day, empty for none; raises WrongEntry for one that the ladder does not have."""
    if not criterion:
        return ""
    found = library.ladder_for(day).criteria.get(criterion)
    if found is None:
        raise WrongEntry("criterion", "準備度の基準を、一覧から選び直してください。")
    return found.title


def answer(
    session: Session, demand: Demand, *, text: str, evidence: str, seen: int, by: Principal, now: datetime
) -> DemandEvent:
    """Answer for the organization, with the records that show it.

    `seen` is how many events the page showed. Raises NotAllowed, Done, PageIsStale, WaitsForMunicipality, and
    WrongEntry without a text or with a name in it.
    """
    if not policy.may_answer(by, demand):
        raise NotAllowed
    line = _locked(session, demand, seen)
    if not line.state.waits_for_partner:
        raise WaitsForMunicipality
    if not text:
        raise WrongEntry("text", "回答を入力してください。")
    refuse_names(session, demand.organization_id, text=text, evidence=evidence)
    return _append(session, line, DemandEventKind.ANSWERED, text=text, evidence=evidence, by=by, now=now)


def accept(session: Session, demand: Demand, *, text: str, seen: int, by: Principal, now: datetime) -> DemandEvent:
    """Accept the answer, which closes the finding or request.

    Raises NotAllowed, Done, PageIsStale, NothingToDecide, and WrongEntry with a name in the text.
    """
    line = _answered(session, demand, seen, by)
    _refuse_names_about(session, demand, text)
    return _append(session, line, DemandEventKind.ACCEPTED, text=text, by=by, now=now)


def send_back(
    session: Session, demand: Demand, *, text: str, due_on: date | None, seen: int, by: Principal, now: datetime
) -> DemandEvent:
    """Send the answer back with a reason and a new day.

    Raises NotAllowed, Done, PageIsStale, NothingToDecide, and WrongEntry without a reason or for a day that cannot be.
    """
    line = _answered(session, demand, seen, by)
    if not text:
        raise WrongEntry("text", "差し戻す理由を入力してください。")
    new_day = _due(due_on, clock.local_date(now))
    _refuse_names_about(session, demand, text)
    return _append(session, line, DemandEventKind.SENT_BACK, text=text, due_on=new_day, by=by, now=now)


def _answered(session: Session, demand: Demand, seen: int, by: Principal) -> DemandLine:
    if not policy.may_decide(by, demand):
        raise NotAllowed
    line = _locked(session, demand, seen)
    if line.state is not DemandState.ANSWERED:
        raise NothingToDecide
    return line


def withdraw(session: Session, demand: Demand, *, text: str, seen: int, by: Principal, now: datetime) -> DemandEvent:
    """Take back what was asked, with a reason.

    Raises NotAllowed, Done, PageIsStale, and WrongEntry without a reason.
    """
    if not policy.may_decide(by, demand):
        raise NotAllowed
    line = _locked(session, demand, seen)
    if not text:
        raise WrongEntry("text", "取り下げる理由を入力してください。")
    _refuse_names_about(session, demand, text)
    return _append(session, line, DemandEventKind.WITHDRAWN, text=text, by=by, now=now)


def _refuse_names_about(session: Session, demand: Demand, text: str) -> None:
    """The municipality's words about a finding name nobody; without an inspection it is not told who is on a roster."""
    if demand.inspection_id is not None:
        refuse_names(session, demand.organization_id, text=text)


def _locked(session: Session, demand: Demand, seen: int) -> DemandLine:
    """Hold the demand until the commit and say where it stands by now; raises Done and PageIsStale."""
    session.refresh(demand, with_for_update=True)
    line = queries.demand_line(session, demand)
    if line.state.is_done:
        raise Done
    if line.seen != seen:
        raise PageIsStale
    return line


def _append(
    session: Session,
    line: DemandLine,
    kind: DemandEventKind,
    *,
    text: str,
    evidence: str = "",
    due_on: date | None = None,
    by: Principal,
    now: datetime,
) -> DemandEvent:
    demand = line.demand
    made = DemandEvent(
        organization_id=demand.organization_id, id=uuid4(), municipality_id=demand.municipality_id,
        demand_id=demand.id, number=line.seen + 1, kind=kind, text=text, evidence=evidence, due_on=due_on, at=now,
        happened_on=clock.local_date(now), by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    try:
        session.flush()
    except IntegrityError:  # two at the same moment
        raise PageIsStale from None
    tell_both(
        session, demand.organization_id, demand.municipality_id, f"demand.{kind.value}", "demand_event", made.id,
        contents.demand_event_content(made), {"paper": queries.demand_number(demand)}, by=by.actor, now=now,
    )  # fmt: skip
    return made


# --- objections -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ObjectionFacts:
    """Which criterion of which day's level is wrong, in what, and which record shows it."""

    criterion: str
    level_on: date | None
    what: str
    record: str


def object_to_level(
    session: Session,
    library: Library,
    organization: Organization,
    municipality: Municipality,
    facts: ObjectionFacts,
    *,
    by: Principal,
    now: datetime,
    request_key: UUID,
) -> LevelObjection:
    """Object to how a criterion of the own level was computed, towards a municipality one works with today.

    The same `request_key` finds the objection of an earlier sending. Raises NotAllowed, NotEngaged, and WrongEntry for
    what is missing or cannot be.
    """
    if not policy.may_see_own(by, organization):
        raise NotAllowed
    found = session.scalar(
        select(LevelObjection).where(
            LevelObjection.organization_id == organization.id, LevelObjection.request_key == request_key
        )
    )
    if found is not None:
        return found
    today = clock.local_date(now)
    refuse_without_engagement(session, organization.id, municipality.id, today)
    if facts.level_on is None or not today - LONGEST_AGO <= facts.level_on <= today:
        raise WrongEntry("level_on", "どの日の段階についてかを、1年前から今日までの日付で入力してください。")
    title = _title_of(library, facts.criterion, facts.level_on)
    if not title:
        raise WrongEntry("criterion", "どの基準についてかを選んでください。")
    for field, text, said in (
        ("what", facts.what, "何が違うかを入力してください。"),
        ("record", facts.record, "どの記録についてかを入力してください。"),
    ):
        if not text:
            raise WrongEntry(field, said)
    refuse_names(session, organization.id, what=facts.what, record=facts.record)
    made = LevelObjection(
        organization_id=organization.id, id=uuid4(), municipality_id=municipality.id, criterion=facts.criterion,
        criterion_title=title, level_on=facts.level_on, what=facts.what, record=facts.record,
        request_key=request_key, made_at=now, made_on=today, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    tell_both(
        session, organization.id, municipality.id, "objection.made", "level_objection", made.id,
        contents.objection_content(made), {"paper": queries.objection_number(made)}, by=by.actor, now=now,
    )  # fmt: skip
    return made


def answer_objection(
    session: Session,
    objection: LevelObjection,
    *,
    text: str,
    decided_on: date | None,
    by: Principal,
    now: datetime,
) -> ObjectionEvent:
    """Answer an objection, with the day on which the municipality looked into it.

    Raises NotAllowed, AlreadyAnswered, and WrongEntry for what is missing or cannot be.
    """
    if not policy.may_answer_objection(by, objection):
        raise NotAllowed
    _lock(session, objection)
    if not text:
        raise WrongEntry("text", "回答を入力してください。")
    if decided_on is None or not objection.made_on <= decided_on <= clock.local_date(now):
        raise WrongEntry("decided_on", "確かめた日は、申出の日から今日までの間で入力してください。")
    return _end(session, objection, ObjectionEventKind.ANSWERED, text, decided_on, by=by, now=now)


def take_back_objection(
    session: Session, objection: LevelObjection, *, text: str, by: Principal, now: datetime
) -> ObjectionEvent:
    """Take an objection back, with a reason. Raises NotAllowed, AlreadyAnswered, and WrongEntry without a reason."""
    if not policy.may_take_back(by, objection):
        raise NotAllowed
    _lock(session, objection)
    if not text:
        raise WrongEntry("text", "取り下げる理由を入力してください。")
    refuse_names(session, objection.organization_id, text=text)
    return _end(
        session, objection, ObjectionEventKind.WITHDRAWN, text, clock.local_date(now), by=by, now=now
    )  # fmt: skip


def _lock(session: Session, objection: LevelObjection) -> None:
    session.refresh(objection, with_for_update=True)
    if queries.objection_line(session, objection).event is not None:
        raise AlreadyAnswered


def _end(
    session: Session,
    objection: LevelObjection,
    kind: ObjectionEventKind,
    text: str,
    decided_on: date,
    *,
    by: Principal,
    now: datetime,
) -> ObjectionEvent:
    made = ObjectionEvent(
        organization_id=objection.organization_id, id=uuid4(), municipality_id=objection.municipality_id,
        objection_id=objection.id, kind=kind, text=text, decided_on=decided_on, at=now, by_id=by.user_id,
        by_name=by.name,
    )  # fmt: skip
    session.add(made)
    try:
        session.flush()
    except IntegrityError:  # two at the same moment
        raise AlreadyAnswered from None
    tell_both(
        session, objection.organization_id, objection.municipality_id, f"objection.{kind.value}", "objection_event",
        made.id, contents.objection_event_content(made), {"paper": queries.objection_number(objection)},
        by=by.actor, now=now,
    )  # fmt: skip
    return made
