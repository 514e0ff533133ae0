"""Who is let in, who is not, and that every refusal is data that says why."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Blueprint, Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.accounts.models import MunicipalityRole
from partner_compliance.api import operations, queries
from partner_compliance.api.door import note_use
from partner_compliance.api.endpoints import Endpoint, endpoint
from partner_compliance.api.models import ApiCall
from partner_compliance.api.shapes import Answer, Question
from partner_compliance.api.words import Scope
from partner_compliance.config import MAX_REQUEST_BYTES
from partner_compliance.database import begin_writing
from partner_compliance.history.models import LogLeaf
from partner_compliance.organizations.models import Center
from tests.api.conftest import NUMBER, OTHER_NUMBER, City, a_city
from tests.conftest import NOON, SetClock
from tests.factories import a_center, an_engagement, an_organization, principal_of, signed_in, someone
from tests.test_responses import assert_hardened


def refused(response: Any, status: int, code: str) -> dict[str, Any]:
    """The refusal, after a look at its form."""
    assert (response.status_code, response.content_type) == (status, "application/problem+json"), response.text
    found: dict[str, Any] = json.loads(response.data)
    assert found.keys() == {"type", "title", "status", "detail", "code", "errors"}
    assert (found["type"], found["status"], found["code"]) == ("about:blank", status, code)
    assert any("ぁ" <= char <= "ん" for char in found["detail"]), "the sentence is for people, in Japanese"
    assert_hardened(response)
    return found


def calls_of(session: Session) -> list[ApiCall]:
    session.rollback()
    return list(session.scalars(select(ApiCall).order_by(ApiCall.at)))


# --- tokens -----------------------------------------------------------------------------------------------------


def test_without_a_token_nothing_opens_and_the_answer_says_what_is_missing(city: City) -> None:
    answer = city.ask("/partners")
    refused(answer, 401, "token_missing")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="partner-compliance"'
    assert "Location" not in answer.headers
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("shown", "status", "code"),
    [
        ("Basic dXNlcjpwYXNz", 401, "token_missing"),
        ("Bearer pc1_" + "x" * 43, 401, "token_unknown"),
        ("Bearer ' OR 1=1 --", 400, "authorization_malformed"),
        ("Bearer", 400, "authorization_malformed"),
        ("Bearer a b", 400, "authorization_malformed"),
        ("Bearer " + "x" * 5000, 400, "authorization_malformed"),
        ("Bearer キー".encode().decode("latin-1"), 400, "authorization_malformed"),
    ],
)
def test_what_is_no_token_of_ours_is_refused(city: City, shown: str, status: int, code: str) -> None:
    answer = city.ask("/partners", headers={"Authorization": shown})
    refused(answer, status, code)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_the_secret_in_the_address_counts_for_nothing(city: City) -> None:
    refused(city.ask(f"/partners?access_token={city.token()}"), 401, "token_missing")


@pytest.mark.both_engines
def test_a_token_opens_until_the_end_of_its_last_day_in_japan(city: City, time: SetClock) -> None:
    secret = city.token(expires_on=date(2026, 11, 30))
    time.tokyo(2026, 11, 30, 23, 59, 59)
    assert city.ask("/partners", secret).status_code == 200
    time.tokyo(2026, 12, 1, 0, 0, 1)
    refused(city.ask("/partners", secret), 401, "token_expired")


@pytest.mark.both_engines
def test_a_revoked_token_opens_nothing_from_the_next_request_on(city: City) -> None:
    secret = city.token()
    assert city.ask("/partners", secret).status_code == 200
    operations.revoke(city.session, city.made[0], by=principal_of(city.session, city.officer), now=NOON)
    city.session.commit()
    answer = city.ask("/partners", secret)
    refused(answer, 401, "token_revoked")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.both_engines
def test_a_token_for_which_no_officer_answers_opens_nothing(city: City) -> None:
    secret = city.token()
    for post in city.session.scalars(select(MunicipalityRole)):
        post.ended_at = NOON
    city.session.commit()
    refused(city.ask("/partners", secret), 401, "token_unattended")


def test_a_token_without_the_scope_is_told_which_one_is_needed(city: City) -> None:
    secret = city.token([Scope.CHANGES_READ])
    answer = city.ask(f"/partners/{city.partner.id}/readiness", secret)
    found = refused(answer, 403, "scope_missing")
    assert "readiness:read" in found["detail"]
    assert 'scope="readiness:read"' in answer.headers["WWW-Authenticate"]
    assert city.ask("/changes", secret).status_code == 200


def test_a_sign_in_opens_nothing_here_and_a_token_opens_no_page(app: Flask, city: City) -> None:
    browser = signed_in(app, city.officer)
    refused(browser.get("/api/v1/partners"), 401, "token_missing")
    secret = city.token()
    page = app.test_client().get(
        f"/municipalities/{city.municipality.id}/partners", headers={"Authorization": f"Bearer {secret}"}
    )
    assert page.status_code == 302
    assert page.headers["Location"].startswith("/sign-in")


def test_a_sign_in_does_not_stay_alive_by_asking_the_api(app: Flask, city: City, time: SetClock) -> None:
    browser = signed_in(app, city.officer)
    for minutes in (20, 40, 61):
        time.set(NOON + timedelta(minutes=minutes))
        browser.get("/api/v1/partners")
    assert browser.get(f"/municipalities/{city.municipality.id}/partners").status_code == 302


# --- partners ---------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_a_partner_is_named_by_its_id_or_its_number(city: City) -> None:
    secret = city.token()
    found = {city.ask(f"/partners/{name}/readiness", secret).json["organization"]["id"] for name in
             (city.partner.id, str(city.partner.id).upper(), NUMBER)}  # fmt: skip
    assert found == {str(city.partner.id)}


@pytest.mark.parametrize(
    "name",
    [
        OTHER_NUMBER, "2180301018771", "１１８０３０１０１８７７１", "1-1803-0101-8771",
        "9223372036854775808", "-1", "1e3",
        "%EF%BC%85%EF%BC%93%EF%BC%91", "%00", "..", "'", "{x}", "6f1c2f0e-0000-4000-8000-000000000000", "x" * 3000,
    ],
)  # fmt: skip
def test_what_names_no_partner_is_not_there(city: City, name: str) -> None:
    answer = city.ask(f"/partners/{name}/readiness", city.token())
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


@pytest.mark.both_engines
def test_who_is_no_partner_today_is_not_there(city: City, time: SetClock) -> None:
    session, secret = city.session, city.token()
    today = clock.local_date(NOON)
    terms: dict[str, dict[str, Any]] = {
        "tomorrow": {"starts_on": today + timedelta(days=1)},
        "yesterday": {"ends_on": today - timedelta(days=1)},
        "cancelled": {"cancelled_on": today},
        "not accepted": {"accepted_at": None},
    }
    former = []
    for name, said in terms.items():
        organization = an_organization(session, name)
        a_center(session, organization)
        an_engagement(session, city.municipality, organization, **said)
        former.append(organization.id)
    elsewhere = a_city(city.app, session, "べつの市")
    session.commit()
    for organization_id in (*former, elsewhere.partner.id):
        refused(city.ask(f"/partners/{organization_id}/readiness", secret), 404, "partner_unknown")
    assert [each["id"] for each in city.ask("/partners", secret).json["partners"]] == [str(city.partner.id)]
    assert elsewhere.ask(f"/partners/{elsewhere.partner.id}/readiness", elsewhere.token()).status_code == 200


def test_an_engagement_ends_for_systems_at_midnight_in_japan(city: City, time: SetClock) -> None:
    secret = city.token(expires_on=date(2027, 4, 30))
    address = f"/partners/{city.partner.id}/readiness"
    time.tokyo(2027, 3, 31, 23, 59, 59)
    assert city.ask(address, secret).status_code == 200
    time.tokyo(2027, 4, 1, 0, 0, 1)
    refused(city.ask(address, secret), 404, "partner_unknown")


def test_two_partners_under_one_number_are_not_taken_for_each_other(city: City) -> None:
    second = an_organization(city.session, "同じ番号の団体")
    second.corporate_number = NUMBER
    an_engagement(city.session, city.municipality, second)
    city.session.commit()
    refused(city.ask(f"/partners/{NUMBER}/readiness", city.token()), 409, "partner_ambiguous")


# --- addresses, methods and forms -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1/", "/api/v2", "/api//v1/partners", "/api/v1//partners", "/api/v1/.env",
             "/api/v1/partners/", "/api/v1/../../app.py", "/api/v1/partners//readiness"]
)  # fmt: skip
def test_below_the_api_also_what_is_not_there_is_data(city: City, path: str) -> None:
    secret = city.token()
    answer = city.app.test_client().get(path, headers={"Authorization": f"Bearer {secret}"})
    refused(answer, 404, "not_found")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO"])
def test_a_method_that_an_address_does_not_take_is_refused(city: City, method: str) -> None:
    answer = city.ask("/partners", city.token(), method=method)
    refused(answer, 405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD"}


def test_head_says_what_get_says_without_saying_it(city: City) -> None:
    answer = city.ask("/partners", city.token(), method="HEAD")
    assert (answer.status_code, answer.data, answer.content_type) == (200, b"", "application/json")


@pytest.mark.parametrize(("accept", "status"), [
    ("application/json", 200), ("*/*", 200), ("application/*;q=0.5, text/html", 200), ("text/html", 406),
    ("application/xml", 406), ("nonsense", 406),
])  # fmt: skip
def test_an_answer_that_nobody_wants_is_not_given(city: City, accept: str, status: int) -> None:
    answer = city.ask("/partners", city.token(), headers={"Accept": accept})
    if status == 200:
        assert answer.status_code == 200
    else:
        refused(answer, 406, "not_acceptable")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=0", "limit"), ("limit=101", "limit"), ("limit=1e1", "limit"), ("limit=+5", "limit"),
        ("limit=", "limit"),
        ("limit=９", "limit"), ("limit=9223372036854775808", "limit"), ("limit=-1", "limit"), ("limit=1_0", "limit"),
        ("limit=5&limit=6", "limit"), ("Limit=5", "Limit"), ("cursor=1", "cursor"), ("cursor=%00", "cursor"),
        ("page=2", "page"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named(city: City, query: str, name: str) -> None:
    found = refused(city.ask(f"/partners?{query}", city.token()), 422, "invalid")
    assert [(each["place"], each["name"]) for each in found["errors"]] == [("query", name)]


def test_every_answer_is_hardened_also_over_https(app: Flask, city: City) -> None:
    secret = city.token()
    for address in ("", "/openapi.json", "/partners", "/changes", f"/partners/{city.partner.id}/readiness"):
        answer = city.ask(address, secret)
        assert answer.status_code == 200, address
        assert answer.content_type == "application/json"
        assert_hardened(answer)


def test_a_failure_is_data_too_and_tells_nothing_of_the_inside(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    secret = city.token()
    for error, status, code in (
        (ZeroDivisionError("geheim"), 500, "failed"),
        (OperationalError("geheim", {}, Exception("geheim")), 503, "unavailable"),
    ):

        def fail(*_args: Any, error: Exception = error, **_kwargs: Any) -> None:
            raise error

        monkeypatch.setattr(queries, "partners_after", fail)
        answer = city.ask("/partners", secret)
        refused(answer, status, code)
        assert "geheim" not in answer.text


# --- JSON that is sent (A19) ------------------------------------------------------------------------------------


class Sent(Question):
    """What a test asks."""

    number: int
    text: str = ""


class Got(Answer):
    """What a test is answered."""

    number: int
    text: str


@pytest.fixture
def trial(app: Flask, city: City) -> Iterator[City]:
    """The municipality, and one more address that is asked with a body, as the gate's is."""
    room = Blueprint("trial", __name__, url_prefix="/api/v1")
    room.after_request(note_use)
    into: dict[str, Endpoint] = {}

    @endpoint("/trial", method="POST", answer=Got, body=Sent, summary="", on=room, into=into)
    def trial(_caller: Any, body: Sent) -> Got:
        return Got(number=body.number, text=body.text)

    app.register_blueprint(room)
    app.extensions["csrf"].exempt(room)
    return city


def send(city: City, body: bytes, content_type: str = "application/json", **headers: str) -> Any:
    return city.ask("/trial", city.token(), method="POST", data=body, content_type=content_type, headers=headers)


def test_a_question_in_the_body_is_answered_without_a_form_token(trial: City) -> None:
    for kind in ("application/json", "application/json; charset=UTF-8"):
        answer = send(trial, json.dumps({"number": 3, "text": "葛󠄀😀"}).encode(), kind)
        assert (answer.status_code, answer.json) == (200, {"number": 3, "text": "葛󠄀😀"})


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[" * 100_000, b'{"number":' + b"[" * 100_000, b'{"number": 1, "text": "\\ud800"}',
        b'{"number": 1, "\\udfff": 2}', b'{"number": NaN}', b'{"number": -Infinity}',
        b'{"number": 1' + b"0" * 400 + b"}",
        b'{"number": 1e400}', b'{"number": 10000000000000000}', b'{"number": 1, "number": 2}',
        b'{"number": 1, "text": {"a": 1, "a": 2}}', "数".encode("utf-16"), '{"text": "数"}'.encode("cp932"), b"\xff",
        b'{"number": 1} x', b"\xef\xbb\xbf{}", b'{"text": "\x00"}', b"{'number': 1}",
    ],
    ids=lambda body: repr(body[:24]),
)  # fmt: skip
def test_what_is_not_json_or_is_read_in_two_ways_is_refused(trial: City, body: bytes) -> None:
    refused(send(trial, body), 400, "malformed_request")


@pytest.mark.parametrize("content_type", ["application/json; charset=shift_jis", "application/json; charset=utf-16"])
def test_another_encoding_is_refused(trial: City, content_type: str) -> None:
    refused(send(trial, b'{"number": 1}', content_type), 400, "malformed_request")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data"])
def test_another_form_is_refused(trial: City, content_type: str) -> None:
    refused(send(trial, b'{"number": 1}', content_type), 415, "unsupported_media_type")


def test_a_packed_body_is_refused(trial: City) -> None:
    refused(send(trial, b"\x1f\x8b", **{"Content-Encoding": "gzip"}), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "number"), ({"number": "x"}, "number"), ({"number": None}, "number"), ({"number": 1.5}, "number"),
        ({"number": 1, "text": 1}, "text"), ({"number": 1, "more": 1}, "more"), ([], "-"), ("x", "-"), (None, "-"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(trial: City, body: Any, name: str) -> None:
    found = refused(send(trial, json.dumps(body).encode()), 422, "invalid")
    assert [(each["place"], each["name"]) for each in found["errors"]] == [("body", name)]


def test_too_large_a_body_is_refused_whether_it_says_so_or_not(trial: City) -> None:
    body = b'{"number": 1, "text": "' + b"x" * MAX_REQUEST_BYTES + b'"}'
    refused(send(trial, body), 413, "too_large")


@pytest.mark.both_engines
def test_a_question_in_a_body_writes_nothing_but_that_it_was_asked(trial: City, engine: Engine) -> None:
    send(trial, b'{"number": 1}')
    send(trial, b"{")
    assert [(call.endpoint, call.status) for call in calls_of(trial.session)] == [("trial", 200), ("trial", 400)]


# --- how often --------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_too_many_calls_wait_and_the_count_outlives_the_process(
    city: City, make_app: Any, time: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_CALLS", 3)
    secret, other = city.token(), city.token(name="べつのシステム")
    restarted = City(make_app(), city.session, city.municipality, city.officer, city.partner)
    assert [each.ask("/partners", secret).status_code for each in (city, restarted, city)] == [200] * 3
    time.set(NOON + timedelta(seconds=20))
    for each in (restarted, city, restarted):
        answer = each.ask("/partners", secret)
        refused(answer, 429, "too_many_requests")
        assert answer.headers["Retry-After"] == "40"
    assert city.ask("/partners", other).status_code == 200, "each system has its own count"
    time.set(NOON + timedelta(seconds=61))
    assert city.ask("/partners", secret).status_code == 200


@pytest.mark.both_engines
def test_a_system_gone_mad_fills_no_disk(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_CALLS", 3)
    secret = city.token()
    for _ in range(10):
        city.ask("/partners", secret)
    assert [call.status for call in calls_of(city.session)] == [200, 200, 200, 429]


# --- what is written down ---------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_every_use_is_written_down_with_what_was_asked_about_whom_and_what_came_of_it(city: City) -> None:
    secret, narrow = city.token(), city.token([Scope.DECISIONS_READ])
    city.ask("/partners", secret)
    city.ask(f"/partners/{NUMBER}/readiness", secret)
    city.ask(f"/partners/{city.partner.id}/readiness?as_of=x", secret)
    city.ask(f"/partners/{OTHER_NUMBER}/readiness", secret)
    city.ask(f"/partners/{city.partner.id}/readiness", narrow)
    city.ask("/partners", "pc1_" + "x" * 43)
    found = {(call.endpoint, call.organization_id, call.status) for call in calls_of(city.session)}
    about = city.partner.id
    assert found == {
        ("partners", None, 200), ("readiness", about, 200), ("readiness", about, 422), ("readiness", None, 404),
        ("readiness", None, 403),
    }  # fmt: skip
    assert {call.token_id for call in calls_of(city.session)} == {made.id for made in city.made}


@pytest.mark.both_engines
def test_the_partner_reads_in_its_history_once_a_day_that_a_system_asked(city: City, time: SetClock) -> None:
    secret = city.token(name="児相システム")
    for day in (16, 16, 17):
        time.tokyo(2026, 11, day, 12)
        assert city.ask(f"/partners/{city.partner.id}/readiness", secret).status_code == 200
        city.ask(f"/partners/{city.partner.id}/readiness?as_of=2999-01-01", secret)
    city.session.rollback()
    told = list(
        city.session.scalars(select(LogLeaf.entry).where(LogLeaf.log_id == city.partner.id, LogLeaf.act == "api.asked"))
    )
    assert len(told) == 2
    center = city.session.scalars(select(Center).where(Center.organization_id == city.partner.id)).one()
    officer, _ = someone(city.session, center, Role.PROTECTION_OFFICER)
    city.session.commit()
    page = signed_in(city.app, officer, now=time.moment).get(f"/organizations/{city.partner.id}/history?kind=api")
    assert page.text.count("自治体のシステムから照会がありました（その日の最初の1回）（準備度）") == 2
    assert all("みなと市のシステム（児相システム）" in (entry or "") for entry in told)


@pytest.mark.both_engines
def test_what_was_written_down_stays(city: City) -> None:
    city.ask("/partners", city.token())
    begin_writing(city.session)
    call = city.session.scalars(select(ApiCall)).one()
    call.status = 404
    with pytest.raises(Exception, match="append-only"):
        city.session.flush()
    city.session.rollback()
