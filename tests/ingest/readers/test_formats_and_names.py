"""Each format under each compression, and the names that documents get."""

import bz2
import csv
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from ingest.readers import BadRecord, Document, ReadError, ReadOptions, open_documents
from ingest.readers.walk import DEFAULT_OPTIONS

RECORDS: list[dict[str, Any]] = [
    {"id": "a", "text": 'First text,\nwith a line break and "quotes".', "meta": {"pile_set_name": "Books3"}},
    {"id": 7, "text": "第二篇", "meta": {"pile_set_name": "Wikipedia"}},
    {"text": "third, without an id"},
]
TEXTS = [record["text"] for record in RECORDS]
COMPRESS = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".zst": lambda data: zstandard.ZstdCompressor().compress(data),
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
}


def make_jsonl():
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in RECORDS).encode()


def make_json():
    return json.dumps(RECORDS, ensure_ascii=False, indent=1).encode()


def make_delimited(delimiter):
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["id", "text"])
    writer.writerows([record.get("id", ""), record["text"]] for record in RECORDS)
    return out.getvalue().encode()


def make_parquet():
    out = io.BytesIO()
    columns = {"id": ["a", "7", None], "text": TEXTS, "year": [1, 2, None], "cover": [b"\xff", b"", None]}
    pq.write_table(pa.table(columns), out, row_group_size=2)
    return out.getvalue()


def make_tar(members, kind=tarfile.PAX_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def make_zip(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


RECORD_FILES = {
    "jsonl": make_jsonl(),
    "json": make_json(),
    "csv": make_delimited(","),
    "tsv": make_delimited("\t"),
    "parquet": make_parquet(),
}


def read(path, options=DEFAULT_OPTIONS, **arguments):
    return list(open_documents(path, options, **arguments))


def write(folder, name, data):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("ending", COMPRESS)
@pytest.mark.parametrize("kind", RECORD_FILES)
def test_records_come_back_from_every_format_and_compression(tmp_path, kind, ending):
    path = write(tmp_path, f"shard.{kind}{ending}", COMPRESS[ending](RECORD_FILES[kind]))
    documents = read(path, name=f"d/shard.{kind}{ending}")
    assert [document.text for document in documents] == TEXTS
    assert [document.name for document in documents] == [f"d/shard.{kind}{ending}#{part}" for part in ("a", 7, 3)]


@pytest.mark.parametrize("ending", COMPRESS)
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_archives_under_every_compression_name_member_then_record(tmp_path, kind, ending):
    members = [("x/book.txt", b"one"), ("y.jsonl.gz", gzip.compress(make_jsonl()))]
    data = make_tar(members) if kind == "tar" else make_zip(members)
    path = write(tmp_path, f"s.{kind}{ending}", COMPRESS[ending](data))
    names = [document.name for document in read(path, name="s")]
    assert names == ["s#x/book.txt", "s#y.jsonl.gz#a", "s#y.jsonl.gz#7", "s#y.jsonl.gz#3"]


@pytest.mark.parametrize("ending", COMPRESS)
def test_text_keeps_newlines_and_loses_its_byte_order_mark(tmp_path, ending):
    path = write(tmp_path, f"book.txt{ending}", COMPRESS[ending]("\ufeffline\r\nnext\rlast\n".encode()))
    [document] = read(path)
    assert document == Document(str(path), "line\r\nnext\rlast\n", {}, "text/plain", None)


@pytest.mark.parametrize("kind", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_member_names_survive_every_tar_dialect(tmp_path, kind):
    folder = "f" * 90
    name = f"{folder}/{'n' * 80}.txt" if kind == tarfile.USTAR_FORMAT else f"{folder}/{'名' * 60}/{'n' * 120}.txt"
    path = write(tmp_path, "a.tar", make_tar([(name, b"x" * 700), ("second.txt", b"y")], kind))
    assert [(document.name, document.text) for document in read(path, name="a.tar")] == [
        (f"a.tar#{name}", "x" * 700),
        ("a.tar#second.txt", "y"),
    ]


def test_format_is_told_by_content_before_the_ending(tmp_path):
    path = write(tmp_path, "misnamed.txt", gzip.compress(make_jsonl()))
    assert read(path)[0].text == "".join(make_jsonl().decode())
    path = write(tmp_path, "shard", zstandard.compress(make_jsonl()))
    assert [document.text for document in read(path)] == TEXTS
    path = write(tmp_path, "lines.json", make_jsonl())
    assert [document.text for document in read(path)] == TEXTS


def test_members_of_concatenated_gzip_and_zst_are_one_stream(tmp_path):
    for ending in (".gz", ".zst", ".xz", ".bz2"):
        data = COMPRESS[ending](b"one ") + COMPRESS[ending](b"two")
        assert read(write(tmp_path, f"t.txt{ending}", data))[0].text == "one two"


def test_single_json_object_is_record_one(tmp_path):
    path = write(tmp_path, "one.json", b'{\n "text": "only", "year": 1901}')
    assert read(path, name="one.json") == [Document("one.json#1", "only", {"year": 1901}, "application/json", None)]


def test_line_numbers_count_blank_lines_and_rows_do_not_count_the_header(tmp_path):
    path = write(tmp_path, "a.jsonl", b'{"text": "x"}\n\n{"text": "y"}')
    assert [document.name for document in read(path, name="a")] == ["a#1", "a#3"]
    path = write(tmp_path, "a.csv", b"text,n\nx,1\ny,2\n")
    assert [document.name for document in read(path, name="a")] == ["a#1", "a#2"]


def test_text_and_id_fields_can_be_chosen(tmp_path):
    path = write(tmp_path, "a.jsonl", b'{"key": "k1", "body": "x", "text": "not me"}\n')
    [document] = read(path, ReadOptions(text_field="body", id_field="key"), name="a")
    assert (document.name, document.text) == ("a#k1", "x")
    assert document.meta == {"key": "k1", "text": "not me"}


def test_folder_is_walked_sorted_without_hidden_files_and_links(tmp_path):
    for name in ("b.txt", "a/z.txt", "a/.hidden.txt", ".git/x.txt", "c.txt"):
        write(tmp_path / "root", name, b"text of " + name.encode())
    (tmp_path / "outside.txt").write_text("outside")
    (tmp_path / "root" / "link.txt").symlink_to(tmp_path / "outside.txt")
    (tmp_path / "root" / "loop").symlink_to(tmp_path / "root")
    names = [document.name for document in read(tmp_path / "root", name="root")]
    assert names == ["root/a/z.txt", "root/b.txt", "root/c.txt"]


def test_missing_path_is_a_clear_error_at_once(tmp_path):
    with pytest.raises(ReadError) as caught:
        open_documents(tmp_path / "nowhere")
    assert caught.value.code == "not_found"
    assert "nowhere" in str(caught.value)


def test_long_fields_are_no_metadata(tmp_path):
    record = {"text": "x", "label": "kept", "other": "y" * 100_000, "last": 1}
    path = write(tmp_path, "a.jsonl", json.dumps(record).encode())
    assert read(path)[0].meta == {"label": "kept", "last": 1}


def test_a_field_that_just_fits_does_not_keep_shorter_ones_from_being_metadata(tmp_path):
    record = {"text": "x", "prompt": "y" * 16_370, "batch": "b1", "annotator": "ann"}
    path = write(tmp_path, "a.jsonl", json.dumps(record).encode())
    assert read(path)[0].meta == {"batch": "b1", "annotator": "ann"}


ANSWERS = [{"batch": "b0", "output": "an answer", "answer": "no"}, {"batch": "b1", "output": "另一篇", "answer": "no"}]


def answers_in(ending):
    if ending == "jsonl":
        return "".join(json.dumps(record) + "\n" for record in ANSWERS).encode()
    if ending == "json":
        return json.dumps(ANSWERS).encode()
    if ending == "parquet":
        out = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(ANSWERS), out)
        return out.getvalue()
    mark = {"csv": ";", "tsv": "\t"}[ending]
    return "".join(f"{mark.join(row)}\n" for row in [list(ANSWERS[0]), *(r.values() for r in ANSWERS)]).encode()


@pytest.mark.parametrize("ending", ["csv", "json", "jsonl", "parquet", "tsv"])
def test_where_there_is_no_text_field_the_first_fallback_that_is_there_holds_the_text(tmp_path, ending):
    path = write(tmp_path, f"a.{ending}", answers_in(ending))
    documents = read(path, ReadOptions(text_fallbacks=("output", "answer")))
    assert [document.text for document in documents] == ["an answer", "另一篇"]
    assert documents[1].meta == {"batch": "b1", "answer": "no"}
    faults = [item for item in read(path, ReadOptions(text_fallbacks=("reply",))) if isinstance(item, BadRecord)]
    assert {fault.cause_code for fault in faults} == {"text_missing"}
    assert all("'text' or 'reply'" in fault.cause for fault in faults)


def test_records_of_one_file_may_hold_their_text_in_different_fields(tmp_path):
    lines = b'{"text": null, "answer": "a"}\n{"output": "b", "answer": "no"}\n{"text": "c", "output": "no"}\n'
    path = write(tmp_path, "a.jsonl", lines)
    assert [row.text for row in read(path, ReadOptions(text_fallbacks=("output", "answer")))] == ["a", "b", "c"]


def test_parquet_dates_and_missing_values_become_json(tmp_path):
    [first, *_] = read(write(tmp_path, "t.parquet", make_parquet()))
    assert first.meta == {"id": "a", "year": 1}


def test_nan_and_lone_surrogates_in_json_lines_are_read(tmp_path):
    path = write(tmp_path, "a.jsonl", b'{"text": "x \\ud800 y", "score": NaN}\n')
    [document] = read(path)
    assert (document.text, document.meta) == ("x \ufffd y", {"score": None})


def test_unreadable_formats_are_named(tmp_path):
    for name, head, word in (("a.pdf", b"%PDF-1.7", "PDF"), ("a.warc", b"WARC/1.1\r\n", "WARC")):
        [bad] = read(write(tmp_path, name, head + b" rest"))
        assert isinstance(bad, BadRecord)
        assert bad.cause_code == "format_not_supported"
        assert word in bad.cause
