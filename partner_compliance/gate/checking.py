"""May this be shared with these people today? A pure function of a question and of what is known (DESIGN §5).

The gate says what the records show and what the municipality required. It never decides: an officer does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from partner_compliance import clock
from partner_compliance.engagements.words import DataClass, EngagementState, Mode, state_on
from partner_compliance.gate.models import InterimAcceptance, OwnCriterion, Requirement, SharingHold
from partner_compliance.gate.words import NAMED, Comparison, Purpose, Subject, Verdict
from partner_compliance.library.readiness import Criterion, Measure, Nothing, Test
from partner_compliance.library.requirements import Suggestions
from partner_compliance.organizations.models import Engagement
from partner_compliance.readiness.assessment import Assessment, Result, State, compare
from partner_compliance.readiness.measures import Figures


@dataclass(frozen=True)
class Question:
    """What somebody would like to share, and with whom; without recipients the organization alone is looked at."""

    data_class: DataClass
    mode: Mode
    purpose: Purpose
    recipients: tuple[UUID, ...] | None = None


@dataclass(frozen=True)
class Further:
    """A criterion that a requirement asks for beside the level: of the ladder or of the municipality's own."""

    id: str
    title: str
    tests: tuple[Test, ...]
    #: What mends it, in words.
    action: str


@dataclass(frozen=True)
class Required:
    """What holds for a class, a mode and a purpose on a day; `level` None: it is not shared."""

    level: int | None
    criteria: tuple[Further, ...]
    conditions: tuple[str, ...]
    reason: str
    #: The municipality's own row; None where the suggestion holds, of which `edition` names the edition.
    row: Requirement | None
    edition: str

    def as_data(self) -> dict[str, Any]:
        """The same for keeping and for machines."""
        return {
            "level": self.level,
            "criteria": [{"id": each.id, "title": each.title} for each in self.criteria],
            "requirement": str(self.row.id) if self.row else None,
            "suggested_edition": self.edition,
        }


@dataclass(frozen=True)
class Rules:
    """All that one municipality requires: its rows from the oldest to the newest, own criteria, and the suggestions."""

    rows: Sequence[Requirement]
    own: Mapping[str, OwnCriterion]
    suggestions: Suggestions
    criteria: Mapping[str, Criterion]

    def required(self, data_class: DataClass, mode: Mode, purpose: Purpose, day: date) -> Required:
        """What binds on a day: the narrowest row of the municipality, else what is suggested.

        A mode in which nothing is suggested to be shared is opened only by a row that names it.
        """
        found: Requirement | None = None
        suggestion = self.suggestions.by_class[data_class.value]
        suggested = suggestion.modes.get(mode.value)
        for scope in ((mode, purpose), (mode, None), (None, purpose), (None, None)):
            rows = [
                each
                for each in self.rows
                if each.data_class is data_class and (each.mode, each.purpose) == scope and each.effective_on <= day
            ]
            row = max(rows, key=_age, default=None)
            if row is None or row.is_default:
                continue
            if row.mode is None and row.level is not None and suggested is None:
                continue
            found = row
            break
        if found is None:
            return Required(
                suggested.level if suggested else None, (), tuple(suggested.conditions if suggested else ()),
                suggestion.reason, None, self.suggestions.edition,
            )  # fmt: skip
        return Required(
            found.level, tuple(self.further(each) for each in found.criteria), tuple(found.conditions), found.reason,
            found, self.suggestions.edition,
        )  # fmt: skip

    def further(self, key: str) -> Further:
        """A criterion by its id, of the ladder or of the municipality's own."""
        if key in self.criteria:
            criterion = self.criteria[key]
            action = criterion.action.text if criterion.action else ""
            return Further(key, f"{key} {criterion.title}", criterion.tests, action)
        return as_further(self.own[key])

    @property
    def measures(self) -> frozenset[Measure]:
        """What the municipality's own criteria count."""
        return frozenset(each.measure for each in self.own.values())


def _age(row: Requirement) -> tuple[date, Any, UUID]:
    return row.effective_on, row.made_at, row.id


def as_further(own: OwnCriterion) -> Further:
    """A municipality's own criterion as the gate asks for it."""
    unit = own.measure.unit
    asked = {
        Comparison.PERCENT: f"{own.threshold}パーセント以上",
        Comparison.AT_LEAST: f"{own.threshold}{unit}以上",
        Comparison.AT_MOST: f"{own.threshold}{unit}以下",
    }[own.comparison]
    test = Test.model_validate(
        {
            "measure": own.measure,
            own.comparison.value: own.threshold,
            # Nothing that is too much is fine; nothing where something is asked for is not.
            "nothing": Nothing.MET if own.comparison is Comparison.AT_MOST else Nothing.UNMET,
            "unmet": f"{own.measure.label}が、{asked}という条件を満たしていません。",
        }
    )
    return Further(str(own.id), own.title, (test,), f"{own.measure.label}を、{asked}にする")


@dataclass(frozen=True)
class Recipient:
    """Somebody on the roster that the partner handed to the municipality, and whether they may receive data today."""

    worker_id: UUID
    name: str
    is_cleared: bool


@dataclass(frozen=True)
class Ground:
    """All that is known of one partner, as one municipality may know it, on a day."""

    day: date
    rules: Rules
    assessment: Assessment
    figures: Figures
    #: Those in force on the day, and the one that comes nearest where there is none.
    engagements: tuple[Engagement, ...]
    other: Engagement | None = None
    #: Which classes in which modes the engagements foresee; None where none of them says so.
    foreseen: frozenset[tuple[str, str]] | None = None
    hold: SharingHold | None = None
    acceptances: tuple[InterimAcceptance, ...] = ()
    #: Those whom the partner named to the municipality; None where it handed no roster over.
    known: tuple[Recipient, ...] | None = field(default=None)


@dataclass(frozen=True)
class Reason:
    """One thing that the gate says: what it is, what would change it, and whether it stands in the way."""

    subject: Subject
    text: str
    mend: str = ""
    blocks: bool = False

    def as_data(self) -> dict[str, Any]:
        """The same for keeping and for machines."""
        return {"subject": self.subject.value, "text": self.text, "mend": self.mend, "blocks": self.blocks}


@dataclass(frozen=True)
class Answer:
    """What the gate says to a question, and everything that it stands on."""

    question: Question
    verdict: Verdict
    reasons: tuple[Reason, ...]
    required: Required
    ground: Ground

    @property
    def blocking(self) -> tuple[Reason, ...]:
        """What stands in the way."""
        return tuple(each for each in self.reasons if each.blocks)

    @property
    def conditions(self) -> tuple[str, ...]:
        """What the partner is to observe."""
        return tuple(each.text for each in self.reasons if each.subject is Subject.CONDITION)

    @property
    def engagement(self) -> Engagement | None:
        """The engagement under which it would be shared: one that foresees it, if there is one."""
        return self.ground.engagements[0] if self.ground.engagements else None


#: For these purposes nobody is to be recognized in what is shared (DOMAIN §5).
_UNRECOGNIZABLE = frozenset({Purpose.PU7, Purpose.PU8})


def check(question: Question, ground: Ground) -> Answer:
    """What the gate says: closed while anything stands in the way, conditional while something is to be observed.

    What a partner tells the municipality is never gated, an emergency passes and is looked at afterwards; criminal
    records of staff are refused always (DOMAIN §4c, §5).
    """
    required = ground.rules.required(question.data_class, question.mode, question.purpose, ground.day)
    reasons = _reasons(question, ground, required)
    if question.data_class.is_refused:
        verdict = Verdict.CLOSED
    elif question.purpose.is_inbound:
        said = "団体から自治体への情報提供は、準備度にかかわらず、いつでもできます。ここでの判断は要りません。"
        reasons, verdict = [Reason(Subject.PURPOSE, said)], Verdict.OPEN
    elif question.purpose.is_urgent:
        verdict = Verdict.EMERGENCY
    elif any(each.blocks for each in reasons):
        verdict = Verdict.CLOSED
    elif any(each.subject in (Subject.CONDITION, Subject.INTERIM, Subject.FORESEEN) for each in reasons):
        verdict = Verdict.CONDITIONAL
    else:
        verdict = Verdict.OPEN
    return Answer(question, verdict, tuple(reasons), required, ground)


def _reasons(question: Question, ground: Ground, required: Required) -> list[Reason]:
    return [
        *_about_engagement(question, ground),
        *_about_hold(ground),
        *_about_level(question, ground, required),
        *_about_criteria(ground, required),
        *_about_recipients(question, ground),
        *(Reason(Subject.CONDITION, each) for each in _conditions(question, required)),
    ]


def _conditions(question: Question, required: Required) -> list[str]:
    more = ["個人が分からない形にしたものに限ります。"] if question.purpose in _UNRECOGNIZABLE else []
    return [*more, *required.conditions]


def _about_engagement(question: Question, ground: Ground) -> list[Reason]:
    if ground.engagements:
        if ground.foreseen is None or (question.data_class.value, question.mode.value) in ground.foreseen:
            return []
        what = f"「{question.data_class.label}」を「{question.mode.label}」で渡すこと"
        text = f"この連携関係では、{what}が予定されていません。"
        return [Reason(Subject.FORESEEN, text, "連携関係の変更を提案し、団体に受け入れてもらってください。")]
    other = ground.other
    if other is None:
        text = "この団体とは、連携関係がありません。"
    elif (state := state_on(other, ground.day)) is EngagementState.COMING:
        text = f"連携関係は、{clock.era_date(other.starts_on)}から始まります。今日は、まだ有効ではありません。"
    elif state is EngagementState.CANCELLED and other.cancelled_on:
        text = f"連携関係は、{clock.era_date(other.cancelled_on)}に取り消されています。"
    elif state is EngagementState.ENDED:
        text = f"連携関係は、{clock.era_date(other.ends_on)}に終わっています。"
    else:
        text = "連携関係の提案が、まだ受け入れられていません。"
    return [Reason(Subject.ENGAGEMENT, text, "連携関係を結ぶか、期間を確かめてください。", blocks=True)]


def _about_hold(ground: Ground) -> list[Reason]:
    hold = ground.hold
    if hold is None:
        return []
    text = f"{clock.era_date(hold.from_on)}から、この団体との共有を止めています（理由: {hold.reason}）。"
    return [Reason(Subject.HOLD, text, "理由がなくなったら、停止を解いてください。", blocks=True)]


def _about_level(question: Question, ground: Ground, required: Required) -> list[Reason]:
    level = ground.assessment.level
    if required.level is None:
        what = f"「{question.data_class.label}」を「{question.mode.label}」で渡すことは、できません。{required.reason}"
        mend = (
            "" if question.data_class.is_refused else "渡し方を変えるか、必要なら、理由を書いて条件を定めてください。"
        )
        return [Reason(Subject.CLASS, what, mend, blocks=True)]
    if level >= required.level:
        return []
    accepted = min(
        (each for each in ground.acceptances if each.data_class is question.data_class and each.level <= level),
        key=lambda each: (each.level, each.ends_on),
        default=None,
    )
    title = ground.assessment.ladder.title_of(required.level)
    needs = f"段階{required.level}（{title}）が必要ですが、今日は段階{level}（{ground.assessment.title}）です。"
    if accepted is not None:
        text = (
            f"{needs}{clock.era_date(accepted.ends_on)}まで、段階{accepted.level}でも認める取り決めがあります"
            f"（理由: {accepted.reason}）。"
        )
        return [Reason(Subject.INTERIM, text, "期限までに、団体が必要な段階に届くようにしてください。")]
    return [
        Reason(Subject.LEVEL, needs, "次に示す足りない基準を、団体が満たすと変わります。", blocks=True),
        *_missing_for(ground.assessment, required.level),
    ]


def _missing_for(assessment: Assessment, level: int) -> list[Reason]:
    """Each criterion up to a level that is not met, with what mends it, and levels that nothing measures."""
    found = [
        Reason(
            Subject.CRITERION, f"{each.criterion.id} {each.criterion.title}: {_said(each.results)}",
            f"{each.criterion.action.text}。" if each.criterion.action else "", blocks=True,
        )
        for each in assessment.findings
        if each.criterion.level <= level and each.state in (State.UNMET, State.UNKNOWN)
    ]  # fmt: skip
    for each in assessment.ladder.levels:
        if each.number <= level and not each.measured:
            text = f"段階{each.number}（{each.title}）は、まだ記録から計算できません。"
            found.append(Reason(Subject.CRITERION, text, "個別に確かめ、理由を書いて判断してください。", blocks=True))
    return found


def _said(results: Sequence[Result]) -> str:
    return "".join(each.sentence(outside=True) for each in results)


def _about_criteria(ground: Ground, required: Required) -> list[Reason]:
    found = []
    for each in required.criteria:
        results = finding_of(each, ground.figures)
        if any(result.state is not State.MET for result in results):
            text = f"追加の条件「{each.title}」: {_said(results)}"
            found.append(Reason(Subject.CRITERION, text, f"{each.action}。" if each.action else "", blocks=True))
    return found


def _about_recipients(question: Question, ground: Ground) -> list[Reason]:
    if question.recipients is None:
        cleared = ground.figures.get(Measure.HANDLERS_CLEARED)
        if question.data_class not in NAMED or (cleared is not None and cleared.numerator):
            return []
        text = "情報を受け取れる方（個人情報取扱者で、誓約と講座を終えた方）が、今日はいません。"
        return [Reason(Subject.RECIPIENT, text, "団体が、加入の手続きを終えると変わります。", blocks=True)]
    if ground.known is None:
        text = "この団体から、従事者名簿がまだ提出されていないため、受け取る方を選べません。"
        return [Reason(Subject.ROSTER, text, "団体に、従事者名簿の提出を頼んでください。", blocks=True)]
    known = {each.worker_id: each for each in ground.known}
    found = []
    for key in question.recipients:
        recipient = known.get(key)
        if recipient is None:
            text = "選んだ方が、提出された名簿にいません。"
        elif not recipient.is_cleared:
            text = f"{recipient.name}さんは、今日は受け取れません（活動を終えたか、手続きが済んでいません）。"
        else:
            continue
        mend = "ほかの方を選ぶか、団体に確かめてください。"
        found.append(Reason(Subject.RECIPIENT, text, mend, blocks=True))
    return found


def finding_of(further: Further, figures: Figures) -> tuple[Result, ...]:
    """How a further criterion stands, with its counts."""
    return tuple(compare(test, figures.get(test.measure)) for test in further.tests)
