"""Catalogue files of any format: `open_catalogue` looks at the content, never at the name, and hands rows on one by one."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from registry.importers import delimited, onix
from registry.importers.rows import CatalogueError, CatalogueRow, DatasetRow, FileHead
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
CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
IGNORED_MEMBERS = re.compile(r"(?:^|/)(?:__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)|/$", re.IGNORECASE)


def open_catalogue(
    path: Path, *, name: str, columns: Mapping[str, str] | None = None, encoding: str | None = None
) -> Opened:
    """What the file says of itself, and its records in order, read as they are asked for.

    `name` is what messages call the file. `columns` maps columns of a table to our fields (`columns.FIELDS`), without it
    they are recognised; `encoding` overrides what the file says. The iterator holds the file open: exhaust or close it.

    Raises CatalogueError with code: FILE_EMPTY, FILE_DAMAGED, FILE_TOO_LARGE, FORMAT_UNKNOWN, FORMAT_REFUSED,
    SEVERAL_FILES, ENCODING_UNKNOWN, COLUMN_MISSING, FIELD_UNKNOWN and those of the formats (docs/imports.md).
    """
    if not path.is_dir():
        source = _unpack(Source(path, name))
        return _open_file(source, columns, encoding)
    raise CatalogueError("FORMAT_UNKNOWN", name, 0, "a folder that holds no EPUB")


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
    if len(CONTROL_BYTES.findall(head)) > len(head) // 20 and not _is_utf16(head):
        cause = "neither ONIX, nor MARC, a table, a workbook or an EPUB: these are bytes that no such format has"
        raise CatalogueError("FORMAT_UNKNOWN", source.name, 0, cause)
    if _looks_like_xml(head):
        return onix.open_message(source, encoding)
    return delimited.open_table(source, columns, encoding)


def _is_utf16(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in (head[1:2], head[:1])


def _looks_like_xml(head: bytes) -> bool:
    text = BOM.sub(b"", head[:4096], count=1).replace(b"\x00", b"").lstrip()
    return text.startswith(b"<")
