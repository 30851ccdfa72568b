"""Croissant: datasets described in JSON-LD, in the versions and spellings that are about."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.importers import croissant, documents
from registry.importers.rows import DatasetRow

CONTEXT = {"@vocab": "https://schema.org/", "sc": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"}


def described(**said: Any) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": "example-corpus",
        "description": "Letters of an example.",
        "license": "https://spdx.org/licenses/CC-BY-4.0",
        "url": "https://example.org/datasets/letters",
        "creator": {"@type": "sc:Organization", "name": "Example Lab"},
        "datePublished": "2026-05-31T10:00:00Z",
    } | said


def written(folder: Path, *values: Any) -> Path:
    path = folder / "metadata.json"
    path.write_text(json.dumps(values[0] if len(values) == 1 else values), encoding="utf-8")
    return path


def rows(path: Path) -> list[DatasetRow]:
    return list(croissant.read(path)[1])


def codes(row: DatasetRow) -> set[str]:
    return {message.code for message in row.messages}


def test_a_complete_description_is_read_without_a_remark(tmp_path: Path) -> None:
    head, found = croissant.read(written(tmp_path, described(version="1.2", inLanguage=["en", "de"])))
    [row] = found
    assert (head.file_format, head.format_version) == ("croissant", "1.1")
    assert row.messages == ()
    assert (row.reference, row.name) == ("example-org-datasets-letters", "example-corpus")
    assert row.facts["licences"][0]["kind"] == "licence"
    assert row.facts["creators"] == ["Example Lab"]
    assert row.facts["languages"] == ["en", "de"]
    assert row.facts["release"] == {
        "version": "1.2", "released_on": "2026-05-31", "address": "https://example.org/datasets/letters",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("conforms", "version"),
    [
        ("http://mlcommons.org/croissant/1.0", "1.0"),
        (["http://example.org/x", "http://mlcommons.org/croissant/1.1"], "1.1"),
        (None, "0.8"),
    ],
)
def test_every_version_is_told_from_the_others(tmp_path: Path, conforms: Any, version: str) -> None:
    said = described(conformsTo=conforms) if conforms else {k: v for k, v in described().items() if k != "conformsTo"}
    assert croissant.read(written(tmp_path, said))[0].format_version == version


def test_terms_are_read_in_any_spelling_of_their_vocabulary(tmp_path: Path) -> None:
    said = {
        "@context": {"dct": "http://purl.org/dc/terms/"},
        "@type": ["https://schema.org/Dataset"],
        "dct:conformsTo": {"@id": "http://mlcommons.org/croissant/1.0"},
        "https://schema.org/name": {"@value": "spelt-out"},
        "sc:description": {"en": "in words", "de": "in Worten"},
        "sc:license": {"@type": "sc:CreativeWork", "name": "CC BY 4.0", "url": "https://example.org/by"},
        "rai:dataCollection": "by hand",
        "prov:wasDerivedFrom": [{"@id": "https://example.org/datasets/source"}, {"name": "Another source"}],
    }
    [row] = rows(written(tmp_path, {"@context": {}, "@graph": [said, {"@type": "Person", "name": "no dataset"}]}))
    assert row.name == "spelt-out"
    assert row.facts["description"] == "in words"
    assert row.facts["licences"] == [{"name": "CC BY 4.0", "kind": "licence", "address": "https://example.org/by"}]
    assert row.facts["rai"] == {"dataCollection": ["by hand"]}
    assert row.facts["derived_from"] == ["https://example.org/datasets/source", "Another source"]


def test_what_is_missing_or_wrong_is_reported_and_not_guessed(tmp_path: Path) -> None:
    said = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "conformsTo": "http://mlcommons.org/croissant/9.9",
        "name": "bare\u202ename",
        "url": "None",
        "license": "unknown",
        "datePublished": "99999999",
        "distribution": [{"@type": "cr:FileObject", "sha256": "foo"}],
    }
    [row] = rows(written(tmp_path, said))
    assert row.is_valid
    assert codes(row) == {
        "VERSION_UNKNOWN", "BIDI_CONTROL", "ADDRESS_INVALID", "FIELD_MISSING", "DATE_IMPOSSIBLE", "DIGEST_INVALID",
    }  # fmt: skip
    assert row.facts["licences"][0]["kind"] == "unstated"
    assert row.facts["declared_licence"] == ""


def test_a_nameless_dataset_and_a_file_without_one_are_refused(tmp_path: Path) -> None:
    [row] = rows(written(tmp_path, described(name="")))
    assert "NAME_MISSING" in codes(row)
    assert not row.is_valid
    [row] = rows(written(tmp_path, {"@context": {}, "@type": "Person"}))
    assert codes(row) == {"FILE_UNREADABLE"}


def test_one_dataset_described_twice_in_different_words_is_refused(tmp_path: Path) -> None:
    first, second, third = rows(written(tmp_path, described(), described(), described(description="Other words.")))
    assert first.is_valid
    assert second.is_valid
    assert not third.is_valid
    assert "REFERENCE_REPEATED" in codes(second)
    assert "REFERENCE_REPEATED" in codes(third)


def test_a_site_as_address_does_not_make_two_datasets_one(tmp_path: Path) -> None:
    both = rows(written(tmp_path, described(url="https://example.org", name="a"), described(url="https://example.org")))
    assert [row.reference for row in both] == ["a", "example-corpus"]


def test_the_format_is_recognised_by_its_content(tmp_path: Path) -> None:
    assert croissant.looks_like(documents.head(written(tmp_path, described())))
    assert not croissant.looks_like(b'{"alpaca": {"Unique Dataset Identifier": "alpaca"}}')


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(
    st.dictionaries(st.sampled_from([*described(), "distribution", "usageInfo", "version"]), JSON_VALUES, max_size=6)
)
def test_no_value_whatever_its_shape_stops_the_reading(said: dict[str, Any]) -> None:
    for node in croissant._nodes(described(**said)):
        row = croissant._row(1, node, {})
        json.dumps(row.facts)
