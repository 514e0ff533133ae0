"""The pages of municipalities and organizations."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, guarded
from partner_compliance.errors import InvalidInput, RuleBroken
from partner_compliance.organizations import operations, policy, queries
from partner_compliance.organizations.forms import CenterForm, OrganizationForm
from partner_compliance.organizations.models import Center, Organization
from partner_compliance.web import database_session, page_asked_for, render_form

bp = Blueprint("organizations", __name__, template_folder="templates")


@bp.get("/tenants")
@guarded(policy.is_operator)
def tenants(principal: Principal) -> ResponseReturnValue:
    """The partner organizations, for the operator: names and counts, nobody's personal data."""
    session, today = database_session(), clock.today()
    page = page_asked_for(queries.how_many_organizations(session))
    organizations = queries.organizations_with_counts(session, today, limit=page.size, offset=page.offset)
    # Who holds which role is known by a room above this one, which has put its question here at start-up.
    with_officer = current_app.extensions["organizations_with_officer"]
    return render_template(
        "organizations/tenants.html",
        organizations=organizations,
        with_officer=with_officer(session, [row.organization.id for row in organizations], today=today),
        page=page,
    )


@bp.get("/tenants/municipalities")
@guarded(policy.is_operator)
def municipalities(principal: Principal) -> ResponseReturnValue:
    """The municipalities, for the operator."""
    session = database_session()
    page = page_asked_for(queries.how_many_municipalities(session))
    return render_template(
        "organizations/municipalities.html",
        municipalities=queries.municipalities_with_counts(session, clock.today(), limit=page.size, offset=page.offset),
        page=page,
    )


@bp.get("/organizations/<uuid:organization_id>")
@guarded(policy.may_see, organization=Organization)
def show(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """What is registered about an organization, for those who run it."""
    return render_template(
        "organizations/show.html",
        organization=organization,
        centers=queries.centers_with_counts(database_session(), organization.id, clock.today()),
        may_set_deadlines=policy.may_set_deadlines(principal, organization),
        may_edit=policy.may_edit(principal, organization),
        may_see_networks=policy.may_see_networks(principal, organization),
    )


@bp.route("/organizations/<uuid:organization_id>/edit", methods=["GET", "POST"])
@guarded(policy.may_edit, organization=Organization)
def edit(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Change what is registered about the organization."""
    form = OrganizationForm(obj=organization, data={"legal_form": organization.legal_form.value})
    if form.validate_on_submit():
        try:
            changed = operations.change_organization(
                database_session(), organization, form.facts(), by=principal.actor, now=clock.now()
            )
        except operations.WrongFacts as wrong:
            form.refuse(wrong.faults)
        except operations.AlreadyRegistered as refusal:
            form.refuse({"corporate_number": f"{refusal.message}{refusal.what_to_do}"})
        else:
            flash("団体の情報を変更しました。" if changed else "変わったところはありませんでした。", "success")
            return redirect(url_for(".show", organization_id=organization.id), 303)
    return render_form("organizations/edit.html", form, organization=organization)


@bp.route("/organizations/<uuid:organization_id>/centers/new", methods=["GET", "POST"])
@guarded(policy.may_edit, organization=Organization)
def add_center(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Add a center, open from today on."""
    form = CenterForm()
    if form.validate_on_submit():
        session, name = database_session(), form.name.data or ""
        try:
            operations.refuse_same_center(session, organization.id, name)
            operations.add_center(
                session, organization, name=name, opened_on=clock.today(), by=principal.actor, now=clock.now()
            )
        except InvalidInput as refusal:
            form.name.errors = [f"{refusal.message}{refusal.what_to_do}"]
        else:
            flash(f"拠点「{name}」を登録しました。", "success")
            return redirect(url_for(".show", organization_id=organization.id), 303)
    return render_form("organizations/center.html", form, organization=organization, center=None, refusal=None)


@bp.route("/centers/<uuid:center_id>/edit", methods=["GET", "POST"])
@guarded(policy.may_edit_center, center=Center)
def edit_center(principal: Principal, center: Center) -> ResponseReturnValue:
    """Rename a center; the page on which it is closed, too."""
    return _center_page(principal, center)


def _center_page(principal: Principal, center: Center, refusal: RuleBroken | None = None) -> ResponseReturnValue:
    session = database_session()
    form = CenterForm(formdata=None, name=center.name) if refusal else CenterForm(name=center.name)
    if refusal is None and form.validate_on_submit():
        try:
            operations.rename_center(session, center, name=form.name.data or "", by=principal.actor, now=clock.now())
        except InvalidInput as wrong:
            form.name.errors = [f"{wrong.message}{wrong.what_to_do}"]
        else:
            flash("拠点の名前を変更しました。", "success")
            return redirect(url_for(".show", organization_id=center.organization_id), 303)
    organization = session.get_one(Organization, center.organization_id)
    page, status = render_form(
        "organizations/center.html", form, organization=organization, center=center, refusal=refusal
    )
    return page, refusal.status if refusal else status


@bp.post("/centers/<uuid:center_id>/closure")
@guarded(policy.may_edit_center, center=Center)
def close_center(principal: Principal, center: Center) -> ResponseReturnValue:
    """Close a center, today being its last day."""
    try:
        operations.close_center(database_session(), center, by=principal.actor, now=clock.now())
    except RuleBroken as refusal:
        return _center_page(principal, center, refusal)
    flash(f"拠点「{center.name}」を閉所しました。これまでの記録は残ります。", "success")
    return redirect(url_for(".show", organization_id=center.organization_id), 303)
