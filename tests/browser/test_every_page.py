"""Every page, in every role and state: axe finds nothing, nothing sticks out at any width, nothing is too small."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask, url_for
from playwright.sync_api import Page, expect

from partner_compliance import clock
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts.models import User
from partner_compliance.config import Settings
from partner_compliance.database import make_engine, open_session
from partner_compliance.history.operations import write_acts
from partner_compliance.library.shelf import Library
from partner_compliance.sheets import binding
from tests.access_policy import EXPECT
from tests.browser.conftest import DESK, Desk, Site
from tests.browser.examining import axe_findings, findings, is_new
from tests.conftest import SetClock
from tests.factories import a_municipality, an_operator, signed_in
from tests.world import MONTH, Tenant, a_tenant

pytestmark = pytest.mark.browser

#: The letters of `tests.access_policy`, and whom of the tenant they mean.
READERS = {
    "W": "worker",
    "H": "head",
    "X": "other head",
    "O": "officer",
    "R": "representative",
    "M": "municipal officer",
    "P": "operator",
    "N": "network officer",
}
#: Addresses that answer with a file or with data, not with a page.
FILES = {
    "static", "sheets.blank_pdf", "sheets.record_pdf", "sheets.blanks_pdf", "sheets.binder_pdf",
    "sheets.binder_progress", "roster.submission_pdf", "sharing.export_csv", "sharing.export_xlsx",
    "sharing.levels_file", "sharing.report_file", "sharing.readiness_pdf", "readiness.show_pdf",
    "publications.hang_up_pdf", "publications.download", "publications.published_json", "publications.credential",
    "publications.revocations", "publications.keys_json", "readiness.evidence_pdf",
    "engagements.notice_pdf", "imports.template_csv", "imports.template_xlsx", "imports.export_csv",
    "imports.export_xlsx", "imports.progress", "kiosks.alive", "takeouts.labels_pdf", "takeouts.ledger_csv",
    "takeouts.ledger_xlsx", "takeouts.ledger_pdf", "receipts.receipt_pdf", "receipts.end_pdf",
    "receipts.register_csv", "receipts.register_xlsx", "receipts.register_pdf", "pledges.record_pdf", "pledges.scan",
    "pledges.missing_pdf", "pledges.blank_pdf", "pledges.list_pdf", "pledges.list_xlsx",
    "councils.consent_pdf", "councils.roster_pdf", "inspections.result_pdf",
    "rulebooks.version_pdf", "rulebooks.article_pdf",
    "rulebooks.published_pdf", "rulebooks.draft_pdf", "rulebooks.summary_pdf", "kits.export",
    "training.course_paper", "training.certificate", "training.officer_certificate", "training.topic",
    "training.session_paper", "training.session_sheet", "training.course_file", "training.draft_gift",
    "api.description", "api.index", "api.partners", "api.readiness", "api.changes",
    "api.gate_check", "api.requirements", "api.decisions",
}  # fmt: skip
#: Addresses that only lead to a page; the second step and the proof are looked at in test_factors.py, on the way.
WAYS = {"sheets.center", "sharing.open_view", "accounts.second_factor", "accounts.prove"}
#: A browser that is a shared tablet, and one in which someone is signed in besides.
KIOSK, AT_KIOSK = "shared tablet", "drafting at the tablet"
#: Pages in other states than the access policy asks for: who reads (or nobody), what, and about what.
STATES: list[tuple[str, str, str, dict[str, str]]] = [
    ("drafting", "sheets.fill_in", "drafting's sheet", {}),
    ("drafting", "reminders.home", "", {}),
    ("spare", "sheets.fill_in", "spare's sheet", {}),
    ("spare", "sheets.show", "spare's sheet", {}),
    ("spare", "reminders.home", "", {}),
    ("excused", "sheets.show", "excused's sheet", {}),
    ("excused", "sheets.fill_in", "excused's sheet", {}),
    ("worker", "sheets.correct", "worker's sheet", {}),
    ("head", "sheets.correct", "head's sheet", {}),
    ("head", "sheets.show", "drafting's sheet", {}),
    ("head", "sheets.show", "spare's sheet", {}),
    ("officer", "history.who_did_what", "organization", {"month": MONTH, "kind": "sheet"}),
    ("officer", "history.who_did_what", "organization", {"month": "2020-01"}),
    ("officer", "roster.index", "organization", {"presence": "any", "lacks": "1"}),
    ("officer", "roster.index", "organization", {"q": "どこにもいない人"}),
    ("officer", "roster.submit", "organization", {"scope": "everyone"}),
    ("officer", "people.joining", "drafting worker", {}),
    ("officer", "people.things", "drafting worker", {}),
    ("officer", "people.leave", "drafting worker", {}),
    ("officer", "people.show", "drafting worker", {}),
    ("", "invitations.accept", "volunteer's invitation", {}),
    ("worker", "invitations.accept", "volunteer's invitation", {}),
    ("municipal officer", "sharing.dashboard", "municipality", {"name": "どこにもない団体"}),
    ("municipal officer", "sharing.dashboard", "municipality", {"issues": "1", "sort": "-workers"}),
    ("municipal officer", "sharing.dashboard", "municipality", {"level": "0", "ending": "1", "sort": "lapses_on"}),
    ("municipal officer", "sharing.save_view", "municipality", {"level": "0", "name": "みなと"}),
    ("municipal officer", "gate.decide", "partner", {"data_class": "D3", "mode": "paper_kept", "purpose": "PU1"}),
    ("municipal officer", "gate.decide", "partner", {"data_class": "D1", "mode": "oral", "purpose": "PU6"}),
    ("municipal officer", "gate.decide", "partner", {"data_class": "D4", "mode": "oral", "purpose": "PU5"}),
    ("municipal officer", "gate.decisions", "municipality", {"show": "review"}),
    ("municipal officer", "api_tokens.show", "revoked token", {}),
    ("municipal officer", "training.take_as_officer", "officer's lesson", {}),
    (KIOSK, "kiosks.names", "", {}),
    (KIOSK, "kiosks.pin", "person with a PIN", {}),
    (KIOSK, "kiosks.first", "person with a slip", {}),
    (KIOSK, "kiosks.thanks", "", {}),
    (AT_KIOSK, "reminders.home", "", {}),
    (AT_KIOSK, "sheets.fill_in", "drafting's sheet", {}),
    (AT_KIOSK, "sheets.show", "drafting's sheet", {}),
]


@dataclass
class Everything:
    """A tenant with something of everything, its municipality, and the operator."""

    tenant: Tenant
    operator: UUID

    def user(self, reader: str) -> UUID:
        return self.operator if reader == "operator" else self.tenant.users[reader]


@pytest.fixture(scope="session")
def everything_file(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, library: Library) -> Any:
    """A database with a page for everything, to copy from."""
    file = tmp_path_factory.mktemp("everything") / "everything.sqlite3"
    copyfile(empty_sqlite, file)
    engine = make_engine(f"sqlite:///{file}")
    time = SetClock(clock.start_of(clock.first_day("2026-10")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: time.moment)
        with open_session(engine, write_acts=write_acts) as session:
            operator = an_operator(session)
            municipality = a_municipality(session)
            tenant = a_tenant(session, library, time, "NPO法人 はまかぜ", municipality)
            stopped = session.get_one(User, tenant.users["excused"])
            stopped.password_stopped_at = time.moment
            session.commit()
            made = Everything(tenant, operator.id)
        binding.make_binders(engine, library)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file, made


@pytest.fixture
def everything(everything_file: Any, settings: Settings, time: SetClock) -> Everything:
    """The tenant in the test's own database, on the morning of 27 November."""
    file, made = everything_file
    copyfile(file, settings.sqlite_file)
    time.tokyo(2026, 11, 27, 10)
    return made


@pytest.fixture
def site(serve: Callable[[], Site], everything: Everything) -> Site:
    """The site on which everything is."""
    return serve()


def addresses(app: Flask, everything: Everything, reader: str) -> Iterator[tuple[str, str]]:
    """(endpoint, path) of every page that a reader may open, once each; "" for those who have not signed in."""
    values = everything.tenant.values
    letter = next((letter for letter, name in READERS.items() if name == reader), "")
    asked = [
        (endpoint, expect.target, {})
        for endpoint, expectations in EXPECT.items()
        for expect in expectations
        if (letter and letter in expect.enters) or (not reader and expect.public)
    ] + [(endpoint, target, query) for who, endpoint, target, query in STATES if who == reader]
    gets = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    with app.test_request_context():
        for endpoint, target, query in asked:
            if endpoint in gets - FILES:
                yield endpoint, url_for(endpoint, **values(target), **query)


def cookies_of_kiosk(app: Flask, everything: Everything, reader: str) -> dict[str, str]:
    """What the browser of a shared tablet holds."""
    cookies = {"kiosk": everything.tenant.kiosk_secret}
    if reader == AT_KIOSK:
        tenant, client = everything.tenant, app.test_client()
        with open_session(app.extensions["engine"], write_acts=write_acts) as session:
            user = session.get_one(User, tenant.users["drafting"])
            _, secret = accounts.start_sign_in(
                session, user, strength="kiosk", kiosk_id=tenant.kiosk, confined_to_id=tenant.organization,
                now=clock.now(),
            )  # fmt: skip
            session.commit()
        with client.session_transaction() as cookie:
            cookie["token"] = secret
        cookie = client.get_cookie("session")
        assert cookie is not None
        cookies["session"] = cookie.value
    return cookies


def signed_in_as(desk: Desk, everything: Everything, reader: str, **options: Any) -> Page:
    if not reader:
        return desk.device(**options)
    if reader in (KIOSK, AT_KIOSK):
        page = desk.device(**options)
        page.add_init_script("window.setInterval = () => 0")  # it would leave while it is being looked at
        cookies = cookies_of_kiosk(desk.site.app, everything, reader)
        page.context.add_cookies(
            [{"name": name, "value": value, "url": desk.site.origin} for name, value in cookies.items()]
        )
        return page
    with open_session(desk.site.app.extensions["engine"]) as session:
        user = session.get_one(User, everything.user(reader))
    return desk.signed_in(user, **options)


ALL_READERS = ["", *READERS.values(), "drafting", "spare", "excused", KIOSK, AT_KIOSK]


def test_every_address_that_shows_a_page_is_visited_by_someone(
    make_app: Callable[..., Flask], everything: Everything
) -> None:
    """A new page fails here until tests/access_policy.py (or STATES) says how to open it. All of them are asked for
    with readings above the words, which the browser below sees on a few."""
    app = make_app()
    shown = set()
    for reader in ALL_READERS:
        client = app.test_client()
        if reader in (KIOSK, AT_KIOSK):
            for name, value in cookies_of_kiosk(app, everything, reader).items():
                client.set_cookie(name, value)
        elif reader:
            with open_session(app.extensions["engine"]) as session:
                client = signed_in(app, session.get_one(User, everything.user(reader)), now=clock.now())
        with client.session_transaction() as cookie:
            cookie["furigana"] = True
        for endpoint, path in addresses(app, everything, reader):
            answer = client.get(path)
            assert answer.status_code < 500, endpoint
            if answer.status_code in (200, 409) and answer.mimetype == "text/html":
                shown.add(endpoint)
    gets = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert shown == gets - FILES - WAYS


#: What the pages of this process have shown so far, and which of them axe has seen at a phone's width: the order there
#: is the same for whatever stands on the page.
LOOKED_AT: set[int] = set()
AT_PHONE: set[str] = set()
#: Those who see many pages look at them in several parts, so that two processes share the work.
PARTS = {"officer": 6, "head": 4, "representative": 2, "municipal officer": 2}


@pytest.mark.parametrize(
    ("reader", "part"), [(reader, part) for reader in ALL_READERS for part in range(PARTS.get(reader, 1))]
)
def test_every_page_can_be_read_and_used_by_everyone(
    desk: Desk, everything: Everything, reader: str, part: int
) -> None:
    page = signed_in_as(desk, everything, reader, device_scale_factor=2)
    found, seen = [], 0
    for endpoint, path in list(addresses(desk.site.app, everything, reader))[part :: PARTS.get(reader, 1)]:
        page.set_viewport_size(DESK)
        answer = page.goto(path)
        assert answer is not None
        if answer.request.redirected_from is not None:
            continue
        seen += 1
        # The menu around it is another one for each reader: it is looked at with the first page.
        if not is_new(page, LOOKED_AT) and seen > 1:
            continue
        looks = findings(page, at_phone=endpoint not in AT_PHONE)
        AT_PHONE.add(endpoint)
        found += [f"{endpoint} as {reader or 'a stranger'} {each}" for each in looks]
    assert found == [], "\n".join(found)
    assert seen


@pytest.mark.parametrize(
    ("reader", "endpoint", "target"),
    [
        ("drafting", "sheets.fill_in", "drafting's sheet"),
        ("worker", "sheets.show", "worker's sheet"),
        ("worker", "reminders.home", ""),
        ("municipal officer", "training.take_as_officer", "officer's lesson"),
        ("worker", "training.take", "attempt"),
        ("worker", "training.feedback", "answer"),
    ],
)
def test_pages_with_readings_above_the_words(
    desk: Desk, everything: Everything, reader: str, endpoint: str, target: str
) -> None:
    page = signed_in_as(desk, everything, reader)
    with desk.site.app.test_request_context():
        path = url_for(endpoint, **everything.tenant.values(target))
    page.goto(path)
    assert page.locator("rt").count() == 0
    page.get_by_role("button", name="ふりがなを付ける").click()
    expect(page.get_by_role("button", name="ふりがなを消す")).to_be_visible()
    assert page.url == desk.site.url(path)
    assert (page.locator("rt").count() > 0) == (endpoint != "reminders.home")
    found = findings(page)
    assert found == [], "\n".join(found)
    page.set_viewport_size(DESK)
    page.get_by_role("button", name="ふりがなを消す").click()
    expect(page.get_by_role("button", name="ふりがなを付ける")).to_be_visible()
    assert page.locator("rt").count() == 0


# --- refusals ---------------------------------------------------------------------------------------------------

Way = Callable[[Page, SetClock], None]


def press(name: str) -> Way:
    """Press a button of the page as it is."""
    return lambda page, _time: page.get_by_role("button", name=name, exact=True).first.click()


def nothing(_page: Page, _time: SetClock) -> None:
    """The page refuses by itself."""


def wrong_number(label: str, button: str) -> Way:
    """Enter a number that is none."""

    def act(page: Page, time: SetClock) -> None:
        page.get_by_label(label).fill("12")
        press(button)(page, time)

    return act


def too_long(page: Page, _time: SetClock) -> None:
    page.locator("#item-2-2 label.tile").nth(1).click()
    page.evaluate(
        "(note) => { note.removeAttribute('maxlength'); note.value = 'あ'.repeat(600000); }",
        page.get_by_label("2-2 のメモ").element_handle(),
    )
    page.get_by_role("button", name="下書き保存").click()


def in_two_tabs(page: Page, _time: SetClock) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    for tab in (other, page):
        tab.locator("#item-2-1 label.tile").first.click()
        with tab.expect_navigation():
            tab.get_by_role("button", name="下書き保存").click()
    other.close()


def with_a_broken_roster(page: Page, _time: SetClock) -> None:
    content = "氏名,フリガナ,区分,主な拠点,個人情報取扱者,活動を始めた日\n,ナシ,社長,どこか,はい,きのう\n".encode()
    page.get_by_label("名簿のファイル").set_input_files({"name": "名簿.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="内容を確認する").click()


def with_a_stale_token(page: Page, _time: SetClock) -> None:
    page.evaluate("document.querySelectorAll('[name=csrf_token]').forEach((field) => field.value = 'old')")
    page.get_by_role("button", name="下書き保存").click()


def again_and_again(page: Page, _time: SetClock) -> None:
    for _ in range(12):
        page.get_by_label("ログイン名").fill("someone")
        page.get_by_label("パスワード").first.fill("wrong " + uuid4().hex)
        with page.expect_navigation() as waiting:
            page.get_by_role("button", name="サインイン", exact=True).click()
        if waiting.value.status == 429:
            return


def after_a_long_pause(page: Page, time: SetClock) -> None:
    time.set(time.moment + timedelta(hours=2))
    page.reload()


#: name → (who reads, what, about what, what they do, the status of the answer)
REFUSALS: dict[str, tuple[str, str, str, Way, int]] = {
    "sign-in without words": ("", "accounts.sign_in", "", press("サインイン"), 422),
    "too many wrong passwords": ("", "accounts.sign_in", "", again_and_again, 429),
    "a reset for nobody": ("", "accounts.ask_for_reset", "", press("再設定用のリンクを送る"), 422),
    "an empty new password": ("", "accounts.reset_password", "reset", press("このパスワードにする"), 422),
    "a code that is none": ("worker", "accounts.authenticator", "", press("確認して登録する"), 422),
    "a used link": ("", "accounts.reset_password", "no reset", nothing, 409),
    "an acceptance without a word": ("", "invitations.accept", "volunteer's invitation", press("参加して始める"), 422),
    "an invitation that is none": ("", "invitations.accept", "no invitation", nothing, 409),
    "an invitation's code that is none": ("", "invitations.enter_code", "", press("次へ"), 422),
    "an invitation without a way": ("officer", "invitations.invite", "volunteer", press("この内容で招待する"), 422),
    "an empty change of password": ("worker", "accounts.change_password", "", press("パスワードを変更する"), 422),
    "a sheet that is not complete": ("excused", "sheets.fill_in", "excused's sheet", press("提出する"), 422),
    "a sheet in two tabs": ("drafting", "sheets.fill_in", "drafting's sheet", in_two_tabs, 409),
    "a sheet from an old page": ("drafting", "sheets.fill_in", "drafting's sheet", with_a_stale_token, 400),
    "a note that is too long": ("drafting", "sheets.fill_in", "drafting's sheet", too_long, 413),
    "a correction without a reason": ("worker", "sheets.correct", "worker's sheet", press("提出する"), 422),
    "a return without words": ("head", "sheets.show", "worker's sheet", press("差し戻す"), 422),
    "an excuse without a reason": ("head", "sheets.show", "volunteer's sheet", press("今月の対象外にする"), 422),
    "paper without a date": ("head", "sheets.enter_from_paper", "volunteer's sheet", press("提出する"), 422),
    "paper of someone with an account": ("head", "sheets.enter_from_paper", "worker's sheet", nothing, 409),
    "closing too early": ("head", "sheets.center_month", "center's month", press("2026年11月分を締める"), 409),
    "a roster without a file": ("officer", "imports.start", "organization", press("内容を確認する"), 422),
    "a roster with faults": ("officer", "imports.start", "organization", with_a_broken_roster, 422),
    "an empty improvement": ("head", "sheets.mend", "action", press("改善したことを記録する"), 422),
    "a tablet without a name": ("head", "kiosks.devices", "center", press("この端末を共用端末にする"), 422),
    "a wrong PIN": (KIOSK, "kiosks.pin", "person with a PIN", wrong_number("暗証番号", "はじめる"), 422),
    "a wrong code": (KIOSK, "kiosks.first", "person with a slip", wrong_number("紙に書かれた番号", "つぎへ"), 422),
    "a head without a center": ("officer", "accounts.roles", "worker", press("この役割をつける"), 422),
    "a leaving without answers": ("officer", "people.leave", "drafting worker", press("手続きを記録する"), 422),
    "a step without words": ("officer", "people.record_step", "worker's briefing", press("記録する"), 422),
    "a step that is corrected without a reason": (
        "officer", "people.record_step", "drafting's briefing", press("訂正する"), 422,
    ),
    "a meeting of nobody": ("officer", "people.meeting", "organization", press("選んだ方を記録する"), 422),
    "a thing without a name": ("officer", "people.things", "worker", press("登録する"), 422),
    "a fate that was not chosen": ("officer", "people.settle", "thing", press("記録する"), 422),
    "no post chosen": ("officer", "people.posts_of_worker", "worker", press("就任を登録する"), 422),
    "a move to nowhere": ("officer", "people.move", "worker", press("異動を登録する"), 422),
    "a proposal without words": ("municipal officer", "engagements.propose", "municipality", press("提案を送る"), 422),
    "a place without words": ("officer", "engagements.add_place", "organization", press("場所を登録する"), 422),
    "no clauses": ("municipal officer", "engagements.record_clauses", "proposal", press("条項を記録する"), 422),
    "declining without words": ("officer", "engagements.show", "proposal", press("辞退する"), 422),
    "a person without a reading": ("officer", "roster.add", "organization", press("名簿に加える"), 422),
    "another's page": ("worker", "sheets.organization_months", "organization", nothing, 403),
    "a pause": ("worker", "reminders.home", "", after_a_long_pause, 200),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_can_be_read_by_everyone(desk: Desk, everything: Everything, time: SetClock, name: str) -> None:
    reader, endpoint, target, act, status = REFUSALS[name]
    page = signed_in_as(desk, everything, reader)
    statuses: list[int] = []
    page.on(
        "response", lambda answer: statuses.append(answer.status) if answer.request.is_navigation_request() else None
    )
    with desk.site.app.test_request_context():
        page.goto(url_for(endpoint, **everything.tenant.values(target)))
    act(page, time)
    for _ in range(100):
        if statuses[-1] == status:
            break
        page.wait_for_timeout(100)
    page.wait_for_load_state()
    assert statuses[-1] == status
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if status == 422:
        assert page.title().startswith("エラー: ")
        expect(page.get_by_role("alert")).to_be_focused()
        for link in page.get_by_role("alert").get_by_role("link").all():
            name_of_field = (link.get_attribute("href") or "").removeprefix("#")
            assert page.locator(f"[id='{name_of_field}']").count() == 1
    found = findings(page)
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("status", [404, 500, 503])
def test_pages_of_failure_can_be_read_by_everyone(
    desk: Desk, everything: Everything, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    from sqlalchemy.exc import OperationalError

    page = signed_in_as(desk, everything, "worker")
    path = "/no-such-page"
    if status >= 500:
        path = "/my/sheets"
        failure = OperationalError("", {}, Exception()) if status == 503 else ZeroDivisionError()

        def broken(*_: Any, **__: Any) -> None:
            raise failure

        monkeypatch.setitem(desk.site.app.view_functions, "sheets.own", broken)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == status
    found = findings(page)
    assert found == [], "\n".join(found)
    witness = desk.witnesses[0]
    witness.errors[:] = [error for error in witness.errors if not (status >= 500 and str(status) in error)]


# --- tests of the test ------------------------------------------------------------------------------------------


def test_what_is_wrong_with_a_page_is_found(desk: Desk, everything: Everything) -> None:
    page = signed_in_as(desk, everything, "")
    page.goto("/sign-in")
    page.evaluate(
        """() => {
          const image = document.createElement("img");
          image.src = "https://example.org/pixel.png";
          const line = document.createElement("p");
          line.style.width = "700px";
          line.style.fontSize = "12px";
          line.textContent = "はみ出す小さな文字";
          document.querySelector("main").append(image, line);
        }"""
    )
    page.wait_for_timeout(200)
    said = " ".join(findings(page))
    for problem in ("scrolls sideways", "sticks out", "smaller than 16 px", "image-alt"):
        assert problem in said
    assert any("image-alt" in each for each in axe_findings(page))

    witness = desk.witnesses[0]
    assert any("Content Security Policy" in error for error in witness.errors)
    witness.errors.clear()
    witness.foreign.clear()
