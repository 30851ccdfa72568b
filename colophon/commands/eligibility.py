"""`colophon eligibility …`: which of your works would be on the list of a class settlement, and why."""

from __future__ import annotations

import argparse

from colophon.commands.common import (
    Actions,
    Json,
    add_action,
    add_group,
    add_limit,
    counted,
    day,
    listed,
    show,
    table,
)
from colophon.exits import CLEAR

SUMMARY = "works of a class settlement: which of yours would be on its list"
EXAMPLE = """\
  colophon eligibility works --dataset books3
  colophon eligibility lists"""
DETAILS = """\
Every condition is answered from what the registry has on record. It is the rule worked step by step, not the list
itself: ask the administrator of the settlement what is on that. Days that are not named are those of the list."""
ANSWERS = {True: "yes", False: "no", None: "open"}
UNKNOWN = "unknown"


def add_parser(commands: Actions) -> None:
    """Declare the command group."""
    actions = add_group(commands, "eligibility", SUMMARY, EXAMPLE)
    add_action(actions, "lists", "the lists, with their days and copies", "eligibility lists", run_lists)
    works = add_action(
        actions, "works", "each of your works with every condition", "eligibility works --downloaded 2022-08-10 --json",
        run_works, details=DETAILS,
    )  # fmt: skip
    works.add_argument("--class-list", metavar="KEY", help="which list (the first)")
    works.add_argument("--dataset", metavar="SLUG", help="only works of yours that checks found in it")
    works.add_argument("--downloaded", type=_day_or_unknown, metavar="DAY", help="of the copy, or unknown")
    works.add_argument("--list-of", type=day, metavar="DAY", help="what was registered after it does not count")
    add_limit(works)


def _day_or_unknown(text: str) -> str:
    return text if text == UNKNOWN else day(text)


def run_lists(options: argparse.Namespace) -> int:
    """A line a list."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        rows = registry.get("class-lists")["results"]
    lines = [
        (row["key"], row["snapshot_on"], f"{row['works']:,} works",
         ", ".join(f"{copy['dataset']} {copy['downloaded']}" for copy in row["copies"]), row["name"])
        for row in rows
    ]  # fmt: skip
    show(options, rows, table(lines, none="The registry knows no such list."))
    return CLEAR


def run_works(options: argparse.Namespace) -> int:
    """A line a work, then how many have which answer."""
    from colophon.client import Registry  # noqa: PLC0415

    query = {name: getattr(options, name) for name in ("class_list", "dataset", "downloaded", "list_of")}
    with Registry(options.registry) as registry:
        rows = listed(registry, "eligibility", options.limit, **query)
    lines = table(
        [(row["work"], ANSWERS[row["eligible"]], row["title"], row["sentence"]) for row in rows],
        none="You speak for no work of which this can be asked.",
    )
    show(options, rows, [*lines, _total(rows)] if rows else lines)
    return CLEAR


def _total(rows: list[Json]) -> str:
    said = {True: "would be on the list", None: "open", False: "would not be on it"}
    counts = {words: sum(row["eligible"] is answer for row in rows) for answer, words in said.items()}
    return f"{counted(counts)}, as of {rows[0]['list_of']}."
