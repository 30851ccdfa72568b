"""`colophon snapshot info|verify`: what a snapshot holds, and whether it is whole."""

from __future__ import annotations

import argparse
from typing import Any

from colophon.commands.layout import add_command
from colophon.exits import CLEAR, FINDINGS
from colophon.notices import print_json, print_lines, printable

INFO_SUMMARY = "say what a snapshot holds"
INFO_DETAILS = "Prints its digest, date, exporting organisation, and the works and assertions in it."
INFO_EXAMPLE = "  colophon snapshot info sample.snapshot --json"

VERIFY_SUMMARY = "check that a snapshot is whole and unchanged"
VERIFY_DETAILS = """\
Reads every byte: files against the manifest, the index against its own digests, the log's checkpoint against its key.
The checkpoint says which state of the log the snapshot was made under; it does not sign the snapshot. Compare the
digest with the one that the registry gave you. Exit 0 whole, 1 not a valid snapshot, 2 cannot be opened."""
VERIFY_EXAMPLE = "  colophon snapshot verify sample.snapshot --key registry-key.txt"

Json = dict[str, Any]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command group."""
    examples = f"{INFO_EXAMPLE}\n{VERIFY_EXAMPLE}"
    group = add_command(commands, "snapshot", "describe and verify snapshots of a registry", "", examples)
    actions = group.add_subparsers(metavar="ACTION", required=True)
    info = add_command(actions, "info", INFO_SUMMARY, INFO_DETAILS, INFO_EXAMPLE)
    verify = add_command(actions, "verify", VERIFY_SUMMARY, VERIFY_DETAILS, VERIFY_EXAMPLE)
    for parser, run in ((info, run_info), (verify, run_verify)):
        parser.add_argument("snapshot", metavar="FILE")
        parser.add_argument("--json", action="store_true", help="print it as JSON")
        parser.set_defaults(run=run)
    verify.add_argument("--key", metavar="FILE", help="the registry's verifier key, obtained independently")


def run_info(options: argparse.Namespace) -> int:
    """Print what the manifest says, and counts."""
    from colophon.snapshots import open_snapshot  # noqa: PLC0415

    with open_snapshot(options.snapshot) as snapshot:
        works = snapshot.works()
        kinds: dict[str, int] = {}
        for facts in works.values():
            for assertion in facts.assertions:
                kind = str(assertion.get("kind"))
                kinds[kind] = kinds.get(kind, 0) + 1
        manifest = snapshot.manifest
        info: Json = {
            "snapshot": snapshot.digest,
            "created_on": manifest.get("created_on"),
            "organisation": manifest.get("organisation"),
            "rules_version": manifest.get("rules_version"),
            "index": manifest.get("index"),
            "works": len(works),
            "assertions": dict(sorted(kinds.items())),
            "files": {name: said.get("bytes") for name, said in sorted(manifest["files"].items())},
        }
    if options.json:
        print_json(info)
        return CLEAR
    counts = ", ".join(f"{number} {kind}" for kind, number in info["assertions"].items()) or "none"
    rows = [
        ("snapshot", info["snapshot"]),
        ("made on", info["created_on"]),
        ("exported for", info["organisation"] or "everyone"),
        ("rules", info["rules_version"]),
        ("index", info["index"]),
        ("works", info["works"]),
        ("assertions", counts),
    ]
    print_lines([printable(f"{name:<13}{value}") for name, value in rows])
    return CLEAR


def run_verify(options: argparse.Namespace) -> int:
    """Verify; the first thing that is wrong is named."""
    from colophon.commands.verify import read_key  # noqa: PLC0415
    from colophon.indexing import open_index  # noqa: PLC0415
    from colophon.snapshots import open_snapshot  # noqa: PLC0415
    from ingest.engine.errors import EngineError  # noqa: PLC0415
    from licensing.formats.snapshot import SnapshotError  # noqa: PLC0415

    pinned = None if options.key is None else read_key(options.key)
    try:
        with open_snapshot(options.snapshot) as snapshot:
            snapshot.verify()
            works = len(snapshot.works())
            with open_index(options.snapshot) as index:
                for segment in index.segments:
                    segment.verify()
                if index.digest != snapshot.manifest.get("index"):
                    raise SnapshotError(snapshot.path, "index/", "is not the index that the manifest names")
            facts: Json = {"verified": True, "snapshot": snapshot.digest, "works": works}
            facts |= _check_log(snapshot, pinned)
    except (SnapshotError, EngineError) as error:
        if options.json:
            print_json({"verified": False, "cause": str(error)})
        else:
            print_lines([printable(f"NOT VERIFIED: {error}")])
        return FINDINGS
    print_json(facts) if options.json else print_lines(_verified_lines(facts))
    return CLEAR


def _check_log(snapshot: Any, pinned: str | None) -> Json:
    """The checkpoint inside, under the key inside or the pinned one."""
    from licensing.formats.snapshot import SnapshotError  # noqa: PLC0415
    from registry.merkle.checkpoint import CheckpointError, verify  # noqa: PLC0415

    if "log/checkpoint" not in snapshot.manifest["files"]:
        if pinned is not None:
            raise SnapshotError(snapshot.path, "log/checkpoint", "is missing")
        return {"checkpoint": None}
    try:
        key = snapshot.read("log/key").decode().strip()
        if pinned is not None and pinned != key:
            raise SnapshotError(snapshot.path, "log/key", "is not the pinned key")
        checkpoint = verify(snapshot.read("log/checkpoint").decode(), key)
    except (CheckpointError, UnicodeDecodeError) as error:
        raise SnapshotError(snapshot.path, "log/checkpoint", str(error)) from None
    return {
        "checkpoint": {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()},
        "key": key,
        "key_pinned": pinned is not None,
    }


def _verified_lines(facts: Json) -> list[str]:
    lines = [f"verified: {facts['works']} works, every file as the manifest lists it", f"digest:   {facts['snapshot']}"]
    checkpoint = facts["checkpoint"]
    if checkpoint is None:
        lines.append("log:      no checkpoint inside")
    else:
        lines.append(f"log:      made under {checkpoint['origin']} at size {checkpoint['size']}")
        pinned = "the pinned key" if facts["key_pinned"] else "not pinned: only the snapshot vouches for it"
        lines.append(f"key:      {facts['key']}, {pinned}")
    return [printable(line) for line in lines]
