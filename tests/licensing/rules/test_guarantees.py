"""What holds for every case, whatever it says: the guarantees, tried on random cases."""

import json
import subprocess
import sys
from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from licensing.rules.case import parse_case
from licensing.rules.explain import answer_json
from licensing.rules.policy import PROFILES, load_profile
from licensing.rules.terms import Capacity, LicenseeKind, Purpose, Use, Verdict, Verification, members
from licensing.rules.verdict import decide

# Random cases: small vocabularies, so that scopes, parties and dates meet often.
PARTIES = ["org:press", "org:other", "person:writer"]
TERRITORIES = ["DE", "FR", "EU", "EEA", "US", "GB", "JP", "SG", "CN", "BR", "WORLD"]
DAYS = ["2018-01-01", "2020-05-05", "2021-06-07", "2022-02-02", "2024-04-04", "2026-11-22", "2030-01-01"]
USES = ["pretraining", "fine_tuning", "rag_grounding"]


def words(vocabulary: Any) -> st.SearchStrategy[str]:
    return st.sampled_from([word.value for word in vocabulary])


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


questions = st.fixed_dictionaries(
    {
        "use": st.sampled_from(USES) | words(Use),
        "purpose": words(Purpose),
        "territory": st.sampled_from(TERRITORIES),
        "on": st.sampled_from(DAYS),
        "licensee": st.sampled_from(["org:acme", None]),
        "licensee_kind": words(LicenseeKind),
        "affiliates": st.sampled_from([[], ["org:else"]]),
        "product": st.sampled_from([None, "A", "B"]),
        "model": st.sampled_from([None, "A"]),
    }
)

authors = st.lists(
    st.fixed_dictionaries({"name": st.just("A"), "died": optional(st.sampled_from(["1817", "1950", "1990"]))}),
    max_size=2,
)

works = st.fixed_dictionaries(
    {
        "id": st.just("w1"),
        "first_published": optional(st.sampled_from(["1813", "1925", "1950", "1980", "1998-03-01"])),
        "country": optional(st.sampled_from(["US", "GB", "CN"])),
        "authors": authors,
        "renewed": optional(st.booleans()),
        "identity": st.sampled_from(["strong", "strong", "strong", "weak"]),
        "relation": st.sampled_from([None, "copy", "partial", "excerpt", "quotation"]),
    }
)

copies = st.fixed_dictionaries(
    {
        "acquisition": st.sampled_from(["lawful", "licensed", "shadow_library", "circumvented", "unknown"]),
        "copied_on": optional(st.sampled_from(DAYS)),
        "copied_in": optional(st.sampled_from(["DE", "PL", "US"])),
        "reservation_search": st.sampled_from(["evidenced", "not_done"]),
    }
)

generations = st.fixed_dictionaries(
    {
        "provider": st.just("OpenAI"),
        "generated_on": optional(st.sampled_from(["2023-03-13", "2023-03-20", "2025-01-01"])),
        "terms": st.sampled_from([None, "LicenseRef-scancode-openai-tou-20230314", "LicenseRef-unheard-of"]),
        "bound_by_terms": st.sampled_from(["accepted", "not_accepted", "unknown"]),
        "acquired": st.sampled_from(["own_api", "experiment", "third_party", "relay", "scraped"]),
        "competing_model": optional(st.booleans()),
        "released": st.booleans(),
    }
)

_common = {
    "asserted_by": st.sampled_from(PARTIES),
    "capacity": words(Capacity),
    "verification": words(Verification),
    "uses": optional(some(USES)),
    "purposes": optional(some(["commercial", "research"])),
    "territory": optional(some(TERRITORIES)),
    "valid_from": optional(st.sampled_from(DAYS[:4])),
    "valid_to": optional(st.sampled_from(DAYS[4:])),
    "observed_at": optional(st.sampled_from(DAYS)),
}


def assertions_of(kind: str, **more: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(_common | {"kind": st.just(kind)} | more)


reservations = assertions_of("reservation", machine_readable=st.booleans()) | assertions_of(
    "takedown", machine_readable=st.booleans()
)
grants = assertions_of(
    "grant",
    licensee=st.sampled_from(["org:acme", "org:else"]),
    duties=st.sampled_from([[], ["pay"]]),
    affiliates=st.sampled_from([[], ["none"], ["org:acme"]]),
    products=st.sampled_from([[], ["A"]]),
    models=st.sampled_from([[], ["A"]]),
    licensee_kinds=st.sampled_from([[], ["company"], ["person", "research_organisation"]]),
)
anything = st.one_of(
    reservations,
    grants,
    assertions_of("offer"),
    assertions_of("registration"),
    assertions_of("preference", signal=st.sampled_from(["allow", "disallow"])),
    assertions_of(
        "ownership", exclusive=st.booleans(), ai_rights=st.sampled_from([None, "granted", "retained", "silent"])
    ),
    assertions_of("open_licence", licence=st.sampled_from(["CC0-1.0", "CC-BY-4.0", "CC-BY-NC-4.0", "MIT", "OpenAI"])),
)


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    stated = draw(st.lists(anything, max_size=5))
    return {
        "question": draw(questions),
        "work": draw(works),
        "copy": draw(copies),
        "generated_by": draw(st.none() | generations),
        "assertions": [{"id": f"a{number}"} | assertion for number, assertion in enumerate(stated)],
    }


BALANCED = load_profile("balanced")
QUICK = settings(max_examples=100, deadline=None)


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
    other: dict[str, Any] = {
        "kind": "grant",
        "asserted_by": "org:press",
        "capacity": "owner",
        "verification": "document",
    }
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
