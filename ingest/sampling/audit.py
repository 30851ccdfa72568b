"""A sampling audit: draw, look, count, and say how sure it is. The result is that of `audit --json` (docs/audit.md)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path

from ingest.sampling import detector
from ingest.sampling.chart import control_chart
from ingest.sampling.comparison import Count, compare
from ingest.sampling.draws import Draw, Drawn, digest_of
from ingest.sampling.figures import Beside, Json, Looked, Settings, Terms, annotator_row, batch_row
from ingest.sampling.intervals import Accuracy
from ingest.sampling.looking import Finding, look, proving
from ingest.sampling.near_copies import Corpus
from ingest.sampling.resemblance import compare_alike

__all__ = ["Settings", "audit", "is_flagged", "listing", "measured_accuracy"]

MEASURED = Path(__file__).parent / "accuracy.json"
VERSION = "4"


@dataclass
class _Tally:
    batches: dict[str, Looked] = field(default_factory=lambda: defaultdict(Looked))
    annotators: dict[str, Looked] = field(default_factory=lambda: defaultdict(Looked))
    dates: list[tuple[str, bool]] = field(default_factory=list)
    known_prompts: int = 0
    known_texts: int = 0
    hinted: int = 0

    def add(self, finding: Finding, examples: int) -> None:
        """Take a finding in, for its batch, its annotator and its month."""
        record = finding.drawn.record
        self.batches[record.batch].add(finding, examples)
        if record.annotator:
            self.annotators[record.annotator].add(finding, examples)
        self.dates.append((record.date, finding.positive))
        self.hinted += bool(finding.markers) and not finding.marked


@cache
def measured_accuracy() -> Accuracy:
    """What the method's errors were in `bench/audit.py`, and on how many texts."""
    facts = json.loads(MEASURED.read_text("utf-8"))
    return Accuracy(facts["sensitivity"], facts["specificity"], facts["outputs"], facts["human"])


def audit(
    drawn: Draw,
    corpus: Corpus,
    settings: Settings = Settings(),  # noqa: B008  frozen
    *,
    intake: Mapping[str, object] | None = None,
    jobs: int = 1,
    progress: Callable[[int], None] = lambda _done: None,
) -> Json:
    """Look at the sample and say what it shows of each batch and annotator, in so many processes.

    `intake` is what the records lacked (`Intake.to_json`), for the result. `progress` hears how many are looked at.
    """
    terms = Terms(measured_accuracy(), settings, corpus)
    sample = drawn.sample()
    tally = _Tally()
    prompts, texts = corpus.prompts, corpus.texts
    for number, finding in enumerate(look(chain.from_iterable(sample.values()), corpus, jobs), start=1):
        record = finding.drawn.record
        tally.add(finding, settings.examples)
        tally.known_prompts += bool(record.prompt) and record.prompt.strip() in prompts
        tally.known_texts += record.text.strip() in texts
        progress(number)
    standings = compare({name: Count(row.sampled, row.positive) for name, row in tally.annotators.items()})
    alike = compare_alike({name: row.alike() for name, row in tally.annotators.items()})
    records, annotators = drawn.records, drawn.annotators
    return {
        "seed": drawn.seed,
        "records": sum(records.values()),
        "sampled": sum(map(len, sample.values())),
        "sample": digest_of(sample),
        "reference": corpus.digest,
        "method": _method(terms),
        **_remarks(drawn, tally, corpus),
        "input": dict(intake or {}),
        "batches": [batch_row(name, tally.batches[name], records[name], terms) for name in sample],
        "annotators": [
            annotator_row(name, row, annotators[name], Beside(standings[name], alike[name]), terms)
            for name, row in sorted(tally.annotators.items())
        ],
        "trend": [row._asdict() | {"signals": list(row.signals)} for row in control_chart(tally.dates)],
    }


def is_flagged(result: Json) -> bool:
    """Whether any batch or annotator is flagged."""
    return any(row["flagged"] for row in (*result["batches"], *result["annotators"]))


def _remarks(drawn: Draw, tally: _Tally, corpus: Corpus) -> Json:
    """Counts that say how far the figures carry; docs/audit.md has what each means."""
    sizes, wanted = list(drawn.records.values()), drawn.sampled
    return {
        "duplicates": drawn.duplicates,
        "batches_of_one": sizes.count(1),
        "batches_smaller_than_the_sample": 0 if wanted is None else sum(size < wanted for size in sizes),
        "not_judged": sum(row.sampled - row.judged for row in tally.batches.values()),
        "not_scored": sum(row.sampled - row.scored for row in tally.batches.values()),
        "other_markers": tally.hinted,
        "prompts_in_reference": tally.known_prompts,
        "texts_in_reference": tally.known_texts,
        "annotators_not_drawn": len(drawn.annotators.keys() - tally.annotators.keys() - {""}),
        "reference_empty": corpus.empty,
        "reference_repeated": corpus.repeated,
    }


def _method(terms: Terms) -> Json:
    """How the figures came about: enough to come to them again."""
    corpus = terms.corpus
    return {
        "version": VERSION,
        "near_copies": asdict(corpus.thresholds) | {"outputs": len(corpus), "parameters": corpus.parameters},
        "markers": sorted(proving()),
        "detector": detector.shipped().version,
        "accuracy": asdict(terms.accuracy),
        "confidence": terms.settings.confidence,
        "limit": terms.settings.limit,
        "intervals": "exact central hypergeometric; corrected: inverted tails with beta-binomial errors of the method",
        "annotators": "one-sided exact test against all others, Benjamini-Hochberg at 0.05",
    }


def listing(sample: Mapping[str, Iterable[Drawn]]) -> list[Json]:
    """The sample, record by record: what a second person compares theirs with."""
    return [
        {"batch": batch, "record": one.record.name, "sha256": one.digest.hex(), "copy": one.copy}
        for batch, drawn in sample.items()
        for one in drawn
    ]
