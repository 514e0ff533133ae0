"""What the address of the list of partners asks for: the month, the filter, the order, and how many a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from flask import request

from partner_compliance import clock
from partner_compliance.errors import NotFound
from partner_compliance.library.readiness import Ladder
from partner_compliance.organizations.models import LegalForm
from partner_compliance.sharing import queries

PER_PAGE = 50
_MOST_PER_PAGE = 300
#: How many months back the selector offers.
_MONTHS_TO_CHOOSE = 24


class Column(NamedTuple):
    """A column of the list; by what shows how well a partner does nothing is put in order."""

    label: str
    is_number: bool = False
    sorts: bool = False


COLUMNS = {
    "name": Column("団体名", sorts=True),
    "level": Column("段階"),
    "lapses_on": Column("満たしている期限", sorts=True),
    "missing": Column("次の段階に足りない基準"),
    "legal_form": Column("法人格", sorts=True),
    "centers": Column("拠点", is_number=True, sorts=True),
    "workers": Column("従事者（対象 / 名簿）", is_number=True, sorts=True),
    "on_time": Column("期限内の提出", is_number=True),
    "signed_off": Column("確認済み", is_number=True),
    "in_a_row": Column("連続して締めた月", is_number=True),
}


@dataclass(frozen=True)
class Wanted:
    """What the address asks for."""

    month: str
    name: str
    legal_form: LegalForm | None
    level: int | None
    only_ending: bool
    only_issues: bool
    sort: str
    descending: bool
    per_page: int
    #: The months shown, oldest first, up to the chosen one.
    months: list[str]

    @property
    def is_filtered(self) -> bool:
        """Whether some partners may be left out."""
        return bool(self.name or self.legal_form or self.only_issues or self.asks_for_level)

    @property
    def asks_for_level(self) -> bool:
        """Whether the level decides who is shown."""
        return self.level is not None or self.only_ending

    def arguments(self, **changed: Any) -> dict[str, Any]:
        """The same wish as arguments of an address, without what goes without saying."""
        said = {
            "month": self.month,
            "name": self.name,
            "legal_form": self.legal_form.value if self.legal_form else "",
            "level": "" if self.level is None else str(self.level),
            "ending": "1" if self.only_ending else "",
            "issues": "1" if self.only_issues else "",
            "sort": ("-" if self.descending else "") + self.sort,
            "per_page": self.per_page if self.per_page != PER_PAGE else "",
            **changed,
        }
        return {name: value for name, value in said.items() if value and (name, value) != ("sort", "name")}

    def kept(self) -> dict[str, Any]:
        """What a saved view keeps: everything but the month, for a view is of the latest one."""
        return {name: str(value) for name, value in self.arguments(month="").items()}

    def in_words(self, ladder: Ladder) -> list[str]:
        """The filter and the order, each in a few words; nothing where everybody is shown in the usual order."""
        column = COLUMNS[self.sort].label
        found = [
            (self.level is not None, f"段階{self.level}　{ladder.title_of(self.level or 0)}"),
            (self.only_ending, "30日以内に期限が来る団体だけ"),
            (bool(self.name), f"団体名に「{self.name}」を含む"),
            (self.legal_form is not None, f"法人格が{self.legal_form.label if self.legal_form else ''}"),
            (self.only_issues, "いま課題がある団体だけ"),
            ((self.sort, self.descending) != ("name", False), f"{column}の{'逆順' if self.descending else '順'}"),
            (self.per_page != PER_PAGE, f"1ページに{self.per_page}団体"),
        ]
        return [words for holds, words in found if holds]


def asked_for(today: date, ladder: Ladder) -> Wanted:
    """What the present address asks for; nonsense counts as not asked. Raises NotFound for a month that cannot be."""
    month = request.args.get("month") or queries.latest_due_month(today)
    if not clock.is_month(month) or month > queries.latest_open_month(today):
        raise NotFound("その月の記録はありません。", "一覧に戻り、月を選び直してください。")
    return _wanted(request.args, month, ladder)


def from_kept(kept: Mapping[str, str], today: date, ladder: Ladder) -> Wanted:
    """What a saved view asks for today; what does not exist any more counts as not asked."""
    return _wanted(kept, queries.latest_due_month(today), ladder)


def _wanted(said: Mapping[str, str], month: str, ladder: Ladder) -> Wanted:
    legal_form, level, sort = said.get("legal_form", ""), said.get("level", ""), said.get("sort", "name")
    levels = {"0": 0, **{str(each.number): each.number for each in ladder.levels}}
    sorts = sort.removeprefix("-") in COLUMNS and COLUMNS[sort.removeprefix("-")].sorts
    return Wanted(
        month=month,
        name=said.get("name", "").strip()[:200],
        legal_form=LegalForm(legal_form) if legal_form in list(LegalForm) else None,
        level=levels.get(level),
        only_ending=said.get("ending") == "1",
        only_issues=said.get("issues") == "1",
        sort=sort.removeprefix("-") if sorts else "name",
        descending=sorts and sort.startswith("-"),
        per_page=_per_page(said.get("per_page", "")),
        months=queries.months_until(month),
    )


def _per_page(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        return PER_PAGE
    return min(max(int(text), 1), _MOST_PER_PAGE)


def months_to_choose(today: date, chosen: str) -> Sequence[tuple[str, str]]:
    """(month, label), newest first."""
    latest, due = queries.latest_open_month(today), queries.latest_due_month(today)
    months = [clock.month_after(latest, -back) for back in range(_MONTHS_TO_CHOOSE)]
    if chosen not in months:
        months.append(chosen)
    return [(month, clock.screen_month(month) + ("（受付中）" if month > due else "")) for month in months]
