"""Two texts side by side: which words of one are not in the other, at the same place."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz.distance import Indel

from ingest.engine.normalise import letter_stream

# Han, kana and Hangul stand alone, as in the engine's count of words
_HAN = "\u2e80-\u2fff\u3005-\u3007\u3041-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+(?:['’][^\W_{_HAN}]+)*")


Cut = Literal["start", "end"]


@dataclass(frozen=True)
class Piece:
    """A stretch of a text; `differs`: the other side has something else, or nothing, in its place."""

    text: str
    differs: bool


def compare(document: str, work: str, *, cut_at: Cut | None = None) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces, differing words marked. As many words as can
    be are kept in common (longest common subsequence).

    Words are compared as the engine reads them: case, accents, punctuation, line breaks and variants of a character
    (traditional, simplified) are no differences.

    `cut_at`: the texts were shortened there, so that these ends need not belong together: what differs at such an end
    is not shown as a difference.
    """
    left, right = _words(document), _words(work)
    aligned = Indel.opcodes([_fold(token.group()) for token in left], [_fold(token.group()) for token in right])
    steps = [(step.tag, step.src_start, step.src_end, step.dest_start, step.dest_end) for step in aligned]
    while cut_at == "end" and steps and steps[-1][0] != "equal":
        steps.pop()
    while cut_at == "start" and steps and steps[0][0] != "equal":
        steps.pop(0)
    changes = [step for step in steps if step[0] != "equal"]
    return (
        _cut(document, [_span(left, step[1], step[2]) for step in changes if step[1] < step[2]]),
        _cut(work, [_span(right, step[3], step[4]) for step in changes if step[3] < step[4]]),
    )


def _words(text: str) -> list[re.Match[str]]:
    return [token for token in _TOKEN.finditer(text) if _fold(token.group())]


@lru_cache(maxsize=65_536)
def _fold(token: str) -> bytes:
    return letter_stream(token).symbols.tobytes()


def _span(tokens: list[re.Match[str]], first: int, end: int) -> tuple[int, int]:
    return tokens[first].start(), tokens[end - 1].end()


def _cut(text: str, spans: list[tuple[int, int]]) -> list[Piece]:
    pieces: list[Piece] = []
    place = 0
    for start, end in spans:
        if start > place:
            pieces.append(Piece(text[place:start], differs=False))
        pieces.append(Piece(text[start:end], differs=True))
        place = end
    if place < len(text):
        pieces.append(Piece(text[place:], differs=False))
    return pieces
