"""The description of the API (OpenAPI 3.1), made from its table of endpoints and the shapes they are asked and answer.

A library for this would bring its own way of writing views, beside the one door that every view of this house has.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from partner_compliance.api import problems
from partner_compliance.api.endpoints import ENDPOINTS, Endpoint, bp
from partner_compliance.api.shapes import Problem

VERSION = "1.0.0"
_REFERENCE = "#/components/schemas/{model}"
_ABOUT = (
    "自治体の児童相談などのシステムが、情報を送る前に、相手の団体の準備度や連携関係を確かめるためのAPIです。"
    "団体の段階は、毎日の記録から計算したものです。判断の材料であり、共有するかどうかは自治体が決めます。"
    "人の名前は返しません。人を数えたもので3より少ない数は null になります。"
    "APIキーは、自治体の担当者が「APIキー」の画面で作ります。"
)
#: What every address may answer with besides its own.
_ALWAYS = (400, 401, 406, 429, 500, 503)
_HEADERS = {
    401: {"WWW-Authenticate": {"description": "何を示せばよいか（RFC 6750）。", "schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "何秒待てばよいか。", "schema": {"type": "integer", "minimum": 1}}},
}
_PARTNER = {
    "name": "organization",
    "in": "path",
    "required": True,
    "description": "団体のID（UUID）か、法人番号（13桁の数字）。",
    "schema": {
        "type": "string",
        "format": "organization",
        "pattern": r"^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9]{13})$",
    },
}


def address_of(endpoint: Endpoint) -> str:
    """An endpoint's address as descriptions write it: `/api/v1/partners/{organization}/readiness`."""
    return re.sub(r"<(\w+)>", r"{\1}", f"{bp.url_prefix}{endpoint.path}")


def document(root: str = "", endpoints: Mapping[str, Endpoint] = ENDPOINTS) -> dict[str, Any]:
    """The description of some endpoints, for a house that stands below `root`."""
    shapes: dict[type[BaseModel], JsonSchemaMode] = {Problem: "serialization"}
    for each in endpoints.values():
        shapes[each.answer] = "serialization"
        for asked in (each.query, each.body):
            if asked is not None:
                shapes[asked] = "validation"
    _, schemas = models_json_schema(list(shapes.items()), ref_template=_REFERENCE)
    definitions: dict[str, Any] = schemas["$defs"]
    paths: dict[str, Any] = {}
    for each in endpoints.values():
        paths.setdefault(address_of(each), {})[each.method.lower()] = _operation(each, definitions)
    for each in endpoints.values():  # parameters of addresses stand where they are used
        if each.query is not None:
            definitions.pop(each.query.__name__, None)
    return {
        "openapi": "3.1.0",
        "info": {"title": "情報管理パートナー API", "version": VERSION, "description": _ABOUT},
        "servers": [{"url": root or "/"}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(definitions.items())),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "自治体の担当者が作ったAPIキー。"}
            },
            "responses": {str(status): _refusal(status) for status in sorted(problems.SAID) if status != 405},
        },
    }


@cache
def written(root: str = "") -> str:
    """The same as text, as it is served and as it lies in docs/openapi.json."""
    return json.dumps(document(root), ensure_ascii=False, indent=2) + "\n"


def _operation(endpoint: Endpoint, definitions: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": endpoint.about,
        "security": [{"token": [endpoint.scope.value] if endpoint.scope else []}],
    }
    parameters = [_PARTNER] if endpoint.is_about_partner else []
    if endpoint.query is not None:
        parameters = [*parameters, *_parameters(definitions[endpoint.query.__name__])]
    if parameters:
        found["parameters"] = parameters
    if endpoint.body is not None:
        found["requestBody"] = {"required": True, "content": _content("application/json", endpoint.body.__name__)}
    answer = {"description": "答え", "content": _content("application/json", endpoint.answer.__name__)}
    refusals = {str(status): {"$ref": f"#/components/responses/{status}"} for status in _statuses(endpoint)}
    found["responses"] = {"200": answer, **refusals}
    return found


def _statuses(endpoint: Endpoint) -> list[int]:
    found = {*_ALWAYS, *endpoint.also}
    if endpoint.scope is not None:
        found.add(403)
    if endpoint.is_about_partner:
        found |= {404, 409}
    if endpoint.query is not None or endpoint.body is not None:
        found.add(422)
    if endpoint.body is not None:
        found |= {413, 415}
    return sorted(found)


def _parameters(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of a question as parameters of an address; one that is left out is None, and None cannot be said."""
    found = []
    for name, field in schema["properties"].items():
        alternatives = [each for each in field.get("anyOf", []) if each != {"type": "null"}]
        kind = {**field, **(alternatives[0] if alternatives else {})}
        about = kind.pop("description")
        for word in ("anyOf", "title"):
            kind.pop(word, None)
        if kind.get("default", "") is None:
            del kind["default"]
        is_required = name in schema.get("required", [])
        found.append({"name": name, "in": "query", "required": is_required, "description": about, "schema": kind})
    return found


def _refusal(status: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": problems.SAID[status].detail,
        "content": _content(problems.MIMETYPE, Problem.__name__),
    }
    if status in _HEADERS:
        found["headers"] = _HEADERS[status]
    return found


def _content(mimetype: str, shape: str) -> dict[str, Any]:
    return {mimetype: {"schema": {"$ref": _REFERENCE.format(model=shape)}}}
