"""Several files become one whose digest depends on the files alone; each keeps its name, and faults say which it is."""

import hashlib
import io
import tarfile
from collections.abc import Sequence

import pytest

from ingest.services.joining import MOST_FILES, Upload, joined
from ingest.services.uploads import FileTooLarge
from registry.errors import InvalidInput

FILES = [("b.jsonl", b"second"), ("a.jsonl", b"first"), ("数据.csv", b"third")]


def uploads(files: Sequence[tuple[str, bytes]]) -> list[Upload]:
    return [Upload(name, io.BytesIO(content)) for name, content in files]


def test_one_file_is_itself() -> None:
    [one] = uploads(FILES[:1])
    with joined([one]) as found:
        assert found is one


def test_several_are_the_same_tar_in_any_order() -> None:
    digests = set()
    for files in (FILES, FILES[::-1]):
        with joined(uploads(files)) as found:
            assert found.name == "3 files.tar"
            digests.add(hashlib.sha256(found.stream.read()).hexdigest())
            found.stream.seek(0)
            with tarfile.open(fileobj=found.stream) as archive:
                held = {entry.name: archive.extractfile(entry) for entry in archive.getmembers()}
                assert {name: stream and stream.read() for name, stream in held.items()} == dict(FILES)
    assert len(digests) == 1


def test_a_name_that_comes_again_gets_a_number_and_folders_do_not_count() -> None:
    files = uploads([("x/a.jsonl.gz", b"1"), ("y\\a.jsonl.gz", b"22"), ("a.jsonl.gz", b"333")])
    with joined(files) as found, tarfile.open(fileobj=found.stream) as archive:
        assert sorted(archive.getnames()) == ["a-2.jsonl.gz", "a-3.jsonl.gz", "a.jsonl.gz"]


@pytest.mark.parametrize(
    ("files", "cause"),
    [
        ([], "at least one"),
        ([("a.jsonl", b"x"), ("b.jsonl", b"")], "b.jsonl is empty"),
        ([(f"{number}.jsonl", b"x") for number in range(MOST_FILES + 1)], "101 files"),
    ],
)
def test_what_cannot_be_taken_is_named(files: list[tuple[str, bytes]], cause: str) -> None:
    with pytest.raises(InvalidInput) as caught, joined(uploads(files)):
        pass
    assert cause in str(caught.value.errors)


def test_together_they_are_no_larger_than_one_may_be(settings: object) -> None:
    settings.IMPORT_MAX_BYTES = 10  # type: ignore[attr-defined]
    with pytest.raises(FileTooLarge), joined(uploads([("a", b"x" * 6), ("b", b"x" * 6)])):
        pass
