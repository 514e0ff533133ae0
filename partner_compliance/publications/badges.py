"""The documents that are published: credential (Open Badges 3.0), list of revocations, and the platform's keys.

Sources: Open Badges 3.0 (1EdTech, Final Release) with the Verifiable Credentials Data Model 2.0; 1EdTech Revocation
List 1.0 for `credentialStatus`; Controlled Identifiers 1.0 and RFC 7517 for the keys.
"""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from partner_compliance import clock
from partner_compliance.publications.signing import from_multikey
from partner_compliance.publications.words import ABOUT_A_LEVEL

ISSUER = "情報管理パートナー"
#: The order of the first two is part of the standard; the third one says what a 1EdTechRevocationList is.
CONTEXTS = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
]
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
STATUS = "1EdTechRevocationList"


@dataclass(frozen=True)
class Addresses:
    """Where things are published; `base` is the address of this service, without a slash at its end."""

    base: str

    @property
    def keys(self) -> str:
        """The keys, which are also the issuer's profile."""
        return f"{self.base}/published/keys.json"

    def key(self, public_key: str) -> str:
        """One key: its verification method."""
        return f"{self.keys}#{public_key}"

    @property
    def levels(self) -> str:
        """What the levels are."""
        return f"{self.base}/published/levels"

    def page(self, publication_id: UUID) -> str:
        """An organization's public page."""
        return f"{self.base}/published/{publication_id}"

    def revocations(self, publication_id: UUID) -> str:
        """Which credentials of an organization do not hold any more."""
        return f"{self.page(publication_id)}/revocations.json"


@dataclass(frozen=True)
class Statement:
    """What a credential says: this organization, this level, that day."""

    id: UUID
    publication_id: UUID
    organization: str
    level: int
    title: str
    as_of: date
    edition: str
    issued_at: datetime


def credential_uri(credential_id: UUID) -> str:
    """A credential's own name: it names no place."""
    return f"urn:uuid:{credential_id}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def credential(said: Statement, at: Addresses) -> dict[str, Any]:
    """An AchievementCredential without its proof: organization, level, day, and what a level is; nothing else."""
    day = clock.era_date(said.as_of)
    name = f"情報管理の準備度 段階{said.level}（{said.title}）"
    return {
        "@context": CONTEXTS,
        "id": credential_uri(said.id),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"{name} {day}",
        "description": f"{day}の段階です。{ABOUT_A_LEVEL}今日の段階は、公開ページで確かめてください: "
        + at.page(said.publication_id),
        "issuer": {"id": at.keys, "type": ["Profile"], "name": ISSUER, "url": at.base},
        "validFrom": _moment(said.issued_at),
        "credentialSubject": {
            "id": at.page(said.publication_id),
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": False,
                    "identityHash": said.organization,
                    "identityType": "name",
                }
            ],
            "activityEndDate": f"{said.as_of.isoformat()}T00:00:00+09:00",
            "achievement": {
                "id": f"{at.levels}#level-{said.edition}-{said.level}",
                "type": ["Achievement"],
                "name": name,
                "description": ABOUT_A_LEVEL,
                "criteria": {
                    "id": at.levels,
                    "narrative": "毎日の記録から計算します。だれかが入力して決めるものではありません。",
                },
                "humanCode": str(said.level),
                "inLanguage": "ja",
            },
        },
        "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        "credentialStatus": {"id": at.revocations(said.publication_id), "type": STATUS},
    }


def revocations(publication_id: UUID, revoked: Iterable[UUID], at: Addresses) -> dict[str, Any]:
    """The list of an organization's credentials that do not hold any more, without its proof."""
    return {
        "id": at.revocations(publication_id),
        "issuer": at.keys,
        "revokedCredential": [{"id": credential_uri(each), "revoked": True} for each in revoked],
    }


def keys(public_keys: Sequence[str], at: Addresses) -> dict[str, Any]:
    """The platform's public keys, newest first: as a controlled identifier document and as a JWK set."""
    return {
        "@context": ["https://www.w3.org/ns/cid/v1"],
        "id": at.keys,
        "type": ["Profile"],
        "name": ISSUER,
        "url": at.base,
        "verificationMethod": [
            {"id": at.key(each), "type": "Multikey", "controller": at.keys, "publicKeyMultibase": each}
            for each in public_keys
        ],
        "assertionMethod": [at.key(each) for each in public_keys],
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": base64.urlsafe_b64encode(from_multikey(each).public_bytes_raw()).rstrip(b"=").decode(),
                "kid": at.key(each),
                "alg": "EdDSA",
                "use": "sig",
            }
            for each in public_keys
        ],
    }
