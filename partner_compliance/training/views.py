"""The pages of whoever takes a course: what is asked, reading, answering, the result, and checking a certificate."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from partner_compliance import clock
from partner_compliance.access import Principal, anyone, guarded, opens_at_kiosks, public
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.errors import NotFound, Refused, RuleBroken, WrongEntry
from partner_compliance.kiosks.views import after_task
from partner_compliance.library.courses import PASS_PERCENT, Course, fill
from partner_compliance.library.prose import blocks
from partner_compliance.library.shelf import UnknownEdition
from partner_compliance.organizations.models import Municipality, Organization, Worker
from partner_compliance.training import operations, paper, policy, queries
from partner_compliance.training.models import CourseAttempt, CourseResult, OfficerAttempt, OfficerResult
from partner_compliance.training.queries import Attempt, Progress
from partner_compliance.web import database_session, file_response, library, restores_input

bp = Blueprint("training", __name__, template_folder="templates")
PDF = "application/pdf"

bp.add_app_template_filter(blocks, "prose")


def sayer(organization: str) -> Callable[[str], str]:
    """What fills a course's texts today: the organization's name, and the law as it stands."""
    law = queries.law_on(library(), clock.today())
    return lambda text: fill(text, organization, law)


def own_workers(principal: Principal) -> list[Worker]:
    """The reader's rows on rosters."""
    keys = {(held.organization_id, held.worker_id) for held in principal.standings if held.worker_id}
    return [database_session().get_one(Worker, key) for key in sorted(keys, key=str)]


def own_worker(principal: Principal, organization: Organization) -> Worker:
    """The reader's own row on an organization's roster; raises NotFound."""
    for worker in own_workers(principal):
        if worker.organization_id == organization.id:
            return worker
    raise NotFound


# --- what there is ----------------------------------------------------------------------------------------------


@bp.get("/my/courses")
@opens_at_kiosks
@guarded(policy.takes_courses)
def own(principal: Principal) -> ResponseReturnValue:
    """The courses that are asked of the reader, those that may be taken besides, and every result."""
    session, today = database_session(), clock.today()
    workers = own_workers(principal)
    duties = queries.Duties(session, workers, on=today)
    own_ones = queries.own_offered(session, {each.organization_id for each in workers}, on=today)
    shelf = {each.key: queries.Offered(each, each.key) for each in library().courses_for(today)}
    groups = []
    for worker in workers:
        courses = shelf | own_ones.get(worker.organization_id, {})
        asked = [each for each in duties.of(worker) if each.course_key in courses]
        keys = {each.course_key for each in asked}
        rest = [each.course for key, each in courses.items() if key not in keys and is_for_workers(each.course)]
        groups.append((session.get_one(Organization, worker.organization_id), asked, courses, rest))
    municipalities = [session.get_one(Municipality, each) for each in sorted(principal.municipality_ids)]
    for_officers = [each for each in shelf.values() if not is_for_workers(each.course)]
    return render_template(
        "training/own.html",
        groups=groups,
        begun=queries.begun_by(session, workers) if workers else set(),
        results=queries.results_of(session, workers) if workers else [],
        municipalities=municipalities if principal.kiosk_id is None else [],
        for_officers=[each.course for each in for_officers],
        others=[each.course for each in shelf.values() if is_for_workers(each.course)],
        officer_results=queries.officer_results(session, principal.municipality_ids, principal.user_id)
        if municipalities
        else [],
        today=today,
    )


def is_for_workers(course: Course) -> bool:
    """Whether a course is written for somebody else than municipal officers only."""
    return any(each.value != "municipal-officers" for each in course.suits)


@bp.get("/courses")
@guarded(anyone)
def shelf(principal: Principal) -> ResponseReturnValue:
    """Every course of the house, to read before deciding who takes which."""
    return render_template("training/shelf.html", courses=library().courses_for(clock.today()))


def _on_shelf(key: str) -> Course:
    try:
        return library().course_for(key, clock.today())
    except UnknownEdition:
        raise NotFound from None


@bp.get("/courses/<key>")
@guarded(anyone)
def course(principal: Principal, key: str) -> ResponseReturnValue:
    """What a course teaches, and its papers; the questions are met by taking it."""
    found = _on_shelf(key)
    return render_template("training/course.html", course=found, say=sayer("（団体名）"))


@bp.get("/courses/<key>/<any(handout,discussion):kind>/pdf")
@guarded(anyone)
def course_paper(principal: Principal, key: str, kind: str) -> ResponseReturnValue:
    """The page to hand out, or the page for whoever leads the talk."""
    found = _on_shelf(key)
    content = paper.sheet_pdf(found, kind, sayer("（団体名）"), made_at=clock.now())
    return file_response(content, name=f"{found.title}_{paper.KINDS[kind]}.pdf", mimetype=PDF, inline=True)


# --- taking one -------------------------------------------------------------------------------------------------


@bp.route("/organizations/<uuid:organization_id>/courses/<key>", methods=["GET", "POST"])
@opens_at_kiosks
@guarded(policy.may_take_in, organization=Organization)
def begin(principal: Principal, organization: Organization, key: str) -> ResponseReturnValue:
    """What the course is about, and the button with which it begins or goes on."""
    session, today = database_session(), clock.today()
    worker = own_worker(principal, organization)
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            attempt = operations.begin(session, library(), worker, key, by=principal, now=clock.now())
        except RuleBroken as error:
            refusal = error
        else:
            return redirect(url_for(".take", attempt_id=attempt.id), 303)
    offered = queries.offered(session, library(), organization.id, on=today)
    found = queries.open_attempt(session, worker, key)
    if found is None and key not in offered:
        raise NotFound
    going_on = queries.progress_of(session, library(), found) if found else None
    return _begin_page(going_on, going_on.course if going_on else offered[key].course, organization.name, refusal)


def _begin_page(
    going_on: Progress | None, course: Course, organization: str, refusal: Refused | None
) -> ResponseReturnValue:
    page = render_template(
        "training/begin.html",
        course=course,
        going_on=going_on,
        organization=organization,
        say=sayer(organization),
        pass_percent=PASS_PERCENT,
        refusal=refusal,
    )
    return page, refusal.status if refusal else 200


def _attempt_page(
    attempt: Attempt, organization: str, where: str, refusal: Refused | None = None, chosen: str = ""
) -> ResponseReturnValue:
    """The step of an attempt that comes now: a lesson, a question, or how it ended."""
    session = database_session()
    progress = queries.progress_of(session, library(), attempt)
    context: dict[str, Any] = {"say": sayer(organization), "progress": progress, "where": where, "refusal": refusal}
    status = refusal.status if refusal else 200
    if progress.question is None:
        result = queries.result_of(session, attempt)
        return render_template("training/result.html", result=result, **context), status
    if progress.lesson is not None:
        return render_template(
            "training/lesson.html", lesson=progress.course.lessons[progress.lesson], **context
        ), status
    question = progress.question
    held = typed_before() or MultiDict[str, str]()
    return render_template(
        "training/question.html",
        question=question,
        number=len(progress.right) + 1,
        order=progress.choices(question, progress.try_number),
        chosen=chosen or (held.get("choice", "") if held.get("question") == question.key else ""),
        **context,
    ), status


def _post_lesson(attempt: Attempt, principal: Principal) -> None:
    said = request.form.get("lesson", "")
    if said.isascii() and said.isdigit() and len(said) < 3:
        operations.read_lesson(database_session(), library(), attempt, int(said), by=principal)


def _number(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 4 else None


def _post_answer(attempt: Attempt, principal: Principal) -> Refused | int:
    """Take the answer that was sent; how many answers there are then, or why it was refused."""
    try:
        progress = operations.answer(
            database_session(), library(), attempt, request.form.get("question", "")[:60],
            _number(request.form.get("try", "")) or 0, _number(request.form.get("choice", "")),
            by=principal, now=clock.now(),
        )  # fmt: skip
    except (WrongEntry, RuleBroken) as error:
        return error
    drop_held_input()
    key = request.form.get("question", "")
    number = _number(request.form.get("try", "")) or 0
    places = [
        at for at, each in enumerate(progress.answers, 1) if (each.question_key, each.try_number) == (key, number)
    ]
    return places[0] if places else len(progress.answers)


def _feedback_page(attempt: Attempt, number: int, organization: str, where: str) -> ResponseReturnValue:
    """What was answered, whether it was right, and why each choice is right or wrong."""
    progress = queries.progress_of(database_session(), library(), attempt)
    if not 1 <= number <= len(progress.answers):
        raise NotFound
    given = progress.answers[number - 1]
    question = progress.course.by_key[given.question_key]
    return render_template(
        "training/feedback.html",
        progress=progress,
        given=given,
        question=question,
        order=progress.choices(question, given.try_number),
        lesson=progress.course.lesson_of(question),
        say=sayer(organization),
        where=where,
        is_last=progress.question is None,
    )


def _name_of(attempt: CourseAttempt) -> str:
    return database_session().get_one(Organization, attempt.organization_id).name


@bp.route("/course-attempts/<uuid:attempt_id>", methods=["GET", "POST"])
@opens_at_kiosks
@guarded(policy.may_take, attempt=CourseAttempt)
def take(principal: Principal, attempt: CourseAttempt) -> ResponseReturnValue:
    """The step that comes now; sending it back says that a lesson was read."""
    if request.method == "POST":
        _post_lesson(attempt, principal)
        return redirect(url_for(".take", attempt_id=attempt.id), 303)
    return _attempt_page(attempt, _name_of(attempt), "")


@bp.route("/course-attempts/<uuid:attempt_id>/answers", methods=["GET", "POST"])
@opens_at_kiosks
@restores_input
@guarded(policy.may_take, attempt=CourseAttempt)
def answer(principal: Principal, attempt: CourseAttempt) -> ResponseReturnValue:
    """Answer the question that is asked now."""
    if request.method == "GET":
        return _attempt_page(attempt, _name_of(attempt), "")
    said = _post_answer(attempt, principal)
    if isinstance(said, Refused):
        return _attempt_page(attempt, _name_of(attempt), "", said, request.form.get("choice", "")[:4])
    return redirect(url_for(".feedback", attempt_id=attempt.id, number=said), 303)


@bp.get("/course-attempts/<uuid:attempt_id>/answers/<int:number>")
@opens_at_kiosks
@guarded(policy.may_take, attempt=CourseAttempt)
def feedback(principal: Principal, attempt: CourseAttempt, number: int) -> ResponseReturnValue:
    """Why the answer was right or wrong."""
    return _feedback_page(attempt, number, _name_of(attempt), "")


@bp.post("/course-attempts/<uuid:attempt_id>/end")
@opens_at_kiosks
@guarded(policy.may_take, attempt=CourseAttempt)
def leave(principal: Principal, attempt: CourseAttempt) -> ResponseReturnValue:
    """Leave the course, finished or not; at a shared tablet out of the door."""
    if attempt.ended_at is None:
        said = "ここまでの答えを残しました。次に開くと、続きから始まります。"
    else:
        said = "講座の結果を記録しました。おつかれさまでした。"
    return after_task(principal, url_for(".own"), said)


@bp.get("/course-results/<uuid:result_id>/certificate")
@guarded(policy.may_see_result, result=CourseResult)
def certificate(principal: Principal, result: CourseResult) -> ResponseReturnValue:
    """The certificate of a course that was passed, as PDF."""
    session = database_session()
    if not result.is_passed or queries.cancellation_of(session, result) is not None:
        raise NotFound("この記録の修了証はありません。", "修了していないか、取り消された記録です。")
    organization = session.get_one(Organization, result.organization_id)
    address = url_for(".check", number=result.number, _external=True)
    content = paper.certificate_pdf(result, organization.name, result.way.label, address, made_at=clock.now())
    return file_response(content, name=f"修了証_{result.title}.pdf", mimetype=PDF, inline=True)


@bp.get("/certificates")
@public
def check() -> ResponseReturnValue:
    """Whether a certificate is genuine: the course, the day, the organization, and nobody's name."""
    typed = request.args.get("number", "")[:60]
    number = paper.tidy_number(typed)
    found = queries.certificate_under(database_session(), number) if number else None
    return render_template(
        "training/check.html", typed=typed, number=number, found=found, today=clock.today()
    ), 404 if typed and found is None else 200


# --- municipal officers -----------------------------------------------------------------------------------------


@bp.route("/municipalities/<uuid:municipality_id>/courses/<key>", methods=["GET", "POST"])
@guarded(policy.may_take_as_officer, municipality=Municipality)
def begin_as_officer(principal: Principal, municipality: Municipality, key: str) -> ResponseReturnValue:
    """What the course is about, for a municipal officer."""
    session = database_session()
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            attempt = operations.begin_as_officer(
                session, library(), municipality, key, by=principal, now=clock.now()
            )  # fmt: skip
        except RuleBroken as error:
            refusal = error
        else:
            return redirect(url_for(".take_as_officer", attempt_id=attempt.id), 303)
    found = queries.open_attempt(session, (municipality.id, principal.user_id), key)
    going_on = queries.progress_of(session, library(), found) if found else None
    return _begin_page(going_on, going_on.course if going_on else _on_shelf(key), municipality.name, refusal)


def _municipality_of(attempt: OfficerAttempt) -> str:
    return database_session().get_one(Municipality, attempt.municipality_id).name


@bp.route("/officer-attempts/<uuid:attempt_id>", methods=["GET", "POST"])
@guarded(policy.may_go_on_as_officer, attempt=OfficerAttempt)
def take_as_officer(principal: Principal, attempt: OfficerAttempt) -> ResponseReturnValue:
    """The step that comes now, for a municipal officer."""
    if request.method == "POST":
        _post_lesson(attempt, principal)
        return redirect(url_for(".take_as_officer", attempt_id=attempt.id), 303)
    return _attempt_page(attempt, _municipality_of(attempt), "_as_officer")


@bp.route("/officer-attempts/<uuid:attempt_id>/answers", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_go_on_as_officer, attempt=OfficerAttempt)
def answer_as_officer(principal: Principal, attempt: OfficerAttempt) -> ResponseReturnValue:
    """Answer the question that is asked now, for a municipal officer."""
    if request.method == "GET":
        return _attempt_page(attempt, _municipality_of(attempt), "_as_officer")
    said = _post_answer(attempt, principal)
    if isinstance(said, Refused):
        chosen = request.form.get("choice", "")[:4]
        return _attempt_page(attempt, _municipality_of(attempt), "_as_officer", said, chosen)
    return redirect(url_for(".feedback_as_officer", attempt_id=attempt.id, number=said), 303)


@bp.get("/officer-attempts/<uuid:attempt_id>/answers/<int:number>")
@guarded(policy.may_go_on_as_officer, attempt=OfficerAttempt)
def feedback_as_officer(principal: Principal, attempt: OfficerAttempt, number: int) -> ResponseReturnValue:
    """Why the answer was right or wrong, for a municipal officer."""
    return _feedback_page(attempt, number, _municipality_of(attempt), "_as_officer")


@bp.get("/officer-results/<uuid:result_id>/certificate")
@guarded(policy.may_see_officer_result, result=OfficerResult)
def officer_certificate(principal: Principal, result: OfficerResult) -> ResponseReturnValue:
    """A municipal officer's certificate, as PDF."""
    if not result.is_passed:
        raise NotFound("この記録の修了証はありません。", "修了していない記録です。")
    municipality = database_session().get_one(Municipality, result.municipality_id)
    address = url_for(".check", number=result.number, _external=True)
    content = paper.certificate_pdf(result, municipality.name, "画面で受講", address, made_at=clock.now())
    return file_response(content, name=f"修了証_{result.title}.pdf", mimetype=PDF, inline=True)
