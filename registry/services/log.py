"""The log: entries are staged with the fact they record and numbered later by one sequencer."""

import base64
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models.functions import Now

from registry.actors import Actor
from registry.merkle import bundle, checkpoint, tree
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
) -> Entry:
    """Record a legal fact in the caller's transaction: if that is rolled back, so is the entry.

    `manifest_sha256` (hex) makes it the entry of an evidence bundle, which carries that hash beside its facts.
    """
    owner = organisation or actor.organisation
    entry = Entry(kind=kind, subject=subject, actor=actor.name, organisation_slug=owner.slug if owner else "")
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
    entry.save()
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

    Checks that positions run without a gap, each leaf hashes to its stored hash, each checkpoint's signature and root
    follow from the leaves, and the stored tree nodes are those of the leaves.
    """
    key = verifier_key()
    checkpoints = {row.size: row for row in Checkpoint.objects.order_by("size")}
    nodes: dict[tuple[int, int], bytes] = {}

    def node(level: int, index: int) -> bytes:
        return nodes[level, index]

    size = 0
    for entry in Entry.objects.filter(position__isnull=False).order_by("position").iterator():
        if entry.position != size:
            return _fault(size, f"entry {size} is missing")
        if tree.leaf_hash(bytes(entry.leaf)) != bytes(entry.leaf_hash):
            return _fault(size, f"entry {size} was changed after it was logged")
        for new in tree.append(size, bytes(entry.leaf_hash), node):
            nodes[new.level, new.index] = new.hash
        size += 1
        signed = checkpoints.pop(size, None)
        if signed is None:
            continue
        try:
            said = checkpoint.verify(signed.note, key)
        except checkpoint.CheckpointError as error:
            return _fault(size - 1, f"checkpoint {size}: {error}")
        if said.size != size or said.root != tree.root_at(size, node) or said.root != bytes(signed.root):
            return _fault(size - 1, f"the entries before {size} are not those that checkpoint {size} signed")
    if checkpoints:
        return _fault(size, f"checkpoint {min(checkpoints)} signs entries that are not there")
    return _node_fault(nodes, size) or {
        "ok": True,
        "size": size,
        "staged": Entry.objects.filter(position__isnull=True).count(),
        "key": key,
    }


def _node_fault(nodes: dict[tuple[int, int], bytes], size: int) -> dict[str, object] | None:
    """Compare the stored tree with the nodes that the entries make."""
    if Node.objects.count() != len(nodes):
        return _fault(size, "the stored tree has a different number of nodes than its entries make")
    for stored in Node.objects.iterator():
        if nodes.get((stored.level, stored.index)) != bytes(stored.hash):
            return _fault(stored.index << stored.level, f"tree node {stored.level}/{stored.index} was changed")
    return None


def _fault(position: int, sentence: str) -> dict[str, object]:
    return {"ok": False, "position": position, "reason": sentence}
