"""What the history binds of receipts, and where the verification reads it back."""

from datetime import UTC, datetime
from typing import Any

from partner_compliance.acts import Contents
from partner_compliance.receipts.models import Receipt, ReceiptEvent


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def receipt_content(receipt: Receipt) -> dict[str, Any] | None:
    """The facts of a receipt and its things that its log entry's digest binds; None once words of it are erased."""
    if receipt.purpose is None or any(item.description is None for item in receipt.items):
        return None
    return {
        "direction": receipt.direction.value,
        "municipality": str(receipt.municipality_id) if receipt.municipality_id else None,
        "engagement": str(receipt.engagement_id) if receipt.engagement_id else None,
        "giver": str(receipt.giver_id) if receipt.giver_id else None,
        "receiver": str(receipt.receiver_id) if receipt.receiver_id else None,
        "handed_on": receipt.handed_on.isoformat(),
        "purpose": receipt.purpose,
        "written_at": _instant(receipt.written_at),
        "written_by": str(receipt.written_by_id) if receipt.written_by_id else None,
        "written_by_name": receipt.written_by_name,
        "written_side": receipt.written_side.value,
        "items": [
            {
                "medium": item.medium.value,
                "class": item.data_class.value,
                "count": item.count,
                "description": item.description,
                "keep_until_on": item.keep_until_on.isoformat() if item.keep_until_on else None,
                "ending": item.ending.value,
                "end_by_on": item.end_by_on.isoformat(),
            }
            for item in receipt.items
        ],
    }


def event_content(event: ReceiptEvent) -> dict[str, Any] | None:
    """The facts of an event that its log entry's digest binds; None once its comment is erased."""
    if event.comment is None:
        return None
    return {
        "receipt": str(event.receipt_id),
        "number": event.number,
        "kind": event.kind.value,
        "side": event.side.value,
        "position": event.position,
        "at": _instant(event.at),
        "by": str(event.by_id) if event.by_id else None,
        "by_name": event.by_name,
        "on_paper": event.on_paper,
        "count": event.count,
        "method": event.method.value if event.method else None,
        "done_on": event.done_on.isoformat() if event.done_on else None,
        "witness": event.witness,
        "backups_gone": event.backups_gone,
        "until_on": event.until_on.isoformat() if event.until_on else None,
        "comment": event.comment,
    }


#: Kinds of objects in the log whose facts can be read back.
LOGGED_CONTENTS = {
    "receipt": Contents(Receipt, receipt_content),
    "receipt_event": Contents(ReceiptEvent, event_content),
}
