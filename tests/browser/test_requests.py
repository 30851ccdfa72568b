"""A firm asks once for what is missing, three rightsholders answer differently, and the clearance says what changed."""

import datetime
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from licensing.models import Agreement, Clearance, LicenceRequest
from licensing.services import clearances
from registry import jobs
from registry.actors import Actor
from registry.models import Job, User, Work
from tests import factories
from tests.browser.channelled import claim
from tests.browser.test_tour import WIDE, open_context
from tests.licensing import scanned

KINDS = ("split_request", "reevaluate")


class Scenery:
    """A firm with a decided clearance over works of three publishers."""

    def __init__(self) -> None:
        self.lab = factories.actor(factories.organisation(name="Lab"))
        self.people: dict[str, User] = {"Lab": factories.person("lab@example.org", of=self.lab.organisation)}
        works = [work for name in ("Kind Press", "Dear Press", "Firm Press") for work in self._publisher(name)]
        scan = scanned.scan(self.lab, [(work, "copy") for work in works])
        asked = clearances.request(
            scan=scan,
            use="pretraining",
            purpose="commercial",
            territory="DE",
            as_of=datetime.date.today(),
            profile="strict",
            actor=self.lab,
        )
        self.clearance: Clearance = clearances.decide(asked.pk)

    def _publisher(self, name: str) -> list[Work]:
        actor: Actor = factories.actor(factories.organisation(name=name))
        self.people[name] = factories.person(f"{name.split(maxsplit=1)[0].lower()}@example.org", of=actor.organisation)
        facts: dict[str, Any] = {"first_published": "2015", "country": "GB", "language": "en"}
        works = [factories.work(f"{name} {number}", ["A. Living"], by=actor, **facts) for number in (1, 2)]
        for work in works:
            claim(work, actor)
        return works


@pytest.fixture
def scenery(transactional_db: None, settings: Any, tmp_path: Path) -> Scenery:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()
    settings.INDEX_DIR = tmp_path / "index"
    return Scenery()


def run_jobs() -> None:
    """Do what workers do, here and now."""
    while (job := Job.objects.filter(state=Job.State.QUEUED, kind__in=KINDS).order_by("pk").first()) is not None:
        jobs.run(job.pk)


def page_of(browser: Browser, address: str, user: User, **options: Any) -> Page:
    """A browser of its own for somebody."""
    page = open_context(browser, address, user, "en", WIDE, **options).new_page()
    page.set_default_timeout(10_000)
    return page


def ask(page: Page, address: str, scenery: Scenery) -> None:
    """The firm asks for what its result lacks, and sees who will be asked before it sends."""
    page.goto(f"{address}/clearances/{scenery.clearance.public_id}")
    page.get_by_role("button", name="Request what is missing").click()
    assert page.get_by_label("pretraining").is_checked()
    page.get_by_label("Last day").fill("2039-12-31")
    page.locator("#id_fee_model").select_option("flat")
    page.get_by_label("Amount").fill("100.00")
    page.get_by_role("button", name="See who can answer").click()
    expect(page.get_by_role("link", name="Currency")).to_be_visible()  # said in the summary, and nothing is lost
    assert page.get_by_label("Amount").input_value() == "100.00"
    page.get_by_label("Currency").fill("EUR")
    page.get_by_label("Message to the rightsholders").fill("May we train on these?")
    page.get_by_role("button", name="See who can answer").click()
    expect(page.get_by_role("heading", name="Who will be asked")).to_be_visible()
    for name in ("Kind Press", "Dear Press", "Firm Press"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.get_by_role("button", name="Send it to 3 rightsholders").click()
    expect(page.get_by_text("Finding out who can answer for which works.")).to_be_visible()


def open_request(browser: Browser, address: str, user: User) -> Page:
    """A rightsholder finds the request on its home page and opens it."""
    page = page_of(browser, address, user)
    page.goto(f"{address}/desk")
    page.get_by_role("button", name="Answer").first.click()
    expect(page.get_by_text("It is your turn.")).to_be_visible()
    expect(page.get_by_text("May we train on these?")).to_be_visible()
    return page


def now(scenery: Scenery) -> dict[str, str]:
    """Title → the answer as it is now."""
    found = {row.work.title: row.verdict for row in scenery.clearance.verdicts.select_related("work")}
    for change in scenery.clearance.changes.select_related("of__work").order_by("pk"):
        found[change.of.work.title] = change.verdict
    return found


def test_three_answers_change_the_clearance_and_a_revoked_grant_turns_it_back(
    browser: Browser, live_server: Any, scenery: Scenery
) -> None:
    address = live_server.url
    result = f"{address}/clearances/{scenery.clearance.public_id}"
    given = now(scenery)
    assert set(given.values()) == {"EXCEPTION_CLAIMED"}
    lab = page_of(browser, address, scenery.people["Lab"])
    ask(lab, address, scenery)
    run_jobs()
    expect(lab.get_by_role("heading", name="By rightsholder")).to_be_visible(timeout=15_000)  # by itself

    kind = open_request(browser, address, scenery.people["Kind Press"])
    kind.get_by_role("button", name="Grant as asked").click()
    kind.get_by_role("button", name="Grant as asked").click()
    expect(kind.get_by_text("The agreement is concluded.")).to_be_visible()

    dear = open_request(browser, address, scenery.people["Dear Press"])
    dear.get_by_role("button", name="Make an offer").click()
    dear.get_by_label("Amount").fill("250.00")
    dear.get_by_label("Dear Press 2").check()
    dear.get_by_label("Why they are left out").fill("The author keeps it.")
    dear.get_by_role("button", name="Make an offer").click()
    expect(dear.get_by_text("Your terms are on the table")).to_be_visible()

    firm = open_request(browser, address, scenery.people["Firm Press"])
    firm.get_by_role("link", name="Refuse").click()
    firm.get_by_label("Message").fill("Not for training.")
    firm.get_by_role("button", name="Refuse").click()
    expect(firm.get_by_text("Not for training.")).to_be_visible()

    run_jobs()
    lab.goto(result)
    since = lab.locator("#since")
    expect(since).to_contain_text("2 works would be answered differently today.")
    expect(since).to_contain_text("a licence was granted")
    expect(since.get_by_role("link", name="agreement with Kind Press").first).to_be_visible()
    changed = {title for title, verdict in now(scenery).items() if verdict != given[title]}
    assert changed == {"Kind Press 1", "Kind Press 2"}

    accept_the_offer(lab, address)
    run_jobs()
    assert {title for title, verdict in now(scenery).items() if verdict != given[title]} == changed | {"Dear Press 1"}

    kind.get_by_role("link", name="The agreement, with its documents").click()
    kind.get_by_role("link", name="Revoke").click()
    kind.get_by_label("Reason").fill("The author has died, and the heirs object.")
    kind.get_by_role("button", name="Revoke").click()
    expect(kind.get_by_text("The agreement is revoked")).to_be_visible()
    run_jobs()
    lab.goto(result)
    expect(since).to_contain_text("1 work would be answered differently today.")
    assert now(scenery) == given | {"Dear Press 1": "CONDITIONAL"}
    lab.goto(f"{address}/desk")
    expect(lab.get_by_text("a licence was revoked")).to_be_visible()


def accept_the_offer(lab: Page, address: str) -> None:
    """The firm sees what differs from what it asked, and accepts."""
    lab.goto(f"{address}/requests/{LicenceRequest.objects.get().public_id}")
    expect(lab.get_by_text("1 rightsholder waits for your answer")).to_be_visible()
    expect(lab.get_by_role("row", name=re.compile("Firm Press.*refused"))).to_be_visible()
    lab.get_by_role("link", name="Dear Press").click()
    expect(lab.locator("dl.terms mark").first).to_have_text("flat fee: EUR 250")
    expect(lab.locator("dl.terms del").first).to_have_text("flat fee: EUR 100")
    expect(lab.get_by_text("The author keeps it.")).to_be_visible()
    lab.get_by_role("button", name="Accept these terms").click()
    lab.get_by_role("button", name="Accept these terms").click()
    expect(lab.get_by_text("The agreement is concluded.")).to_be_visible()
    assert Agreement.objects.get(granted_by__name="Dear Press").works == 1


def test_asking_and_answering_need_no_scripts(browser: Browser, live_server: Any, scenery: Scenery) -> None:
    address = live_server.url
    lab = page_of(browser, address, scenery.people["Lab"], java_script_enabled=False)
    ask(lab, address, scenery)
    run_jobs()
    kind = page_of(browser, address, scenery.people["Kind Press"], java_script_enabled=False)
    kind.goto(f"{address}/inbox")
    kind.get_by_role("button", name="Answer").click()
    kind.get_by_role("button", name="Grant as asked").click()
    kind.get_by_role("button", name="Grant as asked").click()
    expect(kind.get_by_text("The agreement is concluded.")).to_be_visible()
