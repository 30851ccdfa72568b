"""PostgreSQL and Valkey, for real: they start, are found again, and are repaired after a crash."""

import os
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from config.launcher import broker, environment, postgres, processes, services
from config.launcher.environment import Layout

ROOT = Path(__file__).resolve().parents[2]
SYSTEM_PYTHON = Path("/usr/bin/python3")
POSTGRES = ["", *sorted(str(path.parent) for path in Path("/usr/lib/postgresql").glob("*/bin/initdb"))]

pytestmark = pytest.mark.worker


def _address(layout: Layout, name: str) -> str:
    return environment.read(layout.env_file)[name]


def _select(layout: Layout, question: str) -> object:
    with psycopg.connect(_address(layout, "DATABASE_URL")) as connection:
        row = connection.execute(question.encode()).fetchone()
    return row[0] if row else None


def _server_id(layout: Layout) -> int:
    (cluster,) = layout.services.glob("postgres-[0-9]*/postmaster.pid")
    return int(cluster.read_text().splitlines()[0])


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


@pytest.fixture
def running(checkout: Layout) -> Layout:
    services.up(checkout)
    return checkout


@pytest.mark.parametrize("binaries", POSTGRES, ids=lambda folder: folder or "wheel")
def test_postgres_starts_with_letters_of_every_script(
    checkout: Layout, monkeypatch: pytest.MonkeyPatch, binaries: str
) -> None:
    monkeypatch.setenv("POSTGRES_BIN", binaries)
    checkout.make()
    assert postgres.up(checkout, bound=True)
    assert _select(checkout, "SHOW server_encoding") == "UTF8"
    assert _select(checkout, "SELECT datcollate FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
    with psycopg.connect(_address(checkout, "DATABASE_URL")) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        row = connection.execute("SELECT array_length(show_trgm('红楼梦'), 1)").fetchone()
    assert row == (4,)


def test_second_up_starts_nothing_and_changes_nothing(running: Layout) -> None:
    before = running.env_file.read_text()
    assert services.up(running) == []
    assert running.env_file.read_text() == before
    assert all(answers for _, answers in services.status(running).values())


def test_status_shows_no_password(running: Layout) -> None:
    shown = " ".join(address for address, _ in services.status(running).values())
    for name in ("DATABASE_URL", "BROKER_URL"):
        password = urlsplit(_address(running, name)).password
        assert password
        assert password not in shown


def test_password_is_required_from_this_machine_too(running: Layout) -> None:
    address = urlsplit(_address(running, "DATABASE_URL"))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(address._replace(netloc=f"postgres:wrong@127.0.0.1:{address.port}").geturl())
    with (
        redis.Redis(port=urlsplit(_address(running, "BROKER_URL")).port or 0) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


def test_services_killed_in_the_middle_come_back_with_their_data(running: Layout) -> None:
    before = running.env_file.read_text()
    with psycopg.connect(_address(running, "DATABASE_URL")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with redis.Redis.from_url(_address(running, "BROKER_URL")) as client:
        client.rpush("queue", "message")
    _kill(_server_id(running))
    broker_id = processes.recall(running, broker.NAME)
    assert broker_id
    _kill(broker_id)
    assert len(services.up(running)) == 2
    assert running.env_file.read_text() == before
    assert _select(running, "SELECT answer FROM kept") == 42
    with redis.Redis.from_url(_address(running, "BROKER_URL")) as client:
        assert client.lrange("queue", 0, -1) == [b"message"]


def test_lock_file_that_names_someone_elses_process_is_no_obstacle(running: Layout) -> None:
    services.down(running)
    (cluster,) = running.services.glob("postgres-[0-9]*/PG_VERSION")
    lines = [str(os.getpid()), str(cluster.parent), "0", "1", "", "127.0.0.1", "0", "ready"]
    (cluster.parent / "postmaster.pid").write_text("\n".join(lines) + "\n")
    assert len(services.up(running)) == 2
    assert _select(running, "SELECT 1") == 1


def test_half_made_cluster_is_made_anew(checkout: Layout) -> None:
    checkout.make()
    name = f"postgres-{postgres.major(postgres.find_binaries())}"
    checkout.services.mkdir(exist_ok=True)
    for leftover in (checkout.services / name, checkout.services / f"{name}.new"):
        (leftover / "base").mkdir(parents=True)
    services.up(checkout)
    assert _select(checkout, "SELECT 1") == 1


def test_lost_env_file_gets_the_old_address_back(running: Layout) -> None:
    address = _address(running, "DATABASE_URL")
    running.env_file.unlink()
    services.up(running)
    assert _address(running, "DATABASE_URL") == address


def test_port_taken_while_down_is_replaced(running: Layout) -> None:
    services.down(running)
    port = urlsplit(_address(running, "DATABASE_URL")).port
    with socket.create_server(("127.0.0.1", port or 0)):
        services.up(running)
        assert urlsplit(_address(running, "DATABASE_URL")).port != port
        assert _select(running, "SELECT 1") == 1


def test_addresses_from_outside_are_used_as_they_are(checkout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://user@db.example/colophon")
    monkeypatch.setenv("BROKER_URL", "amqp://mq.example")
    assert services.up(checkout) == []
    assert not {"DATABASE_URL", "BROKER_URL"} & set(environment.read(checkout.env_file))


def test_clean_leaves_no_trace(running: Layout) -> None:
    server = _server_id(running)
    services.clean(running)
    assert processes.started_at(server) is None
    assert list(running.root.iterdir()) == []
    assert not running.outside.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="is about root: this user is not")
def test_root_runs_the_server_as_someone_else(running: Layout) -> None:
    assert Path(f"/proc/{_server_id(running)}").stat().st_uid != 0


@pytest.fixture
def open_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="colophon-test-") as name:
        os.chmod(name, 0o755)
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0 or not SYSTEM_PYTHON.exists(), reason="root can try what other users see")
def test_ordinary_user_needs_no_folder_outside_the_checkout(open_folder: Path) -> None:
    os.chown(open_folder, 65534, 65534)
    paths = [str(ROOT / "config"), sysconfig.get_path("purelib")]
    for verb in ("up", "status", "down"):
        done = subprocess.run(
            [SYSTEM_PYTHON, "-m", "launcher", "--root", open_folder, verb],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": ":".join(paths), "PYTHONDONTWRITEBYTECODE": "1"},
            user=65534,
            group=65534,
            extra_groups=[],
            cwd=open_folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert list((open_folder / "var").glob("postgres-*/PG_VERSION"))
    assert "ended: Valkey, PostgreSQL" in done.stdout
    assert not Layout(open_folder).outside.exists()


def test_command_line_says_what_is_wrong_without_a_traceback(checkout: Layout) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "config.launcher", "--root", checkout.root, "up"],
        env={**os.environ, "POSTGRES_BIN": "/nowhere"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "colophon: POSTGRES_BIN=/nowhere holds no initdb.\n")
