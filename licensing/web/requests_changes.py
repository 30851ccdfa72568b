"""What became of the answers of a clearance since they were given: the bar of today, and each work with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from licensing.models import Clearance, Verdict, VerdictChange
from licensing.selectors import licence_requests as selectors
from licensing.web import answers
from licensing.web.answers import BAR_ORDER, BAR_WIDTH, Part, Shown

SHOWN = 100


@dataclass(frozen=True)
class Changed:
    """One answer that is different now: what it was, what it is, what decides it, and what it came of."""

    row: VerdictChange
    why: Shown


@dataclass(frozen=True)
class Since:
    """A clearance today, beside the answers as they were given."""

    changed: Sequence[Changed]
    number: int
    bar: Sequence[Part]
    blocking: int
    works: int
    latest: VerdictChange

    @property
    def more(self) -> int:
        return self.number - len(self.changed)


def of_clearance(clearance: Clearance) -> Since | None:
    """What is different now; None where nothing is."""
    rows = selectors.changes_of(clearance)
    shown = list(rows[:SHOWN])
    if not shown:
        return None
    totals = selectors.totals_now(clearance)
    changed = [Changed(row, reason_of(row)) for row in shown]
    return Since(
        changed,
        rows.count(),
        _bar(clearance, totals),
        selectors.blocks_now(clearance),
        sum(totals.values()),
        max(shown, key=lambda row: row.pk),
    )


def reason_of(row: VerdictChange) -> Shown:
    """The reason that decides the answer as it is now."""
    return answers.deciding(answers.of_case(row.case, row.reasons, {}), row.verdict)


def _bar(clearance: Clearance, totals: dict[str, int]) -> list[Part]:
    whole = sum(totals.values())
    parts, x = [], 0.0
    for name in BAR_ORDER:
        number = totals.get(name, 0)
        width = BAR_WIDTH * number / whole if whole else 0
        blocks = bool(clearance.policy["blocks"].get(name))
        parts.append(Part(name, number, 0, blocks, round(x, 1), round(width, 1)))
        x += width
    return parts


def of_verdict(verdict: Verdict) -> list[Changed]:
    """Everything that became of one answer, in order."""
    return [Changed(row, reason_of(row)) for row in selectors.history_of(verdict)]
