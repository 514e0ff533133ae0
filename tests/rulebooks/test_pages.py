"""The pages of rules: what they show, what they refuse, what they keep, and that nothing typed ever runs."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from partner_compliance.accounts.models import User
from partner_compliance.library.shelf import Library
from partner_compliance.rulebooks import adoption, operations, queries
from partner_compliance.rulebooks.forms import field_name
from tests.conftest import SetClock
from tests.factories import a_municipality, an_engagement, an_officer_of, signed_in
from tests.rulebooks.conftest import ANSWERS, FRIDAY, Desk
from tests.sheets.conftest import House, Person
from tests.world import words_of

HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "${7*7}", "%s",
    '<img src="http://127.0.0.1:1/x">', "file:///etc/passwd", "[x](javascript:alert(1))", "@import url(http://x)",
    "<pdf:include src=/etc/passwd>", "葛󠄀城 𠮷", "😀",
)  # fmt: skip


@pytest.fixture
def browser(app: Flask, house: House, time: SetClock) -> Callable[[Person | User], FlaskClient]:
    def browser(person: Person | User) -> FlaskClient:
        house.session.commit()
        return signed_in(app, person if isinstance(person, User) else person.user, now=time.moment)

    return browser


def typed(**changed: str) -> dict[str, object]:
    said = ANSWERS | {key.replace("_", "-"): value for key, value in changed.items()}
    return {field_name(key): value for key, value in said.items()} | {"rules": ["privacy-rule", "security-rule"]}


def test_the_wizard_keeps_what_was_typed_and_names_the_question(house: House, browser) -> None:
    client = browser(house.officer)
    address = f"/organizations/{house.organization.id}/rules/new"
    assert "規程を作る質問" in client.get(address).text
    refused = client.post(address, data=typed(deputy="世話人", window="窓口の方"))
    assert refused.status_code == 422
    assert "個人情報責任者とは別の役にしてください" in refused.text
    assert 'value="窓口の方"' in refused.text
    refused = client.post(address, data=typed(chat="named"))
    assert "使うと答えたので、名前を入力してください" in refused.text
    made = client.post(address, data=typed(), follow_redirects=True)
    assert made.status_code == 200
    assert "2つの下書きができました" in made.text
    again = client.post(address, data=typed())
    assert again.status_code == 409
    assert "個人情報保護規程の下書きが、すでにあります。" in again.text


def test_whatever_is_typed_stands_literally_on_every_page_and_paper(desk: Desk, house: House, browser) -> None:
    """A10, A11, A12: in an article, its heading, its line, a comment and a decision."""
    draft = desk.begin("privacy-rule")[0]
    client = browser(house.officer)
    row = desk.rows(draft)["complaints"]
    text = "\n\n".join(HOSTILE).replace("{{7*7}}", "7*7")
    address = f"/rule-drafts/{draft.id}/articles/complaints"
    page = client.post(address, data={"title": HOSTILE[0], "text": text, "staff": HOSTILE[1], "seen": row.revision})
    assert page.status_code == 303, page.text
    client.post(f"{address}/comments", data={"text": HOSTILE[1]})
    house.session.rollback()
    seen = draft.revision
    client.post(f"/rule-drafts/{draft.id}/review", data={"seen": seen})
    done = client.post(f"/rule-drafts/{draft.id}/adoption", data={
        "decided_by": "board", "decided_on": "2026-11-27", "in_force_from": "2026-11-27", "kind": "", "change": "",
    })  # fmt: skip
    assert done.status_code == 303, done.text
    house.session.rollback()
    version = desk.state().versions[0]
    adoption.publish(house.session, version, by=house.officer.principal, now=desk.time.moment)
    client = browser(house.officer)
    code = desk.state().rulebook.code
    for path in (f"/rule-drafts/{draft.id}", f"/rule-versions/{version.id}", f"/published-rules/{code}",
                 f"/rule-versions/{version.id}/acknowledgement"):  # fmt: skip
        page = client.get(path)
        assert page.status_code == 200, path
        assert "<script>alert" not in page.text, path
        assert "onerror=alert" not in page.text.replace("&#34;&gt;&lt;img src=x onerror=alert(1)&gt;", ""), path
        assert "javascript:alert" not in re.sub(r">[^<]*<", "><", page.text), path
        assert "http://127.0.0.1:1" not in re.sub(r">[^<]*<", "><", page.text), path
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text, path
    for path in (f"/rule-versions/{version.id}/pdf", f"/published-rules/{code}/pdf",
                 f"/rule-versions/{version.id}/articles/complaints/pdf",
                 f"/organizations/{house.organization.id}/rules/summary.pdf"):  # fmt: skip
        content = client.get(path)
        assert content.mimetype == "application/pdf"
        assert b"root:" not in content.data
        said = words_of(content)
        assert "onerror=alert(1)" in said or "<script>alert(1)</script>" in said
        assert not any("/URI" in str(page.get("/Annots", "")) for page in PdfReader(BytesIO(content.data)).pages)


def test_texts_that_are_empty_too_long_or_nested_are_refused(desk: Desk, house: House, browser) -> None:
    draft = desk.begin("privacy-rule")[0]
    client = browser(house.officer)
    address = f"/rule-drafts/{draft.id}/articles/complaints"
    for text, said in (("- " * 1500, "1段まで"), ("あ" * 4001, "4000文字"), ("\n" * 5, "本文を入力")):
        page = client.post(address, data={"title": "苦情", "text": text, "staff": "", "seen": 1})
        assert page.status_code == 422
        assert said in page.text
    assert desk.rows(draft)["complaints"].revision == 1


def test_a_stale_review_and_a_closed_draft_are_told(desk: Desk, house: House, browser) -> None:
    draft = desk.begin("privacy-rule")[0]
    client = browser(house.officer)
    page = client.post(f"/rule-drafts/{draft.id}/review", data={"seen": "7"})
    assert (page.status_code, "本文が変わりました" in page.text) == (409, True)
    client.post(f"/rule-drafts/{draft.id}/discard")
    page = client.post(f"/rule-drafts/{draft.id}/articles/complaints", data={"title": "x", "text": "x", "seen": "1"})
    assert page.status_code == 409
    assert "もう閉じられています" in page.text


def test_a_mandatory_article_stays_and_another_can_be_left_out_and_put_back(desk: Desk, house: House, browser) -> None:
    draft = desk.begin("privacy-rule")[0]
    client = browser(house.officer)
    base = f"/rule-drafts/{draft.id}/articles"
    assert "除くことはできません" in client.get(f"{base}/breach").text
    page = client.post(f"{base}/breach/left-out", data={"reason": "要らない", "seen": "1"})
    assert (page.status_code, "必要な条です" in page.text) == (409, True)
    page = client.post(f"{base}/publication/left-out", data={"reason": "", "seen": "1"})
    assert page.status_code == 422
    page = client.post(f"{base}/publication/left-out", data={"reason": "別に公表", "seen": "1"}, follow_redirects=True)
    assert "除いた条" in page.text
    assert "別に公表" in page.text
    page = client.post(f"{base}/publication/put-back", follow_redirects=True)
    assert "除いた条" not in page.text
    page = client.post(
        f"/rule-drafts/{draft.id}/new-article",
        data={"chapter": "第7章 雑則", "number": "22", "title": "x", "text": "y"},
    )
    assert "第22条は、すでにあります" in page.text
    page = client.post(f"/rule-drafts/{draft.id}/new-article",
                       data={"chapter": "第7章 雑則", "number": "22-2", "title": "調理場", "text": "話さない。"},
                       follow_redirects=True)  # fmt: skip
    assert "第22条の2（調理場）" in page.text


def test_a_municipality_reads_its_partners_rules_and_nothing_else(desk: Desk, house: House, browser) -> None:
    city = a_municipality(house.session, "はまかぜ市")
    an_engagement(house.session, city, house.organization)
    officer = an_officer_of(house.session, city)
    privacy, security, _ = desk.begin()
    version = desk.adopt(privacy)
    client = browser(officer)
    page = client.get(f"/organizations/{house.organization.id}/rules")
    assert "個人情報保護規程" in page.text
    assert "情報セキュリティ基本規程" not in page.text
    assert client.get(f"/rule-versions/{version.id}").status_code == 200
    assert client.get(f"/rule-drafts/{security.id}").status_code == 404
    assert client.get(f"/organizations/{house.organization.id}/rules/coverage").status_code == 403


def test_practices_models_and_clauses_are_found_by_everyone(house: House, browser, library: Library) -> None:
    client = browser(house.worker)
    everything = client.get("/practices").text
    assert f"{len(library.practices_for(FRIDAY).cards)}件" in everything
    found = client.get("/practices?words=誓約&topic=volunteers").text
    assert "ボランティアにも、研修と誓約" in found
    assert "専用の回線を使う" not in found
    assert "見つかりませんでした" in client.get("/practices?words=どこにもない言葉").text
    assert "毎年、誓約し直す" in client.get("/practices?words=2b").text
    assert client.get("/practices?words=<script>&topic=<x>").status_code == 200
    assert "第12条の2" in client.get("/rules/models/security-rule/m").text
    assert client.get("/rules/models/my-rule/m").status_code == 404
    assert client.get("/rules/models/security-rule/l").status_code == 404
    clauses = client.get("/rules/clauses").text
    for title in ("再委託", "離れるときのロック", "預かり証"):
        assert title in clauses


def test_every_region_of_the_report_has_a_card(library: Library) -> None:
    said = "\n".join(card.where for card in library.practices_for(FRIDAY).cards)
    for region in (
        "下関",
        "別府",
        "嵐山",
        "福井",
        "高鍋",
        "日光",
        "越前",
        "中津",
        "世田谷",
        "松戸",
        "江東",
        "和光",
        "鶴見",
        "江戸川",
    ):
        assert region in said, region


def test_short_rules_of_both_kinds_take_four_pages_together(desk: Desk, house: House, browser) -> None:
    versions = desk.adopt_all()
    client = browser(house.officer)
    pages = [
        len(PdfReader(BytesIO(client.get(f"/rule-versions/{versions[key].id}/pdf").data)).pages)
        for key in ("privacy-rule", "security-rule")
    ]
    assert sum(pages) <= 4
    for version, key in ((versions["privacy-rule"], "volunteer-card"), (versions["security-rule"], "take-out-sheet"),
                         (versions["incident-procedure"], "first-thirty-minutes")):  # fmt: skip
        content = client.get(f"/rule-versions/{version.id}/articles/{key}/pdf").data
        assert len(PdfReader(BytesIO(content)).pages) == 1
    summary = PdfReader(BytesIO(client.get(f"/organizations/{house.organization.id}/rules/summary.pdf").data))
    assert len(summary.pages) == 1
    assert client.get(f"/rule-versions/{versions['privacy-rule'].id}/articles/none/pdf").status_code == 404


def test_tasks_ask_for_reading_writing_and_reviewing(desk: Desk, house: House, browser) -> None:
    assert "団体の規程をととのえる" in browser(house.officer).get("/").text
    versions = desk.adopt_all()
    assert "個人情報保護規程を読む" in browser(house.worker).get("/").text
    assert "規程を確認していない方が5人います" in browser(house.officer).get("/").text
    for version in versions.values():
        desk.acknowledge(version, house.worker)
    assert "個人情報保護規程を読む" not in browser(house.worker).get("/").text
    desk.time.tokyo(2027, 11, 10, 9)
    assert "規程を見直す" in browser(house.officer).get("/").text


def test_a_revision_page_asks_how_large_the_change_is(desk: Desk, house: House, browser) -> None:
    version = desk.adopt(desk.begin("privacy-rule")[0])
    client = browser(house.officer)
    page = client.post(f"/rule-versions/{version.id}/revision", follow_redirects=True)
    assert "改正の下書きを始めました" in page.text
    assert client.post(f"/rule-versions/{version.id}/revision").status_code == 409
    house.session.rollback()
    draft = desk.state().draft
    assert draft is not None
    operations.review(house.session, desk.library, draft, seen=1, by=house.officer.principal, now=desk.time.moment)
    client = browser(house.officer)
    said = {"decided_by": "board", "decided_on": "2026-11-27", "in_force_from": "2026-11-27", "change": "直した"}
    page = client.post(f"/rule-drafts/{draft.id}/adoption", data=said)
    assert (page.status_code, "変更の大きさを選んでください" in page.text) == (422, True)
    page = client.post(
        f"/rule-drafts/{draft.id}/adoption", data=said | {"kind": "material", "acknowledge_by": "2026-11-28"}
    )
    assert "7日後から180日後まで" in page.text
    page = client.post(f"/rule-drafts/{draft.id}/adoption", data=said | {"kind": "minor"}, follow_redirects=True)
    assert "第2版の採択を記録しました" in page.text
    assert queries.states_of(house.session, house.organization.id, today=FRIDAY)


def test_answers_survive_a_sign_in_that_ran_out(desk: Desk, house: House, browser) -> None:
    version = desk.adopt(desk.begin("privacy-rule")[0])
    client = browser(house.worker)
    address = f"/rule-versions/{version.id}/acknowledgement"
    page = client.get(address).text
    names = re.findall(r'name="(question-[a-z-]+)" value="1"', page)
    assert len(names) == 3
    desk.time.tokyo(2026, 11, 28, 9)
    sent = client.post(address, data={names[0]: "1", "is_read": "y"})
    assert sent.status_code in (302, 303)
    again = signed_in(client.application, house.worker.user, now=desk.time.moment).get(address).text
    assert re.search(rf'name="{names[0]}" value="1" checked', again)
    assert re.search(r'name="is_read" value="y" checked', again)
