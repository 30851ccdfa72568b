"""A tour of every page: no error in the console, nothing wider than the window, nothing that axe finds."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize

from ingest.models import Scan
from registry.models import User
from tests.architecture.routes import EXPECTED, OF_THE_REGISTRANT
from tests.browser.conftest import session_cookie
from tests.browser.world import World, arguments

AXE = (Path(__file__).parent / "vendor" / "axe" / "axe.min.js").read_text(encoding="utf-8")
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
DOWNLOADS = (
    *("report-bundle", "receipt-file", "import-refused", "import-acknowledgement", "linkage-results"),
    *("audit-results", "audit-certificate", "audit-page", "audit-record", "filing-file"),
    *("negotiation-file", "signal-raw", "work-kit-zip", "work-kit-file", "holder-kit-zip"),
    *("notice-letter", "notice-works", "agreement-file"),
)
FOR_MACHINES = (*("reconcile", "reconcile-suggest", "reconcile-properties", "own-tdmrep", "own-licence", "own-robots"),)
NOT_PAGES = (*DOWNLOADS, *FOR_MACHINES, "search-suggestions", "set_language", "logout", "login")
NARROW: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1280, "height": 900}
LANGUAGES = ("en", "zh-hans")
CLOSELY = {"en": NARROW, "zh-hans": WIDE}  # axe looks at each language and each size once
OTHER = {"en": WIDE, "zh-hans": NARROW}
LANGUAGE_TAGS = {"en": "en", "zh-hans": "zh-Hans"}


@dataclass
class Tour:
    """What went wrong, page by page."""

    faults: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        def heard(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                self.faults.append(f"{page.url}: {message.text[:200]}")

        page.on("console", heard)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))


def pages_of(world: World) -> dict[str, list[str]]:
    """Whose pages → their addresses."""
    names = [
        name
        for name, answers in EXPECTED.items()
        if answers[2] == 200 and not name.startswith("api-") and name not in NOT_PAGES
    ]
    own = [name for name in names if name not in OF_THE_REGISTRANT]
    registrants = [name for name in names if name in OF_THE_REGISTRANT]
    kinds = [
        reverse("statement", args=[world.scene.licensed.public_id, kind]) for kind in ("grant", "offer", "open-licence")
    ]
    hostile = reverse("work", args=[world.scene.hostile.public_id])
    more = [
        f"{reverse('search')}?q=lamp",
        f"{reverse('search')}?q=nothing+at+all",
        reverse("dataset", args=["the-heap"]),
        hostile,
    ]
    return {
        "lab": [reverse(name, kwargs=arguments(world, name)) for name in own] + more,
        "press": [reverse(name, kwargs=arguments(world, name)) for name in registrants] + kinds,
        "": [reverse("home"), reverse("login"), reverse("work", args=[world.scene.chinese.public_id])],
    }


def open_context(
    browser: Browser, address: str, user: User | None, language: str, viewport: ViewportSize, **options: Any
) -> BrowserContext:
    """A browser of its own for somebody, in a language, at a size."""
    context = browser.new_context(viewport=viewport, **options)
    context.add_cookies([{"name": "django_language", "value": language, "url": address}])
    if user is not None:
        name, value = session_cookie(user)
        context.add_cookies([{"name": name, "value": value, "url": address}])
    return context


@pytest.mark.long
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_sound(browser: Browser, live_server: Any, world: World, language: str) -> None:
    """Each page is loaded once, and looked at in the sizes and colours that a window takes."""
    tour = Tour()
    for who, addresses in pages_of(world).items():
        user = getattr(world, who) if who else None
        context = open_context(browser, live_server.url, user, language, CLOSELY[language], bypass_csp=False)
        page = context.new_page()
        tour.listen(page)
        for address in addresses:
            page.set_viewport_size(CLOSELY[language])
            visit(page, live_server.url + address, language, tour)
            examine(page, RULES, tour)
            page.set_viewport_size(OTHER[language])
            fits(page, tour)
            if (who, language) == ("lab", "en"):
                examine_dark(page, tour)
        context.close()
    assert not tour.faults, "\n".join(tour.faults)


def visit(page: Page, address: str, language: str, tour: Tour) -> None:
    answer = page.goto(address)
    assert answer is not None
    if answer.status != 200:
        tour.faults.append(f"{address}: {answer.status}")
    fits(page, tour)
    if page.get_attribute("html", "lang") != LANGUAGE_TAGS[language]:
        tour.faults.append(f"{address}: not in {language}")


def fits(page: Page, tour: Tour) -> None:
    """Nothing is wider than the window."""
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wider > 0:
        size = page.viewport_size
        tour.faults.append(f"{page.url}: {wider} pixels wider than the window of {size and size['width']}")


def examine(page: Page, rules: dict[str, Any], tour: Tour) -> None:
    """Let axe look at the page."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    only = json.dumps(rules | {"resultTypes": ["violations"]})  # what passes is many times as long, and not read
    for violation in page.evaluate(f"axe.run(document, {only}).then((found) => found.violations)"):
        tour.faults.append(f"{page.url}: {violation['id']}: {violation['nodes'][0]['html'][:160]}")


def examine_dark(page: Page, tour: Tour) -> None:
    """Dark pages have contrast too; without motion, as colours that are still changing would be looked at."""
    before = len(tour.faults)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    examine(page, CONTRAST, tour)
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    tour.faults[before:] = [f"dark: {fault}" for fault in tour.faults[before:]]


@pytest.mark.long
def test_everything_can_be_read_without_scripts(browser: Browser, live_server: Any, world: World) -> None:
    context = open_context(browser, live_server.url, world.lab, "en", NARROW, java_script_enabled=False)
    page = context.new_page()
    for address in pages_of(world)["lab"]:
        answer = page.goto(live_server.url + address)
        assert answer is not None
        assert answer.status == 200, address
        assert page.locator("main h1").count() == 1, address
    context.close()


def test_the_keyboard_reaches_search_first_and_then_the_main_action(
    browser: Browser, live_server: Any, world: World
) -> None:
    context = open_context(browser, live_server.url, world.lab, "en", WIDE)
    page = context.new_page()
    page.goto(live_server.url + reverse("dataset", args=["the-heap"]))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert "Check this dataset" in page.evaluate("document.activeElement.textContent")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    context.close()


def test_a_person_can_register_a_work_and_reserve_it_without_a_mouse(
    browser: Browser, live_server: Any, world: World
) -> None:
    context = open_context(browser, live_server.url, world.press, "en", NARROW)
    page = context.new_page()
    page.goto(live_server.url + reverse("register"))
    page.focus("[name=title]")
    page.keyboard.type("The Second Lamp")
    page.focus("[name=isbn]")
    page.keyboard.type("978-0-14-143951-9")
    page.keyboard.press("Enter")
    page.wait_for_selector("#summary")
    assert page.input_value("[name=title]") == "The Second Lamp"
    assert page.get_attribute("[name=isbn]", "aria-invalid") == "true"
    page.fill("[name=isbn]", "0-14-143951-3")
    page.keyboard.press("Enter")
    page.wait_for_selector("#receipt")
    page.click("text=The work's page")
    page.wait_for_selector("section.answer")
    assert "978-0-14-143951-8" in page.inner_text("main")
    page.click("text=reservation >> nth=-1")
    page.check("text=pretraining")
    page.check("text=the EU")
    page.click("text=Record it")
    page.wait_for_selector(".message.success")
    assert "reservation" in page.inner_text("#statements ~ ul")
    context.close()


def test_the_language_switch_keeps_the_page(browser: Browser, live_server: Any, world: World) -> None:
    context = open_context(browser, live_server.url, None, "en", WIDE)
    page = context.new_page()
    page.goto(live_server.url + reverse("search") + "?q=lamp")
    page.click("text=简体中文")
    page.wait_for_selector("html[lang=zh-Hans]")
    assert page.url.endswith("/search?q=lamp")
    context.close()


def test_a_page_of_running_work_renews_itself(browser: Browser, live_server: Any, world: World) -> None:
    tour = Tour()
    Scan.objects.filter(pk=world.scan.pk).update(state=Scan.State.MATCHING)
    context = open_context(browser, live_server.url, world.lab, "en", WIDE)
    page = context.new_page()
    tour.listen(page)
    page.goto(live_server.url + reverse("check", args=[world.scan.public_id]))
    page.wait_for_selector("text=It is safe to close this page")
    page.evaluate("window.sameDocument = true")
    Scan.objects.filter(pk=world.scan.pk).update(state=Scan.State.DONE)
    page.wait_for_selector("#check:not([hx-get])")
    assert page.evaluate("window.sameDocument") is True
    context.close()
    assert not tour.faults, "\n".join(tour.faults)
