"""What a sampling audit shows of the whole set and which of its rows come first: from its result as it is told."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.sampling import shares
from licensing.evidence.wording import shown

Json = dict[str, Any]


@dataclass(frozen=True)
class Whole:
    """All batches together: the stratified share with its interval (`ingest.sampling.shares`), and counts.

    `judged` counts the drawn records in which a copy could be told; of `scored` records `expected` would lie above the
    detector's threshold were all by people. Of the drawn ones `resembling` agree with a whole output, and `by_chance`
    would, were all people's answers to the reference's questions; None where the method did not look. A share is None
    where nothing can be said.
    """

    records: int
    drawn: int
    judged: int
    positive: int
    rate: float | None
    interval: tuple[float, float]
    corrected_rate: float | None
    corrected_interval: tuple[float, float]
    batches: int
    batches_flagged: int
    annotators: int
    annotators_flagged: int
    scored: int
    above: int
    expected: float
    resembling: int | None
    by_chance: float
    annotators_resembling: int


def whole(result: Mapping[str, Any]) -> Whole:
    """The figures of the whole set."""
    batches: Sequence[Json] = result["batches"]
    indications = [row["indication"] for row in batches]
    found = shares.overall(result) or {}
    alike = [(row["sampled"], row["resemblance"]) for row in batches if "resemblance" in row]
    return Whole(
        records=result["records"],
        drawn=result["sampled"],
        judged=sum(row["judged"] for row in batches),
        positive=sum(row["positive"] for row in batches),
        rate=found.get("rate"),
        interval=tuple(found.get("interval", (0.0, 1.0))),
        corrected_rate=found.get("corrected_rate"),
        corrected_interval=tuple(found.get("corrected_interval", (0.0, 1.0))),
        batches=len(batches),
        batches_flagged=sum(row["flagged"] for row in batches),
        annotators=len(result["annotators"]),
        annotators_flagged=sum(row["flagged"] for row in result["annotators"]),
        scored=sum(row["scored"] for row in indications),
        above=sum(row["above"] for row in indications),
        expected=sum(row["scored"] * (row["false_positive_rate"] or 0.0) for row in indications),
        resembling=sum(one["resembling"] for _, one in alike) if alike else None,
        by_chance=sum(sampled * one["among_people"] for sampled, one in alike),
        annotators_resembling=sum(stands_out(row) for row in result["annotators"]),
    )


def stands_out(row: Mapping[str, Any]) -> bool:
    """Whether more of an annotator's records resemble outputs than the others' and than people's do."""
    return bool((row.get("resemblance") or {}).get("stands_out"))


def worst(rows: Sequence[Json], most: int) -> list[Json]:
    """The flagged first, then those of which the sample shows most at the least, then the highest shares."""
    return sorted(rows, key=_seriousness)[:most]


def _seriousness(row: Json) -> tuple[Any, ...]:
    name = row.get("batch", row.get("annotator"))
    key = [int(part) if part.isdigit() else part for part in re.split(r"(\d{1,9})", str(name))]
    return (
        not row["flagged"],
        not stands_out(row),
        -row["at_least"],
        -row["rate"],
        [str(type(part)) + str(part).zfill(9) for part in key],
    )


def in_percent(share: float | None) -> str:
    """A share as people read it: 9.3 %, 0.25 %, < 0.01 %; a dash where nothing can be said."""
    if share is None:
        return "–"
    if 0 < share < 0.0001:
        return "< 0.01 %"
    if 0.9999 < share < 1:
        return "> 99.99 %"
    digits = 2 if share < 0.01 or 0.99 < share < 1 else 1
    return f"{share * 100:.{digits}f}".rstrip("0").rstrip(".") + " %"


def between(low: float, high: float) -> str:
    """Both ends of an interval: 5 – 19.3 %."""
    if low == high:
        return in_percent(low)
    first, last = in_percent(low), in_percent(high)
    return f"{first.removesuffix(' %')} – {last}" if not first.startswith("<") else f"{first} – {last}"


def counted(part: int, of: int) -> str:
    """5 of 50, without a word that would need translating."""
    return f"{shown(part)} / {shown(of)}"
