"""Sorting by radix: the same order as a stable sort, whatever the keys."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine.ordering import DIGIT_BITS, FEW, radix_order

KEYS = st.one_of(
    st.lists(st.integers(0, 2**64 - 1), max_size=200),
    st.lists(st.integers(0, 3), max_size=200),
    st.lists(st.integers(0, 63).map(lambda bit: 1 << bit), max_size=200),
    st.lists(st.sampled_from([0, 2**64 - 1, 2**63, 2**38, 2**38 - 1]), max_size=200),
)


def stable(keys: np.ndarray) -> list[int]:
    order: list[int] = np.argsort(keys, kind="stable").tolist()
    return order


@given(KEYS)
@settings(max_examples=200)
def test_the_order_is_that_of_a_stable_sort(keys: list[int]) -> None:
    array = np.array(keys, np.uint64)
    assert radix_order(array).tolist() == stable(array)
    assert array.tolist() == keys


@pytest.mark.parametrize("size", [0, 1, 2, FEW - 1, FEW, FEW + 1, 5000])
@pytest.mark.parametrize("bits", [1, DIGIT_BITS, DIGIT_BITS + 1, 38, 64])
def test_every_size_and_every_number_of_passes_gives_that_order(size: int, bits: int) -> None:
    draw = np.random.default_rng(size + bits)
    keys = draw.integers(0, 2**bits, size, dtype=np.uint64)
    assert radix_order(keys).tolist() == stable(keys)
    assert radix_order(np.sort(keys)[::-1].copy()).tolist() == stable(np.sort(keys)[::-1])


@pytest.mark.parametrize("size", [FEW, 1000])
def test_equal_keys_stay_as_they_came(size: int) -> None:
    assert radix_order(np.full(size, 7, np.uint64)).tolist() == list(range(size))


def test_bits_that_are_the_same_in_all_keys_do_not_matter() -> None:
    draw = np.random.default_rng(0)
    low = draw.integers(0, 2**20, 3000, dtype=np.uint64)
    assert radix_order(low | np.uint64(0xABC << 50)).tolist() == radix_order(low).tolist()


def test_an_order_is_not_overwritten_by_the_next() -> None:
    draw = np.random.default_rng(1)
    one, two = (draw.integers(0, 2**64, 4000, dtype=np.uint64) for _ in range(2))
    first = radix_order(one)
    radix_order(two)
    assert first.tolist() == stable(one)
