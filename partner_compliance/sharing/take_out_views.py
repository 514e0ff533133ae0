"""What leaves the centers of the municipality's partners, and why: counts only, small ones as a range."""

from flask import render_template
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, guarded
from partner_compliance.errors import NotFound
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.organizations.queries import engagements_between, organizations_named, partners_on
from partner_compliance.sharing import policy
from partner_compliance.sharing.views import bp
from partner_compliance.takeouts import statistics
from partner_compliance.web import database_session, page_asked_for

#: The blueprint, for the module after this one.
__all__ = ["bp"]


@bp.get("/municipalities/<uuid:municipality_id>/take-outs")
@guarded(policy.may_see_partners, municipality=Municipality)
def take_outs(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """The take-outs of all partners whose engagement is valid today, together and one by one."""
    session, today = database_session(), clock.today()
    ids = list(session.scalars(partners_on([municipality.id], today)))
    names = organizations_named(session, ids)
    numbers = statistics.numbers_of(session, ids, today=today)
    page = page_asked_for(len(ids))
    ordered = sorted(ids, key=lambda each: (names[each], each))[page.offset : page.offset + page.size]
    return render_template(
        "sharing/take_outs.html",
        municipality=municipality,
        total=statistics.together(numbers.values()),
        rows=[(each, names[each], numbers.get(each, statistics.Numbers())) for each in ordered],
        page=page,
        said=statistics.few,
        few=statistics.FEW,
        months=statistics.MONTHS,
    )


@bp.get("/municipalities/<uuid:municipality_id>/partners/<uuid:organization_id>/take-outs")
@guarded(policy.may_see_partner, municipality=Municipality, organization=Organization)
def partner_take_outs(
    principal: Principal, municipality: Municipality, organization: Organization
) -> ResponseReturnValue:
    """One partner's take-outs in numbers."""
    session, today = database_session(), clock.today()
    # The reader may reach the organization through another municipality; here only this one's engagement counts.
    if not engagements_between(session, organization.id, [municipality.id], today):
        raise NotFound
    found = statistics.numbers_of(session, [organization.id], today=today)
    return render_template(
        "sharing/partner_take_outs.html",
        municipality=municipality,
        organization=organization,
        numbers=found.get(organization.id, statistics.Numbers()),
        said=statistics.few,
        few=statistics.FEW,
        months=statistics.MONTHS,
    )
