"""The rows of a clearance's verdicts, made for many works at once.

They are what `clearances.answer_of` says of each work's case, to the letter (a test holds both together), but what is
the same for many works is read, decided and written out once: the question, a statement that a publisher made about
all its books, and the answer to works that are alike. What differs is put in between: texts, not values, are joined,
in the one spelling that is hashed (`log.canonical`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from licensing.rules import explain
from licensing.rules.batch import Decider, Pattern, read_work, work_key
from licensing.rules.case import Work as WorkFacts
from licensing.rules.case import parse_case
from licensing.rules.policy import Policy
from licensing.rules.terms import Verdict as Answer
from licensing.selectors import bulk_statements, bulk_works, cases
from licensing.services.findings import Close, Found
from registry.models import Edition, Organisation
from registry.models.base import new_public_id

WORKS_PER_BATCH = 10_000
Json = dict[str, Any]


class Row(NamedTuple):
    """One verdict: texts are JSON in the canonical spelling."""

    public_id: str
    work: int
    case: str
    verdict: str
    status: str
    reasons: str
    blocks: bool
    found: Found
    relation: str

    @property
    def leaf(self) -> bytes:
        """What the Merkle root of a clearance's verdicts is made of: as `clearances.leaf` hashes it."""
        blocks = "true" if self.blocks else "false"
        return (
            f'{{"blocks":{blocks},"case":{self.case},"id":"{self.public_id}","reasons":{self.reasons},'
            f'"verdict":"{self.verdict}"}}'
        ).encode()


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as it is stored, for all works that have it; ids of statements go between `parts`."""

    verdict: str
    rank: int
    status: str
    blocks: bool
    parts: tuple[str, ...]
    places: tuple[int, ...]

    def reasons(self, ids: Sequence[str]) -> str:
        """The reasons as JSON, citing these statements."""
        if not self.places:
            return self.parts[0]
        pieces = [self.parts[0]]
        for place, part in zip(self.places, self.parts[1:], strict=True):
            pieces += (ids[place], part)
        return "".join(pieces)


class Writer:
    """Makes the rows of one question."""

    def __init__(self, question: cases.Question, copy: Json, policy: Policy) -> None:
        self.question, self.copy, self.policy = question, copy, policy
        self.licensee: Organisation | None = question.licensee
        parsed = parse_case(self._case({}, []))
        self._decider = Decider(parsed.question, parsed.copy)
        self._finds: dict[bytes, int] = {}
        self._forms: dict[str, int] = {}
        self._said: dict[Pattern, Said] = {}
        self._frame = f'],"copy":{text(copy)},"generated_by":null,"question":{text(question.to_json())},"work":'

    def batches(self, found: Mapping[int, Found]) -> Iterator[Iterator[Row]]:
        """One row a work, in batches by key, within a batch by public id.

        A batch has read what it needs when it is given out: its rows can be written while they are made.
        """
        pks = list(found)
        for start in range(0, len(pks), WORKS_PER_BATCH):
            batch = pks[start : start + WORKS_PER_BATCH]
            said = bulk_statements.of_works(batch, self.licensee)
            editions = _translations([found[pk] for pk in batch])
            yield self._rows(found, bulk_works.facts(batch), said, editions)

    def _rows(
        self,
        found: Mapping[int, Found],
        works: Mapping[int, Json],
        said: bulk_statements.Statements,
        editions: Mapping[int, Edition],
    ) -> Iterator[Row]:
        forms = [self._form(content) for content in said.forms]
        pieces = [_around_id(content) for content in said.forms]
        about = said.about()
        for pk, facts in works.items():
            pairs = about.get(pk, ())
            ids = [pair[0] for pair in pairs]
            numbers = tuple([forms[pair[1]] for pair in pairs])
            answer, known, match = self._judge(facts, found[pk].texts, editions, numbers)
            ordered = sorted(pairs, key=lambda pair: (pieces[pair[1]].kind, pair[0])) if len(pairs) > 1 else pairs
            assertions = ",".join([f"{pieces[form].head}{name}{pieces[form].tail}" for name, form in ordered])
            case = f'{{"assertions":[{assertions}{self._frame}{text(known)}}}'
            reasons = answer.reasons(ids)
            yield Row(
                new_public_id(),
                pk,
                case,
                answer.verdict,
                answer.status,
                reasons,
                answer.blocks,
                found[pk],
                match.relation,
            )

    def _judge(
        self, facts: Json, texts: Sequence[Close], editions: Mapping[int, Edition], numbers: tuple[int, ...]
    ) -> tuple[Said, Json, Close]:
        """The answer about a work. The original may be free where a translation beside it is not: the worse text
        speaks, of equals the closer one."""
        best: tuple[Said, Json, Close] | None = None
        for match in texts:
            edition = editions.get(match.translation) if match.translation is not None else None
            known = cases.as_found(dict(facts) if len(texts) > 1 else facts, edition=edition, relation=match.relation)
            said = self._presented(self._decider.pattern(self._find(known), numbers))
            if best is None or said.rank < best[0].rank:
                best = said, known, match
        assert best is not None
        return best

    def _find(self, facts: Json) -> int:
        key = work_key(facts, self._decider.places)
        number = self._finds.get(key)
        if number is None:
            number = self._finds[key] = self._decider.find(
                read_work(facts) if facts.get("edition") is None else self._parsed_work(facts)
            )
        return number

    def _presented(self, pattern: Pattern) -> Said:
        said = self._said.get(pattern)
        if said is None:
            said = self._said[pattern] = _present(pattern, self.policy)
        return said

    def _form(self, content: Json) -> int:
        key = text(content)
        if key not in self._forms:
            parsed = parse_case(self._case({}, [content | {"id": "a"}]))
            self._forms[key] = self._decider.form(parsed.assertions[0])
        return self._forms[key]

    def _case(self, work: Json, assertions: list[Json]) -> Json:
        facts = work or {"id": "w"}
        return cases.case(self.question, facts, self.copy, assertions)

    def _parsed_work(self, facts: Json) -> WorkFacts:
        work = parse_case(self._case(facts, [])).work
        assert work is not None
        return work


def text(value: Any) -> str:
    """JSON in the canonical spelling: sorted keys, no spaces."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


class Piece(NamedTuple):
    """A statement's JSON before and after its id."""

    kind: str
    head: str
    tail: str


def _around_id(content: Json) -> Piece:
    before = {name: value for name, value in content.items() if name < "id"}
    after = {name: value for name, value in content.items() if name > "id"}
    return Piece(content["kind"], f'{text(before)[:-1]},"id":"', f'",{text(after)[1:]}')


def _present(pattern: Pattern, policy: Policy) -> Said:
    shown = explain.present(pattern.answer, policy)
    parts, places = ["["], []
    for number, (reason, cited) in enumerate(zip(shown["reasons"], pattern.places, strict=True)):
        before = text({name: reason[name] for name in ("authority", "axis", "code")})[:-1]
        after = text({name: value for name, value in reason.items() if name > "evidence"})[1:]
        parts[-1] += f'{"," if number else ""}{before},"evidence":['
        for count, place in enumerate(cited):
            parts[-1] += ',"' if count else '"'
            places.append(place)
            parts.append('"')
        parts[-1] += f"],{after}"
    parts[-1] += "]"
    rank = Answer(shown["verdict"]).rank
    return Said(shown["verdict"], rank, shown["status"], shown["blocks"], tuple(parts), tuple(places))


def _translations(found: Sequence[Found]) -> dict[int, Edition]:
    wanted = {pk for one in found for pk in one.closest if pk is not None}
    return {row.pk: row for row in Edition.objects.filter(pk__in=wanted).select_related("translator")} if wanted else {}
