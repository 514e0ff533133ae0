"""The roster of workers (業務従事者名簿) on paper, A4 landscape."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from partner_compliance import clock
from partner_compliance.documents import glyphs, pdf

#: How many characters a cell may hold: a row has to fit on one page.
LONGEST_IN_CELL = 200


@dataclass(frozen=True)
class PrintedPerson:
    """A line of the roster, as text."""

    name: str
    kana: str
    kind: str
    posts: str
    centers: str
    projects: str
    handling: str
    period: str


@dataclass(frozen=True)
class PrintedChange:
    """A line of what differs from the last roster: what kind of change, of what, before, after."""

    kind: str
    what: str
    before: str
    after: str


@dataclass(frozen=True)
class PrintedRoster:
    """Everything that stands on a roster that is handed in; `posts` are (post, name)."""

    municipality: str
    engagement: str
    organization: str
    representative: str
    scope: str
    number: int
    made_on: date
    made_by: str
    record_number: str
    posts: Sequence[tuple[str, str]]
    people: Sequence[PrintedPerson]
    compared_with: str
    changes: Sequence[PrintedChange]

    title: str = "業務従事者名簿"

    @property
    def pairs(self) -> list[tuple[tuple[str, str], tuple[str, str]]]:
        """The posts, two for each row of their table."""
        filled = [*self.posts, ("", "")]
        return [(filled[at], filled[at + 1]) for at in range(0, len(self.posts), 2)]

    @property
    def footer(self) -> str:
        """What stands at the foot of each page."""
        return f"{self.title}（第{self.number}回）　{self.organization}　記録番号 {self.record_number}"


def roster_pdf(roster: PrintedRoster, *, created: datetime | None = None) -> bytes:
    """A roster as PDF; the same roster gives the same bytes."""
    title = f"{roster.title}　{roster.organization}　{clock.era_date(roster.made_on)}"
    notes: list[tuple[int, str]] = []
    found = count(1)

    def cell(text: str) -> str:
        """A text short enough for a row, which no page can break; the whole of a longer one stands below the tables."""
        if len(text) <= LONGEST_IN_CELL:
            return text
        number = next(found)
        # The engine breaks neither paragraphs nor rows over two pages: a note is several rows.
        notes.extend((number, text[at : at + 400]) for at in range(0, len(text), 400))
        return f"{text[: LONGEST_IN_CELL - 20]}…（全文は別記{number}）"

    html = (
        pdf.environment()
        .get_template("documents/roster.html")
        .render(title=glyphs.tidy(title), roster=roster, footer=roster.footer, cell=cell, notes=notes)
    )
    return pdf.render_pdf(html, title=title, created=created)
