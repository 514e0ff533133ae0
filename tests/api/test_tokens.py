"""Tokens: who makes them, what is kept of them, and the pages on which officers look after them."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.accounts import operations as accounts
from partner_compliance.accounts.models import MunicipalityRole
from partner_compliance.api import operations, queries
from partner_compliance.api.models import ApiCall, ApiToken
from partner_compliance.api.operations import AlreadyMade, AlreadyRevoked, TooManyTokens, Use
from partner_compliance.api.words import Scope
from partner_compliance.database import open_session
from partner_compliance.errors import WrongEntry
from partner_compliance.history.models import LogLeaf
from partner_compliance.history.operations import write_acts
from partner_compliance.history.verification import verify_all
from partner_compliance.models import LOGGED_CONTENTS
from tests.api.conftest import City
from tests.conftest import NOON, SetClock
from tests.factories import an_officer_of, principal_of, signed_in
from tests.world import rows_of

TODAY = clock.local_date(NOON)
FORM = {"name": "児相システム", "scopes": "readiness:read", "expires_on": "2027-03-31"}


def make(city: City, **changed: Any) -> tuple[ApiToken, str]:
    facts: dict[str, Any] = {
        "name": "児相システム", "scopes": [Scope.READINESS_READ], "expires_on": TODAY,
        "by": principal_of(city.session, city.officer), "now": NOON, "request_key": uuid4(), **changed,
    }  # fmt: skip
    return operations.make_token(city.session, city.municipality, **facts)


# --- making and taking back -------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_of_a_secret_only_the_digest_and_its_beginning_are_kept(city: City, engine: Engine) -> None:
    made, secret = make(city)
    city.session.commit()
    assert re.fullmatch(r"pc1_[A-Za-z0-9_-]{43}", secret)
    assert made.digest == accounts.digest(secret)
    assert secret.startswith(made.hint)
    assert len(made.hint) == 10
    assert secret[10:] not in str(rows_of(engine)), "nowhere in the database, the history included"


def test_no_two_secrets_are_alike(city: City) -> None:
    assert len({make(city)[1] for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"), ({"name": "x" * 61}, "name"), ({"name": "a\x00"}, "name"), ({"scopes": []}, "scopes"),
        ({"expires_on": TODAY - timedelta(days=1)}, "expires_on"),
        ({"expires_on": TODAY + timedelta(days=367)}, "expires_on"), ({"expires_on": date(9999, 12, 31)}, "expires_on"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(city: City, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(WrongEntry) as refused:
        make(city, **wrong)
    assert refused.value.field == field


def test_the_longest_and_the_shortest_time_are_taken(city: City) -> None:
    for days in (0, 366):
        made, _ = make(city, expires_on=TODAY + timedelta(days=days))
        assert queries.state_of(made, False, made.expires_on).value == "usable"


@pytest.mark.both_engines
def test_the_same_form_sent_twice_makes_one_token(city: City) -> None:
    key = uuid4()
    make(city, request_key=key)
    with pytest.raises(AlreadyMade):
        make(city, request_key=key)


@pytest.mark.both_engines
def test_there_are_no_more_tokens_than_anyone_can_look_after(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_TOKENS", 2)
    first, _ = make(city)
    make(city)
    with pytest.raises(TooManyTokens):
        make(city)
    operations.revoke(city.session, first, by=principal_of(city.session, city.officer), now=NOON)
    make(city)


@pytest.mark.both_engines
def test_a_token_is_taken_back_once(city: City) -> None:
    made, _ = make(city)
    by = principal_of(city.session, city.officer)
    operations.revoke(city.session, made, by=by, now=NOON)
    with pytest.raises(AlreadyRevoked):
        operations.revoke(city.session, made, by=by, now=NOON)


@pytest.mark.both_engines
def test_the_municipalitys_history_tells_of_both_and_can_be_verified(city: City) -> None:
    made, _ = make(city)
    operations.revoke(city.session, made, by=principal_of(city.session, city.officer), now=NOON)
    city.session.commit()
    told = city.session.scalars(
        select(LogLeaf.act).where(LogLeaf.log_id == city.municipality.id).order_by(LogLeaf.idx)
    ).all()
    assert list(told)[-2:] == ["api.token_made", "api.token_revoked"]
    assert all(verdict.ok for verdict in verify_all(city.session, LOGGED_CONTENTS))


# --- pages ------------------------------------------------------------------------------------------------------


def page_of(city: City) -> str:
    return f"/municipalities/{city.municipality.id}/api-tokens"


@pytest.mark.both_engines
def test_an_officer_makes_a_token_sees_its_secret_once_and_a_system_gets_in_with_it(app: Flask, city: City) -> None:
    browser = signed_in(app, city.officer)
    shown = browser.post(f"{page_of(city)}/new", data=FORM)
    assert shown.status_code == 200
    [secret] = re.findall(r"pc1_[A-Za-z0-9_-]{43}", shown.text)
    assert shown.headers["Cache-Control"] == "no-store"
    assert city.ask(f"/partners/{city.partner.id}/readiness", secret).status_code == 200
    city.session.rollback()
    token = city.session.scalars(select(ApiToken)).one()
    for address in (page_of(city), f"/api-tokens/{token.id}", f"/municipalities/{city.municipality.id}/history"):
        text = browser.get(address).text
        assert secret not in text
        assert token.hint in text, address
    assert "2026年11月16日 12:00" in browser.get(page_of(city)).text, "its last use"


def test_making_a_token_asks_for_a_fresh_proof_and_forgets_nothing(app: Flask, city: City, time: SetClock) -> None:
    browser = signed_in(app, city.officer)
    time.set(NOON + timedelta(minutes=30))
    asked = browser.post(f"{page_of(city)}/new", data=FORM)
    assert "pc1_" not in asked.text
    assert "児相システム" in asked.text, "what was typed goes along with the proof"
    city.session.rollback()
    assert city.session.scalars(select(ApiToken)).all() == []


def test_the_form_sent_again_says_that_the_secret_is_gone(app: Flask, city: City) -> None:
    browser, key = signed_in(app, city.officer), str(uuid4())
    assert browser.post(f"{page_of(city)}/new", data={**FORM, "request_key": key}).status_code == 200
    again = browser.post(f"{page_of(city)}/new", data={**FORM, "request_key": key})
    assert again.status_code == 409
    assert "すでに作られています" in again.text
    assert not re.search(r"pc1_[A-Za-z0-9_-]{43}", again.text)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "システムの名前を入力してください"), ({"scopes": ""}, "1つ以上選んでください"),
        ({"expires_on": "2028-03-31"}, "1年（366日）以内"), ({"expires_on": "2026-11-15"}, "1年（366日）以内"),
        ({"expires_on": "いつまでも"}, "日付を確かめてください"), ({"scopes": "decisions:write"}, "できること"),
    ],
)  # fmt: skip
def test_a_wrong_form_says_what_to_do_and_loses_nothing(
    app: Flask, city: City, wrong: dict[str, str], sentence: str
) -> None:
    page = signed_in(app, city.officer).post(f"{page_of(city)}/new", data={**FORM, **wrong})
    assert page.status_code == 422
    assert sentence in page.text
    if "name" not in wrong:
        assert "児相システム" in page.text


def test_an_officer_takes_a_token_back_on_its_page(app: Flask, city: City) -> None:
    secret = city.token()
    browser = signed_in(app, city.officer)
    assert "このキーを取り消す" in browser.get(f"/api-tokens/{city.made[0].id}").text
    assert browser.post(f"/api-tokens/{city.made[0].id}/revocation").status_code == 303
    assert city.ask("", secret).status_code == 401
    page = browser.get(f"/api-tokens/{city.made[0].id}").text
    assert "取り消されています" in page
    assert "このキーを取り消す" not in page
    assert browser.post(f"/api-tokens/{city.made[0].id}/revocation").status_code == 409


def test_the_page_tells_when_whoever_made_a_token_has_left(app: Flask, city: City) -> None:
    city.token()
    colleague = an_officer_of(city.session, city.municipality, "後任 花子")
    post = city.session.scalars(select(MunicipalityRole).where(MunicipalityRole.user_id == city.officer.id)).one()
    post.ended_at = NOON
    city.session.commit()
    assert "いま担当者ではありません" in signed_in(app, colleague).get(page_of(city)).text


@pytest.mark.both_engines
def test_the_uses_of_a_token_are_read_page_by_page_without_a_gap(app: Flask, city: City) -> None:
    city.token()
    token = city.made[0]
    use = Use(token.id, token.name, city.municipality.id, city.municipality.name, "partners")
    for number in range(120):
        # Some in the same moment: only the id tells them apart.
        operations.write_use(city.session, use, status=200 + number, now=NOON + timedelta(hours=number // 7))
    city.session.commit()
    browser, address, seen = signed_in(app, city.officer), f"/api-tokens/{token.id}", []
    while address:
        page = browser.get(address).text
        seen += re.findall(r"断りました（(\d+)）|(答えました)", page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = older[1] if older else ""
    assert len(seen) == 120
    assert len(set(seen)) == 120
    assert browser.get(f"/api-tokens/{token.id}?before=x").status_code == 404
    assert "まだ使われていません" in browser.get(f"/api-tokens/{token.id}?before={uuid4()}").text


def test_the_list_is_paged_and_takes_as_many_statements_for_many_tokens_as_for_one(app: Flask, city: City) -> None:
    from tests.test_query_counts import statements

    def how_many() -> int:
        browser = signed_in(app, city.officer)
        browser.get(page_of(city))
        with statements(app.extensions["engine"]) as seen:
            assert browser.get(page_of(city)).status_code == 200
        return len(seen)

    city.token(name="最初のキー")
    before = how_many()
    for number in range(59):
        made, _ = make(city, name=f"キー{number}")
        operations.revoke(city.session, made, by=principal_of(city.session, city.officer), now=NOON)
    city.session.commit()
    assert how_many() == before
    assert "全60件" in signed_in(app, city.officer).get(page_of(city)).text


def test_a_name_is_shown_literally(app: Flask, city: City) -> None:
    city.token(name='<script>alert(1)</script>"{{7*7}}')
    text = signed_in(app, city.officer).get(page_of(city)).text
    assert "<script>alert" not in text
    assert "{{7*7}}" in text


@pytest.mark.both_engines
def test_uses_counted_at_once_from_two_processes_are_all_counted(city: City, engine: Engine) -> None:
    """The counter is a row: whoever counts waits for the other."""
    city.token()
    token = city.made[0]
    use = Use(token.id, token.name, city.municipality.id, city.municipality.name, "partners")
    for _ in range(5):
        with open_session(engine, write_acts=write_acts) as other:
            operations.write_use(other, use, status=200, now=NOON)
            other.commit()
    city.session.rollback()
    assert queries.uses_and_wait(city.session, token.id, now=NOON)[0] == 5
    assert len(city.session.scalars(select(ApiCall)).all()) == 5


@pytest.mark.both_engines
def test_a_clock_that_ran_ahead_locks_no_system_out(city: City, session: Session) -> None:
    city.token()
    token = city.made[0]
    use = Use(token.id, token.name, city.municipality.id, city.municipality.name, "partners")
    for _ in range(queries.MOST_CALLS + 5):
        operations.write_use(session, use, status=200, now=NOON + timedelta(days=365))
    session.commit()
    assert queries.uses_and_wait(session, token.id, now=NOON)[0] == 0
