"""Sheets on paper: what of a sheet's story stands on a blank form, a record and a binder."""

from collections.abc import Callable, Sequence
from datetime import datetime

from partner_compliance import clock
from partner_compliance.documents.check_sheet import (
    BinderCover,
    CoverEntry,
    PrintedItem,
    PrintedLine,
    PrintedSection,
    PrintedSheet,
    check_sheet_pdf,
)
from partner_compliance.library.checklists import Checklist
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Center
from partner_compliance.sheets.models import EventKind, SheetVersion
from partner_compliance.sheets.queries import SheetStory

Progress = Callable[[int, int], None]


def printed_sheet(story: SheetStory, checklist: Checklist, version: SheetVersion | None, *, head: bool) -> PrintedSheet:
    """A sheet as it is printed: blank when there is no version, else the record of that version."""
    organization, rule = story.organization.name, checklist.default_rule
    answers = (version.answers or {}) if version else {}
    with_head = version.with_head_section if version else head
    sections = [
        PrintedSection(
            str(section.number),
            section.title,
            [
                PrintedItem(
                    item.number,
                    item.subject,
                    item.paper_wording(organization, rule),
                    answers.get(item.number, {}).get("answer") or None,
                    answers.get(item.number, {}).get("note", ""),
                )
                for item in section.items
            ],
        )
        for section in checklist.sections_for(with_head)
    ]
    sheet = story.sheet
    covered = checklist.no_take_out.items
    return PrintedSheet(
        title=checklist.title,
        month=sheet.month,
        organization=organization,
        center=story.center.name,
        worker=story.worker.name,
        sections=sections,
        edition=checklist.edition,
        no_take_out=version.no_take_out if version else None,
        no_take_out_label=f"{checklist.no_take_out.label}（{covered[0]} から {covered[-1]} は「該当なし」になります）",
        version_number=version.number if version else None,
        record_number=record_number(version) if version else "",
        state=story.state.label,
        submitted=_submitted(story, version) if version else (),
        sign_off=_confirmed(story, version) if version else (),
        corrections=_corrections(story, version) if version else (),
        footer="" if version is None else "この帳票は、提出された記録から作成しました。",
    )


def record_number(version: SheetVersion) -> str:
    """The number under which a printed record is found again: eight characters of the version's public id."""
    return f"{version.id.hex[:4]}-{version.id.hex[4:8]}".upper()


def _moment(at: datetime) -> str:
    here = clock.local(at)
    return f"{clock.era_date(here.date())} {here.hour}時{here.minute:02d}分"


def _submitted(story: SheetStory, version: SheetVersion) -> list[PrintedLine]:
    where = "（共用端末で提出）" if version.kiosk_id else ""
    lines = [PrintedLine("提出", f"{_moment(version.submitted_at)}　{version.submitted_by_name}{where}")]
    if version.paper_signed_on is not None:
        lines = [
            PrintedLine("本人の記入", f"{clock.era_date(version.paper_signed_on)}（紙の用紙に記入・署名）"),
            PrintedLine(
                "代理入力",
                f"{_moment(version.submitted_at)}　{version.submitted_by_name}{_entered_as(story, version)}",
            ),
        ]
    event = story.event_of(version, EventKind.SUBMITTED)
    if event is not None and event.happened_on > story.sheet.due_on:
        lines.append(PrintedLine("提出期限", f"{clock.era_date(story.sheet.due_on)}（期限の後に提出）"))
    return lines


def _entered_as(story: SheetStory, version: SheetVersion) -> str:
    event = story.event_of(version, EventKind.SUBMITTED)
    return f"（{story.role_of(event)}）" if event is not None and event.by_role else ""


def _confirmed(story: SheetStory, version: SheetVersion) -> list[PrintedLine]:
    lines = []
    for event in story.events:
        if event.version_id != version.id or event.kind is EventKind.SUBMITTED:
            continue
        role = f"（{story.role_of(event)}）" if event.by_role else ""
        name = "確認" if event.kind is EventKind.SIGNED_OFF else "差し戻し"
        comment = f"　{event.comment}" if event.comment else ""
        lines.append(PrintedLine(name, f"{_moment(event.at)}　{event.by_name}{role}{comment}"))
    return lines


def _corrections(story: SheetStory, version: SheetVersion) -> list[PrintedLine]:
    lines = []
    if version.number > 1:
        kind = "訂正" if version.reason else "再提出"
        reason = f"　理由: {version.reason}" if version.reason else ""
        lines.append(PrintedLine(f"第{version.number}版", f"第{version.number - 1}版の{kind}{reason}"))
    if story.version is not None and story.version.number > version.number:
        lines.append(PrintedLine("新しい版", f"第{story.version.number}版があります"))
    return lines


def record_pdf(story: SheetStory, checklist: Checklist, version: SheetVersion | None, *, head: bool) -> bytes:
    """One sheet as PDF: the blank form, or the record of a version."""
    created = version.submitted_at if version else story.sheet.opened_at
    return check_sheet_pdf([printed_sheet(story, checklist, version, head=head)], created=created)


def binder_pdf(
    stories: Sequence[SheetStory],
    library: Library,
    center: Center,
    month: str,
    *,
    made_at: datetime,
    progress: Progress | None = None,
) -> bytes:
    """A center's month in one PDF: a cover with everyone's state, then each submitted sheet's last version."""
    submitted = [story for story in stories if story.version is not None]
    sheets = [
        printed_sheet(
            story, library.checklist(story.sheet.checklist_key, story.sheet.edition), story.version, head=False
        )
        for story in submitted
    ]
    organization = stories[0].organization.name if stories else ""
    cover = BinderCover(
        title=f"{clock.era_month(month)}分　個人情報持ち出しチェックシート　綴り",
        lines=[
            PrintedLine("団体", organization),
            PrintedLine("拠点", center.name),
            PrintedLine("作成", _moment(made_at)),
        ],
        without_sheet=[CoverEntry(story.worker.name, story.state.label) for story in stories if story.version is None],
    )
    return check_sheet_pdf(sheets, progress, cover=cover, created=made_at)


def blanks_pdf(stories: Sequence[tuple[SheetStory, bool]], library: Library, *, made_at: datetime) -> bytes:
    """Blank sheets of many workers in one PDF, each with name and month filled in; the flag adds section 5."""
    return check_sheet_pdf(
        [
            printed_sheet(story, library.checklist(story.sheet.checklist_key, story.sheet.edition), None, head=head)
            for story, head in stories
        ],
        created=made_at,
    )
