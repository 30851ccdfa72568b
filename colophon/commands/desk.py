"""`colophon desk`: what waits for an organisation, whether it grants or asks."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta

from colophon.commands.auth import add_registry
from colophon.commands.common import Actions, add_limit, listed, show, table
from colophon.commands.layout import add_command
from colophon.commands.negotiation import line_of, own_slug, waiting
from colophon.exits import CLEAR
from colophon.terms import in_one_line

SUMMARY = "say what waits for you: requests, offers, agreements that end"
DETAILS = """\
Requests that you are to answer, offers that you were made, drafts that were never sent, and agreements that end
within sixty days."""
EXAMPLE = "  colophon desk --json"
ENDING_DAYS = 60


def add_parser(commands: Actions) -> None:
    """Declare the command."""
    parser = add_command(commands, "desk", SUMMARY, DETAILS, EXAMPLE)
    add_registry(parser)
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    add_limit(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List what waits."""
    from colophon.client import Registry  # noqa: PLC0415

    until = (datetime.now(UTC).date() + timedelta(days=ENDING_DAYS)).isoformat()
    with Registry(options.registry) as registry:
        own = own_slug(registry)
        rows = waiting(registry, own, options.limit)
        drafts = listed(registry, "licence-requests", options.limit, state="draft")
        running = registry.pages("agreements", state="running", limit=200)
        ending = sorted(
            (row for row in running if row["valid_to"] and row["valid_to"] <= until), key=lambda row: row["valid_to"]
        )
    asked = [row for row in rows if row["holder"] == own]
    offered = [row for row in rows if row["holder"] != own]
    lines: list[str] = []
    for title, found in (("To answer as rightsholder", asked), ("To answer as licensee", offered)):
        lines += [f"{title}: {len(found)}", *(table([line_of(row, own) for row in found], none="") if found else [])]
    lines += [f"Drafts that nobody knows of: {len(drafts)}", *(f"{row['id']}  {row['title']}" for row in drafts)]
    lines += [f"Agreements that end by {until}: {len(ending)}"]
    lines += [f"{row['id']}  {row['valid_to']}  {in_one_line(row['terms'])}" for row in ending[: options.limit]]
    value = {"as_holder": asked, "as_firm": offered, "drafts": drafts, "ending": ending}
    show(options, value, lines)
    return CLEAR
