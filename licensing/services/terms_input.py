"""Terms as callers give them, with faults as services report them."""

import datetime
from typing import Any

from licensing.rules.agreement import Terms, TermsError, open_points, parse_terms
from registry.errors import InvalidInput

OF_MEMBER = ("has ", "is ", "lies ", "lists ", "must ")  # how faults begin that speak of the member they stand at
OPEN = {
    "/fee": "Say what is paid, also where it is free.",
    "/fee/amount": "Say how much.",
    "/fee/per": "Say of what the royalty is a share.",
}


def read_terms(given: Any, *, pointer: str = "/terms") -> Terms:
    """The terms of a decoded JSON document; raises InvalidInput with every fault, each below `pointer`."""
    try:
        return parse_terms(given)
    except TermsError as error:
        errors = [
            {"pointer": f"{pointer}{fault.pointer}", "cause": _sentence(fault.pointer, fault.cause)}
            for fault in error.faults
        ]
        raise InvalidInput(errors[0]["cause"], errors=errors) from None


def _sentence(pointer: str, cause: str) -> str:
    """A fault as a sentence of its own: one that says something of a member names it."""
    if cause.startswith(OF_MEMBER):
        name = next((step for step in reversed(pointer.split("/")) if step and not step.isdigit()), "terms")
        cause = f"“{name}” {cause}"
    return f"{cause[:1].upper()}{cause[1:]}".rstrip(".") + "."


def require_settled(terms: Terms, *, on: datetime.date, pointer: str = "/terms") -> None:
    """Raise InvalidInput where terms cannot bind anybody yet: something is left open, or their last day is over."""
    errors = [{"pointer": f"{pointer}{point}", "cause": OPEN[point]} for point in open_points(terms)]
    if terms.valid_to is not None and terms.valid_to < on:
        cause = f"The last day, {terms.valid_to.isoformat()}, is over."
        errors.append({"pointer": f"{pointer}/valid_to", "cause": cause})
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
