"""What readers give (documents and bad records), what they are asked (options) and how they fail."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

MEBIBYTE = 1 << 20
GIBIBYTE = 1 << 30


@dataclass(frozen=True, slots=True)
class Document:
    """One text. `name` is file[#member][#record]; `meta` holds the record's other, small, JSON-able fields;
    `detected_encoding` is set only when the encoding was guessed, so that whoever shows the text can say so."""

    name: str
    text: str
    meta: dict[str, Any] = field(default_factory=dict)
    media_type: str = "text/plain"
    detected_encoding: str | None = None


@dataclass(frozen=True, slots=True)
class BadRecord:
    """Something that could not be read. `cause_code` is stable and for machines, `cause` is a sentence for people."""

    name: str
    cause_code: str
    cause: str


# where a record of a dataset has no field `text`: of source code, of instructions, of questions
USUAL_TEXTS = ("content", "output", "response", "answer", "completion")


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read, and how much at most.

    text_field          of a record's text; where a record has none, the first of `text_fallbacks` that it has
    encoding            used for text that is not UTF-8; None: the encoding is detected
    max_document_bytes  one text, one line or one table row, decoded from its container
    max_members         archive members of one file, nested ones included
    max_nesting         containers and compressions around a text: tar.zst of jsonl.gz is 3
    max_buffered_bytes  zip, EPUB, Parquet need random access: inside other containers they are held in memory to this
    max_expanded_bytes  what one file may expand to, unless it is itself larger than a `max_ratio`-th of that
    max_ratio           expanded ÷ stored bytes allowed beyond `max_expanded_bytes`
    """

    encoding: str | None = None
    text_field: str = "text"
    text_fallbacks: tuple[str, ...] = ()
    id_field: str = "id"
    max_document_bytes: int = 256 * MEBIBYTE
    max_members: int = 2_000_000
    max_nesting: int = 6
    max_buffered_bytes: int = 128 * MEBIBYTE
    max_expanded_bytes: int = 4 * GIBIBYTE
    max_ratio: int = 200

    def field_in(self, names: Container[str]) -> str:
        """Which field holds the text, of a record or table with these; `text_field` where it has none of them."""
        if self.text_field in names:
            return self.text_field
        return next((name for name in self.text_fallbacks if name in names), self.text_field)


class ReadError(Exception):
    """The argument itself cannot be read (it does not exist, or reading safely is not possible here)."""

    def __init__(self, code: str, path: str, cause: str) -> None:
        super().__init__(f"{path}: {cause}")
        self.code = code
        self.path = path
        self.cause = cause


class BadInput(Exception):
    """Inside the readers: this file, member or record cannot be read. Becomes a `BadRecord`, stays inside."""

    def __init__(self, code: str, cause: str) -> None:
        super().__init__(cause)
        self.code = code
        self.cause = cause

    def to_record(self, name: str) -> BadRecord:
        """The bad record that reports this under `name`."""
        return BadRecord(name, self.code, self.cause)


class Exhausted(BadInput):
    """A limit for the whole file is used up: no other member of it is tried."""
