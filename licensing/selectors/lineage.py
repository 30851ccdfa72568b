"""Lineage: dataset → model → output → dataset, as claims tell it; cycles are real and are marked, not followed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

import registry.access
from registry.actors import Actor
from registry.models import AIModel, Component, Dataset, ProvenanceClaim

MAX_STEPS, MAX_NODES, MAX_EDGES_PER_NODE = 3, 36, 12
Key = tuple[str, int]  # "dataset" | "model", primary key


@dataclass(frozen=True)
class Node:
    """A dataset or model; `layer` 0 is what was asked about, below it what it comes from, above it what came of it."""

    key: Key
    row: Any
    layer: int


@dataclass(frozen=True)
class Edge:
    """Something went from `source` to `target`. `is_back`: it closes a cycle."""

    source: Key
    target: Key
    relation: str
    status: str
    claims: tuple[ProvenanceClaim, ...] = ()
    is_back: bool = False


@dataclass
class Lineage:
    """The graph around one dataset; `is_cut` where there is more than is shown."""

    nodes: dict[Key, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    is_cut: bool = False

    @property
    def has_cycle(self) -> bool:
        """Whether something comes back to where it began."""
        return any(edge.is_back for edge in self.edges)


def around(dataset: Dataset, actor: Actor) -> Lineage:
    """What the dataset is said to come from and what is said to come of it, MAX_STEPS in either direction."""
    graph = Lineage()
    start = ("dataset", dataset.pk)
    graph.nodes[start] = Node(start, dataset, 0)
    found: dict[tuple[Key, Key, str], list[ProvenanceClaim]] = {}
    for direction in (1, -1):
        front = {start}
        for step in range(1, MAX_STEPS + 1):
            edges = _edges(front, direction, actor)
            front = set()
            for (source, target, relation), claims in edges.items():
                far = target if direction == 1 else source
                if far not in graph.nodes:
                    if len(graph.nodes) >= MAX_NODES:
                        graph.is_cut = True
                        continue
                    graph.nodes[far] = Node(far, _row(claims, far), direction * step)
                    front.add(far)
                found[source, target, relation] = claims
    graph.edges = [_edge(ends, claims, graph) for ends, claims in found.items()]
    graph.edges.sort(
        key=lambda edge: (graph.nodes[edge.source].layer, str(graph.nodes[edge.source].row), edge.relation)
    )
    return graph


def _edges(front: Iterable[Key], direction: int, actor: Actor) -> dict[tuple[Key, Key, str], list[ProvenanceClaim]]:
    """The claims that lead on from these nodes, by their ends; data flows from a claim's object to its subject."""
    side = "object" if direction == 1 else "subject"
    datasets = [pk for kind, pk in front if kind == "dataset"]
    models = [pk for kind, pk in front if kind == "model"]
    about = Q(**{f"{side}_dataset__in": datasets}) | Q(**{f"{side}_model__in": models})
    rows = registry.access.claims(actor).filter(about).order_by("key")
    related = rows.select_related("subject_model", "subject_dataset", "object_model", "object_dataset")
    edges: dict[tuple[Key, Key, str], list[ProvenanceClaim]] = {}
    for claim in related.prefetch_related("sources")[: MAX_NODES * MAX_EDGES_PER_NODE]:
        ends = (
            _key(claim.object_model_id, claim.object_dataset_id),
            _key(claim.subject_model_id, claim.subject_dataset_id),
        )
        edges.setdefault((*ends, claim.relation), []).append(claim)
    return edges


def _key(model: int | None, dataset: int | None) -> Key:
    return ("model", model) if model is not None else ("dataset", dataset or 0)


def _row(claims: list[ProvenanceClaim], key: Key) -> AIModel | Dataset:
    ends = (claims[0].subject, claims[0].object)
    return next(row for row in ends if row is not None and _key_of(row) == key)


def _key_of(row: AIModel | Dataset) -> Key:
    return ("model", row.pk) if isinstance(row, AIModel) else ("dataset", row.pk)


def _edge(ends: tuple[Key, Key, str], claims: list[ProvenanceClaim], graph: Lineage) -> Edge:
    source, target, relation = ends
    statuses = list(dict.fromkeys(claim.status for claim in claims))
    is_back = graph.nodes[source].layer >= graph.nodes[target].layer
    return Edge(source, target, relation, ", ".join(statuses), tuple(claims), is_back)


def parts(dataset: Dataset, actor: Actor) -> list[Component]:
    """What the dataset's latest release with components is made of, as far as the actor may see it."""
    rows = Component.objects.filter(release__dataset=dataset, dataset__in=registry.access.datasets(actor))
    ordered = rows.select_related("dataset", "source", "release").order_by("-weight_percent", "dataset__name")
    return list(ordered.prefetch_related("dataset__proceedings"))
