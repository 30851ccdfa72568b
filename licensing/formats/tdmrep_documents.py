"""TDMRep inside HTML pages, EPUB books and PDF documents: the values that stand there, and fragments to put in; pure.

Source: W3C TDM Reservation Protocol, final community group report of 10 May 2024. HTML: `meta` elements of the head.
EPUB 3: `meta` with properties of the prefix tdm, EPUB 2: `meta` with names; both speak of the whole book. PDF: XMP
properties in a namespace of their own, which ends with a slash where the prefix of EPUB ends with #.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from licensing.formats import html_head
from licensing.formats.plain_text import MAX_BYTES
from licensing.formats.policy import Fault
from licensing.formats.untrusted import parse_xml, shown
from registry.importers import tdm
from registry.importers.package import OPF, Package

EPUB_PREFIX = tdm.NAMESPACE
XMP_NAMESPACE = "http://www.w3.org/ns/tdmrep/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
CONTAINER = "META-INF/container.xml"
MAX_FILE_BYTES = 256 << 20  # a book or document
MAX_METADATA_BYTES = 4 << 20
PACKET_ID = "W5M0MpCehiHzreSzNTczkc9d"  # the same in every XMP packet
FAULTS = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, ValueError, RuntimeError, NotImplementedError,
)  # fmt: skip
RESERVATION, POLICY = "tdm-reservation", "tdm-policy"
META = re.compile(rb"<meta\s[^<>]{0,500}?name\s*=\s*[\"']?\s*tdm-(?:reservation|policy)", re.IGNORECASE)
Values = tuple[list[str], list[str]]  # reservations, policies
NOTHING: Values = ([], [])


def read_html(content: bytes, faults: list[Fault]) -> Values:
    """The `meta` elements of the head, in a page's first MAX_BYTES. Later ones may be anybody's: they are reported."""
    content = content[:MAX_BYTES]
    found: dict[str, list[str]] = {RESERVATION: [], POLICY: []}
    for name, value in html_head.metas(content):
        if name in found:
            found[name].append(value)
    if len(META.findall(content)) > sum(map(len, found.values())):
        faults.append(Fault("meta_outside_head", "html", "what stands outside the head, or in part of it, is not read"))
    return found[RESERVATION], found[POLICY]


def write_html(value: int, policy_address: str) -> str:
    """Lines for the head of a page."""
    policy = f'<meta name="tdm-policy" content={quoteattr(policy_address)}>\n' if policy_address else ""
    return f'<meta name="tdm-reservation" content="{value}">\n{policy}'


def read_epub(content: bytes, faults: list[Fault]) -> Values:
    """The metadata of a book's package document, or of a package document handed in alone."""
    package = package_of(content, faults)
    if package is None:
        return NOTHING
    said = tdm.read_metadata(package)
    if said.foreign:
        faults.append(Fault("prefix_unknown", "epub", f"tdm: stands for {shown(said.foreign)}, not TDMRep: not read"))
    return said.reservations, said.policies


def package_of(content: bytes, faults: list[Fault]) -> Package | None:
    """The package document of a book, or one that was handed in alone; None, and a fault, where there is none."""
    data = _package_document(content, faults) if content.startswith(b"PK") else content
    if data is None:
        return None
    root, fault = parse_xml(data, MAX_METADATA_BYTES)
    if root is None or fault:
        faults += [fault] if fault else []
        return None
    if root.tag != f"{{{OPF}}}package":
        faults.append(Fault("not_a_package", "", f"the root is {shown(root.tag)}, not a package of OPF"))
        return None
    return Package(root, data)


def _package_document(content: bytes, faults: list[Fault]) -> bytes | None:
    if len(content) > MAX_FILE_BYTES:
        faults.append(Fault("too_large", "", f"longer than {MAX_FILE_BYTES} bytes: not read"))
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            root, fault = parse_xml(_member(book, CONTAINER), MAX_METADATA_BYTES)
            if root is None:
                faults.append(fault or Fault("not_epub", CONTAINER, "it is empty"))
                return None
            place = next((path for node in root.iter("{*}rootfile") if (path := node.get("full-path"))), "")
            return _member(book, posixpath.normpath(place))
    except FAULTS as error:
        faults.append(Fault("not_epub", "", f"this is no EPUB that can be read: {shown(str(error))}"))
        return None


def _member(book: zipfile.ZipFile, path: str) -> bytes:
    """A file of the book, a byte more than its limit at most, so that a bomb is never unpacked."""
    with book.open(path) as stream:
        return stream.read(MAX_METADATA_BYTES + 1)


def write_epub(value: int, policy_address: str, version: str) -> str:
    """A package document with nothing but TDMRep: its prefix and its `meta` elements go into the book's own."""
    is_three = version.startswith("3")
    said = [("reservation", str(value)), ("policy", policy_address)]
    lines = [
        f'    <meta property="tdm:{name}">{escape(text)}</meta>'
        if is_three
        else f'    <meta name="tdm:{name}" content={quoteattr(text)}/>'
        for name, text in said
        if text
    ]
    prefix = f' prefix="tdm: {EPUB_PREFIX}"' if is_three else ""
    head = f'<package xmlns="{OPF}" version={quoteattr(version)}{prefix}>'
    return "\n".join([head, "  <metadata>", *lines, "  </metadata>", "</package>", ""])


def read_pdf(content: bytes, faults: list[Fault]) -> Values:
    """The XMP metadata of a document, or an XMP packet handed in alone."""
    root = xmp_of(content, faults)
    if root is None:
        return NOTHING
    found: dict[str, list[str]] = {"reservation": [], "policy": []}
    for description in descriptions(root):
        values = [(str(name), value) for name, value in description.items()]
        values += [
            (str(node.tag), node.get(f"{{{RDF}}}resource") or (node.text or "").strip())
            for node in description
            if not len(node)
        ]
        for tag, value in values:
            namespace, _, name = tag.removeprefix("{").rpartition("}")
            if namespace == XMP_NAMESPACE and name in found:
                found[name].append(str(value))
            elif namespace == EPUB_PREFIX and name in found:
                faults.append(
                    Fault("namespace_unknown", "pdf", f"{name} in the namespace of EPUB is not read in a PDF")
                )
    return found["reservation"], found["policy"]


def xmp_of(content: bytes, faults: list[Fault]) -> etree._Element | None:
    """The XMP metadata of a document, or a packet handed in alone, parsed; None where there are none."""
    packet = _metadata_stream(content, faults) if b"%PDF-" in content[:1024] else content
    if packet is None:
        return None
    is_wide = b"\x00" in packet[:16]  # UTF-16 or UTF-32
    root, fault = parse_xml(packet if is_wide else packet.strip(b"\x00 \t\r\n"), MAX_METADATA_BYTES)
    faults += [fault] if fault else []
    return None if fault else root


def descriptions(root: etree._Element) -> Iterator[etree._Element]:
    """What XMP says of the document itself: not the parts of it that have metadata of their own."""
    for description in root.iter(f"{{{RDF}}}Description"):
        parent = description.getparent()
        if parent is not None and parent.tag == f"{{{RDF}}}RDF":
            yield description


def _metadata_stream(content: bytes, faults: list[Fault]) -> bytes | None:
    if len(content) > MAX_FILE_BYTES:
        faults.append(Fault("too_large", "", f"longer than {MAX_FILE_BYTES} bytes: not read"))
        return None
    import pypdf  # noqa: PLC0415 (a third of a second that only documents need)

    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            faults.append(Fault("encrypted", "pdf", "the document needs a password"))
            return None
        stream = reader.root_object.get("/Metadata")
        stream = stream.get_object() if stream is not None else None
        return stream.get_data() if isinstance(stream, pypdf.generic.StreamObject) else None
    except (pypdf.errors.PyPdfError, *FAULTS, TypeError, AttributeError, IndexError, RecursionError) as error:
        faults.append(Fault("not_pdf", "", f"this is no PDF that can be read: {shown(str(error))}"))
        return None


def write_xmp(value: int, policy_address: str) -> str:
    """An XMP packet with nothing but what TDMRep says."""
    policy = f"\n      <tdm:policy>{escape(policy_address)}</tdm:policy>" if policy_address else ""
    return f"""<?xpacket begin="\ufeff" id="{PACKET_ID}"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF xmlns:rdf="{RDF}">
    <rdf:Description rdf:about="" xmlns:tdm="{XMP_NAMESPACE}">
      <tdm:reservation>{value}</tdm:reservation>{policy}
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""
