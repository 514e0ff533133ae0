"""The pages of inspections: the lists of both sides, opening, one inspection, its closing and its result on paper."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Field

from partner_compliance import clock
from partner_compliance.access import Principal, guarded
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.errors import InvalidInput, NotFound, Refused, RuleBroken
from partner_compliance.inspections import operations, paper, policy, queries
from partner_compliance.inspections.forms import ClosingForm, OpenForm, id_in
from partner_compliance.inspections.models import Inspection
from partner_compliance.inspections.queries import Asked
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.organizations.queries import partners_of
from partner_compliance.web import (
    Form,
    database_session,
    file_response,
    page_asked_for,
    put_at_field,
    restores_input,
)

bp = Blueprint("inspections", __name__, template_folder="templates")

#: The lists of the overview: what the address says, and what it is called.
LISTS = {"inspections": "調査", "demands": "指摘・改善依頼", "objections": "段階についての申出"}

Crumbs = Sequence[tuple[str, str]]


def held_or(given: dict[str, Any]) -> dict[str, Any]:
    """What a form begins with: what had been typed when the sign-in ran out, else what is given."""
    held = typed_before()
    return {"formdata": held} if held else given


#: What the page of a form shows unless told otherwise.
_PLAIN: dict[str, Any] = {
    "lead": "", "notice_title": "", "notice_text": "", "rows": [], "events": None, "can_send": True, "danger": False,
}  # fmt: skip


def form_page(
    form: Form, refusal: Refused | None, *, title: str, caption: str, crumbs: Crumbs, button: str, **context: Any
) -> ResponseReturnValue:
    """The page of a form: (re)shown with what was typed, and with why it was refused."""
    hidden = [each for each in form if each.type in ("RequestKeyField", "RevisionField")]
    page = render_template(
        "inspections/form.html", form=form, refusal=refusal, title=title, caption=caption, crumbs=crumbs,
        button=button, hidden=hidden,
        shown=[each for each in form if each not in hidden and each.type != "CSRFTokenField"],
        **_PLAIN | context,
    )  # fmt: skip
    return page, refusal.status if refusal else 422 if form.errors else 200


def sent(form: Form, act: Callable[[], Any], otherwise: str) -> tuple[Any, Refused | None]:
    """What an act made of a form that was sent, or None and why it was refused; errors stand at their fields."""
    if not form.validate_on_submit():
        return None, None
    try:
        made = act()
    except InvalidInput as error:
        put_at_field(form, error, otherwise)
        return None, None
    except RuleBroken as error:
        return None, error
    drop_held_input()
    return made, None


def picked(form: Form, field: Field, model: type[Any], message: str) -> Any:
    """The row whose id a select holds; None, with the message at the field, for what is no id.

    Raises NotEngaged for an id that nobody has: whether somebody has it is nobody's business.
    """
    row_id = id_in(field)
    if row_id is None:
        field.errors = [message]
        return None
    found = database_session().get(model, row_id)
    if found is None:
        raise operations.NotEngaged
    return found


# --- lists ------------------------------------------------------------------------------------------------------


@bp.get("/municipalities/<uuid:municipality_id>/inspections")
@guarded(policy.may_inspect, municipality=Municipality)
def of_municipality(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """What the municipality looks into and has asked for, and objections to it: what is open first."""
    return _overview(Asked(municipality_id=municipality.id), municipality=municipality, organization=None)


@bp.get("/organizations/<uuid:organization_id>/inspections")
@guarded(policy.may_see_own, organization=Organization)
def of_organization(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """What municipalities look into and have asked of the organization, and its objections: what is open first."""
    return _overview(Asked(organization_id=organization.id), municipality=None, organization=organization)


def _overview(asked: Asked, **sides: Any) -> ResponseReturnValue:
    session, today = database_session(), clock.today()
    shown = request.args.get("show", "")
    shown = shown if shown in LISTS else "inspections"
    counts = {
        "inspections": queries.how_many_inspections(session, asked),
        "demands": queries.how_many_demands(session, asked),
        "objections": queries.how_many_objections(session, asked),
    }
    page = page_asked_for(counts[shown])
    of_page: dict[str, Any] = {"limit": page.size, "offset": page.offset}
    rows: Sequence[Any]
    if shown == "inspections":
        rows = queries.inspections(session, asked, today=today, **of_page)
    elif shown == "demands":
        rows = queries.demands(session, asked, today=today, **of_page)
    else:
        rows = queries.objections(session, asked, **of_page)
    municipality_id = asked.municipality_id
    return render_template(
        "inspections/overview.html",
        shown=shown,
        lists=LISTS,
        counts=counts,
        rows=rows,
        page=page,
        now_open=queries.open_requests(session, municipality_id, today) if municipality_id else None,
        today=today,
        **sides,
    )


# --- opening ----------------------------------------------------------------------------------------------------


@bp.route("/municipalities/<uuid:municipality_id>/inspections/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_inspect, municipality=Municipality)
def start(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Open an inspection of a partner."""
    session, today = database_session(), clock.today()
    partners = partners_of(session, municipality.id, today=today)
    given = {
        "organization": request.args.get("organization", ""),
        "from_month": clock.month_after(clock.month_of(today), -3),
        "until_month": clock.month_of(today),
    }
    form = OpenForm(partners, today, **held_or(given))

    def act() -> Inspection | None:
        organization = picked(form, form.organization, Organization, "団体を選んでください。")
        if organization is None:
            return None
        return operations.open_inspection(
            session, municipality, organization, form.facts(), by=principal, now=clock.now(),
            request_key=form.request_key.data,
        )  # fmt: skip

    made, refusal = sent(form, act, "organization")
    if made is not None:
        flash("調査を開きました。団体の代表者と個人情報責任者の画面にも表示されます。", "success")
        return redirect(url_for(".show", inspection_id=made.id), 303)
    return form_page(
        form, refusal, title="調査を開く", caption=municipality.name, button="調査を開く",
        crumbs=_crumbs_of(municipality.id),
        lead="理由と期間を決めて、団体の個人の記録を見ます。",
        notice_title="開く前に",
        notice_text="団体の代表者と個人情報責任者に、調査の理由・期間・担当者と、あなたが記録を開いたことが、すべて表示されます。"
        "記録の本人にも表示されます。",
    )  # fmt: skip


def _crumbs_of(municipality_id: UUID) -> Crumbs:
    return [("調査・改善依頼", url_for(".of_municipality", municipality_id=municipality_id))]


def list_address(principal: Principal, row: Any, **more: Any) -> str:
    """The reader's own list in which a paper stands."""
    if row.municipality_id in principal.municipality_ids:
        return url_for(".of_municipality", municipality_id=row.municipality_id, **more)
    return url_for(".of_organization", organization_id=row.organization_id, **more)


# --- one inspection ---------------------------------------------------------------------------------------------


@bp.get("/inspections/<uuid:inspection_id>")
@guarded(policy.may_see, inspection=Inspection)
def show(principal: Principal, inspection: Inspection) -> ResponseReturnValue:
    """One inspection: why, which months, by whom, until when, its findings and what came of it."""
    session, today = database_session(), clock.today()
    standing = queries.standing_of(session, inspection, today=today)
    return render_template(
        "inspections/show.html",
        standing=standing,
        inspection=inspection,
        state=standing.state(today),
        number=queries.inspection_number(inspection),
        findings=queries.findings_of(session, inspection),
        views=queries.how_many_views(session, inspection),
        is_municipal=policy.may_look(principal, inspection),
        sees_views=policy.may_see_views(principal, inspection),
        is_readable=standing.is_readable(today),
        list_url=list_address(principal, inspection),
        today=today,
    )


@bp.route("/inspections/<uuid:inspection_id>/closing", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_look, inspection=Inspection)
def close(principal: Principal, inspection: Inspection) -> ResponseReturnValue:
    """End an inspection with a summary."""
    session, today = database_session(), clock.today()
    standing = queries.standing_of(session, inspection, today=today)
    form = ClosingForm(**held_or({}))
    made, refusal = sent(
        form,
        lambda: operations.close(session, inspection, summary=form.summary.data or "", by=principal, now=clock.now()),
        "summary",
    )
    if made is not None:
        flash("調査を終了しました。個人の記録は、もう見られません。", "success")
        return redirect(url_for(".show", inspection_id=inspection.id), 303)
    if standing.closing is not None and request.method != "POST":
        raise operations.AlreadyClosed
    waiting = [each for each in queries.findings_of(session, inspection) if not each.state.is_done]
    return form_page(
        form, refusal, title="調査を終了する", caption=standing.organization, button="まとめを記録して終了する",
        crumbs=[*_crumbs_of(inspection.municipality_id), ("調査", url_for(".show", inspection_id=inspection.id))],
        lead="終了すると、個人の記録は見られなくなります。新しい指摘も書けません。",
        notice_title=f"終わっていない指摘が{len(waiting)}件あります" if waiting else "",
        notice_text="指摘への回答と確認は、調査を終了した後も続けられます。" if waiting else "",
        can_send=standing.closing is None,
    )  # fmt: skip


@bp.get("/inspections/<uuid:inspection_id>/views")
@guarded(policy.may_see_views, inspection=Inspection)
def looks(principal: Principal, inspection: Inspection) -> ResponseReturnValue:
    """Who looked at what in an inspection: for the partner."""
    session = database_session()
    counts = queries.how_many_views(session, inspection)
    page = page_asked_for(sum(counts.values()))
    return render_template(
        "inspections/looks.html",
        inspection=inspection,
        municipality=queries.standing_of(session, inspection, today=clock.today()).municipality,
        number=queries.inspection_number(inspection),
        rows=queries.views_of(session, inspection, limit=page.size, offset=page.offset),
        page=page,
    )


@bp.get("/inspections/<uuid:inspection_id>/pdf")
@guarded(policy.may_see, inspection=Inspection)
def result_pdf(principal: Principal, inspection: Inspection) -> ResponseReturnValue:
    """The result of an inspection on paper (調査結果の通知), without workers' names."""
    session = database_session()
    standing = queries.standing_of(session, inspection, today=clock.today())
    if standing.closing is None:
        raise NotFound("調査結果の通知は、まだありません。", "調査を終了すると、印刷できます。")
    findings = queries.findings_of(session, inspection)
    content = paper.result_pdf(
        standing, findings, queries.last_words_of(session, findings), queries.how_many_views(session, inspection),
        today=clock.today(), made_at=clock.now(),
    )  # fmt: skip
    name = f"調査結果_{queries.inspection_number(inspection)}.pdf"
    return file_response(content, name=name, mimetype="application/pdf", inline=True)
