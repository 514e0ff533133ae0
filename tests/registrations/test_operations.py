from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from partner_compliance.access import Role
from partner_compliance.accounts.models import OrganizationRole, OutgoingMail, User
from partner_compliance.accounts.operations import NameTaken, WeakPassword
from partner_compliance.database import Base, open_session
from partner_compliance.errors import InvalidInput
from partner_compliance.history.models import LogLeaf
from partner_compliance.history.operations import write_acts
from partner_compliance.history.verification import verify_all
from partner_compliance.models import LOGGED_CONTENTS
from partner_compliance.networks import operations as networks
from partner_compliance.organizations import operations as organizations
from partner_compliance.organizations.models import Center, LegalForm, Organization, Worker, WorkerKind
from partner_compliance.organizations.networks import NetworkMembership
from partner_compliance.organizations.queries import partners_on
from partner_compliance.registrations import codes, operations
from partner_compliance.registrations.models import MemberInvitation, PartnerInvitation
from partner_compliance.registrations.operations import Capacity, Named, NewAccount
from partner_compliance.roster.models import Post, PostHolding
from tests.conftest import NOON
from tests.factories import PASSWORD, a_center, a_user, an_organization, someone
from tests.registrations.conftest import ACCOUNT, BY, SAID, said


def rows(session):
    session.expire_all()
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables
    }


# --- the secret -------------------------------------------------------------------------------------------------


def test_a_code_is_read_in_whatever_way_it_is_typed():
    code = codes.new_code()
    assert len(codes.read(code)) == codes.LENGTH
    assert set(codes.read(code)) <= set(codes.ALPHABET)
    wide = "".join(chr(ord(char) + 0xFEE0) if char.isalnum() else "ー" for char in code.lower())
    for typed in (code.lower(), code.replace("-", ""), code.replace("-", " "), wide, f"  {code} "):
        assert codes.digest(typed) == codes.digest(code)
    assert codes.digest(codes.new_code()) != codes.digest(code)


def test_the_secret_is_kept_nowhere_but_in_the_mail(invited, session):
    mails = session.scalars(select(OutgoingMail)).all()
    assert [mail.recipient for mail in mails] == ["kaze@example.jp"]
    assert f"https://example.jp/registration/{invited.secret}" in (mails[0].body or "")
    kept = [str(vars(row)) for model in (PartnerInvitation, MemberInvitation) for row in session.scalars(select(model))]
    entries = session.scalars(select(LogLeaf.entry)).all()
    for secret in (invited.secret, invited.of_network, invited.without_terms):
        assert not any(secret in text or codes.read(secret) in text for text in [*kept, *map(str, entries)])


def test_an_invitation_ends_with_its_time_its_use_and_its_revocation(invited, session):
    late = NOON + operations.VALID_FOR
    assert operations.find(session, invited.secret, now=late - timedelta(seconds=1))
    with pytest.raises(operations.InvitationNotValid):
        operations.find(session, invited.secret, now=late)
    with pytest.raises(operations.InvitationNotValid):
        operations.find(session, "AAAAA-AAAAA-AAAAA", now=NOON)
    opened = invited.opened(invited.of_network)
    operations.revoke(session, opened.invitation, by=BY, now=NOON)
    with pytest.raises(operations.InvitationNotValid):
        invited.opened(invited.of_network)
    with pytest.raises(operations.AlreadyOver):
        operations.revoke(session, opened.invitation, by=BY, now=NOON)
    invited.register()
    with pytest.raises(operations.InvitationUsed):
        invited.opened()


@pytest.mark.parametrize("email", ["", "a", "a@b c", "a@example.jp\r\nBcc: x@example.jp", "a@example.jp,b@example.jp"])
def test_an_address_that_is_none_is_refused(invited, session, email):
    with pytest.raises(InvalidInput):
        operations.invite_partner(session, invited.municipality, group_name="かぜ", email=email, terms=None,
                                  link_base="", by=BY, now=NOON)  # fmt: skip


def test_only_a_network_invites_members(invited, session):
    other = an_organization(session, "ほかの団体")
    with pytest.raises(networks.NotANetwork):
        operations.invite_member(session, other, group_name="かぜ", email=None, link_base="", by=BY, now=NOON)


# --- registering ------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_one_act_makes_the_organization_with_everything_in_it(invited, session):
    made = invited.register(said(is_head=True))

    organization = made.organization
    assert (organization.name, organization.corporate_number) == ("NPO法人 髙﨑𠮷かぜ", "7000012050002")
    assert (organization.first_month, organization.representative_kana) == ("2026-11", "キタ ダイヒョウ")
    centers = session.scalars(select(Center).where(Center.organization_id == organization.id)).all()
    assert {center.name for center in centers} == {"本部", "東の家"}
    roster = session.scalars(select(Worker).where(Worker.organization_id == organization.id)).all()
    assert {(worker.name, worker.user_id is not None) for worker in roster} == {
        ("西 守", True), ("北 代表", False), ("南 花子", False), ("東 京子", False),
    }  # fmt: skip
    names = {worker.id: worker.name for worker in roster}
    assert {
        (names[held.worker_id], held.post)
        for held in session.scalars(select(PostHolding).where(PostHolding.organization_id == organization.id))
    } == {
        ("西 守", Post.PRIVACY_OFFICER), ("西 守", Post.CENTER_HEAD), ("北 代表", Post.REPRESENTATIVE),
        ("北 代表", Post.SECURITY_MANAGER), ("南 花子", Post.PRIVACY_OFFICER_DEPUTY),
        ("東 京子", Post.SECURITY_MANAGER_DEPUTY),
    }  # fmt: skip
    roles = session.scalars(select(OrganizationRole.role).where(OrganizationRole.user_id == made.user.id)).all()
    assert set(roles) == {Role.WORKER, Role.PROTECTION_OFFICER, Role.CENTER_HEAD}
    assert session.scalars(partners_on([invited.municipality.id], NOON.date())).all() == [organization.id]
    acts = session.scalars(select(LogLeaf.act).where(LogLeaf.log_id == organization.id).order_by(LogLeaf.idx)).all()
    assert acts[0] == "organization.created"
    assert acts[-1] == "registration.completed"
    assert session.scalars(
        select(LogLeaf.act).where(LogLeaf.log_id == invited.municipality.id).order_by(LogLeaf.idx.desc()).limit(2)
    ).all() == ["registration.completed", "engagement.started"]
    assert all(verdict.ok for verdict in verify_all(session, LOGGED_CONTENTS))


def test_what_was_typed_is_gone_once_the_group_is_registered(invited, session):
    operations.keep_step(session, invited.opened().invitation, "people", {"own_name": "西 守"}, now=NOON)
    session.commit()
    assert invited.opened().invitation.draft == {"people": {"own_name": "西 守"}}
    invitation = invited.opened().invitation
    made = invited.register()
    assert (invitation.draft, invitation.registered_id) == (None, made.organization.id)


def test_what_was_typed_into_an_invitation_is_thrown_away_when_its_time_is_over(invited, session):
    invitation = invited.opened().invitation
    operations.keep_step(session, invitation, "people", {"own_name": "西 守"}, now=NOON)
    operations.forget_drafts(session, now=NOON + operations.VALID_FOR - timedelta(seconds=1))
    session.refresh(invitation)
    assert invitation.draft
    operations.forget_drafts(session, now=NOON + operations.VALID_FOR)
    session.refresh(invitation)
    assert invitation.draft is None
    with pytest.raises(operations.DraftTooLong):
        operations.keep_step(session, invited.opened().invitation, "people", {"x": "あ" * 20_001}, now=NOON)


def test_a_network_s_invitation_makes_a_member_and_no_partner(invited, session):
    made = invited.register(secret=invited.of_network)
    membership = session.scalars(select(NetworkMembership)).one()
    assert (membership.organization_id, membership.network_id) == (made.organization.id, invited.network.id)
    assert session.scalars(partners_on([invited.municipality.id], NOON.date())).all() == []


def test_an_invitation_without_an_engagement_makes_no_partner(invited, session):
    invited.register(secret=invited.without_terms)
    assert session.scalars(partners_on([invited.municipality.id], NOON.date())).all() == []


def test_a_representative_stands_in_until_the_officer_has_an_account(invited, session):
    made = invited.register(
        said(capacity=Capacity.REPRESENTATIVE, own=Named("北　代表", "キタ ダイヒョウ"), officer=Named("西 守", "ニシ"))
    )
    worker = session.scalars(select(Worker).where(Worker.user_id == made.user.id)).one()
    held = set(session.scalars(select(PostHolding.post).where(PostHolding.worker_id == worker.id)))
    assert {Post.REPRESENTATIVE, Post.PRIVACY_OFFICER_DEPUTY} <= held
    roles = session.scalars(select(OrganizationRole.role).where(OrganizationRole.user_id == made.user.id)).all()
    assert set(roles) == {Role.WORKER, Role.REPRESENTATIVE, Role.PROTECTION_OFFICER}


def test_a_representative_who_is_the_officer_too_stands_on_the_roster_once(invited, session):
    made = invited.register(
        said(own=Named("北代表", "キタ ダイヒョウ"), security=Named(), security_deputy=Named(), officer_deputy=Named())
    )
    workers = session.scalars(select(Worker).where(Worker.organization_id == made.organization.id)).all()
    assert [worker.kind for worker in workers] == [WorkerKind.OFFICER]
    assert set(session.scalars(select(PostHolding.post))) == {Post.PRIVACY_OFFICER, Post.REPRESENTATIVE}


def test_someone_who_has_an_account_registers_with_it(invited, session):
    user = a_user(session, "西 守", PASSWORD)
    session.commit()
    made = invited.register(account=user)
    assert made.user is user
    assert session.scalar(select(func.count()).select_from(User)) == 2  # the municipality's officer, and this one


@pytest.mark.parametrize(
    ("legal_form", "number", "is_right"),
    [
        (LegalForm.NPO, "7000012050002", True),
        (LegalForm.NPO, "7-0000-1205-0002", True),
        (LegalForm.NPO, "６００００１２０５０００２", False),
        (LegalForm.NPO, "700001205000", False),
        (LegalForm.NPO, "", False),
        (LegalForm.COMPANY, "", False),
        (LegalForm.UNINCORPORATED_GROUP, "", True),
        (LegalForm.UNINCORPORATED_GROUP, "8000020130001", True),
        (LegalForm.UNINCORPORATED_GROUP, "8000020130002", False),
    ],
)
def test_a_number_is_asked_of_all_but_unincorporated_groups(legal_form, number, is_right):
    facts = said(facts_legal_form=legal_form, facts_corporate_number=number).facts
    faults = organizations.faults_in_organization(facts)
    assert ("corporate_number" not in faults) is is_right
    assert not faults or "番号" in faults["corporate_number"]


def test_of_thirteen_figures_one_first_figure_in_nine_is_right():
    """DOMAIN §4h: the check digit comes first and is never 0."""
    for stem in ("000012050002", "000020130001", "123456789012", "999999999999", "000000000000"):
        facts = [said(facts_corporate_number=f"{first}{stem}").facts for first in range(10)]
        right = [first for first, each in enumerate(facts) if not organizations.faults_in_organization(each)]
        assert len(right) == 1
        assert right != [0]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"own": Named("", "ニシ")}, "own_name"),
        ({"own": Named("西 守", "")}, "own_kana"),
        ({"own": Named("西 守", "西")}, "own_kana"),
        ({"officer_deputy": Named("西　守")}, "officer_deputy_name"),
        ({"security": Named()}, "security_name"),
        ({"security_deputy": Named("北代表")}, "security_deputy_name"),
        ({"security": Named("北 代表", "キタ ベツ")}, "security_kana"),
        ({"security_deputy": Named("南 花子", "ミナミ カコ")}, "security_deputy_kana"),
        ({"security_deputy": Named("だれか")}, "security_deputy_kana"),
        ({"capacity": Capacity.REPRESENTATIVE}, "own_name"),
        ({"capacity": Capacity.REPRESENTATIVE, "own": Named("北 代表", "キタ ダイヒョウ")}, "officer_name"),
        (
            {"capacity": Capacity.REPRESENTATIVE, "own": Named("北 代表", "キタ ダイヒョウ"),
             "officer": Named("北代表")},
            "officer_name",
        ),
        ({"centers": []}, "centers"),
        ({"centers": ["本部", "本部"]}, "centers"),
        ({"centers": [f"拠点{number}" for number in range(11)]}, "centers"),
        ({"centers": ["あ" * 101]}, "centers"),
        ({"facts_representative_kana": ""}, "representative_kana"),
        ({"facts_name": " "}, "name"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_said_at_its_field_and_nothing_is_made(invited, session, changed, field):
    before = rows(session)
    with pytest.raises(operations.WrongRegistration) as refusal:
        operations.register(session, invited.opened(), said(**changed), ACCOUNT, now=NOON)
    assert field in refusal.value.faults
    session.rollback()
    assert rows(session) == before


def test_names_are_kept_exactly(invited, session):
    name = "髙﨑 𠮷子葛\U000e0100"
    made = invited.register(said(own=Named(name, "タカサキ ヨシコ")))
    assert session.scalars(select(Worker.name).where(Worker.user_id == made.user.id)).one() == name


# --- whole or not at all, and once ------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["_make_centers", "_make_roster", "_take_up", "_record"])
def test_failing_in_the_middle_leaves_nothing(invited, engine, session, monkeypatch, where):
    before = rows(session)
    session.rollback()
    make = getattr(operations, where)

    def failing(*args, **more):
        make(*args, **more)
        raise ZeroDivisionError

    monkeypatch.setattr(operations, where, failing)
    with open_session(engine, write_acts=write_acts) as other:
        with pytest.raises(ZeroDivisionError):
            operations.register(other, operations.find(other, invited.secret, now=NOON), SAID, ACCOUNT, now=NOON)
        other.rollback()
    assert rows(session) == before
    monkeypatch.undo()
    assert invited.register().organization.name == SAID.facts.name


@pytest.mark.both_engines
def test_of_two_presses_one_registers(invited, session, engine):
    first = invited.opened()
    with open_session(engine, write_acts=write_acts) as other:
        second = operations.find(other, invited.secret, now=NOON)
        other.rollback()
        session.rollback()
        operations.register(session, first, SAID, ACCOUNT, now=NOON)
        session.commit()
        with pytest.raises(operations.InvitationUsed):
            operations.register(other, second, SAID, NewAccount("other", PASSWORD), now=NOON)
    assert session.scalar(select(func.count()).where(Organization.name == SAID.facts.name)) == 1


def test_a_number_that_is_registered_is_not_registered_again(invited, session):
    invited.register()
    with pytest.raises(organizations.AlreadyRegistered) as refusal:
        invited.register(secret=invited.of_network, account=NewAccount("other", PASSWORD))
    assert "髙﨑" not in refusal.value.message + refusal.value.what_to_do
    session.rollback()
    assert invited.opened(invited.of_network)


def test_a_name_that_is_taken_and_a_weak_password_are_refused(invited, session):
    a_user(session, "だれか", PASSWORD, email="nishi@example.jp")
    session.commit()
    with pytest.raises(NameTaken):
        invited.register()
    session.rollback()
    with pytest.raises(WeakPassword):
        invited.register(account=NewAccount("nishi", "short"))


# --- an organization that is registered already -----------------------------------------------------------------


def test_a_registered_organization_accepts_an_engagement_or_a_membership(invited, session):
    organization = an_organization(session, "前からの団体")
    session.commit()
    for secret in (invited.secret, invited.of_network):
        operations.accept(session, invited.opened(secret), organization, by=BY, now=NOON)
        session.commit()
        with pytest.raises(operations.InvitationUsed):
            invited.opened(secret)
    assert session.scalars(partners_on([invited.municipality.id], NOON.date())).all() == [organization.id]
    assert session.scalars(select(NetworkMembership.organization_id)).all() == [organization.id]


def test_there_must_be_something_to_accept(invited, session):
    organization = an_organization(session, "前からの団体")
    with pytest.raises(operations.NothingToAccept):
        operations.accept(session, invited.opened(invited.without_terms), organization, by=BY, now=NOON)
    with pytest.raises(networks.MemberOfItself):
        operations.accept(session, invited.opened(invited.of_network), invited.network, by=BY, now=NOON)


# --- by hand ----------------------------------------------------------------------------------------------------


def test_the_operator_registers_an_organization_whose_officer_is_still_to_be_invited(invited, session):
    made = operations.register_by_hand(
        session, SAID.facts, center_name="本部", officer=Named("西 守", "ニシ マモル"), by=BY, now=NOON
    )
    session.commit()
    people = session.execute(
        select(Worker.name, Worker.user_id, PostHolding.post)
        .join(PostHolding, PostHolding.worker_id == Worker.id)
        .where(Worker.organization_id == made.id)
    ).all()
    assert set(people) == {("西 守", None, Post.PRIVACY_OFFICER), ("北 代表", None, Post.REPRESENTATIVE)}
    with pytest.raises(operations.WrongRegistration) as refusal:
        operations.register_by_hand(session, SAID.facts, center_name="", officer=Named("西 守", ""), by=BY, now=NOON)
    assert set(refusal.value.faults) == {"center_name", "officer_kana"}
    with pytest.raises(organizations.AlreadyRegistered):
        operations.register_by_hand(
            session, SAID.facts, center_name="本部", officer=Named("西 守", "ニシ"), by=BY, now=NOON
        )


# --- an organization's facts and centers ------------------------------------------------------------------------


def test_an_organization_s_facts_are_changed_and_the_history_says_which(session, time):
    organization, other = an_organization(session), an_organization(session, "ほか")
    other.corporate_number = "8000020130001"
    session.commit()
    changed = organizations.change_organization(session, organization, SAID.facts, by=BY, now=NOON)
    session.commit()
    assert changed == {"name", "corporate_number", "representative_name", "representative_kana", "address", "phone"}
    assert organizations.change_organization(session, organization, SAID.facts, by=BY, now=NOON) == frozenset()
    assert session.scalars(select(LogLeaf.act).where(LogLeaf.log_id == organization.id)).all() == [
        "organization.changed"
    ]
    with pytest.raises(organizations.AlreadyRegistered):
        organizations.change_organization(
            session, organization, said(facts_corporate_number="8000020130001").facts, by=BY, now=NOON
        )
    with pytest.raises(organizations.WrongFacts):
        organizations.change_organization(session, organization, said(facts_name="").facts, by=BY, now=NOON)


def test_a_center_where_someone_works_and_the_last_one_are_not_closed(session, time):
    organization = an_organization(session)
    first = a_center(session, organization, "本部")
    with pytest.raises(organizations.LastCenter):
        organizations.close_center(session, first, by=BY, now=NOON)
    second = a_center(session, organization, "東の家")
    _, worker = someone(session, second, name="南 花子")
    session.commit()
    with pytest.raises(organizations.PeopleAtCenter, match="南 花子さん"):
        organizations.close_center(session, second, by=BY, now=NOON)
    worker.left_on = date(2026, 11, 16)
    session.flush()
    organizations.close_center(session, second, by=BY, now=NOON)
    session.commit()
    assert second.closed_on == date(2026, 11, 16)
    with pytest.raises(organizations.CenterAlreadyClosed):
        organizations.close_center(session, second, by=BY, now=NOON)
    with pytest.raises(organizations.LastCenter):
        organizations.close_center(session, first, by=BY, now=NOON)


def test_two_open_centers_do_not_bear_the_same_name(session, time):
    organization = an_organization(session)
    first, second = a_center(session, organization, "本部"), a_center(session, organization, "東の家")
    with pytest.raises(organizations.SameCenter):
        organizations.rename_center(session, second, name="本部", by=BY, now=NOON)
    organizations.rename_center(session, second, name="西の家", by=BY, now=NOON)
    organizations.rename_center(session, first, name="本部", by=BY, now=NOON)
    session.commit()
    assert session.scalars(
        select(LogLeaf.act).where(LogLeaf.log_id == organization.id, LogLeaf.act.like("center.%"))
    ).all() == ["center.renamed"]


def test_nobody_is_flooded_with_mails_in_a_municipalitys_name(invited, session):
    def invite(email, now=NOON):
        operations.invite_partner(
            session, invited.municipality, group_name="かぜ", email=email, terms=None, link_base="", by=BY, now=now
        )

    for _ in range(5):
        invite("Hama@example.jp")
    with pytest.raises(operations.TooManyMails):
        invite("hama@example.jp")
    invite("other@example.jp")
    invite("hama@example.jp", NOON + timedelta(days=1, minutes=1))
