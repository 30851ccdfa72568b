"""Rows damaged in the ways of real lists, for the linkage bench."""

import random
import re
from collections.abc import Callable
from dataclasses import replace

from bench.kit.linkage_rows import row_of
from registry.linkage.facts import RowFacts, WorkFacts

Noise = Callable[[RowFacts, WorkFacts, random.Random], RowFacts]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_OCR = [("rn", "m"), ("m", "rn"), ("l", "1"), ("o", "0"), ("e", "c"), ("h", "b"), ("cl", "d"), ("i", "l"), ("u", "n")]


def _typing(text: str, random_: random.Random, slips: int) -> str:
    letters = list(text)
    for _ in range(slips):
        places = [place for place, char in enumerate(letters) if char.isalpha()]
        if len(places) < 4:
            break
        place = random_.choice(places[1:])
        kind = random_.randrange(4)
        if kind == 0:
            letters[place] = random_.choice(_LETTERS)
        elif kind == 1:
            letters[place] = ""
        elif kind == 2:
            letters[place] += random_.choice(_LETTERS)
        elif place + 1 < len(letters):
            letters[place], letters[place + 1] = letters[place + 1], letters[place]
    return "".join(letters)


def _ocr(text: str, random_: random.Random) -> str:
    for _ in range(1 + len(text) // 25):
        seen, read = random_.choice(_OCR)
        places = [match.start() for match in re.finditer(seen, text)]
        if places:
            place = random_.choice(places)
            text = text[:place] + read + text[place + len(seen) :]
    return text


def _natural(name: str) -> str:
    bare = re.sub(r"\s*\([^)]*\)", "", name)
    surname, comma, given = bare.partition(", ")
    return f"{given.split(',')[0]} {surname}" if comma else bare


def _inverted(name: str) -> str:
    words = name.split()
    return name if "," in name or len(words) < 2 else f"{words[-1]}, {' '.join(words[:-1])}"


def _initials(name: str) -> str:
    words = _natural(name).split()
    return " ".join([f"{word[0]}." for word in words[:-1]] + words[-1:]) if len(words) > 1 else name


def main_title(title: str) -> str:
    return re.split(r"\s*(?::|;|\n|\$b|--|—)\s*", title)[0] or title


def _numbered(title: str, random_: random.Random) -> str:
    """The same part number in another form."""
    found = re.search(r"[,—:\s(]*\b(?:Vol\.?|Volume|Part|Book|No\.)\s*0*(\d+)\b\)?(?:\s*\(of \d+\))?", title)
    if not found:
        return title
    roman = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"]
    number = int(found[1])
    if "No" in found.group():
        form = f", Number {number}"
    else:
        unit = "Part" if "Part" in found.group() else "Book" if "Book" in found.group() else "Vol."
        form = f", {unit} {roman[number]}" if 0 < number < 11 and random_.random() < 0.5 else f" ({unit} {number})"
    return title[: found.start()] + form + title[found.end() :]


NOISE: dict[str, Noise] = {
    "as it is": lambda row, work, random_: row,
    "one slip": lambda row, work, random_: replace(row, title=_typing(row.title, random_, 1)),
    "slips": lambda row, work, random_: replace(row, title=_typing(row.title, random_, 1 + len(row.title) // 15)),
    "author slip": lambda row, work, random_: replace(row, author=_typing(row.author, random_, 1)),
    "scan": lambda row, work, random_: replace(row, title=_ocr(row.title, random_)),
    "no subtitle": lambda row, work, random_: replace(row, title=main_title(row.title)),
    "more subtitle": lambda row, work, random_: replace(
        row, title=row.title + random_.choice([": a novel", " : a tale", ". A romance", ": the complete story"])
    ),
    "series": lambda row, work, random_: replace(
        row,
        title=f"{row.title} ({random_.choice(['Classics', 'Adventures', 'The Saga'])}, #{random_.randint(1, 9)})",
    ),
    "edition": lambda row, work, random_: replace(
        row,
        title=row.title
        + random_.choice([", 2nd ed.", " (Revised Edition)", " [electronic resource]", " (Paperback)", ", new ed."]),
    ),
    "natural name": lambda row, work, random_: replace(row, author=_natural(row.author)),
    "surname first": lambda row, work, random_: replace(row, author=_inverted(row.author)),
    "initials": lambda row, work, random_: replace(row, author=_initials(row.author)),
    "surname only": lambda row, work, random_: replace(row, author=_natural(row.author).split(" ")[-1]),
    "dates": lambda row, work, random_: replace(
        row, author=f"{row.author}, 18{random_.randint(10, 60)}-19{random_.randint(10, 40)}"
    ),
    "no author": lambda row, work, random_: replace(row, author=""),
    "pen name": lambda row, work, random_: (
        replace(row, author=random_.choice(work.other_names)) if work.other_names else row
    ),
    "second author": lambda row, work, random_: replace(
        row,
        author=f"{_natural(row.author)}{random_.choice([', ', '; ', ' and ', ' & '])}John Bauer" if row.author else "",
    ),
    "no article": lambda row, work, random_: replace(
        row, title=re.sub(r"^(?:The|A|An|Le|La|Die|Der|Das) ", "", row.title)
    ),
    "ampersand": lambda row, work, random_: replace(row, title=re.sub(r"\band\b", "&", row.title)),
    "capitals": lambda row, work, random_: replace(row, title=row.title.upper(), author=row.author.upper()),
    "cut off": lambda row, work, random_: replace(row, title=row.title[: random_.randint(40, 60)]),
    "part number": lambda row, work, random_: replace(row, title=_numbered(row.title, random_)),
    "lost letters": lambda row, work, random_: replace(
        row,
        title=re.sub(r"[^\x00-\x7f]", "??", row.title),
        author=re.sub(r"[^\x00-\x7f]", "??", row.author),
    ),
    "word lost": lambda row, work, random_: replace(row, title=_word_lost(row.title, random_)),
    "year off": lambda row, work, random_: replace(
        row, year=str(int(row.year) + random_.randint(1, 30)) if row.year.isdigit() else ""
    ),
    "author in title": lambda row, work, random_: replace(row, title=f"{row.title} / by {_natural(row.author)}"),
}  # fmt: skip


def _word_lost(title: str, random_: random.Random) -> str:
    words = title.split()
    if len(words) < 5:
        return title
    del words[random_.randrange(1, len(words))]
    return " ".join(words)


def damage(work: WorkFacts, random_: random.Random, row: RowFacts | None = None) -> tuple[RowFacts, str]:
    """A row for the work with one to three kinds of damage → (row, the kinds)."""
    kinds = random_.sample(list(NOISE), random_.choice([1, 1, 2, 3]))
    kinds.sort(key="second author".__eq__)  # after what takes names away: a row that names only another is another's
    row = row or row_of(work)
    for kind in kinds:
        damaged = NOISE[kind](row, work, random_)
        row = damaged if damaged.title.strip() else row
    return row, " + ".join(kinds)
