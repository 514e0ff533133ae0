"""The pages of the roster (従事者名簿): the list, rows and their changes, confirming it, handing it in."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, guarded, proved_lately_to_read
from partner_compliance.errors import InvalidInput, NotFound, Refused, RuleBroken
from partner_compliance.organizations.models import Center, Organization, Worker, WorkerKind
from partner_compliance.organizations.queries import centers_of
from partner_compliance.roster import operations, paper, policy, queries, submissions
from partner_compliance.roster.forms import (
    WorkerForm,
    as_held,
    as_query,
    read_asked,
    read_choice,
    read_count,
    typed,
    worker_name,
)
from partner_compliance.roster.models import FIELD_LABELS, Post, Project, RosterSubmission, SubmissionScope
from partner_compliance.roster.operations import WorkerFacts
from partner_compliance.web import database_session, file_response, page_asked_for, render_form, restores_input

bp = Blueprint("roster", __name__, template_folder="templates")


class TooManyForPaper(RuleBroken):
    """A roster too long to be laid out while somebody waits."""

    message = f"{paper.PDF_UP_TO}人を超える名簿は、PDFにできません。"
    what_to_do = "名簿の画面にある「この画面を印刷する」から印刷してください。"


# --- the list ---------------------------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/roster")
@guarded(policy.may_see, organization=Organization)
def index(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The roster, by reading of the name: everyone, or for a head the people of the own centers."""
    session, today = database_session(), clock.today()
    sees_everyone = policy.sees_everyone(principal, organization)
    headed = frozenset(center for where, center in principal.headed_centers if where == organization.id)
    asked = read_asked(request.args, None if sees_everyone else headed)
    page = page_asked_for(queries.how_many(session, organization.id, asked, today=today))
    query = as_query(asked)
    return render_template(
        "roster/index.html",
        organization=organization,
        rows=queries.rows(session, organization.id, asked, today=today, limit=page.size, offset=page.offset),
        page=page,
        asked=asked,
        is_filtered=bool(query),
        address="?" + urlencode(query) + ("&" if query else ""),
        centers=[center for center in centers_of(session, organization.id) if sees_everyone or center.id in headed],
        projects=queries.projects_of(session, organization.id),
        kinds=list(WorkerKind),
        presences=list(queries.Presence),
        confirmed=queries.last_confirmations(session, [organization.id]).get(organization.id),
        sees_everyone=sees_everyone,
        may_keep=policy.may_keep(principal, organization),
        may_open=lambda worker: policy.may_read_changes(principal, worker),
        person_page="people.show",
        today=today,
    )


# --- a row ------------------------------------------------------------------------------------------------------


@bp.route("/organizations/<uuid:organization_id>/workers/new", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_keep, organization=Organization)
def add(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Put someone on the roster."""
    session = database_session()
    form, centers = _form(organization.id, None)
    same: list[Worker] = []
    if form.validate_on_submit():
        same = queries.same_name(session, organization.id, form.name.data or "")
        made = _saved(form, principal, organization.id, None, same)
        if isinstance(made, Worker):
            _drop_held_input()
            flash(f"{made.name}さんを名簿に加えました。", "success")
            if "people.show" == "people.show":
                return redirect(url_for("people.show", worker_id=made.id), 303)
            return redirect(url_for(".index", organization_id=organization.id), 303)
    return render_form(
        "roster/worker_form.html", form, organization=organization, worker=None, centers=centers, same=same,
        worker_name=worker_name, refusal=None, clash=[], is_held=_held() is not None,
    )  # fmt: skip


@bp.route("/workers/<uuid:worker_id>/edit", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_change, worker=Worker)
def edit(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """Change what the roster says of someone."""
    session = database_session()
    organization = session.get_one(Organization, worker.organization_id)
    form, centers = _form(organization.id, worker)
    same: list[Worker] = []
    refusal: Refused | None = None
    clash: list[tuple[str, str, str]] = []
    if form.validate_on_submit():
        if queries.folded(form.name.data or "") != queries.folded(worker.name):
            same = queries.same_name(session, organization.id, form.name.data or "", but=worker.id)
        try:
            saved = _saved(form, principal, organization.id, worker, same)
        except operations.ChangedMeanwhile as changed:
            refusal, clash = changed, _clash(form, worker)
            # The next press means it: it is based on what is kept now.
            form.based_on.data = str(operations.last_number(session, worker))
        else:
            if saved is not None:
                _drop_held_input()
                flash("登録内容を変更しました。" if saved else "変わったところはありませんでした。", "success")
                return redirect(url_for("people.show", worker_id=worker.id), 303)
    else:
        operations.record_look(session, worker, by=principal, now=clock.now())
    page, status = render_form(
        "roster/worker_form.html", form, organization=organization, worker=worker, centers=centers, same=same,
        worker_name=worker_name, refusal=refusal, clash=clash, is_held=_held() is not None,
    )  # fmt: skip
    return page, refusal.status if refusal else status


def _form(organization_id: UUID, worker: Worker | None) -> tuple[WorkerForm, list[Center]]:
    """The form with its choices: what was typed before the sign-in ran out, else what the roster says."""
    session, today = database_session(), clock.today()
    facts = operations.facts_of(session, worker) if worker else None
    kept = {facts.center_id, *facts.other_centers, *facts.projects} if facts else set()
    centers = [
        each
        for each in centers_of(session, organization_id)
        if each.closed_on is None or each.closed_on >= today or each.id in kept
    ]
    projects = [
        each
        for each in queries.projects_of(session, organization_id)
        if each.closed_on is None or each.closed_on >= today or each.id in kept
    ]
    shown: dict[str, Any] = typed(facts, operations.last_number(session, worker)) if facts and worker else {}
    held = _held()
    form = WorkerForm(formdata=as_held(held)) if held else WorkerForm(**shown)
    form.offer(centers, projects, today)
    return form, centers


def _saved(
    form: WorkerForm, principal: Principal, organization_id: UUID, worker: Worker | None, same: list[Worker]
) -> Worker | frozenset[str] | None:
    """Who was added, or the fields that were changed; None when the form has to come back with its errors."""
    session, now = database_session(), clock.now()
    if same and not form.is_other_person.data:
        form.is_other_person.errors = ["同じ氏名の方がすでにいます。別の方かどうかを確かめて、印を付けてください。"]
        return None
    try:
        new = []
        if name := form.new_project.data:
            try:
                new = [operations.project_named(session, organization_id, name, by=principal.actor, now=now).id]
            except InvalidInput as refusal:
                form.new_project.errors = [refusal.message]
                return None
        facts = form.facts(left_on=worker.left_on if worker else None, projects=new)
        if worker is None:
            return operations.add_worker(session, organization_id, facts, by=principal.actor, now=now)
        return operations.change_worker(
            session, worker, facts, based_on=read_count(form.based_on.data), by=principal.actor, now=now
        )
    except operations.WrongFacts as wrong:
        form.refuse(wrong.faults)
    except operations.StaffNumberTaken as taken:
        form.staff_number.errors = [f"{taken.message}{taken.what_to_do}"]
    return None


def _clash(form: WorkerForm, worker: Worker) -> list[tuple[str, str, str]]:
    """Where what was typed differs from what somebody else has saved meanwhile: (what, now, typed)."""
    session = database_session()
    names = queries.names_of_centers(session, worker.organization_id)
    names |= {project.id: project.name for project in queries.projects_of(session, worker.organization_id)}
    now, wanted = operations.facts_of(session, worker).settled(), form.facts(left_on=worker.left_on).settled()
    return [(FIELD_LABELS[name], _words(now, name, names), _words(wanted, name, names)) for name in FIELD_LABELS
            if name in operations.differing(now, wanted)]  # fmt: skip


def _words(facts: WorkerFacts, name: str, names: dict[UUID, str]) -> str:
    return queries.words_of(name, getattr(facts, name), names)


def _held() -> dict[str, list[str]] | None:
    """What was typed on this page when the sign-in ran out; the room of sign-ins, above this one, keeps it."""
    if request.method != "GET":
        return None
    found: dict[str, list[str]] | None = current_app.extensions["held_input"]()
    return found


def _drop_held_input() -> None:
    current_app.extensions["drop_held_input"]()


@bp.get("/workers/<uuid:worker_id>/changes")
@guarded(policy.may_read_changes, worker=Worker)
def changes(principal: Principal, worker: Worker) -> ResponseReturnValue:
    """Everything that was ever changed about someone on the roster, newest first."""
    session = database_session()
    operations.record_look(session, worker, by=principal, now=clock.now())
    page = page_asked_for(queries.how_many_versions(session, worker))
    organization = session.get_one(Organization, worker.organization_id)
    return render_template(
        "roster/changes.html",
        worker=worker,
        organization=organization,
        changes=queries.changes_of(session, worker, limit=page.size, offset=page.offset),
        page=page,
        is_own=worker.id in principal.worker_ids,
        may_change=policy.may_change(principal, worker),
        may_see_roster=policy.may_see(principal, organization),
        person_page="people.show",
    )


# --- confirming it ----------------------------------------------------------------------------------------------

#: Posts that the rules want to be held, each deputy by another person (DOMAIN ladder 1a).
_WANTED_POSTS = (
    Post.PRIVACY_OFFICER,
    Post.PRIVACY_OFFICER_DEPUTY,
    Post.SECURITY_MANAGER,
    Post.SECURITY_MANAGER_DEPUTY,
)


@bp.route("/organizations/<uuid:organization_id>/roster/confirmation", methods=["GET", "POST"])
@guarded(policy.may_keep, organization=Organization)
def confirm(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Look through the roster and confirm it, every 90 days."""
    session, now = database_session(), clock.now()
    refusal = None
    if request.method == "POST":
        try:
            made = operations.confirm_roster(
                session, organization, seen=request.form.get("seen", ""), by=principal, now=now
            )
        except operations.RosterChangedMeanwhile as changed:
            refusal = changed
        else:
            lapses_on = clock.era_date(made.confirmed_on + queries.CONFIRMED_FOR)
            flash(f"名簿を確認しました。次の確認は、{lapses_on}までにお願いします。", "success")
            return redirect(url_for(".index", organization_id=organization.id), 303)
    today = clock.local_date(now)
    incomplete = queries.Asked(lacks=True)
    held = queries.posts_with_names(session, organization.id, today=today)
    page = render_template(
        "roster/confirm.html",
        organization=organization,
        counts=queries.counts_of(session, [organization.id], today=today).get(organization.id, queries.Counts()),
        rows=queries.rows(session, organization.id, incomplete, today=today, limit=50),
        leaving=queries.how_many(
            session, organization.id, queries.Asked(presence=queries.Presence.LEAVING), today=today
        ),
        held=held,
        vacant=[post for post in _WANTED_POSTS if post not in {post for post, *_ in held}],
        confirmed=queries.last_confirmations(session, [organization.id]).get(organization.id),
        earlier=queries.confirmations_of(session, organization.id),
        seen=queries.state_of(session, organization.id),
        refusal=refusal,
        today=today,
    )
    return page, refusal.status if refusal else 200


# --- handing it in ----------------------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/roster/submissions")
@guarded(policy.may_read_submissions, organization=Organization)
def submitted(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """What was handed to municipalities, and whether the roster has changed since."""
    session, today = database_session(), clock.today()
    page = page_asked_for(queries.how_many_submissions(session, organization.id))
    return render_template(
        "roster/submitted.html",
        organization=organization,
        made=queries.submissions_of(session, organization.id, limit=page.size, offset=page.offset),
        page=page,
        standing=_standing(organization),
        may_keep=policy.may_keep(principal, organization),
        today=today,
    )


def _standing(organization: Organization) -> list[dict[str, Any]]:
    """Each engagement of today with its last submission and what has changed since, in a fixed number of statements."""
    session, today = database_session(), clock.today()
    engagements = queries.engagements_today(session, organization.id, today=today)
    last = queries.last_submissions(session, organization.id)
    everyone = queries.rows(session, organization.id, queries.Asked(), today=today)
    posts = queries.posts_with_names(session, organization.id, today=today)
    projects = {str(project.id): project for project in queries.projects_of(session, organization.id)}
    found = []
    for engagement, municipality in engagements:
        newest = last.get(engagement.id)
        heading = (newest.heading if newest else None) or {}
        scope, project = _scope_of(heading, projects)
        differs = None
        if newest is not None and (scope is not SubmissionScope.PROJECT or project is not None):
            draft = submissions.draft_of(
                everyone, posts, organization=organization, engagement=engagement, municipality=municipality,
                scope=scope, project=project,
            )  # fmt: skip
            differs = submissions.since(newest, draft)
        found.append({
            "engagement": engagement, "municipality": municipality, "last": newest, "differs": differs,
            "query": {"engagement": engagement.id, "scope": scope.value, "project": project.id if project else ""},
        })  # fmt: skip
    return found


def _scope_of(heading: dict[str, Any], projects: dict[str, Project]) -> tuple[SubmissionScope, Project | None]:
    """Whom a submission was about, as far as that can still be said."""
    word = heading.get("scope", "")
    scope = SubmissionScope(word) if word in set(SubmissionScope) else SubmissionScope.HANDLERS
    return scope, projects.get(heading.get("project", "")) if scope is SubmissionScope.PROJECT else None


@bp.route("/organizations/<uuid:organization_id>/roster/submissions/new", methods=["GET", "POST"])
@guarded(policy.may_keep, organization=Organization)
def submit(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Choose under which engagement and whom, look at the roster as it will be handed in, and settle it."""
    session, now = database_session(), clock.now()
    today = clock.local_date(now)
    engagements = queries.engagements_today(session, organization.id, today=today)
    engagement_id, scope, project_id = read_choice(request.form if request.method == "POST" else request.args)
    if engagement_id is None and engagements and request.method == "GET":
        engagement_id = engagements[0][0].id
    refusal: Refused | None = None
    faults: dict[str, str] = {}
    draft = None
    if request.method == "POST":
        try:
            made = operations.submit_roster(
                session, organization, engagement_id or UUID(int=0), scope, project_id,
                seen=request.form.get("seen", ""), by=principal, now=now,
            )  # fmt: skip
        except operations.WrongFacts as wrong:
            faults = wrong.faults
        except Refused as refused:
            refusal = refused
        else:
            flash("提出用の名簿を確定しました。印刷して、自治体に提出してください。", "success")
            return redirect(url_for(".submission", submission_id=made.id), 303)
    if engagement_id is not None and not faults:
        try:
            draft = operations.draft_submission(session, organization, engagement_id, scope, project_id, today=today)
        except operations.WrongFacts as wrong:
            faults = wrong.faults
    last = queries.last_submissions(session, organization.id).get(engagement_id) if engagement_id else None
    page = render_template(
        "roster/submit.html",
        organization=organization,
        engagements=engagements,
        projects=queries.projects_of(session, organization.id),
        scopes=list(SubmissionScope),
        engagement_id=engagement_id,
        scope=scope,
        project_id=project_id,
        draft=draft,
        last=last,
        differs=submissions.since(last, draft) if last and draft else None,
        faults=faults,
        # A filter that is not complete yet is no error of the reader's.
        has_errors=bool(faults) and request.method == "POST",
        refusal=refusal,
        today=today,
    )
    if request.method == "POST":
        return page, refusal.status if refusal else 422
    return page


@bp.get("/roster-submissions/<uuid:submission_id>")
@guarded(policy.may_read_submission, submission=RosterSubmission)
def submission(principal: Principal, submission: RosterSubmission) -> ResponseReturnValue:
    """A roster as it was handed in, and what differs from the one before."""
    session = database_session()
    before = queries.submission_before(session, submission)
    return render_template(
        "roster/submission.html",
        organization=session.get_one(Organization, submission.organization_id),
        submission=submission,
        heading=submission.heading or {},
        number=submissions.number_of(submission),
        pdf_up_to=paper.PDF_UP_TO,
        before=before,
        differs=submissions.between(before, submission),
    )


@bp.get("/roster-submissions/<uuid:submission_id>/roster.pdf")
@guarded(policy.may_read_submission, submission=RosterSubmission)
@proved_lately_to_read
def submission_pdf(principal: Principal, submission: RosterSubmission) -> ResponseReturnValue:
    """A roster as it was handed in, to print."""
    session = database_session()
    if submission.rows is None:
        raise NotFound("この名簿の内容は、消去されています。", "消去した記録は、記録の履歴で確かめられます。")
    if len(submission.rows) > paper.PDF_UP_TO:
        raise TooManyForPaper
    content = paper.submission_pdf(submission, queries.submission_before(session, submission))
    operations.record_print(session, submission, by=principal, now=clock.now())
    made_on = clock.local_date(submission.made_at)
    name = f"業務従事者名簿_{made_on.isoformat()}_第{submission.number}回.pdf"
    return file_response(content, name=name, mimetype="application/pdf", inline=True)
