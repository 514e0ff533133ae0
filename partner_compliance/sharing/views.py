"""The municipality's room: its partners at a glance, one partner in detail, and the list as a file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from math import floor
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from partner_compliance import acts, clock
from partner_compliance.access import Principal, Role, guarded
from partner_compliance.acts import Act
from partner_compliance.database import begin_writing
from partner_compliance.documents.tables import XLSX, Column, Table, to_csv, to_xlsx
from partner_compliance.errors import NotFound
from partner_compliance.gate.queries import due_of
from partner_compliance.inspections.queries import open_requests
from partner_compliance.library.readiness import Ladder
from partner_compliance.organizations.models import LegalForm, Municipality, Organization
from partner_compliance.organizations.queries import engagements_between
from partner_compliance.readiness import standing
from partner_compliance.readiness.standing import Standing
from partner_compliance.sharing import levels, policy, queries
from partner_compliance.sharing.levels import Levels
from partner_compliance.sharing.queries import CenterMonth, Figures, MonthFigures, Partner, Roster
from partner_compliance.sharing.wanted import COLUMNS, Wanted, asked_for, months_to_choose
from partner_compliance.web import Page, database_session, library, page_asked_for, reads_first, share, write_later

bp = Blueprint("sharing", __name__, template_folder="templates")

#: So many of the levels that end soon stand above the list; the filter shows all.
_MOST_ENDING = 10
#: So many criteria stand in a row of the list; the partner's page shows all.
_MOST_MISSING = 3
_FEW = "少人数"
_NO_RECORDS = "まだ記録がありません"
_NOT_COUNTED = "まだ計算していません"


@bp.get("/municipalities/<uuid:municipality_id>/partners")
@guarded(policy.may_see_partners, municipality=Municipality)
def dashboard(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """The partners whose engagement is valid today with their levels, a page at a time."""
    now, session = clock.now(), database_session()
    today = clock.local_date(now)
    ladder = library().ladder_for(today)
    wanted = asked_for(today, ladder)
    everyone, found = _partners(municipality, wanted, ladder, now)
    if everyone.counted:
        write_later(lambda writing: standing.keep(writing, everyone.counted.values()))
    page = page_asked_for(len(found), wanted.per_page)
    ordered = _sorted(municipality, found, wanted, today)[page.offset : page.offset + page.size]
    ids = [one.id for one in ordered]
    figures = queries.figures(session, municipality.id, today, wanted.months, ids=ids, trend=True)
    standings = standing.kept(session, library(), today, ids) | everyone.counted
    address = _addresses(municipality, wanted)
    ending = [one for one in everyone.ending if levels.ends_soon(one.lapses_on, today)]
    return render_template(
        "sharing/dashboard.html",
        municipality=municipality,
        wanted=wanted,
        rows=_rows(ordered, figures, wanted, _Said(municipality, ladder, standings, today)),
        columns=_columns(wanted, address),
        month_labels=_month_labels(wanted.months),
        choices=months_to_choose(today, wanted.month),
        legal_forms=list(LegalForm),
        ladder=ladder,
        ending=ending[:_MOST_ENDING],
        ending_total=len(ending),
        waiting=everyone.waiting,
        requests=open_requests(session, municipality.id, today),
        due=next(iter(due_of(session, [municipality.id], principal.user_id, today)), None),
        saved=queries.saved_views(session, municipality.id, principal.user_id),
        **_trends(wanted.months, [figures.trend[month] for month in wanted.months]),
        page=_page_links(page, address),
        is_filtered=wanted.is_filtered,
        fewest=queries.FEWEST,
        reset_url=url_for(".dashboard", municipality_id=municipality.id, month=wanted.month),
        save_url=url_for(".save_view", municipality_id=municipality.id, **wanted.kept()) if wanted.kept() else "",
        csv_url=url_for(".export_csv", municipality_id=municipality.id, **wanted.arguments()),
        xlsx_url=url_for(".export_xlsx", municipality_id=municipality.id, **wanted.arguments()),
    )


@bp.post("/municipalities/<uuid:municipality_id>/partners/levels")
@guarded(policy.may_see_partners, municipality=Municipality)
@reads_first
def count_levels(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """Count the levels of all partners that were not counted today yet."""
    now, session = clock.now(), database_session()
    today = clock.local_date(now)
    found = queries.partners(session, municipality.id, today, library().ladder_for(today).edition)
    counted = levels.brought_up(session, library(), found, today=today, now=now, at_once=None).counted
    if counted:
        begin_writing(session)
        standing.keep(session, counted.values())
    flash("すべての団体の、今日の段階を計算しました。", "success")
    return redirect(url_for(".dashboard", municipality_id=municipality.id), 303)


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
    wanted = asked_for(today, library().ladder_for(today))
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
        choices=months_to_choose(today, wanted.month),
        counts=[_count_row(row, today) for row in queries.center_months(session, organization.id, wanted.months)],
        **_trends(wanted.months, [_shown_share(months.get(month)) for month in wanted.months]),
        fewest=queries.FEWEST,
        today=today,
        back_url=url_for(".dashboard", municipality_id=municipality.id, month=wanted.month),
    )


# --- what is asked for ------------------------------------------------------------------------------------------


def _partners(
    municipality: Municipality, wanted: Wanted, ladder: Ladder, now: datetime, *, at_once: int | None = levels.AT_ONCE
) -> tuple[Levels, list[Partner]]:
    """All partners of today with their levels, and those of them that the filter leaves, by name."""
    session, today = database_session(), clock.local_date(now)
    months = wanted.months if wanted.only_issues else ()
    every = queries.partners(session, municipality.id, today, ladder.edition, issues_in=months)
    everyone = levels.brought_up(
        session, library(), every, _shown_first(_narrowed(every, wanted), wanted), today=today, now=now,
        at_once=at_once,
    )  # fmt: skip
    left = _narrowed(everyone.partners, wanted)
    return everyone, levels.picked(left, today, level=wanted.level, only_ending=wanted.only_ending)


def _narrowed(found: Sequence[Partner], wanted: Wanted) -> list[Partner]:
    return queries.narrowed(
        found, name=wanted.name, legal_form=wanted.legal_form, only_issues=wanted.only_issues
    )  # fmt: skip


def _shown_first(found: Sequence[Partner], wanted: Wanted) -> list[Any]:
    """Whose levels matter most where not all can be counted at once: the page's, as far as it is known yet."""
    shown = found[::-1] if wanted.sort == "name" and wanted.descending else found
    page = page_asked_for(len(shown), wanted.per_page)
    on_page = [] if wanted.asks_for_level else shown[page.offset : page.offset + page.size]
    return [one.key for one in (*on_page, *shown)]


# --- order ------------------------------------------------------------------------------------------------------

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
    if wanted.sort == "legal_form":
        return lambda one: _LEGAL_FORMS[one.legal_form]
    if wanted.sort == "lapses_on":
        return attrgetter("lapses_on")
    rosters = queries.figures(database_session(), municipality.id, today, [wanted.month]).rosters
    part_of = attrgetter("centers") if wanted.sort == "centers" else attrgetter("obliged", "workers")
    return lambda one: part_of(rosters[one.key])


def _columns(wanted: Wanted, address: Callable[..., str]) -> list[dict[str, Any]]:
    columns = []
    for name, column in COLUMNS.items():
        present = name == wanted.sort
        columns.append(
            {
                "label": column.label,
                "is_number": column.is_number,
                "url": address(sort=f"-{name}" if present and not wanted.descending else name) if column.sorts else "",
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
    level: str
    level_url: str
    #: When the level was counted, and which way it goes.
    counted: str
    trend: str
    lapses_on: str
    ends_soon: bool
    missing: Sequence[str]
    legal_form: str
    centers: int
    workers: str
    on_time: str
    signed_off: str
    in_a_row: str
    has_issue: bool
    #: The cells of the heat map, ready to show.
    cells: Markup


@dataclass(frozen=True)
class _Said:
    """What rows say of levels."""

    municipality: Municipality
    ladder: Ladder
    standings: dict[UUID, Standing]
    today: date

    def cells(self, one: Partner, prefix: str) -> dict[str, Any]:
        """The cells about one partner's level; a level that was not counted today is not shown."""
        found = self.standings.get(one.id)
        if found is None:
            said = {"level": _NOT_COUNTED, "counted": "", "trend": "", "lapses_on": "－", "missing": ()}
            return {**said, "level_url": f"{prefix}{one.id}/readiness", "ends_soon": False}
        at = clock.local(found.computed_at)
        return {
            "level": level_in_words(self.ladder, found.level),
            "level_url": f"{prefix}{one.id}/readiness",
            "counted": f"{at.hour}時{at.minute}分現在",
            "trend": trend_in_words(found),
            "lapses_on": clock.era_date(found.lapses_on) if found.lapses_on else "－",
            "ends_soon": levels.ends_soon(found.lapses_on, self.today),
            "missing": missing_in_words(self.ladder, found.next_missing),
        }


def level_in_words(ladder: Ladder, level: int) -> str:
    """A level with its name."""
    return f"段階{level} {ladder.title_of(level)}"


def trend_in_words(found: Standing) -> str:
    """Which way a level goes since the end of the earliest month that is known, with the levels between."""
    if not found.months:
        return ""
    months = sorted(found.months)
    first, levels_then = found.months[months[0]], [found.months[month] for month in months]
    way = "上がった" if found.level > first else "下がった" if found.level < first else "変わらない"
    if len({*levels_then, found.level}) > 1 and way == "変わらない":
        way = "途中で変わった"
    steps = "→".join(str(each) for each in (*levels_then, found.level))
    return f"{int(months[0][5:])}月末から{way}" + (f"（{steps}）" if way != "変わらない" else "")


def missing_in_words(ladder: Ladder, ids: Sequence[str], most: int = _MOST_MISSING) -> list[str]:
    """The criteria that are missing for the next level by number and title, the first of them."""
    said = [f"{each} {ladder.criteria[each].title}" for each in ids if each in ladder.criteria]
    return said if len(said) <= most else [*said[:most], f"ほか{len(said) - most}件"]


def _rows(ordered: Sequence[Partner], figures: Figures, wanted: Wanted, said: _Said) -> list[Row]:
    shown, prefix, suffix = wanted.months, _partner_prefix(said.municipality), f"?month={wanted.month}"
    rows = []
    for one in ordered:
        months = figures.months.get(one.key, {})
        roster = figures.rosters.get(one.key, Roster())
        chosen = months.get(wanted.month)
        rows.append(
            Row(
                url=f"{prefix}{one.id}{suffix}",
                name=one.name,
                **said.cells(one, prefix),
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
    now, session = clock.now(), database_session()
    today = clock.local_date(now)
    ladder = library().ladder_for(today)
    wanted = asked_for(today, ladder)
    everyone, found = _partners(municipality, wanted, ladder, now, at_once=None)
    if everyone.counted:
        write_later(lambda writing: standing.keep(writing, everyone.counted.values()))
    figures = queries.figures(session, municipality.id, today, wanted.months)
    standings = standing.kept(session, library(), today, [one.id for one in found]) | everyone.counted
    rows = [
        _cells(one, figures, wanted, ladder, standings[one.id])
        for one in _sorted(municipality, found, wanted, today)
    ]  # fmt: skip
    acts.record(
        session,
        Act(
            municipality.id, "export.made", now, principal.actor, object_kind="municipality",
            object_id=municipality.id, details={"month": wanted.month, "rows": len(rows)},
        ),
    )  # fmt: skip
    columns = [
        Column("name", "団体名", width=32),
        Column("legal_form", "法人格"),
        Column("level", "段階", "number", 9),
        Column("level_name", "段階の名前"),
        Column("as_of", "段階の基準日", "date"),
        Column("counted_at", "段階を計算した時刻"),
        Column("lapses_on", "満たしている期限", "date"),
        Column("missing", "次の段階に足りない基準", width=40),
        *(
            Column(f"level-{month}", f"{clock.screen_month(month)}末の段階", "number", 9)
            for month in standing.months_before(today)
        ),
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


def _cells(one: Partner, figures: Figures, wanted: Wanted, ladder: Ladder, found: Standing) -> list[Any]:
    months = figures.months.get(one.key, {})
    roster = figures.rosters.get(one.key, Roster())
    chosen = months.get(wanted.month)
    remarks = []
    if not months:
        remarks.append(_NO_RECORDS)
    if queries.has_issue(months):
        remarks.append("期限を過ぎた提出または確認があります")
    if any(each.is_hidden for each in months.values()):
        remarks.append(f"対象が{queries.FEWEST}人未満の月の割合は表示しません")
    if queries.months_in_a_row(months, wanted.months) >= queries.MONTHS_SHOWN:
        remarks.append(f"連続して締めた月数は{queries.MONTHS_SHOWN}か月まで数えています")
    return [
        one.name,
        one.legal_form.label,
        found.level,
        ladder.title_of(found.level),
        found.as_of,
        clock.screen_moment(found.computed_at),
        found.lapses_on,
        "、".join(missing_in_words(ladder, found.next_missing, most=len(found.next_missing))),
        *(found.months.get(month) for month in standing.months_before(found.as_of)),
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
