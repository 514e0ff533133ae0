"""The organization's own page about its level: what is met, what is missing, what comes next, and until when."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Principal, Role, guarded
from partner_compliance.errors import NotFound
from partner_compliance.library.readiness import Criterion, Measure, Page
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Organization
from partner_compliance.readiness import policy, queries, snapshots
from partner_compliance.readiness.assessment import Assessment, State
from partner_compliance.readiness.evidence import evidence_for
from partner_compliance.readiness.missing import Item, Kind, Missing, gaps_of_roster, who_is_missing
from partner_compliance.readiness.paper import evidence_pdf as evidence_paper
from partner_compliance.readiness.paper import readiness_pdf
from partner_compliance.web import database_session, file_response, library

bp = Blueprint("readiness", __name__, template_folder="templates")

_OFFICER, _REPRESENTATIVE, _HEAD = Role.PROTECTION_OFFICER, Role.REPRESENTATIVE, Role.CENTER_HEAD
_ALL = frozenset({_OFFICER, _REPRESENTATIVE, _HEAD})
#: Where each kind of criterion is mended, and who is sent there.
_PAGES = {
    Page.POSTS: ("people.organization_posts", _ALL - {_HEAD}),
    Page.ROSTER: ("roster.index", _ALL),
    Page.ENGAGEMENTS: ("engagements.of_organization", _ALL - {_HEAD}),
    Page.PLACES: ("engagements.places_of", _ALL - {_HEAD}),
    Page.RULES: ("rulebooks.index", _ALL),
    Page.PLEDGES: ("pledges.coverage", _ALL),
    Page.JOINING: ("people.overview", frozenset({_OFFICER})),
    Page.TRAINING: ("training.people", _ALL),
    Page.MONTHS: ("sheets.organization_months", frozenset({_OFFICER})),
    Page.LEDGER: ("takeouts.ledger", _ALL),
    Page.REGISTER: ("receipts.register", _ALL),
}
#: Where one of those that are missing is seen to, by the page of the criterion or by its kind: what the address names,
#: who is sent there, and whether to one's own too.
_OF_WORKERS = {
    Page.PLEDGES: ("pledges.person", "worker_id", _ALL, False),
    Page.JOINING: ("people.show", "worker_id", frozenset({_OFFICER, _HEAD}), False),
    Page.ROSTER: ("people.show", "worker_id", frozenset({_OFFICER, _HEAD}), False),
}
_OF_KINDS = {
    Kind.ENGAGEMENT: ("engagements.show", "engagement_id", _ALL, True),
    Kind.SHEET: ("sheets.show", "sheet_id", frozenset({_OFFICER, _HEAD}), True),
    Kind.ACTION: ("sheets.show", "sheet_id", frozenset({_OFFICER, _HEAD}), True),
    Kind.TAKE_OUT: ("takeouts.show", "take_out_id", _ALL, True),
    Kind.RECEIPT: ("receipts.show", "receipt_id", _ALL, True),
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
        "since": snapshots.since_when(session, organization.id, found),
        "points": snapshots.curve(session, organization.id, found),
        "was_there": clock.local_date(organization.created_at) <= day,
        "kept": snapshots.compared(session, organization.id, found) if day < today else None,
    }


def _lacking(found: Assessment) -> dict[Measure, Criterion]:
    """{measure: the first criterion that it is missing for}, in the ladder's order."""
    lacking: dict[Measure, Criterion] = {}
    for finding in found.findings:
        for result in finding.results:
            if result.lacking or result.state not in (State.MET, State.PLANNED):
                lacking.setdefault(result.test.measure, finding.criterion)
    return lacking


@dataclass(frozen=True)
class Lacking:
    """Who or what is missing for a criterion, each with the address where it is seen to."""

    criterion: Criterion
    missing: Missing
    items: tuple[tuple[Item, str], ...]
    gaps: tuple[tuple[Item, str], ...] = ()


def _missing(
    session: Session, shelf: Library, principal: Principal, organization: Organization, found: Assessment
) -> list[Lacking]:
    """Who or what is missing today, as far as the reader may know; a head knows the people of the own centers."""
    roles = {role for role in _ALL if principal.is_(role, organization.id)}
    centers = None
    if roles == {_HEAD}:
        centers = frozenset(center for whose, center in principal.headed_centers if whose == organization.id)
    wanted = _lacking(found)
    there = who_is_missing(session, shelf, organization.id, wanted, today=found.as_of, centers=centers)

    def address(item: Item, kind: Kind, page: Page | None) -> str:
        target = _OF_WORKERS.get(page) if kind is Kind.WORKER and page else _OF_KINDS.get(kind)
        if target is None or item.key is None or not roles & target[2]:
            return ""
        is_own = item.worker_id is not None and item.worker_id in principal.worker_ids
        named: dict[str, Any] = {target[1]: item.key}
        return "" if is_own and not target[3] else url_for(target[0], **named)

    lists = []
    for measure, criterion in wanted.items():
        if (missing := there.get(measure)) is None:
            continue
        page = criterion.action.page if criterion.action else None
        gaps: list[Item] = []
        if measure is Measure.ROSTER_CONFIRMED:
            gaps = gaps_of_roster(session, organization.id, today=found.as_of, centers=centers)
        lists.append(
            Lacking(
                criterion,
                missing,
                tuple((each, address(each, missing.kind, page)) for each in missing.items),
                tuple((each, address(each, Kind.WORKER, Page.ROSTER)) for each in gaps),
            )
        )
    return lists


@bp.get("/organizations/<uuid:organization_id>/readiness")
@guarded(policy.may_see, organization=Organization)
def show(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The organization's level today, or on another day, with every criterion, the forecast and the plan."""
    session = database_session()
    context = about(session, library(), organization, request.args.get("as_of", ""))
    links = {
        page: url_for(endpoint, organization_id=organization.id)
        for page, (endpoint, roles) in _PAGES.items()
        if any(principal.is_(role, organization.id) for role in roles)
    }
    is_today = context["day"] == context["today"]
    lists = _missing(session, library(), principal, organization, context["found"]) if is_today else []
    sees_all = principal.is_(_OFFICER, organization.id) or principal.is_(_REPRESENTATIVE, organization.id)
    page = render_template("readiness/show.html", links=links, lists=lists, sees_all=sees_all, **context)
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


@bp.get("/organizations/<uuid:organization_id>/readiness/evidence.pdf")
@guarded(policy.may_see, organization=Organization)
def evidence_pdf(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """What the level on a day rests on, with record numbers and without names, as PDF for a meeting."""
    session, shelf, today = database_session(), library(), clock.today()
    day, day_error = asked_day(request.args.get("as_of", ""), today)
    if day_error:
        raise NotFound
    found = queries.assessment_of(session, shelf, day, organization.id)
    since = snapshots.since_when(session, organization.id, found)
    behind = evidence_for(session, shelf, organization.id, found)
    content = evidence_paper(found, since, behind, organization.name, made_at=clock.now())
    name = f"準備度の根拠の資料_{organization.name}_{day.isoformat()}.pdf"
    return file_response(content, name=name, mimetype="application/pdf", inline=True)
