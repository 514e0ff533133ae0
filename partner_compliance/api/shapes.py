"""The shapes of what the API is asked and what it answers; its description (OpenAPI) is made from them.

An answer may get new fields within /v1, and its readers skip what they do not know. A question with a field that is not
known is refused: a misspelt one must not be taken for none.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from partner_compliance.api.words import Scope
from partner_compliance.engagements.words import DataClass, Mode
from partner_compliance.gate.words import EventKind, Outcome, Purpose, Subject, Verdict
from partner_compliance.gate.words import State as DecisionState
from partner_compliance.organizations.models import EngagementBasis, LegalForm
from partner_compliance.readiness.assessment import State
from partner_compliance.receipts.words import Ending


class Answer(BaseModel):
    """What is answered."""

    model_config = ConfigDict(frozen=True)


class Question(BaseModel):
    """What is asked: parameters of the address, or a JSON body."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- refusals ---------------------------------------------------------------------------------------------------


class Fault(Answer):
    """正しくない値が、どこにあるか。"""

    place: Literal["query", "body"] = Field(description="アドレスの引数（query）か、送られた内容（body）か。")
    name: str = Field(description="項目の名前。入れ子のときは「.」でつなぎます。")
    detail: str = Field(description="何がいけないか。")


class Problem(Answer):
    """受け付けられなかった理由（RFC 9457）。プログラムでは code を見てください。detail の文は変わることがあります。"""

    type: str
    title: str
    status: int
    detail: str = Field(description="人が読むための日本語の説明。")
    code: str = Field(description="変わることのない英語の語。")
    errors: list[Fault] = Field(description="422のとき、正しくない項目。")


# --- questions --------------------------------------------------------------------------------------------------


def _plain_digits(value: Any) -> Any:
    """Whole numbers are digits and nothing else: neither 1e3 nor 1_000 nor +5."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and len(value) <= 15):
        raise ValueError("not digits")
    return value


def _plain_day(value: Any) -> Any:
    """Days are YYYY-MM-DD and nothing else: neither 20260401 nor 2026-W14-3."""
    if isinstance(value, str) and not (len(value) == 10 and value.isascii() and value[4] == value[7] == "-"):
        raise ValueError("not a day")
    return value


def _plain_uuid(value: Any) -> Any:
    """Ids are written in one way: 8-4-4-4-12."""
    if isinstance(value, str) and not (len(value) == 36 and value.count("-") == 4):
        raise ValueError("not an id")
    return value


Id = Annotated[UUID, BeforeValidator(_plain_uuid)]
Day = Annotated[date, BeforeValidator(_plain_day)]
Limit = Annotated[int, Field(ge=1, le=100), BeforeValidator(_plain_digits)]
#: A place in the log: how many of its entries have been read.
Place = Annotated[str, Field(pattern=r"^[0-9]{1,15}$", json_schema_extra={"format": "cursor"})]


class PartnersAsked(Question):
    """Which part of the list of partners."""

    cursor: Id | None = Field(None, description="続きを読むとき、前の答えの next をそのまま送ります。")
    limit: Limit = Field(50, description="一度に返す団体の数。")


class ReadinessAsked(Question):
    """The level of which day."""

    as_of: Day | None = Field(None, description="いつの状況か（日本の日付）。省くと今日です。先の日付は送れません。")


class ChangesAsked(Question):
    """What happened since when."""

    since: Place = Field("0", description="前の答えの next をそのまま送ります。省くと、はじめから読みます。")
    limit: Limit = Field(50, description="一度に返す出来事の数。")


class GateAsked(Question):
    """May this be shared with these people today?"""

    data_class: DataClass = Field(description="情報の種類（D0からD9）。")
    mode: Mode = Field(description="渡し方。")
    purpose: Purpose = Field(
        description="目的（PU1からPU9）。PU5（団体からの提供）は、いつでもできます。PU6は緊急です。"
    )
    recipients: list[Id] | None = Field(
        None, min_length=1, max_length=50, description="受け取る方のID（提出された名簿のもの）。省いてもかまいません。",
    )  # fmt: skip


class DecisionsAsked(Question):
    """Decisions after how many of them."""

    since: Place = Field("0", description="前の答えの next をそのまま送ります。省くと、はじめから読みます。")
    limit: Limit = Field(50, description="一度に返す判断の数。")


# --- answers ----------------------------------------------------------------------------------------------------


class MunicipalityBrief(Answer):
    """自治体。"""

    id: UUID
    code: str = Field(description="全国地方公共団体コード（6桁）。")
    name: str


class OwnToken(Answer):
    """いま使っているAPIキー。"""

    name: str
    scopes: list[Scope]
    expires_on: date = Field(description="使える最後の日（日本の日付）。")


class RateLimit(Answer):
    """呼び出せる回数。"""

    calls: int
    seconds: int


class Index(Answer):
    """このAPIにあるもの。"""

    version: str
    municipality: MunicipalityBrief
    token: OwnToken
    rate_limit: RateLimit
    endpoints: list[str] = Field(description="このAPIキーで呼び出せるもの。")


class OrganizationBrief(Answer):
    """団体。"""

    id: UUID
    corporate_number: str | None = Field(description="法人番号（13桁）。ない団体もあります。")
    name: str
    legal_form: LegalForm


class EngagementBrief(Answer):
    """連携関係（委託・補助・協定など）。"""

    id: UUID
    title: str
    basis: EngagementBasis
    starts_on: date
    ends_on: date = Field(description="最後の日。途中で終えたときは、その日です。")


class PartnerLine(OrganizationBrief):
    """今日連携している団体と、そのもとになる連携関係。"""

    engagements: list[EngagementBrief]


class Partners(Answer):
    """今日連携している団体。"""

    partners: list[PartnerLine]
    next: str | None = Field(description="続きがあるとき、次の cursor。なければ null。")


class MeasureCount(Answer):
    """数えたもの。人を数えたもので3より少ない数は、誰のことか分かるおそれがあるため null になります。"""

    measure: str
    label: str
    unit: str
    state: State
    numerator: int | None
    denominator: int | None
    counts: str = Field(description="数を短く表した文。少ない数は「1〜2」のように表します。")
    unmet: str = Field(description="足りないものを表した文。満たしているときは空です。")


class CriterionState(Answer):
    """1つの基準の状況。"""

    id: str
    level: int
    title: str
    state: State = Field(
        description="met 満たしている、unmet 満たしていない、unknown 記録がない、planned まだ測らない。"
    )
    lapses_on: date | None = Field(description="このまま何もしないとき、満たしている最後の日。")
    measures: list[MeasureCount]


class Readiness(Answer):
    """団体の記録から計算した段階。判断の材料であり、共有するかどうかは自治体が決めます。"""

    organization: OrganizationBrief
    as_of: date
    ladder: str = Field(description="基準の版。")
    level: int = Field(ge=0, le=5)
    title: str
    lapses_on: date | None = Field(description="この段階のもとになる基準のうち、最も早く満たさなくなる前の日。")
    criteria: list[CriterionState]


class ChangedOrganization(Answer):
    """出来事の相手の団体。今日連携していない団体は、id だけを返します。"""

    id: UUID
    corporate_number: str | None
    name: str | None


class ChangedEngagement(Answer):
    """出来事のあった連携関係の、いまの期間。"""

    id: UUID
    starts_on: date
    ends_on: date


class ChangeLine(Answer):
    """1つの出来事。人の名前は含みません。"""

    number: int = Field(description="自治体の記録の番号。増えるだけで、変わりません。")
    at: datetime
    kind: str = Field(description="何が起きたか。知らない語は読み飛ばしてください。")
    organization: ChangedOrganization | None
    engagement: ChangedEngagement | None


class ChangesTold(Answer):
    """since より後の出来事。古いものから並びます。"""

    changes: list[ChangeLine]
    next: str = Field(description="次に since として送る値。出来事がなくても返します。")
    more: bool = Field(description="続きがすぐに読めるか。")


# --- sharing ----------------------------------------------------------------------------------------------------


class RequiredBrief(Answer):
    """共有の条件。"""

    level: int | None = Field(description="必要な段階。nullは、共有しないという意味です。")
    criteria: list[str] = Field(description="段階のほかに求める基準の名前。")
    conditions: list[str] = Field(description="守ってもらうこと。")
    is_suggested: bool = Field(description="自治体が定めておらず、標準案を使っているか。")


class GateReason(Answer):
    """判定の理由。"""

    subject: Subject
    text: str
    mend: str = Field(description="こうすると変わること。")
    blocks: bool = Field(description="共有できない理由か。")


class GateAnswer(Answer):
    """共有できるかどうかの判定。決めるのは担当者です。"""

    organization: OrganizationBrief
    as_of: date
    data_class: DataClass
    mode: Mode
    purpose: Purpose
    verdict: Verdict
    label: str = Field(description="判定の名前（画面と同じ言葉）。")
    level: int = Field(description="今日の段階。")
    required: RequiredBrief
    reasons: list[GateReason]


class RequirementLine(Answer):
    """情報の種類と渡し方ごとの条件。"""

    data_class: DataClass
    mode: Mode
    required: RequiredBrief


class ComingRequirement(Answer):
    """これから変わる条件。"""

    data_class: DataClass
    mode: Mode | None = Field(description="nullは、すべての渡し方。")
    purpose: Purpose | None = Field(description="nullは、すべての目的。")
    level: int | None
    is_default: bool = Field(description="標準案に戻すか。")
    effective_on: date


class Requirements(Answer):
    """自治体が定めた条件。目的ごとに違うときは、その目的で尋ねてください。"""

    as_of: date
    purpose: Purpose
    requirements: list[RequirementLine]
    coming: list[ComingRequirement]


class RequirementsAsked(Question):
    """Requirements for which purpose."""

    purpose: Purpose = Field(Purpose.PU1, description="目的。省くと、見守り・安否の確認です。")


class DecisionEventLine(Answer):
    """判断の後の記録。"""

    kind: EventKind
    at: datetime


class DecisionLine(Answer):
    """共有するかどうかの判断。人の名前と、書かれた文は含みません。"""

    id: UUID
    number: str
    organization_id: UUID
    organization: str
    data_class: DataClass
    mode: Mode
    purpose: Purpose
    verdict: Verdict
    outcome: Outcome
    state: DecisionState
    decided_at: datetime
    recipients: int = Field(description="受け取る方の人数。")
    ending: Ending | None
    until_on: date | None
    level: int = Field(description="決めたときの段階。")
    assessment_digest: str = Field(description="決めたときの評価の要約値（SHA-256）。")
    review_due_at: datetime | None
    is_reviewed: bool
    events: list[DecisionEventLine]


class Decisions(Answer):
    """判断の一覧。古いものから並びます。"""

    decisions: list[DecisionLine]
    next: str
    more: bool
