"""How many statements a page takes does not grow with the number of rows on it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from partner_compliance.access import Entrusted, Role
from partner_compliance.acts import SYSTEM, Actor
from partner_compliance.engagements import operations as engagements
from partner_compliance.engagements import places
from partner_compliance.engagements.words import PlaceKind
from partner_compliance.library.shelf import Library
from partner_compliance.networks import operations as networks
from partner_compliance.organizations.models import EngagementBasis, Worker
from partner_compliance.people import leaving
from partner_compliance.people import operations as people
from partner_compliance.people.models import JoiningStep, LeavingCheck, LeavingReason, Manner, Outcome, ThingKind
from partner_compliance.receipts import operations as receipts
from partner_compliance.receipts.words import Direction, Side
from partner_compliance.registrations import operations as registrations
from partner_compliance.sheets import operations
from partner_compliance.takeouts import operations as take_outs
from partner_compliance.training import groups, own_courses
from partner_compliance.training import operations as courses
from tests.conftest import SetClock
from tests.factories import (
    a_center,
    a_municipality,
    a_worker,
    all_fine,
    an_engagement,
    an_officer_of,
    an_organization,
    principal_of,
    signed_in,
    someone,
)
from tests.sheets.conftest import MONTH, House, Person
from tests.taken_out import RECORDS, some_facts

Counted = Callable[[str], int]


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def how_many(app: Flask, user: object, address: str) -> int:
    """The statements of one page, asked for a second time: the first may fill caches."""
    client = signed_in(app, user, now=SetClock.tokyo(SetClock(None), 2026, 11, 27, 9))  # type: ignore[arg-type]
    assert client.get(address).status_code == 200, address
    with statements(app.extensions["engine"]) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def a_house(session: Session, library: Library, time: SetClock, workers: int) -> House:
    """An organization with so many workers, a third of whom have submitted and a third have a draft."""
    session.rollback()  # ends the reading of the house before: others have written since
    organization = an_organization(session, first_month="2026-01")
    center = a_center(session, organization)
    people = {
        "head": someone(session, center, Role.CENTER_HEAD, name="東 京子"),
        "officer": someone(session, center, Role.PROTECTION_OFFICER, name="西 守"),
        "representative": someone(session, center, Role.REPRESENTATIVE, name="北 代表"),
        "worker": someone(session, center, name="南 花子"),
    }
    persons = {key: Person(user, worker, principal_of(session, user)) for key, (user, worker) in people.items()}
    others = [a_worker(session, center, f"従事 者{number}") for number in range(workers)]
    for number in range(workers // 10):
        an_engagement(session, a_municipality(session, f"市{number}"), organization)
    now = time.tokyo(2026, 11, 27, 9)
    operations.open_months(session, library, now=now)
    house = House(session, library, organization, center, volunteer=others[0], **persons)
    session.commit()
    for number, worker in enumerate(others):
        sheet = house.sheet_of(worker)
        filled = all_fine(house.checklist)
        if number % 3 == 0:
            operations.enter_from_paper(session, sheet, house.checklist, filled, signed_on=now.date(),
                                        by=house.head.principal, now=now)  # fmt: skip
        elif number % 3 == 1:
            operations.save_draft(session, sheet, filled, by=house.head.principal, based_on=0, now=now)
        _joins_or_leaves(house, worker, number, now)
    for person in (house.head, house.officer, house.worker):
        filled = all_fine(house.checklist, head=person is house.head)
        operations.submit(session, house.sheet_of(person.worker), house.checklist, filled, by=person.principal, now=now)
    for number, worker in enumerate(others):
        _takes_out(house, worker, number, now)
    session.commit()
    return house


def _takes_out(house: House, worker: Worker, number: int, now: datetime) -> None:
    """Everyone has something outside, has asked for something else, and was handed something."""
    by, session = house.head.principal, house.session
    facts = some_facts(now - timedelta(days=number % 20 + 1))
    take_outs.write_afterwards(
        session, worker, facts, returned_at=None, explanation="紙の台帳から", by=by, now=now, request_key=uuid4()
    )
    if number % 3 != 1:
        soon = some_facts(now + timedelta(hours=1))
        take_outs.ask(session, worker, soon, by=by, now=now, request_key=uuid4())
    handed = receipts.Facts(
        Direction.INSIDE, now.date(), "引き継ぎ", [RECORDS], giver=house.officer.worker, receiver=worker
    )
    officer = house.officer.principal
    receipts.write(session, house.organization, handed, side=Side.GIVER, by=officer, now=now, request_key=uuid4())


def _joins_or_leaves(house: House, worker: Worker, number: int, now: datetime) -> None:
    """Everyone has something in hand; a third has begun with joining, a third leaves."""
    session, by = house.session, house.officer.principal
    thing = people.ThingFacts(ThingKind.KEY, f"鍵{number}", now.date())
    people.lend(session, worker, thing, by=by.actor, now=now)
    if number % 3 == 0:
        step = people.StepFacts(JoiningStep.PLEDGE, now.date(), Manner.PAPER)
        people.record_step(session, worker, step, by=by.actor, now=now)
    elif number % 3 == 1:
        checks = {LeavingCheck.KEYS: Outcome.NONE}
        facts = leaving.LeavingFacts(now.date(), LeavingReason.ENDED, checks=checks)
        leaving.leave(session, worker, facts, by=by, now=now)


def _trains(house: House, library: Library, now: datetime) -> UUID:
    """Everyone is asked some courses, a group took one on paper, and some have certificates; the session's id."""
    session, by = house.session, house.officer.principal
    courses.assign_recommended(session, library, house.organization, by=by, now=now)
    course = library.course_for("secrecy-basics", now.date())
    for _ in range(2):
        prepared = groups.prepare(session, library, house.organization, course.key, house.center.id, by=by, now=now)
        workers = select(Worker).where(Worker.organization_id == house.organization.id, Worker.left_on.is_(None))
        people = [each for each in session.scalars(workers) if each.id not in by.worker_ids]
        groups.record(
            session, library, prepared, held_on=now.date(), minutes=30, led_by="西 守", people=people[::2],
            wrong={each.id: prepared.asked[:1] for each in people[::2]}, by=by, now=now,
        )  # fmt: skip
    own_courses.begin(session, library, house.organization, title="講座", of=course, by=by, now=now)
    session.commit()
    return prepared.id


PAGES = {
    "home of a worker": ("worker", "/"),
    "home of a head": ("head", "/"),
    "home of an officer": ("officer", "/"),
    "own sheets": ("worker", "/my/sheets"),
    "sheet to fill in": ("representative", "/sheets/{own}/answers"),
    "sheet as a record": ("head", "/sheets/{worker}"),
    "matrix": ("head", "/centers/{center}/months/{month}"),
    "organization's months": ("officer", "/organizations/{organization}/months"),
    "organization": ("officer", "/organizations/{organization}"),
    "roster": ("officer", "/organizations/{organization}/roster"),
    "roster of a head": ("head", "/organizations/{organization}/roster?lacks=1"),
    "changes of a row": ("officer", "/workers/{person}/changes"),
    "confirmation of the roster": ("officer", "/organizations/{organization}/roster/confirmation"),
    "submitted rosters": ("officer", "/organizations/{organization}/roster/submissions"),
    "roster to submit": ("officer", "/organizations/{organization}/roster/submissions/new?scope=everyone"),
    "networks": ("officer", "/organizations/{organization}/networks"),
    "accounts": ("officer", "/organizations/{organization}/accounts"),
    "invitations": ("officer", "/organizations/{organization}/invitations"),
    "history": ("officer", "/organizations/{organization}/history"),
    "roster as a file": ("officer", "/organizations/{organization}/roster/export.csv"),
    "who looked": ("worker", "/my/views"),
    "a person": ("officer", "/workers/{person}"),
    "joining and leaving": ("officer", "/organizations/{organization}/people"),
    "a head's joining and leaving": ("head", "/organizations/{organization}/people"),
    "recording a meeting": ("officer", "/organizations/{organization}/people/meeting"),
    "things of a center": ("head", "/centers/{center}/things"),
    "posts": ("officer", "/organizations/{organization}/posts"),
    "leaving": ("officer", "/workers/{person}/leaving"),
    "roles of a person": ("officer", "/workers/{person}/roles"),
    "safety settings": ("worker", "/security"),
    "own sign-ins": ("worker", "/security/sign-ins"),
    "engagements": ("officer", "/organizations/{organization}/engagements"),
    "places": ("officer", "/organizations/{organization}/places"),
    "own take-outs": ("worker", "/my/take-outs"),
    "own pledges": ("worker", "/my/pledges"),
    "a pledge to sign": ("worker", "/workers/{person}/pledge/annual"),
    "who has pledged": ("officer", "/organizations/{organization}/pledges"),
    "who has pledged at a head's center": ("head", "/organizations/{organization}/pledges"),
    "briefings": ("officer", "/organizations/{organization}/pledges/briefings"),
    "a person's pledges": ("officer", "/workers/{person}/pledges"),
    "own rules": ("worker", "/my/rules"),
    "rules of an organization": ("officer", "/organizations/{organization}/rules"),
    "who knows the rules": ("officer", "/organizations/{organization}/rules/coverage"),
    "contracts and rules": ("officer", "/organizations/{organization}/rules/contracts"),
    "readiness": ("officer", "/organizations/{organization}/readiness"),
    "readiness a while ago": ("head", "/organizations/{organization}/readiness?as_of=2026-11-01"),
    "what municipalities require": ("officer", "/organizations/{organization}/requirements"),
    "what is shared": ("head", "/organizations/{organization}/shares"),
    "publication": ("officer", "/organizations/{organization}/publication"),
    "what readiness rests on": ("officer", "/organizations/{organization}/readiness/evidence.pdf"),
    "own courses": ("worker", "/my/courses"),
    "a course to begin": ("worker", "/organizations/{organization}/courses/secrecy-basics"),
    "courses": ("worker", "/courses"),
    "training": ("officer", "/organizations/{organization}/training"),
    "training at a head's center": ("head", "/organizations/{organization}/training"),
    "who has taken what": ("officer", "/organizations/{organization}/training/people"),
    "what is understood": ("officer", "/organizations/{organization}/training/understanding"),
    "courses asked": ("officer", "/organizations/{organization}/training/assignments"),
    "groups": ("officer", "/organizations/{organization}/training/sessions"),
    "a group": ("officer", "/training-sessions/{training}"),
    "results of courses": ("officer", "/organizations/{organization}/training/results"),
    "courses of an organization": ("officer", "/organizations/{organization}/own-courses"),
    "kits": ("officer", "/organizations/{organization}/kits"),
    "drafts of others": ("officer", "/organizations/{organization}/mentoring"),
    "what waits for a decision": ("head", "/my/take-out-decisions"),
    "ledger": ("officer", "/organizations/{organization}/take-outs"),
    "take-outs in numbers": ("officer", "/organizations/{organization}/take-outs/statistics"),
    "own receipts": ("worker", "/my/receipts"),
    "register": ("officer", "/organizations/{organization}/receipts"),
    "shared tablets": ("head", "/centers/{center}/kiosks"),
    "slips": ("head", "/centers/{center}/pin-slips"),
}

#: Pages that ask every room about everything: once for each measure, and once for whom it lacks.
MOST = {"readiness": 60, "what readiness rests on": 50}


def test_pages_of_an_organization_take_as_many_statements_for_10_workers_as_for_100(
    app: Flask, session: Session, library: Library, time: SetClock
) -> None:
    counts: dict[str, list[int]] = {name: [] for name in PAGES}
    for workers in (10, 100):
        house = a_house(session, library, time, workers)
        training = _trains(house, library, time.tokyo(2026, 11, 27, 9))
        for name, (role, address) in PAGES.items():
            person = getattr(house, role)
            filled_in = address.format(
                own=house.sheet_of(person.worker).id,
                worker=house.sheet_of(house.worker.worker).id,
                person=house.worker.worker.id,
                center=house.center.id,
                organization=house.organization.id,
                month=MONTH,
                training=training,
            )
            counts[name].append(how_many(app, person.user, filled_in))
    assert {name: found for name, found in counts.items() if found[0] != found[1]} == {}
    assert {name: found for name, found in counts.items() if found[0] > MOST.get(name, 47)} == {}


def test_the_municipalitys_pages_take_as_many_statements_for_10_partners_as_for_100(
    app: Flask, session: Session, library: Library, time: SetClock
) -> None:
    municipality = a_municipality(session)
    officer = an_officer_of(session, municipality)
    counts: dict[str, list[int]] = {}
    now = time.tokyo(2026, 11, 27, 9)
    made = 0
    for partners in (10, 100):
        for number in range(made, partners):
            organization = an_organization(session, f"団体{number}", first_month="2026-08")
            a_worker(session, a_center(session, organization))
            an_engagement(session, municipality, organization)
            registrations.invite_partner(session, municipality, group_name="団体", email=None, terms=None,
                                         link_base="", by=SYSTEM, now=now)  # fmt: skip
        made = partners
        operations.open_months(session, library, now=now)
        session.commit()
        room = f"/municipalities/{municipality.id}/partners"
        for name, address in {
            "home": "/",
            "CSV": f"{room}.csv",  # which counts the levels of all
            "dashboard": f"{room}?per_page=300",
            "dashboard by workers": f"{room}?per_page=300&sort=-workers",
            "dashboard of a level": f"{room}?per_page=300&level=0",
            "XLSX": f"{room}.xlsx",
            "partner": f"{room}/{organization.id}",
            "levels as a file": f"/municipalities/{municipality.id}/readiness.csv",
            "reasons": f"/municipalities/{municipality.id}/take-outs/reasons",
            "report": f"/municipalities/{municipality.id}/reports/2026-10.xlsx",
            "gate": f"/municipalities/{municipality.id}/gate",
            "asking the gate": f"/municipalities/{municipality.id}/gate/{organization.id}"
            "?data_class=D3&mode=paper_kept&purpose=PU1",
            "decisions": f"/municipalities/{municipality.id}/share-decisions",
            "lapses": f"/municipalities/{municipality.id}/share-decisions/lapses",
            "requirements": f"/municipalities/{municipality.id}/requirements",
            "history": f"/municipalities/{municipality.id}/history",
            "invitations": f"/municipalities/{municipality.id}/registrations",
            "inspections": f"/municipalities/{municipality.id}/inspections",
            "a new inspection": f"/municipalities/{municipality.id}/inspections/new",
        }.items():
            counts.setdefault(name, []).append(how_many(app, officer, address))
    assert {name: found for name, found in counts.items() if found[0] != found[1]} == {}
    assert counts.pop("report")[0] <= 70  # the levels of two days
    assert counts.pop("levels as a file")[0] <= 35
    assert max(found[0] for found in counts.values()) <= 40, counts


def test_the_pages_of_a_network_take_as_many_statements_for_2_members_as_for_20(
    app: Flask, session: Session, library: Library, time: SetClock
) -> None:
    now = time.tokyo(2026, 11, 27, 9)
    runs = an_organization(session, "連絡会 事務局", first_month=MONTH)
    network = networks.open_network(session, runs, name="連絡会", rules="", by=SYSTEM, now=now)
    center = a_center(session, runs)
    office, worker = someone(session, center, name="事務 局子")
    officer, _ = someone(session, center, Role.PROTECTION_OFFICER, name="西 守")
    networks.appoint(session, worker, by=SYSTEM, now=now)
    session.commit()
    counts: dict[str, list[int]] = {}
    made = 0
    for members in (2, 20):
        for number in range(made, members):
            house = a_house(session, library, time, 4)
            membership = networks.join(session, network, house.organization, by=SYSTEM, now=now)
            networks.entrust(session, membership, set(Entrusted), from_on=now.date(), until_on=None, by=SYSTEM, now=now)
            registrations.invite_member(session, runs, group_name=f"団体{number}", email=None, link_base="",
                                        by=SYSTEM, now=now)  # fmt: skip
            session.commit()
        made = members
        operations.open_months(session, library, now=now)
        session.commit()
        for name, reader, address in (
            ("home", office, "/"),
            ("entrusted", office, "/my/entrusted"),
            ("month", office, f"/centers/{house.center.id}/months/{MONTH}"),
            ("office", officer, f"/organizations/{runs.id}/network"),
            ("invitations", officer, f"/organizations/{runs.id}/registrations"),
            ("member", house.officer.user, f"/organizations/{house.organization.id}/networks"),
        ):
            counts.setdefault(name, []).append(how_many(app, reader, address))
    assert {name: found for name, found in counts.items() if found[0] != found[1]} == {}
    assert max(found[0] for found in counts.values()) <= 30, counts


def test_one_partner_takes_as_many_statements_with_10_workers_as_with_100(
    app: Flask, session: Session, library: Library, time: SetClock
) -> None:
    municipality = a_municipality(session)
    officer = an_officer_of(session, municipality)
    session.commit()
    counts = []
    for workers in (10, 100):
        house = a_house(session, library, time, workers)
        an_engagement(session, municipality, house.organization)
        session.commit()
        address = f"/municipalities/{municipality.id}/partners/{house.organization.id}"
        counts.append((how_many(app, officer, address), how_many(app, officer, f"{address}/readiness")))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("workers", [1, 40])
def test_opening_a_month_takes_as_many_statements_whatever_the_number_of_workers(
    session: Session, engine: Engine, library: Library, time: SetClock, workers: int
) -> None:
    organization = an_organization(session, first_month=MONTH)
    center = a_center(session, organization)
    for number in range(workers):
        a_worker(session, center, f"従事 者{number}")
    session.commit()
    with statements(engine) as seen:
        assert operations.open_months(session, library, now=time.tokyo(2026, 11, 27)) == workers
        session.commit()
    assert len(seen) <= 22


def test_pages_of_engagements_take_as_many_statements_for_3_as_for_30(
    app: Flask, session: Session, time: SetClock
) -> None:
    municipality = a_municipality(session)
    organization = an_organization(session)
    center = a_center(session, organization)
    officer, _ = someone(session, center, Role.PROTECTION_OFFICER)
    city = an_officer_of(session, municipality)
    engagement = an_engagement(session, municipality, organization)
    actor, now = Actor(None, "だれか", "system"), time.tokyo(2026, 11, 27, 9)
    counts: dict[str, list[int]] = {}
    made = 0
    for rows in (3, 30):
        for number in range(made, rows):
            terms = engagements.Terms(f"事業{number}", EngagementBasis.SUBSIDY, now.date(), now.date())
            engagements.propose_engagement(session, municipality, organization, terms, by=actor, now=now)
            an_engagement(session, municipality, organization, ends_on=now.date())
            facts = places.PlaceFacts(
                PlaceKind.BOTH, f"場所{number}", "みなと市東町1-2-3", True, now.date(), "書庫", "センター長", center.id,
                frozenset({engagement.id}),
            )  # fmt: skip
            place = places.add_place(session, organization, facts, by=actor, now=now)
        made = rows
        session.commit()
        for name, (user, address) in {
            "home": (officer, "/"),
            "home of the municipality": (city, "/"),
            "organization's engagements": (officer, f"/organizations/{organization.id}/engagements"),
            "municipality's engagements": (city, f"/municipalities/{municipality.id}/engagements"),
            "proposal": (city, f"/municipalities/{municipality.id}/engagements/new"),
            "engagement": (city, f"/engagements/{engagement.id}"),
            "places": (officer, f"/organizations/{organization.id}/places"),
            "place": (officer, f"/places/{place.id}"),
            "new place": (officer, f"/organizations/{organization.id}/places/new"),
            "notices from": (officer, f"/organizations/{organization.id}/place-notices"),
            "notices to": (city, f"/municipalities/{municipality.id}/place-notices"),
        }.items():
            counts.setdefault(name, []).append(how_many(app, user, address))
    assert {name: found for name, found in counts.items() if found[0] != found[1]} == {}
    assert max(found[0] for found in counts.values()) <= 42, counts
