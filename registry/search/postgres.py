"""Candidates from PostgreSQL: rows that hold the query's tokens, and rows that hold most of them or what they may mean.

Words that no row holds are read as words that are known (`registry.search.vocabulary`): one slip away, begun, or alike.
Rows are then looked up in one index on their tokens, by the rarest of the words: three together, two together, a rare
one alone. Every kind is asked in the same statement. Ranking decides between what they bring.
"""

# ruff: noqa: S608 (names of our own tables; every value is a parameter)

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection

from registry import folding
from registry.actors import Actor
from registry.search import facets, reading, vocabulary
from registry.search.kinds import Kind
from registry.search.query import Query
from registry.search.reading import Word
from registry.search.rows import Counted, Found, Row, Rows
from registry.search.selection import EVERYTHING, Counts, Selection, most_common

NAME = "postgres"

BLOCK_ROWS = 60  # what each set of words may bring
SUGGESTED_ROWS = 40
SORTED_SUGGESTIONS = 10_000
CANDIDATE_ROWS = 100  # what ranking sees of a kind
NAMED_ROWS = 100  # rows that are called just what was typed
COMMON_ROWS = 30_000  # a set whose rarest word stands in more rows is not looked up
SORTED_ROWS = 20_000  # of more rows the shortest are not looked for
TELLING_ROWS = 400  # a word that so few rows hold is looked up alone
SURE_ROWS = 30  # all rows of a word are among those it brings, though what is known of their number lags behind
RAREST = 6
COUNTED_ROWS = 20_000  # of more rows a sample is counted
SAMPLED_ROWS = 20_000


_Fragment = tuple[str, list[Any]]


def complete(query: Query, kinds: Sequence[Kind], actor: Actor, selection: Selection, limit: int) -> dict[str, Rows]:
    """Kind → the rows that hold every token and that the actor may see, at most `limit` of them, those with short names
    first; and before them all those whose name is just the query.
    """
    tokens = list(query.tokens)
    if not tokens:
        return {kind.name: {} for kind in kinds}
    known = reading.known_rows(query, kinds)
    parts: list[_Fragment] = []
    for kind in kinds:
        rarest = min(known[kind.name].get(token, 0) for token in tokens)
        where, parameters = _where(kind, actor, selection, rarest)
        chosen = f"(SELECT %s, id, search_text, search_facets FROM {kind.table} WHERE search_tokens @> %s::varchar[]"
        order = " ORDER BY length(search_text), id" if rarest <= SORTED_ROWS else ""
        whole = [folding.name_token(query.folded)]
        parts.append((f"{chosen} AND {where} LIMIT {NAMED_ROWS})", [kind.name, whole, *parameters]))
        parts.append((f"{chosen} AND {where}{order} LIMIT {limit})", [kind.name, tokens, *parameters]))
    return _fetch(kinds, parts)


def find(query: Query, kinds: Sequence[Kind], actor: Actor, selection: Selection, *, limit: int, enough: int) -> Found:
    """Kind → `complete` rows, and where there are fewer than `enough` of them also `candidates`; where there are
    `limit` of them, those that were chosen.
    """
    many = _in_as_many_as(limit, query, kinds, actor) if selection else frozenset()
    found = complete(query, [kind for kind in kinds if kind.name not in many], actor, EVERYTHING, limit)
    few = [kind for kind in kinds if kind.name not in many and len(found[kind.name]) < enough]
    more = candidates(query, few, actor) if few else {}
    if many:
        found |= complete(query, [kind for kind in kinds if kind.name in many], actor, selection, limit - 1)
    return Found({kind.name: found[kind.name] | more.get(kind.name, {}) for kind in kinds}, many)


def _in_as_many_as(limit: int, query: Query, kinds: Sequence[Kind], actor: Actor) -> frozenset[str]:
    """The kinds of which so many rows, or more, hold every token."""
    known = reading.known_rows(query, kinds)
    parts: list[_Fragment] = []
    for kind in kinds:
        if min((known[kind.name].get(token, 0) for token in query.tokens), default=0) >= limit:
            where, parameters = _where(kind, actor, EVERYTHING)
            held = f"SELECT FROM {kind.table} WHERE search_tokens @> %s::varchar[] AND {where} LIMIT {limit}"
            parts.append((f"SELECT %s, count(*) FROM ({held})", [kind.name, list(query.tokens), *parameters]))
    if not parts:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(sql for sql, _ in parts), [value for _, values in parts for value in values])
        return frozenset(name for name, number in cursor.fetchall() if number >= limit)


def candidates(query: Query, kinds: Sequence[Kind], actor: Actor) -> dict[str, Rows]:
    """Kind → rows that hold much of the query or of what it may mean, and that the actor may see."""
    words = reading.read(query, kinds)
    found = _most_telling(_look_up(query, kinds, actor, words), words)
    if reading.is_covered(found, words):
        return found
    alike = reading.read_as_alike(query, words)
    if alike == words:
        return found
    more = _look_up(query, kinds, actor, alike)
    return _most_telling({name: found[name] | rows for name, rows in more.items()}, alike)


def beginning(query: Query, kinds: Sequence[Kind], actor: Actor) -> dict[str, Rows]:
    """Kind → rows that hold every word but the last of the query, and one that begins with that."""
    last = query.words[-1] if query.words and query.folded.endswith(query.words[-1]) else ""
    others = [token for token in query.tokens if token != last]
    if not others and not last:
        return {kind.name: {} for kind in kinds}
    endings = vocabulary.endings_of_kinds(kinds, last) if last else {}
    known = vocabulary.rows_of_kinds(kinds, others)
    parts: list[_Fragment] = []
    for kind in kinds:
        where, parameters = _where(kind, actor, EVERYTHING)
        chosen = f"(SELECT %s, id, search_text, search_facets FROM {kind.table} WHERE search_tokens"
        named = [kind.name, [folding.name_token(query.folded)], *parameters]
        parts.append((f"{chosen} @> %s::varchar[] AND {where} LIMIT {SUGGESTED_ROWS})", named))
        longer = endings.get(kind.name, {})
        held = [kind.name, others, *([[last, *longer]] if last else []), *parameters]
        begun = " AND search_tokens && %s::varchar[]" if last else ""
        expected = [known[kind.name].get(token, 0) for token in others] + ([sum(longer.values())] if last else [])
        is_few = min(expected) <= SORTED_SUGGESTIONS
        order = " ORDER BY length(search_text), id" if is_few else ""
        parts.append((f"{chosen} @> %s::varchar[]{begun} AND {where}{order} LIMIT {SUGGESTED_ROWS})", held))
    return _fetch(kinds, parts)


def counts(query: Query, kind: Kind, actor: Actor, selection: Selection) -> Counted:
    """How many rows that hold every token are chosen, and their facets; of very many rows a sample is counted."""
    known = reading.known_rows(query, [kind])[kind.name]
    rarest = min((known.get(token, 0) for token in query.tokens), default=None)
    is_few = rarest is not None and rarest <= COUNTED_ROWS
    share = 1.0 if is_few else min(1.0, SAMPLED_ROWS / max(1, _size(kind)))
    names = facets.names(kind.name)
    found: Counts = {}
    others = [name for name in names if name not in selection.values]
    total, counted = _count(query, kind, share, _where(kind, actor, selection, rarest), others)
    found.update(counted)
    for name in names:
        if name in selection.values:
            found.update(_count(query, kind, share, _where(kind, actor, selection.without(name), rarest), [name])[1])
    return Counted(total, {name: found[name] for name in names if found.get(name)}, is_exact=share == 1.0)


def _count(query: Query, kind: Kind, share: float, condition: _Fragment, names: Sequence[str]) -> tuple[int, Counts]:
    where, parameters = condition
    sample = f" TABLESAMPLE SYSTEM ({share * 100:.4f})" if share < 1 else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH chosen AS (SELECT search_facets FROM {kind.table}{sample}"
            f" WHERE search_tokens @> %s::varchar[] AND {where}),"
            " counted AS (SELECT split_part(facet, ':', 1) AS name, facet, count(*) AS rows"
            " FROM chosen, unnest(search_facets) facet WHERE split_part(facet, ':', 1) = ANY(%s) GROUP BY facet),"
            ' ranked AS (SELECT *, row_number() OVER (PARTITION BY name ORDER BY rows DESC, facet COLLATE "C")'
            " FROM counted)"
            " SELECT '', '', count(*) FROM chosen UNION ALL"
            " SELECT name, facet, rows FROM ranked WHERE row_number <= %s",
            [list(query.tokens), *parameters, list(names), facets.VALUES],
        )
        rows = cursor.fetchall()
    found: dict[str, dict[str, int]] = {}
    total = 0
    for name, facet, number in rows:
        if name:
            found.setdefault(name, {})[facet.partition(":")[2]] = round(number / share)
        else:
            total = round(number / share)
    return total, {name: most_common(values) for name, values in found.items()}


def _size(kind: Kind) -> int:
    """About how many rows a table has: what the planner believes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = %s::regclass", [kind.table])
        return int(cursor.fetchone()[0])


def _sets(query: Query, words: Sequence[Word]) -> list[tuple[tuple[str, ...], ...]]:
    """Threes of words, of which a row must hold each: the rarest three, two and one together."""
    rarest = sorted((word for word in words if word.rows or len(words) == 1), key=lambda word: word.rows)[:RAREST]
    if not rarest:
        rarest = list(words[:RAREST])
    chosen: list[tuple[Word, ...]] = [(word,) for word in rarest if word.rows <= TELLING_ROWS or len(rarest) == 1]
    common = [word for word in rarest if (word,) not in chosen or word.rows > SURE_ROWS]
    for size in (2, 3):  # all the rows of a word that few hold are there already, whatever else they hold
        chosen += [each for each in combinations(common, size) if min(word.rows for word in each) <= COMMON_ROWS]
    sets = [(each[0].meant, each[len(each) // 2].meant, each[-1].meant) for each in chosen]
    for run in query.runs:  # of a name of three characters one may be wrong
        if len(run) == 3:
            sets += [((one,), (one,), (other,)) for one, other in combinations(run, 2)]
    if query.spoken:
        sets.append((query.spoken_tokens,) * 3)
    return list(dict.fromkeys(sets))


def _look_up(query: Query, kinds: Sequence[Kind], actor: Actor, words: Mapping[str, Sequence[Word]]) -> dict[str, Rows]:
    parts: list[_Fragment] = []
    for kind in kinds:
        sets = _sets(query, words[kind.name])
        if not sets:
            continue
        where, parameters = _where(kind, actor, EVERYTHING)
        places = {meant: place for place, meant in enumerate(dict.fromkeys(one for each in sets for one in each))}
        meant = ", ".join([f"({place}, %s::varchar[])" for place in places.values()])
        held = " AND ".join(f"search_tokens && word_{name}.meant" for name in "abc")
        rows = ", ".join(str(tuple(places[one] for one in each)) for each in sets)
        named = " ".join(f"JOIN word word_{name} ON word_{name}.place = {name}" for name in "abc")
        block = f"SELECT id, search_text, search_facets FROM {kind.table} WHERE {held} AND {where} LIMIT {BLOCK_ROWS}"
        sql = (
            f"(WITH word (place, meant) AS (VALUES {meant}) SELECT %s, found.* FROM (VALUES {rows}) wanted (a, b, c)"
            f" {named} CROSS JOIN LATERAL ({block}) found)"
        )
        parts.append((sql, [*map(list, places), kind.name, *parameters]))
    return _fetch(kinds, parts)


def rows_by_key(kinds: Sequence[Kind], keys: Mapping[str, Sequence[int]], actor: Actor) -> dict[str, Rows]:
    """Kind → the rows with these primary keys, in their order, that the actor may see; one statement for all kinds."""
    parts: list[_Fragment] = []
    for kind in kinds:
        if keys[kind.name]:
            where, parameters = _where(kind, actor, EVERYTHING)
            chosen = f"SELECT %s, id, search_text, search_facets FROM {kind.table}"
            parts.append(
                (
                    f"({chosen} WHERE id = ANY(%s::bigint[]) AND {where})",
                    [kind.name, list(keys[kind.name]), *parameters],
                )
            )
    found = _fetch(kinds, parts)
    return {name: {pk: rows[pk] for pk in keys[name] if pk in rows} for name, rows in found.items()}


def _fetch(kinds: Sequence[Kind], parts: Sequence[_Fragment]) -> dict[str, Rows]:
    found: dict[str, Rows] = {kind.name: {} for kind in kinds}
    if not parts:
        return found
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(sql for sql, _ in parts), [value for _, values in parts for value in values])
        for name, pk, text, told in cursor.fetchall():
            found[name].setdefault(pk, Row(text, told))
    return found


def _most_telling(found: dict[str, Rows], words: Mapping[str, Sequence[Word]]) -> dict[str, Rows]:
    """Of too many rows those that hold most of the query."""
    for name, rows in found.items():
        if len(rows) > CANDIDATE_ROWS:
            covered = {pk: reading.covered(row.text, words[name]) for pk, row in rows.items()}
            best = sorted(rows, key=lambda pk: (-covered[pk], len(rows[pk].text), pk))[:CANDIDATE_ROWS]
            found[name] = {pk: rows[pk] for pk in best}
    return found


def _where(kind: Kind, actor: Actor, selection: Selection, expected: int | None = None) -> _Fragment:
    """The condition for rows that the actor may see and that are chosen, on the kind's own table.

    Where words leave no more than `expected` rows these are read one by one: the index of a common facet names a good
    part of the table, which takes longer.
    """
    rows = kind.visible(actor).query
    try:
        sql, parameters = rows.where.as_sql(rows.get_compiler(connection=connection), connection)
    except FullResultSet:
        sql, parameters = "TRUE", ()
    except EmptyResultSet:
        sql, parameters = "FALSE", ()
    conditions = [f"({sql})"]
    values: list[Any] = list(parameters)
    facets_read = "search_facets" if expected is None or expected > COMMON_ROWS else "(search_facets || '{}')"
    for group in selection.groups().values():
        conditions.append(f"{facets_read} && %s::varchar[]")
        values.append(sorted(group))
    return " AND ".join(conditions), values
