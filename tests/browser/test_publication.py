"""A level goes public: consent on a phone, what a passer-by reads, a credential checked offline, and the end of it."""

import json
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from partner_compliance.acts import SYSTEM
from partner_compliance.engagements.places import PlaceFacts, add_place
from partner_compliance.engagements.words import PlaceKind
from partner_compliance.organizations.models import Engagement
from partner_compliance.publications.verification import Status, Verdict, verify
from partner_compliance.roster import operations as roster
from partner_compliance.roster.models import Post, RosterConfirmation
from tests.browser.conftest import Desk, Town
from tests.browser.examining import axe_findings, findings
from tests.conftest import SetClock

pytestmark = pytest.mark.browser


def on_the_first_level(town: Town, time: SetClock) -> None:
    """Posts with deputies, a roster that was looked through, a place that can be locked."""
    session, organization = town.session, town.organization
    held = {each.post for each in roster.posts_of(session, town.officer.worker, on=date(2026, 11, 27))}
    for person, post in (
        (town.officer, Post.PRIVACY_OFFICER), (town.head, Post.PRIVACY_OFFICER_DEPUTY),
        (town.head, Post.SECURITY_MANAGER), (town.officer, Post.SECURITY_MANAGER_DEPUTY),
    ):  # fmt: skip
        if post not in held:
            roster.open_post(session, person.worker, post, from_on=date(2026, 11, 27), by=SYSTEM, now=time.moment)
    session.add(
        RosterConfirmation(
            organization_id=organization.id, id=uuid4(), at=time.moment, confirmed_on=date(2026, 11, 27), by_id=None,
            by_name="西 守", workers=6, handlers=6, incomplete=0,
        )
    )  # fmt: skip
    engagement = session.scalars(select(Engagement).where(Engagement.organization_id == organization.id)).one()
    facts = PlaceFacts(
        PlaceKind.BOTH, "本部 事務室", "みなと市東町1-2-3", True, date(2026, 11, 27), "書庫", "センター長",
        town.center.id, frozenset({engagement.id}),
    )  # fmt: skip
    add_place(session, organization, facts, by=SYSTEM, now=time.moment)
    session.commit()


def look(page: Page) -> None:
    """The page holds on a phone and on a desk, and axe finds nothing."""
    assert axe_findings(page) == []
    assert findings(page) == []


def test_a_level_goes_public_is_proved_and_taken_back(desk: Desk, town: Town, time: SetClock, tmp_path: Path) -> None:
    on_the_first_level(town, time)
    room = f"/organizations/{town.organization.id}/publication"
    page = desk.signed_in(town.representative.user, phone=True)
    page.goto(room)
    look(page)
    page.get_by_role("button", name="公開を始める").click()
    expect(page.get_by_role("alert")).to_contain_text("公開されるものを読んで")
    page.get_by_label("公開されるものを読み、公開に同意します").check()
    page.get_by_role("button", name="公開を始める").click()
    expect(page.get_by_role("status")).to_contain_text("公開を始めました")
    look(page)
    address = urlsplit(page.locator("main a", has_text="/published/").inner_text()).path

    passer_by = desk.device(phone=True)
    passer_by.goto(address)
    expect(passer_by.get_by_role("heading", level=1)).to_contain_text(town.organization.name)
    expect(passer_by.locator("main")).to_contain_text("段階1 体制登録")
    expect(passer_by.locator("main")).to_contain_text("令和8年11月27日（今日）")
    look(passer_by)
    passer_by.get_by_role("link", name="段階ごとに見ていること").click()
    expect(passer_by.get_by_role("heading", level=1)).to_contain_text("準備度の段階について")
    look(passer_by)

    officer = desk.signed_in(town.officer.user)
    officer.goto(room)
    officer.get_by_role("button", name="今日の段階の証明ファイルを作る").click()
    expect(officer.get_by_role("status")).to_contain_text("証明ファイルを作りました")
    look(officer)
    with officer.expect_download() as saving:
        officer.get_by_role("link", name="ファイルを保存する").click()
    file = tmp_path / "credential.json"
    saving.value.save_as(file)
    credential = json.loads(file.read_text(encoding="utf-8"))
    keys = passer_by.request.get("/published/keys.json").json()
    assert verify(credential, keys, now=time.moment).verdict is Verdict.VALID

    page.goto(room)
    page.get_by_text("公開をやめる", exact=True).first.click()
    page.get_by_role("button", name="公開をやめる").click()
    expect(page.get_by_role("status")).to_contain_text("公開をやめました")
    passer_by.goto(address)
    expect(passer_by.get_by_role("heading", level=1)).to_contain_text("公開は終わっています")
    revocations = passer_by.request.get(f"{address}/revocations.json").json()
    found = verify(credential, keys, now=time.moment, revocations=revocations)
    assert (found.verdict, found.status) == (Verdict.VALID, Status.REVOKED)
