"""The pages on which a roster is taken in from a file and given out as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from partner_compliance import clock
from partner_compliance.access import Principal, guarded, proved_lately_to_read
from partner_compliance.database import begin_writing
from partner_compliance.documents.spreadsheets import LARGEST_FILE, UnreadableTable
from partner_compliance.documents.tables import XLSX, to_csv, to_xlsx
from partner_compliance.errors import RuleBroken
from partner_compliance.imports import operations, policy, queries
from partner_compliance.imports.columns import COLUMNS, Fault, as_table, shown
from partner_compliance.imports.forms import UploadForm
from partner_compliance.imports.models import RosterUpload
from partner_compliance.imports.planning import Plan
from partner_compliance.organizations.models import Organization
from partner_compliance.web import (
    Page,
    database_session,
    file_response,
    page_asked_for,
    reads_first,
    render_form,
    takes_files,
)

bp = Blueprint("imports", __name__, template_folder="templates")

_CSV = "text/csv; charset=utf-8"
#: Faults that one page lists, and people of each kind on the first page of a preview and on a page of their own.
_MOST_FAULTS = 5_000
_FIRST, _PER_PAGE = 30, 100


# --- taking in --------------------------------------------------------------------------------------------------


@bp.route("/organizations/<uuid:organization_id>/roster/import", methods=["GET", "POST"])
@takes_files(LARGEST_FILE)
@reads_first
@guarded(policy.may_import, organization=Organization)
def start(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Choose a file; it is looked at, and nothing is taken in yet."""
    form = UploadForm()
    faults: Sequence[Fault] = ()
    notices: Sequence[str] = ()
    if form.validate_on_submit():
        session, now = database_session(), clock.now()
        content = form.file.data.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise RequestEntityTooLarge
        try:
            examined = operations.examine(
                session,
                organization.id,
                content,
                leave_on=form.last_day,
                uploader_id=principal.user_id,
                today=clock.local_date(now),
            )
        except UnreadableTable as refusal:
            form.file.errors = [refusal.message + refusal.what_to_do]
        else:
            faults, notices = examined.plan.faults, (*examined.notices, *examined.plan.notices)
            if not faults:
                organization_id = organization.id
                begin_writing(session)
                upload = operations.keep_upload(
                    session,
                    organization_id,
                    examined,
                    filename=_name_of(form.file.data.filename),
                    leave_on=form.last_day,
                    by=principal,
                    now=now,
                )
                return redirect(url_for(".show", organization_id=organization_id, upload_id=upload.id), 303)
    return render_form(
        "imports/start.html",
        form,
        organization=organization,
        faults=faults[:_MOST_FAULTS],
        more_faults=max(0, len(faults) - _MOST_FAULTS),
        faulty_rows=len({fault.row for fault in faults}),
        notices=notices,
        filename=_name_of(form.file.data.filename) if faults else "",
        columns=COLUMNS,
        most_rows=operations.MOST_ROWS,
        has_errors=bool(faults),
    )


def _name_of(filename: str | None) -> str:
    return shown((filename or "").replace("\\", "/").rpartition("/")[2]) or "ファイル"


@bp.get("/organizations/<uuid:organization_id>/roster/import/<uuid:upload_id>")
@guarded(policy.may_see_upload, organization=Organization, upload=RosterUpload)
def show(principal: Principal, organization: Organization, upload: RosterUpload) -> ResponseReturnValue:
    """What an upload would change, how far it is, or what it has changed."""
    return _upload_page(organization, upload)


def _upload_page(
    organization: Organization, upload: RosterUpload, refusal: RuleBroken | None = None
) -> ResponseReturnValue:
    if upload.finished_at is not None:
        return render_template("imports/done.html", organization=organization, upload=upload)
    if upload.confirmed_at is not None and refusal is None:
        return render_template("imports/progress.html", organization=organization, upload=upload)
    today = clock.today()
    state = queries.state_of(database_session(), upload.organization_id, today=today)
    plan = operations.compare(upload, state, today=today)
    page = render_template(
        "imports/preview.html",
        organization=organization,
        upload=upload,
        plan=plan,
        parts=_parts(plan),
        digest=state.digest,
        refusal=refusal,
        is_other=state.digest != upload.roster_digest,
        is_large=upload.total > operations.AT_ONCE,
        has_errors=bool(plan.faults),
    )
    return page, refusal.status if refusal else 409 if plan.faults else 200


@dataclass(frozen=True)
class _Part:
    """One kind of people in a preview: those shown, and where the others are."""

    key: str
    label: str
    total: int
    people: Sequence[Any]
    page: Page | None = None


def _parts(plan: Plan) -> list[_Part]:
    """The kinds of people; the first of each, or a page of the one that the address asks for (`?part=added&page=2`)."""
    kinds = {
        "added": ("追加", plan.added),
        "changed": ("変更", plan.changed),
        "ended": ("活動終了", plan.ended),
        "unchanged": ("変更なし", plan.unchanged),
    }
    wanted = request.args.get("part", "")
    if wanted in kinds:
        label, people = kinds[wanted]
        page = page_asked_for(len(people), _PER_PAGE)
        return [_Part(wanted, label, len(people), people[page.offset : page.offset + page.size], page)]
    return [_Part(key, label, len(people), people[:_FIRST]) for key, (label, people) in kinds.items()]


@bp.post("/organizations/<uuid:organization_id>/roster/import/<uuid:upload_id>/confirmation")
@guarded(policy.may_see_upload, organization=Organization, upload=RosterUpload)
def confirm(principal: Principal, organization: Organization, upload: RosterUpload) -> ResponseReturnValue:
    """Take in what was shown: at once, or in the background when there is much of it."""
    try:
        operations.confirm(
            database_session(),
            upload,
            based_on=request.form.get("based_on", ""),
            at_once=request.form.get("act") == "now",
            by=principal.actor,
            now=clock.now(),
        )
    except RuleBroken as refusal:
        return _upload_page(organization, upload, refusal)
    return redirect(url_for(".show", organization_id=organization.id, upload_id=upload.id), 303)


@bp.post("/organizations/<uuid:organization_id>/roster/import/<uuid:upload_id>/discarding")
@guarded(policy.may_see_upload, organization=Organization, upload=RosterUpload)
def discard(principal: Principal, organization: Organization, upload: RosterUpload) -> ResponseReturnValue:
    """Forget an upload; nothing was taken in."""
    operations.discard(database_session(), upload)
    flash("取り込みをやめました。名簿は変わっていません。")
    return redirect(url_for(".start", organization_id=organization.id), 303)


@bp.get("/organizations/<uuid:organization_id>/roster/import/<uuid:upload_id>/progress")
@guarded(policy.may_see_upload, organization=Organization, upload=RosterUpload)
def progress(principal: Principal, organization: Organization, upload: RosterUpload) -> ResponseReturnValue:
    """How far an upload is, for the page that shows it."""
    is_over = upload.finished_at is not None or upload.confirmed_at is None
    address = url_for(".show", organization_id=organization.id, upload_id=upload.id)
    return {"done": upload.done, "total": upload.total, "finished": is_over, "url": address if is_over else ""}


@bp.get("/organizations/<uuid:organization_id>/roster/import/template.csv")
@guarded(policy.may_import, organization=Organization)
def template_csv(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """An empty roster to fill in, as CSV."""
    return file_response(to_csv(as_table("名簿", [])), name="名簿のひな形.csv", mimetype=_CSV)


@bp.get("/organizations/<uuid:organization_id>/roster/import/template.xlsx")
@guarded(policy.may_import, organization=Organization)
def template_xlsx(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """An empty roster to fill in, as a workbook."""
    return file_response(to_xlsx(as_table("名簿", [])), name="名簿のひな形.xlsx", mimetype=XLSX)


# --- giving out -------------------------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/roster/export")
@guarded(policy.may_export, organization=Organization)
def export(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Choose whom the file holds, and its form."""
    return render_template("imports/export.html", organization=organization)


@bp.get("/organizations/<uuid:organization_id>/roster/export.csv")
@guarded(policy.may_export, organization=Organization)
@proved_lately_to_read
def export_csv(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The roster as CSV."""
    table, name = _exported(principal, organization, "CSV")
    return file_response(to_csv(table), name=f"{name}.csv", mimetype=_CSV)


@bp.get("/organizations/<uuid:organization_id>/roster/export.xlsx")
@guarded(policy.may_export, organization=Organization)
@proved_lately_to_read
def export_xlsx(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The roster as a workbook."""
    table, name = _exported(principal, organization, "XLSX")
    return file_response(to_xlsx(table, created=clock.now()), name=f"{name}.xlsx", mimetype=XLSX)


def _exported(principal: Principal, organization: Organization, form: str) -> tuple[Any, str]:
    session, now = database_session(), clock.now()
    today = clock.local_date(now)
    only_active = request.args.get("who") == "active"
    cells = queries.roster_cells(session, organization.id, today=today, only_active=only_active)
    operations.record_export(session, organization.id, rows=len(cells), form=form, by=principal.actor, now=now)
    return as_table("従事者名簿", cells), f"従事者名簿_{today.isoformat()}"
