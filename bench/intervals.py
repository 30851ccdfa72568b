"""How often an audit's intervals hold the truth, and how wide they are beside mid-P intervals.

`python -m bench.intervals` simulates audits: a batch with so many outputs, a sample of it, a method that errs and whose
errors were measured on so many texts. Reported for every combination: how often the corrected interval holds the true
rate of the batch, and its median width over that of the mid-P interval of the same samples. Of 280 combinations the
least of a thousand audits each is low by chance, so whatever is not clearly above the aim is simulated again, afresh
and with ten times as many audits, and that figure counts. Writes bench/results/intervals.json.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import Any

import numpy as np

from bench.kit import measure
from ingest.sampling.intervals import Accuracy, Interval, Sample, corrected_interval, mid_p_interval

RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 0.5)
SAMPLES = (50, 100, 400, 1_000, 4_000)
RECORDS = (4, 100)  # times the sample
METHODS = {
    "perfect": Accuracy(1.0, 1.0),
    "0.95 and 0.99, known": Accuracy(0.95, 0.99),
    "0.95 and 0.99, on 500 texts each": Accuracy(0.95, 0.99, 500, 500),
    "0.7 and 0.98, on 300 and 1,000": Accuracy(0.7, 0.98, 300, 1_000),
}
AIMS = {"coverage": 0.94, "width_over_mid_p": 1.3}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--audits", type=int, default=1_000, help="simulated of each combination")
    parser.add_argument("--again", type=int, default=10, help="times as many where it was not clearly above the aim")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=measure.RESULTS / "intervals.json")
    given = parser.parse_args()
    rows = []
    for name, method in METHODS.items():
        for sampled in SAMPLES:
            for times in RECORDS:
                for rate in RATES:
                    rows.append({"method": name} | _looked_at(method, sampled, sampled * times, rate, given))
    facts = {
        "bench": "intervals",
        "machine": measure.machine(),
        "aims": AIMS,
        "audits_each": given.audits,
        "coverage_least": min(row["coverage"] for row in rows),
        "coverage_mean": statistics.mean(row["coverage"] for row in rows),
        "below_aim": sum(row["coverage"] < AIMS["coverage"] for row in rows),
        "simulated_again": sum(row["audits"] > given.audits for row in rows),
        "width_over_mid_p_median": statistics.median(row["width_over_mid_p"] for row in rows),
        "width_over_mid_p_most": max(row["width_over_mid_p"] for row in rows),
        "rows": rows,
    }
    measure.write(facts, given.out)
    print({name: value for name, value in facts.items() if name != "rows"})


def _looked_at(method: Accuracy, sampled: int, records: int, rate: float, given: argparse.Namespace) -> dict[str, Any]:
    """A combination's figures, from more audits where a thousand cannot tell it from the aim."""
    row = _simulate(method, sampled, records, rate, given.audits, seed=given.seed)
    error = (0.95 * 0.05 / given.audits) ** 0.5
    if row["coverage"] < AIMS["coverage"] + 3 * error and given.again > 1:
        row = _simulate(method, sampled, records, rate, given.audits * given.again, seed=given.seed + 1)
    return row


def _simulate(method: Accuracy, sampled: int, records: int, rate: float, audits: int, *, seed: int) -> dict[str, Any]:
    chance = np.random.default_rng([seed, sampled, records, round(rate * 1_000)])
    outputs = round(rate * records)
    known: dict[tuple[int, Accuracy], tuple[Interval, Interval]] = {}
    inside, widths, others = 0, [], []
    for _ in range(audits):
        held = chance.hypergeometric(outputs, records - outputs, sampled)
        positive = int(chance.binomial(held, method.sensitivity))
        positive += int(chance.binomial(sampled - held, 1 - method.specificity))
        measured = _measured(method, chance)
        key = positive, measured
        if key not in known:
            sample = Sample(records, sampled, positive)
            known[key] = corrected_interval(sample, measured), mid_p_interval(sample, measured)
        found, other = known[key]
        inside += found.low <= outputs / records <= found.high
        widths.append(found.high - found.low)
        others.append(other.high - other.low)
    return {
        "sampled": sampled,
        "records": records,
        "rate": rate,
        "audits": audits,
        "coverage": inside / audits,
        "width": round(statistics.median(widths), 5),
        "width_over_mid_p": round(statistics.median(widths) / max(statistics.median(others), 1 / records), 3),
    }


def _measured(method: Accuracy, chance: np.random.Generator) -> Accuracy:
    """The method's errors as a bench of that size would have found them."""
    if method.outputs is None or method.human is None:
        return method
    found = chance.binomial(method.outputs, method.sensitivity) / method.outputs
    kept = chance.binomial(method.human, method.specificity) / method.human
    return Accuracy(float(found), float(kept), method.outputs, method.human)


if __name__ == "__main__":
    main()
