"""Answers to one question about many works, each decided once for all works that are alike.

A statement's content has a number (a form), and so has what axis 1 finds in a work's facts (a find). A find and the
forms of the statements, in the order of their ids, decide an answer; it is kept with places in these forms instead of
ids, which are put back for each work. That is sound because the rules read ids only to sort and to cite them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from licensing.rules.acquisition import judge_copy_of_public_domain
from licensing.rules.case import Assertion, Case, Copy, Generation, Question, Work
from licensing.rules.copyright import judge_copyright
from licensing.rules.coverage import list_disputes
from licensing.rules.reasons import Reason
from licensing.rules.verdict import Answer, decide

_new = object.__new__
_set_answer = vars(Answer)["__dict__"].__set__
_set_reason = vars(Reason)["__dict__"].__set__


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
            known = facts.copy()
            known["evidence"] = (ids[places[0]],) if len(places) == 1 else tuple([ids[place] for place in places])
            reason = _new(Reason)
            _set_reason(reason, known)
            reasons.append(reason)
        known = self._facts.copy()
        known["reasons"] = tuple(reasons)
        made = _new(Answer)
        _set_answer(made, known)
        return made


class Decider:
    """Answers one question about many works. `forms` and `finds` are numbers for what is alike."""

    def __init__(self, question: Question, copy: Copy, generated_by: Generation | None = None) -> None:
        self.question, self.copy, self.generated_by = question, copy, generated_by
        self.places = frozenset({question.territory, copy.copied_in or question.territory})
        self._patterns: dict[tuple[int, tuple[int, ...]], Pattern] = {}
        self._finds: dict[Any, int] = {}
        self._works: list[Work | None] = []
        self._free: set[int] = set()
        self._forms: list[Assertion] = []
        self._at_places: dict[tuple[int, str], Assertion] = {}
        self._disputed: dict[tuple[str | None, tuple[int, ...]], bool] = {}

    def form(self, said: Assertion) -> int:
        """The number of a statement's content, whatever its id; the caller asks once for every content."""
        self._forms.append(said)
        return len(self._forms) - 1

    def find(self, work: Work | None) -> int:
        """The number of everything that the rules find in a work's own facts for this question."""
        judged, is_free = (None, False) if work is None else self._judged(work)
        key = None if work is None else (judged, work.identity, work.relation, work.kind, _edition(work))
        number = self._finds.get(key)
        if number is None:
            number = self._finds[key] = len(self._works)
            self._works.append(work)
            if is_free:
                self._free.add(number)
        return number

    def _judged(self, work: Work) -> tuple[Any, bool]:
        """What axis 1 says of the work before anybody's statements are heard, and whether that frees it."""
        case = Case(self.question, work, self.copy, self.generated_by, ())
        state = judge_copyright(case)
        found = state.reason
        if found is None:
            return None, False
        copied = judge_copy_of_public_domain(case, state) if state.is_public_domain else ()
        said = tuple((row.code, row.sentence, row.authority, row.verified) for row in (found, *copied))
        return (state.free_since, said), state.is_public_domain

    def pattern(self, find: int, forms: tuple[int, ...]) -> Pattern:
        """The answer's pattern for a find and forms in the order of their statements' ids."""
        known = self._patterns.get((find, forms))
        if known is None:
            heard = forms if find not in self._free or self._is_disputed(find, forms) else ()
            known = self._patterns.get((find, heard))
            if known is None:
                known = self._patterns[find, heard] = self._decide(find, heard)
            self._patterns[find, forms] = known
        return known

    def _is_disputed(self, find: int, forms: tuple[int, ...]) -> bool:
        """Whether there is a dispute in these statements: where the law frees a work, nothing else of them is heard."""
        work = self._works[find]
        key = None if work is None else _edition(work), forms
        known = self._disputed.get(key)
        if known is None:
            known = self._disputed[key] = bool(list_disputes(self._case(find, forms, _labels(forms))))
        return known

    def _decide(self, find: int, forms: tuple[int, ...]) -> Pattern:
        labels = _labels(forms)
        return Pattern(decide(self._case(find, forms, labels)), labels)

    def _case(self, find: int, forms: tuple[int, ...], labels: Mapping[str, int]) -> Case:
        said = tuple([self._placed(form, label) for form, label in zip(forms, labels, strict=True)])
        return Case(self.question, self._works[find], self.copy, self.generated_by, said)

    def _placed(self, form: int, label: str) -> Assertion:
        """A statement's content with its place for an id."""
        known = self._at_places.get((form, label))
        if known is None:
            known = self._at_places[form, label] = replace(self._forms[form], id=label)
        return known

    def __len__(self) -> int:
        return len(self._patterns) + len(self._forms) + len(self._works)


def _edition(work: Work) -> str | None:
    return work.edition.id if work.edition is not None else None


def _labels(forms: tuple[int, ...]) -> dict[str, int]:
    return {f"{place:06d}": place for place in range(len(forms))}
