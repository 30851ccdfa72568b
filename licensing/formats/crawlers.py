"""The AI crawlers' names, as data with sources and days (data/crawlers.toml); pure."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "data" / "crawlers.toml"


@dataclass(frozen=True)
class Crawler:
    """A product token and what its operator says it collects for."""

    name: str
    operator: str
    kind: str  # training | search | fetch | control | archive
    uses: tuple[str, ...]  # empty: all
    source: str
    seen: str  # ISO day
    verified: bool
    note: str = ""


@cache
def _table() -> tuple[str, tuple[Crawler, ...]]:
    read = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    rows = (row | {"uses": tuple(row["uses"]), "seen": str(row["seen"])} for row in read["crawler"])
    return read["version"], tuple(Crawler(**row) for row in rows)


def version() -> str:
    """The day of the list."""
    return _table()[0]


def crawlers() -> tuple[Crawler, ...]:
    """All of them, in the order of the file."""
    return _table()[1]


@cache
def _by_token() -> dict[str, Crawler]:
    return {row.name.casefold(): row for row in crawlers()}


def find(agent: str) -> Crawler | None:
    """The crawler of a product token, whatever its capitals (RFC 9309 §2.2.1)."""
    return _by_token().get(agent.casefold())


def collecting_for(uses: Collection[str]) -> tuple[Crawler, ...]:
    """The crawlers that collect for one of `uses`; no use named means all."""
    return tuple(row for row in crawlers() if not uses or not row.uses or set(row.uses) & set(uses))
