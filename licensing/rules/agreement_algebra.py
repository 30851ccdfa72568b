"""Terms held against terms: what both permit, whether one permits all that another does, and why not.

Terms are ordered by what they permit. `contains(outer, inner)` is that order, `intersect` its greatest lower bound:
commutative, associative, idempotent, contained in both. Fee and remarks permit nothing and are no part of the order;
the intersection keeps them where they agree and does not exist where two fees differ.
"""

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from licensing.rules.agreement_facts import Fee, OutputLimits, Sublicensing, Survival, Terms
from licensing.rules.agreement_reading import fold_territory
from licensing.rules.terms import in_words, members, members_of_all

Element = TypeVar("Element", bound=str)
# what may be done with weights after the end, least first; None, nothing agreed, stands below "keep"
_SURVIVAL: tuple[Survival | None, ...] = (Survival.DELETE, Survival.NO_NEW_TRAINING, None, Survival.KEEP)
_SETS = ("uses", "purposes", "licensee_kinds", "models", "products")


def intersect(one: Terms, other: Terms) -> Terms | None:
    """What both terms permit, with the duties of both; None where that is nothing (`contradictions` says why)."""
    if contradictions(one, other):
        return None
    return Terms(
        uses=one.uses & other.uses,
        purposes=_meet(one.purposes, other.purposes),
        territory=_meet_territory(one.territory, other.territory),
        valid_from=_later(one.valid_from, other.valid_from),
        valid_to=_earlier(one.valid_to, other.valid_to),
        licensee_kinds=_meet(one.licensee_kinds, other.licensee_kinds),
        affiliates=_meet(one.affiliates, other.affiliates),
        models=_meet(one.models, other.models),
        products=_meet(one.products, other.products),
        exclusive=one.exclusive and other.exclusive,
        sublicensing=min(one.sublicensing, other.sublicensing, key=list(Sublicensing).index),
        output_limits=_meet_limits(one.output_limits, other.output_limits),
        fee=one.fee or other.fee,
        attribution=one.attribution or other.attribution,
        audit=one.audit or other.audit,
        survival=min(one.survival, other.survival, key=_SURVIVAL.index),
        note=_merge(one.note, other.note),
    )


def contradictions(one: Terms, other: Terms) -> tuple[str, ...]:
    """Why two terms have nothing in common, a clause a dimension; empty where they have."""
    found = []
    for name in _SETS:
        left, right = getattr(one, name), getattr(other, name)
        if left is not None and right is not None and not left & right:
            found.append(f"{_name(name)}: {_list(left)} against {_list(right)}")
    if _meet_territory(one.territory, other.territory) == ():
        found.append(f"territory: {_list(one.territory)} against {_list(other.territory)}")
    first, last = _later(one.valid_from, other.valid_from), _earlier(one.valid_to, other.valid_to)
    if first and last and last < first:
        found.append(f"term: one ends on {last.isoformat()}, the other begins on {first.isoformat()}")
    if one.fee and other.fee and one.fee != other.fee:
        found.append(f"fee: {fee_in_words(one.fee)} against {fee_in_words(other.fee)}")
    return tuple(found)


def overlaps(one: Terms, other: Terms) -> bool:
    """Whether both reach some act of some kind of licensee on some day: what two exclusive grants must not do.

    Names of models and products are each licensee's own and keep nothing apart; nor does what is paid.
    """
    sets = [(getattr(one, name), getattr(other, name)) for name in ("uses", "purposes", "licensee_kinds")]
    first, last = _later(one.valid_from, other.valid_from), _earlier(one.valid_to, other.valid_to)
    return (
        all(left is None or right is None or bool(left & right) for left, right in sets)
        and bool(members_of_all(one.territory) & members_of_all(other.territory))
        and not (first and last and last < first)
    )


def contains(outer: Terms, inner: Terms) -> bool:
    """Whether whatever `inner` permits, `outer` permits too, and under no duty that `inner` leaves out."""
    return not excess(outer, inner)


def excess(outer: Terms, inner: Terms) -> tuple[str, ...]:
    """In what `inner` goes beyond `outer`, a clause a dimension; empty where it does not. Fees do not matter."""
    found = []
    for name in (*_SETS, "affiliates"):
        allowed, asked = getattr(outer, name), getattr(inner, name)
        among = _list(allowed) or "nobody"
        if allowed is not None and asked is None:
            found.append(f"{_name(name)} are not narrowed to {among}")
        elif beyond := _beyond(allowed, asked):
            found.append(f"{_name(name)} {_list(beyond)} not among {among}")
    if members_of_all(inner.territory) - members_of_all(outer.territory):
        found.append(f"territory {_list(inner.territory) or 'WORLD'} is outside {_list(outer.territory)}")
    found += _excess_of_term(outer, inner)
    found += _excess_of_rights(outer, inner)
    found += _missing_duties(outer, inner)
    return tuple(found)


def _excess_of_term(outer: Terms, inner: Terms) -> list[str]:
    found = []
    if outer.valid_from and (inner.valid_from is None or inner.valid_from < outer.valid_from):
        begins = f"begins {inner.valid_from.isoformat()}" if inner.valid_from else "has no first day"
        found.append(f"{begins}, before {outer.valid_from.isoformat()}")
    if outer.valid_to and (inner.valid_to is None or inner.valid_to > outer.valid_to):
        ends = f"ends {inner.valid_to.isoformat()}" if inner.valid_to else "has no last day"
        found.append(f"{ends}, after {outer.valid_to.isoformat()}")
    return found


def _excess_of_rights(outer: Terms, inner: Terms) -> list[str]:
    found = []
    if inner.exclusive and not outer.exclusive:
        found.append("is exclusive, and what it rests on is not")
    order = list(Sublicensing)
    if order.index(inner.sublicensing) > order.index(outer.sublicensing):
        found.append(f"sub-licensing {inner.sublicensing.value} goes beyond {outer.sublicensing.value}")
    if _SURVIVAL.index(inner.survival) > _SURVIVAL.index(outer.survival):
        allowed = in_words(outer.survival) if outer.survival else "nothing agreed"
        asked = in_words(inner.survival) if inner.survival else "nothing agreed"
        found.append(f"trained weights after the end: {asked} goes beyond {allowed}")
    return found


def _missing_duties(outer: Terms, inner: Terms) -> list[str]:
    found = [
        f"{name} is left out" for name in ("attribution", "audit") if getattr(outer, name) and not getattr(inner, name)
    ]
    limits, own = outer.output_limits, inner.output_limits or OutputLimits()
    if limits is None:
        return found
    if limits.verbatim_words is not None and (own.verbatim_words is None or own.verbatim_words > limits.verbatim_words):
        asked = "any number of" if own.verbatim_words is None else own.verbatim_words
        found.append(f"output of {asked} words verbatim is more than {limits.verbatim_words}")
    if not set(_lines(limits.note)) <= set(_lines(own.note)):
        found.append("output limits in words are left out")
    return found


# --- one dimension -----------------------------------------------------------------------------------------------


def _meet(one: frozenset[Element] | None, other: frozenset[Element] | None) -> frozenset[Element] | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other


def _beyond(outer: frozenset[str] | None, inner: frozenset[str] | None) -> frozenset[str]:
    return frozenset() if outer is None or inner is None else inner - outer


def _meet_territory(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Of each two codes the smaller one where it lies within the other; what overlaps otherwise, country by country."""
    if one is None or other is None:
        return one if other is None else other
    common: set[str] = set()
    for left in one:
        for right in other:
            shared = members(left) & members(right)
            common |= {left} if shared == members(left) else {right} if shared == members(right) else shared
    return fold_territory(common)


def _later(one: date | None, other: date | None) -> date | None:
    return max(one, other) if one and other else one or other


def _earlier(one: date | None, other: date | None) -> date | None:
    return min(one, other) if one and other else one or other


def _meet_limits(one: OutputLimits | None, other: OutputLimits | None) -> OutputLimits | None:
    if one is None or other is None:
        return one or other
    counts = [limits.verbatim_words for limits in (one, other) if limits.verbatim_words is not None]
    return OutputLimits(min(counts) if counts else None, _merge(one.note, other.note))


def _lines(note: str) -> list[str]:
    return [line for line in map(str.strip, note.splitlines()) if line]


def _merge(one: str, other: str) -> str:
    """Both notes, line by line and sorted; one as it stands where the other is the same or empty."""
    if one == other or not other:
        return one
    return "\n".join(sorted({*_lines(one), *_lines(other)})) if one else other


# --- words -------------------------------------------------------------------------------------------------------


def fee_in_words(fee: Fee) -> str:
    """ "flat EUR 12.50 per year", "free"."""
    price = f"{fee.currency} {fee.amount:f}" if fee.amount is not None else ""
    return " ".join(part for part in (in_words(fee.model), price, fee.per) if part)


def _name(dimension: str) -> str:
    return in_words(dimension)


def _list(words: Iterable[str] | None) -> str:
    return ", ".join(sorted(map(in_words, words or ())))
