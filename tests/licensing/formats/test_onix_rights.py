"""What ONIX says of mining and of licences: one element, a fragment, a message."""

from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from licensing.formats import onix_rights
from licensing.formats.labels import TRAINING
from licensing.formats.policy import Effect, Policy, Reading, Rule
from registry.importers import onix_codes as codes_of_lists
from tests.licensing.formats.round_trips import ADDRESSES, OPEN_LICENCE, lost_fields, meaning, never_looser, policies
from tests.registry.importers.onix_feeds import TITLE, licence, message, product, usage

POLICY = "https://press.example/tdm.json"
NAMESPACE = "http://ns.editeur.org/onix/3.0/reference"
RESERVED, ALLOWED = Rule(Effect.RESERVE, TRAINING), Rule(Effect.PREFER_ALLOW, TRAINING)


def detail(inner: str, namespace: str = NAMESPACE) -> bytes:
    declared = f' xmlns="{namespace}"' if namespace else ""
    return f"<DescriptiveDetail{declared}>{inner}</DescriptiveDetail>".encode()


def rules(reading: Reading) -> list[Rule]:
    return [replace(rule, words="") for policy in reading.policies for rule in policy.rules]


def codes(reading: Reading) -> list[str]:
    return [fault.code for fault in reading.faults]


def test_mining_is_prohibited_or_not_limited() -> None:
    assert rules(onix_rights.read(detail(usage("11", "03")))) == [RESERVED]
    assert rules(onix_rights.read(detail(usage("11", "01")))) == [ALLOWED]


def test_other_constraints_say_nothing_of_mining() -> None:
    reading = onix_rights.read(detail(usage("02", "03") + usage("05", "01")))
    assert (reading.policies, reading.faults) == ((), ())


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        (usage("11", "02"), "mining_limited"),
        (usage("11", "99"), "code_unknown"),
        (usage("99", "03"), "code_unknown"),
        (licence("99", POLICY), "code_unknown"),
        (licence("21", "ftp://press.example/x"), "address_invalid"),
        (licence("01", "https://press.example/eula"), "licence_not_interpreted"),
    ],
)
def test_what_the_lists_do_not_know_is_reported_and_never_guessed(inner: str, code: str) -> None:
    reading = onix_rights.read(detail(inner))
    assert reading.policies == ()
    assert codes(reading) == [code]


def test_a_licence_to_be_had_besides_is_an_offer_and_an_open_one_a_permission_under_its_conditions() -> None:
    assert rules(onix_rights.read(detail(licence("21", POLICY)))) == [
        Rule(Effect.OFFER, TRAINING, policy_address=POLICY),
    ]
    assert rules(onix_rights.read(detail(licence("03", POLICY)))) == [
        Rule(Effect.OFFER, TRAINING, policy_address=POLICY, machine_readable=False),
    ]
    address = "https://creativecommons.org/licenses/by-nc-nd/4.0/"
    [rule] = rules(onix_rights.read(detail(licence("01", address))))
    assert (rule.effect, rule.uses, set(rule.duties)) == (
        Effect.PERMIT,
        (),
        {"attribution", "non_commercial", "no_derivatives"},
    )


def test_a_message_says_something_of_each_product_and_names_it() -> None:
    content = message(
        product("a", detail=TITLE + usage("11", "03"), isbn="9780306406157"),
        product("b", detail=TITLE + usage("11", "01")),
        product("c"),
        product("d", kind="05", detail=TITLE + usage("11", "01")),
        release="3.1",
    )
    reading = onix_rights.read(content)
    assert [(policy.target, [rule.effect for rule in policy.rules]) for policy in reading.policies] == [
        ("urn:isbn:9780306406157", [Effect.RESERVE]),
        ("", [Effect.PREFER_ALLOW]),
    ]
    assert (reading.format, reading.format_version) == ("onix", "3.1")
    assert [(fault.code, fault.place) for fault in reading.faults] == [("not_in_force", "/3")]


def test_a_contradiction_is_kept_and_reported() -> None:
    reading = onix_rights.read(detail(usage("11", "01") + usage("11", "03")))
    assert {rule.effect for rule in rules(reading)} == {Effect.RESERVE, Effect.PREFER_ALLOW}
    assert codes(reading) == ["constraints_contradict"]


def test_the_words_are_the_element_as_it_stood() -> None:
    [policy] = onix_rights.read(detail(usage("11", "03"))).policies
    assert policy.rules[0].words == usage("11", "03")


def test_short_tags_and_no_namespace_are_read_too() -> None:
    short = "<epubusageconstraint><x318>11</x318><x319>03</x319></epubusageconstraint>"
    assert rules(onix_rights.read(short.encode())) == [RESERVED]
    assert rules(onix_rights.read(detail(usage("11", "03"), namespace=""))) == [RESERVED]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_xml"),
        (b"<DescriptiveDetail>", "not_xml"),
        (detail(usage("11", "03"), namespace="http://www.editeur.org/onix/2.1/reference"), "namespace_unknown"),
        (b"<Product/>", "root_unknown"),
        (b"<html><body/></html>", "root_unknown"),
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]>" + detail(usage("11", "03")), "doctype_refused"),
        (message(product(), before="<!DOCTYPE ONIXMessage SYSTEM 'http://127.0.0.1:9/x'>"), "doctype_refused"),
        (message(product(), release="2.1"), "onix_2_1"),
        (message(product(), namespace="urn:other"), "namespace_unknown"),
        (detail("<a>" * 300 + "</a>" * 300), "not_xml"),
        (detail("<a>" * 100 + "</a>" * 100), "nesting_limit"),
        (detail("<EpubLicenseName>" + "a" * (1 << 20) + "</EpubLicenseName>"), "too_large"),
    ],
)
def test_what_is_no_onix_is_refused_with_the_reason(content: bytes, code: str) -> None:
    reading = onix_rights.read(content)
    assert reading.policies == ()
    assert codes(reading) == [code]


def test_a_message_that_breaks_off_says_what_it_said_before() -> None:
    content = message(product(detail=TITLE + usage("11", "03")), product("b"))
    reading = onix_rights.read(content[:-40])
    assert rules(reading) == [RESERVED]
    assert codes(reading) == ["feed_truncated"]


@given(st.binary(max_size=200) | st.text(alphabet="<>/ EpubLicnsa1xmlns='\"&;!", max_size=60).map(str.encode))
def test_no_bytes_make_the_reader_raise(content: bytes) -> None:
    onix_rights.read(content)
    onix_rights.read(detail("") + content)


offers = st.builds(
    Rule,
    effect=st.just(Effect.OFFER),
    uses=st.just(TRAINING),
    policy_address=st.sampled_from(ADDRESSES),
    machine_readable=st.booleans(),
)
expressible = st.builds(
    lambda constraint, links, begins, ends: Policy(
        (*constraint, *(replace(rule, valid_from=begins, valid_to=ends) for rule in links))
    ),
    st.lists(st.sampled_from((RESERVED, ALLOWED)), max_size=1),
    st.lists(
        offers | st.just(Rule(Effect.PERMIT, duties=("attribution",), policy_address=OPEN_LICENCE)),
        max_size=3,
        unique_by=lambda rule: rule.policy_address,
    ),
    st.sampled_from(("", "2026-01-01")),
    st.sampled_from(("", "2027-12-31")),
)


@given(expressible, st.sampled_from(codes_of_lists.RELEASES), st.booleans())
def test_what_onix_can_say_is_read_back_and_nothing_is_lost(policy: Policy, release: str, short: bool) -> None:
    if release == "3.0":
        policy = replace(policy, rules=tuple(replace(rule, valid_from="", valid_to="") for rule in policy.rules))
    written = onix_rights.write(policy, release=release, short=short)
    assert lost_fields(written.loss) == {}
    if not policy.rules:
        assert written.content == b""
        return
    read = onix_rights.read(written.content)
    assert read.faults == ()
    assert read.format_version == release
    assert [meaning(one) for one in read.policies] == [meaning(policy)]


@given(policies)
def test_onix_never_allows_more_and_names_every_field_that_changed(policy: Policy) -> None:
    written = onix_rights.write(policy)
    read = onix_rights.read(written.content) if written.content else Reading("onix")
    assert read.faults == ()
    assert never_looser(policy, read.policies)
    lost = lost_fields(written.loss)
    found = {rule for one in read.policies for rule in meaning(one).rules}
    for number, rule in enumerate(policy.rules):
        if not lost.get(number):
            assert set(meaning(Policy((rule,))).rules) <= found
    for again in read.policies:
        assert lost_fields(onix_rights.write(again).loss) == {}


def test_a_period_needs_the_release_that_has_it() -> None:
    rules = (
        Rule(Effect.OFFER, TRAINING, valid_to="2027-12-31", policy_address=ADDRESSES[0]),
        Rule(Effect.PERMIT, valid_to="2027-12-31", duties=("attribution",), policy_address=OPEN_LICENCE),
    )
    old = onix_rights.write(Policy(rules))
    assert lost_fields(old.loss) == {0: {"valid_to"}, 1: {"valid_to"}}
    assert b"EpubLicenseDate" not in old.content
    assert OPEN_LICENCE.encode() not in old.content  # without its last day it would allow more
    assert onix_rights.write(Policy(rules), release="3.1").loss == ()


SCHEMAS = Path(str(files("onixcheck"))) / "schema"
AROUND = (
    '<ONIXMessage release="{release}" xmlns="http://ns.editeur.org/onix/{release}/reference"><Header><Sender>'
    "<SenderName>A</SenderName></Sender><SentDateTime>20260601</SentDateTime></Header><Product><RecordReference>r"
    "</RecordReference><NotificationType>03</NotificationType><ProductIdentifier><ProductIDType>15</ProductIDType>"
    "<IDValue>9780306406157</IDValue></ProductIdentifier><DescriptiveDetail><ProductComposition>00"
    "</ProductComposition><ProductForm>ED</ProductForm>{inner}<TitleDetail><TitleType>01</TitleType><TitleElement>"
    "<TitleElementLevel>01</TitleElementLevel><TitleText>M</TitleText></TitleElement></TitleDetail>"
    "</DescriptiveDetail></Product></ONIXMessage>"
)


@cache
def schema(release: str) -> etree.XMLSchema:
    """EDItEUR's own, as a library ships it."""
    return etree.XMLSchema(etree.parse(str(SCHEMAS / f"xsd{release}" / f"ONIX_BookProduct_{release}_reference.xsd")))


@given(policies, st.sampled_from(codes_of_lists.RELEASES))
def test_what_is_written_into_a_product_is_valid_against_the_schema(policy: Policy, release: str) -> None:
    content = onix_rights.write(policy, release=release).content
    inner = "".join(etree.tostring(one, encoding="unicode") for one in etree.fromstring(content)) if content else ""
    message = etree.fromstring(AROUND.format(release=release, inner=inner))
    assert schema(release).validate(message), schema(release).error_log


# The order and number of elements that EDItEUR's specification of 3.0 and 3.1 gives for the part that is written, P.3.
# In short tags the same holds, for they are the same elements.
ORDER = {
    "DescriptiveDetail": ("EpubUsageConstraint*", "EpubLicense?"),
    "EpubUsageConstraint": ("EpubUsageType", "EpubUsageStatus"),
    "EpubLicense": ("EpubLicenseName+", "EpubLicenseExpression*", "EpubLicenseDate*"),
    "EpubLicenseExpression": ("EpubLicenseExpressionType", "EpubLicenseExpressionLink"),
    "EpubLicenseDate": ("EpubLicenseDateRole", "Date"),
}


def fits(node: etree._Element) -> bool:
    names = [etree.QName(child).localname for child in node]
    for step in ORDER.get(etree.QName(node).localname, ()):
        name = step.rstrip("*?+")
        count = 0
        while names and names[0] == name:
            names.pop(0)
            count += 1
        if (count > 1 and step[-1] not in "*+") or (count == 0 and step[-1] not in "*?"):
            return False
    return not names and all(fits(child) for child in node)


@given(policies, st.sampled_from(codes_of_lists.RELEASES))
def test_elements_stand_in_the_order_of_the_specification_with_codes_that_are_known(
    policy: Policy, release: str
) -> None:
    content = onix_rights.write(policy, release=release).content
    if not content:
        return
    root = etree.fromstring(content)
    assert etree.QName(root).namespace == f"http://ns.editeur.org/onix/{release}/reference"
    assert fits(root)
    kinds = {node.text for node in root.iter("{*}EpubLicenseExpressionType")}
    assert kinds <= codes_of_lists.INTRINSIC_LICENCES | codes_of_lists.TERMS_FOR_MINING
    assert {node.text for node in root.iter("{*}EpubUsageStatus")} <= {"01", "03"}


def test_a_release_that_does_not_exist_is_no_release() -> None:
    with pytest.raises(ValueError, match="no release"):
        onix_rights.write(Policy((RESERVED,)), release="2.1")
