"""What systems are told: as much as officers read on their pages, in numbers, and no name."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.acts import SYSTEM
from partner_compliance.api.words import Scope
from partner_compliance.engagements import operations as engagements
from partner_compliance.library.readiness import Measure
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Engagement, EngagementBasis
from partner_compliance.organizations.operations import cancel_engagement, start_engagement
from partner_compliance.readiness import queries as readiness
from partner_compliance.readiness.assessment import Result, State
from partner_compliance.readiness.measures import Figure
from tests.api.conftest import City, a_city
from tests.conftest import NOON, SetClock
from tests.factories import a_center, an_engagement, an_organization, principal_of, signed_in, someone
from tests.test_query_counts import statements

TODAY = clock.local_date(NOON)


def told(city: City, address: str, secret: str) -> dict[str, Any]:
    answer = city.ask(address, secret)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = json.loads(answer.data)
    return found


# --- what there is ----------------------------------------------------------------------------------------------


def test_a_system_learns_whose_token_it_holds_and_what_that_opens(city: City) -> None:
    found = told(city, "", city.token([Scope.CHANGES_READ], expires_on=date(2027, 1, 31)))
    assert found["municipality"]["name"] == "みなと市"
    assert found["token"] == {"name": "児相システム", "scopes": ["changes:read"], "expires_on": "2027-01-31"}
    assert found["endpoints"] == ["GET /api/v1", "GET /api/v1/partners", "GET /api/v1/changes"]


# --- partners ---------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_all_partners_are_told_once_however_the_list_is_cut(city: City) -> None:
    for number in range(6):
        organization = an_organization(city.session, f"団体{number}")
        a_center(city.session, organization)
        an_engagement(city.session, city.municipality, organization)
        an_engagement(city.session, city.municipality, organization, starts_on=TODAY)
    city.session.commit()
    secret, seen, cursor = city.token(), [], ""
    while cursor is not None:
        found = told(city, f"/partners?limit=3{cursor and '&cursor=' + cursor}", secret)
        assert len(found["partners"]) <= 3
        seen += found["partners"]
        cursor = found["next"]
    assert len(seen) == len({each["id"] for each in seen}) == 7
    assert [each["id"] for each in seen] == sorted(each["id"] for each in seen)
    assert {len(each["engagements"]) for each in seen} == {1, 2}


def test_an_engagement_that_ends_early_says_its_real_last_day(city: City) -> None:
    organization = an_organization(city.session, "もうすぐ終わる団体")
    an_engagement(city.session, city.municipality, organization, cancelled_on=TODAY + timedelta(days=3))
    city.session.commit()
    [found] = [each for each in told(city, "/partners", city.token())["partners"] if "もうすぐ" in each["name"]]
    assert found["engagements"][0]["ends_on"] == (TODAY + timedelta(days=2)).isoformat()


# --- readiness --------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_the_level_is_the_one_of_the_pages_with_every_criterion(city: City, library: Library) -> None:
    found = told(city, f"/partners/{city.partner.id}/readiness", city.token())
    assessment = readiness.assessment_of(city.session, library, TODAY, city.partner.id)
    assert (found["level"], found["title"], found["as_of"]) == (assessment.level, assessment.title, TODAY.isoformat())
    assert [(each["id"], each["state"]) for each in found["criteria"]] == [
        (each.criterion.id, each.state.value) for each in assessment.findings
    ]
    counts = [one["counts"] for each in found["criteria"] for one in each["measures"]]
    assert counts == [one.counts(outside=True) for each in assessment.findings for one in each.results]


@pytest.mark.parametrize("people", range(1, 8))
def test_fewer_than_three_people_are_never_told_by_a_number(city: City, people: int) -> None:
    center = a_center(city.session, city.partner, "第二")
    for number in range(people):
        someone(city.session, center, Role.WORKER, name=f"特別な名前{number}")
    city.session.commit()
    answer = city.ask(f"/partners/{city.partner.id}/readiness", city.token())
    assert "特別な名前" not in answer.text
    of_people = [
        one for each in answer.json["criteria"] for one in each["measures"]
        if one["unit"] == "人" and one["counts"] not in ("対象なし", "記録なし")
    ]  # fmt: skip
    assert of_people
    for one in of_people:
        told_numbers = [one["numerator"], one["denominator"]]
        assert not {1, 2} & set(told_numbers)
        if None not in told_numbers:
            assert told_numbers[1] - told_numbers[0] not in (1, 2)
        if people < 3:
            assert told_numbers == [None, None]
        else:
            assert one["denominator"] == people


@pytest.mark.parametrize(
    ("figure", "outside"),
    [
        ((0, 30), (0, 30)), ((1, 30), (None, 30)), ((2, 30), (None, 30)), ((3, 30), (3, 30)), ((27, 30), (27, 30)),
        ((28, 30), (None, 30)), ((29, 30), (None, 30)), ((30, 30), (30, 30)), ((2, 2), (None, None)),
        ((0, 2), (None, None)), ((3, 3), (3, 3)), ((2, 3), (None, 3)),
    ],
)  # fmt: skip
def test_a_number_says_no_more_than_the_sentence_beside_it(
    library: Library, figure: tuple[int, int], outside: tuple[int | None, int | None]
) -> None:
    ladder = library.ladder_for(TODAY)
    tests = [test for each in ladder.criteria.values() for test in each.tests if test.measure.unit == "人"]
    result = Result(tests[0], Figure(*figure), State.UNMET)
    assert result.numbers(outside=True) == outside
    assert result.numbers() == figure
    by_measure = {test.measure: test for each in ladder.criteria.values() for test in each.tests}
    sheets, rules = by_measure[Measure.SHEETS_SUBMITTED], by_measure[Measure.RULES_ADOPTED]
    assert Result(sheets, Figure(1, 2), State.UNMET).numbers(outside=True) == (None, None)  # each is somebody's
    assert Result(rules, Figure(1, 2), State.UNMET).numbers(outside=True) == (1, 2)
    assert Result(tests[0], None, State.UNKNOWN).numbers(outside=True) == (None, None)


def test_any_past_day_can_be_asked_for_and_no_other(city: City, library: Library) -> None:
    secret, address = city.token(), f"/partners/{city.partner.id}/readiness"
    assert told(city, f"{address}?as_of=2026-04-01", secret)["as_of"] == "2026-04-01"
    assert told(city, f"{address}?as_of={TODAY.isoformat()}", secret)["as_of"] == TODAY.isoformat()
    for said, code in (
        ((TODAY + timedelta(days=1)).isoformat(), "as_of_unknown"), ("2019-12-31", "as_of_unknown"),
        ("2026-02-30", "invalid"), ("20260401", "invalid"), ("2026-W14-3", "invalid"), ("", "invalid"),
        ("2026-04-01T00:00", "invalid"), ("令和8年4月1日", "invalid"),
    ):  # fmt: skip
        answer = city.ask(f"{address}?as_of={said}", secret)
        assert (answer.status_code, answer.json["code"]) == (422, code), said
        assert [each["name"] for each in answer.json["errors"]] == ["as_of"]


# --- changes ----------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_what_happened_is_told_in_order_and_once(city: City, time: SetClock) -> None:
    secret = city.token()
    start = told(city, "/changes", secret)["next"]
    made = _engage(city, "あたらしい団体")
    cancel_engagement(city.session, made, cancelled_on=TODAY + timedelta(days=1), reason="都合", by=SYSTEM, now=NOON)
    city.session.commit()

    first = told(city, f"/changes?since={start}&limit=1", secret)
    second = told(city, f"/changes?since={first['next']}&limit=1", secret)
    third = told(city, f"/changes?since={second['next']}&limit=1", secret)
    assert [each["kind"] for each in first["changes"] + second["changes"]] == ["engagement.started", "engagement.ended"]
    assert (first["more"], second["more"], third["more"]) == (True, False, False)
    assert third["changes"] == []
    line = second["changes"][0]
    assert line["organization"] == {"id": str(made.organization_id), "corporate_number": None, "name": "あたらしい団体"}
    assert line["engagement"]["ends_on"] == TODAY.isoformat()

    time.tokyo(2026, 11, 17, 9)
    [_, line] = told(city, f"/changes?since={start}", secret)["changes"]
    assert line["organization"] == {"id": str(made.organization_id), "corporate_number": None, "name": None}


def test_nothing_is_told_of_people_or_of_other_municipalities(city: City) -> None:
    secret = city.token()
    _engage(a_city(city.app, city.session, "べつの市"), "よその団体")
    found = told(city, "/changes", secret)
    assert found["changes"] == [], "that an officer came and a token was made is nobody's business"
    assert found["next"] != "0"


def test_no_name_of_whoever_acted_is_told(city: City) -> None:
    officer = principal_of(city.session, city.officer)
    organization = an_organization(city.session, "提案される団体")
    terms = engagements.Terms("見守り", EngagementBasis.OUTSOURCING, TODAY, TODAY + timedelta(days=30))
    engagements.propose_engagement(city.session, city.municipality, organization, terms, by=officer.actor, now=NOON)
    city.session.commit()
    answer = city.ask("/changes", city.token())
    assert [each["kind"] for each in answer.json["changes"]] == ["engagement.proposed"]
    assert "市役所" not in answer.text
    assert "提案される団体" not in answer.text, "who has not accepted is no partner"


@pytest.mark.both_engines
def test_a_place_that_the_log_has_not_reached_is_gone(city: City) -> None:
    secret = city.token()
    size = int(told(city, "/changes", secret)["next"])
    for since, status in ((size, 200), (size + 1, 410), (10**14, 410)):
        assert city.ask(f"/changes?since={since}", secret).status_code == status
    for since in ("-1", "1e3", "x", "", "9223372036854775808", "١"):
        assert city.ask(f"/changes?since={since}", secret).status_code == 422, since


# --- cost -------------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_the_number_of_statements_does_not_grow(app: Any, city: City) -> None:
    secret = city.token()

    def asked(address: str) -> int:
        city.ask(address, secret)
        with statements(app.extensions["engine"]) as seen:
            assert city.ask(address, secret).status_code == 200
        return len(seen)

    _engage(city, "はじめの団体")
    addresses = ("/partners?limit=100", "/changes?limit=100")
    before = {address: asked(address) for address in addresses}
    for number in range(30):
        _engage(city, f"団体{number}")
    assert len(told(city, "/partners?limit=100", secret)["partners"]) == 32
    assert len(told(city, "/changes?limit=100", secret)["changes"]) == 31
    assert {address: asked(address) for address in addresses} == before


def _engage(city: City, name: str) -> Engagement:
    made = start_engagement(
        city.session, city.municipality, an_organization(city.session, name), basis=EngagementBasis.OUTSOURCING,
        title="見守り", starts_on=TODAY, ends_on=TODAY + timedelta(days=100), by=SYSTEM, now=NOON,
    )  # fmt: skip
    city.session.commit()
    return made


def test_the_officers_page_shows_every_use(app: Any, city: City) -> None:
    secret = city.token()
    city.ask(f"/partners/{city.partner.id}/readiness", secret)
    page = signed_in(app, city.officer).get(f"/api-tokens/{city.made[0].id}")
    assert "団体の準備度" in page.text
    assert city.partner.name in page.text
    assert secret not in page.text
