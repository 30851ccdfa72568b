"""Rows and works for the linkage bench: real records and real labelled pairs.

What is read lies in a folder of public metadata (HathiTrust's labelled pairs, goodbooks-10k, Project Gutenberg's
catalogue); nothing of it is shipped.
"""

import csv
import gzip
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from registry.folding import CJK_RUN, fold
from registry.linkage import names, titles
from registry.linkage.facts import RowFacts, WorkFacts, years_of
from registry.linkage.title_relations import compare_titles

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


def is_translated(row: RowFacts, work: WorkFacts) -> bool:
    """Whether nothing of the title is the same: only an identifier or a known title can tell."""
    found = compare_titles(titles.read(row.title), titles.read(work.title))
    return found.similarity < 0.3 and found.letters < 0.6


def words_of_titles(works: Iterable[WorkFacts]) -> list[str]:
    """Words that at least two titles of authors that may be fitted on hold, for `registry.linkage.alignment`."""
    counts: Counter[str] = Counter()
    for work in works:
        if not is_test(work.authors[0] if work.authors else work.title):
            words = set(titles.read(work.title, work.subtitle).words)
            counts.update(word for word in words if word.isalpha() and not CJK_RUN.search(word))
    return sorted(word for word, count in counts.items() if count > 1)
