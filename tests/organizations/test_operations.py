from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select

from partner_compliance.acts import SYSTEM
from partner_compliance.errors import InvalidInput
from partner_compliance.history.models import LogLeaf, LogState
from partner_compliance.organizations import operations
from partner_compliance.organizations.models import EngagementBasis, LegalForm, WorkerKind
from partner_compliance.organizations.queries import partners_on
from partner_compliance.roster import operations as roster
from tests.conftest import NOON
from tests.factories import a_user

YEAR = {"starts_on": date(2026, 4, 1), "ends_on": date(2027, 3, 31)}


def a_municipality(session, code="131121", name="みなと市"):
    return operations.create_municipality(session, code=code, name=name, by=SYSTEM, now=NOON)


def an_organization(session, **changed):
    facts = {"name": "NPO法人 はまかぜ", "legal_form": LegalForm.NPO, "first_month": "2026-04"} | changed
    return operations.create_organization(session, **facts, by=SYSTEM, now=NOON)


def a_center(session, name="本部"):
    organization = an_organization(session)
    return operations.add_center(session, organization, name=name, opened_on=date(2020, 4, 1), by=SYSTEM, now=NOON)


def a_worker(session, center, name="山田 花子", **changed):
    facts = {"kind": WorkerKind.VOLUNTEER, "joined_on": date(2026, 4, 1), "center_id": center.id} | changed
    user_id = facts.pop("user_id", None)
    return roster.add_worker(
        session, center.organization_id, roster.WorkerFacts(name=name, **facts), user_id=user_id, needs_kana=False,
        by=SYSTEM, now=NOON,
    )  # fmt: skip


def an_engagement(session, municipality, organization, **changed):
    facts = {"basis": EngagementBasis.OUTSOURCING, "title": "見守り強化事業"} | YEAR | changed
    return operations.start_engagement(session, municipality, organization, **facts, by=SYSTEM, now=NOON)


def acts_in(session, log_id):
    return list(session.scalars(select(LogLeaf.act).where(LogLeaf.log_id == log_id).order_by(LogLeaf.idx)))


@pytest.mark.both_engines
def test_whoever_is_registered_gets_a_history_of_its_own(session):
    municipality, center = a_municipality(session), a_center(session)
    a_worker(session, center)
    session.commit()

    kinds = dict(session.execute(select(LogState.log_id, LogState.kind)).all())
    assert kinds[municipality.id] == "municipality"
    assert kinds[center.organization_id] == "organization"
    assert acts_in(session, municipality.id) == ["municipality.created"]
    assert acts_in(session, center.organization_id) == ["organization.created", "center.created", "worker.added"]


@pytest.mark.parametrize("code", ["131122", "13112", "abcdef", ""])
def test_a_municipality_needs_a_right_code(session, code):
    with pytest.raises(operations.WrongMunicipalityCode):
        a_municipality(session, code)


def test_a_municipality_is_registered_once(session):
    a_municipality(session)
    with pytest.raises(operations.MunicipalityAlreadyRegistered):
        a_municipality(session, "１３１１２１")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("7000012050002", "7000012050002"),
        ("8000020130001", "8000020130001"),
        ("7-0000-1205-0002", "7000012050002"),
        ("７０００－０１２０－５０００２", "7000012050002"),
        (None, None),
        ("", None),
    ],
)
def test_a_corporate_number_is_kept_as_thirteen_digits(session, typed, kept):
    assert an_organization(session, corporate_number=typed).corporate_number == kept


def test_a_remainder_of_zero_gives_the_check_digit_nine(session):
    assert an_organization(session, corporate_number="9000000000000").corporate_number == "9000000000000"


@pytest.mark.parametrize("typed", ["6000012050002", "700001205000", "70000120500020", "0000012050002", "７あ"])
def test_a_wrong_corporate_number_is_refused(session, typed):
    with pytest.raises(operations.WrongCorporateNumber):
        an_organization(session, corporate_number=typed)


@pytest.mark.parametrize("name", ["", " \u3000", "あ" * 201, "はま\nかぜ", "はま\u202eかぜ", "はま\x00かぜ"])
def test_an_unusable_name_is_refused(session, name):
    with pytest.raises(InvalidInput):
        an_organization(session, name=name)


def test_names_are_kept_as_typed(session):
    name = "ＮＰＯ法人　㈱ﾊﾏかぜ　葛\U000e0100城・髙橋"

    assert an_organization(session, name=name).name == name
    assert a_worker(session, a_center(session), name=name).name == name


@pytest.mark.parametrize("month", ["2026-13", "2026-4", "", "令和8年4月"])
def test_a_first_month_that_is_none_is_refused(session, month):
    with pytest.raises(InvalidInput):
        an_organization(session, first_month=month)


def test_handlers_file_the_sheet_unless_told_otherwise(session):
    center = a_center(session)

    assert a_worker(session, center).files_sheets
    assert not a_worker(session, center, is_handler=False).files_sheets
    assert a_worker(session, center, is_handler=False, files_sheets=True).files_sheets


def test_people_are_found_by_reading_and_name_in_any_width_and_case(session):
    worker = a_worker(session, a_center(session), name="ＹＡＭＡＤＡ　花子", name_kana="ﾔﾏﾀﾞ ﾊﾅｺ")

    assert worker.search_key == "ヤマダハナコ yamada花子"
    assert len(roster.search_key("\ufdfa" * 100, "\ufdfa" * 100)) == 400


def test_nobody_leaves_before_joining(session):
    with pytest.raises(InvalidInput):
        a_worker(session, a_center(session), left_on=date(2026, 3, 31))


def test_an_account_is_on_a_roster_once_but_may_be_on_two_rosters(session):
    user, center = a_user(session), a_center(session)
    a_worker(session, center, user_id=user.id)
    a_worker(session, a_center(session), user_id=user.id)

    with pytest.raises(roster.AlreadyOnRoster):
        a_worker(session, center, user_id=user.id)


def test_an_engagement_holds_from_its_first_to_its_last_day_and_both_sides_know(session):
    municipality, organization = a_municipality(session), an_organization(session)
    an_engagement(session, municipality, organization)
    session.commit()

    def is_partner(day):
        return organization.id in session.scalars(partners_on([municipality.id], day)).all()

    days = (date(2026, 3, 31), date(2026, 4, 1), date(2027, 3, 31), date(2027, 4, 1))
    assert [is_partner(day) for day in days] == [False, True, True, False]
    assert acts_in(session, municipality.id)[-1] == "engagement.started"
    assert acts_in(session, organization.id)[-1] == "engagement.started"


def test_a_cancelled_engagement_holds_until_the_day_before(session):
    municipality, organization = a_municipality(session), an_organization(session)
    engagement = an_engagement(session, municipality, organization)

    operations.cancel_engagement(session, engagement, cancelled_on=date(2026, 12, 1), by=SYSTEM, now=NOON)
    session.commit()

    assert session.scalars(partners_on([municipality.id], date(2026, 11, 30))).all() == [organization.id]
    assert session.scalars(partners_on([municipality.id], date(2026, 12, 1))).all() == []
    assert acts_in(session, organization.id)[-1] == "engagement.ended"
    with pytest.raises(operations.AlreadyCancelled):
        operations.cancel_engagement(session, engagement, cancelled_on=date(2026, 12, 2), by=SYSTEM, now=NOON)


@pytest.mark.parametrize("day", [date(2026, 3, 31), date(2027, 4, 1)])
def test_an_engagement_is_cancelled_within_its_days(session, day):
    engagement = an_engagement(session, a_municipality(session), an_organization(session))
    with pytest.raises(InvalidInput):
        operations.cancel_engagement(session, engagement, cancelled_on=day, by=SYSTEM, now=NOON)


def test_an_engagement_does_not_end_before_it_starts(session):
    with pytest.raises(InvalidInput):
        an_engagement(session, a_municipality(session), an_organization(session), ends_on=date(2026, 3, 31))


def test_an_organization_may_have_the_name_of_another(session):
    assert an_organization(session).id != an_organization(session).id != uuid4()
