"""`colophon request …`: what a firm asks for, once, for many works: from a clearance, a search, a list."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colophon.commands.common import (
    Actions,
    Json,
    add_action,
    add_group,
    add_limit,
    awaited,
    counted,
    day,
    existing,
    facts,
    listed,
    many,
    public_id,
    show,
    table,
)
from colophon.exits import CLEAR, FINDINGS, CommandError
from colophon.notices import tell
from colophon.terms import add_terms, in_one_line, read_terms

if TYPE_CHECKING:
    from colophon.client import Registry

SUMMARY = "ask for licences for many works at once"
EXAMPLE = """\
  colophon request missing --dataset summer-crawl
  colophon request new --clearance c0wsc0wsc0ws --fee free --send
  colophon request show 7h2m9c4x0k1z"""
MISSING_DETAILS = """\
By a clearance, or by the last one of a dataset that was decided. Licences that were granted or taken back since count.
Exit 0 nothing is missing, 1 something is."""
NEW_DETAILS = """\
Choose the works in one way. From a clearance: what is missing in it, for the use, purpose and territory that it asked
about unless options say others. A list is ids or ISBNs, one a line, a CSV file with a column work, or a table of titles
that is linked to works first; rows that are unsure are left out and counted. The draft shows whom it would reach;
nobody else knows of it before it is sent."""
VERDICTS = ("NOT_CLEARED", "CONTESTED", "UNKNOWN", "EXCEPTION_CLAIMED", "CONDITIONAL", "CLEARED")
STATES = ("draft", "splitting", "open", "closed", "cancelled")
DECIDED = "decided"


def add_parser(commands: Actions) -> None:
    """Declare the command group."""
    actions = add_group(commands, "request", SUMMARY, EXAMPLE)
    missing = add_action(
        actions, "missing", "list what a licence would help with", "request missing --dataset summer-crawl",
        run_missing, details=MISSING_DETAILS,
    )  # fmt: skip
    _add_checked(missing.add_mutually_exclusive_group(required=True))
    add_limit(missing)
    _add_new(actions)
    preview = add_action(
        actions, "preview", "say whom a draft would reach", "request preview 7h2m9c4x0k1z", run_preview
    )
    send = add_action(
        actions, "send", "send a draft and wait until it is divided", "request send 7h2m9c4x0k1z", run_send
    )
    shown = add_action(actions, "show", "follow a request as one", "request show 7h2m9c4x0k1z", run_show)
    cancel = add_action(
        actions, "cancel", "take a request back", 'request cancel 7h2m9c4x0k1z --reason "No budget."', run_cancel,
        details="What was granted stays.",
    )  # fmt: skip
    cancel.add_argument("--reason", default="", help="what rightsholders are told")
    for parser in (preview, send, shown, cancel):
        parser.add_argument("request", type=public_id, metavar="REQUEST")
    rows = add_action(actions, "ls", "list your requests", "request ls --state open", run_list, details="Newest first.")
    rows.add_argument("--state", choices=STATES, help="only those in this state")
    add_limit(rows)


def _add_checked(group: Any) -> None:
    group.add_argument("--clearance", type=public_id, metavar="ID")
    group.add_argument("--dataset", metavar="SLUG", help="its last clearance that was decided")


def _add_new(actions: Actions) -> None:
    example = 'request new --list wanted.csv --use pretraining --territory EU --fee "per_work 2.50 EUR"'
    new = add_action(actions, "new", "write a request down", example, run_new, details=NEW_DETAILS)
    source = new.add_mutually_exclusive_group(required=True)
    _add_checked(source)
    source.add_argument("--query", metavar="WORDS", help="what a search finds")
    source.add_argument("--list", metavar="FILE", help="ids, ISBNs, or a table of titles")
    source.add_argument("--linkage", type=public_id, metavar="ID", help="a list that was linked before")
    source.add_argument("--work", type=public_id, action="append", metavar="ID", help="may be repeated")
    new.add_argument("--title", help="by default what the works are chosen by")
    new.add_argument("--message", default="", help="to the rightsholders")
    new.add_argument("--respond-by", type=day, metavar="DAY", help="the day by which an answer is wanted")
    new.add_argument(
        "--verdict", action="append", choices=VERDICTS, metavar="VERDICT", help="of a clearance, only these"
    )
    new.add_argument("--send", action="store_true", help="send it at once")
    add_terms(new)


def run_missing(options: argparse.Namespace) -> int:
    """List the works of a clearance that a licence would help with now."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        clearance = _clearance(registry, options)
        now = registry.get(f"clearances/{clearance['id']}/now")
        rows = listed(registry, f"clearances/{clearance['id']}/verdicts", options.limit, missing="true")
    works = [{name: row[name] for name in ("work", "title", "verdict", "status")} for row in rows]
    lines = [
        f"Clearance {clearance['id']} of {clearance['dataset']}: {clearance['use']} in {clearance['territory']}.",
        f"As it is now: {counted(now['verdicts'])}; a licence would help with {now['missing']:,}.",
        *(table([(row["work"], row["verdict"], row["title"]) for row in works], none="") if works else []),
        *([f"… and {now['missing'] - len(works):,} more (--limit)."] if now["missing"] > len(works) else []),
    ]
    show(options, {"clearance": clearance["id"], **now, "works": works}, lines)
    return FINDINGS if now["missing"] else CLEAR


def _clearance(registry: Registry, options: argparse.Namespace) -> Json:
    """The clearance that is meant: the one named, or the last decided one of the dataset."""
    if options.clearance:
        return registry.get(f"clearances/{options.clearance}")
    found = listed(registry, "clearances", 1, dataset=options.dataset, state=DECIDED)
    if not found:
        raise CommandError(f"There is no decided clearance of a dataset “{options.dataset}”.")
    return found[0]


def run_new(options: argparse.Namespace) -> int:
    """Write a draft, or send it at once."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        body, asked = _chosen(registry, options)
        terms = read_terms(options, registry, asked)
        if not terms or not terms.get("uses"):
            raise CommandError("Say what for, with --use at least, or with --terms or --template.")
        body |= {"terms": terms, "message": options.message, "respond_by": options.respond_by}
        if options.title:
            body["title"] = options.title
        made = registry.post("licence-requests", body)
        if options.send:
            return _send(registry, made["id"], options)
        return _preview(registry, made, options)


def _chosen(registry: Registry, options: argparse.Namespace) -> tuple[Json, Json | None]:
    """How the works are chosen, with a title for it; and the terms that a clearance's question amounts to."""
    if options.verdict and not (options.clearance or options.dataset):
        raise CommandError("--verdict goes with --clearance or --dataset.")
    if options.clearance or options.dataset:
        found = _clearance(registry, options)
        base = {"uses": [found["use"]], "purposes": [found["purpose"]], "territory": [found["territory"]]}
        title = f"{found['dataset']}: {found['use']} in {found['territory']}"
        body = {"clearance": found["id"], "verdicts": options.verdict or [], "title": title[:200]}
        return body, base | {"valid_from": found["as_of"]}
    if options.query:
        return {"query": options.query, "title": options.query[:200]}, None
    if options.linkage:
        return {"linkage": options.linkage, "title": registry.get(f"linkages/{options.linkage}")["file_name"]}, None
    if options.work:
        return {"works": options.work, "title": many(len(options.work), "work")}, None
    return _from_list(registry, existing(options.list)), None


def _from_list(registry: Registry, path: Path) -> Json:
    """The works of a list: ids as they stand, anything else linked by the registry first."""
    from colophon.wanted import read_list  # noqa: PLC0415

    wanted = read_list(path)
    if wanted.works:
        return {"works": list(wanted.works), "title": path.name}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / wanted.name
        copy.write_bytes(wanted.table)
        linkage = registry.upload("linkages", copy, {})
    awaited(registry, linkage["job"])
    counts = registry.get(f"linkages/{linkage['id']}")["counts"] or {}
    said = f"{path}: {counts['match']:,} of {counts['rows']:,} rows are registered works, {counts['none']:,} are none"
    unsure = (
        f"; {counts['review']:,} are unsure: {registry.address}/linkages/{linkage['id']}" if counts["review"] else ""
    )
    tell(f"{said}{unsure}.")
    return {"linkage": linkage["id"], "title": path.name}


def run_preview(options: argparse.Namespace) -> int:
    """Say whom a draft would reach."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        return _preview(registry, registry.get(f"licence-requests/{options.request}"), options)


def _preview(registry: Registry, made: Json, options: argparse.Namespace) -> int:
    shown = registry.get(f"licence-requests/{made['id']}/preview")
    lines = [f"{made['id']}: a draft about {many(made['works'], 'work')}. {in_one_line(made['terms'])}."]
    if shown["answering"]:
        rows = [
            (
                f"{row['number']:,}",
                row["holder"],
                row["name"] + (f", {row['unsure']:,} to confirm" * bool(row["unsure"])),
            )
            for row in shown["answering"]
        ]
        lines += table(rows, none="")
    lines += [
        " ".join(part for part in (f"Nobody is asked for {row['number']:,}:", row["name"], row["sentence"]) if part)
        for row in shown["silent"]
    ]
    if shown["looked_at"] < shown["works"]:
        lines.append(f"The first {shown['looked_at']:,} works were looked at; sending looks at all of them.")
    lines.append(f"Send it: colophon request send {made['id']}")
    show(options, made | {"preview": shown}, lines)
    return CLEAR


def run_send(options: argparse.Namespace) -> int:
    """Send a draft."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        return _send(registry, options.request, options)


def _send(registry: Registry, request: str, options: argparse.Namespace) -> int:
    sent = registry.post(f"licence-requests/{request}/send")
    awaited(registry, sent["job"])
    return _follow(registry, request, options)


def run_show(options: argparse.Namespace) -> int:
    """One request with all its negotiations."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        return _follow(registry, options.request, options)


def _follow(registry: Registry, request: str, options: argparse.Namespace) -> int:
    found = registry.get(f"licence-requests/{request}")
    parts = list(registry.pages("negotiations", request=request, limit=200))
    counts = found["counts"] or {}
    pairs = [
        ("request", f"{found['id']}, {found['state']}"),
        ("title", found["title"]),
        ("terms", in_one_line(found["terms"])),
        ("answer by", found["respond_by"]),
        ("works", f"{found['works']:,}: {counted(counts.get('works_by_state', {}))}" if counts else found["works"]),
        ("nobody asked", counts.get("unanswerable")),
    ]
    rows = [
        (
            row["id"],
            row["state"] if row["holder"] else "not asked",
            f"{row['works']:,}",
            row["holder"] or row["party"] or "nobody",
            _turn(row) if row["holder"] else row["why"].replace("_", " "),
        )
        for row in parts
    ]
    show(options, found | {"parts": parts}, [*facts(pairs), *(["", *table(rows, none="")] if rows else [])])
    return CLEAR


def _turn(row: Json) -> str:
    if row["agreement"]:
        return f"agreement {row['agreement']}"
    return {"firm": "your turn: " + in_one_line(row["terms"]), "holder": "waits for the rightsholder"}.get(
        row["waits_for"], ""
    )


def run_list(options: argparse.Namespace) -> int:
    """A line a request."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        rows = listed(registry, "licence-requests", options.limit, state=options.state)
    lines = [(row["id"], row["state"], f"{row['works']:,}", row["title"]) for row in rows]
    show(options, rows, table(lines, none="There is no such request."))
    return CLEAR


def run_cancel(options: argparse.Namespace) -> int:
    """Take a request back."""
    from colophon.client import Registry  # noqa: PLC0415

    with Registry(options.registry) as registry:
        found = registry.post(f"licence-requests/{options.request}/cancel", {"reason": options.reason})
    show(options, found, [f"{found['id']}: {found['state']}."])
    return CLEAR
