"""Look-ups: every posting of every seed, the same from memory and from disk, bounded whatever is asked."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine import mapper, seed, sketch
from ingest.engine.index import Index, write_segment
from ingest.engine.intake import TextRecord
from ingest.engine.mapper import map_text, segment_hits
from ingest.engine.normalise import Letters, fold_texts, letter_stream
from ingest.engine.params import PRESETS, REGISTRY_1, Params
from ingest.engine.seed import FLAG_AGREES, FLAG_COMMON, NO_HITS, POSITION_MASK, Hits, find_hits, joined
from ingest.engine.segment import Segment
from ingest.engine.segment_format import POSITION_BITS, REMAINDER_BITS
from ingest.engine.sketch import Seeds, query_seeds, sketch_text, stretches_of
from tests.ingest.engine.reference import signature
from tests.ingest.engine.texts import han, noisy, open_index, prose

Row = tuple[int, int, int, int, int]  # text, record, symbol of the record, symbol of the text, flags
WORKS = {
    "novel": prose(1, 1500),
    "tale": prose(2, 400) + prose(1, 200) + prose(3, 100),
    "poem": han(4, 500),
    "refrain": (prose(5, 20) + " ") * 12,
    "letters": "ab" * 900,
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return open_index(tmp_path_factory.mktemp("seeds"), WORKS)


def asked(texts: list[str], params: Params = REGISTRY_1) -> tuple[Letters, Seeds]:
    letters = fold_texts(texts)
    return letters, query_seeds(letters.symbols, stretches_of(letters.text_symbols, params.guaranteed_symbols), params)


def rows_of(hits: Hits, segment: Segment) -> list[Row]:
    starts = segment.arrays.record_starts.tolist()
    out = []
    for key, document, flags in zip(hits.keys.tolist(), hits.documents.tolist(), hits.flags.tolist(), strict=True):
        place = key & int(POSITION_MASK)
        record = max(n for n in range(segment.record_count) if starts[n] <= place)
        out.append((key >> POSITION_BITS, record, place - starts[record], document, flags))
    return out


def kept_bits(value: int, segment: Segment) -> tuple[int, int]:
    """What an index keeps of a hash."""
    layout = segment.layout
    number = min(value >> layout.range_shift, len(layout.shifts) - 1)
    return number, value >> (layout.shifts[number] - REMAINDER_BITS)


Posting = tuple[int, int, int, int]  # record, symbol of the record, signatures
_POSTINGS: dict[str, dict[tuple[int, int], list[Posting]]] = {}


def postings_of(segment: Segment) -> dict[tuple[int, int], list[Posting]]:
    """The postings of a segment by what it keeps of their hashes, from new sketches of its texts."""
    if segment.digest not in _POSTINGS:
        postings = _POSTINGS[segment.digest] = {}
        for record in range(segment.record_count):
            made = sketch_text(segment.text(record) or "", segment.params)
            facts = zip(made.hashes.tolist(), made.positions.tolist(), made.signatures.tolist(), strict=True)
            for value, place, (left, right) in facts:
                postings.setdefault(kept_bits(value, segment), []).append((record, place, left, right))
    return _POSTINGS[segment.digest]


def expected_rows(texts: list[str], segment: Segment) -> list[Row]:
    """Every pair of a query's seed and a posting that look the same to the index."""
    params = segment.params
    width, k = params.signature_symbols, params.seed_symbols
    out = []
    for text, content in enumerate(texts):
        symbols = letter_stream(content).symbols.tolist()
        _, seeds = asked([content], params)
        for place, value in zip(seeds.positions.tolist(), seeds.hashes.tolist(), strict=True):
            found = postings_of(segment).get(kept_bits(value, segment), [])
            if len(found) > params.max_postings:
                continue
            common = len({record for record, *_ in found}) > params.common_works
            left, right = signature(symbols, place - width, width), signature(symbols, place + k, width)
            for record, position, its_left, its_right in found:
                agrees = (left == its_left and left != 0) or (right == its_right and right != 0)
                flags = FLAG_AGREES * agrees + FLAG_COMMON * common
                out.append((text, record, position, place, flags))
    return sorted(out)


def groups_by_record(segment: Segment) -> np.ndarray:
    return np.arange(segment.record_count, dtype=np.int64)


EXCERPTS = st.builds(
    lambda name, start, size, seed, rate: noisy(WORKS[name][start : start + size], rate, seed),
    st.sampled_from(sorted(WORKS)),
    st.integers(0, 3000),
    st.integers(0, 900),
    st.integers(0, 99),
    st.sampled_from([0.0, 0.0, 0.02]),
)
DOCUMENTS = st.lists(st.lists(st.one_of(EXCERPTS, st.builds(prose, st.integers(0, 9), st.integers(0, 80))), max_size=3))


@given(DOCUMENTS.map(lambda parts: [" ".join(part) for part in parts][:5]), st.booleans())
@settings(max_examples=60)
def test_hits_are_all_postings_of_all_seeds_in_order(index: Index, texts: list[str], cold: bool) -> None:
    [segment] = index.segments
    letters, seeds = asked(texts)
    hits = find_hits(letters.symbols, seeds, segment, groups_by_record(segment), cold)
    assert rows_of(hits, segment) == expected_rows(texts, segment)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_hits_equal_brute_force_with_every_parameter_set(tmp_path: Path, name: str) -> None:
    params = PRESETS[name]
    texts = [prose(60, 50) + noisy(WORKS["novel"], 0.02, 1), WORKS["poem"], "", "龍", WORKS["tale"][500:]]
    with open_index(tmp_path, WORKS, params=params) as opened:
        [segment] = opened.segments
        letters, seeds = asked(texts, params)
        hits = find_hits(letters.symbols, seeds, segment, groups_by_record(segment), False)
        assert rows_of(hits, segment) == expected_rows(texts, segment)


@given(DOCUMENTS.map(lambda parts: [" ".join(part) for part in parts][:5]))
@settings(max_examples=60)
def test_from_disk_and_from_memory_the_hits_are_the_same(index: Index, texts: list[str]) -> None:
    [segment] = index.segments
    letters, seeds = asked(texts)
    groups = groups_by_record(segment)
    warm, cold = (find_hits(letters.symbols, seeds, segment, groups, way) for way in (False, True))
    assert warm.keys.tolist() == cold.keys.tolist()
    assert warm.documents.tolist() == cold.documents.tolist()
    assert warm.flags.tolist() == cold.flags.tolist()


def test_an_index_on_disk_gives_the_same_matches(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [prose(60, 50) + noisy(WORKS["novel"], 0.02, 1), WORKS["poem"], "", WORKS["tale"][500:]]
    expected = mapper.map_texts(index, texts)
    for module in (seed, mapper):
        monkeypatch.setattr(module, "is_cold", lambda segment: True)
    monkeypatch.setattr(seed, "PAGES_A_SEED", 1 << 30)
    assert mapper.map_texts(index, texts) == expected
    assert any(expected)


def test_only_a_large_index_that_is_mostly_on_disk_is_cold(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    [segment] = index.segments
    assert not seed.is_cold(segment)
    monkeypatch.setattr(Segment, "resident_share", lambda self: 0.1)
    assert not seed.is_cold(segment)
    monkeypatch.setattr(seed, "COLD_BYTES", 1)
    assert seed.is_cold(segment)
    assert mapper.batch_chars(index) == mapper.COLD_BATCH_CHARS > mapper.BATCH_CHARS
    monkeypatch.setattr(Segment, "resident_share", lambda self: 0.9)
    assert not seed.is_cold(segment)
    assert mapper.batch_chars(index) == mapper.BATCH_CHARS


def test_a_hash_with_too_many_postings_is_not_looked_at(tmp_path: Path) -> None:
    stanza = prose(7, 60)
    few, many = stanza + " ", "".join(stanza + " " for _ in range(REGISTRY_1.max_postings + 10))
    with open_index(tmp_path, {"few": few, "many": many + WORKS["novel"]}) as opened:
        [segment] = opened.segments
        letters, seeds = asked([stanza, WORKS["novel"]])
        hits = find_hits(letters.symbols, seeds, segment, groups_by_record(segment))
        sizes = Counter((text, document) for text, _, _, document, _ in rows_of(hits, segment))
    assert max(sizes.values()) <= REGISTRY_1.max_postings
    assert {text for text, _ in sizes} == {1}


@pytest.mark.parametrize("copies", [1, 40, 200])
@pytest.mark.parametrize("repeats", [100, 200, 1600])
def test_hits_are_bounded_by_the_letters_of_the_document(tmp_path: Path, copies: int, repeats: int) -> None:
    sentence = prose(8, 12)
    with open_index(tmp_path, {"w": sentence * copies}) as opened:
        [segment] = opened.segments
        letters, seeds = asked([sentence * repeats])
        hits = find_hits(letters.symbols, seeds, segment, groups_by_record(segment))
    allowed = REGISTRY_1.hits_per_symbol * letters.symbols.size + 2 * REGISTRY_1.max_postings
    assert 0 < hits.keys.size <= allowed + seeds.hashes.size


@pytest.mark.parametrize(("works", "common"), [(1, False), (4, False), (5, True), (12, True)])
def test_a_seed_is_common_when_more_than_four_unrelated_works_have_it(tmp_path: Path, works: int, common: bool) -> None:
    shared = prose(9, 40)
    texts = {f"w{n}": prose(100 + n, 300) + shared for n in range(works)}
    with open_index(tmp_path, texts) as opened:
        [segment] = opened.segments
        letters, seeds = asked([shared])
        every = find_hits(letters.symbols, seeds, segment, groups_by_record(segment))
        one = find_hits(letters.symbols, seeds, segment, np.zeros(works, np.int64))
        gone = find_hits(letters.symbols, seeds, segment, np.full(works, -1, np.int64))
    assert {bool(flags & FLAG_COMMON) for flags in every.flags.tolist()} == {common}
    assert not (one.flags & FLAG_COMMON).any()
    assert not (gone.flags & FLAG_COMMON).any()


def test_what_is_common_is_counted_over_all_segments(tmp_path: Path) -> None:
    shared = prose(9, 40)
    for n in range(6):
        write_segment(tmp_path, [TextRecord(f"w{n}", None, prose(100 + n, 300) + shared)], REGISTRY_1)
    with Index.open(tmp_path) as opened:
        found = segment_hits(opened, fold_texts([prose(200, 20), shared]))
        assert len(found) == 6
        for _, hits in found:
            usual = (hits.flags & FLAG_COMMON) != 0
            assert set(hits.texts[usual].tolist()) == {1}
            assert usual.sum() >= 0.9 * (hits.texts == 1).sum()
    with Index.open(tmp_path, withdrawn={"w0", "w1"}) as opened:
        assert not any((hits.flags & FLAG_COMMON).any() for _, hits in segment_hits(opened, fold_texts([shared])))


def test_a_batch_with_nothing_in_it_has_no_hits(index: Index) -> None:
    [segment] = index.segments
    for texts in ([], [""], ["", "…", "a"], [prose(77, 2)]):
        letters, seeds = asked(texts)
        for cold in (False, True):
            assert find_hits(letters.symbols, seeds, segment, groups_by_record(segment), cold).keys.size == 0
        assert segment_hits(index, letters) == []
        assert mapper.map_texts(index, texts) == [[] for _ in texts]


def test_hits_of_portions_are_joined_in_order() -> None:
    def some(*keys: int) -> Hits:
        array = np.array(keys, np.uint64)
        return Hits(array, (array % np.uint64(7)).astype(np.uint32), np.zeros(array.size, np.uint8))

    assert joined([]) is NO_HITS
    assert joined([NO_HITS, some(3, 9)]).keys.tolist() == [3, 9]
    together = joined([some(3, 9), NO_HITS, some(1, 3, 20)])
    assert together.keys.tolist() == [1, 3, 3, 9, 20]
    assert together.documents.tolist() == [1, 3, 3, 2, 6]


def test_portions_of_a_long_batch_make_no_difference(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [prose(60, 50) + noisy(WORKS["novel"], 0.02, 1), WORKS["poem"], "", WORKS["tale"][500:]]
    [(segment, whole)] = segment_hits(index, fold_texts(texts))
    expected, matches = rows_of(whole, segment), mapper.map_texts(index, texts)
    for block in (100, 700, 3000):
        monkeypatch.setattr(sketch, "BLOCK_SYMBOLS", block)
        monkeypatch.setattr(mapper, "BLOCK_SYMBOLS", block)
        [(segment, parts)] = segment_hits(index, fold_texts(texts))
        assert rows_of(parts, segment) == expected
        assert [map_text(index, text) for text in texts] == matches
