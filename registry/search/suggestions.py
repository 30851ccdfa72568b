"""What may be meant while somebody is typing: every word but the last stands, the last is how a word begins."""

import time
from dataclasses import dataclass
from functools import partial
from types import ModuleType

from registry.actors import ANONYMOUS, Actor
from registry.search import ranking
from registry.search.engine import Hit, ask, hits_of, kinds_of
from registry.search.query import Query, parse
from registry.search.rows import Rows

MAX_SUGGESTIONS = 20
MIN_CHARS = 2

_Scored = tuple[str, int, str, float]  # kind, primary key, text, score


@dataclass(frozen=True)
class Suggestions:
    """The best of every kind, in order."""

    engine: str
    took_ms: float
    hits: tuple[Hit, ...]


def suggest(
    text: str, kind: str | None = None, *, actor: Actor = ANONYMOUS, limit: int = 8, engine: str | None = None
) -> Suggestions:
    """Names that the actor may see and that the text may be the beginning of: best first.

    Less than two letters (or one Chinese character) suggest nothing. Raises as `engine.search` does.
    """
    started = time.perf_counter()
    kinds = kinds_of(kind)
    query = parse(text)
    if not query.runs and sum(map(len, query.words)) < MIN_CHARS:
        return Suggestions("", 0.0, ())

    def answer(asked: ModuleType) -> list[_Scored]:
        begun = _scored(query, asked.beginning(query, kinds, actor))
        if begun:
            return begun
        near = _scored(query, asked.candidates(query, kinds, actor))
        return [one for one in near if one[3] >= ranking.MIN_SCORE]

    name, scored, _ = ask(answer, engine)
    begins = partial(_order, query.folded)
    best = sorted(scored, key=begins)[: min(max(1, limit), MAX_SUGGESTIONS)]
    hits = hits_of([(kind_name, pk, score) for kind_name, pk, _, score in best], actor)
    return Suggestions(name, round((time.perf_counter() - started) * 1000, 1), tuple(_distinct(hits)))


def _scored(query: Query, found: dict[str, Rows]) -> list[_Scored]:
    scored = []
    for kind_name, rows in found.items():
        scores = ranking.score(query, [row.text for row in rows.values()])
        scored += [(kind_name, pk, row.text, score) for (pk, row), score in zip(rows.items(), scores, strict=True)]
    return scored


def _order(typed: str, found: _Scored) -> tuple[bool, float, int, str, int]:
    """Names that begin with what was typed first, then the best; of equals the shorter."""
    kind_name, pk, text, score = found
    names = text.partition("\n\n")[0].split("\n")
    return (not any(name.startswith(typed) for name in names), -round(score, 2), len(names[0]), kind_name, pk)


def _distinct(hits: list[Hit]) -> list[Hit]:
    """One of several rows that look the same to the reader."""
    return list({(hit.kind, hit.title, hit.detail): hit for hit in reversed(hits)}.values())[::-1]
