"""`python -m licensing.rules`: the contract's output, exit codes, and never a traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from licensing.rules.__main__ import main

EXAMPLE = json.loads((Path(__file__).parent / "cases" / "contracts_example.json").read_text())["case"]


def write(tmp_path, content):
    path = tmp_path / "case.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(path)


def test_the_example_of_the_contracts_has_exactly_the_contracts_shape(tmp_path, capsys):
    assert main([write(tmp_path, EXAMPLE)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert list(answer) == ["verdict", "status", "blocks", "reasons", "rules_version", "policy"]
    assert (answer["verdict"], answer["status"], answer["blocks"]) == ("NOT_CLEARED", "RESERVED", True)
    assert answer["policy"] == "balanced@1"
    gap, reserved = answer["reasons"]
    names = ["code", "axis", "verdict", "superseded", "sentence", "evidence", "authority"]
    assert list(gap) == list(reserved) == names
    assert [gap[name] for name in names[:4]] == ["LIC_SCOPE_GAP", "coverage", "NOT_CLEARED", False]
    assert [reserved[name] for name in names[:4]] == ["EU4_RESERVED", "coverage", "NOT_CLEARED", True]
    assert (gap["evidence"], gap["authority"], reserved["evidence"]) == (["a2"], None, ["a1"])
    assert reserved["authority"]


def test_people_get_sentences(tmp_path, capsys):
    assert main([write(tmp_path, EXAMPLE), "--human"]) == 0
    text = capsys.readouterr().out
    assert "May org:acme use this for pretraining (commercial) in Germany on 2026-11-22?" in text
    assert "Not cleared: org:acme has a licence from org:press" in text
    assert "not legal advice" in text


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"question": NaN}', "NaN is not a JSON value"),
        (b'{"question": 1, "question": 2}', "'question' occurs twice"),
        (b'{"question": ' + b"9" * 5000 + b"}", "not JSON"),
        ({}, "/question: is missing"),
        (EXAMPLE | {"question": EXAMPLE["question"] | {"policy": "lenient"}}, "/question/policy: policy lenient"),
        (EXAMPLE | {"question": EXAMPLE["question"] | {"use": "\ud800"}}, "/question/use: unknown value"),
    ],
)
def test_a_malformed_case_exits_2_and_names_the_place(tmp_path, capsys, content, named):
    assert main([write(tmp_path, content)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert named in shown.err


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_file_that_cannot_be_read_exits_2(tmp_path, capsys, name):
    assert main([str(tmp_path / name)]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_another_policy_may_be_asked_for(tmp_path, capsys):
    path = write(tmp_path, EXAMPLE)
    assert main([path, "--policy", "research"]) == 0
    assert json.loads(capsys.readouterr().out)["policy"] == "research@1"
    assert main([path, "--policy", "lenient"]) == 2
    assert "unknown profile" in capsys.readouterr().err


def test_the_module_runs_as_a_command_and_reads_standard_input():
    command = [sys.executable, "-m", "licensing.rules", "-"]
    done = subprocess.run(command, input=json.dumps(EXAMPLE).encode(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["verdict"] == "NOT_CLEARED"
