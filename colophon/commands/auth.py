"""`colophon auth login|whoami`: a token for a registry, and who it speaks for."""

from __future__ import annotations

import argparse
import getpass
import sys

from colophon.commands.layout import add_command
from colophon.exits import CLEAR, CommandError
from colophon.notices import print_json, print_lines, printable, tell

LOGIN_DETAILS = """\
Asks for a token, or reads it from standard input, checks it and keeps it in a file that only you can read. Make a token
on the registry's page "Account". COLOPHON_TOKEN, where it is set, goes before what is kept."""
LOGIN_EXAMPLE = "  colophon auth login --registry https://registry.example.org"
WHOAMI_EXAMPLE = "  colophon auth whoami --json"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command group."""
    group = add_command(commands, "auth", "sign in to a registry", "", f"{LOGIN_EXAMPLE}\n{WHOAMI_EXAMPLE}")
    actions = group.add_subparsers(metavar="ACTION", required=True)
    login = add_command(actions, "login", "keep a token for a registry", LOGIN_DETAILS, LOGIN_EXAMPLE)
    whoami = add_command(actions, "whoami", "say whom the token speaks for", "Asks the registry.", WHOAMI_EXAMPLE)
    for parser, run in ((login, run_login), (whoami, run_whoami)):
        add_registry(parser)
        parser.add_argument("--json", action="store_true", help="print it as JSON")
        parser.set_defaults(run=run)


def add_registry(parser: argparse.ArgumentParser) -> None:
    """The option that names the registry."""
    parser.add_argument("--registry", metavar="URL", help="its address (default: the last one signed in to)")


def run_login(options: argparse.Namespace) -> int:
    """Take a token, try it, keep it."""
    from colophon.client import Registry, address_of, store  # noqa: PLC0415

    address = address_of(options.registry)
    if sys.stdin.isatty():
        token = getpass.getpass(f"Token for {address}: ", stream=sys.stderr).strip()
    else:
        token = sys.stdin.readline().strip()
    if not token:
        raise CommandError("No token was given.")
    with Registry(address, token=token) as registry:
        account = registry.get("account")
    if not account.get("user"):
        raise CommandError(f"{address} does not know this token.")
    tell(f"kept in {store(address, token)}")
    _show(account, address, options.json)
    return CLEAR


def run_whoami(options: argparse.Namespace) -> int:
    """Say who the registry takes us for."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        account = registry.get("account")
        if not account.get("user"):
            raise CommandError(f"Nobody is signed in to {registry.address}: colophon auth login.")
        _show(account, registry.address, options.json)
    return CLEAR


def _show(account: dict[str, object], address: str, as_json: bool) -> None:
    if as_json:
        print_json({"registry": address} | account)
        return
    user, organisation = account.get("user"), account.get("organisation")
    name = user.get("email") or user.get("username") if isinstance(user, dict) else ""
    house = organisation.get("name") if isinstance(organisation, dict) else "no organisation"
    scopes = account.get("scopes")
    rows = [
        ("registry", address),
        ("person", name),
        ("for", f"{house} ({account.get('role') or 'no role'})"),
        ("scopes", ", ".join(map(str, scopes)) if isinstance(scopes, list) else "all"),
    ]
    print_lines([printable(f"{label:<10}{value}") for label, value in rows])
