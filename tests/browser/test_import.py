"""A roster comes in from a file of a Windows machine: five broken rows are told, mended, and taken in."""

import pytest
from playwright.sync_api import Page, expect

from partner_compliance.imports.operations import AT_ONCE
from tests.browser.conftest import Desk, Town
from tests.browser.examining import findings
from tests.imports.conftest import a_csv, row

pytestmark = pytest.mark.browser

BROKEN = [
    row("①㈱髙﨑～", staff_number="0001"),
    row("", staff_number="0002"),
    row("春 野", staff_number="0001"),
    row("夏 草", staff_number="0004", kind="社長"),
    row("秋 空", staff_number="0005", name_kana="アキゾラ", joined_on="2026/2/30"),
    row("冬 木", staff_number="0006", center="どこか"),
]
MENDED = [
    BROKEN[0],
    BROKEN[1] | {"name": "梅 一輪"},
    BROKEN[2] | {"staff_number": "0003"},
    BROKEN[3] | {"kind": "ボランティア", "projects": "見守り訪問"},
    BROKEN[4] | {"joined_on": "令和8年2月28日"},
    BROKEN[5] | {"center": "本部"},
]


def choose(page: Page, rows: list[dict[str, str]]) -> None:
    content = a_csv(*rows, encoding="cp932")
    page.get_by_label("名簿のファイル").set_input_files({"name": "名簿.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="内容を確認する").click()


def test_a_file_with_five_broken_rows_is_mended_and_taken_in(desk: Desk, town: Town) -> None:
    page = desk.signed_in(town.officer.user)
    page.goto(f"/organizations/{town.organization.id}")
    page.get_by_role("link", name="名簿を取り込む・書き出す").click()
    choose(page, BROKEN)
    expect(page).to_have_title("エラー: 名簿をファイルから取り込む - 情報管理パートナー")
    expect(page.get_by_role("alert")).to_be_focused()
    faults = page.get_by_role("region", name="直すところ（5か所）").get_by_role("row")
    expect(faults).to_have_count(6)
    for number, (line, column) in enumerate(
        [
            ("3行目", "氏名"),
            ("4行目", "職員番号"),
            ("5行目", "区分"),
            ("6行目", "活動を始めた日"),
            ("7行目", "主な拠点"),
        ]
    ):
        expect(faults.nth(number + 1)).to_contain_text(line)
        expect(faults.nth(number + 1)).to_contain_text(column)

    choose(page, MENDED)
    expect(page.get_by_role("heading", level=1)).to_contain_text("取り込む内容の確認")
    added = page.get_by_role("region", name="新しく名簿に加わる方").get_by_role("row")
    expect(added.filter(has_text="①㈱髙﨑～")).to_contain_text("0001")
    expect(added).to_have_count(6)  # one of them stands on the roster already
    expect(page.get_by_role("heading", name="変更（1人）")).to_be_visible()
    expect(page.get_by_text("見守り訪問").first).to_be_visible()
    page.get_by_role("button", name="この内容で取り込む").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("名簿を取り込みました")
    expect(page.get_by_text("5人", exact=True)).to_be_visible()
    assert findings(page) == []

    page.go_back()
    page.get_by_role("link", name="名簿の取り込み").click()
    page.get_by_role("link", name="今の名簿を書き出す").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSVで保存する").first.click()
    assert "①㈱髙﨑～" in waiting.value.path().read_text(encoding="utf-8-sig")

    page.get_by_role("link", name="名簿の取り込み").click()
    choose(page, [row(f"従事 者{number}", staff_number=f"9{number}") for number in range(AT_ONCE + 1)])
    page.get_by_role("button", name="この内容で取り込む").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="いますぐ取り込む").click()
    expect(page.get_by_text("301人", exact=True)).to_be_visible()
