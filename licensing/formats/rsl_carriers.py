"""RSL outside a document of its own: where RSL 1.0 (section 4, errata to August 2026) lets a licence stand; pure.

    robots.txt      License: https://…              4.4  points at a document
    HTTP            Link: <…>; rel="license"; type="application/rsl+xml"    4.5  points at one
    HTML            link of the head, the same      4.6.1  points at one
                    script of the head, that type   4.6.2  holds one
    RSS             rsl:content of an item          4.7  is one
    EPUB, XMP       rsl:rsl in the metadata         4.8  is one

What only points is an `unknown` rule with the address: on record, licensing nothing, refusing nothing, for what it
says stands there (`recognition.policy_places` names the address to whoever fetches, `rsl_audience` says for which
crawlers it is). Not read are licences of a part of a page (a script or link outside the head), and those inside
pictures, sound and films: reported, or never seen.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from urllib.parse import urljoin

from lxml import etree

from licensing.formats import html_head, rsl, tdmrep_documents
from licensing.formats.path_patterns import host_of
from licensing.formats.plain_text import MAX_BYTES, MAX_RULES, bounded
from licensing.formats.policy import Effect, Fault, Policy, Reading, Rule
from licensing.formats.robots import licence_addresses
from licensing.formats.rsl_schema import NAMESPACE
from licensing.formats.rsl_terms import FORMAT, MEDIA_TYPE, VERSION
from licensing.formats.untrusted import is_address, parse_xml, shown

HEADER = "link"
MAX_HEADER_CHARS = 8192
MAX_LINKS = 100
RELATION = "license"
ROOT, CONTENT = f"{{{NAMESPACE}}}rsl", f"{{{NAMESPACE}}}content"
TARGET = re.compile(r"<([^<>]*)>([^<>]*)")  # one link; what follows its target are parameters
PARAMETER = re.compile(r';\s?([\w!#$&+.^`|~-]+)\s?=\s?(?:"([^"]*)"|([^\s";,]+))')
OUTSIDE = re.compile(rb"<(?:script|link)\s[^<>]{0,500}?application/rsl\+xml", re.IGNORECASE)


def _reading(rules: Iterable[Rule], faults: Sequence[Fault]) -> Reading:
    found = tuple(dict.fromkeys(rules))
    return Reading(FORMAT, VERSION, (Policy(found),) if found else (), bounded(list(faults)))


def _pointer(address: str, words: str, agents: Sequence[str] = ()) -> Rule:
    return Rule(Effect.UNKNOWN, policy_address=address, words=words[:2000], agents=tuple(agents))


def says_rsl(name: str, value: str) -> bool:
    """Whether a header is one that points at an RSL licence, at first sight."""
    return name.strip().lower() == HEADER and MEDIA_TYPE in value.lower()


# --- what points at a document -----------------------------------------------------------------------------------


def read_robots(content: bytes) -> Reading:
    """The License lines of a robots.txt: for everybody, or for the crawlers that the group names."""
    rules, faults = [], []
    for address, agents in licence_addresses(content)[:MAX_LINKS]:
        if is_address(address):
            rules.append(_pointer(address, f"License: {address}", agents))
        else:
            faults.append(Fault("unknown_address", "License", f"no http or https address: {shown(address)}"))
    return _reading(rules, faults)


def read_headers(headers: Iterable[tuple[str, str]], *, address: str = "") -> Reading:
    """The Link headers of one answer (RFC 8288): of them the licences of RSL's media type about this very resource.

    `address` is that of the answer: a relative target is resolved against it, and reported.
    """
    rules: list[Rule] = []
    faults: list[Fault] = []
    for name, value in headers:
        if not says_rsl(name, value):
            continue
        if len(value) > MAX_HEADER_CHARS:
            faults.append(Fault("line_too_long", "header", f"longer than {MAX_HEADER_CHARS} characters: not read"))
            continue
        for target, parameters in _links(value):
            if not _is_licence(parameters.get("rel", ""), parameters.get("type", "")):
                continue
            if "anchor" in parameters:
                faults.append(Fault("other_anchor", "header", f"about something else: {shown(parameters['anchor'])}"))
            else:
                rules += _linked(target, address, faults, "header", f"Link: <{target}>; rel={RELATION}")
    return _reading(rules, faults)


def _links(value: str) -> Iterator[tuple[str, dict[str, str]]]:
    for match in list(TARGET.finditer(" ".join(value.split())))[:MAX_LINKS]:
        parameters: dict[str, str] = {}
        for name, quoted, plain in PARAMETER.findall(match.group(2)):
            parameters.setdefault(name.lower(), quoted or plain)  # RFC 8288: of rel the first counts
        yield match.group(1).strip(), parameters


def _is_licence(relations: str, media_type: str) -> bool:
    return RELATION in relations.lower().split() and media_type.partition(";")[0].strip().lower() == MEDIA_TYPE


# --- what holds one ----------------------------------------------------------------------------------------------


def read_html(content: bytes, *, address: str = "") -> Reading:
    """What the head of a page says of the page: licences that it holds, and those that it points at."""
    content = content[:MAX_BYTES]
    faults: list[Fault] = []
    pointers: list[Rule] = []
    readings: list[Reading] = []
    seen = 0
    for element in html_head.elements(content):
        kind = element.attributes.get("type", "").partition(";")[0].strip().lower()
        if kind != MEDIA_TYPE or element.name == "meta" or len(readings) + len(pointers) >= MAX_LINKS:
            continue
        seen += 1
        if element.name == "script":
            readings.append(_embedded(element.text.strip().encode("utf-8", "replace")))
        elif _is_licence(element.attributes.get("rel", ""), kind):
            href = element.attributes.get("href", "").strip()
            words = f'<link rel="{RELATION}" type="{MEDIA_TYPE}" href="{href}">'
            pointers += _linked(href, address, faults, "html", words)
    if len(OUTSIDE.findall(content)) > seen:
        cause = "a licence of part of a page, outside its head, or in part of it, is not read"
        faults.append(Fault("licence_outside_head", "html", cause))
    return _joined([*readings, _reading(pointers, faults)])


def _linked(href: str, address: str, faults: list[Fault], place: str, words: str) -> list[Rule]:
    """What points at a licence: its address, absolute."""
    try:
        target = urljoin(address, href) if address else href
    except ValueError:
        target = ""
    if not is_address(target):
        faults.append(Fault("unknown_address", place, f"no http or https address: {shown(href)}"))
        return []
    if target != href:
        faults.append(Fault("address_relative", place, f"it has to be absolute: {shown(href)} read as {shown(target)}"))
    return [_pointer(target, words)]


def _embedded(content: bytes, *, needs_address: bool = False) -> Reading:
    """One licence inside what it is about."""
    root, fault = parse_xml(content)
    if root is None:
        return Reading(FORMAT, VERSION, (), (fault,) if fault else ())
    return _of_root(root, needs_address=needs_address)


def _of_root(root: etree._Element, *, needs_address: bool) -> Reading:
    reading = rsl.read_root(root, is_embedded=True)
    contents = [node for node in root if node.tag == CONTENT]
    if needs_address and any(not is_address((node.get("url") or "").strip()) for node in contents):
        cause = "inside a file a licence has to name the file's own address: what it permits does not count"
        return rsl.without_permissions(reading, Fault("address_missing", "metadata", cause))
    return reading


def read_feed(content: bytes, *, address: str = "") -> Reading:
    """The licences of the items of an RSS feed; `address` is the feed's own, and only of its host it may speak."""
    root, fault = parse_xml(content)
    if root is None:
        return Reading(FORMAT, VERSION, (), (fault,) if fault else ())
    faults: list[Fault] = []
    readings: list[Reading] = []
    own = host_of(address)
    for node in root.iter(CONTENT):
        parent, place = node.getparent(), f"line {node.sourceline}"
        if parent is None or etree.QName(parent).localname != "item":
            faults.append(Fault("not_in_item", place, "a licence outside an item of the feed is not read"))
            continue
        url = (node.get("url") or "").strip()
        if not url or (own and is_address(url) and host_of(url) != own):
            cause = f"a feed speaks of its own host alone: {shown(url)}" if url else "it has no url"
            faults.append(Fault("other_host", place, f"{cause}: not read"))
            continue
        if len(readings) >= MAX_RULES // 10:
            faults.append(Fault("too_many_rules", place, f"only the first {MAX_RULES // 10} items are read"))
            break
        wrapped = etree.Element(ROOT, nsmap={"rsl": NAMESPACE})
        wrapped.append(deepcopy(node))
        readings.append(rsl.read_root(wrapped))
    return _joined([*readings, _reading((), faults)])


def read_epub(content: bytes) -> Reading:
    """What stands in the metadata of a book's package document. Whether it is a book at all is for others to say."""
    package = tdmrep_documents.package_of(content, [])
    metadata = [] if package is None else [node for node in package.root if etree.QName(node).localname == "metadata"]
    return _joined([_of_root(node, needs_address=True) for one in metadata for node in one.iterchildren(ROOT)])


def read_xmp(content: bytes) -> Reading:
    """What stands in the XMP metadata of a document, or in a packet of its own."""
    root = tdmrep_documents.xmp_of(content, [])
    if root is None:
        return Reading(FORMAT, VERSION)
    found = [node for one in tdmrep_documents.descriptions(root) for node in one.iter(ROOT)]
    return _joined([_of_root(node, needs_address=True) for node in found[:MAX_LINKS]])


def _joined(readings: Sequence[Reading]) -> Reading:
    """Several readings of one carrier as one; the oldest version that is in it."""
    versions = [one.format_version for one in readings if one.format_version]
    policies = tuple(policy for one in readings for policy in one.policies)
    return Reading(
        FORMAT, min(versions, default=VERSION), policies, bounded([f for one in readings for f in one.faults])
    )
