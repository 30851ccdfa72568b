"""`python -m ingest.engine A B`: seeds, chains and passages of text file A (the document) in text file B (the work).
`python -m ingest.engine --warm`: compile the kernels into the cache, unless they are there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from ingest.engine import dump
from ingest.engine.index import Index, write_segment
from ingest.engine.params import PRESETS, preset
from ingest.engine.records import IndexRecord, MapOptions
from ingest.engine.sketch import sketch_text


def main(arguments: list[str] | None = None) -> int:
    """Align two UTF-8 text files. Exit code 0; 2 if a file cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m ingest.engine", description=__doc__)
    parser.add_argument("document", type=Path, nargs="?")
    parser.add_argument("work", type=Path, nargs="?")
    parser.add_argument("--warm", action="store_true", help="only compile the kernels into the cache")
    parser.add_argument("--parameters", choices=sorted(PRESETS), default="registry-1")
    parser.add_argument("--min-words", type=int, default=50)
    parser.add_argument("--no-text", action="store_true", help="as if only the work's fingerprint were held")
    chosen = parser.parse_args(arguments)
    if chosen.warm:
        return 0  # importing the engine has compiled or loaded them
    if chosen.document is None or chosen.work is None:
        parser.error("two files are needed: DOCUMENT and WORK")
    try:
        document, work = (path.read_bytes().decode("utf-8-sig") for path in (chosen.document, chosen.work))
    except (OSError, UnicodeDecodeError) as error:
        print(f"python -m ingest.engine: {error}", file=sys.stderr)
        return 2
    params = preset(chosen.parameters)
    record = IndexRecord(chosen.work.stem, None, sketch_text(work, params), None if chosen.no_text else work)
    with tempfile.TemporaryDirectory() as folder:
        write_segment(Path(folder) / "work.seg", [record], params)
        with Index.open(Path(folder) / "work.seg") as index:
            for line in dump.lines(index, document, MapOptions(min_words=chosen.min_words)):
                print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
