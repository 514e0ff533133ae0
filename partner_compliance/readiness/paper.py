"""A level on paper (準備度の説明): every criterion with its counts, for a meeting with a municipality."""

from datetime import datetime

from partner_compliance import clock
from partner_compliance.documents import glyphs, pdf
from partner_compliance.readiness.assessment import Assessment, State
from partner_compliance.readiness.queries import Forecast


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
