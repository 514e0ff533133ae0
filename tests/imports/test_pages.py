"""The pages of taking in and giving out, as a protection officer's browser sees them."""

import html
import re
from io import BytesIO
from typing import Any

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select

from partner_compliance.access import Role
from partner_compliance.clock import now as real_now
from partner_compliance.config import MAX_REQUEST_BYTES, Settings
from partner_compliance.database import open_session
from partner_compliance.documents.spreadsheets import LARGEST_FILE, read_table
from partner_compliance.history.models import LogLeaf
from partner_compliance.imports import operations
from partner_compliance.imports.columns import COLUMNS, is_header
from partner_compliance.imports.models import RosterUpload
from partner_compliance.organizations.models import Worker
from tests.conftest import SetClock
from tests.factories import Browser, a_worker, signed_in, someone
from tests.imports.conftest import House, a_csv, row
from tests.server import serving, ticket_of
from tests.test_bad_input import NASTY, _flood, _memory, assert_harmless
from tests.test_query_counts import how_many
from tests.world import counts


def start_of(house: House) -> str:
    return f"/organizations/{house.organization.id}/roster/import"


def send(browser: Browser, house: House, content: bytes, name: str = "名簿.csv", **fields: str) -> Any:
    return browser.post(start_of(house), data={"file": (BytesIO(content), name), **fields})


def based_on(page: Any) -> str:
    return re.search(r'name="based_on" value="([0-9a-f]{64})"', page.text)[1]  # type: ignore[index]


def content_kept(engine: Engine) -> Any:
    with open_session(engine) as session:
        return session.scalars(select(RosterUpload.content)).one()


def text_of(page: Any) -> str:
    return "".join("".join(html5lib.parse(page.text, namespaceHTMLElements=False).itertext()).split())


# --- the way through --------------------------------------------------------------------------------------------


def test_from_the_file_to_the_roster(browser: Browser, house: House, engine: Engine) -> None:
    a_worker(house.session, house.center, "冬 木")
    house.session.commit()
    content = a_csv(
        row("髙﨑 𠮷子", projects="見守り"),
        row("西 守", kind="役員"),
        row("南 花子", name_kana="", joined_on="2024-04-01"),
        encoding="utf-16",
    )
    sent = send(browser, house, content, marks_leavers="y", leave_on="2026-10-31")
    assert sent.status_code == 303
    page = browser.get(sent.headers["Location"])
    said = text_of(page)
    for words in (
        "髙﨑𠮷子",
        "追加（1人）",
        "変更（1人）",
        "活動終了（1人）",
        "変更なし（1人）",
        "区分:常勤職員→役員",
        "見守り",
        "冬木",
    ):
        assert words in said, words
    assert "令和8年10月31日" in said
    before = counts(engine)
    assert before["worker"] == 3

    done = browser.post(f"{sent.headers['Location']}/confirmation", data={"based_on": based_on(page)})
    assert done.status_code == 303
    receipt = browser.get(done.headers["Location"])
    assert "名簿を取り込みました" in receipt.text
    again = browser.post(f"{sent.headers['Location']}/confirmation", data={"based_on": based_on(page)})
    assert again.status_code == 303
    assert counts(engine)["worker"] == 4
    assert content_kept(engine) is None
    with open_session(engine) as session:
        assert session.scalars(select(Worker.left_on).where(Worker.name == "冬 木")).one().isoformat() == "2026-10-31"
    history = browser.get(f"/organizations/{house.organization.id}/history")
    assert "名簿をファイルから取り込みました（追加1人、変更1人、活動終了1人）" in text_of(history)


def test_faults_are_all_listed_and_nothing_is_kept(browser: Browser, house: House, engine: Engine) -> None:
    """A02."""
    rows = [row(f"従事 者{number}", staff_number=str(number)) for number in range(200)]
    for number, changed in enumerate(
        [{"name": ""}, {"kind": "社長"}, {"staff_number": "0"}, {"joined_on": "きのう"}, {"center": ""}]
    ):
        rows[20 * number + 10] |= changed
    before = counts(engine)
    page = send(browser, house, a_csv(*rows, encoding="cp932"))
    assert page.status_code == 422
    assert "<title>エラー:" in page.text
    said = text_of(page)
    assert [number for number in range(1, 210) if f"{number}行目" in said and f">{number}行目<" in page.text] == [
        12, 32, 52, 72, 92,
    ]  # fmt: skip
    assert "直すところ（5か所）" in said
    assert page.text.count('id="faults-caption"') == 1
    assert counts(engine) == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 512, "Excelブック（.xlsx）"),
        (b"PK\x03\x04broken", "壊れています"),
        (b"", "ファイルが空です"),
        (b"\x89PNG\0\0", "CSV UTF-8"),
        (a_csv(), "名簿の行がありません"),
    ],
)
def test_a_file_that_is_no_roster_is_refused(
    browser: Browser, house: House, engine: Engine, content: bytes, said: str
) -> None:
    before = counts(engine)
    page = send(browser, house, content)
    assert page.status_code == 422
    assert said in html.unescape(page.text)
    assert counts(engine) == before


def test_what_the_form_needs(browser: Browser, house: House, engine: Engine) -> None:
    assert browser.post(start_of(house), data={}).status_code == 422
    missing = send(browser, house, a_csv(row()), marks_leavers="y")
    assert missing.status_code == 422
    assert "最後に活動した日を入力してください" in missing.text
    wrong = send(browser, house, a_csv(row()), marks_leavers="y", leave_on="そのうち")
    assert wrong.status_code == 422
    assert send(browser, house, a_csv(row()), leave_on="そのうち").status_code == 303


def test_a_roster_that_changed_meanwhile_is_shown_anew(browser: Browser, house: House, engine: Engine) -> None:
    sent = send(browser, house, a_csv(row("甲")))
    page = browser.get(sent.headers["Location"])
    a_worker(house.session, house.center, "あとから 来た方")
    house.session.commit()
    assert "名簿が変わりました" in browser.get(sent.headers["Location"]).text
    refused = browser.post(f"{sent.headers['Location']}/confirmation", data={"based_on": based_on(page)})
    assert refused.status_code == 409
    assert "名簿が変更されました" in refused.text
    assert based_on(refused) != based_on(page)
    assert counts(engine)["worker"] == 3
    done = browser.post(f"{sent.headers['Location']}/confirmation", data={"based_on": based_on(refused)})
    assert done.status_code == 303
    assert counts(engine)["worker"] == 4


def test_a_file_that_no_longer_fits_shows_why(browser: Browser, house: House) -> None:
    sent = send(browser, house, a_csv(row("甲", staff_number="7")))
    a_worker(house.session, house.center, "甲").staff_number = "8"
    house.session.commit()
    page = browser.get(sent.headers["Location"])
    assert page.status_code == 409
    assert "このまま取り込めません" in page.text
    assert "based_on" not in page.text
    assert browser.post(f"{sent.headers['Location']}/discarding").status_code == 303
    assert browser.get(sent.headers["Location"]).status_code == 404


def test_a_large_file_shows_its_progress_and_its_result(browser: Browser, house: House, engine: Engine) -> None:
    rows = [row(f"従事 者{number}", staff_number=str(number)) for number in range(operations.AT_ONCE + 1)]
    sent = send(browser, house, a_csv(*rows))
    page = browser.get(sent.headers["Location"])
    assert "すべて見る" in page.text
    listed = browser.get(f"{sent.headers['Location']}?part=added&page=4")
    assert "4 / 4ページ" in listed.text
    assert "従事 者300" in listed.text
    address = sent.headers["Location"]
    assert browser.post(f"{address}/confirmation", data={"based_on": based_on(page)}).status_code == 303
    waiting = browser.get(address)
    assert "data-poll" in waiting.text
    told = {"done": 0, "total": 301, "finished": False, "url": ""}
    assert browser.get(f"{address}/progress").json == told
    assert browser.post(f"{address}/confirmation", data={"act": "now"}).status_code == 303
    assert browser.get(f"{address}/progress").json == {"done": 301, "total": 301, "finished": True, "url": address}
    assert "名簿を取り込みました" in browser.get(address).text


def test_nobody_else_sees_an_upload(app: Flask, browser: Browser, house: House, time: SetClock) -> None:
    sent = send(browser, house, a_csv(row("甲")))
    other, _ = someone(house.session, house.center, Role.PROTECTION_OFFICER, name="東 京子")
    house.session.commit()
    others = signed_in(app, other, now=time.moment)
    assert others.get(sent.headers["Location"]).status_code == 403
    assert others.post(f"{sent.headers['Location']}/confirmation", data={}).status_code == 403


def test_names_are_shown_as_the_texts_they_are(browser: Browser, house: House) -> None:
    """A10, in the preview, the faults and the name of the file."""
    names = [name for name in NASTY if "," not in name]
    content = a_csv(*(row(name.replace('"', '""').join('""')) for name in names))
    sent = send(browser, house, content, name="<img src=x onerror=alert(1)>.csv")
    page = browser.get(sent.headers["Location"])
    assert_harmless(page, "preview")
    for name in names:
        assert html.escape(name, quote=False) in page.text or name in html.unescape(page.text), name
    faults = send(browser, house, a_csv(*(row(name.replace('"', '""').join('""'), kind="?") for name in names)))
    assert faults.status_code == 422
    assert_harmless(faults, "faults")


# --- too much ---------------------------------------------------------------------------------------------------


def post_raw(browser: Browser, house: House, body: bytes, content_type: str) -> Any:
    """A body as it comes over the wire: the test client would put a large one into a file and forget it."""
    return FlaskClient.open(
        browser, start_of(house), method="POST", data=body, content_type=content_type,
        headers={"X-CSRFToken": browser.csrf_token},
    )  # fmt: skip


def test_a_file_larger_than_any_roster_is_refused(browser: Browser, house: House, engine: Engine) -> None:
    browser.get(start_of(house))
    before = counts(engine)
    part = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    file = part % (b"file", b'; filename="f.csv"', b"a" * (LARGEST_FILE + 1))
    page = post_raw(browser, house, file + b"--x--\r\n", "multipart/form-data; boundary=x")
    assert page.status_code == 413
    assert "20MBまで" in page.text
    field = part % (b"leave_on", b"", b"1" * (MAX_REQUEST_BYTES + 1))
    assert post_raw(browser, house, field + b"--x--\r\n", "multipart/form-data; boundary=x").status_code == 413
    urlencoded = b"leave_on=" + b"1" * MAX_REQUEST_BYTES
    assert post_raw(browser, house, urlencoded, "application/x-www-form-urlencoded").status_code == 413
    assert counts(engine) == before


def test_a_flood_of_files_is_refused_before_it_is_kept(
    app: Flask, house: House, settings: Settings, tmp_path: Any, time: SetClock
) -> None:
    """A05 for the page that takes files: 20 MB + 1 byte and chunks without end; a large one leaves nothing behind."""
    time.set(real_now())  # the server has a clock of its own
    ticket = ticket_of(app, house.officer)
    temporary = tmp_path / "temporary"
    size = 20 * 1024 * 1024 + 1
    with serving(settings, temporary) as server:
        headers = {**ticket.headers, "X-CSRFToken": ticket.token, "Content-Type": "multipart/form-data; boundary=x"}
        server.ask("GET", "/sign-in")
        memory = _memory(server.pids())
        for is_chunked in (False, True):
            status, _ = _flood(server.port, start_of(house), headers, size, is_chunked)
            assert status == 413, is_chunked
        body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n'
        body += b"a" * (LARGEST_FILE - 1000) + b"\r\n--x--\r\n"
        status, said = server.ask("POST", start_of(house), body=body, headers=headers)
        assert (status, "大きすぎます" in said) == (422, True)
        assert _memory(server.pids()) - memory < 50 * 1024, "kilobytes"
        assert [file for file in temporary.rglob("*") if file.is_file() and file.stat().st_size > 1024] == []


# --- giving out -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_given_out_comes_back_as_no_change(browser: Browser, house: House, engine: Engine, form: str) -> None:
    """A09, through the pages; those who have left are in the file unless only the active are asked for."""
    for name in ("=1+1", "＠だれか", "-2", "\u30ab\u3099 髙﨑𠮷", "'引用'"):
        a_worker(house.session, house.center, name)
    gone = a_worker(house.session, house.center, "去った方")
    gone.left_on = gone.joined_on
    house.session.commit()
    export = f"/organizations/{house.organization.id}/roster/export"
    page = browser.get(export)
    assert page.status_code == 200
    active = browser.get(f"{export}.{form}?who=active")
    assert "去った方" not in str(read_table(active.data, is_header=is_header, most_rows=10).rows)
    everyone = browser.get(f"{export}.{form}")
    assert "attachment" in everyone.headers["Content-Disposition"]
    table = read_table(everyone.data, is_header=is_header, most_rows=10)
    assert len(table.rows) == 8
    if form == "csv":
        assert everyone.data.startswith(b"\xef\xbb\xbf")
        assert "'=1+1" in everyone.text
    sent = send(browser, house, everyone.data, name=f"名簿.{form}", marks_leavers="y", leave_on="2026-11-01")
    assert "変わるところはありません" in browser.get(sent.headers["Location"]).text
    with open_session(engine) as session:
        assert session.scalar(select(func.count()).select_from(LogLeaf).where(LogLeaf.act == "export.made")) == 2
    history = browser.get(f"/organizations/{house.organization.id}/history")
    assert f"一覧をファイルに書き出しました（従事者名簿、{form.upper()}、8件）" in text_of(history)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_template_is_an_empty_roster(browser: Browser, house: House, form: str) -> None:
    answer = browser.get(f"{start_of(house)}/template.{form}")
    table = read_table(answer.data, is_header=is_header, most_rows=10)
    assert table.header == tuple(column.label for column in COLUMNS)
    assert table.rows == ()
    assert send(browser, house, answer.data).status_code == 422


def test_pages_take_as_many_statements_for_ten_people_as_for_a_hundred(
    app: Flask, house: House, time: SetClock
) -> None:
    browser: Any = signed_in(app, house.officer, now=time.tokyo(2026, 11, 27, 9))
    found: dict[str, list[int]] = {}
    for count in (10, 100):
        for number in range(count):
            a_worker(house.session, house.center, f"名簿の {count}-{number}")
        house.session.commit()
        rows = [row(f"従事 者{count}の{number}", projects=f"事業{number}") for number in range(count)]
        sent = send(browser, house, a_csv(*rows))
        for name, address in {
            "preview": sent.headers["Location"],
            "list": sent.headers["Location"] + "?part=added",
            "export": f"/organizations/{house.organization.id}/roster/export.csv",
            "workbook": f"/organizations/{house.organization.id}/roster/export.xlsx",
        }.items():
            found.setdefault(name, []).append(how_many(app, house.officer, address))
    assert {name: each for name, each in found.items() if each[0] != each[1]} == {}
    assert max(each[0] for each in found.values()) <= 20, found
