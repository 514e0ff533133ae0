"""A shared tablet in a center, and three people in a row who use it."""

import re

import pytest
from playwright.sync_api import Page, expect

from partner_compliance.database import begin_writing
from partner_compliance.kiosks import operations as kiosks
from partner_compliance.kiosks import queries
from tests.browser.conftest import Desk, Town, sign_in
from tests.browser.test_month import answer
from tests.conftest import SetClock

pytestmark = pytest.mark.browser

TABLET = {"width": 820, "height": 1180}
PINS = {"worker": "864209", "on_leave": "730164", "volunteer": "205813"}


def choose_name(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("お名前を押してください"))
    page.get_by_role("link", name=name).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(f"{name}さん"))


def enter(page: Page, name: str, pin: str) -> None:
    choose_name(page, name)
    page.get_by_label("暗証番号").fill(pin)
    page.get_by_role("button", name="はじめる").tap()
    expect(page.get_by_role("banner")).to_contain_text(f"{name}さん")


def submit_sheet(page: Page) -> None:
    page.get_by_role("link", name="記入する").tap()
    page.get_by_text("今月は持ち出しがなかった").tap()
    for item in ("1-1", "2-1", "2-2", "3-1", "4-1"):
        answer(page, item, "適正", "tap")
    page.get_by_role("button", name="提出する", exact=True).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("ありがとうございました")
    expect(page.get_by_role("status")).to_contain_text("チェックシートを提出しました")
    expect(page.get_by_role("button", name="終了する")).to_have_count(0)


def prepare(town: Town, time: SetClock) -> str:
    """Two people have a PIN, the volunteer a slip; returns its code."""
    session, now = town.session, time.moment
    begin_writing(session)
    people = [town.worker.worker, town.on_leave.worker, town.volunteer]
    _, secret = kiosks.open_kiosk(session, town.center, name="別の端末", by=kiosks.acts.SYSTEM, now=now)
    slips = {each.worker.id: each.code for each in kiosks.make_slips(session, people, by=kiosks.acts.SYSTEM, now=now)}
    device = queries.device_of(session, kiosks.accounts.digest(secret))
    assert device is not None
    for key in ("worker", "on_leave"):
        worker = getattr(town, key).worker
        kiosks.choose_pin(session, device, worker.id, slips[worker.id].replace(" ", ""), PINS[key], now=now)
    session.commit()
    return slips[town.volunteer.id]


def test_three_people_in_a_row_at_a_shared_tablet(desk: Desk, town: Town, time: SetClock) -> None:
    code = prepare(town, time)
    page = desk.device(viewport=TABLET, has_touch=True)
    page.clock.install()
    sign_in(page, town.head.user)
    page.goto(f"/centers/{town.center.id}/kiosks")
    page.get_by_label("端末の名前").fill("事務所のタブレット")
    page.get_by_role("button", name="この端末を共用端末にする").tap()

    # The first has a slip and no account; the page of thanks goes by itself.
    choose_name(page, town.volunteer.name)
    page.get_by_label("紙に書かれた番号").fill(code)
    page.get_by_role("button", name="つぎへ").tap()
    for label in ("自分で決める暗証番号", "もう一度、同じ番号"):
        page.get_by_label(label).fill(PINS["volunteer"])
    page.get_by_role("button", name="この番号に決める").tap()
    submit_sheet(page)
    page.clock.fast_forward(16_000)

    # The second has a PIN, and gets it wrong once.
    choose_name(page, town.worker.name)
    page.get_by_label("暗証番号").fill("111111")
    page.get_by_role("button", name="はじめる").tap()
    expect(page.get_by_role("alert")).to_contain_text("番号が違います")
    page.get_by_label("暗証番号").fill(PINS["worker"])
    page.get_by_role("button", name="はじめる").tap()
    submit_sheet(page)
    page.get_by_role("link", name="次の方どうぞ").tap()

    # The third is called away in the middle of a sentence.
    enter(page, town.on_leave.name, PINS["on_leave"])
    page.get_by_role("link", name="記入する").tap()
    answer(page, "2-2", "要改善", "tap")
    note = page.get_by_label("2-2 のメモ")
    note.fill("鍵の置き場所を、みんなが知って")
    with page.expect_response("**/kiosk/alive"):
        page.clock.fast_forward(31_000)
    page.clock.fast_forward(111_000)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("お名前を押してください"))
    page.evaluate("history.back()")
    page.wait_for_timeout(300)
    page.wait_for_load_state()
    assert "鍵の置き場所" not in page.content()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("お名前を押してください"))

    enter(page, town.on_leave.name, PINS["on_leave"])
    page.get_by_role("link", name="続きを記入する").tap()
    expect(note).to_have_value("鍵の置き場所を、みんなが知って")
    note.fill("もう一度書き直して、終了を押す")
    page.get_by_role("button", name="終了する").tap()
    enter(page, town.on_leave.name, PINS["on_leave"])
    page.get_by_role("link", name="続きを記入する").tap()
    expect(note).to_have_value("もう一度書き直して、終了を押す")
