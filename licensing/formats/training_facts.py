"""What is on record of a model's training data, as filings about synthetic data need it. Pure facts, no database."""

from collections.abc import Iterator
from dataclasses import dataclass

from licensing.formats.filing import Cited, Statement

CREATED = ("own_api", "experiment")  # got by having a model write it
ACQUIRED = {
    "own_api": "through the organisation's own API account",
    "experiment": "in an experiment",
    "third_party": "from a third party that shared it",
    "relay": "through a mirror or relay",
    "scraped": "by scraping",
}


@dataclass(frozen=True)
class Output:
    """What a model wrote of a dataset, as a record says. `is_own`: the organisation's own record of its dataset;
    `by_own_model`: the generator is the organisation's own model. Days are ISO or empty."""

    id: str
    dataset: str
    model: str
    provider: str
    acquired: str
    is_own: bool
    by_own_model: bool = False
    released_on: str = ""
    share_percent: str = ""
    records: int | None = None
    first: str = ""
    last: str = ""
    prompts: str = ""
    cleaning: str = ""
    verified: bool = True
    declaration: Cited | None = None
    purpose: str = ""

    @property
    def is_created(self) -> bool:
        """Whether the organisation had the model write it, rather than finding what others had written."""
        return self.is_own and self.acquired in CREATED

    @property
    def source(self) -> Cited:
        """The record itself."""
        return Cited("generated_part", self.id, self.dataset)


@dataclass(frozen=True)
class Upstream:
    """A way by which a generator's output is said to have come: `way` in names, statuses of its claims."""

    way: str
    generator: str
    statuses: tuple[str, ...]
    established: bool
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measured:
    """What a sampling audit measured of a dataset. Shares from 0 to 1."""

    id: str
    dataset: str
    on: str
    rate: float
    interval: tuple[float, float]
    corrected_rate: float | None
    corrected_interval: tuple[float, float]
    confidence: float
    positive: int
    sampled: int
    records: int

    @property
    def source(self) -> Cited:
        """The audit, whose certificate verifies offline."""
        return Cited("audit", self.id, self.dataset)


@dataclass(frozen=True)
class TrainingFacts:
    """One system or model with the datasets it is trained on. `on`: the day of the records, ISO."""

    organisation: Cited
    on: str
    model: str
    model_record: Cited | None = None
    versions: tuple[str, ...] = ()
    dependencies: tuple[Statement, ...] = ()
    datasets: tuple[Cited, ...] = ()
    outputs: tuple[Output, ...] = ()
    upstream: tuple[Upstream, ...] = ()
    audits: tuple[Measured, ...] = ()

    @property
    def subject(self) -> str:
        """The model, else the datasets."""
        return self.model or ", ".join(row.name for row in self.datasets)


def described(output: Output) -> Statement:
    """What a record says of one generator's output, in a sentence."""
    parts = [f"{output.model} of {output.provider} wrote"]
    parts.append(
        f"{output.share_percent} % of {output.dataset}" if output.share_percent else f"a part of {output.dataset}"
    )
    facts = [f"{output.records:,} records" if output.records is not None else "number of records not recorded"]
    if not output.share_percent:
        facts.append("share not recorded")
    days = [day for day in dict.fromkeys((output.first, output.last)) if day]
    facts.append(f"generated {' to '.join(days)}" if days else "day of generation not recorded")
    facts.append(f"got {ACQUIRED.get(output.acquired, output.acquired)}")
    mark = "" if output.verified else " Not verified."
    return Statement(f"{' '.join(parts)} ({'; '.join(facts)}).{mark}", (output.source,))


def shares(facts: TrainingFacts) -> Iterator[Statement]:
    """What sampling audits measured, each with its interval and what it does not show."""
    for one in facts.audits:
        corrected = ""
        if one.corrected_rate is not None:
            corrected = f"; freed of the method's errors {_between(one.corrected_rate, one.corrected_interval)}"
        yield Statement(
            f"A sampling audit of {one.dataset}, concluded {one.on or 'on a day that is not recorded'}, found model "
            f"output in {one.positive:,} of {one.sampled:,} records drawn from {one.records:,}: "
            f"{_between(one.rate, one.interval)} ({one.confidence:.0%} interval){corrected}. It finds copies of "
            "registered output and a model's own words, so it does not show that the rest was written by people.",
            (one.source,),
        )


def ways(facts: TrainingFacts) -> Iterator[Statement]:
    """Output that arrived through other datasets and models."""
    for one in facts.upstream:
        mark = "" if one.established else " This is not established."
        statuses = ", ".join(status.replace("_", " ") for status in one.statuses)
        yield Statement(
            f"Output of {one.generator} is said to have reached the data by way of {one.way} ({statuses}).{mark}",
            tuple(Cited("claim", key) for key in one.claims),
        )


def _between(rate: float, interval: tuple[float, float]) -> str:
    return f"{rate:.2%} ({interval[0]:.2%} to {interval[1]:.2%})"
