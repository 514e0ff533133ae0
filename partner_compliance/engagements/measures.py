"""What readiness counts about engagements: one statement each, for all organizations at once or for some.

Each yields (organization_id, numerator, engagements valid on a day, last day of the first to end). A past day is asked
as it was known then: what was agreed, changed or ended later does not count on it.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Select, and_, case, exists, func, or_, select, union_all
from sqlalchemy.orm import aliased

from partner_compliance import clock
from partner_compliance.engagements.models import (
    EngagementReply,
    EngagementVersion,
    NoticeAnswer,
    Place,
    PlaceNotice,
    PlaceUse,
    PlaceVersion,
)
from partner_compliance.engagements.words import NoticeReply, PlaceKind, Reply
from partner_compliance.organizations.models import Engagement, EngagementBasis
from partner_compliance.organizations.queries import is_valid_on

Measure = Select[*tuple[Any, ...]]
Where = Iterable[UUID] | None


def engagements_with_basis(day: date, organization_ids: Where = None, *, is_past: bool = False) -> Measure:
    """(organization, engagements valid on a day whose basis is recorded, engagements valid on that day, last day of the
    first to end) (ladder 1c)."""
    engagement = _known_on(day) if is_past else Engagement
    return _of_valid(day, _has_basis(engagement), organization_ids, engagement)


def engagements_without_basis(day: date, organization_ids: Where = None) -> Measure:
    """(organization, engagement) of the valid ones that the measure above does not count."""
    return _without(day, _has_basis(Engagement), organization_ids)


def _has_basis(engagement: Any) -> Any:
    return engagement.basis != EngagementBasis.UNRECORDED


def engagements_with_places(day: date, organization_ids: Where = None, *, is_past: bool = False) -> Measure:
    """(organization, engagements valid on a day for which a place of work is recorded and a place of storage that can
    be locked, engagements valid on that day, last day of the first to end) (ladder 1d).

    A place whose newest notice waits for approval, or was refused, does not count (DOMAIN B08, B12, A06).
    """
    engagement = _known_on(day) if is_past else Engagement
    return _of_valid(day, _has_places(day, engagement, is_past=is_past), organization_ids, engagement)


def engagements_without_places(day: date, organization_ids: Where = None) -> Measure:
    """(organization, engagement) of the valid ones that the measure above does not count."""
    return _without(day, _has_places(day, Engagement, is_past=False), organization_ids)


def _has_places(day: date, engagement: Any, *, is_past: bool) -> Any:
    end = clock.start_of(day + timedelta(days=1)) if is_past else None
    has_work = _has_place(day, (PlaceKind.WORK, PlaceKind.BOTH), engagement, end, lockable=False)
    has_storage = _has_place(day, (PlaceKind.STORAGE, PlaceKind.BOTH), engagement, end, lockable=True)
    return and_(has_work, has_storage)


def _of_valid(day: date, holds: Any, organization_ids: Where, engagement: Any) -> Measure:
    query = (
        select(
            engagement.organization_id,
            func.sum(case((holds, 1), else_=0)),
            func.count(),
            func.min(engagement.ends_on, type_=Date()),
        )
        .where(is_valid_on(day, engagement))
        .group_by(engagement.organization_id)
    )
    return query if organization_ids is None else query.where(engagement.organization_id.in_(sorted(organization_ids)))


def _without(day: date, holds: Any, organization_ids: Where) -> Measure:
    query = select(Engagement.organization_id, Engagement.id).where(
        is_valid_on(day), case((holds, 1), else_=0) == 0
    )  # fmt: skip
    return query if organization_ids is None else query.where(Engagement.organization_id.in_(sorted(organization_ids)))


def _has_place(
    day: date, kinds: Sequence[PlaceKind], engagement: Any, end: datetime | None, *, lockable: bool
) -> Any:  # fmt: skip
    """Whether a place of some kinds serves an engagement; as it was known before the moment `end`, if one is named."""
    notice, later = aliased(PlaceNotice), aliased(PlaceNotice)
    place = Place if end is None else _places_known_before(end)

    def known(row: Any) -> list[Any]:
        return [] if end is None else [row.at < end]

    is_newest = ~exists().where(
        later.organization_id == notice.organization_id,
        later.engagement_id == notice.engagement_id,
        later.place_id == notice.place_id,
        later.number > notice.number,
        *known(later),
    )
    is_approved = exists().where(
        NoticeAnswer.organization_id == notice.organization_id,
        NoticeAnswer.notice_id == notice.id,
        NoticeAnswer.kind == NoticeReply.APPROVED,
        *known(NoticeAnswer),
    )
    is_held_back = exists().where(
        notice.organization_id == PlaceUse.organization_id,
        notice.engagement_id == PlaceUse.engagement_id,
        notice.place_id == PlaceUse.place_id,
        notice.needs_approval,
        *known(notice),
        is_newest,
        ~is_approved,
    )
    goes_on = or_(PlaceUse.until_on.is_(None), PlaceUse.until_on >= day)
    conditions: list[Any] = [
        PlaceUse.organization_id == engagement.organization_id,
        PlaceUse.engagement_id == engagement.id,
        PlaceUse.from_on <= day,
        goes_on if end is None else or_(goes_on, PlaceUse.ended_at >= end),
        place.organization_id == PlaceUse.organization_id,
        place.id == PlaceUse.place_id,
        place.kind.in_(kinds),
        ~is_held_back,
    ]
    if end is not None:
        conditions.append(or_(PlaceUse.recorded_at.is_(None), PlaceUse.recorded_at < end))
    if lockable:
        conditions.append(place.is_lockable)
    return select(PlaceUse.id).where(*conditions).correlate(engagement).exists()


# --- as it was known --------------------------------------------------------------------------------------------


def _places_known_before(end: datetime) -> Any:
    """`Place` as each stood before a moment, to be asked in its place."""
    newer = aliased(PlaceVersion)
    is_last = ~exists().where(
        newer.organization_id == PlaceVersion.organization_id,
        newer.place_id == PlaceVersion.place_id,
        newer.number > PlaceVersion.number,
        newer.at < end,
    )
    known = (
        select(
            PlaceVersion.organization_id,
            PlaceVersion.place_id.label("id"),
            PlaceVersion.kind,
            PlaceVersion.is_lockable,
        )
        .where(PlaceVersion.at < end, is_last)
        .subquery()
    )
    return aliased(Place, known, adapt_on_names=True)


def _known_on(day: date) -> Any:
    """`Engagement` on the terms that had been agreed by the end of a day, to be asked in its place.

    One that has no versions holds on the terms it was registered with; of any other the version with the highest number
    that had been accepted by then, or what was registered before the first of them (number 0).
    """
    end = clock.start_of(day + timedelta(days=1))
    version, newer = aliased(EngagementVersion), aliased(EngagementVersion)

    def is_in_force(row: Any) -> Any:
        return or_(
            row.number == 0,
            exists().where(
                EngagementReply.organization_id == row.organization_id,
                EngagementReply.engagement_id == row.engagement_id,
                EngagementReply.number == row.number,
                EngagementReply.kind == Reply.ACCEPTED,
                EngagementReply.at < end,
            ),
        )

    ended = case((or_(Engagement.cancelled_at.is_(None), Engagement.cancelled_at < end), Engagement.cancelled_on))
    same = (
        Engagement.organization_id,
        Engagement.id,
        ended.label("cancelled_on"),
        case((Engagement.accepted_at < end, Engagement.accepted_at)).label("accepted_at"),
    )
    registered = select(*same, Engagement.basis, Engagement.starts_on, Engagement.ends_on).where(
        Engagement.terms_number.is_(None)
    )
    is_last = ~exists().where(
        newer.organization_id == version.organization_id,
        newer.engagement_id == version.engagement_id,
        newer.number > version.number,
        is_in_force(newer),
    )
    agreed = (
        select(*same, version.basis, version.starts_on, version.ends_on)
        .join(
            version,
            and_(version.organization_id == Engagement.organization_id, version.engagement_id == Engagement.id),
        )
        .where(Engagement.terms_number.is_not(None), is_in_force(version), is_last)
    )
    return aliased(Engagement, union_all(registered, agreed).subquery(), adapt_on_names=True)
