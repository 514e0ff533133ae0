"""What can be done about registrations: invite a group, keep what it types, register it whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Role
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts.models import User
from partner_compliance.acts import PLATFORM_LOG, Act, Actor
from partner_compliance.clock import era_date, local_date, month_of
from partner_compliance.errors import InvalidInput, RuleBroken, TooMany
from partner_compliance.history.models import LogState
from partner_compliance.networks import operations as networks
from partner_compliance.organizations import operations as organizations
from partner_compliance.organizations.models import (
    Center,
    EngagementBasis,
    LegalForm,
    Municipality,
    Organization,
    Worker,
    WorkerKind,
)
from partner_compliance.organizations.networks import Network
from partner_compliance.organizations.operations import OrganizationFacts, refuse_unusable
from partner_compliance.registrations import codes
from partner_compliance.registrations.models import Invitation, MemberInvitation, PartnerInvitation
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import ChangeSource, Post
from partner_compliance.roster.operations import WorkerFacts

VALID_FOR = timedelta(days=14)
MOST_CENTERS = 10
MAILS_PER_RECIPIENT = 5
#: The edition of what a group agrees to when it registers; the words stand in the template of that step.
TERMS = "2026"
#: An honest draft is a few hundred characters.
_LONGEST_DRAFT = 20_000


class InvitationNotValid(RuleBroken):
    message = "この招待は使えません。"
    what_to_do = (
        "番号が違うか、期限が切れているか、取り消されています。"
        "招待した自治体や事務局の担当の方に、新しい招待をお願いしてください。"
    )


class InvitationUsed(RuleBroken):
    message = "この招待での登録は、すでに終わっています。"
    what_to_do = "登録したときのログイン名とパスワードで、サインインしてください。"


class AlreadyOver(RuleBroken):
    message = "この招待は、すでに使われたか、取り消されています。"
    what_to_do = "一覧で、最新の状態を確認してください。"


class NothingToAccept(RuleBroken):
    message = "この招待は、はじめて登録する団体のためのものです。"
    what_to_do = "登録し直さなくてかまいません。登録済みであることを、招待した自治体にお伝えください。"


class EngagementOver(InvalidInput):
    message = "終わりの日は、始まりの日と今日以降にしてください。"


class TooManyMails(TooMany):
    message = "同じメールアドレスへの招待が続いています。"
    what_to_do = "メールが届かないときは、アドレスを確かめるか、印刷した紙で招待してください。"


class DraftTooLong(InvalidInput):
    message = "入力が長すぎるため、保存できません。"
    what_to_do = "短くして、もう一度送信してください。"


class WrongRegistration(InvalidInput):
    """What keeps a group from being registered; `faults` says in which field, and what to do."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


# --- inviting ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Terms:
    """The engagement that begins when the invited group registers."""

    basis: EngagementBasis
    title: str
    starts_on: date
    ends_on: date


def invite_partner(
    session: Session,
    municipality: Municipality,
    *,
    group_name: str,
    email: str | None,
    terms: Terms | None,
    link_base: str,
    by: Actor,
    now: datetime,
) -> tuple[PartnerInvitation, str]:
    """Invite a group for a municipality; returns the invitation and its secret, which is told only now.

    Raises InvalidInput for an unusable name or address, or an engagement whose days are in the wrong order, and
    TooManyMails.
    """
    _refuse_unusable_invitation(group_name, email)
    if terms is not None:
        refuse_unusable(terms.title, "事業の名前", longest=200)
        if terms.ends_on < terms.starts_on or terms.ends_on < local_date(now):
            raise EngagementOver
    secret = codes.new_code()
    made = PartnerInvitation(
        municipality_id=municipality.id,
        basis=terms.basis if terms else None,
        title=terms.title if terms else None,
        starts_on=terms.starts_on if terms else None,
        ends_on=terms.ends_on if terms else None,
        **_invited(group_name, email, secret, by, now),
    )
    _issue(session, made, municipality.id, municipality.name, secret, link_base, by=by, now=now)
    return made, secret


def invite_member(
    session: Session,
    organization: Organization,
    *,
    group_name: str,
    email: str | None,
    link_base: str,
    by: Actor,
    now: datetime,
) -> tuple[MemberInvitation, str]:
    """Invite a group for a network; as `invite_partner`. Raises NotANetwork too."""
    network = session.get(Network, organization.id)
    if network is None:
        raise networks.NotANetwork
    _refuse_unusable_invitation(group_name, email)
    secret = codes.new_code()
    made = MemberInvitation(organization_id=organization.id, **_invited(group_name, email, secret, by, now))
    _issue(session, made, organization.id, network.name, secret, link_base, by=by, now=now)
    return made, secret


def _refuse_unusable_invitation(group_name: str, email: str | None) -> None:
    refuse_unusable(group_name, "団体の名前", longest=200)
    if email is not None and not accounts.is_address(email):
        raise InvalidInput("メールアドレスは、半角の「名前@example.jp」の形で1つだけ入力してください。")


def _invited(group_name: str, email: str | None, secret: str, by: Actor, now: datetime) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "token_digest": codes.digest(secret),
        "group_name": group_name,
        "email": email,
        "issued_at": now,
        "issued_by_id": by.user_id,
        "issued_by_name": by.name,
        "expires_at": now + VALID_FOR,
    }


def _issue(
    session: Session,
    made: Invitation,
    log_id: UUID,
    inviter: str,
    secret: str,
    link_base: str,
    *,
    by: Actor,
    now: datetime,
) -> None:
    if made.email is not None:
        key = f"register:{accounts.digest(f'{log_id} {accounts.fold(made.email)}')}"
        try:
            accounts.refuse_too_many(session, key, limit=MAILS_PER_RECIPIENT, within=timedelta(days=1), now=now)
        except TooMany:
            raise TooManyMails from None
    session.add(made)
    session.flush()
    _record(session, made, "registration.invited", log_id, by, now=now, group=made.group_name)
    if made.email is None:
        return
    accounts.write_mail(
        session,
        to=made.email,
        subject=f"{inviter}からの、団体の登録のご案内",
        body=(
            f"{made.group_name} 様\n\n"
            f"{inviter}から、情報管理パートナーへの団体の登録のご案内です。\n"
            "団体が個人情報をきちんと管理していることを、毎月のかんたんな点検で示すためのサービスです。\n\n"
            f"次のアドレスを開いて登録してください。10分ほどで終わります（{era_date(local_date(made.expires_at))}まで、1回だけ）。\n\n"
            f"{link_base}{secret}\n\n"
            "手元に、法人番号（任意団体は不要です）と、役職の方のお名前をご用意ください。\n"
            "お心当たりがないときは、何もしなくてかまいません。\n"
        ),
        now=now,
    )


def revoke(session: Session, invitation: Invitation, *, by: Actor, now: datetime) -> None:
    """Take an invitation back: its link and code stop working at once. Raises AlreadyOver."""
    session.refresh(invitation, with_for_update=True)
    if invitation.used_at is not None or invitation.revoked_at is not None:
        raise AlreadyOver
    invitation.revoked_at = now
    invitation.draft = None
    _record(session, invitation, "registration.revoked", _log_of(invitation), by, now=now, group=invitation.group_name)


def _log_of(invitation: Invitation) -> UUID:
    if isinstance(invitation, PartnerInvitation):
        return invitation.municipality_id
    return invitation.organization_id


def _record(
    session: Session, invitation: Invitation, name: str, log_id: UUID, by: Actor, *, now: datetime, **details: str
) -> None:
    acts.record(
        session,
        Act(
            log_id, name, now, by, object_kind=invitation.__tablename__, object_id=invitation.id, details=details,
        ),
    )  # fmt: skip


# --- the invited group ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opened:
    """An invitation that can be used now, and who invites."""

    invitation: Invitation
    municipality: Municipality | None = None
    network: Network | None = None

    @property
    def inviter(self) -> str:
        """Who invites, in words."""
        return self.municipality.name if self.municipality else self.network.name if self.network else ""

    @property
    def has_engagement(self) -> bool:
        """Whether an engagement begins with the registration."""
        return isinstance(self.invitation, PartnerInvitation) and self.invitation.basis is not None


def find(session: Session, secret: str, *, now: datetime) -> Opened:
    """The invitation behind a link or a typed code; raises InvitationNotValid or InvitationUsed."""
    digest = codes.digest(secret)
    found: Opened | None = None
    partner = session.execute(
        select(PartnerInvitation, Municipality)
        .join(Municipality, Municipality.id == PartnerInvitation.municipality_id)
        .where(PartnerInvitation.token_digest == digest)
    ).one_or_none()
    if partner is not None:
        found = Opened(partner[0], municipality=partner[1])
    else:
        member = session.execute(
            select(MemberInvitation, Network)
            .join(Network, Network.organization_id == MemberInvitation.organization_id)
            .where(MemberInvitation.token_digest == digest)
        ).one_or_none()
        found = Opened(member[0], network=member[1]) if member is not None else None
    if found is None:
        raise InvitationNotValid
    _refuse_unusable_now(found.invitation, now)
    return found


def _refuse_unusable_now(invitation: Invitation, now: datetime) -> None:
    if invitation.used_at is not None:
        raise InvitationUsed
    if invitation.revoked_at is not None or not now < invitation.expires_at:
        raise InvitationNotValid


def _take(session: Session, invitation: Invitation, now: datetime) -> None:
    """Hold the invitation until the commit, so that of two at once only one uses it."""
    session.refresh(invitation, with_for_update=True)
    _refuse_unusable_now(invitation, now)


def keep_step(session: Session, invitation: Invitation, step: str, typed: Mapping[str, str], *, now: datetime) -> None:
    """Keep what was typed on one page, so that the group can go on later; raises DraftTooLong."""
    _take(session, invitation, now)
    if sum(len(name) + len(text) for name, text in typed.items()) > _LONGEST_DRAFT:
        raise DraftTooLong
    invitation.draft = {**(invitation.draft or {}), step: dict(typed)}
    invitation.begun_at = invitation.begun_at or now


class Capacity(StrEnum):
    """As what the person who registers a group is known in it."""

    OFFICER = "officer"
    REPRESENTATIVE = "representative"

    @property
    def label(self) -> str:
        """The capacity's name on screens."""
        return {
            Capacity.OFFICER: "個人情報責任者（代表者が兼ねる場合も、こちら）",
            Capacity.REPRESENTATIVE: "代表者（個人情報責任者は、別の方）",
        }[self]


@dataclass(frozen=True)
class Named:
    """Someone named in a registration."""

    name: str = ""
    kana: str = ""

    @property
    def key(self) -> str:
        """By what someone named twice is recognized: the name without spaces."""
        return "".join(self.name.split())


@dataclass(frozen=True)
class Registration:
    """All that a group says of itself; who is not named is registered later."""

    facts: OrganizationFacts
    centers: Sequence[str]
    capacity: Capacity
    own: Named
    #: Whether whoever registers is also the head of the first center.
    is_head: bool = False
    officer: Named = field(default_factory=Named)
    officer_deputy: Named = field(default_factory=Named)
    security: Named = field(default_factory=Named)
    security_deputy: Named = field(default_factory=Named)

    @property
    def people(self) -> list[tuple[Named, list[Post]]]:
        """Everyone on the first roster with their posts, whoever registers first; someone named twice stands once."""
        representative = Named(self.facts.representative_name, self.facts.representative_kana)
        if self.capacity is Capacity.OFFICER:
            said = [(self.own, [Post.PRIVACY_OFFICER]), (representative, [Post.REPRESENTATIVE])]
        else:
            # Until the protection officer has an account, somebody has to look after the organization's.
            said = [
                (self.own, [Post.REPRESENTATIVE, Post.PRIVACY_OFFICER_DEPUTY]),
                (self.officer, [Post.PRIVACY_OFFICER]),
            ]
        said += [
            (self.officer_deputy, [Post.PRIVACY_OFFICER_DEPUTY]),
            (self.security, [Post.SECURITY_MANAGER]),
            (self.security_deputy, [Post.SECURITY_MANAGER_DEPUTY]),
        ]
        found: dict[str, tuple[Named, list[Post]]] = {}
        for person, posts in said:
            if not person.key:
                continue
            known, held = found.setdefault(person.key, (person, []))
            if not known.kana and person.kana:
                found[person.key] = (Named(known.name, person.kana), held)
            held += [post for post in posts if post not in held]
        return list(found.values())


def faults_in_centers(centers: Sequence[str]) -> dict[str, str]:
    """What is wrong with the names of the centers: {"centers": a sentence}, or nothing."""
    if not centers:
        return {"centers": "拠点の名前を、1つ以上書いてください。事務所が1か所なら「本部」などでかまいません。"}
    if len(centers) > MOST_CENTERS:
        return {"centers": f"ここで書ける拠点は{MOST_CENTERS}か所までです。残りは、登録のあとで加えてください。"}
    for name in centers:
        try:
            refuse_unusable(name, "拠点の名前", longest=100)
        except InvalidInput as refusal:
            return {"centers": refusal.message}
    if len(set(centers)) < len(centers):
        return {"centers": "同じ名前の拠点が2つあります。区別できる名前にしてください。"}
    return {}


def faults_in_people(said: Registration) -> dict[str, str]:
    """What is wrong with the people named: {field: a sentence}; empty when all is well."""
    found: dict[str, str] = {}
    named = {
        "own": said.own,
        "officer": said.officer if said.capacity is Capacity.REPRESENTATIVE else Named(),
        "officer_deputy": said.officer_deputy,
        "security": said.security,
        "security_deputy": said.security_deputy,
    }
    readings = {Named(said.facts.representative_name).key: said.facts.representative_kana}
    for prefix, person in named.items():
        if not person.key and prefix != "own" and not person.kana:
            continue
        kana = person.kana or readings.get(person.key, "")
        found |= _faults_in_row(prefix, Named(person.name, kana), said)
        known = readings.setdefault(person.key, person.kana)
        if person.kana and known and person.kana != known:
            found[f"{prefix}_kana"] = "同じお名前の方のフリガナが、ほかの欄と違います。"
    return found | _faults_in_posts(said)


def faults_in_representative(facts: OrganizationFacts) -> dict[str, str]:
    """What is wrong with the representative, who stands on the roster too: {field: a sentence}, or nothing."""
    person = Named(facts.representative_name, facts.representative_kana)
    return _faults_in_row("representative", person, Registration(facts, (), Capacity.OFFICER, person))


def _faults_in_row(prefix: str, person: Named, said: Registration) -> dict[str, str]:
    faults = roster.faults_in(_row(person, uuid4(), said, (), on=date(2000, 1, 1)))
    return {f"{prefix}_{'kana' if name == 'name_kana' else 'name'}": fault for name, fault in faults.items()}


def _faults_in_posts(said: Registration) -> dict[str, str]:
    found = {}
    officer = said.own if said.capacity is Capacity.OFFICER else said.officer
    if said.capacity is Capacity.REPRESENTATIVE:
        if said.own.key != Named(said.facts.representative_name).key:
            found["own_name"] = (
                f"前のページの代表者のお名前（{said.facts.representative_name}）と違います。どちらかを直してください。"
            )
        if not officer.key:
            found["officer_name"] = "個人情報責任者のお名前を入力してください。"
        elif officer.key == said.own.key:
            found["officer_name"] = "代表者が兼ねるときは、上で「個人情報責任者」を選んでください。"
    if said.officer_deputy.key and said.officer_deputy.key == officer.key:
        found["officer_deputy_name"] = "代理には、個人情報責任者とは別の方を書いてください。"
    if said.security_deputy.key and not said.security.key:
        found["security_name"] = "代理を書くときは、情報セキュリティ管理者のお名前も書いてください。"
    elif said.security_deputy.key and said.security_deputy.key == said.security.key:
        found["security_deputy_name"] = "代理には、情報セキュリティ管理者とは別の方を書いてください。"
    return found


def _row(person: Named, center_id: UUID, said: Registration, posts: Sequence[Post], *, on: date) -> WorkerFacts:
    is_only_representative = list(posts) == [Post.REPRESENTATIVE]
    volunteers = said.facts.legal_form is LegalForm.UNINCORPORATED_GROUP
    kind = WorkerKind.VOLUNTEER if volunteers else WorkerKind.REGULAR
    return WorkerFacts(
        name=person.name,
        name_kana=person.kana,
        kind=WorkerKind.OFFICER if Post.REPRESENTATIVE in posts else kind,
        center_id=center_id,
        joined_on=on,
        is_handler=not is_only_representative,
    )


@dataclass(frozen=True)
class NewAccount:
    """The account that someone chooses who has none yet."""

    login_name: str
    password: str
    email: str | None = None


@dataclass(frozen=True)
class Registered:
    """What came of a registration."""

    organization: Organization
    user: User


def register(
    session: Session, opened: Opened, said: Registration, account: NewAccount | User, *, now: datetime
) -> Registered:
    """Register a group: organization and history, centers, roster, posts, account and roles, engagement or membership.

    All of it or nothing, once for each invitation. Raises InvitationUsed, InvitationNotValid, WrongRegistration,
    AlreadyRegistered, and what `accounts.create_user` raises.
    """
    # Registrations wait for each other, so that no number is registered twice and no invitation used twice.
    session.execute(select(LogState.log_id).where(LogState.log_id == PLATFORM_LOG).with_for_update())
    _take(session, opened.invitation, now)
    faults = organizations.faults_in_organization(said.facts) | faults_in_representative(said.facts)
    if faults := faults | faults_in_centers(said.centers) | faults_in_people(said):
        raise WrongRegistration(faults)
    user = account if isinstance(account, User) else _new_user(session, said.own.name, account, now)
    by = Actor(user.id, user.name, "link")
    organization = make_organization(session, said.facts, by=by, now=now)
    centers = _make_centers(session, organization, said.centers, by=by, now=now)
    _make_roster(session, centers[0], said, user, by=by, now=now)
    _take_up(session, opened, organization, by=by, now=now)
    for log_id, details in (
        (organization.id, {"inviter": opened.inviter, "terms": TERMS}),
        (_log_of(opened.invitation), {"group": organization.name}),
    ):
        _record(session, opened.invitation, "registration.completed", log_id, by, now=now, **details)
    return Registered(organization, user)


def make_organization(session: Session, facts: OrganizationFacts, *, by: Actor, now: datetime) -> Organization:
    """An organization as registered here: its number is nobody else's, its sheets are asked for from this month on.

    Raises AlreadyRegistered and what `create_organization` raises.
    """
    number = organizations.settled_corporate_number(facts.corporate_number) if facts.corporate_number else None
    if number is not None and organizations.holder_of_number(session, number):
        raise organizations.AlreadyRegistered
    made = organizations.create_organization(
        session,
        name=facts.name,
        legal_form=facts.legal_form,
        corporate_number=number,
        representative_name=facts.representative_name,
        first_month=month_of(local_date(now)),
        by=by,
        now=now,
    )
    made.representative_kana = facts.representative_kana or None
    made.address, made.phone = facts.address or None, facts.phone or None
    return made


def _new_user(session: Session, name: str, account: NewAccount, now: datetime) -> User:
    return accounts.create_user(
        session, name=name, login_name=account.login_name, email=account.email, password=account.password, now=now
    )


def _make_centers(
    session: Session, organization: Organization, names: Sequence[str], *, by: Actor, now: datetime
) -> list[Center]:
    return [
        organizations.add_center(session, organization, name=name, opened_on=local_date(now), by=by, now=now)
        for name in names
    ]


def _make_roster(session: Session, center: Center, said: Registration, user: User, *, by: Actor, now: datetime) -> None:
    for person, posts in said.people:
        is_own = person.key == said.own.key
        worker = put_on_roster(
            session, center, _row(person, center.id, said, posts, on=local_date(now)), posts,
            user_id=user.id if is_own else None, by=by, now=now,
        )  # fmt: skip
        if is_own and said.is_head:
            accounts.appoint(session, worker, Post.CENTER_HEAD, center=center, from_on=local_date(now), by=by, now=now)


def put_on_roster(
    session: Session,
    center: Center,
    facts: WorkerFacts,
    posts: Sequence[Post],
    *,
    user_id: UUID | None = None,
    by: Actor,
    now: datetime,
) -> Worker:
    """Put someone on a new organization's roster with their posts, and the roles that go with them for an account."""
    worker = roster.add_worker(
        session, center.organization_id, facts, user_id=user_id, source=ChangeSource.SETUP, by=by, now=now
    )
    if user_id is not None:
        accounts.grant_role(session, worker, Role.WORKER, by=by, now=now)
    for post in posts:
        accounts.appoint(session, worker, post, from_on=local_date(now), by=by, now=now)
    return worker


def _take_up(session: Session, opened: Opened, organization: Organization, *, by: Actor, now: datetime) -> None:
    """Let the invitation take effect: the engagement or the membership begins, and nobody can use it again."""
    invitation = opened.invitation
    if opened.network is not None:
        networks.join(session, opened.network, organization, by=by, now=now)
    elif isinstance(invitation, PartnerInvitation) and opened.municipality is not None and invitation.basis:
        organizations.start_engagement(
            session,
            opened.municipality,
            organization,
            basis=invitation.basis,
            title=invitation.title or "",
            starts_on=invitation.starts_on or local_date(now),
            ends_on=invitation.ends_on or local_date(now),
            by=by,
            now=now,
        )
    invitation.used_at = now
    invitation.registered_id = organization.id
    invitation.draft = None


def accept(session: Session, opened: Opened, organization: Organization, *, by: Actor, now: datetime) -> None:
    """Accept an invitation for an organization that is registered already: the engagement or membership begins.

    Raises NothingToAccept, InvitationUsed, InvitationNotValid, AlreadyMember, MemberOfItself.
    """
    if opened.network is None and not opened.has_engagement:
        raise NothingToAccept
    _take(session, opened.invitation, now)
    _take_up(session, opened, organization, by=by, now=now)
    for log_id, details in (
        (organization.id, {"inviter": opened.inviter}),
        (_log_of(opened.invitation), {"group": organization.name}),
    ):
        _record(session, opened.invitation, "registration.accepted", log_id, by, now=now, **details)


# --- by hand ----------------------------------------------------------------------------------------------------


def register_by_hand(
    session: Session, facts: OrganizationFacts, *, center_name: str, officer: Named, by: Actor, now: datetime
) -> Organization:
    """Register an organization for the operator: with a first center and its protection officer on the roster.

    The protection officer has no account yet: an invitation is the next step. Raises WrongRegistration and
    AlreadyRegistered.
    """
    session.execute(select(LogState.log_id).where(LogState.log_id == PLATFORM_LOG).with_for_update())
    said = Registration(facts, [center_name] if center_name else [], Capacity.OFFICER, officer)
    faults = organizations.faults_in_organization(facts)
    if center_faults := faults_in_centers(said.centers):
        faults["center_name"] = center_faults["centers"]
    for name, fault in faults_in_people(said).items():
        faults[name.replace("own_", "officer_")] = fault
    if faults:
        raise WrongRegistration(faults)
    organization = make_organization(session, facts, by=by, now=now)
    center = _make_centers(session, organization, said.centers, by=by, now=now)[0]
    for person, posts in said.people:
        if person.kana:  # the representative's reading may not be known to the operator
            facts_of_person = _row(person, center.id, said, posts, on=local_date(now))
            put_on_roster(session, center, facts_of_person, posts, by=by, now=now)
    return organization


# --- the end ----------------------------------------------------------------------------------------------------


def forget_drafts(session: Session, *, now: datetime) -> None:
    """Throw away what was typed into invitations that can be used no more."""
    for model in (PartnerInvitation, MemberInvitation):
        session.execute(
            update(model).where(model.expires_at <= now, model.draft.is_not(None)).values(draft=None),
            execution_options={"synchronize_session": False},
        )


def revoke_all(session: Session, *, now: datetime) -> None:
    """Let no open invitation work any more: in a restored database those may come back that were taken back since."""
    for model in (PartnerInvitation, MemberInvitation):
        session.execute(
            update(model).where(model.used_at.is_(None), model.revoked_at.is_(None)).values(revoked_at=now, draft=None),
            execution_options={"synchronize_session": False},
        )
