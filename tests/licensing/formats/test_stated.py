"""Rules with where they were found, and what they say."""

import pytest

from licensing.formats.policy import Effect, Payment, Policy, Reading, Rule
from licensing.formats.stated import Says, Stated, says, state


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule(Effect.RESERVE), Says.RESERVED),
        (Rule(Effect.PROHIBIT), Says.DISALLOW),
        (Rule(Effect.PREFER_DISALLOW), Says.DISALLOW),
        (Rule(Effect.PREFER_ALLOW), Says.ALLOW),
        (Rule(Effect.OFFER), Says.CONDITIONAL),
        (Rule(Effect.PERMIT), Says.ALLOW),
        (Rule(Effect.PERMIT, duties=("attribution",)), Says.CONDITIONAL),
        (Rule(Effect.PERMIT, payment=Payment("crawl")), Says.CONDITIONAL),
        (Rule(Effect.WORDS), Says.UNKNOWN),
        (Rule(Effect.UNKNOWN), Says.UNKNOWN),
    ],
)
def test_every_effect_says_something(rule: Rule, expected: Says) -> None:
    assert says(rule) == expected


def test_the_rules_of_a_reading_are_numbered_through_its_policies() -> None:
    rules = [Rule(Effect.RESERVE), Rule(Effect.OFFER), Rule(Effect.WORDS)]
    reading = Reading("rsl", "1.0", (Policy((rules[0], rules[1]), target="/a"), Policy((rules[2],))))
    assert state(reading, carrier="file", source="s", host="example.org", prefix="x") == [
        Stated("x0", "rsl", rules[0], "file", "s", "example.org", "/a"),
        Stated("x1", "rsl", rules[1], "file", "s", "example.org", "/a"),
        Stated("x2", "rsl", rules[2], "file", "s", "example.org", ""),
    ]
