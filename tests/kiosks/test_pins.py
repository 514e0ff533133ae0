"""Which PINs others would guess."""

from datetime import date

import pytest

from partner_compliance.kiosks import pins
from partner_compliance.kiosks.forms import figures

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    "pin",
    [
        "111111", "000000", "123456", "654321", "234567", "890123", "987654", "121212", "123123", "556655", "112233",
        "147258", "159753", "246810", "261127", "081127", "112726", "202611", "004711", "711947",
    ],
)  # fmt: skip
def test_a_pin_that_others_would_guess_is_refused_with_a_reason(pin: str) -> None:
    staff_number = {"004711": "4711", "711947": "K-7119"}.get(pin)
    assert pins.weakness(pin, staff_number=staff_number, today=TODAY).endswith("。")


@pytest.mark.parametrize("pin", ["864209", "205813", "730164", "991375"])
def test_any_other_pin_is_fine(pin: str) -> None:
    assert pins.weakness(pin, staff_number="0012", today=TODAY) == ""


def test_codes_are_eight_figures_and_never_the_same() -> None:
    codes = {pins.new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(code.isdigit() and len(code) == pins.CODE_LENGTH for code in codes)
    assert pins.in_groups("12345678") == "1234 5678"


@pytest.mark.parametrize(
    "typed", ["12345678", " 1234 5678 ", "１２３４５６７８", "1234-5678", "1234　5678", "1234ー5678"]
)
def test_numbers_can_be_typed_in_any_width_and_with_gaps(typed: str) -> None:
    assert figures(typed) == "12345678"
