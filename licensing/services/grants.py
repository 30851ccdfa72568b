"""Grants: a permission from an organisation to one licensee."""

from collections.abc import Sequence

from django.db import transaction

from licensing.models import Grant
from licensing.services import assertions
from licensing.services.assertions import Scope
from registry.actors import Actor
from registry.errors import InvalidInput
from registry.models import Organisation, Work


@transaction.atomic
def issue(*, work: Work, licensee: Organisation, scope: Scope, actor: Actor, duties: Sequence[str] = ()) -> Grant:
    """Give `licensee` the uses of the scope. A grant that names no use grants nothing and is refused."""
    organisation = actor.require_writer()
    assertions.hold_work(work)
    if not scope.uses:
        raise InvalidInput("A grant names its uses.", errors=[{"pointer": "/uses", "cause": "missing"}])
    grant = Grant.objects.create(
        work=work,
        asserted_by=organisation,
        licensee=licensee,
        duties=list(duties),
        **assertions.columns(scope, organisation),
    )
    facts: dict[str, object] = {"licensee": licensee.slug, "duties": grant.duties}
    assertions.record("grant", grant, facts=facts, actor=actor)
    return grant
