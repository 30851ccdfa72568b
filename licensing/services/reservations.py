"""Reservations: the statement that says no."""

from django.db import transaction

from licensing.models import Reservation
from licensing.services import assertions
from licensing.services.assertions import Scope
from registry.actors import Actor
from registry.models import Work


@transaction.atomic
def record(*, work: Work, scope: Scope, machine_readable: bool, actor: Actor) -> Reservation:
    """Record that rights in the work are reserved. A sentence is never recorded as machine-readable by itself."""
    organisation = actor.require_writer()
    assertions.hold_work(work)
    reservation = Reservation.objects.create(
        work=work,
        asserted_by=organisation,
        machine_readable=machine_readable,
        **assertions.columns(scope, organisation),
    )
    assertions.record("reservation", reservation, facts={"machine_readable": machine_readable}, actor=actor)
    return reservation
