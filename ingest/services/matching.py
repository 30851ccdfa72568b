"""The second half of a scan: one shard's documents are matched with the pinned index and stored as a whole."""

import time
from collections.abc import Iterator

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Now

from ingest.engine import mapper
from ingest.engine.index import Index
from ingest.engine.records import MapOptions
from ingest.engine.records import Match as Found
from ingest.models import Match, Scan, Shard
from ingest.services import chunks, excerpts, segments, works_of
from registry import jobs
from registry.models import Item, Job

PROGRESS_SECONDS = 1.0
RATIO_DIGITS = 6  # as in every output of matches (contracts: `match` writes one JSON object a line)


def match(claim: jobs.Claim, shard: Shard) -> None:
    """Match a shard and store its matches; a shard that is done already is left as it is.

    No transaction is open while documents are mapped. Documents are read and mapped some megabytes at a time; between
    these the job says how far it is, and stops when it is asked to. Raises jobs.Refused when the shard's file is gone.
    """
    if shard.state == Shard.State.DONE:
        return
    scan = shard.scan
    index = segments.open_pinned(segments.Pin.from_json(scan.segments))
    texts = excerpts.WorkTexts(index)
    options = MapOptions(min_words=scan.min_words)
    rows: list[tuple[str, Found, excerpts.Stretches]] = []
    names: list[str] = []
    said = 0.0
    try:
        for batch in _batches(shard, index):
            if time.monotonic() - said >= PROGRESS_SECONDS:
                claim.progress("matching", len(names), shard.documents)
                said = time.monotonic()
            of_each = mapper.map_texts(index, [document.text for document in batch], options)
            for document, matches in zip(batch, of_each, strict=True):
                names.append(document.name)
                for found in matches:
                    rows.append((document.name, found, excerpts.stretches(document.text, found, texts)))
    except FileNotFoundError:
        raise jobs.Refused("The documents of this shard are no longer stored.", shard=shard.position) from None
    _store(claim, shard, names, rows, index)


def _batches(shard: Shard, index: Index) -> Iterator[list[chunks.ChunkDocument]]:
    """The shard's documents, as much text at a time as the engine likes (more of it when the index is on disk)."""
    most_chars = mapper.batch_chars(index)
    batch: list[chunks.ChunkDocument] = []
    chars = 0
    for document in chunks.read(shard.blob):
        if batch and chars + len(document.text) > most_chars:
            yield batch
            batch, chars = [], 0
        batch.append(document)
        chars += len(document.text)
    if batch:
        yield batch


def _store(
    claim: jobs.Claim,
    shard: Shard,
    names: list[str],
    rows: list[tuple[str, Found, excerpts.Stretches]],
    index: Index,
) -> None:
    """Replace the matches of the shard's documents and mark it done, in one guarded transaction.

    Of two jobs that match one shard the first to come here stores it, and the other is told to stop.
    """
    scan = shard.scan
    found_works = works_of.resolve([(found.work, found.edition) for _, found, _ in rows], scan.organisation_id)
    items = dict(Item.objects.filter(release_id=scan.release_id, name__in=names).values_list("name", "pk"))
    made: dict[tuple[int, int], Match] = {}
    unpublished: set[str] = set()
    for name, found, stretches in rows:
        whose = found_works[found.work, found.edition]
        if whose.is_hidden:
            unpublished.add(name)
        if whose.work is None:
            continue
        row = _row(scan, found, stretches, {"item_id": items[name], "work_id": whose.work, "edition_id": whose.edition})
        key = items[name], whose.work  # two works that are one now: the longer match speaks for both
        if key not in made or row.matched_words > made[key].matched_words:
            made[key] = row
    with transaction.atomic():
        claim.guard()
        held = Shard.objects.select_for_update(no_key=True).get(pk=shard.pk)
        if held.state == Shard.State.DONE:
            return
        Match.objects.filter(scan=scan, item__in=items.values()).delete()
        Match.objects.bulk_create(made.values(), batch_size=500)
        done = {"state": Shard.State.DONE, "finished_at": Now(), "unpublished": len(unpublished)}
        Shard.objects.filter(pk=shard.pk).update(**done)
    for other in Job.objects.filter(pk__in=[held.job_id, held.second_job_id]).exclude(pk=claim.job.pk):
        jobs.cancel(other)
    report(scan)


def _row(scan: Scan, found: Found, stretches: excerpts.Stretches, keys: dict[str, int | None]) -> Match:
    return Match(
        scan=scan,
        **keys,
        relation=found.relation,
        precision=found.precision,
        coverage_document=round(found.coverage_document, RATIO_DIGITS),
        coverage_work=round(found.coverage_work, RATIO_DIGITS),
        matched_words=found.matched_words,
        longest_verbatim_words=found.longest_verbatim_words,
        identity=None if found.identity is None else round(found.identity, RATIO_DIGITS),
        confidence=None if found.confidence is None else round(found.confidence, RATIO_DIGITS),
        passages=stretches.passages,
        boilerplate=stretches.boilerplate,
    )


def report(scan: Scan) -> None:
    """Tell the scan's job how many documents are matched, once all of them are read."""
    scan.refresh_from_db(fields=["state", "documents"])
    if scan.job is None or scan.state != Scan.State.MATCHING:
        return
    done = scan.shards.filter(state=Shard.State.DONE).aggregate(sum=Sum(F("documents")))["sum"] or 0
    jobs.report(scan.job, "matching", done, scan.documents)
