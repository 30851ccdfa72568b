"""What is found in each record of a sample: a near-copy of a registered output, markers, a statistical indication.

A near-copy or a marker makes a record positive. The detector never does: its figure stands beside the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.sampling.draws import Drawn
from ingest.sampling.near_copies import Corpus, NearCopy

BATCH = 2_000


@dataclass(frozen=True)
class Finding:
    """One drawn record. `judged`: whether the method could tell; a positive one always is."""

    drawn: Drawn
    copy: NearCopy | None
    markers: tuple[Any, ...] = ()
    judged: bool = True

    @property
    def positive(self) -> bool:
        """Whether the method takes the record for model output."""
        return self.copy is not None or bool(self.markers)


@dataclass
class Looked:
    """Counts of findings."""

    sampled: int = 0
    judged: int = 0
    positive: int = 0
    copies: int = 0
    marked: int = 0
    examples: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding, examples: int) -> None:
        """Take one in, and keep it as an example if it is positive and there are not enough yet."""
        self.sampled += 1
        self.judged += finding.judged
        self.positive += finding.positive
        self.copies += finding.copy is not None
        self.marked += bool(finding.markers)
        if finding.positive and len(self.examples) < examples:
            self.examples.append(finding)


def look(drawn: Iterable[Drawn], corpus: Corpus) -> Iterator[Finding]:
    """A finding a drawn record, in their order."""
    batch: list[Drawn] = []
    for one in drawn:
        batch.append(one)
        if len(batch) == BATCH:
            yield from _look(batch, corpus)
            batch = []
    yield from _look(batch, corpus)


def _look(batch: Sequence[Drawn], corpus: Corpus) -> Iterator[Finding]:
    texts = [one.record.text for one in batch]
    prompts = [one.record.prompt for one in batch]
    for one, copy in zip(batch, corpus.find(texts, prompts), strict=True):
        record = one.record
        judged = copy is not None or corpus.thresholds.is_long_enough(record.text, record.prompt)
        yield Finding(one, copy, judged=judged)
