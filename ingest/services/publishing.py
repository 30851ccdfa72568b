"""The list of live segments as it is changed: published, merged, written anew without a withdrawn text, healed.

A new segment is written and stored first, listed with its fingerprints while it is still retired, and made live in one
short transaction: nobody waits for a merge, and who reads the list sees it before or after.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from ingest.engine import ENGINE_VERSION
from ingest.engine.records import SegmentInfo
from ingest.models import Deposit, Fingerprint, Segment
from ingest.services import fingerprints, segment_files, segment_writing, segments
from registry import jobs
from registry.models import Job

logger = logging.getLogger(__name__)

MAX_RECORDS = 2_000  # of a segment written from rows that are in none yet; merging makes larger ones
SMALL_SEGMENTS = 4  # so many are left alone whatever their sizes
SIZE_RATIO = 2  # each larger one is more than this many times as large as all smaller ones together
ROWS_AT_ONCE = 10_000
LETTERS_A_BYTE = 4  # of an index without its texts, roughly
LIST_LOCK, PUBLISHING_LOCK, MERGING_LOCK = 0x73656773, 0x73656774, 0x73656775


def _indexable() -> QuerySet[Fingerprint]:
    return Fingerprint.objects.filter(deposit__withdrawn_at__isnull=True)


def publish(claim: jobs.Claim) -> list[Segment]:
    """Put the fingerprints that are in no live segment yet into new ones; merging is enqueued when there are many.

    One publisher works at a time, so that what arrived meanwhile goes into one segment and not into many.
    """
    published: list[Segment] = []
    held = segments.live().filter(fingerprints=OuterRef("pk"))
    with _alone(PUBLISHING_LOCK):
        while True:
            waiting = _indexable().filter(~Exists(held)).order_by("parameter_set", "id")
            rows = list(waiting.values_list("pk", "parameter_set")[:MAX_RECORDS])
            if not rows:
                return published
            claim.progress("publishing", len(published))
            parameter_set = rows[0][1]
            chosen = Fingerprint.objects.filter(pk__in=[pk for pk, name in rows if name == parameter_set])
            segment = _swap(claim, [], chosen, parameter_set)
            if segment:
                published.append(segment)


def merge(claim: jobs.Claim) -> Segment | None:
    """Make one segment of the smallest ones, as long as there are too many (`smallest_to_merge`); the last one made.

    Nothing is done while another merge runs.
    """
    merged = None
    with _alone(MERGING_LOCK, wait=False) as ours:
        while ours and (group := next(_mergeable(), None)):
            claim.progress("merging", 0)
            parameter_set = group[0].parameter_set
            merged = _swap(claim, group, _indexable().filter(pk__in=_held_by(group)), parameter_set) or merged
    return merged


def _mergeable() -> Iterator[list[Segment]]:
    """Groups of live segments that should be one."""
    for name in fingerprints.PARAMETER_SETS:
        rows = list(segments.live().filter(parameter_set=name).order_by("size_bytes", "id"))
        count = smallest_to_merge([row.size_bytes for row in rows], settings.INDEX_SEGMENT_BYTES)
        if count:
            yield rows[:count]


def smallest_to_merge(sizes: Sequence[int], largest_bytes: int) -> int:
    """How many of the smallest segments should become one, 0 for none. sizes: bytes, ascending.

    Every segment more costs every query (`bench/storage.py` measures it), every merge rewrites bytes. With the rule
    that a segment is larger than SIZE_RATIO times all smaller ones together there are at most log₃ n of them, and a
    byte is rewritten only when its segment grows by half: O(n log n) bytes for n. None gets above `largest_bytes`.
    """
    if len(sizes) <= SMALL_SEGMENTS:
        return 0
    count = total = 0
    for number, size in enumerate(sizes):
        if total + size > largest_bytes:
            break
        if number and SIZE_RATIO * total >= size:
            count = number + 1
        total += size
    return count


def replace(claim: jobs.Claim, deposit: Deposit) -> None:
    """Write the live segments that hold a withdrawn deposit anew without it, also one that was merged meanwhile."""
    while (segment := _live_with(deposit)) is not None:
        claim.progress("replacing", 0)
        chosen = _indexable().filter(pk__in=_held_by([segment]))
        _swap(claim, [segment], chosen, segment.parameter_set)


@transaction.atomic
def _live_with(deposit: Deposit) -> Segment | None:
    """A live segment that holds the deposit, once whoever is changing the list now has done so."""
    _lock_list()
    return segments.live().filter(fingerprints__deposit=deposit).first()


def heal(claim: jobs.Claim) -> list[Segment]:
    """Write the live segments anew whose files can neither be had nor be written as they were; the new ones."""
    healed: list[Segment] = []
    for segment in segments.live():
        claim.progress("healing", len(healed))
        try:
            segments.file_of(segment)
        except segments.IndexGone as error:
            logger.warning("%s", error.sentence)
            made = _swap(claim, [segment], _indexable().filter(pk__in=_held_by([segment])), segment.parameter_set)
            healed += [made] if made else []
    return healed


def rebuild() -> list[Segment]:
    """Write the whole index anew from the fingerprints and the kept texts; the old segments retire."""
    old = list(segments.live())
    made = []
    for name in fingerprints.PARAMETER_SETS:
        for ids in _groups(_indexable().filter(parameter_set=name)):
            chosen = Fingerprint.objects.filter(pk__in=ids)
            made.append(_prepare(segment_writing.write(chosen, name), chosen))
    with transaction.atomic():
        _lock_list()
        Segment.objects.filter(pk__in=[segment.pk for segment in old]).update(retired_at=Now())
        Segment.objects.filter(pk__in=[segment.pk for segment in made]).update(retired_at=None)
    return list(segments.live().filter(pk__in=[segment.pk for segment in made]))


def _groups(chosen: QuerySet[Fingerprint]) -> Iterator[list[int]]:
    """Ids in order, cut where a segment would become larger than INDEX_SEGMENT_BYTES by a rough guess."""
    group: list[int] = []
    guessed_bytes = 0
    for pk, letters, chars, mode in chosen.order_by("pk").values_list("pk", "letters", "chars", "deposit__mode"):
        guessed_bytes += letters // LETTERS_A_BYTE + (chars if mode == Deposit.Mode.KEPT else 0)
        if group and guessed_bytes > settings.INDEX_SEGMENT_BYTES:
            yield group
            group, guessed_bytes = [], 0
        group.append(pk)
    if group:
        yield group


def _swap(
    claim: jobs.Claim, old: Sequence[Segment], chosen: QuerySet[Fingerprint], parameter_set: str
) -> Segment | None:
    """Replace live segments by one of these fingerprints; None when the list or a text changed meanwhile."""
    made, records = None, 0
    if chosen.exists():
        info = segment_writing.write(chosen, parameter_set, old)
        made, records = _prepare(info, chosen), info.records
    old_ids = [segment.pk for segment in old if made is None or segment.pk != made.pk]
    with transaction.atomic():
        claim.guard()
        _lock_list()
        if segments.live().filter(pk__in=[segment.pk for segment in old]).count() != len(old):
            return None
        if chosen.filter(deposit__withdrawn_at__isnull=True).count() != records:
            return None
        if not old and segments.live().filter(fingerprints__in=chosen).exists():
            return None
        segments.live().filter(pk__in=old_ids).update(retired_at=Now())
        if made is None:
            return None
        if made.retired_at is None:  # the same bytes are live already: of an equal text, or without what was withdrawn
            _list_more(made, chosen, only_these=made.pk in {segment.pk for segment in old})
        Segment.objects.filter(pk=made.pk).update(retired_at=None)
        made.retired_at = None
        if next(_mergeable(), None) and not Job.objects.filter(kind="merge_segments", state=Job.State.QUEUED).exists():
            jobs.enqueue("merge_segments")
        return made


@transaction.atomic
def _prepare(info: SegmentInfo, chosen: QuerySet[Fingerprint]) -> Segment:
    """List a stored segment with what it holds, not live yet. What one that is live already holds stays as it is."""
    facts = {
        "file_name": segment_files.name_of(info.digest),
        "parameter_set": info.parameters,
        "engine": ENGINE_VERSION,
        "size_bytes": info.bytes,
    }
    segment, is_new = Segment.objects.get_or_create(digest=info.digest, defaults=facts | {"retired_at": Now()})
    segment = Segment.objects.select_for_update().get(pk=segment.pk)
    Segment.objects.filter(pk=segment.pk).update(**facts)
    if not is_new and segment.retired_at is None:
        return segment
    Segment.objects.filter(pk=segment.pk).update(retired_at=Now())
    _list_more(segment, chosen, only_these=True)
    segment.refresh_from_db()
    return segment


def _list_more(segment: Segment, chosen: QuerySet[Fingerprint], *, only_these: bool) -> None:
    """Write down that the segment holds these fingerprints, and with `only_these` no others."""
    through = Segment.fingerprints.through
    if only_these:
        through._default_manager.filter(segment_id=segment.pk).exclude(fingerprint__in=chosen).delete()
    rows = [
        through(segment_id=segment.pk, fingerprint_id=pk) for pk in chosen.order_by("pk").values_list("pk", flat=True)
    ]
    through._default_manager.bulk_create(rows, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)


def _held_by(group: Sequence[Segment]) -> QuerySet:
    through = Segment.fingerprints.through
    held = through._default_manager.filter(segment_id__in=[segment.pk for segment in group])
    return held.values("fingerprint_id")


@contextmanager
def _alone(lock: int, *, wait: bool = True) -> Iterator[bool]:
    """Hold one of the database's locks; with wait=False yield False when somebody else does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s), true" if wait else "SELECT pg_try_advisory_lock(%s)", [lock])
        held = bool(cursor.fetchone()[-1])
    try:
        yield held
    finally:
        if held:
            with suppress(DatabaseError), connection.cursor() as cursor:  # who lost the connection lost the lock
                cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])


def _lock_list() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LIST_LOCK])
