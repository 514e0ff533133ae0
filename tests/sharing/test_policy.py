from uuid import uuid4

import pytest

from partner_compliance.access import Principal, Role, Standing
from partner_compliance.organizations.models import Municipality, Organization
from partner_compliance.sharing import policy

CITY = Municipality(id=uuid4())
PARTNER = Organization(id=uuid4())


@pytest.mark.parametrize(
    ("standing", "may"),
    [
        (Standing(Role.MUNICIPAL_OFFICER, municipality_id=CITY.id), True),
        (Standing(Role.MUNICIPAL_OFFICER, municipality_id=uuid4()), False),
        (Standing(Role.OPERATOR), False),
        (Standing(Role.PROTECTION_OFFICER, organization_id=PARTNER.id), False),
    ],
)
def test_only_the_officers_of_a_municipality_see_its_partners(standing, may):
    reader = Principal(uuid4(), "市役所 太郎", standings=(standing,))

    assert policy.may_see_partners(reader, CITY) is may
    assert policy.may_see_partner(reader, CITY, PARTNER) is may
