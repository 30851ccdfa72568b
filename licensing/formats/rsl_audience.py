"""For whom an RSL document is: the crawlers in whose groups of robots.txt the lines stand that lead to it; pure.

RSL 1.0 §4.4: a `License:` line outside the groups is for every crawler, one in a group for the crawlers that the group
names. The document itself names nobody. So what it says is read for those that the lines standing on the same day lead
to it: for everybody where one line, header or page does without naming anybody; for the named ones alone otherwise.
Where no line leads to it, it is for whom it was read for when it was fetched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from licensing.formats.places import parse
from licensing.formats.rsl_terms import FORMAT
from licensing.formats.stated import Stated

DOCUMENT = "file"  # the carrier of what stands at an address of its own


def of_statements(statements: Sequence[Stated]) -> list[Stated]:
    """The same statements; those of RSL documents for the crawlers whose lines lead there."""
    audiences = of_lines((one.rule.policy_address, one.rule.agents) for one in statements if _points(one))
    if not audiences:
        return list(statements)
    return [_for(one, audiences) for one in statements]


def of_lines(lines: Iterable[tuple[str, Sequence[str]]]) -> dict[str, tuple[str, ...]]:
    """Address of a document → crawlers (none: everybody), of what leads to documents: (address, crawlers)."""
    found: dict[str, dict[str, None] | None] = {}  # None: for everybody
    for address, agents in lines:
        place = _normal(address)
        named = found.setdefault(place, {})
        if not agents:
            found[place] = None
        elif named is not None:
            named.update(dict.fromkeys(agents))
    return {place: () if named is None else tuple(named) for place, named in found.items()}


def _points(one: Stated) -> bool:
    return one.format == FORMAT and one.carrier != DOCUMENT and bool(one.rule.policy_address)


def _for(one: Stated, audiences: dict[str, tuple[str, ...]]) -> Stated:
    if one.format != FORMAT or one.carrier != DOCUMENT:
        return one
    agents = audiences.get(_normal(one.source.partition(" ")[0]), one.rule.agents)
    return one if agents == one.rule.agents else replace(one, rule=replace(one.rule, agents=agents))


def _normal(address: str) -> str:
    try:
        return parse(address).address
    except ValueError:
        return address
