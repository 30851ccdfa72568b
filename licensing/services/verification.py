"""How far claims and statements are verified: by operators with evidence, by the other side's counter-signature."""

import json

from django.db import transaction
from django.db.models.functions import Now

from licensing.models import Grant, Offer, OpenLicence, Preference, Reservation, VerdictChange
from licensing.models.assertions import Assertion
from licensing.rules import terms
from licensing.services import assertions, dependents, resting_grants
from licensing.services.assertions import Scope, Statement
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Capacity, CounterSignature, Entry, RightsClaim
from registry.services import log

STATEMENTS: dict[str, type[Assertion]] = {
    "grant": Grant,
    "offer": Offer,
    "open_licence": OpenLicence,
    "preference": Preference,
    "reservation": Reservation,
}
KINDS: dict[str, type[Assertion] | type[RightsClaim]] = {"claim": RightsClaim, **STATEMENTS}
SHA256_LETTERS = 64


def require_operator(actor: Actor) -> None:
    """Raise NotAllowed for everybody but the registry's operators and the system itself."""
    if not is_operator(actor):
        raise NotAllowed("Only an operator of the registry can do this.")


def is_operator(actor: Actor) -> bool:
    """Whether this is a person of the registry's staff or a part of the system; who did not sign in is neither."""
    return actor.user.is_staff if actor.user is not None else actor.name.startswith("system:")


def sha256_faults(pointer: str, sha256: str) -> list[dict[str, str]]:
    """What is wrong with a hash that somebody typed; nothing where none was."""
    if not sha256 or (len(sha256) == SHA256_LETTERS and not set(sha256) - set("0123456789abcdef")):
        return []
    return [{"pointer": pointer, "cause": "A SHA-256 is 64 hexadecimal digits in lower case."}]


@transaction.atomic
def verify(
    row: Statement, *, kind: str, verification: str, evidence: str, actor: Actor, evidence_sha256: str = ""
) -> None:
    """Record how far the registry verified a claim or statement, and by what. An operator's act, never the speaker's.

    The statement stays as it was made; verdicts decided before keep the level they were decided with. Grants that rest
    on a claim follow it, and answers that rest on either are looked at again.
    """
    require_operator(actor)
    if verification not in set(terms.Verification):
        raise InvalidInput(f"{verification!r} is not one of {', '.join(terms.Verification)}.")
    if errors := sha256_faults("/evidence_sha256", evidence_sha256):
        raise InvalidInput(errors[0]["cause"], errors=errors)
    if not evidence.strip():
        raise InvalidInput("Say by what the statement was verified.")
    _raise_to(row, kind, verification, {"evidence": evidence, "evidence_sha256": evidence_sha256}, actor)


def _raise_to(row: Statement, kind: str, verification: str, facts: dict[str, object], actor: Actor) -> None:
    before = row.verification
    row.verification = verification
    row.save(update_fields=["verification"])
    facts = {"before": before, "verification": verification} | facts
    if isinstance(row, RightsClaim):
        facts |= resting_grants.follow(row.asserted_by, [row.work_id]).facts()
    subject = f"{kind}:{row.public_id}"
    log.stage(f"{kind}.verified", subject=subject, facts=facts, actor=actor, organisation=row.asserted_by)
    if before != verification:
        dependents.after_statements([row.work_id], VerdictChange.Cause.VERIFIED)


@transaction.atomic
def counter_sign(claim: RightsClaim, *, capacity: str, statement: str, actor: Actor) -> CounterSignature:
    """Confirm another organisation's claim, as the other side of the contract it rests on.

    The claim counts as counter-signed where the signer has standing of their own: a claim to the same work as its
    author or owner, or the holder that the claim names. Raises Conflict for one's own or a withdrawn claim, NotAllowed
    for somebody without standing.
    """
    organisation = actor.require_writer()
    if organisation == claim.asserted_by:
        raise Conflict("A claim is confirmed by the other side, not by whoever made it.")
    if claim.withdrawn_at is not None:
        raise Conflict("This claim was withdrawn.")
    if capacity not in Capacity.values:
        cause = f"{capacity!r} is not one of {', '.join(Capacity.values)}."
        raise InvalidInput(cause, errors=[{"pointer": "/capacity", "cause": cause}])
    if not may_counter_sign(claim, actor):
        raise NotAllowed(
            "Confirming takes standing: be the holder that the claim names, or state your own authority as author or"
            " owner of this work, and prove your domain."
        )
    if claim.counter_signatures.filter(organisation=organisation, withdrawn_at__isnull=True).exists():
        raise Conflict("Your organisation has confirmed this claim already.")
    signature = CounterSignature.objects.create(
        claim=claim, organisation=organisation, capacity=capacity, statement=statement.strip()
    )
    facts: dict[str, object] = {
        "counter_signature": signature.public_id,
        "by": organisation.slug,
        "capacity": capacity,
        "statement": signature.statement,
    }
    _raise_to(claim, "claim", terms.Verification.COUNTER_SIGNED, facts, actor)
    return signature


def may_counter_sign(claim: RightsClaim, actor: Actor) -> bool:
    """Whether the actor's organisation is known, and is the holder named or speaks for the work at first hand.

    Known means that a domain of its own, or more, was verified: otherwise two accounts of one person could confirm
    each other without anybody having been looked at.
    """
    organisation = actor.organisation
    if organisation is None or organisation == claim.asserted_by:
        return False
    if claim.holder.organisation_id == organisation.pk and assertions.has_proved_domain(organisation):
        return True
    first_hand = RightsClaim.objects.filter(
        work=claim.work_id,
        asserted_by=organisation,
        capacity__in=[Capacity.AUTHOR, Capacity.OWNER],
        withdrawn_at__isnull=True,
    )
    return first_hand.exclude(verification=terms.Verification.NONE).exists()


@transaction.atomic
def withdraw_counter_signature(signature: CounterSignature, *, reason: str, actor: Actor) -> None:
    """Take a confirmation back; after the last one the claim is verified as far as it was without."""
    if actor.require_writer() != signature.organisation:
        raise NotAllowed("Only the organisation that confirmed a claim can take that back.")
    rows = CounterSignature.objects.filter(pk=signature.pk, withdrawn_at__isnull=True)
    if not rows.update(withdrawn_at=Now()):
        raise Conflict("This confirmation was taken back before.")
    claim = signature.claim
    facts: dict[str, object] = {"counter_signature": signature.public_id, "reason": reason}
    subject = f"claim:{claim.public_id}"
    log.stage("claim.counter_signature_withdrawn", subject=subject, facts=facts, actor=actor)
    if claim.counter_signatures.filter(withdrawn_at__isnull=True).exists():
        return
    if claim.verification == terms.Verification.COUNTER_SIGNED:
        _raise_to(claim, "claim", _verified_otherwise(claim), facts, actor)


def _verified_otherwise(claim: RightsClaim) -> str:
    """How far a claim is verified without counter-signatures: as the registry found last, or by a domain.

    What was found for many claims at once has an entry of its own; the level that it gave is the one that the first
    counter-signature came upon.
    """
    entries = Entry.objects.filter(subject=f"claim:{claim.public_id}", kind="claim.verified").order_by("-id")
    for entry in entries:
        facts = json.loads(bytes(entry.leaf))["facts"]
        if "evidence" in facts:
            return str(facts["verification"])
        if facts["before"] not in {terms.Verification.COUNTER_SIGNED, *assertions.UNPROVED}:
            return str(facts["before"])
    return assertions.first_verification(Scope(capacity=claim.capacity), claim.asserted_by)
