"""Candidates from PostgreSQL: rows that share tokens with the query, and rows that are spelt like it.

Two blocks, as measured on a million works: the token array finds rows by words that are right, in any order; the
trigram index finds rows by words that are not. Ranking decides between what they bring.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Length

from registry.actors import Actor
from registry.search.kinds import Kind
from registry.search.query import Query

NAME = "postgres"

BLOCK_ROWS = 100  # what each look-up may bring; ranking sees a few hundred rows at most
COMPLETE_ROWS = 300  # rows that contain every token
ENOUGH_COMPLETE = 10  # with so many of them nothing is looked up by its spelling
SORTABLE_ROWS = 20_000  # as many may be sorted by length to prefer the name that is just the query
COMMON_SHARE = 0.02  # a token in so many of all rows does not narrow anything down
RAREST = 4
MIN_TRIGRAM_CHARS = 3
WORD_SIMILARITY = 0.5
TRIGRAM_MILLISECONDS = 1500  # a query of common trigrams gives up and leaves the answer to the tokens
STATISTICS_SECONDS = 300


def candidates(query: Query, kind: Kind, actor: Actor) -> dict[int, str]:
    """Return primary key → search text of the rows that may answer the query and that the actor may see."""
    rows = kind.visible(actor)
    shares = token_shares(kind)
    tokens = sorted(query.tokens, key=lambda token: (shares.get(token, 0.0), -len(token)))
    if not tokens:
        return {}
    found = dict(_complete(rows, tokens, shares))
    if len(found) >= ENOUGH_COMPLETE:
        return found
    found.update(_fetch(rows, _partly(tokens, shares, query.runs)))
    found.update(_spelt_like(rows, query, tokens))
    return found


def _complete(rows: QuerySet[Any], tokens: list[str], shares: dict[str, float]) -> Iterable[tuple[int, str]]:
    """Rows with every token; the shortest first unless there are too many to sort."""
    whole = rows.filter(search_tokens__contains=tokens).order_by()
    if shares.get(tokens[0], 0.0) * shares.get("", 0.0) <= SORTABLE_ROWS:
        whole = whole.order_by(Length("search_text"), "pk")
    return whole.values_list("pk", "search_text")[:COMPLETE_ROWS]


def _partly(tokens: list[str], shares: dict[str, float], runs: tuple[str, ...]) -> Iterator[list[str]]:
    """Sets of tokens that narrow down: all but one, pairs of the rarest, each rare one alone, a short run but one."""
    telling = [token for token in tokens if shares.get(token, 0.0) < COMMON_SHARE]
    sets = [tokens[:left] + tokens[left + 1 :] for left in range(len(tokens)) if 2 < len(tokens) <= 2 * RAREST]
    sets += [list(pair) for pair in combinations(tokens[:RAREST], 2)]
    sets += [[token] for token in telling[:RAREST]]
    sets += [list(pair) for run in runs if len(run) == 3 for pair in combinations(run, 2)]  # one of three is wrong
    seen = {frozenset(tokens)} if len(tokens) > 1 else set()
    for one in sets:
        if one and frozenset(one) not in seen:
            seen.add(frozenset(one))
            yield one


def _fetch(rows: QuerySet[Any], sets: Iterable[list[str]]) -> Iterable[tuple[int, str]]:
    """The rows that contain any of the sets whole, a capped number for each set, in one statement."""
    blocks = [
        rows.filter(search_tokens__contains=tokens).order_by().values_list("pk", "search_text")[:BLOCK_ROWS]
        for tokens in sets
    ]
    if not blocks:
        return []
    return blocks[0].union(*blocks[1:], all=True) if len(blocks) > 1 else blocks[0]


def _spelt_like(rows: QuerySet[Any], query: Query, tokens: list[str]) -> list[tuple[int, str]]:
    """Rows whose text contains something spelt like the query or like one of its rarest words."""
    words = [token for token in tokens if token in query.words and len(token) >= MIN_TRIGRAM_CHARS]
    if not words:
        return []
    whole = " ".join(query.words)
    alike = Q()
    for text in dict.fromkeys([whole, *words[:2]]):
        alike |= Q(search_text__trigram_word_similar=text)
    nearest = rows.filter(alike).order_by(TrigramWordSimilarity(whole, "search_text").desc(), "pk")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('pg_trgm.word_similarity_threshold', %s, true),"
                " set_config('statement_timeout', %s, true)",
                [str(WORD_SIMILARITY), str(TRIGRAM_MILLISECONDS)],
            )
            found = list(nearest.values_list("pk", "search_text")[:BLOCK_ROWS])
            transaction.set_rollback(True)  # nothing was written; this takes the two settings back
            return found
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "57014":  # query_canceled
            raise
        return []


def token_shares(kind: Kind) -> dict[str, float]:
    """The share of rows that contain a token, for the common ones, from the planner's statistics.

    A token that is missing is rare, or the table was never analysed. Under "" stands the number of rows.
    """
    key = f"search-token-shares:{connection.settings_dict['NAME']}:{kind.table}"
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
        common, frequencies, rows = cursor.fetchone()
    shares = dict(zip(common or [], frequencies or [], strict=False))  # three figures more: least, most, nulls
    shares[""] = max(float(rows), 0.0)
    cache.set(key, shares, STATISTICS_SECONDS)
    return shares
