"""`colophon negotiation …`: each answer of a firm or a rightsholder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colophon.commands.common import (
    Actions,
    Json,
    add_action,
    add_group,
    add_limit,
    day,
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

SUMMARY = "answer requests and offers: offer, counter, accept, grant, refuse"
EXAMPLE = """\
  colophon negotiation ls --waiting
  colophon negotiation counter 7h2m9c4x0k1z --fee "per_work 2 EUR" --message "Two, for all of them."
  colophon negotiation accept 7h2m9c4x0k1z"""
N = "7h2m9c4x0k1z"
# move → (summary, the rest of its example)
MOVES = {
    "confirm": ("say that you can grant these rights", " --data ai_rights=granted"),
    "disclaim": ("say that they are not yours to grant", ' --message "Ask the author."'),
    "offer": ("offer terms", ' --fee "per_work 2.50 EUR"'),
    "counter": ("answer an offer with other terms", ' --fee "per_work 2 EUR"'),
    "accept": ("accept what is on the table", ""),
    "grant": ("grant what was asked for", " --leave-out 0a1b2c3d4e5f=sold"),
    "refuse": ("refuse", ' --message "Our authors decided against it."'),
    "retract": ("take your offer back", ""),
    "withdraw": ("take your request back from this rightsholder", ""),
    "deliver": ("note a delivery", " --data files=all --data sha256=…"),
    "report": ("report the use", " --data tokens=1200000"),
    "pay": ("note a payment", " --data amount=1200.00 --data currency=EUR"),
    "message": ("write a message", ' --message "When will you decide?"'),
}
WITH_TERMS, WITH_LEFT_OUT = ("offer", "counter", "grant"), ("offer", "grant")
WITH_DATA = ("confirm", "deliver", "report", "pay")
STATES = (
    "enquiry", "authority_check", "requested", "offered", "countered", "granted", "delivered", "renewed", "expired",
    "revoked", "refused", "withdrawn",
)  # fmt: skip


def add_parser(commands: Actions) -> None:
    """Declare the command group."""
    actions = add_group(commands, "negotiation", SUMMARY, EXAMPLE)
    rows = add_action(actions, "ls", "list negotiations", "negotiation ls --waiting", run_list, details="Newest first.")
    rows.add_argument("--waiting", action="store_true", help="only those that wait for you")
    rows.add_argument("--request", type=public_id, metavar="ID", help="only those of this request of yours")
    rows.add_argument("--state", choices=STATES, metavar="STATE", help=f"one of {', '.join(STATES)}")
    add_limit(rows)
    shown = add_action(actions, "show", "one negotiation with its thread", f"negotiation show {N}", run_show)
    shown.add_argument("--works", action="store_true", help="list its works too")
    for move, (summary, more) in MOVES.items():
        _add_move(actions, move, summary, f"negotiation {move} {N}{more}")
    attach = add_action(actions, "attach", "send a file", f"negotiation attach {N} contract.pdf", run_attach)
    attach.add_argument("--message", default="")
    files = add_action(
        actions, "files", "download the files of a negotiation", f"negotiation files {N} --out papers", run_files
    )
    files.add_argument("--out", metavar="FOLDER", required=True, help="an existing folder; nothing is written over")
    for parser in (shown, attach, files):
        parser.add_argument("negotiation", type=public_id, metavar="NEGOTIATION")
    attach.add_argument("file", metavar="FILE")


def _add_move(actions: Actions, move: str, summary: str, example: str) -> None:
    parser = add_action(actions, move, summary, example, run_move)
    parser.add_argument("negotiation", type=public_id, metavar="NEGOTIATION")
    parser.add_argument("--message", default="", help="to the other side")
    parser.add_argument("--version", type=int, metavar="N", help="refused where somebody answered since this version")
    if move in WITH_LEFT_OUT:
        parser.add_argument(
            "--leave-out", action="append", default=[], metavar="WORK=WHY", help="a work that it does not reach"
        )
    if move in WITH_DATA:
        parser.add_argument("--data", action="append", default=[], metavar="NAME=VALUE", help="may be repeated")
    if move in WITH_TERMS:
        parser.add_argument("--respond-by", type=day, metavar="DAY", help="the day by which an answer is wanted")
        add_terms(parser)
    parser.set_defaults(move=move)


def run_list(options: argparse.Namespace) -> int:
    """A line a negotiation."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        own = own_slug(registry)
        query = {"request": options.request, "state": options.state}
        if options.waiting:
            rows = waiting(registry, own, options.limit, **query)
        else:
            rows = listed(registry, "negotiations", options.limit, **query)
    show(options, rows, table([line_of(row, own) for row in rows], none="There is no such negotiation."))
    return CLEAR


def own_slug(registry: Registry) -> str:
    """The organisation that the token speaks for."""
    organisation = registry.get("account").get("organisation")
    if not organisation:
        raise CommandError("Nobody is signed in for an organisation: colophon auth login.")
    return str(organisation["slug"])


def waiting(registry: Registry, own: str, limit: int, **query: str | None) -> list[Json]:
    """The negotiations in which it is this organisation's turn, as rightsholder first."""
    found = []
    for side in ("holder", "firm"):
        rows = listed(registry, "negotiations", 10**6, waits_for=side, **query)
        found += [row for row in rows if row[side] == own]
    return found[:limit]


def line_of(row: Json, own: str) -> tuple[object, ...]:
    """A negotiation in a line: id, state, by when, works, with whom, what is on the table."""
    other = row["holder"] or row["party"] or row["why"] if row["firm"] == own else row["firm"]
    return (
        row["id"], row["state"], row["respond_by"] or "", f"{row['works']:,}", other,
        f"{row['title']}: {in_one_line(row['terms'])}",
    )  # fmt: skip


def run_show(options: argparse.Namespace) -> int:
    """One negotiation: what is on the table, whose turn it is, what happened."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        found = registry.get(f"negotiations/{options.negotiation}")
        steps = list(registry.pages(f"negotiations/{options.negotiation}/steps", limit=200))
        works = list(registry.pages(f"negotiations/{options.negotiation}/works", limit=200)) if options.works else []
    pairs = [
        ("negotiation", f"{found['id']}, {found['state']}, version {found['version']}"),
        ("about", f"{found['title']} ({many(found['works'], 'work')})"),
        ("between", f"{found['firm']} and {found['holder'] or found['party'] or 'nobody: ' + found['why']}"),
        ("on the table", in_one_line(found["terms"])),
        ("answer by", found["respond_by"]),
        ("agreement", found["agreement"]),
        ("you can", ", ".join(found["moves"])),
    ]
    thread = [
        (row["recorded_at"][:10], row["organisation"] or "the registry", row["move"], _said(row)) for row in steps
    ]
    listed_works = [(row["work"], row["left_out"], row["title"]) for row in works]
    lines = [*facts(pairs), "", *table(thread, none="")]
    lines += ["", *table(listed_works, none="")] if works else []
    show(options, found | {"steps": steps} | ({"listed_works": works} if options.works else {}), lines)
    return CLEAR


def _said(step: Json) -> str:
    files = ", ".join(file["name"] for file in step["files"])
    parts = [in_one_line(step["terms"]) if step["terms"] else "", step["message"], f"files: {files}" if files else ""]
    return " · ".join(part for part in parts if part)


def run_move(options: argparse.Namespace) -> int:
    """Make one move, in the version that was just read unless another is named."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        found = registry.get(f"negotiations/{options.negotiation}")
        body: Json = {"move": options.move, "message": options.message}
        body["version"] = found["version"] if options.version is None else options.version
        if options.move in WITH_TERMS:
            body |= {"terms": _terms(options, registry, found), "respond_by": options.respond_by}
        if options.move in WITH_DATA:
            body["data"] = _pairs(options.data, "--data NAME=VALUE")
        if options.move in WITH_LEFT_OUT and options.leave_out:
            body["left_out"] = _pairs(options.leave_out, "--leave-out WORK=WHY")
        step = registry.post(f"negotiations/{options.negotiation}/moves", body)
        now = registry.get(f"negotiations/{options.negotiation}")
    agreed = f" Agreement {now['agreement']}." if now["agreement"] and not found["agreement"] else ""
    show(options, step | {"negotiation": now}, [f"{now['id']}: {now['state']}.{agreed}"])
    return CLEAR


def _terms(options: argparse.Namespace, registry: Registry, found: Json) -> Json | None:
    """What is put on the table: without a file or a template, what lies there with the single options over it."""
    said = read_terms(options, registry)
    if said is None:
        return found["terms"] if options.move == "offer" and found["terms"]["fee"] else None
    return said if options.terms or options.template else found["terms"] | said


def _pairs(given: list[str], form: str) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if any(not equals for _, equals, _ in pairs):
        raise CommandError(f"Write it as {form}.")
    return {name: value for name, _, value in pairs}


def run_attach(options: argparse.Namespace) -> int:
    """Send a file."""
    from colophon.client import Registry  # noqa: PLC0415

    path = existing(options.file)
    with Registry(options.registry) as registry:
        fields = {"message": options.message} if options.message else {}
        step = registry.upload(f"negotiations/{options.negotiation}/files", path, fields)
    show(options, step, [f"{options.negotiation}: {step['files'][0]['name']} is sent."])
    return CLEAR


def run_files(options: argparse.Namespace) -> int:
    """Download every file, under its own name."""
    from colophon.client import Registry  # noqa: PLC0415

    folder = Path(options.out)
    if not folder.is_dir():
        raise CommandError(f"{folder}: there is no such folder.")
    written: list[Json] = []
    with Registry(options.registry) as registry:
        for file in registry.pages(f"negotiations/{options.negotiation}/attachments", limit=200):
            target = _free(folder, Path(file["name"]).name)
            registry.download(f"negotiations/{options.negotiation}/attachments/{file['id']}/content", target)
            written.append({"file": str(target), "sha256": file["sha256"]})
    rows: list[tuple[Any, ...]] = [(row["file"],) for row in written]
    show(options, written, table(rows, none="It has no files."))
    return CLEAR


def _free(folder: Path, name: str) -> Path:
    """A path in the folder that nothing has yet."""
    name = name if name not in ("", ".", "..") else "file"
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
    return path
