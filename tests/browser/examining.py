"""What every page must be: without a finding of axe, and without sideways scrolling at any width."""

import re
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

_RULES = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
    },
}

#: 320: the narrowest phone. 360: most phones. 640: a desk of 1280 at 200 % zoom. 1280: a desk.
WIDTHS = (320, 360, 640, 1280)
_WIDTHS_OF_AXE = (360, 1280)
#: The colours are the same at every width, and take axe longest: it looks at them once.
_WIDTH_OF_COLOURS = 1280
_RULES_BUT_COLOURS = _RULES | {"rules": {"color-contrast": {"enabled": False}}}

#: What sticks out of the window without a box of its own to scroll in, controls that a thumb misses, and small print.
_LOOK = """() => {
  const wide = window.innerWidth;
  const found = [];
  const name = (element) => element.tagName.toLowerCase() + (element.id ? "#" + element.id : "") +
    (element.className && element.className.baseVal === undefined ? "." + element.className : "") +
    " 「" + (element.textContent || "").trim().slice(0, 20) + "」";
  const whole = document.documentElement.scrollWidth;
  if (whole > wide) found.push("scrolls sideways: " + whole);
  const scrolls = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (["auto", "scroll"].includes(style.overflowX)) return true;
      if (style.clip !== "auto" || style.clipPath !== "none") return true;
    }
    return false;
  };
  for (const element of document.querySelectorAll("body *")) {
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    if ((box.right > wide + 1 || box.left < -1) && !scrolls(element)) found.push("sticks out: " + name(element));
  }
  const field = "input:not([type=hidden]):not([type=radio]):not([type=checkbox])";
  const controls = "button, a.button, summary, select, textarea, label.tile, label.switch, " + field;
  for (const element of document.querySelectorAll(controls)) {
    const {width, height} = element.getBoundingClientRect();
    if (width && height && height < 43.5 && !scrolls(element)) {
      found.push("lower than 44 px (" + height + "): " + name(element));
    }
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || parent.closest("rt, rp, svg, script, .visually-hidden")) continue;
    const size = parseFloat(getComputedStyle(parent).fontSize);
    if (size < 15.9 && parent.getClientRects().length) {
      found.push("smaller than 16 px (" + size + "): " + name(parent));
    }
  }
  return [...new Set(found)];
}"""


#: What differs between two showings of the same: ids, tokens, numbers.
_CHANGING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[\w.-]{30,}|\d+")


def findings(page: Page, *, at_phone: bool = True) -> list[str]:
    """What is wrong with the page that is shown, at every width, in words; axe looks at the phone's width if asked."""
    found: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found += [f"at {width} px: {each}" for each in page.evaluate(_LOOK)]
        if width == _WIDTH_OF_COLOURS or (at_phone and width in _WIDTHS_OF_AXE):
            colours = width == _WIDTH_OF_COLOURS
            found += [f"at {width} px: {each}" for each in axe_findings(page, colours=colours)]
    return found


def is_new(page: Page, seen: set[int]) -> bool:
    """Whether what the page shows has not been looked at before; what several roles see alike is looked at once."""
    shown = hash(_CHANGING.sub("", page.locator("main").inner_html()))
    if shown in seen:
        return False
    seen.add(shown)
    return True


def axe_findings(page: Page, *, colours: bool = True) -> list[str]:
    """What axe has against the page."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    rules = _RULES if colours else _RULES_BUT_COLOURS
    violations: list[dict[str, Any]] = page.evaluate("rules => axe.run(rules).then(found => found.violations)", rules)
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {node['target']} {node['failureSummary']}"
        for each in violations
        for node in each["nodes"][:3]
    ]
