"""The notice to hang up: the level of a day, and where that of today can be read."""

from datetime import date, datetime

from partner_compliance import clock
from partner_compliance.documents import glyphs, pdf
from partner_compliance.publications.words import ABOUT_LEVELS


def notice_pdf(organization: str, level: int, title: str, day: date, address: str, *, made_at: datetime) -> bytes:
    """The notice as PDF, on one sheet of A4."""
    heading = "情報管理の準備度"
    html = (
        pdf.environment()
        .get_template("documents/published_level.html")
        .render(
            title=heading, organization=glyphs.tidy(organization), level=level, name=title, day=clock.era_date(day),
            address=address, about=ABOUT_LEVELS, is_long=len(organization) > 24,
            footer=f"{heading}　{clock.era_date(day)}現在",
        )
    )  # fmt: skip
    return pdf.render_pdf(html, title=f"{heading} {organization}", created=made_at)
