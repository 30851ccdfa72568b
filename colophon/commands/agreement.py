"""`colophon agreement …`: what was agreed, its signed document, its end."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

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
    public_id,
    show,
    table,
)
from colophon.commands.offer import concluded
from colophon.exits import CLEAR, FINDINGS, CommandError
from colophon.terms import add_terms, in_one_line, read_terms

if TYPE_CHECKING:
    from colophon.client import Registry

SUMMARY = "agreements: list, download and check them, revoke, renew, pass on"
EXAMPLE = """\
  colophon agreement ls --state running
  colophon agreement document 7h2m9c4x0k1z --out papers
  colophon agreement revoke 7h2m9c4x0k1z --reason "The fee was not paid.\""""
DOCUMENT_DETAILS = """\
Writes colophon-agreement-ID.jsonld (what is signed) and colophon-agreement-ID.pdf. `colophon verify FILE.jsonld` checks
the signature offline, `colophon agreement check FILE` asks the registry whether it is still in force."""
CHECK_DETAILS = """\
Needs no token. Exit 0 genuine and in force or not begun yet, 1 changed, never signed there, expired or revoked."""
STATES = ("running", "expired", "revoked")
LANGUAGES = ("en", "zh-hans")
IN_FORCE = ("in_force", "not_yet")
SIGNING_SECONDS, POLL_SECONDS = 60.0, 0.5
NOT_FOUND = 404
A = "7h2m9c4x0k1z"


def add_parser(commands: Actions) -> None:
    """Declare the command group."""
    actions = add_group(commands, "agreement", SUMMARY, EXAMPLE)
    rows = add_action(
        actions, "ls", "list your agreements", "agreement ls --state running", run_list, details="Newest first."
    )
    rows.add_argument("--state", choices=STATES, help="only those in this state")
    rows.add_argument("--granted-by", metavar="SLUG", help="only those of this rightsholder")
    rows.add_argument("--licensee", metavar="SLUG", help="only those of this licensee")
    add_limit(rows)
    shown = add_action(actions, "show", "one agreement", f"agreement show {A} --works", run_show)
    shown.add_argument("--works", action="store_true", help="list its works too")
    document = add_action(
        actions, "document", "download the signed document", f"agreement document {A} --out papers", run_document,
        details=DOCUMENT_DETAILS,
    )  # fmt: skip
    document.add_argument("--out", metavar="FOLDER", default=".", help="an existing folder (default: this one)")
    document.add_argument("--language", choices=LANGUAGES, default="en", help="of the PDF (en)")
    check = add_action(
        actions, "check", "ask the registry what a document is worth", f"agreement check colophon-agreement-{A}.pdf",
        run_check, details=CHECK_DETAILS,
    )  # fmt: skip
    check.add_argument("file", metavar="FILE")
    revoke = add_action(
        actions, "revoke", "take a licence back", f'agreement revoke {A} --reason "The fee was not paid."', run_revoke,
        details="Answers that rest on it are decided anew.",
    )  # fmt: skip
    revoke.add_argument("--reason", required=True)
    revoke.add_argument("--from", dest="from_day", type=day, metavar="DAY", help="from then on (default: today)")
    renew = add_action(
        actions, "renew", "continue on the same terms", f"agreement renew {A} --to 2029-12-31", run_renew
    )
    ends = renew.add_mutually_exclusive_group(required=True)
    ends.add_argument("--to", type=day, metavar="DAY", help="its last day")
    ends.add_argument("--without-end", action="store_true")
    sub = add_action(
        actions, "sublicense", "pass a licence on, as far as it permits",
        f"agreement sublicense {A} --licensee acme-asia --use pretraining --fee free", run_sublicense,
    )  # fmt: skip
    sub.add_argument("--licensee", required=True, metavar="SLUG")
    sub.add_argument("--work", type=public_id, action="append", metavar="ID", help="by default all of its works")
    add_terms(sub)
    for parser in (shown, document, revoke, renew, sub):
        parser.add_argument("agreement", type=public_id, metavar="AGREEMENT")


def run_list(options: argparse.Namespace) -> int:
    """A line an agreement."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        query = {"state": options.state, "granted_by": options.granted_by, "licensee": options.licensee}
        rows = listed(registry, "agreements", options.limit, **query)
    lines = [
        (row["id"], row["state"], f"{row['works']:,}", f"{row['granted_by']} to {row['licensee']}",
         in_one_line(row["terms"]))
        for row in rows
    ]  # fmt: skip
    show(options, rows, table(lines, none="There is no such agreement."))
    return CLEAR


def run_show(options: argparse.Namespace) -> int:
    """One agreement, with its works where they are wanted."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        found = registry.get(f"agreements/{options.agreement}")
        grants = list(registry.pages(f"agreements/{found['id']}/grants", limit=200)) if options.works else []
    ended = f", revoked from {found['revoked_from']}: {found['revoked_reason']}" if found["revoked_from"] else ""
    pairs = [
        ("agreement", f"{found['id']}, {found['state']}{ended}"),
        ("granted by", found["granted_by"]),
        ("to", found["licensee"]),
        ("terms", in_one_line(found["terms"])),
        ("days", f"{found['valid_from'] or 'from its conclusion'} to {found['valid_to'] or 'no end'}"),
        ("works", f"{found['works']:,}"),
        ("offer", found["offer"]),
        ("under", found["under"]),
        ("continues", found["renews"]),
    ]
    lines = facts(pairs)
    if options.works:
        lines += table([(row["work"], row["verification"], row["title"]) for row in grants], none="It reaches no work.")
    show(options, found | ({"grants": grants} if options.works else {}), lines)
    return CLEAR


def run_document(options: argparse.Namespace) -> int:
    """Download the JSON-LD and the PDF; a document that is just being signed is waited for."""
    from colophon.client import Registry  # noqa: PLC0415

    folder = Path(options.out)
    if not folder.is_dir():
        raise CommandError(f"{folder}: there is no such folder.")
    name = f"colophon-agreement-{options.agreement}"
    signed, paper = folder / f"{name}.jsonld", folder / f"{name}.pdf"
    with Registry(options.registry) as registry:
        registry.get(f"agreements/{options.agreement}")
        _download_signed(registry, options.agreement, signed)
        registry.download(f"agreements/{options.agreement}/pdf", paper, language=options.language)
    show(options, {"jsonld": str(signed), "pdf": str(paper)}, [str(signed), str(paper)])
    return CLEAR


def _download_signed(registry: Registry, agreement: str, target: Path) -> None:
    """The agreement is there, so 404 means that its document is being signed."""
    from colophon.client import Refusal  # noqa: PLC0415

    deadline = time.monotonic() + SIGNING_SECONDS
    while True:
        try:
            registry.download(f"agreements/{agreement}/document", target)
        except Refusal as refusal:
            if refusal.status != NOT_FOUND or time.monotonic() > deadline:
                raise
            time.sleep(POLL_SECONDS)
        else:
            return


def run_check(options: argparse.Namespace) -> int:
    """Whether a document is genuine, and what it is worth today."""
    from colophon.client import Registry  # noqa: PLC0415

    path = existing(options.file)
    with Registry(options.registry) as registry:
        found = registry.upload("verify", path, {})
    standing = str(found["standing"] or "").replace("_", " ")
    genuine = f"{path}: agreement {found['agreement']}, genuine and unchanged; on {found['on']} {standing}."
    changed = f"{path}: was not signed there like this."
    show(options, found, [genuine if found["genuine"] else changed])
    return CLEAR if found["standing"] in IN_FORCE else FINDINGS


def run_revoke(options: argparse.Namespace) -> int:
    """Take a licence back."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        body: Json = {"reason": options.reason, "from_day": options.from_day}
        found = registry.post(f"agreements/{options.agreement}/revoke", body)
    show(options, found, [f"{found['id']}: revoked from {found['revoked_from']}."])
    return CLEAR


def run_renew(options: argparse.Namespace) -> int:
    """Continue an agreement."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        made = registry.post(f"agreements/{options.agreement}/renew", {"valid_to": options.to})
    show(options, made, concluded(made))
    return CLEAR


def run_sublicense(options: argparse.Namespace) -> int:
    """Pass a licence on."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        terms = read_terms(options, registry)
        if terms is None:
            raise CommandError("Say the terms, with --terms, --template, or --use and --fee.")
        body: Json = {"licensee": options.licensee, "terms": terms, "works": options.work}
        made = registry.post(f"agreements/{options.agreement}/sublicences", body)
    show(options, made, concluded(made))
    return CLEAR
