"""What can be done about places of work and storage: add, change, close, and answer the notices they cause."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.acts import Act, Actor
from partner_compliance.clock import era_date, local_date
from partner_compliance.engagements import queries
from partner_compliance.engagements.models import NoticeAnswer, Place, PlaceNotice, PlaceUse, PlaceVersion
from partner_compliance.engagements.operations import (
    LONGEST_REASON,
    ChangedMeanwhile,
    NothingChanged,
)
from partner_compliance.engagements.words import NoticeKind, NoticeReply, PlaceKind, state_on
from partner_compliance.errors import InvalidInput, RuleBroken
from partner_compliance.organizations.models import Center, Engagement, Municipality, Organization
from partner_compliance.web import control_characters

#: The clause that says how a change of place is told, and the variant that makes it wait for approval (DOMAIN B08).
PLACES_CLAUSE, APPROVAL_VARIANT = "work-places", "approval"
LONGEST_PLACE_NAME, LONGEST_ADDRESS, LONGEST_LOCK, LONGEST_KEY_HOLDER = 100, 300, 200, 100


class PlaceClosed(RuleBroken):
    message = "この場所は、すでに使い終わったものとして記録されています。"
    what_to_do = "また使うときは、新しい場所として登録してください。"


class AlreadyAnswered(RuleBroken):
    message = "この届には、すでに返事が記録されています。"


class WrongAnswer(InvalidInput):
    message = "この届への返事を選び直してください。"


class WrongPlace(InvalidInput):
    """Facts that cannot stand on the list; `faults` says in which field, and what to do."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


@dataclass(frozen=True)
class PlaceFacts:
    """What the list says of a place, and which engagements it serves."""

    kind: PlaceKind
    name: str
    address: str
    is_lockable: bool
    from_on: date
    lock_method: str = ""
    key_holder: str = ""
    center_id: UUID | None = None
    engagements: frozenset[UUID] = frozenset()
    until_on: date | None = None


def faults_in(facts: PlaceFacts) -> dict[str, str]:
    """What is wrong with a place's facts: {field: a sentence that says what to do}; empty when all is well."""
    found = {}
    for name, text, what, longest, is_needed in (
        ("name", facts.name, "場所の名前", LONGEST_PLACE_NAME, True),
        ("address", facts.address, "所在地", LONGEST_ADDRESS, True),
        ("lock_method", facts.lock_method, "施錠の方法", LONGEST_LOCK, facts.is_lockable),
        ("key_holder", facts.key_holder, "鍵を管理する役職", LONGEST_KEY_HOLDER, facts.is_lockable),
    ):
        if is_needed and not text.strip():
            found[name] = f"{what}を入力してください。"
        elif len(text) > longest:
            found[name] = f"{what}は{longest}文字以内にしてください（いま{len(text)}文字です）。"
        elif control_characters(text, allow_lines=False):
            found[name] = f"{what}に、使えない制御文字が含まれています。文字を入力し直してください。"
    if not facts.is_lockable and facts.kind.is_storage:
        found["is_lockable"] = "保管場所は、鍵のかかるところにしてください（金庫・鍵付きの書庫など）。"
    return found


# --- keeping the list -------------------------------------------------------------------------------------------


def add_place(session: Session, organization: Organization, facts: PlaceFacts, *, by: Actor, now: datetime) -> Place:
    """Put a place on the list; each municipality whose engagement it serves gets a notice.

    Raises WrongPlace, and InvalidInput for a center or engagement that is not the organization's or is over.
    """
    _refuse_wrong(session, organization.id, facts, now=now)
    place = Place(organization_id=organization.id, id=uuid4(), number=1, **_columns(facts))
    session.add(place)
    session.flush()
    _keep(session, place, None, facts, effective_on=facts.from_on, reason="", by=by, now=now, name="place.added")
    return place


def change_place(
    session: Session,
    place: Place,
    facts: PlaceFacts,
    *,
    effective_on: date,
    reason: str,
    based_on: int,
    by: Actor,
    now: datetime,
) -> None:
    """Change a place from a day on, and say why; the municipalities concerned get notices.

    `based_on` is the number of the version that was read. Raises WrongPlace, PlaceClosed, ChangedMeanwhile,
    NothingChanged, and InvalidInput.
    """
    before = _locked(session, place, based_on)
    facts = replace(facts, from_on=place.from_on, until_on=None)
    _refuse_wrong(session, place.organization_id, facts, now=now, kept=before.engagements)
    _refuse_reason(reason)
    if effective_on < place.from_on:
        raise WrongPlace({"effective_on": "変更の日は、使い始めた日以降にしてください。"})
    if (_columns(facts), facts.engagements) == (_columns(before), before.engagements):
        raise NothingChanged
    place.number += 1
    for name, value in _columns(facts).items():
        setattr(place, name, value)
    _keep(session, place, before, facts, effective_on=effective_on, reason=reason, by=by, now=now, name="place.changed")


def close_place(
    session: Session, place: Place, *, until_on: date, reason: str, based_on: int, by: Actor, now: datetime
) -> None:
    """Record the last day on which a place is used, and why; the municipalities concerned get notices.

    Raises PlaceClosed, ChangedMeanwhile, WrongPlace for a day before its first, and InvalidInput for the reason.
    """
    before = _locked(session, place, based_on)
    _refuse_reason(reason)
    if until_on < place.from_on:
        raise WrongPlace({"until_on": "最後に使う日は、使い始めた日以降にしてください。"})
    place.number += 1
    place.until_on = until_on
    facts = replace(before, until_on=until_on, engagements=frozenset())
    _keep(session, place, before, facts, effective_on=until_on, reason=reason, by=by, now=now, name="place.closed")


def _locked(session: Session, place: Place, based_on: int) -> PlaceFacts:
    session.refresh(place, with_for_update=True)
    if place.until_on is not None:
        raise PlaceClosed
    if based_on != place.number:
        raise ChangedMeanwhile
    return facts_of(session, place)


def facts_of(session: Session, place: Place) -> PlaceFacts:
    """What the list says of a place now."""
    return PlaceFacts(
        kind=place.kind,
        name=place.name,
        address=place.address,
        is_lockable=place.is_lockable,
        from_on=place.from_on,
        lock_method=place.lock_method,
        key_holder=place.key_holder,
        center_id=place.center_id,
        engagements=frozenset(queries.engagements_served(session, place)),
        until_on=place.until_on,
    )


def _columns(facts: PlaceFacts) -> dict[str, Any]:
    return {
        "kind": facts.kind,
        "name": facts.name,
        "address": facts.address,
        "center_id": facts.center_id,
        "is_lockable": facts.is_lockable,
        "lock_method": facts.lock_method if facts.is_lockable else "",
        "key_holder": facts.key_holder if facts.is_lockable else "",
        "from_on": facts.from_on,
        "until_on": facts.until_on,
    }


def _refuse_wrong(
    session: Session, organization_id: UUID, facts: PlaceFacts, *, now: datetime, kept: Collection[UUID] = ()
) -> None:
    if faults := faults_in(facts):
        raise WrongPlace(faults)
    if facts.center_id is not None and session.get(Center, (organization_id, facts.center_id)) is None:
        raise InvalidInput("この団体にない拠点が選ばれています。選び直してください。")
    today = local_date(now)
    found = {
        each.id
        for each in session.scalars(
            select(Engagement).where(
                Engagement.organization_id == organization_id, Engagement.id.in_(sorted(facts.engagements))
            )
        )
        if state_on(each, today).is_agreed or each.id in kept
    }
    if facts.engagements - found:
        raise InvalidInput("この団体にないか、もう終わった連携関係が選ばれています。選び直してください。")


def _refuse_reason(reason: str) -> None:
    if not reason.strip():
        raise WrongPlace({"reason": "理由を入力してください。"})
    if len(reason) > LONGEST_REASON:
        raise WrongPlace({"reason": f"理由は{LONGEST_REASON}文字以内にしてください（いま{len(reason)}文字です）。"})
    if control_characters(reason, allow_lines=True):
        raise WrongPlace({"reason": "理由に、使えない制御文字が含まれています。文字を入力し直してください。"})


def _keep(
    session: Session,
    place: Place,
    before: PlaceFacts | None,
    after: PlaceFacts,
    *,
    effective_on: date,
    reason: str,
    by: Actor,
    now: datetime,
    name: str,
) -> None:
    """Keep the version, bring the uses up to date, and write the notices."""
    version = PlaceVersion(
        organization_id=place.organization_id,
        id=uuid4(),
        place_id=place.id,
        number=place.number,
        **_columns(after),
        engagements=sorted(str(each) for each in after.engagements),
        effective_on=effective_on,
        reason=reason,
        at=now,
        by_id=by.user_id,
        by_name=by.name,
    )
    session.add(version)
    session.flush()
    acts.record(
        session,
        Act(
            place.organization_id, name, now, by, object_kind="place_version", object_id=version.id,
            content=queries.place_version_content(version), details={"place": place.name, "version": place.number},
        ),
    )  # fmt: skip
    served = before.engagements if before else frozenset()
    _bring_uses_up_to_date(session, place, served, after.engagements, effective_on=effective_on, now=now)
    _write_notices(session, place, before, after, effective_on=effective_on, reason=reason, by=by, now=now)


def _bring_uses_up_to_date(
    session: Session, place: Place, before: frozenset[UUID], after: frozenset[UUID], *, effective_on: date,
    now: datetime,
) -> None:  # fmt: skip
    for use in session.scalars(
        select(PlaceUse).where(
            PlaceUse.organization_id == place.organization_id,
            PlaceUse.place_id == place.id,
            PlaceUse.engagement_id.in_(sorted(before - after)),
            PlaceUse.until_on.is_(None),
        )
    ):
        use.until_on, use.ended_at = max(effective_on, use.from_on), now
    session.add_all(
        PlaceUse(
            organization_id=place.organization_id, id=uuid4(), place_id=place.id, engagement_id=each,
            from_on=effective_on, until_on=None, recorded_at=now, ended_at=None,
        )
        for each in sorted(after - before)
    )  # fmt: skip
    session.flush()


# --- notices ----------------------------------------------------------------------------------------------------


def _write_notices(
    session: Session,
    place: Place,
    before: PlaceFacts | None,
    after: PlaceFacts,
    *,
    effective_on: date,
    reason: str,
    by: Actor,
    now: datetime,
) -> None:
    served = before.engagements if before else frozenset()
    concerned = sorted(served | after.engagements)
    if not concerned:
        return
    organization = session.get_one(Organization, place.organization_id)
    centers = {each.id: each.name for each in session.scalars(
        select(Center).where(Center.organization_id == place.organization_id))}  # fmt: skip
    rows = session.execute(
        select(Engagement, Municipality)
        .join(Municipality, Municipality.id == Engagement.municipality_id)
        .where(Engagement.organization_id == place.organization_id, Engagement.id.in_(concerned))
        .order_by(Engagement.id)
    ).all()
    today = local_date(now)
    for engagement, municipality in rows:
        if not state_on(engagement, today).is_agreed:
            continue  # what is over asks for no notice any more
        was = _in_words(before, centers) if before and engagement.id in served else None
        becomes = _in_words(after, centers) if engagement.id in after.engagements else None
        if was == becomes:
            continue
        kind = NoticeKind.ADDED if was is None else NoticeKind.CHANGED if becomes is not None else NoticeKind.CLOSED
        _write_notice(
            session, place, engagement, municipality, organization, kind=kind, before=was, after=becomes,
            effective_on=effective_on, reason=reason, by=by, now=now,
        )  # fmt: skip


def _in_words(facts: PlaceFacts, centers: Mapping[UUID, str]) -> dict[str, str]:
    """A place as it stands on a notice."""
    return {
        "区分": facts.kind.label,
        "名前": facts.name,
        "所在地": facts.address,
        "拠点": centers.get(facts.center_id, "") if facts.center_id else "",
        "施錠": f"できる（{facts.lock_method}）" if facts.is_lockable else "できない",
        "鍵の管理": facts.key_holder if facts.is_lockable else "",
        "使い始めた日": era_date(facts.from_on),
    }


def _write_notice(
    session: Session,
    place: Place,
    engagement: Engagement,
    municipality: Municipality,
    organization: Organization,
    *,
    kind: NoticeKind,
    before: dict[str, str] | None,
    after: dict[str, str] | None,
    effective_on: date,
    reason: str,
    by: Actor,
    now: datetime,
) -> None:
    # The engagement's row is the queue in which two notices at once take their numbers.
    session.refresh(engagement, with_for_update=True)
    notice = PlaceNotice(
        organization_id=organization.id,
        id=uuid4(),
        municipality_id=municipality.id,
        engagement_id=engagement.id,
        place_id=place.id,
        number=queries.how_many_notices(session, engagement) + 1,
        kind=kind,
        place_kind=place.kind,
        place_name=place.name,
        before=before,
        after=after,
        effective_on=effective_on,
        reason=reason,
        needs_approval=queries.agreed_variant(session, engagement, PLACES_CLAUSE) == APPROVAL_VARIANT,
        municipality_name=municipality.name,
        organization_name=organization.name,
        representative_name=organization.representative_name,
        title=engagement.title,
        at=now,
        by_id=by.user_id,
        by_name=by.name,
    )
    session.add(notice)
    session.flush()
    _tell_both(session, notice, "place.notice_sent", "place_notice", notice.id, queries.notice_content(notice), by, now)


def answer_notice(
    session: Session, notice: PlaceNotice, kind: NoticeReply, *, reason: str = "", by: Actor, now: datetime
) -> NoticeAnswer:
    """Say that a notice was received or, where the contract asks for approval, approve or refuse it with a reason.

    Raises AlreadyAnswered, WrongAnswer for a reply of the other sort, and InvalidInput for a missing reason.
    """
    session.refresh(notice, with_for_update=True)
    if queries.answer_to(session, notice) is not None:
        raise AlreadyAnswered
    if (kind is NoticeReply.RECEIVED) is notice.needs_approval:
        raise WrongAnswer
    if kind is NoticeReply.REFUSED or reason:
        _refuse_reason(reason)
    made = NoticeAnswer(
        organization_id=notice.organization_id,
        id=uuid4(),
        municipality_id=notice.municipality_id,
        notice_id=notice.id,
        kind=kind,
        reason=reason,
        at=now,
        by_id=by.user_id,
        by_name=by.name,
    )
    session.add(made)
    session.flush()
    name = f"place.notice_{kind.value}"
    _tell_both(session, notice, name, "place_notice_answer", made.id, queries.answer_content(made), by, now)
    return made


def _tell_both(
    session: Session,
    notice: PlaceNotice,
    name: str,
    kind: str,
    row_id: UUID,
    content: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> None:
    details: dict[str, str | int | bool | None] = {"place": notice.place_name, "number": notice.number}
    acts.record(
        session,
        Act(
            notice.organization_id, name, now, by, object_kind=kind, object_id=row_id, content=content, details=details
        ),
    )  # fmt: skip
    acts.record(
        session,
        Act(
            notice.municipality_id, name, now, by, object_kind="engagement", object_id=notice.engagement_id,
            details=details,
        ),
    )  # fmt: skip
