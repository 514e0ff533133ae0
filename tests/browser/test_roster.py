"""Putting somebody on the roster from a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Desk, Town

pytestmark = pytest.mark.browser


def test_a_new_person_with_a_wrong_date_is_mended_and_saved_on_a_phone(desk: Desk, town: Town) -> None:
    page = desk.signed_in(town.officer.user, phone=True)
    page.goto(f"/organizations/{town.organization.id}/roster")
    page.get_by_role("link", name="新しい方を加える").click()
    page.get_by_label("氏名").fill("髙﨑 𠮷")
    page.get_by_label("区分").select_option(label="ボランティア")
    page.get_by_label("主な拠点").select_option(label="本部")
    page.locator("label.tile").filter(has_text=re.compile("個人情報を取り扱わない")).click()
    page.get_by_label("活動を始めた日").fill("0026-11-01")
    page.get_by_role("button", name="名簿に加える").click()

    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="フリガナを入力してください").click()
    expect(page.get_by_label("フリガナ")).to_be_focused()
    expect(page.get_by_label("氏名")).to_have_value("髙﨑 𠮷")
    expect(page.get_by_role("radio", name="個人情報を取り扱わない")).to_be_checked()
    page.keyboard.type("たかさき よし")
    summary.get_by_role("link", name="日付を確かめてください").click()
    page.get_by_label("活動を始めた日").fill("2026-11-01")
    page.get_by_role("button", name="名簿に加える").click()
    expect(page.get_by_role("status").filter(has_text="髙﨑 𠮷さんを名簿に加えました")).to_be_visible()
    page.goto(f"/organizations/{town.organization.id}/roster?q=タカサキ")
    expect(page.get_by_role("rowheader")).to_contain_text("髙﨑 𠮷")
