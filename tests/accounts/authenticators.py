"""A passkey in software: it makes and signs what a device would, and can be told to do it wrongly."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

_PRESENT, _VERIFIED, _WITH_KEY = 0x01, 0x04, 0x40


@dataclass
class Device:
    """One device with one passkey."""

    origin: str = "http://localhost"
    rp_id: str = "localhost"
    knows_its_owner: bool = True
    counts: bool = True
    uses: int = 0
    handle: bytes = b""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def register(self, options: dict[str, Any]) -> str:
        """What the browser sends after `navigator.credentials.create()`."""
        self.handle = base64url_to_bytes(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = encode_cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        key = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + public
        data = self._data(_WITH_KEY) + key
        attested = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            clientDataJSON=self._client("webauthn.create", options["challenge"]), attestationObject=attested
        )

    def answer(self, options: dict[str, Any], *, says_whose: bool = True) -> str:
        """What the browser sends after `navigator.credentials.get()`."""
        self.uses += self.counts
        data, client = self._data(0), self._client("webauthn.get", options["challenge"])
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        told = {"userHandle": self.handle} if says_whose else {}
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signed, **told)

    def _data(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.knows_its_owner else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **response: bytes) -> str:
        written = bytes_to_base64url(self.credential_id)
        return json.dumps({
            "id": written, "rawId": written, "type": "public-key", "clientExtensionResults": {},
            "response": {name: bytes_to_base64url(value) for name, value in response.items()},
        })  # fmt: skip
