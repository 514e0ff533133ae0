"""The notice of a place of work or storage (作業場所・保管場所 届) as a PDF of one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from partner_compliance.documents import glyphs, pdf


@dataclass(frozen=True)
class NoticeLine:
    """One fact of a place: what it was and what it is."""

    label: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        """Whether the two differ."""
        return self.before != self.after


@dataclass(frozen=True)
class PrintedNotice:
    """Everything that stands on the notice, as text."""

    title: str
    number: int
    made_on: date
    addressee: str
    organization: str
    representative: str
    sentence: str
    engagement: str
    effective_on: date
    effective_label: str
    reason: str
    lines: Sequence[NoticeLine]
    #: Whether the columns before and after both stand there.
    is_change: bool
    needs_approval: bool
    answer: str
    record_number: str
    made_by: str


def place_notice_pdf(notice: PrintedNotice, *, created: datetime) -> bytes:
    """The notice as PDF; the same input gives the same bytes."""
    title = f"{notice.title} 第{notice.number}号 {notice.organization}"
    html = (
        pdf.environment()
        .get_template("documents/place_notice.html")
        .render(
            title=glyphs.tidy(title),
            notice=notice,
            footer=f"記録番号 {notice.record_number}　この届は、登録された記録から作成しました。",
        )
    )
    return pdf.render_pdf(html, title=title, created=created)
