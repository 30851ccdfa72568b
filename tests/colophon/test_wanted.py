"""Lists of wanted works: what a file asks for is found out by its content."""

from pathlib import Path

import pytest

from colophon.exits import CommandError
from colophon.wanted import Wanted, read_list

ONE, OTHER = "7h2m9c4x0k1z", "0a1b2c3d4e5f"


def read(tmp_path: Path, text: str | bytes, name: str = "wanted.txt") -> Wanted:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_list(path)


@pytest.mark.parametrize(
    "text",
    [
        f"{ONE}\n{OTHER}\n",
        f"\ufeff{ONE}\r\n\r\n{OTHER}\r\n{ONE}",
        f"title,work\nEmma,{ONE}\nSilas,{OTHER}\n",
        f"Work_ID;title\n{ONE};Emma\n{OTHER};Silas",
        f'id\ttitle\n{ONE}\t"Emma, a novel"\n{OTHER}\tSilas',
    ],
)
def test_ids_are_taken_as_they_stand_each_once(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == Wanted(works=(ONE, OTHER))


def test_isbns_one_a_line_become_a_table(tmp_path: Path) -> None:
    found = read(tmp_path, "978-0-14-143951-8\n0 14 143956 4\n080442957x\n")
    assert found == Wanted(table=b"isbn\n9780141439518\n0141439564\n080442957x\n", name="wanted.csv")


@pytest.mark.parametrize(
    "content", [b"title,author\nEmma,Jane Austen\n", b"id,title\n17,Emma\n", b"PK\x03\x04\xff\xfe"]
)
def test_anything_else_is_for_the_registry_to_link(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path, content, "list.xlsx") == Wanted(table=content, name="list.xlsx")


def test_a_row_without_its_id_and_an_empty_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="row 3 has no id"):
        read(tmp_path, f"work,title\n{ONE},Emma\n,Silas\n")
    with pytest.raises(CommandError, match="is empty"):
        read(tmp_path, "\n \n")
