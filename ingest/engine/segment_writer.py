"""Writing a segment: records in, one file out, memory bounded whatever their number and size.

Texts stream into the file itself, everything else into temporary files beside it. The header goes in last, in front,
where room was left for it. The file appears under its name when it is whole and on disk.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np

from ingest.engine import ENGINE_VERSION
from ingest.engine.errors import BadIndex, IndexFull
from ingest.engine.intake import ReadText, TextRecord, read_text
from ingest.engine.kinship import kin_groups, sample_postings
from ingest.engine.normalise import Scratch, utf8_of
from ingest.engine.params import Params
from ingest.engine.places import measure_blocks
from ingest.engine.postings import POSTINGS_IN_MEMORY, Postings
from ingest.engine.records import Array, IndexRecord, SegmentInfo, Sketch
from ingest.engine.section_files import Output, read_back
from ingest.engine.segment_format import (
    FLAG_EDITION,
    FLAG_TEXT,
    FORMAT,
    MAX_ENTRIES,
    MAX_SYMBOLS,
    NAME_FIELDS,
    SAMPLE_EVERY,
    SECTIONS,
    TEXT_BLOCK_CHARS,
    Buckets,
)

TEXT_PART_CHARS = 1 << 20  # written at a time; whole blocks
COPIED_BYTES = 1 << 20
ROWS_AT_ONCE = 1 << 12
SPLIT = "split the catalogue into several segments of one index"


def write_file(path: Path, records: Iterable[IndexRecord | TextRecord], params: Params) -> SegmentInfo:
    """Write one segment file from records, as `SegmentWriter` does."""
    with SegmentWriter(path, params) as writer:
        for record in records:
            writer.add(record)
        return writer.finish()


def sync_folder(folder: Path) -> None:
    """Make a rename inside the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class SegmentWriter:
    """One segment on its way to `path`: add records, then `finish`. Same records in the same order, same bytes.

    Beyond `postings_in_memory` postings go to a temporary file beside it, 16 bytes each. Unless finished nothing
    appears. Memory: what `postings` needs, the largest text six times, and about 200 bytes a work.
    """

    def __init__(self, path: Path, params: Params, *, postings_in_memory: int = POSTINGS_IN_MEMORY) -> None:
        self._path, self._params = path, params
        self._open = contextlib.ExitStack()
        try:
            folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix=".tmp-", dir=path.parent)))
            self._temporary = folder / "segment"
            self._out = Output(self._open.enter_context(self._temporary.open("w+b", buffering=0)))
            self._postings = self._open.enter_context(contextlib.closing(Postings(params, folder, postings_in_memory)))
            self._spools: dict[str, IO[bytes]] = {
                name: self._open.enter_context(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115  the stack closes it
                for name in SECTIONS
                if name not in ("texts", "entries")
            }
        except BaseException:
            self._open.close()
            raise
        self._scratch = Scratch()
        self._numbers: dict[str, int] = {}  # of works, in the order in which they came
        self._work_of: list[int] = []
        self._ends = dict.fromkeys(("record_starts", "text_starts", "block_starts", "sample_starts"), 0)
        self._name_bytes = 0
        self._totals = {"letters": 0, "chars": 0, "words": 0, "with_text": 0}
        for name in self._ends:
            self._extend(name, np.zeros(1, np.uint64))
        self._rows: list[list[int]] = []  # of the tables, to be written
        self._out.begin("texts")

    def __enter__(self) -> SegmentWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give up what is not finished."""
        self._open.close()

    @property
    def records(self) -> int:
        """Records added so far."""
        return len(self._work_of)

    @property
    def symbols(self) -> int:
        """Letters of the stream added so far, a Han character counting as two."""
        return self._ends["record_starts"]

    @property
    def postings(self) -> int:
        """Postings added so far."""
        return self._postings.count

    def add(self, record: IndexRecord | TextRecord) -> Sketch | ReadText:
        """One record; returns its sketch, which holds until the next.

        `BadIndex`: a sketch of other parameters or of another text; `IndexFull`: more than a segment can address.
        """
        sketch: Sketch | ReadText
        if isinstance(record, TextRecord):
            sketch = read_text(record.text, self._params, self._scratch)
        elif record.sketch.parameters != self._params.name:
            parameters = record.sketch.parameters
            message = f"the sketch of {record.work!r} was made with {parameters!r}, not {self._params.name!r}"
            raise BadIndex(message, work=record.work)
        else:
            sketch = record.sketch
        self._check_room(record.work, sketch.symbols, sketch.hashes.size)
        if isinstance(sketch, ReadText):
            self._add_text(sketch.utf8, sketch.block_bytes, sketch.block_symbols)
        elif record.text is not None:
            self._add_known_text(record.work, record.text, sketch.symbols)
        else:
            self._add_samples(sketch.positions, sketch.offsets)
        self._postings.add(sketch.hashes, sketch.positions, sketch.signatures, self.symbols)
        self._ends["record_starts"] += sketch.symbols
        for name in ("letters", "chars", "words"):
            self._totals[name] += getattr(sketch, name)
        self._totals["with_text"] += record.text is not None
        flags = FLAG_TEXT * (record.text is not None) + FLAG_EDITION * (record.edition is not None)
        totals = sketch.letters, sketch.chars, sketch.words
        self._rows.append([*self._ends.values(), *totals, flags, *self._add_names(record)])
        if len(self._rows) == ROWS_AT_ONCE:
            self._write_rows()
        return sketch

    def _check_room(self, work: str, symbols: int, postings: int) -> None:
        if self.symbols + symbols > MAX_SYMBOLS:
            raise IndexFull(f"more than {MAX_SYMBOLS:,} letters, at {work!r}: {SPLIT}", work=work)
        if self._postings.count + postings > MAX_ENTRIES:
            raise IndexFull(f"more than {MAX_ENTRIES:,} postings, at {work!r}: {SPLIT}", work=work)

    def _write_rows(self) -> None:
        rows = np.array(self._rows, np.uint64).reshape(len(self._rows), len(self._ends) + 4 + len(NAME_FIELDS))
        for column, name in enumerate(self._ends):
            self._extend(name, rows[:, column])
        at = len(self._ends)
        self._extend("record_totals", rows[:, at : at + 3])
        self._extend("flags", rows[:, at + 3])
        self._extend("name_ends", rows[:, at + 4 :])
        self._rows.clear()

    def _extend(self, name: str, values: Array) -> None:
        self._spools[name].write(np.ascontiguousarray(values, SECTIONS[name]).data)

    def _add_text(self, utf8: Array, bytes_before: Array, symbols_before: Array) -> None:
        self._extend("block_bytes", bytes_before + self._ends["text_starts"])
        self._extend("block_symbols", symbols_before)
        self._out.write(utf8.data)
        self._ends["text_starts"] += utf8.size
        self._ends["block_starts"] += bytes_before.size

    def _add_known_text(self, work: str, text: str, expected_symbols: int) -> None:
        """A text whose sketch is at hand; only its blocks are measured."""
        symbols = 0
        for start in range(0, len(text), TEXT_PART_CHARS):
            part = text[start : start + TEXT_PART_CHARS]
            utf8 = utf8_of(part)
            bytes_before, symbols_before, more = measure_blocks(utf8, len(part), TEXT_BLOCK_CHARS)
            self._add_text(utf8, bytes_before, symbols_before + symbols)
            symbols += more
        if symbols != expected_symbols:
            raise BadIndex(f"the sketch of {work!r} is not of the text given with it", work=work)

    def _add_samples(self, positions: Array, offsets: Array) -> None:
        """Of every eighth seed and of the last, where it is."""
        chosen = np.arange(0, positions.size, SAMPLE_EVERY)
        if positions.size and chosen[-1] != positions.size - 1:
            chosen = np.append(chosen, positions.size - 1)
        self._extend("sample_positions", positions[chosen])
        self._extend("sample_offsets", offsets[chosen])
        self._ends["sample_starts"] += chosen.size

    def _add_names(self, record: IndexRecord | TextRecord) -> list[int]:
        """Write the names; returns where each ends."""
        names = (record.work, record.edition or "", record.title, record.author, record.isbn)
        ends = []
        for name in names:
            raw = name.encode("utf-8", "surrogatepass")
            self._spools["names"].write(raw)
            self._name_bytes += len(raw)
            ends.append(self._name_bytes)
        self._work_of.append(self._numbers.setdefault(record.work, len(self._numbers)))
        return ends

    def finish(self) -> SegmentInfo:
        """Sort, write all sections and the header, see them on disk, and give the file its name."""
        self._write_rows()
        self._out.begin("entries")
        layout = self._postings.finish(
            lambda entries: self._out.write(entries.data.cast("B") if entries.size else b""),
            lambda buckets: self._extend("buckets", buckets),
        )
        self._extend("kin", self._kin(layout))
        for name, spool in self._spools.items():
            self._out.begin(name)
            spool.seek(0)
            while chunk := spool.read(COPIED_BYTES):
                self._out.write(chunk)
        header: dict[str, Any] = {
            "buckets": layout._asdict(),
            "engine": ENGINE_VERSION,
            "format": FORMAT,
            "parameters": {"name": self._params.name, "digest": self._params.digest},
            "postings": self._postings.count,
            "records": len(self._work_of),
            "works": len(self._numbers),
            "totals": {"symbols": self._ends["record_starts"], **self._totals},
        }
        digest, size = self._out.close(header)
        self._temporary.chmod(0o644)
        self._temporary.replace(self._path)
        self._open.close()
        sync_folder(self._path.parent)
        counts = header["records"], header["works"], header["postings"]
        return SegmentInfo(str(self._path), digest, self._params.name, *counts, size)

    def _kin(self, layout: Buckets) -> Array:
        """Group of kin works of each record, from the entries and tables written so far."""
        work_of = np.array(self._work_of, np.int64)
        buckets = read_back(self._spools["buckets"], "buckets")
        entries = self._out.read_back("entries")
        starts = read_back(self._spools["record_starts"], "record_starts")
        sample = sample_postings(buckets, entries, starts, layout, work_of)
        groups = kin_groups([sample], self._params, np.arange(len(self._numbers)))
        return groups[work_of] if work_of.size else work_of
