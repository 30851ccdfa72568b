"""The readers' door: from a path to documents, through folders, compressions and archives."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.compression import expand
from ingest.readers.delimited import read_delimited
from ingest.readers.document import BadInput, BadRecord, Document, Exhausted, ReadError, ReadOptions
from ingest.readers.epub import read_epub
from ingest.readers.formats import detect_format, strip_compression
from ingest.readers.json_array import read_json
from ingest.readers.json_lines import read_json_lines
from ingest.readers.parquet import read_parquet
from ingest.readers.source import Context, Source
from ingest.readers.streams import Meter, Stream
from ingest.readers.tar import read_tar
from ingest.readers.text import read_text
from ingest.readers.zip import read_zip

DEFAULT_OPTIONS = ReadOptions()
COMPRESSIONS = ("gz", "bz2", "xz", "zst")


def open_documents(
    path: str | os.PathLike[str], options: ReadOptions = DEFAULT_OPTIONS, *, name: str | None = None
) -> Iterator[Document | BadRecord]:
    """Every document under `path`, a file or a folder, in a fixed order, as a stream in constant memory.

    `name` replaces the path in document names. Bad input comes as BadRecord between the documents; the only
    exception is ReadError (`not_found`, `not_readable`), raised at once, when `path` itself is not there.
    """
    listed = list_files(path, name=name)
    return _read_listed(listed, options)


def _read_listed(
    listed: Iterator[tuple[str, Path] | BadRecord], options: ReadOptions
) -> Iterator[Document | BadRecord]:
    for item in listed:
        if isinstance(item, BadRecord):
            yield item
        else:
            yield from read_file(item[1], item[0], options)


def list_files(path: str | os.PathLike[str], *, name: str | None = None) -> Iterator[tuple[str, Path] | BadRecord]:
    """(display name, path) of the file, or of each below the folder: sorted, without hidden ones and links.

    Raises ReadError when `path` is not there."""
    shown = display_name(path) if name is None else name
    root = Path(path)
    try:
        mode = root.stat().st_mode
    except FileNotFoundError as error:
        raise ReadError("not_found", shown, "no such file or folder") from error
    except (OSError, ValueError) as error:
        raise ReadError("not_readable", shown, f"cannot be read: {error}") from error
    if not stat.S_ISDIR(mode):
        return iter([(shown, root)])
    return _list_folder(root, shown)


def _list_folder(folder: Path, shown: str) -> Iterator[tuple[str, Path] | BadRecord]:
    found = False
    for item in _walk_folder(folder, shown):
        found = True
        yield item
    if not found:
        yield BadRecord(shown, "empty_folder", "the folder holds no files to read")


def _walk_folder(folder: Path, shown: str) -> Iterator[tuple[str, Path] | BadRecord]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        yield BadRecord(shown, "not_readable", f"the folder cannot be read: {error.strerror}")
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        entry_name = f"{shown.rstrip('/')}/{display_name(entry.name)}"
        if entry.is_dir(follow_symlinks=False):
            yield from _walk_folder(Path(entry.path), entry_name)
        else:
            yield entry_name, Path(entry.path)


def display_name(path: str | os.PathLike[str]) -> str:
    """The path as given, with "/" between its parts and none at the end; bytes that are not UTF-8 shown as \\xNN."""
    shown = os.fsencode(path).decode("utf-8", "backslashreplace")
    if os.sep != "/":
        shown = shown.replace(os.sep, "/")
    return shown.rstrip("/") or "/"


def read_file(path: Path, shown: str, options: ReadOptions) -> Iterator[Document | BadRecord]:
    """The documents of one file, under the display name `shown`. Never raises for what the file holds."""
    try:
        # Named pipes may be given (process substitution); other special files never end or do something when read.
        if not (path.is_file() or path.is_fifo()):
            yield BadRecord(shown, "not_a_file", "not a regular file")
            return
        with path.open("rb", buffering=0) as file:
            is_seekable = file.seekable()
            stored_bytes = os.fstat(file.fileno()).st_size
            context = Context(options, Meter(options, stored_bytes))
            source = Source(shown, path.name, Stream(file.read), file if is_seekable else None)
            yield from read_source(source, context)
    except Exhausted as fault:
        yield fault.to_record(shown)
    except OSError as error:
        yield BadRecord(shown, "not_readable", f"cannot be read: {error.strerror or error}")


def read_source(source: Source, context: Context) -> Iterator[Document | BadRecord]:
    """The documents of a file, a member or what a compression holds; its own faults as bad records.

    Raises only Exhausted: then nothing else of the same file is read."""
    try:
        if source.containers > context.options.max_nesting:
            raise BadInput("nesting_limit", f"more than {context.options.max_nesting} containers inside one another")
        yield from _read_format(detect_format(source), source, context)
    except Exhausted:
        raise
    except BadInput as fault:
        yield fault.to_record(source.name)


def _read_format(kind: str, source: Source, context: Context) -> Iterator[Document | BadRecord]:
    if kind in COMPRESSIONS:
        stream = expand(source.stream, kind, context.meter, source.compressions)
        inner = source.inner(stream, ending_name=strip_compression(source.ending_name), expands=True)
        return read_source(inner, context)
    match kind:
        case "tar":
            return read_tar(source, context, read_source)
        case "zip":
            return read_zip(source, context, read_source)
        case "epub":
            return read_epub(source, context)
        case "parquet":
            return read_parquet(source, context)
        case "jsonl":
            return read_json_lines(source, context)
        case "json":
            return read_json(source, context)
        case "csv" | "tsv":
            return read_delimited(source, context, kind)
        case "sidecar":
            return iter(())
    return read_text(source, context)
