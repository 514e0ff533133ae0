"""A real server on a free port, a real Chromium, and readers who sit in front of it."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright
from sqlalchemy.orm import Session
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.accounts.models import User
from partner_compliance.acts import SYSTEM
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Center, Municipality, Organization, Worker
from partner_compliance.sheets import operations
from tests.conftest import SetClock
from tests.factories import (
    PASSWORD,
    a_center,
    a_municipality,
    a_worker,
    accounts,
    an_authenticator,
    an_engagement,
    an_organization,
    code_of,
    signed_in,
    someone,
)
from tools.chromium import find_chromium

MONTH = "2026-11"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}

#: Nothing but the machine itself can be reached, and the browser asks for nothing on its own account.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
#: What Chromium writes into its console for every page with such a status, and what tests look at themselves.
_STATUS_OF_PAGE = "Failed to load resource: the server responded with a status of 4"


# --- the server -------------------------------------------------------------------------------------------------


class _QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the name is werkzeug's
        pass


@dataclass
class Site:
    """The app as it is served."""

    app: Flask
    origin: str

    def url(self, path: str) -> str:
        return self.origin + path


@pytest.fixture
def serve(make_app: Callable[..., Flask], time: SetClock) -> Iterator[Callable[..., Site]]:
    """Serves the app on a free port of the loopback address; the house keeps the time of the test."""
    started: list[tuple[BaseWSGIServer, threading.Thread]] = []

    def start(**changed: object) -> Site:
        server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=_QuietHandler)
        origin = f"http://127.0.0.1:{server.server_port}"
        server.app = make_app(base_url=origin, **changed)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        started.append((server, thread))
        return Site(server.app, origin)

    yield start
    for server, thread in started:
        server.shutdown()
        thread.join()
        server.server_close()


# --- the browser ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium_program() -> str:
    """The path of Chromium; without one the tests fail, they are never skipped."""
    return find_chromium()


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Any]:
    """Playwright, one for each process of a test run."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright_driver: Any, chromium_program: str) -> Iterator[Browser]:
    """Chromium, one for each process of a test run."""
    browser = playwright_driver.chromium.launch(executable_path=chromium_program, args=CHROMIUM_ARGUMENTS)
    yield browser
    browser.close()


@dataclass
class Witness:
    """What went wrong in a browser while nobody looked: foreign requests, errors of scripts, broken files."""

    origin: str
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.errors.append(f"script: {error.error}"))

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.foreign.append(request.url)

    def _response(self, response: Response) -> None:
        path = urlsplit(response.url).path
        is_page = response.request.resource_type == "document"
        if response.status >= (500 if is_page else 400):
            self.errors.append(f"{response.status} for {path}")
        if "content-security-policy" not in response.headers:
            self.errors.append(f"no content security policy for {path}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_STATUS_OF_PAGE):
            self.errors.append(f"console: {message.text}")


@dataclass
class Desk:
    """Hands out browsers: each is another person's device."""

    browser: Browser
    site: Site
    time: SetClock
    contexts: list[BrowserContext] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)

    def device(self, *, phone: bool = False, **options: Any) -> Page:
        """A device on which nobody is signed in."""
        if phone:
            options = {"viewport": PHONE, "is_mobile": True, "has_touch": True, **options}
        options = {"viewport": DESK, "timezone_id": "Asia/Tokyo", **options}
        context = self.browser.new_context(base_url=self.site.origin, locale="ja-JP", **options)
        context.set_default_timeout(15_000)
        witness = Witness(self.site.origin)
        witness.watch(context)
        self.contexts.append(context)
        self.witnesses.append(witness)
        return context.new_page()

    def signed_in(self, user: User, *, phone: bool = False, **options: Any) -> Page:
        """A device on which that person has signed in before."""
        page = self.device(phone=phone, **options)
        client = signed_in(self.site.app, user, now=clock.now())
        cookie = client.get_cookie("session")
        assert cookie is not None
        page.context.add_cookies([{"name": "session", "value": cookie.value, "url": self.site.origin}])
        return page

    def tidy_up(self) -> None:
        for context in self.contexts:
            context.close()
        foreign = [url for witness in self.witnesses for url in witness.foreign]
        errors = [error for witness in self.witnesses for error in witness.errors]
        assert foreign == [], "the pages asked other machines"
        assert errors == []


@pytest.fixture
def desk(chromium: Browser, site: Site, time: SetClock) -> Iterator[Desk]:
    """The devices of a test; at its end none of them asked another machine for anything or met an error."""
    made = Desk(chromium, site, time)
    yield made
    made.tidy_up()


def sign_in(page: Page, user: User, password: str = PASSWORD) -> None:
    """Sign in as people do: by typing, a code of the authenticator too where it is asked for."""
    page.goto("/sign-in")
    page.get_by_label("ログイン名").fill(user.login_name)
    page.get_by_label("パスワード", exact=False).first.fill(password)
    page.get_by_role("button", name="サインイン", exact=True).click()
    page.wait_for_url(re.compile(r"/(sign-in/second-step.*)?$"))
    if "second-step" in page.url:
        page.get_by_label("確認コード").fill(code_of(clock.now()))
        page.get_by_role("button", name="確認してサインイン").click()
        page.wait_for_url("**/")


# --- a small organization and its municipality ------------------------------------------------------------------


@dataclass
class Person:
    """Someone with an account."""

    user: User
    worker: Worker

    @property
    def name(self) -> str:
        return self.worker.name


@dataclass
class Town:
    """A municipality, its partner with one center, and six people; five have accounts."""

    session: Session
    municipality: Municipality
    organization: Organization
    center: Center
    worker: Person
    head: Person
    officer: Person
    representative: Person
    on_leave: Person
    volunteer: Worker
    municipal_officer: User

    def sheet_of(self, worker: Worker) -> str:
        """The path of the worker's November sheet."""
        self.session.rollback()
        found = self.session.query(operations.CheckSheet).filter_by(worker_id=worker.id, month=MONTH).one()
        return f"/sheets/{found.id}"


@pytest.fixture
def town(session: Session, library: Library, time: SetClock) -> Town:
    """The town on the morning of 27 November 2026, two days after the sheets opened."""
    municipality = a_municipality(session)
    organization = an_organization(session, first_month=MONTH)
    an_engagement(session, municipality, organization)
    center = a_center(session, organization)

    def person(name: str, *roles: Role) -> Person:
        return Person(*someone(session, center, *roles, name=name, password=PASSWORD))

    municipal_officer = accounts.create_user(
        session, name="市役所 太郎", login_name="city-officer", email=None, password=PASSWORD, now=time.moment
    )
    accounts.grant_municipality_role(session, municipal_officer, municipality.id, by=SYSTEM, now=time.moment)
    an_authenticator(session, municipal_officer)
    made = Town(
        session,
        municipality,
        organization,
        center,
        worker=person("南 花子"),
        head=person("東 京子", Role.CENTER_HEAD),
        officer=person("西 守", Role.PROTECTION_OFFICER),
        representative=person("北 代表", Role.REPRESENTATIVE),
        on_leave=person("秋 空"),
        volunteer=a_worker(session, center, "𠮷田 﨑子"),
        municipal_officer=municipal_officer,
    )
    operations.open_months(session, library, now=time.tokyo(2026, 11, 27, 9))
    session.commit()
    return made


@pytest.fixture
def site(serve: Callable[[], Site], town: Town) -> Site:
    """The town's site."""
    return serve()
