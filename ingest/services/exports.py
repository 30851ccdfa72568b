"""An index that leaves the house: fingerprints only, of every standing work; no text travels."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from ingest.engine.index import Index, write_segment
from ingest.engine.records import IndexRecord
from ingest.models import Fingerprint
from ingest.services import fingerprints, segment_writing


def export(folder: Path) -> dict[str, Any]:
    """Write an index into `folder`, one segment a parameter set; returns what `Index.info` says of it."""
    standing = Fingerprint.objects.filter(deposit__withdrawn_at__isnull=True, deposit__work__withdrawn_at__isnull=True)
    for name, params in sorted(fingerprints.PARAMETER_SETS.items()):
        write_segment(folder, _records(standing.filter(parameter_set=name)), params)
    with Index.open(folder) as index:
        return index.info()


def _records(chosen: QuerySet[Fingerprint]) -> Iterator[IndexRecord]:
    """Sketches alone, in the order of the works, so that the same works give the same file."""
    for _, record in segment_writing.stored(chosen, order=("deposit__work__public_id", "pk")):
        yield IndexRecord(
            work=record.work,
            edition=record.edition,
            sketch=record.sketch,
            text=None,
            title=record.title,
            author=record.author,
            isbn=record.isbn,
        )
