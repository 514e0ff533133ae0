import pytest
from sqlalchemy import select

from partner_compliance.access import Entrusted, Role
from partner_compliance.acts import SYSTEM
from partner_compliance.networks import operations
from partner_compliance.organizations.networks import NetworkMandate, NetworkMembership
from partner_compliance.sheets import operations as sheets
from partner_compliance.sheets.models import SheetVersion
from tests.factories import a_center, all_fine, as_form, signed_in, someone
from tests.sheets.conftest import MONTH

NETWORK = "子ども食堂連絡会"


@pytest.fixture
def browsers(office, app, time):
    house = office.house
    return {
        "officer": signed_in(app, house.officer.user, now=time.moment),
        "representative": signed_in(app, house.representative.user, now=time.moment),
        "staff": signed_in(app, office.staff.user, now=time.moment),
    }


def test_an_organization_becomes_a_network_and_chooses_its_office(office, browsers):
    house = office.house
    address = f"/organizations/{house.organization.id}/network"
    officer = browsers["officer"]
    assert "登録されていません" in officer.get(address).text
    assert officer.post(f"{address}/edit", data={"name": ""}).status_code == 422
    assert officer.post(f"{address}/edit", data={"name": "浜の協議会", "rules": "月1回"}).status_code == 303
    assert officer.post(f"{address}/office", data={"worker": ""}).status_code == 422
    assert officer.post(f"{address}/office", data={"worker": str(house.volunteer.id)}).status_code == 422
    assert officer.post(f"{address}/office", data={"worker": str(house.worker.worker.id)}).status_code == 303
    page = officer.get(address).text
    assert "南 花子さん" in page
    role = page.split('name="role" value="')[1].split('"')[0]
    assert browsers["representative"].post(f"{address}/office/end", data={"role": role}).status_code == 403
    assert officer.post(f"{address}/office/end", data={"role": role}).status_code == 303
    assert officer.post(f"{address}/office/end", data={"role": role}).status_code == 409
    assert "担当者は、まだ決まっていません" in officer.get(address).text


def test_the_member_says_what_the_office_may_do_and_takes_it_back(office, browsers):
    officer, session = browsers["officer"], office.house.session
    address = f"/memberships/{office.membership.id}/mandate"
    page = officer.get(address).text
    assert "事務 局子さん" in page
    wrong = officer.post(address, data={"from_on": "2026-11-27", "until_on": "2026-11-26"})
    assert wrong.status_code == 422
    wrong = officer.post(address, data={"tasks": ["paper"], "from_on": "2026-11-27", "until_on": "2026-11-26"})
    assert "今日以降にしてください" in wrong.text
    assert officer.post(address, data={"tasks": ["paper", "heads"], "from_on": "2026-11-27"}).status_code == 303
    assert browsers["representative"].get(address).status_code == 403
    session.rollback()
    mandate = session.scalars(select(NetworkMandate)).one()
    session.rollback()
    list_of = f"/organizations/{office.house.organization.id}/networks"
    assert "任せています" in officer.get(list_of).text
    assert browsers["staff"].get("/my/entrusted").status_code == 200
    assert officer.post(f"/mandates/{mandate.id}/end").status_code == 303
    assert browsers["staff"].get("/my/entrusted").status_code == 403  # with the very next request
    assert "取り消しました" in officer.get(list_of).text
    assert officer.post(f"/mandates/{mandate.id}/end").status_code == 409


def test_the_office_enters_paper_and_the_member_sees_it(office, browsers, time):
    house, staff = office.house, browsers["staff"]
    sheet = f"/sheets/{house.sheet_of(house.volunteer).id}"
    month = f"/centers/{house.center.id}/months/{MONTH}"
    other = f"/sheets/{house.sheet_of(house.worker.worker).id}"
    house.session.rollback()
    assert [staff.get(address).status_code for address in (sheet, month, other)] == [404] * 3
    office.entrust(*Entrusted)
    house.session.rollback()
    assert "紙のシートを1人分入力する" in staff.get("/").text
    page = staff.get(month).text
    assert f"{NETWORK}の事務局として開いています" in page
    assert "𠮷田 﨑子" in page
    assert "東 京子" in page
    assert "南 花子" not in page
    assert "分を締める" not in page
    assert staff.get(other).status_code == 403
    assert staff.post(f"{month}/closure").status_code == 403
    assert "対象外にする</button>" not in staff.get(sheet).text
    form = as_form(all_fine(house.checklist), act="submit", signed_on="2026-11-26")
    assert staff.post(f"{sheet}/paper-entry", data=form).headers["Location"] == sheet
    record = staff.get(sheet).text
    assert f"{NETWORK} ネットワーク事務局" in record
    assert staff.get(f"{sheet}/record.pdf").data.startswith(b"%PDF")
    shown = browsers["officer"].get(f"/organizations/{house.organization.id}/networks").text
    assert f"{NETWORK}の事務局として" in shown
    assert "紙のチェックシートを代わりに入力しました" in shown
    assert f"{NETWORK}の事務局として" in browsers["officer"].get(
        f"/organizations/{house.organization.id}/history"
    ).text  # fmt: skip
    version = house.session.scalars(select(SheetVersion).where(SheetVersion.paper_signed_on.is_not(None))).one()
    assert version.submitted_by_name == "事務 局子"


def test_the_office_confirms_a_head_s_sheet(office, browsers, time):
    house, staff = office.house, browsers["staff"]
    house.session.rollback()
    sheet = house.sheet_of(house.head.worker)
    sheets.submit(
        house.session, sheet, house.checklist, all_fine(house.checklist, head=True), by=house.head.principal,
        now=time.moment,
    )  # fmt: skip
    house.session.commit()
    office.entrust(Entrusted.HEADS)
    house.session.rollback()
    assert "東 京子さん（センター長）" in staff.get("/").text
    assert "東 京子さん" in staff.get("/my/entrusted").text
    assert staff.post(f"/sheets/{sheet.id}/sign-off", data={"version": "1"}).status_code == 303
    assert f"{NETWORK} ネットワーク事務局" in browsers["officer"].get(f"/sheets/{sheet.id}").text
    assert "（センター長）の2026年11月分を確認する" not in staff.get("/").text


def test_either_side_ends_the_membership(office, browsers, app, time):
    house, session = office.house, office.house.session
    office.entrust(*Entrusted)
    session.rollback()
    assert browsers["representative"].post(f"/memberships/{office.membership.id}/end").status_code == 303
    assert browsers["staff"].get("/my/entrusted").status_code == 403
    session.rollback()
    operations.join(session, office.network, house.organization, by=SYSTEM, now=time.moment)
    session.commit()
    head_of_network, _ = someone(session, a_center(session, office.organization), Role.PROTECTION_OFFICER)
    session.commit()
    browser = signed_in(app, head_of_network, now=time.moment)
    page = browser.get(f"/organizations/{office.organization.id}/network").text
    assert house.organization.name in page
    membership = page.split('name="membership" value="')[1].split('"')[0]
    end = f"/organizations/{office.organization.id}/network/members/end"
    assert browser.post(end, data={"membership": membership}).status_code == 303
    assert browser.post(end, data={"membership": membership}).status_code == 409
    session.rollback()
    assert all(session.scalars(select(NetworkMembership.ended_on)))
