"""Which records are registered model output, copied or lightly edited: the match engine with dense seeds.

A record is a near-copy where a match covers most of it, most of the letters agree, and either it shares enough words of
its own with the output (`own_words`), or the match holds the whole output and says enough that neither the prompt nor
the record's own beginning says (`fresh_words`): a short answer to the same question may be the same without being
copied. How much is enough: `thresholds`.
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
from typing import Any, Literal, NamedTuple

from ingest.engine.index import Index
from ingest.engine.intake import TextRecord
from ingest.engine.listing import Listing, lock_list, segment_name
from ingest.engine.mapper import map_texts, match_line
from ingest.engine.params import ANSWERS
from ingest.engine.records import MapOptions, Match
from ingest.engine.segment_writer import SegmentWriter
from ingest.sampling.own_words import own_words, words_of
from ingest.sampling.pieces import put_together
from ingest.sampling.resemblance import band_of
from ingest.sampling.thresholds import Thresholds, matched

PARAMS = ANSWERS
THRESHOLDS = Thresholds()
Way = Literal["own words", "whole text", "resembles"]


class Output(NamedTuple):
    """A registered output of a model."""

    name: str
    text: str
    prompt: str = ""
    generator: str = ""


class NearCopy(NamedTuple):
    """An output that a record is a copy of, how many words of its own both share, and by what it was told."""

    output: Output
    match: Match
    own_words: int
    way: Way

    def to_json(self, document: str, index: Index) -> dict[str, Any]:
        """The match as `colophon match` writes it, with the generator and the shared words."""
        return match_line(document, self.match, index) | {
            "generator": self.output.generator or None,
            "own_words": self.own_words,
            "way": self.way,
        }


class Found(NamedTuple):
    """The match that makes a record a near-copy."""

    match: Match
    own_words: int
    way: Way


class Told(NamedTuple):
    """What the index says of a record: the copy, whether one could have been told, and the output that it resembles.

    The `band` of its fresh words says how often answers by people do so too (`resemblance`).
    """

    copy: Found | None
    judged: bool
    resembling: Match | None = None
    band: int = 0


@dataclass(frozen=True)
class Finder:
    """Looks texts up in an index of outputs, whichever process it is opened in."""

    index: Index
    thresholds: Thresholds

    def find(self, texts: Sequence[str], prompts: Sequence[str]) -> Iterator[Told]:
        """For each text the match with the output that it is a copy of."""
        options = MapOptions(min_words=self.thresholds.resembling_words)
        for text, prompt, matches in zip(texts, prompts, map_texts(self.index, texts, options), strict=True):
            asked = words_of(prompt)
            own = words_of(text) - asked
            found = self._by_own_words(text, asked, self.thresholds.words_for(text, prompt, own), matches)
            if found is None:
                found = self._by_whole_text(text, prompt, matches)
            judged = self.thresholds.can_judge(text, prompt, own)
            yield Told(found, judged, self._resembling(matches), band_of(text, prompt, own))

    def _by_own_words(self, text: str, asked: set[str], needed: int, matches: Sequence[Match]) -> Found | None:
        """The match with most own words that covers enough; the larger of two that do so together."""
        held = [(match, self._held(text, asked, match)) for match in matches if match.matched_words >= needed]
        pieces = [Found(match, own, "own words") for match, own in held if own >= needed]
        pieces.sort(key=_tells, reverse=True)
        for one in pieces:
            if self.thresholds.covers(one.match.coverage_document, one.own_words):
                return one
        together = put_together(text, [one.match for one in pieces], self.thresholds.coverage)
        return pieces[0] if together else None

    def _by_whole_text(self, text: str, prompt: str, matches: Sequence[Match]) -> Found | None:
        """The match with most words that holds a whole output."""
        for match in sorted(matches, key=lambda match: match.matched_words, reverse=True):
            if self.thresholds.is_whole(match, text, [prompt]):
                return Found(match, len(_held(text, match) - words_of(prompt)), "whole text")
        return None

    def _resembling(self, matches: Sequence[Match]) -> Match | None:
        """The match with most words of those by which the record resembles an output."""
        near = [match for match in matches if self.thresholds.resembles(match)]
        return max(near, key=lambda match: match.matched_words, default=None)

    def _held(self, text: str, asked: set[str], match: Match) -> int:
        """How many own words of the record the match holds; 0 where its letters do not agree enough."""
        if (match.identity or 0.0) < self.thresholds.identity:
            return 0
        return len(_held(text, match) - asked)


def _tells(piece: Found) -> tuple[int, float]:
    return piece.own_words, piece.match.coverage_work


def _held(text: str, match: Match) -> set[str]:
    """The distinct words of the record's stretches that match."""
    return own_words(matched(text, match), "")


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

        What the output was asked does not count either: it may be the record's writer whom the model repeats.
        """
        if told.copy is None:
            return None
        match, own, way = told.copy
        output = self._outputs[match.work]
        if output.prompt:
            own = len(_held(text, match) - words_of(prompt) - words_of(output.prompt))
        if not self.thresholds.answers(" ".join(matched(text, match)), [prompt, output.prompt]):
            return None
        if way == "own words" and own >= self.thresholds.words:
            return NearCopy(output, match, own, way)
        if self.thresholds.is_whole(match, text, [prompt, output.prompt]):
            return NearCopy(output, match, own, "whole text")
        return None

    def resembling(self, text: str, prompt: str, told: Told) -> NearCopy | None:
        """The output that the record resembles throughout; that it is a copy of it is not said."""
        if told.resembling is None:
            return None
        output = self._outputs[told.resembling.work]
        own = len(_held(text, told.resembling) - words_of(prompt) - words_of(output.prompt))
        return NearCopy(output, told.resembling, own, "resembles")

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
