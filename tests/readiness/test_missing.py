"""Who and what is missing: exactly those whom the measure does not count, whatever the world is like."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from partner_compliance import clock
from partner_compliance.acts import SYSTEM
from partner_compliance.engagements.places import PlaceFacts, add_place
from partner_compliance.engagements.words import PlaceKind
from partner_compliance.library.checklists import Answer
from partner_compliance.library.readiness import Measure
from partner_compliance.organizations.models import EngagementBasis
from partner_compliance.people import leaving
from partner_compliance.people import operations as people
from partner_compliance.people.models import JoiningStep, LeavingCheck, LeavingReason, Manner, Outcome
from partner_compliance.readiness.measures import Asked, figures
from partner_compliance.readiness.missing import LACKS, gaps_of_roster, who_is_missing
from partner_compliance.receipts import operations as receipts
from partner_compliance.receipts.words import Direction, Side
from partner_compliance.roster.models import Post
from partner_compliance.sheets.models import CheckSheet
from partner_compliance.takeouts import operations as take_outs
from tests.factories import a_center, a_municipality, a_worker, an_engagement, an_organization
from tests.readiness.conftest import Ladder
from tests.taken_out import ALL_CHECKS, RECORDS, some_facts
from tests.trained import taken

pytestmark = pytest.mark.both_engines

#: Totals of measures that have one even where there is nothing.
WANTED = {
    Measure.POSTS_WITH_DEPUTY: 2,
    Measure.ROSTER_CONFIRMED: 1,
    Measure.RULES_ADOPTED: 2,
    Measure.RULES_COMPLETE: 2,
    Measure.RULES_REVIEWED: 2,
    Measure.PROCEDURE_FRESH: 1,
    Measure.MONTHS_RUN: 3,
    Measure.MONTHS_IN_ORDER: 12,
}


def test_every_measure_can_say_who_or_what_it_lacks() -> None:
    assert set(LACKS) == set(Measure)


def how_many_lack(ladder: Ladder, measure: Measure, day: date) -> int:
    figure = figures(ladder.house.session, Asked(ladder.library, day), [measure]).get(ladder.id, {}).get(measure)
    if figure is None:
        return WANTED.get(measure, 0)
    return figure.numerator if measure.is_bad else figure.denominator - figure.numerator


class Chance:
    """Whatever chance makes of three weeks; every act is one that somebody could have done."""

    def __init__(self, ladder: Ladder, seed: int) -> None:
        self.ladder, self.house, self.session = ladder, ladder.house, ladder.house.session
        self.random = random.Random(seed)
        other = an_organization(self.session, "よその団体")
        a_worker(self.session, a_center(self.session, other), "よそ 太郎")
        centers = [self.house.center, a_center(self.session, self.house.organization, "分室")]
        self.crowd = [
            a_worker(
                self.session, self.random.choice(centers), f"従事 者{number}",
                joined_on=date(2026, 11, self.random.randint(1, 27)),
            )
            for number in range(self.random.randint(3, 9))
        ]  # fmt: skip
        for worker in self.crowd:
            worker.is_handler = self.is_so(0.7)
        self.session.flush()

    @property
    def now(self) -> datetime:
        return self.ladder.time.moment

    def is_so(self, how_often: float) -> bool:
        return self.random.random() < how_often

    def organize(self) -> None:
        if self.is_so(0.7):
            self.ladder.hold(self.house.officer, Post.PRIVACY_OFFICER)
            self.ladder.hold(self.house.head, Post.PRIVACY_OFFICER_DEPUTY)
        if self.is_so(0.5):
            self.ladder.confirm(incomplete=self.random.choice([0, 2]))
        for number in range(self.random.randint(0, 3)):
            self.engage(number)

    def engage(self, number: int) -> None:
        today, by = self.ladder.today, self.house.officer.principal
        engagement = an_engagement(
            self.session, a_municipality(self.session, f"市{number}"), self.house.organization
        )  # fmt: skip
        engagement.basis = self.random.choice([EngagementBasis.UNRECORDED, EngagementBasis.AGREEMENT])
        if self.is_so(0.6):
            place = PlaceFacts(
                self.random.choice([PlaceKind.BOTH, PlaceKind.WORK]), f"事務室{number}", "みなと市1-2-3", True, today,
                "書庫", "センター長", self.house.center.id, frozenset({engagement.id}),
            )  # fmt: skip
            add_place(self.session, self.house.organization, place, by=SYSTEM, now=self.now)
        for _ in range(self.random.randint(0, 2)):
            soon = replace(RECORDS, end_by_on=today + timedelta(days=self.random.randint(0, 20)))
            handed = receipts.Facts(
                Direction.FROM_MUNICIPALITY, today, "見守り", [soon, replace(RECORDS, count=5)],
                receiver=self.house.worker.worker, engagement=engagement,
            )  # fmt: skip
            receipt = receipts.write(
                self.session, self.house.organization, handed, side=Side.RECEIVER, by=by, now=self.now,
                request_key=uuid4(),
            )  # fmt: skip
            if self.is_so(0.6):
                receipts.confirm_on_paper(self.session, receipt, note="紙", by=by, now=self.now)

    def join(self) -> None:
        for worker in (*self.crowd, self.house.volunteer):
            for step in JoiningStep:
                if self.is_so(0.5):
                    done_on = min(worker.joined_on + timedelta(days=self.random.choice([-2, 2])), self.ladder.today)
                    facts = people.StepFacts(step, done_on, Manner.PAPER, "規程", "西 守")
                    people.record_step(self.session, worker, facts, by=SYSTEM, now=self.now)
        for person in (self.house.worker, self.house.head):
            if self.is_so(0.5):
                taken(self.session, self.ladder.library, person.worker, by=person.principal, now=self.now)

    def take_out(self) -> None:
        by, whole = self.house.officer.principal, {"count": 3, "checks": ALL_CHECKS, "comment": "急ぎ"}
        for worker in (each for each in self.crowd if self.is_so(0.5)):
            facts = some_facts(self.now + timedelta(hours=self.random.randint(1, 12)))
            row = take_outs.ask(self.session, worker, facts, by=by, now=self.now, request_key=uuid4())
            if self.is_so(0.5):
                take_outs.permit(self.session, row, comment="", by=by, now=self.now)
            take_outs.depart(self.session, row, **whole, by=by, now=self.now)  # type: ignore[arg-type]  # the words of one dict
            if self.is_so(0.4):
                take_outs.come_back(self.session, row, **whole, by=by, now=self.now)  # type: ignore[arg-type]  # the words of one dict

    def file(self) -> None:
        own = {
            each.worker.id
            for each in (self.house.head, self.house.officer, self.house.representative, self.house.worker)
        }
        for sheet, worker in self.ladder.sheets("2026-11"):
            if worker.id not in own and worker.center_id == self.house.center.id and self.is_so(0.7):
                worse = {"1-1": (Answer.NOT_OK, "鍵を直す")} if self.is_so(0.4) else {}
                self.ladder.file(sheet, worker, **worse)
                if self.is_so(0.6):
                    self.ladder.sign(sheet, worker)

    def leave(self) -> None:
        for worker in (each for each in self.crowd if self.is_so(0.3)):
            checks = {each: Outcome.NONE for each in LeavingCheck if each is not LeavingCheck.PLEDGE}
            settled = {LeavingCheck.PLEDGE: Outcome.UNREACHABLE} if self.is_so(0.5) else {}
            gone = leaving.LeavingFacts(
                self.ladder.today, LeavingReason.ENDED, checks={**(checks if self.is_so(0.5) else {}), **settled},
                open_note="あとで",
            )  # fmt: skip
            leaving.leave(self.session, worker, gone, by=self.house.officer.principal, now=self.now)


def a_world_of(ladder: Ladder, seed: int) -> None:
    """Three weeks of an organization, as chance has it."""
    chance = Chance(ladder, seed)
    chance.organize()
    chance.join()
    ladder.open_months()
    chance.take_out()
    ladder.go(2026, 12, chance.random.choice([3, 7, 8]))
    chance.file()
    chance.leave()
    ladder.house.session.commit()


@pytest.mark.parametrize("seed", range(4))
def test_as_many_are_named_as_the_measure_lacks(ladder: Ladder, seed: int) -> None:
    a_world_of(ladder, seed)
    session = ladder.house.session
    seen = set()
    for year, month, day in ((2026, 12, 8), (2026, 12, 20), (2027, 1, 20)):
        ladder.go(year, month, day)
        named = who_is_missing(session, ladder.library, ladder.id, list(Measure), today=ladder.today, most=1000)
        for measure in Measure:
            expected = how_many_lack(ladder, measure, ladder.today)
            missing = named.get(measure)
            assert (len(missing.items) if missing else 0) == expected, (measure, ladder.today)
            if missing is not None:
                assert missing.total == expected
                assert len({(each.key, each.label, each.note) for each in missing.items}) == expected
                assert not any("よそ" in each.label for each in missing.items)
                seen.add(measure)
    assert len(seen) > 18


def test_only_the_first_fifty_are_named_and_the_others_counted(ladder: Ladder) -> None:
    for number in range(60):
        a_worker(ladder.house.session, ladder.house.center, f"従事 者{number:02}")
    named = who_is_missing(
        ladder.house.session, ladder.library, ladder.id, [Measure.WORKERS_PLEDGED], today=ladder.today
    )
    missing = named[Measure.WORKERS_PLEDGED]
    assert (missing.total, len(missing.items), missing.more) == (65, 50, 15)


def test_a_head_is_told_of_the_people_of_the_own_centers_only(ladder: Ladder) -> None:
    session = ladder.house.session
    other = a_center(session, ladder.house.organization, "分室")
    elsewhere = a_worker(session, other, "分室 の人")
    ladder.go(2026, 12, 25)
    ladder.open_months()
    mine = frozenset({ladder.house.center.id})
    for measure in (Measure.WORKERS_PLEDGED, Measure.ENTRY_COURSE_WORKERS, Measure.SHEETS_SUBMITTED):
        named = who_is_missing(session, ladder.library, ladder.id, [measure], today=ladder.today, centers=mine)
        everyone = who_is_missing(session, ladder.library, ladder.id, [measure], today=ladder.today)
        if measure in everyone:
            assert elsewhere.name not in {each.label for each in named[measure].items}
            assert named[measure].total <= everyone[measure].total
    gaps = gaps_of_roster(session, ladder.id, today=ladder.today, centers=mine)
    assert elsewhere.name not in {each.label for each in gaps}
    assert elsewhere.name in {each.label for each in gaps_of_roster(session, ladder.id, today=ladder.today)}


def test_sheets_of_people_are_named_with_their_month(ladder: Ladder) -> None:
    ladder.go(2026, 12, 16)
    [sheet] = [each for each, worker in ladder.sheets("2026-11") if worker.id == ladder.house.volunteer.id]
    assert isinstance(sheet, CheckSheet)
    named = who_is_missing(
        ladder.house.session, ladder.library, ladder.id, [Measure.SHEETS_SUBMITTED], today=ladder.today
    )
    items = {each.key: each for each in named[Measure.SHEETS_SUBMITTED].items}
    assert items[sheet.id].label == ladder.house.volunteer.name
    assert items[sheet.id].note == clock.screen_month("2026-11")
