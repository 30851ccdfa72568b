"""A rightsholder confirms that it can grant, and says what its contracts say about AI rights.

A publisher's or agent's claim that is silent on AI rights lets it negotiate, but its grants would not be established
(AUTH_UNVERIFIED). So the confirmation asks, and what it says is stated of every work of the negotiation at once.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from licensing.models import Negotiation
from licensing.selectors.granting import FIRST_HAND
from licensing.services import assertions, ownership
from registry.actors import Actor
from registry.errors import InvalidInput
from registry.models import RightsClaim, Work

AiRights = RightsClaim.AiRights
ANSWERS = (AiRights.GRANTED, AiRights.SILENT)


def silent_claims(negotiation: Negotiation) -> QuerySet[RightsClaim]:
    """The holder's claims to the works that rely on a contract and do not say whose the AI rights are."""
    works = negotiation.requested_works.values("work")
    claims = RightsClaim.objects.filter(asserted_by=negotiation.holder, work__in=works, withdrawn_at__isnull=True)
    granted = claims.filter(ai_rights=AiRights.GRANTED).values("work")
    return claims.filter(ai_rights=AiRights.SILENT).exclude(capacity__in=FIRST_HAND).exclude(work__in=granted)


def state_rights(held: Negotiation, said: Mapping[str, Any], actor: Actor) -> int:
    """Claim the works anew where the holder says that its contracts grant it the AI rights; returns how many.

    A claim that was verified stays as it is; the new one beside it waits to be verified itself.
    """
    answer = said.get("ai_rights") or AiRights.SILENT
    if answer not in ANSWERS:
        cause = f"Say {' or '.join(ANSWERS)}: what the contracts say about AI rights."
        raise InvalidInput(cause, errors=[{"pointer": "/data/ai_rights", "cause": cause}])
    if answer == AiRights.SILENT:
        return 0
    groups: dict[tuple[str, bool], list[Work]] = defaultdict(list)
    for claim in silent_claims(held).select_related("work").order_by("pk"):
        groups[claim.capacity, claim.exclusive].append(claim.work)
    for (capacity, exclusive), works in groups.items():
        ownership.claim_many(
            works=works,
            capacity=capacity,
            ai_rights=answer,
            observed_at=assertions.today(),
            evidence=f"Confirmed in negotiation {held.public_id}",
            exclusive=exclusive,
            actor=actor,
        )
    return sum(map(len, groups.values()))
