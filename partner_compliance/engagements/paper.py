"""Notices on paper: what of a place's change stands on the notice to the municipality."""

from partner_compliance import clock
from partner_compliance.documents.place_notice import NoticeLine, PrintedNotice, place_notice_pdf
from partner_compliance.engagements.models import PlaceNotice
from partner_compliance.engagements.queries import NoticeRow
from partner_compliance.engagements.words import NoticeKind

_SENTENCES = {
    NoticeKind.ADDED: "次のとおり、個人情報を扱う場所を届け出ます。",
    NoticeKind.CHANGED: "次のとおり、個人情報を扱う場所の変更を届け出ます。",
    NoticeKind.CLOSED: "次のとおり、個人情報を扱う場所を使わなくなることを届け出ます。",
}
_EFFECTIVE = {
    NoticeKind.ADDED: "使い始める日",
    NoticeKind.CHANGED: "変更の日",
    NoticeKind.CLOSED: "最後に使う日",
}


def title_of(notice: PlaceNotice) -> str:
    """The notice's name: 作業場所 届, 保管場所 変更届, …."""
    return f"{notice.place_kind.label} {notice.kind.label}"


def record_number(notice: PlaceNotice) -> str:
    """The number under which a printed notice is found again: eight characters of its public id."""
    return f"{notice.id.hex[:4]}-{notice.id.hex[4:8]}".upper()


def lines_of(notice: PlaceNotice) -> list[NoticeLine]:
    """What the place was and what it is, line by line."""
    before, after = notice.before or {}, notice.after or {}
    return [NoticeLine(label, before.get(label, ""), after.get(label, "")) for label in {**before, **after}]


def printed_notice(row: NoticeRow) -> PrintedNotice:
    """A notice as it is shown and printed."""
    notice, answer = row.notice, row.answer
    sentence = _SENTENCES[notice.kind]
    if notice.needs_approval:
        sentence += "承認をお願いします。"
    said = ""
    if answer is not None:
        said = f"{answer.kind.label}　{clock.era_date(clock.local_date(answer.at))}　{answer.by_name}"
        if answer.reason:
            said += f"（{answer.reason}）"
    return PrintedNotice(
        title=title_of(notice),
        number=notice.number,
        made_on=clock.local_date(notice.at),
        addressee=notice.municipality_name,
        organization=notice.organization_name,
        representative=notice.representative_name,
        sentence=sentence,
        engagement=notice.title,
        effective_on=notice.effective_on,
        effective_label=_EFFECTIVE[notice.kind],
        reason=notice.reason,
        lines=lines_of(notice),
        is_change=notice.kind is NoticeKind.CHANGED,
        needs_approval=notice.needs_approval,
        answer=said,
        record_number=record_number(notice),
        made_by=notice.by_name,
    )


def notice_pdf(row: NoticeRow) -> bytes:
    """A notice as PDF."""
    return place_notice_pdf(printed_notice(row), created=row.notice.at)
