"""SECURITY.md B16, C07 and A16 for invitations, and every way in which one is refused."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from partner_compliance.access import Role
from partner_compliance.accounts import delivery
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts.models import MunicipalityRole, OrganizationRole, User
from partner_compliance.acts import SYSTEM, Actor
from partner_compliance.database import writing
from partner_compliance.errors import InvalidInput
from partner_compliance.history.operations import write_acts
from partner_compliance.history.queries import page_of_entries
from partner_compliance.invitations import operations, queries
from partner_compliance.invitations.models import State, Way, WorkerInvitation
from partner_compliance.invitations.operations import (
    AddressKnown,
    AlreadyAccepted,
    AlreadyOfficer,
    AlreadyRevoked,
    HasAccount,
    HasKioskAccount,
    LeftMeanwhile,
    NotFromKiosk,
    NotOnRoster,
    NotValid,
    OnlyTheOfficer,
    RoleGone,
    Roles,
    TooManyMails,
    WrongCode,
)
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import Post
from tests.conftest import NOON
from tests.factories import a_center, a_municipality, a_user, a_worker, an_officer_of, an_operator, someone
from tests.invitations.conftest import PASSWORD, make_group
from tests.world import rows_of

TODAY = date(2026, 11, 16)


def accept(session, secret, login_name="yoshiko", password=PASSWORD, now=NOON):
    accepted = operations.accept(session, secret, login_name=login_name, password=password, now=now)
    session.commit()
    return accepted.user


def roles_of(session, user):
    return sorted(
        (role.role.value, role.organization_id)
        for role in session.scalars(
            select(OrganizationRole).where(OrganizationRole.user_id == user.id, OrganizationRole.ended_at.is_(None))
        )
    )


def acts_in(session, log_id):
    session.commit()
    return [entry.act for entry in page_of_entries(session, log_id)]


def appoint(session, worker, post, *, on=TODAY, center=None):
    roster.open_post(session, worker, post, center=center, from_on=on, by=Actor(None, "x", "system"), now=NOON)


# --- one act makes account, role and post -----------------------------------------------------------------------


def test_accepting_makes_account_and_role_at_once(session, group):
    issued = group.invite()

    user = accept(session, issued.secret)

    assert (user.name, user.login_name, user.email) == ("髙﨑 𠮷子", "yoshiko", None)
    assert group.volunteer.user_id == user.id
    assert roles_of(session, user) == [("worker", group.organization.id)]
    _, secret = accounts.sign_in(session, accounts.Attempt("yoshiko", PASSWORD, "127.0.0.1"), now=NOON)
    assert secret
    assert acts_in(session, group.organization.id)[:4] == [
        "account.signed_in", "invitation.accepted", "role.granted", "account.created",
    ]  # fmt: skip


def test_the_roles_written_in_it_come_with_it_and_so_do_those_of_posts(session, group):
    second = a_center(session, group.organization, "分室")
    appoint(session, group.volunteer, Post.PRIVACY_OFFICER_DEPUTY)
    issued = group.invite(roles=Roles(representative=True, head_of=second.id))

    user = accept(session, issued.secret)

    assert [role for role, _ in roles_of(session, user)] == [
        "center_head", "protection_officer", "representative", "worker",
    ]  # fmt: skip
    granted = session.scalars(select(OrganizationRole).where(OrganizationRole.user_id == user.id)).all()
    assert {role.granted_by_id for role in granted} == {group.officer.id}
    assert {role.center_id for role in granted if role.role is Role.CENTER_HEAD} == {second.id}
    posts = {holding.post for holding in roster.posts_of(session, group.volunteer, on=TODAY)}
    assert {Post.REPRESENTATIVE, Post.CENTER_HEAD, Post.PRIVACY_OFFICER_DEPUTY} == posts


def test_a_mailed_one_brings_its_address_along(session, group):
    issued = group.invite(way=Way.MAIL, email="Yoshiko@example.jp")
    assert issued.code == ""
    [mail] = group.mails()
    assert mail.recipient == "Yoshiko@example.jp"
    assert f"https://partner.example.jp/invitation/{issued.secret}" in mail.body
    assert "令和8年11月30日まで" in mail.body

    user = accept(session, issued.secret, login_name="Yoshiko@example.jp")

    assert (user.email, user.login_name) == ("Yoshiko@example.jp", "Yoshiko@example.jp")
    assert accounts.sign_in(session, accounts.Attempt("yoshiko@EXAMPLE.jp", PASSWORD, "x"), now=NOON)


def test_secrets_are_kept_nowhere_once_the_mail_is_sent(session, group, settings):
    mailed = group.invite(way=Way.MAIL, email="a@example.jp")
    delivery.deliver(session.get_bind(), settings, now=NOON, send=lambda *_: None)
    session.rollback()
    printed = group.invite()
    rows = str(rows_of(session.get_bind()))
    assert "a@example.jp" in rows
    for secret in (printed.secret, printed.code, mailed.secret):
        assert secret not in rows


def test_an_account_of_a_shared_tablet_becomes_a_whole_one(session, group):
    kiosk = a_user(session, "髙﨑 𠮷子")
    kiosk.kiosk_only_since = NOON
    group.volunteer.user_id = kiosk.id
    accounts.grant_role(session, group.volunteer, Role.WORKER, by=Actor(None, "x", "system"), now=NOON)
    other = a_user(session, "だれか", email="known@example.jp")
    session.commit()
    issued = group.invite(way=Way.MAIL, email="known@example.jp", with_posts=False, by=group.sender(group.head))

    with pytest.raises(HasKioskAccount):
        operations.join(session, issued.secret, other, actor=Actor(other.id, "だれか", "password"), now=NOON)
    session.rollback()
    user = accept(session, issued.secret)

    assert user.id == kiosk.id
    assert (user.login_name, user.email) == ("yoshiko", None)
    assert roles_of(session, user) == [("worker", group.organization.id)]
    assert accounts.sign_in(session, accounts.Attempt("yoshiko", PASSWORD, "x"), now=NOON)


@pytest.mark.both_engines
def test_no_invitation_takes_over_an_account_whose_password_is_gone(session, group):
    """As after the second factor was lost, or with a passkey alone after coming back under a new row."""
    user, worker = someone(session, group.center, name="南 花子")
    session.commit()
    assert user.password_hash == ""
    for by, with_posts in ((group.head, False), (group.officer, True)):
        with pytest.raises(HasAccount):
            group.invite(worker, with_posts=with_posts, by=group.sender(by))
        session.rollback()
    assert worker not in [each.worker for each in queries.without_account(
        session, group.organization.id, centers=None, now=NOON, limit=10, offset=0
    )]  # fmt: skip


def test_without_a_password_the_account_waits_for_another_way_in(session, group):
    user = accept(session, group.invite().secret, password=None)
    assert user.password_hash == ""
    assert not queries.lacks_account(session, group.volunteer)
    with pytest.raises(accounts.WrongCredentials):
        accounts.sign_in(session, accounts.Attempt("yoshiko", "", "x"), now=NOON)


# --- B16: nothing beyond what was written in it -----------------------------------------------------------------


def test_an_invitation_of_one_organization_gives_nothing_in_another(session, group):
    other = make_group(session, "NPO法人 そよかぜ")
    user = accept(session, group.invite().secret)

    operations.join(session, other.invite().secret, user, actor=Actor(user.id, user.name, "password"), now=NOON)
    session.commit()

    assert roles_of(session, user) == sorted(
        [("worker", group.organization.id), ("worker", other.organization.id)], key=lambda row: (row[0], row[1])
    )
    assert other.volunteer.user_id == group.volunteer.user_id == user.id


def test_joining_with_an_account_raises_no_role_elsewhere(session, group):
    other = make_group(session, "NPO法人 そよかぜ")
    issued = other.invite(roles=Roles(officer=True))
    operations.join(session, issued.secret, group.head, actor=Actor(group.head.id, "東", "password"), now=NOON)
    session.commit()
    mine = [role for role, where in roles_of(session, group.head) if where == group.organization.id]
    assert mine == ["center_head", "worker"]


def test_a_head_invites_workers_only(session, group):
    by = group.sender(group.head)
    for roles in (Roles(officer=True), Roles(representative=True), Roles(head_of=group.center.id)):
        with pytest.raises(OnlyTheOfficer):
            group.invite(roles=roles, with_posts=False, by=by)
        session.rollback()
    appoint(session, group.volunteer, Post.PRIVACY_OFFICER_DEPUTY)
    with pytest.raises(OnlyTheOfficer):
        group.invite(with_posts=False, by=by)


def test_a_heads_invitation_does_not_grow_with_a_post_given_later(session, group):
    issued = group.invite(with_posts=False, by=group.sender(group.head))
    appoint(session, group.volunteer, Post.PRIVACY_OFFICER_DEPUTY)
    user = accept(session, issued.secret)
    assert roles_of(session, user) == [("worker", group.organization.id)]


def test_a_heads_invitation_opens_no_account_that_became_more(session, group):
    kiosk = a_user(session, "髙﨑 𠮷子")
    kiosk.kiosk_only_since = NOON
    group.volunteer.user_id = kiosk.id
    session.commit()
    issued = group.invite(with_posts=False, by=group.sender(group.head))
    accounts.grant_role(session, group.volunteer, Role.PROTECTION_OFFICER, by=Actor(None, "x", "system"), now=NOON)
    session.commit()
    with pytest.raises(RoleGone):
        accept(session, issued.secret)


def test_who_is_officer_no_more_has_left_no_key_behind(session, group):
    someone(session, group.center, Role.PROTECTION_OFFICER, name="後 任")
    with_role, plain = group.invite(roles=Roles(officer=True)), None
    role = session.scalars(
        select(OrganizationRole).where(
            OrganizationRole.user_id == group.officer.id, OrganizationRole.role == Role.PROTECTION_OFFICER
        )
    ).one()
    accounts.end_role(session, role, by=Actor(None, "x", "system"), now=NOON)
    session.commit()
    with pytest.raises(RoleGone):
        accept(session, with_role.secret)
    session.rollback()
    plain = group.invite()  # a worker's invitation holds
    assert accept(session, plain.secret)


def test_a_center_that_closed_meanwhile_has_no_new_head(session, group):
    second = a_center(session, group.organization, "分室")
    issued = group.invite(roles=Roles(head_of=second.id))
    second.closed_on = TODAY
    session.commit()
    with pytest.raises(RoleGone):
        accept(session, issued.secret)
    session.rollback()
    with pytest.raises(InvalidInput):
        group.invite(roles=Roles(head_of=second.id))


def test_a_center_of_another_organization_cannot_be_headed(session, group):
    other = make_group(session, "NPO法人 そよかぜ")
    with pytest.raises(InvalidInput):
        group.invite(roles=Roles(head_of=other.center.id))


def test_the_inviter_neither_sees_nor_sets_a_password(session, group):
    accept(session, group.invite().secret)
    with pytest.raises(HasAccount):
        group.invite()


# --- once, and for fourteen days --------------------------------------------------------------------------------


def test_an_invitation_is_accepted_once(session, group):
    issued = group.invite()
    accept(session, issued.secret)
    with pytest.raises(AlreadyAccepted):
        accept(session, issued.secret, login_name="somebody.else")
    session.rollback()
    with pytest.raises(AlreadyAccepted):
        operations.join(session, issued.code, group.head, actor=Actor(group.head.id, "東", "password"), now=NOON)


def test_what_was_accepted_is_revoked_no_more(session, group):
    issued = group.invite()
    accept(session, issued.secret)
    with pytest.raises(operations.AlreadyRevoked):
        operations.revoke(session, issued.invitation, by=SYSTEM, now=NOON)
    assert issued.invitation.revoked_at is None


@pytest.mark.both_engines
def test_of_two_who_accept_at_once_one_gets_in(session, group, engine):
    issued = group.invite()
    before = session.scalar(select(func.count()).select_from(User))
    session.rollback()
    outcomes, gate = [], threading.Barrier(2)

    def take_up(login_name):
        gate.wait()
        try:
            with writing(engine, write_acts=write_acts) as own:
                operations.accept(own, issued.secret, login_name=login_name, password=PASSWORD, now=NOON)
            outcomes.append("in")
        except AlreadyAccepted:
            outcomes.append("used")

    threads = [threading.Thread(target=take_up, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in", "used"]
    assert session.scalar(select(func.count()).select_from(User)) == before + 1


def test_it_holds_to_the_end_of_the_fourteenth_day_after(session, group, time):
    issued = group.invite()
    last = time.tokyo(2026, 11, 30, 23, 59, 59)
    assert operations.offer_of(session, issued.secret, now=last)
    assert operations.offer_of(session, issued.code, now=last)
    with pytest.raises(NotValid):
        accept(session, issued.secret, now=time.tokyo(2026, 12, 1, 0, 0))


def test_a_newer_one_replaces_the_older(session, group):
    older = group.invite()
    newer = operations.invite_again(session, older.invitation, by=group.sender(), now=NOON)
    session.commit()
    assert newer.invitation.way is Way.PAPER
    for secret in (older.secret, older.code):
        with pytest.raises(NotValid):
            accept(session, secret)
        session.rollback()
    with pytest.raises(AlreadyRevoked):
        operations.invite_again(session, older.invitation, by=group.sender(), now=NOON)
    session.rollback()
    assert accept(session, newer.code)


def test_a_revoked_one_is_refused(session, group):
    issued = group.invite()
    operations.revoke(session, issued.invitation, by=group.sender().actor, now=NOON)
    session.commit()
    with pytest.raises(NotValid):
        accept(session, issued.secret)
    session.rollback()
    with pytest.raises(AlreadyRevoked):
        operations.revoke(session, issued.invitation, by=group.sender().actor, now=NOON)
    session.rollback()
    assert acts_in(session, group.organization.id)[:2] == ["invitation.revoked", "invitation.made"]


def test_who_leaves_takes_the_invitation_along(session, group):
    issued = group.invite()
    assert operations.revoke_all_of(session, group.volunteer, by=group.sender().actor, now=NOON) == 1
    session.commit()
    assert operations.revoke_all_of(session, group.volunteer, by=group.sender().actor, now=NOON) == 0
    with pytest.raises(NotValid):
        accept(session, issued.secret)


def test_who_has_left_meanwhile_is_refused(session, group):
    issued = group.invite()
    group.volunteer.left_on = TODAY - timedelta(days=1)
    session.commit()
    with pytest.raises(LeftMeanwhile):
        accept(session, issued.secret)
    session.rollback()
    with pytest.raises(NotOnRoster):
        group.invite()


@pytest.mark.parametrize("secret", ["", "x" * 43, "ACDEFGHJKM", "ｘ" * 500, "\0", "ACDEFGHJKM.deadbeef"])
def test_a_secret_that_is_none_opens_nothing(session, group, secret):
    group.invite()
    with pytest.raises(NotValid):
        operations.offer_of(session, secret, now=NOON)


# --- codes ------------------------------------------------------------------------------------------------------


def test_wrong_used_and_expired_codes_get_the_same_answer_and_are_counted(session, group):
    used = group.invite()
    accept(session, used.secret)
    other = a_worker(session, group.center, "次の人")
    expired = group.invite(other)
    later = NOON + timedelta(days=20)
    said = set()
    for code in (used.code, expired.code, "ACDEFGHJKM"):
        with pytest.raises(WrongCode) as refusal:
            operations.check_code(session, code, address="10.0.0.1", now=later)
        said.add((refusal.value.message, refusal.value.what_to_do))
    assert len(said) == 1
    for _ in range(operations.CODES_PER_ADDRESS - 3):
        with pytest.raises(WrongCode):
            operations.check_code(session, "ACDEFGHJKM", address="10.0.0.1", now=later)
    fresh = operations.invite_worker(session, other, way=Way.PAPER, with_posts=True, by=group.sender(), now=later)
    with pytest.raises(accounts.TooMany):
        operations.check_code(session, fresh.code, address="10.0.0.1", now=later)
    assert operations.check_code(session, fresh.code, address="10.0.0.2", now=later).person_name == "次の人"


def test_right_codes_do_not_count_so_that_a_whole_room_can_begin(session, group):
    code = group.invite().code
    for _ in range(operations.CODES_PER_ADDRESS + 5):
        operations.check_code(session, code, address="10.0.0.1", now=NOON)


# --- login names and addresses ----------------------------------------------------------------------------------


def test_a_login_name_that_somebody_has_is_refused_without_saying_whose(session, group):
    other = make_group(session, "NPO法人 そよかぜ")
    other.head.login_name, other.head.login_key = "taken", "taken"
    issued = group.invite()
    with pytest.raises(accounts.NameTaken) as refusal:
        accept(session, issued.secret, login_name="ＴＡＫＥＮ")
    assert "そよかぜ" not in refusal.value.message + refusal.value.what_to_do
    session.rollback()
    assert accept(session, issued.secret, login_name="free")  # nothing was used up


def test_inviting_an_address_that_belongs_to_another_tenant_looks_like_any_other(session, group):
    """C07: the inviter learns nothing; only who reads the mail is told to use the account they have."""
    a_user(session, "よその人", email="known@example.jp")
    session.commit()
    unknown = group.invite(way=Way.MAIL, email="unknown@example.jp")
    known = group.invite(a_worker(session, group.center, "次の人"), way=Way.MAIL, email="known@example.jp")
    first, second = group.mails()
    assert first.subject == second.subject
    assert (unknown.invitation.way, known.invitation.way) == (Way.MAIL, Way.MAIL)
    with pytest.raises(AddressKnown):
        accept(session, known.secret)
    session.rollback()
    holder = session.scalars(select(User).where(User.email == "known@example.jp")).one()
    operations.join(session, known.secret, holder, actor=Actor(holder.id, "よその人", "password"), now=NOON)
    assert roles_of(session, holder) == [("worker", group.organization.id)]


@pytest.mark.parametrize(
    "login_name", ["ab", "", "victim@example.jp", "ｖｉｃｔｉｍ＠example.jp", "x" * 101, "a\u202eb"]
)
def test_a_login_name_that_cannot_be_one(session, group, login_name):
    issued = group.invite()
    with pytest.raises(InvalidInput):
        accept(session, issued.secret, login_name=login_name)


def test_a_weak_password_keeps_the_invitation_open(session, group):
    issued = group.invite()
    with pytest.raises(accounts.WeakPassword):
        accept(session, issued.secret, password="short")
    session.rollback()
    assert accept(session, issued.secret)


def test_someone_on_the_roster_cannot_be_two_people_of_it(session, group):
    issued = group.invite()
    with pytest.raises(roster.AlreadyOnRoster):
        operations.join(session, issued.secret, group.head, actor=Actor(group.head.id, "東", "password"), now=NOON)


def test_a_shared_tablet_takes_no_invitation_up(session, group):
    issued, visitor = group.invite(), a_user(session, "よその人")
    with pytest.raises(NotFromKiosk):
        operations.join(session, issued.secret, visitor, actor=Actor(visitor.id, "x", "kiosk"), now=NOON)


# --- mail -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["a@x,b@y", "a@x\r\nBcc: b@y", "a b@example.jp", "", None, "@example.jp", "あ@例え.jp"]
)
def test_an_address_that_is_none_is_refused(session, group, address):
    with pytest.raises(InvalidInput):
        group.invite(way=Way.MAIL, email=address)
    session.rollback()
    assert group.mails() == []


def test_names_with_line_breaks_make_no_other_mail(session, group, settings):
    """A16: one recipient, the subject in one header, the name in one line of the text."""
    group.organization.name = "団体" * 90 + "\r\nBcc: x@example.jp"
    group.volunteer.name = "太郎\r\nBcc: x@example.jp"
    group.invite(way=Way.MAIL, email="yoshiko@xn--r8jz45g.jp")
    sent = []
    delivery.deliver(session.get_bind(), settings, now=NOON, send=lambda message, _: sent.append(message))
    [message] = sent
    assert message["To"] == "yoshiko@xn--r8jz45g.jp"
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]
    assert len(message["Subject"]) <= 200
    assert message.get_content().startswith("太郎 Bcc: x@example.jp 様\r\n")


def test_one_address_is_not_flooded(session, group):
    for _ in range(operations.MAILS_PER_RECIPIENT):
        group.invite(way=Way.MAIL, email="a@example.jp")
    with pytest.raises(TooManyMails):
        group.invite(way=Way.MAIL, email="A@example.jp")
    session.rollback()
    assert group.invite(way=Way.PAPER)


def test_the_list_says_what_became_of_each(session, group, settings):
    def state(now=NOON):
        session.flush()
        session.expire_all()
        return queries.newest_of(session, group.volunteer, now=now).state

    assert state() is None
    group.invite()
    assert state() is State.PRINTED
    assert state(NOON + timedelta(days=15)) is State.EXPIRED
    group.invite(way=Way.MAIL, email="a@example.jp")
    assert state() is State.WAITING

    def unreachable(*_):
        raise OSError

    delivery.deliver(session.get_bind(), settings, now=NOON, send=unreachable)
    session.rollback()
    assert state() is State.MAIL_FAILED
    delivery.deliver(session.get_bind(), settings, now=NOON + timedelta(hours=2), send=lambda *_: None)
    session.rollback()
    assert state() is State.SENT
    accounts.forget_old(session, now=NOON + timedelta(days=40))
    assert state(NOON + timedelta(days=1)) is State.SENT
    session.rollback()
    issued = group.invite()
    operations.revoke(session, issued.invitation, by=group.sender().actor, now=NOON)
    assert state() is State.REVOKED
    issued = group.invite()
    accept(session, issued.secret)
    assert state() is State.ACCEPTED


@pytest.mark.both_engines
def test_addresses_are_forgotten_when_no_list_shows_them(session, group):
    group.invite(way=Way.MAIL, email="a@example.jp")
    operations.forget_addresses(session, now=NOON + timedelta(days=59))
    assert session.scalar(select(WorkerInvitation.email)) == "a@example.jp"
    operations.forget_addresses(session, now=NOON + timedelta(days=61))
    assert session.scalar(select(WorkerInvitation.email)) is None


# --- municipalities, and the operator ---------------------------------------------------------------------------


@pytest.fixture
def municipality(session):
    made = a_municipality(session)
    session.commit()
    return made


def invite_officer(session, municipality, by, name="役所 花子", **more):
    more = {"way": Way.PAPER, **more}
    issued = operations.invite_officer(session, municipality, name=name, by=by, now=NOON, **more)
    session.commit()
    return issued


def test_the_operator_invites_the_first_officer_and_the_officer_a_colleague(session, group, municipality, as_operator):
    operator = an_operator(session)
    issued = invite_officer(session, municipality, as_operator(group.sender(operator)))
    officer = accept(session, issued.secret)
    assert (officer.name, [role.municipality_id for role in session.scalars(select(MunicipalityRole))]) == (
        "役所 花子", [municipality.id],
    )  # fmt: skip
    assert acts_in(session, municipality.id)[:3] == ["invitation.accepted", "role.granted", "account.created"]

    colleague = invite_officer(session, municipality, group.sender(officer), name="役所 次郎")
    with pytest.raises(AlreadyOfficer):
        operations.join(session, colleague.secret, officer, actor=Actor(officer.id, "x", "password"), now=NOON)
    session.rollback()
    accept(session, colleague.secret, login_name="jiro")
    with pytest.raises(AlreadyAccepted):  # forwarded after it was used
        accept(session, colleague.secret, login_name="saburo")
    session.rollback()
    assert {user.name for user, _ in queries.officers_of(session, municipality.id)} == {"役所 花子", "役所 次郎"}


def test_an_officer_who_is_none_any_more_and_an_operator_neither_keep_a_key(session, group, municipality, as_operator):
    officer, operator = an_officer_of(session, municipality), an_operator(session)
    from_officer = invite_officer(session, municipality, group.sender(officer))
    from_operator = invite_officer(session, municipality, as_operator(group.sender(operator)), name="別の人")
    session.scalars(select(MunicipalityRole)).one().ended_at = NOON
    operator.deactivated_at = NOON
    session.commit()
    for issued in (from_officer, from_operator):
        with pytest.raises(RoleGone):
            accept(session, issued.secret)
        session.rollback()


def test_a_newer_invitation_of_the_same_name_or_address_replaces_the_older(session, group, municipality):
    by = group.sender(an_officer_of(session, municipality))
    older = invite_officer(session, municipality, by)
    mailed = invite_officer(session, municipality, by, name="別の人", way=Way.MAIL, email="a@example.jp")
    invite_officer(session, municipality, by)
    invite_officer(session, municipality, by, name="正しい名前", way=Way.MAIL, email="A@example.jp")
    for issued in (older, mailed):
        with pytest.raises(NotValid):
            accept(session, issued.secret)
        session.rollback()
    shown = queries.invited_officers(session, municipality.id, now=NOON)
    assert sorted(each.invitation.name for each in shown) == ["役所 花子", "正しい名前"]


def test_the_operator_begins_an_organization_in_which_nobody_is_officer_yet(session, group, as_operator):
    operator = an_operator(session)
    assert operations.who_can_begin(session, group.organization.id, now=NOON) == []
    lonely = make_group(session, "任意団体 ひとり")
    lonely.officer_worker.left_on = TODAY - timedelta(days=1)
    appoint(session, lonely.volunteer, Post.PRIVACY_OFFICER)
    session.commit()
    assert operations.who_can_begin(session, lonely.organization.id, now=NOON) == [lonely.volunteer]

    issued = lonely.invite(by=as_operator(lonely.sender(operator)))
    user = accept(session, issued.secret)

    assert [role for role, _ in roles_of(session, user)] == ["protection_officer", "worker"]
    assert operations.who_can_begin(session, lonely.organization.id, now=NOON) == []
