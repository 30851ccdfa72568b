"""Long lists against large catalogues: `python -m registry.linkage.bulk WORKS ROWS FOLDER SHARES`.

A process of its own, so that the memory goes back afterwards. It forks SHARES processes that read a part of the works
each, puts the index together, and forks as many again that link a share of the rows each, on the one index. WORKS is
what PostgreSQL's COPY wrote (columns of `registry.selectors.linkable`), ROWS a JSON array a line; a share's answers go
to FOLDER/out0, out1 …, JSON Lines; how many rows a share has done to standard output, a line each time.
"""

import gc
import json
import mmap
import multiprocessing
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import numpy as np

from registry.linkage.blocking import Index, Part, part_of
from registry.linkage.catalogue import Catalogue, Linked
from registry.linkage.copied import columns_of, texts_of, work_of
from registry.linkage.facts import RowFacts, WorkFacts

TOLD_EVERY_ROWS = 500


def told(linked: Linked) -> dict[str, Any]:
    """A decision as one JSON object: keys of works with what a page shows of them, so that nothing is asked twice."""
    return {
        "row": linked.number,
        "decision": linked.decision.decision,
        "work": linked.decision.work,
        "probability": linked.decision.probability,
        "by": linked.decision.by,
        "note": linked.decision.note,
        "candidates": [
            {
                "key": one.work,
                "work": linked.works[one.work].public_id,
                "reference": linked.works[one.work].reference,
                "probability": one.probability,
                "by": one.by,
                "reasons": list(one.reasons),
            }
            for one in linked.decision.candidates
        ],
    }


def link(works: Path, rows: Path, folder: Path, shares: int) -> None:
    """Link every row; rows: [number, title, author, year, publisher, isbn]. Raises SystemExit where a process died."""
    with works.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if works.stat().st_size else b""
    catalogue = _catalogue(data, works, folder, shares)
    _in_processes(shares, lambda share: _link_share(catalogue, rows, folder / f"out{share}", share, shares))


def _catalogue(data: "mmap.mmap | bytes", works: Path, folder: Path, shares: int) -> Catalogue:
    ends = [0, *(data.find(b"\n", len(data) * share // shares) + 1 for share in range(1, shares)), len(data)]

    def read_part(share: int) -> None:
        part = part_of(texts_of(columns_of(line)) for line in _lines(works, ends[share], ends[share + 1]))
        (folder / f"part{share}").write_bytes(pickle.dumps(part, protocol=5))

    _in_processes(shares, read_part)
    parts: list[Part] = []
    for share in range(shares):
        file = folder / f"part{share}"
        parts.append(pickle.loads(file.read_bytes()))  # noqa: S301 (just written by ourselves)
        file.unlink()
    index = Index(parts)
    starts = np.append(0, np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == ord("\n")) + 1)

    def read(position: int) -> WorkFacts:
        return work_of(columns_of(data[starts[position] : starts[position + 1]].decode()))

    return Catalogue(index, read)


def _lines(path: Path, start: int, end: int) -> Iterator[str]:
    """The lines of a part of a file, which begins and ends with one."""
    left = end - start
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            if left <= 0:
                return
            left -= len(line)
            yield line.decode()


def _link_share(catalogue: Catalogue, rows: Path, out: Path, share: int, shares: int) -> None:
    """Link every row whose place belongs to this share."""
    done = 0
    with rows.open(encoding="utf-8", newline="\n") as lines, out.open("w", encoding="utf-8", newline="\n") as stream:
        for place, line in enumerate(lines):
            if place % shares != share:
                continue
            number, *values = json.loads(line)
            stream.write(json.dumps(told(catalogue.link(number, RowFacts(*values))), ensure_ascii=False) + "\n")
            done += 1
            if done % TOLD_EVERY_ROWS == 0:
                _say(share, done)
    _say(share, done)


def _say(share: int, done: int) -> None:
    os.write(1, f"{share} {done}\n".encode())  # in one piece: other shares write to it as well


def _in_processes(count: int, work: Callable[[int], None]) -> None:
    """Run `work` once a share, each in a process forked from this one; raises SystemExit where one fails."""
    forking = multiprocessing.get_context("fork")
    processes = [forking.Process(target=work, args=(share,)) for share in range(count)]
    for process in processes:
        process.start()
    try:
        running = list(processes)
        while running:
            wait([process.sentinel for process in running])
            codes = [process.exitcode for process in running]  # read once: one may end between two looks
            if failed := [code for code in codes if code]:
                raise SystemExit(f"a share of it ended with {failed[0]}")
            running = [process for process, code in zip(running, codes, strict=True) if code is None]
    finally:
        for process in processes:
            process.kill()
            process.join()


def main() -> None:
    """The whole list."""
    works, rows, folder, shares = sys.argv[1:5]
    gc.disable()  # millions of texts and hardly a cycle: looking for some would take a third of the time
    link(Path(works), Path(rows), Path(folder), int(shares))


if __name__ == "__main__":
    main()
