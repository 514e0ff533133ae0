"""Records of individuals, as an open inspection shows them. Nothing of it exists before, afterwards, or beside it."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, guarded
from partner_compliance.errors import NotFound
from partner_compliance.inspections import operations, policy, queries
from partner_compliance.inspections.exchange_views import bp
from partner_compliance.inspections.models import Inspection
from partner_compliance.inspections.words import RecordKind
from partner_compliance.organizations import queries as organizations
from partner_compliance.pledges import queries as pledges
from partner_compliance.receipts import queries as receipts
from partner_compliance.receipts.words import Side
from partner_compliance.sheets import paper as sheet_paper
from partner_compliance.sheets import queries as sheets
from partner_compliance.sheets.models import CheckSheet
from partner_compliance.takeouts import queries as take_outs
from partner_compliance.takeouts.models import TakeOut
from partner_compliance.takeouts.words import Protection
from partner_compliance.training import queries as courses
from partner_compliance.web import Page, database_session, library, page_asked_for, write_later

#: The blueprint, for the app: all pages of this room hang at it.
__all__ = ["bp"]

#: The lists between which the pages of records lead: (what, endpoint).
TABS = (
    (RecordKind.ROSTER, "inspections.roster"),
    (RecordKind.SHEETS, "inspections.sheets_of_month"),
    (RecordKind.TAKE_OUTS, "inspections.take_outs_ledger"),
    (RecordKind.RECEIPTS, "inspections.receipts_register"),
    (RecordKind.PLEDGES, "inspections.pledges_signed"),
    (RecordKind.COURSES, "inspections.course_results"),
)


class _Look:
    """A look into an inspection that is open now; raises NotFound when it is not."""

    def __init__(self, principal: Principal, inspection: Inspection) -> None:
        self.session, self.now, self.principal = database_session(), clock.now(), principal
        self.today = clock.local_date(self.now)
        self.standing = queries.standing_of(self.session, inspection, today=self.today)
        if not self.standing.is_readable(self.today):
            raise NotFound("この調査では、個人の記録を見られません。", "調査の画面で、期間と状態を確認してください。")
        self.inspection, self.organization_id = inspection, inspection.organization_id
        self.key = (inspection.organization_id, inspection.id)
        self.first = clock.first_day(inspection.from_month)
        self.last = clock.last_day(inspection.until_month)

    def contains(self, day: date) -> bool:
        """Whether a day lies in the inspection's period."""
        return self.first <= day <= self.last

    def page(
        self,
        template: str,
        kind: RecordKind,
        *,
        about: str,
        object_id: UUID | None = None,
        subject_id: UUID | None = None,
        **context: Any,
    ) -> ResponseReturnValue:
        """The page with the records; that they were looked at is kept with it, or the page fails."""
        by, now, key = self.principal, self.now, self.key
        write_later(
            lambda session: operations.record_view(
                session, session.get_one(Inspection, key), kind, about=about, object_id=object_id,
                subject_id=subject_id, by=by, now=now,
            )
        )  # fmt: skip
        return render_template(
            f"inspections/{template}.html", inspection=self.inspection, standing=self.standing, kind=kind, tabs=TABS,
            today=self.today, **context,
        )  # fmt: skip


def _about(page: Page, what: str = "") -> str:
    return f"{what}　{page.number}ページ目（全{page.last}ページ）".strip()


@bp.get("/inspections/<uuid:inspection_id>/roster")
@guarded(policy.may_look, inspection=Inspection)
def roster(principal: Principal, inspection: Inspection) -> ResponseReturnValue:
    """Who worked for the partner in the period."""
    look = _Look(principal, inspection)
    period = (look.session, look.organization_id, look.first, look.last)
    page = page_asked_for(organizations.how_many_worked_between(*period))
    rows = organizations.worked_between(*period, limit=page.size, offset=page.offset)
    return look.page("roster", RecordKind.ROSTER, about=_about(page), rows=rows, page=page)


@bp.get("/inspections/<uuid:inspection_id>/sheets")
@guarded(policy.may_look, inspection=Inspection)
def sheets_of_month(principal: Principal, inspection: Inspection) -> ResponseReturnValue:
    """The check sheets of a month of the period; the last one unless the address says which."""
    look = _Look(principal, inspection)
    months = clock.months_between(inspection.from_month, inspection.until_month)
    month = request.args.get("month", months[-1])
    if month not in months:
        raise NotFound
    page = page_asked_for(sheets.how_many_of_month(look.session, look.organization_id, month))
    rows = sheets.sheets_of_month(look.session, look.organization_id, month, limit=page.size, offset=page.offset)
    return look.page(
        "sheets", RecordKind.SHEETS, about=_about(page, f"{clock.screen_month(month)}分"), rows=rows, page=page,
        month=month, months=months[::-1],
    )  # fmt: skip


@bp.get("/inspections/<uuid:inspection_id>/sheets/<uuid:sheet>")
@guarded(policy.may_look, inspection=Inspection)
def sheet(principal: Principal, inspection: Inspection, sheet: UUID) -> ResponseReturnValue:
    """One check sheet of the period with its answers, notes and sign-off; drafts stay with those who write them."""
    look = _Look(principal, inspection)
    found = look.session.get(CheckSheet, (look.organization_id, sheet))
    if found is None or not inspection.from_month <= found.month <= inspection.until_month:
        raise NotFound
    story = sheets.story_of(look.session, found)
    version = story.version
    if (text := request.args.get("version", "")) and text.isascii() and text.isdigit():
        version = next((each for each in story.versions if str(each.number) == text), version)
    checklist = library().checklist(found.checklist_key, found.edition)
    which = f"　第{version.number}版" if version else ""
    return look.page(
        "sheet", RecordKind.SHEET, about=f"{clock.screen_month(found.month)}分{which}", object_id=found.id,
        subject_id=found.worker_id, story=story, sheet=found, version=version, checklist=checklist,
        state=story.state, sections=checklist.sections_for(version.with_head_section) if version else (),
        number=sheet_paper.record_number(version) if version else "", is_late=story.is_late(look.today),
    )  # fmt: skip


@bp.get("/inspections/<uuid:inspection_id>/take-outs")
@guarded(policy.may_look, inspection=Inspection)
def take_outs_ledger(principal: Principal, inspection: Inspection) -> ResponseReturnValue:
    """The lines of the take-out ledger that began in the period."""
    look = _Look(principal, inspection)
    asked = take_outs.Asked(from_on=look.first, until_on=look.last)
    page = page_asked_for(take_outs.how_many(look.session, look.organization_id, asked, today=look.today))
    rows = take_outs.lines(
        look.session, look.organization_id, asked, today=look.today, limit=page.size, offset=page.offset
    )
    return look.page(
        "take_outs", RecordKind.TAKE_OUTS, about=_about(page), rows=rows, page=page, record=take_outs.record_number
    )


@bp.get("/inspections/<uuid:inspection_id>/take-outs/<uuid:take_out>")
@guarded(policy.may_look, inspection=Inspection)
def take_out(principal: Principal, inspection: Inspection, take_out: UUID) -> ResponseReturnValue:
    """One take-out of the period with all that happened to it; what was written about a loss is no part of it."""
    look = _Look(principal, inspection)
    found = look.session.get(TakeOut, (look.organization_id, take_out))
    if found is None:
        raise NotFound
    story = take_outs.story_of(look.session, found)
    standing = story.standing
    if not look.contains(standing.began_on):
        raise NotFound
    number = take_outs.record_number(found)
    return look.page(
        "take_out", RecordKind.TAKE_OUT, about=number, object_id=found.id, subject_id=found.worker_id, story=story,
        row=found, where=standing, number=number,
        protections=[Protection(each).label for each in found.protections],
    )  # fmt: skip


@bp.get("/inspections/<uuid:inspection_id>/receipts")
@guarded(policy.may_look, inspection=Inspection)
def receipts_register(principal: Principal, inspection: Inspection) -> ResponseReturnValue:
    """What was handed over in the period, inside the partner and with this municipality; not with others."""
    look = _Look(principal, inspection)
    asked = receipts.Asked(
        organization_id=look.organization_id, hiding_others_from=inspection.municipality_id, from_on=look.first,
        until_on=look.last,
    )  # fmt: skip
    page = page_asked_for(receipts.how_many(look.session, asked, today=look.today))
    rows = receipts.lines(look.session, asked, today=look.today, limit=page.size, offset=page.offset)
    return look.page(
        "receipts", RecordKind.RECEIPTS, about=_about(page), rows=rows, page=page, record=receipts.record_number,
        Side=Side,
    )  # fmt: skip


@bp.get("/inspections/<uuid:inspection_id>/pledges")
@guarded(policy.may_look, inspection=Inspection)
def pledges_signed(principal: Principal, inspection: Inspection) -> ResponseReturnValue:
    """Who signed which text in the period; not for engagements with other municipalities."""
    look = _Look(principal, inspection)
    period = (look.session, look.organization_id, look.first, look.last)
    theirs = inspection.municipality_id
    page = page_asked_for(pledges.how_many_signed_between(*period, municipality_id=theirs))
    rows = pledges.signed_between(*period, municipality_id=theirs, limit=page.size, offset=page.offset)
    return look.page(
        "pledges", RecordKind.PLEDGES, about=_about(page), rows=rows, page=page, record=pledges.record_number
    )


@bp.get("/inspections/<uuid:inspection_id>/courses")
@guarded(policy.may_look, inspection=Inspection)
def course_results(principal: Principal, inspection: Inspection) -> ResponseReturnValue:
    """Who took which course in the period, and whether it was passed; not what was answered wrongly."""
    look = _Look(principal, inspection)
    period = (look.session, look.organization_id, look.first, look.last)
    page = page_asked_for(courses.how_many_done_between(*period))
    rows = courses.done_between(*period, limit=page.size, offset=page.offset)
    return look.page("courses", RecordKind.COURSES, about=_about(page), rows=rows, page=page)
