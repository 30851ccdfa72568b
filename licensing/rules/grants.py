"""Grants to the licensee: whom they reach, and every dimension in which one misses the question."""

from licensing.rules.agreement_answers import short_name
from licensing.rules.agreement_reading import NOBODY
from licensing.rules.case import Assertion, Case, Question
from licensing.rules.terms import find_gaps, in_words


def is_for_licensee(case: Case, grant: Assertion) -> bool:
    """Whether the grant is to the licensee or to its group. Grants to others are invisible."""
    licensee = case.question.licensee
    if licensee is None:
        return False
    return grant.licensee == licensee or licensee in grant.affiliates or grant.licensee in case.question.affiliates


def find_grant_gaps(case: Case, grant: Assertion) -> tuple[str, ...]:
    """Every dimension in which a grant misses the question, as clauses; empty where it covers the whole of it."""
    question = case.question
    gaps = list(find_gaps(grant.scope, question.asked))
    if grant.scope.uses is None:
        gaps.append("it names no use")
    edition = case.work.edition.id if case.work is not None and case.work.edition is not None else None
    if grant.editions and edition not in grant.editions:
        which = f"edition {edition} is" if edition else "the edition is not stated and may not be"
        gaps.append(f"{which} among the editions it names" if not edition else f"{which} not among those it names")
    gaps += [
        *_miss_kind(question, grant),
        *_miss_affiliate(question, grant),
        *_miss_name("model", question.model, grant.models),
        *_miss_name("product", question.product, grant.products),
    ]
    return tuple(gaps)


def _miss_kind(question: Question, grant: Assertion) -> list[str]:
    if not grant.licensee_kinds or question.licensee_kind in grant.licensee_kinds:
        return []
    kinds = ", ".join(sorted(map(in_words, grant.licensee_kinds)))
    return [f"its kinds of licensee ({kinds}) do not include {in_words(question.licensee_kind)}"]


def _miss_affiliate(question: Question, grant: Assertion) -> list[str]:
    """A grant that names affiliates reaches no other one; one that names none reaches the licensee's whole group."""
    if not grant.affiliates or question.licensee in (grant.licensee, *grant.affiliates):
        return []
    named = ", ".join(sorted(name for name in grant.affiliates if short_name(name) != NOBODY))
    if not named:
        return [f"it is given to {grant.licensee} alone, without its affiliates"]
    return [f"{question.licensee} is not among the affiliates it names ({named})"]


def _miss_name(what: str, asked: str | None, named: tuple[str, ...]) -> list[str]:
    if not named or asked in named:
        return []
    which = f"{what} {asked} is not" if asked else f"the {what} is not stated and may not be"
    return [f"{which} among those it names ({', '.join(sorted(named))})"]
