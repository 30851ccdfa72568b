"""Workers are killed, messages doubled and lost, jobs hang and crash: an effect happens once, or its reason is told."""

import hashlib
import json
import subprocess
import sys
import threading

import pytest
from django.db import connections

from ingest.models import Match, Scan, Shard
from ingest.selectors import matches
from ingest.services import deposits, scans
from registry import jobs
from registry.actors import system
from registry.models import Item, Job, Organisation
from registry.services import organisations, works
from tests import worker_jobs, workers

pytestmark = [pytest.mark.worker, pytest.mark.fault, pytest.mark.django_db(transaction=True)]

TEXTS = workers.ROOT / "samples" / "shelf" / "texts"
KINDS = worker_jobs  # importing it binds the kinds in this process too


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """Send lost messages again at once, and end a process soon after its job was asked to stop."""
    monkeypatch.setattr(jobs, "RESEND_SECONDS", 0)
    monkeypatch.setattr(jobs, "HARD_LIMIT_GRACE_SECONDS", 1)
    workers.empty_broker()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One worker for the tests that leave it alive."""
    holder: dict[str, workers.Worker] = {"log": tmp_path_factory.mktemp("worker") / "worker.log"}
    yield holder
    if "worker" in holder:
        holder["worker"].stop()


@pytest.fixture
def worker(shared, service_environment) -> workers.Worker:
    if "worker" not in shared or shared["worker"].process.poll() is not None:
        shared["worker"] = workers.start(service_environment, shared["log"], processes=2)
    return shared["worker"]


def effects(name: str) -> int:
    return Organisation.objects.filter(name=name).count()


def ended(*rows: Job) -> bool:
    return not Job.objects.filter(pk__in=[row.pk for row in rows], state__in=["queued", "running"]).exists()


def finish(*rows: Job, seconds: float = 60) -> list[Job]:
    workers.wait_until(lambda: ended(*rows), seconds=seconds, meanwhile=jobs.sweep)
    return [Job.objects.get(pk=row.pk) for row in rows]


def test_a_flushed_broker_loses_nothing():
    for _ in range(50):
        jobs.enqueue("test_count", name="flushed")
    assert jobs.waiting_messages("engine") == 50
    workers.empty_broker()
    assert jobs.waiting_messages("engine") == 0

    assert jobs.sweep()["published"] == 50
    assert jobs.sweep()["published"] == 0  # they are waiting now: not lost


def test_one_message_delivered_five_times_has_one_effect(worker):
    enqueued = [jobs.enqueue("test_count", name=f"doubled {n}") for n in range(4)]

    def deliver() -> None:
        for job in enqueued:
            for _ in range(5):
                jobs.publish(job)
        connections.close_all()

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {job.state for job in finish(*enqueued)} == {"done"}
    workers.wait_until(lambda: jobs.waiting_messages("engine") == 0)
    assert [effects(f"doubled {n}") for n in range(4)] == [1, 1, 1, 1]
    assert {job.attempts for job in Job.objects.all()} == {1}


def test_four_threads_that_run_one_job_at_once_have_one_effect():
    job = Job.objects.create(kind="test_count", arguments={"name": "raced"})
    barrier = threading.Barrier(4)
    said: list[str] = []

    def run() -> None:
        barrier.wait()
        said.append(jobs.run(job.pk))
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["", "", "", "done"]
    assert effects("raced") == 1


def test_what_was_flushed_is_done_once_each(worker):
    enqueued = [jobs.enqueue("test_count", name=f"flushed {n}") for n in range(50)]
    workers.empty_broker()
    assert {job.state for job in finish(*enqueued)} == {"done"}
    assert [effects(f"flushed {n}") for n in range(50)] == [1] * 50


def test_a_crash_after_the_commit_and_before_the_message_loses_nothing(worker, service_environment):
    crash = (
        "import os, django; django.setup()\n"
        "from django.db import transaction\n"
        "from registry import jobs\n"
        "with transaction.atomic():\n"
        "    transaction.on_commit(lambda: os._exit(9))\n"
        "    jobs.enqueue('test_count', name='crashed')\n"
    )
    ended_with = subprocess.run([sys.executable, "-c", crash], cwd=workers.ROOT, env=service_environment, check=False)
    assert ended_with.returncode == 9
    job = Job.objects.get()
    assert (job.state, job.published_at) == ("queued", None)
    assert finish(job)[0].state == "done"
    assert effects("crashed") == 1


def test_a_job_that_kills_its_process_is_quarantined_while_others_run(worker):
    poison = jobs.enqueue("test_abort")
    others = [jobs.enqueue("test_count", name=f"beside {n}") for n in range(10)]
    poison, *others = finish(poison, *others)
    assert (poison.state, poison.attempts) == ("quarantined", 3)
    assert "without a word" in poison.reason
    assert {job.state for job in others} == {"done"}
    assert [effects(f"beside {n}") for n in range(10)] == [1] * 10


def test_a_job_that_fails_each_time_is_quarantined_with_its_error(worker):
    job = finish(jobs.enqueue("test_raise"))[0]
    assert (job.state, job.attempts, job.error) == ("quarantined", 3, "ValueError: this never works")
    assert "this never works" not in job.reason, "people are told of the fault, operators what it was"
    jobs.release(job)
    again = finish(job)[0]
    assert (again.state, again.attempts) == ("quarantined", 3), "all its attempts were given back"
    assert job.ended_at is not None
    assert again.ended_at is not None
    assert again.ended_at > job.ended_at


def test_a_hung_job_is_ended_with_the_reason(worker):
    hung, stuck = finish(jobs.enqueue("test_hang"), jobs.enqueue("test_stuck"))
    assert (hung.state, hung.attempts) == ("quarantined", 3)
    assert hung.reason == "It took longer than the 1 seconds that are allowed."
    assert (stuck.state, stuck.attempts) == ("quarantined", 3)
    assert "out of time" in stuck.reason


def test_cancelling_stops_within_a_chunk(worker, tmp_path):
    trace = tmp_path / "steps"
    job = jobs.enqueue("test_steps", trace=str(trace))
    workers.wait_until(trace.exists, meanwhile=jobs.sweep)
    jobs.cancel(job)
    at_request = int(trace.read_text().split()[-1])
    job = finish(job)[0]
    assert (job.state, job.reason) == ("cancelled", "Stopped on request.")
    assert int(trace.read_text().split()[-1]) - at_request <= 2


def test_a_worker_asked_to_end_finishes_what_it_has_and_leaves_the_rest(worker, service_environment, tmp_path):
    enqueued = [jobs.enqueue("test_slow_count", name=f"deployed {n}") for n in range(8)]
    workers.wait_until(lambda: Job.objects.filter(state="running").exists(), meanwhile=jobs.sweep)
    worker.process.terminate()
    worker.process.wait(timeout=20)
    states = set(Job.objects.values_list("state", flat=True))
    assert states == {"done", "queued"}
    with workers.running(service_environment, tmp_path / "next.log", processes=2):
        assert {job.state for job in finish(*enqueued)} == {"done"}
    assert [effects(f"deployed {n}") for n in range(8)] == [1] * 8
    assert {job.attempts for job in Job.objects.all()} == {1}


@pytest.fixture
def corpus(tmp_path) -> list[scans.Upload]:
    """Two files of some 300 records, part of them from registered works."""
    sources = ["carroll-alice.txt", "conrad-heart-of-darkness.txt", "emerson-nature.txt"]
    texts = [(TEXTS / name).read_text(encoding="utf-8") for name in sources]
    files = []
    for number in range(2):
        path = tmp_path / f"part-{number}.jsonl"
        with path.open("w") as out:
            for record in range(150):
                text = texts[record % 3]
                start = (record * 977 + number * 31) % (len(text) - 4000)
                out.write(json.dumps({"text": f"{number} {record} " + text[start : start + 4000]}) + "\n")
        files.append(scans.Upload(path.name, path))
    return files


def outcome(scan: Scan) -> dict[str, object]:
    """Everything a scan leaves, as hashes that do not depend on row numbers."""
    scan.refresh_from_db()
    rows = Match.objects.filter(scan=scan).select_related("item", "work", "edition", "scan")
    found = [matches.line(row) | {"excerpts": row.passages} for row in rows.order_by("item__position", "work__title")]
    items = Item.objects.filter(release=scan.release).order_by("position")
    shards = Shard.objects.filter(scan=scan).order_by("position").values_list("position", "documents", "state")
    return {
        "state": (scan.state, scan.documents, scan.words, scan.chars, scan.letters, scan.index_digest),
        "matches": (len(found), hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()),
        "items": list(items.values_list("name", "sha256", "position", "words")),
        "shards": list(shards),
    }


def test_a_scan_whose_workers_are_killed_leaves_the_same_rows_as_a_clean_one(
    shared, service_environment, corpus, settings, tmp_path
):
    if "worker" in shared:
        shared["worker"].stop()  # this one takes 256 KiB a chunk
    settings.SCAN_CHUNK_BYTES = 20_000
    actor = system("test", organisations.create(slug="press", name="Press", actor=system("test")))
    for name, mode in {"carroll-alice.txt": "kept", "conrad-heart-of-darkness.txt": "transient"}.items():
        work = works.register(works.WorkFacts(title=name), actor=actor)
        deposit = deposits.keep(work=work, path=TEXTS / name, mode=mode, actor=actor)
        assert deposit.job is not None
        assert jobs.run(deposit.job.pk) == "done"
    clean = scans.request(files=corpus, dataset_name="Clean", actor=actor)
    while (job := Job.objects.filter(state="queued", kind__startswith="scan").order_by("id").first()) is not None:
        jobs.run(job.pk)
    workers.empty_broker()

    environment = service_environment | {"TEST_CHUNK_BYTES": "20000", "TEST_MAX_ATTEMPTS": "10"}
    settings.JOB_MAX_ATTEMPTS = 10  # the sweep runs in this process
    killed = scans.request(files=corpus, dataset_name="Killed", actor=actor)
    fighter = workers.start(environment, tmp_path / "killed.log", processes=2)

    def look_after() -> None:
        jobs.sweep()
        scans.close_ready()

    def wait_for(shards: int) -> None:
        done = killed.shards.filter(state="done")
        workers.wait_until(lambda: done.count() >= shards, seconds=60, meanwhile=look_after)

    try:
        wait_for(3)
        fighter.kill_child()
        wait_for(12)
        held = Job.objects.filter(parent=killed.job, state="running")
        workers.wait_until(lambda: fighter.frozen_while(held.exists), meanwhile=look_after)
        fighter.kill()  # in the middle of a job, for sure
        fighter = workers.start(environment, tmp_path / "killed.log", processes=2)
        wait_for(25)
        fighter.kill_child()
        workers.wait_until(lambda: outcome(killed)["state"][0] == "done", seconds=60, meanwhile=look_after)  # type: ignore[index]
    finally:
        fighter.stop()

    assert outcome(killed) == outcome(clean)
    assert Match.objects.filter(scan=killed).count() > 150
    assert Job.objects.filter(parent=killed.job, attempts__gt=1).exists()


def test_an_expired_claim_cannot_write(settings, monkeypatch):
    monkeypatch.setattr(jobs, "publish", lambda job: False)  # no worker is told, so that both claims are ours
    settings.JOB_LEASE_SECONDS = 0
    job = jobs.enqueue("test_count", name="fenced")
    old = jobs.claim(job.pk)
    jobs.sweep()
    new = jobs.claim(job.pk)
    assert old is not None
    assert new is not None
    assert new.fence == old.fence + 1
    with pytest.raises(jobs.LeaseLost):
        worker_jobs.count(old, "fenced")
    with pytest.raises(jobs.LeaseLost):
        old.progress("late", 1)
    assert not old.heartbeat()
    assert not old.close("done")
    worker_jobs.count(new, "fenced")
    assert new.close("done")
    assert effects("fenced") == 1
