"""robots.txt: what crawlers are asked, and what that says about uses."""

import protego
from hypothesis import given
from hypothesis import strategies as st

from licensing.formats.crawlers import crawlers
from licensing.formats.labels import REFUSING, TRAINING, USES
from licensing.formats.policy import Effect, Policy, Rule
from licensing.formats.precedence import Asked, Says, decide, state
from licensing.formats.robots import licence_addresses, read, write
from tests.licensing.formats.policies import any_policies, fields_lost, granted, same

NAMES = [row.name for row in crawlers()] + ["Foobot"]
paths = st.sampled_from(["/", "/a", "/a/", "/a/b", "/*.html", "/a*b$", "/c$", "/d?e=1", "/%7Efoo", "/ä"])
lines = st.one_of(st.tuples(st.sampled_from(["Allow", "Disallow"]), paths).map(": ".join), st.just("Crawl-delay: 3"))
groups = st.tuples(
    st.lists(st.sampled_from(["*", "GPTBot", "CCBot", "Foobot"]), min_size=1, max_size=2, unique=True),
    st.lists(lines, min_size=1, max_size=4),
)


def text_of(found: list[tuple[list[str], list[str]]]) -> str:
    return "\n".join("\n".join([*(f"User-agent: {name}" for name in names), *rules]) for names, rules in found)


def may_fetch(content: bytes, address: str, agent: str) -> bool:
    answer = decide(Asked(address, agent=agent), state(read(content), carrier="robots", source="r"))
    outcome = answer.of("robots")
    return outcome is None or outcome.says == Says.ALLOW


@given(
    found=st.lists(groups, min_size=1, max_size=4),
    path=st.sampled_from(["/", "/a", "/a/b", "/a/b.html", "/axb", "/c", "/cd", "/d?e=1", "/~foo", "/ä", "/zzz"]),
    agent=st.sampled_from(["GPTBot", "CCBot", "Foobot", "Other"]),
)
def test_who_may_fetch_what_is_as_an_independent_parser_says(
    found: list[tuple[list[str], list[str]]], path: str, agent: str
) -> None:
    text = text_of(found)
    address = f"https://example.org{path}"
    assert may_fetch(text.encode(), address, agent) == protego.Protego.parse(text).can_fetch(address, agent)


def test_a_disallow_for_a_named_crawler_refuses_the_uses_it_collects_for() -> None:
    (policy,) = read(b"User-agent: GPTBot\nUser-agent: OAI-SearchBot\nUser-agent: Foobot\nDisallow: /\n").policies
    assert [(rule.agents, rule.uses) for rule in policy.rules] == [
        (("GPTBot",), TRAINING),
        (("OAI-SearchBot",), ("search_index",)),
        (("Foobot",), ()),
    ]
    assert {rule.effect for rule in policy.rules} == {Effect.PREFER_DISALLOW}
    assert policy.rules[0].words == "Disallow: /"


def test_a_disallow_of_nothing_allows() -> None:
    (policy,) = read(b"User-agent: *\nDisallow:\n").policies
    assert [(rule.effect, rule.path, rule.agents) for rule in policy.rules] == [(Effect.PREFER_ALLOW, "", ())]


def test_a_sentence_in_a_comment_is_words_and_no_rule() -> None:
    (policy,) = read(b"# No text and data mining without our consent.\n").policies
    (rule,) = policy.rules
    assert (rule.effect, rule.machine_readable, rule.uses) == (Effect.WORDS, False, ())
    assert rule.words == "No text and data mining without our consent."


def test_rules_before_any_group_and_paths_without_a_slash_are_reported() -> None:
    reading = read(b"Disallow: /a\nUser-agent: *\nDisallow: a\nAllow:\n")
    assert [fault.code for fault in reading.faults] == ["path_without_slash", "empty_rule", "no_group"]
    assert reading.policies == ()


def test_licence_lines_are_found_with_the_crawlers_they_are_for() -> None:
    content = (
        b"License: https://example.org/all.xml\nUser-agent: GPTBot\nLicense: https://example.org/gpt.xml\nAllow: /\n"
    )
    assert licence_addresses(content) == (
        ("https://example.org/all.xml", ()),
        ("https://example.org/gpt.xml", ("GPTBot",)),
    )


def test_a_refusal_of_training_is_written_for_the_crawlers_that_train() -> None:
    written = write(Policy((Rule(Effect.PREFER_DISALLOW, uses=TRAINING, path="/books/"),)), "https://example.org/l.xml")
    text = written.content.decode()
    assert text.startswith("License: https://example.org/l.xml\n")
    assert "User-agent: GPTBot\n" in text
    assert "PerplexityBot" not in text
    assert any(sentence.startswith("/rules/0/agents: ") for sentence in written.loss)


def test_what_is_refused_to_everybody_is_refused_to_those_who_are_named_too() -> None:
    policy = Policy(
        (Rule(Effect.PREFER_DISALLOW, path="/private/"), Rule(Effect.PREFER_ALLOW, path="/a", agents=("Foobot",)))
    )
    content = write(policy).content
    assert not may_fetch(content, "https://example.org/private/x", "Foobot")
    assert may_fetch(content, "https://example.org/a", "Foobot")


exact = st.builds(
    Rule,
    effect=st.sampled_from([Effect.PREFER_ALLOW, Effect.PREFER_DISALLOW]),
    path=st.sampled_from(["", "/a", "/b/*.pdf", "/c$", "*.txt"]),
)
named = st.sampled_from(NAMES).flatmap(
    lambda name: exact.map(
        lambda rule: Rule(
            rule.effect,
            path=rule.path,
            agents=(name,),
            uses=next((row.uses for row in crawlers() if row.name == name), ()),
        )
    )
)


@given(st.one_of(st.lists(exact, min_size=1, max_size=4), st.lists(named, min_size=1, max_size=4)))
def test_what_robots_can_say_is_read_back_as_it_was(rules: list[Rule]) -> None:
    written = write(Policy(tuple(rules)))
    assert written.loss == ()
    reading = read(written.content)
    assert reading.faults == ()
    assert {same(rule) for policy in reading.policies for rule in policy.rules} == {same(rule) for rule in rules}


@given(any_policies)
def test_nothing_is_lost_without_being_named_and_nothing_becomes_looser(policy: Policy) -> None:
    written = write(policy)
    reading = read(written.content)
    assert reading.faults == ()
    found = [rule for one in reading.policies for rule in one.rules if rule.effect != Effect.WORDS]
    meant = {same(rule) for rule in policy.rules if rule.effect != Effect.WORDS}
    if {same(rule) for rule in found} != meant:
        assert fields_lost(written.loss)
    for rule in found:
        if rule.effect not in REFUSING:
            assert any(
                one.effect == Effect.PREFER_ALLOW
                and (not one.uses or set(rule.uses or USES) <= set(one.uses))
                and (not one.agents or set(rule.agents) <= set(one.agents))
                and not (
                    one.purposes or same(one).territory or one.valid_from or one.valid_to or one.payment or one.duties
                )
                for one in policy.rules
            )
    assert granted(found) <= granted(policy.rules)


@given(any_policies)
def test_writing_what_was_written_changes_nothing_more(policy: Policy) -> None:
    once = write(policy).content
    (again,) = read(once).policies or (Policy(),)
    twice = write(again).content
    assert {same(rule) for one in read(twice).policies for rule in one.rules} == {
        same(rule) for one in read(once).policies for rule in one.rules
    }
