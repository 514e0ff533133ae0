"""Every address × every method × every role × own and other tenants: who gets in, what leaks, what changes (C01)."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copyfile
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import html5lib
import pytest
from flask import Flask, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from partner_compliance import access, clock
from partner_compliance.accounts.models import User
from partner_compliance.database import Base, make_engine, open_session
from tests.access_policy import EXPECT, Expect
from tests.conftest import SetClock
from tests.factories import Browser, signed_in
from tests.world import NO_MARK, Canaries, World, belonging_to_others, build, rows_of, text_columns, words_of

ROLES = {
    "stranger": "-",
    "worker": "W",
    "head": "H",
    "other head": "X",
    "officer": "O",
    "representative": "R",
    "municipal officer": "M",
    "operator": "P",
    "network officer": "N",
}
NEVER = ("PUT", "PATCH", "DELETE", "TRACE")
#: The operator sees which tenants there are; the marks in their names are meant for them.
OPERATOR_SEES = {("organization", "name"), ("municipality", "name"), ("municipality", "code")}
#: What a municipality knows of those with whom it has worked or will work: the parties to its own engagements.
OWN_ENGAGEMENTS = {("organization", "name"), ("engagement", "title")}
LISTS_OF_ENGAGEMENTS = ("engagements.of_municipality", "engagements.propose")
#: Where an open inspection lets a municipality read records of individuals.
INSPECTED = (
    "inspections.roster", "inspections.sheets_of_month", "inspections.sheet", "inspections.take_outs_ledger",
    "inspections.take_out", "inspections.receipts_register", "inspections.pledges_signed", "inspections.course_results",
)  # fmt: skip
LET_IN = {200, 409, 422}
#: What reading may write: who read it, and that someone is still there.
READING_WRITES = {"log_leaf", "log_state", "sign_in", "readiness_standing", "inspection_view"}


@pytest.fixture(scope="session")
def world_file(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, library: Any) -> tuple[Path, World]:
    """The world, in a file to copy from."""
    file = tmp_path_factory.mktemp("world") / "world.sqlite3"
    copyfile(empty_sqlite, file)
    engine = make_engine(f"sqlite:///{file}")
    time = SetClock(clock.start_of(clock.first_day("2026-10")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: time.moment)
        world = build(engine, library, time)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file, world


@pytest.fixture
def world(world_file: tuple[Path, World], settings: Any, time: SetClock) -> World:
    """The world, in the test's own database, on the morning of 27 November."""
    file, world = world_file
    copyfile(file, settings.sqlite_file)
    time.tokyo(2026, 11, 27, 10)
    return world


@pytest.fixture
def app(world: World, make_app: Callable[[], Flask]) -> Flask:
    """The app on the world: composed once the file is there."""
    return make_app()


#: Acts after which nobody signs a roster, or is signed in any more: they are tried last, in this order.
LEAVES = {
    "councils.close": 1, "gate.end": 1, "rulebooks.discard": 1, "training.retire_course": 1, "training.end": 1,
    "training.remove_question": 1, "sharing.delete_view": 1, "kits.withdraw": 1, "kits.withdraw_municipal": 1,
    "kits.close": 1, "publications.switch_off": 1, "inspections.close": 1,
    "councils.pass_round": 2, "accounts.sign_out": 3,
}  # fmt: skip


@dataclass
class Findings:
    """What is wrong, in words."""

    mismatches: list[str] = field(default_factory=list)
    leaks: set[tuple[str, str]] = field(default_factory=set)
    leaked_at: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    written_by_reading: list[str] = field(default_factory=list)
    broken_pages: list[str] = field(default_factory=list)
    cells: int = 0

    @property
    def is_clean(self) -> bool:
        return not (self.mismatches or self.leaks or self.changed or self.written_by_reading or self.broken_pages)

    def __str__(self) -> str:
        parts = [self.mismatches, self.leaked_at, self.changed, self.written_by_reading, self.broken_pages]
        return "\n".join(line for part in parts for line in part)


class Walk:
    """One reader's walk through the whole house."""

    def __init__(self, app: Flask, world: World, role: str, *, only: Callable[[Rule], bool] | None = None) -> None:
        self.app, self.world, self.role, self.letter = app, world, role, ROLES[role]
        self.engine = app.extensions["engine"]
        self.findings = Findings()
        self.looked_at: set[tuple[str, ...]] = set()
        self.rules = [rule for rule in app.url_map.iter_rules() if only is None or only(rule)]
        self.client = self._client()

    def _client(self) -> Any:
        if self.role == "stranger":
            client = Browser(self.app, self.app.response_class, use_cookies=True)
            client.get("/sign-in")
            return client
        user_id = self.world.operator if self.role == "operator" else self.world.own.users[self.role]
        with open_session(self.engine) as session:
            user = session.get_one(User, user_id)
        return signed_in(self.app, user, now=clock.now())

    def go(self) -> Findings:
        before = rows_of(self.engine)
        refused: set[str] = set()
        for expect, rule, values, is_own in self._cells():
            for method in ("GET", "HEAD"):
                # The same view answers both; a PDF takes long, so that those who get it ask once.
                if method == "GET" or not rule.endpoint.endswith("_pdf") or self.letter not in expect.enters:
                    self._ask(expect, rule, values, method, is_own=is_own)
            if rule.endpoint not in refused:  # a method that no address takes is refused whatever it is about
                # Those that the address does not name are refused before any view is chosen: one of them is asked for,
                # another one at each address.
                turn = NEVER[len(refused) % len(NEVER)]
                refused.add(rule.endpoint)
                for method in NEVER:
                    if method == turn or method in (rule.methods or ()):
                        self._ask(expect, rule, values, method, is_own=is_own)
        read = rows_of(self.engine)
        self.findings.written_by_reading = [
            f"reading as {self.role} changed {table}"
            for table in read
            if table not in READING_WRITES and read[table] != before[table]
        ]
        cells = list(self._cells())
        # Signing out comes last, acts in the own tenant after those in others.
        cells.sort(key=lambda cell: (LEAVES.get(cell[1].endpoint, 0), cell[3]))
        for expect, rule, values, is_own in cells:
            self._ask(expect, rule, values, "POST", is_own=is_own)
            if rule.endpoint == "councils.pass_round" and is_own and self.letter in expect.enters:
                self.client = self._client()
        after = rows_of(self.engine)
        self._compare(before, after)
        self._mails(before, after)
        return self.findings

    def _cells(self) -> Any:
        with self.app.test_request_context():
            for rule in self.rules:
                for expect in EXPECT.get(rule.endpoint, []):
                    own, other = self.world.own.values(expect.target), self.world.other.values(expect.target)
                    yield expect, rule, url_for(rule.endpoint, **own), True
                    if own == other or expect.public or expect.token is not None:
                        continue
                    yield expect, rule, url_for(rule.endpoint, **other), False
                    if self.letter == "M" and "organization_id" in own:
                        for organization_id in (*self.world.former.values(), self.world.other.organization):
                            values = {**own, "organization_id": organization_id}
                            yield expect, rule, url_for(rule.endpoint, **values), False

    def _ask(self, expect: Expect, rule: Rule, address: str, method: str, *, is_own: bool) -> None:
        self.findings.cells += 1
        data = dict(expect.form) if method == "POST" else None
        response = self.client.open(address, method=method, data=data)
        wanted = self._wanted(expect, rule, method, is_own=is_own)
        got = self._got(response)
        where = (
            f"{method} {rule.endpoint} ({expect.target or 'nothing'}, {'own' if is_own else 'other'}) as {self.role}"
        )
        if got not in wanted:
            self.findings.mismatches.append(f"{where}: {response.status_code}, not {wanted}")
        if method == "HEAD" and response.data:
            self.findings.mismatches.append(f"{where}: HEAD has a body")
        self._search(response, where)
        response.close()
        is_page = response.mimetype == "text/html" and not 300 <= response.status_code < 400
        kind = rule.endpoint if response.status_code == 200 else str(response.status_code)
        look = (kind, method, expect.target) if response.status_code == 200 else (kind, method)
        if is_page and method in ("GET", "POST") and look not in self.looked_at:
            self.looked_at.add(look)
            self._look_at_page(response, where)

    def _wanted(self, expect: Expect, rule: Rule, method: str, *, is_own: bool) -> set[Any]:
        assert rule.methods is not None
        if method not in rule.methods:
            return {405}
        if expect.token is not None:  # whoever is signed in: no cookie counts there
            return {401}
        if expect.public:
            refused = {422, 303} if method == "POST" else set()
            return {expect.public} | (refused if expect.public == 200 else set())
        if self.letter == "-":
            return {"door"}
        if not is_own:
            tenant_itself = expect.target in (
                "organization", "municipality", "partner", "wording", "rule of organization", "kit on shelf", "own kit",
                "opened draft", "municipal kit", "course of organization", "course of municipality",
                "course's file", "topic", "municipality's file", "municipality's report",
            )  # fmt: skip
            if self.letter == "P" and tenant_itself:  # the operator reaches every tenant, and little of it
                return {"in"} if "P" in expect.enters else {403}
            return {404}
        if self.letter in expect.enters:
            return {"in"}
        return {403} if self.letter in expect.sees_no else {404}

    def _got(self, response: Any) -> Any:
        status = response.status_code
        if status in (302, 303) and urlsplit(response.headers["Location"]).path == "/sign-in" and self.letter == "-":
            return "door" if "next=" in response.headers["Location"] else status
        if self.letter == "-" or self._is_public(response):
            return status
        return "in" if status in LET_IN or status in (302, 303) else status

    def _is_public(self, response: Any) -> bool:
        endpoint = self.app.url_map.bind("localhost").match
        try:
            matched, _ = endpoint(response.request.path, method=response.request.method)
        except HTTPException:
            return False
        return any(expect.public or expect.token is not None for expect in EXPECT.get(matched, []))

    def _search(self, response: Any, where: str) -> None:
        text = words_of(response)
        seen = self.world.foreign.seen_in(text)
        past = self.world.past.seen_in(text)
        if self.role == "municipal officer" and any(f" {endpoint} " in where for endpoint in LISTS_OF_ENGAGEMENTS):
            past -= OWN_ENGAGEMENTS
        seen |= past
        if self.role == "operator":
            seen -= OPERATOR_SEES
        if self.role in ("municipal officer", "operator", "stranger"):
            is_inspected = self.role == "municipal officer" and any(f" {each} (" in where for each in INSPECTED)
            seen |= set() if is_inspected else self.world.personal.seen_in(text)
        if "reset_password" in where:
            seen -= {("user_account", "login_name")}  # the page tells the holder of the link whose it is
        for column in sorted(seen):
            self.findings.leaks.add(column)
            self.findings.leaked_at.append(f"{where} shows {'.'.join(column)}")

    def _look_at_page(self, response: Any, where: str) -> None:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        page = parser.parse(response.text)
        headings = len(page.findall(".//h1"))
        if headings != 1:
            self.findings.broken_pages.append(f"{where}: {headings} h1")
        if len(page.findall(".//main[@id='main']")) != 1 or page.find(".//header[@class='site-header']") is None:
            self.findings.broken_pages.append(f"{where}: not within the layout")
        title = page.findtext(".//title") or ""
        if not title.removesuffix(" - 情報管理パートナー").strip():
            self.findings.broken_pages.append(f"{where}: no title")
        ids = [element.get("id") for element in page.iter() if element.get("id")]
        if twice := {each for each in ids if ids.count(each) > 1}:
            self.findings.broken_pages.append(f"{where}: ids {sorted(twice)} twice")
        if parser.errors:
            problems = {error for _, error, _ in parser.errors}
            self.findings.broken_pages.append(f"{where}: {sorted(problems)}")

    def _compare(self, before: Any, after: Any) -> None:
        was, now = belonging_to_others(self.world, before), belonging_to_others(self.world, after)
        self.findings.changed = [
            f"{self.role} changed {table} of another tenant" for table in was if was[table] != now[table]
        ]

    def _mails(self, before: Any, after: Any) -> None:
        known = {mail["id"] for mail in before["outgoing_mail"]}
        for mail in after["outgoing_mail"]:
            if mail["id"] not in known:
                for column in self.world.foreign.seen_in(str(mail)) | self.world.past.seen_in(str(mail)):
                    self.findings.leaks.add(column)
                    self.findings.leaked_at.append(f"a mail shows {column}")


# --- the matrix -------------------------------------------------------------------------------------------------


def test_every_address_has_its_line_in_the_policy_and_every_line_an_address(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert sorted(endpoints - EXPECT.keys()) == [], "addresses without a line in tests/access_policy.py"
    assert sorted(EXPECT.keys() - endpoints) == [], "lines of tests/access_policy.py without an address"


@pytest.mark.parametrize("role", ROLES)
def test_everyone_gets_in_where_they_may_and_nowhere_else(app: Flask, world: World, role: str) -> None:
    findings = Walk(app, world, role).go()
    assert findings.is_clean, str(findings)
    assert findings.cells > 300


def test_a_mark_stands_in_every_text_of_the_other_tenant(world: World) -> None:
    """A new table or text column is covered by itself, or this fails."""
    everything = {(table.name, column.name) for table in Base.metadata.sorted_tables for column in text_columns(table)}
    assert sorted(everything - set(world.foreign.columns) - NO_MARK.keys()) == []


@pytest.mark.parametrize(
    ("role", "columns"),
    [
        (
            "officer",
            {
                ("worker", "name"), ("sheet_version", "answers"), ("sheet_version", "submitted_by_name"),
                ("sheet_event", "comment"), ("sheet_event", "by_name"), ("log_leaf", "entry"), ("center", "name"),
                ("organization", "name"), ("user_account", "login_name"),
            },
        ),
        ("municipal officer", {("organization", "name"), ("municipality", "name"), ("engagement", "title")}),
    ],
)  # fmt: skip
def test_the_marks_are_found_where_they_may_be_read(
    app: Flask, world: World, role: str, columns: set[tuple[str, str]]
) -> None:
    """The walk of the other tenant's own people meets the marks, in pages, PDFs and files."""
    seen: dict[str, set[tuple[str, str]]] = {}
    with open_session(app.extensions["engine"]) as session:
        client = signed_in(app, session.get_one(User, world.other.users[role]), now=clock.now())
    for endpoint, expectations in EXPECT.items():
        for expect in expectations:
            if ROLES[role] in expect.enters:
                with app.test_request_context():
                    address = url_for(endpoint, **world.other.values(expect.target))
                response = client.get(address)
                found = world.foreign.seen_in(words_of(response))
                response.close()
                seen.setdefault(response.mimetype, set()).update(found)

    assert columns <= set().union(*seen.values())
    if role == "officer":
        assert {("worker", "name"), ("sheet_version", "answers")} <= seen["application/pdf"]
    else:
        assert ("organization", "name") in seen["text/csv"]
        assert any("organization" in column for kind in seen if "sheet" in kind for column in seen[kind])


# --- machines ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A token as a system shows it: whose, which, and what becomes of it."""

    whose: str
    kind: str
    #: The status where the token is no good at all.
    refused: int = 0


TOKENS = {
    "none": Shown("own", "", 401),
    "unknown": Shown("own", "unknown", 401),
    "expired": Shown("own", "expired", 401),
    "revoked": Shown("own", "revoked", 401),
    "another municipality's": Shown("other", "good"),
    "another scope": Shown("own", "narrow"),
    "right": Shown("own", "good"),
}
#: What a call may write: that it happened, how often, and that the partner's history tells of it.
CALLS_WRITE = {"api_call", "throttle", "log_leaf", "log_state"}


@pytest.mark.parametrize("shown", TOKENS)
def test_a_token_opens_what_its_scope_says_for_its_own_municipality_and_nothing_else(
    app: Flask, world: World, shown: str
) -> None:
    """Each address of the API × each kind of token × partners of the own, of another, and of no longer any."""
    token, asked, wrong = TOKENS[shown], 0, []
    tenant = world.own if token.whose == "own" else world.other
    secret = tenant.secrets.get(token.kind, "pc1_" + "x" * 43)
    headers = {"Authorization": f"Bearer {secret}"} if token.kind else {}
    # Beside the token comes the cookie of someone who sees everything in the first municipality: it counts for nothing.
    with open_session(app.extensions["engine"]) as session:
        signed = signed_in(app, session.get_one(User, world.own.users["municipal officer"]), now=clock.now())
    cookie = signed.get_cookie("session")
    assert cookie is not None
    client = app.test_client()
    client.set_cookie("session", cookie.value)
    before = rows_of(app.extensions["engine"])
    for expect, rule, organization, address in _api_cells(app, world):
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        body = json.dumps(dict(expect.form)) if method == "POST" else None
        response = client.open(address, method=method, headers=headers, data=body, content_type="application/json")
        wanted = token.refused or 200
        if not token.refused and token.kind == "narrow" and expect.token not in ("", "decisions:read"):
            wanted = 403
        elif not token.refused and organization not in (None, tenant.organization):
            wanted = 404
        asked += 1
        where = f"{method} {rule.endpoint} about {organization}"
        if response.status_code != wanted:
            wrong.append(f"{where}: {response.status_code}, not {wanted}")
        text = words_of(response)
        seen = world.personal.seen_in(text) | world.past.seen_in(text)
        if token.whose == "own":
            seen |= world.foreign.seen_in(text)
        wrong += [f"{where} shows {'.'.join(column)}" for column in seen]
    after = rows_of(app.extensions["engine"])
    written = {table for table in after if after[table] != before[table]}
    wrong += sorted(written - (CALLS_WRITE if token.kind not in ("", "unknown") else set()))
    assert wrong == []
    assert asked >= 4


def _api_cells(app: Flask, world: World) -> Iterator[tuple[Expect, Rule, UUID | None, str]]:
    """Each address for machines; one about a partner for the own, another municipality's, and those of former days."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            for expect in EXPECT.get(rule.endpoint, []):
                if expect.token is None:
                    continue
                scope = getattr(app.view_functions[rule.endpoint], "scope", None)
                assert (scope.value if scope else "") == expect.token, rule.endpoint
                if "organization" not in rule.arguments:
                    yield expect, rule, None, url_for(rule.endpoint, **world.own.values(expect.target))
                    continue
                for organization in (world.own.organization, world.other.organization, *world.former.values()):
                    values = {**world.own.values(expect.target), "organization": organization}
                    yield expect, rule, organization, url_for(rule.endpoint, **values)


# --- tests of the test ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["officer", "municipal officer"])
def test_a_scope_that_lets_everything_through_is_noticed(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    monkeypatch.setattr(access, "scope", lambda query, _model, _principal: query)
    # Whoever is let in by mistake also holds the role there, as after a forgotten comparison of organizations.
    monkeypatch.setattr(access.Principal, "is_", lambda self, asked, _where=None: any(
        held.role is asked for held in self.standings))  # fmt: skip
    rooms = ("sheets", "history")
    findings = Walk(
        app, world, role, only=lambda rule: rule.endpoint.startswith(rooms) and "_pdf" not in rule.endpoint
    ).go()
    assert findings.mismatches
    if role == "officer":  # a municipal officer holds no role that would open an organization's pages
        assert findings.leaks
        assert findings.changed


def test_a_rule_that_always_says_yes_is_noticed(app: Flask, world: World) -> None:
    opened = ("sheets.organization_months", "history.who_did_what")
    for endpoint in opened:
        _without_rule(app, endpoint)
    findings = Walk(app, world, "worker", only=lambda rule: rule.endpoint in opened).go()
    assert any("GET history.who_did_what (organization, own) as worker: 200" in line for line in findings.mismatches)


def _without_rule(app: Flask, endpoint: str) -> None:
    view = app.view_functions[endpoint]
    bare = view.__wrapped__  # type: ignore[attr-defined]
    app.view_functions[endpoint] = access.guarded(lambda *_: True, **view.subject)(bare)  # type: ignore[attr-defined]


def test_an_expired_engagement_that_still_counts_is_noticed(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import true

    from partner_compliance.organizations import queries as organizations
    from partner_compliance.sharing import queries as sharing

    for module in (organizations, sharing):
        monkeypatch.setattr(module, "is_valid_on", lambda _day: true())
    findings = Walk(app, world, "municipal officer", only=lambda rule: rule.endpoint.startswith("sharing")).go()
    assert ("organization", "name") in findings.leaks
    assert any("sharing.partner" in line for line in findings.mismatches)


def test_writing_by_reading_is_noticed(app: Flask, world: World) -> None:
    file = str(app.extensions["settings"].sqlite_file)

    def meddle() -> None:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("UPDATE center SET name = name || '!'")
            connection.commit()

    app.teardown_request_funcs.setdefault(None, []).append(lambda _error: meddle())
    findings = Walk(app, world, "operator", only=lambda rule: rule.endpoint == "organizations.tenants").go()
    assert findings.written_by_reading
    assert findings.changed


def test_marks_are_found_in_headers_and_in_other_spellings() -> None:
    marks = Canaries()
    mark = marks.mark("worker", "name")
    assert marks.seen_in(f"filename*=UTF-8''x{mark.upper()}.pdf") == {("worker", "name")}
