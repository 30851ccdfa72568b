"""A stored passage taken apart: context, the passage itself on both sides with its differences, what was left out."""

from dataclasses import dataclass, field
from typing import Any

from licensing.evidence.comparison import Piece, compare

Json = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """One side of a passage. `chars`: the passage in its text, in code points, end exclusive.

    `head` is the whole passage where nothing was left out; otherwise `omitted` says which characters are missing
    between `head` and `tail`.
    """

    chars: tuple[int, int]
    before: str = ""
    head: list[Piece] = field(default_factory=list)
    omitted: tuple[int, int] | None = None
    tail: list[Piece] = field(default_factory=list)
    after: str = ""


@dataclass(frozen=True)
class Shown:
    """A passage. `document` is None where only offsets were stored, `work` where the work's text is not held."""

    number: int
    words: int
    identity: float | None
    precision: str
    document: Side | None
    work: Side | None
    document_chars: tuple[int, int]
    work_chars: tuple[int, int]


@dataclass(frozen=True)
class _Text:
    before: str
    head: str
    omitted: tuple[int, int] | None
    tail: str
    after: str


def passages(rows: list[Json]) -> list[Shown]:
    """The stored passages of a match, numbered from 1 in their stored order."""
    return [_show(number, row) for number, row in enumerate(rows, start=1)]


def _show(number: int, row: Json) -> Shown:
    document, work = _text(row, "", row["document_chars"]), _text(row, "work_", row["work_chars"])
    document_side, work_side = _sides(document, work, row)
    return Shown(
        number=number,
        words=row["words"],
        identity=row["identity"],
        precision=row["precision"],
        document=document_side,
        work=work_side,
        document_chars=(row["document_chars"][0], row["document_chars"][1]),
        work_chars=(row["work_chars"][0], row["work_chars"][1]),
    )


def _text(row: Json, prefix: str, chars: list[int]) -> _Text | None:
    """A stored excerpt cut at the passage's ends and at the mark that stands for what was left out."""
    excerpt = row.get(f"{prefix}excerpt")
    if excerpt is None:
        return None
    start = chars[0] - row[f"{prefix}excerpt_start"]
    omitted = row.get(f"{prefix}excerpt_omitted")
    if omitted is None:
        end = start + chars[1] - chars[0]
        return _Text(excerpt[:start], excerpt[start:end], None, "", excerpt[end:])
    first, last = omitted["excerpt_chars"]
    end = last + chars[1] - omitted["text_chars"][1]
    gap = (omitted["text_chars"][0], omitted["text_chars"][1])
    return _Text(excerpt[:start], excerpt[start:first], gap, excerpt[last:end], excerpt[end:])


def _sides(document: _Text | None, work: _Text | None, row: Json) -> tuple[Side | None, Side | None]:
    tails: tuple[list[Piece], list[Piece]] = [], []
    if document is None or work is None:
        return _plain(document, row["document_chars"]), _plain(work, row["work_chars"])
    if document.omitted is None and work.omitted is None:
        heads = compare(document.head, work.head)
    elif document.omitted is not None and work.omitted is not None:
        heads = compare(document.head, work.head, cut_at="end")
        tails = compare(document.tail, work.tail, cut_at="start")
    else:  # one side is just short enough to be stored whole: nothing to align its middle with
        return _plain(document, row["document_chars"]), _plain(work, row["work_chars"])
    return (
        _side(document, row["document_chars"], heads[0], tails[0]),
        _side(work, row["work_chars"], heads[1], tails[1]),
    )


def _plain(text: _Text | None, chars: list[int]) -> Side | None:
    if text is None:
        return None
    tail = [Piece(text.tail, differs=False)] if text.tail else []
    return _side(text, chars, [Piece(text.head, differs=False)], tail)


def _side(text: _Text, chars: list[int], head: list[Piece], tail: list[Piece]) -> Side:
    return Side((chars[0], chars[1]), text.before, head, text.omitted, tail, text.after)
