"""How agreements end: revoked from a day, or by their last one. What rested on their grants is looked at again."""

import datetime

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from licensing.models import Agreement, Grant
from licensing.models.policies import VerdictChange
from licensing.rules.lifecycle import Move, Side
from licensing.services import assertions, channel_events, reevaluation, steps
from registry.actors import Actor, system
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.services import log

State, Cause = Agreement.State, VerdictChange.Cause
FOLLOWED = datetime.timedelta(days=14)  # how long after its first day an agreement is still looked for by beat


@transaction.atomic
def revoke(
    agreement: Agreement, *, reason: str, actor: Actor, from_day: datetime.date | None = None, message: str = ""
) -> Agreement:
    """Take a licence back: from `from_day` on (None: today) it permits nothing; earlier days stay as they were.

    The sub-licences that rest on it end with it. Raises NotAllowed, Conflict (it has ended), InvalidInput (no reason, a
    day that is over or lies behind its last one).
    """
    if actor.require_writer() != agreement.granted_by:
        raise NotAllowed("Only the party that granted a licence can revoke it.")
    today = assertions.today()
    day = from_day or today
    held = _hold(agreement)
    if held.state != State.RUNNING or held.revoked_at is not None:
        raise Conflict(f"This agreement has ended: it is {held.get_state_display()}.", state=held.state)
    errors = _faults(held, reason, day, today)
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    _revoke(held, reason.strip(), day, actor=actor, message=message)
    held.refresh_from_db()
    return held


def _faults(agreement: Agreement, reason: str, day: datetime.date, today: datetime.date) -> list[dict[str, str]]:
    errors = []
    if not reason.strip():
        errors.append({"pointer": "/reason", "cause": "Say why."})
    if day < today:
        errors.append({"pointer": "/from", "cause": "A licence cannot be revoked for days that are over."})
    if agreement.valid_to is not None and day > agreement.valid_to:
        ends = agreement.valid_to.isoformat()
        errors.append({"pointer": "/from", "cause": f"The agreement ends on {ends}, before that day."})
    return errors


def _revoke(held: Agreement, reason: str, day: datetime.date, *, actor: Actor, message: str = "") -> None:
    at_once = day <= assertions.today()
    ends = Now() if at_once else datetime.datetime.combine(day, datetime.time(), datetime.UTC)
    grants = Grant.objects.filter(agreement=held, withdrawn_at__isnull=True).update(withdrawn_at=ends)
    Agreement.objects.filter(pk=held.pk).update(
        revoked_at=Now(), revoked_from=day, revoked_reason=reason, state=State.REVOKED if at_once else State.RUNNING
    )
    facts: dict[str, object] = {
        "agreement": held.public_id,
        "from": day.isoformat(),
        "reason": reason,
        "grants": grants,
    }
    subject = f"agreement:{held.public_id}"
    entry = log.stage("agreement.revoked", subject=subject, facts=facts, actor=actor, organisation=held.granted_by)
    for negotiation in held.negotiations.order_by("pk"):
        row = steps.hold(negotiation)
        said = steps.Said(message=message, data={"from": day.isoformat(), "reason": reason})
        steps.record(row, Move.REVOKE, Side.HOLDER, actor=actor, said=said, entry=entry)
    for sublicence in held.sublicences.filter(state=State.RUNNING, revoked_at__isnull=True).order_by("pk"):
        because = f"The licence {held.public_id} that it rests on was revoked: {reason}"
        _revoke(_hold(sublicence), because, day, actor=actor)
    if at_once:
        reevaluation.after(held, Cause.REVOKED)
    _tell(held, "revoked", day)


def follow_renewal(old: Agreement, new: Agreement, actor: Actor) -> None:
    """The negotiations of an agreement go on with the one that continues it."""
    for negotiation in old.negotiations.order_by("pk"):
        row = steps.hold(negotiation)
        row.agreement = new
        row.terms = new.terms
        said = steps.Said(terms=new.terms, data={"renews": old.public_id, "agreement": new.public_id})
        steps.record(row, Move.RENEW, Side.HOLDER, actor=actor, said=said, entry=new.entry)


def follow_days() -> int:
    """End the agreements whose last day is over and put future days into effect. Run by beat; returns how many."""
    today = assertions.today()
    over = Q(valid_to__lt=today) | Q(revoked_from__lte=today)
    count = 0
    for agreement in Agreement.objects.filter(over, state=State.RUNNING).order_by("pk"):
        with transaction.atomic():
            count += _end(_hold(agreement), today)
    begun = Agreement.objects.filter(state=State.RUNNING, valid_from__lte=today, valid_from__gt=today - FOLLOWED)
    for agreement in begun.filter(recorded_at__date__lt=today).order_by("pk"):
        with transaction.atomic():
            count += reevaluation.after_once(agreement, Cause.GRANTED)
    return count


def _end(held: Agreement, today: datetime.date) -> int:
    if held.state != State.RUNNING:
        return 0
    if held.revoked_from is not None and held.revoked_from <= today:
        Agreement.objects.filter(pk=held.pk).update(state=State.REVOKED)
        reevaluation.after(held, Cause.REVOKED)
        return 1
    Agreement.objects.filter(pk=held.pk).update(state=State.EXPIRED)
    actor = system("agreements", held.granted_by)
    assert held.valid_to is not None
    facts: dict[str, object] = {"agreement": held.public_id, "last_day": held.valid_to.isoformat()}
    entry = log.stage("agreement.expired", subject=f"agreement:{held.public_id}", facts=facts, actor=actor)
    for negotiation in held.negotiations.order_by("pk"):
        steps.record(steps.hold(negotiation), Move.EXPIRE, Side.SYSTEM, actor=actor, entry=entry)
    reevaluation.after(held, Cause.EXPIRED)
    _tell(held, "expired", held.valid_to + datetime.timedelta(days=1))
    return 1


def _hold(agreement: Agreement) -> Agreement:
    rows = Agreement.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("granted_by", "licensee").get(pk=agreement.pk)


def _tell(agreement: Agreement, how: str, day: datetime.date) -> None:
    facts: dict[str, object] = {"agreement": agreement.public_id, "how": how, "from": day.isoformat()}
    channel_events.tell(channel_events.AGREEMENT_ENDED, (agreement.granted_by, agreement.licensee), facts)
