"""Writing rules: from the wizard's answers to a draft that somebody has reviewed."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Principal
from partner_compliance.acts import Act
from partner_compliance.clock import local_date
from partner_compliance.errors import NotAllowed, RuleBroken, WrongEntry
from partner_compliance.library.rules import RULE_KEYS, Wizard, article_label, fits
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Organization
from partner_compliance.rulebooks import clauses, contents, policy, queries, texts
from partner_compliance.rulebooks.lineage import OWN, Source
from partner_compliance.rulebooks.models import ArticleComment, DraftArticle, Rulebook, RuleDraft, RuleVersion
from partner_compliance.rulebooks.texts import Article
from partner_compliance.rulebooks.words import SourceKind

LONGEST_ANSWER = 120
MOST_ARTICLES = 120


class AlreadyADraft(RuleBroken):
    """Another draft of the same rule is open."""

    what_to_do = "いまの下書きを仕上げるか、取り消してから、もう一度始めてください。"


class DraftEnded(RuleBroken):
    """The draft was adopted or thrown away in the meantime."""

    message = "この下書きは、もう閉じられています。"
    what_to_do = "規程の一覧に戻り、いまの状態を確かめてください。"


class ChangedMeanwhile(RuleBroken):
    """Somebody else has changed the article since the page was opened; nothing is overwritten."""

    message = "画面を開いた後に、ほかの方がこの条を変えました。"
    what_to_do = "下の違いを見て、入力欄の文を直してから、もう一度保存してください。入力した文は残っています。"


class NeededByClause(RuleBroken):
    """An article cannot be left out: a rule always has it, or a contract's clause stands on it."""

    what_to_do = "条を残し、団体に合うように文を直してください。"


class StillOpen(RuleBroken):
    """Something is missing before a draft can be reviewed or adopted."""

    what_to_do = "下の一覧の条を開いて、直してください。"


# --- the wizard -------------------------------------------------------------------------------------------------


def checked_answers(wizard: Wizard, typed: Mapping[str, str]) -> dict[str, str]:
    """The answers as they are kept; raises WrongEntry, naming the question, for one that is missing or cannot be."""
    answers: dict[str, str] = {}
    for key, question in wizard.questions.items():
        said = typed.get(key, "").strip()
        if question.kind == "choice":
            if said not in [each.key for each in question.options]:
                raise WrongEntry(key, "答えを一つ選んでください。")
        elif not said:
            if question.required:
                raise WrongEntry(key, "入力してください。")
        elif len(said) > LONGEST_ANSWER:
            raise WrongEntry(key, f"{LONGEST_ANSWER}文字までにしてください。")
        elif "\n" in said or set(said) & set("【】{}*_"):
            raise WrongEntry(key, "改行と、【 】 { } * _ は使えません。")
        if said:
            answers[key] = said
    for key, question in wizard.questions.items():
        if question.needed_when and fits(question.needed_when, answers) and not answers.get(key):
            raise WrongEntry(key, "使うと答えたので、名前を入力してください。")
    _refuse_contradictions(wizard, answers)
    if answers["officer"] == answers["deputy"]:
        raise WrongEntry("deputy", "代わりを務める役は、個人情報責任者とは別の役にしてください。")
    return answers


def _refuse_contradictions(wizard: Wizard, answers: Mapping[str, str]) -> None:
    for key, question in wizard.questions.items():
        option = next((each for each in question.options if each.key == answers.get(key)), None)
        if option is not None and option.not_with and fits(option.not_with, answers):
            others = [wizard.questions[other] for other in option.not_with]
            said = [each.label for other in others for each in other.options if each.key == answers[other.key]]
            raise WrongEntry(key, f"「{'」「'.join(said)}」という答えと合いません。どちらかを変えてください。")


def begin(
    session: Session,
    library: Library,
    organization: Organization,
    keys: Sequence[str],
    answers: Mapping[str, str],
    *,
    by: Principal,
    now: datetime,
) -> list[RuleDraft]:
    """Write the organization's own text of some rules from the models on the shelf, as drafts.

    Raises WrongEntry for answers that are missing, AlreadyADraft where one is open.
    """
    today = local_date(now)
    wizard = library.wizard_for(today)
    answers = checked_answers(wizard, answers)
    if not keys or not set(keys) <= set(RULE_KEYS):
        raise WrongEntry("rules", "作る規程を、一つ以上選んでください。")
    made = []
    for key in [each for each in RULE_KEYS if each in keys]:
        model = library.rule_for(key, today)
        articles = []
        for written in model.written(wizard, answers):
            source = model_source(library, wizard, key, model.edition, written.key, answers)
            articles.append(Article.of_model(written, source.as_json() if source else OWN))
        made.append(open_draft(session, organization, key, model.title, articles, answers, by=by, now=now))
    return made


def model_source(
    library: Library, wizard: Wizard, key: str, edition: str, article_key: str, answers: Mapping[str, str]
) -> Source | None:
    """What a model says in an article to some answers, with placeholders for the names; None when it has no such."""
    model = library.rule(key, edition)
    # The names stay placeholders: every text question answers with its own placeholder.
    bare = {**answers, **{name: "{" + name + "}" for name, each in wizard.questions.items() if each.kind == "text"}}
    found = next((each for each in model.written(wizard, bare) if each.key == article_key), None)
    if found is None:
        return None
    return Source(
        SourceKind.MODEL, f"見本 {edition}年版", edition, found.text, found.staff, found.title, lineage=("model",)
    )


def open_draft(
    session: Session,
    organization: Organization,
    key: str,
    title: str,
    articles: Sequence[Article],
    answers: Mapping[str, str],
    *,
    by: Principal,
    now: datetime,
    came_from: str = "",
) -> RuleDraft:
    """Begin a draft with some articles; raises AlreadyADraft where one is open."""
    if not policy.may_keep(by, organization):
        raise NotAllowed
    session.refresh(organization, with_for_update=True)
    rulebook = session.scalar(select(Rulebook).where(Rulebook.organization_id == organization.id, Rulebook.key == key))
    if rulebook is None:
        rulebook = Rulebook(
            organization_id=organization.id, id=uuid4(), key=key, code=secrets.token_hex(16), begun_at=now
        )
        session.add(rulebook)
        session.flush()
    if queries.open_draft(session, rulebook) is not None:
        raise AlreadyADraft(f"{title}の下書きが、すでにあります。")
    draft = RuleDraft(
        organization_id=organization.id, id=uuid4(), rulebook_id=rulebook.id, title=title, answers=dict(answers),
        begun_at=now, begun_by_id=by.user_id, begun_by_name=by.name,
    )  # fmt: skip
    session.add(draft)
    session.flush()
    session.add_all(_row(draft, each, by=by, now=now) for each in articles)
    session.flush()
    acts.record(
        session,
        Act(
            organization.id, "rule.drafted", now, by.actor, object_kind="rule_draft", object_id=draft.id,
            details={"rule": key, "articles": len(articles), "from": came_from},
        ),
    )  # fmt: skip
    return draft


def _row(draft: RuleDraft, article: Article, *, by: Principal, now: datetime) -> DraftArticle:
    return DraftArticle(
        organization_id=draft.organization_id, id=uuid4(), draft_id=draft.id,
        position=texts.position_of(article.number), key=article.key, number=article.number, chapter=article.chapter,
        title=article.title, text=article.text, staff=article.staff, why=article.why, who=article.who,
        is_mandatory=article.is_mandatory, serves=list(article.serves), laws=list(article.laws),
        source=article.source or OWN, is_left_out=False, left_out_reason="", changed_at=now, changed_by_name=by.name,
    )  # fmt: skip


def begin_revision(
    session: Session, organization: Organization, version: RuleVersion, *, by: Principal, now: datetime
) -> RuleDraft:
    """Begin to change an adopted rule, from its text as it was adopted; raises AlreadyADraft."""
    articles = [Article.model_validate(each) for each in version.articles]
    return open_draft(
        session, organization, version.key, version.title, articles, version.answers, by=by, now=now,
        came_from=f"version {version.number}",
    )  # fmt: skip


# --- editing ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Typed:
    """What somebody typed for an article."""

    title: str
    text: str
    staff: str


def _may_write(session: Session, draft: RuleDraft, by: Principal) -> None:
    """Let one writer after the other in; raises NotAllowed or DraftEnded."""
    if not policy.may_write(by, draft):
        raise NotAllowed
    session.refresh(draft, with_for_update=True)
    if draft.ended_at is not None:
        raise DraftEnded


def _touched(draft: RuleDraft) -> None:
    draft.revision += 1


def change_article(
    session: Session,
    draft: RuleDraft,
    article: DraftArticle,
    typed: Typed,
    *,
    seen: int,
    by: Principal,
    now: datetime,
    source: Mapping[str, Any] | None = None,
) -> None:
    """Write an article anew. `seen` is the revision that the page showed.

    Raises ChangedMeanwhile when somebody else was faster, WrongEntry for a text that cannot be, DraftEnded.
    """
    _may_write(session, draft, by)
    session.refresh(article)
    if article.revision != seen:
        raise ChangedMeanwhile
    require_typed(typed)
    if (typed.title, typed.text, typed.staff) != (article.title, article.text, article.staff) or source is not None:
        article.title, article.text, article.staff = typed.title, typed.text, typed.staff
        if source is not None:
            article.source = dict(source)
        article.is_left_out, article.left_out_reason = False, ""
        article.revision += 1
        article.changed_at, article.changed_by_name = now, by.name
        _touched(draft)
        session.flush()
        _note(session, draft, "rule.article_changed", article.key, by=by, now=now)


def require_typed(typed: Typed) -> None:
    """Raise WrongEntry for an article's title, text or line that cannot be."""
    if not typed.title:
        raise WrongEntry("title", "条の見出しを入力してください。")
    texts.require_text(typed.text)


def _note(session: Session, draft: RuleDraft, name: str, article: str, *, by: Principal, now: datetime) -> None:
    acts.record(
        session,
        Act(
            draft.organization_id, name, now, by.actor, object_kind="rule_draft", object_id=draft.id,
            details={"rule": draft.title, "article": article},
        ),
    )  # fmt: skip


def leave_out(
    session: Session,
    library: Library,
    draft: RuleDraft,
    article: DraftArticle,
    *,
    reason: str,
    seen: int,
    by: Principal,
    now: datetime,
) -> None:
    """Leave an article out of the rule, with a reason.

    Raises NeededByClause for a mandatory one, or where a clause of a contract that holds would stand on nothing.
    """
    _may_write(session, draft, by)
    session.refresh(article)
    if article.revision != seen:
        raise ChangedMeanwhile
    if not reason:
        raise WrongEntry("reason", "除く理由を入力してください。")
    label = f"{article_label(article.number)}（{article.title}）"
    if article.is_mandatory:
        raise NeededByClause(f"{label}は、どの団体の規程にも必要な条です。除くことはできません。")
    remaining = [each for each in queries.articles_of(session, draft) if each.id != article.id and not each.is_left_out]
    others = _served_elsewhere(session, draft, now=now)
    kept = {clause for each in remaining for clause in each.serves} | others
    agreed = clauses.agreed(session, library, draft.organization_id, today=local_date(now))
    for each in agreed:
        if each.clause.key in article.serves and each.clause.key not in kept:
            raise NeededByClause(
                f"{label}は、{each.municipality}との契約の条項「{each.clause.title}」を守るために必要です。"
            )
    article.is_left_out, article.left_out_reason = True, reason
    article.revision += 1
    article.changed_at, article.changed_by_name = now, by.name
    _touched(draft)
    session.flush()
    _note(session, draft, "rule.article_left_out", article.key, by=by, now=now)


def _served_elsewhere(session: Session, draft: RuleDraft, *, now: datetime) -> set[str]:
    """The clauses that the organization's other rules meet, as they are drafted or in force."""
    return {
        clause
        for state in queries.states_of(session, draft.organization_id, today=local_date(now))
        if state.rulebook.id != draft.rulebook_id
        for article in state.articles
        for clause in article.serves
    }


def put_back(session: Session, draft: RuleDraft, article: DraftArticle, *, by: Principal, now: datetime) -> None:
    """Take an article that was left out into the rule again."""
    _may_write(session, draft, by)
    session.refresh(article)
    if article.is_left_out:
        article.is_left_out, article.left_out_reason = False, ""
        article.revision += 1
        article.changed_at, article.changed_by_name = now, by.name
        _touched(draft)
        session.flush()
        _note(session, draft, "rule.article_put_back", article.key, by=by, now=now)


def add_article(
    session: Session, draft: RuleDraft, number: str, chapter: str, typed: Typed, *, by: Principal, now: datetime,
    key: str = "", source: Mapping[str, Any] | None = None, of: Article | None = None,
) -> DraftArticle:  # fmt: skip
    """Add an article of one's own, or one that a source has newly got (`of`, with its key and source).

    Raises WrongEntry for a number that is taken or none, and for a text that cannot be.
    """
    _may_write(session, draft, by)
    require_typed(typed)
    position = texts.position_of(number)
    rows = queries.articles_of(session, draft)
    if any(each.number == number for each in rows):
        raise WrongEntry("number", f"{article_label(number)}は、すでにあります。別の番号にしてください。")
    if len(rows) >= MOST_ARTICLES:
        raise WrongEntry("number", f"条は{MOST_ARTICLES}までです。")
    if chapter not in [each.chapter for each in rows]:
        raise WrongEntry("chapter", "章を選んでください。")
    made = Article(
        key=key or f"own-{uuid4().hex[:8]}", number=number, chapter=chapter, title=typed.title, text=typed.text,
        staff=typed.staff, why=of.why if of else "", who=of.who if of else "",
        is_mandatory=bool(of and of.is_mandatory), serves=of.serves if of else (), laws=of.laws if of else (),
        source=dict(source) if source else OWN,
    )  # fmt: skip
    row = _row(draft, made, by=by, now=now)
    row.position = position
    session.add(row)
    _touched(draft)
    session.flush()
    _note(session, draft, "rule.article_added", row.key, by=by, now=now)
    return row


def comment(
    session: Session,
    draft: RuleDraft,
    article: DraftArticle,
    text: str,
    *,
    of_organization: str = "",
    by: Principal,
    now: datetime,
) -> ArticleComment:
    """Say something about an article; raises WrongEntry for an empty text, DraftEnded."""
    if draft.ended_at is not None:
        raise DraftEnded
    if not text:
        raise WrongEntry("text", "コメントを入力してください。")
    made = ArticleComment(
        organization_id=draft.organization_id, id=uuid4(), draft_id=draft.id, article_key=article.key, text=text,
        at=now, by_id=by.user_id, by_name=by.name, of_organization=of_organization,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            draft.organization_id, "rule.commented", now, by.actor, object_kind="article_comment", object_id=made.id,
            content=contents.comment_content(made), details={"rule": draft.title, "article": article.key},
        ),
    )  # fmt: skip
    return made


# --- reviewing --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Problem:
    """What keeps a draft from being adopted: in which article, and what to do."""

    article: DraftArticle | None
    message: str


def problems_of(draft: RuleDraft, rows: Sequence[DraftArticle], mandatory: Mapping[str, str]) -> list[Problem]:
    """Everything that keeps a draft from being adopted; `mandatory` is {key of the article: its label}."""
    found = []
    present = {each.key for each in rows if not each.is_left_out}
    for row in rows:
        if row.is_left_out:
            continue
        for mark in texts.open_marks(row.title, row.text, row.staff):
            found.append(Problem(row, f"記入していない所があります: {mark}"))
    for key, label in mandatory.items():
        if key not in present:
            found.append(
                Problem(next((each for each in rows if each.key == key), None), f"必要な条がありません: {label}")
            )
    return found


def mandatory_of(library: Library, key: str, answers: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """{key: label} of the articles that a rule with some answers always has, by the model of the day."""
    today = local_date(now)
    written = library.rule_for(key, today).written(library.wizard_for(today), answers)
    return {each.key: f"{article_label(each.number)} {each.title}" for each in written if each.is_mandatory}


def review(session: Session, library: Library, draft: RuleDraft, *, seen: int, by: Principal, now: datetime) -> None:
    """Say that the whole text has been read and is in order, for adoption; `seen` is the revision that was read.

    Raises StillOpen with the first thing that is missing, ChangedMeanwhile when the text has changed since.
    """
    _may_write(session, draft, by)
    if draft.revision != seen:
        raise ChangedMeanwhile("画面を開いた後に、本文が変わりました。", "もう一度、全体を読んでください。")
    _refuse_open(session, library, draft, now)
    draft.reviewed_revision, draft.reviewed_at, draft.reviewed_by_name = draft.revision, now, by.name
    session.flush()
    _note(session, draft, "rule.reviewed", "", by=by, now=now)


def _refuse_open(session: Session, library: Library, draft: RuleDraft, now: datetime) -> None:
    rulebook = session.get_one(Rulebook, (draft.organization_id, draft.rulebook_id))
    mandatory = mandatory_of(library, rulebook.key, draft.answers, now)
    found = problems_of(draft, queries.articles_of(session, draft), mandatory)
    if found:
        first = found[0]
        where = f"{article_label(first.article.number)} {first.article.title}　" if first.article else ""
        more = f"（ほかに{len(found) - 1}か所）" if len(found) > 1 else ""
        raise StillOpen(f"{where}{first.message}{more}")


def discard(session: Session, draft: RuleDraft, *, by: Principal, now: datetime) -> None:
    """Throw a draft away; what was adopted before stays in force."""
    _may_write(session, draft, by)
    draft.ended_at = now
    session.flush()
    _note(session, draft, "rule.draft_discarded", "", by=by, now=now)
