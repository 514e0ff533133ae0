"""Check sheets on paper: blank ones to fill in by hand, records of filled ones, and binders of many."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from partner_compliance import clock
from partner_compliance.documents import glyphs, pdf

Answer = Literal["ok", "not_ok", "not_applicable", "unsure"]

#: Sheets laid out in one go: more would need much memory, fewer would store the fonts more often.
CHUNK = 50

#: In the order of the columns; the third field breaks the label where the column is narrow.
ANSWERS: tuple[tuple[Answer, str, tuple[str, ...]], ...] = (
    ("ok", "適正", ("適正",)),
    ("not_ok", "要改善", ("要改善",)),
    ("not_applicable", "該当なし", ("該当", "なし")),
    ("unsure", "わからない", ("わから", "ない")),
)


@dataclass(frozen=True)
class PrintedItem:
    number: str  # 1-2
    subject: str
    text: str
    answer: Answer | None = None
    note: str = ""


@dataclass(frozen=True)
class PrintedSection:
    number: str
    title: str
    items: Sequence[PrintedItem]


@dataclass(frozen=True)
class PrintedLine:
    """One fact with its name: 提出 / 令和8年12月3日 18:20　髙橋 﨑子."""

    label: str
    value: str


@dataclass(frozen=True)
class PrintedSheet:
    """Everything that stands on one sheet, as text; without a version number it is a blank one to be filled in."""

    title: str
    month: str  # YYYY-MM
    organization: str
    center: str
    worker: str
    sections: Sequence[PrintedSection]
    edition: str
    no_take_out: bool | None = None
    no_take_out_label: str = "今月は個人情報の持ち出しがなかった（1-2 から 1-10 は「該当なし」になります）"
    version_number: int | None = None
    record_number: str = ""
    state: str = ""  # 確認済み, 差し戻し中, …; also shown in the binder's table of contents
    submitted: Sequence[PrintedLine] = ()
    sign_off: Sequence[PrintedLine] = ()
    corrections: Sequence[PrintedLine] = ()
    footer: str = ""

    @property
    def is_blank(self) -> bool:
        return self.version_number is None

    @property
    def items(self) -> list[PrintedItem]:
        return [item for section in self.sections for item in section.items]


@dataclass(frozen=True)
class CoverEntry:
    """A worker who has no sheet in the binder, and why: 活動なし, 未提出, …."""

    worker: str
    state: str


@dataclass(frozen=True)
class BinderCover:
    """What stands before the sheets of a binder; the table of contents is made from the sheets."""

    title: str
    lines: Sequence[PrintedLine] = ()
    without_sheet: Sequence[CoverEntry] = ()
    footer: str = ""


@dataclass(frozen=True)
class _Room:
    """How roomy a sheet is printed, by a class of the stylesheet; measures in mm."""

    name: str
    line: float
    padding: float  # above and below an item together
    least: float  # height of an item, so that a pen finds its box
    width: int  # characters in a line of an item's text


#: The widest that fits one page is taken; a record too long for all of them flows over several pages.
_ROOMS = (
    _Room("roomy", 3.9, 2.2, 8.4, 29),
    _Room("normal", 3.9, 1.2, 7.2, 29),
    _Room("tight", 3.6, 0.7, 6.0, 29),
    _Room("small", 3.3, 0.6, 6.0, 31),
    _Room("smallest", 2.9, 0.4, 5.3, 35),
)
_NORMAL = 1
_LEGIBLE = 3  # rooms with letters of full size; a record rather takes another page than smaller ones
_PAGE = 264.0  # height of the frame, less a reserve
_HEAD = 47.0  # title, facts, explanation, no-take-out box, head of the table, signatures' gaps
_SECTION = 5.2
_SIGNATURES = 22.0
_WRITING_HEAD, _WRITING_LINE = 8.0, 7.0
_FACT = 5.2

Progress = Callable[[int, int], None]


def check_sheet_pdf(
    sheets: Sequence[PrintedSheet],
    progress: Progress | None = None,
    *,
    cover: BinderCover | None = None,
    created: datetime | None = None,
) -> bytes:
    """One PDF of all sheets, each on pages of its own; `progress(done, total)` is called as the work goes on."""
    if not sheets and cover is None:
        raise ValueError("nothing to print")
    title = cover.title if cover else _name(sheets[0])
    if len(sheets) == 1 and cover is None:
        document = _lay_out(sheets, title, created=created).document
        if progress:
            progress(1, 1)
        return document
    return _binder(sheets, title, cover, progress or (lambda _done, _total: None), created)


@dataclass(frozen=True)
class _Chunk:
    document: bytes
    starts: list[int]  # the page, counted from 0, on which each sheet begins
    pages: int

    def lengths(self) -> list[int]:
        """The number of pages of each sheet."""
        return [end - start for start, end in zip(self.starts, [*self.starts[1:], self.pages], strict=True)]


def _binder(
    sheets: Sequence[PrintedSheet],
    title: str,
    cover: BinderCover | None,
    progress: Progress,
    created: datetime | None,
) -> bytes:
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415 - heavy, and most processes never need it

    # Page numbers are printed while the pages are made, so the length of the cover must be known before.
    cover_pages = _page_count(_cover(cover, sheets, [0] * len(sheets), created)) if cover else 0
    chunks: list[bytes] = []
    starts: list[int] = []
    page = cover_pages
    for first in range(0, len(sheets), CHUNK):
        chunk = _lay_out(sheets[first : first + CHUNK], title, first_page=page + 1)
        chunks.append(chunk.document)
        starts += [page + start for start in chunk.starts]
        page += chunk.pages
        progress(len(starts), len(sheets))
    if cover:
        chunks.insert(0, _cover(cover, sheets, [start + 1 for start in starts], created))
    writer = PdfWriter()
    for document in chunks:
        writer.append(PdfReader(io.BytesIO(document)), import_outline=False)
    for sheet, start in zip(sheets, starts, strict=True):
        writer.add_outline_item(title=_outline(sheet), page_number=start)
    return pdf.finished(writer, title=title, created=created)


def _lay_out(
    sheets: Sequence[PrintedSheet], title: str, *, first_page: int | None = None, created: datetime | None = None
) -> _Chunk:
    """Lay out a chunk; blank sheets that run over their one page are done again with less room.

    Without a `first_page` it is a document of its own, and its pages say how many there are.
    """
    template = pdf.environment().get_template("documents/check_sheets.html")
    rooms = [_likely_room(sheet) for sheet in sheets]
    total = 1 if first_page is None else None  # a guess; asking the engine to count costs a second layout each time
    while True:
        html = template.render(
            title=glyphs.tidy(title),
            sheets=[
                (sheet, _ROOMS[room].name, _writing_lines(sheet, _ROOMS[room]))
                for sheet, room in zip(sheets, rooms, strict=True)
            ],
            answers=ANSWERS,
            total=total,
        )
        chunk = _measured(pdf.render_pdf(html, title=title, created=created, first_page=first_page or 1), len(sheets))
        too_long = [
            index
            for index, length in enumerate(chunk.lengths())
            if length > 1 and sheets[index].is_blank and rooms[index] < len(_ROOMS) - 1
        ]
        if not too_long and total in (None, chunk.pages):
            return chunk
        for index in too_long:
            rooms[index] += 1
        if total and not too_long:
            total = chunk.pages


def _likely_room(sheet: PrintedSheet) -> int:
    """The widest room that the sheet will fit, estimated, so that most sheets are laid out only once."""
    for index, room in enumerate(_ROOMS if sheet.is_blank else _ROOMS[:_LEGIBLE]):
        least = _WRITING_HEAD + _WRITING_LINE * max(1, 4 - index) if sheet.is_blank else 0
        if _height(sheet, room) + least <= _PAGE:
            return index
    return len(_ROOMS) - 1 if sheet.is_blank else _NORMAL


def _writing_lines(sheet: PrintedSheet, room: _Room) -> int:
    """How many lines for handwriting still fit below the items."""
    return min(7, max(1, int((_PAGE - _height(sheet, room) - _WRITING_HEAD) / _WRITING_LINE)))


def _height(sheet: PrintedSheet, room: _Room) -> float:
    """About how many mm of the page a sheet will take, without the lines for handwriting."""
    items = 0.0
    for item in sheet.items:
        lines = max(_lines(item.subject, 11), _lines(item.text, room.width))
        items += max(room.least, lines * room.line + room.padding)
        if item.note:
            items += _lines(item.note, 44) * room.line + room.padding
    facts = [*sheet.submitted, *sheet.sign_off, *sheet.corrections]
    below = _SIGNATURES if sheet.is_blank else sum(_FACT * _lines(fact.value, 43) for fact in facts) + 6
    return _HEAD + len(sheet.sections) * _SECTION + items + below


def _lines(text: str, width: int) -> int:
    return sum(max(1, -(-len(line) // width)) for line in text.split("\n"))


def _measured(document: bytes, count: int) -> _Chunk:
    from pypdf import PdfReader  # noqa: PLC0415 - heavy, and most processes never need it

    reader = PdfReader(io.BytesIO(document))
    # Each sheet has one <h1>, and the engine makes a bookmark of it.
    marks = [mark for mark in reader.outline if not isinstance(mark, list)]
    starts = [reader.get_destination_page_number(mark) or 0 for mark in marks]
    if len(starts) != count:
        raise pdf.PdfFailed(f"{count} sheets were laid out, {len(starts)} were found")
    return _Chunk(document, starts, len(reader.pages))


def _cover(cover: BinderCover, sheets: Sequence[PrintedSheet], pages: Sequence[int], created: datetime | None) -> bytes:
    html = (
        pdf.environment()
        .get_template("documents/binder_cover.html")
        .render(
            title=glyphs.tidy(cover.title),
            cover=cover,
            entries=list(zip(sheets, pages, strict=True)),
            footer=cover.footer,
        )
    )
    return pdf.render_pdf(html, title=cover.title, created=created)


def _page_count(document: bytes) -> int:
    from pypdf import PdfReader  # noqa: PLC0415 - heavy, and most processes never need it

    return len(PdfReader(io.BytesIO(document)).pages)


def _name(sheet: PrintedSheet) -> str:
    return f"{sheet.title} {clock.era_month(sheet.month)}分 {sheet.worker}".strip()


def _outline(sheet: PrintedSheet) -> str:
    name = glyphs.tidy(sheet.worker) or "（氏名なし）"
    return f"{name}（{glyphs.tidy(sheet.state)}）" if sheet.state else name
