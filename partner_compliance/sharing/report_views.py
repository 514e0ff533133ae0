"""The municipality's monthly reports: which there are, and each as PDF and as a workbook."""

from flask import render_template
from flask.typing import ResponseReturnValue

from partner_compliance import acts, clock
from partner_compliance.access import Principal, guarded
from partner_compliance.acts import Act
from partner_compliance.documents.tables import XLSX
from partner_compliance.errors import NotFound
from partner_compliance.organizations.models import Municipality
from partner_compliance.sharing import policy, report
from partner_compliance.sharing.report_decisions import decisions_in
from partner_compliance.sharing.report_paper import TITLE, report_pdf, report_workbook
from partner_compliance.sharing.view_views import bp
from partner_compliance.web import database_session, file_response, library

#: The blueprint, for the app: all pages of this room hang at it.
__all__ = ["bp"]


@bp.get("/municipalities/<uuid:municipality_id>/reports")
@guarded(policy.may_see_partners, municipality=Municipality)
def reports(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """The months of which a report can be made."""
    return render_template(
        "sharing/reports.html", municipality=municipality, months=report.months_to_choose(clock.today())
    )


@bp.get("/municipalities/<uuid:municipality_id>/reports/<month>.<any(pdf,xlsx):kind>")
@guarded(policy.may_see_partners, municipality=Municipality)
def report_file(principal: Principal, municipality: Municipality, month: str, kind: str) -> ResponseReturnValue:
    """The report of a month, as PDF or as a workbook; that it left the house is an act that counts."""
    session, now = database_session(), clock.now()
    today = clock.local_date(now)
    if month not in report.months_to_choose(today):
        raise NotFound(
            "その月の報告は作れません。", f"終わった月のうち、{report.MONTHS}か月前までの月を選んでください。"
        )  # fmt: skip
    sections = decisions_in(session, municipality, month, today=today)
    found = report.monthly(session, library(), municipality, month, today=today, sections=sections)
    acts.record(
        session,
        Act(
            municipality.id, "export.made", now, principal.actor, object_kind="municipality",
            object_id=municipality.id, details={"exported": "report", "month": month, "rows": len(found.lines)},
        ),
    )  # fmt: skip
    name = f"{TITLE}_{municipality.name}_{month}.{kind}"
    if kind == "pdf":
        content = report_pdf(found, made_at=now)
        return file_response(content, name=name, mimetype="application/pdf", inline=True)
    return file_response(report_workbook(found, made_at=now), name=name, mimetype=XLSX)
