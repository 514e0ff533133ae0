"""SECURITY.md B10, B11, B12, B14, B15 and E04: who is inside, for how long, and what the cookie is worth."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from partner_compliance.access import Role
from partner_compliance.accounts import operations, typed
from partner_compliance.accounts.models import HeldInput, OrganizationRole, SignIn
from partner_compliance.acts import Actor
from partner_compliance.config import UnsafeSettings
from partner_compliance.sheets import operations as sheets
from partner_compliance.sheets.models import CheckSheet
from tests.conftest import NOON
from tests.factories import PASSWORD, Browser, a_center, an_operator, an_organization, signed_in, someone

OPERATOR = Actor(None, "運営", "operator")


@pytest.fixture
def center(session):
    an_operator(session)
    return a_center(session, an_organization(session))


@pytest.fixture
def user(session, center):
    found, _ = someone(session, center, Role.PROTECTION_OFFICER, password=PASSWORD)
    session.commit()
    return found


@pytest.fixture
def accounts_page(center):
    return f"/organizations/{center.organization_id}/accounts"


def token_on(page):
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]


def enter(client, user, password=PASSWORD, **more):
    data = {"name": user.login_name, "password": password, "csrf_token": token_on(client.get("/sign-in"))}
    return client.post("/sign-in", data=data | more.pop("data", {}), **more)


def is_inside(client):
    page = client.get("/password")
    assert page.status_code in (200, 302)
    return page.status_code == 200


# --- coming in --------------------------------------------------------------------------------------------------


def test_signing_in_leads_home_or_to_the_page_that_was_wanted(client, user, accounts_page, time):
    turned_away = client.get(accounts_page + "?a=1")
    assert turned_away.status_code == 302
    assert turned_away.location == f"/sign-in?next={accounts_page}?a%3D1"
    assert accounts_page in client.get(turned_away.location).text

    assert enter(client, user).location == "/"
    assert enter(client, user, data={"next": accounts_page}).location == accounts_page


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "evil",
        "/a\r\nSet-Cookie: a=b",
        " //evil.example",
        "http:evil",
    ],
)
def test_nobody_is_led_away_after_signing_in(client, user, wanted, time):
    assert "evil" not in client.get("/sign-in", query_string={"next": wanted}).text
    assert enter(client, user, data={"next": wanted}).location == "/"


def test_a_refused_sign_in_explains_itself_and_keeps_the_name_but_not_the_password(client, user, time):
    page = enter(client, user, "a wrong password")

    assert page.status_code == 422
    assert "ログイン名またはパスワードが違います。" in page.text
    assert "<title>エラー: サインイン" in page.text
    assert f'value="{user.login_name}"' in page.text
    assert "a wrong password" not in page.text


@pytest.mark.parametrize("data", [{}, {"name": "", "password": ""}, {"name": "a\x00b"}, {"name": "a" * 255}])
def test_an_incomplete_sign_in_is_refused(client, user, time, data):
    page = client.post("/sign-in", data=data | {"csrf_token": token_on(client.get("/sign-in"))})
    assert page.status_code == 422


def test_signing_in_changes_the_cookie_and_ends_what_was_open_before(client, session, user, time):
    client.get("/sign-in")
    before = client.get_cookie("session").value
    enter(client, user)
    first = client.get_cookie("session").value
    enter(client, user)
    second = client.get_cookie("session").value

    assert len({before, first, second}) == 3
    assert session.scalar(select(func.count()).select_from(SignIn).where(SignIn.ended_at.is_(None))) == 1
    client.set_cookie("session", before)
    assert not is_inside(client)
    client.set_cookie("session", first)
    assert not is_inside(client)
    client.set_cookie("session", second)
    assert is_inside(client)


def test_one_click_sign_in_exists_in_a_demo_only(make_app, session, user, time):
    plain = Browser(make_app(), make_app().response_class)
    assert plain.post(f"/demo-sign-in/{user.id}").status_code == 404

    user.demo_label = "個人情報責任者"
    session.commit()
    other, _ = someone(session, a_center(session, an_organization(session)))
    session.commit()
    app = make_app()
    demo = Browser(app, app.response_class)
    assert "個人情報責任者" in demo.get("/sign-in").text
    assert demo.post(f"/demo-sign-in/{other.id}").status_code == 404
    assert demo.post(f"/demo-sign-in/{user.id}").location == "/"
    assert is_inside(demo)


def test_a_demo_is_never_open_to_the_outside(make_app, session, user, time):
    user.demo_label = "個人情報責任者"
    session.commit()
    with pytest.raises(UnsafeSettings, match="デモ"):
        make_app(base_url="https://check.example.jp", trusted_proxies=1)


def test_under_a_sub_path_the_way_leads_back_below_it(make_app, user, accounts_page, time):
    app = make_app(base_url="https://check.example.jp/kids", trusted_proxies=1)
    client = app.test_client()
    tls = {"base_url": "https://check.example.jp"}

    turned_away = client.get("/kids" + accounts_page, **tls)
    assert turned_away.location == f"/kids/sign-in?next={accounts_page}"
    page = client.get(turned_away.location, **tls)
    data = {"name": user.login_name, "password": PASSWORD, "csrf_token": token_on(page), "next": accounts_page}
    assert f'name="next" value="{accounts_page}"' in page.text
    assert client.post("/kids/sign-in", data=data, **tls).location == "/kids" + accounts_page


# --- staying ----------------------------------------------------------------------------------------------------


def test_an_hour_without_a_request_ends_the_sign_in(app, user, time):
    browser = signed_in(app, user)
    time.set(NOON + timedelta(minutes=59))
    assert is_inside(browser)
    time.set(NOON + timedelta(minutes=59 + 61))
    assert not is_inside(browser)
    time.set(NOON + timedelta(minutes=59 + 30))
    assert is_inside(browser)


def test_after_twelve_hours_it_ends_in_any_case(app, user, time):
    browser = signed_in(app, user)
    for half_hours in range(24):
        time.set(NOON + timedelta(minutes=30 * half_hours))
        assert is_inside(browser)
    time.set(NOON + timedelta(hours=12, minutes=1))
    assert not is_inside(browser)


def test_a_clock_that_is_put_back_makes_no_sign_in_immortal(app, user, time):
    browser = signed_in(app, user, now=time.set(NOON + timedelta(days=365)))
    assert is_inside(browser)
    time.set(NOON)
    assert not is_inside(browser)


def test_reading_pages_seldom_writes(app, session, user, time):
    browser = signed_in(app, user)
    seen = []
    for seconds in (1, 59, 61, 62):
        time.set(NOON + timedelta(seconds=seconds))
        browser.get("/password")
        seen.append((session.scalars(select(SignIn.seen_at)).one() - NOON).seconds)
        session.commit()
    assert seen == [0, 0, 61, 61]


# --- leaving ----------------------------------------------------------------------------------------------------


def test_after_signing_out_the_cookie_is_worth_nothing(app, user, accounts_page, time):
    browser = signed_in(app, user)
    assert browser.get(accounts_page).headers["Cache-Control"] == "no-store"
    stolen = browser.get_cookie("session").value

    left = browser.post("/sign-out")

    assert (left.status_code, left.location) == (303, "/sign-in")
    assert left.headers["Clear-Site-Data"] == '"cache"'
    browser.set_cookie("session", stolen)
    replayed = browser.get(accounts_page)
    assert replayed.status_code == 302
    assert replayed.location.startswith("/sign-in")


def test_a_changed_password_ends_all_other_sign_ins(app, user, time):
    here, there = signed_in(app, user), signed_in(app, user)
    new = "いちごとみかんとぶどうをたべました"
    here.get("/password")

    assert here.post("/password", data={"current": "wrong", "new": new, "again": new}).status_code == 422
    assert here.post("/password", data={"current": PASSWORD, "new": "short", "again": "short"}).status_code == 422
    assert is_inside(there)
    assert here.post("/password", data={"current": PASSWORD, "new": new, "again": new}).status_code == 303

    assert is_inside(here)
    assert not is_inside(there)


def test_guessing_the_present_password_is_slowed_down(app, session, user, time):
    browser = signed_in(app, user)
    data = {"current": "wrong", "new": "x" * 20, "again": "x" * 20}
    browser.get("/password")

    statuses = [browser.post("/password", data=data).status_code for _ in range(11)]

    assert statuses == [422] * 10 + [429]
    session.refresh(user)
    assert user.failures_in_a_row == 10


# --- what changes while someone is inside -----------------------------------------------------------------------


def test_a_lowered_role_counts_with_the_very_next_request(app, session, center, user, accounts_page, time):
    someone(session, center, Role.PROTECTION_OFFICER)
    session.commit()
    browser = signed_in(app, user)
    assert browser.get(accounts_page).status_code == 200
    held = session.scalars(
        select(OrganizationRole).where(
            OrganizationRole.user_id == user.id, OrganizationRole.role == Role.PROTECTION_OFFICER
        )
    ).one()
    session.commit()

    operations.end_role(session, held, by=OPERATOR, now=NOON)
    session.commit()

    assert browser.get(accounts_page).status_code == 403


def test_an_account_that_is_switched_off_is_out_with_the_very_next_request(app, session, user, accounts_page, time):
    browser = signed_in(app, user)
    user.deactivated_at = NOON
    session.commit()
    assert browser.get(accounts_page).status_code == 302


def test_a_worker_who_left_yesterday_reaches_nothing(app, session, user, accounts_page, time):
    worker = session.scalars(select(operations.Worker).where(operations.Worker.user_id == user.id)).one()
    session.commit()
    browser = signed_in(app, user)
    worker.left_on = time.moment.date()
    session.commit()
    assert browser.get(accounts_page).status_code == 200
    worker.left_on -= timedelta(days=1)
    session.commit()
    assert browser.get(accounts_page).status_code == 404


def test_the_last_day_ends_at_midnight_in_japan(app, session, user, accounts_page, time):
    worker = session.scalars(select(operations.Worker).where(operations.Worker.user_id == user.id)).one()
    worker.left_on = time.moment.date()
    session.commit()
    browser = signed_in(app, user, now=time.tokyo(2026, 11, 16, 23, 59, 55))
    assert browser.get(accounts_page).status_code == 200
    time.tokyo(2026, 11, 17, 0, 0, 5)
    assert browser.get(accounts_page).status_code == 404


# --- forms from elsewhere ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "token", [None, "", "x", "あいう", "Ijx.é.ü", "\ud83c\udf53".encode("utf-16", "surrogatepass")]
)
@pytest.mark.parametrize("address", ["/sign-in", "/sign-out", "/password", "/furigana"])
def test_a_form_without_the_right_token_is_refused(client, user, time, token, address):
    client.get("/sign-in")
    data = {} if token is None else {"csrf_token": token}
    page = client.post(address, data=data)
    assert page.status_code == 400
    assert "送信内容を確認できませんでした" in page.text


def test_the_token_of_someone_else_is_refused(app, session, center, user, time):
    other, _ = someone(session, center)
    session.commit()
    theirs = token_on(signed_in(app, other).get("/password"))
    browser = signed_in(app, user)
    browser.get("/password")
    browser.csrf_token = theirs
    assert browser.post("/sign-out").status_code == 400
    assert is_inside(browser)


def test_a_broken_cookie_is_no_cookie(client, user, time):
    for value in ("x", "あ", "eyJ0b2tlbiI6Ik.x.y", "a" * 4000):
        client.set_cookie("session", value)
        assert client.get("/password").status_code == 302


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(client, user, method, time):
    page = client.open("/sign-in", method=method)
    assert page.status_code in ((405,) if method == "TRACE" else (400, 405))
    assert client.open("/sign-in", method="TRACE").headers["Allow"]


# --- the cookie -------------------------------------------------------------------------------------------------


def test_the_cookie_of_a_public_installation_stays_on_its_host_and_out_of_scripts(make_app, user, time):
    app = make_app(base_url="https://check.example.jp", trusted_proxies=1)
    client = app.test_client()

    page = client.get("/sign-in", base_url="https://check.example.jp")

    kept = page.headers["Set-Cookie"]
    assert kept.startswith("__Host-session=")
    for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert word in kept.split("; ")
    assert "Domain" not in kept
    data = {"name": user.login_name, "password": PASSWORD, "csrf_token": token_on(page)}
    entered = client.post("/sign-in", data=data, base_url="https://check.example.jp")
    assert entered.status_code == 303
    assert entered.headers["Set-Cookie"].startswith("__Host-session=")


def test_the_cookie_holds_no_name_and_the_database_no_secret(app, session, user, time):
    browser = signed_in(app, user)
    with browser.session_transaction() as cookie:
        secret = cookie["token"]
        assert user.login_name not in str(dict(cookie))
    assert session.scalars(select(SignIn.token_digest)).one() == operations.digest(secret)


# --- what was typed when the sign-in ran out --------------------------------------------------------------------


def roles_page(session, user):
    worker = session.scalars(select(operations.Worker).where(operations.Worker.user_id == user.id)).one()
    session.commit()
    return f"/workers/{worker.id}/roles"


def held(session):
    return session.scalars(select(HeldInput)).all()


@pytest.fixture
def restoring(app, monkeypatch):
    """The page of roles as one that shows again what was typed on it."""
    monkeypatch.setattr(app.view_functions["accounts.roles"], "restores_input", True, raising=False)


def test_nothing_is_kept_for_a_page_that_would_not_show_it_again(app, session, user, time):
    address = roles_page(session, user)
    browser = signed_in(app, user)
    browser.get(address)
    time.set(NOON + timedelta(hours=2))

    turned_away = browser.post(address, data={"role": "worker"})

    assert "入力した内容が戻ります" not in browser.get(turned_away.location).text
    assert held(session) == []


def test_what_was_typed_is_kept_until_its_author_is_back(app, session, user, time, restoring):
    address = roles_page(session, user)
    browser = signed_in(app, user)
    browser.get(address)
    time.set(NOON + timedelta(hours=2))

    answer = browser.post(
        address, data={"role": "worker", "note": ["一行目\r\n二行目", "葛\U000e0100"], "password": "secret"}
    )

    assert (answer.status_code, answer.location) == (303, f"/sign-in?next={address}")
    assert "入力した内容が戻ります" in browser.get(answer.location).text
    kept = held(session)[0]
    assert (kept.user_id, kept.path) == (user.id, address)
    assert kept.fields == {"role": ["worker"], "note": ["一行目\r\n二行目", "葛\U000e0100"]}
    taken = typed.take_held_input(session, user.id, address, now=time.moment + timedelta(minutes=5))
    assert taken["role"] == ["worker"]
    assert typed.take_held_input(session, user.id, "/other", now=time.moment) is None
    assert typed.take_held_input(session, user.id, address, now=time.moment + timedelta(hours=13)) is None


def test_a_sheet_filled_in_when_the_sign_in_had_run_out_comes_back_and_is_forgotten_once_saved(
    app, session, center, library, time
):
    writer, worker = someone(session, center, password=PASSWORD)
    sheets.open_months(session, library, now=time.tokyo(2026, 11, 27, 9))
    session.commit()
    sheet = session.scalars(select(CheckSheet).where(CheckSheet.worker_id == worker.id)).first()
    session.commit()
    address = f"/sheets/{sheet.id}/answers"
    browser = signed_in(app, writer, now=time.moment)
    browser.get(address)
    time.tokyo(2026, 11, 27, 10, 1)

    typed = {"note-1-2": "鍵をかけ忘れた\r\n<b>葛\U000e0100城</b>", "answer-1-2": "not_ok", "act": "draft"}
    door = browser.post(address, data=typed).location
    again = enter(browser, writer, data={"next": address})
    page = browser.get(again.location)

    assert door == f"/sign-in?next={address}"
    assert again.location == address
    assert "鍵をかけ忘れた\n&lt;b&gt;葛\U000e0100城&lt;/b&gt;" in page.text.replace("\r", "")
    assert re.search(r'name="answer-1-2"[^>]*value="not_ok"[^>]*checked', page.text)
    assert browser.post(address, data=typed).status_code == 303
    assert held(session) == []


def test_what_was_typed_into_a_page_of_an_earlier_sign_in_is_kept_too(app, session, user, time, restoring):
    """In another tab the reader has signed in anew; the token on the older page has become stale."""
    address = roles_page(session, user)
    browser = signed_in(app, user)
    page = browser.post(address, data={"csrf_token": "stale", "role": "worker"})
    assert page.status_code == 400
    assert "入力した内容は残してあります" in page.text
    assert held(session)[0].fields == {"role": ["worker"]}


def test_nothing_is_kept_for_strangers_after_signing_out_or_from_other_sites(app, session, user, time, restoring):
    address = roles_page(session, user)
    app.test_client().post(address, data={"role": "worker"})
    left = signed_in(app, user)
    left.get(address)
    stolen = left.get_cookie("session").value
    left.post("/sign-out")
    left.set_cookie("session", stolen)
    left.csrf_token = ""
    left.post(address, data={"csrf_token": "stale", "role": "worker"})
    crossing = signed_in(app, user)
    crossing.post(address, data={"csrf_token": "stale", "role": "worker"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert held(session) == []


def test_too_much_is_not_kept(session, user):
    fields = {"note": ["あ" * 100_001]}
    assert not typed.hold_input(session, user.id, "/x", fields, now=NOON)


@pytest.mark.parametrize("address", ["/sign-in?next=//[", "/sign-in?next=http://["])
def test_an_address_that_is_none_leads_nowhere(client, address):
    assert client.get(address).status_code == 200


def test_a_referer_that_is_none_does_no_harm(app, session, user, time):
    browser = signed_in(app, user)
    time.set(NOON + timedelta(hours=2))
    assert browser.post("/password", data={"new": "x"}, headers={"Referer": "http://["}).status_code == 303
