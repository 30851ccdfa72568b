"""The `.fp` file: fingerprints that travel instead of texts.

Layout, little-endian: magic, format version (uint32), header length (uint32), header (canonical JSON: engine, parameter
set with digest, and who each record is with its totals), then per record hashes (uint64), symbol positions (uint32),
code-point offsets (uint32) and signatures (2 × uint8), and at the end the SHA-256 of all that. Every size is checked
against the file before memory is taken.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from ingest.engine import ENGINE_VERSION
from ingest.engine.errors import BadFingerprint
from ingest.engine.params import REGISTRY_1, Params, preset, require
from ingest.engine.records import FingerprintRecord, Sketch

MAGIC = b"\x89CFP\r\n\x1a\n"
FORMAT_VERSION = 1
SEED_BYTES = 8 + 4 + 4 + 2
TEXT_FIELDS = ("work", "edition", "title", "author", "isbn")
TOTALS = ("symbols", "letters", "chars", "words", "seeds")


def dump(records: Sequence[FingerprintRecord]) -> bytes:
    """Fingerprints of one parameter set as bytes; same records, same bytes. ValueError if sets are mixed."""
    names = {record.sketch.parameters for record in records}
    if len(names) > 1:
        raise ValueError(f"one .fp file holds one parameter set, not {', '.join(sorted(names))}")
    params = preset(names.pop()) if names else REGISTRY_1
    header = _canonical(
        {
            "engine": ENGINE_VERSION,
            "parameters": {"name": params.name, "digest": params.digest},
            "records": [_row(record) for record in records],
        }
    )
    parts = [MAGIC, FORMAT_VERSION.to_bytes(4, "little"), len(header).to_bytes(4, "little"), header]
    for record in records:
        sketch = record.sketch
        parts += [
            sketch.hashes.astype("<u8").tobytes(),
            sketch.positions.astype("<u4").tobytes(),
            sketch.offsets.astype("<u4").tobytes(),
            sketch.signatures.astype("u1").tobytes(),
        ]
    body = b"".join(parts)
    return body + hashlib.sha256(body).digest()


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _row(record: FingerprintRecord) -> dict[str, Any]:
    sketch = record.sketch
    row: dict[str, Any] = {name: getattr(record, name) for name in TEXT_FIELDS}
    row |= {"symbols": sketch.symbols, "letters": sketch.letters, "chars": sketch.chars, "words": sketch.words}
    return row | {"seeds": len(sketch.hashes)}


def load(raw: bytes) -> list[FingerprintRecord]:
    """Fingerprints from bytes. `UnknownParameters` for a set not known here, `BadFingerprint` for everything else."""
    if raw[: len(MAGIC)] != MAGIC:
        raise BadFingerprint("not a fingerprint file")
    if len(raw) < len(MAGIC) + 8 + 32:
        raise BadFingerprint("the fingerprint file is cut short")
    version = int.from_bytes(raw[8:12], "little")
    if version != FORMAT_VERSION:
        raise BadFingerprint(f"fingerprint format {version} is not known here", version=version)
    header_end = 16 + int.from_bytes(raw[12:16], "little")
    if header_end > len(raw) - 32:
        raise BadFingerprint("the fingerprint file is cut short (header)")
    try:
        header = json.loads(raw[16:header_end])
        name, digest = header["parameters"]["name"], header["parameters"]["digest"]
        rows = header["records"]
        if not isinstance(name, str) or not isinstance(digest, str) or not isinstance(rows, list):
            raise TypeError("wrong types")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadFingerprint(f"the fingerprint file's header is damaged ({error})") from error
    params = require(name, digest)
    if hashlib.sha256(raw[:-32]).digest() != raw[-32:]:
        raise BadFingerprint("the fingerprint file is damaged: its checksum does not match")
    return _records(raw, header_end, rows, params)


def _records(raw: bytes, at: int, rows: list[Any], params: Params) -> list[FingerprintRecord]:
    end = len(raw) - 32
    records = []
    for number, row in enumerate(rows, 1):
        _check_row(row, number)
        if row["seeds"] * SEED_BYTES > end - at:
            raise BadFingerprint(f"the fingerprint file is cut short in record {number}", record=number)
        sketch, at = _sketch(raw, at, row, params)
        _check_sketch(sketch, number, params)
        records.append(FingerprintRecord(**{name: row[name] for name in TEXT_FIELDS}, sketch=sketch))
    if at != end:
        raise BadFingerprint("the fingerprint file has bytes that belong to no record")
    return records


def _check_row(row: Any, number: int) -> None:
    good = isinstance(row, dict) and all(type(row.get(name)) is int and 0 <= row[name] < 2**32 for name in TOTALS)
    if not good or not all(
        isinstance(row.get(n), str) or (n == "edition" and n in row and row[n] is None) for n in TEXT_FIELDS
    ):
        raise BadFingerprint(f"record {number} of the fingerprint file is damaged", record=number)


def _sketch(raw: bytes, at: int, row: dict[str, Any], params: Params) -> tuple[Sketch, int]:
    seeds = row["seeds"]
    arrays = []
    for dtype, count in (("<u8", seeds), ("<u4", seeds), ("<u4", seeds), ("u1", 2 * seeds)):
        arrays.append(np.frombuffer(raw, dtype, count, at).astype(np.dtype(dtype).newbyteorder("=")))
        at += arrays[-1].nbytes
    totals = {name: row[name] for name in TOTALS if name != "seeds"}
    return Sketch(params.name, arrays[0], arrays[1], arrays[2], arrays[3].reshape(-1, 2), **totals), at


def _check_sketch(sketch: Sketch, number: int, params: Params) -> None:
    """Facts that every honest sketch has: seeds in order and inside the text, letters no more than symbols."""
    bad = sketch.letters > sketch.symbols
    if sketch.hashes.size:
        positions, offsets = sketch.positions.astype(np.int64), sketch.offsets.astype(np.int64)
        bad |= bool((np.diff(positions) <= 0).any() or (np.diff(offsets) < 0).any())
        bad |= int(positions[-1]) + params.seed_symbols > sketch.symbols or int(offsets[-1]) >= sketch.chars
    if bad:
        raise BadFingerprint(f"record {number} of the fingerprint file contradicts itself", record=number)
