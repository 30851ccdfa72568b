"""Files that were damaged, cut, repeated or mixed up: every reader gives a reading, soon, and never an exception."""

import io
import time
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.formats import aipref, cawg, odrl_policy, onix_rights, rsl_embedding, rsl_writing, tdmrep
from licensing.formats.labels import TRAINING
from licensing.formats.plain_text import MAX_BYTES
from licensing.formats.policy import Effect, Payment, Policy, Rule
from licensing.formats.recognition import KINDS, Source, read_all
from licensing.formats.rsl_embedding import Carrier

ADDRESS = "https://press.example/books/1"
POLICY = Policy(
    (
        Rule(Effect.RESERVE, TRAINING, policy_address="https://press.example/terms"),
        Rule(Effect.OFFER, TRAINING, payment=Payment("crawl", "0.015", "USD"), policy_address="https://a.example/t"),
        Rule(Effect.PREFER_DISALLOW, ("search_index",), territory=("CN",), path="/书/*.html$", agents=("GPTBot",)),
    ),
    holder="作家出版社",
    contact="rights@press.example",
)
ROBOTS = "License: https://press.example/license.xml\nUser-agent: GPTBot\nUser-agent: *\nDisallow: /a*b$\nAllow: /\n"
SECONDS = 20.0  # of computing, for a file of a megabyte: what grows with its square takes minutes


def book(package: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr("META-INF/container.xml", '<container><rootfile full-path="a.opf"/></container>')
        members.writestr("a.opf", package)
    return file.getvalue()


def page(head: bytes) -> bytes:
    return b"<!DOCTYPE html><html><head><title>A</title>" + head + b"</head><body><p>All rights reserved.</p></body>"


SOUND: dict[str, bytes] = {
    "robots": ROBOTS.encode() + aipref.write_robots(POLICY).content,
    "tdmrep": tdmrep.write(POLICY).content,
    "ai.txt": b"User-Agent: *\nDisallow: *.txt\nAllow: /\n",
    "html": page(
        tdmrep.write(POLICY, "html").content + rsl_embedding.write(POLICY, Carrier.HTML, address=ADDRESS).content
    ),
    "epub": book(tdmrep.write(POLICY, "epub").content),
    "pdf": tdmrep.write(POLICY, "pdf").content,
    "rsl": rsl_writing.write(POLICY).content,
    "rss": rsl_embedding.write(POLICY, Carrier.FEED, address=ADDRESS).content,
    "odrl": odrl_policy.write(POLICY).content,
    "cawg": cawg.write(POLICY).content,
    "onix": onix_rights.write(POLICY).content,
    "text": "No training of AI models. 未经许可，不得用于训练。".encode(),
}
Damage = Callable[[bytes, int, bytes], bytes]
DAMAGES: dict[str, Damage] = {
    "cut": lambda content, at, _: content[:at],
    "begun late": lambda content, at, _: content[at:],
    "overwritten": lambda content, at, more: content[:at] + more + content[at + len(more) :],
    "inserted": lambda content, at, more: content[:at] + more + content[at:],
    "repeated": lambda content, at, _: content[:at] + content[max(0, at - 40) : at] * 50 + content[at:],
    "doubled": lambda content, _at, more: content + more + content,
    "without a bit": lambda content, at, _: content[:at] + bytes(byte & 0x7E for byte in content[at : at + 9]),
}
TOKENS = (b"<", b">", b'"', b"{", b"[", b"]]>", b"<!--", b"&#0;", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"1e999", b"%",
          b"*" * 40, b"\r", "ſ".encode(), b"<![CDATA[", b'":', b"-0", "\u202e".encode(), b"xmlns:a=''")  # fmt: skip
damages = st.lists(
    st.tuples(st.sampled_from(sorted(DAMAGES)), st.floats(0, 1), st.binary(max_size=8) | st.sampled_from(TOKENS)),
    min_size=1,
    max_size=4,
)


def damaged(content: bytes, done: list[tuple[str, float, bytes]]) -> bytes:
    for name, where, more in done:
        content = DAMAGES[name](content, int(where * len(content)), more)
    return content[: 1 << 16]


def test_every_kind_has_a_sound_file_that_is_read_without_a_fault() -> None:
    assert sorted(SOUND) == sorted(KINDS)
    for kind, content in sorted(SOUND.items()):
        found = read_all(content, Source(address=ADDRESS, kind=kind))
        assert found, kind
        assert any(rule for one in found for policy in one.reading.policies for rule in policy.rules), kind
        assert [fault for one in found for fault in one.reading.faults if fault.code not in ("unknown_agent",)] == []


@pytest.mark.parametrize("kind", sorted(SOUND))
@given(done=damages)
def test_a_damaged_file_gives_a_reading(kind: str, done: list[tuple[str, float, bytes]]) -> None:
    content = damaged(SOUND[kind], done)
    for source in (Source(kind=kind), Source(address=ADDRESS, kind=kind, day="2026-01-01"), Source()):
        for one in read_all(content, source):
            assert len(one.reading.faults) <= 201
            assert all(isinstance(fault.cause, str) and len(fault.cause) < 2000 for fault in one.reading.faults)
            one.reading.format.encode()
            for policy in one.reading.policies:
                for rule in policy.rules:
                    rule.words.encode("utf-8", "strict")


def test_a_book_whose_compressed_bytes_are_damaged_is_no_book() -> None:
    sound = SOUND["epub"]
    for at in range(len(sound)):
        content = sound[:at] + bytes([sound[at] ^ 0xFF]) + sound[at + 1 :]
        for one in read_all(content, Source(kind="epub")):
            assert one.reading.format in ("tdmrep", "rsl")


UNITS = {
    "robots": b"User-agent: a\nDisallow: /a*\n",
    "tdmrep": b'[{"location":"/*","tdm-reservation":1},',
    "ai.txt": b"Disallow: *.txt\n",
    "html": b"<meta a=b c='d' <",
    "epub": b"PK\x03\x04",
    "pdf": b"<rdf:Description>",
    "rsl": b"<content url='/'><license>",
    "rss": b"<rss><channel><item>",
    "odrl": b'{"odrl:permission":[',
    "cawg": b'{"cawg.training-mining":{',
    "onix": b"<ONIXMessage><Product>",
    "text": "训练 AI training rights reserved. ".encode(),
}


@pytest.mark.parametrize("kind", sorted(UNITS))
def test_a_megabyte_of_the_same_is_read_soon(kind: str) -> None:
    content = (UNITS[kind] * (MAX_BYTES // len(UNITS[kind]) + 1))[:MAX_BYTES]
    began = time.process_time()
    read_all(content, Source(kind=kind))
    assert time.process_time() - began < SECONDS


@given(
    st.lists(st.sampled_from(["<", ">", ";", ",", "rel", "=", '"', "license", " ", "type", "application/rsl+xml", "a"]))
)
def test_no_link_header_makes_the_reader_raise(parts: list[str]) -> None:
    value = "".join(parts) + "application/rsl+xml"
    read_all(b"", Source(headers=[("link", value)]))
