"""Going through a stored log from its first entry, to find the first thing that was altered in it.

The tables of a log can be edited by whoever administers the database; its signed checkpoints cannot. This recomputes
every hash from the entries' own bytes and compares with what is stored beside them and with what was signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from registry.merkle.tree import NodeGetter, leaf_hash, node_hash, nodes_completed_by, root_of_frontier


@dataclass(frozen=True)
class LogFault:
    """The first thing that is wrong, at the entry with this index.

    `ENTRY_MISSING` no such entry · `ENTRY_CHANGED` its bytes do not give its stored hash · `NODE_CHANGED` a stored hash
    above it is not that of its entries · `CHECKPOINT_FORKED` the entries from this index to the checkpoint's size
    are not those that were signed, though they agree with the stored hashes.
    """

    code: str
    index: int
    cause: str


def first_fault(
    entries: Iterable[tuple[int, bytes]], node: NodeGetter, checkpoints: Sequence[tuple[int, bytes]]
) -> LogFault | None:
    """Recompute a whole log → its first fault, or None.

    `entries` are (index, leaf bytes) in order of index; `node` reads the stored hashes (`KeyError` where none is);
    `checkpoints` are (size, root) of checkpoints whose signatures were verified, in order of size. Memory O(log n).
    """
    pending = list(checkpoints)
    frontier: list[bytes] = []
    size = signed_size = 0
    for index, leaf in entries:
        while pending and pending[0][0] == size:
            if root_of_frontier(frontier) != pending[0][1]:
                return _forked(signed_size, size)
            signed_size = pending.pop(0)[0]
        if index != size:
            return LogFault("ENTRY_MISSING", size, f"entry {size} is missing, the next one stored is {index}")
        fault = _extend(frontier, index, leaf, node)
        if fault is not None:
            return fault
        size += 1
    for checkpoint_size, signed_root in pending:
        if checkpoint_size > size:
            return LogFault(
                "ENTRY_MISSING", size, f"a signed checkpoint has {checkpoint_size} entries, {size} are stored"
            )
        if root_of_frontier(frontier) != signed_root:
            return _forked(signed_size, size)
    return None


def _extend(frontier: list[bytes], index: int, leaf: bytes, node: NodeGetter) -> LogFault | None:
    hashed = leaf_hash(leaf)
    for level, position in nodes_completed_by(index):
        if level:
            hashed = node_hash(frontier.pop(), hashed)
        try:
            stored = node(level, position)
        except KeyError:
            return LogFault("NODE_CHANGED", index, f"the hash at level {level}, position {position} is not stored")
        if stored != hashed:
            if level == 0:
                return LogFault("ENTRY_CHANGED", index, f"entry {index} does not have the hash that is stored for it")
            return LogFault("NODE_CHANGED", index, f"the hash at level {level}, position {position} was altered")
    frontier.append(hashed)
    return None


def _forked(signed_size: int, size: int) -> LogFault:
    cause = f"entries {signed_size} to {size - 1} do not have the root that was signed for a log of {size} entries"
    return LogFault("CHECKPOINT_FORKED", signed_size, cause)
