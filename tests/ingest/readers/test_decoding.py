"""UTF-8, else the encoding given, else a detected one; damage is reported, not guessed over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers import BadRecord, ReadOptions, open_documents
from ingest.readers.lines import read_lines
from ingest.readers.streams import Stream
from ingest.readers.walk import DEFAULT_OPTIONS

CHINESE = "話說天下大勢，分久必合，合久必分。周末七國分爭，并入於秦。及秦滅之後，楚、漢分爭，又并入於漢。"
SIMPLIFIED = "话说天下大势，分久必合，合久必分。周末七国分争，并入于秦。及秦灭之后，楚、汉分争，又并入于汉。"
RUSSIAN = "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему. " * 3


def read_bytes(tmp_path, data, options=DEFAULT_OPTIONS, name="book.txt"):
    path = tmp_path / name
    path.write_bytes(data)
    return list(open_documents(path, options, name=name))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "gb18030"),
        (CHINESE, "big5"),
        ("你好，世界", "gb18030"),
        (RUSSIAN, "cp1251"),
        ("Le café était fermé, déjà.", "cp1252"),
        ("“Curly quotes” — and a dash", "cp1252"),
    ],
)
def test_other_encodings_are_detected_and_named(tmp_path, text, encoding):
    [document] = read_bytes(tmp_path, text.encode(encoding))
    assert document.text == text
    assert document.detected_encoding is not None


def test_given_encoding_is_used_without_a_guess(tmp_path):
    [document] = read_bytes(tmp_path, "Łódź".encode("cp1250"), ReadOptions(encoding="cp1250"))
    assert (document.text, document.detected_encoding) == ("Łódź", None)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
def test_byte_order_marks_settle_the_encoding(tmp_path, encoding):
    data = ("\ufeff" if encoding == "utf-16-le" else "") + "Wörter 字"
    [document] = read_bytes(tmp_path, data.encode(encoding))
    assert (document.text, document.detected_encoding) == ("Wörter 字", None)
    lines = data.replace("Wörter", '{"text": "Wörter') + '"}\n'
    [document] = read_bytes(tmp_path, lines.encode(encoding), name="a.jsonl")
    assert document.text == "Wörter 字"


@pytest.mark.parametrize("data", [b"\x80\x81\x82 abc", b"abc\xff\xfedef", "Größe und Maß".encode() + b" \xff more"])
def test_damaged_text_is_a_bad_record_that_names_the_byte(tmp_path, data):
    [bad] = read_bytes(tmp_path, data)
    assert isinstance(bad, BadRecord)
    assert (bad.name, bad.cause_code) == ("book.txt", "invalid_utf8")
    assert "byte" in bad.cause


def test_given_encoding_that_does_not_fit_is_a_bad_record(tmp_path):
    for encoding in ("ascii", "no-such-encoding", "utf-16"):
        [bad] = read_bytes(tmp_path, b"caf\xe9!", ReadOptions(encoding=encoding))
        assert bad.cause_code == "undecodable"


def test_json_lines_in_another_encoding_are_detected_once_for_the_file(tmp_path):
    data = "".join(f'{{"text": "{SIMPLIFIED}"}}\n' for _ in range(3)).encode("gb18030")
    documents = read_bytes(tmp_path, data, name="a.jsonl")
    assert [document.text for document in documents] == [SIMPLIFIED] * 3
    assert {document.detected_encoding for document in documents} == {"gb18030"}


def test_one_line_that_is_not_utf8_is_one_bad_record(tmp_path):
    data = b'{"text": "one"}\n{"text": "\xff\xfe"}\n{"text": "three"}\n'
    one, bad, three = read_bytes(tmp_path, data, name="a.jsonl")
    assert (one.text, three.text) == ("one", "three")
    assert (bad.name, bad.cause_code) == ("a.jsonl#2", "invalid_utf8")


@given(st.binary(max_size=200), st.integers(1, 20), st.integers(1, 60))
def test_lines_equal_a_plain_split_however_the_stream_is_cut(data, step, limit):
    pieces = iter([data[start : start + step] for start in range(0, len(data), step)])
    expected = data.split(b"\n")
    if not expected[-1]:
        expected.pop()
    found = list(read_lines(Stream(lambda _size: next(pieces, b"")), limit))
    assert found == [line if len(line) <= limit else None for line in expected]
