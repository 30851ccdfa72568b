"""A person settles the unsure rows of a list with keys, or with buttons where no script runs."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from registry.models import LinkageRow
from tests.browser.conftest import session_cookie
from tests.browser.world import World


@pytest.fixture
def signed_in(browser: Browser, world: World, live_server: Any) -> Iterator[Callable[..., Page]]:
    opened: list[BrowserContext] = []

    def page(**options: Any) -> Page:
        name, value = session_cookie(world.lab)
        opened.append(browser.new_context(**options))
        opened[-1].add_cookies([{"name": name, "value": value, "url": live_server.url}])
        return opened[-1].new_page()

    yield page
    for context in opened:
        context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_row_is_settled_by_key_and_taken_back_by_key(
    signed_in: Callable[..., Page], world: World, live_server: Any, width: int
) -> None:
    page = signed_in(viewport={"width": width, "height": 900})
    page.goto(f"{live_server.url}/linkages/{world.linked.public_id}")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="Look at 1 row").click()
    expect(page.get_by_role("heading", name="What is row 2?")).to_be_visible()
    page.wait_for_load_state()  # the script that hears keys is deferred
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.keyboard.press("1")
    expect(page.get_by_role("heading", name="Nothing is left to look at")).to_be_visible()
    assert LinkageRow.objects.get(linkage=world.linked, number=2).decided == "match"
    page.goto(f"{live_server.url}/linkages/{world.linked.public_id}/review?row=2")
    expect(page.get_by_text("Decided on")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("u")
    expect(page.get_by_text("was taken back")).to_be_visible()
    assert LinkageRow.objects.get(linkage=world.linked, number=2).decided == ""


def test_everything_works_without_script(signed_in: Callable[..., Page], world: World, live_server: Any) -> None:
    page = signed_in(java_script_enabled=False)
    page.goto(f"{live_server.url}/linkages/{world.linked.public_id}/review")
    page.get_by_role("button", name="None of these").click()
    expect(page.get_by_role("heading", name="Nothing is left to look at")).to_be_visible()
    assert LinkageRow.objects.get(linkage=world.linked, number=2).decided == "none"
