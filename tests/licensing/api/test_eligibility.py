"""Class settlements over the API: the lists, and which works would be on one, condition by condition."""

import datetime
from typing import Any

import pytest

from licensing.selectors import eligibility
from registry.models import Registration, Work
from tests import factories
from tests.licensing import scanned
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


@pytest.fixture
def press() -> clients.Person:
    return clients.member(factories.organisation("press", "The Press"))


@pytest.fixture
def works(press: clients.Person) -> list[Work]:
    """Registered between the two copies; registered on an unknown day; without any number."""
    facts: dict[str, Any] = {"by": press, "first_published": "2019-05-01", "country": "US", "language": "en"}
    made = [
        factories.work("Between", identifiers=[("isbn", "9780141439518")], **facts),
        factories.work("No day", identifiers=[("isbn", "9780141439600")], **facts),
        factories.work("No number", **facts),
    ]
    Registration.objects.create(work=made[0], office="US", number="TX1", date=datetime.date(2022, 1, 1))
    Registration.objects.create(work=made[1], office="US", number="TX2")
    return made


def rows(person: clients.Person, **query: str) -> dict[str, Any]:
    """Title → its row."""
    answer = clients.caller(person).get("/api/v1/eligibility", query)
    assert answer.status_code == 200, answer.json()
    return {row["title"]: row for row in answer.json()["results"]}


def test_the_lists_say_their_day_their_copies_and_what_was_checked() -> None:
    [found] = clients.nobody().get("/api/v1/class-lists").json()
    known = eligibility.class_lists()[found["key"]]
    assert (found["snapshot_on"], found["works"], found["verified"]) == (known.snapshot_on.isoformat(), 482460, False)
    copies = {(copy["dataset"], copy["downloaded"], copy["verified"]) for copy in found["copies"]}
    assert copies == {("libgen", "2021-06", True), ("pilimi", "2022-07", True)}
    assert (found["cutoff"]["day"], found["cutoff"]["verified"]) == ("2022-08-10", False)


def test_each_work_has_its_answer_with_every_condition(press: clients.Person, works: list[Work]) -> None:
    found = rows(press)
    assert {title: row["eligible"] for title, row in found.items()} == {
        "Between": False, "No day": None, "No number": False,
    }  # fmt: skip
    steps = {step["code"]: step["holds"] for step in found["Between"]["steps"]}
    assert steps == {"NUMBER": True, "WITHIN_FIVE_YEARS": True, "BEFORE_DOWNLOAD_OR_THREE_MONTHS": False}
    assert found["Between"]["work"] == works[0].public_id
    assert found["No number"]["sentence"].startswith("It would not be on the list as of 2025-10-17")


def test_the_days_that_are_asked_about_decide(press: clients.Person, works: list[Work]) -> None:
    assert rows(press, downloaded="2022-08-10")["Between"]["eligible"] is True
    assert rows(press, downloaded="unknown")["Between"]["eligible"] is None
    assert rows(press, list_of="2021-12-31", class_list="bartz-v-anthropic")["Between"]["eligible"] is False


def test_of_a_dataset_only_works_that_were_found_in_it_are_listed(press: clients.Person, works: list[Work]) -> None:
    scan = scanned.scan(press, [(works[0], "copy")])
    assert list(rows(press, dataset=scan.release.dataset.slug)) == ["Between"]


@pytest.mark.parametrize(
    "query",
    [{"class_list": "none"}, {"dataset": "nowhere"}, {"downloaded": "soon"}, {"list_of": "x"}, {"which": "x"}],
    ids=str,
)
def test_what_cannot_be_asked_is_named(press: clients.Person, query: dict[str, str]) -> None:
    answer = clients.caller(press).get("/api/v1/eligibility", query)
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, next(iter(query)))


def test_everybody_sees_their_own_works_alone(press: clients.Person, works: list[Work]) -> None:
    assert rows(clients.member()) == {}
    assert clients.nobody().get("/api/v1/eligibility").json()["results"] == []
    assert clients.caller(press, "scans").get("/api/v1/eligibility").status_code == 403
