"""Sublicences: what is passed on rests on an agreement, and may neither exceed it nor lead back to its source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from licensing.rules.agreement_algebra import excess
from licensing.rules.agreement_facts import Sublicensing, Terms
from licensing.rules.channels import Refusal


@dataclass(frozen=True)
class Link:
    """One agreement of a chain: from whom to whom, on which terms, and the agreement it rests on, if any."""

    id: str
    licensor: str
    licensee: str
    terms: Terms
    under: str | None = None


class CircularSublicence(ValueError):
    """Agreements that rest on each other in a circle. `circle` names them, the first one again at the end."""

    code = "circular_sublicence"

    def __init__(self, circle: Sequence[str]) -> None:
        super().__init__(f"These agreements rest on each other in a circle: {' → '.join(circle)}.")
        self.circle = tuple(circle)


def chain_of(start: str, links: Mapping[str, Link]) -> tuple[Link, ...]:
    """The agreement `start` and what it rests on, the root first. Raises CircularSublicence, and KeyError for a link
    that is not there."""
    chain: list[Link] = []
    seen: list[str] = []
    at: str | None = start
    while at is not None:
        if at in seen:
            raise CircularSublicence([*seen[seen.index(at) :], at])
        seen.append(at)
        chain.append(links[at])
        at = links[at].under
    return tuple(reversed(chain))


def refuse_sublicence(
    chain: Sequence[Link], *, licensor: str, licensee: str, terms: Terms, affiliates: frozenset[str] = frozenset()
) -> tuple[Refusal, ...]:
    """Everything that stands against passing on what the last agreement of `chain` gave; empty where it may be done.

    `affiliates`: who belongs to the licensor's group, besides those whom the agreement names.
    """
    last = chain[-1]
    found = []
    if licensor != last.licensee:
        sentence = f"{licensor} is not the licensee of agreement {last.id}, and so cannot pass it on."
        found.append(Refusal("not_the_licensee", "/under", sentence, {"agreement": last.id}))
    found += _refuse_right(last, licensee, affiliates)
    found += _refuse_circle(chain, licensee)
    found += [
        Refusal(
            "beyond_agreement", "/terms", f"The sublicence goes beyond agreement {last.id}: {clause}.", {"gap": clause}
        )
        for clause in excess(last.terms, terms)
    ]
    return tuple(found)


def _refuse_right(last: Link, licensee: str, affiliates: frozenset[str]) -> list[Refusal]:
    """Whether the agreement lets its licensee pass on at all, and to this organisation."""
    allowed = last.terms.sublicensing
    if allowed is Sublicensing.NONE:
        sentence = f"Agreement {last.id} does not allow sublicences."
        return [Refusal("sublicensing_not_allowed", "/under", sentence, {"agreement": last.id})]
    named = last.terms.affiliates if last.terms.affiliates is not None else affiliates
    if allowed is Sublicensing.AFFILIATES and licensee not in named:
        sentence = f"Agreement {last.id} allows sublicences to affiliates, and {licensee} is none of them."
        return [Refusal("not_an_affiliate", "/licensee", sentence, {"agreement": last.id, "licensee": licensee})]
    return []


def _refuse_circle(chain: Sequence[Link], licensee: str) -> list[Refusal]:
    parties = [chain[0].licensor, *(link.licensee for link in chain)]
    if licensee not in parties:
        return []
    circle = " → ".join([*parties[parties.index(licensee) :], licensee])
    sentence = f"The permission would return to {licensee}, from whom it comes: {circle}."
    return [Refusal("circular_sublicence", "/licensee", sentence, {"circle": circle})]
