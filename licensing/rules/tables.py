"""The rules' data tables: read once, never written, one digest over all of them."""

import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"


@cache
def table(name: str) -> dict[str, Any]:
    """The table `data/<name>.toml` as plain values. Callers treat it as read-only."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def digest() -> str:
    """SHA-256 over the names and texts of all tables, as "sha256:…": part of the rules' version."""
    total = hashlib.sha256()
    for path in sorted(FOLDER.glob("*.toml")):
        text = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{path.name}\n{len(text)}\n".encode())
        total.update(text)
    return "sha256:" + total.hexdigest()
