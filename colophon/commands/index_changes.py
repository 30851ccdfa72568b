"""`colophon index add|withdraw|restore|merge`: an index is changed without building it anew.

Whoever opens the index sees it before the change or after; what is open goes on with what it opened.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection
from pathlib import Path

from colophon.commands.fingerprint import add_manifest_argument
from colophon.commands.layout import add_command
from colophon.exits import CLEAR, FAILED, NOTHING_TO_CHECK, CommandError
from colophon.notices import print_json, tell
from colophon.reading import Reading, add_reading_arguments

ADD_SUMMARY = "add texts and .fp files to an index"
ADD_DETAILS = """\
The works become a segment more; nothing is written again. An edition that is in the index as it is here is left alone;
one that is there with another text is an error, and nothing is added. Texts get the parameter set of the index."""
ADD_EXAMPLE = "  colophon index add shelf.index new/ --manifest works.csv"

WITHDRAW_SUMMARY = "leave works out of an index from now on"
WITHDRAW_DETAILS = """\
The works stop matching at once: their names go into the index's list, and into its digest. Their texts leave the disk
with the next `colophon index merge`; until then `colophon index restore` takes the withdrawal back."""
WITHDRAW_EXAMPLE = "  colophon index withdraw shelf.index pg1342 pg11"

RESTORE_SUMMARY = "take withdrawals back"
RESTORE_EXAMPLE = "  colophon index restore shelf.index pg1342"

MERGE_SUMMARY = "make one segment of several"
MERGE_DETAILS = """\
An index of many segments takes a look-up in each. Segments of one parameter set are written again as one, from their
texts; withdrawn works are left out and so leave the disk for good. Segments with records of which only the fingerprint
is held cannot be merged and stay; if there are no others, that is an error. Takes as long as building, and as much room
beside the old files, which go when the new list is on disk."""
MERGE_EXAMPLE = "  colophon index merge shelf.index"


def add_parsers(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands."""
    add = add_command(actions, "add", ADD_SUMMARY, ADD_DETAILS, ADD_EXAMPLE)
    _add_index_argument(add)
    add_reading_arguments(add)
    add_manifest_argument(add)
    add.add_argument("--parameters", metavar="NAME", help="another parameter set for these texts: both are queried")
    add.add_argument("--json", action="store_true", help="print the index as it is then as JSON")
    add.set_defaults(run=run_add)
    withdraw = add_command(actions, "withdraw", WITHDRAW_SUMMARY, WITHDRAW_DETAILS, WITHDRAW_EXAMPLE)
    restore = add_command(actions, "restore", RESTORE_SUMMARY, "", RESTORE_EXAMPLE)
    for command, run in ((withdraw, run_withdraw), (restore, run_restore)):
        _add_index_argument(command)
        command.add_argument("works", nargs="+", metavar="WORK", help="a work as `match` names it")
        command.add_argument("--json", action="store_true", help="print the digest and all withdrawn works as JSON")
        command.set_defaults(run=run)
    merge = add_command(actions, "merge", MERGE_SUMMARY, MERGE_DETAILS, MERGE_EXAMPLE)
    _add_index_argument(merge)
    merge.add_argument("--json", action="store_true", help="print what was done as JSON")
    merge.set_defaults(run=run_merge)


def _add_index_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("index", metavar="INDEX", help="an index folder")


def run_add(options: argparse.Namespace) -> int:
    """Add; where all is there already nothing is written."""
    from colophon.describing import describe_index  # noqa: PLC0415  the engine takes a second to load
    from colophon.indexing import add_works, check_folder, choose_params, open_index, params_of  # noqa: PLC0415
    from colophon.works import Works  # noqa: PLC0415

    folder = check_folder(options.index)
    params = None if options.parameters else params_of(folder)
    if params is None:
        params, _ = choose_params(options.paths, options.parameters or "auto", "usual")
    reading = Reading(options)
    records = add_works(folder, Works(reading, options.manifest).texts_and_fingerprints(), params)
    reading.tell_summary()
    if not records:
        tell("nothing that is not in the index already: it stays as it is")
    if options.json:
        with open_index(options.index) as index:
            print_json(describe_index(index, options.index))
    if reading.has_failed:
        return FAILED
    return CLEAR if records or reading.documents else NOTHING_TO_CHECK


def run_withdraw(options: argparse.Namespace) -> int:
    """Withdraw; an unknown work is an error, and then none is withdrawn."""
    from colophon.indexing import open_index  # noqa: PLC0415
    from ingest.engine.listing import withdraw  # noqa: PLC0415

    with open_index(options.index) as index:
        missing = [work for work in options.works if not index.records_of(work) and work not in index.withdrawn]
    if missing:
        raise CommandError(f"{options.index}: holds no work {missing[0]}: nothing was withdrawn")
    return _change(options, withdraw)


def run_restore(options: argparse.Namespace) -> int:
    """Restore; a work that is not withdrawn is an error, and then none is restored."""
    from colophon.indexing import open_index  # noqa: PLC0415
    from ingest.engine.listing import restore  # noqa: PLC0415

    with open_index(options.index) as index:
        others = [work for work in options.works if work not in index.withdrawn]
    if others:
        raise CommandError(f"{options.index}: {others[0]} is not withdrawn: nothing was restored")
    return _change(options, restore)


def _change(options: argparse.Namespace, change: Callable[[Path, Collection[str]], None]) -> int:
    from colophon.indexing import check_folder, open_index  # noqa: PLC0415

    change(check_folder(options.index), options.works)
    if options.json:
        with open_index(options.index) as index:
            print_json({"index": index.digest, "withdrawn": sorted(index.withdrawn)})
    return CLEAR


def run_merge(options: argparse.Namespace) -> int:
    """Merge, and say what became of it."""
    from colophon.indexing import check_folder, open_index  # noqa: PLC0415
    from ingest.engine.merging import merge  # noqa: PLC0415

    done = merge(check_folder(options.index))
    if done.before == done.after and not done.dropped:
        tell("nothing to merge: the index stays as it is")
    if done.left:
        segments = "1 segment" if done.left == 1 else f"{done.left} segments"
        tell(f"{segments} with records without their text: left as they are")
    if options.json:
        with open_index(options.index) as index:
            facts = {"segments_before": done.before, "segments": done.after, "left": done.left}
            print_json({"index": index.digest, **facts, "dropped": list(done.dropped)})
    return CLEAR
