"""`colophon work import FILE`: many works from one file, through a registry's API."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from colophon.commands.auth import add_registry
from colophon.commands.layout import add_command
from colophon.exits import CLEAR, FAILED, FINDINGS, CommandError
from colophon.notices import print_json, print_lines, printable, tell

DETAILS = """\
ONIX, CSV, TSV, XLSX, MARC, EPUB, Croissant: found out by its content. The file is looked at first; then all of it is
imported, or nothing if a row is refused. Sent again, it updates and never doubles.
Exit 0 all in, 1 some rows refused, 2 nothing done."""
EXAMPLE = """\
  colophon work import books.onix.xml --dry-run
  colophon work import titles.csv --map "Titel=title" --map "Verfasser=author" --valid-rows"""
COUNTED = (
    ("new", "new"),
    ("updated", "changed"),
    ("unchanged", "unchanged"),
    ("deleted", "withdrawn"),
    ("refused", "refused"),
)
FAULTS_SHOWN = 20
DONE = "done"

Json = dict[str, Any]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command group."""
    group = add_command(commands, "work", "register works with a registry", "", EXAMPLE)
    actions = group.add_subparsers(metavar="ACTION", required=True)
    parser = add_command(actions, "import", "register the works of a file", DETAILS, EXAMPLE)
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
    parser.add_argument("--valid-rows", action="store_true", help="import the valid rows, leave the others out")
    parser.add_argument("--map", action="append", default=[], metavar="COLUMN=FIELD", help="name a table's column")
    parser.add_argument("--encoding", default="", help="of a table, where the detected one is wrong")
    parser.add_argument("--capacity", default="", help="as what you speak: publisher (default), owner, author, agent …")
    parser.add_argument("--ai-rights", default="", help="granted, retained or silent (default)")
    parser.add_argument("--draft", action="store_true", help="new works are seen by your organisation alone")
    parser.add_argument("--refused", metavar="OUT", help="write the refused rows to this file")
    add_registry(parser)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=run_import)


def run_import(options: argparse.Namespace) -> int:
    """Hand the file in, wait for the dry run, take it over, say what became of it."""
    from colophon.client import Registry  # noqa: PLC0415

    path = Path(options.file)
    if not path.is_file():
        raise CommandError(f"{path}: there is no such file.")
    with Registry(options.registry) as registry:
        found = _finished(registry, registry.upload("imports", path, _fields(options)))
        if found["state"] == "checked" and not options.dry_run and _may_apply(found, options.valid_rows):
            body = {"valid_rows_only": options.valid_rows}
            found = _finished(registry, registry.post(f"imports/{found['id']}/apply", body))
        refused = (found["counts"] or {}).get("refused", 0)
        faults = _faults(registry, found) if refused or options.json else []
        if options.refused and refused:
            registry.download(f"imports/{found['id']}/refused", Path(options.refused))
        if found["state"] == "checked":  # nobody will come back to it
            found = found | {"state": registry.post(f"imports/{found['id']}/cancel")["state"], "looked_at": True}
    _show(found, faults, options)
    return _exit_code(found, options.dry_run)


def _fields(options: argparse.Namespace) -> dict[str, str]:
    columns = {}
    for text in options.map:
        column, equals, field = text.rpartition("=")
        if not equals:
            raise CommandError(f"--map {text}: write it as COLUMN=FIELD.")
        columns[column] = field
    fields = {
        "columns": json.dumps(columns) if columns else "",
        "encoding": options.encoding,
        "capacity": options.capacity,
        "ai_rights": options.ai_rights,
        "visibility": "draft" if options.draft else "",
    }
    return {name: value for name, value in fields.items() if value}


def _finished(registry: Any, batch: Json) -> Json:
    """The import once its job has ended."""
    from colophon.watching import Watch  # noqa: PLC0415

    watch = Watch()
    try:
        job = registry.wait(batch["job"], watch) if batch["job"] else None
    finally:
        watch.clear()
    found: Json = registry.get(f"imports/{batch['id']}")
    if job and found["state"] in ("checking", "applying"):  # it ended without a result: quarantined
        raise CommandError(f"The registry could not do it: {job['reason'] or job['state']}")
    return found


def _may_apply(found: Json, valid_rows: bool) -> bool:
    counts = found["counts"]
    return bool(counts["rows"]) and counts["refused"] < counts["rows"] and (valid_rows or not counts["refused"])


def _faults(registry: Any, found: Json) -> list[Json]:
    rows = registry.pages(f"imports/{found['id']}/rows", action="refused", limit=200)
    return [{"row": row["number"], "reference": row["reference"]} | fault for row in rows for fault in row["faults"]]


def _exit_code(found: Json, dry_run: bool) -> int:
    refused = (found["counts"] or {}).get("refused", 0)
    if found["state"] == DONE or (dry_run and found.get("looked_at")):
        return FINDINGS if refused else CLEAR
    return FAILED


def _show(found: Json, faults: list[Json], options: argparse.Namespace) -> None:
    if options.json:
        print_json(
            {name: found[name] for name in ("id", "state", "message_status", "counts", "reason", "entry")}
            | {"faults": faults}
        )
        return
    for fault in faults[:FAULTS_SHOWN]:
        where = f"row {fault['row']}" + (f" ({fault['reference']})" if fault["reference"] else "")
        column = f", {fault['column']}" if fault["column"] else ""
        tell(f"{where}{column}: {fault['cause']}")
    if len(faults) > FAULTS_SHOWN:
        tell(f"… and {len(faults) - FAULTS_SHOWN:,} more; --refused OUT writes the rows.")
    if not found["counts"]:
        print_lines([printable(f"{options.file}: nothing was imported. {found['reason']}")])
        return
    counts = ", ".join(f"{found['counts'][name]:,} {word}" for name, word in COUNTED)
    done = "imported" if found["state"] == DONE else "looked at, nothing imported"
    print_lines(
        [printable(f"{options.file}: {done}. {found['counts']['rows']:,} rows: {counts}. {found['reason']}".strip())]
    )
