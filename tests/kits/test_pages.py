"""The pages of kits: a file that is none, a kit that is gone, what a form keeps, and what others may see."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from partner_compliance.accounts.models import User
from partner_compliance.kits import operations, package, queries
from partner_compliance.kits.models import KitEdition, OwnPractice
from partner_compliance.kits.words import Part
from partner_compliance.rulebooks import queries as rules
from partner_compliance.rulebooks.forms import field_name
from tests.conftest import SetClock
from tests.factories import a_municipality, an_engagement, an_officer_of, signed_in
from tests.kits.conftest import NEW, Exchange
from tests.sheets.conftest import Person

Browse = Callable[[Person | User], Any]


@pytest.fixture
def browser(app: Flask, exchange: Exchange, time: SetClock) -> Browse:
    def browser(person: Person | User) -> FlaskClient:
        exchange.desk.house.session.commit()
        return signed_in(app, person if isinstance(person, User) else person.user, now=time.moment)

    return browser


def names() -> dict[str, str]:
    keys = ("organization", "we", "board", "officer", "deputy", "storage", "window", "first-contact",
            "municipality-contact")  # fmt: skip
    return {field_name(key): NEW[key] for key in keys}


def test_a_kit_is_found_read_and_taken_over(exchange: Exchange, browser: Browse) -> None:
    edition = exchange.publish()
    client = browser(exchange.new_officer)
    base = f"/organizations/{exchange.new.id}/kits"
    assert "食堂のはじめの一歩" in client.get(f"{base}?activity=cafeteria&headcount=few").text
    assert "食堂のはじめの一歩" not in client.get(f"{base}?activity=learning").text
    assert "キットはありません" in client.get(f"{base}?words=どこにもない").text
    page = client.get(f"{base}/{edition.id}")
    for said in ("調理場で、家庭の話をしません。", "受付の名簿を、伏せて置きましたか。", "鍋の棚ではなく", "第18条"):
        assert said in page.text
    refused = client.post(f"{base}/{edition.id}", data={"parts": ["rules"], "rules": ["privacy-rule"], **names(),
                                                        field_name("officer"): ""})  # fmt: skip
    assert refused.status_code == 422
    assert "事務所の金庫" in refused.text
    done = client.post(
        f"{base}/{edition.id}", data={"parts": ["rules", "tips"], "rules": ["privacy-rule"], **names()},
        follow_redirects=True,
    )  # fmt: skip
    assert "規程の下書きが1つできました" in done.text
    again = client.post(f"{base}/{edition.id}", data={"parts": ["rules"], "rules": ["privacy-rule"], **names()})
    assert (again.status_code, "すでにあります" in again.text) == (409, True)
    alone = client.post(f"{base}/{edition.id}", data={"parts": ["extras"]}, follow_redirects=True)
    assert "キットを取り入れました" in alone.text


def test_the_own_kit_cannot_be_taken_over_and_a_replaced_one_is_gone(exchange: Exchange, browser: Browse) -> None:
    first = exchange.publish()
    own = browser(exchange.desk.house.officer)
    base = f"/organizations/{exchange.desk.house.organization.id}/kits"
    page = own.get(f"{base}/{first.id}").text
    assert "この団体が公開したキットです" in page
    exchange.publish(first.kit_id)
    gone = browser(exchange.new_officer).get(f"/organizations/{exchange.new.id}/kits/{first.id}")
    assert (gone.status_code, "いま棚にありません" in gone.text) == (404, True)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", b"x" * (package.MOST_BYTES + 1), b"x" * (package.MOST_BYTES + 200_000)],
    ids=["none", "cut", "large", "flood"],
)
def test_a_file_that_is_no_kit_is_refused_and_nothing_is_kept(
    exchange: Exchange, browser: Browse, content: bytes
) -> None:
    client = browser(exchange.new_officer)
    client.get(f"/organizations/{exchange.new.id}/kits")
    edge = "edge"
    body = b"".join([
        f'--{edge}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{client.csrf_token}\r\n'.encode(),
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="kit.zip"\r\n\r\n'.encode(),
        content,
        f"\r\n--{edge}--\r\n".encode(),
    ])  # fmt: skip
    page = FlaskClient.open(
        client, f"/organizations/{exchange.new.id}/kits/file", method="POST", data=body,
        content_type=f"multipart/form-data; boundary={edge}",
    )  # fmt: skip
    assert page.status_code in (413, 422)
    assert "ファイル" in page.text
    exchange.desk.house.session.rollback()
    assert exchange.desk.house.session.scalar(select(func.count()).select_from(KitEdition)) == 0


def test_a_file_travels_through_the_pages_with_its_origin(exchange: Exchange, browser: Browse) -> None:
    edition = exchange.publish()
    content = browser(exchange.new_officer).get(f"/organizations/{exchange.new.id}/kits/{edition.id}/file")
    assert content.mimetype == "application/zip"
    assert package.from_file(content.data).title == "食堂のはじめの一歩"
    session = exchange.desk.house.session
    by: dict[str, Any] = {"by": exchange.desk.house.officer.principal, "now": exchange.desk.time.moment}
    operations.withdraw(session, exchange.desk.house.organization, edition.kit_id, reason="古い", **by)
    client = browser(exchange.new_officer)
    page = client.post(
        f"/organizations/{exchange.new.id}/kits/file", data={"file": (BytesIO(content.data), "kit.zip")},
        content_type="multipart/form-data", follow_redirects=True,
    )  # fmt: skip
    assert "もとの公開者: こども食堂 ひなた" in page.text
    again = client.post(
        f"/organizations/{exchange.new.id}/kits/file", data={"file": (BytesIO(content.data), "kit.zip")},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert (again.status_code, "すでに第1版を取り込んでいます" in again.text) == (409, True)


def test_own_practices_stand_on_the_sheet_and_wrong_lines_are_named(exchange: Exchange, browser: Browse) -> None:
    house = exchange.desk.house
    client = browser(house.officer)
    address = f"/organizations/{house.organization.id}/practice"
    page = client.post(
        address, data={"seen": "1", "extras": "窓を閉めましたか。", "tips": "1-2 | 玄関に置く\n番号がない"}
    )
    assert (page.status_code, "2行目を" in page.text, "番号がない" in page.text) == (422, True, True)
    assert (
        client.post(address, data={"seen": "1", "extras": "窓を閉めましたか。", "tips": "1-2｜玄関に置く"}).status_code
        == 303
    )
    sheet = house.sheet_of(house.worker.worker)
    page = browser(house.worker).get(f"/sheets/{sheet.id}/answers")
    assert "窓を閉めましたか。" in page.text
    assert "玄関に置く" in page.text
    stale = browser(house.officer).post(address, data={"seen": "1", "extras": "別の確認", "tips": ""})
    assert (stale.status_code, "ほかの方が変えました" in stale.text, "別の確認" in stale.text) == (422, True, True)
    house.session.rollback()
    assert house.session.scalar(select(func.max(OwnPractice.number))) == 2


def test_the_page_of_thanks_counts_and_names_no_adopter(exchange: Exchange, browser: Browse) -> None:
    session = exchange.desk.house.session
    city = a_municipality(session, "はまかぜ市")
    an_engagement(session, city, exchange.desk.house.organization)
    officer = an_officer_of(session, city)
    edition = exchange.publish()
    exchange.take(edition)
    page = browser(officer).get(f"/municipalities/{city.id}/kits").text
    assert "ありがとうございます" in page
    assert "こども食堂 ひなた" in page
    assert "1団体" in page
    assert exchange.new.name not in page
    mine = browser(exchange.desk.house.officer).get(f"/organizations/{exchange.desk.house.organization.id}/kits").text
    assert "1団体" in mine
    assert exchange.new.name not in mine


def test_a_municipality_publishes_changes_and_takes_back_its_kit(exchange: Exchange, browser: Browse) -> None:
    session = exchange.desk.house.session
    city = a_municipality(session, "はまかぜ市")
    client = browser(an_officer_of(session, city))
    base = f"/municipalities/{city.id}/kits"
    said = {"title": "市の手引き", "about": "", "activity": "cafeteria", "size": "s",
            "promises": "市の決まりを守ります。",
            "extras": "", "tips": "", field_name("take-out"): "forbidden"}  # fmt: skip
    assert client.post(f"{base}/publish", data=said | {"tips": "番号がない"}).status_code == 422
    assert client.post(f"{base}/publish", data=said).status_code == 303
    session.rollback()
    [edition] = queries.municipal_editions(session, city.id)
    assert edition.package is not None
    assert edition.package["answers"] == {"edition": "s", "take-out": "forbidden"}
    session.rollback()
    changed = client.get(f"{base}/publish?kit={edition.kit_id}").text
    assert "市の決まりを守ります。" in changed
    assert client.post(f"{base}/publish?kit={edition.kit_id}", data=said).status_code == 422
    assert client.post(f"{base}/publish?kit={edition.kit_id}", data=said | {"note": "年度の更新"}).status_code == 303
    assert client.post(f"{base}/withdrawal?kit={edition.kit_id}", data={"reason": ""}).status_code == 422
    assert client.post(f"{base}/withdrawal?kit={edition.kit_id}", data={"reason": "改めるため"}).status_code == 303
    assert client.get(f"{base}/publish?kit=x").status_code == 404


def test_a_mentor_comments_and_the_group_reads_it(exchange: Exchange, browser: Browse) -> None:
    edition = exchange.publish()
    _, drafts = exchange.take(edition, parts=[Part.RULES])
    session = exchange.desk.house.session
    client = browser(exchange.new_officer)
    client.post(f"/rule-drafts/{drafts[0].id}/mentors", data={"mentor": str(exchange.desk.house.organization.id)})
    session.rollback()
    mentor = exchange.desk.house.organization.id
    [opened] = queries.opened_to(session, mentor)
    theirs = browser(exchange.desk.house.officer)
    assert "コメントを頼まれています" in theirs.get("/").text
    address = f"/organizations/{mentor}/mentoring/{opened.opening.id}"
    assert "放課後の家 つくし" in theirs.get(address).text
    assert theirs.post(address, data={"article": "complaints", "text": ""}).status_code == 422
    assert theirs.post(address, data={"article": "complaints", "text": "夜の電話も書くと安心です。"}).status_code == 303
    assert theirs.get(f"/rule-drafts/{drafts[0].id}").status_code == 404
    page = browser(exchange.new_officer).get(f"/rule-drafts/{drafts[0].id}").text
    assert "夜の電話も書くと安心です。" in page
    assert "（こども食堂 ひなた）" in page
    browser(exchange.new_officer).post(f"/draft-openings/{opened.opening.id}/closing")
    assert browser(exchange.desk.house.officer).get(address).status_code == 404
    assert rules.articles_of(session, drafts[0])
