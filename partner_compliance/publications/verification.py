"""Whether a credential is what it says: with the file and the platform's keys alone, without asking anybody."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from partner_compliance.publications import badges
from partner_compliance.publications.signing import Document, from_multikey, is_signed_by, method_of


class Verdict(StrEnum):
    """What the signature says."""

    VALID = "valid"
    TAMPERED = "tampered"
    #: Signed with a key that is not among those given: perhaps of another issuer, perhaps withdrawn.
    UNKNOWN_KEY = "unknown_key"
    #: No credential with a signature of this kind.
    NO_CREDENTIAL = "no_credential"
    #: Rightly signed, but it begins to hold only later.
    NOT_YET_VALID = "not_yet_valid"

    @property
    def label(self) -> str:
        """The verdict in a sentence."""
        return {
            Verdict.VALID: "署名は正しく、内容は発行されたときのままです。",
            Verdict.TAMPERED: "署名と内容が合いません。発行された後に、書き換えられています。",
            Verdict.UNKNOWN_KEY: "署名した鍵が、渡された鍵の中にありません。だれが発行したのか分かりません。",
            Verdict.NO_CREDENTIAL: "証明ファイルではないか、この方法で確かめられない形式です。",
            Verdict.NOT_YET_VALID: "署名は正しいですが、有効になる日時がまだ来ていません。",
        }[self]


class Status(StrEnum):
    """Whether a credential was taken back."""

    REVOKED = "revoked"
    NOT_REVOKED = "not_revoked"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The status in a sentence."""
        return {
            Status.REVOKED: "取り消されています。",
            Status.NOT_REVOKED: "渡された一覧では、取り消されていません。",
            Status.UNKNOWN: "取り消されたかどうかは、このファイルだけでは分かりません。",
        }[self]


@dataclass(frozen=True)
class Verified:
    """What came out; names and days are told only of what is rightly signed."""

    verdict: Verdict
    status: Status = Status.UNKNOWN
    name: str = ""
    organization: str = ""
    #: Where the list of revocations is found, and when the list that was given was signed.
    status_address: str = ""
    listed_at: str = ""


def verify(signed: Document, keys: Document, *, now: datetime, revocations: Document | None = None) -> Verified:
    """Check a credential against the platform's keys, and against its list of revocations where one is at hand."""
    kinds = signed.get("type")
    method = method_of(signed)
    if (
        not method
        or not isinstance(kinds, list)
        or not {"OpenBadgeCredential", "AchievementCredential"} & _texts(kinds)
    ):
        return Verified(Verdict.NO_CREDENTIAL)
    issuer = signed.get("issuer")
    known = _known(keys)
    if method not in known or not isinstance(issuer, dict) or issuer.get("id") != keys.get("id"):
        return Verified(Verdict.UNKNOWN_KEY)
    if not is_signed_by(signed, known[method]):
        return Verified(Verdict.TAMPERED)
    begins = datetime.fromisoformat(signed["validFrom"])
    status = signed.get("credentialStatus", {})
    found, listed_at = _status(signed, revocations, known)
    return Verified(
        Verdict.VALID if begins <= now else Verdict.NOT_YET_VALID,
        found,
        name=str(signed.get("name", "")),
        organization=_organization(signed),
        status_address=str(status.get("id", "")),
        listed_at=listed_at,
    )


def _texts(values: list[Any]) -> set[str]:
    return {each for each in values if isinstance(each, str)}


def _known(keys: Document) -> dict[str, Ed25519PublicKey]:
    """{verification method: key} of the keys that may sign; what is no such key is passed over."""
    methods, may_sign = keys.get("verificationMethod"), keys.get("assertionMethod")
    found: dict[str, Ed25519PublicKey] = {}
    for each in methods if isinstance(methods, list) else []:
        if not isinstance(each, dict) or not isinstance(may_sign, list):
            continue
        address, key = each.get("id"), each.get("publicKeyMultibase")
        if address not in may_sign or each.get("controller") != keys.get("id") or not isinstance(key, str):
            continue
        try:
            found[str(address)] = from_multikey(key)
        except ValueError:
            continue
    return found


def _organization(signed: Document) -> str:
    identifiers = signed["credentialSubject"].get("identifier", [])
    return next((str(each["identityHash"]) for each in identifiers if each.get("identityType") == "name"), "")


def _status(signed: Document, revocations: Document | None, known: dict[str, Ed25519PublicKey]) -> tuple[Status, str]:
    """What a list says of a credential, and when it was signed; another's list, or an altered one, says nothing."""
    status = signed.get("credentialStatus")
    if revocations is None or not isinstance(status, dict) or status.get("type") != badges.STATUS:
        return Status.UNKNOWN, ""
    method = method_of(revocations)
    if revocations.get("id") != status.get("id") or method not in known:
        return Status.UNKNOWN, ""
    if not is_signed_by(revocations, known[method]):
        return Status.UNKNOWN, ""
    listed = {each["id"] for each in revocations["revokedCredential"] if each.get("revoked", True)}
    found = Status.REVOKED if signed["id"] in listed else Status.NOT_REVOKED
    return found, str(revocations["proof"]["created"])
