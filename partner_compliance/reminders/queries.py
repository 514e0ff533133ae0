"""What is due for whom: one list of tasks for the home page, the most pressing first."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from partner_compliance import clock
from partner_compliance.access import Principal, Role
from partner_compliance.engagements import queries as engagements
from partner_compliance.library.shelf import Library
from partner_compliance.people import queries as people
from partner_compliance.reminders import councils, courses, pledges, receipts, rules, take_outs
from partner_compliance.reminders.tasks import Task, TasksOf
from partner_compliance.roster import queries as roster
from partner_compliance.sheets import entrusted
from partner_compliance.sheets import queries as sheets
from partner_compliance.sheets.models import SheetState


def tasks_of(
    session: Session, principal: Principal, library: Library, *, today: date, more: Sequence[TasksOf] = ()
) -> list[Task]:
    """What the reader has to do today, in a number of statements that does not grow with the rows.

    `more` says what rooms above this one know of.
    """
    found: list[Task] = []
    if principal.worker_ids:
        found += _own_sheets(session, principal, today)
    if principal.headed_centers:
        found += _months_of_centers(session, principal, today)
    officer_of = _organizations_as(principal, Role.PROTECTION_OFFICER)
    if officer_of:
        found += _sheets_to_confirm(session, principal, officer_of, Role.CENTER_HEAD, today)
        found += _sheets_to_confirm(session, principal, officer_of, Role.PROTECTION_OFFICER, today)
        found += _rosters_to_confirm(session, officer_of, today)
    found += _people(session, principal, officer_of, today)
    found += pledges.tasks_of(session, principal, library, today=today)
    found += rules.tasks_of(session, principal, today=today)
    found += courses.tasks_of(session, principal, library, today=today)
    found += take_outs.tasks_of(session, principal, today=today)
    found += receipts.tasks_of(session, principal, today=today)
    represents = [each for each in _organizations_as(principal, Role.REPRESENTATIVE) if each not in officer_of]
    if represents:
        found += _sheets_to_confirm(session, principal, represents, Role.PROTECTION_OFFICER, today)
    speaks_for = sorted({*officer_of, *represents})
    if speaks_for:
        found += _proposals(session, speaks_for) + _endings(session, speaks_for, today)
        found += councils.tasks_of(session, principal)
    if principal.municipality_ids:
        found += _desks(session, principal, today)
    if principal.entrusting_ids:
        found += _sheets_entrusted(session, principal, today)
    for source in more:
        found += source(session, principal, today=today)
    unique = {(task.endpoint, tuple(task.values.items())): task for task in reversed(found)}
    return sorted(
        unique.values(), key=lambda task: (task.tone != "urgent", task.due_on is None, task.due_on or date.max)
    )


def _organizations_as(principal: Principal, role: Role) -> list[UUID]:
    return sorted({held.organization_id for held in principal.standings if held.role is role and held.organization_id})


def _own_sheets(session: Session, principal: Principal, today: date) -> list[Task]:
    tasks = []
    for row in sheets.sheets_of_workers(session, principal.organization_ids, principal.worker_ids, limit=12):
        month = clock.screen_month(row.sheet.month)
        values: dict[str, object] = {"sheet_id": row.sheet.id}
        is_late = row.sheet.due_on < today
        if row.state is SheetState.RETURNED:
            comment = (row.last.comment or "") if row.last else ""
            tasks.append(
                Task(
                    f"{month}分のチェックシートを直す",
                    f"{row.last.by_name if row.last else ''}さんのコメント: {comment}",
                    "直して提出する",
                    "sheets.fill_in",
                    values,
                    row.sheet.sign_off_due_on,
                    "urgent",
                )
            )
        elif row.state in (SheetState.NOT_BEGUN, SheetState.DRAFT):
            begun = row.state is SheetState.DRAFT
            late = "提出期限を過ぎています。いまからでも提出できます。" if is_late else ""
            tasks.append(
                Task(
                    f"{month}分のチェックシート",
                    late or ("下書きの続きから記入できます。" if begun else "2分ほどで終わります。"),
                    "続きを記入する" if begun else "記入する",
                    "sheets.fill_in",
                    values,
                    row.sheet.due_on,
                    "urgent" if is_late else "normal",
                )
            )
    return tasks


def _months_of_centers(session: Session, principal: Principal, today: date) -> list[Task]:
    waiting = sheets.waiting_for_heads(session, principal.headed_centers)
    tasks = []
    for center, tally in sheets.open_tallies(session, principal.headed_centers):
        awaiting = waiting.pop((center.id, tally.month), 0)
        missing = tally.sheets - tally.signed_off - tally.excused - tally.awaiting
        is_ready = missing == 0 and tally.awaiting == 0
        if not awaiting and not is_ready and (not missing or today <= tally.due_on):
            continue
        month = clock.screen_month(tally.month)
        if awaiting:
            title = f"{center.name} {month}分: {awaiting}人のシートを確認する"
        elif is_ready:
            title = f"{center.name} {month}分を締める"
        else:
            title = f"{center.name} {month}分: {missing}人がまだ提出していません"
        text = f"確認済み {tally.signed_off}人、対象外 {tally.excused}人、未提出 {missing}人（全{tally.sheets}人）"
        tasks.append(
            Task(
                title,
                text,
                "一覧を開く",
                "sheets.center_month",
                {"center_id": center.id, "month": tally.month},
                tally.sign_off_due_on,
                "urgent" if tally.sign_off_due_on < today else "normal",
            )
        )
    return tasks + [
        Task(
            f"{clock.screen_month(month)}分: 訂正版が{count}件届いています",
            "締めたあとに、訂正版が提出されました。内容を確認してください。",
            "一覧を開く",
            "sheets.center_month",
            {"center_id": center_id, "month": month},
        )
        for (center_id, month), count in waiting.items()
    ]


#: How far back leavings that are still open are asked for.
_LEAVERS_OF = timedelta(days=365)


def _people(session: Session, principal: Principal, officer_of: list[UUID], today: date) -> list[Task]:
    """Joining and leaving that is not complete: of the whole organization, or of the centers that the reader heads."""
    headed = {(organization, center) for organization, center in principal.headed_centers}
    asked = sorted({*officer_of, *(organization for organization, _ in headed)})
    if not asked:
        return []
    # A head cannot record the own steps: they wait for the protection officer.
    own = {held.worker_id for held in principal.standings if held.worker_id and held.organization_id not in officer_of}
    joining = people.how_many_joining(session, asked, but=own, on=today)
    leaving = people.how_many_leaving_open(session, asked, since=today - _LEAVERS_OF, on=today - timedelta(days=1))

    def count(counts: dict[tuple[UUID, UUID], int], organization_id: UUID) -> int:
        is_officer = organization_id in officer_of
        return sum(
            found for where, found in counts.items() if where[0] == organization_id and (is_officer or where in headed)
        )

    tasks = []
    for organization_id in asked:
        values: dict[str, object] = {"organization_id": organization_id}
        if left := count(leaving, organization_id):
            tasks.append(
                Task(
                    f"退職・活動終了の手続きが残っている方: {left}人",
                    "返ってきていないものや、受け取っていない誓約などがあります。",
                    "残りの手続きを見る",
                    "people.overview",
                    {**values, "_anchor": "leavers"},
                    tone="urgent",
                )
            )
        if joined := count(joining, organization_id):
            tasks.append(
                Task(
                    f"{joined}人の加入手続きが残っています",
                    "説明・誓約・研修の記録が済むまで、個人情報は取り扱えません。",
                    "加入の手続きを見る",
                    "people.overview",
                    {**values, "_anchor": "joiners"},
                )
            )
    return tasks


def _sheets_entrusted(session: Session, principal: Principal, today: date) -> list[Task]:
    """What members of a network have left to its office: paper to enter, heads' sheets to confirm."""
    tasks = [
        Task(
            f"{each.organization} {each.center.name} {clock.screen_month(each.tally.month)}分: "
            f"紙のシートを{each.paper}人分入力する",
            "アカウントのない方の、まだ入力されていないシートです。紙が届いたら入力してください。",
            "一覧を開く",
            "sheets.center_month",
            {"center_id": each.center.id, "month": each.tally.month},
            each.tally.due_on,
            "urgent" if each.tally.due_on < today else "normal",
        )
        for each in entrusted.months(session, principal)
        if each.paper
    ]
    return tasks + [
        Task(
            f"{each.organization} {each.row.worker.name}さん（センター長）の"
            f"{clock.screen_month(each.row.sheet.month)}分を確認する",
            "参加団体から、センター長のシートの確認を任されています。",
            "確認する",
            "sheets.show",
            {"sheet_id": each.row.sheet.id},
            each.row.sheet.sign_off_due_on,
            "urgent" if each.row.sheet.sign_off_due_on < today else "normal",
        )
        for each in entrusted.heads_waiting(session, principal)
    ]


def _sheets_to_confirm(
    session: Session, principal: Principal, organization_ids: list[UUID], role: Role, today: date
) -> list[Task]:
    return [
        Task(
            f"{row.worker.name}さん（{role.label}）の{clock.screen_month(row.sheet.month)}分を確認する",
            "提出されたシートが、あなたの確認を待っています。",
            "確認する",
            "sheets.show",
            {"sheet_id": row.sheet.id},
            row.sheet.sign_off_due_on,
            "urgent" if row.sheet.sign_off_due_on < today else "normal",
        )
        for row in sheets.sheets_of_officers(session, organization_ids, role=role)
        if row.worker.id not in principal.worker_ids
    ]


def _rosters_to_confirm(session: Session, organization_ids: list[UUID], today: date) -> list[Task]:
    due = roster.confirmations_due(session, organization_ids, today=today)
    return [
        Task(
            f"{each.organization}の従事者名簿を確認する" if len(organization_ids) > 1 else "従事者名簿を確認する",
            f"前回の確認は{clock.era_date(each.last_on)}です。90日ごとに確認してください。"
            if each.last_on
            else "まだ一度も確認していません。90日ごとに確認してください。",
            "名簿を確認する",
            "roster.confirm",
            {"organization_id": each.organization_id},
            each.due_on,
            "urgent" if each.due_on < today else "normal",
        )
        for each in due
    ]


def _proposals(session: Session, organization_ids: list[UUID]) -> list[Task]:
    return [
        Task(
            f"{each.municipality}からの{'変更の' if each.is_change else ''}提案に返事をする",
            f"「{each.title}」について、{clock.short_date(clock.local_date(each.proposed_at))}に提案が届いています。",
            "内容を見る",
            "engagements.show",
            {"engagement_id": each.engagement_id},
        )
        for each in engagements.waiting_for(session, organization_ids)
    ]


def _endings(session: Session, organization_ids: list[UUID], today: date) -> list[Task]:
    return [
        Task(
            f"{municipality}との連携関係が、まもなく終わります",
            f"「{title}」は{clock.era_date(ends_on)}までです。続けるときは、自治体の担当者に延長を頼んでください。",
            "内容を見る",
            "engagements.show",
            {"engagement_id": engagement_id},
            ends_on,
        )
        for engagement_id, municipality, title, ends_on in engagements.ending_for_organizations(
            session, organization_ids, today
        )
    ]


def _desks(session: Session, principal: Principal, today: date) -> list[Task]:
    tasks = []
    for desk in engagements.desks_of(session, principal.municipality_ids, today):
        values: dict[str, object] = {"municipality_id": desk.municipality_id}
        if desk.notices:
            tasks.append(
                Task(
                    f"作業場所・保管場所の届が{desk.notices}件届いています",
                    "内容を読み、受け取りや承認を記録してください。",
                    "届を見る",
                    "engagements.notices_to",
                    values,
                )
            )
        if desk.ending:
            tasks.append(
                Task(
                    f"{desk.ending}件の連携関係が、60日以内に終わります",
                    "続けるときは、延長の変更を提案してください。終わると、団体の状況は見られなくなります。",
                    "一覧を見る",
                    "engagements.of_municipality",
                    {**values, "show": "ending"},
                    desk.first_end,
                )
            )
    return tasks
