"""An inspection from its opening to its closing, as both sides see it; a finding on a phone of 360 pixels."""

import re

import pytest
from playwright.sync_api import Page, expect

from partner_compliance.inspections.models import InspectionView
from tests.browser.conftest import Desk, Town
from tests.browser.examining import axe_findings
from tests.browser.test_month import fill_in
from tests.conftest import SetClock
from tests.factories import an_officer_of

pytestmark = pytest.mark.browser


def field(page: Page, label: str) -> "object":
    """The first field whose label begins so."""
    return page.get_by_label(re.compile(f"^{label}")).first


def test_an_officer_reads_a_sheet_the_partner_sees_both_and_a_finding_is_answered_and_closed(
    desk: Desk, town: Town, time: SetClock
) -> None:
    officer = an_officer_of(town.session, town.municipality, "市役所 花子")
    town.session.commit()
    worker = desk.signed_in(town.worker.user)
    worker.goto(f"{town.sheet_of(town.worker.worker)}/answers")
    fill_in(worker)
    worker.get_by_role("button", name="提出する", exact=True).click()
    expect(worker.get_by_role("status").filter(has_text="提出しました")).to_be_visible()

    city = desk.signed_in(officer)
    city.goto(f"/municipalities/{town.municipality.id}/inspections")
    city.get_by_role("link", name="調査を開く").click()
    field(city, "団体").select_option(label=town.organization.name)
    field(city, "調査する理由").fill("契約の点検のため")
    field(city, "記録を見る最後の日").fill("2026-11-01")
    city.get_by_role("button", name="調査を開く").click()
    expect(city).to_have_title(re.compile("^エラー: "))
    expect(field(city, "調査する理由")).to_have_value("契約の点検のため")
    field(city, "記録を見る最後の日").fill("2026-12-18")
    city.get_by_role("button", name="調査を開く").click()
    expect(city.get_by_role("status").filter(has_text="調査を開きました")).to_be_visible()
    inspection = city.url
    city.get_by_role("link", name="チェックシート").click()
    expect(city.get_by_role("main")).to_contain_text("調査のため、個人の記録を見ています")
    city.get_by_role("link", name=town.worker.worker.name).click()
    expect(city.get_by_role("heading", level=1)).to_contain_text("チェックシート")
    expect(city.get_by_role("main")).to_contain_text(town.worker.worker.name)
    assert axe_findings(city) == []
    sheet = city.url

    phone = desk.signed_in(town.officer.user, phone=True)
    phone.goto("/")
    phone.get_by_role("link", name="調査の内容を見る").tap()
    expect(phone.get_by_role("main")).to_contain_text("契約の点検のため")
    expect(phone.get_by_role("main")).to_contain_text("市役所 花子")
    phone.get_by_role("link", name="自治体が開いた記録を見る").tap()
    looks = phone.get_by_role("main")
    expect(looks).to_contain_text("チェックシートの一覧")
    expect(looks.get_by_role("row").filter(has_text=town.worker.worker.name)).to_have_count(1)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    worker.goto("/my/views")
    expect(worker.get_by_role("main")).to_contain_text("調査で、個人の記録を閲覧しました")

    city.goto(inspection)
    city.get_by_role("link", name="指摘を書く").click()
    field(city, "指摘の内容").fill("鍵の台帳に記入がない日が3日あります。")
    field(city, "もとになる条文").fill("特記事項 第5")
    field(city, "回答の期限").fill("2026-12-11")
    city.get_by_role("button", name="指摘を伝える").click()
    expect(city.get_by_role("heading", level=1)).to_contain_text("指摘1")

    phone.goto("/")
    phone.get_by_role("link", name="読んで回答する").tap()
    phone.get_by_role("link", name="回答する", exact=True).tap()
    field(phone, "回答").fill("台帳の様式を直しました。")
    phone.get_by_role("button", name="回答を送る").tap()
    expect(phone.get_by_role("status").filter(has_text="回答を記録しました")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360

    city.goto("/")
    city.get_by_role("link", name="回答を読む").click()
    city.get_by_role("link", name="回答を確認する").click()
    city.locator("label.tile", has_text="完了にする").click()
    city.get_by_role("button", name="記録する").click()
    expect(city.get_by_role("main")).to_contain_text("完了")
    city.goto(inspection)
    city.get_by_role("link", name="まとめを書いて終了する").click()
    field(city, "調査のまとめ").fill("おおむね適切です。")
    city.get_by_role("button", name="まとめを記録して終了する").click()
    expect(city.get_by_role("link", name="調査結果の通知（PDF）")).to_be_visible()
    answer = city.goto(sheet)
    assert answer is not None
    assert answer.status == 404
    phone.goto(inspection)
    expect(phone.get_by_role("main")).to_contain_text("おおむね適切です。")
    town.session.rollback()
    assert [each.kind.value for each in town.session.query(InspectionView).order_by(InspectionView.at)] == [
        "sheets", "sheet",
    ]  # fmt: skip
