"""Rules on paper: a whole rule, one article large on a page, and the summary for everyone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from partner_compliance import clock
from partner_compliance.documents import glyphs, pdf
from partner_compliance.organizations.models import Organization
from partner_compliance.rulebooks import texts
from partner_compliance.rulebooks.models import RuleDraft, RuleVersion
from partner_compliance.rulebooks.queries import State, articles_in
from partner_compliance.rulebooks.texts import Article

#: Up to so many characters a rule is set closely, so that a small group's two rules take four pages together.
_SHORT = 4600


def _blocks(text: str) -> list[dict[str, Any]]:
    """Paragraphs for the page: each line as [(words, is bold)], its items, and its number."""
    return [
        {
            "number": block.number,
            "lines": [[(run.text, run.is_strong) for run in line] for line in block.lines],
            "items": [[(run.text, run.is_strong) for run in item] for item in block.items],
        }
        for block in texts.blocks(text)
    ]


def _chapters(articles: Sequence[Article]) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "is_annex": not title.startswith("第"),
            "articles": [{"label": each.label, "title": each.title, "blocks": _blocks(each.text)} for each in found],
        }
        for title, found in texts.by_chapter(articles)
    ]


def _render(
    title: str, organization: str, facts: list[str], articles: Sequence[Article], foot: str, at: datetime
) -> bytes:
    html = (
        pdf.environment()
        .get_template("documents/rule.html")
        .render(
            title=title, organization=glyphs.tidy(organization), facts=facts, chapters=_chapters(articles),
            is_short=sum(len(each.text) for each in articles) < _SHORT, footer=foot,
        )
    )  # fmt: skip
    return pdf.render_pdf(html, title=f"{title} {organization}", created=at)


def version_pdf(version: RuleVersion, organization: Organization, *, made_at: datetime) -> bytes:
    """A version as it was decided, with the days of decision and effect and its check digits."""
    decided = f"{version.decided_by.label}　{clock.era_date(version.decided_on)}決定"
    facts = [f"第{version.number}版", decided, f"{clock.era_date(version.in_force_from)}から効力"]
    foot = f"{organization.name}　{version.title}　第{version.number}版　照合番号 {version.digest[:16]}"
    return _render(version.title, organization.name, facts, articles_in(version), foot, made_at)


def draft_pdf(draft: RuleDraft, articles: Sequence[Article], organization: Organization, *, made_at: datetime) -> bytes:
    """A draft for those who decide on it."""
    facts = ["案", f"{clock.era_date(clock.local_date(made_at))}現在"]
    return _render(
        draft.title, organization.name, facts, articles, f"{organization.name}　{draft.title}（案）", made_at
    )


def article_pdf(version: RuleVersion, article: Article, organization: Organization, *, made_at: datetime) -> bytes:
    """One article large on a page, to put up where it is needed."""
    html = (
        pdf.environment()
        .get_template("documents/rule_sheet.html")
        .render(
            title=article.title, organization=glyphs.tidy(organization.name),
            blocks=[{**each, "number": None} for each in _blocks(article.text)],
            footer=f"{organization.name}　{version.title} {article.label}　第{version.number}版",
        )
    )  # fmt: skip
    return pdf.render_pdf(html, title=article.title, created=made_at)


def summary_pdf(states: Sequence[State], organization: Organization, *, made_at: datetime) -> bytes:
    """What the rules in force mean for everyone, on one page."""
    rules = [
        {
            "title": version.title,
            "facts": f"第{version.number}版　{clock.era_date(version.in_force_from)}から",
            "lines": [each.staff for each in articles_in(version) if each.staff],
        }
        for state in states
        if (version := state.current) is not None
    ]
    title = "きまりの要約"
    html = (
        pdf.environment()
        .get_template("documents/rule_summary.html")
        .render(
            title=title, organization=glyphs.tidy(organization.name), rules=rules,
            footer=f"{organization.name}　{clock.era_date(clock.local_date(made_at))}現在",
        )
    )  # fmt: skip
    return pdf.render_pdf(html, title=f"{title} {organization.name}", created=made_at)
