"""A municipality's report of a month: as things stood at its end, with causes, without anybody's name."""

import io
from datetime import date, timedelta
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from partner_compliance.history.models import LogLeaf
from partner_compliance.organizations.models import Worker
from partner_compliance.sharing.report import Section, monthly
from partner_compliance.sharing.report_paper import report_pdf, report_workbook
from partner_compliance.takeouts import operations as take_outs
from tests.factories import a_municipality, an_engagement, an_officer_of, an_organization, signed_in
from tests.readiness.conftest import house as house_of_sheets
from tests.readiness.conftest import ladder as ladder_of_readiness
from tests.taken_out import ALL_CHECKS, some_facts
from tests.test_query_counts import statements

pytestmark = pytest.mark.both_engines

house = house_of_sheets
ladder = ladder_of_readiness
DAY = timedelta(days=1)


def text_of(content):
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)


def sheets_of(content):
    book = load_workbook(io.BytesIO(content))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


@pytest.fixture
def city(ladder):
    """A municipality whose partner, the house, has reached the first level on 27 November."""
    made = a_municipality(ladder.house.session)
    ladder.first_level(made)
    return made


@pytest.fixture
def reported(ladder, city):
    def report(month, **more):
        return monthly(ladder.house.session, ladder.library, city, month, today=ladder.today, **more)

    return report


@pytest.fixture
def files(ladder, city, app):
    officer = an_officer_of(ladder.house.session, city)

    def file(path):
        ladder.house.session.commit()
        client = signed_in(app, officer, now=ladder.time.moment)
        return client.get(f"/municipalities/{city.id}/reports{path}")

    return file


def test_levels_are_those_of_the_last_day_and_changes_have_their_causes(ladder, reported):
    ladder.go(2026, 12, 1)
    november = reported("2026-11")
    (line,) = november.lines
    assert (november.day, line.found.level, line.before.level) == (date(2026, 11, 30), 1, 0)
    assert [each.id for each in line.causes] == ["1a", "1b", "1c", "1d"]
    assert november.changes == [line]
    ladder.go(2027, 3, 1)
    (line,) = reported("2027-02").lines
    assert (line.found.level, line.before.level) == (0, 1)
    assert [each.id for each in line.causes] == ["1b"]
    assert reported("2026-12").changes == []
    assert reported("2026-11") == november  # whatever came later


def test_ends_are_looked_for_from_the_last_day(ladder, city, reported):
    session = ladder.house.session
    ladder.go(2027, 3, 1)
    assert [each.name for each in reported("2027-01").ending] == ["NPO法人 はまかぜ"]
    assert reported("2026-12").ending == []
    assert [each.last_on for each in reported("2027-01").endings] == [date(2027, 3, 31)]
    assert reported("2027-01").endings[0].goes_on is False
    an_engagement(session, city, ladder.house.organization, date(2027, 4, 1), date(2028, 3, 31))
    assert reported("2027-01").endings[0].goes_on is True
    assert reported("2026-12").endings == []


def test_whose_partners_a_report_names(ladder, city, reported):
    session = ladder.house.session
    for name, terms in {
        "月末まで": {"ends_on": date(2026, 11, 30)},
        "きのうまで": {"ends_on": date(2026, 12, 9)},
        "きょうまで": {"ends_on": date(2026, 12, 10)},
        "月末から": {"starts_on": date(2026, 11, 30)},
        "十二月から": {"starts_on": date(2026, 12, 1)},
        "あすから": {"starts_on": date(2026, 12, 11)},
    }.items():
        an_engagement(session, city, an_organization(session, name), **terms)
    an_organization(session, "よその団体")
    ladder.go(2026, 12, 10)
    found = reported("2026-11")
    assert [each.name for each in found.lines] == ["NPO法人 はまかぜ", "きょうまで", "月末から"]
    assert found.gone == 2
    assert [each.before is None for each in found.lines] == [False, False, True]
    text = text_of(report_pdf(found, made_at=ladder.time.moment))
    assert "月末のあとに連携が終わった2団体" in text
    assert "新しい連携" in text
    assert "月末まで見守り" not in text


def test_the_paper_and_the_workbook_say_the_same_and_name_nobody(ladder, files):
    ladder.go(2026, 12, 1)
    paper, book = files("/2026-11.pdf"), files("/2026-11.xlsx")
    assert (paper.status_code, paper.mimetype) == (200, "application/pdf")
    text, tables = text_of(paper.data), sheets_of(book.data)
    said = text + "".join(str(cell) for rows in tables.values() for row in rows for cell in row)
    for words in (
        "連携団体の月次報告令和8年11月", "段階は、令和8年11月30日の記録から計算しました", "段階1（上がった）",
        "1a責任者と代理、1b従事者名簿の確認、1c連携の根拠、1d作業場所・保管場所", "令和9年2月25日",
        "順位ではありません",
    ):  # fmt: skip
        assert words in text
    assert tables["段階の変化"][1] == [
        "NPO法人 はまかぜ", "段階0", "段階1（上がった）",
        "1a 責任者と代理、1b 従事者名簿の確認、1c 連携の根拠、1d 作業場所・保管場所",
    ]  # fmt: skip
    for worker in ladder.house.session.scalars(select(Worker)):
        assert worker.name not in said
        assert worker.name.replace(" ", "") not in said
    acts = [each.act for each in ladder.house.session.scalars(select(LogLeaf)) if each.act == "export.made"]
    assert len(acts) == 2


def test_the_sheets_are_those_that_were_due_in_the_month(ladder, reported):
    ladder.open_months()
    ladder.run_month("2026-11")
    ladder.go(2027, 1, 5)
    found = reported("2026-12")
    tables = sheets_of(report_workbook(found, made_at=ladder.time.moment))
    row = dict(zip(*tables["団体ごとの状況"][:2], strict=True))
    assert [str(row[each])[:10] for each in ("シートの月", "期限内の提出", "確認済み", "月の締め")] == [
        "2026-11-01", "100%", "100%", "締めていない",
    ]  # fmt: skip
    assert "この月が期限の令和8年11月分" in text_of(report_pdf(found, made_at=ladder.time.moment))


def test_take_outs_are_those_of_the_month_and_small_counts_are_ranges(ladder, city, reported):
    house, session = ladder.house, ladder.house.session

    def out():
        now = ladder.time.moment
        row = take_outs.ask(
            session, house.worker.worker, some_facts(now + timedelta(minutes=30)), by=house.worker.principal, now=now,
            request_key=uuid4(),
        )  # fmt: skip
        take_outs.permit(session, row, comment="", by=house.head.principal, now=now)
        take_outs.depart(session, row, count=3, checks=ALL_CHECKS, comment="", by=house.worker.principal, now=now)

    for hour in (9, 10):
        ladder.go(2026, 11, 28, hour)
        out()
    ladder.go(2026, 12, 1)
    out()
    november = reported("2026-11")
    assert november.take_outs.left == 2
    tables = sheets_of(report_workbook(november, made_at=ladder.time.moment))
    assert tables["持ち出しの種類"][1] == ["紙の書類", "1〜2件"]
    assert tables["団体ごとの状況"][1][-2:] == ["1〜2", "－"]
    assert ["持ち出し", "1〜2件"] in tables["まとめ"]


def test_other_rooms_add_their_parts_at_the_end(ladder, reported):
    ladder.go(2026, 12, 1)
    part = Section("この月の判断", ("団体", "判断"), [("NPO法人 はまかぜ", "条件を付けて共有した")])
    found = reported("2026-11", sections=[part])
    assert "この月の判断団体判断NPO法人はまかぜ条件を付けて共有した" in text_of(
        report_pdf(found, made_at=ladder.time.moment)
    )
    assert sheets_of(report_workbook(found, made_at=ladder.time.moment))["この月の判断"][1][1] == "条件を付けて共有した"


@pytest.mark.parametrize(
    "path", ["/2026-11.pdf", "/2026-12.xlsx", "/2020-01.pdf", "/2026-13.pdf", "/x.pdf", "/2026-1.pdf"]
)
def test_only_months_that_have_ended_can_be_reported(files, path):
    answer = files(path)
    assert answer.status_code == 404
    assert "その月の報告は作れません" in answer.text


def test_the_months_that_can_be_chosen_have_a_report(files):
    page = files("").text
    assert page.count(".pdf") == 24
    assert "2026-10.pdf" in page
    assert "2026-11.pdf" not in page
    assert files("/2026-10.pdf").status_code == 200
    assert files("/2024-11.xlsx").status_code == 200  # before anybody was a partner


def test_another_municipalitys_report_does_not_exist(ladder, city, app):
    session = ladder.house.session
    other = an_officer_of(session, a_municipality(session, "となり市"))
    session.commit()
    client = signed_in(app, other, now=ladder.time.moment)
    for path in ("", "/2026-10.pdf", "/2026-10.xlsx"):
        assert client.get(f"/municipalities/{city.id}/reports{path}").status_code == 404


def test_a_report_takes_as_many_statements_for_5_partners_as_for_60(session, library, time, engine):
    counted = {}
    for number in (5, 60):
        municipality = a_municipality(session, f"{number}市")
        for at in range(number):
            an_engagement(session, municipality, an_organization(session, f"団体{at:02d}"))
        session.commit()
        with statements(engine) as seen:
            found = monthly(session, library, municipality, "2026-10", today=date(2026, 11, 16))
        assert len(found.lines) == number
        counted[number] = len(seen)
    assert counted[5] == counted[60]
