"""The rules over the API: the same answer as everywhere, and every malformed case is named."""

import copy

import pytest

from licensing.api import case_schema
from licensing.rules import explain, policy
from licensing.rules.case import parse_case
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


def ask(case):
    return clients.nobody().post("/api/v1/explain", case)


def changed(pointer, value):
    case = copy.deepcopy(case_schema.EXAMPLE)
    *path, name = pointer.strip("/").split("/")
    place = case
    for step in path:
        place = place.setdefault(step, {})
    place[name] = value
    return case


def test_the_answer_is_that_of_the_rules():
    answer = ask(case_schema.EXAMPLE)
    assert answer.status_code == 200
    assert answer.json() == explain.answer_json(parse_case(case_schema.EXAMPLE), policy.load_profile("balanced"))


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/question/use", "reading"),
        ("/question/policy", "mild"),
        ("/question/policy", "../../etc/passwd.toml"),
        ("/question/territory", "\0"),
        ("/question/on", "2026-02-30"),
        ("/question/colour", "red"),
        ("/work/first_published", 1815),
        ("/work/country", "Albion"),
        ("/copy/acquisition", "bought"),
        ("/assertions", {}),
        ("/generated_by", []),
    ],
)
def test_a_malformed_case_is_named_with_its_pointer(pointer, value):
    answer = ask(changed(pointer, value))
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("year", ["0000", "0001", "9999", "-9999", "9999-12-31"])
def test_any_year_has_an_answer(year):
    for pointer in ("/work/first_published", "/work/created"):
        assert ask(changed(pointer, year)).status_code in (200, 400)
    dead = changed("/work/authors", [{"name": "X", "died": year}])
    assert ask(dead).status_code in (200, 400)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_any_day_has_an_answer(day):
    assert ask(changed("/question/on", day)).status_code == 200
    assert ask(changed("/copy/copied_on", day)).status_code == 200


@pytest.mark.parametrize("body", [None, [], "case", 1, True, {}])
def test_what_is_no_case_is_refused(body):
    answer = ask(body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "INVALID_INPUT"
