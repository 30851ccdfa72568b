"""What a record of a feed says about rights, as columns of the statement that it becomes."""

import datetime
from functools import lru_cache
from typing import Any

from licensing.models import Offer, OpenLicence, Preference, Reservation
from licensing.models.assertions import Assertion
from licensing.rules import terms
from licensing.services import assertions
from licensing.services.assertions import Scope
from registry.errors import InvalidInput
from registry.importers.rows import RightsStatement

MODELS: dict[str, type[Assertion]] = {
    "reservation": Reservation,
    "preference": Preference,
    "offer": Offer,
    "open_licence": OpenLicence,
}
Key = tuple[object, ...]


@lru_cache(maxsize=1 << 10)
def said_columns(said: RightsStatement) -> dict[str, Any]:
    """What it says, as columns; many records of a feed say the same."""
    if said.kind not in MODELS:
        raise InvalidInput(f"{said.kind!r} is no kind of statement.", errors=[{"pointer": "/kind", "cause": "unknown"}])
    scope = Scope(
        uses=said.uses,
        territory=said.territory,
        valid_from=_day(said.valid_from, last=False),
        valid_to=_day(said.valid_to, last=True),
    )
    if errors := assertions.check(scope):
        raise InvalidInput(errors[0]["cause"], errors=errors)
    columns: dict[str, Any] = {
        "uses": list(said.uses),
        "territory": [terms.find_territory(code) for code in said.territory],
        "valid_from": scope.valid_from,
        "valid_to": scope.valid_to,
        "source_version": said.source_version,
        "statement": said.statement,
    }
    return columns | _specific(said)


def _specific(said: RightsStatement) -> dict[str, Any]:
    if said.kind == "reservation":
        return {"machine_readable": said.machine_readable}
    if said.kind == "preference":  # "may be mined": what somebody would like is no licence, whatever the code says
        return {"signal": Preference.Signal.ALLOW}
    if said.kind == "offer":
        return {"terms": said.statement, "address": said.address}
    if not said.licence:
        raise InvalidInput("An open licence has a name.", errors=[{"pointer": "/licence", "cause": "missing"}])
    return {"licence": said.licence}


def key_of(columns: dict[str, Any], model: type[Assertion]) -> Key:
    """What a statement says, however it was spelt and whenever it was read."""
    names = ["valid_from", "valid_to", "statement"]
    names += [name for name in ("machine_readable", "signal", "address", "licence") if name in columns]
    scope = (tuple(sorted(columns["uses"])), tuple(sorted(columns["territory"])))
    return (model, *scope, *(columns[name] for name in names))


def _day(text: str, *, last: bool) -> datetime.date | None:
    """A day as a feed has it: 2019-05-31, or the first or last one of 2019-05 and of 2019."""
    if not text:
        return None
    try:
        if len(text) == len("2019"):
            return datetime.date(int(text), 12 if last else 1, 31 if last else 1)
        if len(text) == len("2019-05"):
            first = datetime.date.fromisoformat(f"{text}-01")
            after = (first + datetime.timedelta(days=31)).replace(day=1)
            return after - datetime.timedelta(days=1) if last else first
        return datetime.date.fromisoformat(text)
    except ValueError:
        cause = f"{text[:40]!r} is not a day."
        raise InvalidInput(
            cause, errors=[{"pointer": "/valid_to" if last else "/valid_from", "cause": cause}]
        ) from None
