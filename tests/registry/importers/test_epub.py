"""EPUB: what package documents say, one book or many."""

import io
import zipfile
from pathlib import Path

import pytest

from registry.importers.rows import Person
from tests.registry.importers.reading import SAMPLES, codes, read, read_bytes, read_one, refusal

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def epub(metadata: str, *, version: str = "3.0", before: str = "", container: str = CONTAINER) -> bytes:
    package = (
        f'<?xml version="1.0"?>{before}<package xmlns="http://www.idpf.org/2007/opf" version="{version}"'
        ' unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">'
        f'<dc:identifier id="id">book-1</dc:identifier>{metadata}</metadata><manifest/><spine/></package>'
    )
    return zipped({"mimetype": "application/epub+zip", "META-INF/container.xml": container, "book.opf": package})


def zipped(members: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


TITLE = "<dc:title>Middlemarch</dc:title>"


def test_a_zip_of_epubs_is_a_catalogue() -> None:
    head, rows = read(SAMPLES / "epubs.zip")
    assert head.file_format == "epub"
    assert [row.title for row in rows] == ["Pride and Prejudice", "Heart of Darkness", "呐喊", "Wuthering Heights"]
    assert [[each.kind for each in row.statements] for row in rows] == [["reservation", "offer"]] * 3 + [[]]
    assert rows[0].people == (Person("Jane Austen", key_names="Austen"),)
    assert rows[0].editions[0].identifiers == (("isbn", "9780000000019"),)


def test_a_folder_of_epubs_is_a_catalogue(tmp_path: Path) -> None:
    with zipfile.ZipFile(SAMPLES / "epubs.zip") as archive:
        archive.extractall(tmp_path / "books")
    (tmp_path / "books" / "notes.txt").write_text("no book", encoding="utf-8")
    (tmp_path / "books" / "99.epub").write_bytes(b"no book either")
    _, rows = read(tmp_path / "books")
    assert [row.is_valid for row in rows] == [True, True, True, True, False]
    assert codes(rows[-1]) == {"E EPUB_BROKEN"}


def test_a_folder_without_books_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Exception, match="holds no EPUB"):
        read(tmp_path / "empty")


def test_refinements_tell_titles_roles_and_sorting_apart(tmp_path: Path) -> None:
    metadata = (
        '<dc:title id="s">A Study of Provincial Life</dc:title><meta refines="#s" property="title-type">subtitle</meta>'
        '<dc:title id="t">Middlemarch</dc:title><meta refines="#t" property="title-type">main</meta>'
        '<dc:creator id="a">George Eliot</dc:creator><meta refines="#a" property="role">aut</meta>'
        '<meta refines="#a" property="file-as">Eliot, George</meta>'
        '<meta refines="#a" property="alternate-script">ジョージ・エリオット</meta>'
        '<dc:contributor id="b">A Translator</dc:contributor><meta refines="#b" property="role">trl</meta>'
        '<dc:contributor id="c">A Bookmaker</dc:contributor><meta refines="#c" property="role">bkp</meta>'
        "<dc:language>zh</dc:language><dc:date>2026-05-01T00:00:00Z</dc:date>"
    )
    row = read_one(tmp_path, epub(metadata))
    assert (row.title, row.subtitle, row.reference) == ("Middlemarch", "A Study of Provincial Life", "book-1")
    assert row.people == (
        Person("George Eliot", key_names="Eliot", other_names=("ジョージ・エリオット",)),
        Person("A Translator", role="translator"),
    )
    assert (row.language, row.editions[0].language, row.editions[0].published) == ("", "zh", "2026-05-01")
    assert row.editions[0].translation


def test_epub_2_says_it_with_attributes(tmp_path: Path) -> None:
    metadata = (
        TITLE + '<dc:creator opf:role="edt" opf:file-as="Eliot, George">George Eliot</dc:creator>'
        '<dc:identifier opf:scheme="ISBN">978-0-00-000001-9</dc:identifier>'
        '<dc:date opf:event="modification">2020-01-01</dc:date><dc:date opf:event="publication">1872</dc:date>'
    )
    row = read_one(tmp_path, epub(metadata, version="2.0"))
    assert row.people == (Person("George Eliot", role="editor", key_names="Eliot"),)
    assert (row.editions[0].published, row.editions[0].identifiers) == ("1872", (("isbn", "9780000000019"),))


@pytest.mark.parametrize(
    ("entries", "kinds", "code"),
    [
        ('<meta property="tdm:reservation">1</meta>', ["reservation"], ""),
        ('<meta name="tdm:reservation" content="1"/>', ["reservation"], ""),
        ('<meta property="tdm:reservation">0</meta>', ["preference"], ""),
        (
            '<meta property="tdm:reservation">1</meta><meta property="tdm:policy">https://press.example/p</meta>',
            ["reservation", "offer"],
            "",
        ),
        (
            '<meta property="tdm:reservation">1</meta><meta property="tdm:policy">file:///etc/passwd</meta>',
            ["reservation"],
            "W ADDRESS_INVALID",
        ),
        ('<meta property="tdm:reservation">yes</meta>', [], "Q RESERVATION_UNCLEAR"),
        (
            '<meta property="tdm:reservation">1</meta><meta property="tdm:reservation">0</meta>',
            [],
            "Q RESERVATION_UNCLEAR",
        ),
        ("<dc:rights>Licensed under https://creativecommons.org/licenses/by/4.0/.</dc:rights>", ["open_licence"], ""),
        ("<dc:rights>All rights reserved.</dc:rights>", [], "I RIGHTS_NOT_INTERPRETED"),
    ],
)
def test_statements_about_rights_are_taken_only_where_they_are_clear(
    tmp_path: Path, entries: str, kinds: list[str], code: str
) -> None:
    row = read_one(tmp_path, epub(TITLE + entries))
    assert [statement.kind for statement in row.statements] == kinds
    assert codes(row) == ({code} if code else set())
    assert all(statement.raw for statement in row.statements)


def test_a_document_type_in_a_book_refuses_that_book(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE package [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    row = read_one(tmp_path, epub("<dc:title>&b;</dc:title>", before=bomb))
    assert codes(row) == {"E DOCTYPE_REFUSED"}


@pytest.mark.parametrize(
    "container", ["", "<container/>", "not xml", CONTAINER.replace("book.opf", "../../etc/passwd")]
)
def test_a_book_without_package_document_is_refused(tmp_path: Path, container: str) -> None:
    assert codes(read_one(tmp_path, epub(TITLE, container=container))) == {"E EPUB_BROKEN"}


def test_a_package_document_of_megabytes_is_not_read(tmp_path: Path) -> None:
    row = read_one(tmp_path, epub(TITLE + f"<dc:description>{'x' * 5_000_000}</dc:description>"))
    assert codes(row) == {"E EPUB_BROKEN"}


def test_the_same_book_twice_is_reported(tmp_path: Path) -> None:
    book = epub(TITLE)
    _, rows = read_bytes(tmp_path, zipped({"a.epub": book, "b.epub": book}))
    assert [codes(row) for row in rows] == [set(), {"E DUPLICATE_REFERENCE"}]


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, zipped({"a.txt": "a", "b.txt": "b"})).code == "SEVERAL_FILES"
