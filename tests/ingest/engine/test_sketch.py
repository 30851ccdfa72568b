import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine.normalise import letter_stream
from ingest.engine.params import PRESETS, REGISTRY_1
from ingest.engine.sketch import SYMBOL_HASHES, candidates, sketch_text
from tests.ingest.engine.texts import prose

MASK = 2**64 - 1


def slow_hashes(symbols: list[int], k: int) -> list[int]:
    def turned(value: int, by: int) -> int:
        by %= 64
        return (value << by | value >> (64 - by)) & MASK

    out = []
    for start in range(len(symbols) - k + 1):
        rolled = 0
        for i in range(k):
            rolled ^= turned(int(SYMBOL_HASHES[symbols[start + i]]), k - 1 - i)
        mixed = (rolled ^ (rolled >> 32)) * 0x9E3779B97F4A7C15 & MASK
        out.append(mixed ^ (mixed >> 32))
    return out


def slow_minimizers(hashes: list[int], w: int) -> list[int]:
    chosen = set()
    for start in range(max(1, len(hashes) - w + 1)):
        window = range(start, min(start + w, len(hashes)))
        chosen.add(min(window, key=lambda p: (hashes[p], -p)))
    return sorted(chosen)


@pytest.mark.parametrize("name", sorted(PRESETS))
@pytest.mark.parametrize("count", [8, 30, 400])
def test_minimizers_equal_the_slow_reference(name: str, count: int) -> None:
    params = PRESETS[name]
    text = prose(count, count)
    symbols = letter_stream(text).symbols.tolist()
    hashes = slow_hashes(symbols, params.seed_symbols)
    sketch = sketch_text(text, params)
    expected = slow_minimizers(hashes, params.window_seeds) if hashes else []
    assert sketch.positions.tolist() == expected
    assert sketch.hashes.tolist() == [hashes[p] for p in expected]


@given(st.integers(0, 10**6), st.integers(20, 600))
@settings(max_examples=30, deadline=None)
def test_every_minimizer_is_among_the_queries(seed: int, count: int) -> None:
    text = prose(seed, count)
    positions, _ = candidates(letter_stream(text).symbols, REGISTRY_1)
    assert set(sketch_text(text).positions.tolist()) <= set(positions.tolist())
    assert (np.diff(positions.astype(np.int64)) > 0).all()


def test_density_is_near_the_expected() -> None:
    sketch = sketch_text(prose(1, 20_000))
    assert sketch.density == pytest.approx(REGISTRY_1.expected_density, rel=0.05)


def test_offsets_point_at_the_seed_in_the_text() -> None:
    text = prose(2, 500)
    stream = letter_stream(text)
    sketch = sketch_text(text)
    for position, offset in zip(sketch.positions.tolist(), sketch.offsets.tolist(), strict=True):
        assert ord(text[offset].lower()) == stream.symbols[position]


@pytest.mark.parametrize("text", ["", "a", "too short"])
def test_text_shorter_than_a_seed_has_no_minimizers(text: str) -> None:
    assert sketch_text(text).hashes.size == 0


def test_a_single_letter_repeated_does_not_flood() -> None:
    assert sketch_text("a" * 100_000).hashes.size < 2000
    assert sketch_text("ab" * 50_000).hashes.size < 4000
