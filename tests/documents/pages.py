"""Reading PDFs back."""

import io
from typing import Any

from pypdf import PdfReader


def read(document: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(document))


def text_of(document: bytes) -> str:
    """All text without white space: lines break where the columns end."""
    return "".join("".join(page.extract_text() for page in read(document).pages).split())


def embedded(document: bytes) -> dict[str, bool]:
    """Each font of the document, and whether its outlines are in the file."""
    found: dict[str, bool] = {}
    for page in read(document).pages:
        for reference in page["/Resources"]["/Font"].values():
            font = reference.get_object()
            descriptor = font.get("/FontDescriptor")
            found[font["/BaseFont"]] = descriptor is not None and "/FontFile2" in descriptor.get_object()
    return found


def right_edges(document: bytes) -> list[float]:
    """Where each piece of text ends, in points from the left edge of its page."""
    edges: list[float] = []
    for page in read(document).pages:
        widths = {
            name: [float(width) for width in font.get_object()["/Widths"]]
            for name, font in page["/Resources"]["/Font"].items()
            if "/Widths" in font.get_object()
        }
        state: dict[str, Any] = {"font": "", "size": 0.0}

        def operand(
            operator: bytes, operands: Any, _cm: Any, tm: Any, widths: Any = widths, state: Any = state
        ) -> None:
            if operator == b"Tf":
                state["font"], state["size"] = operands[0], float(operands[1])
            elif operator == b"Tj":
                text = operands[0]
                codes = text.original_bytes if hasattr(text, "original_bytes") else bytes(text)
                width = sum(widths[state["font"]][code] for code in codes) / 1000 * state["size"]
                edges.append(_cm[4] + tm[4] + width)

        page.extract_text(visitor_operand_before=operand)
    return edges
