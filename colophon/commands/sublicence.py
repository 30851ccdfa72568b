"""`colophon sublicence …`: licences of yours that were passed on, and objections to that."""

from __future__ import annotations

import argparse

from colophon.commands.common import (
    Actions,
    Json,
    add_action,
    add_group,
    add_limit,
    facts,
    listed,
    public_id,
    show,
    table,
)
from colophon.exits import CLEAR

SUMMARY = "licences that were passed on: see them, object, answer, settle"
EXAMPLE = """\
  colophon sublicence ls --state objected
  colophon sublicence object 7h2m9c4x0k1z --message "Acme Asia trains for others.\""""
STATES = ("told", "objected", "answered", "settled")
S = "7h2m9c4x0k1z"
STEPS = {
    "object": ("object to one, as who gave the licence", "Please say for which model.", "It ends nothing by itself."),
    "answer": ("answer an objection, as who passed the licence on", "For the model named there.", ""),
    "settle": ("say that your objection stands no longer", "That answers it.", ""),
}


def add_parser(commands: Actions) -> None:
    """Declare the command group."""
    actions = add_group(commands, "sublicence", SUMMARY, EXAMPLE)
    rows = add_action(
        actions, "ls", "list them", "sublicence ls --under 0f3r0f3r0f3r", run_list, details="Newest first."
    )
    rows.add_argument("--state", choices=STATES, help="only those in this state")
    rows.add_argument("--under", type=public_id, metavar="AGREEMENT", help="only those of this agreement")
    add_limit(rows)
    shown = add_action(actions, "show", "one with what was said about it", f"sublicence show {S} --works", run_show)
    shown.add_argument("--works", action="store_true", help="list its works too")
    parsers = [shown]
    for name, (summary, words, details) in STEPS.items():
        step = add_action(
            actions, name, summary, f'sublicence {name} {S} --message "{words}"', run_step, details=details
        )
        step.add_argument("--message", required=True)
        step.set_defaults(step=name)
        parsers.append(step)
    for parser in parsers:
        parser.add_argument("sublicence", type=public_id, metavar="SUBLICENCE")


def run_list(options: argparse.Namespace) -> int:
    """A line a sub-licence."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        rows = listed(registry, "sublicences", options.limit, state=options.state, under=options.under)
    lines = [
        (row["id"], row["state"], row["agreement_state"], f"{row['works']:,}", f"{row['by']} to {row['licensee']}")
        for row in rows
    ]
    show(options, rows, table(lines, none="No licence was passed on."))
    return CLEAR


def run_show(options: argparse.Namespace) -> int:
    """One, with its works where they are wanted."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        found = registry.get(f"sublicences/{options.sublicence}")
        path = f"sublicences/{found['id']}/works"
        works = list(registry.pages(path, limit=200)) if options.works else []
    lines = _lines(found) + [f"{row['work']}  {row['title']}" for row in works]
    show(options, found | ({"works_listed": works} if options.works else {}), lines)
    return CLEAR


def run_step(options: argparse.Namespace) -> int:
    """Say something about one."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        found = registry.post(f"sublicences/{options.sublicence}/{options.step}", {"message": options.message})
    show(options, found, _lines(found))
    return CLEAR


def _lines(found: Json) -> list[str]:
    terms = found["terms"]
    pairs = [
        ("sub-licence", f"{found['id']}, {found['state']}"),
        ("by", found["by"]),
        ("to", found["licensee"]),
        ("of", f"{found['holder']}, under {found['under']}"),
        ("agreement", f"{found['agreement_state']}, {found['works']:,} works"),
        ("uses", ", ".join(terms.get("uses") or [])),
        ("territory", ", ".join(terms.get("territory") or [])),
        ("last day", terms.get("valid_to")),
    ]
    said = [f"{step['recorded_at'][:10]}  {step['by']} {step['state']}: {step['message']}" for step in found["steps"]]
    return facts(pairs) + said
