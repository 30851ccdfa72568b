"""What the commands that speak with a registry have in common: their options, ids, tables, jobs that are waited for."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colophon.commands.auth import add_registry
from colophon.commands.layout import add_command
from colophon.exits import CommandError
from colophon.notices import print_json, print_lines, printable

if TYPE_CHECKING:
    from colophon.client import Registry

Json = dict[str, Any]
Actions = argparse._SubParsersAction
Run = Callable[[argparse.Namespace], int]
PUBLIC_ID = re.compile(r"[0-9a-z]{12}")
CELL_CHARS = 60
LIMIT = 50


def add_group(commands: Actions, name: str, summary: str, example: str) -> Actions:
    """A command whose actions are commands."""
    group = add_command(commands, name, summary, "", example)
    return group.add_subparsers(metavar="ACTION", required=True)


def add_action(
    actions: Actions, name: str, summary: str, example: str, run: Run, *, details: str = ""
) -> argparse.ArgumentParser:
    """An action's parser with what all of them take: --registry and --json."""
    parser = add_command(actions, name, summary, details, f"  colophon {example}")
    add_registry(parser)
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(run=run)
    return parser


def add_limit(parser: argparse.ArgumentParser) -> None:
    """How long a list gets."""
    parser.add_argument("--limit", type=at_least_one, default=LIMIT, metavar="N", help=f"how many at most ({LIMIT})")


def at_least_one(text: str) -> int:
    """A number that a list can be cut at."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("has to be 1 or more")
    return number


def day(text: str) -> str:
    """A day as the registry takes it."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day, like 2027-01-31") from None


def public_id(text: str) -> str:
    """An id as the registry gives them."""
    if not PUBLIC_ID.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an id, like 7h2m9c4x0k1z")
    return text


def listed(registry: Registry, path: str, limit: int, **query: str | int | None) -> list[Json]:
    """The first so many results of a list; a filter of None or the empty text is left out."""
    from itertools import islice  # noqa: PLC0415

    given = {name: value for name, value in query.items() if value not in (None, "")}
    return list(islice(registry.pages(path, **given, limit=min(limit, 200)), limit))


def awaited(registry: Registry, job: str | None) -> Json | None:
    """The job once it has ended; raises CommandError with its reason where it was not done."""
    from colophon.watching import Watch  # noqa: PLC0415

    if job is None:
        return None
    watch = Watch()
    try:
        ended = registry.wait(job, watch)
    finally:
        watch.clear()
    if ended["state"] != "done":
        raise CommandError(f"The registry could not do it: {ended['reason'] or ended['state']}")
    return ended


def show(options: argparse.Namespace, value: Any, lines: Iterable[str]) -> None:
    """A value as JSON where that was asked for, else its lines for people."""
    if options.json:
        print_json(value)
    else:
        print_lines([printable(line) for line in lines])


def table(rows: Sequence[Sequence[object]], *, none: str) -> list[str]:
    """Rows with their columns under each other; the sentence `none` where there is no row. The last may be long."""
    if not rows:
        return [none]
    cells = [["" if cell is None else " ".join(str(cell).split()) for cell in row] for row in rows]
    cut = [[cell[:CELL_CHARS] for cell in row[:-1]] + [row[-1]] for row in cells]
    widths = [max(len(row[column]) for row in cut) for column in range(len(cut[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cut]


def facts(pairs: Sequence[tuple[str, object]]) -> list[str]:
    """Names and values under each other; what is not known is left out."""
    known = [(name, value) for name, value in pairs if value not in (None, "", [])]
    width = max((len(name) for name, _ in known), default=0)
    return [f"{name:<{width}}  {value}" for name, value in known]


def counted(counts: dict[str, int]) -> str:
    """Words with how often: “12 granted, 3 refused”."""
    return ", ".join(f"{number:,} {word.replace('_', ' ')}" for word, number in counts.items() if number)


def many(number: int, thing: str) -> str:
    """A number with its noun: 1 work, 1,200 works."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def existing(path: str) -> Path:
    """A file that is there."""
    found = Path(path)
    if not found.is_file():
        raise CommandError(f"{path}: there is no such file.")
    return found
