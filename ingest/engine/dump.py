"""What happened between the stages, as text: seeds, chains, passages. For people who ask why."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.engine.chain import find_chains
from ingest.engine.index import Index
from ingest.engine.mapper import map_text, segment_hits
from ingest.engine.normalise import char_offset, letter_stream
from ingest.engine.records import MapOptions

EXCERPT_CHARS = 60


def lines(index: Index, text: str, options: MapOptions = MapOptions()) -> Iterator[str]:  # noqa: B008  frozen
    """Tab-separated lines, first column `seed`, `chain`, `match` or `passage`; offsets are code points."""
    stream = letter_stream(text)
    for segment, hits in segment_hits(index, stream.symbols):
        for d, w, record, agrees, common in zip(
            hits.document, hits.work, hits.record, hits.agrees, hits.common, strict=True
        ):
            work = segment.records[record].work
            marks = ("agrees" if agrees else "-", "common" if common else "-")
            here, there = char_offset(text, stream, int(d)), segment.char_offset(int(record), int(w))
            yield "\t".join(["seed", work, str(here), str(there), *marks])
        for chain in find_chains(hits, segment.params):
            row = segment.records[chain.record]
            ends = [char_offset(text, stream, int(chain.document[n])) for n in (0, -1)]
            there_ends = [segment.char_offset(chain.record, int(chain.work[n])) for n in (0, -1)]
            numbers = [*ends, *there_ends, chain.document.size, round(chain.score, 1)]
            yield "\t".join(["chain", row.work, *map(str, numbers)])
    for match in map_text(index, text, options):
        facts = [match.relation, f"{match.coverage_document:.4f}", f"{match.coverage_work:.4f}", match.matched_words]
        yield "\t".join(["match", match.work, *map(str, facts)])
        for p in match.passages:
            identity = "-" if p.identity is None else f"{p.identity:.4f}"
            excerpt = " ".join(text[p.document_start : p.document_end].split())
            short = excerpt if len(excerpt) <= EXCERPT_CHARS else excerpt[:28] + " … " + excerpt[-28:]
            place = [p.document_start, p.document_end, p.work_start, p.work_end, p.words]
            yield "\t".join(["passage", match.work, *map(str, place), identity, short])
