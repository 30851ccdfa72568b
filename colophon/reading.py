"""PATHs in, documents out: what every command that reads texts has in common.

Files are parsed in a limited child process. Bad records and guessed encodings are named on standard error; bad records
make the command end with exit 2 unless `--skip-bad` was given.
"""

from __future__ import annotations

import argparse
import codecs
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from colophon.exits import CommandError
from colophon.notices import Progress, tell
from ingest.readers.decoding import decode_text
from ingest.readers.document import BadRecord, Document, ReadError, ReadOptions
from ingest.readers.walk import list_files
from ingest.sandbox import DEFAULT_LIMITS, Child, ChildEnded

RECORD_TYPES = frozenset(
    {
        "application/jsonl",
        "application/json",
        "text/csv",
        "text/tab-separated-values",
        "application/vnd.apache.parquet",
    }
)


@dataclass(frozen=True)
class LeftFile:
    """A file that the caller reads itself: its display name and its path."""

    name: str
    path: Path


def read_nothing_else(_path: Path) -> bool:
    """No file is left to the caller."""
    return False


class Reading:
    """One pass over the PATHs of a command, with what was found on the way."""

    def __init__(self, options: argparse.Namespace, text_fallbacks: Sequence[str] = ()) -> None:
        self.paths: list[str] = options.paths
        self.skip_bad: bool = options.skip_bad
        self.documents = 0
        self.characters = 0
        self.bad: list[BadRecord] = []
        self._options = ReadOptions(
            encoding=options.encoding,
            text_field=options.text_field,
            text_fallbacks=tuple(text_fallbacks),
            id_field=options.id_field,
        )
        self._told_encodings: set[tuple[str, str]] = set()
        self._progress = Progress()

    @property
    def has_failed(self) -> bool:
        """Whether bad records make this command fail."""
        return bool(self.bad) and not self.skip_bad

    def read(self, leaves: Callable[[Path], bool] = read_nothing_else) -> Iterator[Document | LeftFile]:
        """Every document of all PATHs in their order; files for which `leaves` is true are handed over unread.

        A PATH that does not exist is a CommandError, before anything is read.
        """
        try:
            listed = [(list_files(path), Path(path).is_dir()) for path in self.paths]
            for item in self._parse(listed, leaves):
                if isinstance(item, Document):
                    self._count(item)
                    yield item
                elif isinstance(item, LeftFile):
                    yield item
                else:
                    self.report(item)
        except ReadError as error:
            raise CommandError(str(error)) from error
        finally:
            self._progress.clear()

    def documents_only(self) -> Iterator[Document]:
        """Every document of all PATHs."""
        return (item for item in self.read() if isinstance(item, Document))

    def _parse(
        self, listed: list[tuple[Iterator[tuple[str, Path] | BadRecord], bool]], leaves: Callable[[Path], bool]
    ) -> Iterator[Document | LeftFile | BadRecord]:
        """One child reads file after file; when it is spent, the next file gets a new one."""
        child: Child | None = None
        try:
            for item, in_folder in ((item, in_folder) for one, in_folder in listed for item in one):
                if isinstance(item, BadRecord):
                    yield item
                    continue
                name, path = item
                if leaves(path):
                    yield LeftFile(name, path)
                    continue
                child = child or Child(self._options, DEFAULT_LIMITS)
                try:
                    items = child.read(path, name)
                    yield from self._settle_object(items, name, path) if in_folder else items
                except ChildEnded as end:
                    yield BadRecord(name, end.code, end.cause)
                if child.is_spent:
                    child.stop()
                    child = None
        finally:
            if child is not None:
                child.stop()

    def _settle_object(
        self, items: Iterator[Document | BadRecord], name: str, path: Path
    ) -> Iterator[Document | BadRecord]:
        """In a folder, a .json file that is one object without the text field is no dataset but a text among others.

        A configuration, say. Named as a PATH itself, or as a line of JSON Lines, it is a bad record.
        """
        first = next(items, None)
        if first is None:
            return
        second = next(items, None) if isinstance(first, BadRecord) else None
        if second is None and isinstance(first, BadRecord) and first.cause_code == "text_missing":
            text = self._read_object(path)
            if text is not None:
                yield Document(name, text)
                return
        yield first
        if second is not None:
            yield second
        yield from items

    def _read_object(self, path: Path) -> str | None:
        """The text of a .json file that begins as an object; None for any other."""
        if path.suffix.lower() != ".json" or path.stat().st_size > self._options.max_document_bytes:
            return None
        text = decode_text(path.read_bytes(), self._options)[0]
        return text if text.lstrip().startswith("{") else None

    def _count(self, document: Document) -> None:
        self.documents += 1
        self.characters += len(document.text)
        if document.detected_encoding is not None:
            self._tell_encoding(document, document.detected_encoding)
        self._progress.show(self.documents, self.characters)

    def _tell_encoding(self, document: Document, encoding: str) -> None:
        """Records of one file share its encoding, which is told once."""
        name = document.name.rpartition("#")[0] if document.media_type in RECORD_TYPES else ""
        told = (name or document.name, encoding)
        if told not in self._told_encodings:
            self._told_encodings.add(told)
            self._progress.clear()
            tell(f"{told[0]}: not UTF-8, read as {encoding} (a guess: --encoding settles it)")

    def report(self, bad: BadRecord) -> None:
        """Name a bad record; the rest goes on."""
        self.bad.append(bad)
        self._progress.clear()
        tell(f"{bad.name}: {bad.cause} [{bad.cause_code}]")

    def tell_summary(self) -> None:
        """After the work: how much could not be read, and what that means for the exit code."""
        if self.bad:
            count = "1 record" if len(self.bad) == 1 else f"{len(self.bad)} records"
            effect = "skipped, as --skip-bad asks" if self.skip_bad else "the command fails; --skip-bad accepts it"
            tell(f"{count} could not be read: {effect}")


def add_reading_arguments(parser: argparse.ArgumentParser) -> None:
    """PATH... and how to read them."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="file or folder: txt, epub, jsonl, json, csv, tsv, parquet, tar, zip, each also gz, zst, xz, bz2",
    )
    group = parser.add_argument_group("reading")
    group.add_argument("--encoding", type=_encoding, help="of text that is not UTF-8 (default: it is detected)")
    group.add_argument("--text-field", default="text", metavar="NAME", help="field or column of the text (text)")
    group.add_argument("--id-field", default="id", metavar="NAME", help="field or column that names a record (id)")
    group.add_argument("--skip-bad", action="store_true", help="name bad records, but do not fail because of them")


def _encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        raise argparse.ArgumentTypeError(f"{name!r} is not an encoding known to Python") from None


def positive(text: str) -> int:
    """A whole number of at least 1, for argparse."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return number


def share(text: str) -> float:
    """A number between 0 and 1, ends excluded, for argparse."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share between 0 and 1, like 0.01")
    return number
