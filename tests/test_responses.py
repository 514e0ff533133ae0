"""What every response carries, whatever became of the request; behind proxies, and when the database fails."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from sqlalchemy.exc import IntegrityError

from partner_compliance import database
from partner_compliance.access import public
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts.models import User
from partner_compliance.database import open_session
from partner_compliance.history.operations import write_acts
from partner_compliance.sheets.models import SheetState
from tests.conftest import SetClock
from tests.factories import Browser, a_municipality, all_fine, an_engagement, an_officer_of, as_form, signed_in
from tests.sheets.conftest import House
from tests.sheets.conftest import house as house_of_sheets
from tests.world import counts

house = house_of_sheets

HTTPS = {"base_url": "https://kids.example.jp", "trusted_proxies": 1}
PREFIXED = {"base_url": "https://example.jp/kids", "trusted_proxies": 1}


def assert_hardened(response: Any, *, secure: bool = False) -> None:
    """The headers of G05."""
    headers, where = response.headers, f"{response.request.method} {response.request.path} {response.status_code}"
    policy = headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy, where
    assert "unsafe" not in policy, where
    assert "frame-ancestors 'none'" in policy, where
    assert headers.get("X-Content-Type-Options") == "nosniff", where
    assert headers.get("Referrer-Policy") == "same-origin", where
    assert headers.get("X-Frame-Options") == "DENY", where
    assert headers.get("Cross-Origin-Opener-Policy") == "same-origin", where
    if not response.request.path.startswith("/static/") or response.status_code != 200:
        assert headers.get("Cache-Control") == "no-store", where
    if response.mimetype.startswith("text/") and response.data:
        assert response.mimetype_params.get("charset", "").lower() == "utf-8", where
    assert ("Strict-Transport-Security" in headers) is secure, where
    for name in ("Server", "X-Powered-By", "ETag" if "/static/" not in response.request.path else "Server"):
        assert name not in headers, f"{where} {name}"


@pytest.fixture
def worker(app: Flask, house: House, time: SetClock) -> FlaskClient:
    """The worker's browser."""
    return signed_in(app, house.worker.user, now=time.moment)


class Afar(Browser):
    """A browser that comes over TLS, perhaps to a sub-path, as through a proxy."""

    base_url, root = "https://kids.example.jp", ""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("base_url", self.base_url)
        if kwargs.get("method") == "POST" and not self.csrf_token:
            for _ in range(2):
                self._learn(FlaskClient.open(self, self.root + "/password-reset", base_url=self.base_url))
        return super().open(*args, **kwargs)


class Below(Afar):
    """The same, to a sub-path."""

    base_url, root = "https://example.jp", "/kids"


def signed_in_from(kind: type[Afar], app: Flask, user: User, *, now: datetime) -> Afar:
    """A browser in which that person is signed in."""
    with open_session(app.extensions["engine"], write_acts=write_acts) as session:
        _, secret = accounts.start_sign_in(session, session.get_one(User, user.id), strength="password+totp", now=now)
        session.commit()
    browser = kind(app, app.response_class, use_cookies=True)
    with browser.session_transaction(base_url=kind.base_url + kind.root + "/") as cookie:
        cookie["token"] = secret
        cookie.permanent = True
    return browser


def address_of(house: House, page: str = "answers") -> str:
    return f"/sheets/{house.sheet_of(house.worker.worker).id}/{page}"


# --- headers (G05) ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings_changed", [{}, HTTPS], ids=["http", "https"])
def test_every_response_is_hardened(
    make_app: Callable[..., Flask], house: House, time: SetClock, settings_changed: dict[str, Any]
) -> None:
    app = make_app(**settings_changed)
    municipality = a_municipality(house.session)
    an_engagement(house.session, municipality, house.organization)
    officer = an_officer_of(house.session, municipality)
    house.session.commit()

    @app.get("/testing-failure")
    @public
    def fail() -> str:
        raise ZeroDivisionError

    secure = bool(settings_changed)
    base_url = "https://kids.example.jp" if secure else None
    enter = partial(signed_in_from, Afar) if secure else signed_in
    browser = enter(app, house.head.user, now=time.moment)
    municipal = enter(app, officer, now=time.moment)
    sheet = house.sheet_of(house.worker.worker).id
    partners = f"/municipalities/{municipality.id}/partners"
    statuses = {}
    for client, method, address, status in (
        (browser, "GET", "/", 200),
        (browser, "HEAD", "/", 200),
        (browser, "OPTIONS", "/", 200),
        (browser, "GET", f"/sheets/{sheet}", 200),
        (browser, "GET", f"/sheets/{sheet}/blank.pdf", 200),
        (browser, "GET", "/tenants", 403),
        (browser, "GET", "/no-such-page", 404),
        (browser, "GET", "/static/no-such-file.css", 404),
        (browser, "GET", "/static/style.css", 200),
        (browser, "DELETE", "/", 405),
        (browser, "TRACE", "/", 405),
        (browser, "GET", "/testing-failure", 500),
        (browser, "POST", f"/sheets/{sheet}/return", 422),
        (browser, "POST", f"/sheets/{sheet}/sign-off", 409),
        (municipal, "GET", f"{partners}.csv", 200),
        (municipal, "GET", f"{partners}.xlsx", 200),
        (app.test_client(), "GET", "/", 302),
        (app.test_client(), "POST", "/sign-in", 400),
        (app.test_client(), "GET", "/password-reset/wrong", 409),
        (app.test_client(), "GET", "/my/sheets?x=" + "あ" * 500, 302),
    ):
        response = client.open(address, method=method, base_url=base_url)
        statuses[(method, address)] = (response.status_code, status)
        assert_hardened(response, secure=secure)
        response.close()
    assert {where: found for where, found in statuses.items() if found[0] != found[1]} == {}


def test_a_refused_method_names_those_that_work(client: FlaskClient) -> None:
    response = client.delete("/password-reset")
    assert response.status_code == 405
    assert {"GET", "POST", "HEAD"} <= set(response.headers["Allow"].split(", "))
    assert "この操作はできません" in response.text
    for method in ("TRACE", "CONNECT", "PROPFIND", "FOO"):
        assert client.open("/", method=method).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/.git/HEAD", "/.git/config", "/.env", "/.htaccess", "/metrics", "/debug", "/console", "/admin",
        "/partner_compliance.sqlite3", "/var/partner_compliance.sqlite3", "/backup.db", "/wp-login.php",
        "/server-status", "/robots.txt/x",
        "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/", "/static/.git/HEAD",
        "/openapi.json", "/actuator/env", "/requirements.lock", "/static//etc/passwd",
    ],
)  # fmt: skip
def test_what_is_nobodys_business_is_not_there(client: FlaskClient, path: str) -> None:
    assert client.get(path, follow_redirects=True).status_code == 404


def test_no_page_calls_another_origin(app: Flask, house: House, time: SetClock) -> None:
    browser = signed_in(app, house.head.user, now=time.moment)
    for page in ("/", "/my/sheets", f"/centers/{house.center.id}/months/2026-11", "/sign-in"):
        text = browser.get(page).text
        assert not re.search(r"""(?:src|href|action|data-[a-z-]+)=["'](?:https?:)?//""", text), page


# --- cookies, and what a shared PC keeps (B12, B15) -------------------------------------------------------------


def test_the_cookie_is_for_this_host_and_for_the_browser_alone(make_app: Callable[..., Flask]) -> None:
    response = make_app(**HTTPS).test_client().get("/sign-in", base_url="https://kids.example.jp")
    cookies = response.headers.getlist("Set-Cookie")
    assert len(cookies) == 1
    parts = [part.strip().lower() for part in cookies[0].split(";")]
    assert parts[0].startswith("__host-session=")
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= set(parts)
    assert not any(part.startswith("domain") for part in parts)


def test_the_cookie_below_a_sub_path_stays_there(make_app: Callable[..., Flask]) -> None:
    response = make_app(**PREFIXED).test_client().get("/kids/sign-in", base_url="https://example.jp")
    parts = [part.strip().lower() for part in response.headers["Set-Cookie"].split(";")]
    assert parts[0].startswith("__secure-session=")
    assert {"secure", "httponly", "samesite=lax", "path=/kids/"} <= set(parts)


def test_after_signing_out_nothing_can_be_read_on_a_shared_pc(worker: FlaskClient) -> None:
    assert worker.get("/").headers["Cache-Control"] == "no-store"
    old = worker.get_cookie("session")
    left = worker.post("/sign-out")
    assert left.status_code == 303
    assert '"cache"' in left.headers["Clear-Site-Data"]
    assert worker.get("/").status_code == 302
    assert old is not None
    worker.set_cookie("session", old.value)
    assert worker.get("/").status_code == 302, "the old cookie still opens the door"


def test_a_sign_in_ends_after_an_hour_without_a_request_and_after_half_a_day(
    app: Flask, house: House, time: SetClock
) -> None:
    start = time.moment
    idle, busy = (signed_in(app, house.worker.user, now=start) for _ in range(2))
    time.set(start + timedelta(minutes=61))
    assert idle.get("/").status_code == 302
    for minutes in range(0, 12 * 60, 50):
        time.set(start + timedelta(minutes=minutes))
        assert busy.get("/").status_code == 200, minutes
    time.set(start + timedelta(hours=12, minutes=1))
    assert busy.get("/").status_code == 302


# --- forms that others send (B14) -------------------------------------------------------------------------------


@pytest.mark.parametrize("token", [None, "", "x", "ほかの人の印", "\x00", "a.b.c", "é" * 300])
def test_a_form_without_its_token_is_refused(app: Flask, house: House, time: SetClock, token: str | None) -> None:
    with_token = signed_in(app, house.worker.user, now=time.moment)
    cookie = with_token.get_cookie("session")
    assert cookie is not None
    browser = app.test_client()
    browser.set_cookie("session", cookie.value)
    data = as_form(all_fine(house.checklist), act="submit", based_on="0")
    response = browser.post(address_of(house), data=data if token is None else {**data, "csrf_token": token})
    assert response.status_code == 400
    assert "送信内容を確認できませんでした" in response.text


def test_another_readers_token_is_refused(app: Flask, house: House, time: SetClock) -> None:
    mine, other = (signed_in(app, each.user, now=time.moment) for each in (house.worker, house.head))
    mine.get("/")
    other.get("/")
    data = {**as_form(all_fine(house.checklist), act="submit", based_on="0"), "csrf_token": other.csrf_token}  # type: ignore[attr-defined]
    assert mine.post(address_of(house), data=data).status_code == 400


# --- behind a proxy (G03) ---------------------------------------------------------------------------------------


def test_below_a_sub_path_every_link_and_redirect_carries_it(
    make_app: Callable[..., Flask], house: House, time: SetClock
) -> None:
    app = make_app(**PREFIXED)
    stranger = app.test_client().get("/kids/", base_url="https://example.jp")
    assert stranger.status_code == 302
    assert stranger.headers["Location"].startswith("/kids/sign-in?next=")
    assert "kids/kids" not in stranger.headers["Location"]

    browser = signed_in_from(Below, app, house.head.user, now=time.moment)
    for page in ("/kids/", f"/kids/centers/{house.center.id}/months/2026-11", "/kids/password", "/kids/no-such-page"):
        response = browser.get(page)
        assert response.status_code in (200, 404)
        for address in re.findall(r'(?:href|src|action)="([^"#?][^"]*)"', response.text):
            assert address.startswith(("/kids/", "#", "?")), f"{page}: {address}"
    sheet = house.sheet_of(house.head.worker).id
    data = as_form(all_fine(house.checklist, head=True), act="submit", based_on="0")
    sent = browser.post(f"/kids/sheets/{sheet}/answers", data=data)
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/kids/sheets/{sheet}")


FORGED = {
    "X-Forwarded-For": "203.0.113.66",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=203.0.113.66;host=evil.example;proto=https",
}


def test_forged_headers_of_a_proxy_are_ignored_when_there_is_none(app: Flask) -> None:
    seen = {}

    @app.get("/testing")
    @public
    def look() -> str:
        from flask import request

        seen.update(address=request.remote_addr, host=request.host, scheme=request.scheme, root=request.script_root)
        return ""

    response = app.test_client().get("/testing", headers=FORGED)
    assert seen == {"address": "127.0.0.1", "host": "localhost", "scheme": "http", "root": ""}
    assert "evil" not in str(response.headers)


def test_behind_one_proxy_only_what_it_says_counts(make_app: Callable[..., Flask]) -> None:
    app, seen = make_app(**HTTPS), {}

    @app.get("/testing")
    @public
    def look() -> str:
        from flask import request

        seen.update(address=request.remote_addr, host=request.host, scheme=request.scheme, root=request.script_root)
        return ""

    headers = {**FORGED, "X-Forwarded-For": "203.0.113.66, 198.51.100.7"}
    app.test_client().get("/testing", headers=headers, base_url="http://kids.example.jp")
    assert seen == {"address": "198.51.100.7", "host": "kids.example.jp", "scheme": "https", "root": ""}


def test_an_evil_host_is_not_reflected(app: Flask, house: House, engine: Engine, time: SetClock) -> None:
    house.worker.user = house.session.merge(house.worker.user)
    house.worker.user.email = house.worker.user.email_key = "hanako@example.jp"
    house.session.commit()
    browser = Browser(app, app.response_class, use_cookies=True)
    page = app.test_client().get("/sign-in", headers={"Host": "evil.example"})
    assert "evil.example" not in page.text
    assert "evil.example" not in str(page.headers)
    assert "evil.example" not in app.test_client().get("/", headers={"Host": "evil.example"}).headers["Location"]

    assert browser.post("/password-reset", data={"name": "hanako@example.jp"}).status_code == 200
    asked = browser.post("/password-reset", data={"name": "hanako@example.jp"}, headers={"Host": "evil.example"})
    assert asked.status_code in (200, 400)
    with closing(sqlite3.connect(str(engine.url.database))) as connection:
        bodies = [body for (body,) in connection.execute("SELECT body FROM outgoing_mail")]
    assert bodies
    assert all("evil" not in body and "http://127.0.0.1:8000/password-reset/" in body for body in bodies)


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)",
               "http:evil.example", "/\tevil", "\\\\evil.example", "/%0d%0aSet-Cookie:x=y\r\nx"]
)  # fmt: skip
def test_signing_in_leads_nowhere_else(app: Flask, wanted: str) -> None:
    browser = Browser(app, app.response_class, use_cookies=True)
    response = browser.post("/furigana", data={"next": wanted, "furigana": "on"})
    assert response.status_code == 303
    assert response.headers["Location"] in ("/", wanted if wanted.startswith("/%") and "\r" not in wanted else "/")


# --- the database fails (F02, F03) ------------------------------------------------------------------------------


@contextmanager
def failing_at_commit(engine: Engine, error: Exception) -> Iterator[None]:
    def fail(_connection: Any) -> None:
        raise error

    event.listen(engine, "commit", fail)
    try:
        yield
    finally:
        event.remove(engine, "commit", fail)


def submission(worker: FlaskClient, house: House) -> Any:
    return worker.post(address_of(house), data=as_form(all_fine(house.checklist), act="submit", based_on="0"))


def assert_not_saved(response: Any, status: int) -> None:
    assert response.status_code == status
    assert "何も保存していません" in response.text
    assert "提出しました" not in response.text
    assert "保存しました" not in response.text
    assert response.mimetype == "text/html"
    assert_hardened(response)


def test_a_failure_at_the_commit_is_told_and_saves_nothing(
    app: Flask, worker: FlaskClient, house: House, engine: Engine
) -> None:
    from sqlalchemy.exc import OperationalError

    worker.get("/")
    before = counts(engine)
    for error, status in (
        (OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error")), 503),
        (IntegrityError("COMMIT", {}, sqlite3.IntegrityError("no")), 500),
        (OSError(5, "Input/output error"), 500),
    ):
        with failing_at_commit(app.extensions["engine"], error):
            response = submission(worker, house)
        assert_not_saved(response, status)
        assert counts(engine) == before
        assert "提出しました" not in worker.get("/").text, "the next page tells of a success that was not kept"
    assert submission(worker, house).status_code == 303, "it does not recover by itself"


def test_a_full_disk_refuses_writing_with_an_explanation_and_still_reads(
    app: Flask, worker: FlaskClient, house: House, engine: Engine
) -> None:
    worker.get("/")
    before = counts(engine)

    def fill(connection: Any, _record: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    served = app.extensions["engine"]
    event.listen(served, "connect", fill)
    served.dispose()
    data = as_form(all_fine(house.checklist))
    data = {name: value if "answer" in name else "長い文" * 300 for name, value in data.items()}
    response = worker.post(address_of(house), data={**data, "act": "submit", "based_on": "0"})
    assert_not_saved(response, 503)
    assert counts(engine) == before
    assert worker.get(address_of(house)).status_code == 200, "reading needs no room"

    event.remove(served, "connect", fill)
    served.dispose()
    assert submission(worker, house).status_code == 303, "it does not recover without a restart"


def test_a_locked_database_answers_after_a_while_that_nothing_was_saved(
    make_app: Callable[..., Flask], house: House, engine: Engine, time: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_WAIT", 0.3)
    worker = signed_in(make_app(), house.worker.user, now=time.moment)
    worker.get("/")
    before = counts(engine)
    with closing(sqlite3.connect(str(engine.url.database))) as other:
        other.execute("BEGIN IMMEDIATE")
        response = submission(worker, house)
        assert worker.get("/").status_code == 200, "readers do not wait for a writer"
        other.rollback()
    assert_not_saved(response, 503)
    assert counts(engine) == before
    assert submission(worker, house).status_code == 303


def test_the_page_of_failure_needs_no_database(app: Flask, house: House, time: SetClock, tmp_path: Path) -> None:
    worker = signed_in(app, house.worker.user, now=time.moment)
    worker.get("/")
    served = app.extensions["engine"]

    def gone(*_args: Any) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    event.listen(served, "do_connect", gone)
    served.dispose()
    for response in (worker.get("/"), submission(worker, house)):
        assert_not_saved(response, 503)
        assert 'lang="ja"' in response.text
    stranger = app.test_client()
    assert stranger.get("/no-such-page").status_code == 404
    event.remove(served, "do_connect", gone)
    assert worker.get("/").status_code == 200


def test_a_damaged_database_file_is_a_failure_and_never_a_success(
    app: Flask, house: House, engine: Engine, time: SetClock
) -> None:
    worker = signed_in(app, house.worker.user, now=time.moment)
    worker.get("/")

    def damaged(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "sheet_version" in statement and statement.startswith("INSERT"):
            raise sqlite3.DatabaseError("database disk image is malformed")

    event.listen(app.extensions["engine"], "before_cursor_execute", damaged)
    assert_not_saved(submission(worker, house), 500)
    from partner_compliance.sheets.queries import state_of

    house.session.rollback()
    assert state_of(house.session, house.sheet_of(house.worker.worker)) is SheetState.NOT_BEGUN
