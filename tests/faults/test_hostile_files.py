"""Files that lie, bombs, and files that are cut: refused by name, and what is whole is still read."""

import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.readers import BadRecord, Document, ReadOptions, open_documents
from ingest.readers.walk import DEFAULT_OPTIONS

PROSE = " ".join(f"word{number * 7919 % 10007}" for number in range(20_000))


def read(folder, name, data, options=DEFAULT_OPTIONS):
    path = Path(folder) / name
    path.write_bytes(data)
    return list(open_documents(path, options, name=name))


def codes(items):
    return [(item.name, item.cause_code) for item in items if isinstance(item, BadRecord)]


def texts(items):
    return [item.text for item in items if isinstance(item, Document)]


def make_zip(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def make_tar(*members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for member, data in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def special(name, kind):
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = "/etc/passwd"
    return info


# --- cut and damaged ---


@pytest.mark.parametrize("ending", ["zst", "gz", "xz", "bz2"])
def test_truncated_stream_gives_what_came_before_and_one_bad_record(tmp_path, ending):
    lines = "".join(json.dumps({"text": PROSE[start : start + 400]}) + "\n" for start in range(0, 100_000, 7)).encode()
    compress: Any = {"zst": zstandard.compress, "gz": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress}[ending]
    whole = compress(lines)
    items = read(tmp_path, f"a.jsonl.{ending}", whole[: len(whole) * 2 // 3])
    assert texts(items)
    assert codes(items) == [(f"a.jsonl.{ending}", "truncated")]


def test_zst_cut_between_blocks_is_noticed(tmp_path):
    # An empty last block is missing: every byte that is there decompresses.
    stream = io.BytesIO()
    with zstandard.ZstdCompressor().stream_writer(stream, closefd=False) as writer:
        writer.write(b'{"text": "one"}\n')
        writer.flush(zstandard.FLUSH_BLOCK)
        cut = len(stream.getvalue())
    assert codes(read(tmp_path, "a.jsonl.zst", stream.getvalue()[:cut])) == [("a.jsonl.zst", "truncated")]


def test_cut_tar_names_the_member_and_the_archive(tmp_path):
    data = make_tar(("a.txt", b"whole"), ("b.txt", PROSE.encode()))
    items = read(tmp_path, "a.tar", data[:5000])
    assert texts(items) == ["whole"]
    assert codes(items) == [("a.tar#b.txt", "truncated"), ("a.tar", "truncated")]
    assert codes(read(tmp_path, "b.tar", data[:1024])) == [("b.tar", "truncated")]


def test_bad_json_lines_are_named_and_the_others_read(tmp_path):
    lines = b'{"text": "one"}\nnot json\n[1]\n{"body": "x"}\n{"text": 5, "id": "five"}\n{"text": "last"}\n{"text": "cu'
    items = read(tmp_path, "a.jsonl", lines)
    assert texts(items) == ["one", "last"]
    assert codes(items) == [
        ("a.jsonl#2", "not_json"),
        ("a.jsonl#3", "record_not_an_object"),
        ("a.jsonl#4", "text_missing"),
        ("a.jsonl#five", "text_not_a_string"),
        ("a.jsonl#7", "not_json"),
    ]


def test_json_array_goes_on_after_a_bad_element_and_reports_its_end(tmp_path):
    items = read(tmp_path, "a.json", b'[{"text": "a\\"]"}, {bad}, {"text": "b"}, {"text"')
    assert texts(items) == ['a"]', "b"]
    assert codes(items) == [("a.json#2", "not_json"), ("a.json", "truncated")]
    assert codes(read(tmp_path, "b.json", b'[{"text": "a"}] tail')) == [("b.json", "trailing_data")]


def test_csv_rows_of_the_wrong_width_are_named(tmp_path):
    items = read(tmp_path, "a.csv", b'text,n\none,1\ntwo, unquoted,2\n\xff,3\nfour,"4"\n')
    assert texts(items) == ["one", "four"]
    assert codes(items) == [("a.csv#2", "column_count"), ("a.csv#3", "invalid_utf8")]
    assert codes(read(tmp_path, "b.csv", b"title\nx\n")) == [("b.csv", "text_missing")]


@pytest.mark.parametrize(
    "name", ["a.txt", "a.jsonl", "a.json", "a.csv", "a.parquet", "a.tar", "a.zip", "a.epub", "a.gz"]
)
def test_empty_file_is_a_bad_record(tmp_path, name):
    assert codes(read(tmp_path, name, b"")) == [(name, "empty_file")]


def test_empty_containers_are_bad_records(tmp_path):
    assert codes(read(tmp_path, "a.zip", make_zip([]))) == [("a.zip", "empty_archive")]
    assert codes(read(tmp_path, "a.tar", make_tar())) == [("a.tar", "empty_archive")]
    assert codes(read(tmp_path, "a.jsonl", b"\n \n")) == [("a.jsonl", "no_records")]
    assert codes(read(tmp_path, "a.json", b" [ ] ")) == [("a.json", "no_records")]
    assert codes(read(tmp_path, "a.csv", b"text\n")) == [("a.csv", "no_records")]
    assert codes(read(tmp_path, "b.txt.gz", gzip.compress(b""))) == [("b.txt.gz", "empty_file")]
    (tmp_path / "folder").mkdir()
    assert codes(open_documents(tmp_path / "folder", name="folder")) == [("folder", "empty_folder")]


def test_members_after_a_bad_one_are_read(tmp_path):
    damaged = [("a.txt", b"\x80\x81"), ("b.txt", b""), ("c.bin", bytes(range(32))), ("d.jsonl.zst", b"junk")]
    members = [*damaged, ("e.txt", b"ok")]
    for name, data in (("m.zip", make_zip(members)), ("m.tar", make_tar(*members))):
        items = read(tmp_path, name, data)
        assert texts(items) == ["ok"]
        assert [code for _, code in codes(items)] == [
            "invalid_utf8",
            "empty_file",
            "format_not_supported",
            "wrong_format",
        ]


# --- tar: names, links, devices ---


def test_tar_names_links_and_devices_never_reach_the_disk(tmp_path):
    archive = make_tar(
        ("../../etc/x", b"up"),
        ("/etc/y", b"absolute"),
        (special("link", tarfile.SYMTYPE), b""),
        (special("hard", tarfile.LNKTYPE), b""),
        (special("device", tarfile.CHRTYPE), b""),
        (special("pipe", tarfile.FIFOTYPE), b""),
        ("good.txt", b"good"),
    )
    items = read(tmp_path, "a.tar", archive)
    assert texts(items) == ["good"]
    assert codes(items) == [
        ("a.tar#../../etc/x", "unsafe_member_name"),
        ("a.tar#/etc/y", "unsafe_member_name"),
        ("a.tar#link", "tar_link"),
        ("a.tar#hard", "tar_link"),
        ("a.tar#device", "tar_device"),
        ("a.tar#pipe", "tar_device"),
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar"]


def test_tar_with_forged_sizes_and_checksums_is_refused(tmp_path):
    good = make_tar(("a.txt", b"x"))
    damaged = good[:100] + b"\xff" + good[101:]
    assert codes(read(tmp_path, "a.tar", damaged)) == [("a.tar", "wrong_format")]
    second = make_tar(("a.txt", b"x"), ("b.txt", b"y"))
    damaged = second[:1124] + b"\xff" + second[1125:]
    items = read(tmp_path, "b.tar", damaged)
    assert (texts(items), codes(items)) == (["x"], [("b.tar", "corrupt_tar")])
    huge_names = tarfile.TarInfo("x")
    huge_names.type, huge_names.size = tarfile.GNUTYPE_LONGNAME, 8 << 30
    assert codes(read(tmp_path, "c.tar", huge_names.tobuf(tarfile.GNU_FORMAT))) == [("c.tar", "corrupt_tar")]


def test_second_archive_behind_the_end_of_a_tar_is_reported(tmp_path):
    items = read(tmp_path, "a.tar", make_tar(("a.txt", b"x")) + make_tar(("hidden.txt", b"y")))
    assert (texts(items), codes(items)) == (["x"], [("a.tar", "data_after_end")])


# --- zip: layout and bombs ---


def patch_local(data, offset, value):
    """Change bytes of the first local header only."""
    return data[:offset] + value + data[offset + len(value) :]


def overlapping_zip():
    """Two directory entries over the same local member, as in overlapping bombs."""
    data = make_zip([("a.txt", b"a" * 1000)])
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = data[start:end]
    second = entry.replace(b"a.txt", b"b.txt")
    directory = entry + second
    record = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 2, 2, len(directory), start, 0)
    return data[:start] + directory + record


def hidden_member_zip():
    """A member that only readers of local headers see, between the last listed one and the directory."""
    data = make_zip([("a.txt", b"shown")])
    hidden = make_zip([("b.txt", b"hidden")])
    hidden = hidden[: hidden.index(b"PK\x01\x02")]
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    record = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, end - start, start + len(hidden), 0)
    return data[:start] + hidden + data[start:end] + record


PLAIN_ZIP = make_zip([("a.txt", b"text of a"), ("b.txt", b"text of b")])
LYING_ZIPS = {
    "other name in the local header": (patch_local(PLAIN_ZIP, 30, b"x"), "zip_ambiguous"),
    "other size in the local header": (patch_local(PLAIN_ZIP, 22, b"\xff"), "zip_ambiguous"),
    "other method in the local header": (patch_local(PLAIN_ZIP, 8, b"\x00"), "zip_ambiguous"),
    "bytes in front": (b"PK\x03\x04junk" + PLAIN_ZIP, "zip_ambiguous"),
    "two ends": (PLAIN_ZIP + PLAIN_ZIP[-22:], "zip_ambiguous"),
    "hidden member": (hidden_member_zip(), "zip_ambiguous"),
    "overlap": (overlapping_zip(), "zip_overlap"),
    "duplicate names": (make_zip([("a.txt", b"one"), ("a.txt", b"two")]), "zip_duplicate_names"),
    "cut": (PLAIN_ZIP[:-30], "corrupt_zip"),
}


@pytest.mark.parametrize("case", LYING_ZIPS)
@pytest.mark.parametrize("name", ["a.zip", "a.epub"])
def test_lying_zip_or_epub_is_refused_whole(tmp_path, case, name):
    data, code = LYING_ZIPS[case]
    items = read(tmp_path, name, data)
    assert (texts(items), codes(items)) == ([], [(name, code)])


def test_members_that_overlap_are_refused(tmp_path):
    # The first member's stored content is the second member, complete with its local header.
    inner = make_zip([("b.txt", b"inner")], zipfile.ZIP_STORED)
    local = inner[: inner.index(b"PK\x01\x02")]
    outer = make_zip([("a.txt", local)], zipfile.ZIP_STORED)
    start = outer.index(b"PK\x01\x02")
    first = outer[start : outer.index(b"PK\x05\x06")]
    second = bytearray(inner[inner.index(b"PK\x01\x02") : inner.index(b"PK\x05\x06")])
    second[42:46] = struct.pack("<I", 30 + len("a.txt"))
    directory = first + bytes(second)
    record = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 2, 2, len(directory), start, 0)
    assert codes(read(tmp_path, "a.zip", outer[:start] + directory + record)) == [("a.zip", "zip_overlap")]


def test_member_whose_size_lies_is_named_and_the_next_one_read(tmp_path):
    size = struct.pack("<I", 5)
    directory = PLAIN_ZIP.index(b"PK\x01\x02")
    forged = patch_local(PLAIN_ZIP, 22, size)
    forged = forged[: directory + 24] + size + forged[directory + 28 :]
    items = read(tmp_path, "a.zip", forged)
    assert (texts(items), codes(items)) == (["text of b"], [("a.zip#a.txt", "corrupt_zip")])


def test_encrypted_and_climbing_members_are_named(tmp_path):
    data = bytearray(make_zip([("../up.txt", b"x"), ("C:\\x.txt", b"x"), ("ok.txt", b"ok")]))
    items = read(tmp_path, "a.zip", bytes(data))
    assert texts(items) == ["ok"]
    assert [code for _, code in codes(items)] == ["unsafe_member_name"] * 2


def test_nested_bomb_is_refused_before_it_expands(tmp_path):
    bomb = make_zip([("zeros.txt", b"0" * (20 << 20))])
    items = read(tmp_path, "a.zip", make_zip([(f"{number}.zip", bomb) for number in range(5)] + [("ok.txt", b"ok")]))
    assert texts(items) == ["ok"]
    assert codes(items) == [(f"a.zip#{number}.zip#zeros.txt", "zip_bomb") for number in range(5)]


def test_bomb_of_compressions_stops_the_whole_file(tmp_path):
    data = gzip.compress(gzip.compress(b"0" * (8 << 20)))
    items = read(tmp_path, "a.txt.gz.gz", data, ReadOptions(max_expanded_bytes=4 << 20, max_ratio=10))
    assert codes(items) == [("a.txt.gz.gz", "expansion_limit")]
    many = make_zip([(f"{number}.txt", b"0" * (2 << 20)) for number in range(10)])
    items = read(tmp_path, "b.zip", many, ReadOptions(max_expanded_bytes=5 << 20, max_ratio=10))
    assert len(texts(items)) == 2
    assert codes(items) == [("b.zip", "expansion_limit")]


def test_nesting_members_and_document_size_have_limits(tmp_path):
    data = b"deep"
    for _ in range(8):
        data = gzip.compress(data)
    assert codes(read(tmp_path, "a" + ".gz" * 8, data))[0][1] == "nesting_limit"
    items = read(tmp_path, "a.zip", PLAIN_ZIP, ReadOptions(max_members=1))
    assert (len(texts(items)), codes(items)) == (1, [("a.zip", "member_limit")])
    assert codes(read(tmp_path, "a.txt", b"x" * 101, ReadOptions(max_document_bytes=100))) == [
        ("a.txt", "document_too_large")
    ]
    lines = b'{"text": "' + b"x" * 100 + b'"}\n{"text": "ok"}\n'
    items = read(tmp_path, "a.jsonl", lines, ReadOptions(max_document_bytes=50))
    assert (texts(items), codes(items)) == (["ok"], [("a.jsonl#1", "record_too_large")])


def test_container_too_large_to_hold_inside_another_is_refused(tmp_path):
    inner = make_zip([("a.txt", PROSE.encode())], zipfile.ZIP_STORED)
    items = read(
        tmp_path, "a.tar", make_tar(("in.zip", inner), ("ok.txt", b"ok")), ReadOptions(max_buffered_bytes=1000)
    )
    assert (texts(items), codes(items)) == (["ok"], [("a.tar#in.zip", "buffer_limit")])


# --- anything at all ---

PARQUET = io.BytesIO()
pq.write_table(pa.table({"text": ["one", "two"], "n": [1, 2]}), PARQUET)
SEEDS = {
    "a.txt": b"text",
    "a.jsonl": b'{"text": "x"}\n{"text": "y"}\n',
    "a.json": b'[{"text": "x"}, {"text": "y"}]',
    "a.csv": b'text,n\n"x",1\ny,2\n',
    "a.tsv": b"text\tn\nx\t1\n",
    "a.tar": make_tar(("a.txt", b"x"), ("b.jsonl", b'{"text": "x"}\n')),
    "a.zip": PLAIN_ZIP,
    "a.epub": make_zip([("mimetype", b"application/epub+zip"), ("META-INF/container.xml", b"<a/>")]),
    "a.gz": gzip.compress(b"some text"),
    "a.zst": zstandard.compress(b"some text"),
    "a.parquet": PARQUET.getvalue(),
}


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(SEEDS)), data=st.data())
def test_no_bytes_make_a_reader_raise(tmp_path, name, data):
    seed = SEEDS[name]
    start = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(start, min(len(seed), start + 40)))
    hostile = seed[:start] + data.draw(st.binary(max_size=40)) + seed[end:]
    for item in read(tmp_path, name, hostile):
        assert isinstance(item, Document | BadRecord)
        assert item.name.startswith(name)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(SEEDS)), body=st.binary(max_size=300))
def test_no_bytes_behind_a_true_beginning_make_a_reader_raise(tmp_path, name, body):
    for hostile in (body, SEEDS[name][:6] + body):
        assert all(isinstance(item, Document | BadRecord) for item in read(tmp_path, name, hostile))
