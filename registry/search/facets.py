"""By what found rows can be narrowed down: facets that rows tell of themselves, and those that other packages add.

A facet of a row is a text "name:value" in its column `search_facets`; both engines index that. A package above the
registry contributes in `AppConfig.ready()`: a function from rows to their facets. It is asked for a batch of rows at a
time, by whatever writes the columns (`registry.search.sync`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

VALUES = 50  # of a facet, the most common are counted and shown
OF_KIND: dict[str, tuple[str, ...]] = {  # what rows of a kind are counted by; "year" is chosen by spans alone
    "work": ("language", "decade", "holder", "work_kind"),
    "dataset": ("dataset_kind",),
    "holder": ("holder_kind",),
    "claim": ("claim_status",),
}

Contributor = Callable[[Sequence[int]], Mapping[int, Iterable[str]]]

_CONTRIBUTORS: dict[tuple[str, str], Contributor] = {}


def contribute(kind_name: str, facet: str, contributor: Contributor) -> None:
    """Have `contributor` tell the values of `facet` for rows of a kind: primary keys → values of those that have any.

    Registering the same facet again replaces it. A value is at most 80 characters long.
    """
    _CONTRIBUTORS[kind_name, facet] = contributor


def names(kind_name: str) -> tuple[str, ...]:
    """The facets that rows of a kind are counted by, those of other packages first."""
    added = (facet for name, facet in _CONTRIBUTORS if name == kind_name)
    return (*added, *OF_KIND.get(kind_name, ()))


def every_name() -> tuple[str, ...]:
    """Every facet of every kind."""
    kinds = dict.fromkeys([*OF_KIND, *(name for name, _ in _CONTRIBUTORS)])
    return tuple(dict.fromkeys(name for kind in kinds for name in names(kind)))


def contributed(kind_name: str, keys: Sequence[int]) -> dict[int, list[str]]:
    """Primary key → every contributed "name:value" of these rows."""
    found: dict[int, list[str]] = defaultdict(list)
    for (name, facet), contributor in _CONTRIBUTORS.items():
        if name == kind_name:
            for pk, values in contributor(keys).items():
                found[pk] += [f"{facet}:{value}" for value in values]
    return found
