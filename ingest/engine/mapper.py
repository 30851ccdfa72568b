"""The engine's door: documents in, the registered works in them out.

letters → seeds → hits → chains → alignments → match a record → match a work
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ingest.engine import ENGINE_VERSION
from ingest.engine.chain import find_chains
from ingest.engine.extend import extend_chains
from ingest.engine.index import Index
from ingest.engine.normalise import Letters, fold_texts
from ingest.engine.params import Params
from ingest.engine.records import Array, MapOptions, Match, Passage
from ingest.engine.score import score_pairs
from ingest.engine.seed import FLAG_COMMON, POSITION_MASK, Hits, find_hits, is_cold, joined
from ingest.engine.segment import Segment
from ingest.engine.sketch import BLOCK_SYMBOLS, query_seeds, stretches_of

BATCH_CHARS = 1 << 20  # texts mapped at once,
COLD_BATCH_CHARS = 1 << 25  # and with an index on disk, which is read from front to back for each batch


def map_text(index: Index, text: str, options: MapOptions = MapOptions()) -> list[Match]:  # noqa: B008  frozen
    """All matches of a document, one a work, sorted by work. Passages point into `text` and into the work's text."""
    return map_texts(index, [text], options)[0]


def map_texts(
    index: Index,
    texts: Sequence[str],
    options: MapOptions = MapOptions(),  # noqa: B008  frozen
) -> list[list[Match]]:
    """As `map_text` for each of many documents, several at once: short ones are mapped ten times as fast."""
    return [matches for batch in batches(texts, batch_chars(index)) for matches in _map_batch(index, batch, options)]


def batch_chars(index: Index) -> int:
    """How many code points are best mapped at once, as the memory is now."""
    return COLD_BATCH_CHARS if any(is_cold(segment) for segment in index.segments) else BATCH_CHARS


def batches(texts: Iterable[str], most: int = BATCH_CHARS) -> Iterator[list[str]]:
    """Texts in lists of about so many code points; a longer one is alone."""
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and size + len(text) > most:
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch


def _map_batch(index: Index, texts: list[str], options: MapOptions) -> list[list[Match]]:
    letters = fold_texts(texts)
    of_work: list[dict[str, list[Match]]] = [defaultdict(list) for _ in texts]
    for segment, hits in segment_hits(index, letters):
        chains, _ = find_chains(hits, segment, index.groups(segment))
        if not len(chains.rows):
            continue
        alignments = extend_chains(letters, segment, chains, options.min_words)
        for text, match in score_pairs(letters, segment, alignments, options.min_words):
            of_work[text][match.work].append(match)
    return [[best_edition(matches) for _, matches in sorted(found.items())] for found in of_work]


def segment_hits(index: Index, letters: Letters) -> list[tuple[Segment, Hits]]:
    """Hits in every segment that has any. What is common is counted over all segments of a parameter set."""
    found: dict[str, list[tuple[Segment, list[Hits]]]] = {}
    for params in index.parameter_sets:
        same = [(segment, list[Hits]()) for segment in index.segments if segment.params.name == params.name]
        for stretches in _portions(letters, params):
            seeds = query_seeds(letters.symbols, stretches, params)
            for segment, hits in same:
                hits.append(find_hits(letters.symbols, seeds, segment, index.groups(segment)))
        found[params.name] = same
    rows = [
        (segment, hits)
        for same in found.values()
        for segment, hits in _with_common(index, [(segment, joined(parts)) for segment, parts in same])
        if hits.keys.size
    ]
    return sorted(rows, key=lambda row: row[0].digest)


def _portions(letters: Letters, params: Params) -> Iterator[Array]:
    """The stretches of a batch, so many at a time that their seeds take little memory."""
    stretches = stretches_of(letters.text_symbols, params.guaranteed_symbols)
    sizes = np.cumsum(stretches[:, 3] - stretches[:, 2])
    cuts = np.flatnonzero(np.diff(sizes // (2 * BLOCK_SYMBOLS))) + 1
    yield from np.split(stretches, cuts)


def _with_common(index: Index, found: list[tuple[Segment, Hits]]) -> list[tuple[Segment, Hits]]:
    """Mark the seeds that are in many unrelated works when all segments are counted together."""
    some = [(segment, hits) for segment, hits in found if hits.keys.size]
    if len(some) < 2:
        return found
    places, works = [], []
    for segment, hits in some:
        records = np.searchsorted(segment.arrays.record_starts, hits.keys & POSITION_MASK, side="right") - 1
        places.append(hits.texts << np.int64(32) | hits.documents)
        works.append(index.groups(segment)[np.minimum(records, segment.record_count - 1)])
    pairs = np.stack([np.concatenate(places), np.concatenate(works)])
    pairs = np.unique(pairs[:, pairs[1] >= 0], axis=1)
    at, counts = np.unique(pairs[0], return_counts=True)
    common = at[counts > some[0][0].params.common_works]
    for (_, hits), place in zip(some, places, strict=True):
        hits.flags[np.isin(place, common)] |= FLAG_COMMON
    return found


def best_edition(matches: list[Match]) -> Match:
    """Of several editions of a work the one that covers most of the document, then the one of which most is covered,
    then the one with most equal letters."""
    return max(
        matches, key=lambda m: (m.coverage_document, m.coverage_work, m.identity or 0, m.matched_words, m.edition or "")
    )


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
        "confidence": None if match.confidence is None else round(match.confidence, 6),
        "passages": [_passage_line(p) for p in match.passages],
    }
    if match.boilerplate:
        line["boilerplate"] = [_passage_line(p) for p in match.boilerplate]
    line |= {
        "precision": match.precision,
        "index": index.digest,
        "engine": ENGINE_VERSION,
        "parameters": match.parameters,
    }
    return line


def _passage_line(passage: Passage) -> dict[str, Any]:
    return {
        "document_chars": [passage.document_start, passage.document_end],
        "work_chars": [passage.work_start, passage.work_end],
        "words": passage.words,
        "identity": None if passage.identity is None else round(passage.identity, 6),
        "precision": passage.precision,
    }
