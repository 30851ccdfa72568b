"""`make test`: every check and every test, with one exit code.

All checks run even when one fails; the tests come last, so that their closing line is what one sees. The types, which
keep one core busy for longest, are checked while the others run.
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

SOURCES = ("colophon", "config", "ingest", "licensing", "registry", "tests")

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

    def log(self, layout: Layout) -> Path:
        """Where its output goes."""
        return layout.logs / f"check-{self.name.replace(' ', '-')}.log"


TYPES = Check("types", [sys.executable, "-m", "mypy", "--explicit-package-bases", "."])


def plan() -> list[Check]:
    """Return the checks that run one after the other, in their order; `TYPES` runs beside them."""
    python = [sys.executable, "-m"]
    manage = [sys.executable, "manage.py"]
    return [
        Check("lint", [*python, "ruff", "check", "--quiet", "."]),
        Check("formatting", [*python, "ruff", "format", "--check", "--quiet", "."]),
        Check("import contracts", [str(Path(sys.executable).with_name("lint-imports"))]),
        Check("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Check("deployment", [*manage, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
        Check("translations", [sys.executable, "tests/translations.py", "check"]),
    ]


def run(layout: Layout, arguments: list[str]) -> int:
    """Start the services if need be, run all checks, then pytest with `arguments`. Returns 0 only if all passed."""
    try:
        with Session(layout, settings="config.settings.test") as session:
            _compile(session)
            with _beside(session, "test-database", [sys.executable, "-m", "tests.template_database"]):
                failed = _failed(session)
            say("== tests")
            pytest = [sys.executable, "-m", "pytest", "-n", "3", "--dist", "worksteal", *arguments]
            code = session.finish("pytest", pytest, ends_on=signal.SIGINT)
    except Stopped as stopped:
        return stopped.exit_code
    if failed:
        sys.stderr.write(f"make test: failed before the tests: {', '.join(failed)}\n")
    return 1 if failed else code


def _compile(session: Session) -> None:
    """Write the bytecode of what changed, once for the many processes that the checks and tests start.

    Some of them may not write it themselves: parsers of untrusted files, and all where PYTHONDONTWRITEBYTECODE is set.
    A file that cannot be compiled is no fault here: whoever needs it says what is wrong.
    """
    log = session.layout.logs / "bytecode.log"
    session.finish("bytecode", [sys.executable, "-m", "compileall", "-q", *SOURCES], log=log)


@contextmanager
def _beside(session: Session, name: str, command: list[str], log: Path | None = None) -> Iterator[processes.Started]:
    """A process that runs while others go on; leaving waits for it. Whether it failed is for the caller to see.

    A test database that could not be made is no fault: the tests then make it themselves, and say what is wrong.
    """
    log = log or session.layout.logs / f"{name}.log"
    one = processes.start(session.layout, name, command, env=session.environment(), log=log, bound=True)
    try:
        yield one
        one.process.wait()
    finally:
        processes.end([one])


def _failed(session: Session) -> list[str]:
    """Run every check and say how it went. Returns the names of those that failed."""
    began = time.monotonic()
    types_log = TYPES.log(session.layout)
    types_log.unlink(missing_ok=True)
    with _beside(session, TYPES.name, TYPES.command, types_log) as types:
        failed = [check.name for check in plan() if not _passes(session, check)]
    if not _reported(TYPES.name, types.process.returncode, began, types_log):
        failed.append(TYPES.name)
    return failed


def _passes(session: Session, check: Check) -> bool:
    began = time.monotonic()
    log = check.log(session.layout)
    log.unlink(missing_ok=True)
    code = session.finish(check.name, check.command, log=log, env=check.env)
    return _reported(check.name, code, began, log)


def _reported(name: str, code: int, began: float, log: Path) -> bool:
    """Say how a check ended that began at `began` (monotonic seconds). Returns whether it passed."""
    say(f"== {name}: {'ok' if code == 0 else f'FAILED (exit {code})'}, {time.monotonic() - began:.1f} s")
    if code != 0:
        say(log.read_text(errors="replace").rstrip())
    return code == 0
