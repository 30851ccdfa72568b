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
