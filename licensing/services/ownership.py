"""Claims of ownership: rival ones are both kept."""

from django.db import transaction

from licensing.services import assertions
from licensing.services.assertions import Scope
from registry.actors import Actor
from registry.models import Party, RightsClaim, Work
from registry.services import log


@transaction.atomic
def claim(
    *,
    work: Work,
    holder: Party,
    scope: Scope,
    actor: Actor,
    exclusive: bool = False,
    ai_rights: str = RightsClaim.AiRights.SILENT,
) -> RightsClaim:
    """Record that `holder` claims the right in the work, as the actor's organisation states it."""
    organisation = actor.require_writer()
    assertions.require_work(work)
    columns = assertions.columns(scope)
    names = ("capacity", "verification", "territory", "valid_from", "valid_to", "observed_at", "demo")
    row = RightsClaim.objects.create(
        work=work,
        holder=holder,
        asserted_by=organisation,
        exclusive=exclusive,
        ai_rights=ai_rights,
        evidence=scope.statement,
        **{name: columns[name] for name in names},
    )
    log.stage(
        "ownership.claimed",
        subject=f"claim:{row.public_id}",
        facts={
            "work": work.public_id,
            "holder": holder.name,
            "capacity": row.capacity,
            "exclusive": exclusive,
            "ai_rights": ai_rights,
            "territory": row.territory,
            "observed_at": row.observed_at.isoformat(),
            "demo": row.demo,
        },
        actor=actor,
    )
    return row
