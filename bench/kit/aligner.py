"""What two texts truly share, found without seeds and without the engine: an exhaustive alignment of their letters.

Letters: NFKD, case folded, letters and digits only, Han in simplified script. The document is cut into overlapping
pieces, and each is aligned at least edit distance with the whole of the work, its ends there free (`edlib`, mode HW:
Myers' bit-parallel algorithm, Šošić and Šikić 2017), over every cell: no seeds, any order of chapters. Why edlib: it is
exact, gives the path, and is fast enough for two novels. A single global alignment (rapidfuzz has one too) is no truth:
without a cost for opening a gap, letters beside a missing chapter are spread over it for free. parasail has such costs,
but its memory for a path grows with the product of the lengths, and difflib is no optimum.
"""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import numpy as np
import opencc
from rapidfuzz.distance import Levenshtein

LEAST_SCORE = 40  # of a stretch that no chance explains
LEAST_SCORE_HAN = 16
PIECE, STEP = 400, 300  # letters; Han: half
NEARBY = 2_000  # letters around the place where the last piece ended, tried first
SURE_ERRORS = 0.05  # a piece found nearby with fewer errors is not looked for elsewhere
MOST_CELLS = 4e12
JUDGED_LETTERS = 12_000
CIGAR = re.compile(rb"(\d+)([=XID])")


@cache
def _simplifier() -> Any:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=64)
def letters(text: str) -> str:
    """Letters and digits of a text, folded; Han simplified."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in _simplifier().convert(folded) if c.isalnum())


def shingles(text: str, size: int = 24) -> set[str]:
    """Every fourth run of `size` letters (half as many for Han) by content, so that two texts choose the same."""
    stream = letters(text)
    size = size // 2 if any(ord(c) >= 0x3400 for c in stream[:200]) else size
    return {s for at in range(len(stream) - size + 1) if hash_letters(s := stream[at : at + size]) % 4 == 0}


def hash_letters(shingle: str) -> int:
    """A number that does not change from run to run."""
    return sum(ord(c) * place for place, c in enumerate(shingle, 1))


def similarity(document: str, work: str) -> float:
    """1 − edit distance ÷ longer length, on letters. Two unrelated English texts have 0.2, Chinese ones 0.05."""
    one, other = letters(document)[:JUDGED_LETTERS], letters(work)[:JUDGED_LETTERS]
    return float(Levenshtein.normalized_similarity(one, other))


def covered(
    document: str, work: str, edit: int = 2, drop: int = 60, most_cells: float = MOST_CELLS
) -> tuple[float, float] | None:
    """Shares of the letters of both sides that lie in common passages; None where the product of lengths is too large.

    A passage is a stretch of an optimal alignment grown with +1 an equal letter, −`edit` an edit, given up `drop` below
    its best, and cut back to its best: the definition the engine states, applied to every cell instead of to seeds.
    """
    one, other = letters(document), letters(work)
    if not one or not other or len(one) * len(other) > most_cells:
        return None
    han = any(ord(c) >= 0x3400 for c in one[:1000])
    least, piece, step = (LEAST_SCORE_HAN, PIECE // 2, STEP // 2) if han else (LEAST_SCORE, PIECE, STEP)
    one, other = _narrowed(one), _narrowed(other)
    in_document, in_work = np.zeros(len(one), bool), np.zeros(len(other), bool)
    expected = 0
    for at in range(0, max(1, len(one) - (piece - step)), step):
        start, path = _place(one[at : at + piece], other, expected)
        for d, d_end, w, w_end in passages(_runs(path), least, edit, drop):
            in_document[at + d : at + d_end] = True
            in_work[start + w : start + w_end] = True
            expected = start + w_end - (d_end - step)
    return float(in_document.mean()), float(in_work.mean())


def _narrowed(stream: str) -> str:
    """Letters as at most 256 different ones, as edlib wants them: others than ASCII by the rest of a division, so that
    two different Han characters are taken for equal once in 127."""
    points = np.array([ord(c) for c in stream], np.uint32)
    return np.where(points < 128, points, 128 + points % 127).astype(np.uint8).tobytes().decode("latin-1")


def _place(piece: str, work: str, expected: int) -> tuple[int, bytes]:
    """Where in the work a piece aligns best, and the path: close to where it is expected, else anywhere."""
    low, high = max(0, expected - NEARBY), expected + NEARBY + len(piece)
    tool = importlib.import_module("edlib")  # only these benchmarks need it
    limit = int(SURE_ERRORS * len(piece))
    found = tool.align(piece, work[low:high], mode="HW", task="path", k=limit)
    if found["editDistance"] < 0:
        low, found = 0, tool.align(piece, work, mode="HW", task="path")
    return low + found["locations"][0][0], found["cigar"].encode()


def passages(runs: Iterator[tuple[str, int]], least: int, edit: int, drop: int) -> Iterator[tuple[int, int, int, int]]:
    """Stretches (document start and end, work start and end, in letters) from runs of =, X, I (document only) and D."""
    at = [0, 0]
    start = end = (0, 0)
    score = best = 0
    for kind, length in runs:
        if kind == "=":
            start = start if score else (at[0], at[1])
            score += length
        at[0] += length if kind in "=XI" else 0
        at[1] += length if kind in "=XD" else 0
        if kind == "=":
            if score > best:
                best, end = score, (at[0], at[1])
            continue
        score -= edit * length
        if score <= 0 or best - score > drop:
            if best >= least:
                yield start[0], end[0], start[1], end[1]
            score = best = 0
    if best >= least:
        yield start[0], end[0], start[1], end[1]


def _runs(path: bytes) -> Iterator[tuple[str, int]]:
    return ((kind.decode(), int(length)) for length, kind in CIGAR.findall(path))
