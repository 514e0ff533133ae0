"""How a partner climbs: what each level asks for, done by the operations of the pages."""

from uuid import uuid4

from partner_compliance.organizations.models import Municipality, Worker
from partner_compliance.people.models import JoiningRecord, JoiningStep, Manner
from tests.pledges.conftest import Desk as Pledges
from tests.readiness.conftest import Ladder
from tests.rulebooks.conftest import Desk as Rules
from tests.trained import taken


def everyone(ladder: Ladder) -> list[Worker]:
    house = ladder.house
    people = [each.worker for each in (house.head, house.officer, house.representative, house.worker)]
    return [*people, house.volunteer]


def first_level(ladder: Ladder, city: Municipality) -> None:
    """Posts with deputies, a confirmed roster, an engagement with its basis and places."""
    ladder.first_level(city)


def second_level(ladder: Ladder) -> None:
    """Rules adopted, everyone pledged before the first day and for the year, the entry course taken by all."""
    house, session = ladder.house, ladder.house.session
    Rules(house, ladder.time, ladder.library).adopt_all()
    pledges = Pledges(house, ladder.time)
    for person in (house.head, house.officer, house.representative, house.worker):
        pledges.sign(person)
        taken(session, ladder.library, person.worker, by=person.principal, now=ladder.time.moment)
    pledges.paper(house.volunteer, ladder.today)
    for worker in everyone(ladder):
        steps = [JoiningStep.BRIEFING, JoiningStep.PLEDGE]
        for step in steps if worker is not house.volunteer else [*steps, JoiningStep.COURSE]:
            day = ladder.today if step is JoiningStep.COURSE else worker.joined_on
            session.add(
                JoiningRecord(
                    organization_id=ladder.id, id=uuid4(), worker_id=worker.id, step=step, manner=Manner.PAPER,
                    done_on=day, subject="規程", by_whom="西 守", reason="", recorded_at=ladder.time.moment,
                    recorded_on=ladder.today, recorded_by_name="西 守",
                )
            )  # fmt: skip
    session.flush()
