"""How a work came to be what it is: its changes with what was different before and after, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.models import WorkRevision

Json = Mapping[str, Any]

FIELDS = (
    "title", "subtitle", "authors", "language", "kind", "first_published", "country", "authorship", "renewed",
    "identifiers", "editions", "registrations", "record_reference", "description", "source", "visibility",
)  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One field that a change made another: its old and its new value, as text."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Step:
    """One change: the revision that it ended, and what it changed."""

    row: WorkRevision
    differences: list[Difference] = field(default_factory=list)

    @property
    def other(self) -> str:
        """The other work of a merge or a split, by its public id."""
        facts = self.row.facts
        return str(facts.get("merged_into") or facts.get("merged_from") or facts.get("split_into") or "")


def steps(rows: list[WorkRevision], now: Json) -> list[Step]:
    """The changes of a work, newest first, each compared with what came after it; `now`: the facts as they are."""
    found = []
    later = now
    for row in sorted(rows, key=lambda one: -one.number):
        found.append(Step(row, differences(row.facts, later)))
        later = row.facts
    return found


def differences(before: Json, after: Json) -> list[Difference]:
    """The fields that differ, in the order of the form."""
    pairs = ((name, said(name, before.get(name)), said(name, after.get(name))) for name in FIELDS)
    return [Difference(name, old, new) for name, old, new in pairs if old != new]


def said(name: str, value: Any) -> str:
    """A field of a revision as a line of text."""
    if value in (None, "", []):
        return ""
    if name == "authors":
        return "; ".join(_person(row) for row in value)
    if name == "editions":
        return "; ".join(_edition(row) for row in value)
    if name == "registrations":
        return "; ".join(" ".join(str(part) for part in (row["office"], row["number"], row["date"]) if part)
                         for row in value)  # fmt: skip
    return "; ".join(sorted(map(str, value))) if isinstance(value, list) else str(value)


def _person(row: Json) -> str:
    years = f" ({row['born']}–{row['died']})" if row.get("born") or row.get("died") else ""
    role = f" [{row['role']}]" if row.get("role", "author") != "author" else ""
    return f"{row['name']}{years}{role}"


def _edition(row: Json) -> str:
    facts = (row["title"], row["published"], row["publisher"], row["language"], *sorted(row["identifiers"]))
    return ", ".join(str(part) for part in facts if part) or "–"
