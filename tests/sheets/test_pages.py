"""The month's sheet as its people see it: pages, what they refuse, and what they keep."""

import io
from datetime import date, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import func, select

from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts.models import OrganizationRole, User
from partner_compliance.acts import SYSTEM
from partner_compliance.history.models import LogLeaf
from partner_compliance.library.checklists import Answer
from partner_compliance.sheets.models import SheetDraft, SheetState, SheetVersion
from partner_compliance.sheets.operations import Filled, Given
from partner_compliance.sheets.queries import state_of
from tests.conftest import SetClock
from tests.factories import all_fine, as_form, signed_in
from tests.sheets.conftest import MONTH, House, Person


@pytest.fixture
def browser(app: Flask, house: House, time: SetClock):
    def browser(person: Person) -> FlaskClient:
        return signed_in(app, person.user, now=time.moment)

    return browser


def count(house: House, model: type) -> int:
    house.session.rollback()
    return house.session.scalar(select(func.count()).select_from(model))


def fill_in_address(house: House, person: Person) -> str:
    return f"/sheets/{house.sheet_of(person.worker).id}/answers"


def send(house: House, client: FlaskClient, person: Person, filled: Filled | None = None, **more: str):
    """Submit the person's sheet as the browser would."""
    form = as_form(filled or all_fine(house.checklist), **{"act": "submit", "based_on": "0", **more})
    return client.post(fill_in_address(house, person), data=form)


# --- the worker


def test_home_says_what_is_to_be_done_with_one_button_for_each(house, browser):
    page = browser(house.worker).get("/")

    assert "今日やること" in page.text
    assert "2026年11月分のチェックシート" in page.text
    assert fill_in_address(house, house.worker) in page.text
    assert "毎年度の誓約" in page.text
    assert page.text.count("button-primary") == 2


def test_a_worker_sees_14_items_in_4_sections_and_nothing_is_ticked(house, browser):
    page = browser(house.worker).get(fill_in_address(house, house.worker))

    assert page.text.count('class="item"') + page.text.count("class='item'") == 14
    assert page.text.count('class="sheet-section"') == 4
    assert " checked" not in page.text
    for label in ("適正", "要改善", "該当なし", "わからない"):
        assert page.text.count(f"<span>{label}</span>") == 14
    assert page.text.count("<textarea") == 14


def test_a_head_sees_17_items_in_5_sections(house, browser):
    page = browser(house.head).get(fill_in_address(house, house.head))

    assert page.text.count('class="sheet-section"') == 5
    assert 'name="answer-5-3"' in page.text


def test_a_submitted_sheet_is_a_receipt_with_date_time_and_edition(house, browser):
    client = browser(house.worker)

    answer = send(house, client, house.worker)
    receipt = client.get(answer.location)

    assert answer.status_code == 303
    assert "2026年11月27日 9:00" in receipt.text
    assert "2026年版" in receipt.text
    assert "提出しました" in receipt.text
    assert client.get(fill_in_address(house, house.worker)).status_code == 302


def test_what_is_missing_is_listed_at_the_top_with_links_and_nothing_typed_is_lost(house, browser):
    filled = all_fine(
        house.checklist, item_1_3=(None, ""), item_2_2=(Answer.NOT_OK, ""), item_3_1=(Answer.UNSURE, "袋に入れた")
    )

    page = send(house, browser(house.worker), house.worker, filled)

    assert page.status_code == 422
    assert "<title>エラー: " in page.text
    assert 'href="#answer-1-3-ok"' in page.text
    assert 'href="#note-2-2"' in page.text
    assert "袋に入れた" in page.text
    assert page.text.count(" checked") == 13
    assert count(house, SheetVersion) == 0


def test_a_draft_can_be_saved_at_any_time_and_comes_back(house, browser):
    client = browser(house.worker)
    half = Filled({"1-1": Given(Answer.OK), "2-2": Given(Answer.NOT_OK, "鍵を探している")})

    send(house, client, house.worker, half, act="draft")
    page = client.get(fill_in_address(house, house.worker))

    assert page.text.count(" checked") == 2
    assert "鍵を探している" in page.text
    assert "続きを記入する" in client.get("/").text


def test_the_switch_answers_its_items_on_the_server_too(house, browser):
    few = Filled({number: Given(Answer.OK) for number in ("1-1", "2-1", "2-2", "3-1", "4-1")})

    answer = send(house, browser(house.worker), house.worker, few, nothing_taken="yes")

    assert answer.status_code == 303
    house.session.rollback()
    kept = house.session.scalars(select(SheetVersion)).one()
    assert kept.no_take_out
    assert kept.answers["1-10"]["answer"] == "not_applicable"


def test_a_second_tab_is_told_and_keeps_what_was_typed(house, browser):
    client = browser(house.worker)
    send(house, client, house.worker, Filled({"1-1": Given(Answer.OK)}), act="draft")

    other_tab = Filled({"2-2": Given(Answer.NOT_OK, "別の画面")})
    stale = send(house, client, house.worker, other_tab, act="draft")

    assert stale.status_code == 409
    assert "別の画面" in stale.text
    assert 'name="based_on" value="1"' in stale.text
    again = send(
        house, client, house.worker, Filled({"2-2": Given(Answer.NOT_OK, "別の画面")}), act="draft", based_on="1"
    )
    assert again.status_code == 303


def test_a_double_click_submits_once_and_keeps_the_second_text(house, browser):
    client = browser(house.worker)
    send(house, client, house.worker)

    second = send(house, client, house.worker, all_fine(house.checklist, item_2_2=(Answer.NOT_OK, "あとから気づいた")))

    assert second.status_code == 409
    assert "すでに提出されています" in second.text
    assert "あとから気づいた" in second.text
    assert count(house, SheetVersion) == 1


def test_typed_text_survives_a_sign_in_that_ran_out(house, browser, app, time):
    client = browser(house.worker)
    address = fill_in_address(house, house.worker)
    client.get(address)
    time.set(time.moment + timedelta(minutes=61))

    turned_away = send(house, client, house.worker, Filled({"2-2": Given(Answer.NOT_OK, "消えては困る文章")}))
    assert turned_away.status_code == 303
    assert "/sign-in" in turned_away.location

    again = signed_in(app, house.worker.user, now=time.moment)
    page = again.get(address)
    assert "消えては困る文章" in page.text
    assert "入力した内容を戻しました" in page.text
    assert count(house, SheetVersion) == 0
    send(house, again, house.worker)
    other = signed_in(app, house.worker.user, now=time.moment).get("/")
    assert "消えては困る文章" not in other.text


def test_what_one_person_typed_is_never_shown_to_another(house, browser, app, time):
    client = browser(house.worker)
    time.set(time.moment + timedelta(hours=13))
    send(house, client, house.worker, Filled({"2-2": Given(Answer.NOT_OK, "わたしだけの文章")}))

    page = signed_in(app, house.head.user, now=time.moment).get(fill_in_address(house, house.head))

    assert "わたしだけの文章" not in page.text


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"answer-9-9": "ok"}, "この点検表にない項目"),
        ({"answer-5-1": "ok"}, "センター長だけが記入する項目"),
        ({"answer-1-1": "yes"}, "選択肢にない答え"),
        ({"note-1-1": "ベル\x07"}, "制御文字"),
        ({"note-1-1": "\u202e逆"}, "制御文字"),
    ],
)
def test_input_that_cannot_be_taken_is_refused_clearly(house, browser, form, message):
    sent = as_form(all_fine(house.checklist, item_2_2=(Answer.NOT_OK, "残るはずの文章")), act="submit", based_on="0")

    page = browser(house.worker).post(fill_in_address(house, house.worker), data=sent | form)

    assert page.status_code == 422
    assert message in page.text
    assert "残るはずの文章" in page.text
    assert count(house, SheetVersion) == 0


def test_a_correction_needs_a_reason_and_both_versions_stay_readable(house, browser):
    client = browser(house.worker)
    send(house, client, house.worker)
    sheet = house.sheet_of(house.worker.worker)
    form = as_form(all_fine(house.checklist, item_1_3=(Answer.NOT_OK, "一枚足りなかった")), act="submit", based_on="0")

    refused = client.post(f"/sheets/{sheet.id}/correction", data=form)
    assert refused.status_code == 422
    assert "訂正の理由を書いてください" in refused.text
    done = client.post(f"/sheets/{sheet.id}/correction", data=form | {"reason": "数え間違い"})

    assert done.status_code == 303
    latest, first = client.get(f"/sheets/{sheet.id}"), client.get(f"/sheets/{sheet.id}?version=1")
    assert "一枚足りなかった" in latest.text
    assert "数え間違い" in latest.text
    assert "一枚足りなかった" not in first.text
    assert "最新ではありません" in first.text
    assert client.get(f"/sheets/{sheet.id}?version=3").status_code == 404


def test_furigana_can_be_switched_on(house, browser):
    client = browser(house.worker)
    address = fill_in_address(house, house.worker)
    assert "<ruby>" not in client.get(address).text

    client.post("/furigana", data={"furigana": "on", "next": address})

    assert "<rt>こじんじょうほう</rt>" in client.get(address).text


def test_a_page_from_before_a_return_is_told_and_shows_the_comment(house, browser):
    worker = browser(house.worker)
    sheet = house.sheet_of(house.worker.worker)
    send(house, worker, house.worker, seen="0")
    browser(house.head).post(f"/sheets/{sheet.id}/return", data={"version": "1", "comment": "2-1 を見直す"})

    stale = send(house, worker, house.worker, seen="0")

    assert stale.status_code == 409
    assert "2-1 を見直す" in stale.text
    assert 'name="seen" value="2"' in stale.text
    assert send(house, worker, house.worker, seen="2").status_code == 303


def test_the_same_correction_sent_twice_counts_once(house, browser):
    client = browser(house.worker)
    send(house, client, house.worker)
    address = f"/sheets/{house.sheet_of(house.worker.worker).id}/correction"
    form = as_form(all_fine(house.checklist), act="submit", based_on="0", seen="1", reason="書き間違い")

    assert [client.post(address, data=form).status_code for _ in range(2)] == [303, 409]
    assert count(house, SheetVersion) == 2


def test_a_paper_sheet_is_corrected_by_the_head_with_a_reason(house, browser):
    address = f"/sheets/{house.sheet_of(house.volunteer).id}/paper-entry"
    client = browser(house.head)
    form = as_form(all_fine(house.checklist), act="submit", signed_on="2026-11-26")
    client.post(address, data=form)

    page = client.get(address)
    assert page.text.count(" checked") == 14
    assert client.post(address, data=form).status_code == 422
    assert client.post(address, data=form | {"reason": "入力の間違い"}).status_code == 303
    assert count(house, SheetVersion) == 2


def test_paper_is_also_for_those_who_left_and_can_no_longer_sign_in(house, browser):
    house.worker.worker.left_on = date(2026, 11, 20)
    house.session.commit()
    form = as_form(all_fine(house.checklist), act="submit", signed_on="2026-11-20")

    answer = browser(house.head).post(f"/sheets/{house.sheet_of(house.worker.worker).id}/paper-entry", data=form)

    assert answer.status_code == 303


# --- the head


def test_the_whole_way_of_a_sheet(house, browser):
    worker, head = browser(house.worker), browser(house.head)
    sheet = house.sheet_of(house.worker.worker)
    send(house, worker, house.worker)

    head.get(f"/sheets/{sheet.id}")
    head.post(f"/sheets/{sheet.id}/return", data={"version": "1", "comment": "1-2 を見直してください"})
    assert "1-2 を見直してください" in worker.get("/").text
    assert "1-2 を見直してください" in worker.get(fill_in_address(house, house.worker)).text
    send(house, worker, house.worker)
    done = head.post(f"/sheets/{sheet.id}/sign-off", data={"version": "2"})

    assert done.status_code == 303
    assert "確認が済みました" in worker.get(f"/sheets/{sheet.id}").text


def test_the_months_exceptions_come_first(house, browser):
    send(house, browser(house.worker), house.worker)

    page = browser(house.head).get(f"/centers/{house.center.id}/months/{MONTH}")

    order = sorted(
        (house.worker, house.officer, house.head), key=lambda person: page.text.index(f">{person.worker.name}</th>")
    )
    assert order[0] is house.worker
    for state in ("確認待ち", "未着手"):
        assert state in page.text


def test_the_second_to_sign_sees_who_was_first(house, browser):
    send(house, browser(house.worker), house.worker)
    sheet = house.sheet_of(house.worker.worker)
    browser(house.head).post(f"/sheets/{sheet.id}/sign-off", data={"version": "1"})

    second = browser(house.officer).post(f"/sheets/{sheet.id}/sign-off", data={"version": "1"})

    assert second.status_code == 409
    assert "東 京子さんが確認済みにしました" in second.text


def test_a_comment_is_kept_when_the_sheet_was_signed_meanwhile(house, browser):
    send(house, browser(house.worker), house.worker)
    sheet = house.sheet_of(house.worker.worker)
    browser(house.officer).post(f"/sheets/{sheet.id}/sign-off", data={"version": "1"})

    late = browser(house.head).post(f"/sheets/{sheet.id}/return", data={"version": "1", "comment": "長い長いコメント"})

    assert late.status_code == 409
    assert "確認済みにしました" in late.text
    assert "長い長いコメント" in late.text


def test_a_comment_typed_while_the_sign_in_ran_out_is_there_again(house, browser, app, time):
    send(house, browser(house.worker), house.worker)
    page = f"/sheets/{house.sheet_of(house.worker.worker).id}"
    client = browser(house.head)
    client.get(page)
    time.set(time.moment + timedelta(minutes=61))

    turned_away = client.post(
        f"{page}/return", data={"version": "1", "comment": "書きかけのコメント"},
        headers={"Referer": f"http://localhost{page}"},
    )  # fmt: skip

    assert turned_away.status_code == 303
    assert "書きかけのコメント" in signed_in(app, house.head.user, now=time.moment).get(page).text


def test_own_sheets_cannot_be_signed(house, browser):
    send(house, browser(house.head), house.head, all_fine(house.checklist, head=True))
    sheet = house.sheet_of(house.head.worker)

    assert browser(house.head).post(f"/sheets/{sheet.id}/sign-off", data={"version": "1"}).status_code == 403
    assert browser(house.officer).post(f"/sheets/{sheet.id}/sign-off", data={"version": "1"}).status_code == 303


def test_the_representative_sees_the_officers_sheet_and_no_other(house, browser):
    send(house, browser(house.officer), house.officer)
    send(house, browser(house.worker), house.worker)
    client = browser(house.representative)

    assert "個人情報責任者" in client.get("/").text
    assert client.get(f"/sheets/{house.sheet_of(house.worker.worker).id}").status_code == 403
    sheet = house.sheet_of(house.officer.worker)
    assert client.get(f"/sheets/{sheet.id}").status_code == 200
    assert client.post(f"/sheets/{sheet.id}/sign-off", data={"version": "1"}).status_code == 303


def test_paper_is_entered_by_the_head_and_marked(house, browser):
    sheet = house.sheet_of(house.volunteer)
    client = browser(house.head)
    form = as_form(all_fine(house.checklist), act="submit", signed_on="2026-11-26")

    assert client.post(f"/sheets/{sheet.id}/paper-entry", data=form | {"signed_on": ""}).status_code == 422
    assert client.post(f"/sheets/{sheet.id}/paper-entry", data=form).status_code == 303
    page = client.get(f"/sheets/{sheet.id}")

    assert "紙からの代理入力" in page.text
    assert "令和8年11月26日" in page.text
    assert "𠮷田 﨑子" in page.text


def test_an_unfinished_paper_entry_is_kept_as_a_draft(house, browser):
    sheet = house.sheet_of(house.volunteer)
    client = browser(house.head)
    half = as_form(Filled({"2-2": Given(Answer.NOT_OK, "紙の途中")}), act="draft", based_on="0")

    assert client.post(f"/sheets/{sheet.id}/paper-entry", data=half).status_code == 303

    assert "紙の途中" in client.get(f"/sheets/{sheet.id}/paper-entry").text
    assert count(house, SheetDraft) == 1


def test_excusing_other_needs_words(house, browser):
    sheet = house.sheet_of(house.volunteer)
    client = browser(house.head)

    refused = client.post(f"/sheets/{sheet.id}/excuse", data={"reason": "other", "text": ""})
    assert refused.status_code == 422
    assert "理由を書いてください" in refused.text
    assert client.post(f"/sheets/{sheet.id}/excuse", data={"reason": "nothing"}).status_code == 422
    assert client.post(f"/sheets/{sheet.id}/excuse", data={"reason": "leave"}).status_code == 303
    house.session.rollback()
    assert state_of(house.session, sheet) is SheetState.EXCUSED


def test_closing_too_early_says_what_is_missing(house, browser):
    page = browser(house.head).post(f"/centers/{house.center.id}/months/{MONTH}/closure")

    assert page.status_code == 409
    assert "まだ確認が済んでいない人が5人" in page.text


@pytest.mark.parametrize("month", ["2026-12", "2026-13", "2026-1", "november", "2025-11"])
def test_a_month_that_is_not_open_is_not_found(house, browser, month):
    assert browser(house.head).get(f"/centers/{house.center.id}/months/{month}").status_code == 404


def test_a_look_at_someones_record_is_written_down(house, browser):
    send(house, browser(house.worker), house.worker)
    sheet = house.sheet_of(house.worker.worker)

    browser(house.head).get(f"/sheets/{sheet.id}")
    browser(house.worker).get(f"/sheets/{sheet.id}")
    browser(house.officer).get(f"/sheets/{sheet.id}/record.pdf")

    house.session.rollback()
    looks = house.session.execute(
        select(LogLeaf.act, LogLeaf.actor_id)
        .where(LogLeaf.subject_id == house.worker.worker.id, LogLeaf.act.in_(("sheet.viewed", "sheet.printed")))
        .order_by(LogLeaf.idx)
    ).all()
    assert [tuple(look) for look in looks] == [
        ("sheet.viewed", house.head.user.id),
        ("sheet.printed", house.officer.user.id),
    ]


def test_a_look_is_written_down_also_when_the_page_ends_in_a_refusal(house, browser):
    send(house, browser(house.worker), house.worker)
    sheet = house.sheet_of(house.worker.worker)

    refused = browser(house.head).post(f"/sheets/{sheet.id}/return", data={"version": "1", "comment": ""})

    assert refused.status_code == 422
    house.session.rollback()
    assert house.session.scalar(select(func.count()).where(LogLeaf.act == "sheet.viewed")) == 1


def test_a_role_taken_away_is_gone_with_the_next_request(house, browser):
    client = browser(house.head)
    address = f"/centers/{house.center.id}/months/{MONTH}"
    assert client.get(address).status_code == 200

    held = house.session.scalars(
        select(OrganizationRole).where(
            OrganizationRole.worker_id == house.head.worker.id, OrganizationRole.role == "center_head"
        )
    ).one()
    accounts.end_role(house.session, held, by=SYSTEM, now=house.sheet_of(house.head.worker).opened_at)
    house.session.commit()

    assert client.get(address).status_code == 403


# --- paper


def text_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_a_blank_sheet_is_one_page_with_name_and_month(house, browser):
    pdf = browser(house.head).get(f"/sheets/{house.sheet_of(house.volunteer).id}/blank.pdf")

    assert pdf.mimetype == "application/pdf"
    assert len(PdfReader(io.BytesIO(pdf.data)).pages) == 1
    assert "令和8年11月" in text_of(pdf.data)
    assert "𠮷田 﨑子" in text_of(pdf.data)


def test_the_record_prints_who_did_what_and_when(house, browser):
    send(house, browser(house.worker), house.worker)
    sheet = house.sheet_of(house.worker.worker)
    client = browser(house.head)
    client.post(f"/sheets/{sheet.id}/sign-off", data={"version": "1"})

    text = text_of(client.get(f"/sheets/{sheet.id}/record.pdf").data)

    assert "東 京子" in text.replace("\xa0", " ")
    assert "令和8年11月27日" in text
    assert client.get(f"/sheets/{house.sheet_of(house.volunteer).id}/record.pdf").status_code == 404


def test_a_small_binder_comes_at_once_and_an_empty_one_says_so(house, browser):
    client = browser(house.head)
    address = f"/centers/{house.center.id}/months/{MONTH}/binder"
    assert client.post(address).status_code == 409

    send(house, browser(house.worker), house.worker)
    binder = client.post(address)

    assert binder.mimetype == "application/pdf"
    assert len(PdfReader(io.BytesIO(binder.data)).pages) == 2


def test_the_papers_of_everyone_without_account_in_one_file(house, browser):
    pdf = browser(house.head).get(f"/centers/{house.center.id}/months/{MONTH}/blanks.pdf")

    assert len(PdfReader(io.BytesIO(pdf.data)).pages) == 1


# --- the protection officer


def test_the_officer_oversees_all_centers_and_sets_earlier_days(house, browser):
    client = browser(house.officer)
    send(house, browser(house.head), house.head, all_fine(house.checklist, head=True))

    months = client.get(f"/organizations/{house.organization.id}/months")
    assert "東 京子さん" in months.text
    assert "0 / 5人" in months.text

    address = f"/organizations/{house.organization.id}/deadlines"
    assert client.post(address, data={"submission": "5", "sign_off": "4"}).status_code == 422
    assert client.post(address, data={"submission": "3", "sign_off": "7"}).status_code == 303
    house.session.rollback()
    house.session.refresh(house.organization)
    assert house.organization.submission_business_day == 3


def test_unknown_ids_are_not_found(house, browser):
    client = browser(house.officer)
    for address in (f"/sheets/{uuid4()}", f"/centers/{uuid4()}/months/{MONTH}", f"/binders/{uuid4()}", "/sheets/1"):
        assert client.get(address).status_code == 404


def test_someone_who_left_yesterday_has_no_roles_any_more(house, browser):
    client = browser(house.worker)
    house.worker.worker.left_on = house.sheet_of(house.worker.worker).opened_at.date() - timedelta(days=1)
    house.session.commit()

    assert client.get(fill_in_address(house, house.worker)).status_code == 404
    assert house.session.get(User, house.worker.user.id) is not None
