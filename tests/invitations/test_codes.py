"""The short code as people type it, and the login names that are proposed."""

import re
from uuid import UUID

import pytest

from partner_compliance.invitations import codes


def test_a_code_holds_nothing_that_looks_alike():
    made = {codes.new_code() for _ in range(300)}
    assert len(made) == 300
    assert not set("".join(made)) & set("01258OILZSBUV")
    assert all(codes.is_code(code) for code in made)
    assert re.fullmatch(r"\w{5}-\w{5}", codes.grouped(made.pop()))


@pytest.mark.parametrize(
    "typed",
    [
        "ACDEF-GHJKM",
        "acdef ghjkm",
        "ＡＣＤＥＦ－ＧＨＪＫＭ",
        "ａｃｄｅｆーｇｈｊｋｍ",
        "acdefghjkm",
        " ACDEF　GHJKM。",
        "A-C-D-E-F-G-H-J-K-M",
    ],
)
def test_a_code_is_read_however_it_is_typed(typed):
    assert codes.read(typed) == "ACDEFGHJKM"
    assert codes.fault_in(codes.read(typed)) == ""


def test_what_no_code_can_be_is_said_kindly():
    assert "「0」「O」" in codes.fault_in(codes.read("ACDEF-GHJ0O"))
    assert "10文字" in codes.fault_in(codes.read("ACDEF"))
    assert "（いま0文字" in codes.fault_in("")


def test_a_links_secret_is_never_taken_for_a_code():
    assert not codes.is_code(codes.new_secret())
    assert codes.digest("ACDEFGHJKM") != codes.digest("ACDEFGHJKN")


@pytest.mark.parametrize(
    ("kana", "letters"),
    [
        ("タカサキ", "takasaki"), ("やまだ", "yamada"), ("シュンジ", "shunji"), ("キョウコ", "kyouko"),
        ("ジュンイチ", "junichi"), ("ハットリ", "hattori"), ("ﾌｼﾞﾀ", "fujita"),
        ("ユーコ", "yuko"), ("山田", ""), ("Smith", ""),
    ],
)  # fmt: skip
def test_readings_in_latin_letters(kana, letters):
    assert codes.romaji(kana) == letters


def test_a_proposed_login_name_is_easy_to_type_and_stays_the_same():
    seed = UUID(int=123456)
    name = codes.proposed_login("タカサキ　ヨシコ", seed)
    assert re.fullmatch(r"takasaki\.yoshiko\d{4}", name)
    assert codes.proposed_login("タカサキ　ヨシコ", seed) == name
    assert re.fullmatch(r"member\d{4}", codes.proposed_login("", seed))
    assert len(codes.proposed_login("ア" * 100, seed)) <= 44
