"""`colophon jobs ls|watch|cancel`: long work on a registry."""

from __future__ import annotations

import argparse
import re

from colophon.commands.auth import add_registry
from colophon.commands.layout import add_command
from colophon.exits import CLEAR, FAILED, CommandError
from colophon.notices import print_json, print_lines, printable

LS_EXAMPLE = "  colophon jobs ls --state running"
WATCH_EXAMPLE = "  colophon jobs watch 7h2m9c4x0k1z"
CANCEL_EXAMPLE = "  colophon jobs cancel 7h2m9c4x0k1z"
STATES = ("queued", "running", "done", "failed", "quarantined", "cancelled")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command group."""
    examples = f"{LS_EXAMPLE}\n{WATCH_EXAMPLE}\n{CANCEL_EXAMPLE}"
    group = add_command(commands, "jobs", "look after long work on a registry", "", examples)
    actions = group.add_subparsers(metavar="ACTION", required=True)
    listed = add_command(actions, "ls", "list your organisation's jobs", "Newest first.", LS_EXAMPLE)
    listed.add_argument("--state", choices=STATES, help="only those in this state")
    listed.add_argument("--limit", type=int, default=20, metavar="N", help="how many at most (20)")
    watch = add_command(
        actions, "watch", "stay until a job has ended", "Exit 0 when it is done, 2 when it failed.", WATCH_EXAMPLE
    )
    cancel = add_command(actions, "cancel", "ask a job to stop", "It stops at its next step.", CANCEL_EXAMPLE)
    for parser in (watch, cancel):
        parser.add_argument("job", metavar="JOB")
    for parser, run in ((listed, run_list), (watch, run_watch), (cancel, run_cancel)):
        add_registry(parser)
        parser.add_argument("--json", action="store_true", help="print it as JSON")
        parser.set_defaults(run=run)


def run_list(options: argparse.Namespace) -> int:
    """Print a line a job."""
    from itertools import islice  # noqa: PLC0415

    from colophon.client import Registry  # noqa: PLC0415
    from colophon.watching import line_of  # noqa: PLC0415

    query = {"state": options.state} if options.state else {}
    with Registry(options.registry) as registry:
        rows = list(islice(registry.pages("jobs", **query), options.limit))
    if options.json:
        print_json(rows)
    else:
        lines = [f"{row['id']}  {row['kind']:<18}{row['state']:<12}{line_of(row)}" for row in rows]
        print_lines([printable(line) for line in lines] or ["There is no such job."])
    return CLEAR


def run_watch(options: argparse.Namespace) -> int:
    """Wait for a job, then say how it ended."""
    from colophon.client import Registry  # noqa: PLC0415
    from colophon.watching import Watch  # noqa: PLC0415

    watch = Watch()
    with Registry(options.registry) as registry:
        try:
            job = registry.wait(_checked(options.job), watch)
        finally:
            watch.clear()
    if options.json:
        print_json(job)
    else:
        print_lines([printable(f"{job['id']}: {job['state']}. {job['reason']}".strip())])
    return CLEAR if job["state"] == "done" else FAILED


def run_cancel(options: argparse.Namespace) -> int:
    """Ask a job to stop."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        job = registry.post(f"jobs/{_checked(options.job)}/cancel")
    if options.json:
        print_json(job)
    else:
        print_lines([printable(f"{job['id']}: {job['state']}, asked to stop.")])
    return CLEAR


def _checked(job: str) -> str:
    if not re.fullmatch(r"[0-9a-z]{12}", job):
        raise CommandError(f"{job}: is not the id of a job, like 7h2m9c4x0k1z.")
    return job
