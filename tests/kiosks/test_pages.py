"""The screen of a shared tablet, and the pages from which it is looked after."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from markupsafe import escape
from pypdf import PdfReader
from sqlalchemy import func, select

from partner_compliance.accounts.models import HeldInput, SignIn
from partner_compliance.kiosks import operations
from partner_compliance.kiosks.models import Kiosk, PinState
from partner_compliance.organizations.models import Organization, Worker
from partner_compliance.registrations import operations as registrations
from partner_compliance.sheets.models import SheetDraft, SheetVersion
from tests.conftest import SetClock
from tests.factories import Browser, a_municipality, a_worker, all_fine, as_form, signed_in
from tests.kiosks.conftest import PIN, Tablet
from tests.registrations import test_pages as registering
from tests.sheets.conftest import House
from tests.test_query_counts import statements

SECOND = timedelta(seconds=1)
BrowserAt = Callable[[], Browser]


def enter(browser: Browser, worker: Worker, pin: str = PIN) -> Any:
    browser.get(f"/kiosk/people/{worker.id}")
    return browser.post(f"/kiosk/people/{worker.id}", data={"pin": pin})


def answers(house: House, worker: Worker) -> str:
    return f"/sheets/{house.sheet_of(worker).id}/answers"


def test_a_head_turns_a_browser_into_a_tablet_and_is_signed_out_of_it(app: Flask, house: House, time: SetClock) -> None:
    head = signed_in(app, house.head.user, now=time.moment)
    page = f"/centers/{house.center.id}/kiosks"
    assert "共用端末は、まだありません" in head.get(page).text
    assert head.post(page, data={"name": ""}).status_code == 422
    answer = head.post(page, data={"name": "白いタブレット"})
    assert answer.headers["Location"] == "/kiosk"
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("kiosk="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=15552000" in cookie

    assert "お名前を押してください" in head.get("/kiosk").text
    assert head.get(page).headers["Location"] == "/kiosk"
    assert head.get("/").headers["Location"] == "/kiosk"
    assert house.session.scalars(select(SignIn.ended_at).where(SignIn.user_id == house.head.user.id)).one() is not None
    assert "白いタブレット" in signed_in(app, house.officer.user, now=time.moment).get(page).text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{{7*7}}", "名" * 50, "&lt;b&gt;"])
def test_the_name_of_a_device_is_shown_as_it_was_typed(app: Flask, house: House, time: SetClock, name: str) -> None:
    signed_in(app, house.head.user, now=time.moment).post(f"/centers/{house.center.id}/kiosks", data={"name": name})
    officer = signed_in(app, house.officer.user, now=time.moment)
    for page in (f"/centers/{house.center.id}/kiosks", f"/organizations/{house.organization.id}/history"):
        assert str(escape(name)) in officer.get(page).text


def test_a_head_who_stays_signed_in_at_the_tablet_is_told_so(
    app: Flask, tablet: Tablet, house: House, time: SetClock
) -> None:
    head = signed_in(app, house.head.user, now=time.moment)
    head.set_cookie("kiosk", tablet.secret)
    assert "さんがサインインしたままです" in head.get("/kiosk").text
    head.post("/sign-out")
    assert "さんがサインインしたままです" not in head.get("/kiosk").text


def test_over_tls_the_cookie_belongs_to_this_host_alone(
    make_app: Callable[..., Flask], house: House, time: SetClock
) -> None:
    from tests.test_responses import HTTPS, PREFIXED, Afar, Below, signed_in_from

    for kind, settings, name in ((Afar, HTTPS, "__Host-kiosk"), (Below, PREFIXED, "__Secure-kiosk")):
        browser = signed_in_from(kind, make_app(**settings), house.head.user, now=time.moment)
        answer = browser.post(f"{kind.root}/centers/{house.center.id}/kiosks", data={"name": "端末"})
        assert answer.headers["Location"].endswith(f"{kind.root}/kiosk")
        cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(name + "="))
        assert "Secure" in cookie
        assert f"Path={kind.root}/" in cookie
        assert "お名前を押してください" in browser.get(f"{kind.root}/kiosk").text


def test_a_browser_that_is_no_tablet_has_no_such_screen(app: Flask, house: House) -> None:
    browser = Browser(app, app.response_class, use_cookies=True)
    for path in ("/kiosk", f"/kiosk/people/{house.volunteer.id}", "/kiosk/thanks"):
        page = browser.get(path)
        assert page.status_code == 404
        assert "共用端末として登録されていません" in page.text
    assert browser.get("/").headers["Location"].startswith("/sign-in")


def test_the_screen_shows_names_and_nothing_else_about_people(
    tablet: Tablet, house: House, browser_at: BrowserAt
) -> None:
    page = browser_at().get("/kiosk").text
    assert house.volunteer.name in page
    assert house.worker.worker.name in page
    for other in (house.head, house.officer):
        assert other.worker.name not in page
    assert "ミナミ" not in page
    assert page.count("使え") == page.count("紙あり") == 0


def test_many_names_are_shown_one_row_at_a_time(tablet: Tablet, house: House, browser_at: BrowserAt) -> None:
    session, people, browser = house.session, [], browser_at()
    with statements(browser.application.extensions["engine"]) as for_two:
        browser.get("/kiosk")
    for number in range(30):
        people.append(a_worker(session, house.center, f"人{number}"))
        people[-1].name_kana = "アカサ"[number % 3] + f"{number}"
    session.commit()
    tablet.slips(people, now=tablet.kiosk.opened_at)
    with statements(browser.application.extensions["engine"]) as for_many:
        first = browser.get("/kiosk").text
    assert "人0<" in first
    assert "人1<" not in first
    assert "人1<" in browser.get("/kiosk?row=か").text
    assert browser.get("/kiosk?row=どこにもない").status_code == 200
    assert len(for_many) == len(for_two)


def test_three_workers_in_a_row(tablet: Tablet, house: House, time: SetClock, browser_at: BrowserAt) -> None:
    """One with a slip and no account, one with a PIN, one who idles out and finds the typed text again."""
    browser = browser_at()
    volunteer, worker = house.volunteer, house.worker.worker
    answer = browser.get(f"/kiosk/people/{volunteer.id}")
    assert answer.headers["Location"] == f"/kiosk/people/{volunteer.id}/first"
    page = browser.post(f"/kiosk/people/{volunteer.id}/first", data={"code": "0000 0000"})
    assert page.status_code == 422
    assert "番号が違います" in page.text
    code = tablet.codes[volunteer.id]
    page = browser.post(f"/kiosk/people/{volunteer.id}/first", data={"code": f"{code[:4]} {code[4:]}"})
    assert "自分で決める暗証番号" in page.text
    for pin, again, said in (
        ("123456", "123456", "順番"),
        ("205813", "205814", "2つの番号が違います"),
        ("12", "12", "6けた"),
    ):
        page = browser.post(f"/kiosk/people/{volunteer.id}/first", data={"code": code, "pin": pin, "again": again})
        assert page.status_code == 422
        assert said in page.text
        assert f'value="{pin}"' not in page.text
    answer = browser.post(
        f"/kiosk/people/{volunteer.id}/first", data={"code": code, "pin": "２０５８１３", "again": "205813"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    home = browser.get("/").text
    assert "終了する" in home
    assert "パスワードの変更" not in home
    browser.get(answers(house, volunteer))
    answer = browser.post(
        answers(house, volunteer), data=as_form(all_fine(house.checklist), act="submit", based_on="0")
    )
    assert answer.headers["Location"] == "/kiosk/thanks"
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    thanks = browser.get("/kiosk/thanks").text
    assert "チェックシートを提出しました。" in thanks
    assert volunteer.name not in thanks
    assert browser.get("/").headers["Location"] == "/kiosk"

    assert enter(browser, worker).headers["Location"] == "/"
    assert worker.name in browser.get("/").text
    filled = all_fine(house.checklist)
    draft = as_form(filled, act="draft", based_on="0") | {"note-1-2": "鍵のない棚"}
    browser.get(answers(house, worker))
    time.set(time.moment + timedelta(minutes=2) + SECOND)
    answer = browser.post(answers(house, worker), data=draft)
    assert answer.headers["Location"] == "/kiosk"
    assert "入力した内容は残してあります" in browser.get("/kiosk").text
    assert enter(browser, worker).headers["Location"] == answers(house, worker)
    page = browser.get(answers(house, worker)).text
    assert "鍵のない棚" in page
    assert "入力した内容を戻しました" in page
    browser.post(answers(house, worker), data=draft | {"act": "submit"})
    house.session.rollback()
    versions = house.session.scalars(select(SheetVersion)).all()
    assert [version.kiosk_id for version in versions] == [tablet.kiosk.id] * 2


def test_a_sign_in_at_a_tablet_lasts_two_minutes_from_the_last_sign_of_life(
    tablet: Tablet, house: House, time: SetClock, browser_at: BrowserAt
) -> None:
    browser = browser_at()
    enter(browser, house.worker.worker)
    for _ in range(4):
        time.set(time.moment + timedelta(seconds=90))
        assert browser.get("/kiosk/alive").json == {"alive": True}
    time.set(time.moment + timedelta(minutes=2))
    assert browser.get("/").status_code == 200
    time.set(time.moment + timedelta(minutes=2) + SECOND)
    assert browser.get("/kiosk/alive").json == {"alive": False}
    assert browser.get("/").headers["Location"] == "/kiosk"
    assert "しばらく操作がなかったため" in browser.get("/kiosk").text


def test_nothing_but_the_own_tasks_opens_at_a_tablet(
    app: Flask, tablet: Tablet, house: House, time: SetClock, browser_at: BrowserAt
) -> None:
    browser = browser_at()
    head = house.head.worker
    tablet.choose(head, "730164", code=tablet.slip(head, now=time.moment), now=time.moment)
    enter(browser, head, "730164")
    sheet, own = house.sheet_of(house.worker.worker).id, house.sheet_of(head).id
    home = browser.get("/").text
    assert "記入する" in home
    assert "一覧を開く" not in home
    assert "第5節" not in home
    for path in (
        "/password", "/my/sheets", "/my/views", f"/centers/{house.center.id}/months/2026-11",
        f"/centers/{house.center.id}/kiosks", f"/organizations/{house.organization.id}/history", f"/sheets/{sheet}",
        f"/sheets/{own}/record.pdf", f"/sheets/{own}/blank.pdf",
    ):  # fmt: skip
        page = browser.get(path)
        assert page.status_code == 403, path
    assert "この画面は、共用端末では開けません" in browser.get("/password").text
    opens = {endpoint for endpoint, view in app.view_functions.items() if getattr(view, "opens_at_kiosks", False)}
    assert opens == {
        "reminders.home", "sheets.fill_in", "sheets.correct", "sheets.show", "sheets.reconcile", "kiosks.alive",
        "kiosks.hold", "takeouts.own", "takeouts.ask", "takeouts.write_afterwards", "takeouts.take_with_standing",
        "takeouts.show", "takeouts.depart", "takeouts.come_back", "takeouts.witness", "takeouts.extend",
        "takeouts.explain", "takeouts.withdraw", "takeouts.scan", "receipts.own",
        "receipts.show", "receipts.answer", "pledges.own", "pledges.sign", "pledges.show", "rulebooks.own",
        "training.own", "training.begin", "training.take", "training.answer", "training.feedback", "training.leave",
        "rulebooks.acknowledge", "rulebooks.show",
    }  # fmt: skip


def test_a_head_answers_the_own_section_at_a_tablet_too(
    tablet: Tablet, house: House, time: SetClock, browser_at: BrowserAt
) -> None:
    head = house.head.worker
    tablet.choose(head, "730164", code=tablet.slip(head, now=time.moment), now=time.moment)
    browser = browser_at()
    enter(browser, head, "730164")
    assert "answer-5-1" in browser.get(answers(house, head)).text
    form = as_form(all_fine(house.checklist, head=True), act="submit", based_on="0")
    assert browser.post(answers(house, head), data=form).headers["Location"] == "/kiosk/thanks"


def test_after_the_end_button_the_screen_belongs_to_nobody(tablet: Tablet, house: House, browser_at: BrowserAt) -> None:
    browser = browser_at()
    enter(browser, house.worker.worker)
    assert browser.get("/kiosk").headers["Location"] == "/"
    browser.get("/")
    answer = browser.post("/kiosk/end")
    assert answer.headers["Location"] == "/kiosk"
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert browser.get(answers(house, house.worker.worker)).headers["Location"] == "/kiosk"


def test_closing_a_device_from_elsewhere_holds_with_its_next_request(
    app: Flask, tablet: Tablet, house: House, time: SetClock, browser_at: BrowserAt
) -> None:
    browser = browser_at()
    enter(browser, house.worker.worker)
    officer = signed_in(app, house.officer.user, now=time.moment)
    page = officer.get(f"/centers/{house.center.id}/kiosks").text
    assert "白いタブレット" in page
    officer.post(f"/kiosks/{tablet.kiosk.id}/close")
    assert browser.get("/").headers["Location"] == "/kiosk"
    page = browser.get("/kiosk")
    assert page.status_code == 404
    assert "共用端末としての利用が終わっています" in page.text
    assert any(line.startswith("kiosk=;") for line in page.headers.getlist("Set-Cookie"))
    assert browser.get("/").headers["Location"].startswith("/sign-in")


def test_the_list_tells_when_and_from_where_a_device_was_used(
    app: Flask, tablet: Tablet, house: House, time: SetClock, browser_at: BrowserAt
) -> None:
    browser = browser_at()
    time.set(time.moment + timedelta(hours=3))
    browser.get("/kiosk", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    page = signed_in(app, house.head.user, now=time.moment).get(f"/centers/{house.center.id}/kiosks").text
    assert "2026年11月27日 12:00" in page
    assert "203.0.113.9" in page


def test_a_new_name_for_this_browser_ends_the_device_it_was(
    app: Flask, tablet: Tablet, house: House, time: SetClock
) -> None:
    head = signed_in(app, house.head.user, now=time.moment)
    head.set_cookie("kiosk", tablet.secret)
    head.post(f"/centers/{house.center.id}/kiosks", data={"name": "新しい名前"})
    house.session.expire_all()
    closed = {kiosk.name: kiosk.closed_at is not None for kiosk in house.session.scalars(select(Kiosk))}
    assert closed == {"白いタブレット": True, "新しい名前": False}


@pytest.mark.parametrize("change", [{"left_on": date(2026, 11, 26)}, {"joined_on": date(2026, 12, 1)}])
def test_whoever_left_this_morning_is_told_so(
    tablet: Tablet, house: House, browser_at: BrowserAt, change: dict[str, Any]
) -> None:
    browser = browser_at()
    browser.get(f"/kiosk/people/{house.worker.worker.id}")
    for name, value in change.items():
        setattr(house.worker.worker, name, value)
    house.session.commit()
    for page in (
        browser.post(f"/kiosk/people/{house.worker.worker.id}", data={"pin": PIN}),
        browser.get(f"/kiosk/people/{house.worker.worker.id}"),
    ):
        assert page.status_code == 409
        assert "いまこの端末を使えません" in page.text


def test_the_page_of_the_person_before_does_nothing_and_keeps_nothing(
    tablet: Tablet, house: House, time: SetClock, browser_at: BrowserAt
) -> None:
    """Two workers in two tabs of one browser."""
    browser, volunteer = browser_at(), house.volunteer
    tablet.choose(volunteer, "205813", now=time.moment)
    enter(browser, house.worker.worker)
    browser.get(answers(house, house.worker.worker))
    old_token = browser.csrf_token
    browser.post("/kiosk/end")
    enter(browser, volunteer, "205813")
    form = as_form(all_fine(house.checklist), act="draft", based_on="0") | {"note-1-2": "前の人の文章"}
    browser.csrf_token = old_token
    page = browser.post(answers(house, house.worker.worker), data=form)
    assert page.status_code == 400
    assert "前に使っていた方のもの" in page.text
    house.session.rollback()
    assert house.session.scalars(select(HeldInput)).all() == []
    assert house.session.scalars(select(SheetDraft)).all() == []
    assert "前の人の文章" not in browser.get(answers(house, volunteer)).text


def test_what_is_typed_can_be_held_before_a_page_is_left(tablet: Tablet, house: House, browser_at: BrowserAt) -> None:
    browser, worker = browser_at(), house.worker.worker
    enter(browser, worker)
    browser.get(answers(house, worker))
    fields = {"page": answers(house, worker), "note-1-2": "書きかけ", "based_on": "0"}
    assert browser.post("/kiosk/hold", data=fields).json == {"held": True}
    assert browser.post("/kiosk/hold", data=fields | {"page": "/password"}).json == {"held": False}
    browser.post("/kiosk/end")
    assert enter(browser, worker).headers["Location"] == answers(house, worker)
    assert "書きかけ" in browser.get(answers(house, worker)).text


def test_wrong_numbers_are_counted_and_then_have_to_wait(
    tablet: Tablet, house: House, time: SetClock, browser_at: BrowserAt
) -> None:
    browser, worker = browser_at(), house.worker.worker
    for _ in range(5):
        assert enter(browser, worker, "000000").status_code == 422
    page = enter(browser, worker)
    assert page.status_code == 429
    assert "あと1分ほど" in page.text
    time.set(time.moment + timedelta(minutes=1))
    assert enter(browser, worker).status_code == 303
    for text in ("", "12345", "abcdef", "1234567"):
        assert enter(browser, worker, text).status_code == 422


def test_without_javascript_pages_go_back_by_themselves_unless_something_is_typed(
    tablet: Tablet, house: House, browser_at: BrowserAt
) -> None:
    browser, worker = browser_at(), house.worker.worker

    def refresh(path: str) -> list[str]:
        return re.findall(r'http-equiv="refresh" content="(\d+);', browser.get(path).text)

    assert refresh("/kiosk") == []
    assert refresh(f"/kiosk/people/{worker.id}") == ["121"]
    assert refresh("/kiosk/thanks") == ["15"]
    enter(browser, worker)
    assert refresh("/") == ["121"]
    assert refresh(answers(house, worker)) == []


# --- slips ------------------------------------------------------------------------------------------------------


def test_slips_are_one_pdf_with_a_code_for_each(app: Flask, tablet: Tablet, house: House, time: SetClock) -> None:
    people = [a_worker(house.session, house.center, f"人{number}") for number in range(5)]
    house.session.commit()
    head = signed_in(app, house.head.user, now=time.moment)
    address = f"/centers/{house.center.id}/pin-slips"
    page = head.get(address).text
    ticked = re.findall(r'value="([0-9a-f-]{36})" checked', page)
    assert set(ticked) == {str(worker.id) for worker in people}
    assert head.post(address, data={}).status_code == 422
    assert head.post(address, data={"worker": str(house.organization.id)}).status_code == 422

    answer = head.post(address, data={"worker": ticked})
    assert answer.mimetype == "application/pdf"
    pages = PdfReader(BytesIO(answer.data)).pages
    assert len(pages) == 2
    text = "".join(page.extract_text() for page in pages)
    codes = re.findall(r"\d{4} \d{4}", text)
    assert len(set(codes)) == 5
    assert all(worker.name in text for worker in people)
    assert house.volunteer.name not in text
    assert "令和8年12月11日" in text
    assert tablet.pin_of(people[0]).state(time.moment) is PinState.SLIP
    assert tablet.pin_of(house.worker.worker).state(time.moment) is PinState.READY
    assert tablet.acts().count("kiosk.slip_issued") == 7


def test_a_slip_for_one_person(app: Flask, tablet: Tablet, house: House, time: SetClock) -> None:
    head = signed_in(app, house.head.user, now=time.moment)
    answer = head.post(f"/workers/{house.volunteer.id}/pin-slip")
    text = PdfReader(BytesIO(answer.data)).pages[0].extract_text()
    code = re.findall(r"\d{4} \d{4}", text)
    assert len(code) == 1
    assert tablet.choose(house.volunteer, code=code[0].replace(" ", ""), now=time.moment)
    house.volunteer.left_on = date(2026, 11, 26)
    house.session.commit()
    assert head.post(f"/workers/{house.volunteer.id}/pin-slip").status_code == 409


# --- what others see --------------------------------------------------------------------------------------------


def test_records_history_and_accounts_tell_of_the_tablet(
    app: Flask, tablet: Tablet, house: House, time: SetClock, browser_at: BrowserAt
) -> None:
    browser, volunteer = browser_at(), house.volunteer
    tablet.choose(volunteer, "205813", now=time.moment)
    enter(browser, volunteer, "205813")
    browser.get(answers(house, volunteer))
    browser.post(answers(house, volunteer), data=as_form(all_fine(house.checklist), act="submit", based_on="0"))
    head, officer = (signed_in(app, person.user, now=time.moment) for person in (house.head, house.officer))
    sheet = f"/sheets/{house.sheet_of(volunteer).id}"
    assert "共用端末で提出" in head.get(sheet).text
    pdf = head.get(f"{sheet}/record.pdf").data
    assert "共用端末で提出" in "".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
    assert "共用端末か紙で提出" in head.get(f"/centers/{house.center.id}/months/2026-11").text
    history = officer.get(f"/organizations/{house.organization.id}/history?kind=sheet").text
    assert "（共用端末）" in history
    history = officer.get(f"/organizations/{house.organization.id}/history?kind=kiosk").text
    assert "共用端末の暗証番号を決めました" in history
    assert "端末「白いタブレット」" in history
    accounts = officer.get(f"/organizations/{house.organization.id}/accounts").text
    assert "共用端末だけで利用" in accounts
    assert "kiosk-" not in accounts


def test_a_failing_database_leaves_a_plain_page_at_a_tablet(
    app: Flask, tablet: Tablet, browser_at: BrowserAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browser_at()

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(operations.queries, "names_at", broken)
    page = browser.get("/kiosk")
    assert page.status_code == 500
    assert "kiosk.js" not in page.text


def test_nobody_registers_an_organization_with_the_account_of_a_tablet(browser_at: BrowserAt, tablet: Tablet) -> None:
    session, town = tablet.house.session, a_municipality(tablet.house.session, code="131016", name="べつの市")
    _, code = registrations.invite_partner(
        session, town, group_name="かぜ", email=None, terms=None, link_base="", by=tablet.house.head.principal.actor,
        now=tablet.kiosk.opened_at,
    )  # fmt: skip
    session.commit()
    browser = browser_at()
    browser.post(f"/registration/{code}/organization", data=registering.FIRST)
    browser.post(f"/registration/{code}/people", data=registering.SECOND)
    enter(browser, tablet.house.worker.worker)
    for answer in (
        browser.get(f"/registration/{code}/account"),
        browser.post(f"/registration/{code}/account", data=registering.THIRD),
    ):
        assert answer.status_code == 403
        assert "共用端末では開けません" in answer.text
    assert session.scalar(select(func.count()).where(Organization.name == registering.FIRST["name"])) == 0
