"""The pages about levels: what the organization sees, what a municipality sees, and what commands print."""

import csv
import io
import re
from html import unescape

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from partner_compliance.access import Role
from partner_compliance.accounts import operations as accounts
from partner_compliance.acts import SYSTEM
from partner_compliance.organizations.models import Worker
from partner_compliance.readiness import snapshots
from partner_compliance.readiness.snapshots import frozen
from partner_compliance.takeouts.models import LedgerLine, TakeOut
from partner_compliance.takeouts.queries import record_number
from tests.factories import (
    a_center,
    a_municipality,
    a_worker,
    an_engagement,
    an_officer_of,
    an_organization,
    signed_in,
)
from tests.readiness.test_missing import a_world_of

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


@pytest.mark.parametrize(("who", "least"), [("officer", 20), ("representative", 12), ("head", 12)])
def test_everyone_is_sent_only_where_they_may_go(ladder, client_of, who, least):
    a_world_of(ladder, 3)
    ladder.go(2026, 12, 20)
    client = client_of(getattr(ladder.house, who))
    main = client.get(address(ladder)).text.split("<main", 1)[1]
    if who == "head":
        assert f"/organizations/{ladder.id}/posts" not in main
    targets = set(re.findall(r'href="(/[^"]+)"', main))
    assert len(targets) > least
    for target in targets:
        assert client.get(target).status_code == 200, target


def test_those_who_run_the_organization_read_who_is_missing_and_a_head_only_of_the_own_center(ladder, client_of):
    other = a_center(ladder.house.session, ladder.house.organization, "分室")
    a_worker(ladder.house.session, other, "分室 花子")
    for who in (ladder.house.officer, ladder.house.representative):
        said = words(client_of(who).get(address(ladder)).text)
        assert "2b有効な誓約がある従事者:あと6人" in said
        for name in ("東京子", "西守", "北代表", "南花子", "𠮷田﨑子", "分室花子"):
            assert name in said.split("足りない人・もの")[1]
    said = words(client_of(ladder.house.head).get(address(ladder)).text)
    assert "2b有効な誓約がある従事者:あと5人" in said
    assert "分室花子" not in said
    assert "ここには、あなたの拠点の方だけが出ます" in said
    assert "個人情報責任者" in said.split("足りない人・もの")[1]


def test_of_many_the_first_fifty_are_named(ladder, client_of):
    for number in range(60):
        a_worker(ladder.house.session, ladder.house.center, f"従事 者{number:02}")
    page = client_of(ladder.house.officer).get(address(ladder)).text
    of_pledges = page.split("2b　有効な誓約がある従事者")[1].split("</details>")[0]
    assert of_pledges.count("<li>") == 50
    assert "ほか15人" in of_pledges
    assert f'href="/organizations/{ladder.id}/pledges"' in of_pledges


def test_a_day_of_the_past_names_nobody(ladder, client_of):
    ladder.go(2026, 12, 20)
    page = client_of(ladder.house.officer).get(address(ladder, "?as_of=2026-11-27")).text
    assert "足りない人・もの" not in page
    assert "南 花子" not in page.split("<main", 1)[1]


def test_the_page_says_since_when_and_draws_twelve_months(ladder, client_of, engine):
    ladder.first_level(a_municipality(ladder.house.session))
    ladder.house.session.commit()
    client = client_of(ladder.house.officer)
    said = words(client.get(address(ladder)).text)
    assert "から令和9年2月25日" not in said
    assert said.count("控えがありません") == 12
    ladder.go(2027, 3, 5)
    snapshots.take_days(engine, ladder.library, ladder.time.moment, most=400)
    page = client_of(ladder.house.officer).get(address(ladder)).text
    said = words(page)
    assert "1a責任者と代理満たしている令和8年11月27日から" in said
    assert "1b従事者名簿の確認満たしていない令和9年2月26日から" in said
    drawing = page.split('<svg class="chart-plot"')[1].split("</svg>")[0]
    assert "1月末 段階1、2月末 段階0、今日 段階0" in drawing.replace("\n", "")
    assert 'class="chart-line" d="M' in drawing
    table = words("<main" + page.split('id="level-table"')[1].split("</table>")[0] + "</main")
    assert table.count("控えがありません") == 8
    assert "令和9年1月31日段階1体制登録" in table
    past = words(client_of(ladder.house.officer).get(address(ladder, "?as_of=2027-01-10")).text)
    assert "この日の終わりに保存した控え" in past
    assert "と同じ内容です" in past
    assert "1b従事者名簿の確認満たしている令和8年11月27日から" in past


def test_what_was_kept_of_a_day_is_shown_where_the_records_say_something_else_now(ladder, client_of, engine):
    """Nothing the product does leads here; a hand in the database would."""
    ladder.first_level(a_municipality(ladder.house.session))
    ladder.house.session.commit()
    ladder.go(2026, 12, 20)
    snapshots.take_days(engine, ladder.library, ladder.time.moment, most=400)
    with engine.begin() as connection:
        connection.execute(text("UPDATE post_holding SET from_on = '2026-12-10' WHERE post = 'security_manager'"))
    said = words(client_of(ladder.house.officer).get(address(ladder, "?as_of=2026-12-01")).text)
    assert "控えと、違うところがあります" in said
    assert "控えでは段階1でした" in said
    assert "違うのは次の基準です:1a責任者と代理。" in said


def test_before_the_organization_was_there_nothing_is_known_and_that_is_said(ladder, client_of):
    said = words(client_of(ladder.house.officer).get(address(ladder, "?as_of=2026-04-01")).text)
    assert "この日には、まだ登録されていませんでした" in said
    assert "段階0未登録令和8年4月1日の記録から" in said
    assert "満たしている" not in said.split("すべての基準")[1]


def test_no_name_reaches_a_municipality_on_any_page_or_paper_about_levels(ladder, app, engine):
    """Every name of the organization, and every text that could hold one, is a canary."""
    a_world_of(ladder, 3)
    session = ladder.house.session
    city = a_municipality(session)
    officer = an_officer_of(session, city)
    ladder.engage(city)
    for number, worker in enumerate(session.query(Worker).filter_by(organization_id=ladder.id)):
        worker.name = f"カナリア{number}号"
    session.commit()
    ladder.go(2026, 12, 20)
    snapshots.take_days(engine, ladder.library, ladder.time.moment, most=400)
    assert "カナリア" in signed_in(app, ladder.house.officer.user, now=ladder.time.moment).get(address(ladder)).text
    client = signed_in(app, officer, now=ladder.time.moment)
    partner = f"/municipalities/{city.id}/partners/{ladder.id}/readiness"
    for where in (partner, partner + "?as_of=2026-12-05", f"/municipalities/{city.id}/partners"):
        answer = client.get(where)
        assert answer.status_code == 200
        main = answer.text.split("<main", 1)[1]
        assert "カナリア" not in main
        assert "足りない人・もの" not in main
        for letters in ("TO-", "RC-", "PL-"):
            assert letters not in main
    paper = client.get(partner + ".pdf")
    assert "カナリア" not in "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.data)).pages)
    assert client.get(address(ladder, "/evidence.pdf")).status_code in (403, 404)


# --- the evidence -----------------------------------------------------------------------------------------------


def paper_text(answer):
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(answer.data)).pages]


def test_the_evidence_names_records_and_nobody(ladder, client_of, engine):
    a_world_of(ladder, 1)
    session = ladder.house.session
    ladder.name_posts()
    ladder.engage(a_municipality(session))
    ladder.go(2026, 12, 20)
    pages = paper_text(client_of(ladder.house.officer).get(address(ladder, "/evidence.pdf")))
    said = "".join(pages)
    assert "目次" in pages[0]
    assert frozen(ladder.assessment())[1] in said
    for worker in session.query(Worker).filter_by(organization_id=ladder.id):
        assert worker.name.replace(" ", "") not in said
    assert re.search(r"個人情報責任者令和8年1[12]月\d+日からPH-[0-9A-F]{10}", said)
    assert "見守り強化事業" in said
    numbers = {record_number(each) for each in session.query(TakeOut).filter_by(organization_id=ladder.id)}
    out = {each.take_out_id for each in session.query(LedgerLine).filter(LedgerLine.state.in_(("out", "returned")))}
    assert numbers
    assert {f"TO-{key.hex[:10].upper()}" for key in out} == set(re.findall(r"TO-[0-9A-F]{10}", said))
    assert "令和8年11月対象" in said


def test_the_contents_lead_to_the_pages_where_things_stand(ladder, client_of):
    ladder.first_level(a_municipality(ladder.house.session))
    pages = paper_text(client_of(ladder.house.officer).get(address(ladder, "/evidence.pdf")))
    for name in ("1a責任者と代理", "2b毎年の誓約", "3f退職・活動終了の手続き", "4c毎年の講座"):
        state = r"(?:満たしている|満たしていない|記録がない)"
        [number] = re.findall(rf"{name}{state}(\d+)", pages[0] + pages[1])
        assert name in pages[int(number[0] if len(number) > 1 and int(number) > len(pages) else number) - 1]


def test_the_evidence_of_a_past_day_is_that_of_the_day(ladder, client_of):
    ladder.go(2026, 12, 1)
    ladder.first_level(a_municipality(ladder.house.session))
    client = client_of(ladder.house.officer)
    before = "".join(paper_text(client.get(address(ladder, "/evidence.pdf?as_of=2026-11-30"))))
    assert "段階0未登録" in before
    assert "名簿の確認（新しい順に4回まで）" not in before
    assert "名簿の確認（新しい順に4回まで）" in "".join(paper_text(client.get(address(ladder, "/evidence.pdf"))))
    assert client.get(address(ladder, "/evidence.pdf?as_of=2030-01-01")).status_code == 404
    assert client_of(ladder.house.worker).get(address(ladder, "/evidence.pdf")).status_code == 403


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
