"""Folding the slow and obvious way, one code point after the other, from Python's own character data.

In general a code point stands for what is left of its compatibility decomposition in lower case without accents,
punctuation and space. What differs from that is listed here by name, each with the reason.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from opencc import OpenCC

# The table is made from this version's data: another Python knows more characters.
SAME_UNICODE = unicodedata.unidata_version == "14.0.0"

# Spelled differently by typists, OCR, early printers and other keyboards of the same language.
SPELLINGS = {
    "LATIN SMALL LETTER AE": "ae",
    "LATIN SMALL LIGATURE OE": "oe",
    "LATIN SMALL LETTER THORN": "th",
    "LATIN SMALL LETTER ETH": "d",
    "LATIN SMALL LETTER O WITH STROKE": "o",
    "LATIN SMALL LETTER D WITH STROKE": "d",
    "LATIN SMALL LETTER L WITH STROKE": "l",
    "LATIN SMALL LETTER H WITH STROKE": "h",
    "LATIN SMALL LETTER T WITH STROKE": "t",
    "LATIN SMALL LETTER DOTLESS I": "i",
    "LATIN SMALL LETTER R ROTUNDA": "r",
    "LATIN SMALL LETTER INSULAR D": "d",
    "LATIN SMALL LETTER INSULAR F": "f",
    "LATIN SMALL LETTER INSULAR G": "g",
    "LATIN SMALL LETTER INSULAR R": "r",
    "LATIN SMALL LETTER INSULAR S": "s",
    "LATIN SMALL LETTER INSULAR T": "t",
    "HEBREW LIGATURE YIDDISH DOUBLE VAV": "\u05d5\u05d5",
    "HEBREW LIGATURE YIDDISH VAV YOD": "\u05d5\u05d9",
    "HEBREW LIGATURE YIDDISH DOUBLE YOD": "\u05d9\u05d9",
    "ARABIC LETTER ALEF MAKSURA": "\u064a",
    "ARABIC LETTER FARSI YEH": "\u064a",
    "ARABIC LETTER KEHEH": "\u0643",
    "ARABIC LETTER TEH MARBUTA": "\u0647",
    "ARABIC LETTER HEH GOAL": "\u0647",
    "ARABIC LETTER AE": "\u0647",
}
# Vowels that no writer leaves out, though they have a combining class like points and accents.
VOWELS = {
    "TELUGU LENGTH MARK",
    "TELUGU AI LENGTH MARK",
    "THAI CHARACTER SARA U",
    "THAI CHARACTER SARA UU",
    "LAO VOWEL SIGN U",
    "LAO VOWEL SIGN UU",
    *(f"TIBETAN VOWEL SIGN {name}" for name in ("AA", "I", "U", "E", "EE", "O", "OO", "REVERSED I")),
    *(f"BUGINESE VOWEL SIGN {name}" for name in "IU"),
    *(f"TAI VIET VOWEL {name}" for name in ("I", "UE", "U", "IA", "AM")),
}
# Letters by their category that nobody reads: fillers, joiners, selectors of a glyph, ornament, modifiers.
SILENT = {
    "ARABIC TATWEEL",
    "COMBINING GRAPHEME JOINER",
    "HANGUL CHOSEONG FILLER",
    "HANGUL JUNGSEONG FILLER",
    "KHMER VOWEL INHERENT AQ",
    "KHMER VOWEL INHERENT AA",
}
SILENT_RANGES = ((0x02B9, 0x02DF), (0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
# Ideographs younger than the character data.
YOUNG_RANGES = ((0x2EBF0, 0x2EE5D), (0x31350, 0x323AF))
APOSTROPHES = {
    "APOSTROPHE",
    "RIGHT SINGLE QUOTATION MARK",
    "LEFT SINGLE QUOTATION MARK",
    "MODIFIER LETTER APOSTROPHE",
    "MODIFIER LETTER TURNED COMMA",
    "FULLWIDTH APOSTROPHE",
}
ALONE = (
    "CJK UNIFIED",
    "CJK COMPAT",
    "HIRAGANA",
    "KATAKANA",
    "HALFWIDTH KATAKANA",
    "IDEOGRAPHIC",
    "HANGUL SYLLABLE",
    "HANGUL CHOSEONG",  # a syllable in pieces begins with this
)
SIMPLIFY, FROM_JAPANESE = OpenCC("t2s"), OpenCC("jp2t")


def _within(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= ord(character) <= high for low, high in ranges)


def _is_letter(character: str) -> bool:
    name = unicodedata.name(character, "")
    if name in VOWELS or _within(character, YOUNG_RANGES):
        return True
    if name in SILENT or _within(character, SILENT_RANGES) or unicodedata.combining(character):
        return False
    return unicodedata.category(character) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Mn", "Mc")


def is_no_character(character: str) -> bool:
    """Whether nothing is assigned to a code point, or no letter ever will be."""
    return unicodedata.category(character) in ("Cn", "Co", "Cs") and not _within(character, YOUNG_RANGES)


@lru_cache(maxsize=1 << 16)
def _simplified(character: str) -> str:
    """Traditional and Japanese forms as simplified ones, as far as that is one character."""
    if not (0x3400 <= ord(character) < 0xA000 or 0x20000 <= ord(character) < 0x32000):
        return character
    result = character
    for converter in (SIMPLIFY, SIMPLIFY, SIMPLIFY, SIMPLIFY, FROM_JAPANESE, SIMPLIFY, SIMPLIFY, SIMPLIFY, SIMPLIFY):
        result = converter.convert(result)
    return result if len(result) == 1 else character


@lru_cache(maxsize=1 << 16)
def letters_of(character: str) -> str:
    """The letters that one code point stands for."""
    if is_no_character(character):
        return ""
    known, letters = "", character
    while letters != known:
        known = letters
        letters = unicodedata.normalize("NFKD", letters).casefold()
        letters = "".join(SPELLINGS.get(unicodedata.name(c, ""), c) for c in letters)
    kept = (c for c in letters if _is_letter(c))
    return "".join(str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else _simplified(c) for c in kept)


@lru_cache(maxsize=1 << 16)
def symbols_of(character: str) -> tuple[int, ...]:
    """The symbols of the letter stream that one code point stands for."""
    symbols: list[int] = []
    for code in map(ord, letters_of(character)):
        symbols += [code] if code < 0x2E80 else [0x4000 | code >> 7, 0x8000 | code & 0x7F]
    return tuple(symbols)


def stream_of(text: str) -> tuple[list[int], list[int]]:
    """Symbols of a text and the code-point offset of each."""
    symbols: list[int] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        symbols += symbols_of(character)
        offsets += [offset] * len(symbols_of(character))
    return symbols, offsets


@lru_cache(maxsize=1 << 16)
def class_of(character: str) -> str:
    """What a code point is to words: letter, apostrophe, alone (a word by itself), nothing (not even a gap), gap."""
    if is_no_character(character):
        return "gap"
    name = unicodedata.name(character, "")
    if name in APOSTROPHES:
        return "apostrophe"
    letters = letters_of(character)
    if letters and name.startswith(("HANGUL JUNGSEONG", "HANGUL JONGSEONG")):
        return "nothing"
    if letters and name.startswith(ALONE):
        return "alone"
    if letters and all(unicodedata.name(c, "").startswith(ALONE) or _within(c, YOUNG_RANGES) for c in letters):
        return "alone"
    if letters:
        return "letter"
    is_mark = unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf")
    return "nothing" if is_mark else "gap"


def words_of(text: str) -> int:
    """Words of a text: runs of letters with apostrophes inside; what stands alone is one."""
    words, inside, after_apostrophe = 0, False, False
    for character in text:
        kind = class_of(character)
        if kind == "nothing":
            continue
        words += kind == "alone" or (kind == "letter" and not inside and not after_apostrophe)
        after_apostrophe = kind == "apostrophe" and inside
        inside = kind == "letter"
    return words
