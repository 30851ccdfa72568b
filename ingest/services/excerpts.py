"""What is stored of a passage to show it by: the document's text around it and, where held, the work's."""

import re
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from ingest.engine.index import Index
from ingest.engine.records import Match, Passage

CONTEXT_CHARS = 200
WHOLE_PASSAGE_CHARS = 4_000  # a longer passage is shown by its head and tail
SHOWN_OF_LONG_CHARS = 1_500
PASSAGES_WITH_EXCERPTS = 200  # of one match; the others are there with their offsets only
BOILERPLATE_WITH_EXCERPTS = 20  # likewise: enough to see what kind of text it is
TEXTS_AT_HAND = 4
RATIO_DIGITS = 6
NOT_STORABLE = re.compile("[\0\ud800-\udfff]")


class Texts(Protocol):
    """Texts of works by id and edition."""

    def get(self, work: str, edition: str | None) -> str | None:
        """The text; None where it is not held."""


class WorkTexts:
    """The texts of works that an index holds, the last few at hand."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._cache: OrderedDict[tuple[str, str | None], str | None] = OrderedDict()

    def get(self, work: str, edition: str | None) -> str | None:
        """The text that a match's `work_chars` point into; None where it is not held, or held in several versions."""
        key = work, edition
        if key not in self._cache:
            self._cache[key] = self._find(work, edition)
            if len(self._cache) > TEXTS_AT_HAND:
                self._cache.popitem(last=False)
        return self._cache[key]

    def _find(self, work: str, edition: str | None) -> str | None:
        held = [
            (segment, record)
            for segment in self._index.segments
            for record in segment.records_of(work)
            if segment.identity(record)[1] == edition
        ]
        if len(held) != 1:
            return None
        segment, record = held[0]
        return segment.text(record)


class Stretches(NamedTuple):
    """What is stored of a match: JSON rows, each with its excerpts (see ingest/models/matches.py)."""

    passages: list[dict[str, Any]]
    boilerplate: list[dict[str, Any]]


def stretches(text: str, found: Match, works: Texts) -> Stretches:
    """The passages of a match, and what it shares with many other works. `text` is the document's."""
    work_text = works.get(found.work, found.edition) if found.precision == "exact" else None
    return Stretches(
        _rows(text, found.passages, work_text, PASSAGES_WITH_EXCERPTS),
        _rows(text, found.boilerplate, work_text, BOILERPLATE_WITH_EXCERPTS),
    )


def _rows(text: str, found: Sequence[Passage], work_text: str | None, shown: int) -> list[dict[str, Any]]:
    rows = []
    for number, passage in enumerate(found):
        row = _facts(passage)
        if number < shown:
            row |= excerpt(text, passage.document_start, passage.document_end)
            if work_text is not None:
                held = excerpt(work_text, passage.work_start, passage.work_end)
                row |= {f"work_{name}": value for name, value in held.items()}
        rows.append(row)
    return rows


def _facts(passage: Passage) -> dict[str, Any]:
    return {
        "document_chars": [passage.document_start, passage.document_end],
        "work_chars": [passage.work_start, passage.work_end],
        "words": passage.words,
        "identity": None if passage.identity is None else round(passage.identity, RATIO_DIGITS),
        "precision": passage.precision,
    }


def excerpt(text: str, start: int, end: int) -> dict[str, Any]:
    """`excerpt`: text[start:end] with 200 characters on either side; `excerpt_start`: where it begins in the text.

    Of a long passage head and tail are given, with a mark between them; then `excerpt_omitted` says which characters of
    the text are left out and where in the excerpt the mark stands. Offsets are code points, end exclusive.
    """
    first, last = max(0, start - CONTEXT_CHARS), min(len(text), end + CONTEXT_CHARS)
    if end - start <= WHOLE_PASSAGE_CHARS:
        return {"excerpt": _storable(text[first:last]), "excerpt_start": first}
    omitted = start + SHOWN_OF_LONG_CHARS, end - SHOWN_OF_LONG_CHARS
    head, tail = text[first : omitted[0]], text[omitted[1] : last]
    mark = f"\n[… {omitted[1] - omitted[0]:,} …]\n"
    return {
        "excerpt": _storable(head + mark + tail),
        "excerpt_start": first,
        "excerpt_omitted": {"text_chars": list(omitted), "excerpt_chars": [len(head), len(head) + len(mark)]},
    }


def _storable(text: str) -> str:
    """The text as PostgreSQL takes it, every character in its place: NUL and lone surrogates become U+FFFD."""
    return NOT_STORABLE.sub("\ufffd", text)
