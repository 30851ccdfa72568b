"""What one audit says of a whole dataset: overall, by generator and by batch. Made of the result alone, so anybody who
has the result comes to the same figures (docs/audit.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ingest.sampling.intervals import PERFECT, Accuracy, Sample
from ingest.sampling.pooling import pooled

Json = dict[str, Any]
PER_BATCH = (
    "batch", "records", "sampled", "judged", "positive", "rate", "interval", "corrected_rate", "corrected_interval",
    "at_least", "flagged",
)  # fmt: skip


def overall(result: Mapping[str, Any]) -> Json | None:
    """The share of all batches together: stratified estimate, with the interval of a sample of effective size.

    `rate`, `interval`: of the records drawn. `corrected_rate`, `corrected_interval`: of those in which a copy could be
    told, freed of the method's errors. `at_least`: lower bound if all others are clean. None where nothing was drawn.
    """
    batches = [row for row in result["batches"] if row["sampled"]]
    if not batches:
        return None
    accuracy, confidence = _accuracy(result), result["method"]["confidence"]
    raw = pooled([_sample(row, row["positive"]) for row in batches], PERFECT, confidence)
    told: Json = {
        "records": raw.records,
        "sampled": raw.sampled,
        "positive": raw.positive,
        "effective": raw.effective,
        "judged": sum(row["judged"] for row in batches),
        "rate": raw.rate,
        "interval": list(raw.interval),
        "corrected_rate": None,
        "corrected_interval": [0.0, 1.0],
        "at_least": _at_least(batches, [row["positive"] for row in batches], accuracy, confidence),
        "confidence": confidence,
    }
    judged = [row for row in batches if row["judged"]]
    if judged and accuracy.youden > 0:
        found = pooled([_judged(row) for row in judged], accuracy, confidence)
        told |= {"corrected_rate": found.rate, "corrected_interval": list(found.interval)}
    return told


def generators(result: Mapping[str, Any]) -> list[Json]:
    """Near-copies by the model that the registered output names, the most first; empty where the result has none."""
    batches = [row for row in result["batches"] if row["sampled"]]
    accuracy, confidence = _accuracy(result), result["method"]["confidence"]
    names = sorted({name for row in batches for name in row.get("generators", {})})
    told = []
    for name in names:
        counts = [row.get("generators", {}).get(name, 0) for row in batches]
        samples = [_sample(row, count) for row, count in zip(batches, counts, strict=True)]
        raw = pooled(samples, PERFECT, confidence)
        told.append(
            {
                "generator": name,
                "copies": sum(counts),
                "rate": raw.rate,
                "interval": list(raw.interval),
                "at_least": _at_least(batches, counts, accuracy, confidence),
            }
        )
    return sorted(told, key=lambda one: (-one["copies"], one["generator"]))


def by_batch(result: Mapping[str, Any]) -> list[Json]:
    """Each batch's own figures, without examples."""
    return [{name: row[name] for name in PER_BATCH} for row in result["batches"]]


def _accuracy(result: Mapping[str, Any]) -> Accuracy:
    return Accuracy(**result["method"]["accuracy"])


def _sample(row: Mapping[str, Any], positive: int) -> Sample:
    return Sample(row["records"], row["sampled"], positive)


def _judged(row: Mapping[str, Any]) -> Sample:
    """The records of a batch in which a copy could be told: as many in the batch as in the sample, in proportion."""
    records = max(row["judged"], round(row["records"] * row["judged"] / row["sampled"]))
    return Sample(records, row["judged"], row.get("judged_positive", min(row["positive"], row["judged"])))


def _at_least(
    batches: Sequence[Mapping[str, Any]], counts: Sequence[int], accuracy: Accuracy, confidence: float
) -> float:
    """Lower bound with every record in which nothing was found taken for clean; 0 where nothing was found."""
    if not any(counts):
        return 0.0
    certain = Accuracy(1.0, accuracy.specificity, None, accuracy.human)
    samples = [_sample(row, count) for row, count in zip(batches, counts, strict=True)]
    return pooled(samples, certain, confidence).interval.low
