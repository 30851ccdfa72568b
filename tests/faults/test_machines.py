"""Workers on several machines that share database, broker and an S3 store: lost, slow and damaged, nothing is lost."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction

from ingest import blobs
from ingest.models import Match, Scan
from ingest.services import deposits, scans, segment_files, segments, stragglers
from registry import jobs
from registry.actors import Actor, system
from registry.models import Item, Job
from registry.services import organisations, works
from tests import object_store, workers

pytestmark = [pytest.mark.worker, pytest.mark.fault, pytest.mark.django_db(transaction=True)]

TEXTS = workers.ROOT / "samples" / "shelf" / "texts"
CHUNK_BYTES, PART_BYTES = 40_000, 100_000
PATIENCE_SECONDS = 180  # machines start at once on a few cores


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object_store.ObjectStore]:
    with object_store.running(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def shared(s3, settings, tmp_path, service_environment, monkeypatch) -> Iterator[dict[str, str]]:
    """The environment of every machine's workers; this process is a machine of its own as well."""
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    object_store.forget_clients()
    settings.BLOB_URL = object_store.new_prefix()
    settings.INDEX_DIR = tmp_path / "index-here"
    settings.SCAN_CHUNK_BYTES, settings.SCAN_PART_BYTES, settings.JOB_MAX_ATTEMPTS = CHUNK_BYTES, PART_BYTES, 10
    monkeypatch.setattr(jobs, "RESEND_SECONDS", 0)
    workers.empty_broker()
    yield (
        service_environment
        | s3.environment()
        | {
            "TEST_BLOB_URL": settings.BLOB_URL,
            "TEST_CHUNK_BYTES": str(CHUNK_BYTES),
            "TEST_PART_BYTES": str(PART_BYTES),
            "TEST_MAX_ATTEMPTS": "10",
        }
    )
    object_store.forget_clients()


def machine(shared: dict[str, str], tmp_path: Path, name: str, *, lease_seconds: int) -> workers.Worker:
    own = {"TEST_INDEX_DIR": str(tmp_path / name), "TEST_LEASE_SECONDS": str(lease_seconds)}
    return workers.start(shared | own, tmp_path / f"{name}.log", processes=1)


@pytest.fixture
def actor(shared) -> Actor:
    actor = system("test", organisations.create(slug="press", name="Press", actor=system("test")))
    for name, mode in {"carroll-alice.txt": "kept", "conrad-heart-of-darkness.txt": "transient"}.items():
        work = works.register(works.WorkFacts(title=name), actor=actor)
        deposit = deposits.keep(work=work, path=TEXTS / name, mode=mode, actor=actor)
        assert deposit.job is not None
        assert jobs.run(deposit.job.pk) == "done"
    return actor


@pytest.fixture
def corpus(tmp_path) -> list[scans.Upload]:
    """Four files of 40 records, part of them from registered works."""
    texts = [(TEXTS / name).read_text(encoding="utf-8") for name in ("carroll-alice.txt", "emerson-nature.txt")]
    files = []
    for number in range(4):
        path = tmp_path / f"part-{number}.jsonl"
        with path.open("w") as out:
            for record in range(40):
                text = texts[record % 2]
                start = (record * 977 + number * 31) % (len(text) - 4000)
                out.write(json.dumps({"text": f"{number} {record} " + text[start : start + 4000]}) + "\n")
        files.append(scans.Upload(path.name, path))
    return files


def outcome(scan: Scan) -> tuple[object, ...]:
    """What a scan leaves, whoever did it."""
    scan.refresh_from_db()
    found = Match.objects.filter(scan=scan).order_by("item__position", "work__title")
    items = Item.objects.filter(release=scan.release).order_by("position")
    return (
        (scan.state, scan.reason, scan.documents, scan.words, scan.index_digest),
        list(found.values_list("item__name", "work__title", "matched_words", "passages")),
        list(items.values_list("name", "sha256", "position")),
        list(scan.shards.order_by("position").values_list("position", "documents", "text_bytes", "state")),
    )


@pytest.fixture
def clean(actor, corpus) -> Scan:
    """The same scan, done in this process without any fault."""
    scan = scans.request(files=corpus, dataset_name="Clean", actor=actor)
    while (job := Job.objects.filter(state="queued", kind__startswith="scan").order_by("id").first()) is not None:
        jobs.run(job.pk)
    workers.empty_broker()
    assert len(Scan.objects.get(pk=scan.pk).parts) == 4
    return scan


def look_after() -> None:
    jobs.sweep()
    scans.close_ready()
    stragglers.hand_out_again()


def is_held_outside_of_a_transaction(scan: Scan) -> bool:
    """Whether a worker is at a shard that is not stored yet and holds no lock on its job: it is matching."""
    waited_for = scan.shards.exclude(state="done").values("job")
    running = Job.objects.filter(pk__in=waited_for, kind="scan_shard", state="running")
    with transaction.atomic():
        return any(running.filter(pk=job.pk).select_for_update(skip_locked=True).exists() for job in running)


def test_two_machines_over_one_store_do_a_scan_and_one_that_is_lost_costs_a_chunk(
    shared, actor, corpus, clean, settings, tmp_path
):
    settings.JOB_LEASE_SECONDS = 1
    scan = scans.request(files=corpus, dataset_name="Lost", actor=actor)
    machines = [machine(shared, tmp_path, name, lease_seconds=1) for name in ("one", "two")]
    try:
        done = scan.shards.filter(state="done")
        workers.wait_until(lambda: done.count() >= 3, meanwhile=look_after, seconds=PATIENCE_SECONDS)
        workers.wait_until(
            lambda: machines[0].frozen_while(lambda: is_held_outside_of_a_transaction(scan)),
            meanwhile=look_after,
            seconds=PATIENCE_SECONDS,
        )
        machines[0].kill()
        workers.wait_until(lambda: outcome(scan)[0][0] == "done", meanwhile=look_after, seconds=PATIENCE_SECONDS)  # type: ignore[index]
    finally:
        for each in machines:
            each.stop()
    assert outcome(scan) == outcome(clean)
    attempts = Job.objects.filter(parent=scan.job, kind="scan_shard").values_list("attempts", flat=True)
    assert sum(attempts) <= scan.shards.count() + 2  # at most what two machines held, once more
    wanted = {segment_files.name_of(digest) for digest in segments.pin().digests}
    assert {path.name for path in (tmp_path / "two").glob("*.seg")} == wanted


def test_a_machine_that_hangs_with_a_long_lease_does_not_hold_up_the_end(
    shared, actor, corpus, clean, settings, tmp_path
):
    settings.SCAN_STRAGGLER_SECONDS = 1
    scan = scans.request(files=corpus, dataset_name="Slow", actor=actor)
    running = [slow := machine(shared, tmp_path, "slow", lease_seconds=600)]
    try:
        workers.wait_until(
            lambda: scan.shards.filter(state="done").count() >= 2, meanwhile=look_after, seconds=PATIENCE_SECONDS
        )
        workers.wait_until(
            lambda: slow.frozen_while(lambda: is_held_outside_of_a_transaction(scan)),
            meanwhile=look_after,
            seconds=PATIENCE_SECONDS,
        )
        running.append(machine(shared, tmp_path, "fast", lease_seconds=600))
        workers.wait_until(lambda: outcome(scan)[0][0] == "done", meanwhile=look_after, seconds=PATIENCE_SECONDS)  # type: ignore[index]
        assert outcome(scan) == outcome(clean)
        left = Job.objects.filter(parent=scan.job, state="running")
        slow.thaw()
        workers.wait_until(lambda: not left.exists(), meanwhile=look_after, seconds=PATIENCE_SECONDS)
    finally:
        for each in running:
            each.stop()
    assert outcome(scan) == outcome(clean)
    assert scan.shards.exclude(second_job=None).exists()


def test_a_machine_with_a_damaged_copy_names_it_fetches_it_again_and_goes_on(shared, actor, corpus, clean, tmp_path):
    folder = tmp_path / "damaged"
    folder.mkdir()
    digests = segments.pin().digests
    for digest in digests:
        (folder / segment_files.name_of(digest)).write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5_000))
    scan = scans.request(files=corpus, dataset_name="Damaged", actor=actor)
    one = machine(shared, tmp_path, "damaged", lease_seconds=60)
    try:
        workers.wait_until(lambda: outcome(scan)[0][0] == "done", meanwhile=look_after, seconds=PATIENCE_SECONDS)  # type: ignore[index]
    finally:
        one.stop()
    assert outcome(scan) == outcome(clean)
    log = (tmp_path / "damaged.log").read_text()
    assert all(segment_files.name_of(digest) in log for digest in digests)
    assert all(
        (folder / segment_files.name_of(digest)).read_bytes() == blobs.read(segment_files.key_of(digest))
        for digest in digests
    )
