"""Segments written from what the database holds: fingerprints, and the texts of kept deposits. Memory stays bounded."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from types import TracebackType

from django.db.models import QuerySet

from ingest.engine import fingerprint as fp
from ingest.engine.errors import EngineError
from ingest.engine.index import write_segment
from ingest.engine.normalise import letter_stream
from ingest.engine.records import FingerprintRecord, IndexRecord, SegmentInfo
from ingest.engine.segment import Segment as SegmentFile
from ingest.models import Deposit, Fingerprint, Segment
from ingest.services import fingerprints, segment_files

logger = logging.getLogger(__name__)

ROWS_AT_ONCE = 50  # fingerprints held in memory; one of a book is some hundred kilobytes


def write(chosen: QuerySet[Fingerprint], parameter_set: str, sources: Sequence[Segment] = ()) -> SegmentInfo:
    """Write the segment of these fingerprints, store it, and return its digest and totals; same rows, same file.

    sources: segments that hold them already. A kept text is taken from there and not read from its file again.
    """
    with segment_files.draft() as path, HeldTexts(sources) as held:
        records = (_index_record(row, record, held) for row, record in stored(chosen))
        info = write_segment(path, records, fingerprints.PARAMETER_SETS[parameter_set])
        segment_files.add(path, info.digest)
    return info


def stored(
    chosen: QuerySet[Fingerprint], order: Sequence[str] = ("pk",)
) -> Iterator[tuple[Fingerprint, FingerprintRecord]]:
    """The fingerprints in order, a few at a time: rows and what is in them."""
    ids = list(chosen.order_by(*order).values_list("pk", flat=True))
    for start in range(0, len(ids), ROWS_AT_ONCE):
        rows = Fingerprint.objects.filter(pk__in=ids[start : start + ROWS_AT_ONCE]).select_related(
            "deposit__work", "deposit__edition"
        )
        for row in rows.order_by(*order):
            yield row, fp.load(bytes(row.data))[0]


def _index_record(row: Fingerprint, record: FingerprintRecord, held: "HeldTexts") -> IndexRecord:
    return IndexRecord(
        work=record.work,
        edition=record.edition,
        sketch=record.sketch,
        text=_kept_text(row, record, held),
        title=record.title,
        author=record.author,
        isbn=record.isbn,
    )


def _kept_text(row: Fingerprint, record: FingerprintRecord, held: "HeldTexts") -> str | None:
    """The text of a kept deposit; None, and a warning, when it is lost or no longer reads as it was fingerprinted.

    One text that cannot be read must not keep all others from being published: its sketch is used.
    """
    deposit = row.deposit
    if deposit.mode != Deposit.Mode.KEPT or deposit.withdrawn_at is not None:
        return None
    text = held.get(row, record)
    if text is not None:
        return text
    try:
        text = fingerprints.read_blob(deposit.blob, deposit.file_name)
    except fingerprints.TextUnreadable as error:
        logger.warning("the text of deposit %s cannot be read (%s), its sketch is used", deposit.public_id, error.code)
        return None
    if letter_stream(text).symbols.size != record.sketch.symbols:
        logger.warning("the text of deposit %s no longer fits its fingerprint", deposit.public_id)
        return None
    return text


class HeldTexts:
    """Texts that segments hold, by fingerprint: their records lie in the order of the fingerprints' ids."""

    def __init__(self, sources: Sequence[Segment]) -> None:
        self._sources = sources
        self._places: dict[int, tuple[SegmentFile, int]] = {}
        self._open = ExitStack()

    def __enter__(self) -> "HeldTexts":
        for segment in self._sources:
            try:
                opened = SegmentFile(segment_files.present(segment.digest))
            except (EngineError, OSError, segment_files.StoredDamaged) as error:
                logger.warning("the texts of the segment %s are read from their files: %s", segment.digest, error)
                continue
            self._open.callback(opened.close)
            ids = segment.fingerprints.order_by("pk").values_list("pk", flat=True)
            self._places.update({pk: (opened, record) for record, pk in enumerate(ids)})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def get(self, row: Fingerprint, record: FingerprintRecord) -> str | None:
        """The text as a segment holds it, if it is this fingerprint's own."""
        if row.pk not in self._places:
            return None
        opened, number = self._places[row.pk]
        if number >= len(opened.records):
            return None
        found = opened.row(number)
        if (found.work, found.edition, found.symbols) != (record.work, record.edition, record.sketch.symbols):
            return None
        return opened.text(number)
