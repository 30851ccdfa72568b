"""Fetch and authorise for what publishers' machines say, and where works stand on the web."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

import registry.access
from licensing.models import Observation, WorkAddress
from registry.actors import Actor
from registry.models import Work


def observations(actor: Actor) -> QuerySet[Observation]:
    """What was read of publishers' machines: by the registry, by who speaks for the work that stands there, by oneself.

    What a firm handed in of somebody else's site is its own evidence, and nobody else's business.
    """
    public = registry.access.standing()
    standing = WorkAddress.objects.filter(withdrawn_at__isnull=True, work__in=Work.objects.filter(public))
    speaks = standing.filter(host=OuterRef("host"), stated_by=OuterRef("organisation"))
    own = Q(organisation=actor.organisation) if actor.organisation else Q(pk__in=[])
    of_public_work = Q(work__in=Work.objects.filter(public), work__registered_by=F("organisation"))
    known = Q(origin=Observation.Origin.FETCH) | Exists(speaks) | of_public_work
    return (
        Observation.objects.filter(known | own).select_related("organisation", "entry", "job", "work").defer("content")
    )


def observation(actor: Actor, public_id: str) -> Observation:
    """One observation, or NotFound."""
    return registry.access.one(observations(actor), "observation", public_id=public_id)


def work_addresses(actor: Actor) -> QuerySet[WorkAddress]:
    """Where works stand on the web, for the works that this actor may see."""
    rows = WorkAddress.objects.filter(work__in=registry.access.works(actor), withdrawn_at__isnull=True)
    return rows.select_related("work", "stated_by")


def own_work_address(actor: Actor, public_id: str) -> WorkAddress:
    """One address that the actor's organisation stated, or NotFound."""
    own = work_addresses(actor).filter(stated_by=actor.organisation)
    return registry.access.one(own, "address of your organisation", public_id=public_id)
