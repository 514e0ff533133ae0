"""Signing in with an authenticator and with a passkey, from the first page to the last, and proving it again."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, Site, Town, sign_in
from tests.browser.examining import findings
from tests.browser.test_signing_out import sign_out
from tests.conftest import SetClock
from tests.factories import PASSWORD, code_of

pytestmark = pytest.mark.browser


def look(page: Page) -> None:
    found = findings(page)
    assert found == [], "\n".join(found)


def type_password(page: Page, town: Town) -> None:
    page.get_by_label("ログイン名").fill(town.officer.user.login_name)
    page.get_by_label("パスワード").first.fill(PASSWORD)
    page.get_by_role("button", name="サインイン", exact=True).click()


def test_an_officer_sets_up_an_authenticator_and_signs_in_with_it(desk: Desk, town: Town, time: SetClock) -> None:
    page = desk.device()
    wanted = f"/organizations/{town.organization.id}/accounts"
    page.goto(wanted)
    type_password(page, town)
    expect(page.get_by_role("heading", level=1)).to_contain_text("2段階目の確認を登録してください")
    look(page)

    page.get_by_role("button", name="認証アプリを登録する").click()
    page.get_by_text("読み取れないとき").click()
    secret = page.locator(".code-text").inner_text().replace(" ", "")
    page.get_by_label("確認コード").fill(code_of(time.moment, secret))
    page.get_by_role("button", name="確認して登録する").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("回復コード")
    codes = page.locator(".codes li").all_inner_texts()
    assert len(codes) == 10
    look(page)
    page.get_by_role("link", name="控えたので、次へ進む").click()
    page.wait_for_url(re.compile(rf"^[^?]*{wanted}$"))
    sign_out(page)

    time.set(time.moment + timedelta(seconds=60))
    page.goto(wanted)
    type_password(page, town)
    page.get_by_label("確認コード").fill("000000")
    page.get_by_role("button", name="確認してサインイン").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_text("手元にないとき").click()
    look(page)
    page.get_by_label("確認コード").fill(code_of(time.moment, secret))
    page.get_by_role("button", name="確認してサインイン").click()
    page.wait_for_url(re.compile(rf"^[^?]*{wanted}$"))
    an_act_a_quarter_of_an_hour_later_asks_again(page, town, time, secret)
    sign_out(page)

    page.goto(wanted)
    type_password(page, town)
    page.get_by_text("手元にないとき").click()
    page.get_by_label("回復コード").fill(codes[0])
    page.get_by_role("button", name="回復コードでサインイン").click()
    page.wait_for_url(re.compile(rf"^[^?]*{wanted}$"))


def an_act_a_quarter_of_an_hour_later_asks_again(page: Page, town: Town, time: SetClock, secret: str) -> None:
    time.set(time.moment + timedelta(minutes=16))
    page.goto(f"/workers/{town.worker.worker.id}/roles")
    page.get_by_label("役割").select_option("representative")
    page.get_by_role("button", name="この役割をつける").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ご本人の確認")
    look(page)
    page.get_by_label("確認コード").fill(code_of(time.moment, secret))
    page.get_by_role("button", name="確認して続ける").click()
    expect(page.get_by_role("status")).to_contain_text("「代表者」の役割をつけました")


def test_a_passkey_is_registered_and_opens_the_door(desk: Desk, town: Town, time: SetClock) -> None:
    """Browsers know passkeys at names only, so the site is asked for as localhost."""
    site = Site(desk.site.app, desk.site.origin.replace("127.0.0.1", "localhost"))
    here = Desk(desk.browser, site, time)
    page = here.device()
    devtools = a_device_that_knows_its_owner(page)
    sign_in(page, town.worker.user)
    page.goto("/security")
    page.get_by_role("link", name="パスキーを登録する").click()
    page.get_by_label("この端末の呼び名").fill("花子の電話")
    look(page)
    page.get_by_role("button", name="パスキーを登録する").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("回復コード")
    page.get_by_role("link", name="控えたので、次へ進む").click()
    expect(page.get_by_text("花子の電話", exact=True)).to_be_visible()
    sign_out(page)

    page.goto("/my/views")
    page.get_by_role("button", name="パスキーでサインイン").click()
    page.wait_for_url(re.compile(r"^[^?]*/my/views$"))

    time.set(time.moment + timedelta(minutes=16))
    page.goto("/security/passkeys/new")
    expect(page.get_by_role("heading", level=1)).to_have_text("ご本人の確認")
    page.get_by_role("button", name="パスキーで確認する").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("パスキーの登録")
    page.get_by_role("button", name="パスキーを登録する").click()
    expect(page.get_by_role("alert")).to_have_text("この端末のパスキーは、すでに登録されています。")

    page.context.clear_cookies()
    page.goto("/sign-in")
    page.get_by_label("ログイン名").fill(town.worker.user.login_name)
    page.get_by_label("パスワード").first.fill(PASSWORD)
    page.get_by_role("button", name="サインイン", exact=True).click()
    page.get_by_role("button", name="パスキーで確認する").click()
    page.wait_for_url(re.compile(r"/$"))

    devtools.send("WebAuthn.disable")
    plain = here.device(java_script_enabled=False)
    plain.goto("/sign-in")
    expect(plain.get_by_role("button", name="パスキーでサインイン")).to_be_hidden()
    here.tidy_up()


def a_device_that_knows_its_owner(page: Page) -> Any:
    """A virtual authenticator in the browser, as a phone with a fingerprint sensor has one."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools
