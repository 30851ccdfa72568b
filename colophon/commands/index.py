"""`colophon index build|info|verify`: a match index from texts and fingerprints, and what is to know about one."""

from __future__ import annotations

import argparse
from pathlib import Path

from colophon.commands import index_changes
from colophon.commands.fingerprint import add_manifest_argument
from colophon.commands.layout import add_command
from colophon.exits import CLEAR, FAILED, FINDINGS, NOTHING_TO_CHECK
from colophon.notices import print_json, print_lines, printable, tell
from colophon.reading import Reading, add_reading_arguments

GROUP_EXAMPLE = """\
  colophon index build shelf/ --out shelf.index
  colophon index add shelf.index new/
  colophon index withdraw shelf.index pg1342
  colophon index info shelf.index"""

BUILD_SUMMARY = "build a match index from texts and .fp files"
BUILD_DETAILS = """\
Files, folders and .fp files become one index, a folder that `colophon match` reads. Where a text is given, matches
have exact passages; from a fingerprint alone they have approximate ones ("precision": "sketch"). An index that is there
already is replaced once the new one is whole. Memory does not grow with the catalogue; temporary files do, some 16
bytes for each of its seeds."""
BUILD_EXAMPLE = """\
  colophon index build shelf/ --out shelf.index
  colophon index build scans/ --noise heavy --out scans.index
  colophon index build shelf/ more.fp --manifest works.csv --out shelf.index"""

INFO_SUMMARY = "say what an index holds, what it guarantees to find and why it is made as it is"
INFO_DETAILS = """\
g: every unaltered run of at least g letters that a document shares with a work is seen (g = w + k - 1; a CJK character
counts as two). INDEX is an index folder, a segment or a snapshot."""
INFO_EXAMPLE = "  colophon index info shelf.index --json"

VERIFY_SUMMARY = "read every byte of an index and compare it with its digests"
VERIFY_DETAILS = """\
Exit 0: every section of every segment is as it was written. Exit 1: one is not, or INDEX is no index; file and section
are named. Matching itself opens an index without reading it, and checks only what it needs not to go astray."""
VERIFY_EXAMPLE = "  colophon index verify shelf.index"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command group."""
    group = add_command(commands, "index", "build, change and describe match indexes", "", GROUP_EXAMPLE)
    actions = group.add_subparsers(metavar="ACTION", required=True)
    build = add_command(actions, "build", BUILD_SUMMARY, BUILD_DETAILS, BUILD_EXAMPLE)
    add_reading_arguments(build)
    build.add_argument("--out", required=True, metavar="INDEX", help="folder to write")
    add_manifest_argument(build)
    build.add_argument(
        "--parameters",
        "--preset",
        default="auto",
        metavar="NAME",
        help="parameter set for texts (auto: by their size and --noise)",
    )
    build.add_argument(
        "--noise",
        choices=("usual", "heavy"),
        default="usual",
        help="heavy: documents scanned or typed again with 5 %% errors and more; a larger index finds more of them",
    )
    build.add_argument("--json", action="store_true", help="print what was built as JSON")
    build.set_defaults(run=run_build)
    index_changes.add_parsers(actions)
    info = add_command(actions, "info", INFO_SUMMARY, INFO_DETAILS, INFO_EXAMPLE)
    info.add_argument("index", metavar="INDEX")
    info.add_argument("--json", action="store_true", help="print it as JSON")
    info.set_defaults(run=run_info)
    verify = add_command(actions, "verify", VERIFY_SUMMARY, VERIFY_DETAILS, VERIFY_EXAMPLE)
    verify.add_argument("index", metavar="INDEX", help="an index folder, a segment or a snapshot")
    verify.add_argument("--json", action="store_true", help="print the outcome as JSON")
    verify.set_defaults(run=run_verify)


def run_build(options: argparse.Namespace) -> int:
    """Build; with no work at all nothing is written."""
    from colophon.describing import describe_index  # noqa: PLC0415  the engine takes a second to load
    from colophon.indexing import build_index, check_place, choose_params, open_index  # noqa: PLC0415
    from colophon.works import Works  # noqa: PLC0415

    out = Path(options.out)
    check_place(out)
    params, chosen = choose_params(options.paths, options.parameters, options.noise)
    reading = Reading(options)
    works = Works(reading, options.manifest)
    records = build_index(out, works.texts_and_fingerprints(), params, chosen)
    reading.tell_summary()
    if not records:
        tell("no texts and no fingerprints: nothing was written")
        return FAILED if reading.has_failed else NOTHING_TO_CHECK
    if options.json:
        with open_index(str(out)) as index:
            print_json(describe_index(index, str(out)))
    return FAILED if reading.has_failed else CLEAR


def run_info(options: argparse.Namespace) -> int:
    """Print totals, sizes and parameters."""
    from colophon.describing import describe_index, info_lines  # noqa: PLC0415
    from colophon.indexing import open_index  # noqa: PLC0415

    with open_index(options.index) as index:
        info = describe_index(index, options.index)
    print_json(info) if options.json else print_lines(info_lines(info))
    return CLEAR


def run_verify(options: argparse.Namespace) -> int:
    """Verify; the first thing that is wrong is named."""
    from colophon.indexing import open_index  # noqa: PLC0415
    from ingest.engine.errors import EngineError  # noqa: PLC0415

    try:
        with open_index(options.index) as index:
            index.verify()
            facts = {"verified": True, "index": index.digest, "segments": len(index.segments)}
    except EngineError as error:
        if options.json:
            print_json({"verified": False, "cause": str(error)})
        else:
            print_lines([printable(f"NOT VERIFIED: {error}")])
        return FINDINGS
    if options.json:
        print_json(facts)
    else:
        segments = "1 segment" if facts["segments"] == 1 else f"{facts['segments']} segments"
        print_lines([f"verified: {segments}, every byte as it was written", f"digest:   {facts['index']}"])
    return CLEAR
