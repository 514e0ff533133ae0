"""The code behind a meeting's QR picture: signed by the house, so that nobody guesses one, and short-lived."""

from datetime import date, datetime, timedelta
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

from partner_compliance.clock import local_date
from partner_compliance.errors import RuleBroken

#: A code opens the roster on the day of the meeting and the day before, when papers are prepared.
EARLIEST = timedelta(days=1)


class NotOpen(RuleBroken):
    message = "この出席者名簿は、いまは署名できません。"
    what_to_do = "会議の日でないか、名簿が締め切られています。会議を開いた担当者に確かめてください。"


def _serializer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="case-meeting")


def code_for(meeting_id: UUID, held_on: date, *, key: str) -> str:
    """What stands in the address behind the QR picture; `key` is the secret of the house."""
    return str(_serializer(key).dumps([meeting_id.hex, held_on.isoformat()]))


def meeting_of(code: str, *, key: str, now: datetime) -> UUID:
    """The meeting that a code opens; raises NotOpen for a forged one and outside its days (in Japan)."""
    try:
        found, held_on = _serializer(key).loads(code)
        day = date.fromisoformat(held_on)
        meeting = UUID(found)
    except (BadSignature, ValueError, TypeError, AttributeError):
        raise NotOpen from None
    if not day - EARLIEST <= local_date(now) <= day:
        raise NotOpen
    return meeting
