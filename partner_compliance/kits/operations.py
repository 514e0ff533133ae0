"""Publishing, bringing in and taking over kits; opening a draft to a mentor; own practices beside the check sheet."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Principal
from partner_compliance.acts import Act
from partner_compliance.clock import local_date
from partner_compliance.errors import NotAllowed, RuleBroken, WrongEntry
from partner_compliance.kits import contents, courses, package, policy, queries
from partner_compliance.kits.models import (
    DraftOpening,
    KitAdoption,
    KitEdition,
    MunicipalKitEdition,
    OwnPractice,
)
from partner_compliance.kits.package import Known, Package, PackagedRule, Publisher, Tip
from partner_compliance.kits.words import Activity, Headcount, Part
from partner_compliance.library.courses import Course
from partner_compliance.library.pledges import Occasion
from partner_compliance.library.rules import Size, Wizard
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.pledges import operations as pledges
from partner_compliance.pledges import queries as pledge_texts
from partner_compliance.rulebooks import lineage
from partner_compliance.rulebooks import operations as rulebooks
from partner_compliance.rulebooks import queries as rules
from partner_compliance.rulebooks.lineage import Source
from partner_compliance.rulebooks.models import DraftArticle, RuleDraft
from partner_compliance.rulebooks.texts import Article
from partner_compliance.rulebooks.words import SourceKind
from partner_compliance.training.queries import law_on

#: What workers sign, and to which an organization can add promises.
PLEDGES = (Occasion.JOINING, Occasion.ANNUAL, Occasion.ENGAGEMENT, Occasion.LEAVING)


class NothingToPublish(RuleBroken):
    """A kit holds adopted rules, or at least a tip, a check or a promise."""

    message = "キットに入れるものがありません。"
    what_to_do = "規程を採択するか、工夫のメモ・添える確認を書いてから、公開してください。"


class NotThere(RuleBroken):
    """The kit was taken back or replaced in the meantime."""

    message = "このキットは、公開が取りやめられたか、新しい版に替わりました。"
    what_to_do = "キットの一覧を開き直してください。"


class Circular(RuleBroken):
    """The kit's articles came from the organization itself: taking them over would make it its own source."""

    what_to_do = (
        "この団体の規程は、そのままお使いください。ほかの部分（約束、確認、工夫）だけを取り入れることはできます。"
    )


class OlderKit(RuleBroken):
    """The same kit stands here already, in this edition or a newer one."""

    what_to_do = "一覧にあるキットをお使いください。"


@dataclass(frozen=True)
class Facts:
    """What is said about a kit when it is published."""

    title: str
    about: str
    activity: Activity
    headcount: Headcount
    note: str = ""
    #: Courses that are taken here, by title and where they are found.
    courses: Sequence[str] = ()


def known(library: Library, today: date) -> Known:
    """What this installation knows, to read a kit against."""
    wizard = library.wizard_for(today)
    return Known(
        frozenset(wizard.questions),
        {key: frozenset(each.key for each in question.options) for key, question in wizard.questions.items()},
        frozenset(each.value for each in PLEDGES),
        frozenset(law_on(library, today)),
    )


# --- publishing -------------------------------------------------------------------------------------------------


def build(
    session: Session,
    library: Library,
    organization: Organization,
    facts: Facts,
    parts: Collection[Part],
    *,
    kit_id: UUID,
    number: int,
    today: date,
) -> Package:
    """The kit that an organization would publish now: its rules in force, its own courses, and what stands beside.

    Its own names give way to placeholders. Raises NothingToPublish, WrongEntry for what is too long.
    """
    states = [each for each in rules.states_of(session, organization.id, today=today) if each.current is not None]
    wizard = library.wizard_for(today)
    publisher = Publisher(
        id=organization.id, name=organization.name,
        kind="network" if queries.is_network(session, organization.id) else "organization",
    )  # fmt: skip
    packaged: list[PackagedRule] = []
    answers: dict[str, str] = {}
    for state in states if Part.RULES in parts else ():
        version = state.current
        assert version is not None, "the states were chosen by it"  # noqa: S101 - for mypy
        answers |= {key: said for key, said in version.answers.items() if wizard.questions[key].kind == "choice"}
        packaged.append(
            PackagedRule(
                key=version.key, title=version.title,
                articles=tuple(
                    _packaged(each, organization, wizard, version.answers) for each in rules.articles_in(version)
                ),
            )
        )  # fmt: skip
    practice = queries.own_practice(session, organization.id)
    promises: dict[str, tuple[str, ...]] = {}
    if Part.PROMISES in parts:
        held = pledge_texts.own_wordings(session, [organization.id])
        for (_, key), wordings in held.items():
            own = pledge_texts.own_in_force(wordings, today)
            if own is not None and own.paragraphs and key in [each.value for each in PLEDGES]:
                promises[key] = tuple(own.paragraphs)
    extras = tuple(practice.extras) if practice and Part.EXTRAS in parts else ()
    tips = (
        tuple(Tip(item=each["item"], text=each["text"]) for each in practice.tips)
        if practice and Part.TIPS in parts
        else ()
    )
    titles = tuple(facts.courses) if Part.COURSES in parts else ()
    here = known(library, today)
    taught: tuple[Course, ...] = ()
    if Part.COURSES in parts:
        names = {organization.name} | {each.current.answers.get("organization", "") for each in states if each.current}
        taught = courses.packaged(session, organization, names, here, today=today)
    if not (packaged or promises or extras or tips or titles or taught):
        raise NothingToPublish
    later: dict[str, Any] = {"format": 2, "own_courses": taught} if taught else {"format": 1}
    made = Package(
        **later, kit_id=kit_id, number=number, title=facts.title, about=facts.about, publisher=publisher,
        activity=facts.activity, headcount=facts.headcount, legal_form=organization.legal_form.value,
        published_on=today, rules=tuple(packaged), answers=answers if packaged else {}, promises=promises,
        extras=extras, tips=tips, courses=titles,
    )  # fmt: skip
    package.require_package(made, here)
    return made


def _packaged(article: Article, organization: Organization, wizard: Wizard, answers: Mapping[str, str]) -> Article:
    def template(text: str) -> str:
        return lineage.as_template(text, wizard, answers)

    source = Source.from_json(article.source)
    hands = [*(source.lineage if source else ()), str(organization.id)]
    return article.model_copy(
        update={
            "title": template(article.title), "text": template(article.text), "staff": template(article.staff),
            "source": {"lineage": list(dict.fromkeys(hands))},
        }
    )  # fmt: skip


def publish(
    session: Session,
    library: Library,
    organization: Organization,
    facts: Facts,
    parts: Collection[Part],
    *,
    kit_id: UUID | None,
    by: Principal,
    now: datetime,
) -> KitEdition:
    """Put a kit on the shelf, or a new edition of one (`kit_id`): those who took it over are shown what changed.

    Raises NothingToPublish, WrongEntry, NotAllowed.
    """
    if not policy.may_use(by, organization):
        raise NotAllowed
    session.refresh(organization, with_for_update=True)
    before = [each for each in queries.own_editions(session, organization.id) if each.kit_id == kit_id]
    if kit_id is not None and not before:
        raise NotThere
    if before and not facts.note:
        raise WrongEntry("note", "何が変わったのかを入力してください。")
    kit_id = kit_id or uuid4()
    number = before[0].number + 1 if before else 1
    made = build(session, library, organization, facts, parts, kit_id=kit_id, number=number, today=local_date(now))
    row = KitEdition(
        organization_id=organization.id, id=uuid4(), origin="", **_columns(made), note=facts.note, at=now,
        by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _note_edition(session, organization.id, row, "kit.published", by=by, now=now)
    return row


def _columns(made: Package) -> dict[str, Any]:
    return {
        "kit_id": made.kit_id, "number": made.number, "title": made.title, "about": made.about,
        "publisher": made.publisher.name, "rules": [each.title for each in made.rules], "activity": made.activity,
        "headcount": made.headcount, "legal_form": made.legal_form, "package": made.model_dump(mode="json"),
        "digest": package.digest_of(made), "published_on": made.published_on,
    }  # fmt: skip


def _note_edition(
    session: Session, log_id: UUID, row: KitEdition | MunicipalKitEdition, name: str, *, by: Principal, now: datetime
) -> None:
    kind = "kit_edition" if isinstance(row, KitEdition) else "municipal_kit_edition"
    acts.record(
        session,
        Act(
            log_id, name, now, by.actor, object_kind=kind, object_id=row.id, content=contents.edition_content(row),
            details={"kit": row.title, "edition": row.number},
        ),
    )  # fmt: skip


def withdraw(
    session: Session, organization: Organization, kit_id: UUID, *, reason: str, by: Principal, now: datetime
) -> KitEdition:
    """Take a kit from the shelf; what others took over stays theirs, and they are told. Raises WrongEntry, NotThere."""
    if not policy.may_use(by, organization):
        raise NotAllowed
    session.refresh(organization, with_for_update=True)
    held = [each for each in queries.own_editions(session, organization.id) if each.kit_id == kit_id]
    if not held or held[0].package is None:
        raise NotThere
    if not reason:
        raise WrongEntry("reason", "取りやめる理由を入力してください。取り入れた団体に伝わります。")
    last = held[0]
    row = KitEdition(
        organization_id=organization.id, id=uuid4(), origin="", kit_id=kit_id, number=last.number + 1,
        title=last.title, about=last.about, publisher=last.publisher, rules=[], activity=last.activity,
        headcount=last.headcount, legal_form=last.legal_form, package=None, digest="", note=reason, at=now,
        published_on=local_date(now), by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _note_edition(session, organization.id, row, "kit.withdrawn", by=by, now=now)
    return row


@dataclass(frozen=True)
class MunicipalFacts:
    """What a municipality recommends: which length, which answers, own promises, checks and tips."""

    title: str
    about: str
    activity: Activity
    size: Size
    answers: Mapping[str, str]
    promises: Sequence[str]
    extras: Sequence[str]
    tips: Sequence[Tip]
    note: str = ""


def publish_municipal(
    session: Session,
    library: Library,
    municipality: Municipality,
    facts: MunicipalFacts,
    *,
    kit_id: UUID | None,
    by: Principal,
    now: datetime,
) -> MunicipalKitEdition:
    """Put a municipality's kit on the shelf, or a new edition of it: the models of the house with its answers.

    Raises WrongEntry, NotAllowed, BrokenKit for what is too long.
    """
    if not policy.may_publish_for(by, municipality):
        raise NotAllowed
    session.refresh(municipality, with_for_update=True)
    before = [each for each in queries.municipal_editions(session, municipality.id) if each.kit_id == kit_id]
    if kit_id is not None and not before:
        raise NotThere
    if before and not facts.note:
        raise WrongEntry("note", "何が変わったのかを入力してください。")
    today = local_date(now)
    made = Package(
        format=1, kit_id=kit_id or uuid4(), number=before[0].number + 1 if before else 1, title=facts.title,
        about=facts.about, publisher=Publisher(id=municipality.id, name=municipality.name, kind="municipality"),
        activity=facts.activity, headcount=Headcount.FEW if facts.size is Size.S else Headcount.SOME, legal_form="",
        published_on=today, rules=(), answers={"edition": facts.size.value, **facts.answers},
        promises={Occasion.JOINING.value: tuple(facts.promises)} if facts.promises else {},
        extras=tuple(facts.extras), tips=tuple(facts.tips),
    )  # fmt: skip
    package.require_package(made, known(library, today))
    row = MunicipalKitEdition(
        municipality_id=municipality.id, id=uuid4(), **_columns(made), note=facts.note, at=now, by_id=by.user_id,
        by_name=by.name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _note_edition(session, municipality.id, row, "kit.published", by=by, now=now)
    return row


def withdraw_municipal(
    session: Session, municipality: Municipality, kit_id: UUID, *, reason: str, by: Principal, now: datetime
) -> MunicipalKitEdition:
    """Take a municipality's kit from the shelf; raises WrongEntry, NotThere."""
    if not policy.may_publish_for(by, municipality):
        raise NotAllowed
    session.refresh(municipality, with_for_update=True)
    held = [each for each in queries.municipal_editions(session, municipality.id) if each.kit_id == kit_id]
    if not held or held[0].package is None:
        raise NotThere
    if not reason:
        raise WrongEntry("reason", "取りやめる理由を入力してください。")
    last = held[0]
    row = MunicipalKitEdition(
        municipality_id=municipality.id, id=uuid4(), kit_id=kit_id, number=last.number + 1, title=last.title,
        about=last.about, publisher=last.publisher, rules=[], activity=last.activity, headcount=last.headcount,
        legal_form="", package=None, digest="", note=reason, at=now, published_on=local_date(now), by_id=by.user_id,
        by_name=by.name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _note_edition(session, municipality.id, row, "kit.withdrawn", by=by, now=now)
    return row


def bring_in(
    session: Session, library: Library, organization: Organization, content: bytes, *, by: Principal, now: datetime
) -> KitEdition:
    """Read a kit's file from elsewhere and put it on the organization's own shelf, with its origin; all or nothing.

    Raises BrokenKit or NewerKit for a file that cannot be used, OlderKit, Circular for a kit of one's own.
    """
    if not policy.may_use(by, organization):
        raise NotAllowed
    made = package.from_file(content)
    package.require_package(made, known(library, local_date(now)))
    if made.publisher.id == organization.id:
        raise Circular("このキットは、この団体が公開したものです。")
    session.refresh(organization, with_for_update=True)
    held = session.scalars(
        select(KitEdition).where(KitEdition.organization_id == organization.id, KitEdition.kit_id == made.kit_id)
    ).all()
    if held and max(each.number for each in held) >= made.number:
        raise OlderKit(f"「{made.title}」は、すでに第{max(each.number for each in held)}版を取り込んでいます。")
    row = KitEdition(
        organization_id=organization.id, id=uuid4(), origin=made.publisher.name, **_columns(made), note="", at=now,
        by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _note_edition(session, organization.id, row, "kit.brought_in", by=by, now=now)
    return row


# --- taking over ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What is taken over from a kit, with the organization's own answers."""

    parts: Collection[Part]
    rules: Sequence[str]
    answers: Mapping[str, str]
    #: Until when those who have signed sign again, where promises are added; None: with the next pledge.
    sign_again_by: date | None = None


def take_over(
    session: Session,
    library: Library,
    organization: Organization,
    kit: queries.OnShelf,
    wanted: Wanted,
    *,
    by: Principal,
    now: datetime,
) -> tuple[KitAdoption, list[RuleDraft]]:
    """Take over a kit or parts of it: rules and courses become drafts in the organization's own names, the rest stands.

    Raises Circular when its articles came from here, AlreadyADraft, WrongEntry; then nothing at all is taken over.
    """
    if not policy.may_use(by, organization):
        raise NotAllowed
    made = kit.package
    if not wanted.parts:
        raise WrongEntry("parts", "取り入れるものを、一つ以上選んでください。")
    adoption_id = uuid4()
    drafts: list[RuleDraft] = []
    if Part.RULES in wanted.parts:
        drafts = _take_rules(session, library, organization, made, wanted, by=by, now=now)
    if Part.PROMISES in wanted.parts:
        _take_promises(session, organization, made, wanted, by=by, now=now)
    extras = made.extras if Part.EXTRAS in wanted.parts else ()
    tips = list(made.tips if Part.TIPS in wanted.parts else ())
    if Part.COURSES in wanted.parts:
        tips += [Tip(item=package.COURSES_ITEM, text=each) for each in made.courses]
        courses.take(session, library, organization, made, adoption_id, by=by, now=now)
    if extras or tips:
        _take_practices(session, organization, made, extras, tips, by=by, now=now)
    here = session.get(Organization, made.publisher.id) if not kit.origin else None
    row = KitAdoption(
        organization_id=organization.id, id=adoption_id, kit_id=made.kit_id, edition_number=made.number,
        edition_digest=kit.edition.digest, publisher=made.publisher.name, publisher_id=here.id if here else None,
        parts=sorted(each.value for each in wanted.parts), at=now, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(row)
    session.flush()
    acts.record(
        session,
        Act(
            organization.id, "kit.taken_over", now, by.actor, object_kind="kit_adoption", object_id=row.id,
            content=contents.adoption_content(row), details={"kit": made.title, "from": made.publisher.name},
        ),
    )  # fmt: skip
    return row, drafts


def _take_rules(
    session: Session, library: Library, organization: Organization, made: Package, wanted: Wanted, *, by: Principal,
    now: datetime,
) -> list[RuleDraft]:  # fmt: skip
    if not wanted.rules:
        raise WrongEntry("rules", "取り入れる規程を、一つ以上選んでください。")
    if not made.rules:  # a municipality's: the models of the house, with its answers
        return rulebooks.begin(
            session, library, organization, wanted.rules, {**made.answers, **wanted.answers}, by=by, now=now
        )
    wizard = library.wizard_for(local_date(now))
    settled = {key: each.options[0].key for key, each in wizard.questions.items() if each.options}
    answers = rulebooks.checked_answers(wizard, {**settled, **made.answers, **wanted.answers})
    chosen = [each for each in made.rules if each.key in wanted.rules]
    if not chosen:
        raise WrongEntry("rules", "このキットに入っている規程を選んでください。")
    if any(str(organization.id) in each.source.get("lineage", ()) for rule in chosen for each in rule.articles):
        raise Circular("このキットの規程は、もともとこの団体から伝わったものです。取り入れると、由来が輪になります。")
    name = f"{made.publisher.name}のキット「{made.title}」第{made.number}版"
    return [
        rulebooks.open_draft(
            session, organization, rule.key, rule.title,
            [_filled(each, made, name, wizard, answers) for each in rule.articles], answers, by=by, now=now,
            came_from=name,
        )
        for rule in chosen
    ]  # fmt: skip


def _filled(article: Article, made: Package, name: str, wizard: Wizard, answers: Mapping[str, str]) -> Article:
    source = Source(
        SourceKind.KIT, name, str(made.number), article.text, article.staff, article.title, str(made.kit_id),
        tuple(article.source.get("lineage", ())),
    )  # fmt: skip
    return article.model_copy(
        update={
            "title": lineage.filled(article.title, wizard, answers),
            "text": lineage.filled(article.text, wizard, answers),
            "staff": lineage.filled(article.staff, wizard, answers),
            "source": source.as_json(),
        }
    )


def _take_promises(
    session: Session, organization: Organization, made: Package, wanted: Wanted, *, by: Principal, now: datetime
) -> None:
    today = local_date(now)
    held = pledge_texts.own_wordings(session, [organization.id])
    for key, lines in made.promises.items():
        wordings = held.get((organization.id, key), [])
        before = wordings[-1].paragraphs if wordings else []
        paragraphs = list(dict.fromkeys([*before, *lines]))
        if paragraphs == before:
            continue
        additions = pledges.Additions(
            paragraphs, max(today, wordings[-1].from_on) if wordings else today, wanted.sign_again_by is not None,
            f"{made.publisher.name}のキット「{made.title}」を取り入れたため", wanted.sign_again_by,
        )  # fmt: skip
        pledges.change_wording(
            session, organization, key, additions, seen=wordings[-1].number if wordings else 0, by=by, now=now
        )


def _take_practices(
    session: Session, organization: Organization, made: Package, extras: Sequence[str], tips: Sequence[Tip], *,
    by: Principal, now: datetime,
) -> None:  # fmt: skip
    before = queries.own_practice(session, organization.id)
    all_extras = list(dict.fromkeys([*(before.extras if before else ()), *extras]))[: package.MOST_EXTRAS]
    told = [{"item": each.item, "text": each.text, "of": made.publisher.name} for each in tips]
    all_tips = [*(before.tips if before else ()), *(each for each in told if not before or each not in before.tips)]
    keep_practice(
        session, organization, all_extras, all_tips[: package.MOST_TIPS], seen=before.number if before else 0,
        note=f"{made.publisher.name}のキット「{made.title}」から", by=by, now=now,
    )  # fmt: skip


def keep_practice(
    session: Session,
    organization: Organization,
    extras: Sequence[str],
    tips: Sequence[Mapping[str, str]],
    *,
    seen: int,
    note: str = "",
    by: Principal,
    now: datetime,
) -> OwnPractice | None:
    """Keep what an organization puts beside its check sheet; None where nothing changed.

    Raises WrongEntry for what is too much or too long, and when somebody else was faster.
    """
    if not policy.may_use(by, organization):
        raise NotAllowed
    session.refresh(organization, with_for_update=True)
    before = queries.own_practice(session, organization.id)
    if (before.number if before else 0) != seen:
        raise WrongEntry(
            "extras", "画面を開いた後に、ほかの方が変えました。下の内容と合わせて、もう一度保存してください。"
        )
    if len(extras) > package.MOST_EXTRAS:
        raise WrongEntry("extras", f"添える確認は{package.MOST_EXTRAS}個までです。")
    if len(tips) > package.MOST_TIPS:
        raise WrongEntry("tips", f"工夫は{package.MOST_TIPS}個までです。")
    if any(len(each) > package.LONGEST_LINE for each in extras):
        raise WrongEntry("extras", f"1つ{package.LONGEST_LINE}文字までにしてください。")
    if any(len(each["text"]) > package.LONGEST_LINE or len(each["item"]) > 60 for each in tips):
        raise WrongEntry("tips", f"1つ{package.LONGEST_LINE}文字までにしてください。")
    said = [dict(each) for each in tips]
    if before is not None and (before.extras, before.tips) == (list(extras), said):
        return None
    made = OwnPractice(
        organization_id=organization.id, id=uuid4(), number=seen + 1, extras=list(extras), tips=said, note=note,
        at=now, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            organization.id, "practice.changed", now, by.actor, object_kind="own_practice", object_id=made.id,
            content=contents.practice_content(made), details={"extras": len(extras), "tips": len(said)},
        ),
    )  # fmt: skip
    return made


# --- mentors ----------------------------------------------------------------------------------------------------


def open_to_mentor(
    session: Session, draft: RuleDraft, mentor: Organization, *, by: Principal, now: datetime
) -> DraftOpening:
    """Let a mentor's people read a draft and comment on it, until it is closed. Raises NotAllowed, DraftEnded."""
    organization = session.get_one(Organization, draft.organization_id)
    if not policy.may_use(by, organization):
        raise NotAllowed
    session.refresh(draft, with_for_update=True)
    if draft.ended_at is not None:
        raise rulebooks.DraftEnded
    if mentor.id not in [each.id for each in queries.mentors_of(session, organization.id)]:
        raise WrongEntry("mentor", "キットを取り入れた相手の団体から選んでください。")
    for opening, _ in queries.openings_of(session, draft):
        if opening.mentor_id == mentor.id and opening.closed_at is None:
            return opening
    made = DraftOpening(
        organization_id=draft.organization_id, id=uuid4(), draft_id=draft.id, mentor_id=mentor.id, opened_at=now,
        opened_by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _note_opening(session, draft, mentor.name, "rule.opened_to_mentor", by=by, now=now)
    return made


def close_to_mentor(session: Session, opening: DraftOpening, *, by: Principal, now: datetime) -> None:
    """End what a mentor may see of a draft, at once."""
    if not policy.may_close(by, opening):
        raise NotAllowed
    if opening.closed_at is None:
        opening.closed_at = now
        session.flush()
        draft = session.get_one(RuleDraft, (opening.organization_id, opening.draft_id))
        mentor = session.get_one(Organization, opening.mentor_id)
        _note_opening(session, draft, mentor.name, "rule.closed_to_mentor", by=by, now=now)


def _note_opening(session: Session, draft: RuleDraft, mentor: str, name: str, *, by: Principal, now: datetime) -> None:
    acts.record(
        session,
        Act(
            draft.organization_id, name, now, by.actor, object_kind="rule_draft", object_id=draft.id,
            details={"rule": draft.title, "mentor": mentor},
        ),
    )  # fmt: skip


def comment_as_mentor(
    session: Session,
    mentor: Organization,
    opened: queries.Mentored,
    article: DraftArticle,
    text: str,
    *,
    by: Principal,
    now: datetime,
) -> None:
    """Say something about an article of a draft that another organization has opened; raises WrongEntry, NotAllowed."""
    if (
        not policy.may_mentor(by, mentor)
        or opened.opening.mentor_id != mentor.id
        or opened.opening.closed_at is not None
    ):
        raise NotAllowed
    rulebooks.comment(session, opened.draft, article, text, of_organization=mentor.name, by=by, now=now)
