"""What can be done with invitations: make one, take one up, revoke it; and when the rules refuse it.

Nobody but the invited person ever knows or sets a password, and an invitation gives in its own organization or
municipality, and no more than was written in it when it was made (SECURITY B16).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Role
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts import passwords
from partner_compliance.accounts import queries as account_queries
from partner_compliance.accounts.models import Throttle, User
from partner_compliance.acts import Act, Actor
from partner_compliance.clock import era_date, local_date, start_of
from partner_compliance.errors import InvalidInput, Refused, RuleBroken, TooMany
from partner_compliance.invitations import codes, queries
from partner_compliance.invitations.models import MunicipalityInvitation, Way, WorkerInvitation
from partner_compliance.invitations.queries import AnyInvitation
from partner_compliance.organizations.models import Center, Municipality, Organization, Worker
from partner_compliance.organizations.operations import refuse_unusable
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import Post

#: The day of the invitation does not count (民法 第140条), and its last day counts to midnight.
VALID_DAYS = 14
#: Wrong codes that one address may type within an hour; those that are right do not count.
CODES_PER_ADDRESS = 20
MAILS_PER_RECIPIENT = 5
SHORTEST_LOGIN = 3

_CLOCK_SLACK = timedelta(hours=1)
_LONGEST_IN_SUBJECT = 100


class NotValid(RuleBroken):
    title = "この招待は使えません"
    message = "期限が切れているか、取り消されたか、すでに使われているか、新しい招待に替わっています。"
    what_to_do = "団体（自治体の方は自治体）の担当の方に、もう一度招待するよう頼んでください。"


class AlreadyAccepted(NotValid):
    message = "この招待は、すでに使われています。"
    what_to_do = (
        "参加の手続きは済んでいます。前に決めたログイン名とパスワードで、サインインしてください。"
        "心当たりがないときは、すぐに団体の担当の方に知らせてください。"
    )


class LeftMeanwhile(NotValid):
    message = "名簿での活動が終わっているため、この招待は使えません。"
    what_to_do = "続けて活動する場合は、団体の担当の方に知らせてください。"


class RoleGone(NotValid):
    message = "招待に書かれた役割を、いまはつけられません。"
    what_to_do = (
        "招待した方の役割が変わったか、拠点が閉じられています。団体の担当の方に、もう一度招待するよう頼んでください。"
    )


class WrongCode(InvalidInput):
    message = "この番号では参加できません。番号が違うか、期限が切れているか、すでに使われています。"
    what_to_do = "紙の番号をもう一度確かめてください。それでも進めないときは、団体の担当の方に知らせてください。"


class HasAccount(RuleBroken):
    message = "この方は、すでにアカウントをお持ちです。招待はいりません。"
    what_to_do = "パスワードを忘れた方には、アカウントの一覧から再設定用紙を作れます。"


class WorksElsewhere(RuleBroken):
    message = "この方のアカウントは、ほかの団体・自治体などでも使われているため、ここからは招待できません。"
    what_to_do = "ご本人が、サインイン画面の「パスワードを忘れた方」から設定してください。"


class NotOnRoster(RuleBroken):
    message = "活動を終えた方は、招待できません。"
    what_to_do = "続けて活動する場合は、先に名簿を直してください。"


class OnlyTheOfficer(RuleBroken):
    message = "この方は役職についているため、センター長からは招待できません。"
    what_to_do = "個人情報責任者に、この方の招待を頼んでください。"


class AddressKnown(RuleBroken):
    message = "このメールアドレスは、すでに別のアカウントで使われています。"
    what_to_do = "そのアカウントでサインインして、「いまのアカウントで参加する」を押してください。"


class HasKioskAccount(RuleBroken):
    message = "この団体の共用端末をすでに使っているため、別のアカウントでは参加できません。"
    what_to_do = "サインアウトして招待をもう一度開き、「はじめての方」からログイン名とパスワードを決めてください。"


class NotFromKiosk(RuleBroken):
    message = "共用端末では、招待を受け取れません。"
    what_to_do = "ご自分のスマートフォンやパソコンで、招待を開いてください。"


class AlreadyOfficer(RuleBroken):
    message = "このアカウントの方は、すでにこの自治体の担当者です。"


class AlreadyRevoked(RuleBroken):
    message = "この招待は、もう取り消されているか、期限が切れているか、すでに使われています。"


class TooManyMails(TooMany):
    message = "同じメールアドレスへの招待が続いています。"
    what_to_do = "メールが届かないときは、アドレスを確かめるか、印刷した紙で招待してください。"


@dataclass(frozen=True)
class Roles:
    """The roles that an invitation brings beside the worker's; a head's names the center."""

    officer: bool = False
    representative: bool = False
    head_of: UUID | None = None

    @property
    def words(self) -> tuple[Role, ...]:
        """The roles, a worker's first."""
        chosen = (
            (Role.CENTER_HEAD, self.head_of is not None),
            (Role.PROTECTION_OFFICER, self.officer),
            (Role.REPRESENTATIVE, self.representative),
        )
        return (Role.WORKER, *(role for role, is_chosen in chosen if is_chosen))


@dataclass(frozen=True)
class Sender:
    """Who invites, by what authority (the platform's, or the body's own), and the address that links begin with."""

    actor: Actor
    link_base: str
    is_operator: bool = False


@dataclass(frozen=True)
class Issued:
    """An invitation just made, with the secrets that are shown this once; mailed ones have no code."""

    invitation: AnyInvitation
    secret: str
    code: str


@dataclass(frozen=True)
class Offer:
    """What an invitation says to the one who opens it."""

    invitation: AnyInvitation
    body_name: str
    person_name: str
    name_kana: str
    roles: tuple[Role, ...]
    worker: Worker | None = None

    @property
    def email(self) -> str | None:
        """The address to which it was mailed."""
        return self.invitation.email


@dataclass(frozen=True)
class Accepted:
    """Who has joined, and what: an organization or a municipality."""

    user: User
    body_name: str


# --- inviting ---------------------------------------------------------------------------------------------------


def invite_worker(
    session: Session,
    worker: Worker,
    *,
    way: Way,
    email: str | None = None,
    roles: Roles | None = None,
    with_posts: bool,
    by: Sender,
    now: datetime,
) -> Issued:
    """Invite someone on the roster; a newer invitation takes the place of older ones.

    `with_posts` lets the roles of the posts held come along: only the protection officer (or the operator) says so.
    Raises HasAccount, NotOnRoster, OnlyTheOfficer, TooManyMails, and InvalidInput for an address that is none or a
    center that cannot be headed.
    """
    roles = roles or Roles()
    session.flush()
    session.refresh(worker, with_for_update=True)
    if worker.left_on is not None and worker.left_on < local_date(now):
        raise NotOnRoster
    if not queries.lacks_account(session, worker):
        raise HasAccount
    if not with_posts and (roles != Roles() or _has_more_than_a_worker(session, worker, now=now)):
        raise OnlyTheOfficer
    if worker.user_id is not None and account_queries.holds_role_outside(
        session, worker.user_id, worker.organization_id
    ):
        raise WorksElsewhere
    if roles.head_of is not None:
        _refuse_closed(session, worker.organization_id, roles.head_of, now=now)
    organization = session.get_one(Organization, worker.organization_id)
    earlier = select(WorkerInvitation).where(
        WorkerInvitation.organization_id == worker.organization_id,
        WorkerInvitation.worker_id == worker.id,
        WorkerInvitation.replaced_at.is_(None),
    )
    _replace(session.scalars(earlier.with_for_update()), now=now)
    made = WorkerInvitation(
        organization_id=worker.organization_id,
        id=uuid4(),
        worker_id=worker.id,
        as_officer=roles.officer,
        as_representative=roles.representative,
        head_of_id=roles.head_of,
        with_posts=with_posts,
    )
    issued = _issue(
        session, made, organization.id, organization.name, worker.name, way=way, email=email, by=by, now=now
    )
    _record(session, made, "invitation.made", by.actor, now=now)
    return issued


def invite_officer(
    session: Session,
    municipality: Municipality,
    *,
    name: str,
    way: Way,
    email: str | None = None,
    by: Sender,
    now: datetime,
) -> Issued:
    """Invite an officer of a municipality; a newer invitation of the same name or address replaces older ones.

    Raises TooManyMails, and InvalidInput for an unusable name or an address that is none.
    """
    refuse_unusable(name, "氏名", longest=100)
    earlier = session.scalars(
        select(MunicipalityInvitation)
        .where(
            MunicipalityInvitation.municipality_id == municipality.id,
            MunicipalityInvitation.replaced_at.is_(None),
            MunicipalityInvitation.accepted_at.is_(None),
        )
        .order_by(MunicipalityInvitation.id)
        .with_for_update()
    ).all()
    same = [
        row
        for row in earlier
        if row.name == name or (email and row.email and accounts.fold(row.email) == accounts.fold(email))
    ]
    _replace(same, now=now)
    made = MunicipalityInvitation(municipality_id=municipality.id, id=uuid4(), name=name)
    issued = _issue(session, made, municipality.id, municipality.name, name, way=way, email=email, by=by, now=now)
    _record(session, made, "invitation.made", by.actor, now=now)
    return issued


def _has_more_than_a_worker(session: Session, worker: Worker, *, now: datetime) -> bool:
    """Whether more than a worker's role would come with this person's account."""
    if any(holding.post.role for holding in roster.posts_of(session, worker, on=local_date(now))):
        return True
    return worker.user_id is not None and queries.roles_beyond_worker(session, worker.user_id)


def _refuse_closed(session: Session, organization_id: UUID, center_id: UUID, *, now: datetime) -> Center:
    center = session.get(Center, (organization_id, center_id))
    if center is None or (center.closed_on is not None and center.closed_on <= local_date(now)):
        raise InvalidInput("担当する拠点を、いま開いている拠点の中から選んでください。")
    return center


def _replace(earlier: Iterable[AnyInvitation], *, now: datetime) -> None:
    for row in earlier:
        row.replaced_at = now


def _issue(
    session: Session,
    made: AnyInvitation,
    body_id: UUID,
    body_name: str,
    person_name: str,
    *,
    way: Way,
    email: str | None,
    by: Sender,
    now: datetime,
) -> Issued:
    if way is Way.MAIL and not (email and accounts.is_address(email)):
        raise InvalidInput("メールアドレスは、半角の「名前@example.jp」の形で1つだけ入力してください。")
    secret = codes.new_secret()
    code = codes.new_code() if way is Way.PAPER else ""
    last_day = local_date(now) + timedelta(days=VALID_DAYS)
    made.way = way
    made.email = email if way is Way.MAIL else None
    made.secret_digest = codes.digest(secret)
    made.code_digest = codes.digest(code) if code else None
    made.mail_id = None
    made.made_at = now
    made.expires_at = start_of(last_day + timedelta(days=1))
    made.made_by_id, made.made_by_name, made.by_operator = by.actor.user_id, by.actor.name, by.is_operator
    made.accepted_at = made.accepted_by_id = made.revoked_at = made.replaced_at = None
    if made.email is not None:
        key = f"invite:{accounts.digest(f'{body_id} {accounts.fold(made.email)}')}"
        try:
            accounts.refuse_too_many(session, key, limit=MAILS_PER_RECIPIENT, within=timedelta(days=1), now=now)
        except TooMany:
            raise TooManyMails from None
        mail = accounts.write_mail(
            session,
            to=made.email,
            subject=f"{body_name[:_LONGEST_IN_SUBJECT]}からの招待（情報管理パートナー）",
            body=_mail(
                body_name,
                person_name,
                f"{by.link_base}{secret}",
                era_date(last_day),
                is_worker=isinstance(made, WorkerInvitation),
            ),
            now=now,
        )
        made.mail_id = mail.id
    session.add(made)
    session.flush()
    return Issued(made, secret, code)


def _mail(body_name: str, person_name: str, link: str, until: str, *, is_worker: bool) -> str:
    """The text of the mail; names stand on lines of their own, so that nothing in them can pass for another line."""
    body, person = " ".join(body_name.split()), " ".join(person_name.split())
    what_for = (
        "情報管理パートナーは、個人情報を正しく扱っていることを、毎月の短いチェックシートで確かめるためのサービスです。"
        if is_worker
        else "情報管理パートナーは、連携する民間団体の個人情報の管理のようすを、自治体が確かめるためのサービスです。"
    )
    return (
        f"{person} 様\n\n"
        f"{body}から、情報管理パートナーへの招待です。\n"
        f"{what_for}\n\n"
        "次のアドレスを開いて、ご自分のパスワードを決めてください。5分ほどで終わります。\n\n"
        f"{link}\n\n"
        f"このアドレスは、{until}まで、1回だけ使えます。\n"
        "ほかの方に転送しないでください。パスワードを知るのは、あなただけです。\n\n"
        "お心当たりがないときは、何もしないでこのメールを消してください。\n"
    )


def invite_again(session: Session, invitation: WorkerInvitation, *, by: Sender, now: datetime) -> Issued:
    """Invite the same person in the same way once more, with a new secret; the earlier one stops working.

    Raises what `invite_worker` raises, and AlreadyRevoked when a newer one has taken its place.
    """
    worker = session.get_one(Worker, (invitation.organization_id, invitation.worker_id))
    session.refresh(worker, with_for_update=True)
    session.refresh(invitation, with_for_update=True)
    if invitation.accepted_at is not None:
        raise HasAccount
    if invitation.replaced_at is not None:
        raise AlreadyRevoked
    return invite_worker(
        session,
        worker,
        way=invitation.way,
        email=invitation.email,
        roles=roles_in(invitation),
        with_posts=invitation.with_posts,
        by=by,
        now=now,
    )


def roles_in(invitation: WorkerInvitation) -> Roles:
    """The roles written in an invitation."""
    return Roles(invitation.as_officer, invitation.as_representative, invitation.head_of_id)


def revoke(session: Session, invitation: AnyInvitation, *, by: Actor, now: datetime) -> None:
    """Let an open invitation stop working; raises AlreadyRevoked for one that is open no more."""
    session.flush()
    session.refresh(invitation, with_for_update=True)
    if not _is_open(invitation, now=now):
        raise AlreadyRevoked
    invitation.revoked_at = now
    _record(session, invitation, "invitation.revoked", by, now=now)


def revoke_all_of(session: Session, worker: Worker, *, by: Actor, now: datetime) -> int:
    """Let every open invitation of someone stop working, as when they leave; returns how many there were."""
    rows = session.scalars(
        select(WorkerInvitation)
        .where(
            WorkerInvitation.organization_id == worker.organization_id,
            WorkerInvitation.worker_id == worker.id,
            WorkerInvitation.accepted_at.is_(None),
            WorkerInvitation.revoked_at.is_(None),
            WorkerInvitation.replaced_at.is_(None),
        )
        .order_by(WorkerInvitation.id)
        .with_for_update()
    ).all()
    for row in rows:
        row.revoked_at = now
        _record(session, row, "invitation.revoked", by, now=now)
    return len(rows)


def who_can_begin(session: Session, organization_id: UUID, *, now: datetime) -> list[Worker]:
    """Whom the operator may invite: who holds the protection officer's post in an organization where nobody has an
    account for it; nobody elsewhere, since an organization in office invites its people itself."""
    today = local_date(now)
    if account_queries.organizations_with_officer(session, [organization_id], today=today):
        return []
    held = roster.holders_of(session, organization_id, (Post.PRIVACY_OFFICER, Post.PRIVACY_OFFICER_DEPUTY), on=today)
    workers = [session.get_one(Worker, (organization_id, holding.worker_id)) for holding in held]
    active = [worker for worker in workers if worker.left_on is None or worker.left_on >= today]
    return [worker for worker in dict.fromkeys(active) if queries.lacks_account(session, worker)]


def forget_addresses(session: Session, *, now: datetime) -> None:
    """Let go of the addresses to which invitations went that no list shows any more."""
    for model in (WorkerInvitation, MunicipalityInvitation):
        session.execute(
            update(model).where(model.made_at < now - queries.SHOWN, model.email.is_not(None)).values(email=None),
            execution_options={"synchronize_session": False},
        )


# --- opening one ------------------------------------------------------------------------------------------------


def check_code(session: Session, code: str, *, address: str, now: datetime) -> Offer:
    """The offer behind a short code typed by someone; the answer is the same whatever is wrong with it.

    Raises WrongCode or TooMany; both leave a counted try in the session, which the caller has to keep.
    """
    key = f"invitation:{accounts.digest(address)}"
    accounts.refuse_too_many(session, key, limit=CODES_PER_ADDRESS, within=timedelta(hours=1), now=now)
    try:
        found = offer_of(session, code, now=now)
    except Refused:
        raise WrongCode from None
    session.get_one(Throttle, key).count -= 1  # a room full of volunteers may share one address
    return found


def offer_of(session: Session, secret: str, *, now: datetime) -> Offer:
    """What the invitation of a link's secret, or of a code, offers now.

    Raises NotValid when there is none or it is open no more, and its kinds AlreadyAccepted, LeftMeanwhile, RoleGone.
    """
    found = queries.find(session, secret)
    if found is None:
        raise NotValid
    return _offer(session, found, now=now)


def _offer(session: Session, invitation: AnyInvitation, *, now: datetime) -> Offer:
    if invitation.accepted_at is not None:
        raise AlreadyAccepted
    if not _is_open(invitation, now=now):
        raise NotValid
    if isinstance(invitation, MunicipalityInvitation):
        if not _is_still_entitled(session, invitation, now=now):
            raise RoleGone
        municipality = session.get_one(Municipality, invitation.municipality_id)
        return Offer(invitation, municipality.name, invitation.name, "", (Role.MUNICIPAL_OFFICER,))
    worker = session.get_one(Worker, (invitation.organization_id, invitation.worker_id))
    roles = _roles_now(session, invitation, worker, now=now)
    organization = session.get_one(Organization, invitation.organization_id)
    return Offer(invitation, organization.name, worker.name, worker.name_kana, roles, worker)


def _roles_now(session: Session, invitation: WorkerInvitation, worker: Worker, *, now: datetime) -> tuple[Role, ...]:
    """The roles that the invitation brings at this moment; raises when it brings them no more."""
    if worker.left_on is not None and worker.left_on < local_date(now):
        raise LeftMeanwhile
    if not queries.lacks_account(session, worker):
        raise AlreadyAccepted
    if not invitation.with_posts and worker.user_id and queries.roles_beyond_worker(session, worker.user_id):
        raise RoleGone  # the account grew more powerful than what a head may hand out
    if worker.user_id and account_queries.holds_role_outside(session, worker.user_id, worker.organization_id):
        raise RoleGone
    if invitation.head_of_id is not None:
        try:
            _refuse_closed(session, invitation.organization_id, invitation.head_of_id, now=now)
        except InvalidInput:
            raise RoleGone from None
    roles = list(roles_in(invitation).words)
    if invitation.with_posts:
        held = roster.posts_of(session, worker, on=local_date(now))
        roles += [holding.post.role for holding in held if holding.post.role is not None]
    if len(roles) > 1 and not _is_still_entitled(session, invitation, now=now):
        raise RoleGone
    return tuple(dict.fromkeys(roles))


def _is_still_entitled(session: Session, invitation: AnyInvitation, *, now: datetime) -> bool:
    """Whether the one who invited could still hand out these roles: who is in office no more, keeps no key."""
    if invitation.made_by_id is None:
        return True
    if invitation.by_operator:
        return queries.is_operator(session, invitation.made_by_id)
    if isinstance(invitation, MunicipalityInvitation):
        return queries.is_officer_of(session, invitation.made_by_id, invitation.municipality_id)
    return queries.is_protection_officer(
        session, invitation.made_by_id, invitation.organization_id, today=local_date(now)
    )


def _is_open(invitation: AnyInvitation, *, now: datetime) -> bool:
    ended = (invitation.accepted_at, invitation.revoked_at, invitation.replaced_at)
    return not any(ended) and invitation.made_at - _CLOCK_SLACK <= now < invitation.expires_at


# --- taking one up ----------------------------------------------------------------------------------------------


def accept(session: Session, secret: str, *, login_name: str, password: str | None, now: datetime) -> Accepted:
    """Take an invitation up with a new account, once: account, roles and post are there when this returns.

    Without a password the account can only be entered in a way that is set up right afterwards (a passkey).
    Raises what `offer_of` raises, accounts.WeakPassword, accounts.NameTaken, AddressKnown, and InvalidInput for a
    login name that cannot be one.
    """
    offer = _take(session, secret, now=now)
    _refuse_login(login_name, offer.email)
    present = session.get(User, offer.worker.user_id) if offer.worker and offer.worker.user_id else None
    is_known = offer.email is not None and _is_someone_elses(session, offer.email, present)
    if present is not None:
        email = None if is_known else offer.email
        user = _complete(session, present, offer.person_name, login_name, email, password, now=now)
    elif is_known:
        raise AddressKnown
    else:
        user = accounts.create_user(
            session, name=offer.person_name, login_name=login_name, email=offer.email, password=password, now=now
        )
    if password is None:
        user.kiosk_only_since = None  # a passkey is a way in of their own
    actor = Actor(user.id, user.name, "link")
    body_id = _body_id(offer.invitation)
    subject = offer.worker.id if offer.worker else user.id
    acts.record(
        session,
        Act(body_id, "account.created", now, actor, subject_id=subject, object_kind="account", object_id=user.id),
    )
    return _enter(session, offer, user, actor=actor, now=now)


def join(session: Session, secret: str, user: User, *, actor: Actor, now: datetime) -> Accepted:
    """Take an invitation up with the account that someone is signed in with, once.

    Raises what `offer_of` raises, roster.AlreadyOnRoster, AlreadyOfficer, HasKioskAccount and NotFromKiosk.
    """
    if actor.strength == "kiosk":
        raise NotFromKiosk
    offer = _take(session, secret, now=now)
    if offer.worker is not None:
        if offer.worker.user_id not in (None, user.id):
            raise HasKioskAccount
        on_roster = select(Worker.id).where(
            Worker.organization_id == offer.worker.organization_id,
            Worker.user_id == user.id,
            Worker.id != offer.worker.id,
        )
        if session.scalar(on_roster):
            raise roster.AlreadyOnRoster
    elif queries.is_officer_of(session, user.id, _body_id(offer.invitation)):
        raise AlreadyOfficer
    return _enter(session, offer, user, actor=actor, now=now)


def _take(session: Session, secret: str, *, now: datetime) -> Offer:
    """The offer, with the person's row and then the invitation locked: of two at once, one finds it used."""
    session.flush()
    found = queries.find(session, secret)
    if found is None:
        raise NotValid
    if isinstance(found, WorkerInvitation):
        worker = session.get_one(Worker, (found.organization_id, found.worker_id))
        session.refresh(worker, with_for_update=True)
    session.refresh(found, with_for_update=True)
    return _offer(session, found, now=now)


def _enter(session: Session, offer: Offer, user: User, *, actor: Actor, now: datetime) -> Accepted:
    invitation = offer.invitation
    # The one who invited gives the roles; that they come by a link, the strength says.
    giver = Actor(invitation.made_by_id, invitation.made_by_name, "link")
    invitation.accepted_at, invitation.accepted_by_id = now, user.id
    if isinstance(invitation, MunicipalityInvitation):
        accounts.grant_municipality_role(session, user, invitation.municipality_id, by=giver, now=now)
    elif offer.worker is not None:
        offer.worker.user_id = user.id
        session.flush()
        _give_roles(session, invitation, offer.worker, by=giver, now=now)
    session.flush()
    _record(session, invitation, "invitation.accepted", actor, now=now, subject_id=user.id)
    return Accepted(user, offer.body_name)


def _give_roles(session: Session, invitation: WorkerInvitation, worker: Worker, *, by: Actor, now: datetime) -> None:
    for role in roles_in(invitation).words:
        center = None
        if role is Role.CENTER_HEAD:
            center = session.get_one(Center, (invitation.organization_id, invitation.head_of_id))
        try:
            accounts.grant_role(session, worker, role, center=center, by=by, now=now)
        except accounts.AlreadyHeld:
            continue
    if invitation.with_posts:
        accounts.give_roles_of_posts(session, worker, by=by, now=now)


def _is_someone_elses(session: Session, email: str, present: User | None) -> bool:
    holder = account_queries.user_by_name(session, accounts.fold(email))
    return holder is not None and (present is None or holder.id != present.id)


def _refuse_login(login_name: str, email: str | None) -> None:
    refuse_unusable(login_name, "ログイン名", longest=100)
    if len(login_name) < SHORTEST_LOGIN:
        raise InvalidInput(f"ログイン名は{SHORTEST_LOGIN}文字以上にしてください。")
    if "@" in accounts.fold(login_name) and accounts.fold(login_name) != accounts.fold(email or ""):
        # Otherwise someone could take the name that an address's owner will sign in with.
        raise InvalidInput("ログイン名に「@」は使えません（招待メールが届いたアドレスは使えます）。")


def _complete(
    session: Session, user: User, name: str, login_name: str, email: str | None, password: str | None, *, now: datetime
) -> User:
    """Make an account that served at a shared tablet only into one to sign in with alone."""
    if password is not None:
        reasons = passwords.weaknesses(password, own_names=(name, login_name, email or ""), has_second_factor=False)
        if reasons:
            raise accounts.WeakPassword(reasons)
    for key in {accounts.fold(login_name), *([accounts.fold(email)] if email else [])}:
        holder = account_queries.user_by_name(session, key)
        if holder is not None and holder.id != user.id:
            raise accounts.NameTaken
    user.login_name, user.login_key = login_name, accounts.fold(login_name)
    user.email, user.email_key = email, accounts.fold(email) if email else None
    if password is not None:
        user.password_hash, user.password_changed_at = passwords.hash_password(password), now
        user.password_stopped_at, user.failures_in_a_row = None, 0
    accounts.end_all_sign_ins(session, user.id, now=now)
    session.flush()
    return user


def _body_id(invitation: AnyInvitation) -> UUID:
    if isinstance(invitation, MunicipalityInvitation):
        return invitation.municipality_id
    return invitation.organization_id


def _record(
    session: Session,
    invitation: AnyInvitation,
    name: str,
    by: Actor,
    *,
    now: datetime,
    subject_id: UUID | None = None,
) -> None:
    is_worker = isinstance(invitation, WorkerInvitation)
    roles = roles_in(invitation).words if isinstance(invitation, WorkerInvitation) else (Role.MUNICIPAL_OFFICER,)
    acts.record(
        session,
        Act(
            _body_id(invitation),
            name,
            now,
            by,
            subject_id=invitation.worker_id if isinstance(invitation, WorkerInvitation) else subject_id,
            object_kind="worker_invitation" if is_worker else "municipality_invitation",
            object_id=invitation.id,
            details={"way": invitation.way.value, "roles": "、".join(role.value for role in roles)},
        ),
    )
