"""Labels and the ledger on paper."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.documents import glyphs, pdf
from partner_compliance.organizations.models import Center, Organization
from partner_compliance.takeouts import ledger
from partner_compliance.takeouts.models import TakeOutLabel
from partner_compliance.takeouts.queries import Line

#: Three columns of four.
ON_A_PAGE = 12
_LABELS = "持ち出しラベル"
_LEDGER = "持ち出し管理台帳"


def labels_pdf(
    labels: Sequence[TakeOutLabel],
    addresses: Mapping[UUID, str],
    organization: Organization,
    center: Center,
    *,
    made_at: datetime,
) -> bytes:
    """Labels to cut out and stick on bags, devices and folders; `addresses` is where each QR code leads."""
    drawn = [(glyphs.tidy(each.name), each.medium.label, each.code, addresses[each.id]) for each in labels]
    html = (
        pdf.environment()
        .get_template("documents/take_out_labels.html")
        .render(
            title=_LABELS,
            pages=[_rows(drawn[first : first + ON_A_PAGE]) for first in range(0, len(drawn), ON_A_PAGE)],
            organization=glyphs.tidy(organization.name),
            center=glyphs.tidy(center.name),
        )
    )
    return pdf.render_pdf(html, title=_LABELS, created=made_at)


def _rows(labels: Sequence[tuple[str, str, str, str]]) -> list[list[tuple[str, str, str, str] | None]]:
    rows = [list(labels[first : first + 3]) for first in range(0, len(labels), 3)]
    return [[*row, *([None] * (3 - len(row)))] for row in rows]


def ledger_pdf(
    session: Session, lines: Sequence[Line], organization: Organization, *, period: str, made_at: datetime
) -> bytes:
    """The ledger of a period on A4 across, to be kept or handed in."""
    table = ledger.as_table(session, lines)
    at = {column.key: place for place, column in enumerate(table.columns)}
    html = (
        pdf.environment()
        .get_template("documents/take_out_ledger.html")
        .render(
            title=_LEDGER,
            organization=glyphs.tidy(organization.name),
            period=period,
            made_on=clock.era_date(clock.local_date(made_at)),
            rows=[{key: row[place] for key, place in at.items()} for row in table.rows],
        )
    )
    return pdf.render_pdf(html, title=_LEDGER, created=made_at)
