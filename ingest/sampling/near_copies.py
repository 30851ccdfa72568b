"""Which records are registered model output, copied or lightly edited: the match engine with dense seeds.

A record is a near-copy where a match covers half of it, its letters agree to three quarters, and it shares enough words
of its own with the output (`own_words`): a short answer to the same question may be the same without being copied. How
many words are enough was measured on answers by people (`bench/audit.py`): none of those was taken for a copy.
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
from ingest.sampling.own_words import own_words

PARAMS = ANSWERS
OPTIONS = MapOptions(min_words=25)  # no more than `Thresholds.words`


@dataclass(frozen=True)
class Thresholds:
    """What makes a match a near-copy. Shares from 0 to 1; words are distinct and their own."""

    coverage: float = 0.5
    identity: float = 0.75
    words: int = 25  # with the prompt known, whose words do not count
    words_without_prompt: int = 35
    edited: float = 0.85  # part of a copy's own words that editing one word in ten leaves in matches, at the least

    def words_for(self, prompt: str) -> int:
        """How many own words a match must hold."""
        return self.words if prompt.strip() else self.words_without_prompt

    def is_long_enough(self, text: str, prompt: str) -> bool:
        """Whether a near-copy could be told in this record."""
        return len(own_words([text], prompt)) * self.edited >= self.words_for(prompt)


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


@dataclass(frozen=True)
class Finder:
    """Looks texts up in an index of outputs, whichever process it is opened in."""

    index: Index
    thresholds: Thresholds

    def find(self, texts: Sequence[str], prompts: Sequence[str]) -> Iterator[tuple[Match, int] | None]:
        """For each text the match with the output that it is a copy of, and how many own words both share."""
        for text, prompt, matches in zip(texts, prompts, map_texts(self.index, texts, OPTIONS), strict=True):
            copies = [(match, own) for match in matches if (own := self._judge(text, prompt, match)) is not None]
            yield max(copies, key=lambda copy: (copy[1], copy[0].coverage_work), default=None)

    def _judge(self, text: str, prompt: str, match: Match) -> int | None:
        limits = self.thresholds
        if match.coverage_document < limits.coverage or (match.identity or 0.0) < limits.identity:
            return None
        if match.matched_words < limits.words_for(prompt):
            return None
        stretches = [text[part.document_start : part.document_end] for part in match.passages]
        own = len(own_words(stretches, prompt))
        return own if own >= limits.words_for(prompt) else None


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
        finder = Finder(self.index, self.thresholds)
        return (found and self.copy_of(*found) for found in finder.find(texts, prompts))

    def copy_of(self, match: Match, own: int) -> NearCopy:
        """A match with the output that it names."""
        return NearCopy(self._outputs[match.work], match, own)

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
