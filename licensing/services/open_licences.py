"""Open licences: a public licence that somebody declares for a work."""

from django.db import transaction

from licensing.models import OpenLicence
from licensing.rules.licences import find_licence, spelt
from licensing.services import assertions
from licensing.services.assertions import Scope
from registry.actors import Actor
from registry.errors import InvalidInput
from registry.models import Work


@transaction.atomic
def declare(*, work: Work, licence: str, scope: Scope, actor: Actor) -> OpenLicence:
    """Record the SPDX id of the licence a work is under, with where that is stated. Unknown ones are refused."""
    organisation = actor.require_writer()
    assertions.hold_work(work)
    if find_licence(licence) is None:
        name = licence.strip()[:60]
        cause = f"{name!r} names no open licence known here; use an SPDX identifier, as CC-BY-4.0."
        cause = cause if name else "Name the licence by its SPDX identifier, as CC-BY-4.0."
        raise InvalidInput(cause, errors=[{"pointer": "/licence", "cause": cause}])
    declared = OpenLicence.objects.create(
        work=work, asserted_by=organisation, licence=spelt(licence), **assertions.columns(scope, organisation)
    )
    assertions.record("open_licence", declared, facts={"licence": declared.licence}, actor=actor)
    return declared
