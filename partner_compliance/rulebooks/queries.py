"""What can be read about rules: where each stands, who knows which version, who is asked."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, defer

from partner_compliance.library.rules import RULE_KEYS, QuizQuestion
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Center, Organization, Worker
from partner_compliance.rulebooks.models import (
    Acknowledgement,
    ArticleComment,
    DraftArticle,
    Rulebook,
    RuleDraft,
    RuleEvent,
    RuleVersion,
)
from partner_compliance.rulebooks.texts import Article
from partner_compliance.rulebooks.words import EventKind, SourceKind

Where = Collection[UUID] | None
#: Due for review is said so many days before.
SAY_BEFORE = timedelta(days=30)
QUESTIONS = 3
#: Lists need no texts; whoever opens a version reads them then.
WITHOUT_TEXT = (defer(RuleVersion.articles), defer(RuleVersion.answers))


def year_after(day: date) -> date:
    """The same day a year later; the day after 28 February for 29 February."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)


# --- drafts -----------------------------------------------------------------------------------------------------


def open_draft(session: Session, rulebook: Rulebook) -> RuleDraft | None:
    """The draft of a rule that is being worked on."""
    return session.scalar(
        select(RuleDraft).where(
            RuleDraft.organization_id == rulebook.organization_id,
            RuleDraft.rulebook_id == rulebook.id,
            RuleDraft.ended_at.is_(None),
        )
    )


def articles_of(session: Session, draft: RuleDraft) -> list[DraftArticle]:
    """The articles of a draft in their order, those that are left out too."""
    return list(
        session.scalars(
            select(DraftArticle)
            .where(DraftArticle.organization_id == draft.organization_id, DraftArticle.draft_id == draft.id)
            .order_by(DraftArticle.position, DraftArticle.key)
        )
    )


def article_of(session: Session, draft: RuleDraft, key: str) -> DraftArticle | None:
    """One article of a draft."""
    return session.scalar(
        select(DraftArticle).where(
            DraftArticle.organization_id == draft.organization_id,
            DraftArticle.draft_id == draft.id,
            DraftArticle.key == key,
        )
    )


def as_article(row: DraftArticle) -> Article:
    """A draft's article as it would be adopted."""
    return Article(
        key=row.key, number=row.number, chapter=row.chapter, title=row.title, text=row.text, staff=row.staff,
        why=row.why, who=row.who, is_mandatory=row.is_mandatory, serves=tuple(row.serves), laws=tuple(row.laws),
        source=row.source,
    )  # fmt: skip


def comments_of(session: Session, draft: RuleDraft) -> dict[str, list[ArticleComment]]:
    """{key of the article: its comments, the oldest first}."""
    found: dict[str, list[ArticleComment]] = {}
    for each in session.scalars(
        select(ArticleComment)
        .where(ArticleComment.organization_id == draft.organization_id, ArticleComment.draft_id == draft.id)
        .order_by(ArticleComment.at, ArticleComment.id)
    ):
        found.setdefault(each.article_key, []).append(each)
    return found


# --- where each rule stands -------------------------------------------------------------------------------------


@dataclass
class State:
    """A rule of an organization on a day: its versions, what happened to them, and the draft that is open."""

    rulebook: Rulebook
    today: date
    versions: list[RuleVersion] = field(default_factory=list)
    events: list[RuleEvent] = field(default_factory=list)
    draft: RuleDraft | None = None
    draft_articles: list[Article] = field(default_factory=list)

    @property
    def current(self) -> RuleVersion | None:
        """The version in force."""
        held = [each for each in self.versions if each.in_force_from <= self.today]
        return max(held, key=lambda each: (each.in_force_from, each.number)) if held else None

    @property
    def newest(self) -> RuleVersion | None:
        """The version decided last, in force or not yet."""
        return self.versions[-1] if self.versions else None

    @property
    def articles(self) -> list[Article]:
        """The articles of the draft, or else of the version decided last."""
        if self.draft is not None:
            return self.draft_articles
        return articles_in(self.newest) if self.newest else []

    @property
    def answers(self) -> Mapping[str, Any]:
        """What the wizard was told."""
        held = self.draft or self.newest
        return held.answers if held else {}

    @property
    def title(self) -> str:
        """The rule's title as it is written last."""
        held = self.draft or self.newest
        return held.title if held else ""

    @property
    def review_due_on(self) -> date | None:
        """By when the version in force has to be reviewed; None without one."""
        if self.current is None:
            return None
        looked = [each.review_due_on for each in self.events if each.version_id == self.current.id]
        return max([self.current.review_due_on, *(each for each in looked if each is not None)])

    @property
    def published(self) -> RuleVersion | None:
        """The version that everyone may read: the one in force, while the rule is public."""
        last = [each for each in self.events if each.kind in (EventKind.PUBLISHED, EventKind.UNPUBLISHED)]
        return self.current if last and last[-1].kind is EventKind.PUBLISHED else None


def articles_in(version: RuleVersion) -> list[Article]:
    """The articles of a version."""
    return [Article.model_validate(each) for each in version.articles]


def states_of(session: Session, organization_id: UUID, *, today: date) -> list[State]:
    """Where each rule of an organization stands, in the order of the shelf; those that were begun."""
    books = session.scalars(select(Rulebook).where(Rulebook.organization_id == organization_id))
    states = {book.id: State(book, today) for book in books}
    for version in session.scalars(
        select(RuleVersion).where(RuleVersion.organization_id == organization_id).order_by(RuleVersion.number)
    ):
        states[version.rulebook_id].versions.append(version)
    for event in session.scalars(
        select(RuleEvent).where(RuleEvent.organization_id == organization_id).order_by(RuleEvent.at, RuleEvent.id)
    ):
        states[event.rulebook_id].events.append(event)
    drafts = {}
    for draft in session.scalars(
        select(RuleDraft).where(RuleDraft.organization_id == organization_id, RuleDraft.ended_at.is_(None))
    ):
        states[draft.rulebook_id].draft = draft
        drafts[draft.id] = states[draft.rulebook_id]
    if drafts:
        for row in session.scalars(
            select(DraftArticle)
            .where(
                DraftArticle.organization_id == organization_id,
                DraftArticle.draft_id.in_(sorted(drafts)),
                DraftArticle.is_left_out.is_(False),
            )
            .order_by(DraftArticle.position, DraftArticle.key)
        ):
            drafts[row.draft_id].draft_articles.append(as_article(row))
    return sorted(states.values(), key=lambda state: RULE_KEYS.index(state.rulebook.key))


def state_of(session: Session, rulebook: Rulebook, *, today: date) -> State:
    """Where one rule stands."""
    found = states_of(session, rulebook.organization_id, today=today)
    return next(each for each in found if each.rulebook.id == rulebook.id)


def published_under(session: Session, code: str, *, today: date) -> tuple[State, Organization] | None:
    """The rule behind a permanent address, with its organization; None where nothing is public."""
    book = session.scalar(select(Rulebook).where(Rulebook.code == code))
    if book is None:
        return None
    state = state_of(session, book, today=today)
    return (state, session.get_one(Organization, book.organization_id)) if state.published else None


# --- knowing the rules ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """A version that somebody is asked to acknowledge, and by when knowing an older one is no longer enough."""

    worker: Worker
    version: RuleVersion
    due_on: date | None
    is_overdue: bool


def asked_for(versions: Sequence[RuleVersion], today: date) -> tuple[RuleVersion, int, date | None] | None:
    """(the version in force, the oldest number that is enough, until when an older one still is) of one rule.

    A minor change asks nobody again. During the grace of a material one, having known any version is enough.
    """
    held = [each for each in versions if each.in_force_from <= today]
    if not held:
        return None
    current = max(held, key=lambda each: (each.in_force_from, each.number))
    since = max((each.number for each in held if each.number <= current.number and each.is_material), default=1)
    asking = next(each for each in held if each.number == since)
    return current, since, asking.acknowledge_by


def dues_of(session: Session, workers: Sequence[Worker], *, today: date) -> dict[UUID, list[Due]]:
    """What each worker is asked to acknowledge on a day; nothing where everything in force is known."""
    dues: dict[UUID, list[Due]] = {worker.id: [] for worker in workers}
    if not workers:
        return dues
    organizations = sorted({worker.organization_id for worker in workers})
    versions: dict[tuple[UUID, str], list[RuleVersion]] = {}
    for version in session.scalars(
        select(RuleVersion)
        .options(*WITHOUT_TEXT)
        .where(RuleVersion.organization_id.in_(organizations))
        .order_by(RuleVersion.organization_id, RuleVersion.key, RuleVersion.number)
    ):
        versions.setdefault((version.organization_id, version.key), []).append(version)
    if not versions:
        return dues
    known: dict[tuple[UUID, str], int] = {}
    for made in session.scalars(
        select(Acknowledgement).where(
            Acknowledgement.organization_id.in_(organizations),
            Acknowledgement.worker_id.in_(sorted(worker.id for worker in workers)),
        )
    ):
        held = (made.worker_id, made.key)
        known[held] = max(known.get(held, 0), made.version_number)
    for worker in workers:
        if worker.left_on is not None and worker.left_on < today:
            continue
        for key in RULE_KEYS:
            wanted = asked_for(versions.get((worker.organization_id, key), ()), today)
            if wanted is None:
                continue
            current, since, until = wanted
            number = known.get((worker.id, key), 0)
            if number < since:
                late = number == 0 or until is None or until < today
                dues[worker.id].append(Due(worker, current, until, late and current.in_force_from < today))
    return dues


def questions_for(library: Library, version: RuleVersion, worker_id: UUID) -> list[QuizQuestion]:
    """The three short questions on a version for one person: always the same ones, and none on what is not in it."""
    articles = {each.key: each for each in articles_in(version)}
    pool = [
        question
        for rule in sorted(library.rules, key=lambda each: each.valid_from, reverse=True)
        if rule.key == version.key and rule.published
        for question in rule.quiz
    ]
    unique = {each.key: each for each in reversed(pool)}
    there = [each for each in unique.values() if each.article in articles]
    # A question on a text that was rewritten here may not fit it; those on texts as their source has them come first.
    there.sort(key=lambda each: (_is_rewritten(articles[each.article]), _order(version.id, worker_id, each.key)))
    return there[:QUESTIONS]


def _is_rewritten(article: Article) -> bool:
    return article.source.get("kind") == SourceKind.OWN.value or article.source.get("is_edited", False)


def _order(*parts: object) -> int:
    return int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest()[:8])


@dataclass(frozen=True)
class Row:
    """Somebody on the roster, and which rules in force they still have to acknowledge."""

    worker: Worker
    center: Center
    dues: Sequence[Due]


def rows_of(session: Session, organization_id: UUID, centers: Where = None, *, today: date) -> list[Row]:
    """Everyone active in an organization or in some centers, with what they are asked to acknowledge, by name."""
    query = (
        select(Worker, Center)
        .join(Center, and_(Center.organization_id == Worker.organization_id, Center.id == Worker.center_id))
        .where(
            Worker.organization_id == organization_id,
            Worker.joined_on <= today,
            or_(Worker.left_on.is_(None), Worker.left_on >= today),
        )
        .order_by(Center.name, Worker.name_kana, Worker.name, Worker.id)
    )
    if centers is not None:
        query = query.where(Worker.center_id.in_(sorted(centers)))
    people = list(session.execute(query))
    dues = dues_of(session, [worker for worker, _ in people], today=today)
    return [Row(worker, center, dues[worker.id]) for worker, center in people]


def acknowledgements_of(session: Session, keys: Iterable[tuple[UUID, UUID]]) -> list[tuple[Acknowledgement, str]]:
    """Every acknowledgement of some roster rows, by (organization, worker), with the rule's title, the latest first."""
    wanted = sorted(set(keys))
    if not wanted:
        return []
    return [
        (made, title)
        for made, title in session.execute(
            select(Acknowledgement, RuleVersion.title)
            .join(
                RuleVersion,
                and_(
                    RuleVersion.organization_id == Acknowledgement.organization_id,
                    RuleVersion.id == Acknowledgement.version_id,
                ),
            )
            .where(
                Acknowledgement.organization_id.in_(sorted({each for each, _ in wanted})),
                Acknowledgement.worker_id.in_(sorted(each for _, each in wanted)),
            )
            .order_by(Acknowledgement.acknowledged_on.desc(), RuleVersion.title)
        )
    ]


def in_force_for(session: Session, organization_ids: Iterable[UUID], *, today: date) -> list[RuleVersion]:
    """The versions in force in some organizations, in the order of the shelf."""
    found: dict[tuple[UUID, str], RuleVersion] = {}
    for version in session.scalars(
        select(RuleVersion)
        .options(*WITHOUT_TEXT)
        .where(RuleVersion.organization_id.in_(sorted(set(organization_ids))), RuleVersion.in_force_from <= today)
        .order_by(RuleVersion.in_force_from, RuleVersion.number)
    ):
        found[version.organization_id, version.key] = version
    return sorted(found.values(), key=lambda each: (str(each.organization_id), RULE_KEYS.index(each.key)))
