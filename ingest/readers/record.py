"""From one parsed record (a JSON object, a row) to a document: text field, id, and the small rest as meta."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import orjson

from ingest.readers.decoding import SURROGATE, RecordDecoder
from ingest.readers.document import BadInput, BadRecord, Document, ReadOptions

META_BYTES = 16 * 1024
SCALAR_BYTES = 8


@dataclass(frozen=True, slots=True)
class RecordFile:
    """What the records of one file share."""

    name: str
    media_type: str
    options: ReadOptions
    detected_encoding: str | None = None

    def bad(self, number: int, code: str, cause: str) -> BadRecord:
        """A fault of record `number` (from 1)."""
        return BadRecord(f"{self.name}#{number}", code, cause)


def parse_json(line: bytes | str) -> Any:
    """The JSON value. NaN is taken as null, a lone surrogate as U+FFFD: many writers make them. BadInput `not_json`."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as first:
        try:
            return _mend(json.loads(line, parse_constant=lambda _constant: None))
        except (ValueError, RecursionError):
            raise BadInput("not_json", f"not JSON: {first}") from first


def parse_json_bytes(data: bytes, decoder: RecordDecoder) -> Any:
    """As `parse_json`, decoding only what is not plain UTF-8 JSON. BadInput also as `decoder.decode` raises it."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return parse_json(decoder.decode(data))


def _mend(value: Any) -> Any:
    if isinstance(value, str):
        return SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mend(item) for item in value]
    if isinstance(value, dict):
        return {_mend(key): _mend(item) for key, item in value.items()}
    return value


def make_document(record: Any, number: int, file: RecordFile) -> Document | BadRecord:
    """The document of a parsed record; `number` is its line or row, from 1, used when it has no id of its own."""
    options = file.options
    if not isinstance(record, dict):
        return file.bad(number, "record_not_an_object", f"expected an object with a field {options.text_field!r}")
    identity = record.get(options.id_field)
    if isinstance(identity, bool) or not isinstance(identity, str | int) or identity == "":
        identity = number
    name = f"{file.name}#{identity}"
    field = options.field_in(record)
    text = record.get(field)
    if text is None and options.text_fallbacks:  # a table of several sources has empty cells
        field = next((name for name in options.text_fallbacks if isinstance(record.get(name), str)), field)
        text = record.get(field)
    if not isinstance(text, str):
        if field not in record:
            return BadRecord(name, "text_missing", missing("field", options))
        return BadRecord(name, "text_not_a_string", f"field {field!r} is not a string")
    if len(text) > options.max_document_bytes:
        return BadRecord(name, "document_too_large", f"longer than {options.max_document_bytes} bytes")
    return Document(name, text, _keep_small(record, field), file.media_type, file.detected_encoding)


def missing(what: str, options: ReadOptions) -> str:
    """The cause, for people, that a record or table has none of the fields or columns that may hold the text."""
    return f"no {what} " + " or ".join(repr(name) for name in (options.text_field, *options.text_fallbacks))


def _keep_small(record: dict[Any, Any], text_field: str) -> dict[str, Any]:
    """The other fields in their order, as far as they fit META_BYTES, the shortest first: a long second text is not
    metadata, and does not keep an id or a date from being it."""
    sizes = {key: _size_bytes(value) + len(key) for key, value in record.items() if key != text_field}
    if sum(sizes.values()) <= META_BYTES:
        return {key: record[key] for key in sizes}
    kept, room = set(), META_BYTES
    for key in sorted(sizes, key=sizes.__getitem__):
        if sizes[key] > room:
            break
        kept.add(key)
        room -= sizes[key]
    return {key: record[key] for key in sizes if key in kept}


def _size_bytes(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict | list):
        try:
            return len(orjson.dumps(value))
        except TypeError:  # too deep, or a number JSON has no room for
            return META_BYTES + 1
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        return META_BYTES + 1
    return SCALAR_BYTES
