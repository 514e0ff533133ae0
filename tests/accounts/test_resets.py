"""SECURITY.md B06, B16, A16 and the part of C07 that concerns one-time links."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from partner_compliance.access import Role
from partner_compliance.accounts import operations, passwords
from partner_compliance.accounts.models import OutgoingMail, PasswordReset
from partner_compliance.accounts.operations import LinkNotValid
from partner_compliance.acts import Actor
from tests.conftest import NOON
from tests.factories import (
    PASSWORD,
    a_center,
    a_municipality,
    an_officer_of,
    an_operator,
    an_organization,
    signed_in,
    someone,
)

OPERATOR = Actor(None, "運営", "operator")
NEW = "いちごとみかんとぶどうをたべました"


@pytest.fixture
def center(session):
    an_operator(session)
    return a_center(session, an_organization(session))


@pytest.fixture
def user(session, center):
    """Someone with a password and an address."""
    found, _ = someone(session, center, password=PASSWORD)
    found.email = found.email_key = "hanako@example.jp"
    session.commit()
    return found


@pytest.fixture
def officer(session, center):
    found, _ = someone(session, center, Role.PROTECTION_OFFICER, name="責任 者")
    session.commit()
    return found


def a_link(session, user, now=NOON):
    secret = operations.issue_reset(session, user, actor=OPERATOR, now=now)
    session.commit()
    return secret


def mails(session):
    return list(session.scalars(select(OutgoingMail).order_by(OutgoingMail.written_at)))


# --- the link ---------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_a_link_works_once_and_ends_every_sign_in(session, user):
    operations.start_sign_in(session, user, strength="password", now=NOON)
    secret = a_link(session, user)

    operations.use_reset(session, secret, NEW, now=NOON)
    session.commit()

    assert passwords.is_right(user.password_hash, NEW)
    assert session.scalar(select(func.count()).where(operations.SignIn.ended_at.is_(None))) == 0
    with pytest.raises(LinkNotValid):
        operations.use_reset(session, secret, PASSWORD, now=NOON)


@pytest.mark.parametrize(("minutes", "works"), [(29, True), (30, False), (31, False), (60 * 24 * 365, False)])
def test_a_mailed_link_works_for_thirty_minutes(session, user, minutes, works):
    operations.ask_for_reset(session, user.login_name, address="192.0.2.1", link_base="https://x/", now=NOON)
    session.commit()
    secret = re.search(r"https://x/(\S+)", mails(session)[0].body)[1]

    if works:
        assert operations.user_of_reset(session, secret, now=NOON + timedelta(minutes=minutes)).id == user.id
    else:
        with pytest.raises(LinkNotValid):
            operations.user_of_reset(session, secret, now=NOON + timedelta(minutes=minutes))


def test_a_printed_link_works_for_a_day(session, user):
    secret = a_link(session, user)

    assert operations.user_of_reset(session, secret, now=NOON + timedelta(hours=23, minutes=59)).id == user.id
    with pytest.raises(LinkNotValid):
        operations.user_of_reset(session, secret, now=NOON + timedelta(hours=24))


def test_a_link_dies_with_a_newer_one_and_with_a_changed_password(session, user):
    older, newer = a_link(session, user), a_link(session, user)
    with pytest.raises(LinkNotValid):
        operations.user_of_reset(session, older, now=NOON)

    operations.change_password(session, user, current=PASSWORD, new=NEW, sign_in_id=None, now=NOON)
    with pytest.raises(LinkNotValid):
        operations.user_of_reset(session, newer, now=NOON)


def test_a_link_changes_no_other_account(session, center, user):
    other, _ = someone(session, center, password=PASSWORD)
    before = other.password_hash

    assert operations.use_reset(session, a_link(session, user), NEW, now=NOON).id == user.id
    assert other.password_hash == before


def test_a_link_of_an_account_that_was_switched_off_is_dead(session, user):
    secret = a_link(session, user)
    user.deactivated_at = NOON
    with pytest.raises(LinkNotValid):
        operations.user_of_reset(session, secret, now=NOON)


def test_a_link_made_by_a_clock_that_ran_ahead_is_dead(session, user):
    secret = a_link(session, user, now=NOON + timedelta(days=365))
    with pytest.raises(LinkNotValid):
        operations.user_of_reset(session, secret, now=NOON)


def test_only_a_digest_of_the_link_is_kept(session, user):
    secret = a_link(session, user)
    assert session.scalars(select(PasswordReset.token_digest)).all() == [operations.digest(secret)]


# --- the pages --------------------------------------------------------------------------------------------------


def ask(client, name, **more):
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/password-reset", **more).text)[1]
    return client.post("/password-reset", data={"name": name, "csrf_token": token}, **more)


def test_the_link_leads_to_our_own_address_whatever_the_request_says(app, session, user, time):
    page = ask(
        app.test_client(),
        "hanako@example.jp",
        base_url="http://evil.example",
        headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
    )

    assert page.status_code == 200
    body = mails(session)[0].body
    assert "http://127.0.0.1:8000/password-reset/" in body
    assert "evil" not in body


def test_the_answer_does_not_tell_who_has_an_account(app, session, center, user, time):
    someone(session, center, password=PASSWORD)[0].login_key = "without-address"
    session.commit()
    client = app.test_client()

    pages = [ask(client, name) for name in ("hanako@example.jp", "nobody@example.jp", "without-address")]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert len({re.sub(r'value="[^"]+"', "", page.text) for page in pages}) == 1
    assert [mail.recipient for mail in mails(session)] == ["hanako@example.jp"]


def test_asking_again_and_again_is_refused(app, session, user, time):
    client = app.test_client()
    statuses = [ask(client, f"name-{number}").status_code for number in range(11)]
    assert statuses == [200] * 10 + [429]
    time.set(NOON + timedelta(hours=1, minutes=1))
    assert ask(client, "name").status_code == 200


def test_nobody_is_flooded_with_mail(session, user):
    for number in range(15):
        operations.ask_for_reset(
            session, user.login_name, address=f"192.0.2.{number}", link_base="https://x/", now=NOON
        )
    assert len(mails(session)) == 10


def test_the_way_from_link_to_sign_in(app, session, user, time):
    secret = a_link(session, user)
    client = app.test_client()
    page = client.get(f"/password-reset/{secret}")
    assert user.login_name in page.text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)[1]

    weak = client.post(f"/password-reset/{secret}", data={"new": "short", "again": "short", "csrf_token": token})
    assert weak.status_code == 422
    assert "15文字以上" in weak.text
    assert "<title>エラー: " in weak.text
    unlike = client.post(f"/password-reset/{secret}", data={"new": NEW, "again": NEW + "!", "csrf_token": token})
    assert unlike.status_code == 422
    done = client.post(f"/password-reset/{secret}", data={"new": NEW, "again": NEW, "csrf_token": token})
    assert (done.status_code, done.location) == (303, "/sign-in")

    again = client.get(f"/password-reset/{secret}")
    assert again.status_code == 409
    assert "使えません" in again.text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)[1]
    opened = client.post("/sign-in", data={"name": user.login_name, "password": NEW, "csrf_token": token})
    assert opened.status_code == 303


def test_a_changed_password_is_told_by_mail_with_one_recipient_and_a_plain_subject(session, user):
    user.name = "太郎\r\nBcc: x@y"
    user.email = "hanako@example.jp\r\nBcc: x@y"
    operations.use_reset(session, a_link(session, user), NEW, now=NOON)

    mail = mails(session)[0]
    assert not {"\r", "\n"} & set(mail.recipient + mail.subject)


# --- printed by the protection officer --------------------------------------------------------------------------


def test_the_officer_prints_a_link_and_sees_no_password(app, session, user, officer, center, time):
    worker = session.scalars(select(operations.Worker).where(operations.Worker.user_id == user.id)).one()
    session.commit()
    browser = signed_in(app, officer)

    page = browser.post(f"/workers/{worker.id}/password-reset")

    secret = re.search(r"http://127\.0\.0\.1:8000/password-reset/([\w-]+)", page.text)[1]
    assert page.status_code == 200
    assert "令和8年11月17日 12時00分" in page.text
    assert "<svg" in page.text
    assert "style=" not in page.text
    assert user.password_hash not in page.text
    assert operations.user_of_reset(session, secret, now=NOON).id == user.id
    assert browser.get(f"/workers/{worker.id}/password-reset").status_code == 405


def test_no_page_lets_anyone_choose_the_password_of_another(app):
    """SECURITY.md B16: whoever may change a password either knows the present one or holds the person's link."""
    rules = {
        rule.endpoint: app.view_functions[rule.endpoint].rule.__name__
        for rule in app.url_map.iter_rules()
        if "password" in rule.rule and "POST" in rule.methods
    }
    assert rules == {
        "accounts.change_password": "anyone",
        "accounts.ask_for_reset": "public",
        "accounts.reset_password": "public",
        "accounts.print_reset": "may_change_account",
    }


@pytest.mark.parametrize("elsewhere", ["operator", "municipality", "organization"])
def test_a_link_that_would_open_other_doors_is_not_printed(app, session, officer, center, time, elsewhere):
    """The officer of one organization must not become an operator, or anyone in another, by a printed link."""
    person, worker = someone(session, center, password=PASSWORD)
    if elsewhere == "operator":
        operations.grant_operator_role(session, person, by=OPERATOR, now=NOON)
    elif elsewhere == "municipality":
        operations.grant_municipality_role(session, person, a_municipality(session).id, by=OPERATOR, now=NOON)
    else:
        other = a_center(session, an_organization(session))
        row = someone(session, other)[1]
        row.user_id = person.id
        session.flush()
        operations.grant_role(session, row, Role.REPRESENTATIVE, by=OPERATOR, now=NOON)
    session.commit()

    page = signed_in(app, officer).post(f"/workers/{worker.id}/password-reset")

    assert page.status_code == 409
    assert "password-reset/" not in page.text
    assert session.scalars(select(PasswordReset)).all() == []


def test_nobody_else_prints_links(app, session, user, center, time):
    municipality = a_municipality(session)
    worker = session.scalars(select(operations.Worker).where(operations.Worker.user_id == user.id)).one()
    session.commit()
    stranger, _ = someone(session, a_center(session, an_organization(session)), Role.PROTECTION_OFFICER)
    head, _ = someone(session, center, Role.CENTER_HEAD)
    official, operator = an_officer_of(session, municipality), an_operator(session)
    session.commit()

    statuses = [
        signed_in(app, person).post(f"/workers/{worker.id}/password-reset").status_code
        for person in (user, head, stranger, official, operator)
    ]

    assert statuses == [403, 403, 404, 404, 404]


def test_asking_for_a_mail_takes_no_handed_over_link_away_but_a_new_handed_over_one_does(session, user):
    handed_over = a_link(session, user)
    operations.ask_for_reset(session, user.login_name, address="203.0.113.1", link_base="/", now=NOON)
    session.commit()
    assert operations.user_of_reset(session, handed_over, now=NOON).id == user.id

    a_link(session, user)

    with pytest.raises(LinkNotValid):
        operations.user_of_reset(session, handed_over, now=NOON)


def test_a_new_mail_takes_the_place_of_the_earlier_one(session, user):
    for _ in range(2):
        operations.ask_for_reset(session, user.login_name, address="203.0.113.1", link_base="/", now=NOON)
    session.commit()

    revoked = session.scalars(select(PasswordReset.revoked_at)).all()
    assert sorted(moment is None for moment in revoked) == [False, True]
