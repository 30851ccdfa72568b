"""Fetch and authorise for clearances, reports and assertions. What a caller may not see does not exist."""

from django.db.models import Q, QuerySet

import registry.access
from licensing.models import Clearance, Grant, Offer, OpenLicence, Report, Reservation, Verdict
from registry.actors import Actor
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
    return registry.access.one(clearances(actor), "clearance", public_id=public_id)


def verdicts(actor: Actor) -> QuerySet[Verdict]:
    """The verdicts of the clearances this actor may see."""
    return Verdict.objects.filter(clearance__in=clearances(actor)).select_related("work")


def verdict(actor: Actor, public_id: str) -> Verdict:
    """One verdict, or NotFound."""
    rows = verdicts(actor).select_related("work", "clearance__scan", "clearance__licensee")
    return registry.access.one(rows, "verdict", public_id=public_id)


def reports(actor: Actor) -> QuerySet[Report]:
    """The reports of the actor's organisation."""
    if actor.organisation is None:
        return Report.objects.none()
    return Report.objects.filter(organisation=actor.organisation).select_related("clearance__scan__release__dataset")


def report(actor: Actor, public_id: str) -> Report:
    """One report, or NotFound."""
    return registry.access.one(reports(actor), "report", public_id=public_id)


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
