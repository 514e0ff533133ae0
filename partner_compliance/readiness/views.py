"""The organization's own page about its level: what is met, what is missing, what comes next, and until when."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Principal, Role, guarded
from partner_compliance.errors import NotFound
from partner_compliance.library.readiness import Page
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Organization
from partner_compliance.readiness import policy, queries
from partner_compliance.readiness.paper import readiness_pdf
from partner_compliance.web import database_session, file_response, library

bp = Blueprint("readiness", __name__, template_folder="templates")

#: Where each kind of criterion is mended, and whether a center head may go there too.
_PAGES = {
    Page.POSTS: ("people.organization_posts", False),
    Page.ROSTER: ("roster.index", True),
    Page.ENGAGEMENTS: ("engagements.of_organization", False),
    Page.PLACES: ("engagements.places_of", False),
    Page.RULES: ("rulebooks.index", True),
    Page.PLEDGES: ("pledges.coverage", True),
    Page.JOINING: ("people.overview", False),
    Page.TRAINING: ("training.people", True),
    Page.MONTHS: ("sheets.organization_months", False),
    Page.LEDGER: ("takeouts.ledger", True),
    Page.REGISTER: ("receipts.register", True),
}


def asked_day(said: str, today: date) -> tuple[date, str]:
    """The day that an address asks for, and what is wrong with it; today where nothing or nonsense is asked."""
    if not said:
        return today, ""
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return today, "日付は、年・月・日で選んでください。いまは今日の状況を表示しています。"
    if day > today:
        return today, "先の日付は選べません。いまは今日の状況を表示しています。"
    if day.year < EARLIEST_YEAR:
        return today, f"{EARLIEST_YEAR}年より前の日付は選べません。いまは今日の状況を表示しています。"
    return day, ""


#: No record of this product is older.
EARLIEST_YEAR = 2020


def about(session: Session, shelf: Library, organization: Organization, said: str) -> dict[str, Any]:
    """What the page says of an organization on the day that is asked for; for its own page and the municipality's."""
    today = clock.today()
    day, day_error = asked_day(said, today)
    found = queries.assessment_of(session, shelf, day, organization.id)
    return {
        "organization": organization,
        "found": found,
        "day": day,
        "today": today,
        "day_error": day_error,
        "typed_day": said if day_error else day.isoformat(),
        "forecast": queries.forecast(session, shelf, found, organization.id) if day == today else None,
    }


@bp.get("/organizations/<uuid:organization_id>/readiness")
@guarded(policy.may_see, organization=Organization)
def show(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The organization's level today, or on another day, with every criterion, the forecast and the plan."""
    context = about(database_session(), library(), organization, request.args.get("as_of", ""))
    is_head_only = not any(
        principal.is_(role, organization.id) for role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE)
    )
    links = {
        page: url_for(endpoint, organization_id=organization.id)
        for page, (endpoint, for_heads) in _PAGES.items()
        if for_heads or not is_head_only
    }
    page = render_template("readiness/show.html", links=links, **context)
    return page, 422 if context["day_error"] else 200


def paper_of(session: Session, shelf: Library, organization: Organization, said: str, *, outside: bool) -> Response:
    """The same on paper; a day that cannot be shown is no page."""
    today = clock.today()
    day, day_error = asked_day(said, today)
    if day_error:
        raise NotFound
    found = queries.assessment_of(session, shelf, day, organization.id)
    coming = queries.forecast(session, shelf, found, organization.id) if day == today else None
    content = readiness_pdf(found, coming, organization.name, outside=outside, made_at=clock.now())
    name = f"準備度の説明_{organization.name}_{day.isoformat()}.pdf"
    return file_response(content, name=name, mimetype="application/pdf", inline=True)


@bp.get("/organizations/<uuid:organization_id>/readiness.pdf")
@guarded(policy.may_see, organization=Organization)
def show_pdf(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The level on a day with every criterion, as PDF for a meeting."""
    return paper_of(database_session(), library(), organization, request.args.get("as_of", ""), outside=False)
