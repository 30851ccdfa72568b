"""A proof holds for exactly one leaf, index, size and root."""

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.merkle import proof, tree

HASHES = [tree.leaf_hash(b"leaf %d" % number) for number in range(200)]
NODE = tree.memory_nodes(HASHES)
ROOTS = [tree.root_at(size, NODE) for size in range(201)]


def flip(hashed, position):
    return hashed[:position] + bytes([hashed[position] ^ 1]) + hashed[position + 1 :]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.data())
def test_inclusion_fails_for_any_other_leaf_index_size_root_or_path(size, data):
    index = data.draw(st.integers(0, size - 1))
    path = tree.inclusion_path(index, size, NODE)
    leaf, root = HASHES[index], ROOTS[size]
    assert proof.verify_inclusion(leaf, index, size, path, root)
    for other in range(-1, size + 2):
        assert proof.verify_inclusion(leaf, other, size, path, root) == (other == index)
    assert not proof.verify_inclusion(flip(leaf, 3), index, size, path, root)
    assert not proof.verify_inclusion(leaf, index, size, path, flip(root, 31))
    assert not proof.verify_inclusion(leaf, index, size, [*path, root], root)
    if path:
        step = data.draw(st.integers(0, len(path) - 1))
        assert not proof.verify_inclusion(leaf, index, size, path[:step] + path[step + 1 :], root)
        assert not proof.verify_inclusion(
            leaf, index, size, [*path[:step], flip(path[step], 0), *path[step + 1 :]], root
        )
        assert not proof.verify_inclusion(leaf, index, size, [*path[:step], b"", *path[step + 1 :]], root)


def test_inclusion_in_a_tree_of_another_size_fails():
    path = tree.inclusion_path(3, 9, NODE)
    assert [size for size in range(1, 40) if proof.verify_inclusion(HASHES[3], 3, size, path, ROOTS[size])] == [9]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.data())
def test_consistency_fails_for_a_forked_history(new_size, data):
    old_size = data.draw(st.integers(1, new_size))
    path = tree.consistency_path(old_size, new_size, NODE)
    old_root, new_root = ROOTS[old_size], ROOTS[new_size]
    assert proof.verify_consistency(old_size, new_size, old_root, new_root, path)
    assert not proof.verify_consistency(old_size, new_size, flip(old_root, 0), new_root, path)
    assert not proof.verify_consistency(old_size, new_size, old_root, flip(new_root, 0), path)
    assert not proof.verify_consistency(old_size, new_size, old_root, new_root, [*path, new_root])
    for other in (old_size - 1, old_size + 1):
        if 0 < other <= new_size:
            assert not proof.verify_consistency(other, new_size, old_root, new_root, path)
    if path:
        step = data.draw(st.integers(0, len(path) - 1))
        assert not proof.verify_consistency(old_size, new_size, old_root, new_root, path[:step] + path[step + 1 :])
        altered = [*path[:step], flip(path[step], 5), *path[step + 1 :]]
        assert not proof.verify_consistency(old_size, new_size, old_root, new_root, altered)


def test_trivial_consistency_takes_no_path_and_nothing_else():
    assert proof.verify_consistency(0, 5, tree.EMPTY_ROOT, ROOTS[5], [])
    assert not proof.verify_consistency(0, 5, ROOTS[5], ROOTS[5], [])
    assert not proof.verify_consistency(0, 5, tree.EMPTY_ROOT, ROOTS[5], [ROOTS[1]])
    assert proof.verify_consistency(5, 5, ROOTS[5], ROOTS[5], [])
    assert not proof.verify_consistency(5, 5, ROOTS[5], ROOTS[4], [])
    assert not proof.verify_consistency(6, 5, ROOTS[5], ROOTS[5], [])
    assert not proof.verify_consistency(3, 5, ROOTS[3], ROOTS[5], [])
