"""What happens to a copied passage: it is set anew, scanned badly, converted to the other script, lightly rewritten."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from typing import Any

import opencc

Noise = Callable[[str, str, random.Random], str]  # (excerpt, whole text, draw) -> changed excerpt
HAN_FIRST = 0x3400
LATIN = "abcdefghijklmnopqrstuvwxyz"
LIGATURES = {"ffi": "ﬃ", "ffl": "ﬄ", "ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ"}
OTHER_MARKS = str.maketrans(
    {"，": ",", "；": ";", "：": ":", "？": "?", "！": "!", "「": "“", "」": "”", "“": "「", "”": "」"}
)
SUBSTITUTED, DELETED, INSERTED = 0.60, 0.75, 0.90  # cumulative; the rest are stray spaces


@cache
def _converter(name: str) -> Any:
    return opencc.OpenCC(name)


def clean(text: str, whole: str, draw: random.Random) -> str:
    """As it is."""
    return text


def retypeset(text: str, whole: str, draw: random.Random) -> str:
    """Other line width, quotes, dashes, hyphenation at line ends, ligatures; one in three in capitals."""
    if _has_han(text):
        joined = "".join(text.split()).translate(OTHER_MARKS)
        width = draw.randrange(16, 40)
        return "\n".join(joined[at : at + width] for at in range(0, len(joined), width))
    dashes = ("—", "--") if "—" in text else ("--", "—")
    changed = text.replace(*dashes)
    changed = changed.translate(str.maketrans("“”‘’", "\"\"''")) if "”" in changed else _curly(changed)
    if draw.random() < 1 / 3:
        changed = changed.upper()
    for letters, ligature in LIGATURES.items():
        changed = changed.replace(letters, ligature)
    return _hyphenated(changed, draw.randrange(36, 90))


def _curly(text: str) -> str:
    out = []
    opening = True
    for character in text:
        if character == '"':
            out.append("“" if opening else "”")
            opening = not opening
        else:
            out.append("’" if character == "'" else character)
    return "".join(out)


def _hyphenated(text: str, width: int) -> str:
    """Lines of a width, long words broken at the line's end with a hyphen."""
    lines, line = [], ""
    for word in text.split():
        room = width - len(line) - 2
        if line and len(line) + 1 + len(word) > width:
            if len(word) >= 7 and room >= 3 and word.isalpha():
                cut = min(room, len(word) - 3)
                lines.append(f"{line} {word[:cut]}-")
                line = word[cut:]
                continue
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])


def scanned(rate: float) -> Noise:
    """Errors of a scan, synthetic: a share `rate` of the letters is substituted (60 %), lost (15 %), doubled by another
    (15 %) or followed by a stray space (10 %). Other letters come from the alphabet, for Han from the text itself."""

    def change(text: str, whole: str, draw: random.Random) -> str:
        out = []
        for character in text:
            if not character.isalnum() or draw.random() >= rate:
                out.append(character)
                continue
            kind = draw.random()
            other = _other_letter(character, whole, draw)
            if kind < SUBSTITUTED:
                out.append(other)
            elif kind < DELETED:
                pass
            elif kind < INSERTED:
                out.append(character + other)
            else:
                out.append(character + " ")
        return "".join(out)

    return change


def _other_letter(character: str, whole: str, draw: random.Random) -> str:
    for _ in range(20):
        other = draw.choice(whole) if ord(character) >= HAN_FIRST else draw.choice(LATIN)
        if other != character and other.isalpha():
            return other
    return "x"


def other_script(text: str, whole: str, draw: random.Random) -> str:
    """Traditional Chinese in simplified characters, or the other way round, whichever changes more."""
    forms = [_converter(name).convert(text) for name in ("t2s", "s2t")]
    return max(forms, key=lambda form: sum(a != b for a, b in zip(form, text, strict=False)))


def rewritten(every: int) -> Noise:
    """Every n-th word is another word of the same text; in Chinese every n-th character another character."""

    def change(text: str, whole: str, draw: random.Random) -> str:
        han = _has_han(text)
        words = list(text) if han else text.split(" ")
        first = draw.randrange(every)
        for place in range(first, len(words), every):
            if any(c.isalnum() for c in words[place]):
                words[place] = _other_letter("一", whole, draw) if han else _other_word(whole, draw)
        return ("" if han else " ").join(words)

    return change


def _other_word(whole: str, draw: random.Random) -> str:
    at = draw.randrange(max(1, len(whole) - 200))
    words = [w for w in whole[at : at + 200].split()[1:-1] if w.isalpha()]
    return draw.choice(words) if words else "other"


def _has_han(text: str) -> bool:
    return any(HAN_FIRST <= ord(c) < 0xA000 for c in text[:400])


NOISES: dict[str, Noise] = {
    "clean": clean,
    "re-typeset": retypeset,
    "scan 2 %": scanned(0.02),
    "scan 5 %": scanned(0.05),
    "scan 10 %": scanned(0.10),
    "other script": other_script,
    "rewritten 1/12": rewritten(12),
    "rewritten 1/6": rewritten(6),
}
