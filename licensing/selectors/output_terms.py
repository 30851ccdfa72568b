"""Axis 4 for a whole dataset: which terms reach it, through which path, and what that means for a use of it.

The answers are those of `licensing.rules.contracts`, one for each generator upstream and each version of its terms that
applied; the worst of them decides. A path that rests on an allegation or a denial is listed and decides nothing.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from licensing.models import GeneratedPart, UseDeclaration
from licensing.rules.case import parse_case
from licensing.rules.contracts import judge_contract, version_unknown
from licensing.rules.facts import Bound
from licensing.rules.gap_texts import GapText, why
from licensing.rules.output_lineage import OutputLineage, Path, trace
from licensing.rules.provider_clauses import ClausePurpose, Effect
from licensing.rules.reasons import Reason
from licensing.rules.terms import Purpose
from licensing.rules.verdict import rules_version
from licensing.selectors import provider_terms
from licensing.selectors.output_upstream import Upstream, key_of, standing, upstream
from licensing.selectors.provider_terms import InForce
from registry.actors import Actor
from registry.models import AIModel, Dataset, Organisation

_KINDS = frozenset(str(document) for document in provider_terms.ACCOUNTS)


@dataclass(frozen=True)
class OutputQuestion:
    """What is asked of a dataset that holds model output."""

    use: str
    purpose: str
    territory: str
    on: datetime.date
    competing: bool | None = None
    released: bool = False
    acceptance: Bound | None = None  # None: as the licensee's declarations say
    licensee: Organisation | None = None  # None: the actor's organisation


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
    generation: dict[str, Any] | None = None  # as a case has it; None where no version is known
    gap: GapText | None = None  # why none is
    account_unknown: bool = False  # own output, and nothing says under which of two kinds of account it was made

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
    graph: Upstream = field(default_factory=Upstream)


def judge(dataset: Dataset, question: OutputQuestion, actor: Actor) -> OutputAnswer:
    """Which terms reach the dataset and what they mean for this use by the actor's organisation."""
    graph = upstream(dataset, actor)
    lineage = trace(key_of(dataset), graph.steps)
    lineage.is_cut = lineage.is_cut or graph.is_cut
    accepted = _acceptances(question.licensee or actor.organisation, question.on)
    asked = _Asked(question, actor, graph, accepted)
    answers = [answer for path in lineage.paths for answer in _answers(path, asked)]
    answers.sort(key=lambda one: (not one.decides, one.reason.verdict.rank, len(one.path.steps)))
    deciding = [one.reason.verdict for one in answers if one.decides]
    verdict = min(deciding, key=lambda word: word.rank).value if deciding else None
    cycles = [(graph.rows[step.source], graph.rows[step.target]) for step in lineage.cycles]
    return OutputAnswer(verdict, answers, lineage, cycles, rules_version(), graph)


@dataclass(frozen=True)
class _Asked:
    """The question with who asks it, what is known upstream and which providers' terms they accepted."""

    question: OutputQuestion
    actor: Actor
    graph: Upstream
    accepted: dict[int, Bound]


def _answers(path: Path, asked: _Asked) -> Iterator[PathAnswer]:
    """One answer for each version of the generator's terms that applied, and one for what is not known of them."""
    graph = asked.graph
    generator = graph.rows[path.generator]
    assert isinstance(generator, AIModel)
    rows = (graph.rows[path.steps[0].target], *(graph.rows[step.source] for step in path.steps))
    said = asked.question.acceptance or asked.accepted.get(generator.developer_id)
    recorded = graph.parts.get((path.generator, path.steps[-1].target), [])
    parts: Sequence[GeneratedPart | None] = standing(recorded) or [None]
    seen: set[tuple[str, str, str]] = set()
    for part in parts:
        bound = said or _bound_by(part, asked.actor)
        known_ones = list(_generations(generator, part, bound, asked))
        is_open = _has_account(part, asked.actor) and {known.document for known in known_ones} >= _KINDS
        for known in known_ones:
            way = known.generation["acquired"] if known.generation else ""
            if (known.reason.code, known.name, way) not in seen or len(parts) > 1:
                seen.add((known.reason.code, known.name, way))
                yield PathAnswer(
                    generator, path, rows, part, known.terms, known.reason, bound, path.is_established,
                    known.generation, known.gap, is_open and known.document in _KINDS,
                )  # fmt: skip


@dataclass(frozen=True)
class _Known:
    """One version of the terms with what it says of the question, or a gap."""

    name: str
    terms: InForce | None
    reason: Reason
    generation: dict[str, Any] | None = None
    gap: GapText | None = None
    document: str = ""


def _generations(generator: AIModel, part: GeneratedPart | None, bound: Bound, asked: _Asked) -> Iterator[_Known]:
    """What the terms of the first and of the last day of a part say."""
    provider = str(generator.developer)
    for on in _days(part):
        found = provider_terms.applied_on(
            generator.developer, on, model=generator, acceptance=bound, territory=asked.question.territory,
            account=_account(part, asked.actor),
        )  # fmt: skip
        for version in found.applied:
            generation = _version_facts(version, asked.question, on) | {
                "provider": provider,
                "model": generator.slug,
                "bound_by_terms": bound.value,
                "acquired": _acquired(part, asked.actor),
            }
            yield _Known(
                version.terms.key, version, _reason(generation, asked), generation, None, version.terms.document
            )
        for gap in found.gaps:
            cause = gap.why if on else why("no_day")
            yield _Known(cause.sentence, None, version_unknown(provider, cause), gap=cause, document=gap.document)


def _days(part: GeneratedPart | None) -> Sequence[datetime.date | None]:
    """The first and the last day of the output, as far as they are recorded."""
    days = [] if part is None else [part.generated_from, part.generated_to]
    return sorted({day for day in days if day is not None}) or [None]


def _version_facts(version: InForce, question: OutputQuestion, on: datetime.date | None) -> dict[str, Any]:
    """What a case says of the version that applied."""
    row = version.terms
    known = provider_terms.as_version(row)
    begins, until = known.known_from, known.known_until
    facts = {
        "generated_on": (on or begins or question.on).isoformat(),
        "terms": row.key,
        "competing_model": question.competing,
        "released": question.released,
        "terms_from": begins.isoformat() if begins else None,
        "terms_to": until.isoformat() if until else None,
        "terms_restrict_competing": bool(row.forbids_competing_models),
        "terms_forbid": _forbidden(version, question),
        "terms_verified": version.verified,
    }
    return facts | ({"terms_clause": row.clause} if row.clause else {})


def _reason(generation: dict[str, Any], asked: _Asked) -> Reason:
    """What the rules say of the output: the question for this licensee, and where the output came from."""
    facts = asked_facts(asked.question, asked.actor)
    (reason,) = judge_contract(parse_case({"question": facts, "generated_by": generation, "assertions": []}))
    return reason


def asked_facts(question: OutputQuestion, actor: Actor) -> dict[str, Any]:
    """The `question` of a case; without a territory it is asked for the whole world."""
    facts: dict[str, Any] = {
        "use": question.use,
        "purpose": question.purpose,
        "territory": question.territory or "WORLD",
        "on": question.on.isoformat(),
    }
    licensee = question.licensee or actor.organisation
    if licensee is not None:
        facts |= {"licensee": f"org:{licensee.slug}", "licensee_kind": licensee.kind}
    return facts


def _forbidden(version: InForce, question: OutputQuestion) -> list[str]:
    """The acts that the version forbids for the question's purpose."""
    commercial = (Purpose.COMMERCIAL.value, Purpose.INTERNAL_EXPERIMENT.value)
    is_commercial = question.purpose in commercial
    clauses = [one.clause for one in version.clauses if one.clause.effect == Effect.FORBIDS]
    reached = [one for one in clauses if one.purpose == ClausePurpose.ANY or is_commercial]
    return sorted({str(one.act) for one in reached})


def _bound_by(part: GeneratedPart | None, actor: Actor) -> Bound:
    """Nobody has an account with a provider without having accepted its terms; of other ways that is not known."""
    return Bound.ACCEPTED if _has_account(part, actor) else Bound.UNKNOWN


def _has_account(part: GeneratedPart | None, actor: Actor) -> bool:
    """Whether the output came from an account of whoever asks, by its record."""
    return _acquired(part, actor) in (GeneratedPart.Acquired.OWN_API, GeneratedPart.Acquired.EXPERIMENT)


def _account(part: GeneratedPart | None, actor: Actor) -> str:
    """Which kind of account that was, by the terms that the declaration of the use names; empty where none are."""
    declaration = part.declared_as if part is not None and _has_account(part, actor) else None
    terms = declaration.terms if declaration is not None else None
    return str(terms.document) if terms is not None and terms.document in _KINDS else ""


def _acquired(part: GeneratedPart | None, actor: Actor) -> str:
    """How whoever asks got the output: as recorded for what is theirs; what somebody else made came from a third."""
    ways = GeneratedPart.Acquired
    if part is None:
        return ways.THIRD_PARTY.value
    if part.organisation is not None and part.organisation == actor.organisation:
        declared = part.declared_as
        is_experiment = declared is not None and declared.purpose == UseDeclaration.Purpose.EXPERIMENT
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
