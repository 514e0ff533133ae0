"""The pages of sharing, as an officer of a municipality and as a partner see them."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import func, select

from partner_compliance.gate.models import Requirement, ShareDecision, SharingHold
from tests.factories import a_municipality, an_engagement, an_officer_of, signed_in

TAGS = re.compile(r"<[^>]+>")
ASKED = "?data_class=D2&mode=paper_kept&purpose=PU1"


def words(page):
    return re.sub(r"\s+", "", unescape(TAGS.sub(" ", page.split("<main", 1)[1].split("</main", 1)[0])))


def value_of(page, name):
    return unescape(re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1])


@pytest.fixture
def app(make_app):
    return make_app()


@pytest.fixture
def clerk(gate, app):
    """A browser of the officer of the municipality."""
    gate.require("D2", 1, conditions=["写しを取らない。"])
    gate.session.commit()
    return signed_in(app, gate.users[0], now=gate.ladder.time.moment)


@pytest.fixture
def partner(gate, app):
    """A browser of the protection officer."""
    gate.session.commit()
    return signed_in(app, gate.ladder.house.officer.user, now=gate.ladder.time.moment)


def room(gate, rest=""):
    return f"/municipalities/{gate.city.id}{rest}"


def typed(gate, page, **more):
    """What the form on the page would send."""
    return {
        "request_key": value_of(page, "request_key"), "seal": value_of(page, "seal"), "outcome": "share",
        "recipients": str(gate.ladder.house.worker.worker.id), "items": "訪問先の住所", "count": "2",
        "ending": "return", "until_on": (gate.ladder.today + timedelta(days=30)).isoformat(), "agreed": "y", **more,
    }  # fmt: skip


def test_an_officer_asks_decides_conditionally_and_the_partner_sees_it(gate, clerk, partner):
    form = clerk.get(room(gate, "/gate"))
    assert gate.ladder.house.organization.name in form.text
    wrong = clerk.get(room(gate, "/gate?organization=&data_class=D2"))
    assert wrong.status_code == 422
    assert "団体を選んでください" in wrong.text
    there = clerk.get(
        room(gate, f"/gate?organization={gate.ladder.id}&data_class=D2&mode=paper_kept&purpose=PU1")
    ).headers["Location"]
    page = clerk.get(there).text
    said = words(page)
    assert "条件付きで共有できる" in said
    assert "写しを取らない。" in said
    assert gate.ladder.house.worker.worker.name.replace(" ", "") in said  # named by the partner itself
    assert gate.ladder.house.volunteer.name.replace(" ", "") not in said
    assert "今日は受け取れない方（1人）" in said
    kept = clerk.post(there, data=typed(gate, page))
    assert kept.status_code == 303
    decision = clerk.get(kept.headers["Location"])
    assert "訪問先の住所" in decision.text
    home = partner.get("/")
    assert "みなと市からの共有を確認する" in home.text
    seen = partner.get(kept.headers["Location"])
    assert "内容を確認してください" in seen.text
    assert "共有を止める" not in seen.text
    assert partner.post(kept.headers["Location"] + "/note").status_code == 303
    assert "みなと市からの共有を確認する" not in partner.get("/").text
    assert "共有中" in words(partner.get(f"/organizations/{gate.ladder.id}/shares").text)
    assert partner.get(f"/organizations/{gate.ladder.id}/receipts").text.count("訪問先の住所") >= 1


def test_a_form_with_something_missing_keeps_what_was_typed(gate, clerk):
    there = room(gate, f"/gate/{gate.ladder.id}{ASKED}")
    sent = clerk.post(there, data=typed(gate, clerk.get(there).text, until_on="", basis_note="契約書第8条"))
    assert sent.status_code == 422
    assert "いつまでか" in sent.text
    assert "契約書第8条" in sent.text
    assert 'value="2"' in sent.text
    gate.session.rollback()
    assert gate.session.scalar(select(func.count()).select_from(ShareDecision)) == 0


def test_a_page_on_which_the_level_fell_meanwhile_is_told_and_asked_again(gate, clerk, app):
    there = room(gate, f"/gate/{gate.ladder.id}{ASKED}")
    page = clerk.get(there).text
    gate.ladder.go(2027, 3, 1)
    later = signed_in(app, gate.users[0], now=gate.ladder.time.moment)
    sent = later.post(there, data=typed(gate, page, basis_note="契約書第8条", until_on="2027-03-20"))
    assert sent.status_code == 409
    said = words(sent.text)
    assert "画面を開いた後に、この団体の状況か条件が変わりました" in said
    assert "共有できない" in said
    assert "契約書第8条" in sent.text
    assert value_of(sent.text, "seal") != value_of(page, "seal")
    again = later.post(there, data=typed(gate, sent.text, until_on="2027-03-20", reason="代わりがいないため"))
    assert again.status_code == 303


def test_another_municipality_and_partners_of_tomorrow_or_yesterday_do_not_exist(gate, clerk, app):
    city = a_municipality(gate.session, "べつ市")
    officer = an_officer_of(gate.session, city)
    today = gate.ladder.today
    organization = gate.ladder.house.organization
    an_engagement(gate.session, city, organization, starts_on=today + timedelta(days=1),
                  ends_on=today + timedelta(days=99))  # fmt: skip
    an_engagement(gate.session, city, organization, starts_on=today - timedelta(days=99),
                  ends_on=today - timedelta(days=1))  # fmt: skip
    gate.session.commit()
    stranger = signed_in(app, officer, now=gate.ladder.time.moment)
    own = f"/municipalities/{city.id}"
    for path in (f"/gate/{gate.ladder.id}{ASKED}", f"/partners/{gate.ladder.id}/exceptions"):
        assert stranger.get(own + path).status_code == 404
        assert stranger.get(room(gate, path)).status_code == 404
    assert organization.name not in stranger.get(f"{own}/gate").text
    made = gate.decide(gate.ask("D2", "oral", people=(gate.ladder.house.worker.worker.id,)))
    gate.session.commit()
    assert stranger.get(f"/share-decisions/{made.id}").status_code == 404
    assert clerk.get(f"/share-decisions/{made.id}").status_code == 200


def test_requirements_are_set_seen_by_partners_and_kept_in_order(gate, clerk, partner):
    page = clerk.get(room(gate, "/requirements/new?data_class=D4&mode=oral")).text
    later = (gate.ladder.today + timedelta(days=14)).isoformat()
    form = {
        "request_key": value_of(page, "request_key"), "data_class": "D4", "mode": "oral", "purpose": "", "level": "4",
        "criteria": ["2b"], "conditions": "一つ目。\n\n二つ目。", "reason": "詳しい記録のため",
        "effective_on": gate.ladder.today.isoformat(),
    }  # fmt: skip
    refused = clerk.post(room(gate, "/requirements/new"), data=form)
    assert refused.status_code == 422
    assert "令和8年12月11日以降" in refused.text
    assert "二つ目。" in refused.text
    assert clerk.post(room(gate, "/requirements/new"), data=form | {"effective_on": later}).status_code == 303
    assert clerk.post(room(gate, "/requirements/new"), data=form | {"effective_on": later}).status_code == 303
    gate.session.rollback()
    kept = gate.session.scalars(select(Requirement).where(Requirement.data_class == "D4")).all()
    assert [(each.level, each.conditions) for each in kept] == [(4, ["一つ目。", "二つ目。"])]
    assert "令和8年12月11日から" in words(clerk.get(room(gate, "/requirements")).text)
    seen = words(partner.get(f"/organizations/{gate.ladder.id}/requirements").text)
    assert "令和8年12月11日から段階4" in seen
    assert "足りない" in seen


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"data_class": "X"}, "選択肢が正しくありません"),
        ({"level": "9"}, "選択肢が正しくありません"),
        ({"reason": ""}, "理由を入力"),
    ],
)
def test_nonsense_in_a_requirement_is_named(gate, clerk, change, said):
    form = {"data_class": "D2", "level": "2", "reason": "統一", "effective_on": gate.ladder.today.isoformat()}
    sent = clerk.post(room(gate, "/requirements/new"), data=form | change)
    assert sent.status_code == 422
    assert said in sent.text


def test_a_criterion_of_ones_own_an_acceptance_and_a_stop(gate, clerk, partner):
    form = {
        "title": "名簿",
        "measure": "roster_confirmed",
        "comparison": "at_least",
        "threshold": "1",
        "reason": "毎月",
    }
    assert clerk.post(room(gate, "/requirements/criteria/new"), data=form).status_code == 303
    again = clerk.post(room(gate, "/requirements/criteria/new"), data=form)
    assert again.status_code == 409
    assert "すでにあります" in again.text
    assert "名簿" in words(clerk.get(room(gate, "/requirements")).text)
    here = room(gate, f"/partners/{gate.ladder.id}")
    today = gate.ladder.today
    accepted = {"data_class": "D4", "level": "1", "starts_on": today.isoformat(), "reason": "始めたばかり",
                "ends_on": (today + timedelta(days=90)).isoformat()}  # fmt: skip
    refused = clerk.post(f"{here}/acceptances", data=accepted)
    assert refused.status_code == 422
    assert "90日以内" in refused.text
    accepted["ends_on"] = (today + timedelta(days=89)).isoformat()
    assert clerk.post(f"{here}/acceptances", data=accepted).status_code == 303
    asked = room(gate, f"/gate/{gate.ladder.id}?data_class=D4&mode=oral&purpose=PU1")
    assert "条件付きで共有できる" in words(clerk.get(asked).text)
    address = re.search(r"/interim-acceptances/[0-9a-f-]+/end", clerk.get(f"{here}/exceptions").text)[0]
    assert clerk.post(address, data={"end-reason": ""}).status_code == 303
    assert "条件付きで共有できる" in words(clerk.get(asked).text)
    assert clerk.post(address, data={"end-reason": "事故"}).status_code == 303
    assert "共有できない" in words(clerk.get(asked).text)
    assert clerk.post(f"{here}/hold", data={"kind": "placed", "hold-reason": ""}).status_code == 422
    assert clerk.post(f"{here}/hold", data={"kind": "placed", "hold-reason": "確認"}).status_code == 303
    assert "共有を止めています" in words(clerk.get(asked).text)
    assert clerk.post(f"{here}/hold", data={"kind": "placed", "hold-reason": "確認"}).status_code == 409
    gate.session.rollback()
    assert gate.session.scalar(select(func.count()).select_from(SharingHold)) == 1


def test_an_emergency_is_looked_at_by_a_colleague(gate, clerk, app):
    there = room(gate, f"/gate/{gate.ladder.id}?data_class=D4&mode=oral&purpose=PU6")
    page = clerk.get(there).text
    assert "緊急" in words(page)
    sent = clerk.post(there, data=typed(gate, page, outcome="emergency", reason="今夜の安否確認"))
    assert sent.status_code == 303
    decision = sent.headers["Location"]
    assert "ご自分では確かめられません" in words(clerk.get(decision).text)
    looked = {"review-fit": "yes", "review-text": "急ぎだった"}
    assert clerk.post(f"{decision}/review", data=looked).status_code == 403
    colleague = signed_in(app, gate.users[1], now=gate.ladder.time.moment)
    assert "緊急の共有を、事後に確かめる" in colleague.get("/").text
    assert colleague.post(f"{decision}/review", data={"review-fit": "yes"}).status_code == 422
    assert colleague.post(f"{decision}/review", data=looked).status_code == 303
    assert colleague.post(f"{decision}/review", data=looked).status_code == 409
    assert "緊急の共有を、事後に確かめる" not in colleague.get("/").text


def test_a_lapse_waits_for_a_decision_on_its_list(gate, clerk, app):
    there = room(gate, f"/gate/{gate.ladder.id}{ASKED}")
    sent = clerk.post(there, data=typed(gate, clerk.get(there).text, until_on="2027-06-01"))
    assert "見直しが要る共有はありません" in words(clerk.get(room(gate, "/share-decisions/lapses")).text)
    gate.ladder.go(2027, 3, 1)
    later = signed_in(app, gate.users[0], now=gate.ladder.time.moment)
    listed = words(later.get(room(gate, "/share-decisions/lapses")).text)
    assert "判断待ち" in listed
    assert "1b従事者名簿の確認" in listed
    decision = sent.headers["Location"]
    assert later.post(f"{decision}/keep", data={"keep-reason": "必要", "keep-until_on": ""}).status_code == 422
    kept = {"keep-reason": "代わりがない", "keep-until_on": "2027-03-10"}
    assert later.post(f"{decision}/keep", data=kept).status_code == 303
    assert "判断待ち" not in words(later.get(room(gate, "/share-decisions/lapses")).text)
    assert later.post(f"{decision}/pause", data={"pause-reason": "確認"}).status_code == 303
    assert later.post(f"{decision}/pause", data={"pause-reason": "確認"}).status_code == 409
    assert "共有を止めている" in words(later.get(room(gate, "/share-decisions")).text)


@pytest.mark.parametrize("query", ["", "?data_class=D3", "?data_class=X&mode=oral&purpose=PU1", "?mode=%00&purpose=１"])
def test_an_address_that_asks_nothing_leads_back_to_the_question(gate, clerk, query):
    there = clerk.get(room(gate, f"/gate/{gate.ladder.id}{query}"))
    assert there.status_code == 303
    assert f"/municipalities/{gate.city.id}/gate" in there.headers["Location"]
