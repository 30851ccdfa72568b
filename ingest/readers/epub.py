"""EPUB (OCF 3.3, EPUB 3.3): the spine's documents in order as one text. Nothing is fetched, no entity is expanded."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import html5
from urllib.parse import unquote

from lxml import etree
from lxml import html as lxml_html

from ingest.readers.document import MEBIBYTE, BadInput, BadRecord, Document
from ingest.readers.markup import extract_text
from ingest.readers.source import Context, Source, open_seekable
from ingest.readers.zip import open_member, open_zip

MEDIA_TYPE = "application/epub+zip"
CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
MAX_PACKAGE_BYTES = 16 * MEBIBYTE
MAX_CHAPTER_BYTES = 64 * MEBIBYTE
TEXT_TYPES = ("application/xhtml+xml", "text/html", "text/x-oeb1-document", "image/svg+xml", "application/x-dtbook+xml")
NAMED_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
# A document type is of no use to us, and its internal subset is where entity bombs live.
DOCUMENT_TYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
XML_ENTITIES = (b"amp", b"lt", b"gt", b"quot", b"apos")


@dataclass(frozen=True, slots=True)
class SpineItem:
    """One document of the reading order: where the package says it is, and of which type."""

    href: str
    media_type: str


def read_epub(source: Source, context: Context) -> Iterator[Document | BadRecord]:
    """One document for the book; before it, one bad record for each chapter that cannot be read."""
    with open_seekable(source, context) as file, open_zip(file) as archive:
        package = Package(archive, context, source.compressions)
        limit = context.options.max_document_bytes
        texts: list[str] = []
        total = 0
        for item in package.spine():
            try:
                text = package.read_chapter(item)
            except BadInput as fault:
                yield fault.to_record(f"{source.name}#{item.href}")
                continue
            total += len(text)
            if total > limit:
                raise BadInput("document_too_large", f"the book's text is longer than {limit} bytes")
            texts.append(text)
        if not texts:
            raise BadInput("epub_without_text", "the spine names no document that can be read")
        meta = package.describe()
        yield Document(source.name, "".join(texts), meta, MEDIA_TYPE)


class Package:
    """The package document of an EPUB and what it points to."""

    def __init__(self, archive: zipfile.ZipFile, context: Context, compressions: int) -> None:
        self._archive = archive
        self._context = context
        self._compressions = compressions
        self._members = {member.filename: member for member in archive.infolist()}
        container = parse_xml(self._read(CONTAINER, MAX_PACKAGE_BYTES))
        path = next((node.get("full-path") for node in _find(container, "rootfile") if node.get("full-path")), None)
        if path is None:
            raise BadInput("corrupt_epub", f"{CONTAINER} names no package document")
        self._folder = posixpath.dirname(path)
        self._root = parse_xml(self._read(path, MAX_PACKAGE_BYTES))
        self._encrypted = self._list_encrypted()

    def spine(self) -> list[SpineItem]:
        """The documents in reading order, each once. BadInput `corrupt_epub` when there is none."""
        manifest = {
            node.get("id"): SpineItem(node.get("href", ""), node.get("media-type", ""))
            for node in _find(self._root, "item")
        }
        references = dict.fromkeys(node.get("idref") for node in _find(self._root, "itemref"))
        if not references:
            raise BadInput("corrupt_epub", "the package document has no spine")
        return [manifest.get(reference, SpineItem(str(reference), "")) for reference in references]

    def read_chapter(self, item: SpineItem) -> str:
        """The text of one spine document. BadInput when it is missing, remote, encrypted or unreadable."""
        if not item.media_type:
            raise BadInput("epub_item_missing", "the spine refers to something the manifest does not list")
        if item.media_type not in TEXT_TYPES:
            raise BadInput("epub_item_type", f"spine documents of type {item.media_type} are not read")
        href = item.href.partition("#")[0]
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", href):
            raise BadInput("epub_item_remote", "the document lies outside the book; nothing is fetched")
        path = posixpath.normpath(posixpath.join(self._folder, unquote(href)))
        if path in self._encrypted:
            raise BadInput("encrypted", "the document is encrypted")
        return extract_text(parse_chapter(self._read(path, MAX_CHAPTER_BYTES)))

    def describe(self) -> dict[str, str]:
        """Title, creator, language and identifier as the package gives them (first of each)."""
        meta: dict[str, str] = {}
        for field in ("title", "creator", "language", "identifier"):
            node = next(_find(self._root, field), None)
            value = " ".join("".join(map(str, node.itertext())).split())[:500] if node is not None else ""
            if value:
                meta[field] = value
        return meta

    def _list_encrypted(self) -> set[str]:
        if ENCRYPTION not in self._members:
            return set()
        root = parse_xml(self._read(ENCRYPTION, MAX_PACKAGE_BYTES))
        return {unquote(node.get("URI", "")) for node in _find(root, "CipherReference")}

    def _read(self, path: str, limit_bytes: int) -> bytes:
        member = self._members.get(path)
        if member is None:
            raise BadInput("epub_item_missing", f"the book holds no {path[:200]!r}")
        self._context.meter.add_member()
        stream = open_member(self._archive, member, self._context, self._compressions)
        return stream.read_all(limit_bytes, "document_too_large", f"{path[:200]!r}")


def _find(root: etree._Element, local_name: str) -> Iterator[etree._Element]:
    return root.iter(f"{{*}}{local_name}")


def parse_xml(data: bytes) -> etree._Element:
    """The root element. No DTD is loaded, no entity expanded, no address opened. BadInput `corrupt_xml`."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadInput("corrupt_xml", f"not well-formed XML: {str(error)[:300]}") from error
    if root is None:
        raise BadInput("corrupt_xml", "an empty XML document")
    return root


def parse_chapter(data: bytes) -> etree._Element:
    """A chapter's tree: as XML, else as browsers would read it, for books whose XHTML is not well-formed."""
    try:
        return parse_xml(NAMED_ENTITY.sub(_replace_entity, DOCUMENT_TYPE.sub(b"", data, count=1)))
    except BadInput as fault:
        parser = lxml_html.HTMLParser(no_network=True, huge_tree=False, encoding=_find_encoding(data))
        try:
            root = lxml_html.document_fromstring(data, parser)
        except (etree.LxmlError, ValueError, AssertionError, LookupError):
            raise fault from None
        if not "".join(map(str, root.itertext())).strip():
            raise
        return root


def _replace_entity(match: re.Match[bytes]) -> bytes:
    """HTML's named characters as numeric references, which need no DTD; entities of the book's own are dropped."""
    name = match.group(1)
    if name in XML_ENTITIES:
        return match.group()
    characters = html5.get(name.decode("ascii") + ";", "")
    return "".join(f"&#{ord(character)};" for character in characters).encode("ascii")


def _find_encoding(data: bytes) -> str | None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"
