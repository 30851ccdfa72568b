"""The thread of an agreement that nobody negotiated: where its deliveries, use reports and payment records are filed.

Whoever takes up a standing offer has asked and been answered in one step. The request and its negotiation are written
down as what they came to, so that both sides go on from there as after any other agreement.
"""

from django.db.models.functions import Now

from licensing.models import Agreement, Grant, LicenceRequest, Negotiation, RequestedWork, Step
from licensing.rules.lifecycle import Move, State
from licensing.services import request_states
from registry.actors import Actor
from registry.services import copying

MAX_TITLE = 200


def begin(agreement: Agreement, *, actor: Actor) -> Negotiation:
    """Write down the negotiation of an agreement that was concluded by taking up its offer, in the same log entry."""
    grants = Grant.objects.filter(agreement=agreement).order_by("pk")
    works = list(grants.values_list("work_id", flat=True))
    offer = agreement.offer.public_id if agreement.offer is not None else ""
    first = grants.select_related("work").first()
    title = f"{agreement.granted_by.name} · {first.work.title}" if first is not None else agreement.granted_by.name
    request = LicenceRequest.objects.create(
        organisation=agreement.licensee,
        requested_by=actor.user,
        title=title[:MAX_TITLE],
        terms=agreement.terms,
        chosen_by={"way": "offer", "offer": offer, "works": len(works)},
        state=LicenceRequest.State.CLOSED,
        sent_at=Now(),
        closed_at=Now(),
        entry=agreement.entry,
        demo=agreement.demo,
    )
    negotiation = Negotiation.objects.create(
        request=request,
        holder=agreement.granted_by,
        state=State.GRANTED.value,
        terms=agreement.terms,
        agreement=agreement,
        works=len(works),
        changed_at=Now(),
    )
    copying.create([RequestedWork(request=request, negotiation=negotiation, work_id=work) for work in works])
    Step.objects.create(
        negotiation=negotiation,
        move=Move.ACCEPT.value,
        from_state=State.OFFERED.value,
        to_state=State.GRANTED.value,
        organisation=agreement.licensee,
        user=actor.user,
        terms=agreement.terms,
        data={"agreement": agreement.public_id, "offer": offer},
        entry=agreement.entry,
    )
    LicenceRequest.objects.filter(pk=request.pk).update(counts=request_states.count(request))
    return negotiation
