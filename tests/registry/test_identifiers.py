"""Identifiers have one spelling, and a wrong one is refused with its cause."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.identifiers import SCHEMES, IdentifierError, detect, display, isbn10, normalise

ISCC = "ISCC:KAA4GIABX22GNPUJJLNBAW54DDMJQ6IH22E5SHJE7Y"


@pytest.mark.parametrize(
    ("scheme", "value", "canonical"),
    [
        ("isbn", "0-14-143951-3", "9780141439518"),
        ("isbn", "0141439513", "9780141439518"),
        ("isbn", "978-0-14-143951-8", "9780141439518"),
        ("isbn", " 978 0 14 143951 8 ", "9780141439518"),
        ("isbn", "978–0–14–143951–8", "9780141439518"),
        ("isbn", "９７８７０２０００２２０７", "9787020002207"),
        ("isbn", "urn:isbn:9780141439518", "9780141439518"),
        ("isbn", "ISBN-13: 978-0-14-143951-8", "9780141439518"),
        ("isbn", "ISBN 10: 0141439513", "9780141439518"),
        ("isbn", "eISBN 9780141439518", "9780141439518"),
        ("isbn", "\u200e9780141439518\u202c", "9780141439518"),
        ("isbn", "080442957x", "9780804429573"),
        ("isbn", "425-03987-0", "9780425039878"),
        ("isbn", "425 03987 0", "9780425039878"),
        ("isbn", "SBN 425039870", "9780425039878"),
        ("issn", "00280836", "0028-0836"),
        ("issn", "ISSN 0028-0836", "0028-0836"),
        ("issn", "2434-561x", "2434-561X"),
        ("doi", "10.1000/ABC", "10.1000/abc"),
        ("doi", "https://doi.org/10.1000/182", "10.1000/182"),
        ("doi", "http://dx.doi.org/10.1002/(SICI)1097%3C1%3E3.0.CO;2-B", "10.1002/(sici)1097<1>3.0.co;2-b"),
        ("doi", "doi:10.1000/182", "10.1000/182"),
        ("doi", "info:doi/10.1000.10/a/b", "10.1000.10/a/b"),
        ("isni", "0000 0001 2281 955x", "000000012281955X"),
        ("isni", "https://isni.org/isni/000000012281955X", "000000012281955X"),
        ("orcid", "https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("orcid", "0000000218250097", "0000-0002-1825-0097"),
        ("orcid", "0009-0001-5055-9262", "0009-0001-5055-9262"),
        ("iscc", ISCC, ISCC),
        ("iscc", ISCC.removeprefix("ISCC:").lower(), ISCC),
        ("iscc", "ISCC:EAA4GIABX22GNPUJ", "ISCC:EAA4GIABX22GNPUJ"),
        ("asin", "b000fa64pk", "B000FA64PK"),
        ("oclc", "(OCoLC)ocm00047928643", "47928643"),
        ("oclc", "https://www.worldcat.org/oclc/47928643", "47928643"),
        ("lccn", "n 78-890351", "n78890351"),
        ("lccn", "85-2 ", "85000002"),
        ("lccn", "75-425165//r75", "75425165"),
        ("lccn", "2001-000002", "2001000002"),
    ],
)
def test_every_way_of_writing_an_identifier_gives_one_spelling(scheme, value, canonical):
    assert normalise(scheme, value) == canonical
    assert normalise(scheme, canonical) == canonical


@pytest.mark.parametrize(
    ("scheme", "value", "code", "words"),
    [
        ("isbn", "978-0-14-143951-9", "IDENTIFIER_CHECK_DIGIT", "check digit"),
        ("isbn", "0141439514", "IDENTIFIER_CHECK_DIGIT", "check digit"),
        ("isbn", "97801414395", "IDENTIFIER_LENGTH", "11 characters"),
        ("isbn", "425039870", "IDENTIFIER_LENGTH", "zero"),
        ("isbn", "ISBN 141439513", "IDENTIFIER_LENGTH", "zero"),
        ("isbn", "80442957x", "IDENTIFIER_LENGTH", "zero"),
        ("isbn", "425-03987-1", "IDENTIFIER_CHECK_DIGIT", "check digit"),
        ("isbn", "1234567890128", "IDENTIFIER_RANGE", "prefix"),
        ("isbn", "9790060115615", "IDENTIFIER_RANGE", "music"),
        ("isbn", "97801414X9518", "IDENTIFIER_FORMAT", "characters"),
        ("isbn", "", "IDENTIFIER_EMPTY", "empty"),
        ("isbn", "9" * 3000, "IDENTIFIER_LENGTH", "3000 characters"),
        ("issn", "0028-0837", "IDENTIFIER_CHECK_DIGIT", "check digit"),
        ("doi", "11.1000/182", "IDENTIFIER_FORMAT", "10."),
        ("doi", "10.1000/", "IDENTIFIER_FORMAT", "slash"),
        ("doi", "10.1000/a b", "IDENTIFIER_FORMAT", "spaces"),
        ("isni", "000000012281955", "IDENTIFIER_LENGTH", "15 characters"),
        ("isni", "0000000122819550", "IDENTIFIER_CHECK_DIGIT", "check digit"),
        ("orcid", "000000012281955X", "IDENTIFIER_RANGE", "ISNI"),
        ("iscc", "ISCC:KAA", "IDENTIFIER_FORMAT", "decode"),
        ("iscc", ISCC + "AA", "IDENTIFIER_LENGTH", "length"),
        ("asin", "B000", "IDENTIFIER_LENGTH", "4 characters"),
        ("asin", "0141439514", "IDENTIFIER_CHECK_DIGIT", "check digit"),
        ("oclc", "abc", "IDENTIFIER_FORMAT", "digits"),
        ("lccn", "7", "IDENTIFIER_FORMAT", "serial"),
        ("barcode", "1", "SCHEME_UNKNOWN", "isbn"),
    ],
)
def test_a_wrong_identifier_is_refused_with_its_cause(scheme, value, code, words):
    with pytest.raises(IdentifierError) as refused:
        normalise(scheme, value)
    assert refused.value.code == code
    assert refused.value.scheme == scheme
    assert words in refused.value.cause


def test_an_asin_that_is_an_isbn_says_which():
    with pytest.raises(IdentifierError) as refused:
        normalise("asin", "0141439513")
    assert refused.value.code == "ASIN_IS_ISBN"
    assert refused.value.instead == ("isbn", "9780141439518")


def test_an_isbn_is_displayed_with_its_hyphens_and_an_isni_in_groups():
    assert display("isbn", "9787020002207") == "978-7-02-000220-7"
    assert display("isni", "000000012281955X") == "0000 0001 2281 955X"
    assert display("doi", "10.1000/182") == "10.1000/182"


def test_only_978_numbers_have_an_isbn10():
    assert isbn10("9780141439518") == "0141439513"
    assert isbn10("9791234567896") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("9780141439518", [("isbn", "9780141439518")]),
        ("Austen 978-0-14-143951-8 1998", [("isbn", "9780141439518")]),
        (
            "ISBN 0-14-143951-3, ISSN 0028-0836 (see https://doi.org/10.1000/Foo(1).bar).",
            [("isbn", "9780141439518"), ("issn", "0028-0836"), ("doi", "10.1000/foo(1).bar")],
        ),
        ("0000 0001 2281 955X 0000-0002-1825-0097", [("isni", "000000012281955X"), ("orcid", "0000-0002-1825-0097")]),
        (f"《红楼梦》 {ISCC}", [("iscc", ISCC)]),
        (ISCC.removeprefix("ISCC:"), [("iscc", ISCC)]),
        ("B000FA64PK", [("asin", "B000FA64PK")]),
        ("issn 00280836", [("issn", "0028-0836")]),
        ("9780141439518 978-0-14-143951-8", [("isbn", "9780141439518")]),
        ("Pride and Prejudice", []),
        ("20231122", []),
        ("UNCHARACTERISTICALLY LONG WORDS", []),
        ("978-0-14-143951-9", []),
        ("", []),
    ],
)
def test_a_search_query_gives_up_its_identifiers(text, found):
    assert detect(text) == found


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SCHEMES), st.text(max_size=40))
def test_any_text_is_normalised_or_refused_and_never_fails(scheme, text):
    try:
        canonical = normalise(scheme, text)
    except IdentifierError:
        return
    assert normalise(scheme, canonical) == canonical
    assert display(scheme, canonical)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="0123456789Xx- /.BISCNab", max_size=60))
def test_detection_only_returns_canonical_values(text):
    for scheme, value in detect(text):
        assert normalise(scheme, value) == value
