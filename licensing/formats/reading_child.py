"""The limited child that `licensing.services.signal_files` starts: one request on stdin, frames on stdout.

The request: {"path", "mode": "file" | "crawl", "source", "memory_bytes", "cpu_seconds"}. A frame is a length (8 bytes,
big-endian) and an array of JSON: ["ready", isolation] · ["refused"] · ["found", [found…], [address…]] of a file ·
["capture", facts, content in base64, [found…]] · ["bad", offset, code, cause] · ["done", records] ·
["failed", code, cause].
"""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from ingest.readers.confined import begin, failed, write_frame
from licensing.formats import crawl_records
from licensing.formats.policy_json import found_json, plain
from licensing.formats.recognition import Found, Source, policy_places, read_all


def main() -> int:
    """Confine this process, read the one file, end."""
    begun = begin(_write)
    if begun is None:
        return 0
    output, request = begun
    path = Path(os.fsdecode(request["path"].encode("latin-1")))
    try:
        if request["mode"] == "crawl":
            _crawl(path, output)
        else:
            _file(path, _source(request["source"]), output)
    except Exception as error:  # noqa: BLE001 (whatever a reader raises is about this file)
        _write(output, failed(error))
    return 0


def _file(path: Path, source: Source, output: BinaryIO) -> None:
    content = path.read_bytes()
    found = read_all(content, source)
    _write(output, ["found", _said(found), policy_places(found)])
    _write(output, ["done", 1])


def _source(given: dict[str, Any]) -> Source:
    headers = [(name, value) for name, value in given["headers"]]
    return Source(**given | {"headers": headers, "agents": tuple(given["agents"])})


def _crawl(path: Path, output: BinaryIO) -> None:
    records = 0
    with path.open("rb") as stream:
        for record in crawl_records.read(stream):
            records += 1
            if isinstance(record, crawl_records.BadRecord):
                _write(output, ["bad", record.offset, record.code, plain(record.cause)])
            elif record is not None:
                _capture(record, output)
    _write(output, ["done", records])


def _capture(record: crawl_records.Capture, output: BinaryIO) -> None:
    is_gone = record.status is not None and not 200 <= record.status < 300
    source = Source(
        address=record.address, content_type=record.content_type, headers=record.headers, day=record.moment[:10]
    )
    found = [] if is_gone else read_all(record.content, source)
    facts = {name: value for name, value in asdict(record).items() if name != "content"}
    facts["content_type"] = plain(record.content_type)
    facts["headers"] = [[plain(name), plain(value)] for name, value in record.headers]
    _write(output, ["capture", facts, base64.b64encode(record.content).decode(), _said(found)])


def _said(found: Sequence[Found]) -> list[Any]:
    return [found_json(each) for each in found]


def _write(output: BinaryIO, content: list[Any]) -> None:
    write_frame(output, orjson.dumps(content))


if __name__ == "__main__":
    sys.exit(main())
