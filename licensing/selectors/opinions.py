"""What an organisation's own lawyer answered, as its verdicts cite it. No opinion changes a verdict."""

import datetime
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from licensing.models import LegalQuestion, Opinion
from registry.models import Organisation


@dataclass(frozen=True)
class Cited:
    """An open question that a reason rests on, with the organisation's opinion of that day, if it has one."""

    question: LegalQuestion
    opinion: Opinion | None


def in_force(organisation: Organisation | None, on: datetime.date) -> dict[int, Opinion]:
    """Question pk → the opinion that was in force on that day: the latest that had begun."""
    if organisation is None:
        return {}
    rows = Opinion.objects.filter(organisation=organisation, valid_from__lte=on).order_by("valid_from", "id")
    return {row.question_id: row for row in rows}


def all_cited(organisation: Organisation | None, on: datetime.date) -> dict[str, list[Cited]]:
    """Every reason code that rests on an open question → those questions with the organisation's own opinion."""
    answers = in_force(organisation, on)
    found: dict[str, list[Cited]] = {}
    for question in LegalQuestion.objects.order_by("key"):
        for code in question.reason_codes:
            found.setdefault(code, []).append(Cited(question, answers.get(question.pk)))
    return found


def cited(organisation: Organisation | None, codes: Iterable[str], on: datetime.date) -> dict[str, list[Cited]]:
    """Reason code → the open questions that it rests on, each with the organisation's own opinion."""
    found = all_cited(organisation, on)
    return {code: found[code] for code in dict.fromkeys(codes) if code in found}


def digest(opinion: Opinion) -> str:
    """SHA-256 of an opinion's answer, signature and reasons: what the log holds of it."""
    said = f"{opinion.answer}\n{opinion.signed_as}\n{opinion.reasoning}"
    return hashlib.sha256(said.encode()).hexdigest()
