"""What the detector sees of a text: counts of marks, words and shapes of sentences and lines, 100-odd numbers.

Nothing of what a text is about, as far as that can be helped: function words and stock phrases of essays, not topics.
One compiled pass over the characters of a whole batch; NAMES says what each column is and rates are per 100 words
unless the name says otherwise. Texts are looked at up to their first MAX_CHARS characters.
"""

# ruff: noqa: PLR1714, PLR0917  compiled code compares machine integers and takes arrays by position

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

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
from ingest.sampling.languages import LANGUAGES, WORDS

MAX_CHARS = 20_000
FIRST = 50  # words in which different ones are counted, so that the figure does not depend on length

# Groups of words counted together, and words that are a group of their own
GROUPS: dict[str, str] = {
    "first_person": "i me my mine myself i'm i've i'd i'll",
    "we": "we us our ours ourselves we're we've",
    "second_person": "you your yours yourself you're you'll",
    "contracted": "don't doesn't didn't can't won't isn't aren't wasn't it's that's there's he's she's they're",
    "adding": "additionally furthermore moreover also besides similarly likewise",
    "concluding": "overall ultimately conclusion summary therefore thus consequently hence",
    "contrasting": "however although though while whereas nevertheless nonetheless instead",
    "ordering": "first firstly second secondly third thirdly next finally lastly then",
    "illustrating": "example instance including specifically particularly especially such namely",
    "stressing": "important crucial essential key significant vital critical fundamental necessary",
    "enabling": "ensure ensures ensuring help helps helping provide provides providing allow allows allowing enable",
    "raising": "improve enhance enhances enhancing foster fosters promote promotes support supports contribute",
    "vague_many": "various several numerous many range variety different wide diverse multiple",
    "hedging": "may might could perhaps possibly probably likely often sometimes usually generally typically",
    "certain": "always never certainly definitely obviously actually really very just quite simply",
    "informal": "stuff thing things guy guys lol yeah ok okay kinda gonna pretty bit lot lots btw imo thanks hey",
    "reporting": "said says told asked thought think guess believe feel felt know knew",
    "offering": "hope feel free please sorry certainly sure assist happy",
    "wishing": "should must need needs want wants ought",
    "ending_ly_stock": "effectively efficiently successfully properly appropriately regularly carefully significantly",
}
_SINGLE = (
    "the a an of to in and or but for with on at by from as that this these those it its is are was were be been being"
    " have has had do does did not no if when which who what how there their they he she his her can will would so than"
    " because about into over out up all some any other more most"
)
_PLAIN = (
    "log_words mean_word sd_word long_words short_words different_first_50 repeated_pairs mean_sentence "
    "sd_sentence spread_sentence longest_sentence comma semicolon colon full_stop question exclamation bracket "
    "quote curly_quote apostrophe dash long_dash ellipsis digit capital_words all_capitals lower_start bare_i "
    "doubled_mark space_before_mark double_space new_line blank_line numbered_line bullet_line heading bold "
    "line_end_colon backtick link not_ascii words_per_line slash percent"
)
SINGLE, PLAIN = tuple(_SINGLE.split()), tuple(_PLAIN.split())
NAMES: tuple[str, ...] = (*PLAIN, *GROUPS, *(f"word_{word}" for word in SINGLE))

_SLOTS = 8192
READ_I16 = types.Array(types.int16, 1, "C", readonly=True, aligned=False)
WRITE_F32 = types.float32[:, ::1]
_OFFSET = np.uint64(14695981039346656037)
_PRIME = np.uint64(1099511628211)


class Measures(NamedTuple):
    """One row a text: `values` (n, len(NAMES)) float32; `words`; `scripts` (n, 6) letters; `common` (n, 7) words common
    in each language; `symbols` share of the visible characters that code and tables are made of; `letters` share of
    letters among them; `barred` share of lines with two bars or more."""

    values: NDArray[np.float32]
    words: NDArray[np.int64]
    scripts: NDArray[np.int64]
    common: NDArray[np.int64]
    symbols: NDArray[np.float64]
    letters: NDArray[np.float64]
    barred: NDArray[np.float64]


def measure(texts: Sequence[str]) -> Measures:
    """Features of a batch, in order; an empty text gives zeros."""
    pieces = [text[:MAX_CHARS].encode("utf-32-le", "surrogatepass") for text in texts]
    codes = np.frombuffer(b"".join(pieces), dtype=np.uint32)
    ends = np.cumsum(np.array([len(piece) // 4 for piece in pieces], dtype=np.int64))
    rows = len(texts)
    values = np.zeros((rows, len(NAMES)), dtype=np.float32)
    words = np.zeros(rows, dtype=np.int64)
    scripts = np.zeros((rows, 6), dtype=np.int64)
    common = np.zeros((rows, len(LANGUAGES)), dtype=np.int64)
    shares = np.zeros((rows, 3), dtype=np.float64)
    keys, columns, languages = _table()
    _measure(codes, ends, keys, columns, languages, values, words, scripts, common, shares)
    return Measures(values, words, scripts, common, shares[:, 0], shares[:, 1], shares[:, 2])


@lru_cache(maxsize=1)
def _table() -> tuple[NDArray[np.uint64], NDArray[np.int16], NDArray[np.int64]]:
    """Open addressing from a word's hash to its column (-1: none; groups win) and its languages (bits)."""
    keys = np.zeros(_SLOTS, dtype=np.uint64)
    columns = np.full(_SLOTS, -1, dtype=np.int16)
    languages = np.zeros(_SLOTS, dtype=np.int64)

    def slot(word: str) -> int:
        key = _hash(np.frombuffer(word.encode("utf-32-le"), dtype=np.uint32))
        at = int(key % np.uint64(_SLOTS))
        while keys[at] and keys[at] != key:
            at = (at + 1) % _SLOTS
        keys[at] = key
        return at

    for column, word in enumerate(SINGLE, start=len(PLAIN) + len(GROUPS)):
        columns[slot(word)] = column
    for column, group in enumerate(GROUPS.values(), start=len(PLAIN)):
        for word in group.split():
            columns[slot(word)] = column
    for bit, line in enumerate(WORDS.values()):
        for word in line.split():
            languages[slot(word)] |= 1 << bit
    return keys, columns, languages


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
def _hash(codes: NDArray[np.uint32]) -> np.uint64:
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
def _measure(codes, ends, keys, columns, languages, values, words, scripts, common, shares):  # type: ignore[no-untyped-def]  # noqa: C901, PLR0915
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
