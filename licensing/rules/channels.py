"""The channels of authorisation: what each may authorise, who may use it in which capacity, and why it refuses.

`refusals` holds a proposed statement (a grant, an offer, an open licence, a reservation) against the rules of its
channel and lists everything that stands against it; nothing listed means that it may be made. It says nothing about
the facts behind the proposal: whether the mandate's document is genuine is for verification.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from licensing.rules.agreement_facts import FeeModel, Sublicensing, Terms, open_points
from licensing.rules.facts import AiRights
from licensing.rules.licences import find_licence
from licensing.rules.tables import table
from licensing.rules.terms import Capacity, Verification, in_words, members_of_all


class Channel(StrEnum):
    DIRECT = "direct"
    STANDING_OFFER = "standing_offer"
    COLLECTIVE_OPT_IN = "collective_opt_in"
    COLLECTIVE_EXTENDED = "collective_extended"
    OPEN_LICENCE = "open_licence"
    PLATFORM = "platform"
    STATUTORY_EXCEPTION = "statutory_exception"
    RESERVATION = "reservation"


class Act(StrEnum):
    """What can come of a channel."""

    GRANT = "grant"  # a permission to one licensee
    OFFER = "offer"  # published terms that become a grant when they are accepted
    OPEN_LICENCE = "open_licence"  # a permission to everybody
    RESERVATION = "reservation"  # no


@dataclass(frozen=True)
class Rule:
    """One channel: what may come of it, who may speak, and what it cannot give."""

    acts: frozenset[Act]
    speakers: frozenset[Capacity]
    mandate: frozenset[Capacity] = frozenset()  # these act for somebody else and show by which right
    may_be_exclusive: bool = False
    may_sublicense: bool = False
    members_may_leave: bool = False
    names_licensee: bool = True


_FIRST_HAND = frozenset({Capacity.OWNER, Capacity.AUTHOR})
_DIRECT = _FIRST_HAND | {Capacity.PUBLISHER, Capacity.AGENT}
_AGENT = frozenset({Capacity.AGENT})
_SOCIETY, _PLATFORM = frozenset({Capacity.SOCIETY}), frozenset({Capacity.PLATFORM})

RULES: Mapping[Channel, Rule] = {
    Channel.DIRECT: Rule(
        frozenset({Act.GRANT}), _DIRECT | {Capacity.LICENSEE}, _AGENT, may_be_exclusive=True, may_sublicense=True
    ),
    Channel.STANDING_OFFER: Rule(
        frozenset({Act.OFFER, Act.GRANT}), _DIRECT, _AGENT, may_be_exclusive=True, may_sublicense=True
    ),
    Channel.COLLECTIVE_OPT_IN: Rule(frozenset({Act.OFFER, Act.GRANT}), _SOCIETY, _SOCIETY, members_may_leave=True),
    Channel.COLLECTIVE_EXTENDED: Rule(frozenset({Act.OFFER, Act.GRANT}), _SOCIETY, members_may_leave=True),
    Channel.OPEN_LICENCE: Rule(frozenset({Act.OPEN_LICENCE}), _DIRECT, _AGENT, names_licensee=False),
    Channel.PLATFORM: Rule(frozenset({Act.OFFER, Act.GRANT}), _PLATFORM, _PLATFORM),
    Channel.STATUTORY_EXCEPTION: Rule(frozenset(), frozenset(), names_licensee=False),
    Channel.RESERVATION: Rule(frozenset({Act.RESERVATION}), _DIRECT | _SOCIETY, names_licensee=False),
}


@dataclass(frozen=True)
class Authority:
    """By which right the speaker speaks: its claim to the work. `territory` None: everywhere; days are included."""

    capacity: Capacity
    verification: Verification = Verification.NONE
    ai_rights: AiRights | None = None
    territory: tuple[str, ...] | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    has_mandate: bool = False  # a document that shows it, by its hash


@dataclass(frozen=True)
class Proposal:
    """What somebody wants to state, on the day `on`. `at_most`: acceptances of an offer; `has_left`: a member did."""

    channel: Channel
    act: Act
    authority: Authority
    on: date
    terms: Terms | None = None
    licensee: str | None = None
    licence: str | None = None
    at_most: int | None = None
    has_left: bool = False


@dataclass(frozen=True)
class Refusal:
    """One thing that stands against a proposal: a code, where (a JSON pointer), the sentence and its facts."""

    code: str
    pointer: str
    sentence: str
    facts: Mapping[str, str] = field(default_factory=dict)


def channels_of(capacity: Capacity) -> tuple[Channel, ...]:
    """The channels that somebody in this capacity may speak through."""
    return tuple(channel for channel, rule in RULES.items() if capacity in rule.speakers)


def refusals(proposal: Proposal) -> tuple[Refusal, ...]:
    """Everything that stands against a proposal; empty where it may be made."""
    rule = RULES[proposal.channel]
    if proposal.channel is Channel.STATUTORY_EXCEPTION:
        sentence = "An exception is the law's: nobody grants or offers it. Whoever relies on one says so in a check."
        return (Refusal("exception_is_not_granted", "/channel", sentence),)
    if proposal.act not in rule.acts:
        return (_refuse_act(proposal, rule),)
    return (
        *_check_speaker(proposal, rule),
        *_check_authority(proposal),
        *_check_terms(proposal, rule),
        *_check_channel(proposal),
    )


def cautions(proposal: Proposal) -> tuple[Refusal, ...]:
    """What does not stand against a proposal, but leaves whoever relies on it with UNKNOWN until it is established."""
    authority, found = proposal.authority, []
    first_hand = authority.capacity in (*_FIRST_HAND, Capacity.LICENSEE)
    if proposal.act is not Act.RESERVATION and not first_hand and authority.ai_rights is not AiRights.GRANTED:
        sentence = "It is not stated that the contract the speaker relies on includes AI rights."
        found.append(Refusal("ai_rights_silent", "/authority", sentence))
    if proposal.act is Act.GRANT and not authority.verification.reaches(Verification.DOCUMENT):
        sentence = "No document shows the authority; a check that relies on this grant answers UNKNOWN."
        found.append(Refusal("authority_unverified", "/authority", sentence))
    return tuple(found)


# --- who ---------------------------------------------------------------------------------------------------------


def _refuse_act(proposal: Proposal, rule: Rule) -> Refusal:
    possible = " or ".join(sorted(_with_article(act) for act in rule.acts))
    channel = in_words(proposal.channel)
    sentence = f"The channel “{channel}” cannot carry {_with_article(proposal.act)}, only {possible}."
    return Refusal("act_not_of_channel", "/channel", sentence, {"channel": channel, "act": proposal.act.value})


def _check_speaker(proposal: Proposal, rule: Rule) -> Iterator[Refusal]:
    capacity, channel = proposal.authority.capacity, proposal.channel
    facts = {"capacity": capacity.value, "channel": channel.value}
    if capacity not in rule.speakers:
        who = ", ".join(sorted(in_words(speaker) for speaker in rule.speakers))
        others = ", ".join(f"“{in_words(other)}”" for other in channels_of(capacity))
        instead = f" Open to this capacity: {others}." if others else " Whoever only observes can grant nothing."
        sentence = f"As {in_words(capacity)} nobody speaks through “{in_words(channel)}”, only as {who}.{instead}"
        yield Refusal("capacity_not_of_channel", "/capacity", sentence, facts)
    elif capacity in rule.mandate and not (
        proposal.authority.has_mandate and proposal.authority.verification.reaches(Verification.DOCUMENT)
    ):
        sentence = f"Whoever speaks as {in_words(capacity)} shows the mandate: a document, and that it was verified."
        yield Refusal("mandate_missing", "/mandate", sentence, facts)


def _check_authority(proposal: Proposal) -> Iterator[Refusal]:
    """Whether the right to speak exists, on the day and for the territory and term of what is stated."""
    authority, on = proposal.authority, proposal.on
    gives = proposal.act is not Act.RESERVATION
    if authority.valid_to and authority.valid_to < on:
        day = authority.valid_to.isoformat()
        yield Refusal("authority_lapsed", "/authority", f"The authority ended on {day}.", {"day": day})
    if authority.valid_from and on < authority.valid_from:
        day = authority.valid_from.isoformat()
        yield Refusal("authority_not_begun", "/authority", f"The authority begins on {day}.", {"day": day})
    first_hand = authority.capacity in (*_FIRST_HAND, Capacity.LICENSEE)
    if gives and not first_hand and authority.ai_rights is AiRights.RETAINED:
        sentence = "The AI rights were retained by the author, by the speaker's own claim."
        yield Refusal("ai_rights_retained", "/authority", sentence)
    if gives and proposal.terms is not None:
        yield from _check_reach(authority, proposal.terms)


def _check_reach(authority: Authority, terms: Terms) -> Iterator[Refusal]:
    """Nobody gives more than they have: neither longer nor further."""
    beyond = members_of_all(terms.territory) - members_of_all(authority.territory)
    if beyond and authority.territory is not None:
        held = ", ".join(authority.territory)
        sentence = f"The authority reaches {held}; what is stated goes beyond it."
        yield Refusal("beyond_territory", "/terms/territory", sentence, {"territory": held})
    if authority.valid_to and (terms.valid_to is None or terms.valid_to > authority.valid_to):
        day = authority.valid_to.isoformat()
        sentence = f"The authority ends on {day}; what is stated has to end by then."
        yield Refusal("beyond_authority", "/terms/valid_to", sentence, {"day": day})


# --- what --------------------------------------------------------------------------------------------------------


def _check_terms(proposal: Proposal, rule: Rule) -> Iterator[Refusal]:
    terms, channel = proposal.terms, in_words(proposal.channel)
    if proposal.act in (Act.GRANT, Act.OFFER) and terms is None:
        yield Refusal("terms_missing", "/terms", f"Without terms there is no {proposal.act}.")
    if proposal.act is Act.GRANT and proposal.licensee is None:
        yield Refusal("licensee_missing", "/licensee", "A grant names its licensee.")
    if not rule.names_licensee and proposal.licensee is not None:
        yield Refusal("licensee_named", "/licensee", f"The channel “{channel}” speaks to everybody.")
    if terms is None:
        return
    if terms.exclusive and not rule.may_be_exclusive:
        sentence = f"Nothing exclusive is given through “{channel}”."
        yield Refusal("not_exclusive", "/terms/exclusive", sentence)
    if terms.sublicensing is not Sublicensing.NONE and not rule.may_sublicense:
        sentence = f"What is given through “{channel}” cannot be passed on."
        yield Refusal("no_sublicensing", "/terms/sublicensing", sentence)
    if proposal.act in (Act.GRANT, Act.OFFER):
        for point in open_points(terms):
            sentence = "This is still open: an offer can be accepted, and a grant made, only when it is settled."
            yield Refusal("open_point", f"/terms{point}", sentence, {"point": point})
    if proposal.act is Act.OFFER and terms.exclusive and proposal.at_most != 1:
        sentence = "An exclusive offer can be accepted once: say so."
        yield Refusal("exclusive_more_than_once", "/at_most", sentence)


def _check_channel(proposal: Proposal) -> Iterator[Refusal]:
    """What one channel asks for and no other."""
    if RULES[proposal.channel].members_may_leave and proposal.has_left:
        sentence = "The rightsholder has left the society's repertoire, or taken this work out of it."
        yield Refusal("member_left", "/work", sentence)
    if proposal.channel is Channel.COLLECTIVE_EXTENDED and proposal.terms is not None:
        yield from _check_extended(proposal.terms)
    if proposal.channel is Channel.OPEN_LICENCE:
        yield from _check_open(proposal)


def _check_extended(terms: Terms) -> Iterator[Refusal]:
    states = table("collective_licensing")["states"]
    unknown = sorted(members_of_all(terms.territory) - set(states))
    if unknown:
        some = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
        sentence = (
            "An extended collective licence reaches the states whose law provides for it. "
            f"No such law is known here for {some}; known: {', '.join(sorted(states))}."
        )
        yield Refusal("no_extended_licensing", "/terms/territory", sentence, {"states": ", ".join(unknown)})


def _check_open(proposal: Proposal) -> Iterator[Refusal]:
    if proposal.licence is None:
        yield Refusal("licence_missing", "/licence", "An open licence is named by its SPDX identifier.")
    elif find_licence(proposal.licence) is None:
        sentence = f"{proposal.licence!r} names no open licence known here; use an SPDX identifier, as CC-BY-4.0."
        yield Refusal("licence_unknown", "/licence", sentence, {"licence": proposal.licence})
    terms = proposal.terms
    if terms is not None and terms.fee is not None and terms.fee.model is not FeeModel.FREE:
        yield Refusal("open_licence_has_no_fee", "/terms/fee", "An open licence costs nothing.")


def _with_article(act: Act) -> str:
    words = in_words(act)
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"
