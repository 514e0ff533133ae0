"""The secrets of invitations: a long one for the link, and a short code that a person can type from paper."""

import hashlib
import secrets
import unicodedata
from uuid import UUID

#: Without what looks alike on paper or sounds alike on the telephone: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
LENGTH = 10
GROUP = 5

#: What people type between the groups, from whatever keyboard.
_BETWEEN = frozenset(" 　-‐‑‒–—―−ー－ｰ・.,、。_/")
_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "s": "サシスセソ", "t": "タチツテト", "n": "ナニヌネノ", "h": "ハヒフヘホ",
    "m": "マミムメモ", "r": "ラリルレロ", "g": "ガギグゲゴ", "z": "ザジズゼゾ", "d": "ダヂヅデド", "b": "バビブベボ",
    "p": "パピプペポ",
}  # fmt: skip
_SYLLABLES = {kana: row + vowel for row, kanas in _ROWS.items() for kana, vowel in zip(kanas, "aiueo", strict=True)} | {
    "シ": "shi", "チ": "chi", "ツ": "tsu", "フ": "fu", "ジ": "ji", "ヂ": "ji", "ヅ": "zu", "ヤ": "ya", "ユ": "yu",
    "ヨ": "yo", "ワ": "wa", "ヲ": "o", "ン": "n", "ヴ": "vu",
}  # fmt: skip
_SMALL = {"ャ": "a", "ュ": "u", "ョ": "o"}
_LONGEST_PROPOSAL = 40


def new_secret() -> str:
    """The secret of a link: 256 bits, never typed by hand."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """A short code: 45 bits, which only hold because tries are counted and the code lives for two weeks."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def grouped(code: str) -> str:
    """The code as it is printed: two groups of five."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def read(typed: str) -> str:
    """What somebody typed as a code, in capitals of half width and without what stands between the groups."""
    folded = "".join(char for char in typed if char not in _BETWEEN)
    return "".join(char for char in unicodedata.normalize("NFKC", folded).upper() if char not in _BETWEEN)


def fault_in(code: str) -> str:
    """Why this cannot be a code, whoever's it were: a sentence, or nothing."""
    if strange := sorted(set(code) - set(ALPHABET)):
        return (
            f"この番号に「{'」「'.join(strange[:5])}」は使われていません。紙をもう一度確かめて、入力し直してください。"
        )
    if len(code) != LENGTH:
        return f"番号は{LENGTH}文字です（いま{len(code)}文字です）。紙をもう一度確かめて、入力し直してください。"
    return ""


def is_code(secret: str) -> bool:
    """Whether a secret has the form of a short code."""
    return not fault_in(secret)


def digest(secret: str) -> str:
    """What is kept of a link's secret or of a code.

    A code is short enough to be found from a plain hash, so it costs some 20 ms and 8 MiB to try one.
    """
    if is_code(secret):
        return hashlib.scrypt(secret.encode(), salt=b"invitation code", n=2**13, r=8, p=1, dklen=32).hex()
    return hashlib.sha256(secret.encode()).hexdigest()


# --- a login name to begin with ---------------------------------------------------------------------------------


def proposed_login(name_kana: str, seed: UUID) -> str:
    """A login name that is easy to type: the reading in Latin letters and four figures, the same at every look.

    The figures stand there always, so that a proposal does not tell whether somebody else has that name.
    """
    words = (romaji(word) for word in name_kana.replace("\u3000", " ").split(" "))
    spelled = ".".join(word for word in words if word)[:_LONGEST_PROPOSAL].strip(".")
    return f"{spelled or 'member'}{seed.int % 9000 + 1000}"


def romaji(kana: str) -> str:
    """A reading in Latin letters, simply spelled; empty when it holds anything but kana."""
    text = unicodedata.normalize("NFKC", kana)
    text = "".join(chr(ord(char) + 0x60) if "\u3041" <= char <= "\u3096" else char for char in text)
    spelled, doubled = "", False
    for char in text:
        if char in "ー・":
            continue
        if char == "ッ":
            doubled = True
            continue
        if char in _SMALL and spelled.endswith("i"):
            glide = "" if spelled.endswith(("shi", "chi", "ji")) else "y"
            spelled = spelled[:-1] + glide + _SMALL[char]
            continue
        if char not in _SYLLABLES:
            return ""
        syllable = _SYLLABLES[char]
        spelled += (syllable[0] if doubled and syllable[0] not in "aiueon" else "") + syllable
        doubled = False
    return spelled
