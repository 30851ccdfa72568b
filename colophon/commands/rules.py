"""`colophon rules …`: what a change of the rules' tables would do to stored verdicts. For operators of a registry."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from colophon.commands.common import (
    Actions,
    Json,
    add_action,
    add_group,
    add_limit,
    existing,
    facts,
    listed,
    public_id,
    show,
    table,
)
from colophon.exits import CLEAR, FAILED, FINDINGS, CommandError

if TYPE_CHECKING:
    from colophon.client import Registry

SUMMARY = "try a change of the rules on stored verdicts, before it is switched on; for operators"
EXAMPLE = """\
  colophon rules try exceptions.toml copyright_terms.toml
  colophon rules show 7h2m9c4x0k1z --json"""
DETAILS = """\
A worker decides every stored verdict again with these tables for those of the same name. Nothing is switched on and no
verdict changes. Exit 0 nothing would differ, 1 something would, 2 the trial failed."""
ENDED = ("done", "failed", "quarantined", "cancelled")
POLL_SECONDS = 1.0


def add_parser(commands: Actions) -> None:
    """Declare the command group."""
    actions = add_group(commands, "rules", SUMMARY, EXAMPLE)
    trial = add_action(
        actions, "try", "hand changed tables in and wait for the result", "rules try exceptions.toml", run_try,
        details=DETAILS,
    )  # fmt: skip
    trial.add_argument("tables", metavar="TABLE.toml", nargs="+")
    trial.add_argument("--no-wait", action="store_true", help="print the trial's id and end")
    rows = add_action(actions, "ls", "list the trials", "rules ls", run_list, details="Newest first.")
    add_limit(rows)
    shown = add_action(actions, "show", "one trial and its result", "rules show 7h2m9c4x0k1z", run_show)
    stop = add_action(actions, "cancel", "stop a trial", "rules cancel 7h2m9c4x0k1z", run_cancel)
    for parser in (shown, stop):
        parser.add_argument("trial", type=public_id, metavar="TRIAL")


def run_try(options: argparse.Namespace) -> int:
    """Hand the tables in, and wait."""
    from colophon.client import Registry  # noqa: PLC0415

    files = [existing(path) for path in options.tables]
    if len({file.name for file in files}) < len(files):
        raise CommandError("Two of these tables have the same name.")
    with Registry(options.registry) as registry:
        trial = registry.upload_many("rules-trials", "tables", files)
        if options.no_wait:
            show(options, trial, [f"{trial['id']}: {trial['state']}"])
            return CLEAR
        trial = _ended(registry, trial)
    return _told(options, trial)


def _ended(registry: Registry, trial: Json) -> Json:
    while trial["state"] not in ENDED:
        time.sleep(POLL_SECONDS)
        trial = registry.get(f"rules-trials/{trial['id']}")
    return trial


def run_list(options: argparse.Namespace) -> int:
    """A line a trial."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        rows = listed(registry, "rules-trials", options.limit)
    lines = [(row["id"], row["state"], row["recorded_at"], ", ".join(row["tables"])) for row in rows]
    show(options, rows, table(lines, none="Nobody has tried a change."))
    return CLEAR


def run_show(options: argparse.Namespace) -> int:
    """One trial as it is now."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        trial = registry.get(f"rules-trials/{options.trial}")
    return _told(options, trial)


def run_cancel(options: argparse.Namespace) -> int:
    """Stop one."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        trial = registry.post(f"rules-trials/{options.trial}/cancel")
    show(options, trial, [f"{trial['id']}: {trial['state']}, asked to stop."])
    return CLEAR


def _told(options: argparse.Namespace, trial: Json) -> int:
    """Print a trial; the exit code says what came of it."""
    result = trial["result"]
    lines = facts(
        [
            ("trial", f"{trial['id']}, {trial['state']}"),
            ("tables", ", ".join(trial["tables"])),
            ("why", trial["reason"]),
        ]
    )
    if result is not None:
        lines.append(f"{result['differing']:,} of {result['decided']:,} stored verdicts would differ.")
        rows = [(f"{row['verdicts']:,}", _said(row["before"]), "→", _said(row["after"])) for row in result["reasons"]]
        lines += table(rows, none="") if rows else []
    show(options, trial, lines)
    if trial["state"] in ENDED and trial["state"] != "done":
        return FAILED
    return FINDINGS if result is not None and result["differing"] else CLEAR


def _said(answer: Json) -> str:
    return f"{answer['verdict']} {answer['code']}".strip()
