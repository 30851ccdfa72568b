"""What a reader of a catalogue format returns: one row a record, whatever the format; pure data.

Values are as the record says them, trimmed; nothing is guessed. What a reader could not understand stands in `messages`
with the value as it was (severities of the ONIX Acknowledgement message: I information, Q query, W warning, E error,
F fatal). A row with an E or F is not taken over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

UPSERT, UPDATE, DELETE = "upsert", "update", "delete"
TABLES = frozenset({"csv", "tsv", "xlsx"})  # formats whose records are rows of cells
MAX_VALUE_CHARS = 200


class CatalogueError(Exception):
    """A file is no catalogue that can be read, or stops being one at a record.

    `code` in upper case, `file` as the caller named it, `record` counted from 1 (0: before the first), `cause` a
    sentence. Raised by `open_catalogue` before any row; afterwards a reader ends with a row that holds a message F.
    """

    def __init__(self, code: str, file: str, record: int, cause: str) -> None:
        super().__init__(f"{file}: {cause}")
        self.code = code
        self.file = file
        self.record = record
        self.cause = cause

    def __reduce__(self) -> tuple[Any, ...]:
        return CatalogueError, (self.code, self.file, self.record, self.cause)


@dataclass(frozen=True)
class Message:
    """A remark about one value: where it stood, what it was, why that is a problem and what would mend it."""

    column: str  # the column's name, or the element's path: "PublishingDetail/PublishingDate"
    value: str  # as it stood, cut to 200 characters
    severity: str  # I Q W E F
    code: str  # stable, in upper case: ISBN_CHECK_DIGIT, CODE_UNKNOWN, DATE_IMPOSSIBLE …
    cause: str
    fix: str = ""

    def __post_init__(self) -> None:
        if len(self.value) > MAX_VALUE_CHARS:
            object.__setattr__(self, "value", self.value[: MAX_VALUE_CHARS - 1] + "…")


@dataclass(frozen=True)
class Person:
    """Somebody named by a record. `key_names` is the surname part where the format tells it apart."""

    name: str  # in natural order: "Jane Austen"
    role: str = "author"  # author | editor | translator
    kind: str = "person"  # person | organisation
    key_names: str = ""
    born: str = ""
    died: str = ""
    isni: str = ""
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class EditionRow:
    """The published form that a record describes."""

    title: str = ""
    published: str = ""  # 2019, 2019-05 or 2019-05-31
    publisher: str = ""
    language: str = ""
    translation: bool = False
    note: str = ""  # series, volume and edition statement in the record's words
    identifiers: tuple[tuple[str, str], ...] = ()  # (scheme of registry.identifiers, canonical value)


@dataclass(frozen=True)
class RightsStatement:
    """What a record says about text and data mining or a licence; stored as a dated assertion, never as more than that.

    `kind`: reservation | preference | offer | open_licence. `raw` is the bytes of the elements that say it.
    """

    kind: str
    uses: tuple[str, ...] = ()
    territory: tuple[str, ...] = ()
    valid_from: str = ""
    valid_to: str = ""
    licence: str = ""  # SPDX id, of an open_licence
    address: str = ""  # of the licence or policy
    statement: str = ""  # the words of the record
    machine_readable: bool = True
    source_format: str = ""  # "onix", "epub" …
    source_version: str = ""
    raw: bytes = b""


@dataclass(frozen=True)
class CatalogueRow:
    """One record of a file of works. `number` counts records from 1, headings not counted."""

    number: int
    reference: str = ""  # the sender's own permanent reference for the record
    # upsert: the whole record, new or again · update: what is empty here says nothing and stays as it was (ONIX block
    # updates), so the reference has to be known unless there is a title · delete: the reference alone counts
    action: str = UPSERT
    # The sender's or a public identifier of the work as such, "iscc:…", "istc:…", "proprietary:scheme:…": records of
    # one sender that share it are editions of one work
    work_key: str = ""
    title: str = ""
    subtitle: str = ""
    language: str = ""  # BCP 47
    kind: str = "book"
    first_published: str = ""
    country: str = ""
    description: str = ""
    people: tuple[Person, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()  # of the work as such: (scheme, canonical value)
    editions: tuple[EditionRow, ...] = ()
    holder: str = ""  # whom a copyright statement names
    statements: tuple[RightsStatement, ...] = ()
    messages: tuple[Message, ...] = ()
    raw: str = ""  # the record as it stood, for whoever has to mend it

    @property
    def is_valid(self) -> bool:
        """Whether it may be taken over: no message is an error."""
        return not any(message.severity in "EF" for message in self.messages)


@dataclass(frozen=True)
class DatasetRow:
    """One record of a file of datasets; `facts` are in the vocabulary of the catalogue's own files."""

    number: int
    reference: str = ""  # a slug that stays the same when the file is read again
    name: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    raw: str = ""

    @property
    def is_valid(self) -> bool:
        """Whether it may be taken over: no message is an error."""
        return not any(message.severity in "EF" for message in self.messages)


@dataclass(frozen=True)
class FileHead:
    """What a file says of itself, before its records."""

    file_format: str  # onix | csv | tsv | xlsx | marc | marcxml | epub | dpi | croissant
    format_version: str = ""
    encoding: str = ""
    sender: str = ""
    sent_on: str = ""  # 2026-05-31
    columns: tuple[str, ...] = ()  # of a table
    separator: str = ""  # what divides the cells of a table's rows, in the file or, for a workbook, in `raw`
    heading: int = -1  # the place of the row that names the columns; -1: none does, they go by letters
    proposed: Mapping[str, str] = field(default_factory=dict)  # column → field of ours, as far as recognised
    messages: tuple[Message, ...] = ()


def to_json(item: FileHead | CatalogueRow | DatasetRow) -> bytes:
    """A head or row as JSON: what crosses from the process that parses to the one that stores."""
    return orjson.dumps([type(item).__name__, item], default=_bytes_as_text)


def from_json(data: bytes | bytearray | memoryview) -> FileHead | CatalogueRow | DatasetRow:
    """What `to_json` made, back again. ValueError, TypeError or KeyError for anything else."""
    kind, given = orjson.loads(data)
    given["messages"] = tuple(Message(**message) for message in given.get("messages", ()))
    if kind == "FileHead":
        return FileHead(**{**given, "columns": tuple(given.get("columns", ()))})
    if kind == "DatasetRow":
        return DatasetRow(**given)
    if kind != "CatalogueRow":
        raise KeyError(kind)
    for person in given["people"]:
        person["other_names"] = tuple(person["other_names"])
    for edition in given["editions"]:
        edition["identifiers"] = _pairs(edition["identifiers"])
    given["people"] = tuple([Person(**person) for person in given["people"]])
    given["identifiers"] = _pairs(given["identifiers"])
    given["editions"] = tuple([EditionRow(**edition) for edition in given["editions"]])
    given["statements"] = tuple([_statement(statement) for statement in given["statements"]])
    return CatalogueRow(**given)


def _pairs(given: Any) -> tuple[tuple[str, str], ...]:
    return tuple([(str(scheme), str(value)) for scheme, value in given])


def _statement(given: Mapping[str, Any]) -> RightsStatement:
    lists = {"uses": tuple(given["uses"]), "territory": tuple(given["territory"])}
    return RightsStatement(**{**given, **lists, "raw": given["raw"].encode("latin-1")})


def _bytes_as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    raise TypeError(type(value))
