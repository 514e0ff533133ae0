"""The levels of a municipality's partners as its lists show them: of today, counted now where they were not.

By level partners are picked out, never put in order: the list is no league table.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from partner_compliance.library.shelf import Library
from partner_compliance.readiness import standing
from partner_compliance.readiness.standing import Standing
from partner_compliance.sharing.queries import Key, Partner

#: Ends of levels are announced so long before (ladder; issue of the municipality's room).
SOON = timedelta(days=30)
#: Reading a list counts the levels of so many partners at most; counting more is asked for, or done after midnight.
AT_ONCE = 50


@dataclass(frozen=True)
class Levels:
    """Partners with their levels of today."""

    partners: list[Partner]
    #: What was counted for this page, to be kept.
    counted: dict[UUID, Standing] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """How many partners' levels were not counted today yet."""
        return sum(one.level is None for one in self.partners)

    @property
    def ending(self) -> list[Partner]:
        """The partners of whose level something ends, the first to end first."""
        known = [one for one in self.partners if one.lapses_on is not None]
        return sorted(known, key=lambda one: (one.lapses_on or date.max, one.name))


def brought_up(
    session: Session,
    library: Library,
    found: list[Partner],
    first: Iterable[Key] = (),
    *,
    today: date,
    now: datetime,
    at_once: int | None = AT_ONCE,
) -> Levels:
    """The partners with the levels counted that were not counted today: of so many at most, the `first` ones first."""
    missing = {one.key: one for one in found if one.level is None}
    if not missing:
        return Levels(found)
    keys = dict.fromkeys([key for key in first if key in missing] + list(missing))
    ids = {missing[key].id: key for key in list(keys)[:at_once]}
    counted = {each.organization_id: each for each in standing.counted(session, library, today, ids, now=now)}
    by_key = {key: counted[each] for each, key in ids.items()}
    return Levels([_with(one, by_key[one.key]) if one.key in by_key else one for one in found], counted)


def _with(one: Partner, counted: Standing) -> Partner:
    return one._replace(level=counted.level, lapses_on=counted.lapses_on)


def picked(
    found: Sequence[Partner], today: date, *, level: int | None = None, only_ending: bool = False
) -> list[Partner]:
    """Those of some partners that stand on a level, and of whose level something ends within 30 days."""
    return [
        one
        for one in found
        if (level is None or one.level == level) and (not only_ending or ends_soon(one.lapses_on, today))
    ]


def ends_soon(lapses_on: date | None, today: date) -> bool:
    """Whether that is the last day of something, and within 30 days."""
    return lapses_on is not None and lapses_on <= today + SOON
