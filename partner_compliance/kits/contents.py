"""What the history binds of kits, and where the verification reads it back."""

from datetime import UTC, datetime
from typing import Any

from partner_compliance.acts import Contents
from partner_compliance.kits.models import KitAdoption, KitEdition, MunicipalKitEdition, OwnPractice


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def edition_content(edition: KitEdition | MunicipalKitEdition) -> dict[str, Any]:
    """The facts of a kit's edition that its log entry's digest binds."""
    return {
        "kit": str(edition.kit_id),
        "number": edition.number,
        "title": edition.title,
        "package": edition.package,
        "digest": edition.digest,
        "note": edition.note,
        "at": _instant(edition.at),
        "by": str(edition.by_id) if edition.by_id else None,
        "by_name": edition.by_name,
    }


def adoption_content(adoption: KitAdoption) -> dict[str, Any]:
    """The facts of taking over a kit that its log entry's digest binds."""
    return {
        "kit": str(adoption.kit_id),
        "number": adoption.edition_number,
        "digest": adoption.edition_digest,
        "parts": adoption.parts,
        "at": _instant(adoption.at),
        "by": str(adoption.by_id) if adoption.by_id else None,
        "by_name": adoption.by_name,
    }


def practice_content(practice: OwnPractice) -> dict[str, Any]:
    """The facts of own practices that their log entry's digest binds."""
    return {
        "number": practice.number,
        "extras": practice.extras,
        "tips": practice.tips,
        "note": practice.note,
        "at": _instant(practice.at),
        "by": str(practice.by_id) if practice.by_id else None,
        "by_name": practice.by_name,
    }


LOGGED_CONTENTS = {
    "kit_edition": Contents(KitEdition, edition_content),
    "municipal_kit_edition": Contents(MunicipalKitEdition, edition_content),
    "kit_adoption": Contents(KitAdoption, adoption_content),
    "own_practice": Contents(OwnPractice, practice_content),
}
