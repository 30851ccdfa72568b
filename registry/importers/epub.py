"""EPUB 2 and 3 → works: what the package document of each book says of it (EPUB 3.3, OPF 2.0.1, TDMRep for EPUB)."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from registry.identifiers import IdentifierError, normalise
from registry.importers.epub_people import read_people
from registry.importers.epub_rights import read_rights
from registry.importers.package import Package
from registry.importers.rows import CatalogueError, CatalogueRow, EditionRow, FileHead, Message
from registry.importers.source import MAX_SEEKABLE_BYTES, MEBIBYTE, Source, open_zip
from registry.importers.values import (
    MAX_DESCRIPTION_CHARS,
    MAX_NAME_CHARS,
    MAX_REFERENCE_CHARS,
    MAX_TITLE_CHARS,
    Remarks,
    Seen,
    check_date,
    check_identifier,
    check_language,
    check_text,
    check_title,
)

CONTAINER = "META-INF/container.xml"
MAX_PACKAGE_BYTES = 4 * MEBIBYTE
MAX_BOOKS = 100_000
FAULTS = (zipfile.BadZipFile, OSError, EOFError, KeyError, ValueError, RuntimeError, NotImplementedError)
_MARKUP = re.compile(r"<[^<>]{0,500}>")
_DAY = re.compile(r"([0-9]{4}(?:-[0-9]{2}){0,2})(?:T.*)?")
_ISBN = re.compile(r"(?:urn:)?isbn[: ]*", re.IGNORECASE)


def open_folder(folder: Path, name: str) -> tuple[FileHead, Iterator[CatalogueRow]]:
    """All EPUBs below a folder, in order of their paths. CatalogueError FORMAT_UNKNOWN when there are none."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".epub" and path.is_file())
    if not paths:
        raise CatalogueError("FORMAT_UNKNOWN", name, 0, "the folder holds no EPUB")

    def books() -> Iterator[tuple[str, BinaryIO]]:
        for path in paths:
            with path.open("rb") as file:
                yield path.relative_to(folder).as_posix(), file

    return FileHead(file_format="epub"), _read_books(books())


def open_archive(source: Source) -> tuple[FileHead, Iterator[CatalogueRow]]:
    """One EPUB, or all EPUBs inside a zip."""
    return FileHead(file_format="epub"), _read_archive(source)


def _read_archive(source: Source) -> Iterator[CatalogueRow]:
    with source.open_seekable() as file, open_zip(file, source.name) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".epub")]
        if "mimetype" in archive.namelist() or not names:
            yield from _read_books(iter([(source.name, file)]))
            return

        def books() -> Iterator[tuple[str, BinaryIO]]:
            for name in sorted(names):
                yield name, _unpack(archive, name)

        yield from _read_books(books())


def _unpack(archive: zipfile.ZipFile, name: str) -> BinaryIO:
    """A book out of a zip; what cannot be unpacked is handed on as it is and refused as no EPUB."""
    try:
        with archive.open(name) as stream:
            data = stream.read(MAX_SEEKABLE_BYTES + 1)
    except FAULTS:
        return io.BytesIO()
    return io.BytesIO(data if len(data) <= MAX_SEEKABLE_BYTES else b"")


def _read_books(books: Iterator[tuple[str, BinaryIO]]) -> Iterator[CatalogueRow]:
    references = Seen()
    for number, (name, file) in enumerate(books, start=1):
        if number > MAX_BOOKS:
            cause = f"more than {MAX_BOOKS} books; hand them in in parts"
            yield CatalogueRow(number, messages=(Message("", "", "F", "FILE_TOO_LARGE", cause),))
            return
        try:
            package = _open_package(file, name)
        except CatalogueError as error:
            message = Message("", name, "E", error.code, error.cause, "hand in the book as its publisher made it")
            yield CatalogueRow(number, reference=name[:MAX_REFERENCE_CHARS], messages=(message,), raw=name)
            continue
        yield _read_book(number, name, package, references)


def _open_package(file: BinaryIO, name: str) -> Package:
    """The package document. CatalogueError EPUB_BROKEN, DOCTYPE_REFUSED."""
    try:
        with zipfile.ZipFile(file) as book:
            container = _parse(_read_member(book, CONTAINER, name), name)
            places = [node.get("full-path") for node in container.iter("{*}rootfile")]
            path = next((place for place in places if place), "")
            if not path:
                raise CatalogueError("EPUB_BROKEN", name, 0, f"{CONTAINER} names no package document")
            data = _read_member(book, posixpath.normpath(path), name)
            return Package(_parse(data, name), data)
    except FAULTS as error:
        raise CatalogueError("EPUB_BROKEN", name, 0, f"this is no EPUB that can be read: {error}") from error


def _read_member(book: zipfile.ZipFile, path: str, name: str) -> bytes:
    with book.open(path) as stream:
        data = stream.read(MAX_PACKAGE_BYTES + 1)
    if len(data) > MAX_PACKAGE_BYTES:
        raise CatalogueError("EPUB_BROKEN", name, 0, f"{path[:100]!r} is larger than {MAX_PACKAGE_BYTES} bytes")
    return data


def _parse(data: bytes, name: str) -> etree._Element:
    """The root element. Nothing is loaded or resolved; a document type is refused."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise CatalogueError("EPUB_BROKEN", name, 0, f"its XML is not well-formed: {str(error)[:200]}") from error
    if root is None:
        raise CatalogueError("EPUB_BROKEN", name, 0, "its package document is empty")
    if b"<!DOCTYPE" in data:
        raise CatalogueError("DOCTYPE_REFUSED", name, 0, "its package document has a DOCTYPE, which is never read")
    return root


def _read_book(number: int, name: str, package: Package, references: Seen) -> CatalogueRow:
    remarks = Remarks()
    reference = check_text(
        package.unique_identifier() or name, "identifier", remarks, MAX_REFERENCE_CHARS, severity="E"
    )
    if earlier := references.first(reference, number):
        cause = f"book {earlier} has the same identifier; the first one stands"
        remarks.add("identifier", reference, "E", "DUPLICATE_REFERENCE", cause, fix="hand in each book once")
    title, subtitle = _read_titles(package)
    languages = package.texts("language")
    language = check_language(languages[0], "language", remarks) if languages else ""
    people = read_people(package, remarks)
    translated = any(person.role == "translator" for person in people)
    publishers = package.texts("publisher")
    editions, identifiers = _read_identifiers(package, remarks)
    edition = EditionRow(
        published=_read_date(package, remarks),
        publisher=check_text(publishers[0], "publisher", remarks, MAX_NAME_CHARS) if publishers else "",
        language=language,
        translation=translated,
        identifiers=editions,
    )
    descriptions = [_MARKUP.sub(" ", text) for text in package.texts("description")]
    return CatalogueRow(
        number=number,
        reference=reference,
        title=check_title(title, "title", remarks),
        subtitle=check_text(subtitle, "title", remarks, MAX_TITLE_CHARS),
        language="" if translated else language,
        description=check_text(descriptions[0], "description", remarks, MAX_DESCRIPTION_CHARS) if descriptions else "",
        people=people,
        identifiers=identifiers,
        editions=(edition,) if edition != EditionRow(language=language) else (),
        statements=read_rights(package, remarks),
        messages=tuple(remarks.messages),
        raw=package.metadata_text(),
    )


def _read_titles(package: Package) -> tuple[str, str]:
    """Main title and subtitle, by their title types where there are any."""
    titles = [(package.refined(node, "title-type"), text) for node, text in package.elements("title") if text]
    main = next((text for kind, text in titles if kind == "main"), titles[0][1] if titles else "")
    return main, next((text for kind, text in titles if kind == "subtitle"), "")


def _read_date(package: Package, remarks: Remarks) -> str:
    """The publication: in EPUB 2 dates say what of, in EPUB 3 the one date is it."""
    for node, text in package.elements("date"):
        if package.attribute(node, "event") in ("", "publication", "original-publication", "ops-publication"):
            match = _DAY.fullmatch(text)
            return check_date(match.group(1) if match else text, "date", remarks)
    return ""


def _read_identifiers(
    package: Package, remarks: Remarks
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Identifiers of the edition and of the work. Addresses, UUIDs and the like are references and no more."""
    editions: dict[tuple[str, str], None] = {}
    works: dict[tuple[str, str], None] = {}
    for node, text in package.elements("identifier"):
        scheme = package.attribute(node, "scheme").casefold() or package.refined(node, "identifier-type").casefold()
        if scheme.startswith("isbn") or scheme in ("02", "15") or _ISBN.match(text):
            if isbn := check_identifier("isbn", text, "identifier", remarks):
                editions["isbn", isbn] = None
        elif scheme == "doi" or text.lower().startswith(("doi:", "10.", "https://doi.org/")):
            if doi := check_identifier("doi", text, "identifier", remarks):
                works["doi", doi] = None
        elif re.fullmatch(r"97[89][0-9-]{10,14}", text):
            try:
                editions["isbn", normalise("isbn", text)] = None
            except IdentifierError:
                continue
    return tuple(editions), tuple(works)
