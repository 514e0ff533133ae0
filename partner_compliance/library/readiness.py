"""The shape of the ladder (準備度の段階): levels, criteria, and what the records must show for each (DESIGN §5)."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, StrictBool, StrictInt, model_validator

from partner_compliance.library.checklists import Edition, Line, Strict, matching
from partner_compliance.library.yaml_lines import Where, quoted

_NAMES = frozenset({"numerator", "denominator", "missing"})
_IN_BRACES = re.compile(r"\{([^{}]*)\}")


class Measure(StrEnum):
    """What can be counted; the room `readiness` has a statement for each."""

    POSTS_WITH_DEPUTY = "posts_with_deputy"
    ROSTER_CONFIRMED = "roster_confirmed"
    ENGAGEMENTS_WITH_BASIS = "engagements_with_basis"
    ENGAGEMENTS_WITH_PLACES = "engagements_with_places"
    RULES_ADOPTED = "rules_adopted"
    RULES_COMPLETE = "rules_complete"
    RULES_REVIEWED = "rules_reviewed"
    PROCEDURE_FRESH = "procedure_fresh"
    RULES_ACKNOWLEDGED = "rules_acknowledged"
    WORKERS_PLEDGED = "workers_pledged"
    HANDLERS_PLEDGED = "handlers_pledged"
    HANDLERS_PLEDGED_FIRST = "handlers_pledged_first"
    HANDLERS_CLEARED = "handlers_cleared"
    ENTRY_COURSE_HANDLERS = "entry_course_handlers"
    ENTRY_COURSE_WORKERS = "entry_course_workers"
    YEARLY_COURSE_HANDLERS = "yearly_course_handlers"
    YEARLY_COURSE_WORKERS = "yearly_course_workers"
    MONTHS_RUN = "months_run"
    SHEETS_SUBMITTED = "sheets_submitted"
    SHEETS_ON_TIME = "sheets_on_time"
    SHEETS_SIGNED_OFF = "sheets_signed_off"
    MONTHS_IN_ORDER = "months_in_order"
    ACTIONS_OPEN_TOO_LONG = "actions_open_too_long"
    TAKE_OUTS_PERMITTED = "take_outs_permitted"
    TAKE_OUTS_OVERDUE = "take_outs_overdue"
    SHEETS_UNRECONCILED = "sheets_unreconciled"
    RECEIVED_WITH_RECEIPT = "received_with_receipt"
    RECEIVED_OVERDUE = "received_overdue"
    LEAVERS_CLOSED = "leavers_closed"
    EXIT_PLEDGES = "exit_pledges"

    @property
    def label(self) -> str:
        """What is counted, in a few words for screens and paper."""
        return _LABELS[self][0]

    @property
    def is_bad(self) -> bool:
        """Whether what it counts should not be there: the fewer, the better."""
        return self in _BAD

    @property
    def unit(self) -> str:
        """What the counts count: people, sheets, months."""
        return _LABELS[self][1]


_LABELS = {
    Measure.POSTS_WITH_DEPUTY: ("代理のいる責任者", "役職"),
    Measure.ROSTER_CONFIRMED: ("名簿の確認", "回"),
    Measure.ENGAGEMENTS_WITH_BASIS: ("根拠の記録がある連携", "件"),
    Measure.ENGAGEMENTS_WITH_PLACES: ("場所の届けがある連携", "件"),
    Measure.RULES_ADOPTED: ("決定して使っている規程", "規程"),
    Measure.RULES_COMPLETE: ("必要な条がそろった規程", "規程"),
    Measure.RULES_REVIEWED: ("12か月以内に見直した規程", "規程"),
    Measure.PROCEDURE_FRESH: ("12か月以内に決めた事故対応手順", "手順"),
    Measure.RULES_ACKNOWLEDGED: ("規程を読んで確かめた人", "人"),
    Measure.WORKERS_PLEDGED: ("有効な誓約がある従事者", "人"),
    Measure.HANDLERS_PLEDGED: ("有効な誓約がある取扱者", "人"),
    Measure.HANDLERS_PLEDGED_FIRST: ("活動の前に誓約した取扱者", "人"),
    Measure.HANDLERS_CLEARED: ("加入の手続きを終えた取扱者", "人"),
    Measure.ENTRY_COURSE_HANDLERS: ("加入時の講座が有効な取扱者", "人"),
    Measure.ENTRY_COURSE_WORKERS: ("加入時の講座が有効な従事者", "人"),
    Measure.YEARLY_COURSE_HANDLERS: ("今年度の講座が有効な取扱者", "人"),
    Measure.YEARLY_COURSE_WORKERS: ("今年度の講座が有効な従事者", "人"),
    Measure.MONTHS_RUN: ("点検を行った月（直近3か月）", "か月"),
    Measure.SHEETS_SUBMITTED: ("提出されたシート（直近3か月）", "枚"),
    Measure.SHEETS_ON_TIME: ("期限内に提出されたシート（直近3か月）", "枚"),
    Measure.SHEETS_SIGNED_OFF: ("期限内に確認されたシート（直近3か月）", "枚"),
    Measure.MONTHS_IN_ORDER: ("提出と確認がそろった月（直近12か月）", "か月"),
    Measure.ACTIONS_OPEN_TOO_LONG: ("30日を超えて残っている改善", "件"),
    Measure.TAKE_OUTS_PERMITTED: ("出発前に許可された持ち出し（直近3か月）", "件"),
    Measure.TAKE_OUTS_OVERDUE: ("返却の期限を過ぎた持ち出し", "件"),
    Measure.SHEETS_UNRECONCILED: ("台帳と合わないシート（直近の月）", "枚"),
    Measure.RECEIVED_WITH_RECEIPT: ("預かり証がある受け取り（12か月）", "件"),
    Measure.RECEIVED_OVERDUE: ("返却・廃棄の期限を過ぎた預かり物", "件"),
    Measure.LEAVERS_CLOSED: ("期限内に手続きを終えた退職・活動終了（12か月）", "人"),
    Measure.EXIT_PLEDGES: ("退職時の誓約が済んだ人（12か月）", "人"),
}


_BAD = frozenset(
    {
        Measure.ACTIONS_OPEN_TOO_LONG,
        Measure.TAKE_OUTS_OVERDUE,
        Measure.SHEETS_UNRECONCILED,
        Measure.RECEIVED_OVERDUE,
    }
)


class Nothing(StrEnum):
    """What it means when there is nothing to count."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"


class Page(StrEnum):
    """Where in the organization's rooms a criterion is mended."""

    POSTS = "posts"
    ROSTER = "roster"
    ENGAGEMENTS = "engagements"
    PLACES = "places"
    RULES = "rules"
    PLEDGES = "pledges"
    JOINING = "joining"
    TRAINING = "training"
    MONTHS = "months"
    LEDGER = "ledger"
    REGISTER = "register"

    @property
    def label(self) -> str:
        """The page's name on buttons."""
        return {
            Page.POSTS: "役職",
            Page.ROSTER: "従事者名簿",
            Page.ENGAGEMENTS: "連携関係",
            Page.PLACES: "場所の一覧",
            Page.RULES: "団体の規程",
            Page.PLEDGES: "誓約の状況",
            Page.JOINING: "加入・退職",
            Page.TRAINING: "研修の状況",
            Page.MONTHS: "月次状況",
            Page.LEDGER: "持ち出し管理台帳",
            Page.REGISTER: "授受簿",
        }[self]


class Test(Strict):
    """One comparison of a measure: so many percent of what is counted, so many at least, or so many at most."""

    __test__ = False  # a shape, none of pytest's

    measure: Measure
    percent: Annotated[StrictInt, Field(ge=1, le=100)] | None = None
    at_least: Annotated[StrictInt, Field(ge=1)] | None = None
    at_most: Annotated[StrictInt, Field(ge=0)] | None = None
    #: Where fewer than 20 are counted, one may be missing although that is more than the percentage allows (DOMAIN §6).
    one_may_miss: StrictBool = False
    nothing: Nothing
    #: Said when it is not met; {numerator}, {denominator} and {missing} are filled in.
    unmet: Line

    @model_validator(mode="after")
    def _compares_once(self) -> "Test":
        said = [each for each in (self.percent, self.at_least, self.at_most) if each is not None]
        if len(said) != 1:
            raise ValueError("percent、at_least、at_most のうち、一つだけを書いてください。")
        if self.one_may_miss and self.percent is None:
            raise ValueError("one_may_miss は、percent と一緒に使います。")
        if unknown := set(_IN_BRACES.findall(self.unmet)) - _NAMES:
            names = "、".join(f"{{{name}}}" for name in sorted(_NAMES))
            raise ValueError(f"{{{min(unknown)}}} は使えません。使えるのは: {names}")
        return self

    def is_met_by(self, numerator: int, denominator: int) -> bool:
        """Whether counts pass the comparison; `denominator` is above 0."""
        if self.at_most is not None:
            return numerator <= self.at_most
        if self.at_least is not None:
            return numerator >= self.at_least
        if numerator * 100 >= (self.percent or 0) * denominator:
            return True
        return self.one_may_miss and denominator < FEW and denominator - numerator <= 1

    def missing(self, numerator: int, denominator: int) -> int:
        """How many are missing, or too many; everything where nothing has been counted."""
        if self.at_most is not None:
            return max(numerator - self.at_most, 0)
        return max((self.at_least or denominator) - numerator, 0)


#: Below so many, a share of 95 percent would forgive nobody (DOMAIN §6, why these numbers).
FEW = 20


class Action(Strict):
    """What mends a criterion: in words, where, and about how many minutes it takes for each that is missing."""

    text: Line
    page: Page
    minutes: Annotated[StrictInt, Field(ge=1, le=600)]


class Criterion(Strict):
    """One thing that a level needs. A planned one has no records yet: it is shown, and nothing depends on it."""

    id: Annotated[str, matching(r"[1-5][a-z]", '"2b" の形（段階の番号と英小文字）で書いてください。')]
    title: Line
    source: Line
    planned: StrictBool = False
    tests: tuple[Test, ...] = ()
    action: Action | None = None
    #: When it lapses by itself, in words.
    lapse: Line | None = None

    @model_validator(mode="after")
    def _is_measured_or_planned(self) -> "Criterion":
        if self.planned and (self.tests or self.action or self.lapse):
            raise ValueError("planned の基準には、tests、action、lapse を書きません。")
        if not self.planned and (not self.tests or self.action is None or self.lapse is None):
            raise ValueError("tests、action、lapse を書いてください（まだ測れない基準は planned: true とします）。")
        return self

    @property
    def level(self) -> int:
        """The level that needs it."""
        return int(self.id[0])


class Level(Strict):
    """One level with its criteria."""

    number: Annotated[StrictInt, Field(ge=1, le=5)]
    title: Line
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]

    @property
    def measured(self) -> tuple[Criterion, ...]:
        """The criteria that records exist for."""
        return tuple(each for each in self.criteria if not each.planned)


class Ladder(Strict):
    """One edition of the ladder."""

    edition: Edition
    #: From which day levels are computed with it.
    valid_from: date
    #: So many days before a level falls, somebody is told.
    notice_days: Annotated[StrictInt, Field(ge=1, le=60)]
    levels: Annotated[tuple[Level, ...], Field(min_length=5, max_length=5)]
    published: bool = Field(default=False, exclude=True)

    def as_published(self) -> "Ladder":
        """The same, frozen by a seal."""
        return self.model_copy(update={"published": True})

    @cached_property
    def criteria(self) -> Mapping[str, Criterion]:
        """{id: criterion}, in their order."""
        return {each.id: each for level in self.levels for each in level.criteria}

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """Every measure that some criterion looks at, once, in their order."""
        found = [test.measure for each in self.criteria.values() for test in each.tests]
        return tuple(dict.fromkeys(found))

    def title_of(self, level: int) -> str:
        """A level's name; 未登録 for 0."""
        return next((each.title for each in self.levels if each.number == level), "未登録")


def contradictions(content: object) -> Iterator[tuple[Where, str]]:
    """Levels out of order, criteria twice or under a level that is not theirs, by their place in the file."""
    levels = content.get("levels") if isinstance(content, dict) else None
    seen: set[str] = set()
    for at, level in enumerate(levels if isinstance(levels, list) else []):
        number = level.get("number") if isinstance(level, dict) else None
        if isinstance(number, int) and number != at + 1:
            yield ("levels", at, "number"), f"段階は 1 から順に書いてください（ここは {at + 1} です）。"
        criteria: Any = level.get("criteria") if isinstance(level, dict) else None
        for place, each in enumerate(criteria if isinstance(criteria, list) else []):
            key = each.get("id") if isinstance(each, dict) else None
            if not isinstance(key, str):
                continue
            if key in seen:
                yield ("levels", at, "criteria", place, "id"), f"基準 {quoted(key)} が二つあります。"
            seen.add(key)
            if key[:1] != str(number):
                yield (
                    ("levels", at, "criteria", place, "id"),
                    f"基準 {quoted(key)} は、段階 {number} のものではありません。",
                )
