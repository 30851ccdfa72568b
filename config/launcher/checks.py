"""`make test`: every check and every test, with one exit code.

All checks run even when one fails; the tests come last, so that their closing line is what one sees.
"""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import processes
from .environment import Layout
from .session import Session, Stopped, say

# What `check --deploy` needs to see: shaped like production values, worth nothing.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.prod",
    "SECRET_KEY": "only-for-the-deployment-check-" + "0123456789abcdefghijklmnopqrstuvwxyz",
    "TOKEN_PEPPER": "only-for-the-deployment-check",
    "LOG_SIGNING_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "ALLOWED_HOSTS": "colophon.invalid",
    "SITE_URL": "https://colophon.invalid",
    "LOG_ORIGIN": "colophon.invalid/log",
    "EMAIL_URL": "smtp+tls://colophon.invalid:587",
    "MAIL_FROM": "Colophon <registry@colophon.invalid>",
}


@dataclass(frozen=True)
class Check:
    """One command and the environment it needs beside the services'."""

    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)


def plan() -> list[Check]:
    """Return the checks in the order they run."""
    python = [sys.executable, "-m"]
    manage = [sys.executable, "manage.py"]
    return [
        Check("lint", [*python, "ruff", "check", "--quiet", "."]),
        Check("formatting", [*python, "ruff", "format", "--check", "--quiet", "."]),
        Check("import contracts", [str(Path(sys.executable).with_name("lint-imports"))]),
        Check("types", [*python, "mypy", "--explicit-package-bases", "."]),
        Check("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Check("deployment", [*manage, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
        Check("translations", [sys.executable, "tests/translations.py", "check"]),
    ]


def run(layout: Layout, arguments: list[str]) -> int:
    """Start the services if need be, run all checks, then pytest with `arguments`. Returns 0 only if all passed."""
    try:
        with Session(layout, settings="config.settings.test") as session:
            with _made_beside(session, "test-database", [sys.executable, "-m", "tests.template_database"]):
                failed = [check.name for check in plan() if not _passes(session, check)]
            say("== tests")
            pytest = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal", *arguments]
            code = session.finish("pytest", pytest, ends_on=signal.SIGINT)
    except Stopped as stopped:
        return stopped.exit_code
    if failed:
        sys.stderr.write(f"make test: failed before the tests: {', '.join(failed)}\n")
    return 1 if failed else code


@contextmanager
def _made_beside(session: Session, name: str, command: list[str]) -> Iterator[None]:
    """What the tests need is made while the checks, most of which keep one core busy, go on; leaving waits for it.

    Failing is no fault here: the tests then make it themselves, and say what is wrong.
    """
    log = session.layout.logs / f"{name}.log"
    made = processes.start(session.layout, name, command, env=session.environment(), log=log, bound=True)
    try:
        yield
        made.process.wait()
    finally:
        processes.end([made])


def _passes(session: Session, check: Check) -> bool:
    began = time.monotonic()
    log = session.layout.logs / f"check-{check.name.replace(' ', '-')}.log"
    log.unlink(missing_ok=True)
    code = session.finish(check.name, check.command, log=log, env=check.env)
    say(f"== {check.name}: {'ok' if code == 0 else f'FAILED (exit {code})'}, {time.monotonic() - began:.1f} s")
    if code != 0:
        say(log.read_text(errors="replace").rstrip())
    return code == 0
