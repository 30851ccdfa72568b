"""Timing, tables and result files, the same for every benchmark."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numba
import numpy as np

from bench.kit.texts import ROOT, SAMPLES
from ingest.engine import ENGINE_VERSION
from ingest.engine.params import preset

RESULTS = ROOT / "bench" / "results"


@dataclass(frozen=True)
class Row:
    """One line of a table: ours beside the best peer and the machine's limit of the same run, and the design's target.

    `more` says whether more is better. `reach` is expected, `aim` the headline (design, "Targets").
    """

    name: str
    unit: str
    ours: float | None
    peer: float | None = None
    peer_name: str = ""
    limit: float | None = None
    limit_name: str = ""
    reach: float | None = None
    aim: float | None = None
    more: bool = True

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, with the ratios."""
        return asdict(self) | {
            "times_peer": ratio(self.ours, self.peer, self.more),
            "share_of_limit": ratio(self.ours, self.limit, self.more),
            "times_reach": ratio(self.ours, self.reach, self.more),
            "times_aim": ratio(self.ours, self.aim, self.more),
        }


def ratio(ours: float | None, other: float | None, more: bool = True) -> float | None:
    """How many times better ours is (below 1: worse); None where one of the two is missing or zero."""
    if ours is None or other is None or not (ours and other):
        return None
    return round(ours / other if more else other / ours, 3)


def timed(run: Callable[[], Any], runs: int, clock: Callable[[], float] = time.process_time) -> tuple[list[float], Any]:
    """Seconds of processor time (or of another clock) for each run, and the last result. All threads count: a second
    core is never taken for speed."""
    seconds = []
    result = None
    for _ in range(max(1, runs)):
        start = clock()
        result = run()
        seconds.append(max(1e-9, clock() - start))
    return seconds, result


def rate(megabytes: float, seconds: list[float]) -> dict[str, float]:
    """Median MB/s with the slowest and the fastest run."""
    return {
        "mb": round(megabytes, 3),
        "mb_per_second": significant(megabytes / statistics.median(seconds)),
        "slowest": significant(megabytes / max(seconds)),
        "fastest": significant(megabytes / min(seconds)),
        "runs": len(seconds),
    }


def significant(value: float, digits: int = 4) -> float:
    """Rounded to so many digits."""
    return float(f"{value:.{digits}g}")


def megabytes_of(texts: Iterable[str]) -> float:
    """Millions of bytes of UTF-8."""
    return sum(len(t.encode("utf-8", "replace")) for t in texts) / 1e6


def wilson(hits: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927), which stays sensible near 0 and 1."""
    if not trials:
        return 0.0, 1.0
    share = hits / trials
    middle = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return round(max(0.0, (middle - spread) / scale), 4), round(min(1.0, (middle + spread) / scale), 4)


def machine() -> dict[str, Any]:
    """What ran it: no host name, no paths."""
    model = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [n.split(":", 1)[1].strip() for n in cpuinfo.read_text().splitlines() if n.startswith("model name")]
        model = names[0] if names else model
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "load_at_start": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
        "system": platform.system(),
    }


def common_facts(bench: str, parameters: str, seed: int, runs: int) -> dict[str, Any]:
    """What every result file begins with."""
    return {
        "bench": bench,
        "engine": ENGINE_VERSION,
        "parameters": {"name": parameters, "digest": preset(parameters).digest},
        "machine": machine(),
        "seed": seed,
        "runs": runs,
    }


def arguments(description: str | None, name: str, megabytes: float, runs: int) -> argparse.ArgumentParser:
    """The arguments that all benchmarks have."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=SAMPLES, help="texts (default: samples/)")
    parser.add_argument("--megabytes", type=float, default=megabytes, help="of the folder's texts, at most")
    parser.add_argument("--runs", type=int, default=runs, help="of each measurement; the median counts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RESULTS / f"{name}.json")
    return parser


def write(result: dict[str, Any], out: Path) -> None:
    """The result as JSON, what holds no further objects on one line."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(_laid_out(result, 0) + "\n", encoding="utf-8")


def _laid_out(value: Any, depth: int) -> str:
    held = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    if not any(isinstance(v, dict | list) and v for v in held):
        return json.dumps(value, ensure_ascii=False)
    gap = "\n" + " " * (depth + 1)
    if isinstance(value, dict):
        rows = [f"{json.dumps(str(k), ensure_ascii=False)}: {_laid_out(v, depth + 1)}" for k, v in value.items()]
        return "{" + gap + f",{gap}".join(rows) + "\n" + " " * depth + "}"
    return "[" + gap + f",{gap}".join(_laid_out(v, depth + 1) for v in value) + "\n" + " " * depth + "]"


def print_rows(rows: Iterable[Row]) -> None:
    """A table: ours, best peer, limit, ratios, target."""
    table: list[tuple[str, ...]] = [
        ("", "unit", "ours", "best peer", "× peer", "limit", "of limit", "reach", "aim", "")
    ]
    table += [_cells(row) for row in rows]
    print_table(table)


def _cells(row: Row) -> tuple[str, ...]:
    facts = row.as_dict()
    peer = f"{_number(row.peer)} {row.peer_name}".strip() if row.peer is not None else "–"
    limit = f"{_number(row.limit)} {row.limit_name}".strip() if row.limit is not None else "–"
    return (
        row.name,
        row.unit,
        _number(row.ours),
        peer,
        _number(facts["times_peer"]),
        limit,
        _number(facts["share_of_limit"]),
        _number(row.reach),
        _number(row.aim),
        verdict(row),
    )


def verdict(row: Row) -> str:
    """`aim`, `reach` or `short`: which target is met."""
    if row.ours is None or row.reach is None:
        return ""
    meets = (lambda target: row.ours >= target) if row.more else (lambda target: row.ours <= target)
    return "aim" if row.aim is not None and meets(row.aim) else "reach" if meets(row.reach) else "short"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{significant(value, 3):g}"


def print_table(table: list[tuple[str, ...]]) -> None:
    """Columns as wide as they must be: the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    for row in table:
        cells = [row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]
        print("  ".join(cells).rstrip())
