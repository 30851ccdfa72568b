"""Rows and works for the linkage bench: real records, real labelled pairs, and rows damaged in the ways of real lists.

What is read lies in a folder of public metadata (HathiTrust's labelled pairs, goodbooks-10k, Project Gutenberg's
catalogue); nothing of it is shipped.
"""

import csv
import gzip
import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from registry.folding import fold, tokens
from registry.linkage import names, titles
from registry.linkage.comparison import Relation, compare_titles
from registry.linkage.facts import RowFacts, WorkFacts, years_of
from registry.linkage.words import STOP

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
    opened = gzip.open(path, "rt", encoding="utf-8") if name.endswith(".gz") else path.open(encoding="utf-8")
    with opened as stream:
        yield from csv.DictReader(stream, delimiter=delimiter)


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
        row, title=f"{row.title} ({random_.choice(['Classics', 'Adventure Library', 'The Saga'])}, #{random_.randint(1, 9)})"
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
    "dates": lambda row, work, random_: replace(row, author=f"{row.author}, 18{random_.randint(10, 60)}-19{random_.randint(10, 40)}"),
    "no author": lambda row, work, random_: replace(row, author=""),
    "pen name": lambda row, work, random_: (
        replace(row, author=random_.choice(work.other_names)) if work.other_names else row
    ),
    "second author": lambda row, work, random_: replace(
        row, author=f"{_natural(row.author)}{random_.choice([', ', '; ', ' and ', ' & '])}John Bauer"
    ),
    "no article": lambda row, work, random_: replace(row, title=re.sub(r"^(?:The|A|An|Le|La|Die|Der|Das) ", "", row.title)),
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
    "year off": lambda row, work, random_: replace(row, year=str(int(row.year) + random_.randint(1, 30)) if row.year.isdigit() else ""),
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


def plain_key(work: WorkFacts) -> str:
    """The first words of a title and the surname, for telling records of one book in two catalogues."""
    people = names.read("; ".join(work.authors))
    words = [word for word in tokens(_main(work.title)) if word not in STOP]
    return f"{people[0].surname if people else ''} {' '.join(words[:4])}"


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
        places = {place for word in words[:4] for place in self.by_word[word][:400]}
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


_OTHER_GIVEN = ["Albert", "Beatrice", "Conrad", "Dorothy", "Edmund", "Frances", "Gustav", "Helen", "Ignatius", "Josephine", "Konrad", "Ludmila"]


def decoy_of(work: WorkFacts, stranger: WorkFacts, random_: random.Random) -> tuple[str, WorkFacts]:
    """A work that looks like another and is none: its kind, and its record."""
    main = _main(work.title)
    author = work.authors[0] if work.authors else "Doe, Jane"
    surname = names.read(author)[0].surname.title() if names.read(author) else "Doe"
    choices = {
        "other author": (work.title, stranger.authors[0] if stranger.authors else "Roe, Richard"),
        "relative": (work.title, f"{surname or 'Doe'}, {random_.choice(_OTHER_GIVEN)}"),
        "and other stories": (
            main + random_.choice([" and Other Stories", ", and other tales", " & Other Essays"]),
            author,
        ),
        "about it": (
            random_.choice(
                ["Summary of {}", "{}: A Study Guide", "A Companion to {}", "{} (SparkNotes)", "Notes on {}"]
            ).format(main),
            random_.choice([author, "", stranger.authors[0] if stranger.authors else ""]),
        ),
        "other part": (f"{main}, Volume {random_.randint(2, 9)}", author),
        "other place": (_one_word_else(work.title, stranger.title, random_), author),
    }
    name = random_.choice(list(choices))
    title, by = choices[name]
    return name, replace(work, id=-work.id, title=title, subtitle="", authors=(by,) if by else (), other_names=())


def _one_word_else(title: str, other: str, random_: random.Random) -> str:
    """The title with one telling word replaced by one of another title."""
    words = title.split()
    places = [place for place, word in enumerate(words[:6]) if fold(word) not in STOP and len(word) > 3]
    strange = [word for word in other.split() if fold(word) not in STOP and len(word) > 3 and word not in words]
    if not places or not strange:
        return f"The Other {title}"
    words[random_.choice(places)] = random_.choice(strange)
    return " ".join(words)


def is_translated(row: RowFacts, work: WorkFacts) -> bool:
    """Whether nothing of the title is the same: only an identifier or a known title can tell."""
    found = compare_titles(titles.read(row.title), titles.read(work.title))
    return found.similarity < 0.3 and found.letters < 0.6
