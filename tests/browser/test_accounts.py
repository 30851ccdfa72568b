"""From nothing to members: sign up, confirm, found an organisation, invite, accept, second factor, sign in again."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page

from registry.models import Membership
from tests import factories
from tests.browser.test_tour import NARROW, RULES, WIDE, Tour, examine, open_context

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _counts_begin_anew(transactional_db: None) -> Iterator[None]:
    """What was counted stands in a table that is no model's, so that no test's end empties it."""
    cache.clear()
    yield
    cache.clear()


def link_in_last_mail(address: str) -> str:
    message = mail.outbox[-1]
    assert message.to == [address]
    found = re.search(r"https?://\S+", str(message.body))
    assert found
    return found.group()


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def fill(page: Page, button: str, **values: str) -> None:
    for name, value in values.items():
        page.fill(f"main [name={name}]", value)
    page.click(f"main button:has-text('{button}')")


def look(page: Page, tour: Tour) -> None:
    """Nothing that axe finds, nothing wider than the window."""
    examine(page, RULES, tour)
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wider > 0:
        tour.faults.append(f"{page.url}: {wider} pixels wider than the window")


def somebody(browser: Browser, address: str, tour: Tour, **options: Any) -> tuple[BrowserContext, Page]:
    context = open_context(browser, address, None, "en", **options)
    page = context.new_page()
    tour.listen(page)
    page.set_default_timeout(10_000)
    return context, page


def sign_up(page: Page, email: str) -> None:
    """From the sign-up form to a confirmed address."""
    fill(page, "Create the account", email=email, password1=PASSWORD)
    page.wait_for_selector("text=Look into your mail")
    page.goto(link_in_last_mail(email))
    page.click("text=Yes, this address is mine")


@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
def test_from_signing_up_to_signing_in_again_with_a_second_factor(
    browser: Browser, live_server: Any, viewport: Any
) -> None:
    tour = Tour()
    site = live_server.url
    context, ada = somebody(browser, site, tour, viewport=viewport)
    ada.goto(f"{site}/sign-in")
    look(ada, tour)
    ada.click("main a:has-text('Create an account')")
    look(ada, tour)
    sign_up(ada, "ada@example.org")
    ada.wait_for_selector("text=Whom do you act for?")
    look(ada, tour)
    fill(ada, "Make the organisation", name="Example Press", slug="example-press", country="GB")
    ada.wait_for_selector("h1:has-text('Example Press')")
    look(ada, tour)
    fill(ada, "Send the invitation", email="bob@example.org")
    ada.wait_for_selector("text=on its way to bob@example.org")
    look(ada, tour)

    other, bob = somebody(browser, site, tour, viewport=viewport, java_script_enabled=False)
    bob.goto(link_in_last_mail("bob@example.org"))
    assert "secret" not in bob.url
    bob.click("main a:has-text('Create an account')")
    assert bob.input_value("main [name=email]") == "bob@example.org"
    fill(bob, "Create the account", password1=PASSWORD)
    bob.goto(link_in_last_mail("bob@example.org"))
    bob.click("text=Yes, this address is mine")
    bob.click("main button:has-text('Accept')")
    bob.wait_for_selector("h1:has-text('Example Press')")
    assert Membership.objects.get(user__email="bob@example.org").role == "editor"
    other.close()

    ada.goto(f"{site}/account")
    look(ada, tour)
    ada.click("main .tabs a:has-text('Second factor')")
    look(ada, tour)
    ada.click("text=Set up an app")
    ada.wait_for_selector("img.qr")
    assert ada.evaluate("document.querySelector('img.qr').naturalWidth") > 0
    look(ada, tour)
    secret = ada.inner_text("p.secret code")
    fill(ada, "Set it up", code=code_of(secret))
    ada.wait_for_selector("h1:has-text('Recovery codes')")
    recovery_code = ada.inner_text("pre.secret").split()[0]
    look(ada, tour)
    ada.goto(f"{site}/account/sessions")
    look(ada, tour)
    ada.goto(f"{site}/account/emails")
    look(ada, tour)
    ada.goto(f"{site}/account")
    ada.click("main button:has-text('Sign out')")

    ada.goto(f"{site}/organisation")
    fill(ada, "Sign in", login="ada@example.org", password=PASSWORD)
    ada.wait_for_selector("h1:has-text('Second step')")
    look(ada, tour)
    fill(ada, "Sign in", code=recovery_code)
    ada.wait_for_selector("h1:has-text('Example Press')")
    assert "bob@example.org" in ada.inner_text("main")
    context.close()
    assert not tour.faults, "\n".join(tour.faults)


def test_a_security_key_signs_in_under_the_content_policy(browser: Browser, live_server: Any) -> None:
    factories.person("ada@example.org", of=factories.organisation("example-press", "Example Press"))
    tour = Tour()
    site = live_server.url
    context, page = somebody(browser, site, tour, viewport=NARROW)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    options = key | {"hasResidentKey": True, "automaticPresenceSimulation": True}
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{site}/sign-in?next=/account/second-factor/keys/new")
    fill(page, "Sign in", login="ada@example.org", password=factories.PASSWORD)
    look(page, tour)
    page.fill("main [name=name]", "Blue key")
    page.click("#key-add")
    page.wait_for_selector("h1:has-text('Recovery codes')")
    page.goto(f"{site}/account/second-factor/keys")
    assert "Blue key" in page.inner_text("main")
    look(page, tour)
    context.clear_cookies()
    page.goto(f"{site}/sign-in?next=/organisation")
    fill(page, "Sign in", login="ada@example.org", password=factories.PASSWORD)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": made["authenticatorId"], "isUserVerified": True})
    look(page, tour)
    page.click("#key-use")
    page.wait_for_selector("h1:has-text('Example Press')")
    context.close()
    assert not tour.faults, "\n".join(tour.faults)


def test_an_error_keeps_what_was_typed_and_leads_to_its_field(browser: Browser, live_server: Any) -> None:
    tour = Tour()
    context, page = somebody(browser, live_server.url, tour, viewport=NARROW)
    page.goto(f"{live_server.url}/sign-up")
    fill(page, "Create the account", email="ada@example.org", password1="short")
    page.wait_for_selector("#summary")
    assert page.input_value("main [name=email]") == "ada@example.org"
    page.click("#summary a")
    assert page.evaluate("document.activeElement.name") == "password1"
    look(page, tour)
    context.close()
    assert not tour.faults, "\n".join(tour.faults)


def test_the_wrong_person_with_the_link_is_told_so(browser: Browser, live_server: Any) -> None:
    press = factories.organisation("example-press", "Example Press")
    factories.person("ada@example.org", of=press)
    factories.person("eve@example.org")
    tour = Tour()
    context, page = somebody(browser, live_server.url, tour, viewport=NARROW)
    page.goto(f"{live_server.url}/sign-in?next=/organisation")
    fill(page, "Sign in", login="ada@example.org", password=factories.PASSWORD)
    fill(page, "Send the invitation", email="bob@example.org")
    page.wait_for_selector("text=on its way")
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/sign-in")
    fill(page, "Sign in", login="eve@example.org", password=factories.PASSWORD)
    page.goto(link_in_last_mail("bob@example.org"))
    assert "You are signed in as eve@example.org" in page.inner_text("main")
    look(page, tour)
    context.close()
    assert not tour.faults, "\n".join(tour.faults)
