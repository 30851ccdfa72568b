"""Whoever edits a row of the log is found, at the first entry that is wrong."""

import pytest

from registry.merkle import tree
from registry.merkle.audit import LogFault, first_fault

LEAVES = [b'{"n":%d}' % number for number in range(50)]


def place(fault: LogFault | None) -> tuple[str, int] | None:
    """What is wrong, and where."""
    return (fault.code, fault.index) if fault else None


def stored(leaves):
    nodes: dict[tuple[int, int], bytes] = {}
    for size, leaf in enumerate(leaves):
        for new in tree.append(size, tree.leaf_hash(leaf), lambda level, index: nodes[level, index]):
            nodes[new.level, new.index] = new.hash
    return nodes


def getter(nodes):
    return lambda level, index: nodes[level, index]


def signed(*sizes):
    return [(size, tree.root(map(tree.leaf_hash, LEAVES[:size]))) for size in sizes]


def test_an_untouched_log_has_no_fault():
    assert first_fault(enumerate(LEAVES), getter(stored(LEAVES)), signed(0, 1, 20, 20, 37, 50)) is None


@pytest.mark.parametrize("index", [0, 1, 19, 20, 49])
def test_an_edited_entry_is_named(index):
    edited = [*LEAVES[:index], b'{"n":"edited"}', *LEAVES[index + 1 :]]
    fault = first_fault(enumerate(edited), getter(stored(LEAVES)), signed(50))
    assert place(fault) == ("ENTRY_CHANGED", index)


@pytest.mark.parametrize("index", [0, 7, 49])
def test_a_deleted_entry_is_named(index):
    rows = [row for row in enumerate(LEAVES) if row[0] != index]
    fault = first_fault(rows, getter(stored(LEAVES)), signed(50))
    assert place(fault) == ("ENTRY_MISSING", index)


def test_an_edited_hash_above_the_entries_is_named():
    nodes = stored(LEAVES)
    nodes[2, 3] = bytes(32)
    fault = first_fault(enumerate(LEAVES), getter(nodes), signed(50))
    assert place(fault) == ("NODE_CHANGED", 15)
    del nodes[2, 3]
    assert place(first_fault(enumerate(LEAVES), getter(nodes), signed(50))) == ("NODE_CHANGED", 15)


def test_a_history_rewritten_with_all_its_hashes_contradicts_the_checkpoint_after_it():
    forked = [*LEAVES[:25], b'{"n":"edited"}', *LEAVES[26:]]
    fault = first_fault(enumerate(forked), getter(stored(forked)), signed(10, 20, 30, 50))
    assert place(fault) == ("CHECKPOINT_FORKED", 20)


def test_a_log_rolled_back_behind_a_checkpoint_is_named():
    short = LEAVES[:30]
    fault = first_fault(enumerate(short), getter(stored(short)), signed(20, 50))
    assert place(fault) == ("ENTRY_MISSING", 30)
