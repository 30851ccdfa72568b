"""How a work stands: its status for many questions at once, from today's records, by the rules."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from licensing.rules.case import parse_case
from licensing.rules.facts import ReservationSearch
from licensing.rules.terms import Purpose, Use
from licensing.rules.verdict import decide
from licensing.selectors import cases
from registry.models import Organisation, Work

TERRITORIES = ("US", "EU", "GB", "JP", "CN")  # what a page shows unasked
USES = tuple(use.value for use in Use)
# A lawful copy, and a search for reservations that found what is on file: what the registry itself can answer for.
COPY = {"acquisition": "lawful", "reservation_search": ReservationSearch.EVIDENCED.value}


@dataclass(frozen=True)
class Standing:
    """A work's status for one use and territory, and the assertions that decide it, first and last day included."""

    use: str
    territory: str
    status: str
    verdict: str
    code: str  # of the deciding reason
    evidence: tuple[str, ...]
    since: str = ""
    until: str = ""
    asserted_by: tuple[str, ...] = ()  # slugs of organisations
    verification: str = ""  # the least of them


def default_question(on: datetime.date) -> cases.Question:
    """What is asked where nothing else is said: pretraining, commercial, in the United States."""
    return cases.Question(Use.PRETRAINING.value, Purpose.COMMERCIAL.value, "US", on)


def of_works(works: Iterable[Work], question: cases.Question) -> dict[int, Standing]:
    """The standing of every work for one question, by primary key."""
    rows = list(cases.with_facts(Work.objects.filter(pk__in=[work.pk for work in works])))
    about = cases.assertions_about(rows, question.licensee)
    return {row.pk: _standing(question, cases.work_facts(row), about[row.pk]) for row in rows}


def table(
    work: Work,
    *,
    on: datetime.date,
    purpose: str = Purpose.COMMERCIAL.value,
    licensee: Organisation | None = None,
    territories: Sequence[str] = TERRITORIES,
    uses: Sequence[str] = USES,
) -> dict[str, list[Standing]]:
    """One work's standing for every use: {use: [one a territory, in their order]}."""
    prepared = cases.with_facts(Work.objects.filter(pk=work.pk)).get()
    about = cases.assertions_about([prepared], licensee)[prepared.pk]
    facts = cases.work_facts(prepared)
    return {
        use: [_standing(cases.Question(use, purpose, place, on, licensee), facts, about) for place in territories]
        for use in uses
    }


def _standing(question: cases.Question, facts: dict[str, Any], about: list[dict[str, Any]]) -> Standing:
    answer = decide(parse_case(cases.case(question, facts, COPY, about)))
    deciding = next(
        (row for row in answer.reasons if not row.superseded and row.verdict == answer.verdict), answer.reasons[0]
    )
    said = [row for row in about if row["id"] in deciding.evidence]
    ends = [row["valid_to"] for row in said if row["valid_to"]]
    begins = [row["valid_from"] for row in said if row["valid_from"]]
    return Standing(
        question.use,
        question.territory,
        answer.status.value,
        answer.verdict.value,
        deciding.code,
        tuple(deciding.evidence),
        since=max(begins, default=""),
        until=min(ends, default=""),
        asserted_by=tuple(dict.fromkeys(row["asserted_by"].removeprefix("org:") for row in said)),
        verification=min((row["verification"] for row in said), key=VERIFIED.index, default=""),
    )


VERIFIED = ("none", "domain", "document", "identity", "counter-signed")  # least first
