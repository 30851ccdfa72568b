"""A check from the form to the bundle, as a member of a firm walks it."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lxml import html

from ingest.engine.params import REGISTRY_1
from ingest.models import Match, Scan, Segment
from ingest.services import deposits
from licensing.models import Clearance, Report
from licensing.services import clearances
from licensing.templatetags.licensing_words import how_sure, likelihood
from registry import jobs
from registry.models import Job
from registry.services.works import AuthorFacts
from tests import factories
from tests.browser.world import World
from tests.licensing import evidenced

TEXT = Path(__file__).resolve().parents[3] / "samples" / "shelf" / "texts" / "swift-a-modest-proposal.txt"
QUESTION = {
    "dataset": "My corpus",
    "acquisition": "lawful",
    "copied_on": "2026-03-01",
    "use": "pretraining",
    "purpose": "commercial",
    "territory": ["US"],
    "other_territories": "DE",
    "as_of": "2026-11-01",
    "policy": "balanced",
    "reservation_search": "evidenced",
}


def tree(page: bytes | str) -> Any:
    return html.fromstring(page)


def upload(name: str = "proposal.txt", content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content or TEXT.read_bytes())


def run_jobs() -> None:
    """Do what workers and beat do, here and now."""
    waiting = Job.objects.filter(state=Job.State.QUEUED).exclude(kind="search_index").order_by("id")
    while True:
        while (job := waiting.first()) is not None:
            jobs.run(job.pk)
        if not clearances.decide_ready():
            return


@pytest.fixture
def proposal(world: World) -> None:
    facts = {"first_published": "1729", "country": "GB", "language": "en"}
    author = AuthorFacts(name="Jonathan Swift", born="1667", died="1745")
    work = factories.work("A Modest Proposal", [author], by=world.scene.press, **facts)
    deposits.keep(work=work, path=TEXT, mode="kept", actor=world.scene.press)
    Job.objects.exclude(arguments__has_key="deposit_id").update(state=Job.State.CANCELLED)
    run_jobs()


@pytest.mark.usefixtures("proposal")
def test_a_dataset_is_checked_and_its_bundle_taken_home(lab: Client, world: World) -> None:
    begun = lab.post("/checks/new", QUESTION | {"uploads": [upload(), upload("noise.txt", b"other words " * 200)]})
    assert begun.status_code == 302
    waiting = lab.get(begun.headers["Location"]).content.decode()
    assert "It is safe to close this page" in waiting
    assert 'http-equiv="refresh"' in waiting
    run_jobs()
    done = lab.get(begun.headers["Location"]).content.decode()
    assert 'http-equiv="refresh"' not in done
    asked = Clearance.objects.filter(scan__release__dataset__name="My corpus").order_by("territory")
    assert [row.territory for row in asked] == ["DE", "US"]
    result = lab.get(f"/clearances/{asked[0].public_id}").content.decode()
    assert "A Modest Proposal" in result
    assert "in 1 of 2 documents no registered work was identified" in result
    verdict = asked[0].verdicts.get()
    page = lab.get(f"/verdicts/{verdict.public_id}").content.decode()
    assert "the same verdict, the same reasons" in page
    assert "PD_TERM" in page
    match = asked[0].scan.matches.get()
    assert 'class="pair"' in lab.get(f"/matches/{match.public_id}").content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"dataset": " "}, "dataset"),
        ({"territory": [], "other_territories": ""}, "territory"),
        ({"other_territories": "Atlantis"}, "other_territories"),
        ({"copied_on": "2999-01-01"}, "copied_on"),
        ({"as_of": "someday"}, "as_of"),
        ({"use": "juggling"}, "use"),
        ({"acquisition": "stolen"}, "acquisition"),
    ],
)
def test_faults_of_the_form_are_said_and_what_was_typed_stays(
    lab: Client, change: dict[str, object], field: str
) -> None:
    before = Scan.objects.count()
    answer = lab.post("/checks/new", QUESTION | {"uploads": [upload()]} | change)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert "2026-11-01" in answer.content.decode() or field == "as_of"
    assert Scan.objects.count() == before


def test_a_check_needs_a_file(lab: Client) -> None:
    answer = lab.post("/checks/new", QUESTION)
    assert "uploads" in answer.context["form"].errors


def test_a_check_can_be_stopped(lab: Client, world: World) -> None:
    begun = lab.post("/checks/new", QUESTION | {"uploads": [upload()]}).headers["Location"]
    stopped = lab.post(f"{begun}/cancel", follow=True)
    assert "asked to stop" in stopped.content.decode()
    assert lab.post(f"/checks/{world.scan.public_id}/cancel", follow=True).status_code == 200  # over: it says so


def test_another_question_can_be_asked_of_a_scan(lab: Client, world: World) -> None:
    place = f"/checks/{world.scan.public_id}"
    assert lab.post(place, QUESTION | {"territory": ["JP"], "other_territories": ""}).status_code == 302
    assert Clearance.objects.filter(scan=world.scan, territory="JP").exists()


def test_works_can_be_narrowed_to_a_verdict(lab: Client, world: World) -> None:
    place = f"/clearances/{world.scene.clearance.public_id}"
    assert len(lab.get(place).context["rows"]) == 3
    assert [row.verdict for row, _ in lab.get(place, {"verdict": "CLEARED"}).context["rows"]] == ["CLEARED"]
    assert len(lab.get(place, {"verdict": "NONSENSE"}).context["rows"]) == 3


def test_the_bar_and_its_table_show_the_same_works(lab: Client, world: World) -> None:
    bar = lab.get(f"/clearances/{world.scene.clearance.public_id}").context["bar"]
    assert sum(part.works for part in bar) == 3
    assert round(sum(part.width for part in bar)) == 1000


def test_differences_are_marked_inside_the_passage_and_text_that_is_not_held_is_said(lab: Client, world: World) -> None:
    pages = {}
    for match in world.scan.matches.all():
        pages[match.work_id] = lab.get(f"/matches/{match.public_id}").content.decode()
    assert "<mark>dinner</mark>" in pages[world.scene.licensed.pk]
    assert "<mark>supper</mark>" in pages[world.scene.licensed.pk]
    assert "The text of the work is not held" in pages[world.scene.hostile.pk]
    assert "<img src=x" not in pages[world.scene.hostile.pk]


def facts_of(client: Client, match: Match) -> str:
    """What the page of a match says, as a reader sees it."""
    page = tree(client.get(f"/matches/{match.public_id}").content)
    return " ".join(page.xpath("string(//main)").split())


def test_how_sure_a_match_is_is_said_in_words_and_number_and_explained(lab: Client, world: World) -> None:
    said = {match.work_id: facts_of(lab, match) for match in world.scan.matches.all()}
    assert "93.1 %, very likely to be copied text" in said[world.scene.licensed.pk]
    assert "> 99.9 %, extremely likely to be copied text" in said[world.scene.chinese.pk]
    assert "– matched before this was estimated" in said[world.scene.hostile.pk]
    one = world.scan.matches.get(work=world.scene.licensed)
    page = tree(lab.get(f"/matches/{one.public_id}").content)
    (address,) = {link for link in page.xpath("//main//a/@href") if "how-sure" in link}
    assert tree(Client().get(address).content).xpath("//*[@id='how-sure']")


def test_no_match_is_said_in_numbers(lab: Client, world: World) -> None:
    places = [f"/checks/{world.scan.public_id}", f"/clearances/{world.scene.clearance.public_id}"]
    for place in places:
        assert "Had a document held" not in lab.get(place).content.decode()  # nothing says which index it was
    segment = Segment.objects.create(digest="sha256:0a", file_name="a.seg", parameter_set=REGISTRY_1.name)
    Scan.objects.filter(pk=world.scan.pk).update(segments={"digests": [segment.digest], "withdrawn": []})
    for place in places:
        page = lab.get(place).content.decode()
        assert "Had a document held 100 words or more in a row" in page
        assert 'href="/docs/matches#no-match"' in page
    explained = tree(Client().get("/docs/matches").content)
    assert len(explained.xpath("//*[@id='no-match']/following-sibling::div//tbody/tr")) == 12


def test_what_many_works_share_is_shown_as_what_it_is(lab: Client, world: World) -> None:
    match = world.scan.matches.get(work=world.scene.licensed)
    page = tree(lab.get(f"/matches/{match.public_id}").content)
    sides: Any = page.xpath("//h2[@id='shared']/following-sibling::div[@class='pair'][1]/section")
    assert [side.findtext("h3") for side in sides] == ["Document, characters 0–89", "Work, characters 300–389"]
    assert all(evidenced.NOTICE in side.xpath("string()") for side in sides)
    assert not page.xpath("//main//somebody")
    other = world.scan.matches.get(work=world.scene.chinese)
    assert "Shared with many" not in facts_of(lab, other)


def test_of_a_works_matches_the_surest_stands_in_the_result(lab: Client, world: World) -> None:
    page = lab.get(f"/clearances/{world.scene.clearance.public_id}")
    shown = {row.work_id: row.confidence for row, _ in page.context["rows"]}
    expected = {world.scene.licensed.pk: 0.931, world.scene.chinese.pk: 0.99997, world.scene.hostile.pk: None}
    assert shown == expected
    assert "93.1\u202f%" in lab.get(f"/verdicts/{world.verdict.public_id}").content.decode()
    assert "how sure: 93.1\u202f%" in lab.get(f"/works/{world.scene.licensed.public_id}", follow=True).content.decode()


@pytest.mark.parametrize(
    ("confidence", "words", "number"),
    [
        (0.0001, "unlikely to be copied text", "<\u202f0.1\u202f%"),
        (0.33, "as likely to be copied text as not", "33.0\u202f%"),
        (0.66, "likely to be copied text", "66.0\u202f%"),
        (0.9, "very likely to be copied text", "90.0\u202f%"),
        (0.95, "extremely likely to be copied text", "95.0\u202f%"),
        (0.99949, "extremely likely to be copied text", "99.9\u202f%"),
        (1.0, "extremely likely to be copied text", ">\u202f99.9\u202f%"),
    ],
)
def test_words_go_with_numbers_and_nothing_is_ever_certain(confidence: float, words: str, number: str) -> None:
    assert (likelihood(confidence), how_sure(confidence)) == (words, number)


def test_a_bundle_is_asked_for_watched_and_downloaded(lab: Client, world: World) -> None:
    place = f"/clearances/{world.scene.clearance.public_id}/reports"
    asked = lab.post(place, {"language": "en"})
    report = Report.objects.latest("id")
    waiting = lab.get(asked.headers["Location"]).content.decode()
    assert "the bundle will be at this address" in waiting
    assert lab.get(f"/reports/{report.public_id}/bundle").status_code == 409
    assert report.job is not None
    assert jobs.run(report.job.pk) == Job.State.DONE
    report.refresh_from_db()
    assert report.sha256 in lab.get(f"/reports/{report.public_id}").content.decode()
    answer = lab.get(f"/reports/{report.public_id}/bundle")
    content = b"".join(answer)
    assert answer.headers["Content-Type"] == "application/zip"
    assert "report.pdf" in zipfile.ZipFile(io.BytesIO(content)).namelist()


def test_a_language_that_is_not_offered_is_refused(lab: Client, world: World) -> None:
    place = f"/clearances/{world.scene.clearance.public_id}/reports"
    assert lab.post(place, {"language": "xx"}).status_code == 400


def test_parts_of_a_progress_page_come_alone_for_htmx(lab: Client, world: World) -> None:
    part = lab.get(f"/checks/{world.scan.public_id}", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="check"')
