"""What a move records beside the state: the days, the money and the words of a delivery, a report of use, a payment.

Whoever records them may add members of their own. Those that pages and counts rest on are read strictly: a payment of
"abc", of a currency without an amount or of a day that is still to come is refused with its place, never kept.
"""

import datetime
import math
from collections.abc import Callable, Mapping
from typing import Any

from licensing.rules.agreement_reading import read_amount, read_currency, read_day
from licensing.rules.fields import CaseError, escape, name_type
from licensing.rules.lifecycle import Move

Faults = list[dict[str, str]]
MOST_FACTS = 50
MOST_CHARACTERS = 2_000
# Moves that record facts. Of a renewal and a revocation the services that make them read the days.
WITH_FACTS = frozenset({Move.CONFIRM, Move.DELIVER, Move.REPORT, Move.PAY, Move.RENEW, Move.REVOKE})
PAST_DAYS: Mapping[Move, tuple[str, ...]] = {
    Move.DELIVER: ("on",),
    Move.PAY: ("on",),
    Move.REPORT: ("from", "to"),
}
_NEEDS = {
    "amount": "is missing: a currency without an amount says nothing",
    "currency": "is missing: an amount without a currency says nothing",
}


def faults(move: Move, data: Mapping[str, Any], *, today: datetime.date) -> Faults:
    """Everything that is wrong with what comes with a move: [{"pointer": "/data/amount", "cause": …}]."""
    if move not in WITH_FACTS:
        return [_fault("/data", f"To {move.value} brings no facts with it.")] if data else []
    if len(data) > MOST_FACTS:
        return [_fault("/data", f"At most {MOST_FACTS} facts go with a move.")]
    found = [fault for name, value in data.items() for fault in _of_value(f"/data/{escape(name)}", name, value)]
    if found:
        return found
    days = _days(move, data, today, found)
    if days.get("from") and days.get("to") and days["to"] < days["from"]:
        found.append(_fault("/data/to", "The last day lies before the first one."))
    if move is Move.PAY:
        found += _of_money(data)
    return found


def _of_value(place: str, name: str, value: Any) -> Faults:
    """Words, a number, true or false; nothing that could not be shown in one line of a page."""
    if len(name) > 60 or "\0" in name:
        return [_fault("/data", "The name of a fact has at most 60 characters.")]
    if isinstance(value, str):
        is_wrong = len(value) > MOST_CHARACTERS or "\0" in value
        return [_fault(place, f"This has at most {MOST_CHARACTERS} characters of text.")] if is_wrong else []
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return []
    return [_fault(place, f"Expected text, a number, true or false, found {name_type(value)}.")]


def _days(move: Move, data: Mapping[str, Any], today: datetime.date, found: Faults) -> dict[str, datetime.date]:
    """The days of what has happened; of one that is none, or still to come, the fault goes into `found`."""
    days = {}
    for name in PAST_DAYS.get(move, ()):
        day = _read(f"/data/{name}", data.get(name), read_day, found)
        if day is not None and day > today:
            found.append(_fault(f"/data/{name}", f"{day.isoformat()} is still to come."))
        elif day is not None:
            days[name] = day
    return days


def _of_money(data: Mapping[str, Any]) -> Faults:
    found: Faults = []
    readers: dict[str, Callable[[Any, str], Any]] = {"amount": read_amount, "currency": read_currency}
    given = {name for name in readers if data.get(name) not in (None, "")}
    for name, read in readers.items():
        if name in given:
            _read(f"/data/{name}", data[name], read, found)
        elif given:
            found.append(_fault(f"/data/{name}", f"“{name}” {_NEEDS[name]}."))
    return found


def _read(place: str, value: Any, read: Callable[[Any, str], Any], found: Faults) -> Any:
    if value in (None, ""):
        return None
    try:
        return read(value, place)
    except CaseError as error:
        found.append(_fault(place, f"{error.cause[:1].upper()}{error.cause[1:]}."))
        return None


def _fault(pointer: str, cause: str) -> dict[str, str]:
    return {"pointer": pointer, "cause": cause}
