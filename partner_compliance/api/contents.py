"""What the history binds of tokens, and where the verification reads it back."""

from datetime import UTC, datetime
from typing import Any

from partner_compliance.acts import Contents
from partner_compliance.api.models import ApiToken, ApiTokenEnd


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def token_content(token: ApiToken) -> dict[str, Any]:
    """The facts of a token that its log entry's digest binds."""
    return {
        "name": token.name,
        "scopes": list(token.scopes),
        "hint": token.hint,
        "digest": token.digest,
        "expires_on": token.expires_on.isoformat(),
        "made_at": _instant(token.made_at),
        "by": str(token.by_id) if token.by_id else None,
        "by_name": token.by_name,
    }


def end_content(end: ApiTokenEnd) -> dict[str, Any]:
    """The facts of a token's end that its log entry's digest binds."""
    return {
        "token": str(end.token_id),
        "at": _instant(end.at),
        "by": str(end.by_id) if end.by_id else None,
        "by_name": end.by_name,
    }


#: Kinds of objects in the log whose facts can be read back.
LOGGED_CONTENTS = {
    "api_token": Contents(ApiToken, token_content),
    "api_token_end": Contents(ApiTokenEnd, end_content),
}
