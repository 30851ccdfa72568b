"""The first half of a scan: files in, items and shards out. Interrupted and begun again it gives the same rows.

The files are divided into parts (`parts`), each read by one job; a part is cut into chunks, each a shard.
"""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from ingest import blobs, sandbox
from ingest.engine import ENGINE_VERSION
from ingest.engine.normalise import count_letters, letter_stream
from ingest.engine.params import REGISTRY_1
from ingest.engine.words import count_words
from ingest.models import Scan, Shard, Skipped
from ingest.readers import BadRecord, Document, ReadError
from ingest.readers.document import USUAL_TEXTS, ReadOptions
from ingest.services import chunks, parts, segments, stragglers
from registry import jobs
from registry.models import Item

FILES_AT_ONCE = 256  # made readable for one sandboxed reader
BYTES_AT_ONCE = 1 << 30  # of these, unless one file has more: an object store's are copied to the local disk
CHUNK_DOCUMENTS = 10_000
PROGRESS_SECONDS = 1.0
NAME_CHARS = 600  # longer ones do not fit the database's index in every script
NAMED_IN_NOTICES = 20


@dataclass
class Read:
    """A document as read: its number in its file, what becomes its item, and the text that goes into the chunk."""

    record: int
    item: Item
    text: str
    text_bytes: int


@dataclass
class Chunk:
    """What one shard will match, and the bad records met on the way."""

    documents: list[Read] = field(default_factory=list)
    bad: list[BadRecord] = field(default_factory=list)
    text_bytes: int = 0

    def add(self, document: Read) -> None:
        """Put a document at the end."""
        self.documents.append(document)
        self.text_bytes += document.text_bytes

    @property
    def is_full(self) -> bool:
        return self.text_bytes >= settings.SCAN_CHUNK_BYTES or len(self.documents) >= CHUNK_DOCUMENTS

    def total(self, name: str) -> int:
        """Sum over the items: "chars", "words" or "letters"."""
        return sum(getattr(document.item, name) for document in self.documents)


def read(claim: jobs.Claim, scan: Scan, part: int | None = None) -> None:
    """Read one part of the scan's files into items and shards; each shard's job is sent as soon as it is cut.

    Without a part: choose the index, divide the files, and read them here if they are one part. Bad records become
    Skipped rows and notices. Raises jobs.Refused when the files cannot be read at all.
    """
    if scan.state != Scan.State.READING:
        return
    if part is None:
        _pin_index(claim, scan)
        if parts.hand_out(claim, scan):
            return
        part = 0
    if scan.parts[part]["read"]:
        return
    stored = parts.shards_of(scan, part)
    said = 0.0
    for number, chunk in enumerate(_chunks(scan, part)):
        position = parts.shard_position(part, number)
        if position in stored:
            _check_same(stored[position], chunk)
        elif chunk.documents:
            _store(claim, scan, position, chunk)
        _note_bad(scan, chunk.bad)
        _note_guesses(scan, chunk)
        if time.monotonic() - said >= PROGRESS_SECONDS:
            _report(claim, scan)
            said = time.monotonic()
    _report(claim, scan)
    if parts.finish(claim, scan, part):
        _note_all(scan)


def _report(claim: jobs.Claim, scan: Scan) -> None:
    """Say how many documents of all parts are read; raises when the job is to stop."""
    documents = scan.shards.aggregate(sum=Sum("documents"))["sum"] or 0
    claim.progress("reading", documents)
    if scan.job:
        jobs.report(scan.job, "reading", documents)


def _check_same(documents: int, chunk: Chunk) -> None:
    """A shard of an earlier attempt stands for the chunk at its position only if both are cut alike."""
    if documents != len(chunk.documents):
        raise jobs.Refused(
            "The files are cut up differently than when this scan began, by another version or setting: scan them anew."
        )


def _pin_index(claim: jobs.Claim, scan: Scan) -> None:
    """Write down which index all shards are matched with, the first time the scan is read."""
    if scan.segments:
        return
    pin, index, fault = segments.newest_usable()
    scan.segments = pin.to_json()
    scan.index_digest = index.digest
    scan.engine, scan.parameters_digest = ENGINE_VERSION, REGISTRY_1.digest
    with transaction.atomic():
        claim.guard()
        scan.save(update_fields=["segments", "index_digest", "engine", "parameters_digest"])
    if fault and scan.job:
        jobs.notice(scan.job, f"The index of an earlier scan is used, and the present one mended: {fault}")
    if not pin.digests and scan.job:
        jobs.notice(scan.job, "No text has been registered yet, so nothing can match.")


def _chunks(scan: Scan, part: int) -> Iterator[Chunk]:
    """The documents of a part, cut by bytes of text; one that alone would fill a chunk gets one of its own."""
    chunk = Chunk()
    file = record = -1
    for number, found in _documents(scan, part):
        if isinstance(found, BadRecord):
            chunk.bad.append(found)
            continue
        file, record = number, record + 1 if number == file else 0
        document = _read(scan, file, record, found)
        if chunk.text_bytes and document.text_bytes >= settings.SCAN_CHUNK_BYTES:
            yield chunk
            chunk = Chunk()
        chunk.add(document)
        if chunk.is_full:
            yield chunk
            chunk = Chunk()
    yield chunk


def _documents(scan: Scan, part: int) -> Iterator[tuple[int, Document | BadRecord]]:
    """Everything in a part's files, in order, under the names that the files were given by; and the file's number."""
    options = ReadOptions(text_field=scan.text_field) if scan.text_field else ReadOptions(text_fallbacks=USUAL_TEXTS)
    for start, end in _batches(scan, part):
        batch = scan.inputs[start:end]
        try:
            with blobs.local_folder([(row["blob"], row["name"]) for row in batch]) as folder:
                for found in sandbox.read_documents(folder, options, name=""):
                    number = int(found.name[1:7])
                    yield start + number, _renamed(found, batch[number]["name"])
        except FileNotFoundError:
            raise jobs.Refused("A file of the scan is no longer stored.", scan=scan.public_id) from None
        except ReadError as error:
            raise jobs.Refused(f"The files could not be read: {error.cause}", cause=error.code) from None


def _batches(scan: Scan, part: int) -> Iterator[tuple[int, int]]:
    """First and end of the runs of a part's files that one reader sees at once."""
    first, end = scan.parts[part]["first"], scan.parts[part]["end"]
    start, held_bytes = first, 0
    for number in range(first, end):
        size_bytes = scan.inputs[number]["size_bytes"]
        if number > start and (number - start >= FILES_AT_ONCE or held_bytes + size_bytes > BYTES_AT_ONCE):
            yield start, number
            start, held_bytes = number, 0
        held_bytes += size_bytes
    if start < end:
        yield start, end


def _renamed(found: Document | BadRecord, given: str) -> Document | BadRecord:
    """Put the given name in the place of the numbered one: /000002.jsonl#7 → pile.jsonl#7."""
    return replace(found, name=given + found.name[7 + len(blobs.ending(given)) :])


def _read(scan: Scan, file: int, record: int, document: Document) -> Read:
    raw = document.text.encode("utf-8", "surrogatepass")
    metadata = document.meta
    if document.detected_encoding:
        metadata = metadata | {"detected_encoding": document.detected_encoding}
    item = Item(
        release_id=scan.release_id,
        name=_storable_name(document.name),
        sha256=hashlib.sha256(raw).hexdigest(),
        chars=len(document.text),
        words=count_words(document.text),
        letters=count_letters(letter_stream(document.text).symbols),
        position=parts.item_position(file, record),
        media_type=document.media_type[:100],
        metadata=_storable(metadata),
    )
    return Read(record, item, document.text, len(raw))


def _storable_name(name: str) -> str:
    """Without NUL, which PostgreSQL does not take; a very long name is cut and ends in its hash."""
    name = name.replace("\0", "\ufffd")
    if len(name) <= NAME_CHARS:
        return name
    return f"{name[:NAME_CHARS]}…{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def _storable(value: Any) -> Any:
    """The same JSON value without NUL characters."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {_storable(name): _storable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_storable(inner) for inner in value]
    return value


def _store(claim: jobs.Claim, scan: Scan, position: int, chunk: Chunk) -> None:
    """Write a chunk's items, its shard and the shard's job in one transaction; the chunk file comes first."""
    _name_apart(scan, chunk.documents)
    documents = (chunks.ChunkDocument(read.item.name, read.text) for read in chunk.documents)
    key = chunks.write(documents, f"scans/{scan.public_id}/chunks")
    with transaction.atomic():
        claim.guard()
        Item.objects.bulk_create(
            [read.item for read in chunk.documents],
            batch_size=1_000,
            update_conflicts=True,
            unique_fields=["release", "name"],
            update_fields=["sha256", "chars", "words", "letters", "position", "media_type", "metadata"],
        )
        shard = Shard.objects.create(
            scan=scan,
            position=position,
            blob=key,
            documents=len(chunk.documents),
            text_bytes=chunk.text_bytes,
            chars=chunk.total("chars"),
            words=chunk.total("words"),
            letters=chunk.total("letters"),
        )
        shard.job = stragglers.enqueue(scan, shard)
        shard.save(update_fields=["job"])


def _name_apart(scan: Scan, documents: list[Read]) -> None:
    """Two documents of one name (a record id used twice): the later one's name ends in ~ and its number in the file.

    An item of that name at the same position is the document itself, read before.
    """
    taken: dict[str, int] = {}
    pending = documents
    while pending:
        names = {read.item.name for read in pending} - set(taken)
        rows = Item.objects.filter(release_id=scan.release_id, name__in=names)
        taken.update(rows.values_list("name", "position"))
        clashing = []
        for read in pending:
            if taken.setdefault(read.item.name, read.item.position) != read.item.position:
                read.item.name = f"{read.item.name}~{read.record + 1}"
                clashing.append(read)
        pending = clashing


def _note_bad(scan: Scan, bad: list[BadRecord]) -> None:
    rows = [
        Skipped(
            scan=scan,
            name=_storable_name(record.name),
            cause_code=record.cause_code[:60],
            cause=record.cause.replace("\0", "\ufffd"),
        )
        for record in bad
    ]
    Skipped.objects.bulk_create(rows, batch_size=1_000, ignore_conflicts=True)


def _note_guesses(scan: Scan, chunk: Chunk) -> None:
    """Name the files whose encoding was guessed, each once: what was read may not be what was written."""
    guesses = {
        (read.item.name.partition("#")[0], read.item.metadata["detected_encoding"])
        for read in chunk.documents
        if "detected_encoding" in read.item.metadata
    }
    for name, encoding in sorted(guesses)[:NAMED_IN_NOTICES]:
        if scan.job:
            jobs.notice(scan.job, f"{name}: is not UTF-8; read as {encoding}, which is a guess.")


def _note_all(scan: Scan) -> None:
    """Once everything is read: what was skipped, and whether there was anything."""
    scan.refresh_from_db(fields=["documents"])
    if scan.job is None:
        return
    for row in scan.skipped.all()[:NAMED_IN_NOTICES]:
        jobs.notice(scan.job, f"{row.name}: {row.cause}")
    skipped = scan.skipped.count()
    if skipped > NAMED_IN_NOTICES:
        jobs.notice(scan.job, f"{skipped} files or records could not be read in all.")
    if not scan.documents:
        jobs.notice(scan.job, "There was no document to read.")
