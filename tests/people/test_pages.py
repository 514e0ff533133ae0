"""The pages of people through the client."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from partner_compliance import clock
from partner_compliance.accounts.models import User
from partner_compliance.history.models import LogLeaf
from partner_compliance.organizations.models import Worker
from partner_compliance.people import operations, queries
from partner_compliance.people.models import (
    JoiningRecord,
    JoiningStep,
    Leaving,
    LeavingCheck,
    LentItem,
    Manner,
    ThingKind,
)
from partner_compliance.people.queries import Thing
from tests.conftest import SetClock
from tests.factories import a_center, signed_in
from tests.sheets.conftest import House

TODAY = date(2026, 11, 27)
YESTERDAY = "2026-11-26"


@pytest.fixture
def enter(app: Flask, house: House, time: SetClock) -> Callable[[str], Any]:
    """Signs one of the house in."""
    return lambda role: signed_in(app, getattr(house, role).user, now=time.moment)


def leaving_form(house: House, **changed: str) -> dict[str, str]:
    """The form of a leaving as a browser sends it, everything done."""
    checks = {f"check-{check.value}": "done" for check in LeavingCheck if check is not LeavingCheck.PLEDGE}
    return {
        "last_on": YESTERDAY, "reason": "resigned", "note": "", "checked_on": "2026-11-27", "open_note": "",
        "pledge": "done", "pledged_on": YESTERDAY, "seen": "0", **checks, **changed,
    }  # fmt: skip


def acts_named(house: House, name: str) -> int:
    house.session.rollback()
    return len(house.session.scalars(select(LogLeaf.idx).where(LogLeaf.act == name)).all())


# --- one person -------------------------------------------------------------------------------------------------


def test_a_persons_page_tells_those_who_look_after_them_everything_and_themselves_the_own_facts(
    house: House, enter: Callable[[str], Any]
) -> None:
    address = f"/workers/{house.worker.worker.id}"
    page = enter("officer").get(address).text
    for words in (
        "まだ個人情報を取り扱えません",
        "役職はありません",
        "アカウントと役割",
        "異動を登録する",
        "退職・活動終了の手続きをする",
    ):
        assert words in page
    assert acts_named(house, "worker.viewed") == 1

    page = enter("head").get(address).text
    assert "退職・活動終了の手続きをする" in page
    assert "異動を登録する" not in page

    page = enter("worker").get(address).text
    assert "まだ個人情報を取り扱えません" in page
    assert "退職・活動終了の手続きをする" not in page
    assert "加入の手続きを記録する" not in page
    assert acts_named(house, "worker.viewed") == 2


def test_links_to_rooms_that_are_not_there_are_not_shown(house: House, enter: Callable[[str], Any], app: Flask) -> None:
    page = enter("officer").get(f"/workers/{house.volunteer.id}").text
    assert ("招待する" in page) is ("invitations.invite" in app.view_functions)
    assert "なし（紙で参加）" in page


def test_other_rooms_say_what_someone_has_taken_out_and_how_they_take_part(
    house: House, app: Flask, enter: Callable[[str], Any]
) -> None:
    taken = Thing("書類（持ち出し中）", "台帳12", 1, TODAY)
    app.extensions["open_take_outs"] = (lambda _session, _workers: {house.volunteer.id: [taken]},)
    app.extensions["ways_in"] = (lambda _session, _worker: "共用端末", lambda _session, _worker: "")
    browser = enter("officer")
    page = browser.get(f"/workers/{house.volunteer.id}").text
    assert "台帳12" in page
    assert "共用端末" in page
    for address in ("things", "leaving"):
        assert "台帳12" in browser.get(f"/workers/{house.volunteer.id}/{address}").text
        assert "台帳12" not in browser.get(f"/workers/{house.worker.worker.id}/{address}").text
    assert "台帳12" in browser.get(f"/centers/{house.center.id}/things").text


# --- joining ----------------------------------------------------------------------------------------------------


def test_steps_are_recorded_one_by_one_and_withdrawn_with_a_reason(house: House, enter: Callable[[str], Any]) -> None:
    head, address = enter("head"), f"/workers/{house.volunteer.id}/joining"
    refused = head.post(f"{address}/briefing", data={"done_on": "いつか", "manner": "alone"})
    assert refused.status_code == 422
    assert "日付を確かめてください" in refused.text
    assert "説明した方の氏名を入力してください" in refused.text
    refused = head.post(f"{address}/pledge", data={"done_on": "2026-12-01", "manner": "paper"})
    assert refused.status_code == 422
    assert "今日までの日付" in refused.text
    assert head.get(f"{address}/party").status_code == 404

    for step in JoiningStep:
        done = head.post(
            f"{address}/{step}", data={"done_on": YESTERDAY, "manner": "alone", "subject": "規程", "by_whom": "西 守"}
        )
        assert done.status_code == 303
    assert "個人情報を取り扱えます" in head.get(address).text
    house.session.rollback()
    record = house.session.scalars(select(JoiningRecord).where(JoiningRecord.step == JoiningStep.PLEDGE)).one()

    refused = head.post(f"/joining-records/{record.id}/withdrawal", data={"reason": ""})
    assert refused.status_code == 422
    assert "取り消す理由を入力してください" in refused.text
    assert head.post(f"/joining-records/{record.id}/withdrawal", data={"reason": "別の方"}).status_code == 303
    page = head.get(address).text
    assert "まだ個人情報を取り扱えません" in page
    assert "誓約の記録を取り消し" in page
    assert head.post(f"/joining-records/{record.id}/withdrawal", data={"reason": "別の方"}).status_code == 409


def test_a_record_that_somebody_else_corrected_is_not_corrected_again_unseen(
    house: House, enter: Callable[[str], Any]
) -> None:
    head, address = enter("head"), f"/workers/{house.volunteer.id}/joining/pledge"
    sent = {"done_on": YESTERDAY, "manner": "alone"}
    assert head.post(address, data=sent).status_code == 303
    assert head.post(address, data=sent).status_code == 422  # no reason
    stale = head.post(address, data={**sent, "reason": "誤り", "seen": "00000000-0000-0000-0000-000000000000"})
    assert stale.status_code == 409
    assert "すでにほかの方が訂正" in stale.text


def test_a_meeting_is_recorded_for_the_chosen_and_only_for_those_in_reach(
    house: House, enter: Callable[[str], Any]
) -> None:
    second = a_center(house.session, house.organization, "分室")
    far = house.person("遠 方子", center=second)
    house.session.commit()
    head, address = enter("head"), f"/organizations/{house.organization.id}/people/meeting"
    page = head.get(address).text
    assert far.worker.name not in page
    assert "東 京子（本部）" not in page  # nobody records the own steps
    sent = {"step": "course", "done_on": YESTERDAY, "manner": "group", "subject": "入門研修"}
    assert "1人以上" in head.post(address, data=sent).text
    chosen = [str(house.volunteer.id), str(house.worker.worker.id)]
    assert head.post(address, data={**sent, "workers": [*chosen, str(far.worker.id)]}).status_code == 422
    done = head.post(address, data={**sent, "workers": chosen}, follow_redirects=True)
    assert "2人の「加入時の研修」を記録しました" in done.text


# --- home and overview ------------------------------------------------------------------------------------------


def test_home_and_overview_say_who_is_joining_and_whose_leaving_is_open(
    house: House, enter: Callable[[str], Any]
) -> None:
    overview = f"/organizations/{house.organization.id}/people"
    assert "5人の加入手続きが残っています" in enter("officer").get("/").text
    assert "4人の加入手続きが残っています" in enter("head").get("/").text  # not the own one
    assert "加入手続き" not in enter("worker").get("/").text
    officer = enter("officer")
    officer.post(
        f"/workers/{house.volunteer.id}/leaving",
        data=leaving_form(house, **{"check-keys": "open", "open_note": "来週"}),
    )
    for role in ("officer", "head"):
        assert "退職・活動終了の手続きが残っている方: 1人" in enter(role).get("/").text
        page = enter(role).get(overview).text
        assert "残りがあります" in page
        assert "鍵の返却" in page
        assert "手続き前です" in page
    assert enter("representative").get(overview).status_code == 403


# --- things -----------------------------------------------------------------------------------------------------


def test_a_thing_is_lent_found_in_the_centers_list_and_given_back(house: House, enter: Callable[[str], Any]) -> None:
    head, address = enter("head"), f"/workers/{house.volunteer.id}/things"
    assert head.post(address, data={"kind": "", "label": "", "count": "x", "handed_on": ""}).status_code == 422
    sent = {"kind": "medium", "label": "USB-7", "count": "1", "handed_on": YESTERDAY, "due_on": YESTERDAY}
    assert head.post(address, data=sent).status_code == 303
    listed = head.get(f"/centers/{house.center.id}/things").text
    assert "USB-7" in listed
    assert "過ぎています" in listed
    house.session.rollback()
    item = house.session.scalars(select(LentItem)).one()
    settle = f"/things/{item.id}"
    refused = head.post(settle, data={"fate": "lost", "happened_on": YESTERDAY, "note": ""})
    assert refused.status_code == 422
    assert "メモに書いてください" in refused.text
    lost = head.post(settle, data={"fate": "lost", "happened_on": YESTERDAY, "note": "電車"}, follow_redirects=True)
    assert "すぐに個人情報責任者に知らせてください" in lost.text
    assert "見つかったときの記録" in lost.text
    back = {"fate": "returned", "happened_on": "2026-11-27"}
    assert head.post(settle, data=back).status_code == 303
    assert head.post(settle, data=back).status_code == 409


def test_a_head_sees_nothing_of_another_centers_things_and_records(house: House, enter: Callable[[str], Any]) -> None:
    second = a_center(house.session, house.organization, "分室")
    far = house.person("遠 方子", center=second)
    by, now = house.officer.principal.actor, clock.now()
    item = operations.lend(
        house.session, far.worker, operations.ThingFacts(ThingKind.KEY, "鍵", date(2026, 11, 1)), by=by, now=now
    )
    step = operations.StepFacts(JoiningStep.PLEDGE, date(2026, 11, 1), Manner.ALONE)
    record = operations.record_step(house.session, far.worker, step, by=by, now=now)
    house.session.commit()
    head = enter("head")
    assert head.get(f"/things/{item.id}").status_code == 403
    assert head.post(f"/joining-records/{record.id}/withdrawal", data={"reason": "x"}).status_code == 403
    assert head.get(f"/workers/{far.worker.id}").status_code == 403


# --- posts ------------------------------------------------------------------------------------------------------


def test_posts_are_given_and_taken_with_dates_and_the_last_officers_is_kept(
    house: House, enter: Callable[[str], Any]
) -> None:
    officer, address = enter("officer"), f"/workers/{house.worker.worker.id}/posts"
    for sent, words in (
        ({"post": "", "center": "", "from_on": YESTERDAY}, "役職を選んでください"),
        ({"post": "center_head", "center": "", "from_on": YESTERDAY}, "拠点を1つ選んでください"),
        ({"post": "security_manager", "center": "", "from_on": "2027-01-01"}, "今日までの日付"),
        ({"post": "security_manager", "center": "", "from_on": "2024-03-31"}, "始めた日以降"),
    ):
        refused = officer.post(address, data=sent)
        assert refused.status_code == 422
        assert words in refused.text
    assert (
        officer.post(address, data={"post": "security_manager", "center": "", "from_on": YESTERDAY}).status_code == 303
    )
    deputy = officer.post(address, data={"post": "security_manager_deputy", "center": "", "from_on": YESTERDAY})
    assert deputy.status_code == 409
    assert "同じ方が、責任者とその代理の両方になることはできません" in deputy.text
    listed = enter("representative").get(f"/organizations/{house.organization.id}/posts").text
    assert "情報セキュリティ管理者の代理が決まっていません" in listed
    assert "届け出や承認が必要" in officer.get(address).text

    house.session.rollback()
    from partner_compliance.roster.models import Post, PostHolding

    def holding(post: Post) -> PostHolding:
        return house.session.scalars(select(PostHolding).where(PostHolding.post == post)).one()

    ending = f"/posts/{holding(Post.SECURITY_MANAGER).id}/end"
    assert "就任日以降" in officer.post(ending, data={"until_on": "2026-01-01"}).text
    assert officer.post(ending, data={"until_on": "2026-11-27"}).status_code == 303
    kept = officer.post(f"/posts/{holding(Post.PRIVACY_OFFICER).id}/end", data={"until_on": "2026-11-27"})
    assert kept.status_code == 409
    assert "先に、後任の個人情報責任者を" in kept.text
    assert "東 京子さん" in kept.text


# --- moving -----------------------------------------------------------------------------------------------------


def test_a_move_takes_the_row_and_leaves_the_records(house: House, enter: Callable[[str], Any]) -> None:
    second = a_center(house.session, house.organization, "分室")
    house.session.commit()
    officer, address = enter("officer"), f"/workers/{house.head.worker.id}/move"
    assert "ほかの団体に移るときは" in officer.get(address).text
    sent = {"center": str(second.id), "moved_on": "2026-11-27", "based_on": "1"}
    assert officer.post(address, data=sent).status_code == 422  # what becomes of the post
    assert officer.post(address, data={**sent, "keeps_posts": "end", "based_on": "7"}).status_code == 409
    assert officer.post(address, data={**sent, "keeps_posts": "end"}).status_code == 303
    house.session.rollback()
    house.session.refresh(house.head.worker)
    assert house.head.worker.center_id == second.id
    assert enter("head").get(f"/centers/{house.center.id}/months").status_code == 403


# --- leaving ----------------------------------------------------------------------------------------------------


def test_one_page_closes_everything_and_the_next_request_is_refused(house: House, enter: Callable[[str], Any]) -> None:
    officer, worker = enter("officer"), enter("worker")
    address = f"/workers/{house.worker.worker.id}/leaving"
    item = operations.lend(
        house.session, house.worker.worker, operations.ThingFacts(ThingKind.DOCUMENT, "封筒1", date(2026, 11, 2)),
        by=house.head.principal.actor, now=clock.now(),
    )  # fmt: skip
    house.session.commit()
    assert worker.get("/my/sheets").status_code == 200
    page = officer.get(address).text
    for words in ("封筒1", "秘密を守る義務は続きます", "2026年11月分", "鍵の返却"):
        assert words in page

    unsaid = officer.post(address, data=leaving_form(house))
    assert unsaid.status_code == 422
    assert "どうなったかを1つ選んでください" in unsaid.text
    assert worker.get("/my/sheets").status_code == 200

    done = officer.post(address, data=leaving_form(house, **{f"thing-{item.id}": "returned"}), follow_redirects=True)
    assert "アカウントの利用を終了しました" in done.text
    assert "手続きはすべて済んでいます" in done.text
    turned_away = worker.get("/my/sheets")
    assert turned_away.status_code == 302
    assert "/sign-in" in turned_away.headers["Location"]
    house.session.rollback()
    house.session.refresh(house.worker.worker)
    assert house.worker.worker.left_on == date(2026, 11, 26)
    stale = officer.post(address, data=leaving_form(house))
    assert stale.status_code == 409
    assert "ほかの方が変更しました" in stale.text


def test_the_last_officer_is_kept_and_the_page_says_whom_to_appoint_first(
    house: House, enter: Callable[[str], Any]
) -> None:
    refused = enter("officer").post(f"/workers/{house.officer.worker.id}/leaving", data=leaving_form(house))
    assert refused.status_code == 409
    assert "ただ1人の個人情報責任者" in refused.text
    assert "東 京子さん（センター長）" in refused.text
    house.session.rollback()
    assert house.session.scalars(select(Leaving)).all() == []
    assert house.session.get_one(User, house.officer.user.id).deactivated_at is None


def test_a_last_day_to_come_is_announced_and_a_leaving_can_be_undone(
    house: House, enter: Callable[[str], Any], time: SetClock
) -> None:
    officer, address = enter("officer"), f"/workers/{house.worker.worker.id}/leaving"
    said = leaving_form(house, last_on="2026-11-30", pledge="open", open_note="最終日に署名")
    done = officer.post(address, data=said, follow_redirects=True)
    assert "11月30日(月)の終わりに使えなくなります" in done.text
    assert "2026年11月30日" not in done.text  # eras, as elsewhere
    assert "令和8年12月1日までに済ませるのが目安" in done.text
    assert "最終日に署名</textarea>" in done.text  # what was open is filled in already
    assert enter("worker").get("/").status_code == 200

    refused = officer.post(f"{address}/cancel", data={"cancel-reason": ""})
    assert refused.status_code == 422
    assert enter("head").post(f"{address}/cancel", data={"cancel-reason": "x"}).status_code == 403
    done = officer.post(f"{address}/cancel", data={"cancel-reason": "続けることに"}, follow_redirects=True)
    assert "退職・活動終了を取り消しました" in done.text
    assert officer.post(f"{address}/cancel", data={"cancel-reason": "もう一度"}).status_code == 409
    assert "続けることに" in officer.get(address).text
    time.tokyo(2026, 12, 2)
    assert enter("worker").get("/my/sheets").status_code == 200


def test_a_head_cannot_close_for_someone_with_a_post(house: House, enter: Callable[[str], Any]) -> None:
    head = enter("head")
    refused = head.get(f"/workers/{house.representative.worker.id}/leaving")
    assert refused.status_code == 403
    assert "個人情報責任者が登録します" in refused.text
    assert head.post(f"/workers/{house.volunteer.id}/leaving", data=leaving_form(house)).status_code == 303


# --- coming back ------------------------------------------------------------------------------------------------


def test_whoever_comes_back_gets_a_new_row_and_can_sign_in_again(house: House, enter: Callable[[str], Any]) -> None:
    officer = enter("officer")
    old = house.worker.worker
    address = f"/workers/{old.id}/rejoining"
    assert officer.get(address).status_code == 409
    officer.post(f"/workers/{old.id}/leaving", data=leaving_form(house))
    assert "もう一度加入する" in officer.get(f"/workers/{old.id}").text
    sent = {
        "joined_on": "2026-11-27", "name_kana": "minami", "kind": "regular", "center": str(house.center.id),
    }  # fmt: skip
    assert "カタカナ" in officer.post(address, data=sent).text
    assert "より後" in officer.post(address, data={**sent, "name_kana": "ミナミ", "joined_on": YESTERDAY}).text
    assert "今日まで" in officer.post(address, data={**sent, "name_kana": "ミナミ", "joined_on": "2026-12-01"}).text
    done = officer.post(address, data={**sent, "name_kana": "ミナミ"}, follow_redirects=True)
    assert "もう一度名簿に加えました" in done.text
    assert officer.post(address, data={**sent, "name_kana": "ミナミ"}).status_code == 409
    house.session.rollback()
    new = queries.next_row_of(house.session, house.session.get_one(Worker, (old.organization_id, old.id)))
    assert new is not None
    browser = enter("worker")
    assert browser.get(f"/workers/{new.id}").status_code == 200
    assert browser.get(f"/workers/{old.id}").status_code == 403
    assert "いまの登録を見る" in officer.get(f"/workers/{old.id}").text
    assert "前の登録" in officer.get(f"/workers/{new.id}").text


def test_a_long_form_is_still_there_after_the_sign_in_ran_out(
    house: House, enter: Callable[[str], Any], time: SetClock
) -> None:
    from datetime import timedelta

    address = f"/workers/{house.volunteer.id}/leaving"
    officer = enter("officer")
    officer.get(address)
    time.set(time.moment + timedelta(minutes=61))
    answer = officer.post(address, data=leaving_form(house, note="長い説明"))
    assert "/sign-in" in answer.headers["Location"]
    officer = signed_in(officer.application, house.officer.user, now=time.moment)
    assert "長い説明" in officer.get(address).text
