"""One move of a negotiation, written down: the row that is held, the step, the log entry, whoever is told.

Everything that changes a negotiation goes through `hold` and `record`, so that each change is one step and one entry,
and of two at once the second sees the first.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models.functions import Now

from licensing.models import Negotiation, Step
from licensing.rules.lifecycle import IllegalMove, Move, Side, State, next_state, waits_for
from licensing.services import channel_events, request_states
from registry.actors import Actor
from registry.errors import Conflict
from registry.models import Entry, Organisation
from registry.services import log

Json = dict[str, Any]
# What is said beside the negotiation: an answer that is under way does not become outdated by it.
KEEP_VERSION = frozenset({Move.MESSAGE})


@dataclass(frozen=True)
class Said:
    """What comes with a move: words, terms as JSON, data (of a delivery, a report, a payment), hashes of files."""

    message: str = ""
    terms: Json | None = None
    data: Json = field(default_factory=dict)
    files: Sequence[str] = ()


NOTHING = Said()


def hold(negotiation: Negotiation, *, version: int | None = None) -> Negotiation:
    """The row, locked until the transaction ends. Raises Conflict where it is no longer at `version`."""
    rows = Negotiation.objects.select_for_update(no_key=True, of=("self",))
    held = rows.select_related("request__organisation", "holder", "agreement").get(pk=negotiation.pk)
    if version is not None and held.version != version:
        raise Conflict(
            "Somebody else has answered in this negotiation since you looked at it. Look at it again.",
            version=held.version,
            state=held.state,
        )
    return held


def reach(negotiation: Negotiation, move: Move, side: Side) -> State:
    """Where the move leads. Raises Conflict, with what is possible instead, where the lifecycle does not hold it."""
    try:
        return next_state(State(negotiation.state), move, side)
    except IllegalMove as error:
        possible = [other.value for other in error.possible]
        raise Conflict(error.sentence, reason=error.code, possible=possible) from None


def record(
    held: Negotiation, move: Move, side: Side, *, actor: Actor, said: Said = NOTHING, entry: Entry | None = None
) -> Step:
    """Make a move of a negotiation that `hold` gave: state, step and log entry; the other side is told.

    Other columns that the caller set on the row are kept with it. `entry`: the log entry of what the move is part of,
    where there is one (an agreement concluded or ended).
    """
    state = reach(held, move, side)
    before, held.state = held.state, state.value
    waiting = waits_for(state)
    held.waits_for = waiting.value if waiting in (Side.FIRM, Side.HOLDER) else ""
    if move not in KEEP_VERSION:
        held.version += 1
    held.changed_at = Now()
    held.save(update_fields=["state", "waits_for", "version", "changed_at", "terms", "agreement", "respond_by"])
    held.refresh_from_db(fields=["changed_at"])
    speaker = actor.organisation if side is not Side.SYSTEM else None
    step = Step(
        negotiation=held,
        move=move.value,
        from_state=before,
        to_state=state.value,
        organisation=speaker,
        user=actor.user,
        terms=said.terms,
        message=said.message,
        data=said.data,
    )
    step.entry = entry or log.stage(
        f"negotiation.{move.value}",
        subject=f"negotiation:{held.public_id}",
        facts=step_facts(step, said.files),
        actor=actor,
        organisation=speaker or held.request.organisation,
    )
    step.save()
    request_states.follow(held.request)
    told: dict[str, object] = {
        "negotiation": held.public_id,
        "request": held.request.public_id,
        "move": move.value,
        "state": state.value,
        "waits_for": held.waits_for,
    }
    channel_events.tell(channel_events.NEGOTIATION_MOVED, _others(held, speaker), told)
    return step


def _others(held: Negotiation, speaker: Organisation | None) -> list[Organisation | None]:
    sides: list[Organisation | None] = [held.request.organisation, held.holder]
    return [side for side in sides if side is not None and side != speaker]


def step_facts(step: Step, files: Sequence[str] = ()) -> dict[str, object]:
    """A step as the log records it. Words between two parties are kept by their hash."""
    return {
        "step": step.public_id,
        "negotiation": step.negotiation.public_id,
        "move": step.move,
        "from": step.from_state,
        "to": step.to_state,
        "by": step.organisation.slug if step.organisation else "",
        "terms": step.terms,
        "message_sha256": hashlib.sha256(step.message.encode()).hexdigest() if step.message else "",
        "data": step.data,
        "files": list(files),
    }
