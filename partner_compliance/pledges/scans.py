"""Scans of signed paper: what they are is read from their content, never from their name or what the sender says."""

import io
import re
import warnings

from partner_compliance.errors import InvalidInput

#: The largest scan, in bytes.
MOST_BYTES = 10 * 1024 * 1024
#: More pixels than a sheet of A3 at 600 dpi has are no scan of a pledge.
_MOST_PIXELS = 80_000_000
_MOST_PAGES = 20

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
SUFFIXES = {PDF: "pdf", JPEG: "jpg", PNG: "png"}


class NotAScan(InvalidInput):
    """The file is none that can be kept; the message says why and what to do."""


def media_type(content: bytes) -> str:
    """The media type of a scan; raises NotAScan for what is too large, broken, or not what it pretends to be."""
    if not content:
        raise NotAScan("ファイルが空です。もう一度読み取って、選び直してください。")
    if len(content) > MOST_BYTES:
        raise NotAScan("ファイルが大きすぎます（10MBまで）。読み取りの設定を下げて、もう一度お試しください。")
    if content.startswith(b"%PDF-"):
        _read_pdf(content)
        return PDF
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _read_picture(content)
    raise NotAScan("PDF、JPEG、PNGのどれかのファイルを選んでください（名前だけ変えたファイルは使えません）。")


def _read_pdf(content: bytes) -> None:
    from pypdf import PdfReader  # noqa: PLC0415 - megabytes that a process without scans does not need
    from pypdf.errors import PyPdfError  # noqa: PLC0415 - the same

    try:
        reader = PdfReader(io.BytesIO(content))
        is_locked = reader.is_encrypted
        pages = 0 if is_locked else len(reader.pages)
    except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, OSError, RecursionError):
        raise NotAScan("PDFが壊れているため、読めません。もう一度読み取って、選び直してください。") from None
    if is_locked:
        raise NotAScan("パスワードの付いたPDFは使えません。パスワードを外してから、選び直してください。")
    if not 1 <= pages <= _MOST_PAGES:
        raise NotAScan(f"PDFは1ページから{_MOST_PAGES}ページまでにしてください。")
    if re.search(rb"/(JavaScript|JS|Launch|EmbeddedFile|OpenAction|AA)\b", content):
        raise NotAScan("動きや添付のあるPDFは使えません。紙を読み取っただけのPDFを選んでください。")


def _read_picture(content: bytes) -> str:
    from PIL import Image  # noqa: PLC0415 - megabytes that a process without scans does not need

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
                kind, pixels = {"JPEG": JPEG, "PNG": PNG}[str(picture.format)], picture.width * picture.height
                if pixels <= _MOST_PIXELS:
                    picture.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise NotAScan(_TOO_FINE) from None
    except (OSError, SyntaxError, ValueError, LookupError, TypeError):
        raise NotAScan("画像が壊れているため、開けません。もう一度読み取って、選び直してください。") from None
    if pixels > _MOST_PIXELS:
        raise NotAScan(_TOO_FINE)
    return kind


_TOO_FINE = "画像が大きすぎます。読み取りの設定を下げて、もう一度お試しください。"
