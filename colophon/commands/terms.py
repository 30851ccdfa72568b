"""`colophon terms …`: templates of terms that an organisation uses again and again."""

from __future__ import annotations

import argparse

from colophon.commands.common import Actions, add_action, add_group, public_id, show, table
from colophon.exits import CLEAR, CommandError
from colophon.terms import add_terms, in_one_line, read_terms

SUMMARY = "templates of terms"
EXAMPLE = """\
  colophon terms save Usual --use pretraining --territory EU --fee "per_work 2.50 EUR"
  colophon terms ls"""


def add_parser(commands: Actions) -> None:
    """Declare the command group."""
    actions = add_group(commands, "terms", SUMMARY, EXAMPLE)
    add_action(actions, "ls", "list your templates", "terms ls", run_list, details="The latest version of each.")
    save = add_action(
        actions, "save", "keep terms under a name",
        'terms save Usual --use pretraining --territory EU --fee "per_work 2.50 EUR"', run_save,
        details="The same name again is its next version.",
    )  # fmt: skip
    save.add_argument("name", metavar="NAME")
    add_terms(save)
    remove = add_action(
        actions,
        "remove",
        "take a template off the list, all its versions",
        "terms remove 7h2m9c4x0k1z",
        run_remove,
        details="All its versions.",
    )
    remove.add_argument("template", type=public_id, metavar="TEMPLATE")


def run_list(options: argparse.Namespace) -> int:
    """A line a template."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        versions = sorted(registry.pages("terms-templates", limit=200), key=lambda row: (row["name"], row["version"]))
    rows = list({row["name"]: row for row in versions}.values())
    lines = [(row["id"], row["name"], f"version {row['version']}", in_one_line(row["terms"])) for row in rows]
    show(options, rows, table(lines, none="There is no template yet."))
    return CLEAR


def run_save(options: argparse.Namespace) -> int:
    """Keep a version."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        terms = read_terms(options, registry)
        if terms is None:
            raise CommandError("Say the terms, with --terms, --template, or --use and --fee.")
        made = registry.post("terms-templates", {"name": options.name, "terms": terms})
    show(options, made, [f"{made['id']}: {made['name']}, version {made['version']}."])
    return CLEAR


def run_remove(options: argparse.Namespace) -> int:
    """Remove it."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        registry.post(f"terms-templates/{options.template}/remove")
    show(options, {"removed": options.template}, [f"{options.template}: removed."])
    return CLEAR
