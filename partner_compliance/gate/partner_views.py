"""The partner's pages: what municipalities require of it, and what they decided to share with it."""

from flask import render_template
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, guarded
from partner_compliance.gate import policy, queries
from partner_compliance.gate.requiring_views import bp
from partner_compliance.organizations.models import Organization
from partner_compliance.web import database_session, library, page_asked_for

#: The blueprint, for the app: all pages of this room hang at it.
__all__ = ["bp"]


@bp.get("/organizations/<uuid:organization_id>/requirements")
@guarded(policy.may_see_of_organization, organization=Organization)
def required(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """What each municipality requires, whether it is met, and what will change."""
    today = clock.today()
    found = queries.required_of(database_session(), library(), organization.id, today)
    return render_template(
        "gate/required.html",
        organization=organization,
        found=found,
        differing=queries.differing(found, today),
        today=today,
    )


@bp.get("/organizations/<uuid:organization_id>/shares")
@guarded(policy.may_see_of_organization, organization=Organization)
def shares(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """What municipalities decided to share with the organization, and what they did not."""
    session, today = database_session(), clock.today()
    page = page_asked_for(queries.how_many_decisions(session, organization_id=organization.id, today=today))
    return render_template(
        "gate/decisions.html",
        municipality=None,
        organization=organization,
        rows=queries.decisions(
            session, organization_id=organization.id, today=today, limit=page.size, offset=page.offset
        ),
        choice="",
        choices={},
        page=page,
        today=today,
        now=clock.now(),
    )
