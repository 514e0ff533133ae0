"""The secret of an invitation: short enough to be typed from paper, long enough that nobody finds one by trying."""

import hashlib
import secrets
import unicodedata

#: Without what looks alike on paper or sounds alike on the telephone: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
#: 67 bits, so that a plain digest protects it.
LENGTH = 15
GROUP = 5


def new_code() -> str:
    """A new secret, in groups as it is printed and as it stands in the link."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def read(typed: str) -> str:
    """The code in what somebody typed: width, case and what stands between the groups do not count."""
    folded = unicodedata.normalize("NFKC", typed[:200]).upper()
    return "".join(char for char in folded if char.isascii() and char.isalnum())


def digest(typed: str) -> str:
    """What is kept of a code."""
    return hashlib.sha256(read(typed).encode()).hexdigest()
