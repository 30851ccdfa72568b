"""The words that rows of a kind hold: what misspelt and unfinished words are read as, and which words are rare.

A table of distinct words is some hundred times smaller than the texts, so that hundreds of spellings can be tried in a
millisecond. It is filled after rows change and counted anew now and then; it may lag behind and is never the truth:
a word that stands in no row any more finds nothing, and a word that is missing is still looked up as it was typed.
"""

# ruff: noqa: S608 (names of our own tables; every value is a parameter)

from collections.abc import Iterable, Mapping, Sequence
from string import ascii_lowercase
from typing import Any

from django.db import connection

from registry.models import SearchWord
from registry.search.kinds import Kind

RARE_ROWS = 3  # a word in fewer rows may be a slip, of whoever asks or of whoever registered
SLIP_CHARS = (4, 16)  # shorter words must be right; of longer ones the beginning or the trigrams say enough
MIN_PREFIX_CHARS = 3
SPELLINGS = 12  # of one word, the most common first
ENDINGS = 40  # of a word that is being typed
MIN_ENDING_CHARS = 2
ALIKE_SIMILARITY = 0.45
TABLE = SearchWord._meta.db_table


def learn(kind: Kind, keys: Sequence[int]) -> None:
    """Add the words of these rows that are not known yet. In order, so that two writers never wait in a ring."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} (kind, word, rows)"
            f" SELECT %s, word, count(*) FROM {kind.table}, unnest(search_tokens) word"
            " WHERE id = ANY(%s) AND word NOT LIKE '=%%' GROUP BY word ORDER BY word"
            " ON CONFLICT (kind, word) DO NOTHING",
            [kind.name, list(keys)],
        )


def recount(kind: Kind) -> None:
    """Count every word anew and forget those that no row holds any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE counted ON COMMIT PRESERVE ROWS AS SELECT word, count(*) AS rows"
            f" FROM {kind.table}, unnest(search_tokens) word WHERE word NOT LIKE '=%%' GROUP BY word"
        )
        try:
            cursor.execute(
                f"INSERT INTO {TABLE} AS known (kind, word, rows)"
                " SELECT %s, word, rows FROM counted ORDER BY word"
                " ON CONFLICT (kind, word) DO UPDATE SET rows = EXCLUDED.rows WHERE known.rows <> EXCLUDED.rows",
                [kind.name],
            )
            cursor.execute(
                f"DELETE FROM {TABLE} known WHERE kind = %s"
                " AND NOT EXISTS (SELECT FROM counted WHERE counted.word = known.word)",
                [kind.name],
            )
        finally:
            cursor.execute("DROP TABLE counted")


def rows_of_kinds(kinds: Iterable[Kind], words: Iterable[str]) -> dict[str, dict[str, int]]:
    """Kind → word → about how many rows hold it; words that are not known are left out."""
    return _rows_of([kind.name for kind in kinds], words)


def _rows_of(names: Sequence[str], words: Iterable[str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {name: {} for name in names}
    wanted = sorted(set(words))
    if not wanted:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT kind, word, rows FROM {TABLE} WHERE kind = ANY(%s::varchar[])"
            " AND word = ANY(string_to_array(%s, ' ')::varchar[])",  # a word holds no space; a thousand spellings do
            [list(names), " ".join(wanted)],
        )
        for name, word, rows in cursor.fetchall():
            found[name][word] = rows
    return found


def spellings(words: Mapping[str, Iterable[str]]) -> dict[str, dict[str, dict[str, int]]]:
    """Words by kind → kind → word → known words that it may be, with their rows: one slip of the finger away, or else
    longer ones that it begins.
    """
    shortest, longest = SLIP_CHARS
    every = {word for each in words.values() for word in each}
    near = {word: slips(word) for word in every if shortest <= len(word) <= longest}
    known = _rows_of(list(words), {other for others in near.values() for other in others})
    found: dict[str, dict[str, dict[str, int]]] = {name: {} for name in words}
    lost: list[tuple[str, str]] = []
    for name, each in words.items():
        for word in each:
            others = near.get(word, set()) & known[name].keys()
            if others:
                found[name][word] = _most_common({other: known[name][other] for other in others})
            elif len(word) >= MIN_PREFIX_CHARS:
                lost.append((name, word))
    for (name, word), longer in _beginning_with(lost).items():
        found[name][word] = longer
    return found


def _most_common(words: dict[str, int]) -> dict[str, int]:
    return dict(sorted(words.items(), key=lambda pair: (-pair[1], pair[0]))[:SPELLINGS])


def _beginning_with(beginnings: Sequence[tuple[str, str]]) -> dict[tuple[str, str], dict[str, int]]:
    """(kind, beginning) → the most common known words that begin so, with their rows."""
    one = (
        f"(SELECT kind, %s, word, rows FROM {TABLE} WHERE kind = %s AND word LIKE %s ORDER BY rows DESC, word"
        f" LIMIT {SPELLINGS})"
    )
    return _by_word(one, [[word, name, f"{escaped(word)}%"] for name, word in beginnings])


def endings_of_kinds(kinds: Iterable[Kind], beginning: str) -> dict[str, dict[str, int]]:
    """Kind → the most common known words that begin so, with their rows: what is being typed."""
    one = (
        f"(SELECT kind, word, rows FROM {TABLE} WHERE kind = %s AND word LIKE %s ORDER BY rows DESC, word"
        f" LIMIT {ENDINGS})"
    )
    names = [kind.name for kind in kinds]
    if len(beginning) < MIN_ENDING_CHARS:
        return {}
    found: dict[str, dict[str, int]] = {name: {} for name in names}
    with connection.cursor() as cursor:
        parameters = [value for name in names for value in (name, f"{escaped(beginning)}%")]
        cursor.execute(" UNION ALL ".join([one] * len(names)), parameters)
        for name, word, rows in cursor.fetchall():
            found[name][word] = rows
    return found


def alike(kind_name: str, words: Iterable[str]) -> dict[str, dict[str, int]]:
    """Word → known words that share many trigrams with it: for what is spelt worse than by one slip."""
    one = (
        f"(SELECT kind, %s, word, rows FROM {TABLE} WHERE kind = %s AND word %% %s AND similarity(word, %s) >= %s"
        " AND length(word) BETWEEN %s AND %s ORDER BY similarity(word, %s) DESC, word LIMIT 6)"
    )
    parameters = [
        [word, kind_name, word, word, ALIKE_SIMILARITY, len(word) - 2, len(word) + 2, word]
        for word in words
        if len(word) >= SLIP_CHARS[0]
    ]
    return {word: others for (_, word), others in _by_word(one, parameters).items()}


def _by_word(one: str, parameters: Sequence[list[Any]]) -> dict[tuple[str, str], dict[str, int]]:
    """Ask the same of several words in one statement that gives kind, the word asked about, a known word, its rows."""
    if not parameters:
        return {}
    found: dict[tuple[str, str], dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(parameters)), [value for row in parameters for value in row])
        for kind_name, asked, word, rows in cursor.fetchall():
            found.setdefault((kind_name, asked), {})[word] = rows
    return found


def escaped(text: str) -> str:
    """A text as LIKE takes it literally."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def slips(word: str) -> set[str]:
    """Every spelling one slip away: a letter left out, added, mistaken, or two neighbours exchanged."""
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    left_out = {before + after[1:] for before, after in splits if after}
    exchanged = {before + after[1] + after[0] + after[2:] for before, after in splits if len(after) > 1}
    mistaken = {before + letter + after[1:] for before, after in splits if after for letter in ascii_lowercase}
    added = {before + letter + after for before, after in splits for letter in ascii_lowercase}
    return (left_out | exchanged | mistaken | added) - {word}
