"""Secrets that have to be read again (an authenticator's, a signing key), sealed with a key made from SECRET_KEY.

Whoever has only the database, or a backup of it, cannot open them. A changed SECRET_KEY cannot either: the people
concerned set up anew (docs/operating.md).
"""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE = b"partner-compliance: secrets of authenticators, 1"


class Vault:
    """Seals and opens short texts; what was sealed for one purpose does not open for another."""

    def __init__(self, secret_key: str, *, purpose: bytes = _PURPOSE) -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def seal(self, text: str) -> str:
        """The sealed text."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str | None:
        """The text; None when it was sealed with another key, or altered since."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None
