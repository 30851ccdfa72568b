"""An ONIX message as a stream of products: encoding, well-formedness, and where it breaks off.

Expat calls back element by element (`onix_builder`), so nothing of the message lies in memory but the product at hand,
and a field of any size is dropped while it is read (docs/adr/0019). A document type is refused at its first character:
no entity is ever declared, no address opened.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from registry.importers.encodings import check_name
from registry.importers.onix_builder import CHUNK_BYTES, Builder, Fault, Message, Product
from registry.importers.rows import CatalogueError

DECLARATION = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([A-Za-z][A-Za-z0-9._-]*)[\"']")


def read_message(stream: BinaryIO, name: str, encoding: str | None) -> Iterator[Message | Product | Fault]:
    """The message's head, then product after product, and a Fault last where it broke off.

    Raises CatalogueError as long as no product was read: DOCTYPE_REFUSED, NAMESPACE_UNKNOWN, ROOT_UNKNOWN, XML_BROKEN,
    ENCODING_UNKNOWN, NESTING_LIMIT, TOKEN_LIMIT.
    """
    first = stream.read(CHUNK_BYTES)
    codec = check_name(encoding, name) if encoding else _declared_encoding(first, name)
    builder = Builder(Message(codec))
    fault: Fault | None = None
    is_told = False
    for chunk in _transcode(stream, first, codec):
        fault = chunk if isinstance(chunk, Fault) else builder.feed(chunk)
        if not is_told and builder.message.is_begun and not (fault and not builder.products):
            is_told = True
            yield builder.message
        yield from builder.take()
        if fault:
            break
    if fault is None:
        fault = builder.end()
        if not is_told and fault is None:
            is_told = True
            yield builder.message
        yield from builder.take()
    if fault is None:
        return
    if not is_told:
        raise CatalogueError(fault.code, name, 0, fault.cause + (f" ({fault.fix})" if fault.fix else ""))
    yield fault


def _declared_encoding(head: bytes, name: str) -> str:
    """As XML 1.0, appendix F: byte order mark, then the declaration, else UTF-8."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8"
    for wide in ("utf-16-le", "utf-16-be"):
        if head.startswith("<?".encode(wide)):
            return wide
    match = DECLARATION.match(head[:1024])
    declared = match.group(1).decode("ascii") if match else "utf-8"
    # Writers that say ISO-8859-1 mean Windows-1252, as browsers know: the codes between them are no letters otherwise
    codec = check_name(declared, name)
    return "cp1252" if codec in ("iso8859-1", "ascii") else codec.removesuffix("-sig")


def _transcode(stream: BinaryIO, first: bytes, codec: str) -> Iterator[bytes | Fault]:
    """The message in UTF-8, chunk by chunk."""
    chunk = first
    if codec in ("utf-8", "utf-8-sig"):
        while chunk:
            yield chunk
            chunk = stream.read(CHUNK_BYTES)
        return
    decoder = codecs.getincrementaldecoder(codec)(errors="strict")
    try:
        while chunk:
            yield decoder.decode(chunk).encode("utf-8", "replace")
            chunk = stream.read(CHUNK_BYTES)
        yield decoder.decode(b"", True).encode("utf-8", "replace")
    except UnicodeError as error:
        cause = f"the bytes are not {codec}, which the message says they are: {error}"
        yield Fault("ENCODING_BROKEN", cause, "say which encoding it is, or export the message as UTF-8")
