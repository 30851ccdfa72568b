"""Sketches and query seeds: equal to brute force, and every common run of the guaranteed length shares a seed."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ingest.engine import sketch
from ingest.engine.candidates import candidates
from ingest.engine.minimizers import minimizers
from ingest.engine.normalise import fold_texts, letter_stream
from ingest.engine.params import PRESETS, REGISTRY_1, Params
from ingest.engine.sketch import query_seeds, sketch_text, stretches_of
from tests.ingest.engine import reference
from tests.ingest.engine.texts import han, prose, scripts, written

NAMES = sorted(PRESETS)
SMALL = Params("small", seed_symbols=5, window_seeds=9, query_rate=2)
POOR = st.sampled_from(["a", "ab", "abc", "ab龍"]).flatmap(lambda letters: st.text(letters, max_size=300))
RICH = st.builds(prose, st.integers(0, 10**6), st.integers(0, 120))


def symbols_of(text: str) -> list[int]:
    symbols: list[int] = letter_stream(text).symbols.tolist()
    return symbols


def seeds_of(text: str, params: Params) -> dict[int, int]:
    """Place and hash of what a query of a text looks up."""
    letters = fold_texts([text])
    found = query_seeds(letters.symbols, stretches_of(letters.text_symbols, params.guaranteed_symbols), params)
    return dict(zip(found.positions.tolist(), found.hashes.tolist(), strict=True))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("count", [5, 8, 20, 30, 400])
def test_minimizers_equal_brute_force(name: str, count: int) -> None:
    params = PRESETS[name]
    text = prose(count, count)
    hashes = reference.hashes_of(symbols_of(text), params.seed_symbols)
    expected = reference.minimizers(hashes, params.window_seeds)
    made = sketch_text(text, params)
    assert made.positions.tolist() == expected
    assert made.hashes.tolist() == [hashes[p] for p in expected]


@given(RICH, st.sampled_from([SMALL, REGISTRY_1, PRESETS["large"]]))
@settings(max_examples=60)
def test_minimizers_and_seeds_of_any_prose_equal_brute_force(text: str, params: Params) -> None:
    hashes = reference.hashes_of(symbols_of(text), params.seed_symbols)
    assume(len(set(hashes)) == len(hashes))
    assert sketch_text(text, PRESETS["large"]).positions.tolist() == reference.minimizers(
        reference.hashes_of(symbols_of(text), 28), 113
    )
    positions, _, _ = minimizers(letter_stream(text).symbols, params)
    assert positions.tolist() == reference.minimizers(hashes, params.window_seeds)
    assert seeds_of(text, params) == {p: hashes[p] for p in reference.query_seeds(hashes, params)}


@given(POOR, st.sampled_from([SMALL, REGISTRY_1]))
@settings(max_examples=150)
def test_in_text_that_repeats_itself_every_window_has_its_least_hash_not_far_away(text: str, params: Params) -> None:
    hashes = reference.hashes_of(symbols_of(text), params.seed_symbols)
    w = params.window_seeds
    for places in (set(minimizers(letter_stream(text).symbols, params)[0].tolist()), set(seeds_of(text, params))):
        for window in reference.windows(len(hashes), w):
            value = min(hashes[place] for place in window)
            near = range(window.start - w, window.stop + w)
            assert any(place in near and hashes[place] == value for place in places)


@given(st.one_of(POOR, RICH), st.sampled_from([SMALL, REGISTRY_1]))
@settings(max_examples=150)
def test_every_window_holds_a_seed_that_a_query_looks_up(text: str, params: Params) -> None:
    places = set(seeds_of(text, params))
    hashes = reference.hashes_of(symbols_of(text), params.seed_symbols)
    assert all(
        any(place in places for place in window) for window in reference.windows(len(hashes), params.window_seeds)
    )


@given(POOR)
@settings(max_examples=80)
def test_every_seed_is_below_the_threshold_or_the_least_of_a_window(text: str) -> None:
    for params in (SMALL, REGISTRY_1):
        hashes = reference.hashes_of(symbols_of(text), params.seed_symbols)
        leasts = {min(hashes[p] for p in window) for window in reference.windows(len(hashes), params.window_seeds)}
        for place, value in seeds_of(text, params).items():
            assert hashes[place] == value
            assert value < params.query_threshold or value in leasts


@given(st.one_of(POOR, RICH), st.sampled_from(NAMES))
@settings(max_examples=100)
def test_building_an_index_makes_the_minimizers_of_the_sketch(text: str, name: str) -> None:
    made = sketch_text(text, PRESETS[name])
    positions, hashes, signatures = minimizers(letter_stream(text).symbols, PRESETS[name])
    assert positions.tolist() == made.positions.tolist()
    assert hashes.tolist() == made.hashes.tolist()
    assert signatures.tolist() == made.signatures.tolist()


@given(st.one_of(POOR, RICH))
@settings(max_examples=60)
def test_minimizers_are_among_the_seeds_of_a_query_by_their_hash(text: str) -> None:
    made = sketch_text(text)
    positions, hashes = candidates(letter_stream(text).symbols, REGISTRY_1)
    assert set(made.hashes.tolist()) <= set(hashes.tolist())
    assert (np.diff(positions.astype(np.int64)) > 0).all()
    assert (np.diff(made.positions.astype(np.int64)) > 0).all()


@given(
    name=st.sampled_from(NAMES),
    script=st.sampled_from(scripts()),
    seed=st.integers(0, 10**6),
    offset_document=st.integers(0, 400),
    offset_work=st.integers(0, 400),
    longer=st.sampled_from([0, 0, 0, 1, 7]),
    block=st.sampled_from([1 << 20, 1 << 20, 150, 333]),
)
@settings(max_examples=250)
def test_a_common_run_of_the_guaranteed_length_shares_a_seed(
    name: str, script: str, seed: int, offset_document: int, offset_work: int, longer: int, block: int
) -> None:
    params = PRESETS[name]
    run = run_of(script, seed, params.guaranteed_symbols + longer)
    before, after = written(script, seed + 1, offset_document), written(script, seed + 2, 60)
    work_before, work_after = written(script, seed + 3, offset_work), written(script, seed + 4, 60)
    in_document, in_work = len(symbols_of(before)), len(symbols_of(work_before))
    held = dict(zip(*positions_and_hashes(work_before + run + work_after, params), strict=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sketch, "BLOCK_SYMBOLS", block)
        asked = seeds_of(before + run + after, params)
    size = len(symbols_of(run)) - params.seed_symbols + 1
    assert any(
        asked.get(in_document + n) is not None and asked.get(in_document + n) == held.get(in_work + n)
        for n in range(size)
    )


@given(
    name=st.sampled_from(NAMES),
    run=POOR,
    parts=st.tuples(POOR, POOR, POOR, POOR),
    block=st.sampled_from([1 << 20, 40, 150]),
)
@settings(max_examples=150)
def test_a_common_run_that_repeats_itself_shares_a_seed_too(
    name: str, run: str, parts: tuple[str, str, str, str], block: int
) -> None:
    params = PRESETS[name]
    assume(run)
    while len(symbols_of(run)) < params.guaranteed_symbols:
        run += run
    document, work = parts[0] + run + parts[1], parts[2] + run + parts[3]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sketch, "BLOCK_SYMBOLS", block)
        asked = set(seeds_of(document, params).values())
    assert asked & set(sketch_text(work, params).hashes.tolist())


def run_of(script: str, seed: int, symbols: int) -> str:
    """Text of just so many symbols, or one more where a character is two."""
    text = written(script, seed, symbols)
    low, high = 0, len(text)
    while low < high:
        middle = (low + high) // 2
        if len(symbols_of(text[:middle])) < symbols:
            low = middle + 1
        else:
            high = middle
    return text[:low]


def positions_and_hashes(text: str, params: Params) -> tuple[list[int], list[int]]:
    made = sketch_text(text, params)
    return made.positions.tolist(), made.hashes.tolist()


@given(
    sizes=st.lists(st.integers(0, 150), min_size=1, max_size=6),
    block=st.sampled_from([1, 2, 63, 64, 100, 257]),
    name=st.sampled_from(NAMES),
)
@settings(max_examples=80)
def test_a_batch_read_in_blocks_looks_up_what_each_text_alone_does(sizes: list[int], block: int, name: str) -> None:
    params = PRESETS[name]
    texts = [prose(n, size) for n, size in enumerate(sizes)]
    expected = [seeds_of(text, params) for text in texts]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sketch, "BLOCK_SYMBOLS", block)
        letters = fold_texts(texts)
        found = query_seeds(letters.symbols, stretches_of(letters.text_symbols, params.guaranteed_symbols), params)
    together: list[dict[int, int]] = [{} for _ in texts]
    start = 0
    for row, end in zip(found.stretches.tolist(), found.ends.tolist(), strict=True):
        part = dict(zip(found.positions[start:end].tolist(), found.hashes[start:end].tolist(), strict=True))
        assert all(row[4] <= place < row[5] for place in part)
        together[row[0]] |= part
        start = end
    assert together == expected


@given(st.lists(st.integers(0, 500), max_size=8), st.integers(1, 200), st.integers(1, 150))
def test_stretches_cut_every_text_into_blocks_with_what_they_need_of_their_neighbours(
    sizes: list[int], block: int, overlap: int
) -> None:
    bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sketch, "BLOCK_SYMBOLS", block)
        rows = stretches_of(bounds, overlap).tolist()
    wanted: list[list[int]] = [[] for _ in sizes]
    for text, base, low, high, first, last, size in rows:
        assert (base, size) == (bounds[text], sizes[text])
        assert low == max(0, first - overlap)
        assert high == min(size, last + overlap)
        assert last - first <= block
        wanted[text] += range(first, last)
    assert wanted == [list(range(size)) for size in sizes]


@given(st.one_of(POOR, RICH), st.integers(1, 12))
@settings(max_examples=60)
def test_signatures_are_digests_of_the_letters_left_and_right(text: str, width: int) -> None:
    params = Params("signed", seed_symbols=5, window_seeds=9, signature_symbols=width)
    symbols = symbols_of(text)
    positions, _, signatures = minimizers(np.array(symbols, np.uint16), params)
    assert signatures.tolist() == [
        [reference.signature(symbols, at - width, width), reference.signature(symbols, at + 5, width)]
        for at in positions.tolist()
    ]


def test_density_is_near_the_expected() -> None:
    for params in PRESETS.values():
        assert sketch_text(prose(1, 20_000), params).density == pytest.approx(params.expected_density, rel=0.05)


def test_a_query_looks_up_few_seeds_more_than_are_below_the_threshold() -> None:
    for params in PRESETS.values():
        positions, hashes = candidates(letter_stream(prose(3, 20_000)).symbols, params)
        below = int((hashes < params.query_threshold).sum())
        letters = len(symbols_of(prose(3, 20_000)))
        assert below == pytest.approx(letters * params.query_rate / params.window_seeds, rel=0.05)
        assert positions.size - below < 0.01 * below


@pytest.mark.parametrize("script", scripts())
def test_offsets_point_at_the_character_where_the_seed_begins(script: str) -> None:
    text = written(script, 2, 1500)
    symbols = symbols_of(text)
    made = sketch_text(text)
    assert made.positions.size > 10
    before = [len(symbols_of(text[:offset])) for offset in made.offsets.tolist()]
    for position, offset, start in zip(made.positions.tolist(), made.offsets.tolist(), before, strict=True):
        own = symbols_of(text[offset])
        assert start <= position < start + len(own)
        assert symbols[start : start + len(own)] == own


def test_totals_count_symbols_letters_characters_and_words() -> None:
    made = sketch_text("Straße 龍龍, don't — 42!")
    assert (made.symbols, made.letters, made.words) == (7 + 4 + 4 + 2, 7 + 2 + 4 + 2, 5)
    assert made.chars == len("Straße 龍龍, don't — 42!")
    assert made.parameters == "registry-1"


@pytest.mark.parametrize("text", ["", "a", "too short", "…" * 500, "\ud800" * 100])
def test_text_shorter_than_a_seed_has_no_minimizers(text: str) -> None:
    assert sketch_text(text).hashes.size == 0
    assert seeds_of(text, REGISTRY_1) == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_text_of_just_one_seed_has_that_one(name: str) -> None:
    k = PRESETS[name].seed_symbols
    text = "abcdefghijklmnopqrstuvwxyz0123456789"[:k]
    assert sketch_text(text, PRESETS[name]).positions.tolist() == [0]
    assert list(seeds_of(text, PRESETS[name])) == [0]
    assert sketch_text(text[:-1], PRESETS[name]).positions.size == 0


def test_letters_repeated_do_not_flood() -> None:
    for text in ("a" * 100_000, "ab" * 50_000, "龍" * 50_000):
        per_window = 100_000 / REGISTRY_1.window_seeds
        assert sketch_text(text).hashes.size <= 3 * per_window
        assert len(seeds_of(text, REGISTRY_1)) <= 3 * per_window


def test_other_spellings_have_the_same_sketch() -> None:
    one = prose(9, 300)
    other = one.upper().replace(" ", "  —\u00ad ").replace("F", "\uff26")
    assert sketch_text(one).hashes.tolist() == sketch_text(other).hashes.tolist()
    assert sketch_text(one).positions.tolist() == sketch_text(other).positions.tolist()
    assert sketch_text(han(1, 200)).hashes.tolist() != sketch_text(han(2, 200)).hashes.tolist()
