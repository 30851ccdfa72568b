"""`colophon society …`: members that leave a society's repertoire, and come back."""

from __future__ import annotations

import argparse

from colophon.commands.common import Actions, add_action, add_group, add_limit, day, listed, public_id, show, table
from colophon.exits import CLEAR

SUMMARY = "leave a society's repertoire, and come back"
EXAMPLE = """\
  colophon society leave the-society --reason "We license alone."
  colophon society ls"""
CHANNELS = ("collective_opt_in", "collective_extended")


def add_parser(commands: Actions) -> None:
    """Declare the command group."""
    actions = add_group(commands, "society", SUMMARY, EXAMPLE)
    rows = add_action(actions, "ls", "list who left", "society ls", run_list)
    add_limit(rows)
    leave = add_action(
        actions, "leave", "take your works out", 'society leave the-society --reason "We license alone."', run_leave,
        details="From that day on what the society granted for them ends, and it can grant them no more.",
    )  # fmt: skip
    leave.add_argument("society", metavar="SLUG")
    leave.add_argument("--work", type=public_id, action="append", metavar="ID", help="by default all of your works")
    leave.add_argument("--channel", action="append", choices=CHANNELS, help="by default both")
    leave.add_argument("--on", type=day, metavar="DAY", help="default: today")
    leave.add_argument("--reason", default="")
    back = add_action(
        actions, "return", "come back", "society return 7h2m9c4x0k1z", run_return, details="What ended stays ended."
    )
    back.add_argument("exit", type=public_id, metavar="EXIT")


def run_list(options: argparse.Namespace) -> int:
    """A line an exit."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        rows = listed(registry, "member-exits", options.limit)
    lines = [
        (row["id"], f"{row['member']} left {row['society']}", row["leaves_on"],
         "returned" if row["withdrawn_at"] else "", f"{len(row['works']):,} works" if row["works"] else "all works")
        for row in rows
    ]  # fmt: skip
    show(options, rows, table(lines, none="Nobody has left."))
    return CLEAR


def run_leave(options: argparse.Namespace) -> int:
    """Leave."""
    from colophon.client import Registry  # noqa: PLC0415

    body = {
        "society": options.society,
        "works": options.work or [],
        "channels": options.channel or [],
        "leaves_on": options.on,
        "reason": options.reason,
    }
    with Registry(options.registry) as registry:
        made = registry.post("member-exits", body)
    show(options, made, [f"{made['id']}: {made['member']} leaves {made['society']} on {made['leaves_on']}."])
    return CLEAR


def run_return(options: argparse.Namespace) -> int:
    """Come back."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        found = registry.post(f"member-exits/{options.exit}/withdraw")
    show(options, found, [f"{found['id']}: {found['member']} is back with {found['society']}."])
    return CLEAR
