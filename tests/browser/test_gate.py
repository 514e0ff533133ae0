"""A partner climbs to level 3 in four months; an officer asks, requires and decides; an emergency; 1 April."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from partner_compliance.engagements.words import DataClass, Mode
from partner_compliance.gate.words import Purpose
from tests import climb
from tests.browser.conftest import Desk, Site
from tests.browser.examining import axe_findings, findings
from tests.conftest import SetClock
from tests.factories import a_municipality, an_officer_of
from tests.gate.conftest import Gate
from tests.gate.conftest import gate as gate_of_tests
from tests.gate.conftest import house as house_of_tests
from tests.gate.conftest import ladder as ladder_of_tests
from tests.readiness.conftest import Ladder

pytestmark = pytest.mark.browser

gate, house, ladder = gate_of_tests, house_of_tests, ladder_of_tests


@pytest.fixture
def site(serve: Callable[[], Site], ladder: Ladder) -> Site:
    """The site of the partner and its municipality."""
    ladder.house.session.commit()
    return serve()


def look(page: Page) -> None:
    """The page holds on a phone and on a desk, and axe finds nothing."""
    assert axe_findings(page) == []
    assert findings(page) == []


def ask(page: Page, gate: Gate, data_class: DataClass, mode: Mode, purpose: Purpose = Purpose.PU1) -> None:
    """Ask the gate as an officer does: by the menu's page."""
    page.goto(f"/municipalities/{gate.city.id}/gate")
    page.get_by_label("団体").select_option(label=gate.ladder.house.organization.name)
    page.get_by_label("情報の種類").select_option(data_class.value)
    page.get_by_label(mode.label, exact=True).check()
    page.get_by_label("目的").select_option(purpose.value)
    page.get_by_role("button", name="確かめる").click()
    page.wait_for_url("**/gate/*-*")


def decide(page: Page, gate: Gate, outcome: str, until: str, **more: str) -> None:
    """Fill in the decision and keep it."""
    page.get_by_label(outcome, exact=True).check()
    name = gate.ladder.house.worker.worker.name
    page.get_by_label(name, exact=True).check()
    page.get_by_label(re.compile("渡すもの")).fill("訪問先の住所")
    if page.get_by_label(re.compile("数（部・件）")).count():
        page.get_by_label(re.compile("数（部・件）")).fill("1")
        page.get_by_label("返却する", exact=True).check()
    page.get_by_label(re.compile("^いつまで")).fill(until)
    if (agreed := page.get_by_label(re.compile("守ってもらうことを、団体に伝えました"))).count():
        agreed.check()
    for label, text in more.items():
        page.get_by_label(re.compile(f"^{label}")).fill(text)
    page.get_by_role("button", name="判断を記録する").click()
    page.wait_for_url("**/share-decisions/*")


def test_a_partner_climbs_from_the_first_level_to_the_third_in_four_months(desk: Desk, ladder: Ladder) -> None:
    session = ladder.house.session
    city = a_municipality(session)
    clerk = an_officer_of(session, city)
    room = f"/organizations/{ladder.id}/readiness"

    def level(number: int, title: str) -> None:
        session.commit()
        page = desk.signed_in(ladder.house.officer.user, phone=True)
        page.goto(room)
        expect(page.get_by_role("main")).to_contain_text(f"段階{number}")
        expect(page.get_by_role("main")).to_contain_text(title)
        outside = desk.signed_in(clerk)
        outside.goto(f"/municipalities/{city.id}/partners/{ladder.id}/readiness")
        expect(outside.get_by_role("main")).to_contain_text(title)
        for page_of in (page, outside):
            page_of.context.close()

    climb.first_level(ladder, city)
    level(1, "体制登録")
    climb.second_level(ladder)
    level(2, "規程・誓約")
    for month, number, title in (
        ("2026-11", 2, "規程・誓約"), ("2026-12", 2, "規程・誓約"), ("2027-01", 3, "毎月運用"),
    ):  # fmt: skip
        ladder.run_month(month)
        ladder.confirm()
        ladder.go(ladder.today.year, ladder.today.month, 25)
        ladder.open_months()
        level(number, title)
    page = desk.signed_in(ladder.house.officer.user)
    page.goto(f"{room}?as_of=2026-12-25")
    expect(page.get_by_role("main")).to_contain_text("規程・誓約")


def test_an_officer_is_refused_sees_the_plan_requires_and_decides_conditionally(desk: Desk, gate: Gate) -> None:
    page = desk.signed_in(gate.users[0])
    ask(page, gate, DataClass.D2, Mode.PAPER_KEPT)
    expect(page.get_by_role("heading", level=1)).to_contain_text("共有できない")
    expect(page.get_by_role("main")).to_contain_text("段階2（規程・誓約）が必要ですが、今日は段階1（体制登録）です")
    look(page)
    page.get_by_role("link", name=re.compile("次の段階までにすること")).click()
    expect(page.get_by_role("main")).to_contain_text("段階2まで、あと")

    page.goto(f"/municipalities/{gate.city.id}/requirements/new")
    page.get_by_label("情報の種類").select_option("D2")
    page.get_by_label("必要な段階").select_option("1")
    page.get_by_label(re.compile("守ってもらうこと")).fill("写しを取らない。")
    page.get_by_label(re.compile("^理由")).fill("訪問の前に、急いで伝えるため")
    look(page)
    page.get_by_role("button", name="条件を定める").click()
    expect(page.get_by_text("条件を定めました")).to_be_visible()
    look(page)

    ask(page, gate, DataClass.D2, Mode.PAPER_KEPT)
    expect(page.get_by_role("heading", level=1)).to_contain_text("条件付きで共有できる")
    decide(page, gate, "共有する", "2026-12-27")
    expect(page.get_by_role("heading", level=1)).to_contain_text("共有する")
    look(page)

    phone = desk.signed_in(gate.ladder.house.officer.user, phone=True)
    phone.goto("/")
    phone.get_by_role("link", name="内容を確認する").tap()
    expect(phone.get_by_text("写しを取らない。")).to_be_visible()
    look(phone)
    phone.get_by_role("button", name="確認しました").tap()
    expect(phone.get_by_text("確認したことを記録しました")).to_be_visible()
    phone.goto(f"/organizations/{gate.ladder.id}/requirements")
    look(phone)
    worker = desk.signed_in(gate.ladder.house.worker.user, phone=True)
    worker.goto("/my/receipts")
    expect(worker.get_by_role("main")).to_contain_text("訪問先の住所")


def test_an_emergency_passes_and_a_colleague_looks_at_it(desk: Desk, gate: Gate, time: SetClock) -> None:
    page = desk.signed_in(gate.users[0])
    ask(page, gate, DataClass.D4, Mode.ORAL, Purpose.PU6)
    expect(page.get_by_role("heading", level=1)).to_contain_text("緊急")
    decide(page, gate, "緊急のため、先に共有する", "2026-11-28", 理由="今夜、安否を確かめるため")
    expect(page.get_by_text("ご自分では確かめられません")).to_be_visible()
    time.moment += timedelta(hours=40)
    colleague = desk.signed_in(gate.users[1])
    colleague.goto("/")
    colleague.locator(".task").filter(has_text="緊急の共有を、事後に確かめる").get_by_role("link").click()
    colleague.get_by_role("link", name=re.compile(gate.ladder.house.organization.name)).click()
    look(colleague)
    colleague.get_by_label("緊急であり、渡したものも必要最小限だった").check()
    colleague.get_by_label(re.compile("^確かめたこと")).fill("夜間で、ほかに方法がなかった。")
    colleague.get_by_role("button", name="確認を記録する").click()
    expect(colleague.get_by_text("事後の確認を記録しました")).to_be_visible()
    partner = desk.signed_in(gate.ladder.house.officer.user)
    partner.goto(f"/organizations/{gate.ladder.id}/shares")
    partner.get_by_role("main").get_by_role("link", name=re.compile("みなと市")).click()
    expect(partner.get_by_text("夜間で、ほかに方法がなかった。")).to_be_visible()


def test_on_the_first_of_april_what_is_shared_waits_for_a_decision_and_goes_on(
    desk: Desk, gate: Gate, time: SetClock
) -> None:
    gate.engagement.ends_on = time.tokyo(2027, 3, 31).date()
    gate.require("D1", 0)
    gate.session.commit()
    gate.ladder.go(2027, 3, 30)
    page = desk.signed_in(gate.users[0])
    ask(page, gate, DataClass.D1, Mode.PAPER_KEPT)
    decide(page, gate, "共有する", "2027-06-30")
    decision = page.url
    lapses = f"/municipalities/{gate.city.id}/share-decisions/lapses"

    time.moment = time.tokyo(2027, 3, 31, 23, 59)
    late = desk.signed_in(gate.users[0])
    late.goto(lapses)
    expect(late.get_by_text("見直しが要る共有はありません")).to_be_visible()
    time.moment += timedelta(minutes=2)  # the same browser, after midnight in Japan
    late.reload()
    expect(late.get_by_text("連携関係は、令和9年3月31日に終わっています。")).to_be_visible()
    look(late)
    late.goto("/")
    late.locator(".task").filter(has_text="共有した後に変わった団体を見直す").get_by_role("link").click()
    late.get_by_role("link", name=re.compile("開いて決める")).click()
    expect(late.get_by_text("共有中").first).to_be_visible()  # nothing ended by itself
    late.get_by_text("共有を止める", exact=True).first.click()
    late.locator("form[action$='/pause']").get_by_label(re.compile("理由")).fill("更新の手続きを待つため")
    late.locator("form[action$='/pause']").get_by_role("button").click()
    expect(late.get_by_text("共有を止めました")).to_be_visible()
    partner = desk.signed_in(gate.ladder.house.officer.user)
    partner.goto(decision)
    expect(partner.get_by_text("更新の手続きを待つため")).to_be_visible()
    expect(partner.get_by_text("共有を止めている").first).to_be_visible()
