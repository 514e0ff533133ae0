"""What someone had typed when their sign-in ran out, kept for them alone until they are back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from partner_compliance.accounts import queries
from partner_compliance.accounts.models import HeldInput

_HELD_BYTES = 100_000


def hold_input(session: Session, user_id: UUID, path: str, fields: Mapping[str, list[str]], *, now: datetime) -> bool:
    """Keep what someone typed until they are signed in again; returns whether it was small enough to keep."""
    if len(path) > 500 or sum(len(name) + sum(map(len, values)) for name, values in fields.items()) > _HELD_BYTES:
        return False
    held = session.get(HeldInput, user_id)
    if held is None:
        held = HeldInput(user_id=user_id)
        session.add(held)
    held.path = path
    held.fields = dict(fields)
    held.held_at = now
    return True


def take_held_input(session: Session, user_id: UUID, path: str, *, now: datetime) -> dict[str, Any] | None:
    """What this person had typed on that page, while it is fresh; it stays kept until that page is saved."""
    held = session.get(HeldInput, user_id)
    if held is None or held.path != path or now - held.held_at > queries.ABSOLUTE:
        return None
    return held.fields


def drop_held_input(session: Session, user_id: UUID, path: str) -> None:
    """Forget what was kept for a page, once the page is saved."""
    held = session.get(HeldInput, user_id)
    if held is not None and held.path == path:
        session.delete(held)
