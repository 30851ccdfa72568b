"""Opinions: what an organisation's own lawyer answers to an open question. Private, dated, superseded, never edited."""

import datetime

from django.db import transaction

from licensing.models import LegalQuestion, Opinion, OutputChange
from licensing.selectors import opinions as selectors
from licensing.services import output_dependents
from licensing.services.assertions import today
from registry.actors import Actor
from registry.errors import InvalidInput, NotAllowed
from registry.models import Membership, Organisation
from registry.services import log

MAX_REASONING = 20_000
ANSWERERS = (Membership.Role.OWNER, Membership.Role.LAWYER)


def may_answer(actor: Actor) -> bool:
    """Whether this actor may answer open questions for their organisation: its lawyers and its owners."""
    return actor.organisation is not None and actor.role in ANSWERERS


@transaction.atomic
def record(
    question: LegalQuestion,
    *,
    answer: str,
    reasoning: str,
    signed_as: str,
    actor: Actor,
    valid_from: datetime.date | None = None,
) -> Opinion:
    """Record the organisation's answer; it supersedes the one before it from `valid_from` (today) on.

    The log holds that there is an opinion, since when and the hash of its reasoning, not what it says.
    Raises NotAllowed, or InvalidInput with every fault.
    """
    organisation = actor.organisation
    if organisation is None or not may_answer(actor):
        raise NotAllowed("You need the role of lawyer or owner in your organisation to answer an open question.")
    Organisation.objects.select_for_update().get(pk=organisation.pk)  # two answers at once follow each other
    day = valid_from or today()
    latest = Opinion.objects.filter(organisation=organisation, question=question, superseded_by=None).first()
    faults = _faults(answer, reasoning, signed_as)
    if day > today():  # a wrong year would keep every later opinion from beginning before it
        faults.append({"pointer": "/valid_from", "cause": "This day is still to come."})
    elif latest is not None and day < latest.valid_from:
        cause = f"The opinion before it holds from {latest.valid_from}: this one cannot begin earlier."
        faults.append({"pointer": "/valid_from", "cause": cause})
    if faults:
        raise InvalidInput(faults[0]["cause"], errors=faults)
    row = Opinion.objects.create(
        organisation=organisation,
        question=question,
        answer=answer,
        reasoning=reasoning.strip(),
        signed_as=signed_as.strip(),
        valid_from=day,
        given_by=actor.user,
        supersedes=latest,
    )
    facts: dict[str, object] = {
        "question": question.key,
        "opinion": row.public_id,
        "valid_from": day.isoformat(),
        "supersedes": latest.public_id if latest else None,
        "opinion_sha256": selectors.digest(row),
    }
    row.entry = log.stage("opinion.given", subject=f"opinion:{row.public_id}", facts=facts, actor=actor)
    row.save(update_fields=["entry"])
    output_dependents.after(OutputChange.Cause.OPINION, [question], organisation)
    return row


def _faults(answer: str, reasoning: str, signed_as: str) -> list[dict[str, str]]:
    faults = []
    if answer not in Opinion.Answer.values:
        faults.append({"pointer": "/answer", "cause": f"{answer!r} is not one of {', '.join(Opinion.Answer.values)}."})
    if not 1 <= len(reasoning.strip()) <= MAX_REASONING:
        faults.append({"pointer": "/reasoning", "cause": f"Give your reasons, in at most {MAX_REASONING} characters."})
    if not 1 <= len(signed_as.strip()) <= 200:
        faults.append({"pointer": "/signed_as", "cause": "Say who answers for it, by name and office."})
    return faults
