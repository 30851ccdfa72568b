"""The command line itself: help, start, purity, ends."""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from colophon.cli import build_parser
from colophon.commands import check
from licensing.rules.facts import Acquisition
from licensing.rules.terms import LicenseeKind, Purpose, Use
from tests.colophon.calls import GIFT, PROJECT, run_process
from tests.colophon.snapshots import write_snapshot

DOCUMENT = PROJECT / "docs" / "cli.md"


def list_commands(parser: argparse.ArgumentParser, name: str = "colophon") -> Iterator[tuple[str, str]]:
    """Every command with its help text."""
    yield name, parser.format_help()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, inner in action.choices.items():
                yield from list_commands(inner, f"{name} {word}")


COMMANDS = dict(list_commands(build_parser()))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example_and_is_documented(name):
    assert "example:\n  colophon " in COMMANDS[name]
    assert name in DOCUMENT.read_text()


def test_every_option_is_documented():
    text = DOCUMENT.read_text()
    options = {
        word.strip(",[]") for shown in COMMANDS.values() for word in shown.split() if word.startswith(("--", "[--"))
    }
    assert sorted(option for option in options if option.strip("`.;)]") not in text) == []


def test_choices_are_those_of_the_rules():
    assert tuple(Use) == check.USES
    assert tuple(Purpose) == check.PURPOSES
    assert tuple(LicenseeKind) == check.LICENSEE_KINDS
    assert tuple(Acquisition) == check.ACQUISITIONS


def list_modules(*arguments: object) -> tuple[int, set[str]]:
    """Exit code and what a command has imported by its end."""
    program = (
        "import sys\nfrom colophon.cli import main\ntry:\n    code = main(sys.argv[1:])\n"
        "except SystemExit as end:\n    code = end.code\n"
        "print('MODULES', code, *sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True, check=True, cwd=PROJECT
    )
    word, code, *modules = done.stderr.splitlines()[-1].split()
    assert word == "MODULES"
    return int(code), {module.partition(".")[0] for module in modules}


def test_help_and_verify_load_no_engine(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"no bundle")
    for arguments, code in ((["--help"], 0), (["check", "--help"], 0), (["verify", tmp_path / "x.zip"], 1)):
        ended, modules = list_modules(*arguments)
        assert ended == code
        assert not modules & {"numpy", "numba", "pyarrow", "iscc_lib"}


def test_a_check_needs_no_framework_and_no_database(tmp_path):
    snapshot = write_snapshot(tmp_path / "small.snapshot")
    ended, modules = list_modules("check", GIFT, "--snapshot", snapshot)
    assert ended == 0
    assert not modules & {"django", "rest_framework", "celery", "elasticsearch", "psycopg"}


def test_exit_codes_leave_the_process(shelf_index, tmp_path):
    assert run_process("match", shelf_index, GIFT).code == 0
    assert run_process("match", shelf_index, tmp_path / "none").code == 2
    assert run_process("match").code == 2
    assert run_process().code == 2
    assert run_process("--version").out.decode().startswith("colophon ")
    (tmp_path / "x.zip").write_bytes(b"no bundle")
    assert run_process("verify", tmp_path / "x.zip").code == 1


def test_output_is_utf8_whatever_the_locale(tmp_path):
    snapshot = write_snapshot(tmp_path / "small.snapshot")
    shown = run_process("check", GIFT, PROJECT / "samples" / "shelf" / "texts" / "zhang-chao-youmengying.txt",
                        "--snapshot", snapshot, "--format", "human", LC_ALL="POSIX", PYTHONUTF8="0",
                        PYTHONCOERCECLOCALE="0")  # fmt: skip
    assert shown.code == 1
    assert "幽夢影" in shown.out.decode()


def test_a_reader_that_has_seen_enough_ends_the_command_quietly(shelf_index):
    command = [sys.executable, "-m", "colophon", "match", str(shelf_index), *[str(GIFT)] * 20]
    reading, writing = os.pipe()
    with subprocess.Popen(command, stdout=writing, stderr=subprocess.PIPE, cwd=PROJECT) as process:
        os.close(writing)
        os.close(reading)
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 0
