"""What can be read about engagements, clauses, places and notices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from partner_compliance.acts import Contents
from partner_compliance.engagements.models import (
    Assignment,
    ClauseAgreement,
    EngagementReply,
    EngagementVersion,
    NoticeAnswer,
    PartnerCode,
    Place,
    PlaceNotice,
    PlaceUse,
    PlaceVersion,
)
from partner_compliance.engagements.words import EngagementState, NoticeReply, state_on
from partner_compliance.organizations.models import Center, Engagement, Municipality, Organization
from partner_compliance.organizations.queries import is_valid_on
from partner_compliance.roster.models import Project

#: Both sides are reminded of an engagement's end so many days before.
ENDS_SOON = timedelta(days=60)


# --- one engagement ---------------------------------------------------------------------------------------------


def _waiting(version: Any = EngagementVersion) -> Any:
    """The condition that nobody has replied to a version yet; number 0, as registered, asks for no reply."""
    return and_(
        version.number > 0,
        ~exists().where(
            EngagementReply.organization_id == version.organization_id,
            EngagementReply.engagement_id == version.engagement_id,
            EngagementReply.number == version.number,
        ),
    )


def waiting_version(session: Session, engagement: Engagement) -> EngagementVersion | None:
    """The version that waits for the organization's reply; there is at most one."""
    return session.scalar(
        select(EngagementVersion).where(
            EngagementVersion.organization_id == engagement.organization_id,
            EngagementVersion.engagement_id == engagement.id,
            _waiting(),
        )
    )


def newest_number(session: Session, engagement: Engagement) -> int:
    """The number of an engagement's newest version; 0 when there is none but what was registered."""
    return session.scalar(select(func.max(EngagementVersion.number)).where(*_of(EngagementVersion, engagement))) or 0


def _of(model: Any, engagement: Engagement) -> tuple[Any, Any]:
    return model.organization_id == engagement.organization_id, model.engagement_id == engagement.id


def terms_in_force(session: Session, engagement: Engagement) -> EngagementVersion | Engagement:
    """The version in force; for an engagement registered as agreed, which has none, the engagement itself."""
    if engagement.terms_number is None:
        return engagement
    return session.scalars(
        select(EngagementVersion).where(
            *_of(EngagementVersion, engagement), EngagementVersion.number == engagement.terms_number
        )
    ).one()


def terms_of(row: EngagementVersion | Engagement) -> dict[str, Any]:
    """The terms that stand in a row, as columns of a version."""
    names = (
        "title", "basis", "further_bases", "council_category", "basis_note", "re_entrusted_by", "starts_on", "ends_on",
        "shares", "protected_reason",
    )  # fmt: skip
    if isinstance(row, EngagementVersion):
        return {name: getattr(row, name) for name in names}
    nothing: dict[str, Any] = {
        "further_bases": [], "council_category": None, "basis_note": "", "re_entrusted_by": "", "shares": {},
        "protected_reason": "",
    }  # fmt: skip
    return {name: nothing[name] if name in nothing else getattr(row, name) for name in names}


def newest_assignment(session: Session, engagement: Engagement) -> Assignment | None:
    """Which centers, posts and project are concerned now; None when nobody has said it."""
    return session.scalar(
        select(Assignment).where(*_of(Assignment, engagement)).order_by(Assignment.number.desc()).limit(1)
    )


def newest_clauses(session: Session, engagement: Engagement) -> ClauseAgreement | None:
    """The newest record of the contract's clauses."""
    return session.scalar(
        select(ClauseAgreement)
        .where(*_of(ClauseAgreement, engagement))
        .order_by(ClauseAgreement.number.desc())
        .limit(1)
    )


def agreed_variant(session: Session, engagement: Engagement, clause_key: str) -> str | None:
    """In which variant the contract holds a clause: its key in the list of clauses, `none` when it says nothing of it;
    None when nobody has recorded it."""
    record = newest_clauses(session, engagement)
    return record.variants.get(clause_key) if record else None


@dataclass(frozen=True)
class NoticeRow:
    """A notice, and what the municipality said to it."""

    notice: PlaceNotice
    answer: NoticeAnswer | None

    @property
    def state(self) -> str:
        """Where it stands, in words."""
        if self.answer is not None:
            return self.answer.kind.label
        return "承認待ち" if self.notice.needs_approval else "未確認"

    @property
    def badge(self) -> str:
        """The drawing that goes with it (one of those of `state_badge`)."""
        if self.answer is None:
            return "submitted"
        return "returned" if self.answer.kind is NoticeReply.REFUSED else "signed_off"


@dataclass
class Story:
    """An engagement with everything that stands around it."""

    engagement: Engagement
    municipality: Municipality
    organization: Organization
    versions: list[EngagementVersion]
    replies: dict[int, EngagementReply]
    assignments: list[Assignment]
    records: list[ClauseAgreement]
    notices: list[NoticeRow]
    places: list[Place]
    centers: dict[str, str]
    project: str = ""
    #: Notices that are not among the shown ones.
    more_notices: int = 0

    @property
    def waiting(self) -> EngagementVersion | None:
        """The version that waits for a reply."""
        return next((each for each in self.versions if each.number and each.number not in self.replies), None)

    @property
    def in_force(self) -> EngagementVersion | None:
        """The version that holds; None where nothing was accepted, or it was registered as agreed."""
        return next((each for each in self.versions if each.number == self.engagement.terms_number), None)


_NOTICES_SHOWN = 20


def story_of(session: Session, engagement: Engagement) -> Story:
    """An engagement with versions, replies, clauses, places now in use for it and the newest notices."""
    organization = session.get_one(Organization, engagement.organization_id)
    assignments = _in_order(session, Assignment, engagement)
    notices = notices_of(session, engagement, limit=_NOTICES_SHOWN)
    project_id = assignments[-1].project_id if assignments else None
    project = session.get(Project, (organization.id, project_id)) if project_id else None
    return Story(
        engagement=engagement,
        municipality=session.get_one(Municipality, engagement.municipality_id),
        organization=organization,
        versions=_in_order(session, EngagementVersion, engagement),
        replies={each.number: each for each in _in_order(session, EngagementReply, engagement)},
        assignments=assignments,
        records=_in_order(session, ClauseAgreement, engagement),
        notices=notices,
        places=places_of(session, engagement),
        centers={
            str(row.id): row.name
            for row in session.execute(
                select(Center.id, Center.name).where(Center.organization_id == organization.id).order_by(Center.name)
            )
        },
        project=project.name if project else "",
        more_notices=max(0, how_many_notices(session, engagement) - len(notices)),
    )


def _in_order(session: Session, model: Any, engagement: Engagement) -> list[Any]:
    return list(session.scalars(select(model).where(*_of(model, engagement)).order_by(model.number)))


# --- lists of engagements ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EngagementRow:
    """An engagement as a list shows it, with the other side's name and whether a proposal waits."""

    engagement: Engagement
    name: str
    is_waiting: bool
    state: EngagementState


def _is_waiting() -> Any:
    version = aliased(EngagementVersion)
    return exists().where(
        version.organization_id == Engagement.organization_id, version.engagement_id == Engagement.id, _waiting(version)
    )


def engagements_of_organization(session: Session, organization_id: UUID, today: date) -> list[EngagementRow]:
    """All engagements of an organization: those that wait for it first, then the current ones, then what is over."""
    found = session.execute(
        select(Engagement, Municipality.name, _is_waiting().label("is_waiting"))
        .join(Municipality, Municipality.id == Engagement.municipality_id)
        .where(Engagement.organization_id == organization_id)
        .order_by(Engagement.ends_on, Engagement.id)
    )
    rows = [EngagementRow(row[0], row[1], row[2], state_on(row[0], today)) for row in found]
    return sorted(rows, key=lambda row: (not row.is_waiting, not row.state.is_open))


#: What the municipality's list can be narrowed to, and how it is called.
CHOICES = {
    "open": "いま有効・開始前・承諾待ち",
    "waiting": "承諾待ち",
    "ending": "60日以内に終わる",
    "over": "終わったもの",
}


def _chosen(choice: str, today: date) -> Any:
    is_over = or_(
        Engagement.ends_on < today,
        func.coalesce(Engagement.cancelled_on <= today, False),
        Engagement.declined_at.is_not(None),
        Engagement.withdrawn_at.is_not(None),
    )
    match choice:
        case "waiting":
            return _is_waiting()
        case "ending":
            return and_(is_valid_on(today), _last_day() <= today + ENDS_SOON)
        case "over":
            return is_over
        case _:
            return ~is_over


def _last_day() -> Any:
    """The last day on which an engagement can hold, early endings counted (the day itself no longer holds then)."""
    return case((Engagement.cancelled_on.is_not(None), Engagement.cancelled_on), else_=Engagement.ends_on)


def how_many_engagements(session: Session, municipality_id: UUID, choice: str, today: date) -> int:
    """How many engagements of a municipality fall under a choice."""
    query = select(func.count()).select_from(Engagement)
    return session.scalar(query.where(Engagement.municipality_id == municipality_id, _chosen(choice, today))) or 0


def engagements_of_municipality(
    session: Session, municipality_id: UUID, choice: str, today: date, *, limit: int, offset: int
) -> list[EngagementRow]:
    """A page of a municipality's engagements, those that end first coming first."""
    found = session.execute(
        select(Engagement, Organization.name, _is_waiting().label("is_waiting"))
        .join(Organization, Organization.id == Engagement.organization_id)
        .where(Engagement.municipality_id == municipality_id, _chosen(choice, today))
        .order_by(Engagement.ends_on, Organization.name, Engagement.id)
        .limit(limit)
        .offset(offset)
    )
    return [EngagementRow(row[0], row[1], row[2], state_on(row[0], today)) for row in found]


def known_partners(session: Session, municipality_id: UUID) -> list[tuple[UUID, str]]:
    """The organizations with which a municipality has or had an accepted engagement: (id, name), by name."""
    found = session.execute(
        select(Organization.id, Organization.name)
        .join(Engagement, Engagement.organization_id == Organization.id)
        .where(Engagement.municipality_id == municipality_id, Engagement.accepted_at.is_not(None))
        .distinct()
        .order_by(Organization.name, Organization.id)
    )
    return [(row.id, row.name) for row in found]


def code_of(session: Session, organization_id: UUID) -> PartnerCode | None:
    """The organization's present code (連携コード)."""
    return session.get(PartnerCode, organization_id)


def projects_of(session: Session, organization_id: UUID) -> list[tuple[UUID, str]]:
    """The running projects of an organization: (id, name), by name."""
    found = session.execute(
        select(Project.id, Project.name)
        .where(Project.organization_id == organization_id, Project.closed_on.is_(None))
        .order_by(Project.name)
    )
    return [(row.id, row.name) for row in found]


# --- places -----------------------------------------------------------------------------------------------------


def places_of(session: Session, engagement: Engagement) -> list[Place]:
    """The places in use for an engagement."""
    return list(
        session.scalars(
            select(Place)
            .join(PlaceUse, and_(PlaceUse.organization_id == Place.organization_id, PlaceUse.place_id == Place.id))
            .where(*_of(PlaceUse, engagement), PlaceUse.until_on.is_(None))
            .order_by(Place.name, Place.id)
        )
    )


@dataclass(frozen=True)
class PlaceRow:
    """A place with its center's name and the engagements it serves."""

    place: Place
    center: str
    engagements: Sequence[str]


def places_in(session: Session, organization_id: UUID) -> list[PlaceRow]:
    """All places of an organization, those in use first, by name."""
    served: dict[UUID, list[str]] = {}
    for place_id, title, name in session.execute(
        select(PlaceUse.place_id, Engagement.title, Municipality.name)
        .join(
            Engagement,
            and_(Engagement.organization_id == PlaceUse.organization_id, Engagement.id == PlaceUse.engagement_id),
        )
        .join(Municipality, Municipality.id == Engagement.municipality_id)
        .where(PlaceUse.organization_id == organization_id, PlaceUse.until_on.is_(None))
        .order_by(Municipality.name, Engagement.title)
    ):
        served.setdefault(place_id, []).append(f"{name} {title}")
    found = session.execute(
        select(Place, Center.name)
        .outerjoin(Center, and_(Center.organization_id == Place.organization_id, Center.id == Place.center_id))
        .where(Place.organization_id == organization_id)
        .order_by(Place.until_on.is_not(None), Place.name, Place.id)
    )
    return [PlaceRow(row[0], row[1] or "", served.get(row[0].id, [])) for row in found]


def engagements_served(session: Session, place: Place) -> list[UUID]:
    """The engagements that a place serves now."""
    return list(
        session.scalars(
            select(PlaceUse.engagement_id).where(
                PlaceUse.organization_id == place.organization_id,
                PlaceUse.place_id == place.id,
                PlaceUse.until_on.is_(None),
            )
        )
    )


def versions_of_place(session: Session, place: Place) -> list[PlaceVersion]:
    """Every version of a place, newest first."""
    return list(
        session.scalars(
            select(PlaceVersion)
            .where(PlaceVersion.organization_id == place.organization_id, PlaceVersion.place_id == place.id)
            .order_by(PlaceVersion.number.desc())
        )
    )


# --- notices ----------------------------------------------------------------------------------------------------


def _with_answers() -> Select[PlaceNotice, NoticeAnswer]:
    return select(PlaceNotice, NoticeAnswer).outerjoin(
        NoticeAnswer,
        and_(NoticeAnswer.organization_id == PlaceNotice.organization_id, NoticeAnswer.notice_id == PlaceNotice.id),
    )


def notices_of(session: Session, engagement: Engagement, *, limit: int) -> list[NoticeRow]:
    """The newest notices under an engagement."""
    query = _with_answers().where(*_of(PlaceNotice, engagement)).order_by(PlaceNotice.number.desc()).limit(limit)
    return [NoticeRow(row[0], row[1]) for row in session.execute(query)]


def how_many_notices(session: Session, engagement: Engagement) -> int:
    """How many notices were written under an engagement."""
    return session.scalar(select(func.count()).select_from(PlaceNotice).where(*_of(PlaceNotice, engagement))) or 0


def notices_about(session: Session, place: Place) -> list[NoticeRow]:
    """The notices that tell of a place, newest first."""
    query = _with_answers().where(
        PlaceNotice.organization_id == place.organization_id, PlaceNotice.place_id == place.id
    )
    found = session.execute(query.order_by(PlaceNotice.at.desc(), PlaceNotice.number.desc()))
    return [NoticeRow(row[0], row[1]) for row in found]


def _addressed(municipality_id: UUID | None, organization_id: UUID | None) -> list[Any]:
    conditions = []
    if municipality_id is not None:
        conditions.append(PlaceNotice.municipality_id == municipality_id)
    if organization_id is not None:
        conditions.append(PlaceNotice.organization_id == organization_id)
    return conditions


def how_many_notices_between(
    session: Session, *, municipality_id: UUID | None = None, organization_id: UUID | None = None
) -> int:
    """How many notices a municipality got, or an organization wrote."""
    query = select(func.count()).select_from(PlaceNotice)
    return session.scalar(query.where(*_addressed(municipality_id, organization_id))) or 0


def notices_between(
    session: Session,
    *,
    municipality_id: UUID | None = None,
    organization_id: UUID | None = None,
    limit: int,
    offset: int,
) -> list[NoticeRow]:
    """A page of the notices that a municipality got, or an organization wrote: unanswered first, then newest first."""
    query = (
        _with_answers()
        .where(*_addressed(municipality_id, organization_id))
        .order_by(NoticeAnswer.id.is_not(None), PlaceNotice.at.desc(), PlaceNotice.id)
        .limit(limit)
        .offset(offset)
    )
    return [NoticeRow(row[0], row[1]) for row in session.execute(query)]


def answer_to(session: Session, notice: PlaceNotice) -> NoticeAnswer | None:
    """What the municipality said to a notice."""
    return session.scalar(
        select(NoticeAnswer).where(
            NoticeAnswer.organization_id == notice.organization_id, NoticeAnswer.notice_id == notice.id
        )
    )


# --- what is due ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """A proposal that waits for an organization's reply."""

    engagement_id: UUID
    municipality: str
    title: str
    proposed_at: datetime
    is_change: bool


def waiting_for(session: Session, organization_ids: Iterable[UUID]) -> list[Waiting]:
    """The proposals that wait for organizations, oldest first."""
    found = session.execute(
        select(
            EngagementVersion.engagement_id,
            Municipality.name,
            EngagementVersion.title,
            EngagementVersion.proposed_at,
            Engagement.accepted_at.is_not(None),
        )
        .join(
            Engagement,
            and_(
                Engagement.organization_id == EngagementVersion.organization_id,
                Engagement.id == EngagementVersion.engagement_id,
            ),
        )
        .join(Municipality, Municipality.id == EngagementVersion.municipality_id)
        .where(EngagementVersion.organization_id.in_(sorted(organization_ids)), _waiting())
        .order_by(EngagementVersion.proposed_at, EngagementVersion.id)
    )
    return [Waiting(*row) for row in found]


def ending_for_organizations(
    session: Session, organization_ids: Iterable[UUID], today: date
) -> list[tuple[UUID, str, str, date]]:
    """The engagements of organizations that end soon: (id, municipality, title, last day), earliest first."""
    found = session.execute(
        select(Engagement.id, Municipality.name, Engagement.title, Engagement.ends_on)
        .join(Municipality, Municipality.id == Engagement.municipality_id)
        .where(
            Engagement.organization_id.in_(sorted(organization_ids)),
            Engagement.cancelled_on.is_(None),
            is_valid_on(today),
            Engagement.ends_on <= today + ENDS_SOON,
        )
        .order_by(Engagement.ends_on, Engagement.id)
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]


@dataclass(frozen=True)
class Desk:
    """What waits on the desk of a municipality: notices not answered yet, engagements that end soon and when first."""

    municipality_id: UUID
    notices: int
    ending: int
    first_end: date | None


def desks_of(session: Session, municipality_ids: Iterable[UUID], today: date) -> list[Desk]:
    """What waits for the officers of municipalities: two statements, whatever their number."""
    ids = sorted(municipality_ids)
    notices = {
        row[0]: row[1]
        for row in session.execute(
            select(PlaceNotice.municipality_id, func.count())
            .where(
                PlaceNotice.municipality_id.in_(ids),
                ~exists().where(
                    NoticeAnswer.organization_id == PlaceNotice.organization_id,
                    NoticeAnswer.notice_id == PlaceNotice.id,
                ),
            )
            .group_by(PlaceNotice.municipality_id)
        )
    }
    ending = {
        row[0]: (row[1], row[2])
        for row in session.execute(
            select(Engagement.municipality_id, func.count(), func.min(Engagement.ends_on))
            .where(
                Engagement.municipality_id.in_(ids),
                Engagement.cancelled_on.is_(None),
                is_valid_on(today),
                Engagement.ends_on <= today + ENDS_SOON,
            )
            .group_by(Engagement.municipality_id)
        )
    }
    return [Desk(each, notices.get(each, 0), *ending.get(each, (0, None))) for each in ids]


# --- what the history binds -------------------------------------------------------------------------------------


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _id(value: UUID | None) -> str | None:
    return str(value) if value else None


def version_content(version: EngagementVersion) -> dict[str, Any]:
    """The facts of a version that its log entry's digest binds."""
    return {
        "engagement": str(version.engagement_id),
        "municipality": str(version.municipality_id),
        "number": version.number,
        "proposed_at": _moment(version.proposed_at),
        "proposed_by": _id(version.proposed_by_id),
        "proposed_by_name": version.proposed_by_name,
        "reason": version.reason,
        "title": version.title,
        "basis": version.basis.value,
        "further_bases": version.further_bases,
        "council_category": version.council_category.value if version.council_category else None,
        "basis_note": version.basis_note,
        "re_entrusted_by": version.re_entrusted_by,
        "starts_on": version.starts_on.isoformat(),
        "ends_on": version.ends_on.isoformat(),
        "shares": version.shares,
        "protected_reason": version.protected_reason,
    }


def reply_content(reply: EngagementReply) -> dict[str, Any]:
    """The facts of a reply that its log entry's digest binds."""
    return {
        "engagement": str(reply.engagement_id),
        "number": reply.number,
        "kind": reply.kind.value,
        "reason": reply.reason,
        **_signed(reply),
    }


def _signed(row: Any) -> dict[str, Any]:
    return {"at": _moment(row.at), "by": _id(row.by_id), "by_name": row.by_name}


def assignment_content(assignment: Assignment) -> dict[str, Any]:
    """The facts of an assignment that its log entry's digest binds."""
    return {
        "engagement": str(assignment.engagement_id),
        "number": assignment.number,
        "centers": assignment.centers,
        "posts": assignment.posts,
        "project": _id(assignment.project_id),
        **_signed(assignment),
    }


def clauses_content(record: ClauseAgreement) -> dict[str, Any]:
    """The facts of a record of clauses that its log entry's digest binds."""
    return {
        "engagement": str(record.engagement_id),
        "number": record.number,
        "edition": record.edition,
        "variants": record.variants,
        "note": record.note,
        **_signed(record),
    }


def place_version_content(version: PlaceVersion) -> dict[str, Any]:
    """The facts of a place's version that its log entry's digest binds."""
    return {
        "place": str(version.place_id),
        "number": version.number,
        "kind": version.kind.value,
        "name": version.name,
        "address": version.address,
        "center": _id(version.center_id),
        "is_lockable": version.is_lockable,
        "lock_method": version.lock_method,
        "key_holder": version.key_holder,
        "from_on": version.from_on.isoformat(),
        "until_on": version.until_on.isoformat() if version.until_on else None,
        "engagements": version.engagements,
        "effective_on": version.effective_on.isoformat(),
        "reason": version.reason,
        **_signed(version),
    }


def notice_content(notice: PlaceNotice) -> dict[str, Any]:
    """The facts of a notice that its log entry's digest binds."""
    return {
        "engagement": str(notice.engagement_id),
        "municipality": str(notice.municipality_id),
        "place": str(notice.place_id),
        "number": notice.number,
        "kind": notice.kind.value,
        "place_kind": notice.place_kind.value,
        "place_name": notice.place_name,
        "before": notice.before,
        "after": notice.after,
        "effective_on": notice.effective_on.isoformat(),
        "reason": notice.reason,
        "needs_approval": notice.needs_approval,
        "municipality_name": notice.municipality_name,
        "organization_name": notice.organization_name,
        "representative_name": notice.representative_name,
        "title": notice.title,
        **_signed(notice),
    }


def answer_content(answer: NoticeAnswer) -> dict[str, Any]:
    """The facts of an answer that its log entry's digest binds."""
    return {
        "notice": str(answer.notice_id),
        "kind": answer.kind.value,
        "reason": answer.reason,
        **_signed(answer),
    }


#: Kinds of objects in the log whose facts can be read back.
LOGGED_CONTENTS = {
    "engagement_version": Contents(EngagementVersion, version_content),
    "engagement_reply": Contents(EngagementReply, reply_content),
    "assignment": Contents(Assignment, assignment_content),
    "clause_agreement": Contents(ClauseAgreement, clauses_content),
    "place_version": Contents(PlaceVersion, place_version_content),
    "place_notice": Contents(PlaceNotice, notice_content),
    "place_notice_answer": Contents(NoticeAnswer, answer_content),
}
