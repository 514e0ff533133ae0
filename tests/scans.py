"""A scan for tests: a small picture in PNG, as a phone or a copier makes it."""

import io

from PIL import Image


def picture(form: str = "PNG", size: tuple[int, int] = (40, 56)) -> bytes:
    """A white sheet of paper as a picture."""
    content = io.BytesIO()
    Image.new("RGB", size, "white").save(content, form)
    return content.getvalue()


SCAN = picture()
