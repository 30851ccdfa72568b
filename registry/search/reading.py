"""The words of a query as rows may hold them: the same reading for both engines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from registry import folding
from registry.search import ranking, vocabulary
from registry.search.kinds import Kind
from registry.search.query import Query
from registry.search.rows import Rows

COVERED = 0.6  # with this much of the query in one row, nothing is looked for by likeness


@dataclass(frozen=True)
class Word:
    """A word of the query, or a pair of CJK characters: as it was typed first, then what else it may mean.

    `rows` is about how many rows hold any of it.
    """

    meant: tuple[str, ...]
    rows: int
    weight: int


Reading = dict[str, list[Word]]  # by the name of a kind: what is common among works may be unknown among models


def known_rows(query: Query, kinds: Sequence[Kind]) -> dict[str, dict[str, int]]:
    """Kind → token of the query → about how many rows hold it; asked once a query."""
    new = [kind for kind in kinds if kind.name not in query.known]
    if new:
        query.known.update(vocabulary.rows_of_kinds(new, query.tokens))
    return {kind.name: query.known[kind.name] for kind in kinds}


def read(query: Query, kinds: Sequence[Kind]) -> Reading:
    """Read each token; what hardly a row holds may be a known word one slip away, or the beginning of one."""
    known = known_rows(query, kinds)
    unsure = {
        kind.name: [word for word in query.words if known[kind.name].get(word, 0) < vocabulary.RARE_ROWS]
        for kind in kinds
    }
    near = vocabulary.spellings(unsure)
    return {
        kind.name: [_word(query, token, known[kind.name].get(token, 0), near[kind.name]) for token in query.tokens]
        for kind in kinds
    }


def _word(query: Query, token: str, rows: int, near: Mapping[str, Mapping[str, int]]) -> Word:
    others = near.get(token, {})
    weight = ranking.weight(token) if token in query.words else ranking.RUN_CHAR_WEIGHT
    return Word(tuple(dict.fromkeys([token, *others])), rows + sum(others.values()), weight)


def read_as_alike(query: Query, reading: Reading) -> Reading:
    """The same, with words that nothing was found for read as what shares trigrams with them."""
    return {name: _alike(query, name, words) for name, words in reading.items()}


def _alike(query: Query, kind_name: str, words: list[Word]) -> list[Word]:
    lost = [word.meant[0] for word in words if not word.rows and word.meant[0] in query.words]
    near = vocabulary.alike(kind_name, lost)
    found = []
    for word in words:
        others = near.get(word.meant[0], {})
        found.append(replace(word, meant=(*word.meant, *others), rows=sum(others.values())) if others else word)
    return found


def is_covered(found: Mapping[str, Rows], reading: Reading) -> bool:
    """Whether some row holds so much of the query that no other reading is needed."""
    enough = {name: COVERED * sum(word.weight for word in words) for name, words in reading.items()}
    return any(
        covered(row.text, reading[name]) >= enough[name] for name, rows in found.items() for row in rows.values()
    )


def covered(text: str, words: Sequence[Word]) -> int:
    """The weight of the words that a folded text holds."""
    held = set(folding.words(text))
    return sum(
        word.weight
        for word in words
        if not held.isdisjoint(word.meant) or (word.meant[0] in text and folding.CJK_RUN.match(word.meant[0]))
    )
