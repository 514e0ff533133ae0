"""Questions as GIFT: what is written can be read again; a broken file is named line by line, and nothing of it read."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partner_compliance.config import PROJECT
from partner_compliance.library.check import examine
from partner_compliance.library.courses import LONGEST, Question
from partner_compliance.training import gift
from partner_compliance.training.gift import MOST_CHARACTERS, MOST_QUESTIONS, BrokenGift

LESSONS = ["lesson-1", "lesson-2"]
CHOICES = "{=話さない#守れます ~話す#もれます}"


def read(text: str) -> list[dict[str, Any]]:
    return gift.read(text, LESSONS)


def said(text: str) -> list[tuple[int, str]]:
    """Every problem of a text, of which then nothing is read."""
    with pytest.raises(BrokenGift) as refused:
        read(text)
    return [(each.line, each.message) for each in refused.value.problems]


# --- there and back ---------------------------------------------------------------------------------------------


def test_every_course_on_the_shelf_comes_back_as_it_went() -> None:
    courses = examine(PROJECT).courses
    assert courses
    for course in courses:
        found = gift.read(gift.write(course.questions), [each.key for each in course.lessons])
        assert found == [each.model_dump(mode="json") for each in course.questions]


SPECIAL = "~=#{}:\\"
#: Words of an author that a reader could take for signs.
TRAPS = ["->", "%50%", "%..%", "[html]", "[plain]", "[注意]", "TRUE", "####", "\\n", "// topic: x", "::", "$CATEGORY:"]
CHARACTERS = st.one_of(
    st.sampled_from(SPECIAL + "n[]%<>&-/'\" 　子どもの名簿、。"),
    st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")),
)


def lines(name: str) -> st.SearchStrategy[str]:
    """One line of text as courses have it; of several blanks GIFT keeps one."""
    parts = st.builds(str.__add__, st.sampled_from(["", *TRAPS]), st.text(CHARACTERS, max_size=25))
    return parts.map(lambda text: re.sub(" +", " ", text[: LONGEST[name]]).strip()).filter(bool)


@st.composite
def questions(draw: st.DrawFn) -> list[Question]:
    found = []
    for key in draw(st.sampled_from([["a"], ["question-1", "own-0a"]])):
        texts = draw(st.lists(lines("text"), min_size=2, max_size=4, unique=True))
        right = draw(st.integers(0, len(texts) - 1))
        written = {
            "key": key,
            "lesson": draw(st.sampled_from(LESSONS)),
            **{name: draw(lines(name)) for name in ("topic", "situation", "ask")},
            "choices": [
                {"text": text, "right": at == right, "because": draw(lines("because"))} for at, text in enumerate(texts)
            ],
        }
        found.append(Question.model_validate(written))
    return found


@given(questions())
@settings(deadline=None)
def test_whatever_a_question_says_comes_back_as_it_went(asked: list[Question]) -> None:
    assert read(gift.write(asked)) == [each.model_dump(mode="json") for each in asked]


@given(st.lists(st.one_of(st.sampled_from([*TRAPS, *SPECIAL, "\n", "\n\n", "%", "TRUE#"]), CHARACTERS)).map("".join))
@settings(deadline=None)
def test_whatever_is_typed_is_read_or_refused_with_its_lines(text: str) -> None:
    problems = []
    try:
        found = read(text)
    except BrokenGift as refused:
        problems, found = refused.problems, []
    assert bool(found) is not bool(problems)
    assert all(1 <= each.line <= text.count("\n") + 1 for each in problems)


# --- what others write ------------------------------------------------------------------------------------------


def test_a_question_is_read_as_moodle_writes_it() -> None:
    text = (
        "// question: 12  name: 名簿\n$CATEGORY: $course$/top/守秘\n\n"
        "// topic: 名簿のこと\n// lesson: lesson-2\n"
        "::roster::[moodle]名簿が\n  1枚ありません。\\nどうしますか。{\n"
        "\t~%-50%一人で探す。#遅れます。\n"
        "// a comment inside counts as a line, its words do not ~ = {\n"
        "\t=%100%知らせる。#早いほど\n  守れます。\n####みんなへの一言\n}\n"
    )  # fmt: skip
    assert read(text) == [
        {
            "key": "roster",
            "lesson": "lesson-2",
            "topic": "名簿のこと",
            "situation": "名簿が 1枚ありません。",
            "ask": "どうしますか。",
            "choices": [
                {"text": "一人で探す。", "right": False, "because": "遅れます。"},
                {"text": "知らせる。", "right": True, "because": "早いほど 守れます。"},
            ],
        }
    ]


def test_what_gift_does_not_say_is_filled_in() -> None:
    [one, two] = read(f"家族に聞かれました。{CHOICES}\n\n// lesson: no-lesson\n::問2::店で聞かれました。{CHOICES}")
    assert (one["topic"], one["ask"], one["lesson"]) == ("家族に聞かれました。", gift.ASK, "lesson-1")
    assert two["lesson"] == "lesson-1"
    assert one["key"] != two["key"]


def test_a_question_without_a_usable_name_has_the_same_one_each_time_and_no_other_questions() -> None:
    [first] = read(f"::問1::家族に聞かれました。{CHOICES}")
    [again] = read(f"\n家族に聞かれました。{CHOICES}")
    [other] = read(f"::問1::店で聞かれました。{CHOICES}")
    [choices] = read("家族に聞かれました。{=答えない ~答える}")
    assert first["key"] == again["key"]
    assert len({first["key"], other["key"], choices["key"]}) == 3
    assert said(f"::問1::名簿{CHOICES}\n\n::問2::名簿{CHOICES}") == [(3, "同じ名前の問題が二つあります: 名簿")]


def test_what_the_editor_of_moodle_writes_loses_its_tags() -> None:
    text = (
        '::a::[html]<p dir\\="ltr"><b>名簿</b>が&nbsp;A &lt; B&amp;C<br></p><p>どうしますか。</p>{\n'
        "=<p>話さない。</p>#<span>守れます。</span>\n~話す。\n}\n\n"
        f"::b::[html]<p>{'場' * 61}</p>{CHOICES}"
    )
    [one, two] = read(text)
    assert (one["situation"], one["ask"]) == ("名簿が A < B&C", "どうしますか。")
    assert (one["choices"][0]["text"], one["choices"][0]["because"]) == ("話さない。", "守れます。")
    assert (two["situation"], two["ask"]) == ("場" * 61, gift.ASK)


@pytest.mark.parametrize(
    ("answer", "right", "because"),
    [
        ("TRUE", "正しい", ["", ""]),
        ("T#外れ\\#1#当たり####全体", "正しい", ["当たり", "外れ#1"]),
        ("FALSE#外れ#当たり", "正しくない", ["外れ", "当たり"]),
        (" F # 外れ ", "正しくない", ["外れ", ""]),
    ],
)
def test_right_or_wrong_becomes_two_choices(answer: str, right: str, because: list[str]) -> None:
    [found] = read(f"写真は名簿と同じように守ります。{{{answer}}}")
    choices = found["choices"]
    assert [each["text"] for each in choices] == ["正しい", "正しくない"]
    assert [each["text"] for each in choices if each["right"]] == [right]
    assert [each["because"] for each in choices] == because


def test_line_ends_of_windows_and_its_mark_at_the_beginning_do_no_harm() -> None:
    text = f"::a::一。\\n問い{CHOICES}\n\n::b::二。{{\n=はい\n~いいえ\n}}\n"
    assert read("\ufeff" + text.replace("\n", "\r\n")) == read(text) == read(text.replace("\n", "\r"))
    assert said(text.replace("=はい", "=").replace("\n", "\r\n")) == [(4, "選択肢の文がありません。")]


def test_html_stays_the_text_that_it_is() -> None:
    [found] = read("<b>太字</b>の紙<script>alert(1)</script>{=はい ~いいえ}")
    assert found["situation"] == "<b>太字</b>の紙<script>alert(1)</script>"


# --- what is refused --------------------------------------------------------------------------------------------

BEFORE = f"::first::問い{CHOICES}\n\n// topic: 話題\n"
REFUSED = {
    # what: (the question that begins on line 4, the line that is named, the message contains)
    "no answers": ("::x::説明だけの文。", 4, "答えの「{」がありません"),
    "brace left open": ("::x::問い\n{=はい\n~いいえ", 5, "答えの終わりの「}」がありません"),
    "brace left open before another": ("::x::問い{\n=はい\n\n::y::問い{~いいえ}", 4, "答えの終わりの「}」がありません"),
    "name left open": ("::x 問い{=はい ~いいえ}", 4, "名前の終わりの「::」"),
    "no right answer": ("::x::問い{~はい ~いいえ}", 4, "一つだけにしてください（いま0つ）"),
    "two right answers": ("::x::問い\n{=はい =いいえ ~さあ}", 5, "一つだけにしてください（いま2つ）"),
    "only right answers": ("::x::問い{=はい =ええ}", 4, "言葉を書かせる問題"),
    "weight": ("::x::問い{\n=はい\n~%50%半分\n~いいえ}", 6, "（%50%）は使えません"),
    "weight after a comment": ("::x::問い{\n// 注 }\n=はい\n~%50%半分\n~いいえ}", 7, "（%50%）は使えません"),
    "weight of a right answer": ("::x::問い{=%50%はい ~いいえ}", 4, "（%50%）は使えません"),
    "several right by weight": ("::x::問い{~%100%はい ~いいえ}", 4, "（%100%）は使えません"),
    "matching": ("::x::組み合わせ{\n=紙 -> 棚\n=鍵 -> 箱}", 4, "組み合わせの問題"),
    "numeric": ("::x::何日ですか。{#30:1}", 4, "数を答える問題"),
    "essay": ("::x::書いてください。\n{ }", 5, "文を書く問題"),
    "missing word": ("::x::名簿は{=鍵 ~机}の中に。", 4, "穴うめの問題"),
    "image": ("::x::[html]<p>問い</p>{=はい\n~<img src\\=x>いいえ}", 5, "<img> は使えません"),
    "script": ("::x::[html]<script>alert(1)</script>{=はい ~いいえ}", 4, "<script> は使えません"),
    "nothing but tags": ("::x::[html]<p></p>{=はい ~いいえ}", 4, "問題の文がありません"),
    "other format": ("::x::[markdown]問い{=はい ~いいえ}", 4, "[markdown] の書き方"),
    "no question": ("::x::{=はい ~いいえ}", 4, "問題の文がありません"),
    "words before the choices": ("::x::問い{はい ~いいえ}", 4, "「=」（正しい）か「~」"),
    "empty choice": ("::x::問い{\n=#理由\n~いいえ}", 5, "選択肢の文がありません"),
    "same choice": ("::x::問い{=はい ~は\\い}", 4, "同じ選択肢が二つ"),
    "five choices": ("::x::問い{=1 ~2 ~3 ~4 ~5}", 4, "4つまでです（いま5つ）"),
    "long situation": (f"::x::{'場' * 201}\\n問い{{=はい ~いいえ}}", 4, "場面が長すぎます（201文字。200文字まで）"),
    "long ask": (f"::x::場面\\n{'問' * 61}{{=はい ~いいえ}}", 4, "問いが長すぎます（61文字。60文字まで）"),
    "long choice": (f"::x::問い{{=はい\n~{'選' * 91}}}", 5, "選択肢が長すぎます（91文字。90文字まで）"),
    "long explanation": (f"::x::問い{{=はい\n~いいえ#{'理' * 161}}}", 5, "説明が長すぎます（161文字。160文字まで）"),
    "control character": ("::x::問い{=はい\n~いい\x00え}", 5, "制御文字"),
    "control character that is no blank": ("::x::問い{=はい\n~いい\x1cえ}", 5, "制御文字"),
    "turning character": ("::x::問\n\u202eい{=はい ~いいえ}", 5, "制御文字"),
    "name twice": ("::first::問い\n{=はい ~いいえ}", 4, "同じ名前の問題が二つあります: first"),
}


@pytest.mark.parametrize(("text", "line", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_asked_is_named_with_its_line(text: str, line: int, message: str) -> None:
    [(at, words)] = said(BEFORE + text)
    assert message in words
    assert at == line


def test_a_control_character_in_a_topic_is_refused() -> None:
    assert said(f"// topic: 話\x01題\n::x::問い{CHOICES}") == [(2, "使えない制御文字が含まれています。")]


def test_everything_wrong_is_said_at_once_and_in_order() -> None:
    text = f"::a::問い{{~はい ~いいえ}}\n\n::b::問い{CHOICES}\n\n::b::問い{CHOICES}\n\n::c::問い{{}}\n"
    assert [line for line, _ in said(text)] == [1, 5, 7]


@pytest.mark.parametrize("text", ["", "\ufeff\r\n", "// 注だけ\n\n$CATEGORY: 守秘\n"])
def test_a_text_without_questions_is_refused(text: str) -> None:
    assert said(text) == [(1, "問題が一つもありません。")]


def test_a_text_too_long_is_refused_before_it_is_read() -> None:
    fits = f"::a::問い{CHOICES}\n".ljust(MOST_CHARACTERS)
    assert len(read(fits)) == 1
    assert said(fits + " ") == [(1, "文字が多すぎます（60,000文字まで）。")]


def test_too_many_questions_are_refused_at_the_first_one_too_many() -> None:
    many = [f"問い{number}{CHOICES}\n\n" for number in range(MOST_QUESTIONS + 2)]
    assert len(read("".join(many[:MOST_QUESTIONS]))) == MOST_QUESTIONS
    assert said("".join(many)) == [(2 * MOST_QUESTIONS + 1, "問題が多すぎます（60問まで）。")]


@pytest.mark.parametrize("sign", ["[", "{", "}", "\\", "%", "#", "~=", "::", "\n", "a\n\n", "{\\\n"])
@pytest.mark.parametrize("around", ["{}", "::x::問い{{={}"])
def test_no_heap_of_signs_keeps_the_reader_long(sign: str, around: str) -> None:
    assert said(around.format(sign * (20_000 // len(sign))))
