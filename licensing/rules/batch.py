"""Many cases at once: the same answers as `verdict.decide` gives one by one, at a fraction of its time.

Works of one publisher differ in names, numbers and dates and are the same in what the rules read. So everything is
decided once for all works that are alike: a statement is parsed once for every content it has, whatever its id; a
work's facts are reduced to what axis 1 finds in them; and an answer is decided once for every such find and set of
statements, with positions in place of ids, which are put back for each work. That is sound because the rules read ids
only to sort and to cite them (`test_batch` holds it against `decide`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from marshal import dumps
from operator import lt
from typing import Any

from licensing.rules.acquisition import judge_copy_of_public_domain
from licensing.rules.case import (
    Assertion,
    Author,
    Authorship,
    Case,
    Copy,
    Generation,
    Identity,
    Question,
    Relation,
    Work,
    parse_case,
)
from licensing.rules.copyright import judge_copyright
from licensing.rules.fields import PartialDate, read_partial_date, read_territory
from licensing.rules.reasons import Reason
from licensing.rules.verdict import Answer, decide

Json = Mapping[str, Any]
SPELLING = 2  # of marshal: without references, so that equal values have equal bytes
# What axis 1 and the later axes read of a work; the rest names it. A field that is in neither list goes the long way.
READ = ("authorship", "identity", "relation", "kind")
KNOWN = frozenset(READ) | {
    "id", "title", "isbn", "registrations", "authors", "edition", "first_published", "created", "country", "renewed",
    "restored",
}  # fmt: skip
US_LIFE_TERMS_SINCE = 1978
CASE_FIELDS = frozenset({"question", "work", "copy", "generated_by", "assertions"})
_new = object.__new__
MANY = 100_000  # answers and contents kept before a batch starts afresh


class Pattern:
    """An answer with positions for ids: what every case of one kind says."""

    __slots__ = ("_facts", "_parts", "answer", "places")

    def __init__(self, answer: Answer, labels: Mapping[str, int]) -> None:
        self.answer = answer
        self._facts = vars(answer)
        # for each reason the positions of the statements it cites
        self.places = [tuple(labels[label] for label in reason.evidence) for reason in answer.reasons]
        parts = [(reason, vars(reason), places) for reason, places in zip(answer.reasons, self.places, strict=True)]
        self._parts = parts if any(self.places) else []

    def about(self, ids: Sequence[str]) -> Answer:
        """The answer about the statements with these ids, in their order.

        It and its reasons are made without their constructors, which would take most of a batch's time.
        """
        if not self._parts:
            return self.answer
        reasons = []
        for shared, facts, places in self._parts:
            if not places:
                reasons.append(shared)
                continue
            reason = _new(Reason)
            known = reason.__dict__
            known.update(facts)
            known["evidence"] = (ids[places[0]],) if len(places) == 1 else tuple([ids[place] for place in places])
            reasons.append(reason)
        made = _new(Answer)
        known = made.__dict__
        known.update(self._facts)
        known["reasons"] = tuple(reasons)
        return made


class Decider:
    """Answers one question about many works. `forms` and `finds` are numbers for what is alike."""

    def __init__(self, question: Question, copy: Copy, generated_by: Generation | None = None) -> None:
        self.question, self.copy, self.generated_by = question, copy, generated_by
        self.places = frozenset({question.territory, copy.copied_in or question.territory})
        self._patterns: dict[tuple[int, tuple[int, ...]], Pattern] = {}
        self._finds: dict[Any, int] = {}
        self._works: list[Work | None] = []
        self._forms: list[Assertion] = []
        self._at_places: dict[tuple[int, str], Assertion] = {}

    def form(self, said: Assertion) -> int:
        """The number of a statement's content, whatever its id; the caller asks once for every content."""
        self._forms.append(said)
        return len(self._forms) - 1

    def find(self, work: Work | None) -> int:
        """The number of everything that the rules find in a work's own facts for this question."""
        if work is None:
            key: Any = None
        else:
            edition = work.edition.id if work.edition is not None else None
            key = (self._judged(work), work.identity, work.relation, work.kind, edition)
        number = self._finds.get(key)
        if number is None:
            number = self._finds[key] = len(self._works)
            self._works.append(work)
        return number

    def _judged(self, work: Work) -> Any:
        """What axis 1 says of the work before anybody's statements are heard."""
        case = Case(self.question, work, self.copy, self.generated_by, ())
        state = judge_copyright(case)
        found = state.reason
        if found is None:
            return None
        copied = judge_copy_of_public_domain(case, state) if state.is_public_domain else ()
        said = (found, *copied)
        return state.free_since, tuple((row.code, row.sentence, row.authority, row.verified) for row in said)

    def pattern(self, find: int, forms: tuple[int, ...]) -> Pattern:
        """The answer's pattern for a find and forms in the order of their statements' ids."""
        known = self._patterns.get((find, forms))
        if known is None:
            known = self._patterns[find, forms] = self._decide(find, forms)
        return known

    def _decide(self, find: int, forms: tuple[int, ...]) -> Pattern:
        labels = {f"{place:06d}": place for place in range(len(forms))}
        said = tuple([self._placed(form, label) for form, label in zip(forms, labels, strict=True)])
        return Pattern(decide(Case(self.question, self._works[find], self.copy, self.generated_by, said)), labels)

    def _placed(self, form: int, label: str) -> Assertion:
        """A statement's content with its place for an id."""
        known = self._at_places.get((form, label))
        if known is None:
            known = self._at_places[form, label] = replace(self._forms[form], id=label)
        return known

    def __len__(self) -> int:
        return len(self._patterns) + len(self._forms)


def decide_many(cases: Iterable[Json]) -> Iterator[Answer]:
    """The answers to cases as JSON values, in their order; what `decide(parse_case(case))` says of each.

    Raises CaseError for a malformed case, when its turn comes.
    """
    batches: dict[bytes, _Batch] = {}
    asked: tuple[Any, Any, Any] = (None, None, None)
    batch: _Batch | None = None
    for case in cases:
        get = case.get
        question, copy, generated = get("question"), get("copy"), get("generated_by")
        if batch is None or question is not asked[0] or copy is not asked[1] or generated is not asked[2]:
            asked = (question, copy, generated)
            key = dumps(asked, SPELLING)
            batch = batches.get(key)
            if batch is None:
                first = parse_case(case)
                batch = batches[key] = _Batch(Decider(first.question, first.copy, first.generated_by))
        yield batch.answer(case)


class _Batch:
    """Cases of one question: what was parsed of them, by its bytes."""

    def __init__(self, decider: Decider) -> None:
        self.decider = decider
        self._finds: dict[Any, int] = {}
        self._forms: dict[bytes, int] = {}
        self._patterns: dict[tuple[int, ...], Pattern] = {}

    def answer(self, case: Json) -> Answer:
        """The answer to one case."""
        try:
            if not case.keys() <= CASE_FIELDS:
                raise KeyError
            forms, ids, numbers = self._forms, [], [self.find(case["work"])]
            for row in case["assertions"]:
                rest = row.copy()
                ids.append(rest.pop("id"))
                numbers.append(forms[dumps(rest, SPELLING)])
            if ids and not _are_names(ids):
                raise ValueError
            if len(ids) > 1 and not all(map(lt, ids, ids[1:])):
                pairs = sorted(zip(ids, numbers[1:], strict=True))
                ids = [name for name, _ in pairs]
                numbers[1:] = [number for _, number in pairs]
                if not all(map(lt, ids, ids[1:])):
                    return self._slowly(case)  # an id that occurs twice
            known = tuple(numbers)
            pattern = self._patterns.get(known)
            if pattern is None:
                pattern = self._patterns[known] = self.decider.pattern(numbers[0], known[1:])
            return pattern.about(ids)
        except (KeyError, AttributeError, TypeError, ValueError):
            return self._slowly(case)

    def find(self, work: Any) -> int:
        """The number of what the rules find in these facts. Raises where only a parser can say what they are."""
        key = work_key(work, self.decider.places)
        number = self._finds.get(key)
        if number is None:
            number = self._finds[key] = self.decider.find(read_work(work))
        return number

    def _slowly(self, case: Json) -> Answer:
        """Parse the whole case, which refuses what is wrong with it, and remember what it holds."""
        parsed = parse_case(case)
        if any(row.target is not None for row in parsed.assertions):
            return decide(parsed)  # a denial names the statement it denies by its id
        if len(self.decider) > MANY:
            self.__init__(Decider(self.decider.question, self.decider.copy, self.decider.generated_by))  # type: ignore[misc]
        find = self.decider.find(parsed.work)
        numbers = {row["id"]: self._number(row, parsed) for row in case.get("assertions") or ()}
        ids = sorted(numbers)
        forms = tuple(numbers[name] for name in ids)
        pattern = self._patterns[find, *forms] = self.decider.pattern(find, forms)
        return pattern.about(ids)

    def _number(self, row: Json, parsed: Case) -> int:
        key = dumps({name: value for name, value in row.items() if name != "id"}, SPELLING)
        if key not in self._forms:
            self._forms[key] = self.decider.form(next(said for said in parsed.assertions if said.id == row["id"]))
        return self._forms[key]


def read_work(raw: Any) -> Work | None:
    """A work's facts as `parse_case` reads them, in a tenth of its time. Raises where only a parser can say."""
    if not raw:
        raise KeyError
    get = raw.get
    flags = (get("renewed"), get("restored"))
    if get("edition") is not None or any(flag is not None and type(flag) is not bool for flag in flags):
        raise KeyError
    kind, relation, country = get("kind"), get("relation"), get("country")
    if kind is not None and not _are_names([kind]):
        raise ValueError
    identity = get("identity")
    weak = Identity.WEAK if relation == Relation.QUOTATION else Identity.STRONG
    return Work(
        kind=kind,
        first_published=_partial_date(get("first_published")),
        created=_partial_date(get("created")),
        country=None if country is None else read_territory(country, ""),
        authors=tuple([Author(None, _partial_date(author["died"])) for author in get("authors") or ()]),
        authorship=_AUTHORSHIP[get("authorship")],
        identity=weak if identity is None else _IDENTITY[identity],
        relation=None if relation is None else _RELATION[relation],
        renewed=flags[0],
        restored=flags[1],
    )


_AUTHORSHIP = {None: Authorship.INDIVIDUAL} | {word.value: word for word in Authorship}
_IDENTITY = {word.value: word for word in Identity}
_RELATION = {word.value: word for word in Relation}


def work_key(work: Any, places: frozenset[str]) -> Any:
    """What the rules read of a work's facts in these places. Raises where only a parser can say if they are right."""
    if not work or not work.keys() <= KNOWN:
        raise KeyError
    get = work.get
    authors = get("authors") or ()
    for author in authors:
        if len(author) != 2:
            raise KeyError
    names = [author["name"] for author in authors] + [get("id"), get("title"), *(get("isbn") or ())]
    if not _are_names([name for name in names if name is not None]):
        raise ValueError
    if registrations := get("registrations"):
        _check_registrations(registrations)
    edition, origin = get("edition"), (get("country"), get("renewed"), get("restored"), get("created"))
    read = [author["died"] for author in authors], get("first_published"), origin, edition is not None
    return alike(places, *read), None if edition is None else dumps(edition, SPELLING), *map(get, READ)


def alike(
    places: frozenset[str],
    died: Iterable[str | None],
    published: str | None,
    origin: tuple[str | None, bool | None, bool | None, str | None],
    is_edition: bool = False,
) -> Any:
    """What axis 1 reads of dates and of a work's origin (country, renewed, restored, created) in these places.

    Terms run in calendar years, and only the United States ask where and when a work was made and renewed; there, what
    appeared before 1978 has its term from its publication, whoever wrote it.
    """
    deaths = tuple([None if day is None else _year(day) for day in died])
    year = None if published is None else _year(published)
    if "US" not in places:
        _check_origin(*origin)
        return deaths, year
    country, renewed, restored, created = origin
    if renewed is False or created is not None or restored is not None:
        if not (_is_flag(renewed) and _is_flag(restored)):
            raise ValueError  # 1 is equal to True, and is not the same fact
        return deaths, year, published, country, renewed, restored, created
    _check_origin(*origin)
    if year is not None and year < US_LIFE_TERMS_SINCE and len(places) == 1 and not is_edition:
        return year
    return deaths, year


def _is_flag(value: Any) -> bool:
    return value is None or value is True or value is False


@lru_cache(maxsize=10_000, typed=True)
def _check_origin(country: Any, renewed: Any, restored: Any, created: Any) -> None:
    """Facts that are not read are still to be right."""
    if country is not None:
        read_territory(country, "")
    if not (_is_flag(renewed) and _is_flag(restored)):
        raise ValueError
    _partial_date(created)


@lru_cache(maxsize=50_000)
def _year(value: Any) -> int:
    return read_partial_date(value, "").year


def _are_names(names: list[Any]) -> bool:
    """Whether each is text and none is empty; raises where one is something else, or no UTF-8."""
    "".join(names).encode()
    return all(map(str.strip, names))


def _check_registrations(rows: Iterable[Any]) -> None:
    for row in rows:
        if len(row) != 2 or not _are_names([row["office"]]):
            raise KeyError
        _partial_date(row["date"])


@lru_cache(maxsize=50_000)
def _partial_date(value: Any) -> PartialDate | None:
    return None if value is None else read_partial_date(value, "")
