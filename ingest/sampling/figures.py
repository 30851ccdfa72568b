"""From what was found in a batch's or annotator's records to the row of the result: rates, intervals, examples."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ingest.sampling.comparison import Count, Standing
from ingest.sampling.intervals import Accuracy, Sample, corrected_interval, corrected_rate, raw_interval
from ingest.sampling.looking import Finding, proving
from ingest.sampling.near_copies import Corpus, NearCopy
from ingest.sampling.resemblance import measured

Json = dict[str, Any]
EXCERPT = 240  # code points


@dataclass(frozen=True)
class Settings:
    """`limit`: a batch is flagged when the lower corrected bound exceeds it. `examples`: at most, a row."""

    limit: float = 0.01
    confidence: float = 0.95
    examples: int = 5


@dataclass(frozen=True)
class Terms:
    """What every row of the result is made with."""

    accuracy: Accuracy
    settings: Settings
    corpus: Corpus


@dataclass
class Looked:
    """Counts of findings. `judged`: a near-copy could have been told; `scored`: the detector did not abstain."""

    sampled: int = 0
    judged: int = 0
    positive: int = 0
    judged_positive: int = 0
    copies: int = 0
    marked: int = 0
    scored: int = 0
    above: int = 0
    expected: float = 0.0
    bands: Counter[int] = field(default_factory=Counter)  # of fresh words
    resembling: Counter[int] = field(default_factory=Counter)  # by band
    generators: Counter[str] = field(default_factory=Counter)
    examples: list[Finding] = field(default_factory=list)
    near: list[Finding] = field(default_factory=list)  # examples of what resembles and is not positive

    def add(self, finding: Finding, examples: int) -> None:
        """Take one in, and keep it as an example if it is positive and there are not enough yet."""
        positive = finding.positive
        self.sampled += 1
        self.judged += finding.judged
        self.positive += positive
        self.judged_positive += positive and finding.judged
        self.copies += finding.copy is not None
        if finding.copy is not None and finding.copy.output.generator:
            self.generators[finding.copy.output.generator] += 1
        self.marked += bool(finding.markers) and finding.marked
        self.bands[finding.band] += 1
        self.resembling[finding.band] += finding.resembles
        score = finding.score
        if score is not None and score.probability is not None:
            self.scored += 1
            self.above += score.above
            self.expected += score.false_positive_rate or 0.0
        if positive and len(self.examples) < examples:
            self.examples.append(finding)
        if finding.resembling is not None and not positive and len(self.near) < examples:
            self.near.append(finding)

    def alike(self) -> list[Count]:
        """Of each band how many were drawn, and how many of these resemble an output."""
        return [Count(self.bands[number], self.resembling[number]) for number in range(len(measured()))]


def batch_row(name: str, row: Looked, records: int, terms: Terms) -> Json:
    """A batch: flagged when more of it is outputs than the limit allows, whatever the sample's luck."""
    figures = _figures(row, records, terms)
    shown = max(figures["corrected_interval"][0], figures["at_least"])
    return {
        "batch": name,
        "records": records,
        **figures,
        "flagged": row.positive > 0 and shown > terms.settings.limit,
        "examples": _examples(row, terms),
    }


class Beside(NamedTuple):
    """Where an annotator stands among all: by positive records, and by those that resemble an output."""

    positive: Standing
    resembling: Standing


def annotator_row(name: str, row: Looked, records: int, beside: Beside, terms: Terms) -> Json:
    """An annotator, beside all others. What resembles an output is compared as well, and flags nobody."""
    figures, standing, alike = _figures(row, records, terms), beside.positive, beside.resembling
    figures["resemblance"] |= {
        "others_rate": alike.others_rate,
        "p_value": alike.p_value,
        "adjusted_p_value": alike.adjusted,
        "stands_out": alike.stands_out,
    }
    return {
        "annotator": name,
        "records": records,
        **figures,
        "others_rate": standing.others_rate,
        "p_value": standing.p_value,
        "adjusted_p_value": standing.adjusted,
        "flagged": standing.stands_out,
        "examples": _examples(row, terms),
    }


def _figures(row: Looked, records: int, terms: Terms) -> Json:
    """Raw of all drawn records; corrected of those in which a copy could be told, the others being left open.

    `at_least` is the lower bound of the whole batch with every record in which none could be told taken for clean.
    """
    sample, confidence = Sample(records, row.sampled, row.positive), terms.settings.confidence
    certain = Accuracy(1.0, terms.accuracy.specificity, None, terms.accuracy.human)
    figures: Json = {
        "sampled": row.sampled,
        "judged": row.judged,
        "judged_positive": row.judged_positive,
        "positive": row.positive,
        "copies": row.copies,
        "marked": row.marked,
        "generators": dict(sorted(row.generators.items())),
        "rate": sample.rate,
        "interval": list(raw_interval(sample, confidence)),
        "corrected_rate": None,
        "corrected_interval": [0.0, 1.0],
        "at_least": corrected_interval(sample, certain, confidence).low if row.positive else 0.0,
        "resemblance": _resemblance(row, records, confidence),
        "indication": _indication(row, records, confidence),
    }
    if row.judged:
        judged = _part(records, row.sampled, row.judged, row.judged_positive)
        low, high = corrected_interval(judged, terms.accuracy, confidence)
        rate = corrected_rate(judged, terms.accuracy)
        # records are whole and the errors are not known exactly: the estimate may lie beside all that is possible
        figures["corrected_rate"] = None if rate is None else min(max(rate, low), high)
        figures["corrected_interval"] = [low, high]
    return figures


def _resemblance(row: Looked, records: int, confidence: float) -> Json:
    """Which share resembles an output, be it a copy or not, and which share of people's answers of these kinds does.

    Never part of `positive`, and flags nothing.
    """
    bands = row.alike()
    sample = Sample(records, row.sampled, sum(count.positive for count in bands))
    return {
        "resembling": sample.positive,
        "rate": sample.rate,
        "interval": list(raw_interval(sample, confidence)),
        "among_people": sum(n.sampled * band.rate for n, band in zip(bands, measured(), strict=True)) / row.sampled,
    }


def _indication(row: Looked, records: int, confidence: float) -> Json:
    """The detector's: which share of the records that it was measured on lies above its threshold, and which share of
    people's texts does. Never part of `positive`, and flags nothing."""
    if not row.scored:
        return {"scored": 0, "above": 0, "rate": None, "interval": [0.0, 1.0], "false_positive_rate": None}
    scored = _part(records, row.sampled, row.scored, row.above)
    return {
        "scored": row.scored,
        "above": row.above,
        "rate": scored.rate,
        "interval": list(raw_interval(scored, confidence)),
        "false_positive_rate": row.expected / row.scored,
    }


def _part(records: int, sampled: int, chosen: int, positive: int) -> Sample:
    """The sample of those records of a batch of which some hold: as many in the batch as in the sample, in proportion.

    A record that was not drawn is none that was: the rest cannot be smaller than what was drawn of it.
    """
    return Sample(max(chosen, round(records * chosen / sampled)), chosen, positive)


def _examples(row: Looked, terms: Terms) -> list[Json]:
    """Of what is positive, and where there is room of what resembles an output without being so."""
    corpus, findings = terms.corpus, [*row.examples, *row.near][: terms.settings.examples]
    return [
        {
            "record": finding.drawn.record.name,
            "match": finding.copy and _match(finding, finding.copy, corpus),
            "resembles": finding.resembling and _match(finding, finding.resembling, corpus),
            "markers": [hit.to_json() | {"counts": hit.marker in proving()} for hit in finding.markers],
        }
        for finding in findings
    ]


def _match(finding: Finding, copy: NearCopy, corpus: Corpus) -> Json:
    """The match with the beginning of its longest passage on both sides."""
    record = finding.drawn.record
    longest = max(copy.match.passages, key=lambda part: part.document_end - part.document_start)
    return copy.to_json(record.name, corpus.index) | {
        "document_excerpt": record.text[longest.document_start : longest.document_end][:EXCERPT],
        "work_excerpt": copy.output.text[longest.work_start : longest.work_end][:EXCERPT],
    }
