"""What a reader of a catalogue format returns: one row a record, whatever the format; pure data.

Values are as the record says them, trimmed; nothing is guessed. What a reader could not understand stands in `messages`
with the value as it was (severities of the ONIX Acknowledgement message: I information, Q query, W warning, E error,
F fatal). A row with an E or F is not taken over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

UPSERT, DELETE = "upsert", "delete"


@dataclass(frozen=True)
class Message:
    """A remark about one value: where it stood, what it was, why that is a problem and what would mend it."""

    column: str  # the column's name, or the element's path: "PublishingDetail/PublishingDate"
    value: str  # as it stood, cut to 200 characters
    severity: str  # I Q W E F
    code: str  # stable, in upper case: ISBN_CHECK_DIGIT, CODE_UNKNOWN, DATE_IMPOSSIBLE …
    cause: str
    fix: str = ""


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
    identifiers: tuple[tuple[str, str], ...] = ()  # (scheme of registry.identifiers, value as given)


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
    action: str = UPSERT
    title: str = ""
    subtitle: str = ""
    language: str = ""  # BCP 47
    kind: str = "book"
    first_published: str = ""
    country: str = ""
    description: str = ""
    people: tuple[Person, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()  # of the work as such
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
    proposed: Mapping[str, str] = field(default_factory=dict)  # column → field of ours, as far as recognised
    messages: tuple[Message, ...] = ()
