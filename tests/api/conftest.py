"""A municipality with partners, a system of its that holds a token, and ways to let it ask."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from partner_compliance.accounts.models import User
from partner_compliance.api import operations
from partner_compliance.api.models import ApiToken
from partner_compliance.api.words import Scope
from partner_compliance.organizations.models import Municipality, Organization
from tests.conftest import NOON, SetClock
from tests.factories import (
    a_center,
    a_municipality,
    an_engagement,
    an_officer_of,
    an_organization,
    principal_of,
)

#: 法人番号 with right check digits.
NUMBER, OTHER_NUMBER = "1180301018771", "7000012050002"


@dataclass
class City:
    """A municipality, its officer, and a partner of today."""

    app: Flask
    session: Session
    municipality: Municipality
    officer: User
    partner: Organization
    made: list[ApiToken] = field(default_factory=list)

    def token(
        self,
        scopes: Iterable[Scope] = tuple(Scope),
        *,
        expires_on: date = date(2027, 3, 31),
        name: str = "児相システム",
    ) -> str:
        """The secret of a new token."""
        made, secret = operations.make_token(
            self.session, self.municipality, name=name, scopes=scopes, expires_on=expires_on,
            by=principal_of(self.session, self.officer), now=NOON, request_key=uuid4(),
        )  # fmt: skip
        self.session.commit()
        self.made.append(made)
        return secret

    def ask(self, address: str, secret: str | None = None, **how: Any) -> Any:
        """What the API answers to a system that shows that secret (or nothing), and keeps no cookies."""
        headers = dict(how.pop("headers", {}))
        if secret is not None:
            headers["Authorization"] = f"Bearer {secret}"
        return self.app.test_client(use_cookies=False).open(f"/api/v1{address}", headers=headers, **how)


def a_city(app: Flask, session: Session, name: str = "みなと市") -> City:
    """Another municipality with a partner of its own."""
    municipality = a_municipality(session, name)
    partner = an_organization(session, f"{name}の団体")
    a_center(session, partner)
    an_engagement(session, municipality, partner)
    officer = an_officer_of(session, municipality)
    session.commit()
    return City(app, session, municipality, officer, partner)


@pytest.fixture
def city(app: Flask, session: Session, time: SetClock) -> City:
    """The municipality that asks; its partner has a 法人番号."""
    made = a_city(app, session)
    made.partner.corporate_number = NUMBER
    session.commit()
    return made
