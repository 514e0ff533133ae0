"""The house of the sheets from its first month on, with a clock that goes through the months."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from partner_compliance import clock
from partner_compliance.access import Role
from partner_compliance.acts import SYSTEM
from partner_compliance.engagements.places import PlaceFacts, add_place
from partner_compliance.engagements.words import PlaceKind
from partner_compliance.library.readiness import Measure
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Engagement, Municipality, Worker
from partner_compliance.readiness.assessment import Assessment
from partner_compliance.readiness.measures import Asked, Figure, figures
from partner_compliance.readiness.queries import assessment_of
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import Post, RosterConfirmation
from partner_compliance.sheets import operations as sheets
from partner_compliance.sheets.models import CheckSheet
from tests.conftest import SetClock
from tests.factories import all_fine, an_engagement
from tests.sheets.conftest import House, Person
from tests.sheets.conftest import house as house_of_sheets

house = house_of_sheets


@dataclass
class Ladder:
    """The house, and short ways to do what its level asks for."""

    house: House
    time: SetClock
    library: Library

    @property
    def id(self) -> UUID:
        return self.house.organization.id

    @property
    def today(self) -> date:
        return clock.local_date(self.time.moment)

    def go(self, year: int, month: int, day: int, hour: int = 9) -> datetime:
        self.time.moment = self.time.tokyo(year, month, day, hour)
        return self.time.moment

    def figure(self, measure: Measure, on: date | None = None) -> Figure | None:
        """What a measure counts for the house, asked for all and for it alone."""
        day = on or self.today
        every = figures(self.house.session, Asked(self.library, day), [measure]).get(self.id, {})
        alone = figures(self.house.session, Asked(self.library, day, [self.id]), [measure]).get(self.id, {})
        assert every == alone
        return alone.get(measure)

    def assessment(self, on: date | None = None) -> Assessment:
        return assessment_of(self.house.session, self.library, on or self.today, self.id)

    def hold(self, person: Person, post: Post) -> Any:
        """Who runs an organization holds a post with the role already."""
        for held in roster.posts_of(self.house.session, person.worker, on=self.today):
            if held.post is post:
                return held
        return roster.open_post(
            self.house.session, person.worker, post, from_on=self.today, by=SYSTEM, now=self.time.moment
        )

    def name_posts(self) -> None:
        self.hold(self.house.officer, Post.PRIVACY_OFFICER)
        self.hold(self.house.head, Post.PRIVACY_OFFICER_DEPUTY)
        self.hold(self.house.head, Post.SECURITY_MANAGER)
        self.hold(self.house.officer, Post.SECURITY_MANAGER_DEPUTY)

    def confirm(self, *, incomplete: int = 0) -> None:
        """The officer confirms a roster of which so many rows lack something."""
        self.house.session.add(
            RosterConfirmation(
                organization_id=self.id, id=uuid4(), at=self.time.moment, confirmed_on=self.today, by_id=None,
                by_name="西 守", workers=5, handlers=5, incomplete=incomplete,
            )
        )  # fmt: skip
        self.house.session.flush()

    def engage(self, municipality: Municipality, **terms: Any) -> Engagement:
        """An engagement with a place of work that can be locked."""
        session = self.house.session
        engagement = an_engagement(session, municipality, self.house.organization, **terms)
        facts = PlaceFacts(
            PlaceKind.BOTH, "本部 事務室", "みなと市東町1-2-3", True, self.today, "書庫", "センター長",
            self.house.center.id, frozenset({engagement.id}),
        )  # fmt: skip
        add_place(session, self.house.organization, facts, by=SYSTEM, now=self.time.moment)
        return engagement

    def first_level(self, municipality: Municipality) -> None:
        """Everything that the first level asks for."""
        self.engage(municipality)
        self.name_posts()
        self.confirm()

    def open_months(self) -> None:
        sheets.open_months(self.house.session, self.library, now=self.time.moment)

    def sheets(self, month: str) -> list[tuple[CheckSheet, Worker]]:
        rows = self.house.session.execute(
            select(CheckSheet, Worker)
            .join(Worker, Worker.id == CheckSheet.worker_id)
            .where(CheckSheet.organization_id == self.id, CheckSheet.month == month)
            .order_by(Worker.name, Worker.id)
        )
        return [(sheet, worker) for sheet, worker in rows]

    def file(self, sheet: CheckSheet, worker: Worker, **changed: Any) -> None:
        """Everyone's sheet, from paper or by themselves."""
        house, session = self.house, self.house.session
        checklist = house.library.edition_for(sheets.CHECKLIST_KEY, sheet.month)
        people = {each.worker.id: each for each in (house.head, house.officer, house.representative, house.worker)}
        is_head = worker.id == house.head.worker.id
        filled = all_fine(checklist, head=is_head, **changed)
        if person := people.get(worker.id):
            sheets.submit(session, sheet, checklist, filled, by=person.principal, now=self.time.moment)
        else:
            sheets.enter_from_paper(
                session, sheet, checklist, filled, signed_on=self.today, by=house.head.principal,
                now=self.time.moment,
            )  # fmt: skip

    def confirmer(self, worker: Worker) -> Person:
        house = self.house
        if worker.id == house.officer.worker.id:
            return house.representative
        return house.officer if worker.id == house.head.worker.id else house.head

    def sign(self, sheet: CheckSheet, worker: Worker, number: int = 1) -> None:
        by = self.confirmer(worker).principal
        sheets.sign_off(self.house.session, sheet, version_number=number, by=by, now=self.time.moment)

    def run_month(self, month: str) -> None:
        """Everyone files on the third business day, and is signed off on the same day."""
        day = clock.nth_business_day(clock.month_after(month), 3)
        self.go(day.year, day.month, day.day)
        for sheet, worker in self.sheets(month):
            self.file(sheet, worker)
            self.sign(sheet, worker)


@pytest.fixture
def ladder(house: House, library: Library, time: SetClock) -> Ladder:
    """The house on the morning of 27 November 2026."""
    assert Role.CENTER_HEAD in {standing.role for standing in house.head.principal.standings}
    return Ladder(house, time, library)
