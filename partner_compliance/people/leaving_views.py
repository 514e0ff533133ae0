"""The page on which someone's leaving is registered, looked after until nothing is open, or undone."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, guarded
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.errors import InvalidInput, Refused, RuleBroken
from partner_compliance.organizations.models import Worker
from partner_compliance.people import leaving, policy, queries
from partner_compliance.people.forms import (
    ReasonForm,
    checks_said,
    leaving_form,
    name_of_check,
    name_of_thing,
    things_said,
)
from partner_compliance.people.models import Fate, LeavingCheck, Outcome
from partner_compliance.people.views import bp, put_at_field, taken_out
from partner_compliance.web import database_session, restores_input


@bp.route("/workers/<uuid:worker_id>/leaving", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_look_after, worker=Worker)
def leave(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """Close everything for someone who leaves; later, what was still open."""
    return _page(principal, worker)


def _page(
    principal: Principal, worker: Worker, *, cancel_form: ReasonForm | None = None, refused: Refused | None = None
) -> ResponseReturnValue:
    session, today = database_session(), clock.today()
    leaving.refuse_beyond_head(session, worker, by=principal)
    story = queries.leaving_of(session, worker)
    current = story if story is not None and story.is_open else None
    out = [thing for thing in queries.things_of(session, worker) if thing.is_out]
    others = [thing for _, thing in taken_out([worker])]
    checks = current.unchecked if current else list(LeavingCheck)
    held = typed_before()
    form = leaving_form(
        out,
        checks,
        held,
        last_on=current.leaving.last_on if current else worker.left_on,
        reason=current.leaving.reason if current else None,
        note=(current.leaving.note or "") if current else "",
        checked_on=today,
        **_still_open(current),
    )
    refusal = refused
    is_sent = cancel_form is None and refused is None and request.method == "POST"
    if is_sent and form.validate():
        facts = leaving.LeavingFacts(
            form.last_on.data,
            form.reason.data,
            form.note.data or "",
            checked_on=form.checked_on.data,
            things=things_said(form, out),
            checks=checks_said(form, checks),
            open_note=form.open_note.data or "",
            pledged_on=form.pledged_on.data if LeavingCheck.PLEDGE in checks else None,
            closes_now=form.closes_now.data,
        )
        try:
            leaving.leave(
                session,
                worker,
                facts,
                seen=_number_sent(),
                closers=current_app.extensions.get("closers_of_access", ()),
                by=principal,
                now=clock.now(),
            )
        except InvalidInput as error:
            put_at_field(form, error, "last_on")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            _say_what_is_done(worker, facts)
            return redirect(url_for(".leave", worker_id=worker.id), 303)
    shown_form = cancel_form if cancel_form is not None else form
    has_errors = bool(shown_form.errors)
    page = render_template(
        "people/leaving.html",
        worker=worker,
        story=current,
        rows=queries.leavings_of(session, worker),
        form=form,
        summary=shown_form if has_errors else None,
        has_errors=has_errors,
        out=[(thing, form[name_of_thing(thing.item.id)]) for thing in out if thing.item],
        others=others,
        checks=[(check, form[name_of_check(check)]) for check in checks if check is not LeavingCheck.PLEDGE],
        asks_pledge=LeavingCheck.PLEDGE in checks,
        settled=_settled(current),
        seen=_number_sent() if refusal is None and is_sent else story.number if story else 0,
        sheets=queries.unfinished_sheets(session, worker),
        following=queries.next_row_of(session, worker),
        cancel_form=cancel_form or ReasonForm(formdata=None, prefix="cancel"),
        may_decide=policy.may_decide(principal, worker),
        refusal=refusal,
        today=today,
    )
    return page, refusal.status if refusal else 422 if has_errors else 200


def _still_open(story: queries.LeavingStory | None) -> dict[str, object]:
    """What was open when it was last looked at, so that only what has changed since needs an answer."""
    if story is None:
        return {}
    entries = [entry for entry in story.entries.values() if entry.outcome is Outcome.OPEN]
    fields: dict[str, object] = {
        "pledge" if entry.item is LeavingCheck.PLEDGE else name_of_check(entry.item): Outcome.OPEN for entry in entries
    }
    return {**fields, "open_note": next((entry.note for entry in entries if entry.note), "")}


def _settled(story: queries.LeavingStory | None) -> list[tuple[str, str]]:
    """The checks that are done: (what, how and when)."""
    if story is None:
        return []
    return [
        (check.label, f"{entry.outcome.label}（{clock.short_date(entry.checked_on)}）")
        for check, entry in story.entries.items()
        if entry.outcome is not Outcome.OPEN
    ]


def _number_sent() -> int:
    text = request.form.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _say_what_is_done(worker: Worker, facts: leaving.LeavingFacts) -> None:
    if facts.last_on < clock.today() or facts.closes_now:
        flash(f"{worker.name}さんの手続きを記録し、アカウントの利用を終了しました。", "success")
    else:
        last = clock.short_date(facts.last_on)
        flash(f"{worker.name}さんの手続きを記録しました。アカウントは、{last}の終わりに使えなくなります。", "success")
    if Fate.LOST in facts.things.values():
        flash(
            "紛失したものがあります。個人情報が入っている可能性があるときは、すぐに個人情報責任者に知らせてください。",
            "warning",
        )


@bp.post("/workers/<uuid:worker_id>/leaving/cancel")
@guarded(policy.may_decide, worker=Worker)
def cancel_leaving(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """Undo a leaving that was a mistake."""
    form = ReasonForm(prefix="cancel")
    if not form.validate():
        return _page(principal, worker, cancel_form=form)
    try:
        leaving.cancel(database_session(), worker, reason=form.reason.data or "", by=principal.actor, now=clock.now())
    except RuleBroken as refusal:
        return _page(principal, worker, refused=refusal)
    flash(
        f"{worker.name}さんの退職・活動終了を取り消しました。役職や役割は、必要に応じて付け直してください。", "success"
    )
    return redirect(url_for(".show", worker_id=worker.id), 303)


__all__ = ["bp", "cancel_leaving", "leave"]
