"""Open licences by SPDX identifier, with the properties that decide whether they reach a use."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from licensing.rules.tables import table

_ALTERNATIVE = re.compile(r"\s+OR\s+")
_TOGETHER = re.compile(r"\s+AND\s+")
_EXCEPTION = re.compile(r"\s+WITH\s+\S+")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*")
# The words of SPDX's identifiers that are not all capitals.
_SPELT = {
    word.lower(): word
    for word in (
        "Apache", "By", "Canada", "Clause", "CMU", "FreeBSD", "ODbL", "Permissive", "PostgreSQL", "Python", "Sharing",
        "Unicode", "Unlicense", "Zlib", "copyleft", "etalab", "exception", "invariants", "later", "no", "only", "or",
    )
}  # fmt: skip


@dataclass(frozen=True)
class Licence:
    """What a licence asks for. `dedication`: the holder gives the rights up."""

    id: str
    attribution: bool = False
    share_alike: bool = False
    non_commercial: bool = False
    no_derivatives: bool = False
    dedication: bool = False

    @property
    def burden(self) -> tuple[bool, bool, bool, bool]:
        """Sorts alternatives: a licensee may take the least burdensome."""
        return (self.non_commercial, self.no_derivatives, self.share_alike, self.attribution)


@lru_cache(maxsize=1000)
def find_licence(identifier: str) -> Licence | None:
    """The licence an SPDX identifier or a flat expression ("MIT OR Apache-2.0") names; None if it names none.

    Of alternatives the least burdensome counts, of licences joined by AND all conditions together; an exception
    (WITH) only ever adds permissions and is left aside. An unknown part of an alternative is passed over, an unknown
    part of a conjunction makes the whole unknown.
    """
    text = _EXCEPTION.sub("", identifier.strip().strip("()"))
    found = [licence for part in _ALTERNATIVE.split(text) if (licence := _find_together(part)) is not None]
    if not found:
        return None
    best = min(found, key=lambda licence: (licence.burden, licence.id))
    return Licence(**(vars(best) | {"id": identifier.strip()}))


def spelt(identifier: str) -> str:
    """One identifier as SPDX spells it: cc-by-4.0 → CC-BY-4.0. Expressions and unknown ones stay as they are."""
    plain = identifier.strip()
    if " " in plain or find_licence(plain) is None:
        return plain
    names = {"by": "BY" if plain.lower().startswith(("cc", "dl-")) else "By"}
    return _WORD.sub(lambda word: (_SPELT | names).get(word[0].lower(), word[0].upper()), plain)


def _find_together(text: str) -> Licence | None:
    parts = [_find_one(part.strip().strip("()")) for part in _TOGETHER.split(text)]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return Licence(
        id=text,
        attribution=any(part.attribution for part in known),
        share_alike=any(part.share_alike for part in known),
        non_commercial=any(part.non_commercial for part in known),
        no_derivatives=any(part.no_derivatives for part in known),
        dedication=all(part.dedication for part in known),
    )


def _find_one(identifier: str) -> Licence | None:
    for pattern, properties in _patterns():
        if pattern.fullmatch(identifier):
            return Licence(id=identifier, **properties)
    return None


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], dict[str, bool]], ...]:
    rows = table("licences")["licence"]
    return tuple(
        (re.compile(row["pattern"], re.IGNORECASE), {name: row[name] for name in row if name != "pattern"})
        for row in rows
    )
