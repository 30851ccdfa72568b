"""One robots.txt of all that stands in it."""

from hypothesis import given

from licensing.formats import aipref, content_signal, robots
from licensing.formats.labels import TRAINING
from licensing.formats.policy import Effect, Policy, Rule
from licensing.formats.precedence import Answer, Asked, decide, state
from licensing.formats.robots_kit import read, write
from tests.licensing.formats.policies import any_policies

NO_TRAINING = Policy(
    (
        Rule(Effect.PREFER_DISALLOW, uses=TRAINING),
        Rule(Effect.PREFER_ALLOW, uses=("search_index",)),
        Rule(Effect.PREFER_DISALLOW, path="/private/"),
        Rule(Effect.WORDS, words="Text and data mining is reserved."),
    )
)


def ask(content: bytes, path: str, use: str, agent: str) -> Answer:
    stated = [
        one
        for reading in read(content)
        for one in state(reading, carrier="robots", source="r", prefix=f"{reading.format}:")
    ]
    return decide(Asked(f"https://example.org{path}", use, agent), stated)


def test_the_file_says_the_same_in_each_of_its_formats() -> None:
    content = write(NO_TRAINING, licence="https://example.org/license.xml").content
    text = content.decode()
    assert text.startswith(
        "License: https://example.org/license.xml\n\n# Text and data mining is reserved.\n\nUser-agent: *\n"
    )
    assert {reading.format for reading in read(content)} == {"robots", "aipref", "content-signal"}
    assert all(reading.faults == () for reading in read(content))
    assert robots.licence_addresses(content) == (("https://example.org/license.xml", ()),)


def test_a_crawler_that_is_named_gets_every_preference_that_everybody_gets() -> None:
    content = write(NO_TRAINING).content
    for agent in ("GPTBot", "OAI-SearchBot", "Other"):
        answer = ask(content, "/books/1", "pretraining", agent)
        if agent == "GPTBot":  # it may not fetch, so preferences say nothing
            assert [one.format for one in answer.refused] == ["robots"]
        else:
            assert {one.format for one in answer.refused} == {"aipref", "content-signal"}, agent


def test_a_file_without_signals_is_read_as_crawl_rules_alone() -> None:
    assert [reading.format for reading in read(b"User-agent: *\nDisallow: /\n")] == ["robots"]


def test_signals_that_are_not_understood_are_still_told() -> None:
    readings = read(b"User-agent: *\nContent-Usage: TRAIN=n\nContent-Signal: use=full\n")
    assert [(reading.format, [fault.code for fault in reading.faults]) for reading in readings] == [
        ("robots", []),
        ("aipref", ["not_a_dictionary"]),
        ("content-signal", ["not_mapped"]),
    ]


def test_losses_name_the_format_they_are_of() -> None:
    assert all(one.split(": ")[0] in ("robots", "aipref", "content-signal") for one in write(NO_TRAINING).loss)


@given(any_policies)
def test_the_parts_of_a_file_say_what_they_say_alone(policy: Policy) -> None:
    readings = {reading.format: reading for reading in read(write(policy).content)}
    alone = {"aipref": aipref.read_robots(aipref.write_robots(policy).content),
             "content-signal": content_signal.read_robots(content_signal.write(policy).content)}  # fmt: skip
    for name, reading in alone.items():
        rules = {rule for one in reading.policies for rule in one.rules if rule.effect != Effect.UNKNOWN}
        general = {rule for rule in rules if not rule.agents}
        found = {rule for one in (readings[name].policies if name in readings else ()) for rule in one.rules}
        assert general <= found
