"""Fetch and authorise for what is said about works: by whom, in whose name, and what became of rival claims."""

from django.db.models import Q, QuerySet

import registry.access
from licensing.models import Grant, Offer, OpenLicence, Preference, Reservation
from registry.actors import Actor
from registry.models import ClaimDecision, Domain, RightsClaim, Work


def grants(actor: Actor, work: Work) -> QuerySet[Grant]:
    """Grants are seen by their two sides only: who gave them and who holds them."""
    if actor.organisation is None:
        return Grant.objects.none()
    sides = Q(asserted_by=actor.organisation) | Q(licensee=actor.organisation)
    return Grant.objects.filter(sides, work=work).select_related("asserted_by", "licensee")


def reservations(work: Work) -> QuerySet[Reservation]:
    """Reservations are public."""
    return Reservation.objects.filter(work=work).select_related("asserted_by")


def preferences(work: Work) -> QuerySet[Preference]:
    """What somebody would like, without giving or reserving a right, is public."""
    return Preference.objects.filter(work=work).select_related("asserted_by")


def offers(work: Work) -> QuerySet[Offer]:
    """Standing offers are public."""
    return Offer.objects.filter(work=work).select_related("asserted_by")


def open_licences(work: Work) -> QuerySet[OpenLicence]:
    """Open licences are public."""
    return OpenLicence.objects.filter(work=work).select_related("asserted_by")


def rights_claims(actor: Actor) -> QuerySet[RightsClaim]:
    """Who speaks for which work: public, for the works that this actor may see."""
    return RightsClaim.objects.filter(work__in=registry.access.works(actor)).select_related(
        "work", "holder", "asserted_by"
    )


def rights_claim(actor: Actor, public_id: str) -> RightsClaim:
    """One claim, or NotFound."""
    return registry.access.one(rights_claims(actor), "claim", public_id=public_id)


def own_rights_claim(actor: Actor, public_id: str) -> RightsClaim:
    """One claim that the actor's organisation made, or NotFound."""
    own = rights_claims(actor).filter(asserted_by=actor.organisation)
    return registry.access.one(own, "claim of your organisation", public_id=public_id)


def decisions(actor: Actor) -> QuerySet[ClaimDecision]:
    """Decisions about the works this actor may see. A proposal that waits is seen by its sides and by operators."""
    rows = ClaimDecision.objects.filter(work__in=registry.access.works(actor)).select_related("work", "proposed_by")
    if actor.user is not None and actor.user.is_staff:
        return rows
    decided = Q(in_force_at__isnull=False)
    if actor.organisation is None:
        return rows.filter(decided)
    side = Q(upheld__asserted_by=actor.organisation) | Q(set_aside__asserted_by=actor.organisation)
    return rows.filter(decided | Q(pk__in=ClaimDecision.objects.filter(side).values("pk")))


def decision(actor: Actor, public_id: str) -> ClaimDecision:
    """One decision, or NotFound."""
    return registry.access.one(decisions(actor), "decision", public_id=public_id)


def domains(actor: Actor) -> QuerySet[Domain]:
    """The domains on the list of the actor's organisation."""
    if actor.organisation is None:
        return Domain.objects.none()
    return Domain.objects.filter(organisation=actor.organisation, withdrawn_at__isnull=True).select_related(
        "organisation"
    )


def domain(actor: Actor, public_id: str) -> Domain:
    """One of the organisation's domains, or NotFound."""
    return registry.access.one(domains(actor), "domain", public_id=public_id)


def tombstone(public_id: str) -> Work | None:
    """A work that everybody knew and that was withdrawn: since when and by whom is said, nothing else."""
    gone = Work.objects.filter(withdrawn_at__isnull=False, merged_into=None, visibility=Work.Visibility.PUBLIC)
    return gone.select_related("registered_by").filter(public_id=public_id[:12].replace("\0", "")).first()
