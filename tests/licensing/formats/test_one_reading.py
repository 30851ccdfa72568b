"""The same bytes say the same whether they come in as a catalogue or as a signal."""

from pathlib import Path

import pytest

from licensing.formats.policy import Effect, Rule
from licensing.formats.recognition import Source, read_all
from registry.importers.rows import RightsStatement
from tests.registry.importers.onix_feeds import TITLE as ONIX_TITLE
from tests.registry.importers.onix_feeds import licence, message, product, usage
from tests.registry.importers.reading import read_one
from tests.registry.importers.test_epub import CONTAINER, TITLE, epub, zipped

KINDS = {
    "reservation": Effect.RESERVE,
    "preference": Effect.PREFER_ALLOW,
    "offer": Effect.OFFER,
    "open_licence": Effect.PERMIT,
}
POLICY = "https://press.example/p?a=1."
RESERVED = '<meta property="tdm:reservation">1</meta>'
OTHER = (
    '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" prefix="{prefix}">'
    '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A</dc:title>'
    '<meta property="{name}:reservation">1</meta></metadata><manifest/><spine/></package>'
)
BOOKS = {
    "reserved": epub(TITLE + RESERVED),
    "reserved as EPUB 2 says it": epub(TITLE + '<meta name="tdm:reservation" content=" 1 "/>', version="2.0"),
    "not reserved": epub(TITLE + '<meta property="tdm:reservation">0</meta>'),
    "with a policy": epub(TITLE + RESERVED + f'<meta property="tdm:policy">{POLICY}</meta>'),
    "not reserved, with a policy": epub(
        TITLE + f'<meta property="tdm:reservation">0</meta><meta property="tdm:policy">{POLICY}</meta>'
    ),
    "two policies": epub(
        TITLE + RESERVED + f'<meta property="tdm:policy">{POLICY}</meta><meta property="tdm:policy">{POLICY}b</meta>'
    ),
    "a policy that is no address": epub(TITLE + RESERVED + '<meta property="tdm:policy">file:///etc/passwd</meta>'),
    "a policy alone": epub(TITLE + f'<meta property="tdm:policy">{POLICY}</meta>'),
    "contradictory": epub(TITLE + RESERVED + '<meta property="tdm:reservation">0</meta>'),
    "neither": epub(TITLE + '<meta property="tdm:reservation">yes</meta>'),
    "silent": epub(TITLE),
}
PREFIXES = {
    "under another prefix": ("mine: http://www.w3.org/ns/tdmrep#", "mine"),
    "under tdm, which is something else": ("tdm: urn:something-else", "tdm"),
}


def of_catalogue(statement: RightsStatement) -> tuple[object, ...]:
    return (KINDS[statement.kind], statement.uses, statement.address, statement.valid_from, statement.valid_to)


def of_signal(rule: Rule) -> tuple[object, ...]:
    return (rule.effect, tuple(rule.uses), rule.policy_address, rule.valid_from, rule.valid_to)


def signals(content: bytes, format: str) -> list[Rule]:
    readings = [one.reading for one in read_all(content, Source()) if one.reading.format == format]
    rules = [rule for reading in readings for policy in reading.policies for rule in policy.rules]
    return [rule for rule in rules if rule.effect != Effect.UNKNOWN]


def check_book(folder: Path, content: bytes) -> None:
    statements = read_one(folder, content).statements
    assert [of_catalogue(one) for one in statements if one.kind != "offer"] == [
        of_signal(rule) for rule in signals(content, "tdmrep")
    ]
    # A catalogue has no readings that could be followed: what a policy points at is an offer there and then
    offers = [one.address for one in statements if one.kind == "offer"]
    assert offers == [one.address for one in statements if one.kind == "reservation" and one.address]


@pytest.mark.parametrize("name", sorted(BOOKS))
def test_a_book_says_the_same_in_a_catalogue_and_as_a_signal(tmp_path: Path, name: str) -> None:
    check_book(tmp_path, BOOKS[name])


@pytest.mark.parametrize("name", sorted(PREFIXES))
def test_prefixes_mean_the_same_in_both(tmp_path: Path, name: str) -> None:
    prefix, used = PREFIXES[name]
    package = OTHER.format(prefix=prefix, name=used)
    check_book(
        tmp_path, zipped({"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, "book.opf": package})
    )


FEEDS = {
    "prohibited": usage("11", "03"),
    "unlimited": usage("11", "01"),
    "limited": usage("11", "02"),
    "another use": usage("05", "03"),
    "terms for mining": licence("21", POLICY),
    "open licence": licence("01", "https://creativecommons.org/licenses/by/4.0/"),
    "end user's licence": licence("01", "https://press.example/eula"),
    "prohibited, and terms": usage("11", "03") + licence("20", POLICY),
}


@pytest.mark.parametrize("name", sorted(FEEDS))
def test_a_product_says_the_same_in_a_catalogue_and_as_a_signal(tmp_path: Path, name: str) -> None:
    content = message(product(detail=ONIX_TITLE + FEEDS[name]))
    statements = read_one(tmp_path, content).statements
    assert [of_catalogue(one) for one in statements] == [of_signal(rule) for rule in signals(content, "onix")]
