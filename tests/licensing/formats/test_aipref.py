"""aipref: preferences by draft of the vocabulary, in a header and in robots.txt."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.formats.aipref import (
    PREFIX,
    current,
    draft_on,
    drafts,
    join,
    read,
    read_robots,
    write,
    write_robots,
)
from licensing.formats.labels import REFUSING, TRAINING, USES
from licensing.formats.policy import Effect, Policy, Reading, Rule
from tests.licensing.formats.policies import any_policies, fields_lost, granted, refused, same

numbers = [draft.name.removeprefix(PREFIX) for draft in drafts()]
# labels as the drafts have them
LABELS = {
    "01": "tdm ai genai search inference",
    "02": "all train-ai train-genai ai-use search",
    "03": "bots train-ai train-genai search",
    "04": "bots train-ai ai-output search",
    "05": "train-ai search",
    "06": "train-ai search",
    "07": "train-ai search",
    "08": "train-ai ai-use search",
}


def said(reading: Reading) -> list[tuple[str, tuple[str, ...], str]]:
    return [(rule.effect.value, tuple(rule.uses), rule.words) for policy in reading.policies for rule in policy.rules]


def codes(reading: Reading) -> list[str]:
    return [fault.code for fault in reading.faults]


def test_each_draft_has_its_labels() -> None:
    assert {number: set(words.split()) for number, words in LABELS.items()} == {
        draft.name.removeprefix(PREFIX): {label.name for label in draft.labels} for draft in drafts()
    }


def test_the_draft_stands_with_every_statement() -> None:
    assert read(b"train-ai=n", "03").format_version == "draft-ietf-aipref-vocab-03"
    assert read(b"train-ai=n").format_version == current()


def test_a_statement_is_read_by_the_newest_draft_of_its_day() -> None:
    assert draft_on("2025-09-05") == PREFIX + "03"
    assert draft_on("2025-10-27") == PREFIX + "03"
    assert draft_on("2020-01-01") == PREFIX + "01"
    with pytest.raises(ValueError, match="no draft '99' is known"):
        read(b"train-ai=n", "99")


def test_y_allows_n_refuses_and_what_is_left_out_is_unknown() -> None:
    reading = read(b"train-ai=n, search=y")
    assert said(reading) == [
        ("prefer_disallow", TRAINING, "train-ai=n"),
        ("prefer_allow", ("search_index",), "search=y"),
    ]
    assert reading.faults == ()


@pytest.mark.parametrize(
    "value", [b"train-ai", b'train-ai="n"', b"train-ai=no", b"train-ai=?0", b"train-ai=1", b"train-ai=(n)"]
)
def test_any_other_value_is_unknown_and_no_error(value: bytes) -> None:
    reading = read(value)
    assert (said(reading), codes(reading)) == ([], ["unknown_value"])


def test_of_a_key_written_twice_the_last_counts() -> None:
    reading = read(b"train-ai=y, train-ai=n")
    assert said(reading) == [("prefer_disallow", TRAINING, "train-ai=n")]
    assert codes(reading) == ["duplicate_key"]
    assert said(read(b'train-ai=y, train-ai, search=n, search="n"', "08")) == []


def test_parameters_mean_nothing() -> None:
    assert said(read(b"train-ai;allow=n, train-ai=y")) == [("prefer_allow", TRAINING, "train-ai=y")]
    assert said(read(b"train-ai=n;because=1")) == [("prefer_disallow", TRAINING, "train-ai=n")]


@pytest.mark.parametrize(
    "value", [b"TRAIN-AI=n", b"train-ai=n,", b"train-ai = n", b"\xff", b"train-ai=n; search=y z", b"\x00"]
)
def test_what_is_no_dictionary_says_nothing(value: bytes) -> None:
    reading = read(value)
    assert (said(reading), codes(reading)) == ([], ["not_a_dictionary"])


def test_a_label_of_another_draft_is_kept_and_not_read_by_its_meaning() -> None:
    reading = read(b"bots=n", "05")
    assert said(reading) == []
    assert codes(reading) == ["unknown_label"]
    assert "draft-ietf-aipref-vocab-03" in reading.faults[0].cause


def test_where_labels_lie_in_each_other_the_more_special_one_answers() -> None:
    assert said(read(b"bots=n, train-ai=y", "03")) == [
        ("prefer_disallow", tuple(use for use in USES if use not in TRAINING), "bots=n"),
        ("prefer_allow", TRAINING, "train-ai=y"),
    ]
    assert said(read(b"bots=n", "03")) == [("prefer_disallow", (), "bots=n")]
    reading = read(b"train-ai=n, train-genai=y", "03")
    assert said(reading) == [("prefer_allow", TRAINING, "train-genai=y")]
    assert codes(reading) == ["nothing_left"]


def test_a_refusal_is_read_as_all_it_may_mean_and_an_allowance_as_what_it_does() -> None:
    assert said(read(b"ai-use=n", "08"))[0][1] == ("rag_grounding", "evaluation", "synthetic_generation")
    assert said(read(b"ai-use=y", "08"))[0][1] == ("rag_grounding",)


def test_header_lines_are_one_value() -> None:
    assert join(["train-ai=n", " ", "search=y "]) == b"train-ai=n, search=y"


def test_a_value_of_megabytes_is_refused_at_once() -> None:
    began = time.perf_counter()
    assert codes(read(b"a=n, " * 500_000)) == ["value_too_long"]
    assert time.perf_counter() - began < 1


def test_robots_lines_have_paths_and_crawlers() -> None:
    content = (
        b"Content-Usage: train-ai=n\nUser-Agent: *\nAllow: /\nDisallow: /never/\nContent-Usage: train-ai=n\n"
        b"Content-Usage: /ai-ok/ train-ai=y\n\nUser-Agent: ExampleBot\nContent-Usage: / train-ai=y # yes\n"
    )
    reading = read_robots(content)
    (policy,) = reading.policies
    assert [(rule.effect.value, rule.path, rule.agents) for rule in policy.rules] == [
        ("prefer_disallow", "", ()),
        ("prefer_allow", "/ai-ok/", ()),
        ("prefer_allow", "", ("ExampleBot",)),
    ]
    assert codes(reading) == ["no_group"]


def test_a_crawler_whose_own_group_says_nothing_is_told_apart() -> None:
    (policy,) = read_robots(b"User-agent: *\nContent-Usage: train-ai=n\nUser-agent: Foobot\nAllow: /\n").policies
    assert (policy.rules[-1].effect, policy.rules[-1].agents) == (Effect.UNKNOWN, ("Foobot",))


def test_a_permission_is_no_preference() -> None:
    written = write(Policy((Rule(Effect.PERMIT, uses=TRAINING), Rule(Effect.OFFER))))
    assert written.content == b""
    assert fields_lost(written.loss) == {"rules", "effect"}


def test_a_header_says_what_covers_its_own_address() -> None:
    policy = Policy((Rule(Effect.PREFER_DISALLOW, uses=TRAINING, path="/books/"),))
    assert write(policy).content == b""
    assert write(policy, address="https://example.org/books/1").content == b"train-ai=n"
    assert write(policy, address="https://example.org/news").content == b""


def test_what_is_refused_everywhere_is_refused_where_something_else_is_said_too() -> None:
    policy = Policy(
        (
            Rule(Effect.PREFER_DISALLOW, uses=TRAINING),
            Rule(Effect.PREFER_DISALLOW, uses=("search_index",), path="/a"),
            Rule(Effect.PREFER_ALLOW, uses=("search_index",), agents=("Foobot",)),
        )
    )
    assert write_robots(policy).content.decode() == (
        "User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /a train-ai=n, search=n\n\n"
        "User-agent: Foobot\nContent-Usage: train-ai=n, search=y\nContent-Usage: /a train-ai=n, search=y\n"
    )


@st.composite
def values(draw: st.DrawFn) -> tuple[str, str]:
    number = draw(st.sampled_from(numbers))
    labels = draw(st.lists(st.sampled_from(LABELS[number].split()), min_size=1, unique=True))
    return number, ", ".join(f"{label}={draw(st.sampled_from('yn'))}" for label in labels)


@given(values())
def test_a_statement_is_written_as_one_that_says_the_same(drawn: tuple[str, str]) -> None:
    number, value = drawn
    reading = read(value.encode(), number)
    policies = reading.policies or (Policy(),)
    written = write(policies[0], number)
    again = read(written.content, number)
    for use in USES:
        assert refused_use(again, use) == refused_use(reading, use), (value, written.content)
    assert (
        not {sentence for sentence in written.loss if "no label" in sentence and "research" not in sentence}
        or "=y" in value
    )


def refused_use(reading: Reading, use: str) -> str:
    for policy in reading.policies:
        for rule in policy.rules:
            if not rule.uses or use in rule.uses:
                return rule.effect.value
    return ""


exact = st.lists(
    st.builds(
        Rule,
        effect=st.sampled_from([Effect.PREFER_ALLOW, Effect.PREFER_DISALLOW]),
        uses=st.sampled_from([TRAINING, ("search_index",)]),
        agents=st.sampled_from([(), ("Foobot",)]),
    ),
    min_size=1,
    max_size=2,
    unique_by=lambda rule: (rule.uses, rule.agents),
).filter(lambda rules: len({rule.agents for rule in rules}) == 1)


@given(exact, st.sampled_from(["", "/a", "/b/*.html"]))
def test_what_the_current_draft_can_say_is_read_back_as_it_was(rules: list[Rule], path: str) -> None:
    placed = [Rule(rule.effect, uses=rule.uses, agents=rule.agents, path=path) for rule in rules]
    written = write_robots(Policy(tuple(placed)))
    assert written.loss == ()
    assert {same(rule) for policy in read_robots(written.content).policies for rule in policy.rules} == set(
        map(same, placed)
    )


@given(any_policies, st.sampled_from(numbers))
def test_nothing_is_lost_without_being_named_and_nothing_becomes_looser(policy: Policy, number: str) -> None:
    for written, reading in (
        ((one := write(policy, number)), read(one.content, number)),
        ((two := write_robots(policy, number)), read_robots(two.content, number)),
    ):
        assert set(codes(reading)) <= {"nothing_left"}
        found = [rule for one in reading.policies for rule in one.rules if rule.effect != Effect.UNKNOWN]
        if {same(rule) for rule in found} != {same(rule) for rule in policy.rules}:
            said_apart = {rule.effect for rule in policy.rules} <= {Effect.PREFER_ALLOW, Effect.PREFER_DISALLOW}
            assert fields_lost(written.loss) or said_apart
        assert granted(found) <= {
            use for rule in policy.rules if rule.effect == Effect.PREFER_ALLOW for use in rule.uses or USES
        }
        for use in refused(policy.rules) & {*TRAINING, "search_index"}:
            left_out = "left out" in " ".join(written.loss)
            assert left_out or use in refused(found)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(content: bytes) -> None:
    read(content)
    read_robots(b"User-agent: *\nContent-Usage: " + content)


def test_every_rule_read_is_a_preference() -> None:
    reading = read(b"train-ai=n, search=y")
    assert all(rule.effect in (*REFUSING, Effect.PREFER_ALLOW) for policy in reading.policies for rule in policy.rules)
