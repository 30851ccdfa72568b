"""An index that leaves the house: fingerprints only, of every standing work; no text travels."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from ingest.engine.index import Index, write_segment
from ingest.engine.records import IndexRecord
from ingest.models import Fingerprint
from ingest.services import fingerprints, segment_writing
from registry import access
from registry.models import Organisation


def export(folder: Path, *, organisation: Organisation | None = None) -> dict[str, Any]:
    """Write an index into `folder`, one segment a parameter set; returns what `Index.info` says of it.

    It holds public works, and the drafts of `organisation`.
    """
    works = access.exported(organisation)
    standing = Fingerprint.objects.filter(deposit__withdrawn_at__isnull=True, deposit__work__in=works)
    for name, params in sorted(fingerprints.PARAMETER_SETS.items()):
        write_segment(folder, _records(standing.filter(parameter_set=name)), params)
    with Index.open(folder) as index:
        return index.info()


def _records(chosen: QuerySet[Fingerprint]) -> Iterator[IndexRecord]:
    """Sketches alone, in the order of the works, so that the same works give the same file."""
    for row, record in segment_writing.stored(chosen, order=("deposit__work__public_id", "pk")):
        edition = row.deposit.edition
        yield IndexRecord(
            work=row.deposit.work.public_id,  # a work that was merged since has its survivor's
            edition=edition.public_id if edition else None,
            sketch=record.sketch,
            text=None,
            title=record.title,
            author=record.author,
            isbn=record.isbn,
        )
