"""Snapshots as the client uses them: opened, checked, and joined with the index inside."""

from __future__ import annotations

from pathlib import Path

from colophon.exits import CommandError
from colophon.notices import tell
from licensing.formats.snapshot import Snapshot, SnapshotError
from licensing.rules.verdict import rules_version

INDEX_PREFIX = "index/"


def open_snapshot(path: str) -> Snapshot:
    """A snapshot; CommandError where the file cannot be opened, SnapshotError where it is none."""
    try:
        with Path(path).open("rb"):
            pass
    except OSError as error:
        raise CommandError(f"{path}: cannot be opened: {error.strerror or error}") from error
    return Snapshot(Path(path))


def open_checked(path: str) -> Snapshot:
    """A snapshot whose facts were compared with its manifest, and whose index is the one that it names.

    Segments are checked by the digests of their heads, which pin the rest; `snapshot verify` reads all of it.
    """
    from colophon.indexing import open_index  # noqa: PLC0415  the engine takes a second to load

    snapshot = open_snapshot(path)
    snapshot.verify(leave_out=INDEX_PREFIX)
    with open_index(path) as index:
        if index.digest != snapshot.manifest.get("index"):
            raise SnapshotError(snapshot.path, INDEX_PREFIX, f"is not the index {snapshot.manifest.get('index')}")
    made_with = str(snapshot.manifest.get("rules_version", ""))
    if made_with.partition("+")[0] != rules_version().partition("+")[0]:
        tell(f"{path} was made under the rules {made_with}; this client decides under {rules_version()}")
    return snapshot
