from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from partner_compliance.access import Entrusted, Role
from partner_compliance.accounts import operations as accounts
from partner_compliance.acts import SYSTEM
from partner_compliance.errors import InvalidInput
from partner_compliance.history.models import LogLeaf
from partner_compliance.history.verification import verify_all
from partner_compliance.models import LOGGED_CONTENTS
from partner_compliance.networks import operations, queries
from partner_compliance.organizations.networks import NetworkMandate, NetworkMandateEnd
from partner_compliance.sheets import entrusted
from partner_compliance.sheets import operations as sheets
from partner_compliance.sheets import queries as sheet_queries
from tests.factories import a_center, a_user, a_worker, all_fine, an_organization, principal_of, someone
from tests.sheets.conftest import MONTH
from tests.test_query_counts import statements


@pytest.mark.both_engines
def test_a_mandate_holds_from_its_first_day_to_its_last_or_until_it_is_taken_back(office):
    assert office.principal.entrusting_ids == frozenset()
    tomorrow, later = office.today + timedelta(days=1), office.today + timedelta(days=3)
    mandate = office.entrust(Entrusted.PAPER, from_on=tomorrow, until_on=later)

    def may(day):
        who = principal_of(office.house.session, office.staff.user, now=office.now + timedelta(days=day))
        return who.is_entrusted(office.house.organization.id, Entrusted.PAPER)

    assert [may(day) for day in range(5)] == [False, True, True, True, False]

    def shown(day):
        [member] = queries.memberships_of(office.house.session, office.house.organization.id, today=office.today)
        return member.mandates[0].state(office.today + timedelta(days=day))

    assert [shown(day) for day in range(5)] == ["coming", "valid", "valid", "valid", "over"]
    operations.revoke(office.house.session, mandate, by=SYSTEM, now=office.now)
    office.house.session.commit()
    assert [may(day) for day in range(5)] == [False] * 5
    assert shown(2) == "ended"
    assert all(verdict.ok for verdict in verify_all(office.house.session, LOGGED_CONTENTS))
    with pytest.raises(operations.MandateEnded):
        operations.revoke(office.house.session, mandate, by=SYSTEM, now=office.now)


def test_a_new_mandate_takes_the_place_of_the_one_before(office):
    first = office.entrust(Entrusted.PAPER)
    office.entrust(Entrusted.HEADS)
    assert office.principal.is_entrusted(office.house.organization.id, Entrusted.HEADS)
    assert not office.principal.is_entrusted(office.house.organization.id, Entrusted.PAPER)
    assert office.house.session.scalars(select(NetworkMandateEnd.mandate_id)).all() == [first.id]


@pytest.mark.both_engines
def test_mandates_are_facts_that_nobody_changes(office):
    session = office.house.session
    mandate = office.entrust(Entrusted.PAPER)
    mandate.confirms_heads = True
    with pytest.raises(DBAPIError, match="append-only"):
        session.flush()
    session.rollback()
    session.delete(session.scalars(select(NetworkMandate)).one())
    with pytest.raises(DBAPIError, match="append-only"):
        session.flush()
    session.rollback()


def test_leaving_ends_all_at_once_and_both_sides_know(office):
    session, house = office.house.session, office.house
    office.entrust(*Entrusted)
    operations.leave(session, office.membership, by=house.officer.principal.actor, now=office.now)
    session.commit()
    assert office.principal.entrusting_ids == frozenset()
    told = session.execute(select(LogLeaf.log_id, LogLeaf.act).where(LogLeaf.act == "network.left")).all()
    assert {log for log, _ in told} == {house.organization.id, office.organization.id}
    for refused in (
        lambda: operations.leave(session, office.membership, by=SYSTEM, now=office.now),
        lambda: office.entrust(Entrusted.PAPER),
    ):
        with pytest.raises(operations.NotMember):
            refused()
    operations.join(session, office.network, house.organization, by=SYSTEM, now=office.now)
    session.commit()
    assert office.principal.entrusting_ids == frozenset()  # what was entrusted before does not come back


def test_joining_twice_or_oneself_is_refused(office):
    session = office.house.session
    with pytest.raises(operations.AlreadyMember):
        operations.join(session, office.network, office.house.organization, by=SYSTEM, now=office.now)
    with pytest.raises(operations.MemberOfItself):
        operations.join(session, office.network, office.organization, by=SYSTEM, now=office.now)


def test_something_must_be_entrusted_for_days_to_come(office):
    with pytest.raises(InvalidInput):
        office.entrust()
    with pytest.raises(InvalidInput):
        office.entrust(Entrusted.PAPER, until_on=office.today - timedelta(days=1))


def test_only_people_of_the_office_act_and_only_while_they_work_there(office):
    session = office.house.session
    office.entrust(*Entrusted)
    colleague, worker = someone(session, a_center(session, office.organization), name="別 の人")
    session.commit()
    assert principal_of(session, colleague, now=office.now).entrusting_ids == frozenset()
    role = operations.appoint(session, worker, by=SYSTEM, now=office.now)
    session.commit()
    assert principal_of(session, colleague, now=office.now).entrusting_ids == {office.house.organization.id}
    with pytest.raises(operations.AlreadyInOffice):
        operations.appoint(session, worker, by=SYSTEM, now=office.now)
    accounts.end_role(session, role, by=SYSTEM, now=office.now)
    session.commit()
    assert principal_of(session, colleague, now=office.now).entrusting_ids == frozenset()
    office.staff.worker.left_on = office.today - timedelta(days=1)
    session.commit()
    assert office.principal.entrusting_ids == frozenset()


def test_who_works_in_an_office_has_an_account_and_the_organization_is_a_network(office):
    session = office.house.session
    with pytest.raises(operations.NotANetwork):
        operations.appoint(session, office.house.worker.worker, by=SYSTEM, now=office.now)
    paper_only = a_worker(session, a_center(session, office.organization), "紙 の人")
    with pytest.raises(operations.NobodyInOffice):
        operations.appoint(session, paper_only, by=SYSTEM, now=office.now)


# --- the work of the office -------------------------------------------------------------------------------------


def test_paper_entered_by_the_office_says_so_everywhere(office, engine):
    house, session = office.house, office.house.session
    office.entrust(Entrusted.PAPER)
    sheet = house.sheet_of(house.volunteer)
    sheets.enter_from_paper(
        session, sheet, house.checklist, all_fine(house.checklist), signed_on=office.today, by=office.principal,
        now=office.now,
    )  # fmt: skip
    session.commit()
    story = sheet_queries.story_of(session, sheet)
    assert story.events[-1].by_role is Role.NETWORK_OFFICE
    assert story.role_of(story.events[-1]) == "子ども食堂連絡会 ネットワーク事務局"
    assert [entry.details["network"] for entry in queries.acts_of_offices(session, house.organization.id)] == [
        "子ども食堂連絡会"
    ]
    assert all(verdict.ok for verdict in verify_all(session, LOGGED_CONTENTS))
    for own in (house.worker, house.head):
        with pytest.raises(sheets.HasAccount):
            sheets.enter_from_paper(
                session, house.sheet_of(own.worker), house.checklist, all_fine(house.checklist),
                signed_on=office.today, by=office.principal, now=office.now,
            )  # fmt: skip


def test_a_head_s_sheet_is_confirmed_by_the_office_and_no_other(office):
    house, session = office.house, office.house.session
    office.entrust(Entrusted.HEADS)
    for person in (house.head, house.worker, house.officer):
        filled = all_fine(house.checklist, head=person is house.head)
        sheet = house.sheet_of(person.worker)
        sheets.submit(session, sheet, house.checklist, filled, by=person.principal, now=office.now)
    session.commit()
    assert [each.row.worker.name for each in entrusted.heads_waiting(session, office.principal)] == ["東 京子"]
    for person in (house.worker, house.officer):
        with pytest.raises(sheets.NotYourLine):
            sheets.sign_off(
                session, house.sheet_of(person.worker), version_number=1, by=office.principal, now=office.now
            )
    event = sheets.sign_off(
        session, house.sheet_of(house.head.worker), version_number=1, by=office.principal, now=office.now
    )
    assert event.by_role is Role.NETWORK_OFFICE
    session.commit()
    assert entrusted.heads_waiting(session, office.principal) == []


def test_the_office_excuses_nobody(office):
    house = office.house
    office.entrust(*Entrusted)
    for worker in (house.volunteer, house.head.worker):
        with pytest.raises(sheets.NotYourLine):
            sheets.excuse(
                house.session, house.sheet_of(worker), reason=sheets.ExcuseReason.LEAVE, text="", by=office.principal,
                now=office.now,
            )  # fmt: skip


def test_the_months_of_members_show_what_waits_to_be_entered(office):
    house, session = office.house, office.house.session
    office.entrust(Entrusted.PAPER)
    assert [(each.tally.month, each.paper) for each in entrusted.months(session, office.principal)] == [(MONTH, 1)]
    at_tablets = a_user(session, house.volunteer.name)
    at_tablets.kiosk_only_since, house.volunteer.user_id = office.now, at_tablets.id
    session.commit()
    assert [each.paper for each in entrusted.months(session, office.principal)] == [1], "a tablet's account is none"
    sheets.enter_from_paper(
        session, house.sheet_of(house.volunteer), house.checklist, all_fine(house.checklist), signed_on=office.today,
        by=office.principal, now=office.now,
    )  # fmt: skip
    session.commit()
    assert [each.paper for each in entrusted.months(session, office.principal)] == [0]
    assert entrusted.heads_waiting(session, office.principal) == []


def test_whoever_works_in_no_office_is_asked_nothing_more(office, engine):
    """One more statement for an office, however many members it has; none for anybody else."""
    house, session = office.house, office.house.session
    office.entrust(Entrusted.PAPER)

    def how_many(person):
        session.commit()
        session.refresh(person.user)
        with statements(engine) as seen:
            principal_of(session, person.user, now=office.now)
        return len([each for each in seen if each.startswith("SELECT")])

    plain, alone = how_many(house.worker), how_many(office.staff)
    for number in range(5):
        member = an_organization(session, f"団体{number}")
        membership = operations.join(session, office.network, member, by=SYSTEM, now=office.now)
        operations.entrust(
            session, membership, [Entrusted.PAPER], from_on=office.today, until_on=None, by=SYSTEM, now=office.now
        )
    assert how_many(house.worker) == plain
    assert alone == plain + 1 == how_many(office.staff)
    assert len(office.principal.entrusting_ids) == 6
