"""Makes the tour: starts the app on demo data, takes a picture of each main page at two widths, writes docs/tour.md.

python -m tools.tour          into docs/
python -m tools.tour FOLDER   into another folder, to compare
"""

import re
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine
from werkzeug.serving import WSGIRequestHandler, make_server

from partner_compliance import clock, schema
from partner_compliance.app import create_app
from partner_compliance.config import PROJECT, Settings
from partner_compliance.database import make_engine
from partner_compliance.demo import Size, load_demo
from partner_compliance.library.shelf import read_library
from tools.chromium import find_chromium

#: A morning in the first days of a month: last month's sheets are due within days, some wait, some are late.
MORNING = datetime(2026, 12, 3, 1, 0, tzinfo=UTC)

#: name → viewport; the pictures of a phone show at most so much of a long page.
SIZES = {"360": {"width": 360, "height": 740}, "1280": {"width": 1280, "height": 900}}
LONGEST = {"360": 1600, "1280": 1800}
LARGEST_PICTURE = 250_000
LARGEST_TOUR = 3_000_000

Walk = Callable[["Visit"], None]


@dataclass
class Visit:
    """A browser of one width, and whatever one stop leaves for the next."""

    browser: Browser
    origin: str
    size: str
    page: Page | None = None

    def enter(self, label: str) -> Page:
        """Sign in as one of the people of the demo."""
        page = self.anew()
        page.goto("/sign-in")
        page.get_by_role("button", name=re.compile("^" + re.escape(label))).first.click()
        page.wait_for_url(lambda address: "/sign-in" not in address)
        return page

    def anew(self) -> Page:
        """A browser in which nobody is signed in."""
        if self.page is not None:
            self.page.context.close()
        is_phone = self.size == "360"
        context = self.browser.new_context(
            base_url=self.origin, viewport=SIZES[self.size], is_mobile=is_phone, has_touch=is_phone,
            locale="ja-JP", timezone_id="Asia/Tokyo", reduced_motion="reduce",
        )  # fmt: skip
        context.set_default_timeout(15_000)
        self.page = context.new_page()
        return self.page

    @property
    def shown(self) -> Page:
        """The page that the stop before left open."""
        return self.page or self.anew()


@dataclass(frozen=True)
class Stop:
    """One page of the tour: its file name, its Japanese name, what there is to see, and the way to it."""

    key: str
    name: str
    caption: str
    walk: Walk
    #: What the picture must end with, on a page whose end matters more than its start.
    last: str = ""


# --- the ways ---------------------------------------------------------------------------------------------------


def sign_in(visit: Visit) -> None:
    visit.anew().goto("/sign-in")


def home(visit: Visit) -> None:
    visit.enter("従事者")


def sheet(visit: Visit) -> None:
    page = visit.shown
    page.get_by_role("link", name=re.compile("記入する|提出する")).first.click()
    page.get_by_text("今月は持ち出しがなかった").click()
    page.locator("#item-1-1 label.tile").first.click()
    if visit.size == "1280":
        page.locator("#item-2-1 label.tile").first.click()


def receipt(visit: Visit) -> None:
    page = visit.shown
    for item in page.locator("[data-item]").all():
        if not item.get_by_role("radio", checked=True).count():
            item.locator("label.tile").first.click()
    page.get_by_role("button", name="提出する").click()
    page.get_by_text("に受け付けました").wait_for()


def center_month(visit: Visit) -> None:
    page = visit.enter("センター長")
    page.locator("a[href*='/months/']").first.click()
    page.get_by_role("navigation", name="月を選ぶ").get_by_role("link").first.click()


def confirm(visit: Visit) -> None:
    page = visit.shown
    page.get_by_role("link", name=re.compile("^確認する")).first.click()
    page.get_by_role("heading", name="確認する").wait_for()


def organization_months(visit: Visit) -> None:
    visit.enter("個人情報責任者")
    follow_menu(visit, "団体の月次状況")


def history(visit: Visit) -> None:
    follow_menu(visit, "記録の履歴")


def dashboard(visit: Visit) -> None:
    visit.enter("自治体担当者")
    follow_menu(visit, "連携団体")


def partner(visit: Visit) -> None:
    page = visit.shown
    page.get_by_role("rowheader").get_by_role("link", name="NPO法人").first.click()


def roster(visit: Visit) -> None:
    visit.enter("個人情報責任者")
    follow_menu(visit, "従事者名簿")


def person(visit: Visit) -> None:
    page = visit.shown
    page.get_by_role("rowheader").get_by_role("link").nth(4).click()


def leaving(visit: Visit) -> None:
    page = visit.shown
    page.get_by_role("link", name=re.compile("退職・活動終了")).first.click()


def engagements(visit: Visit) -> None:
    visit.enter("個人情報責任者")
    follow_menu(visit, "連携関係")
    visit.shown.get_by_role("rowheader").get_by_role("link").first.click()


def security(visit: Visit) -> None:
    visit.enter("個人情報責任者").goto("/security")


def tablet(visit: Visit) -> None:
    """Slips for everyone, the browser turned into a tablet, and what it shows."""
    page = visit.enter("センター長")
    page.locator("a[href*='/months/']").first.click()
    page.get_by_role("link", name="共用端末と暗証番号の紙").click()
    address = page.url
    page.get_by_role("link", name="紙を作る").click()
    page.evaluate(
        """async () => {
            const form = document.querySelector("form:has(input[name=worker])");
            for (const box of form.querySelectorAll("input[name=worker]")) box.checked = true;
            await fetch(location.href, { method: "POST", body: new FormData(form) });
        }"""
    )
    page.goto(address)
    page.get_by_label("端末の名前").fill("事務所のタブレット")
    page.get_by_role("button", name="この端末を共用端末にする").click()


def follow_menu(visit: Visit, label: str) -> None:
    page = visit.shown
    menu = page.get_by_role("button", name="メニュー")
    if menu.is_visible():
        menu.click()
    navigation = page.get_by_role("navigation", name="主なメニュー")
    group = navigation.locator("details", has=page.get_by_role("link", name=label, exact=True, include_hidden=True))
    if group.count():
        group.locator("summary").click()
    navigation.get_by_role("link", name=label, exact=True).click()


def take_outs(visit: Visit) -> None:
    visit.enter("従事者")
    follow_menu(visit, "持ち出し")


def come_back(visit: Visit) -> None:
    visit.shown.get_by_role("link", name=re.compile("^戻りました")).first.click()


def ledger(visit: Visit) -> None:
    visit.enter("個人情報責任者")
    follow_menu(visit, "持ち出し管理台帳")


def register(visit: Visit) -> None:
    follow_menu(visit, "授受簿")


def counts(visit: Visit) -> None:
    visit.enter("自治体担当者（汐見市）")
    follow_menu(visit, "持ち出しの件数")


def pledge(visit: Visit) -> None:
    visit.enter("従事者")
    follow_menu(visit, "誓約")
    visit.shown.get_by_role("link", name="読んで署名する").first.click()


def coverage(visit: Visit) -> None:
    visit.enter("個人情報責任者")
    follow_menu(visit, "誓約の状況")


def meeting(visit: Visit) -> None:
    visit.enter("自治体担当者（汐見市）")
    follow_menu(visit, "個別ケース検討会議")
    visit.shown.get_by_role("rowheader").get_by_role("link").first.click()


def rules(visit: Visit) -> None:
    visit.enter("個人情報責任者")
    follow_menu(visit, "団体の規程")


def course(visit: Visit) -> None:
    visit.enter("従事者")
    follow_menu(visit, "講座")
    visit.shown.get_by_role("link", name="続きから受ける").click()
    visit.shown.get_by_role("button", name="続きから始める").click()
    further = visit.shown.get_by_role("button", name="読みました。次へ")
    while further.count():
        further.click()
        visit.shown.wait_for_load_state()


def training(visit: Visit) -> None:
    visit.enter("個人情報責任者")
    follow_menu(visit, "研修")


def gate(visit: Visit) -> None:
    visit.enter("自治体担当者（汐見市）")
    follow_menu(visit, "共有できるか確かめる")
    page = visit.shown
    page.get_by_label("団体").select_option(label="NPO法人 しおみ子どもネット")
    page.get_by_label("情報の種類").select_option("D4")
    page.get_by_label("紙・保管", exact=True).check()
    page.get_by_label("目的").select_option("PU2")
    page.get_by_role("button", name="確かめる").click()


def level(visit: Visit) -> None:
    visit.enter("個人情報責任者")
    follow_menu(visit, "準備度")


STOPS = [
    Stop(
        "01-sign-in", "サインイン",
        "Name and password. In a demo, and only there, one button for each role.",
        sign_in,
    ),
    Stop("02-home", "ホーム（従事者）", "What is to be done today, with one big button each, and nothing else.", home),
    Stop(
        "03-sheet", "チェックシート",
        "The month's sheet on one page. The switch 「今月は持ち出しがなかった」 answers 1-2 to 1-10; "
        "要改善 and わからない open a note; the bar at the bottom counts and saves.",
        sheet,
    ),
    Stop(
        "04-receipt", "提出後の控え",
        "After submission the page is a receipt: when, which edition, every answer.",
        receipt,
    ),
    Stop(
        "05-center-month", "センター長の一覧",
        "The center head's month: everyone's state, what needs attention first, and what must be done "
        "before the month can be closed.",
        center_month,
    ),
    Stop(
        "06-confirm", "確認画面",
        "The end of one sheet: the head has read it, and signs it off or returns it with a comment.",
        confirm,
        last="差し戻す",
    ),
    Stop(
        "07-organization-months", "団体の月次状況",
        "The protection officer sees all centers, and the heads' sheets that wait.",
        organization_months,
    ),
    Stop("08-history", "履歴", "Who did what and when, from the log that nobody can change unnoticed.", history),
    Stop(
        "09-dashboard", "自治体ダッシュボード",
        "The municipality's partners: counts and shares, twelve months as a heat map, the trend; never an individual's "
        "answer.",
        dashboard,
    ),
    Stop("10-partner", "団体詳細", "One partner: engagements, named posts, counts by month and center.", partner),
    Stop(
        "11-roster", "従事者名簿",
        "Who works under the organization's command, with filters, posts and what is incomplete.",
        roster,
    ),
    Stop(
        "12-person", "一人のページ",
        "One person: facts, posts, what joining still asks for, things in hand, ways in.",
        person,
    ),
    Stop(
        "13-leaving", "退職・活動終了",
        "One page closes everything: last day, things, keys, the pledge, the account.",
        leaving,
    ),
    Stop(
        "14-engagement", "連携関係",
        "One engagement: basis, data classes and modes, clauses agreed, places, notices.",
        engagements,
    ),
    Stop(
        "15-security", "サインインの安全設定",
        "Authenticator, passkeys, recovery codes, and where one is signed in.",
        security,
    ),
    Stop(
        "16-tablet", "共用端末",
        "A shared tablet: people choose their name and type their PIN.",
        tablet,
    ),
    Stop(
        "17-take-outs", "持ち出し",
        "A worker's take-outs: what is outside, what waits for permission, what may leave now.",
        take_outs,
    ),
    Stop("18-return", "戻りました", "Coming back: count, check, done. Three taps where all is there.", come_back),
    Stop(
        "19-ledger", "持ち出し管理台帳",
        "The ledger of the organization, with filters; what left without permission or is overdue stands out.",
        ledger,
    ),
    Stop(
        "20-register", "授受簿",
        "Hand-overs inside and with the municipality, until return or destruction.",
        register,
    ),
    Stop(
        "21-counts", "持ち出しの件数",
        "What the municipality sees of all this: counts, and why data leave the centers.",
        counts,
    ),
    Stop(
        "22-pledge", "誓約",
        "A pledge on one page: the promises, the law for one's work, who told what; signed with the own name.",
        pledge,
    ),
    Stop("23-coverage", "誓約の状況", "Who has signed this year's pledge, and who has not for how long.", coverage),
    Stop(
        "24-meeting", "出席者名簿",
        "The roster of a case meeting: everyone signs, members of the council or not.",
        meeting,
    ),
    Stop(
        "25-rules", "団体の規程",
        "Where each rule stands: in force, public, due for review, and what has changed at its source.",
        rules,
    ),
    Stop(
        "26-course", "講座",
        "After short texts, situations out of the work: what would one do? Every answer is explained at once.",
        course,
    ),
    Stop(
        "27-training", "研修",
        "Who has taken which course, and the situation that most people got wrong, as a topic for the next meeting.",
        training,
    ),
    Stop(
        "28-level", "準備度",
        "The level that the records give, how long it holds, what the next one lacks, and the shortest way there.",
        level,
    ),
    Stop(
        "29-gate", "共有できるか確かめる",
        "May this be shared with these people today? The gate gives reasons and what would change them; the officer "
        "decides.",
        gate,
    ),
]  # fmt: skip


# --- the work ---------------------------------------------------------------------------------------------------


class _QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name is werkzeug's
        pass


@contextmanager
def demo_site(folder: Path) -> Iterator[str]:
    """The app on demo data, on a free port; yields its address."""
    clock.now = lambda: MORNING
    library = read_library(PROJECT)
    settings = Settings(
        database_url=f"sqlite:///{folder / 'tour.sqlite3'}", secret_key="only for the pictures of the tour, once",  # noqa: S106
        data_folder=folder, scheduler=False,
    )  # fmt: skip
    engine: Engine = make_engine(settings.database_url)
    schema.upgrade(engine)
    load_demo(engine, library, size=Size.SMALL, now=MORNING)
    engine.dispose()
    (folder / "tour.sqlite3").chmod(0o600)
    app: Flask = create_app(settings, library=library)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["engine"].dispose()


def take(page: Page, stop: Stop, file: Path, size: str) -> None:
    """A picture of the page from its top, or up to the button that matters; not longer than a reader looks."""
    page.evaluate("window.scrollTo(0, 0); document.activeElement.blur()")
    page.wait_for_timeout(200)
    window = SIZES[size]
    height = max(min(page.evaluate("document.documentElement.scrollHeight"), LONGEST[size]), window["height"])
    page.set_viewport_size({"width": window["width"], "height": height})
    if stop.last:
        button = page.get_by_role("button", name=stop.last, exact=True)
        button.evaluate("button => window.scrollBy(0, button.getBoundingClientRect().bottom + 40 - innerHeight)")
    page.screenshot(path=file, animations="disabled", caret="hide")
    page.set_viewport_size(window)  # type: ignore[arg-type]
    with Image.open(file) as picture:
        few_colours = picture.convert("RGB").quantize(40, dither=Image.Dither.NONE)
    few_colours.save(file, optimize=True)
    if file.stat().st_size > LARGEST_PICTURE:
        sys.exit(f"{file.name} is too large: {file.stat().st_size} bytes")


def write_text(folder: Path) -> None:
    """The page of the tour."""
    about = "The main pages on a phone (360 px) and at a desk (1280 px), with demo data. Long pages are cut."
    lines = ["# Tour", "", about, "`python -m tools.tour` makes the pictures anew.", ""]
    for stop in STOPS:
        number, title = int(stop.key[:2]), stop.name
        lines += [
            f"## {number}. {title}",
            "",
            stop.caption,
            "",
            "| 360 px | 1280 px |",
            "| --- | --- |",
            f"| ![{title}, 360 px](tour/{stop.key}-360.png) | ![{title}, 1280 px](tour/{stop.key}-1280.png) |",
            "",
        ]
    (folder / "tour.md").write_text("\n".join(lines), encoding="utf-8")


def main(folder: Path) -> None:
    pictures = folder / "tour"
    pictures.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        with (
            tempfile.TemporaryDirectory() as temporary,
            demo_site(Path(temporary)) as origin,
            sync_playwright() as driver,
        ):
            browser = driver.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
            visit = Visit(browser, origin, size)
            for stop in STOPS:
                stop.walk(visit)
                visit.shown.wait_for_load_state()
                take(visit.shown, stop, pictures / f"{stop.key}-{size}.png", size)
                print(f"{stop.key}-{size}.png")
            browser.close()
    total = sum(file.stat().st_size for file in pictures.glob("*.png"))
    if total > LARGEST_TOUR:
        sys.exit(f"the tour is too large: {total} bytes")
    write_text(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT / "docs")
