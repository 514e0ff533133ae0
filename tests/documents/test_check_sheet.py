from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from partner_compliance.documents import check_sheet
from partner_compliance.documents.check_sheet import BinderCover, CoverEntry, PrintedLine, check_sheet_pdf
from tests.documents.pages import read, right_edges, text_of
from tests.documents.sheets import ORGANIZATION, SIXTY, a_blank_sheet, a_record

RIGHT_MARGIN = (210 - 12) / 25.4 * 72


@pytest.mark.parametrize("head", [False, True])
def test_a_blank_sheet_is_one_page_with_a_box_for_every_answer(head):
    sheet = a_blank_sheet(head=head)

    document = check_sheet_pdf([sheet])

    text = text_of(document)
    items = 17 if head else 14
    assert len(read(document).pages) == 1
    assert text.count(SIXTY) == items
    assert text.count("□") == items * 4 + 2  # no take-out; the word in the explanation
    assert "■" not in text
    for expected in ("髙橋﨑子", "令和8年11月分", "桜ヶ丘学習支援センター", ORGANIZATION.replace(" ", ""), "本人署名"):
        assert expected in text


@pytest.mark.parametrize("length", [1, 60, 88])
def test_a_blank_sheet_stays_on_one_page_whatever_the_length_of_its_sentences(length):
    assert len(read(check_sheet_pdf([a_blank_sheet(head=True, text="個" * length)])).pages) == 1


def test_a_wrong_guess_of_the_room_is_mended(monkeypatch):
    monkeypatch.setattr(check_sheet, "_likely_room", lambda _sheet: 0)

    assert len(read(check_sheet_pdf([a_blank_sheet(head=True)])).pages) == 1


def test_a_record_shows_answers_notes_and_its_course():
    note = "鞄を車に置いた。\n次からは持って出る。"

    text = text_of(check_sheet_pdf([a_record(note=note)]))

    assert text.count("■") == 14
    assert text.count("□") == 14 * 3 + 1
    assert "□■□□1-3記入鞄を車に置いた。次からは持って出る。" in text
    for expected in (
        "CS-2026-000001",
        "第2版",
        "点検表の版2026",
        "山田花子（紙から入力）",
        "差し戻し",
        "佐々木一郎",
        "訂正",
    ):
        assert expected in text


def test_a_month_without_take_outs_is_marked():
    assert "■今月は" in text_of(check_sheet_pdf([replace(a_record(), no_take_out=True)]))


def test_long_notes_flow_to_further_pages_that_say_whose_they_are():
    note = "\n".join(f"{line}行目に書いたこと。" for line in range(120))

    document = check_sheet_pdf([a_record(note=note)])

    pages = read(document).pages
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        text = "".join(page.extract_text().split())
        assert "CS-2026-000001第2版令和8年11月分髙橋﨑子" in text
        assert f"{number}/{len(pages)}ページ" in text
    assert "119行目に書いたこと。" in text_of(document)


@pytest.mark.parametrize("unbroken", ["あ" * 900, "https://example.jp/" + "x" * 900, "、" * 300])
def test_nothing_runs_over_the_right_margin(unbroken):
    sheet = a_record(worker=unbroken[:100], note=unbroken)
    sheet = replace(sheet, organization=unbroken[:200], center=unbroken[:100], footer=unbroken[:100])

    assert max(right_edges(check_sheet_pdf([sheet]))) <= RIGHT_MARGIN + 10  # a full stop may hang by its own width


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img onerror>', "{{7*7}}", "${7*7}", "%s", "<pdf:nextpage>", "&amp;"]
)
def test_markup_is_printed_as_it_stands_in_every_field(text):
    sheet = a_record(worker=text, note=text)
    line = PrintedLine(text, text)
    sheet = replace(sheet, title=text, organization=text, center=text, state=text, record_number=text, edition=text)
    sheet = replace(sheet, submitted=[line], sign_off=[line], corrections=[line], footer=text, no_take_out_label=text)

    printed = text_of(check_sheet_pdf([sheet]))

    assert printed.count("".join(text.split())) >= 16


def test_the_same_sheets_give_the_same_bytes():
    sheets = [a_blank_sheet(), a_record()]
    cover = BinderCover("綴り")

    assert check_sheet_pdf(sheets[:1]) == check_sheet_pdf(sheets[:1])
    assert check_sheet_pdf(sheets, cover=cover) == check_sheet_pdf(sheets, cover=cover)


def test_the_date_of_the_file_is_the_callers():
    at = datetime(2026, 12, 5, 15, 0, tzinfo=UTC)

    for sheets in ([a_record()], [a_record(), a_record()]):
        metadata = read(check_sheet_pdf(sheets, created=at)).metadata
        assert metadata is not None
        assert metadata.creation_date == at


def test_a_binder_has_a_cover_bookmarks_and_numbered_pages(monkeypatch):
    monkeypatch.setattr(check_sheet, "CHUNK", 3)
    long = "\n".join("長い記入です。" for _ in range(120))
    sheets = [a_record(worker=f"職員{number}", note=long if number == 1 else "", number=number) for number in range(7)]
    cover = BinderCover(
        "令和8年11月分 綴り",
        [PrintedLine("団体", ORGANIZATION)],
        [CoverEntry("鈴木 次郎", "休職")],
        "出力 令和8年12月6日",
    )
    told: list[tuple[int, int]] = []

    document = check_sheet_pdf(sheets, lambda done, total: told.append((done, total)), cover=cover)

    reader = read(document)
    starts = [reader.get_destination_page_number(mark) for mark in reader.outline]
    assert told == [(3, 7), (6, 7), (7, 7)]
    assert [mark.title for mark in reader.outline] == [f"職員{number}（確認済み）" for number in range(7)]
    assert starts[:2] == [1, 2]
    assert starts[2] > 3  # the second sheet takes several pages
    contents = "".join(reader.pages[0].extract_text().split())
    assert "鈴木次郎休職" in contents
    for number, start in enumerate(starts):
        text = "".join(reader.pages[start].extract_text().split())
        assert f"出力令和8年12月6日{start + 1}ページ" in text
        assert f"CS-2026-{number:06d}" in text
        assert f"{number + 1}職員{number}確認済み{start + 1}" in contents
    assert reader.metadata is not None
    assert reader.metadata.title == "令和8年11月分 綴り"
    assert reader.trailer["/Root"]["/Lang"] == "ja-JP"


def test_a_binder_of_a_large_center_is_made_in_chunks():
    small = replace(a_record(), sections=[], submitted=[], sign_off=[], corrections=[])  # this is about their number
    sheets = [replace(small, worker=f"職員{number}") for number in range(120)]
    told: list[int] = []

    document = check_sheet_pdf(sheets, lambda done, _total: told.append(done))

    reader = read(document)
    assert len(reader.pages) == 120
    assert len(reader.outline) == 120
    assert told == [50, 100, 120]
    assert all(earlier < later for earlier, later in pairwise(told))


def test_a_cover_without_sheets_still_lists_who_is_excused():
    document = check_sheet_pdf([], cover=BinderCover("綴り", without_sheet=[CoverEntry("鈴木 次郎", "休職")]))

    assert "鈴木次郎休職" in text_of(document)


def test_nothing_to_print_is_refused():
    with pytest.raises(ValueError, match="nothing to print"):
        check_sheet_pdf([])
