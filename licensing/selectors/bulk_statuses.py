"""The status of many works for one question: PostgreSQL groups what is alike, the rules decide once for each kind.

Whatever the status of a work depends on is a token: what it is and in which year it appeared, when an author died, what
is said of it. Works with the same tokens have the same status. Statements are compared without their ids and dates of
works to the year, which is all that a status depends on; answers that cite both are made in `services.verdict_rows`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import QuerySet
from django.db.models.functions import Left

from licensing.rules.alike import PEOPLE, alike, years_of
from licensing.rules.case import parse_case, parse_work
from licensing.rules.fields import Fields
from licensing.rules.patterns import Decider
from licensing.rules.terms import Status
from licensing.selectors import bulk_statements, cases, grouping, standing
from registry import memory
from registry.models import Contribution, Work

Numbers = npt.NDArray[np.int64]
NAMES = list(Status)


@dataclass(frozen=True)
class Statuses:
    """The status of each work: `NAMES[of[i]]` is that of the work whose key is `keys[i]`; keys ascend."""

    keys: Numbers
    of: Numbers

    def counts(self) -> dict[str, int]:
        """How many works have each status, of those that occur."""
        found = np.bincount(self.of, minlength=len(NAMES)).tolist()
        return {name.value: number for name, number in zip(NAMES, found, strict=True) if number}

    def of_each(self) -> dict[int, str]:
        """Key → status."""
        return {key: NAMES[number].value for key, number in zip(self.keys.tolist(), self.of.tolist(), strict=True)}


def of_works(works: QuerySet[Work], question: cases.Question) -> Statuses:
    """The status of every work of the queryset for one question, on the question's day."""
    with memory.no_cycle_search(), grouping.by_hashing():
        return _of_works(works, question)


def _of_works(works: QuerySet[Work], question: cases.Question) -> Statuses:
    pool = works.order_by().values("pk")
    parsed = parse_case(cases.case(question, {"id": "w"}, standing.COPY, []))
    decider = Decider(parsed.question, parsed.copy)
    kinds = _facts(works)
    keys = np.sort(np.concatenate([_array(group) for _, group in kinds] or [_array([])]))
    # whoever is of one kind with the same deaths is one work to axis 1
    deaths = _deaths(pool)
    tokens, rows = _pairs(keys, [group for _, group in kinds], [group for _, group in deaths])
    alike, members = _signatures(len(keys), tokens, rows)
    finds = _array(_finds(decider, kinds, deaths, members) or [0])
    said = bulk_statements.of_works(pool, question.licensee, with_ids=False)
    forms = [decider.form(_parsed(question, content)) for content in said.forms]
    base = len(finds)
    tokens, rows = _pairs(keys, said.works)
    tokens = np.concatenate([finds[alike], tokens + base])
    rows = np.concatenate([np.arange(len(keys)), rows])
    alike, members = _signatures(len(keys), tokens, rows)
    answers = [
        NAMES.index(decider.pattern(member[0], tuple(forms[token - base] for token in member[1:])).answer.status)
        for member in members
    ]
    return Statuses(keys, np.array(answers or [0], dtype=np.int64)[alike])


def _facts(works: QuerySet[Work]) -> list[tuple[tuple[Any, ...], list[int]]]:
    """What axis 1 reads of works, each with the works that have it."""
    grouped = works.order_by().annotate(year=Left("first_published", 4)).values_list(
        "kind", "year", "country", "authorship", "renewed"
    )  # fmt: skip
    return [(tuple(facts), keys) for *facts, keys in grouped.annotate(keys=ArrayAgg("pk"))]


def _deaths(pool: QuerySet[Any]) -> list[tuple[str, list[int]]]:
    """The years in which authors died, "" where it is not recorded, each with their works."""
    authors = Contribution.objects.filter(work__in=pool, role=Contribution.Role.AUTHOR).order_by()
    grouped = authors.annotate(year=Left("party__died", 4)).values_list("year")
    return list(grouped.annotate(keys=ArrayAgg("work_id")))


def _array(values: Sequence[int]) -> Numbers:
    return np.array(values, dtype=np.int64)


def _pairs(keys: Numbers, *lists: Sequence[Sequence[int]]) -> tuple[Numbers, Numbers]:
    """Tokens, numbered through the lists, and the rows of `keys` that have them."""
    groups = [group for groups in lists for group in groups]
    if not groups:
        return _array([]), _array([])
    tokens = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    return tokens, np.searchsorted(keys, np.concatenate([_array(group) for group in groups]))


def _signatures(count: int, tokens: Numbers, rows: Numbers) -> tuple[Numbers, list[tuple[int, ...]]]:
    """For each row the number of its set of tokens, and for each number its tokens, ascending.

    Place by place: rows that were alike so far stay alike where their next token is the same.
    """
    order = np.lexsort((tokens, rows))
    tokens, rows = tokens[order], rows[order]
    held = np.bincount(rows, minlength=count)
    starts = np.cumsum(held) - held
    alike = np.zeros(count, dtype=np.int64)
    width = int(tokens.max(initial=0)) + 2
    for place in range(int(held.max(initial=0))):
        has = held > place
        token = np.zeros(count, dtype=np.int64)
        token[has] = tokens[starts[has] + place] + 1
        alike = np.unique(alike * width + token, return_inverse=True)[1]
    first = np.unique(alike, return_index=True)[1]
    members = [tuple(tokens[starts[row] : starts[row] + held[row]].tolist()) for row in first]
    return alike, members


def _finds(
    decider: Decider, kinds: Sequence[Any], deaths: Sequence[Any], members: Sequence[tuple[int, ...]]
) -> list[int]:
    """The numbers of what the rules find in works with these tokens; what this question does not ask of a work makes
    no difference."""
    known: dict[Any, int] = {}
    numbers = []
    for member in members:
        kind, year, country, authorship, renewed = kinds[member[0]][0]
        died = [deaths[token - len(kinds)][0] or None for token in member[1:]]
        origin = country or None, renewed, None, None
        read = alike(decider.places, years_of(died), year or None, origin, authorship in PEOPLE)
        key = read, kind, authorship
        number = known.get(key)
        if number is None:
            facts = {"kind": kind, "authorship": authorship, "first_published": year or None, "country": origin[0]}
            authors = [{"name": None, "died": day} for day in died]
            number = known[key] = decider.find(
                parse_work(Fields(facts | {"renewed": renewed, "authors": authors}, "/work"))
            )
        numbers.append(number)
    return numbers


def _parsed(question: cases.Question, content: dict[str, Any]) -> Any:
    case = cases.case(question, {"id": "w"}, standing.COPY, [content | {"id": "a"}])
    return parse_case(case).assertions[0]
