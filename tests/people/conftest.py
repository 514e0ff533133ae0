"""The house of the sheets, which has everyone that people deal with."""

import pytest

from tests.sheets.conftest import House
from tests.sheets.conftest import house as house_of_sheets

house = house_of_sheets


@pytest.fixture
def officer_too(house: House) -> House:
    """The house with a second protection officer, so that the first may go."""
    from partner_compliance.access import Role

    house.person("副 次郎", Role.PROTECTION_OFFICER)
    house.session.commit()
    return house
