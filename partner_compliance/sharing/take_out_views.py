"""What leaves the centers of the municipality's partners, and why: counts only, small ones as a range."""

from collections.abc import Mapping
from typing import NamedTuple

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
from partner_compliance.takeouts.words import Medium, Reason
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


class Cell(NamedTuple):
    """A field of the map: the count as others see it, and how dark it is, from 0 to 5."""

    text: str
    shade: int


class MapRow(NamedTuple):
    """A reason, how often each medium went out for it, and all together."""

    reason: str
    cells: list[Cell]
    total: str


@bp.get("/municipalities/<uuid:municipality_id>/take-outs/reasons")
@guarded(policy.may_see_partners, municipality=Municipality)
def reasons(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Why what leaves the centers of all partners together: reasons and media of twelve months."""
    session, today = database_session(), clock.today()
    ids = list(session.scalars(partners_on([municipality.id], today)))
    found = statistics.reasons_by_medium(session, ids, today=today)
    columns = [[found.get((reason, medium), 0) for reason in Reason] for medium in Medium]
    return render_template(
        "sharing/reasons.html",
        municipality=municipality,
        partners=len(ids),
        media=[medium.label for medium in Medium],
        rows=_map_rows(found),
        totals=[statistics.few_together(column) for column in columns],
        total=statistics.few_together(found.values()),
        few=statistics.FEW,
        months=statistics.MONTHS,
    )


def _map_rows(found: Mapping[tuple[Reason, Medium], int]) -> list[MapRow]:
    """The reasons that occur, in the order of the ledger's form."""
    most = max(found.values(), default=0)
    rows = []
    for reason in Reason:
        counts = [found.get((reason, medium), 0) for medium in Medium]
        if any(counts):
            cells = [Cell(statistics.few(count), _shade(count, most)) for count in counts]
            rows.append(MapRow(reason.label, cells, statistics.few_together(counts)))
    return rows


def _shade(count: int, most: int) -> int:
    """Small counts have one shade, so that it does not tell them apart."""
    if count < statistics.FEW:
        return 1 if count else 0
    return 2 + min(3, 4 * count // (most + 1))


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
