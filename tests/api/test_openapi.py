"""The description of the API is the one of the code, lies in the documents, and is a good one."""

import json
import re
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask

from partner_compliance.api import openapi
from partner_compliance.api.endpoints import ENDPOINTS
from partner_compliance.api.problems import SAID
from partner_compliance.api.words import Scope
from partner_compliance.config import PROJECT
from tests.api.conftest import City
from tests.test_responses import PREFIXED

FILE = PROJECT / "docs" / "openapi.json"


@pytest.fixture
def described() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def test_the_file_is_what_the_code_says_and_what_is_served(city: City) -> None:
    said = "out of date: run .venv/bin/python tools/openapi.py"
    assert FILE.read_text(encoding="utf-8") == openapi.written(), said
    served = city.ask("/openapi.json")
    assert served.status_code == 200, "it needs no token"
    assert served.text == openapi.written()


def test_below_a_sub_path_the_description_says_so(make_app: Any) -> None:
    app = make_app(**PREFIXED)
    served = app.test_client().get("/kids/api/v1/openapi.json", base_url="https://example.jp")
    assert served.json["servers"] == [{"url": "/kids"}]


def test_every_address_of_the_api_is_described_and_no_other(app: Flask, described: dict[str, Any]) -> None:
    served = {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.description"
        for method in (rule.methods or set()) - {"HEAD"}
    }
    assert served == {(path, method) for path, of_path in described["paths"].items() for method in of_path}


def test_every_address_says_its_scope_its_refusals_and_what_it_is_for(described: dict[str, Any]) -> None:
    for path, of_path in described["paths"].items():
        for operation in of_path.values():
            [[scopes]] = [list(each.values()) for each in operation["security"]]
            assert set(scopes) <= {each.value for each in Scope}, path
            assert {"200", "400", "401", "429", "500", "503"} <= operation["responses"].keys(), path
            assert ("403" in operation["responses"]) is bool(scopes), path
            assert operation["summary"], path
            assert operation["description"], path
            for parameter in operation.get("parameters", []):
                assert parameter["description"], f"{path} {parameter['name']}"
    assert {each.name for each in ENDPOINTS.values()} == {
        operation["operationId"] for of_path in described["paths"].values() for operation in of_path.values()
    }


def test_every_shape_is_json_schema_and_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    for name, shape in described["components"]["schemas"].items():
        jsonschema_rs.meta.validate(shape)
        assert "title" in shape, name
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(described)):
        found: Any = described
        for part in reference.split("/"):
            found = found[part]
        assert found, reference


def test_a_status_that_is_answered_has_a_word_of_its_own() -> None:
    codes = [said.code for said in SAID.values()]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[a-z_]+", code) for code in codes)


def test_the_manual_names_every_address_scope_and_word_of_refusal() -> None:
    manual = (PROJECT / "docs" / "api.md").read_text(encoding="utf-8")
    for each in ENDPOINTS.values():
        assert openapi.address_of(each) in manual, each.name
    for scope in Scope:
        assert f"`{scope.value}`" in manual, scope
    for said in SAID.values():
        assert f"`{said.code}`" in manual, said.code
