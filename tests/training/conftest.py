"""The house of the sheets, and short ways to assign, take and record courses."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from partner_compliance.clock import local_date
from partner_compliance.library.courses import Course
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Worker
from partner_compliance.training import groups, operations, own_courses, queries
from partner_compliance.training.models import CourseAssignment, CourseResult, OwnCourse, TrainingSession
from partner_compliance.training.queries import Attempt, Duty
from partner_compliance.training.words import Audience, Renewal
from tests.conftest import SetClock
from tests.sheets.conftest import House, Person
from tests.sheets.conftest import house as house_of_sheets
from tests.trained import COURSE, answer_all, taken

house = house_of_sheets
FRIDAY = date(2026, 11, 27)


@dataclass
class Room:
    """The house with a clock, and the shelf as it stands for it."""

    house: House
    time: SetClock
    library: Library
    held: dict[str, Any] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return local_date(self.time.moment)

    def course(self, key: str = COURSE) -> Course:
        return self.library.course_for(key, self.today)

    def assign(
        self,
        audience: Audience = Audience.EVERYONE,
        key: str = COURSE,
        days: int = 30,
        renewal: Renewal = Renewal.FISCAL_YEAR,
        by: Person | None = None,
        **whom: Any,
    ) -> CourseAssignment:
        wanted = operations.Wanted(key, audience, days, renewal, **whom)
        return operations.assign(
            self.house.session, self.library, self.house.organization, wanted,
            by=(by or self.house.officer).principal, now=self.time.moment,
        )  # fmt: skip

    def begin(self, person: Person, key: str = COURSE) -> Attempt:
        return operations.begin(
            self.house.session, self.library, person.worker, key, by=person.principal, now=self.time.moment
        )  # fmt: skip

    def take(self, person: Person, key: str = COURSE, wrong: int = 0) -> CourseResult:
        return taken(
            self.house.session, self.library, person.worker, by=person.principal, now=self.time.moment, key=key,
            wrong=wrong,
        )  # fmt: skip

    def go_on(self, attempt: Attempt, person: Person, wrong: int = 0) -> None:
        answer_all(
            self.house.session, self.library, attempt, by=person.principal, now=self.time.moment, wrong=wrong
        )  # fmt: skip

    def duties(self, worker: Worker) -> list[Duty]:
        return queries.Duties(self.house.session, [worker], on=self.today).of(worker)

    def prepare(self, by: Person | None = None, key: str = COURSE) -> TrainingSession:
        return groups.prepare(
            self.house.session, self.library, self.house.organization, key, self.house.center.id,
            by=(by or self.house.head).principal, now=self.time.moment,
        )  # fmt: skip

    def record(
        self, prepared: TrainingSession, people: list[Worker], wrong: dict[Any, list[str]], by: Person | None = None,
        **changed: Any,
    ) -> None:  # fmt: skip
        facts = {"held_on": self.today, "minutes": 30, "led_by": "東 京子"} | changed
        groups.record(
            self.house.session, self.library, prepared, people=people, wrong=wrong,
            by=(by or self.house.head).principal, now=self.time.moment, **facts,
        )  # fmt: skip

    def adapt(self, key: str = COURSE, title: str = "わたしたちの守秘") -> OwnCourse:
        return own_courses.begin(
            self.house.session, self.library, self.house.organization, title=title, of=self.course(key),
            kind=own_courses.SourceKind.SHELF, by=self.house.officer.principal, now=self.time.moment,
        )  # fmt: skip

    def publish(self, course: OwnCourse) -> Any:
        return own_courses.publish(
            self.house.session, self.library, course, seen=course.revision, by=self.house.officer.principal,
            now=self.time.moment,
        )  # fmt: skip


@pytest.fixture
def room(house: House, library: Library, time: SetClock) -> Room:
    """The house on the morning of 27 November 2026."""
    return Room(house, time, library)
