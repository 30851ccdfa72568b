"""What narrows a search down: values chosen of facets, and a span of years.

Values of one facet widen (or), facets narrow (and). The very same facets stand in both engines.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from registry.search.facets import VALUES

FIRST_YEAR, LAST_YEAR = 0, 2999


@dataclass(frozen=True)
class Selection:
    """`values`: facet → chosen values. `years`: from and to, either may be None."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    years: tuple[int | None, int | None] = (None, None)

    def __bool__(self) -> bool:
        return any(self.values.values()) or self.years != (None, None)

    def groups(self) -> dict[str, frozenset[str]]:
        """Facet → the "name:value" texts of which a row must have one; a span of years is a facet of its own."""
        chosen = {
            name: frozenset(f"{name}:{value}" for value in values) for name, values in self.values.items() if values
        }
        if self.years != (None, None):
            chosen["years"] = frozenset(_years(*self.years))
        return chosen

    def without(self, facet: str) -> "Selection":
        """The same without what was chosen of one facet."""
        return Selection({name: values for name, values in self.values.items() if name != facet}, self.years)

    def accepts(self, facets: Collection[str]) -> bool:
        """Whether a row with these facets is chosen."""
        return all(not group.isdisjoint(facets) for group in self.groups().values())


EVERYTHING = Selection()


def _years(first: int | None, last: int | None) -> Iterable[str]:
    """A span of years as facets: whole decades where they fit."""
    year = max(FIRST_YEAR, FIRST_YEAR if first is None else first)
    end = min(LAST_YEAR, LAST_YEAR if last is None else last)
    while year <= end:
        if year % 10 == 0 and year + 9 <= end:
            yield f"decade:{year:04d}"
            year += 10
        else:
            yield f"year:{year:04d}"
            year += 1


Counts = dict[str, dict[str, int]]


def count(rows: Iterable[Collection[str]], selection: Selection, names: Collection[str]) -> Counts:
    """Facet → value → how many of these rows have it: of the facets `names`, the most common values first.

    A facet is counted without what was chosen of it, so that its other values can still be seen.
    """
    groups = selection.groups()
    counted: dict[str, Counter[str]] = {name: Counter() for name in names}
    for facets in rows:
        missed = [name for name, group in groups.items() if group.isdisjoint(facets)]
        if len(missed) > 1:
            continue
        for text in facets:
            name, _, value = text.partition(":")
            if name in counted and missed in ([], [name]):
                counted[name][value] += 1
    return {name: most_common(values) for name, values in counted.items() if values}


def most_common(values: Mapping[str, int]) -> dict[str, int]:
    """The most common values of a facet; of equally common ones the first by name."""
    return dict(sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))[:VALUES])
