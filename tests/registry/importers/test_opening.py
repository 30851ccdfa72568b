"""Any file: formats are told by content, compressions are taken off, and what is no catalogue is refused by name."""

import gzip
import io
import json
import os
import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from registry.importers import source
from registry.importers.opening import open_catalogue
from registry.importers.rows import CatalogueError
from tests.registry.importers.onix_feeds import message, product
from tests.registry.importers.reading import SAMPLES, read, read_bytes, refusal


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("onix.xml", "onix"),
        ("onix-short.xml", "onix"),
        ("works.csv", "csv"),
        ("works-gb18030.csv", "csv"),
        ("works.xlsx", "xlsx"),
        ("works.mrc", "marc"),
        ("epubs.zip", "epub"),
    ],
)
def test_formats_are_told_by_content_packed_or_not(tmp_path: Path, name: str, form: str) -> None:
    data = (SAMPLES / name).read_bytes()
    plain = read(SAMPLES / name)[1]
    for packed in (data, gzip.compress(data)):
        head, rows = read_bytes(tmp_path, packed)
        assert head.file_format == form
        assert [row.title for row in rows] == [row.title for row in plain]
    if form not in ("xlsx", "epub"):
        _, rows = read_bytes(tmp_path, zipped(feed=data, **{"__MACOSX/feed": b"x", ".DS_Store": b"x"}))
        assert [row.title for row in rows] == [row.title for row in plain]


@pytest.mark.parametrize(
    ("data", "code", "word"),
    [
        (b"", "FILE_EMPTY", "empty"),
        (b"  \n\n", "FILE_EMPTY", "empty"),
        (b"%PDF-1.7 ...", "FORMAT_REFUSED", "PDF"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "FORMAT_REFUSED", "XLSX"),
        (b"SQLite format 3\0", "FORMAT_REFUSED", "database"),
        (b"\x28\xb5\x2f\xfd" + b"\0" * 40, "FORMAT_REFUSED", "Zstandard"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 4, "FORMAT_UNKNOWN", "bytes"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "FORMAT_REFUSED", "web page"),
        (b'{"a": 1}', "FORMAT_UNKNOWN", "JSON"),
        (b"\x1f\x8b\x08\x00broken", "FILE_DAMAGED", "unpacked"),
        (b"PK\x03\x04broken", "FILE_DAMAGED", "zip"),
    ],
)
def test_what_is_no_catalogue_is_refused_by_name(tmp_path: Path, data: bytes, code: str, word: str) -> None:
    error = refusal(tmp_path, data)
    assert (error.code, error.file, error.record) == (code, "handed-in", 0)
    assert word in error.cause


def test_a_zip_of_several_feeds_or_of_none_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, zipped(a=b"x", b=b"y")).code == "SEVERAL_FILES"
    assert refusal(tmp_path, zipped()).code == "FILE_EMPTY"


def test_a_compressed_feed_that_is_cut_off_gives_what_came_before(tmp_path: Path) -> None:
    records = [product(f"r{number}", detail=f"<X>{os.urandom(300).hex()}</X>") for number in range(2000)]
    packed = gzip.compress(message(*records))
    _, rows = read_bytes(tmp_path, packed[: len(packed) * 3 // 4])
    assert len(rows) > 100
    assert [message.code for message in rows[-1].messages] == ["FILE_DAMAGED"]


def test_a_feed_that_unpacks_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_UNPACKED_BYTES", 3_000_000)
    packed = gzip.compress(message(product()) + b" " * 9_000_000)
    _, rows = read_bytes(tmp_path, packed)
    assert [message.code for message in rows[-1].messages] == ["FILE_TOO_LARGE"]


def test_descriptions_of_datasets_come_through_the_same_door(tmp_path: Path) -> None:
    path = tmp_path / "metadata.json"
    described = {
        "@context": {"@vocab": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"},
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "Example set",
        "description": "A set.",
        "url": "https://data.example/set",
    }
    path.write_text(json.dumps(described), encoding="utf-8")
    head, rows = open_catalogue(path, name="metadata.json")
    assert head.file_format == "croissant"
    assert [row.name for row in rows] == ["Example set"]  # type: ignore[union-attr]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.one_of(
        st.binary(max_size=400),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
        st.tuples(
            st.sampled_from(sorted(SAMPLES.glob("*.*"))), st.integers(0, 5000), st.binary(min_size=1, max_size=8)
        ).map(
            lambda drawn: (
                drawn[0].read_bytes()[: drawn[1]] + drawn[2] + drawn[0].read_bytes()[drawn[1] + len(drawn[2]) :]
            )
        ),
    )
)
@example(data=b"00026nam a2200026 i 4500\x1e\x1d")
@example(data=b"<ONIXMessage release='3.0'><Product/></ONIXMessage>")
@example(data=b"Title\n\x00")
def test_whatever_is_handed_in_gives_rows_or_a_named_refusal(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "anything"
    path.write_bytes(data)
    try:
        _, rows = open_catalogue(path, name="anything")
    except CatalogueError as error:
        refused: CatalogueError | None = error
    else:
        refused = None
        assert all(row.number for row in rows)
    assert refused is None or (refused.code.isupper() and refused.cause)


def test_every_code_of_a_remark_is_explained_in_the_documentation() -> None:
    root = Path(__file__).parents[3]
    page = (root / "docs" / "imports.md").read_text(encoding="utf-8")
    datasets = {"croissant.py", "dpi.py", "dataset_values.py", "documents.py"}
    readers = [path for path in (root / "registry" / "importers").glob("*.py") if path.name not in datasets]
    given_codes = set()
    for path in readers:
        text = path.read_text(encoding="utf-8")
        given_codes |= set(re.findall(r'"([A-Z][A-Z0-9]+_[A-Z0-9_]+|UNIMARC)"', text))
    schemes = {"ISBN", "ISSN", "DOI", "ISNI"}
    unexplained = {code for code in given_codes if code not in page and not code.startswith("IDENTIFIER_")}
    assert unexplained - schemes == set()
