"""Levels of real records: of one as of all, as of any day, and when a level ends."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from partner_compliance.readiness.assessment import State
from partner_compliance.readiness.queries import assessments, forecast
from tests.factories import a_center, a_municipality, a_worker, an_organization
from tests.readiness.conftest import Ladder
from tests.test_query_counts import statements

pytestmark = pytest.mark.both_engines


def states(ladder: Ladder, on: date | None = None) -> dict[str, State]:
    return {each.criterion.id: each.state for each in ladder.assessment(on).findings}


def test_one_organization_stands_as_in_the_list_of_all(ladder: Ladder) -> None:
    ladder.name_posts()
    ladder.confirm()
    session = ladder.house.session
    other = an_organization(session, "NPO法人 よそ")
    a_worker(session, a_center(session, other), "よその人")
    every = assessments(session, ladder.library, ladder.today)
    assert set(every) == {ladder.id, other.id}
    for each in every:
        assert assessments(session, ladder.library, ladder.today, [each])[each] == every[each]
    assert assessments(session, ladder.library, ladder.today, every) == every
    assert every[other.id].level == 0


def test_a_past_day_shows_what_was_known_then_whatever_came_later(ladder: Ladder) -> None:
    shown = {}
    ladder.name_posts()
    shown[ladder.today] = ladder.assessment()
    ladder.go(2026, 12, 1)
    ladder.confirm()
    shown[ladder.today] = ladder.assessment()
    ladder.run_month("2026-11")
    ladder.go(2026, 12, 15)
    shown[ladder.today] = ladder.assessment()
    ladder.go(2027, 1, 20)
    for day, found in shown.items():
        assert ladder.assessment(day) == found
    assert [states(ladder, day)["1b"] for day in shown] == [State.UNMET, State.MET, State.MET]
    assert states(ladder)["3a"] is State.UNMET


def test_a_level_that_lapses_is_foretold_with_its_cause(ladder: Ladder) -> None:
    city = a_municipality(ladder.house.session)
    ladder.name_posts()
    ladder.confirm()
    found = ladder.assessment()
    assert found.level == 0  # nobody has been told of a place
    assert forecast(ladder.house.session, ladder.library, found, ladder.id) is None
    ladder.engage(city)
    found = ladder.assessment()
    assert found.level == 1
    coming = forecast(ladder.house.session, ladder.library, found, ladder.id)
    assert coming is not None
    assert coming.falls_on == ladder.today + timedelta(days=91)
    assert coming.level == 0
    assert [each.criterion.id for each in coming.causes] == ["1b"]
    assert ladder.assessment(coming.falls_on - timedelta(days=1)).level == 1
    assert ladder.assessment(coming.falls_on).level == 0


def test_a_level_falls_with_the_engagement_it_rests_on(ladder: Ladder) -> None:
    last = ladder.today + timedelta(days=20)
    ladder.engage(a_municipality(ladder.house.session), ends_on=last)
    ladder.name_posts()
    ladder.confirm()
    found = ladder.assessment()
    assert [each.lapses_on for each in found.findings if each.criterion.id == "1d"] == [last]
    coming = forecast(ladder.house.session, ladder.library, found, ladder.id)
    assert coming is not None
    assert (coming.falls_on, coming.level) == (last + timedelta(days=1), 0)
    assert [each.criterion.id for each in coming.causes] == ["1d"]


def test_a_forecast_is_what_comes_true_when_nobody_acts(ladder: Ladder) -> None:
    """Three months run well, then nobody does anything: the months' criteria fall on the day that is foretold."""
    for month, (year, number) in {"2026-12": (2026, 12), "2027-01": (2027, 1)}.items():
        ladder.run_month({"2026-12": "2026-11", "2027-01": "2026-12"}[month])
        ladder.go(year, number, 26)
        ladder.open_months()
    ladder.run_month("2027-01")
    ladder.go(2027, 2, 16)
    assert states(ladder)["3a"] is State.MET
    assert states(ladder)["3b"] is State.MET
    falls_on = date(2027, 3, 13)
    assert states(ladder, falls_on - timedelta(days=1))["3a"] is State.MET
    assert states(ladder, falls_on)["3a"] is State.UNMET


def test_levels_take_as_many_statements_for_3_organizations_as_for_30(ladder: Ladder, engine: Engine) -> None:
    session = ladder.house.session
    counts = []
    made = 1
    for many in (3, 30):
        for number in range(made, many):
            a_worker(session, a_center(session, an_organization(session, f"団体{number}")), "従事 者")
        made = many
        session.commit()
        assessments(session, ladder.library, ladder.today)
        with statements(engine) as seen:
            assert len(assessments(session, ladder.library, ladder.today)) == many
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 30
