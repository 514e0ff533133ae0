"""A municipality's code (全国地方公共団体コード): five digits and a check digit, kept as text (it may begin with 0).

Source: 総務省「全国地方公共団体コード仕様」.
"""

import re

_WEIGHTS = (6, 5, 4, 3, 2)


def check_digit(stem: str) -> str:
    """The check digit of the first five digits: the last digit of 11 less the weighted sum's remainder by 11."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, stem, strict=True))
    return str(11 - total % 11)[-1]


def is_valid(code: str) -> bool:
    """Whether a text is six digits of which the last one is the right check digit."""
    return re.fullmatch(r"[0-9]{6}", code) is not None and check_digit(code[:5]) == code[5]
