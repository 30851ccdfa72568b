"""The match index: immutable segment files listed in PostgreSQL, opened once a process, rebuilt from rows when missing.

A text's own words are in a segment only when its deposit is kept; of every other one there is the sketch. A withdrawn
work is a tombstone from the moment it is withdrawn. `Segment` rows say which files are live; the files are a cache.
"""

import logging
import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from ingest.engine import fingerprint as fp
from ingest.engine.index import Index, write_segment
from ingest.engine.normalise import letter_stream
from ingest.engine.records import IndexRecord, SegmentInfo
from ingest.models import Deposit, Fingerprint, Segment
from ingest.services import fingerprints
from registry import jobs
from registry.errors import ColophonError
from registry.models import Work

logger = logging.getLogger(__name__)

MAX_LIVE_SEGMENTS = 8
MAX_RECORDS = 2_000  # of a segment written from rows; merging may make larger ones
OPEN_INDEXES = 2
SEGMENTS_LOCK = 0x73656773  # one change of the list at a time

_open: OrderedDict["Pin", Index] = OrderedDict()
_open_lock = threading.Lock()


class IndexGone(ColophonError):
    """A segment that a scan began with is neither on disk nor to be rebuilt as it was."""

    code = "INDEX_GONE"


@dataclass(frozen=True)
class Pin:
    """Exactly one state of the index: the digests of its segments and the works left out of them."""

    digests: tuple[str, ...]
    withdrawn: tuple[str, ...]

    def to_json(self) -> dict[str, list[str]]:
        """As stored with a scan."""
        return {name: list(values) for name, values in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: dict[str, list[str]]) -> "Pin":
        """The reverse of `to_json`."""
        return cls(tuple(stored["digests"]), tuple(stored["withdrawn"]))


def live() -> QuerySet[Segment]:
    """The segments that a scan starting now is matched with."""
    return Segment.objects.filter(retired_at__isnull=True)


def pin() -> Pin:
    """The present state of the index."""
    return Pin(tuple(sorted(live().values_list("digest", flat=True))), tuple(sorted(_withdrawn_works())))


def _withdrawn_works() -> set[str]:
    """Works to leave out: withdrawn ones, and those whose every text was withdrawn."""
    indexed = Fingerprint.objects.filter(deposit__work=OuterRef("pk"), segments__retired_at__isnull=True)
    remaining = Fingerprint.objects.filter(deposit__work=OuterRef("pk"), deposit__withdrawn_at__isnull=True)
    works = Work.objects.filter(Exists(indexed))
    gone = works.filter(withdrawn_at__isnull=False) | works.filter(~Exists(remaining))
    return set(gone.values_list("public_id", flat=True))


def current() -> Index:
    """The index as it is now, opened; shared by all callers of this process, who must not close it."""
    return open_pinned(pin())


def open_pinned(wanted: Pin) -> Index:
    """The index in that state. Raises IndexGone when one of its segments cannot be had any more."""
    with _open_lock:
        if wanted in _open:
            _open.move_to_end(wanted)
            return _open[wanted]
        rows = {row.digest: row for row in Segment.objects.filter(digest__in=wanted.digests)}
        missing = sorted(set(wanted.digests) - set(rows))
        if missing:
            raise IndexGone(f"The index segment {missing[0]} is not known any more.", digest=missing[0])
        paths = [_present(rows[digest]) for digest in wanted.digests]
        opened = Index.open(paths, withdrawn=wanted.withdrawn)
        _open[wanted] = opened
        while len(_open) > OPEN_INDEXES:
            _open.popitem(last=False)  # whoever still maps with it keeps it alive; then the memory goes
        return opened


def _present(segment: Segment) -> Path:
    """The segment's file, written anew from the rows when it is missing."""
    path = settings.INDEX_DIR / segment.file_name
    if path.is_file():
        return path
    info = _write(list(segment.fingerprints.order_by("id")), segment.parameter_set)
    if info.digest != segment.digest:
        raise IndexGone(f"The index segment {segment.digest} cannot be rebuilt as it was.", digest=segment.digest)
    return path


def file_name(digest: str) -> str:
    """What the file of a segment is called."""
    return f"{digest.removeprefix('sha256:')[:24]}.seg"


def _write(rows: Sequence[Fingerprint], parameter_set: str) -> SegmentInfo:
    """Write the segment of these fingerprints under its digest; the same fingerprints give the same file."""
    folder = Path(settings.INDEX_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".new-{secrets.token_hex(8)}.seg"
    try:
        info = write_segment(partial, _records(rows), fingerprints.PARAMETER_SETS[parameter_set])
        os.replace(partial, folder / file_name(info.digest))
    finally:
        partial.unlink(missing_ok=True)
    return info


def _records(rows: Sequence[Fingerprint]) -> Iterator[IndexRecord]:
    for row in rows:
        record = fp.load(bytes(row.data))[0]
        yield IndexRecord(
            work=record.work,
            edition=record.edition,
            sketch=record.sketch,
            text=_kept_text(row.deposit, record.sketch.symbols),
            title=record.title,
            author=record.author,
            isbn=record.isbn,
        )


def _kept_text(deposit: Deposit, symbols: int) -> str | None:
    """The text of a kept deposit; None, and a warning, when it is lost or no longer reads as it was fingerprinted.

    One text that cannot be read must not keep all others from being published: its sketch is used.
    """
    if deposit.mode != Deposit.Mode.KEPT or deposit.withdrawn_at is not None:
        return None
    try:
        text = fingerprints.read_blob(deposit.blob, deposit.file_name)
    except fingerprints.TextUnreadable as error:
        logger.warning("the text of deposit %s cannot be read (%s), its sketch is used", deposit.public_id, error.code)
        return None
    if letter_stream(text).symbols.size != symbols:
        logger.warning("the text of deposit %s no longer fits its fingerprint", deposit.public_id)
        return None
    return text


def _indexable() -> QuerySet[Fingerprint]:
    return Fingerprint.objects.filter(deposit__withdrawn_at__isnull=True).select_related("deposit")


def publish(claim: jobs.Claim) -> list[Segment]:
    """Put the fingerprints that are in no live segment yet into new ones; merging is enqueued when there are many."""
    published: list[Segment] = []
    held = Segment.objects.filter(retired_at__isnull=True, fingerprints=OuterRef("pk"))
    while True:
        waiting = list(_indexable().filter(~Exists(held)).order_by("parameter_set", "id")[:MAX_RECORDS])
        rows = [row for row in waiting if row.parameter_set == waiting[0].parameter_set]
        if not rows:
            return published
        claim.progress("publishing", len(published))
        segment = _swap(claim, [], rows)
        if segment:
            published.append(segment)


def merge(claim: jobs.Claim) -> Segment | None:
    """Write the smallest live segments of a set as one while there are more than `MAX_LIVE_SEGMENTS`."""
    merged = None
    for name in fingerprints.PARAMETER_SETS:
        while True:
            sizes = live().filter(parameter_set=name).annotate(size=Count("fingerprints")).order_by("size", "id")
            if len(sizes) <= MAX_LIVE_SEGMENTS:
                break
            claim.progress("merging", 0)
            smallest = list(sizes[:MAX_LIVE_SEGMENTS])
            merged = _swap(claim, smallest, list(_indexable().filter(segments__in=smallest).order_by("id").distinct()))
    return merged


def replace(claim: jobs.Claim, deposit: Deposit) -> None:
    """Write the live segments that hold a withdrawn deposit anew without it, also one that was merged meanwhile."""
    while (segment := _live_with(deposit)) is not None:
        claim.progress("replacing", 0)
        _swap(claim, [segment], list(_indexable().filter(segments=segment).order_by("id")))


@transaction.atomic
def _live_with(deposit: Deposit) -> Segment | None:
    """A live segment that holds the deposit, once whoever is changing the list now has done so."""
    _lock_list()
    return live().filter(fingerprints__deposit=deposit).first()


def rebuild() -> list[Segment]:
    """Write the whole index anew from the fingerprints and the kept texts; the old segments retire."""
    old = list(live())
    groups: list[list[Fingerprint]] = []
    for row in _indexable().order_by("parameter_set", "id"):
        if not groups or len(groups[-1]) == MAX_RECORDS or groups[-1][0].parameter_set != row.parameter_set:
            groups.append([])
        groups[-1].append(row)
    infos = [_write(group, group[0].parameter_set) for group in groups]
    with transaction.atomic():
        _lock_list()
        Segment.objects.filter(pk__in=[segment.pk for segment in old]).update(retired_at=Now())
        return [_record(info, group) for info, group in zip(infos, groups, strict=True)]


def _swap(claim: jobs.Claim, old: Sequence[Segment], rows: list[Fingerprint]) -> Segment | None:
    """Replace live segments by one of these fingerprints; None when the list or a text changed meanwhile."""
    info = _write(rows, rows[0].parameter_set) if rows else None
    with transaction.atomic():
        claim.guard()
        _lock_list()
        old_ids = [segment.pk for segment in old]
        if live().filter(pk__in=old_ids).count() != len(old):
            return None
        if live().exclude(pk__in=old_ids).filter(fingerprints__in=rows).exists():
            return None
        if Deposit.objects.filter(fingerprint__in=rows, withdrawn_at__isnull=False).exists():
            return None
        live().filter(pk__in=old_ids).update(retired_at=Now())
        segment = _record(info, rows) if info else None
        if segment and live().filter(parameter_set=segment.parameter_set).count() > MAX_LIVE_SEGMENTS:
            jobs.enqueue("merge_segments")
        return segment


def _record(info: SegmentInfo, rows: list[Fingerprint]) -> Segment:
    facts = {"file_name": file_name(info.digest), "parameter_set": info.parameters, "retired_at": None}
    segment, _ = Segment.objects.update_or_create(digest=info.digest, defaults=facts)
    segment.fingerprints.set(rows)
    return segment


def _lock_list() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEGMENTS_LOCK])
