"""Synthetic texts for the engine's tests: seeded, so the same everywhere."""

from __future__ import annotations

import random
from pathlib import Path

from ingest.engine.index import Index, write_segment
from ingest.engine.params import REGISTRY_1, Params
from ingest.engine.records import IndexRecord
from ingest.engine.sketch import sketch_text

SYLLABLES = [consonant + vowel for consonant in "bdfklmnprstv" for vowel in "aeiou"]


def words(seed: int, count: int) -> list[str]:
    draw = random.Random(seed)
    return ["".join(draw.choices(SYLLABLES, k=draw.randint(1, 4))) for _ in range(count)]


def prose(seed: int, count: int) -> str:
    """Sentences with capitals, commas and line breaks."""
    draw = random.Random(seed * 31 + 7)
    out = []
    for number, word in enumerate(words(seed, count)):
        shown = word.capitalize() if number % 12 == 0 else word
        out.append(shown + (". " if number % 12 == 11 else draw.choice([" ", " ", " ", ", ", "\n"])))
    return "".join(out)


def han(seed: int, count: int) -> str:
    draw = random.Random(seed)
    return "".join(chr(draw.randint(0x4E00, 0x8FFF)) for _ in range(count))


ALPHABETS = {
    "Latin": "abcdefghijklmnopqrstuvwxyz",
    "accents": "aàâäbcçdeéèêëfghiîïjklmnñoôöpqrsßtuùûüvwxyzœæ",
    "marks": ["a", "e\u0301", "o\u0308", "n\u0303", "s", "t", "u\u0302\u0301", "r", "ﬁ", "d"],
    "Cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "Greek": "αβγδεζηθικλμνξοπρστυφχψωάέίς",
    "Arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "Devanagari": ["क", "ख", "गा", "घि", "च", "जी", "ट", "डु", "ण", "त", "थे", "दो", "नं", "प"],
    "Hangul": [chr(0xAC00 + 37 * n) for n in range(290)],
    "Han": [chr(code) for code in range(0x4E00, 0x9000, 7)],
    "rare Han": [chr(0x20000 + 11 * n) for n in range(600)],
    "kana": [chr(code) for code in range(0x3041, 0x3097)] + [chr(code) for code in range(0x30A1, 0x30F7)],
    "digits": "0123456789",
}
ALPHABETS["mixed"] = [letter for letters in list(ALPHABETS.values()) for letter in letters]


def scripts() -> list[str]:
    return sorted(ALPHABETS)


def written(script: str, seed: int, letters: int) -> str:
    """So many letters of a script, by chance, in words, with commas and line breaks."""
    draw = random.Random(f"{script} {seed}")
    out: list[str] = []
    left = letters
    while left > 0:
        size = min(left, draw.randint(1, 9))
        out += draw.choices(ALPHABETS[script], k=size)
        left -= size
        if left:
            out.append(draw.choice([" ", " ", " ", ", ", "\n", ". "]))
    return "".join(out)


def noisy(text: str, rate: float, seed: int) -> str:
    """As if scanned badly: letters replaced, lost, added, spaces put in."""
    draw = random.Random(seed)
    out = []
    for character in text:
        if draw.random() >= rate:
            out.append(character)
            continue
        kind = draw.random()
        if kind < 0.6:
            out.append(draw.choice("abcdefghijklmnopqrstuvwxyz"))
        elif kind < 0.75:
            out.append(character + draw.choice("abcdefghijklmnopqrstuvwxyz"))
        elif kind < 0.85:
            out.append(character + " ")
    return "".join(out)


def open_index(
    folder: Path, works: dict[str, str], *, text_held: bool = True, params: Params = REGISTRY_1, **options: object
) -> Index:
    records = [IndexRecord(w, None, sketch_text(t, params), t if text_held else None) for w, t in works.items()]
    write_segment(folder, records, params)
    return Index.open(folder, **options)  # type: ignore[arg-type]
