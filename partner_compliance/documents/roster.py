"""The roster of workers (業務従事者名簿) on paper, A4 landscape."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from partner_compliance import clock
from partner_compliance.documents import glyphs, pdf


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
    html = (
        pdf.environment()
        .get_template("documents/roster.html")
        .render(title=glyphs.tidy(title), roster=roster, footer=roster.footer)
    )
    return pdf.render_pdf(html, title=title, created=created)
