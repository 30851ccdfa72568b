"""Who gives an open licence: its holder, not the observer who recorded it."""

import json
from collections.abc import Mapping
from pathlib import Path

from licensing.rules.case import parse_case
from licensing.rules.verdict import decide

CASE = json.loads((Path(__file__).parent / "cases" / "open_nc.json").read_text())["case"]


def _reasons_of(*licences: Mapping[str, object]) -> dict[str, str]:
    """Decide the worked case of OPEN_NC with these licences; sentences by reason code."""
    base = next(row for row in CASE["assertions"] if row["kind"] == "open_licence")
    rows = [{**base, "id": f"o{number}", **licence} for number, licence in enumerate(licences)]
    answer = decide(parse_case({**CASE, "assertions": rows}))
    return {reason.code: reason.sentence for reason in answer.reasons}


OBSERVED = {"capacity": "observer", "asserted_by": "org:archive", "verification": "document"}


def test_observed_licence_is_given_by_the_holder_that_the_observer_names() -> None:
    sentence = _reasons_of({**OBSERVED, "licensor": "Cory Doctorow"})["OPEN_NC"]
    assert "given by Cory Doctorow (recorded by org:archive)" in sentence


def test_observed_licence_of_an_unnamed_holder_is_not_given_by_the_observer() -> None:
    assert "given by its holder (recorded by org:archive)" in _reasons_of(OBSERVED)["OPEN_NC"]


def test_strictest_licence_decides_when_one_observer_recorded_several_holders() -> None:
    found = _reasons_of({**OBSERVED, "licensor": "Ann"}, {**OBSERVED, "licensor": "Ben", "licence": "CC-BY-4.0"})
    assert next(iter(found)) == "OPEN_NC"


def test_least_burdensome_licence_counts_when_one_holder_gave_several() -> None:
    found = _reasons_of({**OBSERVED, "licensor": "Ann"}, {**OBSERVED, "licensor": "Ann", "licence": "CC-BY-4.0"})
    assert "OPEN_BY" in found
    assert "OPEN_NC" not in found
