"""The municipality's view of its partners' levels: counts and criteria, never a name, nothing that opens a record."""

from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import acts, clock
from partner_compliance.access import Principal, guarded
from partner_compliance.acts import Act
from partner_compliance.documents.tables import XLSX, Column, Table, to_csv, to_xlsx
from partner_compliance.errors import NotFound
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.organizations.queries import engagements_between, organizations_named, partners_on
from partner_compliance.readiness import standing
from partner_compliance.readiness.assessment import Assessment, State
from partner_compliance.readiness.queries import assessments
from partner_compliance.readiness.views import about, paper_of
from partner_compliance.sharing import policy
from partner_compliance.sharing.take_out_views import bp
from partner_compliance.web import database_session, file_response, library, write_later

#: The blueprint, for the module after this one.
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
    if context["day"] == context["today"]:
        _tell_the_list(organization.id, context["found"])
    page = render_template(
        "sharing/readiness.html", municipality=municipality, back_url=url_for(".partner", **here), **context
    )
    return page, 422 if context["day_error"] else 200


def _tell_the_list(organization_id: UUID, found: Assessment) -> None:
    """Let the list say what this page has just counted, where it says something else."""
    now = clock.now()
    listed = standing.kept(database_session(), library(), found.as_of, [organization_id]).get(organization_id)
    if listed is not None and not standing.agrees(listed, found):
        write_later(lambda writing: standing.note(writing, found, organization_id, now=now))


@bp.get("/municipalities/<uuid:municipality_id>/partners/<uuid:organization_id>/readiness.pdf")
@guarded(policy.may_see_partner, municipality=Municipality, organization=Organization)
def readiness_pdf(principal: Principal, municipality: Municipality, organization: Organization) -> ResponseReturnValue:
    """The same as PDF, with counts and without names."""
    session = database_session()
    if not engagements_between(session, organization.id, [municipality.id], clock.today()):
        raise NotFound
    return paper_of(session, library(), organization, request.args.get("as_of", ""), outside=True)


# --- all partners -----------------------------------------------------------------------------------------------


@bp.get("/municipalities/<uuid:municipality_id>/readiness.<any(csv,xlsx):kind>")
@guarded(policy.may_see_partners, municipality=Municipality)
def levels_file(principal: Principal, municipality: Municipality, kind: str) -> ResponseReturnValue:
    """The partners by name as a file: the level and the state of every criterion today, counted now."""
    session, now = database_session(), clock.now()
    today = clock.local_date(now)
    measured = [each for each in library().ladder_for(today).criteria.values() if not each.planned]
    ids = list(session.scalars(partners_on([municipality.id], today)))
    names = organizations_named(session, ids)
    found = assessments(session, library(), today, ids)
    acts.record(
        session,
        Act(
            municipality.id, "export.made", now, principal.actor, object_kind="municipality",
            object_id=municipality.id,
            details={"exported": "levels", "month": clock.month_of(today), "rows": len(ids)},
        ),
    )  # fmt: skip
    table = Table(
        f"準備度_{municipality.name}",
        [
            Column("name", "団体", width=30), Column("as_of", "基準日", "date"), Column("level", "段階", "number"),
            Column("title", "段階の名前"), Column("lapses_on", "満たしている期限", "date"),
            *(Column(each.id, f"{each.id} {each.title}", width=20) for each in measured),
        ],
        [
            [
                names[each], today, found[each].level, found[each].title, found[each].holds_until,
                *(one.state.label for one in found[each].findings if one.state is not State.PLANNED),
            ]
            for each in sorted(ids, key=lambda each: (names[each], each))
        ],
    )  # fmt: skip
    if kind == "csv":
        return file_response(to_csv(table), name=f"準備度_{today.isoformat()}.csv", mimetype="text/csv")
    return file_response(to_xlsx(table, created=now), name=f"準備度_{today.isoformat()}.xlsx", mimetype=XLSX)
