import re
from datetime import date

import pytest
from sqlalchemy import event

from partner_compliance.access import Role
from tests.factories import (
    a_center,
    a_municipality,
    a_worker,
    an_engagement,
    an_officer_of,
    an_operator,
    an_organization,
    signed_in,
    someone,
)


def test_the_operator_sees_tenants_and_counts_but_nobody(app, session, time):
    organization, lonely = an_organization(session), an_organization(session, "任意団体 ひとり")
    center = a_center(session, organization)
    a_center(session, lonely)
    someone(session, center, Role.PROTECTION_OFFICER, name="秘密 責任者")
    a_worker(session, center, "秘密 働人")
    a_worker(session, center, "秘密 退職", left_on=date(2026, 11, 15))
    an_engagement(session, a_municipality(session, "どこか市"), organization)
    operator = an_operator(session)
    session.commit()
    browser = signed_in(app, operator)

    page = browser.get("/tenants")

    assert page.status_code == 200
    assert "秘密" not in page.text
    rows = [" ".join(row.split()) for row in page.text.split("<tr>")]
    assert any("はまかぜ" in row and ">2人<" in row and "います" in row for row in rows)
    assert any("任意団体 ひとり" in row and ">0人<" in row and "いません" in row for row in rows)
    municipalities = browser.get("/tenants/municipalities")
    assert "どこか市" in municipalities.text
    assert '<td class="number" data-label="連携団体">1</td>' in municipalities.text


def test_an_officer_who_left_is_no_protection_officer_any_more(app, session, time):
    center = a_center(session, an_organization(session))
    _, worker = someone(session, center, Role.PROTECTION_OFFICER)
    worker.left_on = date(2026, 11, 15)
    operator = an_operator(session)
    session.commit()

    assert "いません" in signed_in(app, operator).get("/tenants").text


@pytest.mark.parametrize("size", [3, 60])
def test_the_list_of_tenants_asks_the_database_a_constant_number_of_questions(app, session, time, size):
    for number in range(size):
        a_center(session, an_organization(session, f"団体{number:03d}"))
    operator = an_operator(session)
    session.commit()
    browser = signed_in(app, operator)
    asked = []
    event.listen(app.extensions["engine"], "before_cursor_execute", lambda *args: asked.append(args[2]))

    page = browser.get("/tenants")

    assert len([question for question in asked if question.startswith("SELECT")]) == 6
    assert ("2ページ" in page.text) is (size > 50)


@pytest.mark.parametrize("role", [Role.PROTECTION_OFFICER, Role.CENTER_HEAD, Role.REPRESENTATIVE])
def test_those_who_run_an_organization_see_its_facts(app, session, time, role):
    organization = an_organization(session)
    organization.corporate_number = "7000012050002"
    user, _ = someone(session, a_center(session, organization, "東町ひろば"), role)
    session.commit()

    page = signed_in(app, user).get(f"/organizations/{organization.id}")

    for fact in ("はまかぜ", "7000012050002", "東町ひろば", "翌月の第5営業日", "翌月の第10営業日"):
        assert fact in page.text
    assert ("期限を変える" in page.text) is (role is Role.PROTECTION_OFFICER)


def test_others_do_not(app, session, time):
    organization, municipality = an_organization(session), a_municipality(session)
    worker, _ = someone(session, a_center(session, organization))
    officer = an_officer_of(session, municipality)
    an_engagement(session, municipality, organization)
    stranger, _ = someone(session, a_center(session, an_organization(session)), Role.PROTECTION_OFFICER)
    session.commit()
    address = f"/organizations/{organization.id}"

    statuses = [signed_in(app, user).get(address).status_code for user in (worker, officer, stranger)]

    assert statuses == [403, 403, 404]
    assert signed_in(app, worker).get("/tenants").status_code == 403
    assert app.test_client().get(address).status_code == 302


@pytest.mark.parametrize(
    ("role", "expected", "absent"),
    [
        (Role.CENTER_HEAD, {"従事者名簿", "団体の情報"}, {"連携関係", "アカウント"}),
        (Role.REPRESENTATIVE, {"従事者名簿", "連携関係", "団体の情報"}, {"アカウント"}),
        (Role.PROTECTION_OFFICER, {"従事者名簿", "連携関係", "団体の情報", "アカウント"}, set()),
    ],
)
def test_the_menu_leads_to_what_a_role_reads_of_its_organization(app, session, time, role, expected, absent):
    user, _ = someone(session, a_center(session, an_organization(session)), role)
    session.commit()
    browser = signed_in(app, user)

    menu = browser.get("/").text.split('class="site-nav"')[1].split("</nav>")[0]

    links = {label.strip(): address for address, label in re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', menu)}
    assert expected <= set(links)
    assert not absent & set(links)
    assert {browser.get(links[label]).status_code for label in expected} == {200}
    assert "/posts" in browser.get(links["団体の情報"]).text
