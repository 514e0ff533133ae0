"""Inspections: when one can be opened, what it shows to whom and until when, and who sees that."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, select

from partner_compliance.errors import NotAllowed, WrongEntry
from partner_compliance.history.verification import verify_all
from partner_compliance.inspections import exchanges, operations, queries
from partner_compliance.inspections.models import Inspection, InspectionClosing, InspectionView
from partner_compliance.inspections.words import InspectionState, RecordKind
from partner_compliance.library.checklists import Answer
from partner_compliance.library.pledges import Occasion
from partner_compliance.models import LOGGED_CONTENTS
from partner_compliance.organizations.models import Worker
from partner_compliance.pledges import operations as pledges
from partner_compliance.pledges.queries import Asked, ToldOf
from partner_compliance.pledges.words import Told
from partner_compliance.receipts import operations as receipts
from partner_compliance.receipts.words import Direction, Side
from partner_compliance.sheets import operations as sheets
from partner_compliance.sheets.models import CheckSheet, ExcuseReason
from partner_compliance.takeouts import operations as take_outs
from partner_compliance.takeouts.models import TakeOut
from tests.factories import a_municipality, all_fine, an_engagement, an_officer_of, principal_of, signed_in
from tests.inspections.conftest import REASON, TODAY, Scene
from tests.taken_out import ALL_CHECKS, RECORDS, some_facts
from tests.test_query_counts import how_many
from tests.trained import taken

LISTS = ("roster", "sheets", "take-outs", "receipts", "pledges", "courses")
NAME = "南 花子"


# --- opening ----------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_an_inspection_opens_for_its_time_and_everything_is_bound_by_the_log(scene: Scene) -> None:
    session = scene.house.session
    key = uuid4()
    made = scene.open(request_key=key)
    assert scene.open(request_key=key).id == made.id
    standing = queries.standing_of(session, made, today=TODAY)
    assert standing.state(TODAY) is InspectionState.OPEN
    assert standing.state(date(2026, 12, 18)) is InspectionState.OPEN
    assert standing.state(date(2026, 12, 19)) is InspectionState.LAPSED
    operations.record_view(session, made, RecordKind.ROSTER, about="1ページ目", by=scene.city, now=scene.time.moment)
    finding = scene.find(made)
    scene.answer(finding)
    of_city = queries.Asked(municipality_id=scene.municipality.id)
    assert [each.inspection.id for each in queries.inspections(session, of_city, today=TODAY, limit=9)] == [made.id]
    assert [each.name for each in queries.findings_of(session, made)] == ["指摘1"]
    operations.close(session, made, summary="おおむね適切です。", by=scene.city, now=scene.time.moment)
    session.commit()
    assert queries.standing_of(session, made, today=TODAY).state(TODAY) is InspectionState.CLOSED
    with pytest.raises(operations.AlreadyClosed):
        operations.close(session, made, summary="もう一度", by=scene.city, now=scene.time.moment)
    assert all(verdict.ok for verdict in verify_all(session, LOGGED_CONTENTS))


@pytest.mark.parametrize(
    ("field", "changed", "said"),
    [
        ("reason", {"reason": ""}, "理由を入力"),
        ("until_month", {"until_month": "2026-12"}, "まだ来ていない月"),
        ("from_month", {"from_month": "2027-01", "until_month": "2027-02"}, "まだ来ていない月"),
        ("until_month", {"from_month": "2026-11", "until_month": "2026-10"}, "後の月"),
        ("from_month", {"from_month": "2024-11"}, "24か月まで"),
        ("from_month", {"from_month": "去年"}, "月を選んで"),
        ("open_until_on", {"open_until_on": None}, "最後の日を入力"),
        ("open_until_on", {"open_until_on": TODAY - timedelta(days=1)}, "今日か、それより後"),
        ("open_until_on", {"open_until_on": TODAY + timedelta(days=91)}, "90日先"),
    ],
)
def test_what_cannot_be_is_refused_in_words_at_its_field(
    scene: Scene, field: str, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(WrongEntry, match=said) as refused:
        scene.open(**changed)
    assert refused.value.field == field
    assert scene.house.session.scalar(select(func.count()).select_from(Inspection)) == 0


def test_the_longest_period_and_the_latest_day_are_allowed(scene: Scene) -> None:
    made = scene.open(from_month="2024-12", open_until_on=TODAY + timedelta(days=90))
    assert queries.standing_of(scene.house.session, made, today=TODAY).is_readable(TODAY)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"starts_on": TODAY + timedelta(days=1)}, "令和8年11月28日に始まります"),
        ({"ends_on": TODAY - timedelta(days=1)}, "令和8年11月26日に終わっています"),
        ({"cancelled_on": TODAY}, "令和8年11月26日に終わっています"),
        ({"accepted_at": None}, "連携関係がない"),
    ],
)
def test_without_an_engagement_today_nothing_is_opened_asked_or_objected_to(
    scene: Scene, changed: dict[str, Any], said: str
) -> None:
    for name, value in changed.items():
        setattr(scene.engagement, name, value)
    scene.house.session.commit()
    for act in (scene.open, scene.ask, scene.object):
        with pytest.raises(operations.NotEngaged, match=said):
            act()


def test_one_inspection_of_a_partner_at_a_time_for_each_municipality(scene: Scene) -> None:
    first = scene.open()
    with pytest.raises(operations.AlreadyOpen):
        scene.open()
    other = a_municipality(scene.house.session, "となり市")
    an_engagement(scene.house.session, other, scene.house.organization)
    officer = principal_of(scene.house.session, an_officer_of(scene.house.session, other))
    scene.open(municipality=other, by=officer)
    scene.time.tokyo(2026, 12, 25, 9)  # over, but without its summary
    with pytest.raises(operations.AlreadyOpen):
        scene.open(open_until_on=date(2027, 1, 15))
    operations.close(scene.house.session, first, summary="終わり", by=scene.city, now=scene.time.moment)
    assert scene.open(open_until_on=date(2027, 1, 15)).id != first.id


def test_nobody_else_opens_or_closes(scene: Scene) -> None:
    made = scene.open()
    for nobody in (scene.house.officer.principal, scene.house.representative.principal):
        with pytest.raises(NotAllowed):
            scene.open(by=nobody)
        with pytest.raises(NotAllowed):
            operations.close(scene.house.session, made, summary="x", by=nobody, now=scene.time.moment)


# --- records ----------------------------------------------------------------------------------------------------


@pytest.fixture
def records(scene: Scene) -> dict[str, UUID]:
    """One of everything, this month, of the worker; and what another municipality handed over."""
    house, now = scene.house, scene.time.moment
    session, worker, officer = house.session, house.worker.worker, house.officer.principal
    filled = all_fine(house.checklist, item_1_2=(Answer.NOT_OK, "鍵を借りられませんでした"))
    sheet = house.sheet_of(worker)
    sheets.submit(session, sheet, house.checklist, filled, by=house.worker.principal, now=now)
    sheets.sign_off(session, sheet, version_number=1, by=house.head.principal, now=now)
    excused = house.sheet_of(house.volunteer)
    sheets.excuse(session, excused, reason=ExcuseReason.LEAVE, text="入院のため", by=house.head.principal, now=now)
    facts = some_facts(now + timedelta(hours=1))
    by = house.worker.principal
    take_out = take_outs.ask(session, worker, facts, by=by, now=now, request_key=uuid4())
    take_outs.permit(session, take_out, comment="気をつけて", by=house.head.principal, now=now)
    take_outs.depart(session, take_out, count=3, checks=ALL_CHECKS, comment="", by=by, now=now)
    handed = receipts.Facts(Direction.INSIDE, TODAY, "引き継ぎ", [RECORDS], giver=house.officer.worker, receiver=worker)
    receipts.write(session, house.organization, handed, side=Side.GIVER, by=officer, now=now, request_key=uuid4())
    other = a_municipality(session, "となり市")
    theirs = an_engagement(session, other, house.organization)
    foreign = receipts.Facts(
        Direction.FROM_MUNICIPALITY, TODAY, "となり市の仕事", [replace(RECORDS, description="となり市の名簿")],
        receiver=house.officer.worker, engagement=theirs,
    )  # fmt: skip
    receipts.write(session, house.organization, foreign, side=Side.RECEIVER, by=officer, now=now, request_key=uuid4())
    told = ToldOf(TODAY, Told.GROUP, "西 守")
    for asked in (Asked(Occasion.ANNUAL), Asked(Occasion.ENGAGEMENT, theirs)):
        pledges.enter_paper(
            session, house.library, worker, asked, pledges.Paper(TODAY, uuid4(), told, None), by=officer, now=now
        )
    taken(session, house.library, worker, by=by, now=now, wrong=1)
    session.commit()
    return {"sheet": sheet.id, "excused": excused.id, "take_out": take_out.id}


def addresses(inspection: Inspection, records: dict[str, UUID]) -> Iterator[str]:
    base = f"/inspections/{inspection.id}"
    yield from (f"{base}/{each}" for each in LISTS)
    yield f"{base}/sheets/{records['sheet']}"
    yield f"{base}/take-outs/{records['take_out']}"


def test_an_open_inspection_shows_the_records_of_its_period(app: Flask, scene: Scene, records: dict[str, UUID]) -> None:
    inspection = scene.open()
    city = scene.browser(app)
    seen = {address.rsplit("/", 1)[-1]: city.get(address) for address in addresses(inspection, records)}
    for name, page in seen.items():
        assert page.status_code == 200, name
        assert NAME in page.text, name
        assert "調査のため、個人の記録を見ています" in page.text, name
    sheet = seen[str(records["sheet"])].text
    assert "鍵を借りられませんでした" in sheet
    assert "東 京子さん（センター長）" in sheet
    assert "気をつけて" in seen[str(records["take_out"])].text
    assert "2026年版" in seen["pledges"].text
    assert "修了" in seen["courses"].text
    # What belongs to another municipality stays out, and so does why somebody is on leave.
    assert "となり市" not in seen["receipts"].text + seen["pledges"].text
    assert "事業ごと" not in seen["pledges"].text
    excused = city.get(f"/inspections/{inspection.id}/sheets/{records['excused']}")
    assert "休職" in excused.text
    assert "入院" not in excused.text


def test_every_look_is_kept_and_both_the_partner_and_the_worker_see_it(
    app: Flask, scene: Scene, records: dict[str, UUID]
) -> None:
    inspection, session = scene.open(), scene.house.session
    city = scene.browser(app)
    for address in addresses(inspection, records):
        city.get(address)
    session.rollback()
    views = session.scalars(select(InspectionView).order_by(InspectionView.at)).all()
    assert {view.kind for view in views} == set(RecordKind)
    assert len(views) == len(RecordKind)
    of_worker = {view.kind: view.object_id for view in views if view.subject_id == scene.house.worker.worker.id}
    assert of_worker == {RecordKind.SHEET: records["sheet"], RecordKind.TAKE_OUT: records["take_out"]}
    for person in (scene.house.officer, scene.house.representative):
        partner = scene.browser(app, person.user)
        looks = partner.get(f"/inspections/{inspection.id}/views").text
        for kind in RecordKind:
            assert kind.label in looks
        assert "市役所 太郎" in looks
        assert NAME in looks
        home = partner.get("/").text
        assert "みなと市の調査が開かれています" in home
        notice = partner.get(f"/inspections/{inspection.id}").text
        for words in (REASON, "2026年10月から2026年11月", "市役所 太郎", "令和8年12月18日"):
            assert words in notice, words
    own = scene.browser(app, scene.house.worker.user).get("/my/views").text
    assert "調査で、個人の記録を閲覧しました（みなと市の調査、チェックシート）" in own
    assert "みなと市の調査、従事者名簿" in own
    assert all(verdict.ok for verdict in verify_all(session, LOGGED_CONTENTS))


def test_a_look_that_was_refused_leaves_no_view(app: Flask, scene: Scene, records: dict[str, UUID]) -> None:
    inspection = scene.open(from_month="2026-09", until_month="2026-10")
    for address in list(addresses(inspection, records))[6:]:
        assert scene.browser(app).get(address).status_code == 404
    scene.house.session.rollback()
    assert scene.house.session.scalar(select(func.count()).select_from(InspectionView)) == 0


def test_rows_outside_the_period_do_not_exist(app: Flask, scene: Scene, records: dict[str, UUID]) -> None:
    inspection = scene.open(from_month="2026-09", until_month="2026-10")
    city, base = scene.browser(app), f"/inspections/{inspection.id}"
    for name in ("sheets", "take-outs", "receipts", "pledges", "courses"):
        page = city.get(f"{base}/{name}")
        assert page.status_code == 200
        assert NAME not in page.text, name
    assert city.get(f"{base}/sheets?month=2026-11").status_code == 404
    assert city.get(f"{base}/sheets/{records['sheet']}").status_code == 404
    assert city.get(f"{base}/take-outs/{records['take_out']}").status_code == 404
    assert city.get(f"{base}/sheets/{uuid4()}").status_code == 404


def test_who_left_before_or_came_after_the_period_is_not_on_its_roster(app: Flask, scene: Scene) -> None:
    session, worker = scene.house.session, scene.house.volunteer
    worker.joined_on, worker.left_on = date(2026, 9, 1), date(2026, 9, 30)
    session.commit()
    inspection = scene.open(from_month="2026-10")
    roster = f"/inspections/{inspection.id}/roster"
    assert worker.name not in scene.browser(app).get(roster).text
    worker.left_on = date(2026, 10, 1)
    session.commit()
    assert worker.name in scene.browser(app).get(roster).text


def test_before_opening_and_after_its_end_no_record_exists(app: Flask, scene: Scene, records: dict[str, UUID]) -> None:
    session, city = scene.house.session, scene.browser(app)
    for address in (f"/sheets/{records['sheet']}", f"/take-outs/{records['take_out']}"):
        assert city.get(address).status_code == 404
    assert city.get(f"/inspections/{uuid4()}/sheets/{records['sheet']}").status_code == 404
    inspection = scene.open()
    wanted = list(addresses(inspection, records))

    def statuses() -> set[int]:
        return {scene.browser(app).get(address).status_code for address in wanted}

    assert statuses() == {200}
    scene.time.tokyo(2026, 12, 18, 23, 59)
    assert statuses() == {200}
    scene.time.tokyo(2026, 12, 19, 0, 0)
    assert statuses() == {404}
    scene.time.tokyo(2026, 11, 28, 9)
    scene.engagement.cancelled_on = date(2026, 11, 28)
    session.commit()
    assert statuses() == {404}
    paper = scene.browser(app).get(f"/inspections/{inspection.id}")
    assert paper.status_code == 200
    assert "連携関係が終わりました" in paper.text
    scene.engagement.cancelled_on = None
    session.commit()
    assert statuses() == {200}
    operations.close(session, inspection, summary="終わりました。", by=scene.city, now=scene.time.moment)
    session.commit()
    assert statuses() == {404}
    assert scene.browser(app).get(f"/inspections/{inspection.id}").status_code == 200


def test_another_municipality_and_the_partner_itself_never_read_through_it(
    app: Flask, scene: Scene, records: dict[str, UUID]
) -> None:
    session = scene.house.session
    other = a_municipality(session, "よその市")
    an_engagement(session, other, scene.house.organization)
    stranger = an_officer_of(session, other)
    session.commit()
    inspection = scene.open()
    for address in [*addresses(inspection, records), f"/inspections/{inspection.id}"]:
        assert signed_in(app, stranger, now=scene.time.moment).get(address).status_code == 404
    for person in (scene.house.officer, scene.house.worker, scene.house.head):
        for address in addresses(inspection, records):
            assert scene.browser(app, person.user).get(address).status_code == 403
    session.rollback()
    assert session.scalar(select(func.count()).select_from(InspectionView)) == 0


def test_records_of_another_organization_do_not_show_through_an_inspection(
    app: Flask, scene: Scene, records: dict[str, UUID]
) -> None:
    from tests.factories import a_center, an_organization, someone

    session = scene.house.session
    elsewhere = an_organization(session, "NPO法人 よそ", first_month="2026-11")
    user, worker = someone(session, a_center(session, elsewhere), name="よその 人")
    an_engagement(session, scene.municipality, elsewhere)
    sheets.open_months(session, scene.house.library, now=scene.time.moment)
    row = take_outs.ask(
        session, worker, some_facts(scene.time.moment + timedelta(hours=1)), by=principal_of(session, user),
        now=scene.time.moment, request_key=uuid4(),
    )  # fmt: skip
    session.commit()
    sheet = session.scalars(select(CheckSheet).where(CheckSheet.worker_id == worker.id)).one()
    inspection = scene.open()
    city = scene.browser(app)
    assert city.get(f"/inspections/{inspection.id}/sheets/{sheet.id}").status_code == 404
    assert city.get(f"/inspections/{inspection.id}/take-outs/{row.id}").status_code == 404
    for each in LISTS:
        assert "よその 人" not in city.get(f"/inspections/{inspection.id}/{each}").text
    assert session.scalar(select(func.count()).select_from(TakeOut)) == 2


def test_a_draft_stays_with_who_writes_it(app: Flask, scene: Scene) -> None:
    house = scene.house
    sheet = house.sheet_of(house.worker.worker)
    filled = all_fine(house.checklist, item_1_2=(Answer.NOT_OK, "書きかけの言葉"))
    sheets.save_draft(house.session, sheet, filled, by=house.worker.principal, based_on=0, now=scene.time.moment)
    house.session.commit()
    inspection = scene.open()
    for address in ("sheets", f"sheets/{sheet.id}"):
        page = scene.browser(app).get(f"/inspections/{inspection.id}/{address}").text
        assert "書きかけ" not in page
        assert "下書き" not in page
        assert "未着手" in page


# --- names ------------------------------------------------------------------------------------------------------


def test_no_name_stands_outside_of_the_pages_of_records(app: Flask, scene: Scene, records: dict[str, UUID]) -> None:
    session = scene.house.session
    names = [each for each in session.scalars(select(Worker.name)) if each not in ("西 守", "北 代表", "東 京子")]
    inspection = scene.open()
    finding, request, objection = scene.find(inspection), scene.ask(), scene.object()
    city = scene.browser(app)
    for address in addresses(inspection, records):
        city.get(address)
    scene.answer(finding)
    operations.close(session, inspection, summary="おおむね適切です。", by=scene.city, now=scene.time.moment)
    session.commit()
    outside = [
        f"/inspections/{inspection.id}", f"/municipalities/{scene.municipality.id}/inspections",
        f"/demands/{finding.id}", f"/demands/{finding.id}/decision", f"/demands/{request.id}",
        f"/objections/{objection.id}", f"/municipalities/{scene.municipality.id}/history", "/",
    ]  # fmt: skip
    for address in outside:
        page = city.get(address)
        assert page.status_code == 200, address
        for name in names:
            assert name not in page.text, (address, name)
    assert city.get(f"/inspections/{inspection.id}/views").status_code == 403


@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        ("南 花子が台帳に書いていません", True),
        ("南　花子の記録", True),
        ("南花子さんの記録", True),
        ("南花子氏", True),
        ("南花子供会の記録", False),
        ("職員1人の記録", False),
    ],
)
def test_findings_and_answers_name_nobody(scene: Scene, text: str, is_refused: bool) -> None:
    inspection = scene.open()
    if not is_refused:
        scene.find(inspection, what=text)
        return
    with pytest.raises(WrongEntry, match="南 花子") as refused:
        scene.find(inspection, what=text)
    assert refused.value.field == "what"
    finding = scene.find(inspection)
    with pytest.raises(WrongEntry):
        scene.answer(finding, evidence=text)
    with pytest.raises(WrongEntry):
        operations.close(scene.house.session, inspection, summary=text, by=scene.city, now=scene.time.moment)


def test_outside_of_an_inspection_a_refusal_tells_nobody_who_is_on_the_roster(scene: Scene) -> None:
    """A municipality that types names into requests must not learn from it which of them work there."""
    request, objection = scene.ask(what="南 花子さんの研修"), scene.object()
    said: dict[str, Any] = {"by": scene.city, "now": scene.time.moment}
    exchanges.answer_objection(scene.house.session, objection, text="南 花子さんの件", decided_on=TODAY, **said)
    exchanges.withdraw(scene.house.session, request, text="南 花子さんの件", seen=0, **said)
    scene.open(reason="南 花子さんの件")


# --- the result -------------------------------------------------------------------------------------------------


def test_the_result_on_paper_says_what_was_found_and_names_no_worker(
    app: Flask, scene: Scene, records: dict[str, UUID]
) -> None:
    session, inspection = scene.house.session, scene.open()
    city = scene.browser(app)
    for address in addresses(inspection, records):
        city.get(address)
    session.rollback()
    finding = scene.find(inspection, criterion="3a")
    scene.answer(finding)
    assert city.get(f"/inspections/{inspection.id}/pdf").status_code == 404
    operations.close(session, inspection, summary="おおむね適切です。\n鍵の台帳を直してください。", by=scene.city,
                     now=scene.time.moment)  # fmt: skip
    session.commit()
    for reader in (scene.user, scene.house.officer.user):
        answer = scene.browser(app, reader).get(f"/inspections/{inspection.id}/pdf")
        said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
        for words in (
            "調査結果の通知", "NPO法人 はまかぜ", "みなと市", REASON, "令和8年10月から令和8年11月まで",
            "おおむね適切です。",
            "鍵の台帳に記入がない日が3日あります。", "特記事項 第5", "準備度の基準 3a", "台帳の様式を直しました。",
            "TO-0123456789", "自治体の確認待ち", "チェックシート 1回",
        ):  # fmt: skip
            assert words in said, words
        for name in session.scalars(select(Worker.name)):
            assert name not in said, name


def test_pages_take_as_many_statements_for_many_as_for_few(app: Flask, scene: Scene, records: dict[str, UUID]) -> None:
    inspection = scene.open()
    base, organization = f"/inspections/{inspection.id}", scene.house.organization
    asked = [*addresses(inspection, records), f"/municipalities/{scene.municipality.id}/inspections?show=demands", base]
    few = {address: how_many(app, scene.user, address) for address in asked}
    looks = how_many(app, scene.house.officer.user, f"{base}/views")
    home = how_many(app, scene.house.officer.user, "/")
    _more(scene, inspection)
    assert {address: how_many(app, scene.user, address) for address in asked} == few
    assert how_many(app, scene.house.officer.user, f"{base}/views") == looks
    assert how_many(app, scene.house.officer.user, "/") == home
    assert organization is not None


def _more(scene: Scene, inspection: Inspection) -> None:
    from tests.factories import a_worker

    house, now = scene.house, scene.time.moment
    for number in range(8):
        worker = a_worker(house.session, house.center, f"従事 者{number}")
        facts = some_facts(now + timedelta(hours=2), description=f"記録 {number}")
        take_outs.ask(house.session, worker, facts, by=house.head.principal, now=now, request_key=uuid4())
        handed = receipts.Facts(
            Direction.INSIDE, TODAY, "引き継ぎ", [RECORDS], giver=house.officer.worker, receiver=worker
        )
        receipts.write(house.session, house.organization, handed, side=Side.GIVER, by=house.officer.principal, now=now,
                       request_key=uuid4())  # fmt: skip
        pledges.enter_paper(
            house.session, house.library, worker, Asked(Occasion.ANNUAL),
            pledges.Paper(TODAY, uuid4(), ToldOf(TODAY, Told.GROUP, "西 守"), None), by=house.officer.principal,
            now=now,
        )  # fmt: skip
        scene.find(inspection, what=f"指摘 {number}")
    sheets.open_months(house.session, house.library, now=now)
    house.session.commit()


# --- pages of opening and closing -------------------------------------------------------------------------------


def opening(scene: Scene, **changed: str) -> dict[str, str]:
    given = {
        "organization": str(scene.house.organization.id), "reason": REASON, "from_month": "2026-10",
        "until_month": "2026-11", "open_until_on": "2026-12-18", "request_key": str(uuid4()),
    }  # fmt: skip
    return given | changed


def test_an_officer_opens_on_the_page_and_sending_twice_makes_one(app: Flask, scene: Scene) -> None:
    city, address = scene.browser(app), f"/municipalities/{scene.municipality.id}/inspections/new"
    assert "NPO法人 はまかぜ" in city.get(address).text
    sent = opening(scene)
    first, second = city.post(address, data=sent), city.post(address, data=sent)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    third = city.post(address, data=opening(scene))
    assert third.status_code == 409
    assert "まだ終了していない調査があります" in third.text
    assert REASON in third.text


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"until_month": "2026-12"}, 422, "まだ来ていない月"),
        ({"open_until_on": "2026-11-26"}, 422, "今日か、それより後"),
        ({"open_until_on": "あした"}, 422, "日付を確かめて"),
        ({"organization": ""}, 422, "団体を選んで"),
        ({"organization": "x"}, 422, "団体を選んで"),
        ({"organization": str(uuid4())}, 409, "連携関係がない"),
        ({"reason": ""}, 422, "理由を入力"),
        ({"reason": "あ" * 1001}, 422, "1000文字以内"),
    ],
)
def test_a_refused_opening_says_why_and_keeps_what_was_typed(
    app: Flask, scene: Scene, changed: dict[str, str], status: int, said: str
) -> None:
    sent = opening(scene, **changed)
    page = scene.browser(app).post(f"/municipalities/{scene.municipality.id}/inspections/new", data=sent)
    assert page.status_code == status
    assert said in page.text
    assert sent["reason"] in page.text
    scene.house.session.rollback()
    assert scene.house.session.scalar(select(func.count()).select_from(Inspection)) == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"starts_on": TODAY + timedelta(days=1)}, "11月28日に始まります"),
        ({"ends_on": TODAY - timedelta(days=1)}, "11月26日に終わっています"),
    ],
)
def test_the_page_refuses_an_engagement_of_tomorrow_or_yesterday(
    app: Flask, scene: Scene, changed: dict[str, date], said: str
) -> None:
    for name, value in changed.items():
        setattr(scene.engagement, name, value)
    scene.house.session.commit()
    page = scene.browser(app).post(f"/municipalities/{scene.municipality.id}/inspections/new", data=opening(scene))
    assert page.status_code == 409
    assert said in page.text
    assert REASON in page.text


def test_closing_on_a_stale_page_is_told_and_loses_nothing(app: Flask, scene: Scene) -> None:
    inspection = scene.open()
    city, address = scene.browser(app), f"/inspections/{inspection.id}/closing"
    assert city.get(address).status_code == 200
    operations.close(scene.house.session, inspection, summary="先に", by=scene.city, now=scene.time.moment)
    scene.house.session.commit()
    page = city.post(address, data={"summary": "あとから書いたまとめ"})
    assert page.status_code == 409
    assert "すでに終了しています" in page.text
    assert "あとから書いたまとめ" in page.text
    late = city.post(
        f"/inspections/{inspection.id}/findings/new",
        data={"what": "遅れた指摘", "article": "第1", "due_on": "2026-12-18", "request_key": str(uuid4())},
    )
    assert late.status_code == 409
    assert "遅れた指摘" in late.text
    scene.house.session.rollback()
    assert scene.house.session.scalars(select(InspectionClosing.summary)).all() == ["先に"]


def test_the_officers_home_asks_for_the_summary_of_what_is_over(app: Flask, scene: Scene) -> None:
    scene.open()
    assert "調査のまとめを書く" not in scene.browser(app).get("/").text
    scene.time.tokyo(2026, 12, 19, 9)
    assert "NPO法人 はまかぜの調査のまとめを書く" in scene.browser(app).get("/").text
    assert "調査が開かれています" not in scene.browser(app, scene.house.officer.user).get("/").text


@pytest.mark.both_engines
def test_counts_of_what_is_open_for_the_dashboard(scene: Scene) -> None:
    session, inspection = scene.house.session, scene.open()
    finding, request = scene.find(inspection, due_on=TODAY), scene.ask(due_on=TODAY)
    scene.object()
    counted = queries.open_requests(session, scene.municipality.id, TODAY)
    assert counted == queries.OpenRequests(
        inspections=1, findings_overdue=0, requests_open=1, requests_overdue=0, answers_waiting=0,
        objections_unanswered=1,
    )  # fmt: skip
    tomorrow = TODAY + timedelta(days=1)
    late = queries.open_requests(session, scene.municipality.id, tomorrow)
    assert (late.findings_overdue, late.requests_overdue) == (1, 1)
    scene.answer(finding)
    scene.answer(request)
    answered = queries.open_requests(session, scene.municipality.id, tomorrow)
    assert (answered.findings_overdue, answered.requests_overdue, answered.answers_waiting) == (0, 0, 2)
    exchanges.accept(session, request, text="", seen=1, by=scene.city, now=scene.time.moment)
    assert queries.open_requests(session, scene.municipality.id, tomorrow).requests_open == 0
    other = a_municipality(session, "よその市")
    assert queries.open_requests(session, other.id, tomorrow) == queries.OpenRequests()
