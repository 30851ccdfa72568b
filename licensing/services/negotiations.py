"""Negotiations: each answer of a side is one move of the lifecycle, one transaction, one step, one log entry.

Whoever answers names the version that they looked at; of two answers at once the second is told that it is outdated.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from ingest import blobs
from licensing.models import Negotiation, RequestedWork, Step
from licensing.rules.agreement import parse_terms
from licensing.rules.fields import escape
from licensing.rules.lifecycle import CONCLUDES, WITH_TERMS, Move, Side, State, allowed
from licensing.selectors import granting as authority
from licensing.services import (
    agreement_ends,
    agreements,
    assertions,
    attachments,
    confirming,
    move_facts,
    negotiated_terms,
    steps,
)
from licensing.services.attachments import MAX_FILE_BYTES, MAX_FILES, File
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Organisation, User
from registry.models.base import new_public_id

MAX_MESSAGE = 10_000
Json = dict[str, Any]
__all__ = ["MAX_FILES", "MAX_FILE_BYTES", "MAX_MESSAGE", "Answer", "File", "move", "possible", "side_of"]


@dataclass(frozen=True)
class Answer:
    """What comes with a move.

    terms: as JSON; needed to offer and counter, and for a grant that gives more than was asked. left_out: works that an
    offer or a grant does not reach, by public id, with the reason in words; None leaves it as it was. data: facts of a
    delivery, a report or a payment; for a revocation `from` (a day), for a renewal `valid_to`; for a confirmation
    `ai_rights` (granted, silent: what the holder's contracts say).
    """

    message: str = ""
    terms: Mapping[str, Any] | None = None
    left_out: Mapping[str, str] | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    respond_by: datetime.date | None = None
    files: Sequence[File] = ()


def side_of(negotiation: Negotiation, organisation: Organisation | None) -> Side | None:
    """On which side of a negotiation an organisation stands; None: on neither."""
    if organisation is None:
        return None
    if negotiation.request.organisation_id == organisation.pk:
        return Side.FIRM
    return Side.HOLDER if negotiation.holder_id == organisation.pk else None


def possible(negotiation: Negotiation, actor: Actor) -> tuple[Move, ...]:
    """The moves that this actor can make now, in the order of the lifecycle; for a reader none."""
    side = side_of(negotiation, actor.organisation)
    if side is None or not actor.may_write:
        return ()
    return allowed(State(negotiation.state), side)


def move(
    negotiation: Negotiation,
    move: str | Move,
    actor: Actor,
    *,
    terms: Mapping[str, Any] | None = None,
    message: str = "",
    version: int | None = None,
    answer: Answer | None = None,
) -> Step:
    """Make a move of the actor's side. `answer` instead of `terms` and `message` where more comes with it.

    `version` None does not check whether somebody answered meanwhile, which only a message may do without.
    Raises NotAllowed (neither side, no writer), Conflict (outdated, not possible now, nothing left to grant),
    InvalidInput with every fault of what came with it.
    """
    said = answer or Answer(message=message, terms=terms)
    organisation = actor.require_writer()
    side = side_of(negotiation, organisation)
    if side is None:
        raise NotAllowed("Only the two sides of a negotiation can answer in it.")
    chosen = _known(move)
    _check(chosen, said, version)
    folder = f"{attachments.FOLDER}/{new_public_id()}"
    kept = attachments.keep(said.files, folder)
    try:
        with transaction.atomic():
            held = steps.hold(negotiation, version=version)
            step = _make(held, chosen, side, actor, said=said, files=[blob.sha256 for _, blob in kept])
            attachments.attach(step, kept)
    except BaseException:
        if kept:
            blobs.delete_folder(folder)
        raise
    return step


def _known(word: str | Move) -> Move:
    if word not in set(Move):
        cause = f"{word!r} is not one of {', '.join(Move)}."
        raise InvalidInput(cause, errors=[{"pointer": "/move", "cause": cause}])
    return Move(word)


def _check(chosen: Move, said: Answer, version: int | None) -> None:
    errors = []
    if version is None and chosen not in steps.KEEP_VERSION:
        errors.append({"pointer": "/version", "cause": "Say which version of the negotiation you answer."})
    if len(said.message) > MAX_MESSAGE:
        errors.append({"pointer": "/message", "cause": f"A message has at most {MAX_MESSAGE} characters."})
    if chosen is Move.MESSAGE and not said.message.strip() and not said.files:
        errors.append({"pointer": "/message", "cause": "Write something, or attach a file."})
    if chosen in WITH_TERMS and said.terms is None:
        errors.append({"pointer": "/terms", "cause": "An offer says its terms."})
    if said.terms is not None and chosen not in WITH_TERMS | {Move.GRANT}:
        errors.append({"pointer": "/terms", "cause": f"To {chosen.value} brings no terms with it."})
    if said.left_out is not None and chosen not in (Move.OFFER, Move.GRANT):
        errors.append({"pointer": "/left_out", "cause": "Works are left out of an offer or a grant."})
    if len(said.files) > MAX_FILES:
        errors.append({"pointer": "/files", "cause": f"At most {MAX_FILES} files go with a move."})
    errors += move_facts.faults(chosen, said.data, today=assertions.today())
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)


def _make(held: Negotiation, chosen: Move, side: Side, actor: Actor, *, said: Answer, files: Sequence[str]) -> Step:
    steps.reach(held, chosen, side)
    if chosen is Move.REVOKE:
        return _revoke(held, actor, said)
    if chosen is Move.RENEW:
        return _renew(held, actor, said)
    if said.left_out is not None:
        _leave_out(held, said.left_out)
    put: Json | None = None
    if said.terms is not None:
        put = negotiated_terms.put(held, chosen, said.terms)
    if chosen is Move.RETRACT:
        held.terms = negotiated_terms.asked_last(held)
    if chosen is Move.CONFIRM:
        _require_authority(held)
        confirming.state_rights(held, said.data, actor)
    if said.respond_by is not None:
        _set_deadline(held, said.respond_by)
    entry, data = None, dict(said.data)
    if chosen in CONCLUDES:
        concluded = _conclude(held, chosen, actor)
        entry = concluded.agreement.entry
        data |= {"agreement": concluded.agreement.public_id, "left_out": len(concluded.left_out)}
    carried = steps.Said(message=said.message.strip(), terms=put, data=data, files=files)
    return steps.record(held, chosen, side, actor=actor, said=carried, entry=entry)


def _set_deadline(held: Negotiation, day: datetime.date) -> None:
    if day < assertions.today():
        cause = "The day by which an answer is wanted is over."
        raise InvalidInput(cause, errors=[{"pointer": "/respond_by", "cause": cause}])
    held.respond_by = day


# --- works -------------------------------------------------------------------------------------------------------


def _leave_out(held: Negotiation, left_out: Mapping[str, str]) -> None:
    """Note which works the holder leaves out, and why; every other one is part of it again."""
    rows = {row.work.public_id: row for row in held.requested_works.select_related("work")}
    errors = [
        {
            "pointer": f"/left_out/{escape(public_id[:40])}",
            "cause": f"“{public_id[:40]}” is no work of this negotiation.",
        }
        for public_id in left_out
        if public_id not in rows
    ]
    if len(set(left_out) & set(rows)) == len(rows):
        errors.append({"pointer": "/left_out", "cause": "Nothing would be left. Refuse the request instead."})
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors[:100])
    changed = []
    for public_id, row in rows.items():
        reason = left_out[public_id].strip()[:200] or "left out" if public_id in left_out else ""
        if row.left_out != reason:
            row.left_out = reason
            changed.append(row)
    RequestedWork.objects.bulk_update(changed, ["left_out"], batch_size=1_000)


def _require_authority(held: Negotiation) -> None:
    """Whoever confirms that it can grant has a claim that stands, for some of the works at least."""
    assert held.holder is not None
    works = list(held.requested_works.values_list("work_id", flat=True))
    proposed = _proposed(held, works)
    found = authority.authority_of(held.holder, works, proposed, on=assertions.today())
    if not any(not one.why for one in found.values()):
        reasons = sorted({one.why for one in found.values()})
        sentences = " ".join(authority.SENTENCES[why] for why in reasons)
        raise Conflict(f"State your authority for these works first. {sentences}", reasons=reasons)


def _proposed(held: Negotiation, works: Sequence[int]) -> authority.Proposed:
    assert held.holder is not None
    channel = authority.channel_for(held.holder, works)
    return authority.Proposed(parse_terms(held.terms), channel, held.request.organisation.slug)


# --- agreements --------------------------------------------------------------------------------------------------


def _conclude(held: Negotiation, chosen: Move, actor: Actor) -> agreements.Concluded:
    """The agreement on what is on the table. Works that cannot be granted are marked with the reason."""
    assert held.holder is not None
    works = list(held.requested_works.filter(left_out="").values_list("work_id", flat=True))
    signed, accepted = _who_signs(held, chosen, actor)
    deal = agreements.Deal(
        granted_by=held.holder,
        licensee=held.request.organisation,
        terms=parse_terms(held.terms),
        channel=authority.channel_for(held.holder, works),
        signed_by=signed,
        accepted_by=accepted,
    )
    facts: dict[str, object] = {
        "negotiation": held.public_id,
        "request": held.request.public_id,
        "move": chosen.value,
    }
    concluded = agreements.conclude(deal, works, actor=actor, facts=facts)
    held.agreement = concluded.agreement
    for why in set(concluded.left_out.values()):
        pks = [pk for pk, said in concluded.left_out.items() if said == why]
        held.requested_works.filter(work__in=pks).update(left_out=why)
    return concluded


def _who_signs(held: Negotiation, chosen: Move, actor: Actor) -> tuple[User | None, User | None]:
    """The person of the holder and the one of the firm who said what the agreement is."""
    if chosen is Move.GRANT:
        return actor.user, held.request.requested_by
    last = held.steps.filter(move__in=[Move.OFFER.value, Move.COUNTER.value]).order_by("-pk").first()
    other = last.user if last is not None else None
    return (actor.user, other) if held.state == State.COUNTERED else (other, actor.user)


def _revoke(held: Negotiation, actor: Actor, said: Answer) -> Step:
    assert held.agreement is not None
    day = _day(said.data, "from")
    reason = str(said.data.get("reason") or said.message)
    agreement_ends.revoke(held.agreement, reason=reason, actor=actor, from_day=day, message=said.message.strip())
    return held.steps.order_by("-pk").select_related("negotiation__request").latest("pk")


def _renew(held: Negotiation, actor: Actor, said: Answer) -> Step:
    assert held.agreement is not None
    agreements.renew(held.agreement, valid_to=_day(said.data, "valid_to"), actor=actor)
    return held.steps.order_by("-pk").select_related("negotiation__request").latest("pk")


def _day(data: Mapping[str, Any], name: str) -> datetime.date | None:
    given = data.get(name)
    if given is None or isinstance(given, datetime.date):
        return given
    try:
        return datetime.date.fromisoformat(str(given))
    except ValueError:
        cause = f"{str(given)[:40]!r} is not a day (2027-01-31)."
        raise InvalidInput(cause, errors=[{"pointer": f"/data/{name}", "cause": cause}]) from None
