"""What in a name deceives the eye: turned direction, invisible characters, letters of two alphabets in one word."""

import re
import unicodedata

TURNED = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
INVISIBLE = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
WORD = re.compile(r"\w+")
# scripts whose letters are drawn alike; a word that mixes two of them is no ordinary spelling
ALIKE = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")

TURNS, HIDES, MIXES = "turns_direction", "invisible", "mixed_alphabets"


def remarks(text: str) -> list[str]:
    """Codes of what is deceptive in this text, none for an ordinary name. The text itself is kept as it is.

    >>> remarks("War and Peace"), remarks("W\u0430r and Peace"), remarks("Война и мир: War and Peace")
    ([], ['mixed_alphabets'], [])
    """
    found = []
    if TURNED.search(text):
        found.append(TURNS)
    if INVISIBLE.search(text):
        found.append(HIDES)
    if any(len(scripts(word)) > 1 for word in WORD.findall(text)):
        found.append(MIXES)
    return found


def scripts(word: str) -> set[str]:
    """Which of the alphabets that look alike the letters of a word are of."""
    if word.isascii():
        return {"LATIN"}
    names = (unicodedata.name(char, "").partition(" ")[0] for char in word if char.isalpha())
    return {name for name in names if name in ALIKE}
