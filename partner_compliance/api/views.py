"""The municipality's pages about its tokens: making one, seeing what was asked with it, taking it back."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, guarded, proved_lately
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.api import operations, policy, queries
from partner_compliance.api.forms import TokenForm
from partner_compliance.api.models import ApiToken
from partner_compliance.api.words import Scope
from partner_compliance.errors import InvalidInput, NotFound, Refused, RuleBroken
from partner_compliance.organizations.models import Municipality
from partner_compliance.web import API, database_session, page_asked_for, put_at_field, restores_input, settings

bp = Blueprint("api_tokens", __name__, template_folder="templates")

_CALLS_ON_A_PAGE = 50
#: What endpoints are called on screens; one without a name is shown by its own.
_ASKED = {
    "index": "このAPIにあるもの",
    "partners": "連携している団体",
    "readiness": "団体の準備度",
    "changes": "前に読んだ後の出来事",
    "gate_check": "共有できるかの確認",
    "requirements": "共有の条件",
    "decisions": "共有の判断",
}


@bp.get("/municipalities/<uuid:municipality_id>/api-tokens")
@guarded(policy.may_manage, municipality=Municipality)
def index(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """The municipality's tokens, each with its last use."""
    session = database_session()
    page = page_asked_for(queries.how_many(session, municipality.id))
    rows = queries.tokens_of(session, municipality.id, today=clock.today(), limit=page.size, offset=page.offset)
    return render_template(
        "api/tokens.html", municipality=municipality, rows=rows, page=page, address=_address(), today=clock.today()
    )


@bp.route("/municipalities/<uuid:municipality_id>/api-tokens/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_manage, municipality=Municipality)
@proved_lately
def make(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Make a token; the page that follows is the only one that ever shows its secret."""
    held = typed_before()
    form = TokenForm(**({"formdata": held} if held else {}), expires_on=_end_of_fiscal_year(clock.today()))
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            made, secret = operations.make_token(
                database_session(), municipality, name=form.name.data or "", scopes=form.scopes.data or [],
                expires_on=form.expires_on.data, by=principal, now=clock.now(), request_key=form.request_key.data,
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "name")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            return render_template(
                "api/made.html", municipality=municipality, token=made, secret=secret, address=_address()
            )
    page = render_template(
        "api/make.html",
        form=form,
        refusal=refusal,
        municipality=municipality,
        more={each.value: each.about for each in Scope},
        latest=clock.today() + operations.LONGEST,
    )
    return page, refusal.status if refusal else 422 if form.errors else 200


@bp.get("/api-tokens/<uuid:token_id>")
@guarded(policy.may_manage_token, token=ApiToken)
def show(principal: Principal, token: ApiToken) -> ResponseReturnValue:
    """One token: what it opens, until when, and every use, newest first."""
    session = database_session()
    municipality = session.get_one(Municipality, token.municipality_id)
    calls = queries.calls_of(session, token, before=_before(), limit=_CALLS_ON_A_PAGE + 1)
    shown = calls[:_CALLS_ON_A_PAGE]
    here: dict[str, Any] = {"token_id": token.id}
    return render_template(
        "api/token.html",
        municipality=municipality,
        found=queries.shown(session, token, today=clock.today()),
        end=queries.end_of(session, token),
        calls=shown,
        asked=_ASKED,
        older=url_for(".show", **here, before=shown[-1].call.id) if len(calls) > _CALLS_ON_A_PAGE else "",
        newest=url_for(".show", **here) if request.args.get("before") else "",
    )


@bp.post("/api-tokens/<uuid:token_id>/revocation")
@guarded(policy.may_manage_token, token=ApiToken)
@proved_lately
def revoke(principal: Principal, token: ApiToken) -> ResponseReturnValue:
    """Take a token back."""
    operations.revoke(database_session(), token, by=principal, now=clock.now())
    flash(f"「{token.name}」のAPIキーを取り消しました。このキーでの呼び出しは、もう受け付けません。", "success")
    return redirect(url_for(".index", municipality_id=token.municipality_id), 303)


def _before() -> UUID | None:
    text = request.args.get("before", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None


def _address() -> str:
    """Where the API stands, as its callers type it."""
    return f"{settings().base_url.rstrip('/')}{API}/v1"


def _end_of_fiscal_year(today: date) -> date:
    return date(clock.fiscal_year(today) + 1, 3, 31)
