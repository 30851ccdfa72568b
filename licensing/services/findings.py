"""What a scan found of each work: the texts of it that a verdict rests on."""

from collections import defaultdict
from dataclasses import dataclass, field

from ingest.models import Match, Scan

RELATIONS = [Match.Relation.COPY, Match.Relation.PARTIAL, Match.Relation.EXCERPT, Match.Relation.QUOTATION]


@dataclass
class Found:
    """What a scan found of one work, over all documents.

    `closest` holds the closest match of each text that has rights of its own: None for the work's, else the key of a
    translation.
    """

    closest: dict[int | None, Match] = field(default_factory=dict)
    documents: int = 0
    matched_words: int = 0

    @property
    def texts(self) -> list[Match]:
        """One match a text, closest first. What is only quoted identifies nothing: it counts only alone."""
        rows = sorted(self.closest.values(), key=_closeness)
        return [row for row in rows if row.relation != Match.Relation.QUOTATION] or rows[:1]


def of_scan(scan: Scan) -> dict[int, Found]:
    """Work pk → what was found of it, in order of works' keys."""
    found: dict[int, Found] = {}
    documents: dict[int, set[int]] = defaultdict(set)
    matches = Match.objects.filter(scan=scan).select_related("edition__translator", "work").order_by("work_id", "id")
    for match in matches.defer("passages").iterator():
        work = match.work.merged_into_id or match.work_id  # what was found of a merged work is its survivor's
        entry = found.setdefault(work, Found())
        text = match.edition_id if match.edition is not None and match.edition.translation else None
        if text not in entry.closest or _closeness(match) < _closeness(entry.closest[text]):
            entry.closest[text] = match
        documents[work].add(match.item_id)
        entry.matched_words += match.matched_words
        entry.documents = len(documents[work])
    return found


def _closeness(match: Match) -> tuple[int, float]:
    return RELATIONS.index(Match.Relation(match.relation)), -match.coverage_work
