"""What heads and protection officers keep in order: standing permissions, labels, substitutes, settings, losses."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import acts, clock
from partner_compliance.access import Principal
from partner_compliance.acts import Act
from partner_compliance.engagements.words import DataClass
from partner_compliance.errors import RuleBroken
from partner_compliance.organizations.models import Center, Organization, Worker
from partner_compliance.takeouts import contents, policy, queries
from partner_compliance.takeouts.models import (
    LossEntry,
    LossReport,
    StandingEnd,
    StandingPermit,
    StandingPerson,
    Substitute,
    TakeOutLabel,
    TakeOutSettings,
)
from partner_compliance.takeouts.operations import NotYourDecision, TakeOutsForbidden, WrongEntry, needs_company
from partner_compliance.takeouts.words import (
    KEPT_INSIDE,
    MOST,
    STANDING_MONTHS,
    LossEntryKind,
    Medium,
    Protection,
    Reason,
    Shift,
)

#: Letters and digits of a label's code that nobody mistakes for one another.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 10
#: The most a standing permission lets somebody keep things outside.
MOST_DAYS = 7


class NamesItself(RuleBroken):
    message = "ご自分の名前が入った継続許可を、ご自分で出すことはできません。"
    what_to_do = "センター長が入るときは、個人情報責任者か代表者に出してもらってください。"


class AlreadyEnded(RuleBroken):
    message = "この継続許可は、すでに終わっています。"
    what_to_do = "最新の状態を確認してください。"


class AlreadySettled(RuleBroken):
    message = "この記録は、すでに終わりとして記録されています。"
    what_to_do = "最新の状態を確認してください。"


# --- standing permissions ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StandingFacts:
    """A standing permission as somebody gives it; days are days in Japan, both count."""

    medium: Medium
    data_class: DataClass
    most: int
    reason: Reason
    description: str
    destination: str
    weekdays: frozenset[Shift]
    from_on: date
    until_on: date
    people: frozenset[UUID]
    back_after_days: int = 0
    project_id: UUID | None = None
    companions: str = ""
    alone_reason: str = ""
    protections: frozenset[Protection] = frozenset()


def last_day_of_standing(from_on: date) -> date:
    """The latest last day of a standing permission: three months after its first day, less one."""
    month = clock.month_after(clock.month_of(from_on), STANDING_MONTHS)
    day = min(from_on.day, clock.last_day(month).day)
    return date.fromordinal(clock.first_day(month).replace(day=day).toordinal() - 1)


def grant_standing(
    session: Session,
    center: Center,
    facts: StandingFacts,
    workers: Sequence[Worker],
    *,
    by: Principal,
    now: datetime,
    request_key: UUID,
    substituted: policy.Substituted = (),
) -> StandingPermit:
    """Permit named people to take the same thing out on some days of the week, for at most three months.

    `workers` are those who can be named. Raises WrongEntry, NotYourDecision, NamesItself, TakeOutsForbidden.
    """
    earlier = session.scalars(
        select(StandingPermit).where(
            StandingPermit.organization_id == center.organization_id, StandingPermit.request_key == request_key
        )
    ).first()
    if earlier is not None:
        return earlier
    role = policy.decides_at(by, center.organization_id, center.id, substituted)
    if role is None:
        raise NotYourDecision
    if queries.settings_of(session, center.organization_id).is_forbidden and not policy.permits_while_forbidden(role):
        raise TakeOutsForbidden
    _refuse_wrong_standing(facts, today=clock.local_date(now))
    named = {worker.id for worker in workers} & facts.people
    if not named or named != facts.people:
        raise WrongEntry("people", "この許可を使う方を、1人以上選んでください。")
    if named & by.worker_ids:
        raise NamesItself
    permit = StandingPermit(
        organization_id=center.organization_id, id=uuid4(), center_id=center.id, project_id=facts.project_id,
        medium=facts.medium, data_class=facts.data_class, most=facts.most, reason=facts.reason,
        description=facts.description, destination=facts.destination, companions=facts.companions,
        alone_reason=facts.alone_reason, protections=sorted(each.value for each in facts.protections),
        weekdays=sorted(each.value for each in facts.weekdays), back_after_days=facts.back_after_days,
        from_on=facts.from_on, until_on=facts.until_on, request_key=request_key, granted_at=now,
        granted_on=clock.local_date(now), granted_by_id=by.user_id, granted_by_name=by.name, granted_by_role=role,
    )  # fmt: skip
    session.add(permit)
    session.flush()
    session.add_all(
        StandingPerson(organization_id=center.organization_id, standing_id=permit.id, worker_id=each)
        for each in sorted(named)
    )
    session.flush()
    acts.record(
        session,
        Act(
            center.organization_id, "standing.granted", now, by.actor, object_kind="standing_permit",
            object_id=permit.id, content=contents.standing_content(permit),
            details={"medium": facts.medium.value, "workers": len(named)},
        ),
    )  # fmt: skip
    return permit


def _refuse_wrong_standing(facts: StandingFacts, *, today: date) -> None:
    if facts.data_class.is_refused or facts.data_class in KEPT_INSIDE:
        raise WrongEntry(
            "data_class", f"「{facts.data_class.label}」は、継続許可では持ち出せません。1回ごとに許可してください。"
        )
    if not 1 <= facts.most <= MOST:
        raise WrongEntry("most", f"数は1から{MOST}までの数字で入力してください。")
    if not facts.description:
        raise WrongEntry("description", "何を持ち出すかを書いてください（例: 訪問予定表 1枚）。")
    if not facts.destination:
        raise WrongEntry("destination", "持っていく先を書いてください。")
    if not facts.weekdays:
        raise WrongEntry("weekdays", "使える曜日を1つ以上選んでください。")
    if not 0 <= facts.back_after_days <= MOST_DAYS:
        raise WrongEntry("back_after_days", f"戻すまでの日数は0（その日のうち）から{MOST_DAYS}までにしてください。")
    if facts.from_on < today:
        raise WrongEntry("from_on", "始まりの日は、今日か、今日より後にしてください。")
    latest = last_day_of_standing(facts.from_on)
    if not facts.from_on <= facts.until_on <= latest:
        raise WrongEntry(
            "until_on",
            f"終わりの日は、始まりの日から3か月以内（{clock.era_date(latest)}まで）にしてください。",
        )
    if facts.medium.is_electronic and not facts.protections:
        raise WrongEntry("protections", "データの守り方を1つ以上選んでください。")
    if needs_company(facts.medium, facts.data_class) and not facts.companions and not facts.alone_reason:
        raise WrongEntry(
            "companions",
            "預かった個人情報が入った機器・媒体は、2人で運びます。いっしょに行く方を書くか、1人で運ぶ理由を書いてください。",
        )


def end_standing(session: Session, standing: StandingPermit, *, reason: str, by: Principal, now: datetime) -> None:
    """Take a standing permission back; raises AlreadyEnded, WrongEntry without a reason."""
    if not reason:
        raise WrongEntry("reason", "取り消す理由を書いてください。")
    permit = queries.permit_of(session, standing)
    if permit.is_over(clock.local_date(now)):
        raise AlreadyEnded
    end = StandingEnd(
        organization_id=standing.organization_id, id=uuid4(), standing_id=standing.id, at=now, by_id=by.user_id,
        by_name=by.name, reason=reason,
    )  # fmt: skip
    session.add(end)
    session.flush()
    acts.record(
        session,
        Act(
            standing.organization_id, "standing.ended", now, by.actor, object_kind="standing_end", object_id=end.id,
            content=contents.standing_end_content(end),
        ),
    )  # fmt: skip


# --- labels -----------------------------------------------------------------------------------------------------


def make_label(
    session: Session, center: Center, *, name: str, medium: Medium, by: Principal, now: datetime
) -> TakeOutLabel:
    """Make a label for a bag, a device or a folder; raises WrongEntry without a name or for one in use."""
    if not name:
        raise WrongEntry("name", "ラベルを付けるものの名前を入力してください（例: 青いかばん 1）。")
    if any(each.name == name and each.retired_at is None for each in queries.labels_of(session, center)):
        raise WrongEntry("name", "同じ名前のラベルがあります。区別できる名前にしてください。")
    label = TakeOutLabel(
        organization_id=center.organization_id, id=uuid4(), center_id=center.id,
        code="".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH)), name=name, medium=medium, made_at=now,
        made_by_name=by.name,
    )  # fmt: skip
    session.add(label)
    session.flush()
    acts.record(
        session,
        Act(
            center.organization_id, "label.made", now, by.actor, object_kind="take_out_label", object_id=label.id,
            details={"medium": medium.value},
        ),
    )  # fmt: skip
    return label


def retire_label(session: Session, label: TakeOutLabel, *, by: Principal, now: datetime) -> None:
    """Say that a label is not used any more; its rows stay. A second time changes nothing."""
    if label.retired_at is not None:
        return
    label.retired_at = now
    acts.record(
        session,
        Act(
            label.organization_id, "label.retired", now, by.actor, object_kind="take_out_label", object_id=label.id,
            details={"medium": label.medium.value},
        ),
    )  # fmt: skip


# --- settings and substitutes -----------------------------------------------------------------------------------


def change_settings(
    session: Session,
    organization: Organization,
    *,
    is_forbidden: bool,
    needs_witness: bool,
    by: Principal,
    now: datetime,
) -> None:
    """Say whether take-outs are allowed (DOMAIN B22, B23) and whether a second person taps on each return."""
    settings = session.get(TakeOutSettings, organization.id)
    if settings is None:
        settings = TakeOutSettings(organization_id=organization.id, is_forbidden=False, needs_witness=False)
        session.add(settings)
    elif (settings.is_forbidden, settings.needs_witness) == (is_forbidden, needs_witness):
        return
    settings.is_forbidden, settings.needs_witness = is_forbidden, needs_witness
    settings.changed_at, settings.changed_by_name = now, by.name
    acts.record(
        session,
        Act(
            organization.id, "take_out.settings_changed", now, by.actor, object_kind="organization",
            object_id=organization.id, details={"forbidden": is_forbidden, "witness": needs_witness},
        ),
    )  # fmt: skip


def name_substitute(
    session: Session, center: Center, worker: Worker, *, from_on: date, until_on: date, by: Principal, now: datetime
) -> Substitute:
    """Let somebody permit take-outs at a center while its head is away.

    Raises WrongEntry for a period that is over, is longer than three months or runs backwards, for somebody of another
    center or without an account.
    """
    today = clock.local_date(now)
    if from_on < today:
        raise WrongEntry("from_on", "始まりの日は、今日か、今日より後にしてください。")
    if not from_on <= until_on <= last_day_of_standing(from_on):
        raise WrongEntry("until_on", "終わりの日は、始まりの日から3か月以内にしてください。")
    if worker.user_id is None:
        raise WrongEntry("worker", "アカウントのない方は、代わりに許可することができません。")
    substitute = Substitute(
        organization_id=center.organization_id, id=uuid4(), center_id=center.id, worker_id=worker.id,
        from_on=from_on, until_on=until_on, named_at=now, named_by_id=by.user_id, named_by_name=by.name,
    )  # fmt: skip
    session.add(substitute)
    session.flush()
    acts.record(
        session,
        Act(
            center.organization_id, "substitute.named", now, by.actor, subject_id=worker.id,
            object_kind="take_out_substitute", object_id=substitute.id,
            details={"from": from_on.isoformat(), "until": until_on.isoformat()},
        ),
    )  # fmt: skip
    return substitute


def end_substitute(session: Session, substitute: Substitute, *, by: Principal, now: datetime) -> None:
    """Take the task of standing in back; a second time changes nothing."""
    if substitute.ended_at is not None:
        return
    substitute.ended_at = now
    acts.record(
        session,
        Act(
            substitute.organization_id, "substitute.ended", now, by.actor, subject_id=substitute.worker_id,
            object_kind="take_out_substitute", object_id=substitute.id,
        ),
    )  # fmt: skip


# --- losses -----------------------------------------------------------------------------------------------------


def write_about_loss(
    session: Session, report: LossReport, *, kind: LossEntryKind, text: str, by: Principal, now: datetime
) -> LossEntry:
    """Write down what was done about things that did not come back, or how it ended (DOMAIN A21).

    Only those who run the center end it. Raises WrongEntry without words, AlreadySettled, NotYourDecision.
    """
    if not text:
        raise WrongEntry("text", "したことや、わかったことを書いてください。")
    if kind.is_end and not policy.may_look_after(by, report.organization_id, report.center_id):
        raise NotYourDecision(
            "終わりの記録は、センター長か個人情報責任者が行います。", "わかったことだけを書いてください。"
        )
    session.execute(
        select(LossReport.id)
        .where(LossReport.organization_id == report.organization_id, LossReport.id == report.id)
        .with_for_update()
    )
    entries = queries.loss_entries(session, report)
    if any(each.kind.is_end for each in entries):
        raise AlreadySettled
    entry = LossEntry(
        organization_id=report.organization_id, id=uuid4(), report_id=report.id, number=len(entries) + 1, kind=kind,
        at=now, by_id=by.user_id, by_name=by.name, text=text,
    )  # fmt: skip
    session.add(entry)
    session.flush()
    acts.record(
        session,
        Act(
            report.organization_id, "take_out.loss_written", now, by.actor, subject_id=report.worker_id,
            object_kind="loss_entry", object_id=entry.id, content=contents.loss_entry_content(entry),
            details={"kind": kind.value},
        ),
    )  # fmt: skip
    return entry
