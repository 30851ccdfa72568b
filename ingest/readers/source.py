"""A thing to read: its name for people, its name for guessing the format, and its bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from ingest.readers.document import BadInput, ReadOptions
from ingest.readers.streams import Meter, Stream


@dataclass(frozen=True, slots=True)
class Context:
    """What everything read from one file shares."""

    options: ReadOptions
    meter: Meter


@dataclass(frozen=True, slots=True)
class Source:
    """`name` is the document name so far; `ending_name` the file or member name less the compressions taken off.
    `file` is set where the bytes can be sought in place. `containers` counts archives and compressions around,
    `compressions` those that expand."""

    name: str
    ending_name: str
    stream: Stream
    file: BinaryIO | None = None
    containers: int = 0
    compressions: int = 0

    def inner(
        self, stream: Stream, *, member: str | None = None, ending_name: str | None = None, expands: bool
    ) -> Source:
        """The source of a member, or (member None) of what a compression holds."""
        return Source(
            name=self.name if member is None else f"{self.name}#{member}",
            ending_name=ending_name or member or self.ending_name,
            stream=stream,
            containers=self.containers + 1,
            compressions=self.compressions + expands,
        )


@contextmanager
def open_seekable(source: Source, context: Context) -> Iterator[BinaryIO]:
    """The source with random access: in place, or in memory within `max_buffered_bytes` (BadInput `buffer_limit`)."""
    if source.file is not None:
        yield source.file
        return
    data = context.meter.hold(source.stream)
    try:
        yield BytesIO(data)
    finally:
        context.meter.release(data)


def check_member_name(name: str) -> None:
    """Names are data and never become paths, yet one that would leave its archive is not an honest one. BadInput."""
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":" and name[0].isalpha()):
        raise BadInput("unsafe_member_name", "the member's name is absolute or climbs out of the archive")
