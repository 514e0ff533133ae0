"""The pages of those who permit: what waits, standing permissions, labels, substitutes, settings and losses."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, Role, guarded
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.errors import InvalidInput, NotAllowed, NotFound, Refused, RuleBroken
from partner_compliance.organizations.models import Center, Organization, Worker
from partner_compliance.organizations.queries import active_at_center
from partner_compliance.roster.queries import projects_of
from partner_compliance.takeouts import keeping, paper, policy, queries
from partner_compliance.takeouts.forms import (
    LabelForm,
    LossForm,
    ReasonForm,
    SettingsForm,
    StandingForm,
    SubstituteForm,
)
from partner_compliance.takeouts.models import LossReport, StandingPermit, Substitute, TakeOut, TakeOutLabel
from partner_compliance.takeouts.views import answer, bp, put_at_field, substituted
from partner_compliance.web import database_session, file_response, restores_input

#: The pages of the ledger, beside, hang at the same blueprint.
__all__ = ["bp"]

#: How many rows wait on one page.
_WAITING = 100


@bp.get("/my/take-out-decisions")
@guarded(policy.works)
def decisions(principal: Principal) -> ResponseReturnValue:
    """What waits for the reader's decision: requests, rows without permission, what is overdue, open losses."""
    session, today = database_session(), clock.today()
    centers = principal.headed_centers | substituted(principal)
    all_of = {
        held.organization_id
        for held in principal.standings
        if held.organization_id and held.role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE) and not held.network_id
    }
    if not centers and not all_of:
        raise NotAllowed(
            "持ち出しを許可する立場にありません。",
            "センター長の代わりに許可するときは、センター長に登録してもらってください。",
        )
    rows = []
    if all_of:
        rows += queries.waiting_lines(session, all_of, None, today=today, limit=_WAITING)
    others = [(organization, center) for organization, center in centers if organization not in all_of]
    if others:
        rows += queries.waiting_lines(
            session, {organization for organization, _ in others}, {center for _, center in others}, today=today,
            limit=_WAITING,
        )  # fmt: skip
    run = [organization for organization in all_of if principal.is_(Role.PROTECTION_OFFICER, organization)]
    losses = queries.open_losses(session, run) if run else []
    headed = [(organization, center) for organization, center in principal.headed_centers if organization not in run]
    if headed:
        losses += queries.open_losses(session, {each for each, _ in headed}, {each for _, each in headed})
    return render_template(
        "takeouts/decisions.html",
        rows=[row for row in rows if row.line.worker_id not in principal.worker_ids],
        losses=losses,
        today=today,
    )


# --- standing permissions ---------------------------------------------------------------------------------------


@bp.get("/centers/<uuid:center_id>/standing-permits")
@guarded(policy.may_run_center, center=Center)
def standings(principal: Principal, center: Center) -> ResponseReturnValue:
    """The standing permissions of a center of the last year."""
    session, today = database_session(), clock.today()
    since = today.replace(year=today.year - 1, day=min(today.day, 28))
    return render_template(
        "takeouts/standings.html",
        center=center,
        permits=queries.permits(session, center.organization_id, center_ids=[center.id], since=since),
        today=today,
    )


@bp.route("/centers/<uuid:center_id>/standing-permits/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_run_center, center=Center)
def grant_standing(principal: Principal, center: Center) -> ResponseReturnValue:
    """Give a standing permission."""
    session, today = database_session(), clock.today()
    # Nobody permits the own take-outs: who gives it cannot be named in it.
    workers = [each for each in active_at_center(session, center, today) if each.id not in principal.worker_ids]
    held = typed_before()
    form = StandingForm(
        workers, projects_of(session, center.organization_id), **({"formdata": held} if held else {}),
        from_on=today, until_on=keeping.last_day_of_standing(today), most=1, back_after_days=0,
    )  # fmt: skip
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            keeping.grant_standing(
                session, center, form.facts(), workers, by=principal, now=clock.now(),
                request_key=form.request_key.data,
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "description")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash("継続許可を出しました。使う方のホーム画面に表示されます。", "success")
            return redirect(url_for(".standings", center_id=center.id), 303)
    return answer("takeouts/grant_standing.html", form, refusal, center=center)


@bp.route("/standing-permits/<uuid:standing_id>/end", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_end_standing, standing=StandingPermit)
def end_standing(principal: Principal, standing: StandingPermit) -> ResponseReturnValue:
    """Take a standing permission back."""
    session = database_session()
    held = typed_before()
    form = ReasonForm(**({"formdata": held} if held else {}))
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            keeping.end_standing(session, standing, reason=form.reason.data or "", by=principal, now=clock.now())
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash("継続許可を取り消しました。", "success")
            return redirect(url_for(".standings", center_id=standing.center_id), 303)
    return answer(
        "takeouts/end_standing.html", form, refusal, permit=queries.permit_of(session, standing), today=clock.today()
    )


# --- labels -----------------------------------------------------------------------------------------------------


@bp.route("/centers/<uuid:center_id>/labels", methods=["GET", "POST"])
@guarded(policy.may_run_center, center=Center)
def labels(principal: Principal, center: Center) -> ResponseReturnValue:
    """The labels of a center, and a new one."""
    session = database_session()
    form = LabelForm()
    if form.validate_on_submit():
        try:
            made = keeping.make_label(
                session, center, name=form.name.data or "", medium=form.medium.data, by=principal, now=clock.now()
            )
        except InvalidInput as error:
            put_at_field(form, error, "name")
        else:
            flash(f"「{made.name}」のラベルを作りました。印刷して貼ってください。", "success")
            return redirect(url_for(".labels", center_id=center.id), 303)
    return answer("takeouts/labels.html", form, None, center=center, labels=queries.labels_of(session, center))


@bp.get("/centers/<uuid:center_id>/labels.pdf")
@guarded(policy.may_run_center, center=Center)
def labels_pdf(principal: Principal, center: Center) -> ResponseReturnValue:
    """The labels in use, twelve to an A4 page, each with its QR code."""
    session = database_session()
    found = [each for each in queries.labels_of(session, center) if each.retired_at is None]
    if not found:
        raise NotFound("印刷するラベルがありません。", "先にラベルを作ってください。")
    organization = session.get_one(Organization, center.organization_id)
    addresses = {each.id: url_for(".scan", code=each.code, _external=True) for each in found}
    content = paper.labels_pdf(found, addresses, organization, center, made_at=clock.now())
    return file_response(content, name=f"持ち出しラベル_{center.name}.pdf", mimetype="application/pdf", inline=True)


@bp.post("/labels/<uuid:label_id>/retirement")
@guarded(policy.may_keep_label, label=TakeOutLabel)
def retire_label(principal: Principal, label: TakeOutLabel) -> ResponseReturnValue:
    """A label is not used any more."""
    keeping.retire_label(database_session(), label, by=principal, now=clock.now())
    flash(f"「{label.name}」のラベルを使い終わりにしました。", "success")
    return redirect(url_for(".labels", center_id=label.center_id), 303)


# --- substitutes and settings -----------------------------------------------------------------------------------


@bp.route("/centers/<uuid:center_id>/substitutes", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_run_center, center=Center)
def substitutes(principal: Principal, center: Center) -> ResponseReturnValue:
    """Who permits take-outs while the head is away."""
    session, today = database_session(), clock.today()
    workers = [each for each in active_at_center(session, center, today) if each.user_id is not None]
    held = typed_before()
    form = SubstituteForm(workers, **({"formdata": held} if held else {}), from_on=today, until_on=today)
    if form.validate_on_submit():
        chosen = next(each for each in workers if str(each.id) == form.worker.data)
        try:
            keeping.name_substitute(
                session, center, chosen, from_on=form.from_on.data, until_on=form.until_on.data, by=principal,
                now=clock.now(),
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "worker")
        else:
            drop_held_input()
            flash(f"{chosen.name}さんを、代わりに許可する方として登録しました。", "success")
            return redirect(url_for(".substitutes", center_id=center.id), 303)
    return answer(
        "takeouts/substitutes.html", form, None, center=center, today=today,
        found=queries.substitutes_of(session, center, since=today),
    )  # fmt: skip


@bp.post("/substitutes/<uuid:substitute_id>/end")
@guarded(
    lambda principal, substitute: policy.may_look_after(principal, substitute.organization_id, substitute.center_id),
    substitute=Substitute,
)
def end_substitute(principal: Principal, substitute: Substitute) -> ResponseReturnValue:
    """Take the task of standing in back."""
    keeping.end_substitute(database_session(), substitute, by=principal, now=clock.now())
    flash("代わりに許可する役を終わりにしました。", "success")
    return redirect(url_for(".substitutes", center_id=substitute.center_id), 303)


@bp.route("/organizations/<uuid:organization_id>/take-out-settings", methods=["GET", "POST"])
@guarded(policy.may_settle_settings, organization=Organization)
def settings(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Whether take-outs are allowed, and whether a second person taps."""
    session = database_session()
    kept = queries.settings_of(session, organization.id)
    form = SettingsForm(is_forbidden=kept.is_forbidden, needs_witness=kept.needs_witness)
    if form.validate_on_submit():
        keeping.change_settings(
            session, organization, is_forbidden=form.is_forbidden.data, needs_witness=form.needs_witness.data,
            by=principal, now=clock.now(),
        )  # fmt: skip
        flash("持ち出しのきまりの設定を変更しました。", "success")
        return redirect(url_for(".ledger", organization_id=organization.id), 303)
    return answer("takeouts/settings.html", form, None, organization=organization)


# --- losses -----------------------------------------------------------------------------------------------------


@bp.route("/losses/<uuid:loss_id>", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_see_loss, loss=LossReport)
def loss(principal: Principal, loss: LossReport) -> ResponseReturnValue:
    """The draft of an incident: what to do in the first half hour, and what was done."""
    session = database_session()
    may_end = policy.may_look_after(principal, loss.organization_id, loss.center_id)
    held = typed_before()
    form = LossForm(**({"formdata": held} if held else {}))
    if not may_end:
        form.kind.choices = form.kind.choices[:1]
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            keeping.write_about_loss(
                session, loss, kind=form.kind.data, text=form.text.data or "", by=principal, now=clock.now()
            )
        except InvalidInput as error:
            put_at_field(form, error, "text")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash("記録しました。", "success")
            return redirect(url_for(".loss", loss_id=loss.id), 303)
    entries = queries.loss_entries(session, loss)
    take_out = session.get_one(TakeOut, (loss.organization_id, loss.take_out_id))
    from_here: dict[str, Any] = {
        "is_settled": any(each.kind.is_end for each in entries),
        "worker": session.get_one(Worker, (loss.organization_id, loss.worker_id)),
    }
    return answer(
        "takeouts/loss.html", form, refusal, loss=loss, take_out=take_out, entries=entries, may_end=may_end,
        number=queries.record_number(take_out), **from_here,
    )  # fmt: skip
