"""What a scan found of each work: the texts of it that a verdict rests on."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.models import Match, Scan

RELATIONS = [Match.Relation.COPY, Match.Relation.PARTIAL, Match.Relation.EXCERPT, Match.Relation.QUOTATION]
RANKS = {str(relation): rank for rank, relation in enumerate(RELATIONS)}
COLUMNS = (
    "work_id", "work__merged_into_id", "edition_id", "edition__translation", "item_id", "relation", "coverage_work",
    "matched_words",
)  # fmt: skip


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


def of_scan(scan: Scan) -> dict[int, Found]:
    """Work pk → what was found of it, in order of works' keys."""
    found: dict[int, Found] = {}
    documents: dict[int, set[int]] = defaultdict(set)
    matches = Match.objects.filter(scan=scan).order_by("work_id", "id").values_list(*COLUMNS)
    for work_id, merged, edition, translation, item, relation, coverage, words in matches.iterator(chunk_size=10_000):
        work = merged or work_id  # what was found of a merged work is its survivor's
        entry = found.get(work)
        if entry is None:
            entry = found[work] = Found()
        text = edition if translation else None
        match = Close(RANKS[relation], -coverage, relation, text)
        if text not in entry.closest or match[:2] < entry.closest[text][:2]:
            entry.closest[text] = match
        documents[work].add(item)
        entry.matched_words += words
    for work, items in documents.items():
        found[work].documents = len(items)
    return found
