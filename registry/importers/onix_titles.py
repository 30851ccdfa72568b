"""Titles of ONIX products: which of them counts, and what their elements say about collection and part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from registry.importers import onix_codes as codes
from registry.importers.onix_builder import Node
from registry.importers.onix_nodes import first, first_node, nodes
from registry.importers.values import Remarks


@dataclass(frozen=True)
class Title:
    """The distinctive title, its subtitle (with the part), the original's title, and the collection it names."""

    text: str = ""
    subtitle: str = ""
    original: str = ""
    collection: str = ""


def read_title(detail: Node, remarks: Remarks) -> Title:
    """Title type 01; a distributor's or an expanded title only where that is missing, and then remarked."""
    details = nodes(detail, "TitleDetail")
    if not details:
        return Title()
    by_type: dict[str, Node] = {}
    for each in details:
        by_type.setdefault(first(each, "TitleType"), each)
    chosen = next((kind for kind in codes.TITLE_TYPES if kind in by_type), "")
    if chosen not in ("01", ""):
        cause = "there is no title of type 01; this one was taken"
        remarks.add(
            "TitleDetail/TitleType", chosen, "Q", "TITLE_TYPE", cause, fix="give the distinctive title as type 01"
        )
    original = _assemble(by_type[codes.ORIGINAL_TITLE]).text if codes.ORIGINAL_TITLE in by_type else ""
    title = _assemble(by_type[chosen]) if chosen in by_type else Title()
    return Title(title.text, title.subtitle, original, title.collection)


def read_collections(detail: Node) -> list[str]:
    """ "The Martin Beck series, 1" of each collection that the product belongs to."""
    found = []
    for collection in nodes(detail, "Collection"):
        if first(collection, "CollectionType") == "20":
            continue  # ascribed by an aggregator, not the publisher's
        elements = nodes(first_node(collection, "TitleDetail"), "TitleElement")
        name = next(filter(None, map(_text, elements)), "")
        number = _first_of(elements, "PartNumber") or first(
            first_node(collection, "CollectionSequence"), "CollectionSequenceNumber"
        )
        if name:
            found.append(f"{name}, {number}" if number else name)
    return found


def _assemble(detail: Node) -> Title:
    """Product level before collection level; a product that has only a part number is named by its collection."""
    elements = nodes(detail, "TitleElement")
    if len(elements) > 1:
        elements.sort(key=_place)
    own = [element for element in elements if first(element, "TitleElementLevel") in (codes.PRODUCT_LEVEL, "")]
    above = [element for element in elements if element not in own]
    text = next(filter(None, map(_text, own)), "")
    collection = next(filter(None, map(_text, above)), "")
    subtitle, part = (_first_of((*own, *above), name) for name in ("Subtitle", "PartNumber"))
    year = _first_of(own, "YearOfAnnual")
    if not text:
        text, collection = collection, ""
    parts = [part.strip() for part in (subtitle, _name_part(part), year) if part.strip()]
    return Title(text, ", ".join(parts)[:500], "", collection)


def _first_of(elements: Iterable[Node], name: str) -> str:
    return next(filter(None, (first(element, name) for element in elements)), "")


def _text(element: Node) -> str:
    text = first(element, "TitleText")
    if text:
        return text
    prefix, rest = first(element, "TitlePrefix"), first(element, "TitleWithoutPrefix")
    return f"{prefix}{'' if prefix.endswith(('’', chr(39))) else ' '}{rest}" if prefix and rest else rest


def _name_part(part: str) -> str:
    return f"vol. {part}" if part.isdigit() else part


def _place(element: Node) -> int:
    number = first(element, "SequenceNumber")
    return int(number) if number.isdigit() and len(number) < 6 else 0
