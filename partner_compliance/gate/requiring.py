"""What a municipality can require, and its dated exceptions: own criteria, requirements, acceptances, holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import acts, clock
from partner_compliance.access import Principal
from partner_compliance.acts import Act
from partner_compliance.clock import local_date
from partner_compliance.engagements.words import DataClass, Mode
from partner_compliance.errors import NotAllowed, RuleBroken, WrongEntry
from partner_compliance.gate import contents, policy, queries
from partner_compliance.gate.checking import Required, Rules
from partner_compliance.gate.models import (
    AcceptanceEnd,
    InterimAcceptance,
    OwnCriterion,
    Requirement,
    SharingHold,
)
from partner_compliance.gate.words import LONGEST_ACCEPTANCE, Comparison, Holding, Purpose
from partner_compliance.library.readiness import Ladder, Measure
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.organizations.queries import engagements_between
from partner_compliance.readiness.measures import SOURCES

#: A requirement binds within a year of its announcement, an acceptance begins within 30 days.
LATEST_EFFECT, LATEST_START = timedelta(days=366), timedelta(days=30)
MOST_CONDITIONS, LONGEST_CONDITION = 5, 200
#: More criteria of one's own than any municipality needs.
MOST_CRITERIA = 40

#: What can be counted: every measure for which a statement exists.
MEASURES = tuple(each for each in Measure if any(each in source.picks for source in SOURCES))


class AlreadyThere(RuleBroken):
    message = "同じものが、すでにあります。"
    what_to_do = "一覧で、いまの内容を確認してください。"


class NoLongerHolds(RuleBroken):
    message = "すでに終わっているか、取り消されています。"
    what_to_do = "最新の状態を確認してください。"


class NotEngaged(RuleBroken):
    message = "この団体との連携関係は、いま有効ではありません。"
    what_to_do = "連携関係の期間を確かめてください。"


# --- criteria of one's own --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CriterionFacts:
    """A criterion as an officer writes it down."""

    title: str
    reason: str
    measure: Measure
    comparison: Comparison
    threshold: int


def add_criterion(
    session: Session,
    municipality: Municipality,
    facts: CriterionFacts,
    *,
    by: Principal,
    now: datetime,
    request_key: UUID,
) -> OwnCriterion:
    """Add a criterion from the measures there are; what is counted stays what it is.

    The same `request_key` finds the row of an earlier sending. Raises WrongEntry, AlreadyThere for a title that is
    taken, NotAllowed.
    """
    if not policy.may_run(by, municipality):
        raise NotAllowed
    session.refresh(municipality, with_for_update=True)
    kept = list(session.scalars(select(OwnCriterion).where(OwnCriterion.municipality_id == municipality.id)))
    if (found := next((each for each in kept if each.request_key == request_key), None)) is not None:
        return found
    if not facts.title:
        raise WrongEntry("title", "基準の名前を入力してください。")
    if not facts.reason:
        raise WrongEntry("reason", "求める理由を入力してください。団体が読みます。")
    if facts.measure not in MEASURES:
        raise WrongEntry("measure", "その項目は、記録から数えられません。ほかの項目を選んでください。")
    if facts.comparison is Comparison.PERCENT and not 1 <= facts.threshold <= 100:
        raise WrongEntry("threshold", "割合は、1から100までの数字で入力してください。")
    if facts.comparison is Comparison.AT_LEAST and facts.threshold < 1:
        raise WrongEntry("threshold", "1以上の数字で入力してください。")
    if any(each.title == facts.title for each in kept):
        raise AlreadyThere(f"「{facts.title}」という基準は、すでにあります。", "別の名前にしてください。")
    if len(kept) >= MOST_CRITERIA:
        raise AlreadyThere(f"基準は{MOST_CRITERIA}個までです。", "いまある基準を使ってください。")
    made = OwnCriterion(
        municipality_id=municipality.id, id=uuid4(), title=facts.title, reason=facts.reason, measure=facts.measure,
        comparison=facts.comparison, threshold=facts.threshold, request_key=request_key, made_at=now, by_id=by.user_id,
        by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            municipality.id, "criterion.added", now, by.actor, object_kind="own_criterion", object_id=made.id,
            content=contents.criterion_content(made), details={"measure": facts.measure.label},
        ),
    )  # fmt: skip
    return made


# --- requirements -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RequirementFacts:
    """A requirement as an officer writes it down; without mode or purpose for all of them."""

    data_class: DataClass
    mode: Mode | None
    purpose: Purpose | None
    #: None: it is not shared. Ignored where it leads back to the suggestion.
    level: int | None
    criteria: Sequence[str]
    conditions: Sequence[str]
    reason: str
    effective_on: date
    is_default: bool = False


def require(
    session: Session,
    library: Library,
    municipality: Municipality,
    facts: RequirementFacts,
    *,
    by: Principal,
    now: datetime,
    request_key: UUID,
) -> Requirement:
    """Require something for a class of data from a day on; partners see it at once, and it binds from that day.

    What asks for more than today binds after the ladder's days of notice at the earliest. The same `request_key` finds
    the row of an earlier sending. Raises WrongEntry for what cannot be required, NotAllowed.
    """
    if not policy.may_run(by, municipality):
        raise NotAllowed
    if (found := queries.requirement_of_request(session, municipality.id, request_key)) is not None:
        return found
    session.refresh(municipality, with_for_update=True)
    today = local_date(now)
    ladder = library.ladder_for(today)
    rules = queries.rules_of(session, library, [municipality.id], today)[municipality.id]
    _refuse_wrong(facts, ladder, rules, today)
    first = today + timedelta(days=ladder.notice_days)
    if facts.effective_on < first and _asks_for_more(facts, rules, today):
        raise WrongEntry(
            "effective_on",
            f"いまより厳しくするときは、団体が準備できるように、{clock.era_date(first)}以降の日にしてください"
            f"（{ladder.notice_days}日前までに知らせます）。急ぐときは、個別の判断で「共有しない」を選べます。",
        )
    made = Requirement(
        municipality_id=municipality.id, id=uuid4(), data_class=facts.data_class, mode=facts.mode,
        purpose=facts.purpose, is_default=facts.is_default, level=None if facts.is_default else facts.level,
        criteria=[] if facts.is_default else sorted(set(facts.criteria)),
        conditions=[] if facts.is_default else list(facts.conditions), reason=facts.reason,
        effective_on=facts.effective_on, announced_on=today, request_key=request_key, made_at=now, by_id=by.user_id,
        by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            municipality.id, "requirement.set", now, by.actor, object_kind="requirement", object_id=made.id,
            content=contents.requirement_content(made),
            details={"class": facts.data_class.value, "from": clock.era_date(facts.effective_on)},
        ),
    )  # fmt: skip
    return made


def _refuse_wrong(facts: RequirementFacts, ladder: Ladder, rules: Rules, today: date) -> None:
    if facts.data_class.is_refused:
        raise WrongEntry("data_class", f"「{facts.data_class.label}」は、このシステムでは扱いません。")
    if not facts.reason:
        raise WrongEntry("reason", "理由を入力してください。団体が読みます。")
    if not today <= facts.effective_on <= today + LATEST_EFFECT:
        raise WrongEntry("effective_on", "適用する日は、今日から1年以内の日にしてください。")
    if facts.is_default:
        return
    if facts.level is not None:
        _refuse_unmeasured(facts.level, ladder)
    for key in facts.criteria:
        criterion = ladder.criteria.get(key)
        if criterion is not None and criterion.planned:
            text = f"基準「{key} {criterion.title}」は、まだ記録から計算できないため、条件にできません。"
            raise WrongEntry("criteria", text)
        if criterion is None and key not in rules.own:
            raise WrongEntry("criteria", "選んだ基準がありません。一覧から選び直してください。")
    if len(facts.conditions) > MOST_CONDITIONS:
        raise WrongEntry("conditions", f"守ってもらうことは、{MOST_CONDITIONS}行までにしてください。")
    if any(len(each) > LONGEST_CONDITION for each in facts.conditions):
        raise WrongEntry("conditions", f"守ってもらうことは、1行{LONGEST_CONDITION}文字以内で書いてください。")


def _refuse_unmeasured(level: int, ladder: Ladder) -> None:
    measured = 0
    for each in ladder.levels:
        if not each.measured:
            break
        measured = each.number
    if not 0 <= level <= measured:
        raise WrongEntry(
            "level",
            f"段階{level}は、まだ記録から計算できません。段階{measured}までを選ぶか、「共有しない」を選んでください。",
        )


def _asks_for_more(facts: RequirementFacts, rules: Rules, today: date) -> bool:
    """Whether any class, mode and purpose within reach would have to show more than it has to today."""
    for mode, purpose in _within(facts):
        now = rules.required(facts.data_class, mode, purpose, today)
        if facts.is_default:
            suggested = rules.suggestions.by_class[facts.data_class.value].modes.get(mode.value)
            wanted = Required(suggested.level if suggested else None, (), (), "", None, "")
        else:
            wanted = Required(facts.level, tuple(rules.further(each) for each in facts.criteria), (), "", None, "")
        if now.level is not None and (wanted.level is None or wanted.level > now.level):
            return True
        if now.level is not None and {each.id for each in wanted.criteria} - {each.id for each in now.criteria}:
            return True
    return False


def _within(facts: RequirementFacts) -> Iterator[tuple[Mode, Purpose]]:
    for mode in [facts.mode] if facts.mode else list(Mode):
        for purpose in [facts.purpose] if facts.purpose else list(Purpose):
            yield mode, purpose


# --- dated exceptions -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AcceptanceFacts:
    """An interim acceptance as an officer writes it down; both days count."""

    data_class: DataClass
    level: int
    reason: str
    starts_on: date
    ends_on: date


def accept(
    session: Session,
    municipality: Municipality,
    organization: Organization,
    facts: AcceptanceFacts,
    *,
    by: Principal,
    now: datetime,
    request_key: UUID,
) -> InterimAcceptance:
    """Accept a lower level of a partner for a class of data, for 90 days at most; it is no level (DOMAIN §6).

    The same `request_key` finds the row of an earlier sending. Raises WrongEntry, NotEngaged, AlreadyThere where one
    for the class overlaps, NotAllowed.
    """
    if not policy.may_run(by, municipality):
        raise NotAllowed
    found = session.scalar(
        select(InterimAcceptance).where(
            InterimAcceptance.organization_id == organization.id, InterimAcceptance.request_key == request_key
        )
    )
    if found is not None:
        return found
    session.refresh(organization, with_for_update=True)
    today = local_date(now)
    _refuse_wrong_acceptance(facts, today)
    _refuse_unengaged(session, municipality.id, organization.id, today)
    for row in queries.acceptances_between(session, municipality.id, organization.id):
        kept = row.acceptance
        last = kept.ends_on if row.end is None else min(kept.ends_on, row.end.ended_on - timedelta(days=1))
        if kept.data_class is facts.data_class and kept.starts_on <= facts.ends_on and last >= facts.starts_on:
            raise AlreadyThere(
                f"「{facts.data_class.label}」には、{clock.era_date(last)}までの取り決めが、すでにあります。",
                "先にそれを取り消すか、その後の期間にしてください。",
            )
    made = InterimAcceptance(
        organization_id=organization.id, id=uuid4(), municipality_id=municipality.id, data_class=facts.data_class,
        level=facts.level, reason=facts.reason, starts_on=facts.starts_on, ends_on=facts.ends_on,
        request_key=request_key, made_at=now, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _tell_both(
        session, made, "acceptance.given", "interim_acceptance", contents.acceptance_content(made),
        {"class": facts.data_class.value, "level": facts.level}, by=by, now=now,
    )  # fmt: skip
    return made


def _refuse_wrong_acceptance(facts: AcceptanceFacts, today: date) -> None:
    if facts.data_class.is_refused or facts.data_class.is_protected:
        raise WrongEntry("data_class", f"「{facts.data_class.label}」には、期限付きの取り決めはできません。")
    if not 0 <= facts.level <= 4:
        raise WrongEntry("level", "段階は、0から4までで選んでください。")
    if not facts.reason:
        raise WrongEntry("reason", "理由を入力してください。団体も読みます。")
    if not today <= facts.starts_on <= today + LATEST_START:
        raise WrongEntry("starts_on", f"始まる日は、今日から{LATEST_START.days}日以内の日にしてください。")
    if not facts.starts_on <= facts.ends_on < facts.starts_on + LONGEST_ACCEPTANCE:
        last = facts.starts_on + LONGEST_ACCEPTANCE - timedelta(days=1)
        raise WrongEntry(
            "ends_on",
            f"終わる日は、始まる日から{LONGEST_ACCEPTANCE.days}日以内（{clock.era_date(last)}まで）の日にしてください。",
        )


def _refuse_unengaged(session: Session, municipality_id: UUID, organization_id: UUID, today: date) -> None:
    if not engagements_between(session, organization_id, [municipality_id], today):
        raise NotEngaged


def end_acceptance(
    session: Session, acceptance: InterimAcceptance, *, reason: str, by: Principal, now: datetime
) -> AcceptanceEnd:
    """Take an interim acceptance back, with effect from today. Raises NotAllowed, WrongEntry, NoLongerHolds."""
    if not policy.may_end(by, acceptance):
        raise NotAllowed
    if not reason:
        raise WrongEntry("reason", "取り消す理由を入力してください。団体も読みます。")
    session.refresh(acceptance, with_for_update=True)
    today = local_date(now)
    ended = session.scalar(
        select(AcceptanceEnd).where(
            AcceptanceEnd.organization_id == acceptance.organization_id, AcceptanceEnd.acceptance_id == acceptance.id
        )
    )
    if ended is not None or acceptance.ends_on < today:
        raise NoLongerHolds
    made = AcceptanceEnd(
        organization_id=acceptance.organization_id, id=uuid4(), municipality_id=acceptance.municipality_id,
        acceptance_id=acceptance.id, reason=reason, ended_on=today, at=now, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _tell_both(
        session, made, "acceptance.ended", "acceptance_end", contents.acceptance_end_content(made),
        {"class": acceptance.data_class.value}, by=by, now=now,
    )  # fmt: skip
    return made


def hold(
    session: Session,
    municipality: Municipality,
    organization: Organization,
    kind: Holding,
    *,
    reason: str,
    by: Principal,
    now: datetime,
) -> SharingHold:
    """Stop sharing with a partner, or lift that. What is shared already is not touched: that is decided one by one.

    Raises WrongEntry without a reason, AlreadyThere where it is so already, NotAllowed.
    """
    if not policy.may_run(by, municipality):
        raise NotAllowed
    if not reason:
        raise WrongEntry("reason", "理由を入力してください。団体も読みます。")
    session.refresh(organization, with_for_update=True)
    kept = queries.holds_of(session, municipality.id, organization.id)
    is_held = bool(kept) and kept[0].kind is Holding.PLACED
    if is_held is (kind is Holding.PLACED):
        raise AlreadyThere("すでに止めています。" if is_held else "いまは止めていません。")
    made = SharingHold(
        organization_id=organization.id, id=uuid4(), municipality_id=municipality.id,
        number=kept[0].number + 1 if kept else 1, kind=kind, reason=reason, at=now, from_on=local_date(now),
        by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    name = "sharing.held" if kind is Holding.PLACED else "sharing.released"
    _tell_both(session, made, name, "sharing_hold", contents.hold_content(made), {}, by=by, now=now)
    return made


def _tell_both(
    session: Session,
    row: InterimAcceptance | AcceptanceEnd | SharingHold,
    name: str,
    kind: str,
    content: dict[str, object],
    details: dict[str, str | int | bool | None],
    *,
    by: Principal,
    now: datetime,
) -> None:
    """Write an act into the organization's log, where its row is bound, and into the municipality's."""
    acts.record(
        session,
        Act(row.organization_id, name, now, by.actor, object_kind=kind, object_id=row.id, content=content,
            details=details),
    )  # fmt: skip
    acts.record(session, Act(row.municipality_id, name, now, by.actor, details=details))
