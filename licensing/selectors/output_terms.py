"""Axis 4 for a whole dataset: which terms reach it, through which path, and what that means for a use of it.

The answers are those of `licensing.rules.contracts`, one for each generator upstream and each version of its terms that
applied; the worst of them decides. A path that rests on an allegation or a denial is listed and decides nothing.
"""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import registry.access
from licensing.models import GeneratedPart, UseDeclaration
from licensing.output_access import generated_parts
from licensing.rules.case import parse_case
from licensing.rules.contracts import judge_contract
from licensing.rules.facts import Bound
from licensing.rules.output_lineage import DATASET, MODEL, Key, OutputLineage, Path, Step, trace
from licensing.rules.provider_clauses import ClausePurpose, Effect
from licensing.rules.reasons import Reason, give_reason
from licensing.rules.terms import Purpose
from licensing.rules.verdict import rules_version
from licensing.selectors import provider_terms
from licensing.selectors.provider_terms import InForce
from registry.actors import Actor
from registry.models import AIModel, Component, Dataset, Organisation

MAX_LAYERS = 12
MAX_NODES = 2_000


@dataclass(frozen=True)
class OutputQuestion:
    """What is asked of a dataset that holds model output."""

    use: str
    purpose: str
    territory: str
    on: datetime.date
    competing: bool | None = None
    released: bool = False
    acceptance: Bound | None = None  # None: as the organisation's declarations say


@dataclass(frozen=True)
class PathAnswer:
    """What one generator's terms mean for the question. `decides` where every step of the path is established."""

    generator: AIModel
    path: Path
    rows: tuple[AIModel | Dataset, ...]  # from the dataset asked about back to the generator
    part: GeneratedPart | None
    terms: InForce | None
    reason: Reason
    bound: Bound
    decides: bool

    @property
    def way(self) -> str:
        """The path in words of the registry: mix ← koala-answers ← Koala ← ShareGPT ← ChatGPT."""
        return " ← ".join(str(row) for row in self.rows)


@dataclass
class OutputAnswer:
    """All of them, worst first. `verdict` is None where nothing upstream is said to be model output."""

    verdict: str | None
    answers: list[PathAnswer] = field(default_factory=list)
    lineage: OutputLineage = field(default_factory=OutputLineage)
    cycles: list[tuple[AIModel | Dataset, AIModel | Dataset]] = field(default_factory=list)
    rules_version: str = ""


@dataclass
class Upstream:
    """The graph above a dataset as the actor may see it."""

    steps: list[Step] = field(default_factory=list)
    rows: dict[Key, AIModel | Dataset] = field(default_factory=dict)
    parts: dict[tuple[Key, Key], GeneratedPart] = field(default_factory=dict)  # (generator, dataset) → its record
    is_cut: bool = False


def judge(dataset: Dataset, question: OutputQuestion, actor: Actor) -> OutputAnswer:
    """Which terms reach the dataset and what they mean for this use by the actor's organisation."""
    graph = upstream(dataset, actor)
    lineage = trace(_key(dataset), graph.steps)
    lineage.is_cut = lineage.is_cut or graph.is_cut
    accepted = _acceptances(actor.organisation, question.on)
    asked = _Asked(question, actor, graph, accepted)
    answers = [answer for path in lineage.paths for answer in _answers(path, asked)]
    answers.sort(key=lambda one: (not one.decides, one.reason.verdict.rank, len(one.path.steps)))
    deciding = [one.reason.verdict for one in answers if one.decides]
    verdict = min(deciding, key=lambda word: word.rank).value if deciding else None
    cycles = [(graph.rows[step.source], graph.rows[step.target]) for step in lineage.cycles]
    return OutputAnswer(verdict, answers, lineage, cycles, rules_version())


def upstream(dataset: Dataset, actor: Actor) -> Upstream:
    """What the dataset is said to come from, layer by layer: claims, components and generated parts."""
    graph = Upstream(rows={_key(dataset): dataset})
    front: set[Key] = {_key(dataset)}
    statuses: dict[tuple[Key, Key, str], list[str]] = {}
    for _ in range(MAX_LAYERS):
        if not front or graph.is_cut:
            break
        reached: set[Key] = set()
        for source, target, relation, status in _edges(front, actor, graph):
            statuses.setdefault((_key(source), _key(target), relation), []).append(status)
            if _key(source) not in graph.rows:
                graph.rows[_key(source)] = source
                reached.add(_key(source))
        front = reached
        graph.is_cut = len(graph.rows) > MAX_NODES
    graph.is_cut = graph.is_cut or bool(front)
    graph.steps = [Step(*ends, tuple(sorted(set(said)))) for ends, said in statuses.items()]
    return graph


Edge = tuple[AIModel | Dataset, AIModel | Dataset, str, str]  # from, to, relation, status


def _edges(front: Iterable[Key], actor: Actor, graph: Upstream) -> Iterator[Edge]:
    datasets = [int(pk) for kind, pk in front if kind == DATASET]
    models = [int(pk) for kind, pk in front if kind == MODEL]
    claims = registry.access.claims(actor).select_related(
        "subject_model__developer", "subject_dataset", "object_model__developer", "object_dataset"
    )
    for about in (claims.filter(subject_dataset__in=datasets), claims.filter(subject_model__in=models)):
        for claim in about.order_by("key")[: MAX_NODES * 2]:
            if claim.subject is not None and claim.object is not None:
                yield claim.object, claim.subject, claim.relation, claim.status
    visible = registry.access.datasets(actor)
    components = Component.objects.filter(release__dataset__in=datasets, dataset__in=visible)
    for row in components.select_related("dataset", "release__dataset"):
        yield row.dataset, row.release.dataset, "contains", "disclosed"
    for part in generated_parts(actor).filter(dataset__in=datasets):
        ends = (_key(part.model), _key(part.dataset))
        if ends not in graph.parts or part.organisation_id is not None:
            graph.parts[ends] = part
        status = "declared" if part.organisation_id else "disclosed" if part.verified else "reported"
        yield part.model, part.dataset, "generated_by", status


@dataclass(frozen=True)
class _Asked:
    """The question with who asks it, what is known upstream and which providers' terms they accepted."""

    question: OutputQuestion
    actor: Actor
    graph: Upstream
    accepted: dict[int, Bound]


def _answers(path: Path, asked: _Asked) -> Iterator[PathAnswer]:
    """One answer for each version of the generator's terms that applied, and one for what is not known of them."""
    graph, question = asked.graph, asked.question
    generator = graph.rows[path.generator]
    assert isinstance(generator, AIModel)
    part = graph.parts.get((path.generator, path.steps[-1].target))
    rows = (graph.rows[path.steps[0].target], *(graph.rows[step.source] for step in path.steps))
    bound = question.acceptance or asked.accepted.get(generator.developer_id, Bound.UNKNOWN)
    seen: set[tuple[str, str]] = set()
    for on in _days(part):
        found = provider_terms.applied_on(
            generator.developer, on, model=generator, acceptance=bound, territory=question.territory
        )
        answered: list[tuple[InForce | None, str, Reason]] = []
        for version in found.applied:
            generation = _version_facts(version, question, on) | {
                "provider": str(generator.developer),
                "model": generator.slug,
                "bound_by_terms": bound.value,
                "acquired": _acquired(part, asked.actor),
            }
            answered.append((version, version.terms.key, _reason(generation, asked)))
        for gap in found.gaps:
            cause = gap.sentence if on else "the day on which the output was generated is not recorded"
            unknown = give_reason("TOU_VERSION_UNKNOWN", provider=str(generator.developer), gap=cause)
            answered.append((None, cause, unknown))
        for terms, name, reason in answered:
            if (reason.code, name) not in seen:
                seen.add((reason.code, name))
                yield PathAnswer(generator, path, rows, part, terms, reason, bound, path.is_established)


def _days(part: GeneratedPart | None) -> Sequence[datetime.date | None]:
    """The first and the last day of the output, as far as they are recorded."""
    days = [] if part is None else [part.generated_from, part.generated_to]
    return sorted({day for day in days if day is not None}) or [None]


def _version_facts(version: InForce, question: OutputQuestion, on: datetime.date | None) -> dict[str, Any]:
    """What a case says of the version that applied."""
    row = version.terms
    until = provider_terms.as_version(row).known_until
    facts = {
        "generated_on": (on or row.effective_from or question.on).isoformat(),
        "terms": row.key,
        "competing_model": question.competing,
        "released": question.released,
        "terms_from": row.effective_from.isoformat() if row.effective_from else None,
        "terms_to": until.isoformat() if until else None,
        "terms_restrict_competing": bool(row.forbids_competing_models),
        "terms_forbid": _forbidden(version, question),
        "terms_verified": row.verified,
    }
    return facts | ({"terms_clause": row.clause} if row.clause else {})


def _reason(generation: dict[str, Any], asked: _Asked) -> Reason:
    """What the rules say of the output: the question for this licensee, and where the output came from."""
    question, organisation = asked.question, asked.actor.organisation
    facts: dict[str, Any] = {
        "use": question.use,
        "purpose": question.purpose,
        "territory": question.territory or "WORLD",
        "on": question.on.isoformat(),
    }
    if organisation is not None:
        facts |= {"licensee": f"org:{organisation.slug}", "licensee_kind": organisation.kind}
    (reason,) = judge_contract(parse_case({"question": facts, "generated_by": generation, "assertions": []}))
    return reason


def _forbidden(version: InForce, question: OutputQuestion) -> list[str]:
    """The acts that the version forbids for the question's purpose."""
    commercial = (Purpose.COMMERCIAL.value, Purpose.INTERNAL_EXPERIMENT.value)
    is_commercial = question.purpose in commercial
    clauses = [one.clause for one in version.clauses if one.clause.effect == Effect.FORBIDS]
    reached = [one for one in clauses if one.purpose == ClausePurpose.ANY or is_commercial]
    return sorted({str(one.act) for one in reached})


def _acquired(part: GeneratedPart | None, actor: Actor) -> str:
    """How whoever asks got the output: as recorded for what is theirs; what somebody else made came from a third."""
    ways = GeneratedPart.Acquired
    if part is None:
        return ways.THIRD_PARTY.value
    if part.organisation is not None and part.organisation == actor.organisation:
        is_experiment = part.declaration and part.declaration.purpose == UseDeclaration.Purpose.EXPERIMENT
        return ways.EXPERIMENT.value if is_experiment else str(part.acquired)
    is_passed_on = part.acquired in (ways.RELAY, ways.SCRAPED)
    return str(part.acquired) if is_passed_on else ways.THIRD_PARTY.value


def _acceptances(organisation: Organisation | None, on: datetime.date) -> dict[int, Bound]:
    """Provider pk → whether the organisation accepted its terms, as its declarations say up to that day."""
    found: dict[int, Bound] = {}
    if organisation is None:
        return found
    rows = UseDeclaration.objects.filter(organisation=organisation, begins_on__lte=on)
    for row in rows.exclude(state=UseDeclaration.State.DRAFT):
        bound = Bound(row.acceptance)
        if bound is Bound.ACCEPTED or (bound is Bound.NOT_ACCEPTED and row.provider_id not in found):
            found[row.provider_id] = bound
    return found


def _key(row: AIModel | Dataset) -> Key:
    return (MODEL if isinstance(row, AIModel) else DATASET, str(row.pk))
