"""Pledges and council papers in the demo, by the operations of the pages."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from partner_compliance import clock, yearly
from partner_compliance.access import Principal, Role
from partner_compliance.accounts import queries as account_queries
from partner_compliance.accounts.models import User
from partner_compliance.councils import operations as councils
from partner_compliance.councils.models import CouncilRequest
from partner_compliance.councils.queries import consent_text
from partner_compliance.demo.cast import Partner
from partner_compliance.demo.take_outs import Act, Move, Scene
from partner_compliance.engagements import operations as engagements
from partner_compliance.engagements.words import CouncilCategory
from partner_compliance.library.pledges import Occasion
from partner_compliance.library.shelf import Library
from partner_compliance.organizations.models import Engagement, Municipality, Organization, WorkerKind
from partner_compliance.organizations.queries import is_valid_on
from partner_compliance.pledges import operations, policy, queries
from partner_compliance.pledges.queries import Asked, ToldOf
from partner_compliance.pledges.words import Told

#: Every so many people one has not signed this year.
_FORGETFUL = 9
_COUNCIL = "要保護児童対策地域協議会"
_ANNUAL = Asked(Occasion.ANNUAL)


def moves_of(partner: Partner, library: Library, *, begins: datetime, now: datetime, seed: int) -> list[Move]:
    """What a partner with a story signs: the year's pledges in spring, and for the first one what there is to see."""
    random = Random(f"{seed}/pledges/{partner.number}")  # noqa: S311 - a story, not a secret
    moves = list(_campaigns(partner, library, random, begins=begins, now=now))
    if partner.number == 0:
        moves += _changed_text(partner, library, now)
        moves += _engagement(partner, library, begins, now)
    return sorted((move for move in moves if begins <= move[0] <= now), key=lambda move: move[0])


def _campaigns(
    partner: Partner, library: Library, random: Random, *, begins: datetime, now: datetime
) -> Iterator[Move]:
    first, last = clock.local_date(begins), clock.local_date(now)
    before = begins + timedelta(hours=1)
    yield before, _papers_of_before(partner, library, before)
    for year in range(first.year, last.year + 1):
        opens, due = yearly.opens_on(year, yearly.APRIL), yearly.due_on(year, yearly.APRIL)
        for at, person in enumerate(partner.people):
            day = opens + timedelta(days=random.randint(2, (due - opens).days - 2))
            forgets = at % _FORGETFUL == _FORGETFUL - 1 and not person.posts
            is_there = person.joined_on < opens and (person.left_on is None or person.left_on > due)
            if is_there and not forgets and opens > first:
                moment = clock.start_of(day) + timedelta(hours=random.randint(9, 17), minutes=random.randint(0, 59))
                yield moment, _signs(library, at, partner, moment, _ANNUAL)


def _papers_of_before(partner: Partner, library: Library, moment: datetime) -> Act:
    """When the partner began here, its officer entered the paper of the year before."""
    today = clock.local_date(moment)
    year = yearly.year_signed_for(today, yearly.APRIL)
    signed_on = yearly.begins_on(year - 1 if yearly.begins_on(year, yearly.APRIL) > today else year, yearly.APRIL)

    def entered(session: Session, scene: Scene) -> None:
        officer, other = _officer(partner), _holder(partner, Role.CENTER_HEAD)
        for at, worker in enumerate(scene.workers):
            if worker is None or worker.joined_on >= signed_on:
                continue
            by = scene.principal(session, other if at == officer else officer, moment)
            paper = operations.Paper(signed_on, uuid4(), ToldOf(signed_on, Told.GROUP, partner.representative))
            if policy.may_look_after(by, worker):
                operations.enter_paper(session, library, worker, _ANNUAL, paper, by=by, now=moment)

    return entered


def _signs(library: Library, at: int, partner: Partner, moment: datetime, asked: Asked) -> Act:
    """Who has an account signs on a phone; for others the officer enters the paper."""

    def signed(session: Session, scene: Scene) -> None:
        worker, day = scene.worker(at), clock.local_date(moment)
        dues = queries.dues_of(session, library, [worker], today=day)[worker.id]
        if not any(due.asked.occasion is asked.occasion for due in dues):
            return  # signed for this text and year already
        if partner.people[at].login:
            by = scene.principal(session, at, moment)
            text = queries.text_for(session, library, scene.organization, worker.kind, asked, day).text
            signing = operations.Signing(worker.name, text.digest, uuid4())
            operations.sign(session, library, worker, asked, signing, by=by, now=moment)
        else:
            by = scene.principal(session, _officer(partner), moment)
            paper = operations.Paper(day, uuid4(), ToldOf(day, Told.GROUP, by.name))
            operations.enter_paper(session, library, worker, asked, paper, by=by, now=moment)

    return signed


def _officer(partner: Partner) -> int:
    return _holder(partner, Role.PROTECTION_OFFICER)


def _holder(partner: Partner, role: Role) -> int:
    return next(at for at, person in enumerate(partner.people) if role in person.posts)


def _present(partner: Partner, day: date) -> list[int]:
    people = enumerate(partner.people)
    return [at for at, who in people if who.joined_on <= day and (who.left_on is None or who.left_on > day)]


def _changed_text(partner: Partner, library: Library, now: datetime) -> Iterator[Move]:
    """A promise was added two weeks ago; half of the people have signed again, the others have three weeks left."""
    changed = now - timedelta(days=14)
    today = clock.local_date(now)

    def change(session: Session, scene: Scene) -> None:
        by = scene.principal(session, _officer(partner), changed)
        additions = operations.Additions(
            ["送迎の車の中では、ほかのお子さんや家庭の話をしません。"], clock.local_date(changed), True,
            "送迎を始めたため", today + timedelta(days=21),
        )  # fmt: skip
        operations.change_wording(session, scene.organization, "annual", additions, seen=0, by=by, now=changed)

    yield changed, change
    for at in _present(partner, clock.local_date(changed)):
        person = partner.people[at]
        if at % 2 and person.kind is not WorkerKind.VOLUNTEER and person.login != "worker":
            moment = changed + timedelta(days=at % 9 + 1, minutes=at)
            if person.left_on is None and _has_signed(partner, at, today):
                yield moment, _signs(library, at, partner, moment, _ANNUAL)


def _has_signed(partner: Partner, at: int, today: date) -> bool:
    year = yearly.year_signed_for(today, yearly.APRIL)
    return partner.people[at].joined_on < yearly.opens_on(year, yearly.APRIL) and at % _FORGETFUL != _FORGETFUL - 1


def _engagement(partner: Partner, library: Library, begins: datetime, now: datetime) -> Iterator[Move]:
    """The main center works on an engagement; those who handle data there were told and most have signed."""
    gathered = now - timedelta(days=40)

    def engagement(session: Session, scene: Scene) -> Engagement:
        return session.scalars(
            select(Engagement)
            .where(Engagement.organization_id == scene.organization.id, is_valid_on(clock.local_date(now)))
            .order_by(Engagement.title)
            .limit(1)
        ).one()

    def assign(session: Session, scene: Scene) -> None:
        by = scene.principal(session, _officer(partner), begins)
        engagements.assign(
            session, engagement(session, scene), centers=[scene.centers[0].id], posts=[], by=by.actor, now=begins
        )

    def told(session: Session, scene: Scene) -> None:
        at = gathered + timedelta(days=1)
        by = scene.principal(session, _officer(partner), at)
        found = engagement(session, scene)
        named = queries.named_for(session, [found], on=clock.local_date(at))[found.id]
        operations.brief(
            session, scene.organization, Asked(Occasion.ENGAGEMENT, found), named,
            ToldOf(clock.local_date(at), Told.GROUP, by.name), center=None, by=by, now=at, request_key=uuid4(),
        )  # fmt: skip

    def signed(session: Session, scene: Scene) -> None:
        at = gathered + timedelta(days=2)
        found = engagement(session, scene)
        asked = Asked(Occasion.ENGAGEMENT, found)
        named = queries.named_for(session, [found], on=clock.local_date(at))[found.id]
        places = {worker.id: place for place, worker in enumerate(scene.workers) if worker is not None}
        officer = _officer(partner)
        for number, worker in enumerate(named):
            place = places[worker.id]
            if number % 5 != 4 and (place != officer or partner.people[place].login):
                _signs(library, place, partner, at, asked)(session, scene)

    yield begins, assign
    yield gathered + timedelta(days=1), told
    yield gathered + timedelta(days=2), signed


# --- the council ------------------------------------------------------------------------------------------------


def _city(session: Session, at: datetime) -> Principal:
    user = session.scalars(select(User).where(User.login_name == "shiomi")).one()
    return account_queries.principal_of(session, user, strength="password", today=clock.local_date(at))


def _municipality(session: Session, at: datetime) -> Municipality:
    return session.get_one(Municipality, min(_city(session, at).municipality_ids))


def sit_together(session: Session, library: Library, first: Scene, second: Scene, *, now: datetime) -> None:
    """The council's papers, once every partner's story is told: its log is the municipality's, and goes forward only.

    The first partner is a member by a paper of last month, the second was asked today; a meeting of last week has a
    roster that was signed on paper, and today's waits for those who are expected.
    """
    city, municipality = _city(session, now), _municipality(session, now)

    def ask(scene: Scene) -> CouncilRequest:
        organization = session.get_one(Organization, scene.organization.id)
        return councils.ask(
            session, municipality, organization, council=_COUNCIL, category=CouncilCategory.CORPORATION, by=city,
            now=now, request_key=uuid4(),
        )  # fmt: skip

    request, day = ask(first), clock.local_date(now)
    _, text = consent_text(
        library, first.organization.name, municipality.name, _COUNCIL, CouncilCategory.CORPORATION, day
    )
    said = councils.Consent(
        first.partner.representative, "理事長", "汐見市中央1-2-3", "0000-00-0000", text.digest, day - timedelta(days=28)
    )
    officer = first.principal(session, _officer(first.partner), now)
    councils.consent(session, library, request, said, by=officer, now=now)
    ask(second)
    for number, held_on in (("R8-014第1回", day - timedelta(days=7)), ("R8-014第2回", day)):
        facts = councils.MeetingFacts(
            _COUNCIL, number, held_on, "市役所 3階 相談室", f"{municipality.name}　{city.name}"
        )
        made = councils.convene(session, library, municipality, facts, by=city, now=now, request_key=uuid4())
        for organization, post, name, is_member in (
            ("汐見小学校", "教頭", "水野 和子", True),
            (first.organization.name, "相談員", first.partner.people[0].name, True),
            ("汐見市民生委員協議会", "主任児童委員", "原 誠", False),
        ):
            person = councils.Person(organization, post, name, is_member)
            seat = councils.expect(session, made, person, by=city, now=now)
            if held_on < day:
                councils.enter_paper(session, made, seat, by=city, now=now)
        if held_on < day:
            councils.read_out(session, made, said_by=city.name, by=city, now=now)
            councils.close(session, made, by=city, now=now)
