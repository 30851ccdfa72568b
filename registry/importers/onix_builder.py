"""Expat's callbacks for ONIX: one product after the other out of nested dictionaries, within limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from registry.importers.onix_codes import NAMESPACES, PASSED_OVER, REFERENCE_NAMES
from registry.importers.values import MAX_FIELD_CHARS

CHUNK_BYTES = 256 * 1024
MAX_DEPTH = 64
PRODUCT_DEPTH = 2  # below it, only markup and what is passed over are counted
# One tag, comment or instruction: Expat holds it as a whole, and reads it again with every chunk.
MAX_TOKEN_BYTES = 4 * 1024 * 1024
MAX_PRODUCT_BYTES = 4 * 1024 * 1024
PARAGRAPHS = frozenset(("p", "br", "li", "div", "dd", "dt", "tr"))
KEPT_BYTES = frozenset(("EpubUsageConstraint", "EpubLicense"))
SPECIAL = PASSED_OVER | KEPT_BYTES | {"Text"}

Node = dict[str, list[Any]]  # reference name → texts of elements without children, and nodes, in order


@dataclass
class Product:
    """One product: its elements by reference name, its bytes, and what was dropped because of its size."""

    number: int
    node: Node
    raw: bytes
    line: int
    too_long: list[tuple[str, str, str]] = field(default_factory=list)  # path, how it begins, how long it is
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
    is_short: bool = False
    header: Node = field(default_factory=dict)
    is_begun: bool = False  # the header was read, or a product has begun


class Refused(Exception):
    """Raised by a callback to stop the parser: what is wrong with the message as a whole."""

    def __init__(self, code: str, cause: str, fix: str = "") -> None:
        super().__init__(cause)
        self.fault = Fault(code, cause, fix)


class Builder:
    """Expat's callbacks: builds one product after the other out of nested dictionaries.

    Four sets of callbacks take turns: outside of products, inside, inside a text with markup, and inside what is passed
    over. So the ones that are called for every element have little to decide; they are closures because that is a third
    faster than methods.
    """

    def __init__(self, message: Message) -> None:
        self.message = message
        self.products: list[Product] = []
        self._count = 0
        self._names: dict[str, str] = {}
        self._window = bytearray()
        self._window_start = 0
        self._fed = 0
        self._depth = 0  # of the root and what is passed over or markup; not of what is read
        self._stack: list[tuple[str, Node]] = []
        self._texts: list[str] = []
        self._start = 0
        self._kept: list[int] = []
        self._product: Product | None = None
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.buffer_text = True
        parser.buffer_size = 64 * 1024
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser = parser
        self._open, self._close = self._make_opener(), self._make_closer()
        self._listen(self._open_outside, self._close_outside, None)

    def feed(self, chunk: bytes) -> Fault | None:
        """Parse a piece of the message; the products that it completed stand in `products`."""
        self._window += chunk
        self._fed += len(chunk)
        fault = self._parse(chunk, is_final=False)
        if fault:
            return fault
        read = max(self._parser.CurrentByteIndex, 0)
        if self._fed - read > MAX_TOKEN_BYTES + CHUNK_BYTES:
            cause = (
                f"one tag or comment in line {self._parser.CurrentLineNumber} is longer than {MAX_TOKEN_BYTES} bytes"
            )
            return Fault("TOKEN_LIMIT", cause)
        keep_from = read
        if self._stack and self._fed - self._start > MAX_PRODUCT_BYTES:
            self._give_up()
        elif self._stack:
            keep_from = self._start
        del self._window[: keep_from - self._window_start]
        self._window_start = keep_from
        return None

    def end(self) -> Fault | None:
        """The message is over: whether it was complete."""
        return self._parse(b"", is_final=True)

    def take(self) -> list[Product]:
        """The products completed since the last call."""
        done, self.products = self.products, []
        return done

    def _parse(self, chunk: bytes, *, is_final: bool) -> Fault | None:
        try:
            self._parser.Parse(chunk, is_final)
        except Refused as refused:
            return refused.fault
        except expat.ExpatError as error:
            return self._explain(error, is_final=is_final)
        return None

    def _explain(self, error: expat.ExpatError, *, is_final: bool) -> Fault:
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
        code, cause, fix = "DOCTYPE_REFUSED", "the message has a DOCTYPE, which is never read", "remove it"
        if any("2.1" in str(part) for part in declared):
            code, cause = "ONIX_2_1", "this is ONIX 2.1, which ended in 2014, and its DOCTYPE is never read"
            fix = "export the catalogue as ONIX 3.0 or 3.1"
        raise Refused(code, cause, fix)

    def _listen(self, opened: Any, closed: Any, heard: Any) -> None:
        self._parser.StartElementHandler = opened
        self._parser.EndElementHandler = closed
        self._parser.CharacterDataHandler = heard

    def _listen_inside(self) -> None:
        is_heard = self._product is None or not self._product.is_too_large
        self._listen(self._open, self._close, self._texts.append if is_heard else None)

    def _name(self, tag: str) -> str:
        """The reference name of an element, whichever tags and prefix the message uses."""
        local = tag.rpartition(" ")[2]
        name = REFERENCE_NAMES.get(local, local)
        self._names[tag] = name
        return name

    # outside

    def _open_outside(self, tag: str, attributes: dict[str, str]) -> None:
        name = self._names.get(tag) or self._name(tag)
        self._depth += 1
        if self._depth == 1:
            self._open_root(tag, name, attributes)
        elif self._depth == 2 and name in ("Product", "Header"):
            self._stack.append((name, {}))
            self._texts.clear()
            self._start = self._parser.CurrentByteIndex
            if name == "Product":
                self._count += 1
                self.message.is_begun = True
                self._product = Product(self._count, {}, b"", self._parser.CurrentLineNumber)
            self._listen_inside()
        elif self._depth > MAX_DEPTH:
            raise Refused("NESTING_LIMIT", f"elements are nested deeper than {MAX_DEPTH}")

    def _close_outside(self, tag: str) -> None:
        self._depth -= 1

    def _open_root(self, tag: str, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = tag.rpartition(" ")
        if name != "ONIXMessage":
            raise Refused("ROOT_UNKNOWN", f"the root element is {local[:80]!r}, not ONIXMessage or ONIXmessage")
        if namespace not in NAMESPACES:
            known = ", ".join(known for known in NAMESPACES if known)
            raise Refused("NAMESPACE_UNKNOWN", f"{namespace[:200]!r} is no namespace of ONIX 3", f"use one of {known}")
        self.message.is_short = local == "ONIXmessage" or namespace.endswith("/short")
        self.message.release = attributes.get("release", "") or NAMESPACES[namespace]
        if not self.message.release.startswith("3."):
            cause = f"this is ONIX {self.message.release[:20] or '2.1 or older, for it names no release'}"
            raise Refused("ONIX_2_1", cause, "export the catalogue as ONIX 3.0 or 3.1")

    # inside

    def _make_opener(self) -> Callable[[str, dict[str, str]], None]:
        names, stack, texts = self._names, self._stack, self._texts

        def open_element(tag: str, attributes: dict[str, str]) -> None:
            name = names.get(tag) or self._name(tag)
            if name in SPECIAL and self._open_special(name):
                return
            if attributes and "dateformat" in attributes:
                stack[-1][1]["DateFormat"] = [attributes["dateformat"]]
            stack.append((name, {}))
            if len(stack) > MAX_DEPTH:
                raise Refused("NESTING_LIMIT", f"elements are nested deeper than {MAX_DEPTH}")
            if texts:
                texts.clear()

        return open_element

    def _make_closer(self) -> Callable[[str], None]:
        stack, texts = self._stack, self._texts

        def close_element(tag: str) -> None:
            name, node = stack.pop()
            value: Any = node
            if not node:
                value = "".join(texts).strip()
                if len(value) > MAX_FIELD_CHARS:
                    value = self._drop(name, value, f"{len(value)} characters")
            elif name in KEPT_BYTES:
                node["raw"] = [self._cut(self._kept.pop())]
            if texts:
                texts.clear()
            if not stack:
                self._close_product(node)
                return
            parent = stack[-1][1]
            if name in parent:
                parent[name].append(value)
            else:
                parent[name] = [value]

        return close_element

    def _open_special(self, name: str) -> bool:
        """Whether the element is passed over; the texts with markup, and those whose bytes are kept, are prepared."""
        if name in PASSED_OVER:
            self._depth += 1
            self._listen(self._open_passed, self._close_passed, None)
            return True
        if name == "Text":
            self._listen(self._open_in_text, self._close_in_text, self._texts.append)
        else:
            self._kept.append(self._parser.CurrentByteIndex)
        return False

    def _drop(self, name: str, value: str, size: str) -> str:
        if self._product is not None:
            path = "/".join([name for name, _ in self._stack[1:]] + [name])
            self._product.too_long.append((path, value[:200], size))
        return ""

    def _give_up(self) -> None:
        """The record is larger than any can be: what is being read is named, and no text of it is kept any longer."""
        if self._product is None:
            raise Refused("HEADER_TOO_LARGE", f"the header is larger than {MAX_PRODUCT_BYTES} bytes")
        if not self._product.is_too_large:
            self._product.is_too_large = True
            name, _ = self._stack.pop()
            self._drop(name, "".join(self._texts[:1]), "millions of characters")
            self._stack.append((name, {}))
        self._texts.clear()
        self._parser.CharacterDataHandler = None

    def _close_product(self, node: Node) -> None:
        product, self._product = self._product, None
        if product is None:
            self.message.header = node
            self.message.is_begun = True
        else:
            product.node = node
            if not product.is_too_large:
                product.raw = self._cut(self._start)
            self.products.append(product)
        self._kept.clear()
        self._depth = 1
        self._listen(self._open_outside, self._close_outside, None)

    def _cut(self, start: int) -> bytes:
        """The bytes from `start` to the end of the tag that is being closed."""
        end = self._window.find(b">", self._parser.CurrentByteIndex - self._window_start)
        begin = start - self._window_start
        return bytes(self._window[begin : end + 1]) if begin >= 0 else b""

    # a text with markup, as XHTML or ONIX 2 would have it: its words count

    def _open_in_text(self, tag: str, attributes: dict[str, str]) -> None:
        self._deepen()
        if tag.rpartition(" ")[2] in PARAGRAPHS:
            self._texts.append(" ")

    def _close_in_text(self, tag: str) -> None:
        if self._depth > PRODUCT_DEPTH:
            self._depth -= 1
            return
        self._listen_inside()
        self._close(tag)

    # what is not read

    def _open_passed(self, tag: str, attributes: dict[str, str]) -> None:
        self._deepen()

    def _close_passed(self, tag: str) -> None:
        self._depth -= 1
        if self._depth == PRODUCT_DEPTH:
            self._listen_inside()

    def _deepen(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Refused("NESTING_LIMIT", f"elements are nested deeper than {MAX_DEPTH}")
