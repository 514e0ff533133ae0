"""Decisions: what is kept, what the partner sees, emergencies, lapses, and what is refused."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from partner_compliance.errors import NotAllowed, WrongEntry
from partner_compliance.gate import contents, operations, queries, requiring
from partner_compliance.gate.models import ShareDecision
from partner_compliance.gate.reminding import tasks_of
from partner_compliance.gate.words import EventKind, Holding, Outcome, State, Verdict
from partner_compliance.readiness import standing
from partner_compliance.readiness.reminding import tasks_of as tasks_of_levels
from partner_compliance.readiness.snapshots import frozen
from partner_compliance.receipts import operations as receipts
from partner_compliance.receipts import queries as registers
from partner_compliance.receipts.models import Receipt, ReceiptLine
from partner_compliance.receipts.words import Method
from partner_compliance.receipts.words import State as ReceiptState
from tests.factories import principal_of

pytestmark = pytest.mark.both_engines


@pytest.fixture
def people(gate):
    return (gate.ladder.house.worker.worker.id, gate.ladder.house.head.worker.id)


@pytest.fixture
def opened(gate):
    """The municipality asks for level 1 where the partner is at level 1."""
    gate.require("D3", 1, conditions=["写しを取らない。"])
    gate.require("D2", 1)
    return gate


def test_a_decision_keeps_officer_basis_people_conditions_end_and_the_assessment(opened, people):
    gate = opened
    answer = gate.ask("D3", "paper_kept", people=people)
    made = gate.decide(answer)
    assert (made.verdict, made.outcome) == (Verdict.CONDITIONAL, Outcome.SHARE)
    assert made.by_name == "市役所 太郎"
    assert list(made.recipients) == [str(each) for each in people]
    assert made.conditions == ["写しを取らない。"]
    assert made.basis is gate.engagement.basis
    assert made.until_on == gate.ladder.today + timedelta(days=30)
    data, digest = frozen(answer.ground.assessment)
    assert (made.assessment, made.assessment_digest) == (data, digest)
    assert made.level == 1
    assert made.required["level"] == 1
    content = contents.decision_content(made)
    assert content is not None
    assert content["assessment"] == digest


def test_the_frozen_assessment_stays_when_the_records_change(opened, people):
    gate = opened
    made = gate.decide(gate.ask("D2", "oral", people=people))
    digest = made.assessment_digest
    gate.ladder.go(2027, 3, 1)  # the roster is no longer confirmed
    assert gate.ladder.assessment().level == 0
    gate.session.commit()
    gate.session.refresh(made)
    assert (made.level, made.assessment["level"], made.assessment_digest) == (1, 1, digest)
    assert frozen(gate.ladder.assessment(made.decided_on))[1] == digest


def test_it_opens_a_line_in_the_partners_register_and_ends_when_that_ends(opened, people):
    gate = opened
    made = gate.decide(gate.ask("D3", "paper_kept", people=people[:1]))
    [line] = gate.session.scalars(select(ReceiptLine).where(ReceiptLine.receipt_id == made.receipt_id))
    assert (line.count, line.end_by_on, line.data_class.value) == (2, made.until_on, "D3")
    assert line.receiver_id == people[0]
    assert line.state is ReceiptState.WAITING
    story = queries.story_of(gate.session, made)
    assert story.state is State.CURRENT
    receipt = gate.session.get_one(Receipt, (gate.ladder.id, made.receipt_id))
    worker = gate.ladder.house.worker.principal
    receipts.confirm(gate.session, receipt, by=worker, now=gate.ladder.time.moment)
    end = receipts.End(2, Method.BY_HAND, gate.ladder.today, "市役所 太郎", True, "")
    receipts.end(gate.session, receipt, 1, end, by=gate.ladder.house.officer.principal, now=gate.ladder.time.moment)
    assert queries.story_of(gate.session, made).state is State.ENDED
    assert queries.open_decisions(gate.session, gate.city.id, gate.ladder.today, limit=9) == []
    assert registers.record_number(receipt).startswith("RC-")


def test_what_is_said_or_seen_on_a_screen_opens_no_line(opened, people):
    made = opened.decide(opened.ask("D2", "oral", people=people), until_on=None)
    assert (made.receipt_id, made.count, made.ending, made.until_on) == (None, None, None, None)


def test_the_same_form_sent_twice_makes_one_decision(opened, people):
    key, answer = uuid4(), opened.ask("D3", "paper_kept", people=people)
    assert opened.decide(answer, key=key).id == opened.decide(answer, key=key).id
    assert opened.session.scalar(select(func.count()).select_from(ShareDecision)) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"items": ""}, "items"), ({"count": None}, "count"), ({"count": 1000}, "count"), ({"ending": None}, "ending"),
        ({"until_on": None}, "until_on"), ({"agreed": False}, "agreed"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(opened, people, change, field):
    with pytest.raises(WrongEntry) as refused:
        opened.decide(opened.ask("D3", "paper_kept", people=people), **change)
    assert refused.value.field == field
    with pytest.raises(WrongEntry) as refused:
        opened.decide(opened.ask("D3", "paper_kept"))
    assert refused.value.field == "recipients"


def test_an_officer_may_override_the_gate_either_way_with_a_reason(gate, people):
    closed = gate.ask("D4", "oral", people=people)
    assert closed.verdict is Verdict.CLOSED
    with pytest.raises(WrongEntry, match="それでも共有する理由") as refused:
        gate.decide(closed)
    assert refused.value.field == "reason"
    made = gate.decide(closed, reason="家庭が同意し、ほかに支える人がいないため")
    assert (made.verdict, made.outcome) == (Verdict.CLOSED, Outcome.SHARE)
    gate.require("D2", 1)
    fine = gate.ask("D2", "oral", people=people)
    with pytest.raises(WrongEntry, match="共有しない理由"):
        gate.decide(fine, Outcome.REFUSE)
    refusal = gate.decide(fine, Outcome.REFUSE, reason="家庭が望まないため")
    assert queries.story_of(gate.session, refusal).state is State.REFUSED
    assert (refusal.items, refusal.recipients, refusal.receipt_id) == ("", {}, None)
    assert gate.decide(gate.ask("D4", "oral"), Outcome.REFUSE).verdict is Verdict.CLOSED  # needs no further reason


def test_a_page_that_no_longer_says_what_holds_is_told_and_nothing_is_kept(opened, people):
    gate = opened
    answer = gate.ask("D2", "oral", people=people)
    seal = operations.seal_of(gate.ask("D2", "oral"))
    gate.ladder.go(2027, 3, 1)
    with pytest.raises(operations.Changed):
        gate.decide(answer, seal=seal)
    assert gate.session.scalar(select(func.count()).select_from(ShareDecision)) == 0
    assert gate.ask("D2", "oral").verdict is Verdict.CLOSED


def test_a_recipient_who_left_this_morning_receives_nothing(opened, people):
    gate = opened
    answer = gate.ask("D2", "oral", people=people)
    gate.ladder.house.worker.worker.left_on = gate.ladder.today - timedelta(days=1)
    gate.session.flush()
    with pytest.raises(WrongEntry, match=gate.ladder.house.worker.worker.name) as refused:
        gate.decide(answer)
    assert refused.value.field == "recipients"


def test_somebody_whom_the_partner_did_not_name_cannot_be_a_recipient(opened):
    with pytest.raises(WrongEntry) as refused:
        opened.decide(opened.ask("D2", "oral", people=(opened.ladder.house.volunteer.id,)))
    assert refused.value.field == "recipients"


def test_what_partners_tell_needs_no_decision_and_criminal_records_none_at_all(opened, people):
    with pytest.raises(operations.NotNeeded):
        opened.decide(opened.ask("D3", "oral", "PU5", people=people))
    with pytest.raises(WrongEntry, match="扱いません"):
        opened.decide(opened.ask("D9", "oral", people=people))


def test_an_ended_engagement_takes_no_decision(opened, people):
    gate = opened
    answer = gate.ask("D2", "oral", people=people)
    gate.engagement.ends_on = gate.ladder.today - timedelta(days=1)
    gate.session.flush()
    with pytest.raises(requiring.NotEngaged):
        gate.decide(answer)


# --- emergencies ------------------------------------------------------------------------------------------------


def test_an_emergency_passes_with_a_reason_and_is_looked_at_by_somebody_else_within_72_hours(gate):
    answer = gate.ask("D4", "oral", "PU6")
    with pytest.raises(WrongEntry, match="緊急と判断した理由"):
        gate.decide(answer, Outcome.EMERGENCY)
    with pytest.raises(WrongEntry, match="緊急のため"):
        gate.decide(answer, Outcome.SHARE, reason="急ぐ")
    made = gate.decide(answer, Outcome.EMERGENCY, reason="夜間に安否を確かめるため")
    assert made.review_due_at - made.decided_at == timedelta(hours=72)
    own = {"fit": True, "text": "急ぎだった", "by": gate.by, "now": gate.ladder.time.moment}
    with pytest.raises(operations.OwnDecision):
        operations.review(gate.session, made, **own)
    assert not [each for each in tasks_of(gate.session, gate.by, today=gate.ladder.today) if "緊急" in each.title]
    [task] = [each for each in tasks_of(gate.session, gate.colleague, today=gate.ladder.today) if "緊急" in each.title]
    assert task.tone == "urgent"
    other = own | {"by": gate.colleague}
    with pytest.raises(WrongEntry):
        operations.review(gate.session, made, **other | {"text": ""})
    operations.review(gate.session, made, **other)
    assert not queries.story_of(gate.session, made).needs_review()
    with pytest.raises(operations.AlreadyReviewed):
        operations.review(gate.session, made, **other)
    assert not tasks_of(gate.session, gate.colleague, today=gate.ladder.today)


def test_any_purpose_can_become_an_emergency_although_the_gate_is_closed(gate):
    made = gate.decide(gate.ask("D4", "oral"), Outcome.EMERGENCY, reason="今夜の見守りのため")
    assert made.verdict is Verdict.CLOSED
    assert made.review_due_at is not None


# --- what becomes of it -----------------------------------------------------------------------------------------


def test_the_partner_sees_it_at_once_and_takes_note_once(opened, people):
    gate = opened
    made = gate.decide(gate.ask("D2", "oral", people=people))
    officer = gate.ladder.house.officer.principal
    [task] = tasks_of(gate.session, officer, today=gate.ladder.today)
    assert task.values == {"decision_id": made.id}
    with pytest.raises(NotAllowed):
        operations.take_note(gate.session, made, by=gate.by, now=gate.ladder.time.moment)
    operations.take_note(gate.session, made, by=officer, now=gate.ladder.time.moment)
    operations.take_note(gate.session, made, by=officer, now=gate.ladder.time.moment)
    assert [each.kind for each in queries.story_of(gate.session, made).events] == [EventKind.SEEN]
    assert tasks_of(gate.session, officer, today=gate.ladder.today) == []


def test_a_level_that_falls_puts_what_is_shared_on_a_list_and_cuts_nothing(opened, people):
    gate = opened
    made = gate.decide(gate.ask("D2", "oral", people=people), until_on=gate.ladder.today + timedelta(days=200))
    session, library, city = gate.session, gate.ladder.library, gate.city.id
    assert queries.lapses(session, library, city, gate.ladder.today) == []
    gate.ladder.go(2027, 3, 1)
    [lapse] = queries.lapses(session, library, city, gate.ladder.today)
    assert lapse.story.decision.id == made.id
    assert lapse.waits
    assert lapse.story.state is State.CURRENT  # nothing ended by itself
    by = {"by": gate.by, "now": gate.ladder.time.moment}
    with pytest.raises(WrongEntry, match="見直す日"):
        operations.keep_on(session, made, reason="必要", until_on=gate.ladder.today + timedelta(days=90), **by)
    operations.keep_on(session, made, reason="必要", until_on=gate.ladder.today + timedelta(days=10), **by)
    assert not queries.lapses(session, library, city, gate.ladder.today)[0].waits
    gate.ladder.go(2027, 3, 20)
    assert queries.lapses(session, library, city, gate.ladder.today)[0].waits
    by = {"by": gate.by, "now": gate.ladder.time.moment}
    operations.pause(session, made, reason="名簿の確認を待つため", **by)
    [lapse] = queries.lapses(session, library, city, gate.ladder.today)
    assert (lapse.waits, lapse.story.state) == (False, State.PAUSED)
    with pytest.raises(operations.Over):
        operations.pause(session, made, reason="もう一度", **by)
    gate.ladder.confirm()
    assert queries.lapses(session, library, city, gate.ladder.today) == []
    operations.resume(session, made, reason="確認が済んだため", **by)
    operations.end(session, made, reason="支援が終わったため", **by)
    assert queries.story_of(session, made).state is State.ENDED
    for again in (operations.pause, operations.resume, operations.end):
        with pytest.raises(operations.Over):
            again(session, made, reason="もう一度", **by)


def test_a_recipient_who_leaves_puts_it_on_the_list_too(opened, people):
    gate = opened
    gate.decide(gate.ask("D2", "oral", people=people))
    gate.ladder.go(2026, 12, 1)
    gate.ladder.house.worker.worker.left_on = gate.ladder.today - timedelta(days=1)
    gate.session.flush()
    [lapse] = queries.lapses(gate.session, gate.ladder.library, gate.city.id, gate.ladder.today)
    assert gate.ladder.house.worker.worker.name in lapse.answer.blocking[0].text


def test_the_lists_of_a_municipality(opened, people):
    gate = opened
    today = gate.ladder.today
    soon = gate.decide(gate.ask("D2", "oral", people=people), until_on=today + timedelta(days=5))
    refused = gate.decide(gate.ask("D4", "oral"), Outcome.REFUSE)
    urgent = gate.decide(gate.ask("D4", "oral", "PU6"), Outcome.EMERGENCY, reason="急ぎ", until_on=None)

    def listed(choice, day=today):
        found = queries.decisions(gate.session, municipality_id=gate.city.id, choice=choice, today=day, limit=9)
        how_many = queries.how_many_decisions(gate.session, municipality_id=gate.city.id, choice=choice, today=day)
        assert how_many == len(found)
        return {each.decision.id for each in found}

    assert listed("") == {soon.id, refused.id, urgent.id}
    assert listed("open") == {soon.id, urgent.id}
    assert listed("due") == {soon.id}
    assert listed("overdue") == set()
    assert listed("overdue", today + timedelta(days=6)) == {soon.id}
    assert listed("review") == {urgent.id}
    assert listed("refused") == {refused.id}
    gate.ladder.go(2026, 12, 3)
    titles = {each.title for each in tasks_of(gate.session, gate.by, today=gate.ladder.today)}
    assert titles == {"返却・廃棄の期限を過ぎた共有を確かめる"}


def test_only_the_municipality_acts_on_its_decisions(opened, people):
    gate = opened
    made = gate.decide(gate.ask("D2", "oral", people=people))
    now = gate.ladder.time.moment
    for by in (gate.ladder.house.officer.principal, principal_of(gate.session, gate.ladder.house.worker.user, now)):
        for act in (operations.pause, operations.resume, operations.end):
            with pytest.raises(NotAllowed):
                act(gate.session, made, reason="理由", by=by, now=now)
    with pytest.raises(NotAllowed):
        gate.decide(gate.ask("D2", "oral", people=people), by=gate.ladder.house.officer.principal)


def test_the_home_page_tells_of_a_level_that_fell_and_of_one_that_will(opened, people):
    gate = opened
    gate.decide(gate.ask("D2", "oral", people=people), until_on=gate.ladder.today + timedelta(days=300))
    officer = gate.ladder.house.officer.principal

    def counted():
        standing.refresh(
            gate.session, gate.ladder.library, gate.ladder.today, [gate.ladder.id], now=gate.ladder.time.moment
        )

    def titles(by):
        found = [*tasks_of(gate.session, by, today=gate.ladder.today),
                 *tasks_of_levels(gate.session, by, today=gate.ladder.today)]  # fmt: skip
        return {each.title for each in found}

    counted()
    assert titles(gate.by) == set()
    assert "段階1が下がる前に、準備度を確かめる" not in titles(officer)
    gate.ladder.go(2027, 2, 15)  # the roster's confirmation ends on the 25th
    counted()
    assert titles(gate.by) == set()
    assert "段階1が下がる前に、準備度を確かめる" in titles(officer)
    gate.ladder.go(2027, 3, 1)
    assert titles(gate.by) == set()  # nothing is said of a day that was not counted
    counted()
    assert titles(gate.by) == {"共有した後に変わった団体を見直す"}
    assert "段階1が下がる前に、準備度を確かめる" not in titles(officer)


def test_what_was_decided_against_the_gate_is_no_lapse_until_more_stands_in_the_way(gate, people):
    made = gate.decide(gate.ask("D4", "oral", people=people), reason="ほかに支える人がいないため", until_on=None)
    urgent = gate.decide(gate.ask("D3", "oral", "PU6"), Outcome.EMERGENCY, reason="今夜のため", until_on=None)

    def lapsed():
        found = queries.lapses(gate.session, gate.ladder.library, gate.city.id, gate.ladder.today)
        return {each.story.decision.id for each in found}

    assert lapsed() == set()
    requiring.hold(gate.session, gate.city, gate.ladder.house.organization, Holding.PLACED, reason="調査", **gate.said)
    assert lapsed() == {made.id, urgent.id}
    requiring.hold(gate.session, gate.city, gate.ladder.house.organization, Holding.LIFTED, reason="済", **gate.said)
    assert lapsed() == set()
    gate.ladder.go(2027, 3, 1)  # the level falls from 1 to 0
    assert lapsed() == {made.id, urgent.id}
