"""What engines give to ranking."""

from collections.abc import Sequence
from typing import NamedTuple

from registry.search.selection import Counts


class Row(NamedTuple):
    """What ranking and facets need of a row."""

    text: str
    facets: Sequence[str]


class Counted(NamedTuple):
    """How many rows there are, and how many with each value of each facet; estimated from a sample if not exact."""

    total: int
    facets: Counts
    is_exact: bool


Rows = dict[int, Row]


class Found(NamedTuple):
    """Kind → rows that answer a query. Of the kinds in `many` more rows do than can be listed: of these, the rows that
    were chosen among them.
    """

    rows: dict[str, Rows]
    many: frozenset[str] = frozenset()
