"""Courses on paper: the certificate, the page to hand out, the page for whoever leads, the quiz, one topic."""

import base64
import io
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import segno

from partner_compliance import clock
from partner_compliance.documents import glyphs, pdf
from partner_compliance.library.courses import Course, Question
from partner_compliance.library.prose import blocks
from partner_compliance.training.models import CourseResult, OfficerResult

KINDS = {"handout": "配る1枚", "discussion": "進める人の1枚"}
Say = Callable[[str], str]


def tidy_number(typed: str) -> str:
    """A certificate's number as it is kept, however it was typed; empty for what cannot be one."""
    letters = re.sub(r"[\s\-‐－ー−]", "", typed.translate(_WIDE)).upper()
    if not re.fullmatch(r"KZ[2-9A-Z]{12}", letters):
        return ""
    return "-".join((letters[:2], letters[2:6], letters[6:10], letters[10:]))


#: Wide letters and digits, as a Japanese keyboard types them, and the narrow ones.
_WIDE = {0xFF01 + at: 0x21 + at for at in range(94)} | {0x3000: 0x20}


def _blocks(text: str, say: Say) -> list[dict[str, Any]]:
    return [
        {
            "number": None,
            "lines": [[(say(run.text), run.is_strong) for run in line] for line in block.lines],
            "items": [[(say(run.text), run.is_strong) for run in item] for item in block.items],
        }
        for block in blocks(text)
    ]


def certificate_pdf(
    result: CourseResult | OfficerResult, organization: str, way: str, address: str, *, made_at: datetime
) -> bytes:
    """A certificate with its number and where anyone can check it."""
    picture = io.BytesIO()
    segno.make(address, error="m").save(picture, kind="png", scale=6, border=2)
    html = (
        pdf.environment()
        .get_template("documents/certificate.html")
        .render(
            title="修了証", name=glyphs.tidy(result.name or ""), organization=glyphs.tidy(organization),
            course=glyphs.tidy(result.title), done_on=clock.era_date(result.done_on),
            ends_on=clock.era_date(result.ends_on) if result.ends_on else "", number=result.number, way=way,
            score=f"{result.asked}問中 {result.right_at_first}問（最初の答えで）",
            address=address.split("?")[0], qr=base64.b64encode(picture.getvalue()).decode(),
            footer=f"記録番号 {result.number}　この修了証は、登録された記録から作成しました。",
        )
    )  # fmt: skip
    return pdf.render_pdf(html, title=f"修了証 {result.title}", created=made_at)


def sheet_pdf(course: Course, kind: str, say: Say, *, made_at: datetime) -> bytes:
    """The page to hand out, or the page for whoever leads; `kind` is one of KINDS."""
    text = course.handout if kind == "handout" else course.discussion
    html = (
        pdf.environment()
        .get_template("documents/course_sheet.html")
        .render(
            title=glyphs.tidy(say(course.title)), kind=KINDS[kind], blocks=_blocks(text, say),
            footer=f"{say(course.title)}　{KINDS[kind]}　{_edition(course)}",
        )
    )  # fmt: skip
    return pdf.render_pdf(html, title=f"{course.title} {KINDS[kind]}", created=made_at)


def _edition(course: Course) -> str:
    return f"{course.edition}年版" if len(course.edition) >= 4 else f"第{course.edition}版"


def _printed(question: Question, number: int, say: Say) -> dict[str, Any]:
    return {
        "number": number,
        "situation": say(question.situation),
        "ask": say(question.ask),
        "choices": [
            {"mark": mark, "text": say(choice.text), "is_right": choice.right, "because": say(choice.because)}
            for mark, choice in zip("アイウエ", question.choices, strict=False)
        ],
    }


def quiz_pdf(
    course: Course, asked: Sequence[str], organization: str, number: str, say: Say, *, with_answers: bool,
    made_at: datetime,
) -> bytes:  # fmt: skip
    """The quiz of a group to be filled in on paper, or the same with answers and explanations for whoever leads."""
    kind = "答えと説明（進める人用）" if with_answers else "確かめの問題"
    html = (
        pdf.environment()
        .get_template("documents/course_quiz.html")
        .render(
            title=glyphs.tidy(say(course.title)), kind=kind, organization=glyphs.tidy(organization),
            questions=[_printed(course.by_key[key], at, say) for at, key in enumerate(asked, start=1)],
            with_answers=with_answers, number=number,
            footer=f"{say(course.title)}　{kind}　用紙番号 {number}　{_edition(course)}",
        )
    )  # fmt: skip
    return pdf.render_pdf(html, title=f"{course.title} {kind}", created=made_at)


def topic_pdf(course: Course, question: Question, facts: str, say: Say, *, made_at: datetime) -> bytes:
    """One situation as the topic of a meeting: what to talk about, and what is right and why."""
    html = (
        pdf.environment()
        .get_template("documents/course_topic.html")
        .render(
            title=glyphs.tidy(say(question.topic)), course=glyphs.tidy(say(course.title)), facts=facts,
            question=_printed(question, 1, say), footer=f"話し合いの題材　{say(course.title)}",
        )
    )  # fmt: skip
    return pdf.render_pdf(html, title=question.topic, created=made_at)
