"""Findings, improvement requests and objections: asked, answered, sent back, accepted, taken back."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from partner_compliance.errors import NotAllowed, WrongEntry
from partner_compliance.history.verification import verify_all
from partner_compliance.inspections import exchanges, operations, queries
from partner_compliance.inspections.models import Demand, DemandEvent, LevelObjection
from partner_compliance.inspections.words import DemandEventKind, DemandState
from partner_compliance.models import LOGGED_CONTENTS
from tests.inspections.conftest import TODAY, Scene

LATER = TODAY + timedelta(days=20)


# --- findings and requests --------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_a_finding_is_answered_sent_back_answered_again_and_accepted_after_the_closing(scene: Scene) -> None:
    session, now = scene.house.session, scene.time.moment
    inspection = scene.open()
    finding = scene.find(inspection)
    assert (scene.line(finding).state, scene.line(finding).name) == (DemandState.OPEN, "指摘1")
    assert scene.line(scene.find(inspection)).name == "指摘2"
    operations.close(session, inspection, summary="まとめ", by=scene.city, now=now)
    session.commit()
    scene.answer(finding)
    exchanges.send_back(session, finding, text="日付がありません。", due_on=LATER, seen=1, by=scene.city, now=now)
    session.commit()
    line = scene.line(finding)
    assert (line.state, line.due_on) == (DemandState.SENT_BACK, LATER)
    assert not line.is_overdue(LATER)
    assert line.is_overdue(LATER + timedelta(days=1))
    scene.answer(finding, text="11月20日に直しました。")
    assert not scene.line(finding).is_overdue(LATER + timedelta(days=1))
    exchanges.accept(session, finding, text="確認しました。", seen=3, by=scene.city, now=now)
    session.commit()
    assert scene.line(finding).state is DemandState.ACCEPTED
    assert [each.kind for each in queries.demand_events(session, finding)] == [
        DemandEventKind.ANSWERED, DemandEventKind.SENT_BACK, DemandEventKind.ANSWERED, DemandEventKind.ACCEPTED,
    ]  # fmt: skip
    assert all(verdict.ok for verdict in verify_all(session, LOGGED_CONTENTS))


@pytest.mark.parametrize(
    ("field", "changed", "said"),
    [
        ("what", {"what": ""}, "内容を入力"),
        ("due_on", {"due_on": TODAY - timedelta(days=1)}, "今日か、それより後"),
        ("due_on", {"due_on": None}, "期限を入力"),
        ("due_on", {"due_on": TODAY + timedelta(days=400)}, "1年以内"),
        ("article", {"article": ""}, "条文か、準備度の基準"),
        ("criterion", {"criterion": "9z"}, "一覧から選び直して"),
    ],
)
def test_a_finding_that_cannot_be_is_refused_at_its_field(
    scene: Scene, field: str, changed: dict[str, Any], said: str
) -> None:
    inspection = scene.open()
    with pytest.raises(WrongEntry, match=said) as refused:
        scene.find(inspection, **changed)
    assert refused.value.field == field


def test_a_request_needs_a_reason_and_no_inspection(scene: Scene) -> None:
    with pytest.raises(WrongEntry) as refused:
        scene.ask(reason="")
    assert refused.value.field == "reason"
    line = scene.line(scene.ask(criterion="1b"))
    assert (line.name, line.basis) == ("改善依頼", "準備度の基準 1b 従事者名簿の確認")


def test_who_answers_and_who_decides(scene: Scene) -> None:
    session, now = scene.house.session, scene.time.moment
    finding, request = scene.find(scene.open()), scene.ask()
    representative, officer = scene.house.representative.principal, scene.house.officer.principal
    for nobody in (representative, scene.house.head.principal, scene.house.worker.principal, scene.city):
        with pytest.raises(NotAllowed):
            scene.answer(finding, by=nobody)
    scene.answer(finding)
    scene.answer(request, by=representative)
    for demand in (finding, request):
        with pytest.raises(NotAllowed):
            exchanges.accept(session, demand, text="", seen=1, by=officer, now=now)
        with pytest.raises(NotAllowed):
            exchanges.withdraw(session, demand, text="x", seen=1, by=representative, now=now)


def test_what_is_done_or_has_moved_on_takes_no_answer_and_no_decision(scene: Scene) -> None:
    session, now = scene.house.session, scene.time.moment
    said: dict[str, Any] = {"by": scene.city, "now": now}
    demand = scene.ask()
    with pytest.raises(exchanges.NothingToDecide):
        exchanges.accept(session, demand, text="", seen=0, **said)
    scene.answer(demand)
    with pytest.raises(exchanges.WaitsForMunicipality):
        scene.answer(demand)
    with pytest.raises(exchanges.PageIsStale):
        exchanges.accept(session, demand, text="", seen=0, **said)
    with pytest.raises(WrongEntry, match="理由"):
        exchanges.send_back(session, demand, text="", due_on=LATER, seen=1, **said)
    with pytest.raises(WrongEntry, match="今日か、それより後"):
        exchanges.send_back(session, demand, text="x", due_on=TODAY - timedelta(days=1), seen=1, **said)
    with pytest.raises(WrongEntry, match="取り下げる理由"):
        exchanges.withdraw(session, demand, text="", seen=1, **said)
    exchanges.accept(session, demand, text="", seen=1, **said)
    session.commit()
    with pytest.raises(exchanges.Done):
        scene.answer(demand, seen=2)
    with pytest.raises(exchanges.Done):
        exchanges.withdraw(session, demand, text="x", seen=2, **said)


def test_what_was_asked_is_taken_back_with_a_reason(scene: Scene) -> None:
    demand = scene.ask()
    exchanges.withdraw(
        scene.house.session, demand, text="別の団体あてでした。", seen=0, by=scene.city, now=scene.time.moment
    )
    scene.house.session.commit()
    assert scene.line(demand).state is DemandState.WITHDRAWN
    assert not scene.line(demand).is_overdue(TODAY + timedelta(days=300))


@pytest.mark.both_engines
def test_overdue_ones_come_first_then_open_ones_then_those_that_are_done(scene: Scene) -> None:
    session = scene.house.session
    done, answered, later, late = (
        scene.ask(what=name, due_on=TODAY + timedelta(days=ahead))
        for name, ahead in (("済", 0), ("回答", 1), ("後", 9), ("遅", 0))
    )
    scene.answer(answered)
    exchanges.withdraw(session, done, text="x", seen=0, by=scene.city, now=scene.time.moment)
    session.commit()
    rows = queries.demands(
        session, queries.Asked(municipality_id=scene.municipality.id), today=TODAY + timedelta(days=1), limit=9
    )
    assert [each.demand.id for each in rows] == [late.id, later.id, answered.id, done.id]


# --- their pages ------------------------------------------------------------------------------------------------


def test_the_whole_way_on_the_pages_of_both_sides(app: Flask, scene: Scene) -> None:
    city, officer = scene.browser(app), scene.browser(app, scene.house.officer.user)
    made = city.post(
        f"/municipalities/{scene.municipality.id}/improvement-requests/new",
        data={
            "organization": str(scene.house.organization.id), "what": "名簿を確認してください。",
            "reason": "90日を過ぎたため", "criterion": "1b", "due_on": "2026-12-11", "request_key": str(uuid4()),
        },
    )  # fmt: skip
    assert made.status_code == 303
    page = made.headers["Location"]
    assert "改善依頼に回答する" in officer.get("/").text
    listed = officer.get(f"/organizations/{scene.house.organization.id}/inspections?show=demands").text
    assert "名簿を確認してください。" in listed
    answered = officer.post(f"{page}/answer", data={"seen": "0", "text": "確認しました。", "evidence": "名簿 11月27日"})
    assert answered.status_code == 303
    assert "改善依頼への回答が届いています" in city.get("/").text
    missing = city.post(f"{page}/decision", data={"seen": "1", "decision": "send_back", "text": "", "due_on": ""})
    assert missing.status_code == 422
    assert "差し戻す理由を入力してください" in missing.text
    back = {"seen": "1", "decision": "send_back", "text": "人数も書いてください。", "due_on": "2026-12-18"}
    assert city.post(f"{page}/decision", data=back).status_code == 303
    assert "差し戻された改善依頼に回答する" in officer.get("/").text
    assert "人数も書いてください。" in officer.get(page).text
    officer.post(f"{page}/answer", data={"seen": "2", "text": "5人です。"})
    assert city.post(f"{page}/decision", data={"seen": "3", "decision": "accept", "text": ""}).status_code == 303
    assert "完了" in officer.get(page).text
    assert "回答する" not in officer.get("/").text
    history = officer.get(f"/organizations/{scene.house.organization.id}/history?kind=demand").text
    assert "指摘・改善依頼を完了にしました" in history


def test_an_answer_to_something_done_meanwhile_is_told_and_kept_on_the_page(app: Flask, scene: Scene) -> None:
    session, demand = scene.house.session, scene.ask()
    officer, address = scene.browser(app, scene.house.officer.user), f"/demands/{demand.id}/answer"
    assert officer.get(address).status_code == 200
    exchanges.withdraw(session, demand, text="不要になりました。", seen=0, by=scene.city, now=scene.time.moment)
    session.commit()
    page = officer.post(address, data={"seen": "0", "text": "長い回答を書きました。"})
    assert page.status_code == 409
    assert "すでに完了しているか、取り下げられています" in page.text
    assert "長い回答を書きました。" in page.text
    assert "不要になりました。" in page.text
    assert officer.get(address).status_code == 409
    session.rollback()
    assert session.scalar(select(func.count()).select_from(DemandEvent)) == 1


def test_a_decision_on_a_stale_page_is_told_and_can_be_sent_again(app: Flask, scene: Scene) -> None:
    session, demand = scene.house.session, scene.ask()
    scene.answer(demand)
    city, address = scene.browser(app), f"/demands/{demand.id}/decision"
    assert 'value="1"' in city.get(address).text
    exchanges.send_back(session, demand, text="先に", due_on=LATER, seen=1, by=scene.city, now=scene.time.moment)
    session.commit()
    scene.answer(demand, text="二度目の回答")
    sent = {"decision": "accept", "text": "ありがとうございます。"}
    page = city.post(address, data={"seen": "1", **sent})
    assert page.status_code == 409
    for words in ("新しい動きがありました", "ありがとうございます。", "二度目の回答", 'value="3"'):
        assert words in page.text, words
    assert city.post(address, data={"seen": "3", **sent}).status_code == 303
    lost = city.post(address, data=sent)
    assert lost.status_code == 409


def test_a_finding_waits_on_the_home_of_the_protection_officer_alone(app: Flask, scene: Scene) -> None:
    scene.find(scene.open(), due_on=TODAY)
    assert "調査の指摘に回答する" in scene.browser(app, scene.house.officer.user).get("/").text
    assert "調査の指摘に回答する" not in scene.browser(app, scene.house.representative.user).get("/").text
    scene.time.tokyo(2026, 11, 28, 9)
    page = scene.browser(app, scene.house.officer.user).get("/").text
    assert "task-urgent" in page


# --- objections -------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_an_objection_is_made_once_and_answered_with_a_date(scene: Scene) -> None:
    session, now = scene.house.session, scene.time.moment
    first, made = scene.object(), scene.object()
    assert queries.objection_line(session, made).state == "自治体の回答待ち"
    said: dict[str, Any] = {"by": scene.city, "now": now}
    with pytest.raises(WrongEntry, match="確かめた日"):
        exchanges.answer_objection(session, made, text="x", decided_on=TODAY + timedelta(days=1), **said)
    with pytest.raises(WrongEntry, match="確かめた日"):
        exchanges.answer_objection(session, made, text="x", decided_on=TODAY - timedelta(days=1), **said)
    with pytest.raises(NotAllowed):
        exchanges.answer_objection(session, made, text="x", decided_on=TODAY, by=scene.house.officer.principal, now=now)
    exchanges.answer_objection(session, made, text="締めの後に数えられます。", decided_on=TODAY, **said)
    session.commit()
    assert queries.objection_line(session, made).state == "回答済み"
    listed = queries.objections(session, queries.Asked(municipality_id=scene.municipality.id), limit=9)
    assert [each.objection.id for each in listed] == [first.id, made.id]
    with pytest.raises(exchanges.AlreadyAnswered):
        exchanges.answer_objection(session, made, text="もう一度", decided_on=TODAY, **said)
    with pytest.raises(exchanges.AlreadyAnswered):
        exchanges.take_back_objection(session, made, text="x", by=scene.house.officer.principal, now=now)
    assert all(verdict.ok for verdict in verify_all(session, LOGGED_CONTENTS))


@pytest.mark.parametrize(
    ("field", "changed", "said"),
    [
        ("criterion", {"criterion": ""}, "どの基準"),
        ("criterion", {"criterion": "7x"}, "一覧から選び直して"),
        ("level_on", {"level_on": TODAY + timedelta(days=1)}, "今日まで"),
        ("level_on", {"level_on": date(2020, 1, 1)}, "1年前から"),
        ("what", {"what": ""}, "何が違うか"),
        ("record", {"record": ""}, "どの記録"),
        ("what", {"what": "南 花子の分が数えられていない"}, "氏名"),
    ],
)
def test_an_objection_that_cannot_be_is_refused_at_its_field(
    scene: Scene, field: str, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(WrongEntry, match=said) as refused:
        scene.object(**changed)
    assert refused.value.field == field


def test_an_objection_on_the_pages_of_both_sides(app: Flask, scene: Scene) -> None:
    organization = scene.house.organization.id
    partner, city = scene.browser(app, scene.house.representative.user), scene.browser(app)
    sent = {
        "municipality": str(scene.municipality.id), "criterion": "3a", "level_on": "2026-11-27",
        "what": "締めが数えられていません。", "record": "2026年10月", "request_key": str(uuid4()),
    }  # fmt: skip
    for _ in range(2):
        made = partner.post(f"/organizations/{organization}/objections/new", data=sent)
        assert made.status_code == 303
    page = made.headers["Location"]
    assert "段階についての申出が届いています" in city.get("/").text
    assert "締めが数えられていません。" in city.get(page).text
    assert "3a" in city.get(f"/municipalities/{scene.municipality.id}/inspections?show=objections").text
    answered = city.post(f"{page}/answer", data={"decided_on": "2026-11-27", "text": "確かめました。"})
    assert answered.status_code == 303
    assert "確かめました。" in partner.get(page).text
    late = partner.post(f"{page}/withdrawal", data={"text": "やめます。"})
    assert late.status_code == 409
    assert "やめます。" in late.text
    scene.house.session.rollback()
    assert scene.house.session.scalar(select(func.count()).select_from(LevelObjection)) == 1


def test_heads_and_workers_see_none_of_it(app: Flask, scene: Scene) -> None:
    inspection = scene.open()
    demand, objection = scene.find(inspection), scene.object()
    for person in (scene.house.head, scene.house.worker):
        client = scene.browser(app, person.user)
        for address in (
            f"/inspections/{inspection.id}", f"/inspections/{inspection.id}/views", f"/demands/{demand.id}",
            f"/objections/{objection.id}", f"/organizations/{scene.house.organization.id}/inspections",
        ):  # fmt: skip
            assert client.get(address).status_code == 403, address
    assert scene.house.session.scalar(select(func.count()).select_from(Demand)) == 1
