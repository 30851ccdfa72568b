"""Open licences: a public licence that somebody declares for a work."""

from django.db import transaction

from licensing.models import OpenLicence
from licensing.services import assertions
from licensing.services.assertions import Scope
from registry.actors import Actor
from registry.errors import InvalidInput
from registry.models import Work


@transaction.atomic
def declare(*, work: Work, licence: str, scope: Scope, actor: Actor) -> OpenLicence:
    """Record the SPDX id of the licence a work is under, with where that is stated."""
    organisation = actor.require_writer()
    assertions.hold_work(work)
    if not licence.strip():
        raise InvalidInput("Name the licence by its SPDX id.", errors=[{"pointer": "/licence", "cause": "missing"}])
    declared = OpenLicence.objects.create(
        work=work, asserted_by=organisation, licence=licence.strip(), **assertions.columns(scope, organisation)
    )
    assertions.record("open_licence", declared, facts={"licence": declared.licence}, actor=actor)
    return declared
