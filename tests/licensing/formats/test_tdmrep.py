"""TDMRep's file and headers: read as the report says, written so that the same is read again."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from licensing.formats import tdmrep
from licensing.formats.labels import TRAINING
from licensing.formats.policy import Effect, Policy, Rule
from licensing.formats.tdmrep import Carrier
from licensing.formats.tdmrep_values import MINING
from tests.licensing.formats.round_trips import ADDRESSES, PATHS, lost_fields, meaning, never_looser, policies

POLICY = "https://press.example/policies/policy.json"
# The report gives no schema: this is its text (section "TDM File on the Origin Server") as one
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["location", "tdm-reservation"],
        "properties": {
            "location": {"type": "string", "pattern": "^[/*]"},
            "tdm-reservation": {"enum": [0, 1]},
            "tdm-policy": {"type": "string", "pattern": "^https?://"},
        },
        "additionalProperties": False,
    },
}
EXAMPLE = [
    {"location": "/directory-a/", "tdm-reservation": 1},
    {"location": "/directory-b/html/", "tdm-reservation": 1, "tdm-policy": POLICY},
    {"location": "/directory-b/images/*.jpg", "tdm-reservation": 0},
]
RESERVED = Rule(Effect.RESERVE, MINING.reach(True))
ALLOWED = Rule(Effect.PREFER_ALLOW, TRAINING)


def file_of(*entries: object) -> bytes:
    return json.dumps(entries).encode()


def only_rule(reading: tdmrep.Reading) -> Rule:
    [policy] = reading.policies
    [rule] = policy.rules
    return rule


def codes(reading: tdmrep.Reading) -> list[str]:
    return [fault.code for fault in reading.faults]


def test_a_file_is_read_rule_by_rule() -> None:
    reading = tdmrep.read(json.dumps(EXAMPLE).encode())
    assert reading.faults == ()
    assert (reading.format, reading.format_version) == ("tdmrep", "2024-05-10")
    said = [(rule.effect, rule.path, rule.policy_address) for rule in reading.policies[0].rules]
    assert said == [
        (Effect.RESERVE, "/directory-a/", ""),
        (Effect.RESERVE, "/directory-b/html/", POLICY),
        (Effect.PREFER_ALLOW, "/directory-b/images/*.jpg", ""),
    ]


def test_what_is_not_reserved_is_a_wish_for_training_alone_and_what_is_reserved_may_mean_more() -> None:
    assert only_rule(tdmrep.read(file_of({"location": "/", "tdm-reservation": 0}))).uses == TRAINING
    reserved = only_rule(tdmrep.read(file_of({"location": "/", "tdm-reservation": 1})))
    assert set(TRAINING) < set(reserved.uses)
    assert "synthetic_generation" not in reserved.uses


@pytest.mark.parametrize(
    ("address", "effect"),
    [
        ("https://press.example/directory-a/", Effect.RESERVE),
        ("https://press.example/directory-a/x/y.html?q=1", Effect.RESERVE),
        ("https://press.example/Directory-A/", None),
        ("https://press.example/directory-b/images/a.jpg", Effect.PREFER_ALLOW),
        ("https://press.example/directory-b/images/deep/a.jpg.png", Effect.PREFER_ALLOW),
        ("https://press.example/directory-b/images/a.png", None),
        ("https://press.example/directory%2Da/", Effect.RESERVE),
        ("https://press.example", None),
    ],
)
def test_a_pattern_covers_paths_by_their_beginning_case_and_all(address: str, effect: Effect | None) -> None:
    [policy] = tdmrep.read(json.dumps(EXAMPLE).encode()).policies
    rule = tdmrep.find_rule(policy, address)
    assert (rule and rule.effect) == effect


def test_a_dollar_ends_a_pattern_and_an_encoded_one_is_itself() -> None:
    [policy] = tdmrep.read(
        file_of({"location": "/a$", "tdm-reservation": 1}, {"location": "/path/foo-%24", "tdm-reservation": 1})
    ).policies
    found = {path: tdmrep.find_rule(policy, f"https://press.example{path}") for path in ("/a", "/ab", "/path/foo-%24")}
    assert [bool(rule) for rule in found.values()] == [True, False, True]


def test_the_first_rule_that_covers_a_path_counts() -> None:
    [policy] = tdmrep.read(
        file_of({"location": "/open/", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1})
    ).policies
    open_rule, other = (tdmrep.find_rule(policy, f"https://press.example/{path}") for path in ("open/x", "x"))
    assert open_rule
    assert other
    assert (open_rule.effect, other.effect) == (Effect.PREFER_ALLOW, Effect.RESERVE)


@pytest.mark.parametrize("value", ["1", True, False, 2, -1, None, [1], {"a": 1}, 0.5, 1e400])
def test_a_value_that_the_report_does_not_know_says_nothing_and_no_later_rule_speaks_for_it(value: object) -> None:
    content = json.dumps([{"location": "/a/", "tdm-reservation": value}, {"location": "/", "tdm-reservation": 0}])
    reading = tdmrep.read(content.replace("Infinity", "1e400").encode())
    assert codes(reading) == ["reservation_unknown"]
    rule = tdmrep.find_rule(reading.policies[0], "https://press.example/a/x")
    assert rule
    assert rule.effect == Effect.UNKNOWN


def test_a_rule_without_a_reservation_says_nothing() -> None:
    reading = tdmrep.read(file_of({"location": "/", "tdm-policy": POLICY}))
    assert codes(reading) == ["reservation_missing"]
    assert only_rule(reading).effect == Effect.UNKNOWN


@pytest.mark.parametrize("location", ["https://press.example/", "", "books", 7, None, "/a\x00b", "/a\ud800"])
def test_a_location_that_is_no_pattern_covers_nothing(location: object) -> None:
    reading = tdmrep.read(file_of({"location": location, "tdm-reservation": 1}))
    assert codes(reading) == ["location_unknown"]
    assert reading.policies == ()


@pytest.mark.parametrize(
    "policy", ["javascript:alert(1)", "policy.json", 7, "https://a b/", "https://x\r\nSet-Cookie: a"]
)
def test_a_policy_that_is_no_address_is_reported_and_the_reservation_stands(policy: object) -> None:
    reading = tdmrep.read(file_of({"location": "/", "tdm-reservation": 1, "tdm-policy": policy}))
    assert codes(reading) == ["policy_not_address"]
    assert replace(only_rule(reading), words="") == RESERVED


def test_a_relative_policy_is_resolved_where_the_place_of_the_file_is_known() -> None:
    content = file_of({"location": "/", "tdm-reservation": 1, "tdm-policy": "/policies/policy.json"})
    reading = tdmrep.read(content, address="https://press.example/.well-known/tdmrep.json")
    assert only_rule(reading).policy_address == POLICY
    assert reading.faults == ()


def test_a_policy_is_not_looked_at_where_nothing_is_reserved() -> None:
    reading = tdmrep.read(file_of({"location": "/", "tdm-reservation": 0, "tdm-policy": POLICY}))
    assert codes(reading) == ["policy_ignored"]
    assert only_rule(reading).policy_address == ""


def test_a_name_that_stands_twice_is_not_understood() -> None:
    reading = tdmrep.read(b'[{"location": "/", "tdm-reservation": 1, "tdm-reservation": 0}]')
    assert codes(reading) == ["reservation_unknown"]
    assert only_rule(reading).effect == Effect.UNKNOWN


def test_properties_of_others_are_reported_and_the_rule_is_read() -> None:
    reading = tdmrep.read(file_of({"location": "/", "tdm-reservation": 1, "tdm-purpose": "research"}))
    assert [(fault.code, fault.place) for fault in reading.faults] == [("name_unknown", "/0/tdm-purpose")]
    assert only_rule(reading).effect == Effect.RESERVE


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_json"),
        (b"<!DOCTYPE html><title>Not found</title>", "not_json"),
        (b'{"location": "/", "tdm-reservation": 1}', "not_an_array"),
        (b"[1, null]", "not_an_object"),
        (b"[NaN]", "not_json"),
        (b"\xff\xfe[", "not_json"),
        (b"[" * 200_000, "too_deep"),
        (b"[" * 100 + b"]" * 100, "too_deep"),
        (b"[" + b" " * (1 << 20) + b"]", "too_large"),
        (b"[" + b"9" * 10_000 + b"]", "not_json"),
    ],
)
def test_what_is_no_such_file_is_refused_with_the_reason(content: bytes, code: str) -> None:
    reading = tdmrep.read(content)
    assert reading.policies == ()
    assert codes(reading)[0] == code


def test_more_rules_than_anybody_writes_are_cut_and_reported() -> None:
    reading = tdmrep.read(b"[" + b",".join([b'{"location":"/","tdm-reservation":1}'] * 25_000) + b"]")
    assert codes(reading) == ["too_many_rules"]
    assert len(reading.policies[0].rules) == 20_000


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_make_a_reader_raise(content: bytes) -> None:
    for carrier in Carrier:
        tdmrep.read(content, carrier, address="https://press.example/")


def test_headers_are_found_in_any_case() -> None:
    reading = tdmrep.read_headers([("TDM-Reservation", " 1 "), ("Tdm-Policy", POLICY), ("Server", "x")])
    assert replace(only_rule(reading), words="") == replace(RESERVED, policy_address=POLICY)
    assert only_rule(reading).words == f"tdm-reservation: 1; tdm-policy: {POLICY}"


def test_headers_that_contradict_each_other_say_nothing() -> None:
    reading = tdmrep.read_headers([("tdm-reservation", "1"), ("tdm-reservation", "0")])
    assert codes(reading) == ["reservation_unclear"]
    assert only_rule(reading).effect == Effect.UNKNOWN


def test_headers_that_agree_are_one() -> None:
    assert only_rule(tdmrep.read_headers([("tdm-reservation", "1"), ("tdm-reservation", "1")])).effect == Effect.RESERVE


def test_no_header_says_nothing() -> None:
    assert tdmrep.read_headers([("server", "x")]).policies == ()


def test_a_later_carrier_replaces_what_it_says_and_resets_nothing() -> None:
    file = only_rule(tdmrep.read(file_of({"location": "/", "tdm-reservation": 1, "tdm-policy": ADDRESSES[0]})))
    header = only_rule(tdmrep.read_headers([("tdm-policy", POLICY)]))
    assert header.effect == Effect.UNKNOWN
    counted = tdmrep.resolve([file, None, header])
    assert counted
    assert (counted.effect, counted.policy_address) == (Effect.RESERVE, POLICY)
    page = only_rule(tdmrep.read_headers([("tdm-reservation", "0")]))
    counted = tdmrep.resolve([file, header, page])
    assert counted
    assert (counted.effect, counted.policy_address) == (Effect.PREFER_ALLOW, "")
    assert tdmrep.resolve([None, header]) is None


expressible = st.lists(
    st.builds(
        lambda rule, path, policy: replace(rule, path=path, policy_address=policy if rule is RESERVED else ""),
        st.sampled_from((RESERVED, ALLOWED)),
        st.sampled_from([path for path in PATHS if path != "/"]),
        st.sampled_from(("", *ADDRESSES)),
    ),
    max_size=4,
    unique_by=lambda rule: rule.path,
).map(lambda rules: Policy(tuple(sorted(rules, key=lambda rule: (rule.path == "", rule.effect != Effect.RESERVE)))))


@given(expressible)
def test_what_the_file_can_say_is_read_back_and_nothing_is_lost(policy: Policy) -> None:
    written = tdmrep.write(policy)
    assert lost_fields(written.loss) == {}
    read = tdmrep.read(written.content)
    assert read.faults == ()
    assert [meaning(one) for one in read.policies] == ([meaning(policy)] if policy.rules else [])


@given(policies)
def test_whatever_is_written_fits_the_report_and_is_read_again_without_a_fault(policy: Policy) -> None:
    written = tdmrep.write(policy)
    Draft202012Validator(SCHEMA).validate(json.loads(written.content))
    read = tdmrep.read(written.content)
    assert read.faults == ()
    again = read.policies[0] if read.policies else Policy()
    assert meaning(tdmrep.read(tdmrep.write(again).content).policies[0] if again.rules else Policy()) == meaning(again)
    assert lost_fields(tdmrep.write(again).loss) == {}


@given(policies)
def test_the_file_never_allows_more_and_names_every_field_that_changed(policy: Policy) -> None:
    written = tdmrep.write(policy)
    read = tdmrep.read(written.content)
    assert never_looser(policy, read.policies)
    lost = lost_fields(written.loss)
    said = {rule for one in read.policies for rule in meaning(one).rules}
    for number, rule in enumerate(policy.rules):
        if not lost.get(number):
            assert set(meaning(Policy((rule,))).rules) <= said


@pytest.mark.parametrize("carrier", [one for one in Carrier if one is not Carrier.FILE])
@given(rule=st.sampled_from((RESERVED, ALLOWED)), address=st.sampled_from(("", *ADDRESSES)))
def test_every_carrier_reads_back_what_was_written_for_it(carrier: Carrier, rule: Rule, address: str) -> None:
    policy = Policy((replace(rule, policy_address=address if rule is RESERVED else ""),))
    for version in ("3.0", "2.0"):
        written = tdmrep.write(policy, carrier, epub_version=version)
        assert lost_fields(written.loss) == {}
        read = tdmrep.read(written.content, carrier)
        assert read.faults == ()
        assert [meaning(one) for one in read.policies] == [meaning(policy)]


def test_a_carrier_of_one_resource_says_what_counts_for_its_address() -> None:
    policy = Policy((replace(ALLOWED, path="/open/"), RESERVED))
    at_open = tdmrep.write(policy, Carrier.HEADER, address="https://press.example/open/book.html")
    assert at_open.content == b"tdm-reservation: 0\r\n"
    assert at_open.loss[-1] == "/rules: what is said of / has no place here"
    assert tdmrep.write(policy, Carrier.HEADER).content == b"tdm-reservation: 1\r\n"


def test_a_refusal_is_put_in_front_of_what_would_hide_it() -> None:
    policy = Policy((ALLOWED, replace(RESERVED, path="/private/")))
    written = tdmrep.write(policy)
    assert [entry["location"] for entry in json.loads(written.content)] == ["/private/", "/"]
    assert lost_fields(written.loss) == {1: {"path"}}


def test_an_offer_is_named_beside_a_reservation_and_never_makes_one() -> None:
    offer = Rule(Effect.OFFER, TRAINING, policy_address=POLICY)
    assert tdmrep.write(Policy((offer,))).content == b"[]\n"
    entries = json.loads(tdmrep.write(Policy((RESERVED, offer))).content)
    assert entries == [{"location": "/", "tdm-reservation": 1, "tdm-policy": POLICY}]


def test_an_offer_for_everything_that_only_a_part_can_name_says_so() -> None:
    named = replace(RESERVED, policy_address="https://other.example/policy.json")
    offer = Rule(Effect.OFFER, TRAINING, policy_address=POLICY)
    written = tdmrep.write(Policy((named, replace(RESERVED, path="/books/"), offer)))
    assert [(entry["location"], entry["tdm-policy"]) for entry in json.loads(written.content)] == [
        ("/", "https://other.example/policy.json"), ("/books/", POLICY),
    ]  # fmt: skip
    assert "/rules/2/path: named for /books/ only" in written.loss


def test_a_wish_with_limits_is_left_out_and_a_refusal_with_limits_is_said_of_all() -> None:
    assert tdmrep.write(Policy((replace(ALLOWED, territory=("DE",)),))).content == b"[]\n"
    written = tdmrep.write(Policy((replace(RESERVED, territory=("DE",)),)))
    assert json.loads(written.content)[0]["tdm-reservation"] == 1
    assert written.loss == ("/rules/0/territory: TDMRep knows no territories; the refusal is said of all",)


def test_no_line_of_a_policy_gets_into_a_header() -> None:
    policy = Policy((replace(RESERVED, policy_address="https://x.example/\r\nSet-Cookie: a=b"),))
    assert tdmrep.write(policy, Carrier.HEADER).content == b"tdm-reservation: 1\r\n"
