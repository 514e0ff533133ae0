"""Writing a rule, deciding on it, keeping it: what holds, and what is refused."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select

from partner_compliance.engagements import operations as engagements
from partner_compliance.errors import NotAllowed, WrongEntry
from partner_compliance.library.rules import RULE_KEYS
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Engagement
from partner_compliance.rulebooks import adoption, clauses, operations, queries, texts
from partner_compliance.rulebooks.models import RuleVersion
from partner_compliance.rulebooks.words import DecidedBy, Way
from tests.factories import (
    a_center,
    a_municipality,
    a_worker,
    an_engagement,
    an_officer_of,
    an_organization,
    principal_of,
)
from tests.rulebooks.conftest import ANSWERS, FRIDAY, Desk


def test_the_wizard_writes_three_rules_in_the_organizations_own_words(desk: Desk) -> None:
    privacy, security, procedure = desk.begin()
    assert [each.title for each in (privacy, security, procedure)] == [
        "個人情報保護規程", "情報セキュリティ基本規程", "事故対応手順"
    ]  # fmt: skip
    rows = desk.rows(privacy)
    assert rows["purpose"].text.startswith("この規程は、こども食堂 ひなた（以下「当会」という。）が")
    assert rows["duties"].title == "当会及び職員の責務"
    assert "個人情報を、活動場所の外に持ち出さない。" in rows["handling"].text
    assert "運営委員会で決め" in rows["review"].text
    # The seed's numbers survive: 22 articles, and what the old outline lacks stands between them.
    numbers = [
        row.number for row in queries.articles_of(desk.house.session, privacy) if not row.number.startswith("別")
    ]
    assert [each for each in numbers if "-" not in each] == [str(number) for number in range(1, 23)]
    assert {"3-2", "9-2", "11-2", "12-2", "16-2", "17-2", "18-2", "21-2"} <= set(numbers)
    numbers = [
        row.number for row in queries.articles_of(desk.house.session, security) if not row.number.startswith("別")
    ]
    assert [each for each in numbers if "-" not in each] == [str(number) for number in range(1, 26)]
    assert not [each for draft in (privacy, security, procedure) for row in desk.rows(draft).values()
                for each in texts.open_marks(row.text, row.title, row.staff)]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_whatever_is_answered_every_mandatory_article_stands_there_without_a_gap(library: Library, data) -> None:
    wizard = library.wizard_for(FRIDAY)
    answers = dict(ANSWERS) | {"chat-app": "連絡用チャット", "cloud-service": "保管サービス"}
    for key, question in wizard.questions.items():
        if question.options:
            answers[key] = data.draw(some.sampled_from([each.key for each in question.options]), label=key)
    for model in library.rules_for(FRIDAY):
        written = {each.key: each for each in model.written(wizard, answers)}
        assert model.mandatory <= set(written)
        for each in written.values():
            assert not texts.open_marks(each.text, each.title, each.staff), each.text
            texts.require_text(each.text)
            assert len(texts.blocks(each.text)) >= 1


def test_an_answer_that_is_missing_is_named_at_its_question(desk: Desk) -> None:
    for changed, at in (
        ({"officer": ""}, "officer"), ({"take_out": "perhaps"}, "take-out"), ({"chat": "named"}, "chat-app"),
        ({"deputy": "世話人"}, "deputy"), ({"home_work": "allowed"}, "home-work"),
        ({"storage": "あ" * 121}, "storage"), ({"window": "{officer}"}, "window"),
    ):  # fmt: skip
        with pytest.raises(WrongEntry) as refused:
            desk.begin(**changed)
        assert refused.value.field == at
    with pytest.raises(NotAllowed):
        desk.begin(by=desk.house.worker)
    desk.begin("privacy-rule")
    with pytest.raises(operations.AlreadyADraft):
        desk.begin("security-rule", "privacy-rule")


def test_an_article_no_rule_may_lack_cannot_be_left_out(desk: Desk) -> None:
    draft = desk.begin("privacy-rule")[0]
    session, who = desk.house.session, desk.house.officer.principal
    row = desk.rows(draft)["breach"]
    with pytest.raises(operations.NeededByClause, match="第18条の2"):
        operations.leave_out(session, desk.library, draft, row, reason="要らない", seen=1, by=who, now=desk.time.moment)
    row = desk.rows(draft)["publication"]
    operations.leave_out(session, desk.library, draft, row, reason="公表しない", seen=1, by=who, now=desk.time.moment)
    assert row.is_left_out
    operations.put_back(session, draft, row, by=who, now=desk.time.moment)
    assert not row.is_left_out


def contracted(desk: Desk, **variants: str) -> Engagement:
    municipality = a_municipality(desk.house.session, "はまかぜ市")
    engagement = an_engagement(desk.house.session, municipality, desk.house.organization)
    city = principal_of(desk.house.session, an_officer_of(desk.house.session, municipality)).actor
    listed = desk.library.clauses_for("2026-11")
    said = {key.replace("_", "-"): variant for key, variant in variants.items()}
    engagements.record_clauses(desk.house.session, engagement, listed, said, based_on=0, by=city, now=desk.time.moment)
    return engagement


def test_an_article_that_a_clause_needs_cannot_be_left_out(desk: Desk) -> None:
    contracted(desk, cloud="with-document", re_entrustment="with-approval")
    privacy, security, _ = desk.begin()
    session, who = desk.house.session, desk.house.officer.principal
    # Both rules speak of contractors; one may go, the other not.
    rows = desk.rows(security)
    said = {"reason": "任せない", "seen": 1, "by": who, "now": desk.time.moment}
    operations.leave_out(session, desk.library, security, rows["contractors"], **said)
    row = desk.rows(privacy)["contractors"]
    row.is_mandatory = False
    with pytest.raises(operations.NeededByClause, match="はまかぜ市との契約の条項「再委託」"):
        operations.leave_out(
            session, desk.library, privacy, row, reason="任せない", seen=1, by=who, now=desk.time.moment
        )


def test_what_the_contracts_ask_for_and_the_rules_lack_is_shown(desk: Desk) -> None:
    contracted(desk, take_out="forbidden", devices="own-devices-only", termination_and_damages="agreed", backups="none")
    desk.begin(take_out="allowed")
    session = desk.house.session
    states = queries.states_of(session, desk.house.organization.id, today=desk.today)
    agreed = clauses.agreed(session, desk.library, desk.house.organization.id, today=desk.today)
    found = {
        each.agreed.clause.key: each
        for each in clauses.check(
            desk.library, agreed, [(state.title, state.articles, state.answers) for state in states], today=desk.today
        )
    }
    assert set(found) == {"take-out", "devices", "termination-and-damages"}
    assert "許可を受けたときだけ持ち出す" in found["take-out"].conflict
    assert not found["take-out"].is_met
    assert "待ち合わせ" in found["devices"].conflict
    assert found["termination-and-damages"].is_met
    assert found["take-out"].shown_by == "持ち出し管理台帳"


def test_of_two_editors_the_second_is_told_and_loses_nothing(desk: Desk) -> None:
    draft = desk.begin("privacy-rule")[0]
    desk.change(draft, "complaints", "窓口は、世話人とする。", seen=1)
    with pytest.raises(operations.ChangedMeanwhile):
        desk.change(draft, "complaints", "窓口は、代表とする。", seen=1, by=desk.house.representative)
    assert desk.rows(draft)["complaints"].text == "窓口は、世話人とする。"
    desk.change(draft, "complaints", "窓口は、代表とする。", seen=2, by=desk.house.representative)


def test_a_gap_keeps_a_draft_from_being_reviewed_and_adopted(desk: Desk) -> None:
    draft = desk.begin("privacy-rule")[0]
    session, who = desk.house.session, desk.house.officer.principal
    desk.change(draft, "complaints", "窓口は、【要記入：窓口の電話】とする。")
    with pytest.raises(operations.StillOpen, match="第18条 苦情処理"):
        operations.review(session, desk.library, draft, seen=draft.revision, by=who, now=desk.time.moment)
    desk.change(draft, "complaints", "窓口は、{window}とする。")
    with pytest.raises(operations.StillOpen):
        operations.review(session, desk.library, draft, seen=draft.revision, by=who, now=desk.time.moment)
    desk.change(draft, "complaints", "窓口は、世話人とする。")
    operations.review(session, desk.library, draft, seen=draft.revision, by=who, now=desk.time.moment)
    desk.change(draft, "complaints", "窓口は、代表とする。")
    decision = adoption.Decision(DecidedBy.BOARD, FRIDAY, FRIDAY, False, None, "")
    with pytest.raises(adoption.NotReviewed):
        adoption.adopt(session, desk.library, draft, decision, by=who, now=desk.time.moment)
    with pytest.raises(operations.ChangedMeanwhile):
        operations.review(session, desk.library, draft, seen=draft.revision - 1, by=who, now=desk.time.moment)


def test_a_rule_goes_from_draft_to_force_to_the_public_and_is_superseded(desk: Desk) -> None:
    version = desk.adopt(desk.begin("privacy-rule")[0])
    assert (version.number, version.is_material, version.is_complete) == (1, True, True)
    session, who = desk.house.session, desk.house.officer.principal
    assert desk.state().published is None
    adoption.publish(session, version, by=who, now=desk.time.moment)
    assert desk.state().published is version
    assert desk.state().review_due_on == date(2027, 11, 27)
    code = desk.state().rulebook.code

    desk.time.tokyo(2027, 2, 1, 9)
    later = desk.revise(version, in_force_from=date(2027, 3, 1), is_material=True, acknowledge_by=date(2027, 3, 31))
    assert later.number == 2
    assert desk.state().current is version
    with pytest.raises(adoption.NotInForce):
        adoption.publish(session, later, by=who, now=desk.time.moment)
    desk.time.tokyo(2027, 3, 1, 0)
    assert desk.state().current is later
    assert desk.state().published is later  # under the same address
    found = queries.published_under(session, code, today=desk.today)
    assert found is not None
    assert found[0].published is later
    adoption.unpublish(session, later, by=who, now=desk.time.moment)
    assert queries.published_under(session, code, today=desk.today) is None
    assert queries.published_under(session, "x" * 32, today=desk.today) is None


def test_days_of_a_decision_that_cannot_be_are_refused_at_their_field(desk: Desk) -> None:
    draft = desk.begin("privacy-rule")[0]
    for changed, at in (
        ({"decided_on": FRIDAY + timedelta(days=1)}, "decided_on"),
        ({"decided_on": date(2020, 1, 1)}, "decided_on"),
        ({"in_force_from": FRIDAY - timedelta(days=1)}, "in_force_from"),
        ({"in_force_from": date(2028, 1, 1)}, "in_force_from"),
    ):
        with pytest.raises(WrongEntry) as refused:
            desk.adopt(draft, **changed)
        assert refused.value.field == at
    version = desk.adopt(draft)
    draft = operations.begin_revision(
        desk.house.session, desk.house.organization, version, by=desk.house.officer.principal, now=desk.time.moment
    )
    for changed, at in (
        ({"change": ""}, "change"),
        ({"is_material": True}, "acknowledge_by"),
        ({"is_material": True, "acknowledge_by": FRIDAY + timedelta(days=3)}, "acknowledge_by"),
        ({"decided_on": date(2026, 11, 1), "in_force_from": date(2026, 11, 2)}, "in_force_from"),
    ):
        with pytest.raises(WrongEntry) as refused:
            desk.adopt(draft, **changed)
        assert refused.value.field == at


def test_no_change_is_a_decision_that_moves_the_next_review(desk: Desk) -> None:
    version = desk.adopt(desk.begin("privacy-rule")[0])
    session, who = desk.house.session, desk.house.officer.principal
    desk.time.tokyo(2027, 11, 1, 9)
    said = {"decided_by": DecidedBy.BOARD, "by": who, "now": desk.time.moment}
    with pytest.raises(WrongEntry):
        adoption.review_without_change(session, version, on=date(2027, 11, 2), note="変えない", **said)
    with pytest.raises(WrongEntry):
        adoption.review_without_change(session, version, on=date(2027, 11, 1), note="", **said)
    adoption.review_without_change(session, version, on=date(2027, 11, 1), note="変えない", **said)
    assert desk.state().review_due_on == date(2028, 11, 1)


def test_the_version_is_word_for_word_what_was_decided_and_stays_so(desk: Desk) -> None:
    draft = desk.begin("privacy-rule")[0]
    desk.change(draft, "complaints", "窓口は、世話人とする。")
    version = desk.adopt(draft)
    [held] = [each for each in queries.articles_in(version) if each.key == "complaints"]
    assert held.text == "窓口は、世話人とする。"
    assert held.source["is_edited"] is True
    assert held.source["name"] == "見本 2026年版"
    assert version.digest == texts.digest_of(version.title, queries.articles_in(version))
    with pytest.raises(operations.DraftEnded):
        desk.change(draft, "complaints", "あとから変える。")


# --- knowing the rules


def dues(desk: Desk, person) -> list[tuple[str, int, date | None, bool]]:
    found = queries.dues_of(desk.house.session, [person.worker], today=desk.today)[person.worker.id]
    return [(due.version.key, due.version.number, due.due_on, due.is_overdue) for due in found]


def test_everyone_is_asked_to_know_what_is_in_force_and_again_after_a_material_change(desk: Desk) -> None:
    versions = desk.adopt_all()
    worker = desk.house.worker
    assert [key for key, *_ in dues(desk, worker)] == list(RULE_KEYS)
    for version in versions.values():
        desk.acknowledge(version, worker)
    assert dues(desk, worker) == []
    with pytest.raises(adoption.AlreadyAcknowledged):
        desk.acknowledge(versions["privacy-rule"], worker)

    minor = desk.revise(versions["privacy-rule"])
    assert dues(desk, worker) == []
    desk.time.tokyo(2026, 12, 1, 9)
    material = desk.revise(minor, "もう一度変える。", is_material=True, acknowledge_by=date(2026, 12, 31))
    assert dues(desk, worker) == [("privacy-rule", 3, date(2026, 12, 31), False)]
    desk.time.tokyo(2027, 1, 1, 9)
    assert dues(desk, worker) == [("privacy-rule", 3, date(2026, 12, 31), True)]
    desk.acknowledge(material, worker)
    assert dues(desk, worker) == []
    with pytest.raises(adoption.NotInForce):
        desk.acknowledge(minor, desk.house.head)


def test_paper_is_entered_by_somebody_else_and_on_a_day_that_can_be(desk: Desk) -> None:
    version = desk.adopt(desk.begin("privacy-rule")[0])
    for on in (FRIDAY - timedelta(days=1), FRIDAY + timedelta(days=1)):
        with pytest.raises(WrongEntry):
            desk.paper(version, desk.house.volunteer, on)
    with pytest.raises(NotAllowed):
        desk.paper(version, desk.house.officer.worker)
    with pytest.raises(NotAllowed):
        desk.paper(version, desk.house.volunteer, by=desk.house.worker)
    elsewhere = a_worker(
        desk.house.session, a_center(desk.house.session, an_organization(desk.house.session, "別の団体"))
    )
    with pytest.raises(NotAllowed):
        desk.paper(version, elsewhere)
    desk.paper(version, desk.house.volunteer, by=desk.house.head)
    [row] = [each for each in queries.rows_of(desk.house.session, desk.house.organization.id, today=FRIDAY)
             if each.worker.id == desk.house.volunteer.id]  # fmt: skip
    assert row.dues == []


def test_three_questions_are_always_the_same_for_a_person_and_never_on_what_is_not_there(desk: Desk) -> None:
    version = desk.adopt(desk.begin("privacy-rule")[0])
    first = queries.questions_for(desk.library, version, desk.house.worker.worker.id)
    assert len(first) == 3
    assert first == queries.questions_for(desk.library, version, desk.house.worker.worker.id)
    seen = {tuple(each.key for each in queries.questions_for(desk.library, version, uuid4())) for _ in range(30)}
    assert len(seen) > 3
    there = {each.key for each in queries.articles_in(version)}
    assert {each.article for each in first} <= there
    assert adoption.wrong_of(first, {each.key: str(each.right) for each in first}) == []
    assert adoption.wrong_of(first, {}) == first


def test_every_act_stands_in_the_history_and_the_tables_agree_with_it(desk: Desk) -> None:
    version = desk.adopt(desk.begin("privacy-rule")[0])
    desk.acknowledge(version, desk.house.worker)
    desk.house.session.commit()
    assert desk.house.session.scalar(select(func.count()).select_from(RuleVersion)) == 1
    made = queries.acknowledgements_of(desk.house.session, [(desk.house.organization.id, desk.house.worker.worker.id)])
    assert [(each.way, each.asked, each.right_at_first, title) for each, title in made] == [
        (Way.SCREEN, 3, 2, "個人情報保護規程")
    ]
