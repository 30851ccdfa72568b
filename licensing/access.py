"""Fetch and authorise for clearances, reports and assertions. What a caller may not see does not exist."""

from django.db.models import Q, QuerySet

from licensing.models import Clearance, Grant, Offer, OpenLicence, Report, Reservation, Verdict
from registry.actors import Actor
from registry.errors import NotFound
from registry.models import Work


def clearances(actor: Actor) -> QuerySet[Clearance]:
    """The clearances of the actor's organisation."""
    if actor.organisation is None:
        return Clearance.objects.none()
    return Clearance.objects.filter(organisation=actor.organisation).select_related(
        "scan__release__dataset", "licensee"
    )


def clearance(actor: Actor, public_id: str) -> Clearance:
    """One clearance, or NotFound."""
    found = clearances(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(f"There is no clearance {public_id}, or none that you may see.")
    return found


def verdicts(actor: Actor) -> QuerySet[Verdict]:
    """The verdicts of the clearances this actor may see."""
    return Verdict.objects.filter(clearance__in=clearances(actor)).select_related("work")


def reports(actor: Actor) -> QuerySet[Report]:
    """The reports of the actor's organisation."""
    if actor.organisation is None:
        return Report.objects.none()
    return Report.objects.filter(organisation=actor.organisation).select_related("clearance__scan__release__dataset")


def report(actor: Actor, public_id: str) -> Report:
    """One report, or NotFound."""
    found = reports(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(f"There is no report {public_id}, or none that you may see.")
    return found


def grants(actor: Actor, work: Work) -> QuerySet[Grant]:
    """Grants are seen by their two sides only: who gave them and who holds them."""
    if actor.organisation is None:
        return Grant.objects.none()
    sides = Q(asserted_by=actor.organisation) | Q(licensee=actor.organisation)
    return Grant.objects.filter(sides, work=work).select_related("asserted_by", "licensee")


def reservations(work: Work) -> QuerySet[Reservation]:
    """Reservations are public."""
    return Reservation.objects.filter(work=work).select_related("asserted_by")


def offers(work: Work) -> QuerySet[Offer]:
    """Standing offers are public."""
    return Offer.objects.filter(work=work).select_related("asserted_by")


def open_licences(work: Work) -> QuerySet[OpenLicence]:
    """Open licences are public."""
    return OpenLicence.objects.filter(work=work).select_related("asserted_by")
