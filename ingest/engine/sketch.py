"""Texts → seeds: the sketch that an index or a fingerprint keeps, and the seeds that a batch of documents looks up.

A sketch is the minimizers of a text: in every w consecutive seeds the one with the least hash, the last of equals
(Schleimer, Wilkerson and Aiken 2003, "Winnowing"; Roberts et al. 2004), so any clean common run of w + k − 1 symbols
shares a seed. Queries use more: every seed below a threshold, and the least of any window without (`candidates`).
"""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ingest.engine.candidates import leaving_hashes, select
from ingest.engine.compiled import (
    HASH,
    INT,
    READ_I64_ROWS,
    READ_U16,
    READ_U64,
    WRITE_I64,
    WRITE_U32,
    WRITE_U64,
    compiled,
)
from ingest.engine.minimizers import minimizers
from ingest.engine.normalise import count_letters, letter_stream
from ingest.engine.params import REGISTRY_1, Params
from ingest.engine.places import char_offsets
from ingest.engine.records import Array, Sketch
from ingest.engine.rolling import ROOM, STRETCH, SYMBOL_HASHES
from ingest.engine.scratch import scratch
from ingest.engine.words import count_words

BLOCK_SYMBOLS = 1 << 20  # of a long text, read at once


def sketch_text(text: str, params: Params = REGISTRY_1) -> Sketch:
    """The sketch of a text: minimizers with symbol positions and code-point offsets, and totals."""
    stream = letter_stream(text)
    positions, hashes, signatures = minimizers(stream.symbols, params)
    return Sketch(
        parameters=params.name,
        hashes=hashes,
        positions=positions,
        offsets=char_offsets(text, stream, positions.astype(np.int64)).astype(np.uint32),
        signatures=signatures,
        symbols=stream.symbols.size,
        letters=count_letters(stream.symbols),
        chars=len(text),
        words=count_words(text),
    )


@compiled(READ_U16, READ_I64_ROWS, INT, INT, HASH, READ_U64, READ_U64, WRITE_U32, WRITE_U64, WRITE_I64)
def _candidates_of_stretches(
    symbols: Array,
    stretches: Array,
    k: int,
    w: int,
    threshold: np.uint64,
    entering: Array,
    leaving: Array,
    positions: Array,
    hashes: Array,
    ends: Array,
) -> bool:
    """The candidates of stretches (rows as `stretches_of` makes them), one after the other, and the `ends` of each.
    False when the output is full."""
    buffers = np.zeros((5, STRETCH + ROOM), np.uint64)
    found = 0
    for s in range(stretches.shape[0]):
        base, low, high = stretches[s, 1], stretches[s, 2], stretches[s, 3]
        first, last = stretches[s, 4], stretches[s, 5]
        part = symbols[base + low : base + high]
        more = select(part, k, w, threshold, entering, leaving, buffers, positions[found:], hashes[found:])
        if more < 0:
            return False
        if low == first and high <= last:
            found += more
        else:
            for i in range(found, found + more):
                at = np.int64(positions[i]) + low
                if first <= at < last:
                    positions[found], hashes[found] = at, hashes[i]
                    found += 1
        ends[s] = found
    return True


class Seeds(NamedTuple):
    """What a batch looks up: stretches of its texts, symbol positions in the text (uint32) and hashes (uint64), one
    stretch after the other, and where each stretch's seeds end."""

    stretches: Array
    positions: Array
    hashes: Array
    ends: Array


def stretches_of(text_symbols: Array, overlap: int) -> Array:
    """How a batch is read: rows text, its first symbol, stretch from, to, seeds wanted from, to, symbols of the text.
    Texts of up to BLOCK_SYMBOLS are one stretch; a longer one is several, each with so much of its neighbours that it
    finds what the whole text would find."""
    rows = []
    bounds = text_symbols.tolist()
    for text, (base, end) in enumerate(pairwise(bounds)):
        size = end - base
        for first in range(0, size, BLOCK_SYMBOLS):
            last = first + BLOCK_SYMBOLS
            read = max(0, first - overlap), min(size, last + overlap)
            rows.append((text, base, *read, first, min(size, last), size))
    return np.array(rows, np.int64).reshape(-1, 7)


def query_seeds(symbols: Array, stretches: Array, params: Params) -> Seeds:
    """The seeds that stretches of a batch look up."""
    k, w = params.seed_symbols, params.window_seeds
    letters = int((stretches[:, 3] - stretches[:, 2]).sum())
    capacity = int(letters * params.query_rate / w * 1.1) + 256
    threshold = np.uint64(params.query_threshold)
    ends = np.empty(len(stretches), np.int64)
    while True:
        positions, hashes = scratch("seed positions", capacity, np.uint32), scratch("seed hashes", capacity, np.uint64)
        if _candidates_of_stretches(
            symbols, stretches, k, w, threshold, SYMBOL_HASHES, leaving_hashes(k), positions, hashes, ends
        ):
            found = int(ends[-1]) if ends.size else 0
            return Seeds(stretches, positions[:found], hashes[:found], ends)
        capacity = min(letters, capacity * 4) + 256
