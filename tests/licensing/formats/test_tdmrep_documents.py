"""TDMRep inside pages, books and documents: found where it has to stand, and nowhere else."""

import io
import time
import zipfile
from dataclasses import replace

import pypdf
import pytest

from licensing.formats import tdmrep
from licensing.formats.policy import Effect, Policy, Reading, Rule
from licensing.formats.tdmrep import Carrier
from licensing.formats.tdmrep_values import MINING

POLICY = "https://press.example/policies/policy.json"
RESERVED = Rule(Effect.RESERVE, MINING.reach(True))
BOMB = '<!DOCTYPE package [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'


def effects(reading: Reading) -> list[Effect]:
    return [rule.effect for policy in reading.policies for rule in policy.rules]


def codes(reading: Reading) -> list[str]:
    return [fault.code for fault in reading.faults]


def page(head: str, body: str = "") -> bytes:
    return f"<!doctype html><html lang=de><head><meta charset=utf-8>{head}</head><body>{body}</body></html>".encode()


def test_a_page_says_it_in_its_head() -> None:
    reading = tdmrep.read(
        page(f'<META NAME="TDM-Reservation" content=" 1 "><meta name=tdm-policy content="{POLICY}">'), Carrier.HTML
    )
    [rule] = reading.policies[0].rules
    assert replace(rule, words="") == replace(RESERVED, policy_address=POLICY)
    assert reading.faults == ()


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", '<meta name="tdm-reservation" content="0">'),
        ("", '<div class="comment"><meta name="tdm-reservation" content="0"></div>'),
        ('<noscript><meta name="tdm-reservation" content="0"></noscript>', ""),
        ('<template><template></template><meta name="tdm-reservation" content="0"></template>', ""),
        ('<p>Text.</p><meta name="tdm-reservation" content="0">', ""),
        ('Text. <meta name="tdm-reservation" content="0">', ""),
        ("</head><noscript></noscript><meta name='tdm-reservation' content='0'>", ""),
    ],
)
def test_what_stands_outside_the_head_is_reported_and_not_read(head: str, body: str) -> None:
    reading = tdmrep.read(page(head, body), Carrier.HTML)
    assert reading.policies == ()
    assert codes(reading) == ["meta_outside_head"]


@pytest.mark.parametrize(
    "head",
    [
        '<!-- <meta name="tdm-reservation" content="0"> -->',
        '<title><meta name="tdm-reservation" content="0"></title>',
        '<script>"<meta name=tdm-reservation content=0>"</script>',
        '<meta property="tdm-reservation" content="0">',
        '<meta name="tdm:reservation" content="0">',
    ],
)
def test_what_only_looks_like_a_statement_is_none(head: str) -> None:
    assert tdmrep.read(page(head), Carrier.HTML).policies == ()


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"<" * 100_000, b"<div>" * 100_000])
def test_a_page_that_is_none_says_nothing(content: bytes) -> None:
    assert effects(tdmrep.read(content, Carrier.HTML)) == []


@pytest.mark.parametrize(
    "head",
    [
        "<meta content=1 name=tdm-reservation>",
        "<META\nCONTENT = '1'\tNAME='TDM-RESERVATION'/>",
        '<meta name="tdm-reservation" content="1" content="0">',
        '<!-- a > b --><title>x < y <meta> </title><meta name="tdm-reservation" content="1">',
        '<script>if (a<b) { "</head>" }</script><style>p > b {}</style><meta name="tdm-reservation" content="&#49;">',
        '<link rel="x" href="a>b"><base href="/"><meta name="tdm-reservation" content="1">',
        '<template><p>A</p><meta name="tdm-reservation" content="0"></template><meta name="tdm-reservation" content=1>',
        '</head><meta =x name="tdm-reservation" content=1>',
        '<?php ?><!--[if IE]> <p> <![endif]--><meta name="tdm-reservation" content="1">',
    ],
)
def test_a_statement_is_found_among_all_that_heads_hold(head: str) -> None:
    assert effects(tdmrep.read(page(head), Carrier.HTML)) == [Effect.RESERVE]
    assert effects(tdmrep.read(head.encode(), Carrier.HTML)) == [Effect.RESERVE]
    assert effects(tdmrep.read(page(head).decode().encode("utf-16"), Carrier.HTML)) == [Effect.RESERVE]


def test_an_address_keeps_its_letters_in_whatever_encoding() -> None:
    head = '<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="https://press.example/ü?a=1&amp;b=2">'
    for content in (page(head), page(head).decode().encode("utf-16"), page(head).decode().encode("latin-1")):
        [policy] = tdmrep.read(content, Carrier.HTML).policies
        assert policy.rules[0].policy_address == "https://press.example/ü?a=1&b=2"


@pytest.mark.parametrize(
    "content",
    [
        b"<meta " + b" ".join(b"a%d=1" % number for number in range(200_000)) + b">",
        b"<meta " * 200_000,
        b'<meta a="' * 200_000,
        b"<!--" * 300_000,
        b"<script>" + b"</script" * 150_000,
        b"<title>" * 200_000,
        b"<template>" * 100_000,
        b"&" * 1_000_000,
        b"<meta name=" + b"&" * 1_000_000 + b">",
    ],
)
def test_a_hostile_head_is_read_in_time_that_its_length_explains(content: bytes) -> None:
    began = time.process_time()
    assert tdmrep.read(page("") + content, Carrier.HTML).policies == ()
    assert tdmrep.read(content, Carrier.HTML).policies == ()
    assert time.process_time() - began < 5


def test_a_deep_page_still_says_what_its_head_says() -> None:
    reading = tdmrep.read(page('<meta name="tdm-reservation" content="1">', "<div>" * 100_000), Carrier.HTML)
    assert effects(reading) == [Effect.RESERVE]


# --- books ---------------------------------------------------------------------------------------------------------


def package(metadata: str, *, version: str = "3.0", prefix: str = "tdm: http://www.w3.org/ns/tdmrep#") -> str:
    declared = f' prefix="{prefix}"' if prefix else ""
    return (
        f'<package xmlns="http://www.idpf.org/2007/opf" version="{version}"{declared}>'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A</dc:title>{metadata}</metadata></package>'
    )


def book(package_document: str, container: str = "") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            container
            or '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        )
        archive.writestr("OPS/book.opf", package_document)
    return made.getvalue()


THREE = f'<meta property="tdm:reservation">1</meta><meta property="tdm:policy">{POLICY}</meta>'
TWO = f'<meta name="tdm:reservation" content="1"/><meta name="tdm:policy" content="{POLICY}"/>'


@pytest.mark.parametrize(
    "document",
    [
        package(THREE),
        package(THREE, prefix=""),
        package(
            THREE.replace("tdm:", "mining:"), prefix="mining: http://www.w3.org/ns/tdmrep# tdm: https://x.example/"
        ),
        package(TWO, version="2.0", prefix=""),
    ],
)
def test_a_book_says_it_in_its_package_document(document: str) -> None:
    for content in (book(document), document.encode()):
        [policy] = tdmrep.read(content, Carrier.EPUB).policies
        assert [replace(rule, words="") for rule in policy.rules] == [replace(RESERVED, policy_address=POLICY)]


def test_a_prefix_that_means_something_else_is_not_taken_for_tdmrep() -> None:
    reading = tdmrep.read(package(THREE, prefix="tdm: https://other.example/ns#").encode(), Carrier.EPUB)
    assert reading.policies == ()
    assert codes(reading) == ["prefix_unknown"]


def test_what_refines_another_entry_is_not_about_the_book() -> None:
    refined = '<meta property="tdm:reservation" refines="#chapter">0</meta>'
    assert tdmrep.read(book(package(refined)), Carrier.EPUB).policies == ()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (book(BOMB + package(THREE)), "doctype_refused"),
        (book(package(THREE)[:-3]), "not_xml"),
        (book('<package xmlns="urn:other"/>'), "not_a_package"),
        (book("", container='<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a"><container/>'), "doctype_refused"),
        (book("", container="<container/>"), "not_epub"),
        (b"PK\x03\x04 no zip", "not_epub"),
        (book(package("<meta>" + "a" * (5 << 20) + "</meta>")), "too_large"),
        (book("<a>" * 100_000), "not_xml"),
        (b"", "not_xml"),
    ],
)
def test_a_book_that_cannot_be_read_is_refused_with_the_reason(content: bytes, code: str) -> None:
    reading = tdmrep.read(content, Carrier.EPUB)
    assert reading.policies == ()
    assert codes(reading) == [code]


# --- documents -----------------------------------------------------------------------------------------------------


def document(packet: bytes | None, password: str = "") -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(72, 72)
    if packet is not None:
        stream = pypdf.generic.DecodedStreamObject()
        stream.set_data(packet)
        stream.update(
            {
                pypdf.generic.NameObject("/Type"): pypdf.generic.NameObject("/Metadata"),
                pypdf.generic.NameObject("/Subtype"): pypdf.generic.NameObject("/XML"),
            }
        )
        writer.root_object[pypdf.generic.NameObject("/Metadata")] = writer._add_object(stream.flate_encode())
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def xmp(inner: str, namespace: str = "http://www.w3.org/ns/tdmrep/", attributes: str = "") -> str:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:m="{namespace}"{attributes}>{inner}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )


def test_a_document_says_it_in_its_metadata() -> None:
    written = tdmrep.write(Policy((replace(RESERVED, policy_address=POLICY),)), Carrier.PDF)
    for content in (document(written.content), written.content):
        [policy] = tdmrep.read(content, Carrier.PDF).policies
        assert [replace(rule, words="") for rule in policy.rules] == [replace(RESERVED, policy_address=POLICY)]


@pytest.mark.parametrize(
    "packet",
    [
        xmp("<m:reservation>1</m:reservation>"),
        xmp("", attributes=' m:reservation="1"'),
        xmp(f'<m:reservation> 1\n</m:reservation><m:policy rdf:resource="{POLICY}"/>'),
    ],
)
def test_properties_are_found_in_every_spelling_of_xmp(packet: str) -> None:
    assert effects(tdmrep.read(document(packet.encode()), Carrier.PDF)) == [Effect.RESERVE]
    assert effects(tdmrep.read(packet.encode("utf-16"), Carrier.PDF)) == [Effect.RESERVE]


def test_the_namespace_of_books_is_not_that_of_documents() -> None:
    reading = tdmrep.read(xmp("<m:reservation>1</m:reservation>", "http://www.w3.org/ns/tdmrep#").encode(), Carrier.PDF)
    assert reading.policies == ()
    assert codes(reading) == ["namespace_unknown"]


def test_metadata_of_a_part_are_not_the_documents() -> None:
    inner = '<m:part><rdf:Description xmlns:t="http://www.w3.org/ns/tdmrep/" t:reservation="0"/></m:part>'
    assert tdmrep.read(xmp(inner, "https://other.example/").encode(), Carrier.PDF).policies == ()


@pytest.mark.parametrize("content", [document(None), document(b"")])
def test_a_document_without_metadata_says_nothing(content: bytes) -> None:
    assert tdmrep.read(content, Carrier.PDF).policies == ()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7\nno more", "not_pdf"),
        (document(BOMB.encode() + xmp("<m:reservation>1</m:reservation>").encode()), "doctype_refused"),
        (b"<!DOCTYPE a>" + b"<a/>", "doctype_refused"),
        (document(b"a" * (5 << 20)), "too_large"),
        (document(xmp("").encode(), password="secret"), "encrypted"),
    ],
)
def test_a_document_that_cannot_be_read_is_refused_with_the_reason(content: bytes, code: str) -> None:
    reading = tdmrep.read(content, Carrier.PDF)
    assert reading.policies == ()
    assert codes(reading) == [code]
