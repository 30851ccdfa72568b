"""A real Elasticsearch for the tests: Elastic's own minimal distribution from Maven Central, on one node.

It has no plugins and no analysis modules, which is the point: the search index must work on the smallest server.
The site itself uses the server that ELASTICSEARCH_URL names, or PostgreSQL.
"""

import http.client
import os
import shutil
import signal
import subprocess
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

from . import environment, processes
from .environment import LauncherError, Layout
from .processes import Account, Started

NAME = "elasticsearch"
VERSION = "8.19.3"
ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
OLDEST_JAVA = 17
UNPRIVILEGED = Account(65534, 65534)  # nobody; the server refuses root
SETTINGS = """\
cluster.name: colophon-test
discovery.type: single-node
network.host: 127.0.0.1
xpack.security.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
action.destructive_requires_name: true
"""


def up(layout: Layout, *, bound: bool = False) -> Started | None:
    """Have a server answer and `var/env` name it as ELASTICSEARCH_TEST_URL. None: it ran already.

    Raises LauncherError when Java, Maven or the artifact is missing, or the server does not start.
    """
    known = urlsplit(environment.read(layout.env_file).get("ELASTICSEARCH_TEST_URL", ""))
    if processes.recall(layout, NAME) is not None and known.port and _answers(known.port):
        return None
    down(layout)
    java = find_java()
    home = _ensure_distribution(layout)
    state = _make_state(home.parent)
    http_port = environment.choose_port(layout, NAME, known.port)
    transport_port = environment.choose_port(layout, f"{NAME} transport")
    settings = {
        "http.port": http_port,
        "transport.port": transport_port,
        "path.data": state / "data",
        "path.logs": state / "logs",
    }
    account = UNPRIVILEGED if os.geteuid() == 0 else None
    server = processes.start(
        layout,
        "Elasticsearch",
        [home / "bin" / "elasticsearch", *(f"-E{name}={value}" for name, value in settings.items())],
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(state),
            "ES_JAVA_HOME": str(java),
            "ES_JAVA_OPTS": "-Xms512m -Xmx512m",
            "ES_TMPDIR": str(state / "tmp"),
            "ES_PATH_CONF": str(state / "config"),
        },
        log=layout.logs / "elasticsearch.log",
        bound=bound,
        account=account,
        cwd=state,
    )
    processes.remember(layout, NAME, server.process.pid)
    processes.wait_until(lambda: _answers(http_port), server, seconds=120)
    with layout.locked():
        environment.update(layout, ELASTICSEARCH_TEST_URL=f"http://127.0.0.1:{http_port}")
    return server


def down(layout: Layout) -> bool:
    """End the server. Returns whether one ran."""
    pid = processes.recall(layout, NAME)
    if pid is None:
        return False
    processes.end_by_id(pid, [(signal.SIGTERM, 20)])
    processes.recall(layout, NAME)
    return True


def find_java() -> Path:
    """Return the home of a Java that can run the server: JAVA_HOME, else the one on the path. Raises LauncherError."""
    program = Path(os.environ["JAVA_HOME"]) / "bin" / "java" if os.environ.get("JAVA_HOME") else shutil.which("java")
    if not program or not Path(program).is_file():
        raise LauncherError(f"Elasticsearch needs Java {OLDEST_JAVA} or later, and no java was found.")
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    version = said.partition('"')[2].partition(".")[0].partition('"')[0]
    if not version.isdigit() or int(version) < OLDEST_JAVA:
        raise LauncherError(f"Elasticsearch needs Java {OLDEST_JAVA} or later; {program} is {version or 'unknown'}.")
    return Path(program).resolve().parent.parent


def _ensure_distribution(layout: Layout) -> Path:
    """Fetch and unpack the server unless it is there. Returns its folder."""
    place = layout.services / NAME
    home = place / f"elasticsearch-{VERSION}"
    if home.is_dir():
        return home
    layout.services.mkdir(mode=0o755, exist_ok=True)
    maven = shutil.which("mvn")
    if not maven:
        raise LauncherError("Elasticsearch for the tests comes from Maven Central, and no mvn was found.")
    making = place.with_name(f"{NAME}.new")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o755)
    fetched = subprocess.run(
        [maven, "-q", "-B", "dependency:copy", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={making}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=making,
        stdin=subprocess.DEVNULL,
    )
    archive = making / f"elasticsearch-{VERSION}.zip"
    if fetched.returncode != 0 or not archive.is_file():
        raise LauncherError(f"mvn could not fetch {ARTIFACT}:\n  {(fetched.stdout + fetched.stderr).strip()[-2000:]}")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(making)
    archive.unlink()
    for program in (making / home.name / "bin").iterdir():
        program.chmod(0o755)
    shutil.rmtree(place, ignore_errors=True)
    making.rename(place)
    return home


def _make_state(place: Path) -> Path:
    """Make fresh folders for settings, data and logs, owned by who runs the server. Tests need no old data."""
    state = place / "state"
    shutil.rmtree(state, ignore_errors=True)
    shutil.copytree(place / f"elasticsearch-{VERSION}" / "config", state / "config")
    (state / "config" / "elasticsearch.yml").write_text(SETTINGS)
    for name in ("data", "logs", "tmp"):
        (state / name).mkdir()
    if os.geteuid() == 0:
        for path in [state, *state.rglob("*")]:
            os.chown(path, UNPRIVILEGED.uid, UNPRIVILEGED.gid)
    return state


def _answers(port: int) -> bool:
    """Tell whether the node has joined its cluster; the minimal server has no page at `/` to ask."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
