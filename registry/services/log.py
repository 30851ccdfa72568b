"""The log: entries are staged with the fact they record and numbered later by one sequencer."""

import base64
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now, Power

from registry.actors import Actor
from registry.merkle import audit, bundle, checkpoint, tree
from registry.models import Checkpoint, Entry, Node, Organisation

SEQUENCER_LOCK = 0x636F6C6F  # one sequencer at a time, whoever runs it
BATCH = 5_000


def canonical(value: object) -> bytes:
    """JSON in the spelling that bundles are checked for (sorted keys, no spaces, UTF-8): the bytes that are hashed."""
    return bundle.canonical_json(value)


def stage(
    kind: str,
    *,
    subject: str,
    facts: dict[str, object],
    actor: Actor,
    organisation: Organisation | None = None,
    manifest_sha256: str = "",
    key: int | None = None,
) -> Entry:
    """Record a legal fact in the caller's transaction: if that is rolled back, so is the entry.

    `manifest_sha256` (hex) makes it the entry of an evidence bundle, which carries that hash beside its facts. `key`:
    the primary key that was reserved for it, where rows that were written before name it already.
    """
    owner = organisation or actor.organisation
    entry = Entry(pk=key, kind=kind, subject=subject, actor=actor.name, organisation_slug=owner.slug if owner else "")
    leaf = canonical(
        {
            "actor": entry.actor,
            "at": _database_time(),
            "entry": entry.public_id,
            "facts": facts,
            "kind": kind,
            "organisation": entry.organisation_slug,
            "subject": subject,
            "version": 1,
        }
        | ({"manifest_sha256": manifest_sha256} if manifest_sha256 else {})
    )
    entry.leaf = leaf
    entry.leaf_hash = tree.leaf_hash(leaf)
    entry.save(force_insert=True)
    return entry


def _database_time() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
        return str(cursor.fetchone()[0])


@lru_cache(maxsize=1)
def signing_key() -> Ed25519PrivateKey:
    """The log's private key from LOG_SIGNING_KEY."""
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(settings.LOG_SIGNING_KEY, validate=True))
    except ValueError as error:
        raise ImproperlyConfigured(f"LOG_SIGNING_KEY is not base64 of 32 bytes: {error}") from None


def verifier_key() -> str:
    """The line that a verifier pins."""
    return checkpoint.verifier_key(signing_key(), settings.LOG_ORIGIN)


def stored_node(level: int, index: int) -> bytes:
    """The getter of complete-subtree hashes that `registry.merkle.tree` reads."""
    row = Node.objects.filter(level=level, index=index).values_list("hash", flat=True).first()
    if row is None:
        raise KeyError((level, index))
    return bytes(row)


def sequence() -> Checkpoint | None:
    """Number the staged entries, extend the tree and swap the signed checkpoint, all in one transaction.

    The commit of the checkpoint is the commit point: before it, nothing was numbered. Returns the new checkpoint, or
    None when there was nothing to do or another sequencer is at work.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEQUENCER_LOCK])
            if not cursor.fetchone()[0]:
                return None
        staged = list(Entry.objects.filter(position__isnull=True).order_by("id")[:BATCH])
        if not staged:
            return None
        latest = Checkpoint.objects.order_by("size").last()
        size = latest.size if latest else 0
        nodes = tree.append_many(size, [bytes(entry.leaf_hash) for entry in staged], stored_node)
        Node.objects.bulk_create([Node(level=node.level, index=node.index, hash=node.hash) for node in nodes])
        for position, entry in enumerate(staged, start=size):
            entry.position = position
            entry.sequenced_at = Now()
        Entry.objects.bulk_update(staged, ["position", "sequenced_at"], batch_size=500)
        size += len(staged)
        root = tree.root_at(size, stored_node)
        note = checkpoint.sign(settings.LOG_ORIGIN, size, root, signing_key(), settings.LOG_ORIGIN)
        return Checkpoint.objects.create(size=size, root=root, note=note)


def sequence_all() -> Checkpoint | None:
    """Sequence until nothing is staged; returns the latest checkpoint."""
    while sequence() is not None:
        pass
    return Checkpoint.objects.order_by("size").last()


def inclusion_path(position: int, size: int) -> list[bytes]:
    """The audit path of the entry at `position` in the tree of `size` entries."""
    return tree.inclusion_path(position, size, stored_node)


def consistency_path(old_size: int, new_size: int) -> list[bytes]:
    """The proof that the log of `new_size` begins with that of `old_size`."""
    return tree.consistency_path(old_size, new_size, stored_node)


def verify() -> dict[str, object]:
    """Recompute the whole log from its leaves; name the first position that is wrong.

    Checks that every checkpoint is signed by the log's key, that positions run without a gap, that each leaf has the
    hashes stored for it and above it, and that each checkpoint's root follows from the leaves. All of it is read as it
    stood at one moment: entries that are numbered meanwhile are no fault.
    """
    with _one_moment():
        return _verify(verifier_key())


@contextmanager
def _one_moment() -> Iterator[None]:
    """One snapshot for all reads inside. Within somebody's transaction it is theirs, whose kind is decided already."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _verify(key: str) -> dict[str, object]:
    signed: list[tuple[int, bytes]] = []
    for row in Checkpoint.objects.order_by("size"):
        try:
            said = checkpoint.verify(row.note, key)
        except checkpoint.CheckpointError as error:
            return _fault(max(0, row.size - 1), f"checkpoint {row.size}: {error}")
        if (said.size, said.root) != (row.size, bytes(row.root)):
            return _fault(max(0, row.size - 1), f"checkpoint {row.size} is not what was signed")
        signed.append((said.size, said.root))
    rows = Entry.objects.filter(position__isnull=False).order_by("position")
    with closing(_leaves(rows)) as leaves, closing(_StoredNodes()) as stored:
        fault = audit.first_fault(leaves, stored.get, signed)
        extra = stored.first_unasked()
    if fault is not None:
        return _fault(fault.index, fault.cause)
    if extra is not None:
        return _fault(extra[1] << extra[0], f"tree node {extra[0]}/{extra[1]} belongs to no entry")
    return {
        "ok": True,
        "size": rows.count(),
        "staged": Entry.objects.filter(position__isnull=True).count(),
        "key": key,
    }


def _leaves(rows: QuerySet[Entry]) -> Generator[tuple[int, bytes], None, None]:
    for position, leaf in rows.values_list("position", "leaf").iterator():
        assert position is not None
        yield position, bytes(leaf)


class _StoredNodes:
    """The stored tree nodes, streamed in the order in which a walk over the leaves completes them."""

    def __init__(self) -> None:
        completed = (F("index") + 1) * Power(2, F("level"))
        ordered = Node.objects.annotate(completed=completed).order_by("completed", "level")
        self._rows: Generator[Any, None, None] = ordered.values_list("level", "index", "hash").iterator()  # type: ignore[assignment]
        self._next = next(self._rows, None)
        self._unasked: tuple[int, int] | None = None

    def get(self, level: int, index: int) -> bytes:
        """The stored hash of that node; KeyError when there is none."""
        wanted = (index + 1) << level, level
        while self._next is not None and ((self._next[1] + 1) << self._next[0], self._next[0]) < wanted:
            self._pass_over()
        if self._next is None or self._next[:2] != (level, index):
            raise KeyError((level, index))
        hashed = bytes(self._next[2])
        self._next = next(self._rows, None)
        return hashed

    def close(self) -> None:
        """Let go of the database's cursor."""
        self._rows.close()

    def first_unasked(self) -> tuple[int, int] | None:
        """A node that no leaf completes, as (level, index); None when all are the tree's."""
        if self._next is not None:
            self._pass_over()
        return self._unasked

    def _pass_over(self) -> None:
        assert self._next is not None
        self._unasked = self._unasked or (self._next[0], self._next[1])
        self._next = next(self._rows, None)


def _fault(position: int, sentence: str) -> dict[str, object]:
    return {"ok": False, "position": position, "reason": sentence}
