"""Where no text is held: the same works with the same passages, as near as their seeds tell."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine.index import Index
from ingest.engine.mapper import map_text
from ingest.engine.params import PRESETS, REGISTRY_1
from ingest.engine.records import MapOptions, Match
from ingest.engine.sketch import sketch_text
from tests.ingest.engine.texts import han, noisy, open_index, prose, written

WORKS = {"novel": prose(1, 5000), "poem": han(2, 2500), "korean": written("Hangul", 7, 3000), "tale": prose(4, 900)}


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return open_index(tmp_path_factory.mktemp("held"), WORKS)


@pytest.fixture(scope="module")
def unheld(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return open_index(tmp_path_factory.mktemp("unheld"), WORKS, text_held=False)


def by_work(matches: list[Match]) -> dict[str, Match]:
    return {match.work: match for match in matches}


@given(st.sampled_from(sorted(WORKS)), st.integers(0, 2000), st.integers(1500, 6000), st.sampled_from([0.0, 0.0, 0.01]))
@settings(max_examples=60)
def test_a_long_excerpt_is_found_where_the_exact_way_finds_it(
    held: Index, unheld: Index, name: str, start: int, size: int, rate: float
) -> None:
    excerpt = WORKS[name][start : start + size]
    document = prose(60, 80) + noisy(excerpt, rate, size) + prose(61, 80)
    exact, rough = by_work(map_text(held, document)), by_work(map_text(unheld, document))
    assert set(rough) == set(exact) == {name}
    one, other = exact[name], rough[name]
    # A window of the parameter set at either end may hold no seed.
    slack = 2 * REGISTRY_1.window_seeds
    assert other.coverage_work == pytest.approx(one.coverage_work, abs=2.2 * slack / len(WORKS[name]) + 0.03)
    assert other.coverage_document == pytest.approx(one.coverage_document, abs=2.2 * slack / len(document) + 0.03)
    first, last = other.passages[0], other.passages[-1]
    room = 2.5 * slack
    assert one.passages[0].document_start - 8 <= first.document_start <= one.passages[0].document_start + room
    assert one.passages[-1].document_end - room <= last.document_end <= one.passages[-1].document_end + 8
    assert abs(first.work_start - one.passages[0].work_start) <= room
    assert abs(last.work_end - one.passages[-1].work_end) <= room


@pytest.mark.parametrize("name", sorted(WORKS))
@pytest.mark.parametrize("rate", [0.005, 0.01, 0.02])
def test_noise_costs_coverage_and_never_adds_any(held: Index, unheld: Index, name: str, rate: float) -> None:
    document = prose(60, 80) + noisy(WORKS[name], rate, 3) + prose(61, 80)
    [exact], [rough] = map_text(held, document), map_text(unheld, document)
    assert rough.work == exact.work == name
    assert 0.7 * exact.coverage_work < rough.coverage_work <= exact.coverage_work + 0.02
    assert 0.7 * exact.coverage_document < rough.coverage_document <= exact.coverage_document + 0.02


@given(st.sampled_from(sorted(WORKS)), st.integers(0, 2000), st.integers(0, 6000))
@settings(max_examples=60)
def test_passages_without_text_say_so_and_lie_inside_both_texts(
    unheld: Index, name: str, start: int, size: int
) -> None:
    document = prose(60, 80) + WORKS[name][start : start + size] + prose(61, 80)
    for match in map_text(unheld, document, MapOptions(min_words=1)):
        assert (match.identity, match.precision) == (None, "sketch")
        assert 0 < match.coverage_document <= 1
        assert 0 < match.coverage_work <= 1
        for passage in match.passages:
            assert (passage.identity, passage.precision) == (None, "sketch")
            assert 0 <= passage.document_start < passage.document_end <= len(document)
            assert 0 <= passage.work_start < passage.work_end <= len(WORKS[match.work])


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_copy_without_text_is_a_copy_with_every_parameter_set(tmp_path: Path, name: str) -> None:
    with open_index(tmp_path, WORKS, text_held=False, params=PRESETS[name]) as index:
        for work, text in WORKS.items():
            [match] = map_text(index, prose(60, 100) + text + prose(61, 100))
            assert (match.work, match.relation) == (work, "copy")


def test_the_longest_run_is_that_of_seeds_on_one_diagonal(unheld: Index) -> None:
    tokens = WORKS["novel"].split()
    tokens[1500] = "qqqqqqqqqqqq"
    [match] = map_text(unheld, " ".join(tokens))
    assert 3300 <= match.longest_verbatim_words <= 3500


def test_a_hole_in_the_document_or_the_work_parts_two_passages(unheld: Index) -> None:
    text = WORKS["novel"]
    for document in (text[:9000] + prose(62, 400) + text[9000:], text[:9000] + text[14_000:]):
        [match] = map_text(unheld, document)
        assert len(match.passages) == 2
        assert match.passages[0].work_end == pytest.approx(9000, abs=250)
        assert match.passages[1].work_start >= 9000


def test_seeds_here_and_there_are_no_passage(unheld: Index) -> None:
    tokens = WORKS["novel"].split()
    foreign = prose(63, 20_000).split()
    document: list[str] = []
    for n in range(0, 4500, 150):
        document += tokens[n : n + 9] + foreign[4 * n : 4 * n + 400]
    assert map_text(unheld, " ".join(document)) == []


def test_a_lone_seed_proves_nothing_without_text(held: Index, unheld: Index) -> None:
    made = sketch_text(WORKS["poem"])  # two symbols a character, so that no other seed lies in ten of them
    starts = [offset for offset, at in zip(made.offsets.tolist(), made.positions.tolist(), strict=True) if at % 2 == 0]
    excerpts = [WORKS["poem"][start : start + 10] for start in starts[1:-1]]
    for excerpt in excerpts[:40]:
        document = han(70, 100) + excerpt + han(71, 100)
        assert map_text(unheld, document, MapOptions(min_words=1)) == []
        for match in map_text(held, document, MapOptions(min_words=1)):
            assert match.passages[0].words >= 10
