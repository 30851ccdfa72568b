"""What a proved domain is worth: the statements of its organisation count as made by who they say.

A domain that is proved raises to `domain` what was not verified at all: the organisation's own claims, grants,
reservations, preferences, offers and open licences, where it speaks as owner, author, publisher, agent, society or
platform. What it recorded as licensee or observer is somebody else's will and stays as it was, and so does everything
that the registry verified further. When the last proved domain lapses or is removed, `domain` falls back to none.
"""

import logging
from typing import Any

from django.db import models, transaction

from licensing.rules import terms
from licensing.services import assertions
from licensing.services.verification import KINDS
from registry import jobs
from registry.actors import Actor, system
from registry.fetching import INTERNET, Network
from registry.merkle import tree
from registry.models import Domain, Job, Organisation
from registry.services import domains, log
from registry.services.domains import Finding

logger = logging.getLogger(__name__)
DOMAINS_A_ROUND = 500
GONE = frozenset({"MISSING", "OTHER_CONTENT"})  # what a place says that answered


@transaction.atomic
def ask(domain: Domain, *, actor: Actor) -> Job:
    """Have a domain's proof looked for by a worker, as other machines may be slow to answer.

    Raises Conflict when somebody asked moments ago, or the domain was removed.
    """
    organisation = actor.require_writer()
    domains.begin_look(domain)
    return jobs.enqueue("check_domain", organisation=organisation, domain_id=domain.pk, actor=actor.name)


def is_asked(domain: Domain) -> bool:
    """Whether a worker has been asked to look and has not answered yet."""
    running = Job.objects.filter(kind="check_domain", state__in=[Job.State.QUEUED, Job.State.RUNNING])
    return running.filter(arguments__domain_id=domain.pk).exists()


def check(domain: Domain, *, actor: Actor, network: Network = INTERNET) -> str:
    """Look for a domain's proof now and let its statements follow → "verified", "lapsed" or "" (no change).

    Another organisation that had proved the same domain is looked at as well, once: where its proof is gone the domain
    has changed hands, and theirs lapses without waiting. Where both proofs are there, both stand and both are told.
    """
    finding = domains.look(domain, network=network)
    gone = []
    if finding.ok and not domains.is_proved(domain):
        looked_at = [(other, domains.look(other, network=network)) for other in domains.others(domain)]
        gone = [(other, found) for other, found in looked_at if _is_gone(other, found)]
    with transaction.atomic():
        changed = domains.record(domain, finding, actor=actor)
        if changed:
            follow(domain.organisation, actor=actor)
        for other, found in gone:
            if domains.lapse(other, found, actor=system("domains")):
                follow(other.organisation, actor=system("domains"))
    return changed


def _is_gone(domain: Domain, finding: Finding) -> bool:
    """Whether the proof is no longer where it was. A place that did not answer says nothing of that: it may be down."""
    return dict(finding.causes).get(domain.method) in GONE


@transaction.atomic
def remove(domain: Domain, *, actor: Actor) -> None:
    """Take a domain off the list, with what it was worth."""
    domains.withdraw(domain, actor=actor)
    follow(domain.organisation, actor=actor)


@transaction.atomic
def follow(organisation: Organisation, *, actor: Actor) -> int:
    """Bring the organisation's statements in line with its domains; returns how many changed. One log entry for all."""
    is_known = assertions.has_proved_domain(organisation)
    before, after = terms.Verification.NONE, terms.Verification.DOMAIN
    if not is_known:
        before, after = after, before
    changed: list[str] = []
    for kind, model in KINDS.items():
        rows = _affected(model, organisation, before)
        found = list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", "public_id"))
        rows.filter(pk__in=[pk for pk, _ in found]).update(verification=after)
        changed += [f"{kind}:{public_id}" for _, public_id in found]
    if changed:
        root = tree.root(tree.leaf_hash(subject.encode()) for subject in changed).hex()
        log.stage(
            "statements.verified_by_domain" if is_known else "statements.no_longer_verified_by_domain",
            subject=f"organisation:{organisation.slug}",
            facts={"before": before, "verification": after, "statements": len(changed), "root": root},
            actor=actor,
            organisation=organisation,
        )
    return len(changed)


def _affected(model: Any, organisation: Organisation, verification: str) -> models.QuerySet[Any]:
    rows: models.QuerySet[Any] = model._default_manager.filter(
        asserted_by=organisation,
        verification=verification,
        capacity__in=sorted(assertions.RAISED_BY_DOMAIN),
        withdrawn_at__isnull=True,
    )
    return rows


def enqueue_due() -> int:
    """A job for each domain whose proof has to be looked for again; returns how many."""
    waiting = set(
        Job.objects.filter(kind="check_domain", state__in=[Job.State.QUEUED, Job.State.RUNNING]).values_list(
            "arguments__domain_id", flat=True
        )
    )
    due = [domain for domain in domains.due()[:DOMAINS_A_ROUND] if domain.pk not in waiting]
    for domain in due:
        with transaction.atomic():
            jobs.enqueue("check_domain", domain_id=domain.pk)
    return len(due)


def check_asked(domain_id: int, *, actor: str = "system:domains", network: Network = INTERNET) -> None:
    """What the job does: look for one proof, in the name of who asked for it."""
    domain = Domain.objects.filter(pk=domain_id, withdrawn_at__isnull=True).select_related("organisation").first()
    if domain is not None and check(domain, actor=Actor(name=actor), network=network) == "lapsed":
        logger.warning("the proof of %s is gone: %s", domain.name, domain.public_id)
