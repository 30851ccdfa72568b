"""What every test may count on: real services, no network beyond this machine, nothing skipped in silence.

PostgreSQL: `@pytest.mark.django_db` gives a test database of this run's own (with xdist one a process).
Broker: every test process has a database number of its own, so that tests with workers do not take each other's tasks.
"""

import ipaddress
import os
import shutil
import socket
from collections import Counter
from collections.abc import Generator, Iterator
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.test import SimpleTestCase, TransactionTestCase

from tests import emptied, kept, template_database

REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"
BROKER_DATABASES = 1023  # the embedded broker has 1024; number 0 belongs to the site

hypothesis.settings.register_profile("colophon", deadline=None, database=None, print_blob=True)
hypothesis.settings.load_profile("colophon")


def pytest_configure() -> None:
    """Check once that the services answer, and give this process its own part of the broker."""
    for name, address in (("PostgreSQL", settings.DATABASES["default"]), ("The broker", settings.CELERY_BROKER_URL)):
        host, port = (address["HOST"], int(address["PORT"] or 5432)) if isinstance(address, dict) else _place(address)
        if not _listens(host, port):
            pytest.exit(f"{name} does not answer at {host}:{port}: run `make up`.", returncode=3)
    parts = urlsplit(settings.CELERY_BROKER_URL)
    if parts.scheme in ("redis", "rediss"):
        number = 1 + os.getpid() % BROKER_DATABASES
        settings.CELERY_BROKER_URL = urlunsplit(parts._replace(path=f"/{number}"))
    os.environ.setdefault("TEST_RUN", str(os.getpid()))  # inherited by the processes of xdist
    settings.INDEX_DIR.parent.mkdir(parents=True, exist_ok=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests on something kept come last in their module, on something shelved last in their folder (tests/kept.py).

    Those that take long come before all others: begun last, they would run alone.
    """
    modules = groupby(items, key=lambda item: item.path)
    items[:] = [item for _, run in modules for item in sorted(run, key=_on_something_kept)]
    folders = groupby(items, key=lambda item: item.path.parent)
    items[:] = [item for _, run in folders for item in sorted(run, key=_on_something_shelved)]
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that uses the database without something kept finds it empty."""
    if _uses_database(item) and not _on_something_kept(item):
        kept.clear_shelf()


def _on_something_kept(item: pytest.Item) -> bool:
    return any(name.startswith((kept.PREFIX, kept.SHELVED)) for name in getattr(item, "fixturenames", ()))


def _on_something_shelved(item: pytest.Item) -> bool:
    return any(name.startswith(kept.SHELVED) for name in getattr(item, "fixturenames", ()))


def _uses_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("django_db") or issubclass(getattr(item, "cls", None) or object, SimpleTestCase):
        return True
    return any(name in ("db", "transactional_db", "live_server") for name in getattr(item, "fixturenames", ()))


def pytest_unconfigure() -> None:
    """Remove this process's files."""
    shutil.rmtree(settings.INDEX_DIR.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Name the test database after this run, two of which never meet, and make it a copy of what is migrated."""
    names = settings.DATABASES["default"].setdefault("TEST", {})
    names["NAME"] = f"{names.get('NAME') or 'test_colophon'}_{os.environ['TEST_RUN']}"
    names["TEMPLATE"] = template_database.ready()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """End what is still connected before the database goes: a server's thread whose browser has not hung up yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: emptied.empty())
        yield
    kept.clear_shelf()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def service_environment(transactional_db: None) -> dict[str, str]:
    """Environment for processes that a test starts (workers, commands): this test's database, broker and files.

    The test's rows are committed, as another process could not see them otherwise.
    """
    database = connection.settings_dict
    address = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": f"postgres://{address}",
        "BROKER_URL": settings.CELERY_BROKER_URL,
        "TEST_SCRATCH": str(settings.INDEX_DIR.parent),
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture(scope="session")
def elasticsearch_address() -> str:
    """Address of a real Elasticsearch, from ELASTICSEARCH_TEST_URL (`make elasticsearch-up` sets it); "": none runs."""
    address = os.environ.get("ELASTICSEARCH_TEST_URL", "")
    return address if address and _listens(*_place(address)) else ""


@pytest.fixture(scope="session")
def elasticsearch_url(elasticsearch_address: str) -> str:
    """The same for a test that cannot do without."""
    if not elasticsearch_address:
        pytest.skip("Elasticsearch: none is running (`make elasticsearch-up` starts one)")
    return elasticsearch_address


@pytest.fixture(scope="session", autouse=True)
def _only_this_machine() -> Iterator[None]:
    """Refuse connections to other machines: a test that needs one would fail elsewhere, or tell others about us."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        yield


def _guarded(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
            self.close()
            raise AssertionError(f"a test tried to reach {address[0]}:{address[1]}; only this machine is allowed")
        return connect(self, address)

    return guarded


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _place(address: str) -> tuple[str, int]:
    parts = urlsplit(address)
    return parts.hostname or "localhost", parts.port or {"amqp": 5672, "http": 80, "https": 443}.get(parts.scheme, 6379)


def _listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=5):
            return True
    except OSError:
        return False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With REQUIRE_ALL=1 a skipped test is a failed one."""
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1, but {item.nodeid} was skipped: {_reason(report)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, pytest.CollectReport, Any]:
    """The same for a module that skips itself as a whole."""
    report = yield
    if REQUIRE_ALL and report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1, but {collector.nodeid} was skipped: {_reason(report)}"
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """List what did not run here, and why."""
    reasons = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    terminalreporter.section("not run here, and why")
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count:>4} × {reason}")
    if not reasons:
        terminalreporter.write_line("everything was run")


def _reason(report: Any) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")
