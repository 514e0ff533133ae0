"""Council papers on paper: an organization's consent, and the roster of a case meeting."""

from datetime import datetime

from partner_compliance import clock
from partner_compliance.councils.queries import Membership, Roster, meeting_number, membership_number
from partner_compliance.councils.words import ConsentWay, SignatureWay
from partner_compliance.documents import glyphs, pdf
from partner_compliance.errors import NotFound
from partner_compliance.library.pledges import Text
from partner_compliance.pledges.paper import agreement_pdf
from partner_compliance.pledges.words import CONFIRMATION

_ERASED = "（消去されました）"
#: Empty lines for those who come without being expected, while a roster is open.
_EMPTY_LINES = 4


def text_of(membership: Membership) -> Text | None:
    """The text to which an organization has consented; None before."""
    reply = membership.consent
    return Text.model_validate(reply.text) if reply is not None and reply.text is not None else None


def consent_pdf(membership: Membership, *, made_at: datetime) -> bytes:
    """A consent with date, organization, representative, address and contact (DOMAIN D06); raises NotFound without."""
    reply, request = membership.consent, membership.request
    text = text_of(membership)
    if reply is None or text is None:
        raise NotFound("承諾書はまだありません。", "団体が承諾すると、印刷できます。")
    number = membership_number(request)
    facts = [
        ("記録番号", number),
        ("承諾した日", clock.era_date(reply.holds_on)),
        ("協議会", f"{membership.municipality}　{request.council}"),
        ("区分", request.category.label),
        ("団体", membership.organization),
        ("所在地", reply.address),
        ("代表者", f"{reply.post}　{reply.name or _ERASED}"),
        ("連絡先", reply.contact),
        ("承諾の方法", reply.way.label if reply.way else ""),
        ("記録", f"{reply.by_name}　{clock.screen_moment(reply.made_at)}"),
    ]
    if membership.last is not None and membership.last is not reply:
        facts.append(("終了", f"{clock.era_date(membership.last.holds_on)}　{membership.last.reason or _ERASED}"))
    return agreement_pdf(
        text, facts, f"{number}　文面 council-membership {reply.edition}　文面の照合番号 {reply.text_digest[:16]}",
        f"{text.title} {number}", confirmation=CONFIRMATION if reply.way is ConsentWay.SCREEN else "", made_at=made_at,
    )  # fmt: skip


def roster_pdf(roster: Roster, *, made_at: datetime) -> bytes:
    """The roster of a case meeting with everyone's signature, or with lines to sign on while it is open (D07, D08)."""
    meeting = roster.meeting
    rows = [
        {
            "organization": glyphs.tidy(each.seat.organization),
            "post": each.seat.post,
            "name": glyphs.tidy(each.seat.name or _ERASED),
            "is_member": each.seat.is_member,
            "signed": _signed(each.signature.way, each.signature.signed_at) if each.signature else "",
        }
        for each in roster.seats
        if not each.is_absent
    ]
    if roster.closed is None:
        rows += [{"organization": "", "post": "", "name": "", "is_member": None, "signed": ""}] * _EMPTY_LINES
    read_out = roster.read_out
    title = f"個別ケース検討会議 出席者名簿 {meeting_number(meeting)}"
    html = (
        pdf.environment()
        .get_template("documents/attendance.html")
        .render(
            title=title,
            text=roster.text,
            number=meeting_number(meeting),
            facts=[
                ("協議会", f"{roster.municipality}　{meeting.council}"),
                ("会議の番号", meeting.number),
                ("日付・会場", f"{clock.era_date(meeting.held_on)}　{meeting.place}"),
                ("会議を開いた人", meeting.convener),
                (
                    "守秘の説明",
                    f"{read_out.said_by or _ERASED}　{clock.screen_moment(read_out.at)}に記録" if read_out else "",
                ),
                ("出席者", f"{roster.present}人のうち署名{roster.signed}人" if rows else ""),
            ],
            rows=rows,
            is_open=roster.closed is None,
            confirmation=CONFIRMATION,
            edition=meeting.edition,
            digest=meeting.text_digest[:16],
        )
    )
    return pdf.render_pdf(html, title=title, created=made_at)


def _signed(way: SignatureWay, at: datetime) -> str:
    return "紙に署名" if way is SignatureWay.PAPER else f"{clock.screen_moment(at)}　{way.label}"
