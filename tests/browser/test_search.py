"""Suggestions under the search box by keyboard, and the search page on a phone and on a desk."""

import os
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from registry.search import sync
from tests import factories
from tests.browser.test_tour import AXE, RULES

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def address(live_server: Any) -> str:
    press = factories.actor(factories.organisation("north-press"))
    for title, author, language, year in (
        ("A History of Glass", "Ada Example", "en", "1912"),
        ("A History of Salt", "Ada Example", "en", "1918"),
        ("Une histoire du verre", "Claude Exemple", "fr", "1921"),
        ("紅樓夢", "曹雪芹", "zh-Hant", "1791"),
    ):
        factories.work(title, [author], by=press, language=language, first_published=year)
    sync.rebuild()
    return str(live_server.url)


def test_suggestions_are_walked_through_by_keyboard(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.goto(f"{address}/search")
    box = page.get_by_role("combobox")
    box.press_sequentially("a hist")
    expect(page.get_by_role("option")).to_have_count(2)
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    box.press("ArrowDown")
    second = page.get_by_role("option").nth(1)
    expect(second).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == second.get_attribute("id")
    _look(page, "suggestions-390")
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/works/*")
    assert not faults
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_facets_are_chosen_and_taken_away(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(f"{address}/search?kind=work")
    page.get_by_label("English").check()
    page.get_by_role("button", name="Apply").click()
    _look(page, f"facets-{width}")
    assert page.locator("ol.list > li").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.locator(".chips a").first.click()
    assert page.locator("ol.list > li").count() == 4
    page.goto(f"{address}/search?q=histroy+galss")
    _look(page, f"hits-{width}")
    assert page.locator("mark").all_inner_texts() == ["History", "Glass"]
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_where_one_searches(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    for name, path in {
        "home": "/",
        "empty": "/search",
        "browsed": "/search?kind=work&language=en",
        "found": "/search?q=histroy+galss",
        "meant": "/search?q=glass+of+unheard+countries",
        "missed": "/search?q=zzzz",
    }.items():
        page.goto(address + path)
        _look(page, f"axe-{name}-{width}")
        _check(page)
    page.goto(f"{address}/")
    page.get_by_role("combobox").press_sequentially("a hist")
    expect(page.get_by_role("option")).to_have_count(2)
    _look(page, f"home-suggestions-{width}")
    _check(page)
    page.get_by_role("option").first.click()
    page.wait_for_url("**/works/*")
    page.close()


def _check(page: Page) -> None:
    page.evaluate(AXE)
    faults = page.evaluate("rules => axe.run(document, rules).then(found => found.violations)", RULES)
    assert not faults, page.url
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url


def _look(page: Any, name: str) -> None:
    """A picture for whoever wants to see it."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
