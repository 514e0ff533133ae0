"""HTML to PDF with embedded Japanese fonts. Nothing a text says can make it read a file or call anybody.

Importing this module costs nothing: the layout engine comes in with the first document.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from partner_compliance import clock
from partner_compliance.documents import glyphs, tounicode

TEMPLATES = Path(__file__).parent / "templates"

#: The engine and reportlab keep fonts, caches and settings in module globals.
_lock = RLock()

#: The engine would keep what is larger than 100 kB in files, and leave them open.
_IN_MEMORY = 1 << 30

_DATE = re.compile(rb"/(?:CreationDate|ModDate) \(D:\d{14}\+00'00'\)")


class PdfFailed(RuntimeError):
    """The document could not be made; the text says why, for the log."""


@cache
def environment(*folders: Path) -> Environment:
    """Templates for PDFs: the ones of this room (`documents/…`), and those in the folders of others.

    Filters: `pdftext` for every text that a person has written, `era_date`, `era_month`.
    """
    _require_fonts()  # every text is prepared for them
    made = Environment(
        loader=FileSystemLoader([TEMPLATES, *folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(pdftext=glyphs.pdftext, era_date=clock.era_date, era_month=clock.era_month)
    return made


def render_pdf(html: str, *, title: str, created: datetime | None = None, first_page: int = 1) -> bytes:
    """Lay out an HTML page; the same input gives the same bytes.

    The file is dated only when `created` is given. `first_page` is what `<pdf:pagenumber>` shows on the first page.
    """
    _require_fonts()
    with _lock, _engine(first_page) as create_pdf:
        out = io.BytesIO()
        try:
            made = create_pdf(
                html,
                dest=out,
                encoding="utf-8",
                context_meta={"title": glyphs.tidy(title)},
                resource_policy=_policy(),
                capacity=_IN_MEMORY,
                raise_exception=True,
            )
        except Exception as error:
            raise PdfFailed(f"the layout engine gave up: {error}") from error
        if made.err:
            raise PdfFailed(f"the layout engine reports {made.err} errors: {made.log}")
    return _dated(out.getvalue(), created)


def finished(writer: Any, *, title: str, created: datetime | None = None) -> bytes:
    """The bytes of a document put together with pypdf, with the same facts about itself as any other of ours."""
    from pypdf.generic import NameObject, TextStringObject  # noqa: PLC0415 - heavy, and most processes never need it

    writer.metadata = {"/Title": glyphs.tidy(title), "/Producer": "xhtml2pdf, pypdf"}
    if created is not None:
        at = clock.local(created).strftime("D:%Y%m%d%H%M%S+09'00'")
        writer.add_metadata({"/CreationDate": at, "/ModDate": at})
    writer.root_object[NameObject("/Lang")] = TextStringObject("ja-JP")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _require_fonts() -> None:
    if lacking := glyphs.missing_fonts():
        raise PdfFailed(f"font files are missing: {', '.join(lacking)}")


@contextmanager
def _engine(first_page: int) -> Iterator[Any]:
    """The layout engine, set up for one document."""
    from reportlab import rl_config  # noqa: PLC0415 - heavy, and most processes never need it
    from xhtml2pdf import pisa  # noqa: PLC0415
    from xhtml2pdf.xhtml2pdf_reportlab import PmlBaseDoc  # noqa: PLC0415

    _prepare()
    settings: dict[str, Any] = {
        "invariant": 1,  # no clock, no random id in the file
        "useA85": 0,  # binary streams: smaller and faster than reportlab's text encoding
        "canvas_basefontname": glyphs.faces()[0].fontName,  # else each file names Helvetica, which is not embedded
    }
    before = {name: getattr(rl_config, name) for name in settings}
    page_label = PmlBaseDoc.pageLabel
    _set(rl_config, settings)
    # <pdf:resetpagenumber> would do the same, at the price of a second layout pass.
    PmlBaseDoc.pageLabel = lambda _document, page: page + first_page - 1
    try:
        yield pisa.CreatePDF
    finally:
        _set(rl_config, before)
        PmlBaseDoc.pageLabel = page_label


def _set(module: Any, settings: dict[str, Any]) -> None:
    for name, value in settings.items():
        setattr(module, name, value)


@cache
def _prepare() -> None:
    """Make our fonts known to the engine by name, so that no document ever needs to read a file."""
    from reportlab.lib.fonts import addMapping  # noqa: PLC0415 - heavy, and most processes never need it
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415
    from reportlab.platypus.tables import CellStyle  # noqa: PLC0415
    from xhtml2pdf.default import DEFAULT_FONT  # noqa: PLC0415

    tounicode.apply()
    regular, bold, fallback = glyphs.faces()
    for family, normal, strong in (("gothic", regular, bold), ("rare", fallback, fallback)):
        for font in {normal.fontName: normal, strong.fontName: strong}.values():
            pdfmetrics.registerFont(font)
        for italic in (0, 1):
            addMapping(family, 0, italic, normal.fontName)
            addMapping(family, 1, italic, strong.fontName)
        DEFAULT_FONT[family] = family
    CellStyle.fontname = regular.fontName  # selected before each cell's own font, and not embedded if it were Helvetica


@cache
def _policy() -> Any:
    """What a document may read: nothing, neither from the network nor from the disk."""
    from xhtml2pdf.config.resources import ResourceAccessPolicy  # noqa: PLC0415 - heavy, and most processes never need it

    return ResourceAccessPolicy.server(
        base_dir=None,
        allow_remote=False,
        max_render_seconds=600,  # a chunk of a binder on a busy machine
        max_document_bytes=64 * 1024 * 1024,  # fifty sheets with long notes
    )


def _dated(document: bytes, created: datetime | None) -> bytes:
    """The same file with its dates set, or blanked; as long as before, so that its table of offsets stays right."""

    def stamp(found: re.Match[bytes]) -> bytes:
        if created is None:
            return b" " * len(found[0])
        at = clock.local(created).strftime("%Y%m%d%H%M%S+09'00'")
        return found[0].split(b"(")[0] + f"(D:{at})".encode()

    return _DATE.sub(stamp, document)
