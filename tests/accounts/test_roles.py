"""Accounts and roles of an organization, on screen and in the history."""

import pytest
from sqlalchemy import event, select

from partner_compliance.access import Role
from partner_compliance.accounts.models import OrganizationRole
from partner_compliance.history.models import LogLeaf
from tests.conftest import NOON
from tests.factories import a_center, a_worker, an_operator, an_organization, signed_in, someone


@pytest.fixture
def center(session):
    return a_center(session, an_organization(session))


@pytest.fixture
def officer(session, center):
    found, _ = someone(session, center, Role.PROTECTION_OFFICER, name="責任 者子")
    session.commit()
    return found


def roles_of(session, worker):
    session.commit()  # what was read before is not what there is now
    held = select(OrganizationRole.role).where(
        OrganizationRole.worker_id == worker.id, OrganizationRole.ended_at.is_(None)
    )
    return set(session.scalars(held))


def test_the_officer_gives_and_ends_roles_and_the_history_tells(app, session, center, officer, time):
    _, worker = someone(session, center, name="新任 長子")
    session.commit()
    browser = signed_in(app, officer)
    address = f"/workers/{worker.id}/roles"
    assert "新任 長子" in browser.get(address).text

    page = browser.post(address, data={"role": "center_head", "center": str(center.id)}, follow_redirects=True)
    assert "新任 長子さんに「センター長」の役割をつけました。" in page.text
    assert roles_of(session, worker) == {Role.WORKER, Role.CENTER_HEAD}
    again = browser.post(address, data={"role": "center_head", "center": str(center.id)})
    assert again.status_code == 409
    held = session.scalars(select(OrganizationRole).where(OrganizationRole.role == Role.CENTER_HEAD)).one()
    assert browser.post(f"/roles/{held.id}/end").location == address
    assert roles_of(session, worker) == {Role.WORKER}
    acts = session.scalars(
        select(LogLeaf.act).where(LogLeaf.subject_id == worker.id, LogLeaf.actor_id == officer.id)
    ).all()
    assert acts == ["role.granted", "post.opened", "role.ended", "post.ended"]
    assert browser.post(f"/roles/{held.id}/end").status_code == 303


@pytest.mark.parametrize(
    "data",
    [
        {"role": "center_head", "center": ""},
        {"role": "operator", "center": ""},
        {"role": "municipal_officer", "center": ""},
        {"role": "", "center": ""},
        {"center": ""},
        {"role": "worker", "center": "of another"},
    ],
)
def test_what_cannot_be_given_is_refused(app, session, center, officer, time, data):
    _, worker = someone(session, center)
    elsewhere = a_center(session, an_organization(session))
    session.commit()
    if data["center"]:
        data["center"] = str(elsewhere.id)
    page = signed_in(app, officer).post(f"/workers/{worker.id}/roles", data=data)
    assert page.status_code == 422
    assert roles_of(session, worker) == {Role.WORKER}


def test_the_last_officer_stays(app, session, center, officer, time):
    held = session.scalars(select(OrganizationRole).where(OrganizationRole.role == Role.PROTECTION_OFFICER)).one()
    page = signed_in(app, officer).post(f"/roles/{held.id}/end")
    assert page.status_code == 409
    assert "後任の個人情報責任者" in page.text


def test_people_without_account_have_no_page_of_roles(app, session, center, officer, time):
    worker = a_worker(session, center)
    session.commit()
    browser = signed_in(app, officer)
    assert browser.get(f"/workers/{worker.id}/roles").status_code == 404
    assert browser.post(f"/workers/{worker.id}/roles", data={"role": "worker", "center": ""}).status_code == 409


def test_nobody_gives_roles_in_another_organization_or_without_being_officer(app, session, center, officer, time):
    other = a_center(session, an_organization(session))
    head, head_worker = someone(session, center, Role.CENTER_HEAD)
    _, stranger = someone(session, other)
    session.commit()
    theirs = session.scalars(select(OrganizationRole).where(OrganizationRole.worker_id == stranger.id)).one()
    data = {"role": "protection_officer", "center": ""}

    assert signed_in(app, officer).post(f"/workers/{stranger.id}/roles", data=data).status_code == 404
    assert signed_in(app, officer).post(f"/roles/{theirs.id}/end").status_code == 404
    assert signed_in(app, head).post(f"/workers/{head_worker.id}/roles", data=data).status_code == 403
    assert roles_of(session, head_worker) == {Role.WORKER, Role.CENTER_HEAD}


@pytest.mark.parametrize("size", [10, 100])
def test_the_list_of_accounts_asks_the_database_a_constant_number_of_questions(
    app, session, center, officer, time, size
):
    for number in range(size):
        someone(session, center, name=f"人 {number:03d}")
    session.commit()
    browser = signed_in(app, officer)
    asked = []
    event.listen(app.extensions["engine"], "before_cursor_execute", lambda *args: asked.append(args[2]))

    page = browser.get(f"/organizations/{center.organization_id}/accounts")

    assert f"人 {size - 1:03d}" in page.text
    assert len([question for question in asked if question.startswith("SELECT")]) == 6


def test_stopped_accounts_are_seen_by_officer_and_operator(app, session, center, officer, time):
    user, _ = someone(session, center, name="止 まる")
    user.password_stopped_at = NOON
    operator = an_operator(session)
    session.commit()

    assert (
        "失敗が続いたため停止中"
        in signed_in(app, officer).get(f"/organizations/{center.organization_id}/accounts").text
    )
    page = signed_in(app, operator).get("/stopped-accounts")
    assert user.login_name in page.text
    assert "2026年11月16日 12:00" in page.text
    assert signed_in(app, officer).get("/stopped-accounts").status_code == 403
