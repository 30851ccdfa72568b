"""Documents in, works out: what a user of the engine is promised, stage upon stage."""

import math
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine import ENGINE_VERSION, mapper, sketch
from ingest.engine.index import Index, withdraw, write_segment
from ingest.engine.intake import TextRecord
from ingest.engine.mapper import map_text, map_texts, match_line
from ingest.engine.normalise import letter_stream
from ingest.engine.params import PRESETS, REGISTRY_1
from ingest.engine.records import IndexRecord, MapOptions, Match
from ingest.engine.sketch import sketch_text
from tests.ingest.engine.texts import han, noisy, open_index, prose, scripts, words, written

WORK = prose(1, 6000)
WORKS = {"w1": WORK, "w2": prose(2, 6000), "han": han(3, 4000), "hangul": written("Hangul", 4, 4000)}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return open_index(tmp_path_factory.mktemp("index"), WORKS)


def letters(text: str) -> list[int]:
    symbols: list[int] = letter_stream(text).symbols.tolist()
    return symbols


def only(matches: list[Match]) -> Match:
    assert len(matches) == 1
    return matches[0]


def names(matches: list[Match]) -> list[str]:
    return [match.work for match in matches]


def add(folder: Path, works: dict[str, str], params: str = "registry-1") -> None:
    """Add works to an index, each time as one more segment."""
    write_segment(folder, [TextRecord(work, None, text) for work, text in works.items()], PRESETS[params])


# Copies and excerpts


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
    assert map_text(index, written("Hangul", 79, 20_000)) == []


@given(
    start=st.integers(0, 20_000),
    size=st.integers(REGISTRY_1.guaranteed_symbols, 600),
    before=st.integers(0, 300),
    after=st.integers(0, 300),
)
@settings(max_examples=60)
def test_a_planted_verbatim_run_is_found_at_its_exact_place(
    index: Index, start: int, size: int, before: int, after: int
) -> None:
    planted, count = "", 0
    for character in WORK[start:]:
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


@given(
    script=st.sampled_from(scripts()),
    name=st.sampled_from(sorted(PRESETS)),
    seed=st.integers(0, 10**6),
    longer=st.integers(0, 40),
)
@settings(max_examples=60)
def test_a_run_of_the_guaranteed_length_is_found_in_every_script_with_every_parameter_set(
    tmp_path_factory: pytest.TempPathFactory, script: str, name: str, seed: int, longer: int
) -> None:
    params = PRESETS[name]
    run = written(script, seed, params.guaranteed_symbols + longer)
    work = written(script, seed + 1, 300) + "\n" + run + "\n" + written(script, seed + 2, 300)
    document = "אבגדהוז חטיכל " * 5 + run + " אבגדהוז חטיכל" * 5
    with open_index(tmp_path_factory.mktemp("run"), {"w": work}, params=params) as opened:
        match = only(map_text(opened, document, MapOptions(min_words=1)))
    start, end = document.index(run), document.index(run) + len(run)
    assert match.passages[0].document_start <= start
    assert match.passages[-1].document_end >= end
    assert len(match.passages) == 1


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
    excerpt = WORKS["han"][start : start + 50]
    document = han(300 + seed, 211) + excerpt + han(400 + seed, 200)
    match = only(map_text(index, document))
    (passage,) = match.passages
    assert document[passage.document_start : passage.document_end] == excerpt
    assert (passage.work_start, passage.work_end) == (start, start + 50)
    assert match.matched_words == 50


def test_min_words_drops_what_is_shorter(index: Index) -> None:
    document = prose(31, 100) + " ".join(WORK.split()[40:110]) + prose(32, 100)
    assert map_text(index, document, MapOptions(min_words=60))
    assert map_text(index, document, MapOptions(min_words=90)) == []


# Spellings, scripts and noise


def test_traditional_script_matches_simplified(tmp_path: Path) -> None:
    work = (
        "话说天下大势，分久必合，合久必分。周末七国分争，并入于秦；及秦灭之后，"
        "楚、汉分争，又并入于汉。汉朝自高祖斩白蛇而起义，一统天下。"
    )
    document = (
        "話說天下大勢，分久必合，合久必分。周末七國分爭，併入於秦；及秦滅之後，"
        "楚、漢分爭，又併入於漢。漢朝自高祖斬白蛇而起義，一統天下。"
    )
    with open_index(tmp_path, {"sanguo": work}) as opened:
        match = only(map_text(opened, document))
    assert match.relation == "copy"
    assert match.identity is not None
    assert match.identity > 0.95


@pytest.mark.parametrize(
    "respelled",
    [
        str.upper,
        str.title,
        lambda text: text.replace(" ", "\n"),
        lambda text: text.replace(" ", "  \t "),
        lambda text: text.replace(", ", " — ").replace(". ", "! "),
        lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
        lambda text: "".join(c + "\u0301" if c in "aeiou" else c for c in text),
        lambda text: text.replace("ti", "t\u00ad\ni").replace("ma", "m-\na"),
        lambda text: text.replace(" ", ""),
        " ".join,
        lambda text: "\ufeff" + text.replace("\n", "\r\n"),
    ],
    ids=["upper", "title", "lines", "wide", "marks", "full", "accents", "hyphens", "closed", "spaced", "windows"],
)
def test_spelling_case_and_setting_cost_no_letter(index: Index, respelled: object) -> None:
    assert callable(respelled)
    excerpt = WORK[9000:12_000]
    document = prose(60, 60) + "\n" + respelled(excerpt) + "\n" + prose(61, 60)
    match = only(map_text(index, document))
    (passage,) = match.passages
    assert passage.identity == 1.0
    assert letters(document[passage.document_start : passage.document_end]) == letters(
        WORK[passage.work_start : passage.work_end]
    )
    assert abs(passage.work_start - 9000) <= 12
    assert abs(passage.work_end - 12_000) <= 12


def test_scanning_noise_does_not_hide_a_long_excerpt(index: Index) -> None:
    excerpt = WORK[5000:8000]
    document = prose(11, 200) + noisy(excerpt, 0.05, 5) + prose(12, 200)
    match = only(map_text(index, document))
    assert sum(p.work_end - p.work_start for p in match.passages) > 0.95 * len(excerpt)
    assert match.identity == pytest.approx(0.95, abs=0.03)


def test_spaces_lost_or_added_by_scanning_cost_no_word(index: Index) -> None:
    tokens = WORK.split()[1000:1050]
    for scanned in (
        " ".join([*tokens[:20], tokens[20] + tokens[21], *tokens[22:]]),
        " ".join(tokens).replace("a", "a "),
    ):
        match = only(map_text(index, prose(33, 100) + "\n" + scanned + "\n" + prose(34, 100)))
        assert match.matched_words == match.passages[0].words >= 50
        assert match.passages[0].identity == 1.0


def test_hangul_matches_in_syllables_and_in_jamo(index: Index) -> None:
    excerpt = WORKS["hangul"][1000:1400]
    for document in (excerpt, unicodedata.normalize("NFD", excerpt)):
        match = only(map_text(index, prose(60, 30) + "\n" + document + "\n" + prose(61, 30)))
        (passage,) = match.passages
        assert (match.work, passage.identity) == ("hangul", 1.0)
        assert WORKS["hangul"][passage.work_start : passage.work_end] == excerpt.strip(" ,.\n")


def test_scripts_side_by_side_are_one_passage(tmp_path: Path) -> None:
    work = "".join(written(script, 5, 60) + " " for script in scripts())
    document = prose(60, 40) + "\n" + work + prose(61, 40)
    with open_index(tmp_path, {"w": work}) as opened:
        match = only(map_text(opened, document))
    (passage,) = match.passages
    assert match.relation == "copy"
    assert document[passage.document_start : passage.document_end].strip() == work.strip()


@pytest.mark.parametrize("marks", ["", "\u0301", "\u0301\u0323", "\u0301\u0302\u0303\u0304"])
def test_accents_after_the_last_letter_belong_to_the_passage(tmp_path: Path, marks: str) -> None:
    text = prose(80, 80).strip(" ,.\n") + marks
    with open_index(tmp_path, {"w": text}) as opened:
        (passage,) = only(map_text(opened, "ξ " + text + " ξ")).passages
    assert (passage.document_start, passage.document_end) == (2, 2 + len(text))
    assert (passage.work_start, passage.work_end) == (0, len(text))


# Several passages and several works


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


def test_a_passage_repeated_in_a_document_counts_each_time(index: Index) -> None:
    excerpt = " ".join(WORK.split()[2000:2100])
    document = excerpt + " " + prose(35, 200) + " " + excerpt
    assert only(map_text(index, document)).matched_words == pytest.approx(200, abs=2)


def test_chapters_in_another_order_are_still_a_copy(index: Index) -> None:
    tokens = WORK.split()
    chapters = [" ".join(tokens[n : n + 500]) for n in range(0, 6000, 500)]
    match = only(map_text(index, "\n\n".join(chapters[n] for n in (7, 2, 11, 0, 5, 9, 1, 10, 3, 8, 4, 6))))
    assert match.relation == "copy"
    assert match.coverage_work > 0.995
    assert match.coverage_document > 0.995
    assert len(match.passages) == 12


def test_an_abridgement_is_a_part_in_the_order_of_the_work(index: Index) -> None:
    tokens = WORK.split()
    abridged = " ".join(" ".join(tokens[n : n + 120]) for n in range(0, 6000, 400))
    match = only(map_text(index, abridged))
    assert match.relation == "partial"
    assert match.coverage_work == pytest.approx(0.3, abs=0.02)
    assert match.coverage_document > 0.97
    assert len(match.passages) == 15
    starts = [p.work_start for p in match.passages]
    assert starts == sorted(starts)


def test_an_anthology_names_every_work_that_it_holds(tmp_path: Path) -> None:
    works = {f"w{n:02d}": prose(500 + n, 150 + 40 * n) for n in range(20)}
    held = [f"w{n:02d}" for n in (3, 17, 0, 8, 12, 5)]
    document = prose(400, 80).join(works[name] for name in held)
    with open_index(tmp_path, works) as opened:
        found = map_text(opened, document)
    assert names(found) == sorted(held)
    for match in found:
        assert match.relation == "copy"
        start = document.index(works[match.work])
        assert match.passages[0].document_start == pytest.approx(start, abs=12)
        assert match.passages[-1].document_end == pytest.approx(start + len(works[match.work]), abs=12)
    assert sum(match.coverage_document for match in found) == pytest.approx(
        sum(len(works[name]) for name in held) / len(document), abs=0.02
    )


def test_containment_is_not_symmetric(tmp_path: Path) -> None:
    chapter = WORK[: len(WORK) // 10]
    with open_index(tmp_path, {"whole": WORK, "chapter": chapter}) as opened:
        found = {m.work: m for m in map_text(opened, chapter)}
    assert found["chapter"].relation == "copy"
    assert found["whole"].coverage_work == pytest.approx(0.1, abs=0.01)
    assert found["whole"].coverage_document > 0.99


def test_editions_of_a_work_are_one_line(tmp_path: Path) -> None:
    other = WORK[: len(WORK) // 2]
    write_segment(
        tmp_path,
        [IndexRecord("w", "long", sketch_text(WORK), WORK), IndexRecord("w", "short", sketch_text(other), other)],
        REGISTRY_1,
    )
    with Index.open(tmp_path) as opened:
        assert only(map_text(opened, WORK)).edition == "long"
        assert only(map_text(opened, other)).edition == "short"


def test_editions_of_a_work_in_several_segments_are_one_line_too(tmp_path: Path) -> None:
    other = noisy(WORK, 0.03, 1)
    for edition, text in (("clean", WORK), ("scan", other)):
        write_segment(tmp_path, [TextRecord("w", edition, text)], REGISTRY_1)
    with Index.open(tmp_path) as opened:
        assert only(map_text(opened, WORK)).edition == "clean"
        assert only(map_text(opened, other)).edition == "scan"
        assert only(map_text(opened, other)).identity == 1.0


# What many works share


def test_boilerplate_that_many_works_share_reports_none_of_them(tmp_path: Path) -> None:
    licence = prose(900, 400)
    works = {f"w{n}": prose(900 + n, 1500) + licence for n in range(1, 9)}
    document = prose(999, 500) + licence
    with open_index(tmp_path, works) as opened:
        assert map_text(opened, document) == []
        assert names(map_text(opened, works["w3"])) == ["w3"]
    add(tmp_path, {"licence": licence})
    with Index.open(tmp_path) as opened:
        assert names(map_text(opened, document)) == ["licence"]
        assert only(map_text(opened, document)).relation == "copy"


@pytest.mark.parametrize("works", [1, 4, 5, 12, 40])
@pytest.mark.parametrize("segments", [False, True])
def test_text_is_boilerplate_from_the_fifth_unrelated_work_on(tmp_path: Path, works: int, segments: bool) -> None:
    licence = prose(900, 300)
    texts = {f"w{n:02d}": prose(1000 + n, 900) + licence for n in range(works)}
    if segments:
        for name, text in texts.items():
            add(tmp_path, {name: text})
    else:
        add(tmp_path, texts)
    with Index.open(tmp_path) as opened:
        found = map_text(opened, prose(999, 500) + licence)
    assert names(found) == ([] if works > 4 else sorted(texts))


@pytest.mark.parametrize("segments", [False, True])
def test_boilerplate_beside_a_true_copy_is_listed_and_counts_nowhere(tmp_path: Path, segments: bool) -> None:
    licence = prose(900, 300)
    works = {f"w{n}": prose(900 + n, 1500) + licence for n in range(1, 9)}
    if segments:
        for name, text in works.items():
            add(tmp_path, {name: text})
    else:
        add(tmp_path, works)
    document = prose(998, 100) + " ".join(works["w5"].split()[300:500]) + "\n" + prose(999, 100) + "\n" + licence
    with Index.open(tmp_path) as opened:
        match = only(map_text(opened, document))
        line = match_line("d", match, opened)
    assert match.work == "w5"
    assert match.matched_words == pytest.approx(200, abs=2)
    assert match.coverage_work == pytest.approx(200 / 1800, abs=0.01)
    assert [p.document_end <= document.index(licence) for p in match.passages] == [True]
    (shared,) = match.boilerplate
    assert document[shared.document_start : shared.document_end].strip() == licence.strip(" ,.\n")
    assert works["w5"][shared.work_start : shared.work_end].strip() == licence.strip(" ,.\n")
    assert [p["document_chars"] for p in line["boilerplate"]] == [[shared.document_start, shared.document_end]]


def test_a_registered_licence_is_found_as_a_copy_wherever_it_is_printed(tmp_path: Path) -> None:
    licence = prose(900, 400)
    works = {f"w{n}": prose(900 + n, 1500) + licence for n in range(1, 9)}
    with open_index(tmp_path, works | {"licence": licence}) as opened:
        assert names(map_text(opened, prose(999, 500) + licence)) == ["licence"]
        found = {match.work: match for match in map_text(opened, works["w2"])}
    assert set(found) == {"licence", "w2"}
    assert found["licence"].relation == "copy"
    assert (found["w2"].relation, found["w2"].coverage_work, found["w2"].boilerplate) == ("copy", 1.0, ())


def test_a_classic_that_many_registered_is_not_boilerplate(tmp_path: Path) -> None:
    works = {f"edition{n}": WORK + prose(700 + n, 300) for n in range(8)}
    for name, text in works.items():
        add(tmp_path, {name: text})
    with Index.open(tmp_path) as opened:
        found = map_text(opened, prose(41, 100) + WORK[4000:6000] + prose(42, 100))
    assert names(found) == sorted(works)


@pytest.mark.parametrize("publishers", [6, 20, 40])
def test_all_publishers_of_one_classic_are_found_in_one_segment(tmp_path: Path, publishers: int) -> None:
    works = {f"edition{n:02d}": prose(700 + n, 200) + WORK + prose(800 + n, 200) for n in range(publishers)}
    with open_index(tmp_path, works | {"w2": WORKS["w2"]}) as opened:
        assert names(map_text(opened, prose(41, 100) + WORK[4000:6000] + prose(42, 100))) == sorted(works)


def test_scripture_in_many_books_is_a_quotation_of_the_scripture_alone(tmp_path: Path) -> None:
    scripture = prose(950, 4000)
    verses = " ".join(scripture.split()[1000:1120])
    works = {f"w{n}": prose(960 + n, 800) + verses + prose(970 + n, 800) for n in range(8)}
    sermon = prose(980, 300) + verses + prose(981, 300)
    with open_index(tmp_path, {"scripture": scripture}) as opened:
        match = only(map_text(opened, sermon))
        assert (match.work, match.relation) == ("scripture", "quotation")
    with open_index(tmp_path / "all", works | {"scripture": scripture}) as opened:
        assert set(names(map_text(opened, sermon))) <= {"scripture"}
        longer = prose(982, 300) + " ".join(scripture.split()[900:1300]) + prose(983, 300)
        match = only(map_text(opened, longer))
    assert (match.work, match.relation, len(match.passages)) == ("scripture", "excerpt", 1)
    assert match.matched_words == pytest.approx(400, abs=2)


# Indexes of several parts


def test_a_withdrawn_work_is_not_reported_any_more(tmp_path: Path) -> None:
    add(tmp_path, {"w1": WORK, "w2": WORKS["w2"]})
    add(tmp_path, {"w3": WORK + prose(90, 200)})
    document = prose(91, 100) + WORK[3000:6000] + WORKS["w2"][3000:6000]
    with Index.open(tmp_path) as opened:
        assert names(map_text(opened, document)) == ["w1", "w2", "w3"]
    with Index.open(tmp_path, withdrawn={"w1"}) as opened:
        assert names(map_text(opened, document)) == ["w2", "w3"]
    withdraw(tmp_path, ["w2"])
    with Index.open(tmp_path) as opened:
        assert names(map_text(opened, document)) == ["w1", "w3"]
    with Index.open(tmp_path, withdrawn={"w1", "w2", "w3"}) as opened:
        assert map_text(opened, document) == []


def test_withdrawn_works_make_nothing_boilerplate(tmp_path: Path) -> None:
    shared = prose(900, 200)
    for n in range(6):
        add(tmp_path, {f"w{n}": prose(1000 + n, 900) + shared})
    with Index.open(tmp_path) as opened:
        assert map_text(opened, shared) == []
    with Index.open(tmp_path, withdrawn={"w0", "w1"}) as opened:
        assert names(map_text(opened, shared)) == ["w2", "w3", "w4", "w5"]


def test_segments_of_different_parameter_sets_are_one_index(tmp_path: Path) -> None:
    sets = sorted(PRESETS)
    works = {f"w{n}": prose(600 + n, 2000) for n in range(len(sets))}
    for (work, text), name in zip(works.items(), sets, strict=True):
        add(tmp_path, {work: text}, name)
    document = prose(601 + len(sets), 60).join(text[4000:6500] for text in works.values())
    with Index.open(tmp_path) as opened:
        found = map_text(opened, document)
        assert names(found) == sorted(works)
        digests = {match.work: match.parameters for match in found}
        assert digests == {f"w{n}": PRESETS[name].digest for n, name in enumerate(sets)}
        assert {match.identity for match in found} == {1.0}


def test_it_does_not_matter_how_works_are_spread_over_segments(tmp_path: Path) -> None:
    works = {f"w{n}": prose(600 + n, 800) for n in range(6)}
    document = prose(650, 60).join(noisy(text[500:2500], 0.01, 1) for text in works.values())
    found = []
    for number, parts in enumerate(([6], [1, 5], [2, 2, 2], [1] * 6)):
        rest = list(works.items())
        for size in parts:
            add(tmp_path / str(number), dict(rest[:size]))
            rest = rest[size:]
        with Index.open(tmp_path / str(number)) as opened:
            found.append(map_text(opened, document))
    assert len(found[0]) == 6
    assert found[1:] == found[:1] * 3


# Batches


DOCUMENTS = [
    WORK,
    "",
    prose(71, 300) + noisy(WORK[:9000], 0.03, 2) + WORKS["han"][:500],
    "…",
    WORKS["hangul"][700:1500],
    prose(72, 20),
    WORKS["w2"][100:3000] + WORK[100:3000],
    "\ud800" + WORKS["han"][2000:2300] + "\udfff",
    "龍" * 300,
]


@given(st.lists(st.sampled_from(range(len(DOCUMENTS))), max_size=12), st.sampled_from([1, 500, 20_000, 1 << 20]))
@settings(max_examples=40)
def test_documents_in_batches_are_mapped_as_each_alone(index: Index, numbers: list[int], size: int) -> None:
    texts = [DOCUMENTS[n] for n in numbers]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mapper, "BATCH_CHARS", size)
        together = [m for batch in mapper.batches(texts, size) for m in map_texts(index, batch)]
        assert map_texts(index, texts) == together == [map_text(index, text) for text in texts]


CUTS = st.builds(
    lambda name, start, size: WORKS[name][start : start + size],
    st.sampled_from(sorted(WORKS)),
    st.integers(0, 3000),
    st.integers(0, 3000),
)


@given(st.lists(CUTS, min_size=1, max_size=8))
@settings(max_examples=60)
def test_documents_that_begin_and_end_inside_words_do_not_touch_each_other(index: Index, texts: list[str]) -> None:
    assert map_texts(index, texts) == [map_text(index, text) for text in texts]


def test_batches_keep_every_text_in_order_and_are_not_too_large() -> None:
    texts = ["a" * size for size in (5, 5, 11, 0, 3, 3, 3, 3, 40, 1)]
    parts = list(mapper.batches(texts, 10))
    assert [text for part in parts for text in part] == texts
    assert all(len(part) == 1 or sum(map(len, part)) <= 10 for part in parts)
    assert len(parts) == 6
    assert list(mapper.batches([], 10)) == []


def test_the_same_input_gives_the_same_lines(index: Index) -> None:
    first = [match_line("d", match, index) for match in map_text(index, DOCUMENTS[2])]
    assert [match_line("d", match, index) for match in map_text(index, DOCUMENTS[2])] == first != []


@pytest.mark.parametrize("block", [100, 700, 9000])
def test_a_document_longer_than_a_block_is_read_across_blocks(
    index: Index, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    expected = map_texts(index, DOCUMENTS)
    for module in (sketch, mapper):
        monkeypatch.setattr(module, "BLOCK_SYMBOLS", block)
    assert map_texts(index, DOCUMENTS) == expected


def test_a_match_across_the_block_of_a_long_text_is_one_passage(index: Index) -> None:
    letters_before = sketch.BLOCK_SYMBOLS - 6000
    document = "ξψ " * (letters_before // 2) + WORK[9000:21_000] + " ξψ" * 3000
    match = only(map_text(index, document))
    (passage,) = match.passages
    assert document[passage.document_start : passage.document_end].strip(" ,.\n") == WORK[9000:21_000].strip(" ,.\n")


# Lines


def test_a_line_has_exactly_what_the_contract_says(index: Index) -> None:
    line = match_line("shard#1", only(map_text(index, WORK)), index)
    assert line["document"] == "shard#1"
    assert line["work"] == "w1"
    assert "edition" not in line
    assert line["passages"][0]["document_chars"][0] == 0
    assert line["passages"][0]["precision"] == line["precision"] == "exact"
    assert line["index"] == index.digest
    assert line["parameters"] == REGISTRY_1.digest
    assert line["engine"] == ENGINE_VERSION
    assert not any(isinstance(value, float) and math.isnan(value) for value in line.values())


def test_without_text_an_edition_still_comes_out_as_copy(tmp_path: Path) -> None:
    with open_index(tmp_path, {"w": WORK}, text_held=False) as opened:
        match = only(map_text(opened, prose(61, 100) + noisy(WORK, 0.01, 1) + prose(62, 100)))
        line = match_line("d", match, opened)
    assert match.relation == "copy"
    assert match.identity is None
    assert match.precision == "sketch"
    assert {p["precision"] for p in line["passages"]} == {"sketch"}
    passage = match.passages[0]
    assert abs(passage.work_start - 0) < 600
    assert passage.work_end <= len(WORK)


def test_without_text_an_excerpt_is_bounded_by_its_seeds(tmp_path: Path) -> None:
    with open_index(tmp_path, {"w": WORK}, text_held=False) as opened:
        document = prose(63, 500) + WORK[9000:12_000] + prose(64, 500)
        passage = only(map_text(opened, document)).passages[0]
        start = document.index(WORK[9000:12_000])
    assert start <= passage.document_start < start + 150
    assert start + 2850 < passage.document_end <= start + 3000
    assert 9000 <= passage.work_start < 9150
    assert 11_850 < passage.work_end <= 12_000


def test_lone_surrogates_are_passed_over(index: Index) -> None:
    document = "\ud800" + WORK[:3000] + "\udfff"
    assert only(map_text(index, document)).passages[0].document_start == 1
