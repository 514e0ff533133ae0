"""What the history binds of pledges, and where the verification reads it back."""

from datetime import UTC, datetime
from typing import Any

from partner_compliance.acts import Contents
from partner_compliance.pledges.models import Briefing, OwnWording, Pledge, PledgeCancellation, PledgeScan


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _recorded(row: Briefing | Pledge) -> dict[str, Any]:
    return {
        "recorded_at": _instant(row.recorded_at),
        "recorded_by": str(row.recorded_by_id) if row.recorded_by_id else None,
        "recorded_by_name": row.recorded_by_name,
    }


def wording_content(wording: OwnWording) -> dict[str, Any]:
    """The facts of an organization's additions that their log entry's digest binds."""
    return {
        "key": wording.key,
        "number": wording.number,
        "paragraphs": wording.paragraphs,
        "from_on": wording.from_on.isoformat(),
        "is_material": wording.is_material,
        "sign_again_by": wording.sign_again_by.isoformat() if wording.sign_again_by else None,
        "reason": wording.reason,
        "made_at": _instant(wording.made_at),
        "by": str(wording.by_id) if wording.by_id else None,
        "by_name": wording.by_name,
    }


def briefing_content(briefing: Briefing) -> dict[str, Any] | None:
    """The facts of a briefing that its log entry's digest binds; None once the name is erased."""
    if briefing.told_by is None:
        return None
    return {
        "occasion": briefing.occasion.value,
        "engagement": str(briefing.engagement_id) if briefing.engagement_id else None,
        "center": str(briefing.center_id) if briefing.center_id else None,
        "held_on": briefing.held_on.isoformat(),
        "how": briefing.how.value,
        "told_by": briefing.told_by,
        **_recorded(briefing),
    }


def pledge_content(pledge: Pledge) -> dict[str, Any] | None:
    """The facts of a signature that its log entry's digest binds; None once the name is erased."""
    if pledge.name is None:
        return None
    return {
        "worker": str(pledge.worker_id),
        "occasion": pledge.occasion.value,
        "engagement": str(pledge.engagement_id) if pledge.engagement_id else None,
        "key": pledge.key,
        "edition": pledge.edition,
        "own_number": pledge.own_number,
        "text": pledge.text_digest,
        "signed_on": pledge.signed_on.isoformat(),
        "counts_until": pledge.counts_until.isoformat() if pledge.counts_until else None,
        "way": pledge.way.value,
        "name": pledge.name,
        "typed_name": pledge.typed_name,
        "post": pledge.post,
        "told_on": pledge.told_on.isoformat() if pledge.told_on else None,
        "told_how": pledge.told_how.value if pledge.told_how else None,
        "told_by": pledge.told_by,
        **_recorded(pledge),
    }


def cancellation_content(row: PledgeCancellation) -> dict[str, Any] | None:
    """The facts of a cancellation that its log entry's digest binds; None once the reason is erased."""
    if row.reason is None:
        return None
    return {
        "pledge": str(row.pledge_id),
        "reason": row.reason,
        "at": _instant(row.at),
        "by": str(row.by_id) if row.by_id else None,
        "by_name": row.by_name,
    }


def scan_content(scan: PledgeScan) -> dict[str, Any]:
    """The facts of a scan that its log entry's digest binds; its own digest outlives the content."""
    return {"pledge": str(scan.pledge_id), "type": scan.media_type, "size": scan.size, "sha256": scan.sha256}


#: Kinds of objects in the log whose facts can be read back.
LOGGED_CONTENTS = {
    "own_wording": Contents(OwnWording, wording_content),
    "briefing": Contents(Briefing, briefing_content),
    "pledge": Contents(Pledge, pledge_content),
    "pledge_cancellation": Contents(PledgeCancellation, cancellation_content),
    "pledge_scan": Contents(PledgeScan, scan_content),
}
