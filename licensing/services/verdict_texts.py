"""The texts of verdicts: JSON in the one spelling that is hashed (`log.canonical`), made once for all works that are
alike, with places between its parts for the ids of the statements about each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from licensing.rules import explain
from licensing.rules.patterns import Pattern
from licensing.rules.policy import Policy
from licensing.rules.terms import Verdict

Json = dict[str, Any]


def text(value: Any) -> str:
    """JSON in the canonical spelling: sorted keys, no spaces."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


class Template:
    """A text with ids in it: `parts` and between them the ids at `places`, one fewer."""

    __slots__ = ("_pieces", "_places")

    def __init__(self, parts: Sequence[str], places: Sequence[int]) -> None:
        self._places = tuple(places)
        self._pieces = [""] * (len(parts) + len(places))
        self._pieces[::2] = parts

    def around(self, ids: Sequence[str]) -> str:
        """The text with these ids."""
        pieces = self._pieces.copy()
        pieces[1::2] = [ids[place] for place in self._places]
        return "".join(pieces)


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """An answer as it is stored, for all works that have it."""

    verdict: str
    rank: int
    status: str
    blocks: bool
    reasons: Template
    leaf_head: str
    leaf_tail: str


def present(pattern: Pattern, policy: Policy) -> Said:
    """What a pattern says under a policy."""
    shown = explain.present(pattern.answer, policy)
    parts, places = ["["], []
    for number, (reason, cited) in enumerate(zip(shown["reasons"], pattern.places, strict=True)):
        before = text({name: reason[name] for name in ("authority", "axis", "code")})[:-1]
        after = text({name: value for name, value in reason.items() if name > "evidence"})[1:]
        parts[-1] += f'{"," if number else ""}{before},"evidence":['
        for count, place in enumerate(cited):
            parts[-1] += ',"' if count else '"'
            places.append(place)
            parts.append('"')
        parts[-1] += f"],{after}"
    parts[-1] += "]"
    verdict, blocks = shown["verdict"], shown["blocks"]
    return Said(
        verdict=verdict,
        rank=Verdict(verdict).rank,
        status=shown["status"],
        blocks=blocks,
        reasons=Template(parts, places),
        leaf_head=f'{{"blocks":{text(blocks)},"case":',
        leaf_tail=f',"verdict":"{verdict}"}}',
    )


def case_of(contents: Sequence[Json], frame: str) -> Template:
    """A case up to its work, about statements with these contents, in the order of their ids: listed by kind, within a
    kind by id. `frame` comes after the statements."""
    places = sorted(range(len(contents)), key=lambda place: (contents[place]["kind"], place))
    parts = ['{"assertions":[']
    for number, place in enumerate(places):
        content = contents[place]
        before = {name: value for name, value in content.items() if name < "id"}
        after = {name: value for name, value in content.items() if name > "id"}
        parts[-1] += f'{"," if number else ""}{text(before)[:-1]},"id":"'
        parts.append(f'",{text(after)[1:]}')
    parts[-1] += frame
    return Template(parts, places)
