"""What happened between the stages to one document and one work: seeds, chains, passages, and why there is a match or
none. For people who ask why.

The stages say nothing of what they drop. It is worked out here from the arrays between them: a seed was dropped if it
is in no chain, a chain if none of its seeds lies in a passage; and what a dropped chain would have been is seen when
the chains are extended once more with no least length and nothing called boilerplate.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ingest.engine.chain import Chains, find_chains
from ingest.engine.explanation import AGREEING, IN_LINE, LONE, USUAL, Chain, Code, Explanation, Outcome, Seeds, Side
from ingest.engine.extend import (
    CHAR_END,
    CHAR_START,
    COMMON,
    D_END,
    D_START,
    EDITS,
    EQUAL,
    W_END,
    W_START,
    WORDS,
    extend_chains,
)
from ingest.engine.index import Index, write_segment
from ingest.engine.mapper import segment_hits
from ingest.engine.normalise import Letters, Scratch, fold_texts, letter_stream
from ingest.engine.params import Params
from ingest.engine.places import scattered_offsets
from ingest.engine.records import Array, IndexRecord, MapOptions, Match, Passage, Precision, Sketch
from ingest.engine.score import score_pairs
from ingest.engine.seed import FLAG_AGREES, FLAG_COMMON, NO_HITS, POSITION_MASK, Hits
from ingest.engine.segment import Segment
from ingest.engine.sketch import query_seeds, stretches_of
from ingest.engine.words import count_words

MOST_TRIED = 5_000  # chains extended once more, from the best on
SAMPLED_SLACK_CHARS = 32  # without the text the work's offsets are about right


class _Found(NamedTuple):
    """The arrays between the stages."""

    letters: Letters
    segment: Segment
    hits: Hits
    chains: Chains


def explain(
    document: tuple[str, str],
    work: tuple[str, IndexRecord],
    params: Params,
    options: MapOptions = MapOptions(),  # noqa: B008  frozen
    catalogue: Iterable[Path] = (),
) -> Explanation:
    """Explain a document (name, text) against a work (name, record sketched with `params`).

    catalogue: indexes of other works; they decide, with the work, which seeds are common. `BadIndex` if one is none.
    """
    record = replace(work[1], work="", edition=None)  # so that no withdrawn work has its name
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "work.seg"
        write_segment(path, [record], params)
        with Index.open([path, *catalogue]) as index:
            letters = fold_texts([document[1]], Scratch())
            [segment] = [s for s in index.segments if s.name == str(path)]
            hits = next((found for s, found in segment_hits(index, letters) if s is segment), NO_HITS)
            chains, _ = find_chains(hits, segment, index.groups(segment))
            chains = Chains(*(array.copy() for array in chains))
            return _explain(document, work, _Found(letters, segment, hits, chains), options)


def _explain(
    document: tuple[str, str], work: tuple[str, IndexRecord], found: _Found, options: MapOptions
) -> Explanation:
    letters, segment = found.letters, found.segment
    sketch, params = work[1].sketch, segment.params
    here = Side(*document, len(document[1]), int(letters.text_letters[0]), count_words(document[1]))
    there = Side(work[0], work[1].text, sketch.chars, sketch.letters, sketch.words)
    match, reported, rows = _score(found, options.min_words)
    passages = (*match.passages, *match.boilerplate) if match else _all_passages(found, rows)
    least = min(params.strong_words, options.min_words)
    chains, left_out = _chains(found, document[1], passages, rows, least)
    explanation = Explanation(
        document=here,
        work=there,
        params=params,
        min_words=options.min_words,
        seeds=_seeds(found, document[1], sketch),
        chains=chains,
        passages=passages,
        boilerplate=len(match.boilerplate) if match else len(passages),
        left_out=left_out,
        match=match,
        code="reported",
    )
    return replace(explanation, code=_code(explanation, reported))


def _score(found: _Found, min_words: int) -> tuple[Match | None, bool, Array]:
    """The match, reported or not, whether it is, and the alignments."""
    letters, segment, _, chains = found
    if not len(chains.rows):
        return None, False, np.empty((0, 0), np.int64)
    rows = extend_chains(letters, segment, chains, min_words)
    for least, reported in ((min_words, True), (0, False)):
        scored = score_pairs(letters, segment, rows.copy(), least) if len(rows) else []
        if scored:
            return scored[0][1], reported, rows
    return None, False, rows


def _all_passages(found: _Found, rows: Array) -> tuple[Passage, ...]:
    """The alignments of a pair that are boilerplate, all of them."""
    if not len(rows):
        return ()
    [(_, match)] = score_pairs(found.letters, found.segment, _uncommon(rows, COMMON), 0)
    return match.passages


def _uncommon(rows: Array, column: int) -> Array:
    changed = rows.copy()
    changed[:, column] = 0
    return changed


def _seeds(found: _Found, text: str, sketch: Sketch) -> Seeds:
    letters, segment, hits, chains = found
    params = segment.params
    asked = query_seeds(letters.symbols, stretches_of(letters.text_symbols, params.guaranteed_symbols), params)
    hashes, counts = np.unique(sketch.hashes, return_counts=True)
    places = np.zeros(asked.hashes.size, np.int64)
    if hashes.size:
        at = np.minimum(np.searchsorted(hashes, asked.hashes), hashes.size - 1)
        places = np.where(hashes[at] == asked.hashes, counts[at], 0)
    frequent = places > params.max_postings
    expected = int(places[~frequent].sum())
    in_document = hits.documents.astype(np.int64)
    in_work = (hits.keys & POSITION_MASK).astype(np.int64)
    hash_there = sketch.hashes[np.searchsorted(sketch.positions, in_work)]
    hash_here = asked.hashes[np.searchsorted(asked.positions, in_document)]
    kinds = np.where(np.isin(in_work << 32 | in_document, chains.works << 32 | chains.documents), IN_LINE, LONE)
    kinds[hits.flags & FLAG_AGREES != 0] = AGREEING
    kinds[hits.flags & FLAG_COMMON != 0] = USUAL
    return Seeds(
        looked_up=int(asked.hashes.size),
        held=int(sketch.hashes.size),
        found=int(np.count_nonzero(places)),
        too_frequent=int(np.count_nonzero(frequent)),
        thinned=max(0, expected - int(np.count_nonzero(hash_here == hash_there))),
        chance=int(np.count_nonzero(hash_here != hash_there)),
        documents=scattered_offsets(text, letter_stream(text), in_document),
        works=np.array(segment.char_offsets(0, in_work), np.int64),
        kinds=kinds.astype(np.uint8),
    )


def _chains(
    found: _Found, text: str, passages: Sequence[Passage], rows: Array, least: int
) -> tuple[tuple[Chain, ...], tuple[Passage, ...]]:
    """The chains, and what they would have made that is too short to count."""
    segment, chains = found.segment, found.chains
    count = len(chains.rows)
    if not count:
        return (), ()
    k, slack = segment.params.seed_symbols, 0 if segment.row(0).text else SAMPLED_SLACK_CHARS
    documents, document_ends = _document_chars(text, chains.documents, k)
    works = np.array(segment.char_offsets(0, chains.works), np.int64)
    work_ends = np.array(segment.char_offsets(0, chains.works + (k - 1)), np.int64) + 1
    members = np.repeat(np.arange(count), chains.rows[:, 3] - chains.rows[:, 2])
    made: list[list[int]] = [[] for _ in range(count)]
    covered = np.zeros(count, np.bool_)
    spans = [(p.document_start, p.document_end, p.work_start - slack, p.work_end + slack) for p in passages]
    for number, owners in enumerate(_owners(members, documents, works, spans), 1):
        covered[owners] = True
        if owners.size:
            made[owners[0]].append(number)
    tried = np.array([n for n in range(count) if made[n] or not covered[n]][:MOST_TRIED], np.int64)
    words, left_out = _try_again(found, tried, rows, least)
    untried = set(range(count)) - set(tried.tolist())
    scores = _scores(chains, k)
    described = []
    for n, (low, high, common) in enumerate(chains.rows[:, 2:5].tolist()):
        outcome: Outcome = "chance"
        if made[n]:
            outcome = "passages"
        elif covered[n]:
            outcome = "covered"
        elif n in untried:
            outcome = "untried"
        elif words[n] >= least:
            outcome = "boilerplate" if common else "covered"
        elif words[n]:
            outcome = "short"
        described.append(
            Chain(
                number=n + 1,
                seeds=high - low,
                score=round(scores[n], 2),
                document=(int(documents[low]), int(document_ends[high - 1])),
                work=(int(works[low]), int(work_ends[high - 1])),
                common=bool(common),
                outcome=outcome,
                passages=tuple(made[n]),
                words=int(words[n]),
                documents=documents[low:high],
                works=works[low:high],
            )
        )
    return tuple(described), left_out


def _document_chars(text: str, symbols: Array, k: int) -> tuple[Array, Array]:
    """Code points at which seeds begin and end."""
    stream = letter_stream(text)
    return scattered_offsets(text, stream, symbols), scattered_offsets(text, stream, symbols + (k - 1)) + 1


def _try_again(found: _Found, tried: Array, rows: Array, least: int) -> tuple[Array, tuple[Passage, ...]]:
    """Extend chains with no least length and none of them boilerplate. Words of the longest alignment of each chain,
    and the alignments that are too short and beside none of `rows`."""
    letters, segment, _, chains = found
    words = np.zeros(len(chains.rows), np.int64)
    again = extend_chains(letters, segment, chains._replace(rows=_uncommon(chains.rows[tried], 4)), 1)
    sizes = chains.rows[tried, 3] - chains.rows[tried, 2]
    members = np.concatenate([np.arange(*chains.rows[n, 2:4]) for n in tried] or [np.empty(0, np.int64)])
    spans = again[:, [D_START, D_END, W_START, W_END]].tolist()
    owned = _owners(np.repeat(tried, sizes), chains.documents[members], chains.works[members], spans)
    left_out = []
    for row, span, owners in zip(again, spans, owned, strict=True):
        words[owners] = np.maximum(words[owners], row[WORDS])
        if row[WORDS] < least and not (len(rows) and _meets(span, rows)):
            left_out.append(row)
    short = np.array(left_out, np.int64).reshape(-1, again.shape[1])
    starts = segment.char_offsets(0, np.ascontiguousarray(short[:, W_START]))
    ends = segment.char_offsets(0, short[:, W_END] - 1)
    exact = segment.row(0).text is not None
    identities = [row[EQUAL] / max(1, row[EQUAL] + row[EDITS]) if exact else None for row in short.tolist()]
    places = zip(short[:, [CHAR_START, CHAR_END, WORDS]].tolist(), starts, ends, identities, strict=True)
    precision: Precision = "exact" if exact else "sketch"
    return words, tuple(
        sorted(
            Passage(start, end, low, high + 1, count, same, precision)
            for (start, end, count), low, high, same in places
        )
    )


def _meets(span: Sequence[int], rows: Array) -> bool:
    start, end, work_start, work_end = span
    in_document = (rows[:, D_START] < end) & (start < rows[:, D_END])
    return bool((in_document & (rows[:, W_START] < work_end) & (work_start < rows[:, W_END])).any())


def _owners(members: Array, documents: Array, works: Array, spans: Sequence[Sequence[int]]) -> Iterator[Array]:
    """Of each span (document from, to, work from, to) the chains that have a seed in it, the best first. members:
    chain of each seed."""
    order = np.argsort(documents, kind="stable")
    d, w, owners = documents[order], works[order], members[order]
    for start, end, work_start, work_end in spans:
        low, high = np.searchsorted(d, (start, end)).tolist()
        yield np.unique(owners[low:high][(w[low:high] >= work_start) & (w[low:high] < work_end)])


def _scores(chains: Chains, k: int) -> list[float]:
    """The scores of chains by the rule they were found with (`chain.py`)."""
    d_gaps, w_gaps = np.diff(chains.documents, prepend=0), np.diff(chains.works, prepend=0)
    drift = np.abs(d_gaps - w_gaps)
    gains = np.minimum(k, np.minimum(d_gaps, w_gaps)) - np.where(drift > 0, 1.0 + 0.02 * drift, 0.0)
    gains[chains.rows[:, 2]] = k
    return np.add.reduceat(gains, chains.rows[:, 2]).tolist()


def _code(explanation: Explanation, reported: bool) -> Code:
    """Why the pair is reported or not."""
    chains, words = explanation.chains, [chain.words for chain in explanation.chains]
    sides = explanation.document, explanation.work
    if reported:
        return "reported"
    seeds = explanation.seeds
    if seeds.chance == seeds.kinds.size:
        if seeds.too_frequent:
            return "too_frequent"
        short = min(side.letters for side in sides) < explanation.params.seed_symbols
        return "too_short" if short else "no_seeds"
    if not chains:
        return "no_chains"
    if explanation.match is not None:
        return "too_few_words"
    if explanation.passages or any(chain.outcome == "boilerplate" for chain in chains):
        return "only_boilerplate"
    return "all_short" if any(words) else "too_few_seeds"
