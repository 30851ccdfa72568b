"""Standing offers: published terms that anybody may accept."""

from django.db import transaction

from licensing.models import Offer
from licensing.services import assertions
from licensing.services.assertions import Scope
from registry.actors import Actor
from registry.models import Work


@transaction.atomic
def publish(*, work: Work, scope: Scope, actor: Actor, terms: str = "", address: str = "") -> Offer:
    """Publish an offer. An offer authorises nothing until it is accepted; verdicts name it as the next step."""
    organisation = actor.require_writer()
    assertions.hold_work(work)
    offer = Offer.objects.create(
        work=work, asserted_by=organisation, terms=terms, address=address, **assertions.columns(scope, organisation)
    )
    assertions.record("offer", offer, facts={"terms": terms, "address": address}, actor=actor)
    return offer
