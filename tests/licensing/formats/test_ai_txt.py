"""ai.txt: whether files of a kind may train models."""

from hypothesis import given
from hypothesis import strategies as st

from licensing.formats.ai_txt import VERSION, read, write
from licensing.formats.labels import TRAINING, USES
from licensing.formats.policy import Effect, Policy, Rule
from tests.licensing.formats.policies import any_policies, fields_lost, granted, same

GENERATED = b"""# Spawning AI
# Prevent datasets from using the following file types

User-Agent: *
Disallow: *.txt
Allow: *.pdf
Disallow: /
"""


def test_lines_are_preferences_about_training_alone() -> None:
    reading = read(GENERATED)
    (policy,) = reading.policies
    rules = [rule for rule in policy.rules if rule.effect != Effect.WORDS]
    assert (reading.format, reading.format_version, reading.faults) == ("ai.txt", VERSION, ())
    assert [(rule.effect.value, rule.path, tuple(rule.uses)) for rule in rules] == [
        ("prefer_disallow", "*.txt", TRAINING),
        ("prefer_allow", "*.pdf", TRAINING),
        ("prefer_disallow", "", TRAINING),
    ]


def test_another_file_of_that_name_is_reported_and_its_sentences_are_words() -> None:
    reading = read(b"---\ntitle: About us\n---\n\nOur texts may not be used to train AI models.\n")
    assert reading.faults[0].code == "other_format"
    (policy,) = reading.policies
    assert [(rule.effect, rule.machine_readable) for rule in policy.rules] == [(Effect.WORDS, False)]


def test_a_page_in_its_place_says_nothing() -> None:
    reading = read(b"<!doctype html><p>Our texts may not be used to train AI models.</p>")
    assert (reading.policies, [fault.code for fault in reading.faults]) == ((), ["not_text"])


def test_words_where_a_pattern_belongs_are_reported() -> None:
    reading = read(b"User-Agent: *\nAllow: train\nDisallow: search\nContent-Usage: train-ai=n\n")
    assert reading.policies == ()
    assert [fault.code for fault in reading.faults] == ["unknown_line", "unknown_pattern", "unknown_pattern"]


def test_uses_other_than_training_are_not_said() -> None:
    written = write(Policy((Rule(Effect.PREFER_DISALLOW, uses=("search_index",)),)))
    assert written.content == b""
    assert written.loss == ("/rules/0/uses: ai.txt has no word for search_index: not said",)


exact = st.builds(
    Rule,
    effect=st.sampled_from([Effect.PREFER_ALLOW, Effect.PREFER_DISALLOW]),
    uses=st.just(TRAINING),
    path=st.sampled_from(["", "*.txt", "*.pdf", "/a/"]),
    agents=st.sampled_from([(), ("GPTBot",), ("Foobot", "CCBot")]),
)


@given(st.lists(exact, min_size=1, max_size=4))
def test_what_it_can_say_is_read_back_as_it_was(rules: list[Rule]) -> None:
    written = write(Policy(tuple(rules)))
    assert written.loss == ()
    assert {same(rule) for one in read(written.content).policies for rule in one.rules} == set(map(same, rules))


@given(any_policies)
def test_nothing_is_lost_without_being_named_and_nothing_becomes_looser(policy: Policy) -> None:
    written = write(policy)
    found = [rule for one in read(written.content).policies for rule in one.rules if rule.effect != Effect.WORDS]
    if {same(rule) for rule in found} != {same(rule) for rule in policy.rules if rule.effect != Effect.WORDS}:
        assert fields_lost(written.loss)
    allowed = {use for rule in policy.rules if rule.effect == Effect.PREFER_ALLOW for use in rule.uses or USES}
    assert granted(found) <= allowed


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(content: bytes) -> None:
    read(content)
