import pytest
from django.db import DataError, transaction

from ingest import blobs
from ingest.engine import fingerprint as fp
from ingest.engine.params import preset
from ingest.engine.records import FingerprintRecord
from ingest.engine.sketch import sketch_text
from ingest.models import Deposit, Fingerprint, Segment
from ingest.services import deposits, publishing, segments
from registry import jobs
from registry.actors import system
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Edition, Entry


def test_a_transient_text_is_dropped_once_it_is_fingerprinted(publisher, register, alice, run_jobs):
    deposit = deposits.keep(work=register("Alice"), path=alice, actor=publisher)
    assert blobs.exists(deposit.blob)

    assert run_jobs() == {"fingerprint": "done"}

    key = deposit.blob
    deposit.refresh_from_db()
    assert deposit.blob == ""
    assert not blobs.exists(key)
    assert deposit.fingerprint.words > 20_000
    assert Segment.objects.get().fingerprints.get() == deposit.fingerprint


def test_a_kept_text_stays_and_is_in_the_index(publisher, register, alice, run_jobs):
    deposit = deposits.keep(work=register("Alice"), path=alice, mode="kept", actor=publisher)
    run_jobs()

    deposit.refresh_from_db()
    assert blobs.read(deposit.blob) == alice.read_bytes()
    assert segments.current().info()["with_text"] == 1


def test_fingerprint_only_never_stores_the_text(publisher, register, alice, run_jobs, settings, tmp_path):
    deposit = deposits.keep(work=register("Alice"), path=alice, mode="fingerprint_only", actor=publisher)

    assert deposit.blob == ""
    assert deposit.sha256 == ""
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []
    assert run_jobs() == {"publish_segment": "done"}
    assert segments.current().info()["records"] == 1


def test_a_fingerprint_file_is_stored_under_the_work_it_is_given_for(publisher, register, alice):
    text = alice.read_text(encoding="utf-8")
    data = fp.dump([FingerprintRecord("somebody-else", None, "x", "y", "", sketch_text(text))])
    work = register("Alice")

    deposit = deposits.keep_fingerprint(work=work, data=data, file_name="alice.fp", actor=publisher)

    record = fp.load(bytes(deposit.fingerprint.data))[0]
    assert (record.work, record.title) == (work.public_id, "Alice")
    assert record.sketch == sketch_text(text)


@pytest.mark.parametrize("damage", [lambda data: b"no fingerprint", lambda data: data[:-1], lambda data: data + b"!"])
def test_a_damaged_fingerprint_is_refused_by_file_and_cause(publisher, register, alice, damage):
    data = fp.dump([FingerprintRecord("w", None, "", "", "", sketch_text(alice.read_text(encoding="utf-8")))])
    with pytest.raises(InvalidInput, match=r"alice\.fp: "):
        deposits.keep_fingerprint(work=register("Alice"), data=damage(data), file_name="alice.fp", actor=publisher)


def test_a_fingerprint_of_another_parameter_set_is_refused_by_name(publisher, register, alice):
    sketch = sketch_text(alice.read_text(encoding="utf-8"), preset("compact"))
    data = fp.dump([FingerprintRecord("w", None, "", "", "", sketch)])
    with pytest.raises(InvalidInput, match="'compact'"):
        deposits.keep_fingerprint(work=register("Alice"), data=data, file_name="alice.fp", actor=publisher)


def test_the_log_records_the_hash_and_never_the_text(publisher, register, alice, run_jobs):
    deposits.keep(work=register("Alice"), path=alice, actor=publisher)
    run_jobs()

    leaves = {entry.kind: bytes(entry.leaf).decode() for entry in Entry.objects.all()}
    assert Deposit.objects.get().sha256 in leaves["deposit.received"]
    assert Fingerprint.objects.get().digest in leaves["fingerprint.made"]
    assert not any("White Rabbit" in leaf or "carroll" in leaf for leaf in leaves.values())


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        ("empty.txt", b"", "the file is empty"),
        ("blank.txt", b" \n\n ", "there is no text in it"),
        ("short.txt", b"Too few letters.", "too few for a fingerprint"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(100), "not"),
        ("two.jsonl", b'{"text": "one"}\n{"text": "two"}\n', "several documents"),
    ],
)
def test_an_unreadable_text_fails_with_file_and_cause_and_is_not_kept(
    publisher, register, run_jobs, tmp_path, name, content, cause
):
    (tmp_path / name).write_bytes(content)
    deposit = deposits.keep(work=register("Alice"), path=tmp_path / name, mode="kept", actor=publisher)

    assert run_jobs() == {"fingerprint": "failed"}

    deposit.refresh_from_db()
    assert deposit.job is not None
    deposit.job.refresh_from_db()
    assert name in deposit.job.reason
    assert cause in deposit.job.reason
    assert deposit.blob == ""
    assert Segment.objects.count() == 0


def test_only_the_registrant_hands_in_a_text(register, alice, firm):
    with pytest.raises(NotAllowed):
        deposits.keep(work=register("Alice"), path=alice, actor=firm)


def test_a_refused_deposit_leaves_no_file_behind(publisher, register, alice, tmp_path):
    work = register("Alice")
    with pytest.raises(InvalidInput), transaction.atomic():
        deposits.keep(work=work, edition=Edition(work_id=0), path=alice, actor=publisher)
    nameless = system("x" * 200, publisher.organisation)  # the log refuses a name of this length
    with pytest.raises(DataError), transaction.atomic():
        deposits.keep(work=work, path=alice, actor=nameless)
    assert Deposit.objects.count() == 0
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []


def test_a_withdrawn_text_leaves_the_index_at_once_and_its_file_too(
    publisher, register, alice, darkness, run_jobs, django_capture_on_commit_callbacks
):
    work = register("Alice")
    deposit = deposits.keep(work=work, path=alice, mode="kept", actor=publisher)
    other = deposits.keep(work=register("Darkness"), path=darkness, actor=publisher)
    run_jobs()
    key = Deposit.objects.get(pk=deposit.pk).blob

    with django_capture_on_commit_callbacks(execute=True):
        deposits.withdraw(deposit=deposit, actor=publisher)
    assert segments.pin().withdrawn == (work.public_id,)
    assert not blobs.exists(key)

    assert run_jobs() == {"replace_segments": "done"}
    assert segments.pin().withdrawn == ()
    live = segments.live().filter(fingerprints__isnull=False)
    assert {row.deposit_id for segment in live for row in segment.fingerprints.all()} == {other.pk}
    with pytest.raises(Conflict):
        deposits.withdraw(deposit=deposit, actor=publisher)


def test_a_text_withdrawn_while_segments_are_merged_leaves_the_merged_one_too(
    publisher, register, alice, run_jobs, monkeypatch
):
    deposit = deposits.keep(work=register("Alice"), path=alice, mode="kept", actor=publisher)
    run_jobs()
    swap = publishing._swap
    refused: list[tuple] = []

    def refuse_once(*arguments):
        return swap(*arguments) if refused else refused.append(arguments)

    monkeypatch.setattr(publishing, "_swap", refuse_once)
    deposits.withdraw(deposit=deposit, actor=publisher)
    assert run_jobs() == {"replace_segments": "done"}
    assert len(refused) == 1
    assert not segments.live().exists()


def test_a_segment_written_before_a_withdrawal_is_not_published_after_it(publisher, register, alice, run_jobs):
    deposit = deposits.keep(work=register("Alice"), path=alice, mode="kept", actor=publisher)
    run_jobs()
    deposits.withdraw(deposit=deposit, actor=publisher)
    run_jobs()
    job = jobs.enqueue("merge_segments")
    claim = jobs.claim(job.pk)
    assert claim is not None
    assert publishing._swap(claim, [], Fingerprint.objects.all(), "registry-1") is None
    assert not segments.live().exists()
