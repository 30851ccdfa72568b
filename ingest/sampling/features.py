"""What the detector sees of a text: counts of marks, words and shapes of sentences and lines, 100-odd numbers.

Nothing of what a text is about, as far as that can be helped: function words and stock phrases of essays, not topics.
One compiled pass over the characters of a whole batch; NAMES says what each column is and rates are per 100 words
unless the name says otherwise. Texts are looked at up to their first MAX_CHARS characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.sampling.counting import count_all, hash_of
from ingest.sampling.languages import LANGUAGES, WORDS

MAX_CHARS = 20_000

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
    count_all(codes, ends, keys, columns, languages, values, words, scripts, common, shares)
    return Measures(values, words, scripts, common, shares[:, 0], shares[:, 1], shares[:, 2])


@lru_cache(maxsize=1)
def _table() -> tuple[NDArray[np.uint64], NDArray[np.int16], NDArray[np.int64]]:
    """Open addressing from a word's hash to its column (-1: none; groups win) and its languages (bits)."""
    keys = np.zeros(_SLOTS, dtype=np.uint64)
    columns = np.full(_SLOTS, -1, dtype=np.int16)
    languages = np.zeros(_SLOTS, dtype=np.int64)

    def slot(word: str) -> int:
        key = hash_of(np.frombuffer(word.encode("utf-32-le"), dtype=np.uint32))
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
