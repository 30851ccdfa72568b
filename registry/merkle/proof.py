"""Checking what the log proves (RFC 9162 §2.1.3.2 and §2.1.4.2).

Both functions answer True or False and never raise for a bad proof: a proof comes from outside.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.merkle.tree import EMPTY_ROOT, HASH_BYTES, node_hash


def root_from_inclusion(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that this audit path leads to, or None where its length does not fit `index` and `size`."""
    if not 0 <= index < size or not _are_hashes([leaf_hash, *path]):
        return None
    position, last = index, size - 1
    hashed = leaf_hash
    for sibling in path:
        if last == 0:
            return None
        if position & 1 or position == last:
            hashed = node_hash(sibling, hashed)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            hashed = node_hash(hashed, sibling)
        position >>= 1
        last >>= 1
    return hashed if last == 0 else None


def verify_inclusion(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Is the leaf at `index` of the tree with this `size` and `root`?"""
    return root_from_inclusion(leaf_hash, index, size, path) == root


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Does the tree `(new_size, new_root)` begin with the tree `(old_size, old_root)`, unchanged?"""
    if not 0 <= old_size <= new_size or not _are_hashes([old_root, new_root, *path]):
        return False
    if old_size == 0:
        return not path and old_root == EMPTY_ROOT
    if old_size == new_size:
        return not path and old_root == new_root
    return _roots_from_consistency(old_size, new_size, old_root, path) == (old_root, new_root)


def _roots_from_consistency(
    old_size: int, new_size: int, old_root: bytes, path: Sequence[bytes]
) -> tuple[bytes, bytes] | None:
    steps = list(path)
    if old_size & (old_size - 1) == 0:  # a power of two: the old root is itself a subtree of the new tree
        steps.insert(0, old_root)
    if not steps:
        return None
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position >>= 1
        last >>= 1
    old_hash = new_hash = steps[0]
    for step in steps[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            old_hash = node_hash(step, old_hash)
            new_hash = node_hash(step, new_hash)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            new_hash = node_hash(new_hash, step)
        position >>= 1
        last >>= 1
    return (old_hash, new_hash) if last == 0 else None


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
