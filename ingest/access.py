"""Fetch and authorise what ingest holds: the only way pages and the API get a scan, a match or a deposit."""

from django.db.models import QuerySet

import registry.access
from ingest.models import Deposit, Match, Scan
from registry.actors import Actor
from registry.errors import NotFound


def scans(actor: Actor) -> QuerySet[Scan]:
    """The scans of the actor's organisation."""
    return Scan.objects.filter(organisation=actor.organisation) if actor.organisation else Scan.objects.none()


def scan(actor: Actor, public_id: str) -> Scan:
    """One scan, or NotFound."""
    found = scans(actor).filter(public_id=public_id).select_related("release__dataset", "job", "organisation").first()
    if found is None:
        raise NotFound(f"There is no scan {public_id}, or none that you may see.")
    return found


def matches(actor: Actor) -> QuerySet[Match]:
    """The matches of the actor's scans, without those of works that were withdrawn by somebody else."""
    own = Match.objects.filter(scan__in=scans(actor), work__in=registry.access.works(actor))
    return own.select_related("scan", "item", "work", "edition")


def match(actor: Actor, public_id: str) -> Match:
    """One match, or NotFound."""
    found = matches(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(f"There is no match {public_id}, or none that you may see.")
    return found


def deposits(actor: Actor) -> QuerySet[Deposit]:
    """The texts that the actor's organisation handed in."""
    if actor.organisation is None:
        return Deposit.objects.none()
    return Deposit.objects.filter(organisation=actor.organisation).select_related("work", "edition", "job")


def deposit(actor: Actor, public_id: str) -> Deposit:
    """One deposit, or NotFound."""
    found = deposits(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(f"There is no deposit {public_id}, or none that you may see.")
    return found
