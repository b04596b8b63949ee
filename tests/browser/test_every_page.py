"""Every page there is: readable by everybody, in both themes and at every width, within its policy, quiet.

`SCREENSHOTS=folder` keeps a picture of each page at each size, `ONLY=pattern` looks at the pages of such names.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import URLPattern, get_resolver
from playwright.sync_api import Page as Tab

from tests.browser import scene as scenes
from tests.browser.conftest import CUT_OFF, RULES
from tests.browser.pages import NOT_PAGES, PAGES, Look

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIZES = {
    "1440-light": ((1440, 900), RULES),
    "390-dark": ((390, 844), RULES),
    "320-light": ((320, 640), ["target-size"]),
    "1440-dark": ((1440, 900), ["color-contrast"]),
    "390-light": ((390, 844), ["color-contrast"]),
    "320-dark": ((320, 640), ["color-contrast"]),
}
"""How wide and in which theme, and which rules of axe-core look: after the first two only what differs there."""

FOREIGN = {"api-docs", "admin:index"}
"""Pages that packages bring: quiet and within their policy, but not drawn by us."""

ZOOMED = (720, 450)
"""What is left of 1440 x 900 at 200 % (WCAG 1.4.4, 1.4.10)."""

# What sticks out of its box, and what is cut off without a way to it.
OVERFLOW = """() => {
  const found = [], name = (el) => el.tagName.toLowerCase() + [...el.classList].map((c) => "." + c).join("");
  const doc = document.documentElement;
  if (doc.scrollWidth > innerWidth) found.push(`scrolls sideways: ${doc.scrollWidth} in ${innerWidth} px`);
  for (const box of document.querySelectorAll("main .panel, main .message, main .card, .topbar, dialog[open]")) {
    const edge = box.getBoundingClientRect();
    for (const el of box.querySelectorAll("*")) {
      const at = el.getBoundingClientRect();
      const over = Math.round(at.right - edge.right);
      if (at.width < 2 || over < 2 || el.closest(".sr, .menu-box, svg") || scrolled(el, box)) continue;
      found.push(`${name(el)} sticks out of ${name(box)} by ${over} px`);
      break;
    }
  }
  function scrolled(el, box) {
    for (let up = el.parentElement; up && up !== box.parentElement; up = up.parentElement)
      if (/auto|scroll|hidden|clip/.test(getComputedStyle(up).overflowX)) return true;
  }
  return found;
}"""

# Focus each thing in turn; something of it must be seen (WCAG 2.4.11).
HIDDEN_FOCUS = """() => {
  const found = [], start = document.activeElement;
  start.blur();
  for (const el of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
    if (el.disabled || el.type === "hidden" || !el.checkVisibility({ visibilityProperty: true })) continue;
    if (document.querySelector("dialog:modal") && !el.closest("dialog:modal")) continue;
    el.focus();
    const shown = el.matches("[type=radio], [type=checkbox]") && el.labels[0] ? el.labels[0] : el;
    const at = shown.getBoundingClientRect();
    if (document.activeElement !== el || at.width < 2 || el.closest(".sr, .decoy")) continue;
    const left = Math.max(at.left, 0), right = Math.min(at.right, innerWidth - 1);
    const top = Math.max(at.top, 0), bottom = Math.min(at.bottom, innerHeight - 1);
    const over = [[.5, .5], [.1, .2], [.9, .2], [.1, .8], [.9, .8]].map(([x, y]) =>
      document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y));
    if (!over.some((top) => top && (shown.contains(top) || top.contains(shown) || top.closest("label")?.contains(el))))
      found.push(`focus hidden: ${el.outerHTML.slice(0, 90)} under ${over[0]?.outerHTML.slice(0, 60)}`);
  }
  start.focus({ preventScroll: true });
  scrollTo(0, 0);
  return found;
}"""

# Without colours of ours, what can be pressed or filled in still has an edge, and what is current differs.
UNMARKED = """() => [...document.querySelectorAll("main .btn, .input, .segmented [aria-pressed=true], .badge, .notice")]
  .filter((el) => el.checkVisibility() && el.getClientRects().length && getComputedStyle(el).borderTopStyle === "none")
  .map((el) => `no edge in forced colours: ${el.outerHTML.slice(0, 80)}`)"""

MOVING = """() => document.getAnimations().length + [...document.querySelectorAll("a, .btn")]
  .filter((el) => parseFloat(getComputedStyle(el).transitionDuration) > 0).length"""


def test_every_address_is_listed_as_a_page_or_as_none():
    names = set(_names(get_resolver().url_patterns))
    listed = {name for name in PAGES if not name.startswith("/")} | NOT_PAGES
    new = sorted(names - listed)
    assert not new, f"add it to PAGES in tests/browser/pages.py (or to NOT_PAGES, if no person reads it): {new}"
    assert not listed - names, f"these addresses are gone: {sorted(listed - names)}"
    assert not set(PAGES) & NOT_PAGES
    assert all(PAGES.values()), [name for name, looks in PAGES.items() if not looks]


def _names(patterns, space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield space + pattern.name
        elif pattern.namespace == "admin":
            yield "admin:index"  # raw tables, not pages of ours
        elif str(pattern.pattern) != "api/v1/":
            yield from _names(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)


@pytest.fixture
def scene(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return scenes.build()


def test_every_page(scene, open_browser, live_server):
    only, faults = os.environ.get("ONLY", ""), []
    tabs: dict[str, Tab] = {}
    for name, looks in PAGES.items():
        for place, look in enumerate(looks):
            if not re.search(only, name):
                continue
            tab = tabs.get(look.who) or tabs.setdefault(look.who, _open(open_browser, look.who, scene, live_server.url))
            title = f"{name} {place} as {look.who or 'a passer-by'}"
            found = _look(tab, name, look, scene, f"{name.replace(':', '-')}-{place}")
            faults += [f"{title}: {fault}" for fault in found]
    assert not faults, "\n".join(faults)


def _open(open_browser, who: str, scene, home: str) -> Tab:
    """Open a tab for WHO that hears everything: complaints of the browser, other hosts, the status of the page."""
    tab = open_browser(None if who in ("", "customer", "newcomer") else getattr(scene, who), proven=True)
    tab.expected.append("status of 4")  # compared with what the page stands for below
    tab.heard, tab.status = [], 0
    tab.on("console", lambda said: said.type in ("error", "warning") and tab.heard.append(said.text))
    tab.on("request", lambda sent: sent.url.startswith((home, "data:")) or tab.heard.append(f"asks {sent.url}"))
    tab.on("response", lambda got: _note(tab, got))
    if who == "customer":
        tab.context.add_cookies([{"name": settings.CUSTOMER_COOKIE_NAME, "value": scene.customer_word, "url": home}])
    return tab


def _note(tab: Tab, got) -> None:
    if got.request.is_navigation_request():
        tab.status = got.status


def _look(tab: Tab, name: str, look: Look, scene, file: str) -> list[str]:
    """Return all faults of a page; it is loaded once, and then made narrow, dark and so on."""
    tab.set_viewport_size({"width": 1440, "height": 900})
    tab.emulate_media(color_scheme="light", forced_colors="none", reduced_motion="reduce")
    tab.heard.clear()
    try:
        tab.goto(look.address(name, scene))
        if look.first:
            look.first(tab)
    except Exception as error:
        return [f"{type(error).__name__}: {str(error)[:300]}"]
    expected = (*CUT_OFF, f"status of {look.status}") if look.status >= 400 else CUT_OFF
    faults = [said for said in tab.heard if not any(words in said for words in expected)]
    if tab.status != look.status:
        faults.append(f"answers {tab.status}, not {look.status}")
    if not tab.title().partition(" · ")[0].strip():
        faults.append("has no title")
    if name in FOREIGN:
        return faults
    headings = tab.locator("h1:visible").count()
    if headings != 1:
        faults.append(f"has {headings} first headings")
    tab.evaluate(Axe().axe_script)
    for size, ((width, height), rules) in SIZES.items():
        tab.set_viewport_size({"width": width, "height": height})
        tab.emulate_media(color_scheme=size.partition("-")[2])
        faults += [f"{size}: {fault}" for fault in _axe(tab, rules) + tab.evaluate(OVERFLOW)]
        _keep(tab, f"{file}-{size}")
    tab.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
    faults += [f"at 200 %: {fault}" for fault in [*tab.evaluate(OVERFLOW), *tab.evaluate(HIDDEN_FOCUS)]]
    tab.set_viewport_size({"width": 1440, "height": 900})
    faults += tab.evaluate(HIDDEN_FOCUS)
    tab.emulate_media(forced_colors="active")
    faults += tab.evaluate(UNMARKED)
    if moving := tab.evaluate(MOVING):
        faults.append(f"{moving} things move though no movement is wanted")
    _keep(tab, f"{file}-forced")
    return list(dict.fromkeys(faults))


def _axe(tab: Tab, rules: list[str]) -> list[str]:
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    # An open menu covers parts of what lies below it, which other looks see whole.
    what = "document.querySelector('.menu[open]') ?? document"
    found = tab.evaluate(f"options => axe.run({what}, options)", options)["violations"]
    return [f"{rule['id']} at {[node['target'] for node in rule['nodes']][:3]}" for rule in found]


def _keep(tab: Tab, file: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        tab.screenshot(path=Path(folder) / f"{file}.png", full_page=True, timeout=60_000)
