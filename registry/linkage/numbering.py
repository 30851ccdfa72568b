"""Numbers in titles: however they are written, of parts and within the words. Pure."""

from collections.abc import Sequence

from rapidfuzz.distance import OSA

from registry.linkage.alignment import known_words, scanned
from registry.linkage.words import (
    AFTER_NUMBERS,
    AFTER_ORDINALS,
    HAN_DIGITS,
    NUMBER_WORDS,
    ORDINALS,
    PART_UNITS,
    ROMAN,
    TENS,
    UNITS,
)

NO_CUT, COMMA, STRONG = 0, 1, 2  # what stands before a word of a title


def han_number(text: str) -> int:
    """一 → 1, 十二 → 12, 二十三 → 23; digits as they are."""
    if text.isdigit():
        return int(text)
    tens, ten, units = text.partition("十")
    if not ten:
        return int("".join(str(HAN_DIGITS.get(char, 0)) for char in text) or 0)
    return 10 * HAN_DIGITS.get(tens, 1) + HAN_DIGITS.get(units, 0)


def number_of(word: str, *, after_unit: bool = False) -> str:
    """A number however it is written → its digits, or "". Lone Roman letters count only after "volume" and its kind."""
    if word.isdigit():
        return str(int(word)) if word.isascii() and len(word) < 20 else word
    if after_unit and word in ORDINALS:
        return str(ORDINALS[word])
    if word in ROMAN and (after_unit or (len(word) > 1 and word != "mi")):
        return str(ROMAN[word])
    number = NUMBER_WORDS.get(word) or TENS.get(word)
    return str(number) if number is not None else ""


def _is_unit(word: str, following: Sequence[str]) -> bool:
    """Whether "volume" or its kind stands there badly written: before digits only."""
    if not following or not following[0].isdigit() or word.isdigit() or word in known_words():
        return False
    return scanned(word) in PART_UNITS or any(OSA.distance(word, unit, score_cutoff=1) <= 1 for unit in _LONG_UNITS)


_LONG_UNITS = ("volume", "number", "chapter")
_NUMBERING = UNITS | ROMAN.keys() | NUMBER_WORDS.keys() | TENS.keys()


def take_numbers(words: list[str], cuts: list[int], parts: set[str]) -> tuple[list[str], list[int]]:
    """Write numbers one way; take the numbers of parts out of the words."""
    if _NUMBERING.isdisjoint(words) and not any(map(str.isdigit, words)):
        return words, cuts
    kept: list[str] = []
    kept_cuts: list[int] = []
    place = 0
    pending = NO_CUT
    while place < len(words):
        word, used = words[place], 1
        if len(words) > 1 and (word in UNITS or _is_unit(word, words[place + 1 : place + 2])):
            used = _part(words, place, kept, parts)
            if used:
                if used < 0:  # an ordinal stood before: "second series"
                    kept.pop()
                    kept_cuts.pop()
                    used = 1
                place += used
                pending = STRONG
                continue
            used = 1
        else:
            word, used = _spelt(words, place)
        kept.append(word)
        kept_cuts.append(max(cuts[place], pending))
        pending = NO_CUT
        place += used
    if not kept:
        return words, cuts
    return kept, kept_cuts


def _part(words: list[str], place: int, kept: list[str], parts: set[str]) -> int:
    """How many words a part number takes from here; -1 when the ordinal before belongs to it; 0 when it is none."""
    skipped = 2 if words[place + 1 : place + 2] == ["the"] else 1  # "part the second"
    following = words[place + skipped] if place + skipped < len(words) else ""
    number = number_of(following, after_unit=True) if skipped == 1 else str(ORDINALS.get(following, ""))
    if number and (words[place] in PART_UNITS or words[place] not in UNITS):
        used = skipped + 1
        rest = words[place + used : place + used + 2]
        if rest and rest[0].isdigit():  # chapters 1-5
            number, used = f"{number}-{int(rest[0])}", used + 1
        elif len(rest) == 2 and rest[0] in ("to", "through", "bis") and number_of(rest[1], after_unit=True):
            number, used = f"{number}-{number_of(rest[1], after_unit=True)}", used + 2
        if len(rest) == 2 and rest[0] == "of" and number_of(rest[1]):
            used += 2
        parts.add(number)
        return used
    before = kept[-1] if kept else ""
    if before in ORDINALS and (place + 1 == len(words) or words[place] in AFTER_ORDINALS):
        parts.add(str(ORDINALS[before]))
        return -1
    if words[place] in AFTER_NUMBERS and number_of(before) and len(before) < 4:
        parts.add(number_of(before))
        return -1
    return 0


def _spelt(words: list[str], place: int) -> tuple[str, int]:
    """The word, or the number that it and perhaps the next ones write, and how many words that took."""
    word = words[place]
    following = words[place + 1] if place + 1 < len(words) else ""
    value = NUMBER_WORDS.get(word, TENS.get(word))
    if value is None:
        return number_of(word) or word, 1
    used = 1
    if word in TENS or word == "twenty":
        unit = NUMBER_WORDS.get(following, 0)
        if 0 < unit < 10:
            return str(value + unit), 2
    if (12 < value < 20 and following in TENS) or (12 < value < 20 and following == "twenty"):  # nineteen eighty-four
        tens = TENS.get(following, 20)
        unit = NUMBER_WORDS.get(words[place + 2], 0) if place + 2 < len(words) else 0
        used = 3 if 0 < unit < 10 else 2
        return str(100 * value + tens + (unit if used == 3 else 0)), used
    return str(value), used
