"""Long lists against the whole catalogue: works are copied out and indexed once, processes link a share of the rows.

A few rows are asked of the search index (`registry.services.linking`), which knows the same works; what decides is the
same for both.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from registry.actors import Actor
from registry.errors import ColophonError
from registry.linkage import bulk
from registry.linkage.facts import COLUMNS, RowFacts
from registry.selectors import linkable
from registry.services import linking

FEW_ROWS = 300  # up to so many are asked of the search index
MOST_PROCESSES = 4  # of one list
ROWS_A_PROCESS = 2_000  # with fewer, a second process would only read the catalogue once more
PROJECT_FOLDER = Path(__file__).resolve().parents[2]
Numbered = tuple[int, RowFacts]
Say = Callable[[str, int, int], None]


class LinkageEnded(ColophonError):
    """A process that linked rows died: of memory most likely."""

    code = "LINKAGE_ENDED"


def nobody_listens(stage: str, done: int, total: int) -> None:
    """Takes a report of progress."""


def link(rows: Sequence[Numbered], *, actor: Actor, say: Say = nobody_listens) -> Iterator[dict[str, Any]]:
    """Decide every row → dictionaries as `registry.linkage.bulk.told` makes them, in order.

    say: told the stage, rows done and rows in all, now and then; what it raises ends the work. Raises LinkageEnded.
    """
    if len(rows) <= FEW_ROWS:
        yield from _link_few(rows, actor, say)
        return
    with tempfile.TemporaryDirectory(prefix="linkage-") as name:
        folder = Path(name)
        say("copying", 0, len(rows))
        with (folder / "works").open("wb") as file:
            linkable.copy_to(file, actor)
        with (folder / "rows").open("w", encoding="utf-8", newline="\n") as file:
            for number, facts in rows:
                values = [getattr(facts, column) for column in COLUMNS]
                file.write(json.dumps([number, *values]) + "\n")
        yield from _link_many(folder, len(rows), say)


def _link_few(rows: Sequence[Numbered], actor: Actor, say: Say) -> Iterator[dict[str, Any]]:
    for start in range(0, len(rows), linking.MAX_ROWS):
        some = rows[start : start + linking.MAX_ROWS]
        say("linking", start, len(rows))
        for (number, _), (decision, works) in zip(
            some, linking.decide([facts for _, facts in some], actor=actor), strict=True
        ):
            yield bulk.told(bulk.Linked(number, decision, works))
    say("linking", len(rows), len(rows))


def _link_many(folder: Path, count: int, say: Say) -> Iterator[dict[str, Any]]:
    shares = max(1, min(os.cpu_count() or 1, MOST_PROCESSES, count // ROWS_A_PROCESS))
    process = _start(folder, shares)
    try:
        _wait(process, [0] * shares, count, say)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with the processes that it forked
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
    yield from _in_order(folder / f"out{share}" for share in range(shares))


def _start(folder: Path, shares: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "registry.linkage.bulk"]
    arguments = [folder / "works", folder / "rows", folder, shares]
    return subprocess.Popen(
        [*command, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT_FOLDER,
        start_new_session=True,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"},
    )


def _wait(process: "subprocess.Popen[str]", done: list[int], count: int, say: Say) -> None:
    """Report progress until it has ended; raises LinkageEnded when it failed. done: rows that each share has done."""
    said = [""]
    threads = [
        threading.Thread(target=_listen, args=(process.stdout, done), daemon=True),
        threading.Thread(target=_keep, args=(process.stderr, said), daemon=True),
    ]
    for thread in threads:
        thread.start()
    while process.poll() is None:
        say("linking" if any(done) else "indexing", sum(done), count)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1.0)
    for thread in threads:
        thread.join(timeout=5.0)
    if process.returncode:
        cause = said[0].strip().splitlines()[-1:] or ["it was ended from outside"]
        raise LinkageEnded(f"A process that linked rows ended with {process.returncode}: {cause[0][:300]}")
    say("linking", count, count)


def _listen(stream: IO[str] | None, done: list[int]) -> None:
    for line in stream or ():
        share, rows = line.split()
        done[int(share)] = int(rows)


def _keep(stream: IO[str] | None, said: list[str]) -> None:
    said[0] = (stream.read() if stream else "")[-2000:]


def _in_order(outs: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The rows went to the processes in turn; so they come back."""
    files = [out.open(encoding="utf-8", newline="\n") for out in outs]
    try:
        while True:
            lines = [file.readline() for file in files]
            for line in lines:
                if line:
                    yield json.loads(line)
            if not all(lines):
                return
    finally:
        for file in files:
            file.close()
