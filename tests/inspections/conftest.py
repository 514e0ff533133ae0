"""A municipality and a house that it inspects."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from partner_compliance.access import Principal
from partner_compliance.accounts.models import User
from partner_compliance.inspections import exchanges, operations, queries
from partner_compliance.inspections.models import Demand, Inspection, LevelObjection
from partner_compliance.organizations.models import Engagement, Municipality
from tests.conftest import SetClock
from tests.factories import a_municipality, an_engagement, an_officer_of, principal_of, signed_in
from tests.sheets.conftest import MONTH, House
from tests.sheets.conftest import house as house_of_sheets

house = house_of_sheets
TODAY = date(2026, 11, 27)
REASON = "契約の点検のため"


@dataclass
class Scene:
    """A municipality that looks into a house, on 27 November 2026."""

    house: House
    time: SetClock
    municipality: Municipality
    engagement: Engagement
    user: User
    city: Principal

    def open(self, **changed: Any) -> Inspection:
        facts: dict[str, Any] = {
            "reason": REASON, "from_month": "2026-10", "until_month": MONTH, "open_until_on": date(2026, 12, 18),
        }  # fmt: skip
        key = changed.pop("request_key", None) or uuid4()
        by = changed.pop("by", self.city)
        made = operations.open_inspection(
            self.house.session, changed.pop("municipality", self.municipality), self.house.organization,
            operations.Facts(**facts | changed), by=by, now=self.time.moment, request_key=key,
        )  # fmt: skip
        self.house.session.commit()
        return made

    def find(self, inspection: Inspection, **changed: Any) -> Demand:
        made = exchanges.find(
            self.house.session, self.house.library, inspection, self.facts(**changed), by=self.city,
            now=self.time.moment, request_key=uuid4(),
        )  # fmt: skip
        self.house.session.commit()
        return made

    def ask(self, **changed: Any) -> Demand:
        facts = self.facts(**{"reason": "毎月の確認が遅れているため", "article": ""} | changed)
        made = exchanges.ask_for_improvement(
            self.house.session, self.house.library, self.municipality, self.house.organization, facts, by=self.city,
            now=self.time.moment, request_key=uuid4(),
        )  # fmt: skip
        self.house.session.commit()
        return made

    def facts(self, **changed: Any) -> exchanges.DemandFacts:
        given: dict[str, Any] = {
            "what": "鍵の台帳に記入がない日が3日あります。", "reason": "", "article": "特記事項 第5", "criterion": "",
            "due_on": TODAY + timedelta(days=14),
        }  # fmt: skip
        return exchanges.DemandFacts(**given | changed)

    def answer(self, demand: Demand, **changed: Any) -> None:
        given: dict[str, Any] = {
            "text": "台帳の様式を直しました。", "evidence": "TO-0123456789", "seen": self.line(demand).seen,
            "by": self.house.officer.principal, "now": self.time.moment,
        }  # fmt: skip
        exchanges.answer(self.house.session, demand, **given | changed)
        self.house.session.commit()

    def object(self, **changed: Any) -> LevelObjection:
        given: dict[str, Any] = {
            "criterion": "3a", "level_on": TODAY, "what": "11月の提出が数えられていません。",
            "record": "2026年11月の締め",
        }  # fmt: skip
        made = exchanges.object_to_level(
            self.house.session, self.house.library, self.house.organization, self.municipality,
            exchanges.ObjectionFacts(**given | changed), by=self.house.representative.principal,
            now=self.time.moment, request_key=uuid4(),
        )  # fmt: skip
        self.house.session.commit()
        return made

    def line(self, demand: Demand) -> queries.DemandLine:
        self.house.session.rollback()
        return queries.demand_line(self.house.session, demand)

    def browser(self, app: Flask, who: User | None = None) -> FlaskClient:
        return signed_in(app, who or self.user, now=self.time.moment)


@pytest.fixture
def scene(house: House, time: SetClock) -> Scene:
    """Friday, 27 November 2026, nine in the morning."""
    municipality = a_municipality(house.session)
    engagement = an_engagement(house.session, municipality, house.organization)
    user = an_officer_of(house.session, municipality)
    house.session.commit()
    return Scene(house, time, municipality, engagement, user, principal_of(house.session, user))
