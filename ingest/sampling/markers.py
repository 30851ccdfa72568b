"""Phrases by which a chatbot names itself, refuses, or leaves its interface behind: found with their character spans.

The list is markers.toml, its measured precision markers.json. A hit is a reason to look, not a proof: people quote
chatbots, ask them for text and write about them. So a hit that is quoted or reported ("ChatGPT said: ...") is left out
unless asked for, and the patterns want the first person where the language has one. Time is linear in the text.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

import opencc

Kind = Literal["self_identification", "refusal", "leftover"]
LIST = Path(__file__).with_name("markers.toml")
MEASURED = Path(__file__).with_name("markers.json")
WINDOW = 300  # characters looked at on either side for quotation marks and for who is said to speak
REPORTED = 48  # characters before a hit in which a verb of saying makes it somebody else's words

_UNBOUNDED = re.compile(r"(?<!\\)(?:[*+]|\{\d*,\})")
_CLASS = re.compile(r"\[(?:\\.|[^\]\\])*\]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_PAIRS = (("“", "”"), ("‘", "’"), ("„", "“"), ("«", "»"), ("「", "」"), ("『", "』"), ("‹", "›"))
_NAMES = (
    "chat ?gpt|gpt[-\\w.]{0,8}|bard|bing|claude|gemini|copilot|assistant|chatbot|bot|ai|model|文心一言|通义千问|助手"
)
_VERBS = (
    "said|says|say|saying|tells? (?:me|us|you)|told (?:me|us)|replied|replies|answered|answers|responded|responds"
    "|wrote|writes|phrases?|words|sentences?|like|begins? with|starts? with|dijo|dice|responde|respondió|répond"
    "|répondu|dit|sagte|sagt|antwortete|antwortet|disse|respondeu|ответил|говорит|сказал"
)
_SPEAKER = re.compile(rf"(?:^|\n)[ \t>*_#-]{{0,6}}(?:{_NAMES})[\w .()-]{{0,16}}[*_]{{0,2}}[:\uff1a][^\n]{{0,300}}$")
_SAID = re.compile(rf"(?:\b(?:{_VERBS})\b|说|回答|回复|写道|答道|と答え)[^.!?\n]{{0,12}}$")


class Hit(NamedTuple):
    """One marker in a text: characters `start` to `end` (exclusive) of the text as given."""

    marker: str
    kind: Kind
    language: str
    provider: str
    start: int
    end: int
    text: str
    reported: bool

    def to_json(self) -> dict[str, Any]:
        """As results of audits and pages carry it."""
        return self._asdict()


@dataclass(frozen=True)
class Precision:
    """How often a marker hit in the bench. `value` is None where it hit nothing: unmeasured, not perfect."""

    model_hits: int = 0
    model_records: int = 0
    human_hits: int = 0
    human_records: int = 0

    @property
    def value(self) -> float | None:
        """Share of the rate of hits that falls on model output, as if both kinds were equally many; 0 to 1."""
        model = self.model_hits / self.model_records if self.model_records else 0.0
        human = self.human_hits / self.human_records if self.human_records else 0.0
        return model / (model + human) if model + human else None


@dataclass(frozen=True)
class Marker:
    """One line of the list. `verified` says that `source` was read and documents the wording."""

    id: str
    kind: Kind
    language: str
    provider: str
    pattern: re.Pattern[str]
    needs: tuple[str, ...]
    example: str
    trap: str
    source: str
    verified: bool
    precision: Precision


class _Folding(dict[int, str]):
    """One character for one, so that spans stay true: straight quotes, half width, plain spaces, simplified Han."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if 0xFF01 <= code <= 0xFF5E:
            char = chr(code - 0xFEE0)
        elif char in "’‘ʼ´`":
            char = "'"
        elif char in "\u00a0\u2007\u202f\u3000":
            char = " "
        elif _HAN.match(char):
            folded = _simplifier().convert(char)
            char = folded if len(folded) == 1 else char
        elif len(char.lower()) != 1:  # one letter has a longer lower case: the dotted capital I of Turkish
            char = "i"
        self[code] = char
        return char


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


_FOLDING = _Folding()


def fold(text: str) -> str:
    """The text as patterns see it, character for character (`len` is kept)."""
    if not text.isascii():
        text = text.translate(_FOLDING)
    return text.lower()


def read(path: Path = LIST, measured: Path = MEASURED) -> tuple[Marker, ...]:
    """The list in its own order. Raises ValueError for an unknown kind, a repeated id or a pattern that may repeat
    without bound, since such a pattern could take time out of proportion to the text."""
    counts: Mapping[str, Any] = json.loads(measured.read_text())["markers"] if measured.exists() else {}
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["marker"]
    found = tuple(_marker(row, counts.get(row["id"], {})) for row in rows)
    if len({marker.id for marker in found}) != len(found):
        raise ValueError(f"{path.name}: an id occurs twice")
    return found


def _marker(row: Mapping[str, Any], counts: Mapping[str, int]) -> Marker:
    if row["kind"] not in get_args(Kind):
        raise ValueError(f"{row['id']}: {row['kind']} is no kind of marker")
    if _UNBOUNDED.search(_CLASS.sub("c", row["pattern"])):
        raise ValueError(f"{row['id']}: repetition without bound")
    if row["verified"] and not row["source"]:
        raise ValueError(f"{row['id']}: verified without a source")
    return Marker(
        id=row["id"],
        kind=row["kind"],
        language=row["language"],
        provider=row.get("provider", ""),
        pattern=re.compile(row["pattern"].translate(_FOLDING), re.MULTILINE),
        needs=tuple(fold(literal) for literal in row["needs"]),
        example=row["example"],
        trap=row["trap"],
        source=row["source"],
        verified=row["verified"],
        precision=Precision(**counts),
    )


@lru_cache(maxsize=1)
def markers() -> tuple[Marker, ...]:
    """The shipped list, read once a process."""
    return read()


def find_markers(text: str, *, reported: bool = False) -> tuple[Hit, ...]:
    """Every marker in the text, in order of place; with `reported` also those that somebody only quotes.

    >>> [hit.marker for hit in find_markers("As an AI language model, I cannot say.")]
    ['en-as-an-ai-model-i']
    """
    folded = fold(text)
    found: list[Hit] = []
    for marker in markers():
        for literal in marker.needs:  # a loop and not any(): called for every record of an audit
            if literal in folded:
                break
        else:
            continue
        for match in marker.pattern.finditer(folded):
            start, end = match.span()
            quoted = marker.kind != "leftover" and is_reported(text, folded, start, end)
            if reported or not quoted:
                hit = Hit(marker.id, marker.kind, marker.language, marker.provider, start, end, text[start:end], quoted)
                found.append(hit)
    return tuple(sorted(found, key=lambda hit: (hit.start, hit.end, hit.marker)))


def is_reported(text: str, folded: str, start: int, end: int) -> bool:
    """Whether the span is somebody else's words: in quotation marks, a quoted line, after a speaker's name or a verb
    of saying. A record that is in quotation marks from its first to its last character is not thereby a quotation."""
    before, after = text[max(0, start - WINDOW) : start], text[end : end + WINDOW]
    line = before[before.rfind("\n") + 1 :]
    if line.lstrip().startswith(">"):
        return True
    whole = start < WINDOW and end + WINDOW > len(text) and text[:1] in "\"“「'" and text.rstrip()[-1:] in "\"”」'"
    if not whole and _in_quotes(line, after):
        return True
    earlier = folded[max(0, start - WINDOW) : start]
    return bool(_SAID.search(earlier[-REPORTED:]) or _SPEAKER.search(earlier))


def _in_quotes(line: str, after: str) -> bool:
    """An opening mark before, in the same line, that nothing closed yet, and a closing one behind."""
    rest = after.split("\n\n", 1)[0]
    if line.count('"') % 2 == 1 and '"' in rest:
        return True
    return any(line.rfind(opening) > line.rfind(closing) and closing in rest for opening, closing in _PAIRS)
