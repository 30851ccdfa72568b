"""`make run`: from the services to the site, with the main job in between, in one foreground process."""

import hashlib
import os
import sys
import time
from pathlib import Path

from . import environment, processes, services
from .environment import LauncherError, Layout
from .session import POLL_SECONDS, Session, Stopped, say

DEFAULT_PORT = 8000
CELERY = [sys.executable, "-m", "celery", "--app", "config.celery"]
SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"


def run(layout: Layout, *, once: bool) -> int:
    """Start everything, run the main job on samples/, then serve unless `once`. Returns the exit code.

    Raises LauncherError when the port is taken or a part does not start or ends too early.
    """
    host, port = os.environ.get("HOST") or "127.0.0.1", chosen_port()
    if not once:
        require_free(host, port)
    # Addresses in problems and bundles lead to the site that is served here.
    os.environ.setdefault("SITE_URL", f"http://{_shown(host)}:{port}")
    serving = False
    try:
        with Session(layout, settings="config.settings.dev") as session:
            _manage(session, "migrate", "--no-input", "--verbosity", "0")
            _collect_static(session)
            _start_workers(session)
            code = session.finish("main_job", [sys.executable, "manage.py", "main_job"])
            if once or code != 0:
                return code
            _serve(session, host, port)
            serving = True
            while True:
                session.require_alive()
                time.sleep(POLL_SECONDS)
    except Stopped as stopped:
        return 0 if serving else stopped.exit_code


def chosen_port() -> int:
    """Return PORT from the environment, 8000 without one. Raises LauncherError when it is no port number."""
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not text.isdigit() or not 0 < int(text) < 65_536:
        raise LauncherError(f"PORT={text} is not a port number.")
    return int(text)


def require_free(host: str, port: int) -> None:
    """Raise LauncherError, saying what to do, when something listens on the port."""
    if not environment.port_is_free(port, host):
        raise LauncherError(
            f"port {port} on {host} is in use, perhaps by another `make run`. End that program, "
            f"or choose another port: make run PORT={port + 1}"
        )


def static_digest(root: Path) -> str:
    """Return a digest that changes when a static file or an installed package does; file contents are not read."""
    lock = root / "requirements.txt"
    state = hashlib.sha256(lock.read_bytes() if lock.is_file() else b"")
    folders = [root / "static", *(folder for folder in root.glob("*/static") if folder.parent.name != "var")]
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        facts = path.stat()
        state.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return state.hexdigest()


def _manage(session: Session, *arguments: str) -> None:
    code = session.finish(arguments[0], [sys.executable, "manage.py", *arguments])
    if code != 0:
        raise LauncherError(f"`manage.py {' '.join(arguments)}` failed (exit {code}, message above).")


def _collect_static(session: Session) -> None:
    """Gather static files when they may have changed since the last time."""
    stamp = session.layout.var / "static" / ".collected"
    digest = static_digest(session.layout.root)
    if stamp.is_file() and stamp.read_text() == digest:
        return
    _manage(session, "collectstatic", "--no-input", "--verbosity", "0")
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(digest)


def _start_workers(session: Session) -> None:
    worker = ["worker", "--pool", "prefork", "--concurrency", "2", "--queues", "interactive,engine"]
    session.start("worker", [*CELERY, *worker, "--hostname", f"run-{os.getpid()}@%h", "--loglevel", "INFO"])
    # Of its own, with threads that mostly wait: whoever answers slowly keeps no other work waiting.
    messenger = ["worker", "--pool", "threads", "--concurrency", "8", "--queues", "webhooks"]
    session.start("webhooks", [*CELERY, *messenger, "--hostname", f"webhooks-{os.getpid()}@%h", "--loglevel", "INFO"])
    session.start("beat", [*CELERY, "beat", "--scheduler", SCHEDULER, "--pidfile=", "--loglevel", "INFO"])


def _serve(session: Session, host: str, port: int) -> None:
    require_free(host, port)
    bind = ["--bind", f"{host}:{port}", "--workers", "2", "--threads", "4", "--graceful-timeout", "5"]
    gunicorn = [
        sys.executable,
        "-m",
        "gunicorn",
        "config.wsgi",
        *bind,
        "--no-control-socket",
    ]  # else in the home folder
    site = session.start("web", gunicorn)
    reached = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - only compared
    processes.wait_until(lambda: services.listens(reached, port), site, seconds=30)
    say(f"The site is at http://{_shown(host)}:{port}/ (Ctrl-C ends it and everything that was started).")


def _shown(host: str) -> str:
    """Return the name under which a browser on this machine finds what listens on `host`."""
    return "localhost" if host in ("127.0.0.1", "0.0.0.0") else host  # noqa: S104 - only compared
