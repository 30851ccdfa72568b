"""JSON and XML that a stranger wrote: bounded in size and depth, nothing fetched, nothing expanded; pure.

Nothing here raises for what the bytes hold: either there is a value, or a fault that says why there is none.
"""

import json
from typing import Any, NoReturn

from lxml import etree

from licensing.formats.plain_text import CONTROL, MAX_BYTES
from licensing.formats.policy import Fault
from registry.importers.addresses import is_address

__all__ = ["REPEATED", "Repeated", "is_address", "parse_json", "parse_xml", "shown", "source"]

MAX_DEPTH = 64
MAX_SHOWN_CHARS = 200


class Repeated:
    """Stands for the value of a name that an object has twice: which of the two counts is nobody's to guess."""

    def __repr__(self) -> str:
        return "(stands twice)"


REPEATED = Repeated()


def parse_json(content: bytes) -> tuple[Any, Fault | None]:
    """The value, in which REPEATED stands for what is there twice; or None and the fault."""
    if len(content) > MAX_BYTES:
        return None, Fault("too_large", "", f"longer than {MAX_BYTES} bytes: not read")
    try:
        text = content.decode(json.detect_encoding(content))
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse)
    except RecursionError:
        return None, Fault("too_deep", "", f"nested deeper than {MAX_DEPTH}: not read")
    except ValueError as error:
        return None, Fault("not_json", "", f"this is no JSON: {shown(str(error))}")
    if _depth(value) > MAX_DEPTH:
        return None, Fault("too_deep", "", f"nested deeper than {MAX_DEPTH}: not read")
    return value, None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        found[name] = REPEATED if name in found else value
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _depth(value: Any) -> int:
    """How deep lists and objects lie in each other; 0 for a plain value."""
    depth, level = 0, [value]
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return depth


def parse_xml(content: bytes, limit_bytes: int = MAX_BYTES) -> tuple[etree._Element | None, Fault | None]:
    """The root element; or None and the fault. A document type is refused: that is where entity bombs live."""
    if len(content) > limit_bytes:
        return None, Fault("too_large", "", f"longer than {limit_bytes} bytes: not read")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        return None, Fault("not_xml", "", f"this is no well-formed XML: {shown(str(error))}")
    if root is None:
        return None, Fault("not_xml", "", "this is no well-formed XML: it is empty")
    if root.getroottree().docinfo.internalDTD is not None:
        return None, Fault("doctype_refused", "", "a document with a DOCTYPE is never read")
    return root, None


def shown(value: object) -> str:
    """A value as a fault may quote it: short, and without what a database or a terminal would choke on."""
    text = value if isinstance(value, str) else repr(value)
    text = CONTROL.sub("\ufffd", text[: MAX_SHOWN_CHARS + 1]).encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= MAX_SHOWN_CHARS else text[:MAX_SHOWN_CHARS] + "…"


def source(value: Any) -> str:
    """A JSON value as words of a rule: compact, and never longer than anybody reads."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), default=repr)
    return text if len(text) <= 2000 else text[:2000] + "…"
