"""The roster's pages through the client."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance.access import Role
from partner_compliance.history.entries import parse
from partner_compliance.history.models import LogLeaf
from partner_compliance.organizations.models import Worker
from partner_compliance.roster import operations, queries
from partner_compliance.roster.models import Project, RosterConfirmation, RosterSubmission, WorkerVersion
from tests.conftest import SetClock
from tests.documents.pages import embedded, read, text_of
from tests.factories import a_center, an_organization, signed_in, someone
from tests.roster.conftest import Person, Place

LONG = "𠮷田 髙﨑" * 16 + "四字足す" + "寿限無寿限無寿限"
assert len(LONG) <= 100

Enter = Callable[[Person], FlaskClient]


@pytest.fixture
def enter(app: Flask, place: Place) -> Enter:
    """Signs somebody in, at the time of the test."""
    return lambda person: signed_in(app, person.user, now=place.now)


def acts_told(session: Session, place: Place) -> list[str]:
    session.rollback()
    entries = session.scalars(select(LogLeaf.entry).where(LogLeaf.log_id == place.id).order_by(LogLeaf.idx))
    return [parse(entry).act for entry in entries if entry]


def typed(place: Place, **changed: Any) -> dict[str, Any]:
    """The form of a new person as a browser sends it."""
    return {
        "name": "髙﨑 𠮷", "name_kana": "タカサキ ヨシ", "staff_number": "", "kind": "volunteer",
        "center_id": str(place.center.id), "projects": [str(place.project.id)], "new_project": "",
        "is_handler": "yes", "files_sheets": "default", "joined_on": "2026-11-01", **changed,
    }  # fmt: skip


def add(place: Place, client: FlaskClient, **changed: Any) -> Any:
    return client.post(f"/organizations/{place.id}/workers/new", data=typed(place, **changed))


def kept(place: Place, name: str) -> Worker | None:
    """The row with exactly this name, as it stands in the database now."""
    place.session.rollback()
    place.session.expire_all()
    return place.session.scalar(select(Worker).where(Worker.organization_id == place.id, Worker.name == name))


# --- the list ---------------------------------------------------------------------------------------------------


def test_the_officer_sees_everyone_and_the_head_the_own_center_without_buttons(place: Place, enter: Enter) -> None:
    place.add("遠い 人", center_id=place.second.id)
    address = f"/organizations/{place.id}/roster"
    page = enter(place.officer).get(address).text
    assert "遠い 人" in page
    assert "新しい方を加える" in page
    for person, sees in ((place.head, False), (place.representative, True)):
        page = enter(person).get(address).text
        assert ("遠い 人" in page) is sees
        assert "南 花子" in page
        assert "新しい方を加える" not in page
        assert "/edit" not in page
    assert "遠い 人" not in enter(place.head).get(address + f"?presence=any&center={place.second.id}").text
    assert f'href="{address}"' in enter(place.head).get("/").text
    assert f'href="{address}"' in enter(place.officer).get("/").text


def test_the_list_keeps_its_filters_from_page_to_page(place: Place, enter: Enter) -> None:
    for number in range(60):
        operations.add_worker(
            place.session, place.id, place.facts(f"従事 者{number:02}", name_kana="ジュウジ"),
            by=place.officer.principal.actor, now=place.now,
        )  # fmt: skip
    place.session.commit()
    client = enter(place.officer)
    page = client.get(f"/organizations/{place.id}/roster?q=従事&kind=regular&nonsense=1&center=x").text
    assert "従事 者49" in page
    assert "従事 者50" not in page
    assert "全60件" in page
    assert "q=%E5%BE%93%E4%BA%8B&amp;kind=regular&amp;page=2" in page
    assert "従事 者50" in client.get(f"/organizations/{place.id}/roster?q=従事&kind=regular&page=2").text


@pytest.mark.both_engines
def test_a_search_for_what_no_name_holds_finds_nobody(place: Place, enter: Enter) -> None:
    client = enter(place.officer)
    for words in ("%00", "%E2%80%AE", "%5C%25", "%FF", "x" * 3000):
        assert client.get(f"/organizations/{place.id}/roster?q={words}&presence=any&page=99999").status_code == 200


# --- adding and changing ----------------------------------------------------------------------------------------


def test_a_new_person_is_kept_exactly_as_typed(place: Place, enter: Enter) -> None:
    client = enter(place.officer)
    answer = add(
        place, client, name=LONG, name_kana="ヤマタ\u3099 ハ\u309aウラ", staff_number="００７",
        new_project="子ども食堂", other_centers=[str(place.second.id), str(place.center.id)],
        joined_on="令和8年11月1日", files_sheets="no",
    )  # fmt: skip
    assert answer.status_code == 303
    made = kept(place, LONG)
    assert made is not None
    assert (made.name, made.name_kana, made.staff_number) == (LONG, "ヤマダ パウラ", "007")
    assert (made.joined_on, made.is_handler, made.files_sheets) == (date(2026, 11, 1), True, False)
    facts = operations.facts_of(place.session, made)
    assert facts.other_centers == {place.second.id}
    named = place.session.scalars(select(Project.name).where(Project.id.in_(facts.projects)))
    assert sorted(named) == ["子ども食堂", "見守り訪問事業"]
    assert acts_told(place.session, place)[-2:] == ["project.created", "worker.added"]
    assert LONG in client.get(f"/organizations/{place.id}/roster").text


#: What is typed, the element that the error leads to, and words of the error.
REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"name": " "}, "name", "氏名を入力してください"),
    ({"name": "長" * 101}, "name", "いま101文字です"),
    ({"name": "花\u202e子"}, "name", "使えない制御文字"),
    ({"name_kana": ""}, "name_kana", "フリガナを入力してください"),
    ({"name_kana": "山田"}, "name_kana", "カタカナ"),
    ({"kind": ""}, "kind", "区分を選んでください"),
    ({"kind": "king"}, "kind", ""),
    ({"center_id": "5c1f0f3e-0000-4000-8000-000000000000"}, "center_id", ""),
    ({"projects": ["5c1f0f3e-0000-4000-8000-000000000000"]}, "projects-0", ""),
    ({"is_handler": ""}, "is_handler-0", "取り扱うかどうか"),
    ({"joined_on": ""}, "joined_on", "始めた日を入力してください"),
    ({"joined_on": "2026-02-30"}, "joined_on", "この日付はありません"),
    ({"joined_on": "昭和99年1月1日"}, "joined_on", "この日付はありません"),
    ({"joined_on": "0026-04-01"}, "joined_on", "日付を確かめてください"),
    ({"staff_number": "1" * 31}, "staff_number", "30文字以内"),
    ({"staff_number": "A-1"}, "staff_number", "すでにほかの方に使われています"),
    ({"new_project": "事" * 201}, "new_project", "200文字以内"),
]


def test_what_cannot_stand_on_the_roster_is_refused_at_its_field(place: Place, enter: Enter) -> None:
    place.add("前から いる", staff_number="A-1")
    client = enter(place.officer)
    for changed, field, words in REFUSED:
        answer = add(place, client, **changed)
        assert answer.status_code == 422, changed
        assert "エラー: " in answer.text
        assert f'href="#{field}"' in answer.text, changed
        assert words in answer.text, changed
        for name, value in changed.items():
            if isinstance(value, str) and value.strip() and name not in ("kind", "center_id"):
                assert f'value="{value}"' in answer.text, "what was typed is kept"
    everything = add(place, client, name="", name_kana="山田", staff_number="1" * 31, joined_on="0026-04-01", kind="")
    for field in ("name", "name_kana", "staff_number", "joined_on", "kind"):
        assert f'href="#{field}"' in everything.text, "all that is wrong is said at once"
    place.session.rollback()
    assert queries.how_many(place.session, place.id, queries.Asked(), today=date(2026, 11, 27)) == 5


def test_the_same_name_asks_once_and_then_is_taken(place: Place, enter: Enter) -> None:
    place.leave(place.add("山田 花子", name_kana="ヤマダ ハナコ"), date(2026, 3, 31))
    client = enter(place.officer)
    answer = add(place, client, name="山田花子")
    assert answer.status_code == 422
    assert "山田 花子（ヤマダ ハナコ）" in answer.text
    assert "令和8年3月31日まで" in answer.text
    assert add(place, client, name="山田花子", is_other_person="y").status_code == 303
    assert kept(place, "山田花子") is not None


def edit(place: Place, client: FlaskClient, worker: Worker, **changed: Any) -> Any:
    page = client.get(f"/workers/{worker.id}/edit").text
    based_on = page.split('name="based_on"')[1].split('value="')[1].split('"')[0]
    return client.post(f"/workers/{worker.id}/edit", data=typed(place, based_on=based_on, **changed))


def test_a_change_keeps_a_version_and_none_when_nothing_changed(place: Place, enter: Enter) -> None:
    worker = place.add()
    client = enter(place.officer)
    same = {"kind": "regular", "joined_on": "2025-04-01"}
    assert edit(place, client, worker, **same).status_code == 303
    assert operations.last_number(place.session, worker) == 1
    assert edit(place, client, worker, kind="volunteer", joined_on="2025-04-01").status_code == 303
    page = client.get(f"/workers/{worker.id}/changes").text
    assert "<del>" in page
    assert "ボランティア" in page
    assert "西 守" in page
    place.session.rollback()
    assert operations.last_number(place.session, worker) == 2


def test_a_page_that_others_have_overtaken_says_so_and_keeps_what_was_typed(place: Place, enter: Enter) -> None:
    worker = place.add()
    client = enter(place.officer)
    place.change(worker, name_kana="タカサキ キチ")
    answer = client.post(f"/workers/{worker.id}/edit", data=typed(place, based_on="1", name_kana="タカザキ ヨシ"))
    assert answer.status_code == 409
    assert "ほかの方が変更しました" in answer.text
    assert "タカサキ キチ" in answer.text
    assert 'value="タカザキ ヨシ"' in answer.text
    # The next press is based on what was shown.
    again = client.post(f"/workers/{worker.id}/edit", data=typed(place, based_on="2", name_kana="タカザキ ヨシ"))
    assert again.status_code == 303
    assert kept(place, "髙﨑 𠮷").name_kana == "タカザキ ヨシ"  # type: ignore[union-attr]


def test_nobody_begins_after_having_left(place: Place, enter: Enter) -> None:
    worker = place.add()
    place.leave(worker, date(2026, 3, 31))
    client = enter(place.officer)
    assert "令和8年3月31日" in client.get(f"/workers/{worker.id}/edit").text
    answer = edit(place, client, worker, joined_on="2026-04-01", left_on="2027-01-01")
    assert answer.status_code == 422
    assert 'href="#joined_on"' in answer.text
    assert "活動を終えた日以前にしてください" in answer.text
    assert edit(place, client, worker, joined_on="2026-03-31").status_code == 303
    now = kept(place, "髙﨑 𠮷")
    assert now is not None
    assert (now.joined_on, now.left_on) == (date(2026, 3, 31), date(2026, 3, 31))


def test_a_person_stands_on_the_rosters_of_two_organizations(place: Place, enter: Enter) -> None:
    other = an_organization(place.session, "別の団体")
    _, officer = someone(place.session, a_center(place.session, other), Role.PROTECTION_OFFICER, name="別 守")
    operations.add_worker(
        place.session, other.id, place.facts(center_id=officer.center_id, projects=frozenset(), staff_number="A-1"),
        user_id=place.worker.user.id, by=place.officer.principal.actor, now=place.now,
    )  # fmt: skip
    place.session.commit()
    assert add(place, enter(place.officer), staff_number="A-1").status_code == 303


def test_what_was_typed_comes_back_after_the_sign_in_ran_out(
    place: Place, enter: Enter, time: SetClock, app: Flask
) -> None:
    client = enter(place.officer)
    address = f"/organizations/{place.id}/workers/new"
    client.get(address)
    time.set(place.now + timedelta(hours=2))
    assert urlsplit(add(place, client, name="書きかけ").location).path == "/sign-in"
    again = signed_in(app, place.officer.user, now=time.moment)
    page = again.get(address).text
    assert 'value="書きかけ"' in page
    assert "まだ登録されていません" in page
    assert 'value="2026-11-01"' in page
    assert add(place, again, name="書きかけ").status_code == 303
    assert 'value="書きかけ"' not in again.get(address).text


# --- changes ----------------------------------------------------------------------------------------------------


def test_looking_at_anothers_changes_is_recorded_and_at_the_own_is_not(place: Place, enter: Enter) -> None:
    address = f"/workers/{place.worker.worker.id}/changes"
    assert enter(place.worker).get(address).status_code == 200
    assert "worker.viewed" not in acts_told(place.session, place)
    assert enter(place.head).get(address).status_code == 200
    assert acts_told(place.session, place).count("worker.viewed") == 1
    assert "従事者の情報を閲覧しました" in enter(place.worker).get("/my/views").text
    assert enter(place.representative).get(address).status_code == 403


def test_erased_versions_are_shown_as_such(place: Place, enter: Enter) -> None:
    worker = place.add("消える 名前")
    place.change(worker, name="残る 名前")
    place.session.execute(
        WorkerVersion.__table__.update()
        .where(WorkerVersion.worker_id == worker.id, WorkerVersion.number == 1)
        .values(name=None, name_kana=None, staff_number=None)
    )
    place.session.commit()
    page = enter(place.officer).get(f"/workers/{worker.id}/changes").text
    assert "消去されています" in page
    assert "消える 名前" not in page


# --- confirming -------------------------------------------------------------------------------------------------


def seen_on(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"')[0]


def test_the_officer_is_asked_to_confirm_and_then_left_alone(place: Place, enter: Enter, time: SetClock) -> None:
    place.add("事業 なし", projects=frozenset())
    client = enter(place.officer)
    address = f"/organizations/{place.id}/roster/confirmation"
    assert address in client.get("/").text
    assert address not in enter(place.representative).get("/").text
    page = client.get(address).text
    assert "事業が決まっていません" in page
    assert "情報セキュリティ管理者の代理" in page
    assert client.post(address, data={"seen": seen_on(page)}).status_code == 303
    assert client.post(address, data={"seen": seen_on(page)}).status_code == 409
    kept = place.session.scalars(select(RosterConfirmation)).one()
    assert (kept.workers, kept.incomplete, kept.confirmed_on) == (5, 1, date(2026, 11, 27))
    assert "roster.confirmed" in acts_told(place.session, place)
    history = client.get(f"/organizations/{place.id}/history").text
    assert "従事者名簿を確認しました（取扱者5人、記入の足りない方1人、従事者5人）" in history
    assert address not in client.get("/").text

    now = time.set(place.now + timedelta(days=91))
    place.now = now
    home = enter(place.officer).get("/").text
    assert address in home
    assert "期限 2月25日(木)" in home
    assert "90日が過ぎています" in enter(place.officer).get(f"/organizations/{place.id}/roster").text


# --- handing it in ----------------------------------------------------------------------------------------------


def submit(place: Place, client: FlaskClient, **changed: str) -> Any:
    sent = {"engagement": str(place.engagement.id), "scope": "everyone", "project": "", **changed}
    address = f"/organizations/{place.id}/roster/submissions/new"
    page = client.get(address, query_string=sent)
    return client.post(address, data={**sent, "seen": seen_on(page.text)})


def test_a_roster_is_handed_in_compared_and_printed(place: Place, enter: Enter) -> None:
    client = enter(place.officer)
    first = submit(place, client)
    assert first.status_code == 303
    assert "はじめて提出した" in client.get(first.location).text
    place.add(LONG, name_kana="ナガイ")
    place.change(place.worker.worker, name="葛\U000e0100城 花子", projects=frozenset())
    place.leave(place.head.worker, date(2026, 11, 26))
    listed = client.get(f"/organizations/{place.id}/roster/submissions").text
    assert "追加1人、外れた方1人、変更1人、役職の変更" in listed
    second = submit(place, client)
    page = client.get(second.location).text
    for words in (LONG, "葛\U000e0100城 花子", "東 京子", "追加1人、外れた方1人、変更1人、役職の変更"):
        assert words in page
    assert "変更はありません" in client.get(f"/organizations/{place.id}/roster/submissions").text

    paper = client.get(second.location + "/roster.pdf")
    assert paper.mimetype == "application/pdf"
    text = text_of(paper.data)
    for words in (
        "業務従事者名簿", "みなと市", "見守り強化事業", "NPO法人はまかぜ", "北代表", "令和8年11月27日（第2回）",
        "個人情報責任者", "西守（",
        "髙﨑", "𠮷田", "葛\U000e0100城花子", "前回（第1回、令和8年11月27日）からの変更", "外れた方", "東京子",
    ):  # fmt: skip
        assert words in text, words
    assert all(embedded(paper.data).values())
    assert float(read(paper.data).pages[0].mediabox.width) > 800  # landscape
    assert acts_told(place.session, place)[-1] == "roster.printed"
    assert "roster.submitted" in acts_told(place.session, place)
    assert enter(place.representative).get(second.location).status_code == 200


def test_a_stale_or_foreign_submission_is_refused_with_the_newest_shown(place: Place, enter: Enter) -> None:
    client = enter(place.officer)
    address = f"/organizations/{place.id}/roster/submissions/new"
    sent = {"engagement": str(place.engagement.id), "scope": "everyone"}
    seen = seen_on(client.get(address, query_string=sent).text)
    place.add("あとから 来た")
    answer = client.post(address, data={**sent, "seen": seen})
    assert answer.status_code == 409
    assert "あとから 来た" in answer.text
    assert client.post(address, data={**sent, "seen": seen_on(answer.text)}).status_code == 303
    foreign = client.post(address, data={"engagement": str(place.id), "scope": "everyone", "seen": "x"})
    assert foreign.status_code == 422
    assert client.get(address, query_string={"scope": "project"}).status_code == 200
    assert client.post(address, data={**sent, "scope": "project", "seen": "x"}).status_code == 422
    empty = client.post(address, data={**sent, "scope": "project", "project": str(an_empty_project(place)), "seen": ""})
    assert empty.status_code == 422
    assert "当てはまる方がいない" in empty.text
    place.session.rollback()
    assert len(place.session.scalars(select(RosterSubmission.id)).all()) == 1


def an_empty_project(place: Place) -> Any:
    made = operations.project_named(
        place.session, place.id, "だれもいない事業", by=place.officer.principal.actor, now=place.now
    )
    place.session.commit()
    return made.id


def test_an_erased_submission_shows_that_it_was_made_and_nothing_else(place: Place, enter: Enter) -> None:
    client = enter(place.officer)
    first, second = submit(place, client), submit(place, client)
    made = place.session.scalars(select(RosterSubmission).where(RosterSubmission.number == 1)).one()
    made.rows = made.heading = None
    place.session.commit()
    page = client.get(first.location)
    assert "消去されています" in page.text
    assert "南 花子" not in page.text
    assert client.get(first.location + "/roster.pdf").status_code == 404
    assert "比べられません" in client.get(second.location).text
    assert "消去されているため" in text_of(client.get(second.location + "/roster.pdf").data)
    assert client.get(f"/organizations/{place.id}/roster/submissions").status_code == 200


def test_what_is_too_long_for_a_row_is_printed_below_the_table(place: Place, enter: Enter) -> None:
    client = enter(place.officer)
    names = [f"{number}番目の事業" + "あ" * 180 for number in range(30)]
    made = [
        operations.project_named(place.session, place.id, name, by=place.officer.principal.actor, now=place.now)
        for name in names
    ]
    place.add("仕事 多", projects=frozenset(each.id for each in made))
    paper = text_of(client.get(submit(place, client).location + "/roster.pdf").data)
    assert "全文は別記1" in paper
    assert all(f"{number}番目の事業" in paper.replace("別記1", "") for number in range(30))


def test_a_roster_of_thousands_is_printed_from_the_page(place: Place, enter: Enter, monkeypatch: Any) -> None:
    from partner_compliance.roster import paper

    monkeypatch.setattr(paper, "PDF_UP_TO", 3)
    client = enter(place.officer)
    made = submit(place, client)
    assert "PDFを開く" not in client.get(made.location).text
    assert client.get(made.location + "/roster.pdf").status_code == 409


def test_without_an_engagement_there_is_nothing_to_hand_in(place: Place, enter: Enter) -> None:
    place.engagement.cancelled_on = date(2026, 11, 1)
    place.session.commit()
    client = enter(place.officer)
    assert "いま有効な契約・協定はありません" in client.get(f"/organizations/{place.id}/roster/submissions").text
    page = client.get(f"/organizations/{place.id}/roster/submissions/new")
    assert page.status_code == 200
    assert "提出用に確定する" not in page.text
    assert queries.how_many_submissions(place.session, place.id) == 0
