"""`colophon fingerprint`: texts in, one `.fp` file out. The text stays here; only the sketch is written."""

from __future__ import annotations

import argparse
from pathlib import Path

from colophon.commands.layout import add_command
from colophon.exits import CLEAR, FAILED, NOTHING_TO_CHECK, CommandError
from colophon.notices import print_json, tell
from colophon.reading import Reading, add_reading_arguments

SUMMARY = "make fingerprints of texts; the texts stay where they are"
DETAILS = """\
Writes one .fp file with a fingerprint of each text: hashes and positions of some of its character runs, from which the
text cannot be read. A registry or `colophon index build` takes it in place of the text. Fingerprints always use the
registry's parameter set."""
EXAMPLE = """\
  colophon fingerprint book.epub --out book.fp
  colophon fingerprint shelf/ --manifest works.csv --out shelf.fp"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = add_command(commands, "fingerprint", SUMMARY, DETAILS, EXAMPLE)
    add_reading_arguments(parser)
    parser.add_argument("--out", required=True, metavar="FILE.fp", help="file to write")
    add_manifest_argument(parser)
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")
    parser.set_defaults(run=run)


def add_manifest_argument(parser: argparse.ArgumentParser) -> None:
    """--manifest, as `fingerprint` and `index build` share it."""
    parser.add_argument(
        "--manifest",
        metavar="works.csv",
        help="path,work_id,title,author,isbn[,edition]; paths relative to it (without: the file's name is the work)",
    )


def run(options: argparse.Namespace) -> int:
    """Write the fingerprints; nothing is written where there is no text."""
    from colophon.works import Works, sketch_work  # noqa: PLC0415  the engine takes a second to load
    from colophon.writing import write_file  # noqa: PLC0415
    from ingest.engine.fingerprint import dump  # noqa: PLC0415
    from ingest.engine.params import REGISTRY_1  # noqa: PLC0415
    from ingest.engine.records import FingerprintRecord  # noqa: PLC0415

    out = Path(options.out)
    if out.suffix != ".fp":
        raise CommandError(f"--out {out}: a fingerprint file's name ends in .fp")
    if out.is_dir():
        raise CommandError(f"--out {out}: a folder has this name")
    if not out.parent.is_dir():
        raise CommandError(f"--out {out}: there is no folder {out.parent}")
    reading = Reading(options)
    records = [
        FingerprintRecord(work.work, work.edition, work.title, work.author, work.isbn, sketch_work(work, REGISTRY_1))
        for work in Works(reading, options.manifest).texts()
    ]
    reading.tell_summary()
    if not records:
        tell("no texts: nothing was written")
        return FAILED if reading.has_failed else NOTHING_TO_CHECK
    raw = dump(records)
    write_file(out, raw)
    if options.json:
        print_json(
            {
                "file": str(out),
                "bytes": len(raw),
                "parameters": REGISTRY_1.digest,
                "records": [
                    {"work": r.work, "edition": r.edition, "words": r.sketch.words, "seeds": len(r.sketch.hashes)}
                    for r in records
                ],
            }
        )
    return FAILED if reading.has_failed else CLEAR
