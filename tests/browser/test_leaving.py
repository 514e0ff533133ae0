"""Someone leaves with things still taken out: one page closes everything, and their own device is turned away."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from partner_compliance.people import operations
from partner_compliance.people.models import ThingKind
from tests.browser.conftest import Desk, Town, sign_in
from tests.conftest import SetClock
from tests.factories import principal_of

pytestmark = pytest.mark.browser


def say(page: Page, question: str, choice: str) -> None:
    """Choose an answer as people do: by its words."""
    box = page.get_by_role("radiogroup", name=question)
    box.locator("label.tile").filter(has_text=choice).first.click()


def say_the_rest(page: Page) -> None:
    """Say when and why, that nothing else was lent, and that the pledge was signed."""
    page.get_by_label("最終日").first.fill("2026-11-26")
    say(page, "理由", "退職")
    for box in page.locator(".people-checks fieldset").all():
        box.locator("label.tile").filter(has_text="なし").click()
    say(page, "退職時の誓約", "署名を受け取った")
    page.get_by_label("署名した日").fill("2026-11-26")


def test_leaving_with_an_open_take_out_closes_everything_and_ends_the_live_session(
    desk: Desk, town: Town, time: SetClock
) -> None:
    officer = principal_of(town.session, town.officer.user, time.moment)
    for kind, label in ((ThingKind.DOCUMENT, "訪問記録の封筒"), (ThingKind.MEDIUM, "USB-7")):
        facts = operations.ThingFacts(kind, label, date(2026, 11, 20), due_on=date(2026, 11, 25))
        operations.lend(town.session, town.worker.worker, facts, by=officer.actor, now=time.moment)
    town.session.commit()
    leaver, page = desk.device(phone=True), desk.signed_in(town.officer.user)
    sign_in(leaver, town.worker.user)
    leaver.goto("/my/sheets")
    page.goto("/")

    menu = page.get_by_role("navigation", name="主なメニュー")
    menu.get_by_text("団体の人").click()
    menu.get_by_role("link", name="加入・退職").click()
    page.get_by_role("rowheader").get_by_role("link", name=town.worker.name).click()
    page.get_by_role("link", name="退職・活動終了の手続きをする").click()
    expect(page.get_by_text("訪問記録の封筒")).to_be_visible()
    say_the_rest(page)
    page.get_by_role("button", name="手続きを記録する").click()
    expect(page.get_by_role("alert")).to_contain_text("訪問記録の封筒: どうなったかを1つ選んでください。")
    leaver.reload()
    expect(leaver.get_by_role("heading", level=1)).to_contain_text("自分のシート")

    say(page, "訪問記録の封筒", "返却された（異常なし）")
    say(page, "USB-7", "まだ返ってきていない")
    page.get_by_role("button", name="手続きを記録する").click()
    expect(page.get_by_role("status")).to_contain_text("アカウントの利用を終了しました")
    expect(page.get_by_text("まだ残っていることがあります")).to_be_visible()
    leaver.reload()
    expect(leaver.get_by_role("heading", level=1)).to_contain_text("サインイン")

    say(page, "USB-7", "返却された（異常なし）")
    page.get_by_role("button", name="変更・残りを記録する").click()
    expect(page.get_by_text("手続きはすべて済んでいます")).to_be_visible()

    page.goto(f"/workers/{town.officer.worker.id}/leaving")
    say_the_rest(page)
    page.get_by_role("button", name="手続きを記録する").click()
    expect(page.get_by_text("ただ1人の個人情報責任者です")).to_be_visible()
    expect(page.get_by_text("東 京子さん（センター長）")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("今日やること")
