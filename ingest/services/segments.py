"""The match index as it is read: which segments are live, what a scan is pinned to, opened once a process.

PostgreSQL lists the segments; their files lie in the blob store and are copied to each machine (`segment_files`). A
withdrawn work is a tombstone from the moment it is withdrawn. A file that cannot be had or does not hold what it should
is named and refused: what is open stays in use, and the file is written anew from the rows (`publishing`).
"""

import datetime
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from ingest import blobs
from ingest.engine import ENGINE_VERSION
from ingest.engine.errors import EngineError
from ingest.engine.index import Index
from ingest.models import Fingerprint, Scan, Segment
from ingest.services import segment_files, segment_writing
from registry import jobs
from registry.errors import ColophonError
from registry.models import Job, Work

logger = logging.getLogger(__name__)

OPEN_INDEXES = 2
EARLIER_PINS = 5  # how many scans are asked for an index that still works
RETIRED_KEPT_FOR = datetime.timedelta(minutes=10)  # a scan that begins just now may still be about to pin the segment
ROWS_KEPT_FOR = datetime.timedelta(days=8)  # a failed scan can be resumed for seven days
UNKNOWN_KEPT_FOR = datetime.timedelta(days=1)  # longer than a segment takes from its file to its row

_open: OrderedDict["Pin", Index] = OrderedDict()
_open_lock = threading.Lock()


class IndexGone(ColophonError):
    """A segment is neither to be had as it was nor to be written so again."""

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
    return _pin_of(live().values_list("digest", flat=True))


def _pin_of(digests: Iterable[str]) -> Pin:
    chosen = tuple(sorted(digests))
    return Pin(chosen, tuple(sorted(_withdrawn_works(chosen))))


def _withdrawn_works(digests: Sequence[str]) -> set[str]:
    """Works of these segments to leave out: withdrawn ones, and those whose every text was withdrawn."""
    held = Fingerprint.objects.filter(deposit__work=OuterRef("pk"), segments__digest__in=digests)
    remaining = Fingerprint.objects.filter(deposit__work=OuterRef("pk"), deposit__withdrawn_at__isnull=True)
    textless = Exists(held.filter(deposit__withdrawn_at__isnull=False)) & ~Exists(remaining)
    gone = Work.objects.filter(Q(withdrawn_at__isnull=False) & Exists(held) | textless)
    return set(gone.values_list("public_id", flat=True))


def current() -> Index:
    """The index as it is now, opened; shared by all callers of this process, who must not close it."""
    return open_pinned(pin())


def newest_usable() -> tuple[Pin, Index, str]:
    """The present index; if a file of it cannot be had, the one of an earlier scan, and what is wrong with the present.

    A segment that is gone is written anew by a job. Raises IndexGone when no earlier index can be opened either.
    """
    wanted = pin()
    try:
        return wanted, open_pinned(wanted), ""
    except IndexGone as error:
        logger.warning("the index cannot be opened as it is now: %s", error.sentence)
        _ask_for_healing()
        for earlier in _earlier_pins():
            try:
                return earlier, open_pinned(earlier), error.sentence
            except IndexGone:
                continue
        raise


def _ask_for_healing() -> None:
    waiting = Job.objects.filter(kind="heal_segments", state__in=[Job.State.QUEUED, Job.State.RUNNING])
    if not waiting.exists():
        jobs.enqueue("heal_segments")


def _earlier_pins() -> Iterator[Pin]:
    """What the last scans were matched with, less what was withdrawn since."""
    stored = Scan.objects.exclude(segments={}).order_by("-id").values_list("segments", flat=True)[:EARLIER_PINS]
    seen = set()
    for digests in (tuple(sorted(each["digests"])) for each in stored):
        if digests and digests not in seen:
            seen.add(digests)
            yield _pin_of(digests)


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
        opened = _open_files([rows[digest] for digest in wanted.digests], wanted)
        _open[wanted] = opened
        while len(_open) > OPEN_INDEXES:
            _open.popitem(last=False)  # whoever still maps with it keeps it alive; then the memory goes
        return opened


def _open_files(rows: Sequence[Segment], wanted: Pin) -> Index:
    """Open the files of these segments; what is damaged although it was sound before is fetched again, once."""
    try:
        return Index.open([file_of(row, wanted.digests) for row in rows], withdrawn=wanted.withdrawn)
    except EngineError as error:
        logger.warning("the index files are looked through: %s", error)
    for digest in wanted.digests:
        segment_files.doubt(digest)
    try:
        return Index.open([file_of(row, wanted.digests) for row in rows], withdrawn=wanted.withdrawn)
    except EngineError as error:
        raise IndexGone(f"The index cannot be opened: {error}") from error


def file_of(segment: Segment, keep: Sequence[str] = ()) -> Path:
    """The segment's file on this machine: at hand, fetched, or as the last resort written anew from the rows.

    keep: digests of the index that is being opened, which do not make room for this one. Raises IndexGone.
    """
    try:
        return segment_files.present(segment.digest, keep=keep, needed=needed_digests)
    except (FileNotFoundError, segment_files.StoredDamaged) as error:
        cause = "it is not stored" if isinstance(error, FileNotFoundError) else str(error)
    if segment.engine and segment.engine != ENGINE_VERSION:
        raise IndexGone(
            f"The index segment {segment.digest} was written by engine {segment.engine} and cannot be had ({cause}).",
            digest=segment.digest,
        )
    logger.warning("the index segment %s cannot be fetched (%s): written anew", segment.digest, cause)
    info = segment_writing.write(Fingerprint.objects.filter(segments=segment), segment.parameter_set)
    if info.digest != segment.digest:
        raise IndexGone(
            f"The index segment {segment.digest} cannot be had ({cause}) nor written as it was.", digest=segment.digest
        )
    return segment_files.folder() / segment.file_name


def needed_digests() -> set[str]:
    """Digests of the segments that are live, or that an open scan is matched with."""
    return set(live().values_list("digest", flat=True)) | _pinned_digests()


def _pinned_digests() -> set[str]:
    open_scans = Scan.objects.filter(state__in=[Scan.State.READING, Scan.State.MATCHING])
    return {digest for stored in open_scans.values_list("segments", flat=True) for digest in stored.get("digests", [])}


def clear_copies() -> set[str]:
    """Remove this machine's copies of segments that nobody needs, and what killed processes left; returns the names."""
    known = set(Segment.objects.values_list("file_name", flat=True))
    unneeded = {segment_files.name_of(digest) for digest in _unneeded_digests()}
    return segment_files.remove_copies(unneeded, known, older_than_seconds=UNKNOWN_KEPT_FOR.total_seconds())


def clear_stored() -> set[str]:
    """Remove from the blob store what nobody needs; returns the names. A segment wanted after all is written anew."""
    unneeded = {segment_files.key_of(digest) for digest in _unneeded_digests()}
    known = {segment_files.key_of(digest) for digest in Segment.objects.values_list("digest", flat=True)}
    limit = datetime.datetime.now(datetime.UTC) - UNKNOWN_KEPT_FOR
    gone = [
        stored.key
        for stored in blobs.listing(blobs.INDEX)
        if stored.key in unneeded or (stored.key not in known and stored.modified < limit)
    ]
    for key in gone:
        blobs.delete(key)
    forgotten = Segment.objects.filter(retired_at__lt=Now() - ROWS_KEPT_FOR)
    forgotten.exclude(digest__in=_pinned_digests()).delete()
    return {segment_files.name_of(key.rpartition("/")[2].removesuffix(".seg")) for key in gone}


def _unneeded_digests() -> set[str]:
    retired = Segment.objects.filter(retired_at__lt=Now() - RETIRED_KEPT_FOR)
    return set(retired.values_list("digest", flat=True)) - _pinned_digests()


def keep_machine_current() -> None:
    """Clear this machine's copies and, if it has matched before, fetch the live segments that it lacks.

    So the next scan finds its index here, and the one that is being matched goes on with its own meanwhile.
    """
    clear_copies()
    if not segment_files.copies():
        return
    rows = list(live().order_by("size_bytes"))
    for segment in rows:
        try:
            segment_files.present(segment.digest, keep=[row.digest for row in rows], needed=needed_digests)
        except (OSError, segment_files.StoredDamaged, segment_files.IndexCacheFull) as error:
            logger.warning("the index segment %s is not fetched ahead: %s", segment.digest, error)
