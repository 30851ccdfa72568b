"""What the machine can do at most: the same bytes copied, decoded, digested, unpacked, and looked up at random places.

No engine can be faster than these; each benchmark prints them from its own run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import zstandard
from numba import njit

from bench.kit.measure import significant, timed

COPIED_BYTES = 1 << 28
LOOKUPS = 1 << 22
LETTERS_PER_BYTE = 0.78  # English prose


@njit("uint64(uint64[::1], uint64, uint64)", cache=True)
def _look_up(table: Any, count: Any, mask: Any) -> Any:
    """Sum of entries at random places; no look-up waits for another, as in an engine that prefetches."""
    total = np.uint64(0)
    state = np.uint64(0x9E3779B97F4A7C15)
    for number in range(count):
        place = (np.uint64(number) * state) ^ (np.uint64(number) * state >> np.uint64(29))
        total += table[(place * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(20)) & mask]
    return total


def measure_limits(text: str, table_bytes: int, runs: int = 3) -> dict[str, Any]:
    """MB/s of each single step over `text`, and random look-ups a second in a table of about `table_bytes`."""
    raw = text.encode("utf-8", "replace")
    size = len(raw) / 1e6
    packed = zstandard.ZstdCompressor(level=3).compress(raw)
    records = [raw[at : at + 8_000].decode("utf-8", "ignore") for at in range(0, len(raw), 8_000)]
    lines = [orjson.dumps({"text": record}) for record in records]
    source = np.ones(COPIED_BYTES, np.uint8)
    target = np.zeros(COPIED_BYTES, np.uint8)
    entries = 1 << max(10, (max(1, table_bytes) // 8).bit_length() - 1)
    table = np.ones(entries, np.uint64)
    look_ups, _ = timed(lambda: _look_up(table, np.uint64(LOOKUPS), np.uint64(entries - 1)), runs + 1)
    steps: dict[str, tuple[float, Callable[[], Any]]] = {
        "memcpy": (COPIED_BYTES / 1e6, lambda: np.copyto(target, source)),
        "utf8_decode": (size, raw.decode),
        "utf8_encode": (size, lambda: text.encode("utf-8", "replace")),
        "sha256": (size, lambda: hashlib.sha256(raw).digest()),
        "zstd_unpack": (size, lambda: zstandard.ZstdDecompressor().decompress(packed)),
        "json_lines": (size, lambda: [orjson.loads(line) for line in lines]),
    }
    found: dict[str, Any] = {
        name: significant(amount / min(timed(step, runs + 1)[0][1:])) for name, (amount, step) in steps.items()
    }
    found["look_ups_per_second"] = significant(LOOKUPS / min(look_ups[1:]))
    found["look_up_table_mb"] = round(entries * 8 / 1e6, 1)
    return found


def together(*rates: float | None) -> float:
    """MB/s of steps done one after another on one core."""
    return significant(1 / sum(1 / rate for rate in rates if rate))


def query_limit(limits: dict[str, Any], query_share: float) -> float:
    """MB/s of a query that only encodes its text and looks up the design's share of its seeds (7 / w), nothing else."""
    look_ups_per_megabyte = 1e6 * LETTERS_PER_BYTE * query_share
    return together(limits["utf8_encode"], limits["look_ups_per_second"] / look_ups_per_megabyte)
