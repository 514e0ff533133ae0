"""The pages about levels: what the organization sees, what a municipality sees, and what commands print."""

import csv
import io
import re
from html import unescape

import pytest
from pypdf import PdfReader

from partner_compliance.access import Role
from partner_compliance.accounts import operations as accounts
from partner_compliance.acts import SYSTEM
from partner_compliance.organizations.models import Worker
from tests.factories import a_municipality, an_engagement, an_officer_of, an_organization, signed_in

TAGS = re.compile(r"<[^>]+>")


def words(page):
    return re.sub(r"\s+", "", unescape(TAGS.sub(" ", page.split("<main", 1)[1].split("</main", 1)[0])))


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def client_of(ladder, app):
    def of(person):
        ladder.house.session.commit()
        return signed_in(app, person.user, now=ladder.time.moment)

    return of


def address(ladder, rest=""):
    return f"/organizations/{ladder.id}/readiness{rest}"


def test_the_officer_sees_the_level_what_is_missing_and_where_to_mend_it(ladder, client_of):
    client = client_of(ladder.house.officer)
    page = client.get(address(ladder))
    said = words(page.text)
    assert "段階0未登録" in said
    assert "段階1まで、あと3つ" in said
    assert "代理（別の方）まで決まっているのは0役職です" in said
    assert f'href="/organizations/{ladder.id}/posts"' in page.text
    assert f'href="/organizations/{ladder.id}/places"' in page.text
    ladder.first_level(a_municipality(ladder.house.session))
    ladder.house.session.commit()
    said = words(client.get(address(ladder)).text)
    assert "段階1体制登録" in said
    assert "このままだと、令和9年2月26日に段階0になります" in said
    assert "従事者名簿の確認" in said.split("満たさなくなるためです")[1][:20]
    assert "段階2まで、あと" in said
    assert "有効な誓約がある従事者:0/5人" in said


def test_a_day_of_the_past_is_shown_as_it_was_and_says_nothing_of_the_future(ladder, client_of):
    ladder.first_level(a_municipality(ladder.house.session))
    ladder.go(2026, 12, 20)
    client = client_of(ladder.house.officer)
    assert "段階1体制登録令和8年11月27日の記録から" in words(client.get(address(ladder, "?as_of=2026-11-27")).text)
    before = words(client.get(address(ladder, "?as_of=2026-11-26")).text)
    assert "段階0未登録令和8年11月26日の記録から" in before
    assert "このままだと" not in before
    assert "まで、あと" not in before


@pytest.mark.parametrize(
    ("typed", "said"),
    [("2026-11-28", "先の日付は選べません"), ("昨日", "年・月・日で選んで"), ("0001-01-01", "2020年より前")],
)
def test_a_day_that_cannot_be_shown_is_said_and_today_is_shown(ladder, client_of, typed, said):
    page = client_of(ladder.house.officer).get(address(ladder, f"?as_of={typed}"))
    assert page.status_code == 422
    assert said in page.text
    assert f'value="{typed}"' in page.text
    assert "令和8年11月27日の記録から計算しました" in page.text


def test_a_head_is_sent_only_where_heads_may_go(ladder, client_of):
    client = client_of(ladder.house.head)
    page = client.get(address(ladder))
    assert page.status_code == 200
    main = page.text.split("<main", 1)[1]
    assert f"/organizations/{ladder.id}/posts" not in main
    for target in set(re.findall(rf'href="(/organizations/{ladder.id}/[^"]+)"', main)):
        assert client.get(target).status_code == 200, target


def test_the_officer_finds_a_page_behind_every_step(ladder, client_of):
    client = client_of(ladder.house.officer)
    found = set(re.findall(rf'href="(/organizations/{ladder.id}/[^"]+)"', client.get(address(ladder)).text))
    assert len(found) > 5
    for target in found:
        assert client.get(target).status_code == 200, target


def test_a_municipality_sees_counts_and_no_names_and_never_one_or_two_people(ladder, app):
    session = ladder.house.session
    city = a_municipality(session)
    officer = an_officer_of(session, city)
    ladder.first_level(city)
    other = an_officer_of(session, a_municipality(session, "よそ市", "130001"))
    session.commit()
    where = f"/municipalities/{city.id}/partners/{ladder.id}/readiness"
    page = signed_in(app, officer, now=ladder.time.moment).get(where)
    said = words(page.text)
    assert "段階1体制登録" in said
    assert "このままだと" in said
    for worker in session.query(Worker).filter_by(organization_id=ladder.id):
        assert worker.name.replace(" ", "") not in said
    assert f"/organizations/{ladder.id}/" not in page.text.split("<main", 1)[1]
    assert signed_in(app, other, now=ladder.time.moment).get(where).status_code == 404
    assert signed_in(app, officer, now=ladder.time.moment).get(where + "?as_of=2030-01-01").status_code == 422


def test_a_municipality_lists_its_partners_by_name_and_saves_the_list(ladder, app):
    session = ladder.house.session
    city = a_municipality(session)
    officer = an_officer_of(session, city)
    ladder.first_level(city)
    for number in range(2):
        an_engagement(session, city, an_organization(session, f"団体{number}"))
    an_organization(session, "かかわりのない団体")
    session.commit()
    client = signed_in(app, officer, now=ladder.time.moment)
    room, where = f"/municipalities/{city.id}/partners", f"/municipalities/{city.id}/readiness"
    said = words(client.get(room).text)
    assert "全3団体" in said
    assert said.index("NPO法人はまかぜ") < said.index("団体0") < said.index("団体1")
    assert "かかわりのない団体" not in said
    assert "段階1体制登録" in said.split("NPO法人はまかぜ")[1][:20]
    assert "30日以内に期限が来る基準がある" not in said
    only = words(client.get(room + "?level=1").text)
    assert "絞り込み結果全1団体" in only
    assert "条件に合う団体はありません" in words(client.get(room + "?level=4").text)
    assert "全3団体" in words(client.get(room + "?level=x").text)
    assert client.get(where).status_code == 404
    rows = list(csv.reader(io.StringIO(client.get(where + ".csv").data.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["NPO法人 はまかぜ", "団体0", "団体1"]
    assert rows[1][2] == "1"
    assert client.get(where + ".xlsx").data.startswith(b"PK")
    ladder.go(2027, 2, 1)
    assert "30日以内に期限が来る基準がある団体:1団体" in words(
        signed_in(app, officer, now=ladder.time.moment).get(room).text
    )


def test_the_paper_says_what_the_page_says(ladder, app, client_of):
    session = ladder.house.session
    city = a_municipality(session)
    officer = an_officer_of(session, city)
    ladder.first_level(city)
    session.commit()
    inside = client_of(ladder.house.officer).get(f"/organizations/{ladder.id}/readiness.pdf")
    outside = signed_in(app, officer, now=ladder.time.moment).get(
        f"/municipalities/{city.id}/partners/{ladder.id}/readiness.pdf"
    )
    for answer in (inside, outside):
        assert answer.mimetype == "application/pdf"
        text = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.data)).pages)
        assert "段階1体制登録" in text
        assert "このままだと、令和9年2月26日に段階0になります" in text
        assert "5b強いサインイン" in text
        assert "有効な誓約がない従事者が5人います" in text
        assert "東京子" not in text
    before = client_of(ladder.house.officer).get(f"/organizations/{ladder.id}/readiness.pdf?as_of=2026-11-26")
    text = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(before.data)).pages)
    assert "段階0未登録" in text
    assert "このままだと" not in text
    assert client_of(ladder.house.officer).get(address(ladder, ".pdf?as_of=2030-01-01")).status_code == 404


def test_after_the_engagement_a_municipality_sees_no_level(ladder, app):
    session = ladder.house.session
    city = a_municipality(session)
    officer = an_officer_of(session, city)
    ladder.go(2026, 12, 20)
    an_engagement(session, city, ladder.house.organization, ends_on=ladder.today.replace(day=19))
    session.commit()
    where = f"/municipalities/{city.id}/partners/{ladder.id}/readiness"
    assert signed_in(app, officer, now=ladder.time.moment).get(where).status_code == 404


def test_an_engagement_with_one_municipality_opens_nothing_in_the_room_of_another(ladder, app):
    session = ladder.house.session
    city, other = a_municipality(session), a_municipality(session, "よそ市", "130001")
    officer = an_officer_of(session, city)
    accounts.grant_municipality_role(session, officer, other.id, by=SYSTEM, now=ladder.time.moment)
    ladder.engage(city)
    session.commit()
    client = signed_in(app, officer, now=ladder.time.moment)
    for rest in ("", ".pdf"):
        assert client.get(f"/municipalities/{city.id}/partners/{ladder.id}/readiness{rest}").status_code == 200
        assert client.get(f"/municipalities/{other.id}/partners/{ladder.id}/readiness{rest}").status_code == 404


def test_workers_do_not_see_the_level_of_their_organization(ladder, client_of):
    assert Role.WORKER in {each.role for each in ladder.house.worker.principal.standings}
    assert client_of(ladder.house.worker).get(address(ladder)).status_code == 403
