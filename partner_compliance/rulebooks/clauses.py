"""Which clauses the contracts of an organization hold, and which of them its rules and records meet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from partner_compliance.engagements.models import ClauseAgreement
from partner_compliance.library.clauses import NOT_AGREED, Clause
from partner_compliance.library.shelf import Library, UnknownEdition
from partner_compliance.organizations.models import Engagement, Municipality
from partner_compliance.organizations.queries import is_valid_on
from partner_compliance.rulebooks.texts import Article


@dataclass(frozen=True)
class Agreed:
    """A clause that a contract holds in some variant."""

    engagement: Engagement
    municipality: str
    clause: Clause
    variant: str


@dataclass(frozen=True)
class Checked:
    """A clause of a contract against the rules: which articles meet it, by what it is shown, what stands against it."""

    agreed: Agreed
    articles: Sequence[tuple[str, Article]]
    shown_by: str
    #: What the wizard's answers allow and the clause forbids; empty where nothing does.
    conflict: str

    @property
    def is_met(self) -> bool:
        """Whether some article meets it, and nothing stands against it."""
        return bool(self.articles) and not self.conflict


def agreed(session: Session, library: Library, organization_id: UUID, *, today: date) -> list[Agreed]:
    """The clauses of all contracts that hold on a day, as their municipalities recorded them last."""
    newest = (
        select(ClauseAgreement.engagement_id, func.max(ClauseAgreement.number).label("number"))
        .where(ClauseAgreement.organization_id == organization_id)
        .group_by(ClauseAgreement.engagement_id)
        .subquery()
    )
    rows = session.execute(
        select(ClauseAgreement, Engagement, Municipality.name)
        .join(
            newest,
            (newest.c.engagement_id == ClauseAgreement.engagement_id) & (newest.c.number == ClauseAgreement.number),
        )
        .join(
            Engagement,
            (Engagement.organization_id == ClauseAgreement.organization_id)
            & (Engagement.id == ClauseAgreement.engagement_id),
        )
        .join(Municipality, Municipality.id == Engagement.municipality_id)
        .where(ClauseAgreement.organization_id == organization_id, is_valid_on(today))
        .order_by(Engagement.starts_on, Engagement.id)
    )
    found = []
    for record, engagement, municipality in rows:
        try:
            listed = library.clauses(record.edition).clauses
        except UnknownEdition:
            continue
        found += [
            Agreed(engagement, municipality, clause, record.variants[key])
            for key, clause in listed.items()
            if record.variants.get(key, NOT_AGREED) != NOT_AGREED
        ]
    return found


def check(
    library: Library,
    found: Iterable[Agreed],
    rules: Sequence[tuple[str, Sequence[Article], Mapping[str, Any]]],
    *,
    today: date,
) -> list[Checked]:
    """Each clause against the rules: [(title, articles, answers of the wizard)] as they stand or are drafted."""
    evidence = library.evidence_for(today).by_clause
    wizard = library.wizard_for(today)
    checked = []
    for each in found:
        key = each.clause.key
        met = [(title, article) for title, articles, _ in rules for article in articles if key in article.serves]
        shown = evidence.get(key)
        conflict = ""
        for against in shown.conflicts if shown else ():
            if against.variant != each.variant:
                continue
            for title, _, answers in rules:
                if answers.get(against.question) in against.answers:
                    question = wizard.questions[against.question]
                    said = next(option.label for option in question.options if option.key == answers[question.key])
                    conflict = f"{title}では「{question.label}」に「{said}」としています。"
        checked.append(Checked(each, met, shown.shown_by if shown else "", conflict))
    return checked
