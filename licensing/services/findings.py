"""What a scan found of each work: the texts of it that a verdict rests on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from ingest.models import Match, Scan

RELATIONS = [Match.Relation.COPY, Match.Relation.PARTIAL, Match.Relation.EXCERPT, Match.Relation.QUOTATION]
RANKS = {str(relation): rank for rank, relation in enumerate(RELATIONS)}
COLUMNS = ("work_id", "edition_id", "edition__translation", "item_id", "relation", "coverage_work", "matched_words")
CHUNK = 10_000  # rows read at once
Row = tuple[int, int | None, bool | None, int, str, float, int]


class Close(NamedTuple):
    """The closest match of one text: what it is to the work, and the key of the translation where it is one.

    Tuples of the first two sort the closest first.
    """

    rank: int
    distance: float
    relation: str
    translation: int | None


@dataclass(slots=True)
class Found:
    """What a scan found of one work, over all documents.

    `closest` holds the closest match of each text that has rights of its own: None for the work's, else the key of a
    translation.
    """

    closest: dict[int | None, Close] = field(default_factory=dict)
    documents: int = 0
    matched_words: int = 0

    @property
    def texts(self) -> list[Close]:
        """One match a text, closest first. What is only quoted identifies nothing: it counts only alone."""
        if len(self.closest) == 1:
            return [*self.closest.values()]
        rows = sorted(self.closest.values(), key=lambda row: row[:2])
        return [row for row in rows if row.relation != Match.Relation.QUOTATION] or rows[:1]


def of_scan(scan: Scan) -> Iterator[tuple[int, Found]]:
    """Works' keys and what was found of each, in the order of the keys, read from the database as they are asked for.

    What was found of a merged work is its survivor's.
    """
    matches = Match.objects.filter(scan=scan).order_by("work_id", "id")
    others = matches.filter(work__merged_into__isnull=True).values_list(*COLUMNS)
    merged = matches.filter(work__merged_into__isnull=False).values_list("work__merged_into_id", *COLUMNS[1:])
    moved: list[Row] = sorted(merged, key=itemgetter(0))
    rows: Iterator[Row] = others.iterator(chunk_size=CHUNK)
    rows = merge(rows, moved, key=itemgetter(0)) if moved else rows
    for work, of_work in groupby(rows, itemgetter(0)):
        yield work, _found(of_work)


def _found(rows: Iterable[Row]) -> Found:
    found = Found()
    items = set()
    for _, edition, translation, item, relation, coverage, words in rows:
        text = edition if translation else None
        match = Close(RANKS[relation], -coverage, relation, text)
        if text not in found.closest or match[:2] < found.closest[text][:2]:
            found.closest[text] = match
        items.add(item)
        found.matched_words += words
    found.documents = len(items)
    return found
