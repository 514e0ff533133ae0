"""The pages of the history: who did what, and who looked at my records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from partner_compliance import acts, clock
from partner_compliance.access import Principal, anyone, guarded
from partner_compliance.acts import Act
from partner_compliance.errors import InvalidInput, NotFound
from partner_compliance.history import people, policy, queries
from partner_compliance.history.entries import Entry
from partner_compliance.history.labels import sentence
from partner_compliance.history.people import Person
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.organizations.queries import centers_of, organizations_named
from partner_compliance.web import database_session

bp = Blueprint("history", __name__, template_folder="templates")

_ON_A_PAGE = 50
_LISTED_MONTHS = 60
_BINDERS = 20

#: What can be asked for: the beginning of the acts' names, and what it is called.
_KINDS = {
    "sheet": "チェックシート",
    "month": "月の受付・締め",
    "binder": "ひと月分の綴り",
    "account": "サインインとアカウント",
    "role": "役割",
    "kiosk": "共用端末",
    "action": "改善の対応",
    "settings": "設定",
    "export": "ファイルへの書き出し",
    "history": "履歴",
    "worker": "従事者名簿",
    "center": "拠点",
    "engagement": "契約・協定",
    "clauses": "契約の条項",
    "place": "作業場所・保管場所",
    "organization": "団体の情報",
    "registration": "団体の登録・招待",
    "network": "協議会・ネットワーク",
    "mandate": "事務局に任せたこと",
    "api": "システムからの照会（API）",
    "inspection": "調査",
    "demand": "指摘・改善依頼",
    "objection": "段階についての申出",
}


@dataclass(frozen=True)
class Line:
    """An entry as the page shows it."""

    entry: Entry
    what: str
    whom: str
    digest: str


@dataclass(frozen=True)
class Asked:
    """What the address asks for; empty words ask for everything."""

    month: str
    kind: str
    person: Person | None
    before: int | None

    @property
    def since(self) -> datetime | None:
        """The first moment of the month asked for."""
        return clock.start_of(clock.first_day(self.month)) if self.month else None

    @property
    def until(self) -> datetime | None:
        """The first moment after the month asked for."""
        return clock.start_of(clock.last_day(self.month) + timedelta(days=1)) if self.month else None


# --- who did what -----------------------------------------------------------------------------------------------


@bp.get("/organizations/<uuid:organization_id>/history")
@guarded(policy.may_read, organization=Organization)
def who_did_what(principal: Principal, organization: Organization) -> ResponseReturnValue:
    """What happened in an organization, newest first."""
    session = database_session()
    persons = people.people_of(session, organization.id)
    asked = _asked(persons)
    _tell_of_looking(principal, organization, asked)
    return _page(
        organization.id,
        asked,
        persons,
        names=lambda entries: people.names_on_roster(session, organization.id, entries),
        title=organization.name,
        since=organization.created_at,
    )


@bp.get("/municipalities/<uuid:municipality_id>/history")
@guarded(policy.may_read_municipality, municipality=Municipality)
def municipality(principal: Principal, municipality: Municipality) -> ResponseReturnValue:
    """What happened in a municipality's own room, newest first."""
    session = database_session()
    persons = people.officers_of(session, municipality.id)
    return _page(
        municipality.id,
        _asked(persons),
        persons,
        names=lambda entries: people.names_of_accounts(session, entries),
        title=municipality.name,
        since=municipality.created_at,
    )


def _page(
    log_id: UUID,
    asked: Asked,
    persons: list[Person],
    *,
    names: Callable[[Sequence[Entry]], dict[UUID, str]],
    title: str,
    since: datetime,
) -> str:
    session = database_session()
    found = queries.page_of_entries(
        session,
        log_id,
        act_prefix=f"{asked.kind}." if asked.kind else None,
        actor_id=asked.person.user_id if asked.person else None,
        before_idx=asked.before,
        since=asked.since,
        until=asked.until,
        limit=_ON_A_PAGE + 1,
    )
    entries = found[:_ON_A_PAGE]
    named, digests = names(entries), people.digests(session, log_id, entries)
    return render_template(
        "history/who_did_what.html",
        body=title,
        lines=[_line(entry, named, digests) for entry in entries],
        asked=asked,
        persons=persons,
        kinds=_KINDS,
        months=_months(since),
        older=_address_of(asked, entries[-1].idx) if len(found) > _ON_A_PAGE else "",
        newest=_address_of(asked, None) if asked.before is not None else "",
    )


def _line(entry: Entry, names: dict[UUID, str], digests: dict[int, str]) -> Line:
    whom = names.get(entry.subject_id, "") if entry.subject_id else ""
    return Line(entry, sentence(entry), whom, digests[entry.idx])


def _months(since: datetime) -> list[str]:
    """The months one can ask for, newest first."""
    months = clock.months_between(clock.month_of(clock.local_date(since)), clock.month_of(clock.today()))
    return months[::-1][:_LISTED_MONTHS]


def _address_of(asked: Asked, before: int | None) -> str:
    values: dict[str, Any] = {
        "month": asked.month or None,
        "kind": asked.kind or None,
        "person": asked.person.user_id if asked.person else None,
        "before": before,
    }
    return url_for(request.endpoint or "", **(request.view_args or {}), **values)


def _asked(persons: list[Person]) -> Asked:
    """What the address asks for; raises InvalidInput for what cannot be asked."""
    month, kind = request.args.get("month", ""), request.args.get("kind", "")
    if month and not clock.is_month(month):
        raise InvalidInput("月の指定が正しくありません。", "画面の「月」から選び直してください。")
    if kind and kind not in _KINDS:
        raise InvalidInput("操作の種類の指定が正しくありません。", "画面の「操作の種類」から選び直してください。")
    typed = request.args.get("person", "")
    person = next((person for person in persons if str(person.user_id) == typed), None)
    if typed and person is None:
        raise InvalidInput("操作した人の指定が正しくありません。", "画面の「操作した人」から選び直してください。")
    return Asked(month, kind, person, _before())


def _before() -> int | None:
    text = request.args.get("before", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise InvalidInput("記録番号の指定が正しくありません。", "新しい記録から見直してください。")
    return int(text)


def _tell_of_looking(principal: Principal, organization: Organization, asked: Asked) -> None:
    """Who asks for one person's doings looks at an individual's record: that is an act itself."""
    person = asked.person
    if person is None or person.user_id == principal.user_id:
        return
    acts.record(
        database_session(),
        Act(organization.id, "history.viewed", clock.now(), principal.actor, subject_id=person.worker_id),
    )


# --- who looked -------------------------------------------------------------------------------------------------


@bp.get("/my/views")
@guarded(anyone)
def who_looked(principal: Principal) -> ResponseReturnValue:
    """Who looked at the reader's own records, one organization at a time."""
    session = database_session()
    rows = {held.organization_id: held.worker_id for held in principal.standings if held.worker_id}
    names = organizations_named(session, [organization_id for organization_id in rows if organization_id])
    bodies = sorted(names.items(), key=lambda named: (named[1], named[0]))
    if not bodies:
        return render_template("history/who_looked.html", bodies=[], organization_id=None)
    organization_id = _organization_asked([body for body, _ in bodies])
    worker_id, before = rows[organization_id], _before()
    assert worker_id is not None  # noqa: S101 - only rows with one were taken above
    found = queries.views_of(
        session,
        organization_id,
        worker_id,
        own_user_id=principal.user_id,
        before_idx=before,
        limit=_ON_A_PAGE + 1,
    )
    # At which center someone was in a month, the sheets know; they stand above this room, so all binders are shown.
    binders = queries.page_of_entries(session, organization_id, act_prefix="binder.downloaded", limit=_BINDERS)
    listed = queries.page_of_entries(session, organization_id, act_prefix="inspection.listed", limit=_BINDERS)
    centers: dict[UUID | None, str] = {center.id: center.name for center in centers_of(session, organization_id)}
    return render_template(
        "history/who_looked.html",
        bodies=bodies,
        organization_id=organization_id,
        views=[(entry, sentence(entry)) for entry in found[:_ON_A_PAGE]],
        binders=[
            (entry, f"{centers.get(entry.object_id, '')} {sentence(entry)}")
            for entry in binders
            if entry.actor_id != principal.user_id
        ],
        listed=[(entry, sentence(entry)) for entry in listed],
        before=before,
        older=found[_ON_A_PAGE - 1].idx if len(found) > _ON_A_PAGE else None,
    )


def _organization_asked(own: list[UUID]) -> UUID:
    text = request.args.get("organization", "")
    chosen = next((body for body in own if str(body) == text), None)
    if text and chosen is None:
        raise NotFound
    return chosen or own[0]
