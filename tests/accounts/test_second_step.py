"""The second step, the safety settings and proofs, as pages: what leads where, what is kept, and what is refused."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from partner_compliance.access import Role
from partner_compliance.accounts import factors, operations, queries
from partner_compliance.accounts.models import Authenticator, OrganizationRole, SignIn, User
from partner_compliance.acts import SYSTEM
from partner_compliance.database import open_session
from partner_compliance.history.operations import write_acts
from partner_compliance.invitations.models import WorkerInvitation
from partner_compliance.organizations.models import Center
from tests.accounts.authenticators import Device
from tests.conftest import NOON
from tests.factories import (
    PASSWORD,
    VAULT,
    Browser,
    a_center,
    a_worker,
    an_authenticator,
    an_officer_of,
    an_operator,
    an_organization,
    code_of,
    signed_in,
    someone,
)
from tests.factories import a_municipality as town

#: What someone may open who still has to set up a factor: setting up, the password, signing out, and nothing else.
WITHOUT_FACTOR = {
    "accounts.security", "accounts.begin_authenticator", "accounts.authenticator", "accounts.remove_authenticator",
    "accounts.new_passkey", "accounts.remove_passkey", "accounts.new_recovery_codes", "accounts.sign_ins",
    "accounts.end_sign_in", "accounts.end_other_sign_ins", "accounts.prove", "accounts.challenge_for_proof",
    "accounts.challenge_for_registration", "accounts.change_password",
}  # fmt: skip
#: What asks again who one is.
PROVED = {
    "api_tokens.make", "api_tokens.revoke",
    "sheets.close_month", "accounts.roles", "accounts.end_role", "accounts.print_reset", "accounts.reset_factors",
    "accounts.begin_authenticator", "accounts.authenticator", "accounts.remove_authenticator", "accounts.new_passkey",
    "accounts.remove_passkey", "accounts.new_recovery_codes", "accounts.challenge_for_registration",
    # roles come with posts, with work in a network's office, and with invitations, too
    # exports of personal data
    "imports.export_csv", "imports.export_xlsx", "roster.submission_pdf", "sheets.make_binder", "sheets.binder_pdf",
    "takeouts.ledger_csv", "takeouts.ledger_xlsx", "takeouts.ledger_pdf",
    "receipts.register_csv", "receipts.register_xlsx", "receipts.register_pdf",
    "people.posts_of_worker", "people.end_post", "networks.appoint", "networks.dismiss", "networks.entrust",
    "invitations.invite_again", "invitations.officers", "invitations.first_officer",
    "invitations.first_protection_officer", "invitations.end_officer",
}  # fmt: skip


@pytest.fixture
def center(session):
    an_operator(session)
    return a_center(session, an_organization(session))


@pytest.fixture
def officer(session, center):
    found, _ = someone(session, center, Role.PROTECTION_OFFICER, name="責任 者子", password=PASSWORD)
    session.commit()
    return found


@pytest.fixture
def worker(session, center):
    """A worker with an authenticator."""
    found, _ = someone(session, center, name="南 花子", password=PASSWORD)
    an_authenticator(session, found)
    session.commit()
    return found


def inside(app, user, strength, *, now=NOON):
    """A browser in which that person is signed in with that strength."""
    with open_session(app.extensions["engine"], write_acts=write_acts) as session:
        _, secret = operations.start_sign_in(session, session.get_one(User, user.id), strength=strength, now=now)
        session.commit()
    client = Browser(app, app.response_class, use_cookies=True)
    with client.session_transaction() as cookie:
        cookie["token"] = secret
        cookie.permanent = True
    return client


@pytest.fixture
def client(app):
    return Browser(app, app.response_class, use_cookies=True)


def type_password(client, user, **more):
    return client.post("/sign-in", data={"name": user.login_name, "password": PASSWORD, **more})


def fresh(session, model=SignIn):
    session.rollback()
    return session.scalars(select(model).execution_options(populate_existing=True)).all()


# --- signing in -------------------------------------------------------------------------------------------------


def test_password_then_code_leads_to_the_page_that_was_wanted(client, session, worker, time):
    answer = type_password(client, worker, next="/my/views")
    assert answer.location == "/sign-in/second-step?next=/my/views"
    assert client.get("/my/views").status_code == 302, "half the way opens nothing"
    page = client.get(answer.location)
    assert "6桁の数字" in page.text
    assert 'name="next" value="/my/views"' in page.text
    assert "回復コードでサインイン" not in page.text, "there are none"

    entered = client.post("/sign-in/second-step", data={"code": code_of(NOON), "next": "/my/views"})

    assert entered.location == "/my/views"
    assert client.get("/my/views").status_code == 200
    assert [(each.strength, each.device) for each in fresh(session)] == [("password+totp", "種類の分からない端末")]
    assert client.post("/sign-in/second-step", data={"code": code_of(NOON)}).location == "/", "a second press"


def test_a_wrong_code_is_told_and_counted_and_in_the_end_has_to_wait(client, session, worker, time):
    type_password(client, worker)
    statuses = []
    for _ in range(11):
        page = client.post("/sign-in/second-step", data={"code": "000000"})
        statuses.append(page.status_code)
    assert statuses == [422] * 10 + [429]
    session.refresh(worker)
    assert worker.failures_in_a_row == 10
    time.set(NOON + timedelta(minutes=1, seconds=1))
    page = client.post("/sign-in/second-step", data={"code": ""})
    assert (page.status_code, "確認コードを入力してください。" in page.text) == (422, True)
    assert client.post("/sign-in/second-step", data={"code": code_of(time.moment)}).location == "/"


def test_a_recovery_code_opens_the_door_where_the_phone_is_lost(client, session, worker, time):
    codes = factors.make_recovery_codes(session, worker, by=SYSTEM, now=NOON)
    session.commit()
    type_password(client, worker)
    wrong = client.post("/sign-in/second-step", data={"recovery": "aaaa-bbbb-cccc"})
    assert wrong.status_code == 422
    assert 'href="#recovery"' in wrong.text
    assert client.post("/sign-in/second-step", data={"recovery": codes[0]}).location == "/"
    assert [each.strength for each in fresh(session)] == ["password+recovery"]


def test_without_a_password_or_too_late_there_is_no_second_step(client, worker, time):
    assert client.get("/sign-in/second-step").location == "/sign-in"
    type_password(client, worker)
    time.set(NOON + timedelta(minutes=11))
    answer = client.post("/sign-in/second-step", data={"code": code_of(time.moment), "next": "/my/views"})
    assert answer.location == "/sign-in?next=/my/views"
    assert "途中で時間がたちました" in client.get(answer.location).text


# --- who must have a factor -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["officer", "deputy", "municipal officer", "operator"])
def test_those_roles_get_only_the_set_up_until_it_is_done(app, session, center, officer, role, time):
    if role == "officer":
        user = officer
    elif role == "deputy":
        user, found = someone(session, center, name="代理 人")
        operations.grant_role(session, found, Role.PROTECTION_OFFICER, by=SYSTEM, now=NOON)
    else:
        user = an_officer_of(session, town(session)) if role == "municipal officer" else an_operator(session)
    session.commit()
    browser = inside(app, user, "password")

    for address in ("/", "/my/views", f"/organizations/{center.organization_id}/accounts", "/tenants"):
        answer = browser.get(address)
        assert (answer.status_code, urlsplit(answer.location).path) == (302, "/security")
        assert parse_qs(urlsplit(answer.location).query).get("next", ["/"]) == [address]
    page = browser.get("/security")
    assert "2段階目の確認を登録してください" in page.text
    assert "主なメニュー" not in page.text
    for way_out in ("/password", "/security/sign-ins"):
        assert browser.get(way_out).status_code == 200
    assert inside(app, user, "password+totp").get("/").status_code == 200
    assert inside(app, user, "passkey").get("/").status_code == 200
    assert inside(app, user, "demo").get("/").status_code == 200
    for other in ("link", "kiosk"):
        assert inside(app, user, other).get("/").status_code == 302


def test_others_are_offered_a_factor_and_go_on_without(app, session, center, time):
    user, _ = someone(session, center, Role.CENTER_HEAD)
    session.commit()
    browser = inside(app, user, "password")
    assert browser.get("/").status_code == 200
    assert "サインインの安全設定" in browser.get("/").text


def test_which_pages_need_no_factor_and_which_a_proof(app):
    """A new page that shall be among them is written here."""
    views = app.view_functions.items()
    assert {name for name, view in views if getattr(view, "without_factor", False)} == WITHOUT_FACTOR
    assert {name for name, view in views if hasattr(view, "proved")} >= PROVED


def test_a_role_given_in_the_middle_of_a_visit_asks_at_the_next_request(app, session, center, time):
    user, found = someone(session, center)
    session.commit()
    browser = inside(app, user, "password")
    assert browser.get("/").status_code == 200
    operations.grant_role(session, found, Role.PROTECTION_OFFICER, by=SYSTEM, now=NOON)
    session.commit()
    assert browser.get("/").location == "/security"


def test_a_form_that_meets_the_set_up_is_not_lost(app, session, center, officer, monkeypatch, time):
    _, found = someone(session, center)
    session.commit()
    monkeypatch.setattr(app.view_functions["accounts.roles"], "restores_input", True, raising=False)
    address = f"/workers/{found.id}/roles"
    browser = inside(app, officer, "password")

    answer = browser.post(address, data={"role": "representative", "center": ""})

    assert (answer.status_code, answer.location) == (303, f"/security?next={address}")
    assert "入力した内容は残してあります" in browser.get(answer.location).text
    session.rollback()
    assert session.scalars(select(operations.HeldInput.path)).all() == [address]


def test_setting_up_from_the_first_page_to_the_wanted_one(app, session, center, officer, time):
    wanted = f"/organizations/{center.organization_id}/accounts"
    browser = inside(app, officer, "password")
    begun = browser.post("/security/authenticator/begin", data={"next": wanted})
    assert begun.location == f"/security/authenticator?next={wanted}"
    page = browser.get(begun.location)
    secret = re.search(r'class="code-text">([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")
    assert VAULT.open(session.scalars(select(Authenticator.pending_secret)).one()) == secret
    assert "<svg" in page.text
    wrong = browser.post("/security/authenticator", data={"code": "000000", "next": wanted})
    assert wrong.status_code == 422

    done = browser.post("/security/authenticator", data={"code": code_of(NOON, secret), "next": wanted})

    codes = re.findall(r"<li>([2-9a-z-]{14})</li>", done.text)
    assert len(codes) == 10
    assert f'href="{wanted}"' in done.text
    assert "主なメニュー" in done.text
    assert browser.get(wanted).status_code == 200
    assert browser.get("/security").text.count(codes[0]) == 0
    again = browser.get("/security/authenticator")
    assert again.location == "/security"
    refused = browser.post("/security/authenticator/remove")
    assert (refused.status_code, "最後の1つは外せません" in refused.text) == (409, True)


def test_the_registration_of_a_passkey_over_http(app, session, officer, time):
    browser, device = inside(app, officer, "password"), Device()
    options = browser.post("/passkeys/challenges/registration").get_json()
    assert (options["rp"]["id"], options["user"]["displayName"]) == ("localhost", "責任 者子")
    page = browser.post("/security/passkeys/new", data={"name": "  わたしの電話 ", "passkey": device.register(options)})
    assert "回復コード" in page.text
    assert "わたしの電話" in browser.get("/security").text

    newcomer = Browser(app, app.response_class, use_cookies=True)
    asked = newcomer.post("/passkeys/challenges/sign-in").get_json()
    entered = newcomer.post("/sign-in", data={"passkey": device.answer(asked), "next": "/my/views"})
    assert entered.location == "/my/views"
    assert newcomer.get("/").status_code == 200
    replayed = Browser(app, app.response_class, use_cookies=True)
    refused = replayed.post("/sign-in", data={"passkey": device.answer(asked)})
    assert (refused.status_code, "パスキー" in refused.text) == (422, True)


def test_at_an_address_of_figures_passkeys_are_explained_not_offered(app, officer, time):
    browser = signed_in(app, officer)
    figures = {"base_url": "http://127.0.0.1:8000"}
    with browser.session_transaction() as cookie:
        token = cookie["token"]
    with browser.session_transaction(base_url=figures["base_url"]) as cookie:
        cookie["token"] = token
    assert "パスキーでサインイン" in browser.get("/sign-in").text
    assert "パスキーでサインイン" not in browser.get("/sign-in", **figures).text
    for page in ("/security", "/security/passkeys/new"):
        assert "http://localhost:8000/security" in browser.get(page, **figures).text
    browser.get("/security")
    assert browser.post("/passkeys/challenges/proof").status_code == 200


def test_browsers_are_told_that_passkeys_are_for_our_pages(client):
    allowed = client.get("/sign-in").headers["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in allowed
    assert "publickey-credentials-create=(self)" in allowed


def test_the_length_of_a_password_is_told_as_it_holds_for_the_reader(app, session, center, worker, time):
    plain, _ = someone(session, center)
    session.commit()
    assert "8文字以上" in signed_in(app, worker).get("/password").text
    assert "15文字以上" in signed_in(app, plain).get("/password").text
    link = operations.issue_reset(session, worker, actor=operations.Actor(None, "運営", "operator"), now=NOON)
    session.commit()
    browser = Browser(app, app.response_class, use_cookies=True)
    page = browser.get(f"/password-reset/{link}")
    assert "8文字以上" in page.text
    new = "いぬとねこ12345"
    assert browser.post(f"/password-reset/{link}", data={"new": new, "again": new}).location == "/sign-in"
    browser.get("/sign-in")
    half = browser.post("/sign-in", data={"name": worker.login_name, "password": new})
    assert urlsplit(half.location).path == "/sign-in/second-step", "a reset skips no factor (B07)"


# --- proofs -----------------------------------------------------------------------------------------------------


@pytest.fixture
def late(app, session, center, officer, time):
    """The officer's browser, sixteen minutes after signing in, and someone to give roles to."""
    an_authenticator(session, officer)
    _, found = someone(session, center, name="新任 長子")
    session.commit()
    browser = signed_in(app, officer)
    time.set(NOON + timedelta(minutes=16))
    return browser, found, f"/workers/{found.id}/roles"


def roles_of(session, found):
    session.rollback()
    held = select(OrganizationRole.role).where(
        OrganizationRole.worker_id == found.id, OrganizationRole.ended_at.is_(None)
    )
    return set(session.scalars(held))


def carried(page):
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text))


def test_a_late_act_asks_who_it_is_and_then_happens_with_what_was_sent(session, late, time):
    browser, found, address = late
    assert browser.get(address).status_code == 200, "reading asks nothing"

    asked = browser.post(address + "?a=1", data={"role": "center_head", "center": str(found.center_id)})

    assert asked.status_code == 403
    assert "ご本人の確認" in asked.text
    assert f'action="{address}?a=1"' in asked.text
    fields = {name: unescape(value) for name, value in carried(asked).items() if name in ("role", "center")}
    assert fields == {"role": "center_head", "center": str(found.center_id)}
    assert roles_of(session, found) == {Role.WORKER}

    wrong = browser.post(address, data={**fields, "proof_password": "wrong"})
    assert wrong.status_code == 422
    assert carried(wrong)["center"] == str(found.center_id)
    assert "wrong" not in wrong.text
    assert roles_of(session, found) == {Role.WORKER}

    done = browser.post(address, data={**fields, "proof_password": PASSWORD})
    assert (done.status_code, done.location) == (303, address)
    assert roles_of(session, found) == {Role.WORKER, Role.CENTER_HEAD}
    held = session.scalars(select(OrganizationRole).where(OrganizationRole.role == Role.CENTER_HEAD)).one()
    assert browser.post(f"/roles/{held.id}/end").status_code == 303, "it holds for the next acts"
    time.set(time.moment + timedelta(minutes=16))
    assert browser.post(f"/workers/{found.id}/password-reset").status_code == 403


def test_a_role_is_given_by_a_post_or_an_invitation_only_after_a_proof(session, late):
    browser, found, _ = late
    invited = a_worker(session, session.get_one(Center, (found.organization_id, found.center_id)), "招待 されこ")
    session.commit()
    posts, invitation = f"/workers/{found.id}/posts", f"/workers/{invited.id}/invitation"
    post = {"post": "privacy_officer_deputy", "center": "", "from_on": NOON.date().isoformat()}
    roles = {"way": "paper", "representative": "1"}

    assert browser.post(invitation, data={"way": "paper"}).status_code == 200, "a worker's invitation needs none"
    assert [browser.post(posts, data=post).status_code, browser.post(invitation, data=roles).status_code] == [403] * 2
    assert roles_of(session, found) == {Role.WORKER}
    offered = select(WorkerInvitation.as_representative).where(WorkerInvitation.worker_id == invited.id)
    assert session.scalars(offered).all() == [False]

    assert browser.post(posts, data={**post, "proof_password": PASSWORD}).status_code == 303
    assert roles_of(session, found) == {Role.WORKER, Role.PROTECTION_OFFICER}
    assert browser.post(invitation, data=roles).status_code == 200
    session.rollback()
    assert sorted(session.scalars(offered)) == [False, True]


def test_a_proof_stays_even_when_the_act_is_refused(session, late, time):
    browser, _, address = late
    again = {"role": "worker", "center": "", "proof_code": code_of(time.moment)}
    assert browser.post(address, data=again).status_code == 409, "already held"
    assert browser.post(address, data=again).status_code == 409, "no new proof is asked for"
    assert [each.proved_at for each in fresh(session)] == [time.moment]
    time.set(time.moment + timedelta(minutes=16))
    stale = browser.post(address, data=again | {"proof_code": code_of(NOON + timedelta(minutes=16))})
    assert stale.status_code == 422, "its code was used up"


def test_posts_and_invitations_bring_roles_and_so_ask_first(session, center, late, time):
    browser = late[0]
    worker = a_worker(session, center, "髙﨑 𠮷子")
    session.commit()
    for address, sent in (
        (f"/workers/{worker.id}/posts", {"post": "security_manager", "center": "", "from_on": NOON.date().isoformat()}),
        (f"/workers/{worker.id}/invitation", {"way": "paper", "email": "", "officer": "y", "head_of": ""}),
    ):
        asked = browser.post(address, data=sent)
        assert (asked.status_code, carried(asked)) == (403, carried(asked) | sent)
    assert session.scalars(select(WorkerInvitation)).all() == []
    done = browser.post(address, data=sent | {"proof_code": code_of(time.moment)})
    assert done.status_code == 200
    session.rollback()
    assert len(session.scalars(select(WorkerInvitation)).all()) == 1


def test_wrong_proofs_are_slowed_down(session, late):
    browser, _, address = late
    data = {"role": "representative", "center": "", "proof_code": "000000"}
    assert [browser.post(address, data=data).status_code for _ in range(11)] == [422] * 10 + [429]


def test_a_page_that_shows_a_secret_asks_first(session, late, officer, time):
    browser = late[0]
    factors.begin_authenticator(session, officer, VAULT, now=time.moment)
    session.commit()
    asked = browser.get("/security/authenticator")
    assert (asked.status_code, carried(asked)["next"]) == (403, "/security/authenticator")
    assert "code-text" not in asked.text
    assert browser.post("/proof", data={"next": "/security/authenticator"}).status_code == 422
    proved = browser.post("/proof", data={"next": "/security/authenticator", "proof_password": PASSWORD})
    assert proved.location == "/security/authenticator"
    assert "code-text" in browser.get(proved.location).text
    assert browser.get("/proof?next=/my/views").location == "/my/views"


def test_a_demo_asks_nothing_and_a_shared_tablet_cannot_answer(app, session, center, officer, time):
    _, found = someone(session, center)
    session.commit()
    data = {"role": "representative", "center": "", "proof_password": PASSWORD}
    time.set(NOON + timedelta(minutes=16))
    assert inside(app, officer, "demo").post(f"/workers/{found.id}/roles", data=data).status_code == 303
    head, _ = someone(session, center, Role.CENTER_HEAD, password=PASSWORD)
    session.commit()
    tablet = inside(app, head, "kiosk", now=time.moment)
    closing = f"/centers/{center.id}/months/2026-11/closure"
    assert tablet.post(closing).status_code == 403
    refused = tablet.post(closing, data={"proof_password": PASSWORD})
    assert (refused.status_code, "共用端末では" in refused.text) == (403, True)
    assert "サインインの安全設定" not in tablet.get("/").text


def test_the_rule_is_asked_before_the_proof(app, session, center, late):
    head, _ = someone(session, center, Role.CENTER_HEAD)
    session.commit()
    page = signed_in(app, head).post(late[2], data={"role": "representative", "center": ""})
    assert (page.status_code, "権限がありません" in page.text) == (403, True)


# --- own sign-ins -----------------------------------------------------------------------------------------------


def test_own_sign_ins_are_listed_and_ended(app, session, center, worker, time):
    here, there = signed_in(app, worker), signed_in(app, worker)
    other, _ = someone(session, center)
    theirs, _ = operations.start_sign_in(session, other, strength="password", now=NOON)
    session.commit()
    page = here.get("/security/sign-ins")
    assert page.text.count('<th scope="row">') == 2
    assert page.text.count("（この端末）") == 1
    assert here.post(f"/security/sign-ins/{theirs.id}/end").status_code == 404

    ids = re.findall(r"/security/sign-ins/([0-9a-f-]+)/end", page.text)
    with here.session_transaction() as cookie:
        own = queries.sign_in_of(session, operations.digest(cookie["token"])).sign_in.id
    away = next(each for each in ids if each != str(own))
    assert here.post(f"/security/sign-ins/{away}/end").location == "/security/sign-ins"
    assert there.get("/password").status_code == 302
    assert here.post(f"/security/sign-ins/{own}/end").location == "/sign-in"
    assert here.get("/password").status_code == 302


def test_all_others_are_ended_at_once(app, session, worker, time):
    browsers = [signed_in(app, worker) for _ in range(3)]
    answer = browsers[0].post("/security/sign-ins/end-others", follow_redirects=True)
    assert "ほかの2台の端末" in answer.text
    assert [browser.get("/password").status_code for browser in browsers] == [200, 302, 302]


# --- a lost device ----------------------------------------------------------------------------------------------


def test_the_officer_resets_a_lost_device_and_nobody_their_own(app, session, center, officer, worker, time):
    found = session.scalars(select(operations.Worker).where(operations.Worker.user_id == worker.id)).one()
    own = session.scalars(select(operations.Worker).where(operations.Worker.user_id == officer.id)).one()
    an_authenticator(session, officer)
    session.commit()
    lost = signed_in(app, worker)
    browser = signed_in(app, officer)
    assert "2段階目の確認をリセットする" in browser.get(f"/workers/{found.id}/roles").text
    assert "2段階目の確認をリセットする" not in browser.get(f"/workers/{own.id}/roles").text

    assert browser.post(f"/workers/{own.id}/second-factor/reset").status_code == 409
    done = browser.post(f"/workers/{found.id}/second-factor/reset", follow_redirects=True)

    assert "2段階目の確認をリセットしました" in done.text
    assert lost.get("/password").status_code == 302
    assert not queries.has_factor(session, worker.id)
    assert browser.post(f"/workers/{found.id}/second-factor/reset").status_code == 409
