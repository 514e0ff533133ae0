"""Pledges on paper: a record, blanks to sign, and the list for a municipality."""

from collections.abc import Sequence
from datetime import datetime

from partner_compliance import clock
from partner_compliance.documents import glyphs, pdf
from partner_compliance.documents.tables import Column, Table
from partner_compliance.library.pledges import Text
from partner_compliance.organizations.models import Organization, Worker
from partner_compliance.pledges.models import Pledge
from partner_compliance.pledges.queries import Record, record_number
from partner_compliance.pledges.words import CONFIRMATION, Way

_ERASED = "（消去されました）"
#: Beyond so many characters a page is set smaller, so that the place to sign stays on it.
_DENSE = 1100


Page = dict[str, object]


def _page(
    text: Text, facts: list[tuple[str, str]], foot: str, *, is_blank: bool, confirmation: str = ""
) -> dict[str, object]:
    promises = (*text.paragraphs, *text.own)
    length = sum(map(len, (text.opening, *promises, text.afterwards, *text.law, *text.told)))
    return {
        "text": text,
        "promises": promises,
        "facts": facts,
        "foot": foot,
        "is_blank": is_blank,
        "is_dense": length > _DENSE,
        "confirmation": confirmation,
    }


def _render(pages: Sequence[Page], title: str, made_at: datetime) -> bytes:
    html = pdf.environment().get_template("documents/pledge.html").render(title=title, pledges=pages)
    return pdf.render_pdf(html, title=title, created=made_at)


def agreement_pdf(
    text: Text, facts: list[tuple[str, str]], foot: str, title: str, *, confirmation: str, made_at: datetime
) -> bytes:
    """Any text that somebody agreed to, with the facts of it: [(label, value)]."""
    return _render([_page(text, facts, foot, is_blank=False, confirmation=confirmation)], title, made_at)


def told_in_words(pledge: Pledge) -> str:
    """Who told the signer what the pledge means, and when."""
    if pledge.told_on is None or pledge.told_how is None:
        return "記録なし"
    return f"{pledge.told_by or _ERASED}　{clock.era_date(pledge.told_on)}　{pledge.told_how.label}"


def record_pdf(record: Record, *, made_at: datetime) -> bytes:
    """A pledge as it was read and signed, with name, organization, post, date and record number (DOMAIN E06)."""
    pledge = record.pledge
    facts = [
        ("記録番号", record_number(pledge)),
        ("署名した日", clock.era_date(pledge.signed_on)),
        ("団体・拠点", f"{record.organization.name}　{record.center}"),
        ("役職・区分", pledge.post),
        ("氏名", pledge.name or _ERASED),
        ("説明した人", told_in_words(pledge)),
        ("署名の方法", pledge.way.label),
    ]
    if pledge.way is Way.PAPER:
        facts.append(("入力", f"{pledge.recorded_by_name}　{clock.screen_moment(pledge.recorded_at)}"))
    else:
        facts.append(("記録した日時", clock.screen_moment(pledge.recorded_at)))
    if record.cancellation is not None:
        facts.append(
            ("取り消し", f"{clock.era_date(record.cancellation.happened_on)}　{record.cancellation.reason or _ERASED}")
        )
    number = record_number(pledge)
    foot = f"{number}　文面 {pledge.key} {pledge.edition}　文面の照合番号 {pledge.text_digest[:16]}"
    confirmation = "" if pledge.way is Way.PAPER else CONFIRMATION
    title = f"{record.text.title} {number}"
    return agreement_pdf(record.text, facts, foot, title, confirmation=confirmation, made_at=made_at)


def blanks_pdf(blanks: Sequence[tuple[Worker, str, Text]], organization: Organization, *, made_at: datetime) -> bytes:
    """Pledges to sign on paper, a page each, with the names printed: [(worker, post, text)]."""
    pages = []
    for worker, post, text in blanks:
        facts = [
            ("団体", organization.name),
            ("役職・区分", post),
            ("説明した人・日", ""),
            ("署名した日", "　　　　年　　　月　　　日"),
            ("氏名（自署）", f"{glyphs.tidy(worker.name)}　様　　署名："),
        ]
        pages.append(
            _page(text, facts, f"{organization.name}　署名したら、センター長に渡してください。", is_blank=True)
        )
    return _render(pages, "誓約書の用紙", made_at)


_COLUMNS = (
    Column("name", "氏名", width=24),
    Column("post", "役職・区分", width=30),
    Column("signed_on", "署名した日", "date", 16),
)
_LIST = "誓約書を提出した者の一覧"

Listed = Sequence[tuple[Worker, Pledge | None, str]]


def list_table(listed: Listed) -> Table:
    """Who has signed, as a table for XLSX."""
    return Table(
        _LIST, _COLUMNS, [[worker.name, post, signed.signed_on if signed else None] for worker, signed, post in listed]
    )


def list_pdf(listed: Listed, organization: str, municipality: str, engagement: str, *, made_at: datetime) -> bytes:
    """Who has signed, on paper for the municipality (DOMAIN A11, B04)."""
    rows = [
        {
            "name": glyphs.tidy(worker.name),
            "post": post,
            "signed_on": clock.era_date(signed.signed_on) if signed else "未署名",
        }
        for worker, signed, post in listed
    ]
    html = (
        pdf.environment()
        .get_template("documents/pledge_list.html")
        .render(
            title=_LIST,
            organization=glyphs.tidy(organization),
            municipality=municipality,
            engagement=engagement,
            made_on=clock.era_date(clock.local_date(made_at)),
            signed=sum(1 for _, signed, _ in listed if signed),
            people=len(listed),
            rows=rows,
        )
    )
    return pdf.render_pdf(html, title=_LIST, created=made_at)
