"""The pages of those who see to training: who takes what, who lacks it, groups and paper, what is understood."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import clock
from partner_compliance.access import Principal, Role, guarded
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.errors import InvalidInput, NotFound, Refused, RuleBroken
from partner_compliance.library.shelf import UnknownEdition
from partner_compliance.organizations.models import Center, Engagement, Organization, Worker
from partner_compliance.organizations.queries import centers_of
from partner_compliance.pledges.queries import current_engagements
from partner_compliance.training import groups, operations, paper, policy, queries, understanding
from partner_compliance.training.forms import AssignForm, CancelForm, PrepareForm, RecordForm
from partner_compliance.training.models import CourseAssignment, CourseResult, TrainingSession
from partner_compliance.training.queries import Offered
from partner_compliance.training.views import PDF, bp, sayer
from partner_compliance.training.words import Audience, Renewal, State
from partner_compliance.web import database_session, file_response, library, put_at_field, render_form, restores_input


def own_centers(principal: Principal, organization: Organization) -> frozenset[UUID] | None:
    """The centers to which a head's pages are narrowed; None for whoever sees them all."""
    if policy.may_keep(principal, organization):
        return None
    return frozenset(center for held, center in principal.headed_centers if held == organization.id)


def courses_offered(organization: Organization) -> dict[str, Offered]:
    """Every course that the organization's people can begin today, by key."""
    return queries.offered(database_session(), library(), organization.id, on=clock.today())


def whom(assignment: CourseAssignment, engagements: Collection[Engagement]) -> str:
    """Of whom a course is asked, in words."""
    if assignment.worker_kind is not None:
        return f"区分: {assignment.worker_kind.label}"
    if assignment.post is not None:
        return f"役職: {assignment.post.label}"
    if assignment.audience is Audience.ENGAGEMENT:
        title = next((each.title for each in engagements if each.id == assignment.engagement_id), "終わった連携")
        return f"連携: {title}"
    return assignment.audience.label


# --- where everyone stands --------------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/training")
@guarded(policy.may_lead, organization=Organization)
def index(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Per course who is asked and who holds it, the groups, and the situation to talk about next."""
    session, today = database_session(), clock.today()
    centers = own_centers(principal, organization)
    people = [worker for worker, _ in queries.active_workers(session, organization.id, centers, on=today)]
    duties = queries.Duties(session, people, on=today)
    courses = courses_offered(organization)
    counts: dict[str, dict[State, int]] = {}
    for worker in people:
        for duty in duties.of(worker):
            held = counts.setdefault(duty.course_key, dict.fromkeys(State, 0))
            held[duty.state] += 1
    since, until = understanding.quarter_of(today)
    found = understanding.rates(session, library(), organization.id, since, until, centers)
    return render_template(
        "training/index.html",
        organization=organization,
        counts=counts,
        states=State,
        titles={key: each.course.title for key, each in courses.items()},
        meetings=queries.meetings_of(session, organization.id, centers, limit=10),
        worst=understanding.worst(found),
        say=sayer(organization.name),
        may_keep=policy.may_keep(principal, organization),
        has_assignments=bool(queries.assignments_of(session, [organization.id], on=today)),
    )


@bp.get("/organizations/<uuid:organization_id>/training/people")
@guarded(policy.may_lead, organization=Organization)
def people(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Everyone with the courses that are asked of them, those who lack one first; by course, if one is chosen."""
    session, today = database_session(), clock.today()
    centers = own_centers(principal, organization)
    everyone = queries.active_workers(session, organization.id, centers, on=today)
    duties = queries.Duties(session, [worker for worker, _ in everyone], on=today)
    courses = courses_offered(organization)
    chosen = request.args.get("course", "")
    chosen = chosen if chosen in courses else ""
    rows = []
    for worker, center in everyone:
        asked = [each for each in duties.of(worker) if not chosen or each.course_key == chosen]
        if asked:
            rows.append((worker, center, asked))
    rows.sort(key=lambda row: all(each.state in (State.VALID, State.RENEWAL) for each in row[2]))
    return render_template(
        "training/people.html",
        organization=organization,
        rows=rows,
        chosen=chosen,
        titles={key: each.course.title for key, each in courses.items()},
        asked_keys=sorted({each.course_key for each in duties.assignments if each.course_key in courses}),
        may_keep=policy.may_keep(principal, organization),
        own_ids=principal.worker_ids,
    )


@bp.get("/organizations/<uuid:organization_id>/training/understanding")
@guarded(policy.may_lead, organization=Organization)
def rates(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """How often each situation was answered rightly at the first try, quarter by quarter; nobody is named."""
    session, today = database_session(), clock.today()
    centers = own_centers(principal, organization)
    since, until = _quarter(request.args.get("quarter", ""), today)
    found = understanding.rates(session, library(), organization.id, since, until, centers)
    by_course: dict[tuple[str, str], list[understanding.Rate]] = {}
    for each in found:
        by_course.setdefault((each.course.key, each.course.edition), []).append(each)
    return render_template(
        "training/rates.html",
        organization=organization,
        by_course=by_course,
        worst=understanding.worst(found),
        since=since,
        until=until,
        quarters=[understanding.quarter_of(day) for day in _quarters_back(today)],
        say=sayer(organization.name),
    )


def _quarters_back(today: date) -> list[date]:
    """A day in each of the last eight quarters, this one first."""
    found = [today]
    while len(found) < 8:
        begin, _ = understanding.quarter_of(found[-1])
        found.append(date.fromordinal(begin.toordinal() - 1))
    return found


def _quarter(said: str, today: date) -> tuple[date, date]:
    for day in _quarters_back(today):
        if understanding.quarter_of(day)[0].isoformat() == said:
            return understanding.quarter_of(day)
    return understanding.quarter_of(today)


@bp.get("/organizations/<uuid:organization_id>/training/topics/<key>/<edition>/<question>/pdf")
@guarded(policy.may_lead, organization=Organization)
def topic(
    principal: Principal, organization: Organization, key: str, edition: str, question: str
) -> ResponseReturnValue:
    """One situation as the topic of a meeting, as PDF."""
    session, today = database_session(), clock.today()
    try:
        course = queries.course_of(session, library(), organization.id, key, edition)
        asked = course.by_key[question]
    except (UnknownEdition, KeyError, ValueError):
        raise NotFound from None
    since, until = understanding.quarter_of(today)
    found = understanding.rates(
        session, library(), organization.id, since, until, own_centers(principal, organization)
    )  # fmt: skip
    rate = next((each for each in found if (each.course.key, each.question.key) == (key, question)), None)
    facts = f"この四半期は、{rate.answered}人のうち{rate.right}人が最初に正解しました。" if rate else ""
    content = paper.topic_pdf(course, asked, facts, sayer(organization.name), made_at=clock.now())
    return file_response(content, name=f"話し合いの題材_{asked.topic}.pdf", mimetype=PDF, inline=True)


# --- who takes what ---------------------------------------------------------------------------------------------


@bp.route("/organizations/<uuid:organization_id>/training/assignments", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_keep, organization=Organization)
def assignments(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """What is asked of whom, and asking for more."""
    session, today = database_session(), clock.today()
    engagements = current_engagements(session, [organization.id], today=today)
    courses = courses_offered(organization)
    held = typed_before()
    form = AssignForm(held) if held else AssignForm(data={"due_days": 30, "renewal": Renewal.FISCAL_YEAR})
    form.offer([each.course for each in courses.values()], engagements)
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            operations.assign(session, library(), organization, form.wanted(), by=principal, now=clock.now())
        except InvalidInput as error:
            put_at_field(form, error, "audience")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash("講座を割り当てました。対象の方のホームに表示されます。", "success")
            return redirect(url_for(".assignments", organization_id=organization.id), 303)
    found = queries.assignments_of(session, [organization.id], on=today)
    page = render_template(
        "training/assignments.html",
        organization=organization,
        form=form,
        refusal=refusal,
        rows=[(each, courses[each.course_key].course.title if each.course_key in courses else "終わった講座",
               whom(each, engagements)) for each in found],
        recommended=_missing_of_plan(found),
    )  # fmt: skip
    return page, refusal.status if refusal else 422 if form.errors else 200


def _missing_of_plan(found: Collection[CourseAssignment]) -> int:
    held = {(each.course_key, each.audience) for each in found}
    return sum(1 for key, audience, _, _ in operations.RECOMMENDED if (key, audience) not in held)


@bp.post("/organizations/<uuid:organization_id>/training/recommended")
@guarded(policy.may_keep, organization=Organization)
def recommended(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """Ask the courses of the recommended plan with one button."""
    made = operations.assign_recommended(
        database_session(), library(), organization, by=principal, now=clock.now()
    )  # fmt: skip
    flash(
        f"{len(made)}つの講座を割り当てました。" if made else "おすすめの講座は、すべて割り当てられています。",
        "success",
    )
    return redirect(url_for(".assignments", organization_id=organization.id), 303)


@bp.post("/course-assignments/<uuid:assignment_id>/end")
@guarded(policy.may_end, assignment=CourseAssignment)
def end(principal: Principal, assignment: CourseAssignment) -> ResponseReturnValue:
    """Ask the course no longer; results stay."""
    operations.end_assignment(database_session(), assignment, by=principal, now=clock.now())
    flash("割り当てを終えました。これまでの記録は残っています。", "success")
    return redirect(url_for(".assignments", organization_id=assignment.organization_id), 303)


# --- groups and paper -------------------------------------------------------------------------------------------


@bp.route("/organizations/<uuid:organization_id>/training/sessions", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_lead, organization=Organization)
def sessions(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The sessions of a group, and preparing one more."""
    session, today = database_session(), clock.today()
    mine = own_centers(principal, organization)
    centers = [each for each in centers_of(session, organization.id) if mine is None or each.id in mine]
    courses = courses_offered(organization)
    held = typed_before()
    form = PrepareForm(held) if held else PrepareForm()
    form.offer([each.course for each in courses.values()], centers, everyone=mine is None)
    refusal: Refused | None = None
    if form.validate_on_submit():
        center_id = None if form.center.data == "all" else UUID(form.center.data)
        try:
            made = groups.prepare(
                session, library(), organization, form.course.data, center_id, by=principal, now=clock.now()
            )  # fmt: skip
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash("問題を用意しました。用紙を印刷して、集まりの後に結果を入力してください。", "success")
            return redirect(url_for(".session", prepared_id=made.id), 303)
    page = render_template(
        "training/sessions.html",
        organization=organization,
        form=form,
        refusal=refusal,
        meetings=queries.meetings_of(session, organization.id, mine),
        today=today,
    )
    return page, refusal.status if refusal else 422 if form.errors else 200


def paper_number(prepared: TrainingSession) -> str:
    """The number that stands on a session's papers."""
    return f"SE-{prepared.id.hex[:8].upper()}"


@bp.route("/training-sessions/<uuid:prepared_id>", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_record, prepared=TrainingSession)
def session(principal: Principal, prepared: TrainingSession) -> ResponseReturnValue:
    """Papers to print, and after the meeting who was there and what was wrong."""
    database, today = database_session(), clock.today()
    organization = database.get_one(Organization, prepared.organization_id)
    centers = None if prepared.center_id is None else [prepared.center_id]
    everyone = [worker for worker, _ in queries.active_workers(database, organization.id, centers, on=today)]
    there = queries.people_at(database, prepared)
    record = queries.record_of(database, prepared)
    entered = {worker.id for worker, result in there if result is not None}
    left = [worker for worker in everyone if worker.id not in entered]
    held = typed_before()
    typed = request.form if request.method == "POST" else held or request.form
    facts = (
        {"held_on": record.held_on, "minutes": record.minutes, "led_by": record.led_by or "（消去済み）"}
        if record
        else {}
    )
    form = (
        RecordForm(held, data=facts) if held else RecordForm(data=facts or {"held_on": today, "led_by": principal.name})
    )
    refusal: Refused | None = None
    people_error = ""
    if form.validate_on_submit():
        wrong = _papers(prepared, left, typed)
        present = {each.id for each in left if "everyone" in typed or f"present-{each.id}" in typed}
        chosen = [worker for worker in left if worker.id in present | wrong.keys()]
        try:
            groups.record(
                database, library(), prepared, held_on=form.held_on.data, minutes=form.minutes.data,
                led_by=form.led_by.data, people=chosen, wrong=wrong, by=principal, now=clock.now(),
            )  # fmt: skip
        except InvalidInput as error:
            if getattr(error, "field", "people") in form:
                put_at_field(form, error, "held_on")
            else:
                people_error = error.message
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash(f"{len(chosen)}人の参加を記録しました。", "success")
            return redirect(url_for(".session", prepared_id=prepared.id), 303)
    course = queries.course_of(database, library(), organization.id, prepared.course_key, prepared.edition)
    page = render_template(
        "training/session.html",
        organization=organization,
        prepared=prepared,
        number=paper_number(prepared),
        course=course,
        record=record,
        there=there,
        left=left,
        already={worker.id for worker, _ in there},
        own_ids=principal.worker_ids,
        form=form,
        typed=typed,
        papers=_papers(prepared, left, typed),
        refusal=refusal,
        people_error=people_error,
        may_cancel=policy.may_keep(principal, organization),
    )
    return page, refusal.status if refusal else 422 if form.errors or people_error else 200


def _papers(prepared: TrainingSession, people: Collection[Worker], typed: Mapping[str, str]) -> dict[UUID, list[str]]:
    """Who handed in a paper, and what was wrong on it; a wrong answer says that there was a paper."""
    found = {}
    for each in people:
        wrong = [key for key in prepared.asked if f"wrong-{each.id}-{key}" in typed]
        if wrong or f"paper-{each.id}" in typed:
            found[each.id] = wrong
    return found


@bp.get("/training-sessions/<uuid:prepared_id>/<any(quiz,answers):kind>/pdf")
@guarded(policy.may_record, prepared=TrainingSession)
def session_paper(principal: Principal, prepared: TrainingSession, kind: str) -> ResponseReturnValue:
    """The quiz to fill in, or its answers with explanations, as PDF."""
    session = database_session()
    organization = session.get_one(Organization, prepared.organization_id)
    course = queries.course_of(session, library(), organization.id, prepared.course_key, prepared.edition)
    content = paper.quiz_pdf(
        course, prepared.asked, organization.name, paper_number(prepared), sayer(organization.name),
        with_answers=kind == "answers", made_at=clock.now(),
    )  # fmt: skip
    name = "答えと説明" if kind == "answers" else "確かめの問題"
    return file_response(content, name=f"{course.title}_{name}.pdf", mimetype=PDF, inline=True)


@bp.get("/training-sessions/<uuid:prepared_id>/<any(handout,discussion):kind>/pdf")
@guarded(policy.may_record, prepared=TrainingSession)
def session_sheet(principal: Principal, prepared: TrainingSession, kind: str) -> ResponseReturnValue:
    """The page to hand out, or the page for whoever leads, in the organization's own name."""
    session = database_session()
    organization = session.get_one(Organization, prepared.organization_id)
    course = queries.course_of(session, library(), organization.id, prepared.course_key, prepared.edition)
    content = paper.sheet_pdf(course, kind, sayer(organization.name), made_at=clock.now())
    return file_response(content, name=f"{course.title}_{paper.KINDS[kind]}.pdf", mimetype=PDF, inline=True)


# --- results ----------------------------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/training/results")
@guarded(policy.may_lead, organization=Organization)
def results(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The newest results of the organization's people, or of one person."""
    session, today = database_session(), clock.today()
    everyone = queries.active_workers(session, organization.id, own_centers(principal, organization), on=today)
    chosen = request.args.get("worker", "")
    some = [worker for worker, _ in everyone if not chosen or str(worker.id) == chosen]
    found = queries.results_of(session, some) if some else []
    names = {worker.id: worker.name for worker in some}
    return render_template(
        "training/results.html",
        organization=organization,
        rows=[(result, names[result.worker_id], cancelled) for result, cancelled in found[:200]],
        of=some[0] if chosen and len(some) == 1 else None,
        may_keep=policy.may_keep(principal, organization),
        own_ids=principal.worker_ids,
    )


@bp.route("/course-results/<uuid:result_id>/cancellation", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_cancel, result=CourseResult)
def cancel(principal: Principal, result: CourseResult) -> ResponseReturnValue:
    """Say that a result was recorded by mistake."""
    session = database_session()
    worker = session.get_one(Worker, (result.organization_id, result.worker_id))
    held = typed_before()
    form = CancelForm(held) if held else CancelForm()
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            operations.cancel(session, result, reason=form.reason.data or "", by=principal, now=clock.now())
        except InvalidInput as error:
            put_at_field(form, error, "reason")
        except RuleBroken as error:
            refusal = error
        else:
            drop_held_input()
            flash("記録を取り消しました。取り消した記録も、見ることができます。", "success")
            return redirect(url_for(".results", organization_id=result.organization_id), 303)
    page, status = render_form(
        "training/cancel.html", form, result=result, worker=worker, refusal=refusal,
        center=session.get_one(Center, (worker.organization_id, worker.center_id)),
    )  # fmt: skip
    return page, refusal.status if refusal else status


def leads_somewhere(principal: Principal) -> list[UUID]:
    """The organizations whose training the reader sees to."""
    roles = (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE, Role.CENTER_HEAD)
    return sorted({held.organization_id for held in principal.standings if held.role in roles and held.organization_id})
