"""From a printed invitation to the first sheet, on a phone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Desk, Town
from tests.browser.examining import findings
from tests.browser.test_month import COVERED, answer, submit

pytestmark = pytest.mark.browser

CHOSEN = "みどりのきつねがにひきいました"


def test_from_a_printed_invitation_to_the_first_sheet(desk: Desk, town: Town) -> None:
    officer = desk.signed_in(town.officer.user)
    officer.goto(f"/organizations/{town.organization.id}/accounts")
    officer.get_by_role("link", name="アカウントのない方を招待する").click()
    row = officer.get_by_role("row").filter(has=officer.get_by_role("rowheader", name=town.volunteer.name))
    expect(row).to_contain_text("まだ招待していません")
    row.get_by_role("link", name="招待する").click()
    officer.get_by_label("紙に印刷して、手渡す").check()
    officer.get_by_role("button", name="この内容で招待する").click()
    expect(officer.get_by_role("heading", level=1)).to_contain_text("招待の紙ができました")
    assert (found := findings(officer)) == [], "\n".join(found)
    in_the_qr_code = "/invitation/" + (officer.locator("input[name=secret]").get_attribute("value") or "")

    phone = desk.device(phone=True)
    phone.goto(in_the_qr_code)
    expect(phone.get_by_text(f"{town.volunteer.name}さんへの招待です")).to_be_visible()
    phone.get_by_role("button", name="参加して始める").tap()
    expect(phone).to_have_title(re.compile("^エラー: "))
    expect(phone.get_by_role("alert")).to_be_focused()
    phone.get_by_label("はい、本人です").check()
    phone.get_by_label("ログイン名").fill("yoshiko")
    phone.locator("#new").fill(CHOSEN)
    phone.locator("#again").fill(CHOSEN)
    phone.get_by_role("button", name="参加して始める").tap()

    expect(phone.get_by_role("status").filter(has_text="参加しました")).to_be_visible()
    expect(phone.get_by_role("heading", name="毎年度の誓約")).to_be_visible()
    phone.get_by_role("link", name="記入する").tap()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("2026年11月分")
    phone.get_by_text("今月は持ち出しがなかった").tap()
    expect(phone.get_by_text(f"14項目中 {len(COVERED)}項目 回答済み")).to_be_visible()
    for item in ("1-1", "2-1", "2-2", "3-1", "4-1"):
        answer(phone, item, "適正", "tap")
    submit(phone)

    phone.goto(in_the_qr_code)
    expect(phone.get_by_text("すでに使われています")).to_be_visible()
    officer.goto(f"/organizations/{town.organization.id}/invitations")
    expect(officer.get_by_role("cell", name="yoshiko")).to_be_visible()
