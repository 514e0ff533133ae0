"""What the history binds of council papers, and where the verification reads it back."""

from datetime import UTC, datetime
from typing import Any

from partner_compliance.acts import Contents
from partner_compliance.councils.models import (
    CaseMeeting,
    CouncilReply,
    CouncilRequest,
    MeetingEvent,
    MeetingSeat,
    MeetingSignature,
)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _by(row: CouncilRequest | CouncilReply | CaseMeeting | MeetingSignature | MeetingEvent) -> dict[str, Any]:
    return {"by": str(row.by_id) if row.by_id else None, "by_name": row.by_name}


def request_content(request: CouncilRequest) -> dict[str, Any]:
    """The facts of a request that its log entry's digest binds."""
    return {
        "municipality": str(request.municipality_id),
        "council": request.council,
        "category": request.category.value,
        "made_at": _instant(request.made_at),
        **_by(request),
    }


def reply_content(reply: CouncilReply) -> dict[str, Any] | None:
    """The facts of a reply that its log entry's digest binds; None once words of it are erased."""
    if reply.name is None or reply.reason is None:
        return None
    return {
        "request": str(reply.request_id),
        "kind": reply.kind.value,
        "text": reply.text_digest,
        "edition": reply.edition,
        "way": reply.way.value if reply.way else None,
        "name": reply.name,
        "post": reply.post,
        "address": reply.address,
        "contact": reply.contact,
        "reason": reply.reason,
        "holds_on": reply.holds_on.isoformat(),
        "made_at": _instant(reply.made_at),
        **_by(reply),
    }


def meeting_content(meeting: CaseMeeting) -> dict[str, Any]:
    """The facts of a meeting that its log entry's digest binds."""
    return {
        "council": meeting.council,
        "number": meeting.number,
        "held_on": meeting.held_on.isoformat(),
        "place": meeting.place,
        "convener": meeting.convener,
        "text": meeting.text_digest,
        "edition": meeting.edition,
        "made_at": _instant(meeting.made_at),
        **_by(meeting),
    }


def seat_content(seat: MeetingSeat) -> dict[str, Any] | None:
    """The facts of a seat that its log entry's digest binds; None once the name is erased."""
    if seat.name is None:
        return None
    return {
        "meeting": str(seat.meeting_id),
        "organization": seat.organization,
        "post": seat.post,
        "name": seat.name,
        "is_member": seat.is_member,
        "is_expected": seat.is_expected,
        "added_at": _instant(seat.added_at),
    }


def signature_content(signature: MeetingSignature) -> dict[str, Any] | None:
    """The facts of a signature that its log entry's digest binds; None once the name is erased."""
    if signature.typed_name is None:
        return None
    return {
        "meeting": str(signature.meeting_id),
        "seat": str(signature.seat_id),
        "way": signature.way.value,
        "typed_name": signature.typed_name,
        "text": signature.text_digest,
        "signed_at": _instant(signature.signed_at),
        **_by(signature),
    }


def event_content(event: MeetingEvent) -> dict[str, Any] | None:
    """The facts of an event that its log entry's digest binds; None once the name is erased."""
    if event.said_by is None:
        return None
    return {
        "meeting": str(event.meeting_id),
        "kind": event.kind.value,
        "seat": str(event.seat_id) if event.seat_id else None,
        "said_by": event.said_by,
        "at": _instant(event.at),
        **_by(event),
    }


#: Kinds of objects in the log whose facts can be read back.
LOGGED_CONTENTS = {
    "council_request": Contents(CouncilRequest, request_content),
    "council_reply": Contents(CouncilReply, reply_content),
    "case_meeting": Contents(CaseMeeting, meeting_content),
    "meeting_seat": Contents(MeetingSeat, seat_content),
    "meeting_signature": Contents(MeetingSignature, signature_content),
    "meeting_event": Contents(MeetingEvent, event_content),
}
