"""PINs: what makes one too simple, and the codes on slips."""

import secrets
from collections.abc import Iterable
from datetime import date
from itertools import pairwise

LENGTH = 6
CODE_LENGTH = 8

#: PINs that people choose first, beyond what `weakness` finds by rule.
_COMMONEST = {
    "112233", "123321", "112211", "111222", "111000", "000111", "102030", "100200", "101112", "110011", "123654",
    "123789", "123987", "321654", "147258", "147369", "147852", "147896", "258369", "258456", "258000", "369258",
    "369147", "789456", "741852", "741963", "852456", "852963", "963852", "963741", "159357", "159753", "159951",
    "357159", "951753", "753951", "142536", "246810", "246802", "135790", "135791", "135799", "147000", "778899",
    "445566", "332211", "665544", "998877", "221100", "200000", "200001", "202020", "520520", "696969", "777888",
    "888999", "999888", "123000", "100000", "000001", "010203", "314159", "271828", "110119",
}  # fmt: skip


def weakness(pin: str, *, staff_number: str | None, today: date) -> str:
    """Why a PIN (six figures) is not accepted, in a sentence for the one who chose it; empty when it is fine."""
    if len(set(pin)) <= 2 or any(pin == pin[:size] * (LENGTH // size) for size in (2, 3)):
        return "同じ数字のくり返しは、ほかの人に当てられやすいため使えません。"
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if steps in ({1}, {9}):
        return "順番に並んだ数字は、ほかの人に当てられやすいため使えません。"
    if pin in _COMMONEST:
        return "とてもよく使われている番号のため使えません。別の番号にしてください。"
    own = "".join(char for char in staff_number or "" if char.isdigit())
    if own and (pin == own.zfill(LENGTH) or (len(own) >= 4 and own in pin)):
        return "ご自分の職員番号は、ほかの人も知っているため使えません。"
    if pin in _written(today):
        return "今日の日付は使えません。別の番号にしてください。"
    return ""


def _written(day: date) -> Iterable[str]:
    era = day.year - 2018
    return {f"{day:%y%m%d}", f"{day:%m%d%y}", f"{era:02d}{day:%m%d}", f"{day:%Y%m}", f"{day:%m%Y}"}


def new_code() -> str:
    """A code for a slip: eight random figures."""
    return "".join(secrets.choice("0123456789") for _ in range(CODE_LENGTH))


def in_groups(code: str) -> str:
    """A code as it is printed: in two groups of four."""
    return f"{code[:4]} {code[4:]}"
