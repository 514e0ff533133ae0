"""The views of the list of partners that officers saved: saving, opening, deleting."""

from urllib.parse import parse_qsl, urlencode

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, guarded
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.errors import InvalidInput, Refused, RuleBroken
from partner_compliance.organizations.models import Municipality
from partner_compliance.sharing import operations, policy, queries
from partner_compliance.sharing.forms import SHARED, SavedViewForm
from partner_compliance.sharing.models import SavedView
from partner_compliance.sharing.readiness_views import bp
from partner_compliance.sharing.wanted import asked_for, from_kept
from partner_compliance.web import database_session, library, put_at_field, restores_input

#: The blueprint, for the module after this one.
__all__ = ["bp"]


@bp.get("/municipalities/<uuid:municipality_id>/saved-views")
@guarded(policy.may_see_partners, municipality=Municipality)
def list_views(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """The views that the officer has, and what each asks for."""
    today = clock.today()
    ladder = library().ladder_for(today)
    views = queries.saved_views(database_session(), municipality.id, principal.user_id)
    return render_template(
        "sharing/saved_views.html",
        municipality=municipality,
        rows=[(each, from_kept(each.wanted, today, ladder).in_words(ladder)) for each in views],
        most=operations.MOST_VIEWS,
    )


@bp.route("/municipalities/<uuid:municipality_id>/saved-views/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_see_partners, municipality=Municipality)
def save_view(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Save the filter that the list's address held under a name."""
    today = clock.today()
    ladder = library().ladder_for(today)
    held = typed_before()
    form = SavedViewForm(
        **({"formdata": held} if held else {}), wanted=urlencode(asked_for(today, ladder).kept())
    )  # fmt: skip
    wanted = from_kept(dict(parse_qsl(form.wanted.data or "")), today, ladder)
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            made = operations.save_view(
                database_session(), municipality, name=form.name.data, wanted=wanted.kept(),
                is_shared=form.who.data == SHARED, by=principal, now=clock.now(), request_key=form.request_key.data,
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "name")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash(f"条件「{made.name}」を保存しました。", "success")
            return redirect(url_for(".open_view", view_id=made.id), 303)
    page = render_template(
        "sharing/save_view.html",
        municipality=municipality,
        form=form,
        refusal=refusal,
        said=wanted.in_words(ladder),
        back_url=url_for(".dashboard", municipality_id=municipality.id, **wanted.kept()),
    )
    return page, refusal.status if refusal else 422 if form.errors else 200


@bp.get("/saved-views/<uuid:view_id>")
@guarded(policy.may_use_view, view=SavedView)
def open_view(principal: Principal, view: SavedView) -> ResponseReturnValue:
    """The list of partners as the view asks for it, of the latest month."""
    today = clock.today()
    kept = from_kept(view.wanted, today, library().ladder_for(today)).kept()
    return redirect(url_for(".dashboard", municipality_id=view.municipality_id, **kept))


@bp.post("/saved-views/<uuid:view_id>/deletion")
@guarded(policy.may_use_view, view=SavedView)
def delete_view(principal: Principal, view: SavedView) -> ResponseReturnValue:
    """Throw a view away."""
    operations.delete_view(database_session(), view, by=principal, now=clock.now())
    flash(f"条件「{view.name}」を削除しました。", "success")
    return redirect(url_for(".list_views", municipality_id=view.municipality_id), 303)
