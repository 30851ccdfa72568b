"""ONIX that is damaged, too large, or meant to do harm."""

import threading
import tracemalloc
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from registry.importers.opening import open_catalogue
from registry.importers.rows import CatalogueRow
from tests.registry.importers.onix_feeds import TITLE, message, product
from tests.registry.importers.reading import codes, read_bytes, read_one, refusal

BOMB = '<!DOCTYPE ONIXMessage [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """An address on loopback, and the paths that anybody asked it for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("doctype", [BOMB, "<!DOCTYPE ONIXMessage>", "<!DOCTYPE ONIXMessage SYSTEM 'onix.dtd'>"])
def test_a_document_type_is_refused(tmp_path: Path, doctype: str) -> None:
    assert refusal(tmp_path, message(product(), before=doctype)).code == "DOCTYPE_REFUSED"


def test_nothing_is_fetched_and_no_file_is_read(tmp_path: Path, canary: tuple[str, list[str]]) -> None:
    address, asked = canary
    secret = tmp_path / "secret"
    secret.write_text("the contents of a file", encoding="utf-8")
    for doctype in (
        f'<!DOCTYPE ONIXMessage SYSTEM "{address}/onix.dtd">',
        f'<!DOCTYPE ONIXMessage [<!ENTITY x SYSTEM "{address}/entity">]>',
        f'<!DOCTYPE ONIXMessage [<!ENTITY x SYSTEM "{secret.as_uri()}">]>',
        f'<!DOCTYPE ONIXMessage [<!ENTITY % x SYSTEM "{address}/parameter"> %x;]>',
    ):
        data = message(product(detail=TITLE.replace("Middlemarch", "&x;")), before=doctype)
        assert refusal(tmp_path, data).code == "DOCTYPE_REFUSED"
    included = product().replace(
        "<DescriptiveDetail>",
        f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{address}/x"/><DescriptiveDetail>',
    )
    assert read_one(tmp_path, message(included)).title == "Middlemarch"
    assert asked == []


def test_onix_2_1_is_refused_by_name_with_what_to_do(tmp_path: Path) -> None:
    dtd = '<!DOCTYPE ONIXMessage SYSTEM "http://www.editeur.org/onix/2.1/reference/onix-international.dtd">'
    error = refusal(tmp_path, message(product(), before=dtd, namespace=""))
    assert error.code == "ONIX_2_1"
    assert "3.0 or 3.1" in error.cause
    plain = message(product(), namespace="").replace(b' release="3.0"', b"")
    assert refusal(tmp_path, plain).code == "ONIX_2_1"


def test_a_wrong_namespace_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path, message(product(), namespace="http://www.editeur.org/onix/3.0/reference"))
    assert error.code == "NAMESPACE_UNKNOWN"
    assert "'http://www.editeur.org/onix/3.0/reference'" in error.cause
    assert "http://ns.editeur.org/onix/3.0/reference" in error.cause


def test_other_xml_is_no_catalogue(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"<rss><channel/></rss>").code == "ROOT_UNKNOWN"


@pytest.mark.parametrize("share", [0.55, 0.8, 0.97])
def test_a_feed_that_ends_in_the_middle_gives_what_came_before(tmp_path: Path, share: float) -> None:
    whole = message(*(product(f"r{number}") for number in range(40)))
    _, rows = read_bytes(tmp_path, whole[: int(len(whole) * share)])
    *complete, last = rows
    assert complete
    assert all(row.is_valid for row in complete)
    assert codes(last) == {"F FEED_TRUNCATED"}
    assert last.number == len(complete) + 1
    assert f"records from {last.number} on were not read" in last.messages[0].cause


def test_broken_xml_stops_the_reading_there_and_says_where(tmp_path: Path) -> None:
    data = message(product("a"), product("b").replace("</NotificationType>", ""), product("c"))
    _, rows = read_bytes(tmp_path, data)
    assert [row.reference for row in rows] == ["a", ""]
    assert codes(rows[1]) == {"F XML_BROKEN"}


def test_html_entities_are_named_as_such(tmp_path: Path) -> None:
    _, rows = read_bytes(tmp_path, message(product("a"), product("b", detail=TITLE.replace("Middlemarch", "a&nbsp;b"))))
    assert "&#160;" in rows[-1].messages[0].fix


def test_bytes_in_another_encoding_are_reported_and_read_when_it_is_given(tmp_path: Path) -> None:
    data = message(product("a"), product("b", detail=TITLE.replace("Middlemarch", "Brontë"))).decode().encode("cp1252")
    _, rows = read_bytes(tmp_path, data)
    assert codes(rows[-1]) == {"F ENCODING_BROKEN"}
    assert "EB" in rows[-1].messages[0].cause
    _, rows = read_bytes(tmp_path, data, encoding="windows-1252")
    assert [row.title for row in rows] == ["Middlemarch", "Brontë"]


def test_ten_megabytes_in_one_field_are_reported_and_not_kept(tmp_path: Path) -> None:
    data = message(
        product("a"),
        product("b", detail=TITLE.replace("Middlemarch", "x" * 10_000_000)),
        product("c", detail=TITLE.replace("Middlemarch", "y" * 200_000)),
        product("d"),
    )
    tracemalloc.start()
    _, rows = read_bytes(tmp_path, data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [row.is_valid for row in rows] == [True, False, False, True]
    assert {"E VALUE_TOO_LONG", "E RECORD_TOO_LARGE"} <= codes(rows[1])
    assert rows[1].messages[0].column == "DescriptiveDetail/TitleDetail/TitleElement/TitleText"
    assert rows[1].raw == ""
    assert "E VALUE_TOO_LONG" in codes(rows[2])
    assert "200000 characters" in rows[2].messages[0].cause
    assert all(len(message.value) <= 200 for row in rows for message in row.messages)
    assert peak < 40_000_000


def test_a_tag_or_comment_without_end_is_given_up(tmp_path: Path) -> None:
    _, rows = read_bytes(tmp_path, message(product(), "<!--" + "x" * 9_000_000 + "-->"))
    assert [codes(row) for row in rows] == [set(), {"F TOKEN_LIMIT"}]
    assert refusal(tmp_path, b"<ONIXMessage " + b"x" * 9_000_000).code == "TOKEN_LIMIT"


@pytest.mark.parametrize(
    "inside", ["<DescriptiveDetail>{}</DescriptiveDetail>", "<ProductSupply>{}</ProductSupply>", "<Text>{}</Text>"]
)
def test_deep_nesting_is_given_up(tmp_path: Path, inside: str) -> None:
    deep = inside.format("<a>" * 5000 + "</a>" * 5000)
    _, rows = read_bytes(tmp_path, message(product(), f"<Product>{deep}</Product>"))
    assert codes(rows[-1]) == {"F NESTING_LIMIT"}


def test_memory_stays_flat_however_long_the_feed_is(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    record = product("r{}", detail=TITLE + "<Subject><SubjectCode>x</SubjectCode></Subject>" * 30)
    peaks = []
    for count in (200, 1500):
        path.write_bytes(message(*(record.replace("r{}", f"r{number}") for number in range(count))))
        tracemalloc.start()
        _, rows = open_catalogue(path, name="feed")
        assert sum(isinstance(row, CatalogueRow) and row.is_valid for row in rows) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 1_000_000


def test_titles_that_deceive_are_flagged_and_kept(tmp_path: Path) -> None:
    turned, mixed = "Mid\u202edlem\u202carch", "Mіddlemarch"  # the second has a Cyrillic і
    _, rows = read_bytes(
        tmp_path,
        message(
            product("a", detail=TITLE.replace("Middlemarch", turned)),
            product("b", detail=TITLE.replace("Middlemarch", mixed)),
        ),
    )
    assert [(row.title, codes(row), row.is_valid) for row in rows] == [
        (turned, {"W BIDI_CONTROL"}, True),
        (mixed, {"W MIXED_SCRIPT"}, True),
    ]


def test_an_abandoned_reading_closes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(message(*(product(f"r{number}") for number in range(3000))))
    _, rows = open_catalogue(path, name="feed")
    next(rows)
    rows.close()  # type: ignore[attr-defined]
    assert list(rows) == []
