"""Terms as JSON: what is wrong is named with its place, all of it at once, and nothing is guessed."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.rules.agreement import Fee, FeeModel, TermsError, parse_terms, terms_json
from licensing.rules.agreement_reading import MOST_CHARACTERS, MOST_NAMES
from licensing.rules.currencies import CURRENCIES
from tests.licensing.rules.termed import QUICK, terms, terms_as_json

MINIMAL = {"uses": ["pretraining"]}


def faults(obj):
    with pytest.raises(TermsError) as caught:
        parse_terms(obj)
    return {fault.pointer: fault.cause for fault in caught.value.faults}


@QUICK
@given(terms)
def test_terms_that_are_written_read_back_the_same(agreed):
    assert parse_terms(json.loads(json.dumps(terms_json(agreed)))) == agreed


@QUICK
@given(terms_as_json(), st.randoms())
def test_the_order_of_values_and_keys_does_not_matter(obj, random):
    keys = list(obj)
    random.shuffle(keys)
    shuffled = {key: list(reversed(obj[key])) if isinstance(obj[key], list) else obj[key] for key in keys}
    assert parse_terms(shuffled) == parse_terms(obj)


@pytest.mark.parametrize("nothing", [None, [], "absent"])
def test_an_empty_list_narrows_nothing_as_null_and_absence_do(nothing):
    names = ("purposes", "territory", "licensee_kinds", "affiliates", "models", "products")
    said = {} if nothing == "absent" else dict.fromkeys(names, nothing)
    assert parse_terms(MINIMAL | said) == parse_terms(MINIMAL)
    assert all(terms_json(parse_terms(MINIMAL | said))[name] == [] for name in names)


def test_what_is_not_said_gives_no_right():
    agreed = parse_terms(MINIMAL)
    assert (agreed.exclusive, agreed.sublicensing.value, agreed.survival, agreed.fee) == (False, "none", None, None)


def test_none_among_affiliates_means_the_licensee_alone():
    assert parse_terms(MINIMAL | {"affiliates": ["none"]}).affiliates == frozenset()
    assert terms_json(parse_terms(MINIMAL | {"affiliates": ["none"]}))["affiliates"] == ["none"]


def test_a_code_within_another_is_folded_and_old_spellings_are_made_iso():
    assert parse_terms(MINIMAL | {"territory": ["EU", "DE", "UK"]}).territory == ("EU", "GB")


@pytest.mark.parametrize(
    ("written", "amount"), [("12.5", "12.50"), ("12.500", "12.50"), ("7", "7"), ("0.0004", "0.0004")]
)
def test_an_amount_keeps_its_digits(written, amount):
    agreed = parse_terms(MINIMAL | {"fee": {"model": "per_token", "amount": written, "currency": "EUR"}})
    assert agreed.fee == Fee(FeeModel.PER_TOKEN, Decimal(amount), "EUR")
    assert terms_json(agreed)["fee"]["amount"] == amount


@pytest.mark.parametrize(
    ("change", "pointer", "cause"),
    [
        ({"uses": []}, "/uses", "is missing: terms name their uses"),
        ({"uses": None}, "/uses", "is missing: terms name their uses"),
        ({"uses": "pretraining"}, "/uses", "expected an array, found a string"),
        ({"uses": ["pretraining", "training"]}, "/uses/1", "unknown value 'training'; known: pretraining"),
        ({"uses": [None]}, "/uses/0", "must not be null"),
        ({"purposes": ["profit"]}, "/purposes/0", "unknown value 'profit'"),
        ({"territory": ["DE", "Atlantis"]}, "/territory/1", "unknown territory 'Atlantis'"),
        ({"territory": ["de"]}, "/territory/0", "unknown territory 'de'"),
        ({"valid_from": "2027-02-30"}, "/valid_from", "is not a day; write YYYY-MM-DD"),
        ({"valid_from": "2027-01-01T00:00:00Z"}, "/valid_from", "is not a day"),
        ({"valid_from": 2027}, "/valid_from", "expected a string, found a number"),
        ({"valid_from": "2027-01-02", "valid_to": "2027-01-01"}, "/valid_to", "lies before valid_from, 2027-01-02"),
        ({"licensee_kinds": ["startup"]}, "/licensee_kinds/0", "unknown value 'startup'"),
        ({"affiliates": ["Acme Ltd."]}, "/affiliates/0", "is not the short name of an organisation"),
        ({"affiliates": ["none", "acme"]}, "/affiliates", "it stands alone"),
        ({"models": [" "]}, "/models/0", "must not be empty"),
        ({"products": ["x" * 121]}, "/products/0", "120 at most"),
        ({"products": ["\ud800"]}, "/products/0", "half a surrogate pair"),
        ({"models": ["a\0b"]}, "/models/0", "NUL character"),
        ({"models": ["m"] * (MOST_NAMES + 1)}, "/models", f"{MOST_NAMES} at most"),
        ({"exclusive": "yes"}, "/exclusive", "expected true or false, found a string"),
        ({"sublicensing": "some"}, "/sublicensing", "unknown value 'some'; known: none, affiliates, allowed"),
        ({"survival": True}, "/survival", "expected a string, found a boolean"),
        ({"note": "x" * (MOST_CHARACTERS + 1)}, "/note", f"{MOST_CHARACTERS} at most"),
        ({"output_limits": {}}, "/output_limits", "says nothing"),
        ({"output_limits": 50}, "/output_limits", "expected an object, found a number"),
        ({"output_limits": {"verbatim_words": -1}}, "/output_limits/verbatim_words", "out of range"),
        ({"output_limits": {"verbatim_words": True}}, "/output_limits/verbatim_words", "expected a whole number"),
        ({"output_limits": {"verbatim_words": 1.5}}, "/output_limits/verbatim_words", "expected a whole number"),
        ({"output_limits": {"words": 1}}, "/output_limits/words", "unknown field; known here: note, verbatim_words"),
        ({"fee": {}}, "/fee/model", "is missing; known: free, flat"),
        ({"fee": {"model": "gift"}}, "/fee/model", "unknown value 'gift'"),
        ({"fee": {"model": "flat", "currency": "EUR"}}, "/fee/amount", "a currency without an amount says nothing"),
        ({"fee": {"model": "flat", "amount": "5"}}, "/fee/currency", "an amount without a currency says nothing"),
        (
            {"fee": {"model": "flat", "amount": 5, "currency": "EUR"}},
            "/fee/amount",
            "expected a string, found a number",
        ),
        ({"fee": {"model": "flat", "amount": "5,50", "currency": "EUR"}}, "/fee/amount", "is not an amount"),
        ({"fee": {"model": "flat", "amount": "-5", "currency": "EUR"}}, "/fee/amount", "is not an amount"),
        ({"fee": {"model": "flat", "amount": "١٢", "currency": "EUR"}}, "/fee/amount", "is not an amount"),
        ({"fee": {"model": "flat", "amount": "5", "currency": "BTC"}}, "/fee/currency", "unknown currency 'BTC'"),
        ({"fee": {"model": "free", "amount": "5", "currency": "EUR"}}, "/fee/amount", "what is free has no amount"),
        ({"price": 5}, "/price", "unknown field; known here: affiliates"),
        ({"a/b~c": 5}, "/a~1b~0c", "unknown field"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(change, pointer, cause):
    found = faults(MINIMAL | change)
    assert list(found) == [pointer]
    assert cause in found[pointer]


@pytest.mark.parametrize("obj", [None, [], "pretraining", 7])
def test_terms_that_are_no_object_are_refused_as_a_whole(obj):
    assert "expected an object" in faults(obj)[""]


def test_every_fault_is_listed_at_once():
    wrong = {"uses": ["training"], "territory": ["XX"], "fee": {"model": "flat", "currency": "EUR"}, "colour": "red"}
    assert set(faults(wrong)) == {"/uses/0", "/territory/0", "/fee/amount", "/colour"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@QUICK
@given(terms_as_json(), st.data())
def test_whatever_is_put_in_a_place_is_read_or_refused_by_name(obj, data):
    name = data.draw(st.sampled_from(sorted(obj)))
    assert all(pointer.startswith("/") for pointer in places_of_faults(obj | {name: data.draw(json_values)}))


def places_of_faults(obj):
    try:
        parse_terms(obj)
    except TermsError as error:
        return [fault.pointer for fault in error.faults]
    return []


def test_currencies_are_codes_of_three_letters_without_metals_and_tests():
    assert {"EUR", "USD", "GBP", "CNY", "JPY"} <= CURRENCIES
    assert all(len(code) == 3 and code.isalpha() and code.isupper() for code in CURRENCIES)
    assert not CURRENCIES & {"XAU", "XTS", "XXX", "XDR", "DEM"}
