"""A package as a learning platform plays it: in a frame, reporting by SCORM 1.2, resumed where it was left."""

import io
import json
import mimetypes
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, Route, expect

from partner_compliance.library.courses import Course, Question, fill
from partner_compliance.library.shelf import Library
from partner_compliance.training import scorm

pytestmark = pytest.mark.browser

ORIGIN = "http://127.0.0.1:9"  # nothing listens there: every answer comes from the test
#: A platform as strict as the standard allows: it knows only what is set between the beginning and the end of a visit,
#: and keeps the learner's place only for one who leaves to come back.
PLATFORM = """\
<!doctype html><html lang="ja"><meta charset="utf-8"><title>platform</title><script>
const held = JSON.parse(localStorage.held || "{}"), calls = JSON.parse(localStorage.calls || "[]");
let isOpen = false;
function say(name, ...said) { calls.push([name, ...said]); localStorage.calls = JSON.stringify(calls); }
const limits = {
  "cmi.core.lesson_status": /^(passed|completed|failed|incomplete|browsed|not attempted)$/,
  "cmi.core.score.raw": /^\\d{1,3}$/, "cmi.core.score.min": /^0$/, "cmi.core.score.max": /^100$/,
  "cmi.core.exit": /^(time-out|suspend|logout|)$/, "cmi.suspend_data": /^[^]{0,4096}$/,
};
window.API = {
  LMSInitialize(none) { say("LMSInitialize", none); isOpen = true; return "true"; },
  LMSGetValue(name) { return isOpen ? held[name] || (name === "cmi.core.lesson_status" ? "not attempted" : "") : ""; },
  LMSSetValue(name, value) {
    const fits = isOpen && typeof value === "string" && name in limits && limits[name].test(value);
    say(fits ? "LMSSetValue" : "refused", name, value);
    if (fits) { held[name] = value; }
    return String(fits);
  },
  LMSCommit(none) { localStorage.held = JSON.stringify(held); return "true"; },
  LMSFinish(none) {
    if (held["cmi.core.exit"] !== "suspend") { delete held["cmi.suspend_data"]; }
    delete held["cmi.core.exit"];
    say("LMSFinish", none);
    localStorage.held = JSON.stringify(held);
    isOpen = false;
    return "true";
  },
  LMSGetLastError() { return "0"; },
};
</script><iframe src="/package/index.html" title="course" width="900" height="800"></iframe></html>
"""


@dataclass
class Platform:
    """A learning platform with one course, and what it was told."""

    page: Page
    course: Course
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    @property
    def calls(self) -> list[list[str]]:
        return list(json.loads(self.page.evaluate("localStorage.calls")))

    def told(self, name: str) -> list[str]:
        """Every value that was reported under a name, in order."""
        return [
            value for call, said, *values in self.calls for value in values if (call, said) == ("LMSSetValue", name)
        ]

    def visit(self) -> None:
        """Open the course, or open it again."""
        self.page.goto(f"{ORIGIN}/")

    def read_lessons(self) -> None:
        for lesson in self.course.lessons:
            expect(self.frame.locator(".step:visible h2")).to_have_text(lesson.title)
            self.frame.get_by_role("button", name="読みました。次へ").click()

    def asked(self) -> Question:
        key = self.frame.locator(".question:visible").get_attribute("data-key")
        assert key is not None
        return self.course.by_key[key]

    def answer(self, *, wrongly: bool = False) -> Question:
        """Answer the question that is asked and go on."""
        question = self.asked()
        choice = question.choices[(question.right + 1) % len(question.choices) if wrongly else question.right]
        self.frame.locator("label:visible").filter(has=self.page.get_by_text(choice.text, exact=True)).click()
        self.frame.get_by_role("button", name="答える").click()
        for each in question.choices:
            expect(self.frame.get_by_text(each.because, exact=True)).to_be_visible()
        verdict = "もう一度考えてみましょう" if wrongly else "そのとおりです"
        expect(self.frame.locator(".verdict:visible")).to_contain_text(verdict)
        self.frame.get_by_role("button", name="次へ").click()
        return question

    def answer_all(self) -> list[str]:
        """Answer everything rightly that is still asked; the keys in their order."""
        keys = []
        while self.frame.locator(".question:visible").count():
            keys.append(self.answer().key)
        return keys


@pytest.fixture
def platform(chromium: Browser, library: Library) -> Iterator[Platform]:
    """A platform with the course on secrecy; at the end nothing went wrong on its pages."""
    course = library.course_for("secrecy-basics", date(2026, 11, 27))
    with zipfile.ZipFile(io.BytesIO(scorm.package(course, lambda text: fill(text, "みどりの会", {})))) as archive:
        files = {f"/package/{name}": archive.read(name) for name in archive.namelist()}
    files["/"] = PLATFORM.encode()
    context = chromium.new_context(locale="ja-JP")
    context.set_default_timeout(15_000)
    made = Platform(context.new_page(), course)

    def serve(route: Route) -> None:
        address = urlsplit(route.request.url)
        if f"{address.scheme}://{address.netloc}" != ORIGIN or address.path not in files:
            made.foreign.append(route.request.url)
            route.abort()
            return
        kind = mimetypes.guess_type(address.path)[0] or "text/html"
        route.fulfill(body=files[address.path], content_type=f"{kind}; charset=utf-8")

    context.route("**/*", serve)
    context.on("console", lambda message: made.errors.append(message.text))
    context.on("weberror", lambda error: made.errors.append(str(error.error)))
    yield made
    refused: list[Any] = [each for each in made.calls if each[0] == "refused"]
    context.close()
    assert [each for each in made.foreign if not each.endswith("/favicon.ico")] == []
    assert made.errors == []
    assert refused == []


def test_a_platform_learns_what_was_answered_and_the_learner_goes_on_where_they_left(platform: Platform) -> None:
    platform.visit()
    platform.read_lessons()
    missed = platform.answer(wrongly=True).key
    waiting = platform.asked().key
    assert platform.told("cmi.core.lesson_status") == ["incomplete"]

    platform.visit()
    assert platform.asked().key == waiting  # no lesson again, and not the question that was answered
    asked = platform.answer_all()
    assert asked[-1] == missed
    assert len({*asked}) == platform.course.asked
    expect(platform.frame.locator(".score:visible")).to_contain_text("6問中5問が正解")
    assert platform.told("cmi.core.lesson_status") == ["incomplete", "passed"]
    assert platform.told("cmi.core.score.raw") == ["83"]
    assert (platform.told("cmi.core.score.min"), platform.told("cmi.core.score.max")) == (["0"], ["100"])

    platform.visit()
    expect(platform.frame.locator(".score:visible")).to_contain_text("修了です")
    assert platform.told("cmi.core.lesson_status")[-1] == "passed"
    visits = [call for call, *_ in platform.calls if call in ("LMSInitialize", "LMSFinish")]
    assert visits == ["LMSInitialize", "LMSFinish"] * 2 + ["LMSInitialize"]


def test_two_wrong_answers_of_six_are_not_enough_and_the_next_try_has_other_questions(platform: Platform) -> None:
    platform.visit()
    platform.read_lessons()
    first = [platform.answer(wrongly=True).key for _ in range(2)] + platform.answer_all()
    assert platform.told("cmi.core.lesson_status")[-1] == "failed"
    assert platform.told("cmi.core.score.raw") == ["66"]

    platform.frame.get_by_role("button", name="もう一度受ける").click()
    second = platform.answer_all()
    unseen = platform.course.by_key.keys() - set(first)
    assert unseen <= set(second)
    assert len(second) == platform.course.asked
    assert platform.told("cmi.core.lesson_status")[-1] == "passed"
    assert platform.told("cmi.core.score.raw")[-1] == "100"
