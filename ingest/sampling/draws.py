"""Which records of a batch are looked at: a random sample that anybody draws again from the same records and seed.

Every record has a place in its batch's order, the SHA-256 of seed, batch and the record's own digest; the sample is
those that come first. So it does not depend on files, their order or a library's generator, and no record can be chosen
by whoever chose the seed without trying seeds. A record that occurs several times in a batch is told apart by counting.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

BEHIND_ALL = b"\xff" * 33  # no place is


class Record(NamedTuple):
    """One record of the audited set. `date` is an ISO day or month, or empty; `prompt` what the text answers."""

    name: str
    text: str
    batch: str
    annotator: str = ""
    date: str = ""
    prompt: str = ""

    @property
    def digest(self) -> bytes:
        """SHA-256 of everything but the name, which is a matter of where the file lies.

        The lengths (in code points) go before the fields, so that no two records are written alike.
        """
        _, text, batch, annotator, date, prompt = self
        whole = (
            f"{len(batch)},{len(annotator)},{len(date)},{len(prompt)},{len(text)}\0"
            f"{batch}\0{annotator}\0{date}\0{prompt}\0{text}"
        )
        return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).digest()


class Drawn(NamedTuple):
    """A record in the sample. `place` is its hash in the batch's order, `digest` its own, `copy` counts from 0."""

    place: bytes
    digest: bytes
    copy: int
    record: Record


@dataclass
class _Batch:
    """The records of a batch that come first so far, and some behind them until there are twice as many as wanted."""

    records: int = 0
    drawn: list[Drawn] = field(default_factory=list)
    last: bytes = BEHIND_ALL
    copies: dict[bytes, int] = field(default_factory=dict)

    def shorten(self, sampled: int) -> None:
        """Keep those that come first; what comes behind the last of them need not be taken in any more."""
        self.drawn.sort()
        del self.drawn[sampled:]
        self.last = self.drawn[-1].place


class Draw:
    """Takes every record once and keeps the sample: `sampled` of each batch, all of a smaller one (None: all)."""

    def __init__(self, seed: int, sampled: int | None) -> None:
        if sampled is not None and sampled < 1:
            raise ValueError("a sample has at least one record a batch")
        self.seed, self.sampled = seed, sampled
        self._batches: dict[str, _Batch] = defaultdict(_Batch)
        self._annotators: dict[str, int] = defaultdict(int)
        self.duplicates = 0

    def add(self, record: Record) -> None:
        """Take one record in."""
        batch = self._batches[record.batch]
        batch.records += 1
        self._annotators[record.annotator] += 1
        digest = record.digest
        copy = batch.copies.get(digest, 0)
        batch.copies[digest] = copy + 1
        self.duplicates += copy > 0
        place = order(self.seed, record.batch, digest, copy)
        if place < batch.last:
            batch.drawn.append(Drawn(place, digest, copy, record))
            if self.sampled is not None and len(batch.drawn) >= 2 * self.sampled:
                batch.shorten(self.sampled)

    @property
    def records(self) -> Mapping[str, int]:
        """Batch → how many records it has."""
        return {name: batch.records for name, batch in sorted(self._batches.items())}

    @property
    def annotators(self) -> Mapping[str, int]:
        """Annotator → how many records are theirs."""
        return dict(sorted(self._annotators.items()))

    def sample(self) -> dict[str, list[Drawn]]:
        """Batch → the drawn records in their order."""
        return {name: sorted(batch.drawn)[: self.sampled] for name, batch in sorted(self._batches.items())}


def order(seed: int, batch: str, digest: bytes, copy: int) -> bytes:
    """A record's place in its batch's order."""
    named = f"{seed}\0{batch}\0{copy}\0".encode("utf-8", "surrogatepass")
    return hashlib.sha256(named + digest).digest()


def digest_of(sample: Mapping[str, Sequence[Drawn]]) -> str:
    """`sha256:…` of the whole sample: what is recorded before anything is looked at, and what a second run gives."""
    whole = hashlib.sha256()
    for name, drawn in sorted(sample.items()):
        whole.update(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest())
        for one in drawn:
            whole.update(one.place)
    return f"sha256:{whole.hexdigest()}"


def draw(records: Iterable[Record], seed: int, sampled: int | None = None) -> Draw:
    """All records taken in."""
    taken = Draw(seed, sampled)
    for record in records:
        taken.add(record)
    return taken
