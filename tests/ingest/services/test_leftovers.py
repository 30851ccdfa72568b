"""What killed processes and retired segments left goes; what a row still needs, or may soon need, stays."""

import datetime
import os
import time
from pathlib import Path

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from ingest import blobs
from ingest.models import Deposit, Scan, Segment
from ingest.services import deposits, leftovers, scans, segments
from registry.models import Job

pytestmark = pytest.mark.django_db

ORPHAN = "0123456789ab"


@pytest.fixture
def store(tmp_path) -> Path:
    return tmp_path / "blobs"


def age(place: Path, days: float) -> None:
    """Have a folder and everything in it look as old as that."""
    moment = time.time() - days * 86_400
    for path in [*place.rglob("*"), place]:
        os.utime(path, (moment, moment))


def test_a_text_that_no_row_names_is_deleted_after_a_day_and_not_before(store):
    blob = blobs.put(b"a text", f"deposits/{ORPHAN}")
    age(store, days=0.9)
    assert leftovers.remove() == 0
    assert blobs.exists(blob.key)
    age(store, days=1.1)
    assert leftovers.remove() == 1
    assert not blobs.exists(blob.key)


def test_half_an_upload_is_deleted_too(store):
    partial = store / "scans" / ORPHAN / "inputs" / ".partial-00"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(b"half")
    age(store, days=2)
    assert leftovers.remove() == 1
    assert not partial.exists()


def test_what_a_kept_text_and_an_open_scan_need_stays(store, publisher, firm, register, alice):
    kept = deposits.keep(work=register("Alice"), path=alice, mode="kept", actor=publisher)
    scan = scans.request(files=[scans.Upload("alice.txt", alice)], dataset_name="Corpus", actor=firm)
    age(store, days=30)
    assert leftovers.remove() == 0
    assert blobs.exists(kept.blob)
    assert blobs.exists(scan.inputs[0]["blob"])


def test_files_that_were_forgotten_but_not_deleted_are_deleted(store, publisher, firm, register, alice):
    """As when the process is killed after the commit that says they are gone."""
    deposit = deposits.keep(work=register("Alice"), path=alice, mode="kept", actor=publisher)
    scan = scans.request(files=[scans.Upload("alice.txt", alice)], dataset_name="Corpus", actor=firm)
    Deposit.objects.filter(pk=deposit.pk).update(withdrawn_at=Now(), blob="")
    Scan.objects.filter(pk=scan.pk).update(inputs=[row | {"blob": ""} for row in scan.inputs])
    age(store, days=2)
    assert leftovers.remove() == 2
    assert not blobs.exists(deposit.blob)
    assert not blobs.exists(scan.inputs[0]["blob"])


def test_a_killed_readers_view_of_the_texts_goes_with_it(store, publisher, register, alice):
    """It holds hard links: without this a dropped text would stay on the disk."""
    deposits.keep(work=register("Alice"), path=alice, actor=publisher)
    abandoned = store / "reading-abandoned"
    abandoned.mkdir()
    os.link(next((store / "deposits").rglob("*/*")), abandoned / "000000.txt")
    assert leftovers.remove() == 0
    age(abandoned, days=2)
    assert leftovers.remove() == 1
    assert not abandoned.exists()


def test_a_transient_text_that_could_not_be_read_is_dropped_after_a_week(publisher, register, alice):
    deposit = deposits.keep(work=register("Alice"), path=alice, actor=publisher)
    job = Job.objects.get(kind="fingerprint")

    def give_up(days: int) -> None:
        ended = timezone.now() - datetime.timedelta(days=days)
        Job.objects.filter(pk=job.pk).update(state=Job.State.QUARANTINED, ended_at=ended)

    give_up(days=6)
    assert leftovers.remove() == 0
    give_up(days=8)
    assert leftovers.remove() == 1
    assert not blobs.exists(deposit.blob)
    deposit.refresh_from_db()
    assert deposit.blob == ""


@pytest.fixture
def withdrawn(publisher, register, alice, darkness, run_jobs, tmp_path) -> Path:
    """The file of a retired segment, which holds a kept text that was withdrawn."""
    first = deposits.keep(work=register("Alice"), path=alice, mode="kept", actor=publisher)
    deposits.keep(work=register("Darkness"), path=darkness, actor=publisher)
    run_jobs()
    held = tmp_path / "index" / Segment.objects.get(fingerprints__deposit=first).file_name
    deposits.withdraw(deposit=first, actor=publisher)
    run_jobs()
    return held


def retired_long_ago() -> None:
    Segment.objects.exclude(retired_at=None).update(retired_at=timezone.now() - datetime.timedelta(hours=1))


def test_a_withdrawn_text_does_not_stay_in_a_retired_segment(withdrawn):
    words = b"Rabbit-Hole"
    assert words in withdrawn.read_bytes()
    assert leftovers.remove() == 0  # retired this moment
    retired_long_ago()
    assert leftovers.remove() == 1
    assert not any(words in path.read_bytes() for path in withdrawn.parent.iterdir())
    assert segments.current().info()["records"] == 1


def test_a_segment_that_an_open_scan_is_matched_with_stays_until_it_ends(withdrawn, firm, alice):
    scan = scans.request(files=[scans.Upload("alice.txt", alice)], dataset_name="Corpus", actor=firm)
    pinned = [row.digest for row in Segment.objects.all() if row.file_name == withdrawn.name]
    Scan.objects.filter(pk=scan.pk).update(segments={"digests": pinned, "withdrawn": []})
    retired_long_ago()
    assert leftovers.remove() == 0
    Scan.objects.filter(pk=scan.pk).update(state=Scan.State.CANCELLED)
    assert leftovers.remove() == 1
    assert not withdrawn.exists()


def test_a_half_written_segment_goes_after_a_day(settings):
    settings.INDEX_DIR.mkdir(parents=True)
    half = settings.INDEX_DIR / ".new-00.seg"
    half.write_bytes(b"half")
    assert leftovers.remove() == 0
    age(half, days=2)
    assert leftovers.remove() == 1
    assert not half.exists()
