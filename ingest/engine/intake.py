"""A text on its way into an index: folded, sketched, measured and counted in one go.

The same minimizers and totals as `sketch_text`, without the code-point offsets, which an index that holds the text does
not need; and the places of its blocks, which fall off the folding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ingest.engine.compiled import INT, READ_U8, compiled
from ingest.engine.minimizers import minimizers
from ingest.engine.normalise import ANCHOR_CHARS, Array, Scratch, fold_texts
from ingest.engine.params import Params
from ingest.engine.segment_format import TEXT_BLOCK_CHARS
from ingest.engine.words import words_between

GROUPS_A_BLOCK = TEXT_BLOCK_CHARS // ANCHOR_CHARS


@dataclass(frozen=True)
class TextRecord:
    """One text of an index, as `IndexRecord`, its sketch to be made while it is written."""

    work: str
    edition: str | None
    text: str
    title: str = ""
    author: str = ""
    isbn: str = ""


class ReadText(NamedTuple):
    """What an index keeps of a text. Arrays hold until the next text is read with the same scratch."""

    utf8: Array
    hashes: Array  # uint64
    positions: Array  # uint32
    signatures: Array  # uint8 rows of two
    block_bytes: Array  # bytes before each block of 4,096 code points
    block_symbols: Array
    symbols: int
    letters: int
    chars: int
    words: int


@compiled(READ_U8, INT)
def _count_words(utf8: Array, end: int) -> int:
    return words_between(utf8, 0, end)


def read_text(text: str, params: Params, scratch: Scratch) -> ReadText:
    """Read a text once. About 6 bytes of memory a code point; those of short texts are used again."""
    letters = fold_texts([text], scratch)
    positions, hashes, signatures = minimizers(letters.symbols, params)
    return ReadText(
        utf8=letters.utf8,
        hashes=hashes,
        positions=positions,
        signatures=signatures,
        block_bytes=letters.anchor_bytes[::GROUPS_A_BLOCK],
        block_symbols=letters.anchor_symbols[::GROUPS_A_BLOCK],
        symbols=int(letters.symbols.size),
        letters=int(letters.text_letters[0]),
        chars=len(text),
        words=_count_words(letters.utf8, letters.utf8.size),
    )
