"""A center with a shared tablet, a volunteer with a slip, a worker with a PIN, and a browser on the tablet."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from partner_compliance.database import begin_writing
from partner_compliance.history.models import LogLeaf
from partner_compliance.kiosks import operations
from partner_compliance.kiosks.models import Kiosk, WorkerPin
from partner_compliance.kiosks.queries import Device
from partner_compliance.organizations.models import Worker
from tests.conftest import SetClock
from tests.factories import Browser
from tests.sheets.conftest import House
from tests.sheets.conftest import house as house_of_sheets

house = house_of_sheets

PIN = "864209"


@dataclass
class Tablet:
    """The center's tablet; `codes` are those on the slips, by worker."""

    house: House
    kiosk: Kiosk
    secret: str
    codes: dict[Any, str]

    def device(self, now: datetime) -> Device:
        return operations.device_in_use(self.house.session, self.secret, now=now)

    def slip(self, worker: Worker, *, now: datetime) -> str:
        """A new slip; returns its code."""
        return self.slips([worker], now=now)[0]

    def slips(self, workers: list[Worker], *, now: datetime) -> list[str]:
        """New slips; returns their codes."""
        session = self.house.session
        session.commit()
        begin_writing(session)
        made = operations.make_slips(session, workers, by=self.house.head.principal.actor, now=now)
        session.commit()
        return [slip.code.replace(" ", "") for slip in made]

    def choose(self, worker: Worker, pin: str = PIN, *, now: datetime, code: str = "") -> Any:
        """Someone chooses a PIN by their slip."""
        session = self.house.session
        session.commit()
        begin_writing(session)
        try:
            return operations.choose_pin(
                session, self.device(now), worker.id, code or self.codes[worker.id], pin, now=now
            )
        finally:
            session.commit()

    def enter(self, worker: Worker, pin: str = PIN, *, now: datetime) -> Any:
        """Someone enters a PIN; what was counted stays, as in the app."""
        session = self.house.session
        session.commit()
        begin_writing(session)
        try:
            return operations.enter(session, self.device(now), worker.id, pin, now=now)
        finally:
            session.commit()

    def pin_of(self, worker: Worker) -> WorkerPin:
        session = self.house.session
        session.rollback()
        return session.get_one(WorkerPin, (worker.organization_id, worker.id))

    def acts(self) -> list[str]:
        """What the organization's history tells, in order."""
        session = self.house.session
        return list(
            session.scalars(
                select(LogLeaf.act).where(LogLeaf.log_id == self.house.organization.id).order_by(LogLeaf.idx)
            )
        )


@pytest.fixture
def tablet(house: House, time: SetClock) -> Tablet:
    """The tablet on the morning of 27 November; the worker has a PIN, the volunteer a slip."""
    session, now = house.session, time.moment
    house.worker.worker.name_kana, house.volunteer.name_kana = "ミナミ ハナコ", "ヨシダ サキコ"
    session.commit()
    begin_writing(session)
    kiosk, secret = operations.open_kiosk(
        session, house.center, name="白いタブレット", by=house.head.principal.actor, now=now
    )
    slips = operations.make_slips(
        session, [house.worker.worker, house.volunteer], by=house.head.principal.actor, now=now
    )
    session.commit()
    made = Tablet(house, kiosk, secret, {slip.worker.id: slip.code.replace(" ", "") for slip in slips})
    made.choose(house.worker.worker, now=now)
    return made


@pytest.fixture
def browser_at(app: Flask, tablet: Tablet) -> Callable[[], Browser]:
    """Makes a browser that shows the tablet's cookie."""

    def make() -> Browser:
        browser = Browser(app, app.response_class, use_cookies=True)
        browser.set_cookie("kiosk", tablet.secret)
        browser.get("/kiosk")
        return browser

    return make
