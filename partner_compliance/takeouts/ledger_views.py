"""The ledger as a list with filters, as files and paper, and in numbers."""

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import acts, clock
from partner_compliance.access import Principal, guarded, proved_lately_to_read
from partner_compliance.acts import Act
from partner_compliance.documents.tables import XLSX, to_csv, to_xlsx
from partner_compliance.errors import RuleBroken
from partner_compliance.organizations.models import Center, Organization
from partner_compliance.organizations.queries import centers_of
from partner_compliance.takeouts import ledger as ledgers
from partner_compliance.takeouts import paper, policy, queries, statistics
from partner_compliance.takeouts.forms import SPECIAL, as_query, read_asked
from partner_compliance.takeouts.head_views import bp
from partner_compliance.takeouts.models import LedgerLine
from partner_compliance.takeouts.words import CLASSES, Medium, Reason, State
from partner_compliance.web import database_session, file_response, page_asked_for

#: The most rows in a file, and on paper (some 20 seconds).
MOST_IN_FILE = 50_000
#: So many rows are counted, and can be paged through, on the screen.
MOST_IN_LIST = 10_000
MOST_ON_PAPER = 500
_ANY = UUID(int=0)


class TooManyRows(RuleBroken):
    """More rows than a file or a printed ledger holds."""

    what_to_do = "期間や拠点でしぼり込んでから、もう一度書き出してください。"


def _centers(principal: Principal, organization: Organization) -> tuple[list[Center], bool]:
    found = centers_of(database_session(), organization.id)
    if policy.sees_all(principal, organization):
        return found, True
    headed = {center for where, center in principal.headed_centers if where == organization.id}
    return [each for each in found if each.id in headed], False


def _asked(principal: Principal, organization: Organization) -> tuple[queries.Asked, list[Center], bool]:
    centers, sees_all = _centers(principal, organization)
    return read_asked(request.args, centers, all_centers=sees_all), centers, sees_all


def _badges(today: date) -> Callable[[LedgerLine], str]:
    """Where a row stands, in badges; drawn once for all rows that stand alike, since drawing takes longest."""
    draw = current_app.jinja_env.get_template("takeouts/_piece.html").module.state  # type: ignore[attr-defined]
    drawn: dict[object, str] = {}

    def badges(line: LedgerLine) -> str:
        is_late = line.returned_on is not None and line.returned_on > line.due_on
        alike = (line.state, line.permission, line.differs, line.due_on < today, is_late)
        if alike not in drawn:
            drawn[alike] = draw(line, today)
        return drawn[alike]

    return badges


def _of_center() -> list[tuple[str, str, str]]:
    """The pages that each center has: label, address before and after the id; built once, not for each."""
    found = []
    for label, endpoint in (("継続許可", "standings"), ("ラベル", "labels"), ("代わりに許可する方", "substitutes")):
        before, _, after = url_for(f"takeouts.{endpoint}", center_id=_ANY).partition(str(_ANY))
        found.append((label, before, after))
    return found


@bp.get("/organizations/<uuid:organization_id>/take-outs")
@guarded(policy.may_see_ledger, organization=Organization)
def ledger(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """持ち出し管理台帳: every row, the latest first; for a head those of the own centers."""
    session, today = database_session(), clock.today()
    asked, centers, sees_all = _asked(principal, organization)
    page = page_asked_for(queries.how_many(session, organization.id, asked, today=today, most=MOST_IN_LIST))
    query = as_query(asked)
    return render_template(
        "takeouts/ledger.html",
        organization=organization,
        rows=queries.lines(session, organization.id, asked, today=today, limit=page.size, offset=page.offset),
        page=page,
        is_cut=page.total == MOST_IN_LIST,
        asked=asked,
        query=query,
        address="?" + urlencode(query) + ("&" if query else ""),
        centers=centers,
        own_centers=[each for each in centers if policy.may_run_center(principal, each)],
        of_center=_of_center(),
        sees_all=sees_all,
        is_officer=policy.may_settle_settings(principal, organization),
        media=list(Medium),
        reasons=list(Reason),
        classes=CLASSES,
        states=[*((each.value, each.label) for each in State), *SPECIAL.items()],
        settings=queries.settings_of(session, organization.id),
        number=queries.record_number,
        badges=_badges(today),
        # Building an address takes a while; the rows' addresses differ in their ids alone.
        row_address=url_for("takeouts.show", take_out_id=_ANY).replace(str(_ANY), ""),
    )


def _file(principal: Principal, organization: Organization, form: str, most: int) -> tuple[list[queries.Line], str]:
    """The rows that are asked for, and in words which they are; the export is written down."""
    session, today = database_session(), clock.today()
    asked, _, _ = _asked(principal, organization)
    total = queries.how_many(session, organization.id, asked, today=today)
    if total > most:
        raise TooManyRows(f"{total}件あります。一度に書き出せるのは{most}件までです。")
    rows = queries.lines(session, organization.id, asked, today=today, limit=most, is_whole=True)
    acts.record(
        session,
        Act(
            organization.id, "export.made", clock.now(), principal.actor, object_kind="organization",
            object_id=organization.id, details={"exported": "take_outs", "form": form, "rows": total},
        ),
    )  # fmt: skip
    return rows, ledgers.period_in_words(asked)


@bp.get("/organizations/<uuid:organization_id>/take-outs.csv")
@guarded(policy.may_see_ledger, organization=Organization)
@proved_lately_to_read
def ledger_csv(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The rows that are asked for, as CSV."""
    rows, _ = _file(principal, organization, "CSV", MOST_IN_FILE)
    content = to_csv(ledgers.as_table(database_session(), rows))
    return file_response(content, name=_name(organization, "csv"), mimetype="text/csv")


@bp.get("/organizations/<uuid:organization_id>/take-outs.xlsx")
@guarded(policy.may_see_ledger, organization=Organization)
@proved_lately_to_read
def ledger_xlsx(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The rows that are asked for, as XLSX."""
    rows, _ = _file(principal, organization, "Excel", MOST_IN_FILE)
    content = to_xlsx(ledgers.as_table(database_session(), rows), created=clock.now())
    return file_response(content, name=_name(organization, "xlsx"), mimetype=XLSX)


@bp.get("/organizations/<uuid:organization_id>/take-outs.pdf")
@guarded(policy.may_see_ledger, organization=Organization)
@proved_lately_to_read
def ledger_pdf(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The rows that are asked for, on paper."""
    rows, period = _file(principal, organization, "PDF", MOST_ON_PAPER)
    content = paper.ledger_pdf(database_session(), rows, organization, period=period, made_at=clock.now())
    return file_response(content, name=_name(organization, "pdf"), mimetype="application/pdf", inline=True)


def _name(organization: Organization, ending: str) -> str:
    return f"持ち出し管理台帳_{organization.name}_{clock.today().isoformat()}.{ending}"


@bp.get("/organizations/<uuid:organization_id>/take-outs/statistics")
@guarded(policy.may_see_ledger, organization=Organization)
def statistics_page(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The last twelve months in numbers: counts only, of the whole organization."""
    found = statistics.numbers_of(database_session(), [organization.id], today=clock.today())
    context: dict[str, Any] = {"numbers": found.get(organization.id, statistics.Numbers()), "exact": True}
    return render_template(
        "takeouts/statistics.html", organization=organization, back=url_for(".ledger", organization_id=organization.id),
        months=statistics.MONTHS, **context,
    )  # fmt: skip
