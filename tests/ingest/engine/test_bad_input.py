"""Input that is meant to be slow, large or broken: the work is counted, not timed, and grows as the input does."""

from __future__ import annotations

import random
import resource
import tracemalloc
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine import mapper, sketch
from ingest.engine.chain import find_chains
from ingest.engine.extend import D_END, D_START, extend_chains
from ingest.engine.index import Index
from ingest.engine.mapper import map_text, map_texts, segment_hits
from ingest.engine.normalise import fold_texts
from ingest.engine.params import REGISTRY_1
from ingest.engine.records import MapOptions, Match
from ingest.engine.score import score_pairs
from ingest.engine.sketch import query_seeds, stretches_of
from tests.ingest.engine.texts import han, open_index, prose, words

MEGABYTE = 1 << 20
BOUNDED = 2.2  # twice the input is at most so many times the work


class Work(NamedTuple):
    """What a document costs: each number is one of things that a stage has touched."""

    letters: int
    seeds: int
    hits: int
    tried: int  # predecessors, in chaining
    chains: int
    rows: int  # alignments
    aligned: int  # symbols of the document in them
    passages: int


def work_of(index: Index, text: str) -> Work:
    letters = fold_texts([text])
    params = REGISTRY_1
    stretches = stretches_of(letters.text_symbols, params.guaranteed_symbols)
    seeds = sum(query_seeds(letters.symbols, stretches[n : n + 1], params).hashes.size for n in range(len(stretches)))
    counts = np.zeros(6, np.int64)
    for segment, hits in segment_hits(index, letters):
        chains, tried = find_chains(hits, segment, index.groups(segment))
        rows = extend_chains(letters, segment, chains, 50)
        aligned = int((rows[:, D_END] - rows[:, D_START]).sum())
        found = score_pairs(letters, segment, rows, 50)
        passages = sum(len(match.passages) for _, match in found)
        counts += [hits.keys.size, tried, len(chains.rows), len(rows), aligned, passages]
    return Work(int(letters.symbols.size), seeds, *counts.tolist())


def check_bounds(work: Work, works: int = 1, stretches: int = 1) -> None:
    """What holds for every document, whatever it is."""
    params = REGISTRY_1
    allowed = params.hits_per_symbol * work.letters + 2 * params.max_postings * stretches + work.seeds
    assert work.seeds <= work.letters
    assert work.hits <= allowed * works
    assert work.tried <= params.chain_lookback * work.hits
    assert work.chains <= work.hits
    assert work.rows <= work.hits
    assert work.passages <= work.rows


def check_growth(small: Work, large: Work) -> None:
    """Twice the document: at most 2.2 times the work of each kind (what is small anyhow may vary)."""
    assert large.letters == pytest.approx(2 * small.letters, rel=0.01)
    for name in Work._fields:
        assert getattr(large, name) <= BOUNDED * getattr(small, name) + 2000, name


DULL = {
    "one letter": "a",
    "two letters": "ab",
    "one Han character": "龍",
    "one syllable of Hangul": "한",
    "a million one-word lines": "word\n",
    "one ligature": "ﬃ",
    "a letter that is eighteen": "\ufdfa",
    "zeros": "0 ",
}


@pytest.fixture(scope="module")
def dull(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """An index that holds the same dull texts, so that everything could match everything."""
    works = {name: unit * (60_000 // len(unit)) for name, unit in DULL.items()} | {"novel": prose(1, 3000)}
    return open_index(tmp_path_factory.mktemp("dull"), works)


@pytest.mark.parametrize("name", sorted(DULL))
def test_dull_text_against_its_like_costs_no_more_than_its_length(dull: Index, name: str) -> None:
    unit = DULL[name]
    half = unit * (MEGABYTE // 4 // len(unit.encode()))
    small, large = work_of(dull, half), work_of(dull, half * 2)
    check_bounds(small)
    check_bounds(large, stretches=2)
    check_growth(small, large)
    assert small.seeds <= 3 * small.letters / REGISTRY_1.window_seeds + 8


@pytest.mark.parametrize(
    "unit", [".,;!?… ", "😀🎉👩\u200d👩\u200d👧", "\u0301", "\ufeff\u200b\u00ad", "\ud800\udc00\udfff", "\0\x01\x7f"]
)
def test_a_megabyte_without_letters_costs_nothing(dull: Index, unit: str) -> None:
    text = unit * (MEGABYTE // len(unit.encode("utf-8", "surrogatepass")))
    assert map_text(dull, text, MapOptions(min_words=1)) == []
    assert work_of(dull, text) == (0,) * len(Work._fields)


def test_a_million_one_word_lines_are_mapped(dull: Index) -> None:
    text = "word\n" * 1_000_000
    work = work_of(dull, text)
    check_bounds(work, stretches=4)
    assert len(map_text(dull, text)) <= 1


@pytest.mark.parametrize("noise", ["\0", "\ud800", "\u0301", "\u200b", "😀"])
def test_characters_that_are_no_letters_between_all_letters_hide_nothing(dull: Index, noise: str) -> None:
    excerpt = prose(1, 3000)[2000:4000]
    [match] = map_text(dull, noise.join(excerpt))
    (passage,) = match.passages
    assert (match.work, passage.identity) == ("novel", 1.0)
    assert passage.document_end - passage.document_start >= 1.9 * len(excerpt.strip())


READINGS = st.one_of(
    st.binary(max_size=400).map(lambda data: data.decode("latin-1")),
    st.binary(max_size=400).map(lambda data: data.decode("utf-8", "replace")),
    st.text(st.characters(), max_size=300),  # lone surrogates too
)


@given(READINGS, st.integers(1, 60))
@settings(max_examples=100)
def test_any_bytes_read_as_any_text_are_mapped(dull: Index, text: str, times: int) -> None:
    for match in map_text(dull, text * times, MapOptions(min_words=1)):
        for passage in match.passages:
            assert 0 <= passage.document_start < passage.document_end <= len(text) * times
    check_bounds(work_of(dull, text * times))


# Repetition


SENTENCE = prose(8, 14)


@pytest.mark.parametrize("copies", [1, 40, 200, 10_000])
def test_a_sentence_twenty_thousand_times_costs_no_more_than_its_length(tmp_path: Path, copies: int) -> None:
    with open_index(tmp_path, {"w": SENTENCE * copies, "other": prose(2, 500)}) as index:
        small, large = work_of(index, SENTENCE * 10_000), work_of(index, SENTENCE * 20_000)
        check_bounds(large, stretches=2)
        check_growth(small, large)
        assert large.aligned <= 4 * large.letters
        assert large.rows <= 1000


@pytest.mark.parametrize("copies", [40, 200])
def test_repeated_text_without_spaces_is_not_extended_again_from_every_seed(tmp_path: Path, copies: int) -> None:
    unspaced = "".join(words(8, 30))
    with open_index(tmp_path, {"w": unspaced * copies}) as index:
        small, large = work_of(index, unspaced * 1000), work_of(index, unspaced * 2000)
    check_bounds(large)
    check_growth(small, large)
    assert 0 < large.aligned <= 4 * large.letters


def test_many_works_that_repeat_one_sentence_share_the_bound(tmp_path: Path) -> None:
    works = {f"w{n:02d}": SENTENCE * (5 * n + 1) for n in range(50)}
    with open_index(tmp_path, works) as index:
        small, large = work_of(index, SENTENCE * 2000), work_of(index, SENTENCE * 4000)
    check_bounds(small)
    check_bounds(large)
    check_growth(small, large)


def test_works_that_share_all_seeds_are_all_found_and_cost_no_more_than_the_document(tmp_path: Path) -> None:
    shared = prose(5, 300)
    with open_index(tmp_path, {f"w{n:03d}": shared for n in range(200)}) as index:
        assert len(map_text(index, shared)) == 200
        small, large = work_of(index, shared * 200), work_of(index, shared * 400)
    check_bounds(large)
    check_growth(small, large)


@pytest.mark.parametrize(("letters", "order"), [("ab", 16), ("abc", 10), ("acgt", 8)])
def test_text_that_holds_every_short_string_once_is_mapped(tmp_path: Path, letters: str, order: int) -> None:
    draw = random.Random(1)
    text = de_bruijn(letters, order)
    spaced = "".join(c + (" " if draw.random() < 0.2 else "") for c in text)
    half = len(text) // 2
    with open_index(tmp_path, {"w": text, "turned": text[half:] + text[:half], "spaced": spaced}) as index:
        for document in (text, text[::-1], spaced, spaced[::-1], spaced * 2):
            check_bounds(work_of(index, document), works=3)
        found = {match.work: match for match in map_text(index, spaced)}
    assert found["spaced"].relation == "copy"


def de_bruijn(letters: str, order: int) -> str:
    """Every string of `order` letters once (prefer-largest, by a walk over Lyndon words)."""
    word, out = [-1], []
    while word:
        word[-1] += 1
        if order % len(word) == 0:
            out += word
        size = len(word)
        while len(word) < order:
            word.append(word[-size])
        while word and word[-1] == len(letters) - 1:
            word.pop()
    return "".join(letters[n] for n in out)


def test_passages_in_reverse_order_are_all_reported(tmp_path: Path) -> None:
    parts = [" ".join(words(n, 28)) for n in range(4000)]
    with open_index(tmp_path, {"w": "\n".join(parts)}) as index:
        small, large = work_of(index, "\n".join(parts[1999::-1])), work_of(index, "\n".join(parts[::-1]))
    check_bounds(large)
    check_growth(small, large)
    assert large.passages == len(parts)


def test_shuffled_words_of_a_work_are_no_match(tmp_path: Path) -> None:
    novel = prose(1, 3000)
    tokens = novel.split() * 20
    random.Random(1).shuffle(tokens)
    with open_index(tmp_path, {"w": novel}) as index:
        check_bounds(work_of(index, " ".join(tokens)))
        assert map_text(index, " ".join(tokens)) == []


# Memory


def test_a_long_document_takes_a_few_bytes_a_letter_and_leaves_nothing(tmp_path: Path) -> None:
    document = (prose(1, 3000) + han(2, 3000)) * 150
    with open_index(tmp_path, {"w": prose(1, 3000), "h": han(2, 3000)}) as index:
        map_text(index, document)  # memory that is used again is taken here
        tracemalloc.start()
        try:
            matches = map_text(index, document)
            left, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    size = len(document.encode())
    assert len(matches) == 2
    assert peak < 24 * size
    assert left < 1 << 20


def test_many_batches_take_no_more_memory_than_one(tmp_path: Path) -> None:
    documents = [prose(n % 7, 300) for n in range(400)]
    with open_index(tmp_path, {"w": prose(1, 3000)}) as index:
        map_texts(index, documents)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(10):
            map_texts(index, documents)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 16 << 10  # KiB


# Edges


def test_no_texts_and_empty_texts_have_no_matches(dull: Index) -> None:
    assert map_texts(dull, []) == []
    assert map_texts(dull, ["", " ", "\0"]) == [[], [], []]


def test_bad_documents_in_a_batch_do_not_change_their_neighbours(dull: Index) -> None:
    good = prose(1, 3000)[2000:9000]
    bad = ["", "\ud800" * 1000, "a" * 50_000, "\0", "😀" * 5000, "ab" * 9000, "\u0301", "龍" * 4000]
    alone = map_text(dull, good)
    batch = [text for n in range(len(bad)) for text in (bad[n], good, bad[-n])]
    found: list[list[Match]] = map_texts(dull, batch)
    assert [matches for text, matches in zip(batch, found, strict=True) if text is good] == [alone] * len(bad)
    assert alone


@pytest.mark.parametrize("block", [64, 1000])
def test_repetition_across_blocks_is_bounded_in_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    for module in (sketch, mapper):
        monkeypatch.setattr(module, "BLOCK_SYMBOLS", block)
    with open_index(tmp_path, {"w": SENTENCE * 100}) as index:
        document = SENTENCE * 300
        work = work_of(index, document)
        check_bounds(work, stretches=work.letters // block + 1)
        [match] = map_text(index, document)
    assert match.coverage_document > 0.99
