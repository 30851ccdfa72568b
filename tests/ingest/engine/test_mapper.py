from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine.index import Index, write_segment
from ingest.engine.mapper import map_text, match_line
from ingest.engine.normalise import letter_stream
from ingest.engine.params import REGISTRY_1
from ingest.engine.records import IndexRecord, MapOptions, Match
from ingest.engine.sketch import sketch_text
from tests.ingest.engine.texts import han, noisy, open_index, prose, words

WORK = prose(1, 6000)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    works = {"w1": WORK, "w2": prose(2, 6000), "han": han(3, 4000)}
    return open_index(tmp_path_factory.mktemp("index"), works)


def letters(text: str) -> list[int]:
    return letter_stream(text).symbols.tolist()


def only(matches: list[Match]) -> Match:
    assert len(matches) == 1
    return matches[0]


def test_a_copy_covers_both_sides_to_the_first_and_last_character(index: Index) -> None:
    match = only(map_text(index, WORK))
    passage = match.passages[0]
    assert match.relation == "copy"
    assert match.coverage_document == match.coverage_work == match.identity == 1.0
    assert (passage.document_start, passage.work_start) == (0, 0)
    assert letters(WORK[: passage.document_end]) == letters(WORK)
    assert match.matched_words == match.longest_verbatim_words == 6000


def test_unrelated_text_gives_nothing(index: Index) -> None:
    assert map_text(index, prose(77, 20_000)) == []
    assert map_text(index, han(78, 20_000)) == []


@given(
    start=st.integers(0, 20_000),
    size=st.integers(REGISTRY_1.guaranteed_symbols, 600),
    before=st.integers(0, 300),
    after=st.integers(0, 300),
)
@settings(max_examples=60, deadline=None)
def test_a_planted_verbatim_run_is_found_at_its_exact_place(
    index: Index, start: int, size: int, before: int, after: int
) -> None:
    stream = WORK[start:]
    planted, count = "", 0
    for character in stream:
        planted += character
        count += character.isalpha()
        if count == size:
            break
    if count < size or not planted[0].isalpha():
        return
    # Han around it: no letter can be equal by chance, so the borders are known
    document = han(8, before) + planted + han(9, after)
    match = only(map_text(index, document, MapOptions(min_words=1)))
    spans = [(p.document_start, p.document_end, p.work_start, p.work_end) for p in match.passages]
    assert (before, before + len(planted), start, start + len(planted)) in spans


@pytest.mark.parametrize("seed", range(20))
def test_fifty_clean_words_are_found_with_offsets_on_both_sides(index: Index, seed: int) -> None:
    tokens = WORK.split()
    excerpt = " ".join(tokens[seed * 250 : seed * 250 + 50])
    document = prose(100 + seed, 300) + "\n\n" + excerpt + "\n\n" + prose(200 + seed, 300)
    match = only(map_text(index, document))
    (passage,) = match.passages
    assert match.relation == "quotation"
    assert match.longest_verbatim_words == 50
    there = WORK[passage.work_start : passage.work_end]
    assert letters(document[passage.document_start : passage.document_end]) == letters(there)
    assert abs(document.index(excerpt) - passage.document_start) <= 8  # letters equal by chance


@pytest.mark.parametrize("seed", range(20))
def test_fifty_clean_han_characters_are_found(index: Index, seed: int) -> None:
    start = seed * 190 + seed % 3
    excerpt = han(3, 4000)[start : start + 50]
    document = han(300 + seed, 211) + excerpt + han(400 + seed, 200)
    match = only(map_text(index, document))
    (passage,) = match.passages
    assert document[passage.document_start : passage.document_end] == excerpt
    assert (passage.work_start, passage.work_end) == (start, start + 50)
    assert match.matched_words == 50


def test_traditional_script_matches_simplified(tmp_path: Path) -> None:
    work = (
        "话说天下大势，分久必合，合久必分。周末七国分争，并入于秦；及秦灭之后，"
        "楚、汉分争，又并入于汉。汉朝自高祖斩白蛇而起义，一统天下。"
    )
    document = (
        "話說天下大勢，分久必合，合久必分。周末七國分爭，併入於秦；及秦滅之後，"
        "楚、漢分爭，又併入於漢。漢朝自高祖斬白蛇而起義，一統天下。"
    )
    with open_index(tmp_path, {"sanguo": work}) as index:
        match = only(map_text(index, document))
    assert match.relation == "copy"
    assert match.identity is not None
    assert match.identity > 0.95


def test_scanning_noise_does_not_hide_a_long_excerpt(index: Index) -> None:
    excerpt = WORK[5000:8000]
    document = prose(11, 200) + noisy(excerpt, 0.05, 5) + prose(12, 200)
    match = only(map_text(index, document))
    assert sum(p.work_end - p.work_start for p in match.passages) > 0.95 * len(excerpt)
    assert match.identity == pytest.approx(0.95, abs=0.03)


def test_an_edition_with_many_gaps_keeps_its_coverage(index: Index) -> None:
    tokens = WORK.split()
    foreign = words(500, 12_000)
    kept: list[str] = []
    for block in range(0, 6000, 100):
        kept += tokens[block : block + 95] + foreign[block * 2 : block * 2 + 60]
    match = only(map_text(index, " ".join(kept)))
    assert match.relation == "copy"
    assert match.coverage_work == pytest.approx(0.95, abs=0.015)
    assert match.coverage_document == pytest.approx(95 / 155, abs=0.03)


def test_passages_out_of_order_and_repeated_are_all_found(index: Index) -> None:
    first, second = WORK[1000:3000], WORK[20_000:22_000]
    document = second + prose(21, 100) + first + prose(22, 100) + second
    match = only(map_text(index, document))
    assert len(match.passages) == 3
    assert [p.work_start > 15_000 for p in match.passages] == [True, False, True]
    assert match.coverage_work == pytest.approx(4000 / len(WORK), rel=0.02)


def test_containment_is_not_symmetric(tmp_path: Path) -> None:
    chapter = WORK[: len(WORK) // 10]
    with open_index(tmp_path, {"whole": WORK, "chapter": chapter}) as index:
        found = {m.work: m for m in map_text(index, chapter)}
    assert found["chapter"].relation == "copy"
    assert found["whole"].coverage_work == pytest.approx(0.1, abs=0.01)
    assert found["whole"].coverage_document > 0.99


def test_min_words_drops_what_is_shorter(index: Index) -> None:
    document = prose(31, 100) + " ".join(WORK.split()[40:110]) + prose(32, 100)
    assert map_text(index, document, MapOptions(min_words=60))
    assert map_text(index, document, MapOptions(min_words=90)) == []


def test_spaces_lost_or_added_by_scanning_cost_no_word(index: Index) -> None:
    tokens = WORK.split()[1000:1050]
    for scanned in (
        " ".join([*tokens[:20], tokens[20] + tokens[21], *tokens[22:]]),
        " ".join(tokens).replace("a", "a "),
    ):
        match = only(map_text(index, prose(33, 100) + "\n" + scanned + "\n" + prose(34, 100)))
        assert match.matched_words == match.passages[0].words >= 50
        assert match.passages[0].identity == 1.0


def test_a_passage_repeated_in_a_document_counts_each_time(index: Index) -> None:
    excerpt = " ".join(WORK.split()[2000:2100])
    document = excerpt + " " + prose(35, 200) + " " + excerpt
    assert only(map_text(index, document)).matched_words == pytest.approx(200, abs=2)


def test_editions_of_a_work_are_one_line(tmp_path: Path) -> None:
    other = WORK[: len(WORK) // 2]
    write_segment(
        tmp_path,
        [IndexRecord("w", "long", sketch_text(WORK), WORK), IndexRecord("w", "short", sketch_text(other), other)],
        REGISTRY_1,
    )
    with Index.open(tmp_path) as index:
        assert only(map_text(index, WORK)).edition == "long"
        assert only(map_text(index, other)).edition == "short"


def test_boilerplate_that_many_works_share_reports_none_of_them(tmp_path: Path) -> None:
    licence = prose(900, 400)
    works = {f"w{n}": prose(900 + n, 1500) + licence for n in range(1, 9)}
    document = prose(999, 500) + licence
    with open_index(tmp_path, works) as index:
        assert map_text(index, document) == []
        assert [m.work for m in map_text(index, works["w3"])] == ["w3"]
    write_segment(tmp_path, [IndexRecord("licence", None, sketch_text(licence), licence)], REGISTRY_1)
    with Index.open(tmp_path) as index:
        assert [m.work for m in map_text(index, document)] == ["licence"]


def test_a_classic_that_many_registered_is_not_boilerplate(tmp_path: Path) -> None:
    works = {f"edition{n}": WORK + prose(700 + n, 300) for n in range(8)}
    for name, text in works.items():
        write_segment(tmp_path, [IndexRecord(name, None, sketch_text(text), text)], REGISTRY_1)
    with Index.open(tmp_path) as index:
        found = map_text(index, prose(41, 100) + WORK[4000:6000] + prose(42, 100))
    assert [m.work for m in found] == sorted(works)


def test_without_text_an_edition_still_comes_out_as_copy(tmp_path: Path) -> None:
    with open_index(tmp_path, {"w": WORK}, text_held=False) as index:
        match = only(map_text(index, prose(61, 100) + noisy(WORK, 0.01, 1) + prose(62, 100)))
        line = match_line("d", match, index)
    assert match.relation == "copy"
    assert match.identity is None
    assert match.precision == "sketch"
    assert {p["precision"] for p in line["passages"]} == {"sketch"}
    passage = match.passages[0]
    assert abs(passage.work_start - 0) < 600
    assert passage.work_end <= len(WORK)


def test_without_text_an_excerpt_is_bounded_by_its_seeds(tmp_path: Path) -> None:
    with open_index(tmp_path, {"w": WORK}, text_held=False) as index:
        document = prose(63, 500) + WORK[9000:12_000] + prose(64, 500)
        passage = only(map_text(index, document)).passages[0]
        start = document.index(WORK[9000:12_000])
    assert start <= passage.document_start < start + 150
    assert start + 2850 < passage.document_end <= start + 3000
    assert 9000 <= passage.work_start < 9150
    assert 11_850 < passage.work_end <= 12_000


def test_a_line_has_exactly_what_the_contract_says(index: Index) -> None:
    line = match_line("shard#1", only(map_text(index, WORK)), index)
    assert line["document"] == "shard#1"
    assert line["work"] == "w1"
    assert "edition" not in line
    assert line["passages"][0]["document_chars"][0] == 0
    assert line["passages"][0]["precision"] == "exact"
    assert line["index"] == index.digest
    assert line["parameters"] == REGISTRY_1.digest
    assert line["engine"] == "1.0.0"


def test_the_same_input_gives_the_same_lines(index: Index) -> None:
    document = prose(71, 300) + noisy(WORK[:9000], 0.03, 2) + han(3, 500)
    assert map_text(index, document) == map_text(index, document)


def test_a_document_longer_than_a_block_is_read_across_blocks(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = map_text(index, WORK)
    monkeypatch.setattr("ingest.engine.seed.BLOCK_SYMBOLS", 700)
    assert map_text(index, WORK) == expected


def test_lone_surrogates_are_passed_over(index: Index) -> None:
    document = "\ud800" + WORK[:3000] + "\udfff"
    assert only(map_text(index, document)).passages[0].document_start == 1
