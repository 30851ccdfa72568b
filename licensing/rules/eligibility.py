"""Whether a work would be on a list like that of the settlement in Bartz v. Anthropic: a worked rule, step by step.

A work is on it if it has an ISBN or an ASIN, and was registered with the United States Copyright Office within five
years of its first publication, and before it was downloaded or within three months of its publication. Whoever asks
names the list's snapshot date: what was registered or recorded after it does not count. The rule speaks of eligibility
for a list, not of copyright, and decides no verdict.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Any

from licensing.rules.fields import PartialDate

AUTHORITY = "Bartz v. Anthropic (N.D. Cal., 3:24-cv-05417), class of the settlement; 17 USC 410(c) and 412(2)"
OFFICE = "US"
YEARS, MONTHS = 5, 3


@dataclass(frozen=True)
class Step:
    """One condition: what it asks, whether it holds (None: the facts do not tell), and why in one sentence."""

    code: str
    holds: bool | None
    sentence: str


@dataclass(frozen=True)
class Eligibility:
    """The result for one work. `eligible` is None where a fact that decides is not recorded."""

    eligible: bool | None
    sentence: str
    steps: tuple[Step, ...]
    list_of: date
    authority: str = AUTHORITY

    def to_json(self) -> dict[str, Any]:
        """As JSON values, the snapshot date of the list among them."""
        return {
            "eligible": self.eligible,
            "sentence": self.sentence,
            "steps": [vars(step) for step in self.steps],
            "list_of": self.list_of.isoformat(),
            "authority": self.authority,
        }


def judge(
    *,
    isbn: tuple[str, ...],
    asin: tuple[str, ...],
    published: PartialDate | None,
    registrations: tuple[PartialDate | None, ...],
    downloaded: date | None,
    list_of: date,
) -> Eligibility:
    """Judge one work. `registrations` are those with the US office; `downloaded`: the day the copy was made.

    A date known to the year or month is taken at both its ends: a step holds only where it holds for either.
    """
    number = _has_number(isbn, asin)
    known = tuple(entry for entry in registrations if entry is not None and _span(entry)[0] <= list_of)
    steps: tuple[Step, ...]
    if not known:
        steps = (number, _not_registered(registrations, list_of))
    else:
        # the registration that carries the work furthest speaks for it
        ways = [(_within_years(entry, published), _in_time(entry, published, downloaded)) for entry in known]
        best = max(ways, key=lambda way: [_weight(step.holds) for step in sorted(way, key=lambda s: _weight(s.holds))])
        steps = (number, *best)
    eligible = _all(step.holds for step in steps)
    return Eligibility(eligible, _say(eligible, steps, list_of), steps, list_of)


def _has_number(isbn: tuple[str, ...], asin: tuple[str, ...]) -> Step:
    if isbn or asin:
        kind, value = ("ISBN", isbn[0]) if isbn else ("ASIN", asin[0])
        return Step("NUMBER", True, f"It has the {kind} {value}.")
    return Step("NUMBER", False, "It has neither an ISBN nor an ASIN on record.")


def _not_registered(registrations: tuple[PartialDate | None, ...], list_of: date) -> Step:
    if any(entry is None for entry in registrations):
        return Step("REGISTERED", None, "It is registered in the United States, but the day is not recorded.")
    if registrations:
        return Step("REGISTERED", False, f"It was registered after {list_of.isoformat()}, the day of the list.")
    return Step("REGISTERED", False, "No registration with the United States Copyright Office is on record.")


def _within_years(registered: PartialDate, published: PartialDate | None) -> Step:
    code = "WITHIN_FIVE_YEARS"
    if published is None:
        return Step(code, None, f"It was registered on {registered}; when it was first published is not recorded.")
    holds = _before(registered, published, YEARS * 12)
    last = _months_after(_span(published)[0], YEARS * 12).isoformat()
    said = {
        True: f"It was registered on {registered}, within five years of its first publication in {published}.",
        False: f"It was registered on {registered}, later than five years after its first publication in {published}.",
        None: f"It was registered on {registered} and first published in {published}: whether that was by {last} or"
        " later is not known to the day.",
    }
    return Step(code, holds, said[holds])


def _in_time(registered: PartialDate, published: PartialDate | None, downloaded: date | None) -> Step:
    code = "BEFORE_DOWNLOAD_OR_THREE_MONTHS"
    early = None if published is None else _before(registered, published, MONTHS)
    if early:
        return Step(code, True, f"It was registered within three months of its publication in {published}.")
    if downloaded is None:
        sentence = "When the copy was downloaded is not recorded, and it was not registered within three months."
        return Step(code, None, sentence)
    first, last = _span(registered)
    day = downloaded.isoformat()
    if last < downloaded:
        return Step(code, True, f"It was registered on {registered}, before the download of {day}.")
    if first >= downloaded:
        after = f"It was registered on {registered}, after the download of {day}"
        if early is None:
            return Step(code, None, f"{after}; whether within three months of publication is not known.")
        return Step(code, False, f"{after}, and not within three months of publication.")
    return Step(code, None, f"Whether the registration of {registered} was before the download of {day} is not known.")


def _before(registered: PartialDate, published: PartialDate, months: int) -> bool | None:
    """Whether one date is at most so many months after the other; None where it depends on days not recorded."""
    earliest, latest = _span(registered)
    first, last = _span(published)
    if latest <= _months_after(first, months):
        return True
    return False if earliest > _months_after(last, months) else None


def _span(day: PartialDate) -> tuple[date, date]:
    """The first and last day that a date can mean."""
    year = max(1, day.year)
    first = date(year, day.month or 1, day.day or 1)
    month = day.month or 12
    return first, date(year, month, day.day or monthrange(year, month)[1])


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _weight(holds: bool | None) -> int:
    return {False: 0, None: 1, True: 2}[holds]


def _all(values: Any) -> bool | None:
    found = list(values)
    if False in found:
        return False
    return None if None in found else True


def _say(eligible: bool | None, steps: tuple[Step, ...], list_of: date) -> str:
    head = {
        True: "It would be on the list",
        False: "It would not be on the list",
        None: "Whether it would be on the list is open",
    }
    decides = next((step for step in steps if step.holds is eligible), steps[0])
    reason = "every condition holds" if eligible else decides.sentence[0].lower() + decides.sentence[1:-1]
    return f"{head[eligible]} as of {list_of.isoformat()}: {reason}."
