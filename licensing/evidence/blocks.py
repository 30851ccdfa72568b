"""The blocks that documents are made of; report.typ says how they look."""

from typing import Any

Json = dict[str, Any]


def heading(text: str, level: int = 1) -> Json:
    """A heading of level 1 or 2."""
    return {"kind": "heading", "level": level, "text": text}


def text(value: Any) -> Json:
    """A paragraph: a string, or runs (strings and {"strong" | "soft" | "mono" | "code" | "mark" | "title": …})."""
    return {"kind": "text", "text": value}


def mono(value: object) -> Json:
    """A hash or key: breaks anywhere, and is whole when it is copied."""
    return {"mono": str(value)}


def table(header: list[str], rows: list[list[Any]], widths: list[int], numbers: list[int]) -> Json:
    """`widths`: 0 fits the column to its content, others share the rest; `numbers`: columns aligned to the right."""
    return {"kind": "table", "header": header, "rows": rows, "widths": widths, "numbers": numbers}
