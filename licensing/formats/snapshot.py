"""A snapshot: what a registry knows, in one file, for checks without a server.

One zip without compression, so that the index inside is mapped where it lies:

    manifest.json     format, created_on, organisation, rules version, index digest, SHA-256 and size of each file
    index/            the match index: fingerprints only, no text ever travels
    works.jsonl       a line a work: {"work": the `work` of a case, "assertions": […], "editions": {id: `edition`, …}};
                      `editions` names those whose text is not the work's own (translations), and is left out if none
    rules.json        the rules' version and the sentence of every reason code
    policies/*.toml   the policy profiles
    log/checkpoint    the signed checkpoint under which it was made, and log/key, the line that verifies it

Assertions are the public ones and those of the exporting organisation.
"""

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORMAT = "colophon-snapshot-1"
MANIFEST = "manifest.json"
WORKS = "works.jsonl"
EPOCH = (1980, 1, 1, 0, 0, 0)
CHUNK_BYTES = 1 << 20
MAX_MANIFEST_BYTES = 16 << 20

Json = dict[str, Any]


class SnapshotError(ValueError):
    """A file that is not a snapshot, or one that was damaged. `member` is the file inside that is wrong."""

    code = "SNAPSHOT_INVALID"

    def __init__(self, path: Path, member: str, cause: str) -> None:
        super().__init__(f"{path}: {member}: {cause}" if member else f"{path}: {cause}")
        self.member = member
        self.cause = cause


@dataclass(frozen=True)
class WorkFacts:
    """One work: the `work` of a case, its assertions, and by id the `edition` of a case of editions with own rights."""

    work: Json
    assertions: list[Json]
    editions: Json = field(default_factory=dict)


class Snapshot:
    """An opened snapshot. `digest` is that of its manifest, which holds the digest of everything else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise SnapshotError(path, "", f"cannot be read as a snapshot: {error}") from None
        self._refuse_odd_members()
        raw = self._manifest_bytes()
        self.digest = "sha256:" + hashlib.sha256(raw).hexdigest()
        try:
            self.manifest: Json = json.loads(raw)
            known = self.manifest["format"] == FORMAT and all(
                isinstance(said["sha256"], str) for said in self.manifest["files"].values()
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            known = False
        if not known:
            raise SnapshotError(path, MANIFEST, f"does not say {FORMAT}")

    def _refuse_odd_members(self) -> None:
        """Members are stored once and uncompressed, so nothing here is larger than the file itself."""
        seen: set[str] = set()
        for info in self._zip.infolist():
            if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1 or info.filename in seen:
                raise SnapshotError(self.path, info.filename, "is compressed, encrypted or there twice")
            seen.add(info.filename)

    def _manifest_bytes(self) -> bytes:
        try:
            if self._zip.getinfo(MANIFEST).file_size > MAX_MANIFEST_BYTES:
                raise SnapshotError(self.path, MANIFEST, "is too large")
            return self._zip.read(MANIFEST)
        except KeyError:
            raise SnapshotError(self.path, MANIFEST, "is missing: this is not a snapshot") from None
        except zipfile.BadZipFile as error:
            raise SnapshotError(self.path, MANIFEST, str(error)) from None

    def works(self) -> dict[str, WorkFacts]:
        """Work id → its facts."""
        found = {}
        for number, line in enumerate(self._lines(WORKS), start=1):
            try:
                row = json.loads(line)
                found[row["work"]["id"]] = WorkFacts(row["work"], row["assertions"], row.get("editions", {}))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise SnapshotError(self.path, f"{WORKS}, line {number}", f"cannot be read: {error!r}") from None
        return found

    def _lines(self, member: str) -> Iterator[bytes]:
        try:
            with self._zip.open(member) as stream:
                yield from stream
        except (KeyError, zipfile.BadZipFile) as error:
            raise SnapshotError(self.path, member, str(error)) from None

    def verify(self, *, leave_out: str | None = None) -> None:
        """Read everything and compare with the manifest; raises SnapshotError naming the first file that differs.

        Members whose names begin with `leave_out` are only looked for: an index has digests of its own.
        """
        listed = self.manifest["files"]
        names = [info.filename for info in self._zip.infolist() if info.filename != MANIFEST]
        odd = sorted(set(names) ^ set(listed)) or sorted(name for name in names if names.count(name) > 1)
        if odd:
            raise SnapshotError(self.path, odd[0], "is not as the manifest lists it")
        for name, said in sorted(listed.items()):
            if leave_out is not None and name.startswith(leave_out):
                continue
            total = hashlib.sha256()
            for chunk in self._chunks(name):
                total.update(chunk)
            if total.hexdigest() != said["sha256"]:
                raise SnapshotError(self.path, name, "was changed: its SHA-256 is not the manifest's")

    def _chunks(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    yield chunk
        except (KeyError, zipfile.BadZipFile) as error:
            raise SnapshotError(self.path, name, str(error)) from None

    def read(self, name: str) -> bytes:
        """A small member, whole; SnapshotError where it is missing or damaged."""
        return b"".join(self._chunks(name))

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()

    def __enter__(self) -> "Snapshot":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def is_snapshot(path: Path) -> bool:
    """Whether the file is a zip with a manifest of this format."""
    try:
        with Snapshot(path):
            return True
    except SnapshotError:
        return False


def work_lines(works: Iterable[WorkFacts]) -> bytes:
    """`works.jsonl`: one canonical line a work, in order of ids."""
    rows = sorted(works, key=lambda facts: str(facts.work["id"]))
    return "".join(f"{json.dumps(_line(row), sort_keys=True, ensure_ascii=False)}\n" for row in rows).encode()


def _line(facts: WorkFacts) -> Json:
    line: Json = {"work": facts.work, "assertions": facts.assertions}
    return line | {"editions": facts.editions} if facts.editions else line


def write(path: Path, *, members: Mapping[str, bytes | Path], about: Json) -> str:
    """Write a snapshot in one rename; returns its digest. The same members and `about` give the same bytes."""
    files = {name: _describe(member) for name, member in sorted(members.items())}
    manifest = json.dumps({"format": FORMAT, "files": files, **about}, sort_keys=True, ensure_ascii=False).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
                archive.writestr(zipfile.ZipInfo(MANIFEST, EPOCH), manifest)
                for name, member in sorted(members.items()):
                    _add(archive, name, member)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)  # a snapshot is made to be handed on
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return "sha256:" + hashlib.sha256(manifest).hexdigest()


def _pieces(member: bytes | Path) -> Iterator[bytes]:
    if isinstance(member, bytes):
        yield member
        return
    with member.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk


def _describe(member: bytes | Path) -> Json:
    total, size = hashlib.sha256(), 0
    for chunk in _pieces(member):
        total.update(chunk)
        size += len(chunk)
    return {"sha256": total.hexdigest(), "bytes": size}


def _add(archive: zipfile.ZipFile, name: str, member: bytes | Path) -> None:
    info = zipfile.ZipInfo(name, EPOCH)
    info.file_size = len(member) if isinstance(member, bytes) else member.stat().st_size
    with archive.open(info, "w") as target:
        for chunk in _pieces(member):
            target.write(chunk)
