"""`colophon signals …`: what publishers' machines said, handed in and asked for; the files for one's own site."""

from __future__ import annotations

import argparse
from pathlib import Path

from colophon.commands.common import (
    Actions,
    Json,
    add_action,
    add_group,
    add_limit,
    awaited,
    day,
    existing,
    facts,
    listed,
    public_id,
    show,
    table,
)
from colophon.exits import CLEAR, CommandError

SUMMARY = "signals: what was said for a work, files and sites handed in, a publisher's own kit"
EXAMPLE = """\
  colophon signals said 7h2m9c4x0k1z --on 2022-06-01
  colophon signals submit robots.txt --address https://press.example/robots.txt
  colophon signals kit 7h2m9c4x0k1z --out kit.zip"""
SAID_DETAILS = """\
Every rule that stood on the day at the addresses of the work, whether it counts for the use, and why. A sentence in
natural language is shown as one, and is no machine-readable reservation."""
SUBMIT_DETAILS = """\
What it is found out by its content: robots.txt, TDMRep, RSL, ai.txt, aipref, HTML, EPUB, PDF, ONIX, CAWG. Give the
address that it was read at, or the work whose own file it is."""
W = "7h2m9c4x0k1z"


def add_parser(commands: Actions) -> None:
    """Declare the command group."""
    actions = add_group(commands, "signals", SUMMARY, EXAMPLE)
    said = add_action(
        actions,
        "said",
        "what was said for a work on a day",
        f"signals said {W} --on 2022-06-01",
        run_said,
        details=SAID_DETAILS,
    )
    said.add_argument("work", type=public_id, metavar="WORK")
    said.add_argument("--on", type=day, metavar="DAY", help="default: today")
    said.add_argument("--use", metavar="USE", help="default: pretraining")
    said.add_argument("--agent", metavar="NAME", help="a crawler, like GPTBot")
    submit = add_action(
        actions, "submit", "hand a file in",
        "signals submit robots.txt --address https://press.example/robots.txt", run_submit, details=SUBMIT_DETAILS,
    )  # fmt: skip
    submit.add_argument("file", metavar="FILE")
    submit.add_argument("--address", default="", metavar="URL", help="where it was read")
    submit.add_argument("--work", type=public_id, metavar="ID", help="whose own file it is")
    submit.add_argument("--observed-at", default="", metavar="TIME", help="like 2026-03-01T12:00:00Z (default: now)")
    submit.add_argument("--kind", default="", help="where the content does not say it")
    read = add_action(
        actions, "read", "have a site read", "signals read https://press.example/", run_read,
        details="robots.txt, tdmrep.json, license.xml, ai.txt and the page itself.",
    )  # fmt: skip
    read.add_argument("address", metavar="URL")
    crawl = add_action(actions, "crawl", "hand crawl records in", "signals crawl crawl.warc.gz", run_crawl)
    crawl.add_argument("file", metavar="WARC")
    for parser in (read, crawl):
        parser.add_argument("--no-wait", action="store_true", help="print the job and do not wait for it")
    _add_others(actions)


def _add_others(actions: Actions) -> None:
    rows = add_action(
        actions, "ls", "list what was read", "signals ls --host press.example", run_list, details="Newest first."
    )
    rows.add_argument("--host")
    rows.add_argument("--format", help="like robots, tdmrep, rsl")
    add_limit(rows)
    shown = add_action(actions, "show", "one reading with its rules", f"signals show {W}", run_show)
    shown.add_argument("reading", type=public_id, metavar="READING")
    place = add_action(
        actions, "place", "say where a work stands on the web",
        f"signals place {W} 'https://press.example/books/emma/*'", run_place,
        details="What is said of that place counts for the work from now on. A final * stands for all below.",
    )  # fmt: skip
    place.add_argument("work", type=public_id, metavar="WORK")
    place.add_argument("address", metavar="URL")
    place.add_argument("--since", type=day, metavar="DAY")
    kit = add_action(
        actions, "kit", "download the files for your own site", f"signals kit {W} --out kit.zip", run_kit,
        details="TDMRep, RSL, robots.txt lines, aipref, ODRL, ONIX, CAWG; LOSS.json says what each cannot say.",
    )  # fmt: skip
    whose = kit.add_mutually_exclusive_group(required=True)
    whose.add_argument("work", nargs="?", type=public_id, metavar="WORK")
    whose.add_argument("--holder", type=public_id, metavar="ID", help="of all works of a holder")
    kit.add_argument("--out", required=True, metavar="ZIP")


def run_said(options: argparse.Namespace) -> int:
    """What was said on a day."""
    from colophon.client import Registry  # noqa: PLC0415

    query = {name: getattr(options, name) for name in ("on", "use", "agent") if getattr(options, name)}
    with Registry(options.registry) as registry:
        found = registry.get(f"works/{options.work}/signals", **query)
    rows = [
        ("counts" if row["counts"] else "does not", row["says"], row["format"], row["observed_at"][:10], row["address"],
         row["why"] if not row["machine_readable"] else f"{row['words']} · {row['why']}")
        for row in found["rules"]
    ]  # fmt: skip
    lines = [
        f"On {found['on']}, at {', '.join(found['addresses']) or 'no address that anybody stated'}; "
        f"{found['readings']:,} places were read by then.",
        *table(rows, none="Nothing was said."),
    ]
    show(options, found, lines)
    return CLEAR


def run_submit(options: argparse.Namespace) -> int:
    """Hand a file in."""
    from colophon.client import Registry  # noqa: PLC0415

    path = existing(options.file)
    names = ("address", "work", "observed_at", "kind")
    fields = {name: getattr(options, name) for name in names if getattr(options, name)}
    with Registry(options.registry) as registry:
        found = registry.upload("observations", path, fields)
    show(options, found, _reading(found))
    return CLEAR


def _reading(found: Json) -> list[str]:
    """One reading: what it was, its rules, what could not be read."""
    pairs = [
        ("reading", f"{found['id']} of {found['observed_at'][:19]}"),
        ("address", found["address"]),
        ("sha256", found["content_sha256"]),
        ("log entry", found["entry"]),
    ]
    rows = [
        (row["format"], row["says"], " ".join(row["agents"]), row["path"], row["words"]) for row in found["signals"]
    ]
    faults = [f"{row['place']}: {row['cause']}" for row in found["faults"]]
    return [*facts(pairs), *table(rows, none="It says nothing about training."), *faults]


def run_read(options: argparse.Namespace) -> int:
    """Have a site read."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        job = registry.post("observations/read", {"address": options.address})
        ended = None if options.no_wait else awaited(registry, job["id"])
    show(options, ended or job, [f"{options.address}: {'is read' if ended else 'job ' + job['id']}."])
    return CLEAR


def run_crawl(options: argparse.Namespace) -> int:
    """Hand crawl records in."""
    from colophon.client import Registry  # noqa: PLC0415

    path = existing(options.file)
    with Registry(options.registry) as registry:
        job = registry.upload("observations/crawl", path, {})
        ended = None if options.no_wait else awaited(registry, job["id"])
    show(options, ended or job, [f"{path}: {'is read' if ended else 'job ' + job['id']}."])
    return CLEAR


def run_list(options: argparse.Namespace) -> int:
    """A line a reading."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        rows = listed(registry, "observations", options.limit, host=options.host, format=options.format)
    lines = [(row["id"], row["observed_at"][:10], row["origin"], row["address"] or row["file_name"]) for row in rows]
    show(options, rows, table(lines, none="Nothing was read there."))
    return CLEAR


def run_show(options: argparse.Namespace) -> int:
    """One reading."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        found = registry.get(f"observations/{options.reading}")
    show(options, found, _reading(found))
    return CLEAR


def run_place(options: argparse.Namespace) -> int:
    """State an address of a work."""
    from colophon.client import Registry  # noqa: PLC0415

    body = {"work": options.work, "address": options.address, "since": options.since}
    with Registry(options.registry) as registry:
        made = registry.post("work-addresses", body)
    show(options, made, [f"{made['work']} stands at {made['address']}."])
    return CLEAR


def run_kit(options: argparse.Namespace) -> int:
    """Download a kit."""
    from colophon.client import Registry  # noqa: PLC0415

    target = Path(options.out)
    if not target.absolute().parent.is_dir():
        raise CommandError(f"{target.parent}: there is no such folder.")
    path = f"works/{options.work}/kit" if options.work else f"holders/{options.holder}/kit"
    with Registry(options.registry) as registry:
        registry.download(path, target)
    show(options, {"kit": str(target)}, [str(target)])
    return CLEAR
