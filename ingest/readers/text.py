"""Plain text: one file, one document."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.readers.decoding import decode_text
from ingest.readers.document import BadRecord, Document
from ingest.readers.source import Context, Source


def read_text(source: Source, context: Context) -> Iterator[Document | BadRecord]:
    """The whole file as one document."""
    options = context.options
    data = source.stream.read_all(options.max_document_bytes, "document_too_large", "the text")
    text, detected = decode_text(data, options)
    yield Document(source.name, text, {}, "text/plain", detected)
