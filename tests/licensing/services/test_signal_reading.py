"""Sites and crawls are read by jobs: under the fetcher's rules, with every failure on record."""

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import blobs
from licensing.formats.rsl_schema import NAMESPACE
from licensing.models import Observation, Preference, Reservation, Signal
from licensing.selectors import signals
from licensing.services import assertions, signal_reading, work_addresses
from registry import jobs
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput
from registry.models import Entry, Job, Work
from tests import factories
from tests.licensing.formats.crawled import page, robots, warc
from tests.licensing.services.observed import RESERVED
from tests.registry import network_stub
from tests.registry.network_stub import Internet

pytestmark = pytest.mark.django_db
HOST = "press.example"


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()


@pytest.fixture
def internet() -> Iterator[Internet]:
    with network_stub.running() as internet:
        internet.host(HOST)
        yield internet


@pytest.fixture
def press() -> Actor:
    return factories.actor()


@pytest.fixture
def work(press: Actor) -> Work:
    found = factories.work("The Lamp", by=press)
    work_addresses.state(work=found, address=f"https://{HOST}/books/lamp", actor=press)
    return found


def look(internet: Internet, actor: Actor) -> signal_reading.Kept:
    job = signal_reading.request_look(address=HOST, actor=actor)
    kept = signal_reading.look(job, network=internet.network, **job.arguments)
    Job.objects.filter(pk=job.pk).delete()
    return kept


def test_a_site_is_read_at_its_well_known_places_and_the_pages_of_its_works(
    internet: Internet, press: Actor, work: Work
) -> None:
    internet.page(HOST, "/.well-known/tdmrep.json", RESERVED)
    internet.page(HOST, "/books/lamp", "<p>The Lamp</p>", content_usage="train-ai=n", content_type="text/html")
    internet.page(HOST, "/policy.json", '{"@type": "Offer", "permission": []}')
    look(internet, factories.actor())
    got = {path for _, path in internet.got}
    assert {"/robots.txt", "/ai.txt", "/license.xml", "/books/lamp", "/policy.json"} <= got
    assert Reservation.objects.get(work=work).asserted_by == press.organisation
    assert Preference.objects.get(work=work).source_format == "aipref"
    assert Observation.objects.get(address__endswith="/robots.txt").status == 404


@pytest.mark.parametrize("path", ["/license.xml", "/terms/gptbot.xml"])
def test_a_licence_for_one_crawler_is_read_for_it_alone(
    internet: Internet, press: Actor, work: Work, path: str
) -> None:
    internet.page(HOST, "/robots.txt", f"User-agent: GPTBot\nAllow: /\nLicense: https://{HOST}{path}\n")
    prohibits = '<prohibits type="usage">ai-train</prohibits>'
    internet.page(
        HOST, path, f'<rsl xmlns="{NAMESPACE}"><content url="/"><license>{prohibits}</license></content></rsl>'
    )
    look(internet, press)
    (signal,) = Signal.objects.filter(observation__address=f"https://{HOST}{path}")
    assert (signal.agents, signal.says) == (["GPTBot"], "disallow")
    assert not Reservation.objects.filter(work=work).exists()
    today = assertions.today()
    for agent, refused in (("GPTBot", True), ("CCBot", False), ("", False)):
        then = signals.said(work, today, use="pretraining", agent=agent)
        assert [row.counts for row in then.rows if row.key == str(signal.pk)] == [refused], agent


def test_reading_again_records_that_it_is_still_said_and_derives_nothing_new(
    internet: Internet, press: Actor, work: Work
) -> None:
    internet.page(HOST, "/.well-known/tdmrep.json", RESERVED)
    look(internet, press)
    before = Reservation.objects.get()
    kept = look(internet, press)
    assert (kept.recorded, kept.withdrawn) == (0, 0)
    assert Reservation.objects.get() == before


def test_a_place_that_does_not_answer_is_on_record_and_ends_nothing(
    internet: Internet, press: Actor, work: Work
) -> None:
    internet.page(HOST, "/.well-known/tdmrep.json", RESERVED)
    look(internet, press)
    internet.page(HOST, "/.well-known/tdmrep.json", "busy", 503)
    internet.page(HOST, "/robots.txt", "", 302, Location="https://inside.example/")
    look(internet, press)
    assert Reservation.objects.get().withdrawn_at is None
    refused = Observation.objects.filter(address__endswith="/robots.txt").order_by("-id")[0]
    assert (refused.status, refused.faults[0]["code"]) == (0, "redirect_refused")


@pytest.mark.parametrize(
    "address",
    ["https://localhost/", "https://10.0.0.1/", "https://a:b@press.example/", "https://press.example:8443/", "x"],
)
def test_addresses_that_lead_inside_or_nowhere_are_refused(press: Actor, address: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        signal_reading.request_look(address=address, actor=press)
    assert refused.value.errors[0]["pointer"] == "/address"


def test_a_name_that_leads_inside_is_refused_when_it_is_resolved(internet: Internet, press: Actor) -> None:
    internet.host("inside.example", "169.254.169.254")
    job = signal_reading.request_look(address="https://inside.example/", actor=press)
    signal_reading.look(job, network=internet.network, **job.arguments)
    assert {row.faults[0]["code"] for row in Observation.objects.all()} == {"address_refused"}
    assert internet.got == []


def test_one_host_is_not_read_twice_at_once(press: Actor) -> None:
    signal_reading.request_look(address=HOST, actor=press)
    with pytest.raises(Conflict):
        signal_reading.request_look(address=f"https://{HOST}/other", actor=factories.actor())


def crawl(press: Actor, content: bytes) -> signal_reading.Kept:
    job = signal_reading.request_crawl(file=io.BytesIO(content), file_name="crawl.warc.gz", actor=press)
    return signal_reading.read_crawl(job, **job.arguments)


def test_a_crawl_of_years_ago_says_what_was_said_then(press: Actor, work: Work) -> None:
    content = warc(robots(), page("/books/lamp", tdm_reservation="1"), robots(moment="2999-01-01T00:00:00Z"))
    kept = crawl(press, content + b"\x1f\x8b\x08broken")
    assert {row.observed_at.isoformat()[:10] for row in Reservation.objects.all()} == {"2024-03-01"}
    [file] = Observation.objects.filter(address="")
    assert {fault["code"] for fault in file.faults} == {"date_in_future", "record_unreadable"}
    assert kept.recorded >= 2
    assert blobs.owners("crawls") == []


def test_a_crawl_read_again_adds_nothing(press: Actor, work: Work) -> None:
    crawl(press, warc(robots()))
    counts = [Observation.objects.exclude(address="").count(), Preference.objects.count()]
    crawl(press, warc(robots()))
    assert [Observation.objects.exclude(address="").count(), Preference.objects.count()] == counts


def test_what_is_no_crawl_is_refused_at_once_and_leaves_nothing(press: Actor) -> None:
    with pytest.raises(InvalidInput):
        signal_reading.request_crawl(file=io.BytesIO(b"hello"), file_name="x.warc", actor=press)
    assert (blobs.owners("crawls"), Job.objects.count()) == ([], 0)


def test_the_worker_reads_what_was_asked_for(press: Actor, work: Work) -> None:
    job = signal_reading.request_crawl(file=io.BytesIO(warc(robots())), file_name="c.warc.gz", actor=press)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.reason) == ("done", "")
    assert Entry.objects.filter(kind="signals.recorded").exists()


def test_sites_on_which_works_stand_are_read_again_after_a_week(internet: Internet, press: Actor, work: Work) -> None:
    assert signal_reading.enqueue_due() == 1
    assert signal_reading.enqueue_due() == 0
    job = Job.objects.get(kind="signals_fetch")
    signal_reading.look(job, network=internet.network, **job.arguments)
    Job.objects.all().delete()
    assert signal_reading.enqueue_due() == 0
    assert Observation.objects.filter(organisation=None).exists()


def test_what_a_broken_crawl_left_goes_after_a_day(settings, press: Actor) -> None:
    signal_reading.request_crawl(file=io.BytesIO(warc(robots())), file_name="c.warc.gz", actor=press)
    Job.objects.update(state=Job.State.FAILED)
    assert signal_reading.remove_leftovers() == 0
    for path in Path(settings.BLOB_URL.removeprefix("file://")).rglob("*"):
        os.utime(path, (0, 0))
    assert signal_reading.remove_leftovers() == 1
    assert blobs.owners("crawls") == []
