"""Extension: from any seed to the first and the last equal letter, with as many edits as there are."""

import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from ingest.engine.chain import Chains
from ingest.engine.extend import (
    CHAR_END,
    CHAR_START,
    D_END,
    D_START,
    EDITS,
    EQUAL,
    RUN_END,
    RUN_START,
    W_END,
    W_START,
    WORDS,
    extend_chains,
)
from ingest.engine.index import Index
from ingest.engine.normalise import fold_texts, letter_stream
from ingest.engine.params import REGISTRY_1
from ingest.engine.words import count_words
from tests.ingest.engine.reference import edit_distance
from tests.ingest.engine.texts import han, open_index, prose, words, written

K = REGISTRY_1.seed_symbols
ABC = "abcdefghijklmnopqrstuvwxyz"
Row = list[int]
# Works in which a lot is equal by chance, and works in which nothing is.
POOR = ["".join(random.Random(n).choices("abcd", k=30 + 17 * n)) for n in range(10)]
RICH = ["".join(random.Random(n).choices(ABC, k=500)) for n in range(10)]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    works = {f"{n:02d}": work for n, work in enumerate(POOR + RICH)}
    return open_index(tmp_path_factory.mktemp("works"), works)


def symbols_of(text: str) -> list[int]:
    symbols: list[int] = letter_stream(text).symbols.tolist()
    return symbols


def common_seeds(document: list[int], work: list[int]) -> list[tuple[int, int]]:
    """The first place on both sides of every k symbols that the two have in common, collinear from the first on."""
    first_of: dict[tuple[int, ...], int] = {}
    for place in range(len(work) - K, -1, -1):
        first_of[tuple(work[place : place + K])] = place
    chain: list[tuple[int, int]] = []
    for place in range(len(document) - K + 1):
        there = first_of.get(tuple(document[place : place + K]))
        if there is not None and (not chain or there > chain[-1][1]):
            chain.append((place, there))
    return chain


def extended(index: Index, record: int, document: str, seeds: list[tuple[int, int]], min_words: int = 0) -> list[Row]:
    """Alignments of a document with a record from a chain of these seeds."""
    [segment] = index.segments
    places = np.array(seeds, np.int64).reshape(-1, 2)
    chains = Chains(np.array([[0, record, 0, len(seeds), 0]], np.int64), *(places.T.copy()))
    rows: list[Row] = extend_chains(fold_texts([document]), segment, chains, min_words).tolist()
    return rows


def rows_of(folder: Path, document: str, work: str, seeds: list[tuple[int, int]], min_words: int = 0) -> list[Row]:
    with open_index(folder, {"w": work}) as index:
        return extended(index, 0, document, seeds, min_words)


def edited(text: str, draw: random.Random, every: int) -> str:
    """One letter in about so many replaced, lost or added; never two close together, never at the ends."""
    out = list(text)
    for place in range(len(text) - every // 2 - 1, every // 2, -every):
        at = place - draw.randrange(every // 4)
        kind = draw.choice("rld")
        other = draw.choice([c for c in ABC if c not in text[at - 1 : at + 2].lower()])
        out[at : at + 1] = {"r": [other], "l": [], "d": [out[at], other]}[kind]
    return "".join(out)


def edits_of(index: Index, seed: int, every: int, number: int) -> tuple[int, int]:
    """Edits that are reported of an edited work, and those that there are."""
    work = RICH[number]
    document = edited(work, random.Random(seed), every)
    seeds = common_seeds(symbols_of(document), symbols_of(work))
    if not seeds:
        return 0, 0
    [row] = extended(index, len(POOR) + number, document, seeds)
    assert (row[D_START], row[D_END], row[W_START], row[W_END]) == (0, len(document), 0, len(work))
    assert row[EQUAL] + row[EDITS] >= max(len(document), len(work))
    return row[EDITS], Levenshtein.distance(document, work)


@given(st.integers(0, 10**6), st.integers(24, 60), st.integers(0, 9))
@settings(max_examples=100)
def test_edits_that_stand_apart_are_counted_as_levenshtein_counts_them(
    index: Index, seed: int, every: int, number: int
) -> None:
    reported, least = edits_of(index, seed, every, number)
    assert (
        least <= reported <= least + 2
    )  # where letters are equal by chance the nearest agreement is not always the best


def test_edits_are_very_rarely_more_than_levenshtein_counts(index: Index) -> None:
    counts = [edits_of(index, seed, 30 + seed % 30, seed % 10) for seed in range(300)]
    assert sum(reported != least for reported, least in counts) <= 3
    assert sum(least for _, least in counts) > 2000


@given(
    number=st.integers(0, 9),
    start=st.integers(0, 120),
    size=st.integers(K, 100),
    before=st.text("abcd", max_size=60),
    after=st.text("abcd", max_size=60),
    hole=st.tuples(st.integers(0, 80), st.integers(0, 30), st.text("abcd", max_size=30)),
)
@settings(max_examples=200)
def test_an_alignment_of_any_two_texts_ends_where_letters_differ_and_claims_no_fewer_edits_than_there_are(
    index: Index,
    number: int,
    start: int,
    size: int,
    before: str,
    after: str,
    hole: tuple[int, int, str],
) -> None:
    work = POOR[number]
    copied = work[start : start + size]
    copied = copied[: hole[0]] + hole[2] + copied[hole[0] + hole[1] :]
    document = before + copied + after
    d, w = symbols_of(document), symbols_of(work)
    seeds = common_seeds(d, w)
    if not seeds:
        return
    rows = extended(index, number, document, seeds)
    assert rows
    for row in rows:
        one, other = d[row[D_START] : row[D_END]], w[row[W_START] : row[W_END]]
        assert one[0] == other[0]
        assert one[-1] == other[-1]
        assert row[EDITS] >= edit_distance(one, other) == Levenshtein.distance(one, other)
        assert 0 < row[EQUAL] <= min(len(one), len(other))
        assert (row[EDITS] == 0) == (one == other)
        run = d[row[RUN_START] : row[RUN_END]]
        assert row[D_START] <= row[RUN_START] < row[RUN_END] <= row[D_END]
        assert any(w[n : n + len(run)] == run for n in range(row[W_START], row[W_END]))
    first, last = rows[0], rows[-1]
    at_start = first[D_START] == 0 or first[W_START] == 0
    assert at_start or d[first[D_START] - 1] != w[first[W_START] - 1]
    at_end = last[D_END] == len(d) or last[W_END] == len(w)
    assert at_end or d[last[D_END]] != w[last[W_END]]
    for row, following in pairwise(rows):
        assert row[D_END] <= following[D_START]
        assert row[W_END] <= following[W_START]


@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(0, 12))
@settings(max_examples=20)
def test_a_gap_on_either_side_is_stepped_over_and_costs_what_is_missing(
    tmp_path_factory: pytest.TempPathFactory, seed: int, in_document: int, in_work: int
) -> None:
    draw = random.Random(seed)
    left, right = ("".join(draw.choices(ABC, k=120)) for _ in range(2))
    document = left + "".join(draw.choices("0123456789", k=in_document)) + right
    work = left + "".join(draw.choices("αβγδεζηθικ", k=in_work)) + right
    [row] = rows_of(tmp_path_factory.mktemp("work"), document, work, [(30, 30)])
    assert (row[D_END], row[W_END]) == (len(document), len(work))
    assert row[EDITS] == max(in_document, in_work)


def test_a_gap_longer_than_an_extension_steps_over_needs_the_next_seed(tmp_path: Path) -> None:
    left, right = written("Latin", 1, 200), written("Latin", 2, 200)
    hole = written("digits", 3, REGISTRY_1.resync_symbols + REGISTRY_1.join_symbols + 5)
    document, work = left + " " + hole + " " + right, left + " " + right
    after = len(symbols_of(left + hole))
    one = rows_of(tmp_path, document, work, [(10, 10)])
    two = rows_of(tmp_path / "two", document, work, [(10, 10), (after + 40, 240)])
    assert [(row[D_START], row[D_END], row[W_END]) for row in one] == [(0, 200, 200)]
    assert [(row[D_START], row[D_END], row[W_START], row[W_END]) for row in two] == [
        (0, 200, 0, 200),
        (after, after + 200, 200, 400),
    ]


def test_seeds_that_are_chance_hits_of_the_index_make_nothing(tmp_path: Path) -> None:
    assert rows_of(tmp_path, prose(1, 100), prose(2, 100), [(30, 50), (90, 120)]) == []


def test_a_work_is_read_as_far_as_an_extension_goes(tmp_path: Path) -> None:
    text = prose(1, 20_000)
    size = len(symbols_of(text))
    for seed in ((0, 0), (size // 2, size // 2), (size - K, size - K)):
        [row] = rows_of(tmp_path / str(seed[0]), text, text, [seed])
        assert (row[D_START], row[D_END], row[W_START], row[W_END], row[EDITS]) == (0, size, 0, size, 0)
        assert (row[RUN_START], row[RUN_END]) == (0, size)
        assert (row[CHAR_START], row[WORDS]) == (0, 20_000)


@pytest.mark.parametrize("name", ["marks", "Hangul", "Han", "rare Han", "mixed", "Devanagari", "accents"])
def test_an_alignment_never_begins_or_ends_inside_a_character(tmp_path: Path, name: str) -> None:
    shared = written(name, 1, 120)
    document, work = "ξ" + shared + "ξ", "ψψ" + shared + "ψψ"
    seeds = common_seeds(symbols_of(document), symbols_of(work))
    [row] = rows_of(tmp_path, document, work, seeds[len(seeds) // 2 :][:1])
    assert document[row[CHAR_START] : row[CHAR_END]] == shared
    assert row[WORDS] == count_words(document[row[CHAR_START] : row[CHAR_END]])


def test_characters_that_are_half_equal_are_no_part_of_an_alignment(tmp_path: Path) -> None:
    shared = han(1, 40)
    first, last = ord(shared[0]), ord(shared[-1])
    # The same trail before and the same lead after: as symbols half of each is equal.
    document = chr(first ^ 0x80 ^ 0x100) + shared + chr(last & ~0x7F | 3)
    work = chr(first ^ 0x100) + shared + chr(last & ~0x7F | 5)
    assert symbols_of(document)[-2] == symbols_of(work)[-2]
    [row] = rows_of(tmp_path, document, work, [(20, 20)])
    assert document[row[CHAR_START] : row[CHAR_END]] == shared


@pytest.mark.parametrize("count", [15, 24, 25, 60])
def test_a_short_alignment_counts_only_beside_a_long_one(tmp_path: Path, count: int) -> None:
    long, short = words(1, 80), words(2, count)
    alone = " ".join(words(3, 60) + short + words(4, 60))
    work = " ".join(words(5, 100) + long + words(6, 15) + short + words(7, 100))
    seeds = common_seeds(symbols_of(alone), symbols_of(work))
    kept = rows_of(tmp_path, alone, work, seeds, min_words=50)
    assert bool(kept) == (count >= REGISTRY_1.strong_words)
    beside = " ".join(words(3, 60) + long + words(8, 15) + short + words(4, 60))
    seeds = common_seeds(symbols_of(beside), symbols_of(work))
    rows = rows_of(tmp_path / "beside", beside, work, seeds, min_words=50)
    assert [row[WORDS] for row in rows] == [pytest.approx(80, abs=2), pytest.approx(count, abs=2)]


def test_no_chains_make_no_alignments(tmp_path: Path) -> None:
    with open_index(tmp_path, {"w": prose(1, 50)}) as index:
        none = Chains(np.empty((0, 5), np.int64), np.empty(0, np.int64), np.empty(0, np.int64))
        assert extend_chains(fold_texts(["any"]), index.segments[0], none, 50).shape[0] == 0
