"""The engine's door: a document in, the registered works in it out.

letters → hits → chains → alignments → match a record → match a work
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import Any

import numpy as np

from ingest.engine import ENGINE_VERSION
from ingest.engine.chain import boxes_of, find_chains, uncovered
from ingest.engine.extend import bound_chain, extend_chain
from ingest.engine.index import Index
from ingest.engine.normalise import Array, count_letters, letter_stream
from ingest.engine.records import Alignment, Chain, MapOptions, Match
from ingest.engine.score import Document, credible, score_record
from ingest.engine.seed import Hits, find_hits, query_seeds
from ingest.engine.segment import Segment


def map_text(index: Index, text: str, options: MapOptions = MapOptions()) -> list[Match]:  # noqa: B008  frozen
    """All matches of a document, one a work, sorted by work. Passages point into `text` and into the work's text."""
    stream = letter_stream(text)
    document = Document(text, stream, count_letters(stream.symbols))
    of_work: dict[str, list[Match]] = defaultdict(list)
    for segment, hits in segment_hits(index, stream.symbols):
        chains = find_chains(hits, segment.params)
        for record, found in groupby(chains, key=lambda chain: chain.record):
            alignments = align_record(document, segment, list(found), options.min_words)
            match = score_record(document, segment, record, alignments, options.min_words) if alignments else None
            if match:
                of_work[match.work].append(match)
    return [best_edition(matches) for _, matches in sorted(of_work.items())]


def segment_hits(index: Index, symbols: Array) -> list[tuple[Segment, Hits]]:
    """Hits in every segment that has any. What is common is counted over all segments of a parameter set."""
    found: list[tuple[Segment, Hits, Array]] = []
    seeds: dict[str, tuple[Array, Array] | None] = {}
    for segment in index.segments:
        group_of = index.groups(segment)
        if segment.params.digest not in seeds:
            seeds[segment.params.digest] = query_seeds(symbols, segment.params)
        hits = find_hits(symbols, segment, group_of, seeds[segment.params.digest])
        if hits.document.size:
            found.append((segment, hits, group_of))
    for name in {segment.params.name for segment, _, _ in found}:
        same = [row for row in found if row[0].params.name == name]
        if len(same) > 1:
            _mark_common(same)
    return [(segment, hits) for segment, hits, _ in found]


def _mark_common(found: list[tuple[Segment, Hits, Array]]) -> None:
    places = np.concatenate([hits.document for _, hits, _ in found])
    works = np.concatenate([group_of[hits.record] for _, hits, group_of in found])
    pairs = np.unique(np.stack([places, works]), axis=1)
    at, counts = np.unique(pairs[0], return_counts=True)
    common = at[counts > found[0][0].params.common_works]
    for _, hits, _ in found:
        hits.common[np.isin(hits.document, common)] = True


def align_record(document: Document, segment: Segment, chains: list[Chain], min_words: int) -> list[Alignment]:
    """Alignments of all chains with one record, best chain first; what an earlier one covers is not aligned again."""
    params = segment.params
    held = segment.records[chains[0].record].text is not None
    found: list[Alignment] = []
    boxes = boxes_of(found)
    for chain in chains:
        rest = uncovered(chain, boxes)
        if rest is None:
            continue
        alignments = extend_chain(document.stream.symbols, segment, rest) if held else bound_chain(segment, rest)
        kept = credible(document, alignments, params, min_words)
        if kept:
            found += kept
            boxes = np.concatenate([boxes, boxes_of(kept)])
    return found


def best_edition(matches: list[Match]) -> Match:
    """Of several editions of a work the one that covers most of the document, then the one of which most is covered."""
    return max(matches, key=lambda m: (m.coverage_document, m.coverage_work, m.matched_words, m.edition or ""))


def match_line(document_name: str, match: Match, index: Index) -> dict[str, Any]:
    """The JSON object that stands for a match in every output."""
    line: dict[str, Any] = {"document": document_name, "work": match.work}
    if match.edition is not None:
        line["edition"] = match.edition
    line |= {
        "relation": match.relation,
        "coverage_document": round(match.coverage_document, 6),
        "coverage_work": round(match.coverage_work, 6),
        "matched_words": match.matched_words,
        "longest_verbatim_words": match.longest_verbatim_words,
        "identity": None if match.identity is None else round(match.identity, 6),
        "passages": [
            {
                "document_chars": [p.document_start, p.document_end],
                "work_chars": [p.work_start, p.work_end],
                "words": p.words,
                "identity": None if p.identity is None else round(p.identity, 6),
                "precision": p.precision,
            }
            for p in match.passages
        ],
        "precision": match.precision,
        "index": index.digest,
        "engine": ENGINE_VERSION,
        "parameters": match.parameters,
    }
    return line
