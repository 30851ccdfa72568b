"""An ONIX message as a stream of products: well-formedness, limits and bytes; what elements mean stands in `onix`.

Expat calls back element by element, so nothing of the message lies in memory but the product at hand, and a field of
any size is dropped while it is read (docs/adr/0019). A document type is refused at its first character: no entity is
ever declared, no address opened.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.parsers import expat

from registry.importers.encodings import check_name
from registry.importers.onix_codes import NAMESPACES, PASSED_OVER, REFERENCE_NAMES
from registry.importers.rows import CatalogueError
from registry.importers.values import MAX_FIELD_CHARS

CHUNK_BYTES = 256 * 1024
MAX_DEPTH = 64
# One tag, comment or instruction: Expat holds it as a whole, and reads it again with every chunk.
MAX_TOKEN_BYTES = 4 * 1024 * 1024
MAX_PRODUCT_BYTES = 4 * 1024 * 1024
MAX_PRODUCT_ELEMENTS = 20_000
PARAGRAPHS = frozenset(("p", "br", "li", "div", "dd", "dt", "tr"))
KEPT_BYTES = ("EpubUsageConstraint", "EpubLicense")
DECLARATION = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([A-Za-z][A-Za-z0-9._-]*)[\"']")

Node = dict[str, list[Any]]  # reference name → texts of elements without children, and nodes, in order


@dataclass
class Product:
    """One product: its elements by reference name, its bytes, and what was dropped because of its size."""

    number: int
    node: Node
    raw: bytes
    line: int
    too_long: list[tuple[str, str, int]] = field(default_factory=list)  # path, how it begins, characters
    is_too_large: bool = False


@dataclass
class Fault:
    """Where the message stopped being one: whatever stands after it cannot be read."""

    code: str
    cause: str
    fix: str = ""


@dataclass
class Message:
    """What is known of a message before its first product."""

    encoding: str
    release: str = ""
    namespace: str = ""
    root: str = ""
    is_short: bool = False
    header: Node = field(default_factory=dict)
    is_begun: bool = False  # the header was read, or a product has begun


class _Refused(Exception):
    def __init__(self, code: str, cause: str, fix: str = "") -> None:
        super().__init__(cause)
        self.fault = Fault(code, cause, fix)


def read_message(stream: BinaryIO, name: str, encoding: str | None) -> Iterator[Message | Product | Fault]:
    """The message's head, then product after product, and a Fault last where it broke off.

    Raises CatalogueError as long as no product was read: DOCTYPE_REFUSED, NAMESPACE_UNKNOWN, ROOT_UNKNOWN, XML_BROKEN,
    ENCODING_UNKNOWN, NESTING_LIMIT, TOKEN_LIMIT.
    """
    first = stream.read(CHUNK_BYTES)
    codec = check_name(encoding, name) if encoding else _declared_encoding(first, name)
    builder = _Builder(Message(codec))
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


class _Builder:
    """Expat's callbacks: builds one product after the other out of nested dictionaries."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.products: list[Product] = []
        self._count = 0
        self._names: dict[str, str] = {}
        self._window = bytearray()
        self._window_start = 0
        self._fed = 0
        self._depth = 0
        self._passed_depth = 0
        self._inside = ""  # Product or Header
        self._stack: list[Node] = []
        self._path: list[str] = []
        self._texts: list[str] = []
        self._chars = 0
        self._elements = 0
        self._start = self._line = 0
        self._text_depth = 0
        self._kept: list[int] = []
        self._product: Product | None = None
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.buffer_text = True
        parser.buffer_size = 64 * 1024
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser = parser
        self._listen()

    def feed(self, chunk: bytes) -> Fault | None:
        """Parse a piece of the message; the products that it completed stand in `products`."""
        self._window += chunk
        self._fed += len(chunk)
        fault = self._parse(chunk, False)
        if fault:
            return fault
        unread = self._fed - max(self._parser.CurrentByteIndex, 0)
        if unread > MAX_TOKEN_BYTES + CHUNK_BYTES:
            cause = (
                f"one tag or comment in line {self._parser.CurrentLineNumber} is longer than {MAX_TOKEN_BYTES} bytes"
            )
            return Fault("TOKEN_LIMIT", cause)
        keep_from = self._start if self._inside == "Product" else self._fed - unread
        if self._product is not None and self._fed - self._start > MAX_PRODUCT_BYTES:
            self._product.is_too_large = True
            keep_from = self._fed - unread
        del self._window[: max(0, keep_from - self._window_start)]
        self._window_start = max(self._window_start, keep_from)
        return None

    def end(self) -> Fault | None:
        """The message is over: whether it was complete."""
        return self._parse(b"", True)

    def take(self) -> list[Product]:
        """The products completed since the last call."""
        done, self.products = self.products, []
        return done

    def _parse(self, chunk: bytes, is_final: bool) -> Fault | None:
        try:
            self._parser.Parse(chunk, is_final)
        except _Refused as refused:
            return refused.fault
        except expat.ExpatError as error:
            return self._explain(error, is_final)
        return None

    def _explain(self, error: expat.ExpatError, is_final: bool) -> Fault:
        reason = expat.errors.messages[error.code]
        where = f"line {error.lineno}, column {error.offset + 1}"
        if is_final:
            return Fault("FEED_TRUNCATED", f"the message ends in the middle, at {where}", "send the whole file again")
        if reason == expat.errors.XML_ERROR_UNDEFINED_ENTITY:
            fix = "write characters as they are or by number, &#160; for &nbsp;"
            return Fault("XML_BROKEN", f"an entity that XML does not know stands at {where}", fix)
        place = self._parser.ErrorByteIndex - self._window_start
        byte = self._window[place] if 0 <= place < len(self._window) else 0
        if byte >= 0x80:
            fix = "the file may be Windows-1252: say which encoding it is, or export it as UTF-8"
            return Fault("ENCODING_BROKEN", f"the byte {byte:02X} at {where} is not {self.message.encoding}", fix)
        return Fault("XML_BROKEN", f"not well-formed at {where}: {reason}", "mend the XML there and send it again")

    def _refuse_doctype(self, *declared: Any) -> None:
        code, cause, fix = "DOCTYPE_REFUSED", "the message has a DOCTYPE, which is never read", "remove that line"
        if any("2.1" in str(part) for part in declared):
            code, cause = "ONIX_2_1", "this is ONIX 2.1, which ended in 2014, and it has a DOCTYPE, which is never read"
            fix = "export the catalogue as ONIX 3.0 or 3.1"
        raise _Refused(code, cause, fix)

    def _listen(self) -> None:
        self._parser.StartElementHandler = self._open
        self._parser.EndElementHandler = self._close
        self._parser.CharacterDataHandler = self._hear

    def _name(self, tag: str) -> str:
        """The reference name of an element, whichever tags and prefix the message uses."""
        local = tag.rpartition(" ")[2]
        name = REFERENCE_NAMES.get(local, local)
        self._names[tag] = name
        return name

    def _open(self, tag: str, attributes: dict[str, str]) -> None:
        name = self._names.get(tag) or self._name(tag)
        self._depth += 1
        if not self._inside:
            self._open_outside(tag, name, attributes)
            return
        if self._depth > MAX_DEPTH:
            raise _Refused("NESTING_LIMIT", f"elements are nested deeper than {MAX_DEPTH}")
        self._elements += 1
        if name in PASSED_OVER or self._elements > MAX_PRODUCT_ELEMENTS:
            self._pass_over()
            return
        if self._text_depth:
            if name in PARAGRAPHS:
                self._texts.append(" ")
            return
        if name == "Text":
            self._text_depth = self._depth
        elif name in KEPT_BYTES:
            self._kept.append(self._parser.CurrentByteIndex)
        if attributes and "dateformat" in attributes:
            self._stack[-1]["DateFormat"] = [attributes["dateformat"]]
        self._stack.append({})
        self._path.append(name)
        if self._texts:
            self._texts.clear()
            self._chars = 0

    def _close(self, tag: str) -> None:
        self._depth -= 1
        if self._text_depth:
            if self._depth >= self._text_depth:
                return
            self._text_depth = 0
        if not self._inside:
            return
        node = self._stack.pop()
        name = self._path.pop()
        if not self._stack:
            self._close_outside(node)
            return
        value: Any = node
        if not node:
            value = "".join(self._texts).strip() if self._chars <= MAX_FIELD_CHARS else self._drop(name)
        elif name in KEPT_BYTES:
            node["raw"] = [self._cut(self._kept.pop())]
        parent = self._stack[-1]
        if name in parent:
            parent[name].append(value)
        else:
            parent[name] = [value]
        if self._texts:
            self._texts.clear()
            self._chars = 0

    def _hear(self, text: str) -> None:
        self._chars += len(text)
        if self._chars <= MAX_FIELD_CHARS or not self._texts:
            self._texts.append(text)

    def _drop(self, name: str) -> str:
        if self._product is not None:
            path = "/".join([*self._path[1:], name])
            self._product.too_long.append((path, "".join(self._texts)[:200], self._chars))
        return ""

    def _pass_over(self) -> None:
        self._passed_depth = 1
        self._parser.StartElementHandler = self._open_passed
        self._parser.EndElementHandler = self._close_passed
        self._parser.CharacterDataHandler = None

    def _open_passed(self, tag: str, attributes: dict[str, str]) -> None:
        self._passed_depth += 1
        if self._depth + self._passed_depth > MAX_DEPTH:
            raise _Refused("NESTING_LIMIT", f"elements are nested deeper than {MAX_DEPTH}")

    def _close_passed(self, tag: str) -> None:
        self._passed_depth -= 1
        if not self._passed_depth:
            self._depth -= 1
            self._listen()

    def _open_outside(self, tag: str, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 1:
            self._open_root(tag, name, attributes)
        elif self._depth == 2 and name in ("Product", "Header"):
            self._inside = name
            self._stack, self._path, self._texts, self._chars, self._elements = [{}], [name], [], 0, 0
            if name == "Product":
                self._count += 1
                self.message.is_begun = True
                self._start, self._line = self._parser.CurrentByteIndex, self._parser.CurrentLineNumber
                self._product = Product(self._count, {}, b"", self._line)
        elif self._depth > MAX_DEPTH:
            raise _Refused("NESTING_LIMIT", f"elements are nested deeper than {MAX_DEPTH}")

    def _open_root(self, tag: str, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = tag.rpartition(" ")
        if name != "ONIXMessage":
            raise _Refused("ROOT_UNKNOWN", f"the root element is {local[:80]!r}, not ONIXMessage or ONIXmessage")
        if namespace not in NAMESPACES:
            known = ", ".join(namespace for namespace in NAMESPACES if namespace)
            raise _Refused("NAMESPACE_UNKNOWN", f"{namespace[:200]!r} is no namespace of ONIX 3", f"use one of {known}")
        self.message.root, self.message.namespace = local, namespace
        self.message.is_short = local == "ONIXmessage" or namespace.endswith("/short")
        self.message.release = attributes.get("release", "") or NAMESPACES[namespace]
        if not self.message.release.startswith("3."):
            cause = f"this is ONIX {self.message.release or '2.1 or older, for it names no release'}"
            raise _Refused("ONIX_2_1", cause, "export the catalogue as ONIX 3.0 or 3.1")

    def _close_outside(self, node: Node) -> None:
        if self._inside == "Header":
            self.message.header = node
            self.message.is_begun = True
        elif self._product is not None:
            product = self._product
            product.node = node
            product.is_too_large |= self._elements > MAX_PRODUCT_ELEMENTS
            if not product.is_too_large:
                product.raw = self._cut(self._start)
            self.products.append(product)
            self._product = None
        self._kept.clear()
        self._inside = ""

    def _cut(self, start: int) -> bytes:
        """The bytes from `start` to the end of the tag that is being closed."""
        end = self._window.find(b">", self._parser.CurrentByteIndex - self._window_start)
        begin = start - self._window_start
        return bytes(self._window[begin : end + 1]) if begin >= 0 else b""
