"""Long lists against the whole catalogue: works are copied out once, processes link a share of the rows each.

A few rows are asked of the search index (`registry.services.linking`), which knows the same works; what decides is the
same for both.
"""

import json
import os
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
MOST_PROCESSES = 4  # each holds an index of its own
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
    outs = [folder / f"out{share}" for share in range(shares)]
    processes = [_start(folder, out, share, shares) for share, out in enumerate(outs)]
    try:
        _wait(processes, count, say)
    finally:
        for process in processes:
            process.kill()
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
    yield from _in_order(outs)


def _start(folder: Path, out: Path, share: int, shares: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "registry.linkage.bulk"]
    arguments = [folder / "works", folder / "rows", out, share, shares]
    return subprocess.Popen(
        [*command, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT_FOLDER,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"},
    )


def _wait(processes: Sequence["subprocess.Popen[str]"], count: int, say: Say) -> None:
    """Report progress until all have ended; raises LinkageEnded when one failed."""
    done = [0] * len(processes)
    said: list[str] = [""] * len(processes)
    threads = [
        threading.Thread(target=_listen, args=(process.stdout, done, place), daemon=True)
        for place, process in enumerate(processes)
    ] + [
        threading.Thread(target=_keep, args=(process.stderr, said, place), daemon=True)
        for place, process in enumerate(processes)
    ]
    for thread in threads:
        thread.start()
    while any(process.poll() is None for process in processes) and not any(process.poll() for process in processes):
        say("linking" if any(done) else "indexing", sum(done), count)
        _pause(processes)
    for thread in threads:
        thread.join(timeout=5.0)
    for place, process in enumerate(processes):
        if process.poll():
            cause = said[place].strip().splitlines()[-1:] or ["it was ended from outside"]
            raise LinkageEnded(f"A process that linked rows ended with {process.returncode}: {cause[0][:300]}")
    say("linking", count, count)


def _pause(processes: Sequence["subprocess.Popen[str]"]) -> None:
    """Wait for a process that still runs, at most a second."""
    for process in processes:
        if process.poll() is None:
            try:
                process.wait(timeout=1.0)
            except subprocess.TimeoutExpired:
                return


def _listen(stream: IO[str] | None, done: list[int], place: int) -> None:
    for line in stream or ():
        done[place] = int(line)


def _keep(stream: IO[str] | None, said: list[str], place: int) -> None:
    said[place] = (stream.read() if stream else "")[-2000:]


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
