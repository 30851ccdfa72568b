"""Clearances: one question asked of a scanned dataset, answered work by work from facts that are stored with it."""

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from ingest.models import Match, Scan
from ingest.selectors import scans
from licensing.models import Clearance, Verdict
from licensing.rules import explain, policy, terms, verdict
from licensing.rules.case import parse_case
from licensing.rules.terms import Verdict as Answer
from licensing.selectors import cases
from licensing.services import assertions, clearance_outputs, findings, policies, verdict_rows
from registry import jobs, memory
from registry.actors import Actor, system
from registry.errors import InvalidInput, NotAllowed
from registry.merkle import tree
from registry.models import Job, Organisation
from registry.services import copying, log
from registry.services.work_facts import text_faults

COLUMNS = (
    "public_id", "clearance_id", "work_id", "case", "verdict", "status", "reasons", "blocks", "documents",
    "matched_words", "relation",
)  # fmt: skip


@transaction.atomic
def request(
    *,
    scan: Scan,
    use: str,
    purpose: str,
    territory: str,
    actor: Actor,
    licensee: Organisation | None = None,
    as_of: datetime.date | None = None,
    profile: str = "balanced",
    reservation_search: str = "evidenced",
    product: str = "",
    model: str = "",
    competing: bool | None = None,
    released: bool = False,
) -> Clearance:
    """Ask the question; it is decided by the job that `decide_ready` enqueues once the scan is done.

    `product` and `model` name what the text is for, where that is known: a grant that names some covers no other.
    `competing`, `released`: of model output in the dataset (docs/clearances.md).

    Raises InvalidInput with every fault of the question, NotAllowed for somebody else's scan or licences.
    """
    organisation = actor.require_writer()
    if scan.organisation_id != organisation.pk:
        raise NotAllowed("A question is asked by the organisation whose scan it is about.")
    if licensee not in (None, organisation) and actor.user is not None:
        raise NotAllowed("You can ask for your own organisation; the grants of another one are theirs to show.")
    named = {"product": product.strip(), "model": model.strip()}
    errors = [*_faults(use=use, purpose=purpose, territory=territory), *text_faults(Clearance, named, "")]
    chosen = policies.choose(profile, organisation)
    if isinstance(chosen, str):
        errors.append({"pointer": "/policy", "cause": chosen})
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    clearance = Clearance.objects.create(
        scan=scan,
        organisation=organisation,
        requested_by=actor.user,
        licensee=licensee or organisation,
        use=use,
        purpose=purpose,
        territory=terms.find_territory(territory) or territory,
        as_of=as_of or assertions.today(),
        policy=stored_policy(chosen),
        reservation_search=reservation_search,
        competing=competing,
        released=released,
        **named,
    )
    log.stage(
        "clearance.requested",
        subject=f"clearance:{clearance.public_id}",
        facts={
            "scan": scan.public_id,
            "question": question_of(clearance).to_json(),
            "competing_model": competing,
            "released": released,
        },
        actor=actor,
    )
    return clearance


def _faults(*, use: str, purpose: str, territory: str) -> list[dict[str, str]]:
    errors = []
    if use not in set(terms.Use):
        errors.append({"pointer": "/use", "cause": f"{use!r} is not one of {', '.join(terms.Use)}."})
    if purpose not in set(terms.Purpose):
        errors.append({"pointer": "/purpose", "cause": f"{purpose!r} is not one of {', '.join(terms.Purpose)}."})
    if terms.find_territory(territory) is None:
        errors.append({"pointer": "/territory", "cause": f"{territory!r} is not a country code, EU, EEA or WORLD."})
    return errors


def question_of(clearance: Clearance) -> cases.Question:
    """The question a clearance asks, as the rules read it."""
    return cases.Question(
        use=clearance.use,
        purpose=clearance.purpose,
        territory=clearance.territory,
        on=clearance.as_of,
        licensee=clearance.licensee,
        policy=str(clearance.policy["profile"]),
        product=clearance.product,
        model=clearance.model,
    )


def decide_ready() -> int:
    """Enqueue the decision of every clearance whose scan has ended; returns how many. Run by beat."""
    count = 0
    ended = [Scan.State.DONE, Scan.State.FAILED, Scan.State.CANCELLED]
    waiting = Clearance.objects.filter(state=Clearance.State.WAITING, scan__state__in=ended)
    for clearance in waiting.select_related("organisation"):
        with transaction.atomic():
            pending = Job.objects.filter(kind="decide", arguments__clearance_id=clearance.pk)
            if pending.exists():
                continue
            jobs.enqueue("decide", organisation=clearance.organisation, clearance_id=clearance.pk)
            count += 1
    return count


def close_broken() -> int:
    """Fail the clearances whose decision ended without one: quarantined, cancelled. Run by beat; returns how many."""
    broken = Job.objects.filter(
        kind="decide", state__in=[Job.State.FAILED, Job.State.QUARANTINED, Job.State.CANCELLED]
    ).order_by("id")
    count = 0
    for clearance in Clearance.objects.filter(state=Clearance.State.WAITING):
        job = broken.filter(arguments__clearance_id=clearance.pk).first()
        if job is not None:
            still_waiting = Clearance.objects.filter(pk=clearance.pk, state=Clearance.State.WAITING)
            count += still_waiting.update(state=Clearance.State.FAILED, reason=job.reason)
    return count


@transaction.atomic
def decide(clearance_id: int) -> Clearance:
    """Decide a waiting clearance from its scan's matches and today's records; deciding twice changes nothing."""
    clearance = Clearance.objects.select_for_update().get(pk=clearance_id)
    if clearance.state != Clearance.State.WAITING:
        return clearance
    if clearance.scan.state != Scan.State.DONE:
        clearance.state = Clearance.State.FAILED
        clearance.reason = f"The scan {clearance.scan.state}: {clearance.scan.reason}".strip(": ")
        clearance.save(update_fields=["state", "reason"])
        return clearance
    output = clearance_outputs.store(clearance, policy_of(clearance.policy))
    tally = _store_verdicts(clearance, clearance_outputs.of_every_text(output.facts))
    clearance.state = Clearance.State.DECIDED
    clearance.rules_version = verdict.rules_version()
    clearance.totals = totals(clearance, tally) | {"output": clearance_outputs.summary(output)}
    clearance.blocks = tally.blocking > 0 or output.blocks
    clearance.decided_at = Now()
    clearance.save()
    clearance.refresh_from_db()
    log.stage(
        "clearance.decided",
        subject=f"clearance:{clearance.public_id}",
        facts={
            "rules_version": clearance.rules_version,
            "policy": clearance.policy,
            "scan": clearance.scan.public_id,
            "index": clearance.scan.index_digest,
            "totals": clearance.totals,
            "verdicts": tally.works.total(),
            "verdicts_root": tally.leaves.root().hex(),
            "output": clearance_outputs.leaf(output).hex(),
        },
        actor=system("clearances", clearance.organisation),
    )
    return clearance


def leaf(row: Verdict) -> bytes:
    """The Merkle leaf of one verdict: its case and its answer."""
    said = {"id": row.public_id, "case": row.case, "verdict": row.verdict, "reasons": row.reasons, "blocks": row.blocks}
    return tree.leaf_hash(log.canonical(said))


@dataclass
class Tally:
    """What became of the works of a clearance, and the root over their verdicts in the order of their keys."""

    works: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    blocking: int = 0
    leaves: tree.Frontier = field(default_factory=tree.Frontier)


def _store_verdicts(clearance: Clearance, generated_by: dict[str, Any] | None) -> Tally:
    """Decide about every work that the scan found and store the verdicts, which stream through.

    `generated_by`: where one model wrote every text of the dataset.
    """
    tally = Tally()
    facts = question_of(clearance), copy_facts(clearance), policy_of(clearance.policy)
    writer = verdict_rows.Writer(*facts, generated_by)
    with memory.no_cycle_search(), closing(writer.batches(dict(findings.of_scan(clearance.scan)))) as batches:
        copying.insert_batches(Verdict, COLUMNS, (_lines(clearance, rows, tally) for rows in batches))
    return tally


def _lines(clearance: Clearance, rows: Iterable[verdict_rows.Row], tally: Tally) -> Iterator[str]:
    """Rows as COPY takes them, counted and hashed as they pass."""
    key, works, counted, leaves, column = clearance.pk, tally.works, tally.words, tally.leaves, copying.json_column
    for row in rows:
        public_id, work, case, said, reasons, found, relation = row
        verdict, words = said.verdict, found.matched_words
        works[verdict] += 1
        counted[verdict] += words
        tally.blocking += said.blocks
        leaves.add(tree.leaf_hash(row.leaf))
        yield (
            f"{public_id}\t{key}\t{work}\t{column(case)}\t{verdict}\t{said.status}\t{column(reasons)}\t{said.blocks}\t"
            f"{found.documents}\t{words}\t{relation}\n"
        )


def copy_facts(clearance: Clearance) -> dict[str, Any]:
    """The `copy` of a case: how and when the copy was made, and whether reservations were searched for."""
    scan = clearance.scan
    facts: dict[str, Any] = {"acquisition": scan.acquisition, "reservation_search": clearance.reservation_search}
    if scan.copied_on:
        facts["copied_on"] = scan.copied_on.isoformat()
    if scan.copied_in:
        facts["copied_in"] = scan.copied_in
    return facts


def answer_of(case: dict[str, Any], policy_facts: dict[str, Any]) -> dict[str, Any]:
    """Decide a stored case under a stored policy: pure, so the same answer any time under the same rules."""
    return explain.answer_json(parse_case(case), policy_of(policy_facts))


def policy_of(facts: dict[str, Any]) -> policy.Policy:
    """A policy as a clearance keeps it."""
    return policy.Policy(
        profile=facts["profile"],
        version=facts["version"],
        blocked=frozenset(Answer(word) for word, blocks in facts["blocks"].items() if blocks),
        quotations=facts["quotations"],
    )


def stored_policy(chosen: policy.Policy | str) -> dict[str, Any]:
    """A policy as a clearance keeps it, so that a later version of it changes nothing here."""
    if isinstance(chosen, str):
        chosen = policy.load_profile(chosen)
    return {
        "profile": chosen.profile,
        "version": chosen.version,
        "blocks": chosen.table,
        "quotations": chosen.quotations,
    }


def recompute(row: Verdict) -> dict[str, Any]:
    """The answer for a stored verdict, decided again from its stored case (guarantee 1)."""
    return answer_of(row.case, row.clearance.policy)


def totals(clearance: Clearance, tally: Tally) -> dict[str, Any]:
    """Counts and word shares per verdict, and how much of the dataset was identified at all."""
    scan = clearance.scan
    by_verdict = {str(word): {"works": tally.works[word], "words": tally.words[word]} for word in Answer}
    matches = Match.objects.filter(scan=scan)
    if not clearance.policy["quotations"]:  # a mere quotation identifies nothing unless the policy counts it
        matches = matches.exclude(relation=Match.Relation.QUOTATION)
    identified = matches.values("item_id").distinct().count()
    words = tally.words.total()
    return {
        "documents": scan.documents,
        "documents_identified": identified,
        "documents_unidentified": scan.documents - identified,
        "words": scan.words,
        "words_identified": min(words, scan.words),
        "works": tally.works.total(),
        "verdicts": by_verdict,
        "blocking": tally.blocking,
        "skipped": scan.skipped.count(),
        "documents_unpublished": scans.unpublished(scan),
    }
