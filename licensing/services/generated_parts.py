"""What a firm records of its own datasets: which model wrote which part, from which prompts, how it was got."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now

from licensing.models import GeneratedPart, OutputChange, UseDeclaration
from licensing.services import output_dependents
from licensing.services.assertions import today
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import AIModel, Dataset
from registry.services import log

MAX_TEXT = 5_000
MAX_RECORDS = 10**15


@dataclass(frozen=True)
class Part:
    """What is recorded of a generated part."""

    model: AIModel
    acquired: str
    share_percent: Decimal | None = None
    records: int | None = None
    prompts: str = ""
    cleaning: str = ""
    generated_from: datetime.date | None = None
    generated_to: datetime.date | None = None
    declaration: UseDeclaration | None = None


@transaction.atomic
def record(dataset: Dataset, said: Part, *, actor: Actor) -> GeneratedPart:
    """Record a part of one of the organisation's own datasets. Raises InvalidInput with every fault."""
    organisation = actor.require_writer()
    if dataset.organisation != organisation:
        raise NotAllowed("What models wrote of a dataset is recorded by the organisation whose dataset it is.")
    Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)  # shares are summed
    _require(dataset, said, actor)
    row = GeneratedPart.objects.create(
        dataset=dataset,
        model=said.model,
        organisation=organisation,
        share_percent=said.share_percent,
        records=said.records,
        prompts=said.prompts.strip(),
        acquired=said.acquired,
        cleaning=said.cleaning.strip(),
        generated_from=said.generated_from,
        generated_to=said.generated_to,
        declaration=said.declaration,
        recorded_by=actor.user,
    )
    facts: dict[str, object] = {
        "dataset": dataset.slug,
        "model": said.model.slug,
        "acquired": str(said.acquired),
        "share_percent": None if said.share_percent is None else str(said.share_percent),
        "records": said.records,
        "generated_from": said.generated_from.isoformat() if said.generated_from else None,
        "generated_to": said.generated_to.isoformat() if said.generated_to else None,
        "declaration": said.declaration.public_id if said.declaration else None,
    }
    row.entry = log.stage("generated.recorded", subject=f"generated:{row.public_id}", facts=facts, actor=actor)
    row.save(update_fields=["entry"])
    output_dependents.after(OutputChange.Cause.PART, [dataset], organisation)
    return row


@transaction.atomic
def withdraw(part: GeneratedPart, *, actor: Actor) -> None:
    """Take a record back; the log keeps that it was there."""
    if actor.require_writer() != part.organisation:
        raise NotAllowed("A record is taken back by the organisation that made it.")
    if not GeneratedPart.objects.filter(pk=part.pk, withdrawn_at=None).update(withdrawn_at=Now()):
        raise Conflict("This record is withdrawn already.")
    facts: dict[str, object] = {"dataset": part.dataset.slug, "model": part.model.slug}
    log.stage("generated.withdrawn", subject=f"generated:{part.public_id}", facts=facts, actor=actor)
    output_dependents.after(OutputChange.Cause.PART, [part.dataset], part.organisation)


def _require(dataset: Dataset, said: Part, actor: Actor) -> None:
    faults = []
    if said.acquired not in GeneratedPart.Acquired.values:
        cause = f"{said.acquired!r} is not one of {', '.join(GeneratedPart.Acquired.values)}."
        faults.append({"pointer": "/acquired", "cause": cause})
    if said.share_percent is not None:
        standing = GeneratedPart.objects.filter(dataset=dataset, withdrawn_at=None, organisation=actor.organisation)
        total = standing.aggregate(total=Sum("share_percent"))["total"] or Decimal(0)
        if not 0 < said.share_percent <= 100:
            faults.append({"pointer": "/share_percent", "cause": "A share is more than 0 and at most 100 per cent."})
        elif total + said.share_percent > 100:
            cause = f"The shares recorded for this dataset would add up to {total + said.share_percent} per cent."
            faults.append({"pointer": "/share_percent", "cause": cause})
    if said.records is not None and not 0 < said.records <= MAX_RECORDS:
        faults.append({"pointer": "/records", "cause": "Give a number of records above 0."})
    faults += [
        {"pointer": f"/{name}", "cause": f"At most {MAX_TEXT} characters."}
        for name in ("prompts", "cleaning")
        if len(getattr(said, name)) > MAX_TEXT
    ]
    faults += _day_faults(said)
    if said.declaration is not None and said.declaration.organisation != actor.organisation:
        faults.append({"pointer": "/declaration", "cause": "There is no such declaration of your organisation."})
    if faults:
        raise InvalidInput(faults[0]["cause"], errors=faults)


def _day_faults(said: Part) -> list[dict[str, str]]:
    first, last = said.generated_from, said.generated_to
    if first and last and last < first:
        return [{"pointer": "/generated_to", "cause": "The last day is before the first."}]
    late = next((name for name in ("generated_from", "generated_to") if (getattr(said, name) or today()) > today()), "")
    return [{"pointer": f"/{late}", "cause": "This day is still to come."}] if late else []
