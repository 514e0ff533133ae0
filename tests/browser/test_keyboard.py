"""With a keyboard alone: everything is reached in order, is seen to have the focus, and can be pressed."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MONTH, PHONE, Desk, Town
from tests.browser.test_month import ALL_OF_A_WORKER, COVERED
from tests.factories import PASSWORD

pytestmark = pytest.mark.browser

#: Numbers all that Tab can reach (links, buttons, fields, boxes that scroll; one number for each group of radios) and
#: names them in the order in which they stand on the page.
_NUMBER_STOPS = """() => {
  const names = [], groups = {};
  const stops = "a[href], button, input, textarea, select, summary, [tabindex='0']";
  for (const element of document.querySelectorAll(stops)) {
    if (element.type === "hidden" || element.disabled || !element.checkVisibility({visibilityProperty: true})) continue;
    if (element.closest("details:not([open])") && !element.matches("summary")) continue;
    if (element.type === "radio" && element.name in groups) {
      element.dataset.stop = groups[element.name];
      continue;
    }
    if (element.type === "radio") groups[element.name] = names.length;
    element.dataset.stop = names.length;
    names.push(element.type === "radio" ? "radio " + element.name : element.outerHTML.slice(0, 160));
  }
  return names;
}"""

_FOCUSED = """() => {
  const element = document.activeElement;
  const tile = element.closest(".tile, .switch") || element;
  const outlined = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const ring = (style) => outlined(style) || style.boxShadow !== "none";
  const box = element.getBoundingClientRect();
  const middle = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
  return {
    stop: element === document.body ? -1 : Number(element.dataset.stop ?? -2),
    ring: ring(getComputedStyle(element)) || ring(getComputedStyle(tile)),
    hidden: box.bottom <= 0 || box.top >= innerHeight || !middle ||
      !(tile.contains(middle) || middle.contains(element)),
  };
}"""


def check_stops(page: Page) -> None:
    """Press Tab from the start of the page to its end: everything is met in order, and seen when it has the focus."""
    page.wait_for_timeout(100)
    names = page.evaluate(_NUMBER_STOPS)
    met: list[int] = []
    problems = []
    for _ in range(len(names) + 20):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        stop = focused["stop"]
        if stop == -1 or (stop == 0 and met):
            break
        if met and met[-1] == stop:
            continue
        met.append(stop)
        if not focused["ring"]:
            problems.append(f"the focus is not seen: {names[stop]}")
        if focused["hidden"]:
            problems.append(f"the focus is hidden: {names[stop]}")
    assert problems == []
    assert met == list(range(len(names))), [names[stop] for stop in range(len(names)) if stop not in met]


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "narrow"])
def test_everything_on_the_door_and_the_sheet_is_reached_and_seen(desk: Desk, town: Town, phone: bool) -> None:
    options = {"viewport": PHONE} if phone else {}
    page = desk.device(**options)
    page.goto("/sign-in")
    check_stops(page)

    page = desk.signed_in(town.worker.user, **options)
    page.goto(town.sheet_of(town.worker.worker) + "/answers")
    check_stops(page)


def test_the_heads_list_is_reached_and_seen(desk: Desk, town: Town) -> None:
    page = desk.signed_in(town.head.user)
    page.goto(f"/centers/{town.center.id}/months/{MONTH}")
    check_stops(page)


def test_the_first_stop_leads_to_the_contents(desk: Desk, town: Town) -> None:
    page = desk.signed_in(town.worker.user)
    page.goto(town.sheet_of(town.worker.worker) + "/answers")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="本文へ移動する")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_sheet_is_filled_in_and_submitted_with_the_keyboard_alone(desk: Desk, town: Town) -> None:
    page = desk.device()
    page.goto("/sign-in")
    page.get_by_label("ログイン名").focus()
    page.keyboard.type(town.worker.user.login_name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    page.get_by_role("link", name="記入する").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("チェックシート")
    page.get_by_label("今月は持ち出しがなかった").focus()
    page.keyboard.press("Space")
    for item in ALL_OF_A_WORKER:
        if item not in COVERED:
            page.locator(f"#answer-{item}-ok").focus()
            page.keyboard.press("Space")
    page.locator("#answer-2-2-ok").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#answer-2-2-not_ok")).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_label("2-2 のメモ")).to_be_focused()
    page.keyboard.type("カギを直す")
    page.keyboard.press("Enter")
    page.keyboard.type("来週まで")
    page.get_by_role("button", name="提出する").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("status").filter(has_text="提出しました")).to_be_visible()


def test_enter_in_a_single_line_saves_a_draft_and_submits_nothing(desk: Desk, town: Town) -> None:
    """Whoever presses Enter on a choice has not read to the end; the sheet must not go out."""
    page = desk.signed_in(town.worker.user)
    page.goto(town.sheet_of(town.worker.worker) + "/answers")
    page.locator("#answer-1-1-ok").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="下書きを保存しました")).to_be_visible()


def test_the_menus_open_and_close_with_the_keyboard(desk: Desk, town: Town) -> None:
    page = desk.signed_in(town.worker.user, viewport=PHONE)
    page.goto("/")
    menu = page.get_by_role("button", name="メニュー")
    menu.focus()
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("link", name="自分のシート")).to_be_visible()
    page.locator("details.account summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="サインアウト")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="サインアウト")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(menu).to_have_attribute("aria-expanded", "false")
    expect(menu).to_be_focused()


def test_a_page_without_colours_of_its_own_still_shows_focus_and_choice(desk: Desk, town: Town) -> None:
    """Forced colours: the system's colours replace ours."""
    page = desk.signed_in(town.worker.user, forced_colors="active")
    page.goto(town.sheet_of(town.worker.worker) + "/answers")
    page.locator("#answer-1-1-ok").focus()
    page.keyboard.press("Space")
    assert page.evaluate(_FOCUSED)["ring"]
    tiles = page.locator("#item-1-1 label.tile")
    look = "tile => { const s = getComputedStyle(tile); return s.borderColor + s.backgroundColor + s.outlineStyle; }"
    looks = [tile.evaluate(look) for tile in tiles.all()]
    radio = page.locator("#answer-1-1-ok")
    assert looks[0] != looks[1] or radio.evaluate("radio => getComputedStyle(radio).appearance") in ("auto", "radio")
