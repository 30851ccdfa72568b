"""What happened between the stages to one document and one work: seeds, chains, passages, and why there is a match or
none. For people who ask why.

The stages say nothing of what they drop. It is worked out here from the arrays between them: a seed was dropped if it
is in no chain, a chain if none of its seeds lies in a passage; and what a dropped chain would have been is seen when
the chains are extended once more with no least length and nothing called boilerplate.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from ingest.engine.chain import Chains, find_chains
from ingest.engine.extend import COMMON, extend_chains
from ingest.engine.index import Index, write_segment
from ingest.engine.mapper import segment_hits
from ingest.engine.normalise import Letters, Scratch, fold_texts, letter_stream
from ingest.engine.params import Params
from ingest.engine.places import scattered_offsets
from ingest.engine.records import Array, IndexRecord, MapOptions, Match, Passage, Sketch
from ingest.engine.score import score_pairs
from ingest.engine.seed import FLAG_AGREES, FLAG_COMMON, NO_HITS, POSITION_MASK, Hits
from ingest.engine.segment import Segment
from ingest.engine.sketch import query_seeds, stretches_of
from ingest.engine.words import count_words

KINDS = ("agreeing", "in_line", "lone", "common")  # of a seed's hit, by number
AGREEING, IN_LINE, LONE, USUAL = range(4)
SAMPLED_SLACK_CHARS = 32  # without the text the work's offsets are about right

Outcome = Literal["passages", "covered", "boilerplate", "short", "chance"]
Span = tuple[int, int]


@dataclass(frozen=True)
class Side:
    """One of the two texts; `text` is None where only its fingerprint is held."""

    name: str
    text: str | None
    chars: int
    letters: int
    words: int


@dataclass(frozen=True)
class Seeds:
    """Seeds of the document in the work. A hit is a pair of places, in code points, with its kind (number in KINDS).

    looked_up: seeds of the document that were asked for · held: minimizers of the work · found: seeds that the work has
    · too_frequent: of those, left out because the work has them too often · thinned: places passed over because the
    document has more hits than it ought to · chance: hits of other letters (an index keeps some bits of a hash only).
    """

    looked_up: int
    held: int
    found: int
    too_frequent: int
    thinned: int
    chance: int
    documents: Array  # int64
    works: Array  # int64
    kinds: Array  # uint8

    @property
    def counts(self) -> dict[str, int]:
        """How many hits there are of each kind."""
        return dict(zip(KINDS, np.bincount(self.kinds, minlength=len(KINDS)).tolist(), strict=True))


class Chain(NamedTuple):
    """A chain, numbered from the best, with its span on both sides and the code points at which its seeds begin.

    outcome: `passages` (it made them), `covered` (all it says is in passages of better chains), `short` (it makes none
    that is long enough), `boilerplate`, `chance` (its seeds agree in nothing). words: of the longest that it would make.
    """

    number: int
    seeds: int
    score: float
    document: Span
    work: Span
    common: bool
    outcome: Outcome
    passages: tuple[int, ...]
    words: int
    documents: Array
    works: Array


@dataclass(frozen=True)
class Explanation:
    """All stages of a document against a work. `match` is what the passages amount to even where it is not reported.

    passages: own ones first, `boilerplate` of them are at the end. left_out: alignments too short to count.
    """

    document: Side
    work: Side
    params: Params
    min_words: int
    seeds: Seeds
    chains: tuple[Chain, ...]
    passages: tuple[Passage, ...]
    boilerplate: int
    left_out: tuple[Passage, ...]
    match: Match | None
    code: str
    why: str

    @property
    def reported(self) -> bool:
        """Whether the engine reports the pair."""
        return self.code == "reported"


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
    letters, segment, _, chains = found
    sketch, params = work[1].sketch, segment.params
    here = Side(*document, len(document[1]), int(letters.text_letters[0]), count_words(document[1]))
    there = Side(work[0], work[1].text, sketch.chars, sketch.letters, sketch.words)
    match, reported, rows = _score(found, options.min_words)
    passages = (*match.passages, *match.boilerplate) if match else _passages(found, rows)
    boilerplate = len(match.boilerplate) if match else len(passages)
    loose = chains._replace(rows=_uncommon(chains.rows, 4))
    loose_rows = extend_chains(letters, segment, loose, 1) if len(chains.rows) else rows
    every = _passages(found, loose_rows)
    least = min(params.strong_words, options.min_words)
    described = _chains(found, document[1], passages, every, least)
    left_out = tuple(p for p in every if p.words < least and not any(_overlaps(p, q) for q in passages))
    explanation = Explanation(
        here,
        there,
        params,
        options.min_words,
        _seeds(found, document[1], sketch),
        described,
        passages,
        boilerplate,
        left_out,
        match,
        "reported",
        "",
    )
    code, why = ("reported", _relation(explanation)) if reported else _unreported(explanation)
    return replace(explanation, code=code, why=why)


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


def _passages(found: _Found, rows: Array) -> tuple[Passage, ...]:
    """All alignments as passages, whatever they count for."""
    if not len(rows):
        return ()
    [(_, match)] = score_pairs(found.letters, found.segment, _uncommon(rows, COMMON), 0)
    return match.passages


def _uncommon(rows: Array, column: int) -> Array:
    changed = rows.copy()
    changed[:, column] = 0
    return changed


def _overlaps(one: Passage, other: Passage) -> bool:
    return (
        one.document_start < other.document_end
        and other.document_start < one.document_end
        and one.work_start < other.work_end
        and other.work_start < one.work_end
    )


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
    found: _Found, text: str, passages: Sequence[Passage], every: Sequence[Passage], least: int
) -> tuple[Chain, ...]:
    letters, segment, _, chains = found
    count = len(chains.rows)
    if not count:
        return ()
    k, slack = segment.params.seed_symbols, 0 if segment.row(0).text else SAMPLED_SLACK_CHARS
    stream = letter_stream(text)
    documents = scattered_offsets(text, stream, chains.documents)
    document_ends = scattered_offsets(text, stream, chains.documents + (k - 1)) + 1
    works = np.array(segment.char_offsets(0, chains.works), np.int64)
    work_ends = np.array(segment.char_offsets(0, chains.works + (k - 1)), np.int64) + 1
    first, after = chains.rows[:, 2], chains.rows[:, 3]
    chain_of = np.repeat(np.arange(count), after - first)
    made: list[list[int]] = [[] for _ in range(count)]
    covered = np.zeros(count, np.bool_)
    for number, owners in enumerate(_owners(chain_of, documents, works, passages, slack), 1):
        covered[owners] = True
        if owners.size:
            made[owners[0]].append(number)
    words = np.zeros(count, np.int64)
    for passage, owners in zip(every, _owners(chain_of, documents, works, every, slack), strict=True):
        words[owners] = np.maximum(words[owners], passage.words)
    scores = _scores(chains, k)
    described = []
    for n, (low, high, common) in enumerate(chains.rows[:, 2:5].tolist()):
        outcome: Outcome = "chance"
        if made[n]:
            outcome = "passages"
        elif covered[n]:
            outcome = "covered"
        elif words[n] >= least:
            outcome = "boilerplate" if common else "covered"
        elif words[n]:
            outcome = "short"
        spans = (int(documents[low]), int(document_ends[high - 1])), (int(works[low]), int(work_ends[high - 1]))
        members = documents[low:high], works[low:high]
        facts = bool(common), outcome, tuple(made[n]), int(words[n])
        described.append(Chain(n + 1, high - low, round(scores[n], 2), *spans, *facts, *members))
    return tuple(described)


def _owners(
    chain_of: Array, documents: Array, works: Array, passages: Sequence[Passage], slack: int
) -> Iterable[Array]:
    """Of each passage the chains that have a seed in it, the best first."""
    order = np.argsort(documents, kind="stable")
    d, w, owners = documents[order], works[order], chain_of[order]
    for passage in passages:
        low, high = np.searchsorted(d, (passage.document_start, passage.document_end)).tolist()
        inside = (w[low:high] >= passage.work_start - slack) & (w[low:high] < passage.work_end + slack)
        yield np.unique(owners[low:high][inside])


def _scores(chains: Chains, k: int) -> list[float]:
    """The scores of chains by the rule they were found with (`chain.py`)."""
    d_gaps, w_gaps = np.diff(chains.documents, prepend=0), np.diff(chains.works, prepend=0)
    drift = np.abs(d_gaps - w_gaps)
    gains = np.minimum(k, np.minimum(d_gaps, w_gaps)) - np.where(drift > 0, 1.0 + 0.02 * drift, 0.0)
    gains[chains.rows[:, 2]] = k
    return np.add.reduceat(gains, chains.rows[:, 2]).tolist()


def _relation(explanation: Explanation) -> str:
    match, params = explanation.match, explanation.params
    assert match is not None
    copy, partial = (f"{100 * ratio:g} %" for ratio in (params.copy_ratio, params.partial_ratio))
    part = f"{percent(match.coverage_work)} of the work's letters"
    reasons = {
        "copy": f"{part}, {copy} or more",
        "partial": f"{part}, {partial} or more and less than {copy}",
        "excerpt": f"less than {partial} of the work, but {params.excerpt_words} words or more",
        "quotation": f"less than {partial} of the work and fewer than {params.excerpt_words} words",
    }
    return f"Reported as {match.relation}: {reasons[match.relation]}."


def percent(part: float) -> str:
    """`98.3 %`; `100 %` only where nothing is missing."""
    return "100 %" if part >= 1 else f"{min(part, 0.9999) * 100:.{2 if part > 0.999 else 1}f} %"


def _unreported(explanation: Explanation) -> tuple[str, str]:
    """Code and sentence: why the pair is not reported."""
    params, chains = explanation.params, explanation.chains
    for side in (explanation.document, explanation.work):
        if side.letters < params.seed_symbols and not explanation.seeds.documents.size:
            return (
                "too_short",
                f"Not reported: {side.name} has {side.letters} letters; a seed is {params.seed_symbols}.",
            )
    if not explanation.seeds.documents.size:
        run = params.guaranteed_symbols
        return "no_seeds", f"Not reported: no seed in common, so no {run} letters in a row are the same in both."
    if not chains:
        return "no_chains", "Not reported: every seed in common lies alone, and the letters beside it differ."
    if explanation.match is not None:
        words = explanation.match.matched_words
        return "too_few_words", f"Not reported: {words} words match, fewer than the {explanation.min_words} asked for."
    if explanation.passages or any(chain.outcome == "boilerplate" for chain in chains):
        return "only_boilerplate", (
            f"Not reported: all that matches is also in more than {params.common_works} unrelated works (boilerplate),"
            f" and it is less than {100 * params.copy_ratio:g} % of the work."
        )
    words = max(chain.words for chain in chains)
    if not words:
        return "only_chance", "Not reported: the seeds in common are single ones or chance; nothing more agrees."
    least = min(params.strong_words, explanation.min_words)
    return "all_short", f"Not reported: the longest alignment has {words} words; one that counts alone has {least}."
