"""Summaries of the Data Provenance Initiative: what they say is kept as said, what is wrong with them is reported."""

import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from registry.importers import documents, dpi
from registry.importers.rows import DatasetRow


def entry(identifier: str = "example-chat", **said: Any) -> dict[str, Any]:
    return {
        "Unique Dataset Identifier": identifier,
        "Dataset Name": "Example chat",
        "Collection": "Example collection",
        "Dataset URL": "https://example.org/chat",
        "Languages": ["English", "German"],
        "Licenses": [
            {"License": "CC BY-NC 4.0", "License URL": "https://example.org/licence"},
            {"License": "OpenAI", "License URL": ""},
        ],
        "Model Generated": ["OpenAI GPT-4"],
        "Format": ["Multi-turn Dialog"],
        "Human Annotation": "Yes",
        "Text Metrics": {"Num Dialogs": 120, "Mean Inputs Length": 10.5},
    } | said


def written(folder: Path, *entries: dict[str, Any], name: str = "Example.json") -> Path:
    path = folder / name
    said = {row["Unique Dataset Identifier"]: row for row in entries}
    path.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    return path


def rows(path: Path) -> list[DatasetRow]:
    return list(dpi.read(path)[1])


def codes(row: DatasetRow) -> list[str]:
    return [message.code for message in row.messages]


def test_a_providers_name_among_the_licences_is_kept_as_its_terms(tmp_path: Path) -> None:
    [row] = rows(written(tmp_path, entry()))
    assert row.facts["declared_licence"] == "CC BY-NC 4.0"
    assert [(one["name"], one["kind"], one.get("provider")) for one in row.facts["licences"]] == [
        ("CC BY-NC 4.0", "licence", None),
        ("OpenAI", "terms", "OpenAI"),
    ]
    assert codes(row) == ["TERMS_NOT_LICENCE"]
    assert row.is_valid


def test_what_an_entry_says_becomes_facts(tmp_path: Path) -> None:
    [row] = rows(written(tmp_path, entry()))
    assert (row.reference, row.name, row.number) == ("example-chat", "Example chat", 1)
    assert row.facts["kind"] == "conversations"
    assert row.facts["human_annotation"] is True
    assert row.facts["generated_by"] == ["OpenAI GPT-4"]
    assert row.facts["figures"][0] == {"name": "dialogues", "value": 120, "unit": "dialogues"}
    assert row.facts["collection"]["reference"] == "collection-example-collection"


def test_a_folder_and_a_zip_of_files_read_alike_and_the_template_is_no_data(tmp_path: Path) -> None:
    folder = tmp_path / "summaries"
    folder.mkdir()
    written(folder, entry("one"), name="A.json")
    written(folder, entry("template"), name="_template.json")
    (folder / "B.json.gz").write_bytes(gzip.compress(json.dumps({"two": entry("two")}).encode()))
    (folder / "C.jsonl.zst").write_bytes(zstandard.compress(json.dumps({"three": entry("three")}).encode() + b"\n"))
    packed = tmp_path / "summaries.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"data_summaries/{path.name}")
    assert [row.reference for row in rows(folder)] == ["one", "two", "three"]
    assert [(row.number, row.reference) for row in rows(packed)] == [(1, "one"), (2, "two"), (3, "three")]


def test_an_identifier_that_stands_twice_is_reported_by_row(tmp_path: Path) -> None:
    written(tmp_path, entry("one"), name="A.json")
    written(tmp_path, entry("one"), name="B.json")
    written(tmp_path, entry("one", **{"Dataset Name": "Another"}), name="C.json")
    first, same, other = rows(tmp_path)
    assert first.is_valid
    assert "REFERENCE_REPEATED" not in codes(first)
    assert same.is_valid
    assert "REFERENCE_REPEATED" in codes(same)
    assert not other.is_valid
    assert "REFERENCE_REPEATED" in codes(other)


def test_fields_of_a_wrong_shape_are_left_out_and_reported(tmp_path: Path) -> None:
    odd = entry(
        Languages="English",
        Creators=[{"name": "x"}, "Example Lab", "y" * 400],
        Licenses=["MIT"],
        **{"Dataset URL": "missing", "Text Metrics": {"Num Dialogs": -1}, "Colour": "red"},  # type: ignore[arg-type]
    )
    [row] = rows(written(tmp_path, odd))
    assert row.is_valid
    assert row.facts["languages"] == []
    assert row.facts["creators"] == ["Example Lab"]
    assert row.facts["licences"] == []
    assert {message.column for message in row.messages} == {
        "Languages", "Creators", "Licenses", "Dataset URL", "Text Metrics/Num Dialogs", "Colour",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"{", "is not JSON"),
        (b"\xff\xfe{}", "is not UTF-8"),
        (b'{"a": {}, "a": {}}', "twice in one object"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"a": {"Text Metrics": {"Num Dialogs": NaN}}}', "NaN"),
        (b'{"a": ' + b"1" * 5_000 + b"}", "number that cannot be read"),
        (b"[1, 2]", "not an object of entries"),
        (b'{"a": 1}', "is not an object"),
        (b"", "is not JSON"),
    ],
)
def test_a_damaged_file_is_one_fatal_row_and_the_others_are_read(tmp_path: Path, content: bytes, cause: str) -> None:
    (tmp_path / "A.json").write_bytes(content)
    written(tmp_path, entry("one"), name="B.json")
    damaged, good = rows(tmp_path)
    assert not damaged.is_valid
    assert damaged.messages[0].severity == "F"
    assert cause in damaged.messages[0].cause
    assert "A.json" in damaged.messages[0].cause
    assert good.reference == "one"


def test_a_file_that_unpacks_without_end_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_DOCUMENT_BYTES", 1_000)
    (tmp_path / "A.json.gz").write_bytes(gzip.compress(b" " * 100_000))
    [row] = rows(tmp_path)
    assert "is larger than" in row.messages[0].cause


def test_identifiers_that_differ_in_signs_only_keep_references_of_their_own(tmp_path: Path) -> None:
    names = ["fit-c", "fit-c#", "fit-c++", "数据", "数据集", "x" * 90 + "a", "x" * 90 + "b"]
    found = [row.reference for row in rows(written(tmp_path, *(entry(name) for name in names)))]
    assert found[:3] == ["fit-c", "fit-c-sharp", "fit-c-plus-plus"]
    assert len(set(found)) == len(names)
    assert all(len(reference) <= 80 for reference in found)


def test_the_format_is_recognised_by_its_content(tmp_path: Path) -> None:
    assert dpi.looks_like(documents.head(written(tmp_path, entry())))
    assert not dpi.looks_like(b'{"@context": {}}')
    assert not dpi.looks_like(b"title,author\n")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from([*dpi.FIELDS, "Other"]), JSON_VALUES, max_size=8))
def test_no_entry_whatever_its_values_stops_the_reading(said: dict[str, Any]) -> None:
    row = dpi._row(1, "key", said)
    json.dumps(row.facts)
    assert row.reference
    assert "\x00" not in json.dumps(row.facts)
