import datetime
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum
from django.utils import timezone

from ingest import blobs
from ingest.engine import mapper
from ingest.models import Match, Scan, Shard, Skipped
from ingest.selectors import matches
from ingest.services import chunks, deposits, matching, reading, scans, segments, stragglers
from registry import jobs
from registry.errors import Conflict, InvalidInput
from registry.merkle import tree
from registry.models import Entry, Item, Job, Release
from registry.services import log, works


@pytest.fixture
def registered(publisher, register, alice, darkness, run_jobs):
    works = {"alice": register("Alice"), "darkness": register("Darkness")}
    deposits.keep(work=works["alice"], path=alice, mode="kept", actor=publisher)
    deposits.keep(work=works["darkness"], path=darkness, actor=publisher)
    run_jobs()
    return works


@pytest.fixture
def corpus(alice, darkness) -> bytes:
    """Six records: two of registered works, one of each at a known place, the others of nothing."""
    quoted = alice.read_text(encoding="utf-8")[20_000:23_000]
    copied = darkness.read_text(encoding="utf-8")[50_000:60_000]
    texts = ["nothing of the sort", f"Before. {quoted} After.", "more of nothing", "", copied, "the end"]
    return b"".join(json.dumps({"id": f"r{n}", "text": text}).encode() + b"\n" for n, text in enumerate(texts))


def upload(content: bytes, name: str = "pile.jsonl") -> scans.Upload:
    return scans.Upload(name, io.BytesIO(content))


def request(firm, *contents: bytes, **options) -> Scan:
    files = [upload(content, f"pile-{n}.jsonl") for n, content in enumerate(contents)]
    return scans.request(files=files, dataset_name="Pile", actor=firm, **options)


def job_of(scan: Scan) -> Job:
    assert scan.job is not None
    scan.job.refresh_from_db()
    return scan.job


def test_a_scan_finds_the_works_and_points_into_the_original_text(registered, corpus, firm, run_jobs, alice, darkness):
    scan = request(firm, corpus, acquisition="lawful")
    assert run_jobs() == {"scan_read": "done", "scan_shard": "done"}

    scan.refresh_from_db()
    assert (scan.state, scan.documents) == ("done", 6)
    found = {match.work.title: match for match in Match.objects.filter(scan=scan)}
    assert set(found) == {"Alice", "Darkness"}

    exact = found["Alice"]
    assert (exact.item.name, exact.precision, exact.relation) == ("pile-0.jsonl#r1", "exact", "excerpt")
    passage = exact.passages[0]
    (document_start, document_end), (work_start, work_end) = passage["document_chars"], passage["work_chars"]
    text = json.loads(corpus.splitlines()[1])["text"]
    assert text[document_start:document_end] == alice.read_text(encoding="utf-8")[work_start:work_end]
    assert passage["excerpt"] == text
    assert passage["work_excerpt"][200:-200] == text[document_start:document_end]
    assert passage["work_excerpt_start"] == work_start - 200

    sketched = found["Darkness"].passages[0]
    assert (sketched["precision"], sketched["identity"]) == ("sketch", None)
    assert "work_excerpt" not in sketched


def test_a_closed_scan_is_logged_with_the_root_of_its_matches_and_its_files_are_gone(
    registered, corpus, firm, run_jobs, tmp_path, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        scan = request(firm, corpus)
        run_jobs()

    scan.refresh_from_db()
    entry = Entry.objects.get(kind="scan.closed")
    facts = json.loads(bytes(entry.leaf))["facts"]
    rows = Match.objects.filter(scan=scan).order_by("item__position", "work__public_id")
    lines = [log.canonical(matches.line(row)) for row in rows]
    assert facts["matches_root"] == tree.root(tree.leaf_hash(line) for line in lines).hex()
    assert (facts["documents"], facts["matches"], facts["index"]) == (6, 2, scan.index_digest)
    assert scan.inputs[0]["blob"] == ""
    assert len(scan.inputs[0]["sha256"]) == 64
    assert not (tmp_path / "blobs" / "scans" / scan.public_id).exists()
    assert job_of(scan).state == "done"


def test_documents_of_every_shard_are_matched_whatever_the_size_of_the_chunks(
    registered, corpus, firm, run_jobs, settings
):
    def rows(scan: Scan) -> list[dict]:
        ordered = Match.objects.filter(scan=scan).order_by("item__position", "work__public_id")
        return [matches.line(row) for row in ordered]

    whole = request(firm, corpus, corpus)
    run_jobs()
    settings.SCAN_CHUNK_BYTES = 1
    cut = request(firm, corpus, corpus)
    run_jobs()

    assert Shard.objects.filter(scan=whole).count() == 1
    assert Shard.objects.filter(scan=cut).count() == 10  # an empty document goes with the next
    assert rows(whole) == rows(cut)
    assert len(rows(whole)) == 4


def test_the_same_files_are_the_same_release_and_others_a_new_one(registered, corpus, firm, run_jobs):
    first, second = request(firm, corpus), request(firm, corpus)
    third = request(firm, corpus + b'{"id": "r9", "text": "one more"}\n')
    run_jobs()
    assert first.release == second.release != third.release
    assert first.release.dataset == third.release.dataset
    assert Item.objects.filter(release=first.release).count() == 6
    assert Release.objects.filter(dataset=first.release.dataset).count() == 2


def test_reading_again_after_a_crash_gives_the_same_rows(registered, corpus, firm, run_jobs, settings):
    settings.SCAN_CHUNK_BYTES = 1
    scan = request(firm, corpus)
    job = Job.objects.get(kind="scan_read")
    assert jobs.run(job.pk) == "done"
    before = list(Item.objects.values_list("name", "sha256", "position"))
    late = Shard.objects.filter(scan=scan, position__gt=2)
    Job.objects.filter(pk__in=late.values("job")).delete()
    late.delete()
    Scan.objects.filter(pk=scan.pk).update(state="reading", parts=[])
    Job.objects.filter(pk=job.pk).update(state="queued")

    run_jobs()

    scan.refresh_from_db()
    assert (scan.state, scan.documents) == ("done", 6)
    assert list(Item.objects.values_list("name", "sha256", "position")) == before
    assert list(scan.shards.values_list("position", flat=True)) == list(range(5))


def test_records_of_one_name_are_kept_apart(registered, firm, run_jobs):
    scan = request(firm, b'{"id": "a", "text": "one"}\n{"id": "a", "text": "two"}\n{"id": "a", "text": "three"}\n')
    again = request(firm, b'{"id": "a", "text": "one"}\n{"id": "a", "text": "two"}\n{"id": "a", "text": "three"}\n')
    run_jobs()
    names = list(Item.objects.filter(release=scan.release).values_list("name", flat=True))
    assert names == ["pile-0.jsonl#a", "pile-0.jsonl#a~2", "pile-0.jsonl#a~3"]
    assert again.release == scan.release


def test_bad_records_are_named_and_the_rest_is_scanned(registered, corpus, firm, run_jobs):
    scan = request(firm, b'{"text": \n' + corpus, b"\x89PNG\r\n\x1a\n" + bytes(50))
    run_jobs()

    scan.refresh_from_db()
    assert (scan.state, scan.documents) == ("done", 6)
    assert {row.name for row in Skipped.objects.filter(scan=scan)} == {"pile-0.jsonl#1", "pile-1.jsonl"}
    assert any(notice.startswith("pile-0.jsonl#1: ") for notice in job_of(scan).notices)


def test_the_text_of_instructions_and_of_code_is_found_without_being_asked_for(registered, firm, run_jobs, alice):
    rows = [{"id": "a", "instruction": "Tell it.", "output": alice.read_text()}, {"id": "b", "content": "fn main() {}"}]
    scan = request(firm, "\n".join(json.dumps(row) for row in rows).encode())
    run_jobs()
    assert [match.item.name for match in Match.objects.filter(scan=scan)] == ["pile-0.jsonl#a"]
    assert Item.objects.filter(release=scan.release).count() == 2


def test_a_field_that_is_named_is_the_text_and_no_other_is_read_for_it(registered, firm, run_jobs, alice):
    rows = [{"id": "a", "text": "nothing", "story": alice.read_text()}, {"id": "b", "text": "more"}]
    scan = request(firm, "\n".join(json.dumps(row) for row in rows).encode(), text_field="story")
    run_jobs()
    assert [match.item.name for match in Match.objects.filter(scan=scan)] == ["pile-0.jsonl#a"]
    assert [(row.name, row.cause) for row in scan.skipped.all()] == [("pile-0.jsonl#b", "no field 'story'")]
    entry = Entry.objects.get(kind="scan.requested", subject=f"scan:{scan.public_id}")
    assert json.loads(bytes(entry.leaf))["facts"]["text_field"] == "story"


@pytest.mark.parametrize("contents", [[], [b""], [b"\x89PNG\r\n\x1a\n"]])
def test_a_dataset_without_a_readable_document_is_done_and_says_so(registered, firm, run_jobs, contents):
    scan = request(firm, *contents)
    run_jobs()
    scan.refresh_from_db()
    assert (scan.state, scan.documents) == ("done", 0)
    assert "There was no document to read." in job_of(scan).notices


def test_a_scan_before_any_registration_says_that_nothing_can_match(firm, corpus, run_jobs):
    scan = request(firm, corpus)
    run_jobs()
    scan.refresh_from_db()
    assert scan.state == "done"
    assert job_of(scan).notices == ["No text has been registered yet, so nothing can match."]


def test_all_shards_use_the_index_of_the_beginning(registered, corpus, firm, publisher, run_jobs, settings, alice):
    settings.SCAN_CHUNK_BYTES = 1
    scan = request(firm, corpus)
    jobs.run(Job.objects.get(kind="scan_read").pk)
    deposits.withdraw(deposit=deposits.Deposit.objects.get(work=registered["alice"]), actor=publisher)
    jobs.run(Job.objects.get(kind="replace_segments").pk)

    run_jobs()

    scan.refresh_from_db()
    assert segments.open_pinned(segments.Pin.from_json(scan.segments)).digest == scan.index_digest
    assert Match.objects.filter(scan=scan).count() == 2


def test_a_withdrawn_work_is_not_found_any_more(registered, corpus, firm, publisher, run_jobs):
    scans_before = request(firm, corpus)
    run_jobs()
    works.withdraw(work=registered["alice"], reason="an error", actor=publisher)
    scan = request(firm, corpus)
    run_jobs()
    assert Match.objects.filter(scan=scans_before).count() == 2
    assert [match.work.title for match in Match.objects.filter(scan=scan)] == ["Darkness"]


def test_a_lost_chunk_fails_the_scan_with_the_reason_and_it_can_be_resumed(registered, corpus, firm, run_jobs):
    scan = request(firm, corpus)
    jobs.run(Job.objects.get(kind="scan_read").pk)
    shard = scan.shards.get()
    content = blobs.read(shard.blob)
    blobs.delete(shard.blob)
    run_jobs()
    scans.close_ready()

    scan.refresh_from_db()
    assert scan.state == "failed"
    assert "no longer stored" in scan.reason
    assert job_of(scan).state == "failed"

    blobs.put(content, f"scans/{scan.public_id}/chunks")
    scans.resume(scan=scan, actor=firm)
    run_jobs()
    scan.refresh_from_db()
    assert scan.state == "done"
    assert Match.objects.filter(scan=scan).count() == 2
    with pytest.raises(Conflict):
        scans.resume(scan=scan, actor=firm)


def test_a_cancelled_scan_ends_and_forgets_its_files(
    registered, corpus, firm, run_jobs, tmp_path, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        scan = request(firm, corpus)
        scans.cancel(scan=scan, actor=firm)
    scan.refresh_from_db()
    assert (scan.state, scan.reason) == ("cancelled", "Stopped on request.")
    assert run_jobs() == {}
    assert not (tmp_path / "blobs" / "scans" / scan.public_id).exists()
    with pytest.raises(Conflict):
        scans.cancel(scan=scan, actor=firm)


def test_every_fault_of_a_request_is_named_and_nothing_is_left(firm, tmp_path):
    with pytest.raises(InvalidInput) as caught:
        scans.request(files=[], dataset_name=" ", acquisition="found", min_words=0, actor=firm)
    assert [error["pointer"] for error in caught.value.errors] == ["/dataset", "/acquisition", "/min_words"]
    assert Scan.objects.count() == 0
    assert not (tmp_path / "blobs").exists()


def test_a_nul_character_is_shown_as_a_replacement_in_its_place(registered, firm, run_jobs, alice):
    quoted = alice.read_text(encoding="utf-8")[20_000:22_000]
    text = quoted[:1000] + "\0" + quoted[1000:]
    record = {"id": "a\0b", "text": text, "note": "x\0y"}
    scan = request(firm, json.dumps(record).encode() + b"\n")
    run_jobs()
    match = Match.objects.get(scan=scan)
    assert "\ufffd" in match.item.name
    passage = match.passages[0]
    start, first = passage["document_chars"][0], passage["excerpt_start"]
    assert passage["excerpt"][start - first : start - first + 20] == text[start : start + 20]
    assert "\ufffd" in passage["excerpt"]


def test_a_scan_that_would_be_cut_up_differently_is_refused_and_loses_no_document(corpus, firm, settings):
    settings.SCAN_CHUNK_BYTES = 1
    scan = request(firm, corpus)
    read = Job.objects.get(kind="scan_read")
    assert jobs.run(read.pk) == "done"
    assert Shard.objects.filter(scan=scan).count() == 5  # the empty record shares one

    Scan.objects.filter(pk=scan.pk).update(
        state=Scan.State.READING, parts=[]
    )  # as if it had been killed before the end
    Job.objects.filter(pk=read.pk).update(state=Job.State.QUEUED)
    settings.SCAN_CHUNK_BYTES = 1 << 20
    assert jobs.run(read.pk) == "failed"
    read.refresh_from_db()
    assert "cut up differently" in read.reason


def test_a_guessed_encoding_is_said_to_be_a_guess(registered, firm, run_jobs):
    text = "紅樓夢第一回甄士隱夢幻識通靈賈雨村風塵懷閨秀此開卷第一回也作者自云因曾歷過一番夢幻之後" * 20
    files = [scans.Upload("dream.txt", io.BytesIO(text.encode("gb18030")))]
    scan = scans.request(files=files, dataset_name="Pile", actor=firm)
    run_jobs()
    [notice] = [notice for notice in job_of(scan).notices if "guess" in notice]
    assert notice.startswith("dream.txt: is not UTF-8; read as ")


def test_a_folder_without_files_makes_no_scan(db, tmp_path):
    with pytest.raises(CommandError):
        call_command("scan", str(tmp_path), dataset="Empty")
    assert not Scan.objects.exists()


def files(count: int, corpus: bytes) -> list[scans.Upload]:
    return [upload(corpus + b"\n" * number, f"part-{number}.jsonl") for number in range(count)]


def found_in(scan: Scan) -> list[tuple[str, str, int]]:
    rows = Match.objects.filter(scan=scan).order_by("item__position", "work__public_id")
    return list(rows.values_list("item__name", "work__title", "matched_words"))


def test_files_are_read_in_parts_by_separate_jobs_and_give_what_one_reader_gives(
    registered, corpus, firm, run_jobs, settings
):
    whole = scans.request(files=files(5, corpus), dataset_name="Whole", actor=firm)
    run_jobs()
    settings.SCAN_PART_BYTES = 2 * len(corpus) + 10
    divided = scans.request(files=files(5, corpus), dataset_name="Divided", actor=firm)
    run_jobs()

    whole.refresh_from_db()
    divided.refresh_from_db()
    assert [(part["first"], part["end"]) for part in whole.parts] == [(0, 5)]
    assert [(part["first"], part["end"]) for part in divided.parts] == [(0, 2), (2, 4), (4, 5)]
    assert Job.objects.filter(parent=divided.job, kind="scan_read").count() == 4  # one divides, three read
    totals = [(scan.state, scan.documents, scan.chars, scan.words, scan.letters) for scan in (whole, divided)]
    assert totals[0] == totals[1] == ("done", 30, *totals[0][2:])
    assert found_in(whole) == found_in(divided)
    items = [Item.objects.filter(release=scan.release) for scan in (whole, divided)]
    positions = [list(rows.values_list("name", "position")) for rows in items]
    assert positions[0] == positions[1]
    assert len({position for _, position in positions[0]}) == 30


def test_the_largest_part_is_read_first(firm, corpus, settings, db):
    settings.SCAN_PART_BYTES = 1
    contents = [corpus[:100], corpus, corpus[:500]]
    scan = scans.request(files=[upload(c, f"{n}.txt") for n, c in enumerate(contents)], dataset_name="Pile", actor=firm)
    jobs.run(Job.objects.get(kind="scan_read").pk)
    queued = Job.objects.filter(parent=scan.job, kind="scan_read", state="queued").order_by("id")
    assert [job.arguments["part"] for job in queued] == [1, 2, 0]


def test_files_of_one_name_are_read_by_one_job_which_tells_their_documents_apart(firm, run_jobs, settings, registered):
    settings.SCAN_PART_BYTES = 1
    record = b'{"id": "a", "text": "one"}\n'
    scan = scans.request(files=[upload(record), upload(record)], dataset_name="Pile", actor=firm)
    run_jobs()
    assert len(Scan.objects.get(pk=scan.pk).parts) == 1
    names = set(Item.objects.filter(release=scan.release).values_list("name", flat=True))
    assert names == {"pile.jsonl#a", "pile.jsonl#a~1"}


def test_a_part_that_fails_fails_the_scan_and_only_it_is_read_again(registered, corpus, firm, run_jobs, settings):
    settings.SCAN_PART_BYTES = 1
    scan = scans.request(files=files(3, corpus), dataset_name="Pile", actor=firm)
    lost = blobs.read(scan.inputs[1]["blob"])
    blobs.delete(scan.inputs[1]["blob"])
    run_jobs()
    scans.close_ready()
    scan.refresh_from_db()
    assert scan.state == "failed"
    assert [part["read"] for part in scan.parts] == [True, False, True]

    blobs.put(lost, f"scans/{scan.public_id}/inputs")
    scans.resume(scan=scan, actor=firm)
    again = Job.objects.filter(parent=scan.job, kind="scan_read", state="queued")
    assert [job.arguments["part"] for job in again] == [1]
    run_jobs()
    scan.refresh_from_db()
    assert (scan.state, scan.documents, Match.objects.filter(scan=scan).count()) == ("done", 18, 6)


def test_shards_are_cut_by_bytes_of_text_and_a_long_document_is_one_alone(registered, firm, run_jobs, settings):
    settings.SCAN_CHUNK_BYTES = 1_000
    sizes = [300, 300, 300, 300, 50, 5_000, 10, 10, 999, 10]
    content = b"".join(json.dumps({"text": "é" * (size // 2)}).encode() + b"\n" for size in sizes)
    scan = request(firm, content)
    run_jobs()
    shards = list(scan.shards.values_list("documents", "text_bytes"))
    assert shards == [(4, 1200), (1, 50), (1, 5_000), (3, 1018), (1, 10)]
    assert scan.shards.aggregate(sum=Sum("chars"))["sum"] == Scan.objects.get(pk=scan.pk).chars


def test_short_documents_are_cut_by_their_number(registered, firm, run_jobs, monkeypatch):
    monkeypatch.setattr(reading, "CHUNK_DOCUMENTS", 4)
    scan = request(firm, b'{"text": "x"}\n' * 10)
    run_jobs()
    assert list(scan.shards.values_list("documents", flat=True)) == [4, 4, 2]


def test_large_shards_go_to_the_front_of_the_queue(settings):
    handler = jobs.handler_of("scan_shard")
    assert handler is not None
    large, usual = {"text_bytes": 2 * settings.SCAN_CHUNK_BYTES}, {"text_bytes": settings.SCAN_CHUNK_BYTES}
    assert handler.place(large) < handler.place(usual) == handler.place({"shard_id": 1})


def test_a_shard_stops_between_batches_when_the_scan_is_cancelled(registered, corpus, firm, monkeypatch):
    monkeypatch.setattr(matching, "PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(mapper, "batch_chars", lambda index: 10)
    scan = request(firm, corpus)
    jobs.run(Job.objects.get(kind="scan_read").pk)
    mapped: list[int] = []
    map_texts = mapper.map_texts

    def cancelled_after_two(index, texts, options):
        mapped.append(len(texts))
        if len(mapped) == 2:
            scans.cancel(scan=scan, actor=firm)
        return map_texts(index, texts, options)

    monkeypatch.setattr(mapper, "map_texts", cancelled_after_two)
    assert jobs.run(Job.objects.get(kind="scan_shard").pk) == "cancelled"
    assert mapped == [1, 1]
    assert not Match.objects.filter(scan=scan).exists()


@pytest.fixture
def straggling(registered, corpus, firm, settings) -> tuple[Scan, Shard, jobs.Claim]:
    """A scan of which all shards are done but one, which a worker has held for an hour."""
    settings.SCAN_CHUNK_BYTES = 1
    scan = request(firm, corpus)
    jobs.run(Job.objects.get(kind="scan_read").pk)
    shards = list(scan.shards.all())
    slow = next(shard for shard in shards if "r4" in [document.name[-2:] for document in chunks.read(shard.blob)])
    assert slow.job is not None
    claim = jobs.claim(slow.job.pk)
    assert claim is not None
    for shard in shards:
        assert shard.job is not None
        if shard != slow:
            jobs.run(shard.job.pk)
    Job.objects.filter(pk=slow.job.pk).update(started_at=timezone.now() - datetime.timedelta(hours=1))
    return scan, slow, claim


def test_a_straggler_is_handed_out_again_once_and_the_first_to_finish_stores_it(straggling):
    scan, slow, first = straggling
    assert stragglers.hand_out_again() == 1
    assert stragglers.hand_out_again() == 0
    slow.refresh_from_db()
    assert slow.second_job is not None

    assert jobs.run(slow.second_job.pk) == "done"

    scan.refresh_from_db()
    assert (scan.state, Match.objects.filter(scan=scan).count()) == ("done", 2)
    rows = list(Match.objects.filter(scan=scan).values_list("pk", flat=True))
    with pytest.raises(jobs.Cancelled):
        first.progress("matching", 1)
    matching._store(first, slow, ["pile-0.jsonl#r4"], [], segments.current())  # it had finished just then
    assert list(Match.objects.filter(scan=scan).values_list("pk", flat=True)) == rows


def test_a_straggler_that_finishes_first_stops_the_second_worker(straggling):
    scan, slow, first = straggling
    stragglers.hand_out_again()
    matching.match(first, Shard.objects.get(pk=slow.pk))
    first.close("done")
    scans.close(scan)
    slow.refresh_from_db()
    assert slow.second_job is not None
    assert slow.second_job.state == "cancelled"
    scan.refresh_from_db()
    assert (scan.state, Match.objects.filter(scan=scan).count()) == ("done", 2)


def test_a_second_attempt_that_breaks_does_not_break_the_scan_while_the_first_goes_on(straggling):
    scan, slow, first = straggling
    stragglers.hand_out_again()
    slow.refresh_from_db()
    Job.objects.filter(pk=slow.second_job_id).update(state="quarantined", reason="out of memory")
    assert not scans.close(scan)
    first.close("quarantined", "out of memory")
    assert scans.close(scan)
    scan.refresh_from_db()
    assert (scan.state, scan.reason) == ("failed", "out of memory")


def test_nothing_is_handed_out_again_while_work_waits_or_before_its_time(straggling, settings):
    _, slow, _ = straggling
    waiting = jobs.enqueue("merge_segments")
    assert stragglers.hand_out_again() == 0
    Job.objects.filter(pk=waiting.pk).delete()
    settings.SCAN_STRAGGLER_SECONDS = 7_200
    assert stragglers.hand_out_again() == 0
    settings.SCAN_STRAGGLER_SECONDS = 30
    Shard.objects.filter(pk=slow.pk).update(text_bytes=10**12)  # so much more to do than its peers
    assert stragglers.hand_out_again() == 0


def test_lone_surrogates_in_a_record_reach_the_matcher_and_stay_out_of_the_database(registered, firm, run_jobs, alice):
    quoted = alice.read_text(encoding="utf-8")[20_000:22_000]
    record = json.dumps({"id": "a", "text": quoted[:900] + "\ud800" + quoted[900:]}).encode()
    scan = request(firm, record + b"\n")
    run_jobs()
    scan.refresh_from_db()
    assert scan.state == "done"
    assert scan.documents + Skipped.objects.filter(scan=scan).count() == 1
