"""Questions as Moodle's GIFT text: written out, and read in as a whole or not at all.

Of GIFT this is multiple choice with one right answer, and right/wrong; a comment before a question carries what GIFT
has no place for (topic, lesson). https://docs.moodle.org/en/GIFT_format
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

from partner_compliance.library.checklists import hides_something
from partner_compliance.library.courses import CHOICES, LONGEST, Question

MOST_CHARACTERS = 60_000
MOST_QUESTIONS = 60
ASK = "あなたは、どうしますか。"
#: How the key of a question begins that came without a name that could be one.
UNNAMED = "gift-"
_SPECIAL = re.compile(r"([\\~=#{}:])")
_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_NOTE = re.compile(r"//\s*(topic|lesson):\s*(.*)")
_FORMAT = re.compile(r"\s*\[(html|markdown|plain|moodle)\]")
#: What Moodle's editor puts around words, for [html]: these part them, those only show them otherwise.
_PARAGRAPHS = {"p", "br", "div", "li", "ul", "ol"}
_INLINE = {"b", "strong", "i", "em", "u", "span"}
_WEIGHT = re.compile(r"\s*%(-?\d+(?:\.\d+)?)%")


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong in a file, and in which line."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.line}行目: {self.message}"


class BrokenGift(Exception):
    """A text that cannot be read as a whole; `problems` names every line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


def write(questions: Iterable[Question]) -> str:
    """The questions as GIFT; what `read` makes of it says the same."""
    parts = []
    for each in questions:
        lines = [f"// topic: {each.topic}", f"// lesson: {each.lesson}"]
        # GIFT has no escape for a format or a weight: said outright, they are not looked for in the words.
        written_as = "[plain]" if _FORMAT.match(each.situation) else ""
        lines.append(f"::{_escaped(each.key)}::{written_as}{_escaped(each.situation)}\\n{_escaped(each.ask)}{{")
        for choice in each.choices:
            mark = "=" if choice.right else "~"
            if _WEIGHT.match(choice.text):
                mark += "%100%" if choice.right else "%0%"
            lines.append(f"\t{mark}{_escaped(choice.text)}#{_escaped(choice.because)}")
        parts.append("\n".join([*lines, "}"]))
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def read(text: str, lessons: Sequence[str]) -> list[dict[str, Any]]:
    """The questions of a GIFT text, each as `Question` in JSON, perhaps without explanations.

    A question whose lesson is none of `lessons` belongs to the first. Raises BrokenGift with every line that is wrong.
    """
    if len(text) > MOST_CHARACTERS:
        raise BrokenGift([Problem(1, f"文字が多すぎます（{MOST_CHARACTERS:,}文字まで）。")])
    problems: list[Problem] = []
    found: list[dict[str, Any]] = []
    for block in _blocks(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")):
        if len(found) >= MOST_QUESTIONS:
            problems.append(Problem(block.line, f"問題が多すぎます（{MOST_QUESTIONS}問まで）。"))
            break
        try:
            question = _question(block, lessons)
        except _Wrong as error:
            problems.append(Problem(error.line, error.message))
            continue
        if question["key"] in {each["key"] for each in found}:
            same = question["topic"] if question["key"].startswith(UNNAMED) else question["key"]
            problems.append(Problem(block.line, f"同じ名前の問題が二つあります: {same}"))
        found.append(question)
    if not found and not problems:
        problems.append(Problem(1, "問題が一つもありません。"))
    if problems:
        raise BrokenGift(problems)
    return found


class _Wrong(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


@dataclass
class _Block:
    """A question's text with the line at which it begins, and the comments before it."""

    line: int
    text: str
    notes: dict[str, str]
    is_html: bool = False

    def line_at(self, place: int) -> int:
        return self.line + self.text.count("\n", 0, place)


def _blocks(text: str) -> Iterator[_Block]:
    """Questions are parted by empty lines outside of braces; comments and categories stand on lines of their own."""
    lines: list[str] = []
    notes: dict[str, str] = {}
    begin = depth = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not lines and (note := _NOTE.fullmatch(line.strip())):
            notes[note[1]] = note[2].strip()
            continue
        is_comment = line.lstrip().startswith("//") or (not lines and line.lstrip().startswith("$CATEGORY:"))
        if is_comment or (not line.strip() and depth <= 0):
            if lines and not is_comment:
                yield _Block(begin, "\n".join(lines), notes)
                lines, notes = [], {}
            elif lines:
                lines.append("")  # a comment inside a question: its line counts, its words do not
            continue
        if not lines:
            begin, depth = number, 0
        lines.append(line)
        depth += sum(1 if line[at] == "{" else -1 for at in _places(line, "{}"))
    if lines:
        yield _Block(begin, "\n".join(lines), notes)


def _places(text: str, marks: str, begin: int = 0) -> Iterator[int]:
    """Where one of some marks stands that no backslash takes its meaning."""
    at = begin
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] in marks:
            yield at
        at += 1


def _plain(text: str) -> str:
    """A text without its backslashes; blanks and line ends inside become one blank, `\\n` a line end."""
    out = re.sub(r"\\(.)", lambda found: "\x00" if found[1] == "n" else f"\x01{found[1]}", text, flags=re.DOTALL)
    out = re.sub(r"[ \t\n]+", " ", out).strip()
    return "\n".join(part.strip() for part in out.replace("\x01", "").split("\x00")).strip()


class _Words(HTMLParser):
    """What a reader sees of simple HTML: the words, a line end where a paragraph ends."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.refused = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _PARAGRAPHS:
            self.said.append("\n")
        elif tag not in _INLINE:
            self.refused = self.refused or tag

    def handle_endtag(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        self.said.append(data.replace("\xa0", " "))


def _words(block: _Block, place: int, text: str) -> str:
    """A part of a question without backslashes and, where it is HTML, without tags; an image or a table is refused."""
    plain = _plain(text)
    if not block.is_html:
        return plain
    parser = _Words()
    parser.feed(plain)
    parser.close()
    if parser.refused:
        raise _Wrong(block.line_at(place), f"<{parser.refused}> は使えません。文だけにしてください。")
    lines = (" ".join(line.split(" ")).strip() for line in "".join(parser.said).split("\n"))
    return "\n".join(filter(None, lines))


def _line(block: _Block, place: int, text: str, name: str, called: str) -> str:
    return _fitting(block, place, _words(block, place, text), name, called)


def _fitting(block: _Block, place: int, plain: str, name: str, called: str) -> str:
    said = re.sub(r"[ \n]+", " ", plain)
    if len(said) > LONGEST[name]:
        raise _Wrong(block.line_at(place), f"{called}が長すぎます（{len(said)}文字。{LONGEST[name]}文字まで）。")
    return said


def _refuse_hidden(block: _Block) -> None:
    """Raise _Wrong at the first character that cannot be seen; no line of a course has any."""
    topic = block.notes.get("topic", "")
    for at, char in enumerate(topic + block.text, start=-len(topic)):
        if char not in "\t\n" and hides_something(char):
            raise _Wrong(block.line_at(max(at, 0)), "使えない制御文字が含まれています。")


def _key_of(name: str, *said: str) -> str:
    """The name of a question where it can be a key; otherwise one made of its words, the same each time it is read."""
    if _KEY.fullmatch(name) and len(name) <= 60:
        return name
    return UNNAMED + sha256("\n".join(said).encode()).hexdigest()[:12]


def _question(block: _Block, lessons: Sequence[str]) -> dict[str, Any]:
    _refuse_hidden(block)
    text, begin, key = block.text, 0, ""
    start = len(text) - len(text.lstrip())
    if text.startswith("::", start):
        end = next((at for at in _places(text, ":", start + 2) if text.startswith("::", at)), None)
        if end is None:
            raise _Wrong(block.line, "名前の終わりの「::」がありません。")
        key, begin = _plain(text[start + 2 : end]), end + 2
    opening = next(_places(text, "{", begin), None)
    if opening is None:
        raise _Wrong(block.line, "答えの「{」がありません。")
    closing = next(_places(text, "}", opening), None)
    if closing is None or next(_places(text, "{", opening + 1), closing) < closing:
        raise _Wrong(block.line_at(opening), "答えの終わりの「}」がありません。")
    if text[closing + 1 :].strip():
        raise _Wrong(block.line_at(closing), "「}」の後に文があります。穴うめの問題は使えません。")
    asked = text[begin:opening]
    if format_mark := _FORMAT.match(asked):
        if format_mark[1] == "markdown":
            raise _Wrong(block.line_at(begin), "[markdown] の書き方は使えません。ふつうの文にしてください。")
        block.is_html = format_mark[1] == "html"
        asked = asked[format_mark.end() :]
    *situation, ask = _words(block, begin, asked).split("\n")
    if block.is_html and len(ask) > LONGEST["ask"]:
        situation.append(ask)
        ask = ASK
    if not situation:
        situation, ask = [ask], ASK
    said = _fitting(block, begin, " ".join(situation), "situation", "場面")
    if not said:
        raise _Wrong(block.line_at(begin), "問題の文がありません。")
    lesson = block.notes.get("lesson", "")
    asks = _fitting(block, begin, ask, "ask", "問い")
    choices = _choices(block, opening + 1, closing)
    return {
        "key": _key_of(key, said, asks, *(each["text"] for each in choices)),
        "lesson": lesson if lesson in lessons else (lessons[0] if lessons else ""),
        "topic": (block.notes.get("topic") or said)[: LONGEST["topic"]],
        "situation": said,
        "ask": asks,
        "choices": choices,
    }


def _choices(block: _Block, begin: int, end: int) -> list[dict[str, Any]]:
    inside = block.text[begin:end]
    line = block.line_at(begin)
    bare = inside.strip()
    if not bare:
        raise _Wrong(line, "答えがありません。文を書く問題は使えません。")
    if verdict := re.match(r"(TRUE|FALSE|T|F)\s*(#|$)", bare):
        return _right_or_wrong(block, begin, bare, is_true=verdict[1].startswith("T"))
    if bare.startswith("#"):
        raise _Wrong(line, "数を答える問題は使えません。")
    marks = [at for at in _places(block.text, "=~", begin) if at < end]
    if not marks or block.text[begin : marks[0]].strip():
        raise _Wrong(line, "選択肢は「=」（正しい）か「~」（正しくない）で始めます。")
    found = []
    for at, following in zip(marks, [*marks[1:], end], strict=True):
        found.append(_choice(block, at, following))
    right = sum(1 for each in found if each["right"])
    if right != 1 or len(found) < CHOICES[0]:
        wrong = [each for each in found if not each["right"]]
        if not wrong and "->" in inside:
            raise _Wrong(line, "組み合わせの問題は使えません。")
        if not wrong:
            raise _Wrong(line, "正しくない選択肢（~）がありません。言葉を書かせる問題は使えません。")
        raise _Wrong(line, f"正しい選択肢（=）は、一つだけにしてください（いま{right}つ）。")
    if len(found) > CHOICES[1]:
        raise _Wrong(line, f"選択肢は{CHOICES[1]}つまでです（いま{len(found)}つ）。")
    if len({each["text"] for each in found}) != len(found):
        raise _Wrong(line, "同じ選択肢が二つあります。")
    return found


def _choice(block: _Block, at: int, end: int) -> dict[str, Any]:
    text = block.text[at + 1 : end].split("####")[0]
    if weight := _WEIGHT.match(text):
        is_plain = float(weight[1]) == (100 if block.text[at] == "=" else 0)
        if not is_plain and not (block.text[at] == "~" and weight[1].startswith("-")):
            raise _Wrong(block.line_at(at), f"点数の割合（%{weight[1]}%）は使えません。正しい答えは一つだけです。")
        text = text[weight.end() :]
    feedback = next(_places(text, "#"), None)
    said, because = (text, "") if feedback is None else (text[:feedback], text[feedback + 1 :])
    choice = _line(block, at, said, "text", "選択肢")
    if not choice:
        raise _Wrong(block.line_at(at), "選択肢の文がありません。")
    return {"text": choice, "right": block.text[at] == "=", "because": _line(block, at, because, "because", "説明")}


def _right_or_wrong(block: _Block, begin: int, bare: str, *, is_true: bool) -> list[dict[str, Any]]:
    # GIFT: the first feedback is for the wrong answer, the second for the right one.
    bare = bare.split("####")[0]
    marks = [*_places(bare, "#"), len(bare)]
    told = [bare[at + 1 : following] for at, following in pairwise(marks)]
    wrong, right = (_line(block, begin, each, "because", "説明") for each in [*told, "", ""][:2])
    return [
        {"text": "正しい", "right": is_true, "because": right if is_true else wrong},
        {"text": "正しくない", "right": not is_true, "because": wrong if is_true else right},
    ]
