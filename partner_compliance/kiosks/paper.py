"""Slips on paper: four to an A4 page, to be cut apart."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from partner_compliance import clock
from partner_compliance.documents import glyphs, pdf
from partner_compliance.kiosks.operations import Slip
from partner_compliance.organizations.models import Center, Organization

ON_A_PAGE = 4
_TITLE = "共用端末をはじめて使うときの紙"


def slips_pdf(
    slips: Sequence[Slip], names: Mapping[UUID, str], organization: Organization, center: Center, *, made_at: datetime
) -> bytes:
    """The slips as PDF; `names` are those under which the tablet shows people, where they differ from their own."""
    html = (
        pdf.environment()
        .get_template("documents/pin_slips.html")
        .render(
            title=_TITLE,
            pages=[slips[first : first + ON_A_PAGE] for first in range(0, len(slips), ON_A_PAGE)],
            names=names,
            organization=glyphs.tidy(organization.name),
            center=glyphs.tidy(center.name),
            until=clock.era_date(clock.local_date(slips[0].expires_at)) if slips else "",
        )
    )
    return pdf.render_pdf(html, title=_TITLE, created=made_at)
