"""`colophon match`: which works of an index do these documents contain, and where."""

from __future__ import annotations

import argparse

from colophon.commands.layout import add_command
from colophon.exits import CLEAR, FAILED, NOTHING_TO_CHECK
from colophon.notices import tell, write_out
from colophon.reading import Reading, add_reading_arguments, positive

SUMMARY = "find works of an index in documents"
DETAILS = """\
Writes one JSON object a line to standard output, one line a (document, work) pair, in the order of the documents, then
of the works. Offsets count the characters (code points) of the decoded text, ends exclusive. The same input gives the
same bytes whatever --jobs is. Exit 0 with or without matches."""
EXAMPLE = """\
  colophon match shelf.index dataset.jsonl.zst > matches.jsonl
  colophon match sample.snapshot corpus/ --jobs 4"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = add_command(commands, "match", SUMMARY, DETAILS, EXAMPLE)
    parser.add_argument("index", metavar="INDEX", help="an index folder, or a snapshot")
    add_reading_arguments(parser)
    add_mapping_arguments(parser)
    parser.set_defaults(run=run)


def add_mapping_arguments(parser: argparse.ArgumentParser) -> None:
    """--min-words and --jobs, as `match` and `check` share them."""
    parser.add_argument(
        "--min-words", type=positive, default=50, metavar="N", help="drop pairs with fewer matched words (50)"
    )
    parser.add_argument("--jobs", type=positive, default=1, metavar="N", help="processes that match (1)")


def run(options: argparse.Namespace) -> int:
    """Write the lines as they are found."""
    import orjson  # noqa: PLC0415

    from colophon.mapping import Wanted, map_documents  # noqa: PLC0415  the engine takes a second to load

    reading = Reading(options)
    mapped = map_documents(options.index, reading.documents_only(), Wanted(options.min_words), jobs=options.jobs)
    for document in mapped:
        if document.problem is not None:
            reading.report(document.problem)
        if document.lines:
            write_out(b"".join(orjson.dumps(line) + b"\n" for line in document.lines))
    reading.tell_summary()
    if reading.has_failed:
        return FAILED
    if not reading.documents:
        tell("no documents: nothing to match")
        return NOTHING_TO_CHECK
    return CLEAR
