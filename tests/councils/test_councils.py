"""Papers of a council: consent to be a member, and rosters of case meetings that members and others sign alike."""

import io
import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import func, select

from partner_compliance.access import Principal
from partner_compliance.accounts.models import User
from partner_compliance.councils import codes, operations, paper, queries
from partner_compliance.councils.models import (
    CaseMeeting,
    CouncilReply,
    CouncilRequest,
    MeetingSeat,
    MeetingSignature,
)
from partner_compliance.councils.words import ConsentWay, SignatureWay
from partner_compliance.engagements.words import CouncilCategory
from partner_compliance.errors import NotAllowed
from partner_compliance.history.verification import verify_all
from partner_compliance.models import LOGGED_CONTENTS
from partner_compliance.organizations.models import Municipality
from tests.conftest import SECRET_KEY, SetClock
from tests.factories import Browser, a_municipality, an_engagement, an_officer_of, principal_of, signed_in
from tests.sheets.conftest import House
from tests.sheets.conftest import house as house_of_sheets
from tests.test_query_counts import how_many

house = house_of_sheets
TODAY = date(2026, 11, 27)
COUNCIL = "みなと市要保護児童対策地域協議会"


@dataclass
class Table:
    """The council's office and the house, at one table."""

    house: House
    time: SetClock
    municipality: Municipality
    user: User
    city: Principal

    def ask(self, category: CouncilCategory = CouncilCategory.CORPORATION, **changed: Any) -> CouncilRequest:
        facts: dict[str, Any] = {"council": COUNCIL, "request_key": uuid4()}
        return operations.ask(
            self.house.session, self.municipality, self.house.organization, category=category, by=self.city,
            now=self.time.moment, **facts | changed,
        )  # fmt: skip

    def consent(self, request: CouncilRequest, by: Principal | None = None, **changed: Any) -> CouncilReply:
        _, text = queries.consent_text(
            self.house.library, self.house.organization.name, self.municipality.name, request.council,
            request.category, TODAY,
        )  # fmt: skip
        facts: dict[str, Any] = {
            "name": "北 代表", "post": "理事長", "address": "みなと市1-2", "contact": "03-0000-0000",
            "digest": text.digest, "signed_on": TODAY,
        }  # fmt: skip
        return operations.consent(
            self.house.session, self.house.library, request, operations.Consent(**facts | changed),
            by=by or self.house.representative.principal, now=self.time.moment,
        )  # fmt: skip

    def convene(self, **changed: Any) -> CaseMeeting:
        facts: dict[str, Any] = {
            "council": COUNCIL, "number": "R8-014 第2回", "held_on": TODAY, "place": "市役所 3階",
            "convener": "みなと市 家庭課 山川",
        }  # fmt: skip
        return operations.convene(
            self.house.session, self.house.library, self.municipality, operations.MeetingFacts(**facts | changed),
            by=self.city, now=self.time.moment, request_key=uuid4(),
        )  # fmt: skip

    def sign(
        self, meeting: CaseMeeting, name: str, organization: str = "みなと小学校", **changed: Any
    ) -> MeetingSignature:
        person = operations.Person(organization, changed.pop("post", ""), name, changed.pop("is_member", True))
        facts: dict[str, Any] = {"way": SignatureWay.OWN_PHONE, "digest": meeting.text_digest, "request_key": uuid4()}
        return operations.sign(self.house.session, meeting, person, now=self.time.moment, **facts | changed)

    def expect(self, meeting: CaseMeeting, name: str, organization: str = "みなと小学校") -> MeetingSeat:
        person = operations.Person(organization, "教頭", name, True)
        return operations.expect(self.house.session, meeting, person, by=self.city, now=self.time.moment)

    def state(self, request: CouncilRequest) -> str:
        return queries.membership_of(self.house.session, request).state


@pytest.fixture
def table(house: House, time: SetClock) -> Table:
    """Friday, 27 November 2026, nine in the morning."""
    municipality = a_municipality(house.session)
    an_engagement(house.session, municipality, house.organization)
    user = an_officer_of(house.session, municipality)
    house.session.commit()
    return Table(house, time, municipality, user, principal_of(house.session, user))


# --- members ----------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_the_representative_consents_to_the_text_of_the_category(table: Table) -> None:
    request = table.ask()
    assert table.state(request) == "回答待ち"
    made = table.consent(request, name="北　代表")
    assert (made.way, made.name, made.post) == (ConsentWay.SCREEN, "北 代表", "理事長")
    assert table.state(request) == "承諾済み"
    text = paper.text_of(queries.membership_of(table.house.session, request))
    assert text is not None
    law = "".join(text.law)
    assert "第25条の5第2号" in law
    assert "第25条の5第1号" not in law
    assert "1年以下の拘禁刑" in law
    table.house.session.commit()
    assert all(verdict.ok for verdict in verify_all(table.house.session, LOGGED_CONTENTS))


def test_paper_is_entered_by_the_protection_officer_with_its_day(table: Table) -> None:
    request = table.ask()
    officer = table.house.officer.principal
    with pytest.raises(operations.WrongEntry) as refused:
        table.consent(request, by=officer, signed_on=date(2026, 11, 28))
    assert refused.value.field == "signed_on"
    made = table.consent(request, by=officer, signed_on=date(2026, 11, 20))
    assert (made.way, made.holds_on, made.by_name) == (ConsentWay.PAPER, date(2026, 11, 20), "西 守")


def test_nobody_else_consents_and_nobody_under_another_name(table: Table) -> None:
    request = table.ask()
    for nobody in (table.house.worker.principal, table.house.head.principal, table.city):
        with pytest.raises(NotAllowed):
            table.consent(request, by=nobody)
    with pytest.raises(operations.WrongEntry, match="「北 代表」と違います"):
        table.consent(request, name="東 京子")
    with pytest.raises(operations.TextChanged):
        table.consent(request, digest="0" * 64)
    assert table.state(request) == "回答待ち"


def test_a_request_is_answered_once_and_asked_again_after_its_end(table: Table) -> None:
    session = table.house.session
    key = uuid4()
    request = table.ask(request_key=key)
    assert table.ask(request_key=key) is request
    with pytest.raises(operations.AlreadyAsked):
        table.ask()
    with pytest.raises(operations.NotAMember):
        operations.end(session, request, ends_on=TODAY, reason="x", by=table.city, now=table.time.moment)
    table.consent(request)
    for act in (operations.decline, operations.withdraw):
        by = table.house.officer.principal if act is operations.decline else table.city
        with pytest.raises(operations.AlreadyReplied):
            act(session, request, reason="遅れて", by=by, now=table.time.moment)
    with pytest.raises(operations.WrongEntry):
        operations.end(session, request, ends_on=date(2026, 11, 1), reason="x", by=table.city, now=table.time.moment)
    operations.end(session, request, ends_on=TODAY, reason="事業の終了", by=table.city, now=table.time.moment)
    assert table.state(request) == "終了"
    assert paper.text_of(queries.membership_of(session, request)) is not None
    again = table.ask()
    operations.decline(
        session, again, reason="人手が足りません", by=table.house.officer.principal, now=table.time.moment
    )
    assert table.state(again) == "辞退"


def test_the_consent_on_paper_says_what_the_council_keeps(table: Table) -> None:
    request = table.ask()
    table.consent(request)
    content = paper.consent_pdf(queries.membership_of(table.house.session, request), made_at=table.time.moment)
    said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    for words in ("令和8年11月27日", "NPO法人 はまかぜ", "みなと市1-2", "03-0000-0000", "理事長", "北 代表", COUNCIL):
        assert words in said, words


# --- meetings ---------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_members_and_others_sign_the_same_text_and_the_roster_is_closed(table: Table) -> None:
    session = table.house.session
    meeting = table.convene()
    expected, late = table.expect(meeting, "学校 一郎"), table.expect(meeting, "来ない 人")
    table.sign(meeting, "学校　一郎")
    outsiders = [table.sign(meeting, name, "民生委員", is_member=False) for name in ("外 一子", "外 二郎")]
    roster = queries.roster_of(session, meeting)
    assert [(each.seat.name, each.seat.is_member, each.signature is not None) for each in roster.seats] == [
        ("学校 一郎", True, True), ("来ない 人", True, False), ("外 一子", False, True), ("外 二郎", False, True),
    ]  # fmt: skip
    assert {each.text_digest for each in outsiders} == {meeting.text_digest}
    assert roster.seats[0].seat.id == expected.id
    with pytest.raises(operations.StillUnsigned):
        operations.close(session, meeting, by=table.city, now=table.time.moment)
    operations.note_absence(session, meeting, late, by=table.city, now=table.time.moment)
    operations.read_out(session, meeting, said_by="山川", by=table.city, now=table.time.moment)
    operations.close(session, meeting, by=table.city, now=table.time.moment)
    for refused in (
        lambda: table.sign(meeting, "遅れた 人"),
        lambda: table.expect(meeting, "遅れた 人"),
        lambda: operations.close(session, meeting, by=table.city, now=table.time.moment),
    ):
        with pytest.raises(operations.RosterClosed):
            refused()
    session.commit()
    assert all(verdict.ok for verdict in verify_all(session, LOGGED_CONTENTS))
    row = queries.meetings_of(session, table.municipality.id, limit=10)[0]
    assert (row.present, row.signed, row.is_closed) == (3, 3, True)


@pytest.mark.parametrize("number", ["R8-014", "令和8年度第3号", "Ｒ８－０１４　第２回", "2026/14", "14の(2)"])
def test_a_case_has_a_number(table: Table, number: str) -> None:
    assert re.fullmatch(r"[0-9A-Za-z第号回年度令和の()/・-]+", table.convene(number=number).number)


@pytest.mark.parametrize("number", ["山田 花子", "はなこの会", "ハナコ", "R8 花子ちゃん", "", "1" * 31, "田中家"])
def test_a_name_is_no_number(table: Table, number: str) -> None:
    with pytest.raises(operations.WrongEntry, match="名前は書かないで") as refused:
        table.convene(number=number)
    assert refused.value.field == "number"


@pytest.mark.parametrize("held_on", [date(2026, 11, 19), date(2027, 11, 29)])
def test_a_meeting_long_ago_or_far_away_is_a_mistake(table: Table, held_on: date) -> None:
    with pytest.raises(operations.WrongEntry):
        table.convene(held_on=held_on)


def test_the_same_person_signs_once_and_namesakes_are_told_apart_by_their_post(table: Table) -> None:
    meeting = table.convene()
    key = uuid4()
    first = table.sign(meeting, "学校 一郎", post="教頭", request_key=key)
    assert table.sign(meeting, "学校 一郎", post="教頭", request_key=key) is first
    with pytest.raises(operations.AlreadySigned):
        table.sign(meeting, "学校一郎", post="教頭")
    table.sign(meeting, "学校 一郎", post="養護教諭")
    assert queries.roster_of(table.house.session, meeting).signed == 2


def test_an_absent_person_who_comes_after_all_signs_and_nobody_signs_for_a_text_that_was_not_shown(
    table: Table,
) -> None:
    meeting = table.convene()
    seat = table.expect(meeting, "学校 一郎")
    operations.note_absence(table.house.session, meeting, seat, by=table.city, now=table.time.moment)
    with pytest.raises(operations.TextChanged):
        table.sign(meeting, "学校 一郎", digest="0" * 64)
    table.sign(meeting, "学校 一郎")
    assert queries.roster_of(table.house.session, meeting).present == 1


def test_a_roster_has_an_end(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_SEATS", 2)
    meeting = table.convene()
    for number in range(2):
        table.sign(meeting, f"人{number}")
    with pytest.raises(operations.TooManySeats):
        table.sign(meeting, "人2")


def test_the_text_is_read_out_on_the_day_and_once(table: Table) -> None:
    session = table.house.session
    meeting = table.convene(held_on=date(2026, 11, 30))
    with pytest.raises(operations.WrongEntry, match="会議の日に"):
        operations.read_out(session, meeting, said_by="山川", by=table.city, now=table.time.moment)
    with pytest.raises(codes.NotOpen):
        table.sign(meeting, "早い 人")
    table.time.tokyo(2026, 11, 30, 9)
    operations.read_out(session, meeting, said_by="山川", by=table.city, now=table.time.moment)
    with pytest.raises(operations.AlreadySaid):
        operations.read_out(session, meeting, said_by="山川", by=table.city, now=table.time.moment)


def test_a_code_opens_one_meeting_on_its_day_and_cannot_be_made_up(table: Table) -> None:
    meeting = table.convene()
    code = codes.code_for(meeting.id, meeting.held_on, key=SECRET_KEY)
    assert codes.meeting_of(code, key=SECRET_KEY, now=table.time.moment) == meeting.id
    forged = codes.code_for(meeting.id, meeting.held_on, key="another key")
    for wrong in (forged, code[:-1], code + "x", "", "あ", "x" * 2000):
        with pytest.raises(codes.NotOpen):
            codes.meeting_of(wrong, key=SECRET_KEY, now=table.time.moment)
    for late in (table.time.tokyo(2026, 11, 28, 0), table.time.tokyo(2026, 11, 25, 23)):
        with pytest.raises(codes.NotOpen):
            codes.meeting_of(code, key=SECRET_KEY, now=late)


def test_the_roster_prints_with_lines_while_open_and_with_signatures_once_closed(table: Table) -> None:
    session = table.house.session
    meeting = table.convene()
    table.sign(meeting, "学校 一郎", post="教頭")
    table.sign(meeting, "外 一子", "民生委員", is_member=False)

    def printed() -> str:
        content = paper.roster_pdf(queries.roster_of(session, meeting), made_at=table.time.moment)
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)

    said = printed()
    for words in ("R8-014第2回", "市役所 3階", "家庭課 山川", "学校 一郎", "教頭", "外 一子", "構成員外"):
        assert words in said, words
    assert "電子的な確認" not in said
    operations.read_out(session, meeting, said_by="山川 守", by=table.city, now=table.time.moment)
    operations.close(session, meeting, by=table.city, now=table.time.moment)
    assert "山川 守" in printed()
    assert "電子的な確認" in printed()


# --- pages ------------------------------------------------------------------------------------------------------


@pytest.fixture
def browser(app: Flask, table: Table):
    def browser(user: User | None = None) -> FlaskClient:
        table.house.session.commit()
        if user is None:
            stranger = Browser(app, app.response_class, use_cookies=True)
            stranger.get("/sign-in")
            return stranger
        return signed_in(app, user, now=table.time.moment)

    return browser


def count(table: Table, model: type) -> int:
    table.house.session.rollback()
    table.house.session.expire_all()
    return table.house.session.scalar(select(func.count()).select_from(model)) or 0


def test_the_request_stands_on_the_representatives_home_until_it_is_answered(table: Table, browser) -> None:
    city = browser(table.user)
    form = {
        "organization": str(table.house.organization.id), "council": COUNCIL, "category": "corporation",
        "request_key": str(uuid4()),
    }  # fmt: skip
    where = f"/municipalities/{table.municipality.id}/council"
    assert city.post(f"{where}/new", data=form | {"category": ""}).status_code == 422
    answer = city.post(f"{where}/new", data=form)
    assert answer.status_code == 303
    representative = browser(table.house.representative.user)
    assert "構成員になる承諾のお願い" in representative.get("/").text
    page = representative.get(answer.headers["Location"])
    digest = re.search(r'name="digest"[^>]*value="(\w+)"', page.text)
    assert digest is not None
    said = {"digest": digest[1], "name": "北 代表", "post": "理事長", "address": "みなと市", "contact": "03"}
    address = answer.headers["Location"] + "/consent"
    wrong = representative.post(address, data=said)
    assert wrong.status_code == 422
    assert "チェックを入れてください" in wrong.text
    assert 'value="理事長"' in wrong.text
    assert representative.post(address, data=said | {"is_read": "y"}).status_code == 303
    assert "構成員になる承諾のお願い" not in representative.get("/").text
    assert "承諾済み" in city.get(where).text
    assert city.get(answer.headers["Location"] + "/pdf").data.startswith(b"%PDF")


def test_somebody_without_an_account_signs_by_the_code_and_sees_no_other_name(table: Table, browser) -> None:
    meeting = table.convene()
    table.expect(meeting, "学校 一郎")
    city = browser(table.user)
    shown = city.get(f"/case-meetings/{meeting.id}/code").text
    found = re.search(r'href="https?://[^/"]+(/meeting-roster/[^"]+)"', shown)
    assert found is not None
    guest = browser()
    page = guest.get(found[1])
    assert "R8-014第2回" in page.text
    assert "学校 一郎" not in page.text
    form = {
        "digest": meeting.text_digest, "request_key": str(uuid4()), "organization": "民生委員", "post": "主任",
        "name": "外 一子", "membership": "other",
    }  # fmt: skip
    wrong = guest.post(found[1], data=form)
    assert wrong.status_code == 422
    assert 'value="外 一子"' in wrong.text
    answer = guest.post(found[1], data=form | {"is_agreed": "y"})
    assert answer.status_code == 303
    assert guest.post(found[1], data=form | {"is_agreed": "y"}).status_code == 303
    assert "外 一子" not in guest.get(answer.headers["Location"]).text
    again = guest.post(found[1], data=form | {"is_agreed": "y", "request_key": str(uuid4())})
    assert again.status_code == 409
    assert count(table, MeetingSignature) == 1
    assert "外 一子" in city.get(f"/case-meetings/{meeting.id}").text
    table.time.tokyo(2026, 11, 28, 0)
    assert guest.get(found[1]).status_code == 409


def test_a_tablet_that_is_passed_round_holds_nobodys_account(table: Table, browser) -> None:
    meeting = table.convene()
    city = browser(table.user)
    answer = city.post(f"/case-meetings/{meeting.id}/tablet")
    assert answer.status_code == 303
    assert city.get(f"/case-meetings/{meeting.id}").status_code in (302, 303)
    form = {
        "digest": meeting.text_digest, "request_key": str(uuid4()), "organization": "学校", "name": "学校 一郎",
        "membership": "member", "is_agreed": "y",
    }  # fmt: skip
    city.get(answer.headers["Location"])
    thanks = city.get(city.post(answer.headers["Location"], data=form).headers["Location"])
    assert "次の方が署名する" in thanks.text
    table.house.session.expire_all()
    assert table.house.session.scalars(select(MeetingSignature)).one().way is SignatureWay.TABLET


def test_a_number_that_could_be_a_name_is_refused_and_what_was_typed_stays(table: Table, browser) -> None:
    city = browser(table.user)
    form = {
        "number": "山田花子さんの件", "held_on": "2026-11-27", "place": "市役所", "convener": "山川",
        "council": COUNCIL, "request_key": str(uuid4()),
    }  # fmt: skip
    where = f"/municipalities/{table.municipality.id}/case-meetings/new"
    page = city.post(where, data=form)
    assert page.status_code == 422
    assert "お子さんの名前は書かないでください" in page.text
    assert 'value="市役所"' in page.text
    assert city.post(where, data=form | {"number": "R8-1"}).status_code == 303
    assert count(table, CaseMeeting) == 1


def test_pages_take_as_many_statements_for_3_seats_as_for_30(table: Table, app: Flask) -> None:
    meeting = table.convene()
    counts: dict[str, list[int]] = {}
    made = 0
    for seats in (3, 30):
        for number in range(made, seats):
            table.sign(meeting, f"人{number}")
            other = table.ask(council=f"協議会{number}")
            if number % 2:
                table.consent(other)
            table.convene(number=f"R8-{number}")
        made = seats
        table.house.session.commit()
        for name, (user, address) in {
            "meeting": (table.user, f"/case-meetings/{meeting.id}"),
            "meetings": (table.user, f"/municipalities/{table.municipality.id}/case-meetings"),
            "members": (table.user, f"/municipalities/{table.municipality.id}/council"),
            "councils": (table.house.representative.user, f"/organizations/{table.house.organization.id}/council"),
            "home": (table.house.representative.user, "/"),
        }.items():
            counts.setdefault(name, []).append(how_many(app, user, address))
    assert {name: found for name, found in counts.items() if found[0] != found[1]} == {}
