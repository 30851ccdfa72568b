"""Chains: as good as a slow dynamic program finds them, each seed in one, and the work for them is counted."""

from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine.chain import Chains, find_chains
from ingest.engine.index import Index
from ingest.engine.params import REGISTRY_1
from ingest.engine.seed import FLAG_AGREES, FLAG_COMMON, Hits
from ingest.engine.segment import Segment
from ingest.engine.segment_format import POSITION_BITS
from tests.ingest.engine.reference import chain_score, chain_scores
from tests.ingest.engine.texts import han, open_index, prose

Seed = tuple[int, int, int, int, int]  # text, record, symbol of the text, symbol of the record, flags
Chain = tuple[int, int, bool, list[tuple[int, int]]]  # text, record, boilerplate, (document, work) of each seed
RECORDS = 3
SYMBOLS = 6000  # at least so many of each record


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    works = {"a": prose(1, 2000), "b": han(2, 4000), "c": prose(3, 2000)}
    return open_index(tmp_path_factory.mktemp("chains"), works)


@pytest.fixture(scope="module")
def segment(index: Index) -> Segment:
    [only] = index.segments
    assert (np.diff(only.arrays.record_starts.astype(np.int64)) >= SYMBOLS).all()
    return only


def hits_of(seeds: list[Seed], segment: Segment) -> Hits:
    starts = segment.arrays.record_starts.tolist()
    rows = sorted((text << POSITION_BITS | starts[record] + work, d, flags) for text, record, d, work, flags in seeds)
    keys, documents, flags = ([row[column] for row in rows] for column in range(3))
    return Hits(np.array(keys, np.uint64), np.array(documents, np.uint32), np.array(flags, np.uint8))


def chains_of(seeds: list[Seed], segment: Segment, groups: list[int] | None = None) -> tuple[list[Chain], int]:
    group_of = np.array(groups or range(RECORDS), np.int64)
    found, tried = find_chains(hits_of(seeds, segment), segment, group_of)
    return read(found), tried


def read(found: Chains) -> list[Chain]:
    out = []
    for text, record, first, end, common in found.rows.tolist():
        members = zip(found.documents[first:end].tolist(), found.works[first:end].tolist(), strict=True)
        out.append((text, record, bool(common), list(members)))
    return out


def along(start: tuple[int, int], steps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    places = [start]
    for document, work in steps:
        places.append((max(0, places[-1][0] + document), max(0, min(SYMBOLS - 40, places[-1][1] + work))))
    return places


RUNS = st.builds(
    along,
    st.tuples(st.integers(0, 9000), st.integers(0, SYMBOLS - 40)),
    st.lists(
        st.one_of(
            st.integers(1, 90).map(lambda gap: (gap, gap)),
            st.tuples(st.integers(-300, 600), st.integers(-300, 600)),
            st.tuples(st.integers(0, 5000), st.integers(0, 1500)),
        ),
        max_size=25,
    ),
)
FLAGS = st.sampled_from([0, 0, FLAG_AGREES, FLAG_AGREES | FLAG_COMMON])
SEEDS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, RECORDS - 1), RUNS, FLAGS), max_size=5).map(
    lambda runs: sorted({(t, r, d, w): (t, r, d, w, flags) for t, r, run, flags in runs for d, w in run}.values())
)


@given(SEEDS)
@settings(max_examples=200)
def test_the_best_chain_of_a_pair_scores_what_the_slow_program_says(segment: Segment, seeds: list[Seed]) -> None:
    found, _ = chains_of(seeds, segment)
    best = {(text, record): next(pairs)[3] for (text, record), pairs in groupby(found, key=lambda c: (c[0], c[1]))}
    for pair in {(text, record) for text, record, *_ in seeds}:
        own = sorted((work, document) for text, record, document, work, _ in seeds if (text, record) == pair)
        score = max(chain_scores([(document, work) for work, document in own], REGISTRY_1))
        if score > REGISTRY_1.seed_symbols:
            assert chain_score(best[pair], REGISTRY_1) == pytest.approx(score)


@given(SEEDS)
@settings(max_examples=200)
def test_chains_are_collinear_within_the_gaps_and_share_no_seed(segment: Segment, seeds: list[Seed]) -> None:
    found, tried = chains_of(seeds, segment)
    given_seeds = {(text, record, d, w) for text, record, d, w, _ in seeds}
    members = [(text, record, d, w) for text, record, _, chain in found for d, w in chain]
    assert len(set(members)) == len(members)
    assert set(members) <= given_seeds
    assert all(chain_score(chain, REGISTRY_1) > -float("inf") for _, _, _, chain in found)
    assert tried <= REGISTRY_1.chain_lookback * len(seeds)
    assert [(text, record) for text, record, *_ in found] == sorted((text, record) for text, record, *_ in found)


@given(SEEDS)
@settings(max_examples=100)
def test_every_seed_whose_context_agrees_is_in_a_chain_and_lone_others_are_not(
    segment: Segment, seeds: list[Seed]
) -> None:
    found, _ = chains_of(seeds, segment)
    flags = {(text, record, d, w): its for text, record, d, w, its in seeds}
    members = {(text, record, d, w) for text, record, _, chain in found for d, w in chain}
    assert {seed for seed, its in flags.items() if its & FLAG_AGREES} <= members
    for text, record, _, chain in found:
        assert len(chain) > 1 or flags[(text, record, *chain[0])] & FLAG_AGREES


@given(SEEDS)
@settings(max_examples=100)
def test_a_chain_is_boilerplate_when_most_of_its_seeds_are_common(segment: Segment, seeds: list[Seed]) -> None:
    flags = {(text, record, d, w): its for text, record, d, w, its in seeds}
    for text, record, boilerplate, chain in chains_of(seeds, segment)[0]:
        common = sum(1 for d, w in chain if flags[(text, record, d, w)] & FLAG_COMMON)
        assert boilerplate == (2 * common > len(chain))


@given(SEEDS)
@settings(max_examples=60)
def test_each_pair_has_the_chains_that_it_has_alone(segment: Segment, seeds: list[Seed]) -> None:
    together, _ = chains_of(seeds, segment)
    for pair in {(text, record) for text, record, *_ in seeds}:
        alone, _ = chains_of([seed for seed in seeds if seed[:2] == pair], segment)
        assert alone == [chain for chain in together if chain[:2] == pair]


def test_a_withdrawn_record_has_no_chains(segment: Segment) -> None:
    seeds = [(0, record, 50 * n, 50 * n, FLAG_AGREES) for record in range(RECORDS) for n in range(10)]
    assert {record for _, record, *_ in chains_of(seeds, segment, [0, -1, 2])[0]} == {0, 2}


def test_no_hits_make_no_chains(segment: Segment) -> None:
    assert chains_of([], segment) == ([], 0)


def test_passages_in_another_order_are_chains_of_their_own(segment: Segment) -> None:
    seeds = [(0, 0, 3000 + 40 * n, 100 + 40 * n, 0) for n in range(20)]
    seeds += [(0, 0, 40 * n, 4500 + 40 * n, 0) for n in range(10)]
    found, _ = chains_of(seeds, segment)
    assert [len(chain) for *_, chain in found] == [20, 10]


def test_a_gap_too_long_or_a_drift_too_far_ends_a_chain(segment: Segment) -> None:
    gap, drift = REGISTRY_1.chain_max_gap, REGISTRY_1.chain_max_drift
    for step, chains in (((gap, gap), 1), ((gap + 1, gap), 2), ((gap, gap + 1), 2)):
        found, _ = chains_of([(0, 0, 0, 0, 1), (0, 0, *step, 1)], segment)
        assert len(found) == chains
    for step, joined in (((500 + drift, 500), False), ((501 + drift, 500), False), ((60, 50), True)):
        found, _ = chains_of([(0, 0, 0, 0, 1), (0, 0, *step, 1)], segment)
        assert (len(found) == 1) == joined


@pytest.mark.parametrize("size", [1000, 4000])
def test_work_grows_with_the_hits_and_not_with_their_square(segment: Segment, size: int) -> None:
    def tried(hits: int) -> int:
        return chains_of([(0, 0, n % 70, n // 70, 0) for n in range(hits)], segment)[1]

    assert tried(2 * size) <= 2.2 * tried(size)
    assert tried(size) <= REGISTRY_1.chain_lookback * size


def test_a_segment_that_lies_about_its_records_ends_nothing(tmp_path: Path) -> None:
    with open_index(tmp_path, {"a": prose(1, 300), "b": prose(2, 300)}) as opened:
        [own] = opened.segments
        total = int(own.arrays.record_starts[-1])
        keys = np.array([0, 40, total - 1, total, total + 5000, (1 << POSITION_BITS) - 1], np.uint64)
        hits = Hits(keys, np.arange(6, dtype=np.uint32) * 50, np.full(6, FLAG_AGREES, np.uint8))
        found, _ = find_chains(hits, own, np.arange(2, dtype=np.int64))
        assert {record for _, record, *_ in read(found)} <= {0, 1}
        ends = np.diff(own.arrays.record_starts.astype(np.int64))
        assert all(w < ends[record] for _, record, _, chain in read(found) for _, w in chain)
