"""The tree of RFC 9162 against published vectors and against the recursive definition, spelt out slowly."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.merkle import proof, tree

# Inputs and roots of the Certificate Transparency reference implementation (RFC 6962 hashing)
VECTOR_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
VECTOR_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def sha256(data):
    return hashlib.sha256(data).digest()


def slow_root(leaves):
    """MTH of RFC 9162 §2.1.1, as written there."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + slow_root(leaves[:split]) + slow_root(leaves[split:]))


def slow_path(index, leaves):
    """PATH of RFC 9162 §2.1.3.1."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*slow_path(index, leaves[:split]), slow_root(leaves[split:])]
    return [*slow_path(index - split, leaves[split:]), slow_root(leaves[:split])]


def slow_subproof(old_size, leaves, is_whole):
    """SUBPROOF of RFC 9162 §2.1.4.1."""
    if old_size == len(leaves):
        return [] if is_whole else [slow_root(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if old_size <= split:
        return [*slow_subproof(old_size, leaves[:split], is_whole), slow_root(leaves[split:])]
    return [*slow_subproof(old_size - split, leaves[split:], False), slow_root(leaves[:split])]


def some_leaves(count):
    return [b"leaf %d" % number for number in range(count)]


class CountingNodes:
    """Stored complete subtrees, as a table would hold them, that counts reads."""

    def __init__(self, leaves):
        self.stored: dict[tuple[int, int], bytes] = {}
        self.reads = 0
        for size, leaf in enumerate(leaves):
            for new in tree.append(size, tree.leaf_hash(leaf), self):
                assert (new.level, new.index) not in self.stored, "a complete subtree is stored once and never changes"
                self.stored[new.level, new.index] = new.hash
        self.reads = 0

    def __call__(self, level, index):
        self.reads += 1
        return self.stored[level, index]


def test_the_empty_tree_has_the_hash_of_nothing():
    assert tree.root([]) == sha256(b"") == tree.EMPTY_ROOT
    assert tree.root_at(0, tree.memory_nodes([])) == tree.EMPTY_ROOT


def test_published_roots_are_reproduced():
    hashes = [tree.leaf_hash(leaf) for leaf in VECTOR_LEAVES]
    for size, expected in enumerate(VECTOR_ROOTS, start=1):
        assert tree.root(hashes[:size]).hex() == expected


def test_published_inclusion_path_is_reproduced():
    node = tree.memory_nodes(map(tree.leaf_hash, VECTOR_LEAVES))
    assert [hashed.hex() for hashed in tree.inclusion_path(5, 8, node)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 200), st.data())
def test_roots_and_proofs_equal_the_recursive_definition(size, data):
    leaves = some_leaves(size)
    node = CountingNodes(leaves)
    root = tree.root_at(size, node)
    assert root == slow_root(leaves) == tree.root(map(tree.leaf_hash, leaves))
    if not size:
        return
    index = data.draw(st.integers(0, size - 1))
    path = tree.inclusion_path(index, size, node)
    assert path == slow_path(index, leaves)
    assert proof.verify_inclusion(tree.leaf_hash(leaves[index]), index, size, path, root)
    old_size = data.draw(st.integers(1, size))
    consistency = tree.consistency_path(old_size, size, node)
    assert consistency == slow_subproof(old_size, leaves, True)
    assert proof.verify_consistency(old_size, size, slow_root(leaves[:old_size]), root, consistency)


def test_every_inclusion_and_consistency_of_small_trees_verifies():
    hashes = [tree.leaf_hash(leaf) for leaf in some_leaves(34)]
    node = tree.memory_nodes(hashes)
    for size in range(1, 35):
        root = tree.root_at(size, node)
        for index in range(size):
            assert proof.verify_inclusion(hashes[index], index, size, tree.inclusion_path(index, size, node), root)
        for old_size in range(size + 1):
            path = tree.consistency_path(old_size, size, node)
            assert proof.verify_consistency(old_size, size, tree.root_at(old_size, node), root, path)


def test_proofs_of_a_million_entries_read_few_rows():
    size = 1_000_000
    reads = []

    def node(level, index):
        assert (index + 1) << level <= size, "only complete subtrees are asked for"
        reads.append((level, index))
        return sha256(b"%d/%d" % (level, index))

    for work in (
        lambda: tree.inclusion_path(654_321, size, node),
        lambda: tree.inclusion_path(size - 1, size, node),
        lambda: tree.consistency_path(123_457, size, node),
        lambda: tree.root_at(size, node),
        lambda: tree.append(size - 1, sha256(b""), node),
    ):
        reads.clear()
        work()
        assert len(reads) <= 2 * size.bit_length()


@given(st.integers(0, 60), st.integers(0, 20))
def test_a_batch_appends_what_single_appends_would(size, count):
    leaves = [tree.leaf_hash(leaf) for leaf in some_leaves(size + count)]
    one_by_one = CountingNodes(some_leaves(size + count))
    before = tree.memory_nodes(leaves[:size])
    for new in tree.append_many(size, leaves[size:], before):
        assert one_by_one.stored[new.level, new.index] == new.hash
    assert [(new.level, new.index) for new in tree.append_many(size, leaves[size:], before)] == [
        completed for index in range(size, size + count) for completed in tree.nodes_completed_by(index)
    ]


def test_nodes_completed_by_a_leaf_end_with_the_largest():
    assert tree.nodes_completed_by(0) == [(0, 0)]
    assert tree.nodes_completed_by(5) == [(0, 5), (1, 2)]
    assert tree.nodes_completed_by(7) == [(0, 7), (1, 3), (2, 1), (3, 0)]


@pytest.mark.parametrize(
    "ask",
    [
        lambda node: tree.inclusion_path(5, 5, node),
        lambda node: tree.inclusion_path(-1, 5, node),
        lambda node: tree.consistency_path(6, 5, node),
        lambda node: tree.consistency_path(-1, 5, node),
        lambda node: tree.root_at(-1, node),
        lambda node: tree.nodes_completed_by(-1),
        lambda node: tree.append(5, b"short", node),
    ],
)
def test_what_the_tree_does_not_have_is_refused(ask):
    with pytest.raises(tree.TreeRangeError):
        ask(tree.memory_nodes(map(tree.leaf_hash, some_leaves(5))))
