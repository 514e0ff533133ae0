"""The pages of pledges: what they show, what they refuse, and what they keep."""

import io
import re
from uuid import uuid4

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import func, select

from partner_compliance.accounts.models import OutgoingMail, User
from partner_compliance.engagements import operations as engagements
from partner_compliance.library.pledges import Occasion
from partner_compliance.organizations.models import Engagement
from partner_compliance.pledges.models import Briefing, OwnWording, Pledge, PledgeScan
from partner_compliance.pledges.queries import Asked
from tests.conftest import SetClock
from tests.factories import a_center, a_municipality, a_worker, an_engagement, an_officer_of, signed_in
from tests.pledges.conftest import Desk
from tests.scans import SCAN
from tests.sheets.conftest import House, Person
from tests.world import words_of


@pytest.fixture
def browser(app: Flask, house: House, time: SetClock):
    def browser(person: Person | User) -> FlaskClient:
        house.session.commit()
        return signed_in(app, person if isinstance(person, User) else person.user, now=time.moment)

    return browser


def count(house: House, model: type) -> int:
    house.session.rollback()
    house.session.expire_all()
    return house.session.scalar(select(func.count()).select_from(model)) or 0


def address(house: House, occasion: str = "annual") -> str:
    return f"/workers/{house.worker.worker.id}/pledge/{occasion}"


def hidden(text: str) -> dict[str, str]:
    found = dict(re.findall(r'name="(digest|request_key)"[^>]*value="([^"]*)"', text))
    assert set(found) == {"digest", "request_key"}
    return found


# --- signing


def test_reading_and_signing_takes_one_page_and_ends_with_a_receipt(desk: Desk, house: House, browser) -> None:
    client = browser(house.worker)
    assert "誓約" in client.get("/").text
    page = client.get(address(house))
    for words in (
        "NPO法人 はまかぜの令和8年度の活動", "関係する法律", "説明を受ける内容", "電子的な確認", "この文面を印刷する",
    ):  # fmt: skip
        assert words in page.text
    form = hidden(page.text) | {"typed_name": "南　花子", "is_read": "y"}
    answer = client.post(address(house), data=form)
    assert answer.status_code == 303
    record = client.get(answer.headers["Location"])
    assert "署名を記録しました" in record.text
    assert re.search(r"PL-[0-9A-F]{10}", record.text)
    said = PdfReader(io.BytesIO(client.get(answer.headers["Location"] + "/pdf").data)).pages[0].extract_text()
    assert "南 花子" in said
    assert client.post(address(house), data=form).status_code == 303
    assert count(house, Pledge) == 1
    assert "いま署名が必要な誓約はありません" in client.get("/my/pledges").text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"typed_name": "北 太郎"}, "名簿のお名前「南 花子」と違います"),
        ({"is_read": ""}, "文面を読んで、チェックを入れてください"),
        ({"typed_name": ""}, "氏名を入力してください"),
    ],
)
def test_a_wrong_entry_stands_at_its_field_and_keeps_what_was_typed(
    desk: Desk, house: House, browser, changed: dict[str, str], said: str
) -> None:
    client = browser(house.worker)
    form = hidden(client.get(address(house)).text) | {"typed_name": "南 花子", "is_read": "y"} | changed
    page = client.post(address(house), data={name: value for name, value in form.items() if value})
    assert page.status_code == 422
    assert said in page.text
    assert f'value="{form["typed_name"]}"' in page.text or not form["typed_name"]
    assert count(house, Pledge) == 0


def test_a_text_that_changed_in_an_old_tab_is_shown_anew_and_the_name_stays(desk: Desk, house: House, browser) -> None:
    client = browser(house.worker)
    form = hidden(client.get(address(house)).text) | {"typed_name": "南 花子", "is_read": "y"}
    desk.change()
    house.session.commit()
    page = client.post(address(house), data=form)
    assert page.status_code == 409
    assert "誓約の文面が変わりました" in page.text
    assert "送迎の車の中で" in page.text
    assert 'value="南 花子"' in page.text
    assert "checked" not in page.text
    assert count(house, Pledge) == 0
    again = hidden(page.text) | {"typed_name": "南 花子", "is_read": "y"}
    assert client.post(address(house), data=again).status_code == 303


def test_who_was_not_told_reads_the_text_and_finds_no_place_to_sign(desk: Desk, house: House, browser) -> None:
    house.worker.worker.joined_on = desk.today
    client = browser(house.worker)
    page = client.get(address(house, "joining"))
    assert "先に、説明を受けてください" in page.text
    assert 'name="typed_name"' not in page.text
    officer = browser(house.officer)
    where = f"/organizations/{house.organization.id}/pledges/briefings"
    told = {
        "asked": "joining", "held_on": "2026-11-27", "told_by": "西 守", "told_how": "alone",
        "people": str(house.worker.worker.id), "request_key": str(uuid4()),
    }  # fmt: skip
    assert officer.post(where, data=told | {"held_on": "2026-11-31"}).status_code == 422
    assert officer.post(where, data=told).status_code == 303
    assert count(house, Briefing) == 1
    assert "西 守さんから" in client.get(address(house, "joining")).text


@pytest.mark.parametrize("occasion", ["council_membership", "case_meeting", "nothing", "engagement"])
def test_what_a_worker_does_not_sign_is_not_found(desk: Desk, house: House, browser, occasion: str) -> None:
    assert browser(house.worker).get(address(house, occasion)).status_code == 404


# --- those who look after pledges


def coverage(house: House) -> str:
    return f"/organizations/{house.organization.id}/pledges"


def test_the_officer_sees_who_is_missing_for_how_long_and_prints_a_page_for_each(
    desk: Desk, house: House, browser
) -> None:
    desk.sign(house.worker)
    client = browser(house.officer)
    said = client.get(coverage(house)).text
    for words in ("署名がまだの方（4人）", "𠮷田 﨑子", "1/5人", "令和6年4月1日から970日間", "本部"):
        assert words in said, words
    pdf = client.get(coverage(house) + "/missing.pdf")
    assert len(PdfReader(io.BytesIO(pdf.data)).pages) == 4
    for person in (house.head, house.representative):
        desk.sign(person)
    desk.sign(house.officer)
    desk.paper(house.volunteer, desk.today)
    house.session.commit()
    assert "全員が署名しています" in client.get(coverage(house)).text
    empty = client.get(coverage(house) + "/missing.pdf")
    assert empty.status_code == 404
    assert "署名していない方はいません" in empty.text
    assert "署名していない方はいません" in client.post(coverage(house) + "/reminder").text


def test_one_button_reminds_those_who_have_an_address(desk: Desk, house: House, browser) -> None:
    house.worker.user.email = "hanako@example.jp"
    client = browser(house.officer)
    client.get(coverage(house))
    answer = client.post(coverage(house) + "/reminder")
    assert answer.status_code == 303
    said = client.get(answer.headers["Location"]).text
    assert "1人にメールでお願いしました" in said
    assert "メールアドレスのない方が4人います" in said
    assert count(house, OutgoingMail) == 1


def test_a_head_sees_the_own_center_only(desk: Desk, house: House, browser) -> None:
    a_worker(house.session, a_center(house.session, house.organization, "北センター"), "北の 方")
    said = browser(house.head).get(coverage(house)).text
    assert "𠮷田 﨑子" in said
    assert "北の 方" not in said
    assert "北の 方" in browser(house.officer).get(coverage(house)).text


def test_paper_comes_with_its_scan_and_a_file_that_is_none_keeps_what_was_typed(
    desk: Desk, house: House, browser
) -> None:
    client = browser(house.officer)
    where = f"/workers/{house.volunteer.id}/pledges"
    page = client.get(where)
    form = {"asked": "annual", "signed_on": "2026-11-20", "request_key": str(uuid4())}
    token = {"csrf_token": client.csrf_token}

    def send(name: str, content: bytes, **changed: str):
        data = token | form | changed | {"scan": (io.BytesIO(content), name)}
        return client.post(where, data=data, content_type="multipart/form-data")

    page = send("signed.pdf", b"MZ this is a program")
    assert page.status_code == 422
    assert "名前だけ変えたファイルは使えません" in page.text
    assert 'value="2026-11-20"' in page.text
    page = send("signed.png", SCAN, told_by="西 守")
    assert page.status_code == 422
    assert "説明した日も入力してください" in page.text
    assert count(house, Pledge) == 0
    answer = send("signed.png", SCAN)
    assert answer.status_code == 303
    assert send("signed.png", SCAN).status_code == 303
    assert (count(house, Pledge), count(house, PledgeScan)) == (1, 1)
    record = client.get(answer.headers["Location"])
    assert "西 守" in record.text
    scan = client.get(answer.headers["Location"] + "/scan")
    assert scan.data == SCAN
    assert scan.headers["Content-Disposition"].startswith("attachment")
    assert scan.mimetype == "image/png"


def test_the_officer_adds_a_promise_and_cannot_remove_one(desk: Desk, house: House, browser) -> None:
    client = browser(house.officer)
    where = coverage(house) + "/wordings/annual"
    page = client.get(where)
    core = re.findall(r"<li>(.+?)</li>", page.text)[0]
    form = {
        "seen": "0", "paragraphs": "車で話しません\n\n写真を撮りません", "from_on": "2026-11-27", "kind": "material",
        "sign_again_by": "2026-12-20", "reason": "送迎を始めたため",
    }  # fmt: skip
    wrong = client.post(where, data=form | {"sign_again_by": "2026-11-28"})
    assert wrong.status_code == 422
    assert "7日後から180日後" in wrong.text
    assert "車で話しません" in wrong.text
    assert client.post(where, data=form).status_code == 303
    assert "車で話しません" in client.get(where).text
    assert core in client.get(where).text
    stale = client.post(where, data=form | {"paragraphs": "別の約束"})
    assert stale.status_code == 409
    assert "別の約束" in stale.text
    assert count(house, OwnWording) == 1


# --- lists of an engagement


@pytest.fixture
def city(desk: Desk, house: House) -> tuple[Engagement, User]:
    municipality = a_municipality(house.session)
    made = an_engagement(house.session, municipality, house.organization)
    engagements.assign(
        house.session, made, centers=[house.center.id], posts=[], by=house.officer.principal.actor, now=desk.time.moment
    )
    desk.brief(house.worker.worker, asked=Asked(Occasion.ENGAGEMENT, made))
    desk.sign(house.worker, Asked(Occasion.ENGAGEMENT, made))
    return made, an_officer_of(house.session, municipality)


def agree(desk: Desk, engagement: Engagement, variant: str, based_on: int) -> None:
    clauses = desk.house.library.clauses_for("2026-11")
    engagements.record_clauses(
        desk.house.session, engagement, clauses, {"pledges": variant}, based_on=based_on,
        by=desk.house.officer.principal.actor, now=desk.time.moment,
    )  # fmt: skip
    desk.house.session.commit()


def test_the_municipality_sees_numbers_and_names_only_if_the_contract_says_so(
    desk: Desk, house: House, city: tuple[Engagement, User], browser
) -> None:
    engagement, officer = city
    client = browser(officer)
    where = f"/engagements/{engagement.id}/pledges"
    said = client.get(where).text
    assert re.search(r"署名した方.*1.*5", words_of(client.get(where)))
    assert "南 花子" not in said
    assert client.get(where + ".pdf").status_code == 403
    own = browser(house.officer)
    assert "南 花子" in own.get(where).text
    assert "南 花子" in PdfReader(io.BytesIO(own.get(where + ".pdf").data)).pages[0].extract_text()
    rows = list(openpyxl.load_workbook(io.BytesIO(own.get(where + ".xlsx").data)).active.values)
    assert ("南 花子", "常勤職員") in [row[:2] for row in rows]
    agree(desk, engagement, "handed-in", 0)
    assert "南 花子" in client.get(where).text
    assert "南 花子" in PdfReader(io.BytesIO(client.get(where + ".pdf").data)).pages[0].extract_text()
    agree(desk, engagement, "responsible-only", 1)
    assert "南 花子" not in client.get(where).text
    agree(desk, engagement, "kept", 2)
    assert client.get(where + ".xlsx").status_code == 403
