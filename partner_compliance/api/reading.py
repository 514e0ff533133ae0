"""Reading what a machine sent: nothing is guessed, nothing is read in two ways, and every fault is named."""

import json
import math
from collections.abc import Sequence
from typing import Any, Literal, NoReturn, TypeVar

from flask import request
from pydantic import ValidationError

from partner_compliance.api.problems import SAID, Refusal
from partner_compliance.api.shapes import Fault, Question

Asked = TypeVar("Asked", bound=Question)

#: More digits than any number here has; beyond 2**53 other readers of JSON would read another number.
_MOST_DIGITS = 15

#: What is said of pydantic's kinds of faults; of any other, that the value is not right.
_SENTENCES = {
    "missing": "この項目は必要です。",
    "extra_forbidden": "この名前の項目はありません。",
    "uuid_parsing": "IDの形が正しくありません。",
    "greater_than_equal": "数が小さすぎます。",
    "less_than_equal": "数が大きすぎます。",
    "string_pattern_mismatch": "形が正しくありません。",
    "string_too_long": "長すぎます。",
    "string_too_short": "短すぎます。",
}
_OTHERWISE = "値が正しくありません。"


def refuse_unacceptable() -> None:
    """Raise a refusal (406) when the answer's only form is not among those that are asked for."""
    accepted = request.accept_mimetypes
    if accepted and not accepted.best_match(["application/json"]):
        raise Refusal(406, *SAID[406])


def query_of(kind: type[Asked]) -> Asked:
    """The parameters of the address. Refused (422) when one is unknown, comes twice, or cannot be."""
    twice = [name for name in request.args if len(request.args.getlist(name)) > 1]
    if twice:
        raise _invalid([Fault(place="query", name=name[:100], detail="2回送られています。") for name in sorted(twice)])
    try:
        return kind.model_validate_strings(request.args.to_dict())
    except ValidationError as error:
        raise _invalid(_faults(error, "query")) from None


def body_of(kind: type[Asked]) -> Asked:
    """The JSON body. Refused when it is none (415), cannot be read in one way only (400), or says what cannot be (422).

    Not JSON, or JSON that others would read otherwise: other encodings than UTF-8, two fields of one name, NaN, numbers
    beyond 15 digits, halves of surrogate pairs, nesting deeper than Python goes.
    """
    try:
        return kind.model_validate_json(_settled(_json()))
    except ValidationError as error:
        raise _invalid(_faults(error, "body")) from None


def _json() -> Any:
    if request.mimetype != "application/json" or request.headers.get("Content-Encoding", "identity") != "identity":
        raise Refusal(415, *SAID[415])
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise _malformed("文字コードは UTF-8 にしてください。")
    try:
        text = request.get_data().decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("文字コードは UTF-8 にしてください。") from None
    try:
        return json.loads(
            text, object_pairs_hook=_once, parse_constant=_refuse, parse_int=_number, parse_float=_fraction
        )
    except RecursionError:
        raise _malformed("入れ子が深すぎます。") from None
    except ValueError as error:
        raise _malformed(str(error) if isinstance(error, _NotJson) else "JSONとして読み取れません。") from None


def _settled(value: Any) -> bytes:
    """The same as text again, for the shape's own strict reading of JSON."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise _malformed("文字として正しくないもの（サロゲートの片方）が含まれています。") from None


class _NotJson(ValueError):
    """JSON that is read in more than one way."""


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotJson("同じ名前の項目が2つあります。")
    return found


def _refuse(_word: str) -> NoReturn:
    raise _NotJson("NaN や Infinity は、JSONの数ではありません。")


def _number(digits: str) -> int:
    if len(digits.lstrip("-")) > _MOST_DIGITS:
        raise _NotJson("数が大きすぎます。")
    return int(digits)


def _fraction(digits: str) -> float:
    found = float(digits)
    if not math.isfinite(found):
        raise _NotJson("数が大きすぎます。")
    return found


def _malformed(detail: str) -> Refusal:
    return Refusal(400, SAID[400].code, detail)


def _invalid(faults: list[Fault]) -> Refusal:
    return Refusal(422, *SAID[422], faults=faults)


def _faults(error: ValidationError, place: Literal["query", "body"]) -> list[Fault]:
    return [
        Fault(
            place=place,
            name=".".join(str(part) for part in each["loc"])[:100] or "-",
            detail=_SENTENCES.get(each["type"], _OTHERWISE),
        )
        for each in error.errors(include_url=False, include_input=False, include_context=False)[:20]
    ]
