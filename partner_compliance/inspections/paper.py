"""The result of an inspection on paper (調査結果の通知): what was looked at and found, without workers' names."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from partner_compliance import clock
from partner_compliance.documents import glyphs, pdf
from partner_compliance.errors import NotFound
from partner_compliance.inspections.models import DemandEvent
from partner_compliance.inspections.queries import DemandLine, Standing, demand_number, inspection_number
from partner_compliance.inspections.words import RecordKind

_ERASED = "（消去されました）"


def _said(text: str | None) -> str:
    return _ERASED if text is None else text


def result_pdf(
    standing: Standing,
    findings: Sequence[DemandLine],
    answers: Mapping[UUID, DemandEvent],
    views: Mapping[RecordKind, int],
    *,
    today: date,
    made_at: datetime,
) -> bytes:
    """The result with every finding as it stands today; raises NotFound before the inspection is closed."""
    inspection, closing = standing.inspection, standing.closing
    if closing is None:
        raise NotFound("調査結果の通知は、まだありません。", "調査を終了すると、印刷できます。")
    number = inspection_number(inspection)
    title = f"調査結果の通知 {number}"
    period = f"{clock.era_month(inspection.from_month)}から{clock.era_month(inspection.until_month)}まで"
    looked = "、".join(f"{kind.label} {count}回" for kind, count in views.items())
    html = (
        pdf.environment()
        .get_template("documents/inspection_result.html")
        .render(
            title="調査結果の通知", organization=glyphs.tidy(standing.organization),
            municipality=glyphs.tidy(standing.municipality), day=clock.era_date(closing.happened_on),
            facts=[
                ("記録番号", number),
                ("調査した期間", f"{clock.era_date(inspection.made_on)}から{clock.era_date(closing.happened_on)}まで"),
                ("見た記録の期間", period),
                ("見た記録", looked or "なし"),
                ("担当", f"{standing.municipality}　{inspection.by_name}"),
            ],
            reason=_said(inspection.reason).split("\n"), summary=_said(closing.summary).split("\n"),
            findings=[_finding(each, answers.get(each.demand.id), today) for each in findings],
            footer=f"{number}　指摘の状態は{clock.era_date(today)}現在",
        )
    )  # fmt: skip
    return pdf.render_pdf(html, title=title, created=made_at)


def _finding(line: DemandLine, answer: DemandEvent | None, today: date) -> dict[str, object]:
    demand = line.demand
    return {
        "name": f"{line.name}（{demand_number(demand)}）",
        "what": _said(demand.what).split("\n"),
        "facts": [
            ("もとになる決まり", line.basis or "－"),
            ("回答の期限", clock.era_date(line.due_on)),
            ("状態", line.state.label + ("（期限超過）" if line.is_overdue(today) else "")),
        ],
        "answered_on": clock.era_date(answer.happened_on) if answer else "",
        "answer": _said(answer.text).split("\n") if answer else [],
        "evidence": [each for each in _said(answer.evidence).split("\n") if each] if answer else [],
    }
