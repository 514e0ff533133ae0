"""The municipality's view of a partner's level: counts and criteria, never a name, and nothing that opens a record."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, guarded
from partner_compliance.errors import NotFound
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.organizations.queries import engagements_between
from partner_compliance.readiness.views import about
from partner_compliance.sharing import policy
from partner_compliance.sharing.take_out_views import bp
from partner_compliance.web import database_session, library

#: The blueprint, for the app: all pages of this room hang at it.
__all__ = ["bp"]


@bp.get("/municipalities/<uuid:municipality_id>/partners/<uuid:organization_id>/readiness")
@guarded(policy.may_see_partner, municipality=Municipality, organization=Organization)
def readiness(principal: Principal, municipality: Municipality, organization: Organization) -> ResponseReturnValue:
    """A partner's level today, or on another day, with every criterion and the forecast."""
    session = database_session()
    if not engagements_between(session, organization.id, [municipality.id], clock.today()):
        raise NotFound
    here: dict[str, Any] = {"municipality_id": municipality.id, "organization_id": organization.id}
    context = about(session, library(), organization, request.args.get("as_of", ""))
    page = render_template(
        "sharing/readiness.html", municipality=municipality, back_url=url_for(".partner", **here), **context
    )
    return page, 422 if context["day_error"] else 200
