"""What the history binds of publication, and where the verification reads it back."""

from datetime import UTC, datetime
from typing import Any

from partner_compliance.acts import Contents
from partner_compliance.publications.models import CredentialRevocation, LevelCredential, PublicationEvent


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _by(row: PublicationEvent | LevelCredential | CredentialRevocation) -> dict[str, Any]:
    return {"by": str(row.by_id) if row.by_id else None, "by_name": row.by_name}


def event_content(event: PublicationEvent) -> dict[str, Any]:
    """The facts of an event that its log entry's digest binds."""
    return {
        "publication": str(event.publication_id),
        "number": event.number,
        "kind": event.kind.value,
        "agreed": event.agreed,
        "at": _instant(event.at),
        **_by(event),
    }


def credential_content(credential: LevelCredential) -> dict[str, Any]:
    """The facts of a credential that its log entry's digest binds; its digest binds the file."""
    return {
        "publication": str(credential.publication_id),
        "level": credential.level,
        "title": credential.title,
        "as_of": credential.as_of.isoformat(),
        "issued_at": _instant(credential.issued_at),
        "key": str(credential.key_id),
        "digest": credential.digest,
        **_by(credential),
    }


def revocation_content(revocation: CredentialRevocation) -> dict[str, Any]:
    """The facts of a revocation that its log entry's digest binds."""
    return {
        "credential": str(revocation.credential_id),
        "kind": revocation.kind.value,
        "at": _instant(revocation.at),
        **_by(revocation),
    }


#: Kinds of objects in the log whose facts can be read back.
LOGGED_CONTENTS = {
    "publication_event": Contents(PublicationEvent, event_content),
    "level_credential": Contents(LevelCredential, credential_content),
    "credential_revocation": Contents(CredentialRevocation, revocation_content),
}
