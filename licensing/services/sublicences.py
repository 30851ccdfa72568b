"""Sub-licences as the licensors above them see them: told of each, free to object with a message, answered, settled.

An objection changes nothing of what a sub-licence permits: who gave the licence can revoke that, who passed it on can
revoke the sub-licence. Each step is dated and in the log, its words by their hash.
"""

import hashlib
from functools import partial

from django.conf import settings
from django.db import transaction

from licensing.models import Agreement, PassedOn, PassedOnStep
from licensing.services import channel_events
from licensing.services.reminders import writers_of
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Organisation
from registry.services import log, mail

State = PassedOn.State
MAIL = "licensing/email/passed_on"
MAX_MESSAGE = 5_000
# the step → the states it may follow
AFTER = {
    State.OBJECTED: (State.TOLD, State.ANSWERED, State.SETTLED),
    State.ANSWERED: (State.OBJECTED,),
    State.SETTLED: (State.OBJECTED, State.ANSWERED),
}


def tell(agreement: Agreement, *, entry: int) -> list[PassedOn]:
    """Tell every licensor above a new sub-licence of it, in the caller's transaction; `entry`: of its conclusion."""
    rows: list[PassedOn] = []
    over = agreement.under
    while over is not None and over.granted_by_id not in {row.holder_id for row in rows}:
        rows.append(PassedOn(agreement=agreement, over=over, holder=over.granted_by, entry_id=entry))
        over = over.under
    for row in PassedOn.objects.bulk_create(rows):
        facts: dict[str, object] = {
            "sublicence": row.public_id,
            "under": row.over.public_id,
            "by": agreement.granted_by.slug,
            "licensee": agreement.licensee.slug,
            "works": agreement.works,
        }
        channel_events.tell(channel_events.PASSED_ON, (row.holder,), facts)
        transaction.on_commit(partial(_write, row, State.TOLD, row.holder, ""))
    return rows


def object_to(row: PassedOn, *, message: str, actor: Actor) -> PassedOnStep:
    """Say why one does not agree with a sub-licence of one's licence. It goes on until somebody revokes it.

    Raises NotAllowed (somebody else's licence), Conflict (objected already, or the sub-licence has ended),
    InvalidInput (no message, or too long a one).
    """
    if actor.require_writer() != row.holder:
        raise NotAllowed("Only who gave the licence can object to its being passed on.")
    if row.agreement.state != Agreement.State.RUNNING:
        raise Conflict("This sub-licence has ended, so there is nothing to object to.")
    return _step(row, State.OBJECTED, message, actor)


def answer(row: PassedOn, *, message: str, actor: Actor) -> PassedOnStep:
    """Answer an objection, as who passed the licence on. Raises as `object_to` does."""
    if actor.require_writer() != row.agreement.granted_by:
        raise NotAllowed("Only who passed the licence on can answer the objection.")
    return _step(row, State.ANSWERED, message, actor)


def settle(row: PassedOn, *, message: str, actor: Actor) -> PassedOnStep:
    """Say that an objection stands no longer, as who made it. Raises as `object_to` does."""
    if actor.require_writer() != row.holder:
        raise NotAllowed("Only who objected can say that it is settled.")
    return _step(row, State.SETTLED, message, actor)


@transaction.atomic
def _step(row: PassedOn, state: PassedOn.State, message: str, actor: Actor) -> PassedOnStep:
    said = message.strip()
    if not said or len(said) > MAX_MESSAGE:
        cause = "Say it in a sentence." if not said else f"At most {MAX_MESSAGE:,} characters."
        raise InvalidInput(cause, errors=[{"pointer": "/message", "cause": cause}])
    rows = PassedOn.objects.select_for_update(no_key=True, of=("self",))
    held = rows.select_related("agreement__granted_by", "agreement__licensee", "over", "holder").get(pk=row.pk)
    if State(held.state) not in AFTER[state]:
        raise Conflict(f"This cannot be said now: the matter is {held.get_state_display()}.", state=held.state)
    organisation = actor.require_writer()
    step = PassedOnStep(passed_on=held, state=state, organisation=organisation, user=actor.user, message=said)
    step.entry = log.stage(
        f"sublicence.{state.value}",
        subject=f"agreement:{held.agreement.public_id}",
        facts={
            "sublicence": held.public_id,
            "agreement": held.agreement.public_id,
            "under": held.over.public_id,
            "from": held.state,
            "message_sha256": hashlib.sha256(said.encode()).hexdigest(),
        },
        actor=actor,
    )
    step.save()
    PassedOn.objects.filter(pk=held.pk).update(state=state)
    row.state = held.state = state
    other = held.agreement.granted_by if organisation == held.holder else held.holder
    facts: dict[str, object] = {"sublicence": held.public_id, "state": state.value, "from": organisation.slug}
    channel_events.tell(channel_events.SUBLICENCE_MOVED, (other,), facts)
    transaction.on_commit(partial(_write, held, state, other, said))
    return step


def _write(row: PassedOn, state: PassedOn.State, to: Organisation, message: str) -> None:
    """Mail the people who may answer for an organisation."""
    context = {
        "row": row,
        "agreement": row.agreement,
        "state": state.value,
        "message": message,
        "address": f"{settings.SITE_URL}/sublicences/{row.public_id}",
        "site_url": settings.SITE_URL,
    }
    for address in writers_of(to):
        mail.send(mail.compose(MAIL, address, context))
