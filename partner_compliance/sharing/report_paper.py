"""The report of a month on paper (A4) and as a workbook: the same parts, the same words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from partner_compliance import clock
from partner_compliance.documents import glyphs, pdf
from partner_compliance.documents.tables import Column, Table, to_workbook
from partner_compliance.sharing.queries import FEWEST, MonthFigures
from partner_compliance.sharing.report import Line, Report
from partner_compliance.takeouts.statistics import FEW, few, few_together
from partner_compliance.web import share

TITLE = "連携団体の月次報告"
_NONE = "－"


def report_pdf(report: Report, *, made_at: datetime) -> bytes:
    """The report as PDF, to be printed on A4."""
    month = clock.era_month(report.month)
    title = f"{TITLE}　{month}"
    html = (
        pdf.environment()
        .get_template("documents/monthly_report.html")
        .render(
            title=title,
            municipality=glyphs.tidy(report.municipality),
            day=clock.era_date(report.day),
            sheets_of=clock.era_month(report.sheets_of),
            made_at=clock.screen_moment(made_at),
            gone=report.gone,
            summary=_summary(report),
            changes=_changes(report),
            lines=_lines(report),
            ending=_ending(report),
            endings=_endings(report),
            media=_counted(report.take_outs.media),
            reasons=_counted(report.take_outs.reasons),
            few=FEW,
            fewest=FEWEST,
            sections=report.sections,
            footer=f"{TITLE}　{glyphs.tidy(report.municipality)}　{month}",
        )
    )
    return pdf.render_pdf(html, title=f"{title}　{report.municipality}", created=made_at)


def report_workbook(report: Report, *, made_at: datetime) -> bytes:
    """The report as a workbook, a sheet for each part."""
    tables = [
        _texts("まとめ", ("項目", "内容"), [*_summary(report), ("作成", clock.screen_moment(made_at))]),
        _of_partners(report),
        _texts("段階の変化", ("団体", "前の月末", "月末", "変わった基準"), _changes(report)),
        _texts("期限が来る段階", ("団体", "段階", "満たしている期限"), _ending(report)),
        _texts("終わる連携", ("団体", "連携関係", "最後の日", "続く連携"), _endings(report)),
        _texts("持ち出しの種類", ("種類", "件数"), _counted(report.take_outs.media)),
        _texts("持ち出しの理由", ("理由", "件数"), _counted(report.take_outs.reasons)),
        *(_texts(each.heading, each.head, each.rows) for each in report.sections),
    ]
    return to_workbook(f"{TITLE} {report.municipality} {report.month}", tables, created=made_at)


def _texts(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    return Table(title, [Column(str(at), label, width=30) for at, label in enumerate(head)], rows)


def _of_partners(report: Report) -> Table:
    return Table(
        "団体ごとの状況",
        [
            Column("name", "団体", width=30), Column("as_of", "基準日", "date"), Column("level", "段階", "number", 9),
            Column("title", "段階の名前"), Column("before", "前の月末の段階", "number", 9),
            Column("lapses_on", "満たしている期限", "date"), Column("sheets_of", "シートの月", "month"),
            Column("on_time", "期限内の提出"), Column("signed_off", "確認済み"), Column("closed", "月の締め"),
            Column("take_outs", "持ち出し（件）"), Column("permitted", "出発前の許可"),
        ],
        [
            [
                each.name, report.day, each.found.level, each.found.title,
                each.before.level if each.before else None, each.found.holds_until, report.sheets_of,
                *_of_sheets(each.sheets), few(each.take_outs.left), _permitted(each),
            ]
            for each in report.lines
        ],
    )  # fmt: skip


# --- the parts, in words ----------------------------------------------------------------------------------------


def _summary(report: Report) -> list[tuple[str, str]]:
    rows = [
        ("対象の月", clock.era_month(report.month)),
        ("段階の基準日", clock.era_date(report.day)),
        ("団体", f"{len(report.lines)}団体"),
        ("段階ごとの団体", "、".join(f"段階{level} {count}団体" for level, count in report.by_level) or _NONE),
        ("段階が変わった団体", f"{len(report.changes)}団体"),
        ("30日以内に期限が来る団体", f"{len(report.ending)}団体"),
        ("60日以内に終わる連携", f"{len(report.endings)}件"),
        ("持ち出し", f"{few_together(each.take_outs.left for each in report.lines)}件"),
    ]
    if report.gone:
        rows.append(("載せていない団体", f"月末のあとに連携が終わった{report.gone}団体"))
    return rows


def _changes(report: Report) -> list[tuple[str, str, str, str]]:
    return [
        (
            each.name,
            f"段階{each.before.level}",
            f"段階{each.found.level}（{'上がった' if each.found.level > each.before.level else '下がった'}）",
            "、".join(f"{cause.id} {cause.title}" for cause in each.causes) or _NONE,
        )
        for each in report.changes
        if each.before is not None
    ]


def _lines(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "level": f"{each.found.level} {each.found.title}",
            "before": str(each.before.level) if each.before else "新しい連携",
            "until": clock.era_date(each.found.holds_until) if each.found.holds_until else _NONE,
            "sheets": _of_sheets(each.sheets),
            "take_outs": f"{few(each.take_outs.left)}件",
            "permitted": _permitted(each),
        }
        for each in report.lines
    ]


def _of_sheets(found: MonthFigures | None) -> tuple[str, str, str]:
    """(share in time, share signed off, whether the month is closed); of too few people no share is told."""
    if found is None or not found.asked:
        return (_NONE, _NONE, _NONE)
    closed = "締めていない" if found.open else "締めた"
    if found.is_hidden:
        return ("少人数", "少人数", closed)
    return (share(found.on_time_share), share(found.signed_off_share), closed)


def _permitted(each: Line) -> str:
    return share(each.take_outs.permitted_share) if each.take_outs.left >= FEW else _NONE


def _ending(report: Report) -> list[tuple[str, str, str]]:
    return [
        (each.name, f"段階{each.found.level} {each.found.title}", clock.era_date(each.found.holds_until))
        for each in report.ending
        if each.found.holds_until is not None
    ]


def _endings(report: Report) -> list[tuple[str, str, str, str]]:
    return [
        (each.name, each.title or "（名称なし）", clock.era_date(each.last_on), "あり" if each.goes_on else "なし")
        for each in report.endings
    ]


def _counted(rows: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
    return [(label, f"{few(count)}件") for label, count in rows]
