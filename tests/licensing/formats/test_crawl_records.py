"""Crawl records: what speaks is taken, what is broken is named by its offset, and reading goes on."""

import gzip
import io

import pytest

from licensing.formats.crawl_records import BadRecord, Capture, read
from tests.licensing.formats.crawled import page, robots, warc


def captures(content: bytes) -> list[Capture]:
    return [one for one in read(io.BytesIO(content)) if isinstance(one, Capture)]


def bad(content: bytes) -> list[BadRecord]:
    return [one for one in read(io.BytesIO(content)) if isinstance(one, BadRecord)]


@pytest.mark.parametrize("gzipped", [True, False])
def test_what_speaks_is_taken_with_its_moment_and_what_does_not_is_passed_over(gzipped: bool) -> None:
    meta = '<html><head><meta name="tdm-reservation" content="1"></head></html>'
    content = warc(robots(), page("/a"), page("/b", tdm_reservation="1"), page("/c", html=meta), gzipped=gzipped)
    found = captures(content)
    assert [one.address for one in found] == [f"https://press.example{path}" for path in ("/robots.txt", "/b", "/c")]
    assert found[0].content.startswith(b"User-agent: *")
    assert found[0].moment == "2024-03-01T10:00:00+00:00"
    assert found[1].headers == (("tdm-reservation", "1"),)
    assert b"tdm-reservation: 1" in found[1].content
    assert bad(content) == []


@pytest.mark.parametrize("gzipped", [True, False])
def test_a_broken_record_is_named_by_its_offset_and_the_next_one_is_read(gzipped: bool) -> None:
    first, last = warc(robots(), gzipped=gzipped), warc(robots("other.example"), gzipped=gzipped)
    broken = bytearray(first)
    for place in range(20, 40):
        broken[place] ^= 0xFF
    if not gzipped:
        broken = bytearray(first.replace(b"WARC/1.0", b"WARC/9.9"))
    content = first + bytes(broken) + last
    assert [one.address for one in captures(content)] == [
        "https://press.example/robots.txt",
        "https://other.example/robots.txt",
    ]
    assert bad(content)[0].offset == len(first)


def test_a_file_that_breaks_off_says_where() -> None:
    whole = warc(robots(), robots("other.example"))
    cut = whole[: len(warc(robots())) + 60]
    assert [one.address for one in captures(cut)] == ["https://press.example/robots.txt"]
    assert [one.offset for one in bad(cut)] == [len(warc(robots()))]


def test_a_file_gzipped_as_a_whole_is_read_once() -> None:
    content = gzip.compress(warc(robots(), robots("other.example"), gzipped=False))
    assert [one.address for one in captures(content)] == [
        "https://press.example/robots.txt",
        "https://other.example/robots.txt",
    ]


def test_an_address_with_a_password_and_a_date_that_is_none_are_refused() -> None:
    named: tuple[str, str, dict[str, str], bytes] = (
        "https://user:secret@press.example/robots.txt",
        "2024-03-01T10:00:00Z",
        {},
        b"x",
    )
    [refused] = bad(warc(named))
    assert "password" in refused.cause
    assert "secret" not in refused.cause
    [refused] = bad(warc(robots(moment="yesterday")))
    assert refused.code == "record_refused"


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b\x08", b"hello", b"\0" * 100_000, b"\x1f\x8b\x08" * 1000])
def test_bytes_that_are_no_crawl_records_give_none(content: bytes) -> None:
    assert captures(content) == []


def test_a_large_answer_is_cut_and_says_so() -> None:
    [one] = captures(warc(robots(text="User-agent: *\nDisallow: /\n" * 100_000)))
    assert one.is_cut
    assert len(one.content) == 1 << 20


@pytest.mark.parametrize("kept", [0.5, 0.9, 0.98])
def test_a_file_gzipped_as_a_whole_that_breaks_off_says_so(kept: float) -> None:
    records = [robots(f"host-{number}.example", text=f"User-agent: *\nDisallow: /{number}\n") for number in range(40)]
    content = gzip.compress(warc(*records, gzipped=False))
    found = list(read(io.BytesIO(content[: int(len(content) * kept)])))
    assert isinstance(found[-1], BadRecord)
    assert found[-1].code == "record_cut"
    assert len([one for one in found if isinstance(one, Capture)]) < len(records)


@pytest.mark.parametrize("content", [b"WARC/1.0\r\n" + b"0" * 100_000, gzip.compress(b"WARC/1.0\r\n" + b"0" * 100_000)])
def test_what_only_looks_like_a_record_is_named(content: bytes) -> None:
    assert [one.code for one in read(io.BytesIO(content)) if isinstance(one, BadRecord)] == ["record_refused"]
