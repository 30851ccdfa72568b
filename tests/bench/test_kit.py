"""What the benchmarks stand on: planting, noise, the exhaustive aligner, generated text, intervals, targets."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.kit import aligner, generator, noise, planting, plot
from bench.kit.measure import Row, ratio, verdict, wilson
from bench.kit.texts import Text, keep_apart, read_texts


def letters_only(text: str) -> str:
    return aligner.letters(text)


@pytest.fixture(scope="module")
def texts(shelf: Path) -> list[Text]:
    return read_texts(shelf, 10**9)


def test_a_planted_excerpt_lies_where_it_is_said_to_lie(texts: list[Text]) -> None:
    draw = random.Random(3)
    english = [t for t in texts if not t.chinese]
    for _ in range(20):
        planted = planting.plant(english[:3], english[3:], 50, "clean", draw)
        work = next(t for t in english if t.name == planted.work)
        assert planted.document[planted.start : planted.end] == work.text[planted.work_start : planted.work_end]
        assert len(planting.WORD.findall(planted.document[planted.start : planted.end])) == 50


def test_unregistered_texts_are_kept_apart_in_every_script(texts: list[Text]) -> None:
    registered, unrelated = keep_apart(texts)
    assert {t.group for t in registered}.isdisjoint(t.group for t in unrelated)
    assert {t.chinese for t in unrelated} == {False, True}


def test_setting_anew_changes_the_looks_and_no_letter(texts: list[Text]) -> None:
    for text in texts:
        excerpt = text.text[200:900]
        anew = noise.retypeset(excerpt, text.text, random.Random(1))
        assert anew != excerpt
        assert letters_only(anew) == letters_only(excerpt)


@pytest.mark.parametrize("rate", [0.02, 0.1])
def test_a_scan_damages_about_the_share_of_letters_it_says(texts: list[Text], rate: float) -> None:
    excerpt = texts[0].text[:20_000]
    changed = noise.scanned(rate)(excerpt, excerpt, random.Random(5))
    assert 1 - aligner.similarity(excerpt[:8_000], changed[:8_000]) < 1.5 * rate
    assert letters_only(changed) != letters_only(excerpt)


def test_the_other_script_of_traditional_characters_is_simplified() -> None:
    assert noise.other_script("國語與學問", "", random.Random(1)) == "国语与学问"


def test_every_sixth_word_is_another() -> None:
    words = [f"word{n}" for n in range(60)]
    changed = noise.rewritten(6)(
        " ".join(words), "other things were said here by somebody else " * 9, random.Random(2)
    ).split(" ")
    assert sum(a != b for a, b in zip(words, changed, strict=True)) == 10


def test_unrelated_texts_share_nothing_and_a_part_is_wholly_in_its_work(texts: list[Text]) -> None:
    pytest.importorskip("edlib")
    one, other = (t.text for t in texts if not t.chinese and t.name in ("carroll-alice.txt", "joyce-the-dead.txt"))
    assert aligner.covered(one[:6_000], other[:6_000]) == (0.0, 0.0)
    in_part, in_work = aligner.covered(one[5_000:12_000], one) or (0.0, 0.0)
    assert in_part == 1.0
    assert in_work == pytest.approx(7_000 / len(one), abs=0.02)


def test_a_moved_chapter_is_still_in_the_work(texts: list[Text]) -> None:
    pytest.importorskip("edlib")
    text = next(t.text for t in texts if not t.chinese)
    moved = text[9_000:] + text[:9_000]
    assert min(aligner.covered(moved, text) or (0.0, 0.0)) > 0.99


def test_generated_text_is_the_same_for_the_same_seed_and_made_of_real_words(texts: list[Text]) -> None:
    english = [t.text for t in texts if not t.chinese]
    model = generator.train(english)
    first, again, other = (list(model.works(0.05, 10_000, seed)) for seed in (1, 1, 2))
    assert first == again != other
    known = {word for text in english for word in text.split()}
    assert sum(len(text.encode()) for text in first) >= 49_000
    assert all(
        word in known or len(word.encode()) >= 31 for word in " ".join(text[:-60] for text in first).split()[:2000]
    )


def test_generated_chinese_stands_without_spaces(texts: list[Text]) -> None:
    model = generator.train([t.text for t in texts if t.chinese])
    text = next(model.works(0.02, 6_000, 1))
    assert sum(c == " " for c in text) < len(text) / 20


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_the_share_it_is_for(counts: tuple[int, int]) -> None:
    hits, trials = counts
    low, high = wilson(hits, trials)
    assert 0.0 <= low <= hits / trials + 1e-4
    assert hits / trials - 1e-4 <= high <= 1.0


def test_targets_are_judged_in_the_direction_that_is_better() -> None:
    assert verdict(Row("speed", "MB/s", 250.0, reach=200.0, aim=300.0)) == "reach"
    assert verdict(Row("size", "%", 11.0, reach=20.0, aim=12.0, more=False)) == "aim"
    assert verdict(Row("size", "%", 30.0, reach=20.0, aim=12.0, more=False)) == "short"
    assert ratio(10.0, 20.0, more=False) == 2.0
    assert ratio(10.0, None) is None


def test_a_chart_of_one_point_is_still_a_chart() -> None:
    drawn = plot.render([plot.Panel("Time", "GB", "ms", [plot.Series("a <b>", [(0.1, 3.0)])])], "one & only")
    assert "a &lt;b&gt;" in drawn
    assert 'aria-label="one &amp; only"' in drawn
