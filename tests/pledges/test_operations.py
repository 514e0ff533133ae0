"""Signing, paper, briefings and own paragraphs: what the rules allow, and what they refuse."""

import io
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from sqlalchemy import delete, func, select

from partner_compliance.access import Role
from partner_compliance.accounts.models import OrganizationRole, OutgoingMail
from partner_compliance.acts import SYSTEM
from partner_compliance.engagements import operations as engagements
from partner_compliance.errors import NotAllowed
from partner_compliance.history.verification import verify_all
from partner_compliance.library.pledges import Occasion
from partner_compliance.models import LOGGED_CONTENTS
from partner_compliance.organizations.models import Worker, WorkerKind
from partner_compliance.people import leaving
from partner_compliance.people import operations as people
from partner_compliance.people.models import JoiningStep, LeavingCheck, LeavingReason, Manner, Outcome
from partner_compliance.people.queries import leaving_of, steps_of
from partner_compliance.pledges import names, operations, paper, queries, scans
from partner_compliance.pledges.models import Pledge, PledgeText
from partner_compliance.pledges.queries import Asked
from partner_compliance.pledges.words import Told, Way
from partner_compliance.roster import operations as roster
from tests.factories import a_municipality, an_engagement, principal_of
from tests.pledges.conftest import ANNUAL, JOINING, LEAVING, Desk
from tests.scans import SCAN, picture


def how_many(desk: Desk) -> int:
    return desk.house.session.scalar(select(func.count()).select_from(Pledge)) or 0


# --- signing ----------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_a_signature_keeps_the_text_the_name_and_how_it_was_made(desk: Desk) -> None:
    person = desk.house.worker
    assert desk.standing(person.worker) == "missing"
    made = desk.sign(person, typed_name="南　花子")
    assert (made.way, made.name, made.typed_name, made.post) == (Way.OWN_DEVICE, "南 花子", "南　花子", "常勤職員")
    assert made.signed_on == desk.today
    assert made.counts_until == date(2027, 4, 14)
    text = queries.record_of(desk.house.session, made).text
    assert text.digest == made.text_digest
    assert "NPO法人 はまかぜ" in text.opening
    assert "令和8年度" in text.opening
    assert desk.standing(person.worker) == "signed"
    assert ANNUAL not in desk.dues(person.worker)
    assert steps_of(desk.house.session, person.worker)[JoiningStep.PLEDGE].id == made.joining_record_id
    desk.house.session.commit()
    assert all(verdict.ok for verdict in verify_all(desk.house.session, LOGGED_CONTENTS))


def test_the_same_form_sent_twice_makes_one_pledge(desk: Desk) -> None:
    key = uuid4()
    first = desk.sign(desk.house.worker, request_key=key)
    assert desk.sign(desk.house.worker, request_key=key) is first
    with pytest.raises(operations.AlreadySigned):
        desk.sign(desk.house.worker)
    assert how_many(desk) == 1


def test_nobody_signs_for_somebody_else(desk: Desk) -> None:
    for person in (desk.house.officer, desk.house.head, desk.house.representative):
        with pytest.raises(operations.NotYourPledge):
            desk.sign(person, of=desk.house.worker.worker, typed_name="南 花子")
    assert how_many(desk) == 0


@pytest.mark.parametrize("typed", ["南花子", "南 花 子", "南　花子", " 南 花子 ", "南・花子"])
def test_spaces_in_a_typed_name_do_not_matter(desk: Desk, typed: str) -> None:
    assert desk.sign(desk.house.worker, typed_name=typed).typed_name == typed


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "氏名を入力"),
        ("南", "姓と名の両方"),
        ("みなみ はなこ", "名簿のとおりの文字"),
        ("北 太郎", "名簿のお名前「南 花子」と違います"),
    ],
)
def test_another_name_is_refused_and_the_page_says_why(desk: Desk, typed: str, said: str) -> None:
    with pytest.raises(operations.WrongEntry, match=said) as refused:
        desk.sign(desk.house.worker, typed_name=typed)
    assert refused.value.field == "typed_name"
    assert how_many(desk) == 0


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("吉田 崎子", "𠮷田 﨑子"),
        ("髙橋 邉", "高橋 辺"),
        ("渡邊 斎", "渡辺 齋"),
        ("ジョン・スミス", "ｼﾞｮﾝ ｽﾐｽ"),
        ("葛\U000e0100城", "葛城"),
    ],
)
def test_variants_of_a_character_are_the_same_name(typed: str, name: str) -> None:
    assert names.is_same(typed, name)
    assert not names.is_same(typed, name + "子")


@pytest.mark.parametrize("name", ["齋藤 学", "山田 花子", "Smith John"])
def test_folding_makes_no_two_names_one(name: str) -> None:
    assert not names.is_same("", name)
    assert not names.is_same(name[:-1], name)


def test_a_text_that_changed_in_an_old_tab_is_not_signed(desk: Desk) -> None:
    seen = desk.digest(desk.house.worker.worker)
    desk.change()
    with pytest.raises(operations.TextChanged):
        desk.sign(desk.house.worker, digest=seen)
    assert how_many(desk) == 0
    assert desk.sign(desk.house.worker).own_number == 1


def test_a_name_of_the_organization_that_changed_meanwhile_changes_the_text_too(desk: Desk) -> None:
    seen = desk.digest(desk.house.worker.worker)
    desk.house.organization.name = "NPO法人 しおかぜ"
    desk.house.session.flush()
    with pytest.raises(operations.TextChanged):
        desk.sign(desk.house.worker, digest=seen)


def test_who_joins_is_told_first_then_signs_and_later_not_again_before_the_next_campaign(desk: Desk) -> None:
    person = desk.house.person("新 人")
    person.worker.joined_on = date(2026, 11, 24)
    desk.house.session.flush()
    assert desk.dues(person.worker) == {JOINING: date(2026, 11, 24)}
    with pytest.raises(operations.NotToldYet):
        desk.sign(person, JOINING)
    desk.brief(person.worker)
    made = desk.sign(person, JOINING)
    assert (made.told_by, made.told_how, made.told_on) == ("西 守", Told.GROUP, desk.today)
    assert desk.dues(person.worker) == {}
    with pytest.raises(operations.AlreadySigned):
        desk.sign(person)
    desk.time.tokyo(2027, 3, 1, 9)
    assert desk.dues(person.worker) == {ANNUAL: date(2027, 4, 14)}


def test_telling_that_was_recorded_as_a_step_of_joining_counts(desk: Desk) -> None:
    person = desk.house.person("新 人")
    person.worker.joined_on = desk.today
    desk.house.session.flush()
    facts = people.StepFacts(JoiningStep.BRIEFING, desk.today, Manner.ALONE, by_whom="西 守")
    people.record_step(desk.house.session, person.worker, facts, by=SYSTEM, now=desk.time.moment)
    assert desk.sign(person, JOINING).told_by == "西 守"


def test_who_joins_on_31_march_signs_once_for_the_year_that_begins(desk: Desk) -> None:
    desk.time.tokyo(2027, 3, 31, 9)
    person = desk.house.person("三月 三一")
    person.worker.joined_on = date(2027, 3, 31)
    desk.brief(person.worker)
    made = desk.sign(person, JOINING)
    assert made.counts_until == date(2028, 4, 14)
    for day in (date(2027, 4, 1), date(2027, 4, 15), date(2028, 2, 29)):
        desk.time.tokyo(day.year, day.month, day.day, 9)
        assert desk.dues(person.worker) == {}
        assert desk.standing(person.worker) == "signed"


def test_volunteers_read_their_own_short_text(desk: Desk) -> None:
    person = desk.house.person("手伝 さん")
    person.worker.kind = WorkerKind.VOLUNTEER
    desk.house.session.flush()
    made = desk.sign(person)
    assert made.key == "volunteer"
    assert len(queries.record_of(desk.house.session, made).text.paragraphs) < 8


def test_who_comes_back_signs_anew_and_the_old_pledge_covers_nobody(desk: Desk) -> None:
    before = desk.house.worker
    desk.sign(before)
    before.worker.left_on = date(2026, 11, 30)
    desk.house.session.flush()
    desk.time.tokyo(2026, 12, 10, 9)
    facts = replace(
        roster.facts_of(desk.house.session, before.worker),
        joined_on=date(2026, 12, 10),
        left_on=None,
        name_kana="ミナミ ハナコ",
    )
    again = people.rejoin(
        desk.house.session, before.worker, facts, by=desk.house.officer.principal.actor, now=desk.time.moment
    )
    assert desk.standing(again) == "missing"
    assert desk.dues(again) == {JOINING: date(2026, 12, 10)}
    desk.brief(again)
    before.principal = principal_of(desk.house.session, before.user)
    made = desk.sign(before, JOINING, of=again, digest=desk.digest(again, JOINING))
    assert made.worker_id == again.id
    with pytest.raises(operations.NotYourPledge):
        desk.sign(before)


def test_each_year_the_campaign_goes_through_april(desk: Desk) -> None:
    desk.sign(desk.house.worker)
    worker = desk.house.worker.worker
    for day, standing, due in (
        (date(2027, 2, 28), "signed", None),
        (date(2027, 3, 1), "signed", date(2027, 4, 14)),
        (date(2027, 4, 1), "last_years", date(2027, 4, 14)),
        (date(2027, 4, 14), "last_years", date(2027, 4, 14)),
        (date(2027, 4, 15), "missing", date(2027, 4, 14)),
    ):
        desk.time.tokyo(day.year, day.month, day.day, 9)
        assert (desk.standing(worker), desk.dues(worker).get(ANNUAL)) == (standing, due), day
    desk.sign(desk.house.worker)
    assert desk.standing(worker) == "signed"
    assert how_many(desk) == 2


def test_an_own_month_moves_the_year_and_takes_nothing_from_what_is_signed(desk: Desk) -> None:
    made = desk.sign(desk.house.worker)
    operations.choose_month(
        desk.house.session, desk.house.organization, 10, by=desk.house.officer.principal, now=desk.time.moment
    )
    assert made.counts_until == date(2027, 4, 14)
    other = desk.sign(desk.house.head)
    assert other.counts_until == date(2027, 10, 15)
    with pytest.raises(operations.WrongEntry):
        operations.choose_month(
            desk.house.session, desk.house.organization, 13, by=desk.house.officer.principal, now=desk.time.moment
        )


# --- a changed text ---------------------------------------------------------------------------------------------


def test_a_minor_change_asks_nobody_and_a_material_one_asks_all_by_its_day(desk: Desk) -> None:
    worker = desk.house.worker.worker
    desk.sign(desk.house.worker)
    desk.change(paragraphs=["言い回しを直しました。"])
    assert desk.dues(worker) == {}
    desk.change(seen=1, again_by=date(2026, 12, 18))
    assert desk.dues(worker) == {ANNUAL: date(2026, 12, 18)}
    assert desk.standing(worker) == "signed"
    desk.time.tokyo(2026, 12, 19, 9)
    assert desk.standing(worker) == "outdated"
    assert desk.sign(desk.house.worker).own_number == 2
    assert desk.standing(worker) == "signed"
    assert desk.dues(worker) == {}
    said = queries.record_of(desk.house.session, desk.house.session.scalars(select(Pledge)).first()).text
    assert said.own == ()


def test_a_change_that_begins_later_is_neither_signed_nor_asked_before(desk: Desk) -> None:
    desk.sign(desk.house.worker)
    desk.change(from_on=date(2026, 12, 10), again_by=date(2026, 12, 25))
    assert desk.dues(desk.house.worker.worker) == {}
    assert desk.sign(desk.house.head).own_number == 0
    desk.time.tokyo(2026, 12, 10, 9)
    assert desk.dues(desk.house.worker.worker) == {ANNUAL: date(2026, 12, 25)}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"paragraphs": []}, "paragraphs"),
        ({"paragraphs": ["あ" * 301]}, "paragraphs"),
        ({"paragraphs": [f"約束{n}" for n in range(11)]}, "paragraphs"),
        ({"from_on": date(2026, 11, 26)}, "from_on"),
        ({"from_on": date(2028, 11, 27)}, "from_on"),
        ({"reason": ""}, "reason"),
        ({"is_material": True}, "sign_again_by"),
        ({"again_by": date(2026, 11, 30)}, "sign_again_by"),
        ({"again_by": date(2027, 11, 30)}, "sign_again_by"),
    ],
)
def test_a_change_that_cannot_be_names_its_field(desk: Desk, changed: dict[str, object], field: str) -> None:
    with pytest.raises(operations.WrongEntry) as refused:
        desk.change(**changed)
    assert refused.value.field == field


def test_two_who_change_a_text_at_once_do_not_overwrite_each_other(desk: Desk) -> None:
    desk.change()
    with pytest.raises(operations.TextChanged):
        desk.change(paragraphs=["別の約束です。"])


# --- paper ------------------------------------------------------------------------------------------------------


def test_paper_is_entered_by_somebody_else_and_marked(desk: Desk) -> None:
    made = desk.paper(desk.house.volunteer, date(2026, 11, 20), by=desk.house.head, scan=SCAN)
    assert (made.way, made.typed_name, made.recorded_by_name) == (Way.PAPER, None, "東 京子")
    assert made.recorded_by_role is Role.CENTER_HEAD
    kept = queries.record_of(desk.house.session, made).scan
    assert kept is not None
    assert (kept.media_type, kept.size, kept.content) == ("image/png", len(SCAN), SCAN)
    with pytest.raises(operations.OwnPaper):
        desk.paper(desk.house.officer.worker, desk.today)
    with pytest.raises(operations.AlreadySigned):
        desk.paper(desk.house.volunteer, date(2026, 11, 20))


@pytest.mark.parametrize(
    ("on", "said"), [(date(2026, 11, 28), "今日か"), (date(2023, 12, 1), "3か月以上前"), (date(2019, 1, 1), "3か月")]
)
def test_days_that_cannot_be_are_refused(desk: Desk, on: date, said: str) -> None:
    with pytest.raises(operations.WrongEntry, match=said):
        desk.paper(desk.house.volunteer, on)


def a_pdf(*, locked: bool = False, script: bool = False) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    if script:
        act = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x")})
        writer.root_object[NameObject("/OpenAction")] = act
    if locked:
        writer.encrypt("secret", algorithm="RC4-128")
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"), [(a_pdf(), scans.PDF), (picture("JPEG"), scans.JPEG), (picture("PNG"), scans.PNG)]
)
def test_a_scan_is_known_by_its_content(content: bytes, kind: str) -> None:
    assert scans.media_type(content) == kind


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空です"),
        (b"MZ" + b"\0" * 200, "PDF、JPEG、PNGのどれか"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PDF、JPEG、PNGのどれか"),
        (b"%PDF-1.7 but no more", "PDFが壊れている"),
        (picture("PNG")[:60], "画像が壊れている"),
        (picture("JPEG")[:200], "画像が壊れている"),
        (picture("GIF"), "PDF、JPEG、PNGのどれか"),
        (a_pdf(locked=True), "パスワード"),
        (a_pdf(script=True), "動きや添付"),
        (picture("PNG", (9000, 9000)), "画像が大きすぎます"),
        (b"%PDF-1.7" + b"0" * (10 * 1024 * 1024), "10MBまで"),
    ],
    ids=["empty", "program", "svg", "broken pdf", "cut png", "cut jpeg", "gif", "locked", "script", "huge", "too long"],
)
def test_a_scan_that_is_not_what_it_claims_keeps_nothing(desk: Desk, content: bytes, said: str) -> None:
    with pytest.raises(scans.NotAScan, match=said):
        desk.paper(desk.house.volunteer, desk.today, scan=content)
    assert how_many(desk) == 0


def test_pictures_larger_than_any_scan_are_not_unpacked() -> None:
    """A picture of 20,000 × 20,000 pixels would take more than a gigabyte."""
    content = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(content, "PNG")
    with pytest.raises(scans.NotAScan, match="大きすぎます"):
        scans.media_type(content.getvalue())


def test_a_mistake_is_cancelled_stays_readable_and_gives_the_step_of_joining_back(desk: Desk) -> None:
    made = desk.paper(desk.house.volunteer, date(2026, 11, 20))
    assert desk.standing(desk.house.volunteer) == "signed"
    operations.cancel(
        desk.house.session, made, reason="別の方の紙でした", by=desk.house.officer.principal, now=desk.time.moment
    )
    assert desk.standing(desk.house.volunteer) == "missing"
    assert JoiningStep.PLEDGE not in steps_of(desk.house.session, desk.house.volunteer)
    assert queries.record_of(desk.house.session, made).cancellation is not None
    for reason, error in (("", operations.WrongEntry), ("もう一度", operations.AlreadyCancelled)):
        with pytest.raises(error):
            operations.cancel(
                desk.house.session, made, reason=reason, by=desk.house.officer.principal, now=desk.time.moment
            )
    assert desk.paper(desk.house.volunteer, date(2026, 11, 20)).id != made.id


def test_the_own_pledge_is_cancelled_by_somebody_else(desk: Desk) -> None:
    made = desk.sign(desk.house.officer)
    with pytest.raises(NotAllowed):
        operations.cancel(
            desk.house.session, made, reason="まちがい", by=desk.house.officer.principal, now=desk.time.moment
        )


# --- engagements and leaving ------------------------------------------------------------------------------------


def an_assigned_engagement(desk: Desk, *, starts_on: date) -> Asked:
    house = desk.house
    municipality = a_municipality(house.session)
    made = an_engagement(house.session, municipality, house.organization, starts_on=starts_on)
    engagements.assign(
        house.session, made, centers=[house.center.id], posts=[], by=house.officer.principal.actor,
        now=desk.time.moment,
    )  # fmt: skip
    house.session.flush()
    return Asked(Occasion.ENGAGEMENT, made)


def test_those_named_for_an_engagement_sign_it_before_it_begins_with_the_law_of_its_basis(desk: Desk) -> None:
    asked = an_assigned_engagement(desk, starts_on=date(2026, 12, 10))
    person = desk.house.worker
    assert desk.dues(person.worker)[asked] == date(2026, 12, 10)
    with pytest.raises(operations.NotToldYet):
        desk.sign(person, asked)
    desk.brief(person.worker, asked=asked)
    made = desk.sign(person, asked)
    text = queries.record_of(desk.house.session, made).text
    assert "見守り強化事業" in text.opening
    assert any("個人情報保護法 第66条" in line for line in text.law)
    assert not any("児童福祉法" in line for line in text.law)
    assert "拘禁刑" in "".join(text.law)
    assert asked not in desk.dues(person.worker)
    assert made.counts_until is None
    desk.house.head.worker.is_handler = False
    desk.house.session.flush()
    assert asked not in desk.dues(desk.house.head.worker)


def test_the_list_of_an_engagement_counts_everyone_named_and_prints(desk: Desk) -> None:
    asked = an_assigned_engagement(desk, starts_on=date(2026, 12, 10))
    assert asked.engagement is not None
    desk.paper(desk.house.volunteer, date(2026, 11, 26), asked)
    on = date(2026, 12, 10)
    named = queries.named_for(desk.house.session, [asked.engagement], on=on)[asked.engagement.id]
    listed = queries.signed_for(desk.house.session, asked.engagement, named, on=on)
    assert [worker.name for worker, pledge, _ in listed if pledge] == ["𠮷田 﨑子"]
    assert len(listed) == 5
    content = paper.list_pdf(listed, "NPO法人 はまかぜ", "みなと市", "見守り強化事業", made_at=desk.time.moment)
    said = PdfReader(io.BytesIO(content)).pages[0].extract_text()
    assert "5人のうち1人" in said
    assert "未署名" in said
    assert paper.list_table(listed).rows[0][2] is None or paper.list_table(listed).rows[-1][2] is None


def test_the_pledge_on_leaving_settles_that_check_and_a_cancelled_one_opens_it_again(desk: Desk) -> None:
    person = desk.house.worker

    def pledge_check() -> Outcome:
        story = leaving_of(desk.house.session, person.worker)
        assert story is not None
        return story.entries[LeavingCheck.PLEDGE].outcome

    desk.sign(person)
    with pytest.raises(operations.NoLastDay):
        desk.sign(person, LEAVING)
    last = desk.today + timedelta(days=3)
    leaving.leave(
        desk.house.session, person.worker, leaving.LeavingFacts(last, LeavingReason.RESIGNED),
        by=desk.house.officer.principal, now=desk.time.moment,
    )  # fmt: skip
    assert desk.dues(person.worker) == {LEAVING: last}
    made = desk.sign(person, LEAVING)
    assert "期限はありません" in queries.record_of(desk.house.session, made).text.afterwards
    assert pledge_check() is Outcome.DONE
    operations.cancel(desk.house.session, made, reason="誤り", by=desk.house.officer.principal, now=desk.time.moment)
    assert pledge_check() is Outcome.OPEN


# --- telling and reminding --------------------------------------------------------------------------------------


def test_a_briefing_says_when_who_and_whom_and_is_kept_once(desk: Desk) -> None:
    key = uuid4()
    told = queries.ToldOf(desk.today, Told.ALONE, "西 守")

    def brief(workers: list[Worker], told: queries.ToldOf = told) -> object:
        return operations.brief(
            desk.house.session, desk.house.organization, ANNUAL, workers, told, center=None,
            by=desk.house.officer.principal, now=desk.time.moment, request_key=key,
        )  # fmt: skip

    for field, workers, wrong in (
        ("people", [], told),
        ("told_by", [desk.house.volunteer], queries.ToldOf(desk.today, Told.ALONE, "")),
        ("held_on", [desk.house.volunteer], queries.ToldOf(date(2026, 11, 28), Told.ALONE, "西 守")),
        ("held_on", [desk.house.volunteer], queries.ToldOf(date(2025, 11, 1), Told.ALONE, "西 守")),
    ):
        with pytest.raises(operations.WrongEntry) as refused:
            brief(workers, wrong)
        assert refused.value.field == field
    first = brief([desk.house.volunteer])
    assert brief([desk.house.volunteer]) is first
    assert desk.sign(desk.house.worker).told_by is None


def rows(desk: Desk) -> list[queries.Row]:
    found = queries.rows_of(desk.house.session, desk.house.library, desk.house.organization.id, today=desk.today)
    return [row for row in found if not row.is_signed_for_next]


def test_those_missing_are_reminded_by_mail_once_in_three_days(desk: Desk) -> None:
    desk.house.worker.user.email = "hanako@example.jp"
    desk.house.head.user.email = "kyoko@example.jp"
    desk.sign(desk.house.head)

    def remind() -> tuple[int, int]:
        return operations.remind(
            desk.house.session, desk.house.organization, rows(desk), address="https://example.jp/my/pledges",
            by=desk.house.officer.principal, now=desk.time.moment,
        )  # fmt: skip

    assert remind() == (1, 3)
    assert remind() == (0, 3)
    mail = desk.house.session.scalars(select(OutgoingMail)).one()
    assert mail.recipient == "hanako@example.jp"
    assert "https://example.jp/my/pledges" in mail.body
    desk.time.tokyo(2026, 12, 1, 9)
    assert remind() == (1, 3)


def test_a_campaign_without_anybody_says_so(desk: Desk) -> None:
    session = desk.house.session
    session.execute(delete(OrganizationRole))
    for worker in session.scalars(select(Worker)):
        worker.left_on = date(2026, 10, 31)
    session.flush()
    assert rows(desk) == []
    with pytest.raises(operations.NobodyMissing):
        operations.remind(
            session, desk.house.organization, rows(desk), address="", by=desk.house.officer.principal,
            now=desk.time.moment,
        )  # fmt: skip


# --- paper that comes out ---------------------------------------------------------------------------------------


def said_in(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\n", "")


def test_the_record_says_all_that_a_municipality_asks_for(desk: Desk) -> None:
    made = desk.sign(desk.house.worker)
    said = said_in(paper.record_pdf(queries.record_of(desk.house.session, made), made_at=desk.time.moment))
    facts = "令和8年11月27日 NPO法人はまかぜ 本部 常勤職員 南花子 電子的な確認"
    for words in (queries.record_number(made), *facts.split()):
        assert words in said.replace(" ", ""), words


def test_every_blank_has_a_page_of_its_own_with_name_and_place_to_sign(desk: Desk) -> None:
    people_missing = [desk.house.worker.worker, desk.house.volunteer]
    text = queries.text_for(
        desk.house.session, desk.house.library, desk.house.organization, WorkerKind.REGULAR, ANNUAL, desk.today
    ).text
    content = paper.blanks_pdf(
        [(worker, "常勤", text) for worker in people_missing], desk.house.organization, made_at=desk.time.moment
    )
    pages = PdfReader(io.BytesIO(content)).pages
    assert len(pages) == 2
    assert "南 花子" in pages[0].extract_text()
    assert "氏名（自署）" in pages[1].extract_text()


def test_a_text_is_kept_once_however_many_sign_it(desk: Desk) -> None:
    for person in (desk.house.worker, desk.house.head, desk.house.officer):
        desk.sign(person)
    assert desk.house.session.scalar(select(func.count()).select_from(PledgeText)) == 1
