"""Generate `letter_table.py`: `python -m ingest.engine.build_letter_table`.

Only needed when the folding itself changes, which makes a new parameter set. The table is shipped, not computed at
start, so that every Python (each has its own Unicode version) folds letters in exactly the same way.
Sources: Unicode character data as in this Python's `unicodedata`; Japanese → traditional → simplified from OpenCC's
one-to-one character entries (Apache-2.0, https://github.com/BYVoid/OpenCC).
"""

from __future__ import annotations

import base64
import unicodedata
import zlib
from pathlib import Path

import numpy as np

from ingest.engine.letter_format import (
    CODE_POINTS,
    FIRST_PAIR,
    KIND_EXPANSION,
    KIND_PAIR,
    KIND_SHIFT,
    PAGE,
    WORD_APOSTROPHE,
    WORD_CHARACTER,
    WORD_LETTER,
    WORD_NONE,
    WORD_SHIFT,
    WORD_TRANSPARENT,
)

# Letters that Unicode does not decompose but that typists, OCR and other keyboards of the same language do: strokes and
# joined letters, forms of early print and of manuscripts, Yiddish pairs, Persian and Urdu forms of Arabic letters.
SPELLINGS = {"æ": "ae", "œ": "oe", "þ": "th", "װ": "וו", "ױ": "וי", "ײ": "יי", "ۀ": "ه"}
SPELLINGS |= dict(zip("øđłħŧıðꝛꝺꝼᵹꞃꞅꞇ", "odlhtidrdfgrst", strict=True))
SPELLINGS |= dict(zip("ىیکةہە", "ييكههه", strict=True))
APOSTROPHES = "'\u2019\u02bc\uff07\u2018\u02bb"
# Marks that Unicode calls letters or gives combining class 0, and that scribes use as ornament; letters nobody sees.
ORNAMENTS = {chr(c) for c in (*range(0x02B9, 0x02E0), 0x0640, 0x034F, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10))}
ORNAMENTS |= {chr(c) for c in (*range(0xE0100, 0xE01F0), 0x115F, 0x1160, 0x17B4, 0x17B5)}
# Vowels that no writer leaves out, though Unicode gives them a combining class as it does to points and accents: of
# Telugu, Thai, Lao, Tibetan, Buginese and Tai Viet.
VOWEL_SIGNS = {chr(c) for c in (0x0C55, 0x0C56, 0x0E38, 0x0E39, 0x0EB8, 0x0EB9, 0x0F71, 0x0F72, 0x0F74, 0x0F80)}
VOWEL_SIGNS |= {chr(c) for c in (*range(0x0F7A, 0x0F7E), 0x1A17, 0x1A18, *range(0xAAB2, 0xAAB5), 0xAAB8, 0xAABE)}
# Ideographs of Unicode 15.0 and 15.1, which the character data of Python 3.11 do not know.
NEW_IDEOGRAPHS = {chr(c) for c in (*range(0x2EBF0, 0x2EE5E), *range(0x31350, 0x323B0))}
WORD_PER_CHARACTER = (
    "CJK UNIFIED",
    "CJK COMPAT",
    "HIRAGANA",
    "KATAKANA",
    "HANGUL SYLLABLE",
    "HANGUL CHOSEONG",
    "IDEOGRAPHIC",
    "HALFWIDTH KATAKANA",
)
REST_OF_SYLLABLE = ("HANGUL JUNGSEONG", "HANGUL JONGSEONG")


def is_kept(character: str) -> bool:
    """Letters, digits and vowel signs stay; accents, punctuation, space and unassigned code points go."""
    if character in VOWEL_SIGNS or character in NEW_IDEOGRAPHS:
        return True
    if character in ORNAMENTS or unicodedata.combining(character):
        return False
    category = unicodedata.category(character)
    return category[0] in "LN" or category in ("Mn", "Mc")


def fold(character: str, simplified: dict[str, str]) -> str:
    """The letters that stand for one code point in the letter stream (may be none or several)."""
    folded = character
    for _ in range(3):
        folded = unicodedata.normalize("NFKD", folded).casefold()
        folded = "".join(SPELLINGS.get(c, c) for c in folded)
    letters = [simplified.get(c, c) for c in folded if is_kept(c)]
    return "".join(str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in letters)


def simplified_characters() -> dict[str, str]:
    """OpenCC's one-to-one entries: traditional → simplified, followed to their end (A→B and B→C give A→C). The new
    forms of Japanese go the same way, over their traditional form: an old edition is found in a new one."""
    from opencc import OpenCC  # noqa: PLC0415  a build-time dependency only

    converter, japanese = OpenCC("t2s"), OpenCC("jp2t")

    def simplify(character: str) -> str:
        for _ in range(4):
            character = converter.convert(character)
        return character

    table: dict[str, str] = {}
    for code in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x32000)):
        character = chr(code)
        target = simplify(japanese.convert(simplify(character)))
        if target != character and len(target) == 1:
            table[character] = target
    return table


def word_class(character: str, letters: str) -> int:
    """How a code point counts when words are counted."""
    if character in APOSTROPHES:
        return WORD_APOSTROPHE
    name = unicodedata.name(character, "")
    if letters and name.startswith(REST_OF_SYLLABLE):
        return WORD_TRANSPARENT
    if letters and name.startswith(WORD_PER_CHARACTER):
        return WORD_CHARACTER
    if letters and all(c in NEW_IDEOGRAPHS or unicodedata.name(c, "").startswith(WORD_PER_CHARACTER) for c in letters):
        return WORD_CHARACTER
    if letters:
        return WORD_LETTER
    is_mark = unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf")
    return WORD_TRANSPARENT if is_mark else WORD_NONE


def symbols_of(letters: str) -> list[int]:
    """Symbols of folded letters: one for an alphabetic letter, a lead and a trail for kana, Han and the rest."""
    out: list[int] = []
    for letter in letters:
        code = ord(letter)
        out += [code] if code < FIRST_PAIR else [0x4000 | code >> 7, 0x8000 | code & 0x7F]
    return out


def build() -> bytes:
    """Serialised table: page numbers (uint16), entries (uint32, as differences), expansions (uint16)."""
    simplified = simplified_characters()
    entries = np.zeros(CODE_POINTS, np.uint32)
    expansions: list[int] = []
    seen: dict[tuple[int, ...], int] = {}
    for code in range(CODE_POINTS):
        if 0xD800 <= code < 0xE000:
            continue
        character = chr(code)
        letters = fold(character, simplified)
        entry = word_class(character, letters) << WORD_SHIFT
        if len(letters) == 1:
            value = ord(letters)
            entry |= value if value < FIRST_PAIR else KIND_PAIR << KIND_SHIFT | value
        elif letters:
            symbols = tuple(symbols_of(letters))
            if symbols not in seen:
                seen[symbols] = len(expansions)
                expansions += [len(symbols), *symbols]
            entry |= KIND_EXPANSION << KIND_SHIFT | seen[symbols]
        entries[code] = entry
    assert len(expansions) < 1 << 21
    pages, page_of = np.unique(entries.reshape(-1, PAGE), axis=0, return_inverse=True)
    differences = np.diff(pages.ravel(), prepend=np.uint32(0)).astype("<u4")
    head = np.array([pages.shape[0], len(expansions)], "<u4")
    return b"".join(
        [head.tobytes(), page_of.astype("<u2").tobytes(), differences.tobytes(), np.array(expansions, "<u2").tobytes()]
    )


def main() -> None:
    """Write the table beside this file."""
    packed = base64.b85encode(zlib.compress(build(), 9)).decode("ascii")
    lines = [f'    "{packed[i : i + 110]}"' for i in range(0, len(packed), 110)]
    head = (
        '"""Generated by build_letter_table.py, not to be edited.\n\n'
        f"Folding of every code point to letters, from Unicode {unicodedata.unidata_version} character data;\n"
        "Japanese and traditional to simplified from OpenCC's one-to-one character entries (Apache-2.0, https://github.com/BYVoid/OpenCC).\n"
        '"""\n\nPACKED = (\n'
    )
    Path(__file__).with_name("letter_table.py").write_text(head + "\n".join(lines) + "\n)\n", encoding="utf-8")


if __name__ == "__main__":
    main()
