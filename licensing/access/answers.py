"""Fetch and authorise for questions, their answers, policies and evidence bundles."""

from django.db.models import QuerySet

import registry.access
from licensing.models import Clearance, OutputChange, Policy, Report, Verdict, VerdictChange
from registry.actors import Actor


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


def verdict_changes(actor: Actor) -> QuerySet[VerdictChange]:
    """What became of the verdicts of the clearances that this actor may see."""
    rows = VerdictChange.objects.filter(clearance__in=clearances(actor))
    return rows.select_related("of__work", "clearance")


def output_changes(actor: Actor) -> QuerySet[OutputChange]:
    """What became of the answers about model output of the clearances that this actor may see."""
    return OutputChange.objects.filter(clearance__in=clearances(actor)).select_related("clearance")


def policies(actor: Actor) -> QuerySet[Policy]:
    """The policies of the actor's organisation, every version; those of others do not exist."""
    if actor.organisation is None:
        return Policy.objects.none()
    rows = Policy.objects.filter(organisation=actor.organisation)
    return rows.select_related("organisation", "written_by", "entry")


def policy(actor: Actor, public_id: str) -> Policy:
    """One version of a policy, or NotFound."""
    return registry.access.one(policies(actor), "policy", public_id=public_id)


def reports(actor: Actor) -> QuerySet[Report]:
    """The reports of the actor's organisation."""
    if actor.organisation is None:
        return Report.objects.none()
    return Report.objects.filter(organisation=actor.organisation).select_related("clearance__scan__release__dataset")


def report(actor: Actor, public_id: str) -> Report:
    """One report, or NotFound."""
    return registry.access.one(reports(actor), "report", public_id=public_id)
