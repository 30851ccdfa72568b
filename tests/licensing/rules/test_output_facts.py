"""The answer of axis 4 for a whole dataset is a pure function of its stored facts."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.rules import output_facts
from licensing.rules.__main__ import main
from licensing.rules.case import CaseError, parse_case
from licensing.rules.contracts import judge_contract
from licensing.rules.policy import load_profile
from licensing.rules.terms import Verdict

BALANCED = load_profile("balanced")
Json = dict[str, Any]


def generation(**facts: Any) -> Json:
    said: Json = {
        "provider": "Maker", "model": "talker", "generated_on": "2024-05-01", "terms": "one",
        "terms_from": "2023-03-14", "terms_to": "2025-12-31",
        "terms_restrict_competing": True, "terms_forbid": [], "terms_verified": True,
        "bound_by_terms": "accepted", "acquired": "own_api",
    }  # fmt: skip
    version = {"id": "v", "key": "one", "title": "Terms one", "text_sha256": None, "verified": True}
    return {"generated_by": said | facts, "version": version}


def path(slug: str = "talker", *generations: Json, established: bool = True, share: str | None = "100.00") -> Json:
    part = {"id": f"p-{slug}", "by": "organisation", "share_percent": share, "records": None, "acquired": "own_api"}
    return {
        "generator": {"kind": "model", "slug": slug, "name": slug.title(), "provider": "Maker"},
        "way": [
            {"kind": "dataset", "slug": "mix", "name": "Mix"},
            {"kind": "model", "slug": slug, "name": slug.title()},
        ],
        "steps": [{"relation": "generated_by", "statuses": ["declared"], "claims": []}],
        "established": established,
        "direct": True,
        "part": part,
        "generations": list(generations) or [generation(model=slug)],
    }


def audit(at_least: float, *generators: Json, low: float | None = None) -> Json:
    measured = {
        "records": 1000, "sampled": 300, "positive": 60, "rate": 0.2, "interval": [0.16, 0.25], "corrected_rate": 0.2,
        "corrected_interval": [at_least if low is None else low, 0.25], "at_least": at_least,
    }  # fmt: skip
    return {"id": "a1", "measured": measured, "generators": list(generators)}


def copies(generator: str, model: str | None, at_least: float = 0.1) -> Json:
    return {"generator": generator, "model": model, "provider": "Other", "copies": 60, "at_least": at_least}


def facts(*paths: Json, audits: tuple[Json, ...] = (), percent: str | None = "100.00", **asked: Any) -> Json:
    question = {
        "use": "fine_tuning", "purpose": "commercial", "territory": "US", "on": "2026-11-01", "licensee": "org:lab",
        "licensee_kind": "company", "competing_model": True, "released": False,
    }  # fmt: skip
    return {
        "format": output_facts.FORMAT,
        "dataset": {"slug": "mix", "name": "Mix", "release": "1"},
        "question": question | asked,
        "paths": list(paths),
        "declared": {"percent": percent, "complete": percent is not None},
        "audits": list(audits),
        "questions": [],
        "cycles": [],
        "is_cut": False,
    }


def told(given: Json) -> list[tuple[str, bool]]:
    return [(row["code"], row["decides"]) for row in output_facts.answer(given, BALANCED)["reasons"]]


def test_nothing_on_record_is_no_answer_and_does_not_block() -> None:
    said = output_facts.answer(facts(percent=None), BALANCED)
    assert (said["verdict"], said["blocks"], said["reasons"]) == (None, False, [])
    assert not output_facts.is_known(said["verdict"])


def test_terms_that_were_accepted_block_a_competing_model() -> None:
    said = output_facts.answer(facts(path()), BALANCED)
    assert (said["verdict"], said["blocks"]) == ("NOT_CLEARED", True)
    assert told(facts(path())) == [("TOU_COMPETE", True)]


def test_the_worst_path_decides_and_every_path_is_told() -> None:
    quiet = path("quiet", generation(terms_restrict_competing=False, model="quiet"))
    assert told(facts(quiet, path())) == [("TOU_COMPETE", True), ("TOU_SILENT", True)]


def test_a_path_that_is_only_alleged_is_listed_and_decides_nothing() -> None:
    said = output_facts.answer(facts(path(established=False)), BALANCED)
    assert said["verdict"] is None
    assert [(row["code"], row["superseded"]) for row in said["reasons"]] == [("TOU_COMPETE", True)]


def test_a_gap_in_the_terms_is_unknown() -> None:
    given = facts(path("talker", {"gap": "nobody has read them"}))
    said = output_facts.answer(given, BALANCED)
    assert said["verdict"] == "UNKNOWN"
    assert "nobody has read them" in said["reasons"][0]["sentence"]


def test_output_that_an_audit_found_and_nobody_recorded_is_unknown() -> None:
    said = output_facts.answer(facts(audits=(audit(0.16, copies("chatbot-1", None)),), percent=None), BALANCED)
    assert said["verdict"] == "UNKNOWN"
    assert said["reasons"][0]["evidence"] == ["audit:a1"]
    assert "60 near-copies of output of chatbot-1" in said["reasons"][0]["sentence"]


def test_an_audit_whose_lower_bound_is_nothing_says_nothing() -> None:
    assert told(facts(audits=(audit(0.0, copies("chatbot-1", None, 0.0)),), percent=None)) == []


def test_output_of_a_generator_that_is_only_alleged_is_established_by_the_audit_and_unknown() -> None:
    given = facts(path(established=False), audits=(audit(0.16, copies("Talker", "talker")),))
    assert told(given) == [("TOU_VERSION_UNKNOWN", True), ("TOU_COMPETE", False)]


def test_more_output_than_was_declared_is_unknown_and_less_is_nothing() -> None:
    quiet = path("talker", generation(terms_restrict_competing=False), share="5.00")
    more = facts(quiet, audits=(audit(0.16, copies("Talker", "talker")),), percent="5.00")
    assert told(more) == [("TOU_VERSION_UNKNOWN", True), ("TOU_SILENT", True)]
    assert "at least 16.0%, and 5.00 per cent" in output_facts.answer(more, BALANCED)["reasons"][0]["sentence"]
    assert told(more | {"declared": {"percent": "50.00", "complete": True}}) == [("TOU_SILENT", True)]
    assert told(more | {"declared": {"percent": "5.00", "complete": False}}) == [("TOU_SILENT", True)]
    more["paths"][0]["direct"] = False  # it came in another dataset's text, of which nobody declared how much there is
    assert told(more) == [("TOU_SILENT", True)]


@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.sampled_from(["accepted", "not_accepted", "unknown"]),
            st.sampled_from(["own_api", "experiment", "scraped"]),
            st.booleans(),
        ),
        max_size=5,
    ),
    st.sampled_from([True, False, None]),
    st.booleans(),
)
def test_the_verdict_is_the_worst_of_what_the_rules_say_of_each_established_output(
    rows: list[tuple[bool, str, str, bool]], competing: bool | None, released: bool
) -> None:
    paths = [
        path(f"m{number}", generation(bound_by_terms=bound, acquired=way, terms_restrict_competing=restricts),
             established=sure)
        for number, (sure, bound, way, restricts) in enumerate(rows)
    ]  # fmt: skip
    given = facts(*paths, competing_model=competing, released=released)
    asked = {name: value for name, value in given["question"].items() if name not in ("competing_model", "released")}
    slow = [
        judge_contract(parse_case({
            "question": asked,
            "generated_by": one["generations"][0]["generated_by"]
            | {"competing_model": competing, "released": released},
            "assertions": [],
        }))[0].verdict
        for one in paths if one["established"]
    ]  # fmt: skip
    said = output_facts.answer(given, BALANCED)
    assert said["verdict"] == (min(slow, key=lambda word: word.rank).value if slow else None)
    assert said["blocks"] == (said["verdict"] in ("NOT_CLEARED", "CONTESTED"))
    assert len(said["reasons"]) == len(rows)


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_the_facts_changes_no_verdict_and_one_more_path_clears_nothing(order: int) -> None:
    rows = [path("quiet", generation(terms_restrict_competing=False)), path("talker"), path("third", {"gap": "x"})]
    verdicts = [output_facts.answer(facts(*rows[::order][:count]), BALANCED)["verdict"] for count in range(1, 4)]
    ranks = [Verdict(word).rank for word in verdicts]
    assert ranks == sorted(ranks, reverse=True)
    assert verdicts[-1] == "NOT_CLEARED"


def test_what_one_model_wrote_altogether_is_said_of_each_text_with_the_version_that_decides() -> None:
    given = facts(path("talker", generation(terms_restrict_competing=False, terms="quiet"), generation()))
    whole = output_facts.whole_generation(given, output_facts.reasons(given))
    assert whole is not None
    assert (whole["terms"], whole["competing_model"], whole["released"]) == ("one", True, False)
    case = {"question": {"use": "fine_tuning", "purpose": "commercial", "territory": "US", "on": "2026-11-01"}}
    (reason,) = judge_contract(parse_case(case | {"generated_by": whole, "assertions": []}))
    assert reason.code == "TOU_COMPETE"


def test_two_records_of_one_model_make_a_whole() -> None:
    rows = (path("talker", share="60.00"), path("talker", share="40.00"))
    given = facts(*rows)
    assert output_facts.whole_generation(given, output_facts.reasons(given)) is not None


@pytest.mark.parametrize(
    "paths",
    [
        (),
        (path(share="99.99"),),
        (path(share=None),),
        (path("talker", share="50.00"), path("other", share="50.00")),
        (path(established=False),),
    ],
)
def test_a_part_of_a_dataset_is_said_of_none_of_its_texts(paths: tuple[Json, ...]) -> None:
    given = facts(*paths)
    assert output_facts.whole_generation(given, output_facts.reasons(given)) is None


def test_facts_that_are_none_are_refused() -> None:
    with pytest.raises(CaseError):
        output_facts.answer({"format": "other"}, BALANCED)
    broken = copy.deepcopy(facts(path()))
    del broken["paths"][0]["generator"]
    with pytest.raises(CaseError):
        output_facts.answer(broken | {"paths": [{"steps": []}]}, BALANCED)


def test_the_command_decides_stored_facts_again(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "facts.json"
    given = facts(path(), audits=(audit(0.16, copies("Talker", "talker")),))
    file.write_text(json.dumps(given), encoding="utf-8")
    assert main([str(file)]) == 0
    assert json.loads(capsys.readouterr().out) == output_facts.answer(given, BALANCED)
    assert main([str(file), "--human"]) == 0
    shown = capsys.readouterr().out
    assert "Not cleared. Blocks under the policy balanced@1" in shown
    assert "Mix ← Talker" in shown
    assert "100.00 per cent is declared; audit a1 measured 20.0% (95 % interval 16.0% to 25.0%)" in shown
