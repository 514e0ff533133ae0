"""What attackers, clocks and two at once do to pledges and council papers (A05, A10, A12, D02, D04, D05, E01, E08)."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from partner_compliance.accounts.models import User
from partner_compliance.councils import operations as councils
from partner_compliance.councils import paper as council_paper
from partner_compliance.councils import queries as council_queries
from partner_compliance.database import begin_writing, open_session
from partner_compliance.history.models import LogLeaf
from partner_compliance.history.operations import write_acts
from partner_compliance.organizations.models import Organization, Worker
from partner_compliance.pledges import operations, paper, queries
from partner_compliance.pledges.models import Pledge, PledgeText
from partner_compliance.pledges.queries import ToldOf
from partner_compliance.pledges.words import Told
from tests.conftest import SetClock
from tests.factories import a_municipality, an_officer_of, principal_of, signed_in
from tests.pledges.conftest import ANNUAL, Desk
from tests.sheets.conftest import House, Person
from tests.takeouts.test_pages import HOSTILE
from tests.world import words_of


@pytest.fixture
def browser(app: Flask, house: House, time: SetClock):
    def browser(person: Person | User) -> FlaskClient:
        house.session.commit()
        return signed_in(app, person if isinstance(person, User) else person.user, now=time.moment)

    return browser


def count(house: House, model: type) -> int:
    house.session.rollback()
    house.session.expire_all()
    return house.session.scalar(select(func.count()).select_from(model)) or 0


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_whatever_is_typed_is_shown_as_text_on_pages_and_paper(desk: Desk, house: House, browser) -> None:
    desk.change(paragraphs=list(HOSTILE), reason=HOSTILE[0])
    told = ToldOf(desk.today, Told.ALONE, HOSTILE[1])
    made = desk.paper(house.volunteer, desk.today, told=told)
    operations.cancel(house.session, made, reason="".join(HOSTILE), by=house.officer.principal, now=desk.time.moment)
    officer, worker = browser(house.officer), browser(house.worker)
    addresses = (
        (worker, f"/workers/{house.worker.worker.id}/pledge/annual"),
        (officer, f"/organizations/{house.organization.id}/pledges/wordings/annual"),
        (officer, f"/pledges/{made.id}"),
    )
    for client, address in addresses:
        text = client.get(address).text
        assert "<script>alert(1)" not in text
        assert "<img src" not in text
        assert "&lt;script&gt;" in text
        assert "{{7*7}}" in text
    content = paper.record_pdf(queries.record_of(house.session, made), made_at=desk.time.moment)
    said = words_of(officer.get(f"/pledges/{made.id}/pdf"))
    for text in HOSTILE[:3]:
        assert squeezed(text) in said
    assert b"root:" not in content
    assert b"127.0.0.1:9" not in content


def test_names_at_a_meeting_are_texts_too(desk: Desk, house: House) -> None:
    municipality = a_municipality(house.session)
    city = principal_of(house.session, an_officer_of(house.session, municipality))
    facts = councils.MeetingFacts(HOSTILE[0], "R8-1", desk.today, HOSTILE[1], HOSTILE[2])
    meeting = councils.convene(
        house.session, house.library, municipality, facts, by=city, now=desk.time.moment, request_key=uuid4()
    )
    for text in HOSTILE:
        person = councils.Person(text, text, text, False)
        councils.expect(house.session, meeting, person, by=city, now=desk.time.moment)
    roster = council_queries.roster_of(house.session, meeting)
    content = council_paper.roster_pdf(roster, made_at=desk.time.moment)
    assert b"root:" not in content
    assert len(roster.seats) == len(HOSTILE)


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_scan_of_more_than_ten_megabytes_is_refused_at_once(
    desk: Desk, house: House, browser, is_chunked: bool
) -> None:
    client = browser(house.officer)
    where = f"/workers/{house.volunteer.id}/pledges"
    client.get(where)
    edge = "x" * 20
    large = b"%PDF-1.7" + b"0" * (10 * 1024 * 1024 + 200_000)
    body = b"".join([
        f'--{edge}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{client.csrf_token}\r\n'.encode(),
        f'--{edge}\r\nContent-Disposition: form-data; name="scan"; filename="a.pdf"\r\n\r\n'.encode(),
        large,
        f"\r\n--{edge}--\r\n".encode(),
    ])  # fmt: skip
    options: dict[str, Any] = {"content_type": f"multipart/form-data; boundary={edge}"}
    if is_chunked:
        options |= {
            "input_stream": io.BytesIO(body), "headers": {"Transfer-Encoding": "chunked"},
            "environ_overrides": {"wsgi.input_terminated": True},
        }  # fmt: skip
    else:
        options["data"] = body
    answer = FlaskClient.open(client, where, method="POST", **options)
    assert answer.status_code in (413, 422)
    assert "大きすぎ" in answer.text
    assert count(house, Pledge) == 0


@pytest.mark.both_engines
def test_of_eight_who_sign_at_once_one_signs(desk: Desk, house: House, engine: Any) -> None:
    worker, gate, now, by = house.worker.worker, Barrier(8), desk.time.moment, house.worker.principal
    digest = desk.digest(worker)
    house.session.commit()

    def sign(_number: int) -> bool:
        with open_session(engine, write_acts=write_acts) as session:
            gate.wait()
            begin_writing(session)
            found = session.get_one(Worker, (worker.organization_id, worker.id))
            signing = operations.Signing(worker.name, digest, uuid4())
            try:
                operations.sign(session, house.library, found, ANNUAL, signing, by=by, now=now)
                session.commit()
            except operations.AlreadySigned:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(sign, range(8))) == 1
    assert count(house, Pledge) == 1
    acts = house.session.scalars(select(LogLeaf.act).where(LogLeaf.log_id == worker.organization_id)).all()
    assert acts.count("pledge.signed") == 1


@pytest.mark.both_engines
def test_nobody_changes_or_deletes_what_was_signed(desk: Desk, house: House) -> None:
    desk.sign(house.worker)
    house.session.commit()
    for statement in (
        update(Pledge).values(signed_on=desk.today - timedelta(days=30)),
        update(Pledge).values(typed_name="北 太郎"),
        update(PledgeText).values(text={"title": "別の文面"}),
        delete(Pledge),
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            house.session.execute(statement)
        house.session.rollback()


def test_the_day_of_a_signature_is_the_servers(desk: Desk, house: House, browser) -> None:
    client = browser(house.worker)
    where = f"/workers/{house.worker.worker.id}/pledge/annual"
    hidden = dict(re.findall(r'name="(digest|request_key)"[^>]*value="([^"]*)"', client.get(where).text))
    form = {"typed_name": "南 花子", "is_read": "y", "signed_on": "2026-04-01", "recorded_at": "2026-04-01T00:00"}
    assert client.post(where, data=hidden | form).status_code == 303
    house.session.rollback()
    made = house.session.scalars(select(Pledge)).one()
    assert (made.signed_on, made.recorded_at) == (desk.today, desk.time.moment)


@pytest.mark.parametrize(("day", "second", "asked"), [((2027, 2, 28), 55, False), ((2027, 2, 28), 65, True)])
def test_a_campaign_opens_at_midnight_in_japan(
    desk: Desk, house: House, browser, day: tuple[int, int, int], second: int, asked: bool
) -> None:
    desk.sign(house.worker)
    desk.time.set(desk.time.tokyo(*day, 23, 59) + timedelta(seconds=second))
    assert ("毎年度の誓約" in browser(house.worker).get("/").text) is asked


@pytest.mark.parametrize(("second", "standing"), [(55, "signed"), (65, "last_years")])
def test_the_year_turns_at_midnight_in_japan(desk: Desk, house: House, second: int, standing: str) -> None:
    desk.sign(house.worker)
    desk.time.set(desk.time.tokyo(2027, 3, 31, 23, 59) + timedelta(seconds=second))
    assert desk.standing(house.worker.worker) == standing


@pytest.mark.parametrize("day", ["2038-01-19", "2100-01-01", "0001-01-01", "9999-12-31", "2026-02-30", "あした"])
def test_days_that_cannot_be_are_refused_cleanly(desk: Desk, house: House, browser, day: str) -> None:
    client = browser(house.officer)
    paper_form = {"asked": "annual", "signed_on": day, "request_key": str(uuid4())}
    wording = {
        "seen": "0", "paragraphs": "約束", "from_on": day, "kind": "material", "sign_again_by": day, "reason": "理由",
    }  # fmt: skip
    briefing = {
        "asked": "annual", "held_on": day, "told_by": "西 守", "told_how": "alone", "people": str(house.volunteer.id),
        "request_key": str(uuid4()),
    }  # fmt: skip
    organization = f"/organizations/{house.organization.id}/pledges"
    for address, form in (
        (f"/workers/{house.volunteer.id}/pledges", paper_form),
        (f"{organization}/wordings/annual", wording),
        (f"{organization}/briefings", briefing),
    ):
        client.get(address)
        answer = client.post(address, data=form)
        assert answer.status_code == 422, address
        assert day in answer.text
    assert count(house, Pledge) == 0


def test_a_text_names_the_organization_as_it_was_called_when_it_was_signed(desk: Desk, house: House) -> None:
    made = desk.sign(house.worker)
    house.session.get_one(Organization, house.organization.id).name = "NPO法人 しおかぜ"
    house.session.flush()
    assert "はまかぜ" in queries.record_of(house.session, made).text.opening
