"""Through which paths the output of models reached a dataset: dataset ← model ← output ← dataset, as claims tell it.

Pure. Cycles are real (a model trained on text that its own output went into): they are marked, never followed twice.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Key = tuple[str, str]  # "dataset" | "model", id
DATASET, MODEL = "dataset", "model"
MAX_NODES = 2_000
# what makes a statement more than talk; a step of which nothing else is said is possible, not established
ESTABLISHED = frozenset({"disclosed", "admitted", "court_finding", "declared"})
# (kind of what came of it, relation, kind of what it came from) along which text, or a restriction on it, travels
_TEXT = frozenset(
    {
        (DATASET, "derived_from", DATASET),
        (DATASET, "contains", DATASET),
        (DATASET, "obtained_from", DATASET),
        (MODEL, "trained_on", DATASET),
    }
)
_OUTPUT = frozenset(
    {
        (DATASET, "generated_by", MODEL),
        (DATASET, "obtained_from", MODEL),
        (DATASET, "contains", MODEL),
        (MODEL, "trained_on", MODEL),  # on its output
        (MODEL, "derived_from", MODEL),  # of its weights: the licence of the first goes with the second's output
    }
)


@dataclass(frozen=True)
class Step:
    """Something came from `source` into `target`, by these statements."""

    source: Key
    target: Key
    relation: str
    statuses: tuple[str, ...] = ("disclosed",)

    @property
    def is_established(self) -> bool:
        """Whether anybody who knows says so: whoever made it, an admission, a court."""
        return not ESTABLISHED.isdisjoint(self.statuses)

    @property
    def brings_output(self) -> bool:
        """Whether a model's output, or its licence, came this way."""
        return (self.target[0], self.relation, self.source[0]) in _OUTPUT

    @property
    def is_followed(self) -> bool:
        """Whether a restriction on output travels along it."""
        return self.brings_output or (self.target[0], self.relation, self.source[0]) in _TEXT


@dataclass(frozen=True)
class Path:
    """How output of `generator` reached the dataset asked about: steps from that dataset backwards."""

    generator: Key
    steps: tuple[Step, ...]

    @property
    def is_established(self) -> bool:
        return all(step.is_established for step in self.steps)

    @property
    def is_direct(self) -> bool:
        """Whether the dataset itself holds that model's output, in one step."""
        return len(self.steps) == 1


@dataclass
class OutputLineage:
    """What was found upstream: one path a generator, the steps that close cycles, and whether the search was cut."""

    paths: list[Path] = field(default_factory=list)
    cycles: list[Step] = field(default_factory=list)
    is_cut: bool = False


def trace(start: Key, steps: Iterable[Step], max_nodes: int = MAX_NODES) -> OutputLineage:
    """The generators whose output is said to have reached `start`, each by its best path: the fewest doubtful steps,
    then the fewest steps. Deterministic, whatever the order of `steps`."""
    into: dict[Key, list[Step]] = {}
    for step in sorted(steps, key=lambda one: (one.target, one.source, one.relation)):
        if step.is_followed:
            into.setdefault(step.target, []).append(step)
    best, is_cut = _best_ways(start, into, max_nodes)
    found: dict[Key, tuple[tuple[int, int], Path]] = {}
    for node, (cost, way) in best.items():
        for step in into.get(node, ()):
            if not step.brings_output or step.source == start:
                continue
            reached = (cost[0] + (not step.is_established), cost[1] + 1)
            path = Path(step.source, (*way, step))
            if step.source not in found or reached < found[step.source][0]:
                found[step.source] = (reached, path)
    ordered = sorted(found.values(), key=lambda one: (one[0], one[1].generator))
    return OutputLineage([path for _, path in ordered], _closing(start, into, set(best)), is_cut)


Cost = tuple[int, int]  # doubtful steps, steps


def _best_ways(
    start: Key, into: dict[Key, list[Step]], max_nodes: int
) -> tuple[dict[Key, tuple[Cost, tuple[Step, ...]]], bool]:
    """Every node upstream with the cheapest way to it (Dijkstra)."""
    best: dict[Key, tuple[Cost, tuple[Step, ...]]] = {}
    queue: list[tuple[Cost, Key, tuple[Step, ...]]] = [((0, 0), start, ())]
    while queue:
        cost, node, way = heapq.heappop(queue)
        if node in best:
            continue
        if len(best) >= max_nodes:
            return best, True
        best[node] = (cost, way)
        for step in into.get(node, ()):
            if step.source not in best:
                reached = (cost[0] + (not step.is_established), cost[1] + 1)
                heapq.heappush(queue, (reached, step.source, _Way((*way, step))))
    return best, False


class _Way(tuple[Step, ...]):
    """A way that the queue never compares further: equal costs to one node are decided by the order of arrival."""

    def __lt__(self, other: object) -> bool:
        return False


def _closing(start: Key, into: dict[Key, Sequence[Step]] | dict[Key, list[Step]], known: set[Key]) -> list[Step]:
    """The steps that lead back to a node from which the search came: depth first, without recursion."""
    closing: list[Step] = []
    state: dict[Key, int] = {start: 1}  # 1: on the way, 2: done
    stack: list[tuple[Key, int]] = [(start, 0)]
    while stack:
        node, position = stack.pop()
        steps = into.get(node, ())
        if position == len(steps):
            state[node] = 2
            continue
        stack.append((node, position + 1))
        step = steps[position]
        if state.get(step.source) == 1:
            closing.append(step)
        elif step.source not in state and step.source in known:
            state[step.source] = 1
            stack.append((step.source, 0))
    return closing
