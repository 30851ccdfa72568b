"""Worlds that are built once for all tests of a module that want them; each test finds its world as it was built.

The rows stand in a transaction that stays open as long as the module's tests run. The transaction that every test gets
from `db` is then a savepoint of it, so that what a test changes is undone as ever; its objects and files are copies.
A module's tests that want something kept come after those that do not (tests/conftest.py sees to it), which so find an
empty database. Not for tests with `transactional_db`: they commit.

What many modules want is `shelved`: it stands until a test comes that uses the database without it, or with something
else that is kept.
"""

import copy
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.db import connection, transaction
from django.test import override_settings

Made = TypeVar("Made")
PREFIX = "kept_"  # of the module-wide fixtures; by it tests are put in order
SHELVED = "shelved_"  # of those that use `shelved`


@dataclass(frozen=True)
class Kept(Generic[Made]):
    """What was built, and the folder of the files that belong to it."""

    made: Made
    files: Path

    def copy(self, settings: Any, folder: Path) -> Made:
        """Objects of the caller's own, with blobs and index of its own in `folder`, where the settings then point."""
        shutil.copytree(self.files, folder, dirs_exist_ok=True)
        for name, value in places(folder).items():
            setattr(settings, name, value)
        return copy.deepcopy(self.made)


def places(folder: Path) -> dict[str, Any]:
    """The settings that say where files are."""
    return {"BLOB_URL": (folder / "blobs").as_uri(), "INDEX_DIR": folder / "index"}


@contextmanager
def kept(build: Callable[[], Made], folder: Path, blocker: Any) -> Iterator[Kept[Made]]:
    """What `build` makes, until the end of the `with`; `blocker` is pytest-django's `django_db_blocker`."""
    clear_shelf()
    stay = transaction.atomic()
    stay._from_testcase = True  # type: ignore[attr-defined]  # as of Django's own tests: durable blocks may be inside
    with blocker.unblock():
        stay.__enter__()
        try:
            with override_settings(**places(folder)):
                made = build()
            connection.check_constraints()
        except BaseException as error:
            stay.__exit__(type(error), error, error.__traceback__)
            raise
    try:
        yield Kept(made, folder)
    finally:
        with blocker.unblock():
            transaction.set_rollback(True)
            stay.__exit__(None, None, None)


@dataclass
class Shelf:
    """The one thing of this process that outlives its module: who builds it, what was built, how it is put away."""

    build: Callable[[], Any] | None = None
    holds: Kept[Any] | None = None
    ends: ExitStack = field(default_factory=ExitStack)


_shelf = Shelf()


def shelved(build: Callable[[], Made], folder: Callable[[], Path], blocker: Any) -> Kept[Made]:
    """What `build` made for an earlier module if it still stands, else what it makes now, in a `folder()` of its own.

    For fixtures of modules: what a test's own fixtures set must not be part of it.
    """
    if _shelf.build is not build or _shelf.holds is None:
        clear_shelf()
        _shelf.holds = _shelf.ends.enter_context(kept(build, folder(), blocker))
        _shelf.build = build
    return _shelf.holds


def clear_shelf() -> None:
    """Take back what is shelved: the database is as empty as before."""
    _shelf.build = _shelf.holds = None
    _shelf.ends.close()
