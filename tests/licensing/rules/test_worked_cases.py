"""Every row of the decision table as a worked case: `cases/*.json`, one file a case, read as documentation too."""

import json
from pathlib import Path

import pytest

from licensing.rules.case import parse_case
from licensing.rules.catalogue import CATALOGUE
from licensing.rules.explain import answer_json
from licensing.rules.policy import load_profile

CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_worked_case(path):
    worked = json.loads(path.read_text(encoding="utf-8"))
    case, expected = parse_case(worked["case"]), worked["expect"]
    answer = answer_json(case, load_profile(case.question.policy))
    reasons = answer["reasons"]
    found = {
        "codes": [reason["code"] for reason in reasons],
        "verdict": answer["verdict"],
        "status": answer["status"],
        "superseded": [reason["code"] for reason in reasons if reason["superseded"]],
    }
    assert found == {name: expected[name] for name in found}, worked["name"]
    assert answer["blocks"] == expected.get("blocks", answer["verdict"] in ("NOT_CLEARED", "CONTESTED"))
    known = {assertion["id"] for assertion in worked["case"]["assertions"]}
    assert all(set(reason["evidence"]) <= known for reason in reasons)
    if "split" in expected:
        assert [reason["code"] for reason in reasons if reason.get("split")] == expected["split"]


def test_every_code_of_the_catalogue_has_a_worked_case():
    shown = {code for path in CASES for code in json.loads(path.read_text(encoding="utf-8"))["expect"]["codes"]}
    assert shown == set(CATALOGUE)


def test_every_code_is_a_row_of_the_documented_table():
    table = (Path(__file__).parents[3] / "docs" / "rules.md").read_text(encoding="utf-8")
    body = table.split("| axis | code | when | verdict |\n", 1)[1].split("\n\n", 1)[0]
    rows = [line.split(" | ") for line in body.splitlines() if not line.startswith("|-")]
    documented = {(cells[0].strip("| "), cells[1]) for cells in rows}
    assert documented == {(text.axis, code) for code, text in CATALOGUE.items()}
