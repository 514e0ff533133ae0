"""Entries: an act as canonical JSON that always hashes alike, and back again for reading.

Canonical means RFC 8785: sorted keys, no spaces, UTF-8; numbers are whole and below 2**53, floats are refused.
Text is not normalized to NFC but hashed as it is stored, because names are kept exactly as typed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from hashlib import sha256
from typing import Any
from uuid import UUID

from partner_compliance.acts import Act

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LARGEST_NUMBER = 2**53 - 1
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def _refuse_float(text: str) -> None:
    raise ValueError(f"a float has no canonical form: {text}")


_decode = json.JSONDecoder(parse_float=_refuse_float, parse_constant=_refuse_float).decode


def milliseconds(at: datetime) -> int:
    """A moment as entries write it: whole milliseconds of UTC since 1970."""
    return (at - _EPOCH) // _MILLISECOND


def moment(number: int) -> datetime:
    """The moment that an entry's milliseconds stand for."""
    return _EPOCH + number * _MILLISECOND


def canonical(value: Any) -> str:
    """The one text for a value made of mappings, lists, text, whole numbers, truth values, ids, dates and moments.

    Raises ValueError for anything that has no single written form, such as a float. Source: RFC 8785.
    """
    return _encode(_plain(value))


def digest(content: Mapping[str, Any]) -> str:
    """The SHA-256 (hexadecimal) of a content's canonical text."""
    return sha256(canonical(content).encode()).hexdigest()


def _plain(value: Any) -> Any:
    kind = type(value)  # the commonest first: this runs for every answer of every sheet
    if kind is str or kind is bool or value is None:
        return value
    if kind is dict:
        return {key if type(key) is str and key.isascii() else _key(key): _plain(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_plain(item) for item in value]
    if kind is int:
        if abs(value) > _LARGEST_NUMBER:
            raise ValueError(f"a number beyond 2**53 has no canonical form: {value}")
        return value
    return _plain_of_rarer(value)


def _plain_of_rarer(value: Any) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, Mapping):
        return _plain(dict(value))
    if isinstance(value, str):
        return str(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    raise ValueError(f"no canonical form for {type(value).__name__}")


def _key(key: Any) -> str:
    # Within the basic plane Python sorts as RFC 8785 does; beyond it the two orders differ.
    if not isinstance(key, str) or max(key, default="") > "\uffff":
        raise ValueError(f"not a key: {key!r}")
    return str(key)


def compose(act: Act, idx: int, at: int, nonce: str, **more: bool) -> str:
    """The entry of an act as number `idx` of its log; `at` in milliseconds, `more` joins the act's details."""
    kind, object_id = act.object_kind, act.object_id
    return _encode(
        {
            "log": str(act.log_id),
            "idx": idx,
            "at": at,
            "act": act.name,
            "actor": {"id": _optional(act.actor.user_id), "name": act.actor.name},
            "subject": _optional(act.subject_id),
            "object": {"kind": kind, "id": _optional(object_id)} if kind or object_id else None,
            "content": None if act.content is None else digest(act.content),
            "before": act.before,
            "strength": act.actor.strength,
            "details": _plain({**act.details, **more}),
            "nonce": nonce,
        }
    )


def _optional(value: UUID | None) -> str | None:
    return None if value is None else str(value)


@dataclass(frozen=True)
class Entry:
    """An entry as readers see it; of an erased one only number, time and act are left."""

    log_id: UUID
    idx: int
    at: datetime
    act: str
    actor_id: UUID | None = None
    actor_name: str = ""
    strength: str = ""
    subject_id: UUID | None = None
    object_kind: str = ""
    object_id: UUID | None = None
    content: str | None = None
    before: str = ""
    details: Mapping[str, str | int | bool | None] = field(default_factory=dict)
    erased: bool = False


def fields_of(entry: str) -> dict[str, Any]:
    """The fields of an entry's text; raises ValueError when the text is not the canonical form of what it says."""
    fields: dict[str, Any] = _decode(entry)
    if _encode(fields) != entry:
        raise ValueError("not canonical")
    return fields


def parse(entry: str) -> Entry:
    """Read an entry's text; raises ValueError, KeyError or TypeError when it is none."""
    fields: dict[str, Any] = _decode(entry)
    touched: dict[str, Any] = fields["object"] or {"kind": "", "id": None}
    return Entry(
        log_id=UUID(fields["log"]),
        idx=fields["idx"],
        at=moment(fields["at"]),
        act=fields["act"],
        actor_id=_id(fields["actor"]["id"]),
        actor_name=fields["actor"]["name"],
        strength=fields["strength"],
        subject_id=_id(fields["subject"]),
        object_kind=touched["kind"],
        object_id=_id(touched["id"]),
        content=fields["content"],
        before=fields["before"],
        details=fields["details"],
    )


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
