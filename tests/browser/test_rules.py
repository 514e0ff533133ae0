"""From knowing nothing to a published rule; a kit from hand to hand; reading on a phone; two editors at once."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from shutil import copyfile
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from sqlalchemy import select

from partner_compliance.access import Role
from partner_compliance.database import make_engine, open_session
from partner_compliance.history.operations import write_acts
from partner_compliance.library.shelf import Library
from partner_compliance.rulebooks.models import Acknowledgement, DraftArticle, RuleVersion
from tests.browser.conftest import PASSWORD, Desk, Person, Site, Town
from tests.conftest import SetClock
from tests.factories import a_center, an_organization, someone

pytestmark = pytest.mark.browser

TEXTS = {
    "団体の名前": "こども食堂 ひなた", "個人情報責任者になる役": "世話人", "代わりを務める役": "副代表",
    "鍵のかかる場所": "集会所の鍵付き書庫", "相談・苦情の窓口": "世話人（電話 03-0000-0000）",
    "事故のとき最初に知らせる先": "代表、不在のときは世話人", "自治体の連絡先": "はまかぜ市こども家庭センター",
}  # fmt: skip
CHOICES = (
    "短い版（S）", "法人格がない（任意団体）", "運営委員会などの話し合い", "個人情報責任者が兼ねる", "持ち出さない",
    "待ち合わせなどの連絡にだけ使う", "しない",
)  # fmt: skip
LATER_CHOICES = {
    "chat": "none",
    "fax": "unused",
    "cloud": "none",
    "ai": "forbidden",
    "entrusted": "none",
    "council": "none",
}


def answer(page: Page) -> None:
    """The twelve questions, as a small cafeteria answers them."""
    for label, said in TEXTS.items():
        page.get_by_role("textbox", name=re.compile(f"^{re.escape(label)}")).fill(said)
    for label in CHOICES:
        page.locator("label.tile").filter(has_text=re.compile(rf"^\s*{re.escape(label)}")).first.click()
    for key, said in LATER_CHOICES.items():
        page.locator(f"input[name=answer_{key}][value={said}]").check()


def write_and_adopt(page: Page, organization_id: object, rule: str = "個人情報保護規程") -> None:
    """Review a draft and record its adoption."""
    page.goto(f"/organizations/{organization_id}/rules")
    page.get_by_role("link", name=re.compile(f"下書きを開く.*{rule}")).click()
    page.get_by_role("button", name="全体を読み、確認した").click()
    expect(page.get_by_text("全体を確認しました")).to_be_visible()
    page.get_by_role("link", name="決めたことを記録する（採択）").first.click()
    page.get_by_label(re.compile("^どこで決めましたか")).select_option("committee")
    page.get_by_role("button", name="採択を記録する").click()
    expect(page.get_by_text(f"{rule} 第1版の採択を記録しました")).to_be_visible()


def test_someone_who_knows_nothing_adopts_edition_s_and_publishes_it(desk: Desk, town: Town) -> None:
    page = desk.signed_in(town.officer.user)
    page.goto("/")
    expect(page.get_by_role("heading", name="団体の規程をととのえる")).to_be_visible()
    page.get_by_role("link", name="団体の規程を開く").click()
    page.get_by_role("link", name="質問に答える").click()
    page.get_by_role("button", name="下書きを作る").click()
    expect(page.get_by_role("alert")).to_contain_text("どちらの版にしますか: 答えを一つ選んでください。")
    answer(page)
    page.get_by_role("button", name="下書きを作る").click()
    expect(page.get_by_text("3つの下書きができました")).to_be_visible()

    # A place was left open: it is named, and nothing is adopted before it is filled in.
    page.get_by_role("link", name=re.compile("下書きを開く.*個人情報保護規程")).click()
    page.get_by_role("link", name=re.compile("この条を直す.*第18条）")).click()
    field = page.get_by_label(re.compile("^本文"))
    kept = field.input_value()
    field.fill("窓口は、【要記入：電話】とする。<script>alert(1)</script>")
    page.get_by_role("button", name="この条を保存する").click()
    expect(page.get_by_text("あと1か所、直すところがあります")).to_be_visible()
    expect(page.locator("#complaints")).to_contain_text("<script>alert(1)</script>")
    page.get_by_role("button", name="全体を読み、確認した").click()
    expect(page.locator(".notice-title").first).to_contain_text("第18条 苦情処理　記入していない所があります")
    page.get_by_role("link", name=re.compile("この条を直す.*第18条）")).click()
    page.get_by_label(re.compile("^本文")).fill(kept)
    page.get_by_role("button", name="この条を保存する").click()

    for rule in ("個人情報保護規程", "情報セキュリティ基本規程"):
        write_and_adopt(page, town.organization.id, rule)
        page.get_by_role("button", name="公開する").click()
        expect(page.get_by_text("公開しました")).to_be_visible()
    address = page.locator("a[href*='/published-rules/']").get_attribute("href")
    assert address

    stranger = desk.device()
    stranger.goto(address)
    expect(stranger.get_by_role("heading", name="情報セキュリティ基本規程")).to_be_visible()
    expect(stranger.get_by_text("こども食堂 ひなた（以下「当会」という。）")).to_be_visible()
    paper = PdfReader(BytesIO(stranger.request.get(f"{address}/pdf").body()))
    assert len(paper.pages) <= 2
    text = "".join("".join(each.extract_text() for each in paper.pages).split())
    assert "こども食堂ひなた" in text
    assert "第25条の2" in text

    officer = desk.signed_in(town.municipal_officer)
    officer.goto(f"/organizations/{town.organization.id}/rules")
    expect(officer.get_by_text("効力あり")).to_have_count(2)
    expect(officer.get_by_role("link", name=re.compile("下書きを開く"))).to_have_count(0)


def test_a_worker_reads_on_a_phone_fails_learns_and_passes(desk: Desk, town: Town, library: Library) -> None:
    page = desk.signed_in(town.officer.user)
    page.goto(f"/organizations/{town.organization.id}/rules/new")
    answer(page)
    page.get_by_role("button", name="下書きを作る").click()
    write_and_adopt(page, town.organization.id)

    phone = desk.signed_in(town.worker.user, phone=True)
    phone.goto("/")
    card = phone.locator(".task").filter(has_text="個人情報保護規程を読む")
    card.get_by_role("link", name="読んで答える").tap()
    phone.wait_for_url("**/acknowledgement")
    [quiz] = [rule.quiz for rule in library.rules if rule.key == "privacy-rule"]
    asked = {each.key: each for each in quiz}
    names = phone.locator("input[type=radio]").evaluate_all("all => [...new Set(all.map(each => each.name))]")
    assert len(names) == 3
    for number, name in enumerate(names):
        question = asked[name.removeprefix("question-")]
        wrong = question.right % len(question.choices) + 1
        phone.locator(f"#{name}-{wrong if number == 0 else question.right}").check()
    phone.get_by_text("規程を読み、守ります").tap()
    phone.get_by_role("button", name="答えて、確認を終える").tap()
    first = asked[names[0].removeprefix("question-")]
    expect(phone.get_by_text(first.because)).to_be_visible()
    phone.locator(f"#{names[0]}-{first.right}").check()
    phone.get_by_role("button", name="答えて、確認を終える").tap()
    expect(phone.get_by_text("規程の確認を記録しました")).to_be_visible()
    town.session.rollback()
    made = town.session.scalars(select(Acknowledgement)).one()
    assert (made.asked, made.right_at_first) == (3, 2)

    head = desk.signed_in(town.head.user)
    head.goto(f"/organizations/{town.organization.id}/rules/coverage")
    expect(head.get_by_role("row", name=re.compile(town.worker.name))).to_have_count(0)
    row = head.get_by_role("row", name=re.compile(town.volunteer.name))
    row.get_by_role("link", name=re.compile("紙の確認を入力する")).click()
    head.get_by_role("button", name="確認を記録する").click()
    expect(head.get_by_text(f"{town.volunteer.name}さんの確認を記録しました")).to_be_visible()


def test_two_editors_at_once_lose_nothing(desk: Desk, town: Town) -> None:
    page = desk.signed_in(town.officer.user)
    page.goto(f"/organizations/{town.organization.id}/rules/new")
    answer(page)
    page.get_by_role("button", name="下書きを作る").click()
    page.get_by_role("link", name=re.compile("下書きを開く.*個人情報保護規程")).click()
    page.get_by_role("link", name=re.compile("この条を直す.*第13条）")).click()
    other = desk.signed_in(town.representative.user)
    other.goto(page.url)
    other.get_by_label(re.compile("^本文")).fill("研修は、4月に行う。")
    other.get_by_role("button", name="この条を保存する").click()
    expect(other.get_by_text("教育訓練を保存しました")).to_be_visible()
    page.get_by_label(re.compile("^本文")).fill("研修は、春に行う。")
    page.get_by_role("button", name="この条を保存する").click()
    expect(page.get_by_text("画面を開いた後に、ほかの方がこの条を変えました。")).to_be_visible()
    expect(page.get_by_label(re.compile("^本文"))).to_have_value("研修は、春に行う。")
    expect(page.locator(".changed").first).to_contain_text("4月に行う。")
    page.get_by_role("button", name="この条を保存する").click()
    expect(page.get_by_text("教育訓練を保存しました")).to_be_visible()
    town.session.rollback()
    trainings = select(DraftArticle).where(DraftArticle.key == "training").order_by(DraftArticle.revision.desc())
    row = town.session.scalars(trainings).first()
    assert row is not None
    assert (row.text, row.revision) == ("研修は、春に行う。", 3)


@pytest.fixture
def neighbour(town: Town) -> Person:
    """The protection officer of another organization in the same installation."""
    organization = an_organization(town.session, "放課後の家 つくし")
    made = Person(*someone(town.session, a_center(town.session, organization), Role.PROTECTION_OFFICER,
                           name="月 守", password=PASSWORD))  # fmt: skip
    town.session.commit()
    return made


def names_of_another(page: Page) -> None:
    """The names that an adopter of a kit is asked for."""
    for label, said in {**TEXTS, "団体の名前": "放課後の家 つくし", "個人情報責任者になる役": "事務局長"}.items():
        page.get_by_role("textbox", name=re.compile(f"^{re.escape(label)}")).fill(said)
    page.locator("input[name=answer_we][value=corporation]").check()
    page.locator("input[name=answer_board][value=board]").check()


def test_a_kit_goes_from_a_to_b_to_a_second_installation_and_changes_follow(
    desk: Desk, town: Town, neighbour: Person, elsewhere: "Elsewhere", tmp_path: Path, time: SetClock
) -> None:
    a = desk.signed_in(town.officer.user)
    a.goto(f"/organizations/{town.organization.id}/rules/new")
    answer(a)
    a.get_by_role("button", name="下書きを作る").click()
    write_and_adopt(a, town.organization.id)
    a.goto(f"/organizations/{town.organization.id}/kits/publish")
    a.get_by_label(re.compile("^キットの名前")).fill("食堂のはじめの一歩")
    a.get_by_label(re.compile("^活動の種類")).select_option("cafeteria")
    a.get_by_label(re.compile("^活動する人数")).select_option("few")
    a.get_by_role("button", name="どう読まれるかを確かめる").click()
    expect(a.get_by_role("heading", name="このように読まれます")).to_be_visible()
    expect(a.get_by_text("この規程は、{organization}（以下「{we}」という。）が")).to_be_visible()
    a.get_by_role("button", name="公開する").click()
    expect(a.get_by_text("キット「食堂のはじめの一歩」第1版を公開しました")).to_be_visible()

    b = desk.signed_in(neighbour.user)
    b.goto(f"/organizations/{neighbour.worker.organization_id}/kits?activity=cafeteria")
    b.get_by_role("link", name=re.compile("中を見る")).click()
    names_of_another(b)
    b.get_by_role("button", name="取り入れる", exact=True).click()
    expect(b.get_by_text("規程の下書きが1つできました")).to_be_visible()
    b.get_by_role("link", name=re.compile("下書きを開く.*個人情報保護規程")).click()
    b.get_by_role("link", name=re.compile("この条を直す.*第13条）")).click()
    field = b.get_by_label(re.compile("^本文"))
    own = field.input_value() + "\n\n研修の日は、4月の第2土曜日とする。"
    field.fill(own)
    b.get_by_role("button", name="この条を保存する").click()
    expect(b.get_by_text("教育訓練を保存しました")).to_be_visible()

    # The file travels to a second installation.
    b.goto(f"/organizations/{neighbour.worker.organization_id}/kits")
    b.get_by_role("link", name=re.compile("中を見る")).click()
    with b.expect_download() as download:
        b.get_by_role("link", name="ファイルに書き出す（zip）").click()
    file = tmp_path / "kit.zip"
    download.value.save_as(file)
    c = elsewhere.page
    c.goto(f"/organizations/{elsewhere.organization_id}/kits")
    c.set_input_files("#file", str(file))
    c.get_by_role("button", name="取り込む").click()
    expect(c.get_by_text("ほかのシステムから取り込んだキットです")).to_be_visible()
    expect(c.get_by_text("もとの公開者: NPO法人 はまかぜ")).to_be_visible()
    names_of_another(c)
    c.get_by_role("button", name="取り入れる", exact=True).click()
    expect(c.get_by_text("規程の下書きが1つできました")).to_be_visible()
    broken = tmp_path / "broken.zip"
    broken.write_bytes(file.read_bytes()[:-30])
    c.goto(f"/organizations/{elsewhere.organization_id}/kits")
    c.set_input_files("#file", str(broken))
    c.get_by_role("button", name="取り込む").click()
    expect(c.get_by_role("alert")).to_contain_text("何も取り込んでいません")

    # A changes the article; B takes the change and keeps its own line.
    time.tokyo(2026, 12, 1, 9)
    a = desk.signed_in(town.officer.user)
    version = town.session.scalars(select(RuleVersion)).one()
    a.goto(f"/rule-versions/{version.id}")
    a.get_by_role("button", name="改正の下書きを始める").click()
    a.get_by_role("link", name=re.compile("この条を直す.*第13条）")).click()
    field = a.get_by_label(re.compile("^本文"))
    field.fill(field.input_value().replace("毎年度に、研修を受けて", "毎年度の4月に、研修を受けて"))
    a.get_by_role("button", name="この条を保存する").click()
    a.get_by_role("button", name="全体を読み、確認した").click()
    a.get_by_role("link", name="決めたことを記録する（採択）").first.click()
    a.get_by_label(re.compile("^どこで決めましたか")).select_option("committee")
    a.get_by_label(re.compile("^変更の大きさ")).select_option("minor")
    a.get_by_label(re.compile("^変えた内容と理由")).fill("研修を4月にそろえました。")
    a.get_by_role("button", name="採択を記録する").click()
    expect(a.get_by_text("第2版の採択を記録しました")).to_be_visible()
    a.goto(f"/organizations/{town.organization.id}/kits")
    a.get_by_role("link", name=re.compile("新しい版・取りやめ")).click()
    a.get_by_label(re.compile("^前の版から変わったところ")).fill("研修の月")
    a.get_by_role("button", name="公開する", exact=True).click()
    expect(a.get_by_text("第2版を公開しました")).to_be_visible()

    b = desk.signed_in(neighbour.user)
    b.goto(f"/organizations/{neighbour.worker.organization_id}/rules")
    b.get_by_role("link", name=re.compile("変更を一つずつ見て")).click()
    expect(b.get_by_role("heading", name="いまの団体の文")).to_be_visible()
    expect(b.get_by_role("heading", name="もとの前の文")).to_be_visible()
    b.get_by_role("button", name="変更を取り入れる").click()
    expect(b.get_by_text("下書きに入れました")).to_be_visible()
    town.session.rollback()
    row = town.session.scalars(
        select(DraftArticle).where(
            DraftArticle.organization_id == neighbour.worker.organization_id, DraftArticle.key == "training"
        )
    ).one()
    assert "毎年度の4月に、研修を受けて" in row.text
    assert row.text.endswith("研修の日は、4月の第2土曜日とする。")


@dataclass
class Elsewhere:
    """A second installation: another database, another address, and somebody in front of it."""

    page: Page
    organization_id: UUID


@pytest.fixture
def elsewhere(chromium: Browser, serve: Callable[..., Site], empty_sqlite: Path, tmp_path: Path, time: SetClock):
    """Somewhere else, a protection officer sits in front of an installation of their own."""
    folder = tmp_path / "elsewhere"
    folder.mkdir(mode=0o700)
    copyfile(empty_sqlite, folder / "app.sqlite3")
    (folder / "app.sqlite3").chmod(0o600)
    address = f"sqlite:///{folder}/app.sqlite3"
    with open_session(make_engine(address), write_acts=write_acts) as session:
        organization = an_organization(session, "遠くの子ども食堂")
        user, _ = someone(session, a_center(session, organization), Role.PROTECTION_OFFICER, name="遠 守")
        session.commit()
        desk = Desk(chromium, serve(database_url=address, data_folder=folder / "var"), time)
        yield Elsewhere(desk.signed_in(user), organization.id)
        desk.tidy_up()
