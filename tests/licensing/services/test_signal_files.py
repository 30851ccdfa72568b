"""Files are read for what they say in a child process; whatever it meets becomes a fault beside the bytes."""

from pathlib import Path

import pytest

from licensing.formats.policy import Effect, Fault
from licensing.formats.recognition import Source
from licensing.services.signal_files import Captured, read_crawl, read_file
from tests.licensing.formats.crawled import page, robots, warc


def effects(content: bytes, source: Source) -> list[tuple[str, Effect]]:
    said = read_file(content, source)
    return [
        (one.reading.format, rule.effect)
        for one in said.found
        for policy in one.reading.policies
        for rule in policy.rules
    ]


def test_one_robots_file_speaks_in_three_formats() -> None:
    content = b"User-agent: *\nDisallow: /\nContent-Usage: train-ai=n\nContent-Signal: ai-train=no\n"
    found = effects(content, Source(address="https://press.example/robots.txt", day="2026-01-01"))
    assert {name for name, _ in found} == {"robots", "aipref", "content-signal"}
    assert {effect for _, effect in found} == {Effect.PREFER_DISALLOW}


def test_a_page_and_its_headers_are_told_apart() -> None:
    content = b'<html><head><meta name="tdm-reservation" content="0"></head></html>'
    said = read_file(content, Source(address="https://press.example/a", headers=[("TDM-Reservation", "1")]))
    assert [one.carrier for one in said.found] == ["header", "html"]


def test_a_sentence_is_kept_as_one_and_is_not_for_machines() -> None:
    said = read_file(b"No part of this book may be used to train artificial intelligence.", Source())
    [rule] = said.found[0].reading.policies[0].rules
    assert (rule.effect, rule.machine_readable) == (Effect.WORDS, False)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\xff\xfe\x00\x01" * 50_000, "x.bin"),
        (b"[" * 100_000, "tdmrep.json"),
        (b"PK\x03\x04broken", "book.epub"),
        (b"%PDF-1.7 broken", "book.pdf"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><rsl>&a;</rsl>", "license.xml"),
        ("Disallow: für alle\n".encode("utf-16"), "robots.txt"),
        (b"", "robots.txt"),
    ],
)
def test_hostile_files_say_nothing_and_break_nothing(content: bytes, name: str) -> None:
    assert effects(content, Source(file_name=name)) == []


def test_the_terms_that_a_file_points_at_are_named() -> None:
    content = b'[{"location": "/", "tdm-reservation": 1, "tdm-policy": "/policies/all.json"}]'
    said = read_file(content, Source(address="https://press.example/.well-known/tdmrep.json"))
    assert said.places == ["https://press.example/policies/all.json"]


def test_a_crawl_gives_its_answers_with_what_they_say(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(warc(robots(), page("/x"), page("/b", tdm_reservation="1")) + b"\x1f\x8b\x08broken")
    found = list(read_crawl(path))
    captures = [one for one in found if isinstance(one, Captured)]
    assert [(one.host, one.found[0].reading.format) for one in captures] == [
        ("press.example", "robots"),
        ("press.example", "tdmrep"),
    ]
    [fault] = [one for one in found if isinstance(one, Fault)]
    assert fault.place.startswith("offset ")
