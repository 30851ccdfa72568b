"""Scans and matches over the API: files in, 202 with the job, matches out, nothing for others."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ingest.models import Scan, Segment
from ingest.selectors import scans
from registry.models import Membership
from registry.services import works
from tests import factories
from tests.licensing import scanned
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()
    settings.INDEX_DIR = tmp_path / "index"


@pytest.fixture
def person():
    return clients.member()


def text(name="book.txt", content=b"Call me Ishmael."):
    return SimpleUploadedFile(name, content)


def post(client, **fields):
    return client.post("/api/v1/scans", {"dataset": "Corpus", "files": [text()]} | fields, format="multipart")


def test_files_are_taken_and_the_job_is_named(person):
    client = clients.caller(person, "scans")
    answer = post(client, files=[text("a.txt"), text("b.txt", b"")], acquisition="lawful", copied_on="2026-03-01")
    assert answer.status_code == 202, answer.json()
    body = answer.json()
    assert answer["Location"] == f"/api/v1/jobs/{body['job']}"
    assert client.get(answer["Location"]).json()["kind"] == "scan"
    assert [row["name"] for row in body["inputs"]] == ["a.txt", "b.txt"]
    assert (body["state"], body["acquisition"], body["copied_on"]) == ("reading", "lawful", "2026-03-01")
    assert client.get(f"/api/v1/scans/{body['id']}").json() == body
    assert "blob" not in body["inputs"][0]
    assert [row["id"] for row in client.get("/api/v1/scans?state=reading").json()["results"]] == [body["id"]]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"files": []}, "/files"),
        ({"files": "a text and no file"}, "/files"),
        ({"dataset": " "}, "/dataset"),
        ({"dataset": "x" * 201}, "/dataset"),
        ({"dataset": "a\0b"}, "/dataset"),
        ({"acquisition": "bought"}, "/acquisition"),
        ({"copied_on": "yesterday"}, "/copied_on"),
        ({"min_words": "0"}, "/min_words"),
        ({"min_words": "many"}, "/min_words"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(person, fields, pointer, tmp_path):
    answer = post(clients.caller(person), **fields)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Scan.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 415),
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=é", 400),
        ("multipart/form-data; boundary=x; charset=zlib", 400),
    ],
)
def test_a_body_that_is_no_form_is_a_problem(person, content_type, status):
    answer = clients.caller(person).generic("POST", "/api/v1/scans", "--x\r\n\r\n{}", content_type)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


def test_too_many_files_are_refused(person):
    answer = post(clients.caller(person), files=[text(f"{number}.txt") for number in range(101)])
    assert answer.status_code == 400


def test_a_full_disk_is_507(person, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ingest.blobs.put", full)
    answer = post(clients.caller(person))
    assert answer.status_code == 507
    assert answer.json()["code"] == "STORAGE_FULL"


def test_writing_needs_a_sign_in_the_scope_and_the_role(person):
    assert post(clients.nobody()).status_code == 401
    assert post(clients.caller(person, "read", "works")).status_code == 403
    viewer = clients.member(person.organisation, role=Membership.Role.VIEWER)
    assert post(clients.caller(viewer)).status_code == 403
    assert not Scan.objects.exists()


def test_a_scan_and_its_matches_do_not_exist_for_others(person):
    scan = scanned.scan(person, [(factories.work("Emma"), "copy")])
    addresses = [f"/api/v1/scans/{scan.public_id}", f"/api/v1/scans/{scan.public_id}/matches"]
    for client in (clients.nobody(), clients.stranger()):
        assert [client.get(address).status_code for address in addresses] == [404, 404]
        assert client.get("/api/v1/scans").json()["results"] == []
    owner = clients.caller(clients.member(person.organisation))
    assert [owner.get(address).status_code for address in addresses] == [200, 200]


def test_matches_come_in_reading_order_and_can_be_filtered(person):
    found = [(factories.work(f"Volume {number}"), relation) for number, relation in enumerate(["copy", "excerpt"])]
    scan = scanned.scan(person, found)
    client = clients.caller(person)
    address = f"/api/v1/scans/{scan.public_id}/matches"
    assert [row["document"] for row in client.get(address).json()["results"]] == ["doc-0.txt", "doc-1.txt"]
    excerpts = client.get(f"{address}?relation=excerpt&work={found[1][0].public_id}").json()["results"]
    assert [row["relation"] for row in excerpts] == ["excerpt"]
    assert client.get(f"{address}?precision=rough").status_code == 400


def test_a_match_says_how_sure_it_is_and_what_many_works_share(person):
    scan = scanned.scan(person, [(factories.work("Emma"), "copy")])
    address = f"/api/v1/scans/{scan.public_id}/matches"
    [older] = clients.caller(person).get(address).json()["results"]
    assert (older["confidence"], older["boilerplate"]) == (None, [])
    place = {"document_chars": [0, 20], "work_chars": [7, 27], "words": 3, "identity": 1.0, "precision": "exact"}
    shown = place | {"excerpt": "All rights reserved. Emma", "excerpt_start": 0}
    scan.matches.update(confidence=0.998123, boilerplate=[shown])
    [match] = clients.caller(person).get(address).json()["results"]
    assert (match["confidence"], match["boilerplate"], match["passages"]) == (0.998123, [shown], [])


def test_a_scan_says_what_no_match_means_once_its_index_is_chosen(person):
    scan = scanned.scan(person)
    address = f"/api/v1/scans/{scan.public_id}"
    assert clients.caller(person).get(address).json()["no_match"] is None
    Segment.objects.create(digest="sha256:01", file_name="one.seg", parameter_set="registry-1")
    Scan.objects.filter(pk=scan.pk).update(segments={"digests": ["sha256:01"], "withdrawn": []})
    said = clients.caller(person).get(address).json()["no_match"]
    assert said == scans.no_match(Scan.objects.get(pk=scan.pk))
    assert (said["words"], said["error_ratio"]) == (100, 0.05)


def test_a_match_of_a_withdrawn_work_is_not_shown(person):
    press = factories.actor()
    work = factories.work("Taken back", by=press)
    scan = scanned.scan(person, [(work, "copy")])
    works.withdraw(work=work, reason="a mistake", actor=press)
    assert clients.caller(person).get(f"/api/v1/scans/{scan.public_id}/matches").json()["results"] == []


@pytest.mark.parametrize("size", [1, 8])
def test_lists_of_scans_and_matches_take_a_fixed_number_of_queries(person, size, django_assert_max_num_queries):
    scan = scanned.scan(person, [(factories.work(f"Volume {number}"), "copy") for number in range(size)])
    for _ in range(size - 1):
        scanned.scan(person)
    client = clients.caller(person)
    client.get("/api/v1/scans")
    with django_assert_max_num_queries(4):  # one of them counts the request
        assert len(client.get("/api/v1/scans").json()["results"]) == size
    with django_assert_max_num_queries(5):  # the scan is one more
        assert len(client.get(f"/api/v1/scans/{scan.public_id}/matches").json()["results"]) == size
