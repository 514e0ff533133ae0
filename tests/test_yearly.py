"""For how long a yearly pledge counts."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from partner_compliance import yearly
from partner_compliance.clock import is_business_day

days = some.dates(date(2021, 1, 1), date(2033, 12, 31))
months = some.integers(1, 12)


def test_the_campaign_opens_in_march_and_last_years_pledge_lapses_on_the_tenth_business_day_of_april() -> None:
    assert yearly.year_signed_for(date(2027, 2, 28), 4) == 2026
    assert yearly.year_signed_for(date(2027, 3, 1), 4) == 2027
    assert yearly.due_on(2027, 4) == date(2027, 4, 14)
    assert yearly.counts_until(date(2026, 4, 2), 4) == date(2027, 4, 14)
    assert yearly.counts_until(date(2027, 3, 1), 4) == yearly.lapses_on(2027, 4)
    assert yearly.year_label(2027, 4) == "令和9年度"


def test_who_joins_at_the_end_of_march_signs_once() -> None:
    joined = date(2027, 3, 31)
    assert yearly.counts_until(joined, 4, joined_on=joined) == yearly.lapses_on(2027, 4)
    assert yearly.counts_until(date(2027, 2, 20), 4, joined_on=date(2027, 4, 1)) == yearly.lapses_on(2027, 4)


def test_a_year_may_begin_with_any_month_and_a_leap_day_is_a_day_like_others() -> None:
    assert yearly.opens_on(2028, 1) == date(2027, 12, 1)
    assert yearly.opens_on(2028, 3) == date(2028, 2, 1)
    assert yearly.year_signed_for(date(2028, 2, 29), 3) == 2028
    assert yearly.counts_until(date(2028, 2, 29), 4) == yearly.lapses_on(2027, 4)
    assert yearly.counts_until(date(2028, 2, 29), 4).year == 2028
    assert yearly.year_label(2028, 10) == "令和10年10月からの1年"


@given(days, months)
def test_a_pledge_counts_between_one_month_and_thirteen_and_some_days_and_ends_on_a_business_day(
    day: date, month: int
) -> None:
    until = yearly.counts_until(day, month)
    assert timedelta(days=28) < until - day < timedelta(days=31 * 14 + 10)
    assert is_business_day(until)


@given(days, days, months)
def test_who_signs_later_is_never_covered_for_less(one: date, other: date, month: int) -> None:
    first, second = sorted((one, other))
    assert yearly.counts_until(first, month) <= yearly.counts_until(second, month)


@given(days, months)
def test_who_signs_in_every_campaign_is_never_without_a_pledge(day: date, month: int) -> None:
    until = yearly.counts_until(day, month)
    year = yearly.year_signed_for(day, month)
    assert yearly.opens_on(year + 1, month) <= until
    assert yearly.due_on(year + 1, month) == until


@given(days, days, months)
def test_what_counts_on_a_day_is_what_was_signed_since_the_earliest_that_counts(
    signed: date, day: date, month: int
) -> None:
    if signed <= day:
        assert (yearly.counts_until(signed, month) >= day) == (signed >= yearly.earliest_that_counts(day, month))
