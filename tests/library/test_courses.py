"""Courses on the shelf: what a course must say, what is found wrong and where, and which edition is taken on a day."""

import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_compliance.library.check import check, examine
from partner_compliance.library.checklists import ruby
from partner_compliance.library.courses import Course, Suits, fill, is_passed
from partner_compliance.library.prose import blocks
from partner_compliance.library.shelf import Library, UnknownEdition, read_library
from tests.library.shelves import COURSE, SHEET, TEXTS, Shelf
from tests.library.test_check import mutated

FILE = "courses/listening/course.yaml"
FIRST = "{text: 店では話さない。, right: true, because: 秘密を守れます。}"
SECOND = "{text: 店で少しだけ話す。, because: 少しでも伝わります。}"
LATER = COURSE.replace('edition: "2030"', 'edition: "2031"').replace(
    'valid_from: "2030-04-01"', 'valid_from: "2031-04-01"'
)  # fmt: skip


@pytest.fixture
def shelf(shelf: Shelf) -> Shelf:
    shelf.put(SHEET, publish=True)
    return shelf


def said(shelf: Shelf) -> list[tuple[str, int, str]]:
    return [(str(each.path), each.line, each.message) for each in check(shelf.root)]


def line_of(marker: str, text: str = COURSE) -> int:
    return ("\n" + text)[: ("\n" + text).index("\n" + marker) + 1].count("\n")


def the_course(shelf: Shelf) -> Course:
    [course] = examine(shelf.root).courses
    return course


# --- what a course must say -------------------------------------------------------------------------------------


def test_a_whole_course_is_read_with_its_texts_draft_or_published(shelf: Shelf) -> None:
    shelf.put_course()
    assert said(shelf) == []
    course = the_course(shelf)
    assert [each.key for each in course.lessons] == ["1-what.md", "2-whom.md"]
    assert (course.lessons[1].text, course.handout) == (TEXTS["2-whom.md"].strip(), TEXTS["handout.md"].strip())
    assert not course.published
    shelf.put_course(publish=True)
    assert said(shelf) == []
    assert the_course(shelf).published


def test_a_shelf_without_courses_is_whole_and_one_without_the_folder_is_not(shelf: Shelf) -> None:
    assert said(shelf) == []
    (shelf.courses / "PUBLISHED").unlink()
    assert said(shelf) == [("courses/PUBLISHED", 1, "公開済みの版の一覧 PUBLISHED がありません。")]
    shelf.courses.rmdir()
    assert said(shelf) == [("courses", 1, "フォルダー courses がありません。")]


BROKEN = {
    # what: (text, replaced by, the broken line begins with, the message contains)
    "other folder": ("key: listening", "key: hearing", "key", "フォルダー名は 'listening'"),
    "malformed edition": ('edition: "2030"', 'edition: "1"', "edition", '"2026" の形'),
    "misspelt key": ("minutes: 5", "minuts: 5", "minuts", "'minutes' の書きまちがい"),
    "missing key": ("summary: 聞いたことの守り方が分かります。\n", "", "key", "'summary' がありません"),
    "too long to take": ("minutes: 5", "minutes: 11", "minutes", "10 以下"),
    "for nobody": ("[everyone, center-heads]", "[]", "suits", "一つ以上"),
    "for strangers": ("center-heads", "heads", "suits", "volunteers, handlers, center-heads, engagement"),
    "pool no larger than the quiz": ("asked: 5", "asked: 6", "asked", "一度に出す数（6）は、問題の数（6）より少なく"),
    "too few asked": ("asked: 5", "asked: 4", "asked", "5 以上"),
    "too few questions": (COURSE[COURSE.index("  - key: street") :], "", "questions", "いま5。6以上"),
    "one lesson": ("  - {file: 2-whom.md, title: だれに話すか}\n", "", "lessons", "いま1。2以上"),
    "lesson twice": ("file: 2-whom.md", "file: 1-what.md", "  - {file: 1-what.md, title: だれに", "二度書かれています"),
    "malformed file of a lesson": ("file: 2-whom.md", "file: ../2.md", "  - {file: ../2.md", "1-what.md の形"),
    "question of no lesson": (
        "key: shop\n    lesson: 1-what.md",
        "key: shop\n    lesson: 3-when.md",
        "    lesson: 3",
        "'3-when.md' がありません",
    ),
    "question twice": (
        "key: train",
        "key: shop",
        "  - key: shop\n    lesson: 1-what.md\n    topic: 電車",
        "'shop' が二度",
    ),
    "no right answer": (", right: true, because: 秘密", ", because: 秘密", "    choices", "一つだけにしてください"),
    "two right answers": ("少しだけ話す。, because", "少しだけ話す。, right: true, because", "    choices", "一つだけ"),
    "one choice": (f"      - {SECOND}\n", "", "    choices", "いま1。2以上"),
    "five choices": (
        f"      - {SECOND}\n",
        "".join(f"      - {{text: {n}, because: 理由}}\n" for n in "一二三四"),
        "    choices",
        "いま5。4まで",
    ),
    "same choice": ("店で少しだけ話す。", "店では話さない。", "      - {text: 店では話さない。, because", "同じ選択肢"),
    "choice without a reason": (
        ", because: 少しでも伝わります。}",
        "}",
        f"      - {SECOND[:14]}",
        "'because' がありません",
    ),
    "right in words": ("right: true", "right: yes", "      - {text: 店では", "true か false"),
    "long situation": ("店で、{organization}", "店" * 200, "    situation", "200文字までにしてください"),
    "long topic": ("topic: 店で", "topic: " + "店" * 40, "    topic", "40文字までにしてください"),
    "long reason": ("because: 秘密を", "because: " + "秘" * 160, "      - {text: 店では", "160文字までにしてください"),
    "unknown name": ("店で、{organization}", "店で、{center}", "    situation: 店", "差し込み {center} は使えません"),
    "unknown law": ("店で、{organization}", "店で、{law:none}", "    situation: 店", "差し込み {law:none} は"),
    "penalty that no law has": ("ask: どう", "ask: 罰{penalty:own}", "    ask: 罰", "差し込み {penalty:own} は"),
    "reading without use": ("秘密: ひみつ", "名簿: めいぼ", "  名簿", "どこにも出てきません"),
    "reading in katakana": ("秘密: ひみつ", "秘密: ヒミツ", "  秘密", "ひらがな"),
    "malformed day": ('valid_from: "2030-04-01"', 'valid_from: "4月"', "valid_from", "日付は"),
}


@pytest.mark.parametrize(("before", "after", "marker", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_course_is_found_with_its_line(
    shelf: Shelf, before: str, after: str, marker: str, message: str
) -> None:
    assert before in COURSE
    broken = COURSE.replace(before, after, 1)
    shelf.put_course(broken)
    found = said(shelf)
    assert [line for file, line, words in found if message in words and file == FILE][:1] == [
        line_of(marker, broken)
    ], found
    assert {file for file, _, _ in found} == {FILE}
    assert examine(shelf.root).courses == []


def test_one_broken_question_of_six_does_not_make_them_too_few(shelf: Shelf) -> None:
    shelf.put_course(COURSE.replace("topic: 店で聞かれたとき", "topic: ", 1))
    [(file, line, message)] = said(shelf)
    assert (file, line) == (FILE, line_of("    topic"))
    assert message == "'topic': 文字で書いてください（数字や true だけのときは \"2026\" のように引用符で囲みます）。"


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_no_mutation_of_one_name_or_value_stops_the_check(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        shelf.put(SHEET)
        shelf.put_course(data.draw(mutated(COURSE)).encode("utf-8", "surrogatepass"))
        for problem in check(shelf.root):
            assert problem.line >= 1
            assert str(problem).encode()


# --- the texts beside it ----------------------------------------------------------------------------------------

TEXT = TEXTS["2-whom.md"]
BROKEN_TEXTS: dict[str, tuple[str, str | bytes | None, str, int, str]] = {
    # what: (the text, what it says, the file that is named, its line, the message contains)
    "missing lesson": ("1-what.md", None, "course.yaml", 1, "ファイル '1-what.md' がありません"),
    "missing handout": ("handout.md", None, "course.yaml", 1, "ファイル 'handout.md' がありません"),
    "missing discussion": ("discussion.md", None, "course.yaml", 1, "ファイル 'discussion.md' がありません"),
    "lesson of no use": ("3-when.md", TEXT, "3-when.md", 1, "lessons に書かれていないファイル"),
    "stray file": ("photo.png", "x", "photo.png", 1, "ここに置けるのは course.yaml と"),
    "long lesson": ("2-whom.md", "話" * 701, "2-whom.md", 1, "701文字あります。150から700文字まで"),
    "short lesson": ("2-whom.md", "話" * 149, "2-whom.md", 1, "149文字あります"),
    "long handout": ("handout.md", "話" * 901, "handout.md", 1, "100から900文字まで"),
    "long discussion": ("discussion.md", "話" * 1201, "discussion.md", 1, "100から1200文字まで"),
    "empty": ("2-whom.md", "", "2-whom.md", 1, "空のまま"),
    "empty lines at the end": ("2-whom.md", TEXT + "\n", "2-whom.md", 1, "前後の空白"),
    "HTML": ("2-whom.md", "<b>太字</b>" + TEXT, "2-whom.md", 1, "'<' は使えません"),
    "heading": ("2-whom.md", "話します。\n\n# 見出し\n\n" + TEXT, "2-whom.md", 3, "'#' は使えません"),
    "link": ("2-whom.md", "[ここ](javascript:alert(1))" + TEXT, "2-whom.md", 1, "'](' は使えません"),
    "hidden": ("2-whom.md", "話します。\n\u202e話\n\n" + TEXT, "2-whom.md", 2, "目に見えない文字"),
    "list in a list": ("2-whom.md", "- 話\n  - 話\n\n" + TEXT, "2-whom.md", 1, "箇条書きは1段まで"),
    "Windows line ends": ("2-whom.md", TEXT.replace("\n", "") + "\r\n", "2-whom.md", 1, "LF"),
    "other encoding": ("2-whom.md", TEXT.encode("cp932"), "2-whom.md", 1, "UTF-8 ではありません"),
    "unknown name": (
        "2-whom.md",
        "話します。\n{center}で。\n" + TEXT,
        "2-whom.md",
        2,
        "差し込み {center} は使えません",
    ),
    "unknown law": ("handout.md", "{law:none}" + TEXTS["handout.md"], "handout.md", 1, "差し込み {law:none} は"),
}


@pytest.mark.parametrize(("name", "text", "file", "line", "message"), BROKEN_TEXTS.values(), ids=BROKEN_TEXTS)
def test_a_broken_text_is_found_with_its_file(
    shelf: Shelf, name: str, text: str | bytes | None, file: str, line: int, message: str
) -> None:
    shelf.put_course(texts={name: text})
    [(path, at, words)] = said(shelf)
    assert (path, at) == (f"courses/listening/{file}", line)
    assert message in words


def test_a_text_that_a_windows_editor_has_marked_is_read_without_the_mark(shelf: Shelf) -> None:
    shelf.put_course(texts={"handout.md": "\ufeff" + TEXTS["handout.md"]})
    assert said(shelf) == []
    assert the_course(shelf).handout == TEXTS["handout.md"].strip()


def test_a_folder_without_a_course_and_a_stray_file_are_found(shelf: Shelf) -> None:
    (shelf.courses / "empty").mkdir()
    shelf.put_course(texts={"notes/x.md": "x"})
    shelf.put_course(COURSE.replace('edition: "2030"', 'edition: "2029"').replace("2030-", "2029-"), "listening/2029")
    (shelf.courses / "listening/2029/2028").mkdir()
    (shelf.courses / "README.md").touch()
    (shelf.courses / "notes.txt").touch()
    assert [(file, line) for file, line, _ in said(shelf)] == [
        ("courses/empty", 1), ("courses/listening/2029/2028", 1), ("courses/listening/notes", 1),
        ("courses/notes.txt", 1),
    ]  # fmt: skip
    assert check(shelf.root)[0].message == "course.yaml がありません。"


# --- what is published ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["course.yaml", *TEXTS])
def test_a_published_course_is_frozen_in_all_its_files(shelf: Shelf, name: str) -> None:
    shelf.put_course(publish=True)
    path = shelf.courses / "listening" / name
    path.write_text(path.read_text().replace("。", "よ。", 1))
    [(file, line, message)] = said(shelf)
    assert (file, line) == (f"courses/listening/{name}", 1)
    assert "公開済みの版の中身が変わっています" in message


def test_a_course_is_published_as_a_whole_or_not(shelf: Shelf) -> None:
    shelf.put_course(publish=True)
    listed = shelf.courses / "PUBLISHED"
    listed.write_text("".join(line for line in listed.read_text().splitlines(True) if "handout.md" not in line))
    [(file, line, message)] = said(shelf)
    assert (file, line) == ("courses/listening/handout.md", 1)
    assert "PUBLISHED に書いてください" in message


def test_a_published_file_that_is_gone_is_found(shelf: Shelf) -> None:
    shelf.put_course(publish=True)
    (shelf.courses / "listening/handout.md").unlink()
    assert ("courses/PUBLISHED", 4, "公開済みの版 'listening/handout.md' のファイルがありません。") in said(shelf)


# --- editions ---------------------------------------------------------------------------------------------------


def both(shelf: Shelf, *, publish: bool = True) -> None:
    """An edition of 2030 in its folder, and the one of 2031 that is taken from April 2031."""
    shelf.put_course(folder="listening/2030", publish=True)
    shelf.put_course(LATER, publish=publish)


def test_an_old_edition_stays_readable_beside_a_newer_one(shelf: Shelf) -> None:
    both(shelf)
    assert said(shelf) == []
    library = read_library(shelf.root)
    assert library.course("listening", "2030").valid_from == date(2030, 4, 1)
    assert library.course("listening", "2031").published
    with pytest.raises(UnknownEdition, match="no edition '2029'"):
        library.course("listening", "2029")


@pytest.mark.parametrize(
    ("day", "edition"),
    [(date(2030, 4, 1), "2030"), (date(2031, 3, 31), "2030"), (date(2031, 4, 1), "2031"), (date(2040, 1, 1), "2031")],
)
def test_a_day_has_the_newest_published_edition_begun_by_then(shelf: Shelf, day: date, edition: str) -> None:
    both(shelf)
    library = read_library(shelf.root)
    assert library.course_for("listening", day).edition == edition
    assert [each.edition for each in library.courses_for(day)] == [edition]


def test_before_the_first_edition_and_of_a_draft_there_is_none(shelf: Shelf) -> None:
    both(shelf, publish=False)
    library = read_library(shelf.root)
    assert library.course_for("listening", date(2031, 4, 1)).edition == "2030"
    assert [each.edition for each in library.courses_for(date(2031, 4, 1))] == ["2030"]
    assert library.courses_for(date(2030, 3, 31)) == []
    for key, day in (("listening", date(2030, 3, 31)), ("hearing", date(2031, 4, 1))):
        with pytest.raises(UnknownEdition):
            library.course_for(key, day)


def test_the_course_on_joining_comes_first_then_those_for_everyone(library: Library) -> None:
    found = library.courses_for(date(2026, 11, 27))
    places = [(not each.entry, list(Suits).index(each.suits[0])) for each in found]
    assert places == sorted(places)
    assert found[0].entry


def shown(course: Course) -> Iterator[str]:
    """Every piece of text that a learner meets, as the pages give it to the readings."""
    yield from (course.title, course.summary)
    for lesson in course.lessons:
        yield lesson.title
        yield from (run.text for block in blocks(lesson.text) for runs in (*block.lines, *block.items) for run in runs)
    for question in course.questions:
        yield from (question.topic, question.situation, question.ask)
        yield from (text for choice in question.choices for text in (choice.text, choice.because))


def test_every_kanji_that_a_learner_meets_has_a_reading(library: Library) -> None:
    found = library.courses_for(date(2026, 11, 27))
    assert found
    bare = {
        (course.key, text)
        for course in found
        for text in shown(course)
        for chunk, reading in ruby(text, course.readings)
        if reading is None and re.search(r"[一-鿿々〆]", chunk)
    }
    assert not bare


def test_a_reading_of_what_only_a_name_of_the_shape_says_is_useless(shelf: Shelf) -> None:
    content = re.sub(r"(?<=\nreadings:\n  )[^:]+", "questions", COURSE)
    assert content != COURSE
    shelf.put_course(content)
    assert said(shelf) == [(FILE, line_of("  questions", content), "'questions' は、この講座のどこにも出てきません。")]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (LATER, "edition", "フォルダー名は '2030'"),
        (COURSE.replace("key: listening", "key: hearing"), "key", "フォルダー名は 'listening'"),
        (COURSE.replace('valid_from: "2030', 'valid_from: "2031'), "valid_from", "版 '2031' と同じです"),
    ],
)
def test_an_old_edition_is_what_its_folder_says_and_begins_on_a_day_of_its_own(
    shelf: Shelf, content: str, line: str, message: str
) -> None:
    shelf.put_course(LATER)
    shelf.put_course(content, "listening/2030")
    [(file, at)] = [(file, at) for file, at, words in said(shelf) if message in words]
    assert (file, at) == ("courses/listening/2030/course.yaml", line_of(line, content))


def test_two_folders_cannot_hold_the_same_edition(shelf: Shelf) -> None:
    shelf.put_course(LATER.replace('edition: "2031"', 'edition: "2030"'))
    shelf.put_course(folder="listening/2030")
    assert [message for *_, message in said(shelf)] == ["版 '2030' が二つあります。"]


# --- what an adapted course keeps -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "keeps"),
    [
        (lambda told: None, True),
        (lambda told: told.update(title="わたしたちの講座", handout=TEXTS["discussion.md"].strip()), True),
        (lambda told: told["lessons"][0].update(text="守ります。" * 40), True),
        (lambda told: told["questions"].append({**told["questions"][0], "key": "own-1"}), True),
        (lambda told: told["questions"].reverse(), True),
        (lambda told: told["questions"][0]["choices"][0].update(because="別の理由"), False),
        (lambda told: told["questions"][0].update(key="own-1"), False),
        (lambda told: told["questions"][0].update(lesson="2-whom.md"), False),
    ],
)
def test_an_adapted_course_counts_while_it_keeps_all_questions(
    shelf: Shelf,
    change: Callable[[dict[str, Any]], None],
    keeps: bool,
) -> None:
    shelf.put_course()
    source = the_course(shelf)
    told = source.model_dump(mode="json")
    change(told)
    assert Course.model_validate(told).keeps_all_of(source) is keeps


def test_an_adapted_course_neither_drops_questions_nor_asks_fewer(shelf: Shelf) -> None:
    shelf.put_course()
    small = the_course(shelf).model_dump(mode="json")
    small["questions"].append({**small["questions"][0], "key": "own-1"})
    large = Course.model_validate({**small, "asked": 6})
    fewer = Course.model_validate({**small, "asked": 5})
    without = Course.model_validate({**small, "questions": small["questions"][1:]})
    assert large.keeps_all_of(fewer)
    assert not fewer.keeps_all_of(large)
    assert not without.keeps_all_of(fewer)


def test_the_digest_binds_everything_that_people_read(shelf: Shelf) -> None:
    shelf.put_course()
    course = the_course(shelf)
    told = course.model_dump(mode="json")
    assert Course.model_validate({**told, "edition": "2099", "valid_from": "2099-04-01"}).digest == course.digest
    assert course.as_published().digest == course.digest
    for name in ("title", "summary", "handout", "discussion"):
        assert Course.model_validate({**told, name: told[name] + "！"}).digest != course.digest
    told["questions"][0]["choices"][1]["because"] += "！"
    assert Course.model_validate(told).digest != course.digest


def test_small_words() -> None:
    assert [right for right in range(7) if is_passed(right, 6)] == [5, 6]
    assert [right for right in range(6) if is_passed(right, 5)] == [4, 5]
    assert not is_passed(0, 0)
    names = {"law:own": "基本の法律第1条"}
    assert fill("{organization}は{law:own}、{x}", "{law:own}", names) == "{law:own}は基本の法律第1条、{x}"
