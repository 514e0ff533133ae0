"""How an address of the API is made: a function, what it is asked, what it answers, and which scope opens it.

    @endpoint("/partners/<organization>/readiness", answer=Readiness, query=ReadinessAsked,
              scope=Scope.READINESS_READ, summary="団体の準備度")
    def readiness(caller, organization, query): ...

`<organization>` in the address becomes the partner of today that it names, or 404. The same line makes the entry in the
description (OpenAPI), so that neither can be forgotten.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.routing import RequestRedirect

from partner_compliance import clock
from partner_compliance.api import queries, reading
from partner_compliance.api.door import Caller, asks_about, note_use, with_token
from partner_compliance.api.problems import SAID, Refusal
from partner_compliance.api.shapes import Answer, Question
from partner_compliance.api.words import Scope
from partner_compliance.organizations.models import Organization
from partner_compliance.web import API, database_session, is_for_machines

bp = Blueprint("api", __name__, url_prefix=f"{API}/v1")
bp.after_request(note_use)


@bp.before_app_request
def refuse_detours() -> None:
    """An address of the API that is almost right is wrong: a redirect would lose the token, or the question."""
    if is_for_machines() and isinstance(request.routing_exception, RequestRedirect):
        raise Refusal(404, *SAID[404])


@dataclass(frozen=True)
class Endpoint:
    """One address of the API, as its description tells of it."""

    name: str
    method: str
    path: str
    summary: str
    about: str
    scope: Scope | None
    answer: type[Answer]
    query: type[Question] | None
    body: type[Question] | None
    #: Statuses beside those that follow from the rest.
    also: tuple[int, ...]

    @property
    def is_about_partner(self) -> bool:
        """Whether the address names a partner."""
        return "<organization>" in self.path


ENDPOINTS: dict[str, Endpoint] = {}


def endpoint(
    path: str,
    *,
    answer: type[Answer],
    summary: str,
    scope: Scope | None = None,
    method: str = "GET",
    query: type[Question] | None = None,
    body: type[Question] | None = None,
    also: tuple[int, ...] = (),
    on: Blueprint = bp,
    into: dict[str, Endpoint] = ENDPOINTS,
) -> Callable[[Callable[..., Answer]], Callable[..., Response]]:
    """Make a function an address of the API; its docstring, in Japanese, is what the description says of it.

    It gets the caller, the partner as `organization` where the address names one, and `query` and `body` as they were
    asked for; what it returns is the answer.
    """

    def decorate(view: Callable[..., Answer]) -> Callable[..., Response]:
        described = Endpoint(
            view.__name__, method, path, summary, "".join((view.__doc__ or "").split()), scope, answer, query, body,
            also,
        )  # fmt: skip

        @with_token(scope)
        @wraps(view)
        def answered(caller: Caller, **values: Any) -> Response:
            reading.refuse_unacceptable()
            if described.is_about_partner:
                values["organization"] = _partner(caller, values["organization"])
            if query is not None:
                values["query"] = reading.query_of(query)
            if body is not None:
                values["body"] = reading.body_of(body)
            found = view(caller, **values)
            return Response(found.model_dump_json(), content_type="application/json")

        into[described.name] = described
        on.add_url_rule(path, described.name, answered, methods=[method], provide_automatic_options=False)
        return answered

    return decorate


def _partner(caller: Caller, name: str) -> Organization:
    """The partner of today that an address names; from here on the call is about it."""
    found = queries.partners_named(database_session(), caller.municipality.id, name, today=clock.today())
    if not found:
        raise Refusal(
            404, "partner_unknown",
            "この団体は見つからないか、今日は連携していません。団体のIDか法人番号（13桁）を確かめてください。",
        )  # fmt: skip
    if len(found) > 1:
        raise Refusal(
            409, "partner_ambiguous", "この法人番号の団体が2つ以上あります。団体のIDで指定してください。"
        )  # fmt: skip
    asks_about(found[0])
    return found[0]
