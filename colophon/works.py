"""PATHs as works: each document, and each fingerprint of a `.fp` file, with who it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from colophon.exits import CommandError
from colophon.manifest import Manifest, Row, load_manifest, name_work
from colophon.notices import tell
from colophon.reading import RECORD_TYPES, LeftFile, Reading
from ingest.engine.errors import EngineError
from ingest.engine.fingerprint import load
from ingest.engine.params import Params
from ingest.engine.records import FingerprintRecord, Sketch
from ingest.engine.sketch import sketch_text
from ingest.readers.document import BadRecord, Document

FINGERPRINT_ENDING = ".fp"


@dataclass(frozen=True)
class TextWork:
    """A text and the work it is."""

    name: str
    text: str
    work: str
    edition: str | None = None
    title: str = ""
    author: str = ""
    isbn: str = ""


def sketch_work(work: TextWork, params: Params) -> Sketch:
    """The sketch of a work's text; a text too short to be found is named on standard error."""
    sketch = sketch_text(work.text, params)
    if not sketch.hashes.size:
        tell(f"{work.name}: too short to be found ({sketch.letters} letters; a seed has {params.seed_symbols})")
    return sketch


class Works:
    """The works under the PATHs of a command, each (work, edition) once."""

    def __init__(self, reading: Reading, manifest: str | None) -> None:
        self._reading = reading
        self._manifest = Manifest(Path(), []) if manifest is None else load_manifest(Path(manifest))
        self._has_manifest = manifest is not None
        self._manifest.bind(reading.paths)
        self._of_row: dict[int, str] = {}
        self._seen: dict[tuple[str, str | None], str] = {}

    def texts(self) -> Iterator[TextWork]:
        """All documents as works. CommandError where two are the same edition of one work."""
        for item in self._reading.read(self._is_manifest):
            if isinstance(item, Document):
                yield self._identify(item)

    def texts_and_fingerprints(self) -> Iterator[TextWork | FingerprintRecord]:
        """As `texts`, and the records of `.fp` files."""
        for item in self._reading.read(self._is_left):
            if isinstance(item, Document):
                yield self._identify(item)
            elif not self._is_manifest(item.path):
                yield from self._fingerprints(item)

    def _is_manifest(self, path: Path) -> bool:
        return self._has_manifest and self._manifest.is_manifest(path)

    def _is_left(self, path: Path) -> bool:
        return path.suffix == FINGERPRINT_ENDING or self._is_manifest(path)

    def _fingerprints(self, file: LeftFile) -> Iterator[FingerprintRecord]:
        try:
            records = load(file.path.read_bytes())
        except EngineError as error:
            self._reading.report(BadRecord(file.name, error.code, str(error)))
            return
        except OSError as error:
            self._reading.report(BadRecord(file.name, "not_readable", f"cannot be read: {error.strerror or error}"))
            return
        for record in records:
            self._claim(record.work, record.edition, file.name)
            yield record

    def _identify(self, document: Document) -> TextWork:
        row = self._manifest.find(document.name)
        if row is not None:
            return self._from_row(document, row)
        if self._has_manifest:
            tell(f"{document.name}: not in {self._manifest.path}, taken under its own name")
        work = name_work(document.name, is_record=document.media_type in RECORD_TYPES)
        self._claim(work, None, document.name)
        return TextWork(document.name, document.text, work)

    def _from_row(self, document: Document, row: Row) -> TextWork:
        earlier = self._of_row.setdefault(row.number, document.name)
        if earlier != document.name:
            raise CommandError(
                f"{self._manifest.path}, row {row.number}: {row.path} holds several texts ({earlier}, {document.name}):"
                " give each a row, as FILE#MEMBER or FILE#RECORD"
            )
        self._claim(row.work, row.edition, document.name)
        return TextWork(document.name, document.text, row.work, row.edition, row.title, row.author, row.isbn)

    def _claim(self, work: str, edition: str | None, name: str) -> None:
        earlier = self._seen.get((work, edition))
        if earlier is not None:
            which = f"edition {edition} of {work}" if edition else work
            raise CommandError(f"{earlier} and {name} are both {which}: a manifest (--manifest) tells them apart")
        self._seen[work, edition] = name
