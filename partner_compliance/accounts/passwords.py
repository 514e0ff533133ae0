"""Passwords: how they are kept, compared, and what makes one too weak."""

import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: 15 characters alone, 8 beside a second factor (NIST SP 800-63B-4 §3.1.1.2); no rules of composition, no expiry.
SHORTEST_ALONE = 15
SHORTEST_WITH_SECOND_FACTOR = 8
LONGEST = 256

SERVICE_NAMES = ("partnercompliance", "情報管理パートナー", "パートナーコンプライアンス")

#: argon2id with 7 MiB, 5 passes, 1 lane (of OWASP's equally strong choices the one that is quickest here): some 20 ms
#: of one core, so that two cores hold more than 50 sign-ins a second; `benchmarks/` measures it.
_hasher = PasswordHasher(time_cost=5, memory_cost=7 * 1024, parallelism=1, hash_len=32, salt_len=16)

#: Verified against when no such account exists, so that the answer takes as long.
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The hash to keep. Composed and decomposed typing of the same text count as the same password."""
    return _hasher.hash(_composed(password))


def is_right(password_hash: str, password: str) -> bool:
    """Whether a password matches a hash; takes as long when the hash is empty, as for unknown names."""
    try:
        _hasher.verify(password_hash or _NOBODY, _composed(password))
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


def needs_new_hash(password_hash: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def weaknesses(password: str, *, own_names: Iterable[str], has_second_factor: bool) -> list[str]:
    """Every reason (in Japanese) why a password is not accepted; empty when it is fine."""
    found = []
    composed = _composed(password)
    shortest = SHORTEST_WITH_SECOND_FACTOR if has_second_factor else SHORTEST_ALONE
    if len(composed) < shortest:
        found.append(f"パスワードは{shortest}文字以上にしてください（いま{len(composed)}文字です）。")
    if len(composed) > LONGEST:
        found.append(f"パスワードは{LONGEST}文字以内にしてください。")
        return found
    folded = _folded(password)
    if _is_common(folded):
        found.append("とてもよく使われているパスワードです。ほかの人が思いつかない言葉の組み合わせにしてください。")
    if any(folded.startswith(_folded(name)) and len(folded) - len(_folded(name)) < 4 for name in SERVICE_NAMES):
        found.append("このサービスの名前はパスワードに使えません。")
    for name in own_names:
        own = _folded(name)
        if len(own) >= 2 and (
            _is_repeated(folded, own) or (len(own) >= 4 and own in folded and len(folded) - len(own) < 6)
        ):
            found.append("ご自分のお名前・ログイン名・メールアドレスは、パスワードに使えません。")
            break
    return found


def stands_alone(password: str) -> bool:
    """Whether a password is long enough without a second factor."""
    return len(_composed(password)) >= SHORTEST_ALONE


def _is_common(folded: str) -> bool:
    """Whether it is a common word, one said several times, or one with a few figures behind it."""
    common = _commonest()
    if folded in common:
        return True
    if any(_is_repeated(folded, folded[:size]) and folded[:size] in common for size in range(4, len(folded) // 2 + 1)):
        return True
    return any(
        folded[:size] in common and folded[size:].isdigit() for size in range(max(6, len(folded) - 8), len(folded))
    )


def _is_repeated(text: str, unit: str) -> bool:
    return bool(unit) and text == (unit * (len(text) // len(unit) + 1))[: len(text)]


def _composed(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _folded(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum() or char in "@.!$")


@cache
def _commonest() -> frozenset[str]:
    # 0.3 MB of words, which only someone who chooses a password needs.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415

    return frozenset(_folded(word) for word in FREQUENCY_LISTS["passwords"])
