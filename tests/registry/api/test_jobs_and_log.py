"""Jobs of one's organisation; the log for everybody."""

import pytest

from registry import jobs
from registry.merkle import checkpoint, proof, tree
from registry.models import Job, Membership
from registry.services import log
from tests import factories
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return clients.member()


@pytest.fixture
def job(person):
    return jobs.enqueue("scan_read", organisation=person.organisation, scan_id=1)


def test_a_job_shows_how_far_it_is(person):
    parent = jobs.open_parent("scan", organisation=person.organisation)
    for _ in range(4):
        jobs.enqueue("scan_shard", organisation=person.organisation, parent=parent, shard_id=1)
    Job.objects.filter(pk=parent.children.earliest("id").pk).update(state=Job.State.DONE)
    body = clients.caller(person, "scans").get(f"/api/v1/jobs/{parent.public_id}").json()
    assert (body["state"], body["done"], body["total"], body["rate"] > 0) == ("running", 1, 4, True)
    assert "arguments" not in body


def test_jobs_of_others_do_not_exist(job):
    for client in (clients.nobody(), clients.stranger()):
        assert client.get("/api/v1/jobs").json()["results"] == []
        assert client.get(f"/api/v1/jobs/{job.public_id}").status_code == 404
    assert clients.stranger().post(f"/api/v1/jobs/{job.public_id}/cancel").status_code == 404
    assert clients.nobody().post(f"/api/v1/jobs/{job.public_id}/cancel").status_code == 401
    job.refresh_from_db()
    assert not job.cancel_requested


def test_a_job_that_was_cancelled_says_so(person, job):
    client = clients.caller(person, "jobs")
    answer = client.post(f"/api/v1/jobs/{job.public_id}/cancel")
    assert answer.status_code == 202
    assert answer.json()["state"] == "cancelled"
    assert client.get(answer["Location"]).json()["cancel_requested"] is True
    assert client.post(f"/api/v1/jobs/{job.public_id}/cancel").status_code == 409


def test_cancelling_needs_the_scope_and_the_role(person, job):
    address = f"/api/v1/jobs/{job.public_id}/cancel"
    assert clients.caller(person, "read", "scans").post(address).status_code == 403
    viewer = clients.member(person.organisation, role=Membership.Role.VIEWER)
    assert clients.caller(viewer).post(address).status_code == 403


@pytest.mark.parametrize("size", [1, 9])
def test_a_list_of_jobs_takes_a_fixed_number_of_queries(person, size, django_assert_max_num_queries):
    for _ in range(size):
        jobs.enqueue("scan_read", organisation=person.organisation, scan_id=1)
    client = clients.caller(person)
    client.get("/api/v1/jobs")
    with django_assert_max_num_queries(4):  # one of them counts the request
        assert len(client.get("/api/v1/jobs?state=queued&kind=scan_read").json()["results"]) == size


def test_an_empty_log_has_a_size_and_a_key():
    body = clients.nobody().get("/api/v1/log").json()
    assert (body["size"], body["checkpoint"]) == (0, "")
    assert clients.nobody().get("/api/v1/log/consistency?old=0&new=0").json()["path"] == []


def test_anybody_can_check_an_entry_and_that_nothing_was_rewritten(person):
    factories.work("Emma", by=person)
    old = log.sequence_all()
    assert old is not None
    factories.work("Persuasion", by=person)
    log.sequence_all()
    client = clients.nobody()
    latest = client.get("/api/v1/log").json()
    signed = checkpoint.verify(latest["checkpoint"], latest["verifier_key"])
    entry = client.get("/api/v1/log/entries/1").json()
    steps = [bytes.fromhex(step) for step in entry["path"]]
    assert proof.verify_inclusion(bytes.fromhex(entry["leaf_hash"]), 1, latest["size"], steps, signed.root)
    consistency = client.get(f"/api/v1/log/consistency?old={old.size}&new={latest['size']}").json()
    steps = [bytes.fromhex(step) for step in consistency["path"]]
    assert proof.verify_consistency(old.size, latest["size"], bytes(old.root), signed.root, steps)


def test_an_entrys_content_is_for_its_organisation_alone(person):
    factories.work("Emma", by=person)
    log.sequence_all()
    size = clients.nobody().get("/api/v1/log").json()["size"]
    address = f"/api/v1/log/entries/{size - 1}"
    for client in (clients.nobody(), clients.stranger(), clients.caller(person, "works")):
        assert "leaf" not in client.get(address).json()
    body = clients.caller(person, "read").get(address).json()
    assert tree.leaf_hash(body["leaf"].encode()).hex() == body["leaf_hash"]
    assert "Emma" in body["leaf"]


@pytest.mark.parametrize(
    "query", ["", "?old=1", "?old=a&new=b", "?old=-1&new=0", "?old=2&new=1", "?old=0&new=" + "9" * 40, "?old=1.5&new=2"]
)
def test_sizes_the_log_never_had_are_refused(query):
    assert clients.nobody().get(f"/api/v1/log/consistency{query}").status_code == 400


@pytest.mark.parametrize("position", ["0", "7", "9" * 30, "9" * 5000])
def test_an_entry_that_is_not_there_is_404(position):
    assert clients.nobody().get(f"/api/v1/log/entries/{position}").status_code == 404
