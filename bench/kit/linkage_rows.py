"""Rows and works for the linkage bench: real records, real labelled pairs, and rows damaged in the ways of real lists.

What is read lies in a folder of public metadata (HathiTrust's labelled pairs, goodbooks-10k, Project Gutenberg's
catalogue); nothing of it is shipped.
"""

import csv
import gzip
import hashlib
import io
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from rapidfuzz.distance import OSA

from registry.folding import fold, tokens
from registry.linkage import names, titles
from registry.linkage.comparison import Relation, compare_titles
from registry.linkage.facts import RowFacts, WorkFacts, years_of
from registry.linkage.words import STOP, UNITS

TEST_SHARE = 40  # percent of the authors
csv.field_size_limit(10_000_000)


@dataclass(frozen=True)
class Pair:
    """A row beside a work, whether they are one, whose data it is and the author by whom sets are split."""

    row: RowFacts
    work: WorkFacts
    same: bool
    source: str
    author: str
    kind: str = ""

    @property
    def is_test(self) -> bool:
        """Whether it belongs to the authors that nothing is fitted on."""
        return is_test(self.author)


def is_test(author: str) -> bool:
    """Split by the author's surname, the same for every source."""
    return fold_of(author, 100) < TEST_SHARE


def fold_of(author: str, folds: int) -> int:
    """Which part of `folds` an author belongs to."""
    people = names.read(author)
    key = (people[0].surname or people[0].han) if people else fold(author)
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % folds


def _table(folder: Path, name: str, delimiter: str = ",") -> Iterator[dict[str, str]]:
    path = folder / name
    data = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
    yield from csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""), delimiter=delimiter)


def hathi_pairs(folder: Path) -> list[Pair]:
    """HathiTrust's pairs that people labelled: titles of one author that look alike."""
    return [
        Pair(
            RowFacts(title=row["title2"], author=row["auth2"]),
            WorkFacts(0, row["title1"], authors=(row["auth1"],)),
            row["groundtruth"] == "1",
            "hathi",
            row["auth1"],
        )
        for row in _table(folder, "hathi_fulltrainingdata.tsv", "\t")
    ]


def goodbooks(folder: Path) -> list[tuple[WorkFacts, RowFacts]]:
    """Works under their original title, and the row by which a reader lists them: "Title (Series, #2)"."""
    found = []
    for number, row in enumerate(_table(folder, "goodbooks-10k_books.csv.gz")):
        original = row["original_title"].strip() or _without_series(row["title"])
        authors = tuple(row["authors"].split(", ")[:1])
        work = WorkFacts(
            id=1_000_000 + number,
            title=original,
            authors=authors,
            years=years_of([row["original_publication_year"]]),
            public_id=f"gb{row['work_id']}",
        )
        year = row["original_publication_year"].removesuffix(".0")
        found.append((work, RowFacts(row["title"], row["authors"], year, "", row["isbn"])))
    return found


def _without_series(title: str) -> str:
    return re.sub(r"\s*\([^()]*#[^()]*\)\s*$", "", title)


def gutenberg(folder: Path) -> list[WorkFacts]:
    """Project Gutenberg's catalogue; the other names of its authors with it."""
    aliases = {
        row["author"]: tuple(name for name in row["aliases"].split("/") if name)
        for row in _table(folder, "gutenberg_authors.csv.gz")
        if row["aliases"]
    }
    return [
        WorkFacts(
            id=int(row["gutenberg_id"]),
            title=row["title"],
            authors=(row["author"],) if row["author"] else (),
            other_names=aliases.get(row["author"], ()),
            public_id=f"pg{row['gutenberg_id']}",
        )
        for row in _table(folder, "gutenberg_metadata.csv.gz")
        if row["title"]
    ]


def row_of(work: WorkFacts) -> RowFacts:
    """The row that says just what the work's record says."""
    title = f"{work.title}: {work.subtitle}" if work.subtitle else work.title
    return RowFacts(title, "; ".join(work.authors), str(work.years[0]) if work.years else "")


# Damage ------------------------------------------------------------------------------------------------------------

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


def _main(title: str) -> str:
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
    "no subtitle": lambda row, work, random_: replace(row, title=_main(row.title)),
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
        row, author=f"{_natural(row.author)}{random_.choice([', ', '; ', ' and ', ' & '])}John Bauer"
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
HARMLESS = tuple(NOISE)


def _word_lost(title: str, random_: random.Random) -> str:
    words = title.split()
    if len(words) < 5:
        return title
    del words[random_.randrange(1, len(words))]
    return " ".join(words)


def damage(work: WorkFacts, random_: random.Random, row: RowFacts | None = None) -> tuple[RowFacts, str]:
    """A row for the work with one to three kinds of damage → (row, the kinds)."""
    kinds = random_.sample(list(NOISE), random_.choice([1, 1, 2, 3]))
    row = row or row_of(work)
    for kind in kinds:
        damaged = NOISE[kind](row, work, random_)
        row = damaged if damaged.title.strip() else row
    return row, " + ".join(kinds)


class Neighbours:
    """Works that look like a given one: by its rarest words, and by its author."""

    def __init__(self, works: Iterable[WorkFacts]) -> None:
        self.works = list(works)
        self.by_word: dict[str, list[int]] = defaultdict(list)
        self.by_author: dict[str, list[int]] = defaultdict(list)
        for place, work in enumerate(self.works):
            for word in {word for word in tokens(work.title) if word not in STOP}:
                self.by_word[word].append(place)
            for name in work.authors:
                self.by_author[name].append(place)

    def near(self, work: WorkFacts, count: int, random_: random.Random) -> list[WorkFacts]:
        """The most similar other works, at most `count`."""
        words = sorted(
            {word for word in tokens(work.title) if word in self.by_word}, key=lambda w: len(self.by_word[w])
        )
        places = {place for word in words[:4] for place in self.by_word[word][:60]}
        for name in work.authors:
            places.update(random_.sample(self.by_author[name], min(40, len(self.by_author[name]))))
        mine = titles.read(work.title, work.subtitle)
        scored = []
        for place in places:
            other = self.works[place]
            if other.id == work.id:
                continue
            found = compare_titles(mine, titles.read(other.title))
            bonus = 0.2 if other.authors == work.authors else 0.0
            scored.append((found.similarity + found.letters / 2 + bonus, place))
        return [self.works[place] for _, place in sorted(scored, reverse=True)[:count]]


def is_undecided(work: WorkFacts, other: WorkFacts) -> bool:
    """Whether two records of one catalogue may be the same work: nobody labelled them."""
    if work.public_id.startswith("gb") and other.public_id.startswith("gb"):
        return work.public_id == other.public_id
    people, others = names.read("; ".join(work.authors)), names.read("; ".join(other.authors))
    if names.compare(people, others) in (names.Agreement.DIFFERENT, names.Agreement.CONFLICT):
        return False
    one, two = titles.read(work.title), titles.read(other.title)
    if one.parts != two.parts and one.parts and two.parts:
        return False
    if one.numbers - two.numbers and two.numbers - one.numbers:
        return False
    found = compare_titles(one, two)
    return found.relation not in (Relation.OTHER, Relation.LONGER) or found.replaced < 0.3


def damaged_pairs(works: list[WorkFacts], rows: dict[int, RowFacts], count: int, seed: int) -> list[Pair]:
    """Rows damaged at random beside their own work, beside those that look most like it and beside made-up decoys."""
    random_ = random.Random(seed)
    neighbours = Neighbours(works)
    pairs = []
    for work in random_.sample(works, min(count, len(works))):
        row, kind = damage(work, random_, _any_year(rows.get(work.id), random_))
        author = work.authors[0] if work.authors else work.title
        source = "goodbooks" if work.public_id.startswith("gb") else "gutenberg"
        if random_.random() < 0.8 and not is_translated(row, work):  # the others are rows whose work is not registered
            pairs.append(Pair(row, work, True, source, author, kind))
        for other in neighbours.near(work, 4, random_):
            if not is_undecided(work, other):
                pairs.append(Pair(row, other, False, source, author, kind))
        if random_.random() < 0.15:
            name, decoy = decoy_of(work, random_.choice(works), random_)
            pairs.append(Pair(row, decoy, False, "decoys", author, f"{kind} / {name}"))
    return pairs


def _any_year(row: RowFacts | None, random_: random.Random) -> RowFacts | None:
    """Lists give the year of an edition as often as that of the first one, or none."""
    if row is None or not row.year.isdigit():
        return row
    kind = random_.random()
    if kind < 0.4:
        return replace(row, year="")
    return replace(row, year=str(int(row.year) + random_.choice([-1, 1, 2, 5, 10, 20, 40]))) if kind < 0.7 else row


_OTHER_GIVEN = (
    "Albert", "Beatrice", "Conrad", "Dorothy", "Edmund", "Frances", "Gustav", "Helen", "Ignatius", "Josephine",
    "Konrad", "Ludmila",
)  # fmt: skip


def decoy_of(work: WorkFacts, stranger: WorkFacts, random_: random.Random) -> tuple[str, WorkFacts]:
    """A work that looks like another and is none: its kind, and its record.

    Only kinds that make another book of it for certain: a relative has given names that none of the author's names
    begins with, another author is a named one, another part has a number where the title has none, and a word is
    replaced, before any mark of punctuation, by one that does not look like it.
    """
    main = _main(work.title)
    author = work.authors[0] if work.authors else ""
    choices = {"about it": (random_.choice(_ABOUT).format(main), random_.choice([author, *stranger.authors[:1]]))}
    if author and stranger.authors and names.read(stranger.authors[0]):
        choices["other author"] = (work.title, stranger.authors[0])
    relative = _relative(work, random_)
    if relative:
        choices["relative"] = (work.title, relative)
    if "other" not in fold(work.title) and main == work.title:
        ending = random_.choice([" and Other Stories", ", and other tales", " & Other Essays"])
        choices["and other stories"] = (main + ending, author)
    if not any(char.isdigit() for char in work.title) and not titles.read(work.title).parts:
        choices["other part"] = (f"{main}, Volume {random_.randint(2, 9)}", author)
    unbroken = re.split(r"[^\w\s'’&-]|\s-\s|[\r\n]", work.title)[0].rstrip()
    replaced = _one_word_else(unbroken, stranger.title, random_)
    if replaced:
        choices["other place"] = (replaced + work.title[len(unbroken) :], author)
    name = random_.choice(list(choices))
    title, by = choices[name]
    return name, replace(work, id=-work.id, title=title, subtitle="", authors=(by,) if by else (), other_names=())


_ABOUT = ("Summary of {}", "{}: A Study Guide", "A Companion to {}", "{} (SparkNotes)", "Notes on {}")


def _relative(work: WorkFacts, random_: random.Random) -> str:
    """The author's surname with given names that are nobody's whom the work names, or ""."""
    people = names.read("; ".join(work.authors[:1]))
    known = names.read("; ".join((*work.authors, *work.other_names)))
    starts = {word[0] for person in known for word in (*person.words, *person.initials)}
    strange = [name for name in _OTHER_GIVEN if fold(name)[0] not in starts]
    if not people or not strange or not people[0].surname or len(people[0].words) + len(people[0].initials) < 2:
        return ""
    return f"{people[0].surname.title()}, {random_.choice(strange)}"


def _one_word_else(main: str, other: str, random_: random.Random) -> str:
    """The main title with one telling word replaced by a word of another title that is unlike it, or ""."""
    words = main.split()
    places = [
        place for place, word in enumerate(words) if fold(word) not in STOP | UNITS and len(word) > 3 and word.isalpha()
    ]
    strange = [word for word in other.split() if fold(word) not in STOP and len(word) > 3 and word.isalpha()]
    if len(words) < 2 or not places:
        return ""
    place = random_.choice(places)
    strange = [word for word in strange if OSA.normalized_similarity(fold(word), fold(words[place])) < 0.5]
    if not strange:
        return ""
    words[place] = random_.choice(strange)
    return " ".join(words)


class Registered:
    """What a catalogue holds, for taking out of a set of decoys what is registered after all: nobody labelled them.

    A decoy is taken out when a record of the catalogue with one of its author's surnames has no other number than it
    and either a piece of one title, between marks of punctuation, is a piece of the other, word for word ("Rome" and
    "The Three Cities Trilogy: Rome, Volume 3"), or each word of one title is that of the other but for a slip
    ("Uranie", "Urania").
    """

    def __init__(self, works: Iterable[WorkFacts]) -> None:
        self._by_surname: dict[str, list[str]] = defaultdict(list)
        for work in works:
            for surname in _surnames(work):
                self._by_surname[surname] += [work.title, *work.other_titles]

    def holds(self, decoy: WorkFacts, *, made_of: WorkFacts | None = None) -> bool:
        """Whether one of its records may be the decoy; `made_of`: what it was made from is none."""
        known = {title for surname in _surnames(decoy) for title in self._by_surname.get(surname, ())}
        if made_of is not None:
            known.discard(made_of.title)
        return any(_may_be_one(decoy.title, title) for title in known)


def _surnames(work: WorkFacts) -> set[str]:
    people = names.read("; ".join((*work.authors, *work.other_names)))
    return {person.surname or person.han or max(person.words, default="") for person in people} or {""}


def _may_be_one(one: str, other: str) -> bool:
    mine, yours = _figures(one), _figures(other)
    if mine and yours and mine != yours:
        return False
    if _pieces(one) & _pieces(other):
        return True
    for said, there in ((one, other), (_main(one), _main(other))):
        words, others = _telling(said), _telling(there)
        alike = (OSA.normalized_similarity(a, b) >= 0.7 for a, b in zip(words, others, strict=False))
        if words and len(words) == len(others) and all(alike):
            return True
    return False


@lru_cache(maxsize=65536)
def _telling(title: str) -> list[str]:
    return [word for word in tokens(title) if word not in STOP]


@lru_cache(maxsize=65536)
def _figures(title: str) -> set[str]:
    return {figure.lstrip("0") for figure in re.findall(r"\d+", title)}


@lru_cache(maxsize=65536)
def _pieces(title: str) -> set[str]:
    pieces = (" ".join(tokens(piece)) for piece in re.split(r"[:;,.()\[\]\n—/]|--| - |\$b", title))
    return {piece for piece in pieces if len(piece) > 3 and not piece.isdigit()} - _SAYING_NOTHING


_SAYING_NOTHING = frozenset(("a novel", "complete", "a romance", "a tale", "volume", "or the", "illustrated", "poems"))


def is_translated(row: RowFacts, work: WorkFacts) -> bool:
    """Whether nothing of the title is the same: only an identifier or a known title can tell."""
    found = compare_titles(titles.read(row.title), titles.read(work.title))
    return found.similarity < 0.3 and found.letters < 0.6
