"""Malformed cases are refused by name and place; defaults are those of the contracts."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from licensing.rules.case import CaseError, parse_case
from licensing.rules.facts import Acquisition, Identity, ReservationSearch
from licensing.rules.terms import Capacity, LicenseeKind, Verification

MINIMAL: dict[str, Any] = {
    "question": {"use": "pretraining", "purpose": "commercial", "territory": "DE", "on": "2026-11-22"},
    "work": {"id": "w1", "authors": [{"name": "A", "died": None}]},
    "assertions": [{"id": "a1", "kind": "reservation", "asserted_by": "org:press"}],
}


def refusal(change):
    obj = deepcopy(MINIMAL)
    change(obj)
    with pytest.raises(CaseError) as caught:
        parse_case(obj)
    return caught.value


def test_defaults_of_a_minimal_case():
    case = parse_case(MINIMAL)
    assert case.question.licensee_kind is LicenseeKind.COMPANY
    assert case.question.policy == "balanced"
    assert case.copy.acquisition is Acquisition.UNKNOWN
    assert case.copy.reservation_search is ReservationSearch.EVIDENCED
    assert case.work is not None
    assert case.work.identity is Identity.STRONG
    assertion = case.assertions[0]
    assert (assertion.capacity, assertion.verification) == (Capacity.OBSERVER, Verification.NONE)
    assert not assertion.exclusive


def put(path, value):
    def change(obj):
        *parents, last = path
        for name in parents:
            obj = obj[name]
        obj[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "pointer", "cause"),
    [
        (put(["question", "use"], "training"), "/question/use", "unknown value 'training'; known: pretraining"),
        (put(["question", "use"], 7), "/question/use", "expected a string, found a number"),
        (put(["question", "use"], None), "/question/use", "must not be null"),
        (put(["question", "on"], "22.11.2026"), "/question/on", "write YYYY-MM-DD"),
        (put(["question", "on"], "2026-02-30"), "/question/on", "is not a date"),
        (put(["question", "on"], "2026-W47-7"), "/question/on", "is not a date"),
        (put(["question", "territory"], "Germany"), "/question/territory", "unknown territory 'Germany'"),
        (put(["question", "territory"], ["DE"]), "/question/territory", "expected a string, found an array"),
        (put(["question", "usage"], "x"), "/question/usage", "unknown field; known here: affiliates"),
        (put(["question", "a/b~c"], "x"), "/question/a~1b~0c", "unknown field"),
        (put(["question"], None), "/question", "must not be null"),
        (put(["extra"], 1), "/extra", "unknown field"),
        (put(["work", "identity"], "sure"), "/work/identity", "known: strong, weak"),
        (put(["work", "first_published"], "1813-13"), "/work/first_published", "not a day of the calendar"),
        (put(["work", "first_published"], 1813), "/work/first_published", "expected a string, found a number"),
        (put(["work", "authors", 0, "born"], "1775"), "/work/authors/0/born", "unknown field; known here: died, name"),
        (put(["work", "renewed"], "no"), "/work/renewed", "expected true or false"),
        (put(["work", "title"], "\ud800"), "/work/title", "surrogate"),
        (put(["work"], []), "/work", "expected an object, found an array"),
        (put(["work"], None), "/work", "is missing"),
        (put(["copy"], {"acquisition": "stolen"}), "/copy/acquisition", "unknown value 'stolen'"),
        (put(["generated_by"], {"provider": "OpenAI"}), "/generated_by/acquired", "is missing"),
        (put(["assertions"], {}), "/assertions", "expected an array, found an object"),
        (put(["assertions", 0, "uses"], []), "/assertions/0/uses", "must not be empty"),
        (put(["assertions", 0, "uses"], ["x"]), "/assertions/0/uses/0", "unknown value 'x'"),
        (put(["assertions", 0, "territory"], ["XX"]), "/assertions/0/territory/0", "unknown territory 'XX'"),
        (put(["assertions", 0, "kind"], "wish"), "/assertions/0/kind", "unknown value 'wish'"),
        (put(["assertions", 0, "kind"], "grant"), "/assertions/0/licensee", "a grant names its licensee"),
        (put(["assertions", 0, "kind"], "open_licence"), "/assertions/0/licence", "SPDX"),
        (put(["assertions", 0, "id"], ""), "/assertions/0/id", "must not be empty"),
        (put(["assertions", 0, "verification"], "notarised"), "/assertions/0/verification", "counter-signed"),
    ],
)
def test_a_malformed_case_is_refused_with_its_json_pointer(change, pointer, cause):
    error = refusal(change)
    assert error.pointer == pointer
    assert cause in error.cause


@pytest.mark.parametrize("obj", [None, [], "case", 1, True])
def test_a_case_that_is_no_object_is_refused(obj):
    with pytest.raises(CaseError, match="expected an object"):
        parse_case(obj)


def test_a_repeated_assertion_id_is_refused_naming_both_places():
    error = refusal(lambda obj: obj["assertions"].append(dict(obj["assertions"][0])))
    assert (error.pointer, "/assertions/0" in error.cause) == ("/assertions/1/id", True)


def test_a_term_that_ends_before_it_begins_is_refused():
    error = refusal(lambda obj: obj["assertions"][0].update(valid_from="2026-01-02", valid_to="2026-01-01"))
    assert error.pointer == "/assertions/0/valid_to"


@pytest.mark.parametrize("text", ["-0479", "0868", "1813", "1813-01", "2000-02-29"])
def test_partial_dates_keep_what_is_known(text):
    work = parse_case({**MINIMAL, "work": {"first_published": text}}).work
    assert work is not None
    assert str(work.first_published) == text


def test_a_time_stamp_counts_by_its_day():
    observed = {**MINIMAL["assertions"][0], "observed_at": "2020-02-01T23:59:00Z"}
    case = parse_case({**MINIMAL, "assertions": [observed]})
    assert case.assertions[0].observed_at == date(2020, 2, 1)


def test_a_machine_format_is_machine_readable_unless_said_otherwise():
    base = MINIMAL["assertions"][0]
    forms: list[dict[str, Any]] = [{"source_format": "tdmrep"}, {"source_format": "imprint"}, {}]
    forms.append({"source_format": "rsl", "machine_readable": False})
    stated = [base | form | {"id": f"a{number}"} for number, form in enumerate(forms)]
    case = parse_case({**MINIMAL, "assertions": stated})
    assert [assertion.machine_readable for assertion in case.assertions] == [True, False, False, False]
