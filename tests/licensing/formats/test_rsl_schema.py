"""The structure of RSL 1.0, and what departs from it."""

import pytest
from lxml import etree

from licensing.formats.rsl_schema import departures

WHOLE = b"""<rsl xmlns="https://rslstandard.org/rsl" xmlns:x="urn:x" max-age="30" xml:lang="en">
  <content url="/" server="https://licences.example.org" encrypted="false" lastmod="2026-10-01T00:00:00Z" x:own="1">
    <license>
      <permits type="usage">search ai-input x:own</permits>
      <permits type="geo">US EU</permits>
      <prohibits type="usage">ai-train</prohibits>
      <payment type="crawl"><amount currency="USD">0.015</amount><standard>https://example.org/standard</standard>
        <accepts type="application/x402+json"><![CDATA[{}]]></accepts><x:more><rsl/></x:more></payment>
      <reporting type="telemetry" profile="https://profiles.example"/>
      <legal type="warranty">ownership authority</legal>
      <legal type="attestation">true</legal>
      <legal type="contact">mailto:rights@example.org</legal>
    </license>
    <x:more/>
    <alternate type="text/markdown">/index.md</alternate>
    <schema type="application/ld+json">{}</schema>
    <copyright type="organization" contactUrl="https://example.org">Example</copyright>
    <terms>https://example.org/terms</terms>
  </content>
</rsl>"""


def test_a_document_with_everything_conforms() -> None:
    assert departures(etree.fromstring(WHOLE)) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'max-age="30"', b'max-age="0"'),
        (b'max-age="30"', b'max_age="30"'),
        (b' url="/"', b""),
        (b'encrypted="false"', b'encrypted="FALSE"'),
        (b"search ai-input x:own", b"search, ai-input"),
        (b"search ai-input x:own", b"train-ai"),
        (b"search ai-input x:own", b""),
        (b"US EU", b"us"),
        (b'"geo"', b'"place"'),
        (b'type="crawl"', b'type="inference"'),
        (b' currency="USD"', b""),
        (b"0.015", b"cheap"),
        (b' profile="https://profiles.example"', b""),
        (b">true<", b">TRUE<"),
        (b"ownership authority", b"eternity"),
        (b"<terms>https://example.org/terms</terms>", b"<terms>1</terms><terms>2</terms>"),
        (b"<schema", b"<scheme/><schema"),
        (b'"organization"', b'"robot"'),
    ],
)
def test_a_departure_is_named_with_its_place(before: bytes, after: bytes) -> None:
    assert before in WHOLE
    found = departures(etree.fromstring(WHOLE.replace(before, after)))
    assert found
    assert all(fault.code == "not_conformant" and fault.cause and fault.place.startswith("line") for fault in found)


def test_a_content_without_a_licence_departs() -> None:
    assert departures(etree.fromstring(b'<rsl xmlns="https://rslstandard.org/rsl"><content url="/"/></rsl>'))
