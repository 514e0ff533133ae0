from datetime import timedelta

import pytest
from sqlalchemy import func, select

from partner_compliance.access import Role
from partner_compliance.accounts.models import OutgoingMail, SignIn, User
from partner_compliance.documents.registration_letter import RegistrationLetter, registration_letter_pdf
from partner_compliance.organizations.models import Organization
from partner_compliance.organizations.networks import NetworkMembership
from partner_compliance.registrations import operations
from partner_compliance.registrations.models import PartnerInvitation
from tests.conftest import NOON
from tests.factories import (
    PASSWORD,
    Browser,
    a_center,
    a_municipality,
    a_user,
    an_officer_of,
    an_operator,
    an_organization,
    signed_in,
    someone,
)

FIRST = {
    "legal_form": "npo", "name": "NPO法人 髙﨑𠮷かぜ", "corporate_number": "７０００－０１２０－５０００２",
    "representative_name": "北 代表", "representative_kana": "キタ ダイヒョウ", "address": "", "phone": "",
    "centers": "本部\r\n東の家\r\n",
}  # fmt: skip
SECOND = {"capacity": "officer", "own_name": "西 守", "own_kana": "ニシ マモル", "security_name": "北 代表"}
THIRD = {"login_name": "nishi", "email": "", "new": PASSWORD, "again": PASSWORD, "agrees": "y"}


@pytest.fixture
def browser(app):
    return Browser(app, app.response_class, use_cookies=True)


def steps(secret):
    return [(f"/registration/{secret}/{name}", form) for name, form in
            (("organization", FIRST), ("people", SECOND), ("account", THIRD))]  # fmt: skip


def register(browser, secret):
    for address, form in steps(secret):
        answer = browser.post(address, data=form)
        assert answer.status_code == 303, answer.text
    return answer


# --- the invited group ------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_a_group_registers_in_three_pages_and_is_let_in(invited, session, app, browser):
    assert "みなと市からの招待" in browser.get(f"/registration/{invited.secret}").text
    answer = register(browser, invited.secret)

    organization = session.scalars(select(Organization).where(Organization.name == FIRST["name"])).one()
    assert answer.headers["Location"] == f"/organizations/{organization.id}/welcome"
    # Whoever looks after an organization sets up the second factor first, and is led on from there.
    led = browser.get(answer.headers["Location"]).headers["Location"]
    assert led == f"/security?next=/organizations/{organization.id}/welcome"
    user = session.scalars(select(User).where(User.name == "西 守")).one()
    browser = signed_in(app, user)
    assert "登録が終わりました" in browser.get(answer.headers["Location"]).text
    assert browser.get("/").status_code == 200
    assert "西 守" in browser.get(f"/organizations/{organization.id}/accounts").text
    again = browser.get(f"/registration/{invited.secret}")
    assert again.status_code == 409
    assert "すでに終わっています" in again.text


def test_a_second_press_registers_nothing_twice(invited, session, app, browser):
    other = Browser(app, app.response_class, use_cookies=True)
    (first, _), (second, _), (third, _) = steps(invited.secret)
    browser.post(first, data=FIRST)
    browser.post(second, data=SECOND)
    for each in (browser, other):
        assert each.get(third).status_code == 200
    assert [each.post(third, data=THIRD).status_code for each in (browser, other)] == [303, 409]
    assert session.scalar(select(func.count()).where(Organization.name == FIRST["name"])) == 1


def test_what_was_typed_stays_on_errors_and_when_the_group_comes_back(invited, session, app, browser):
    first, second, third = (address for address, _ in steps(invited.secret))
    wrong = browser.post(first, data=FIRST | {"corporate_number": "6000012050002", "centers": ""})
    assert wrong.status_code == 422
    for kept in ("6000012050002", "キタ ダイヒョウ", "検査数字が合いません", "拠点の名前を、1つ以上"):
        assert kept in wrong.text
    assert browser.get(second).status_code == 303
    browser.post(first, data=FIRST)
    later = Browser(app, app.response_class, use_cookies=True)
    assert "続きから入力する" in later.get(f"/registration/{invited.secret}").text
    assert "東の家" in later.get(first).text
    assert later.get(third).headers["Location"].endswith("/people")
    wrong = later.post(second, data=SECOND | {"own_kana": "西", "security_deputy_name": "だれか"})
    assert wrong.status_code == 422
    assert "フリガナは、カタカナ" in wrong.text
    later.post(second, data=SECOND)
    wrong = later.post(third, data=THIRD | {"new": "short", "again": "short", "agrees": ""})
    assert wrong.status_code == 422
    assert "nishi" in wrong.text
    assert "short" not in wrong.text
    assert "約束を読んで" in wrong.text
    assert "15文字以上" in later.post(third, data=THIRD | {"new": "short", "again": "short"}).text
    draft = session.scalars(select(PartnerInvitation.draft).where(PartnerInvitation.begun_at.is_not(None))).one()
    assert set(draft) == {"organization", "people"}
    assert PASSWORD not in str(draft)


def test_a_number_that_is_registered_is_told_kindly_and_nothing_more(invited, session, app, browser):
    other = an_organization(session, "秘密の団体")
    other.corporate_number = "7000012050002"
    session.commit()
    page = browser.post(steps(invited.secret)[0][0], data=FIRST)
    assert page.status_code == 422
    assert "その団体の個人情報責任者の方にお問い合わせください" in page.text
    assert "秘密" not in page.text


def test_a_login_name_of_somebody_else_is_not_told_apart(invited, session, app, browser):
    a_user(session, "だれか", PASSWORD, email="taken@example.jp")
    session.commit()
    (first, _), (second, _), (third, _) = steps(invited.secret)
    browser.post(first, data=FIRST)
    browser.post(second, data=SECOND)
    page = browser.post(third, data=THIRD | {"login_name": "taken@example.jp"})
    assert page.status_code == 422
    assert "このログイン名またはメールアドレスは使えません" in page.text
    assert session.scalar(select(func.count()).where(Organization.name == FIRST["name"])) == 0


def test_someone_signed_in_registers_with_the_own_account(invited, session, app):
    user, _ = someone(session, a_center(session, an_organization(session, "前の団体")), name="西 守")
    session.commit()
    browser = signed_in(app, user)
    (first, _), (second, _), (third, _) = steps(invited.secret)
    browser.post(first, data=FIRST)
    assert "西 守" in browser.get(second).text
    browser.post(second, data=SECOND)
    assert "西 守さんのアカウントで登録します" in browser.get(third).text
    answer = browser.post(third, data={"agrees": "y"})
    assert answer.status_code == 303
    assert browser.get(answer.headers["Location"]).status_code == 200
    assert session.scalar(select(func.count()).select_from(SignIn)) == 1
    assert session.scalar(select(func.count()).where(User.name == "西 守")) == 1


def test_the_code_is_typed_from_paper_and_cannot_be_guessed_at_length(invited, app, browser, time):
    answer = browser.post("/registration", data={"code": invited.secret.lower().replace("-", " ")})
    assert answer.headers["Location"] == f"/registration/{invited.secret}"
    for _ in range(19):
        wrong = browser.post("/registration", data={"code": "AAAAA-AAAAA-AAAAA"})
        assert wrong.status_code == 422
    assert "この招待は使えません" in wrong.text
    assert browser.post("/registration", data={"code": invited.secret}).status_code == 429
    time.set(NOON + timedelta(hours=1, minutes=1))
    assert browser.post("/registration", data={"code": invited.secret}).status_code == 303


@pytest.mark.parametrize("secret", ["x", "AAAAA-AAAAA-AAAAA", "あ" * 300, "%00"])
def test_a_wrong_link_is_refused_kindly(invited, app, browser, secret):
    page = browser.get(f"/registration/{secret}")
    assert page.status_code == 409
    assert "この招待は使えません" in page.text


# --- joining with an organization that is registered ------------------------------------------------------------


def test_an_officer_accepts_for_the_own_organization_only(invited, session, app):
    organization, other = an_organization(session, "前からの団体"), an_organization(session, "ほかの団体")
    center = a_center(session, organization)
    officer, _ = someone(session, center, Role.PROTECTION_OFFICER, name="西 守")
    worker, _ = someone(session, center, name="南 花子")
    session.commit()
    address = f"/registration/{invited.of_network}"
    assert "サインインして承諾する" in app.test_client().get(address).text
    assert "その役割がありません" in signed_in(app, worker).get(address).text
    assert signed_in(app, worker).post(f"{address}/membership", data={}).status_code == 404
    browser = signed_in(app, officer)
    assert browser.post(f"{address}/membership", data={"organization": str(other.id)}).status_code == 422
    answer = browser.post(f"{address}/membership", data={"organization": str(organization.id)})
    assert answer.headers["Location"] == f"/organizations/{organization.id}/networks"
    assert session.scalars(select(NetworkMembership.organization_id)).all() == [organization.id]
    again = browser.post(f"{address}/membership", data={"organization": str(organization.id)})
    assert again.status_code == 409


# --- the inviting side ------------------------------------------------------------------------------------------

INVITATION = {"group_name": "任意団体 つくし", "way": "mail", "email": "tsukushi@example.jp", "basis": ""}


@pytest.fixture
def city(session, app, time):
    municipality = a_municipality(session)
    officer = an_officer_of(session, municipality)
    session.commit()
    return f"/municipalities/{municipality.id}/registrations", signed_in(app, officer)


def test_a_municipality_invites_by_mail_and_sees_where_each_stands(city, session, app, browser, time):
    address, officer = city
    assert officer.post(f"{address}/new", data=INVITATION).headers["Location"] == address
    mail = session.scalars(select(OutgoingMail)).one()
    secret = (mail.body or "").split("/registration/")[1].split()[0]
    assert "招待中" in officer.get(address).text
    browser.post(steps(secret)[0][0], data=FIRST)
    assert "入力中" in officer.get(address).text
    browser.post(steps(secret)[1][0], data=SECOND)
    browser.post(steps(secret)[2][0], data=THIRD)
    page = officer.get(address).text
    assert "登録済み" in page
    assert FIRST["name"] in page
    officer.post(f"{address}/new", data=INVITATION | {"group_name": "期限の団体"})
    time.set(NOON + operations.VALID_FOR)
    officer = signed_in(app, session.scalars(select(User).where(User.name == "市役所 太郎")).one(), now=time.moment)
    assert "期限切れ" in officer.get(address).text


def test_an_invitation_on_paper_is_shown_once_and_printed(city, session, app):
    address, officer = city
    page = officer.post(f"{address}/new", data=INVITATION | {"way": "paper", "email": ""})
    assert page.status_code == 200
    code = page.text.split('name="code" value="')[1].split('"')[0]
    letter = officer.post(f"{address}/letter.pdf", data={"code": code})
    assert letter.data.startswith(b"%PDF")
    assert code not in officer.get(address).text
    assert officer.post(f"{address}/letter.pdf", data={"code": "AAAAA-AAAAA-AAAAA"}).status_code == 409
    other = a_municipality(session, "ほか市")
    stranger = an_officer_of(session, other)
    session.commit()
    their = f"/municipalities/{other.id}/registrations/letter.pdf"
    assert signed_in(app, stranger).post(their, data={"code": code}).status_code == 409


def test_an_invitation_made_anew_takes_the_place_of_the_one_before(city, session, app):
    address, officer = city
    officer.post(f"{address}/new", data=INVITATION)
    first = session.scalars(select(PartnerInvitation)).one()
    session.rollback()
    assert "tsukushi@example.jp" in officer.get(f"{address}/new?again={first.id}").text
    officer.post(f"{address}/new", data=INVITATION | {"again": str(first.id)})
    page = officer.get(address).text
    assert "取り消し" in page
    assert "招待中" in page


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"group_name": ""}, "団体の名前を入力してください"),
        ({"email": ""}, "メールアドレスを入力してください"),
        ({"email": "a@example.jp, b@example.jp"}, "1つだけ入力してください"),
        ({"way": ""}, "渡し方を選んでください"),
        ({"basis": "agreement"}, "事業の名前を入力してください"),
        (
            {"basis": "agreement", "title": "居場所", "starts_on": "2026-12-01", "ends_on": "2026-11-01"},
            "始まりの日以降にしてください",
        ),
        (
            {"basis": "agreement", "title": "居場所", "starts_on": "2026-10-01", "ends_on": "2026-11-01"},
            "今日以降にしてください",
        ),
    ],
)
def test_an_invitation_that_lacks_something_says_what_and_keeps_the_rest(city, session, changed, message):
    address, officer = city
    page = officer.post(f"{address}/new", data=INVITATION | changed)
    assert page.status_code == 422
    assert message in page.text
    assert changed.get("group_name", "任意団体 つくし") in page.text
    assert session.scalar(select(func.count()).select_from(PartnerInvitation)) == 0


def test_a_municipality_cannot_leave_the_basis_of_an_engagement_unrecorded(city):
    address, officer = city

    page = officer.get(f"{address}/new").text

    assert 'value="outsourcing"' in page
    assert 'value="unrecorded"' not in page


def test_the_page_for_signing_in_leads_to_both_kinds_of_invitations(browser):
    page = browser.get("/sign-in").text

    assert 'href="/invitation"' in page
    assert 'href="/registration"' in page


def test_the_letter_fits_one_page_with_long_names():
    from io import BytesIO

    from pypdf import PdfReader

    for longest in ("𠮷", "社会福祉法人髙﨑𠮷子ども食堂連絡協議会" * 10):
        letter = RegistrationLetter(
            inviter=longest[:200], group=longest[:200], is_network=False, link="https://example.jp/registration/x",
            address="https://example.jp/registration", code="AAAAA-CCCCC-DDDDD", until=NOON.date(),
            made_on=NOON.date(), engagement=longest[:200],
        )  # fmt: skip
        pages = PdfReader(BytesIO(registration_letter_pdf(letter, created=NOON))).pages
        assert len(pages) == 1
        assert "AAAAA-CCCCC-DDDDD" in pages[0].extract_text()
        assert "令和8年11月16日まで" in pages[0].extract_text().replace("\n", "")


# --- by hand, and the organization's own pages ------------------------------------------------------------------


def test_the_operator_registers_by_hand_and_is_told_what_comes_next(session, app, time):
    operator = an_operator(session)
    session.commit()
    browser = signed_in(app, operator)
    form = FIRST | {"center_name": "本部", "officer_name": "西 守", "officer_kana": "西"}
    page = browser.post("/tenants/new", data=form)
    assert page.status_code == 422
    assert "カタカナ" in page.text
    answer = browser.post("/tenants/new", data=form | {"officer_kana": "ニシ"})
    assert answer.headers["Location"] == "/tenants"
    assert "次に、個人情報責任者の西 守さんを招待してください" in browser.get("/tenants").text
    assert "すでに登録されています" in browser.post("/tenants/new", data=form | {"officer_kana": "ニシ"}).text


def test_the_protection_officer_keeps_facts_and_centers_up_to_date(session, app, time):
    organization = an_organization(session)
    center = a_center(session, organization, "本部")
    officer, _ = someone(session, center, Role.PROTECTION_OFFICER, name="西 守")
    session.commit()
    browser, address = signed_in(app, officer), f"/organizations/{organization.id}"
    assert browser.post(f"{address}/edit", data=FIRST | {"corporate_number": ""}).status_code == 422
    assert browser.post(f"{address}/edit", data=FIRST).status_code == 303
    assert "7000012050002" in browser.get(address).text
    assert browser.post(f"{address}/centers/new", data={"name": "本部"}).status_code == 422
    assert browser.post(f"{address}/centers/new", data={"name": "東の家"}).status_code == 303
    refused = browser.post(f"/centers/{center.id}/closure")
    assert refused.status_code == 409
    assert "西 守さん" in refused.text
    assert browser.post(f"/centers/{center.id}/edit", data={"name": "東の家"}).status_code == 422
    assert browser.post(f"/centers/{center.id}/edit", data={"name": "本館"}).status_code == 303
    assert "本館" in browser.get(address).text
    assert "団体の情報を変更しました（法人番号" in browser.get(f"{address}/history").text
