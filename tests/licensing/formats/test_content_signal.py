"""Cloudflare's Content-Signal: mapped, and kept apart from aipref."""

from hypothesis import given
from hypothesis import strategies as st

from licensing.formats.content_signal import VERSION, read, read_robots, write
from licensing.formats.labels import TRAINING, USES
from licensing.formats.policy import Effect, Policy, Reading, Rule
from tests.licensing.formats.policies import any_policies, fields_lost, granted, refused, same

SAYABLE = {*TRAINING, "search_index", "rag_grounding"}


def said(reading: Reading) -> list[tuple[str, tuple[str, ...], str]]:
    return [(rule.effect.value, tuple(rule.uses), rule.path) for policy in reading.policies for rule in policy.rules]


def codes(reading: Reading) -> list[str]:
    return [fault.code for fault in reading.faults]


def test_a_header_is_mapped_and_keeps_its_own_format() -> None:
    reading = read(b"search=yes, ai-input=no, ai-train=no")
    assert (reading.format, reading.format_version) == ("content-signal", VERSION)
    assert said(reading) == [
        ("prefer_allow", ("search_index",), ""),
        ("prefer_disallow", ("rag_grounding", "synthetic_generation"), ""),
        ("prefer_disallow", TRAINING, ""),
    ]


def test_what_is_left_out_is_neither_granted_nor_restricted() -> None:
    assert said(read(b"ai-train=no")) == [("prefer_disallow", TRAINING, "")]


def test_a_signal_said_twice_refuses_when_one_of_them_does() -> None:
    reading = read(b"ai-train=no, ai-train=yes")
    assert (said(reading), codes(reading)) == ([("prefer_disallow", TRAINING, "")], ["duplicate_key"])


def test_how_much_may_be_shown_is_kept_and_not_mapped() -> None:
    reading = read(b"use=reference")
    assert (said(reading), codes(reading)) == ([], ["not_mapped"])
    assert "use=reference" in reading.faults[0].cause


def test_unknown_signals_and_values_are_reported_and_never_guessed() -> None:
    reading = read(b"ai-train=conditional, search-ai=yes, train-ai=n, ai-input")
    assert said(reading) == []
    assert codes(reading) == ["unknown_value", "unknown_signal", "unknown_signal", "unknown_value"]


def test_lines_of_robots_txt_have_paths_and_crawlers() -> None:
    content = b"User-agent: googlebot\nContent-Signal: /blog/ ai-train=no\nAllow: /\nContent-signal: search=yes\n"
    (policy,) = read_robots(content).policies
    assert [(rule.path, rule.agents) for rule in policy.rules] == [("/blog/", ("googlebot",)), ("", ("googlebot",))]


def test_a_value_of_megabytes_is_refused() -> None:
    assert codes(read(b"ai-train=no," * 100_000)) == ["value_too_long"]


def test_a_yes_gives_way_to_a_no_of_the_same_place() -> None:
    rules = (Rule(Effect.PREFER_ALLOW, uses=TRAINING), Rule(Effect.PREFER_DISALLOW, uses=TRAINING))
    written = write(Policy(rules))
    assert written.content == b"User-agent: *\nContent-Signal: ai-train=no\n"
    assert [sentence for sentence in written.loss if sentence.startswith("/rules/0/uses: ")]


exact = st.lists(
    st.builds(
        Rule,
        effect=st.sampled_from([Effect.PREFER_ALLOW, Effect.PREFER_DISALLOW]),
        uses=st.sampled_from([TRAINING, ("search_index",)]),
        path=st.sampled_from(["", "/a", "/b/*.html"]),
        agents=st.sampled_from([(), ("Foobot",)]),
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda rule: rule.uses,
).filter(lambda rules: len({(rule.agents, rule.path) for rule in rules}) == 1)


@given(exact)
def test_what_signals_can_say_is_read_back_as_it_was(rules: list[Rule]) -> None:
    written = write(Policy(tuple(rules)))
    assert written.loss == ()
    assert {same(rule) for one in read_robots(written.content).policies for rule in one.rules} == set(map(same, rules))


@given(any_policies)
def test_nothing_is_lost_without_being_named_and_nothing_becomes_looser(policy: Policy) -> None:
    written = write(policy)
    reading = read_robots(written.content)
    assert reading.faults == ()
    found = [rule for one in reading.policies for rule in one.rules if rule.effect != Effect.UNKNOWN]
    if {same(rule) for rule in found} != {same(rule) for rule in policy.rules}:
        only_preferences = {rule.effect for rule in policy.rules} <= {Effect.PREFER_ALLOW, Effect.PREFER_DISALLOW}
        assert fields_lost(written.loss) or only_preferences
    allowed = {use for rule in policy.rules if rule.effect == Effect.PREFER_ALLOW for use in rule.uses or USES}
    assert granted(found) <= allowed
    assert (refused(policy.rules) & SAYABLE) <= refused(found) or "left out" in " ".join(written.loss)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(content: bytes) -> None:
    read(content)
    read_robots(b"User-agent: *\nContent-Signal: " + content)


def test_capitals_and_blanks_change_nothing() -> None:
    plain = read(b"search=yes, ai-train=no")
    assert read(b"SEARCH = Yes ,AI-Train=NO") == plain
