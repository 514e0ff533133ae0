"""The door for machines: who shows a token, whether it is good, and whether it is for this."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from hmac import compare_digest
from typing import Any, TypeVar

from flask import Response, g, request

from partner_compliance import clock
from partner_compliance.access import View, by_token
from partner_compliance.accounts.operations import digest
from partner_compliance.api import queries
from partner_compliance.api.models import ApiToken
from partner_compliance.api.operations import Use, write_use
from partner_compliance.api.problems import SAID, Refusal
from partner_compliance.api.queries import Known, TokenState, state_of
from partner_compliance.api.words import Scope
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.web import database_session, only_reads, write_anyway

#: RFC 6750: `Bearer`, a space, and characters of base64.
_BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/-]{1,200}=*)", re.IGNORECASE)
_ASK_ANEW = "自治体の担当者に、新しいキーを求めてください。"
_CHALLENGE = 'Bearer realm="partner-compliance"'

Answered = TypeVar("Answered")


@dataclass(frozen=True)
class Caller:
    """The system that asks: its token, and the municipality for which it asks."""

    token: ApiToken
    municipality: Municipality


def with_token(scope: Scope | None) -> Callable[[View], View]:
    """Open the view to whoever shows a token of that scope (of any, where None), and hand it the `Caller`.

    401 without a good token, 403 without the scope, 429 when it asks too often. Every use of a known token is written
    down with the status of its answer. Sign-ins of people count for nothing here.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def door(**url_values: Any) -> Any:
            caller = _caller()
            _refuse_flood(caller)
            if scope is not None and scope not in caller.token.opens:
                raise Refusal(
                    403, "scope_missing", f"このAPIキーでは、「{scope.label}」（{scope.value}）はできません。",
                    headers=_challenge("insufficient_scope", scope=scope.value),
                )  # fmt: skip
            return view(caller, **url_values)

        door.scope = scope  # type: ignore[attr-defined]  # functions take attributes; their type does not say so
        return only_reads(by_token(door))

    return decorate


def asks_about(organization: Organization) -> None:
    """Say which partner the present call is about, for the list of uses and the partner's own history."""
    g.api_use = replace(g.api_use, organization_id=organization.id)


def note_use(response: Response) -> Response:
    """Write the present call down once its answer is known; the blueprint of the API lets every answer pass here."""
    use: Use | None = g.pop("api_use", None)
    if use is not None:
        status, now = response.status_code, clock.now()
        write_anyway(lambda session: write_use(session, use, status=status, now=now))
    return response


# --- who asks ---------------------------------------------------------------------------------------------------


def _caller() -> Caller:
    secret = _secret()
    known = queries.token_with(database_session(), digest(secret))
    if known is None or not compare_digest(known.token.digest, digest(secret)):
        raise _unknown("token_unknown", "このAPIキーは使えません。キーの文字が正しいか確かめてください。")
    g.api_use = Use(
        known.token.id, known.token.name, known.municipality.id, known.municipality.name,
        (request.endpoint or "").rpartition(".")[2],
    )  # fmt: skip
    _refuse_useless(known)
    return Caller(known.token, known.municipality)


def _secret() -> str:
    """The secret that was shown. Refused when there is none (401), or not in the form of a token (400)."""
    shown = request.headers.getlist("Authorization")
    if not shown or not shown[0].lower().startswith("bearer"):
        raise Refusal(401, *SAID[401], headers=_challenge())
    found = _BEARER.fullmatch(shown[0])
    if len(shown) > 1 or found is None:
        raise Refusal(
            400, "authorization_malformed",
            "Authorization の形が正しくありません。「Bearer」と空白に続けて、APIキーを1つだけ送ってください。",
            headers=_challenge("invalid_request"),
        )  # fmt: skip
    return found[1]


def _refuse_useless(known: Known) -> None:
    state = state_of(known.token, known.is_revoked, clock.today())
    if state is TokenState.REVOKED:
        raise _unknown("token_revoked", f"このAPIキーは取り消されています。{_ASK_ANEW}")
    if state is TokenState.EXPIRED:
        raise _unknown("token_expired", f"このAPIキーは期限が切れています。{_ASK_ANEW}")
    if not known.has_officer:
        raise _unknown("token_unattended", "この自治体には、いま担当者がいないため、APIキーは使えません。")


def _unknown(code: str, detail: str) -> Refusal:
    return Refusal(401, code, detail, headers=_challenge("invalid_token"))


def _challenge(error: str = "", **more: str) -> Mapping[str, str]:
    said = {**({"error": error} if error else {}), **more}
    return {"WWW-Authenticate": ", ".join([_CHALLENGE, *(f'{name}="{value}"' for name, value in said.items())])}


def _refuse_flood(caller: Caller) -> None:
    uses, wait = queries.uses_and_wait(database_session(), caller.token.id, now=clock.now())
    if uses < queries.MOST_CALLS:
        return
    if uses > queries.MOST_CALLS:
        g.pop("api_use", None)  # that it asks too often has been written down once
    raise Refusal(429, *SAID[429], headers={"Retry-After": str(math.ceil(wait.total_seconds()))})
