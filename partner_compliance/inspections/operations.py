"""What can be done with inspections, and when the rules refuse it: open, look, close."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from partner_compliance import acts, clock
from partner_compliance.access import Principal
from partner_compliance.acts import Act, Actor
from partner_compliance.errors import NotAllowed, RuleBroken, WrongEntry
from partner_compliance.inspections import contents, policy, queries
from partner_compliance.inspections.models import Inspection, InspectionClosing, InspectionView
from partner_compliance.inspections.words import RecordKind
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.organizations.queries import engagements_between, engagements_with

#: How many months of records an inspection looks at, and how many days it stays open, at most.
MOST_MONTHS, MOST_DAYS = 24, 90


class NotEngaged(RuleBroken):
    message = "この団体との連携関係がないため、できません。"
    what_to_do = "「連携関係」の画面で、期間を確認してください。"


class AlreadyOpen(RuleBroken):
    message = "この団体には、まだ終了していない調査があります。新しい調査は開けません。"
    what_to_do = "その調査にまとめを書いて終了してから、もう一度開いてください。"


class AlreadyClosed(RuleBroken):
    message = "この調査は、すでに終了しています。"
    what_to_do = "調査の画面を開き直して、最新の状態を確認してください。"


def refuse_without_engagement(session: Session, organization_id: UUID, municipality_id: UUID, today: date) -> None:
    """Raise NotEngaged, with the day that is the reason, unless the two sides work together today."""
    if engagements_between(session, organization_id, [municipality_id], today):
        return
    found = engagements_with(session, organization_id, municipality_id)
    if coming := [each.starts_on for each in found if each.starts_on > today]:
        raise NotEngaged(
            f"連携関係は{clock.era_date(min(coming))}に始まります。それまでは、できません。",
            "始まった日に、もう一度お試しください。",
        )
    ends = [
        min(each.ends_on, each.cancelled_on - timedelta(days=1)) if each.cancelled_on else each.ends_on
        for each in found
    ]
    if ends:
        raise NotEngaged(
            f"連携関係は{clock.era_date(max(ends))}に終わっています。新しくはできません。",
            "続けるときは、「連携関係」の画面から新しい連携関係を結んでください。",
        )
    raise NotEngaged


def refuse_names(session: Session, organization_id: UUID, **texts: str) -> None:
    """Raise WrongEntry at the field whose text names somebody of the roster: these texts outlive the inspection.

    Only for those who know the roster anyway (the partner, and who inspects it): the refusal tells who is on it.
    """
    for field, text in texts.items():
        if name := queries.named_in(session, organization_id, text):
            raise WrongEntry(
                field,
                f"従事者の氏名（{name}）が書かれています。氏名は書かず、役職・人数・記録番号で書いてください。",
            )


def tell_both(
    session: Session,
    organization_id: UUID,
    municipality_id: UUID,
    name: str,
    kind: str,
    object_id: UUID,
    content: dict[str, object] | None,
    details: dict[str, str | int | bool | None],
    *,
    by: Actor,
    now: datetime,
    subject_id: UUID | None = None,
    is_look: bool = False,
) -> None:
    """Write an act into the organization's log, where its row is bound, and into the municipality's."""
    acts.record(
        session,
        Act(
            organization_id, name, now, by, subject_id=subject_id, object_kind=kind, object_id=object_id,
            content=content, details=details, is_look=is_look,
        ),
    )  # fmt: skip
    acts.record(session, Act(municipality_id, name, now, by, details=details, is_look=is_look))


@dataclass(frozen=True)
class Facts:
    """Why records are looked at, those of which months, and until which day."""

    reason: str
    from_month: str
    until_month: str
    open_until_on: date | None


def open_inspection(
    session: Session,
    municipality: Municipality,
    organization: Organization,
    facts: Facts,
    *,
    by: Principal,
    now: datetime,
    request_key: UUID,
) -> Inspection:
    """Open an inspection: from now on, and until its last day, the records of the months can be looked at.

    The same `request_key` finds the inspection of an earlier sending. Raises NotAllowed, NotEngaged, AlreadyOpen while
    one of the same municipality is not closed, and WrongEntry for what is missing or cannot be.
    """
    if not policy.may_inspect(by, municipality):
        raise NotAllowed
    found = session.scalar(
        select(Inspection).where(Inspection.organization_id == organization.id, Inspection.request_key == request_key)
    )
    if found is not None:
        return found
    today = clock.local_date(now)
    session.refresh(organization, with_for_update=True)
    refuse_without_engagement(session, organization.id, municipality.id, today)
    if queries.unclosed(session, organization.id, municipality.id) is not None:
        raise AlreadyOpen
    last_day = _checked(facts, today)
    made = Inspection(
        organization_id=organization.id, id=uuid4(), municipality_id=municipality.id, reason=facts.reason,
        from_month=facts.from_month, until_month=facts.until_month, open_until_on=last_day,
        request_key=request_key, made_at=now, made_on=today, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    tell_both(
        session, organization.id, municipality.id, "inspection.opened", "inspection", made.id,
        contents.inspection_content(made), {"paper": queries.inspection_number(made)}, by=by.actor, now=now,
    )  # fmt: skip
    return made


def _checked(facts: Facts, today: date) -> date:
    """The last day of an inspection; raises WrongEntry for facts that cannot be."""
    if not facts.reason:
        raise WrongEntry("reason", "調査する理由を入力してください。")
    for field, month in (("from_month", facts.from_month), ("until_month", facts.until_month)):
        if not clock.is_month(month):
            raise WrongEntry(field, "月を選んでください。")
        if month > clock.month_of(today):
            raise WrongEntry(field, "まだ来ていない月の記録は調査できません。今月か、それより前の月を選んでください。")
    if facts.from_month > facts.until_month:
        raise WrongEntry("until_month", "終わりの月は、始まりの月と同じか、後の月にしてください。")
    if len(clock.months_between(facts.from_month, facts.until_month)) > MOST_MONTHS:
        raise WrongEntry("from_month", f"調査できる期間は、{MOST_MONTHS}か月までです。期間を短くしてください。")
    if facts.open_until_on is None:
        raise WrongEntry("open_until_on", "記録を見る最後の日を入力してください。")
    if facts.open_until_on < today:
        raise WrongEntry("open_until_on", "記録を見る最後の日は、今日か、それより後の日にしてください。")
    if facts.open_until_on > today + timedelta(days=MOST_DAYS):
        latest = clock.era_date(today + timedelta(days=MOST_DAYS))
        raise WrongEntry("open_until_on", f"記録を見られるのは{MOST_DAYS}日先（{latest}）までです。")
    return facts.open_until_on


def record_view(
    session: Session,
    inspection: Inspection,
    kind: RecordKind,
    *,
    about: str,
    object_id: UUID | None = None,
    subject_id: UUID | None = None,
    by: Principal,
    now: datetime,
) -> InspectionView:
    """Keep that somebody looked at records: for the partner, in both logs, and for whom a single record is about."""
    made = InspectionView(
        organization_id=inspection.organization_id, id=uuid4(), inspection_id=inspection.id, kind=kind,
        object_id=object_id, subject_id=subject_id, about=about, at=now, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    municipality = session.get_one(Municipality, inspection.municipality_id).name
    tell_both(
        session, inspection.organization_id, inspection.municipality_id,
        "inspection.viewed" if kind.is_of_one_person else "inspection.listed", "inspection_view", made.id,
        contents.view_content(made), {"by_municipality": municipality, "records": kind.value}, by=by.actor, now=now,
        subject_id=subject_id, is_look=True,
    )  # fmt: skip
    return made


def close(session: Session, inspection: Inspection, *, summary: str, by: Principal, now: datetime) -> InspectionClosing:
    """End an inspection with its summary: no record can be looked at any more, findings go on.

    Raises NotAllowed, AlreadyClosed, and WrongEntry without a summary or with a name in it.
    """
    if not policy.may_look(by, inspection):
        raise NotAllowed
    session.refresh(inspection, with_for_update=True)
    today = clock.local_date(now)
    if queries.standing_of(session, inspection, today=today).closing is not None:
        raise AlreadyClosed
    if not summary:
        raise WrongEntry("summary", "調査のまとめを入力してください。")
    refuse_names(session, inspection.organization_id, summary=summary)
    made = InspectionClosing(
        organization_id=inspection.organization_id, id=uuid4(), municipality_id=inspection.municipality_id,
        inspection_id=inspection.id, summary=summary, at=now, happened_on=today, by_id=by.user_id, by_name=by.name,
    )  # fmt: skip
    session.add(made)
    try:
        session.flush()
    except IntegrityError:  # two closed it at the same moment
        raise AlreadyClosed from None
    tell_both(
        session, inspection.organization_id, inspection.municipality_id, "inspection.closed", "inspection_closing",
        made.id, contents.closing_content(made), {"paper": queries.inspection_number(inspection)}, by=by.actor,
        now=now,
    )  # fmt: skip
    return made
