"""The answer about model output in a clearance's dataset: decided with the works, stored with its facts and hashed.

Its leaf is named in the log entry of the clearance beside the root over the verdicts, so that neither can be written
anew. `licensing.rules.output_facts` decides the stored facts again, any time.
"""

import datetime
from typing import Any

from licensing.models import Clearance, ClearanceOutput, OutputChange
from licensing.rules import output_facts as rules
from licensing.rules.policy import Policy
from licensing.selectors import output_facts
from licensing.selectors.output_facts import Gathered
from licensing.selectors.output_terms import OutputQuestion
from registry.actors import system
from registry.merkle import tree
from registry.services import log

Json = dict[str, Any]
AnyOutput = ClearanceOutput | OutputChange


def gather(clearance: Clearance, on: datetime.date | None = None) -> Gathered:
    """What is on record today about model output in the clearance's dataset, for its question (of its day, or `on`)."""
    release = clearance.scan.release
    question = OutputQuestion(
        use=clearance.use,
        purpose=clearance.purpose,
        territory=clearance.territory,
        on=on or clearance.as_of,
        competing=clearance.competing,
        released=clearance.released,
        licensee=clearance.licensee,
    )
    actor = system("clearances", clearance.organisation)
    return output_facts.gather(release.dataset, question, actor, release)


def store(clearance: Clearance, policy: Policy) -> ClearanceOutput:
    """Decide and store the answer, in the transaction of the clearance's decision."""
    found = gather(clearance)
    said = rules.answer(found.facts, policy)
    return ClearanceOutput.objects.create(clearance=clearance, nodes=list(found.nodes), **columns(found.facts, said))


def columns(facts: Json, said: Json) -> Json:
    """The columns of an answer."""
    return {
        "facts": facts,
        "verdict": said["verdict"] or "",
        "blocks": said["blocks"],
        "reasons": said["reasons"],
        "rules_version": said["rules_version"],
    }


def leaf(row: AnyOutput) -> bytes:
    """The Merkle leaf of an answer: its facts and what was said."""
    said = {"id": row.public_id, "facts": row.facts, "verdict": row.verdict, "reasons": row.reasons}
    return tree.leaf_hash(log.canonical(said | {"blocks": row.blocks}))


def recompute(row: AnyOutput, policy: Policy) -> Json:
    """The answer decided again from its stored facts (guarantee 1)."""
    return rules.answer(row.facts, policy)


def of_every_text(facts: Json) -> Json | None:
    """The `generated_by` of the case of every work found, where one model wrote the whole dataset; else None."""
    return rules.whole_generation(facts, rules.reasons(facts))


def latest(clearance: Clearance) -> AnyOutput | None:
    """The answer as it is now: the last change, else the one that was given; None of a clearance from before."""
    changed = OutputChange.objects.filter(clearance=clearance).order_by("pk").last()
    return changed or ClearanceOutput.objects.filter(clearance=clearance).first()


def summary(row: AnyOutput) -> Json:
    """What totals tell of it: the verdict (None: nothing on record), the declared share, the measured one."""
    measured = rules.measured_by(row.facts)
    told: Json = {
        "verdict": row.verdict or None,
        "blocks": row.blocks,
        "declared_percent": row.facts["declared"]["percent"],
        "audit": None,
        "measured": None,
    }
    if measured is not None:
        names = ("rate", "interval", "corrected_rate", "corrected_interval", "records", "sampled", "confidence")
        told |= {"audit": measured["id"], "measured": {name: measured["measured"][name] for name in names}}
    return told
