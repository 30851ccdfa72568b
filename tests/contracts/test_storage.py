"""What the blob store promises, wherever it is: one suite, run on a folder and on a real S3 server."""

import datetime
import hashlib
import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest import blobs
from ingest.services import chunks
from tests import object_store

OWNER = "deposits/0123456789ab"
LARGE = os.urandom(1 << 20) * 20  # several parts of an upload


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object_store.ObjectStore]:
    with object_store.running(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(params=["folder", "s3"])
def store(
    request: pytest.FixtureRequest, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    settings.INDEX_DIR = tmp_path / "index"
    if request.param == "folder":
        settings.BLOB_URL = (tmp_path / "blobs").as_uri()
        yield "folder"
        return
    server: object_store.ObjectStore = request.getfixturevalue("s3")
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    object_store.forget_clients()
    settings.BLOB_URL = object_store.new_prefix()
    yield "s3"
    object_store.forget_clients()


def test_bytes_files_and_streams_are_stored_under_their_hash(store: str, tmp_path: Path) -> None:
    content = b"a text"
    (tmp_path / "text").write_bytes(content)
    wanted = blobs.Blob(f"{OWNER}/{hashlib.sha256(content).hexdigest()}", hashlib.sha256(content).hexdigest(), 6)
    for source in (content, tmp_path / "text", io.BytesIO(content)):
        assert blobs.put(source, OWNER) == wanted
        assert blobs.read(wanted.key) == content
    assert [stored.key for stored in blobs.listing(OWNER)] == [wanted.key]
    assert blobs.exists(wanted.key)
    assert not blobs.exists(wanted.key[:-1] + "x")


@pytest.mark.parametrize("kind", ["bytes", "file", "stream"])
def test_what_takes_several_parts_arrives_whole(store: str, tmp_path: Path, kind: str) -> None:
    (tmp_path / "large").write_bytes(LARGE)
    sources: dict[str, Any] = {"bytes": LARGE, "file": tmp_path / "large", "stream": io.BytesIO(LARGE)}
    blob = blobs.put(sources[kind], OWNER)
    assert blob.size_bytes == len(LARGE)
    with blobs.opened(blob.key) as stream:
        digest = hashlib.sha256()
        while piece := stream.read(100_000):
            digest.update(piece)
    assert digest.hexdigest() == blob.sha256
    blobs.fetch(blob.key, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == LARGE


def test_an_empty_file_is_a_file(store: str) -> None:
    blob = blobs.put(b"", OWNER)
    assert (blob.size_bytes, blobs.read(blob.key)) == (0, b"")


def test_half_a_stream_leaves_nothing(store: str) -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            if self.tell_calls:
                raise ConnectionError("the sender is gone")
            self.tell_calls += 1
            return b"half"

        tell_calls = 0

    with pytest.raises(ConnectionError):
        blobs.put(Broken(), OWNER)  # type: ignore[arg-type]
    assert blobs.listing("deposits") == []


def test_what_is_gone_is_said_to_be_gone(store: str, tmp_path: Path) -> None:
    key = f"{OWNER}/{'0' * 64}"
    with pytest.raises(FileNotFoundError):
        blobs.read(key)
    with pytest.raises(FileNotFoundError), blobs.opened(key) as stream:
        stream.read()
    with pytest.raises(FileNotFoundError):
        blobs.fetch(key, tmp_path / "fetched")
    assert not (tmp_path / "fetched").exists()
    blobs.delete(key)
    blobs.delete_folder(OWNER)
    assert blobs.listing(OWNER) == []
    assert blobs.owners("deposits") == []


def test_a_deleted_owner_takes_only_its_own_files_along(store: str) -> None:
    kept = blobs.put(b"kept", "deposits/0123456789ac")
    first = blobs.put(b"first", f"{OWNER}/inputs")
    second = blobs.put(b"second", f"{OWNER}/chunks")
    assert sorted(blobs.owners("deposits")) == ["0123456789ab", "0123456789ac"]
    blobs.delete(first.key)
    assert not blobs.exists(first.key)
    assert blobs.exists(second.key)
    blobs.delete_folder(OWNER)
    assert [stored.key for stored in blobs.listing("deposits")] == [kept.key]


def test_age_is_that_of_the_youngest_file(store: str) -> None:
    blobs.put(b"young", OWNER)
    assert not blobs.is_older(OWNER, datetime.timedelta(minutes=5))
    assert blobs.is_older(OWNER, datetime.timedelta(minutes=-5))


@pytest.mark.parametrize("folder", ["", "deposits", "../deposits/0123456789ab", "deposits/0123456789AB", "index"])
def test_no_other_place_is_written_to_or_cleared(store: str, folder: str) -> None:
    with pytest.raises(ValueError, match="not a blob folder"):
        blobs.put(b"x", folder)
    with pytest.raises(ValueError, match="not a blob folder"):
        blobs.delete_folder(folder)


def test_a_reader_gets_numbered_files_with_harmless_endings(store: str) -> None:
    blob = blobs.put(b"text", OWNER)
    with blobs.local_folder([(blob.key, "../../a.JSONL.gz"), (blob.key, "b/../c")]) as folder:
        assert sorted(path.name for path in folder.iterdir()) == ["000000.jsonl.gz", "000001"]
        assert all(path.read_bytes() == b"text" for path in folder.iterdir())
    assert not folder.exists()


def test_many_writers_of_one_content_leave_one_file(store: str) -> None:
    failures: list[BaseException] = []

    def write() -> None:
        try:
            blobs.put(b"the same", OWNER)
        except BaseException as error:  # noqa: BLE001 (told below)
            failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(blobs.listing(OWNER)) == 1


def test_a_chunk_comes_back_document_by_document(store: str) -> None:
    documents = [chunks.ChunkDocument(f"d{n}", f"text \ud800 {n}\n" * 1000) for n in range(50)]
    key = chunks.write(documents, "scans/0123456789ab/chunks")
    assert key == chunks.write(documents, "scans/0123456789ab/chunks")
    assert list(chunks.read(key)) == documents


def test_a_damaged_chunk_is_not_read_as_something_else(store: str, settings: Any) -> None:
    documents = [chunks.ChunkDocument(f"d{n}", os.urandom(2_000).hex()) for n in range(200)]
    key = chunks.write(documents, "scans/0123456789ab/chunks")
    content = bytearray(blobs.read(key))
    content[len(content) // 2] ^= 1
    for damaged in (bytes(content), bytes(content[: len(content) // 2]), content[:-20]):
        with pytest.raises(chunks.ChunkDamaged):
            list(chunks.read(blobs.put(bytes(damaged), "scans/0123456789ab/chunks").key))
