"""The letter by which a group is invited to register: one page with a QR code and a code to type."""

from dataclasses import dataclass
from datetime import date, datetime

from partner_compliance.documents import pdf


@dataclass(frozen=True)
class RegistrationLetter:
    """Everything that stands on the page; `link` is in the QR code, `address` and `code` are for typing."""

    inviter: str
    group: str
    #: Whether a network invites, and not a municipality.
    is_network: bool
    link: str
    address: str
    code: str
    until: date
    made_on: date
    #: The title of the engagement that begins with the registration; empty when there is none.
    engagement: str = ""

    @property
    def is_long(self) -> bool:
        """Whether names take so much room that the letters have to be smaller."""
        return len(self.inviter) + len(self.group) + len(self.engagement) > 120


def registration_letter_pdf(letter: RegistrationLetter, *, created: datetime | None = None) -> bytes:
    """The letter as PDF, on one sheet of A4."""
    title = "情報管理パートナー　団体登録のご案内"
    template = pdf.environment().get_template("documents/registration_letter.html")
    return pdf.render_pdf(template.render(title=title, letter=letter), title=title, created=created)
