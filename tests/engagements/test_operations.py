"""Proposals, replies, changes, codes, assignments and clauses."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from partner_compliance.acts import Actor
from partner_compliance.engagements import measures, operations, queries
from partner_compliance.engagements.models import EngagementVersion
from partner_compliance.engagements.operations import WrongTerms
from partner_compliance.engagements.words import CouncilCategory, DataClass, EngagementState, Mode, state_on
from partner_compliance.errors import InvalidInput, TooMany
from partner_compliance.history.models import LogLeaf
from partner_compliance.history.verification import verify_all
from partner_compliance.library.shelf import Library
from partner_compliance.models import LOGGED_CONTENTS
from partner_compliance.organizations.models import Engagement, EngagementBasis, LegalForm
from partner_compliance.organizations.operations import start_engagement
from partner_compliance.organizations.queries import engagements_between, partners_on
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import Post
from tests.conftest import NOON
from tests.engagements.conftest import TERMS, Pair
from tests.factories import a_center, a_municipality, an_engagement, an_organization
from tests.world import around_an_engagement

TODAY = date(2026, 11, 16)


def sees(pair: Pair, day: date = TODAY) -> bool:
    """Whether the municipality sees the organization on a day."""
    found = pair.session.scalars(partners_on([pair.municipality.id], day)).all()
    assert bool(found) == bool(
        engagements_between(pair.session, pair.organization.id, [pair.municipality.id], day)
    )  # fmt: skip
    return pair.organization.id in found


def acts_in(session: Session, log_id: object) -> list[str]:
    session.commit()
    return list(session.scalars(select(LogLeaf.act).where(LogLeaf.log_id == log_id).order_by(LogLeaf.idx)))


# --- proposals --------------------------------------------------------------------------------------------------


def test_a_proposal_opens_nothing_until_it_is_accepted(pair: Pair) -> None:
    engagement = pair.propose()
    assert state_on(engagement, TODAY) is EngagementState.PROPOSED
    assert not sees(pair)

    operations.accept(pair.session, engagement, number=1, by=pair.by_officer, now=NOON)

    assert sees(pair)
    assert not sees(pair, date(2026, 10, 31))
    assert not sees(pair, date(2027, 4, 1))
    assert state_on(engagement, TODAY) is EngagementState.CURRENT
    for log_id in (pair.municipality.id, pair.organization.id):
        assert acts_in(pair.session, log_id)[-2:] == ["engagement.proposed", "engagement.accepted"]
    assert all(verdict.ok for verdict in verify_all(pair.session, LOGGED_CONTENTS))


def test_a_declined_and_a_withdrawn_proposal_open_nothing_ever(pair: Pair) -> None:
    declined, withdrawn = pair.propose(), pair.propose(title="別の事業")
    with pytest.raises(InvalidInput):
        operations.decline(pair.session, declined, reason=" ", by=pair.by_officer, now=NOON)
    operations.decline(pair.session, declined, reason="手が足りません。", by=pair.by_officer, now=NOON)
    operations.withdraw(pair.session, withdrawn, by=pair.by_city, now=NOON)

    assert not sees(pair)
    assert state_on(declined, TODAY) is EngagementState.DECLINED
    assert state_on(withdrawn, TODAY) is EngagementState.WITHDRAWN
    for engagement in (declined, withdrawn):
        for answer in (operations.accept, operations.withdraw):
            with pytest.raises(operations.NothingToAnswer):
                answer(pair.session, engagement, by=pair.by_officer, now=NOON)
    assert queries.waiting_for(pair.session, [pair.organization.id]) == []


def test_what_was_accepted_is_what_was_read(pair: Pair) -> None:
    engagement = pair.propose()
    with pytest.raises(operations.ChangedMeanwhile):
        operations.accept(pair.session, engagement, number=2, by=pair.by_officer, now=NOON)
    with pytest.raises(operations.PeriodOver):
        operations.accept(pair.session, engagement, by=pair.by_officer, now=NOON + timedelta(days=365))


def test_the_same_proposal_twice_is_one(pair: Pair) -> None:
    pair.propose()
    with pytest.raises(operations.AlreadyProposed):
        pair.propose()


def test_what_is_registered_as_agreed_is_accepted_at_once(pair: Pair) -> None:
    made = start_engagement(
        pair.session, pair.municipality, pair.organization, basis=EngagementBasis.AGREEMENT, title="協定",
        starts_on=TODAY, ends_on=TODAY, by=pair.by_city, now=NOON,
    )  # fmt: skip
    assert made.accepted_at == NOON
    assert sees(pair)


days = st.dates(date(2026, 11, 1), date(2026, 11, 30))


@given(data=st.data())
@hypothesis_settings(max_examples=60, deadline=None)
def test_who_sees_whom_on_a_day_follows_from_the_row_alone(data: st.DataObject) -> None:
    """C03: accepted, begun, not ended, not cancelled; the condition in SQL and the state in Python agree."""
    starts_on, ends_on = sorted((data.draw(days), data.draw(days)))
    engagement = Engagement(
        starts_on=starts_on,
        ends_on=ends_on,
        cancelled_on=data.draw(st.none() | days),
        accepted_at=data.draw(st.none() | st.just(NOON)),
    )
    day = data.draw(days)
    expected = (
        engagement.accepted_at is not None
        and starts_on <= day <= ends_on
        and (engagement.cancelled_on is None or day < engagement.cancelled_on)
    )
    assert (state_on(engagement, day) is EngagementState.CURRENT) is expected


@pytest.mark.both_engines
def test_the_database_says_the_same_as_the_state_for_every_kind_of_engagement(pair: Pair) -> None:
    session = pair.session
    yesterday, tomorrow = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    made = []
    for starts_on in (yesterday, TODAY, tomorrow):
        for ends_on in (yesterday, TODAY, tomorrow):
            for cancelled_on in (None, yesterday, TODAY, tomorrow):
                for accepted_at in (None, NOON):
                    if ends_on < starts_on:
                        continue
                    organization = an_organization(session, "団体")
                    engagement = an_engagement(
                        session, pair.municipality, organization, starts_on, ends_on, cancelled_on, accepted_at
                    )
                    made.append((organization.id, state_on(engagement, TODAY) is EngagementState.CURRENT))
    found = set(session.scalars(partners_on([pair.municipality.id], TODAY)))
    assert found == {organization_id for organization_id, is_current in made if is_current}
    assert 0 < len(found) < len(made)
    other = a_municipality(session, "となり市")
    session.flush()
    assert session.scalars(partners_on([other.id], TODAY)).all() == []


# --- terms ------------------------------------------------------------------------------------------------------

D3 = {DataClass.D3: frozenset({Mode.ORAL})}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "あ" * 201}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"ends_on": date(2026, 10, 1)}, "ends_on"),
        ({"ends_on": date(2040, 1, 1)}, "ends_on"),
        ({"starts_on": date(2026, 1, 1), "ends_on": date(2026, 11, 15)}, "ends_on"),
        ({"basis": EngagementBasis.UNRECORDED}, "basis"),
        ({"basis": EngagementBasis.OTHER}, "basis_note"),
        ({"further_bases": frozenset({EngagementBasis.STATUTORY_SECRECY})}, "basis_note"),
        ({"basis": EngagementBasis.SUBCONTRACT}, "re_entrusted_by"),
        ({"further_bases": frozenset({EngagementBasis.CONSENT_ONLY})}, "further_bases"),
        ({"further_bases": frozenset({EngagementBasis.COUNCIL_MEMBER})}, "council_category"),
        ({"council_category": CouncilCategory.PERSON}, "council_category"),
        ({"shares": {DataClass.D8: frozenset({Mode.FILE})}}, "protected_reason"),
        ({"shares": {DataClass.D9: frozenset({Mode.ORAL})}}, "share_D9"),
    ],
)
def test_terms_that_cannot_be_proposed_are_refused_at_their_field(
    pair: Pair, changed: dict[str, object], field: str
) -> None:
    with pytest.raises(WrongTerms) as refusal:
        pair.propose(**changed)
    assert list(refusal.value.faults) == [field]


def test_a_group_without_legal_personality_is_no_corporation(pair: Pair) -> None:
    member = {"basis": EngagementBasis.COUNCIL_MEMBER, "council_category": CouncilCategory.CORPORATION}
    assert operations.faults_in(replace(TERMS, **member), LegalForm.NPO) == {}
    assert "council_category" in operations.faults_in(replace(TERMS, **member), LegalForm.UNINCORPORATED_GROUP)


def test_all_that_was_proposed_is_kept(pair: Pair) -> None:
    terms = replace(
        TERMS,
        further_bases=frozenset({EngagementBasis.COUNCIL_MEMBER, EngagementBasis.OTHER}),
        council_category=CouncilCategory.CORPORATION,
        basis_note="市の要綱 第3条",
        shares={DataClass.D3: frozenset({Mode.PAPER_KEPT, Mode.ORAL}), DataClass.D8: frozenset({Mode.SYSTEM})},
        protected_reason="住民基本台帳の写しを市の職員と一緒に見るため",
    )
    engagement = operations.propose_engagement(
        pair.session, pair.municipality, pair.organization, terms, by=pair.by_city, now=NOON
    )
    [version] = pair.session.scalars(select(EngagementVersion).where(EngagementVersion.engagement_id == engagement.id))
    assert queries.terms_of(version) == terms.facts()
    assert version.shares == {"D3": ["oral", "paper_kept"], "D8": ["system"]}
    assert version.further_bases == ["council_member", "other"]


# --- the code ---------------------------------------------------------------------------------------------------


def test_an_organization_is_found_by_its_code_however_it_is_typed(pair: Pair) -> None:
    code = operations.renew_code(pair.session, pair.organization, by=pair.by_officer, now=NOON).code
    typed = [code, code.lower(), f" {code[:4]}-{code[4:]} ", "".join(chr(ord(char) + 0xFEE0) for char in code)]
    for each in typed:
        found = operations.organization_by_code(pair.session, pair.municipality, each, by=pair.by_city, now=NOON)
        assert found is pair.organization


def test_an_old_a_wrong_and_an_empty_code_are_answered_alike(pair: Pair) -> None:
    old = operations.renew_code(pair.session, pair.organization, by=pair.by_officer, now=NOON).code
    new = operations.renew_code(pair.session, pair.organization, by=pair.by_officer, now=NOON).code
    assert old != new
    for wrong in (old, "23456789", "", "✕" * 300):
        with pytest.raises(operations.UnknownCode) as refusal:
            operations.organization_by_code(pair.session, pair.municipality, wrong, by=pair.by_city, now=NOON)
        assert refusal.value.message == operations.UnknownCode.message


@pytest.mark.parametrize(("others", "limit"), [(False, 10), (True, 40)])
def test_codes_cannot_be_guessed_by_one_person_nor_by_many(pair: Pair, others: bool, limit: int) -> None:
    def attempt(number: int, now: datetime = NOON) -> None:
        user_id = pair.city.id if not others else type(pair.city.id)(int=number + 1)
        by = Actor(user_id, "だれか", "password")
        operations.organization_by_code(pair.session, pair.municipality, "23456789", by=by, now=now)

    for number in range(limit):
        with pytest.raises(operations.UnknownCode):
            attempt(number)
    with pytest.raises(TooMany):
        attempt(limit)
    with pytest.raises(operations.UnknownCode):
        attempt(limit, NOON + timedelta(hours=1, seconds=1))


# --- changes ----------------------------------------------------------------------------------------------------


def test_a_change_holds_once_it_is_accepted_and_both_versions_stay(pair: Pair) -> None:
    engagement = pair.engage()
    longer = replace(TERMS, ends_on=date(2028, 3, 31), shares=D3)
    operations.propose_change(pair.session, engagement, longer, reason="1年延ばすため", by=pair.by_city, now=NOON)
    assert engagement.ends_on == TERMS.ends_on
    with pytest.raises(operations.ChangeAlreadyProposed):
        operations.propose_change(pair.session, engagement, longer, reason="もう一度", by=pair.by_city, now=NOON)

    operations.accept(pair.session, engagement, number=2, by=pair.by_officer, now=NOON)

    assert engagement.ends_on == date(2028, 3, 31)
    assert sees(pair, date(2028, 3, 31))
    story = queries.story_of(pair.session, engagement)
    assert [version.ends_on for version in story.versions] == [date(2027, 3, 31), date(2028, 3, 31)]
    assert story.in_force is story.versions[1]
    with pytest.raises(operations.NothingChanged):
        operations.propose_change(pair.session, engagement, longer, reason="同じ", by=pair.by_city, now=NOON)
    pair.session.commit()
    assert all(verdict.ok for verdict in verify_all(pair.session, LOGGED_CONTENTS))


def test_a_declined_change_leaves_everything_as_it_was(pair: Pair) -> None:
    engagement = pair.engage()
    wider = replace(TERMS, starts_on=date(2026, 1, 1))
    operations.propose_change(pair.session, engagement, wider, reason="早めるため", by=pair.by_city, now=NOON)
    operations.decline(pair.session, engagement, reason="必要がありません。", by=pair.by_officer, now=NOON)
    assert engagement.starts_on == TERMS.starts_on
    assert engagement.declined_at is None
    assert sees(pair)


def test_what_was_registered_without_versions_is_kept_before_it_changes(pair: Pair) -> None:
    engagement = an_engagement(pair.session, pair.municipality, pair.organization)
    wanted = replace(TERMS, title="新しい名前")
    operations.propose_change(pair.session, engagement, wanted, reason="名前が変わったため", by=pair.by_city, now=NOON)
    operations.accept(pair.session, engagement, by=pair.by_officer, now=NOON)
    story = queries.story_of(pair.session, engagement)
    assert [(each.number, each.title) for each in story.versions] == [(0, "見守り強化事業"), (1, "新しい名前")]
    assert story.waiting is None
    pair.session.commit()
    assert all(verdict.ok for verdict in verify_all(pair.session, LOGGED_CONTENTS))


def test_only_what_is_in_force_can_be_changed(pair: Pair) -> None:
    over = an_engagement(pair.session, pair.municipality, pair.organization, ends_on=date(2026, 11, 15))
    for engagement in (pair.propose(), over):
        with pytest.raises(operations.NotInForce):
            operations.propose_change(pair.session, engagement, TERMS, reason="直す", by=pair.by_city, now=NOON)


def test_an_early_end_has_a_reason_takes_effect_on_its_day_and_drops_what_waits(pair: Pair) -> None:
    engagement = pair.engage()
    operations.propose_change(
        pair.session, engagement, replace(TERMS, title="別の名前"), reason="直す", by=pair.by_city, now=NOON
    )

    def end(day: date, reason: str = "団体の解散のため") -> None:
        operations.end_early(pair.session, engagement, cancelled_on=day, reason=reason, by=pair.by_officer, now=NOON)

    for day, reason in ((date(2026, 11, 15), "過去"), (date(2028, 1, 1), "期間の外"), (date(2026, 12, 1), "")):
        with pytest.raises(InvalidInput):
            end(day, reason)
    end(date(2026, 12, 1))
    assert sees(pair, date(2026, 11, 30))
    assert not sees(pair, date(2026, 12, 1))
    assert queries.waiting_version(pair.session, engagement) is None
    assert engagement.cancel_reason == "団体の解散のため"
    with pytest.raises(operations.NotInForce):
        operations.propose_change(
            pair.session, engagement, replace(TERMS, title="x"), reason="x", by=pair.by_city, now=NOON
        )


@pytest.mark.both_engines
def test_nothing_that_was_said_can_be_rewritten(pair: Pair, library: Library) -> None:
    around_an_engagement(pair.session, library, pair.engage(), pair.center, by=pair.by_officer, now=NOON)
    pair.session.commit()
    for table in (
        "engagement_version", "engagement_reply", "assignment", "clause_agreement", "place_version", "place_notice",
        "place_notice_answer",
    ):  # fmt: skip
        assert pair.session.scalar(text(f"SELECT count(*) FROM {table}"))
        column = "reason" if table == "engagement_version" else "by_name"
        for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
            with pytest.raises(DBAPIError, match="append-only"):
                pair.session.execute(text(statement))
            pair.session.rollback()


# --- who is concerned, clauses ----------------------------------------------------------------------------------


def test_the_organization_says_which_centers_posts_and_project_are_concerned(pair: Pair) -> None:
    engagement = pair.engage()
    project = roster.project_named(pair.session, pair.organization.id, "見守り訪問", by=pair.by_officer, now=NOON)
    facts = {"centers": [pair.center.id], "posts": [Post.CENTER_HEAD], "project_id": project.id}
    operations.assign(pair.session, engagement, **facts, by=pair.by_officer, now=NOON)
    with pytest.raises(operations.NothingChanged):
        operations.assign(pair.session, engagement, **facts, by=pair.by_officer, now=NOON)
    second = operations.assign(pair.session, engagement, centers=[], posts=[], by=pair.by_officer, now=NOON)
    assert second.number == 2
    foreign = a_center(pair.session, an_organization(pair.session, "別の団体"))
    with pytest.raises(InvalidInput):
        operations.assign(pair.session, engagement, centers=[foreign.id], posts=[], by=pair.by_officer, now=NOON)


def test_clauses_are_recorded_as_versions_and_other_rooms_can_ask_for_a_variant(pair: Pair, library: Library) -> None:
    engagement, listed = pair.engage(), library.clauses_for("2026-11")
    assert queries.agreed_variant(pair.session, engagement, "take-out") is None

    def record(variants: dict[str, str], based_on: int, note: str = "") -> None:
        operations.record_clauses(
            pair.session, engagement, listed, variants, note=note, based_on=based_on, by=pair.by_city, now=NOON
        )

    record({"take-out": "forbidden", "backups": "none", "cloud": ""}, 0)
    assert queries.agreed_variant(pair.session, engagement, "take-out") == "forbidden"
    assert queries.agreed_variant(pair.session, engagement, "backups") == "none"
    assert queries.agreed_variant(pair.session, engagement, "cloud") is None
    record({"take-out": "with-approval"}, 1, "契約書を直したため")
    assert queries.agreed_variant(pair.session, engagement, "take-out") == "with-approval"
    with pytest.raises(operations.ChangedMeanwhile):
        record({"take-out": "forbidden"}, 1)
    with pytest.raises(operations.NothingChanged):
        record({"take-out": "with-approval"}, 2, "契約書を直したため")
    for wrong in ({}, {"take-out": "sometimes"}, {"no-such-clause": "agreed"}):
        with pytest.raises(InvalidInput):
            record(wrong, 2)
    assert acts_in(pair.session, pair.organization.id)[-2:] == ["clauses.recorded"] * 2
    assert all(verdict.ok for verdict in verify_all(pair.session, LOGGED_CONTENTS))


# --- what is due ------------------------------------------------------------------------------------------------


def test_what_ends_within_sixty_days_is_told_to_both_sides(pair: Pair) -> None:
    for days_left in (0, 60, 61):
        an_engagement(pair.session, pair.municipality, pair.organization, ends_on=TODAY + timedelta(days=days_left))
    an_engagement(pair.session, pair.municipality, pair.organization, ends_on=TODAY, accepted_at=None)
    ends = [row[3] for row in queries.ending_for_organizations(pair.session, [pair.organization.id], TODAY)]
    assert ends == [TODAY, TODAY + timedelta(days=60)]
    [desk] = queries.desks_of(pair.session, [pair.municipality.id], TODAY)
    assert (desk.ending, desk.first_end, desk.notices) == (2, TODAY, 0)
    count = queries.how_many_engagements(pair.session, pair.municipality.id, "ending", TODAY)
    assert count == 2


@pytest.mark.both_engines
def test_the_share_of_engagements_with_a_recorded_basis(pair: Pair, session: Session) -> None:
    pair.engage()
    unrecorded = an_engagement(session, pair.municipality, pair.organization)
    unrecorded.basis = EngagementBasis.UNRECORDED
    an_engagement(session, pair.municipality, pair.organization, ends_on=date(2026, 11, 1))
    other = an_organization(session, "別の団体")
    an_engagement(session, pair.municipality, other)
    session.flush()
    rows = {row[0]: (row[1], row[2]) for row in session.execute(measures.engagements_with_basis(TODAY))}
    assert rows == {pair.organization.id: (1, 2), other.id: (1, 1)}
    only = session.execute(measures.engagements_with_basis(TODAY, [other.id])).all()
    assert [row[0] for row in only] == [other.id]
