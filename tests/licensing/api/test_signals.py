"""The API of signals: handed in, answered for a day, the bytes given back; what is not one's own does not exist."""

import io
from pathlib import Path
from typing import Any

import pytest

from licensing.models import Reservation
from registry.models import Job, Work
from tests import factories
from tests.licensing.formats.crawled import robots, warc
from tests.licensing.services.observed import RESERVED, TDMREP
from tests.registry.api import clients
from tests.registry.api.clients import Person

pytestmark = pytest.mark.django_db
OBSERVATIONS, ADDRESSES = "/api/v1/observations", "/api/v1/work-addresses"


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()


@pytest.fixture
def press() -> Person:
    return clients.member()


@pytest.fixture
def work(press: Person) -> Work:
    found = factories.work("The Lamp", by=press)
    given = {"work": found.public_id, "address": "https://press.example/books/lamp"}
    assert clients.caller(press).post(ADDRESSES, given, format="json").status_code == 201
    return found


def hand_in(person: Person, content: bytes = RESERVED, address: str = OBSERVATIONS, **fields: Any) -> Any:
    file = io.BytesIO(content)
    file.name = "tdmrep.json"
    return clients.caller(person).post(address, {"file": file} | fields, format="multipart")


def test_a_file_is_handed_in_and_answers_for_its_day(press: Person, work: Work) -> None:
    answer = hand_in(press, address=OBSERVATIONS, observed_at="2025-03-01T12:00:00Z", kind="")
    assert answer.status_code == 201, answer.content
    answer = clients.caller(press).get(answer.headers["Location"])
    [signal] = answer.json()["signals"]
    assert (signal["says"], signal["format"], signal["rule"]["effect"]) == ("reserved", "tdmrep", "reserve")
    assert Reservation.objects.count() == 0  # it stood nowhere


def test_what_was_said_on_a_day_is_one_answer(press: Person, work: Work) -> None:
    file = io.BytesIO(RESERVED)
    file.name = "tdmrep.json"
    given = {"file": file, "address": TDMREP, "observed_at": "2025-03-01T12:00:00Z"}
    made = clients.caller(press).post(OBSERVATIONS, given, format="multipart").json()
    asked = clients.nobody().get(f"/api/v1/works/{work.public_id}/signals?on=2025-03-02&use=pretraining").json()
    [rule] = asked["rules"]
    assert (rule["counts"], rule["says"], rule["sha256"]) == (True, "reserved", made["content_sha256"])
    earlier = clients.nobody().get(f"/api/v1/works/{work.public_id}/signals?on=2025-02-01").json()
    assert (earlier["rules"], earlier["readings"]) == ([], 0)
    raw = clients.nobody().get(f"{OBSERVATIONS}/{made['id']}/raw")
    assert raw.content == RESERVED
    assert raw.headers["Content-Disposition"].startswith("attachment")


def test_a_firms_own_evidence_is_not_there_for_others(press: Person, work: Work) -> None:
    firm = clients.member()
    number = hand_in(firm).json()["id"]
    for address in (f"{OBSERVATIONS}/{number}", f"{OBSERVATIONS}/{number}/raw"):
        assert clients.caller(press).get(address).status_code == 404
        assert clients.caller(firm).get(address).status_code == 200
    assert clients.nobody().get(OBSERVATIONS).json()["results"] == []


def test_sites_and_crawls_are_read_by_jobs(press: Person) -> None:
    caller = clients.caller(press)
    answer = caller.post(f"{OBSERVATIONS}/read", {"address": "press.example"}, format="json")
    assert (answer.status_code, answer.json()["kind"]) == (202, "signals_fetch")
    assert hand_in(press, warc(robots()), f"{OBSERVATIONS}/crawl").status_code == 202
    assert Job.objects.filter(kind="signals_crawl").count() == 1
    refused = caller.post(f"{OBSERVATIONS}/read", {"address": "https://[::1]/"}, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/address")


def test_only_who_speaks_for_a_work_says_where_it_stands_and_takes_it_back(press: Person, work: Work) -> None:
    given = {"work": work.public_id, "address": "https://other.example/x"}
    assert clients.stranger().post(ADDRESSES, given, format="json").status_code == 403
    [place] = clients.nobody().get(f"{ADDRESSES}?work={work.public_id}").json()["results"]
    assert clients.stranger().post(f"{ADDRESSES}/{place['id']}/withdraw").status_code == 404
    assert clients.caller(press).post(f"{ADDRESSES}/{place['id']}/withdraw").status_code == 204


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_every_day_of_the_calendar_can_be_asked_about(work: Work, day: str) -> None:
    answer = clients.nobody().get(f"/api/v1/works/{work.public_id}/signals?on={day}")
    assert (answer.status_code, answer.json()["on"]) == (200, day)
