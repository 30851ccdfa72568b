"""A rule with where it was found, a question about an address, and what is ruled of them; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from licensing.formats.policy import Effect, Policy, Reading, Rule


class Says(StrEnum):
    """What a rule says, strongest first; the words of stored signals."""

    RESERVED = "reserved"
    DISALLOW = "disallow"
    CONDITIONAL = "conditional"
    ALLOW = "allow"
    UNKNOWN = "unknown"


MEANT = {
    Effect.RESERVE: Says.RESERVED,
    Effect.PROHIBIT: Says.DISALLOW,
    Effect.PREFER_DISALLOW: Says.DISALLOW,
    Effect.OFFER: Says.CONDITIONAL,
    Effect.PREFER_ALLOW: Says.ALLOW,
}


def says(rule: Rule) -> Says:
    """A permission with duties, or paid for, is conditional."""
    if rule.effect == Effect.PERMIT:
        return Says.CONDITIONAL if rule.duties or rule.payment else Says.ALLOW
    return MEANT.get(rule.effect, Says.UNKNOWN)


@dataclass(frozen=True)
class Stated:
    """One rule as it was found. `source` tells readings apart: rules of one source are read together."""

    key: str  # the caller's own, one of a kind
    format: str  # as in Reading.format
    rule: Rule
    carrier: str = ""  # file | robots | header | html | epub | pdf
    source: str = ""
    host: str = ""  # for which it speaks; empty: not known, so every one
    target: str = ""  # the policy's target: an address or a pattern


@dataclass(frozen=True)
class Asked:
    """A question. What is left empty is not narrowed: refusals count then, narrowed permissions do not."""

    address: str
    use: str = ""  # licensing.rules.terms.Use
    agent: str = ""  # product token of a crawler; empty: none that is named anywhere
    purpose: str = ""
    territory: str = ""  # code
    within: Sequence[str] = ()  # codes that contain it: EU of DE
    parts: Sequence[str] = ()  # codes that lie in it: DE of EU
    on: str = ""  # ISO day
    contract: bool = False  # whether a contract permits this use
    crawlable: bool = True  # set by `decide`: whether robots.txt lets the crawler fetch the address
    own_groups: frozenset[tuple[str, str]] = frozenset()  # set by `decide`: format and source that name the crawler


@dataclass(frozen=True)
class Ruling:
    """Whether a statement counts, why (a code), and a sentence."""

    key: str
    counts: bool
    why: str
    sentence: str


class Why(StrEnum):
    """Why a rule counts or does not; the sentence beside it says it of this rule."""

    COUNTS = "counts"
    WORDS = "words_only"
    NOT_UNDERSTOOD = "not_understood"
    OTHER_HOST = "other_host"
    OTHER_PATH = "other_path"
    OTHER_USE = "other_use"
    OTHER_PURPOSE = "other_purpose"
    OTHER_TERRITORY = "other_territory"
    OUT_OF_TIME = "out_of_time"
    OTHER_AGENT = "other_agent"
    OWN_GROUP = "own_group"
    LATER_IN_FILE = "later_in_file"
    WEIGHTIER_CARRIER = "weightier_carrier"
    SHORTER_MATCH = "shorter_match"
    ALLOW_WINS_TIE = "allow_wins_tie"
    NOT_CRAWLABLE = "not_crawlable"
    REFUSAL_WINS = "refusal_wins"
    CONTRACT = "contract"
    NARROWER = "narrower_rule"
    NOT_LISTED = "not_listed"


@dataclass(frozen=True)
class Outcome:
    """What one format says to the question; `keys` are the statements that it rests on."""

    format: str
    says: Says
    keys: tuple[str, ...]
    why: str
    sentence: str


def state(reading: Reading, *, carrier: str = "", source: str = "", host: str = "", prefix: str = "") -> list[Stated]:
    """The rules of a reading as statements; keys are the prefix and the number of the rule."""
    rules: list[tuple[Policy, Rule]] = [(policy, rule) for policy in reading.policies for rule in policy.rules]
    return [
        Stated(f"{prefix}{number}", reading.format, rule, carrier, source, host, policy.target)
        for number, (policy, rule) in enumerate(rules)
    ]
