"""What a registrant gets for a work: the record as it was hashed, its place in the log, and a file that proves both."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import BinaryField, Func, QuerySet

from registry.errors import NotFound
from registry.merkle import receipt, tree
from registry.models import Checkpoint, Entry, ImportRow, Work
from registry.services import log

REGISTERED = "work.registered"


@dataclass(frozen=True)
class Receipt:
    """What was recorded when the work came in. `row` is the file's row where it came with many others."""

    work: Work
    entry: Entry
    record: bytes
    row: ImportRow | None = None

    @property
    def record_hash(self) -> str:
        """The leaf hash of the record (RFC 9162 §2.1.1), hex."""
        return tree.leaf_hash(self.record).hex()

    @property
    def text(self) -> str:
        """The record as text."""
        return self.record.decode()

    @property
    def is_numbered(self) -> bool:
        """Whether the entry stands under a signed checkpoint."""
        return self.entry.position is not None and latest() is not None

    @property
    def file_name(self) -> str:
        return f"colophon-receipt-{self.work.public_id}.json"


def latest() -> Checkpoint | None:
    """The newest checkpoint."""
    return Checkpoint.objects.order_by("size").last()


def of_work(work: Work) -> Receipt:
    """The receipt of a work, registered alone or with a file. Raises NotFound where neither is on record."""
    entry = Entry.objects.filter(subject=f"work:{work.public_id}", kind=REGISTERED).order_by("id").first()
    if entry is not None:
        return Receipt(work, entry, bytes(entry.leaf))
    rows = ImportRow.objects.filter(work=work, leaf__isnull=False, batch__entry__isnull=False)
    row = rows.select_related("batch__entry").order_by("id").first()
    if row is None or row.batch.entry is None or row.leaf is None:
        raise NotFound(f"There is no receipt of “{work.title}”.")
    return Receipt(work, row.batch.entry, bytes(row.leaf), row)


def to_json(found: Receipt) -> dict[str, Any]:
    """The receipt as a file (`registry.merkle.receipt`); without its place in the log as long as it has none."""
    return {
        "format": receipt.FORMAT,
        "work": found.work.public_id,
        "address": f"{settings.SITE_URL}/works/{found.work.public_id}",
        "record": found.record.decode(),
        "record_hash": found.record_hash,
        "import": _place_in_file(found),
        "entry_hash": bytes(found.entry.leaf_hash).hex(),
        "log": place_in_log(found.entry),
    }


def place_in_log(entry: Entry, under: Checkpoint | None = None) -> dict[str, Any] | None:
    """Where an entry stands under a checkpoint (the newest), with its proof; None until it has its number."""
    signed = under or latest()
    if entry.position is None or signed is None or signed.size <= entry.position:
        return None
    return {
        "index": entry.position,
        "size": signed.size,
        "path": [step.hex() for step in log.inclusion_path(entry.position, signed.size)],
        "checkpoint": signed.note,
        "key": log.verifier_key(),
    }


def _place_in_file(found: Receipt) -> dict[str, Any] | None:
    """The path from the row to the root over all rows that were taken over from the file, in their order."""
    if found.row is None:
        return None
    rows = ImportRow.objects.filter(batch=found.row.batch, leaf__isnull=False)
    hashes = [bytes(hashed) for hashed in _leaf_hashes(rows).values_list("hashed", flat=True)]
    index = rows.filter(number__lt=found.row.number).count()
    return {
        "index": index,
        "rows": len(hashes),
        "path": [step.hex() for step in tree.inclusion_path(index, len(hashes), tree.memory_nodes(hashes))],
        "entry_record": bytes(found.entry.leaf).decode(),
    }


def _leaf_hashes(rows: QuerySet[ImportRow]) -> QuerySet[Any]:
    """The rows with their leaf hashes, made where the rows are: of a large file only 32 bytes a row travel."""
    template = r"sha256('\x00'::bytea || %(expressions)s)"
    return rows.order_by("number").annotate(hashed=Func("leaf", template=template, output_field=BinaryField()))
