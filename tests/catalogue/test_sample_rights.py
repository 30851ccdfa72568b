"""What the sample rights say of the sample works, and what the rules make of it."""

import datetime
import tomllib
from pathlib import Path
from typing import Any

import pytest

from licensing.rules.case import parse_case
from licensing.rules.explain import answer_json
from licensing.rules.policy import load

SAMPLES = Path(__file__).parents[2] / "samples"


def read(path: str) -> dict[str, Any]:
    return tomllib.loads((SAMPLES / path).read_text(encoding="utf-8"))


WORKS = {row["record_reference"]: row for row in read("shelf/works.toml")["works"]}
RIGHTS = read("rights.toml")


def is_in_copyright(work: dict[str, Any]) -> bool:
    return bool(work["first_published"]) and work["first_published"] >= "1931"


def test_demo_statements_exist_only_for_works_in_copyright() -> None:
    for row in RIGHTS["assertions"]:
        work = WORKS[row["record_reference"]]
        assert is_in_copyright(work), row["id"]
        assert row["demo"] is (row["kind"] != "open_licence"), row["id"]


def test_open_licence_statements_say_what_the_shelf_says() -> None:
    stated = {row["record_reference"]: row["licence"] for row in RIGHTS["assertions"] if row["kind"] == "open_licence"}
    assert stated == {reference: work["licence"] for reference, work in WORKS.items() if "licence" in work}


def test_invented_organisations_say_so_in_their_names() -> None:
    organisations = {row["slug"]: row for row in RIGHTS["organisations"]}
    for row in organisations.values():
        assert row["demo"] is row["name"].endswith("(demo)")
    for row in RIGHTS["assertions"]:
        for party in (row["asserted_by"], row.get("licensee", RIGHTS["question"]["licensee"])):
            assert party.removeprefix("org:") in organisations
        assert organisations[row["asserted_by"].removeprefix("org:")]["demo"] is row["demo"], row["id"]


def test_assertion_ids_are_unique() -> None:
    ids = [row["id"] for row in RIGHTS["assertions"]]
    assert len(ids) == len(set(ids))


CASE_FIELDS = {"record_reference", "holder", "statement", "demo", "source_address"}


def case(work: dict[str, Any], dataset: dict[str, Any], territory: str, identity: str) -> dict[str, Any]:
    """The work, the sample question and what rights.toml says of the work, in the form that the rules read."""
    question = RIGHTS["question"]
    statements = [row for row in RIGHTS["assertions"] if row["record_reference"] == work["record_reference"]]
    return {
        "question": {
            **{name: question[name] for name in ("use", "purpose", "licensee", "licensee_kind", "policy")},
            "territory": territory,
            "on": "2026-11-22",
        },
        "work": {
            "id": work["record_reference"],
            "kind": work["kind"],
            "first_published": work["first_published"] or None,
            "country": work["country"] or None,
            "authors": [{"name": row["name"], "died": row.get("died")} for row in work["authors"]],
            "isbn": work["identifiers"].get("isbn", []),
            "identity": identity,
        },
        "copy": {
            "acquisition": dataset["acquisition"],
            "copied_on": dataset["copied_on"].isoformat(),
            "copied_in": None,
            "reservation_search": dataset["reservation_search"],
        },
        "generated_by": None,
        "assertions": [
            {
                name: value.isoformat() if isinstance(value, datetime.date) else value
                for name, value in row.items()
                if name not in CASE_FIELDS
            }
            for row in statements
        ],
    }


def answers(dataset: str, identity: str = "strong") -> dict[tuple[str, str], dict[str, Any]]:
    (row,) = (row for row in RIGHTS["datasets"] if row["slug"] == dataset)
    policy = load(RIGHTS["question"]["policy"])
    return {
        (reference, territory): answer_json(parse_case(case(work, row, territory, identity)), policy)
        for reference, work in WORKS.items()
        for territory in RIGHTS["question"]["territories"]
    }


def deciding(answer: dict[str, Any]) -> set[str]:
    return {row["code"] for row in answer["reasons"] if not row["superseded"]}


@pytest.mark.parametrize(
    ("work", "territory", "verdict", "code"),
    [
        ("shelf-001", "US", "CLEARED", "PD_TERM"),
        ("shelf-011", "DE", "CLEARED", "PD_TERM"),
        ("shelf-014", "DE", "CLEARED", "PD_TERM"),
        ("shelf-018", "US", "CONDITIONAL", "OPEN_BY"),
        ("shelf-020", "DE", "CONTESTED", "OPEN_SA_MODEL"),
        ("shelf-021", "US", "NOT_CLEARED", "OPEN_NC"),
        ("shelf-021", "DE", "NOT_CLEARED", "LIC_OFFERED"),
        ("shelf-022", "US", "NOT_CLEARED", "LIC_SCOPE_GAP"),
        ("shelf-023", "US", "CONDITIONAL", "LIC_MATCH"),
        ("shelf-023", "DE", "CONDITIONAL", "LIC_MATCH"),
        ("shelf-024", "US", "CLEARED", "LIC_MATCH"),
        ("shelf-024", "DE", "NOT_CLEARED", "LIC_SCOPE_GAP"),
        ("shelf-025", "US", "EXCEPTION_CLAIMED", "US_FU"),
        ("shelf-025", "DE", "EXCEPTION_CLAIMED", "EU4_OPEN"),
        ("shelf-026", "DE", "CONTESTED", "EU4_NOT_MR"),
        ("shelf-027", "US", "EXCEPTION_CLAIMED", "US_FU"),
        ("shelf-027", "DE", "NOT_CLEARED", "EU4_RESERVED"),
    ],
)
def test_the_sample_rights_decide_as_the_documentation_says(work: str, territory: str, verdict: str, code: str) -> None:
    answer = answers("sample-pile-shape")[work, territory]
    assert answer["verdict"] == verdict
    assert code in deciding(answer)


def test_every_outcome_of_the_main_job_occurs_and_decides() -> None:
    found = [*answers("sample-pile-shape").values(), *answers("sample-books3-shape").values()]
    codes = set().union(*(deciding(answer) for answer in found))
    assert {"PD_TERM", "LIC_MATCH", "LIC_SCOPE_GAP", "EU4_RESERVED", "US_FU"} <= codes
    assert "UNKNOWN" in {answer["verdict"] for answer in found}


def test_undated_works_are_never_called_public_domain() -> None:
    undated = [reference for reference, work in WORKS.items() if not work["first_published"]]
    for (reference, _), answer in answers("sample-pile-shape").items():
        if reference in undated:
            assert "PD_TERM" not in deciding(answer)
            assert answer["status"] == "UNKNOWN"


def test_a_weak_match_of_any_sample_work_stays_unknown() -> None:
    assert {answer["verdict"] for answer in answers("sample-pile-shape", "weak").values()} == {"UNKNOWN"}
