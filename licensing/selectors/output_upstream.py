"""What is said to lie upstream of a dataset: claims, components and generated parts, layer by layer."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import registry.access
from licensing.models import GeneratedPart
from licensing.output_access import generated_parts
from licensing.rules.output_lineage import DATASET, MODEL, Key, Step
from registry.actors import Actor
from registry.models import AIModel, Component, Dataset

MAX_LAYERS = 12
MAX_NODES = 2_000


@dataclass
class Upstream:
    """The graph above a dataset as the actor may see it."""

    steps: list[Step] = field(default_factory=list)
    rows: dict[Key, AIModel | Dataset] = field(default_factory=dict)
    # (generator, dataset) → what is recorded of it: the organisation's own records, else what everybody knows
    parts: dict[tuple[Key, Key], list[GeneratedPart]] = field(default_factory=dict)
    claims: dict[tuple[Key, Key, str], list[str]] = field(default_factory=dict)  # step → keys of the claims it rests on
    is_cut: bool = False


def upstream(dataset: Dataset, actor: Actor) -> Upstream:
    """What the dataset is said to come from, layer by layer: claims, components and generated parts."""
    graph = Upstream(rows={key_of(dataset): dataset})
    front: set[Key] = {key_of(dataset)}
    statuses: dict[tuple[Key, Key, str], list[str]] = {}
    for _ in range(MAX_LAYERS):
        if not front or graph.is_cut:
            break
        reached: set[Key] = set()
        for source, target, relation, status, claim in _edges(front, actor, graph):
            ends = (key_of(source), key_of(target), relation)
            statuses.setdefault(ends, []).append(status)
            if claim:
                graph.claims.setdefault(ends, []).append(claim)
            if key_of(source) not in graph.rows:
                graph.rows[key_of(source)] = source
                reached.add(key_of(source))
        front = reached
        graph.is_cut = len(graph.rows) > MAX_NODES
    graph.is_cut = graph.is_cut or bool(front)
    graph.steps = [Step(*ends, tuple(sorted(set(said)))) for ends, said in statuses.items()]
    return graph


Edge = tuple[AIModel | Dataset, AIModel | Dataset, str, str, str]  # from, to, relation, status, key of the claim or ""


def _edges(front: Iterable[Key], actor: Actor, graph: Upstream) -> Iterator[Edge]:
    datasets = [int(pk) for kind, pk in front if kind == DATASET]
    models = [int(pk) for kind, pk in front if kind == MODEL]
    claims = registry.access.claims(actor).select_related(
        "subject_model__developer", "subject_dataset", "object_model__developer", "object_dataset"
    )
    for about in (claims.filter(subject_dataset__in=datasets), claims.filter(subject_model__in=models)):
        for claim in about.order_by("key")[: MAX_NODES * 2]:
            if claim.subject is not None and claim.object is not None:
                yield claim.object, claim.subject, claim.relation, claim.status, claim.key
    visible = registry.access.datasets(actor)
    components = Component.objects.filter(release__dataset__in=datasets, dataset__in=visible)
    for row in components.select_related("dataset", "release__dataset"):
        yield row.dataset, row.release.dataset, "contains", "disclosed", ""
    for part in generated_parts(actor).filter(dataset__in=datasets).order_by("pk"):
        graph.parts.setdefault((key_of(part.model), key_of(part.dataset)), []).append(part)
        status = "declared" if part.organisation_id else "disclosed" if part.verified else "reported"
        yield part.model, part.dataset, "generated_by", status, ""


def standing(parts: Sequence[GeneratedPart]) -> Sequence[GeneratedPart]:
    """Of the records of one generator in one dataset those that count: one's own, else what everybody knows."""
    return [row for row in parts if row.organisation_id is not None] or parts


def key_of(row: AIModel | Dataset) -> Key:
    """The node of a row in the graph."""
    return (MODEL if isinstance(row, AIModel) else DATASET, str(row.pk))
