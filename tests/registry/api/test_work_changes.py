"""The API of one work's life: If-Match, the whole list of faults, revisions, receipts, texts and fingerprints."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from ingest.engine import fingerprint as fp
from ingest.engine.params import REGISTRY_1
from ingest.engine.records import FingerprintRecord
from ingest.engine.sketch import sketch_text
from ingest.models import Deposit
from registry.models import Membership, User, Work
from registry.services import log, works
from registry.services.works import AuthorFacts, EditionFacts, WorkFacts
from tests import factories

pytestmark = pytest.mark.django_db
TEXT = Path(__file__).resolve().parents[3] / "samples" / "shelf" / "texts" / "carroll-alice.txt"


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()
    settings.INDEX_DIR = tmp_path / "index"


@pytest.fixture
def press(client: Client) -> Client:
    user = User.objects.create_user(username="press@example.org", password="x")
    Membership.objects.create(user=user, organisation=factories.organisation("press", "Press"), role="editor")
    client.force_login(user)
    return client


@pytest.fixture
def work(press: Client) -> Work:
    facts = WorkFacts(
        "Alice", [AuthorFacts("Lewis Carroll", "1832", "1898")], identifiers=[("doi", "10.1000/alice")],
        editions=[EditionFacts(published="1866", source="a card")],
    )  # fmt: skip
    return works.register(facts, actor=factories.actor(User.objects.get().organisations.get()))


def call(client: Client, method: str, address: str, body: Any = None, **headers: str) -> Any:
    return client.generic(method, f"/api/v1/works/{address}", *_sent(body), headers=headers)


def _sent(body: Any) -> tuple[Any, ...]:
    return ("", "application/json") if body is None else (json.dumps(body), "application/json")


def test_a_patch_changes_what_it_names_and_answers_with_the_next_etag(press: Client, work: Work) -> None:
    read = press.get(f"/api/v1/works/{work.public_id}")
    assert read.headers["ETag"] == '"1"'
    answer = call(press, "PATCH", work.public_id, {"title": "Alice!", "reason": "louder"}, **{"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert (answer.json()["title"], answer.json()["revision"]) == ("Alice!", 2)
    assert [author["name"] for author in answer.json()["authors"]] == ["Lewis Carroll"]
    assert work.editions.get().source == "a card"
    late = call(press, "PATCH", work.public_id, {"title": "Lost"}, **{"If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "REVISION_CONFLICT")
    wrong = call(press, "PATCH", work.public_id, {"title": "x"}, **{"If-Match": "soon"})
    assert wrong.status_code == 400


def test_every_fault_of_a_patch_is_named(press: Client, work: Work) -> None:
    body = {"title": "", "first_published": "1815-02-30", "colour": "red", "visibility": "draft"}
    answer = call(press, "PATCH", work.public_id, body)
    assert answer.status_code == 400
    assert {row["pointer"] for row in answer.json()["errors"]} == {
        "/title", "/first_published", "/colour", "/visibility",
    }  # fmt: skip
    assert call(press, "PATCH", work.public_id, [1]).status_code == 400


def test_changes_are_listed_with_their_differences_and_undone(press: Client, work: Work) -> None:
    call(press, "PATCH", work.public_id, {"title": "Alice!"})
    [row] = call(press, "GET", f"{work.public_id}/revisions").json()["results"]
    assert row["differences"] == [{"name": "title", "before": "Alice", "after": "Alice!"}]
    undone = call(press, "POST", f"{work.public_id}/undo", {"number": 1})
    assert (undone.status_code, undone.json()["title"], undone.json()["revision"]) == (200, "Alice", 3)


def test_a_work_is_split_merged_withdrawn_and_restored(press: Client, work: Work) -> None:
    body = {"title": "Part", "identifiers": [{"scheme": "doi", "value": "10.1000/alice"}]}
    made = call(press, "POST", f"{work.public_id}/split", body)
    assert made.status_code == 201
    merged = call(press, "POST", f"{made.json()['id']}/merge", {"into": work.public_id})
    assert (merged.status_code, merged.json()["id"]) == (200, work.public_id)
    assert call(press, "POST", f"{work.public_id}/withdraw", {"reason": "x"}).json()["withdrawn"] is True
    assert call(press, "POST", f"{work.public_id}/restore").json()["withdrawn"] is False
    nowhere = call(press, "POST", f"{work.public_id}/merge", {"into": "0000000000zz"})
    assert nowhere.json()["errors"][0]["pointer"] == "/into"


def test_a_draft_is_registered_hidden_and_published(press: Client) -> None:
    made = press.post("/api/v1/works", {"title": "Hidden", "visibility": "draft"}, "application/json")
    address = made.headers["Location"]
    assert (made.status_code, made.json()["visibility"]) == (201, "draft")
    assert Client().get(address).status_code == 404
    assert press.post(f"{address}/publish").json()["visibility"] == "public"
    assert Client().get(address).status_code == 200


def test_strangers_change_nothing_and_read_no_history(work: Work) -> None:
    user = User.objects.create_user(username="rival@example.org", password="x")
    Membership.objects.create(user=user, organisation=factories.organisation("rival"), role="owner")
    rival = Client()
    rival.force_login(user)
    assert call(rival, "PATCH", work.public_id, {"title": "Mine"}).status_code == 403
    for address in ("revisions", "receipt", "deposits"):
        assert call(rival, "GET", f"{work.public_id}/{address}").status_code == 404


def test_the_receipt_has_its_place_in_the_log_once_numbered(press: Client, work: Work) -> None:
    assert call(press, "GET", f"{work.public_id}/receipt").json()["log"] is None
    log.sequence_all()
    assert call(press, "GET", f"{work.public_id}/receipt").json()["log"]["index"] >= 0


def test_a_fingerprint_made_at_home_is_taken_and_no_text_is_kept(press: Client, work: Work) -> None:
    sketch = sketch_text(TEXT.read_text(), REGISTRY_1)
    file = io.BytesIO(fp.dump([FingerprintRecord("mine", None, "Secret Title", "Nobody", "", sketch)]))
    file.name = "manuscript.fp"
    answer = press.post(f"/api/v1/works/{work.public_id}/deposits", {"file": file})
    assert answer.status_code == 202
    body = answer.json()
    assert (body["mode"], body["is_stored"], body["sha256"]) == ("fingerprint_only", False, "")
    stored = Deposit.objects.get().fingerprint
    assert b"Secret Title" not in bytes(stored.data)
    broken = io.BytesIO(fp.MAGIC + b"nonsense")
    broken.name = "broken.fp"
    assert press.post(f"/api/v1/works/{work.public_id}/deposits", {"file": broken}).status_code == 400
    taken = press.post(f"/api/v1/works/{work.public_id}/deposits/{body['id']}/withdraw")
    assert taken.json()["withdrawn_at"]
