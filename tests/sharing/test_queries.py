from datetime import date

import pytest

from partner_compliance.clock import months_between
from partner_compliance.sharing import queries
from partner_compliance.sharing.queries import CenterMonth, MonthFigures

SHOWN = months_between("2025-11", "2026-10")


def a_month(*, asked=5, not_closed=0, overdue=0):
    return MonthFigures(asked, asked, asked, not_closed, overdue, missing=0)


def a_center_month(sheets, excused=0, center="本部"):
    return CenterMonth(center, "2026-10", sheets, excused, 1, 1, 1, True, None, date(2026, 11, 16))


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (date(2026, 11, 9), "2026-09"),  # the fifth business day of November: sheets may still come today
        (date(2026, 11, 10), "2026-10"),
        (date(2026, 11, 30), "2026-10"),
        (date(2027, 1, 8), "2026-11"),
        (date(2027, 1, 13), "2026-12"),  # 4 to 8 January, and the 11th is a holiday
    ],
)
def test_the_month_shown_first_is_the_latest_whose_due_day_has_passed(today, month):
    assert queries.latest_due_month(today) == month


def test_a_month_can_be_chosen_from_its_25th_on():
    assert queries.latest_open_month(date(2026, 11, 24)) == "2026-10"
    assert queries.latest_open_month(date(2026, 11, 25)) == "2026-11"


def test_a_row_of_complete_months_ends_at_the_first_that_is_overdue():
    months = {
        "2026-10": a_month(),
        "2026-09": a_month(),
        "2026-08": a_month(not_closed=1, overdue=1),
        "2026-07": a_month(),
    }

    assert queries.months_in_a_row(months, SHOWN) == 2


def test_a_month_within_its_sign_off_period_neither_counts_nor_breaks_the_row():
    assert queries.months_in_a_row({"2026-10": a_month(not_closed=1), "2026-09": a_month()}, SHOWN) == 1


def test_a_month_without_sheets_does_not_break_the_row():
    assert queries.months_in_a_row({"2026-10": a_month(), "2026-08": a_month()}, SHOWN) == 2


@pytest.mark.parametrize(("asked", "share"), [(0, None), (1, None), (2, None), (3, 1.0)])
def test_a_share_of_fewer_than_three_people_is_not_told(asked, share):
    assert a_month(asked=asked).on_time_share == share
    assert a_month(asked=asked).signed_off_share == share


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ([(3, 0)], [False]),
        ([(2, 0)], [True]),
        ([(8, 6)], [True]),
        ([(8, 8)], [False]),
        ([(1, 0), (10, 0), (4, 0)], [True, False, True]),  # else the difference to the whole would tell of the one
        ([(1, 0), (2, 0), (10, 0)], [True, True, False]),
    ],
)
def test_breakdowns_of_few_people_are_hidden_and_cannot_be_found_by_subtraction(sizes, hidden):
    centers = [a_center_month(sheets, excused) for sheets, excused in sizes]

    assert [center.hidden for center in queries._hide_few(centers)] == hidden


def test_names_are_found_whatever_their_width_and_case():
    assert queries.folded("ｎｐｏ法人　ハマカゼ") == queries.folded("NPO法人 ﾊﾏｶｾﾞ")
