"""Notices over the API: from the draft to the answer, each step with its day, for nobody but who drafted them."""

import datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from ingest.models import Match
from licensing.services.assertions import today
from tests import factories
from tests.licensing import scanned
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


@pytest.fixture
def press() -> clients.Person:
    return clients.member(factories.organisation("press", "The Press"))


@pytest.fixture
def caller(press: clients.Person) -> APIClient:
    return clients.caller(press)


def post(caller: APIClient, address: str, body: Any = None) -> Any:
    return caller.post(f"/api/v1/{address}", body or {}, format="json")


@pytest.fixture
def dataset(press: clients.Person) -> str:
    works = [factories.work(f"Found {number}", by=press) for number in range(2)]
    return str(scanned.scan(press, [(work, Match.Relation.COPY) for work in works]).release.dataset.slug)


def drafted(caller: APIClient, dataset: str, **changes: Any) -> dict[str, Any]:
    answer = post(caller, "notices", {"dataset": dataset, "host_name": "Heap Hosting"} | changes)
    assert answer.status_code == 201, answer.json()
    made: dict[str, Any] = answer.json()
    assert answer["Location"] == f"/api/v1/notices/{made['id']}"
    return made


def test_a_notice_is_drafted_mended_posted_answered_and_resolved(caller: APIClient, dataset: str) -> None:
    made = drafted(caller, dataset)
    assert (made["state"], made["works"], made["ask"]) == ("draft", 2, "remove")
    address = f"/api/v1/notices/{made['id']}"
    mended = caller.patch(address, {"body": "Please take them out."}, format="json").json()
    assert (mended["body"], mended["subject"]) == ("Please take them out.", made["subject"])
    day = (today() - datetime.timedelta(days=2)).isoformat()
    sent = post(caller, f"notices/{made['id']}/send", {"by": "post", "on": day})
    assert (sent.status_code, sent.json()["state"]) == (200, "sent")
    assert caller.patch(address, {"body": "Again."}, format="json").status_code == 409
    heard = {"on": today().isoformat(), "text": "They will."}
    assert post(caller, f"notices/{made['id']}/answer", heard).json()["state"] == "answered"
    done = post(caller, f"notices/{made['id']}/resolve", heard | {"text": "They did."}).json()
    assert [(event["kind"], event["on"]) for event in done["events"][1:]] == [
        ("sent", day), ("answered", heard["on"]), ("resolved", heard["on"]),
    ]  # fmt: skip
    assert all(event["entry"] for event in done["events"][1:])
    assert post(caller, f"notices/{made['id']}/withdraw", {"reason": "x"}).status_code == 409


def test_a_draft_that_somebody_else_changed_is_not_written_over(caller: APIClient, dataset: str) -> None:
    made = drafted(caller, dataset)
    address = f"/api/v1/notices/{made['id']}"
    seen = caller.get(address)["ETag"]
    first = caller.patch(address, {"body": "One."}, format="json", headers={"If-Match": seen})
    late = caller.patch(address, {"body": "Other."}, format="json", headers={"If-Match": seen})
    assert (first.status_code, late.status_code, late.json()["code"]) == (200, 412, "REVISION_CONFLICT")
    assert caller.get(address).json()["body"] == "One."
    again = caller.patch(address, {"body": "Other."}, format="json", headers={"If-Match": first["ETag"]})
    assert again.status_code == 200
    assert caller.patch(address, {}, format="json", headers={"If-Match": "x"}).status_code == 400


def test_letter_and_works_are_files(caller: APIClient, dataset: str) -> None:
    made = drafted(caller, dataset)
    letter = caller.get(f"/api/v1/notices/{made['id']}/letter")
    assert "Heap Hosting" in letter.content.decode()
    table = caller.get(f"/api/v1/notices/{made['id']}/works").content.decode()
    assert table.count("\r\n") == 3


def test_what_it_rests_on_is_one_thing_of_one_s_own(caller: APIClient, dataset: str) -> None:
    for body in ({}, {"dataset": dataset, "clearance": "0000000000zz"}):
        refused = post(caller, "notices", {"host_name": "Heap"} | body)
        assert [error["pointer"] for error in refused.json()["errors"]] == ["/dataset"]
    assert post(caller, "notices", {"host_name": "Heap", "clearance": "0000000000zz"}).status_code == 404
    assert post(clients.stranger(), "notices", {"host_name": "Heap", "dataset": dataset}).status_code == 404


def test_nobody_else_sees_it_or_does_anything_with_it(caller: APIClient, dataset: str) -> None:
    made = drafted(caller, dataset)
    stranger = clients.stranger()
    for path in ("", "/letter", "/works"):
        assert stranger.get(f"/api/v1/notices/{made['id']}{path}").status_code == 404
        assert clients.nobody().get(f"/api/v1/notices/{made['id']}{path}").status_code == 404
    assert post(stranger, f"notices/{made['id']}/send", {"by": "post"}).status_code == 404
    assert stranger.get("/api/v1/notices").json()["results"] == []
    assert [row["id"] for row in caller.get(f"/api/v1/notices?state=draft&dataset={dataset}").json()["results"]]


def test_the_same_draft_sent_again_with_its_key_is_made_once(caller: APIClient, dataset: str) -> None:
    body = {"dataset": dataset, "host_name": "Heap Hosting"}
    first, again = (
        caller.post("/api/v1/notices", body, format="json", headers={"Idempotency-Key": "one"}) for _ in range(2)
    )
    assert (again["Idempotent-Replayed"], again.json()["id"]) == ("true", first.json()["id"])
