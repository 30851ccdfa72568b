"""What each channel may authorise, who may use it in which capacity, and the words of every refusal."""

from dataclasses import replace
from datetime import date

import pytest

from licensing import models
from licensing.rules.agreement import parse_terms
from licensing.rules.channels import (
    RULES,
    Act,
    Authority,
    Channel,
    Proposal,
    cautions,
    channels_of,
    refusals,
)
from licensing.rules.facts import AiRights
from licensing.rules.terms import HOLDER_CAPACITIES, Capacity, Verification

DAY = date(2026, 11, 22)


def terms(**more):
    return parse_terms({"uses": ["pretraining"], "territory": ["DE"], "fee": {"model": "free"}} | more)


OWNER = Authority(Capacity.OWNER, Verification.IDENTITY)
SOCIETY = Authority(Capacity.SOCIETY, Verification.DOCUMENT, AiRights.GRANTED, has_mandate=True)
PLATFORM = replace(SOCIETY, capacity=Capacity.PLATFORM)
AGENT = replace(SOCIETY, capacity=Capacity.AGENT)
PUBLISHER = replace(SOCIETY, capacity=Capacity.PUBLISHER, has_mandate=False)

GRANT = Proposal(Channel.DIRECT, Act.GRANT, OWNER, DAY, terms(), licensee="acme")
OFFER = Proposal(Channel.STANDING_OFFER, Act.OFFER, OWNER, DAY, terms())
COLLECTIVE = Proposal(Channel.COLLECTIVE_OPT_IN, Act.GRANT, SOCIETY, DAY, terms(), licensee="acme")
EXTENDED = replace(COLLECTIVE, channel=Channel.COLLECTIVE_EXTENDED)
AGGREGATED = replace(COLLECTIVE, channel=Channel.PLATFORM, authority=PLATFORM)
OPEN = Proposal(Channel.OPEN_LICENCE, Act.OPEN_LICENCE, OWNER, DAY, licence="CC-BY-4.0")
RESERVED = Proposal(Channel.RESERVATION, Act.RESERVATION, OWNER, DAY)


def codes(proposal, **change):
    return [refusal.code for refusal in refusals(replace(proposal, **change))]


@pytest.mark.parametrize("proposal", [GRANT, OFFER, COLLECTIVE, EXTENDED, AGGREGATED, OPEN, RESERVED])
def test_every_channel_carries_what_it_is_for(proposal):
    assert refusals(proposal) == ()
    assert cautions(proposal) == ()


def test_the_channels_are_those_of_the_tables():
    assert [channel.value for channel in Channel] == models.agreements.Channel.values
    assert set(RULES) == set(Channel)


@pytest.mark.parametrize("capacity", sorted(HOLDER_CAPACITIES))
def test_every_holder_can_reserve_its_rights(capacity):
    assert codes(RESERVED, authority=Authority(capacity)) == []


@pytest.mark.parametrize("act", Act)
def test_nobody_grants_an_exception(act):
    [refusal] = refusals(replace(GRANT, channel=Channel.STATUTORY_EXCEPTION, act=act))
    assert refusal.code == "exception_is_not_granted"
    assert refusal.sentence.startswith("An exception is the law's: nobody grants or offers it.")


@pytest.mark.parametrize("channel", Channel)
def test_whoever_only_observes_speaks_through_no_channel(channel):
    observer = Authority(Capacity.OBSERVER, Verification.COUNTER_SIGNED)
    assert channels_of(Capacity.OBSERVER) == ()
    for act in RULES[channel].acts:
        found = refusals(Proposal(channel, act, observer, DAY, terms(), "acme", "CC-BY-4.0"))
        assert "capacity_not_of_channel" in [refusal.code for refusal in found]


def test_a_channel_refuses_what_it_cannot_carry_and_says_what_it_can():
    [refusal] = refusals(replace(GRANT, channel=Channel.RESERVATION))
    assert refusal.sentence == "The channel “reservation” cannot carry a grant, only a reservation."
    [refusal] = refusals(replace(RESERVED, channel=Channel.PLATFORM, authority=PLATFORM))
    assert refusal.sentence == "The channel “platform” cannot carry a reservation, only a grant or an offer."


def test_a_society_is_shown_the_channels_that_are_its_own():
    [refusal] = refusals(replace(GRANT, authority=SOCIETY))
    assert refusal.code == "capacity_not_of_channel"
    assert refusal.sentence == (
        "As society nobody speaks through “direct”, only as agent, author, licensee, owner, publisher. "
        "Open to this capacity: “collective opt in”, “collective extended”, “reservation”."
    )


@pytest.mark.parametrize("proposal", [COLLECTIVE, AGGREGATED, replace(GRANT, authority=AGENT)])
def test_whoever_acts_for_another_shows_a_verified_mandate(proposal):
    without = replace(proposal.authority, has_mandate=False)
    unverified = replace(proposal.authority, verification=Verification.DOMAIN)
    assert codes(proposal, authority=without) == ["mandate_missing"]
    assert codes(proposal, authority=unverified) == ["mandate_missing"]


def test_an_extended_licence_needs_no_mandate_but_a_law():
    assert codes(EXTENDED, authority=replace(SOCIETY, has_mandate=False)) == []
    [refusal] = refusals(replace(EXTENDED, terms=terms(territory=["DE", "US", "JP"])))
    assert refusal.code == "no_extended_licensing"
    assert "No such law is known here for JP, US; known: CZ, DE" in refusal.sentence
    assert codes(EXTENDED, terms=terms(territory=[])) == ["no_extended_licensing"]


@pytest.mark.parametrize("proposal", [COLLECTIVE, EXTENDED])
def test_a_society_grants_nothing_for_a_member_that_left(proposal):
    assert codes(proposal, has_left=True) == ["member_left"]


@pytest.mark.parametrize("proposal", [COLLECTIVE, EXTENDED, AGGREGATED])
def test_nothing_exclusive_and_no_sublicence_comes_from_a_repertoire(proposal):
    given = terms(exclusive=True, sublicensing="allowed")
    assert codes(proposal, terms=given) == ["not_exclusive", "no_sublicensing"]


@pytest.mark.parametrize(
    ("change", "code", "sentence"),
    [
        ({"valid_to": date(2026, 11, 21)}, "authority_lapsed", "The authority ended on 2026-11-21."),
        ({"valid_from": date(2026, 11, 23)}, "authority_not_begun", "The authority begins on 2026-11-23."),
        (
            {"ai_rights": AiRights.RETAINED},
            "ai_rights_retained",
            "The AI rights were retained by the author, by the speaker's own claim.",
        ),
        ({"territory": ("US",)}, "beyond_territory", "The authority reaches US; what is stated goes beyond it."),
        (
            {"valid_to": date(2027, 6, 30)},
            "beyond_authority",
            "The authority ends on 2027-06-30; what is stated has to end by then.",
        ),
    ],
)
def test_nobody_gives_what_they_do_not_have(change, code, sentence):
    given = replace(GRANT, authority=replace(PUBLISHER, **change), terms=terms(valid_to="2026-12-31"))
    if code == "beyond_authority":
        given = replace(given, terms=terms())
    found = [refusal for refusal in refusals(given) if refusal.code == code]
    assert [refusal.sentence for refusal in found] == [sentence]


def test_first_and_last_day_of_the_authority_are_included():
    until = terms(valid_to="2026-11-22")
    assert codes(GRANT, authority=replace(OWNER, valid_from=DAY, valid_to=DAY), terms=until) == []


def test_an_author_s_retained_rights_are_the_author_s_to_grant():
    assert codes(GRANT, authority=Authority(Capacity.AUTHOR, ai_rights=AiRights.RETAINED)) == []


def test_what_leaves_a_check_with_unknown_is_said_and_not_refused():
    silent = replace(GRANT, authority=Authority(Capacity.PUBLISHER, ai_rights=AiRights.SILENT))
    assert refusals(silent) == ()
    assert [caution.code for caution in cautions(silent)] == ["ai_rights_silent", "authority_unverified"]


@pytest.mark.parametrize(
    ("proposal", "change", "code", "pointer"),
    [
        (GRANT, {"terms": None}, "terms_missing", "/terms"),
        (GRANT, {"licensee": None}, "licensee_missing", "/licensee"),
        (GRANT, {"terms": terms(fee={"model": "flat"})}, "open_point", "/terms/fee/amount"),
        (OFFER, {"terms": terms(fee=None)}, "open_point", "/terms/fee"),
        (OFFER, {"terms": terms(exclusive=True)}, "exclusive_more_than_once", "/at_most"),
        (OFFER, {"terms": terms(exclusive=True), "at_most": 2}, "exclusive_more_than_once", "/at_most"),
        (OPEN, {"licence": None}, "licence_missing", "/licence"),
        (OPEN, {"licence": "CC-FREE-FOR-ALL"}, "licence_unknown", "/licence"),
        (OPEN, {"licensee": "acme"}, "licensee_named", "/licensee"),
        (
            OPEN,
            {"terms": terms(fee={"model": "flat", "amount": "1", "currency": "EUR"})},
            "open_licence_has_no_fee",
            "/terms/fee",
        ),
        (RESERVED, {"licensee": "acme"}, "licensee_named", "/licensee"),
    ],
)
def test_a_statement_is_complete_and_fits_its_channel(proposal, change, code, pointer):
    [refusal] = refusals(replace(proposal, **change))
    assert (refusal.code, refusal.pointer) == (code, pointer)
    assert refusal.sentence.endswith(".")


def test_an_exclusive_offer_that_can_be_accepted_once_may_be_made():
    assert codes(OFFER, terms=terms(exclusive=True), at_most=1) == []


def test_everything_that_stands_against_a_proposal_is_listed():
    wrong = replace(
        COLLECTIVE,
        authority=replace(SOCIETY, has_mandate=False, valid_to=date(2026, 1, 1)),
        terms=terms(exclusive=True),
        has_left=True,
    )
    assert codes(wrong) == ["mandate_missing", "authority_lapsed", "beyond_authority", "not_exclusive", "member_left"]
