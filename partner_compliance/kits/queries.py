"""What can be read about kits: the shelf for everyone, what was taken over, who mentors whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from partner_compliance.kits.models import (
    DraftOpening,
    KitAdoption,
    KitEdition,
    MunicipalKitEdition,
    OwnPractice,
)
from partner_compliance.kits.package import Package, without_courses
from partner_compliance.organizations.models import Organization
from partner_compliance.organizations.networks import Network
from partner_compliance.organizations.queries import partners_on
from partner_compliance.rulebooks.models import Rulebook, RuleDraft
from partner_compliance.rulebooks.proposals import KitNow
from partner_compliance.training import queries as training
from partner_compliance.training.models import OwnCourse
from partner_compliance.training.words import SourceKind

Edition = KitEdition | MunicipalKitEdition


@dataclass(frozen=True)
class OnShelf:
    """A kit that can be taken over: its newest edition, and how many groups have."""

    edition: Edition
    adopted: int

    @property
    def package(self) -> Package:
        """What is in it."""
        return Package.model_validate(self.edition.package)

    @property
    def origin(self) -> str:
        """Where it was brought in from; empty for one that was published here."""
        return self.edition.origin if isinstance(self.edition, KitEdition) else ""


def shelf(session: Session, organization_id: UUID) -> list[OnShelf]:
    """Every kit that an organization can take over, the newest edition of each: what was published in this
    installation, and what it brought in itself. Kits taken back are not among them."""
    newer = aliased(KitEdition)
    superseded = select(newer.id).where(
        newer.organization_id == KitEdition.organization_id,
        newer.kit_id == KitEdition.kit_id,
        newer.number > KitEdition.number,
    )
    of_organizations = session.scalars(
        select(KitEdition).where(
            or_(KitEdition.origin == "", KitEdition.organization_id == organization_id),
            KitEdition.package.is_not(None),
            ~superseded.correlate(KitEdition).exists(),
        )
    )
    younger = aliased(MunicipalKitEdition)
    replaced = select(younger.id).where(
        younger.municipality_id == MunicipalKitEdition.municipality_id,
        younger.kit_id == MunicipalKitEdition.kit_id,
        younger.number > MunicipalKitEdition.number,
    )
    of_municipalities = session.scalars(
        select(MunicipalKitEdition).where(
            MunicipalKitEdition.package.is_not(None), ~replaced.correlate(MunicipalKitEdition).exists()
        )
    )
    found: list[Edition] = [*of_municipalities, *of_organizations]
    counts = adopted(session, [each.kit_id for each in found])
    kits = [OnShelf(each, counts.get(each.kit_id, 0)) for each in found]
    return sorted(kits, key=lambda each: (-each.adopted, each.edition.title, str(each.edition.id)))


def on_shelf(session: Session, organization_id: UUID, edition_id: UUID) -> OnShelf | None:
    """One kit of the shelf; None where it does not stand there (any more)."""
    return next((each for each in shelf(session, organization_id) if each.edition.id == edition_id), None)


def adopted(session: Session, kit_ids: Sequence[UUID]) -> dict[UUID, int]:
    """{id of the kit: how many organizations have taken it over}; their names are nobody's business."""
    if not kit_ids:
        return {}
    rows = session.execute(
        select(KitAdoption.kit_id, func.count(func.distinct(KitAdoption.organization_id)))
        .where(KitAdoption.kit_id.in_(sorted(set(kit_ids))))
        .group_by(KitAdoption.kit_id)
    )
    return {row[0]: row[1] for row in rows}


def own_editions(session: Session, organization_id: UUID) -> list[KitEdition]:
    """What an organization has published itself, the newest first."""
    return list(
        session.scalars(
            select(KitEdition)
            .where(KitEdition.organization_id == organization_id, KitEdition.origin == "")
            .order_by(KitEdition.kit_id, KitEdition.number.desc())
        )
    )


def municipal_editions(session: Session, municipality_id: UUID) -> list[MunicipalKitEdition]:
    """What a municipality has published, the newest first."""
    return list(
        session.scalars(
            select(MunicipalKitEdition)
            .where(MunicipalKitEdition.municipality_id == municipality_id)
            .order_by(MunicipalKitEdition.kit_id, MunicipalKitEdition.number.desc())
        )
    )


def of_partners(session: Session, municipality_id: UUID, *, today: date) -> list[tuple[str, KitEdition, int]]:
    """The kits of a municipality's partners of the day, with whose they are and how many groups took them over."""
    newer = aliased(KitEdition)
    superseded = select(newer.id).where(
        newer.organization_id == KitEdition.organization_id,
        newer.kit_id == KitEdition.kit_id,
        newer.number > KitEdition.number,
    )
    rows = session.execute(
        select(Organization.name, KitEdition)
        .join(KitEdition, KitEdition.organization_id == Organization.id)
        .where(
            Organization.id.in_(partners_on([municipality_id], today)),
            KitEdition.origin == "",
            KitEdition.package.is_not(None),
            ~superseded.correlate(KitEdition).exists(),
        )
        .order_by(Organization.name, KitEdition.title)
    ).all()
    counts = adopted(session, [edition.kit_id for _, edition in rows])
    return [(name, edition, counts.get(edition.kit_id, 0)) for name, edition in rows]


def kits_now(session: Session, kit_ids: Sequence[str], key: str, organization_id: UUID) -> Mapping[str, KitNow]:
    """What kits say of one rule today, for an organization that took articles from them (see rulebooks.proposals)."""
    wanted = [UUID(each) for each in kit_ids]
    rows = session.scalars(
        select(KitEdition)
        .where(
            KitEdition.kit_id.in_(wanted),
            or_(KitEdition.origin == "", KitEdition.organization_id == organization_id),
        )
        .order_by(KitEdition.kit_id, KitEdition.number)
    )
    found: dict[str, KitNow] = {}
    last: dict[UUID, KitEdition] = {}
    for row in rows:
        if row.package is not None or row.kit_id not in last:
            last[row.kit_id] = row
        if row.package is None:
            held = last[row.kit_id]
            found[str(row.kit_id)] = KitNow(held.title, str(row.number), {}, row.note or "公開が取りやめられました。")
            continue
        package = without_courses(row.package)
        articles = {article.key: article for rule in package.rules if rule.key == key for article in rule.articles}
        name = f"{package.publisher.name}のキット「{package.title}」第{row.number}版"
        found[str(row.kit_id)] = KitNow(name, str(row.number), articles, "")
    return found


def is_network(session: Session, organization_id: UUID) -> bool:
    """Whether an organization holds a network."""
    return session.get(Network, organization_id) is not None


# --- courses ----------------------------------------------------------------------------------------------------


def courses_from(session: Session, organization_id: UUID, kit_id: UUID) -> list[OwnCourse]:
    """The courses that an organization has taken over from a kit, in whatever edition."""
    return [
        each
        for each in training.own_courses(session, organization_id)
        if each.source.get("kind") == SourceKind.KIT.value and each.source.get("kit") == str(kit_id)
    ]


def courses_begun_with(session: Session, adoption: KitAdoption) -> list[OwnCourse]:
    """The drafts of courses that one taking over of a kit has made."""
    held = courses_from(session, adoption.organization_id, adoption.kit_id)
    return [each for each in held if each.source.get("adoption") == str(adoption.id)]


# --- own practices ----------------------------------------------------------------------------------------------


def own_practice(session: Session, organization_id: UUID) -> OwnPractice | None:
    """What an organization puts beside its check sheet now."""
    return session.scalar(
        select(OwnPractice)
        .where(OwnPractice.organization_id == organization_id)
        .order_by(OwnPractice.number.desc())
        .limit(1)
    )


def beside_the_sheet(session: Session, organization_id: UUID) -> tuple[list[str], dict[str, list[str]]]:
    """(own checks, {number of an item: how it is done here}) that stand beside an organization's check sheet."""
    held = own_practice(session, organization_id)
    if held is None:
        return [], {}
    tips: dict[str, list[str]] = {}
    for each in held.tips:
        tips.setdefault(each["item"], []).append(each["text"] + (f"（{each['of']}）" if each.get("of") else ""))
    return held.extras, tips


# --- mentors ----------------------------------------------------------------------------------------------------


def mentors_of(session: Session, organization_id: UUID) -> list[Organization]:
    """The organizations whose kits were taken over here: they may be asked for comments."""
    return list(
        session.scalars(
            select(Organization)
            .where(
                Organization.id.in_(
                    select(KitAdoption.publisher_id).where(
                        KitAdoption.organization_id == organization_id, KitAdoption.publisher_id.is_not(None)
                    )
                ),
                Organization.id != organization_id,
            )
            .order_by(Organization.name)
        )
    )


def openings_of(session: Session, draft: RuleDraft) -> list[tuple[DraftOpening, str]]:
    """To whom a draft was opened, with the mentor's name, the latest first."""
    rows = session.execute(
        select(DraftOpening, Organization.name)
        .join(Organization, Organization.id == DraftOpening.mentor_id)
        .where(DraftOpening.organization_id == draft.organization_id, DraftOpening.draft_id == draft.id)
        .order_by(DraftOpening.opened_at.desc())
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True)
class Mentored:
    """A draft that another organization has opened to a mentor."""

    opening: DraftOpening
    draft: RuleDraft
    rulebook: Rulebook
    organization: str


def opened_to(session: Session, mentor_id: UUID, opening_id: UUID | None = None) -> list[Mentored]:
    """The drafts that are open to a mentor now (or the one of that opening): what the adopter has granted, no more."""
    query = (
        select(DraftOpening, RuleDraft, Rulebook, Organization.name)
        .join(
            RuleDraft,
            and_(RuleDraft.organization_id == DraftOpening.organization_id, RuleDraft.id == DraftOpening.draft_id),
        )
        .join(
            Rulebook,
            and_(Rulebook.organization_id == RuleDraft.organization_id, Rulebook.id == RuleDraft.rulebook_id),
        )
        .join(Organization, Organization.id == DraftOpening.organization_id)
        .where(DraftOpening.mentor_id == mentor_id, DraftOpening.closed_at.is_(None), RuleDraft.ended_at.is_(None))
        .order_by(DraftOpening.opened_at)
    )
    if opening_id is not None:
        query = query.where(DraftOpening.id == opening_id)
    return [Mentored(*row) for row in session.execute(query)]
