"""The command line: parser, and what every command's end has in common."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence

from colophon.commands import (
    agreement,
    audit,
    auth,
    check,
    dataset,
    desk,
    eligibility,
    fingerprint,
    index,
    jobs,
    match,
    negotiation,
    notice,
    offer,
    plan,
    request,
    rules,
    signals,
    snapshot,
    society,
    sublicence,
    terms,
    verify,
    work,
)
from colophon.exits import CLEAR, FAILED, INTERRUPTED, CommandError
from colophon.notices import discard_output, tell

DESCRIPTION = """\
Find registered works in training data, say whether they may be used, and verify the evidence. That needs no server and
no database: texts never leave this machine. auth and the commands listed after it speak with a registry."""
EPILOG = """\
exit codes:
  0 clear · 1 findings that the policy blocks, or something that does not verify · 2 failed: usage or input ·
  3 nothing to check · 4 undetermined: nothing blocks, something is unknown.   Where several hold: 2, 1, 4, 3, 0.

example:
  colophon check dataset.jsonl.zst --snapshot sample.snapshot --use pretraining --territory US

`colophon COMMAND --help` describes a command."""


LOCAL = (fingerprint, index, match, check, audit, plan, verify, snapshot)
OF_A_REGISTRY = (
    auth, work, dataset, desk, request, negotiation, offer, agreement, sublicence, terms, society, signals,
    notice, eligibility, jobs, rules,
)  # fmt: skip


class _Version(argparse.Action):
    """--version, worked out only when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

        from ingest.engine import ENGINE_VERSION  # noqa: PLC0415
        from licensing.rules.verdict import rules_version  # noqa: PLC0415

        try:
            own = version("colophon")
        except PackageNotFoundError:
            own = "from source"
        print(f"colophon {own} · engine {ENGINE_VERSION} · rules {rules_version()}")
        parser.exit()


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands. Nothing heavy is imported for it."""
    parser = argparse.ArgumentParser(
        prog="colophon",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the versions of client, engine and rules")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in (*LOCAL, *OF_A_REGISTRY):
        command.add_parser(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Usage errors leave through SystemExit(2), as argparse does."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    options = build_parser().parse_args(arguments)
    try:
        code = int(options.run(options))
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
        return CLEAR
    except KeyboardInterrupt:
        tell("interrupted")
        return INTERRUPTED
    except CommandError as error:
        tell(str(error))
        return FAILED
    except Exception as error:  # noqa: BLE001  left alone, Python would exit 1, which means findings
        if not _is_expected(error):
            traceback.print_exc()
        tell(str(error) or type(error).__name__)
        return FAILED
    return code


def _is_expected(error: Exception) -> bool:
    """Errors that name what is wrong with the input or the machine; any other is a fault of the program.

    Imported here, so that `--help` loads no engine.
    """
    from ingest.engine.errors import EngineError  # noqa: PLC0415
    from licensing.formats.snapshot import SnapshotError  # noqa: PLC0415
    from licensing.rules.policy import PolicyError  # noqa: PLC0415

    return isinstance(error, (OSError, MemoryError, EngineError, SnapshotError, PolicyError))
