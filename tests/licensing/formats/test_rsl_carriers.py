"""RSL in every carrier that RSL 1.0 names: robots.txt, headers, pages, feeds, books, documents."""

import io
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given

from licensing.formats import rsl_carriers, rsl_embedding
from licensing.formats.labels import TRAINING, USES
from licensing.formats.policy import Effect, Payment, Policy, Reading, Rule
from licensing.formats.precedence import Asked, decide
from licensing.formats.recognition import Found, Source, kind_of, policy_places, read_all, speaking
from licensing.formats.rsl import read
from licensing.formats.rsl_embedding import Carrier
from licensing.formats.stated import Says, Stated, state
from tests.licensing.formats.round_trips import lost_fields, meaning, never_looser, policies

PAGE = "https://press.example/books/1"
LICENCE = "https://press.example/license.xml"
NAMESPACE = "https://rslstandard.org/rsl"
TERMS = '<license><permits type="usage">search</permits></license>'
NO_TRAINING = '<license><prohibits type="usage">ai-train</prohibits></license>'


def script(inner: str, url: str = "") -> str:
    content = f'<rsl xmlns="{NAMESPACE}"><content url="{url}">{inner}</content></rsl>'
    return f'<script type="application/rsl+xml">{content}</script>'


def page(head: str, body: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head><title>A</title>{head}</head><body>{body}</body></html>".encode()


def rules_of(reading: Reading) -> list[Rule]:
    return [rule for policy in reading.policies for rule in policy.rules]


def codes(reading: Reading) -> list[str]:
    return [fault.code for fault in reading.faults]


def test_a_licence_in_the_head_of_a_page_is_that_of_the_page() -> None:
    (found,) = read_all(page(script(NO_TRAINING)), Source(address=PAGE))
    assert (found.carrier, found.reading.format, found.reading.faults) == ("html", "rsl", ())
    (rule,) = rules_of(found.reading)
    assert (rule.effect, tuple(rule.uses), rule.path) == (Effect.PROHIBIT, TRAINING, "")


def test_a_page_may_speak_in_tdmrep_and_in_rsl_at_once() -> None:
    both = page('<meta name="tdm-reservation" content="1">' + script(TERMS))
    assert [(one.carrier, one.reading.format) for one in read_all(both, Source())] == [
        ("html", "tdmrep"),
        ("html", "rsl"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        page("", script(TERMS)),
        page("<template>" + script(TERMS) + "</template>"),
        page("<noscript>" + script(TERMS) + "</noscript>"),
        page("", f'<link rel="license" type="application/rsl+xml" href="{LICENCE}">'),
    ],
    ids=["in the body", "in a template", "in noscript", "a link in the body"],
)
def test_a_licence_of_part_of_a_page_is_reported_and_not_read(content: bytes) -> None:
    reading = rsl_carriers.read_html(content, address=PAGE)
    assert (rules_of(reading), codes(reading)) == ([], ["licence_outside_head"])


def test_what_is_embedded_has_one_content() -> None:
    two = f'<content url="">{TERMS}</content><content url="">{NO_TRAINING}</content>'
    text = f'<script type="application/rsl+xml"><rsl xmlns="{NAMESPACE}">{two}</rsl></script>'
    reading = rsl_carriers.read_html(page(text))
    assert [rule.effect for rule in rules_of(reading)] == [Effect.PROHIBIT]
    assert codes(reading) == ["several_contents", "permissions_void"]


def test_a_document_without_a_url_permits_nothing_by_itself() -> None:
    reading = read(f'<rsl xmlns="{NAMESPACE}"><content url="">{TERMS}{NO_TRAINING}</content></rsl>'.encode())
    assert [rule.effect for rule in rules_of(reading)] == [Effect.UNKNOWN, Effect.PROHIBIT]
    assert codes(reading) == ["scope_open"]


@pytest.mark.parametrize(
    ("content", "source", "carrier"),
    [
        (f"License: {LICENCE}\nUser-agent: *\nAllow: /\n".encode(), Source(file_name="robots.txt"), "robots"),
        (b"", Source(headers=[("Link", f'<{LICENCE}>; rel="license"; type="application/rsl+xml"')]), "header"),
        (
            b"",
            Source(headers=[("link", f"</a>; rel=next, <{LICENCE}>;type=application/rsl+xml;rel=license")]),
            "header",
        ),
        (page(f'<link rel="license" type="application/rsl+xml" href="{LICENCE}">'), Source(), "html"),
        (page('<link rel="license" type="application/rsl+xml" href="/license.xml">'), Source(address=PAGE), "html"),
    ],
    ids=["robots.txt", "header", "second of two links", "page", "relative"],
)
def test_what_points_at_a_licence_is_on_record_and_licenses_nothing(
    content: bytes, source: Source, carrier: str
) -> None:
    found = [one for one in read_all(content, source) if one.reading.format == "rsl"]
    (rule,) = [rule for one in found for rule in rules_of(one.reading)]
    assert (found[0].carrier, rule.effect, rule.policy_address) == (carrier, Effect.UNKNOWN, LICENCE)
    assert policy_places(found) == [LICENCE]
    stated = state(found[0].reading, carrier=carrier, source="a", host="press.example")
    assert decide(Asked(PAGE, use="pretraining"), stated).of("rsl") is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ('</license.xml>; rel="license"; type="application/rsl+xml"', "unknown_address"),
        (f'<{LICENCE}>; rel="license"; type="application/rsl+xml"; anchor="#x"', "other_anchor"),
        (f'<{LICENCE}>; rel="next"; title="application/rsl+xml"', ""),
        (f'<{LICENCE}>; rel="license"; type="text/html"; title="application/rsl+xml"', ""),
        ("application/rsl+xml <" * 1000, "line_too_long"),
    ],
)
def test_other_links_point_at_nothing(value: str, code: str) -> None:
    reading = rsl_carriers.read_headers([("link", value)])
    assert (rules_of(reading), codes(reading)) == ([], [code] if code else [])


def test_of_link_headers_those_that_license_are_kept() -> None:
    licence = ("Link", f'<{LICENCE}>; rel="license"; type="application/rsl+xml"')
    assert speaking([("Link", "</style.css>; rel=preload"), licence]) == [("link", licence[1])]


def test_a_licence_line_for_one_crawler_hides_from_it_what_is_for_all() -> None:
    text = f"User-agent: GPTBot\nAllow: /\nLicense: {LICENCE}\n".encode()
    found = [one for one in read_all(text, Source(file_name="robots.txt")) if one.reading.format == "rsl"]
    (rule,) = rules_of(found[0].reading)
    assert (rule.agents, policy_places(found)) == (("GPTBot",), [LICENCE])
    general = Stated("general", "rsl", Rule(Effect.PERMIT), "file", "b", "press.example")
    stated = [*state(found[0].reading, carrier="robots", source="a", host="press.example"), general]
    assert decide(Asked(PAGE, use="pretraining", agent="GPTBot"), stated).of("rsl") is None
    other = decide(Asked(PAGE, use="pretraining", agent="CCBot"), stated).of("rsl")
    assert other is not None
    assert other.says == Says.ALLOW


def feed(items: str) -> bytes:
    head = f'<?xml version="1.0"?>\n<rss version="2.0" xmlns:rsl="{NAMESPACE}"><channel>'
    return f"{head}{items}</channel></rss>".encode()


def in_item(url: str, inner: str = NO_TRAINING) -> str:
    return (
        f'<item><rsl:content url="{url}">{inner.replace("<", "<rsl:").replace("<rsl:/", "</rsl:")}</rsl:content></item>'
    )


def test_the_items_of_a_feed_speak_of_what_they_name_on_their_own_host() -> None:
    content = feed(in_item(PAGE) + in_item("https://other.example/a") + in_item("") + in_item("/books/2", TERMS))
    assert kind_of(content, Source()) == "rss"
    (found,) = read_all(content, Source(address="https://press.example/feed.xml"))
    assert [(one.target, [rule.path for rule in one.rules]) for one in found.reading.policies] == [
        (PAGE, [""]),
        ("", ["/books/2"]),
    ]
    assert codes(found.reading) == ["other_host", "other_host"]


def test_a_licence_of_the_whole_feed_and_a_feed_without_any_say_nothing() -> None:
    whole = feed(in_item(PAGE).replace("<item>", "").replace("</item>", ""))
    assert codes(rsl_carriers.read_feed(whole)) == ["not_in_item"]
    assert read_all(feed("<item><title>A</title></item>"), Source()) == []


def opf(inner: str) -> bytes:
    head = '<package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
    return f"{head}<metadata>{inner}</metadata></package>".encode()


def wrapped(url: str, inner: str) -> str:
    return f'<rsl xmlns="{NAMESPACE}"><content url="{url}">{inner}</content></rsl>'


def test_a_book_holds_its_licence_in_its_metadata() -> None:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as members:
        members.writestr("META-INF/container.xml", '<container><rootfile full-path="a.opf"/></container>')
        members.writestr("a.opf", opf(wrapped(PAGE, TERMS)))
    found = read_all(book.getvalue(), Source())
    assert [(one.carrier, one.reading.format) for one in found] == [("epub", "tdmrep"), ("epub", "rsl")]
    (rule,) = rules_of(found[1].reading)
    assert (rule.effect, found[1].reading.policies[0].target) == (Effect.PERMIT, PAGE)


def test_a_book_has_to_name_its_address_before_it_permits_anything() -> None:
    reading = rsl_carriers.read_epub(opf(wrapped("", TERMS + NO_TRAINING)))
    assert [rule.effect for rule in rules_of(reading)] == [Effect.PROHIBIT]
    assert codes(reading) == ["address_missing", "permissions_void"]


EMBEDDED = [Carrier.HTML, Carrier.FEED, Carrier.EPUB, Carrier.XMP]


def back(content: bytes, carrier: Carrier) -> Reading:
    if carrier is Carrier.HTML:
        return rsl_carriers.read_html(page(content.decode()), address=PAGE)
    if carrier is Carrier.FEED:
        return rsl_carriers.read_feed(content, address=PAGE)
    return rsl_carriers.read_epub(content) if carrier is Carrier.EPUB else rsl_carriers.read_xmp(content)


@pytest.mark.parametrize("carrier", EMBEDDED)
def test_what_is_embedded_is_read_back_the_same(carrier: Carrier) -> None:
    rules = (
        Rule(Effect.PROHIBIT, TRAINING, policy_address="https://press.example/terms"),
        Rule(
            Effect.OFFER,
            ("search_index",),
            payment=Payment("crawl", "0.015", "CNY"),
            policy_address="https://press.example/terms",
        ),
    )
    policy = Policy(rules, target=PAGE, holder="出版社 & Söhne", contact="rights@press.example")
    written = rsl_embedding.write(policy, carrier)
    assert written.loss == ()
    reading = back(written.content, carrier)
    assert reading.faults == ()
    (again,) = reading.policies
    assert meaning(again).rules == meaning(policy).rules
    assert (again.holder, again.contact) == (policy.holder, policy.contact)
    assert again.target == ("" if carrier is Carrier.HTML else PAGE)


@pytest.mark.parametrize("carrier", EMBEDDED)
@given(policy=policies)
def test_what_does_not_come_back_is_named_and_nothing_comes_back_looser(carrier: Carrier, policy: Policy) -> None:
    written = rsl_embedding.write(policy, carrier, address=PAGE)
    if not written.content:
        assert written.loss or not policy.rules
        return
    reading = back(written.content, carrier)
    assert reading.faults == ()
    assert reading.policies
    named = lost_fields(written.loss)
    said = meaning(reading.policies[0]).rules
    for number in sorted(set(range(len(policy.rules))) - set(named)):
        (mine,) = meaning(Policy((policy.rules[number],))).rules
        alike = [one for one in said if (one.effect, one.territory) == (mine.effect, mine.territory)]
        assert any(set(mine.uses or USES) <= set(one.uses or USES) for one in alike)
    here = tuple(replace(rule, path="") for rule in policy.rules)
    assert never_looser(Policy(here), reading.policies)


@pytest.mark.parametrize("carrier", [Carrier.LINK, Carrier.HEADER])
def test_a_pointer_is_read_back(carrier: Carrier) -> None:
    text = rsl_embedding.point(f"{LICENCE}?a=1&b=2", carrier).content.decode()
    if carrier is Carrier.LINK:
        reading = rsl_carriers.read_html(page(text))
    else:
        reading = rsl_carriers.read_headers([tuple(text.strip().split(": ", 1))])  # type: ignore[list-item]
    assert [rule.policy_address for rule in rules_of(reading)] == [f"{LICENCE}?a=1&b=2"]
    assert rsl_embedding.point("no address", carrier).content == b""


def test_found_is_what_one_carrier_says() -> None:
    assert Found("html", rsl_carriers.read_html(b"")).reading.policies == ()


def test_a_relative_link_of_a_header_is_resolved_and_reported() -> None:
    value = '</license.xml>; rel="license"; type="application/rsl+xml"'
    source = Source(address="https://press.example/books/1", headers=(("Link", value),))
    [found] = [one for one in read_all(b"", source) if one.reading.format == "rsl"]
    [rule] = rules_of(found.reading)
    assert (rule.effect, rule.policy_address) == (Effect.UNKNOWN, "https://press.example/license.xml")
    assert [fault.code for fault in found.reading.faults] == ["address_relative"]
    assert policy_places([found]) == ["https://press.example/license.xml"]
