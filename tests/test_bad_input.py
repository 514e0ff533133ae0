"""Whatever is sent: a clear Japanese answer with the right status, nothing half written, and nothing typed is lost."""

import email
import email.policy
import html
import os
import re
import signal
import socket
import threading
import time as stopwatch
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import Engine
from werkzeug.exceptions import HTTPException, NotFound

from partner_compliance import clock
from partner_compliance.accounts import delivery
from partner_compliance.accounts import operations as accounts
from partner_compliance.config import MAX_REQUEST_BYTES, Settings
from partner_compliance.database import writing
from partner_compliance.documents.tables import plain
from partner_compliance.errors import InvalidInput
from partner_compliance.history.operations import write_acts
from partner_compliance.library.checklists import Answer
from partner_compliance.sheets import operations
from tests.conftest import SetClock
from tests.factories import (
    Browser,
    a_center,
    a_municipality,
    a_worker,
    all_fine,
    an_engagement,
    an_officer_of,
    an_organization,
    as_form,
    signed_in,
    someone,
)
from tests.server import serving, ticket_of
from tests.sheets.conftest import MONTH, House
from tests.sheets.conftest import house as house_of_sheets
from tests.world import counts

house = house_of_sheets

#: A10: each has to be shown as the text it is.
NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "${7*7}",
    "%s%n%(x)s",
    "\N{GRINNING FACE}",
    "葛\U000e0100城",
    "&lt;b&gt;&amp;",
    "' OR '1'='1",
    "名" * 100,
]
REVERSED = "\u202eriah"


@pytest.fixture
def worker(app: Flask, house: House, time: SetClock) -> Browser:
    """The worker's browser."""
    return signed_in(app, house.worker.user, now=time.moment)  # type: ignore[return-value]


@pytest.fixture
def head(app: Flask, house: House, time: SetClock) -> Browser:
    """The head's browser."""
    return signed_in(app, house.head.user, now=time.moment)  # type: ignore[return-value]


@pytest.fixture(autouse=True)
def watchdog() -> Iterator[None]:
    """Nothing here may take longer than this, however slow the machine."""

    def bark(_signal: int, _frame: object) -> None:
        raise TimeoutError("a request hangs")

    before = signal.signal(signal.SIGALRM, bark)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def answers_of(house: House, page: str = "answers") -> str:
    return f"/sheets/{house.sheet_of(house.worker.worker).id}/{page}"


def complete(house: House, **more: str) -> dict[str, str]:
    """The worker's whole sheet as a form, some fields being different."""
    return as_form(all_fine(house.checklist), act="submit", based_on="0") | more


def shown(response: Any) -> str:
    """The text of a page, as its reader sees it, typed values included."""
    page = html5lib.parse(response.text, namespaceHTMLElements=False)
    values = [element.get("value") or "" for element in page.iter("input")]
    return "".join(page.itertext()) + "".join(values)


def assert_refused(
    response: Any, status: int, *sentences: str, engine: Engine, before: dict[str, int], but: tuple[str, ...] = ()
) -> None:
    """The status, a Japanese explanation, and not a row more than before (but in the tables named)."""
    assert response.status_code == status
    assert 'lang="ja"' in response.text
    for sentence in sentences:
        assert sentence in html.unescape(response.text), sentence
    after = counts(engine)
    assert {table: after[table] for table in after if table not in but} == {
        table: before[table] for table in before if table not in but
    }


# --- months and items -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "month",
    ["2026-13", "2026-00", "1999-01", "2026-1", "abc", "２０２６-１１", "2026-11-01", "9999-12", "2026-11%00", "%20"],
)
def test_a_month_that_is_none_is_not_found(head: Browser, house: House, engine: Engine, month: str) -> None:
    before = counts(engine)
    response = head.get(f"/centers/{house.center.id}/months/{month}")
    assert_refused(response, 404, engine=engine, before=before)
    assert head.post(f"/centers/{house.center.id}/months/{month}/closure").status_code == 404
    assert head.post(f"/centers/{house.center.id}/months/{month}/binder").status_code == 404


def test_a_month_that_is_not_open_yet_says_when_it_opens(head: Browser, house: House, engine: Engine) -> None:
    before = counts(engine)
    response = head.get(f"/centers/{house.center.id}/months/2026-12")
    assert_refused(response, 404, "まだ始まっていません", "25日から記入できます", engine=engine, before=before)
    response = head.post(f"/centers/{house.center.id}/months/2026-12/closure")
    assert_refused(response, 404, "まだ始まっていません", engine=engine, before=before)


def test_an_item_that_does_not_exist_is_refused(worker: Browser, house: House, engine: Engine) -> None:
    before = counts(engine)
    for name in ("answer-9-9", "answer-1-99", "note-x", "answer-__class__", "note-1-1-1"):
        response = worker.post(answers_of(house), data=complete(house, **{name: "ok"}))
        assert_refused(response, 422, "この点検表にない項目が送られました", engine=engine, before=before)


def test_a_word_that_is_no_answer_is_refused(worker: Browser, house: House, engine: Engine) -> None:
    before = counts(engine)
    data = complete(house, **{"answer-1-1": "perfect", "note-1-2": "残る文"})
    response = worker.post(answers_of(house), data=data)
    assert_refused(response, 422, "選択肢にない答え", engine=engine, before=before)
    assert "残る文" in shown(response)


def test_the_heads_section_is_not_taken_from_a_worker(worker: Browser, house: House, engine: Engine) -> None:
    before = counts(engine)
    only_head = sorted(set(house.checklist.items_for(True)) - set(house.checklist.items_for(False)))
    assert only_head
    data = complete(house, **{f"answer-{only_head[0]}": "ok", "note-1-1": "ここは残る"})
    response = worker.post(answers_of(house), data=data)
    assert_refused(response, 422, "センター長だけが記入する項目です", engine=engine, before=before)
    assert "ここは残る" in shown(response)


def test_what_is_missing_is_named_and_what_was_typed_is_kept(worker: Browser, house: House, engine: Engine) -> None:
    before = counts(engine)
    data = complete(house, **{"note-1-2": "棚の鍵を探しています"})
    data["answer-1-2"] = Answer.NOT_OK.value
    del data["answer-2-1"]
    response = worker.post(answers_of(house), data=data)
    assert_refused(response, 422, "答えを1つ選んでください", engine=engine, before=before)
    assert "棚の鍵を探しています" in shown(response)
    assert re.search(r'href="#answer-2-1[^"]*"', response.text)
    assert "エラー:" in response.text


# --- twice ------------------------------------------------------------------------------------------------------


def test_the_second_of_two_tabs_is_told_and_keeps_its_text(worker: Browser, house: House, engine: Engine) -> None:
    first = complete(house, **{"note-1-1": "はじめの画面"}) | {"act": "draft"}
    second = complete(house, **{"note-1-1": "別の画面"}) | {"act": "draft"}
    assert worker.post(answers_of(house), data=first).status_code == 303
    before = counts(engine)
    response = worker.post(answers_of(house), data=second)
    assert_refused(response, 409, "先に保存した", engine=engine, before=before)
    assert "別の画面" in shown(response)
    assert "はじめの画面" in shown(worker.get(answers_of(house)))


def test_a_double_click_submits_once(worker: Browser, house: House, engine: Engine) -> None:
    assert worker.post(answers_of(house), data=complete(house)).status_code == 303
    before = counts(engine)
    response = worker.post(answers_of(house), data=complete(house, **{"note-1-1": "二度目"}))
    assert_refused(response, 409, "すでに提出されています", engine=engine, before=before)
    assert "二度目" in shown(response)


def test_a_page_left_open_over_the_night_does_not_lose_the_text(
    app: Flask, worker: Browser, house: House, time: SetClock
) -> None:
    worker.get(answers_of(house))
    time.tokyo(2026, 11, 28, 8)
    late = worker.post(answers_of(house), data=complete(house, **{"note-1-1": "夜のあいだの文"}))
    assert late.status_code == 303
    assert "/sign-in" in late.headers["Location"]
    again = signed_in(app, house.worker.user, now=time.moment)
    page = again.get(answers_of(house))
    assert "夜のあいだの文" in shown(page)
    assert "まだ保存されていません" in page.text


# --- too much ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [MAX_REQUEST_BYTES + 1, 10 * 1024 * 1024])
def test_a_note_larger_than_a_request_may_be_is_refused(
    worker: Browser, house: House, engine: Engine, size: int
) -> None:
    worker.get("/")
    before = counts(engine)
    response = worker.post(answers_of(house), data=complete(house, **{"note-1-1": "a" * size}))
    assert_refused(response, 413, "大きすぎます", "入力が残っています", engine=engine, before=before)


def test_a_note_of_one_character_too_many_is_refused_and_kept(worker: Browser, house: House, engine: Engine) -> None:
    before = counts(engine)
    limit = operations.NOTE_LIMIT
    for act in ("draft", "submit"):
        data = complete(house, **{"note-1-1": "あ" * (limit + 1)}) | {"act": act}
        response = worker.post(answers_of(house), data=data)
        assert_refused(response, 422, f"{limit}文字以内", f"いま{limit + 1}文字", engine=engine, before=before)
        assert "あ" * (limit + 1) in shown(response)
    assert worker.post(answers_of(house), data=complete(house, **{"note-1-1": "あ" * limit})).status_code == 303


def test_more_fields_than_any_form_has_are_refused(worker: Browser, house: House, engine: Engine) -> None:
    before = counts(engine)
    data = complete(house) | {f"field-{number}": "x" for number in range(5000)}
    response = worker.post(answers_of(house), data=data)
    assert response.status_code in (303, 413)
    if response.status_code == 413:
        assert_refused(response, 413, engine=engine, before=before)


# --- what is no text --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x7f", "\u202e", "\u2066"], ids=ascii)
def test_a_control_character_is_refused_wherever_it_is_typed(
    worker: Browser, head: Browser, house: House, engine: Engine, character: str
) -> None:
    text = f"前{character}後"
    before = counts(engine)
    sent = worker.post(answers_of(house), data=complete(house, **{"note-1-1": text}))
    assert_refused(sent, 422, "使えない制御文字", engine=engine, before=before)
    assert worker.post(answers_of(house), data=complete(house)).status_code == 303
    before = counts(engine)
    sheet = house.sheet_of(house.worker.worker).id
    returned = head.post(f"/sheets/{sheet}/return", data={"version": "1", "comment": text})
    looked = ("log_leaf", "log_state")
    assert_refused(returned, 422, "使えない制御文字", engine=engine, before=before, but=looked)
    corrected = worker.post(answers_of(house, "correction"), data=complete(house, reason=text))
    assert_refused(corrected, 422, "使えない制御文字", engine=engine, before=before, but=looked)
    excused = head.post(f"/sheets/{house.sheet_of(house.volunteer).id}/excuse", data={"reason": "other", "text": text})
    assert_refused(excused, 422, "使えない制御文字", engine=engine, before=before, but=looked)
    named = app_client(head).post("/sign-in", data={"name": text, "password": "x"})
    assert named.status_code == 422


def app_client(browser: Browser) -> Browser:
    return Browser(browser.application, browser.application.response_class, use_cookies=True)


BROKEN_BODIES = {
    "Shift_JIS": ("application/x-www-form-urlencoded; charset=shift_jis", b"note-1-1=" + "表示".encode("cp932")),
    "UTF-16": ("application/x-www-form-urlencoded; charset=utf-16", "act=submit&note-1-1=あ".encode("utf-16")),
    "unknown charset": ("application/x-www-form-urlencoded; charset=no-such-thing", b"act=submit"),
    "half a surrogate pair": ("application/x-www-form-urlencoded", b"act=draft&note-1-1=%ED%A0%80"),
    "broken percent": ("application/x-www-form-urlencoded", b"act=draft&note-1-1=%ZZ%&%=&&&=="),
    "JSON": ("application/json", b'{"act": "submit"}'),
    "deep JSON": ("application/json", b"[" * 100_000),
    "multipart without boundary": ("multipart/form-data", b"--x\r\n"),
    "broken multipart": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n"),
    "nothing": ("", b""),
}


@pytest.mark.parametrize("kind", BROKEN_BODIES)
def test_a_body_that_is_no_form_of_ours_is_refused(worker: Browser, house: House, engine: Engine, kind: str) -> None:
    """A17, A19: with the token in the header, so that only the body decides."""
    worker.get("/")
    content_type, body = BROKEN_BODIES[kind]
    before = counts(engine)
    headers = {"X-CSRFToken": worker.csrf_token}
    response = FlaskClient.open(
        worker, answers_of(house), method="POST", input_stream=BytesIO(body), content_type=content_type,
        content_length=len(body), headers=headers,
    )  # fmt: skip
    assert response.status_code in (303, 400, 413, 415, 422), response.status_code
    if response.status_code != 303:
        assert counts(engine) == before
        assert 'lang="ja"' in response.text
    else:
        assert "draft" in body.decode("latin-1"), "only a draft may be incomplete"
        assert "\ud800" not in worker.get(answers_of(house)).text


BAD_IDS = [
    "9223372036854775808", "-1", "1e3", "%EF%BC%9931", "0", "null", "undefined", "NaN", "%00", "'", "..", "1;DROP",
    "00000000-0000-0000-0000-000000000000", "{7b}", "x" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD_IDS, ids=lambda bad: bad[:20])
def test_an_id_that_is_none_is_not_found(app: Flask, worker: Browser, engine: Engine, bad: str) -> None:
    """A19, on every address that takes an id."""
    worker.get("/")
    before = counts(engine)
    turn = BAD_IDS.index(bad)
    tried = 0
    for number, rule in enumerate(app.url_map.iter_rules()):
        if "<uuid:" not in rule.rule:
            continue
        address = re.sub(r"<uuid:[^>]+>", bad, rule.rule).replace("<month>", MONTH)
        method = "POST" if "GET" not in (rule.methods or ()) else "GET"
        tried += 1
        # Where no address matches, one page of refusal answers for all: it is asked for at every fifth of them.
        if (number + turn) % 5 and not _leads_somewhere(app, address, method):
            continue
        response = worker.open(address, method=method)
        assert response.status_code in (404, 308) or (response.status_code == 405 and bad == ".."), rule.rule
    assert tried > 20
    assert counts(engine) == before


def _leads_somewhere(app: Flask, address: str, method: str) -> bool:
    """Whether anything but the page of refusal answers there."""
    try:
        app.url_map.bind("localhost").match(unquote(address), method=method)
    except NotFound:
        return False
    except HTTPException:
        return True
    return True


@pytest.mark.parametrize("bad", ["-1", "0", "1e3", "99999999999", "１", "x", "1 ", "%00", "9" * 5000])
def test_a_number_in_the_address_that_makes_no_sense_is_taken_calmly(
    app: Flask, worker: Browser, house: House, time: SetClock, bad: str
) -> None:
    worker.post(answers_of(house), data=complete(house))
    sheet = house.sheet_of(house.worker.worker).id
    officer = signed_in(app, house.officer.user, now=time.moment)
    assert worker.get(f"/sheets/{sheet}?version={bad}").status_code in (200, 404)
    assert worker.get(f"/sheets/{sheet}/record.pdf?version={bad}").status_code in (200, 404)
    history = f"/organizations/{house.organization.id}/history"
    for name in ("before", "month", "kind", "person", "page"):
        assert officer.get(f"{history}?{name}={bad}").status_code in (200, 404, 422), name
    assert worker.get(f"/my/views?before={bad}&organization={bad}").status_code in (200, 404, 422)


# --- A10: shown as the text it is -------------------------------------------------------------------------------


@pytest.fixture
def nasty(house: House, time: SetClock) -> House:
    """The house, every name and every text in it being one of the nasty ones."""
    session, checklist, now = house.session, house.checklist, time.moment
    house.organization.name, house.center.name = NASTY[0], NASTY[1]
    house.organization.representative_name = REVERSED
    people = (house.worker, house.head, house.officer, house.representative)
    for person, name in zip(people, NASTY[2:6], strict=True):
        person.user.name = person.worker.name = name
        person.user.login_name = f"{name[:40]}"
    house.volunteer.name = NASTY[9]
    session.commit()
    from tests.factories import principal_of

    for person in people:
        person.principal = principal_of(session, person.user)
    text = "\n".join(NASTY)
    sheet = house.sheet_of(house.worker.worker)
    filled = all_fine(checklist, item_1_2=(Answer.NOT_OK, text))
    operations.submit(session, sheet, checklist, filled, by=house.worker.principal, now=now)
    operations.return_for_changes(session, sheet, version_number=1, comment=text, by=house.head.principal, now=now)
    operations.submit(session, sheet, checklist, filled, by=house.worker.principal, now=now)
    correction = operations.Filled(filled.answers, reason=text)
    operations.submit(session, sheet, checklist, correction, by=house.worker.principal, now=now)
    session.commit()
    return house


def assert_harmless(response: Any, where: str) -> None:
    """No element, attribute or link on the page comes from a text."""
    page = html5lib.parse(response.text, namespaceHTMLElements=False)
    assert page.findall(".//img") == [], where
    for script in page.findall(".//script"):
        assert (script.get("src") or "").startswith("/static/"), where
        assert not (script.text or "").strip(), where
    for element in page.iter():
        if isinstance(element.tag, str):
            assert not [name for name in element.attrib if str(name).startswith("on")], where
    text = shown(response)
    assert "&lt;script" not in text, f"{where}: escaped twice"


def test_nasty_texts_are_shown_as_they_are_on_every_page(app: Flask, nasty: House, time: SetClock) -> None:
    session = nasty.session
    municipality = a_municipality(session, NASTY[7])
    officer = an_officer_of(session, municipality, NASTY[8])
    engagement = an_engagement(session, municipality, nasty.organization)
    engagement.title = NASTY[1] + REVERSED
    session.commit()
    sheet = nasty.sheet_of(nasty.worker.worker).id
    organization = nasty.organization.id
    action = "/actions/" + str(operations_open_action(nasty))
    room = f"/municipalities/{municipality.id}"
    everything = "\n".join(NASTY)
    for person, addresses in (
        (nasty.worker.user, ["/", "/my/sheets", f"/sheets/{sheet}", f"/sheets/{sheet}?version=1",
                             f"/sheets/{sheet}/correction", "/my/views"]),
        (nasty.head.user, ["/", f"/sheets/{sheet}", f"/centers/{nasty.center.id}/months/{MONTH}", action,
                           f"/organizations/{organization}"]),
        (nasty.officer.user, ["/", f"/organizations/{organization}/months", f"/organizations/{organization}/accounts",
                              f"/organizations/{organization}/history", f"/workers/{nasty.worker.worker.id}/roles"]),
        (officer, ["/", f"{room}/partners", f"{room}/partners/{organization}", f"{room}/history"]),
    ):  # fmt: skip
        browser = signed_in(app, person, now=time.moment)
        for address in addresses:
            response = browser.get(address)
            assert response.status_code == 200, address
            assert_harmless(response, address)
            if f"/sheets/{sheet}" in address or address == action:
                seen = shown(response)
                assert [line for line in everything.split("\n") if line not in seen] == [], address
    partner = shown(browser.get(f"{room}/partners/{organization}"))
    assert NASTY[0] in partner
    assert NASTY[1] + REVERSED in partner
    csv = browser.get(f"{room}/partners.csv").data.decode("utf-8-sig")
    assert NASTY[0] in csv
    assert "{{7*7}}" not in csv


def operations_open_action(house: House) -> Any:
    from partner_compliance.sheets.queries import open_actions

    return open_actions(house.session, house.center)[-1][0].id


def test_nasty_texts_are_printed_as_they_are(app: Flask, nasty: House, time: SetClock) -> None:
    browser = signed_in(app, nasty.worker.user, now=time.moment)
    sheet = nasty.sheet_of(nasty.worker.worker).id
    for page in ("record.pdf", "blank.pdf"):
        document = browser.get(f"/sheets/{sheet}/{page}")
        assert document.status_code == 200
        printed = "".join("".join(each.extract_text() for each in PdfReader(BytesIO(document.data)).pages).split())
        assert NASTY[0] in printed, page
        if page == "record.pdf":
            for text in (NASTY[1], NASTY[2], NASTY[3], NASTY[4], NASTY[6], NASTY[7], NASTY[8], NASTY[9]):
                assert "".join(text.split()) in printed, text
        assert "\u202e" not in printed


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "＝1", "＋1", "－1", "＠x"])
def test_a_name_that_looks_like_a_formula_opens_as_text(app: Flask, house: House, time: SetClock, start: str) -> None:
    """A09, from the page to the file and back."""
    municipality = a_municipality(house.session)
    officer = an_officer_of(house.session, municipality)
    an_engagement(house.session, municipality, house.organization)
    house.organization.name = start
    house.session.commit()
    import csv as csv_format

    browser = signed_in(app, officer, now=time.moment)
    text = browser.get(f"/municipalities/{municipality.id}/partners.csv").data.decode("utf-8-sig")
    cell = list(csv_format.reader(text.splitlines()))[1][0]
    assert cell == f"'{start}"
    assert plain(cell) == start
    import openpyxl

    book = openpyxl.load_workbook(BytesIO(browser.get(f"/municipalities/{municipality.id}/partners.xlsx").data))
    assert book.active is not None
    found = book.active["A2"]
    assert (found.value, found.data_type) == (start, "s")


# --- A12: a PDF calls nobody and reads nothing ------------------------------------------------------------------


def test_making_a_pdf_calls_nobody_and_reads_no_file(
    app: Flask, house: House, time: SetClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("THE-SECRET-OF-THIS-FILE", encoding="ascii")
    calls: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        listener.settimeout(0.1)
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                try:
                    connection, address = listener.accept()
                except TimeoutError:
                    continue
                calls.append(address)
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            texts = [
                f'<img src="http://127.0.0.1:{port}/x">', f'<img src="file://{secret}">', f'<img src="{secret}">',
                '<img src="../../secret.txt">', f"@import url(http://127.0.0.1:{port}/y.css);",
                f"<style>@font-face {{ font-family: x; src: url(http://127.0.0.1:{port}/z.ttf) }}</style>",
                f'<pdf:font name="x" src="http://127.0.0.1:{port}/f.ttf">', f"<link href='http://127.0.0.1:{port}/l'>",
                '<pdf:include src="/etc/passwd">', "/etc/passwd", "<iframe src=/etc/passwd>", f'<a href="file://{secret}">',
            ]  # fmt: skip
            filled = all_fine(house.checklist, item_1_2=(Answer.NOT_OK, "\n".join(texts)[:1000]),
                              item_1_3=(Answer.NOT_OK, "\n".join(texts[4:])[:1000]))  # fmt: skip
            house.organization.name = texts[0]
            house.worker.user.name = house.worker.worker.name = texts[1][:100]
            sheet = house.sheet_of(house.worker.worker)
            operations.submit(house.session, sheet, house.checklist, filled, by=house.worker.principal, now=time.moment)
            house.session.commit()
            browser = signed_in(app, house.worker.user, now=time.moment)
            monkeypatch.chdir("/")
            documents = [browser.get(f"/sheets/{sheet.id}/{page}") for page in ("record.pdf", "blank.pdf")]
        finally:
            stop.set()
            thread.join()
    for document in documents:
        assert document.status_code == 200
        reader = PdfReader(BytesIO(document.data))
        printed = "".join(page.extract_text() for page in reader.pages)
        assert "THE-SECRET" not in printed
        assert "root:" not in printed
        for page in reader.pages:
            assert "/Annots" not in page, "a link came from a text"
            assert "/XObject" not in page["/Resources"], "an image came from a text"
    assert calls == []


# --- A16: one recipient, whatever a name says -------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["太郎\r\nBcc: x@evil.example", "太郎\nSubject: 偽", "太郎\x00", "=?utf-8?q?x?=", "a" * 100]
)
def test_a_name_adds_nothing_to_the_head_of_a_mail(
    app: Flask, house: House, settings: Settings, time: SetClock, name: str
) -> None:
    user = house.session.merge(house.worker.user)
    user.name, user.email, user.email_key = name, "hanako@example.jp", "hanako@example.jp"
    house.session.commit()
    assert app_client(signed_in(app, user, now=time.moment)).post("/password-reset", data={"name": "hanako@example.jp"})
    assert delivery.deliver(app.extensions["engine"], settings, now=time.moment).sent == 1
    (file,) = (settings.data_folder / "outbox").glob("*.eml")
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert str(message["To"]) == "hanako@example.jp"
    assert message["Bcc"] is None
    assert message["Cc"] is None
    assert message.get_all("Subject") == ["パスワードの再設定"]


@pytest.mark.parametrize(
    "address",
    ["a@x.jp,b@y.jp", "a@x.jp b@y.jp", "a@x.jp\r\nBcc: b@y.jp", "太郎@例え.jp", "<a@x.jp>", "a", "@x.jp", "a@",
     "a@b@c.jp", "a" * 250 + "@x.jp", "a;b@x.jp", '"a b"@x.jp'],
)  # fmt: skip
def test_an_address_that_is_not_exactly_one_is_refused(house: House, time: SetClock, address: str) -> None:
    with pytest.raises(InvalidInput):
        accounts.create_user(house.session, name="太郎", login_name="taro", email=address, now=time.moment)


def test_a_subject_or_recipient_with_line_ends_stays_one_header(
    engine: Engine, settings: Settings, time: SetClock
) -> None:
    with writing(engine, write_acts=write_acts) as session:
        accounts.write_mail(
            session, to="a@example.jp", subject="件名\r\nBcc: x@evil.example", body="本文", now=time.moment
        )
    assert delivery.deliver(engine, settings, now=time.moment).sent == 1
    (file,) = (settings.data_folder / "outbox").glob("*.eml")
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert message["Bcc"] is None
    assert str(message["Subject"]) == "件名 Bcc: x@evil.example"


# --- A17: no text makes it think long ---------------------------------------------------------------------------

ENDLESS = {
    "a…!": "a" * 50_000 + "!",
    "@": "@" * 50_000,
    "spaces": " " * 50_000 + "x",
    "line ends": "\r\n" * 25_000 + "x",
    "digits": "1" * 50_000,
    "nested": "(" * 50_000,
    "voiced marks": "か\u3099" * 25_000,
    "dots": "a." * 25_000 + "@",
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_no_text_makes_the_house_think_for_long(
    app: Flask, worker: Browser, head: Browser, house: House, time: SetClock, kind: str
) -> None:
    """The watchdog of this file bites otherwise; seconds are measured in benchmarks."""
    text = ENDLESS[kind]
    sheet, stranger = house.sheet_of(house.worker.worker).id, app_client(worker)
    officer = signed_in(app, house.officer.user, now=time.moment)
    history = f"/organizations/{house.organization.id}/history"
    for browser, address, data in (
        (stranger, "/sign-in", {"name": text, "password": text}),
        (stranger, "/password-reset", {"name": text}),
        (stranger, "/furigana", {"next": text}),
        (worker, "/password", {"current": text, "new": text, "again": text}),
        (worker, answers_of(house), {**complete(house), "note-1-1": text, "reason": text, "based_on": text}),
        (worker, answers_of(house, "correction"), {**complete(house), "reason": text, "answer-1-1": text}),
        (head, f"/sheets/{sheet}/return", {"version": text, "comment": text}),
        (head, f"/sheets/{sheet}/excuse", {"reason": text, "text": text}),
        (head, f"/sheets/{house.sheet_of(house.volunteer).id}/paper-entry", {"signed_on": text}),
        (officer, f"/organizations/{house.organization.id}/deadlines", {"submission": text, "sign_off": text}),
    ):
        response = browser.post(address, data=data)
        assert response.status_code in (200, 303, 404, 409, 413, 422, 429), f"{address}: {response.status_code}"
    for browser, address in (
        (officer, f"{history}?kind={{0}}&month={{0}}&person={{0}}&before={{0}}"),
        (worker, "/my/views?organization={0}&before={0}"),
        (worker, f"/sheets/{sheet}?version={{0}}"),
        (stranger, "/sign-in?next={0}"),
        (stranger, "/password-reset/{0}"),
    ):
        from urllib.parse import quote

        assert browser.get(address.format(quote(text[:8000]))).status_code in (200, 404, 409, 422), address


def test_the_dashboards_filters_take_anything(app: Flask, house: House, time: SetClock) -> None:
    municipality = a_municipality(house.session)
    officer = an_officer_of(house.session, municipality)
    house.session.commit()
    browser = signed_in(app, officer, now=time.moment)
    from urllib.parse import quote

    for text in (*ENDLESS.values(), *NASTY, "\x00", "%", "_", "\\"):
        asked = quote(text[:8000])
        for name in ("name", "legal_form", "sort", "per_page", "page", "issues"):
            assert browser.get(f"/municipalities/{municipality.id}/partners?{name}={asked}").status_code == 200, name
        assert browser.get(f"/municipalities/{municipality.id}/partners?month={asked}").status_code in (200, 404)


# --- A05: through a real socket ---------------------------------------------------------------------------------


def test_a_flood_is_refused_before_it_is_kept(
    app: Flask, house: House, settings: Settings, tmp_path: Path, engine: Engine
) -> None:
    """20 MB + 1 byte, announced or in chunks: 413, no temporary file, no memory."""
    size = 20 * 1024 * 1024 + 1
    ticket = ticket_of(app, house.worker.user)
    before = counts(engine)
    temporary = tmp_path / "temporary"
    with serving(settings, temporary) as server:
        headers = {**ticket.headers, "X-CSRFToken": ticket.token}
        server.ask("GET", "/sign-in")
        memory = _memory(server.pids())
        path = answers_of(house)
        for content_type in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            for is_chunked in (False, True):
                status, said = _flood(server.port, path, {**headers, "Content-Type": content_type}, size, is_chunked)
                assert status == 413, (content_type, is_chunked, status)
                assert "大きすぎます" in said
        assert _memory(server.pids()) - memory < 50 * 1024, "kilobytes"
        assert [file for file in temporary.rglob("*") if file.is_file() and file.stat().st_size > 1024] == []
        assert server.ask("GET", "/sign-in")[0] == 200
    assert counts(engine) == before


def _flood(port: int, path: str, headers: dict[str, str], size: int, is_chunked: bool) -> tuple[int, str]:
    """Send until the server answers or hangs up, then read what it says."""
    length = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {size}"
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    start = b'--x\r\nContent-Disposition: form-data; name="note-1-1"; filename="f"\r\n\r\n'
    body = b"a" * 65536
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{head}{length}\r\n\r\n".encode())
        try:
            sent = 0
            while sent < size:
                piece = start if sent == 0 and "multipart" in head else body[: size - sent]
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece)
                sent += len(piece)
                connection.setblocking(False)
                try:
                    if connection.recv(1, socket.MSG_PEEK):
                        break
                except BlockingIOError:
                    pass
                finally:
                    connection.settimeout(20)
            if is_chunked and sent >= size:
                connection.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = b""
        try:
            while piece := connection.recv(65536):
                answer += piece
        except OSError:
            pass
    found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    return int(found[1]) if found else 0, answer.decode("utf-8", "replace")


def _memory(pids: list[int]) -> int:
    """Resident kilobytes of some processes."""
    total = 0
    for pid in pids:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+) kB", text)
        total += int(found[1]) if found else 0
    return total


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Content-Length: -1",
        "Content-Length: x",
    ],
    ids=["two lengths", "length and chunks", "two encodings", "negative", "no number"],
)
def test_two_ways_to_end_a_body_are_refused(raw_server: int, head: str) -> None:
    """B15: nobody smuggles a second request behind the first."""
    with socket.create_connection(("127.0.0.1", raw_server), timeout=20) as connection:
        connection.sendall(f"POST /sign-in HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n0\r\n\r\n".encode())
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400", b"HTTP/1.1 501")), answer[:60]
    assert answer.count(b"HTTP/1.") == 1


@pytest.fixture(scope="module")
def raw_server(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server on an empty database."""
    from shutil import copyfile

    folder = tmp_path_factory.mktemp("server")
    file = folder / "empty.sqlite3"
    copyfile(empty_sqlite, file)
    file.chmod(0o600)
    settings = Settings(
        database_url=f"sqlite:///{file}", secret_key="a key that only tests have, long enough", data_folder=folder
    )
    with serving(settings, folder / "temporary") as server:
        yield server.port


# --- midnight in Japan (E01), other clocks (E05), eras (E03) ----------------------------------------------------


@pytest.fixture
def utc() -> Iterator[None]:
    """A server whose own clock shows UTC."""
    with _zone("UTC"):
        yield


def _zone(name: str) -> Any:
    from contextlib import contextmanager

    @contextmanager
    def set_zone() -> Iterator[None]:
        before = os.environ.get("TZ")
        os.environ["TZ"] = name
        stopwatch.tzset()
        try:
            yield
        finally:
            os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
            stopwatch.tzset()

    return set_zone()


def test_at_midnight_in_japan_the_year_turns_in_a_live_session(
    app: Flask, house: House, time: SetClock, utc: None
) -> None:
    """31 March 23:59:55 → 1 April 00:00:05; in London it is still the afternoon of 31 March."""
    session = house.session
    municipality = a_municipality(session)
    officer = an_officer_of(session, municipality)
    next_year = an_organization(session, "来年度からの団体")
    for organization, starts, ends in (
        (house.organization, date(2026, 4, 1), date(2027, 3, 31)),
        (next_year, date(2027, 4, 1), date(2028, 3, 31)),
    ):
        an_engagement(session, municipality, organization, starts_on=starts, ends_on=ends)
    _, leaving = someone(session, house.center, name="退職 予定")
    leaving.left_on = date(2027, 3, 31)
    leaver = session.get_one(type(house.worker.user), leaving.user_id)
    session.commit()

    before = time.tokyo(2027, 3, 31, 23, 59, 55)
    assert before.date() == date(2027, 3, 31)
    municipal, own = signed_in(app, officer, now=before), signed_in(app, leaver, now=before)
    room = f"/municipalities/{municipality.id}/partners"
    assert (clock.today(), clock.fiscal_year(clock.today())) == (date(2027, 3, 31), 2026)
    assert municipal.get(f"{room}/{house.organization.id}").status_code == 200
    assert municipal.get(f"{room}/{next_year.id}").status_code == 404
    assert "来年度からの団体" not in municipal.get(room).text
    assert own.get("/my/sheets").status_code == 200

    after = time.tokyo(2027, 4, 1, 0, 0, 5)
    assert after.date() == date(2027, 3, 31), "in UTC it is still March"
    assert (clock.today(), clock.fiscal_year(clock.today())) == (date(2027, 4, 1), 2027)
    assert municipal.get(f"{room}/{house.organization.id}").status_code == 404
    assert municipal.get(f"{room}/{next_year.id}").status_code == 200
    page = municipal.get(room).text
    assert "来年度からの団体" in page
    assert house.organization.name not in page
    assert "来年度からの団体" in municipal.get(f"{room}.csv").data.decode()
    assert own.get("/my/sheets").status_code == 403, "who left yesterday holds no role today"


def test_a_month_opens_at_midnight_in_japan(house: House, time: SetClock, utc: None) -> None:
    opened = operations.open_months(house.session, house.library, now=time.tokyo(2026, 12, 24, 23, 59, 55))
    assert opened == 0
    assert operations.open_months(house.session, house.library, now=time.tokyo(2026, 12, 25, 0, 0, 5)) == 5


def test_a_sheet_is_late_from_midnight_in_japan(app: Flask, house: House, time: SetClock, utc: None) -> None:
    sheet = house.sheet_of(house.worker.worker)
    due = sheet.due_on
    before = time.tokyo(due.year, due.month, due.day, 23, 59, 55)
    worker = signed_in(app, house.worker.user, now=before)
    assert "提出期限を過ぎています" not in worker.get("/").text
    assert "期限超過" not in worker.get(f"/sheets/{sheet.id}").text
    time.tokyo(due.year, due.month, due.day + 1, 0, 0, 5)
    assert "提出期限を過ぎています" in worker.get("/").text
    assert "期限超過" in worker.get(f"/sheets/{sheet.id}").text
    assert worker.post(answers_of(house), data=complete(house)).status_code == 303
    assert "期限の後に提出" in worker.get(f"/sheets/{sheet.id}").text


def test_a_time_sent_by_the_client_counts_for_nothing(worker: Browser, house: House, time: SetClock) -> None:
    """D05."""
    forged = {"submitted_at": "2026-10-01T00:00:00Z", "now": "2026-10-01", "happened_on": "2026-10-01", "late": "no"}
    assert worker.post(answers_of(house), data=complete(house, **forged)).status_code == 303
    house.session.rollback()
    from partner_compliance.sheets.queries import last_version

    version = last_version(house.session, house.sheet_of(house.worker.worker))
    assert version is not None
    assert version.submitted_at == time.moment


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati", "Europe/London", "Asia/Tokyo"])
def test_wherever_the_server_stands_the_same_times_are_shown(
    app: Flask, house: House, time: SetClock, zone: str
) -> None:
    """E05."""
    time.tokyo(2026, 12, 3, 0, 30)
    worker = signed_in(app, house.worker.user, now=time.moment)
    with _zone(zone):
        assert worker.post(answers_of(house), data=complete(house)).status_code == 303
        page = worker.get(f"/sheets/{house.sheet_of(house.worker.worker).id}").text
    assert "2026年12月3日 0:30" in page


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2028, 1, 1), "令和10年1月1日"),
        (date(2026, 11, 27), "令和8年11月27日"),
        (date(2100, 1, 1), "2100年1月1日"),
    ],
)
def test_eras_print_and_parse(day: date, text: str) -> None:
    """E03."""
    assert clock.era_date(day) == text
    assert clock.parse_era_date(text) == day


@pytest.mark.parametrize(
    "text",
    ["令和0年1月1日", "平成32年1月1日", "令和元年4月30日", "令和8年2月30日", "光文1年1月1日", "９" * 50_000],
    ids=lambda text: text[:20],
)
def test_a_date_that_never_was_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        clock.parse_era_date(text)


# --- paper entry and other forms: what was typed stays ----------------------------------------------------------


@pytest.mark.parametrize(
    "signed_on", ["", "2026-10-31", "2027-01-01", "2026-02-30", "20261127", "9999-99-99", "令和8年", "2038-01-19"]
)
def test_paper_with_an_impossible_date_is_refused_and_kept(
    head: Browser, house: House, engine: Engine, signed_on: str
) -> None:
    before = counts(engine)
    data = complete(house, **{"note-1-1": "紙にあった文", "signed_on": signed_on})
    response = head.post(f"/sheets/{house.sheet_of(house.volunteer).id}/paper-entry", data=data)
    assert_refused(response, 422, "記入日", engine=engine, before=before, but=("log_leaf", "log_state"))
    assert "紙にあった文" in shown(response)


def test_every_small_form_keeps_what_was_typed(
    app: Flask, worker: Browser, head: Browser, house: House, engine: Engine, time: SetClock
) -> None:
    long = "長い文" * 400
    looked = ("log_leaf", "log_state")
    assert worker.post(answers_of(house), data=complete(house)).status_code == 303
    sheet, volunteer = house.sheet_of(house.worker.worker).id, house.sheet_of(house.volunteer).id
    before = counts(engine)
    for address, data, status, kept in (
        (f"/sheets/{sheet}/return", {"version": "1", "comment": ""}, 422, ""),
        (f"/sheets/{sheet}/return", {"version": "1", "comment": long}, 422, long),
        (f"/sheets/{sheet}/return", {"version": "7", "comment": "古い画面からの文"}, 409, "古い画面からの文"),
        (f"/sheets/{volunteer}/excuse", {"reason": "", "text": "理由の文"}, 422, "理由の文"),
        (f"/sheets/{volunteer}/excuse", {"reason": "x", "text": "理由の文"}, 422, "理由の文"),
        (f"/sheets/{volunteer}/excuse", {"reason": "other", "text": ""}, 422, ""),
        (f"/sheets/{volunteer}/excuse", {"reason": "leave", "text": long}, 422, long),
        (f"/sheets/{sheet}/sign-off", {"version": "7"}, 409, ""),
        (f"/centers/{house.center.id}/months/{MONTH}/closure", {}, 409, ""),
    ):
        response = head.post(address, data=data)
        assert_refused(response, status, engine=engine, before=before, but=looked)
        assert kept in shown(response), address
    correction = worker.post(answers_of(house, "correction"), data=complete(house, **{"note-1-1": "訂正の文"}))
    assert_refused(correction, 422, "訂正の理由を書いてください", engine=engine, before=before, but=looked)
    assert "訂正の文" in shown(correction)
    officer = signed_in(app, house.officer.user, now=time.moment)
    before = counts(engine)
    address = f"/organizations/{house.organization.id}/deadlines"
    for data in ({"submission": "5", "sign_off": "4"}, {"submission": "9", "sign_off": "10"}, {"submission": "x"}):
        assert_refused(officer.post(address, data=data), 422, engine=engine, before=before)
    assert_refused(
        app_client(worker).post("/sign-in", data={"name": "だれか", "password": "違う"}), 422, "だれか",
        engine=engine, before=before, but=("throttle", *looked),
    )  # fmt: skip


def test_two_heads_at_once_have_one_effect_and_the_other_is_told_who(
    app: Flask, worker: Browser, head: Browser, house: House, time: SetClock
) -> None:
    assert worker.post(answers_of(house), data=complete(house)).status_code == 303
    sheet = house.sheet_of(house.worker.worker).id
    officer = signed_in(app, house.officer.user, now=time.moment)
    assert head.post(f"/sheets/{sheet}/sign-off", data={"version": "1"}).status_code == 303
    response = officer.post(f"/sheets/{sheet}/sign-off", data={"version": "1"})
    assert response.status_code == 409
    assert f"{house.head.worker.name}さんが確認済みにしました" in response.text


def test_another_persons_sheet_or_a_made_up_one_is_not_found(worker: Browser, house: House) -> None:
    other = an_organization(house.session, "別の団体", first_month=MONTH)
    a_worker(house.session, a_center(house.session, other), "別の人")
    operations.open_months(house.session, house.library, now=clock.now())
    house.session.commit()
    from sqlalchemy import select

    from partner_compliance.sheets.models import CheckSheet

    foreign = house.session.scalars(select(CheckSheet.id).where(CheckSheet.organization_id == other.id)).one()
    texts = set()
    for sheet_id in (foreign, uuid4()):
        response = worker.get(f"/sheets/{sheet_id}")
        assert response.status_code == 404
        texts.add(re.sub(r'value="[^"]+"', "", response.text))
    assert len(texts) == 1, "the answer tells which ids exist"
