"""What a municipality can read about its partners: counts and named posts, never an individual's answers.

Small numbers stay hidden, so that no figure tells about one person: a share of fewer than `FEWEST` people is not
shown, and neither is the breakdown of a center with fewer (nor of the next small one, when the difference to the
organization's share would give the first away). That a month is complete, and since when, is the organization's own
act and is always shown.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Date,
    Select,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.accounts.models import OrganizationRole
from partner_compliance.organizations.models import Center, Engagement, LegalForm, Organization, Worker
from partner_compliance.organizations.queries import is_valid_on
from partner_compliance.readiness.standing import ReadinessStanding, is_of
from partner_compliance.sharing.models import SavedView
from partner_compliance.sheets.models import CorrectiveAction, MonthClosure, MonthTally

#: A share, or a breakdown, of fewer people is not shown.
FEWEST = 3
#: Months that heat map and trend show, and the most that a row of complete months counts.
MONTHS_SHOWN = 12
#: The latest business day of M+1 on which sheets for M may be due; organizations may set earlier ones.
_LAST_SUBMISSION_DAY = 5
#: Sheets for a month open on this day of it.
_OPENING_DAY = 25


# --- months -----------------------------------------------------------------------------------------------------


def latest_due_month(today: date) -> str:
    """The latest month whose sheets every partner has had to submit by now: its due day has passed."""
    month = clock.month_after(clock.month_of(today), -1)
    while clock.nth_business_day(clock.month_after(month), _LAST_SUBMISSION_DAY) >= today:
        month = clock.month_after(month, -1)
    return month


def latest_open_month(today: date) -> str:
    """The latest month for which there can be sheets."""
    month = clock.month_of(today)
    return month if today.day >= _OPENING_DAY else clock.month_after(month, -1)


def months_until(last: str) -> list[str]:
    """The months shown when `last` is chosen, oldest first."""
    return clock.months_between(clock.month_after(last, 1 - MONTHS_SHOWN), last)


# --- all partners -----------------------------------------------------------------------------------------------

#: An organization's id as the driver hands it over: making 600 UUIDs for a heat map would take a tenth of the page.
Key = Any


class Partner(NamedTuple):
    """A partner by name; `key` finds its figures. The level is None while it has not been counted today."""

    key: Key
    name: str
    legal_form: LegalForm
    level: int | None = None
    #: The last day on which everything that the level rests on holds by itself.
    lapses_on: date | None = None
    #: Whether something is overdue in the months that were asked about.
    has_issue: bool = False

    @property
    def id(self) -> UUID:
        """The organization's id."""
        return self.key if isinstance(self.key, UUID) else UUID(self.key)


class MonthFigures(NamedTuple):
    """A partner's month, all centers together; `asked` leaves the excused ones out."""

    asked: int
    on_time: int
    signed_off: int
    #: Centers whose month is not closed; of these the ones past the sign-off day, and the ones past the due day with
    #: sheets missing.
    open: int
    overdue: int
    missing: int

    @property
    def on_time_share(self) -> float | None:
        """The share submitted by the due day; None when nobody was asked, or too few to show it."""
        return self.on_time / self.asked if self.asked >= FEWEST else None

    @property
    def signed_off_share(self) -> float | None:
        """The share signed off; None when nobody was asked, or too few to show it."""
        return self.signed_off / self.asked if self.asked >= FEWEST else None

    @property
    def is_hidden(self) -> bool:
        """Whether people were asked, but too few to show their share."""
        return 0 < self.asked < FEWEST


class Roster(NamedTuple):
    """How many centers and active workers a partner has, and how many workers are obliged to file."""

    centers: int = 0
    obliged: int = 0
    workers: int = 0


@dataclass
class Figures:
    """The figures of some partners, and of all together."""

    months: dict[Key, dict[str, MonthFigures]] = field(default_factory=dict)
    rosters: dict[Key, Roster] = field(default_factory=dict)
    #: {month: share submitted on time} over all partners.
    trend: dict[str, float | None] = field(default_factory=dict)


def partners(
    session: Session, municipality_id: UUID, today: date, edition: str, *, issues_in: Sequence[str] = ()
) -> list[Partner]:
    """The organizations engaged with a municipality today, by name, with their levels as counted today with an edition
    of the ladder; whether something is overdue only where months to look at are named.
    """
    values: dict[str, Any] = {"municipality": municipality_id, "today": today, "edition": edition}
    if issues_in:
        values |= {"first": issues_in[0], "last": issues_in[-1]}
    found = [Partner._make(row) for row in session.execute(_partners(bool(issues_in)), values)]
    found.sort(key=lambda partner: partner.name)
    return found


def narrowed(
    found: Iterable[Partner], *, name: str = "", legal_form: LegalForm | None = None, only_issues: bool = False
) -> list[Partner]:
    """Those of some partners whose name holds a text, of one legal form, with something overdue."""
    # Names are compared here: neither database folds width and case the way Japanese names need it.
    wanted = folded(name)
    return [
        one
        for one in found
        if (not wanted or wanted in folded(one.name))
        and (legal_form is None or one.legal_form is legal_form)
        and (not only_issues or one.has_issue)
    ]


def folded(text: str) -> str:
    """A name as it is compared: width, case and white space do not count."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def figures(
    session: Session,
    municipality_id: UUID,
    today: date,
    months: Sequence[str],
    *,
    ids: Sequence[UUID] | None = None,
    rosters: bool = True,
    trend: bool = False,
) -> Figures:
    """The months of a municipality's partners (of those with the `ids` when given), with their rosters and with the
    trend of all partners when asked for: one statement, whatever their number.
    """
    found = Figures(trend=dict.fromkeys(months) if trend else {})
    values: dict[str, Any] = {
        "municipality": municipality_id, "today": today, "first": months[0], "last": months[-1]
    }  # fmt: skip
    if ids is not None:
        values["ids"] = ids
    for key, month, *counts in session.execute(_figures(ids is not None, rosters, trend), values):
        if key is None:
            found.trend[month] = counts[1] / counts[0] if counts[0] >= FEWEST else None
        elif month is None:
            found.rosters[key] = Roster(*counts[:3])
        elif key in found.months:
            found.months[key][month] = MonthFigures._make(counts)
        else:
            found.months[key] = {month: MonthFigures._make(counts)}
    return found


# The statements are built once: composing them anew for each page would take longer than running some of them.

_TODAY: Any = bindparam("today", type_=Date())
_ASKED = MonthTally.sheets - MonthTally.excused
_IS_OVERDUE = and_(not_(MonthTally.is_closed), MonthTally.sign_off_due_on < _TODAY)
_MISSES_SHEETS = and_(
    not_(MonthTally.is_closed), MonthTally.due_on < _TODAY, _ASKED >= FEWEST, MonthTally.submitted < _ASKED
)
_IS_SHOWN = MonthTally.month.between(bindparam("first"), bindparam("last"))
_NONE = literal(0)


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _engaged() -> Select[UUID]:
    return (
        select(Engagement.organization_id)
        .where(Engagement.municipality_id == bindparam("municipality"), is_valid_on(_TODAY))
        .distinct()
    )


@cache
def _partners(issues: bool) -> Select[Any]:
    return (
        select(
            type_coerce(Organization.id, String()), Organization.name, Organization.legal_form,
            ReadinessStanding.level, ReadinessStanding.lapses_on, _has_issue() if issues else literal(False),
        )
        .outerjoin(
            ReadinessStanding,
            and_(ReadinessStanding.organization_id == Organization.id, is_of(_TODAY, bindparam("edition"))),
        )
        .where(Organization.id.in_(_engaged()))
    )  # fmt: skip


def _has_issue() -> Any:
    return (
        select(MonthTally.month)
        .where(MonthTally.organization_id == Organization.id, _IS_SHOWN, or_(_IS_OVERDUE, _MISSES_SHEETS))
        .exists()
    )


@cache
def _figures(by_ids: bool, rosters: bool, trend: bool) -> Any:
    whose = bindparam("ids", expanding=True) if by_ids else _engaged()
    parts: list[Any] = [_month_figures(whose)]
    if rosters:
        parts.append(_roster_figures(whose))
    if trend:
        parts.append(_trend_figures())
    return union_all(*parts) if len(parts) > 1 else parts[0]


def _month_figures(whose: Any) -> Select[Any]:
    return (
        select(
            type_coerce(MonthTally.organization_id, String()).label("key"),
            MonthTally.month,
            func.sum(_ASKED),
            func.sum(MonthTally.on_time),
            func.sum(MonthTally.signed_off),
            _count(not_(MonthTally.is_closed)),
            _count(_IS_OVERDUE),
            _count(_MISSES_SHEETS),
        )
        .where(MonthTally.organization_id.in_(whose), _IS_SHOWN)
        .group_by(MonthTally.organization_id, MonthTally.month)
    )


def _roster_figures(whose: Any) -> Select[Any]:
    """Rows without a month: centers, obliged workers, workers on the roster."""
    centers = (
        select(func.count())
        .where(
            Center.organization_id == Organization.id,
            Center.opened_on <= _TODAY,
            or_(Center.closed_on.is_(None), Center.closed_on >= _TODAY),
        )
        .scalar_subquery()
    )
    is_active = and_(
        Worker.organization_id == Organization.id,
        Worker.joined_on <= _TODAY,
        or_(Worker.left_on.is_(None), Worker.left_on >= _TODAY),
    )
    return (
        select(
            type_coerce(Organization.id, String()), null(), centers, _count(Worker.files_sheets),
            func.count(Worker.id), _NONE, _NONE, _NONE,
        )
        .outerjoin(Worker, is_active)
        .where(Organization.id.in_(whose))
        .group_by(Organization.id)
    )  # fmt: skip


def _trend_figures() -> Select[Any, str, int, int, int, int, int, int]:
    """Rows without an organization; a center's month of too few people is left out, for with few partners the
    difference between the trend and the others' shares would show it.
    """
    return (
        select(
            literal(None, Uuid()), MonthTally.month, func.sum(_ASKED), func.sum(MonthTally.on_time),
            _NONE, _NONE, _NONE, _NONE,
        )
        .where(MonthTally.organization_id.in_(_engaged()), _IS_SHOWN, _ASKED >= FEWEST)
        .group_by(MonthTally.month)
    )  # fmt: skip


def months_in_a_row(months: Mapping[str, MonthFigures], shown: Sequence[str]) -> int:
    """How many months up to the last one shown were completed without a gap.

    A month is complete when every center has closed it; one not yet past its sign-off day, or for which nobody had a
    sheet, neither counts nor breaks the row.
    """
    count = 0
    for month in reversed(shown):
        found = months.get(month)
        if found is None:
            continue
        if not found.open:
            count += 1
        elif found.overdue:
            break
    return count


def has_issue(months: Mapping[str, MonthFigures]) -> bool:
    """Whether something is overdue in one of the months: a month not closed, or sheets not submitted."""
    return any(found.overdue or found.missing for found in months.values())


# --- one partner ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CenterMonth:
    """The counts of a center's month as a municipality may see them: `hidden` says that the breakdown stays hidden."""

    center: str
    month: str
    sheets: int
    excused: int
    submitted: int
    on_time: int
    signed_off: int
    is_closed: bool
    closed_at: datetime | None
    sign_off_due_on: date
    hidden: bool = False

    @property
    def asked(self) -> int:
        """Sheets asked for, without the excused ones."""
        return self.sheets - self.excused

    @property
    def late(self) -> int:
        """Sheets that came after the due day."""
        return self.submitted - self.on_time


@dataclass(frozen=True)
class Post:
    """A named post and who holds it; the center, for its head."""

    role: Role
    name: str
    center: str | None


def center_months(session: Session, organization_id: UUID, months: Sequence[str]) -> list[CenterMonth]:
    """The counts of each center's month, newest month first, centers by name; small ones are marked as hidden."""
    rows = session.execute(
        select(
            Center.name,
            MonthTally.month,
            MonthTally.sheets,
            MonthTally.excused,
            MonthTally.submitted,
            MonthTally.on_time,
            MonthTally.signed_off,
            MonthTally.is_closed,
            MonthClosure.closed_at,
            MonthTally.sign_off_due_on,
        )
        .join(Center, and_(Center.organization_id == MonthTally.organization_id, Center.id == MonthTally.center_id))
        .outerjoin(
            MonthClosure,
            and_(
                MonthClosure.organization_id == MonthTally.organization_id,
                MonthClosure.center_id == MonthTally.center_id,
                MonthClosure.month == MonthTally.month,
            ),
        )
        .where(MonthTally.organization_id == organization_id, MonthTally.month.between(months[0], months[-1]))
        .order_by(MonthTally.month.desc(), Center.name, Center.id)
    )
    found: dict[str, list[CenterMonth]] = {}
    for row in rows:
        found.setdefault(row.month, []).append(CenterMonth(*row))
    return [shown for centers in found.values() for shown in _hide_few(centers)]


def _hide_few(centers: Iterable[CenterMonth]) -> list[CenterMonth]:
    """One month's centers with the breakdowns of too few people marked, and enough of the next smallest besides, so
    that the difference to the organization's share tells of no fewer than `FEWEST`.
    """
    shown = list(centers)
    hidden = 0
    by_size = sorted((center for center in shown if center.sheets), key=lambda center: center.asked)
    few = set()
    for center in by_size:
        if center.sheets < FEWEST or 0 < center.asked < FEWEST or 0 < hidden < FEWEST:
            few.add(id(center))
            hidden += center.asked
    return [_hide(center) if id(center) in few else center for center in shown]


def _hide(center: CenterMonth) -> CenterMonth:
    return CenterMonth(**{**center.__dict__, "hidden": True})


def posts(session: Session, organization_id: UUID, today: date) -> list[Post]:
    """Who holds the organization's named posts today: protection officers, representative, heads by center."""
    rows = session.execute(
        select(OrganizationRole.role, Worker.name, Center.name)
        .join(
            Worker,
            and_(Worker.organization_id == OrganizationRole.organization_id, Worker.id == OrganizationRole.worker_id),
        )
        .outerjoin(
            Center,
            and_(Center.organization_id == OrganizationRole.organization_id, Center.id == OrganizationRole.center_id),
        )
        .where(
            OrganizationRole.organization_id == organization_id,
            OrganizationRole.role.in_(_NAMED_POSTS),
            OrganizationRole.ended_at.is_(None),
            or_(Worker.left_on.is_(None), Worker.left_on >= today),
        )
    )
    found = {Post(role, name, center) for role, name, center in rows}
    return sorted(found, key=lambda post: (_NAMED_POSTS.index(post.role), post.center or "", post.name))


_NAMED_POSTS = (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE, Role.CENTER_HEAD)


def open_actions(session: Session, organization_id: UUID) -> int:
    """How many items of submitted sheets an organization still has to mend."""
    return (
        session.scalar(
            select(func.count()).where(
                CorrectiveAction.organization_id == organization_id, CorrectiveAction.closed_at.is_(None)
            )
        )
        or 0
    )


# --- saved views ------------------------------------------------------------------------------------------------


def saved_views(session: Session, municipality_id: UUID, user_id: UUID) -> list[SavedView]:
    """The views that an officer has: those that the municipality shares, then the own, each by name."""
    found = session.scalars(_saved_views(), {"municipality": municipality_id, "user": user_id})
    return sorted(found, key=lambda each: (not each.is_shared, each.name, each.id))


@cache
def _saved_views() -> Select[SavedView]:
    return select(SavedView).where(
        SavedView.municipality_id == bindparam("municipality"),
        or_(SavedView.is_shared, SavedView.by_id == bindparam("user", type_=Uuid())),
    )
