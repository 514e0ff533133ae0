"""A month from a worker's phone to the municipality's dashboard, as people do it in a browser."""

import csv
import io
import re
from collections.abc import Callable

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MONTH, Desk, Town, sign_in
from tests.conftest import SetClock

pytestmark = pytest.mark.browser

COMMENT = "2-2 の鍵のことを、もう少し具体的に書いてください。"
ALL_OF_A_WORKER = [
    *(f"1-{number}" for number in range(1, 11)), "2-1", "2-2", "3-1", "4-1",
]  # fmt: skip
COVERED = [f"1-{number}" for number in range(2, 11)]
OF_A_HEAD = ["5-1", "5-2", "5-3"]

Press = Callable[..., None]


def answer(page: Page, item: str, choice: str, press: str = "click") -> None:
    """Choose an answer as people do: by its words."""
    box = page.locator(f"#item-{item}")
    getattr(box.locator("label.tile").filter(has_text=re.compile(f"^\\s*{choice}\\s*$")), press)()
    expect(box.get_by_role("radio", name=choice, exact=True)).to_be_checked()


def fill_in(page: Page, *, head: bool = False, press: str = "click", **others: tuple[str, str]) -> None:
    """Answer a whole sheet with 適正, but for `item_2_2=("要改善", "note")`."""
    for item in ALL_OF_A_WORKER + (OF_A_HEAD if head else []):
        choice, note = others.get("item_" + item.replace("-", "_"), ("適正", ""))
        answer(page, item, choice, press)
        if note:
            page.get_by_label(f"{item} のメモ").fill(note)


def submit(page: Page) -> None:
    page.get_by_role("button", name="提出する", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="提出しました")).to_be_visible()


def sign_off(page: Page) -> None:
    page.get_by_role("button", name="確認済みにする").click()
    expect(page.get_by_role("status").filter(has_text="確認済みにしました")).to_be_visible()


def row_of(page: Page, name: str):
    """A person's row in the head's list."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))


def test_a_month_goes_from_a_workers_phone_to_the_municipalitys_dashboard(
    desk: Desk, town: Town, time: SetClock
) -> None:
    phone = desk.device(phone=True)
    a_worker_submits_from_a_phone(phone, town)

    head = desk.device()
    sign_in(head, town.head.user)
    head.get_by_role("link", name="一覧を開く").click()
    the_head_returns_the_sheet(head, town)

    time.tokyo(2026, 11, 30, 10)
    sign_in(phone, town.worker.user)
    the_worker_mends_it(phone)
    time.tokyo(2026, 12, 1, 9)
    sign_in(head, town.head.user)
    everyone_else_is_accounted_for(desk, head, town)
    the_head_closes_the_month(head, town)
    time.tokyo(2026, 12, 8, 9)
    the_municipality_sees_it(desk, town)


def a_worker_submits_from_a_phone(phone: Page, town: Town) -> None:
    sign_in(phone, town.worker.user)
    expect(phone.get_by_role("heading", level=1)).to_contain_text("今日やること")
    phone.get_by_role("link", name="記入する").tap()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("2026年11月分")
    assert phone.get_by_role("radio", checked=True).count() == 0

    phone.get_by_text("今月は持ち出しがなかった").tap()
    for item in COVERED:
        expect(phone.locator(f"#item-{item}").get_by_role("radio", name="該当なし")).to_be_checked()
    expect(phone.get_by_text("14項目中 9項目 回答済み")).to_be_visible()
    answer(phone, "1-1", "適正", "tap")
    answer(phone, "2-1", "適正", "tap")
    note = phone.get_by_label("2-2 のメモ")
    expect(note).to_be_hidden()
    answer(phone, "2-2", "要改善", "tap")
    expect(note).to_be_visible()
    note.fill("鍵")
    phone.get_by_role("button", name="下書き保存").tap()
    expect(phone.get_by_role("status").filter(has_text="下書きを保存しました")).to_be_visible()
    expect(note).to_have_value("鍵")
    expect(phone.get_by_label("今月は持ち出しがなかった")).to_be_checked()

    phone.get_by_role("button", name="提出する").tap()
    expect(phone).to_have_title(re.compile("^エラー: "))
    missing = phone.get_by_role("alert").get_by_role("link")
    expect(missing).to_have_count(2)
    missing.first.tap()
    expect(phone.locator("#answer-3-1-ok")).to_be_focused()
    answer(phone, "3-1", "適正", "tap")
    answer(phone, "4-1", "適正", "tap")
    submit(phone)
    expect(phone.get_by_text("2026年11月27日 9:00に受け付けました")).to_be_visible()
    expect(phone.get_by_text("2026年版　第1版")).to_be_visible()


def the_head_returns_the_sheet(head: Page, town: Town) -> None:
    expect(row_of(head, town.worker.name)).to_contain_text("確認待ち")
    expect(row_of(head, town.on_leave.name)).to_contain_text("未着手")
    row_of(head, town.worker.name).get_by_role("link", name="確認する").click()
    expect(head.get_by_role("paragraph").filter(has_text="メモ")).to_contain_text("鍵")
    head.get_by_label("差し戻しのコメント").fill(COMMENT)
    head.get_by_role("button", name="差し戻す").click()
    expect(head.get_by_role("status").filter(has_text="差し戻しました")).to_be_visible()
    expect(row_of(head, town.worker.name)).to_contain_text("差し戻し")


def the_worker_mends_it(phone: Page) -> None:
    expect(phone.get_by_text(COMMENT)).to_be_visible()
    phone.get_by_role("link", name="直して提出する").tap()
    expect(phone.get_by_text(COMMENT)).to_be_visible()
    expect(phone.get_by_label("2-2 のメモ")).to_have_value("鍵")
    phone.get_by_label("2-2 のメモ").fill("棚の鍵を新しくした。今月中に配る。")
    submit(phone)
    expect(phone.get_by_text("第2版").first).to_be_visible()


def everyone_else_is_accounted_for(desk: Desk, head: Page, town: Town) -> None:
    """The worker's sheet, a volunteer's paper, a leave, and the sheets of the three who hold posts."""
    month = f"/centers/{town.center.id}/months/{MONTH}"
    head.goto(month)
    row_of(head, town.worker.name).get_by_role("link", name="確認する").click()
    sign_off(head)
    expect(row_of(head, town.worker.name)).to_contain_text("確認済み")

    row_of(head, town.volunteer.name).get_by_role("link", name="紙から入力").click()
    head.get_by_role("link", name="紙の用紙から入力する").click()
    head.get_by_label("用紙に書かれた記入日").fill("2026-11-26")
    fill_in(head)
    submit(head)
    expect(head.get_by_text("紙からの代理入力")).to_be_visible()
    sign_off(head)

    row_of(head, town.on_leave.name).get_by_role("link", name="対象外にする").click()
    head.get_by_text("休職", exact=False).first.click()
    head.get_by_role("button", name="今月の対象外にする").click()
    expect(row_of(head, town.on_leave.name)).to_contain_text("対象外")

    row_of(head, town.head.name).get_by_role("link", name="自分のシート").click()
    head.get_by_role("link", name="記入する").click()
    fill_in(head, head=True)
    submit(head)
    expect(head.get_by_role("button", name="確認済みにする")).to_have_count(0)

    officer, representative = desk.signed_in(town.officer.user), desk.signed_in(town.representative.user)
    for page, person in ((officer, town.officer), (representative, town.representative)):
        page.goto(town.sheet_of(person.worker) + "/answers")
        fill_in(page)
        submit(page)
    officer.goto("/")
    officer.get_by_role("link", name="確認する").first.click()
    officer.goto(town.sheet_of(town.head.worker))
    sign_off(officer)
    representative.goto("/")
    representative.get_by_role("link", name="確認する").click()
    expect(representative.get_by_role("heading", level=1)).to_contain_text("チェックシート")
    sign_off(representative)
    head.goto(month)
    row_of(head, town.representative.name).get_by_role("link", name="確認する").click()
    sign_off(head)


def the_head_closes_the_month(head: Page, town: Town) -> None:
    expect(head.get_by_text("6人中 6人")).to_be_visible()
    head.get_by_role("button", name="2026年11月分を締める").click()
    expect(head.get_by_role("status").filter(has_text="2026年11月分を締めました")).to_be_visible()
    expect(head.get_by_text("この月は締められています")).to_be_visible()


def the_municipality_sees_it(desk: Desk, town: Town) -> None:
    page = desk.device()
    sign_in(page, town.municipal_officer)
    page.get_by_role("link", name="連携団体を見る").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=town.organization.name)).first
    expect(row).to_contain_text("100%")

    address = page.url
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSVで保存する").click()
    content = waiting.value.path().read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert any(town.organization.name in line for line in table)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Excel形式で保存する").click()
    sheet = openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes()), read_only=True).worksheets[0]
    assert any(town.organization.name in row for row in sheet.iter_rows(values_only=True))
    assert page.url == address

    page.get_by_role("rowheader").get_by_role("link", name=town.organization.name).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(town.organization.name)
    expect(page.get_by_text("2026年12月1日").or_(page.get_by_text("12月1日(火)")).first).to_be_visible()
    expect(page.get_by_text(town.worker.name)).to_have_count(0)
    expect(page.get_by_text(town.head.name).first).to_be_visible()


def test_everything_works_without_javascript(desk: Desk, town: Town) -> None:
    """Case G02: sign in, fill in, submit, sign off, sign out."""
    phone = desk.device(phone=True, java_script_enabled=False)
    sign_in(phone, town.worker.user)
    phone.get_by_role("link", name="記入する").tap()
    expect(phone.get_by_label("2-2 のメモ")).to_be_visible()
    phone.get_by_label("今月は持ち出しがなかった").check()
    for item in ALL_OF_A_WORKER:
        if item not in COVERED:
            answer(phone, item, "適正" if item != "2-2" else "わからない")
    phone.get_by_role("button", name="提出する").click()
    expect(phone.get_by_role("alert").get_by_role("link")).to_have_count(1)
    phone.get_by_label("2-2 のメモ").fill("鍵の置き場所を、誰に聞けばよいか分からない")
    submit(phone)
    expect(phone.locator(".badge-not_applicable")).to_have_count(len(COVERED))

    head = desk.device(java_script_enabled=False)
    sign_in(head, town.head.user)
    head.goto(f"/centers/{town.center.id}/months/{MONTH}")
    row_of(head, town.worker.name).get_by_role("link", name="確認する").click()
    sign_off(head)
    for page in (head, phone):
        page.goto("/")
        leave = page.get_by_role("button", name="サインアウト")
        if not leave.is_visible():
            page.locator("details.account summary").click()
        leave.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("サインイン")
        page.goto("/")
        expect(page.get_by_role("heading", level=1)).to_have_text("サインイン")
