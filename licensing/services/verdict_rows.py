"""The rows of a clearance's verdicts, made for many works at once.

They are what `clearances.answer_of` says of each work's case, to the letter (a test holds both together), but what is
the same for many works is read, decided and written out once: the question, a statement that a publisher made about
all its books, and the answer to works that are alike. What differs is put in between: texts, not values, are joined,
in the one spelling that is hashed (`log.canonical`).
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from licensing.rules.alike import PEOPLE, alike, years_of
from licensing.rules.case import parse_assertion, parse_case, parse_work
from licensing.rules.fields import Fields
from licensing.rules.patterns import Decider, Pattern
from licensing.rules.policy import Policy
from licensing.selectors import bulk_statements, bulk_works, cases
from licensing.services.findings import Close, Found
from licensing.services.verdict_texts import Said, Template, case_of, present, text
from registry import ahead
from registry.models import Edition, Organisation
from registry.models.base import new_public_ids

WORKS_PER_BATCH = 10_000
Json = dict[str, Any]


class Row(NamedTuple):
    """One verdict: texts are JSON in the canonical spelling."""

    public_id: str
    work: int
    case: str
    said: Said
    reasons: str
    found: Found
    relation: str

    @property
    def leaf(self) -> bytes:
        """What the Merkle root of a clearance's verdicts is made of: as `clearances.leaf` hashes it."""
        said = self.said
        return (
            f'{said.leaf_head}{self.case},"id":"{self.public_id}","reasons":{self.reasons}{said.leaf_tail}'
        ).encode()


class Writer:
    """Makes the rows of one question."""

    def __init__(self, question: cases.Question, copy: Json, policy: Policy, generated_by: Json | None = None) -> None:
        self.question, self.copy, self.policy, self.generated_by = question, copy, policy, generated_by
        self.licensee: Organisation | None = question.licensee
        parsed = parse_case(self._case({}, []))
        self._decider = Decider(parsed.question, parsed.copy, parsed.generated_by)
        self._finds: dict[Any, int] = {}
        self._forms: dict[str, int] = {}
        self._said: dict[tuple[int, tuple[int, ...]], Said] = {}
        self._shown: dict[Pattern, Said] = {}
        self._cases: dict[tuple[int, ...], Template] = {}
        made = text(generated_by)
        self._frame = f'],"copy":{text(copy)},"generated_by":{made},"question":{text(question.to_json())},"work":'

    def batches(self, found: Mapping[int, Found]) -> Generator[Iterator[Row], None, None]:
        """One row a work, in batches by key, within a batch by public id.

        A batch has read what it needs when it is given out, and the next one is read while its rows are made and
        written (`ahead.in_turn`).
        """
        reads = [partial(self._read, part, found) for part in _parts(list(found))]
        for works, said, editions in ahead.in_turn(reads):
            yield self._rows(found, works, said, editions)

    def _read(
        self, pks: Sequence[int], found: Mapping[int, Found]
    ) -> tuple[list[bulk_works.Known], bulk_statements.Statements, dict[int, Edition]]:
        said = bulk_statements.of_works(pks, self.licensee)
        return list(bulk_works.read(pks)), said, _translations([found[pk] for pk in pks])

    def _rows(
        self,
        found: Mapping[int, Found],
        works: Sequence[bulk_works.Known],
        said: bulk_statements.Statements,
        editions: Mapping[int, Edition],
    ) -> Iterator[Row]:
        forms = [self._form(content) for content in said.forms]
        about = said.about()
        for work, public_id in zip(works, new_public_ids(len(works)), strict=True):
            pairs = about.get(work.pk, ())
            ids = [name for name, _ in pairs]
            numbers = tuple([forms[form] for _, form in pairs])
            answer, known, relation = self._judge(work, found[work.pk].texts, editions, numbers)
            template = self._cases.get(numbers)
            if template is None:
                template = self._cases[numbers] = case_of([said.forms[form] for _, form in pairs], self._frame)
            case = f"{template.around(ids)}{text(known)}}}"
            yield Row(public_id, work.pk, case, answer, answer.reasons.around(ids), found[work.pk], relation)

    def _judge(
        self, work: bulk_works.Known, texts: Sequence[Close], editions: Mapping[int, Edition], numbers: tuple[int, ...]
    ) -> tuple[Said, Json, str]:
        """The answer about a work, its facts, and what was found of it. The original may be free where a translation
        beside it is not: the worse text speaks, of equals the closer one."""
        best: tuple[Said, Json, str] | None = None
        for match in texts:
            edition = editions.get(match.translation) if match.translation is not None else None
            known = cases.as_found(work.facts(), edition=edition, relation=match.relation)
            find = self._find(known) if edition is not None else self._find_of(work, known)
            said = self._answer(find, numbers)
            if best is None or said.rank < best[0].rank:
                best = said, known, match.relation
        assert best is not None
        return best

    def _find_of(self, work: bulk_works.Known, facts: Json) -> int:
        """The number of what the rules find in a work's own facts, by the columns that they were made of."""
        _, kind, authorship, published, country, renewed = work.columns
        origin = country or None, renewed, None, None
        died = years_of([day for _, day in work.authors])
        read = alike(self._decider.places, died, published or None, origin, authorship in PEOPLE)
        key = read, kind, authorship, facts.get("relation")
        number = self._finds.get(key)
        return self._find(facts, key) if number is None else number

    def _find(self, facts: Json, key: Any = None) -> int:
        """The same of facts, which are parsed; they are remembered under the key."""
        key = text(facts) if key is None else key
        number = self._finds.get(key)
        if number is None:
            number = self._finds[key] = self._decider.find(parse_work(Fields(facts, "/work")))
        return number

    def _answer(self, find: int, numbers: tuple[int, ...]) -> Said:
        said = self._said.get((find, numbers))
        if said is None:
            pattern = self._decider.pattern(find, numbers)
            said = self._shown.get(pattern)
            if said is None:
                said = self._shown[pattern] = present(pattern, self.policy)
            self._said[find, numbers] = said
        return said

    def _form(self, content: Json) -> int:
        key = text(content)
        if key not in self._forms:
            self._forms[key] = self._decider.form(parse_assertion(Fields(content | {"id": "a"}, "")))
        return self._forms[key]

    def _case(self, work: Json, assertions: list[Json]) -> Json:
        facts = work or {"id": "w"}
        return cases.case(self.question, facts, self.copy, assertions, self.generated_by)


def _parts(pks: Sequence[int]) -> Iterator[Sequence[int]]:
    """The keys in batches, the first of them small: nothing can be done while it is read."""
    start, size = 0, max(1, WORKS_PER_BATCH // 10)
    while start < len(pks):
        yield pks[start : start + size]
        start, size = start + size, min(2 * size, WORKS_PER_BATCH)


def _translations(found: Sequence[Found]) -> dict[int, Edition]:
    wanted = {pk for one in found for pk in one.closest if pk is not None}
    return {row.pk: row for row in Edition.objects.filter(pk__in=wanted).select_related("translator")} if wanted else {}
