"""The letter table in memory, and what it says of a character of UTF-8.

Kernels reach it by name (see `lanes.table_reader`). A damaged index may hold any bytes at all: nothing here reads out
of range.
"""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ingest.engine import letter_table
from ingest.engine.lane_tables import class_masks, pair_functions
from ingest.engine.lanes import near, table_reader
from ingest.engine.letter_format import (
    CODE_POINTS,
    KIND_EXPANSION,
    KIND_PAIR,
    KIND_SHIFT,
    PAGE,
    TRAIL,
    VALUE_MASK,
    WORD_SHIFT,
)

Array = npt.NDArray[Any]

EXPANSION = 0xFFFF0000  # from here on no pair of symbols, but the place of an expansion
ONE, TWO, THREE, FOUR = (np.uint64(n) for n in range(1, 5))


class _Table(NamedTuple):
    pages: Array  # uint32: where in the next two each 256 code points begin
    pairs: Array  # uint32, one an entry: first symbol | second << 16 (0: none), or EXPANSION | place of it
    word_classes: Array  # uint8, one an entry
    expansions: Array  # uint16: how many symbols, then those; and four more, since they are read four at a time
    digest: str


def _load_table() -> _Table:
    raw = zlib.decompress(base64.b85decode(letter_table.PACKED))
    page_count, expansion_size = (int(n) for n in np.frombuffer(raw, "<u4", 2))
    page_of = np.frombuffer(raw, "<u2", CODE_POINTS // PAGE, 8).astype(np.uint32)
    at = 8 + 2 * page_of.size
    entries = np.cumsum(np.frombuffer(raw, "<u4", page_count * PAGE, at), dtype=np.uint32)
    expansions = np.frombuffer(raw, "<u2", expansion_size, at + 4 * entries.size)
    kind, value = entries >> np.uint32(KIND_SHIFT) & np.uint32(3), entries & np.uint32(VALUE_MASK)
    pairs = 0x4000 | value >> np.uint32(7) | (TRAIL | value & np.uint32(0x7F)) << np.uint32(16)
    choices = [kind == KIND_PAIR, kind == KIND_EXPANSION]
    return _Table(
        page_of * np.uint32(PAGE),
        np.select(choices, [pairs, np.uint32(EXPANSION) | value], value).astype(np.uint32),
        (entries >> np.uint32(WORD_SHIFT)).astype(np.uint8),
        np.append(expansions, np.zeros(FOUR, np.uint16)).astype(np.uint16),
        "sha256:" + hashlib.sha256(raw).hexdigest(),
    )


TABLE = _load_table()
TABLE_DIGEST = TABLE.digest
# Of the first plane also one by one, so that 16 code points can be looked up at once.
PLANE = (TABLE.pages[:256, None] + np.arange(PAGE, dtype=np.uint32)).ravel()
PLANE_PAIRS = TABLE.pairs[PLANE]

page_at = table_reader("colophon_letter_pages", TABLE.pages)
pair_at = table_reader("colophon_letter_pairs", TABLE.pairs)
word_class_at = table_reader("colophon_word_classes", TABLE.word_classes)
expansion_at = table_reader("colophon_letter_expansions", TABLE.expansions)
pair_of = table_reader("colophon_plane_pairs", PLANE_PAIRS)
classes_of = class_masks("colophon_plane_classes", np.append(TABLE.word_classes[PLANE], np.zeros(3, np.uint8)))
write_pairs, symbols_there = pair_functions("colophon_plane_pairs", PLANE_PAIRS, EXPANSION)


@near
def _code_point(utf8: Array, at: np.uint64) -> tuple[np.uint32, np.uint64]:
    """Code point and width of the character at a byte, whatever the bytes."""
    lead = np.uint32(utf8[at])
    left = np.uint64(utf8.size) - at
    if lead < 0x80:
        return lead, ONE
    if lead < 0xE0 and left > ONE:
        return np.uint32((lead & 0x1F) << 6 | (utf8[at + ONE] & 0x3F)), TWO
    if lead < 0xF0 and left > TWO:
        return np.uint32((lead & 0x0F) << 12 | (utf8[at + ONE] & 0x3F) << 6 | (utf8[at + TWO] & 0x3F)), THREE
    if left > THREE:
        code = (lead & 0x07) << 18 | (utf8[at + ONE] & 0x3F) << 12 | (utf8[at + TWO] & 0x3F) << 6
        return np.uint32(min(code | (utf8[at + THREE] & 0x3F), CODE_POINTS - 1)), FOUR
    return np.uint32(0), left


@near
def entry_at(utf8: Array, at: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Number of the table's entry for the character at a byte, and the character's width in bytes."""
    code, width = _code_point(utf8, at)
    return np.uint64(page_at(np.uint64(code >> np.uint32(8)))) + np.uint64(code & np.uint32(0xFF)), width


@near
def symbols_of(pair: np.uint32) -> np.uint64:
    """How many symbols one entry stands for."""
    if pair >= EXPANSION:
        return np.uint64(expansion_at(np.uint64(pair & np.uint32(0xFFFF))))
    return np.uint64(pair & np.uint32(0xFFFF) != 0) + np.uint64(pair > np.uint32(0xFFFF))


@near
def write_pair(pair: np.uint32, out: Array, filled: np.uint64) -> np.uint64:
    """Write the symbols of one entry; four may be overwritten. Returns the index after them."""
    if pair < EXPANSION:
        out[filled] = pair & np.uint32(0xFFFF)
        out[filled + ONE] = pair >> np.uint32(16)
        return filled + symbols_of(pair)
    first = np.uint64(pair & np.uint32(0xFFFF))
    size = np.uint64(expansion_at(first))
    for i in range(FOUR):
        out[filled + i] = expansion_at(first + ONE + i)
    for i in range(FOUR, size):
        out[filled + i] = expansion_at(first + ONE + i)
    return filled + size
