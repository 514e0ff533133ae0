"""A group registers itself on a phone, with a mistake on the way, and lands in its own organization."""

import pytest
from playwright.sync_api import expect

from partner_compliance import clock
from partner_compliance.acts import Actor
from partner_compliance.registrations import operations
from tests.browser.conftest import Desk, Town
from tests.browser.examining import findings
from tests.factories import PASSWORD, code_of

pytestmark = pytest.mark.browser


def test_a_group_registers_itself_on_a_phone(desk: Desk, town: Town) -> None:
    town.session.rollback()
    _, secret = operations.invite_partner(
        town.session, town.municipality, group_name="子ども食堂 さくら", email=None, terms=None, link_base="",
        by=Actor(None, "市役所 太郎", "password"), now=desk.time.moment,
    )  # fmt: skip
    town.session.commit()
    page = desk.device(phone=True)
    page.goto("/registration")
    page.get_by_label("招待の番号").fill(secret.replace("-", "").lower())
    page.get_by_role("button", name="次へ進む").click()
    page.get_by_role("link", name="登録を始める").click()

    expect(page.get_by_label("団体の名前")).to_have_value("子ども食堂 さくら")
    page.get_by_label("法人格").select_option("npo")
    page.get_by_label("代表者のお名前").fill("桜 守")
    page.get_by_label("代表者のフリガナ").fill("サクラ マモル")
    page.get_by_label("拠点の名前").fill("本部\n東の家")
    page.get_by_role("button", name="保存して次へ").click()
    expect(page.get_by_role("alert")).to_contain_text("法人番号")
    assert findings(page) == []
    page.get_by_label("法人番号").fill("7000012050002")
    page.get_by_role("button", name="保存して次へ").click()

    page.get_by_text("個人情報責任者（代表者が兼ねる場合も、こちら）").click()
    page.get_by_label("あなたのお名前").fill("桜 守")
    page.get_by_label("あなたのフリガナ").fill("サクラ マモル")
    page.get_by_role("button", name="保存して次へ").click()

    page.get_by_label("ログイン名").fill("sakura")
    page.get_by_label("パスワード", exact=False).first.fill(PASSWORD)
    page.locator("#again").fill(PASSWORD)
    page.get_by_text("上の約束を読みました").click()
    page.get_by_role("button", name="この内容で登録する").click()
    # Whoever looks after an organization sets up the second factor first, and is then led on.
    page.get_by_role("button", name="認証アプリを登録する").click()
    page.get_by_text("読み取れないとき").click()
    key = page.locator(".code-text").inner_text().replace(" ", "")
    page.get_by_label("確認コード").fill(code_of(clock.now(), key))
    page.get_by_role("button", name="確認して登録する").click()
    page.get_by_role("link", name="控えたので、次へ進む").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登録が終わりました")
    page.get_by_role("link", name="団体の情報を開く").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("子ども食堂 さくら")
