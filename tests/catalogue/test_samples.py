"""The samples as data: true to their checksums, licences, counts and planted passages."""

import hashlib
import importlib.util
import io
import json
import re
import sys
import tarfile
import tomllib
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import zstandard
from stdnum import isbn

SAMPLES = Path(__file__).parents[2] / "samples"
MIB = 1024 * 1024
# a run of letters or digits, apostrophes inside included; each Han, Kana or Hangul character counts as one
EACH = "぀-ヿ㐀-䶿一-鿿豈-﫿가-힯"
WORD = re.compile(rf"[{EACH}]|(?:[^\W_{EACH}])+(?:['’](?:[^\W_{EACH}])+)*")


def read(path: str) -> dict[str, Any]:
    return tomllib.loads((SAMPLES / path).read_text(encoding="utf-8"))


WORKS = {row["record_reference"]: row for row in read("shelf/works.toml")["works"]}
TRUTH = json.loads((SAMPLES / "pile-shape.truth.json").read_text(encoding="utf-8"))["records"]


@cache
def records() -> list[dict[str, Any]]:
    packed = io.BytesIO((SAMPLES / "pile-shape.jsonl.zst").read_bytes())
    text = zstandard.ZstdDecompressor().stream_reader(packed).read().decode("utf-8")
    return [json.loads(line) for line in text.splitlines()]


@cache
def members() -> dict[str, str]:
    with tarfile.open(SAMPLES / "books3-shape.tar.gz") as archive:
        files = [entry for entry in archive if entry.isfile()]
        return {entry.name: archive.extractfile(entry).read().decode("utf-8") for entry in files}  # type: ignore[union-attr]


def shipped() -> list[Path]:
    return [path for path in SAMPLES.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def is_in_copyright(work: dict[str, Any]) -> bool:
    return work["first_published"] >= "1931" if work["first_published"] else False


def test_the_samples_stay_small() -> None:
    assert sum(path.stat().st_size for path in shipped()) <= 8 * MIB


def test_checksums_match_every_file() -> None:
    listed = {}
    for line in (SAMPLES / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    names = {path.relative_to(SAMPLES).as_posix(): path for path in shipped()}
    del names["SHA256SUMS"]
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in names.items()} == listed


def test_every_file_and_every_member_has_a_source_and_a_licence() -> None:
    files = read("files.toml")
    assert {row["path"] for row in files["files"]} == {path.relative_to(SAMPLES).as_posix() for path in shipped()}
    assert {row["path"] for row in files["members"]} == set(members())
    assert all(row["licence"] and row["source"] for row in [*files["files"], *files["members"]])
    for row in files["members"]:
        assert row["work"] in {*WORKS, ""}


def test_the_shelf_is_as_large_and_as_mixed_as_the_main_job_needs() -> None:
    dated = [work for work in WORKS.values() if work["first_published"]]
    free = [work for work in dated if not is_in_copyright(work)]
    licences = {work["licence"] for work in dated if is_in_copyright(work) and "licence" in work}
    open_works = [work for work in dated if is_in_copyright(work) and "licence" in work]
    assert len(WORKS) >= 22
    assert len(free) >= 10
    assert len([work for work in free if work["language"].startswith("zh")]) >= 3
    assert len(open_works) >= 6
    assert {"CC-BY-3.0", "CC-BY-SA-3.0", "CC-BY-NC-1.0"} <= licences
    assert len(WORKS) - len(dated) >= 2


def test_each_work_has_the_text_its_row_describes() -> None:
    for work in WORKS.values():
        data = (SAMPLES / work["text"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (work["bytes"], work["sha256"]), work["title"]
        text = data.decode("utf-8")
        assert "\r" not in text
        assert "gutenberg.org" not in text.lower(), work["title"]


def test_each_work_states_its_facts_in_the_expected_shape() -> None:
    for work in WORKS.values():
        assert work["kind"] in {"book", "article", "poem", "play", "manual", "other"}, work["title"]
        assert work["deposit"] in {"kept", "transient", "fingerprint_only"}
        assert re.fullmatch(r"(\d{4}(-\d{2}(-\d{2})?)?)?", work["first_published"])
        assert work["first_published"] or work["dates"]
        assert work["authors"]
        assert all(work[name] for name in ("source", "address", "text_licence", "text_licence_note", "language"))
        for author in work["authors"]:
            assert author["name"]
            assert author.get("born", "0000") < author.get("died", "9999")
    assert len({work["deposit"] for work in WORKS.values()}) == 3


def test_identifiers_are_valid() -> None:
    numbers = [number for work in WORKS.values() for number in work["identifiers"].get("isbn", [])]
    assert numbers
    assert all(isbn.is_valid(number) for number in numbers)


def test_public_domain_works_are_free_in_the_eu_too() -> None:
    for work in WORKS.values():
        if work["first_published"] and not is_in_copyright(work):
            assert all(author["died"] <= "1955" for author in work["authors"]), work["title"]


def test_open_licences_quote_the_words_that_grant_them() -> None:
    for work in WORKS.values():
        if "licence" in work:
            assert work["licence_evidence"]
            assert work["licence_address"].startswith("https://")
            assert work["text_licence"] == work["licence"]


def test_the_archive_holds_other_editions_and_books_that_nobody_registered() -> None:
    rows = read("files.toml")["members"]
    registered = {row["work"] for row in rows} - {""}
    assert len(registered) >= 6
    assert len([row for row in rows if not row["work"]]) >= 4
    assert all(re.fullmatch(r"books3/[A-Z]/.+ - .+\.epub\.txt", name) for name in members())
    shelf = {(SAMPLES / work["text"]).read_text(encoding="utf-8") for work in WORKS.values()}
    assert len([name for name, text in members().items() if text not in shelf]) >= 18


def test_records_have_the_shape_of_the_pile() -> None:
    assert len(records()) >= 60
    for record in records():
        assert set(record) == {"text", "meta"}
        assert set(record["meta"]) == {"pile_set_name"}
    names = {"Pile-CC", "PubMed Central", "Books3", "OpenWebText2", "ArXiv", "Github", "FreeLaw", "StackExchange"}
    names |= {"USPTO Backgrounds", "PubMed Abstracts", "Gutenberg (PG-19)", "OpenSubtitles", "Wikipedia (en)"}
    names |= {"DM Mathematics", "Ubuntu IRC", "BookCorpus2", "EuroParl", "HackerNews", "YoutubeSubtitles"}
    names |= {"PhilPapers", "NIH ExPorter", "Enron Emails"}
    assert {record["meta"]["pile_set_name"] for record in records()} == names


def test_every_planted_passage_stands_where_the_truth_says() -> None:
    assert [row["record"] for row in TRUTH] == list(range(1, len(records()) + 1))
    for row, record in zip(TRUTH, records(), strict=True):
        assert row["pile_set_name"] == record["meta"]["pile_set_name"]
        for passage in row["passages"]:
            name, _, member = passage["source"].partition("#")
            source = members()[member] if member else (SAMPLES / name).read_text(encoding="utf-8")
            text = record["text"][slice(*passage["document_chars"])]
            assert text == source[slice(*passage["source_chars"])]
            assert len(WORD.findall(text)) == passage["words"]
            assert 60 <= passage["words"] <= 2000
            assert passage["work"] in WORKS


def test_text_surrounds_every_passage_and_some_records_hold_none() -> None:
    for row, record in zip(TRUTH, records(), strict=True):
        for passage in row["passages"]:
            start, end = passage["document_chars"]
            assert 0 < start < end < len(record["text"])
    assert len([row for row in TRUTH if not row["passages"]]) >= 10


def test_every_work_of_the_shelf_is_planted_somewhere() -> None:
    assert {passage["work"] for row in TRUTH for passage in row["passages"]} == set(WORKS)


def test_the_records_are_what_the_builder_builds() -> None:
    builder = load_builder()
    built, truth = builder.build()
    assert built == records()
    assert truth == TRUTH


def load_builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_pile_shape", SAMPLES / "build_pile_shape.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up by name
    writes_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = writes_bytecode
    return module
