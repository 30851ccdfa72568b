"""What holds for every case, whatever it says."""

import json
import subprocess
import sys
from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st

from licensing.rules.case import parse_case
from licensing.rules.explain import answer_json
from licensing.rules.policy import PROFILES, load_profile
from licensing.rules.terms import Verdict, members
from licensing.rules.verdict import decide
from tests.licensing.rules.strategies import cases, grants, reservations

BALANCED = load_profile("balanced")
QUICK = settings(max_examples=3000, deadline=None)


def verdict_of(obj):
    return decide(parse_case(obj)).verdict


@QUICK
@given(cases())
def test_a_stored_verdict_recomputes_identically_from_its_stored_facts(obj):
    """Guarantee 1: facts that went through storage as JSON give the same answer, byte for byte."""
    stored = json.dumps(obj, sort_keys=True)
    first = json.dumps(answer_json(parse_case(obj), BALANCED))
    assert json.dumps(answer_json(parse_case(json.loads(stored)), BALANCED)) == first


@QUICK
@given(cases(), st.sampled_from(PROFILES))
def test_unknown_never_authorises(obj, profile):
    """Guarantee 6: under no profile; only CLEARED authorises, and only where it does not block."""
    answer, policy = decide(parse_case(obj)), load_profile(profile)
    assert policy.authorises(answer) <= (answer.verdict is Verdict.CLEARED)
    assert not (policy.authorises(answer) and policy.blocks(answer))


@QUICK
@given(cases(), st.randoms())
def test_the_order_of_assertions_does_not_matter(obj, random):
    shuffled = deepcopy(obj)
    random.shuffle(shuffled["assertions"])
    assert decide(parse_case(shuffled)) == decide(parse_case(obj))


@QUICK
@given(cases(), reservations)
def test_adding_a_reservation_never_makes_the_answer_better(obj, reservation):
    more = obj | {"assertions": [*obj["assertions"], {"id": "z9"} | reservation]}
    assert verdict_of(more).rank <= verdict_of(obj).rank


@QUICK
@given(cases(), st.sampled_from(["US", "DE", "JP", "BR"]))
def test_a_grant_to_somebody_else_is_invisible(obj, territory):
    other = {"kind": "grant", "asserted_by": "org:press", "capacity": "owner", "verification": "document"}
    other |= {"id": "z9", "licensee": "org:stranger", "uses": ["pretraining"], "territory": [territory]}
    more = obj | {"assertions": [*obj["assertions"], other]}
    assert decide(parse_case(more)) == decide(parse_case(obj))


@QUICK
@given(grants, st.sampled_from(["EU", "EEA", "WORLD"]), st.data())
def test_a_wider_question_never_gets_a_looser_answer_from_a_grant(grant, wide, data):
    """Whoever is licensed for a territory is licensed for each of its parts; a part never licenses the whole."""
    narrow = data.draw(st.sampled_from(sorted(members(wide))))

    def is_matched(territory):
        question = {"use": "pretraining", "purpose": "commercial", "on": "2024-04-04", "licensee": "org:acme"}
        case = {"question": question | {"territory": territory}, "work": {"id": "w1"}}
        answer = decide(parse_case(case | {"assertions": [{"id": "g1"} | grant]}))
        return any(reason.code == "LIC_MATCH" for reason in answer.reasons)

    assert is_matched(wide) <= is_matched(narrow)


@QUICK
@given(cases())
def test_the_verdict_is_the_worst_reason_that_is_not_superseded(obj):
    answer = decide(parse_case(obj))
    standing = [reason for reason in answer.reasons if not reason.superseded]
    assert answer.verdict.rank == min(reason.verdict.rank for reason in standing)
    assert answer.sentence.endswith(".")
    assert "{" not in answer.sentence


@QUICK
@given(cases(), st.sampled_from(PROFILES))
def test_a_policy_never_changes_a_verdict(obj, profile):
    answer = answer_json(parse_case(obj), load_profile(profile))
    other = answer_json(parse_case(obj), BALANCED)
    assert {**answer, "blocks": None, "policy": None} == {**other, "blocks": None, "policy": None}


def test_the_rules_load_no_framework():
    probe = "import sys, licensing.rules.explain; print([n for n in sys.modules if n.split('.')[0] == 'django'])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
