"""An invitation on paper: one page with a QR code and a short code, to be handed over in person."""

from dataclasses import dataclass
from datetime import date, datetime

from partner_compliance.documents import pdf


@dataclass(frozen=True)
class PrintedInvitation:
    """Everything that stands on the page; `link` is in the QR code, `address` and `code` are for typing."""

    body: str
    person: str
    roles: str
    what_for: str
    link: str
    address: str
    code: str
    until: date
    made_on: date
    #: Whom to ask, and whom to tell when the paper is lost.
    contact: str

    @property
    def is_long(self) -> bool:
        """Whether names and roles take so much room that the letters have to be smaller."""
        return 2 * len(self.body) + len(self.person) + len(self.roles) > 150


def invitation_pdf(invitation: PrintedInvitation, *, created: datetime | None = None) -> bytes:
    """The page as PDF, on one sheet of A4."""
    title = "情報管理パートナー　参加のご案内"
    template = pdf.environment().get_template("documents/invitation.html")
    return pdf.render_pdf(template.render(title=title, invitation=invitation), title=title, created=created)
