"""Scores: coverage, words and relation are what plain Python makes of the passages that are reported."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine.index import Index
from ingest.engine.mapper import best_edition, map_text, match_line
from ingest.engine.normalise import count_letters, letter_stream
from ingest.engine.params import REGISTRY_1
from ingest.engine.records import MapOptions, Match, Passage
from ingest.engine.words import count_words
from tests.ingest.engine.texts import han, noisy, open_index, prose, words, written

WORKS = {
    "novel": prose(1, 3000),
    "poem": han(2, 1500),
    "mixed": prose(3, 500) + han(4, 300) + written("Cyrillic", 5, 1500) + written("marks", 6, 800),
    "korean": written("Hangul", 7, 1500),
    "short": prose(8, 130),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return open_index(tmp_path_factory.mktemp("scores"), WORKS)


def letters_in(text: str) -> int:
    return count_letters(letter_stream(text).symbols)


def symbols_of(text: str) -> list[int]:
    symbols: list[int] = letter_stream(text).symbols.tolist()
    return symbols


def union(spans: list[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Stretches that have letters between them, in order."""
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and (start <= out[-1][1] or not symbols_of(text[out[-1][1] : start])):
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def check(document: str, work: str, match: Match) -> None:
    """Everything that a match says of its passages, counted again from the two texts."""
    in_document = [(p.document_start, p.document_end) for p in match.passages]
    in_work = [(p.work_start, p.work_end) for p in match.passages]
    for spans, text, said in (
        (in_document, document, match.coverage_document),
        (in_work, work, match.coverage_work),
    ):
        covered = sum(letters_in(text[start:end]) for start, end in union(spans, text))
        # Where passages overlap in the work a part of them counts by the average of its scripts.
        overlap = sum(end - start for start, end in spans) - sum(end - start for start, end in union(spans, text))
        exactness = 0.002 if overlap <= 0 else 0.04
        assert said == pytest.approx(min(1.0, covered / letters_in(text)), abs=exactness)
        assert 0 < said <= 1
    for passage in match.passages:
        check_passage(document, work, passage)
    assert list(match.passages) == sorted(match.passages)
    assert match.matched_words == sum(words_of(stretch, document, match) for stretch in union(in_document, document))
    longest = max(count_words(document[start:end]) for start, end in in_document)
    assert 0 <= match.longest_verbatim_words <= longest
    assert match.identity is not None
    identities = [passage.identity or 0 for passage in match.passages]
    assert min(identities) - 1e-9 <= match.identity <= max(identities) + 1e-9
    assert match.relation == relation(match)


def check_passage(document: str, work: str, passage: Passage) -> None:
    """A passage begins and ends with a character on both sides that have a letter in common; a character that is one
    letter is that letter (a syllable of Hangul or a ligature is several)."""
    one = document[passage.document_start : passage.document_end]
    other = work[passage.work_start : passage.work_end]
    for a, b in ((one[0], other[0]), (last_letter(one), last_letter(other))):
        assert set(symbols_of(a)) & set(symbols_of(b))
        assert symbols_of(a) == symbols_of(b) or max(letters_in(a), letters_in(b)) > 1
    if passage.document_end < len(document):  # accents of the last letter belong to it
        assert not (symbols_of(document[passage.document_end]) == [] and is_accent(document[passage.document_end]))
    assert passage.words == max(count_words(one), count_words(other))
    if one[0] == other[0] and one[-1] == other[-1]:
        assert (passage.identity == 1.0) == (symbols_of(one) == symbols_of(other))


def last_letter(text: str) -> str:
    return next(character for character in reversed(text) if symbols_of(character))


def is_accent(character: str) -> bool:
    return "\u0300" <= character <= "\u036f"


def words_of(stretch: tuple[int, int], document: str, match: Match) -> int:
    inside = [p for p in match.passages if stretch[0] <= p.document_start and p.document_end <= stretch[1]]
    return max([count_words(document[slice(*stretch)]), *(p.words for p in inside)])


def relation(match: Match) -> str:
    if match.coverage_work >= 0.9:
        return "copy"
    if match.coverage_work >= 0.1:
        return "partial"
    return "excerpt" if match.matched_words >= 200 else "quotation"


PARTS = st.lists(
    st.one_of(
        st.builds(
            lambda name, start, size, rate, seed: noisy(WORKS[name][start : start + size], rate, seed),
            st.sampled_from(sorted(WORKS)),
            st.integers(0, 3000),
            st.integers(50, 5000),
            st.sampled_from([0.0, 0.0, 0.01, 0.05]),
            st.integers(0, 99),
        ),
        st.builds(prose, st.integers(50, 60), st.integers(0, 200)),
        st.builds(han, st.integers(50, 60), st.integers(0, 200)),
    ),
    max_size=5,
)


@given(PARTS, st.sampled_from([1, 20, 50]))
@settings(max_examples=80)
def test_coverage_words_and_relation_follow_from_the_passages(index: Index, parts: list[str], least: int) -> None:
    document = "\n".join(parts)
    for match in map_text(index, document, MapOptions(min_words=least)):
        check(document, WORKS[match.work], match)
        assert match.matched_words >= least


def test_a_character_of_which_only_a_half_is_equal_is_not_in_the_longest_run(index: Index) -> None:
    part = WORKS["poem"][:50]
    before = letter_stream(WORKS["poem"][50]).symbols[:1]
    others = [character for character in map(chr, range(0x4E00, 0x9FA5)) if character != WORKS["poem"][50]]
    half = next(character for character in others if symbols_of(character)[0] == before[0])
    [match] = map_text(index, part + half, MapOptions(min_words=1))
    check(part + half, WORKS["poem"], match)
    assert match.longest_verbatim_words == 50


@pytest.mark.parametrize("name", sorted(WORKS))
def test_a_whole_work_is_covered_to_its_last_letter(index: Index, name: str) -> None:
    text = WORKS[name]
    [match] = [m for m in map_text(index, "… " + text + " …") if m.work == name]
    check("… " + text + " …", text, match)
    assert (match.relation, match.coverage_document, match.coverage_work, match.identity) == ("copy", 1.0, 1.0, 1.0)
    assert match.matched_words == match.longest_verbatim_words == count_words(text)


def test_a_passage_that_is_repeated_covers_the_work_once_and_the_document_each_time(index: Index) -> None:
    part = WORKS["novel"][2000:5000]
    document = part + prose(60, 100) + part + prose(61, 100) + part
    [match] = map_text(index, document)
    check(document, WORKS["novel"], match)
    assert len(match.passages) == 3
    assert match.coverage_work == pytest.approx(letters_in(part) / letters_in(WORKS["novel"]), abs=0.002)
    assert match.matched_words == pytest.approx(3 * count_words(part), abs=6)


def test_a_passage_that_the_work_holds_twice_counts_once_in_the_document(tmp_path: Path) -> None:
    part = prose(70, 120)
    work = prose(71, 300) + part + prose(72, 300) + part + prose(73, 300)
    document = prose(74, 50) + part + prose(75, 50)
    with open_index(tmp_path, {"w": work}) as opened:
        [match] = map_text(opened, document)
    check(document, work, match)
    assert match.matched_words == pytest.approx(120, abs=2)
    assert match.coverage_document == pytest.approx(120 / 220, abs=0.06)


@pytest.mark.parametrize(
    ("kept", "expected"),
    [(1.0, "copy"), (0.92, "copy"), (0.87, "partial"), (0.5, "partial"), (0.12, "partial"), (0.085, "excerpt")],
)
def test_a_relation_is_the_first_that_holds(index: Index, kept: float, expected: str) -> None:
    tokens = WORKS["novel"].split()
    document = " ".join(tokens[: round(kept * len(tokens))])
    [match] = map_text(index, document)
    assert match.relation == expected
    assert match.coverage_work == pytest.approx(kept, abs=0.01)


def test_less_than_two_hundred_words_of_a_long_work_are_a_quotation(index: Index) -> None:
    tokens = WORKS["novel"].split()
    for count, expected in ((60, "quotation"), (190, "quotation"), (210, "excerpt")):
        assert [m.relation for m in map_text(index, " ".join(tokens[500 : 500 + count]))] == [expected]


def test_the_longest_verbatim_run_counts_whole_words_of_one_run(index: Index) -> None:
    tokens = WORKS["novel"].split()[100:400]
    tokens[100] = tokens[250] = "qqqqqqqqq"
    [match] = map_text(index, prose(60, 40) + "\n" + " ".join(tokens) + "\n" + prose(61, 40))
    assert match.longest_verbatim_words == 149
    cut = " ".join(tokens[110:240])[1:-1]  # letters of the first and last word are missing
    [match] = map_text(index, "αβγδ" + cut + "αβγδ")
    assert match.longest_verbatim_words == 128


@pytest.mark.parametrize("before", [0, 1, 40])
def test_the_longest_run_does_not_depend_on_where_a_seed_was_found(index: Index, before: int) -> None:
    tokens = WORKS["novel"].split()[1000 - before : 1200]
    noise = words(9, 20)
    [match] = map_text(index, " ".join(noise + tokens + noise))
    assert match.longest_verbatim_words == pytest.approx(200 + before, abs=1)


def test_identity_is_the_share_of_equal_letters(index: Index) -> None:
    text = WORKS["novel"]
    letters = list(text)
    places = range(500, 9500, 100)
    for place in places:
        if letters[place].isalpha():
            letters[place] = "w"  # a letter that the work does not have
    changed = sum(1 for place in places if text[place].isalpha())
    [match] = map_text(index, "".join(letters))
    assert match.identity == pytest.approx(1 - changed / letters_in(text), abs=0.0005)


def passage(start: int) -> Passage:
    return Passage(start, start + 10, 0, 10, 2, 1.0)


def test_of_two_editions_the_one_that_says_more_of_the_document_is_reported() -> None:
    less = Match("w", "a", "copy", 0.5, 1.0, 900, 1, 1.0, (passage(0),))
    more = less._replace(edition="b", coverage_document=0.6, coverage_work=0.2)
    same = less._replace(edition="c")
    assert best_edition([less, more]) == best_edition([more, less]) == more
    assert best_edition([less, same]) == best_edition([same, less]) == same
    assert best_edition([less._replace(edition=None), less]).edition == "a"


def test_a_line_rounds_its_figures_and_holds_every_passage(index: Index) -> None:
    document = noisy(WORKS["novel"], 0.02, 1)
    [match] = map_text(index, document)
    line = match_line("a.txt", match, index)
    assert line["identity"] == round(match.identity or 0, 6)
    assert line["coverage_document"] == round(match.coverage_document, 6)
    assert [p["document_chars"] for p in line["passages"]] == [
        [p.document_start, p.document_end] for p in match.passages
    ]
    assert [p["work_chars"] for p in line["passages"]] == [[p.work_start, p.work_end] for p in match.passages]
    assert "boilerplate" not in line
    assert line["parameters"] == REGISTRY_1.digest
