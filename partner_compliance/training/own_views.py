"""The pages on which an organization writes its own courses, and takes quizzes and courses out as files."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from partner_compliance import clock
from partner_compliance.access import Principal, guarded
from partner_compliance.accounts.views import drop_held_input, typed_before
from partner_compliance.errors import InvalidInput, NotFound, Refused, RuleBroken
from partner_compliance.library import courses as shapes
from partner_compliance.organizations.models import Organization
from partner_compliance.training import gift, own_courses, policy, queries, scorm
from partner_compliance.training.desk_views import courses_offered
from partner_compliance.training.forms import (
    GiftForm,
    NewCourseForm,
    SeenForm,
    question_form,
    texts_form,
)
from partner_compliance.training.models import OwnCourse
from partner_compliance.training.own_courses import LESSON_KEYS
from partner_compliance.training.views import bp, sayer
from partner_compliance.training.words import SourceKind
from partner_compliance.web import database_session, file_response, library, put_at_field, restores_input

PLAIN = "text/plain; charset=utf-8"


def _organization(course: OwnCourse) -> Organization:
    return database_session().get_one(Organization, course.organization_id)


@bp.route("/organizations/<uuid:organization_id>/own-courses", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_keep, organization=Organization)
def own_list(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """The organization's own courses, and beginning one: empty, or from a course that there is."""
    session, offered = database_session(), courses_offered(organization)
    held = typed_before()
    form = NewCourseForm(held) if held else NewCourseForm()
    form.offer([each.course for each in offered.values()])
    if form.validate_on_submit():
        of = offered[form.source.data].course if form.source.data else None
        is_shelf = of is not None and not of.key.startswith(queries.OWN)
        try:
            made = own_courses.begin(
                session, library(), organization, title=form.title.data or "", of=of,
                kind=SourceKind.SHELF if is_shelf else SourceKind.OWN, by=principal, now=clock.now(),
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "title")
        else:
            drop_held_input()
            flash("下書きができました。文と問題を、団体に合うように書いてください。", "success")
            return redirect(url_for(".own_course", course_id=made.id), 303)
    page = render_template(
        "training/own_list.html",
        organization=organization,
        form=form,
        courses=queries.own_courses(session, organization.id),
        numbers=queries.newest_editions(session, organization.id),
        offered=offered,
    )
    return page, 422 if form.errors else 200


def _desk(course: OwnCourse, refusal: Refused | None = None) -> ResponseReturnValue:
    session, today = database_session(), clock.today()
    form = SeenForm(formdata=None)
    form.seen.show(course.revision)
    page = render_template(
        "training/own_course.html",
        course=course,
        organization=_organization(course),
        problems=own_courses.problems_of(course.draft, queries.law_on(library(), today)),
        wrong={each["key"]: own_courses.wrong_question(each) for each in course.draft["questions"]},
        editions=queries.editions_of(session, course),
        form=form,
        refusal=refusal,
        pool=shapes.POOL,
    )
    return page, refusal.status if refusal else 200


@bp.get("/own-courses/<uuid:course_id>")
@guarded(policy.may_write, course=OwnCourse)
def own_course(principal: Principal, course: OwnCourse) -> ResponseReturnValue:
    """A course being written: its questions, what is missing, and publishing."""
    return _desk(course)


@bp.route("/own-courses/<uuid:course_id>/texts", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_write, course=OwnCourse)
def own_texts(principal: Principal, course: OwnCourse) -> ResponseReturnValue:
    """The title, the lessons, the papers."""
    held = typed_before()
    draft = course.draft
    data = {name: draft[name] for name in ("title", "summary", "minutes", "asked", "handout", "discussion")}
    for key, lesson in zip(LESSON_KEYS, draft["lessons"], strict=False):
        data |= {f"{key}-title": lesson["title"], f"{key}-text": lesson["text"]}
    form = texts_form(formdata=held, data=data) if held else texts_form(data={**data, "seen": course.revision})
    refusal: Refused | None = None
    if form.validate_on_submit():
        try:
            own_courses.save_texts(
                database_session(), course, form.texts(), seen=form.seen.data or 0, by=principal, now=clock.now()
            )  # fmt: skip
        except InvalidInput as error:
            put_at_field(form, error, "title")
        except RuleBroken as error:
            refusal = error
            form.seen.show(course.revision)
        else:
            drop_held_input()
            flash("文を保存しました。", "success")
            return redirect(url_for(".own_course", course_id=course.id), 303)
    page = render_template(
        "training/own_texts.html",
        course=course,
        organization=_organization(course),
        form=form,
        refusal=refusal,
        keys=LESSON_KEYS,
        bounds={
            "lesson": shapes.LESSON_LENGTH,
            "handout": shapes.HANDOUT_LENGTH,
            "discussion": shapes.DISCUSSION_LENGTH,
        },
    )
    return page, refusal.status if refusal else 422 if form.errors else 200


@bp.route("/own-courses/<uuid:course_id>/questions/<key>", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_write, course=OwnCourse)
def own_question(principal: Principal, course: OwnCourse, key: str) -> ResponseReturnValue:
    """One question; `new` is one more."""
    found = next((each for each in course.draft["questions"] if each["key"] == key), None)
    if found is None and key != "new":
        raise NotFound
    data: dict[str, object] = {"ask": gift.ASK, "right": "0", "seen": course.revision}
    if found is not None:
        data |= {name: found[name] for name in ("lesson", "topic", "situation", "ask")}
        for at, choice in enumerate(found["choices"]):
            data |= {f"text-{at}": choice["text"], f"because-{at}": choice["because"]}
            data |= {"right": str(at)} if choice["right"] else {}
    held = typed_before()
    lessons = course.draft["lessons"]
    form = question_form(lessons, formdata=held) if held else question_form(lessons, data=data)
    refusal: Refused | None = None
    errors: list[tuple[str, str]] = []
    if form.validate_on_submit():
        question = form.question()
        errors = [("text-0", message) for message in own_courses.wrong_question({**question, "key": key})]
        if not errors:
            try:
                own_courses.save_question(
                    database_session(), course, "" if key == "new" else key, question, seen=form.seen.data or 0,
                    by=principal, now=clock.now(),
                )  # fmt: skip
            except InvalidInput as error:
                put_at_field(form, error, "situation")
            except RuleBroken as error:
                refusal = error
                form.seen.show(course.revision)
            else:
                drop_held_input()
                flash("問題を保存しました。", "success")
                return redirect(url_for(".own_course", course_id=course.id), 303)
    page = render_template(
        "training/own_question.html",
        course=course,
        organization=_organization(course),
        form=form,
        key=key,
        refusal=refusal,
        errors=errors,
        places=range(shapes.CHOICES[1]),
    )
    return page, refusal.status if refusal else 422 if form.errors or errors else 200


@bp.post("/own-courses/<uuid:course_id>/questions/<key>/removal")
@guarded(policy.may_write, course=OwnCourse)
def remove_question(principal: Principal, course: OwnCourse, key: str) -> ResponseReturnValue:
    """Take a question out of the draft."""
    form = SeenForm()
    try:
        own_courses.remove_question(
            database_session(), course, key, seen=form.seen.data or 0, by=principal, now=clock.now()
        )  # fmt: skip
    except RuleBroken as error:
        return _desk(course, error)
    flash("問題を下書きから除きました。公開した版は、そのまま残っています。", "success")
    return redirect(url_for(".own_course", course_id=course.id), 303)


@bp.route("/own-courses/<uuid:course_id>/gift", methods=["GET", "POST"])
@restores_input
@guarded(policy.may_write, course=OwnCourse)
def import_gift(principal: Principal, course: OwnCourse) -> ResponseReturnValue:
    """Take questions in from a GIFT text, all or none."""
    held = typed_before()
    form = GiftForm(held) if held else GiftForm(data={"seen": course.revision})
    refusal: Refused | None = None
    problems: list[gift.Problem] = []
    if form.validate_on_submit():
        try:
            count, replaced = own_courses.import_questions(
                database_session(), course, form.text.data or "", seen=form.seen.data or 0, by=principal,
                now=clock.now(),
            )  # fmt: skip
        except gift.BrokenGift as error:
            problems = error.problems
        except InvalidInput as error:
            put_at_field(form, error, "text")
        except RuleBroken as error:
            refusal = error
            form.seen.show(course.revision)
        else:
            drop_held_input()
            instead = f"うち{replaced}問は、同じ名前の問題と入れ替えました。" if replaced else ""
            flash(f"{count}問を取り込みました。{instead}足りない理由を書き足してください。", "success")
            return redirect(url_for(".own_course", course_id=course.id), 303)
    page = render_template(
        "training/import_gift.html",
        course=course,
        organization=_organization(course),
        form=form,
        refusal=refusal,
        problems=problems[:50],
    )
    return page, refusal.status if refusal else 422 if form.errors or problems else 200


@bp.get("/own-courses/<uuid:course_id>/preview")
@guarded(policy.may_write, course=OwnCourse)
def preview(principal: Principal, course: OwnCourse) -> ResponseReturnValue:
    """The whole draft as people will meet it, with all answers and explanations; nothing is recorded."""
    return render_template(
        "training/preview.html", course=course, organization=_organization(course), draft=course.draft,
        say=sayer(_organization(course).name),
    )  # fmt: skip


@bp.post("/own-courses/<uuid:course_id>/publication")
@guarded(policy.may_write, course=OwnCourse)
def publish_course(principal: Principal, course: OwnCourse) -> ResponseReturnValue:
    """Publish the draft to the organization's people."""
    form = SeenForm()
    try:
        made = own_courses.publish(
            database_session(), library(), course, seen=form.seen.data or 0, by=principal, now=clock.now()
        )  # fmt: skip
    except RuleBroken as error:
        return _desk(course, error)
    flash(f"第{made.number}版を公開しました。次に「割り当て」で、だれが受けるかを決めてください。", "success")
    return redirect(url_for(".own_course", course_id=course.id), 303)


@bp.post("/own-courses/<uuid:course_id>/retirement")
@guarded(policy.may_write, course=OwnCourse)
def retire_course(principal: Principal, course: OwnCourse) -> ResponseReturnValue:
    """Let nobody begin the course any more."""
    own_courses.retire(database_session(), course, by=principal, now=clock.now())
    flash("この講座を終えました。これまでの記録は残っています。", "success")
    return redirect(url_for(".own_course", course_id=course.id), 303)


# --- files ------------------------------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/courses/<key>/<any(gift,scorm):kind>")
@guarded(policy.may_keep, organization=Organization)
def course_file(principal: Principal, organization: Organization, key: str, kind: str) -> ResponseReturnValue:
    """The questions of a course as GIFT, or the whole course as a SCORM package."""
    offered = courses_offered(organization)
    if key not in offered:
        raise NotFound
    course = offered[key].course
    if kind == "gift":
        return file_response(gift.write(course.questions).encode(), name=f"{course.title}.gift.txt", mimetype=PLAIN)
    content = scorm.package(course, sayer(organization.name))
    return file_response(content, name=f"{course.title}_SCORM.zip", mimetype="application/zip")


@bp.get("/own-courses/<uuid:course_id>/draft-gift")
@guarded(policy.may_write, course=OwnCourse)
def draft_gift(principal: Principal, course: OwnCourse) -> ResponseReturnValue:
    """The questions of a draft as GIFT; those that are not complete stay out."""
    found = []
    for each in course.draft["questions"]:
        try:
            found.append(own_courses.as_question(each))
        except ValidationError:
            continue
    return file_response(gift.write(found).encode(), name=f"{course.title}_下書き.gift.txt", mimetype=PLAIN)
