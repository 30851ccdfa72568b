"""Candidates from PostgreSQL: rows that share tokens with the query, and rows that are spelt like it.

Three blocks, narrow ones first: rows that contain the words, in any order; rows in which every word stands with at most
one slip of the finger, found by trying each slip in the same index; rows that look alike by trigrams, for what is spelt
worse than that. Ranking decides between what they bring.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations
from string import ascii_lowercase
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Length

from registry import folding
from registry.actors import Actor
from registry.models.base import text_list
from registry.search.kinds import Kind
from registry.search.query import Query

NAME = "postgres"

BLOCK_ROWS = 100  # what each look-up may bring; ranking sees a few hundred rows at most
COMPLETE_ROWS = 300  # rows that contain every token
ENOUGH_COMPLETE = 10  # with so many of them nothing is looked up by its spelling
COMMON_ROWS = 20_000  # a token in more rows than this does not narrow anything down
RAREST = 6
MAX_SETS = 48
MISSPELT_WORDS = 6
SLIP_CHARS = (4, 16)  # shorter words must be right, of longer ones trigrams know enough
TRIGRAM_CHARS = 3
WORD_SIMILARITY = 0.45
MISSPELT_MILLISECONDS = 1000  # a query of common trigrams gives up and leaves the answer to the tokens
STATISTICS_SECONDS = 300
QUERY_CANCELED = "57014"  # PostgreSQL, appendix A


def candidates(query: Query, kind: Kind, actor: Actor) -> dict[int, str]:
    """Return primary key → search text of the rows that may answer the query and that the actor may see."""
    rows = kind.visible(actor)
    expected = expected_rows(kind)
    tokens = sorted(query.tokens, key=lambda token: (expected.get(token, 0.0), -len(token)))
    if not tokens:
        return {}
    found = dict(_complete(rows, tokens, expected))
    if len(found) >= ENOUGH_COMPLETE:
        return found
    telling = [token for token in tokens if expected.get(token, 0.0) < COMMON_ROWS]
    found.update(_fetch(rows, _partly(tokens, telling, query.runs)))
    words = [token for token in telling if token in query.words]
    found.update(_misspelt(rows, words[:MISSPELT_WORDS], expected))
    return found


def _complete(rows: QuerySet[Any], tokens: list[str], expected: dict[str, float]) -> Iterable[tuple[int, str]]:
    """Rows with every token; the shortest first unless there are too many to sort."""
    whole = rows.filter(search_tokens__contains=_array(tokens)).order_by()
    if expected.get(tokens[0], 0.0) <= COMMON_ROWS:
        whole = whole.order_by(Length("search_text"), "pk")
    return whole.values_list("pk", "search_text")[:COMPLETE_ROWS]


def _partly(tokens: list[str], telling: list[str], runs: tuple[str, ...]) -> Iterator[list[str]]:
    """Sets of tokens that narrow down: all but one, pairs of the rarest, each telling one, two of a run of three."""
    sets = [tokens[:left] + tokens[left + 1 :] for left in range(len(tokens)) if len(tokens) > 2]
    sets += [list(pair) for pair in combinations(tokens[:RAREST], 2)]
    sets += [[token] for token in telling]
    sets += [list(pair) for run in runs if len(run) == 3 for pair in combinations(run, 2)]  # one of three is wrong
    seen: set[frozenset[str]] = set()
    for one in sets[:MAX_SETS]:
        if frozenset(one) not in seen:
            seen.add(frozenset(one))
            yield one


def _fetch(rows: QuerySet[Any], sets: Iterable[list[str]]) -> Iterable[tuple[int, str]]:
    """The rows that contain any of the sets whole, a capped number for each set, in one statement."""
    blocks = [
        rows.filter(search_tokens__contains=_array(tokens)).order_by().values_list("pk", "search_text")[:BLOCK_ROWS]
        for tokens in sets
    ]
    if not blocks:
        return []
    return blocks[0].union(*blocks[1:], all=True) if len(blocks) > 1 else blocks[0]


def _array(tokens: list[str]) -> Value:
    """The tokens as one parameter: a list would become an expression for each of some hundred spellings."""
    return Value(tokens, output_field=text_list(folding.MAX_TOKEN_CHARS))


def _misspelt(rows: QuerySet[Any], words: list[str], expected: dict[str, float]) -> list[tuple[int, str]]:
    """Rows with every word at most one slip away; when there are none, rows that look like the words by trigrams."""
    if not any(len(word) >= TRIGRAM_CHARS for word in words):
        return []
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('pg_trgm.word_similarity_threshold', %s, true),"
                " set_config('statement_timeout', %s, true),"
                " set_config('enable_seqscan', 'off', true)",  # hundreds of spellings look unselective to the planner
                [str(WORD_SIMILARITY), str(MISSPELT_MILLISECONDS)],
            )
            found = list(_one_slip(rows, words, expected)) or list(_spelt_alike(rows, words))
            transaction.set_rollback(True)  # nothing was written; this takes the settings back
            return found
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != QUERY_CANCELED:
            raise
        return []


def _one_slip(rows: QuerySet[Any], words: list[str], expected: dict[str, float]) -> Iterable[tuple[int, str]]:
    """Rows in which each of the words stands, or a word that is one slip away from it."""
    shortest, longest = SLIP_CHARS
    if not any(shortest <= len(word) <= longest for word in words):
        return []
    for word in words:
        near = slips(word) if shortest <= len(word) <= longest else set()
        known = [other for other in near if expected.get(other, 0.0) < COMMON_ROWS]
        rows = rows.filter(search_tokens__overlap=_array([word, *known]))
    return rows.order_by().values_list("pk", "search_text")[:BLOCK_ROWS]


def slips(word: str) -> set[str]:
    """Every spelling one slip away: a letter left out, added, mistaken, or two neighbours exchanged."""
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    left_out = {before + after[1:] for before, after in splits if after}
    exchanged = {before + after[1] + after[0] + after[2:] for before, after in splits if len(after) > 1}
    mistaken = {before + letter + after[1:] for before, after in splits if after for letter in ascii_lowercase}
    added = {before + letter + after for before, after in splits for letter in ascii_lowercase}
    return (left_out | exchanged | mistaken | added) - {word}


def _spelt_alike(rows: QuerySet[Any], words: list[str]) -> Iterable[tuple[int, str]]:
    """Rows whose text contains something that shares many trigrams with the words, the most alike first."""
    text = " ".join(word for word in words if len(word) >= TRIGRAM_CHARS)
    alike = rows.filter(search_text__trigram_word_similar=text)
    nearest = alike.order_by(TrigramWordSimilarity(text, "search_text").desc(), "pk")
    return nearest.values_list("pk", "search_text")[:BLOCK_ROWS]


def expected_rows(kind: Kind) -> dict[str, float]:
    """About how many rows contain a token, for the common ones, from the planner's statistics.

    A token that is missing is rare or absent, or the table was never analysed.
    """
    key = f"search-expected-rows:{connection.settings_dict['NAME']}:{kind.table}"
    known = cache.get(key)
    if known is not None:
        return dict(known)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.most_common_elems::text::text[], s.most_common_elem_freqs, c.reltuples"
            " FROM pg_class c LEFT JOIN pg_stats s ON s.schemaname = current_schema() AND s.tablename = c.relname"
            " AND s.attname = 'search_tokens' WHERE c.oid = %s::regclass",
            [kind.table],
        )
        common, shares, rows = cursor.fetchone()
    # three shares more than tokens follow: the least, the greatest, that of nulls
    expected = {token: share * rows for token, share in zip(common or [], shares or [], strict=False)}
    cache.set(key, expected, STATISTICS_SECONDS)
    return expected
