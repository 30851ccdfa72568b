"""The one policy model that every format is read into and written from; pure.

It is ODRL's: permission, prohibition, duty, constraint. A format says part of it; what it cannot say stands in the
`loss` of what was written, and what was not understood in the `faults` of what was read. Reading what was written
gives the same policy, apart from what `loss` names.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Effect(StrEnum):
    """What a rule says of its uses. A preference is no licence: only `offer` and `permit` can become one."""

    RESERVE = "reserve"  # rights are reserved: no, unless something else is agreed
    PROHIBIT = "prohibit"
    PERMIT = "permit"  # permitted, under the rule's duties
    OFFER = "offer"  # to be had on terms: ask, or accept
    PREFER_ALLOW = "prefer_allow"  # a signal "allow", which licenses nothing
    PREFER_DISALLOW = "prefer_disallow"
    WORDS = "words"  # a sentence for people: recorded as it stands, and nothing is derived from it
    UNKNOWN = "unknown"  # for machines, but not understood: derives nothing, yet hides what it stands before


@dataclass(frozen=True)
class Payment:
    """What is asked in return. `amount` is a decimal as text, `currency` ISO 4217; models as in RSL 1.0."""

    model: str = "free"  # free purchase subscription training crawl use contribution attribution; empty: not said
    amount: str = ""
    currency: str = ""
    address: str = ""  # the shared terms that say more (RSL standard)
    custom: str = ""  # where the speaker's own licence is asked for (RSL custom)
    accepts: str = ""  # media type of a payment protocol (RSL accepts)


@dataclass(frozen=True)
class Rule:
    """One rule. Empty sequences narrow nothing; days are ISO or empty and included."""

    effect: Effect
    uses: Sequence[str] = ()  # of ours (licensing.rules.terms.Use); empty: all
    purposes: Sequence[str] = ()
    territory: Sequence[str] = ()
    valid_from: str = ""
    valid_to: str = ""
    path: str = ""  # the pattern as the format writes it; empty: everywhere
    agents: Sequence[str] = ()  # crawlers; empty: all
    payment: Payment | None = None
    duties: Sequence[str] = ()  # attribution | consent | compensation | …
    policy_address: str = ""  # where the terms stand
    words: str = ""  # the rule as it stands in the source
    machine_readable: bool = True


@dataclass(frozen=True)
class Policy:
    """What one speaker says about one target (a work, a place, everything of a holder)."""

    rules: tuple[Rule, ...] = ()
    target: str = ""  # address or identifier; empty: all that the carrier covers
    holder: str = ""
    holder_address: str = ""
    contact: str = ""
    warranties: Sequence[str] = ()  # RSL legal: ownership, authority, no-infringement, privacy-consent, no-malware
    disclaimers: Sequence[str] = ()
    server: str = ""  # licence server: a licence has to be got there even where it is free (RSL server)


@dataclass(frozen=True)
class Fault:
    """Something that was not understood: where, what, why. Unknown words are kept and reported, never guessed."""

    code: str
    place: str  # line, path or pointer
    cause: str


@dataclass(frozen=True)
class Reading:
    """What was found in some bytes: each policy with its rules in the order of the source."""

    format: str
    format_version: str = ""
    policies: tuple[Policy, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Written:
    """A policy in a format's own form, ready to be put in its place, and what that form could not say."""

    content: bytes
    content_type: str
    file_name: str = ""
    loss: tuple[str, ...] = field(default=())
