"""RSL 1.0: what a policy is written as, and that it is read back the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from licensing.formats.labels import REFUSING, TRAINING, USES
from licensing.formats.policy import Effect, Payment, Policy, Rule
from licensing.formats.rsl import read
from licensing.formats.rsl_schema import departures
from licensing.formats.rsl_terms import AI_USES
from licensing.formats.rsl_writing import write
from tests.licensing.formats.policies import any_policies, fields_lost, same
from tests.licensing.formats.round_trips import never_looser
from tests.licensing.formats.round_trips import policies as press_policies

ASK = "https://example.org/ask"


def rules_of(content: bytes) -> list[Rule]:
    return [rule for policy in read(content).policies for rule in policy.rules] if content else []


def test_a_site_that_sells_training_and_lets_be_searched() -> None:
    policy = Policy(
        (
            Rule(Effect.PERMIT, uses=("search_index",)),
            Rule(
                Effect.OFFER, uses=TRAINING, territory=("EU",), payment=Payment("training", "12.50", "EUR", custom=ASK)
            ),
            Rule(Effect.PROHIBIT, purposes=("government",)),
        ),
        holder="Example & Söhne",
        contact="rights@example.org",
        warranties=("ownership",),
    )
    written = write(policy)
    assert written.loss == ()
    assert (written.content_type, written.file_name) == ("application/rsl+xml", "license.xml")
    (again,) = read(written.content).policies
    assert (again.holder, again.contact, again.warranties) == ("Example & Söhne", "rights@example.org", ("ownership",))
    assert [same(rule) for rule in again.rules] == [same(rule) for rule in policy.rules]


def test_a_reservation_becomes_a_prohibition_and_that_is_said() -> None:
    written = write(Policy((Rule(Effect.RESERVE, uses=TRAINING),)))
    assert written.loss == ("/rules/0/effect: reserve becomes a prohibition",)
    assert [rule.effect for rule in rules_of(written.content)] == [Effect.PROHIBIT]


def test_an_offer_that_asks_for_nothing_is_not_written_as_free() -> None:
    assert write(Policy((Rule(Effect.OFFER),))).content == b""
    (rule,) = rules_of(write(Policy((Rule(Effect.OFFER, policy_address=ASK),))).content)
    assert (rule.effect, rule.payment) == (Effect.OFFER, Payment("", custom=ASK))


def test_attribution_that_gives_way_to_the_address_of_the_terms_is_said_to_be_lost() -> None:
    offer = Rule(Effect.OFFER, duties=("attribution",), policy_address="https://press.example/terms")
    written = write(Policy((offer,)))
    assert b'type="attribution"' not in written.content
    assert any(sentence.startswith("/rules/0/duties: ") for sentence in written.loss)


def test_a_permission_that_rsl_cannot_narrow_is_left_out() -> None:
    rules = (
        Rule(Effect.PERMIT, uses=("pretraining",)),
        Rule(Effect.PERMIT, purposes=("research",)),
        Rule(Effect.PERMIT, valid_to="2026-12-31"),
        Rule(Effect.PERMIT, agents=("GPTBot",)),
        Rule(Effect.PERMIT, duties=("reporting",)),
        Rule(Effect.PERMIT, territory=("XX",)),
        Rule(Effect.PREFER_ALLOW),
    )
    written = write(Policy(rules))
    assert written.content == b""
    assert len({sentence.split("/")[2] for sentence in written.loss}) == len(rules)


def test_several_policies_are_one_document_and_losses_name_theirs() -> None:
    first = Policy((Rule(Effect.PERMIT, uses=("search_index",)),), target="https://example.org/1")
    second = Policy((Rule(Effect.RESERVE),), target="https://example.org/2")
    written = write([first, second])
    assert written.loss == ("/1/rules/0/effect: reserve becomes a prohibition",)
    assert [policy.target for policy in read(written.content).policies] == [
        "https://example.org/1",
        "https://example.org/2",
    ]


def test_all_of_the_ai_uses_are_one_word() -> None:
    content = write(Policy((Rule(Effect.PROHIBIT, uses=AI_USES), Rule(Effect.PROHIBIT)))).content.decode()
    assert '<prohibits type="usage">ai-all</prohibits>' in content
    assert '<prohibits type="usage">all</prohibits>' in content


@pytest.mark.parametrize("text", ["<b>&amp;", "two\nlines", "\x00", "\u202e", "]]>"])
def test_what_xml_cannot_hold_does_not_break_it(text: str) -> None:
    content = write(Policy((Rule(Effect.PROHIBIT),), holder=text)).content
    assert not departures(etree.fromstring(content))


scopes = st.one_of(
    st.builds(
        Rule,
        effect=st.just(Effect.PROHIBIT),
        uses=st.sampled_from([(), TRAINING, ("rag_grounding", "synthetic_generation"), ("search_index",), AI_USES]),
        path=st.sampled_from(["", "/a/", "/b/*.pdf$"]),
    ),
    st.builds(
        Rule,
        effect=st.just(Effect.PROHIBIT),
        purposes=st.sampled_from([("commercial", "internal_experiment"), ("education",), ("personal",)]),
    ),
    st.builds(Rule, effect=st.just(Effect.PROHIBIT), territory=st.sampled_from([("DE",), ("US", "EU")])),
    st.builds(
        Rule,
        effect=st.just(Effect.PERMIT),
        uses=st.sampled_from([(), TRAINING, ("search_index",), (*TRAINING, "search_index"), AI_USES]),
        purposes=st.sampled_from([(), ("education",), ("research", "education", "personal")]),
        territory=st.sampled_from([(), ("DE",), ("US", "EU")]),
        path=st.sampled_from(["", "/a/", "/b/*.pdf$"]),
        payment=st.sampled_from([None, Payment("free"), Payment("free", address="https://example.org/cc0")]),
        policy_address=st.sampled_from(["", "https://example.org/terms"]),
    ),
    st.builds(
        Rule,
        effect=st.just(Effect.OFFER),
        uses=st.sampled_from([(), TRAINING, ("search_index",)]),
        payment=st.sampled_from(
            [Payment("crawl", "0.015", "USD"), Payment("", custom=ASK), Payment("use", accepts="application/x402+json")]
        ),
    ),
    st.just(Rule(Effect.PERMIT, uses=TRAINING, duties=("attribution",))),
    st.just(Rule(Effect.PERMIT, payment=Payment("attribution", address=ASK), duties=("attribution",))),
)


@given(st.lists(scopes, min_size=1, max_size=5))
def test_what_rsl_can_say_is_read_back_as_it_was(rules: list[Rule]) -> None:
    written = write(Policy(tuple(rules), holder="Example"))
    assert not [sentence for sentence in written.loss if "some read" not in sentence]
    reading = read(written.content)
    assert reading.faults == ()
    assert sorted(map(repr, map(same, rules_of(written.content)))) == sorted(map(repr, map(same, rules)))


@given(any_policies)
def test_nothing_is_lost_without_being_named_and_the_schema_holds(policy: Policy) -> None:
    written = write(policy)
    if not written.content:
        assert written.loss or not policy.rules
        return
    assert not departures(etree.fromstring(written.content))
    reading = read(written.content)
    assert reading.faults == ()
    found = rules_of(written.content)
    if sorted(map(repr, map(same, found))) != sorted(map(repr, map(same, policy.rules))):
        assert fields_lost(written.loss)
    for one in reading.policies:
        for name in ("holder", "holder_address", "contact", "server", "target"):
            if getattr(one, name) != getattr(policy, name):
                assert any(sentence.startswith(f"/{name}: ") for sentence in written.loss) or name in ("target",)
    refusals = {use for rule in policy.rules if rule.effect in REFUSING for use in rule.uses or USES}
    assert refusals <= {
        use for rule in found if rule.effect in REFUSING for use in rule.uses or USES
    } or "left out" in " ".join(written.loss)


@given(press_policies)
def test_nothing_is_read_back_looser_than_it_was(policy: Policy) -> None:
    written = write(policy)
    if written.content:
        assert never_looser(policy, read(written.content).policies)
