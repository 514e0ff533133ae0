"""What the API's own description allows, and what it does not, asked by schemathesis: nothing may be amiss."""

from datetime import date
from typing import Any

import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis import engine
from schemathesis.engine import events
from schemathesis.engine.context import EngineContext

from partner_compliance import clock
from partner_compliance.api import queries
from tests.api.conftest import NUMBER, City

#: What all of it takes: it asks on until the time is over.
SECONDS = 20
OTHER_UUID = "6f1c2f0e-0000-4000-8000-000000000000"


@pytest.fixture
def known(city: City) -> City:
    """The municipality; dates, places in the log and partners are drawn from what there can be.

    A day that is to come has the form of a day, and is refused all the same: no description can say which day it is.
    """
    formats = {
        "date": st.dates(date(2020, 1, 1), clock.today()).map(date.isoformat),
        "cursor": st.integers(0, 2).map(str),
        "organization": st.sampled_from([str(city.partner.id), NUMBER, OTHER_UUID]),
    }
    for name, values in formats.items():
        schemathesis.openapi.format(name, values)
    return city


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its engine hands the client of a WSGI app what only one for the network knows (seen in 4.32)."""
    ask_how = EngineContext.get_transport_kwargs

    def known_to_the_client(self: EngineContext, *args: Any, **kwargs: Any) -> dict[str, Any]:
        found = ask_how(self, *args, **kwargs)
        return {name: value for name, value in found.items() if name in ("headers", "session", "timeout")}

    monkeypatch.setattr(EngineContext, "get_transport_kwargs", known_to_the_client)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
def test_schemathesis_finds_nothing(known: City, in_process: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_CALLS", 10**9)
    # Not what answers hold: the last day of an engagement is a day that is still to come.
    drawn = {"extra-data-sources": {"responses": False}}
    config = schemathesis.Config.from_dict(
        {
            "seed": 2026,
            "max-time": SECONDS,
            "headers": {"Authorization": f"Bearer {known.token()}"},
            "generation": {"max-examples": 25, "deterministic": True, "database": "none"},
            "phases": {
                "coverage": {"generate-duplicate-query-parameters": True, **drawn},
                "fuzzing": drawn,
            },
        }
    )
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", known.app, config=config)

    found: list[str] = []
    asked: dict[tuple[str, int], int] = {}
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            found.append(f"{event.label if isinstance(event, events.NonFatalError) else ''} {event.info}")
        elif isinstance(event, events.ScenarioFinished):
            _count(event.recorder, asked, found)

    assert not found, "\n".join(dict.fromkeys(found))
    statuses: dict[str, set[int]] = {}
    for label, status in asked:
        statuses.setdefault(label, set()).add(status)
    assert len(statuses) == len([*schema.get_all_operations()]), "some address was not asked at all"
    assert all(200 in each for each in statuses.values()), statuses
    assert sum(asked.values()) > 100


def _count(recorder: Any, asked: dict[tuple[str, int], int], found: list[str]) -> None:
    for case_id, interaction in recorder.interactions.items():
        if interaction.response is not None:
            kind = (recorder.label, interaction.response.status_code)
            asked[kind] = asked.get(kind, 0) + 1
        for check in recorder.checks.get(case_id, []):
            if check.failure_info is not None:
                failure = check.failure_info.failure
                found.append(f"{check.name}: {interaction.request.method} {interaction.request.uri}\n{failure}")
