"""Which records are registered model output, copied or lightly edited: the match engine with dense seeds.

A record is a near-copy where a match covers most of it, most of the letters agree, and it shares enough words of its
own with the output (`own_words`): a short answer to the same question may be the same without being copied. How much is
enough: `thresholds`.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from ingest.engine.index import Index
from ingest.engine.intake import TextRecord
from ingest.engine.listing import Listing, lock_list, segment_name
from ingest.engine.mapper import map_texts, match_line
from ingest.engine.params import ANSWERS
from ingest.engine.records import MapOptions, Match
from ingest.engine.segment_writer import SegmentWriter
from ingest.sampling.own_words import own_words, words_of
from ingest.sampling.pieces import put_together
from ingest.sampling.thresholds import Thresholds

PARAMS = ANSWERS
THRESHOLDS = Thresholds()


class Output(NamedTuple):
    """A registered output of a model."""

    name: str
    text: str
    prompt: str = ""
    generator: str = ""


class NearCopy(NamedTuple):
    """An output that a record is a copy of, and how many words of its own both share."""

    output: Output
    match: Match
    own_words: int

    def to_json(self, document: str, index: Index) -> dict[str, Any]:
        """The match as `colophon match` writes it, with the generator and the shared words."""
        return match_line(document, self.match, index) | {
            "generator": self.output.generator or None,
            "own_words": self.own_words,
        }


class Told(NamedTuple):
    """What the index says of a record: the copy with its number of own words, and whether one could have been told."""

    copy: tuple[Match, int] | None
    judged: bool


@dataclass(frozen=True)
class Finder:
    """Looks texts up in an index of outputs, whichever process it is opened in."""

    index: Index
    thresholds: Thresholds

    def find(self, texts: Sequence[str], prompts: Sequence[str]) -> Iterator[Told]:
        """For each text the match with the output that it is a copy of, and how many own words both share."""
        options = MapOptions(min_words=self.thresholds.words)
        for text, prompt, matches in zip(texts, prompts, map_texts(self.index, texts, options), strict=True):
            asked = words_of(prompt)
            own = words_of(text) - asked
            best = self._best(text, asked, self.thresholds.words_for(text, prompt, own), matches) if matches else None
            yield Told(best, self.thresholds.can_judge(text, prompt, own))

    def _best(self, text: str, asked: set[str], needed: int, matches: Sequence[Match]) -> tuple[Match, int] | None:
        """The match with most own words that covers enough; the larger of two that do so together."""
        held = [(match, self._held(text, asked, match)) for match in matches if match.matched_words >= needed]
        pieces = sorted((one for one in held if one[1] >= needed), key=_tells, reverse=True)
        for one in pieces:
            if self.thresholds.covers(one[0].coverage_document, one[1]):
                return one
        together = put_together(text, [match for match, _ in pieces], self.thresholds.coverage)
        return pieces[0] if together else None

    def _held(self, text: str, asked: set[str], match: Match) -> int:
        """How many own words of the record the match holds; 0 where its letters do not agree enough."""
        if (match.identity or 0.0) < self.thresholds.identity:
            return 0
        return len(_held(text, match) - asked)


def _tells(piece: tuple[Match, int]) -> tuple[int, float]:
    match, own = piece
    return own, match.coverage_work


def _held(text: str, match: Match) -> set[str]:
    """The distinct words of the record's stretches that match."""
    return own_words([text[part.document_start : part.document_end] for part in match.passages], "")


class Corpus:
    """Registered outputs as an index of the engine; a context manager, the index lives in a temporary folder.

    An output without text is left out and counted in `empty`; one that comes again under its name, in `repeated`.
    """

    def __init__(self, outputs: Iterable[Output], thresholds: Thresholds = THRESHOLDS) -> None:
        self.thresholds = thresholds
        self.empty = self.repeated = 0
        self._open = ExitStack()
        self._outputs: dict[str, Output] = {}
        try:
            self.folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="outputs-")))
            self.index = self._build(outputs)
        except BaseException:
            self._open.close()
            raise

    def __enter__(self) -> Corpus:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._outputs)

    def output(self, name: str) -> Output:
        """The output of that name. Raises KeyError."""
        return self._outputs[name]

    def close(self) -> None:
        """Give the index's memory and files back."""
        self._open.close()

    @property
    def parameters(self) -> str:
        """The digest of the engine's parameter set."""
        return PARAMS.digest

    @property
    def prompts(self) -> set[str]:
        """The prompts that the outputs answer, without surrounding space."""
        return {output.prompt.strip() for output in self._outputs.values()} - {""}

    @property
    def texts(self) -> set[str]:
        """The outputs themselves, without surrounding space."""
        return {output.text.strip() for output in self._outputs.values()}

    @property
    def digest(self) -> str:
        """`sha256:…` of the outputs, whatever their order."""
        whole = hashlib.sha256()
        for line in sorted(
            hashlib.sha256(f"{output.prompt}\0{output.text}".encode("utf-8", "surrogatepass")).digest()
            for output in self._outputs.values()
        ):
            whole.update(line)
        return f"sha256:{whole.hexdigest()}"

    def find(self, texts: Sequence[str], prompts: Sequence[str]) -> Iterator[NearCopy | None]:
        """For each text the output it is a copy of, the one it shares most words with; None for most."""
        told = Finder(self.index, self.thresholds).find(texts, prompts)
        return (self.copy_of(*row) for row in zip(texts, prompts, told, strict=True))

    def copy_of(self, text: str, prompt: str, told: Told) -> NearCopy | None:
        """The copy with the output that it names.

        What the record answers may be unknown, and what the output does known: then its words do not count either.
        """
        if told.copy is None:
            return None
        match, own = told.copy
        output = self._outputs[match.work]
        if output.prompt and not prompt.strip():
            own = len(_held(text, match) - words_of(output.prompt))
            if own < self.thresholds.words:
                return None
        return NearCopy(output, match, own)

    def _build(self, outputs: Iterable[Output]) -> Index:
        with SegmentWriter(self.folder / "new", PARAMS) as writer:
            for output in outputs:
                named = self._named(output)
                if named is not None:
                    self._outputs[named.name] = named
                    writer.add(TextRecord(named.name, None, named.text))
            names: tuple[str, ...] = ()
            if self._outputs:
                names = (segment_name(writer.finish().digest),)
                os.replace(self.folder / "new", self.folder / names[0])
        with lock_list(self.folder) as held:
            held.write(Listing(names, (), {}))
        return self._open.enter_context(Index.open(self.folder))

    def _named(self, output: Output) -> Output | None:
        """The output under a name that no other one has: ids of several files may be the same."""
        if not output.text.strip():
            self.empty += 1
            return None
        name, number = output.name, 1
        while (known := self._outputs.get(name)) is not None:
            if known.text == output.text:
                self.repeated += 1
                return None
            number += 1
            name = f"{output.name}~{number}"
        return output._replace(name=name)
