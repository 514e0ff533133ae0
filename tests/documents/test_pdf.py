import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from jinja2 import UndefinedError

from partner_compliance.documents import glyphs, pdf
from tests.documents.pages import embedded, read, text_of

PAGE = """
{% extends "documents/pdf_base.html" %}
{% block content %}<p>{{ text|pdftext }}</p>{{ raw|default("")|safe }}{% endblock %}
"""


def a_page(text: str = "こんにちは", **context: object) -> str:
    return pdf.environment().from_string(PAGE).render(title="試し刷り", text=text, **context)


@pytest.fixture
def listener():
    """A web server that counts who calls."""
    hits: list[str] = []

    class Counter(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Counter)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", hits
    server.shutdown()
    server.server_close()


def attacks(origin: str, secret: str) -> list[str]:
    return [
        f'<img src="{origin}/image">',
        f'"><img src={origin}/quoted onerror=alert(1)>',
        f"<img src='{secret}'><img src='../{secret}'>",
        '<img src="file:///etc/passwd">',
        f'<style>@import url("{origin}/import.css");</style>',
        f'<style>@font-face {{ font-family: X; src: url("{origin}/font.ttf"); }} p {{ font-family: X }}</style>',
        f"<p style=\"background-image: url('{origin}/background.png')\">x</p>",
        f'<link rel="stylesheet" href="{origin}/style.css">',
        f'<pdf:font name="X" src="{origin}/pdf-font.ttf">',
        f'<pdf:insertpdf src="{origin}/insert.pdf"></pdf:insertpdf>',
        f'<object data="{origin}/object.svg"></object>',
        "<script>alert(1)</script>{{7*7}}${7*7}%s",
    ]


def test_markup_in_a_text_is_printed_as_it_stands_and_calls_nobody(listener, tmp_path):
    origin, hits = listener
    texts = attacks(origin, str(tmp_path / "secret.png"))

    document = pdf.render_pdf(a_page("\n".join(texts)), title="x")

    printed = text_of(document)
    for text in texts:
        assert "".join(text.split()) in printed
    assert hits == []


@pytest.mark.filterwarnings("ignore:.pdf.font. is deprecated")
def test_a_font_from_elsewhere_is_an_error(listener):
    origin, hits = listener

    with pytest.raises(pdf.PdfFailed):
        pdf.render_pdf(a_page(raw=f'<pdf:font name="X" src="{origin}/font.ttf">'), title="x")

    assert hits == []


def test_even_markup_of_a_template_can_fetch_nothing(listener, tmp_path):
    origin, hits = listener
    secret = tmp_path / "secret.png"
    from PIL import Image

    Image.new("RGB", (8, 8), "red").save(secret)

    markup = [attack for attack in attacks(origin, str(secret)) if "pdf:font" not in attack]

    document = pdf.render_pdf(a_page(raw="\n".join(markup)), title="x")

    assert hits == []
    assert b"root:" not in document
    assert all(not page.images for page in read(document).pages)
    assert "1ページ" in text_of(document)


def test_every_font_is_in_the_file():
    document = pdf.render_pdf(a_page("髙橋 𠮷野家", raw="<table><tr><td><b>太字</b></td></tr></table>"), title="x")

    fonts = embedded(document)
    assert all(fonts.values())
    assert {name.split("+")[1] for name in fonts} == {
        "BIZUDPGothic-Regular",
        "BIZUDPGothic-Bold",
        "NotoSansJP-Regular-Fallback",
    }


def test_rare_names_can_be_copied_and_searched():
    names = "髙橋﨑子 𠮷野家 葛\U000e0100城"

    assert "".join(names.split()) in text_of(pdf.render_pdf(a_page(names), title="x"))


def test_a_character_without_glyph_does_not_vanish(caplog):
    with caplog.at_level(logging.WARNING):
        printed = text_of(pdf.render_pdf(a_page("絵文字😀と\u202e逆"), title="x"))

    assert "絵文字〓と[U+202E]逆" in printed
    assert [record for record in caplog.records if record.name.startswith("xhtml2pdf")] == []


def test_title_and_language_are_set():
    reader = read(pdf.render_pdf(a_page(), title="試し刷り"))

    assert reader.metadata is not None
    assert reader.metadata.title == "試し刷り"
    assert reader.trailer["/Root"]["/Lang"] == "ja-JP"


def test_the_same_page_gives_the_same_bytes():
    assert pdf.render_pdf(a_page(), title="x") == pdf.render_pdf(a_page(), title="x")


def test_a_file_is_dated_only_when_told():
    at = datetime(2026, 12, 5, 15, 0, tzinfo=UTC)

    undated = read(pdf.render_pdf(a_page(), title="x")).metadata
    dated = read(pdf.render_pdf(a_page(), title="x", created=at)).metadata

    assert undated is not None
    assert undated.creation_date is None
    assert dated is not None
    assert dated.creation_date == at
    assert dated.modification_date == at


def test_pages_are_numbered_from_where_it_is_told():
    assert "12ページ" in text_of(pdf.render_pdf(a_page(), title="x", first_page=12))


def test_threads_do_not_disturb_each_other():
    pages = [a_page(f"第{number}の文書") for number in range(6)]
    alone = [pdf.render_pdf(page, title="x") for page in pages]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda page: pdf.render_pdf(page, title="x"), pages))

    assert together == alone


def test_missing_fonts_are_an_error_and_not_an_ugly_page(monkeypatch, tmp_path):
    monkeypatch.setattr(glyphs, "FONTS", tmp_path)

    with pytest.raises(pdf.PdfFailed, match="BIZUDPGothic-Regular"):
        pdf.render_pdf("<p>x</p>", title="x")
    with pytest.raises(pdf.PdfFailed, match="BIZUDPGothic-Regular"):
        pdf.environment(tmp_path)


def test_an_error_of_the_engine_is_ours_to_catch():
    with pytest.raises(pdf.PdfFailed):
        pdf.render_pdf("<div>" * 500 + "x", title="x")


def test_templates_of_other_rooms_are_found_and_print_eras(tmp_path):
    (tmp_path / "pledge.html").write_text("{{ '2026-11'|era_month }} {{ day|era_date }}", encoding="utf-8")
    template = pdf.environment(tmp_path).get_template("pledge.html")

    assert template.render(day=datetime(2026, 11, 23, tzinfo=UTC).date()) == "令和8年11月 令和8年11月23日"
    with pytest.raises(UndefinedError):
        template.render()


def test_importing_this_room_loads_no_layout_engine():
    heavy = "{'xhtml2pdf', 'reportlab', 'pypdf', 'xlsxwriter'}"
    code = (
        "import sys, partner_compliance.documents.check_sheet, partner_compliance.documents.tables;"
        f"sys.exit(str({heavy} & set(sys.modules)) if {heavy} & set(sys.modules) else 0)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert done.returncode == 0
