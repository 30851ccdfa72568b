"""Reading out of an ONIX node: what is missing, or not of the kind that was expected, is empty."""

from __future__ import annotations

from registry.importers.onix_builder import Node


def first(node: Node, name: str) -> str:
    """The text of the first element of that name, or ""."""
    values = node.get(name)
    return values[0] if values and isinstance(values[0], str) else ""


def first_node(node: Node, name: str) -> Node:
    """The first composite of that name, or an empty one."""
    values = node.get(name)
    return values[0] if values and isinstance(values[0], dict) else {}


def nodes(node: Node, name: str) -> list[Node]:
    """All composites of that name, in order."""
    values = node.get(name)
    return [value for value in values if isinstance(value, dict)] if values else []
