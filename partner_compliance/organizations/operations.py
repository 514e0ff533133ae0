"""What can be done about municipalities, organizations, centers and engagements."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.jp import cn

from partner_compliance import acts
from partner_compliance.acts import Act, Actor
from partner_compliance.clock import is_month, local_date
from partner_compliance.errors import InvalidInput, RuleBroken
from partner_compliance.organizations import local_gov_code, queries
from partner_compliance.organizations.models import (
    Center,
    Engagement,
    EngagementBasis,
    LegalForm,
    Municipality,
    Organization,
)
from partner_compliance.web import control_characters


class WrongMunicipalityCode(InvalidInput):
    message = "全国地方公共団体コードが正しくありません（検査数字が合いません）。"
    what_to_do = "6桁のコードを、総務省の一覧で確かめて入力してください。"


class WrongCorporateNumber(InvalidInput):
    message = "法人番号が正しくありません（検査数字が合いません）。"
    what_to_do = "13桁の番号を、国税庁の法人番号公表サイトで確かめて入力してください。"


class MunicipalityAlreadyRegistered(RuleBroken):
    message = "このコードの自治体は、すでに登録されています。"


class AlreadyRegistered(RuleBroken):
    message = "この法人番号の団体は、すでに登録されています。"
    what_to_do = "その団体の個人情報責任者の方にお問い合わせください。番号が違うときは、入力し直してください。"


class WrongFacts(InvalidInput):
    """Facts about an organization that cannot be kept; `faults` says in which field, and what to do."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


class SameCenter(InvalidInput):
    message = "同じ名前の拠点が、すでにあります。"
    what_to_do = "区別できる名前にしてください。"


class CenterAlreadyClosed(RuleBroken):
    message = "この拠点は、すでに閉所しています。"


class LastCenter(RuleBroken):
    message = "最後の拠点は閉所できません。"
    what_to_do = "先に、新しい拠点を登録して、そこに従事者を移してください。"


class PeopleAtCenter(RuleBroken):
    """Someone still works at a center that was to be closed; the message names them."""

    what_to_do = "先に、この方々をほかの拠点に移すか、活動の終了を登録してください。"


class AlreadyCancelled(RuleBroken):
    message = "この契約・協定は、すでに途中終了しています。"


# --- tenants ----------------------------------------------------------------------------------------------------


def create_municipality(session: Session, *, code: str, name: str, by: Actor, now: datetime) -> Municipality:
    """Register a municipality; its history begins with this act.

    Raises WrongMunicipalityCode, MunicipalityAlreadyRegistered, and InvalidInput for an unusable name.
    """
    code = unicodedata.normalize("NFKC", code).strip()
    if not local_gov_code.is_valid(code):
        raise WrongMunicipalityCode
    refuse_unusable(name, "自治体の名前", longest=100)
    if session.scalar(select(Municipality.id).where(Municipality.code == code)):
        raise MunicipalityAlreadyRegistered
    made = Municipality(id=uuid4(), code=code, name=name, created_at=now)
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            made.id, "municipality.created", now, by, object_kind="municipality", object_id=made.id,
            details={"code": code},
        ),
    )  # fmt: skip
    return made


def create_organization(
    session: Session,
    *,
    name: str,
    legal_form: LegalForm,
    corporate_number: str | None = None,
    representative_name: str = "",
    first_month: str,
    by: Actor,
    now: datetime,
) -> Organization:
    """Register a partner organization, whose sheets are asked from `first_month` on; its history begins with this act.

    Raises WrongCorporateNumber, and InvalidInput for an unusable name or month.
    """
    refuse_unusable(name, "団体の名前", longest=200)
    if representative_name:
        refuse_unusable(representative_name, "代表者の名前", longest=100)
    if not is_month(first_month):
        raise InvalidInput("チェックシートを始める月は「2026-04」の形で指定してください。")
    made = Organization(
        id=uuid4(),
        name=name,
        legal_form=legal_form,
        corporate_number=settled_corporate_number(corporate_number) if corporate_number else None,
        representative_name=representative_name,
        submission_business_day=5,
        sign_off_business_day=10,
        first_month=first_month,
        created_at=now,
    )
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            made.id, "organization.created", now, by, object_kind="organization", object_id=made.id,
            details={"legal_form": legal_form.value},
        ),
    )  # fmt: skip
    return made


@dataclass(frozen=True)
class OrganizationFacts:
    """What is registered about an organization, as typed."""

    name: str
    legal_form: LegalForm
    corporate_number: str = ""
    representative_name: str = ""
    representative_kana: str = ""
    address: str = ""
    phone: str = ""


_LONGEST = {
    "name": ("団体の名前", 200),
    "representative_name": ("代表者の名前", 100),
    "representative_kana": ("代表者のフリガナ", 100),
    "address": ("所在地", 200),
    "phone": ("電話番号", 20),
}


def faults_in_organization(facts: OrganizationFacts) -> dict[str, str]:
    """What is wrong with an organization's facts: {field: a sentence that says what to do}; empty when all is well.

    A corporate number is asked of all but unincorporated groups, which may have none (DOMAIN §4h).
    """
    found = {}
    for field, (what, longest) in _LONGEST.items():
        text = getattr(facts, field)
        if not text and field != "name":
            continue
        try:
            refuse_unusable(text, what, longest=longest)
        except InvalidInput as refusal:
            found[field] = refusal.message
    if facts.corporate_number:
        try:
            settled_corporate_number(facts.corporate_number)
        except WrongCorporateNumber as refusal:
            found["corporate_number"] = f"{refusal.message}{refusal.what_to_do}"
    elif facts.legal_form is not LegalForm.UNINCORPORATED_GROUP:
        found["corporate_number"] = (
            "法人番号（13桁）を入力してください。国税庁の「法人番号公表サイト」で、団体の名前から調べられます。"
        )
    return found


def holder_of_number(session: Session, number: str, *, but: UUID | None = None) -> UUID | None:
    """The organization that is registered under a corporate number (13 digits), another than `but`."""
    query = select(Organization.id).where(Organization.corporate_number == number)
    if but is not None:
        query = query.where(Organization.id != but)
    return session.scalar(query.limit(1))


def change_organization(
    session: Session, organization: Organization, facts: OrganizationFacts, *, by: Actor, now: datetime
) -> frozenset[str]:
    """Change what is registered about an organization; returns the fields that changed.

    Raises WrongFacts and AlreadyRegistered.
    """
    if faults := faults_in_organization(facts):
        raise WrongFacts(faults)
    session.refresh(organization, with_for_update=True)
    number = settled_corporate_number(facts.corporate_number) if facts.corporate_number else None
    if number is not None and holder_of_number(session, number, but=organization.id):
        raise AlreadyRegistered
    wanted = {
        "name": facts.name,
        "legal_form": facts.legal_form,
        "corporate_number": number,
        "representative_name": facts.representative_name,
        "representative_kana": facts.representative_kana or None,
        "address": facts.address or None,
        "phone": facts.phone or None,
    }
    changed = frozenset(field for field, value in wanted.items() if getattr(organization, field) != value)
    for field in changed:
        setattr(organization, field, wanted[field])
    if changed:
        acts.record(
            session,
            Act(
                organization.id, "organization.changed", now, by, object_kind="organization",
                object_id=organization.id, details={"facts": "、".join(sorted(changed))},
            ),
        )  # fmt: skip
    return changed


def settled_corporate_number(typed: str) -> str:
    """The thirteen digits of a 法人番号, of which the first is the check digit (法人番号省令 第2条)."""
    number = cn.compact(unicodedata.normalize("NFKC", typed))
    if not number.isascii() or not cn.is_valid(number):
        raise WrongCorporateNumber
    return str(number)


def refuse_unusable(name: str, what: str, *, longest: int) -> None:
    """Raise InvalidInput for a name that is empty, longer than `longest` or holds control characters."""
    if not name.strip():
        raise InvalidInput(f"{what}を入力してください。")
    if len(name) > longest:
        raise InvalidInput(f"{what}は{longest}文字以内にしてください（いま{len(name)}文字です）。")
    if control_characters(name, allow_lines=False):
        raise InvalidInput(f"{what}に、使えない制御文字が含まれています。文字を入力し直してください。")


# --- centers ----------------------------------------------------------------------------------------------------


def add_center(
    session: Session, organization: Organization, *, name: str, opened_on: date, by: Actor, now: datetime
) -> Center:
    """Add a center to an organization; raises InvalidInput for an unusable name."""
    refuse_unusable(name, "拠点の名前", longest=100)
    made = Center(organization_id=organization.id, id=uuid4(), name=name, opened_on=opened_on)
    session.add(made)
    session.flush()
    acts.record(
        session,
        Act(
            organization.id, "center.created", now, by, object_kind="center", object_id=made.id,
            details={"center": name},
        ),
    )  # fmt: skip
    return made


def refuse_same_center(session: Session, organization_id: UUID, name: str, *, but: UUID | None = None) -> None:
    """Raise SameCenter when an open center of the organization has that name already."""
    found = session.scalar(
        select(Center.id).where(
            Center.organization_id == organization_id, Center.name == name, Center.closed_on.is_(None)
        )
    )
    if found is not None and found != but:
        raise SameCenter


def rename_center(session: Session, center: Center, *, name: str, by: Actor, now: datetime) -> None:
    """Give a center another name; records made earlier show the new one. Raises SameCenter and InvalidInput."""
    refuse_unusable(name, "拠点の名前", longest=100)
    refuse_same_center(session, center.organization_id, name, but=center.id)
    if name == center.name:
        return
    center.name = name
    _record_center(session, center, "center.renamed", by, now=now)


def close_center(session: Session, center: Center, *, by: Actor, now: datetime) -> None:
    """Close a center, today being its last day.

    Raises CenterAlreadyClosed, LastCenter, and PeopleAtCenter while someone active stands on the roster there.
    """
    # All of the organization's centers are locked, in one order, so that two at once cannot close the last two.
    centers = session.scalars(
        select(Center)
        .where(Center.organization_id == center.organization_id)
        .order_by(Center.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    today = local_date(now)
    if center.closed_on is not None:
        raise CenterAlreadyClosed
    if not any(each.closed_on is None for each in centers if each.id != center.id):
        raise LastCenter
    names = queries.names_at_center(session, center, today)
    if names:
        told = "、".join(f"{name}さん" for name in names[:5]) + (f"ほか{len(names) - 5}人" if len(names) > 5 else "")
        raise PeopleAtCenter(f"この拠点には、活動中の方が{len(names)}人います（{told}）。")
    center.closed_on = today
    _record_center(session, center, "center.closed", by, now=now)


def _record_center(session: Session, center: Center, name: str, by: Actor, *, now: datetime) -> None:
    acts.record(
        session,
        Act(
            center.organization_id, name, now, by, object_kind="center", object_id=center.id,
            details={"center": center.name},
        ),
    )  # fmt: skip


# --- engagements ------------------------------------------------------------------------------------------------


def start_engagement(
    session: Session,
    municipality: Municipality,
    organization: Organization,
    *,
    basis: EngagementBasis,
    title: str,
    starts_on: date,
    ends_on: date,
    by: Actor,
    now: datetime,
) -> Engagement:
    """Register that a municipality works with an organization from one day to another, as agreed by both already.

    Both days count. What is still to be accepted is proposed in the engagements room instead. Raises InvalidInput for
    an unusable title or days in the wrong order. Both sides' histories tell of it.
    """
    refuse_unusable(title, "事業の名前", longest=200)
    if ends_on < starts_on:
        raise InvalidInput("契約・協定の終わりの日は、始まりの日以降にしてください。")
    made = Engagement(
        organization_id=organization.id,
        id=uuid4(),
        municipality_id=municipality.id,
        basis=basis,
        title=title,
        starts_on=starts_on,
        ends_on=ends_on,
        accepted_at=now,
        accepted_by_name=by.name,
    )
    session.add(made)
    session.flush()
    _record_engagement(
        session, made, "engagement.started", by, now=now,
        basis=basis.value, starts_on=starts_on.isoformat(), ends_on=ends_on.isoformat(),
    )  # fmt: skip
    return made


def cancel_engagement(
    session: Session, engagement: Engagement, *, cancelled_on: date, reason: str = "", by: Actor, now: datetime
) -> None:
    """End an engagement early: `cancelled_on` is the first day on which it no longer holds.

    Raises AlreadyCancelled, and InvalidInput for a day outside the engagement.
    """
    session.refresh(engagement, with_for_update=True)
    if engagement.cancelled_on is not None:
        raise AlreadyCancelled
    if not engagement.starts_on <= cancelled_on <= engagement.ends_on:
        raise InvalidInput("途中終了の日は、契約・協定の期間の中から選んでください。")
    engagement.cancelled_on = cancelled_on
    engagement.cancelled_at, engagement.cancelled_by_name, engagement.cancel_reason = now, by.name, reason
    _record_engagement(session, engagement, "engagement.ended", by, now=now, cancelled_on=cancelled_on.isoformat())


def _record_engagement(
    session: Session, engagement: Engagement, name: str, by: Actor, *, now: datetime, **details: str
) -> None:
    for log_id in (engagement.organization_id, engagement.municipality_id):
        acts.record(
            session, Act(log_id, name, now, by, object_kind="engagement", object_id=engagement.id, details=details)
        )
