import pytest

from partner_compliance.organizations import local_gov_code

#: DOMAIN §4h: Shimonoseki, Beppu, Ranzan, Fukui, Takanabe, Nikko, Echizen, Nakatsu, Setagaya, Matsudo, Koto, Wako,
#: Tsurumi ward of Yokohama, Edogawa; and the prefecture whose remainder is 0.
CODES = (
    "352012", "442020", "113425", "182010", "454010", "092061", "182095", "442038", "131121", "122076", "131083",
    "112291", "141011", "131237", "110001",
)  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_real_codes_are_valid_and_every_other_check_digit_is_not(code):
    assert local_gov_code.is_valid(code)
    assert [local_gov_code.is_valid(code[:5] + digit) for digit in "0123456789"].count(True) == 1


@pytest.mark.parametrize("code", ["", "13112", "1311211", "13112a", " 131121", "131121\n", "１３１１２１", "-31121"])
def test_what_is_not_six_digits_is_no_code(code):
    assert not local_gov_code.is_valid(code)
