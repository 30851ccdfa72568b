"""A sampling audit: draw, look, count, and say how sure it is. The result is that of `audit --json` (docs/audit.md)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from ingest.sampling.chart import control_chart
from ingest.sampling.comparison import Count, Standing, compare
from ingest.sampling.draws import Draw, Drawn, digest_of
from ingest.sampling.intervals import Accuracy, Sample, corrected_interval, corrected_rate, raw_interval
from ingest.sampling.looking import Finding, Looked, look
from ingest.sampling.near_copies import Corpus

Json = dict[str, Any]
MEASURED = Path(__file__).parent / "accuracy.json"
VERSION = "1"


@dataclass(frozen=True)
class Settings:
    """`limit`: a batch is flagged when the lower corrected bound exceeds it. `examples`: at most, a row."""

    limit: float = 0.01
    confidence: float = 0.95
    examples: int = 5


@dataclass(frozen=True)
class _Terms:
    """What every row of the result is made with."""

    accuracy: Accuracy
    settings: Settings
    corpus: Corpus


@dataclass
class _Tally:
    batches: dict[str, Looked] = field(default_factory=lambda: defaultdict(Looked))
    annotators: dict[str, Looked] = field(default_factory=lambda: defaultdict(Looked))
    dates: list[tuple[str, bool]] = field(default_factory=list)
    known_prompts: int = 0


@cache
def measured_accuracy() -> Accuracy:
    """What the method's errors were in `bench/audit.py`, and on how many texts."""
    facts = json.loads(MEASURED.read_text("utf-8"))
    return Accuracy(facts["sensitivity"], facts["specificity"], facts["outputs"], facts["human"])


def audit(
    drawn: Draw,
    corpus: Corpus,
    settings: Settings = Settings(),
    *,
    progress: Callable[[int], None] = lambda _done: None,
) -> Json:
    """Look at the sample and say what it shows of each batch and annotator. `progress` hears how many are looked at."""
    terms = _Terms(measured_accuracy(), settings, corpus)
    sample = drawn.sample()
    tally = _Tally()
    prompts = corpus.prompts
    findings = look(chain.from_iterable(sample.values()), corpus)
    for number, finding in enumerate(findings, start=1):
        record = finding.drawn.record
        tally.batches[record.batch].add(finding, settings.examples)
        if record.annotator:
            tally.annotators[record.annotator].add(finding, settings.examples)
        tally.dates.append((record.date, finding.positive))
        tally.known_prompts += bool(record.prompt) and record.prompt.strip() in prompts
        progress(number)
    standings = compare({name: Count(row.sampled, row.positive) for name, row in tally.annotators.items()})
    sampled = sum(map(len, sample.values()))
    return {
        "seed": drawn.seed,
        "records": sum(drawn.records.values()),
        "sampled": sampled,
        "sample": digest_of(sample),
        "reference": corpus.digest,
        "method": _method(terms),
        "duplicates": drawn.duplicates,
        "prompts_in_reference": tally.known_prompts,
        "batches": [_batch(name, tally.batches[name], drawn.records[name], terms) for name in sample],
        "annotators": [
            _annotator(name, row, drawn.annotators[name], standings[name], terms)
            for name, row in sorted(tally.annotators.items())
        ],
        "trend": [row._asdict() | {"signals": list(row.signals)} for row in control_chart(tally.dates)],
    }


def is_flagged(result: Json) -> bool:
    """Whether any batch or annotator is flagged."""
    return any(row["flagged"] for row in (*result["batches"], *result["annotators"]))


def _method(terms: _Terms) -> Json:
    """How the figures came about: enough to come to them again."""
    corpus = terms.corpus
    return {
        "version": VERSION,
        "near_copies": asdict(corpus.thresholds) | {"outputs": len(corpus), "parameters": corpus.parameters},
        "accuracy": asdict(terms.accuracy),
        "confidence": terms.settings.confidence,
        "limit": terms.settings.limit,
        "intervals": "exact central hypergeometric; corrected: inverted tails with beta-binomial errors of the method",
        "annotators": "one-sided exact test against all others, Benjamini-Hochberg at 0.05",
    }


def _batch(name: str, row: Looked, records: int, terms: _Terms) -> Json:
    figures = _figures(row, records, terms)
    low = figures["corrected_interval"][0]
    return {
        "batch": name,
        "records": records,
        **figures,
        "flagged": row.positive > 0 and low > terms.settings.limit,
        "examples": _examples(row.examples, terms.corpus),
    }


def _annotator(name: str, row: Looked, records: int, standing: Standing, terms: _Terms) -> Json:
    return {
        "annotator": name,
        "records": records,
        **_figures(row, records, terms),
        "others_rate": standing.others_rate,
        "p_value": standing.p_value,
        "adjusted_p_value": standing.adjusted,
        "flagged": standing.stands_out,
        "examples": _examples(row.examples, terms.corpus),
    }


def _figures(row: Looked, records: int, terms: _Terms) -> Json:
    """Raw of all drawn records; corrected of those in which a copy could be told, the others being left open."""
    sample, confidence = Sample(records, row.sampled, row.positive), terms.settings.confidence
    figures: Json = {
        "sampled": row.sampled,
        "judged": row.judged,
        "positive": row.positive,
        "copies": row.copies,
        "marked": row.marked,
        "rate": sample.rate,
        "interval": list(raw_interval(sample, confidence)),
        "corrected_rate": None,
        "corrected_interval": [0.0, 1.0],
    }
    if row.judged:
        judged = Sample(max(row.judged, round(records * row.judged / row.sampled)), row.judged, row.positive)
        low, high = corrected_interval(judged, terms.accuracy, confidence)
        rate = corrected_rate(judged, terms.accuracy)
        # records are whole and the errors are not known exactly: the estimate may lie beside all that is possible
        figures["corrected_rate"] = None if rate is None else min(max(rate, low), high)
        figures["corrected_interval"] = [low, high]
    return figures


def _examples(findings: Sequence[Finding], corpus: Corpus) -> list[Json]:
    return [
        {
            "record": finding.drawn.record.name,
            "match": None if finding.copy is None else finding.copy.to_json(finding.drawn.record.name, corpus.index),
            "markers": [marker.to_json() for marker in finding.markers],
        }
        for finding in findings
    ]


def listing(sample: Mapping[str, Iterable[Drawn]]) -> list[Json]:
    """The sample, record by record: what a second person compares theirs with."""
    return [
        {"batch": batch, "record": one.record.name, "sha256": one.digest.hex(), "copy": one.copy}
        for batch, drawn in sample.items()
        for one in drawn
    ]
