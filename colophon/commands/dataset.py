"""`colophon dataset search|show`: datasets that a registry knows."""

from __future__ import annotations

import argparse
import unicodedata
from typing import Any

from colophon.commands.auth import add_registry
from colophon.commands.layout import add_command
from colophon.exits import CLEAR
from colophon.notices import print_json, print_lines, printable

SEARCH_EXAMPLE = '  colophon dataset search "books corpus"'
SHOW_EXAMPLE = "  colophon dataset show books3 --json"

Json = dict[str, Any]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command group."""
    group = add_command(commands, "dataset", "look datasets up in a registry", "", f"{SEARCH_EXAMPLE}\n{SHOW_EXAMPLE}")
    actions = group.add_subparsers(metavar="ACTION", required=True)
    search = add_command(
        actions, "search", "find datasets by name", "Every word has to stand in name or address.", SEARCH_EXAMPLE
    )
    search.add_argument("words", nargs="+", metavar="WORD")
    search.add_argument("--limit", type=int, default=20, metavar="N", help="how many at most (20)")
    show = add_command(
        actions, "show", "say what is known of a dataset", "By its slug, as in its address.", SHOW_EXAMPLE
    )
    show.add_argument("slug", metavar="SLUG")
    for parser, run in ((search, run_search), (show, run_show)):
        add_registry(parser)
        parser.add_argument("--json", action="store_true", help="print it as JSON")
        parser.set_defaults(run=run)


def run_search(options: argparse.Namespace) -> int:
    """List the datasets whose names have every word."""
    from colophon.client import Registry  # noqa: PLC0415

    words = _plain(" ".join(options.words)).split()
    found: list[Json] = []
    with Registry(options.registry) as registry:
        for row in registry.pages("datasets", limit=200):
            name = _plain(f"{row['name']} {row['name_zh']} {row['slug']}")
            if all(word in name for word in words):
                found.append({key: row[key] for key in ("slug", "name", "kind", "declared_licence")})
            if len(found) >= options.limit:
                break
    if options.json:
        print_json(found)
    else:
        width = max((len(row["slug"]) for row in found), default=0)
        print_lines(
            [printable(f"{row['slug']:<{width}}  {row['name']}") for row in found] or ["No dataset is called so."]
        )
    return CLEAR


def _plain(text: str) -> str:
    """Lower case, without accents."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in spread if not unicodedata.combining(char))


def run_show(options: argparse.Namespace) -> int:
    """Print one dataset."""
    from urllib.parse import quote  # noqa: PLC0415

    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        found = registry.get(f"datasets/{quote(options.slug, safe='')}")
        address = f"{registry.address}/datasets/{found['slug']}"
    if options.json:
        print_json(found)
        return CLEAR
    rows = [
        ("name", found["name"]),
        ("kind", found["kind"]),
        ("licence", found["declared_licence"] or "not declared"),
        ("from", found["address"] or "not known"),
        ("releases", ", ".join(str(row.get("version", "")) for row in found["releases"]) or "none recorded"),
        ("page", address),
    ]
    print_lines([printable(f"{label:<10}{value}") for label, value in rows])
    return CLEAR
