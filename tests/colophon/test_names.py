"""What a work is called without a manifest."""

import pytest

from colophon.manifest import name_work


@pytest.mark.parametrize(
    ("document", "is_record", "work"),
    [
        ("shelf/pg1342.txt", False, "pg1342"),
        ("shelf/pg1342.txt.gz", False, "pg1342"),
        ("shelf.tar.gz#a/b/alice.epub", False, "alice"),
        ("shelf/Chapter 1. Intro", False, "Chapter 1. Intro"),
        ("shelf/v1.2", False, "v1.2"),
        ("books.jsonl.zst#pg11", True, "books#pg11"),
        ("shelf.zip#x/books.csv#3", True, "books#3"),
        ("红楼梦.txt", False, "红楼梦"),
    ],
)
def test_the_file_name_without_endings_is_the_work(document, is_record, work):
    assert name_work(document, is_record=is_record) == work
