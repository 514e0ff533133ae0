"""The gate itself: what it says on real records, and what changes it."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partner_compliance.engagements.words import DataClass, Mode
from partner_compliance.errors import WrongEntry
from partner_compliance.gate import queries, requiring
from partner_compliance.gate.checking import Ground, Question, Rules, check
from partner_compliance.gate.models import Requirement
from partner_compliance.gate.words import Comparison, Holding, Purpose, Subject, Verdict
from partner_compliance.library.readiness import Measure
from partner_compliance.organizations.models import Engagement
from partner_compliance.readiness.assessment import assess
from partner_compliance.readiness.measures import Figure
from tests.factories import a_municipality, an_engagement, an_organization
from tests.test_query_counts import statements

pytestmark = pytest.mark.both_engines


def subjects(answer):
    return {each.subject for each in answer.blocking}


def said(answer):
    return "".join(each.text + each.mend for each in answer.reasons)


def test_below_the_level_it_is_closed_with_every_criterion_that_is_missing_and_what_mends_it(gate):
    answer = gate.ask("D2", "oral")
    assert answer.verdict is Verdict.CLOSED
    assert answer.required.level == 2
    assert answer.ground.assessment.level == 1
    assert subjects(answer) == {Subject.LEVEL, Subject.CRITERION}
    assert "段階2（規程・誓約）が必要ですが、今日は段階1（体制登録）です" in said(answer)
    unmet = {each.criterion.id for each in answer.ground.assessment.of_level(2) if each.state.value != "met"}
    missing = {each.text[:2] for each in answer.blocking if each.subject is Subject.CRITERION}
    assert missing >= {each for each in unmet if not answer.ground.assessment.ladder.criteria[each].planned} > set()
    assert all(each.mend for each in answer.blocking)


def test_no_name_of_a_worker_stands_in_what_the_gate_says_of_the_level(gate):
    names = [each.name for each in (gate.ladder.house.worker.worker, gate.ladder.house.head.worker)]
    assert not [name for name in names if name in said(gate.ask("D4", "file"))]


def test_public_information_needs_no_level(gate):
    assert gate.ask("D0", "oral").verdict is Verdict.OPEN
    assert gate.ask("D1", "file").verdict is Verdict.OPEN


def test_records_of_crimes_are_refused_always_and_my_number_unless_somebody_requires_something(gate):
    ground = gate.ask().ground
    for mode in Mode:
        for purpose in Purpose:
            assert check(Question(DataClass.D9, mode, purpose), ground).verdict is Verdict.CLOSED
            if not purpose.is_urgent and not purpose.is_inbound:
                assert subjects(check(Question(DataClass.D8, mode, purpose), ground)) == {Subject.CLASS}


def test_what_a_partner_tells_the_municipality_is_never_gated_and_an_emergency_passes(gate):
    assert gate.ask("D4", "file", "PU5").verdict is Verdict.OPEN
    urgent = gate.ask("D4", "file", "PU6")
    assert urgent.verdict is Verdict.EMERGENCY
    assert subjects(urgent) >= {Subject.LEVEL}  # said all the same


def test_conditions_make_it_conditional_and_research_is_without_people(gate):
    gate.require("D3", 1, conditions=["写しを取らない。"])
    answer = gate.ask("D3", "paper_kept")
    assert answer.verdict is Verdict.CONDITIONAL
    assert answer.conditions == ("写しを取らない。",)
    assert "個人が分からない形" in gate.ask("D3", "paper_kept", "PU7").conditions[0]
    gate.require("D2", 1)
    assert gate.ask("D2", "oral").verdict is Verdict.OPEN


def test_the_narrowest_requirement_holds_and_leads_back_to_the_suggestion(gate):
    gate.require("D2", 1)
    gate.require("D2", 0, mode="oral")
    assert gate.ask("D2", "oral").required.level == 0
    assert gate.ask("D2", "system").required.level is None  # nobody named it
    gate.require("D2", 1, mode="system")
    assert gate.ask("D2", "system").required.level == 1
    assert gate.ask("D2", "file").required.level == 1
    later = gate.ladder.today + timedelta(days=14)
    gate.require("D2", 3, mode="oral", purpose="PU3", effective_on=later)
    assert gate.ask("D2", "oral", "PU3").required.level == 0
    assert gate.ask("D2", "oral", "PU3", on=later).required.level == 3
    assert gate.ask("D2", "oral", "PU1", on=later).required.level == 0
    gate.require("D2", None, mode="oral", is_default=True, effective_on=later)
    assert gate.ask("D2", "oral", "PU1", on=later).required.level == 1
    gate.require("D2", None, is_default=True, effective_on=later)
    assert gate.ask("D2", "file", "PU1", on=later).required.level == 3  # what is suggested
    assert gate.ask("D2", "file", "PU1", on=later).required.row is None


@pytest.mark.parametrize(
    ("change", "is_refused"),
    [
        ({"level": 2}, False), ({"level": 1}, False), ({"level": 3}, True), ({"level": None}, True),
        ({"level": 2, "criteria": ["4c"]}, True), ({"level": 2, "conditions": ["写しを取らない。"]}, False),
    ],
)  # fmt: skip
def test_what_asks_for_more_binds_after_the_notice_and_partners_see_it_at_once(gate, change, is_refused):
    if is_refused:
        with pytest.raises(WrongEntry, match="令和8年12月11日以降") as refused:
            gate.require("D2", mode="oral", **change)
        assert refused.value.field == "effective_on"
        with pytest.raises(WrongEntry):
            gate.require("D2", mode="oral", **change, effective_on=gate.ladder.today + timedelta(days=13))
        made = gate.require("D2", mode="oral", **change, effective_on=gate.ladder.today + timedelta(days=14))
        [seen] = queries.required_of(gate.session, gate.ladder.library, gate.ladder.id, gate.ladder.today)
        [line] = [each for each in seen.lines if each.data_class is DataClass.D2 and Mode.ORAL in each.modes]
        assert line.coming == (made,)
        assert line.required.level == 2
        assert line.answer.blocking
    else:
        gate.require("D2", mode="oral", **change)


@pytest.mark.parametrize(
    ("change", "field", "text"),
    [
        ({"data_class": "D9"}, "data_class", "扱いません"),
        ({"level": 5}, "level", "段階5は、まだ記録から計算できません"),
        ({"criteria": ["4d"]}, "criteria", "まだ記録から計算できない"),
        ({"criteria": ["9z"]}, "criteria", "選んだ基準がありません"),
        ({"conditions": ["あ"] * 6}, "conditions", "5行まで"),
        ({"effective_on": date(2026, 11, 26)}, "effective_on", "今日から1年以内"),
        ({"reason": ""}, "reason", "理由"),
    ],
)  # fmt: skip
def test_what_no_measure_can_answer_cannot_be_required(gate, change, field, text):
    facts = {"data_class": "D2", "level": 1, **change}
    with pytest.raises(WrongEntry, match=text) as refused:
        gate.require(facts.pop("data_class"), facts.pop("level"), **facts)
    assert refused.value.field == field


def test_a_criterion_of_ones_own_is_asked_for_beside_the_level(gate):
    facts = requiring.CriterionFacts(
        "全員が規程を確認", "手順のため", Measure.RULES_ACKNOWLEDGED, Comparison.PERCENT, 80
    )
    own = requiring.add_criterion(gate.session, gate.city, facts, request_key=uuid4(), **gate.said)
    later = gate.ladder.today + timedelta(days=14)
    gate.require("D2", 1, criteria=[str(own.id), "1b"], effective_on=later)
    answer = gate.ask("D2", "oral", on=later)
    [reason] = answer.blocking
    assert reason.subject is Subject.CRITERION
    assert "全員が規程を確認" in reason.text
    assert reason.mend
    nothing_bad = requiring.CriterionFacts("残り0", "手順のため", Measure.TAKE_OUTS_OVERDUE, Comparison.AT_MOST, 0)
    gate.ladder.go(2026, 11, 27, 10)
    other = requiring.add_criterion(gate.session, gate.city, nothing_bad, request_key=uuid4(), **gate.said)
    gate.require("D2", 1, criteria=[str(other.id)], effective_on=later)
    assert gate.ask("D2", "oral", on=later).verdict is Verdict.OPEN
    with pytest.raises(requiring.AlreadyThere):
        requiring.add_criterion(gate.session, gate.city, facts, request_key=uuid4(), **gate.said)
    wrong = requiring.CriterionFacts("割合", "理由", Measure.RULES_ACKNOWLEDGED, Comparison.PERCENT, 101)
    with pytest.raises(WrongEntry, match="1から100"):
        requiring.add_criterion(gate.session, gate.city, wrong, request_key=uuid4(), **gate.said)


def test_an_interim_acceptance_opens_for_its_class_and_days_and_is_no_level(gate):
    today = gate.ladder.today
    organization = gate.ladder.house.organization

    def give(**change):
        facts = {"data_class": DataClass.D3, "level": 1, "reason": "始めたばかり", "starts_on": today,
                 "ends_on": today + timedelta(days=89), **change}  # fmt: skip
        return requiring.accept(
            gate.session, gate.city, organization, requiring.AcceptanceFacts(**facts), request_key=uuid4(), **gate.said
        )

    with pytest.raises(WrongEntry, match="90日以内"):
        give(ends_on=today + timedelta(days=90))
    given_ = give()
    answer = gate.ask("D3", "paper_kept")
    assert answer.verdict is Verdict.CONDITIONAL
    assert answer.ground.assessment.level == 1
    assert answer.reasons[0].subject is Subject.INTERIM
    assert gate.ask("D4", "paper_kept").verdict is Verdict.CLOSED
    assert gate.ask("D3", "paper_kept", on=today + timedelta(days=90)).verdict is Verdict.CLOSED
    with pytest.raises(requiring.AlreadyThere, match="令和9年2月24日"):
        give(ends_on=today + timedelta(days=3))
    requiring.end_acceptance(gate.session, given_, reason="事故のため", **gate.said)
    assert gate.ask("D3", "paper_kept").verdict is Verdict.CLOSED
    with pytest.raises(requiring.NoLongerHolds):
        requiring.end_acceptance(gate.session, given_, reason="事故のため", **gate.said)
    give()
    for refused in (DataClass.D8, DataClass.D9):
        with pytest.raises(WrongEntry):
            give(data_class=refused)


def test_a_hold_closes_everything_until_it_is_lifted(gate):
    organization = gate.ladder.house.organization
    requiring.hold(gate.session, gate.city, organization, Holding.PLACED, reason="調査のため", **gate.said)
    assert subjects(gate.ask("D0", "oral")) == {Subject.HOLD}
    assert "調査のため" in said(gate.ask("D0", "oral"))
    with pytest.raises(requiring.AlreadyThere):
        requiring.hold(gate.session, gate.city, organization, Holding.PLACED, reason="調査のため", **gate.said)
    requiring.hold(gate.session, gate.city, organization, Holding.LIFTED, reason="終わった", **gate.said)
    assert gate.ask("D0", "oral").verdict is Verdict.OPEN


@pytest.mark.parametrize(
    ("days", "text"),
    [((1, 300), "令和8年11月28日から始まります"), ((-300, -1), "令和8年11月26日に終わっています")],
)
def test_an_engagement_that_starts_tomorrow_or_ended_yesterday_closes_with_its_day(gate, days, text):
    city = a_municipality(gate.session, "べつ市")
    today = gate.ladder.today
    an_engagement(
        gate.session, city, gate.ladder.house.organization, starts_on=today + timedelta(days=days[0]),
        ends_on=today + timedelta(days=days[1]),
    )  # fmt: skip
    asked = Question(DataClass.D0, Mode.ORAL, Purpose.PU1)
    answer = queries.answer(gate.session, gate.ladder.library, city.id, gate.ladder.id, asked, today)
    assert subjects(answer) == {Subject.ENGAGEMENT}
    assert text in said(answer)


def test_only_people_who_are_cleared_today_and_were_named_by_the_partner_receive_anything(gate):
    gate.require("D2", 1)
    house = gate.ladder.house
    known = gate.ask("D2", "oral").ground.known
    assert {each.name: each.is_cleared for each in known} == {
        house.worker.worker.name: True, house.head.worker.name: True, house.representative.worker.name: False,
    }  # fmt: skip
    both = (house.worker.worker.id, house.head.worker.id)
    assert gate.ask("D2", "oral", people=both).verdict is Verdict.OPEN
    not_cleared = gate.ask("D2", "oral", people=(*both, house.representative.worker.id))
    assert subjects(not_cleared) == {Subject.RECIPIENT}
    assert house.representative.worker.name in said(not_cleared)
    assert subjects(gate.ask("D2", "oral", people=(house.volunteer.id,))) == {Subject.RECIPIENT}
    assert house.volunteer.name not in said(gate.ask("D2", "oral", people=(house.volunteer.id,)))
    house.head.worker.is_handler = False  # every step done, but no handler of personal data
    gate.session.flush()
    assert subjects(gate.ask("D2", "oral", people=both)) == {Subject.RECIPIENT}
    house.head.worker.is_handler = True
    house.worker.worker.left_on = gate.ladder.today - timedelta(days=1)
    gate.session.flush()
    assert subjects(gate.ask("D2", "oral", people=both)) == {Subject.RECIPIENT}


def test_what_the_terms_do_not_foresee_is_a_condition(gate, library):
    gate.require("D2", 1)
    ground = queries.grounds(gate.session, library, gate.city.id, [gate.ladder.id], gate.ladder.today)[gate.ladder.id]
    foreseen = Ground(**{**vars(ground), "foreseen": frozenset({("D2", "oral")})})
    assert check(Question(DataClass.D2, Mode.ORAL, Purpose.PU1), foreseen).verdict is Verdict.OPEN
    assert check(Question(DataClass.D2, Mode.FILE, Purpose.PU1), foreseen).verdict is Verdict.CONDITIONAL


def test_two_municipalities_that_require_different_things_are_both_shown(gate):
    city = a_municipality(gate.session, "べつ市")
    gate.ladder.engage(city)
    gate.require("D2", 1)
    today = gate.ladder.today
    found = queries.required_of(gate.session, gate.ladder.library, gate.ladder.id, today)
    assert {each.municipality.name for each in found} == {"みなと市", "べつ市"}
    differ = {(each[0], mode): dict(each[2]) for each in queries.differing(found, today) for mode in each[1]}
    levels = {name: each.level for name, each in differ[(DataClass.D2, Mode.ORAL)].items()}
    assert levels == {"みなと市": 1, "べつ市": 2}


def test_all_partners_are_asked_in_as_many_statements_as_one(gate):
    ids = [gate.ladder.id]
    counts = []
    gate.session.commit()
    gate.ask()  # begins the transaction
    for _ in range(2):
        with statements(gate.session.get_bind()) as found:
            queries.grounds(gate.session, gate.ladder.library, gate.city.id, ids, gate.ladder.today)
        counts.append(len(found))
        for number in range(5):
            other = an_organization(gate.session, f"団体{number}")
            an_engagement(gate.session, gate.city, other)
            ids.append(other.id)
        gate.session.flush()
    assert counts[0] == counts[1]


# --- its shape --------------------------------------------------------------------------------------------------

FIGURES = st.dictionaries(
    st.sampled_from(list(Measure)),
    st.integers(0, 30).flatmap(lambda total: st.builds(Figure, st.integers(0, total), st.just(max(total, 1)))),
)


@given(
    figures=FIGURES, level=st.one_of(st.none(), st.integers(0, 4)), lower=st.integers(0, 4),
    data_class=st.sampled_from(list(DataClass)), mode=st.sampled_from(list(Mode)),
    purpose=st.sampled_from(list(Purpose)),
)  # fmt: skip
def test_a_lower_requirement_never_closes_what_a_higher_one_opens(
    library, figures, level, lower, data_class, mode, purpose
):
    day = date(2026, 11, 27)
    ladder = library.ladder_for(day)
    assessment = assess(ladder, figures, day)
    rules = Rules([], {}, library.suggestions_for(day), ladder.criteria)

    def verdict(wanted):
        row = Requirement(
            municipality_id=uuid4(), id=uuid4(), data_class=data_class, mode=None, purpose=None, is_default=False,
            level=wanted, criteria=[], conditions=[], reason="", effective_on=day, announced_on=day, made_at=day,
        )  # fmt: skip
        of = Rules([row], {}, rules.suggestions, rules.criteria)
        ground = Ground(day, of, assessment, figures, (Engagement(),))
        return check(Question(data_class, mode, purpose), ground)

    strict, mild = verdict(level), verdict(min(lower, level if level is not None else lower))
    if strict.verdict is Verdict.OPEN:
        assert mild.verdict is Verdict.OPEN
    if data_class.is_refused and not purpose.is_inbound:
        assert strict.verdict is Verdict.CLOSED
    if strict.verdict is Verdict.CLOSED:
        assert strict.blocking or data_class.is_refused
