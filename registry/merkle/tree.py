"""The Merkle tree of the log: hashing, roots and proof paths (RFC 9162 §2.1, same hashes as RFC 6962).

Nothing here keeps a tree. A caller stores the hash of every *complete* subtree, `node(level, index)` being the subtree
over the leaves `[index · 2^level, (index + 1) · 2^level)`, and gives a getter for them. Complete subtrees never change,
so a table of them only grows, and each root or path below reads O(log n) of its rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

NodeGetter = Callable[[int, int], bytes]
"""`node(level, index)` → the 32-byte hash of that complete subtree; raises `KeyError` if it is not stored."""


class TreeRangeError(ValueError):
    """An index or a size that the tree does not have."""

    code = "TREE_RANGE"


@dataclass(frozen=True, slots=True)
class TreeNode:
    """One complete subtree: `level` 0 is a leaf, `index` counts from the left within the level."""

    level: int
    index: int
    hash: bytes


def leaf_hash(data: bytes) -> bytes:
    """SHA-256 of 0x00 and the entry's bytes (RFC 9162 §2.1.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of 0x01 and both children's hashes (RFC 9162 §2.1.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Root of the tree over these leaf hashes, in one pass and O(log n) memory."""
    frontier = Frontier()
    for hashed in leaf_hashes:
        frontier.add(hashed)
    return frontier.root()


class Frontier:
    """As much of a growing tree as its root needs: O(log n) memory."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []  # complete ones left to right, one for each bit of `size`

    def add(self, hashed_leaf: bytes) -> None:
        """Take the next leaf's hash."""
        self.size += 1
        self._subtrees.append(hashed_leaf)
        for _ in range((self.size & -self.size).bit_length() - 1):
            right = self._subtrees.pop()
            self._subtrees[-1] = node_hash(self._subtrees[-1], right)

    def root(self) -> bytes:
        """Root of the tree over the leaves so far."""
        return root_of_frontier(self._subtrees)


def root_of_frontier(subtrees: Sequence[bytes]) -> bytes:
    """Root over complete subtrees that stand left to right, the largest first."""
    if not subtrees:
        return EMPTY_ROOT
    hashed = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        hashed = node_hash(left, hashed)
    return hashed


def root_at(size: int, node: NodeGetter) -> bytes:
    """Root of the tree when it had `size` leaves."""
    if size < 0:
        raise TreeRangeError(f"a tree cannot have {size} leaves")
    return _range_root(0, size, node)


def nodes_completed_by(index: int) -> list[tuple[int, int]]:
    """`(level, index)` of every subtree that the leaf at `index` completes, the leaf itself first."""
    if index < 0:
        raise TreeRangeError(f"there is no leaf {index}")
    completed = [(0, index)]
    level = 0
    while index & 1:
        index >>= 1
        level += 1
        completed.append((level, index))
    return completed


def append(size: int, hashed_leaf: bytes, node: NodeGetter) -> list[TreeNode]:
    """Add one leaf to a tree of `size` leaves → the nodes to store, the leaf first.

    Reads only left siblings on the frontier: at most log2(size) rows.
    """
    _check_hash(hashed_leaf)
    hashed = hashed_leaf
    created: list[TreeNode] = []
    for level, index in nodes_completed_by(size):
        if level:
            hashed = node_hash(node(level - 1, 2 * index), hashed)
        created.append(TreeNode(level, index, hashed))
    return created


def append_many(size: int, leaf_hashes: Iterable[bytes], node: NodeGetter) -> list[TreeNode]:
    """Add a batch of leaves → all nodes to store, in order. Stored nodes are read, new ones are remembered."""
    created: dict[tuple[int, int], bytes] = {}

    def stored_or_new(level: int, index: int) -> bytes:
        known = created.get((level, index))
        return known if known is not None else node(level, index)

    nodes: list[TreeNode] = []
    for position, hashed in enumerate(leaf_hashes, start=size):
        for new in append(position, hashed, stored_or_new):
            created[new.level, new.index] = new.hash
            nodes.append(new)
    return nodes


def inclusion_path(index: int, size: int, node: NodeGetter) -> list[bytes]:
    """Audit path of the leaf at `index` in the tree of `size` leaves, from the leaf up (RFC 9162 §2.1.3.1)."""
    if not 0 <= index < size:
        raise TreeRangeError(f"there is no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            path.append(_range_root(split, end, node))
            end = split
        else:
            path.append(_range_root(start, split, node))
            start = split
    path.reverse()
    return path


def consistency_path(old_size: int, new_size: int, node: NodeGetter) -> list[bytes]:
    """Proof that the tree of `new_size` leaves begins with the tree of `old_size` (RFC 9162 §2.1.4.1).

    Empty where there is nothing to prove: equal sizes, or an old tree without leaves.
    """
    if not 0 <= old_size <= new_size:
        raise TreeRangeError(f"a tree of {old_size} leaves is not the beginning of one of {new_size}")
    if old_size in (0, new_size):
        return []
    path: list[bytes] = []
    start, end = 0, new_size
    while old_size != end:
        split = start + _split(end - start)
        if old_size <= split:
            path.append(_range_root(split, end, node))
            end = split
        else:
            path.append(_range_root(start, split, node))
            start = split
    if start:  # a verifier who holds the old root knows the subtree that starts at leaf 0
        path.append(_range_root(start, end, node))
    path.reverse()
    return path


def memory_nodes(leaf_hashes: Iterable[bytes]) -> NodeGetter:
    """A node getter over leaves held in memory, for small trees (the rows of a bulk import) and for checks."""
    nodes: dict[tuple[int, int], bytes] = {}

    def get(level: int, index: int) -> bytes:
        return nodes[level, index]

    for position, hashed in enumerate(leaf_hashes):
        for new in append(position, hashed, get):
            nodes[new.level, new.index] = new.hash
    return get


def _split(count: int) -> int:
    """The largest power of two below `count` (count ≥ 2)."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_root(start: int, end: int, node: NodeGetter) -> bytes:
    """Root over leaves `[start, end)`; `start` is a multiple of the largest power of two that fits in the range."""
    hashes: list[bytes] = []
    while start < end:
        level = (end - start).bit_length() - 1
        hashes.append(node(level, start >> level))
        start += 1 << level
    return root_of_frontier(hashes)


def _check_hash(hashed: bytes) -> None:
    if len(hashed) != HASH_BYTES:
        raise TreeRangeError(f"a leaf hash has {HASH_BYTES} bytes, this one {len(hashed)}")
