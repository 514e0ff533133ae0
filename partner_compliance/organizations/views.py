"""The pages of municipalities and organizations."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, guarded
from partner_compliance.organizations import policy, queries
from partner_compliance.organizations.models import Organization
from partner_compliance.web import database_session, page_asked_for

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
    )
