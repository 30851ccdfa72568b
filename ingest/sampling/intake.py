"""From a document as readers give it to a record of the audited set, or an output of the reference."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ingest.readers.document import Document
from ingest.sampling.draws import Record
from ingest.sampling.near_copies import Output

PROMPTS = ("prompt", "instruction", "question")  # the first that a record has; what belongs to it follows
BESIDE = ("input", "context")
GENERATORS = ("generator", "model")
DATES = ("date", "created_at", "created", "annotated_at")
TEXTS = ("output", "response", "answer", "completion")  # where a record has no `text`
MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])(?:-\d\d)?(?!\d)")
LARGE = 1 << 20  # code points
MISSING, UNUSABLE, WORD, NUMBER = "missing", "unusable", "words", "numbers"


@dataclass(frozen=True)
class Fields:
    """What the fields of the audited set are called. An empty batch or annotator field: nobody asks for one; an empty
    date or prompt field: the first of the usual ones that a record has."""

    batch: str = "batch"
    annotator: str = "annotator"
    date: str = ""
    prompt: str = ""


@dataclass
class Intake:
    """Reads records and counts what they lack, so that the result can say so."""

    fields: Fields = field(default_factory=Fields)
    batches: Counter[str] = field(default_factory=Counter)
    annotators: Counter[str] = field(default_factory=Counter)
    dates: Counter[str] = field(default_factory=Counter)
    without_prompt: int = 0
    empty: int = 0
    large: int = 0

    def record(self, document: Document) -> Record:
        """The record of a document; a field that is missing, empty or no word or number is empty and counted."""
        fields, meta, text = self.fields, document.meta, document.text
        prompt = _word(meta.get(fields.prompt)) if fields.prompt else prompt_of(meta)
        self.without_prompt += not prompt
        self.empty += not text or text.isspace()
        self.large += len(text) >= LARGE
        return Record(
            document.name,
            text,
            _counted(meta, fields.batch, self.batches),
            _counted(meta, fields.annotator, self.annotators),
            self._date(meta),
            prompt,
        )

    def to_json(self) -> dict[str, Any]:
        """What the records had in their fields and lacked: of each field how often it was missing, no word or number
        (`unusable`), a word, a number."""
        asked = (("batch", self.fields.batch, self.batches), ("annotator", self.fields.annotator, self.annotators))
        counts = {role: {"field": name} | _kinds(found) for role, name, found in asked if name}
        return {
            "fields": counts | {"date": {"field": self.fields.date or None} | _kinds(self.dates)},
            "without_prompt": self.without_prompt,
            "empty": self.empty,
            "large": self.large,
        }

    def in_no_record(self) -> list[str]:
        """Fields that somebody named otherwise than usual and that hold nothing in any record read so far."""
        usual, asked = Fields(), self.fields
        read = self.dates.total()
        empty = {
            "batch": self.batches[MISSING],
            "annotator": self.annotators[MISSING],
            "date": self.dates[MISSING],
            "prompt": self.without_prompt,
        }
        named = {role: getattr(asked, role) for role in empty}
        return [
            name for role, name in named.items() if name and name != getattr(usual, role) and empty[role] == read > 0
        ]

    def _date(self, meta: dict[str, Any]) -> str:
        """The ISO day or month; whatever else stands in the field is counted as unusable."""
        word = _word(meta.get(self.fields.date)) if self.fields.date else _first(meta, DATES)
        is_date = MONTH.match(word)
        self.dates[WORD if is_date else UNUSABLE if word else MISSING] += 1
        return word[:10] if is_date else ""


def output_of(document: Document) -> Output:
    """A registered output: its text, and the prompt and generator where the record names them."""
    return Output(document.name, document.text, prompt_of(document.meta), _first(document.meta, GENERATORS))


def prompt_of(meta: dict[str, Any]) -> str:
    """What a record says was asked, with the material that came with it."""
    asked, beside = _first(meta, PROMPTS), _first(meta, BESIDE)
    return f"{asked}\n{beside}".strip() if beside else asked


def _first(meta: dict[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        if name in meta and (word := _word(meta[name])):
            return word
    return ""


def _counted(meta: dict[str, Any], name: str, counts: Counter[str]) -> str:
    if not name:
        return ""
    value = meta.get(name)
    word = _word(value)
    if word:
        counts[WORD if isinstance(value, str) else NUMBER] += 1
    else:
        counts[MISSING if value is None or value == "" else UNUSABLE] += 1
    return word


def _kinds(counts: Counter[str]) -> dict[str, int]:
    return {kind: counts[kind] for kind in (MISSING, UNUSABLE, WORD, NUMBER)}


def _word(value: Any) -> str:
    """A number as people write it: what a table holds as 3.0 is 3."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return ""
