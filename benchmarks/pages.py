"""What pages cost the server: its own CPU time for one request, measured around the application."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from benchmarks.databases import Scratch, Statement, bare, counted
from benchmarks.filling import HEAD, IDLE, LATEST, MONTHS, NOON, NOTE, OFFICER, USUAL, Filled, House
from benchmarks.report import Measured, Units
from benchmarks.timing import Spent, Stopwatch, collect, measure
from partner_compliance import clock
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts import queries as account_queries
from partner_compliance.accounts.models import User
from partner_compliance.api import operations as tokens
from partner_compliance.api import queries
from partner_compliance.api.words import Scope
from partner_compliance.app import create_app
from partner_compliance.config import Settings
from partner_compliance.database import open_session, writing
from partner_compliance.history.operations import write_acts
from partner_compliance.library.checklists import Checklist
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.organizations.queries import partners_on
from partner_compliance.readiness import standing
from partner_compliance.sheets.models import MonthTally

PASSWORD = "correct horse battery staple"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_REVISION = re.compile(r'name="based_on" value="(\d+)"')

#: Budgets of DESIGN.md §10, in ms.
SHEET, SAVING, LIST_OF_50, LIST_OF_500, GATE = 6.0, 8.0, 8.0, 30.0, 25.0
#: The same as for the gate check, which a system asks for too.
API = 25.0


class PageFailed(RuntimeError):
    """A page did not answer as it should: what was measured would mean nothing."""


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """The clock of the house stands still."""
    real, clock.now = clock.now, lambda: moment
    try:
        yield
    finally:
        clock.now = real


def settings_for(database: Scratch) -> Settings:
    """Settings of a local installation on a scratch database."""
    return Settings(
        database_url=database.url,
        secret_key="a key that only benchmarks have, long enough",
        data_folder=database.folder / "var",
        scheduler=False,
    )


class Asked:
    """The app with a stopwatch around it, and browsers in which people are signed in."""

    def __init__(self, database: Scratch, times: int) -> None:
        self.database = database
        self.times = times
        self.app: Flask = create_app(settings_for(database))
        self.engine = self.app.extensions["engine"]
        self._stopwatch = Stopwatch(self.app.wsgi_app)
        self.app.wsgi_app = self._stopwatch  # type: ignore[method-assign]

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def browser_of(self, user_id: UUID) -> FlaskClient:
        """A browser in which that person is signed in."""
        with writing(self.engine, write_acts=write_acts) as session:
            user = session.get_one(User, user_id)
            _, secret = accounts.start_sign_in(session, user, strength="password+totp", now=NOON)
        client = self.app.test_client()
        with client.session_transaction() as cookie:
            cookie["token"] = secret
            cookie.permanent = True
        return client

    def timed(self, client: FlaskClient, path: str, data: dict[str, str] | None = None) -> tuple[float, float]:
        """Ask once; the server's CPU seconds, and the seconds by the clock."""
        answer = client.get(path) if data is None else client.post(path, data=data)
        if answer.status_code != (200 if data is None else 303):
            raise PageFailed(f"{path} answered {answer.status_code}")
        return self._stopwatch.cpu, self._stopwatch.clock

    def page(
        self, what: str, client: FlaskClient, path: str, budget: float | None = None, times: int | None = None
    ) -> Measured:
        """A page that is read, beside its own statements through the bare driver."""

        def ask() -> tuple[float, float]:
            return self.timed(client, path)

        ask()
        statements = counted(self.engine, ask)
        spent = collect(ask, times or self.times, server=self.database.server, unit=bare_page)
        return self._measured(what, spent, budget, statements)

    def sending(
        self, what: str, ask: Callable[[], tuple[float, float]], times: int, budget: float | None = None
    ) -> Measured:
        """Something that is sent and changes what is kept."""
        ask()
        statements = counted(self.engine, ask)
        spent = collect(ask, times, server=self.database.server, warm_up=2, unit=bare_page)
        return self._measured(what, spent, budget, statements)

    def _measured(self, what: str, spent: Spent, budget: float | None, statements: list[Statement]) -> Measured:
        return Measured(
            "pages",
            what,
            spent.all_cpu,
            best=spent.best_cpu,
            budget=budget,
            times_page=spent.times_unit,
            sql=bare(self.database, statements, max(20, self.times)),
            statements=len(statements),
            more=spent.as_more(),
        )


@cache
def _bare() -> tuple[FlaskClient, Stopwatch]:
    app = Flask("bare")

    @app.get("/")
    def page() -> str:
        return "<!doctype html><title>bare</title>"

    stopwatch = Stopwatch(app.wsgi_app)
    app.wsgi_app = stopwatch  # type: ignore[method-assign]
    return app.test_client(), stopwatch


def bare_page() -> tuple[float, float]:
    """A Flask page without session and database."""
    client, stopwatch = _bare()
    client.get("/")
    return stopwatch.cpu, stopwatch.clock


def units(database: Scratch, times: int) -> Units:
    """What the ratios are ratios to: a Flask page without session and database, and a row by its key."""
    page = collect(bare_page, times * 5, warm_up=50)
    with database.engine.connect() as connection:
        key = connection.scalar(select(Organization.id).limit(1))
        statements = counted(
            database.engine,
            lambda: connection.execute(select(Organization.id, Organization.name).where(Organization.id == key)).all(),
        )
    return Units(page.all_cpu, bare(database, statements, times * 5) or 0.0)


def pages(asked: Asked, filled: Filled, checklist: Checklist) -> Iterator[Measured]:
    """Every page of the budget, and the ones people open most."""
    for name in ("10 workers", "1,000 workers in 25 centers", "1,000 workers in one center"):
        yield from _sheet(asked, filled.houses[name], checklist)
    yield from _homes_and_matrices(asked, filled)
    yield from _api(asked, filled)


def _sheet(asked: Asked, house: House, checklist: Checklist) -> Iterator[Measured]:
    size = f"organization of {house.measure.name}"
    path = f"/sheets/{house.sheets[USUAL, LATEST]}/answers"
    client = asked.browser_of(house.users[USUAL])
    yield asked.page(f"sheet page, {size}", client, path, SHEET)
    yield asked.sending(f"saving a draft, {size}", _drafts(asked, client, path, checklist), asked.times, SAVING)
    waiting = _submissions(asked, house, checklist)
    yield asked.sending(f"submitting, {size}", lambda: next(waiting), min(asked.times, len(IDLE) * 12 - 6), SAVING)


def _form(checklist: Checklist, token: str, act: str) -> dict[str, str]:
    form = {"csrf_token": token, "act": act}
    for number in checklist.items_for(False):
        form[f"answer-{number}"], form[f"note-{number}"] = "ok", ""
    form["answer-1-1"], form["note-1-1"] = "not_ok", NOTE
    return form


def _drafts(asked: Asked, client: FlaskClient, path: str, checklist: Checklist) -> Callable[[], tuple[float, float]]:
    page = client.get(path).text
    token, revision = _found(_TOKEN, page), int(_found(_REVISION, page))
    form = _form(checklist, token, "draft")

    def save() -> tuple[float, float]:
        nonlocal revision
        form["note-1-1"] = f"{revision}回目の下書きです。"
        spent = asked.timed(client, path, form | {"based_on": str(revision)})
        revision += 1
        return spent

    return save


def _submissions(asked: Asked, house: House, checklist: Checklist) -> Iterator[tuple[float, float]]:
    """Each submits a sheet of its own, first those of the idle people's latest month."""
    browsers = {at: asked.browser_of(house.users[at]) for at in IDLE}
    forms = {at: _form(checklist, _found(_TOKEN, client.get("/").text), "submit") for at, client in browsers.items()}
    for month in reversed(MONTHS):
        for at, client in browsers.items():
            yield asked.timed(client, f"/sheets/{house.sheets[at, month]}/answers", forms[at] | {"based_on": "0"})


def _found(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    if found is None:
        raise PageFailed(f"no {pattern.pattern} on the page")
    return found[1]


def _homes_and_matrices(asked: Asked, filled: Filled) -> Iterator[Measured]:
    for workers in (30, 100):
        house = filled.houses[f"{workers} workers"]
        head = asked.browser_of(house.users[HEAD])
        if workers == 30:
            yield asked.page("home, a worker's", asked.browser_of(house.users[USUAL]), "/")
            yield asked.page("home, a head's", head, "/")
        path = f"/centers/{house.centers[0]}/months/{LATEST}"
        yield asked.page(f"a center's month, {workers} workers", head, path)
    yield asked.page("sheet as a record, seen by the head", head, f"/sheets/{house.sheets[OFFICER, MONTHS[0]]}")


def _midnight(asked: Asked, library: Library) -> Measured:
    """What the tick after midnight does for the lists: the levels of all partners, and those of three months before."""
    with open_session(asked.engine) as session:
        waiting = standing.waiting(session, library, clock.today())

    def count() -> None:
        with writing(asked.engine) as session:
            session.execute(delete(standing.ReadinessStanding))
            standing.refresh(session, library, clock.today(), waiting, now=NOON)

    spent = measure(count, 3, warm_up=1, server=asked.database.server)
    return Measured(
        "pages", f"midnight: levels of {len(waiting)} partners, today's and three months'", spent.all_cpu,
        best=spent.best_cpu, more=spent.as_more(),
    )  # fmt: skip


def partners(asked: Asked, filled: Filled, library: Library) -> Iterator[Measured]:
    """The municipality's room, with the levels of its partners as they are kept since midnight."""
    (few, officer_of_few), (many, officer_of_many) = filled.few, filled.many
    yield _midnight(asked, library)
    client, other = asked.browser_of(officer_of_few), asked.browser_of(officer_of_many)
    seldom = max(8, asked.times // 4)
    yield asked.page("dashboard, 50 partners", client, f"/municipalities/{few}/partners", LIST_OF_50)
    path = f"/municipalities/{many}/partners"
    yield asked.page("dashboard, 500 partners with levels, 50 a page", other, path, LIST_OF_500)
    yield asked.page("dashboard, 500 partners, those of a level", other, path + "?level=0", LIST_OF_500, seldom)
    yield asked.page("dashboard, 500 partners, 300 a page", other, path + "?per_page=300", None, seldom)
    yield asked.page("dashboard, 500 partners, by what ends first", other, path + "?sort=lapses_on", None, seldom)
    yield asked.page("dashboard, 500 partners, issues only", other, path + "?issues=1", None, seldom)
    house = filled.houses["30 workers"]
    yield asked.page("one partner", client, f"/municipalities/{few}/partners/{house.organization_id}")
    gate = f"/municipalities/{few}/gate/{house.organization_id}?data_class=D3&mode=paper_kept&purpose=PU1"
    yield asked.page("gate check, with the form of the decision", client, gate, GATE)
    yield asked.page("what is shared although a level fell", client, f"/municipalities/{few}/share-decisions/lapses")
    room = f"/municipalities/{many}"
    yield asked.page("reasons of take-outs, 500 partners", other, f"{room}/take-outs/reasons", None, seldom)
    yield asked.page("report of a month, 500 partners, PDF", other, f"{room}/reports/{LATEST}.pdf", None, 3)
    yield asked.page("report of a month, 500 partners, XLSX", other, f"{room}/reports/{LATEST}.xlsx", None, 3)
    yield asked.page("CSV of 500 partners", other, path + ".csv", None, seldom)
    yield asked.page("XLSX of 500 partners", other, path + ".xlsx", None, seldom)
    for count, municipality_id in ((50, few), (500, many)):
        yield _group_by(asked, municipality_id, count)


def _api(asked: Asked, filled: Filled) -> Iterator[Measured]:
    """What a case system asks before it sends, the writing down of its call included."""
    (municipality_id, officer_id), house = filled.few, filled.houses["30 workers"]
    # The clock stands still here, and with it the minute in which so many calls are taken.
    queries.MOST_CALLS = 10**9
    with writing(asked.engine, write_acts=write_acts) as session:
        officer = account_queries.principal_of(
            session, session.get_one(User, officer_id), strength="password+totp", today=clock.local_date(NOON)
        )
        _, secret = tokens.make_token(
            session, session.get_one(Municipality, municipality_id), name="児相システム", scopes=list(Scope),
            expires_on=clock.local_date(NOON), by=officer, now=NOON, request_key=uuid4(),
        )  # fmt: skip
    client = asked.app.test_client(use_cookies=False)
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    for what, address, budget in (
        ("API: one partner's level", f"/partners/{house.organization_id}/readiness", API),
        ("API: 50 partners", "/partners?limit=50", API),
        ("API: changes", "/changes?limit=50", API),
    ):
        yield asked.page(what, client, f"/api/v1{address}", budget)


def _group_by(asked: Asked, municipality_id: UUID, count: int) -> Measured:
    """The floor below the dashboard: twelve months of all partners, counted by the database alone."""
    query = (
        select(
            MonthTally.organization_id,
            MonthTally.month,
            func.sum(MonthTally.sheets - MonthTally.excused),
            func.sum(MonthTally.on_time),
            func.sum(MonthTally.signed_off),
            func.min(MonthTally.sign_off_due_on),
        )
        .where(
            MonthTally.organization_id.in_(partners_on([municipality_id], clock.today())),
            MonthTally.month.between(MONTHS[0], MONTHS[-1]),
        )
        .group_by(MonthTally.organization_id, MonthTally.month)
    )
    with asked.engine.connect() as connection:
        statements = counted(asked.engine, lambda: connection.execute(query).all())
    return Measured(
        "pages", f"bare GROUP BY: 12 months of {count} partners", bare(asked.database, statements, asked.times) or 0.0,
        statements=1,
    )  # fmt: skip


def door(asked: Asked, filled: Filled) -> Iterator[Measured]:
    """Signing in with a password, the whole request."""
    house = filled.houses["30 workers"]
    client = asked.app.test_client()
    token = _found(_TOKEN, client.get("/sign-in").text)
    form = {"csrf_token": token, "name": f"{house.organization_id.hex[:12]}-{USUAL}", "password": PASSWORD}
    client.post("/sign-in", data=form)
    other = asked.app.test_client()

    def enter() -> tuple[float, float]:
        page = other.get("/sign-in").text
        return asked.timed(other, "/sign-in", form | {"csrf_token": _found(_TOKEN, page)})

    spent = collect(enter, max(10, asked.times // 2), server=asked.database.server)
    yield Measured("door", "signing in, the whole request", spent.all_cpu, best=spent.best_cpu, more=spent.as_more())
    yield Measured(
        "door", "sign-ins on two cores, from that", 2000 / spent.all_cpu, "/s", 50, at_least=True,
        best=2000 / spent.best_cpu,
    )  # fmt: skip
