"""Inviting and accepting through the pages."""

import html
import io
import re
from datetime import date
from urllib.parse import urlsplit

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from partner_compliance.accounts.models import MunicipalityRole, User
from partner_compliance.acts import SYSTEM
from partner_compliance.history.verification import verify_all
from partner_compliance.invitations import codes
from partner_compliance.invitations.models import MunicipalityInvitation, Way, WorkerInvitation
from partner_compliance.models import LOGGED_CONTENTS
from partner_compliance.organizations.models import Municipality
from partner_compliance.people import operations as people
from partner_compliance.people.models import JoiningStep, Manner
from partner_compliance.people.operations import StepFacts
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import Post
from tests.conftest import NOON
from tests.factories import Browser, a_municipality, a_user, a_worker, an_officer_of, an_operator, signed_in
from tests.invitations.conftest import PASSWORD, make_group
from tests.test_query_counts import statements


@pytest.fixture
def visitor(app):
    """A browser nobody is signed in with, which sends its token along."""
    made = Browser(app, app.response_class, use_cookies=True)
    made.get("/sign-in")
    return made


@pytest.fixture
def officer(app, group, time):
    return signed_in(app, group.officer)


def fresh(session):
    """Let the session see what pages have written since."""
    session.rollback()
    session.expire_all()


def hidden(page, name):
    return html.unescape(re.search(rf'name="{name}"\s+value="([^"]+)"', page.text)[1])


def printed(officer, group, **fields):
    page = officer.post(f"/workers/{group.volunteer.id}/invitation", data={"way": "paper", **fields})
    assert page.status_code == 200, page.text
    return page


def answers(**changed):
    return {"is_me": "y", "login_name": "yoshiko", "new": PASSWORD, "again": PASSWORD, **changed}


def test_from_a_printed_invitation_to_the_first_sheet(app, group, officer, visitor, time, session):
    """One act of the inviter: the invited person lands on what waits, with nothing else to be switched on."""
    secret = hidden(printed(officer, group), "secret")

    shown = visitor.get(f"/invitation/{secret}")
    assert "NPO法人 はまかぜへの参加" in shown.text
    assert "髙﨑 𠮷子さんへの招待です" in shown.text
    assert "<dd>従事者</dd>" in shown.text
    assert re.search(r'value="takasaki\.yoshiko\d{4}"', shown.text)
    answer = visitor.post(f"/invitation/{secret}", data=answers())

    assert answer.status_code == 303
    home = visitor.get(answer.headers["Location"])
    assert "参加しました" in home.text
    assert "毎年度の誓約" in home.text
    sheet = visitor.get(re.search(r'href="(/sheets/[0-9a-f-]{36}/answers)"', home.text)[1])
    assert sheet.status_code == 200
    assert "髙﨑 𠮷子" in sheet.text
    fresh(session)
    assert all(verdict.ok for verdict in verify_all(session, LOGGED_CONTENTS))


def test_with_nothing_to_do_yet_the_home_page_says_so(app, group, officer, visitor, session, time):
    group.organization.first_month = "2026-12"
    facts = StepFacts(JoiningStep.PLEDGE, date(2026, 11, 1), Manner.PAPER, subject="誓約書")
    people.record_step(session, group.volunteer, facts, by=SYSTEM, now=time.moment)
    session.commit()
    answer = visitor.post(f"/invitation/{hidden(printed(officer, group), 'secret')}", data=answers())
    assert urlsplit(answer.headers["Location"]).path == "/"
    assert "今日やることはありません" in visitor.get("/").text


def test_the_code_is_typed_and_leads_to_the_same_page(group, officer, visitor):
    code = hidden(printed(officer, group), "code")
    answer = visitor.post("/invitation", data={"code": code.lower().replace("-", "　")})
    assert answer.status_code == 303
    page = visitor.get(answer.headers["Location"])
    assert "髙﨑 𠮷子さんへの招待です" in page.text
    assert visitor.post(answer.headers["Location"], data=answers()).status_code == 303
    assert "すでに使われています" in visitor.get(answer.headers["Location"]).text


def test_a_bare_or_forged_code_in_an_address_opens_nothing(group, officer, visitor):
    """Otherwise codes could be tried without being counted."""
    code = codes.read(hidden(printed(officer, group), "code"))
    for secret in (code, f"{code}.", f"{code}.{'0' * 32}", f"{code}.あ"):
        assert visitor.get(f"/invitation/{secret}").status_code == 409
        assert visitor.post(f"/invitation/{secret}", data=answers()).status_code == 409
    for sent in ({"secret": code, "code": code}, {"secret": "x" * 43, "code": code}):
        assert visitor.post("/invitation-paper", data=sent).status_code == 409


def test_codes_that_are_wrong_are_counted_by_address(group, officer, visitor):
    code = hidden(printed(officer, group), "code")
    statuses = [visitor.post("/invitation", data={"code": "ACDEF-GHJKM"}).status_code for _ in range(21)]
    assert statuses == [422] * 20 + [429]
    assert visitor.post("/invitation", data={"code": code}).status_code == 429
    assert "0" in visitor.post("/invitation", data={"code": "0"}).text


def test_what_was_typed_stays_and_errors_stand_at_their_fields(group, officer, visitor, session):
    address = f"/invitation/{hidden(printed(officer, group), 'secret')}"
    page = visitor.post(address, data={"login_name": "", "new": "short", "again": "other"})
    assert page.status_code == 422
    for words in ("ログイン名を入力してください", "2つの入力が一致していません", "ご本人であることを確かめ"):
        assert words in page.text
    page = visitor.post(address, data=answers(login_name="わたし", new="short", again="short"))
    assert page.status_code == 422
    assert "15文字以上" in page.text
    assert 'value="わたし"' in page.text
    assert "short" not in page.text
    taken = visitor.post(address, data=answers(login_name=group.officer.login_name))
    assert "使えません" in taken.text
    fresh(session)
    assert session.scalar(select(WorkerInvitation.accepted_at)) is None


def test_the_page_to_hand_over_is_one_page_with_all_that_is_needed(group, officer, visitor, session):
    group.volunteer.name = "髙﨑 葛\U000e0100𠮷子" + "長" * 80
    group.organization.name = "社会福祉法人" + "長い名前" * 48
    session.commit()
    made = printed(officer, group)
    sent = {"secret": hidden(made, "secret"), "code": hidden(made, "code")}
    answer = officer.post("/invitation-paper", data=sent)
    assert answer.mimetype == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.data))
    text = "".join(reader.pages[0].extract_text().split())
    assert len(reader.pages) == 1
    for words in (sent["code"], "令和8年11月30日まで", "http://127.0.0.1:8000/invitation", "髙﨑葛", "𠮷子", "従事者"):
        assert words in text
    assert sent["secret"] not in text  # it is in the QR code only
    wrong = officer.post("/invitation-paper", data={**sent, "code": "ACDEF-GHJKM"})
    assert wrong.status_code == 409


def test_someone_with_an_account_joins_with_it(app, group, officer, time, session):
    other = make_group(session, "NPO法人 そよかぜ")
    secret = hidden(printed(officer, group), "secret")
    theirs = signed_in(app, other.head)

    page = theirs.get(f"/invitation/{secret}")
    assert "いまのアカウントで参加する" in page.text
    assert other.head.login_name in page.text
    answer = theirs.post(f"/invitation/{secret}/joining")

    assert answer.status_code == 303
    fresh(session)
    assert group.volunteer.user_id == other.head.id
    assert theirs.post(f"/invitation/{secret}/joining").status_code == 409


def test_who_is_not_signed_in_comes_back_after_signing_in(app, group, officer, visitor):
    secret = hidden(printed(officer, group), "secret")
    page = visitor.get(f"/invitation/{secret}")
    way = html.unescape(re.search(r'href="([^"]*sign-in\?next=[^"]+)"', page.text)[1])
    assert f'name="next" value="/invitation/{secret}"' in visitor.get(way).text


def test_a_head_invites_for_the_own_center_and_gives_no_role(app, group, time, session):
    head = signed_in(app, group.head)
    page = head.get(f"/workers/{group.volunteer.id}/invitation")
    assert 'name="officer"' not in page.text
    head.post(f"/workers/{group.volunteer.id}/invitation", data={"way": "paper", "officer": "y", "representative": "y"})
    fresh(session)
    [made] = session.scalars(select(WorkerInvitation))
    assert (made.as_officer, made.as_representative, made.head_of_id, made.with_posts) == (False, False, None, False)
    listed = head.get(f"/organizations/{group.organization.id}/invitations")
    assert "髙﨑 𠮷子" in listed.text
    assert head.post(f"/invitations/{made.id}/again").status_code == 200
    fresh(session)
    newest = session.scalars(select(WorkerInvitation).where(WorkerInvitation.replaced_at.is_(None))).one()
    assert head.post(f"/invitations/{newest.id}/revocation").status_code == 303
    assert "取り消しました" in head.get(f"/organizations/{group.organization.id}/invitations").text


@pytest.mark.both_engines
def test_the_officer_mails_an_invitation_and_sees_it_in_the_list(group, officer, session):
    address = f"/workers/{group.volunteer.id}/invitation"
    wrong = officer.post(address, data={"way": "mail", "email": "a@x,b@y"})
    assert wrong.status_code == 422
    assert 'value="a@x,b@y"' in wrong.text
    answer = officer.post(address, data={"way": "mail", "email": "yoshiko@example.jp", "head_of": str(group.center.id)})
    assert answer.status_code == 303
    listed = officer.get(answer.headers["Location"])
    assert "招待のメールを送ります" in listed.text
    assert "まもなくメールを送ります" in listed.text
    assert "yoshiko@example.jp" in listed.text
    assert "11月30日(月)まで" in listed.text
    fresh(session)
    assert session.scalars(select(WorkerInvitation)).one().head_of_id == group.center.id
    assert [mail.recipient for mail in group.mails()] == ["yoshiko@example.jp"]


def test_who_has_an_account_needs_no_invitation(group, officer):
    address = f"/workers/{group.officer_worker.id}/invitation"
    assert "すでにアカウントをお持ちです" in officer.get(address).text
    assert officer.post(address, data={"way": "paper"}).status_code == 409


def test_accounts_lead_to_the_invitations(group, officer):
    page = officer.get(f"/organizations/{group.organization.id}/accounts")
    assert f"/organizations/{group.organization.id}/invitations" in page.text


@pytest.mark.parametrize("size", [2, 30])
def test_the_list_takes_as_many_statements_whatever_its_length(app, group, officer, session, size):
    for number in range(size):
        group.invite(a_worker(session, group.center, f"従事 者{number}"), way=Way.PAPER)
    address = f"/organizations/{group.organization.id}/invitations"
    officer.get(address)
    with statements(app.extensions["engine"]) as seen:
        assert officer.get(address).text.count("紙を作りました") == size
    assert len(seen) <= 10


# --- municipalities ---------------------------------------------------------------------------------------------


def test_the_operator_registers_a_municipality_and_invites_its_first_officer(app, group, visitor, time, session):
    operator = signed_in(app, an_operator_of(session))
    wrong = operator.post("/tenants/municipalities/new", data={"code": "141003x", "name": "横浜市"})
    assert wrong.status_code == 422
    answer = operator.post("/tenants/municipalities/new", data={"code": "141003", "name": "横浜市"})
    assert answer.status_code == 303
    again = operator.post("/tenants/municipalities/new", data={"code": "１４１００３", "name": "横浜市"})
    assert "すでに登録されています" in again.text
    municipality = session.scalars(select(Municipality).where(Municipality.code == "141003")).one()
    officers = answer.headers["Location"]
    made = operator.post(officers, data={"way": "paper", "name": "役所 花子"})
    secret = hidden(made, "secret")
    assert "役所 花子" in operator.get(officers).text

    joined = visitor.post(f"/invitation/{secret}", data=answers(login_name="hanako"))
    assert urlsplit(joined.headers["Location"]).path == "/"
    page = visitor.get(f"/municipalities/{municipality.id}/officers")
    assert urlsplit(page.headers["Location"]).path == "/security"  # the second factor comes before anything else
    fresh(session)
    visitor = signed_in(app, session.scalars(select(User).where(User.login_name == "hanako")).one())
    page = visitor.get(f"/municipalities/{municipality.id}/officers")
    assert page.status_code == 200
    assert "役所 花子" in page.text
    sent = visitor.post(
        f"/municipalities/{municipality.id}/officers", data={"way": "mail", "name": "三郎", "email": "j@example.jp"}
    )
    assert sent.status_code == 303
    fresh(session)
    colleague = session.scalars(select(MunicipalityInvitation).where(MunicipalityInvitation.name == "三郎")).one()
    assert "三郎" not in operator.get(officers).text  # what goes on inside is none of the operator's business
    refused = operator.post(f"{officers}/revocation", data={"invitation": str(colleague.id)})
    assert refused.status_code == 409
    assert visitor.post(f"/municipality-invitations/{colleague.id}/revocation").status_code == 303
    assert "取り消しました" in visitor.get(f"/municipalities/{municipality.id}/officers").text
    history = html.unescape(visitor.get(f"/municipalities/{municipality.id}/history").text)
    for words in ("招待しました（自治体担当者、印刷した紙で）", "招待を受けて参加しました（", "招待を取り消しました（"):
        assert words in history


def an_operator_of(session):
    operator = an_operator(session)
    session.commit()
    return operator


def test_the_operator_takes_an_own_invitation_back(app, group, visitor, time, session):
    operator, municipality = signed_in(app, an_operator_of(session)), a_municipality(session)
    session.commit()
    officers = f"/tenants/municipalities/{municipality.id}/officers"
    secret = hidden(operator.post(officers, data={"way": "paper", "name": "役所 花子"}), "secret")
    [made] = session.scalars(select(MunicipalityInvitation))
    assert operator.post(f"{officers}/revocation", data={"invitation": str(made.id)}).status_code == 303
    assert visitor.get(f"/invitation/{secret}").status_code == 409


def test_an_officer_of_another_municipality_sees_nothing(app, group, time, session):
    mine, theirs = a_municipality(session), a_municipality(session, "よそ市")
    officer = an_officer_of(session, mine)
    session.commit()
    browser = signed_in(app, officer)
    assert browser.get(f"/municipalities/{mine.id}/officers").status_code == 200
    assert browser.get(f"/municipalities/{theirs.id}/officers").status_code == 404


@pytest.mark.both_engines
def test_an_officer_who_changes_department_is_taken_off_by_a_colleague(app, group, time, session):
    municipality = a_municipality(session)
    stays, goes = an_officer_of(session, municipality, "役所 残子"), an_officer_of(session, municipality, "役所 移郎")
    session.commit()
    posts = {post.user_id: post.id for post in session.scalars(select(MunicipalityRole))}
    page = f"/municipalities/{municipality.id}/officers"
    browser, gone = signed_in(app, stays), signed_in(app, goes)
    assert gone.get(page).status_code == 200
    own = browser.post(f"/municipality-officers/{posts[stays.id]}/end")
    assert own.status_code == 409
    assert "ご自分を担当者から外すことはできません" in own.text
    for _ in range(2):  # a second press changes nothing
        assert browser.post(f"/municipality-officers/{posts[goes.id]}/end").status_code == 303
    assert gone.get(page).status_code == 404
    assert gone.post(f"/municipality-officers/{posts[stays.id]}/end").status_code == 404
    assert "役所 移郎" not in browser.get(page).text
    history = html.unescape(browser.get(f"/municipalities/{municipality.id}/history").text)
    assert history.count("役割を終了しました（自治体") == 1


@pytest.mark.both_engines
def test_the_operator_begins_an_organization(app, group, visitor, time, session):
    operator = signed_in(app, an_operator_of(session))
    lonely = make_group(session, "任意団体 ひとり")
    address = f"/tenants/organizations/{lonely.organization.id}/officer"
    assert "個人情報責任者がいます" in operator.get(address).text
    lonely.officer_worker.left_on = lonely.officer_worker.joined_on
    session.commit()
    assert "招待できる方がいません" in operator.get(address).text
    roster.open_post(
        session, lonely.volunteer, Post.PRIVACY_OFFICER, from_on=lonely.volunteer.joined_on, by=SYSTEM, now=NOON
    )
    session.commit()
    assert address in operator.get("/tenants").text
    made = operator.post(address, data={"way": "paper", "person": str(lonely.volunteer.id)})
    assert visitor.post(f"/invitation/{hidden(made, 'secret')}", data=answers()).status_code == 303
    accounts_page = f"/organizations/{lonely.organization.id}/accounts"
    assert urlsplit(visitor.get(accounts_page).headers["Location"]).path == "/security"
    fresh(session)
    assert signed_in(app, session.get_one(User, lonely.volunteer.user_id)).get(accounts_page).status_code == 200
    assert "個人情報責任者がいます" in operator.get(address).text


def test_a_mail_to_an_address_that_is_known_asks_to_sign_in(group, visitor, session):
    a_user(session, "よその人", email="known@example.jp")
    issued = group.invite(way=Way.MAIL, email="known@example.jp")
    page = visitor.post(f"/invitation/{issued.secret}", data=answers(login_name="known@example.jp"))
    assert page.status_code == 422
    assert "いまのアカウントで参加する" in page.text
    assert session.scalar(select(User.id).where(User.login_name == "known@example.jp")) is None


def test_a_passkey_can_stand_in_for_the_password(make_app, group, session, time):
    """Only where passkeys can work: under a name, not under a number."""
    issued = group.invite()
    link = f"/invitation/{issued.secret}"
    by_name = make_app(base_url="http://localhost")
    visitor = Browser(by_name, by_name.response_class, use_cookies=True)
    assert "パスキーで始める" in visitor.get(link).text
    unsaid = visitor.post(link, data={"login_name": "hanako", "way": "passkey"})
    assert unsaid.status_code == 422
    assert "パスワードを入力してください" not in unsaid.text

    answer = visitor.post(link, data={"is_me": "y", "login_name": "hanako", "way": "passkey"})
    assert answer.status_code == 303
    assert urlsplit(answer.headers["Location"]).path == "/security/passkeys/new"
    page = visitor.get(answer.headers["Location"])
    assert page.status_code == 200
    assert "パスキー" in page.text
    fresh(session)
    user = session.scalars(select(User).where(User.login_name == "hanako")).one()
    assert (user.password_hash, user.kiosk_only_since) == ("", None)


def test_where_passkeys_cannot_work_the_password_stays_required(group, visitor, session):
    issued = group.invite()
    link = f"/invitation/{issued.secret}"
    page = visitor.get(link, base_url="http://127.0.0.1:8000")
    assert "パスキーで始める" not in page.text
