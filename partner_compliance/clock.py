"""The one place that knows what time it is; business days, fiscal years and Japanese eras.

Moments are timezone-aware UTC datetimes, dates are calendar days in Asia/Tokyo, months are `YYYY-MM`.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import jpholiday

TOKYO = ZoneInfo("Asia/Tokyo")

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_ERAS = ((date(2019, 5, 1), "令和"), (date(1989, 1, 8), "平成"), (date(1926, 12, 25), "昭和"))
#: Eras are set by ordinance; beyond this year nobody knows the name, so the western year is shown.
_LAST_YEAR_OF_KNOWN_ERAS = 2049


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The present calendar day in Japan."""
    return local_date(now())


def local(at: datetime) -> datetime:
    """The same moment on a clock in Japan."""
    return at.astimezone(TOKYO)


def local_date(at: datetime) -> date:
    """The calendar day in Japan at a moment."""
    return local(at).date()


def start_of(day: date) -> datetime:
    """The first moment (UTC) of a calendar day in Japan."""
    return datetime(day.year, day.month, day.day, tzinfo=TOKYO).astimezone(UTC)


def is_month(text: str) -> bool:
    """Whether a text is a month `YYYY-MM` of this century."""
    return _MONTH.fullmatch(text) is not None


def month_of(day: date) -> str:
    """The month a day belongs to."""
    return f"{day.year:04d}-{day.month:02d}"


def first_day(month: str) -> date:
    """The first day of a month; raises ValueError for anything but `YYYY-MM`."""
    if not is_month(month):
        raise ValueError(f"not a month: {month!r}")
    return date(int(month[:4]), int(month[5:]), 1)


def last_day(month: str) -> date:
    """The last day of a month."""
    first = first_day(month)
    return first.replace(day=monthrange(first.year, first.month)[1])


def month_after(month: str, steps: int = 1) -> str:
    """The month `steps` months later (earlier when negative)."""
    year, index = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + steps, 12)
    return f"{year:04d}-{index + 1:02d}"


def months_between(first: str, last: str) -> list[str]:
    """Every month from `first` to `last`, both included; empty when `last` is earlier."""
    months = []
    while first <= last:
        months.append(first)
        first = month_after(first)
    return months


def fiscal_year(day: date) -> int:
    """The fiscal year (April to March) of a day, named by the year in which it begins."""
    return day.year if day.month >= 4 else day.year - 1


@cache
def is_business_day(day: date) -> bool:
    """Whether public offices work on that day: no weekend, national holiday, or 29 December to 3 January.

    Source: 行政機関の休日に関する法律 第1条.
    """
    if day.weekday() >= 5 or (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3):
        return False
    return not jpholiday.is_holiday(day)


def business_days(start: date) -> Iterator[date]:
    """Business days from `start` on, `start` included."""
    day = start
    while True:
        if is_business_day(day):
            yield day
        day += timedelta(days=1)


@cache
def nth_business_day(month: str, number: int) -> date:
    """The `number`-th (1, 2, …) business day of a month, counted from its first day."""
    days = business_days(first_day(month))
    for _ in range(number - 1):
        next(days)
    return next(days)


def _era_year(day: date) -> str:
    if day.year <= _LAST_YEAR_OF_KNOWN_ERAS:
        for begins, name in _ERAS:
            if day >= begins:
                year = day.year - begins.year + 1
                return f"{name}{'元' if year == 1 else year}年"
    return f"{day.year}年"


def era_date(day: date) -> str:
    """A date as documents print it: 令和8年11月23日; the western year where no era is known."""
    return f"{_era_year(day)}{day.month}月{day.day}日"


def era_month(month: str) -> str:
    """A month as documents print it: 令和8年11月; an era that changes mid-month counts from its last day."""
    day = last_day(month)
    return f"{_era_year(day)}{day.month}月"


def parse_era_date(text: str) -> date:
    """The date written as 令和8年11月23日, 平成31年4月30日 or 2026年11月23日; raises ValueError otherwise."""
    found = re.fullmatch(r"(令和|平成|昭和)?(元|\d{1,4})年(\d{1,2})月(\d{1,2})日", text.strip())
    if not found:
        raise ValueError(f"not a date: {text!r}")
    era, year, month, day = found.groups()
    number = 1 if year == "元" else int(year)
    begins = next((begins for begins, name in _ERAS if name == era), None)
    parsed = date(number if begins is None else begins.year + number - 1, int(month), int(day))
    if begins is not None and era_date(parsed) != f"{era}{'元' if number == 1 else number}年{int(month)}月{int(day)}日":
        raise ValueError(f"that era does not have this day: {text!r}")
    return parsed


def short_date(day: date) -> str:
    """A date as screens show it: 11月23日(月)."""
    return f"{day.month}月{day.day}日({'月火水木金土日'[day.weekday()]})"


def screen_moment(at: datetime) -> str:
    """A moment as screens show it, on a clock in Japan: 2026年11月23日 9:05."""
    here = local(at)
    return f"{here.year}年{here.month}月{here.day}日 {here.hour}:{here.minute:02d}"


def screen_month(month: str) -> str:
    """A month as screens show it: 2026年11月."""
    return f"{int(month[:4])}年{int(month[5:])}月"
