"""Running the peers on the same kind of work in the same run: build, query, recall by length and noise, false flags."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any

from bench.kit.measure import megabytes_of, significant
from bench.kit.planting import Plant, mixed_documents
from bench.kit.rivals import Rival, installed
from bench.kit.rivals_hashing import BloomShingles, DatasketchWindows, RensaWindows, SourmashContainment
from bench.kit.rivals_searching import EdlibWindows, SuffixArray, TantivyPhrases
from bench.kit.texts import Text

RIVALS: tuple[type[Rival], ...] = (
    DatasketchWindows,
    RensaWindows,
    SourmashContainment,
    BloomShingles,
    SuffixArray,
    TantivyPhrases,
    EdlibWindows,
)


def few(texts: Sequence[Text], megabytes: float) -> list[Text]:
    """Whole texts of about so many megabytes together, at least one; smallest first, so that they are several."""
    chosen: list[Text] = []
    size = 0
    for text in sorted(texts, key=lambda t: (t.size, t.name)):
        if chosen and size + text.size > megabytes * 1e6:
            break
        chosen.append(text)
        size += text.size
    return chosen


def run_rival(rival: type[Rival], texts: Sequence[Text], plants: Sequence[Plant]) -> dict[str, Any]:
    """One tool: MB/s of processor time, recall of the planted excerpts, documents flagged that hold none."""
    tool = rival()
    catalogue = {t.name: t.text for t in texts}
    documents = plants[: rival.most_documents]
    start = time.process_time()
    tool.build(catalogue)
    built = time.process_time() - start
    start = time.process_time()
    answers = [tool.find(p.document) for p in documents]
    queried = time.process_time() - start
    size, index_bytes = megabytes_of(catalogue.values()), tool.index_bytes()
    tool.close()
    return {
        "catalogue_mb": round(size, 2),
        "documents": len(documents),
        "spans": rival.spans,
        "build_mb_per_second": significant(size / max(1e-6, built)),
        "mixed_mb_per_second": significant(megabytes_of(p.document for p in documents) / max(1e-6, queried)),
        "index_percent": None if index_bytes is None else round(index_bytes / size / 1e4, 1),
        "recall": recall(documents, answers),
        "unrelated": sum(not p.work for p in documents),
        "unrelated_flagged": sum(bool(a) for p, a in zip(documents, answers, strict=True) if not p.work),
    }


def recall(plants: Sequence[Plant], answers: Sequence[set[str]]) -> dict[str, dict[str, Any]]:
    """Hits and trials by length and noise. A method that cannot name the work ("?") is believed."""
    cells: dict[str, list[bool]] = {}
    for planted, found in zip(plants, answers, strict=True):
        if planted.work:
            unit = "characters" if planted.chinese else "words"
            cells.setdefault(f"{planted.length} {unit}, {planted.noise}", []).append(bool({planted.work, "?"} & found))
    return {
        cell: {"hits": sum(hits), "trials": len(hits), "recall": round(sum(hits) / len(hits), 4)}
        for cell, hits in sorted(cells.items())
    }


def run_all(texts: Sequence[Text], hosts: Sequence[Text], megabytes: float, seed: int) -> dict[str, Any]:
    """Every installed tool on a catalogue of so many megabytes or the most it can take; the missing ones are named."""
    found: dict[str, Any] = {}
    for rival in RIVALS:
        if not installed(rival):
            found[rival.name] = {"missing": f"not installed: pip install {rival.module}"}
            continue
        small = few(texts, min(megabytes, rival.most_catalogue_mb))
        draw = random.Random(seed)
        found[rival.name] = run_rival(rival, small, mixed_documents(small, hosts, 120, draw))
    return found


def best(peers: dict[str, Any], what: str) -> tuple[float | None, str]:
    """Highest MB/s of building or querying, and whose it is."""
    rows = [(facts[f"{what}_mb_per_second"], name) for name, facts in peers.items() if "missing" not in facts]
    # a tool without an index "builds" in no time
    rows = [row for row in rows if not (what == "build" and "exhaustive" in row[1])]
    return max(rows) if rows else (None, "")


def smallest_index(peers: dict[str, Any]) -> tuple[float | None, str]:
    """Least index in percent of the text, and whose it is."""
    rows = [(facts["index_percent"], name) for name, facts in peers.items() if facts.get("index_percent")]
    return min(rows) if rows else (None, "")
