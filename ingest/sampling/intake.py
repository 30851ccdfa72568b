"""From a document as readers give it to a record of the audited set, or an output of the reference."""

from __future__ import annotations

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


@dataclass(frozen=True)
class Fields:
    """What the fields of the audited set are called. An empty batch field: everything is one batch."""

    batch: str = "batch"
    annotator: str = "annotator"
    date: str = ""
    prompt: str = ""


@dataclass
class Intake:
    """Reads records and counts what they lack, so that the result can say so."""

    fields: Fields = field(default_factory=Fields)
    lacking: Counter[str] = field(default_factory=Counter)

    def record(self, document: Document) -> Record:
        """The record of a document; a field that is missing, empty or no word or number is empty and counted."""
        fields, meta = self.fields, document.meta
        return Record(
            document.name,
            document.text,
            self._named(meta, fields.batch),
            self._named(meta, fields.annotator),
            _first(meta, (fields.date,) if fields.date else DATES)[:10],
            _first(meta, (fields.prompt,)) if fields.prompt else prompt_of(meta),
        )

    def _named(self, meta: dict[str, Any], name: str) -> str:
        value = _word(meta.get(name)) if name else ""
        if name and not value:
            self.lacking[name] += 1
        return value


def output_of(document: Document) -> Output:
    """A registered output: its text, and the prompt and generator where the record names them."""
    return Output(document.name, document.text, prompt_of(document.meta), _first(document.meta, GENERATORS))


def prompt_of(meta: dict[str, Any]) -> str:
    """What a record says was asked, with the material that came with it."""
    asked = _first(meta, PROMPTS)
    beside = _first(meta, BESIDE)
    return f"{asked}\n{beside}".strip()


def _first(meta: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((word for name in names if (word := _word(meta.get(name)))), "")


def _word(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""
