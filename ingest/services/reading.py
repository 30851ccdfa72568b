"""The first half of a scan: files in, items and shards out. Interrupted and begun again it gives the same rows."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db import transaction

from ingest import blobs, sandbox
from ingest.engine import ENGINE_VERSION
from ingest.engine.normalise import count_letters, count_words, letter_stream
from ingest.engine.params import REGISTRY_1
from ingest.models import Scan, Shard, Skipped
from ingest.readers import BadRecord, Document, ReadError
from ingest.services import chunks, segments
from registry import jobs
from registry.models import Item

FILES_AT_ONCE = 256  # made readable for one sandboxed reader
CHUNK_DOCUMENTS = 5_000
NAME_CHARS = 600  # longer ones do not fit the database's index in every script
NAMED_IN_NOTICES = 20


@dataclass
class Read:
    """A document as read: what becomes its item, and the text that goes into the chunk."""

    position: int
    item: Item
    text: str


@dataclass
class Chunk:
    """What one shard will match, and the bad records met on the way."""

    documents: list[Read] = field(default_factory=list)
    bad: list[BadRecord] = field(default_factory=list)
    text_bytes: int = 0

    @property
    def full(self) -> bool:
        return self.text_bytes >= settings.SCAN_CHUNK_BYTES or len(self.documents) >= CHUNK_DOCUMENTS


@dataclass
class Totals:
    """Sums over everything that was read."""

    documents: int = 0
    chars: int = 0
    words: int = 0
    letters: int = 0
    bad: int = 0

    def add(self, chunk: Chunk) -> None:
        """Count one chunk."""
        self.bad += len(chunk.bad)
        self.documents += len(chunk.documents)
        for name in ("chars", "words", "letters"):
            setattr(self, name, getattr(self, name) + sum(getattr(read.item, name) for read in chunk.documents))


def read(claim: jobs.Claim, scan: Scan) -> None:
    """Read the scan's files into items and shards; each shard's job is sent as soon as it is cut.

    Bad records become Skipped rows and notices. Raises jobs.Refused when the files cannot be read at all.
    """
    if scan.state != Scan.State.READING:
        return
    _pin_index(claim, scan)
    stored = dict(scan.shards.values_list("position", "documents"))
    totals = Totals()
    for position, chunk in enumerate(_chunks(scan)):
        totals.add(chunk)
        claim.progress("reading", totals.documents)
        if scan.job:
            jobs.report(scan.job, "reading", totals.documents)
        if position in stored:
            _check_same(stored[position], chunk)
        elif chunk.documents:
            _store(claim, scan, position, chunk)
        _note_bad(scan, chunk.bad)
        _note_guesses(scan, chunk)
    _finish(claim, scan, totals)


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
    pin = segments.pin()
    scan.segments = pin.to_json()
    scan.index_digest = segments.open_pinned(pin).digest
    scan.engine, scan.parameters_digest = ENGINE_VERSION, REGISTRY_1.digest
    with transaction.atomic():
        claim.guard()
        scan.save(update_fields=["segments", "index_digest", "engine", "parameters_digest"])
    if not pin.digests and scan.job:
        jobs.notice(scan.job, "No text has been registered yet, so nothing can match.")


def _chunks(scan: Scan) -> Iterator[Chunk]:
    chunk = Chunk()
    position = 0
    for found in _documents(scan):
        if isinstance(found, BadRecord):
            chunk.bad.append(found)
            continue
        read_document, text_bytes = _read(scan, position, found)
        chunk.documents.append(read_document)
        chunk.text_bytes += text_bytes
        position += 1
        if chunk.full:
            yield chunk
            chunk = Chunk()
    yield chunk


def _documents(scan: Scan) -> Iterator[Document | BadRecord]:
    """Everything in the scan's files, in order, under the names that the files were given by."""
    for start in range(0, len(scan.inputs), FILES_AT_ONCE):
        batch = scan.inputs[start : start + FILES_AT_ONCE]
        try:
            with blobs.local_folder([(row["blob"], row["name"]) for row in batch]) as folder:
                for found in sandbox.read_documents(folder, name=""):
                    yield _renamed(found, batch)
        except FileNotFoundError:
            raise jobs.Refused("A file of the scan is no longer stored.", scan=scan.public_id) from None
        except ReadError as error:
            raise jobs.Refused(f"The files could not be read: {error.cause}", cause=error.code) from None


def _renamed(found: Document | BadRecord, batch: list[dict[str, Any]]) -> Document | BadRecord:
    """Put the given name in the place of the numbered one: /000002.jsonl#7 → pile.jsonl#7."""
    given = batch[int(found.name[1:7])]["name"]
    return replace(found, name=given + found.name[7 + len(blobs.ending(given)) :])


def _read(scan: Scan, position: int, document: Document) -> tuple[Read, int]:
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
        position=position,
        media_type=document.media_type[:100],
        metadata=_storable(metadata),
    )
    return Read(position, item, document.text), len(raw)


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
        shard = Shard.objects.create(scan=scan, position=position, blob=key, documents=len(chunk.documents))
        shard.job = jobs.enqueue("scan_shard", organisation=scan.organisation, parent=scan.job, shard_id=shard.pk)
        shard.save(update_fields=["job"])


def _name_apart(scan: Scan, documents: list[Read]) -> None:
    """Two documents of one name (a record id used twice): the later one's name ends in ~ and its number, from 1.

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
            if taken.setdefault(read.item.name, read.position) != read.position:
                read.item.name = f"{read.item.name}~{read.position + 1}"
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


def _finish(claim: jobs.Claim, scan: Scan, totals: Totals) -> None:
    if scan.job:
        for row in scan.skipped.all()[:NAMED_IN_NOTICES]:
            jobs.notice(scan.job, f"{row.name}: {row.cause}")
        if totals.bad > NAMED_IN_NOTICES:
            jobs.notice(scan.job, f"{totals.bad} files or records could not be read in all.")
        if not totals.documents:
            jobs.notice(scan.job, "There was no document to read.")
    with transaction.atomic():
        claim.guard()
        Scan.objects.filter(pk=scan.pk, state=Scan.State.READING).update(
            state=Scan.State.MATCHING,
            documents=totals.documents,
            chars=totals.chars,
            words=totals.words,
            letters=totals.letters,
        )
