"""Signatures on JSON that verify offline: Data Integrity with the cryptosuite `eddsa-jcs-2022` (W3C VC-DI-EDDSA 1.0).

The document and the options of the proof are each put into their canonical form (RFC 8785) and hashed (SHA-256); the
two hashes, options first, are signed with Ed25519. Whoever has the document and the public key needs nothing else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from partner_compliance.history.entries import canonical

SUITE = "eddsa-jcs-2022"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
#: The multicodec of an Ed25519 public key, which a Multikey begins with.
_ED25519 = b"\xed\x01"
#: Longer than any signature or key in base58; decoding takes time with the square of the length.
_LONGEST = 200

Document = Mapping[str, Any]


def base58(data: bytes) -> str:
    """Bytes in base58btc, as multibase values have them after their `z`."""
    number, text = int.from_bytes(data), ""
    while number:
        number, at = divmod(number, 58)
        text = _ALPHABET[at] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def from_base58(text: str) -> bytes:
    """The bytes behind a base58btc text; raises ValueError for what is none."""
    if not text.isascii() or len(text) > _LONGEST:
        raise ValueError("not base58")
    number = 0
    for char in text:
        number = number * 58 + _ALPHABET.index(char)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


def multikey(public: Ed25519PublicKey) -> str:
    """A public key as Multikey: `z6Mk…`."""
    return "z" + base58(_ED25519 + public.public_bytes_raw())


def from_multikey(text: str) -> Ed25519PublicKey:
    """The public key behind a Multikey; raises ValueError for what is no Ed25519 key."""
    data = from_base58(text.removeprefix("z"))
    if not text.startswith("z") or len(data) != 34 or not data.startswith(_ED25519):
        raise ValueError("not an Ed25519 Multikey")
    return Ed25519PublicKey.from_public_bytes(data[2:])


@dataclass(frozen=True)
class Signer:
    """A private key, and the address under which its public half is published."""

    private: Ed25519PrivateKey
    #: The verification method: the address of the keys, `#`, the Multikey.
    method: str


def _hashed(document: Document, options: Document) -> bytes:
    """What is signed; raises ValueError for what has no canonical form."""
    return sha256(canonical(options).encode()).digest() + sha256(canonical(document).encode()).digest()


def sign(document: Document, signer: Signer, *, created: datetime) -> dict[str, Any]:
    """The document with its proof."""
    options: dict[str, Any] = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "verificationMethod": signer.method,
        "proofPurpose": "assertionMethod",
    }
    if "@context" in document:
        options["@context"] = document["@context"]
    signature = signer.private.sign(_hashed(document, options))
    return {**document, "proof": {**options, "proofValue": "z" + base58(signature)}}


def method_of(signed: Document) -> str:
    """The verification method that a document's proof names; empty where it has none of ours."""
    proof = signed.get("proof")
    if not isinstance(proof, dict) or (proof.get("type"), proof.get("cryptosuite"), proof.get("proofPurpose")) != (
        "DataIntegrityProof", SUITE, "assertionMethod",
    ):  # fmt: skip
        return ""
    method = proof.get("verificationMethod")
    return method if isinstance(method, str) else ""


def is_signed_by(signed: Document, public: Ed25519PublicKey) -> bool:
    """Whether the proof of a document holds under a key: every byte of what it says is as it was signed."""
    if not method_of(signed):
        return False
    options: dict[str, Any] = dict(signed["proof"])
    value = options.pop("proofValue", None)
    document = {name: each for name, each in signed.items() if name != "proof"}
    # VC-DI-EDDSA, verify proof, step 4. Contexts that were added after the signature are refused here: ours never are.
    if options.get("@context", document.get("@context")) != document.get("@context"):
        return False
    try:
        if not isinstance(value, str) or not value.startswith("z"):
            return False
        public.verify(from_base58(value[1:]), _hashed(document, options))
    except (ValueError, RecursionError, InvalidSignature):
        return False
    return True


class Unreadable(ValueError):
    """A text that is no JSON object, or one that says a thing twice."""


def read_json(text: str) -> dict[str, Any]:
    """A JSON object from outside; raises Unreadable. What says one thing twice could mean two things to two readers."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise Unreadable("a name stands twice")
        return found

    try:
        found = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Unreadable(str(error)) from None
    if not isinstance(found, dict):
        raise Unreadable("not an object")
    return found
