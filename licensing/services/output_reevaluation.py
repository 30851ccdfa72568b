"""What new facts about model output change in clearances: looked at again, kept beside what was answered, and told.

A part that a model wrote, a claim of provenance, a version of terms, a use declaration, an opinion or an audit: each is
something that answers depend on, and every answer keeps what it depends on (`nodes`). Only these are looked at. The
answer that was given stays; an `OutputChange` says what it would be today. Where one model wrote the whole dataset, the
verdicts of its works follow.
"""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from licensing.models import Clearance, ClearanceOutput, OutputChange, VerdictChange
from licensing.rules import output_facts as rules
from licensing.services import (
    assertions,
    channel_events,
    clearance_outputs,
    clearances,
    output_dependents,
    reevaluation,
)
from licensing.services.clearance_outputs import AnyOutput
from registry import jobs
from registry.actors import system
from registry.services import log, mail

JOB = output_dependents.JOB
MAIL = "licensing/email/output_changed"
Json = dict[str, Any]


def depending(nodes: Collection[str] | None, private_to: int | None) -> QuerySet[ClearanceOutput]:
    """The answers that depend on any of these (None: all), of one organisation (its key) where only it sees them."""
    rows = ClearanceOutput.objects.filter(clearance__state=Clearance.State.DECIDED)
    if nodes is not None:
        rows = rows.filter(nodes__overlap=sorted(nodes))
    return rows if private_to is None else rows.filter(clearance__organisation=private_to)


def run(
    cause: str, nodes: Collection[str] | None, private_to: int | None = None, claim: jobs.Claim | None = None
) -> int:
    """Look at the answers again, clearance by clearance; returns how many are different now. Twice changes nothing."""
    pks = list(depending(nodes, private_to).order_by("clearance_id").values_list("clearance_id", flat=True))
    changed = 0
    for number, pk in enumerate(pks, start=1):
        with transaction.atomic():
            if claim is not None:
                claim.guard()
            change = _look_again(pk, cause)
        if change is not None:
            changed += 1
            _write(change)
        if claim is not None:
            claim.progress("looking again", number, len(pks))
    return changed


def _look_again(pk: int, cause: str) -> OutputChange | None:
    """The answer of one clearance by today's records, kept where it is another one."""
    rows = Clearance.objects.select_for_update(no_key=True, of=("self",))
    related = ("organisation", "licensee", "requested_by", "scan__release__dataset")
    clearance = rows.select_related(*related).get(pk=pk)
    before = clearance_outputs.latest(clearance)
    assert before is not None
    as_of = max(clearance.as_of, assertions.today())
    found = clearance_outputs.gather(clearance, as_of)
    said = rules.answer(found.facts, clearances.policy_of(clearance.policy))
    ClearanceOutput.objects.filter(clearance=clearance).update(nodes=list(found.nodes))
    if shown(before.facts, before.verdict, before.blocks, before.reasons) == shown(
        found.facts, said["verdict"] or "", said["blocks"], said["reasons"]
    ):
        return None
    change = OutputChange(
        clearance=clearance,
        cause=cause,
        as_of=as_of,
        nodes=list(found.nodes),
        **clearance_outputs.columns(found.facts, said),
    )
    _keep(change, before)
    if clearance_outputs.of_every_text(before.facts) != clearance_outputs.of_every_text(found.facts):
        reevaluation.of_clearance(clearance, VerdictChange.Cause.OUTPUT)
    return change


def shown(facts: Json, verdict: str, blocks: bool, reasons: list[Json]) -> Json:
    """What of an answer somebody relies on: of two that agree in it the later one is no change."""
    return {
        "verdict": verdict,
        "blocks": blocks,
        "reasons": sorted((row["code"], row["sentence"], row["decides"]) for row in reasons),
        "declared": facts["declared"]["percent"],
        "audits": [(row["id"], row["result"]) for row in facts["audits"]],
        "opinions": [(row["key"], row["opinion"] and row["opinion"]["id"]) for row in facts["questions"]],
    }


def _keep(change: OutputChange, before: AnyOutput) -> None:
    clearance = change.clearance
    subject = f"clearance:{clearance.public_id}"
    facts: dict[str, object] = {
        "cause": change.cause,
        "as_of": change.as_of.isoformat(),
        "output": clearance_outputs.leaf(change).hex(),
        "verdict": change.verdict or None,
        "before": before.verdict or None,
    }
    actor = system("reevaluation", clearance.organisation)
    change.entry = log.stage("clearance.output_reevaluated", subject=subject, facts=facts, actor=actor)
    change.save()
    told: dict[str, object] = {
        "clearance": clearance.public_id,
        "cause": str(change.cause),
        "agreement": None,
        "changed": 0,  # verdicts about works; those are told of by themselves
        "as_of": change.as_of.isoformat(),
        "output": clearance_outputs.summary(change) | {"before": before.verdict or None},
    }
    channel_events.tell(channel_events.CLEARANCE_CHANGED, (clearance.organisation,), told)


def _write(change: OutputChange) -> None:
    """Mail whoever asked the question."""
    person = change.clearance.requested_by
    if person is None or not person.email or not person.is_active:
        return
    context = {
        "clearance": change.clearance,
        "dataset": change.clearance.scan.release.dataset,
        "change": change,
        "address": f"{settings.SITE_URL}/clearances/{change.clearance.public_id}#model-output",
        "site_url": settings.SITE_URL,
    }
    mail.send(mail.compose(MAIL, person.email, context))
