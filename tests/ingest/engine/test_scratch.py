"""Memory that is used again: right size and type, one a name and thread, nothing large kept."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ingest.engine.mapper import map_text
from ingest.engine.records import Match
from ingest.engine.scratch import LARGEST_KEPT_BYTES, scratch
from tests.ingest.engine.texts import noisy, open_index, prose


def address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


@pytest.mark.parametrize("dtype", [np.uint8, np.bool_, np.uint32, np.int64, np.float64])
@pytest.mark.parametrize("size", [0, 1, 1000, 70_000])
def test_an_array_has_the_size_and_type_asked_for(dtype: type, size: int) -> None:
    array = scratch("any", size, dtype)
    assert (array.size, array.dtype) == (size, np.dtype(dtype))
    array[:] = 1
    assert array.flags.c_contiguous
    assert array.flags.aligned


def test_a_name_gives_the_same_memory_again_and_other_names_other_memory() -> None:
    one, other = scratch("one", 100, np.uint64), scratch("other", 100, np.uint64)
    assert address(scratch("one", 50, np.uint32)) == address(one)
    assert not np.shares_memory(one, other)


def test_what_was_handed_out_stays_whole_when_the_name_grows() -> None:
    small = scratch("grows", 10, np.int64)
    small[:] = range(10)
    large = scratch("grows", 200_000, np.int64)
    large[:] = -1
    assert small.tolist() == list(range(10))


def test_large_arrays_are_not_kept() -> None:
    size = LARGEST_KEPT_BYTES + 1
    one, two = scratch("large", size, np.uint8), scratch("large", size, np.uint8)
    assert not np.shares_memory(one, two)
    kept = scratch("large", 8, np.uint8).base
    assert kept is not None
    assert kept.nbytes <= LARGEST_KEPT_BYTES


def test_threads_do_not_share_memory() -> None:
    mine = scratch("shared name", 1000, np.int64)
    mine[:] = 1
    theirs: list[np.ndarray] = []

    def work() -> None:
        theirs.append(scratch("shared name", 1000, np.int64))
        theirs[0][:] = 2

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert mine.tolist() == [1] * 1000
    assert not np.shares_memory(mine, theirs[0])


def test_threads_that_map_at_once_find_what_each_finds_alone(tmp_path: Path) -> None:
    works = {f"w{n}": prose(n, 2000) for n in range(4)}
    documents = [prose(50 + n, 300) + noisy(works[f"w{n % 4}"][n * 50 :], 0.02, n) for n in range(24)]
    with open_index(tmp_path, works) as index:
        expected = [map_text(index, document) for document in documents]

        def map_all(order: int) -> list[list[Match]]:
            numbers = range(24) if order % 2 else range(23, -1, -1)
            found = {n: map_text(index, documents[n]) for n in numbers}
            return [found[n] for n in range(24)]

        with ThreadPoolExecutor(4) as pool:
            for found in pool.map(map_all, range(4)):
                assert found == expected
