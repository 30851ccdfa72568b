"""Scores: what the passages of one (document, record) pair amount to."""

from __future__ import annotations

import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ingest.engine.normalise import (
    ANCHOR_CHARS,
    Array,
    LetterStream,
    count_letters,
    count_words,
    places_in_blocks,
    scattered_offsets,
    words_between,
)
from ingest.engine.params import Params
from ingest.engine.records import Alignment, Match, Passage, Relation
from ingest.engine.segment import Segment

RUNS_COUNTED = 3


@dataclass(frozen=True)
class Document:
    """A document being mapped: its text, its letters, and how many they are. Remembers what was asked of it."""

    text: str
    stream: LetterStream
    letters: int
    _chars: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    _words: dict[tuple[int, int], int] = field(default_factory=dict)

    def place(self, alignments: Sequence[Alignment]) -> list[tuple[int, int]]:
        """Code points of alignments, each with the accents that follow its last letter."""
        unknown = sorted({a[:2] for a in alignments}.difference(self._chars))
        if unknown:
            ends = np.array([(start, end - 1) for start, end in unknown], np.int64).ravel()
            for key, chars, words in zip(unknown, *self._measure(ends), strict=True):
                self._chars[key] = chars
                if words is not None:
                    self._words[chars] = words
        return [self._chars[a[:2]] for a in alignments]

    def _measure(self, ends: Array) -> tuple[list[tuple[int, int]], list[int] | list[None]]:
        """Code points of stretches given by first and last symbol in turn, and their words where that is cheap."""
        stream = self.stream
        if stream.utf8 is None or stream.byte_anchors is None:
            offsets = scattered_offsets(self.text, stream, ends).tolist()
            stretches = [(start, self._after(last)) for start, last in zip(offsets[::2], offsets[1::2], strict=True)]
            return stretches, [None] * len(stretches)
        used = (stream.chars + ANCHOR_CHARS - 1) // ANCHOR_CHARS
        places = places_in_blocks(
            stream.utf8,
            stream.byte_anchors[:used].astype(np.uint64),
            stream.anchors[:used].astype(np.uint64),
            ANCHOR_CHARS,
            stream.utf8.size,
            ends,
        )
        offsets = places[:, 0].tolist()
        stretches = [(start, self._after(last)) for start, last in zip(offsets[::2], offsets[1::2], strict=True)]
        return stretches, words_between(stream.utf8, places)

    def _after(self, last: int) -> int:
        end = last + 1
        while end < len(self.text) and unicodedata.combining(self.text[end]):
            end += 1
        return end

    def words(self, chars: tuple[int, int]) -> int:
        """Words in a range of code points."""
        if chars not in self._words:
            self._words[chars] = count_words(self.text[chars[0] : chars[1]])
        return self._words[chars]


def union(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted, disjoint intervals that cover the same."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        elif end > start:
            merged.append((start, end))
    return merged


def relation_of(coverage_work: float, matched_words: int, params: Params) -> Relation:
    """The first that holds: copy (≥ 90 % of the work), partial (≥ 10 %), excerpt (≥ 200 words), quotation."""
    if coverage_work >= params.copy_ratio:
        return "copy"
    if coverage_work >= params.partial_ratio:
        return "partial"
    return "excerpt" if matched_words >= params.excerpt_words else "quotation"


def credible(document: Document, alignments: Sequence[Alignment], params: Params, min_words: int) -> list[Alignment]:
    """Of the alignments of one chain those that are long enough to mean something, or lie beside such a one.

    Set phrases and two translations of one sentence share a dozen words; they never make a match.
    """
    if not alignments:
        return []
    least = min(params.strong_words, min_words)
    ordered = sorted(alignments, key=lambda a: a.document_start)
    strong = [document.words(chars) >= least for chars in document.place(ordered)]
    if len(ordered) == 1:
        return ordered if strong[0] else []
    kept = []
    for n, a in enumerate(ordered):
        before = n > 0 and strong[n - 1] and _beside(ordered[n - 1], a, params)
        after = n + 1 < len(ordered) and strong[n + 1] and _beside(a, ordered[n + 1], params)
        if strong[n] or before or after:
            kept.append(a)
    return kept


def _beside(first: Alignment, second: Alignment, params: Params) -> bool:
    document_gap = second.document_start - first.document_end
    return max(document_gap, second.work_start - first.work_end) <= params.beside_symbols


def score_record(
    document: Document, segment: Segment, record: int, alignments: Sequence[Alignment], min_words: int
) -> Match | None:
    """The match of a document with one record, or None where it is too little, or only boilerplate."""
    row = segment.records[record]
    params = segment.params
    passages = _passages(document, segment, record, alignments)
    matched_words = _words_in(document, [(p.document_start, p.document_end, p.words) for p in passages])
    if matched_words < min_words:
        return None
    coverage_work = _work_letters(segment, record, alignments) / max(1, row.letters)
    relation = relation_of(coverage_work, matched_words, params)
    if relation != "copy" and any(a.common for a in alignments):
        own = _passages(document, segment, record, [a for a in alignments if not a.common])
        if _words_in(document, [(p.document_start, p.document_end, p.words) for p in own]) < min_words:
            return None
    exact = row.text is not None
    equal, edits = sum(a.equal for a in alignments), sum(a.edits for a in alignments)
    in_document = union((a.document_start, a.document_end) for a in alignments)
    covered = sum(_letters_between(document, start, end) for start, end in in_document)
    return Match(
        work=row.work,
        edition=row.edition,
        relation=relation,
        coverage_document=min(1.0, covered / max(1, document.letters)),
        coverage_work=min(1.0, coverage_work),
        matched_words=matched_words,
        longest_verbatim_words=_longest_verbatim(document, alignments),
        identity=equal / max(1, equal + edits) if exact else None,
        passages=passages,
        precision="exact" if exact else "sketch",
        parameters=params.digest,
    )


def _letters_between(document: Document, start: int, end: int) -> int:
    if document.letters == document.stream.symbols.size:
        return end - start
    return count_letters(document.stream.symbols[start:end])


def _work_letters(segment: Segment, record: int, alignments: Sequence[Alignment]) -> float:
    """Letters of the record in the union of the passages."""
    row = segment.records[record]
    spans = union((a.work_start, a.work_end) for a in alignments)
    if row.letters == row.symbols or row.text is None:
        return sum(end - start for start, end in spans) * row.letters / max(1, row.symbols)
    total = 0
    for start, end in spans:
        symbols, base = segment.letters(record, start, end)
        total += count_letters(symbols[start - base : end - base])
    return total


def _passages(
    document: Document, segment: Segment, record: int, alignments: Sequence[Alignment]
) -> tuple[Passage, ...]:
    exact = segment.records[record].text is not None
    ordered = sorted(alignments, key=lambda a: (a.document_start, a.work_start, a.document_end, a.work_end))
    ends = np.array([[a.work_start, a.work_end - 1] for a in ordered], np.int64).ravel()
    there = segment.stretches(record, ends)
    return tuple(
        Passage(
            document_start=start,
            document_end=end,
            work_start=work_start,
            work_end=work_end,
            words=max(document.words((start, end)), work_words),
            identity=a.equal / max(1, a.equal + a.edits) if exact else None,
            precision="exact" if exact else "sketch",
        )
        for a, (start, end), (work_start, work_end, work_words) in zip(
            ordered, document.place(ordered), there, strict=True
        )
    )


def _words_in(document: Document, passages: Sequence[tuple[int, int, int]]) -> int:
    """Words in the union of passages (start, end, words): of each stretch of the document, as many as it has or as its
    largest passage has. A space that scanning lost joins two words of the document, and is no reason to count fewer."""
    most = dict.fromkeys(union((start, end) for start, end, _ in passages), 0)
    stretches = list(most)
    for start, _, words in passages:
        stretch = stretches[bisect_right(stretches, (start, sys.maxsize)) - 1]
        most[stretch] = max(most[stretch], words)
    return sum(max(document.words(stretch), words) for stretch, words in most.items())


def _longest_verbatim(document: Document, alignments: Sequence[Alignment]) -> int:
    """Whole words in the longest equal run."""
    runs = sorted({(a.run_end - a.run_start, a.run_start) for a in alignments}, reverse=True)[:RUNS_COUNTED]
    ends = np.array([[first, first + length - 1] for length, first in runs], np.int64).ravel()
    offsets = scattered_offsets(document.text, document.stream, ends).tolist()
    return max(
        (_whole_words(document.text, start, last + 1) for start, last in zip(offsets[::2], offsets[1::2], strict=True)),
        default=0,
    )


def _whole_words(text: str, start: int, end: int) -> int:
    while 0 < start < end and _inside_word(text, start):
        start += 1
    while start < end < len(text) and _inside_word(text, end):
        end -= 1
    return count_words(text[start:end])


def _inside_word(text: str, at: int) -> bool:
    """Whether the same word goes on from `at − 1` to `at`."""
    pair = text[at - 1 : at + 1]
    return pair.isalnum() and (pair.isascii() or count_words(pair) == 1)
