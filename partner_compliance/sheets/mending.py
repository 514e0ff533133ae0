"""What has to be mended because an item was answered 要改善 or わからない: opened, replaced, and done."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from partner_compliance import acts
from partner_compliance.access import Principal
from partner_compliance.acts import Act
from partner_compliance.errors import InvalidInput, RuleBroken
from partner_compliance.sheets.models import CheckSheet, CorrectiveAction, SheetVersion

NOTE_LIMIT = 1000


class AlreadyMended(RuleBroken):
    message = "この改善事項は、すでに完了として記録されています。"


def close_replaced(session: Session, version: SheetVersion, *, by: Principal, now: datetime) -> None:
    """What an earlier version wanted mended is asked again by the new one, or is no longer so."""
    if version.number == 1:
        return
    session.execute(
        update(CorrectiveAction)
        .where(
            CorrectiveAction.organization_id == version.organization_id,
            CorrectiveAction.sheet_id == version.sheet_id,
            CorrectiveAction.closed_at.is_(None),
        )
        .values(closed_at=now, closed_by_name=by.name, outcome=f"第{version.number}版が提出され、置き換わりました。"),
        execution_options={"synchronize_session": False},
    )


def open_for(session: Session, version: SheetVersion, items: Iterable[str], *, now: datetime) -> None:
    """Ask for what the given items of a version want mended."""
    session.add_all(
        CorrectiveAction(
            organization_id=version.organization_id,
            sheet_id=version.sheet_id,
            version_id=version.id,
            item=number,
            opened_at=now,
        )
        for number in items
    )


def mend(session: Session, action: CorrectiveAction, *, outcome: str, by: Principal, now: datetime) -> None:
    """Record what was done about an item that needed improvement; raises AlreadyMended, InvalidInput."""
    if not outcome:
        raise InvalidInput("どのように改善したかを書いてください。")
    if len(outcome) > NOTE_LIMIT:
        raise InvalidInput(f"改善の内容は{NOTE_LIMIT}文字以内で書いてください。")
    session.flush()
    session.refresh(action, with_for_update=True)
    if action.closed_at is not None:
        raise AlreadyMended
    sheet = session.get_one(CheckSheet, (action.organization_id, action.sheet_id))
    action.closed_at = now
    action.closed_by_name = by.name
    action.outcome = outcome
    acts.record(
        session,
        Act(
            action.organization_id, "action.closed", now, by.actor, subject_id=sheet.worker_id,
            object_kind="corrective_action", object_id=action.id, details={"item": action.item, "month": sheet.month},
        ),
    )  # fmt: skip
