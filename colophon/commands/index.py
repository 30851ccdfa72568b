"""`colophon index build|info`: a match index from texts and fingerprints."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from colophon.commands.fingerprint import add_manifest_argument
from colophon.commands.layout import add_command
from colophon.exits import CLEAR, FAILED, NOTHING_TO_CHECK
from colophon.notices import print_json, print_lines, printable, tell
from colophon.reading import Reading, add_reading_arguments

PRESETS = ("auto", "registry-1", "compact", "thorough", "large")

BUILD_SUMMARY = "build a match index from texts and .fp files"
BUILD_DETAILS = """\
Files, folders and .fp files become one index, a folder that `colophon match` reads. Where a text is given, matches
have exact passages; from a fingerprint alone they have approximate ones ("precision": "sketch"). An index that is there
already is replaced once the new one is whole."""
BUILD_EXAMPLE = """\
  colophon index build shelf/ --out shelf.index
  colophon index build shelf/ more.fp --manifest works.csv --out shelf.index"""

INFO_SUMMARY = "say what an index holds and what it guarantees to find"
INFO_DETAILS = """\
g: every unaltered run of at least g letters that a document shares with a work is seen (g = w + k - 1; a CJK character
counts as two). INDEX is an index folder, a segment or a snapshot."""
INFO_EXAMPLE = "  colophon index info shelf.index --json"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command group."""
    group = add_command(commands, "index", "build and describe match indexes", "", f"{BUILD_EXAMPLE}\n{INFO_EXAMPLE}")
    actions = group.add_subparsers(metavar="ACTION", required=True)
    build = add_command(actions, "build", BUILD_SUMMARY, BUILD_DETAILS, BUILD_EXAMPLE)
    add_reading_arguments(build)
    build.add_argument("--out", required=True, metavar="INDEX", help="folder to write")
    add_manifest_argument(build)
    build.add_argument(
        "--preset", choices=PRESETS, default="auto", help="parameter set for texts (auto: by their size)"
    )
    build.add_argument("--json", action="store_true", help="print what was built as JSON")
    build.set_defaults(run=run_build)
    info = add_command(actions, "info", INFO_SUMMARY, INFO_DETAILS, INFO_EXAMPLE)
    info.add_argument("index", metavar="INDEX")
    info.add_argument("--json", action="store_true", help="print it as JSON")
    info.set_defaults(run=run_info)


def run_build(options: argparse.Namespace) -> int:
    """Build; with no work at all nothing is written."""
    from colophon.indexing import build_index, check_place, choose_params, describe_index, open_index  # noqa: PLC0415
    from colophon.works import Works  # noqa: PLC0415

    out = Path(options.out)
    check_place(out)
    reading = Reading(options)
    works = Works(reading, options.manifest)
    records = build_index(out, works.texts_and_fingerprints(), choose_params(options.paths, options.preset))
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
    from colophon.indexing import describe_index, open_index  # noqa: PLC0415

    with open_index(options.index) as index:
        info = describe_index(index, options.index)
    if options.json:
        print_json(info)
    else:
        print_lines(_info_lines(info))
    return CLEAR


def _info_lines(info: dict[str, Any]) -> list[str]:
    lines = [
        f"index       {info['index']}",
        f"works       {info['works']:,} in {info['records']:,} records, {info['with_text']:,} of them with their text",
        f"size        {info['words']:,} words, {info['letters']:,} letters; {info['bytes']:,} bytes on disk",
        f"postings    {info['postings']:,}, {info['density']:.4f} a letter",
    ]
    for params in info["parameters"]:
        lines += [
            f"parameters  {printable(params['name'])}: k = {params['k']}, w = {params['w']}, {params['digest']}",
            f"guarantee   every unaltered run of {params['g']} letters is found (g = w + k - 1)",
            f"density     {params['density']:.4f}, expected {params['expected_density']:.4f}",
        ]
    return lines
