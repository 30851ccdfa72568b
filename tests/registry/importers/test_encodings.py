"""The encoding of a table that does not say it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.importers.encodings import find_encoding
from registry.importers.rows import CatalogueError
from registry.importers.source import Source

CHINESE = (
    "书名,作者,出版社\n呐喊,鲁迅,北新书局\n骆驼祥子,老舍,人间书屋\n边城,沈从文,生活书店\n围城,钱钟书,晨光出版公司\n"
)
TRADITIONAL = (
    "書名,作者,出版社\n吶喊,魯迅,北新書局\n駱駝祥子,老舍,人間書屋\n邊城,沈從文,生活書店\n圍城,錢鍾書,晨光出版公司\n"
)
WESTERN = "Title,Author\nWuthering Heights,Emily Brontë\nLes Misérables,Victor Hugo\nÜber Land,Müller\n"
RUSSIAN = (
    "Название,Автор\nВойна и мир,Лев Толстой\nПреступление и наказание,Фёдор Достоевский\nМёртвые души,Николай Гоголь\n"
)
JAPANESE = "題名,著者\n吾輩は猫である,夏目漱石\n坊っちゃん,夏目漱石\n羅生門,芥川龍之介\n銀河鉄道の夜,宮沢賢治\n"


def found(folder: Path, data: bytes, given_name: str | None = None) -> str:
    path = folder / "table"
    path.write_bytes(data)
    return find_encoding(Source(path, "table"), given_name).name


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        (WESTERN, "utf-8", "utf-8"),
        (WESTERN, "utf-8-sig", "utf-8-sig"),
        (WESTERN, "utf-16", "utf-16"),
        (WESTERN, "utf-16-le", "utf-16-le"),
        (WESTERN, "utf-16-be", "utf-16-be"),
        (WESTERN, "cp1252", "cp1252"),
        (WESTERN, "latin-1", "cp1252"),
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "gbk", "gb18030"),
        (TRADITIONAL, "big5", "big5hkscs"),
        (RUSSIAN, "cp1251", "cp1251"),
        (JAPANESE, "cp932", "cp932"),
        ("Title,Author\nEmma,Jane Austen\n", "ascii", "utf-8"),
    ],
)
def test_encodings_are_recognised(tmp_path: Path, text: str, encoding: str, expected: str) -> None:
    assert found(tmp_path, text.encode(encoding)) == expected


def test_the_first_foreign_letter_may_stand_megabytes_into_the_file(tmp_path: Path) -> None:
    assert found(tmp_path, b"Title,Author\n" + b"Emma,Jane Austen\n" * 200_000 + CHINESE.encode("gb18030")) == "gb18030"


def test_a_given_encoding_is_taken_by_any_of_its_names(tmp_path: Path) -> None:
    assert found(tmp_path, b"a", "GBK") == "gb18030"
    assert found(tmp_path, b"a", "Windows-1252") == "cp1252"
    assert found(tmp_path, b"a", "UTF-8") == "utf-8-sig"


@pytest.mark.parametrize("name", ["nonsense", "rot13", "base64", "../x"])
def test_what_is_no_encoding_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        found(tmp_path, b"a", name)
    assert caught.value.code == "ENCODING_UNKNOWN"


def test_noise_is_not_taken_for_any_encoding(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError):
        found(tmp_path, b"Title,Author\n" + bytes(range(128, 256)) * 20)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_whatever_is_utf_8_is_read_as_utf_8(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, f"Title\n{text}\n".encode()).startswith("utf-8")
