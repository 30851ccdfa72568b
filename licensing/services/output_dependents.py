"""What answers about model output depend on, and the job that looks at them again."""

import datetime
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from licensing.models import ClearanceOutput, LegalQuestion, Opinion, OutputChange, UseDeclaration
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


def follow_day(day: datetime.date) -> int:
    """Have looked again at what declarations and opinions change on this day; returns how many jobs that made.

    Once for each day (`licensing.services.dates`): they are recorded before they begin.
    """
    yesterday = day - datetime.timedelta(days=1)
    turned = Q(begins_on=day) | Q(state=UseDeclaration.State.ENDED, ended_on=yesterday)
    declared = UseDeclaration.objects.exclude(state=UseDeclaration.State.DRAFT).filter(turned)
    opinions = Opinion.objects.filter(valid_from=day)
    made = 0
    with transaction.atomic():
        for row in declared.select_related("provider", "organisation"):
            made += after(OutputChange.Cause.DECLARATION, [row.provider], row.organisation) is not None
        for opinion in opinions.select_related("question", "organisation"):
            made += after(OutputChange.Cause.OPINION, [opinion.question], opinion.organisation) is not None
    return made


def node_of(thing: Thing) -> str:
    """How an answer names what it depends on (`licensing.selectors.output_facts`)."""
    if isinstance(thing, LegalQuestion):
        return f"question:{thing.key}"
    kinds: list[tuple[type, str]] = [(Dataset, "dataset"), (AIModel, "model"), (Party, "provider")]
    kind = next(name for model, name in kinds if isinstance(thing, model))
    return f"{kind}:{thing.pk}"
