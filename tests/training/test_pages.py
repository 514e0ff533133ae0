"""The pages of courses: what is typed stays, what is hostile is shown as it is, certificates say no names."""

import re

import pytest

from partner_compliance.access import Role
from partner_compliance.accounts import operations as accounts
from partner_compliance.acts import SYSTEM
from partner_compliance.training import gift, queries
from partner_compliance.training.models import OwnCourse
from tests.factories import a_municipality, an_officer_of, signed_in
from tests.training.conftest import COURSE

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "${7*7}", "%s", "葛\U000e0100飾"]


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def pages(room, app):
    """Clients by the name of the person, signed in."""
    room.house.session.commit()

    def of(person):
        return signed_in(app, person.user, now=room.time.moment)

    return of


def address(room, rest=""):
    return f"/organizations/{room.house.organization.id}/{rest}"


def token(client, where):
    page = client.get(where)
    assert page.status_code == 200, page.text[:300]
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]


def post(client, where, form_at=None, **data):
    return client.post(where, data={"csrf_token": token(client, form_at or where), **data})


def hidden(page, name):
    return re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)[1]


def play(room, client, key=COURSE, wrong=0):
    """Take a course as a browser does, without JavaScript; the address of the last page."""
    begun = post(client, address(room, f"courses/{key}"))
    at = begun.headers["Location"]
    course = room.course(key)
    while 'name="lesson"' in (page := client.get(at).text):
        post(client, at, lesson=hidden(page, "lesson"))
    while 'name="question"' in page:
        question = course.by_key[hidden(page, "question")]
        number = hidden(page, "try")
        is_wrong = number == "1" and wrong > 0
        wrong -= is_wrong
        choice = (question.right + 1) % len(question.choices) if is_wrong else question.right
        answered = post(
            client, at + "/answers", form_at=at, question=question.key, choice=str(choice), **{"try": number}
        )  # fmt: skip
        told = client.get(answered.headers["Location"]).text
        assert question.choices[choice].because in told
        page = client.get(at).text
    return page


def test_a_worker_takes_a_course_without_javascript_and_gets_a_certificate(room, pages):
    client = pages(room.house.worker)
    page = play(room, client, wrong=1)
    assert "修了しました" in page
    where = re.search(r"/course-results/[^/]+/certificate", page)[0]
    certificate = client.get(where)
    assert certificate.mimetype == "application/pdf"
    number = re.search(r"KZ-[0-9A-Z-]+", page)[0]
    from io import BytesIO

    from pypdf import PdfReader

    text = "".join(each.extract_text() for each in PdfReader(BytesIO(certificate.data)).pages)
    assert number in text
    assert "山田" in text or room.house.worker.worker.name.replace(" ", "") in text.replace(" ", "")


def test_anyone_checks_a_certificate_and_learns_no_name(room, pages, app):
    play(room, pages(room.house.worker))
    room.house.session.rollback()
    [(result, _)] = queries.results_of(room.house.session, [room.house.worker.worker])
    stranger = app.test_client()
    page = stranger.get("/certificates", query_string={"number": result.number.lower().replace("-", " ")}).text
    assert "この修了証は本物です" in page
    assert "守秘義務の基本" in page
    assert room.house.organization.name in page
    assert room.house.worker.worker.name not in page
    assert str(result.right_at_first) + "問" not in page
    for typed in ("KZ-2222-2222-2222", "x", "<script>", "' OR 1=1 --", "9" * 60):
        missed = stranger.get("/certificates", query_string={"number": typed})
        assert missed.status_code == 404
        assert "<script>" not in missed.text.split("<main", 1)[1]


def test_without_a_choice_the_page_says_so_and_keeps_the_question(room, pages):
    client = pages(room.house.worker)
    at = post(client, address(room, f"courses/{COURSE}")).headers["Location"]
    while 'name="lesson"' in (page := client.get(at).text):
        post(client, at, lesson=hidden(page, "lesson"))
    key = hidden(page, "question")
    refused = post(client, at + "/answers", form_at=at, question=key, **{"try": "1"})
    assert refused.status_code == 422
    assert "答えを一つ選んでください" in refused.text
    assert hidden(refused.text, "question") == key


@pytest.mark.parametrize("odd", ["x", "-1", "99", "１", "1e3", "9" * 400])
def test_odd_answers_are_refused_and_break_nothing(room, pages, odd):
    client = pages(room.house.worker)
    at = post(client, address(room, f"courses/{COURSE}")).headers["Location"]
    while 'name="lesson"' in (page := client.get(at).text):
        post(client, at, lesson=hidden(page, "lesson"))
    for changed in ({"choice": odd}, {"try": odd}, {"question": odd}):
        sent = {"question": hidden(page, "question"), "try": "1", "choice": "0"} | changed
        assert post(client, at + "/answers", form_at=at, **sent).status_code in (409, 422)
    for path in (f"{at}/answers/{odd}", "/certificates?number=" + odd):
        assert client.get(path).status_code in (404, 302, 308)


def test_hostile_words_in_an_own_course_are_shown_as_they_are(room, pages):
    client = pages(room.house.officer)
    for text in HOSTILE:
        where = post(client, address(room, "own-courses"), title=text, source=COURSE).headers["Location"]
        for page in (client.get(where), client.get(where + "/preview"), client.get(address(room, "own-courses"))):
            assert page.status_code == 200
            assert "<script>alert" not in page.text
            assert "<img src=x" not in page.text
            assert "49" not in re.sub(r"<[^>]+>", "", page.text.split("<main", 1)[1].split("<h2", 1)[0])


def test_a_gift_file_with_errors_names_the_lines_and_keeps_what_was_pasted(room, pages):
    client = pages(room.house.officer)
    where = post(client, address(room, "own-courses"), title="講座", source="").headers["Location"] + "/gift"
    text = "場面{=はい ~いいえ}\n\n場面その二{=はい"
    seen = hidden(client.get(where).text, "seen")
    refused = post(client, where, text=text, seen=seen)
    assert refused.status_code == 422
    assert "3行目" in refused.text
    assert "場面その二{=はい" in refused.text
    room.house.session.rollback()
    [course] = queries.own_courses(room.house.session, room.house.organization.id)
    assert course.draft["questions"] == []


def test_a_gift_round_trip_through_the_pages_keeps_every_question(room, pages):
    client = pages(room.house.officer)
    text = client.get(address(room, f"courses/{COURSE}/gift")).data.decode()
    where = post(client, address(room, "own-courses"), title="講座", source="").headers["Location"]
    seen = hidden(client.get(where + "/gift").text, "seen")
    assert post(client, where + "/gift", text=text, seen=seen).status_code == 303
    room.house.session.rollback()
    [course] = queries.own_courses(room.house.session, room.house.organization.id)
    kept = [{**each, "lesson": ""} for each in course.draft["questions"]]
    assert kept == [{**each.model_dump(mode="json"), "lesson": ""} for each in room.course().questions]
    assert client.get(where + "/draft-gift").data.decode().count("::") == text.count("::")
    assert gift.write(room.course().questions) == text


def test_what_was_typed_stays_when_somebody_else_was_faster(room, pages):
    client = pages(room.house.officer)
    where = post(client, address(room, "own-courses"), title="講座", source=COURSE).headers["Location"]
    seen = hidden(client.get(where + "/texts").text, "seen")
    assert post(client, where + "/texts", title="先に", minutes="6", asked="6", seen=seen).status_code == 303
    refused = post(client, where + "/texts", title="後から", minutes="6", asked="6", seen=seen)
    assert refused.status_code == 409
    assert "後から" in refused.text
    room.house.session.rollback()
    course = room.house.session.scalars(OwnCourse.__table__.select().with_only_columns(OwnCourse.title)).one()
    assert course == "先に"


def test_the_officer_assigns_with_one_button_and_sees_where_everyone_stands(room, pages):
    client = pages(room.house.officer)
    post(client, address(room, "training/recommended"), form_at=address(room, "training/assignments"))
    index = client.get(address(room, "training")).text
    assert "守秘義務の基本" in index
    assert "0/" in index
    people = client.get(address(room, "training/people")).text
    assert room.house.worker.worker.name in people
    home = pages(room.house.worker).get("/").text
    assert "受ける講座が" in home


def test_the_worst_situation_of_the_quarter_is_offered_for_the_next_meeting(room, pages):
    play(room, pages(room.house.worker), wrong=1)
    client = pages(room.house.officer)
    index = client.get(address(room, "training")).text
    assert "次の集まりで話し合いませんか" in index
    where = re.search(r"/organizations/[^\"]+/training/topics/[^\"]+/pdf", index)[0]
    assert client.get(where).mimetype == "application/pdf"
    rates = client.get(address(room, "training/understanding")).text
    assert "0/1人" in rates
    assert "1/1人" in rates
    assert room.house.worker.worker.name not in rates.split("<main", 1)[1]


def test_a_head_enters_papers_and_an_own_paper_is_not_offered(room, pages):
    client = pages(room.house.head)
    where = post(
        client, address(room, "training/sessions"), course=COURSE, center=str(room.house.center.id)
    ).headers["Location"]  # fmt: skip
    for kind in ("quiz", "answers", "handout", "discussion"):
        assert client.get(f"{where}/{kind}/pdf").mimetype == "application/pdf"
    page = client.get(where).text
    volunteer, head = room.house.volunteer.id, room.house.head.worker.id
    assert f"paper-{volunteer}" in page
    assert f"paper-{head}" not in page
    form = {"held_on": "2026-11-27", "minutes": "30", "led_by": "東 京子"}
    nobody = post(client, where, **form)
    assert nobody.status_code == 422
    done = post(client, where, **form, **{f"present-{volunteer}": "y", f"paper-{volunteer}": "y"})
    assert done.status_code == 303
    assert "集まりで受講" in client.get(where).text or "紙で受講" in client.get(where).text


def test_everyone_is_marked_as_present_at_once_and_a_wrong_answer_says_that_there_was_a_paper(room, pages):
    client = pages(room.house.head)
    where = post(
        client, address(room, "training/sessions"), course=COURSE, center=str(room.house.center.id)
    ).headers["Location"]  # fmt: skip
    volunteer = room.house.volunteer.id
    [first] = re.findall(rf'name="wrong-{volunteer}-([^"]+)"', client.get(where).text)[:1]
    form = {"minutes": "30", "led_by": "東 京子", "everyone": "y", f"wrong-{volunteer}-{first}": "y"}
    refused = post(client, where, held_on="", **form)
    assert refused.status_code == 422
    assert re.search(r'id="everyone"[^>]* checked', refused.text)
    assert re.search(rf'name="wrong-{volunteer}-{first}"[^>]* checked', refused.text)
    assert post(client, where, held_on="2026-11-27", **form).status_code == 303
    there = client.get(where).text
    assert there.count("参加だけ") == 4
    assert "6問中5問正解" in there


def test_a_municipal_officer_takes_the_course_for_officers(room, pages, app):
    session = room.house.session
    city = a_municipality(session)
    user = an_officer_of(session, city)
    session.commit()
    client = signed_in(app, user, now=room.time.moment)
    assert "自治体担当者のための共有判断" in client.get("/my/courses").text
    at = post(client, f"/municipalities/{city.id}/courses/sharing-decisions").headers["Location"]
    course = room.course("sharing-decisions")
    while 'name="lesson"' in (page := client.get(at).text):
        post(client, at, lesson=hidden(page, "lesson"))
    while 'name="question"' in page:
        question = course.by_key[hidden(page, "question")]
        sent = {"question": question.key, "choice": str(question.right), "try": hidden(page, "try")}
        assert post(client, at + "/answers", form_at=at, **sent).status_code == 303
        page = client.get(at).text
    assert "修了しました" in page
    assert client.get(re.search(r"/officer-results/[^/]+/certificate", page)[0]).mimetype == "application/pdf"


def test_a_course_file_is_a_package_or_gift(room, pages):
    client = pages(room.house.officer)
    assert client.get(address(room, f"courses/{COURSE}/scorm")).data.startswith(b"PK")
    assert client.get(address(room, "courses/nowhere/scorm")).status_code == 404


def test_who_is_new_to_a_role_sees_no_training_of_others(room, pages):
    assert pages(room.house.worker).get(address(room, "training")).status_code == 403
    accounts.grant_role(
        room.house.session, room.house.worker.worker, Role.REPRESENTATIVE, by=SYSTEM, now=room.time.moment
    )  # fmt: skip
    room.house.session.commit()
    assert pages(room.house.worker).get(address(room, "training")).status_code == 200


def test_what_is_filled_into_a_text_gets_no_guessed_readings(room, pages):
    client = pages(room.house.worker)
    assert "<ruby>" not in client.get("/courses/why-the-law").text

    client.post("/furigana", data={"furigana": "on", "next": "/courses/why-the-law"})

    page = client.get("/courses/why-the-law").text
    assert "<rt>ほうりつ</rt>" in page
    assert "児童虐待防止法第5条第3項" in page
