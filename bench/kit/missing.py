"""How often an excerpt is missed: by its length, its errors, the least length reported, parameter set and script."""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.kit import catalogue
from bench.kit.library import Volume
from bench.kit.noise import Noise, scanned
from bench.kit.reliability import isotonic, wilson
from ingest.engine.index import Index
from ingest.engine.params import preset
from ingest.engine.records import MapOptions, Match

Array = npt.NDArray[Any]
Measured = dict[str, dict[str, dict[str, Array]]]
WORDS = (20, 30, 50, 75, 100, 150, 200, 300, 500, 1_000)
ERRORS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.08, 0.10, 0.15)
SHARES = (1.0, 0.9, 0.75, 0.5, 0.25)  # least words reported, as a share of the excerpt's
AROUND = 300  # characters on each side
SCALE = 10_000
CHARS_A_WORD = {False: 8, True: 2}  # more than any text has
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
SCRIPTS = ("alphabetic", "han")


@dataclass(frozen=True)
class Excerpt:
    """A document with an excerpt at `start` to `end`."""

    text: str
    work: str
    start: int
    end: int
    host: str
    host_author: str


def excerpts(works: Sequence[Volume], han: bool, trials: int, seed: int) -> Iterator[list[Excerpt]]:
    """For each length the documents of all error rates: trials × len(ERRORS)."""
    for length in WORDS:
        found = []
        for errors in ERRORS:
            draw = random.Random(f"{seed}:missing:{han}:{length}:{errors}")
            usable = long_enough(works, han, length)
            found += [excerpt_in(usable, length, scanned(errors), draw) for _ in range(trials)]
        yield found


def long_enough(works: Sequence[Volume], han: bool, length: int) -> list[Volume]:
    """Works of a script that an excerpt of so many words can be drawn from."""
    return [w for w in works if w.han is han and len(w.text) > 4_000 + CHARS_A_WORD[han] * length]


def excerpt_in(
    works: Sequence[Volume], length: int, noise: Noise, draw: random.Random, around: int = 2 * AROUND
) -> Excerpt:
    """An excerpt of `length` words, from a drawn place of a drawn work, at a drawn place of a stretch of `around`
    characters by another author."""
    work = draw.choice(works)
    han = work.han
    spans: list[tuple[int, int]] = []
    while len(spans) < length:  # a table of contents or a page of ornaments has too few: draw again
        at = draw.randrange(len(work.text) - CHARS_A_WORD[han] * length)
        spans = list(islice(_units(work.text, at, han), 1, length + 1))
    start, end = spans[0][0], spans[-1][1]
    excerpt = noise(work.text[start:end], work.text, draw)
    host = draw.choice([w for w in works if w.author != work.author] or list(works))
    at = draw.randrange(max(1, len(host.text) - around))
    stretch, cut = host.text[at : at + around], draw.randrange(around + 1)
    before = stretch[:cut]
    span = (len(before) + 1, len(before) + 1 + len(excerpt))
    return Excerpt(f"{before}\n{excerpt}\n{stretch[cut:]}", work.name, *span, host.name, host.author)


def _units(text: str, at: int, han: bool) -> Iterator[tuple[int, int]]:
    """Words as the engine counts them, from a place on; the first may be half a word."""
    if not han:
        return (m.span() for m in WORD.finditer(text, at))
    return ((place, place + 1) for place in range(at, len(text)) if text[place].isalpha())


def hits(index: Index, cases: Sequence[Excerpt], length: int) -> Array:
    """How many of the excerpts of each error rate are reported, by error rate and share."""
    trials = len(cases) // len(ERRORS)
    found = np.zeros((len(ERRORS), len(SHARES)), np.int64)
    strong = preset(index.parameter_sets[0].name).strong_words
    words_by_limit: dict[int, list[int]] = {}
    for column, share in enumerate(SHARES):
        least = max(1, round(share * length))
        limit = min(least, strong)  # with a higher limit the same passages count
        if limit not in words_by_limit:
            answered = catalogue.map_batches(index, [c.text for c in cases], MapOptions(min_words=limit))
            words_by_limit[limit] = [words_found(c, m) for c, m in zip(cases, answered, strict=True)]
        enough = np.array(words_by_limit[limit]) >= least
        found[:, column] = enough.reshape(len(ERRORS), trials).sum(1)
    return found


def words_found(case: Excerpt, matches: Sequence[Match]) -> int:
    """Words reported of the excerpt's work, if it is in the excerpt."""
    for match in matches:
        if match.work == case.work and any(
            p.document_start < case.end and case.start < p.document_end for p in match.passages
        ):
            return match.matched_words
    return 0


def measure(works: Sequence[Volume], sets: Sequence[str], trials: int, seed: int) -> Measured:
    """Hits (words, errors, shares) of `trials` excerpts a cell, by parameter set, precision and script."""
    held = [s for s in SCRIPTS if long_enough(works, s == "han", WORDS[-1])]
    planted = {script: list(excerpts(works, script == "han", trials, seed)) for script in held}
    found: Measured = {}
    for parameters in sets:
        found[parameters] = {}
        for precision in ("exact", "sketch"):
            with tempfile.TemporaryDirectory(prefix="bench-missing-") as scratch:
                path = Path(scratch) / "index"
                catalogue.build(path, [(w.name, w.text) for w in works], preset(parameters), precision == "exact")
                with Index.open(path) as index:
                    found[parameters][precision] = {
                        script: np.stack([hits(index, cases, n) for n, cases in zip(WORDS, of_script, strict=True)])
                        for script, of_script in planted.items()
                    }
    return found


def smoothed(shares: Array, rounds: int = 200) -> Array:
    """The closest table that falls along no axis in the direction of longer excerpts, fewer errors, lower limits: one
    axis after the other, with the corrections that make it the closest one (Dykstra 1983)."""
    values = shares[:, ::-1, :].astype(np.float64)
    corrections = [np.zeros_like(values) for _ in range(3)]
    for _ in range(rounds):
        before = values.copy()
        for axis in range(3):
            wished = values + corrections[axis]
            values = np.apply_along_axis(lambda row: isotonic(row, np.ones(len(row))), axis, wished)
            corrections[axis] = wished - values
        if np.abs(values - before).max() < 1e-7:
            break
    for axis in range(3):
        values = np.maximum.accumulate(values, axis)
    return np.clip(values[:, ::-1, :], 0.0, 1.0)


def least_found(found: Array, trials: int) -> Array:
    """Lower ends of the 95 % intervals (Wilson): of a cell, or of it together with shorter excerpts of the same errors
    and limit, which are no easier, whichever is higher; never lower than that of any harder cell."""
    bound = np.zeros(found.shape)
    for at in range(found.shape[0]):
        for since in range(at + 1):
            together = found[since : at + 1].sum(0)
            number = trials * (at + 1 - since)
            for cell in np.ndindex(*together.shape):
                bound[at][cell] = max(bound[at][cell], wilson(together[cell] / number, number)[0])
    bound = np.maximum.accumulate(bound, 0)
    bound = np.maximum.accumulate(bound[:, ::-1], 1)[:, ::-1]
    return np.maximum.accumulate(bound, 2)


def supported(found: Array, smooth: Array, trials: int) -> Array:
    """The smoothed shares, kept from 0 and 1 by the rule of three: where all were found, of this and all shorter
    excerpts without a miss, three in that many trials may be missed; where none was found, half a find is assumed."""
    out = smooth.copy()
    for at in range(found.shape[0]):
        for cell in np.ndindex(*found.shape[1:]):
            clean = 1
            while clean <= at and found[(at - clean, *cell)] == trials:
                clean += 1
            none = 1
            while at + none < found.shape[0] and found[(at + none, *cell)] == 0:
                none += 1
            out[(at, *cell)] = min(1 - 3 / (trials * clean + 3), max(0.5 / (trials * none), out[(at, *cell)]))
    out = np.maximum.accumulate(out, 0)
    out = np.maximum.accumulate(out[:, ::-1], 1)[:, ::-1]
    return np.maximum.accumulate(out, 2)


def table(measured: Measured, trials: int) -> dict[str, Any]:
    """What `confidence.no_match` evaluates: whole numbers out of `scale`, words × errors × shares in one list."""
    found: dict[str, Any] = {}
    least: dict[str, Any] = {}
    for parameters, by_precision in measured.items():
        found[parameters], least[parameters] = {}, {}
        for precision, by_script in by_precision.items():
            found[parameters][precision], least[parameters][precision] = {}, {}
            for script, counts in by_script.items():
                shares = supported(counts, smoothed(counts / trials), trials)
                bound = np.minimum(least_found(counts, trials), shares)
                found[parameters][precision][script] = np.round(shares * SCALE).astype(int).ravel().tolist()
                least[parameters][precision][script] = np.round(bound * SCALE).astype(int).ravel().tolist()
    return {
        "words": WORDS,
        "errors": ERRORS,
        "shares": SHARES,
        "trials": trials,
        "scale": SCALE,
        "found": found,
        "found_at_least": least,
    }
