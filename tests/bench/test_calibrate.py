"""The fit behind the confidence: known probabilities are found again, and a small library is calibrated end to end."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import calibrate
from bench.kit import labelled, library, missing, reliability
from bench.kit.reliability import Sample

FIELDS = ("path", "kind", "work_title", "author", "relation", "pair_id", "variant")


def drawn_sample(count: int, seed: int = 1) -> tuple[Sample, np.ndarray]:
    """Cases whose true probabilities are known."""
    draw = np.random.default_rng(seed)
    features = draw.normal(size=(count, 3))
    features[:, 2] = 1.0
    true = reliability.probability(-0.5 + features[:, 0] * 2.0 - features[:, 1] * 0.0)
    labels = (draw.random(count) < true).astype(float)
    names = [f"author {n % 40}" for n in range(count)]
    return Sample(features, labels, np.ones(count), names, names[::-1], [f"pair {n}" for n in range(count)]), true


def test_a_known_line_is_found_again_and_no_weight_is_negative() -> None:
    sample, _ = drawn_sample(20_000)
    line = reliability.fit_line(sample.features, sample.labels, sample.weights)
    assert line.intercept == pytest.approx(-0.5, abs=0.1)
    assert line.weights[0] == pytest.approx(2.0, abs=0.1)
    assert 0 <= line.weights[1] < 0.05
    assert line.weights[2] == 0
    opposite = reliability.fit_line(-sample.features, sample.labels, sample.weights)
    assert (opposite.weights >= 0).all()
    assert opposite.weights[0] == 0


def test_held_out_probabilities_are_those_the_labels_were_drawn_with() -> None:
    sample, true = drawn_sample(20_000)
    said = reliability.probability(reliability.held_out_scores(sample, seed=1))
    assert np.abs(said - true).mean() < 0.02
    assert reliability.calibration_error(said, sample.labels, sample.weights) < 0.02
    for row in reliability.curve(said, sample.labels, sample.weights):
        assert row["low"] - 0.02 <= row["said"] <= row["high"] + 0.02


def test_an_author_is_never_fitted_on_where_it_is_judged() -> None:
    """Labels that only the author's name explains cannot be told for an author that was held out."""
    draw = np.random.default_rng(3)
    names = [f"author {n // 50}" for n in range(2_000)]
    own = {name: draw.normal(size=6) for name in set(names)}
    labels = np.array([float(own[name][0] > 0) for name in names])
    features = np.array([own[name][1:] for name in names])
    sample = Sample(features, labels, np.ones(len(names)), names, names, names)
    said = reliability.probability(reliability.held_out_scores(sample, seed=1))
    assert reliability.log_loss(said, labels, sample.weights) > 0.6


def test_more_pairs_without_a_counterexample_support_a_higher_confidence() -> None:
    def highest(pairs: int) -> float:
        scores = np.concatenate([np.full(100, 5.0), np.zeros(pairs)])
        labels = np.concatenate([np.ones(100), np.zeros(pairs)])
        names = [str(n) for n in range(100 + pairs)]
        sample = Sample(scores[:, None], labels, np.ones(len(labels)), names, names, names)
        return float(reliability.probability(np.array(reliability.limits(scores, sample)[1])))

    assert highest(300) == pytest.approx(1 / (1 + 3 / 300))
    assert highest(30) < highest(300) < highest(3_000) < 1


def test_many_matches_of_one_pair_support_no_more_than_one() -> None:
    scores = np.concatenate([np.full(100, 5.0), np.zeros(1_000)])
    labels = np.concatenate([np.ones(100), np.zeros(1_000)])
    names = [*(str(n) for n in range(100)), *["one pair"] * 1_000]
    sample = Sample(scores[:, None], labels, np.ones(len(labels)), names, names, names)
    assert reliability.limits(scores, sample)[1] < 0


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.1, 5)), min_size=1, max_size=12))
@settings(deadline=None)
def test_isotonic_levels_never_fall_keep_the_mean_and_are_the_closest(rows: list[tuple[float, float]]) -> None:
    values, weights = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    levels = reliability.isotonic(values, weights)
    assert (np.diff(levels) >= -1e-12).all()
    assert np.average(levels, weights=weights) == pytest.approx(np.average(values, weights=weights))
    # the slow reference: each level is the largest over starts of the least mean over ends
    for at in range(len(values)):
        means = [
            min(np.average(values[a : b + 1], weights=weights[a : b + 1]) for b in range(at, len(values)))
            for a in range(at + 1)
        ]
        assert levels[at] == pytest.approx(max(means))


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=20)
def test_smoothed_shares_are_monotone_in_length_noise_and_limit(seed: int) -> None:
    counts = np.random.default_rng(seed).integers(0, 11, (4, 3, 3))
    shares = missing.supported(counts, missing.smoothed(counts / 10), 10)
    for table in (shares, missing.least_found(counts, 10)):
        assert (np.diff(table, axis=0) >= -1e-9).all()
        assert (np.diff(table, axis=1) <= 1e-9).all()
        assert (np.diff(table, axis=2) >= -1e-9).all()
    assert 0 < shares.min() <= shares.max() < 1


def test_a_table_that_is_monotone_already_stays_as_it_is() -> None:
    table = np.linspace(0.1, 0.4, 4)[:, None, None] + np.linspace(0.3, 0, 3)[None, :, None] + np.linspace(0, 0.2, 3)
    assert missing.smoothed(table) == pytest.approx(table)


def test_how_texts_are_tied_is_known_from_the_catalogue_alone() -> None:
    def volume(name: str, group: str, author: str, relation: str = "same_edition") -> library.Volume:
        return library.Volume(name, group, author, relation, "", False, False)

    emma, other = volume("emma/a.txt", "emma", "austen"), volume("emma/b.txt", "emma", "austen", "other_edition")
    part, french = (
        volume("emma/p.txt", "emma", "austen", "contained_in"),
        volume("emma/f.txt", "emma", "austen", "translation"),
    )
    persuasion, bible = volume("persuasion.txt", "persuasion", "austen"), volume("bible.txt", "bible-kjv", "bible")
    novel = volume("novel.txt", "novel", "somebody")
    ties = [library.tie(d, w, {}) for d, w in ((other, emma), (part, emma), (french, emma), (persuasion, emma))]
    assert ties == ["edition", "part", "translation", "unclear"]
    assert [library.tie(novel, emma, {}), library.tie(bible, novel, {}), library.tie(novel, bible, {})] == [
        "unrelated",
        "third text",
        "quoted",
    ]


def write_library(folder: Path) -> None:
    """Eight works of drawn words in two editions each, all with one passage in common, and a model's output."""
    draw = random.Random(5)
    letters = "etaoinshrdlucm"
    rows = []
    common = " ".join("".join(draw.choices(letters, k=6)) for _ in range(60))
    for number in range(8):
        words = ["".join(draw.choices(letters, k=draw.randint(2, 9))) for _ in range(3_000)]
        text = " ".join(words[:1_000]) + f" {common} " + " ".join(words[1_000:])
        for edition, relation in (("a", "same_edition"), ("b", "other_edition")):
            path = folder / "texts" / f"w{number}" / f"{edition}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text if edition == "a" else text[2_000:].upper(), encoding="utf-8")
            name = path.relative_to(folder).as_posix()
            row = (name, "text", f"Work {number}", f"Author {number}", relation, f"w{number}", "stripped")
            rows.append(row)
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([FIELDS, *rows])
    answers = folder / "textreuse" / "clough-stevenson"
    answers.mkdir(parents=True)
    (answers / "file_information.csv").write_text("File,Task,Category\n", encoding="utf-8")
    outputs = folder / "model_outputs"
    outputs.mkdir()
    (outputs / "few.jsonl").write_text(json.dumps({"output": "nothing of all that"}) + "\n", encoding="utf-8")


def test_a_small_library_is_labelled_from_planted_excerpts_and_editions(tmp_path: Path) -> None:
    write_library(tmp_path)
    volumes = library.read_library(tmp_path)
    cases = labelled.collect(tmp_path, volumes, ["registry-1"], 40, 1)
    kinds = {case.kind for case in cases}
    assert {"planted", "edition", "unrelated"} <= kinds
    assert all(case.copy is (case.kind in labelled.COPIES) for case in cases)
    assert cases == labelled.collect(tmp_path, volumes, ["registry-1"], 40, 1)
    sample = calibrate.sample_of([c for c in cases if c.kind in labelled.COPIES + labelled.OTHERS])
    copies = sample.labels > 0
    assert sample.weights[copies].sum() == pytest.approx(sample.weights[~copies].sum())


def test_missed_excerpts_are_counted_by_length_and_noise(tmp_path: Path) -> None:
    write_library(tmp_path)
    works = library.registered(library.read_library(tmp_path))
    cases = next(missing.excerpts(works, False, 2, 1))
    assert len(cases) == 2 * len(missing.ERRORS)
    assert all(case.text[case.start : case.end] for case in cases)
    clean = cases[0]
    source = next(w for w in works if w.name == clean.work)
    assert clean.text[clean.start : clean.end] in source.text
    assert len(clean.text[clean.start : clean.end].split()) == missing.WORDS[0]


def test_without_a_folder_nothing_is_fitted_and_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    before = calibrate.confidence.TABLE.read_bytes()
    assert calibrate.main([]) == 0
    assert "needs a folder" in capsys.readouterr().err
    assert calibrate.confidence.TABLE.read_bytes() == before


def test_a_part_of_the_texts_is_never_shipped(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        calibrate.main([str(tmp_path), "--megabytes", "1"])
