"""The child process: same documents, no network, no writing, limits, and its death is a bad record."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from ingest import child_process, sandbox
from ingest.child_process import Limits
from ingest.readers import BadRecord, Document, ReadError, ReadOptions, open_documents
from ingest.readers.confinement import isolate_network
from ingest.readers.walk import DEFAULT_OPTIONS
from ingest.sandbox import DEFAULT_LIMITS

PROJECT_FOLDER = Path(sandbox.__file__).parent.parent
MEBIBYTE = 1 << 20
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="seccomp and /proc are Linux's")


@pytest.fixture
def folder(tmp_path):
    """Files good and bad of several formats."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.jsonl").write_text(
        '{"text": "eins", "meta": {"k": [1, null]}}\nbad\n{"text": "zwei 字 😀", "id": "z"}\n'
    )
    (root / "b.txt").write_bytes("café crème".encode("cp1252"))
    (root / "c.txt").write_bytes(b"")
    pq.write_table(pa.table({"text": ["row one", "row two"], "year": [1900, None]}), root / "d.parquet")
    return root


@contextlib.contextmanager
def replaced_child(monkeypatch, tmp_path, code):
    """Children that run `code` once they have read their first request, in place of the reader."""
    package = tmp_path / "fake" / "ingest" / "readers"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "__init__.py").touch()
    prelude = (
        "import os, sys, signal, json\n"
        "def frame(content, body=b''):\n"
        "    head = json.dumps(content).encode()\n"
        "    os.write(1, len(head).to_bytes(8, 'big') + len(body).to_bytes(8, 'big') + head + body)\n"
        "sys.stdin.buffer.readline()\nframe(['ready', 'seccomp'])\nrequest = json.loads(sys.stdin.buffer.readline())\n"
    )
    (package / "child.py").write_text(prelude + code)
    monkeypatch.setattr(child_process, "PROJECT_FOLDER", tmp_path / "fake")
    yield


def confined(code):
    """Run `code` in a process that has confined itself; what it printed."""
    prelude = (
        "import os, socket, sys\n"
        "from ingest.readers.confinement import drop_privileges, isolate_network, limit_resources\n"
        "drop_privileges(); limit_resources(1 << 30, 10)\n"
        "isolation = isolate_network({})\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", prelude + code],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(PROJECT_FOLDER)},
        check=False,
    )
    return result.stdout.strip() or result.stderr


def read_documents(path, options=DEFAULT_OPTIONS, limits=DEFAULT_LIMITS, **arguments):
    """Untyped on purpose: the tests look at fields of what they expect."""
    return sandbox.read_documents(path, options, limits, **arguments)


def live_children():
    return [child for child in psutil.Process().children() if "ingest.readers.child" in " ".join(child.cmdline())]


def test_sandbox_gives_exactly_what_the_readers_give(folder):
    plain = list(open_documents(folder, name="root"))
    assert len(plain) == 7
    assert list(read_documents(folder, name="root")) == plain
    assert not live_children()


def test_missing_path_is_a_clear_error(tmp_path):
    with pytest.raises(ReadError) as caught:
        read_documents(tmp_path / "nowhere")
    assert caught.value.code == "not_found"


@linux_only
def test_confined_process_reaches_no_listener():
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0)
        address = canary.getsockname()
        code = (
            f"try:\n    socket.create_connection({address!r}, timeout=2)\n    print('connected')\n"
            "except OSError as error:\n    print(isolation, 'refused')\n"
        )
        assert confined(code) in ("seccomp refused", "unshare refused")
        with pytest.raises(BlockingIOError):
            canary.accept()
        # The canary would sing: the same connection from here arrives.
        with socket.create_connection(address, timeout=2):
            canary.settimeout(2)
            canary.accept()[0].close()


@linux_only
def test_confined_process_writes_no_file_and_starts_no_program(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("content")
    code = (
        "import subprocess\n"
        f"victim = {str(victim)!r}\n"
        "attempts = [lambda: open(victim, 'w'), lambda: os.unlink(victim), lambda: os.mkdir(victim + 'd'),\n"
        "            lambda: os.symlink('a', victim + 'l'), lambda: os.rename(victim, victim + 'r'), os.fork,\n"
        "            lambda: subprocess.run(['/bin/true']), lambda: os.kill(os.getppid(), 0),\n"
        "            lambda: socket.socket(socket.AF_UNIX)]\n"
        "refused = 0\n"
        "for attempt in attempts:\n"
        "    try:\n        attempt()\n"
        "    except PermissionError:\n        refused += 1\n"
        "print(isolation, refused, open(victim).read())\n"
    )
    if confined("print(isolation)") != "seccomp":
        pytest.skip("seccomp filters are not allowed here")
    assert confined(code) == "seccomp 9 content"
    assert [path.name for path in tmp_path.iterdir()] == ["victim"]


def test_without_any_isolation_parsing_is_refused_unless_allowed():
    cannot = [("seccomp", lambda: False), ("unshare", lambda: False)]
    assert isolate_network({}, cannot) is None
    assert isolate_network({"ALLOW_UNISOLATED": "0"}, cannot) is None
    assert isolate_network({"ALLOW_UNISOLATED": "1"}, cannot) == "none"
    assert isolate_network({}, [*cannot, ("third", lambda: True)]) == "third"


def test_refusal_of_the_child_is_an_error_with_its_code(monkeypatch, tmp_path, folder):
    with replaced_child(monkeypatch, tmp_path, ""):
        child = tmp_path / "fake" / "ingest" / "readers" / "child.py"
        child.write_text(child.read_text().replace("['ready', 'seccomp']", "['refused']"))
        with pytest.raises(ReadError) as caught:
            list(read_documents(folder))
    assert caught.value.code == "not_isolated"
    assert not live_children()


@linux_only
def test_memory_limit_is_a_bad_record_and_the_next_file_is_read(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"word " * (60 * MEBIBYTE // 5))
    (tmp_path / "b.txt").write_text("small")
    # A text needs a multiple of its bytes while it is read, decoded and sent.
    bad, document = read_documents(tmp_path, ReadOptions(), Limits(memory_bytes=200 * MEBIBYTE), name="root")
    assert (bad.name, bad.cause_code) == ("root/a.txt", "memory_limit")
    assert (document.name, document.text) == ("root/b.txt", "small")


@linux_only
def test_cpu_limit_is_soft_before_it_is_hard_and_no_file_may_grow():
    code = (
        "import resource\nfrom ingest.readers.confinement import limit_resources\nlimit_resources(1 << 30, 5)\n"
        "print(resource.getrlimit(resource.RLIMIT_CPU), resource.getrlimit(resource.RLIMIT_FSIZE))"
    )
    environment = {"PYTHONPATH": str(PROJECT_FOLDER)}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert result.stdout.strip() == "(5, 6) (0, 0)"


@pytest.mark.parametrize(
    ("code", "cause_code"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "reader_killed"),
        ("os.abort()", "reader_crashed"),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "cpu_limit"),
        ("sys.exit(3)", "reader_failed"),
        ("os.write(1, b'\\xff' * 16)", "output_limit"),
        ("os.write(1, bytes(7) + b'\\x04' + bytes(8) + b'junk')", "reader_failed"),
        ("frame(['items', [['n', -5, {}, 'text/plain', None]]])", "reader_failed"),
        ("frame(['items', [['n', 2, {}, 'text/plain', None]]], b'\\xff\\xff')", "reader_failed"),
        ("frame(['items', 5])", "reader_failed"),
        ("frame(['done', 'soon'])", "reader_failed"),
        ("frame({})", "reader_failed"),
        ("signal.pause()", "time_limit"),
    ],
)
def test_whatever_happens_to_the_child_is_a_bad_record(monkeypatch, tmp_path, folder, code, cause_code):
    (tmp_path / "book.txt").write_text("x")
    with replaced_child(monkeypatch, tmp_path, code):
        [bad] = read_documents(tmp_path / "book.txt", ReadOptions(), Limits(silence_seconds=0.5), name="book.txt")
    assert isinstance(bad, BadRecord)
    assert (bad.name, bad.cause_code) == ("book.txt", cause_code)
    assert not live_children()


def test_each_file_after_a_death_gets_a_new_child(monkeypatch, tmp_path, folder):
    code = (
        "if request['name'].endswith('b.txt'):\n    os.abort()\n"
        "frame(['items', [[request['name'], 2, {}, 'text/plain', None]]], b'ok')\n"
        "frame(['failed', 'memory_limit', 'x'])\n"
    )
    with replaced_child(monkeypatch, tmp_path, code):
        items = list(read_documents(folder, name="r"))
    assert [item.name for item in items if isinstance(item, Document)] == ["r/a.jsonl", "r/c.txt", "r/d.parquet"]
    assert [item.cause_code for item in items if isinstance(item, BadRecord)] == [
        "memory_limit",
        "reader_crashed",
        "memory_limit",
        "memory_limit",
    ]


def test_stopping_early_ends_the_child(tmp_path):
    path = tmp_path / "many.jsonl"
    path.write_bytes(b'{"text": "a line of text"}\n' * 100_000)
    documents = read_documents(path, name="many")
    assert next(documents).name == "many#1"
    [child] = live_children()
    documents.close()
    assert not child.is_running()


def test_output_and_document_limits(tmp_path):
    path = tmp_path / "many.jsonl"
    path.write_bytes(b'{"text": "a line of text"}\n' * 50_000)
    *_, last = read_documents(path, ReadOptions(), Limits(documents=20_000), name="many")
    assert (last.name, last.cause_code) == ("many", "document_limit")
    *_, last = read_documents(path, ReadOptions(), Limits(output_bytes=500_000), name="many")
    assert (last.name, last.cause_code) == ("many", "output_limit")


def test_parquet_with_forged_counts_harms_nobody(tmp_path):
    good = tmp_path / "good.parquet"
    pq.write_table(pa.table({"text": ["x" * 20]}), good, compression="none")
    data = good.read_bytes()
    for position in range(4, len(data) - 8, max(1, len(data) // 40)):
        forged = data[:position] + b"\xff\xff\xff\x7f" + data[position + 4 :]
        (tmp_path / f"{position:05}.parquet").write_bytes(forged)
    good.unlink()
    items = list(read_documents(tmp_path, ReadOptions(), Limits(memory_bytes=512 * MEBIBYTE)))
    assert any(isinstance(item, BadRecord) for item in items)
    assert all(isinstance(item, Document | BadRecord) for item in items)


def test_child_sees_none_of_the_parents_secrets(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "top")
    monkeypatch.setenv("DATABASE_URL", "postgres://user:word@host/db")
    (tmp_path / "book.txt").write_text("x")
    code = (
        "text = json.dumps(sorted(os.environ)).encode()\n"
        "frame(['items', [['n', len(text), {}, 'text/plain', None]]], text)\nframe(['done', 0.1])\n"
    )
    with replaced_child(monkeypatch, tmp_path, code):
        [document] = read_documents(tmp_path / "book.txt")
    assert not {"SECRET_KEY", "DATABASE_URL"} & set(json.loads(document.text))


@linux_only
def test_memory_stays_flat_over_a_long_stream(tmp_path):
    line = json.dumps({"text": "A sentence that is repeated many times over. " * 40}).encode() + b"\n"
    path = tmp_path / "long.jsonl.zst"
    total_bytes = 250 * MEBIBYTE
    with path.open("wb") as out, zstandard.ZstdCompressor(level=1).stream_writer(out) as writer:
        block = line * 2000
        for _ in range(total_bytes // len(block)):
            writer.write(block)
    documents = read_documents(path)
    next(documents)
    [child] = live_children()
    early_bytes = child.memory_info().rss
    highest_bytes = 0
    for number, _document in enumerate(documents):
        if number % 20_000 == 0:
            highest_bytes = max(highest_bytes, child.memory_info().rss)
    assert number > 100_000
    assert highest_bytes - early_bytes < 16 * MEBIBYTE


@linux_only
def test_text_on_a_single_long_line_is_handled(tmp_path):
    path = tmp_path / "line.txt"
    path.write_bytes(b"word and another " * (100 * MEBIBYTE // 17))
    [document] = read_documents(path)
    assert len(document.text) == os.path.getsize(path)
