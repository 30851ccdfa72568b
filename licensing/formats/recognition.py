"""What some bytes are, and what every format that they may be in says with them; pure.

A name decides where formats ask for one (robots.txt, tdmrep.json, ai.txt), content where they do not. One answer of a
server may speak in several formats at once: robots.txt has Content-Usage lines, a page has headers.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from licensing.formats import (
    ai_txt,
    aipref,
    cawg,
    content_signal,
    odrl_policy,
    onix_rights,
    robots_kit,
    rsl,
    rsl_audience,
    rsl_carriers,
    sentences,
    tdmrep,
)
from licensing.formats.places import parse
from licensing.formats.plain_text import is_markup
from licensing.formats.policy import Fault, Reading
from licensing.formats.rsl_terms import FORMAT

HEAD_BYTES = 4096
ROBOTS, TDMREP, AI_TXT = "/robots.txt", tdmrep.ADDRESS, "/ai.txt"
RSL_TYPE, RSL_NAMESPACE = "application/rsl+xml", b"rslstandard.org/rsl"
WELL_KNOWN = (ROBOTS, TDMREP, AI_TXT, "/license.xml")
SPEAKING_HEADERS = frozenset({"tdm-reservation", "tdm-policy", aipref.FIELD, content_signal.FIELD})
KINDS = ("robots", "tdmrep", "ai.txt", "html", "epub", "pdf", "rsl", "rss", "odrl", "cawg", "onix", "text")
ROOT_NAME = re.compile(rb"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:[a-z]+:)?(rsl|rss)[\s>]", re.DOTALL)
Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Source:
    """Where bytes come from, as far as it is known; `day` (ISO) chooses the draft that a statement is read by."""

    address: str = ""
    file_name: str = ""
    content_type: str = ""
    headers: Headers = ()
    day: str = ""
    kind: str = ""  # of KINDS, where somebody says what it is
    agents: tuple[str, ...] = ()  # the crawlers in whose groups the lines stand that led here; none: everybody


@dataclass(frozen=True)
class Found:
    """What one format says here, and what carried it: robots, file, header, html, epub, pdf."""

    carrier: str
    reading: Reading


def speaking(headers: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    """The headers that say something about uses, names in small letters."""
    pairs = ((str(name).strip().lower(), str(value)) for name, value in headers)
    return [(name, value) for name, value in pairs if name in SPEAKING_HEADERS or rsl_carriers.says_rsl(name, value)]


def read_all(content: bytes, source: Source) -> list[Found]:
    """Everything that the content and the headers say. Nothing known is one reading with a fault, never an error."""
    found = list(_of_headers(source))
    kind = source.kind or kind_of(content, source)
    if kind:
        found += READERS[kind](content, source)
    elif content and not found:
        fault = Fault("format_unknown", "", "this is in none of the formats that are read here")
        found.append(Found("file", Reading("unknown", faults=(fault,))))
    return found


def kind_of(content: bytes, source: Source) -> str:
    """Which of KINDS the bytes are; empty where that cannot be told."""
    name = _name(source)
    by_name = {"robots.txt": "robots", "tdmrep.json": "tdmrep", "ai.txt": "ai.txt"}
    if name in by_name:
        return by_name[name]
    head = _head(content)
    if head.startswith(b"%PDF"):
        return "pdf"
    if head.startswith(b"PK"):
        return "epub"
    if head[:1] in (b"{", b"["):
        return _kind_of_json(head, content)
    if head[:1] == b"<":
        return _kind_of_markup(head)
    media_type = source.content_type.partition(";")[0].strip().lower()
    is_text = media_type in ("", "text/plain", "text/markdown") and b"\0" not in head
    return "text" if is_text and head else ""


def _head(content: bytes) -> bytes:
    """The beginning without byte order mark and white space; of UTF-16, as XML and JSON may be written, in UTF-8."""
    head = content[:HEAD_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")


def _name(source: Source) -> str:
    """The last part of a path or file name. robots-2024.txt is one, too: people keep files by their date."""
    path = source.address.partition("?")[0].rpartition("/")[2] or source.file_name
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    if source.address:
        return name
    loose = re.fullmatch(r"(?:.*[-_.])?(robots|tdmrep|ai)(?:[-_.].*)?\.(txt|json)", name)
    return f"{loose[1]}.{loose[2]}" if loose else name


def _kind_of_json(head: bytes, content: bytes) -> str:
    if head[:1] == b"[":
        return "odrl" if b"odrl" in head and b"tdm-reservation" not in content else "tdmrep"
    if b"training-mining" in content or b"ai_generative_training" in content or b"data_mining" in content:
        return "cawg"
    return "odrl" if b"odrl" in content or b"permission" in content or b"prohibition" in content else ""


def _kind_of_markup(head: bytes) -> str:
    lower = head.lower()
    root = ROOT_NAME.match(lower)
    if root and root[1] in (b"rsl", b"rss"):
        return root[1].decode()
    if b"ns.editeur.org/onix" in lower or re.search(rb"<(onixmessage|epubusageconstraint|epublicense)", lower):
        return "onix"
    if b"idpf.org/2007/opf" in lower:
        return "epub"
    if b"x:xmpmeta" in lower or b"<?xpacket" in lower or b"<rdf:rdf" in lower:
        return "pdf"
    is_page = lower.startswith(b"<script") or any(tag in lower for tag in (b"<html", b"<!doctype html", b"<head"))
    return "rsl" if RSL_NAMESPACE in lower and not is_page else "html"


def _of_headers(source: Source) -> Iterator[Found]:
    said = speaking(source.headers)
    names = {name for name, _ in said}
    if names & {"tdm-reservation", "tdm-policy"}:
        yield Found("header", tdmrep.read_headers(said, address=source.address))
    if aipref.FIELD in names:
        values = [value for name, value in said if name == aipref.FIELD]
        yield Found("header", aipref.read(aipref.join(values), _draft(source)))
    if content_signal.FIELD in names:
        values = [value for name, value in said if name == content_signal.FIELD]
        yield Found("header", content_signal.read(aipref.join(values)))
    if rsl_carriers.HEADER in names:
        yield from _speaking("header", rsl_carriers.read_headers(said, address=source.address))


def _draft(source: Source) -> str:
    return aipref.draft_on(source.day) if source.day else ""


def _speaking(carrier: str, reading: Reading) -> list[Found]:
    """The reading, unless there is nothing of its format here, which is no fault."""
    return [Found(carrier, reading)] if reading.policies or reading.faults else []


def _robots(content: bytes, source: Source) -> list[Found]:
    found = [Found("robots", one) for one in robots_kit.read(content, _draft(source))]
    return found + (_speaking("robots", rsl_carriers.read_robots(content)) if not _is_page(content) else [])


def _is_page(content: bytes) -> bool:
    return is_markup(content[:HEAD_BYTES].decode("utf-8", "replace"))


def _tdmrep(content: bytes, source: Source) -> list[Found]:
    return [Found("file", tdmrep.read(content, address=source.address))]


def _html(content: bytes, source: Source) -> list[Found]:
    """A page; one that says nothing is no fault."""
    return [
        *_speaking("html", tdmrep.read(content, tdmrep.Carrier.HTML, address=source.address)),
        *_speaking("html", rsl_carriers.read_html(content, address=source.address)),
    ]


def _epub(content: bytes, source: Source) -> list[Found]:
    said = Found("epub", tdmrep.read(content, tdmrep.Carrier.EPUB, address=source.address))
    return [said, *_speaking("epub", rsl_carriers.read_epub(content))]


def _pdf(content: bytes, source: Source) -> list[Found]:
    said = Found("pdf", tdmrep.read(content, tdmrep.Carrier.PDF, address=source.address))
    return [said, *_speaking("pdf", rsl_carriers.read_xmp(content))]


def _rss(content: bytes, source: Source) -> list[Found]:
    return _speaking("file", rsl_carriers.read_feed(content, address=source.address))


def _file(read: Callable[[bytes], Reading]) -> Callable[[bytes, Source], list[Found]]:
    return lambda content, source: [Found("file", read(content))]


def _rsl(content: bytes, source: Source) -> list[Found]:
    return [Found("file", rsl.read(content, agents=source.agents))]


def _text(content: bytes, source: Source) -> list[Found]:
    """Words for people: what of them is about such uses is kept, and nothing is derived from it."""
    return [Found("file", sentences.read(content))]


READERS: dict[str, Callable[[bytes, Source], list[Found]]] = {
    "robots": _robots,
    "tdmrep": _tdmrep,
    "ai.txt": _file(ai_txt.read),
    "html": _html,
    "epub": _epub,
    "pdf": _pdf,
    "rsl": _rsl,
    "rss": _rss,
    "odrl": _file(odrl_policy.read),
    "cawg": _file(cawg.read),
    "onix": _file(onix_rights.read),
    "text": _text,
}


def policy_places(found: Sequence[Found]) -> list[str]:
    """Addresses where the terms stand that these bytes point at: policies of TDMRep, RSL documents."""
    rules = [rule for one in found for policy in one.reading.policies for rule in policy.rules]
    places = []
    for address in filter(None, (rule.policy_address for rule in rules)):
        try:
            places.append(parse(address).address)
        except ValueError:
            continue
    return list(dict.fromkeys(places))


def crawlers_of(found: Sequence[Found]) -> dict[str, tuple[str, ...]]:
    """Address of an RSL document → the crawlers that it is for (none: everybody), by the lines of a robots.txt."""
    readings = [one.reading for one in found if one.carrier == "robots" and one.reading.format == FORMAT]
    rules = [rule for reading in readings for policy in reading.policies for rule in policy.rules]
    return rsl_audience.of_lines((rule.policy_address, rule.agents) for rule in rules if rule.policy_address)
