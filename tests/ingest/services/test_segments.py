"""Segment files come from the store, are checked, are refused when damaged, and leave when nobody needs them."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db.models.functions import Now

from ingest import blobs
from ingest.engine import mapper
from ingest.models import Deposit, Fingerprint, Match, Scan, Segment
from ingest.services import deposits, publishing, scans, segment_files, segments
from registry import jobs
from registry.models import Job, Work

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(publisher, register, alice, darkness, run_jobs) -> dict[str, Work]:
    """Two works in two segments, the first with its text."""
    found = {"alice": register("Alice")}
    deposits.keep(work=found["alice"], path=alice, mode="kept", actor=publisher)
    run_jobs()
    found["darkness"] = register("Darkness")
    deposits.keep(work=found["darkness"], path=darkness, actor=publisher)
    run_jobs()
    return found


@pytest.fixture
def another_machine(settings, tmp_path) -> Callable[[], Path]:
    """Go on as a process of a machine that shares database and store, and has no index files yet."""

    def another_machine() -> Path:
        segments._open.clear()
        settings.INDEX_DIR = tmp_path / f"machine-{len(list(tmp_path.iterdir()))}"
        return settings.INDEX_DIR

    return another_machine


def held(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.seg")}


def files_of(pin: segments.Pin) -> set[str]:
    return {segment_files.name_of(digest) for digest in pin.digests}


def break_copy(digest: str, damage: Callable[[bytes], bytes]) -> None:
    """Damage this machine's file and leave the store's alone."""
    path = segment_files.folder() / segment_files.name_of(digest)
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(damage(content))
    segments._open.clear()


def break_stored(digest: str, content: bytes = b"something else") -> None:
    path = Path(str(blobs._local_root())) / segment_files.key_of(digest)
    path.unlink()
    path.write_bytes(content)


def noted_fetches(monkeypatch) -> list[str]:
    """The keys that are fetched from now on."""
    fetched: list[str] = []
    fetch = blobs.fetch

    def noted(key: str, place: Path) -> None:
        fetched.append(key)
        fetch(key, place)

    monkeypatch.setattr(blobs, "fetch", noted)
    return fetched


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flip(content: bytes) -> bytes:
    return content[:-100] + bytes([content[-100] ^ 1]) + content[-99:]


def foreign(_: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes(5000)


def test_a_segment_is_stored_under_its_digest_before_it_is_listed(published, monkeypatch):
    digests = set(segments.live().values_list("digest", flat=True))
    assert {stored.key for stored in blobs.listing("index")} == {segment_files.key_of(digest) for digest in digests}
    assert all(row.size_bytes == blobs.size_of(segment_files.key_of(row.digest)) for row in segments.live())

    def listed_too_early(path: Path, key: str) -> None:
        assert not Segment.objects.filter(digest=f"sha256:{key[6:-4]}").exists()
        raise ConnectionError("the store is away")

    monkeypatch.setattr(blobs, "put_segment", listed_too_early)
    with pytest.raises(ConnectionError):
        publishing.rebuild()
    assert set(segments.live().values_list("digest", flat=True)) == digests


def test_another_machine_fetches_each_segment_once_and_finds_the_same(published, another_machine, monkeypatch, alice):
    text = alice.read_text(encoding="utf-8")[20_000:24_000]
    here = segments.current()
    expected = mapper.map_text(here, text)
    folder = another_machine()
    fetched = noted_fetches(monkeypatch)

    there = segments.current()
    segments._open.clear()
    segments.current()

    assert there.digest == here.digest
    assert mapper.map_text(there, text) == expected
    assert held(folder) == files_of(segments.pin())
    assert len(fetched) == 2


def test_processes_of_one_machine_do_not_fetch_the_same_file_twice(published, another_machine, monkeypatch):
    digest = segments.pin().digests[0]
    another_machine()
    fetched = noted_fetches(monkeypatch)
    barrier = threading.Barrier(4)

    def ask() -> None:
        barrier.wait()
        segment_files.present(digest)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fetched) == 1


@pytest.mark.parametrize("damage", [cut, flip, foreign, lambda content: b""])
def test_a_damaged_copy_is_named_and_fetched_again(published, damage, caplog):
    digest = segments.pin().digests[0]
    before = segments.current().digest
    break_copy(digest, damage)

    assert segments.current().digest == before

    assert segment_files.name_of(digest) in caplog.text
    segment_files._verify(segment_files.folder() / segment_files.name_of(digest), digest)


def test_a_segment_of_another_name_is_not_taken_for_the_one_asked_for(published, caplog):
    first, second = segments.pin().digests
    before = segments.current().digest
    other = (segment_files.folder() / segment_files.name_of(second)).read_bytes()
    break_copy(first, lambda _: other)
    assert segments.current().digest == before
    assert f"it holds the segment {second}" in caplog.text


@pytest.mark.parametrize("damage", [cut, flip, foreign])
def test_what_is_damaged_in_the_store_is_written_anew_from_the_rows(published, another_machine, damage, caplog):
    digest = segments.pin().digests[0]
    content = blobs.read(segment_files.key_of(digest))
    break_stored(digest, damage(content))
    before = segments.current().digest
    another_machine()

    assert segments.current().digest == before

    assert digest in caplog.text
    assert blobs.read(segment_files.key_of(digest)) == content


def test_a_segment_lost_everywhere_is_written_anew_from_the_rows(published, another_machine):
    digest = segments.pin().digests[0]
    before = segments.current().digest
    content = blobs.read(segment_files.key_of(digest))
    blobs.delete(segment_files.key_of(digest))
    another_machine()
    assert segments.current().digest == before
    assert blobs.read(segment_files.key_of(digest)) == content


def lose_for_good(digest: str) -> None:
    """As after an upgrade: what is stored cannot be read, and this version writes other bytes."""
    break_stored(digest)
    break_copy(digest, foreign)
    Segment.objects.filter(digest=digest).update(engine="0.0.1")


def test_the_service_stays_on_the_previous_index_while_a_damaged_one_is_healed(
    publisher, register, alice, darkness, firm, run_jobs
):
    first = register("Alice")
    deposits.keep(work=first, path=alice, mode="kept", actor=publisher)
    run_jobs()
    text = alice.read_text(encoding="utf-8")[20_000:24_000].encode()
    (alice_file := Path(str(segment_files.folder())).parent / "quoting.txt").write_bytes(text)
    upload = [scans.Upload("quoting.txt", alice_file)]
    earlier = scans.request(files=upload, dataset_name="Corpus", actor=firm)
    run_jobs()
    earlier.refresh_from_db()
    deposits.keep(work=register("Darkness"), path=darkness, actor=publisher)
    run_jobs()
    newest = segments.live().order_by("-id")[0]
    lose_for_good(newest.digest)

    scan = scans.request(files=upload, dataset_name="Corpus", actor=firm)
    jobs.run(Job.objects.get(kind="scan_read", state="queued").pk)

    scan.refresh_from_db()
    assert scan.index_digest == earlier.index_digest
    assert scan.job is not None
    scan.job.refresh_from_db()
    assert any(newest.digest in notice for notice in scan.job.notices)
    assert run_jobs()["heal_segments"] == "done"
    assert segments.current().info()["works"] == 2
    assert not segments.live().filter(engine="0.0.1").exists()
    scan.refresh_from_db()
    assert scan.state == "done"


def test_without_any_usable_index_a_scan_fails_with_the_name_of_the_file(published, firm, run_jobs, alice):
    digest = segments.pin().digests[0]
    lose_for_good(digest)
    scan = scans.request(files=[scans.Upload("alice.txt", alice)], dataset_name="Corpus", actor=firm)
    read = Job.objects.get(kind="scan_read")
    assert jobs.run(read.pk) == "failed"
    read.refresh_from_db()
    assert digest in read.reason
    assert "engine 0.0.1" in read.reason

    assert run_jobs()["heal_segments"] == "done"
    scans.close_ready()
    scan.refresh_from_db()
    scans.resume(scan=scan, actor=firm)
    run_jobs()
    scan.refresh_from_db()
    assert (scan.state, Match.objects.filter(scan=scan).count()) == ("done", 1)


def test_an_open_index_stays_usable_when_its_files_are_removed(published, alice):
    text = alice.read_text(encoding="utf-8")[20_000:24_000]
    opened = segments.current()
    expected = mapper.map_text(opened, text)
    for copy in segment_files.copies():
        segment_files.forget(copy.path)
    assert mapper.map_text(segments.current(), text) == expected


def test_the_folder_stays_within_its_bound_and_what_is_longest_unused_goes_first(
    published, settings, another_machine, run_jobs, publisher, register, tmp_path, alice
):
    by_age = list(segments.live().order_by("id"))
    folder = another_machine()
    settings.INDEX_CACHE_BYTES = sum(row.size_bytes for row in by_age)
    for moment, row in enumerate(by_age):
        segment_files.present(row.digest)
        os.utime(segment_files._mark_of(folder / row.file_name), (moment, moment))
    third = tmp_path / "third.txt"
    third.write_text(alice.read_text(encoding="utf-8")[:60_000])
    deposits.keep(work=register("Third"), path=third, actor=publisher)
    run_jobs()  # what a machine writes itself is taken in whatever the bound
    newest = segments.live().order_by("-id")[0]
    segment_files.forget(folder / newest.file_name)

    segment_files.present(newest.digest, keep=[newest.digest], needed=segments.needed_digests)
    assert held(folder) == {by_age[1].file_name, newest.file_name}

    Segment.objects.filter(pk=by_age[1].pk).update(retired_at=Now())
    segment_files.present(by_age[0].digest, keep=[by_age[0].digest], needed=segments.needed_digests)
    assert held(folder) == {by_age[0].file_name, newest.file_name}  # retired goes before older


def test_an_index_that_does_not_fit_is_refused_with_the_bytes_that_are_wanting(published, settings, another_machine):
    another_machine()
    settings.INDEX_CACHE_BYTES = max(segments.live().values_list("size_bytes", flat=True))
    with pytest.raises(segment_files.IndexCacheFull) as caught:
        segments.current()
    assert caught.value.facts["wanting"] == min(segments.live().values_list("size_bytes", flat=True))


def test_a_machine_fetches_ahead_only_if_it_has_matched_before(published, another_machine, register, publisher, alice):
    folder = another_machine()
    segments.keep_machine_current()
    assert held(folder) == set()
    segment_files.present(segments.pin().digests[0])
    segments.keep_machine_current()
    assert held(folder) == files_of(segments.pin())


def test_a_withdrawn_text_leaves_every_machine(published, publisher, another_machine, run_jobs, settings):
    first_machine = settings.INDEX_DIR
    old = Segment.objects.get(fingerprints__deposit__work=published["alice"])
    another_machine()
    segments.current()
    deposits.withdraw(deposit=Deposit.objects.get(work=published["alice"]), actor=publisher)
    run_jobs()
    Segment.objects.exclude(retired_at=None).update(retired_at="2020-01-01T00:00Z")
    for machine in (first_machine, settings.INDEX_DIR):
        settings.INDEX_DIR = machine
        assert old.file_name in held(machine)
        segments.keep_machine_current()
        assert old.file_name not in held(machine)
    segments.clear_stored()
    assert not blobs.exists(segment_files.key_of(old.digest))
    assert not Segment.objects.filter(pk=old.pk).exists()


def test_a_pinned_segment_stays_in_the_store_while_its_scan_is_open(published, publisher, firm, alice, run_jobs):
    scan = scans.request(files=[scans.Upload("alice.txt", alice)], dataset_name="Corpus", actor=firm)
    jobs.run(Job.objects.get(kind="scan_read").pk)
    deposits.withdraw(deposit=Deposit.objects.get(work=published["alice"]), actor=publisher)
    jobs.run(Job.objects.get(kind="replace_segments").pk)
    Segment.objects.exclude(retired_at=None).update(retired_at="2020-01-01T00:00Z")
    assert segments.clear_stored() == set()
    assert segments.clear_copies() == set()
    Scan.objects.filter(pk=scan.pk).update(state=Scan.State.DONE)
    assert len(segments.clear_stored()) == 1


def test_equal_texts_of_one_work_share_a_segment_and_leave_it_one_by_one(publisher, register, alice, run_jobs):
    work = register("Alice")
    twins = []
    for _ in range(2):
        twins.append(deposits.keep(work=work, path=alice, actor=publisher))
        run_jobs()
    assert segments.live().get().fingerprints.count() == 2
    deposits.withdraw(deposit=twins[0], actor=publisher)
    run_jobs()
    assert segments.live().get().fingerprints.get().deposit == twins[1]
    assert segments.pin().withdrawn == ()
    deposits.withdraw(deposit=twins[1], actor=publisher)
    assert segments.pin().withdrawn == (work.public_id,)
    run_jobs()
    assert not segments.live().exists()


def test_a_merge_takes_kept_texts_from_the_segments_it_merges(published, monkeypatch, run_jobs, caplog, alice):
    for deposit in Deposit.objects.filter(mode="kept"):
        blobs.delete(deposit.blob)
    monkeypatch.setattr(publishing, "SMALL_SEGMENTS", 1)
    monkeypatch.setattr(publishing, "SIZE_RATIO", 100)
    job = jobs.enqueue("merge_segments")
    assert jobs.run(job.pk) == "done"
    merged = segments.live().get()
    assert merged.fingerprints.count() == 2
    assert segments.current().info()["with_text"] == 1
    [match] = mapper.map_text(segments.current(), alice.read_text(encoding="utf-8")[20_000:24_000])
    assert (match.work, match.precision) == (published["alice"].public_id, "exact")


def test_a_withdrawn_work_stops_matching_at_once_and_no_merge_brings_it_back(
    published, publisher, monkeypatch, alice, run_jobs
):
    text = alice.read_text(encoding="utf-8")[20_000:24_000]
    assert mapper.map_text(segments.current(), text)
    deposits.withdraw(deposit=Deposit.objects.get(work=published["alice"]), actor=publisher)
    assert mapper.map_text(segments.current(), text) == []
    monkeypatch.setattr(publishing, "SMALL_SEGMENTS", 1)
    monkeypatch.setattr(publishing, "SIZE_RATIO", 100)
    assert jobs.run(jobs.enqueue("merge_segments").pk) == "done"
    assert mapper.map_text(segments.current(), text) == []
    assert segments.pin().withdrawn == ()
    assert set(Fingerprint.objects.filter(segments__in=segments.live()).values_list("deposit__work", flat=True)) == {
        published["darkness"].pk
    }
