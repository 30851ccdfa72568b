"""Files that somebody handed in or a server sent, read for what they say, in a limited child process.

The child (`licensing.formats.reading_child`) has no network, cannot write files, and has limits on memory and time.
What becomes of it is a fault beside the bytes, which are kept in any case.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from ingest.child_process import NOT_ISOLATED, START_SECONDS, ChildEnded, ChildProcess, Limits, NotUnderstood
from ingest.readers.confined import LENGTH_BYTES
from licensing.formats.places import parse
from licensing.formats.policy import Fault
from licensing.formats.policy_json import parse_found, plain
from licensing.formats.recognition import Found, Source

MEBIBYTE = 1 << 20
MAX_FRAME_BYTES = 64 * MEBIBYTE
MODULE = "licensing.formats.reading_child"
FILE_LIMITS = Limits(memory_bytes=1024 * MEBIBYTE, cpu_seconds=30, wall_seconds=60.0, silence_seconds=60.0)
CRAWL_LIMITS = Limits(memory_bytes=1024 * MEBIBYTE, cpu_seconds=2 * 3600, wall_seconds=3 * 3600.0)


@dataclass
class Said:
    """What a file says, the addresses it points at on its own or other hosts, and what kept it from being read."""

    found: list[Found] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class Captured:
    """One answer of a crawl record with what it says."""

    address: str
    host: str
    moment: datetime.datetime
    status: int | None
    headers: tuple[tuple[str, str], ...]
    content: bytes
    content_type: str
    is_cut: bool
    found: list[Found]


def read_file(content: bytes, source: Source) -> Said:
    """What one file says. Never raises for what is in it."""
    descriptor, name = tempfile.mkstemp(prefix="colophon-signal-")
    said = Said()
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        for frame in _frames(Path(name), "file", FILE_LIMITS, source):
            match frame:
                case ["found", list(found), list(places)]:
                    said.found = [parse_found(each) for each in found]
                    said.places = [parse(each).address for each in places]
                case _:
                    raise NotUnderstood
    except ChildEnded as end:
        said.faults.append(Fault(end.code, "", end.cause))
    except (ValueError, TypeError, KeyError, AttributeError):
        said = Said(faults=[Fault("reader_failed", "", "the reader's answer cannot be understood")])
    finally:
        Path(name).unlink(missing_ok=True)
    return said


def read_crawl(path: Path) -> Iterator[Captured | Fault]:
    """The answers of a crawl file that speak, and its bad records named by offset. What ends it early is a fault."""
    try:
        for frame in _frames(path, "crawl", CRAWL_LIMITS, Source()):
            match frame:
                case ["capture", dict(facts), str(content), list(found)]:
                    yield _captured(facts, content, found)
                case ["bad", int(offset), str(code), str(cause)]:
                    yield Fault(plain(code), f"offset {offset}", plain(cause)[:300])
                case _:
                    raise NotUnderstood
    except ChildEnded as end:
        yield Fault(end.code, "", end.cause)
    except (ValueError, TypeError, KeyError, AttributeError):
        yield Fault("reader_failed", "", "the reader's answer cannot be understood")


def _captured(facts: dict[str, Any], content: str, found: list[Any]) -> Captured:
    place = parse(facts["address"])
    moment = datetime.datetime.fromisoformat(facts["moment"])
    status = facts["status"]
    if moment.tzinfo is None or not (status is None or (isinstance(status, int) and 0 <= status < 1000)):
        raise ValueError("no capture")
    return Captured(
        address=place.address,
        host=place.host,
        moment=moment,
        status=status,
        headers=tuple((plain(str(name)), plain(str(value))) for name, value in facts["headers"]),
        content=base64.b64decode(content, validate=True),
        content_type=plain(str(facts["content_type"]))[:100],
        is_cut=facts["is_cut"] is True,
        found=[parse_found(each) for each in found],
    )


def _frames(path: Path, mode: str, limits: Limits, source: Source) -> Iterator[list[Any]]:
    """What the child says between "ready" and "done". Raises ChildEnded."""
    process = ChildProcess(MODULE, limits)
    with contextlib.closing(process):
        process.send(
            {
                "path": os.fsencode(path).decode("latin-1"),
                "mode": mode,
                "source": asdict(source),
                "memory_bytes": limits.memory_bytes,
                "cpu_seconds": limits.cpu_seconds,
            }
        )
        match _frame(process, START_SECONDS):
            case ["ready", _]:
                pass
            case ["refused"]:
                raise ChildEnded("not_isolated", NOT_ISOLATED)
            case _:
                raise NotUnderstood
        while True:
            frame = _frame(process, limits.silence_seconds)
            match frame:
                case ["done", _]:
                    return
                case ["failed", str(code), str(cause)]:
                    raise ChildEnded(code, cause)
            yield frame


def _frame(process: ChildProcess, silence_seconds: float) -> list[Any]:
    size = int.from_bytes(process.take(LENGTH_BYTES, silence_seconds), "big")
    if size > MAX_FRAME_BYTES:
        raise ChildEnded("output_limit", f"one record gives {size} bytes")
    try:
        frame = orjson.loads(process.take(size, silence_seconds))
    except ValueError:
        raise NotUnderstood from None
    if not isinstance(frame, list) or not frame:
        raise NotUnderstood
    return frame
