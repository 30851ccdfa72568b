"""How disputes about works end: a claimant gives way, all sides agree, or an operator records what a court decided.

A decision is a dated record. It ends the claims it sets aside on the day before its own, and leaves every earlier day
contested. It can be withdrawn, after an appeal for example, which brings the dispute back as if nothing was decided.
Answers that depend on the work are looked at again when a decision comes into force, and when it is withdrawn.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from licensing.models.policies import VerdictChange
from licensing.selectors import disputes
from licensing.services import assertions, dependents
from licensing.services.verification import is_operator, require_operator, sha256_faults
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import ClaimDecision, Organisation, RightsClaim, Work
from registry.services import log

Ground = ClaimDecision.Ground


@dataclass(frozen=True)
class Terms:
    """What a decision says. `decided_on` None: today."""

    statement: str
    decided_on: datetime.date | None = None
    source_address: str = ""
    source_sha256: str = ""


@transaction.atomic
def decide(
    *,
    work: Work,
    ground: str,
    terms: Terms,
    upheld: Sequence[RightsClaim],
    set_aside: Sequence[RightsClaim],
    actor: Actor,
) -> ClaimDecision:
    """Record a decision that was made elsewhere, or by the registry: an operator's act. It counts at once."""
    require_operator(actor)
    if ground not in Ground.values:
        raise InvalidInput(f"{ground!r} is not one of {', '.join(Ground.values)}.")
    _check(work, terms, upheld, set_aside, latest=assertions.today())
    decision = _create(work, ground, terms, upheld=upheld, set_aside=set_aside, actor=actor)
    _put_in_force(decision, actor)
    return decision


@transaction.atomic
def concede(*, claim: RightsClaim, statement: str, actor: Actor) -> ClaimDecision:
    """Give way, from today on: the claim that contradicted others is set aside by whoever made it."""
    organisation = actor.require_writer()
    if organisation != claim.asserted_by:
        raise NotAllowed("Only the organisation that made a claim can give it up.")
    dispute = disputes.of_work(claim.work, assertions.today())
    rivals = [
        pair.other if pair.one == claim else pair.one
        for pair in (dispute.rivals if dispute else [])
        if pair.ended is None and claim in (pair.one, pair.other)
    ]
    if not rivals:
        raise Conflict("Nothing stands against this claim, so there is nothing to concede. It can be withdrawn.")
    terms = Terms(statement)
    _check(claim.work, terms, rivals, [claim], latest=assertions.today())
    decision = _create(claim.work, Ground.CONCEDED, terms, upheld=rivals, set_aside=[claim], actor=actor)
    decision.confirmed_by.add(organisation)
    _put_in_force(decision, actor)
    return decision


@transaction.atomic
def propose(
    *, work: Work, terms: Terms, upheld: Sequence[RightsClaim], set_aside: Sequence[RightsClaim], actor: Actor
) -> ClaimDecision:
    """Write down what the claimants agreed. It decides nothing until every one of them has confirmed it."""
    organisation = actor.require_writer()
    _check(work, terms, upheld, set_aside)
    if terms.decided_on is not None and terms.decided_on < assertions.today():
        raise _invalid("/decided_on", "An agreement cannot begin before it is written down here.")
    if organisation.pk not in {claim.asserted_by_id for claim in (*upheld, *set_aside)}:
        raise NotAllowed("Only an organisation whose claim it is about can propose an agreement.")
    if not upheld:
        raise _invalid("/upheld", "An agreement says whose claim stands.")
    decision = _create(work, Ground.AGREEMENT, terms, upheld=upheld, set_aside=set_aside, actor=actor)
    decision.confirmed_by.add(organisation)
    log.stage("decision.proposed", subject=f"decision:{decision.public_id}", facts=logged_facts(decision), actor=actor)
    return decision


@transaction.atomic
def confirm(*, decision: ClaimDecision, actor: Actor) -> ClaimDecision:
    """Agree to what another side wrote down; with the last confirmation it counts, from the day it names."""
    organisation = actor.require_writer()
    decision = _locked(decision)
    _require_waiting(decision)
    waiting = waits_for(decision)
    if organisation not in waiting:
        raise NotAllowed("This agreement does not wait for your organisation.")
    faults = _stale(decision)
    if faults:
        raise Conflict(faults)
    decision.confirmed_by.add(organisation)
    facts: dict[str, object] = {"organisation": organisation.slug}
    log.stage("decision.confirmed", subject=f"decision:{decision.public_id}", facts=facts, actor=actor)
    if len(waiting) == 1:
        _put_in_force(decision, actor)
    return decision


@transaction.atomic
def withdraw(*, decision: ClaimDecision, reason: str, actor: Actor) -> ClaimDecision:
    """Take a decision back, which restores the dispute. In force: an operator's act. Proposed: any of its sides."""
    decision = _locked(decision)
    if decision.withdrawn_at is not None:
        raise Conflict("This decision was withdrawn before.")
    if decision.in_force_at is not None:
        require_operator(actor)
    elif not is_operator(actor) and actor.require_writer() not in sides(decision):
        raise NotAllowed("Only a side of this agreement can refuse it.")
    if not reason.strip():
        raise _invalid("/reason", "Say why.")
    ClaimDecision.objects.filter(pk=decision.pk).update(withdrawn_at=Now(), withdrawal=reason.strip())
    decision.refresh_from_db()
    facts: dict[str, object] = {"reason": decision.withdrawal, "was_in_force": decision.in_force_at is not None}
    log.stage("decision.withdrawn", subject=f"decision:{decision.public_id}", facts=facts, actor=actor)
    if decision.in_force_at is not None:
        dependents.after_statements([decision.work_id], VerdictChange.Cause.DECIDED)
    return decision


def sides(decision: ClaimDecision) -> set[Organisation]:
    """The organisations whose claims a decision is about."""
    claims = [*decision.upheld.all(), *decision.set_aside.all()]
    return {claim.asserted_by for claim in claims}


def waits_for(decision: ClaimDecision) -> set[Organisation]:
    """The sides of an agreement that have not confirmed it yet."""
    if decision.in_force_at is not None or decision.withdrawn_at is not None:
        return set()
    return sides(decision) - set(decision.confirmed_by.all())


def logged_facts(decision: ClaimDecision) -> dict[str, object]:
    """A decision as the log records it."""
    return {
        "work": decision.work.public_id,
        "ground": decision.ground,
        "decided_on": decision.decided_on.isoformat(),
        "statement": decision.statement,
        "source_address": decision.source_address,
        "source_sha256": decision.source_sha256,
        "upheld": sorted(claim.public_id for claim in decision.upheld.all()),
        "set_aside": sorted(claim.public_id for claim in decision.set_aside.all()),
        "confirmed_by": sorted(side.slug for side in decision.confirmed_by.all()),
    }


def _create(
    work: Work,
    ground: str,
    terms: Terms,
    *,
    upheld: Sequence[RightsClaim],
    set_aside: Sequence[RightsClaim],
    actor: Actor,
) -> ClaimDecision:
    decision = ClaimDecision.objects.create(
        work=work,
        ground=ground,
        decided_on=terms.decided_on or assertions.today(),
        statement=terms.statement.strip(),
        source_address=terms.source_address,
        source_sha256=terms.source_sha256,
        decided_by=actor.name,
        proposed_by=actor.organisation if ground in (Ground.AGREEMENT, Ground.CONCEDED) else None,
    )
    decision.upheld.set(upheld)
    decision.set_aside.set(set_aside)
    return decision


def _put_in_force(decision: ClaimDecision, actor: Actor) -> None:
    ClaimDecision.objects.filter(pk=decision.pk).update(in_force_at=Now())
    decision.refresh_from_db()
    facts = logged_facts(decision)
    log.stage(
        "decision.recorded",
        subject=f"decision:{decision.public_id}",
        facts=facts,
        actor=actor,
        organisation=actor.organisation or decision.work.registered_by,
    )
    dependents.after_statements([decision.work_id], VerdictChange.Cause.DECIDED)


def _check(
    work: Work,
    terms: Terms,
    upheld: Sequence[RightsClaim],
    set_aside: Sequence[RightsClaim],
    *,
    latest: datetime.date | None = None,
) -> None:
    """Raise InvalidInput with every fault of a decision about this work."""
    errors = sha256_faults("/source_sha256", terms.source_sha256)
    if not terms.statement.strip():
        errors.append(_fault("/statement", "Say in a sentence what was decided."))
    if latest and terms.decided_on and terms.decided_on > latest:
        errors.append(_fault("/decided_on", "What was decided lies in the past; this day has not come yet."))
    if not set_aside:
        errors.append(_fault("/set_aside", "Name at least one claim that gives way."))
    if {claim.pk for claim in upheld} & {claim.pk for claim in set_aside}:
        errors.append(_fault("/set_aside", "A claim cannot both stand and give way."))
    for name, claims in (("upheld", upheld), ("set_aside", set_aside)):
        for claim in claims:
            if claim.work_id != work.pk:
                errors.append(_fault(f"/{name}", f"Claim {claim.public_id} is about another work."))
            elif claim.withdrawn_at is not None:
                errors.append(_fault(f"/{name}", f"Claim {claim.public_id} was withdrawn."))
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)


def _stale(decision: ClaimDecision) -> str:
    """Why a proposal can no longer be confirmed; empty when it can."""
    gone = [claim for claim in (*decision.upheld.all(), *decision.set_aside.all()) if claim.withdrawn_at is not None]
    return f"Claim {gone[0].public_id} has been withdrawn since this was proposed." if gone else ""


def _locked(decision: ClaimDecision) -> ClaimDecision:
    rows: QuerySet[ClaimDecision] = ClaimDecision.objects.select_for_update(no_key=True)
    return rows.get(pk=decision.pk)


def _require_waiting(decision: ClaimDecision) -> None:
    if decision.withdrawn_at is not None:
        raise Conflict("This proposal was withdrawn.")
    if decision.in_force_at is not None:
        raise Conflict("All sides have confirmed this already.")


def _fault(pointer: str, cause: str) -> dict[str, str]:
    return {"pointer": pointer, "cause": cause}


def _invalid(pointer: str, cause: str) -> InvalidInput:
    return InvalidInput(cause, errors=[_fault(pointer, cause)])
