"""The pages between sheets and the ledger: explaining what differs, and the spot check before a month is closed."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, guarded, opens_at_kiosks
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.errors import InvalidInput, Refused, RuleBroken
from partner_compliance.kiosks.views import after_task
from partner_compliance.organizations.models import Center, Worker
from partner_compliance.sheets import operations, policy, queries, reconciliation, spot_checks
from partner_compliance.sheets.beside import facts_and_contradictions
from partner_compliance.sheets.forms import ExplanationForm, SpotCheckForm
from partner_compliance.sheets.models import CheckSheet
from partner_compliance.sheets.views import bp, month_of
from partner_compliance.takeouts.queries import record_number
from partner_compliance.web import database_session, library, restores_input

#: The blueprint, for the app: all pages of sheets hang at it.
__all__ = ["bp"]


@bp.route("/sheets/<uuid:sheet_id>/reconciliation", methods=["GET", "POST"])
@restores_input
@opens_at_kiosks
@guarded(
    lambda principal, sheet: policy.is_own(principal, sheet) or policy.may_look_after(principal, sheet),
    sheet=CheckSheet,
)
def reconcile(principal: Principal, sheet: CheckSheet) -> ResponseReturnValue:
    """What of a submitted sheet contradicts the ledger, and why, as somebody explains it."""
    session = database_session()
    story = queries.story_of(session, sheet)
    checklist = library().checklist(sheet.checklist_key, sheet.edition)
    found = facts_and_contradictions(story, checklist)
    wanted = request.values.get("item", "")
    asked = next((each for each in found.open if each.item == wanted), found.open[0] if found.open else None)
    held = typed_before()
    form = ExplanationForm(**({"formdata": held} if held else {}))
    operations.record_look(session, sheet, by=principal, now=clock.now(), name="sheet.viewed")
    if asked is not None and form.validate_on_submit():
        try:
            reconciliation.explain(session, sheet, asked, form.text.data or "", by=principal, now=clock.now())
        except InvalidInput as error:
            form.text.errors = [error.message]
        else:
            drop_held_input()
            return after_task(principal, url_for(".show", sheet_id=sheet.id), "食い違う事情を記録しました。")
    page = render_template(
        "sheets/reconcile.html", story=story, sheet=sheet, ledger=found, asked=asked, form=form, checklist=checklist,
        is_own=policy.is_own(principal, sheet),
    )  # fmt: skip
    return page, 422 if form.errors else 409 if request.method == "POST" and asked is None else 200


@bp.route("/centers/<uuid:center_id>/months/<month>/spot-check", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_run_center, center=Center)
def spot_check(principal: Principal, center: Center, month: str) -> ResponseReturnValue:
    """One row of the ledger and one place of storage, drawn by the system, and what the head found there."""
    month_of(center, month)
    session, now = database_session(), clock.now()
    drawn = spot_checks.drawn_for(session, center, month)
    refusal: Refused | None = None
    held = typed_before()
    form = SpotCheckForm(
        with_row=drawn is not None and drawn.take_out is not None,
        with_place=drawn is not None and drawn.place is not None,
        **({"formdata": held} if held else {}),
    )
    if request.method == "POST" and drawn is None:
        try:
            spot_checks.draw(session, center, month, by=principal, now=now)
        except RuleBroken as error:
            refusal = error
        else:
            return redirect(url_for(".spot_check", center_id=center.id, month=month), 303)
    elif drawn is not None and form.validate_on_submit():
        try:
            spot_checks.record_result(
                session, drawn, row=form.row.data if "row" in form else None,
                place=form.place.data if "place" in form else None, note=form.note.data or "", by=principal, now=now,
            )  # fmt: skip
        except InvalidInput as error:
            form.note.errors = [error.message]
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash("抜き打ち確認の結果を記録しました。", "success")
            return redirect(url_for(".center_month", center_id=center.id, month=month), 303)
    take_out = drawn.take_out if drawn else None
    page = render_template(
        "sheets/spot_check.html",
        center=center,
        month=month,
        drawn=drawn,
        is_asked=spot_checks.is_asked(session, center, month),
        worker=session.get(Worker, (take_out.organization_id, take_out.worker_id)) if take_out else None,
        number=record_number(take_out) if take_out else "",
        form=form if drawn else None,
        refusal=refusal,
    )
    return page, refusal.status if refusal else 422 if drawn and form.errors else 200
