"""Taking things out from a phone of 360 pixels, at a shared tablet, and what contradicts the month's sheet."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from partner_compliance import clock
from partner_compliance.database import begin_writing
from partner_compliance.takeouts import keeping, operations
from partner_compliance.takeouts.models import TakeOut
from partner_compliance.takeouts.words import Medium
from tests.browser.conftest import Desk, Person, Town
from tests.browser.test_kiosk import PINS, enter, prepare
from tests.browser.test_month import answer, fill_in
from tests.conftest import SetClock
from tests.factories import principal_of
from tests.taken_out import ALL_CHECKS, some_facts

pytestmark = pytest.mark.browser

TABLET = {"width": 820, "height": 1180}


def ask(phone: Page, leaves: str = "2026-11-27T10:00", returns: str = "2026-11-27T15:00") -> None:
    """Fill in the request as people do: by tapping and typing."""
    phone.locator("label.tile", has_text="紙の書類").tap()
    for label, text in (
        ("内容", "訪問記録 3件"), ("数", "3"), ("使いみち", "前回の約束を確かめる"), ("持っていく先", "東地区の訪問先"),
        ("出発の予定", leaves), ("戻る予定", returns),
    ):  # fmt: skip
        phone.get_by_label(re.compile(f"^{label}")).first.fill(text)
    phone.get_by_label(re.compile("^情報の区分")).select_option("D4")
    phone.get_by_label(re.compile("^持ち出す理由")).select_option("visit")
    phone.get_by_role("button", name="申請する").tap()


def leave(page: Page) -> None:
    """Three taps at the door."""
    expect(page.get_by_role("button", name="持ち出します")).to_be_visible()
    for tile in page.locator("form .tiles-stacked label.tile").all():
        tile.tap()
    page.get_by_role("button", name="持ち出します").tap()


def come_back(page: Page) -> None:
    """Count, check, done."""
    page.locator("label.tile", has_text="すべてそろっている").tap()
    page.locator("form .tiles-stacked label.tile").first.tap()
    page.get_by_role("button", name="戻りました").tap()


def rows(town: Town) -> list[TakeOut]:
    town.session.rollback()
    return town.session.query(TakeOut).all()


def done(town: Town, time: SetClock, *, permitted: bool = True, back: int | None = 3) -> TakeOut:
    """A row as it came about, without the browser."""
    session, now = town.session, time.moment
    begin_writing(session)
    worker, head = (principal_of(session, each.user, now) for each in (town.worker, town.head))
    row = operations.ask(
        session, town.worker.worker, some_facts(now + timedelta(minutes=5)), by=worker, now=now, request_key=uuid4()
    )
    if permitted:
        operations.permit(session, row, comment="", by=head, now=now)
    operations.depart(session, row, count=3, checks=ALL_CHECKS, comment="急ぎ", by=worker, now=now)
    if back is not None:
        operations.come_back(session, row, count=back, checks=ALL_CHECKS, comment="数えました", by=worker, now=now)
    session.commit()
    return row


def test_the_whole_way_from_a_phone_with_a_label_at_the_door(desk: Desk, town: Town, time: SetClock) -> None:
    session = town.session
    begin_writing(session)
    head = principal_of(session, town.head.user, time.moment)
    label = keeping.make_label(session, town.center, name="青いかばん", medium=Medium.PAPER, by=head, now=time.moment)
    session.commit()
    phone = desk.signed_in(town.worker.user, phone=True)
    phone.goto(f"/l/{label.code}")
    phone.get_by_role("link", name="持ち出しを申請する").tap()
    expect(phone.get_by_text("ラベル「青いかばん」を読み取りました")).to_be_visible()
    ask(phone, returns="2026-11-27T09:00")
    expect(phone).to_have_title(re.compile("^エラー: "))
    expect(phone.get_by_label(re.compile("^内容")).first).to_have_value("訪問記録 3件")
    phone.get_by_label(re.compile("^戻る予定")).fill("2026-11-27T15:00")
    phone.get_by_role("button", name="申請する").tap()
    expect(phone.get_by_text("許可を待っています")).to_be_visible()

    head_page = desk.signed_in(town.head.user, phone=True)
    head_page.goto("/")
    head_page.get_by_role("link", name="許可と確認を開く").tap()
    head_page.get_by_role("link", name="読んで決める").tap()
    head_page.get_by_role("button", name="許可する", exact=True).tap()
    expect(head_page.get_by_role("status").filter(has_text="許可しました")).to_be_visible()

    time.tokyo(2026, 11, 27, 10)
    phone.goto(f"/l/{label.code}")
    leave(phone)
    expect(phone.get_by_role("status").filter(has_text="持ち出しを記録しました")).to_be_visible()
    time.tokyo(2026, 11, 27, 14)
    phone = desk.signed_in(town.worker.user, phone=True)
    phone.goto(f"/l/{label.code}")
    come_back(phone)
    expect(phone.get_by_role("status").filter(has_text="返却を記録しました")).to_be_visible()
    expect(phone.get_by_role("main")).to_contain_text("出発前の許可")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360

    phone.goto(f"{town.sheet_of(town.worker.worker)}/answers")
    expect(phone.locator("#fact-1-2")).to_contain_text("出発前の許可あり 1件")
    fill_in(phone, press="tap")
    phone.get_by_role("button", name="提出する", exact=True).tap()
    expect(phone.get_by_role("status").filter(has_text="提出しました")).to_be_visible()
    assert len(rows(town)) == 1


def test_a_form_sent_again_after_a_lost_answer_makes_one_row(desk: Desk, town: Town) -> None:
    phone = desk.signed_in(town.worker.user, phone=True)
    phone.goto(f"/workers/{town.worker.worker.id}/take-outs/new")
    lost = []

    def lose(route):
        if not lost and route.request.method == "POST":
            lost.append(route.fetch(max_redirects=0).status)  # it arrives, and the answer gets lost on the way
            route.abort("internetdisconnected")
        else:
            route.continue_()

    phone.route("**/take-outs/new", lose)
    ask(phone)
    phone.wait_for_timeout(300)
    assert len(rows(town)) == 1
    phone.goto(f"/workers/{town.worker.worker.id}/take-outs/new")
    ask(phone)
    expect(phone.get_by_text("許可を待っています")).to_be_visible()
    assert lost == [303]
    assert len(rows(town)) == 1
    desk.witnesses[-1].errors.clear()  # the browser tells of the lost answer


@pytest.mark.parametrize(
    ("happened", "item", "said"),
    [
        ("in order", "1-2", "台帳には、この月の持ち出しが1件あります"),
        ("unpermitted", "1-2", "出発前の許可がない持ち出しが1件あります"),
        ("short", "1-3", "返却の遅れや数の違いが1件あります"),
        ("somebody else's", "1-2", "台帳には、この月の持ち出しがありません"),
    ],
)
def test_each_contradiction_is_asked_about_on_the_phone(
    desk: Desk, town: Town, time: SetClock, happened: str, item: str, said: str
) -> None:
    done(town, time, permitted=happened != "unpermitted", back=2 if happened == "short" else 3)
    whose: Person = town.on_leave if happened == "somebody else's" else town.worker
    phone = desk.signed_in(whose.user, phone=True)
    phone.goto(f"{town.sheet_of(whose.worker)}/answers")
    if happened == "in order":
        phone.get_by_text("今月は持ち出しがなかった").tap()
        for number in ("1-1", "2-1", "2-2", "3-1", "4-1"):
            answer(phone, number, "適正", "tap")
    else:
        fill_in(phone, press="tap")
    phone.get_by_role("button", name="提出する", exact=True).tap()
    expect(phone.get_by_role("alert")).to_contain_text(said)
    phone.get_by_role("alert").get_by_role("link").first.tap()
    phone.get_by_label(f"{item} 台帳と食い違う事情").fill("センター長に電話で伝えてあります")
    phone.get_by_role("button", name="提出する", exact=True).tap()
    expect(phone.get_by_role("status").filter(has_text="提出しました")).to_be_visible()
    expect(phone.get_by_text("センター長に電話で伝えてあります")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_leaving_and_coming_back_at_a_shared_tablet_with_a_witness(desk: Desk, town: Town, time: SetClock) -> None:
    prepare(town, time)
    session, now = town.session, time.moment
    begin_writing(session)
    worker, head = (principal_of(session, each.user, now) for each in (town.worker, town.head))
    row = operations.ask(
        session, town.worker.worker, some_facts(now + timedelta(minutes=5)), by=worker, now=now, request_key=uuid4()
    )
    operations.permit(session, row, comment="", by=head, now=now)
    officer = principal_of(session, town.officer.user, now)
    keeping.change_settings(session, town.organization, is_forbidden=False, needs_witness=True, by=officer, now=now)
    session.commit()
    page = desk.device(viewport=TABLET, has_touch=True)
    sign = desk.signed_in(town.head.user)
    page.context.add_cookies(sign.context.cookies())
    page.goto(f"/centers/{town.center.id}/kiosks")
    page.get_by_label("端末の名前").fill("玄関のタブレット")
    page.get_by_role("button", name="この端末を共用端末にする").tap()

    enter(page, town.worker.name, PINS["worker"])
    page.get_by_role("link", name="持ち出します").tap()
    leave(page)
    expect(page.get_by_role("status")).to_contain_text("持ち出しを記録しました")
    page.get_by_role("link", name="次の方どうぞ").tap()
    enter(page, town.worker.name, PINS["worker"])
    page.get_by_role("link", name="戻りました").tap()
    come_back(page)
    expect(page.get_by_role("status")).to_contain_text("返却を記録しました")
    page.get_by_role("link", name="次の方どうぞ").tap()

    enter(page, town.on_leave.name, PINS["on_leave"])
    page.get_by_role("link", name="持ち出しの申請・記録").tap()
    page.get_by_role("link", name=re.compile(town.worker.name)).tap()
    page.get_by_role("button", name="いっしょに数えて確かめました").tap()
    expect(page.get_by_role("status")).to_contain_text("立ち会いの確認を記録しました")
    assert clock.local_date(time.moment).isoformat() == "2026-11-27"


def test_a_hand_over_between_the_organization_and_the_city(desk: Desk, town: Town) -> None:
    phone = desk.signed_in(town.officer.user, phone=True)
    phone.goto("/my/receipts")
    phone.get_by_role("link", name="渡した・受け取ったことを書く").tap()
    phone.locator("label.tile", has_text="自治体から預かった").tap()
    phone.get_by_label(re.compile("^自治体と連携関係")).select_option(index=1)
    for label, text in (
        ("使いみち", "見守り訪問の準備"), ("内容", "相談記録の写し 5件"), ("数", "5"),
        ("返却・廃棄の期日", "2026-12-25"),
    ):  # fmt: skip
        phone.get_by_label(re.compile(f"^{label}")).first.fill(text)
    phone.get_by_label(re.compile("^種類")).first.select_option("paper")
    phone.get_by_label(re.compile("^情報の区分")).first.select_option("D4")
    phone.get_by_label(re.compile("^終わったら")).first.select_option("return")
    phone.get_by_role("button", name="記録する", exact=True).tap()
    expect(phone.get_by_text("相手の側の確認を待っています")).to_be_visible()

    city = desk.signed_in(town.municipal_officer)
    city.goto("/")
    city.get_by_role("link", name="内容を見て確認する").click()
    city.get_by_role("button", name="確認しました").click()
    expect(city.get_by_role("main")).to_contain_text("預かり中")

    phone.reload()
    phone.get_by_role("link", name="返却・廃棄を記録する").tap()
    phone.locator("label.tile", has_text="手渡しで返却").tap()
    phone.get_by_label(re.compile("^返却・廃棄した数")).fill("5")
    phone.get_by_label(re.compile("^立ち会った方")).fill("市役所 太郎")
    phone.locator("label.tile", has_text="写しとバックアップ").tap()
    phone.get_by_role("button", name="記録する", exact=True).tap()
    expect(phone.get_by_role("status").filter(has_text="返却・廃棄を記録しました")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360

    city.reload()
    city.get_by_role("button", name="返却・廃棄を確認しました").click()
    expect(city.get_by_role("main")).to_contain_text("返却・廃棄済み")
