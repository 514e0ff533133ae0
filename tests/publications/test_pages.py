"""What an organization makes public, and what everyone then reads: name, level, title, day, and nothing else."""

import re
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy import select, text, update

from partner_compliance import clock
from partner_compliance.accounts.models import OrganizationRole
from partner_compliance.history.verification import verify_all
from partner_compliance.models import LOGGED_CONTENTS
from partner_compliance.organizations.models import Center
from partner_compliance.publications import operations, queries
from partner_compliance.publications.models import PublicationEvent
from partner_compliance.publications.visits import MOST
from partner_compliance.publications.words import EventKind
from partner_compliance.readiness.queries import assessment_of
from tests.factories import a_municipality
from tests.publications.conftest import CANARIES

TAGS = re.compile(r"<[^>]+>")
NOINDEX = '<meta name="robots" content="noindex">'


def words(page: str) -> str:
    return re.sub(r"\s+", "", unescape(TAGS.sub(" ", page.split("<main", 1)[1].split("</main", 1)[0])))


def test_nothing_is_public_before_somebody_has_agreed(publisher):
    page = publisher.representative.get(publisher.room)
    assert "公開していません" in page.text
    assert "団体の名前「" + publisher.organization.name in page.text
    refused = publisher.representative.post(f"{publisher.room}/start", data={"is_listed": "y"})
    assert refused.status_code == 422
    assert "公開されるものを読んで、チェックを入れてください。" in refused.text
    assert re.search(r'<input[^>]*checked[^>]*name="is_listed"', refused.text)  # what was ticked stays ticked
    session = publisher.ladder.house.session
    session.rollback()
    assert session.scalars(select(PublicationEvent)).all() == []


def test_a_published_page_tells_name_level_title_and_day_and_nothing_else(publisher):
    address = publisher.publish()
    page = publisher.stranger.get(address)
    assert page.status_code == 200
    said = words(page.text)
    assert publisher.organization.name.replace(" ", "") in said
    assert "段階1体制登録" in said
    assert "令和8年11月27日（今日）" in said
    assert "自治体がそのつど判断します" in said
    data = publisher.stranger.get(f"{address}.json")
    for shown in (page.text, data.text):
        for canary in CANARIES:
            assert canary not in shown
    ladder = publisher.ladder.library.ladder_for(publisher.ladder.today)
    for criterion in ladder.criteria.values():
        assert criterion.title not in page.text
    assert not re.search(r"\d+/\d+", page.text.split("<main", 1)[1])
    assert set(data.json) == {"organization", "level", "title", "as_of", "note", "page", "credential"}
    assert (data.json["organization"], data.json["level"], data.json["title"], data.json["as_of"]) == (
        publisher.organization.name, 1, "体制登録", "2026-11-27",
    )  # fmt: skip
    assert data.json["credential"] is None
    assert data.headers["Access-Control-Allow-Origin"] == "*"


def test_words_that_would_make_a_level_a_verdict_stand_nowhere(publisher):
    address = publisher.publish(listed=True)
    publisher.issue()
    pages = [publisher.stranger.get(each).text for each in (
        address, f"{address}.json", f"{address}/credential.json", "/published", "/published/levels",
    )]  # fmt: skip
    pages.append(publisher.officer.get(publisher.room).text)
    for page in pages:
        assert not re.search("認定|認証|合格|★|☆", page)


def test_switched_off_it_is_gone_at_once_and_comes_back_under_the_same_address(publisher):
    address = publisher.publish(listed=True)
    publisher.issue()
    assert publisher.representative.post(f"{publisher.room}/end").status_code == 303
    gone = publisher.stranger.get(address)
    assert gone.status_code == 410
    assert "公開は終わっています" in gone.text
    assert publisher.organization.name not in gone.text
    for file in (f"{address}.json", f"{address}/credential.json"):
        answer = publisher.stranger.get(file)
        assert answer.status_code == 410
        assert "公開していません" in answer.json["error"]
    assert publisher.organization.name not in publisher.stranger.get("/published").text
    assert publisher.officer.get(f"{publisher.room}/notice.pdf").status_code == 404
    # On again: the same address, not listed, and the credentials stay taken back.
    assert publisher.publish() == address
    assert publisher.stranger.get(address).status_code == 200
    assert publisher.organization.name not in publisher.stranger.get("/published").text
    assert publisher.stranger.get(f"{address}/credential.json").status_code == 404


def test_it_is_never_listed_without_a_second_consent(publisher):
    address = publisher.publish()
    assert NOINDEX in publisher.stranger.get(address).text
    assert publisher.organization.name not in publisher.stranger.get("/published").text
    refused = publisher.representative.post(f"{publisher.room}/listing")
    assert refused.status_code == 422
    assert publisher.organization.name not in publisher.stranger.get("/published").text
    assert publisher.representative.post(f"{publisher.room}/listing", data={"is_agreed": "y"}).status_code == 303
    listing = publisher.stranger.get("/published")
    assert publisher.organization.name in listing.text
    assert f'href="{address}"' in listing.text
    assert "体制登録" not in listing.text
    assert NOINDEX not in publisher.stranger.get(address).text
    again = publisher.representative.post(f"{publisher.room}/listing", data={"is_agreed": "y"})
    assert again.status_code == 409
    assert "すでに載っています" in again.text
    assert publisher.representative.post(f"{publisher.room}/listing/end").status_code == 303
    assert publisher.organization.name not in publisher.stranger.get("/published").text
    assert NOINDEX in publisher.stranger.get(address).text
    assert publisher.representative.post(f"{publisher.room}/listing/end").status_code == 409


def test_what_was_agreed_to_is_kept_word_for_word_and_bound_by_the_history(publisher):
    publisher.publish(listed=True)
    publisher.issue()
    publisher.representative.post(f"{publisher.room}/end")
    session = publisher.ladder.house.session
    session.rollback()
    events = session.scalars(select(PublicationEvent).order_by(PublicationEvent.number)).all()
    assert [event.kind for event in events] == [EventKind.SWITCHED_ON, EventKind.LISTED, EventKind.SWITCHED_OFF]
    assert publisher.organization.name in events[0].agreed
    assert "その日付だけです" in events[0].agreed
    assert "一覧" in events[1].agreed
    session.rollback()
    faults = [each for verdict in verify_all(session, LOGGED_CONTENTS) for each in verdict.problems]
    assert [each for each in faults if "roster_confirmation" not in each.message] == []


def test_the_page_shows_the_fallen_level_of_today(publisher):
    address = publisher.publish()
    publisher.issue()
    publisher.ladder.go(2027, 2, 27)  # the roster was confirmed more than 90 days ago
    page = words(publisher.stranger.get(address).text)
    assert "段階0未登録" in page
    assert "令和9年2月27日（今日）" in page
    assert publisher.json(f"{address}.json")["level"] == 0
    old = publisher.json(f"{address}/credential.json")
    assert "段階1（体制登録） 令和8年11月27日" in old["name"]
    assert old["credentialSubject"]["activityEndDate"].startswith("2026-11-27")
    assert "証明ファイル（令和8年11月27日の段階" in page
    refused = publisher.officer.post(f"{publisher.room}/credentials")
    assert refused.status_code == 409
    assert "段階は0のため" in refused.text


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.integers(0, 200), engaged=st.booleans(), confirmed=st.booleans())
def test_the_page_says_what_is_computed_of_today(publisher, days, engaged, confirmed):
    """Whatever day it is, and whatever was recorded meanwhile."""
    ladder = publisher.ladder
    session = ladder.house.session
    session.rollback()
    ladder.time.moment = ladder.time.tokyo(2026, 11, 27, 9) + timedelta(days=days)
    if queries.state_of(session, ladder.id).publication is None:
        operations.switch_on(
            session, ladder.house.organization, also_listed=False, by=ladder.house.officer.principal,
            now=ladder.time.moment,
        )  # fmt: skip
    if engaged:
        ladder.engage(a_municipality(session), ends_on=ladder.today + timedelta(days=30))
    if confirmed:
        ladder.confirm(incomplete=days % 2)
    session.commit()
    found = assessment_of(session, ladder.library, ladder.today, ladder.id)
    publisher.app.extensions["published_visits"].__init__()
    data = publisher.json(f"{publisher.address}.json")
    assert (data["level"], data["title"], data["as_of"]) == (found.level, found.title, ladder.today.isoformat())
    page = words(publisher.stranger.get(publisher.address).text)
    assert f"段階{found.level}{found.title}" in page
    assert clock.era_date(ladder.today) in page


def test_an_organization_without_an_engagement_may_publish_still(publisher):
    address = publisher.publish()
    session = publisher.ladder.house.session
    session.execute(text("UPDATE engagement SET ends_on = starts_on"))
    session.commit()
    assert publisher.stranger.get(address).status_code == 200


@pytest.mark.parametrize("what", ["nobody speaks for it", "no center is open"])
def test_an_organization_that_does_not_work_any_more_is_not_shown(publisher, what):
    address = publisher.publish(listed=True)
    session = publisher.ladder.house.session
    session.rollback()
    if what == "no center is open":
        session.execute(update(Center).values(closed_on=publisher.ladder.today - timedelta(days=1)))
    else:
        session.execute(update(OrganizationRole).values(ended_at=publisher.ladder.time.moment))
    session.commit()
    assert publisher.stranger.get(address).status_code == 410
    assert publisher.organization.name not in publisher.stranger.get("/published").text


def test_an_address_that_never_was_is_not_found(publisher):
    for address in ("/published/00000000-0000-4000-8000-000000000000", f"/published/{publisher.organization.id}"):
        page = publisher.stranger.get(address)
        assert page.status_code == 404
        assert "このアドレスの公開ページはありません。" in page.text
        assert publisher.stranger.get(f"{address}.json").status_code == 404
        assert publisher.stranger.get(f"{address}/revocations.json").status_code == 404


def test_only_those_who_speak_for_the_organization_decide(publisher):
    house = publisher.ladder.house
    for person in (house.head, house.worker):
        client = publisher.of(person)
        assert client.get(publisher.room).status_code in (403, 404)
        assert client.post(f"{publisher.room}/start", data={"is_agreed": "y"}).status_code in (403, 404)
    publisher.publish()
    assert publisher.representative.post(f"{publisher.room}/credentials").status_code == 403
    assert "証明ファイルは、個人情報責任者が作ります。" in publisher.representative.get(publisher.room).text


def test_sending_the_consent_twice_says_so_and_changes_nothing(publisher):
    publisher.publish()
    again = publisher.representative.post(f"{publisher.room}/start", data={"is_agreed": "y"})
    assert again.status_code == 409
    assert "すでに公開されています" in again.text
    session = publisher.ladder.house.session
    session.rollback()
    assert len(session.scalars(select(PublicationEvent)).all()) == 1


def test_who_asks_without_end_is_told_to_wait(publisher):
    address = publisher.publish()
    for _ in range(MOST):
        publisher.stranger.get("/published/keys.json")
    page = publisher.stranger.get(address)
    assert page.status_code == 429
    assert "しばらくお待ちください" in page.text
    assert publisher.stranger.get(f"{address}.json").status_code == 429
    elsewhere = publisher.stranger.get(address, environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 200
    publisher.ladder.time.moment += timedelta(minutes=1)
    assert publisher.stranger.get(address).status_code == 200


def test_the_notice_fits_one_sheet_and_says_level_day_and_address(publisher):
    publisher.publish()
    for name in (publisher.organization.name, "特定非営利活動法人 " + "みなとの子どもと家庭を見守る" * 12):
        publisher.organization.name = name[:200]
        publisher.ladder.house.session.commit()
        answer = publisher.officer.get(f"{publisher.room}/notice.pdf")
        assert answer.status_code == 200
        reader = PdfReader(BytesIO(answer.data))
        assert len(reader.pages) == 1
        said = re.sub(r"\s+", "", reader.pages[0].extract_text())
        assert "段階1体制登録" in said
        assert "令和8年11月27日の記録から" in said
        assert publisher.address in said
        assert name[:20].replace(" ", "") in said


def test_the_levels_are_explained_for_everyone(publisher):
    page = publisher.stranger.get("/published/levels")
    assert page.status_code == 200
    ladder = publisher.ladder.library.ladder_for(publisher.ladder.today)
    for level in ladder.levels:
        assert f'id="level-{ladder.edition}-{level.number}"' in page.text
        assert level.title in page.text


@pytest.mark.both_engines
def test_two_who_publish_at_once_make_one_page(publisher):
    """On both engines: the events of a page are numbered under a lock."""
    house = publisher.ladder.house
    for person in (house.officer, house.representative):
        publisher.of(person).post(f"{publisher.room}/start", data={"is_agreed": "y", "is_listed": "y"})
    publisher.officer.post(f"{publisher.room}/end")
    publisher.publish()
    publisher.issue()
    house.session.rollback()
    numbers = house.session.scalars(select(PublicationEvent.number).order_by(PublicationEvent.number)).all()
    assert numbers == [1, 2, 3, 4]
    assert queries.how_many_listed(house.session, today=publisher.ladder.today) == 0
    assert publisher.stranger.get(publisher.address).status_code == 200
