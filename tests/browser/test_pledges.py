"""Pledges through a year, at a shared tablet, on paper and after a change; and the roster of a case meeting."""

import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from partner_compliance.councils.models import MeetingSeat, MeetingSignature
from partner_compliance.councils.words import SignatureWay
from partner_compliance.pledges.models import Pledge, PledgeScan
from partner_compliance.pledges.words import Way
from tests.browser.conftest import Desk, Town, sign_in
from tests.browser.test_kiosk import PINS, TABLET, enter, prepare
from tests.conftest import SetClock
from tests.scans import SCAN

pytestmark = pytest.mark.browser


def read_and_sign(page: Page, name: str, press: str = "click") -> None:
    """Read the page to its end, type the own name, tick, sign."""
    expect(page.get_by_role("heading", name="関係する法律")).to_be_visible()
    page.get_by_label("氏名（姓と名）").fill(name)
    getattr(page.get_by_text("文面をすべて読み、内容を守ります"), press)()
    getattr(page.get_by_role("button", name="署名する"), press)()


def pledges(town: Town) -> list[Pledge]:
    town.session.rollback()
    town.session.expire_all()
    return list(town.session.scalars(select(Pledge).order_by(Pledge.recorded_at)))


def test_the_campaign_through_the_first_of_april(desk: Desk, town: Town, time: SetClock) -> None:
    phone = desk.signed_in(town.worker.user, phone=True)
    phone.goto("/")
    phone.get_by_role("link", name="読んで署名する").tap()
    read_and_sign(phone, "南花子", "tap")
    expect(phone.get_by_text(re.compile("署名を記録しました"))).to_be_visible()
    expect(phone.get_by_text("令和9年4月14日")).to_be_visible()

    for day, asked in (((2027, 2, 28), False), ((2027, 3, 1), True)):
        time.tokyo(*day, 9)
        phone = desk.signed_in(town.worker.user, phone=True)
        phone.goto("/my/pledges")
        expect(phone.get_by_role("link", name="読んで署名する")).to_have_count(1 if asked else 0)
    expect(phone.get_by_text("令和9年4月14日までに署名してください")).to_be_visible()

    time.tokyo(2027, 4, 1, 9)
    officer = desk.signed_in(town.officer.user)
    officer.goto(f"/organizations/{town.organization.id}/pledges")
    row = officer.get_by_role("row", name=re.compile(town.worker.name))
    expect(row).to_contain_text("いまは有効")
    expect(row).to_contain_text("令和9年4月14日まで有効")
    expect(officer.get_by_role("row", name=re.compile(town.head.name))).to_contain_text("未署名")

    time.tokyo(2027, 4, 15, 9)
    officer = desk.signed_in(town.officer.user)
    officer.goto(f"/organizations/{town.organization.id}/pledges")
    expect(row_of(officer, town.worker.name)).to_contain_text("令和9年4月15日から0日間")
    phone = desk.signed_in(town.worker.user, phone=True)
    phone.goto("/my/pledges")
    expect(phone.get_by_text("期限が過ぎています")).to_be_visible()
    phone.get_by_role("link", name="読んで署名する").tap()
    expect(phone.get_by_text(re.compile("令和9年度の活動にあたり"))).to_be_visible()
    read_and_sign(phone, "南 花子", "tap")
    expect(phone.get_by_text(re.compile("署名を記録しました"))).to_be_visible()
    officer.reload()
    expect(row_of(officer, town.worker.name)).to_have_count(0)
    assert [made.counts_until for made in pledges(town)] == [date(2027, 4, 14), date(2028, 4, 14)]


def row_of(page: Page, name: str):
    return page.get_by_role("row", name=re.compile(name))


def test_three_people_sign_one_after_another_at_a_shared_tablet(desk: Desk, town: Town, time: SetClock) -> None:
    code = prepare(town, time)
    page = desk.device(viewport=TABLET, has_touch=True)
    sign_in(page, town.head.user)
    page.goto(f"/centers/{town.center.id}/kiosks")
    page.get_by_label("端末の名前").fill("事務所のタブレット")
    page.get_by_role("button", name="この端末を共用端末にする").tap()
    page.get_by_role("link", name=town.volunteer.name).tap()
    page.get_by_label("紙に書かれた番号").fill(code)
    page.get_by_role("button", name="つぎへ").tap()
    for label in ("自分で決める暗証番号", "もう一度、同じ番号"):
        page.get_by_label(label).fill(PINS["volunteer"])
    page.get_by_role("button", name="この番号に決める").tap()
    for number, person in enumerate((town.volunteer, town.worker.worker, town.on_leave.worker)):
        if number:
            page.get_by_role("link", name="次の方どうぞ").tap()
            enter(page, person.name, PINS["worker" if number == 1 else "on_leave"])
        page.get_by_role("link", name="読んで署名する").tap()
        if number == 1:
            read_and_sign(page, town.on_leave.name, "tap")
            expect(page.get_by_role("alert").first).to_contain_text("違います")
        read_and_sign(page, person.name, "tap") if number != 1 else _sign_again(page, person.name)
        expect(page.get_by_role("heading", level=1)).to_have_text("ありがとうございました")
    made = pledges(town)
    assert [(each.name, each.way) for each in made] == [
        (person.name, Way.KIOSK) for person in (town.volunteer, town.worker.worker, town.on_leave.worker)
    ]


def _sign_again(page: Page, name: str) -> None:
    page.get_by_label("氏名（姓と名）").fill(name)
    page.get_by_role("button", name="署名する").tap()


def test_paper_with_its_scan(desk: Desk, town: Town, tmp_path: Path) -> None:
    officer = desk.signed_in(town.officer.user)
    officer.goto(f"/organizations/{town.organization.id}/pledges")
    link = officer.get_by_role("link", name="全員分の用紙を印刷する").get_attribute("href")
    assert officer.context.request.get(str(link)).headers["content-type"] == "application/pdf"
    row_of(officer, town.volunteer.name).get_by_role("link", name=re.compile("紙の誓約を入力する")).click()
    officer.get_by_label("どの誓約か").select_option("annual")
    officer.get_by_label("署名した日").fill("2026-11-20")
    scan = tmp_path / "誓約書.pdf"
    scan.write_bytes(b"PK\x03\x04 no picture at all")
    officer.get_by_label("署名した紙の画像").set_input_files(scan)
    officer.get_by_role("button", name="紙の誓約を記録する").click()
    expect(officer.get_by_role("alert").first).to_contain_text("PDF、JPEG、PNG")
    expect(officer.get_by_label("署名した日")).to_have_value("2026-11-20")
    scan.write_bytes(SCAN)
    officer.get_by_label("署名した紙の画像").set_input_files(scan)
    officer.get_by_role("button", name="紙の誓約を記録する").click()
    expect(officer.get_by_text("紙の誓約を記録しました")).to_be_visible()
    with officer.expect_download() as download:
        officer.get_by_role("link", name="署名した紙の画像").click()
    assert Path(download.value.path()).read_bytes() == SCAN
    made = pledges(town)
    assert [(each.name, each.way, each.recorded_by_name) for each in made] == [
        (town.volunteer.name, Way.PAPER, town.officer.name)
    ]
    assert town.session.scalars(select(PledgeScan)).one().media_type == "image/png"


def test_a_material_change_is_signed_again_within_its_grace(desk: Desk, town: Town, time: SetClock) -> None:
    phone = desk.signed_in(town.worker.user, phone=True)
    phone.goto("/my/pledges")
    phone.get_by_role("link", name="読んで署名する").tap()
    read_and_sign(phone, "南 花子", "tap")
    expect(phone.get_by_text(re.compile("署名を記録しました"))).to_be_visible()
    officer = desk.signed_in(town.officer.user)
    officer.goto(f"/organizations/{town.organization.id}/pledges/wordings/annual")
    officer.get_by_label("追加の約束").fill("送迎の車の中で、家庭の話をしません。")
    officer.get_by_label("変更の大きさ").select_option("material")
    officer.get_by_label("署名し直す期限").fill("2026-12-18")
    officer.get_by_label("変える理由").fill("送迎を始めたため")
    officer.get_by_role("button", name="この文面に決める").click()
    phone.goto("/")
    expect(phone.get_by_text("令和8年12月18日までに")).to_be_visible()
    officer.goto(f"/organizations/{town.organization.id}/pledges")
    expect(row_of(officer, town.worker.name)).to_contain_text("令和8年12月18日まで有効")

    time.tokyo(2026, 12, 19, 9)
    officer = desk.signed_in(town.officer.user)
    officer.goto(f"/organizations/{town.organization.id}/pledges")
    expect(row_of(officer, town.worker.name)).to_contain_text("新しい文面に未署名")
    phone = desk.signed_in(town.worker.user, phone=True)
    phone.goto("/my/pledges")
    phone.get_by_role("link", name="読んで署名する").tap()
    expect(phone.get_by_text("送迎の車の中で")).to_be_visible()
    read_and_sign(phone, "南 花子", "tap")
    expect(phone.get_by_text(re.compile("署名を記録しました"))).to_be_visible()
    officer.reload()
    expect(row_of(officer, town.worker.name)).to_have_count(0)
    first, second = pledges(town)
    assert (first.own_number, second.own_number) == (0, 1)
    phone.goto(f"/pledges/{first.id}")
    expect(phone.get_by_text("送迎の車の中で")).to_have_count(0)


def test_a_council_roster_with_two_outsiders(desk: Desk, town: Town) -> None:
    city = desk.signed_in(town.municipal_officer)
    city.goto(f"/municipalities/{town.municipality.id}/case-meetings/new")
    city.get_by_label("個別ケース検討会議の番号").fill("山田花子さんの件")
    city.get_by_label("会場").fill("市役所 3階")
    city.get_by_role("button", name="名簿を作る").click()
    expect(city.get_by_role("alert").first).to_contain_text("お子さんの名前は書かないでください")
    city.get_by_label("個別ケース検討会議の番号").fill("R8-014 第2回")
    city.get_by_role("button", name="名簿を作る").click()
    city.get_by_text("来る予定の方を書く").click()
    city.get_by_label("団体・機関の名前").fill("みなと小学校")
    city.get_by_label("氏名").first.fill("学校 一郎")
    city.get_by_text("構成員の団体・機関から").click()
    city.get_by_role("button", name="名簿に書く").click()
    expect(row_of(city, "学校 一郎")).to_contain_text("まだ")
    city.get_by_role("button", name="読み上げたことを記録する").click()
    expect(city.get_by_text(re.compile("さんが読み上げ"))).to_be_visible()
    meeting = city.url
    city.get_by_role("link", name="署名のQRコードを出す").click()
    address = city.get_by_role("link", name=re.compile("meeting-roster")).get_attribute("href")
    assert address is not None

    def sign(page: Page, organization: str, name: str, membership: str) -> None:
        page.get_by_label("団体・機関の名前").fill(organization)
        page.get_by_label("氏名").fill(name)
        page.locator("label.tile", has_text=membership).tap()
        page.get_by_text("秘密を守ることに同意します").last.tap()
        page.get_by_role("button", name="署名する").tap()
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("署名を記録しました"))

    member, outsider = desk.device(phone=True), desk.device(phone=True)
    for phone, organization, name, membership in (
        (member, "みなと小学校", "学校 一郎", "構成員の団体・機関から"),
        (outsider, "みなと病院", "外 一子", "構成員ではない"),
    ):
        phone.goto(address)
        expect(phone.get_by_text("R8-014第2回")).to_be_visible()
        sign(phone, organization, name, membership)

    # The second outsider signs at the tablet that goes round; nobody is signed in there any more.
    tablet = desk.signed_in(town.municipal_officer, viewport=TABLET, has_touch=True)
    tablet.goto(meeting)
    tablet.get_by_role("link", name="署名のQRコードを出す").tap()
    tablet.get_by_role("button", name="サインアウトして、この端末を回す").tap()
    sign(tablet, "民生委員協議会", "外 二郎", "構成員ではない")
    tablet.get_by_role("link", name="次の方が署名する").tap()
    expect(tablet.get_by_label("氏名")).to_have_value("")
    assert "外 二郎" not in tablet.content()
    tablet.goto(meeting)
    expect(tablet).to_have_url(re.compile("/sign-in"))

    city.goto(meeting)
    expect(row_of(city, "外 二郎")).to_contain_text("構成員ではない")
    expect(row_of(city, "外 二郎")).to_contain_text("署名済み")
    city.get_by_role("button", name="名簿を締め切る").click()
    expect(city.get_by_text("名簿を締め切りました")).to_be_visible()
    outsider.goto(address)
    expect(outsider.get_by_role("heading", level=1)).to_contain_text("できません")
    town.session.rollback()
    signed = town.session.execute(
        select(MeetingSeat.name, MeetingSeat.is_member, MeetingSignature.way).join(
            MeetingSignature, MeetingSignature.seat_id == MeetingSeat.id
        )
    ).all()
    assert sorted(tuple(row) for row in signed) == [
        ("外 一子", False, SignatureWay.OWN_PHONE),
        ("外 二郎", False, SignatureWay.TABLET),
        ("学校 一郎", True, SignatureWay.OWN_PHONE),
    ]
