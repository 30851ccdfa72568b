"""The compiled pass behind features.py: every character of a batch once. Columns are those of features.PLAIN."""
# ruff: noqa: PLR1714, PLR0917  compiled code compares machine integers and takes arrays by position

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from ingest.engine.compiled import (
    READ_I64,
    READ_U32,
    READ_U64,
    WRITE_F64_ROWS,
    WRITE_I64,
    WRITE_I64_ROWS,
    compiled,
    inlined,
    subroutine,
)

FIRST = 50  # words in which different ones are counted, so that the figure does not depend on length
READ_I16 = types.Array(types.int16, 1, "C", readonly=True, aligned=False)
WRITE_F32 = types.float32[:, ::1]
_OFFSET = np.uint64(14695981039346656037)
_PRIME = np.uint64(1099511628211)


@inlined
def _is_letter(code: int) -> bool:
    if code < 128:
        return 97 <= code <= 122 or 65 <= code <= 90
    return (
        (0xC0 <= code < 0x250 and code != 0xD7 and code != 0xF7)
        or 0x370 <= code < 0x2000
        or 0x3040 <= code < 0xD7B0
        or 0x20000 <= code < 0x33500
        or 0xF900 <= code < 0xFB00
    )


@inlined
def _lower(code: int) -> int:
    if 65 <= code <= 90 or (0xC0 <= code <= 0xDE and code != 0xD7) or 0x410 <= code <= 0x42F:
        return code + 32
    return code


@inlined
def _script(code: int) -> int:
    """As `languages.script_of`, compiled."""
    if code < 0x250 or 0x1E00 <= code < 0x1F00:
        return 0
    if 0x3400 <= code < 0xA000 or 0x20000 <= code < 0x33500:
        return 1
    if 0x3040 <= code < 0x3100:
        return 2
    if 0xAC00 <= code < 0xD7B0 or 0x1100 <= code < 0x1200:
        return 3
    if 0x400 <= code < 0x530:
        return 4
    return 5


@subroutine
def _is_new(seen: NDArray[np.uint64], key: np.uint64) -> bool:
    """Whether the key was not in the set (open addressing, a power of two of slots), which then holds it."""
    mask = np.uint64(len(seen) - 1)
    spot = key & mask
    while seen[spot] != 0 and seen[spot] != key:
        spot = (spot + np.uint64(1)) & mask
    new = seen[spot] == 0
    seen[spot] = key
    return bool(new)


@subroutine
def _look_up(key, keys, columns, languages, out, common):  # type: ignore[no-untyped-def]
    """Count a word in its column and for the languages in which it is common."""
    mask = np.uint64(len(keys) - 1)
    at = key & mask
    while keys[at] != 0 and keys[at] != key:
        at = (at + np.uint64(1)) & mask
    if keys[at] == key:
        if columns[at] >= 0:
            out[columns[at]] += 1
        if languages[at] != 0:
            for bit in range(len(common)):
                common[bit] += (languages[at] >> bit) & 1


@subroutine
def _mark(out, code, previous, following):  # type: ignore[no-untyped-def]  # noqa: C901, PLR0912
    """Count a visible character that is no part of a word; the columns are those of PLAIN."""
    if code == 44:
        out[11] += 1
    elif code == 59:
        out[12] += 1
    elif code == 58:
        out[13] += 1
        out[38] += following == 10
        out[40] += following == 47
    elif code == 46:
        out[14] += 1
        out[23] += previous == 46
    elif code == 63:
        out[15] += 1
    elif code == 33:
        out[16] += 1
    elif code == 40:
        out[17] += 1
    elif code == 34:
        out[18] += 1
    elif 0x2018 <= code <= 0x201F:
        out[19] += 1
    elif code == 45:
        out[21] += 1
    elif code == 0x2013 or code == 0x2014:
        out[22] += 1
    elif code == 0x2026:
        out[23] += 1
    elif code == 96:
        out[39] += 1
    elif code == 47:
        out[43] += 1
    elif code == 37:
        out[44] += 1
    elif code == 42:
        out[37] += previous == 42
    if code == 33 or code == 63 or code == 44 or code == 46:
        out[29] += previous == code and code != 46 and code != 44
        out[30] += previous == 32
    out[41] += code > 126


@inlined
def _is_symbol(code: int) -> bool:
    """Marks that code and tables are made of."""
    return code in (35, 36, 38, 40, 41, 43, 60, 61, 62, 64, 91, 92, 93, 94, 95, 123, 124, 125, 126)


@subroutine
def _line_opening(out, code, previous, following, place):  # type: ignore[no-untyped-def]
    """Headings, bullets and numbers; `place` counts from the line's first character."""
    if place == 0:
        out[36] += code == 35
        out[35] += (code == 45 or code == 42 or code == 0x2022) and following == 32
    elif place <= 3:
        out[34] += (code == 46 or code == 41) and 48 <= previous <= 57


@subroutine
def _finish(out, n, lengths, sentences):  # type: ignore[no-untyped-def]
    """Rates and moments. lengths: sum, squares, long, short, different, pairs, repeated, lines; sentences: number, sum,
    squares, longest."""
    many = max(n, 1)
    for column in range(11, len(out)):
        out[column] *= 100.0 / many
    out[0] = np.log(many)
    out[1] = lengths[0] / many
    out[2] = np.sqrt(max(lengths[1] / many - (lengths[0] / many) ** 2, 0.0))
    out[3] = 100.0 * lengths[2] / many
    out[4] = 100.0 * lengths[3] / many
    out[5] = lengths[4] / max(min(n, FIRST), 1)
    out[6] = lengths[6] / max(lengths[5], 1.0)
    some = max(sentences[0], 1.0)
    mean = sentences[1] / some
    out[7] = mean
    out[8] = np.sqrt(max(sentences[2] / some - mean * mean, 0.0))
    out[9] = out[8] / max(mean, 1.0)
    out[10] = sentences[3]
    out[42] = n / max(lengths[7], 1.0)


@subroutine
def hash_of(codes: NDArray[np.uint32]) -> np.uint64:
    key = _OFFSET
    for code in codes:
        key = (key ^ np.uint64(code)) * _PRIME
    return key


@compiled(
    READ_U32,
    READ_I64,
    READ_U64,
    READ_I16,
    READ_I64,
    WRITE_F32,
    WRITE_I64,
    WRITE_I64_ROWS,
    WRITE_I64_ROWS,
    WRITE_F64_ROWS,
)
def count_all(codes, ends, keys, columns, languages, values, words, scripts, common, shares):  # type: ignore[no-untyped-def]  # noqa: C901, PLR0915
    """Every record once, character by character; a line's end is taken to follow the last one."""
    seen_words = np.zeros(256, dtype=np.uint64)
    seen_pairs = np.zeros(4096, dtype=np.uint64)
    lengths = np.zeros(8)
    sentences = np.zeros(4)
    start = 0
    for row in range(len(ends)):
        end = ends[row]
        out = values[row]
        seen_words[:] = 0
        seen_pairs[:] = 0
        lengths[:] = 0
        sentences[:] = 0
        n = in_sentence = letters = visible = symbols = barred = bars = length = 0
        key, before = _OFFSET, np.uint64(0)
        capital, all_capital, after_stop = False, True, True
        line_start = start
        for position in range(start, end + 1):
            code = int(codes[position]) if position < end else 10
            following = int(codes[position + 1]) if position + 1 < end else 10
            previous = int(codes[position - 1]) if position > start else 10
            letter = _is_letter(code)
            alone = letter and (_script(code) == 1 or _script(code) == 2)  # a word by itself: no spaces stand there
            inside = (code == 39 or code == 0x2019) and length > 0 and _is_letter(following)
            in_word = letter or 48 <= code <= 57 or inside
            if length > 0 and (not in_word or alone):  # a word ends before this character
                n += 1
                in_sentence += 1
                lengths[0] += length
                lengths[1] += length * length
                lengths[2] += length >= 8
                lengths[3] += length <= 3
                out[25] += capital
                out[26] += capital and all_capital and length > 1
                out[27] += after_stop and not capital and not 48 <= previous <= 57
                out[28] += length == 1 and previous == 105
                after_stop = False
                _look_up(key, keys, columns, languages, out, common[row])
                if n <= FIRST:
                    lengths[4] += _is_new(seen_words, key)
                if before != 0 and lengths[5] < 2000:
                    lengths[5] += 1
                    lengths[6] += not _is_new(seen_pairs, (before * np.uint64(31)) ^ key)
                before = key
                length = 0
            if in_word:
                low = _lower(code) if not inside else 39
                if length == 0:
                    key = _OFFSET
                    capital, all_capital = code != low, True
                all_capital = all_capital and code != low
                key = (key ^ np.uint64(low)) * _PRIME
                length += 1
                visible += 1
                out[20] += inside
                out[24] += not letter and not inside
                if letter:
                    letters += 1
                    scripts[row, _script(code)] += 1
                continue
            if code > 32:
                visible += 1
                _mark(out, code, previous, following)
                _line_opening(out, code, previous, following, position - line_start)
                symbols += _is_symbol(code)
                bars += code == 124
            out[31] += code == 32 and previous == 32
            stop = (code == 46 or code == 33 or code == 63) and (
                following <= 32 or following == 34 or following == 0x201D
            )
            if stop or code == 10 or code == 0x3002:
                if in_sentence > 0:
                    sentences[0] += 1
                    sentences[1] += in_sentence
                    sentences[2] += in_sentence * in_sentence
                    sentences[3] = max(sentences[3], in_sentence)
                    in_sentence = 0
                after_stop = True
            if code == 10:
                out[32] += position < end
                out[33] += position < end and previous == 10
                lengths[7] += position > line_start
                barred += bars >= 2
                bars = 0
                line_start = position + 1
        _finish(out, n, lengths, sentences)
        words[row] = n
        shares[row, 0] = symbols / max(visible, 1)
        shares[row, 1] = letters / max(visible, 1)
        shares[row, 2] = barred / max(lengths[7], 1.0)
        start = end
