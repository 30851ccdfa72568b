"""RSL 1.0: what a document is read as, and what is refused."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.formats.labels import TRAINING
from licensing.formats.policy import Effect, Payment, Policy, Reading, Rule
from licensing.formats.recognition import Source, read_all
from licensing.formats.rsl import read
from licensing.formats.rsl_terms import AI_USES

SITE = """<?xml version="1.0" encoding="UTF-8"?>
<rsl xmlns="https://rslstandard.org/rsl" xmlns:x="urn:extension" max-age="30">
  <content url="/books/*" server="{server}">
    <license>
      {licence}
      <x:more>of another namespace</x:more>
    </license>
    <alternate type="text/markdown">/index.md</alternate>
    <schema>/site.jsonld</schema>
    <copyright type="organization" contactEmail="rights@example.org" contactUrl="https://example.org">Example</copyright>
    <terms>https://example.org/terms</terms>
  </content>
</rsl>
"""


def document(licence: str, server: str = "") -> bytes:
    text = SITE.format(licence=licence, server=server)
    return (text if server else text.replace(' server=""', "")).encode()


def only(reading: Reading) -> tuple[Policy, tuple[Rule, ...]]:
    (policy,) = reading.policies
    return policy, policy.rules


def codes(reading: Reading) -> list[str]:
    return [fault.code for fault in reading.faults]


def test_a_document_names_its_holder_its_place_and_its_terms() -> None:
    reading = read(document('<permits type="usage">search</permits><legal type="warranty">ownership authority</legal>'))
    policy, (rule,) = only(reading)
    assert (reading.format, reading.format_version, reading.faults) == ("rsl", "1.0", ())
    assert (policy.holder, policy.contact, policy.holder_address) == (
        "Example",
        "rights@example.org",
        "https://example.org",
    )
    assert policy.warranties == ("ownership", "authority")
    assert (rule.effect, rule.path, rule.policy_address) == (Effect.PERMIT, "/books/*", "https://example.org/terms")
    assert (tuple(rule.uses), rule.payment) == (("search_index",), None)
    assert '<permits type="usage">search</permits>' in rule.words


@pytest.mark.parametrize(
    ("payment", "effect", "expected"),
    [
        ("", Effect.PERMIT, None),
        ('<payment type="free"/>', Effect.PERMIT, Payment("free")),
        ('<payment type="attribution"/>', Effect.PERMIT, None),
        (
            '<payment type="crawl"><amount currency="USD">0.015</amount></payment>',
            Effect.OFFER,
            Payment("crawl", "0.015", "USD"),
        ),
        (
            "<payment><custom>https://example.org/ask</custom></payment>",
            Effect.OFFER,
            Payment("", custom="https://example.org/ask"),
        ),
        ('<payment type="free"><amount currency="EUR">1</amount></payment>', Effect.OFFER, Payment("free", "1", "EUR")),
    ],
)
def test_what_is_free_is_permitted_and_what_is_paid_for_is_offered(
    payment: str, effect: Effect, expected: Payment
) -> None:
    _policy, (rule,) = only(read(document(f'<permits type="usage">ai-train</permits>{payment}')))
    assert (rule.effect, rule.payment, tuple(rule.uses)) == (effect, expected, TRAINING)


def test_where_a_licence_server_is_named_a_licence_has_to_be_got() -> None:
    policy, (rule,) = only(read(document('<permits type="usage">all</permits>', "https://licences.example.org")))
    assert (policy.server, rule.effect, tuple(rule.uses)) == ("https://licences.example.org", Effect.OFFER, ())


def test_each_type_that_is_prohibited_is_a_prohibition_of_its_own() -> None:
    text = (
        '<prohibits type="usage">ai-all</prohibits><prohibits type="user">commercial</prohibits>'
        '<prohibits type="geo">US EU</prohibits>'
    )
    _policy, rules = only(read(document(text)))
    assert [(rule.effect.value, tuple(rule.uses), tuple(rule.purposes), tuple(rule.territory)) for rule in rules] == [
        ("prohibit", AI_USES, (), ()),
        ("prohibit", (), ("commercial", "internal_experiment"), ()),
        ("prohibit", (), (), ("US", "EU")),
    ]


def test_a_licence_that_only_prohibits_permits_nothing() -> None:
    _policy, rules = only(read(document('<prohibits type="usage">ai-train</prohibits>')))
    assert [rule.effect for rule in rules] == [Effect.PROHIBIT]


def test_a_payment_without_permits_is_for_every_use() -> None:
    _policy, (rule,) = only(read(document('<payment type="use"/>')))
    assert (rule.effect, rule.uses) == (Effect.OFFER, ())


def test_reporting_and_attribution_are_duties() -> None:
    text = '<permits type="usage">search</permits><payment type="attribution"/><reporting type="audit" profile="https://p.example"/>'
    _policy, (rule,) = only(read(document(text)))
    assert rule.duties == ("attribution", "reporting")


def test_crawlers_are_those_of_the_line_that_led_here() -> None:
    _policy, (rule,) = only(read(document('<permits type="usage">search</permits>'), agents=("GPTBot",)))
    assert rule.agents == ("GPTBot",)


@pytest.mark.parametrize(
    ("licence", "code"),
    [
        ('<permit type="usage">search</permit><prohibits type="usage">ai-train</prohibits>', "not_conformant"),
        (
            '<permits type="usage">search train-ai</permits><prohibits type="usage">ai-train</prohibits>',
            "unknown_token",
        ),
        ('<permits type="geo">ZZ</permits><prohibits type="usage">ai-train</prohibits>', "unknown_token"),
        ('<permits type="usage">ai-index</permits><prohibits type="usage">ai-train</prohibits>', "nothing_here"),
        ('<prohibits type="usage">ai-train</prohibits><payment type="barter"/>', "unknown_token"),
    ],
)
def test_what_is_not_understood_is_reported_and_permits_nothing(licence: str, code: str) -> None:
    reading = read(document(licence))
    assert code in codes(reading)
    assert [rule.effect for policy in reading.policies for rule in policy.rules] == [Effect.PROHIBIT]


def test_a_document_that_departs_from_the_schema_keeps_its_prohibitions_alone() -> None:
    reading = read(
        document('<permits type="usage">search</permits><prohibits type="usage">ai-train</prohibits>').replace(
            b"<terms>", b"<terms a='b'>"
        )
    )
    assert [rule.effect for policy in reading.policies for rule in policy.rules] == [Effect.PROHIBIT]
    assert "permissions_void" in codes(reading)


def test_the_same_type_twice_is_read_as_the_stricter_of_both() -> None:
    text = '<permits type="usage">search ai-train</permits><permits type="usage">ai-train ai-input</permits>'
    reading = read(document(text))
    _policy, (rule,) = only(reading)
    assert (tuple(rule.uses), codes(reading)) == (TRAINING, ["duplicate_type"])
    nothing = read(document('<permits type="usage">search</permits><permits type="usage">ai-train</permits>'))
    assert nothing.policies == ()


def test_a_document_of_the_older_draft_is_read_as_such() -> None:
    reading = read(document('<permits type="usage">ai-train,search</permits><payment type="inference"/>'))
    _policy, (rule,) = only(reading)
    assert (reading.format_version, codes(reading)) == ("0.9", ["comma_list", "old_payment"])
    assert (set(rule.uses), rule.payment) == ({*TRAINING, "search_index"}, Payment("use"))


def test_warranties_that_one_licence_alone_declares_are_not_said_of_the_others() -> None:
    text = (
        '<permits type="usage">search</permits><legal type="warranty">ownership</legal></license>'
        '<license><permits type="usage">ai-input</permits>'
    )
    policy, _rules = only(read(document(text)))
    assert policy.warranties == ()
    assert "legal_differs" in codes(read(document(text)))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            lambda text: text.replace(b"https://rslstandard.org/rsl", b"https://rslstandard.org/rsl/2.0"),
            "wrong_namespace",
        ),
        (lambda text: text.replace(b' xmlns="https://rslstandard.org/rsl"', b""), "wrong_namespace"),
        (lambda text: text.replace(b"<rsl ", b'<!DOCTYPE rsl [<!ENTITY a "b">]><rsl '), "doctype_refused"),
        (
            lambda text: text.replace(b"<rsl ", b'<!DOCTYPE rsl SYSTEM "http://127.0.0.1:1/x.dtd"><rsl '),
            "doctype_refused",
        ),
        (lambda text: text[:-10], "not_xml"),
        (lambda text: text.replace(b"search", b"sea\x00rch"), "not_xml"),
        (lambda text: text.replace(b"<license>", b"<license>" + b"<x:a>" * 400 + b"</x:a>" * 400), "not_xml"),
        (lambda text: text.replace(b"Example<", b"E" * 2_000_000 + b"<"), "too_large"),
        (lambda _text: b"<html/>", "not_rsl"),
        (lambda _text: b"", "not_xml"),
    ],
)
def test_a_hostile_or_foreign_document_says_nothing_but_why(change: Callable[[bytes], bytes], code: str) -> None:
    text = document('<permits type="usage">search</permits>').split(b"?>\n", 1)[1]
    reading = read(change(text))
    assert (reading.policies, codes(reading)) == ((), [code])


def test_an_entity_bomb_costs_nothing() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    )
    began = time.perf_counter()
    reading = read(bomb + b']><rsl xmlns="https://rslstandard.org/rsl"><content url="&j;"/></rsl>')
    assert time.perf_counter() - began < 1
    assert reading.policies == ()


def test_a_megabyte_of_licences_is_read_in_seconds() -> None:
    licences = '</license><license><prohibits type="usage">ai-train</prohibits>' * 15_000
    began = time.perf_counter()
    reading = read(document(f'<prohibits type="usage">all</prohibits>{licences}'))
    assert time.perf_counter() - began < 10
    assert len(reading.policies[0].rules) == 15_001


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(content: bytes) -> None:
    read(content)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_no_tokens_make_it_raise(token: str) -> None:
    escaped = token.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    read(document(f'<permits type="usage">{escaped}</permits><payment type="{escaped}"/>'))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_document_is_known_in_every_encoding_of_xml(encoding: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig").removesuffix("-le")}"?>'
        '<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license>'
        '<prohibits type="usage">ai-train</prohibits></license></content></rsl>'
    )
    content = (b"\xff\xfe" if encoding == "utf-16-le" else b"") + text.encode(encoding)
    [found] = read_all(content, Source(address="https://press.example/license.xml"))
    assert [rule.effect for policy in found.reading.policies for rule in policy.rules] == [Effect.PROHIBIT]
