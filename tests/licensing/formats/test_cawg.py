"""The CAWG assertion about mining and training, alone and inside manifests."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.formats import cawg
from licensing.formats.labels import TRAINING
from licensing.formats.policy import Effect, Policy, Reading, Rule
from tests.licensing.formats.round_trips import ADDRESSES, lost_fields, meaning, never_looser, policies

POLICY = "https://press.example/terms.json"


def assertion(entries: object, label: str = cawg.LABEL) -> bytes:
    return json.dumps({"label": label, "data": {"entries": entries}}).encode()


def said(reading: Reading) -> list[tuple[Effect, tuple[str, ...]]]:
    return [(rule.effect, tuple(rule.uses)) for policy in reading.policies for rule in policy.rules]


def codes(reading: Reading) -> list[str]:
    return [fault.code for fault in reading.faults]


def test_the_predefined_entries_are_read_as_what_they_mean() -> None:
    reading = cawg.read(
        assertion(
            {
                "cawg.ai_generative_training": {"use": "notAllowed"},
                "cawg.ai_inference": {"use": "allowed"},
                "cawg.data_mining": {"use": "constrained", "constraint_info": POLICY},
            }
        )
    )
    assert said(reading) == [(Effect.PREFER_DISALLOW, TRAINING), (Effect.PREFER_ALLOW, ("rag_grounding",))]
    assert [(fault.code, fault.place) for fault in reading.faults] == [
        ("use_not_ours", "/data/entries/cawg.data_mining"),
    ]
    assert (reading.format, reading.format_version) == ("cawg", "1.1")


def test_training_of_models_that_generate_nothing_is_none_of_our_uses() -> None:
    reading = cawg.read(assertion({"cawg.ai_training": {"use": "notAllowed"}}))
    assert reading.policies == ()
    assert codes(reading) == ["use_not_ours"]


@pytest.mark.parametrize("info", [None, "", "  ", 7, ["x"]])
def test_constrained_without_a_word_means_not_allowed(info: object) -> None:
    entry = {"use": "constrained"} if info is None else {"use": "constrained", "constraint_info": info}
    reading = cawg.read(assertion({"cawg.ai_generative_training": entry}))
    assert said(reading) == [(Effect.PREFER_DISALLOW, TRAINING)]
    assert codes(reading) == ["constraint_missing"]


def test_a_constraint_in_words_is_kept_as_words() -> None:
    entry = {"use": "constrained", "constraint_info": "Only for research; ask rights@press.example"}
    [policy] = cawg.read(assertion({"cawg.ai_generative_training": entry})).policies
    [rule] = policy.rules
    assert (rule.effect, rule.words, rule.machine_readable) == (Effect.OFFER, entry["constraint_info"], False)


def test_the_name_in_the_prose_of_the_standard_is_read_and_reported() -> None:
    reading = cawg.read(assertion({"cawg.ai_generative_training": {"use": "constrained", "constraints_info": POLICY}}))
    assert reading.policies[0].rules[0].policy_address == POLICY
    assert codes(reading) == ["name_in_prose"]


@pytest.mark.parametrize("use", ["Allowed", "allow", "", None, True, 1, ["allowed"], {"use": "allowed"}])
def test_an_answer_that_is_not_known_says_nothing(use: object) -> None:
    reading = cawg.read(assertion({"cawg.ai_generative_training": {"use": use}}))
    assert reading.policies == ()
    assert codes(reading) == ["use_unknown"]


@pytest.mark.parametrize("name", ["cawg.ai_everything", "c2pa.ai_inference", "com.press.audio", "ai_inference", ""])
def test_entries_that_are_not_known_are_reported_with_what_they_say(name: str) -> None:
    reading = cawg.read(assertion({name: {"use": "allowed"}}))
    assert reading.policies == ()
    [fault] = reading.faults
    assert fault.code == "entry_unknown"
    assert "allowed" in fault.cause


def test_the_older_labels_are_read_as_a_version_of_their_own() -> None:
    content = assertion({"c2pa.ai_generative_training": {"use": "notAllowed"}}, cawg.OLD_LABEL)
    assert cawg.read(content).format_version == "c2pa-1"
    bare = json.dumps({"entries": {"c2pa.ai_inference": {"use": "allowed"}}}).encode()
    assert (cawg.read(bare).format_version, said(cawg.read(bare))[0][0]) == ("c2pa-1", Effect.PREFER_ALLOW)


def test_a_report_of_manifests_says_what_its_active_one_says() -> None:
    def manifest(use: str) -> dict[str, object]:
        data = {"entries": {"cawg.ai_generative_training": {"use": use}}}
        return {"assertions": [{"label": "c2pa.actions", "data": {}}, {"label": cawg.LABEL, "data": data}]}

    report = {"manifests": {"old": manifest("allowed"), "new": manifest("notAllowed")}, "active_manifest": "new"}
    assert said(cawg.read(json.dumps(report).encode())) == [(Effect.PREFER_DISALLOW, TRAINING)]
    del report["active_manifest"]
    reading = cawg.read(json.dumps(report).encode())
    assert reading.policies == ()
    assert codes(reading) == ["no_active_manifest", "no_assertion"]


def test_two_assertions_are_none() -> None:
    one = {"label": cawg.LABEL, "data": {"entries": {"cawg.ai_inference": {"use": "allowed"}}}}
    reading = cawg.read(json.dumps({"assertions": [one, one]}).encode())
    assert reading.policies == ()
    assert codes(reading) == ["several_assertions"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_json"),
        (b"[]", "not_an_object"),
        (b"{}", "no_assertion"),
        (b'{"label": "c2pa.actions", "data": {}}', "no_assertion"),
        (b'{"label": "cawg.training-mining", "data": []}', "no_entries"),
        (b'{"label": "cawg.training-mining", "data": {"entries": 1, "entries": {}}}', "no_entries"),
        (b'{"entries": ' * 5000, "too_deep"),
        (b'{"entries": {"a": "' + b"a" * (1 << 20) + b'"}}', "too_large"),
    ],
)
def test_what_is_no_assertion_is_refused_with_the_reason(content: bytes, code: str) -> None:
    reading = cawg.read(content)
    assert reading.policies == ()
    assert codes(reading)[0] == code


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    (
                        "entries",
                        "label",
                        "data",
                        "assertions",
                        "use",
                        "manifests",
                        "active_manifest",
                        "cawg.ai_inference",
                    )
                ),
                inner,
                max_size=4,
            )
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_no_bytes_make_the_reader_raise(content: bytes) -> None:
    cawg.read(content)


expressible = st.lists(
    st.sampled_from(
        (
            Rule(Effect.PREFER_DISALLOW, TRAINING),
            Rule(Effect.PREFER_ALLOW, TRAINING),
            Rule(Effect.OFFER, TRAINING, policy_address=ADDRESSES[1]),
            Rule(Effect.OFFER, TRAINING, words="Ask us – 先问", machine_readable=False),
        )
    ),
    max_size=1,
).flatmap(
    lambda first: st.lists(
        st.sampled_from(
            (
                Rule(Effect.PREFER_DISALLOW, ("rag_grounding", "evaluation", "synthetic_generation")),
                Rule(Effect.PREFER_ALLOW, ("rag_grounding",)),
            )
        ),
        max_size=1,
    ).map(lambda second: Policy((*first, *second)))
)


@given(expressible)
def test_what_the_assertion_can_say_is_read_back_and_nothing_is_lost(policy: Policy) -> None:
    written = cawg.write(policy)
    assert lost_fields(written.loss) == {}
    read = cawg.read(written.content)
    assert read.faults == ()
    assert [set(meaning(one).rules) for one in read.policies] == ([set(meaning(policy).rules)] if policy.rules else [])
    assert [rule.words for one in read.policies for rule in one.rules if not rule.machine_readable] == [
        rule.words for rule in policy.rules if not rule.machine_readable
    ]


@given(policies)
def test_the_assertion_never_allows_more_and_names_every_field_that_changed(policy: Policy) -> None:
    written = cawg.write(policy)
    read = cawg.read(written.content)
    assert not [fault for fault in read.faults if fault.code != "use_not_ours"]
    assert never_looser(policy, read.policies)
    lost = lost_fields(written.loss)
    answered = {(rule.effect, use) for one in read.policies for rule in one.rules for use in rule.uses}
    for number, rule in enumerate(policy.rules):
        if not lost.get(number):
            assert {(rule.effect, use) for use in rule.uses} <= answered


@given(policies)
def test_what_was_read_is_written_again_without_loss(policy: Policy) -> None:
    for again in cawg.read(cawg.write(policy).content).policies:
        written = cawg.write(again)
        assert lost_fields(written.loss) == {}
        assert [meaning(one) for one in cawg.read(written.content).policies] == [meaning(again)]
