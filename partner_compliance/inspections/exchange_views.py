"""The pages of findings, improvement requests and objections: asking, answering, deciding, taking back."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, guarded
from partner_compliance.errors import Refused
from partner_compliance.inspections import exchanges, policy, queries
from partner_compliance.inspections.forms import (
    AnswerForm,
    Decision,
    DecisionForm,
    FindingForm,
    ObjectionAnswerForm,
    ObjectionForm,
    RequestForm,
    TakingBackForm,
    WithdrawalForm,
)
from partner_compliance.inspections.models import Demand, Inspection, LevelObjection
from partner_compliance.inspections.operations import AlreadyClosed
from partner_compliance.inspections.queries import DemandLine, ObjectionLine
from partner_compliance.inspections.views import (
    Crumbs,
    bp,
    form_page,
    held_or,
    list_address,
    picked,
    sent,
)
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.organizations.queries import municipalities_engaged, partners_of
from partner_compliance.web import Form, database_session, library, restores_input

#: The blueprint, for the module after this one.
__all__ = ["bp"]

_ERASED = "（消去されました）"


# --- asking -----------------------------------------------------------------------------------------------------


@bp.route("/inspections/<uuid:inspection_id>/findings/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_look, inspection=Inspection)
def find(principal: Principal, inspection: Inspection) -> ResponseReturnValue:
    """Write a finding."""
    session, today = database_session(), clock.today()
    standing = queries.standing_of(session, inspection, today=today)
    form = FindingForm(library().ladder_for(today), **held_or({}))
    made, refusal = sent(
        form,
        lambda: exchanges.find(
            session, library(), inspection, form.facts(), by=principal, now=clock.now(),
            request_key=form.request_key.data,
        ),
        "what",
    )  # fmt: skip
    if made is not None:
        flash("指摘を記録しました。団体の個人情報責任者のホームに表示されます。", "success")
        return redirect(url_for(".demand", demand_id=made.id), 303)
    if standing.closing is not None and request.method != "POST":
        raise AlreadyClosed
    return form_page(
        form, refusal, title="指摘を書く", caption=standing.organization, button="指摘を伝える",
        crumbs=[
            ("調査・改善依頼", list_address(principal, inspection)),
            ("調査", url_for(".show", inspection_id=inspection.id)),
        ],
        lead="団体の個人情報責任者が、期限までに回答します。", can_send=standing.closing is None,
    )  # fmt: skip


@bp.route("/municipalities/<uuid:municipality_id>/improvement-requests/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_inspect, municipality=Municipality)
def ask_for_improvement(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Ask a partner for an improvement, outside of an inspection."""
    session, today = database_session(), clock.today()
    given = {"organization": request.args.get("organization", "")}
    form = RequestForm(
        partners_of(session, municipality.id, today=today), library().ladder_for(today), **held_or(given)
    )

    def act() -> Demand | None:
        organization = picked(form, form.organization, Organization, "団体を選んでください。")
        if organization is None:
            return None
        return exchanges.ask_for_improvement(
            session, library(), municipality, organization, form.facts(), by=principal, now=clock.now(),
            request_key=form.request_key.data,
        )  # fmt: skip

    made, refusal = sent(form, act, "what")
    if made is not None:
        flash("改善をお願いしました。団体の代表者と個人情報責任者のホームに表示されます。", "success")
        return redirect(url_for(".demand", demand_id=made.id), 303)
    return form_page(
        form, refusal, title="改善をお願いする", caption=municipality.name, button="お願いを伝える",
        crumbs=[
            ("調査・改善依頼", url_for(".of_municipality", municipality_id=municipality.id, show="demands")),
        ],
        lead="調査をしなくても、団体に改善をお願いできます。団体が期限までに回答します。",
    )  # fmt: skip


# --- one finding or request -------------------------------------------------------------------------------------


@bp.get("/demands/<uuid:demand_id>")
@guarded(policy.may_see_demand, demand=Demand)
def demand(principal: Principal, demand: Demand) -> ResponseReturnValue:
    """One finding or improvement request with all that happened to it."""
    session, today = database_session(), clock.today()
    line = queries.demand_line(session, demand)
    return render_template(
        "inspections/demand.html",
        line=line,
        rows=_rows(line),
        events=queries.demand_events(session, demand),
        may_answer=policy.may_answer(principal, demand) and line.state.waits_for_partner,
        may_decide=policy.may_decide(principal, demand) and line.state.value == "answered",
        may_withdraw=policy.may_decide(principal, demand) and not line.state.is_done,
        crumbs=_crumbs(principal, demand),
        is_overdue=line.is_overdue(today),
    )


def _crumbs(principal: Principal, demand: Demand) -> Crumbs:
    first = ("調査・改善依頼", list_address(principal, demand, show="demands"))
    if demand.inspection_id is None:
        return [first]
    return [first, ("調査", url_for(".show", inspection_id=demand.inspection_id))]


def _rows(line: DemandLine) -> list[tuple[str, str]]:
    asked = line.demand
    found = [
        ("記録番号", queries.demand_number(asked)),
        ("団体", line.organization),
        ("内容", asked.what if asked.what is not None else _ERASED),
    ]
    if asked.reason is None or asked.reason:
        found.append(("理由", asked.reason if asked.reason is not None else _ERASED))
    if line.basis:
        found.append(("もとになる決まり", line.basis))
    return [
        *found,
        ("伝えた日", f"{clock.era_date(asked.made_on)}　{line.municipality}　{asked.by_name}"),
        ("回答の期限", clock.era_date(line.due_on)),
    ]


def _act_page(
    principal: Principal, line: DemandLine, form: Any, refusal: Refused | None, title: str, button: str, **more: Any
) -> ResponseReturnValue:
    """The page of an act on a finding or request, with the present state: a stale page is told, and loses nothing."""
    events = queries.demand_events(database_session(), line.demand)
    form.seen.show(line.seen)
    return form_page(
        form, refusal, title=title, caption=line.name, button=button, rows=_rows(line), events=events,
        crumbs=[*_crumbs(principal, line.demand), (line.name, url_for(".demand", demand_id=line.demand.id))],
        **more,
    )  # fmt: skip


def _seen(form: Any) -> int:
    return form.seen.data if form.seen.data is not None else -1


@bp.route("/demands/<uuid:demand_id>/answer", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_answer, demand=Demand)
def answer(principal: Principal, demand: Demand) -> ResponseReturnValue:
    """Answer a finding or request, for the organization."""
    session = database_session()
    form = AnswerForm(**held_or({}))
    made, refusal = sent(
        form,
        lambda: exchanges.answer(
            session, demand, text=form.text.data or "", evidence=form.evidence.data or "", seen=_seen(form),
            by=principal, now=clock.now(),
        ),
        "text",
    )  # fmt: skip
    if made is not None:
        return _recorded(demand, "回答を記録しました。自治体の担当者のホームに表示されます。")
    line = queries.demand_line(session, demand)
    if request.method != "POST" and not line.state.waits_for_partner:
        raise exchanges.Done if line.state.is_done else exchanges.WaitsForMunicipality
    return _act_page(principal, line, form, refusal, "回答する", "回答を送る", can_send=line.state.waits_for_partner)


@bp.route("/demands/<uuid:demand_id>/decision", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_decide, demand=Demand)
def decide(principal: Principal, demand: Demand) -> ResponseReturnValue:
    """Accept an answer, or send it back."""
    session = database_session()
    form = DecisionForm(**held_or({}))

    def act() -> Any:
        said: dict[str, Any] = {
            "text": form.text.data or "", "seen": _seen(form), "by": principal, "now": clock.now(),
        }  # fmt: skip
        if form.decision.data is Decision.ACCEPT:
            return exchanges.accept(session, demand, **said)
        return exchanges.send_back(session, demand, due_on=form.due_on.data, **said)

    made, refusal = sent(form, act, "text")
    if made is not None:
        return _recorded(demand, "記録しました。団体の画面にも表示されます。")
    line = queries.demand_line(session, demand)
    if request.method != "POST" and line.state.value != "answered":
        raise exchanges.Done if line.state.is_done else exchanges.NothingToDecide
    return _act_page(
        principal, line, form, refusal, "回答を確認する", "記録する", can_send=line.state.value == "answered"
    )


@bp.route("/demands/<uuid:demand_id>/withdrawal", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_decide, demand=Demand)
def withdraw(principal: Principal, demand: Demand) -> ResponseReturnValue:
    """Take back what was asked."""
    session = database_session()
    form = WithdrawalForm(**held_or({}))
    made, refusal = sent(
        form,
        lambda: exchanges.withdraw(
            session, demand, text=form.text.data or "", seen=_seen(form), by=principal, now=clock.now()
        ),
        "text",
    )
    if made is not None:
        return _recorded(demand, "取り下げを記録しました。団体の画面にも表示されます。")
    line = queries.demand_line(session, demand)
    if request.method != "POST" and line.state.is_done:
        raise exchanges.Done
    return _act_page(
        principal, line, form, refusal, "取り下げる", "取り下げる", can_send=not line.state.is_done, danger=True
    )


def _recorded(demand: Demand, message: str) -> ResponseReturnValue:
    flash(message, "success")
    return redirect(url_for(".demand", demand_id=demand.id), 303)


# --- objections -------------------------------------------------------------------------------------------------


@bp.route("/organizations/<uuid:organization_id>/objections/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_see_own, organization=Organization)
def object_to_level(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Object to how a criterion of the own level was computed."""
    session, today = database_session(), clock.today()
    municipalities = municipalities_engaged(session, organization.id, today)
    given: dict[str, Any] = {"level_on": today, "criterion": request.args.get("criterion", "")}
    if len(municipalities) == 1:
        given["municipality"] = str(municipalities[0][0])
    form = ObjectionForm(municipalities, library().ladder_for(today), **held_or(given))

    def act() -> LevelObjection | None:
        municipality = picked(form, form.municipality, Municipality, "自治体を選んでください。")
        if municipality is None:
            return None
        return exchanges.object_to_level(
            session, library(), organization, municipality, form.facts(), by=principal, now=clock.now(),
            request_key=form.request_key.data,
        )  # fmt: skip

    made, refusal = sent(form, act, "what")
    if made is not None:
        flash("申出を記録しました。自治体の担当者のホームに表示されます。", "success")
        return redirect(url_for(".objection", objection_id=made.id), 303)
    return form_page(
        form, refusal, title="準備度の段階について申し出る", caption=organization.name, button="申し出る",
        crumbs=[("調査・改善依頼", url_for(".of_organization", organization_id=organization.id, show="objections"))],
        lead="段階の計算のもとになった記録が違うと思うときに、自治体に伝えます。自治体が日付のある回答をします。",
    )  # fmt: skip


def _objection_rows(line: ObjectionLine) -> list[tuple[str, str]]:
    objection = line.objection
    return [
        ("記録番号", queries.objection_number(objection)),
        ("自治体", line.municipality),
        ("準備度の基準", f"{objection.criterion} {objection.criterion_title}"),
        ("どの日の段階か", clock.era_date(objection.level_on)),
        ("何が違うか", objection.what if objection.what is not None else _ERASED),
        ("どの記録か", objection.record if objection.record is not None else _ERASED),
        ("申し出た日", f"{clock.era_date(objection.made_on)}　{line.organization}　{objection.by_name}"),
    ]


@bp.get("/objections/<uuid:objection_id>")
@guarded(policy.may_see_objection, objection=LevelObjection)
def objection(principal: Principal, objection: LevelObjection) -> ResponseReturnValue:
    """One objection with its answer."""
    line = queries.objection_line(database_session(), objection)
    return render_template(
        "inspections/objection.html",
        line=line,
        rows=_objection_rows(line),
        may_answer=policy.may_answer_objection(principal, objection) and line.event is None,
        may_take_back=policy.may_take_back(principal, objection) and line.event is None,
        list_url=list_address(principal, objection, show="objections"),
    )


def _objection_page(
    principal: Principal, line: ObjectionLine, form: Form, refusal: Refused | None, title: str, button: str, **more: Any
) -> ResponseReturnValue:
    if request.method != "POST" and line.event is not None:
        raise exchanges.AlreadyAnswered
    objection = line.objection
    return form_page(
        form, refusal, title=title, caption="準備度の段階についての申出", button=button, rows=_objection_rows(line),
        crumbs=[
            ("調査・改善依頼", list_address(principal, objection, show="objections")),
            ("申出", url_for(".objection", objection_id=objection.id)),
        ],
        can_send=line.event is None, **more,
    )  # fmt: skip


@bp.route("/objections/<uuid:objection_id>/answer", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_answer_objection, objection=LevelObjection)
def answer_objection(principal: Principal, objection: LevelObjection) -> ResponseReturnValue:
    """Answer an objection, with a date."""
    session = database_session()
    form = ObjectionAnswerForm(**held_or({"decided_on": clock.today()}))
    made, refusal = sent(
        form,
        lambda: exchanges.answer_objection(
            session, objection, text=form.text.data or "", decided_on=form.decided_on.data, by=principal,
            now=clock.now(),
        ),
        "text",
    )  # fmt: skip
    if made is not None:
        flash("回答を記録しました。団体の画面にも表示されます。", "success")
        return redirect(url_for(".objection", objection_id=objection.id), 303)
    line = queries.objection_line(session, objection)
    return _objection_page(principal, line, form, refusal, "申出に回答する", "回答を送る")


@bp.route("/objections/<uuid:objection_id>/withdrawal", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_take_back, objection=LevelObjection)
def take_back_objection(principal: Principal, objection: LevelObjection) -> ResponseReturnValue:
    """Take an objection back."""
    session = database_session()
    form = TakingBackForm(**held_or({}))
    made, refusal = sent(
        form,
        lambda: exchanges.take_back_objection(
            session, objection, text=form.text.data or "", by=principal, now=clock.now()
        ),
        "text",
    )
    if made is not None:
        flash("申出の取り下げを記録しました。", "success")
        return redirect(url_for(".objection", objection_id=objection.id), 303)
    line = queries.objection_line(session, objection)
    return _objection_page(principal, line, form, refusal, "申出を取り下げる", "取り下げる", danger=True)
