"""Fetch and authorise what ingest holds: the only way pages and the API get a scan, a match or a deposit."""

from django.db.models import Q, QuerySet

import registry.access
from ingest.models import Audit, Deposit, Match, OutputCorpus, Scan
from registry.actors import Actor


def scans(actor: Actor) -> QuerySet[Scan]:
    """The scans of the actor's organisation."""
    return Scan.objects.filter(organisation=actor.organisation) if actor.organisation else Scan.objects.none()


def scan(actor: Actor, public_id: str) -> Scan:
    """One scan, or NotFound."""
    return registry.access.one(
        scans(actor).select_related("release__dataset", "job", "organisation"), "scan", public_id=public_id
    )


def matches(actor: Actor) -> QuerySet[Match]:
    """The matches of the actor's scans, without those of works that were withdrawn by somebody else.

    What was found of a work that was merged since is a match of a work that the actor may see.
    """
    visible = registry.access.works(actor)
    own = Match.objects.filter(Q(work__in=visible) | Q(work__merged_into__in=visible), scan__in=scans(actor))
    return own.select_related("scan", "item", "work", "edition")


def match(actor: Actor, public_id: str) -> Match:
    """One match, or NotFound."""
    return registry.access.one(matches(actor), "match", public_id=public_id)


def deposits(actor: Actor) -> QuerySet[Deposit]:
    """The texts that the actor's organisation handed in."""
    if actor.organisation is None:
        return Deposit.objects.none()
    return Deposit.objects.filter(organisation=actor.organisation).select_related("work", "edition", "job")


def deposit(actor: Actor, public_id: str) -> Deposit:
    """One deposit, or NotFound."""
    return registry.access.one(deposits(actor), "deposit", public_id=public_id)


def audits(actor: Actor) -> QuerySet[Audit]:
    """The audits of the actor's organisation."""
    if actor.organisation is None:
        return Audit.objects.none()
    return Audit.objects.filter(organisation=actor.organisation).select_related(
        "organisation", "job", "dataset", "release"
    )


def audit(actor: Actor, public_id: str) -> Audit:
    """One audit, or NotFound."""
    found = audits(actor).select_related("sample_entry", "result_entry").prefetch_related("references__organisation")
    return registry.access.one(found, "audit", public_id=public_id)


def output_corpora(actor: Actor) -> QuerySet[OutputCorpus]:
    """The corpora of model output that the actor may compare with: their organisation's, and what others share."""
    if actor.organisation is None:
        return OutputCorpus.objects.none()
    shared = Q(is_public=True, state=OutputCorpus.State.READY)
    rows = OutputCorpus.objects.filter(Q(organisation=actor.organisation) | shared)
    return rows.select_related("organisation", "job")


def output_corpus(actor: Actor, public_id: str) -> OutputCorpus:
    """One corpus, or NotFound."""
    return registry.access.one(output_corpora(actor), "corpus", public_id=public_id)
