"""Hashes of k symbols: eight at a time as by the definition, one at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine.candidates import candidates, leaving_hashes
from ingest.engine.params import PRESETS, Params
from ingest.engine.rolling import LANES, ROOM, STRETCH, SYMBOL_HASHES
from tests.ingest.engine.reference import hashes_of, random_number, turned

ALL = 1_000_000  # a rate at which every seed is below the threshold
SYMBOLS = st.one_of(
    st.lists(st.integers(0, 65535), max_size=120),
    st.lists(st.sampled_from([97, 98]), max_size=120),
    st.lists(st.integers(97, 122), max_size=120),
)


def every_hash(symbols: list[int], k: int) -> list[tuple[int, int]]:
    """Place and hash of all seeds (but of equal ones in a row only one a window, here of one seed)."""
    positions, hashes = candidates(np.array(symbols, np.uint16), Params("all", k, 1, query_rate=ALL))
    return list(zip(positions.tolist(), hashes.tolist(), strict=True))


def test_the_number_of_each_symbol_is_splitmix64() -> None:
    assert SYMBOL_HASHES.tolist() == [random_number(symbol) for symbol in range(65536)]


@pytest.mark.parametrize("k", sorted({params.seed_symbols for params in PRESETS.values()}))
def test_a_leaving_symbol_has_been_turned_once_less_than_the_seed_is_long(k: int) -> None:
    leaving = leaving_hashes(k).tolist()
    assert [leaving[s] for s in (0, 97, 65535)] == [turned(random_number(s), k - 1) for s in (0, 97, 65535)]


@given(SYMBOLS, st.integers(1, ROOM - 1))
@settings(max_examples=150)
def test_hashes_equal_the_definition_for_every_seed_length(symbols: list[int], k: int) -> None:
    assert every_hash(symbols, k) == list(enumerate(hashes_of(symbols, k)))


@pytest.mark.parametrize("k", [20, 24, 28])
@pytest.mark.parametrize("more", [-LANES, -1, 0, 1, LANES - 1, LANES, STRETCH])
def test_no_seed_is_lost_or_made_up_where_a_stretch_ends(k: int, more: int) -> None:
    symbols = np.random.default_rng(k).integers(97, 123, STRETCH + k - 1 + more).tolist()
    assert every_hash(symbols, k) == list(enumerate(hashes_of(symbols, k)))


@pytest.mark.parametrize("k", [1, 20, 63])
def test_what_follows_the_symbols_in_memory_does_not_matter(k: int) -> None:
    symbols = np.random.default_rng(1).integers(0, 65536, 500).astype(np.uint16)
    params = Params("all", k, 1, query_rate=ALL)
    alone, inside = candidates(symbols[:200].copy(), params), candidates(symbols[:200], params)
    assert alone[0].tolist() == inside[0].tolist()
    assert alone[1].tolist() == inside[1].tolist()
