"""Policies as ODRL: TDMRep's own examples, our twins, what is not understood, and the way there and back."""

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st

from licensing.formats import odrl, odrl_policy, schema_org
from licensing.formats.labels import REFUSING, TRAINING, USES
from licensing.formats.odrl_rules import PURPOSES
from licensing.formats.policy import Effect, Payment, Policy, Reading, Rule
from licensing.formats.tdmrep_values import MINING
from licensing.rules.terms import Purpose, Use
from tests.licensing.formats.round_trips import frame_of, lost_fields, meaning, never_looser, policies

Json = dict[str, Any]
CONTEXT = ["http://www.w3.org/ns/odrl.jsonld", {"tdm": "http://www.w3.org/ns/tdmrep#"}]
ASK: Json = {  # after the report's full example
    "@context": CONTEXT,
    "@type": "Offer",
    "profile": "http://www.w3.org/ns/tdmrep",
    "uid": "https://press.example/policies/1",
    "assigner": {
        "uid": "https://press.example",
        "vcard:fn": "Example Press",
        "vcard:hasEmail": "mailto:rights@press.example",
        "vcard:hasURL": "https://press.example/tdm/licensing.html",
    },
    "permission": [{"action": "tdm:mine", "duty": [{"action": "obtainConsent"}]}],
}
PAY: Json = {
    **ASK,
    "permission": [
        {
            "action": "tdm:mine",
            "duty": [{"action": "compensate"}],
            "constraint": [{"leftOperand": "purpose", "operator": "eq", "rightOperand": "tdm:non-research"}],
        }
    ],
}


def read(document: object) -> Reading:
    return odrl_policy.read(json.dumps(document).encode())


def rules(reading: Reading) -> list[Rule]:
    return [replace(rule, words="") for policy in reading.policies for rule in policy.rules]


def codes(reading: Reading) -> list[str]:
    return [fault.code for fault in reading.faults]


def permission(**changes: object) -> Json:
    """A Set that permits mining, with something in its permission changed."""
    return {"@context": CONTEXT, "@type": "Set", "permission": [{"action": "tdm:mine", **changes}]}


def prohibition(**changes: object) -> Json:
    return {"@context": CONTEXT, "@type": "Set", "prohibition": [{"action": "tdm:mine", **changes}]}


def constraint(left: str, operator: str, right: object) -> list[Json]:
    return [{"leftOperand": left, "operator": operator, "rightOperand": right}]


def test_the_words_are_those_of_the_rules() -> None:
    assert tuple(Use) == USES
    assert tuple(Purpose) == PURPOSES


def test_the_reports_examples_are_read() -> None:
    [policy] = read(ASK).policies
    assert (policy.holder, policy.holder_address, policy.contact) == (
        "Example Press",
        "https://press.example",
        "rights@press.example",
    )
    assert rules(read(ASK)) == [Rule(Effect.OFFER, TRAINING, duties=("consent",))]
    assert rules(read(PAY)) == [
        Rule(
            Effect.OFFER,
            TRAINING,
            purposes=tuple(one for one in PURPOSES if one != "research"),
            duties=("compensation",),
        )
    ]
    assert read(ASK).faults == read(PAY).faults == ()


def test_a_document_written_for_tdmrep_has_what_the_report_asks_for() -> None:
    offer = Rule(Effect.OFFER, TRAINING, purposes=("research",), duties=("consent",))
    policy = Policy((Rule(Effect.RESERVE), offer), holder="Example Press", contact="rights@press.example")
    written = odrl_policy.write_offer(policy, uid="https://press.example/policies/1")
    document = json.loads(written.content)
    assert document["@context"][0] == "http://www.w3.org/ns/odrl.jsonld"
    assert document["@context"][1]["tdm"] == "http://www.w3.org/ns/tdmrep#"
    del document["@context"]
    assert document == {
        "uid": "https://press.example/policies/1",
        "@type": "Offer",
        "profile": "http://www.w3.org/ns/tdmrep",
        "assigner": {"vcard:fn": "Example Press", "vcard:hasEmail": "mailto:rights@press.example"},
        "permission": [
            {
                "action": "tdm:mine",
                "constraint": [{"leftOperand": "purpose", "operator": "eq", "rightOperand": "tdm:research"}],
                "duty": [{"action": "obtainConsent"}],
            }
        ],
    }
    assert lost_fields(written.loss) == {0: {"effect"}}
    assert written.content_type == "application/ld+json"


def test_nothing_to_offer_is_no_document() -> None:
    written = odrl_policy.write_offer(Policy((Rule(Effect.RESERVE),)))
    assert written.content == b""
    assert lost_fields(written.loss) == {0: {"effect"}}


def test_an_offer_that_names_no_terms_asks_for_consent_so_that_nobody_takes_it_for_a_gift() -> None:
    written = odrl_policy.write(Policy((Rule(Effect.OFFER, TRAINING),)))
    assert json.loads(written.content)["permission"][0]["duty"] == [{"action": "obtainConsent"}]
    assert lost_fields(written.loss) == {0: {"duties"}}


@pytest.mark.parametrize(
    ("kind", "effect"), [("reservation", Effect.PROHIBIT), ("offer", Effect.OFFER), ("open_licence", Effect.PERMIT)]
)
def test_the_twins_of_public_statements_are_read(kind: str, effect: Effect) -> None:
    said = odrl.Statement(
        kind=kind,
        uid="https://colophon.example/works/1#1",
        target="https://colophon.example/works/1",
        asserted_by="Example Press",
        uses=TRAINING if kind != "open_licence" else (),
        territory=("DE",),
        valid_to="2027-12-31",
        licence="CC-BY-NC-4.0",
        conditions=frozenset({"attribution", "non_commercial"}),
    )
    policy, _ = odrl.policy(said)
    page = schema_org.work(schema_org.Work(address=said.target, title="A", policies=[policy]))
    [found] = read(page).policies
    assert (found.target, found.holder) == (said.target, "Example Press")
    [rule] = found.rules
    duties = {"offer": {"consent"}, "open_licence": {"attribution", "non_commercial"}}.get(kind, set())
    assert (rule.effect, set(rule.duties), rule.territory, rule.valid_to) == (effect, duties, ("DE",), "2027-12-31")
    assert tuple(rule.uses) == (() if kind == "open_licence" else TRAINING)


def test_mining_that_is_prohibited_may_mean_more_than_mining_that_is_permitted() -> None:
    assert rules(read(permission()))[0].uses == TRAINING
    assert rules(read(prohibition()))[0].uses == MINING.reach(True)


@pytest.mark.parametrize(
    ("context", "code"),
    [
        ("https://other.example/context.jsonld", "context_unknown"),
        (["http://www.w3.org/ns/odrl.jsonld", {"tdm": "https://other.example/ns#"}], "action_unknown"),
        (["http://www.w3.org/ns/odrl.jsonld", {"tdm": "http://www.w3.org/ns/tdmrep/"}], "action_unknown"),
        (["http://www.w3.org/ns/odrl.jsonld"], "action_unknown"),
        ([], "no_policy"),
        ({"tdm": "http://www.w3.org/ns/tdmrep#"}, "no_policy"),
        (7, "context_unknown"),
    ],
)
def test_names_of_another_vocabulary_mean_nothing_here(context: object, code: str) -> None:
    reading = read(permission() | {"@context": context})
    assert reading.policies == ()
    assert codes(reading) == [code]


def test_a_name_means_what_its_context_says() -> None:
    document = {
        "@context": {
            "o": "http://www.w3.org/ns/odrl/2/",
            "allow": "o:prohibition",
            "mine": "http://www.w3.org/ns/tdmrep#mine",
        },
        "@type": "o:Set",
        "allow": [{"o:action": {"@id": "mine"}}],
    }
    assert [rule.effect for rule in rules(read(document))] == [Effect.PROHIBIT]


@pytest.mark.parametrize("kind", ["Agreement", "Request", "Ticket", "Assertion", "Privacy"])
def test_what_speaks_to_somebody_alone_is_not_taken_for_a_policy_for_all(kind: str) -> None:
    reading = read(permission() | {"@type": kind})
    assert reading.policies == ()
    assert codes(reading) == ["type_not_for_all"]


@pytest.mark.parametrize(
    "more",
    [
        {"inheritFrom": "https://press.example/policies/0"},
        {"obligation": [{"action": "compensate"}]},
        {"assignee": "https://firm.example/"},
        {"@type": ["Set", "Offer"]},
        {"@type": []},
        {"@type": "Gift"},
        {"prohibition": [{"action": "reproduce"}]},
        {"prohibition": [{"target": "https://press.example/a"}]},
        {"prohibition": [7]},
        {"prohibition": [{"action": "tdm:mine", "constraint": constraint("industry", "eq", "x")}]},
    ],
)
def test_no_permission_counts_beside_what_is_not_understood(more: Json) -> None:
    reading = read(permission() | more)
    assert reading.faults
    assert {rule.effect for rule in rules(reading)} <= {Effect.UNKNOWN}


@pytest.mark.parametrize(
    "changes",
    [
        {"constraint": constraint("industry", "eq", "https://x.example/defence")},
        {"constraint": constraint("spatial", "eq", "https://www.geonames.org/2921044")},
        {"constraint": constraint("spatial", "isNoneOf", ["DE"])},
        {"constraint": constraint("purpose", "eq", "https://x.example/p")},
        {"constraint": constraint("purpose", "eq", "colophon:purpose:commercial")},
        {"constraint": constraint("dateTime", "lteq", "2027")},
        {"constraint": constraint("dateTime", "eq", "2027-01-01")},
        {"constraint": constraint("dateTime", "lt", "2027-02-30")},
        {"constraint": constraint("dateTime", "lteq", "2027-01-01T12:00:00Z")},
        {"constraint": constraint("count", "lteq", 10)},
        {"constraint": [{"and": {"@list": []}}]},
        {"constraint": [*constraint("spatial", "eq", "DE"), *constraint("spatial", "eq", "FR")]},
        {"constraint": ["https://press.example/constraints/1"]},
        {"constraint": constraint("spatial", "isAnyOf", [])},
        {"action": [{"rdf:value": {"@id": "tdm:mine"}, "refinement": constraint("resolution", "lteq", 1)}]},
        {"target": {"@type": "AssetCollection", "source": "https://press.example/all"}},
        {"assignee": "https://firm.example/"},
        {"constraints": []},
        {"@context": {}},
    ],
)
def test_a_rule_whose_limits_are_not_understood_is_read_neither_narrower_nor_wider(changes: Json) -> None:
    for document in (permission(**changes), prohibition(**changes)):
        reading = read(document)
        assert reading.faults
        assert {rule.effect for rule in rules(reading)} <= {Effect.UNKNOWN}


def test_limits_are_read() -> None:
    document = prohibition(
        constraint=[
            *constraint("spatial", "isAnyOf", ["DE", "EU"]),
            *constraint("dateTime", "gt", {"@type": "xsd:date", "@value": "2025-12-31"}),
            *constraint("dateTime", "lt", "2028-01-01T00:00:00Z"),
            *constraint("purpose", "isAnyOf", [{"@id": "tdm:research"}]),
        ]
    )
    [rule] = rules(read(document))
    assert (rule.territory, rule.valid_from, rule.valid_to) == (("DE", "EU"), "2026-01-01", "2027-12-31")
    assert rule.purposes == ("research",)


def test_a_duty_that_is_not_known_is_kept_and_reported() -> None:
    reading = read(permission(duty=[{"action": "https://x.example/sing"}, {"action": "attribute"}]))
    assert rules(reading)[0].duties == ("https://x.example/sing", "attribution")
    assert codes(reading) == ["duty_unknown"]


def test_an_amount_is_read_where_it_is_plain() -> None:
    refined = [
        {
            **constraint("payAmount", "eq", {"@value": "12.50", "@type": "xsd:decimal"})[0],
            "unit": "urn:iso:std:iso:4217:EUR",
        }
    ]
    action = [{"rdf:value": {"@id": "odrl:compensate"}, "refinement": refined}]
    [rule] = rules(read(permission(duty=[{"action": action}])))
    assert rule.payment == Payment(model="", amount="12.50", currency="EUR")
    refined[0]["unit"] = "http://dbpedia.org/resource/Euro"
    reading = read(permission(duty=[{"action": action}]))
    assert rules(reading)[0].payment is None
    assert rules(reading)[0].duties == ("compensation",)
    assert codes(reading) == ["amount_unknown"]


def test_an_effect_that_contradicts_its_rule_is_not_believed() -> None:
    document = prohibition(**{"colophon:effect": "permit"})
    document["@context"] = odrl_policy.CONTEXT
    assert [rule.effect for rule in rules(read(document))] == [Effect.UNKNOWN]


def test_a_profile_that_is_not_known_may_mean_anything() -> None:
    reading = read(prohibition() | {"profile": "https://x.example/profile"})
    assert reading.policies == ()
    assert codes(reading) == ["profile_unknown"]


def test_a_name_that_stands_twice_is_not_understood() -> None:
    content = json.dumps(permission()).replace('"action": "tdm:mine"', '"action": "tdm:mine", "action": "use"')
    assert rules(odrl_policy.read(content.encode())) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_json"),
        (b"[]", "no_policy"),
        (b"7", "not_an_object"),
        (b'{"a": ' * 100_000, "too_deep"),
        (b"[" * 70 + b"]" * 70, "too_deep"),
        (b'"' + b"a" * (1 << 20) + b'"', "too_large"),
    ],
)
def test_what_is_no_policy_is_refused_with_the_reason(content: bytes, code: str) -> None:
    reading = odrl_policy.read(content)
    assert reading.policies == ()
    assert codes(reading) == [code]


def test_names_that_lead_round_in_circles_end() -> None:
    terms = {f"t{number}": f"t{(number + 1) % 3}:x" for number in range(3)} | {"a": "b", "b": "a"}
    document = permission() | {"@context": [*CONTEXT, terms], "t0:x": 1, "a": 1}
    assert rules(read(document)) == [Rule(Effect.PERMIT, TRAINING)]


def test_many_targets_for_many_rules_are_cut() -> None:
    document = permission() | {"target": [f"https://press.example/{number}" for number in range(5000)]}
    document["permission"] = document["permission"] * 5000
    reading = read(document)
    assert "too_many_rules" in codes(reading)


scalars = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(("", "tdm:mine", "Set", "DE", "use", "@id"))
names = st.sampled_from(
    ("@context", "@type", "@id", "uid", "permission", "prohibition", "action", "duty", "constraint", "leftOperand",
     "operator", "rightOperand", "target", "assigner", "profile", "@graph", "refinement", "colophon:payment",
     "@value", "@list")
)  # fmt: skip
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4), max_leaves=12
)


@given(values)
def test_no_document_makes_the_reader_raise_or_permit_by_accident(value: Any) -> None:
    read(value)
    if isinstance(value, dict):
        read({**value, "@context": odrl_policy.CONTEXT})
        document = deepcopy(ASK)
        document["permission"][0].update({name: said for name, said in value.items() if name not in ("action", "duty")})
        for rule in rules(read(document)):
            assert rule.effect in (Effect.OFFER, Effect.UNKNOWN)


def without_loss(rule: Rule) -> bool:
    return rule.effect != Effect.PREFER_ALLOW and not (rule.effect in REFUSING and (rule.payment or rule.duties))


@given(policies)
def test_whatever_odrl_can_say_is_read_back(policy: Policy) -> None:
    policy = replace(policy, rules=tuple(rule for rule in policy.rules if without_loss(rule)))
    written = odrl_policy.write(policy)
    lost = lost_fields(written.loss)
    read = odrl_policy.read(written.content) if written.content else Reading("odrl")
    assert read.faults == ()
    assert all(fields == {"duties"} for fields in lost.values())
    expected = replace(
        policy,
        rules=tuple(
            replace(rule, duties=(*rule.duties, "consent")) if number in lost else rule
            for number, rule in enumerate(policy.rules)
        ),
    )
    found = [meaning(one) for one in read.policies]
    assert [set(one.rules) for one in found] == ([set(meaning(expected).rules)] if expected.rules else [])
    assert all(frame_of(one) == frame_of(meaning(policy)) for one in found)


@given(policies)
def test_odrl_never_allows_more_and_names_every_field_that_changed(policy: Policy) -> None:
    written = odrl_policy.write(policy)
    read = odrl_policy.read(written.content) if written.content else Reading("odrl")
    assert never_looser(policy, read.policies)
    lost = lost_fields(written.loss)
    said = {rule for one in read.policies for rule in meaning(one).rules}
    merged = {(replace(rule, uses=()), use) for rule in said for use in rule.uses or USES}
    for number, rule in enumerate(policy.rules):
        if not lost.get(number):
            [one] = meaning(Policy((rule,))).rules
            assert {(replace(one, uses=()), use) for use in one.uses or USES} <= merged


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_from": "next year"}, "valid_from"),
        ({"valid_to": "2026-02-30"}, "valid_to"),
        ({"territory": ("Germany",)}, "territory"),
        ({"uses": ("everything",)}, "uses"),
        ({"purposes": ("fun",)}, "purposes"),
        ({"duties": ("sing & dance",)}, "duties"),
        ({"payment": Payment("crawl", amount="12,50", currency="EUR")}, "payment"),
        ({"payment": Payment("crawl", amount="12.50")}, "payment"),
        ({"agents": ("a:b",)}, "agents"),
    ],
)
def test_a_permission_with_a_value_nobody_would_understand_is_left_out(changes: Json, field: str) -> None:
    written = odrl_policy.write(Policy((replace(Rule(Effect.PERMIT, TRAINING), **changes),)))
    assert written.content == b""
    assert lost_fields(written.loss) == {0: {field}}


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib by itself
def test_a_json_ld_processor_finds_the_same() -> None:
    policy = Policy(
        (
            Rule(Effect.OFFER, TRAINING, territory=("DE",), duties=("compensation",)),
            Rule(Effect.RESERVE, ("evaluation",)),
        ),
        target="https://press.example/work/1",
        holder="Example Press",
    )
    document = json.loads(odrl_policy.write(policy, uid="https://press.example/p").content)
    ns = "http://www.w3.org/ns/odrl/2/"
    coerced = {"action", "leftOperand", "operator", "profile", "target"}
    terms = (
        "permission",
        "prohibition",
        "duty",
        "constraint",
        "refinement",
        "rightOperand",
        "assigner",
        *sorted(coerced),
    )
    stand_in: Json = {  # what the published context says of the terms that are used
        "@vocab": ns, "odrl": ns, "uid": "@id", "type": "@type", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        **{name: {"@id": ns + name} | ({"@type": "@vocab"} if name in coerced else {}) for name in terms},
    }  # fmt: skip
    document["@context"][0] = stand_in
    graph = rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
    found = graph.query(
        """PREFIX odrl: <http://www.w3.org/ns/odrl/2/> PREFIX tdm: <http://www.w3.org/ns/tdmrep#>
        SELECT ?offer ?name WHERE {
          ?offer a odrl:Offer ; odrl:profile <http://www.w3.org/ns/tdmrep> ; odrl:permission ?rule ;
            odrl:assigner/<http://www.w3.org/2006/vcard/ns#fn> ?name .
          ?rule odrl:action tdm:mine ; odrl:target <https://press.example/work/1> ;
            odrl:duty/odrl:action odrl:compensate ;
            odrl:constraint [ odrl:leftOperand odrl:spatial ; odrl:operator odrl:isAnyOf ] .
          ?set a odrl:Set ; odrl:prohibition ?no .
        }"""
    )
    assert [tuple(map(str, row)) for row in found] == [("https://press.example/p#offer", "Example Press")]  # type: ignore[arg-type]
