"""Forms that files of the field have, standard or not: what is taken from each, and what is reported."""

import json

import pytest

from licensing.formats import content_signal, robots, rsl, tdmrep
from licensing.formats.labels import TRAINING
from licensing.formats.path_patterns import canonical
from licensing.formats.policy import Effect, Reading

NAMESPACE = "https://rslstandard.org/rsl"
ASKS = "https://press.example/ai-training/"


def effects(reading: Reading) -> list[tuple[Effect, str]]:
    return [(rule.effect, rule.path) for policy in reading.policies for rule in policy.rules]


def codes(reading: Reading) -> set[str]:
    return {fault.code for fault in reading.faults}


def site(licences: str) -> bytes:
    return f'<rsl xmlns="{NAMESPACE}"><content url="https://press.example/">{licences}</content></rsl>'.encode()


def test_places_are_reserved_one_by_one_before_the_site_is_not() -> None:
    entries = [
        {"location": "/dpa-*", "tdm-reservation": 1, "tdm-policy": ASKS},
        {"location": "/", "tdm-reservation": 0, "tdm-policy": ASKS},
    ]
    reading = tdmrep.read(json.dumps(entries).encode())
    assert effects(reading) == [(Effect.RESERVE, "/dpa-*"), (Effect.PREFER_ALLOW, "")]
    assert codes(reading) == {"policy_ignored"}


@pytest.mark.parametrize(
    "content",
    [{"location": "/", "tdm-reservation": 1}, {"rules": [{"location": "/", "tdm-reservation": 1}]}, []],
)
def test_one_object_is_no_array_of_rules(content: object) -> None:
    assert tdmrep.read(json.dumps(content).encode()).policies == ()


def test_permits_one_by_one_are_no_list_and_permit_nothing() -> None:
    licence = "".join(f'<permits type="usage">{use}</permits>' for use in ("search", "ai-input"))
    reading = rsl.read(site(f'<license>{licence}<payment type="attribution"/></license>'))
    assert effects(reading) == []
    assert "duplicate_type" in codes(reading)


def test_a_prohibition_in_the_words_of_another_format_is_on_record_as_not_understood() -> None:
    reading = rsl.read(site('<license><prohibits type="usage">train-ai</prohibits></license>'))
    assert effects(reading) == [(Effect.UNKNOWN, "")]
    assert {"unknown_token", "not_conformant"} <= codes(reading)


@pytest.mark.parametrize(
    "more",
    [
        "<meta><publisher>Example</publisher></meta>",
        '<content url="/a"><license><legal type="license">https://press.example/</legal></license></content>',
        '<content url="/a"><license/><copyright type="notice">Example</copyright></content>',
    ],
)
def test_elements_of_ones_own_invention_void_the_permissions_and_no_prohibition(more: str) -> None:
    licence = '<license><permits type="usage">search</permits><prohibits type="usage">ai-train</prohibits></license>'
    reading = rsl.read(site(licence).replace(b"</rsl>", more.encode() + b"</rsl>"))
    assert [effect for effect, _ in effects(reading)] == [Effect.PROHIBIT]
    assert "permissions_void" in codes(reading)


def test_every_use_said_three_times_is_every_use() -> None:
    reading = rsl.read(site('<license><prohibits type="usage">all ai-all search</prohibits></license>'))
    assert [(rule.effect, rule.uses) for one in reading.policies for rule in one.rules] == [(Effect.PROHIBIT, ())]
    assert reading.faults == ()


def test_the_block_that_a_network_puts_in_front_is_read_with_the_rest() -> None:
    text = (
        b"# BEGIN managed content\nUser-agent: *\nContent-Signal: search=yes,ai-train=no,use=reference\nAllow: /\n\n"
        b"User-agent: GPTBot\nDisallow: /\n# END managed content\n\nUser-agent: GPTBot\nAllow: /books/\n"
    )
    (refusing,) = [
        rule
        for policy in content_signal.read_robots(text).policies
        for rule in policy.rules
        if rule.effect == Effect.PREFER_DISALLOW
    ]
    assert tuple(refusing.uses) == TRAINING
    of_bot = [rule for policy in robots.read(text).policies for rule in policy.rules if "GPTBot" in rule.agents]
    assert {(rule.effect, rule.path) for rule in of_bot} == {
        (Effect.PREFER_DISALLOW, canonical("/")),
        (Effect.PREFER_ALLOW, "/books/"),
    }
