"""The pages of the gate: asking it, deciding, and what becomes of a decision."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, guarded
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.engagements.words import DataClass, Mode
from partner_compliance.errors import InvalidInput, NotFound, Refused, RuleBroken
from partner_compliance.gate import operations, policy, queries
from partner_compliance.gate.checking import Question, finding_of
from partner_compliance.gate.forms import AskForm, DecisionForm, KeepForm, ReviewForm, WordsForm
from partner_compliance.gate.models import ShareDecision
from partner_compliance.gate.words import Outcome, Purpose
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.organizations.queries import engagements_between, partners_of
from partner_compliance.readiness.assessment import Assessment
from partner_compliance.readiness.data import assessment_from
from partner_compliance.web import Form, database_session, library, page_asked_for, put_at_field, restores_input

bp = Blueprint("gate", __name__, template_folder="templates")


# --- asking -----------------------------------------------------------------------------------------------------


@bp.get("/municipalities/<uuid:municipality_id>/gate")
@guarded(policy.may_run, municipality=Municipality)
def ask(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Choose a partner, what is to be shared, how and for what."""
    partners = partners_of(database_session(), municipality.id, today=clock.today())
    # With the organization alone the page only begins with it.
    is_sent = not request.args.keys() <= {"organization"}
    form = AskForm(partners, formdata=request.args if request.args else None)
    if is_sent and form.validate():
        return redirect(
            url_for(
                ".decide", municipality_id=municipality.id, organization_id=UUID(form.organization.data),
                data_class=form.data_class.data.value, mode=form.mode.data.value, purpose=form.purpose.data.value,
            ),
            303,
        )  # fmt: skip
    page = render_template("gate/ask.html", form=form, municipality=municipality, partners=partners)
    return page, 422 if form.errors else 200


def _question() -> Question | None:
    """What the address asks; None where it names no class, mode or purpose that there is."""
    said = request.args
    try:
        return Question(
            DataClass(said.get("data_class", "")), Mode(said.get("mode", "")), Purpose(said.get("purpose", ""))
        )
    except ValueError:
        return None


@bp.route("/municipalities/<uuid:municipality_id>/gate/<uuid:organization_id>", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_ask_about, municipality=Municipality, organization=Organization)
def decide(principal: Principal, municipality: Municipality, organization: Organization) -> ResponseReturnValue:
    """What the gate says today, and the officer's decision."""
    session, today = database_session(), clock.today()
    if not engagements_between(session, organization.id, [municipality.id], today):
        raise NotFound
    question = _question()
    if question is None:
        return redirect(url_for(".ask", municipality_id=municipality.id, organization=organization.id), 303)
    answer = queries.answer(session, library(), municipality.id, organization.id, question, today)
    held = typed_before()
    form = DecisionForm(answer, **({"formdata": held} if held else {}))
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            made = operations.decide(
                session, library(), municipality, organization, form.said(answer), by=principal, now=clock.now(),
                request_key=form.request_key.data,
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "outcome")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash(_said_of(made.outcome), "success")
            return redirect(url_for(".decision", decision_id=made.id), 303)
    form.seal.data, form.seal.raw_data = operations.seal_of(answer), None
    page = render_template(
        "gate/decide.html",
        form=form,
        refusal=refusal,
        municipality=municipality,
        organization=organization,
        answer=answer,
        further=[(each, finding_of(each, answer.ground.figures)) for each in answer.required.criteria],
        unclear=[each for each in answer.ground.known or () if not each.is_cleared],
        may_decide=not question.purpose.is_inbound and not question.data_class.is_refused,
        today=today,
    )
    return page, refusal.status if refusal else 422 if form.errors else 200


def _said_of(outcome: Outcome) -> str:
    return {
        Outcome.SHARE: "共有の判断を記録しました。団体の画面にも、すぐに表示されます。",
        Outcome.REFUSE: "共有しないという判断を記録しました。団体の画面にも、理由と一緒に表示されます。",
        Outcome.EMERGENCY: "緊急の共有を記録しました。72時間以内に、ほかの担当者が確かめてください。",
    }[outcome]


# --- decisions --------------------------------------------------------------------------------------------------


@bp.get("/municipalities/<uuid:municipality_id>/share-decisions")
@guarded(policy.may_run, municipality=Municipality)
def decisions(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """What the municipality decided, and what is due."""
    session, today = database_session(), clock.today()
    choice = request.args.get("show", "")
    choice = choice if choice in queries.CHOICES else ""
    page = page_asked_for(
        queries.how_many_decisions(session, municipality_id=municipality.id, choice=choice, today=today)
    )
    return render_template(
        "gate/decisions.html",
        municipality=municipality,
        organization=None,
        rows=queries.decisions(
            session, municipality_id=municipality.id, choice=choice, today=today, limit=page.size, offset=page.offset
        ),
        choice=choice,
        choices=queries.CHOICES,
        page=page,
        today=today,
        now=clock.now(),
    )


@bp.get("/municipalities/<uuid:municipality_id>/share-decisions/lapses")
@guarded(policy.may_run, municipality=Municipality)
def lapses(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """What is shared although the gate says no today; each waits for a person's decision."""
    found = queries.lapses(database_session(), library(), municipality.id, clock.today())
    page = page_asked_for(len(found))
    return render_template(
        "gate/lapses.html", municipality=municipality, rows=found[page.offset : page.offset + page.size], page=page,
        waiting=sum(each.waits for each in found),
    )  # fmt: skip


@bp.get("/share-decisions/<uuid:decision_id>")
@restores_input
@guarded(policy.may_see, decision=ShareDecision)
def decision(principal: Principal, decision: ShareDecision) -> ResponseReturnValue:
    """A decision with all that it stands on, for both sides."""
    return _page(principal, decision)


def _frozen(decision: ShareDecision) -> Assessment | None:
    """The assessment of the moment, with the words of its edition; None where that edition is no longer there."""
    edition = decision.assessment["ladder"]
    ladder = next((each for each in library().ladders if each.edition == edition), None)
    return assessment_from(ladder, decision.assessment) if ladder else None


#: Several of them stand on one page, each with its own names of fields.
_FORMS: dict[str, type[Form]] = {
    "review": ReviewForm, "keep": KeepForm, "pause": WordsForm, "resume": WordsForm, "end": WordsForm,
}  # fmt: skip


def _page(
    principal: Principal,
    decision: ShareDecision,
    *,
    sent: Form | None = None,
    act: str = "",
    refusal: Refused | None = None,
) -> ResponseReturnValue:
    session, today = database_session(), clock.today()
    forms: dict[str, Any] = {name: kind(formdata=None, prefix=f"{name}-") for name, kind in _FORMS.items()}
    if sent is not None:
        forms[act] = sent
    page = render_template(
        "gate/decision.html",
        story=queries.story_of(session, decision),
        decision=decision,
        frozen=_frozen(decision),
        forms=forms,
        sent=sent,
        refusal=refusal,
        is_municipal=policy.is_municipal(principal, decision),
        may_review=policy.may_review(principal, decision),
        may_note=policy.speaks_for_partner(principal, decision),
        is_late=queries.is_late(decision.review_due_at, clock.now()),
        today=today,
    )
    return page, refusal.status if refusal else 422 if sent is not None and sent.errors else 200


@bp.post("/share-decisions/<uuid:decision_id>/note")
@guarded(policy.speaks_for_partner, decision=ShareDecision)
def note(principal: Principal, decision: ShareDecision) -> ResponseReturnValue:
    """The partner has read it."""
    operations.take_note(database_session(), decision, by=principal, now=clock.now())
    flash("確認したことを記録しました。自治体にも表示されます。", "success")
    return redirect(url_for(".decision", decision_id=decision.id), 303)


@bp.post("/share-decisions/<uuid:decision_id>/review")
@guarded(policy.is_municipal, decision=ShareDecision)
def review(principal: Principal, decision: ShareDecision) -> ResponseReturnValue:
    """Another officer looks at an emergency afterwards."""
    form = ReviewForm(prefix="review-")

    def act() -> None:
        operations.review(
            database_session(), decision, fit=form.fit.data == "yes", text=form.text.data or "", by=principal,
            now=clock.now(),
        )  # fmt: skip

    return _done(principal, decision, form, "review", act, "事後の確認を記録しました。")


@bp.post("/share-decisions/<uuid:decision_id>/keep")
@guarded(policy.is_municipal, decision=ShareDecision)
def keep(principal: Principal, decision: ShareDecision) -> ResponseReturnValue:
    """Sharing goes on although the gate says no."""
    form = KeepForm(prefix="keep-")

    def act() -> None:
        operations.keep_on(
            database_session(), decision, reason=form.reason.data or "", until_on=form.until_on.data, by=principal,
            now=clock.now(),
        )  # fmt: skip

    return _done(principal, decision, form, "keep", act, "共有を続けるという判断を記録しました。")


@bp.post("/share-decisions/<uuid:decision_id>/pause")
@guarded(policy.is_municipal, decision=ShareDecision)
def pause(principal: Principal, decision: ShareDecision) -> ResponseReturnValue:
    """Stop it for now."""
    return _moved(
        principal, decision, "pause", operations.pause, "共有を止めました。団体の画面にも、すぐに表示されます。"
    )


@bp.post("/share-decisions/<uuid:decision_id>/resume")
@guarded(policy.is_municipal, decision=ShareDecision)
def resume(principal: Principal, decision: ShareDecision) -> ResponseReturnValue:
    """Let it go on."""
    return _moved(principal, decision, "resume", operations.resume, "共有を再開しました。")


@bp.post("/share-decisions/<uuid:decision_id>/end")
@guarded(policy.is_municipal, decision=ShareDecision)
def end(principal: Principal, decision: ShareDecision) -> ResponseReturnValue:
    """Nothing of it is with the partner any more."""
    return _moved(principal, decision, "end", operations.end, "終了を記録しました。")


def _moved(
    principal: Principal, decision: ShareDecision, name: str, operation: Callable[..., Any], said: str
) -> ResponseReturnValue:
    form = WordsForm(prefix=f"{name}-")

    def act() -> None:
        operation(database_session(), decision, reason=form.reason.data or "", by=principal, now=clock.now())

    return _done(principal, decision, form, name, act, said)


def _done(
    principal: Principal, decision: ShareDecision, form: Form, name: str, act: Callable[[], None], said: str
) -> ResponseReturnValue:
    if not form.validate_on_submit():
        return _page(principal, decision, sent=form, act=name)
    try:
        act()
    except InvalidInput as error:
        put_at_field(form, error, "text" if "text" in form else "reason")
        return _page(principal, decision, sent=form, act=name)
    except RuleBroken as error:
        return _page(principal, decision, sent=form, act=name, refusal=error)
    flash(said, "success")
    return redirect(url_for(".decision", decision_id=decision.id), 303)
