"""How well near-copies are told from answers by people: recall by kind and amount of editing, errors by length.

People's answers to the questions of the reference are the hard ones. There are few of those, so answers of models of
another family stand beside them: whoever did not copy, and answers the same question in a chatbot's way.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from bench.kit import measure
from bench.kit.output_edits import WHOLE_EDITS, WORD_EDITS, Edit, mixed, replaced
from ingest.engine.mapper import map_texts
from ingest.engine.records import MapOptions
from ingest.sampling.fresh_words import fresh_words
from ingest.sampling.looking import proving
from ingest.sampling.markers import find_markers
from ingest.sampling.near_copies import Corpus, Finder, NearCopy, Output
from ingest.sampling.own_words import length_of, own_words
from ingest.sampling.thresholds import Thresholds, matched

RATES = (0.01, 0.02, 0.05, 0.10)
MOST = 0.10
BANDS = ((0, 20), (20, 35), (35, 50), (50, 100), (100, 200), (200, 1 << 30))  # words, numbers, Han characters
OWN_BANDS = ((0, 18), (18, 25), (25, 35), (35, 50), (50, 100), (100, 1 << 30))
FEWER_WORDS = (12, 15, 18, 25)  # what `Thresholds.words` might be
Row = dict[str, Any]


def prompt(row: Row) -> str:
    """What was asked, with its material."""
    return f"{row.get('instruction') or ''}\n{row.get('input') or ''}".strip()


def corpus_of(rows: Iterable[Row], thresholds: Thresholds | None = None) -> Corpus:
    """The outputs as a reference."""
    outputs = (Output(row["id"], row["output"], prompt(row), row["generator"]) for row in rows)
    return Corpus(outputs) if thresholds is None else Corpus(outputs, thresholds)


def look_up(corpus: Corpus, texts: Sequence[str], prompts: Sequence[str]) -> list[tuple[bool, NearCopy | None]]:
    """For each text whether it could be judged, and the copy."""
    told = Finder(corpus.index, corpus.thresholds).find(texts, prompts)
    rows = zip(texts, prompts, told, strict=True)
    return [(one.judged, corpus.copy_of(text, asked, one)) for text, asked, one in rows]


def measured(corpus: Corpus, model: list[Row], human: list[Row], seed: int) -> dict[str, Any]:
    """Everything that docs/audit.md says of near-copies."""
    chance = random.Random(seed)
    words = [word for row in chance.sample(model, min(300, len(model))) for word in row["output"].split()]
    prompts, texts = [prompt(row) for row in human], [row["output"] for row in human]

    def by_rate(edit: Edit) -> dict[str, Any]:
        return {f"{rate:.0%}": _recall(corpus, model, edit, Dice(rate, chance, words)) for rate in RATES}

    recall = by_rate(mixed)
    long = [row for row in model if corpus.thresholds.is_long_enough(row["output"], prompt(row))]
    judged = sum(found["all"]["judged"] for found in recall.values())
    known = sum(found["all"]["found"] for found in recall.values())
    people = look_up(corpus, texts, prompts)
    unknown = look_up(corpus, texts, [""] * len(texts))
    asked = {prompt(row) for row in model}
    hard = [copy is not None for (judged, copy), one in zip(people, prompts, strict=True) if judged and one in asked]
    return {
        "recall": recall,
        "sensitivity": known / judged,
        "judged_copies": judged // len(RATES),
        "only_replaced": {rate: found["all"] for rate, found in by_rate(replaced).items()},
        "without_prompts": _recall(corpus, model, mixed, Dice(MOST, chance, words), with_prompts=False)["all"],
        "edits": _edits(corpus, long, Dice(MOST, chance, words)),
        "people": _false_positives(people, texts, prompts),
        "people_same_question": _share(hard),
        "people_without_prompts": _share([copy is not None for judged, copy in unknown if judged]),
        "human_long_enough": sum(judged for judged, _ in people),
        "false_positives": sum(copy is not None for _, copy in people),
        "false_positives_without_prompts": sum(copy is not None for _, copy in unknown),
        "human_marked": sum(any(hit.marker in proving() for hit in find_markers(text)) for text in texts),
        "nearest_whole": {"people": nearest_whole(corpus, human), "other_models": _nearest_of_others(model)},
        "if_words_were": _if_words_were(model, human),
    }


class Dice(NamedTuple):
    """How much is edited, with what."""

    rate: float
    chance: random.Random
    words: list[str]


def _recall(corpus: Corpus, model: list[Row], edit: Edit, dice: Dice, *, with_prompts: bool = True) -> dict[str, Any]:
    """By language and length in words of the output: how many, of how many it can be judged, how many are found,
    and found of all: what cannot be judged counts as missed unless it is found."""
    texts = [edit(row["output"], *dice) for row in model]
    prompts = [prompt(row) if with_prompts else "" for row in model]
    groups: dict[str, list[tuple[bool, bool]]] = {}
    for row, (judged, copy) in zip(model, look_up(corpus, texts, prompts), strict=True):
        for name in ("all", row["lang"], f"{banded(length_of(row['output']), BANDS)} words"):
            groups.setdefault(name, []).append((judged, copy is not None))
    return {name: _counted(rows) for name, rows in sorted(groups.items())}


def _counted(rows: list[tuple[bool, bool]]) -> dict[str, Any]:
    judged, found = sum(one for one, _ in rows), sum(one and other for one, other in rows)
    anyhow = sum(one for _, one in rows)
    return {
        "outputs": len(rows),
        "judged": judged,
        "found": found,
        "recall": round(found / judged, 4) if judged else None,
        "found_of_all": anyhow,
        "recall_of_all": round(anyhow / len(rows), 4),
    }


def _edits(corpus: Corpus, model: list[Row], dice: Dice) -> dict[str, Any]:
    """Recall of each kind of editing at one word in ten, by language, of those that could be judged before."""
    found = {}
    for name, edit in {**WORD_EDITS, **WHOLE_EDITS}.items():
        texts = [edit(row["output"], *dice) for row in model]
        found[name] = _by_language(model, look_up(corpus, texts, [prompt(row) for row in model]))
    others = dice.chance.sample(model, len(model))
    glued = [f"{row['output']}\n\n{other['output']}" for row, other in zip(model, others, strict=True)]
    found["two outputs glued"] = _by_language(model, look_up(corpus, glued, [prompt(row) for row in model]))
    return found


def _by_language(model: list[Row], looked: list[tuple[bool, NearCopy | None]]) -> dict[str, Any]:
    rows = list(zip(model, looked, strict=True))
    out = {}
    for language in sorted({row["lang"] for row in model}):
        hits = [copy is not None for row, (judged, copy) in rows if judged and row["lang"] == language]
        out[language] = {"judged": len(hits), "recall": round(sum(hits) / len(hits), 4) if hits else None}
    return out


def _false_positives(
    looked: list[tuple[bool, NearCopy | None]], texts: list[str], prompts: list[str]
) -> dict[str, dict[str, Any]]:
    """By the number of own words: answers judged, how many of those were taken for copies, and the upper bound."""
    hits: dict[tuple[int, int], list[bool]] = {band: [] for band in OWN_BANDS}
    for (judged, copy), text, asked in zip(looked, texts, prompts, strict=True):
        if judged:
            own = len(own_words([text], asked))
            hits[next(band for band in OWN_BANDS if own < band[1])].append(copy is not None)
    return {f"{_named(band)} own words": _share(found) for band, found in hits.items() if found}


def nearest_whole(corpus: Corpus, rows: list[Row]) -> dict[str, float]:
    """The most fresh words in a match of these answers with a whole output, and in one of all but the same letters."""
    most = {"whole": 0.0, "exact": 0.0}
    limits, texts = corpus.thresholds, [row["output"] for row in rows]
    for row, matches in zip(rows, map_texts(corpus.index, texts, MapOptions(min_words=limits.words)), strict=True):
        for match in matches:
            needed = limits.words_for_whole(match)
            if needed is not None:
                name = "exact" if needed == limits.exact_words else "whole"
                stretches = " ".join(matched(row["output"], match))
                prompts = [prompt(row), corpus.output(match.work).prompt]
                if limits.answers(stretches, prompts):
                    most[name] = max(most[name], fresh_words(stretches, prompts))
    return most


def by_families(model: list[Row]) -> tuple[list[Row], list[Row]]:
    """Outputs of OpenAI's models and of models trained on them, and those of others."""
    theirs = [row for row in model if row["generator_type"].startswith("gpt")]
    return theirs, [row for row in model if row not in theirs]


def _nearest_of_others(model: list[Row]) -> dict[str, float]:
    theirs, others = by_families(model)
    with corpus_of(theirs) as corpus:
        return nearest_whole(corpus, others)


def _share(hits: list[bool]) -> dict[str, Any]:
    upper = measure.wilson(sum(hits), len(hits))[1] if hits else 1.0
    return {"judged": len(hits), "taken_for_copies": sum(hits), "at_most": round(upper, 4)}


def _if_words_were(model: list[Row], human: list[Row]) -> dict[str, Any]:
    """What fewer words would bring and cost: outputs that can be judged, people's answers taken for copies, and answers
    of other models taken for copies of those of OpenAI's models and of models trained on them."""
    theirs, others = by_families(model)
    found = {}
    for number in FEWER_WORDS:
        limits = replace(Thresholds(), words=number)
        row: dict[str, Any] = {
            "outputs_judged": sum(limits.is_long_enough(one["output"], prompt(one)) for one in model),
        }
        with corpus_of(theirs, limits) as corpus:
            for name, some in (("people", human), ("other_models", others)):
                looked = look_up(corpus, [one["output"] for one in some], [prompt(one) for one in some])
                row[name] = _share([copy is not None for judged, copy in looked if judged])
        found[str(number)] = row
    return found


def banded(count: int, bands: Sequence[tuple[int, int]]) -> str:
    """The name of the band that holds the count."""
    return _named(next(band for band in bands if band[0] <= count < band[1]))


def _named(band: tuple[int, int]) -> str:
    low, high = band
    return f"{low}-{high}" if high < 1 << 30 else f"{low}+"
