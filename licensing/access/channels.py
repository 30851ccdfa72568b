"""Fetch and authorise for the channels of authorisation: requests, negotiations, agreements, offers, notices."""

from django.db.models import Q, QuerySet

import registry.access
from licensing.models import (
    Agreement,
    Attachment,
    Grant,
    LicenceRequest,
    MemberExit,
    Negotiation,
    Notice,
    Offer,
    PassedOn,
    RequestedWork,
    TermsTemplate,
)
from registry.actors import Actor


def licence_requests(actor: Actor) -> QuerySet[LicenceRequest]:
    """What the actor's organisation asks for; nobody else sees a request as a whole."""
    if actor.organisation is None:
        return LicenceRequest.objects.none()
    rows = LicenceRequest.objects.filter(organisation=actor.organisation)
    return rows.select_related("organisation", "clearance", "job", "entry")


def licence_request(actor: Actor, public_id: str) -> LicenceRequest:
    """One request of the actor's organisation, or NotFound."""
    return registry.access.one(licence_requests(actor), "licence request", public_id=public_id)


def negotiations(actor: Actor) -> QuerySet[Negotiation]:
    """The negotiations of which the actor's organisation is a side: the firm's, and the holder's once all is sent."""
    if actor.organisation is None:
        return Negotiation.objects.none()
    firm = Q(request__organisation=actor.organisation)
    holder = Q(holder=actor.organisation) & ~Q(state="enquiry")
    rows = Negotiation.objects.filter(firm | holder)
    return rows.select_related("request__organisation", "holder", "party", "agreement")


def negotiation(actor: Actor, public_id: str) -> Negotiation:
    """One negotiation, or NotFound."""
    return registry.access.one(negotiations(actor), "negotiation", public_id=public_id)


def requested_works(actor: Actor, found: Negotiation) -> QuerySet[RequestedWork]:
    """The works of a negotiation that this actor is a side of."""
    rows = RequestedWork.objects.filter(negotiation=found, negotiation__in=negotiations(actor))
    return rows.select_related("work")


def attachments(actor: Actor, found: Negotiation) -> QuerySet[Attachment]:
    """The files of a negotiation that this actor is a side of."""
    return Attachment.objects.filter(step__negotiation=found, step__negotiation__in=negotiations(actor))


def attachment(actor: Actor, found: Negotiation, public_id: str) -> Attachment:
    """One file of a negotiation, or NotFound."""
    return registry.access.one(attachments(actor, found), "file", public_id=public_id)


def agreements(actor: Actor) -> QuerySet[Agreement]:
    """The agreements of which the actor's organisation is a party. Nobody else sees them or their terms."""
    if actor.organisation is None:
        return Agreement.objects.none()
    rows = Agreement.objects.filter(Q(granted_by=actor.organisation) | Q(licensee=actor.organisation))
    return rows.select_related("granted_by", "licensee", "offer", "under", "renews", "entry")


def agreement(actor: Actor, public_id: str) -> Agreement:
    """One agreement, or NotFound."""
    return registry.access.one(agreements(actor), "agreement", public_id=public_id)


def sublicences(actor: Actor) -> QuerySet[PassedOn]:
    """Sub-licences as their licensors see them: by those from whom the licence came, and by who passed it on."""
    if actor.organisation is None:
        return PassedOn.objects.none()
    sides = Q(holder=actor.organisation) | Q(agreement__granted_by=actor.organisation)
    related = ("agreement__granted_by", "agreement__licensee", "agreement__entry", "over__licensee", "holder")
    return PassedOn.objects.filter(sides).select_related(*related)


def sublicence(actor: Actor, public_id: str) -> PassedOn:
    """One of them, or NotFound."""
    return registry.access.one(sublicences(actor), "sub-licence", public_id=public_id)


def sublicence_grants(actor: Actor, found: PassedOn) -> QuerySet[Grant]:
    """The grants of a sub-licence that this actor is told of."""
    rows = Grant.objects.filter(agreement__told_of=found, agreement__told_of__in=sublicences(actor))
    return rows.select_related("work")


def agreement_grants(actor: Actor, found: Agreement) -> QuerySet[Grant]:
    """The grants of an agreement that this actor is a party of."""
    rows = Grant.objects.filter(agreement=found, agreement__in=agreements(actor))
    return rows.select_related("work", "asserted_by", "licensee")


def standing_offers(actor: Actor) -> QuerySet[Offer]:
    """The offers for works that this actor may see: offers are public."""
    rows = Offer.objects.filter(work__in=registry.access.works(actor))
    return rows.select_related("work", "asserted_by", "entry")


def standing_offer(actor: Actor, public_id: str) -> Offer:
    """One offer, or NotFound."""
    return registry.access.one(standing_offers(actor), "offer", public_id=public_id)


def terms_templates(actor: Actor) -> QuerySet[TermsTemplate]:
    """The templates of the actor's organisation, every version that was not removed."""
    if actor.organisation is None:
        return TermsTemplate.objects.none()
    rows = TermsTemplate.objects.filter(organisation=actor.organisation, withdrawn_at__isnull=True)
    return rows.select_related("organisation")


def terms_template(actor: Actor, public_id: str) -> TermsTemplate:
    """One template, or NotFound."""
    return registry.access.one(terms_templates(actor), "template", public_id=public_id)


def member_exits(actor: Actor) -> QuerySet[MemberExit]:
    """Who left which society: seen by the member and the society."""
    if actor.organisation is None:
        return MemberExit.objects.none()
    rows = MemberExit.objects.filter(Q(society=actor.organisation) | Q(organisation=actor.organisation))
    return rows.select_related("society", "organisation")


def member_exit(actor: Actor, public_id: str) -> MemberExit:
    """One exit, or NotFound."""
    return registry.access.one(member_exits(actor), "exit", public_id=public_id)


def notices(actor: Actor) -> QuerySet[Notice]:
    """The notices of the actor's organisation; nobody else sees them here."""
    if actor.organisation is None:
        return Notice.objects.none()
    rows = Notice.objects.filter(organisation=actor.organisation)
    return rows.select_related("organisation", "dataset", "release", "clearance", "drafted_by")


def notice(actor: Actor, public_id: str) -> Notice:
    """One notice, or NotFound."""
    return registry.access.one(notices(actor), "notice", public_id=public_id)
