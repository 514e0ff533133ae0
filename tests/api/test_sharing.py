"""What a system is told of sharing: the gate's answer, what is required, what was decided; never a name."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from partner_compliance.api import operations as tokens
from partner_compliance.api.words import Scope
from partner_compliance.gate.words import Outcome
from tests.factories import a_municipality, an_officer_of, principal_of
from tests.gate.conftest import Gate
from tests.gate.conftest import gate as gate_of_tests
from tests.gate.conftest import house as house_of_tests
from tests.gate.conftest import ladder as ladder_of_tests

gate, house, ladder = gate_of_tests, house_of_tests, ladder_of_tests
ASKED = {"data_class": "D2", "mode": "oral", "purpose": "PU1"}


@pytest.fixture
def ask(gate: Gate, make_app: Any) -> Any:
    """A system of the gate's municipality, or of another one."""
    app = make_app()
    of = {gate.city.id: gate.city}

    def asks(method: str, address: str, body: Any = None, *, city: Any = None, scopes: Any = tuple(Scope)) -> Any:
        city = city or gate.city
        of.setdefault(city.id, city)
        officer = an_officer_of(gate.session, city, "情報 担当")
        _, secret = tokens.make_token(
            gate.session, city, name="児相システム", scopes=scopes,
            expires_on=gate.ladder.today + timedelta(days=30), by=principal_of(gate.session, officer),
            now=gate.ladder.time.moment, request_key=uuid4(),
        )  # fmt: skip
        gate.session.commit()
        client = app.test_client(use_cookies=False)
        sent = {"json": body} if body is not None else {}
        return client.open(f"/api/v1{address}", method=method, headers={"Authorization": f"Bearer {secret}"}, **sent)

    return asks


def test_a_system_asks_before_it_sends_and_is_told_why_not(gate: Gate, ask: Any) -> None:
    answer = ask("POST", f"/partners/{gate.ladder.id}/gate-check", ASKED)
    assert answer.status_code == 200
    found = answer.json
    assert (found["verdict"], found["level"], found["required"]["level"]) == ("closed", 1, 2)
    assert {each["subject"] for each in found["reasons"] if each["blocks"]} == {"level", "criterion"}
    assert all(each["mend"] for each in found["reasons"] if each["blocks"])
    gate.require("D2", 1)
    assert ask("POST", f"/partners/{gate.ladder.id}/gate-check", ASKED).json["verdict"] == "open"
    urgent = ask("POST", f"/partners/{gate.ladder.id}/gate-check", {**ASKED, "purpose": "PU6"})
    assert urgent.json["verdict"] == "emergency"


def test_people_are_checked_by_id_and_never_named(gate: Gate, ask: Any) -> None:
    gate.require("D2", 1)
    people = gate.ladder.house
    address = f"/partners/{gate.ladder.id}/gate-check"
    fine = {**ASKED, "recipients": [str(people.worker.worker.id)]}
    assert ask("POST", address, fine).json["verdict"] == "open"
    wrong = {**ASKED, "recipients": [str(people.representative.worker.id), str(people.volunteer.id)]}
    answer = ask("POST", address, wrong)
    assert answer.json["verdict"] == "closed"
    assert [each["text"] for each in answer.json["reasons"]] == ["受け取る方のうち2人は、今日は受け取れません。"]
    assert people.representative.worker.name not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {}, {**ASKED, "data_class": "D10"}, {**ASKED, "mode": "fax"}, {**ASKED, "purpose": "PU0"},
        {**ASKED, "recipients": []}, {**ASKED, "recipients": ["x"]}, {**ASKED, "who": "me"},
    ],
    ids=str,
)  # fmt: skip
def test_nonsense_is_named_by_its_field(gate: Gate, ask: Any, body: Any) -> None:
    answer = ask("POST", f"/partners/{gate.ladder.id}/gate-check", body)
    assert answer.status_code == 422
    assert answer.json["errors"]
    assert answer.content_type.startswith("application/problem+json")


def test_a_token_of_another_municipality_or_scope_opens_nothing(gate: Gate, ask: Any) -> None:
    other = a_municipality(gate.session, "べつ市")
    assert ask("POST", f"/partners/{gate.ladder.id}/gate-check", ASKED, city=other).status_code == 404
    narrow = ask("POST", f"/partners/{gate.ladder.id}/gate-check", ASKED, scopes=[Scope.READINESS_READ])
    assert narrow.status_code == 403
    gate.require("D2", 1)
    gate.decide(gate.ask("D2", "oral", people=(gate.ladder.house.worker.worker.id,)))
    assert ask("GET", "/decisions", city=other).json["decisions"] == []


def test_requirements_of_today_and_those_that_come(gate: Gate, ask: Any) -> None:
    later = gate.ladder.today + timedelta(days=14)
    gate.require("D2", 1, conditions=["写しを取らない。"])
    gate.require("D4", 4, mode="oral", effective_on=later)
    found = ask("GET", "/requirements").json
    line = {(each["data_class"], each["mode"]): each["required"] for each in found["requirements"]}
    assert line["D2", "oral"] == {
        "level": 1, "criteria": [], "conditions": ["写しを取らない。"], "is_suggested": False
    }  # fmt: skip
    assert line["D4", "oral"]["is_suggested"]
    assert line["D9", "oral"]["level"] is None
    assert [(each["data_class"], each["effective_on"]) for each in found["coming"]] == [("D4", later.isoformat())]


def test_decisions_are_read_on_from_where_one_was_and_name_nobody(gate: Gate, ask: Any) -> None:
    gate.require("D2", 1)
    people = (gate.ladder.house.worker.worker.id, gate.ladder.house.head.worker.id)
    made = [gate.decide(gate.ask("D2", "oral", people=people))]
    gate.ladder.go(2026, 11, 27, 10)
    made.append(gate.decide(gate.ask("D4", "oral"), Outcome.REFUSE))
    first = ask("GET", "/decisions?limit=1")
    assert (first.json["more"], first.json["next"]) == (True, "1")
    [one] = first.json["decisions"]
    assert (one["id"], one["recipients"], one["state"]) == (str(made[0].id), 2, "current")
    assert one["assessment_digest"] == made[0].assessment_digest
    rest = ask("GET", "/decisions?since=1")
    assert [each["id"] for each in rest.json["decisions"]] == [str(made[1].id)]
    assert (rest.json["more"], rest.json["next"]) == (False, "2")
    said = json.dumps([first.json, rest.json], ensure_ascii=False)
    for name in (gate.ladder.house.worker.worker.name, "市役所 太郎", "訪問先の住所"):
        assert name not in said
