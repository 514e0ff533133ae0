"""The pages of requirements: what a municipality requires, its own criteria, and its dated exceptions."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, guarded
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.engagements.words import DataClass, Mode
from partner_compliance.errors import InvalidInput, NotFound, Refused, RuleBroken
from partner_compliance.gate import policy, queries, requiring
from partner_compliance.gate.forms import AcceptanceForm, CriterionForm, RequirementForm, WordsForm
from partner_compliance.gate.models import InterimAcceptance
from partner_compliance.gate.views import bp
from partner_compliance.gate.words import Holding, Purpose
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.organizations.queries import engagements_between
from partner_compliance.web import database_session, library, page_asked_for, put_at_field, restores_input

#: The blueprint, for the module after this one.
__all__ = ["bp"]


@bp.get("/municipalities/<uuid:municipality_id>/requirements")
@guarded(policy.may_run, municipality=Municipality)
def requirements(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """What is required for each class and mode today, what binds later, and every change that was ever made."""
    session, today = database_session(), clock.today()
    rules = queries.rules_of(session, library(), [municipality.id], today)[municipality.id]
    said = request.args.get("purpose", "")
    purpose = Purpose(said) if said in set(Purpose) else Purpose.PU1
    page = page_asked_for(queries.how_many_requirements(session, municipality.id), 20)
    return render_template(
        "gate/requirements.html",
        municipality=municipality,
        rules=rules,
        purpose=purpose,
        purposes=[each for each in Purpose if not each.is_inbound],
        classes=list(DataClass),
        modes=list(Mode),
        required={(each, mode): rules.required(each, mode, purpose, today) for each in DataClass for mode in Mode},
        coming=[each for each in rules.rows if each.effective_on > today],
        rows=queries.requirements_of(session, municipality.id, limit=page.size, offset=page.offset),
        page=page,
        today=today,
    )


@bp.route("/municipalities/<uuid:municipality_id>/requirements/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_run, municipality=Municipality)
def require(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Require something for a class of data."""
    session, today = database_session(), clock.today()
    ladder = library().ladder_for(today)
    rules = queries.rules_of(session, library(), [municipality.id], today)[municipality.id]
    held = typed_before()
    begun: dict[str, Any] = {"effective_on": today, **_chosen()}
    form = RequirementForm(ladder, rules, **({"formdata": held} if held else {}), **begun)
    if form.validate_on_submit():
        facts = requiring.RequirementFacts(
            form.data_class.data, Mode(form.mode.data) if form.mode.data else None,
            Purpose(form.purpose.data) if form.purpose.data else None, form.wanted_level, form.criteria.data or [],
            form.wanted_conditions, form.reason.data or "", form.effective_on.data, form.is_default,
        )  # fmt: skip
        try:
            requiring.require(
                session, library(), municipality, facts, by=principal, now=clock.now(),
                request_key=form.request_key.data,
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "data_class")
        else:
            drop_held_input()
            flash("条件を定めました。連携団体の画面にも、今日から表示されます。", "success")
            return redirect(url_for(".requirements", municipality_id=municipality.id), 303)
    page = render_template("gate/require.html", form=form, municipality=municipality, ladder=ladder)
    return page, 422 if form.errors else 200


def _chosen() -> dict[str, Any]:
    """What the address has chosen already."""
    said = request.args
    return {
        "data_class": DataClass(said["data_class"]) if said.get("data_class") in set(DataClass) else None,
        "mode": said["mode"] if said.get("mode") in set(Mode) else "",
    }


@bp.route("/municipalities/<uuid:municipality_id>/requirements/criteria/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_run, municipality=Municipality)
def add_criterion(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Add a criterion from the measures there are."""
    held = typed_before()
    form = CriterionForm(**({"formdata": held} if held else {}))
    refusal: Refused | None = None
    if form.validate_on_submit():
        facts = requiring.CriterionFacts(
            form.title.data or "", form.reason.data or "", form.measure.data, form.comparison.data,
            form.threshold.data,
        )  # fmt: skip
        try:
            requiring.add_criterion(
                database_session(), municipality, facts, by=principal, now=clock.now(),
                request_key=form.request_key.data,
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "title")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash("基準を加えました。条件を定めるときに選べます。", "success")
            return redirect(url_for(".requirements", municipality_id=municipality.id), 303)
    page = render_template("gate/criterion.html", form=form, municipality=municipality, refusal=refusal)
    return page, refusal.status if refusal else 422 if form.errors else 200


# --- dated exceptions -------------------------------------------------------------------------------------------


@bp.get("/municipalities/<uuid:municipality_id>/partners/<uuid:organization_id>/exceptions")
@restores_input
@guarded(policy.may_ask_about, municipality=Municipality, organization=Organization)
def exceptions(principal: Principal, municipality: Municipality, organization: Organization) -> ResponseReturnValue:
    """Interim acceptances of a partner, and whether sharing with it is stopped."""
    return _exceptions(municipality, organization)


def _exceptions(
    municipality: Municipality,
    organization: Organization,
    *,
    acceptance: AcceptanceForm | None = None,
    hold: WordsForm | None = None,
    refusal: Refused | None = None,
) -> ResponseReturnValue:
    session, today = database_session(), clock.today()
    if not engagements_between(session, organization.id, [municipality.id], today):
        raise NotFound
    holds = queries.holds_of(session, municipality.id, organization.id)
    sent = acceptance or hold
    page = render_template(
        "gate/exceptions.html",
        municipality=municipality,
        organization=organization,
        rows=queries.acceptances_between(session, municipality.id, organization.id),
        holds=holds,
        is_held=bool(holds) and holds[0].kind is Holding.PLACED,
        acceptance=acceptance or AcceptanceForm(formdata=None, starts_on=today),
        hold=hold or WordsForm(formdata=None, prefix="hold-"),
        ending=WordsForm(formdata=None, prefix="end-"),
        sent=sent,
        refusal=refusal,
        today=today,
    )
    return page, refusal.status if refusal else 422 if sent is not None and sent.errors else 200


@bp.post("/municipalities/<uuid:municipality_id>/partners/<uuid:organization_id>/acceptances")
@guarded(policy.may_ask_about, municipality=Municipality, organization=Organization)
def accept(principal: Principal, municipality: Municipality, organization: Organization) -> ResponseReturnValue:
    """Accept a lower level for up to 90 days."""
    form = AcceptanceForm()
    if not form.validate_on_submit():
        return _exceptions(municipality, organization, acceptance=form)
    facts = requiring.AcceptanceFacts(
        form.data_class.data, form.level.data, form.reason.data or "", form.starts_on.data, form.ends_on.data
    )
    try:
        requiring.accept(
            database_session(), municipality, organization, facts, by=principal, now=clock.now(),
            request_key=form.request_key.data,
        )  # fmt: skip
    except InvalidInput as error:
        put_at_field(form, error, "data_class")
        return _exceptions(municipality, organization, acceptance=form)
    except RuleBroken as error:
        return _exceptions(municipality, organization, acceptance=form, refusal=error)
    flash("期限付きの取り決めを記録しました。団体の画面にも表示されます。", "success")
    return redirect(url_for(".exceptions", municipality_id=municipality.id, organization_id=organization.id), 303)


@bp.post("/municipalities/<uuid:municipality_id>/partners/<uuid:organization_id>/hold")
@guarded(policy.may_ask_about, municipality=Municipality, organization=Organization)
def hold(principal: Principal, municipality: Municipality, organization: Organization) -> ResponseReturnValue:
    """Stop sharing with a partner, or lift that."""
    form = WordsForm(prefix="hold-")
    if not form.validate_on_submit():
        return _exceptions(municipality, organization, hold=form)
    kind = Holding.LIFTED if request.form.get("kind") == Holding.LIFTED else Holding.PLACED
    try:
        requiring.hold(
            database_session(), municipality, organization, kind, reason=form.reason.data or "", by=principal,
            now=clock.now(),
        )  # fmt: skip
    except RuleBroken as error:
        return _exceptions(municipality, organization, hold=form, refusal=error)
    flash("記録しました。団体の画面にも表示されます。", "success")
    return redirect(url_for(".exceptions", municipality_id=municipality.id, organization_id=organization.id), 303)


@bp.post("/interim-acceptances/<uuid:acceptance_id>/end")
@guarded(policy.may_end, acceptance=InterimAcceptance)
def end_acceptance(principal: Principal, acceptance: InterimAcceptance) -> ResponseReturnValue:
    """Take an interim acceptance back."""
    session = database_session()
    form = WordsForm(prefix="end-")
    here: dict[str, Any] = {
        "municipality_id": acceptance.municipality_id, "organization_id": acceptance.organization_id
    }  # fmt: skip
    if not form.validate_on_submit():
        flash("取り消していません。取り消す理由を書いてください。", "error")
        return redirect(url_for(".exceptions", **here), 303)
    requiring.end_acceptance(session, acceptance, reason=form.reason.data or "", by=principal, now=clock.now())
    flash("取り決めを取り消しました。団体の画面にも表示されます。", "success")
    return redirect(url_for(".exceptions", **here), 303)
