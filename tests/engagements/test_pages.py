"""The pages of engagements, places and notices, as both sides see them."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from partner_compliance.access import Role
from partner_compliance.accounts.models import User
from partner_compliance.engagements import operations, places
from partner_compliance.engagements.models import Place, PlaceNotice
from partner_compliance.library.shelf import Library
from tests.conftest import NOON, SetClock
from tests.engagements.conftest import Pair
from tests.engagements.test_places import facts
from tests.factories import Browser, a_municipality, an_engagement, an_officer_of, an_organization, signed_in, someone

Browse = Callable[[User], Browser]

PROPOSAL = {
    "title": "見守り強化事業", "basis": "outsourcing", "starts_on": "2026-11-01", "ends_on": "2027-03-31",
    "share_D3": ["oral", "paper_kept"], "council_category": "",
}  # fmt: skip
PLACE = {
    "kind": "both", "name": "本部事務室", "address": "みなと市東町1-2-3", "center": "", "is_lockable": "yes",
    "lock_method": "鍵付きの書庫", "key_holder": "センター長", "from_on": "2026-11-01",
}  # fmt: skip


@pytest.fixture
def browse(app: Flask, pair: Pair) -> Browse:
    """Signs people in; what the test itself has done is committed first."""

    def sign_in(user: User) -> Browser:
        pair.session.commit()
        return signed_in(app, user, now=NOON)  # type: ignore[return-value]

    return sign_in


def words_of(page: TestResponse) -> str:
    """The page without white space."""
    return re.sub(r"\s+", "", page.text)


# --- proposals --------------------------------------------------------------------------------------------------


def test_a_municipality_names_an_organization_by_its_code_and_sees_it_once_it_has_accepted(
    pair: Pair, browse: Browse
) -> None:
    officer, city = browse(pair.officer), browse(pair.city)
    partner = f"/municipalities/{pair.municipality.id}/partners/{pair.organization.id}"
    officer.post(f"/organizations/{pair.organization.id}/partner-code")
    code = re.search(
        r"いまの連携コード: </span>([2-9B-Z]{4}-[2-9B-Z]{4})",
        officer.get(f"/organizations/{pair.organization.id}/engagements").text,
    )
    assert code

    page = city.post(f"/municipalities/{pair.municipality.id}/engagements/new", data=PROPOSAL | {"code": code[1]})
    assert page.status_code == 303
    address = page.headers["Location"]
    assert city.get(partner).status_code == 404
    assert "承諾待ち" in city.get(address).text
    assert "みなと市からの提案に返事をする" in officer.get("/").text
    assert "みなと市からの提案に返事をする" in browse(pair.representative).get("/").text
    assert "提案に返事をする" not in browse(pair.head).get("/").text

    assert officer.post(f"{address}/acceptance", data={"number": "1"}).status_code == 303
    assert city.get(partner).status_code == 200
    assert "提案に返事をする" not in officer.get("/").text
    second = officer.post(f"{address}/acceptance", data={"number": "1"})
    assert second.status_code == 409
    assert "返事を待っている提案はありません" in second.text


def test_a_wrong_code_is_refused_the_typed_text_stays_and_guessing_is_stopped(
    pair: Pair, browse: Browse, time: SetClock
) -> None:
    city = browse(pair.city)
    address = f"/municipalities/{pair.municipality.id}/engagements/new"
    for _ in range(10):
        page = city.post(address, data=PROPOSAL | {"code": "2345-6789"})
        assert page.status_code == 422
        assert "この連携コードの団体は見つかりませんでした" in page.text
        assert "2345-6789" in page.text
    stopped = city.post(address, data=PROPOSAL | {"code": "2345-6789"})
    assert stopped.status_code == 429
    assert "1時間ほど" in stopped.text


def test_a_proposal_says_at_each_field_what_is_missing(pair: Pair, browse: Browse) -> None:
    city = browse(pair.city)
    address = f"/municipalities/{pair.municipality.id}/engagements/new"
    page = city.post(address, data={"title": "", "starts_on": "2026-02-30", "share_D9": ["oral"]})
    assert page.status_code == 422
    for words in (
        "事業の名前を入力してください",
        "日付を確かめてください",
        "終わりの日を入力してください",
        "根拠を1つ選んで",
    ):
        assert words in page.text
    an_engagement(pair.session, pair.municipality, pair.organization)
    pair.session.commit()
    chosen = PROPOSAL | {"partner": str(pair.organization.id)}
    refused = city.post(address, data=chosen | {"share_D9": ["oral"], "share_D8": ["file"]})
    assert refused.status_code == 422
    assert "犯罪事実確認記録は、このシステムでは扱いません" in refused.text
    assert "D8を共有する理由を入力してください" in refused.text
    both = city.post(address, data=chosen | {"code": "2345-6789"})
    assert "連携コードを空にしてください" in both.text
    neither = city.post(address, data=PROPOSAL)
    assert "団体を一覧から選ぶか、連携コードを入力してください" in neither.text


def test_only_those_with_whom_it_has_worked_can_be_chosen_by_name(pair: Pair, browse: Browse) -> None:
    past, unknown = an_organization(pair.session, "昔の団体"), an_organization(pair.session, "知らない団体")
    declined = an_organization(pair.session, "断った団体")
    an_engagement(pair.session, pair.municipality, past, ends_on=date(2026, 1, 1))
    an_engagement(pair.session, a_municipality(pair.session, "となり市"), unknown)
    an_engagement(pair.session, pair.municipality, declined, accepted_at=None)
    city = browse(pair.city)
    address = f"/municipalities/{pair.municipality.id}/engagements/new"
    page = city.get(address).text
    assert "昔の団体" in page
    assert "知らない団体" not in page
    assert "断った団体" not in page
    for organization in (unknown, declined):
        assert city.post(address, data=PROPOSAL | {"partner": str(organization.id)}).status_code == 422
    assert city.post(address, data=PROPOSAL | {"partner": str(past.id)}).status_code == 303


def test_declining_needs_a_reason_and_the_other_side_reads_it(pair: Pair, browse: Browse) -> None:
    engagement = pair.propose()
    representative, city = browse(pair.representative), browse(pair.city)
    empty = representative.post(f"/engagements/{engagement.id}/decline", data={"number": "1", "reason": ""})
    assert empty.status_code == 422
    assert "辞退するときは、理由を書いてください" in empty.text
    representative.post(f"/engagements/{engagement.id}/decline", data={"number": "1", "reason": "手が足りません。"})
    page = city.get(f"/engagements/{engagement.id}").text
    assert "辞退" in page
    assert "手が足りません。" in page


def test_a_change_shows_what_is_and_what_would_be(pair: Pair, browse: Browse) -> None:
    engagement = pair.engage()
    city, officer = browse(pair.city), browse(pair.officer)
    address = f"/engagements/{engagement.id}"
    form = city.get(f"{address}/change").text
    assert 'value="2027-03-31"' in form
    sent = PROPOSAL | {"ends_on": "2028-03-31", "reason": "1年延ばすため"}
    assert city.post(f"{address}/change", data=sent).status_code == 303
    page = words_of(officer.get(address))
    for words in ("承諾を待っている変更", "1年延ばすため", "令和9年3月31日", "令和10年3月31日", "D3（口頭・紙・保管）"):
        assert words in page
    assert city.get(f"{address}/change").status_code == 200
    assert city.post(f"{address}/change", data=sent).status_code == 409
    assert city.post(f"{address}/withdrawal").status_code == 303
    assert "承諾を待っている変更" not in words_of(officer.get(address))


def test_ending_early_closes_the_municipalitys_look_on_that_day(pair: Pair, browse: Browse, time: SetClock) -> None:
    engagement = pair.engage()
    city, officer = browse(pair.city), browse(pair.officer)
    partner = f"/municipalities/{pair.municipality.id}/partners/{pair.organization.id}"
    end = f"/engagements/{engagement.id}/end"
    for sent in ({"cancelled_on": "2026-11-15", "reason": "x"}, {"cancelled_on": "2026-11-17", "reason": ""}):
        assert officer.post(end, data=sent).status_code == 422
    assert officer.post(end, data={"cancelled_on": "2026-11-17", "reason": "団体の解散のため"}).status_code == 303
    assert city.get(partner).status_code == 200
    time.tokyo(2026, 11, 17, 0, 1)
    city = signed_in(city.application, pair.city, now=time.moment)
    assert city.get(partner).status_code == 404
    page = city.get(f"/engagements/{engagement.id}")
    assert page.status_code == 200
    assert "団体の解散のため" in page.text


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 200),
        ({"starts_on": date(2026, 11, 17)}, 404),
        ({"ends_on": date(2026, 11, 15)}, 404),
        ({"cancelled_on": date(2026, 11, 16)}, 404),
        ({"accepted_at": None}, 404),
    ],
)
def test_the_partners_page_is_there_only_while_an_engagement_holds(
    pair: Pair, browse: Browse, changed: dict[str, object], status: int
) -> None:
    """C03."""
    engagement = an_engagement(pair.session, pair.municipality, pair.organization, **changed)  # type: ignore[arg-type]
    neighbour = an_officer_of(pair.session, a_municipality(pair.session, "となり市"))
    city, other = browse(pair.city), browse(neighbour)
    partners = f"/municipalities/{pair.municipality.id}/partners"
    assert city.get(f"{partners}/{pair.organization.id}").status_code == status
    assert ("はまかぜ" in city.get(partners).text) is (status == 200)
    assert ("はまかぜ" in city.get(f"{partners}.csv").text) is (status == 200)
    assert other.get(f"{partners}/{pair.organization.id}").status_code == 404
    # The engagement itself is the municipality's own paper; nobody else reaches it.
    assert city.get(f"/engagements/{engagement.id}").status_code == 200
    assert other.get(f"/engagements/{engagement.id}").status_code == 404


# --- clauses ----------------------------------------------------------------------------------------------------


def test_clauses_are_recorded_by_the_municipality_and_read_by_the_organization(
    pair: Pair, browse: Browse, library: Library
) -> None:
    engagement = pair.engage()
    city, head = browse(pair.city), browse(pair.head)
    address = f"/engagements/{engagement.id}/clauses"
    empty = city.post(f"{address}/record", data={"based_on": "0"})
    assert empty.status_code == 422
    assert "1つ以上" in empty.text
    sent = {"based_on": "0", "clause-take-out": "designated-places", "clause-backups": "none", "note": "特記事項 別紙1"}
    assert city.post(f"{address}/record", data=sent).status_code == 303
    page = head.get(address).text
    for words in ("決められた場所の間だけできる", "定めていない", "記録なし", "特記事項 別紙1"):
        assert words in page
    assert head.get(f"{address}/record").status_code == 403
    stale = city.post(f"{address}/record", data=sent | {"clause-take-out": "forbidden"})
    assert stale.status_code == 409
    assert "ほかの方が内容を変えました" in stale.text
    assert (
        city.post(f"{address}/record", data=sent | {"based_on": "1", "clause-take-out": "forbidden"}).status_code == 303
    )
    assert "前の記録: 決められた場所の間だけできる" in head.get(address).text
    unknown = city.post(f"{address}/record", data=sent | {"based_on": "2", "clause-take-out": "sometimes"})
    assert unknown.status_code == 422


# --- places and notices -----------------------------------------------------------------------------------------


def test_a_place_is_registered_told_received_changed_and_closed(pair: Pair, browse: Browse) -> None:
    engagement = pair.engage()
    officer, city = browse(pair.officer), browse(pair.city)
    sent = PLACE | {"engagements": [str(engagement.id)]}
    wrong = officer.post(f"/organizations/{pair.organization.id}/places/new", data=sent | {"is_lockable": "no"})
    assert wrong.status_code == 422
    assert "鍵のかかるところにしてください" in wrong.text
    made = officer.post(f"/organizations/{pair.organization.id}/places/new", data=sent)
    assert made.status_code == 303
    place = officer.get(made.headers["Location"])
    assert "自治体への届も作りました" in place.text
    assert "作業場所・保管場所の届が1件届いています" in city.get("/").text

    [notice] = pair.session.scalars(select(PlaceNotice))
    page = city.get(f"/place-notices/{notice.id}")
    assert "みなと市東町1-2-3" in page.text
    assert city.get(f"/place-notices/{notice.id}/notice.pdf").data.startswith(b"%PDF")
    assert city.post(f"/place-notices/{notice.id}/answer", data={"kind": "received"}).status_code == 303
    assert city.post(f"/place-notices/{notice.id}/answer", data={"kind": "received"}).status_code == 409
    assert "受け取り済み" in officer.get(f"/organizations/{pair.organization.id}/place-notices").text

    changed = sent | {
        "address": "みなと市西町4-5-6",
        "effective_on": "2026-12-01",
        "reason": "引っ越し",
        "based_on": "1",
    }
    address = made.headers["Location"]
    assert officer.post(f"{address}/change", data=changed | {"reason": ""}).status_code == 422
    assert officer.post(f"{address}/change", data=changed).status_code == 303
    assert officer.post(f"{address}/change", data=changed).status_code == 409
    closing = {"until_on": "2026-12-31", "reason": "閉所", "based_on": "2"}
    assert officer.post(f"{address}/closure", data=closing | {"until_on": "2026-10-01"}).status_code == 422
    assert officer.post(f"{address}/closure", data=closing).status_code == 303
    listed = city.get(f"/municipalities/{pair.municipality.id}/place-notices").text
    for words in ("変更届", "廃止届", "未確認"):
        assert words in listed


def test_refusing_an_approval_needs_a_reason(pair: Pair, browse: Browse, library: Library) -> None:
    engagement = pair.engage()
    operations.record_clauses(
        pair.session, engagement, library.clauses_for("2026-11"), {"work-places": "approval"}, based_on=0,
        by=pair.by_city, now=NOON,
    )  # fmt: skip
    places.add_place(pair.session, pair.organization, facts(engagement), by=pair.by_officer, now=NOON)
    [notice] = pair.session.scalars(select(PlaceNotice))
    city, officer = browse(pair.city), browse(pair.officer)
    assert "自治体の承認を待っています" in officer.get(f"/place-notices/{notice.id}").text
    for kind in ("received", "", "perhaps"):
        assert city.post(f"/place-notices/{notice.id}/answer", data={"kind": kind}).status_code == 422
    empty = city.post(f"/place-notices/{notice.id}/answer", data={"kind": "refused", "reason": ""})
    assert empty.status_code == 422
    assert "理由を入力してください" in empty.text
    sent = {"kind": "refused", "reason": "鍵が不十分です。"}
    assert city.post(f"/place-notices/{notice.id}/answer", data=sent).status_code == 303
    assert "鍵が不十分です。" in officer.get(f"/place-notices/{notice.id}").text


def test_a_municipality_sees_only_places_and_notices_of_its_own_engagements(pair: Pair, browse: Browse) -> None:
    neighbour = a_municipality(pair.session, "となり市")
    own, theirs = pair.engage(), an_engagement(pair.session, neighbour, pair.organization)
    for engagement, name in ((own, "本部事務室"), (theirs, "となりの分室")):
        places.add_place(pair.session, pair.organization, facts(engagement, name=name), by=pair.by_officer, now=NOON)
    city = browse(pair.city)
    room = f"/municipalities/{pair.municipality.id}"
    for address in (f"/engagements/{own.id}", f"{room}/place-notices", f"{room}/engagements", "/"):
        page = city.get(address)
        assert page.status_code == 200
        assert "となりの分室" not in page.text
    assert "本部事務室" in city.get(f"/engagements/{own.id}").text
    foreign = pair.session.scalars(select(PlaceNotice).where(PlaceNotice.engagement_id == theirs.id)).one()
    assert city.get(f"/place-notices/{foreign.id}").status_code == 404
    assert city.get(f"/engagements/{theirs.id}").status_code == 404
    some = pair.session.scalars(select(Place)).first()
    assert some is not None
    assert city.get(f"/places/{some.id}").status_code == 404


def test_when_it_is_over_the_municipality_keeps_its_notices_but_no_longer_sees_the_places(
    pair: Pair, browse: Browse, time: SetClock
) -> None:
    engagement = pair.engage(ends_on=date(2026, 11, 20))
    places.add_place(
        pair.session, pair.organization, facts(engagement, lock_method="黒い金庫"), by=pair.by_officer, now=NOON
    )
    [notice] = pair.session.scalars(select(PlaceNotice))
    pair.session.commit()
    time.set(NOON + timedelta(days=6))
    city = signed_in(browse(pair.city).application, pair.city, now=time.moment)
    page = city.get(f"/engagements/{engagement.id}").text
    assert "有効な間だけ表示します" in page
    assert "黒い金庫" not in page
    assert "黒い金庫" in city.get(f"/place-notices/{notice.id}").text


def test_a_person_may_stand_on_both_sides(pair: Pair, browse: Browse) -> None:
    """Somebody who works for the municipality and volunteers as a head reads as both, and answers as neither."""
    from partner_compliance.accounts import operations as accounts
    from partner_compliance.acts import SYSTEM

    engagement = pair.propose()
    user, _ = someone(pair.session, pair.center, Role.CENTER_HEAD, name="両 方")
    accounts.grant_municipality_role(pair.session, user, pair.municipality.id, by=SYSTEM, now=NOON)
    both = browse(user)
    assert both.get(f"/engagements/{engagement.id}").status_code == 200
    assert both.post(f"/engagements/{engagement.id}/acceptance", data={"number": "1"}).status_code == 403


def test_the_assignment_offers_the_organizations_own_centers(pair: Pair, browse: Browse) -> None:
    engagement = pair.engage()
    officer, city = browse(pair.officer), browse(pair.city)
    address = f"/engagements/{engagement.id}"
    sent = {"centers": [str(pair.center.id)], "posts": ["center_head", "security_manager"], "project": ""}
    assert officer.post(f"{address}/assignment", data=sent).status_code == 303
    assert officer.post(f"{address}/assignment", data=sent).status_code == 409
    page = city.get(address).text
    assert "本部" in page
    assert "センター長、情報セキュリティ管理者" in page
    assert officer.post(f"{address}/assignment", data={"centers": ["x"]}).status_code == 422


def test_what_was_typed_comes_back_after_the_sign_in_ran_out(pair: Pair, browse: Browse, time: SetClock) -> None:
    city = browse(pair.city)
    address = f"/municipalities/{pair.municipality.id}/engagements/new"
    city.get(address)
    time.set(NOON + timedelta(hours=2))
    assert city.post(address, data=PROPOSAL | {"code": "2345-6789"}).status_code in (302, 303)
    again = signed_in(city.application, pair.city, now=time.moment)
    page = again.get(address).text
    assert 'value="見守り強化事業"' in page
    assert re.search(r'value="paper_kept"[^>]*checked|checked[^>]*value="paper_kept"', page)


def test_lists_can_be_narrowed_and_state_the_last_day(pair: Pair, browse: Browse) -> None:
    pair.propose(title="承諾待ちの事業")
    an_engagement(
        pair.session, pair.municipality, pair.organization, ends_on=date(2026, 12, 31)
    ).title = "年末までの事業"
    an_engagement(pair.session, pair.municipality, pair.organization, ends_on=date(2026, 1, 1)).title = "終わった事業"
    city = browse(pair.city)
    room = f"/municipalities/{pair.municipality.id}/engagements"
    names = ("承諾待ちの事業", "年末までの事業", "終わった事業")
    shown = {
        choice: {name for name in names if name in city.get(f"{room}?show={choice}").text}
        for choice in ("open", "waiting", "ending", "over", "nonsense")
    }  # fmt: skip
    assert shown == {
        "open": {"承諾待ちの事業", "年末までの事業"}, "waiting": {"承諾待ちの事業"}, "ending": {"年末までの事業"},
        "over": {"終わった事業"}, "nonsense": {"承諾待ちの事業", "年末までの事業"},
    }  # fmt: skip
    assert "1件の連携関係が、60日以内に終わります" in city.get("/").text
    assert "まもなく終わります" in browse(pair.officer).get("/").text
