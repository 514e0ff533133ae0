"""When a source changes: what it said, what it says now, what stands here, and what is done about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Principal
from partner_compliance.acts import Act
from partner_compliance.clock import local_date
from partner_compliance.errors import RuleBroken, WrongEntry
from partner_compliance.library.rules import Wizard
from partner_compliance.library.shelf import Library, UnknownEdition
from partner_compliance.organizations.models import Organization
from partner_compliance.rulebooks import contents, lineage, operations, queries, texts
from partner_compliance.rulebooks.lineage import Merged, Source
from partner_compliance.rulebooks.models import ProposalReply, Rulebook, RuleDraft
from partner_compliance.rulebooks.texts import Article
from partner_compliance.rulebooks.words import Answer, SourceKind


@dataclass(frozen=True)
class KitNow:
    """What a kit says of one rule today: {key of the article: article, with its names as placeholders}."""

    name: str
    edition: str
    articles: Mapping[str, Article]
    #: Why the kit was taken from the shelf; empty while it stands there.
    withdrawn: str


#: (session, ids of kits, key of the rule, for whom) → {id of the kit: what it says now}; the kits room knows.
KitsNow = Callable[[Session, Sequence[str], str, UUID], Mapping[str, KitNow]]


def no_kits(_session: Session, _ids: Sequence[str], _key: str, _for: UUID) -> Mapping[str, KitNow]:
    """For a house without kits."""
    return {}


class NotThere(RuleBroken):
    """The source has changed again, or somebody has answered in the meantime."""

    message = "この変更は、もう決められたか、もとの文がまた変わりました。"
    what_to_do = "下の一覧で、いまの変更を確かめてください。"


class HasConflicts(RuleBroken):
    """Both sides changed the same words: somebody has to decide."""

    message = "この団体の変更と、もとの変更が重なっています。そのままでは取り入れられません。"
    what_to_do = "下の文を直してから、「直して取り入れる」を押してください。"


@dataclass(frozen=True)
class Proposal:
    """A change at the source of an article: what it said, what it says now, and what stands here."""

    article_key: str
    label: str
    title: str
    source: Source
    #: In the organization's own names; empty for an article that is new at the source, or gone here.
    old: str
    new: str
    #: None where the article does not stand here.
    here: Article | None
    #: What the source now says of it, as an article.
    newest: Article
    digest: str

    @property
    def merged(self) -> Merged:
        """The own text with the source's change in it."""
        if self.here is None:
            return Merged(self.new, has_conflicts=False)
        return lineage.merge(self.old, self.here.text, self.new)


@dataclass(frozen=True)
class Withdrawn:
    """A source that should be followed no longer, and why; the texts here stay as they are."""

    name: str
    reason: str


def proposals_of(
    session: Session, library: Library, state: queries.State, kits: KitsNow, *, today: date
) -> list[Proposal]:
    """What the sources of a rule's articles have changed since they were taken over, and was not answered yet."""
    if not state.articles:
        return []
    wizard = library.wizard_for(today)
    answered = set(
        session.execute(
            select(ProposalReply.article_key, ProposalReply.digest).where(
                ProposalReply.organization_id == state.rulebook.organization_id,
                ProposalReply.rulebook_id == state.rulebook.id,
            )
        )
    )
    found = []
    here = {each.key: each for each in state.articles}
    for name, edition, newest, source_kind, kit_id in _sources(session, library, state, kits, wizard, today):
        for key, now in newest.items():
            own = here.get(key)
            source = Source.from_json(own.source) if own else None
            if own is not None and (source is None or (source.kind, source.kit_id) != (source_kind, kit_id)):
                continue
            fresh = Source(
                source_kind, name, edition, now.text, now.staff, now.title, kit_id,
                source.lineage if source else tuple(now.source.get("lineage", ())),
            )  # fmt: skip
            digest = texts.digest_of_text(now.title, now.text)
            said = texts.digest_of_text(source.title, source.template) if source else ""
            if said == digest or (key, digest) in answered:
                continue
            found.append(
                Proposal(
                    key, now.label, lineage.filled(now.title, wizard, state.answers), fresh,
                    lineage.filled(source.template, wizard, state.answers) if source else "",
                    lineage.filled(now.text, wizard, state.answers), own, now, digest,
                )
            )  # fmt: skip
    return sorted(found, key=lambda each: texts.position_of(each.newest.number))


def _sources(
    session: Session, library: Library, state: queries.State, kits: KitsNow, wizard: Wizard, today: date
) -> list[tuple[str, str, Mapping[str, Article], SourceKind, str]]:
    """[(name, edition, {key: article of today}, kind, id of the kit)] of every source that some article has."""
    sources = [source for each in state.articles if (source := Source.from_json(each.source))]
    found: list[tuple[str, str, Mapping[str, Article], SourceKind, str]] = []
    editions = {each.edition for each in sources if each.kind is SourceKind.MODEL}
    if editions:
        model = library.rule_for(state.rulebook.key, today)
        if model.edition not in editions or len(editions) > 1:
            newest = {}
            for written in model.written(wizard, state.answers):
                source = operations.model_source(library, wizard, model.key, model.edition, written.key, state.answers)
                if source is not None:
                    bare = Article.of_model(written, {"lineage": ["model"]})
                    newest[written.key] = bare.model_copy(
                        update={"text": source.template, "title": source.title, "staff": source.staff}
                    )
            # An article that an older edition had and was left out here on purpose is no news.
            old = {key for edition in editions for key in _keys_of(library, state, wizard, edition)}
            kept = {each.key for each in state.articles}
            newest = {key: each for key, each in newest.items() if key in kept or key not in old}
            found.append((f"見本 {model.edition}年版", model.edition, newest, SourceKind.MODEL, ""))
    ids = sorted({each.kit_id for each in sources if each.kind is SourceKind.KIT})
    kept = {each.key for each in state.articles}
    for kit_id, now in kits(session, ids, state.rulebook.key, state.rulebook.organization_id).items() if ids else ():
        if not now.withdrawn:
            held = {key: each for key, each in now.articles.items() if key in kept}
            found.append((now.name, now.edition, held, SourceKind.KIT, kit_id))
    return found


def _keys_of(library: Library, state: queries.State, wizard: Wizard, edition: str) -> set[str]:
    try:
        model = library.rule(state.rulebook.key, edition)
    except UnknownEdition:
        return set()
    return {each.key for each in model.written(wizard, state.answers)}


def withdrawn_sources(
    session: Session, library: Library, state: queries.State, kits: KitsNow, *, today: date
) -> list[Withdrawn]:
    """The sources of a rule's articles that were taken back since, and why."""
    sources = [source for each in state.articles if (source := Source.from_json(each.source))]
    found = []
    for edition in sorted({each.edition for each in sources if each.kind is SourceKind.MODEL}):
        if reason := library.withdrawn(state.rulebook.key, edition, today):
            found.append(Withdrawn(f"見本 {edition}年版", reason))
    ids = sorted({each.kit_id for each in sources if each.kind is SourceKind.KIT})
    if ids:
        for now in kits(session, ids, state.rulebook.key, state.rulebook.organization_id).values():
            if now.withdrawn:
                found.append(Withdrawn(now.name, now.withdrawn))
    return found


@dataclass(frozen=True)
class Reply:
    """What is done with a proposal: taken as it merges, adapted to `text`, or declined with a reason."""

    answer: Answer
    text: str = ""
    reason: str = ""


def reply(
    session: Session,
    library: Library,
    organization: Organization,
    rulebook: Rulebook,
    article_key: str,
    digest: str,
    said: Reply,
    kits: KitsNow,
    *,
    by: Principal,
    now: datetime,
) -> RuleDraft | None:
    """Take, adapt or decline a change at the source. Taken changes go into the draft, which is opened where none is.

    Raises NotThere when the source has changed again (the page shows the new state), HasConflicts, WrongEntry.
    """
    today = local_date(now)
    session.refresh(rulebook, with_for_update=True)
    state = queries.state_of(session, rulebook, today=today)
    wanted = next(
        (
            each
            for each in proposals_of(session, library, state, kits, today=today)
            if (each.article_key, each.digest) == (article_key, digest)
        ),
        None,
    )
    if wanted is None:
        raise NotThere
    draft: RuleDraft | None = None
    if said.answer is Answer.DECLINED:
        if not said.reason:
            raise WrongEntry("reason", "見送る理由を入力してください。")
    else:
        merged = wanted.merged
        if said.answer is Answer.TAKEN and merged.has_conflicts:
            raise HasConflicts
        text = merged.text if said.answer is Answer.TAKEN else said.text
        texts.require_text(text)
        draft = state.draft
        if draft is None:
            assert state.newest is not None, "a rule with articles has a draft or a version"  # noqa: S101 - for mypy
            draft = operations.begin_revision(session, organization, state.newest, by=by, now=now)
        _put_in(session, library, draft, wanted, text, by=by, now=now)
    made = ProposalReply(
        organization_id=organization.id, id=uuid4(), rulebook_id=rulebook.id, article_key=article_key, digest=digest,
        source=wanted.source.name, answer=said.answer, reason=said.reason, at=now, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            organization.id, "rule.source_answered", now, by.actor, object_kind="proposal_reply", object_id=made.id,
            content=contents.reply_content(made),
            details={"rule": state.title, "article": article_key, "answer": said.answer.value},
        ),
    )  # fmt: skip
    return draft


def _put_in(
    session: Session, library: Library, draft: RuleDraft, wanted: Proposal, text: str, *, by: Principal, now: datetime
) -> None:
    row = queries.article_of(session, draft, wanted.article_key)
    wizard = library.wizard_for(local_date(now))
    if row is None:
        staff = lineage.filled(wanted.source.staff, wizard, draft.answers)
        operations.add_article(
            session, draft, wanted.newest.number, wanted.newest.chapter,
            operations.Typed(wanted.title, text, staff), by=by, now=now, key=wanted.article_key,
            source=wanted.source.as_json(), of=wanted.newest,
        )  # fmt: skip
        return
    # Title and line follow the source only where they were as the source had them.
    before = Source.from_json(row.source)
    title = wanted.title if before and row.title == lineage.filled(before.title, wizard, draft.answers) else row.title
    staff = row.staff
    if before and row.staff == lineage.filled(before.staff, wizard, draft.answers):
        staff = lineage.filled(wanted.source.staff, wizard, draft.answers)
    operations.change_article(
        session, draft, row, operations.Typed(title, text, staff), seen=row.revision, by=by, now=now,
        source=wanted.source.as_json(),
    )  # fmt: skip
