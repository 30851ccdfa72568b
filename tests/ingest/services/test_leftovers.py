"""What a killed process left in the blob store goes; what a row still needs, or may soon need, stays."""

import datetime
import os
import time
from pathlib import Path

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from ingest import blobs
from ingest.models import Deposit, Scan
from ingest.services import deposits, leftovers, scans
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
