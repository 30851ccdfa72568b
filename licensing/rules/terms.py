"""The vocabulary of questions and assertions, and containment: does this scope cover that question?

Words are those of the domain model, spelt as in a case file. A scope that leaves a dimension out is
unrestricted there, except that a grant which names no use grants none. First and last days are included.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache

from licensing.rules.tables import table

WORLD = "WORLD"


class Use(StrEnum):
    PRETRAINING = "pretraining"
    FINE_TUNING = "fine_tuning"
    PREFERENCE_TUNING = "preference_tuning"
    RAG_GROUNDING = "rag_grounding"
    EVALUATION = "evaluation"
    SYNTHETIC_GENERATION = "synthetic_generation"
    SEARCH_INDEX = "search_index"
    RESEARCH_EXPERIMENT = "research_experiment"


OUTPUT_USES = frozenset({Use.RAG_GROUNDING, Use.SEARCH_INDEX, Use.SYNTHETIC_GENERATION})


class Purpose(StrEnum):
    COMMERCIAL = "commercial"
    RESEARCH = "research"
    INTERNAL_EXPERIMENT = "internal_experiment"
    EDUCATION = "education"
    GOVERNMENT = "government"
    PERSONAL = "personal"


class LicenseeKind(StrEnum):
    COMPANY = "company"
    RESEARCH_ORGANISATION = "research_organisation"
    CULTURAL_HERITAGE = "cultural_heritage"
    PUBLIC_BODY = "public_body"
    PERSON = "person"


class Capacity(StrEnum):
    OWNER = "owner"
    AUTHOR = "author"
    PUBLISHER = "publisher"
    AGENT = "agent"
    SOCIETY = "society"
    PLATFORM = "platform"
    LICENSEE = "licensee"
    OBSERVER = "observer"


HOLDER_CAPACITIES = frozenset({Capacity.OWNER, Capacity.AUTHOR, Capacity.PUBLISHER, Capacity.AGENT, Capacity.SOCIETY})


class Verification(StrEnum):
    """How far an assertion was verified, weakest first."""

    NONE = "none"
    DOMAIN = "domain"
    DOCUMENT = "document"
    IDENTITY = "identity"
    COUNTER_SIGNED = "counter-signed"

    def reaches(self, other: "Verification") -> bool:
        """Whether this is at least as strong as `other`."""
        order = list(Verification)
        return order.index(self) >= order.index(other)


class Verdict(StrEnum):
    """Worst first: across axes the first of these that occurs is the verdict."""

    NOT_CLEARED = "NOT_CLEARED"
    CONTESTED = "CONTESTED"
    UNKNOWN = "UNKNOWN"
    EXCEPTION_CLAIMED = "EXCEPTION_CLAIMED"
    CONDITIONAL = "CONDITIONAL"
    CLEARED = "CLEARED"

    @property
    def rank(self) -> int:
        """0 for the worst, 5 for CLEARED."""
        return _RANKS[self]


_RANKS = {verdict: rank for rank, verdict in enumerate(Verdict)}


class Status(StrEnum):
    """A work's licensing status; the first that holds is shown."""

    DISPUTED = "DISPUTED"
    TERMS_RESTRICTED = "TERMS_RESTRICTED"
    PUBLIC_DOMAIN = "PUBLIC_DOMAIN"
    LICENSED = "LICENSED"
    OPEN_LICENCE = "OPEN_LICENCE"
    RESERVED = "RESERVED"
    OFFERED = "OFFERED"
    UNKNOWN = "UNKNOWN"


def in_words(term: str) -> str:
    """A vocabulary word as it reads in a sentence: fine_tuning → fine-tuning, rag_grounding → RAG grounding."""
    special = {
        "rag_grounding": "RAG grounding",
        "cultural_heritage": "cultural heritage institution",
        "fine_tuning": "fine-tuning",
        "own_api": "an own API account",
        "third_party": "a third party",
        "relay": "a relay",
        "scraped": "scraping",
        "experiment": "an experiment",
    }
    return special.get(term, term.replace("_", " "))


# --- territories -------------------------------------------------------------------------------------------------


def find_territory(code: str) -> str | None:
    """The canonical spelling of a territory code (ISO 3166-1 alpha-2, EU, EEA, WORLD; UK → GB), or None if unknown."""
    data = table("territories")
    code = data["aliases"].get(code, code)
    return code if code == WORLD or code in data["groups"] or code in data["names"] else None


@cache
def members(territory: str) -> frozenset[str]:
    """The ISO codes that a territory consists of: itself, a group's members, or all codes for WORLD."""
    data = table("territories")
    if territory == WORLD:
        return frozenset(data["names"])
    return frozenset(data["groups"].get(territory, (territory,)))


def members_of_all(territories: Iterable[str] | None) -> frozenset[str]:
    """Union of `members`; None is everywhere."""
    return members(WORLD) if territories is None else _members_of(tuple(territories))


@lru_cache(maxsize=1000)
def _members_of(territories: tuple[str, ...]) -> frozenset[str]:
    return frozenset().union(*map(members, territories))


def containing(territory: str) -> tuple[str, ...]:
    """The territories that hold the whole of this one, itself left out: DE → EEA, EU, WORLD."""
    codes = [*table("territories")["groups"], WORLD]
    return tuple(sorted(code for code in codes if code != territory and members(territory) <= members(code)))


def territory_in_words(territory: str) -> str:
    """ "DE" → "Germany", "EU" → "the EU"."""
    data = table("territories")
    name = data["group_names"].get(territory) or data["names"].get(territory, territory)
    return f"the {name}" if territory in {"US", "GB", "NL", "PH", "AE"} else name


# --- scopes ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scope:
    """What an assertion reaches. None in a dimension: no restriction there. Days are inclusive."""

    uses: frozenset[Use] | None = None
    purposes: frozenset[Purpose] | None = None
    territory: tuple[str, ...] | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def runs_on(self, day: date) -> bool:
        """Whether `day` lies within the term, first and last day included."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Asked:
    """The part of a question that a scope is held against."""

    use: Use
    purpose: Purpose
    territory: str
    on: date


def find_gaps(scope: Scope, asked: Asked) -> tuple[str, ...]:
    """Why `scope` does not cover the whole of `asked`: one clause a dimension; empty when it covers it.

    Territory is covered when every member of the territory asked about is a member of the scope's.
    """
    gaps = []
    if scope.uses is not None and asked.use not in scope.uses:
        gaps.append(f"its uses ({_join(map(in_words, scope.uses))}) do not include {in_words(asked.use)}")
    if scope.purposes is not None and asked.purpose not in scope.purposes:
        gaps.append(f"its purposes ({_join(map(in_words, scope.purposes))}) do not include {in_words(asked.purpose)}")
    missing = members(asked.territory) - members_of_all(scope.territory)
    if missing and scope.territory is not None:
        gaps.append(_territory_gap(asked.territory, scope.territory, missing))
    if scope.valid_from is not None and asked.on < scope.valid_from:
        gaps.append(f"it begins on {scope.valid_from.isoformat()}, after {asked.on.isoformat()}")
    if scope.valid_to is not None and asked.on > scope.valid_to:
        gaps.append(f"it ended on {scope.valid_to.isoformat()}, before {asked.on.isoformat()}")
    return tuple(gaps)


def covers(scope: Scope, asked: Asked) -> bool:
    """Whether `scope` covers the whole question."""
    return not find_gaps(scope, asked)


def touches(scope: Scope, asked: Asked) -> bool:
    """Whether `scope` reaches any part of the question, its term aside: what a prohibition needs to bite."""
    return (
        (scope.uses is None or asked.use in scope.uses)
        and (scope.purposes is None or asked.purpose in scope.purposes)
        and bool(members(asked.territory) & members_of_all(scope.territory))
    )


def _territory_gap(asked: str, granted: tuple[str, ...], missing: frozenset[str]) -> str:
    granted_words = _join(granted)
    if missing == members(asked):
        return f"the territory {asked} is outside {granted_words}"
    some = sorted(missing)[:5]
    more = len(missing) - len(some)
    return f"{granted_words} leaves out {', '.join(some)}{f' and {more} more' if more else ''} of {asked}"


def _join(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))
