"""A policy as RSL inside what it is about: a page, an item of a feed, a book, a document's metadata; pure.

RSL 1.0, section 4: what is embedded has one content. In a page it speaks of the page without naming it; in a feed, a
book or a document it names the address. What the policy says of other places has no place here, which is `loss`.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from lxml import etree

from licensing.formats import rsl_writing
from licensing.formats.labels import REFUSING, lost
from licensing.formats.path_patterns import EVERYWHERE, matches, path_of
from licensing.formats.policy import Policy, Rule, Written
from licensing.formats.rsl_schema import NAMESPACE
from licensing.formats.rsl_terms import MEDIA_TYPE
from licensing.formats.tdmrep_documents import PACKET_ID, RDF
from licensing.formats.untrusted import is_address
from registry.importers.package import OPF

CONTENT = f"{{{NAMESPACE}}}content"
NUMBER = re.compile(r"^/rules/(\d+)")


class Carrier(StrEnum):
    """What holds the licence. LINK and HEADER point at a document that stands elsewhere."""

    HTML = "html"
    FEED = "rss"
    EPUB = "epub"
    XMP = "xmp"
    LINK = "link"
    HEADER = "header"


def point(licence: str, carrier: Carrier) -> Written:
    """The line for a page's head, or the header, that points at the RSL document at `licence`."""
    if not is_address(licence):
        return Written(b"", "", "", ("/: no http or https address of a licence: left out",))
    if carrier is Carrier.HEADER:
        text = f'Link: <{licence}>; rel="license"; type="{MEDIA_TYPE}"\r\n'
        return Written(text.encode(), "text/plain; charset=utf-8", "rsl-headers.txt")
    escaped = licence.replace("&", "&amp;").replace('"', "&quot;")
    return Written(
        f'<link rel="license" type="{MEDIA_TYPE}" href="{escaped}">\n'.encode(), "text/html", "rsl-link.html"
    )


def write(policy: Policy, carrier: Carrier, *, address: str = "") -> Written:
    """The licence of one resource for its own inside; no bytes where nothing can be said. `address` is its own."""
    loss: list[str] = []
    url = address or policy.target
    if carrier is not Carrier.HTML and not is_address(url):
        return Written(b"", "", "", ("/target: inside a file a licence has to name its address: left out",))
    kept = _of_one(policy.rules, url, loss)
    written = rsl_writing.write(replace(policy, rules=tuple(kept.values()), target=url))
    numbers = list(kept)
    loss += [NUMBER.sub(lambda match: f"/rules/{numbers[int(match[1])]}", sentence) for sentence in written.loss]
    if not written.content:
        return Written(b"", "", "", tuple(loss))
    root = etree.fromstring(written.content)
    (content,) = root.iterchildren(CONTENT)
    if carrier is Carrier.HTML:
        content.set("url", "")
        made = etree.tostring(root, encoding="unicode")
        text = f'<script type="{MEDIA_TYPE}">\n{made}\n</script>\n'
        return Written(text.encode(), "text/html", "rsl-script.html", tuple(loss))
    inner = etree.tostring(_prefixed(content if carrier is Carrier.FEED else root), encoding="unicode")
    return Written(_around(inner, carrier).encode(), *_NAMES[carrier], tuple(loss))


_NAMES = {
    Carrier.FEED: ("application/rss+xml", "rsl-item.xml"),
    Carrier.EPUB: ("application/oebps-package+xml", "package.opf"),
    Carrier.XMP: ("application/rdf+xml", "rsl.xmp"),
}


def _of_one(rules: Sequence[Rule], address: str, loss: list[str]) -> dict[int, Rule]:
    """By number, the rules that are about the address, with one address of terms."""
    terms = next((rule.policy_address for rule in rules if rule.policy_address), "")
    kept: dict[int, Rule] = {}
    for number, rule in enumerate(rules):
        if rule.path not in EVERYWHERE and not (address and matches(rule.path, path_of(address))):
            loss.append(lost(number, "path", "what is said of other places has no place inside this one: left out"))
            continue
        if rule.path not in EVERYWHERE:
            loss.append(lost(number, "path", "said of this one place"))
        fitting = replace(rule, path="")
        if rule.policy_address != terms:
            if rule.effect not in REFUSING:
                loss.append(lost(number, "policy_address", "what is embedded names one address of terms: left out"))
                continue
            loss.append(lost(number, "policy_address", f"said with the one address that is named: {terms}"))
            fitting = replace(fitting, policy_address=terms)
        kept[number] = fitting
    return kept


def _prefixed(node: etree._Element) -> etree._Element:
    """The same element with the prefix rsl, as section 4.7 and 4.8 write it."""
    made = etree.Element(node.tag, nsmap={"rsl": NAMESPACE})
    made.attrib.update(node.attrib)
    made.text = node.text
    made.extend(list(node))
    etree.cleanup_namespaces(made, keep_ns_prefixes=["rsl"])
    return made


def _around(inner: str, carrier: Carrier) -> str:
    if carrier is Carrier.FEED:
        return f'<rss version="2.0" xmlns:rsl="{NAMESPACE}">\n<channel><item>\n{inner}\n</item></channel>\n</rss>\n'
    if carrier is Carrier.EPUB:
        return f'<package xmlns="{OPF}" version="3.0">\n<metadata>\n{inner}\n</metadata>\n</package>\n'
    return (
        f'<?xpacket begin="\ufeff" id="{PACKET_ID}"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        f'<rdf:RDF xmlns:rdf="{RDF}">\n<rdf:Description rdf:about="">\n{inner}\n</rdf:Description>\n</rdf:RDF>\n'
        '</x:xmpmeta>\n<?xpacket end="w"?>\n'
    )
