"""Explain why a document matches a work or does not: seeds, chains, passages and scores of two files.

DOCUMENT and WORK are texts, books or fingerprints of works (.fp): whatever the readers take, also compressed. Of a file
with several texts or fingerprints name one, as in `dataset.jsonl.zst#17` or `catalogue.fp#pg1342`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from ingest.engine import compiled, dump, fingerprint
from ingest.engine.dotplot import draw
from ingest.engine.errors import EngineError
from ingest.engine.explain import explain
from ingest.engine.explanation import Explanation
from ingest.engine.index import Index
from ingest.engine.params import PRESETS, REGISTRY_1, Params, preset
from ingest.engine.records import IndexRecord, MapOptions
from ingest.engine.sketch import sketch_text
from ingest.readers import BadRecord, Document, ReadError, open_documents

PROGRAM = "python -m ingest.engine"


class BadFile(Exception):
    """A file that cannot be compared; the message is one sentence that names it."""


def main(arguments: list[str] | None = None) -> int:
    """Explain two files. Exit code 0; 2 if a file cannot be read or written, or an argument is wrong."""
    chosen = _parser().parse_args(arguments)
    if chosen.warm:
        compiled.warm()
        return 0
    try:
        explanation = _explain(chosen)
        if chosen.svg is not None:
            chosen.svg.write_bytes(draw(explanation).encode())
        _write(_report(explanation, chosen))
    except (BadFile, EngineError, ReadError) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # who reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"{PROGRAM}: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__)
    parser.add_argument("document", nargs="?", help="a text")
    parser.add_argument("work", nargs="?", help="a text or a fingerprint")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write a dot plot too")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.add_argument("--all", action="store_true", help="all chains and passages; in JSON every seed as well")
    parser.add_argument("--index", type=Path, action="append", default=[], help="works that tell what is boilerplate")
    parser.add_argument(
        "--parameters", choices=sorted(PRESETS), help="the index's or the fingerprint's, else registry-1"
    )
    parser.add_argument("--min-words", type=_count, default=50, help="fewer matched words are not reported")
    parser.add_argument("--no-text", action="store_true", help="as if only the work's fingerprint were held")
    parser.add_argument("--warm", action="store_true", help="only compile the kernels into the cache")
    return parser


def _count(given: str) -> int:
    number = int(given)
    if number < 0:
        raise ValueError(given)
    return number


def _explain(chosen: argparse.Namespace) -> Explanation:
    if chosen.document is None or chosen.work is None:
        raise BadFile("two files are needed, DOCUMENT and WORK")
    if _is_fingerprint(_split(chosen.document)[0]):
        raise BadFile(f"{chosen.document}: a fingerprint; the document must be a text")
    document = _read_text(chosen.document)
    work = _read_work(chosen)
    params = preset(work[1].sketch.parameters)
    return explain(document, work, params, MapOptions(min_words=chosen.min_words), chosen.index)


def _report(explanation: Explanation, chosen: argparse.Namespace) -> Iterator[str]:
    if not chosen.json:
        yield from dump.lines(explanation, everything=chosen.all)
        return
    yield json.dumps(dump.to_json(explanation, with_seeds=chosen.all), ensure_ascii=False, indent=1)


def _write(lines: Iterator[str]) -> None:
    with suppress(AttributeError):  # a stream that stands for the standard output
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    for line in lines:
        print(line)
    sys.stdout.flush()


def _split(given: str) -> tuple[Path, str | None]:
    """The file and what is named in it: the longest part before a # that is a file."""
    end = len(given)
    while end > 0 and not Path(given[:end]).exists():
        end = given.rfind("#", 0, end)
    if end <= 0 or end == len(given):
        return Path(given), None
    return Path(given[:end]), given[end + 1 :]


def _is_fingerprint(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(fingerprint.MAGIC)) == fingerprint.MAGIC


def _read_work(chosen: argparse.Namespace) -> tuple[str, IndexRecord]:
    path, wanted = _split(chosen.work)
    if _is_fingerprint(path) or path.suffix == ".fp":
        return _read_fingerprint(path, wanted, chosen.parameters)
    name, text = _read_text(chosen.work)
    params = preset(chosen.parameters) if chosen.parameters else _usual_parameters(chosen.index)
    return name, IndexRecord("", None, sketch_text(text, params), None if chosen.no_text else text)


def _usual_parameters(catalogue: list[Path]) -> Params:
    """Those of the catalogue, if it has one set: what is common is counted in one set at a time."""
    if catalogue:
        with Index.open(catalogue) as index:
            if len(index.parameter_sets) == 1:
                return index.parameter_sets[0]
    return REGISTRY_1


def _read_fingerprint(path: Path, wanted: str | None, parameters: str | None) -> tuple[str, IndexRecord]:
    try:
        records = fingerprint.load(path.read_bytes())
    except EngineError as error:
        raise BadFile(f"{path}: {error}") from error
    names = [r.work if r.edition is None else f"{r.work}/{r.edition}" for r in records]
    found = [n for n, r in enumerate(records) if wanted is None or wanted in (r.work, names[n])]
    if not found:
        raise BadFile(f"{path}: no fingerprint of {wanted}" if wanted else f"{path}: a file without fingerprints")
    if len(found) > 1:
        some = " and ".join(names[n] for n in found[:2])
        raise BadFile(f"{path}: {len(found)} fingerprints, such as {some}; name one after a #")
    record = records[found[0]]
    if parameters not in (None, record.parameters):
        raise BadFile(f"{path}: a fingerprint of the parameter set {record.parameters}, not {parameters}")
    return f"{path.name}#{names[found[0]]}", IndexRecord("", None, record.sketch, None)


def _read_text(given: str) -> tuple[str, str]:
    """Name and text of the one document meant. `BadFile` if there is none, or more than one."""
    path, wanted = _split(given)
    if path.is_dir():
        raise BadFile(f"{given}: a folder, not a file")
    found: list[Document] = []
    bad: list[BadRecord] = []
    name = f"{path.name}#{wanted}"
    for item in open_documents(path, name=path.name):
        if wanted is not None and item.name != name:
            continue
        if isinstance(item, BadRecord):
            bad.append(item)
            continue
        found.append(item)
        if len(found) == (2 if wanted is None else 1):
            break
    if not found and bad:
        raise BadFile(f"{path.parent / bad[0].name}: {bad[0].cause}")
    if not found:
        raise BadFile(f"{given}: no such document in the file" if wanted else f"{given}: no text in the file")
    if len(found) > 1:
        raise BadFile(f"{given}: several documents, such as {found[0].name} and {found[1].name}; name one after a #")
    for fault in islice(bad, 5):
        print(f"{PROGRAM}: left out {fault.name}: {fault.cause}", file=sys.stderr)
    [document] = found
    if document.detected_encoding:
        print(f"{PROGRAM}: {document.name} is read as {document.detected_encoding}, a guess", file=sys.stderr)
    return document.name, document.text


if __name__ == "__main__":
    sys.exit(main())
