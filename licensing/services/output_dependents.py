"""What answers about model output depend on, and the job that looks at them again."""

from collections.abc import Iterable

from licensing.models import ClearanceOutput, LegalQuestion
from registry import jobs
from registry.models import AIModel, Dataset, Job, Organisation, Party

JOB = "reevaluate_output"
Thing = Dataset | AIModel | Party | LegalQuestion


def after(cause: str, things: Iterable[Thing] | None, organisation: Organisation | None = None) -> Job | None:
    """Have the clearances that depend on any of these looked at again (None: all), in the caller's transaction.

    organisation: the only one that sees what changed; None: everybody does. Without any clearance there is no job.
    """
    rows = ClearanceOutput.objects.all()
    if organisation is not None:
        rows = rows.filter(clearance__organisation=organisation)
    if not rows.exists():
        return None
    nodes = None if things is None else sorted({node_of(thing) for thing in things})
    private_to = organisation.pk if organisation else None
    return jobs.enqueue(JOB, organisation=organisation, cause=str(cause), nodes=nodes, private_to=private_to)


def node_of(thing: Thing) -> str:
    """How an answer names what it depends on (`licensing.selectors.output_facts`)."""
    if isinstance(thing, LegalQuestion):
        return f"question:{thing.key}"
    kinds: list[tuple[type, str]] = [(Dataset, "dataset"), (AIModel, "model"), (Party, "provider")]
    kind = next(name for model, name in kinds if isinstance(thing, model))
    return f"{kind}:{thing.pk}"
