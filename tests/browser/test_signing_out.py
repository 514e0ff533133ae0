"""Shared devices, pauses and travels: what stays readable, what stays typed, and what the clock says."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import CHROMIUM_ARGUMENTS, Desk, Site, Town, sign_in
from tests.browser.test_month import answer
from tests.conftest import SetClock

pytestmark = pytest.mark.browser


def sign_out(page: Page) -> None:
    page.locator("details.account summary").click()
    page.get_by_role("button", name="サインアウト").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("サインイン")


@pytest.mark.parametrize("keeps_pages", [False, True], ids=["plain", "with pages kept in memory"])
def test_the_back_button_shows_nothing_after_signing_out(
    playwright_driver: Any, chromium_program: str, site: Site, town: Town, time: SetClock, keeps_pages: bool
) -> None:
    """Case B12, also in a browser that keeps whole pages for its back button, as people's browsers do."""
    browser = playwright_driver.chromium.launch(
        executable_path=chromium_program,
        args=CHROMIUM_ARGUMENTS,
        ignore_default_args=["--disable-back-forward-cache"] if keeps_pages else None,
    )
    desk = Desk(browser, site, time)
    try:
        page = desk.device()
        sign_in(page, town.worker.user)
        page.goto(town.sheet_of(town.worker.worker) + "/answers")
        answer(page, "2-2", "要改善")
        page.get_by_label("2-2 のメモ").fill("人に見られては困る文章")
        page.get_by_role("button", name="下書き保存").click()
        expect(page.get_by_role("status").filter(has_text="下書きを保存しました")).to_be_visible()
        sign_out(page)

        for _ in range(4):
            page.evaluate("history.back()")
            page.wait_for_timeout(400)
            page.wait_for_load_state()
            shown = page.locator("html").inner_text() + "".join(page.locator("textarea").all_inner_texts())
            assert "人に見られては困る文章" not in shown
            assert town.worker.name not in shown
        desk.tidy_up()
    finally:
        browser.close()


def test_typed_text_is_still_there_after_the_sign_in_ran_out(desk: Desk, town: Town, time: SetClock) -> None:
    page = desk.device(phone=True)
    sign_in(page, town.worker.user)
    sheet = town.sheet_of(town.worker.worker) + "/answers"
    page.goto(sheet)
    answer(page, "2-2", "要改善")
    page.get_by_label("2-2 のメモ").fill("一時間かけて書いた文章")
    time.set(time.moment + timedelta(minutes=61))

    page.get_by_role("button", name="下書き保存").click()
    expect(page.get_by_role("status")).to_contain_text("入力した内容が戻ります")
    page.get_by_label("ログイン名").fill(town.worker.user.login_name)
    page.get_by_label("パスワード").first.fill("correct horse battery staple")
    page.keyboard.press("Enter")

    page.wait_for_url("**" + sheet)
    expect(page.get_by_text("入力した内容を戻しました")).to_be_visible()
    expect(page.get_by_label("2-2 のメモ")).to_have_value("一時間かけて書いた文章")
    expect(page.locator("#item-2-2").get_by_role("radio", name="要改善")).to_be_checked()
    page.get_by_role("button", name="下書き保存").click()
    expect(page.get_by_role("status").filter(has_text="下書きを保存しました")).to_be_visible()
    page.reload()
    expect(page.get_by_label("2-2 のメモ")).to_have_value("一時間かけて書いた文章")
    expect(page.get_by_text("入力した内容を戻しました")).to_have_count(0)


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland"])
def test_a_browser_in_another_time_zone_shows_the_same_times(desk: Desk, town: Town, time: SetClock, zone: str) -> None:
    """Case E05, in zones with summer time, at a moment when it is another day there."""
    time.tokyo(2026, 11, 28, 0, 30)
    here, abroad = desk.signed_in(town.worker.user), desk.signed_in(town.worker.user, timezone_id=zone)
    assert abroad.evaluate("new Date(Date.UTC(2026, 10, 27, 15, 30)).getDate()") == (27 if "York" in zone else 28)
    here.goto(town.sheet_of(town.worker.worker) + "/answers")
    here.get_by_text("今月は持ち出しがなかった").click()
    for item in ("1-1", "2-1", "2-2", "3-1", "4-1"):
        answer(here, item, "適正")
    here.get_by_role("button", name="提出する").click()
    expect(here.get_by_text("2026年11月28日 0:30に受け付けました")).to_be_visible()

    for path in ("/", town.sheet_of(town.worker.worker), "/my/sheets"):
        here.goto(path)
        abroad.goto(path)
        assert abroad.locator("main").inner_text() == here.locator("main").inner_text()
    abroad.goto(town.sheet_of(town.worker.worker))
    expect(abroad.get_by_text("2026年11月28日 0:30に受け付けました")).to_be_visible()


def test_leaving_with_unsaved_text_is_asked_back(desk: Desk, town: Town) -> None:
    page = desk.signed_in(town.worker.user)
    page.goto(town.sheet_of(town.worker.worker) + "/answers")
    answer(page, "1-1", "適正")
    questions: list[str] = []

    def stay(dialog: Any) -> None:
        questions.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("link", name="ホーム").first.click(no_wait_after=True)
    page.wait_for_timeout(300)

    assert questions == ["beforeunload"]
    assert page.url.endswith("/answers")
    expect(page.locator("#item-1-1").get_by_role("radio", name="適正")).to_be_checked()
