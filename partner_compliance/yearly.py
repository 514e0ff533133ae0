"""For how long what is done once a year counts, pledges and courses: pure arithmetic on days in Japan.

A year of pledges begins with the organization's anniversary month (April unless it chose another). Its campaign opens
one month earlier; last year's pledge counts until the tenth business day of the month, and lapses then (DOMAIN E04).
"""

from datetime import date

from partner_compliance.clock import era_month, month_of, nth_business_day

APRIL = 4
#: Last year's pledges count until this business day of the anniversary month.
GRACE_BUSINESS_DAYS = 10


def begins_on(year: int, month: int) -> date:
    """The first day of the year of pledges named by the calendar year in which it begins."""
    return date(year, month, 1)


def opens_on(year: int, month: int) -> date:
    """The day on which the campaign for a year of pledges opens: one month before it begins."""
    return date(year - 1, 12, 1) if month == 1 else date(year, month - 1, 1)


def lapses_on(year: int, month: int) -> date:
    """The last day on which the pledges of a year count: a business day of the year after."""
    return nth_business_day(month_of(date(year + 1, month, 1)), GRACE_BUSINESS_DAYS)


def due_on(year: int, month: int) -> date:
    """The last day on which a year's pledge is in time: after it, last year's pledges count no longer."""
    return lapses_on(year - 1, month)


def year_signed_for(day: date, month: int) -> int:
    """The year of pledges that somebody signs for on a day: the next one as soon as its campaign is open."""
    return next(year for year in (day.year + 1, day.year, day.year - 1) if opens_on(year, month) <= day)


def counts_until(signed_on: date, month: int, *, joined_on: date | None = None) -> date:
    """The last day on which a pledge on joining, or a yearly one, counts.

    Who signs before the first day is taken to have signed on it, so that nobody who joins in March signs twice.
    """
    return lapses_on(year_signed_for(max(signed_on, joined_on or signed_on), month), month)


def earliest_that_counts(day: date, month: int) -> date:
    """The first day of signing from which a yearly pledge still counts on a day."""
    year = day.year if begins_on(day.year, month) <= day else day.year - 1
    return opens_on(year - 1 if day <= due_on(year, month) else year, month)


def year_label(year: int, month: int) -> str:
    """A year of pledges in words: 令和8年度, or the era month in which it begins where that is not April."""
    begins = era_month(month_of(begins_on(year, month)))
    return begins.split("年")[0] + "年度" if month == APRIL else f"{begins}からの1年"
