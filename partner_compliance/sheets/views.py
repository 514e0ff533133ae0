"""The pages of the month's check sheet: the worker's, the center head's and the protection officer's."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import acts, clock
from partner_compliance.access import Principal, Role, guarded, opens_at_kiosks, proved_lately, proved_lately_to_read
from partner_compliance.accounts.views import drop_held_input, held_input
from partner_compliance.acts import Act
from partner_compliance.database import begin_writing
from partner_compliance.errors import InvalidInput, NotAllowed, NotFound, Refused, RuleBroken
from partner_compliance.kiosks.views import after_task
from partner_compliance.library.checklists import Checklist
from partner_compliance.organizations.models import Center, Organization, Worker
from partner_compliance.sheets import entrusted as entrusted_sheets
from partner_compliance.sheets import mending, operations, paper, policy, queries, spot_checks
from partner_compliance.sheets.beside import beside_answers, differing_in, facts_and_contradictions
from partner_compliance.sheets.forms import (
    DeadlinesForm,
    ExcuseForm,
    OutcomeForm,
    ReturnForm,
    SentSheet,
    read_date,
    read_sheet,
)
from partner_compliance.sheets.models import (
    BinderJob,
    CheckSheet,
    CorrectiveAction,
    ExcuseReason,
    MonthTally,
    SheetState,
)
from partner_compliance.web import database_session, file_response, library, reads_first, render_form, restores_input

bp = Blueprint("sheets", __name__, template_folder="templates")

#: Binders of up to this many sheets are made while the reader waits (some two seconds); larger ones in the background.
BINDER_AT_ONCE = 12


# --- the worker's month -----------------------------------------------------------------------------------------


@bp.get("/my/sheets")
@guarded(lambda principal: bool(principal.worker_ids))
def own(principal: Principal) -> ResponseReturnValue:
    """The reader's own sheets of the last two years."""
    return render_template(
        "sheets/own.html",
        rows=queries.sheets_of_workers(database_session(), principal.organization_ids, principal.worker_ids),
        today=clock.today(),
    )


@bp.route("/sheets/<uuid:sheet_id>/answers", methods=["GET", "POST"])
@restores_input
@opens_at_kiosks
@guarded(policy.may_fill_in, sheet=CheckSheet)
def fill_in(principal: Principal, sheet: CheckSheet) -> ResponseReturnValue:
    """The sheet to fill in, on one page."""
    story = queries.story_of(database_session(), sheet)
    if story.state in (SheetState.SUBMITTED, SheetState.SIGNED_OFF) and request.method == "GET":
        return redirect(url_for(".show", sheet_id=sheet.id))
    return _sheet_form(principal, story, "answers")


@bp.route("/sheets/<uuid:sheet_id>/correction", methods=["GET", "POST"])
@restores_input
@opens_at_kiosks
@guarded(policy.may_fill_in, sheet=CheckSheet)
def correct(principal: Principal, sheet: CheckSheet) -> ResponseReturnValue:
    """A new version of a submitted or signed-off sheet, with a reason; both stay readable."""
    story = queries.story_of(database_session(), sheet)
    if story.state not in (SheetState.SUBMITTED, SheetState.SIGNED_OFF) and request.method == "GET":
        return redirect(url_for(".fill_in", sheet_id=sheet.id))
    return _sheet_form(principal, story, "correction")


@bp.route("/sheets/<uuid:sheet_id>/paper-entry", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_enter_paper, sheet=CheckSheet)
def enter_from_paper(principal: Principal, sheet: CheckSheet) -> ResponseReturnValue:
    """Enter the sheet of a worker without an account of their own from paper."""
    story = queries.story_of(database_session(), sheet)
    if not policy.takes_paper_from(principal, sheet, story.worker, clock.today(), has_account=story.has_account):
        raise operations.HasAccount
    operations.record_look(database_session(), sheet, by=principal, now=clock.now(), name="sheet.viewed")
    return _sheet_form(principal, story, "paper")


def _sheet_form(principal: Principal, story: queries.SheetStory, mode: str) -> ResponseReturnValue:
    session, sheet = database_session(), story.sheet
    checklist = library().checklist(sheet.checklist_key, sheet.edition)
    if mode == "paper" or principal.kiosk_id is not None:  # at a shared tablet nobody is more than a worker
        head = Role.CENTER_HEAD in queries.posts_of(session, sheet.organization_id, sheet.worker_id)
    else:
        head = principal.is_(Role.CENTER_HEAD, sheet.organization_id)
    if request.method == "GET":
        return _form_page(story, checklist, _to_begin_with(story, checklist, mode, head=head), mode, head=head)
    sent = read_sheet(request.form, checklist, head=head)
    wants_draft = request.form.get("act") == "draft"
    is_correction = _is_correction(story, mode)
    _refuse_unfinished(
        sent,
        checklist,
        mode,
        head=head,
        is_draft=wants_draft,
        is_correction=is_correction,
        # A second press is told that it is one, not what it still lacks.
        is_submitted=not is_correction and story.state in (SheetState.SUBMITTED, SheetState.SIGNED_OFF),
    )
    if sent.errors:
        return _form_page(story, checklist, sent, mode, head=head, status=422)
    try:
        if wants_draft:
            operations.save_draft(session, sheet, sent.filled, by=principal, based_on=sent.based_on, now=clock.now())
        elif mode == "paper":
            _enter(principal, story, checklist, sent)
        else:
            operations.submit(
                session,
                sheet,
                checklist,
                sent.filled,
                by=principal,
                now=clock.now(),
                based_on=sent.based_on,
                seen=sent.seen,
            )
    except operations.ContradictsLedger as contradicts:
        sent.refuse_differing(contradicts.missing)
        return _form_page(story, checklist, sent, mode, head=head, status=422)
    except operations.Incomplete as incomplete:
        sent.refuse_missing(incomplete.missing)
        return _form_page(story, checklist, sent, mode, head=head, status=422)
    except InvalidInput as refusal:
        sent.refuse(refusal.message, "signed_on" if mode == "paper" and not wants_draft else "sheet")
        return _form_page(story, checklist, sent, mode, head=head, status=422)
    except Refused as refusal:
        if isinstance(refusal, operations.AlreadySubmitted) and mode == "answers":
            mode = "correction"
        return _form_page(story, checklist, sent, mode, head=head, status=refusal.status, refusal=refusal)
    drop_held_input()
    if wants_draft:
        flash("下書きを保存しました。まだ提出されていません。", "success")
        return redirect(request.script_root + request.path, 303)
    said = "訂正版を提出しました。" if mode == "correction" else "チェックシートを提出しました。"
    return after_task(principal, url_for(".show", sheet_id=sheet.id), said)


def _is_correction(story: queries.SheetStory, mode: str) -> bool:
    """Whether the form makes a new version of a sheet that was submitted already, and hence needs a reason."""
    return mode == "correction" or (mode == "paper" and story.state in (SheetState.SUBMITTED, SheetState.SIGNED_OFF))


def _refuse_unfinished(
    sent: SentSheet,
    checklist: Checklist,
    mode: str,
    *,
    head: bool,
    is_draft: bool,
    is_correction: bool,
    is_submitted: bool,
) -> None:
    """Say all that is missing at once; a draft may be unfinished."""
    if is_correction and not sent.filled.reason:
        sent.refuse("訂正の理由を書いてください。", "reason")
    if is_draft or is_submitted:
        return
    if mode == "paper" and read_date(sent.signed_on_text) is None:
        sent.refuse("紙に書かれた記入日を入力してください。", "signed_on")
    missing = operations.shortcomings(operations.settle(sent.filled, checklist, head=head), checklist, head=head)
    sent.refuse_missing(missing)


def _enter(principal: Principal, story: queries.SheetStory, checklist: Checklist, sent: SentSheet) -> None:
    signed_on = read_date(sent.signed_on_text)
    if signed_on is None:
        raise InvalidInput("紙に書かれた記入日を入力してください。")
    operations.enter_from_paper(
        database_session(),
        story.sheet,
        checklist,
        sent.filled,
        signed_on=signed_on,
        by=principal,
        now=clock.now(),
        seen=sent.seen,
    )


def _to_begin_with(story: queries.SheetStory, checklist: Checklist, mode: str, *, head: bool) -> SentSheet:
    """What the form shows first: what was typed when the sign-in ran out, else the draft, else the last version."""
    revision = story.draft.revision if story.draft else 0
    if held := held_input():
        fields = {name: values[0] for name, values in held.items() if values}
        sent = read_sheet(fields, checklist, head=head)
        return SentSheet(sent.filled, revision, signed_on_text=sent.signed_on_text)
    if story.draft is not None:
        draft = story.draft
        return SentSheet(
            operations.as_filled(
                draft.answers,
                no_take_out=draft.no_take_out,
                reason=draft.reason,
                explanations=draft.explanations,
            ),
            revision,
        )
    if story.version is not None:
        last = story.version
        signed_on = last.paper_signed_on.isoformat() if last.paper_signed_on else ""
        return SentSheet(
            operations.as_filled(last.answers, no_take_out=last.no_take_out), revision, signed_on_text=signed_on
        )
    return SentSheet(operations.Filled(), revision)


def _form_page(
    story: queries.SheetStory,
    checklist: Checklist,
    sent: SentSheet,
    mode: str,
    *,
    head: bool,
    status: int = 200,
    refusal: Refused | None = None,
) -> ResponseReturnValue:
    revision = sent.based_on
    # A page that came back without having been stale still rests on what it was first made from.
    seen = sent.seen if status == 422 and sent.seen is not None else story.events[-1].number if story.events else 0
    if isinstance(refusal, operations.ChangedMeanwhile):
        # The next press means it: it is based on what is kept now.
        revision = story.draft.revision if story.draft else 0
    shown = operations.settle(sent.filled, checklist, head=head) if status != 200 else sent.filled
    page = render_template(
        "sheets/fill_in.html",
        story=story,
        sheet=story.sheet,
        checklist=checklist,
        sections=checklist.sections_for(head),
        filled=shown,
        answered=sum(1 for given in shown.answers.values() if given.answer),
        total=len(checklist.items_for(head)),
        rule=checklist.default_rule,
        ledger=beside_answers(story, checklist),
        own_practice=current_app.extensions["beside_the_sheet"](database_session(), story.sheet.organization_id),
        mode=mode,
        is_correction=_is_correction(story, mode),
        revision=revision,
        seen=seen,
        sent=sent,
        refusal=refusal,
        has_errors=status == 422,
        is_unsaved=status != 200 or held_input() is not None,
        returned=story.events[-1] if story.state is SheetState.RETURNED else None,
        today=clock.today(),
        earliest=clock.first_day(story.sheet.month),
    )
    return page, status


# --- one sheet as a record --------------------------------------------------------------------------------------


@bp.get("/sheets/<uuid:sheet_id>")
@restores_input
@opens_at_kiosks
@guarded(policy.may_read, sheet=CheckSheet)
def show(principal: Principal, sheet: CheckSheet) -> ResponseReturnValue:
    """A sheet as a record: the worker's receipt, and the page on which it is signed off."""
    return _record_page(principal, sheet)


def _record_page(
    principal: Principal,
    sheet: CheckSheet,
    *,
    refusal: Refused | None = None,
    return_form: ReturnForm | None = None,
    excuse_form: ExcuseForm | None = None,
) -> ResponseReturnValue:
    session = database_session()
    story = queries.story_of(session, sheet)
    posts = queries.posts_of(session, sheet.organization_id, sheet.worker_id)
    _refuse_other_lines(principal, sheet, posts)
    checklist = library().checklist(sheet.checklist_key, sheet.edition)
    version = _version_asked_for(story)
    operations.record_look(session, sheet, by=principal, now=clock.now(), name="sheet.viewed")
    looked_over = facts_and_contradictions(story, checklist)
    page = render_template(
        "sheets/show.html",
        story=story,
        ledger=looked_over,
        may_explain=policy.is_own(principal, sheet) or policy.may_look_after(principal, sheet),
        sheet=sheet,
        state=story.state,
        version=version,
        checklist=checklist,
        sections=checklist.sections_for(version.with_head_section) if version else (),
        rule=checklist.default_rule,
        number=paper.record_number(version) if version else "",
        is_own=policy.is_own(principal, sheet),
        confirms=policy.confirms(principal, sheet, posts),
        may_excuse=policy.excuses(principal, sheet, posts) is not None,
        may_see_month=policy.may_see_month(principal, story.center),
        is_latest=version is not None and story.version is not None and version.number == story.version.number,
        is_late=story.is_late(clock.today()),
        takes_paper=policy.takes_paper_from(
            principal, sheet, story.worker, clock.today(), has_account=story.has_account
        ),
        return_form=return_form or ReturnForm(formdata=None, comment=_held("comment")),
        excuse_form=excuse_form or ExcuseForm(formdata=None, text=_held("text"), reason=_held_reason()),
        refusal=refusal,
        form=return_form or excuse_form,
        today=clock.today(),
    )
    failed = bool((return_form and return_form.errors) or (excuse_form and excuse_form.errors))
    return page, refusal.status if refusal else 422 if failed else 200


def _held(name: str) -> str:
    """What the reader had typed into a field of this page when the sign-in ran out."""
    return ((held_input() or {}).get(name) or [""])[0]


def _held_reason() -> ExcuseReason | None:
    text = _held("reason")
    return ExcuseReason(text) if text in set(ExcuseReason) else None


def _refuse_other_lines(principal: Principal, sheet: CheckSheet, posts: frozenset[Role]) -> None:
    """Some read only the sheets that they have to do with: representatives, and offices of networks."""
    session = database_session()
    worker = session.get_one(Worker, (sheet.organization_id, sheet.worker_id))
    if not policy.reads(principal, sheet, posts, has_account=queries.has_account(session, worker)):
        raise NotAllowed


def _version_asked_for(story: queries.SheetStory) -> Any:
    wanted = request.args.get("version", "")
    if not wanted:
        return story.version
    found = [version for version in story.versions if str(version.number) == wanted]
    if not found:
        raise NotFound
    return found[0]


def _number_sent() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


@bp.post("/sheets/<uuid:sheet_id>/sign-off")
@guarded(policy.may_confirm, sheet=CheckSheet)
def sign_off(principal: Principal, sheet: CheckSheet) -> ResponseReturnValue:
    """Sign off the version that was read."""
    try:
        operations.sign_off(database_session(), sheet, version_number=_number_sent(), by=principal, now=clock.now())
    except RuleBroken as refusal:
        return _record_page(principal, sheet, refusal=refusal)
    flash("確認済みにしました。", "success")
    return redirect(_after_confirming(principal, sheet), 303)


@bp.post("/sheets/<uuid:sheet_id>/return")
@guarded(policy.may_confirm, sheet=CheckSheet)
def return_for_changes(principal: Principal, sheet: CheckSheet) -> ResponseReturnValue:
    """Send a sheet back with a comment."""
    form = ReturnForm()
    if not form.validate():
        return _record_page(principal, sheet, return_form=form)
    try:
        operations.return_for_changes(
            database_session(),
            sheet,
            version_number=_number_sent(),
            comment=form.comment.data or "",
            by=principal,
            now=clock.now(),
        )
    except RuleBroken as refusal:
        return _record_page(principal, sheet, refusal=refusal, return_form=form)
    drop_held_input(url_for(".show", sheet_id=sheet.id))
    flash("差し戻しました。ご本人のホーム画面に、コメントが表示されます。", "success")
    return redirect(_after_confirming(principal, sheet), 303)


@bp.post("/sheets/<uuid:sheet_id>/excuse")
@guarded(policy.may_confirm, sheet=CheckSheet)
def excuse(principal: Principal, sheet: CheckSheet) -> ResponseReturnValue:
    """Record why no sheet is asked of a worker this month."""
    form = ExcuseForm()
    if not form.validate():
        return _record_page(principal, sheet, excuse_form=form)
    try:
        operations.excuse(
            database_session(), sheet, reason=form.reason.data, text=form.text.data or "", by=principal, now=clock.now()
        )
    except InvalidInput as refusal:
        form.text.errors = [refusal.message]
        return _record_page(principal, sheet, excuse_form=form)
    except RuleBroken as refusal:
        return _record_page(principal, sheet, refusal=refusal, excuse_form=form)
    drop_held_input(url_for(".show", sheet_id=sheet.id))
    flash("今月の対象外として記録しました。", "success")
    return redirect(_after_confirming(principal, sheet), 303)


def _after_confirming(principal: Principal, sheet: CheckSheet) -> str:
    """Back to the center's month for those who run it, else home."""
    if policy.may_look_after(principal, sheet) or principal.is_entrusted(sheet.organization_id):
        return url_for(".center_month", center_id=sheet.center_id, month=sheet.month)
    return url_for("reminders.home")


@bp.get("/sheets/<uuid:sheet_id>/blank.pdf")
@guarded(policy.may_read, sheet=CheckSheet)
def blank_pdf(principal: Principal, sheet: CheckSheet) -> ResponseReturnValue:
    """A sheet to fill in by hand, with name and month filled in."""
    session = database_session()
    posts = queries.posts_of(session, sheet.organization_id, sheet.worker_id)
    _refuse_other_lines(principal, sheet, posts)
    story = queries.story_of(session, sheet)
    checklist = library().checklist(sheet.checklist_key, sheet.edition)
    content = paper.record_pdf(story, checklist, None, head=Role.CENTER_HEAD in posts)
    name = f"チェックシート用紙_{sheet.month}_{story.worker.name}.pdf"
    return file_response(content, name=name, mimetype="application/pdf", inline=True)


@bp.get("/sheets/<uuid:sheet_id>/record.pdf")
@guarded(policy.may_read, sheet=CheckSheet)
def record_pdf(principal: Principal, sheet: CheckSheet) -> ResponseReturnValue:
    """The record of a submitted version as PDF."""
    session = database_session()
    _refuse_other_lines(principal, sheet, queries.posts_of(session, sheet.organization_id, sheet.worker_id))
    story = queries.story_of(session, sheet)
    version = _version_asked_for(story)
    if version is None:
        raise NotFound("このチェックシートは、まだ提出されていません。", "提出されると、記録を印刷できます。")
    checklist = library().checklist(sheet.checklist_key, sheet.edition)
    content = paper.record_pdf(story, checklist, version, head=False)
    operations.record_look(session, sheet, by=principal, now=clock.now(), name="sheet.printed")
    name = f"チェックシート_{sheet.month}_{story.worker.name}_第{version.number}版.pdf"
    return file_response(content, name=name, mimetype="application/pdf", inline=True)


# --- the head's month -------------------------------------------------------------------------------------------


def month_of(center: Center, month: str) -> MonthTally:
    """The counts of a center's month; raises NotFound for what is no month, or has not begun."""
    if not clock.is_month(month):
        raise NotFound
    tally = database_session().get(MonthTally, (center.organization_id, center.id, month))
    if tally is None:
        raise NotFound(
            "この月のチェックシートは、まだ始まっていません。", "チェックシートは、その月の25日から記入できます。"
        )
    return tally


@bp.get("/my/entrusted")
@guarded(policy.acts_for_networks)
def entrusted(principal: Principal) -> ResponseReturnValue:
    """The months of the members for which the reader's network acts today."""
    session = database_session()
    return render_template(
        "sheets/entrusted.html",
        months=entrusted_sheets.months(session, principal),
        heads=entrusted_sheets.heads_waiting(session, principal),
    )


@bp.get("/centers/<uuid:center_id>/months")
@guarded(policy.may_see_month, center=Center)
def center(principal: Principal, center: Center) -> ResponseReturnValue:
    """A center's newest month."""
    months = queries.months_of_center(database_session(), center, newest=1)
    if not months:
        raise NotFound("この拠点のチェックシートは、まだ始まっていません。", "チェックシートは、毎月25日に始まります。")
    return redirect(url_for(".center_month", center_id=center.id, month=months[0]))


@bp.get("/centers/<uuid:center_id>/months/<month>")
@guarded(policy.may_see_month, center=Center)
def center_month(principal: Principal, center: Center, month: str) -> ResponseReturnValue:
    """A center's month: everyone's state, exceptions first."""
    return _center_page(principal, center, month)


def _center_page(
    principal: Principal, center: Center, month: str, *, refusal: Refused | None = None
) -> ResponseReturnValue:
    session = database_session()
    tally = month_of(center, month)
    rows = queries.matrix(session, center, month)
    posts = queries.posts_in(session, center.organization_id)
    runs_center = policy.may_run_center(principal, center)
    if not runs_center:  # a network's office: only those with whose sheets it has to do
        rows = [
            row
            for row in rows
            if policy.reads(principal, row.sheet, posts.get(row.worker.id, ()), has_account=row.has_account)
        ]
    lines = {
        row.sheet.id: policy.confirms(principal, row.sheet, posts.get(row.worker.id, ())) is not None for row in rows
    }
    page = render_template(
        "sheets/center_month.html",
        center=center,
        month=month,
        tally=tally,
        # What waits for somebody else's sign-off comes after all that the reader can do something about.
        rows=sorted(rows, key=lambda row: row.urgency if lines[row.sheet.id] or not row.is_waiting else row.LAST_OPEN),
        confirms=lines,
        differing=differing_in(rows, today=clock.today()) if runs_center else {},
        drawn=spot_checks.drawn_for(session, center, month) if runs_center else None,
        spot_check_is_asked=runs_center and spot_checks.is_asked(session, center, month),
        has_blanks=any(not row.has_account and row.first_submitted_on is None for row in rows),
        posts=posts,
        own_ids=principal.worker_ids,
        closure=queries.closure_of(session, center, month),
        head_section=queries.head_section_is_answered(session, center, month),
        actions=queries.open_actions(session, center) if runs_center else [],
        binder=queries.newest_binder(session, center, month) if runs_center else None,
        runs_center=runs_center,
        network=principal.network_in(center.organization_id),
        organization=session.get_one(Organization, center.organization_id),
        enters={
            row.sheet.id for row in rows if policy.enters_for_network(principal, row.sheet, has_account=row.has_account)
        },
        may_print_blanks=policy.may_print_blanks(principal, center),
        months=queries.months_of_center(session, center),
        is_officer=principal.is_(Role.PROTECTION_OFFICER, center.organization_id),
        refusal=refusal,
        today=clock.today(),
    )
    return page, refusal.status if refusal else 200


@bp.post("/centers/<uuid:center_id>/months/<month>/closure")
@guarded(policy.may_run_center, center=Center)
@proved_lately
def close_month(principal: Principal, center: Center, month: str) -> ResponseReturnValue:
    """Close a center's month."""
    month_of(center, month)
    try:
        operations.close_month(database_session(), center, month, by=principal, now=clock.now())
    except RuleBroken as refusal:
        return _center_page(principal, center, month, refusal=refusal)
    flash(f"{clock.screen_month(month)}分を締めました。", "success")
    return redirect(url_for(".center_month", center_id=center.id, month=month), 303)


@bp.get("/centers/<uuid:center_id>/months/<month>/blanks.pdf")
@guarded(policy.may_print_blanks, center=Center)
def blanks_pdf(principal: Principal, center: Center, month: str) -> ResponseReturnValue:
    """Blank sheets of everyone without account who has not submitted yet, in one PDF."""
    month_of(center, month)
    session = database_session()
    posts = queries.posts_in(session, center.organization_id)
    stories = [
        (story, Role.CENTER_HEAD in posts.get(story.worker.id, ()))
        for story in queries.stories_of_month(session, center, month)
        if not story.has_account and story.version is None
    ]
    if not stories:
        raise NotFound("印刷する用紙はありません。", "アカウントのない方の用紙は、すべて提出されています。")
    content = paper.blanks_pdf(stories, library(), made_at=clock.now())
    return file_response(
        content, name=f"チェックシート用紙_{month}_{center.name}.pdf", mimetype="application/pdf", inline=True
    )


@bp.post("/centers/<uuid:center_id>/months/<month>/binder")
@reads_first
@guarded(policy.may_run_center, center=Center)
@proved_lately
def make_binder(principal: Principal, center: Center, month: str) -> ResponseReturnValue:
    """The center's month in one PDF: a small one at once, a large one in the background."""
    month_of(center, month)
    session = database_session()
    stories = queries.stories_of_month(session, center, month)
    if sum(1 for story in stories if story.version) <= BINDER_AT_ONCE and any(story.version for story in stories):
        content = paper.binder_pdf(stories, library(), center, month, made_at=clock.now())
        begin_writing(session)
        _record_binder(center, month, principal)
        return _binder_file(center, month, content)
    begin_writing(session)
    try:
        job = operations.request_binder(session, center, month, by=principal, now=clock.now())
    except RuleBroken as refusal:
        return _center_page(principal, center, month, refusal=refusal)
    return redirect(url_for(".binder", binder_id=job.id), 303)


def _binder_file(center: Center, month: str, content: bytes) -> ResponseReturnValue:
    return file_response(
        content, name=f"チェックシート綴り_{month}_{center.name}.pdf", mimetype="application/pdf", inline=False
    )


def _record_binder(center: Center, month: str, principal: Principal) -> None:
    acts.record(
        database_session(),
        Act(
            center.organization_id,
            "binder.downloaded",
            clock.now(),
            principal.actor,
            object_kind="center",
            object_id=center.id,
            details={"month": month},
        ),
    )


@bp.get("/binders/<uuid:binder_id>")
@guarded(policy.may_fetch_binder, binder=BinderJob)
def binder(principal: Principal, binder: BinderJob) -> ResponseReturnValue:
    """How far a binder is, and where it can be fetched."""
    center = database_session().get_one(Center, (binder.organization_id, binder.center_id))
    return render_template("sheets/binder.html", binder=binder, center=center)


@bp.get("/binders/<uuid:binder_id>/progress")
@guarded(policy.may_fetch_binder, binder=BinderJob)
def binder_progress(principal: Principal, binder: BinderJob) -> ResponseReturnValue:
    """How far a binder is, for the page that shows it."""
    return {
        "done": binder.done,
        "total": binder.total,
        "finished": binder.finished_at is not None,
        "url": url_for(".binder_pdf", binder_id=binder.id) if binder.finished_at and not binder.failure else "",
    }


@bp.get("/binders/<uuid:binder_id>/file.pdf")
@guarded(policy.may_fetch_binder, binder=BinderJob)
@proved_lately_to_read
def binder_pdf(principal: Principal, binder: BinderJob) -> ResponseReturnValue:
    """A binder that is ready."""
    if binder.pdf is None:
        raise NotFound("この綴りは、まだできていません。", "少し待ってから、もう一度開いてください。")
    center = database_session().get_one(Center, (binder.organization_id, binder.center_id))
    _record_binder(center, binder.month, principal)
    return _binder_file(center, binder.month, binder.pdf)


@bp.route("/actions/<uuid:action_id>", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_mend, action=CorrectiveAction)
def mend(principal: Principal, action: CorrectiveAction) -> ResponseReturnValue:
    """Record what was done about an item that needed improvement."""
    session = database_session()
    sheet = session.get_one(CheckSheet, (action.organization_id, action.sheet_id))
    center = session.get_one(Center, (sheet.organization_id, sheet.center_id))
    if not policy.may_run_center(principal, center):
        raise NotAllowed
    story = queries.story_of(session, sheet)
    checklist = library().checklist(sheet.checklist_key, sheet.edition)
    version = next(version for version in story.versions if version.id == action.version_id)
    form = OutcomeForm(outcome=_held("outcome"))
    refusal = None
    if form.validate_on_submit():
        try:
            mending.mend(session, action, outcome=form.outcome.data or "", by=principal, now=clock.now())
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash("改善の内容を記録しました。", "success")
            return redirect(url_for(".center_month", center_id=center.id, month=sheet.month), 303)
    operations.record_look(session, sheet, by=principal, now=clock.now(), name="sheet.viewed")
    page, status = render_form(
        "sheets/mend.html",
        form,
        action=action,
        sheet=sheet,
        center=center,
        worker=story.worker,
        item=checklist.items[action.item],
        organization=story.organization,
        rule=checklist.default_rule,
        given=(version.answers or {}).get(action.item, {"answer": "", "note": ""}),
        refusal=refusal,
    )
    return page, refusal.status if refusal else status


# --- the organization's months ----------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/months")
@guarded(policy.may_oversee, organization=Organization)
def organization_months(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Every center's last twelve months, and the heads' sheets that wait for the protection officer."""
    session = database_session()
    return render_template(
        "sheets/organization_months.html",
        organization=organization,
        tallies=queries.tallies(session, organization.id, newest=12),
        waiting=[
            row
            for row in queries.sheets_of_officers(session, [organization.id], role=Role.CENTER_HEAD)
            if row.worker.id not in principal.worker_ids
        ],
        today=clock.today(),
    )


@bp.route("/organizations/<uuid:organization_id>/deadlines", methods=["GET", "POST"])
@guarded(policy.may_oversee, organization=Organization)
def deadlines(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Earlier days for submission and sign-off, for months that open from now on."""
    form = DeadlinesForm(submission=organization.submission_business_day, sign_off=organization.sign_off_business_day)
    if form.validate_on_submit():
        try:
            operations.set_deadlines(
                database_session(),
                organization,
                submission=form.submission.data,
                sign_off=form.sign_off.data,
                by=principal,
                now=clock.now(),
            )
        except InvalidInput as refusal:
            form.sign_off.errors = [refusal.message]
        else:
            flash("期限を変更しました。次に始まる月から使われます。", "success")
            return redirect(url_for(".organization_months", organization_id=organization.id), 303)
    return render_form("sheets/deadlines.html", form, organization=organization)
