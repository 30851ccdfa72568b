"""What trains the detector: licences are respected, what belongs together is not split, rivals rank."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from bench.kit import detector_data
from bench.kit.detector_data import OWN, Answer, prompt_group

training = pytest.importorskip(
    "bench.kit.detector_training", reason="scikit-learn is not installed", exc_type=ImportError
)
peers = pytest.importorskip("bench.kit.detector_peers", reason="scikit-learn is not installed", exc_type=ImportError)


def answer(text: str, group: str = "g", origin: str = "someone", *, model: bool = False, open_: bool = True) -> Answer:
    return Answer(text, group, origin, "en", model, open_, "MIT" if open_ else "CC-BY-NC-4.0")


def test_a_cut_keeps_spaces_and_lines_and_ends_with_a_word() -> None:
    text = "One  two\n\n3. three four"
    assert answer(text).cut(4).text == "One  two\n\n3. three"
    assert answer(text).cut(50).text == text


def test_the_same_prompt_in_two_collections_is_one_group() -> None:
    assert prompt_group("Write a poem.\n\nAbout tea") == prompt_group("write a poem. about TEA")
    assert prompt_group("Write a poem.") != prompt_group("Write a play.")


def test_only_openly_licensed_texts_of_fitting_kinds_are_learnt_from() -> None:
    assert training.usable(answer("x"))
    assert not training.usable(answer("x", open_=False))
    assert not training.usable(answer("x", origin="GPT-3 6b_finetuning", model=True))
    assert not training.usable(answer("x", origin="book"))


@pytest.mark.parametrize("name", ["human_prose.jsonl.gz", "smollm2_outputs.jsonl.gz"])
def test_every_record_that_the_project_adds_says_its_licence_and_source(name: str) -> None:
    rows = [json.loads(line) for line in gzip.decompress((OWN / name).read_bytes()).decode().splitlines()]
    assert len({row["id"] for row in rows}) == len(rows) > 100
    assert all(row["licence"] and row["source"] and row["output"].strip() for row in rows)
    assert not [row["id"] for row in rows if "NC" in row["licence"]]


def test_every_origin_weighs_the_same_and_both_classes_do() -> None:
    words = "the same words again and again, and then some more of them. " * 12
    some = [answer(words, f"a{at}", "a", model=True) for at in range(3)] + [answer(words, "b", "b", model=True)]
    some += [answer(words, f"c{at}", "c") for at in range(5)]
    data = training.table(some)
    weights = training._weights(data)
    assert weights.mean() == pytest.approx(1)
    assert weights[data.origin == "a"].sum() == pytest.approx(weights[data.origin == "b"].sum())
    assert weights[data.y].sum() == pytest.approx(weights[~data.y].sum())


def test_what_is_left_out_is_scored_once_each_by_a_model_that_did_not_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = "He went to the sea, and the sea was cold; nobody came with him that day. " * 5
    listed = "1. Plan the work. 2. Share the plan. 3. Review the plan with the team. " * 5
    some = [answer(f"{listed} {at}", f"{origin}{at}", origin, model=True) for origin in ("m", "n") for at in range(6)]
    some += [answer(f"{plain} {at}", f"people{at}", "people") for at in range(6)]
    data = training.table(some)
    seen: list[set[tuple[str, str]]] = []
    fit = training.fit

    def watched(part: object, penalty: float, stability: float) -> object:
        seen.append(set(zip(part.group.tolist(), part.origin.tolist(), strict=True)))  # type: ignore[attr-defined]
        return fit(part, penalty, stability)

    monkeypatch.setattr(training, "fit", watched)
    found = training.left_out_logits(data, 0.01, 0.0)
    assert not np.isnan(found).any()
    assert found[data.y].min() > found[~data.y].max()
    assert all(len({origin for _, origin in part} & {"m", "n"}) == 1 for part in seen)


def test_rivals_rank_the_expected_and_the_repeated_above_the_rest() -> None:
    texts = ["the cat sat on the mat and the dog sat on the rug " * 4] * 5
    model = peers.Perplexity(texts)
    assert model.score("the dog sat on the mat") > model.score("xylem quartz vexes jumbo fjords")
    assert model.score("") < -5
    assert peers.compression("abc " * 100) > peers.compression("every word here is another one than all before")


def test_gsm8k_answers_lose_the_marks_of_the_calculator(tmp_path: Path) -> None:
    path = tmp_path / "sums.jsonl"
    row = {"output": "He has 2+2=<<2+2=4>>4.\n#### 4", "instruction": "How many?", "generator": "human"}
    path.write_text(json.dumps(row | {"generator_type": "human"}) + "\n")
    (found,) = detector_data._gsm8k(path, Path("/dev/null"))
    assert found.text == "He has 2+2=4."
