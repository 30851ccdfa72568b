"""Catalogue files of any format: `open_catalogue` looks at the content, never at the name, and hands on row by row."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path

from registry.importers import croissant, delimited, documents, dpi, epub, marc, onix, workbooks
from registry.importers.marc_records import NAMESPACE
from registry.importers.rows import CatalogueError, CatalogueRow, DatasetRow, FileHead, Message
from registry.importers.source import GZIP_MAGIC, ZIP_MAGIC, Source, open_zip

Opened = tuple[FileHead, Iterator[CatalogueRow | DatasetRow]]
# Files that people hand in by mistake: how they begin, what they are, and what to do.
REFUSED_HEADS = (
    (b"%PDF-", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (XLS or DOC); save the table as XLSX or CSV"),
    (b"{\\rtf", "a text in RTF"),
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard; hand it in plain, as gzip or as zip"),
    (b"BZh", "compressed with bzip2; hand it in plain, as gzip or as zip"),
    (b"\xfd7zXZ\x00", "compressed with xz; hand it in plain, as gzip or as zip"),
    (b"7z\xbc\xaf", "a 7z archive; hand it in plain, as gzip or as zip"),
    (b"Rar!", "a RAR archive; hand it in plain, as gzip or as zip"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
)
BOM = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?")
# ISO 2709: length, five codes, indicator and subfield counts "22", base address, "4500"; some leave out the counts
MARC_LEADER = re.compile(rb"[\r\n ]*[0-9]{5}[a-z][a-z][a-z ][a-z ][a-z ][0-9 ]{2}[0-9]{5}.{3}4[0-9 ]{2}[0-9 ]")
CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
IGNORED_MEMBERS = re.compile(r"(?:^|/)(?:__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)|/$", re.IGNORECASE)


def open_catalogue(
    path: Path, *, name: str, columns: Mapping[str, str] | None = None, encoding: str | None = None
) -> Opened:
    """What the file says of itself, and its records in order, read as they are asked for.

    `name` is what messages call the file. `columns` maps columns of a table to our fields (`columns.FIELDS`),
    without it they are recognised; `encoding` overrides what the file says. The iterator holds the file open: exhaust
    or close it.

    Raises CatalogueError with code: FILE_EMPTY, FILE_DAMAGED, FILE_TOO_LARGE, FORMAT_UNKNOWN, FORMAT_REFUSED,
    SEVERAL_FILES, ENCODING_UNKNOWN, COLUMN_MISSING, FIELD_UNKNOWN and those of the formats (docs/imports.md).
    """
    if datasets := _open_datasets(path):
        return datasets
    opened: Opened
    if path.is_dir():
        opened = epub.open_folder(path, name)
    else:
        opened = _open_file(_unpack(Source(path, name)), columns, encoding)
    head, rows = opened
    return head, _end_well(rows)


def _end_well(rows: Iterator[CatalogueRow | DatasetRow]) -> Iterator[CatalogueRow | DatasetRow]:
    """The rows; what ends the reading of a file after its head is a last row that says so."""
    number = 0
    try:
        for row in rows:
            number = row.number
            yield row
    except CatalogueError as error:
        cause = f"{error.cause}; records from {number + 1} on were not read"
        yield CatalogueRow(number=number + 1, messages=(Message("", "", "F", error.code, cause),))
    finally:
        if isinstance(rows, Generator):
            rows.close()


def _open_datasets(path: Path) -> Opened | None:
    """JSON in a file, folder or zip, when it describes datasets."""
    if not _may_be_json(path):
        return None
    head = documents.head(path)
    for form in (croissant, dpi):
        if form.looks_like(head):
            return form.read(path)
    return None


def _may_be_json(path: Path) -> bool:
    if path.is_dir():
        return True
    source = Source(path, path.name)
    head = source.head()
    if head.startswith(ZIP_MAGIC):
        with source.open_seekable() as file, open_zip(file, source.name) as archive:
            return any(name.lower().endswith(documents.SUFFIXES) for name in archive.namelist())
    if head.startswith(GZIP_MAGIC):
        head = Source(path, path.name, is_gzip=True).head()
    return head.startswith(documents.ZSTD_MAGIC) or _begins_json(head)


def _begins_json(head: bytes) -> bool:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def _unpack(source: Source) -> Source:
    """The feed itself: out of gzip, or the only file of a zip that is not a format of its own."""
    head = source.head()
    if head.startswith(GZIP_MAGIC) and not source.is_gzip:
        return _unpack(Source(source.path, source.name, source.member, is_gzip=True))
    if not head.startswith(ZIP_MAGIC) or source.member or source.is_gzip:
        return source
    with source.open_seekable() as file, open_zip(file, source.name) as archive:
        if _is_own_format(archive):
            return source
        members = [member for member in archive.namelist() if not IGNORED_MEMBERS.search(member)]
    if not members:
        raise CatalogueError("FILE_EMPTY", source.name, 0, "the zip holds no files")
    if len(members) > 1:
        cause = f"the zip holds {len(members)} files ({', '.join(members[:3])} …); hand in one feed at a time"
        raise CatalogueError("SEVERAL_FILES", source.name, 0, cause)
    return _unpack(Source(source.path, source.name, members[0]))


def _is_own_format(archive: zipfile.ZipFile) -> bool:
    """Whether the zip is a workbook, an EPUB, or a bundle of EPUBs."""
    names = set(archive.namelist())
    return bool(names & {"[Content_Types].xml", "mimetype"}) or any(name.lower().endswith(".epub") for name in names)


def _open_file(source: Source, columns: Mapping[str, str] | None, encoding: str | None) -> Opened:
    head = source.head()
    if not head.strip():
        raise CatalogueError("FILE_EMPTY", source.name, 0, "the file is empty")
    for magic, what in REFUSED_HEADS:
        if head.startswith(magic):
            raise CatalogueError("FORMAT_REFUSED", source.name, 0, f"this is {what}")
    if head.startswith(ZIP_MAGIC):
        return _open_zip(source, columns)
    if _begins_json(head):
        cause = "this is JSON, but neither Croissant nor entries of the Data Provenance Initiative"
        raise CatalogueError("FORMAT_UNKNOWN", source.name, 0, cause)
    if MARC_LEADER.match(head):
        return marc.open_binary(source)
    if len(CONTROL_BYTES.findall(head)) > len(head) // 20 and not _is_utf16(head):
        cause = "neither ONIX, nor MARC, a table, a workbook or an EPUB: these are bytes that no such format has"
        raise CatalogueError("FORMAT_UNKNOWN", source.name, 0, cause)
    if _looks_like_xml(head):
        return _open_xml(source, head, encoding)
    return delimited.open_table(source, columns, encoding)


def _is_utf16(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in (head[1:2], head[:1])


def _looks_like_xml(head: bytes) -> bool:
    text = BOM.sub(b"", head[:4096], count=1).replace(b"\x00", b"").lstrip()
    return text.startswith(b"<")


def _open_xml(source: Source, head: bytes, encoding: str | None) -> Opened:
    text = head.replace(b"\x00", b"")
    if NAMESPACE.encode() in text or re.search(rb"<(?:[\w.-]+:)?(?:collection|record)[\s>]", text):
        return marc.open_xml(source)
    if re.search(rb"<!DOCTYPE html|<html[\s>]", text[:4096], re.IGNORECASE):
        cause = "this is a web page: the address may have asked for a sign-in instead of giving the file"
        raise CatalogueError("FORMAT_REFUSED", source.name, 0, cause)
    return onix.open_message(source, encoding)


def _open_zip(source: Source, columns: Mapping[str, str] | None) -> Opened:
    with source.open_seekable() as file, open_zip(file, source.name) as archive:
        is_workbook = "[Content_Types].xml" in archive.namelist()
    return workbooks.open_workbook(source, columns) if is_workbook else epub.open_archive(source)
