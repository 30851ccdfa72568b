"""Many cases at once: the same answers as `verdict.decide` gives one by one, at a fraction of its time.

Works of one publisher differ in names, numbers and dates and are the same in what the rules read. So everything is
decided once for all works that are alike (`patterns`): a work's facts are reduced to what axis 1 reads of them
(`alike`), and what is said of it is known by its bytes, without the ids. What is not known by them is parsed, and what
is wrong is refused as `parse_case` refuses it (`test_batch` holds both against each other).
"""

from collections.abc import Iterable, Iterator, Mapping
from marshal import dumps
from typing import Any

import ormsgpack as pack

from licensing.rules.alike import SPELLING, are_names, work_key
from licensing.rules.case import Case, parse_assertion, parse_case, parse_work
from licensing.rules.fields import Fields
from licensing.rules.patterns import Decider, Pattern
from licensing.rules.verdict import Answer, decide

Json = Mapping[str, Any]
_has_known_fields = frozenset({"question", "work", "copy", "generated_by", "assertions"}).issuperset
_UNREADABLE = (KeyError, AttributeError, TypeError, ValueError)
_only_json = (  # what is no JSON value cannot be packed, and is refused when it is parsed
    pack.OPT_PASSTHROUGH_DATACLASS
    | pack.OPT_PASSTHROUGH_DATETIME
    | pack.OPT_PASSTHROUGH_ENUM
    | pack.OPT_PASSTHROUGH_SUBCLASS
    | pack.OPT_PASSTHROUGH_TUPLE
    | pack.OPT_PASSTHROUGH_UUID
)
MANY = 100_000  # answers and contents kept before a batch starts afresh


def decide_many(cases: Iterable[Json]) -> Iterator[Answer]:
    """The answers to cases as JSON values, in their order; what `decide(parse_case(case))` says of each.

    Raises CaseError for a malformed case, when its turn comes.
    """
    batches: dict[bytes, _Batch] = {}
    asked: tuple[Any, Any, Any] = (None, None, None)
    batch: _Batch | None = None
    for case in cases:
        try:
            question, copy, generated = case["question"], case.get("copy"), case.get("generated_by")
            if batch is None or question is not asked[0] or copy is not asked[1] or generated is not asked[2]:
                key = dumps((question, copy, generated), SPELLING)
                batch = batches.get(key)
                if batch is None:
                    batch = batches[key] = _Batch(parse_case(case))
                asked = (question, copy, generated)
        except _UNREADABLE:
            yield decide(parse_case(case))  # which says what is wrong
            continue
        yield batch.answer(case)


class _Batch:
    """Cases of one question, that of the first: what is known of them, by what tells them apart."""

    def __init__(self, first: Case) -> None:
        self._first = first
        self._forget()

    def _forget(self) -> None:
        self._decider = Decider(self._first.question, self._first.copy, self._first.generated_by)
        self._places = self._decider.places
        self._finds: dict[Any, int] = {}
        self._forms: dict[bytes, int] = {}  # a statement without its id
        self._said: dict[bytes, tuple[int, ...]] = {}  # all statements of a case without their ids → their forms
        self._patterns: dict[tuple[int, tuple[int, ...]], Pattern] = {}

    def answer(self, case: Json) -> Answer:
        """The answer to one case. Raises CaseError."""
        try:
            names: list[Any] = []
            rests, work, rows = [], case["work"], case["assertions"]
            known = work_key(work, self._places, names) if work else self._key_of_nothing(work)
            count = len(names)
            for row in rows:
                rest = row.copy()
                names.append(rest.pop("id"))
                rests.append(rest)
            if not (_has_known_fields(case) and type(rows) is list and are_names(names)):
                return decide(parse_case(case))
            # MessagePack tells 1 from true, and null from NaN: the same bytes are the same value
            ids, said = names[count:], pack.packb(rests, None, _only_json)
            find, forms = self._finds.get(known), self._said.get(said)
            if find is None or forms is None:
                find, forms = self._learn(known, work, said, rests)
            if len(ids) > 1:
                ids, forms = _in_order(ids, forms)
            pattern = self._patterns.get((find, forms))
            if pattern is None:
                if len(self._patterns) > MANY:
                    self._forget()
                    return self.answer(case)
                pattern = self._patterns[find, forms] = self._decider.pattern(find, forms)
        except _UNREADABLE:
            return decide(parse_case(case))
        return pattern.about(ids)

    def _key_of_nothing(self, work: Any) -> str:
        """The key of output in which no registered work was found."""
        if self._first.generated_by is None or work not in (None, {}):
            raise KeyError
        return "nothing"

    def _learn(self, known: Any, work: Any, said: bytes, rests: list[Json]) -> tuple[int, tuple[int, ...]]:
        """Numbers for a work's facts and for the statements about it, by their keys. Raises CaseError for what is
        wrong, KeyError where ids are more than names."""
        if len(self._finds) + len(self._said) > MANY:
            self._forget()
        if known not in self._finds:
            self._finds[known] = self._decider.find(parse_work(Fields(work, "/work")) if work else None)
        if said not in self._said:
            self._said[said] = tuple([self._form(rest) for rest in rests])
        return self._finds[known], self._said[said]

    def _form(self, rest: Json) -> int:
        key = dumps({**rest}, SPELLING)
        if key not in self._forms:
            parsed = parse_assertion(Fields({**rest, "id": "a"}, ""))
            if parsed.target is not None:
                raise KeyError  # a denial names the statement it denies by its id
            self._forms[key] = self._decider.form(parsed)
        return self._forms[key]


def _in_order(ids: list[str], forms: tuple[int, ...]) -> tuple[list[str], tuple[int, ...]]:
    """Both in the order of the ids. Raises KeyError where one occurs twice."""
    if len(ids) == 2:  # as most are
        one, other = ids
        if one == other:
            raise KeyError
        return (ids, forms) if one < other else ([other, one], forms[::-1])
    if len({*ids}) < len(ids):
        raise KeyError
    ordered = sorted(ids)
    if ordered == ids:
        return ids, forms
    return ordered, tuple([forms[place] for place in map(ids.index, ordered)])
