"""The menu: the pages a reader comes back to, by what they hold, and the reader's own pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import g, request, url_for

from partner_compliance.access import Principal, Role
from partner_compliance.organizations.queries import centers_named, organizations_named
from partner_compliance.web import database_session

#: Up to so many pages the menu shows side by side; beyond, in groups that open.
FLAT = 8


@dataclass(frozen=True)
class Entry:
    """A page in the menu: in which group, its label and address, and whether it is the present one."""

    group: str
    label: str
    address: str
    is_current: bool = False


@dataclass(frozen=True)
class Group:
    """Pages that stand together; without a name they stand in the menu itself."""

    name: str
    entries: Sequence[Entry]

    @property
    def is_current(self) -> bool:
        """Whether the present page is among them."""
        return any(entry.is_current for entry in self.entries)


def menu() -> list[Group]:
    """The menu of the present reader: one nameless group while it is short, else groups in their order."""
    entries = _entries()
    if len(entries) <= FLAT:
        return [Group("", entries)] if entries else []
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.group, []).append(entry)
    # A group of one is no group: its page stands in the menu itself.
    return [Group(name if len(found) > 1 else "", found) for name, found in groups.items()]


def _entries() -> list[Entry]:
    principal: Principal | None = g.get("principal")
    if principal is None or principal.lacks_factor or principal.kiosk_id is not None:
        return []
    found = [("", "ホーム", url_for("reminders.home"))]
    if principal.worker_ids:
        found += [
            ("自分の記録", "自分のシート", url_for("sheets.own")),
            ("自分の記録", "持ち出し", url_for("takeouts.own")),
            ("自分の記録", "授受の記録", url_for("receipts.own")),
            ("自分の記録", "誓約", url_for("pledges.own")),
            ("自分の記録", "規程", url_for("rulebooks.own")),
        ]
    if principal.worker_ids or principal.municipality_ids:
        found.append(("自分の記録", "講座", url_for("training.own")))
    found += _of_centers(principal)
    if principal.entrusting_ids:
        found.append(("月の点検", "参加団体の代行", url_for("sheets.entrusted")))
    found += _of_organizations(principal)
    for municipality_id in sorted(principal.municipality_ids):
        found += _of_municipality(municipality_id)
    if principal.is_(Role.OPERATOR):
        found.append(("運営", "登録団体", url_for("organizations.tenants")))
        found.append(("運営", "止まったアカウント", url_for("accounts.stopped")))
    return [Entry(group, label, address, request.path == address) for group, label, address in found]


Found = list[tuple[str, str, str]]


def _of_centers(principal: Principal) -> Found:
    """The months of the centers the reader heads; named only where there are several."""
    centers = sorted(center for _, center in principal.headed_centers)
    names = centers_named(database_session(), principal.headed_centers) if len(centers) > 1 else {}
    return [
        (
            "月の点検",
            f"{names[center]}の月次状況" if names else "拠点の月次状況",
            url_for("sheets.center", center_id=center),
        )
        for center in centers
    ]


def _of_organizations(principal: Principal) -> Found:
    """The pages of the organizations in which the reader holds a post; named only where there are several."""
    held: dict[UUID, set[Role]] = {}
    for standing in principal.standings:
        if standing.organization_id and not standing.network_id:
            held.setdefault(standing.organization_id, set()).add(standing.role)
    leading = {Role.PROTECTION_OFFICER, Role.CENTER_HEAD, Role.REPRESENTATIVE}
    wanted = sorted(found for found, roles in held.items() if roles & leading)
    names = organizations_named(database_session(), wanted) if len(wanted) > 1 else {}
    pages: Found = []
    for found in wanted:
        of = f"{names[found]} " if names else ""
        pages += [(group, of + label, address) for group, label, address in _of_organization(found, held[found])]
    return pages


def _of_organization(found: UUID, roles: set[Role]) -> Found:
    is_officer, is_head = Role.PROTECTION_OFFICER in roles, Role.CENTER_HEAD in roles
    here: dict[str, Any] = {"organization_id": found}
    pages = [
        (is_officer, "月の点検", "団体の月次状況", "sheets.organization_months"),
        (True, "持ち出し・授受", "持ち出し管理台帳", "takeouts.ledger"),
        (True, "持ち出し・授受", "授受簿", "receipts.register"),
        (True, "団体の人", "従事者名簿", "roster.index"),
        (True, "団体の人", "誓約の状況", "pledges.coverage"),
        (True, "団体の人", "規程の確認状況", "rulebooks.coverage"),
        (True, "団体の人", "研修", "training.index"),
        (is_officer or is_head, "団体の人", "加入・退職", "people.overview"),
        (is_officer, "団体の人", "アカウント", "accounts.accounts"),
        (is_officer or Role.REPRESENTATIVE in roles, "団体", "連携関係", "engagements.of_organization"),
        (is_officer or Role.REPRESENTATIVE in roles, "団体", "協議会の構成員", "councils.of_organization"),
        (is_officer or Role.REPRESENTATIVE in roles, "団体", "調査・改善依頼", "inspections.of_organization"),
        (True, "団体", "準備度", "readiness.show"),
        (True, "団体", "自治体が求める条件", "gate.required"),
        (True, "持ち出し・授受", "自治体からの共有", "gate.shares"),
        (is_officer or Role.REPRESENTATIVE in roles, "団体", "準備度の公開", "publications.show"),
        (True, "団体", "団体の規程", "rulebooks.index"),
        (is_officer or Role.REPRESENTATIVE in roles, "団体", "スターターキット", "kits.shelf"),
        (True, "団体", "団体の情報", "organizations.show"),
        (is_officer, "団体", "記録の履歴", "history.who_did_what"),
    ]
    return [(group, label, url_for(endpoint, **here)) for holds, group, label, endpoint in pages if holds]


def _of_municipality(municipality_id: UUID) -> Found:
    here: dict[str, Any] = {"municipality_id": municipality_id}
    return [
        ("団体の状況", "連携団体", url_for("sharing.dashboard", **here)),
        ("団体の状況", "月次報告", url_for("sharing.reports", **here)),
        ("団体の状況", "調査・改善依頼", url_for("inspections.of_municipality", **here)),
        ("団体の状況", "持ち出しの件数", url_for("sharing.take_outs", **here)),
        ("団体の状況", "持ち出す理由", url_for("sharing.reasons", **here)),
        ("団体の状況", "授受簿", url_for("receipts.of_municipality", **here)),
        ("共有", "共有できるか確かめる", url_for("gate.ask", **here)),
        ("共有", "共有の判断", url_for("gate.decisions", **here)),
        ("共有", "見直しが要る共有", url_for("gate.lapses", **here)),
        ("共有", "共有の条件", url_for("gate.requirements", **here)),
        ("連携と招待", "連携関係", url_for("engagements.of_municipality", **here)),
        ("連携と招待", "団体の招待", url_for("registrations.partners", **here)),
        ("連携と招待", "スターターキット", url_for("kits.of_municipality", **here)),
        ("協議会", "構成員の承諾", url_for("councils.members", **here)),
        ("協議会", "個別ケース検討会議", url_for("councils.meetings", **here)),
        ("自治体", "担当者", url_for("invitations.officers", **here)),
        ("自治体", "APIキー", url_for("api_tokens.index", **here)),
        ("自治体", "記録の履歴", url_for("history.municipality", **here)),
    ]


def account_links() -> list[tuple[str, str]]:
    """The pages in the reader's own menu, beside password and signing out."""
    principal: Principal | None = g.get("principal")
    if principal is None or principal.kiosk_id is not None:
        return []
    looked = [("自分の記録を見た人", url_for("history.who_looked"))] if principal.worker_ids else []
    security = [] if principal.is_at_kiosk else [("サインインの安全設定", url_for("accounts.security"))]
    return [*_own_rows(principal), *looked, *security]


def _own_rows(principal: Principal) -> list[tuple[str, str]]:
    """What each roster says of the reader; named where there are several."""
    rows = {held.worker_id: held.organization_id for held in principal.standings if held.worker_id}
    names = organizations_named(database_session(), filter(None, rows.values())) if len(rows) > 1 else {}
    return [
        (
            f"自分の登録内容（{names[organization_id]}）" if organization_id in names else "自分の登録内容",
            url_for("people.show", worker_id=worker_id),
        )
        for worker_id, organization_id in rows.items()
    ]
