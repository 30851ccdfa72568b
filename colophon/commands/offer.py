"""`colophon offer …`: standing offers, published for many works and accepted in a minute."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from colophon.commands.common import (
    Actions,
    Json,
    add_action,
    add_group,
    add_limit,
    at_least_one,
    counted,
    existing,
    facts,
    listed,
    many,
    public_id,
    show,
    table,
)
from colophon.exits import CLEAR, CommandError
from colophon.terms import add_terms, in_one_line, read_terms

if TYPE_CHECKING:
    from colophon.client import Registry

SUMMARY = "standing offers: find and accept them, publish and withdraw your own"
EXAMPLE = """\
  colophon offer ls --clearance c0wsc0wsc0ws
  colophon offer accept 7h2m9c4x0k1z --clearance c0wsc0wsc0ws
  colophon offer publish --list ids.txt --use pretraining --territory EU --fee "per_work 2.50 EUR\""""
LS_DETAILS = "Offers that can be accepted now; --all lists those that ended, were taken or withdrawn too."
ACCEPT_DETAILS = """\
For its own work, for works that were offered together with it, or for those of them that a clearance of yours misses.
The agreement is made at once."""
CHANNELS = ("standing_offer", "collective_opt_in", "collective_extended", "platform")
MOST = 100_000


def add_parser(commands: Actions) -> None:
    """Declare the command group."""
    actions = add_group(commands, "offer", SUMMARY, EXAMPLE)
    rows = add_action(actions, "ls", "find offers", "offer ls --clearance c0wsc0wsc0ws", run_list, details=LS_DETAILS)
    rows.add_argument("--work", type=public_id, metavar="ID", help="for this work")
    rows.add_argument("--clearance", type=public_id, metavar="ID", help="for what your clearance misses now")
    rows.add_argument("--organisation", metavar="SLUG", help="of this organisation")
    rows.add_argument("--all", action="store_true", help="also those that cannot be accepted any more")
    add_limit(rows)
    shown = add_action(actions, "show", "one offer", "offer show 7h2m9c4x0k1z", run_show)
    accept = add_action(
        actions, "accept", "accept an offer", "offer accept 7h2m9c4x0k1z --clearance c0wsc0wsc0ws", run_accept,
        details=ACCEPT_DETAILS,
    )  # fmt: skip
    chosen = accept.add_mutually_exclusive_group()
    chosen.add_argument("--work", type=public_id, action="append", metavar="ID", help="may be repeated")
    chosen.add_argument("--clearance", type=public_id, metavar="ID", help="for what this clearance of yours misses")
    withdraw = add_action(
        actions, "withdraw", "take an offer of yours back",
        'offer withdraw 7h2m9c4x0k1z --reason "Sold." --together', run_withdraw, details="What was agreed on it stays.",
    )  # fmt: skip
    withdraw.add_argument("--reason", required=True)
    withdraw.add_argument("--together", action="store_true", help="with all that were published with it")
    for parser in (shown, accept, withdraw):
        parser.add_argument("offer", type=public_id, metavar="OFFER")
    _add_publish(actions)


def _add_publish(actions: Actions) -> None:
    example = 'offer publish --list ids.txt --use pretraining --territory EU --fee "per_work 2.50 EUR"'
    details = "One offer a work, one log entry. Anybody can read the terms."
    publish = add_action(actions, "publish", "offer terms for many works", example, run_publish, details=details)
    works = publish.add_mutually_exclusive_group(required=True)
    works.add_argument("--work", type=public_id, action="append", metavar="ID", help="may be repeated")
    works.add_argument("--list", metavar="FILE", help="ids, one a line, or a CSV file with a column work")
    publish.add_argument("--channel", choices=CHANNELS, default=CHANNELS[0])
    publish.add_argument("--at-most", type=at_least_one, metavar="N", help="so many licensees a work and no more")
    publish.add_argument("--words", default="", help="what else is to be said")
    publish.add_argument("--address", default="", metavar="URL", help="where the terms are explained")
    add_terms(publish)


def run_list(options: argparse.Namespace) -> int:
    """A line an offer."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        query = {"work": options.work, "clearance": options.clearance, "organisation": options.organisation}
        rows = listed(registry, "offers", options.limit, **query, open=None if options.all else "true")
    lines = [(row["id"], row["organisation"], row["title"], in_one_line(row["terms"])) for row in rows]
    show(options, rows, table(lines, none="There is no such offer."))
    return CLEAR


def run_show(options: argparse.Namespace) -> int:
    """One offer with all its terms."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        found = registry.get(f"offers/{options.offer}")
    taken = f"{found['accepted']:,}" + (f" of {found['at_most']:,}" if found["at_most"] else "")
    pairs = [
        (
            "offer",
            f"{found['id']}, {'withdrawn' if found['withdrawn_at'] else 'published'} {found['recorded_at'][:10]}",
        ),
        ("work", f"{found['work']} {found['title']}"),
        ("of", f"{found['organisation']} as {found['capacity']}, {found['channel']}"),
        ("terms", in_one_line(found["terms"])),
        ("words", found["words"]),
        ("see", found["address"]),
        ("accepted", taken),
    ]
    show(options, found, facts(pairs))
    return CLEAR


def run_accept(options: argparse.Namespace) -> int:
    """Conclude the agreement."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        works = options.work
        if options.clearance:
            works = _missing(registry, options.offer, options.clearance)
        made = registry.post(f"offers/{options.offer}/accept", {"works": works})
    show(options, made, concluded(made))
    return CLEAR


def _missing(registry: Registry, offer: str, clearance: str) -> list[str]:
    """The works that a clearance misses, of those that were offered together with this one."""
    entry = registry.get(f"offers/{offer}")["entry"]
    open_offers = listed(registry, "offers", MOST, clearance=clearance, open="true")
    works = [row["work"] for row in open_offers if row["id"] == offer or (entry and row["entry"] == entry)]
    if not works:
        raise CommandError(f"Nothing that clearance {clearance} misses is part of this offer.")
    return works


def concluded(made: Json) -> list[str]:
    """An agreement that was made, and what it does not reach."""
    agreement = made["agreement"]
    lines = [f"Agreement {agreement['id']} with {agreement['granted_by']} about {many(agreement['works'], 'work')}."]
    if made["left_out"]:
        lines.append(f"Left out: {counted(made['left_out'])}.")
    return lines


def run_publish(options: argparse.Namespace) -> int:
    """Publish one offer a work."""
    from colophon.client import Registry  # noqa: PLC0415
    from colophon.wanted import read_list  # noqa: PLC0415

    works = options.work or list(read_list(existing(options.list)).works)
    if not works:
        raise CommandError(f"{options.list}: has no ids of works; write one a line.")
    with Registry(options.registry) as registry:
        terms = read_terms(options, registry)
        if terms is None:
            raise CommandError("Say the terms, with --terms, --template, or --use and --fee.")
        body = {"works": works, "terms": terms, "channel": options.channel, "at_most": options.at_most}
        made = registry.post("offers", body | {"words": options.words, "address": options.address})
    left = f" Left out: {counted(made['left_out'])}." if made["left_out"] else ""
    show(options, made, [f"Published: {many(made['offers'], 'offer')}, the first is {made['first']}.{left}"])
    return CLEAR


def run_withdraw(options: argparse.Namespace) -> int:
    """Take one offer back, or all of its set."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        body = {"reason": options.reason, "together": options.together}
        found = registry.post(f"offers/{options.offer}/withdraw", body)
    show(options, found, [f"{found['id']}: withdrawn{' with all of its set' if options.together else ''}."])
    return CLEAR
