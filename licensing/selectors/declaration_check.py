"""Holds what a firm's datasets contain against what it declared about its use of models: contradictions, by name."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q

import registry.access
from licensing.models import Clearance, GeneratedPart, UseDeclaration
from licensing.output_access import generated_parts, use_declarations
from licensing.rules.contracts import TRAINING_USES
from licensing.rules.output_lineage import DATASET
from licensing.selectors.output_upstream import upstream
from registry.actors import Actor
from registry.models import Dataset, ProvenanceClaim

Purpose, Destination, State = UseDeclaration.Purpose, UseDeclaration.Destination, UseDeclaration.State
MAX_DATASETS = 200
OWN_USE = (GeneratedPart.Acquired.OWN_API, GeneratedPart.Acquired.EXPERIMENT, GeneratedPart.Acquired.RELAY)


class Contradiction(StrEnum):
    NO_DECLARATION = "no_declaration"
    NOT_APPROVED = "not_approved"
    BEFORE_APPROVAL = "before_approval"
    AFTER_END = "after_end"
    OTHER_PROVIDER = "other_provider"
    OTHER_MODEL = "other_model"
    GOES_NOWHERE = "goes_nowhere"
    OTHER_DATASET = "other_dataset"
    NOT_FOR_TRAINING = "not_for_training"


@dataclass(frozen=True)
class Finding:
    """One contradiction: which output in which dataset, against which declaration."""

    cause: Contradiction
    part: GeneratedPart
    declaration: UseDeclaration | None
    sentence: str
    way: tuple[Dataset, ...] = ()  # from the dataset asked about to the one that holds the output, where they differ


def check(dataset: Dataset, actor: Actor) -> list[Finding]:
    """What contradicts the register of the actor's organisation in the dataset and in what it was made of.

    Only the organisation's own records count: output that it got by an account, an experiment or a relay of its own.
    """
    if actor.organisation is None:
        return []
    graph = upstream(dataset, actor)
    holders = [int(pk) for kind, pk in graph.rows if kind == DATASET]
    parts = generated_parts(actor).filter(organisation=actor.organisation, dataset__in=holders, acquired__in=OWN_USE)
    declarations = list(use_declarations(actor))
    trains = is_training_set(dataset, actor)
    found: list[Finding] = []
    for part in parts.order_by("dataset__name", "id"):
        way = (dataset, part.dataset) if part.dataset != dataset else ()
        declaration = part.declaration or _fitting(part, declarations)
        for cause, sentence in _contradictions(part, declaration, dataset, trains):
            found.append(Finding(cause, part, declaration, sentence, way))
    return found


def is_training_set(dataset: Dataset, actor: Actor) -> bool:
    """Whether it trains models: somebody says so, or the organisation had it checked for a training use."""
    said = registry.access.claims(actor).filter(
        object_dataset=dataset, relation=ProvenanceClaim.Relation.TRAINED_ON, subject_model__isnull=False
    )
    asked = Clearance.objects.filter(
        organisation=actor.organisation, scan__release__dataset=dataset, use__in=[use.value for use in TRAINING_USES]
    )
    return said.exclude(status=ProvenanceClaim.Status.DENIED).exists() or asked.exists()


def _fitting(part: GeneratedPart, declarations: list[UseDeclaration]) -> UseDeclaration | None:
    """The declaration that covers the output best where the record names none: same provider, same or any model."""
    same = [row for row in declarations if row.provider_id == part.model.developer_id]
    fitting = [row for row in same if row.model_id in (None, part.model_id)]
    ordered = sorted(fitting, key=lambda row: (row.state == State.DRAFT, not _covers_days(row, part), row.pk))
    return ordered[0] if ordered else None


def _covers_days(row: UseDeclaration, part: GeneratedPart) -> bool:
    first, last = part.generated_from or part.generated_to, part.generated_to or part.generated_from
    begun = row.begins_on is not None and (first is None or row.begins_on <= first)
    return begun and (row.ended_on is None or last is None or last <= row.ended_on)


def _contradictions(
    part: GeneratedPart, row: UseDeclaration | None, dataset: Dataset, trains: bool
) -> Iterator[tuple[Contradiction, str]]:
    model = str(part.model)
    if row is None:
        yield Contradiction.NO_DECLARATION, f"Output of {model} is in it, and no declaration covers that use."
        return
    if row.provider_id != part.model.developer_id:
        provider = str(row.provider)
        yield Contradiction.OTHER_PROVIDER, f"The declaration is for {provider}, the output is {model}'s."
    elif row.model_id not in (None, part.model_id):
        yield Contradiction.OTHER_MODEL, f"The declaration is for {row.model}, the output is {model}'s."
    yield from _by_time(part, row)
    if not row.destinations:
        yield Contradiction.GOES_NOWHERE, "The declaration says that the output goes nowhere, and it is in a dataset."
        return
    named = {one.pk for one in row.datasets.all()}
    if named and dataset.pk not in named and part.dataset_id not in named:
        yield Contradiction.OTHER_DATASET, "The declaration names the datasets that may hold the output; not this one."
    if trains and Destination.TRAINING not in row.destinations:
        kind = "an experiment" if row.purpose == Purpose.EXPERIMENT else "a use that trains nothing"
        yield Contradiction.NOT_FOR_TRAINING, f"The declaration is for {kind}, and the dataset trains models."


def _by_time(part: GeneratedPart, row: UseDeclaration) -> Iterator[tuple[Contradiction, str]]:
    first: datetime.date | None = part.generated_from or part.generated_to
    last: datetime.date | None = part.generated_to or part.generated_from
    if row.state == State.DRAFT:
        yield Contradiction.NOT_APPROVED, "The declaration is a draft that nobody approved."
        return
    if row.begins_on and first and first < row.begins_on:
        yield (
            Contradiction.BEFORE_APPROVAL,
            f"The output is of {first}, before the declaration began on {row.begins_on}.",
        )
    if row.ended_on and last and last > row.ended_on:
        yield Contradiction.AFTER_END, f"The declaration ended on {row.ended_on}, before the output of {last}."


def flagged(actor: Actor) -> list[tuple[Dataset, list[Finding]]]:
    """The organisation's datasets that contradict its register, each with why."""
    if actor.organisation is None:
        return []
    own = Q(organisation=actor.organisation)
    holding = generated_parts(actor).filter(organisation=actor.organisation, acquired__in=OWN_USE).values("dataset")
    if not holding.exists():
        return []
    rows = registry.access.datasets(actor).filter(own | Q(pk__in=holding)).order_by("name")[:MAX_DATASETS]
    checked = [(row, check(row, actor)) for row in rows]
    return [(row, findings) for row, findings in checked if findings]
