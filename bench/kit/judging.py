"""Verdicts on what an index reported: excerpts found and missed, and everything else, truly shared or spurious."""

from __future__ import annotations

import statistics
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.kit import catalogue, truth
from bench.kit.measure import megabytes_of, wilson
from bench.kit.planting import Plant
from bench.kit.texts import Text
from ingest.engine.index import Index
from ingest.engine.records import MapOptions, Match

MOST_LISTED = 100  # of what is truly shared; misses and what is spurious are listed without limit


@dataclass
class Cell:
    """One length and one noise: excerpts planted and found, errors of passage ends, share of the excerpt covered."""

    trials: int = 0
    hits: int = 0
    hits_by_default: int = 0
    ends: list[int] = field(default_factory=list)
    covered: list[float] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        low, high = wilson(self.hits, self.trials)
        ends = sorted(self.ends)
        return {
            "trials": self.trials,
            "hits": self.hits,
            "recall": round(self.hits / max(1, self.trials), 4),
            "interval": [low, high],
            "recall_at_50_words": round(self.hits_by_default / max(1, self.trials), 4),
            "end_error_median": statistics.median(ends) if ends else None,
            "end_error_95": ends[int(0.95 * (len(ends) - 1))] if ends else None,
            "excerpt_covered": round(statistics.mean(self.covered), 4) if self.covered else None,
        }


@dataclass
class Findings:
    """What one index made of the planted documents."""

    cells: dict[str, Cell] = field(default_factory=dict)
    misses: list[int] = field(default_factory=list)  # numbers of the planted documents
    spurious: list[dict[str, Any]] = field(default_factory=list)
    shared: list[dict[str, Any]] = field(default_factory=list)
    passages: int = 0


def judge_plants(plants: list[Plant], index: Index, works: dict[str, Text], least_words: int) -> Findings:
    """Recall of every cell, and a verdict on everything that was reported and not planted."""
    found = Findings()
    documents = [p.document for p in plants]
    lenient = catalogue.map_batches(index, documents, MapOptions(min_words=least_words))
    strict = catalogue.map_batches(index, documents)
    for number, (planted, matches, by_default) in enumerate(zip(plants, lenient, strict, strict=True)):
        cell = found.cells.setdefault(cell_name(planted), Cell())
        cell.trials += 1
        hit = truth.hit(planted, matches)
        cell.hits += hit is not None
        cell.hits_by_default += truth.hit(planted, by_default) is not None
        if hit:
            covered, ends = truth.exactness(planted, hit)
            cell.covered.append(covered)
            cell.ends += ends
        else:
            found.misses.append(number)
        judge_rest(number, planted, matches, works, found)
    return found


def cell_name(planted: Plant) -> str:
    """How a cell is called in tables and results."""
    return f"{planted.length} {'characters' if planted.chinese else 'words'}, {planted.noise}"


def described(planted: Plant) -> dict[str, Any]:
    """Where to look: the work, the place, and how the excerpt begins."""
    facts = {k: v for k, v in asdict(planted).items() if k not in ("document", "group", "chinese")}
    return facts | {"begins": planted.document[planted.start : planted.start + 80]}


def judge_rest(number: int, planted: Plant, matches: list[Match], works: dict[str, Text], found: Findings) -> None:
    """Passages that are not the planted one: truly shared text, or spurious."""
    for match in matches:
        for passage in match.passages:
            found.passages += 1
            if match.work == planted.work and truth.overlap(planted, passage):
                continue
            if match.work != planted.work and works[match.work].group == planted.group and planted.work:
                continue  # another edition of the same work
            row = truth.judged(planted.document, match, passage, works[match.work].text)
            row |= {"document": number, "host": planted.host}
            (found.shared if row["truly_shared"] else found.spurious).append(row)


def unrelated(index: Index, hosts: list[Text], works: dict[str, Text], least_words: int) -> dict[str, Any]:
    """Passages reported in text that is not registered, each judged."""
    documents = [(h, h.text[at : at + 100_000], at) for h in hosts for at in range(0, len(h.text), 100_000)]
    rows: list[dict[str, Any]] = []
    answers = catalogue.map_batches(index, [d for _, d, _ in documents], MapOptions(min_words=least_words))
    for (host, text, at), matches in zip(documents, answers, strict=True):
        for match in matches:
            for passage in match.passages:
                rows.append(
                    truth.judged(text, match, passage, works[match.work].text) | {"host": host.name, "from": at}
                )
    spurious = [row for row in rows if not row["truly_shared"]]
    size = megabytes_of(h.text for h in hosts)
    return {
        "mb": round(size, 2),
        "spurious": len(spurious),
        "spurious_per_mb": round(len(spurious) / size, 4),
        "truly_shared": len(rows) - len(spurious),
        "list": spurious + [row for row in rows if row["truly_shared"]][:MOST_LISTED],
    }
