"""EPUB text: spine order, text nodes, a newline after block elements, white space collapsed outside pre."""

import io
import zipfile

import pytest

from ingest.readers import BadRecord, open_documents
from ingest.readers.epub import parse_chapter
from ingest.readers.markup import extract_text

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/content.opf"/></rootfiles></container>'
)


def make_book(chapters, extra=(), spine=None):
    """An EPUB as bytes; `chapters` maps member names below OEBPS/ to their markup."""
    items = "".join(
        f'<item id="c{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(chapters)
    )
    order = range(len(chapters)) if spine is None else spine
    references = "".join(f'<itemref idref="c{number}"/>' for number in order)
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        "<dc:title>A Book</dc:title><dc:creator>A. Writer</dc:creator></metadata>"
        f"<manifest>{items}</manifest><spine>{references}</spine></package>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OEBPS/content.opf", package)
        for name, markup in chapters.items():
            if markup is not None:
                archive.writestr(f"OEBPS/{name}", markup)
        for name, data in extra:
            archive.writestr(name, data)
    return out.getvalue()


def page(body):
    return f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head><body>{body}</body></html>'


def read_book(tmp_path, data):
    path = tmp_path / "book.epub"
    path.write_bytes(data)
    return list(open_documents(path, name="book.epub"))


def test_spine_order_makes_one_document_named_as_the_file(tmp_path):
    book = make_book({"one.xhtml": page("<p>First.</p>"), "two.xhtml": page("<p>Second.</p>")}, spine=[1, 0, 1])
    [document] = read_book(tmp_path, book)
    assert (document.name, document.text) == ("book.epub", "Second.\nFirst.\n")
    assert document.media_type == "application/epub+zip"
    assert document.meta == {"title": "A Book", "creator": "A. Writer"}


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One  two\n three</p><p>Four</p>", "One two three\nFour\n"),
        ("<div><p> a </p> <p>b</p></div>", "a\nb\n"),
        ("<p>an <em>inner </em> word</p>", "an inner word\n"),
        ("<p>no<b>space</b>here</p>", "nospacehere\n"),
        ("loose<p>block</p>tail", "loose\nblock\ntail\n"),
        ("<pre>a\n  b</pre><p>c</p>", "a\n  b\nc\n"),
        ("<p>a<br/>b</p>", "a\nb\n"),
        ("<script>no</script><style>no</style><p>yes<!-- no -->!</p>", "yes!\n"),
        ("<p>caf&eacute;&nbsp;&amp;&mdash;x</p>", "café\xa0&—x\n"),
    ],
)
def test_text_rules(markup, text):
    assert extract_text(parse_chapter(page(markup).encode())) == text


def test_markup_that_is_not_well_formed_is_read_as_browsers_do(tmp_path):
    [document] = read_book(tmp_path, make_book({"one.xhtml": page("<p>open <b>bold<p>next &undefined; é")}))
    assert "open bold" in document.text
    assert "é" in document.text


def test_missing_remote_and_encrypted_chapters_are_named_and_the_rest_is_read(tmp_path):
    encryption = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<CipherReference URI="OEBPS/locked.xhtml"/></encryption>'
    )
    chapters = {
        "gone.xhtml": None,
        "http://127.0.0.1/far.xhtml": None,
        "../../../etc/passwd": None,
        "locked.xhtml": page("<p>x</p>"),
        "here.xhtml": page("<p>Here.</p>"),
    }
    *bad, document = read_book(tmp_path, make_book(chapters, [("META-INF/encryption.xml", encryption)]))
    assert document.text == "Here.\n"
    assert [(item.name, item.cause_code) for item in bad] == [
        ("book.epub#gone.xhtml", "epub_item_missing"),
        ("book.epub#http://127.0.0.1/far.xhtml", "epub_item_remote"),
        ("book.epub#../../../etc/passwd", "epub_item_missing"),
        ("book.epub#locked.xhtml", "encrypted"),
    ]


def test_entities_of_the_file_are_neither_expanded_nor_fetched(tmp_path):
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    (tmp_path / "secret").write_text("SECRET")
    doctype = f'<!DOCTYPE html [{laughs}<!ENTITY file SYSTEM "file://{tmp_path}/secret">]>'
    [document] = read_book(tmp_path, make_book({"one.xhtml": doctype + page("<p>a &l9;b &file;c</p>")}))
    assert document.text == "a b c\n"


def test_book_without_spine_or_container_is_a_bad_record(tmp_path):
    [bad] = read_book(tmp_path, make_book({}))
    assert (bad.name, bad.cause_code) == ("book.epub", "corrupt_epub")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
    [bad] = read_book(tmp_path, out.getvalue())
    assert isinstance(bad, BadRecord)
    assert bad.cause_code == "epub_item_missing"
