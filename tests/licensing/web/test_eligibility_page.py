"""A rightsholder sees which works would be on a class settlement's list, as of its day, and why; as a table too."""

import csv
import datetime
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from licensing.rules.fields import read_partial_date
from licensing.selectors import eligibility
from registry.actors import Actor, of_user
from registry.models import Registration, Work
from tests import factories
from tests.licensing import scanned
from tests.licensing.web.conftest import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def press() -> Actor:
    organisation = factories.organisation("press", "Press")
    return of_user(factories.person("press@example.org", of=organisation), organisation)


@pytest.fixture
def client(press: Actor) -> Client:
    assert press.user is not None
    return client_of(press.user)


@pytest.fixture
def works(press: Actor) -> list[Work]:
    """One that was registered in time, one whose registration has no day, one that has none."""
    facts: dict[str, Any] = {"by": press, "first_published": "2011-05-01", "country": "US", "language": "en"}
    made = [
        factories.work("In time", identifiers=[("isbn", "9780141439518")], **facts),
        factories.work("No day", identifiers=[("isbn", "9780141439600")], **facts),
        factories.work("=Never", **facts),
    ]
    Registration.objects.create(work=made[0], office="US", number="TX1", date=datetime.date(2012, 1, 1))
    Registration.objects.create(work=made[1], office="US", number="TX2")
    return made


def tree(answer: Any) -> Any:
    """A page's document."""
    return html.fromstring(answer.content)


def rows(answer: Any) -> dict[str, str]:
    """Title → what the table says of it."""
    found = tree(answer).xpath("//tbody/tr")
    return {row.xpath("./th/a")[0].text_content(): " ".join(row.text_content().split()) for row in found}


def table(client: Client, **query: str) -> list[dict[str, str]]:
    answer = client.get(reverse("eligibility"), {"format": "csv", **query})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_every_work_has_its_answer_with_each_condition(client: Client, works: list[Work]) -> None:
    answer = client.get(reverse("eligibility"))
    found = rows(answer)
    assert list(found) == ["In time", "=Never", "No day"]
    assert "✓ It was registered on 2012-01-01, within five years" in found["In time"]
    assert "the day is not recorded" in found["No day"]
    assert "✗ It has neither an ISBN nor an ASIN on record." in found["=Never"]
    page = " ".join(tree(answer).text_content().split())
    assert "would be on the list: 1" in page
    assert "2025-10-17" in page
    assert "17 USC 410(c)" in page


def test_the_day_of_the_list_and_of_the_copy_decide(client: Client, works: list[Work]) -> None:
    early = rows(client.get(reverse("eligibility"), {"list_of": "2011-12-31"}))
    assert "It was registered after 2011-12-31" in early["In time"]
    copied = rows(client.get(reverse("eligibility"), {"downloaded": "2011-10-01"}))
    assert "✗ It was registered on 2012-01-01, after the download" in copied["In time"]
    unknown = rows(client.get(reverse("eligibility"), {"downloaded": ""}))
    assert "? When the copy was downloaded is not recorded" in unknown["In time"]


def test_only_the_works_of_a_dataset_are_looked_at_where_one_is_chosen(
    client: Client, press: Actor, works: list[Work]
) -> None:
    scan = scanned.scan(press, [(works[0], "copy")])
    found = rows(client.get(reverse("eligibility"), {"dataset": scan.release.dataset.slug}))
    assert list(found) == ["In time"]


def test_the_table_has_every_work_with_its_days_and_nothing_that_runs(client: Client, works: list[Work]) -> None:
    lines = table(client)
    assert [line["answer"] for line in lines] == ["eligible", "not_eligible", "open"]
    assert lines[0]["conditions"] == "NUMBER=yes WITHIN_FIVE_YEARS=yes BEFORE_DOWNLOAD_OR_THREE_MONTHS=yes"
    assert (lines[0]["list_of"], lines[0]["downloaded"]) == ("2025-10-17", "2021-06-01")
    assert lines[1]["title"] == "'=Never"


@pytest.mark.parametrize("query", [{"list_of": "x"}, {"which": "nothing"}, {"dataset": "nothing"}, {"downloaded": "x"}])
def test_what_cannot_be_asked_is_said(client: Client, works: list[Work], query: dict[str, str]) -> None:
    answer = client.get(reverse("eligibility"), query)
    assert answer.status_code == 422
    assert tree(answer).xpath("//*[@id='summary']//li")


def test_whoever_speaks_for_nothing_is_told_where_to_begin(client: Client) -> None:
    page = client.get(reverse("eligibility")).content.decode()
    assert "You speak for no work yet" in page
    assert reverse("authority-many") in page


def test_every_list_has_its_day_its_sources_and_its_copies() -> None:
    for key, row in sorted(eligibility.class_lists().items()):
        assert key == row.key
        assert row.sources
        assert row.copies
        for copy in row.copies:
            assert str(read_partial_date(copy.downloaded, "")) == copy.downloaded
            assert copy.first_day() < row.snapshot_on
