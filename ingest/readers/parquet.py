"""Parquet: one row, one document, read in small batches; columns that are no metadata are not read at all."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ingest.readers.decoding import SURROGATE
from ingest.readers.document import BadInput, BadRecord, Document
from ingest.readers.record import RecordFile, make_document, missing
from ingest.readers.source import Context, Source, open_seekable

if TYPE_CHECKING:
    import pyarrow

MEDIA_TYPE = "application/vnd.apache.parquet"
BATCH_ROWS = 64
BUFFER_BYTES = 1 << 20


def read_parquet(source: Source, context: Context) -> Iterator[Document | BadRecord]:
    """One document a row, numbered from 1 over all row groups."""
    # Only here: most uses meet no Parquet file, and the library takes longer to load than all others together.
    import pyarrow  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    file = RecordFile(source.name, MEDIA_TYPE, context.options)
    faults = (pyarrow.ArrowException, OSError, ValueError, TypeError, KeyError, IndexError, OverflowError)
    with open_seekable(source, context) as handle:
        try:
            table = parquet.ParquetFile(handle, buffer_size=BUFFER_BYTES, pre_buffer=False)
            columns = _choose_columns(table.schema_arrow, context)
            batches = table.iter_batches(BATCH_ROWS, columns=columns, use_threads=False)
        except faults as error:
            raise BadInput("corrupt_parquet", f"not a readable Parquet file: {_first_line(error)}") from error
        number = 0
        while True:
            try:
                batch = next(batches, None)
            except faults as error:
                raise BadInput("corrupt_parquet", f"unreadable after row {number}: {_first_line(error)}") from error
            if batch is None:
                break
            for record in _rows_of(batch):
                number += 1
                yield _read_row(record, number, file)
        if not number:
            raise BadInput("no_records", "the table has no rows")


def _choose_columns(schema: pyarrow.Schema, context: Context) -> list[str]:
    import pyarrow  # noqa: PLC0415

    options = context.options
    text_field = options.field_in(schema.names)
    if text_field not in schema.names:
        columns = ", ".join(schema.names)[:500]
        raise BadInput("text_missing", f"{missing('column', options)}; there are: {columns}")
    kinds = pyarrow.types

    def is_small(kind: pyarrow.DataType) -> bool:
        if kinds.is_dictionary(kind):
            return is_small(kind.value_type)
        if kinds.is_struct(kind):
            return all(is_small(field.type) for field in kind)
        return (
            kinds.is_primitive(kind) or kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_decimal(kind)
        )

    wanted = {text_field, options.id_field}
    return [field.name for field in schema if field.name in wanted or is_small(field.type)]


def _rows_of(batch: pyarrow.RecordBatch) -> Iterator[dict[str, Any] | BadInput]:
    """The rows of a batch; a row whose strings are not UTF-8 comes as its fault."""
    try:
        yield from batch.to_pylist()
    except UnicodeDecodeError:
        for index in range(batch.num_rows):
            try:
                yield from batch.slice(index, 1).to_pylist()
            except UnicodeDecodeError as error:
                yield BadInput("invalid_utf8", f"not valid UTF-8 at byte {error.start} of a string")


def _read_row(record: dict[str, Any] | BadInput, number: int, file: RecordFile) -> Document | BadRecord:
    if isinstance(record, BadInput):
        return file.bad(number, record.code, record.cause)
    text_field = file.options.field_in(record)
    text = record.get(text_field)
    if isinstance(text, bytes):
        try:
            record[text_field] = text.decode("utf-8")
        except UnicodeDecodeError as error:
            return file.bad(number, "invalid_utf8", f"not valid UTF-8 at byte {error.start} of the text")
    return make_document({key: to_json_able(value) for key, value in record.items()}, number, file)


def to_json_able(value: Any) -> Any:
    """Parquet's dates, decimals, bytes and NaN as what JSON has for them."""
    if isinstance(value, str):
        return SURROGATE.sub("\ufffd", value) if not value.isascii() else value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return [to_json_able(item) for item in value]
    if isinstance(value, dict):
        return {str(key): to_json_able(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
