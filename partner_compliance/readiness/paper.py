"""A level on paper: every criterion with its counts (準備度の説明), and with what the counts rest on (根拠の資料)."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from partner_compliance import clock
from partner_compliance.documents import glyphs, pdf
from partner_compliance.readiness.assessment import Assessment, State
from partner_compliance.readiness.evidence import Evidence
from partner_compliance.readiness.queries import Forecast
from partner_compliance.readiness.snapshots import Since, frozen


def readiness_pdf(
    found: Assessment, forecast: Forecast | None, organization: str, *, outside: bool, made_at: datetime
) -> bytes:
    """The level on a day with every criterion; from outside as on screen, without one or two people told apart."""
    levels = [
        {
            "number": level.number,
            "title": level.title,
            "rows": [
                {
                    "name": f"{each.criterion.id} {each.criterion.title}",
                    "state": each.state.label,
                    "is_open": each.state in (State.UNMET, State.UNKNOWN),
                    "counts": [f"{one.test.measure.label}: {one.counts(outside=outside)}" for one in each.results],
                    "sentences": [said for one in each.results if (said := one.sentence(outside=outside))],
                    "until": clock.era_date(each.lapses_on) if each.lapses_on else "－",
                }
                for each in found.of_level(level.number)
            ],
        }
        for level in found.ladder.levels
    ]
    day = clock.era_date(found.as_of)
    coming = ""
    if forecast is not None:
        causes = "、".join(each.criterion.title for each in forecast.causes)
        coming = f"このままだと、{clock.era_date(forecast.falls_on)}に段階{forecast.level}になります（{causes}）。"
    html = (
        pdf.environment()
        .get_template("documents/readiness.html")
        .render(
            title="準備度の説明", organization=glyphs.tidy(organization), day=day, level=found.level, name=found.title,
            edition=found.ladder.edition, forecast=coming, levels=levels,
            footer=f"準備度の説明　{glyphs.tidy(organization)}　{day}現在",
        )
    )  # fmt: skip
    return pdf.render_pdf(html, title=f"準備度の説明 {organization}", created=made_at)


def evidence_pdf(
    found: Assessment,
    since: Mapping[str, Since],
    evidence: Mapping[str, Sequence[Evidence]],
    organization: str,
    *,
    made_at: datetime,
) -> bytes:
    """The level on a day with contents, every criterion with its counts, and the records behind them; without names."""
    levels: list[dict[str, Any]] = []
    for level in found.ladder.levels:
        findings = found.of_level(level.number)
        planned = "、".join(each.criterion.title for each in findings if each.state is State.PLANNED)
        rows = [
            {
                "name": f"{each.criterion.id} {each.criterion.title}",
                "state": each.state.label,
                "since": since[each.criterion.id].words if each.criterion.id in since else "",
                "counts": [f"{one.test.measure.label}: {one.counts()}" for one in each.results],
                "sentences": [said for one in each.results if (said := one.sentence())],
                "until": clock.era_date(each.lapses_on) if each.lapses_on else "",
                "evidence": evidence.get(each.criterion.id, ()),
            }
            for each in findings
            if each.state is not State.PLANNED
        ]
        levels.append({"number": level.number, "title": level.title, "planned": planned, "rows": rows})
    day = clock.era_date(found.as_of)
    title = f"準備度の根拠の資料 {organization}"

    def laid_out(pages: Mapping[str, int]) -> bytes:
        html = (
            pdf.environment()
            .get_template("documents/evidence.html")
            .render(
                title="準備度の根拠の資料", organization=glyphs.tidy(organization), day=day, level=found.level,
                name=found.title, edition=found.ladder.edition, digest=frozen(found)[1], levels=levels,
                contents=_contents(levels, pages), footer=f"準備度の根拠の資料　{glyphs.tidy(organization)}　{day}現在",
            )
        )  # fmt: skip
        return pdf.render_pdf(html, title=title, created=made_at)

    # The pages are known once it is laid out; the numbers take the same room as what stands for them before.
    return laid_out(_pages_of(laid_out({}), [row["name"] for each in levels for row in each["rows"]]))


def _contents(levels: Sequence[Mapping[str, Any]], pages: Mapping[str, int]) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for level in levels:
        name = f"段階{level['number']}　{level['title']}"
        lines.append({"name": name, "state": "" if level["rows"] else "まだ測りません", "page": "", "is_level": True})
        lines += [
            {"name": row["name"], "state": row["state"], "page": pages.get(row["name"], "00"), "is_level": False}
            for row in level["rows"]
        ]
    return lines


def _pages_of(document: bytes, names: Sequence[str]) -> dict[str, int]:
    """On which page each heading stands: the last one that has it, since the contents come first."""
    from pypdf import PdfReader  # noqa: PLC0415 - heavy, and most processes never need it

    texts = ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(document)).pages]
    found = {}
    for name in names:
        wanted = "".join(name.split())
        for number, text in enumerate(texts, start=1):
            if wanted in text:
                found[name] = number
    return found
