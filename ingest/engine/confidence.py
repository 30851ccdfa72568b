"""How sure a match is, and how sure it is that nothing was missed.

`of` is the probability that a match is a true copy: that its passages come from the work by copying, and not by chance,
from set phrases, from two independent translations, or because both sides quote a third text. `no_match` says with
which probability a passage of a given length and noise would have been reported. Both evaluate `confidence.json`,
which `bench/calibrate.py` fits on real texts; `docs/calibration.md` describes the fit, its data and its limits.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import exp, log, sqrt
from pathlib import Path
from typing import Any, Literal

from ingest.engine.errors import UnknownParameters
from ingest.engine.records import Match, Precision

Script = Literal["alphabetic", "han"]
TABLE = Path(__file__).with_name("confidence.json")
PRIOR_COPY = 0.5  # share of true copies among the matches that the fit was balanced for
PRIOR_HELD = 0.01  # share of documents that hold such a passage, where nothing is known of them
FEATURES = (
    "ln words",
    "ln (1 + longest verbatim run in words)",
    "ln words of the longest passage",
    "−ln (0.02 + share of edits)",
    "ln (0.003 + coverage of the document)",
    "square root of the coverage of the work",
    "−share of boilerplate",
    "ln (longest verbatim run ÷ 25 words), if longer than that",
)
LEAST_EDITS = 0.02  # of the letters; fewer than that say nothing more
LEAST_COVERAGE = 0.003
LONG_RUN = log(25)  # words; what two unrelated texts hardly ever share word for word
MOST_PASSAGES = 64  # looked through for the longest


@dataclass(frozen=True)
class NoMatch:
    """What the absence of a match says of passages of `words` words or more with a share of `errors` or fewer of their
    letters wrong: `found`, the probability that one would have been reported (with `found_at_least`, the lower end of
    its 95 % interval), and `absent`, the probability that the document holds none, if a share `prior` of all documents
    does."""

    words: int
    errors: float
    min_words: int
    parameters: str
    precision: Precision
    script: Script
    found: float
    found_at_least: float
    prior: float
    absent: float

    def __str__(self) -> str:
        unit = "characters" if self.script == "han" else "words"
        return (
            f"A passage of at least {self.words} {unit} with at most {100 * self.errors:g} % errors would have been "
            f"found with probability {self.found:.4g} (95 %: at least {self.found_at_least:.4g}). If one document in "
            f"{1 / self.prior:.4g} holds such a passage, this one holds none with probability {self.absent:.6g}."
        )


def features(match: Match) -> tuple[float, ...]:
    """What the fit looks at (FEATURES). Each grows with what speaks for a copy, and none has a negative weight: more
    words never lower the confidence."""
    words = max(1, match.matched_words)
    passages = match.passages
    longest = passages[0].words if len(passages) == 1 else max([p.words for p in passages[:MOST_PASSAGES]], default=1)
    usual = sum([p.words for p in match.boilerplate]) if match.boilerplate else 0
    edits = 0.0 if match.identity is None else 1.0 - match.identity
    run = log(1 + match.longest_verbatim_words)
    return (
        log(words),
        run,
        log(longest if longest > 1 else 1),
        -log(LEAST_EDITS + edits),
        log(LEAST_COVERAGE + match.coverage_document),
        sqrt(match.coverage_work),
        -usual / (words + usual),
        run - LONG_RUN if run > LONG_RUN else 0.0,
    )


def of(match: Match, prior: float = PRIOR_COPY) -> float:
    """Probability that a match is a true copy, never 0 or 1. `prior`: share of true copies among matches like those of
    the reference population (8 words and more, any length); 0 < prior < 1."""
    intercept, weights, lowest, highest = _lines()[match.precision]
    score = intercept
    for value, weight in zip(features(match), weights, strict=True):
        score += value * weight
    score = lowest if score < lowest else highest if score > highest else score
    if prior != PRIOR_COPY:
        score += _log_odds(prior)
    return 1.0 / (1.0 + exp(-score))


def no_match(
    words: int,
    errors: float = 0.05,
    *,
    min_words: int = 50,
    parameters: str = "registry-1",
    precision: Precision = "exact",
    script: Script = "alphabetic",
    prior: float = PRIOR_HELD,
) -> NoMatch:
    """What it means that nothing was reported for a document.

    words: of the passage that might have been missed (characters, where `script` is han), at least `min_words`, the
    limit the document was matched with. errors: share of its letters that are wrong, as in a scan. precision: sketch,
    where the index holds no texts. `ValueError` for what was not measured, `UnknownParameters` for such a set.
    """
    table = _table()["missed"]
    if parameters not in table["found"]:
        raise UnknownParameters(f"nothing was measured for parameter set {parameters!r}", name=parameters)
    if not 0 < prior < 1:
        raise ValueError(f"prior is a share between 0 and 1, not {prior}")
    if not 0 <= errors <= table["errors"][-1]:
        raise ValueError(f"errors are measured from 0 to {table['errors'][-1]}, not {errors}")
    fewest = max(min_words, table["words"][0])
    if words < fewest:
        raise ValueError(
            f"with min_words={min_words}, nothing is known of passages under {fewest} words, nor of {words}"
        )
    at = (log(words), errors, -min_words / words)
    found, least = (_between(table[name][parameters][precision][script], at) for name in ("found", "found_at_least"))
    return NoMatch(
        words, errors, min_words, parameters, precision, script, found, least, prior, (1 - prior) / (1 - prior * found)
    )


def _between(cells: list[int], at: tuple[float, float, float]) -> float:
    """Linear between the measured cells of a grid of three axes; outside of it as at its edge."""
    table = _table()["missed"]
    axes = ([log(n) for n in table["words"]], table["errors"], [-share for share in table["shares"]])
    sides = []
    for axis, value in zip(axes, at, strict=True):
        place = max(0, min(len(axis) - 2, bisect_right(axis, value) - 1))
        part = (value - axis[place]) / (axis[place + 1] - axis[place])
        part = max(0.0, min(1.0, part))
        sides.append(((place, 1 - part), (place + 1, part)))
    total = 0.0
    for (i, x), (j, y), (k, z) in product(*sides):
        total += x * y * z * cells[(i * len(axes[1]) + j) * len(axes[2]) + k]
    return total / table["scale"]


def reload() -> None:
    """Read the table again, after a new fit was written."""
    _table.cache_clear()
    _lines.cache_clear()


def _log_odds(probability: float) -> float:
    if not 0 < probability < 1:
        raise ValueError(f"prior is a share between 0 and 1, not {probability}")
    return log(probability / (1 - probability))


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return table


@cache
def _lines() -> dict[str, tuple[float, tuple[float, ...], float, float]]:
    """Intercept, weights, lowest and highest log odds by precision."""
    return {
        precision: (line["intercept"], tuple(line["weights"]), line["lowest"], line["highest"])
        for precision, line in _table()["matches"].items()
    }
