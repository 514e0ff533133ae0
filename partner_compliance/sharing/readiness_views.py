"""The municipality's view of its partners' levels: counts and criteria, never a name, nothing that opens a record."""

from dataclasses import dataclass
from datetime import date, timedelta
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
from partner_compliance.readiness.assessment import Assessment, State
from partner_compliance.readiness.queries import assessments
from partner_compliance.readiness.views import about, paper_of
from partner_compliance.sharing import policy
from partner_compliance.sharing.take_out_views import bp
from partner_compliance.web import database_session, file_response, library, page_asked_for

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


@bp.get("/municipalities/<uuid:municipality_id>/partners/<uuid:organization_id>/readiness.pdf")
@guarded(policy.may_see_partner, municipality=Municipality, organization=Organization)
def readiness_pdf(principal: Principal, municipality: Municipality, organization: Organization) -> ResponseReturnValue:
    """The same as PDF, with counts and without names."""
    session = database_session()
    if not engagements_between(session, organization.id, [municipality.id], clock.today()):
        raise NotFound
    return paper_of(session, library(), organization, request.args.get("as_of", ""), outside=True)


# --- all partners -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A partner with its level, how many criteria of the next one are missing, and when the level may end."""

    id: UUID
    name: str
    found: Assessment

    @property
    def lapses_on(self) -> date | None:
        """The last day on which what the level rests on holds by itself; None where no end is known."""
        days = [each.lapses_on for each in self.found.findings if each.criterion.level <= self.found.level]
        return min((day for day in days if day is not None), default=None)


def _lines(municipality: Municipality, level: str, today: date) -> list[Line]:
    """The partners of today by name, in no order of merit; of one level, where one is chosen."""
    session = database_session()
    ids = list(session.scalars(partners_on([municipality.id], today)))
    names = organizations_named(session, ids)
    found = assessments(session, library(), today, ids)
    lines = [Line(each, names[each], found[each]) for each in sorted(ids, key=lambda each: (names[each], each))]
    return [each for each in lines if not level or str(each.found.level) == level]


@bp.get("/municipalities/<uuid:municipality_id>/readiness")
@guarded(policy.may_see_partners, municipality=Municipality)
def levels(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """The level of each partner today, how far the next one is, and which levels end within 30 days."""
    today, chosen = clock.today(), request.args.get("level", "")
    ladder = library().ladder_for(today)
    chosen = chosen if chosen in {"0", *(str(each.number) for each in ladder.levels)} else ""
    lines = _lines(municipality, chosen, today)
    page = page_asked_for(len(lines))
    return render_template(
        "sharing/levels.html",
        municipality=municipality,
        ladder=ladder,
        chosen=chosen,
        lines=lines[page.offset : page.offset + page.size],
        ending=[each for each in lines if each.lapses_on is not None and each.lapses_on <= today + SOON],
        total=len(lines),
        page=page,
        today=today,
    )


#: Ends of levels are announced so long before (ladder; issue of the municipality's room).
SOON = timedelta(days=30)


@bp.get("/municipalities/<uuid:municipality_id>/readiness.<any(csv,xlsx):kind>")
@guarded(policy.may_see_partners, municipality=Municipality)
def levels_file(principal: Principal, municipality: Municipality, kind: str) -> ResponseReturnValue:
    """The same list as a file: the level and the state of every criterion of each partner today."""
    today = clock.today()
    ladder = library().ladder_for(today)
    measured = [each for each in ladder.criteria.values() if not each.planned]
    lines = _lines(municipality, "", today)
    acts.record(
        database_session(),
        Act(
            municipality.id, "export.made", clock.now(), principal.actor, object_kind="municipality",
            object_id=municipality.id, details={"month": clock.month_of(today), "rows": len(lines)},
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
                each.name, today, each.found.level, each.found.title, each.lapses_on,
                *(one.state.label for one in each.found.findings if one.state is not State.PLANNED),
            ]
            for each in lines
        ],
    )  # fmt: skip
    if kind == "csv":
        return file_response(to_csv(table), name=f"準備度_{today.isoformat()}.csv", mimetype="text/csv")
    return file_response(
        to_xlsx(table, created=clock.now()), name=f"準備度_{today.isoformat()}.xlsx", mimetype=XLSX
    )  # fmt: skip
