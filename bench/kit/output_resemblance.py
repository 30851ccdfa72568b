"""How many edited outputs resemble what they came from, and how many answers by people resemble an output by chance."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

from bench.kit.output_copies import BANDS, RATES, Row, banded, by_families, corpus_of, prompt
from bench.kit.output_edits import mixed
from ingest.sampling.near_copies import Corpus, Finder
from ingest.sampling.own_words import length_of
from ingest.sampling.resemblance import BANDS as FRESH_BANDS


def resemblance(corpus: Corpus, model: list[Row], human: list[Row], seed: int) -> dict[str, Any]:
    """Recall of all outputs at each rate of editing, by length; people's answers by whether the reference answers the
    same question, and by fresh words; answers of other models beside outputs of OpenAI's models and their pupils."""
    chance = random.Random(seed)
    words = [word for row in chance.sample(model, min(300, len(model))) for word in row["output"].split()]
    recall = {}
    for rate in RATES:
        texts = [mixed(row["output"], rate, chance, words) for row in model]
        recall[f"{rate:.0%}"] = _by_length(model, [alike for alike, _band in _look(corpus, model, texts)])
    asked = {prompt(row) for row in model}
    theirs, others = by_families(model)
    with corpus_of(theirs) as one:
        of_others = [alike for alike, _band in _look(one, others)]
    return {
        "recall_of_all": recall,
        "people_same_question": _by_band(_look(corpus, [row for row in human if prompt(row) in asked])),
        "people_other_questions": _counted(
            alike for alike, _band in _look(corpus, [row for row in human if prompt(row) not in asked])
        ),
        "other_models": _counted(of_others),
    }


def _look(corpus: Corpus, rows: list[Row], texts: list[str] | None = None) -> list[tuple[bool, int]]:
    """For each row whether it resembles an output, and the band of its fresh words."""
    texts = texts or [row["output"] for row in rows]
    prompts = [prompt(row) for row in rows]
    found = []
    for text, asked, told in zip(
        texts, prompts, Finder(corpus.index, corpus.thresholds).find(texts, prompts), strict=True
    ):
        found.append((told.resembling is not None or corpus.copy_of(text, asked, told) is not None, told.band))
    return found


def _by_length(rows: list[Row], alike: list[bool]) -> dict[str, float]:
    all_of: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for row, one in zip(rows, alike, strict=True):
        for name in ("all", row["lang"], f"{banded(length_of(row['output']), BANDS)} words"):
            all_of[name] += 1
            found[name] += one
    return {name: round(found[name] / number, 4) for name, number in sorted(all_of.items())}


def _by_band(looked: list[tuple[bool, int]]) -> dict[str, list[int]]:
    """The lower end of each band of fresh words: answers, and how many of them resemble an output."""
    return {
        str(low): _counted(alike for alike, band in looked if band == number)
        for number, low in enumerate(FRESH_BANDS[:-1])
    }


def _counted(alike: Iterable[bool]) -> list[int]:
    found = list(alike)
    return [len(found), sum(found)]
