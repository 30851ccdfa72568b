"""Does this grant cover that use? Terms held against a question, answered in clauses and in a sentence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from licensing.rules.agreement_facts import Terms, duties_of
from licensing.rules.facts import Question
from licensing.rules.terms import in_words, members, members_of_all


@dataclass(frozen=True)
class Gap:
    """One dimension in which terms miss a question: its name, the clause, and the facts it was made of."""

    dimension: str  # the key of the terms: uses, purposes, territory, valid_from, …
    clause: str
    asked: str = ""
    granted: tuple[str, ...] = ()


def find_gaps(terms: Terms, question: Question, licensee: str | None = None) -> tuple[Gap, ...]:
    """Every dimension in which `terms` do not cover the whole of `question`, in the order of their keys.

    `licensee` is the short name of the organisation that the terms were given to; with it the question's licensee,
    where it is another, is held against the affiliates named.
    """
    found = [
        _word("uses", "use", terms.uses, question.use),
        _word("purposes", "purpose", terms.purposes, question.purpose),
        _territory(terms, question.territory),
        _begins(terms.valid_from, question.on),
        _ends(terms.valid_to, question.on),
        _word("licensee_kinds", "licensee kind", terms.licensee_kinds, question.licensee_kind),
        _affiliate(terms, question, licensee),
        _named("models", "model", terms.models, question.model),
        _named("products", "product", terms.products, question.product),
    ]
    return tuple(gap for gap in found if gap is not None)


def gaps(terms: Terms, question: Question, licensee: str | None = None) -> tuple[str, ...]:
    """`find_gaps` as clauses; empty where the terms cover the question."""
    return tuple(gap.clause for gap in find_gaps(terms, question, licensee))


def explain(terms: Terms, question: Question, licensee: str | None = None) -> str:
    """One sentence: "no: territory US is outside EU; expired 2026-12-31", "yes, on these conditions: attribution"."""
    if missing := gaps(terms, question, licensee):
        return f"no: {'; '.join(missing)}"
    duties = duties_of(terms)
    answer = f"yes, on these conditions: {', '.join(map(in_words, duties))}" if duties else "yes"
    return f"{answer}; expires {terms.valid_to.isoformat()}" if terms.valid_to else answer


def short_name(party: str) -> str:
    """The short name of a party of a case: org:acme → acme."""
    return party.removeprefix("org:")


def _word(dimension: str, one: str, granted: frozenset[str] | None, asked: str) -> Gap | None:
    if granted is None or asked in granted:
        return None
    clause = f"{one} {in_words(asked)} is not among {_list(map(in_words, granted))}"
    return Gap(dimension, clause, asked, tuple(sorted(granted)))


def _named(dimension: str, one: str, granted: frozenset[str] | None, asked: str | None) -> Gap | None:
    """Of what the question does not name, nothing narrower than everything is known to be covered."""
    if granted is None or asked in granted:
        return None
    which = f"{one} {asked} is" if asked else f"the {one} is not stated and may not be"
    return Gap(
        dimension,
        f"{which} not among {_list(granted)}" if asked else f"{which} among {_list(granted)}",
        asked or "",
        tuple(sorted(granted)),
    )


def _territory(terms: Terms, asked: str) -> Gap | None:
    granted = terms.territory
    missing = members(asked) - members_of_all(granted)
    if granted is None or not missing:
        return None
    if missing == members(asked):
        return Gap("territory", f"territory {asked} is outside {_list(granted)}", asked, granted)
    some = sorted(missing)[:5]
    more = f" and {len(missing) - len(some)} more" if len(missing) > len(some) else ""
    clause = f"territory {asked} is not wholly within {_list(granted)}, which leaves out {_list(some)}{more}"
    return Gap("territory", clause, asked, granted)


def _begins(first: date | None, on: date) -> Gap | None:
    if first is None or first <= on:
        return None
    return Gap("valid_from", f"begins {first.isoformat()}", on.isoformat(), (first.isoformat(),))


def _ends(last: date | None, on: date) -> Gap | None:
    if last is None or on <= last:
        return None
    return Gap("valid_to", f"expires {last.isoformat()}", on.isoformat(), (last.isoformat(),))


def _affiliate(terms: Terms, question: Question, licensee: str | None) -> Gap | None:
    asking = short_name(question.licensee or "")
    if terms.affiliates is None or licensee is None or asking in (short_name(licensee), *terms.affiliates):
        return None
    if terms.affiliates:
        clause = f"affiliate {asking or '(not stated)'} is not among {_list(terms.affiliates)}"
    else:
        clause = f"it is given to {short_name(licensee)} alone"
    return Gap("affiliates", clause, asking, tuple(sorted(terms.affiliates)))


def _list(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))
