"""Refusals as data: problem details (RFC 9457) with a Japanese sentence for people and a stable word for programs."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple

from flask import Response

from partner_compliance.api.shapes import Fault, Problem
from partner_compliance.errors import Refused

MIMETYPE = "application/problem+json"


class Refusal(Refused):
    """A request to the API that is refused: `code` is the stable word, `faults` says which parameters are wrong."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.faults, self.headers = status, code, list(faults), dict(headers or {})


class Said(NamedTuple):
    """What is said of a status for which nobody has said more."""

    code: str
    detail: str


_LATER = "少し時間をおいて、もう一度お試しください。"

#: Each status that the API answers with besides 200.
SAID = {
    400: Said("malformed_request", "送られた内容を読み取れませんでした。形式を確かめてください。"),
    401: Said("token_missing", "APIキーがありません。Authorization: Bearer に続けて、APIキーを送ってください。"),
    403: Said("scope_missing", "このAPIキーでは、この操作はできません。"),
    404: Said("not_found", "このアドレスには何もありません。アドレスを確かめてください。"),
    405: Said("method_not_allowed", "このアドレスでは、その操作（メソッド）を受け付けていません。"),
    406: Said("not_acceptable", "返せる形式は application/json だけです。Accept を確かめてください。"),
    409: Said("conflict", "いまの状態では、この操作はできません。"),
    410: Said("cursor_gone", "この続きの位置は、もう使えません。はじめから読み直してください。"),
    413: Said("too_large", "送られた内容が大きすぎます。"),
    415: Said("unsupported_media_type", "application/json だけを受け付けます。Content-Type を確かめてください。"),
    422: Said("invalid", "送られた値に、正しくないものがあります。errors を確かめてください。"),
    429: Said("too_many_requests", f"短い時間に呼び出しが続いたため、受け付けを止めています。{_LATER}"),
    500: Said("failed", f"申し訳ありません。処理中に問題が起きました。{_LATER}"),
    503: Said("unavailable", f"ただいま利用できません。{_LATER}"),
}


def of_status(status: int) -> Response:
    """The answer for a status about which nothing more is known."""
    said = SAID.get(status, SAID[400 if status < 500 else 500])
    return _answer(status, said.code, said.detail)


def of_refusal(refusal: Refused) -> Response:
    """The answer for a refusal, also for one that was meant for people."""
    if isinstance(refusal, Refusal):
        return _answer(refusal.status, refusal.code, refusal.message, refusal.faults, refusal.headers)
    code = SAID[refusal.status].code if refusal.status in SAID else "refused"
    return _answer(refusal.status, code, refusal.message + refusal.what_to_do)


def _answer(
    status: int, code: str, detail: str, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
) -> Response:
    problem = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        errors=list(faults),
    )
    return Response(problem.model_dump_json(), status=status, content_type=MIMETYPE, headers=dict(headers or {}))
