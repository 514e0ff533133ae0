"""An engagement from the code to the notice, as the two sides go through it."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Desk, Town

pytestmark = pytest.mark.browser


def test_a_municipality_proposes_the_officer_accepts_and_tells_of_a_place(desk: Desk, town: Town) -> None:
    city = desk.signed_in(town.municipal_officer)
    officer = desk.signed_in(town.officer.user, phone=True)

    officer.goto(f"/organizations/{town.organization.id}/engagements")
    officer.get_by_role("button", name="連携コードを作る").click()
    code = officer.locator(".partner-code").inner_text().split()[-1]

    city.goto("/")
    menu = city.get_by_role("navigation", name="主なメニュー")
    menu.get_by_text("連携と招待").click()
    menu.get_by_role("link", name="連携関係").click()
    city.get_by_role("link", name="新しい連携関係を提案する").click()
    city.get_by_label("連携コード").fill(code)
    city.get_by_label("事業の名前").fill("学習支援事業")
    city.get_by_label("始まりの日").fill("2026-11-01")
    city.get_by_label("終わりの日").fill("2027-03-31")
    city.get_by_role("radiogroup", name="いちばんの根拠").get_by_text("補助", exact=False).first.click()
    city.get_by_role("group", name="D3").get_by_text("口頭").click()
    city.get_by_role("button", name="提案を送る").click()
    expect(city.get_by_text("団体が承諾すると有効になります").first).to_be_visible()

    officer.goto("/")
    expect(officer.get_by_role("heading", name="提案に返事をする")).to_be_visible()
    officer.get_by_role("link", name="内容を見る").click()
    officer.get_by_role("button", name="承諾する").click()
    expect(officer.get_by_text("承諾しました")).to_be_visible()

    officer.get_by_role("link", name="場所の一覧を開く").click()
    officer.get_by_role("link", name="場所を登録する").click()
    officer.get_by_label("保管場所", exact=True).check()
    officer.get_by_label("場所の名前").fill("本部の書庫")
    officer.get_by_label("所在地").fill("みなと市東町1-2-3")
    officer.get_by_label("かけられる", exact=True).check()
    officer.get_by_label("施錠の方法").fill("鍵付きの書庫")
    officer.get_by_label("鍵を管理する役職").fill("センター長")
    officer.get_by_label("使い始める日").fill("2026-11-27")
    officer.get_by_label("学習支援事業").check()
    officer.get_by_role("button", name="場所を登録する").click()
    expect(officer.get_by_text("自治体への届も作りました")).to_be_visible()

    city.goto("/")
    city.get_by_role("link", name="届を見る").click()
    city.get_by_role("link", name="保管場所 届").click()
    city.get_by_role("button", name="受け取りました").click()
    expect(city.get_by_text("受け取り済み")).to_be_visible()
