"""The addresses of version 1: who the partners are, how far each is, and what has changed."""

from datetime import date, timedelta

from flask import Response, request

from partner_compliance import clock
from partner_compliance.access import public
from partner_compliance.api import openapi, queries
from partner_compliance.api.door import Caller
from partner_compliance.api.endpoints import ENDPOINTS, bp, endpoint
from partner_compliance.api.problems import Refusal
from partner_compliance.api.queries import Change, Partner
from partner_compliance.api.shapes import (
    ChangedEngagement,
    ChangedOrganization,
    ChangeLine,
    ChangesAsked,
    ChangesTold,
    ComingRequirement,
    CriterionState,
    DecisionEventLine,
    DecisionLine,
    Decisions,
    DecisionsAsked,
    EngagementBrief,
    Fault,
    GateAnswer,
    GateAsked,
    GateReason,
    Index,
    MeasureCount,
    MunicipalityBrief,
    OrganizationBrief,
    OwnToken,
    PartnerLine,
    Partners,
    PartnersAsked,
    RateLimit,
    Readiness,
    ReadinessAsked,
    RequiredBrief,
    RequirementLine,
    Requirements,
    RequirementsAsked,
)
from partner_compliance.api.words import Scope
from partner_compliance.engagements.words import DataClass, Mode
from partner_compliance.gate import checking as sharing
from partner_compliance.gate import queries as gate
from partner_compliance.gate.words import Subject
from partner_compliance.organizations.models import Engagement, Organization
from partner_compliance.readiness.assessment import Assessment, Finding
from partner_compliance.readiness.queries import assessment_of
from partner_compliance.readiness.views import EARLIEST_YEAR
from partner_compliance.web import database_session, library

#: The blueprint, for the app: every address of the API hangs at it.
__all__ = ["bp"]


@bp.get("/openapi.json", provide_automatic_options=False)
@public
def description() -> Response:
    """What the API is, as OpenAPI 3.1; the same for everyone, and no secret."""
    return Response(openapi.written(request.script_root), content_type="application/json")


@endpoint("", answer=Index, summary="このAPIにあるもの")
def index(caller: Caller) -> Index:
    """いま使っているAPIキーが誰のもので、何ができ、いつまで使えるかを返します。つながるかを確かめるときにも使えます。"""
    return Index(
        version="v1",
        municipality=MunicipalityBrief(
            id=caller.municipality.id, code=caller.municipality.code, name=caller.municipality.name
        ),
        token=OwnToken(name=caller.token.name, scopes=list(caller.token.opens), expires_on=caller.token.expires_on),
        rate_limit=RateLimit(calls=queries.MOST_CALLS, seconds=int(queries.WITHIN.total_seconds())),
        endpoints=[
            f"{each.method} {openapi.address_of(each)}"
            for each in ENDPOINTS.values()
            if each.scope is None or each.scope in caller.token.opens
        ],
    )


@endpoint("/partners", answer=Partners, query=PartnersAsked, summary="今日連携している団体")
def partners(caller: Caller, query: PartnersAsked) -> Partners:
    """今日、連携関係が有効な団体の一覧です。連携していない団体は含みません。"""
    found = queries.partners_after(
        database_session(), caller.municipality.id, query.cursor, today=clock.today(), limit=query.limit + 1
    )
    shown = found[: query.limit]
    return Partners(
        partners=[_partner_line(each) for each in shown],
        next=str(shown[-1].organization.id) if len(found) > query.limit else None,
    )


@endpoint(
    "/partners/<organization>/readiness", answer=Readiness, query=ReadinessAsked, scope=Scope.READINESS_READ,
    summary="団体の準備度",
)  # fmt: skip
def readiness(caller: Caller, organization: Organization, query: ReadinessAsked) -> Readiness:
    """団体の記録から計算した段階と、すべての基準の件数です。人の名前は含みません。
    段階は判断の材料であり、共有するかどうかは自治体が決めます。"""
    as_of = query.as_of or clock.today()
    _refuse_other_times(as_of)
    found = assessment_of(database_session(), library(), as_of, organization.id)
    return Readiness(
        organization=_brief(organization),
        as_of=found.as_of,
        ladder=found.ladder.edition,
        level=found.level,
        title=found.title,
        lapses_on=_lapses_on(found),
        criteria=[_criterion(each) for each in found.findings],
    )


@endpoint(
    "/changes", answer=ChangesTold, query=ChangesAsked, scope=Scope.CHANGES_READ, summary="前に読んだ後の出来事",
    also=(410,),
)  # fmt: skip
def changes(caller: Caller, query: ChangesAsked) -> ChangesTold:
    """連携関係の始まりと終わり、条項の記録、場所の届など、自治体と団体のあいだの出来事です。
    段階は記録から毎日計算されるため、段階の変化は出来事になりません。準備度を読んで確かめてください。"""
    session, municipality_id = database_session(), caller.municipality.id
    size, since = queries.size_of_log(session, municipality_id), int(query.since)
    if since > size:
        raise Refusal(
            410, "cursor_gone",
            "この続きの位置は、もう使えません（記録がバックアップから戻されたことがあります）。はじめから読み直してください。",
        )  # fmt: skip
    found = queries.changes_since(session, municipality_id, since, size=size, today=clock.today(), limit=query.limit)
    return ChangesTold(changes=[_change(each) for each in found.changes], next=str(found.next), more=found.more)


@endpoint(
    "/partners/<organization>/gate-check", method="POST", answer=GateAnswer, body=GateAsked, scope=Scope.GATE_CHECK,
    summary="共有できるかを確かめる",
)  # fmt: skip
def gate_check(caller: Caller, organization: Organization, body: GateAsked) -> GateAnswer:
    """自治体が定めた条件と、団体の今日の記録から、共有できるかどうかと、その理由を返します。何も記録しません。
    判断の材料であり、決めるのは担当者です。受け取る方の名前は返しません。"""
    question = sharing.Question(
        body.data_class, body.mode, body.purpose, tuple(body.recipients) if body.recipients else None
    )
    found = gate.answer(database_session(), library(), caller.municipality.id, organization.id, question, clock.today())
    return GateAnswer(
        organization=_brief(organization),
        as_of=found.ground.day,
        data_class=body.data_class,
        mode=body.mode,
        purpose=body.purpose,
        verdict=found.verdict,
        label=found.verdict.label,
        level=found.ground.assessment.level,
        required=_required(found.required),
        reasons=_reasons(found),
    )


@endpoint(
    "/requirements", answer=Requirements, query=RequirementsAsked, scope=Scope.REQUIREMENTS_READ,
    summary="自治体が定めた共有の条件",
)  # fmt: skip
def requirements(caller: Caller, query: RequirementsAsked) -> Requirements:
    """今日の条件を、情報の種類と渡し方ごとに返します。これから変わる条件も、一緒に返します。"""
    today, city = clock.today(), caller.municipality.id
    rules = gate.rules_of(database_session(), library(), [city], today)[city]
    return Requirements(
        as_of=today,
        purpose=query.purpose,
        requirements=[
            RequirementLine(
                data_class=each, mode=mode, required=_required(rules.required(each, mode, query.purpose, today))
            )
            for each in DataClass
            for mode in Mode
        ],
        coming=[
            ComingRequirement(
                data_class=each.data_class, mode=each.mode, purpose=each.purpose, level=each.level,
                is_default=each.is_default, effective_on=each.effective_on,
            )
            for each in rules.rows
            if each.effective_on > today
        ],
    )  # fmt: skip


@endpoint("/decisions", answer=Decisions, query=DecisionsAsked, scope=Scope.DECISIONS_READ, summary="共有の判断")
def decisions(caller: Caller, query: DecisionsAsked) -> Decisions:
    """これまでに担当者が決めた、共有するかどうかの判断を、古いものから返します。人の名前と、書かれた文は含みません。"""
    since = int(query.since)
    found = gate.decisions_after(database_session(), caller.municipality.id, since, limit=query.limit + 1)
    shown = found[: query.limit]
    return Decisions(
        decisions=[_decision(each) for each in shown], next=str(since + len(shown)), more=len(found) > query.limit
    )


# --- from rows to shapes ----------------------------------------------------------------------------------------


def _brief(organization: Organization) -> OrganizationBrief:
    return OrganizationBrief(
        id=organization.id,
        corporate_number=organization.corporate_number,
        name=organization.name,
        legal_form=organization.legal_form,
    )


def _partner_line(found: Partner) -> PartnerLine:
    return PartnerLine(
        **dict(_brief(found.organization)),
        engagements=[
            EngagementBrief(
                id=each.id, title=each.title, basis=each.basis, starts_on=each.starts_on, ends_on=_last_day(each)
            )
            for each in found.engagements
        ],
    )


def _last_day(engagement: Engagement) -> date:
    """The last day of an engagement; of one that was ended early, the day before."""
    if engagement.cancelled_on is None:
        return engagement.ends_on
    return engagement.cancelled_on - timedelta(days=1)


def _refuse_other_times(as_of: date) -> None:
    """Raise a refusal for a day that nobody can know about: one that is to come, or from before there were records."""
    fault = ""
    if as_of > clock.today():
        fault = "先の日付は送れません。今日までの日付を送ってください。"
    elif as_of.year < EARLIEST_YEAR:
        fault = f"{EARLIEST_YEAR}年より前の日付は送れません。"
    if fault:
        raise Refusal(422, "as_of_unknown", fault, faults=[Fault(place="query", name="as_of", detail=fault)])


def _lapses_on(found: Assessment) -> date | None:
    days = [each.lapses_on for each in found.findings if each.criterion.level <= found.level]
    return min((day for day in days if day is not None), default=None)


def _criterion(finding: Finding) -> CriterionState:
    return CriterionState(
        id=finding.criterion.id,
        level=finding.criterion.level,
        title=finding.criterion.title,
        state=finding.state,
        lapses_on=finding.lapses_on,
        measures=[
            MeasureCount(
                measure=each.test.measure.value,
                label=each.test.measure.label,
                unit=each.test.measure.unit,
                state=each.state,
                numerator=numerator,
                denominator=denominator,
                counts=each.counts(outside=True),
                unmet=each.sentence(outside=True),
            )
            for each, (numerator, denominator) in ((one, one.numbers(outside=True)) for one in finding.results)
        ],
    )


def _change(found: Change) -> ChangeLine:
    about, partner = found.about, found.partner
    engagement = about.engagement if about else None
    return ChangeLine(
        number=found.entry.idx,
        at=found.entry.at,
        kind=found.entry.act,
        organization=ChangedOrganization(
            id=about.organization_id,
            corporate_number=partner.corporate_number if partner else None,
            name=partner.name if partner else None,
        )
        if about
        else None,
        engagement=ChangedEngagement(id=engagement.id, starts_on=engagement.starts_on, ends_on=_last_day(engagement))
        if engagement
        else None,
    )


def _required(found: sharing.Required) -> RequiredBrief:
    return RequiredBrief(
        level=found.level, criteria=[each.title for each in found.criteria], conditions=list(found.conditions),
        is_suggested=found.row is None,
    )  # fmt: skip


def _reasons(found: sharing.Answer) -> list[GateReason]:
    """Every reason; of people only how many cannot receive anything, since their names do not leave by this way."""
    shown = [each for each in found.reasons if each.subject is not Subject.RECIPIENT or not found.question.recipients]
    told = [GateReason(subject=each.subject, text=each.text, mend=each.mend, blocks=each.blocks) for each in shown]
    if missing := len(found.reasons) - len(shown):
        told.append(
            GateReason(
                subject=Subject.RECIPIENT, text=f"受け取る方のうち{missing}人は、今日は受け取れません。",
                mend="ほかの方を選ぶか、団体に確かめてください。", blocks=True,
            )
        )  # fmt: skip
    return told


def _decision(story: gate.Story) -> DecisionLine:
    decision = story.decision
    return DecisionLine(
        id=decision.id,
        number=story.number,
        organization_id=decision.organization_id,
        organization=story.organization,
        data_class=decision.data_class,
        mode=decision.mode,
        purpose=decision.purpose,
        verdict=decision.verdict,
        outcome=decision.outcome,
        state=story.state,
        decided_at=decision.decided_at,
        recipients=len(decision.recipients or {}),
        ending=decision.ending,
        until_on=decision.until_on,
        level=decision.level,
        assessment_digest=decision.assessment_digest,
        review_due_at=decision.review_due_at,
        is_reviewed=story.review is not None,
        events=[DecisionEventLine(kind=each.kind, at=each.at) for each in story.events],
    )
