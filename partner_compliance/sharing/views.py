"""The municipality's room: its partners at a glance, one partner in detail, and the list as a file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import floor
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from partner_compliance import acts, clock
from partner_compliance.access import Principal, Role, guarded
from partner_compliance.acts import Act
from partner_compliance.documents.tables import XLSX, Column, Table, to_csv, to_xlsx
from partner_compliance.errors import NotFound
from partner_compliance.organizations.models import LegalForm, Municipality, Organization
from partner_compliance.organizations.queries import engagements_between
from partner_compliance.sharing import policy, queries
from partner_compliance.sharing.queries import CenterMonth, Figures, MonthFigures, Partner, Roster
from partner_compliance.web import Page, database_session, page_asked_for, share

bp = Blueprint("sharing", __name__, template_folder="templates")

_PER_PAGE = 50
_MOST_PER_PAGE = 300
#: How many months back the selector offers.
_MONTHS_TO_CHOOSE = 24
_FEW = "少人数"
_NO_RECORDS = "まだ記録がありません"


@bp.get("/municipalities/<uuid:municipality_id>/partners")
@guarded(policy.may_see_partners, municipality=Municipality)
def dashboard(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """The partners whose engagement is valid today, a page at a time."""
    today = clock.today()
    wanted = _asked_for(today)
    found = _partners(municipality, wanted, today)
    page = page_asked_for(len(found), wanted.per_page)
    ordered = _sorted(municipality, found, wanted, today)[page.offset : page.offset + page.size]
    ids = [one.id for one in ordered]
    figures = queries.figures(database_session(), municipality.id, today, wanted.months, ids=ids, trend=True)
    address = _addresses(municipality, wanted)
    return render_template(
        "sharing/dashboard.html",
        municipality=municipality,
        wanted=wanted,
        rows=_rows(ordered, figures, wanted, _partner_prefix(municipality), f"?month={wanted.month}"),
        columns=_columns(wanted, address),
        month_labels=_month_labels(wanted.months),
        choices=_months_to_choose(today, wanted.month),
        legal_forms=list(LegalForm),
        **_trends(wanted.months, [figures.trend[month] for month in wanted.months]),
        page=_page_links(page, address),
        is_filtered=wanted.is_filtered,
        fewest=queries.FEWEST,
        reset_url=url_for(".dashboard", municipality_id=municipality.id, month=wanted.month),
        csv_url=url_for(".export_csv", municipality_id=municipality.id, **wanted.arguments()),
        xlsx_url=url_for(".export_xlsx", municipality_id=municipality.id, **wanted.arguments()),
    )


@bp.get("/municipalities/<uuid:municipality_id>/partners.csv")
@guarded(policy.may_see_partners, municipality=Municipality)
def export_csv(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """All filtered partners as CSV."""
    table, month = _table(principal, municipality)
    return _file(to_csv(table), f"partners-{month}.csv", "text/csv; charset=utf-8")


@bp.get("/municipalities/<uuid:municipality_id>/partners.xlsx")
@guarded(policy.may_see_partners, municipality=Municipality)
def export_xlsx(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """All filtered partners as a workbook."""
    table, month = _table(principal, municipality)
    return _file(to_xlsx(table, created=clock.now()), f"partners-{month}.xlsx", XLSX)


@bp.get("/municipalities/<uuid:municipality_id>/partners/<uuid:organization_id>")
@guarded(policy.may_see_partner, municipality=Municipality, organization=Organization)
def partner(principal: Principal, municipality: Municipality, organization: Organization) -> ResponseReturnValue:
    """One partner: engagements, named posts, and the counts of twelve months."""
    today = clock.today()
    session = database_session()
    engagements = engagements_between(session, organization.id, [municipality.id], today)
    # The reader may reach the organization through another municipality; here only this one's engagement counts.
    if not engagements:
        raise NotFound
    wanted = _asked_for(today)
    figures = queries.figures(session, municipality.id, today, wanted.months, ids=[organization.id])
    roster = next(iter(figures.rosters.values()))
    months = next(iter(figures.months.values()), {})
    return render_template(
        "sharing/partner.html",
        municipality=municipality,
        organization=organization,
        engagements=engagements,
        posts=_named_posts(organization, queries.posts(session, organization.id, today)),
        roster=roster,
        in_a_row=_row_text(queries.months_in_a_row(months, wanted.months)) if months else _NO_RECORDS,
        open_actions=_open_actions(roster, queries.open_actions(session, organization.id)),
        wanted=wanted,
        choices=_months_to_choose(today, wanted.month),
        counts=[_count_row(row, today) for row in queries.center_months(session, organization.id, wanted.months)],
        **_trends(wanted.months, [_shown_share(months.get(month)) for month in wanted.months]),
        fewest=queries.FEWEST,
        today=today,
        back_url=url_for(".dashboard", municipality_id=municipality.id, month=wanted.month),
    )


# --- what is asked for ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What the address asks for: the month, the filter, the order, and how many a page."""

    month: str
    name: str
    legal_form: LegalForm | None
    only_issues: bool
    sort: str
    descending: bool
    per_page: int
    #: The months shown, oldest first, up to the chosen one.
    months: list[str]

    @property
    def is_filtered(self) -> bool:
        """Whether some partners may be left out."""
        return bool(self.name or self.legal_form or self.only_issues)

    def arguments(self, **changed: Any) -> dict[str, Any]:
        """The same wish as arguments of an address, without what goes without saying."""
        said = {
            "month": self.month,
            "name": self.name,
            "legal_form": self.legal_form.value if self.legal_form else "",
            "issues": "1" if self.only_issues else "",
            "sort": ("-" if self.descending else "") + self.sort,
            "per_page": self.per_page if self.per_page != _PER_PAGE else "",
            **changed,
        }
        return {name: value for name, value in said.items() if value and (name, value) != ("sort", "name")}


def _asked_for(today: date) -> Wanted:
    month = request.args.get("month") or queries.latest_due_month(today)
    if not clock.is_month(month) or month > queries.latest_open_month(today):
        raise NotFound("その月の記録はありません。", "一覧に戻り、月を選び直してください。")
    legal_form = request.args.get("legal_form", "")
    sort = request.args.get("sort", "name")
    return Wanted(
        month=month,
        name=request.args.get("name", "").strip()[:200],
        legal_form=LegalForm(legal_form) if legal_form in list(LegalForm) else None,
        only_issues=request.args.get("issues") == "1",
        sort=sort.removeprefix("-") if sort.removeprefix("-") in _COLUMNS else "name",
        descending=sort.startswith("-") and sort[1:] in _COLUMNS,
        per_page=_per_page(request.args.get("per_page", "")),
        months=queries.months_until(month),
    )


def _per_page(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        return _PER_PAGE
    return min(max(int(text), 1), _MOST_PER_PAGE)


def _partners(municipality: Municipality, wanted: Wanted, today: date) -> list[Partner]:
    return queries.partners(
        database_session(),
        municipality.id,
        today,
        name=wanted.name,
        legal_form=wanted.legal_form,
        with_issue_in=wanted.months if wanted.only_issues else (),
    )


# --- order ------------------------------------------------------------------------------------------------------


class _SortColumn(NamedTuple):
    label: str
    is_number: bool = False


_COLUMNS = {
    "name": _SortColumn("団体名"),
    "legal_form": _SortColumn("法人格"),
    "centers": _SortColumn("拠点", True),
    "workers": _SortColumn("従事者（対象 / 名簿）", True),
    "on_time": _SortColumn("期限内の提出", True),
    "signed_off": _SortColumn("確認済み", True),
    "in_a_row": _SortColumn("連続して締めた月", True),
}
_LEGAL_FORMS = {form: at for at, form in enumerate(LegalForm)}


def _sorted(municipality: Municipality, found: list[Partner], wanted: Wanted, today: date) -> list[Partner]:
    """The partners in the order asked for; those without a value come last either way, equal ones by name."""
    if wanted.sort == "name":
        return found[::-1] if wanted.descending else found
    value = _values(municipality, wanted, today)
    valued = [(value(one), one) for one in found]
    known = sorted((pair for pair in valued if pair[0] is not None), key=itemgetter(0), reverse=wanted.descending)
    return [one for _, one in known] + [one for found_value, one in valued if found_value is None]


def _values(municipality: Municipality, wanted: Wanted, today: date) -> Callable[[Partner], Any]:
    """What the partners are sorted by; only what that column needs is read of all partners."""
    session = database_session()
    match wanted.sort:
        case "legal_form":
            return lambda one: _LEGAL_FORMS[one.legal_form]
        case "in_a_row":
            counts = queries.rows_of_months(session, municipality.id, today, wanted.months)
            return lambda one: counts.get(one.key)
        case "centers" | "workers":
            rosters = queries.figures(session, municipality.id, today, [wanted.month]).rosters
            part_of = attrgetter("centers") if wanted.sort == "centers" else attrgetter("obliged", "workers")
            return lambda one: part_of(rosters[one.key])
        case _:
            months = queries.figures(session, municipality.id, today, [wanted.month], rosters=False).months
            share_of = attrgetter(f"{wanted.sort}_share")
            return lambda one: share_of(months[one.key][wanted.month]) if one.key in months else None


def _columns(wanted: Wanted, address: Callable[..., str]) -> list[dict[str, Any]]:
    columns = []
    for name, column in _COLUMNS.items():
        present = name == wanted.sort
        columns.append(
            {
                "label": column.label,
                "is_number": column.is_number,
                "url": address(sort=f"-{name}" if present and not wanted.descending else name),
                "sort": ("descending" if wanted.descending else "ascending") if present else "none",
            }
        )
    return columns


def _addresses(municipality: Municipality, wanted: Wanted) -> Callable[..., str]:
    def address(**changed: Any) -> str:
        return url_for(".dashboard", municipality_id=municipality.id, **wanted.arguments(**changed))

    return address


def _page_links(page: Page, address: Callable[..., str]) -> dict[str, Any]:
    return {
        "number": page.number,
        "last": page.last,
        "total": page.total,
        "previous_url": address(page=page.number - 1) if page.number > 1 else "",
        "next_url": address(page=page.number + 1) if page.number < page.last else "",
    }


# --- what is shown ----------------------------------------------------------------------------------------------


class Row(NamedTuple):
    """A partner as the dashboard shows it."""

    url: str
    name: str
    legal_form: str
    centers: int
    workers: str
    on_time: str
    signed_off: str
    in_a_row: str
    has_issue: bool
    #: The cells of the heat map, ready to show.
    cells: Markup


def _rows(ordered: Sequence[Partner], figures: Figures, wanted: Wanted, prefix: str, suffix: str) -> list[Row]:
    shown = wanted.months
    rows = []
    for one in ordered:
        months = figures.months.get(one.key, {})
        roster = figures.rosters.get(one.key, Roster())
        chosen = months.get(wanted.month)
        rows.append(
            Row(
                url=f"{prefix}{one.id}{suffix}",
                name=one.name,
                legal_form=one.legal_form.label,
                centers=roster.centers,
                workers=f"{roster.obliged} / {roster.workers}",
                on_time=_share_text(chosen, chosen.on_time if chosen else 0),
                signed_off=_share_text(chosen, chosen.signed_off if chosen else 0),
                in_a_row=_row_text(queries.months_in_a_row(months, shown)) if months else _NO_RECORDS,
                has_issue=queries.has_issue(months),
                cells=Markup("".join([_heat_cell(_percent(months.get(month))) for month in shown])),  # noqa: S704 - all safe
            )
        )
    return rows


def _share_text(found: MonthFigures | None, count: int) -> str:
    if found is None or not found.asked:
        return share(None)
    return _FEW if found.is_hidden else share(count / found.asked)


def _row_text(count: int) -> str:
    return f"{count}か月" + ("以上" if count >= queries.MONTHS_SHOWN else "")


def _shown_share(found: MonthFigures | None) -> float | None:
    return None if found is None or found.on_time_share is None else _whole(found.on_time_share)


def _whole(value: float) -> float:
    """A share cut to whole percents, as screens show it."""
    return floor(value * 100 + 1e-9) / 100


def _percent(found: MonthFigures | None) -> int | None:
    """The share submitted on time as the heat map shows it; None when nobody was asked, -1 for too few to show it."""
    if found is None or not found.asked:
        return None
    return -1 if found.is_hidden else 100 * found.on_time // found.asked


@cache
def _heat_cell(percent: int | None) -> Markup:
    """A cell of the heat map; there are only so many different ones, and a page holds hundreds."""
    if percent == -1:
        return Markup('<td class="heat heat-none">{}</td>').format(_FEW)
    macros: Any = current_app.jinja_env.get_template("macros/page.html").module
    cell: Markup = macros.heat_cell(None if percent is None else percent / 100)
    return cell


def _month_labels(months: Sequence[str]) -> list[str]:
    """The months as heads of narrow columns."""
    return [f"{int(month[5:])}月" for month in months]


def _trends(months: Sequence[str], shares: Sequence[float | None]) -> dict[str, list[tuple[str, float | None]]]:
    """The same shares for the drawing, which has little room for words, and for the table beside it."""
    return {
        "short_trend": list(zip(_month_labels(months), shares, strict=True)),
        "long_trend": list(zip(map(clock.screen_month, months), shares, strict=True)),
    }


def _partner_prefix(municipality: Municipality) -> str:
    """The addresses of partners up to their id, made once a page."""
    nobody = UUID(int=0)
    url = url_for(".partner", municipality_id=municipality.id, organization_id=nobody)
    return url.removesuffix(str(nobody))


def _months_to_choose(today: date, chosen: str) -> list[tuple[str, str]]:
    """(month, label), newest first."""
    latest, due = queries.latest_open_month(today), queries.latest_due_month(today)
    months = [clock.month_after(latest, -back) for back in range(_MONTHS_TO_CHOOSE)]
    if chosen not in months:
        months.append(chosen)
    return [(month, clock.screen_month(month) + ("（受付中）" if month > due else "")) for month in months]


def _named_posts(organization: Organization, found: Sequence[queries.Post]) -> list[tuple[str, str]]:
    """(post, who holds it); a post that nobody holds is named as vacant."""
    rows = []
    for role in (Role.PROTECTION_OFFICER, Role.REPRESENTATIVE, Role.CENTER_HEAD):
        held = [post for post in found if post.role is role]
        if not held:
            known = organization.representative_name if role is Role.REPRESENTATIVE else ""
            rows.append((role.label, known or "未登録"))
        rows += [(f"{role.label}（{post.center}）" if post.center else role.label, post.name) for post in held]
    return rows


def _open_actions(roster: Roster, count: int) -> str:
    return f"{_FEW}のため表示しません" if roster.workers < queries.FEWEST else f"{count}件"


def _count_row(row: CenterMonth, today: date) -> dict[str, Any]:
    """A center's month in words; where the breakdown stays hidden, a range stands in place of each count."""
    few = row.hidden and row.sheets < queries.FEWEST
    most = queries.FEWEST - 1 if few else row.asked
    closing = "確認中"
    if row.is_closed:
        closing = clock.short_date(clock.local_date(row.closed_at)) if row.closed_at else "締め済み"
    elif row.sign_off_due_on < today:
        closing = "期限超過"
    return {
        "month": row.month,
        "center": row.center,
        "sheets": f"1〜{most}" if few else row.sheets,
        "excused": f"0〜{most}" if few else row.excused,
        "counts": [
            f"0〜{most}" if row.hidden else count for count in (row.submitted, row.on_time, row.late, row.signed_off)
        ],
        "closing": closing,
        "is_overdue": closing == "期限超過",
    }


# --- files ------------------------------------------------------------------------------------------------------


def _table(principal: Principal, municipality: Municipality) -> tuple[Table, str]:
    """Everything the filter leaves, as a table, and its month; that it left the house is an act that counts."""
    now = clock.now()
    today = clock.local_date(now)
    wanted = _asked_for(today)
    found = _partners(municipality, wanted, today)
    figures = queries.figures(database_session(), municipality.id, today, wanted.months)
    rows = [_cells(one, figures, wanted) for one in _sorted(municipality, found, wanted, today)]
    acts.record(
        database_session(),
        Act(
            municipality.id, "export.made", now, principal.actor, object_kind="municipality",
            object_id=municipality.id, details={"month": wanted.month, "rows": len(rows)},
        ),
    )  # fmt: skip
    columns = [
        Column("name", "団体名", width=32),
        Column("legal_form", "法人格"),
        Column("centers", "拠点数", "number", 9),
        Column("obliged", "提出対象の従事者数", "number", 12),
        Column("workers", "名簿の従事者数", "number", 12),
        Column("month", "対象月", "month"),
        Column("on_time", "期限内の提出", "share", 12),
        Column("signed_off", "確認済み", "share", 12),
        Column("in_a_row", "連続して締めた月数", "number", 12),
        Column("remark", "備考", width=40),
        *(Column(month, f"{clock.screen_month(month)}の期限内の提出", "share", 12) for month in wanted.months),
    ]
    return Table(f"{municipality.name}の連携団体", columns, rows), wanted.month


def _cells(one: Partner, figures: Figures, wanted: Wanted) -> list[Any]:
    months = figures.months.get(one.key, {})
    roster = figures.rosters.get(one.key, Roster())
    chosen = months.get(wanted.month)
    remarks = []
    if not months:
        remarks.append(_NO_RECORDS)
    if queries.has_issue(months):
        remarks.append("期限を過ぎた提出または確認があります")
    if any(found.is_hidden for found in months.values()):
        remarks.append(f"対象が{queries.FEWEST}人未満の月の割合は表示しません")
    if queries.months_in_a_row(months, wanted.months) >= queries.MONTHS_SHOWN:
        remarks.append(f"連続して締めた月数は{queries.MONTHS_SHOWN}か月まで数えています")
    return [
        one.name,
        one.legal_form.label,
        roster.centers,
        roster.obliged,
        roster.workers,
        wanted.month,
        _shown_share(chosen),
        None if chosen is None or chosen.signed_off_share is None else _whole(chosen.signed_off_share),
        queries.months_in_a_row(months, wanted.months) if months else None,
        "。".join(remarks),
        *(_shown_share(months.get(month)) for month in wanted.months),
    ]


def _file(body: bytes, name: str, content_type: str) -> Response:
    return Response(body, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
